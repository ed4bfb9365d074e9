//! The Client as sender: Packet Identifiers, DUP, resending, PUBREL (2.2.1, 4.3, 4.4, 4.6).

use std::collections::BTreeMap;
use std::time::Duration;

use mqttspec_codec::{AckBuf, PacketBuf, PropertyId, PropertyList, ProtocolVersion, PublishBuf, QoS};

use super::super::connection::Connection;
use super::super::published::Digest;
use super::super::rule::Rule;
use super::knowledge::Knowledge;
use super::{Seen, rules};
use crate::Time;

/// PUBRECs of one connection, and exchanges that have certainly ended, remembered per Client at most.
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
    /// Exchanges whose last acknowledgement the Client has certainly read.
    acknowledged: BTreeMap<u16, Finished>,
    /// Whether anything may be under way that was never seen.
    unknown: bool,
    /// Whether the Client may have given up what was seen.
    loose: bool,
    /// Whether the session began in view.
    begun: bool,
    /// Whether packets may have been lost with a connection of the session, so that the first sending was not seen.
    lost: bool,
    /// The connection on which the Server said that it has no session, which the Client may not have read yet.
    fresh: Option<usize>,
    /// When the session ends unless the Client comes back, as far as the Client knows.
    ends_at: Option<Time>,
    /// The Session Expiry Interval of a DISCONNECT.
    expiry_at_disconnect: Option<u32>,
    /// What was under way in the session that was given up last, and why.
    given_up: (BTreeMap<u16, Open>, Option<Rule>),
}

#[derive(Debug, Clone)]
struct Open {
    kind: Kind,
    event: usize,
    /// Its place among the messages, unless its first sending may not have been seen.
    place: Option<u64>,
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
    /// Whether it was refused.
    refused: bool,
}

impl Sender {
    /// The Client sent `packet`.
    pub(super) fn sent(&mut self, seen: &mut Seen<'_, '_>, knowledge: &Knowledge, now: Time, packet: &PacketBuf) {
        self.unknown |= seen.connection.is_clouded();
        match packet {
            PacketBuf::Connect(connect) if connect.clean_start => self.give_up(rules::GIVE_UP_AT_CLEAN_START),
            PacketBuf::Publish(publish) => self.sent_publish(seen, knowledge, now, publish),
            PacketBuf::Subscribe(p) => self.sent_request(seen, p.packet_id),
            PacketBuf::Unsubscribe(p) => self.sent_request(seen, p.packet_id),
            PacketBuf::PubRel(ack) => self.sent_pubrel(seen, ack),
            PacketBuf::Disconnect(p) => {
                self.expiry_at_disconnect = p.properties.integer(PropertyId::SessionExpiryInterval);
            }
            _ => {}
        }
    }

