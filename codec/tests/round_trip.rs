//! The round-trip laws, for any valid packet of any type and version.

mod common;

use bytes::Bytes;
use common::{packet, packet_of, versioned_packet};
use mqttspec_codec::{
    EncodeError, FrameDecoder, Packet, PacketBuf, PacketBytes, PacketType, Property, PropertyContext, ProtocolVersion,
    decode, decode_next, decode_with, frame_len,
};
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
    fn one_after_the_other_out_of_a_stream((version, packet) in versioned_packet(), cut: Index, tail: Vec<u8>) {
        let bytes = packet.encode(version).unwrap();
        let mut stream = &bytes[..cut.index(bytes.len())];
        let before = stream;
        prop_assert_eq!(decode_next(&mut stream, version), Ok(None));
        prop_assert_eq!(stream, before, "nothing is taken until all has come");
        let more = [bytes.as_slice(), &tail].concat();
        let mut stream = more.as_slice();
        prop_assert_eq!(decode_next(&mut stream, version), Ok(Some(packet.as_packet())));
        prop_assert_eq!(stream, tail.as_slice());
    }

    #[test]
    fn the_owned_form_is_the_borrowed_one((version, packet) in versioned_packet()) {
        let frame = Bytes::from(packet.encode(version).unwrap());
        let owned = PacketBytes::decode(frame.clone(), version).unwrap();
        prop_assert_eq!(owned.packet(), packet.as_packet());
        prop_assert_eq!(owned.packet_type(), packet.packet_type());
        prop_assert_eq!(owned.frame(), &frame);
        prop_assert_eq!(format!("{owned:?}"), format!("{:?}", packet.as_packet()));
        let mut again = Vec::new();
        owned.packet().encode(version, &mut again).unwrap();
        prop_assert_eq!(&again, &frame);
        prop_assert_eq!(&owned.clone(), &owned);
        if let Packet::Publish(publish) = owned.packet() {
            let payload = owned.share(publish.payload);
            prop_assert_eq!(&payload, publish.payload);
            prop_assert!(payload.is_empty() || payload.as_ptr() == publish.payload.as_ptr(), "the payload was copied");
        }
    }

    #[test]
    fn a_visitor_sees_every_property_in_order((version, packet) in versioned_packet()) {
        let bytes = packet.encode(version).unwrap();
        let [mut of_packet, mut of_will] = [vec![], vec![]];
        let mut visitor = |context, property: Property<'_>| match context {
            PropertyContext::Will => of_will.push(property.to_buf()),
            PropertyContext::Packet(_) => of_packet.push(property.to_buf()),
        };
        decode_with(&bytes, version, &mut visitor).unwrap();
        let expected = if version.has_properties() { packet.properties() } else { &[] };
        prop_assert_eq!(of_packet, expected);
        let will = match &packet {
            PacketBuf::Connect(connect) => connect.will.as_ref().map_or(vec![], |will| will.properties.clone()),
            _ => vec![],
        };
        prop_assert_eq!(of_will, will);
    }

    #[test]
    fn header_and_payload_are_the_packet((version, packet) in versioned_packet()) {
        let bytes = packet.encode(version).unwrap();
        let mut parts = Vec::new();
        let borrowed = packet.as_packet();
        let payload = borrowed.encode_parts(version, &mut parts).unwrap();
        prop_assert_eq!(payload.is_empty(), !matches!(&packet, PacketBuf::Publish(p) if !p.payload.is_empty()));
        parts.extend_from_slice(payload);
        prop_assert_eq!(&parts, &bytes);
        let mut room = vec![0; bytes.len()];
        packet.as_packet().encode(version, &mut room.as_mut_slice()).unwrap();
        prop_assert_eq!(&room, &bytes, "a slice of the exact size is enough");
        room.pop();
        let too_small = packet.as_packet().encode(version, &mut room.as_mut_slice());
        prop_assert_eq!(too_small, Err(EncodeError::NoRoom { needed: bytes.len() as u32, room: bytes.len() as u32 - 1 }));
        prop_assert_eq!(&room, &bytes[..room.len()], "nothing was written");
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
