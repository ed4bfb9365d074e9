//! Each rule is seen to fire, and to stay silent beside it.

mod doubt;
mod missing;
mod order;
mod redelivery;
mod shared;
mod sizes;
mod terms;
mod too_much;

use std::time::Duration;

use mqttspec_codec::{
    AckBuf, ConnAckBuf, ConnectBuf, DisconnectBuf, PacketBuf, PropertyBuf, ProtocolVersion, PublishBuf, QoS,
    ReasonCode, SubAckBuf, SubscribeBuf, SubscriptionBuf, SubscriptionOptions, UnsubAckBuf, UnsubscribeBuf,
};

use super::super::{Monitor, Owed, REDELIVERY};
use crate::model::{connect, publish};
use crate::statements::Level;
use crate::{Finding, Time};

const V5: ProtocolVersion = ProtocolVersion::V5_0;
const V4: ProtocolVersion = ProtocolVersion::V3_1_1;
const Q0: QoS = QoS::AtMostOnce;
const Q1: QoS = QoS::AtLeastOnce;
const Q2: QoS = QoS::ExactlyOnce;

/// A run in which we write both sides of the dialogue.
struct Run {
    monitor: Monitor,
    version: ProtocolVersion,
    event: usize,
}

impl Run {
    /// `pub` is on connection 0, `sub` on connection 1 with a session that lasts.
    fn new(version: ProtocolVersion) -> Self {
        let mut run = Self { monitor: Monitor::new(version), version, event: 0 };
        run.connects(0, "pub", true);
        run.connects(1, "sub", false);
        run
    }

    /// The same, and `sub` has subscribed to `filter`.
    fn subscribed(version: ProtocolVersion, filter: &str, qos: QoS) -> Self {
        let mut run = Self::new(version);
        run.subscribes(1, 1, &[filter], qos);
        run
    }

    fn sends(&mut self, connection: usize, packet: PacketBuf) {
        self.event += 1;
        let bytes = packet.encode(self.version).unwrap();
        self.monitor.sent(connection, self.event, &bytes);
    }

    fn gets(&mut self, connection: usize, packet: PacketBuf) {
        self.event += 1;
        let bytes = packet.encode(self.version).unwrap();
        assert!(self.monitor.received(connection, self.event, &bytes).is_some(), "{packet:?}");
    }

    fn closes(&mut self, connection: usize) {
        self.event += 1;
        self.monitor.closed(connection, self.event, false);
    }

    fn connect_packet(&self, client_id: &str, clean_start: bool) -> ConnectBuf {
        let mut connect = ConnectBuf { clean_start, ..connect(self.version, client_id) };
        if self.version == V5 && !clean_start {
            connect.properties.push(PropertyBuf::session_expiry_interval(1_000));
        }
        connect
    }

    fn connects(&mut self, connection: usize, client_id: &str, clean_start: bool) {
        let connect = self.connect_packet(client_id, clean_start);
        self.connects_with(connection, connect, false);
    }

    fn connects_with(&mut self, connection: usize, connect: ConnectBuf, session_present: bool) {
        self.sends(connection, PacketBuf::Connect(connect));
        let connack = ConnAckBuf { session_present, reason_code: ReasonCode::SUCCESS, properties: vec![] };
        self.gets(connection, PacketBuf::ConnAck(connack));
    }

    fn resumes(&mut self, connection: usize, client_id: &str) {
        let connect = self.connect_packet(client_id, false);
        self.connects_with(connection, connect, true);
    }

    fn subscribes(&mut self, connection: usize, packet_id: u16, filters: &[&str], qos: QoS) {
        let options = SubscriptionOptions { qos, ..Default::default() };
        let named = filters.iter().map(|filter| SubscriptionBuf { filter: (*filter).to_owned(), options }).collect();
        self.sends(connection, PacketBuf::Subscribe(SubscribeBuf { packet_id, properties: vec![], filters: named }));
        let reason_codes = filters.iter().map(|_| ReasonCode(qos.value())).collect();
        self.gets(connection, PacketBuf::SubAck(SubAckBuf { packet_id, properties: vec![], reason_codes }));
    }

