//! Diagnoses in detail: several violations at once, their offsets, the statements and codes behind them.

mod common;

use std::collections::BTreeSet;

use common::bytes::bytes;
use mqttspec_codec::*;

/// Kind and offset of every violation.
fn found(notation: &str, version: ProtocolVersion) -> Vec<(&'static str, usize)> {
    let diagnosis = diagnose(&bytes(notation), version);
    diagnosis.violations.iter().map(|violation| (violation.kind.id(), violation.offset)).collect()
}

const V5: ProtocolVersion = ProtocolVersion::V5_0;
const V311: ProtocolVersion = ProtocolVersion::V3_1_1;
const V31: ProtocolVersion = ProtocolVersion::V3_1;

#[test]
fn the_walk_goes_on_after_an_error() {
    // Flags, identifier, two filters with their options: all wrong.
    let subscribe = "80 __ 0000 00 0005 'a/#/b' C3 0000 34";
    let expected = [
        ("invalid-flags", 0),
        ("packet-identifier-zero", 2),
        ("multi-level-wildcard-misplaced", 9),
        ("subscription-qos-3", 12),
        ("subscription-reserved-bits", 12),
        ("topic-filter-empty", 15),
        ("retain-handling-3", 15),
    ];
    assert_eq!(found(subscribe, V5), expected);
    let diagnosis = diagnose(&bytes(subscribe), V5);
    assert_eq!(diagnosis.packet_type, Some(PacketType::Subscribe));
    let codes: Vec<_> = diagnosis.reasons().iter().map(|code| code.0).collect();
    assert_eq!(codes, [0x81, 0x80, 0x82, 0x8F, 0xA2, 0x9E]);
}

#[test]
fn properties_are_read_to_the_end_of_their_list() {
    // Topic Alias 0, Server Keep Alive, Topic Alias again, an unknown one; then the payload.
    let publish = "30 __ 0001 't' 0B 230000 130001 230001 7F00 'p'";
    let expected =
        [("property-out-of-range", 7), ("misplaced-property", 9), ("duplicate-property", 12), ("unknown-property", 15)];
    assert_eq!(found(publish, V5), expected);
    // A length that does not fit leaves nothing to go on with.
    assert_eq!(found("30 __ 0001 't' 7F 00", V5), [("property-length-past-end", 5)]);
    assert_eq!(found("30 __ 0001 't' 80", V5), [("field-past-end", 5)]);
    assert_eq!(found("30 __ 0001 't'", V5), [("missing-field", 5)]);
    assert_eq!(found("30 __ 0001 't' 02 8080", V5), [("unknown-property", 6)]);
    assert_eq!(found("82 __ 0001 01 0B 0001 't' 00", V5), [("property-past-end", 6)]);
    assert_eq!(found("82 __ 0001 06 0B 8080808001 0001 't' 00", V5), [("subscription-identifier-malformed", 6)]);
    assert_eq!(found("30 __ 0001 't' 03 080000", V5), [("topic-name-empty", 9)]);
    assert_eq!(found("30 __ 0000 00", V5), [("topic-name-empty", 4)]);
    assert_eq!(found("30 __ 0000 03 230001", V5), []);
}

#[test]
fn strings_are_checked_in_every_way() {
    let publish = "30 __ 0006 01 '#' 00 FF '+b' 00";
    let expected =
        [("disallowed-code-point", 4), ("topic-name-wildcard", 5), ("null-character", 6), ("ill-formed-utf8", 7)];
    assert_eq!(found(publish, V5), expected);
    for (text, disallowed) in [
        ("EFBFBF", true),
        ("EFB790", true),
        ("F09FBFBE", true),
        ("C29F", true),
        ("7F", true),
        ("EFBBBF", false),
        ("EFBFBD", false),
        ("C2A0", false),
    ] {
        let text = bytes(text);
        let mut frame = vec![0x30, text.len() as u8 + 2, 0, text.len() as u8];
        frame.extend(text);
        let diagnosis = diagnose(&frame, V311);
        assert!(diagnosis.is_valid());
        assert_eq!(diagnosis.has(ViolationKind::DisallowedCodePoint), disallowed, "{frame:02X?}");
    }
}

#[test]
fn frames_are_measured() {
    assert_eq!(found("", V5), [("incomplete-fixed-header", 0)]);
    assert_eq!(found("30", V5), [("incomplete-fixed-header", 1)]);
    assert_eq!(found("30 FF", V5), [("incomplete-fixed-header", 2)]);
    assert_eq!(found("C0 8000", V5), [("remaining-length-not-minimal", 1)]);
    assert_eq!(found("C0 FFFFFFFF01", V5), [("remaining-length-too-long", 1)]);
    assert_eq!(found("C0 01", V5), [("frame-incomplete", 1)]);
    assert_eq!(found("C0 00 00", V5), [("bytes-after-frame", 2)]);
    assert_eq!(found("00 00", V311), [("reserved-packet-type", 0)]);
    assert_eq!(found("F0 00", V311), [("reserved-packet-type", 0)]);
    assert_eq!(found("F0 00", V5), []);
    // What is missing from an incomplete frame is no violation of its own.
    assert_eq!(found("30 7F 0001", V5), [("frame-incomplete", 1)]);
    assert_eq!(found("82 7F 0001", V5), [("frame-incomplete", 1)]);
}

