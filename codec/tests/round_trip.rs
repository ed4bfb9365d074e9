//! The round-trip laws, for any valid packet of any type and version.

mod common;

use common::{packet, packet_of, versioned_packet};
use mqttspec_codec::{FrameDecoder, Packet, PacketBuf, PacketType, ProtocolVersion, decode, frame_len};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;

proptest! {
    #![proptest_config(common::config(1024))]

    #[test]
    fn value_to_bytes_to_value((version, packet) in versioned_packet()) {
        let bytes = packet.encode(version).unwrap();
        prop_assert_eq!(PacketBuf::decode(&bytes, version), Ok(packet), "{}", common::bytes::hex(&bytes));
    }

    #[test]
    fn bytes_to_value_to_bytes((version, packet) in versioned_packet()) {
        let bytes = packet.encode(version).unwrap();
        let decoded = decode(&bytes, version).unwrap();
        let mut again = vec![0xAA];
        decoded.encode(version, &mut again).unwrap();
        prop_assert_eq!(&again[1..], bytes.as_slice());
    }

    #[test]
    fn encoded_len_is_exact((version, packet) in versioned_packet()) {
        let bytes = packet.encode(version).unwrap();
        prop_assert_eq!(packet.encoded_len(version), Ok(bytes.len()));
        prop_assert_eq!(decode(&bytes, version).unwrap().encoded_len(version), Ok(bytes.len()));
        prop_assert_eq!(frame_len(&bytes), Ok(Some(bytes.len())));
    }

    #[test]
    fn the_two_views_of_a_packet_agree((version, packet) in versioned_packet()) {
        let bytes = packet.encode(version).unwrap();
        let decoded = decode(&bytes, version).unwrap();
        prop_assert_eq!(decoded, packet.as_packet());
        prop_assert_eq!(decoded.packet_type(), packet.packet_type());
        prop_assert_eq!(format!("{decoded:?}"), format!("{:?}", packet.as_packet()));
    }

    #[test]
    fn different_packets_have_different_bytes(
        (version, a, b) in common::version().prop_flat_map(|v| (Just(v), packet(v), packet(v)))
    ) {
        prop_assume!(a != b);
        prop_assert_ne!(a.encode(version).unwrap(), b.encode(version).unwrap());
        prop_assert_ne!(a.as_packet(), b.as_packet());
    }

    #[test]
    fn no_prefix_of_a_packet_is_a_packet((version, packet) in versioned_packet(), cut: Index) {
        let bytes = packet.encode(version).unwrap();
        prop_assert!(decode(&bytes[..cut.index(bytes.len())], version).is_err());
    }

    #[test]
    fn no_packet_with_bytes_after_it_is_a_packet((version, packet) in versioned_packet(), after: u8) {
        let mut bytes = packet.encode(version).unwrap();
        bytes.push(after);
        prop_assert!(decode(&bytes, version).is_err());
    }

    #[test]
    fn framing_does_not_depend_on_the_split(
        packets in vec(versioned_packet(), 0..6),
        splits in vec(any::<Index>(), 0..8),
    ) {
        let frames: Vec<_> = packets.iter().map(|(version, packet)| packet.encode(*version).unwrap()).collect();
        let stream = frames.concat();
        let mut ends: Vec<_> = splits.iter().map(|split| split.index(stream.len() + 1)).collect();
        ends.push(stream.len());
        ends.sort_unstable();
        let mut decoder = FrameDecoder::new(stream.len().max(2));
        let (mut cut, mut start) = (Vec::new(), 0);
        for end in ends {
            decoder.push(&stream[start..end]);
            start = end;
            while let Some(frame) = decoder.next_frame().unwrap() {
                cut.push(frame);
            }
        }
        prop_assert_eq!(cut, frames);
        prop_assert!(decoder.buffered().is_empty());
    }
}

#[test]
fn every_type_of_every_version_is_generated_as_itself() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for version in ProtocolVersion::ALL {
        for packet_type in PacketType::ALL.into_iter().filter(|packet_type| packet_type.exists_in(version)) {
            let packet = packet_of(packet_type, version).new_tree(&mut runner).unwrap().current();
            assert_eq!(packet.packet_type(), packet_type);
            let bytes = packet.encode(version).unwrap();
            assert_eq!(bytes[0] >> 4, packet_type.value());
            assert_eq!(decode(&bytes, version).as_ref().map(Packet::packet_type), Ok(packet_type));
        }
    }
}
