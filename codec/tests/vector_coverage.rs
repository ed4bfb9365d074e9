//! The generated test vectors hold every kind of violation in every packet and field where it can occur, and every legal
//! extreme.

#![allow(clippy::unwrap_used)] // helpers of tests

use std::collections::BTreeSet;

use mqttspec_codec::vectors::{Vector, vectors};
use mqttspec_codec::*;

/// A packet type, a kind of violation, and the field: the message without its numbers.
type Place = (Option<PacketType>, ViolationKind, String);

fn places(bytes: &[u8], version: ProtocolVersion) -> Vec<Place> {
    // A CONNECT of another version is judged by the rules of that one, whose vectors are elsewhere.
    let names = |other: &ProtocolVersion| {
        let name = [other.protocol_name().as_bytes(), &[other.protocol_level()]].concat();
        *other != version && bytes.windows(name.len()).any(|window| window == name)
    };
    if ProtocolVersion::ALL.iter().any(names) {
        return vec![];
    }
    let diagnosis = diagnose(bytes, version);
    let place = |violation: &Violation| (diagnosis.packet_type, violation.kind, without_numbers(&violation.message));
    // What is wrong inside a property that must not be there at all is no place of its own.
    let misplaced = diagnosis.has(ViolationKind::MisplacedProperty);
    let violations = diagnosis.violations.iter();
    violations.filter(|v| !misplaced || v.kind == ViolationKind::MisplacedProperty).map(place).collect()
}

/// `qos is 3 in 0x1f` and `qos is 2 in 0x20` are one message.
fn without_numbers(message: &str) -> String {
    let words = message.split(' ').map(|word| {
        let digit = word.starts_with(|c: char| c.is_ascii_digit()) || word.starts_with("U+");
        if digit { "#" } else { word }
    });
    words.collect::<Vec<_>>().join(" ").replace("# bytes", "# byte")
}

/// Bytes that lead somewhere: lengths, identifiers, flags, codes, letters, pieces of UTF-8.
const TELLING: &[u8] = &[
    0x00, 0x01, 0x02, 0x03, 0x05, 0x06, 0x08, 0x0B, 0x0F, 0x10, 0x15, 0x16, 0x18, 0x1F, 0x23, 0x24, 0x26, 0x2B, 0x2F,
    0x30, 0x40, 0x60, 0x7F, 0x80, 0x87, 0xA2, 0xC0, 0xC2, 0xE2, 0xFF,
];

/// Every place that one change to a sample leads to: a byte set, inserted or removed, or the end cut off, always with a
/// Remaining Length that fits; and the same without one.
fn reachable(version: ProtocolVersion) -> BTreeSet<Place> {
    let mut found = BTreeSet::new();
    for packet in samples(version) {
        let raw = RawPacket::from_packet_in_full(&packet, version);
        let body = raw.body();
        let mut look = |body: Vec<u8>| {
            let raw = RawPacket { fields: vec![], trailing: body, keep: None, ..raw.clone() };
            found.extend(places(&raw.to_bytes(), version));
        };
        for at in 0..body.len() {
            look(body[..at].to_vec());
            look([&body[..at], &body[at + 1..]].concat());
            for byte in TELLING {
                look([&body[..at], &[*byte], &body[at + 1..]].concat());
                look([&body[..at], &[*byte], &body[at..]].concat());
            }
        }
        look([body.as_slice(), &[0]].concat());
        let bytes = raw.to_bytes();
        for at in 0..bytes.len() {
            found.extend(places(&bytes[..at], version));
        }
        for first in 0..=u8::MAX {
            found.extend(places(&[&[first], &bytes[1..]].concat(), version));
        }
        for length in TELLING {
            found.extend(places(&[&[bytes[0], *length], &bytes[2..]].concat(), version));
        }
    }
    for mutation in Mutation::ALL {
        for packet in samples(version) {
            found.extend(mutation.apply(&packet, version).iter().flat_map(|bytes| places(bytes, version)));
        }
    }
    found
}

