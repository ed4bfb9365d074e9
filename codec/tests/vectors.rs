//! Literal bytes of valid packets, at least one for each packet type and version, with the value they stand for.

mod common;

use ProtocolVersion::{V3_1, V3_1_1, V5_0};
use common::bytes::{bytes, hex};
use mqttspec_codec::*;

struct Vector {
    name: &'static str,
    version: ProtocolVersion,
    bytes: &'static str,
    packet: PacketBuf,
}

fn vector(name: &'static str, version: ProtocolVersion, bytes: &'static str, packet: PacketBuf) -> Vector {
    Vector { name, version, bytes, packet }
}

#[test]
fn vectors_decode_to_their_value_and_encode_to_their_bytes() {
    for Vector { name, version, bytes: notation, packet } in vectors() {
        let expected = bytes(notation);
        assert_eq!(hex(&packet.encode(version).unwrap()), hex(&expected), "encode {name} in {version}");
        assert_eq!(packet.encoded_len(version), Ok(expected.len()), "encoded_len of {name} in {version}");
        assert_eq!(PacketBuf::decode(&expected, version), Ok(packet), "decode {name} in {version}");
    }
}

#[test]
fn every_packet_type_of_every_version_has_a_vector() {
    let vectors = vectors();
    for version in ProtocolVersion::ALL {
        for packet_type in PacketType::ALL.into_iter().filter(|packet_type| packet_type.exists_in(version)) {
            let found = vectors.iter().any(|v| v.version == version && v.packet.packet_type() == packet_type);
            assert!(found, "no vector of {packet_type} in {version}");
        }
    }
}

#[test]
fn every_property_has_a_vector() {
    let all: Vec<_> = vectors().into_iter().map(|v| v.packet).collect();
    let will_properties = all.iter().filter_map(|packet| match packet {
        PacketBuf::Connect(connect) => connect.will.as_ref().map(|will| will.properties.as_slice()),
        _ => None,
    });
    let lists: Vec<_> = will_properties.chain(all.iter().map(PacketBuf::properties)).collect();
    for id in PropertyId::ALL {
        assert!(lists.iter().any(|list| list.find(id).is_some()), "no vector with {id}");
    }
}

/// The vectors that read the same in 3.1, 3.1.1 and 5.0 (the short forms of 5.0), and those of one version.
fn vectors() -> Vec<Vector> {
    let mut all = Vec::new();
    for version in ProtocolVersion::ALL {
        all.extend(common_vectors(version));
    }
    for version in [V3_1, V3_1_1] {
        all.extend(v3_vectors(version));
    }
    all.extend(v5_connection_vectors());
    all.extend(v5_message_vectors());
    all
}

fn connect(version: ProtocolVersion) -> ConnectBuf {
    ConnectBuf {
        version,
        clean_start: true,
        keep_alive: 60,
        properties: vec![],
        client_id: "c".into(),
        will: None,
        user_name: None,
        password: None,
    }
}

fn publish(qos: QoS, packet_id: Option<u16>) -> PublishBuf {
    let (topic, payload) = ("a/b".into(), b"hi".to_vec());
    PublishBuf { dup: false, qos, retain: false, topic, packet_id, properties: vec![], payload }
}

fn ack(reason_code: ReasonCode, properties: Vec<PropertyBuf>) -> AckBuf {
    AckBuf { packet_id: 0x1234, reason_code, properties }
}

fn subscription(filter: &str, options: SubscriptionOptions) -> SubscriptionBuf {
    SubscriptionBuf { filter: filter.into(), options }
}

fn common_vectors(version: ProtocolVersion) -> Vec<Vector> {
    let success = || ack(ReasonCode::SUCCESS, vec![]);
    vec![
        vector("puback", version, "40 02 1234", PacketBuf::PubAck(success())),
        vector("pubrec", version, "50 02 1234", PacketBuf::PubRec(success())),
        vector("pubrel", version, "62 02 1234", PacketBuf::PubRel(success())),
        vector("pubcomp", version, "70 02 1234", PacketBuf::PubComp(success())),
        vector("pingreq", version, "C0 00", PacketBuf::PingReq),
        vector("pingresp", version, "D0 00", PacketBuf::PingResp),
        vector("disconnect", version, "E0 00", PacketBuf::Disconnect(DisconnectBuf::default())),
    ]
}

