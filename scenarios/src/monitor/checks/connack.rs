//! What a CONNACK may say to this CONNECT (3.2.2).

use mqttspec_codec::{ConnAckBuf, DisconnectBuf, PacketBuf, PropertyBuf, PropertyId, PropertyList, ReasonCode};

use super::super::rule;
use super::Seen;

/// Checks CONNACK, and the Server Reference of DISCONNECT.
pub(super) fn check(seen: &mut Seen<'_>, packet: &PacketBuf) {
    match packet {
        PacketBuf::ConnAck(connack) if seen.connection.connack.is_none() => {
            check_session_present(seen, connack);
            check_client_identifier(seen, connack);
            check_response_information(seen, connack);
            check_server_reference(seen, connack.reason_code, &connack.properties);
        }
        PacketBuf::Disconnect(DisconnectBuf { reason_code, properties }) => {
            check_server_reference(seen, *reason_code, properties);
        }
        _ => {}
    }
}

fn check_session_present(seen: &mut Seen<'_>, connack: &ConnAckBuf) {
    let connection = seen.connection;
    let Some(connect) = &connection.connect else { return };
    if !connack.session_present || connack.reason_code != ReasonCode::SUCCESS {
        return;
    }
    if connect.clean_start {
        let message = "Session Present is 1 though the CONNECT asked for a new session";
        seen.breach_after(connection.connect_event, rule::SESSION_PRESENT_CLEAN, message);
    } else if connect.client_id.is_empty() {
        let message = "Session Present is 1 for a client that came without a Client Identifier";
        seen.breach_after(connection.connect_event, rule::SESSION_PRESENT_NEW, message);
    }
}

fn check_client_identifier(seen: &mut Seen<'_>, connack: &ConnAckBuf) {
    let connection = seen.connection;
    let Some(connect) = &connection.connect else { return };
    let assigned = connack.properties.text(PropertyId::AssignedClientIdentifier);
    let accepted = connack.reason_code == ReasonCode::SUCCESS;
    match assigned {
        None if accepted && connect.client_id.is_empty() && connect.version.has_properties() => {
            let message = "no Assigned Client Identifier for a client that came without one";
            seen.breach_after(connection.connect_event, rule::ASSIGNED_ID_TOLD, message);
        }
        Some(assigned) if !connect.client_id.is_empty() => {
            let message = format!("Assigned Client Identifier {assigned:?} for a client that has one of its own");
            seen.breach_after(connection.connect_event, rule::ASSIGNED_ID_ASKED, message);
        }
        Some(assigned) => {
            let holder = seen.state.client_ids.get(assigned).copied();
            let mut others = seen.state.connections.values().filter(|other| {
                other.index != connection.index
                    && other.client == holder
                    && other.accepted()
                    && other.tainted.is_none()
                    && !other.closed
                    && other.disconnected_by_us.is_none()
                    && other.disconnected_by_target.is_none()
            });
            let other = holder.and_then(|_| others.next());
            if let Some(other) = other {
                let message = format!("Assigned Client Identifier {assigned:?} is that of connection {}", other.index);
                let events = other.connack.as_ref().map(|connack| connack.event);
                seen.breach_after(events, rule::ASSIGNED_ID_UNIQUE, message);
            }
        }
        None => {}
    }
}

fn check_response_information(seen: &mut Seen<'_>, connack: &ConnAckBuf) {
    let connection = seen.connection;
    let asked = connection.asked(PropertyId::RequestResponseInformation) == Some(1);
    if !asked && connack.properties.find(PropertyId::ResponseInformation).is_some() {
        let message = "Response Information that the CONNECT did not request";
        seen.breach_after(connection.connect_event, rule::RESPONSE_INFORMATION_ASKED, message);
    }
}

fn check_server_reference(seen: &mut Seen<'_>, reason_code: ReasonCode, properties: &[PropertyBuf]) {
    let moved = matches!(reason_code, ReasonCode::USE_ANOTHER_SERVER | ReasonCode::SERVER_MOVED);
    if !moved && properties.find(PropertyId::ServerReference).is_some() {
        let message = format!("Server Reference beside reason code 0x{:02X}", reason_code.0);
        seen.breach(rule::SERVER_REFERENCE_REASON, message);
    }
}
