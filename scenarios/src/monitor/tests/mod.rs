//! Tests, one file for each family of checks: each rule is seen to fire, and to stay silent beside it.

mod answers;
mod book;
mod bounds;
mod clients;
mod clients_format;
mod codec;
mod combinations;
mod connack;
mod content;
mod coverage;
mod delivery;
mod errors;
mod errors_beside;
mod flow;
mod forwarded;
mod joined;
mod lawful;
mod limits;
mod order;
mod replies;
mod resumption;
mod retain;
mod retained;
mod text;
mod wills;

use mqttspec_codec::{
    AckBuf, AuthBuf, ConnAckBuf, ConnectBuf, DisconnectBuf, PacketBuf, PropertyBuf, ProtocolVersion, PublishBuf, QoS,
    ReasonCode, SubAckBuf, SubscribeBuf, SubscriptionBuf, SubscriptionOptions, UnsubAckBuf, UnsubscribeBuf,
};

use super::{Monitor, Owed};
use crate::Finding;
use crate::statements::Level;

const V5: ProtocolVersion = ProtocolVersion::V5_0;
const V4: ProtocolVersion = ProtocolVersion::V3_1_1;
const V3: ProtocolVersion = ProtocolVersion::V3_1;

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
    fn new(version: ProtocolVersion) -> Self {
        Self { monitor: Monitor::new(version), version, event: 0 }
    }

    /// A run whose connection 0 is accepted, of client `alice`, with a new session.
    fn connected(version: ProtocolVersion) -> Self {
        let mut run = Self::new(version);
        run.connect(0, "alice");
        run
    }

    fn next(&mut self) -> usize {
        self.event += 1;
        self.event
    }

    fn sends_bytes(&mut self, connection: usize, bytes: &[u8]) {
        let event = self.next();
        self.monitor.sent(connection, event, bytes);
    }

    fn sends(&mut self, connection: usize, packet: PacketBuf) {
        let bytes = packet.encode(self.version).unwrap();
        self.sends_bytes(connection, &bytes);
    }

    fn gets_bytes(&mut self, connection: usize, bytes: &[u8]) -> Option<PacketBuf> {
        let event = self.next();
        self.monitor.received(connection, event, bytes)
    }

    fn gets(&mut self, connection: usize, packet: PacketBuf) {
        let bytes = packet.encode(self.version).unwrap();
        assert!(self.gets_bytes(connection, &bytes).is_some(), "{packet:?}");
    }

    fn closes(&mut self, connection: usize, by_target: bool) {
        let event = self.next();
        self.monitor.closed(connection, event, by_target);
    }

    fn connect(&mut self, connection: usize, client_id: &str) {
        self.monitor.opened(connection, self.event);
        let connect = connect(self.version, client_id);
        self.connect_with(connection, connect, connack());
    }

    fn connect_with(&mut self, connection: usize, connect: ConnectBuf, connack: ConnAckBuf) {
        self.sends(connection, PacketBuf::Connect(connect));
        self.gets(connection, PacketBuf::ConnAck(connack));
    }

    /// Ends connection `from` and takes its session of `alice` up on `to`.
    fn resume(&mut self, from: usize, to: usize) {
        self.closes(from, false);
        let connect = ConnectBuf { clean_start: false, ..connect(self.version, "alice") };
        self.connect_with(to, connect, ConnAckBuf { session_present: true, ..connack() });
    }

    fn subscribe(&mut self, connection: usize, packet_id: u16, filter: &str, qos: QoS) {
        self.subscribe_with(connection, packet_id, filter, SubscriptionOptions { qos, ..Default::default() }, None);
    }

    fn subscribe_with(
        &mut self,
        connection: usize,
        packet_id: u16,
        filter: &str,
        options: SubscriptionOptions,
        identifier: Option<u32>,
    ) {
        let properties = identifier.map(PropertyBuf::subscription_identifier).into_iter().collect();
        self.sends(connection, subscribe(packet_id, filter, options, properties));
        self.gets(connection, suback(packet_id, &[options.qos.value()]));
    }

    fn unsubscribe(&mut self, connection: usize, packet_id: u16, filter: &str) {
        let filters = vec![filter.to_owned()];
        self.sends(connection, PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id, properties: vec![], filters }));
        self.gets(connection, unsuback(packet_id, if self.version == V5 { &[0] } else { &[] }));
    }

    /// The findings so far: the statement, or `§` and the section, of each, and nothing of the level `may`.
    fn findings(&mut self) -> Vec<String> {
        let gating = |finding: &Finding| finding.level != Level::May;
        self.all_findings().into_iter().filter(gating).map(|finding| name(&finding)).collect()
    }

    fn all_findings(&mut self) -> Vec<Finding> {
        self.monitor.take_findings()
    }

    #[track_caller]
    fn is_silent(&mut self) {
        let findings = self.all_findings();
        assert!(findings.is_empty(), "{findings:#?}");
    }

    #[track_caller]
    fn finds(&mut self, expected: &[&str]) {
        assert_eq!(self.findings(), expected);
    }
}

fn name(finding: &Finding) -> String {
    if finding.statement.is_empty() { format!("§{}", finding.section) } else { finding.statement.clone() }
}

fn connect(version: ProtocolVersion, client_id: &str) -> ConnectBuf {
    crate::model::connect(version, client_id)
}

fn connack() -> ConnAckBuf {
    ConnAckBuf { session_present: false, reason_code: ReasonCode::SUCCESS, properties: vec![] }
}

fn publish(topic: &str, payload: &str) -> PublishBuf {
    crate::model::publish(topic, payload)
}

/// A PUBLISH above QoS 0.
fn message(topic: &str, payload: &str, qos: QoS, packet_id: u16) -> PublishBuf {
    PublishBuf { qos, packet_id: Some(packet_id), ..publish(topic, payload) }
}

fn subscribe(packet_id: u16, filter: &str, options: SubscriptionOptions, properties: Vec<PropertyBuf>) -> PacketBuf {
    let filters = vec![SubscriptionBuf { filter: filter.to_owned(), options }];
    PacketBuf::Subscribe(SubscribeBuf { packet_id, properties, filters })
}

fn suback(packet_id: u16, codes: &[u8]) -> PacketBuf {
    let reason_codes = codes.iter().map(|code| ReasonCode(*code)).collect();
    PacketBuf::SubAck(SubAckBuf { packet_id, properties: vec![], reason_codes })
}

fn unsuback(packet_id: u16, codes: &[u8]) -> PacketBuf {
    let reason_codes = codes.iter().map(|code| ReasonCode(*code)).collect();
    PacketBuf::UnsubAck(UnsubAckBuf { packet_id, properties: vec![], reason_codes })
}

fn ack(packet_id: u16) -> AckBuf {
    AckBuf { packet_id, reason_code: ReasonCode::SUCCESS, properties: vec![] }
}

fn disconnect(reason_code: ReasonCode) -> PacketBuf {
    PacketBuf::Disconnect(DisconnectBuf { reason_code, properties: vec![] })
}
