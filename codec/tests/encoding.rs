//! Encoding writes what it is told, and fails only when there is no place for it.

mod common;

use ProtocolVersion::{V3_1, V3_1_1, V5_0};
use common::bytes::{bytes, hex};
use mqttspec_codec::packet::{Publish, ReasonCodes, Subscribe};
use mqttspec_codec::*;

fn publish() -> PublishBuf {
    PublishBuf {
        dup: false,
        qos: QoS::AtMostOnce,
        retain: false,
        topic: "t".into(),
        packet_id: None,
        properties: vec![],
        payload: vec![],
    }
}

fn connect() -> ConnectBuf {
    ConnectBuf {
        version: V5_0,
        clean_start: true,
        keep_alive: 0,
        properties: vec![],
        client_id: String::new(),
        will: None,
        user_name: None,
        password: None,
    }
}

fn ack(properties: Vec<PropertyBuf>) -> AckBuf {
    AckBuf { packet_id: 1, reason_code: ReasonCode(0x10), properties }
}

fn assert_encodes(packet: &PacketBuf, version: ProtocolVersion, notation: &str) {
    assert_eq!(packet.encode(version).map(|encoded| hex(&encoded)), Ok(hex(&bytes(notation))));
}

fn assert_fails(packet: &PacketBuf, expected: EncodeError) {
    assert_eq!(packet.encode(V5_0), Err(expected));
    assert_eq!(packet.encoded_len(V5_0), Err(expected));
    let mut out = vec![1, 2, 3];
    assert_eq!(packet.as_packet().encode(V5_0, &mut out), Err(expected));
    assert_eq!(out, [1, 2, 3], "nothing is written");
    assert!(!expected.to_string().is_empty());
}

#[test]
fn illegal_values_are_written() {
    let publish = |topic: &str, qos, packet_id, dup| {
        PacketBuf::Publish(PublishBuf { topic: topic.into(), qos, packet_id, dup, ..publish() })
    };
    assert_encodes(&publish("a/#", QoS::AtMostOnce, None, false), V3_1_1, "30 05 0003'a/#'");
    assert_encodes(&publish("", QoS::AtLeastOnce, Some(0), false), V3_1_1, "32 04 0000 0000");
    assert_encodes(&publish("\0", QoS::AtMostOnce, None, true), V3_1_1, "38 03 0001 00");
    let connack = ConnAckBuf { session_present: true, reason_code: ReasonCode(0xEE), properties: vec![] };
    assert_encodes(&PacketBuf::ConnAck(connack), V5_0, "20 03 01 EE 00");
    let subscribe = PacketBuf::Subscribe(SubscribeBuf { packet_id: 0, properties: vec![], filters: vec![] });
    assert_encodes(&subscribe, V3_1_1, "82 02 0000");
    let alias = || PropertyBuf::topic_alias(0);
    assert_encodes(&PacketBuf::PubAck(ack(vec![alias(), alias()])), V5_0, "40 0A 0001 10 06 230000 230000");
    let auth = AuthBuf { reason_code: ReasonCode::CONTINUE_AUTHENTICATION, properties: vec![] };
    assert_encodes(&PacketBuf::Auth(auth), V5_0, "F0 02 18 00");
    let password = ConnectBuf { version: V3_1_1, password: Some(vec![]), ..connect() };
    assert_encodes(&PacketBuf::Connect(password), V3_1_1, "10 0E 0004'MQTT' 04 42 0000 0000 0000");
}

