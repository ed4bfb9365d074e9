//! The tables of the crate against those of the standards, written out here once more from each packet's own section.

use PacketType::*;
use ProtocolVersion::{V3_1, V3_1_1, V5_0};
use mqttspec_codec::*;

/// The codes of each packet of 5.0 with their names: 3.2.2.2, 3.4.2.1, 3.5.2.1, 3.6.2.1, 3.7.2.1, 3.9.3, 3.11.3,
/// 3.14.2.1, 3.15.2.1.
const CODES_5_0: &[(PacketType, &[(u8, &str)])] = &[
    (
        ConnAck,
        &[
            (0x00, "Success"),
            (0x80, "Unspecified error"),
            (0x81, "Malformed Packet"),
            (0x82, "Protocol Error"),
            (0x83, "Implementation specific error"),
            (0x84, "Unsupported Protocol Version"),
            (0x85, "Client Identifier not valid"),
            (0x86, "Bad User Name or Password"),
            (0x87, "Not authorized"),
            (0x88, "Server unavailable"),
            (0x89, "Server busy"),
            (0x8A, "Banned"),
            (0x8C, "Bad authentication method"),
            (0x90, "Topic Name invalid"),
            (0x95, "Packet too large"),
            (0x97, "Quota exceeded"),
            (0x99, "Payload format invalid"),
            (0x9A, "Retain not supported"),
            (0x9B, "QoS not supported"),
            (0x9C, "Use another server"),
            (0x9D, "Server moved"),
            (0x9F, "Connection rate exceeded"),
        ],
    ),
    (PubAck, PUBLISH_CODES),
    (PubRec, PUBLISH_CODES),
    (PubRel, &[(0x00, "Success"), (0x92, "Packet Identifier not found")]),
    (PubComp, &[(0x00, "Success"), (0x92, "Packet Identifier not found")]),
    (
        SubAck,
        &[
            (0x00, "Granted QoS 0"),
            (0x01, "Granted QoS 1"),
            (0x02, "Granted QoS 2"),
            (0x80, "Unspecified error"),
            (0x83, "Implementation specific error"),
            (0x87, "Not authorized"),
            (0x8F, "Topic Filter invalid"),
            (0x91, "Packet Identifier in use"),
            (0x97, "Quota exceeded"),
            (0x9E, "Shared Subscriptions not supported"),
            (0xA1, "Subscription Identifiers not supported"),
            (0xA2, "Wildcard Subscriptions not supported"),
        ],
    ),
    (
        UnsubAck,
        &[
            (0x00, "Success"),
            (0x11, "No subscription existed"),
            (0x80, "Unspecified error"),
            (0x83, "Implementation specific error"),
            (0x87, "Not authorized"),
            (0x8F, "Topic Filter invalid"),
            (0x91, "Packet Identifier in use"),
        ],
    ),
    (
        Disconnect,
        &[
            (0x00, "Normal disconnection"),
            (0x04, "Disconnect with Will Message"),
            (0x80, "Unspecified error"),
            (0x81, "Malformed Packet"),
            (0x82, "Protocol Error"),
            (0x83, "Implementation specific error"),
            (0x87, "Not authorized"),
            (0x89, "Server busy"),
            (0x8B, "Server shutting down"),
            // In table 2-6 alone: the table of 3.14.2.1 does not have it. The standard contradicts itself, so nobody
            // is blamed for sending it.
            (0x8C, "Bad authentication method"),
            (0x8D, "Keep Alive timeout"),
            (0x8E, "Session taken over"),
            (0x8F, "Topic Filter invalid"),
            (0x90, "Topic Name invalid"),
            (0x93, "Receive Maximum exceeded"),
            (0x94, "Topic Alias invalid"),
            (0x95, "Packet too large"),
            (0x96, "Message rate too high"),
            (0x97, "Quota exceeded"),
            (0x98, "Administrative action"),
            (0x99, "Payload format invalid"),
            (0x9A, "Retain not supported"),
            (0x9B, "QoS not supported"),
            (0x9C, "Use another server"),
            (0x9D, "Server moved"),
            (0x9E, "Shared Subscriptions not supported"),
            (0x9F, "Connection rate exceeded"),
            (0xA0, "Maximum connect time"),
            (0xA1, "Subscription Identifiers not supported"),
            (0xA2, "Wildcard Subscriptions not supported"),
        ],
    ),
    (Auth, &[(0x00, "Success"), (0x18, "Continue authentication"), (0x19, "Re-authenticate")]),
];

