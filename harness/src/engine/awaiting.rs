//! What was asked on a connection and is not answered yet, and waiting for it.

use std::collections::BTreeSet;

use mqttspec_codec::{PacketBuf, PacketType, QoS, ReasonCode};

use super::Engine;
use super::connection::{Connection, Ping};
use super::stage::{Probe, Stage};

/// The answers that are still to come on one connection, by the Packet Identifier they will have; 0 where there is none.
#[derive(Debug, Default)]
pub(super) struct Asked(BTreeSet<(PacketType, u16)>);

impl Asked {
    /// We sent `packet`.
    pub(super) fn sent(&mut self, packet: &PacketBuf) {
        let wanted = match packet {
            PacketBuf::Connect(_) => (PacketType::ConnAck, 0),
            PacketBuf::Subscribe(subscribe) => (PacketType::SubAck, subscribe.packet_id),
            PacketBuf::Unsubscribe(unsubscribe) => (PacketType::UnsubAck, unsubscribe.packet_id),
            PacketBuf::Publish(publish) => match (publish.qos, publish.packet_id) {
                (QoS::AtLeastOnce, Some(packet_id)) => (PacketType::PubAck, packet_id),
                (QoS::ExactlyOnce, Some(packet_id)) => (PacketType::PubRec, packet_id),
                _ => return,
            },
            PacketBuf::PubRel(ack) => (PacketType::PubComp, ack.packet_id),
            PacketBuf::Auth(auth) if auth.reason_code == ReasonCode::RE_AUTHENTICATE => (PacketType::Auth, 0),
            // The end of the connection is the answer.
            PacketBuf::Disconnect(_) => (PacketType::Disconnect, 0),
            _ => return,
        };
        self.0.insert(wanted);
    }

    /// The target sent `packet`.
    pub(super) fn received(&mut self, packet: &PacketBuf) {
        match packet {
            // Still on the way: our answer to it comes first.
            PacketBuf::Auth(auth) if auth.reason_code == ReasonCode::CONTINUE_AUTHENTICATION => {}
            _ => {
                self.0.remove(&(packet.packet_type(), packet.packet_id().unwrap_or(0)));
            }
        }
    }
}

impl Connection {
    /// Whether something that was asked may still be answered.
    fn awaits(&self) -> bool {
        let pings = self.pings.iter().any(|ping| matches!(ping, Ping::Scenario | Ping::Fence));
        self.is_live() && !self.answers.is_challenged() && (pings || !self.asked.0.is_empty())
    }

    /// The answers that have not come are not waited for again.
    pub(super) fn give_up_answers(&mut self) {
        self.asked.0.clear();
        self.pings.iter_mut().for_each(|ping| *ping = Ping::Late);
    }
}

impl Engine {
    /// Waits until what was asked on this connection is answered.
    pub(super) fn begin_awaiting(&mut self, index: usize) {
        let timing = self.options.timing;
        let patience = if self.ran_dry { timing.after_probe_ms } else { timing.answer_ms };
        let probe = Probe::At(self.after(timing.probe_after_ms));
        self.stage = Stage::Awaiting { connection: index, deadline: self.after(patience), probe };
        self.check_await();
    }

    /// Whether the wait is over.
    pub(super) fn check_await(&mut self) {
        if let Stage::Awaiting { connection, .. } = self.stage
            && !self.connections[connection].awaits()
        {
            self.stage = Stage::Ready;
        }
    }

    /// A PINGREQ was answered: what has not come for what was sent before it comes soon or not at all.
    pub(super) fn await_probed(&mut self) {
        let sooner = self.after(self.options.timing.after_probe_ms);
        if let Stage::Awaiting { deadline, probe, .. } = &mut self.stage {
            *probe = Probe::Answered;
            *deadline = sooner.min(*deadline);
        }
    }

    pub(super) fn await_timeout(&mut self) {
        let Stage::Awaiting { connection: index, deadline, probe } = &mut self.stage else { return };
        let index = *index;
        if *deadline <= self.now {
            // Nothing is judged here. What is missed is missed by the monitor, and it waits in full before it says so.
            self.ran_dry = true;
            self.connections[index].give_up_answers();
            self.stage = Stage::Ready;
            return;
        }
        if !matches!(probe, Probe::At(at) if *at <= self.now) {
            return;
        }
        let can_ping = self.connections[index].can_ping();
        *probe = if can_ping { Probe::Sent } else { Probe::Never };
        if can_ping {
            self.send_ping(index, Ping::Probe);
        }
    }
}
