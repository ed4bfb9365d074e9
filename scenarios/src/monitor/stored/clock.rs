//! How far the Server certainly was: what it answers it has read, and what it sends after an answer it sends later than
//! the question was asked.

use std::collections::{BTreeMap, VecDeque};

use mqttspec_codec::{AckBuf, PacketBuf, SubAckBuf, UnsubAckBuf};

use super::super::event::{Event, What};
use crate::Time;

/// Questions remembered on one connection at most.
const MAX_QUESTIONS: usize = 4096;

/// An event and when it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) event: usize,
    pub(super) at: Time,
}

impl Moment {
    /// The earlier of two.
    pub(super) fn min(self, other: Self) -> Self {
        if (self.event, self.at) <= (other.event, other.at) { self } else { other }
    }
}

/// What was asked and answered on each connection.
#[derive(Debug, Default)]
pub(super) struct Clock {
    connections: BTreeMap<usize, Asked>,
}

#[derive(Debug, Default)]
struct Asked {
    connect: Option<Moment>,
    pings: VecDeque<Moment>,
    /// By Packet Identifier.
    packets: BTreeMap<u16, Moment>,
    answered: Option<Moment>,
    last_sent: Option<Moment>,
    sent_before: Option<Moment>,
}

impl Clock {
    /// When the last question was asked that is answered: the Server was there then, and what comes now it sent later.
    pub(super) fn answered(&self, connection: usize) -> Option<Moment> {
        self.connections.get(&connection)?.answered
    }

    /// When something was sent before what was sent last.
    pub(super) fn sent_before(&self, connection: usize) -> Option<Moment> {
        self.connections.get(&connection)?.sent_before
    }

    /// Something happened.
    pub(super) fn event(&mut self, event: &Event<'_>) {
        let now = Moment { event: event.index, at: event.at };
        match event.what {
            What::Sent(packet, _) => self.connections.entry(event.connection).or_default().sent(packet, now),
            What::Received(packet, _) => self.connections.entry(event.connection).or_default().received(packet),
            What::Closed { .. } => {
                if let Some(asked) = self.connections.get_mut(&event.connection) {
                    asked.pings.clear();
                    asked.packets.clear();
                }
            }
            What::Opened | What::SentUnreadable(_) | What::ReceivedUnreadable => {}
        }
    }
}

impl Asked {
    fn sent(&mut self, packet: &PacketBuf, now: Moment) {
        self.sent_before = self.last_sent.replace(now);
        let id = match packet {
            PacketBuf::Connect(_) => {
                self.connect.get_or_insert(now);
                return;
            }
            PacketBuf::PingReq => {
                self.pings.push_back(now);
                return;
            }
            PacketBuf::Publish(publish) => publish.packet_id,
            PacketBuf::Subscribe(subscribe) => Some(subscribe.packet_id),
            PacketBuf::Unsubscribe(unsubscribe) => Some(unsubscribe.packet_id),
            PacketBuf::PubRel(ack) => Some(ack.packet_id),
            _ => None,
        };
        if let Some(id) = id.filter(|_| self.packets.len() < MAX_QUESTIONS) {
            self.packets.insert(id, now);
        }
    }

    fn received(&mut self, packet: &PacketBuf) {
        let asked = match packet {
            PacketBuf::ConnAck(_) => self.connect,
            PacketBuf::PingResp => self.pings.pop_front(),
            PacketBuf::SubAck(SubAckBuf { packet_id, .. })
            | PacketBuf::UnsubAck(UnsubAckBuf { packet_id, .. })
            | PacketBuf::PubAck(AckBuf { packet_id, .. })
            | PacketBuf::PubRec(AckBuf { packet_id, .. })
            | PacketBuf::PubComp(AckBuf { packet_id, .. }) => self.packets.remove(packet_id),
            _ => None,
        };
        if let Some(asked) = asked
            && self.answered.is_none_or(|answered| answered.event < asked.event)
        {
            self.answered = Some(asked);
        }
    }
}
