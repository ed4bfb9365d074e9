//! Cutting a stream into frames, and Variable Byte Integers (1.5.5, 2.1.4).

mod common;

use common::bytes::bytes;
use mqttspec_codec::varint::{self, VarintError};
use mqttspec_codec::{DecodeError, FrameDecoder, FrameError, ProtocolVersion, decode, frame_len};
use proptest::prelude::*;

/// Table 1-1 of 5.0 (2.4 of 3.1.1), and the values around each border.
const VARINTS: &[(u32, &str)] = &[
    (0, "00"),
    (1, "01"),
    (127, "7F"),
    (128, "8001"),
    (16_383, "FF7F"),
    (16_384, "808001"),
    (2_097_151, "FFFF7F"),
    (2_097_152, "80808001"),
    (268_435_455, "FFFFFF7F"),
];

#[test]
fn variable_byte_integers() {
    for &(value, notation) in VARINTS {
        let expected = bytes(notation);
        let mut out = vec![0xAA];
        assert_eq!(varint::encode(value, &mut out), Some(()));
        assert_eq!(out[1..], expected, "{value}");
        assert_eq!(varint::len(value), Some(expected.len()));
        assert_eq!(varint::decode(&expected), Ok(Some((value, expected.len()))));
        assert_eq!(varint::decode(&[&expected[..], &[0xFF]].concat()), Ok(Some((value, expected.len()))));
        for cut in 0..expected.len() {
            assert_eq!(varint::decode(&expected[..cut]), Ok(None), "{value} cut at {cut}");
        }
    }
}

#[test]
fn variable_byte_integers_that_are_none() {
    for notation in ["8000", "808000", "80808000", "FF00", "FFFF8000"] {
        assert_eq!(varint::decode(&bytes(notation)), Err(VarintError::NonMinimal), "{notation}");
    }
    for notation in ["80808080", "FFFFFFFF", "8080808001", "FFFFFFFF7F"] {
        assert_eq!(varint::decode(&bytes(notation)), Err(VarintError::TooLong), "{notation}");
    }
    let mut out = Vec::new();
    assert_eq!(varint::encode(varint::MAX + 1, &mut out), None);
    assert_eq!(varint::encode(u32::MAX, &mut out), None);
    assert_eq!(varint::len(varint::MAX + 1), None);
    assert!(out.is_empty());
    assert_ne!(VarintError::TooLong.to_string(), VarintError::NonMinimal.to_string());
}

#[test]
fn frame_lengths() {
    assert_eq!(frame_len(&[]), Ok(None));
    assert_eq!(frame_len(&bytes("30")), Ok(None));
    assert_eq!(frame_len(&bytes("30 80")), Ok(None));
    assert_eq!(frame_len(&bytes("C0 00")), Ok(Some(2)));
    assert_eq!(frame_len(&bytes("30 FFFFFF7F")), Ok(Some(5 + 268_435_455)));
    assert_eq!(frame_len(&bytes("30 8000")), Err(FrameError::RemainingLength(VarintError::NonMinimal)));
    assert_eq!(frame_len(&bytes("30 FFFFFFFF")), Err(FrameError::RemainingLength(VarintError::TooLong)));
}

#[test]
fn a_frame_that_is_too_long_is_refused_at_its_header() {
    let mut decoder = FrameDecoder::new(100);
    decoder.push(&bytes("C000 30 62"));
    assert_eq!(decoder.next_frame(), Ok(Some(vec![0xC0, 0x00].into())));
    assert_eq!(decoder.next_frame(), Ok(None), "100 bytes are accepted");
    let mut decoder = FrameDecoder::new(100);
    decoder.push(&bytes("C000 30 63"));
    assert_eq!(decoder.next_frame(), Ok(Some(vec![0xC0, 0x00].into())));
    let error = FrameError::TooLong { len: 101, max: 100 };
    assert_eq!(decoder.next_frame(), Err(error));
    assert!(error.to_string().contains("101"));
    decoder.push(&[0; 1000]);
    assert_eq!(decoder.next_frame(), Err(error), "the error stays");
    assert_eq!(decoder.buffered(), bytes("30 63"), "nothing is kept after it");
}

#[test]
fn a_bad_remaining_length_is_refused_for_ever_and_kept_to_show() {
    let mut decoder = FrameDecoder::new(100);
    decoder.push(&bytes("30 FFFFFFFF 7F"));
    let error = FrameError::RemainingLength(VarintError::TooLong);
    assert_eq!(decoder.next_frame(), Err(error));
    decoder.push(&bytes("C000"));
    assert_eq!(decoder.next_frame(), Err(error));
    assert_eq!(decoder.buffered(), bytes("30 FFFFFFFF 7F"));
    assert!(error.to_string().starts_with("remaining length"));
}

#[test]
fn frames_are_cut_without_judging_them() {
    let mut decoder = FrameDecoder::new(usize::MAX);
    decoder.push(&bytes("00 01 FF"));
    assert_eq!(decoder.next_frame(), Ok(Some(bytes("00 01 FF").into())));
}

#[test]
fn frame_errors_as_decode_errors() {
    assert_eq!(
        decode(&bytes("C0 8000"), ProtocolVersion::V5_0),
        Err(FrameError::RemainingLength(VarintError::NonMinimal).into())
    );
    assert_eq!(DecodeError::from(FrameError::TooLong { len: 2, max: 1 }), DecodeError::Truncated);
}

proptest! {
    #![proptest_config(common::config(1024))]

    #[test]
    fn variable_byte_integers_round_trip(value in 0..=varint::MAX) {
        let mut bytes = Vec::new();
        varint::encode(value, &mut bytes).unwrap();
        prop_assert_eq!(varint::decode(&bytes), Ok(Some((value, bytes.len()))));
        prop_assert_eq!(varint::len(value), Some(bytes.len()));
    }

    #[test]
    fn one_byte_at_a_time_or_all_at_once(stream in proptest::collection::vec(prop_oneof![Just(0_u8), Just(0x80), 0..8_u8, any::<u8>()], 0..64)) {
        let mut at_once = FrameDecoder::new(32);
        at_once.push(&stream);
        let mut by_byte = FrameDecoder::new(32);
        let mut frames = Vec::new();
        let mut error = None;
        for byte in &stream {
            by_byte.push(&[*byte]);
            prop_assert!(by_byte.buffered().len() <= 32, "more than a frame is held");
            match by_byte.next_frame() {
                Ok(frame) => frames.extend(frame),
                Err(e) => error = Some(e),
            }
        }
        for frame in frames {
            prop_assert_eq!(at_once.next_frame(), Ok(Some(frame)));
        }
        prop_assert_eq!(at_once.next_frame(), error.map_or(Ok(None), Err));
        if error.is_none() {
            prop_assert_eq!(at_once.buffered(), by_byte.buffered());
        }
    }
}
