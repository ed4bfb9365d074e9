//! The monitor watches random conversations with the reference broker: it finds nothing on the honest one and on its
//! legal variants, and finds what it is there to find on faulty ones.
//!
//! Bytes travel with a delay in both directions, so that packets cross each other, connections are taken over while
//! packets are under way, and whatever is under way when a connection ends is lost or arrives late.

// Clippy allows `unwrap` in test functions; here the helpers around them may panic as well.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use mqttspec_codec::{
    AckBuf, ConnectBuf, DisconnectBuf, FrameDecoder, PacketBuf, PropertyBuf, ProtocolVersion, PublishBuf, QoS,
    ReasonCode, RetainHandling, SubscribeBuf, SubscriptionBuf, SubscriptionOptions, UnsubscribeBuf,
};
use mqttspec_scenarios::broker::{Broker, BrokerConfig, ConnectionId, Fault, FaultSet, Output, Variant, VariantSet};
use mqttspec_scenarios::model::{connect, publish, will};
use mqttspec_scenarios::monitor::Owed;
use mqttspec_scenarios::statements::Level;
use mqttspec_scenarios::{Finding, Monitor, Time};

const CLIENTS: [&str; 3] = ["ann", "bea", "cyd"];
const TOPICS: [&str; 6] = ["a", "a/b", "a/b/c", "b", "A/b", "$x/a"];
const FILTERS: [&str; 9] = ["a", "a/+", "a/#", "#", "+/b", "b", "$x/#", "$share/g/a/#", "$share/h/b"];
const STEPS: usize = 400;
/// Histories of each version with the honest broker.
const HONEST_SEEDS: u64 = 150;
/// Histories of each version with each variant.
const VARIANT_SEEDS: u64 = 6;
/// Histories in which a fault must be noticed at least once.
const FAULT_SEEDS: u64 = 30;

#[test]
fn the_honest_broker_is_never_accused() {
    for version in ProtocolVersion::ALL {
        for seed in 0..HONEST_SEEDS {
            let findings = History::play(version, BrokerConfig::default(), seed);
            assert!(findings.is_empty(), "{version}, seed {seed}: {findings:#?}");
        }
    }
}

#[test]
fn no_legal_variant_is_ever_accused() {
    for version in ProtocolVersion::ALL {
        for variant in Variant::ALL {
            for seed in 0..VARIANT_SEEDS {
                let config = BrokerConfig { variants: VariantSet::only(*variant), ..BrokerConfig::default() };
                let findings = History::play(version, config, seed);
                assert!(findings.is_empty(), "{version}, {}, seed {seed}: {findings:#?}", variant.id());
            }
        }
    }
}

/// What the monitor notices by itself, under the statement that the fault breaks, in 5.0.
const NOTICED_IN_5: &[Fault] = &[
    Fault::AnswerQos2WithPubAck,
    Fault::ConnAckReservedFlag,
    Fault::DeliverAtGrantedQos,
    Fault::DeliverAtPublishedQos,
    Fault::DisconnectUndefinedReason,
    Fault::DisconnectWithSessionExpiry,
    Fault::DupAtFirstQos1Delivery,
    Fault::DupAtQos0,
    Fault::ExceedTopicAliasMaximum,
    Fault::FoldTopicCase,
    Fault::IgnoreNoLocal,
    Fault::OmitPropertyLength,
    Fault::OmitSubscriptionIdentifier,
    Fault::PubAckTooLarge,
    Fault::PubAckUndefinedReason,
    Fault::PubAckWrongIdentifier,
    Fault::PubCompUndefinedReason,
    Fault::PubRecTooLarge,
    Fault::PubRecUndefinedReason,
    Fault::PubRecWrongIdentifier,
    Fault::PubRelUndefinedReason,
    Fault::RetainHandling2Sends,
    Fault::ReusePacketIdentifier,
    Fault::SendAfterDisconnect,
    Fault::SendBeforeConnAck,
    Fault::SendPacketIdentifierZero,
    Fault::SendWrongFixedHeaderFlags,
    Fault::SessionPresentAtCleanStart,
    Fault::StoreUnretained,
    Fault::SubAckGrantsTooMuch,
    Fault::SubAckUndefinedReason,
    Fault::SubAckWrongIdentifier,
    Fault::UninvitedAuthenticationMethod,
    Fault::UninvitedTopicAlias,
    Fault::UnrequestedProblemInformation,
    Fault::UnrequestedResponseInformation,
    Fault::UnsubAckUndefinedReason,
    Fault::UnsubAckWrongIdentifier,
];