const PUBLISH_CODES: &[(u8, &str)] = &[
    (0x00, "Success"),
    (0x10, "No matching subscribers"),
    (0x80, "Unspecified error"),
    (0x83, "Implementation specific error"),
    (0x87, "Not authorized"),
    (0x90, "Topic Name invalid"),
    (0x91, "Packet Identifier in use"),
    (0x97, "Quota exceeded"),
    (0x99, "Payload format invalid"),
];

#[test]
fn reason_codes_of_5_0() {
    for packet in PacketType::ALL {
        let expected = CODES_5_0.iter().find(|(p, _)| *p == packet).map_or([].as_slice(), |(_, codes)| codes);
        for code in 0..=u8::MAX {
            let name = expected.iter().find(|(c, _)| *c == code).map(|(_, name)| *name);
            assert_eq!(ReasonCode(code).name_in(V5_0, packet), name, "0x{code:02X} in {packet}");
            assert_eq!(ReasonCode(code).is_defined_in(V5_0, packet), name.is_some());
        }
    }
    assert!(ReasonCode::UNSPECIFIED_ERROR.is_error() && !ReasonCode::RE_AUTHENTICATE.is_error());
}

#[test]
fn return_codes_before_5_0() {
    for version in [V3_1, V3_1_1] {
        for packet in PacketType::ALL {
            let defined: Vec<_> =
                (0..=u8::MAX).filter(|&code| ReasonCode(code).is_defined_in(version, packet)).collect();
            let expected: &[u8] = match (packet, version) {
                (ConnAck, _) => &[0, 1, 2, 3, 4, 5],
                (SubAck, V3_1) => &[0, 1, 2],
                (SubAck, _) => &[0, 1, 2, 0x80],
                _ => &[],
            };
            assert_eq!(defined, expected, "{packet} in {version}");
        }
    }
    assert_eq!(ReasonCode::V3_IDENTIFIER_REJECTED.name_in(V3_1_1, ConnAck), Some("identifier rejected"));
}

#[test]
fn decode_accepts_exactly_the_codes_of_the_tables() {
    let bodies: &[(PacketType, &[u8], &[u8])] = &[
        (ConnAck, &[0x20, 3, 0], &[0]),
        (PubAck, &[0x40, 3, 0, 1], &[]),
        (PubRec, &[0x50, 3, 0, 1], &[]),
        (PubRel, &[0x62, 3, 0, 1], &[]),
        (PubComp, &[0x70, 3, 0, 1], &[]),
        (SubAck, &[0x90, 4, 0, 1, 0], &[]),
        (UnsubAck, &[0xB0, 4, 0, 1, 0], &[]),
        (Disconnect, &[0xE0, 1], &[]),
        (Auth, &[0xF0, 6], &[4, 0x15, 0, 1, b'm']),
    ];
    for &(packet, before, after) in bodies {
        let codes = CODES_5_0.iter().find(|(p, _)| *p == packet).unwrap().1;
        for code in 0..=u8::MAX {
            let decoded = decode_ok(&[before, &[code], after].concat());
            assert_eq!(decoded, codes.iter().any(|(c, _)| *c == code), "0x{code:02X} in {packet}");
        }
    }
}

fn decode_ok(frame: &[u8]) -> bool {
    decode(frame, V5_0).is_ok()
}

