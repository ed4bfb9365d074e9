//! How packets read: one line and annotated bytes, as snapshots.

use mqttspec_codec::render::{annotated_hex, hex, one_line, one_line_bytes};
use mqttspec_codec::*;

fn slug(version: ProtocolVersion) -> &'static str {
    match version {
        ProtocolVersion::V3_1 => "v3.1",
        ProtocolVersion::V3_1_1 => "v3.1.1",
        ProtocolVersion::V5_0 => "v5.0",
    }
}

#[test]
fn one_line_of_every_sample() {
    for version in ProtocolVersion::ALL {
        let lines: Vec<_> = samples(version).iter().map(|packet| one_line(packet, version)).collect();
        insta::assert_snapshot!(format!("one_line_{}", slug(version)), lines.join("\n"));
        for (packet, line) in samples(version).iter().zip(lines) {
            assert_eq!(one_line_bytes(&packet.encode(version).unwrap(), version), line);
        }
    }
}

#[test]
fn annotated_hex_of_every_sample() {
    for version in ProtocolVersion::ALL {
        let mut text = String::new();
        for packet in samples(version) {
            text.push_str(&annotated_hex(&packet.encode(version).unwrap(), version));
            text.push('\n');
        }
        insta::assert_snapshot!(format!("annotated_{}", slug(version)), text);
    }
}

/// A mutation of the first sample it applies to, in 5.0 unless only an older version has it.
#[allow(clippy::unwrap_used)] // a test helper
fn mutant(id: &str) -> (ProtocolVersion, Vec<u8>) {
    let mutation: Mutation = id.parse().unwrap();
    let versions = [ProtocolVersion::V5_0, ProtocolVersion::V3_1_1];
    let mut mutants = versions.into_iter().flat_map(|version| {
        samples(version).into_iter().filter_map(move |packet| Some((version, mutation.apply(&packet, version)?)))
    });
    mutants.next().unwrap_or_else(|| panic!("{id} applies to nothing"))
}

#[test]
fn malformed_packets() {
    let ids = [
        "flag-bit-0",
        "packet-type-15",
        "remaining-length-five-bytes",
        "remaining-length-too-large",
        "remaining-length-too-small",
        "truncated-body",
        "unexpected-body",
        "packet-identifier-zero",
        "publish-qos-3",
        "undefined-reason-code",
        "filter-multi-level-in-middle",
        "no-topic-filters",
        "unknown-protocol-version",
        "password-without-user-name",
        "unknown-property",
        "surrogate:topic-name",
        "null-character:user-property",
        "property-length-too-small:header",
        "duplicate-property:receive-maximum",
        "property-out-of-range:topic-alias",
    ];
    let mut text = String::new();
    for id in ids {
        let (version, bytes) = mutant(id);
        text.push_str(&format!("# {id} ({version})\n{}\n", one_line_bytes(&bytes, version)));
        text.push_str(&annotated_hex(&bytes, version));
        text.push('\n');
    }
    insta::assert_snapshot!(text);
}

#[test]
fn what_is_not_a_packet_at_all() {
    let version = ProtocolVersion::V5_0;
    assert_eq!(hex(&[]), "");
    assert_eq!(hex(&[0x00, 0xFF]), "00 ff");
    assert_eq!(
        one_line_bytes(&[], version),
        "reserved packet type malformed at byte 0: there are no bytes (section 2.1.4)"
    );
    assert_eq!(annotated_hex(&[], version).lines().count(), 1);
    let half = annotated_hex(&[0x30, 0x80], version);
    assert!(half.contains("remaining length is incomplete"), "{half}");
}

#[test]
fn what_should_not_be_is_shown_and_does_not_make_a_packet_malformed() {
    let version = ProtocolVersion::V5_0;
    let frame = [0x30, 0x06, 0x00, 0x03, b'a', 0x01, b'b', 0x00];
    assert_eq!(one_line_bytes(&frame, version), r#"PUBLISH "a\u{1}b" = "", qos 0"#);
    let text = annotated_hex(&frame, version);
    assert!(text.contains("<-- section 1.5.4 (should not): topic name contains U+0001"), "{text}");
    let diagnosis = diagnose(&frame, version);
    assert!(diagnosis.is_valid());
    assert_eq!(diagnosis.violations[0].level, Level::Should);
    assert_eq!(diagnosis.reasons(), []);
}

/// Whatever the size of a packet, its rendering stays readable.
#[test]
fn renderings_are_bounded() {
    let version = ProtocolVersion::V5_0;
    let publish = PacketBuf::Publish(PublishBuf {
        dup: false,
        qos: QoS::AtMostOnce,
        retain: false,
        topic: "t".repeat(60_000),
        packet_id: None,
        properties: (0..5000).map(|n| PropertyBuf::user_property("k", n.to_string())).collect(),
        payload: vec![0xFF; 100_000],
    });
    let frame = publish.encode(version).unwrap();
    assert!(one_line(&publish, version).len() < 2000);
    assert!(annotated_hex(&frame, version).len() < 40_000);
}