#[test]
fn every_violation_occurs_in_every_packet_and_field_where_it_can() {
    for version in ProtocolVersion::ALL {
        let covered: BTreeSet<_> = vectors(version).iter().flat_map(|vector| places(&vector.bytes, version)).collect();
        let missing: Vec<_> = reachable(version).into_iter().filter(|place| !covered.contains(place)).collect();
        assert!(missing.is_empty(), "{version}: {} of {} are missing: {missing:#?}", missing.len(), covered.len());
    }
}

/// Every vector that is valid, with its packet.
fn valid(version: ProtocolVersion) -> Vec<(Vector, PacketBuf)> {
    let valid = vectors(version).into_iter().filter(|vector| vector.valid);
    valid.map(|vector| (vector.clone(), vector.packet.unwrap())).collect()
}

/// Every wire image that is legal and extreme in one field, and what it is.
#[test]
fn every_legal_extreme_occurs() {
    for version in ProtocolVersion::ALL {
        let valid = valid(version);
        let has = |what: &str, test: &dyn Fn(&Vector, &PacketBuf) -> bool| {
            assert!(
                valid.iter().any(|(vector, packet)| test(vector, packet)),
                "{version}: no valid vector with {what}"
            );
        };
        let of = |packet_type: PacketType| move |p: &PacketBuf| p.packet_type() == packet_type;
        for packet_type in PacketType::ALL.into_iter().filter(|packet_type| packet_type.exists_in(version)) {
            has(packet_type.name(), &|_, p| of(packet_type)(p));
            for row in ReasonCode::rows(version, packet_type) {
                let code = row.code;
                has(&format!("{packet_type} {code}"), &|_, p| of(packet_type)(p) && codes(p).contains(&code));
            }
            if samples(version).iter().any(|p| of(packet_type)(p) && p.packet_id().is_some()) {
                for id in [1, u16::MAX] {
                    has(&format!("{packet_type} {id}"), &|_, p| of(packet_type)(p) && p.packet_id() == Some(id));
                }
            }
        }
        // Remaining Length: the last and the first of each width that a test can hold.
        for remaining in [0, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152] {
            let len = 1 + varint::len(remaining).unwrap() + remaining as usize;
            has(&format!("Remaining Length {remaining}"), &|vector, _| vector.bytes.len() == len);
        }
        for flags in 0..16_u8 {
            let legal = flags >> 1 & 3 != 3 && (flags & 0b1110 != 0b1000);
            let found = valid.iter().any(|(vector, _)| vector.bytes[0] == 0x30 | flags);
            assert_eq!(found, legal, "{version}: PUBLISH with flags {flags:04b}");
        }
        let v5 = version.has_properties();
        let options = if v5 {
            (0..3_u8).flat_map(|handling| (0..16).map(move |low| handling << 4 | low)).collect()
        } else {
            vec![0, 1, 2]
        };
        for byte in options.into_iter().filter(|byte| byte & 3 != 3) {
            let wanted = |p: &PacketBuf| match p {
                PacketBuf::Subscribe(p) => p.filters.iter().any(|filter| filter.options.to_byte(version) == byte),
                _ => false,
            };
            has(&format!("options {byte:08b}"), &|_, p| wanted(p));
        }
    }
}

fn codes(packet: &PacketBuf) -> Vec<ReasonCode> {
    match packet {
        PacketBuf::ConnAck(p) => vec![p.reason_code],
        PacketBuf::PubAck(p) | PacketBuf::PubRec(p) | PacketBuf::PubRel(p) | PacketBuf::PubComp(p) => {
            vec![p.reason_code]
        }
        PacketBuf::SubAck(p) => p.reason_codes.clone(),
        PacketBuf::UnsubAck(p) => p.reason_codes.clone(),
        PacketBuf::Disconnect(p) => vec![p.reason_code],
        PacketBuf::Auth(p) => vec![p.reason_code],
        _ => vec![],
    }
}

