//! SUBACK, UNSUBACK, PUBACK, PUBREC, PUBREL, PUBCOMP and PINGRESP: each is owed for what it answers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use mqttspec_codec::{PacketBuf, PropertyId, PropertyList, PublishBuf, QoS};

use super::super::connection::Connection;
use super::super::event::{Event, What};
use super::super::owed::Owed;
use super::super::report::Report;
use super::super::rule::Rule;
use super::super::state::State;
use super::super::watch::Watch;
use super::{is_bound, patience, quota, rules, who};
use crate::Time;

/// Unanswered packets remembered on one connection at most.
const MAX_OPEN: usize = 2_048;

/// What is unanswered, by connection.
#[derive(Debug, Default)]
pub(super) struct Acknowledgements {
    lines: BTreeMap<usize, Line>,
}

/// What is unanswered on one connection.
#[derive(Debug, Default)]
struct Line {
    open: Vec<Question>,
    /// Events of PINGREQs that are not answered yet, oldest first.
    pings: VecDeque<usize>,
    /// Event of the last PINGREQ that was answered.
    fence: Option<usize>,
    /// Kinds of which an answer came that answers nothing: the one that is missing, perhaps.
    astray: BTreeSet<Kind>,
}

/// A packet of ours that is to be answered.
#[derive(Clone, Debug)]
struct Question {
    kind: Kind,
    packet_id: u16,
    event: usize,
    at: Time,
    /// PINGREQs sent on the connection before.
    pings: u64,
    /// The sentence that is broken when no answer comes.
    rule: Rule,
    /// Whether it went out in several writes.
    in_pieces: bool,
}

/// The answer that is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    SubAck,
    UnsubAck,
    PubAck,
    PubRec,
    PubRel,
    PubComp,
    PingResp,
}

impl Watch for Acknowledgements {
    fn event(&mut self, book: &mut State, event: &Event<'_>, _report: &mut Report) {
        let Some(connection) = book.connections.get(&event.connection) else { return };
        match event.what {
            What::Sent(packet, _) => self.sent(book, connection, event, packet),
            What::Received(packet, _) => self.received(event, packet),
            What::Closed { .. } => drop(self.lines.remove(&event.connection)),
            What::Opened | What::SentUnreadable(_) | What::ReceivedUnreadable => {}
        }
    }

    fn settle(&mut self, book: &mut State, report: &mut Report) {
        for (index, line) in &mut self.lines {
            let Some(connection) = book.connections.get(index).filter(|connection| is_bound(connection)) else {
                continue;
            };
            let overdue = line.open.extract_if(.., |question| question.is_overdue(connection, book.now));
            for question in overdue.collect::<Vec<_>>() {
                if !line.astray.contains(&question.kind) {
                    line.accuse(book, connection, &question, report);
                }
            }
        }
    }

    fn owed(&self, book: &State) -> Owed {
        Owed::soon_if(
            self.lines
                .iter()
                .any(|(index, line)| !line.open.is_empty() && book.connections.get(index).is_some_and(is_bound)),
        )
    }
}

impl Acknowledgements {
    fn sent(&mut self, book: &State, connection: &Connection, event: &Event<'_>, packet: &PacketBuf) {
        let Some((kind, packet_id, rule)) = question(book, connection, packet) else { return };
        let line = self.lines.entry(event.connection).or_default();
        let is_ping = kind == Kind::PingResp;
        if is_ping && line.pings.len() < MAX_OPEN {
            line.pings.push_back(event.index);
        }
        if line.open.len() < MAX_OPEN {
            line.open.push(Question {
                kind,
                packet_id,
                event: event.index,
                at: event.at,
                pings: connection.pings.saturating_sub(u64::from(is_ping)),
                rule,
                in_pieces: connection.sent_in_pieces,
            });
        }
    }

    fn received(&mut self, event: &Event<'_>, packet: &PacketBuf) {
        let Some(line) = self.lines.get_mut(&event.connection) else { return };
        let (kinds, packet_id): (&[Kind], u16) = match packet {
            PacketBuf::SubAck(ack) => (&[Kind::SubAck], ack.packet_id),
            PacketBuf::UnsubAck(ack) => (&[Kind::UnsubAck], ack.packet_id),
            // The wrong one of the two is found elsewhere.
            PacketBuf::PubAck(ack) | PacketBuf::PubRec(ack) => (&[Kind::PubAck, Kind::PubRec], ack.packet_id),
            PacketBuf::PubRel(ack) => (&[Kind::PubRel], ack.packet_id),
            PacketBuf::PubComp(ack) => (&[Kind::PubComp], ack.packet_id),
            PacketBuf::PingResp => {
                line.fence = line.pings.pop_front().or(line.fence);
                if let Some(first) = line.open.iter().position(|question| question.kind == Kind::PingResp) {
                    line.open.remove(first);
                }
                return;
            }
            _ => return,
        };
        let before = line.open.len();
        line.open.retain(|question| !(kinds.contains(&question.kind) && question.packet_id == packet_id));
        if line.open.len() == before {
            line.astray.extend(kinds);
        }
    }
}

