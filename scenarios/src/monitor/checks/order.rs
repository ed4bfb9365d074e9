//! Which packet may come when: CONNACK first and once, nothing after the end, and no packets that only a client sends.

use mqttspec_codec::{PacketBuf, PacketType};

use super::super::rule;
use super::Seen;

/// Checks the place of `packet` on its connection. Returns whether it is in place.
pub(super) fn check(seen: &mut Seen<'_>, packet: &PacketBuf) -> bool {
    let connection = seen.connection;
    let packet_type = packet.packet_type();
    let is_5 = connection.version.has_properties();
    let of_client = matches!(
        packet_type,
        PacketType::Connect | PacketType::Subscribe | PacketType::Unsubscribe | PacketType::PingReq
    ) || (!is_5 && matches!(packet_type, PacketType::Disconnect | PacketType::Auth));
    if of_client {
        seen.breach(rule::SENT_BY_SERVER, format!("only a client sends {packet_type}"));
        return false;
    }
    if let Some(event) = connection.disconnected_by_target {
        seen.breach_after([event], rule::NOTHING_AFTER_DISCONNECT, format!("{packet_type} after DISCONNECT"));
        return false;
    }
    match &connection.connack {
        None if connection.joined.is_some() => true,
        None => before_connack(seen, packet),
        // Before 5.0 no sentence says how often; to a second CONNECT, which must not be answered, scenarios see.
        Some(_) if packet_type == PacketType::ConnAck && !is_5 && connection.tainted.is_some() => false,
        Some(connack) if packet_type == PacketType::ConnAck => {
            seen.breach_after([connack.event], rule::ONE_CONNACK, "a second CONNACK on the same connection");
            false
        }
        Some(connack) if !connack.accepted => {
            let message = format!("{packet_type} after a CONNACK that refused the connection");
            if packet_type == PacketType::Disconnect {
                seen.breach_after([connack.event], rule::DISCONNECT_AFTER_CONNACK, message);
            } else {
                seen.breach_after([connack.event], rule::END_AFTER_REFUSAL, message);
            }
            false
        }
        Some(_) => check_pingresp(seen, packet_type),
    }
}

fn before_connack(seen: &mut Seen<'_>, packet: &PacketBuf) -> bool {
    let connection = seen.connection;
    let packet_type = packet.packet_type();
    match packet_type {
        PacketType::Disconnect => {
            seen.breach(rule::DISCONNECT_AFTER_CONNACK, "DISCONNECT before any CONNACK");
            false
        }
        _ if !connection.spoke => {
            seen.breach(rule::NOTHING_UNASKED, format!("{packet_type} before anything was sent to the target"));
            false
        }
        PacketType::ConnAck => true,
        // What could not be read was the CONNACK, perhaps.
        _ if connection.garbled && seen.state.partial => false,
        // Whether AUTH is invited is judged with the other rules of enhanced authentication, wherever it comes.
        PacketType::Auth => false,
        _ => {
            seen.breach_after(connection.connect_event, rule::CONNACK_FIRST, format!("{packet_type} before CONNACK"));
            false
        }
    }
}

fn check_pingresp(seen: &mut Seen<'_>, packet_type: PacketType) -> bool {
    let connection = seen.connection;
    let unasked = packet_type == PacketType::PingResp && connection.pongs >= connection.pings;
    if unasked && connection.tainted.is_none() && connection.joined.is_none() {
        let message = format!("PINGRESP number {} after {} PINGREQ", connection.pongs + 1, connection.pings);
        seen.breach(rule::PINGRESP_ASKED, message);
    }
    true
}
