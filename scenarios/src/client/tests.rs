//! The reference client against the reference broker, byte for byte and without delay.

use std::time::Duration;

use mqttspec_codec::{ConnectBuf, PacketBuf, PropertyBuf, ProtocolVersion, PublishBuf, QoS, ReasonCode};

use super::{Client, ClientConfig, ClientFault, ClientFaultSet, Command, Output, Refused};
use crate::Time;
use crate::broker::{self, Broker, BrokerConfig, ConnectionId};
use crate::model::{connect, disconnect, publish, subscribe};

/// One client and one broker; what travels is written down.
struct Pair {
    client: Client,
    broker: Broker,
    connection: Option<ConnectionId>,
    now: Time,
    sent: Vec<PacketBuf>,
    messages: Vec<PublishBuf>,
}

impl Pair {
    fn new(client: ClientConfig) -> Self {
        Self {
            client: Client::new(client),
            broker: Broker::new(BrokerConfig::default()),
            connection: None,
            now: Time::from_secs(1),
            sent: Vec::new(),
            messages: Vec::new(),
        }
    }

    fn of(version: ProtocolVersion) -> Self {
        Self::new(ClientConfig::new(version, "ann"))
    }

    fn ask(&mut self, command: Command) {
        self.client.command(command, self.now).unwrap();
    }

    fn connect(&mut self, clean_start: bool) {
        let mut packet = connect(self.client.config().version, "ann");
        packet.clean_start = clean_start;
        packet.keep_alive = 10;
        if packet.version == ProtocolVersion::V5_0 {
            packet.properties.push(PropertyBuf::session_expiry_interval(100));
        }
        self.ask(Command::Connect(Box::new(packet)));
    }

    /// Carries bytes until nothing moves; those of the broker are lost when `deaf`.
    fn run(&mut self, deaf: bool) {
        loop {
            let mut moved = false;
            while let Some(output) = self.client.poll_output() {
                moved = true;
                match output {
                    Output::Open => self.connection = Some(self.broker.open(self.now)),
                    Output::Send(bytes) => {
                        self.sent.push(PacketBuf::decode(&bytes, self.client.config().version).unwrap());
                        self.broker.receive(self.connection.unwrap(), &bytes, self.now);
                    }
                    Output::Close => self.broker.closed(self.connection.take().unwrap(), self.now),
                    Output::Message(message) => self.messages.push(message),
                }
            }
            while let Some(output) = self.broker.poll_output() {
                moved = true;
                match output {
                    broker::Output::Send { bytes, .. } if !deaf => self.client.receive(&bytes, self.now),
                    broker::Output::Close { .. } => self.client.closed(self.now),
                    broker::Output::Send { .. } => {}
                }
            }
            if !moved {
                return;
            }
        }
    }

    fn publishes(&self) -> Vec<(bool, Option<u16>)> {
        let of = |packet: &PacketBuf| match packet {
            PacketBuf::Publish(publish) => Some((publish.dup, publish.packet_id)),
            _ => None,
        };
        self.sent.iter().filter_map(of).collect()
    }
}

fn at(qos: QoS, payload: &str) -> Command {
    Command::Publish(PublishBuf { qos, ..publish("t", payload) })
}

#[test]
fn messages_of_every_qos_go_there_and_come_back_once() {
    for version in ProtocolVersion::ALL {
        let mut pair = Pair::of(version);
        pair.connect(true);
        pair.run(false);
        pair.ask(Command::Subscribe(subscribe(0, "t", QoS::ExactlyOnce)));
        pair.run(false);
        for qos in QoS::ALL {
            pair.ask(at(qos, "m"));
            pair.run(false);
        }
        let qos: Vec<_> = pair.messages.iter().map(|message| message.qos).collect();
        assert_eq!(qos, QoS::ALL, "{version}");
        assert!(pair.client.session.messages.is_empty(), "{version}");
        assert!(pair.client.session.received.is_empty(), "{version}");
    }
}

