//! Every mutation breaks the rule it is named after, and both readers of packets notice.

use std::collections::{BTreeMap, BTreeSet};

use mqttspec_codec::*;

/// Every sample under every mutation that applies.
fn mutants() -> impl Iterator<Item = (ProtocolVersion, PacketBuf, Mutation, Vec<u8>)> {
    ProtocolVersion::ALL.into_iter().flat_map(|version| {
        samples(version).into_iter().flat_map(move |packet| {
            Mutation::ALL.iter().filter_map(move |mutation| {
                let bytes = mutation.apply(&packet, version)?;
                Some((version, packet.clone(), *mutation, bytes))
            })
        })
    })
}

#[test]
fn samples_are_valid_and_encode_alike() {
    for version in ProtocolVersion::ALL {
        let packets = samples(version);
        let types: BTreeSet<_> = packets.iter().map(PacketBuf::packet_type).collect();
        let expected: BTreeSet<_> = PacketType::ALL.into_iter().filter(|packet| packet.exists_in(version)).collect();
        assert_eq!(types, expected, "{version}");
        for packet in packets {
            let bytes = packet.encode(version).unwrap();
            assert_eq!(RawPacket::from_packet(&packet, version).to_bytes(), bytes, "{version} {packet:?}");
            let diagnosis = diagnose(&bytes, version);
            assert_eq!(diagnosis.violations, [], "{version} {packet:?}");
            assert_eq!(PacketBuf::decode(&bytes, version), Ok(packet.clone()));
            let full = RawPacket::from_packet_in_full(&packet, version).to_bytes();
            assert_eq!(diagnose(&full, version).violations, [], "{version} in full: {packet:?}");
            assert_eq!(PacketBuf::decode(&full, version), Ok(packet));
        }
    }
}

#[test]
fn each_mutation_is_diagnosed_as_what_it_is() {
    let mut count = 0;
    for (version, packet, mutation, bytes) in mutants() {
        let diagnosis = diagnose(&bytes, version);
        let context = || {
            let kind = packet.packet_type();
            format!("{mutation} of {version} {kind}: {diagnosis:#?}\n{}", render::annotated_hex(&bytes, version))
        };
        assert!(!diagnosis.is_valid(), "{}", context());
        assert!(diagnosis.has(mutation.violation()), "{}", context());
        count += 1;
    }
    assert!(count > 1000, "only {count} mutants");
}

#[test]
fn each_mutation_is_refused_by_the_decoder_for_a_reason_that_diagnose_lists() {
    for (version, packet, mutation, bytes) in mutants() {
        let error = decode(&bytes, version).expect_err(&format!("{mutation} of {version} {}", packet.packet_type()));
        let reasons = diagnose(&bytes, version).reasons();
        if version.has_properties() {
            let code = error.reason_code();
            let packet = packet.packet_type();
            assert!(reasons.contains(&code), "{mutation} of {packet}: {error} gives {code}, diagnose {reasons:?}");
        }
    }
}

/// Found by fuzzing: a length of 65,535 is not past the end of these, and neither are 100,000 bytes of properties.
#[test]
fn each_mutation_of_a_long_packet_is_what_it_is_or_does_not_apply() {
    let version = ProtocolVersion::V5_0;
    let mut applied = BTreeSet::new();
    for mut packet in samples(version) {
        match &mut packet {
            PacketBuf::Publish(publish) => publish.payload = vec![b'x'; 200_000],
            PacketBuf::Connect(connect) => {
                connect.properties.extend((0..4).map(|_| PropertyBuf::user_property("k", "x".repeat(60_000))));
            }
            _ => continue,
        }
        for mutation in Mutation::ALL {
            let Some(bytes) = mutation.apply(&packet, version) else { continue };
            assert!(diagnose(&bytes, version).has(mutation.violation()), "{mutation} of {}", packet.packet_type());
            assert!(decode(&bytes, version).is_err(), "{mutation} of {}", packet.packet_type());
            applied.insert(mutation);
        }
    }
    assert!(applied.contains(&Mutation::PropertyLengthPastEnd(PropertyPlace::Header)));
    assert!(!applied.contains(&Mutation::StringPastEnd(StringField::TopicName)));
    assert!(applied.len() > 100, "only {} apply", applied.len());
}

/// Mutations that cannot help breaking a second rule, with the kinds that may stand beside theirs.
fn side_effects(mutation: Mutation) -> &'static [ViolationKind] {
    use ViolationKind as Kind;
    match mutation {
        Mutation::IllFormedUtf8(StringField::ProtocolName)
        | Mutation::OverlongUtf8(StringField::ProtocolName)
        | Mutation::Surrogate(StringField::ProtocolName)
        | Mutation::NullCharacter(StringField::ProtocolName) => &[Kind::ProtocolName],
        // The last field of the packet is cut short as well.
        Mutation::RemainingLengthTooSmall => {
            &[Kind::FieldPastEnd, Kind::MissingField, Kind::PropertyLengthPastEnd, Kind::PropertyPastEnd]
        }
        _ => &[],
    }
}

