//! Broken and random input: the broker never panics, with any fault, and the honest one never says anything unsound.

use mqttspec_codec::{FrameDecoder, PacketBuf, PacketType, ProtocolVersion, samples};
use mqttspec_scenarios::Time;
use mqttspec_scenarios::broker::{Broker, BrokerConfig, Fault, Output};

use crate::peer::*;

/// A small generator, so that the test needs no seed from outside.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

/// Sends broken packets on connections of their own, and hands what the broker sends to `check`.
fn torment(config: BrokerConfig, version: ProtocolVersion, rounds: usize, check: impl Fn(&[u8])) {
    let packets: Vec<Vec<u8>> = samples(version)
        .iter()
        .filter(|packet| packet.packet_type() != PacketType::Connect)
        .filter_map(|packet| packet.encode(version).ok())
        .collect();
    let mut broker = Broker::new(config);
    let mut dice = Dice(7);
    for round in 0..rounds {
        let now = Time::from_millis(round as u64 * 10);
        let id = broker.open(now);
        let connect = PacketBuf::Connect(lasting(version, ["a", "b", "c"][dice.roll(3)])).encode(version).unwrap();
        broker.receive(id, &connect, now);
        for _ in 0..4 {
            let mut bytes = packets[dice.roll(packets.len())].clone();
            for _ in 0..dice.roll(3) {
                let at = dice.roll(bytes.len());
                bytes[at] = dice.roll(256) as u8;
            }
            broker.receive(id, &bytes, now);
        }
        if dice.roll(2) == 0 {
            broker.closed(id, now);
        }
        while let Some(output) = broker.poll_output() {
            if let Output::Send { bytes, .. } = output {
                check(&bytes);
            }
        }
    }
}

#[test]
fn honest_answers_to_broken_packets_are_sound() {
    for version in ProtocolVersion::ALL {
        torment(BrokerConfig::default(), version, 3_000, |bytes| {
            let mut frames = FrameDecoder::new(1 << 20);
            frames.push(bytes);
            let frame = frames.next_frame().unwrap().unwrap();
            assert!(PacketBuf::decode(&frame, version).is_ok(), "{version}: {frame:02X?}");
        });
    }
}

#[test]
fn no_fault_makes_it_panic() {
    for version in ProtocolVersion::ALL {
        for &fault in Fault::ALL {
            torment(BrokerConfig::with_faults(fault), version, 40, |_| {});
        }
    }
}
