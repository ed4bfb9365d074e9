//! The strict decoder and `diagnose` were written apart; they accept and refuse the same bytes.

#![allow(clippy::unwrap_used)] // helpers of tests

mod common;

use mqttspec_codec::*;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// Both readings of `frame`, in every version.
fn check(frame: &[u8]) -> Result<(), TestCaseError> {
    for version in ProtocolVersion::ALL {
        let decoded = decode(frame, version);
        let diagnosis = diagnose(frame, version);
        let text = render::annotated_hex(frame, version);
        prop_assert_eq!(decoded.is_ok(), diagnosis.is_valid(), "{} {:?} {:#?}\n{}", version, decoded, diagnosis, text);
        render::one_line_bytes(frame, version);
        let Err(error) = decoded else { continue };
        // Any of several errors may be reported (4.13.2), so the decoder's must be among them.
        let connect_of_5 = frame.windows(5).any(|window| window == b"MQTT\x05");
        if version.has_properties() && (diagnosis.packet_type != Some(PacketType::Connect) || connect_of_5) {
            let (code, codes) = (error.reason_code(), diagnosis.reasons());
            prop_assert!(codes.contains(&code), "{error} gives {code}, diagnose {codes:?}\n{text}");
        }
        for violation in &diagnosis.violations {
            prop_assert!(violation.offset <= frame.len(), "{:?}", violation);
        }
    }
    Ok(())
}

/// A frame of this type and flags whose Remaining Length is true.
fn frame(first: u8, body: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    varint::encode(u32::try_from(body.len()).unwrap(), &mut frame).unwrap();
    frame.extend_from_slice(body);
    frame
}

/// A change to bytes that are meant to stay nearly valid.
#[derive(Clone, Debug)]
enum Edit {
    Set(Index, u8),
    FlipBit(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    Copy(Index, Index),
    Cut(Index),
}

impl Edit {
    fn apply(&self, body: &mut Vec<u8>) {
        if body.is_empty() {
            return;
        }
        let len = body.len();
        match self {
            Self::Set(at, byte) => body[at.index(len)] = *byte,
            Self::FlipBit(at, bit) => body[at.index(len)] ^= 1 << bit,
            Self::Insert(at, byte) => body.insert(at.index(len), *byte),
            Self::Remove(at) => drop(body.remove(at.index(len))),
            Self::Copy(from, to) => body[to.index(len)] = body[from.index(len)],
            Self::Cut(at) => body.truncate(at.index(len)),
        }
    }
}

fn byte() -> impl Strategy<Value = u8> {
    // Small numbers are lengths and identifiers, so they lead further than others do.
    prop_oneof![4 => 0_u8..0x30, 1 => any::<u8>(), 1 => prop::sample::select(vec![0x7F, 0x80, 0xFF, b'#', b'+', b'/'])]
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        (any::<Index>(), byte()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        (any::<Index>(), 0_u8..8).prop_map(|(at, bit)| Edit::FlipBit(at, bit)),
        (any::<Index>(), byte()).prop_map(|(at, byte)| Edit::Insert(at, byte)),
        any::<Index>().prop_map(Edit::Remove),
        (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Edit::Copy(from, to)),
        any::<Index>().prop_map(Edit::Cut),
    ]
}

proptest! {
    #![proptest_config(common::config(2000))]

    #[test]
    fn on_arbitrary_bytes(bytes in vec(any::<u8>(), 0..64)) {
        check(&bytes)?;
    }

    #[test]
    fn on_arbitrary_bodies(packet in 0_u8..16, flags in prop_oneof![Just(0), Just(2), 0_u8..16], body in vec(byte(), 0..40)) {
        check(&frame(packet << 4 | flags, &body))?;
    }

    #[test]
    fn on_valid_packets((version, packet) in common::versioned_packet()) {
        let bytes = packet.encode(version).unwrap();
        prop_assert!(diagnose(&bytes, version).is_valid());
        prop_assert_eq!(&RawPacket::from_packet(&packet, version).to_bytes(), &bytes);
        check(&bytes)?;
    }

    #[test]
    fn on_nearly_valid_packets((version, packet) in common::versioned_packet(), edits in vec(edit(), 1..4)) {
        let raw = RawPacket::from_packet(&packet, version);
        let mut body = raw.body();
        edits.iter().for_each(|edit| edit.apply(&mut body));
        check(&frame(raw.first_byte, &body))?;
    }

    #[test]
    fn on_packets_with_a_wrong_header((version, packet) in common::versioned_packet(), edits in vec(edit(), 1..3)) {
        let mut bytes = packet.encode(version).unwrap();
        let mut head: Vec<_> = bytes.drain(..bytes.len().min(3)).collect();
        edits.iter().for_each(|edit| edit.apply(&mut head));
        head.extend(bytes);
        check(&head)?;
    }

    #[test]
    fn on_mutants((version, packet) in common::versioned_packet(), mutation in prop::sample::select(Mutation::ALL)) {
        if let Some(bytes) = mutation.apply(&packet, version) {
            prop_assert!(diagnose(&bytes, version).has(mutation.violation()), "{} of {:?}", mutation, packet);
            check(&bytes)?;
        }
    }
}