#[test]
fn every_legal_connect_occurs() {
    for version in ProtocolVersion::ALL {
        let valid = valid(version);
        let own = |p: &PacketBuf| match p {
            PacketBuf::Connect(connect) if connect.version == version => Some(connect.clone()),
            _ => None,
        };
        let connects: Vec<_> = valid.iter().filter_map(|(_, p)| own(p)).collect();
        let mut shapes = 0;
        for clean_start in [true, false] {
            for (user, password) in [(false, false), (true, false), (true, true), (false, true)] {
                for will in [None, Some(QoS::AtMostOnce), Some(QoS::AtLeastOnce), Some(QoS::ExactlyOnce)] {
                    for retain in [false, true] {
                        let legal = (will.is_some() || !retain) && (version.has_properties() || user || !password);
                        let found = connects.iter().any(|c| {
                            c.clean_start == clean_start
                                && c.user_name.is_some() == user
                                && c.password.is_some() == password
                                && c.will.as_ref().map(|w| w.qos) == will
                                && c.will.as_ref().is_some_and(|w| w.retain) == retain
                        });
                        assert_eq!(found, legal, "{version} {clean_start} {user} {password} {will:?} {retain}");
                        shapes += usize::from(found);
                    }
                }
            }
        }
        assert_eq!(shapes, if version.has_properties() { 56 } else { 42 });
        let has = |what: &str, test: &dyn Fn(&ConnectBuf) -> bool| {
            assert!(connects.iter().any(test), "{version}: no CONNECT with {what}");
        };
        for keep_alive in [0, 1, u16::MAX] {
            has("that keep alive", &|c| c.keep_alive == keep_alive);
        }
        for length in [0, 1, 23, 24, 65_535] {
            has(&format!("a client identifier of {length}"), &|c| c.client_id.len() == length);
            let optional = length == 0 || length == 65_535;
            has("that user name", &|c| !optional || c.user_name.as_ref().is_some_and(|u| u.len() == length));
            has("that password", &|c| !optional || c.password.as_ref().is_some_and(|p| p.len() == length));
            has("that payload", &|c| !optional || c.will.as_ref().is_some_and(|w| w.payload.len() == length));
            has("that will topic", &|c| length != 65_535 || c.will.as_ref().is_some_and(|w| w.topic.len() == length));
        }
    }
}

#[test]
fn every_property_occurs_everywhere_with_its_extremes() {
    let mut lists = Vec::new();
    for (_, packet) in valid(ProtocolVersion::V5_0) {
        if let PacketBuf::Connect(ConnectBuf { will: Some(will), .. }) = &packet {
            lists.push((PropertyContext::Will, will.properties.clone()));
        }
        lists.push((PropertyContext::Packet(packet.packet_type()), packet.properties().to_vec()));
    }
    for id in PropertyId::ALL {
        for context in id.contexts() {
            let values: Vec<_> =
                lists.iter().filter(|(place, _)| place == context).flat_map(|(_, list)| list).collect();
            let values: Vec<_> = values.into_iter().filter(|property| property.id == id).map(|p| &p.value).collect();
            let (least, most) = match (id.property_type(), id.range()) {
                (PropertyType::Byte, _) => (0, 1),
                (PropertyType::TwoByteInteger, PropertyRange::NonZero) => (1, 0xFFFF),
                (PropertyType::TwoByteInteger, _) => (0, 0xFFFF),
                (PropertyType::FourByteInteger, PropertyRange::NonZero) => (1, u32::MAX),
                (PropertyType::FourByteInteger, _) => (0, u32::MAX),
                (PropertyType::VariableByteInteger, _) => (1, varint::MAX),
                _ => {
                    let shortest = usize::from(id == PropertyId::ResponseTopic);
                    let short = values.iter().any(|value| length(value) <= shortest);
                    assert!(short, "{id} in {context:?}: no empty one");
                    if id.property_type() == PropertyType::BinaryData {
                        assert!(values.iter().any(|value| length(value) == 65_535), "{id} in {context:?}: no longest");
                    }
                    continue;
                }
            };
            let integers: BTreeSet<_> = values.iter().filter_map(|value| value.as_integer()).collect();
            assert!(integers.contains(&least) && integers.contains(&most), "{id} in {context:?}: {integers:?}");
        }
    }
}

/// The length of the shorter string, or of the data.
fn length(value: &ValueBuf) -> usize {
    match value {
        ValueBuf::Utf8String(text) => text.len(),
        ValueBuf::BinaryData(bytes) => bytes.len(),
        ValueBuf::Utf8StringPair(name, value) => name.len().min(value.len()),
        _ => usize::MAX,
    }
}