#[test]
fn what_a_version_does_not_have_is_not_written() {
    let user = || vec![PropertyBuf::user_property("k", "v")];
    let options = SubscriptionOptions {
        qos: QoS::AtLeastOnce,
        no_local: true,
        retain_as_published: true,
        retain_handling: RetainHandling::DoNotSend,
    };
    let will = WillBuf { qos: QoS::AtMostOnce, retain: false, properties: user(), topic: "w".into(), payload: vec![] };
    let codes = vec![ReasonCode::SUCCESS];
    for version in [V3_1, V3_1_1] {
        let connect = ConnectBuf { version: V3_1_1, properties: user(), will: Some(will.clone()), ..connect() };
        assert_encodes(&PacketBuf::Connect(connect), version, "10 11 0004'MQTT' 04 06 0000 0000 0001'w' 0000");
        let conn_ack = ConnAckBuf { session_present: false, reason_code: ReasonCode(0), properties: user() };
        assert_encodes(&PacketBuf::ConnAck(conn_ack), version, "20 02 00 00");
        assert_encodes(&PacketBuf::Publish(PublishBuf { properties: user(), ..publish() }), version, "30 03 0001't'");
        assert_encodes(&PacketBuf::PubAck(ack(user())), version, "40 02 0001");
        assert_encodes(&PacketBuf::PubRec(ack(user())), version, "50 02 0001");
        assert_encodes(&PacketBuf::PubRel(ack(user())), version, "62 02 0001");
        assert_encodes(&PacketBuf::PubComp(ack(user())), version, "70 02 0001");
        let filters = vec![SubscriptionBuf { filter: "t".into(), options }];
        let subscribe = SubscribeBuf { packet_id: 1, properties: user(), filters };
        assert_encodes(&PacketBuf::Subscribe(subscribe), version, "82 06 0001 0001't' 01");
        let sub_ack = SubAckBuf { packet_id: 1, properties: user(), reason_codes: codes.clone() };
        assert_encodes(&PacketBuf::SubAck(sub_ack), version, "90 03 0001 00");
        let unsubscribe = UnsubscribeBuf { packet_id: 1, properties: user(), filters: vec!["t".into()] };
        assert_encodes(&PacketBuf::Unsubscribe(unsubscribe), version, "A2 05 0001 0001't'");
        let unsub_ack = UnsubAckBuf { packet_id: 1, properties: user(), reason_codes: codes.clone() };
        assert_encodes(&PacketBuf::UnsubAck(unsub_ack), version, "B0 02 0001");
        let disconnect = DisconnectBuf { reason_code: ReasonCode(0x8E), properties: user() };
        assert_encodes(&PacketBuf::Disconnect(disconnect), version, "E0 00");
        let auth = AuthBuf { reason_code: ReasonCode(0x18), properties: user() };
        assert_encodes(&PacketBuf::Auth(auth), version, "F0 00");
    }
}

#[test]
fn fields_longer_than_65535_bytes() {
    let long = "x".repeat(65_536);
    let expected = EncodeError::FieldTooLong(65_536);
    assert_fails(&PacketBuf::Publish(PublishBuf { topic: long.clone(), ..publish() }), expected);
    assert_fails(&PacketBuf::Connect(ConnectBuf { client_id: long.clone(), ..connect() }), expected);
    assert_fails(&PacketBuf::Connect(ConnectBuf { user_name: Some(long.clone()), ..connect() }), expected);
    assert_fails(&PacketBuf::Connect(ConnectBuf { password: Some(vec![0; 65_536]), ..connect() }), expected);
    let will = |topic, payload| {
        let will = WillBuf { qos: QoS::AtMostOnce, retain: false, properties: vec![], topic, payload };
        PacketBuf::Connect(ConnectBuf { will: Some(will), ..connect() })
    };
    assert_fails(&will(long.clone(), vec![]), expected);
    assert_fails(&will("t".into(), vec![0; 65_536]), expected);
    for property in [
        PropertyBuf::reason_string(long.clone()),
        PropertyBuf::authentication_data(vec![0; 65_536]),
        PropertyBuf::user_property(long.clone(), ""),
        PropertyBuf::user_property("", long.clone()),
    ] {
        assert_fails(&PacketBuf::PubAck(ack(vec![property])), expected);
    }
    let unsubscribe = UnsubscribeBuf { packet_id: 1, properties: vec![], filters: vec!["t".into(), long] };
    assert_fails(&PacketBuf::Unsubscribe(unsubscribe), expected);
}

#[test]
fn variable_byte_integers_that_are_too_large() {
    let property = PropertyBuf::subscription_identifier(varint::MAX + 1);
    let packet = PacketBuf::Publish(PublishBuf { properties: vec![property], ..publish() });
    assert_fails(&packet, EncodeError::VariableByteIntegerTooLarge(varint::MAX + 1));
}

#[test]
fn packet_identifiers_and_quality_of_service() {
    let publish = |qos, packet_id| PacketBuf::Publish(PublishBuf { qos, packet_id, ..publish() });
    assert_fails(&publish(QoS::AtLeastOnce, None), EncodeError::MissingPacketId);
    assert_fails(&publish(QoS::ExactlyOnce, None), EncodeError::MissingPacketId);
    assert_fails(&publish(QoS::AtMostOnce, Some(1)), EncodeError::UnexpectedPacketId);
}