    /// The Server sent `packet`.
    pub(super) fn received(&mut self, seen: &Seen<'_, '_>, now: Time, packet: &PacketBuf) {
        let connection = seen.connection.index;
        match packet {
            PacketBuf::ConnAck(connack) => self.accepted(seen, now, connack.session_present),
            PacketBuf::PubAck(ack) => self.ended(seen, ack),
            PacketBuf::PubComp(ack) => self.ended(seen, ack),
            PacketBuf::PubRec(ack) if ack.reason_code.is_error() => self.ended(seen, ack),
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

    /// CONNACK: the session goes on or begins.
    fn accepted(&mut self, seen: &Seen<'_, '_>, now: Time, session_present: bool) {
        let connection = seen.connection;
        let is_first = connection.connack.as_ref().is_some_and(|connack| connack.event == seen.event);
        if !is_first || !connection.accepted() {
            return;
        }
        if self.ends_at.take().is_some_and(|end| end <= now) {
            // For the Client its session is over, whatever the Server has.
            self.open.retain(|_, open| open.connection == connection.index);
            self.begun = false;
        }
        match connection.version {
            _ if connection.cleaned() => {}
            ProtocolVersion::V5_0 if !session_present => {
                // What the Client has sent on this connection before it read CONNACK stays.
                let (here, there) = std::mem::take(&mut self.open)
                    .into_iter()
                    .partition(|(_, open)| open.connection == connection.index);
                self.open = there;
                self.give_up(rules::GIVE_UP_WITHOUT_SESSION);
                self.open = here;
                self.fresh = Some(connection.index);
            }
            // A Client of 3.x may send again what it has, whatever the Server has (3.1.1: 4.4), or give it up.
            ProtocolVersion::V3_1_1 if !session_present => {
                self.open.retain(|_, open| open.connection == connection.index);
                self.unknown = true;
                self.loose = false;
            }
            _ => self.unknown |= !self.begun,
        }
    }

    /// The connection ended: what the Client may not have read of it, it may send again; requests end with it.
    pub(super) fn closed(&mut self, connection: &Connection, knowledge: &Knowledge, now: Time) {
        // The last packets may never have arrived, and whether a CONNECT that was not answered was taken is anybody's guess.
        self.lost |= connection.disconnected_by_us.is_none();
        let never_read = self.fresh == Some(connection.index) && !knowledge.of_connack(now);
        if never_read || (connection.cleaned() && !connection.accepted()) {
            self.lose_track();
        }
        if connection.accepted() {
            let expiry = self.shortest_expiry(connection);
            // Both sides need not agree to the second.
            self.ends_at = expiry.map(|seconds| now + Duration::from_secs(u64::from(seconds.saturating_sub(2))));
        }
        self.expiry_at_disconnect = None;
        let connection = connection.index;
        let certain = |finished: &Finished| finished.connection == connection && knowledge.of(finished.event);
        let (read, unread): (BTreeMap<_, _>, BTreeMap<_, _>) =
            std::mem::take(&mut self.finished).into_iter().partition(|(_, finished)| certain(finished));
        self.finished = unread;
        let room = MAX_FINISHED.saturating_sub(self.acknowledged.len());
        self.acknowledged.extend(read.into_iter().take(room));
        self.open.retain(|_, open| open.kind != Kind::Request || open.connection != connection);
    }

    /// The Session Expiry Interval, in seconds, by which the Client may end its session; `None` when it may not.
    fn shortest_expiry(&self, connection: &Connection) -> Option<u32> {
        if connection.version != ProtocolVersion::V5_0 {
            return connection.cleaned().then_some(0);
        }
        let asked = connection.asked(PropertyId::SessionExpiryInterval).unwrap_or(0);
        let told = connection.told(PropertyId::SessionExpiryInterval);
        let shortest = [Some(asked), told, self.expiry_at_disconnect].into_iter().flatten().min();
        shortest.filter(|seconds| *seconds != u32::MAX)
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
        // A Client may have fewer messages in flight than it might: then what waits for an acknowledgement comes first.
        let waits = self.open.values().any(|open| open.kind != Kind::Request && open.connection == connection.index);
        if !resumed || self.loose || waits || self.open.len() > quota {
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

    /// Anything may be under way.
    pub(super) fn lose_track(&mut self) {
        self.unknown = true;
        self.lost = true;
        self.loose = true;
    }

    /// A new session begins: nothing is under way, because of `rule`.
    fn give_up(&mut self, rule: Rule) {
        if self.open.values().any(|open| open.kind != Kind::Request) {
            self.given_up = (std::mem::take(&mut self.open), Some(rule));
        }
        self.open.clear();
        self.finished.clear();
        self.acknowledged.clear();
        self.unknown = false;
        self.loose = false;
        self.lost = false;
        self.begun = true;
        self.fresh = None;
    }

    fn ended(&mut self, seen: &Seen<'_, '_>, ack: &AckBuf) {
        let (id, refused) = (ack.packet_id, ack.reason_code.is_error());
        // As many as there are identifiers: who has sent thousands may have read the end of none.
        if let Some(open) = self.open.remove(&id) {
            let finished = Finished { open, connection: seen.connection.index, event: seen.event, refused };
            self.finished.insert(id, finished);
        }
    }

    fn sent_request(&mut self, seen: &mut Seen<'_, '_>, id: u16) {
        self.check_unused(seen, id);
        self.begin(seen, id, Kind::Request, true);
    }

    fn begin(&mut self, seen: &Seen<'_, '_>, id: u16, kind: Kind, first: bool) {
        let place = first.then_some(self.next);
        self.next += 1;
        self.finished.remove(&id);
        self.acknowledged.remove(&id);
        let open = Open { kind, event: seen.event, place, connection: seen.connection.index, state: Phase::Sent };
        self.open.insert(id, open);
    }

    fn check_unused(&self, seen: &mut Seen<'_, '_>, id: u16) {
        let Some(open) = self.open.get(&id) else { return };
        // Before the Client has read CONNACK it may believe in the session or not.
        let resumed = seen.connection.resumed_session() && !self.loose;
        if open.connection == seen.connection.index || resumed {
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
                self.check_unused(seen, id);
                self.check_first(seen, knowledge, now, id, message, publish.dup);
                self.begin(seen, id, Kind::Message(message.0, message.1), !publish.dup);
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
        if let Some(own) = open.place {
            match self.resent {
                Some((there, place, event)) if there == index && place > own => {
                    let text = format!(
                        "the PUBLISH of event {} is sent again after one that was first sent later (again in event {event})",
                        open.event
                    );
                    seen.breach([open.event, event], rules::RESEND_ORDER, text);
                }
                _ => self.resent = Some((index, own, seen.event)),
            }
        }
        if let Some(open) = self.open.get_mut(&id) {
            open.connection = index;
        }
    }

    /// DUP is 0 the first time.
    fn check_first(
        &self,
        seen: &mut Seen<'_, '_>,
        knowledge: &Knowledge,
        now: Time,
        id: u16,
        message: (QoS, Digest),
        dup: bool,
    ) {
        let kind = Kind::Message(message.0, message.1);
        let connection = seen.connection;
        let perhaps_again = self.finished.get(&id).is_some_and(|finished| finished.open.kind == kind);
        // A session of which something is unknown, or that the Client may still believe in.
        let read = connection.cleaned() || (connection.accepted() && knowledge.of_connack(now));
        let unclear = self.unknown || self.lost || (!read && (!connection.accepted() || self.fresh.is_some()));
        if !dup || perhaps_again {
            return;
        }
        if let Some(finished) = self.acknowledged.get(&id).filter(|finished| finished.open.kind == kind) {
            let (sent, ended) = (finished.open.event, finished.event);
            let (rule, how) = match (finished.refused, message.0) {
                (true, _) => (rules::REFUSED_NOT_RESENT, "refused"),
                (false, QoS::AtLeastOnce) => (rules::FIRST_QOS1_DUP, "acknowledged"),
                (false, _) => (rules::FIRST_QOS2_DUP, "acknowledged"),
            };
            let text =
                format!("the PUBLISH of event {sent} again, though it was {how} in event {ended}, which was read");
            return seen.breach([sent, ended], rule, text);
        }
        if unclear {
            return;
        }
        if let (Some(old), Some(rule)) = (self.given_up.0.get(&id).filter(|old| old.kind == kind), self.given_up.1) {
            let text =
                format!("the PUBLISH of event {} again, though the session in which it was sent is over", old.event);
            return seen.breach([old.event], rule, text);
        }
        let rule = if message.0 == QoS::AtLeastOnce { rules::FIRST_QOS1_DUP } else { rules::FIRST_QOS2_DUP };
        seen.breach([], rule, format!("a PUBLISH with DUP 1 though no message is under way with identifier {id}"));
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