#[test]
fn each_mutation_breaks_nothing_else() {
    for (version, packet, mutation, bytes) in mutants() {
        let diagnosis = diagnose(&bytes, version);
        let others: Vec<_> = diagnosis
            .violations
            .iter()
            .map(|violation| violation.kind)
            .filter(|kind| *kind != mutation.violation() && !side_effects(mutation).contains(kind))
            .collect();
        assert_eq!(others, [], "{mutation} of {version} {}: {diagnosis:#?}", packet.packet_type());
    }
}

#[test]
fn each_mutation_applies_somewhere() {
    let applied: BTreeSet<_> = mutants().map(|(_, _, mutation, _)| mutation).collect();
    let never: Vec<_> = Mutation::ALL.iter().filter(|mutation| !applied.contains(mutation)).collect();
    assert!(never.is_empty(), "never applied: {never:?}");
}

#[test]
fn each_kind_of_violation_is_caused_by_a_mutation_or_is_known_not_to_be() {
    let caused: BTreeSet<_> = Mutation::ALL.iter().map(|mutation| mutation.violation()).collect();
    let uncaused: Vec<_> =
        ViolationKind::ALL.iter().filter(|kind| !caused.contains(kind)).map(|kind| kind.id()).collect();
    // Half a fixed header is a packet still to come, and control characters are no violation a receiver must refuse.
    assert_eq!(uncaused, ["incomplete-fixed-header", "disallowed-code-point"]);
}

#[test]
fn ids_are_unique_and_lead_back() {
    let mut seen = BTreeMap::new();
    for mutation in Mutation::ALL {
        let id = mutation.id();
        assert!(id.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b':')), "{id}");
        assert_eq!(seen.insert(id, mutation), None, "{id} twice");
        assert_eq!(id.parse(), Ok(*mutation));
        assert!(mutation.describe().ends_with('.'));
        let json = serde_json::to_string(mutation).unwrap();
        assert_eq!(json, format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<Mutation>(&json).unwrap(), *mutation);
    }
    assert_eq!("no-such".parse::<Mutation>(), Err(UnknownMutation("no-such".to_owned())));
    let duplicate = "duplicate-property:topic-alias".parse::<Mutation>().unwrap();
    assert_eq!(duplicate.property().map(|at| at.id), Some(PropertyId::TopicAlias));
}

#[test]
fn every_violation_names_a_place_and_a_code() {
    for (version, _, mutation, bytes) in mutants() {
        for violation in diagnose(&bytes, version).violations {
            assert!(violation.offset <= bytes.len(), "{mutation}: {violation:?}");
            assert!(violation.section.starts_with(|c: char| c.is_ascii_digit()), "{violation:?}");
            let names_packet = PacketType::ALL.iter().any(|packet| violation.message.starts_with(packet.name()));
            assert!(names_packet || violation.message.starts_with(|c: char| !c.is_uppercase()), "{violation:?}");
            if version.has_properties() {
                assert_eq!(violation.reasons.first(), Some(&violation.reason), "{violation:?}");
                assert!(violation.reasons.contains(&ReasonCode::UNSPECIFIED_ERROR));
            }
            if version == ProtocolVersion::V3_1 {
                assert_eq!(violation.statement, None);
            }
        }
    }
}

/// Every statement cited exists in the standard, for checkouts that have the lists of statements somewhere above them.
#[test]
fn statements_exist() {
    for (version, list) in
        [(ProtocolVersion::V5_0, "normative-v5.0.tsv"), (ProtocolVersion::V3_1_1, "normative-v3.1.1.tsv")]
    {
        let above = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
        let Some(text) = above
            .map(|folder| folder.join("shared/spec").join(list))
            .find_map(|path| std::fs::read_to_string(path).ok())
        else {
            continue;
        };
        let mut cited = 0;
        for (_, _, mutation, bytes) in mutants().filter(|mutant| mutant.0 == version) {
            for statement in diagnose(&bytes, version).violations.iter().filter_map(|violation| violation.statement) {
                // The list writes this one as the body does, MQTT-3-8.3-4.
                let listed = statement.replace("MQTT-3.8.3-4", "8.3-4");
                assert!(text.contains(&listed), "{version} {mutation}: {statement}");
                cited += 1;
            }
        }
        assert!(cited > 100, "{version}: {cited}");
    }
}
