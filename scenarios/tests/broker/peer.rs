//! A world with one broker and hand-driven clients, in virtual time.

use std::collections::BTreeMap;
use std::time::Duration;

use mqttspec_codec::{
    AckBuf, AuthBuf, ConnAckBuf, ConnectBuf, DisconnectBuf, FrameDecoder, PacketBuf, PropertyBuf, ProtocolVersion,
    PublishBuf, QoS, ReasonCode, SubAckBuf, SubscribeBuf, SubscriptionBuf, SubscriptionOptions, UnsubscribeBuf,
    WillBuf,
};
use mqttspec_scenarios::Time;
use mqttspec_scenarios::broker::{Broker, BrokerConfig, ConnectionId, Fault, Output, Variant};

pub(crate) use ProtocolVersion::{V3_1, V3_1_1, V5_0};

/// Client side of one connection.
struct Peer {
    version: ProtocolVersion,
    frames: FrameDecoder,
    inbox: Vec<PacketBuf>,
    writes: usize,
    closed: bool,
}

/// One broker and its clients.
pub(crate) struct World {
    pub(crate) broker: Broker,
    pub(crate) now: Time,
    peers: BTreeMap<ConnectionId, Peer>,
}

impl World {
    pub(crate) fn new(config: BrokerConfig) -> Self {
        Self { broker: Broker::new(config), now: Time::ZERO, peers: BTreeMap::new() }
    }

    pub(crate) fn honest() -> Self {
        Self::new(BrokerConfig::default())
    }

    pub(crate) fn faulty(fault: Fault) -> Self {
        Self::new(BrokerConfig::with_faults(fault))
    }

    pub(crate) fn varied(variant: Variant) -> Self {
        Self::new(BrokerConfig::with_variants(variant))
    }

    pub(crate) fn open(&mut self, version: ProtocolVersion) -> ConnectionId {
        let id = self.broker.open(self.now);
        let peer = Peer { version, frames: FrameDecoder::new(1 << 28), inbox: Vec::new(), writes: 0, closed: false };
        self.peers.insert(id, peer);
        self.settle();
        id
    }

    pub(crate) fn send_bytes(&mut self, id: ConnectionId, bytes: &[u8]) {
        self.broker.receive(id, bytes, self.now);
        self.settle();
    }

    pub(crate) fn send(&mut self, id: ConnectionId, packet: PacketBuf) {
        let bytes = packet.encode(self.peers[&id].version).unwrap();
        self.send_bytes(id, &bytes);
    }

    pub(crate) fn drop_connection(&mut self, id: ConnectionId) {
        self.broker.closed(id, self.now);
        self.settle();
    }

    /// Lets time pass, and everything happen that is due, each thing at its own moment.
    pub(crate) fn wait(&mut self, duration: Duration) {
        let until = self.now + duration;
        while let Some(at) = self.broker.next_timeout().filter(|&at| at <= until) {
            assert!(at >= self.now, "a deadline in the past: {at} at {}", self.now);
            self.now = at;
            self.broker.handle_timeout(at);
            self.settle();
            assert_ne!(self.broker.next_timeout(), Some(at), "the deadline at {at} was not dealt with");
        }
        self.now = until;
    }

    pub(crate) fn wait_secs(&mut self, secs: u64) {
        self.wait(Duration::from_secs(secs));
    }

    fn settle(&mut self) {
        while let Some(output) = self.broker.poll_output() {
            match output {
                Output::Send { connection, bytes } => {
                    let peer = self.peers.get_mut(&connection).unwrap();
                    assert!(!peer.closed, "bytes after close");
                    peer.writes += 1;
                    peer.frames.push(&bytes);
                    while let Some(frame) = peer.frames.next_frame().unwrap() {
                        let packet = PacketBuf::decode(&frame, peer.version)
                            .unwrap_or_else(|error| panic!("the broker sent {frame:02X?}: {error}"));
                        peer.inbox.push(packet);
                    }
                }
                Output::Close { connection } => self.peers.get_mut(&connection).unwrap().closed = true,
            }
        }
    }

    /// Everything received since the last call.
    pub(crate) fn take(&mut self, id: ConnectionId) -> Vec<PacketBuf> {
        std::mem::take(&mut self.peers.get_mut(&id).unwrap().inbox)
    }

    /// The one packet received since the last call.
    pub(crate) fn one(&mut self, id: ConnectionId) -> PacketBuf {
        let mut packets = self.take(id);
        assert_eq!(packets.len(), 1, "{packets:#?}");
        packets.remove(0)
    }

    pub(crate) fn nothing(&mut self, id: ConnectionId) {
        assert_eq!(self.take(id), []);
        assert!(!self.is_closed(id));
    }

