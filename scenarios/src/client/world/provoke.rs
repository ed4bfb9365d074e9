//! What a server does that an honest broker never does, so that clients have to answer for it.
//!
//! Some of it is lawful but rare (acknowledgements that are late, the highest topic alias, a close that is put off);
//! the rest breaks the standard, and in such a history only what is found against clients counts.

use std::time::Duration;

use mqttspec_codec::{
    AckBuf, AuthBuf, ConnAckBuf, DisconnectBuf, Mutation, PacketBuf, PropertyBuf, PropertyId, PropertyList, PublishBuf,
    QoS, ReasonCode, StringField, SubscribeBuf, TopicField,
};

use super::stage::World;
use crate::broker::AUTHENTICATION_METHOD;
use crate::model::{publish, subscription};

/// How long a server that has gone wrong leaves the connection open.
const PATIENCE: Duration = Duration::from_secs(8);

impl World {
    /// Does something to a client that is connected.
    pub(super) fn provoke(&mut self) {
        let wires = self.ready();
        if wires.is_empty() {
            return;
        }
        let wire = self.pick(&wires);
        match self.random.below(12) {
            0 | 1 => self.break_off(wire, Self::malformed),
            2 => self.break_off(wire, Self::protocol_error),
            3 => self.break_off(wire, Self::server_disconnect),
            4 => self.break_off(wire, Self::invalid_alias),
            5 => self.break_off(wire, Self::too_large),
            6 | 7 => self.repeat_message(wire),
            8 | 9 => self.burst(wire),
            10 => self.highest_alias(wire),
            _ => self.wires[wire].withhold_until = Some(self.now + Duration::from_millis(1_500)),
        }
    }

    /// Sends what every client has to answer on every connection.
    pub(super) fn provoke_all(&mut self) {
        for wire in self.ready() {
            self.repeat_message(wire);
            self.burst(wire);
        }
    }

    /// Goes wrong on every connection.
    pub(super) fn break_all_off(&mut self) {
        for wire in self.ready() {
            self.break_off(wire, Self::malformed);
        }
    }

    /// Connections on which everything is in order.
    fn ready(&self) -> Vec<usize> {
        let ready = |wire: &usize| {
            let wire = &self.wires[*wire];
            wire.server_open && wire.broker_open && wire.accepted && wire.client_open
        };
        (0..self.wires.len()).filter(ready).collect()
    }

    /// The server goes wrong: it writes something, and nothing after it. The broker takes the connection for lost.
    fn break_off(&mut self, wire: usize, bytes: fn(&mut Self, usize) -> Option<Vec<u8>>) {
        if let Some(bytes) = bytes(self, wire) {
            self.leave(wire, &bytes);
            self.abandon(wire);
        }
    }

    fn abandon(&mut self, wire: usize) {
        self.wires[wire].broker_open = false;
        self.wires[wire].withhold_until = None;
        self.wires[wire].close_at = Some(self.now + PATIENCE);
        self.broker.closed(self.wires[wire].id, self.now);
    }

    fn encode(&self, packet: &PacketBuf) -> Option<Vec<u8>> {
        packet.encode(self.version).ok()
    }

    fn message(&mut self, topic: &str, qos: QoS) -> PublishBuf {
        self.written += 1;
        let packet_id = (qos != QoS::AtMostOnce).then_some(60_000 + self.written % 5_000);
        PublishBuf { qos, packet_id, ..publish(topic, &format!("provocation {}", self.written)) }
    }

    fn malformed(&mut self, _wire: usize) -> Option<Vec<u8>> {
        let message = PacketBuf::Publish(self.message("a", QoS::AtLeastOnce));
        let ack = PacketBuf::PubAck(AckBuf { packet_id: 1, reason_code: ReasonCode::SUCCESS, properties: vec![] });
        let choices = [
            (&PacketBuf::PingResp, Mutation::FlagBit0),
            (&ack, Mutation::FlagBit1),
            (&message, Mutation::PublishQoS3),
            (&message, Mutation::IllFormedUtf8(StringField::TopicName)),
            (&message, Mutation::Surrogate(StringField::TopicName)),
            (&message, Mutation::NullCharacter(StringField::TopicName)),
            (&message, Mutation::MultiLevelWildcard(TopicField::TopicName)),
            (&message, Mutation::PacketIdentifierZero),
            (&message, Mutation::TruncatedBody),
            (&ack, Mutation::TruncatedBody),
            (&PacketBuf::PingResp, Mutation::PacketType0),
            (&PacketBuf::PingResp, Mutation::UnexpectedBody),
            (&PacketBuf::PingResp, Mutation::RemainingLengthFiveBytes),
        ];
        let (packet, mutation) = self.pick(&choices);
        mutation.apply(packet, self.version)
    }

    fn protocol_error(&mut self, _wire: usize) -> Option<Vec<u8>> {
        let v5 = self.version.has_properties();
        let disconnect = PacketBuf::Disconnect(DisconnectBuf::default());
        let auth = PacketBuf::Auth(AuthBuf {
            reason_code: ReasonCode::SUCCESS,
            properties: vec![PropertyBuf::authentication_method("never-agreed")],
        });
        let connack = ConnAckBuf { session_present: false, reason_code: ReasonCode::SUCCESS, properties: vec![] };
        let subscribe =
            SubscribeBuf { packet_id: 1, properties: vec![], filters: vec![subscription("a", QoS::AtMostOnce)] };
        let choices = [
            PacketBuf::PingReq,
            PacketBuf::ConnAck(connack),
            PacketBuf::Subscribe(subscribe),
            if v5 { auth } else { disconnect },
        ];
        let at = self.random.below(choices.len());
        self.encode(&choices[at])
    }

