//! The order of the Client's packets: CONNECT first and once, nothing after DISCONNECT, AUTH where it belongs.

use mqttspec_codec::{ConnectBuf, PacketBuf, PropertyId, PropertyList, ProtocolVersion, ReasonCode};

use super::{Seen, is_of_server, rules};

/// Checks `packet`. Returns whether it came in order, so that it can be judged for what it says.
pub(super) fn check(seen: &mut Seen<'_, '_>, packet: &PacketBuf) -> bool {
    let connection = seen.connection;
    let name = packet.packet_type();
    if is_of_server(packet) {
        seen.breach([], rules::SENT_BY_CLIENT, format!("{name}, which only a Server sends"));
        return false;
    }
    if connection.joined.is_some() {
        // Its beginning was not seen.
        return true;
    }
    if connection.connects == 0 {
        seen.breach([], rules::CONNECT_FIRST, format!("{name} before CONNECT"));
        return false;
    }
    if let Some(disconnect) = connection.disconnected_by_us.filter(|event| *event < seen.event) {
        let message = format!("{name} after the DISCONNECT of event {disconnect}");
        seen.breach([disconnect], rules::NOTHING_AFTER_DISCONNECT, message);
        return false;
    }
    match packet {
        PacketBuf::Connect(_) if connection.connects > 1 => {
            let message = format!("a second CONNECT, after that of event {}", connection.connect_event.unwrap_or(0));
            seen.breach(connection.connect_event, rules::ONE_CONNECT, message);
            return false;
        }
        PacketBuf::Connect(connect) => check_connect(seen, connect),
        PacketBuf::Publish(publish) if publish.properties.find(PropertyId::SubscriptionIdentifier).is_some() => {
            seen.breach([], rules::NO_SUBSCRIPTION_IDENTIFIER, "a PUBLISH with a Subscription Identifier");
            check_authentication(seen, packet);
        }
        _ => check_authentication(seen, packet),
    }
    if let PacketBuf::Disconnect(disconnect) = packet {
        check_disconnect(
            seen,
            disconnect.reason_code,
            disconnect.properties.integer(PropertyId::SessionExpiryInterval),
        );
    }
    true
}

fn check_connect(seen: &mut Seen<'_, '_>, connect: &ConnectBuf) {
    if connect.client_id.is_empty() && !connect.clean_start && connect.version != ProtocolVersion::V5_0 {
        seen.breach([], rules::EMPTY_CLIENT_ID, "a zero-length Client Identifier with Clean Session 0");
    }
}

fn check_authentication(seen: &mut Seen<'_, '_>, packet: &PacketBuf) {
    let connection = seen.connection;
    let Some(connect) = connection.terms() else { return };
    let method = connect.properties.text(PropertyId::AuthenticationMethod);
    let asked = connection.connect_event;
    match (packet, method) {
        (PacketBuf::Auth(_), None) => {
            seen.breach(asked, rules::AUTH_UNINVITED, "AUTH though the CONNECT has no Authentication Method");
        }
        (PacketBuf::Auth(auth), Some(method)) => {
            let own = auth.properties.text(PropertyId::AuthenticationMethod);
            if own != Some(method) {
                let again = connection.accepted() && auth.reason_code == ReasonCode::RE_AUTHENTICATE;
                let rule = if again { rules::AUTH_METHOD_KEPT_LATER } else { rules::AUTH_METHOD_KEPT };
                let message = format!("AUTH with Authentication Method {own:?} instead of {method:?}");
                seen.breach(asked, rule, message);
            }
            if connection.connack.is_none() && auth.reason_code == ReasonCode::RE_AUTHENTICATE {
                let message = "AUTH with reason code 0x19 in answer to an AUTH, before CONNACK";
                seen.breach(asked, rules::AUTH_CONTINUES, message);
            }
            let defined = [ReasonCode::CONTINUE_AUTHENTICATION, ReasonCode::RE_AUTHENTICATE];
            if !defined.contains(&auth.reason_code) {
                let message = format!("AUTH with reason code 0x{:02X}, which only a Server uses", auth.reason_code.0);
                seen.breach([], rules::AUTH_REASON, message);
            }
        }
        (PacketBuf::Disconnect(_), _) => {}
        (_, Some(_)) if connection.connack.is_none() => {
            let message = format!("{} before the authentication has ended with CONNACK", packet.packet_type());
            seen.breach(asked, rules::AUTH_FIRST, message);
        }
        _ => {}
    }
}

fn check_disconnect(seen: &mut Seen<'_, '_>, reason_code: ReasonCode, expiry: Option<u32>) {
    let connection = seen.connection;
    if connection.version != ProtocolVersion::V5_0 {
        return;
    }
    if is_of_servers_disconnect(reason_code) {
        let message = format!("DISCONNECT with reason code 0x{:02X}, which only a Server uses", reason_code.0);
        seen.breach([], rules::DISCONNECT_REASON, message);
    }
    let asked = connection.asked(PropertyId::SessionExpiryInterval).unwrap_or(0);
    if asked == 0 && expiry.is_some_and(|seconds| seconds > 0) && connection.terms().is_some() {
        let message = "a Session Expiry Interval in DISCONNECT though CONNECT had none, or 0";
        seen.breach(connection.connect_event, rules::EXPIRY_AT_DISCONNECT, message);
    }
}

/// Reason codes that table 3-10 leaves to Servers alone.
const fn is_of_servers_disconnect(code: ReasonCode) -> bool {
    matches!(code.0, 0x87 | 0x89 | 0x8B | 0x8D | 0x8E | 0x8F | 0x9A..=0xA2)
}
