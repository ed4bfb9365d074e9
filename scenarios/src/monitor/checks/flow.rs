//! Packet Identifiers, DUP, repetition and flow control of the target's own deliveries (2.2.1, 3.3.1.1, 4.4, 4.9).

use mqttspec_codec::{AckBuf, PropertyId, ProtocolVersion, PublishBuf, QoS};

use super::super::publications::preview;
use super::super::published::Digest;
use super::super::rule;
use super::super::session::{InFlight, Origin, Session};
use super::Seen;

/// Checks a PUBLISH above QoS 0.
pub(super) fn check(seen: &mut Seen<'_>, publish: &PublishBuf, topic: &str) {
    let Some(id) = publish.packet_id else { return };
    check_receive_maximum(seen, id, publish.qos);
    let Some(session) = seen.session() else { return };
    let digest = Digest::of(topic, &publish.payload);
    match session.in_flight.get(&id) {
        Some(earlier) if earlier.connection == seen.connection.index => {
            check_reuse_here(seen, earlier, publish, digest, id);
        }
        Some(earlier) if session.origin == Origin::Resumed => {
            check_redelivery(seen, earlier, publish, digest, id);
        }
        Some(_) => {}
        None => check_first_dup(seen, session, publish, topic, digest),
    }
}

/// Checks that a PUBREL is not repeated on a connection that lives (5.0, 4.4).
pub(super) fn check_pubrel(seen: &mut Seen<'_>, ack: &AckBuf) {
    let connection = seen.connection;
    let (Some(session), Some(client)) = (seen.session(), seen.client()) else { return };
    if !client.recorded.contains(&ack.packet_id) {
        return;
    }
    let resumed = session.origin != Origin::Fresh;
    let due = connection.releases_due.get(&ack.packet_id).copied().unwrap_or(0);
    // On resuming, one more than the PUBRECs of this connection: the one that is still owed.
    if due + i32::from(resumed) <= 0 {
        let message = format!("PUBREL with packet identifier {} again, on the same connection", ack.packet_id);
        seen.breach(rule::NO_REPEAT_WHILE_CONNECTED, message);
    }
}

/// An identifier that came on this connection and is not acknowledged yet.
fn check_reuse_here(seen: &mut Seen<'_>, earlier: &InFlight, publish: &PublishBuf, digest: Digest, id: u16) {
    let same = earlier.digest == digest && earlier.qos == publish.qos;
    if !same {
        let message = format!("another message with packet identifier {id} before the first was acknowledged");
        seen.breach_after([earlier.event], rule::ID_UNUSED, message);
    } else if let Some(released) = earlier.released {
        let message = format!("PUBLISH with packet identifier {id} again after its PUBREL");
        seen.breach_after([earlier.event, released], rule::NO_PUBLISH_AFTER_PUBREL, message);
    } else if seen.connection.version == ProtocolVersion::V5_0 {
        let message = format!("PUBLISH with packet identifier {id} again, on the same connection");
        seen.breach_after([earlier.event], rule::NO_REPEAT_WHILE_CONNECTED, message);
    } else if !publish.dup {
        let message = format!("PUBLISH with packet identifier {id} again, with DUP 0");
        seen.breach_after([earlier.event], rule::REPEAT_HAS_DUP, message);
    }
}

/// An identifier that came on an earlier connection of this session and is not acknowledged yet.
fn check_redelivery(seen: &mut Seen<'_>, earlier: &InFlight, publish: &PublishBuf, digest: Digest, id: u16) {
    // Loose: the server may have given up the first message, and used the identifier for another.
    if earlier.loose || (earlier.digest == digest && earlier.qos != publish.qos) {
        return;
    }
    if earlier.digest != digest {
        let message = format!("another message with packet identifier {id}, which a message in flight has");
        seen.breach_after([earlier.event], rule::ID_UNUSED, message);
    } else if let Some(released) = earlier.released {
        let message = format!("PUBLISH with packet identifier {id} again after its PUBREL");
        seen.breach_after([earlier.event, released], rule::NO_PUBLISH_AFTER_PUBREL, message);
    } else if !publish.dup {
        let message = format!("PUBLISH with packet identifier {id} sent again with DUP 0");
        seen.breach_after([earlier.event], rule::REPEAT_HAS_DUP, message);
    }
}

/// An identifier that is not in use: DUP 1 is right only if there was an earlier attempt.
fn check_first_dup(seen: &mut Seen<'_>, session: &Session, publish: &PublishBuf, topic: &str, digest: Digest) {
    let connection = seen.connection;
    let Some(id) = publish.packet_id else { return };
    if !publish.dup || connection.garbled {
        return;
    }
    let is_5 = connection.version == ProtocolVersion::V5_0;
    if let Some(&(last, event)) = connection.last.get(&id) {
        // A repeat that crossed our acknowledgement: allowed before 5.0.
        if last == digest && is_5 {
            let message = format!("PUBLISH with packet identifier {id} again, on the same connection");
            seen.breach_after([event], rule::NO_REPEAT_WHILE_CONNECTED, message);
            return;
        }
        if last == digest {
            return;
        }
    }
    // An attempt on an earlier connection may have been lost; one to another member of a group may count.
    let shared = session.matching(topic).any(|filter| filter.shared);
    if session.origin != Origin::Fresh || session.unknown || shared {
        return;
    }
    let propagated = seen.state.published.get(digest).is_some_and(|publication| publication.any_dup);
    let rule = match publish.qos {
        _ if propagated => rule::DUP_NOT_PROPAGATED,
        QoS::ExactlyOnce => rule::FIRST_QOS2_DUP,
        _ => rule::FIRST_QOS1_DUP,
    };
    let what = preview(&publish.payload);
    seen.breach(rule, format!("DUP 1 on the first PUBLISH of {what:?} on {topic:?}, with packet identifier {id}"));
}

fn check_receive_maximum(seen: &mut Seen<'_>, id: u16, qos: QoS) {
    let connection = seen.connection;
    let Some(maximum) = connection.asked(PropertyId::ReceiveMaximum) else { return };
    let others = connection.unacknowledged.iter().filter(|(other, _)| **other != id);
    let open = others.clone().count();
    let maximum = maximum as usize;
    if open < maximum {
        return;
    }
    let unanswered = others.clone().filter(|(_, recorded)| !**recorded).count();
    let rule = if unanswered < maximum { rule::SEND_QUOTA } else { rule::RECEIVE_MAXIMUM };
    let message = format!("PUBLISH at QoS {qos} while {open} are not acknowledged; the Receive Maximum is {maximum}");
    let in_flight = seen.session().map(|session| &session.in_flight);
    let open = others.filter_map(|(other, _)| in_flight?.get(other)).map(|delivery| delivery.event);
    let events: Vec<_> = connection.connect_event.into_iter().chain(open).collect();
    seen.breach_after(events, rule, message);
}
