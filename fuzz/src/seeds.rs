//! Inputs to start from, made from what the codec knows.

use mqttspec_codec::vectors::vectors;
use mqttspec_codec::{Mutation, PacketBuf, ProtocolVersion, RawPacket, samples};

use crate::Input;

/// The longest seed for packets, in bytes: a fuzzer makes more of short ones.
const MAX_PACKET_LEN: usize = 4096;

/// Inputs of random choices that are made, and the longest of them in bytes.
const RANDOM: u64 = 256;
const MAX_RANDOM_LEN: u64 = 512;

/// A seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seed {
    /// A file name that says what it is.
    pub name: String,
    /// The input.
    pub data: Vec<u8>,
}

/// Seeds of this kind: the same ones, in the same order, every time.
///
/// For packets every sample in its shortest and its longest form and under every mutation that applies, and the test
/// vectors; for streams samples one after the other; for choices pseudo-random bytes.
pub fn generated(input: Input) -> Vec<Seed> {
    let mut seeds = match input {
        Input::Packet => ProtocolVersion::ALL.into_iter().flat_map(packets).collect(),
        Input::Stream => ProtocolVersion::ALL.into_iter().flat_map(streams).collect(),
        Input::Choices => (0..RANDOM).map(choices).collect::<Vec<_>>(),
    };
    seeds.sort_by(|a, b| a.data.cmp(&b.data).then_with(|| a.name.cmp(&b.name)));
    seeds.dedup_by(|a, b| a.data == b.data);
    seeds.sort_by(|a, b| a.name.cmp(&b.name));
    seeds
}

fn packets(version: ProtocolVersion) -> Vec<Seed> {
    let vectors = vectors(version).into_iter().filter(|vector| vector.bytes.len() <= MAX_PACKET_LEN);
    let mut seeds: Vec<_> = vectors
        .map(|vector| Seed {
            name: file_name(&format!("{}-vector-{}", version.as_str(), vector.id)),
            data: vector.bytes,
        })
        .collect();
    for (number, packet) in samples(version).iter().enumerate() {
        let name = |what: &str| seed_name(version, packet, number, what);
        let shortest = RawPacket::from_packet(packet, version).to_bytes();
        seeds.push(Seed { name: name("sample"), data: shortest });
        let longest = RawPacket::from_packet_in_full(packet, version).to_bytes();
        seeds.push(Seed { name: name("in-full"), data: longest });
        for mutation in Mutation::ALL {
            if let Some(data) = mutation.apply(packet, version) {
                seeds.push(Seed { name: name(mutation.id()), data });
            }
        }
    }
    seeds
}

fn streams(version: ProtocolVersion) -> Vec<Seed> {
    let packets = samples(version);
    let frames = || packets.iter().map(|packet| RawPacket::from_packet(packet, version).to_bytes());
    let mut seeds = vec![Seed { name: format!("{}-all", version.as_str()), data: frames().flatten().collect() }];
    let breaking = [
        Mutation::RemainingLengthFiveBytes,
        Mutation::RemainingLengthNotMinimal,
        Mutation::RemainingLengthTooLarge,
        Mutation::RemainingLengthTooSmall,
    ];
    for (number, packet) in packets.iter().enumerate() {
        let before: Vec<u8> = frames().skip(number).take(3).flatten().collect();
        let broken = breaking.iter().filter_map(|mutation| Some((mutation.id(), mutation.apply(packet, version)?)));
        for (what, bytes) in [("cut", vec![0x30])].into_iter().chain(broken) {
            let data = [before.as_slice(), &bytes, &[0xC0, 0]].concat();
            seeds.push(Seed { name: seed_name(version, packet, number, what), data });
        }
    }
    seeds
}

fn seed_name(version: ProtocolVersion, packet: &PacketBuf, number: usize, what: &str) -> String {
    let packet_type = packet.packet_type().name().to_lowercase();
    file_name(&format!("{}-{packet_type}-{number}-{what}", version.as_str()))
}

/// Ids as file systems take them.
fn file_name(id: &str) -> String {
    id.replace([':', '/'], ".")
}

fn choices(number: u64) -> Seed {
    let mut state = number;
    let len = random(&mut state) % MAX_RANDOM_LEN;
    let data = (0..len).map(|_| random(&mut state).to_le_bytes()[0]).collect();
    Seed { name: format!("random-{number:03}"), data }
}

/// SplitMix64.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