fn v3_vectors(version: ProtocolVersion) -> Vec<Vector> {
    let (minimal, full) = match version {
        V3_1 => (
            "10 0F 0006'MQIsdp' 03 02 003C 0001'c'",
            "10 1D 0006'MQIsdp' 03 EC FFFF 0001'c' 0001't' 0003'bye' 0001'u' 0001'p'",
        ),
        _ => (
            "10 0D 0004'MQTT' 04 02 003C 0001'c'",
            "10 1B 0004'MQTT' 04 EC FFFF 0001'c' 0001't' 0003'bye' 0001'u' 0001'p'",
        ),
    };
    let will = WillBuf {
        qos: QoS::AtLeastOnce,
        retain: true,
        properties: vec![],
        topic: "t".into(),
        payload: b"bye".to_vec(),
    };
    let connect_full = ConnectBuf {
        clean_start: false,
        keep_alive: 0xFFFF,
        will: Some(will),
        user_name: Some("u".into()),
        password: Some(b"p".to_vec()),
        ..connect(version)
    };
    let unsub_ack = UnsubAckBuf { packet_id: 0x1234, properties: vec![], reason_codes: vec![] };
    vec![
        vector("minimal connect", version, minimal, PacketBuf::Connect(connect(version))),
        vector("full connect", version, full, PacketBuf::Connect(connect_full)),
        vector("connack", version, "20 02 00 00", conn_ack(false, 0, vec![])),
        vector("refusing connack", version, "20 02 00 05", conn_ack(false, 5, vec![])),
        vector("publish at qos 0", version, "30 07 0003'a/b' 'hi'", PacketBuf::Publish(publish(QoS::AtMostOnce, None))),
        vector(
            "publish again at qos 1",
            version,
            "3A 09 0003'a/b' 0A0B 'hi'",
            PacketBuf::Publish(PublishBuf { dup: true, ..publish(QoS::AtLeastOnce, Some(0x0A0B)) }),
        ),
        vector(
            "retained publish at qos 2",
            version,
            "35 09 0003'a/b' 0001 'hi'",
            PacketBuf::Publish(PublishBuf { retain: true, ..publish(QoS::ExactlyOnce, Some(1)) }),
        ),
        vector(
            "subscribe",
            version,
            "82 0C 1234 0003'a/#' 00 0001'+' 02",
            PacketBuf::Subscribe(SubscribeBuf {
                packet_id: 0x1234,
                properties: vec![],
                filters: vec![
                    subscription("a/#", SubscriptionOptions::with_qos(QoS::AtMostOnce)),
                    subscription("+", SubscriptionOptions::with_qos(QoS::ExactlyOnce)),
                ],
            }),
        ),
        vector("suback", version, "90 05 1234 00 01 02", sub_ack(vec![], &[0, 1, 2])),
        vector(
            "unsubscribe",
            version,
            "A2 0A 1234 0003'a/#' 0001'+'",
            PacketBuf::Unsubscribe(UnsubscribeBuf {
                packet_id: 0x1234,
                properties: vec![],
                filters: vec!["a/#".into(), "+".into()],
            }),
        ),
        vector("unsuback", version, "B0 02 1234", PacketBuf::UnsubAck(unsub_ack)),
    ]
}

fn conn_ack(session_present: bool, code: u8, properties: Vec<PropertyBuf>) -> PacketBuf {
    PacketBuf::ConnAck(ConnAckBuf { session_present, reason_code: ReasonCode(code), properties })
}

fn sub_ack(properties: Vec<PropertyBuf>, codes: &[u8]) -> PacketBuf {
    let reason_codes = codes.iter().map(|&code| ReasonCode(code)).collect();
    PacketBuf::SubAck(SubAckBuf { packet_id: 0x1234, properties, reason_codes })
}

