//! Nothing allocates on the way from bytes to a borrowed packet, or from a packet into a buffer with room.

// Clippy allows `unwrap` in test functions; here the helpers around them may panic as well.
#![allow(clippy::unwrap_used)]

use std::hint::black_box;

use allocation_counter::measure;
use bytes::BytesMut;
use mqttspec_bench::packet_set;
use mqttspec_codec::{
    Mutation, Packet, PacketBuf, PacketType, Properties, Property, PropertyContext, ProtocolVersion, Utf8Str, decode,
    decode_next, decode_next_with, samples,
};

/// Every packet there is to measure, with its bytes.
fn packets(version: ProtocolVersion) -> Vec<(PacketBuf, Vec<u8>)> {
    let set = packet_set(version).into_iter().flat_map(|workload| workload.packets);
    let all: Vec<_> = samples(version).into_iter().chain(set).collect();
    for packet_type in PacketType::ALL.into_iter().filter(|packet_type| packet_type.exists_in(version)) {
        assert!(all.iter().any(|packet| packet.packet_type() == packet_type), "{packet_type} of {version} is missing");
    }
    all.into_iter()
        .map(|packet| (packet.encode(version).unwrap(), packet))
        .map(|(bytes, packet)| (packet, bytes))
        .collect()
}

/// What `work` allocates, over all; what it returns is dropped inside.
fn allocations<T>(work: impl FnOnce() -> T) -> u64 {
    measure(|| drop(black_box(work()))).count_total
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| Vec::<u8>::with_capacity(100)), 1);
    assert!(allocations(|| (0..100).map(|at| vec![at]).collect::<Vec<_>>()) > 100);
}

#[test]
fn decoding_allocates_nothing() {
    for version in ProtocolVersion::ALL {
        for (packet, bytes) in packets(version) {
            assert_eq!(allocations(|| decode(&bytes, version).unwrap()), 0, "{version} {packet:?}");
            let mut stream = bytes.as_slice();
            assert_eq!(allocations(|| decode_next(&mut stream, version).unwrap()), 0, "{version} {packet:?}");
            assert!(stream.is_empty());
            let (mut stream, mut seen) = (bytes.as_slice(), 0);
            let mut count = |_: PropertyContext, _: Property<'_>| seen += 1;
            let counted = allocations(|| decode_next_with(&mut stream, version, &mut count).unwrap());
            assert_eq!(counted, 0, "{version} {packet:?}");
            assert!(seen >= packet.properties().len());
        }
    }
}

#[test]
fn refusing_allocates_nothing() {
    for version in ProtocolVersion::ALL {
        for packet in samples(version) {
            for mutation in Mutation::ALL {
                let Some(bytes) = mutation.apply(&packet, version) else { continue };
                assert_eq!(allocations(|| decode(&bytes, version)), 0, "{version} {mutation:?} {packet:?}");
            }
        }
    }
}

/// Looks at every field that is not simply there; returns how many bytes it saw, so that nothing is optimised away.
fn look(packet: &Packet<'_>) -> usize {
    let each =
        |properties: &Properties<'_>| properties.iter().filter(|property| black_box(property).id.value() > 0).count();
    let text = |string: Utf8Str<'_>| black_box(string.as_str()).len();
    match packet {
        Packet::Connect(p) => {
            let will = p.will().map_or(0, |will| each(&will.properties) + text(will.topic) + will.payload.len());
            let credentials = p.user_name().map_or(0, text) + p.password().map_or(0, <[u8]>::len);
            each(&p.properties) + text(p.client_id) + will + credentials
        }
        Packet::ConnAck(p) => each(&p.properties),
        Packet::Publish(p) => {
            each(&p.properties) + text(p.topic) + p.payload.len() + usize::from(p.has_declared_format())
        }
        Packet::PubAck(p) | Packet::PubRec(p) | Packet::PubRel(p) | Packet::PubComp(p) => each(&p.properties),
        Packet::Subscribe(p) => {
            each(&p.properties) + p.filters.iter().map(|subscription| text(subscription.filter)).sum::<usize>()
        }
        Packet::SubAck(p) => each(&p.properties) + p.reason_codes.iter().count(),
        Packet::Unsubscribe(p) => each(&p.properties) + p.filters.iter().map(text).sum::<usize>(),
        Packet::UnsubAck(p) => each(&p.properties) + p.reason_codes.iter().count(),
        Packet::Disconnect(p) => each(&p.properties),
        Packet::Auth(p) => each(&p.properties),
        Packet::PingReq | Packet::PingResp => 0,
    }
}

#[test]
fn looking_at_the_fields_allocates_nothing() {
    for version in ProtocolVersion::ALL {
        for (packet, bytes) in packets(version) {
            let decoded = decode(&bytes, version).unwrap();
            assert_eq!(allocations(|| look(&decoded)), 0, "{version} {packet:?}");
        }
    }
}

#[test]
fn encoding_into_a_buffer_with_room_allocates_nothing() {
    for version in ProtocolVersion::ALL {
        for (packet, bytes) in packets(version) {
            let decoded = decode(&bytes, version).unwrap();
            // Encoding what was built by hand and what was decoded are different paths.
            for (from, borrowed) in [("built", packet.as_packet()), ("decoded", decoded)] {
                let context = || format!("{version} {from} {packet:?}");
                let len = borrowed.encoded_len(version).unwrap();
                assert_eq!(allocations(|| borrowed.encoded_len(version)), 0, "{}", context());
                let mut vec = Vec::with_capacity(len);
                assert_eq!(allocations(|| borrowed.encode(version, &mut vec).unwrap()), 0, "{}", context());
                assert_eq!(vec, bytes, "{}", context());
                let mut buffer = BytesMut::with_capacity(len);
                assert_eq!(allocations(|| borrowed.encode(version, &mut buffer).unwrap()), 0, "{}", context());
                assert_eq!(buffer, bytes, "{}", context());
                let mut header = Vec::with_capacity(len);
                let counted = allocations(|| borrowed.encode_parts(version, &mut header).unwrap().len());
                assert_eq!(counted, 0, "{}", context());
                assert!(bytes.starts_with(&header), "{}", context());
            }
        }
    }
}

#[test]
fn encoding_into_an_empty_vec_allocates_once() {
    for version in ProtocolVersion::ALL {
        for (packet, _) in packets(version) {
            assert_eq!(allocations(|| packet.encode(version).unwrap()), 1, "{version} {packet:?}");
        }
    }
}