/// Table 2-4 of 5.0: identifier, name, data type, and the packets in which the property may stand.
const PROPERTIES: &[(u8, &str, PropertyType, &str)] = &[
    (1, "Payload Format Indicator", PropertyType::Byte, "PUBLISH, Will Properties"),
    (2, "Message Expiry Interval", PropertyType::FourByteInteger, "PUBLISH, Will Properties"),
    (3, "Content Type", PropertyType::Utf8String, "PUBLISH, Will Properties"),
    (8, "Response Topic", PropertyType::Utf8String, "PUBLISH, Will Properties"),
    (9, "Correlation Data", PropertyType::BinaryData, "PUBLISH, Will Properties"),
    (11, "Subscription Identifier", PropertyType::VariableByteInteger, "PUBLISH, SUBSCRIBE"),
    (17, "Session Expiry Interval", PropertyType::FourByteInteger, "CONNECT, CONNACK, DISCONNECT"),
    (18, "Assigned Client Identifier", PropertyType::Utf8String, "CONNACK"),
    (19, "Server Keep Alive", PropertyType::TwoByteInteger, "CONNACK"),
    (21, "Authentication Method", PropertyType::Utf8String, "CONNECT, CONNACK, AUTH"),
    (22, "Authentication Data", PropertyType::BinaryData, "CONNECT, CONNACK, AUTH"),
    (23, "Request Problem Information", PropertyType::Byte, "CONNECT"),
    (24, "Will Delay Interval", PropertyType::FourByteInteger, "Will Properties"),
    (25, "Request Response Information", PropertyType::Byte, "CONNECT"),
    (26, "Response Information", PropertyType::Utf8String, "CONNACK"),
    (28, "Server Reference", PropertyType::Utf8String, "CONNACK, DISCONNECT"),
    (
        31,
        "Reason String",
        PropertyType::Utf8String,
        "CONNACK, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK, DISCONNECT, AUTH",
    ),
    (33, "Receive Maximum", PropertyType::TwoByteInteger, "CONNECT, CONNACK"),
    (34, "Topic Alias Maximum", PropertyType::TwoByteInteger, "CONNECT, CONNACK"),
    (35, "Topic Alias", PropertyType::TwoByteInteger, "PUBLISH"),
    (36, "Maximum QoS", PropertyType::Byte, "CONNACK"),
    (37, "Retain Available", PropertyType::Byte, "CONNACK"),
    (
        38,
        "User Property",
        PropertyType::Utf8StringPair,
        "CONNECT, CONNACK, PUBLISH, Will Properties, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBSCRIBE, SUBACK, \
         UNSUBSCRIBE, UNSUBACK, DISCONNECT, AUTH",
    ),
    (39, "Maximum Packet Size", PropertyType::FourByteInteger, "CONNECT, CONNACK"),
    (40, "Wildcard Subscription Available", PropertyType::Byte, "CONNACK"),
    (41, "Subscription Identifier Available", PropertyType::Byte, "CONNACK"),
    (42, "Shared Subscription Available", PropertyType::Byte, "CONNACK"),
];

#[test]
fn properties() {
    assert_eq!(PROPERTIES.len(), PropertyId::ALL.len());
    for (&id, &(value, name, property_type, places)) in PropertyId::ALL.iter().zip(PROPERTIES) {
        assert_eq!((id.value(), id.name(), id.property_type()), (value, name, property_type));
        assert_eq!(PropertyId::from_value(u32::from(value)), Some(id));
        assert_eq!(id.to_string(), name);
        let places: Vec<_> = places.split(", ").collect();
        assert_eq!(id.is_allowed_in(PropertyContext::Will), places.contains(&"Will Properties"), "{name} in a will");
        for packet in PacketType::ALL {
            let allowed = id.is_allowed_in(PropertyContext::Packet(packet));
            assert_eq!(allowed, places.contains(&packet.name()), "{name} in {packet}");
        }
        assert_eq!(id.contexts().len(), places.len(), "{name}");
    }
    let defined = (0..1000).filter(|&value| PropertyId::from_value(value).is_some()).count();
    assert_eq!(defined, 27);
}