fn v5_connection_vectors() -> Vec<Vector> {
    let will = WillBuf {
        qos: QoS::ExactlyOnce,
        retain: false,
        properties: vec![
            PropertyBuf::will_delay_interval(5),
            PropertyBuf::payload_format_indicator(1),
            PropertyBuf::message_expiry_interval(0),
            PropertyBuf::content_type("t"),
            PropertyBuf::response_topic("r"),
            PropertyBuf::correlation_data([0xC0, 0xFE]),
            PropertyBuf::user_property("k", "v"),
        ],
        topic: "w".into(),
        payload: vec![],
    };
    let connect_full = ConnectBuf {
        properties: vec![
            PropertyBuf::session_expiry_interval(0xFFFF_FFFF),
            PropertyBuf::receive_maximum(1),
            PropertyBuf::maximum_packet_size(0x0100_0000),
            PropertyBuf::topic_alias_maximum(10),
            PropertyBuf::request_response_information(1),
            PropertyBuf::request_problem_information(0),
            PropertyBuf::user_property("k", "v"),
            PropertyBuf::user_property("k", "v"),
            PropertyBuf::authentication_method("m"),
            PropertyBuf::authentication_data([1, 2]),
        ],
        will: Some(will),
        user_name: Some("u".into()),
        password: Some(vec![0xFF, 0x00]),
        ..connect(V5_0)
    };
    let conn_ack_full = vec![
        PropertyBuf::session_expiry_interval(1),
        PropertyBuf::receive_maximum(0xFFFF),
        PropertyBuf::maximum_qos(1),
        PropertyBuf::retain_available(0),
        PropertyBuf::maximum_packet_size(1),
        PropertyBuf::assigned_client_identifier("id"),
        PropertyBuf::topic_alias_maximum(0),
        PropertyBuf::reason_string("ok"),
        PropertyBuf::wildcard_subscription_available(1),
        PropertyBuf::subscription_identifier_available(0),
        PropertyBuf::shared_subscription_available(1),
        PropertyBuf::server_keep_alive(30),
        PropertyBuf::response_information("r"),
        PropertyBuf::server_reference("s"),
    ];
    let disconnect =
        |code, properties| PacketBuf::Disconnect(DisconnectBuf { reason_code: ReasonCode(code), properties });
    let auth = |code, properties| PacketBuf::Auth(AuthBuf { reason_code: ReasonCode(code), properties });
    vec![
        vector("minimal connect", V5_0, "10 0E 0004'MQTT' 05 02 003C 00 0001'c'", PacketBuf::Connect(connect(V5_0))),
        vector(
            "connect with a password alone",
            V5_0,
            "10 11 0004'MQTT' 05 42 003C 00 0001'c' 0001'p'",
            PacketBuf::Connect(ConnectBuf { password: Some(b"p".to_vec()), ..connect(V5_0) }),
        ),
        vector(
            "full connect",
            V5_0,
            "10 66 0004'MQTT' 05 D6 003C \
             2B 11FFFFFFFF 210001 2701000000 22000A 1901 1700 260001'k'0001'v' 260001'k'0001'v' 150001'm' 1600020102 \
             0001'c' \
             20 1800000005 0101 0200000000 030001't' 080001'r' 090002C0FE 260001'k'0001'v' \
             0001'w' 0000 0001'u' 0002FF00",
            PacketBuf::Connect(connect_full),
        ),
        vector("connack", V5_0, "20 03 00 00 00", conn_ack(false, 0, vec![])),
        vector("connack with session present", V5_0, "20 03 01 00 00", conn_ack(true, 0, vec![])),
        vector("refusing connack", V5_0, "20 03 00 9F 00", conn_ack(false, 0x9F, vec![])),
        vector(
            "full connack",
            V5_0,
            "20 32 00 00 2F 1100000001 21FFFF 2401 2500 2700000001 120002'id' 220000 1F0002'ok' 2801 2900 2A01 \
             13001E 1A0001'r' 1C0001's'",
            conn_ack(false, 0, conn_ack_full),
        ),
        vector("disconnect with a reason code alone", V5_0, "E0 01 04", disconnect(4, vec![])),
        vector(
            "full disconnect",
            V5_0,
            "E0 15 9C 13 1100000000 1F0001'm' 260001'k'0000 1C0001's'",
            disconnect(
                0x9C,
                vec![
                    PropertyBuf::session_expiry_interval(0),
                    PropertyBuf::reason_string("m"),
                    PropertyBuf::user_property("k", ""),
                    PropertyBuf::server_reference("s"),
                ],
            ),
        ),
        vector("successful auth", V5_0, "F0 00", auth(0, vec![])),
        vector(
            "auth",
            V5_0,
            "F0 0C 18 0A 150001'm' 160003'abc'",
            auth(0x18, vec![PropertyBuf::authentication_method("m"), PropertyBuf::authentication_data("abc")]),
        ),
    ]
}