    fn unsubscribes(&mut self, connection: usize, packet_id: u16, filter: &str) {
        let filters = vec![filter.to_owned()];
        self.sends(connection, PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id, properties: vec![], filters }));
        let reason_codes = if self.version == V5 { vec![ReasonCode::SUCCESS] } else { vec![] };
        self.gets(connection, PacketBuf::UnsubAck(UnsubAckBuf { packet_id, properties: vec![], reason_codes }));
    }

    /// `pub` publishes, to the end of the exchange.
    fn publishes(&mut self, topic: &str, payload: &str, qos: QoS, packet_id: u16) {
        self.publishes_with(message(topic, payload, qos, packet_id));
    }

    fn publishes_with(&mut self, publish: PublishBuf) {
        let (qos, id) = (publish.qos, publish.packet_id.unwrap_or(0));
        self.sends(0, PacketBuf::Publish(publish));
        if qos == Q1 {
            self.gets(0, PacketBuf::PubAck(ack(id)));
        } else if qos == Q2 {
            self.gets(0, PacketBuf::PubRec(ack(id)));
            self.sends(0, PacketBuf::PubRel(ack(id)));
            self.gets(0, PacketBuf::PubComp(ack(id)));
        }
    }

    /// A delivery, acknowledged to the end.
    fn takes(&mut self, connection: usize, publish: PublishBuf) {
        let (qos, id) = (publish.qos, publish.packet_id.unwrap_or(0));
        self.gets(connection, PacketBuf::Publish(publish));
        if qos == Q1 {
            self.sends(connection, PacketBuf::PubAck(ack(id)));
        } else if qos == Q2 {
            self.sends(connection, PacketBuf::PubRec(ack(id)));
            self.gets(connection, PacketBuf::PubRel(ack(id)));
            self.sends(connection, PacketBuf::PubComp(ack(id)));
        }
    }

    fn fences(&mut self, connection: usize) {
        self.sends(connection, PacketBuf::PingReq);
        self.gets(connection, PacketBuf::PingResp);
    }

    fn passes(&mut self, seconds: u64) {
        self.monitor.at(Time::from_secs(seconds));
    }

    /// Whether anything is due that may still come.
    fn is_owed(&self) -> bool {
        self.monitor.owed() != Owed::Nothing
    }

    #[track_caller]
    fn is_silent(&mut self) {
        self.monitor.settle();
        let findings: Vec<Finding> = self.gating();
        assert!(findings.is_empty(), "{findings:#?}");
    }

    /// Nothing is missing, whatever else is wrong.
    #[track_caller]
    fn misses_nothing(&mut self) {
        self.monitor.settle();
        let missing = |finding: &Finding| finding.message.contains("has not come");
        let findings: Vec<Finding> = self.gating().into_iter().filter(missing).collect();
        assert!(findings.is_empty(), "{findings:#?}");
    }

    /// What is missing is found; not before the Server has had its time, where it has any.
    #[track_caller]
    fn settles(&mut self, expected: &[&str]) {
        if let Owed::Eventually(until) = self.monitor.owed() {
            self.monitor.at(until - Duration::from_millis(1));
            self.is_silent();
            assert_eq!(self.monitor.owed(), Owed::Eventually(until));
            self.monitor.at(until);
            assert_eq!(self.monitor.owed(), Owed::Soon);
        }
        self.monitor.settle();
        self.found(expected);
        self.is_silent();
    }

    #[track_caller]
    fn found(&mut self, expected: &[&str]) {
        let findings = self.gating();
        let names: Vec<String> = findings.iter().map(name).collect();
        assert_eq!(names, expected, "{findings:#?}");
    }

    fn gating(&mut self) -> Vec<Finding> {
        self.monitor.take_findings().into_iter().filter(|finding| finding.level != Level::May).collect()
    }
}

fn name(finding: &Finding) -> String {
    if finding.statement.is_empty() { format!("§{}", finding.section) } else { finding.statement.clone() }
}

fn message(topic: &str, payload: &str, qos: QoS, packet_id: u16) -> PublishBuf {
    PublishBuf { qos, packet_id: (qos != Q0).then_some(packet_id), ..publish(topic, payload) }
}

fn again(topic: &str, payload: &str, qos: QoS, packet_id: u16) -> PublishBuf {
    PublishBuf { dup: true, ..message(topic, payload, qos, packet_id) }
}

fn ack(packet_id: u16) -> AckBuf {
    AckBuf { packet_id, reason_code: ReasonCode::SUCCESS, properties: vec![] }
}

fn refusal(packet_id: u16) -> AckBuf {
    AckBuf { reason_code: ReasonCode::QUOTA_EXCEEDED, ..ack(packet_id) }
}

fn disconnect() -> PacketBuf {
    PacketBuf::Disconnect(DisconnectBuf { reason_code: ReasonCode::SUCCESS, properties: vec![] })
}