#[test]
fn versions_differ_where_the_standards_do() {
    // DUP on a packet that 3.1 may send again.
    assert_eq!(found("8A __ 0001 0001 't' 00", V31), []);
    assert_eq!(found("8A __ 0001 0001 't' 00", V311), [("invalid-flags", 0)]);
    // A flag without its field.
    let connect = |name: &str, flags: &str| format!("10 __ {name} {flags} 0000 0001 'c'");
    assert_eq!(found(&connect("0006 'MQIsdp' 03", "C2"), V31), []);
    assert_eq!(found(&connect("0004 'MQTT' 04", "C2"), V311), [("missing-field", 15)]);
    // A CONNECT says itself which version it is.
    assert_eq!(found(&connect("0004 'MQTT' 04", "02"), V5), []);
    assert_eq!(found(&connect("0004 'MQTT' 06", "02"), V5), [("protocol-version", 8)]);
    assert_eq!(found(&connect("0004 'MQTT' 03", "02"), V5), [("protocol-version", 8)]);
    assert_eq!(found(&connect("0004 'mqtt' 04", "02"), V5), [("protocol-name", 4)]);
    // Shared Subscriptions and property lists are 5.0's.
    assert_eq!(found("82 __ 0001 0008 '$share/g' 00", V311), []);
    assert_eq!(found("82 __ 0001 00 0008 '$share/g' 00", V5), [("share-filter-missing", 15)]);
    assert_eq!(found("82 __ 0001 00 0007 '$share/' 00", V5), [("share-name-empty", 14), ("share-filter-missing", 14)]);
    assert_eq!(found("E0 __ 00", V311), [("unexpected-body", 2)]);
    assert_eq!(found("E0 __ 00", V5), []);
    // An AUTH that only says Success needs no method.
    assert_eq!(found("F0 __ 0000", V5), []);
    assert_eq!(found("F0 __ 1800", V5), [("authentication-method-missing", 2)]);
    assert_eq!(found("F0 __ 18", V5), [("missing-field", 3)]);
}

#[test]
fn kinds_have_ids_of_their_own() {
    let ids: BTreeSet<_> = ViolationKind::ALL.iter().map(|kind| kind.id()).collect();
    assert_eq!(ids.len(), ViolationKind::ALL.len());
    for kind in ViolationKind::ALL {
        assert!(kind.describe().ends_with('.'));
        assert_eq!(kind.to_string(), kind.id());
        assert_eq!(serde_json::to_string(kind).unwrap(), format!("\"{kind}\""));
    }
    let violation = &diagnose(&[0xC1, 0x00], V5).violations[0];
    let json = serde_json::to_value(violation).unwrap();
    assert_eq!(json["kind"], "invalid-flags");
    assert_eq!(json["level"], "must");
    assert_eq!(json["reasons"], serde_json::json!([0x81, 0x80]));
}

/// Which rule each mutation breaks, by version and packet: the table that the malformed scenarios judge with.
#[test]
fn rules_of_every_mutation() {
    for version in ProtocolVersion::ALL {
        let mut rows = BTreeSet::new();
        for packet in samples(version) {
            for mutation in Mutation::ALL {
                let Some(bytes) = mutation.apply(&packet, version) else { continue };
                let violations = diagnose(&bytes, version).violations;
                let violation = violations.iter().find(|violation| violation.kind == mutation.violation()).unwrap();
                let codes: Vec<_> = violation.reasons.iter().map(|code| format!("{:02X}", code.0)).collect();
                rows.insert(format!(
                    "{:11} {:37} {:14} {:12} {}",
                    packet.packet_type().name(),
                    violation.kind.id(),
                    violation.statement.unwrap_or("-"),
                    violation.section,
                    if codes.is_empty() { "just close".to_owned() } else { codes.join(" ") },
                ));
            }
        }
        let name = format!("rules_{version}");
        insta::assert_snapshot!(name, rows.into_iter().collect::<Vec<_>>().join("\n"));
    }
}

/// What no sentence forbids in so many words, beside what one does.
#[test]
fn debatable_is_what_no_sentence_forbids() {
    let debatable = |notation: &str, version| {
        let bytes = bytes(notation);
        let diagnosis = diagnose(&bytes, version);
        assert!(!diagnosis.is_valid(), "{notation}");
        diagnosis.is_debatable(version, &bytes)
    };
    // Only PUBLISH, SUBSCRIBE and UNSUBSCRIBE are told to have another Packet Identifier than 0.
    assert!(debatable("40 __ 0000", V5));
    assert!(debatable("B0 __ 0000", V311));
    assert!(!debatable("32 __ 0001 't' 0000 00", V5));
    assert!(!debatable("A2 __ 0000 0001 't'", V311));
    // Payload Format Indicator and Message Expiry Interval are not said to stand once in PUBLISH; a Topic Alias is.
    assert!(debatable("30 __ 0001 't' 04 0101 0101", V5));
    assert!(debatable("30 __ 0001 't' 0A 0200000001 0200000001", V5));
    assert!(!debatable("30 __ 0001 't' 06 230001 230001", V5));
    assert!(!debatable("10 __ 0004'MQTT' 05 06 003C 00 0001'c' 04 0101 0101 0001'w' 0000", V5));
    // One error that is forbidden is enough.
    assert!(!debatable("40 __ 0000 05", V5));
    assert!(!diagnose(&bytes("40 __ 0001"), V5).is_debatable(V5, &bytes("40 __ 0001")));
}

/// The level of the version asked for under the name of another: the name is wrong.
#[test]
fn name_of_another_version() {
    for (connect, version) in [
        ("10 __ 0006'MQIsdp' 05 02 003C 00 0001'c'", V5),
        ("10 __ 0006'MQIsdp' 04 02 003C 0001'c'", V311),
        ("10 __ 0004'MQTT' 03 02 003C 0001'c'", V31),
    ] {
        assert_eq!(found(connect, version), [("protocol-name", 4)]);
    }
    assert_eq!(found("10 __ 0004'MQTT' 06 02 003C 00 0001'c'", V5), [("protocol-version", 8)]);
}