#[test]
fn a_resumed_session_sends_again_what_is_owed_and_a_new_one_does_not() {
    for version in [ProtocolVersion::V3_1_1, ProtocolVersion::V5_0] {
        for (resumes, expected) in [
            (true, vec![(false, Some(1)), (false, Some(2)), (true, Some(1)), (true, Some(2))]),
            (false, vec![(false, Some(1)), (false, Some(2))]),
        ] {
            let mut pair = Pair::of(version);
            pair.connect(false);
            pair.run(false);
            pair.ask(at(QoS::AtLeastOnce, "one"));
            pair.ask(at(QoS::ExactlyOnce, "two"));
            pair.run(true);
            pair.ask(Command::Drop);
            pair.run(false);
            pair.connect(!resumes);
            pair.run(false);
            assert_eq!(pair.publishes(), expected, "{version}, resumes: {resumes}");
            assert!(pair.client.session.messages.is_empty());
        }
    }
}

#[test]
fn it_pings_within_the_keep_alive() {
    let mut pair = Pair::of(ProtocolVersion::V5_0);
    pair.connect(true);
    pair.run(false);
    assert_eq!(pair.client.next_timeout(), Some(pair.now + Duration::from_millis(7_500)));
    pair.now += Duration::from_millis(7_500);
    pair.client.handle_timeout(pair.now);
    pair.run(false);
    assert_eq!(pair.sent.last(), Some(&PacketBuf::PingReq));
    assert!(pair.client.link.as_ref().unwrap().pinged.is_none(), "the broker answered");
}

#[test]
fn it_keeps_to_the_receive_maximum_of_the_server() {
    let mut pair = Pair::of(ProtocolVersion::V5_0);
    pair.connect(true);
    pair.run(false);
    for n in 0..40 {
        pair.ask(at(QoS::AtLeastOnce, &n.to_string()));
    }
    pair.run(true);
    assert_eq!(pair.publishes().len(), 16);
}

#[test]
fn it_closes_on_malformed_packets_and_protocol_errors() {
    for version in ProtocolVersion::ALL {
        // PINGRESP with a flag, PINGREQ, PUBLISH with QoS 3.
        for bytes in [&[0xD1, 0x00][..], &[0xC0, 0x00], &[0x36, 0x05, 0, 1, b't', 0, 1]] {
            let mut pair = Pair::of(version);
            pair.connect(true);
            pair.run(false);
            pair.client.receive(bytes, pair.now);
            pair.run(false);
            assert!(!pair.client.has_connection(), "{version} {bytes:?}");
            let says_why = matches!(pair.sent.last(), Some(PacketBuf::Disconnect(d)) if d.reason_code.is_error());
            assert_eq!(says_why, version == ProtocolVersion::V5_0, "{version} {bytes:?}");
        }
    }
}

#[test]
fn it_refuses_what_the_standard_forbids() {
    let mut pair = Pair::of(ProtocolVersion::V5_0);
    let now = pair.now;
    assert_eq!(pair.client.command(Command::Ping, now), Err(Refused::NotConnected));
    pair.connect(true);
    pair.run(false);
    let again = Command::Connect(Box::new(ConnectBuf { ..connect(ProtocolVersion::V5_0, "ann") }));
    assert_eq!(pair.client.command(again, now), Err(Refused::AlreadyConnected));
    assert_eq!(pair.client.command(Command::Publish(publish("a/#", "m")), now), Err(Refused::NotAllowed));
    assert_eq!(pair.client.command(Command::Reauthenticate, now), Err(Refused::NotAllowed));
    let mut expiring = disconnect(ReasonCode::NORMAL_DISCONNECTION);
    expiring.properties.push(PropertyBuf::session_expiry_interval(0));
    pair.ask(Command::Disconnect(expiring));
    pair.run(false);
    assert!(!pair.client.session.held, "Session Expiry Interval 0 in DISCONNECT ends the session");
}

#[test]
fn faults_of_form_send_what_does_not_decode() {
    let fault = ClientFault::PublishQos3;
    let mut pair =
        Pair::new(ClientConfig::new(ProtocolVersion::V3_1_1, "ann").with_faults(ClientFaultSet::only(fault)));
    pair.connect(true);
    pair.run(false);
    pair.ask(at(QoS::AtLeastOnce, "m"));
    let Some(Output::Send(bytes)) = pair.client.poll_output() else { panic!("a PUBLISH is due") };
    assert_eq!(bytes[0], 0x36);
    assert!(PacketBuf::decode(&bytes, ProtocolVersion::V3_1_1).is_err());
}
