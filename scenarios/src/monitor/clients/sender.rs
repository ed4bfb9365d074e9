//! The Client as sender: Packet Identifiers, DUP, resending, PUBREL (2.2.1, 4.3, 4.4, 4.6).

use std::collections::BTreeMap;

use mqttspec_codec::{AckBuf, PacketBuf, PropertyId, ProtocolVersion, PublishBuf, QoS};

use super::super::published::Digest;
use super::knowledge::Knowledge;
use super::{Seen, rules};
use crate::Time;

/// Finished exchanges remembered per Client at most, for the case that the Client has not heard of the end.
const MAX_FINISHED: usize = 1024;

/// What one Client has under way in its session.
#[derive(Debug, Default)]
pub(super) struct Sender {
    open: BTreeMap<u16, Open>,
    /// Exchanges whose last acknowledgement was seen, but perhaps never arrived: they may be sent again.
    finished: BTreeMap<u16, Finished>,
    /// The place of the next message in the order of first sending.
    next: u64,
    /// The place of the PUBLISH resent last, and its event, on the connection with this index.
    resent: Option<(usize, u64, usize)>,
    /// PUBRECs on the connection with this index, in the order in which they came; and the place of the PUBREL sent last.
    recorded: (usize, Vec<(u16, usize)>),
    released: Option<(usize, usize)>,
    /// Whether anything may be under way that was never seen.
    unknown: bool,
}

#[derive(Debug, Clone)]
struct Open {
    kind: Kind,
    event: usize,
    place: u64,
    connection: usize,
    state: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Request,
    Message(QoS, Digest),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// PUBLISH, SUBSCRIBE or UNSUBSCRIBE was sent.
    Sent,
    /// PUBREC has come.
    Recorded,
    /// PUBREL was sent, on the connection with this index.
    Released(usize),
}

#[derive(Debug, Clone)]
struct Finished {
    open: Open,
    connection: usize,
    event: usize,
}

impl Sender {
    /// The Client sent `packet`.
    pub(super) fn sent(&mut self, seen: &mut Seen<'_, '_>, knowledge: &Knowledge, now: Time, packet: &PacketBuf) {
        self.unknown |= seen.connection.is_clouded();
        match packet {
            PacketBuf::Connect(connect) if connect.clean_start => self.forget(),
            PacketBuf::Publish(publish) => self.sent_publish(seen, knowledge, now, publish),
            PacketBuf::Subscribe(p) => self.sent_request(seen, p.packet_id),
            PacketBuf::Unsubscribe(p) => self.sent_request(seen, p.packet_id),
            PacketBuf::PubRel(ack) => self.sent_pubrel(seen, ack),
            _ => {}
        }
    }

    /// The Server sent `packet`.
    pub(super) fn received(&mut self, seen: &Seen<'_, '_>, packet: &PacketBuf) {
        let connection = seen.connection.index;
        match packet {
            PacketBuf::ConnAck(connack)
                if seen.connection.accepted()
                    && !connack.session_present
                    && seen.connection.version != ProtocolVersion::V3_1 =>
            {
                // What the Client has sent on this connection before it read CONNACK stays.
                self.open.retain(|_, open| open.connection == connection);
                self.finished.clear();
                self.unknown = false;
            }
            PacketBuf::PubAck(ack) => self.ended(seen, ack.packet_id),
            PacketBuf::PubComp(ack) => self.ended(seen, ack.packet_id),
            PacketBuf::PubRec(ack) if ack.reason_code.0 >= 0x80 => self.ended(seen, ack.packet_id),
            PacketBuf::PubRec(ack) => {
                if let Some(open) = self.open.get_mut(&ack.packet_id)
                    && open.state == Phase::Sent
                {
                    open.state = Phase::Recorded;
                }
                if self.recorded.0 != connection {
                    self.recorded = (connection, Vec::new());
                    self.released = None;
                }
                if self.recorded.1.len() < MAX_FINISHED {
                    self.recorded.1.push((ack.packet_id, seen.event));
                }
            }
            PacketBuf::SubAck(ack) => drop(self.open.remove(&ack.packet_id)),
            PacketBuf::UnsubAck(ack) => drop(self.open.remove(&ack.packet_id)),
            _ => {}
        }
    }

    /// The connection ended: what the Client may not have read of it, it may send again; requests end with it.
    pub(super) fn closed(&mut self, connection: usize, knowledge: &Knowledge) {
        self.finished.retain(|_, finished| finished.connection != connection || !knowledge.of(finished.event));
        self.open.retain(|_, open| open.kind != Kind::Request || open.connection != connection);
    }