    pub(crate) fn is_closed(&self, id: ConnectionId) -> bool {
        self.peers[&id].closed
    }

    pub(crate) fn writes(&self, id: ConnectionId) -> usize {
        self.peers[&id].writes
    }

    /// The connection has ended with exactly these packets.
    pub(crate) fn ended_with(&mut self, id: ConnectionId, packets: &[PacketBuf]) {
        assert_eq!(self.take(id), packets);
        assert!(self.is_closed(id), "still open");
    }

    /// The connection has ended with a DISCONNECT for this reason in 5.0, or with nothing in 3.x.
    pub(crate) fn ended(&mut self, id: ConnectionId, reason: ReasonCode) {
        let farewell = match self.peers[&id].version {
            V5_0 => vec![PacketBuf::Disconnect(DisconnectBuf { reason_code: reason, properties: vec![] })],
            _ => vec![],
        };
        self.ended_with(id, &farewell);
    }

    /// Still answers a PINGREQ, with nothing before.
    pub(crate) fn alive(&mut self, id: ConnectionId) {
        self.send(id, PacketBuf::PingReq);
        assert_eq!(self.one(id), PacketBuf::PingResp);
    }

    /// Opens a connection and sends CONNECT; returns it with the answer.
    pub(crate) fn try_connect(&mut self, connect: ConnectBuf) -> (ConnectionId, Vec<PacketBuf>) {
        let id = self.open(connect.version);
        self.send(id, PacketBuf::Connect(connect));
        let answer = self.take(id);
        (id, answer)
    }

    /// Connects and expects success, and nothing after it.
    pub(crate) fn connect(&mut self, connect: ConnectBuf) -> ConnectionId {
        let (id, mut answer) = self.try_connect(connect);
        assert_eq!(answer.len(), 1, "{answer:#?}");
        assert_eq!(connack(answer.remove(0)).reason_code, ReasonCode::SUCCESS);
        id
    }

    /// Connects to a session that must be there, and returns what was sent after CONNACK.
    pub(crate) fn resume(&mut self, connect: ConnectBuf) -> (ConnectionId, Vec<PacketBuf>) {
        let version = connect.version;
        let (id, mut answer) = self.try_connect(connect);
        let connack = connack(answer.remove(0));
        assert_eq!((connack.reason_code, connack.session_present), (ReasonCode::SUCCESS, version != V3_1));
        (id, answer)
    }

    /// A client with a clean session.
    pub(crate) fn client(&mut self, version: ProtocolVersion, client_id: &str) -> ConnectionId {
        self.connect(clean(version, client_id))
    }

    pub(crate) fn subscribe(&mut self, id: ConnectionId, filter: &str, qos: QoS) -> SubAckBuf {
        self.subscribe_with(id, filter, SubscriptionOptions { qos, ..Default::default() }, vec![])
    }

    /// Subscribes; what else came, came before or after the SUBACK, stays in the inbox.
    pub(crate) fn subscribe_with(
        &mut self,
        id: ConnectionId,
        filter: &str,
        options: SubscriptionOptions,
        properties: Vec<PropertyBuf>,
    ) -> SubAckBuf {
        let filters = vec![SubscriptionBuf { filter: filter.to_owned(), options }];
        self.send(id, PacketBuf::Subscribe(SubscribeBuf { packet_id: 999, properties, filters }));
        let inbox = &mut self.peers.get_mut(&id).unwrap().inbox;
        let at = inbox.iter().position(|p| matches!(p, PacketBuf::SubAck(_))).expect("no SUBACK");
        match inbox.remove(at) {
            PacketBuf::SubAck(suback) => suback,
            _ => unreachable!(),
        }
    }