/// What `packet` asks for: the answer, its Packet Identifier, and the sentence that demands it.
fn question(book: &State, connection: &Connection, packet: &PacketBuf) -> Option<(Kind, u16, Rule)> {
    let fits = |codes: usize| {
        // Length of an answer with so many codes and nothing else.
        connection.asked(PropertyId::MaximumPacketSize).is_none_or(|maximum| 5 + codes <= maximum as usize)
    };
    match packet {
        PacketBuf::Subscribe(subscribe) => {
            fits(subscribe.filters.len()).then_some((Kind::SubAck, subscribe.packet_id, rules::SUBACK_OWED))
        }
        PacketBuf::Unsubscribe(unsubscribe) => {
            let removes = unsubscribe.filters.iter().any(|filter| may_hold(book, connection, filter));
            let rule = if removes { rules::UNSUBACK_OWED } else { rules::UNSUBACK_FOR_NOTHING };
            fits(unsubscribe.filters.len()).then_some((Kind::UnsubAck, unsubscribe.packet_id, rule))
        }
        PacketBuf::Publish(publish) => publish_question(book, connection, publish),
        PacketBuf::PubRel(ack) => {
            let client = &book.clients[connection.client?];
            let exchange = client.exchanges.get(&ack.packet_id);
            // A PUBREL that came before the PUBREC is ours to answer for.
            if exchange.is_some_and(|exchange| exchange.pubrecs == 0 && exchange.qos2 > 0) {
                return None;
            }
            let expired = exchange.and_then(|exchange| exchange.publication).and_then(|at| book.publications.get(at));
            let expired = expired.is_some_and(|publication| {
                let seconds = publication.properties.integer(PropertyId::MessageExpiryInterval);
                seconds.is_some_and(|seconds| book.now.since(publication.at).as_secs() >= seconds.into())
            });
            let rule = if expired { rules::EXPIRED_COMPLETED } else { rules::PUBCOMP_OWED };
            Some((Kind::PubComp, ack.packet_id, rule))
        }
        // One that refuses has ended the delivery.
        PacketBuf::PubRec(ack) => {
            let session = &book.sessions[connection.session?];
            let delivery = session.in_flight.get(&ack.packet_id)?;
            let here = delivery.connection == connection.index && delivery.qos == QoS::ExactlyOnce;
            (here && delivery.released.is_none()).then_some((Kind::PubRel, ack.packet_id, rules::PUBREL_OWED))
        }
        PacketBuf::PingReq => Some((Kind::PingResp, 0, rules::PINGRESP_OWED)),
        _ => None,
    }
}

fn publish_question(book: &State, connection: &Connection, publish: &PublishBuf) -> Option<(Kind, u16, Rule)> {
    let packet_id = publish.packet_id?;
    let exchange = book.clients[connection.client?].exchanges.get(&packet_id)?;
    match publish.qos {
        QoS::AtMostOnce => None,
        QoS::AtLeastOnce => Some((Kind::PubAck, packet_id, rules::PUBACK_OWED)),
        QoS::ExactlyOnce => {
            let again = publish.dup && exchange.pubrecs > 0;
            let rule = if again { rules::PUBREC_AGAIN } else { rules::PUBREC_OWED };
            Some((Kind::PubRec, packet_id, rule))
        }
    }
}

/// Whether the session may hold a subscription with exactly this filter.
fn may_hold(book: &State, connection: &Connection, filter: &str) -> bool {
    let Some(session) = connection.session.map(|session| &book.sessions[session]) else { return true };
    let mut known = session.filters.iter().filter(|known| known.text == filter);
    session.unknown || known.any(|known| known.removed.is_none() && known.live_records().next().is_some())
}

impl Question {
    fn is_overdue(&self, connection: &Connection, now: Time) -> bool {
        let fenced = connection.pongs > self.pings && self.kind != Kind::PingResp;
        patience::is_over(if fenced { patience::FENCED } else { patience::UNFENCED }, self.at, now)
    }
}

impl Line {
    fn accuse(&self, book: &State, connection: &Connection, question: &Question, report: &mut Report) {
        let asked = match question.kind {
            Kind::PingResp => format!("PINGREQ (event {})", question.event),
            kind => format!("{} with Packet Identifier {} (event {})", kind.asks(), question.packet_id, question.event),
        };
        let client = who(book, connection.index);
        let mut message = format!("{client} sent {asked}, and no {} came", question.kind.name());
        let mut events = vec![question.event];
        if let Some(fence) = self.fence.filter(|fence| *fence >= question.event && question.kind != Kind::PingResp) {
            message.push_str(&format!(", though the PINGREQ of event {fence} was answered"));
            events.insert(0, fence);
        }
        let starved = quota::is_used_up(connection);
        let rule = if starved {
            message.push_str("; the send quota towards this client is used up, which is no reason not to answer");
            rules::ANSWERED_WITHOUT_QUOTA
        } else if question.in_pieces {
            message.push_str("; it had been sent in several pieces");
            // An UNSUBSCRIBE is what servers leave without an answer in one piece, too, where there is nothing to delete.
            if question.kind == Kind::UnsubAck { question.rule } else { rules::STREAM }
        } else {
            question.rule
        };
        report.breach(rule, connection.version, connection.index, events, message);
    }
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::SubAck => "SUBACK",
            Self::UnsubAck => "UNSUBACK",
            Self::PubAck => "PUBACK",
            Self::PubRec => "PUBREC",
            Self::PubRel => "PUBREL",
            Self::PubComp => "PUBCOMP",
            Self::PingResp => "PINGRESP",
        }
    }

    const fn asks(self) -> &'static str {
        match self {
            Self::SubAck => "SUBSCRIBE",
            Self::UnsubAck => "UNSUBSCRIBE",
            Self::PubAck => "PUBLISH at QoS 1",
            Self::PubRec => "PUBLISH at QoS 2",
            Self::PubRel => "PUBREC",
            Self::PubComp => "PUBREL",
            Self::PingResp => "PINGREQ",
        }
    }
}