#[test]
fn ranges_of_property_values() {
    for id in PropertyId::ALL {
        let expected = match id.value() {
            1 | 23 | 25 | 36 | 37 | 40 | 41 | 42 => PropertyRange::ZeroOrOne,
            11 | 33 | 35 | 39 => PropertyRange::NonZero,
            8 => PropertyRange::TopicName,
            _ => PropertyRange::Any,
        };
        assert_eq!(id.range(), expected, "{id}");
        let everywhere = id == PropertyId::UserProperty;
        assert_eq!(id.is_repeatable_in(PropertyContext::Will), everywhere);
        assert_eq!(id.is_repeatable_in(PropertyContext::Packet(Subscribe)), everywhere);
        let in_publish = everywhere || id == PropertyId::SubscriptionIdentifier;
        assert_eq!(id.is_repeatable_in(PropertyContext::Packet(Publish)), in_publish);
    }
}

#[test]
fn packet_types() {
    let table: &[(u8, &str, Option<u8>, &str)] = &[
        (1, "CONNECT", Some(0), "3.1"),
        (2, "CONNACK", Some(0), "3.2"),
        (3, "PUBLISH", None, "3.3"),
        (4, "PUBACK", Some(0), "3.4"),
        (5, "PUBREC", Some(0), "3.5"),
        (6, "PUBREL", Some(2), "3.6"),
        (7, "PUBCOMP", Some(0), "3.7"),
        (8, "SUBSCRIBE", Some(2), "3.8"),
        (9, "SUBACK", Some(0), "3.9"),
        (10, "UNSUBSCRIBE", Some(2), "3.10"),
        (11, "UNSUBACK", Some(0), "3.11"),
        (12, "PINGREQ", Some(0), "3.12"),
        (13, "PINGRESP", Some(0), "3.13"),
        (14, "DISCONNECT", Some(0), "3.14"),
        (15, "AUTH", Some(0), "3.15"),
    ];
    for (&packet, &row) in PacketType::ALL.iter().zip(table) {
        assert_eq!((packet.value(), packet.name(), packet.fixed_flags(), packet.section()), row);
        assert_eq!(PacketType::from_value(row.0), Some(packet));
        assert_eq!(packet.to_string(), row.1);
        assert_eq!(packet.exists_in(V3_1), packet != Auth);
        assert!(packet.exists_in(V5_0));
    }
    assert_eq!((PacketType::from_value(0), PacketType::from_value(16)), (None, None));
}

#[test]
fn versions_and_quality_of_service() {
    for (version, name, level, text) in
        [(V3_1, "MQIsdp", 3, "3.1"), (V3_1_1, "MQTT", 4, "3.1.1"), (V5_0, "MQTT", 5, "5.0")]
    {
        assert_eq!((version.protocol_name(), version.protocol_level()), (name, level));
        assert_eq!(ProtocolVersion::from_name_and_level(name.as_bytes(), level), Some(version));
        assert_eq!(version.to_string(), text);
        assert_eq!(version.has_properties(), version == V5_0);
    }
    assert_eq!(ProtocolVersion::from_name_and_level(b"MQTT", 3), None);
    for (value, qos) in QoS::ALL.into_iter().enumerate() {
        assert_eq!((usize::from(qos.value()), qos.to_string()), (value, value.to_string()));
    }
    assert_eq!(QoS::from_value(3), None);
    assert!(QoS::try_from(3).is_err() && QoS::try_from(2) == Ok(QoS::ExactlyOnce));
}

#[test]
fn subscription_options() {
    for byte in 0..=u8::MAX {
        let options = SubscriptionOptions::from_byte(byte, V5_0);
        let legal = byte & 0b1100_0000 == 0 && byte & 0b11 != 3 && byte >> 4 != 3;
        assert_eq!(options.is_ok(), legal, "{byte:08b}");
        if let Ok(options) = options {
            assert_eq!(options.to_byte(V5_0), byte);
            assert_eq!(options.to_byte(V3_1_1), byte & 0b11);
        }
        assert_eq!(SubscriptionOptions::from_byte(byte, V3_1_1).is_ok(), byte < 3, "{byte:08b}");
    }
    assert_eq!(RetainHandling::from_value(3), None);
}