#[test]
fn property_values_of_another_type() {
    for id in PropertyId::ALL {
        for value in [
            ValueBuf::Byte(1),
            ValueBuf::TwoByteInteger(1),
            ValueBuf::FourByteInteger(1),
            ValueBuf::VariableByteInteger(1),
            ValueBuf::Utf8String("x".into()),
            ValueBuf::BinaryData(vec![1]),
            ValueBuf::Utf8StringPair("x".into(), "y".into()),
        ] {
            let property = PropertyBuf { id, value };
            let fits = property.as_property().value.property_type() == id.property_type();
            let packet = PacketBuf::PubAck(ack(vec![property]));
            if fits {
                assert!(packet.encode(V5_0).is_ok(), "{id}");
            } else {
                assert_fails(&packet, EncodeError::WrongPropertyType(id));
            }
        }
    }
}

#[test]
fn packets_longer_than_a_remaining_length_can_say() {
    // A borrowed payload may be shared, so 256 MiB cost one allocation, and counting them costs nothing.
    let payload = vec![0; varint::MAX as usize - 2];
    let packet = |payload| {
        let properties = Properties::EMPTY;
        let topic = "";
        Packet::Publish(Publish {
            dup: false,
            qos: QoS::AtMostOnce,
            retain: false,
            topic: topic.into(),
            packet_id: None,
            properties,
            payload,
        })
    };
    assert_eq!(packet(&payload).encoded_len(V3_1_1), Ok(1 + 4 + varint::MAX as usize - 2 + 2));
    assert_eq!(packet(&payload).encoded_len(V5_0), Err(EncodeError::PacketTooLong));
    let filters: Vec<SubscriptionBuf> = Vec::new();
    let subscribe =
        Packet::Subscribe(Subscribe { packet_id: 1, properties: Properties::EMPTY, filters: (&filters).into() });
    assert_eq!(subscribe.encoded_len(V5_0), Ok(5));
    assert_eq!(ReasonCodes::EMPTY.iter().count(), 0);
}

#[test]
fn packets_append_to_what_is_there() {
    let mut out = Vec::new();
    for packet in [Packet::PingReq, Packet::PingResp] {
        packet.encode(V5_0, &mut out).unwrap();
    }
    assert_eq!(out, bytes("C000 D000"));
}

/// Short fields are written in pieces of known sizes, and lists of properties in memory of a known size when they fit:
/// what the two encoders make of every length around those is the same.
#[test]
fn fields_of_every_length_are_written_whole() {
    for len in (1..=80).chain(100..=140).chain(230..=290) {
        let text: String = (0..len).map(|at| char::from(b'a' + (at % 23) as u8)).collect();
        let properties = vec![PropertyBuf::user_property(text.as_str(), "v"), PropertyBuf::user_property("n", "v")];
        let filter = SubscriptionBuf { filter: text.clone(), options: SubscriptionOptions::default() };
        let packets = [
            PacketBuf::Publish(PublishBuf {
                dup: false,
                qos: QoS::AtLeastOnce,
                retain: false,
                topic: text.clone(),
                packet_id: Some(1),
                properties: properties.clone(),
                payload: text.clone().into_bytes(),
            }),
            PacketBuf::Subscribe(SubscribeBuf {
                packet_id: 1,
                properties: properties.clone(),
                filters: vec![filter.clone(), filter],
            }),
            PacketBuf::Unsubscribe(UnsubscribeBuf {
                packet_id: 1,
                properties: properties.clone(),
                filters: vec![text.clone(), text.clone()],
            }),
            PacketBuf::Connect(ConnectBuf {
                version: V5_0,
                clean_start: true,
                keep_alive: 60,
                properties: properties.clone(),
                client_id: text.clone(),
                will: Some(WillBuf {
                    qos: QoS::AtMostOnce,
                    retain: false,
                    properties: properties.clone(),
                    topic: text.clone(),
                    payload: text.clone().into_bytes(),
                }),
                user_name: Some(text.clone()),
                password: Some(text.clone().into_bytes()),
            }),
            PacketBuf::Disconnect(DisconnectBuf { reason_code: ReasonCode::SUCCESS, properties }),
        ];
        for packet in packets {
            let bytes = packet.encode(V5_0).unwrap();
            assert_eq!(bytes, RawPacket::from_packet(&packet, V5_0).to_bytes(), "{len} {}", packet.packet_type());
            assert_eq!(packet.encoded_len(V5_0), Ok(bytes.len()), "{len} {}", packet.packet_type());
            assert_eq!(PacketBuf::decode(&bytes, V5_0), Ok(packet), "{len}");
        }
    }
}
