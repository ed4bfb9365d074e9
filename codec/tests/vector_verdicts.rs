//! The generated test vectors against the strict decoder, the encoders and `diagnose`, and against what they say of themselves.

use std::collections::BTreeSet;

use mqttspec_codec::vectors::{Flag, Vector, vectors};
use mqttspec_codec::*;

/// Runs a check over every vector and reports every id that fails, not only the first.
fn check(what: &str, mut holds: impl FnMut(&Vector) -> Result<(), String>) {
    let mut failures = Vec::new();
    for version in ProtocolVersion::ALL {
        for vector in vectors(version) {
            if let Err(why) = holds(&vector) {
                failures.push(format!("{version} {}: {why}", vector.id));
            }
        }
    }
    assert!(failures.is_empty(), "{what}: {} fail\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn the_strict_decoder_accepts_exactly_the_valid_ones() {
    check("verdict", |vector| match (decode(&vector.bytes, vector.version), vector.valid) {
        (Ok(packet), true) if Some(packet.to_buf()) == vector.packet => Ok(()),
        (Err(_), false) if vector.packet.is_none() => Ok(()),
        (outcome, valid) => Err(format!("valid {valid}, decoded {:?}", outcome.map(|packet| packet.packet_type()))),
    });
}

#[test]
fn both_encoders_write_the_bytes_back_unless_they_are_not_canonical() {
    check("encoding", |vector| {
        let Some(packet) = &vector.packet else {
            return if vector.has(Flag::NotCanonical) { Err("invalid and not canonical".into()) } else { Ok(()) };
        };
        let encoded = packet.encode(vector.version).map_err(|error| error.to_string())?;
        let raw = RawPacket::from_packet(packet, vector.version).to_bytes();
        let canonical = encoded == vector.bytes;
        let again = PacketBuf::decode(&encoded, vector.version).as_ref() == Ok(packet);
        if encoded == raw && canonical != vector.has(Flag::NotCanonical) && again {
            Ok(())
        } else {
            Err(format!("encoded {encoded:02X?}, raw {raw:02X?}"))
        }
    });
}

#[test]
fn diagnose_says_what_is_recorded() {
    check("diagnosis", |vector| {
        let diagnosis = diagnose(&vector.bytes, vector.version);
        let musts: Vec<_> = diagnosis.violations.iter().filter(|violation| violation.level == Level::Must).collect();
        let mut statements: Vec<_> = musts.iter().filter_map(|violation| violation.statement).collect();
        let mut seen = BTreeSet::new();
        statements.retain(|statement| seen.insert(*statement));
        let best = musts.first().map(|violation| violation.reason).filter(|_| vector.version == ProtocolVersion::V5_0);
        let fits = diagnosis.is_valid() == vector.valid
            && musts.is_empty() == vector.valid
            && diagnosis.violations == vector.violations
            && diagnosis.reasons() == vector.reason_codes
            && best == vector.reason_code
            && (vector.valid || statements == vector.statements)
            && vector.reason_code.is_none_or(|code| vector.reason_codes.contains(&code))
            && vector.violations.iter().all(|violation| violation.offset <= vector.bytes.len());
        if fits { Ok(()) } else { Err(format!("{diagnosis:?}")) }
    });
}

#[test]
fn flags_go_with_the_verdict_they_speak_of() {
    check("flags", |vector| {
        let sorted = vector.flags.windows(2).all(|pair| pair[0] < pair[1]);
        let wrong = vector.flags.iter().find(|flag| match flag {
            Flag::LegalButUnusual | Flag::MayRefuse | Flag::NotCanonical => !vector.valid,
            Flag::MayAccept | Flag::SeveralErrors => vector.valid,
            Flag::Incomplete | Flag::Surplus => vector.valid || framed(vector),
            Flag::RefusedByProtocol | Flag::OtherVersion => !vector.has(Flag::MayRefuse),
            Flag::DisallowedCodePoint => vector.valid && !vector.has(Flag::MayRefuse),
            Flag::Large => vector.bytes.len() <= 1024,
        });
        if sorted && wrong.is_none() { Ok(()) } else { Err(format!("{:?}", vector.flags)) }
    });
}

/// Whether the Remaining Length is that of the bytes.
fn framed(vector: &Vector) -> bool {
    frame_len(&vector.bytes) == Ok(Some(vector.bytes.len()))
}

#[test]
fn incomplete_and_surplus_are_flagged() {
    check("framing", |vector| {
        let expected = match frame_len(&vector.bytes) {
            Ok(None) => Some(Flag::Incomplete),
            Ok(Some(length)) if length > vector.bytes.len() => Some(Flag::Incomplete),
            Ok(Some(length)) if length < vector.bytes.len() => Some(Flag::Surplus),
            // A length that is not in its shortest form, or none at all, says nothing about the bytes.
            _ => return Ok(()),
        };
        if expected.is_none_or(|flag| vector.has(flag)) { Ok(()) } else { Err(format!("{expected:?}")) }
    });
}

#[test]
fn there_are_enough_and_no_two_are_alike() {
    for version in ProtocolVersion::ALL {
        let all = vectors(version);
        assert!(all.len() >= 2000, "{version}: {}", all.len());
        let ids: BTreeSet<_> = all.iter().map(|vector| &vector.id).collect();
        let twice: Vec<_> = ids.iter().filter(|id| all.iter().filter(|v| v.id == ***id).count() > 1).collect();
        assert_eq!(ids.len(), all.len(), "{version}: the same id twice: {twice:?}");
        let bytes: BTreeSet<_> = all.iter().map(|vector| &vector.bytes).collect();
        assert_eq!(bytes.len(), all.len(), "{version}: the same bytes twice");
        let valid = all.iter().filter(|vector| vector.valid).count();
        assert!(valid >= 500 && all.len() - valid >= 500, "{version}: {valid} of {} are valid", all.len());
        for vector in &all {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "/-:.".contains(c);
            assert!(!vector.id.is_empty() && vector.id.chars().all(plain), "{}", vector.id);
            assert!(!vector.comment.is_empty() && !vector.comment.contains(['\n', '\r']), "{}", vector.comment);
            assert!(!vector.comment.contains("  ") && vector.comment.trim() == vector.comment, "{}", vector.comment);
        }
    }
    assert_eq!(vectors(ProtocolVersion::V5_0), vectors(ProtocolVersion::V5_0));
}