    /// Nothing more comes: PUBREL was sent for each PUBREC, and what had to be sent again on this connection was.
    pub(super) fn settle(&mut self, seen: &mut Seen<'_, '_>) {
        self.settle_releases(seen);
        self.settle_resending(seen);
    }

    fn settle_releases(&mut self, seen: &mut Seen<'_, '_>) {
        if self.recorded.0 != seen.connection.index {
            return;
        }
        for (id, recorded) in &self.recorded.1 {
            if let Some(open) = self.open.get_mut(id).filter(|open| open.state == Phase::Recorded) {
                open.state = Phase::Released(seen.connection.index);
                let text = format!("the PUBREC of event {recorded} for Packet Identifier {id} was not answered");
                seen.breach([open.event, *recorded], rules::PUBREL_OWED, text);
            }
        }
    }

    fn settle_resending(&mut self, seen: &mut Seen<'_, '_>) {
        let connection = seen.connection;
        let resumed = connection.resumed_session();
        let quota = connection.told(PropertyId::ReceiveMaximum).unwrap_or(65_535) as usize;
        if !resumed || self.unknown || self.open.len() > quota {
            return;
        }
        let Some(connack) = connection.connack.as_ref().map(|connack| connack.event) else { return };
        for (id, open) in &mut self.open {
            if open.connection == connection.index {
                continue;
            }
            let (what, sent_there) = match open.state {
                Phase::Sent | Phase::Recorded => ("PUBLISH", false),
                Phase::Released(there) => ("PUBREL", there == connection.index),
            };
            if sent_there {
                continue;
            }
            open.connection = connection.index;
            let message = format!(
                "the session was resumed (CONNACK in event {connack}) and the {what} with Packet Identifier {id} that is \
                 unacknowledged since event {} was not sent again",
                open.event
            );
            seen.breach([open.event, connack], rules::RESEND, message);
        }
    }

    fn forget(&mut self) {
        self.open.clear();
        self.finished.clear();
        self.unknown = false;
    }

    fn ended(&mut self, seen: &Seen<'_, '_>, id: u16) {
        if let Some(open) = self.open.remove(&id)
            && self.finished.len() < MAX_FINISHED
        {
            let finished = Finished { open, connection: seen.connection.index, event: seen.event };
            self.finished.insert(id, finished);
        }
    }

    fn sent_request(&mut self, seen: &mut Seen<'_, '_>, id: u16) {
        self.check_unused(seen, id, None);
        self.begin(seen, id, Kind::Request);
    }

    fn begin(&mut self, seen: &Seen<'_, '_>, id: u16, kind: Kind) {
        let place = self.next;
        self.next += 1;
        self.finished.remove(&id);
        let open = Open { kind, event: seen.event, place, connection: seen.connection.index, state: Phase::Sent };
        self.open.insert(id, open);
    }

    fn check_unused(&self, seen: &mut Seen<'_, '_>, id: u16, message: Option<(QoS, Digest)>) {
        let Some(open) = self.open.get(&id) else { return };
        // Before the Client has read CONNACK it may believe in the session or not.
        let certain = open.connection == seen.connection.index || seen.connection.resumed_session();
        let same = message.is_some_and(|(qos, digest)| open.kind == Kind::Message(qos, digest));
        if certain && !same {
            let event = open.event;
            let text = format!("Packet Identifier {id} is in use since event {event}, whose exchange has not ended");
            seen.breach([event], rules::ID_UNUSED, text);
        }
    }

    fn sent_publish(&mut self, seen: &mut Seen<'_, '_>, knowledge: &Knowledge, now: Time, publish: &PublishBuf) {
        let connection = seen.connection;
        let topic = connection.own_topic_of(publish);
        let Some(topic) = topic else {
            if connection.joined.is_none() {
                let text = "a PUBLISH without a Topic Name whose Topic Alias was not set on this connection";
                seen.breach([], rules::ALIAS_KNOWN, text);
            }
            return;
        };
        let (Some(id), digest) = (publish.packet_id, Digest::of(topic, &publish.payload)) else { return };
        let message = (publish.qos, digest);
        let known = self.open.get(&id).filter(|open| open.kind == Kind::Message(message.0, message.1)).cloned();
        match known {
            Some(open) if publish.dup || open.connection != connection.index => self.resent(seen, id, &open, publish),
            _ => {
                self.check_unused(seen, id, None);
                self.check_first(seen, id, message, publish);
                self.begin(seen, id, Kind::Message(message.0, message.1));
                self.check_quota(seen, knowledge, now);
            }
        }
    }

