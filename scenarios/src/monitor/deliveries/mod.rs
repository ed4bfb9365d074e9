//! What subscribers are owed: each message of a subscribed topic, once, in order, with the right QoS, again after a
//! reconnect when it was not acknowledged (4.3 to 4.6, 4.8, 4.9).
//!
//! `life` follows sessions over their connections (`sessions`), `subscription` since when a filter is certainly in force
//! (`subscribing`), `message` what was published (`publishing`). When the Server has certainly taken a message, `owing`
//! notes to whom it is due; `arriving` counts what comes, `ordering` its order, `acknowledging` carries deliveries above
//! QoS 0 on, also over connections; `sharing` does all that for groups. [`Watch::settle`] finds what has not come, and
//! `cause` which sentence that breaks.
//!
//! Steps are this watcher's own count of what happened: several packets may share one event.

mod acknowledging;
mod arriving;
mod cause;
mod fence;
mod flight;
mod life;
mod link;
mod message;
mod ordering;
mod owing;
mod publishing;
mod rules;
mod sessions;
mod sharing;
mod subscribing;
mod subscription;
mod terms;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use mqttspec_codec::PacketBuf;

use self::life::Life;
use self::link::Link;
use self::message::Messages;
use self::sharing::Groups;
use super::event::{Event, What};
use super::owed::Owed;
use super::report::Report;
use super::state::State;
use super::watch::Watch;

/// Keeps what is owed.
#[derive(Debug, Default)]
pub(super) struct Deliveries {
    step: u64,
    /// The first step of each event.
    steps: Vec<(usize, u64)>,
    links: BTreeMap<usize, Link>,
    /// Every session of the run.
    lives: Vec<Life>,
    /// The present session of each client.
    current: BTreeMap<usize, usize>,
    messages: Messages,
    groups: Groups,
}

impl Watch for Deliveries {
    fn event(&mut self, book: &mut State, event: &Event<'_>, report: &mut Report) {
        self.step += 1;
        if self.steps.last().is_none_or(|(last, _)| *last < event.index) {
            self.steps.push((event.index, self.step));
        }
        match event.what {
            What::Opened => {}
            What::Sent(packet, _) => self.sent(book, event, packet),
            What::SentUnreadable(_) => self.distrust(event.connection),
            What::Received(packet, len) => self.received(book, event, packet, len, report),
            What::ReceivedUnreadable => {
                self.distrust(event.connection);
                self.lose_link(event.connection);
            }
            What::Closed { .. } => self.closed(event),
        }
        self.note_publications(book, Some(event));
        if book.connections.get(&event.connection).is_some_and(|connection| connection.tainted.is_some()) {
            self.distrust(event.connection);
        }
        self.settle_wills(book);
    }

    fn settle(&mut self, book: &mut State, report: &mut Report) {
        // `stored` has just said which wills are due by now.
        self.note_publications(book, None);
        self.settle_wills(book);
        let present: Vec<usize> = self.current.values().copied().collect();
        for life in present {
            self.settle_life(book, report, life);
        }
        self.settle_groups(book, report);
    }

    fn owed(&self, book: &State) -> Owed {
        let lives = self.current.values().map(|life| self.owed_to(book, *life));
        lives.max().unwrap_or_default().max(self.owed_to_groups(book))
    }
}

impl Deliveries {
    fn sent(&mut self, book: &State, event: &Event<'_>, packet: &PacketBuf) {
        let step = self.step;
        match packet {
            PacketBuf::Connect(connect) => self.sent_connect(book, event, connect),
            PacketBuf::Publish(publish) => self.sent_publish(book, event, publish),
            PacketBuf::PubAck(ack) => self.sent_ack(event, ack, false),
            PacketBuf::PubRec(ack) => self.sent_pubrec(event, ack),
            PacketBuf::PubRel(ack) => self.sent_pubrel(book, event, ack),
            PacketBuf::PubComp(ack) => self.sent_ack(event, ack, true),
            PacketBuf::Subscribe(subscribe) => self.sent_subscribe(event, subscribe),
            PacketBuf::Unsubscribe(unsubscribe) => self.sent_unsubscribe(event, unsubscribe),
            PacketBuf::PingReq => self.link(event.connection).fence.ping(step),
            PacketBuf::Disconnect(disconnect) => self.sent_disconnect(event, disconnect),
            _ => {}
        }
    }

    fn received(&mut self, book: &State, event: &Event<'_>, packet: &PacketBuf, len: usize, report: &mut Report) {
        match packet {
            PacketBuf::ConnAck(connack) => self.received_connack(book, event, connack),
            PacketBuf::Publish(publish) => self.received_publish(book, event, publish, len, report),
            PacketBuf::PubAck(ack) | PacketBuf::PubRec(ack) => self.received_answer(book, event, ack, false),
            PacketBuf::PubComp(ack) => self.received_answer(book, event, ack, true),
            PacketBuf::PubRel(ack) => self.received_pubrel(event, ack, report),
            PacketBuf::SubAck(suback) => self.received_suback(event, suback),
            PacketBuf::UnsubAck(unsuback) => self.received_unsuback(event, unsuback),
            PacketBuf::PingResp => self.link(event.connection).fence.pong(),
            PacketBuf::Disconnect(_) => self.lose_link(event.connection),
            _ => {}
        }
    }

    /// The first step of what happened in an event, or of the last one before it.
    fn step_of(&self, event: usize) -> u64 {
        let after = self.steps.partition_point(|(known, _)| *known <= event);
        after.checked_sub(1).map_or(0, |at| self.steps[at].1)
    }

    /// The connection with this index.
    fn link(&mut self, connection: usize) -> &mut Link {
        self.links.entry(connection).or_default()
    }

    /// The session on a connection.
    fn life_on(&self, connection: usize) -> Option<usize> {
        self.links.get(&connection)?.life
    }

    /// What happened on this connection may have changed its session in any way.
    fn distrust(&mut self, connection: usize) {
        let Some(link) = self.links.get(&connection) else { return };
        let present = link.client.and_then(|client| self.current.get(&client));
        for life in [link.life, present.copied()].into_iter().flatten() {
            self.lives[life].distrust();
        }
    }

    /// One side has said that it ends the connection.
    fn lose_link(&mut self, connection: usize) {
        self.link(connection).alive = false;
    }

    /// The connection on which a session is due its messages now: the two agree, and nothing on it is in doubt.
    fn due_on(&self, book: &State, life: usize) -> Option<usize> {
        let known = &self.lives[life];
        let connection = known.connection.filter(|_| known.trusted && !known.over)?;
        let seen = book.connections.get(&connection)?;
        let session = seen.session.is_some_and(|session| !book.sessions[session].unknown);
        let alive = self.links.get(&connection).is_some_and(|link| link.alive);
        (!seen.garbled && session && alive && !known.withholds(connection)).then_some(connection)
    }
}