/// The same in 3.1.1.
const NOTICED_IN_3_1_1: &[Fault] = &[
    Fault::AnswerQos2WithPubAck,
    Fault::DeliverAtGrantedQos,
    Fault::DeliverAtPublishedQos,
    Fault::DupAtFirstQos1Delivery,
    Fault::DupAtQos0,
    Fault::FilterMatchesPrefix,
    Fault::FoldTopicCase,
    Fault::ForwardKeepsRetain,
    Fault::PubAckWrongIdentifier,
    Fault::PubRecWrongIdentifier,
    Fault::RedeliverWithoutDup,
    Fault::RetainWillAlways,
    Fault::ReusePacketIdentifier,
    Fault::SendBeforeConnAck,
    Fault::SendPacketIdentifierZero,
    Fault::SendWrongFixedHeaderFlags,
    Fault::SessionPresentAtCleanStart,
    Fault::StoreUnretained,
    Fault::SubAckGrantsTooMuch,
    Fault::SubAckTooFewCodes,
    Fault::SubAckUndefinedReason,
    Fault::SubAckWrongIdentifier,
    Fault::UnsubAckWrongIdentifier,
    Fault::WildcardMatchesDollar,
];

#[test]
fn faults_are_noticed_under_the_statement_they_break() {
    let mut missed = Vec::new();
    for (version, faults) in [(ProtocolVersion::V5_0, NOTICED_IN_5), (ProtocolVersion::V3_1_1, NOTICED_IN_3_1_1)] {
        for fault in faults {
            let own = fault.statement(version).unwrap();
            let config = BrokerConfig { faults: FaultSet::only(*fault), ..BrokerConfig::default() };
            let noticed = (0..FAULT_SEEDS)
                .any(|seed| History::play(version, config.clone(), seed).iter().any(|f| f.statement == own));
            if !noticed {
                missed.push(format!("{version} {}", fault.id()));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}

/// A conversation of three clients with one broker.
struct History {
    version: ProtocolVersion,
    random: Random,
    broker: Broker,
    monitor: Monitor,
    now: Time,
    event: usize,
    wires: Vec<Wire>,
    by_id: BTreeMap<ConnectionId, usize>,
    next_packet_id: u16,
    messages: u32,
}

/// One connection: what is under way in both directions.
struct Wire {
    id: ConnectionId,
    client: usize,
    open: bool,
    connected: bool,
    to_broker: VecDeque<Vec<u8>>,
    from_broker: VecDeque<Result<Vec<u8>, ()>>,
    frames: FrameDecoder,
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

impl History {
    /// Plays one history. Observations (level `may`) are left out.
    fn play(version: ProtocolVersion, config: BrokerConfig, seed: u64) -> Vec<Finding> {
        let mut history = Self {
            version,
            random: Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5DEE_CE66),
            broker: Broker::new(config),
            monitor: Monitor::new(version),
            now: Time::ZERO,
            event: 0,
            wires: Vec::new(),
            by_id: BTreeMap::new(),
            next_packet_id: 0,
            messages: 0,
        };
        for _ in 0..STEPS {
            history.step();
        }
        // Everything under way arrives.
        for _ in 0..2_000 {
            history.pass_time();
            for wire in 0..history.wires.len() {
                history.carry_to_broker(wire);
                history.carry_to_client(wire);
            }
        }
        // The full patience for whatever is owed.
        for _ in 0..5 {
            history.now += Duration::from_secs(1);
            history.pass_time();
            for wire in 0..history.wires.len() {
                history.carry_to_client(wire);
            }
        }
        // And all the time that there is for what is sent again.
        while let Owed::Eventually(_) = history.monitor.owed() {
            history.now += Duration::from_secs(1);
            history.pass_time();
            for wire in 0..history.wires.len() {
                history.carry_to_client(wire);
            }
        }
        history.monitor.settle();
        history.monitor.take_findings().into_iter().filter(|finding| finding.level != Level::May).collect()
    }

    fn step(&mut self) {
        self.pass_time();
        let live: Vec<usize> = (0..self.wires.len()).filter(|wire| self.wires[*wire].open).collect();
        if live.len() < 2 || self.random.one_in(25) {
            return self.open();
        }
        let wire = self.random.pick(&live);
        match self.random.below(20) {
            0..=6 => self.carry_to_broker(wire),
            7..=13 => self.carry_to_client(wire),
            _ if !self.wires[wire].connected => self.carry_to_client(wire),
            14 => self.subscribe(wire),
            15 | 16 => self.publish(wire),
            17 => self.unsubscribe(wire),
            18 => self.send(wire, &PacketBuf::PingReq),
            _ => self.end(wire),
        }
    }

    fn pass_time(&mut self) {
        self.now += Duration::from_millis(1);
        self.broker.handle_timeout(self.now);
        self.monitor.at(self.now);
        self.collect();
    }

    fn open(&mut self) {
        let client = self.random.below(CLIENTS.len());
        // Connections of one client that overlap before they are answered tell little: let them be rare.
        if self.wires.iter().any(|wire| wire.client == client && wire.open && !wire.connected)
            && !self.random.one_in(60)
        {
            return;
        }
        let wire = self.wires.len();
        let id = self.broker.open(self.now);
        self.by_id.insert(id, wire);
        let mut packet = ConnectBuf { clean_start: self.random.one_in(3), ..connect(self.version, CLIENTS[client]) };
        if self.version == ProtocolVersion::V5_0 {
            let properties = &mut packet.properties;
            if !self.random.one_in(4) {
                properties.push(PropertyBuf::session_expiry_interval(1_000));
            }
            if self.random.one_in(2) {
                properties.push(PropertyBuf::receive_maximum(1 + self.random.below(3) as u16));
            }
            if self.random.one_in(3) {
                let alias_maximum = 1 + self.random.below(2) as u16;
                properties.push(PropertyBuf::topic_alias_maximum(alias_maximum));
            }
            if self.random.one_in(4) {
                properties.push(PropertyBuf::maximum_packet_size(40 + self.random.below(60) as u32));
            }
            if self.random.one_in(3) {
                properties.push(PropertyBuf::request_problem_information(self.random.below(2) as u8));
            }
        }
        if self.random.one_in(3) {
            let mut message = will(self.random.pick(&TOPICS), &format!("will {}", self.random.below(4)));
            message.qos = self.random.pick(&QoS::ALL);
            message.retain = self.random.one_in(2);
            packet.will = Some(message);
        }
        self.wires.push(Wire {
            id,
            client,
            open: true,
            connected: false,
            to_broker: VecDeque::new(),
            from_broker: VecDeque::new(),
            frames: FrameDecoder::new(1 << 20),
        });
        self.monitor.opened(wire, 0);
        self.send(wire, &PacketBuf::Connect(packet));
        self.collect();
    }

    fn end(&mut self, wire: usize) {
        if self.random.one_in(2) {
            let reason_code = if self.version == ProtocolVersion::V5_0 && self.random.one_in(2) {
                ReasonCode::DISCONNECT_WITH_WILL_MESSAGE
            } else {
                ReasonCode::NORMAL_DISCONNECTION
            };
            self.send(wire, &PacketBuf::Disconnect(DisconnectBuf { reason_code, properties: vec![] }));
        }
        // What we sent may arrive before the end, or be lost.
        while !self.wires[wire].to_broker.is_empty() && !self.random.one_in(6) {
            self.carry_to_broker(wire);
        }
        self.close(wire, false);
        let id = self.wires[wire].id;
        self.broker.closed(id, self.now);
        self.collect();
    }

    fn close(&mut self, wire: usize, by_target: bool) {
        self.event += 1;
        self.monitor.closed(wire, self.event, by_target);
        self.wires[wire].open = false;
        self.wires[wire].to_broker.clear();
        self.wires[wire].from_broker.clear();
    }

    fn packet_id(&mut self) -> u16 {
        self.next_packet_id = self.next_packet_id.wrapping_add(1).max(1);
        self.next_packet_id
    }

    fn subscribe(&mut self, wire: usize) {
        let is_5 = self.version == ProtocolVersion::V5_0;
        let packet_id = self.packet_id();
        let filters = (0..1 + self.random.below(2))
            .map(|_| {
                let filter = self.random.pick(&FILTERS).to_owned();
                let shared = filter.starts_with("$share");
                let mut options = SubscriptionOptions { qos: self.random.pick(&QoS::ALL), ..Default::default() };
                if is_5 {
                    options.no_local = !shared && self.random.one_in(4);
                    options.retain_as_published = self.random.one_in(3);
                    options.retain_handling = self.random.pick(&[
                        RetainHandling::SendAtSubscribe,
                        RetainHandling::SendIfNew,
                        RetainHandling::DoNotSend,
                    ]);
                }
                SubscriptionBuf { filter, options }
            })
            .collect();
        let identifier = is_5 && self.random.one_in(2);
        let number = 1 + self.random.below(5) as u32;
        let properties = identifier.then(|| PropertyBuf::subscription_identifier(number)).into_iter().collect();
        self.send(wire, &PacketBuf::Subscribe(SubscribeBuf { packet_id, properties, filters }));
    }

    fn unsubscribe(&mut self, wire: usize) {
        let packet_id = self.packet_id();
        let filters = vec![self.random.pick(&FILTERS).to_owned()];
        self.send(wire, &PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id, properties: vec![], filters }));
    }

    fn publish(&mut self, wire: usize) {
        let qos = self.random.pick(&QoS::ALL);
        let packet_id = (qos != QoS::AtMostOnce).then(|| self.packet_id());
        self.messages += 1;
        let payload = match self.random.below(4) {
            0 => String::new(),
            1 => format!("{}", self.random.below(5)),
            2 => format!("{} {}", self.messages, "x".repeat(self.random.below(60))),
            _ => self.messages.to_string(),
        };
        let retain = self.random.one_in(3);
        let topic = self.random.pick(&TOPICS);
        self.send(wire, &PacketBuf::Publish(PublishBuf { qos, packet_id, retain, ..publish(topic, &payload) }));
    }

    fn send(&mut self, wire: usize, packet: &PacketBuf) {
        let bytes = packet.encode(self.version).unwrap();
        self.event += 1;
        self.monitor.sent(wire, self.event, &bytes);
        self.wires[wire].to_broker.push_back(bytes);
    }

    fn carry_to_broker(&mut self, wire: usize) {
        if let Some(bytes) = self.wires[wire].to_broker.pop_front() {
            let id = self.wires[wire].id;
            self.broker.receive(id, &bytes, self.now);
            self.collect();
        }
    }

    /// What the broker wants sent goes on its way.
    fn collect(&mut self) {
        while let Some(output) = self.broker.poll_output() {
            match output {
                Output::Send { connection, bytes } => {
                    self.wires[self.by_id[&connection]].from_broker.push_back(Ok(bytes));
                }
                Output::Close { connection } => self.wires[self.by_id[&connection]].from_broker.push_back(Err(())),
            }
        }
    }

    fn carry_to_client(&mut self, wire: usize) {
        if !self.wires[wire].open {
            return;
        }
        match self.wires[wire].from_broker.pop_front() {
            Some(Ok(bytes)) => {
                self.wires[wire].frames.push(&bytes);
                while let Ok(Some(frame)) = self.wires[wire].frames.next_frame() {
                    self.event += 1;
                    if let Some(packet) = self.monitor.received(wire, self.event, &frame) {
                        self.answer(wire, &packet);
                    }
                }
            }
            Some(Err(())) => self.close(wire, true),
            None => {}
        }
    }

    fn answer(&mut self, wire: usize, packet: &PacketBuf) {
        let ack = |packet_id| AckBuf { packet_id, reason_code: ReasonCode::SUCCESS, properties: vec![] };
        match packet {
            PacketBuf::ConnAck(connack) => self.wires[wire].connected = connack.reason_code == ReasonCode::SUCCESS,
            // Now and then an answer is left out.
            PacketBuf::Publish(p) => match (p.qos, p.packet_id) {
                (QoS::AtLeastOnce, Some(id)) if !self.random.one_in(6) => {
                    self.send(wire, &PacketBuf::PubAck(ack(id)));
                }
                (QoS::ExactlyOnce, Some(id)) if !self.random.one_in(6) => {
                    let mut pubrec = ack(id);
                    if self.version == ProtocolVersion::V5_0 && self.random.one_in(5) {
                        pubrec.reason_code = ReasonCode::QUOTA_EXCEEDED;
                    }
                    self.send(wire, &PacketBuf::PubRec(pubrec));
                }
                _ => {}
            },
            PacketBuf::PubRec(p) if p.reason_code.0 < 0x80 => self.send(wire, &PacketBuf::PubRel(ack(p.packet_id))),
            PacketBuf::PubRel(p) if !self.random.one_in(6) => self.send(wire, &PacketBuf::PubComp(ack(p.packet_id))),
            _ => {}
        }
    }
}