    fn server_disconnect(&mut self, _wire: usize) -> Option<Vec<u8>> {
        let reasons = [ReasonCode::SERVER_SHUTTING_DOWN, ReasonCode::UNSPECIFIED_ERROR, ReasonCode::QUOTA_EXCEEDED];
        let reason_code = self.pick(&reasons);
        let disconnect = PacketBuf::Disconnect(DisconnectBuf { reason_code, properties: vec![] });
        self.version.has_properties().then(|| self.encode(&disconnect)).flatten()
    }

    fn invalid_alias(&mut self, wire: usize) -> Option<Vec<u8>> {
        let maximum = self.topic_alias_maximum(wire)?;
        let above = self.one_in(2);
        let mut message = self.message("a", QoS::AtMostOnce);
        if above {
            message.properties.push(PropertyBuf::topic_alias(maximum.checked_add(1)?));
        } else {
            // An alias that stands for nothing, unless the broker has used it.
            message.topic.clear();
            message.properties.push(PropertyBuf::topic_alias(maximum.max(1)));
        }
        self.encode(&PacketBuf::Publish(message))
    }

    fn too_large(&mut self, wire: usize) -> Option<Vec<u8>> {
        let maximum = self.asked(wire, PropertyId::MaximumPacketSize)? as usize;
        let mut message = self.message("a", QoS::AtMostOnce);
        message.payload.resize(maximum + 1, b'x');
        self.encode(&PacketBuf::Publish(message))
    }

    /// A QoS 2 message that comes twice, and its PUBREL, which comes twice.
    fn repeat_message(&mut self, wire: usize) {
        let mut message = self.message("a", QoS::ExactlyOnce);
        let Some(packet_id) = message.packet_id else { return };
        let release = PacketBuf::PubRel(AckBuf { packet_id, reason_code: ReasonCode::SUCCESS, properties: vec![] });
        let first = self.encode(&PacketBuf::Publish(message.clone()));
        message.dup = true;
        let again = self.encode(&PacketBuf::Publish(message));
        let release = self.encode(&release);
        for bytes in [first, again, release.clone(), release].into_iter().flatten() {
            self.leave(wire, &bytes);
        }
    }

    /// Several messages at once, to a topic that nobody has asked for.
    fn burst(&mut self, wire: usize) {
        if self.asked(wire, PropertyId::ReceiveMaximum).is_some_and(|maximum| maximum < 8) {
            return;
        }
        let qos = self.pick(&[QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce]);
        for _ in 0..3 {
            let message = self.message("unwanted", qos);
            if let Some(bytes) = self.encode(&PacketBuf::Publish(message)) {
                self.leave(wire, &bytes);
            }
        }
    }

    fn highest_alias(&mut self, wire: usize) {
        let Some(maximum) = self.topic_alias_maximum(wire).filter(|maximum| *maximum > 0) else { return };
        let mut message = self.message("a/b", QoS::AtLeastOnce);
        message.properties.push(PropertyBuf::topic_alias(maximum));
        if let Some(bytes) = self.encode(&PacketBuf::Publish(message)) {
            self.leave(wire, &bytes);
        }
    }

    /// A packet of the broker as it leaves; `None` when it is held back.
    pub(super) fn altered(&mut self, wire: usize, frame: &[u8]) -> Option<Vec<u8>> {
        let Ok(packet) = PacketBuf::decode(frame, self.version) else { return Some(frame.to_vec()) };
        let v5 = self.version.has_properties();
        match packet {
            PacketBuf::PubAck(_) | PacketBuf::PubRec(_) | PacketBuf::PubComp(_)
                if self.wires[wire].withhold_until.is_some() =>
            {
                None
            }
            PacketBuf::ConnAck(connack) if connack.reason_code == ReasonCode::SUCCESS && self.one_in(12) => {
                Some(self.altered_connack(wire, connack).unwrap_or_else(|| frame.to_vec()))
            }
            PacketBuf::PubAck(mut ack) if v5 && self.one_in(6) => {
                ack.reason_code = ReasonCode::QUOTA_EXCEEDED;
                self.encode(&PacketBuf::PubAck(ack))
            }
            _ => Some(frame.to_vec()),
        }
    }

    /// A CONNACK that refuses although the broker accepts, or says the contrary of the session.
    fn altered_connack(&mut self, wire: usize, mut connack: ConnAckBuf) -> Option<Vec<u8>> {
        let v5 = self.version.has_properties();
        match self.random.below(3) {
            0 => {
                connack.reason_code = if v5 { ReasonCode::NOT_AUTHORIZED } else { ReasonCode::V3_NOT_AUTHORIZED };
                connack.session_present = false;
                self.abandon(wire);
            }
            1 if v5 => connack.session_present = true,
            _ => connack.session_present = false,
        }
        self.encode(&PacketBuf::ConnAck(connack))
    }

    fn asked(&self, wire: usize, id: PropertyId) -> Option<u32> {
        self.wires[wire].connect.as_ref().and_then(|connect| connect.properties.integer(id))
    }

    /// Topic Alias Maximum of the client; `None` where there are no aliases, or the client authenticates by a method,
    /// whose connections are left to themselves.
    fn topic_alias_maximum(&self, wire: usize) -> Option<u16> {
        let connect = self.wires[wire].connect.as_ref().filter(|_| self.version.has_properties())?;
        if connect.properties.text(PropertyId::AuthenticationMethod) == Some(AUTHENTICATION_METHOD) {
            return None;
        }
        u16::try_from(connect.properties.integer(PropertyId::TopicAliasMaximum).unwrap_or(0)).ok()
    }
}
