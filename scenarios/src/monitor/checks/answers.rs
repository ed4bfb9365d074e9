//! Whether an acknowledgement answers something, and answers it as it may.

use mqttspec_codec::{AckBuf, PacketBuf, PacketType, QoS, ReasonCode, SubAckBuf, UnsubAckBuf};

use super::super::connection::Combined;
use super::super::rule;
use super::super::session::Origin;
use super::Seen;

/// Checks every kind of acknowledgement.
pub(super) fn check(seen: &mut Seen<'_>, packet: &PacketBuf) {
    // What is answered may have been sent before this was watched.
    let resumed = seen.session().is_some_and(|session| session.origin != Origin::Fresh);
    let in_doubt = seen.connection.joined.is_some() || (seen.state.partial && resumed);
    match packet {
        PacketBuf::SubAck(suback) => check_suback(seen, suback),
        PacketBuf::UnsubAck(unsuback) => check_unsuback(seen, unsuback),
        _ if in_doubt => {}
        PacketBuf::PubAck(ack) => check_publish_ack(seen, ack, QoS::AtLeastOnce),
        PacketBuf::PubRec(ack) => check_publish_ack(seen, ack, QoS::ExactlyOnce),
        PacketBuf::PubComp(ack) => check_pubcomp(seen, ack),
        PacketBuf::PubRel(ack) => check_pubrel(seen, ack),
        _ => {}
    }
}

fn check_suback(seen: &mut Seen<'_>, suback: &SubAckBuf) {
    let connection = seen.connection;
    let id = suback.packet_id;
    let Some(request) = connection.subscribes.get(&id) else {
        if connection.joined.is_some() {
            return;
        }
        if connection.subscribes.is_empty() && check_combined(seen, PacketType::SubAck, id) {
            return;
        }
        let waiting = connection.subscribes.values().map(|request| request.event);
        let message = format!("SUBACK for packet identifier {id}, under which no SUBSCRIBE waits for an answer");
        return seen.breach_after(waiting, rule::ANSWER_SAME_ID, message);
    };
    let (asked, got) = (request.filters.len(), suback.reason_codes.len());
    if asked != got {
        let message = format!("SUBACK with {got} codes for {asked} topic filters");
        return seen.breach_after([request.event], rule::SUBACK_CODES, message);
    }
    let exceeds = |asked: QoS, code: &ReasonCode| QoS::from_value(code.0).is_some_and(|granted| granted > asked);
    let fits_reversed = request
        .filters
        .iter()
        .zip(suback.reason_codes.iter().rev())
        .all(|((_, options), code)| !exceeds(options.qos, code));
    for ((filter, options), code) in request.filters.iter().zip(&suback.reason_codes) {
        if fits_reversed && exceeds(options.qos, code) {
            let message = format!(
                "QoS {} granted for {filter:?}, which was requested with QoS {}: the codes fit in the reverse order only",
                code.0, options.qos
            );
            return seen.breach_after([request.event], rule::SUBACK_ORDER, message);
        }
        if QoS::from_value(code.0).is_some_and(|granted| granted > options.qos) {
            let message =
                format!("QoS {} granted for {filter:?}, which was requested with QoS {}", code.0, options.qos);
            seen.breach_after([request.event], rule::SUBACK_GRANT, message);
        }
    }
}

fn check_unsuback(seen: &mut Seen<'_>, unsuback: &UnsubAckBuf) {
    let connection = seen.connection;
    let id = unsuback.packet_id;
    let Some(request) = connection.unsubscribes.get(&id) else {
        if connection.joined.is_some() {
            return;
        }
        if connection.unsubscribes.is_empty() && check_combined(seen, PacketType::UnsubAck, id) {
            return;
        }
        let waiting = connection.unsubscribes.values().map(|request| request.event);
        let message = format!("UNSUBACK for packet identifier {id}, under which no UNSUBSCRIBE waits for an answer");
        return seen.breach_after(waiting, rule::UNSUBACK_SAME_ID, message);
    };
    let (asked, got) = (request.filters.len(), unsuback.reason_codes.len());
    if connection.version.has_properties() && asked != got {
        let message = format!("UNSUBACK with {got} codes for {asked} topic filters");
        seen.breach_after([request.event], rule::UNSUBACK_CODES, message);
    }
}

/// Another answer to a request with several filters, which is answered once for all. Returns whether it is one.
fn check_combined(seen: &mut Seen<'_>, answer: PacketType, id: u16) -> bool {
    let Some(&Combined { event, filters, answer: first }) = seen.connection.combined.get(&(answer, id)) else {
        return false;
    };
    let (request, rule) = match answer {
        PacketType::SubAck => (PacketType::Subscribe, rule::ONE_SUBACK),
        _ => (PacketType::Unsubscribe, rule::ONE_UNSUBACK),
    };
    let message = format!(
        "the {request} of event {event} with packet identifier {id} and {filters} topic filters was answered in event \
         {first}, and again in event {}",
        seen.event
    );
    seen.breach_after([event, first], rule, message);
    true
}

/// PUBACK and PUBREC: under this identifier there is a PUBLISH of this QoS that has not been answered yet.
fn check_publish_ack(seen: &mut Seen<'_>, ack: &AckBuf, qos: QoS) {
    let (name, rule) = match qos {
        QoS::ExactlyOnce => ("PUBREC", rule::PUBREC_SAME_ID),
        _ => ("PUBACK", rule::PUBACK_SAME_ID),
    };
    let id = ack.packet_id;
    let Some(client) = seen.client() else { return };
    let Some(exchange) = client.exchanges.get(&id) else {
        let open = client.exchanges.values().filter(|exchange| exchange.open.is_some()).map(|exchange| exchange.event);
        return seen.breach_after(open, rule, format!("{name} for packet identifier {id}, which no PUBLISH had"));
    };
    let (sent, answered) = match qos {
        QoS::ExactlyOnce => (exchange.qos2, exchange.pubrecs),
        _ => (exchange.qos1, exchange.pubacks),
    };
    if sent == 0 {
        let other = if qos == QoS::ExactlyOnce { QoS::AtLeastOnce } else { QoS::ExactlyOnce };
        let message = format!("{name} for the PUBLISH with packet identifier {id}, which has QoS {other}");
        seen.breach_after([exchange.event], rule::ANSWER_BY_QOS, message);
    } else if answered >= sent + client.allowance() {
        let message = format!("{name} number {} for packet identifier {id} after {sent} PUBLISH", answered + 1);
        seen.breach_after([exchange.event], rule, message);
    }
}

fn check_pubcomp(seen: &mut Seen<'_>, ack: &AckBuf) {
    let Some(client) = seen.client() else { return };
    let id = ack.packet_id;
    let (sent, answered) = client.releases.get(&id).map_or((0, 0), |release| (release.sent, release.answered));
    if sent == 0 {
        let message = format!("PUBCOMP for packet identifier {id}, which no PUBREL had");
        seen.breach(rule::PUBCOMP_SAME_ID, message);
    } else if answered >= sent + client.allowance() {
        let message = format!("PUBCOMP number {} for packet identifier {id} after {sent} PUBREL", answered + 1);
        seen.breach(rule::PUBCOMP_SAME_ID, message);
    }
}

fn check_pubrel(seen: &mut Seen<'_>, ack: &AckBuf) {
    let Some(client) = seen.client() else { return };
    if !client.recorded.contains(&ack.packet_id) {
        let message = format!("PUBREL for packet identifier {}, for which no PUBREC was sent", ack.packet_id);
        seen.breach(rule::PUBREC_SAME_ID, message);
    }
}
