//! Any bytes at all: decoding returns, what it accepts it can write and read again, and `diagnose`, which was written
//! apart from it, finds the same packets valid.

#![allow(clippy::unwrap_used)]

mod common;

use common::bytes::{frame, hex};
use common::versioned_packet;
use mqttspec_codec::{DecodeError, PacketBuf, PacketType, ProtocolVersion, decode, diagnose, samples, varint};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// Decodes under every version; what is accepted must survive encoding, and mean the same.
fn judge(frame: &[u8]) -> Result<(), TestCaseError> {
    for version in ProtocolVersion::ALL {
        let packet = match decode(frame, version) {
            Ok(packet) => packet,
            Err(error) => {
                judge_refusal(frame, version, error)?;
                continue;
            }
        };
        let version = if let PacketBuf::Connect(connect) = packet.to_buf() { connect.version } else { version };
        let diagnosis = diagnose(frame, version);
        prop_assert!(diagnosis.is_valid(), "{} in {version}: {diagnosis:#?}", hex(frame));
        let mut again = Vec::new();
        packet.encode(version, &mut again).unwrap();
        prop_assert_eq!(packet.encoded_len(version), Ok(again.len()));
        prop_assert_eq!(decode(&again, version), Ok(packet));
    }
    Ok(())
}

/// What is refused has a violation, and the code the decoder would answer with is one that may be answered.
fn judge_refusal(frame: &[u8], version: ProtocolVersion, error: DecodeError) -> Result<(), TestCaseError> {
    let diagnosis = diagnose(frame, version);
    prop_assert!(!diagnosis.is_valid(), "{} in {version}: {error}", hex(frame));
    // A CONNECT is diagnosed as the version it is expected to be, and decoded as the one it says it is.
    if version == ProtocolVersion::V5_0 && diagnosis.packet_type != Some(PacketType::Connect) {
        let reasons = diagnosis.reasons();
        prop_assert!(reasons.contains(&error.reason_code()), "{}: {error}: {diagnosis:#?}", hex(frame));
    }
    Ok(())
}

fn remaining_length(frame: &[u8]) -> usize {
    let (remaining_length, _) = varint::decode(&frame[1..]).unwrap().unwrap();
    remaining_length as usize
}

proptest! {
    #![proptest_config(common::config(4096))]

    #[test]
    fn arbitrary_bytes(frame in vec(any::<u8>(), 0..64)) {
        judge(&frame)?;
    }

    #[test]
    fn arbitrary_bodies(first: u8, body in vec(prop_oneof![0..6_u8, any::<u8>()], 0..64)) {
        judge(&frame(first, &body))?;
    }

    #[test]
    fn valid_packets_with_bytes_changed(
        (version, packet) in versioned_packet(),
        changes in vec((any::<Index>(), any::<u8>()), 1..4),
    ) {
        let mut frame = packet.encode(version).unwrap();
        for (at, byte) in changes {
            let at = at.index(frame.len());
            frame[at] = byte;
        }
        judge(&frame)?;
    }

    #[test]
    fn valid_packets_with_a_byte_too_many_or_too_few(
        (version, packet) in versioned_packet(),
        at: Index,
        insert in any::<Option<u8>>(),
    ) {
        // The Remaining Length is set right, so that the change reaches the fields.
        let mut original = packet.encode(version).unwrap();
        let header_len = original.len() - remaining_length(&original);
        let mut body = original.split_off(header_len);
        let at = at.index(body.len() + 1);
        match insert {
            Some(byte) => body.insert(at, byte),
            None if at < body.len() => drop(body.remove(at)),
            None => {}
        }
        judge(&frame(original[0], &body))?;
    }
}

#[test]
fn every_single_byte_change_of_every_sample() {
    for version in ProtocolVersion::ALL {
        for packet in samples(version) {
            let frame = packet.encode(version).unwrap();
            for at in 0..frame.len().min(200) {
                for byte in [0x00, 0x01, 0x7F, 0x80, 0xFF, frame[at] ^ 1, frame[at] ^ 0x80, frame[at].wrapping_add(1)] {
                    let mut changed = frame.clone();
                    changed[at] = byte;
                    judge(&changed).unwrap();
                }
            }
        }
    }
}

#[test]
fn every_sample_is_valid() {
    for version in ProtocolVersion::ALL {
        for packet in samples(version) {
            let frame = packet.encode(version).unwrap();
            assert_eq!(PacketBuf::decode(&frame, version), Ok(packet));
        }
    }
}