    pub(crate) fn unsubscribe(&mut self, id: ConnectionId, filter: &str) {
        let filters = vec![filter.to_owned()];
        self.send(id, PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id: 998, properties: vec![], filters }));
    }

    /// Publishes, and completes the flow from the publisher's side.
    pub(crate) fn publish(&mut self, id: ConnectionId, publish: PublishBuf) {
        let (qos, packet_id) = (publish.qos, publish.packet_id.unwrap_or(0));
        self.send(id, PacketBuf::Publish(publish));
        let inbox = &mut self.peers.get_mut(&id).unwrap().inbox;
        match qos {
            QoS::AtMostOnce => {}
            QoS::AtLeastOnce => {
                let at = inbox.iter().position(|p| matches!(p, PacketBuf::PubAck(a) if a.packet_id == packet_id));
                inbox.remove(at.expect("no PUBACK"));
            }
            QoS::ExactlyOnce => {
                let at = inbox.iter().position(|p| matches!(p, PacketBuf::PubRec(a) if a.packet_id == packet_id));
                inbox.remove(at.expect("no PUBREC"));
                self.send(id, pubrel(packet_id));
                let inbox = &mut self.peers.get_mut(&id).unwrap().inbox;
                let at = inbox.iter().position(|p| matches!(p, PacketBuf::PubComp(a) if a.packet_id == packet_id));
                inbox.remove(at.expect("no PUBCOMP"));
            }
        }
    }

    /// The PUBLISH packets received since the last call, all else being an error.
    pub(crate) fn publishes(&mut self, id: ConnectionId) -> Vec<PublishBuf> {
        self.take(id).into_iter().map(published).collect()
    }

    /// The payloads of the PUBLISH packets received since the last call.
    pub(crate) fn payloads(&mut self, id: ConnectionId) -> Vec<String> {
        self.publishes(id).into_iter().map(|p| String::from_utf8(p.payload).unwrap()).collect()
    }
}

pub(crate) fn connack(packet: PacketBuf) -> ConnAckBuf {
    match packet {
        PacketBuf::ConnAck(connack) => connack,
        other => panic!("not a CONNACK: {other:?}"),
    }
}

pub(crate) fn published(packet: PacketBuf) -> PublishBuf {
    match packet {
        PacketBuf::Publish(publish) => publish,
        other => panic!("not a PUBLISH: {other:?}"),
    }
}

/// CONNECT with a clean session.
pub(crate) fn clean(version: ProtocolVersion, client_id: &str) -> ConnectBuf {
    ConnectBuf {
        version,
        clean_start: true,
        keep_alive: 0,
        properties: vec![],
        client_id: client_id.to_owned(),
        will: None,
        user_name: None,
        password: None,
    }
}

/// CONNECT to a session that outlives its connections by an hour, or for ever in 3.x.
pub(crate) fn lasting(version: ProtocolVersion, client_id: &str) -> ConnectBuf {
    let properties = if version == V5_0 { vec![PropertyBuf::session_expiry_interval(3_600)] } else { vec![] };
    ConnectBuf { clean_start: false, properties, ..clean(version, client_id) }
}

pub(crate) fn with_properties(mut connect: ConnectBuf, properties: &[PropertyBuf]) -> ConnectBuf {
    connect.properties.extend_from_slice(properties);
    connect
}

pub(crate) fn with_will(connect: ConnectBuf, payload: &str) -> ConnectBuf {
    let will = WillBuf {
        qos: QoS::AtLeastOnce,
        retain: false,
        properties: vec![],
        topic: "will".to_owned(),
        payload: payload.as_bytes().to_vec(),
    };
    ConnectBuf { will: Some(will), ..connect }
}

pub(crate) fn message(topic: &str, payload: &str, qos: QoS) -> PublishBuf {
    PublishBuf {
        dup: false,
        qos,
        retain: false,
        topic: topic.to_owned(),
        packet_id: (qos != QoS::AtMostOnce).then_some(77),
        properties: vec![],
        payload: payload.as_bytes().to_vec(),
    }
}

pub(crate) fn retained(topic: &str, payload: &str, qos: QoS) -> PublishBuf {
    PublishBuf { retain: true, ..message(topic, payload, qos) }
}

pub(crate) fn ack(packet_id: u16, reason_code: ReasonCode) -> AckBuf {
    AckBuf { packet_id, reason_code, properties: vec![] }
}

pub(crate) fn puback(packet_id: u16) -> PacketBuf {
    PacketBuf::PubAck(ack(packet_id, ReasonCode::SUCCESS))
}

pub(crate) fn pubrec(packet_id: u16) -> PacketBuf {
    PacketBuf::PubRec(ack(packet_id, ReasonCode::SUCCESS))
}

pub(crate) fn pubrel(packet_id: u16) -> PacketBuf {
    PacketBuf::PubRel(ack(packet_id, ReasonCode::SUCCESS))
}

pub(crate) fn pubcomp(packet_id: u16) -> PacketBuf {
    PacketBuf::PubComp(ack(packet_id, ReasonCode::SUCCESS))
}

pub(crate) fn disconnect(reason_code: ReasonCode) -> PacketBuf {
    PacketBuf::Disconnect(DisconnectBuf { reason_code, properties: vec![] })
}

pub(crate) fn auth(reason_code: ReasonCode, method: &str, data: Option<Vec<u8>>) -> PacketBuf {
    let properties = std::iter::once(PropertyBuf::authentication_method(method))
        .chain(data.map(PropertyBuf::authentication_data))
        .collect();
    PacketBuf::Auth(AuthBuf { reason_code, properties })
}
