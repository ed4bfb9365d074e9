//! A broker driven by fixed scripts; everything it does is recorded byte for byte.

use std::time::Duration;

use mqttspec_codec::{
    ConnectBuf, PacketBuf, PropertyBuf, ProtocolVersion, PublishBuf, QoS, SubscribeBuf, SubscriptionBuf,
    SubscriptionOptions,
};
use mqttspec_scenarios::Time;
use mqttspec_scenarios::broker::{Broker, BrokerConfig, ConnectionId, Output};

use crate::peer::V5_0;

/// What a script is given: one broker, one version.
pub(crate) struct Recorder {
    pub(crate) version: ProtocolVersion,
    broker: Broker,
    now: Time,
    pub(crate) log: Vec<(Time, Output)>,
}

impl Recorder {
    pub(crate) fn new(version: ProtocolVersion, config: BrokerConfig) -> Self {
        Self { version, broker: Broker::new(config), now: Time::ZERO, log: Vec::new() }
    }

    pub(crate) fn open(&mut self) -> ConnectionId {
        let id = self.broker.open(self.now);
        self.record();
        id
    }

    pub(crate) fn bytes(&mut self, id: ConnectionId, bytes: &[u8]) {
        self.broker.receive(id, bytes, self.now);
        self.record();
    }

    pub(crate) fn send(&mut self, id: ConnectionId, packet: PacketBuf) {
        let bytes = packet.encode(self.version).unwrap();
        self.bytes(id, &bytes);
    }

    pub(crate) fn drop_connection(&mut self, id: ConnectionId) {
        self.broker.closed(id, self.now);
        self.record();
    }

    pub(crate) fn wait(&mut self, millis: u64) {
        let until = self.now + Duration::from_millis(millis);
        while let Some(at) = self.broker.next_timeout().filter(|&at| at <= until) {
            self.now = at;
            self.broker.handle_timeout(at);
            self.record();
        }
        self.now = until;
    }

    fn record(&mut self) {
        while let Some(output) = self.broker.poll_output() {
            self.log.push((self.now, output));
        }
    }

    pub(crate) fn connect(&mut self, connect: ConnectBuf) -> ConnectionId {
        let id = self.open();
        self.send(id, PacketBuf::Connect(connect));
        id
    }

    pub(crate) fn client(&mut self, client_id: &str) -> ConnectionId {
        self.connect(crate::peer::clean(self.version, client_id))
    }

    pub(crate) fn ping(&mut self, id: ConnectionId) {
        self.send(id, PacketBuf::PingReq);
    }

    pub(crate) fn publish(&mut self, id: ConnectionId, packet_id: u16, publish: PublishBuf) {
        let packet_id = (publish.qos != QoS::AtMostOnce).then_some(packet_id);
        self.send(id, PacketBuf::Publish(PublishBuf { packet_id, ..publish }));
    }

    /// Subscribes with these options; in 5.0 with a Subscription Identifier as well.
    pub(crate) fn subscribe(&mut self, id: ConnectionId, filters: &[(&str, QoS)], identifier: u32) {
        let options = SubscriptionOptions::default();
        self.subscribe_with(id, filters, options, identifier);
    }

    pub(crate) fn subscribe_with(
        &mut self,
        id: ConnectionId,
        filters: &[(&str, QoS)],
        options: SubscriptionOptions,
        identifier: u32,
    ) {
        let filters = filters.iter().map(|&(filter, qos)| SubscriptionBuf {
            filter: filter.to_owned(),
            options: SubscriptionOptions { qos, ..options },
        });
        let identified = self.version == V5_0 && identifier > 0;
        let properties = identified.then(|| PropertyBuf::subscription_identifier(identifier)).into_iter().collect();
        let packet = SubscribeBuf { packet_id: 900, properties, filters: filters.collect() };
        self.send(id, PacketBuf::Subscribe(packet));
    }

    /// The bytes sent last to a connection.
    pub(crate) fn last_sent(&self, id: ConnectionId) -> Vec<u8> {
        let sent = self.log.iter().rev().find_map(|(_, output)| match output {
            Output::Send { connection, bytes } if *connection == id => Some(bytes.clone()),
            _ => None,
        });
        sent.unwrap_or_default()
    }
}