    /// A PUBLISH that is under way already.
    fn resent(&mut self, seen: &mut Seen<'_, '_>, id: u16, open: &Open, publish: &PublishBuf) {
        let index = seen.connection.index;
        if open.connection == index {
            let text = format!("the PUBLISH of event {} again, on the same connection", open.event);
            seen.breach([open.event], rules::RESEND_WHILE_CONNECTED, text);
        } else if !publish.dup && seen.connection.resumed_session() {
            let text = format!("the PUBLISH of event {} again, with DUP 0", open.event);
            seen.breach([open.event], rules::RESEND_HAS_DUP, text);
        }
        if matches!(open.state, Phase::Released(_)) {
            let text = format!("the PUBLISH of event {} again, though its PUBREL has been sent", open.event);
            seen.breach([open.event], rules::NO_PUBLISH_AFTER_PUBREL, text);
        }
        match self.resent {
            Some((there, place, event)) if there == index && place > open.place => {
                let text = format!(
                    "the PUBLISH of event {} is sent again after one that was first sent later (again in event {event})",
                    open.event
                );
                seen.breach([open.event, event], rules::RESEND_ORDER, text);
            }
            _ => self.resent = Some((index, open.place, seen.event)),
        }
        if let Some(open) = self.open.get_mut(&id) {
            open.connection = index;
        }
    }

    /// DUP is 0 the first time.
    fn check_first(&self, seen: &mut Seen<'_, '_>, id: u16, message: (QoS, Digest), publish: &PublishBuf) {
        let (qos, digest) = message;
        let perhaps_again =
            self.finished.get(&id).is_some_and(|finished| finished.open.kind == Kind::Message(qos, digest));
        // A session of which something is unknown, or that the Client may still believe in.
        let unclear = self.unknown || (!seen.connection.accepted() && !seen.connection.cleaned());
        if publish.dup && !perhaps_again && !unclear {
            let rule = if qos == QoS::AtLeastOnce { rules::FIRST_QOS1_DUP } else { rules::FIRST_QOS2_DUP };
            seen.breach([], rule, format!("a PUBLISH with DUP 1 though no message is under way with identifier {id}"));
        }
    }

    fn check_quota(&self, seen: &mut Seen<'_, '_>, knowledge: &Knowledge, now: Time) {
        let connection = seen.connection;
        let Some(maximum) = connection.told(PropertyId::ReceiveMaximum) else { return };
        let open = self.open.values().filter(|open| open.kind != Kind::Request && open.connection == connection.index);
        let count = open.count();
        if count > maximum as usize && knowledge.of_connack(now) {
            let connack = connection.connack.as_ref().map(|connack| connack.event);
            let text = format!("{count} messages under way though the Receive Maximum of CONNACK is {maximum}");
            seen.breach(connack, rules::RECEIVE_MAXIMUM, text);
        }
    }

    fn sent_pubrel(&mut self, seen: &mut Seen<'_, '_>, ack: &AckBuf) {
        let id = ack.packet_id;
        let index = seen.connection.index;
        match self.open.get_mut(&id) {
            Some(open) if open.state != Phase::Sent => open.state = Phase::Released(index),
            // The Server may have refused, or ended, an exchange that the Client takes for open; identifiers that were
            // never in use are another matter.
            _ if self.finished.contains_key(&id) || self.unknown => return,
            _ if self.recorded.0 == index && self.recorded.1.iter().any(|(known, _)| *known == id) => return,
            _ => {
                let text = format!("PUBREL for Packet Identifier {id}, for which there is no PUBREC");
                return seen.breach([], rules::PUBREL_SAME_ID, text);
            }
        }
        if self.recorded.0 != index {
            return;
        }
        let Some(place) = self.recorded.1.iter().position(|(known, _)| *known == id) else { return };
        let (_, recorded) = self.recorded.1[place];
        match self.released {
            Some((last, event)) if last > place => {
                let text = format!(
                    "PUBREL for identifier {id}, whose PUBREC came in event {recorded}, after that of event {event}, whose \
                     PUBREC came later"
                );
                seen.breach([recorded, event], rules::PUBREL_ORDER, text);
            }
            _ => self.released = Some((place, seen.event)),
        }
    }
}