fn v5_message_vectors() -> Vec<Vector> {
    let publish_full = PublishBuf {
        dup: true,
        retain: true,
        topic: String::new(),
        properties: vec![
            PropertyBuf::payload_format_indicator(0),
            PropertyBuf::message_expiry_interval(0),
            PropertyBuf::topic_alias(0xFFFF),
            PropertyBuf::response_topic("r/s"),
            PropertyBuf::correlation_data([]),
            PropertyBuf::user_property("", ""),
            PropertyBuf::subscription_identifier(1),
            PropertyBuf::subscription_identifier(268_435_455),
            PropertyBuf::content_type("text/plain"),
        ],
        ..publish(QoS::ExactlyOnce, Some(0xFFFF))
    };
    let options = SubscriptionOptions {
        qos: QoS::ExactlyOnce,
        no_local: true,
        retain_as_published: true,
        retain_handling: RetainHandling::DoNotSend,
    };
    let user = || PropertyBuf::user_property("k", "v");
    let reason = || PropertyBuf::reason_string("no");
    let unsub_ack = UnsubAckBuf {
        packet_id: 0x1234,
        properties: vec![reason()],
        reason_codes: vec![ReasonCode::SUCCESS, ReasonCode::NO_SUBSCRIPTION_EXISTED],
    };
    vec![
        vector("publish at qos 0", V5_0, "30 08 0003'a/b' 00 'hi'", PacketBuf::Publish(publish(QoS::AtMostOnce, None))),
        vector(
            "publish at qos 1",
            V5_0,
            "32 0A 0003'a/b' 0A0B 00 'hi'",
            PacketBuf::Publish(publish(QoS::AtLeastOnce, Some(0x0A0B))),
        ),
        vector(
            "full publish by alias",
            V5_0,
            "3D 33 0000 FFFF 2C 0100 0200000000 23FFFF 080003'r/s' 090000 2600000000 0B01 0BFFFFFF7F 03000A'text/plain' 'hi'",
            PacketBuf::Publish(publish_full),
        ),
        vector(
            "puback with a reason code alone",
            V5_0,
            "40 03 1234 10",
            PacketBuf::PubAck(ack(ReasonCode(0x10), vec![])),
        ),
        vector(
            "full puback",
            V5_0,
            "40 10 1234 97 0C 1F0002'no' 260001'k'0001'v'",
            PacketBuf::PubAck(ack(ReasonCode::QUOTA_EXCEEDED, vec![reason(), user()])),
        ),
        vector(
            "full pubrec",
            V5_0,
            "50 09 1234 00 05 1F0002'no'",
            PacketBuf::PubRec(ack(ReasonCode::SUCCESS, vec![reason()])),
        ),
        vector(
            "pubrel with a reason code alone",
            V5_0,
            "62 03 1234 92",
            PacketBuf::PubRel(ack(ReasonCode(0x92), vec![])),
        ),
        vector(
            "full pubcomp",
            V5_0,
            "70 0B 1234 92 07 260001'k'0001'v'",
            PacketBuf::PubComp(ack(ReasonCode::PACKET_IDENTIFIER_NOT_FOUND, vec![user()])),
        ),
        vector(
            "subscribe",
            V5_0,
            "82 22 1234 0A 0B8001 260001'k'0001'v' 0003'a/#' 2E 000C'$share/g/a/+' 01",
            PacketBuf::Subscribe(SubscribeBuf {
                packet_id: 0x1234,
                properties: vec![PropertyBuf::subscription_identifier(128), user()],
                filters: vec![
                    subscription("a/#", options),
                    subscription("$share/g/a/+", SubscriptionOptions::with_qos(QoS::AtLeastOnce)),
                ],
            }),
        ),
        vector("suback", V5_0, "90 06 1234 00 01 02 A2", sub_ack(vec![], &[1, 2, 0xA2])),
        vector("full suback", V5_0, "90 09 1234 05 1F0002'no' 80", sub_ack(vec![reason()], &[0x80])),
        vector(
            "unsubscribe",
            V5_0,
            "A2 0F 1234 07 260001'k'0001'v' 0003'a/#'",
            PacketBuf::Unsubscribe(UnsubscribeBuf {
                packet_id: 0x1234,
                properties: vec![user()],
                filters: vec!["a/#".into()],
            }),
        ),
        vector("unsuback", V5_0, "B0 0A 1234 05 1F0002'no' 00 11", PacketBuf::UnsubAck(unsub_ack)),
    ]
}
