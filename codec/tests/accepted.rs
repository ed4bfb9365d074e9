//! Literal bytes that are legal though unusual, and must be accepted.

mod common;

use ProtocolVersion::{V3_1, V3_1_1, V5_0};
use common::bytes::bytes;
use mqttspec_codec::*;

const ALL: &[ProtocolVersion] = &[V3_1, V3_1_1, V5_0];

fn accept(notation: &str, version: ProtocolVersion) -> PacketBuf {
    PacketBuf::decode(&bytes(notation), version).unwrap_or_else(|error| panic!("{notation} in {version}: {error}"))
}

fn publish(notation: &str, version: ProtocolVersion) -> PublishBuf {
    match accept(notation, version) {
        PacketBuf::Publish(publish) => publish,
        other => panic!("{other:?}"),
    }
}

fn connect(notation: &str) -> ConnectBuf {
    // The version given is ignored: a CONNECT says its own.
    let [first, rest @ ..] = ALL else { panic!("no versions") };
    let packet = accept(notation, *first);
    assert!(rest.iter().all(|&version| accept(notation, version) == packet));
    match packet {
        PacketBuf::Connect(connect) => connect,
        other => panic!("{other:?}"),
    }
}

#[test]
fn message_expiry_interval_0() {
    let packet = publish("30 __ 0001't' 05 0200000000 'x'", V5_0);
    assert_eq!(packet.properties.integer(PropertyId::MessageExpiryInterval), Some(0));
}

#[test]
fn byte_order_mark_in_a_topic_name() {
    for &version in ALL {
        let notation = if version == V5_0 { "30 __ 0004 EFBBBF't' 00" } else { "30 __ 0004 EFBBBF't'" };
        assert_eq!(publish(notation, version).topic, "\u{FEFF}t");
    }
}

#[test]
fn empty_payload() {
    assert_eq!(publish("30 __ 0001't'", V3_1_1).payload, b"");
    assert_eq!(publish("31 __ 0001't' 00", V5_0).payload, b"");
}

#[test]
fn empty_client_identifier() {
    assert_eq!(connect("10 __ 0004'MQTT' 04 02 003C 0000").client_id, "");
    assert_eq!(connect("10 __ 0004'MQTT' 05 02 003C 00 0000").client_id, "");
    // Without Clean Start it is for the server to reject (3.1.1: MQTT-3.1.3-8), or in 5.0 to accept.
    assert_eq!(connect("10 __ 0004'MQTT' 04 00 003C 0000").client_id, "");
    assert_eq!(connect("10 __ 0004'MQTT' 05 00 003C 00 0000").client_id, "");
}

#[test]
fn client_identifier_longer_than_23_characters() {
    // In 3.1 too: the server answers with identifier rejected, which needs a CONNECT that could be read.
    let packet = connect("10 __ 0006'MQIsdp' 03 02 003C 0018'abcdefghijklmnopqrstuvwx'");
    assert_eq!((packet.version, packet.client_id.len()), (V3_1, 24));
}

#[test]
fn repeated_user_properties() {
    let packet = publish("30 __ 0001't' 0E 260001'k'0001'v' 260001'k'0001'v'", V5_0);
    assert_eq!(packet.properties, vec![PropertyBuf::user_property("k", "v"); 2]);
}

#[test]
fn several_subscription_identifiers_in_a_publish() {
    let packet = publish("30 __ 0001't' 06 0B01 0B01 0B02", V5_0);
    let ids: Vec<_> = packet.properties.iter().filter_map(|property| property.value.as_integer()).collect();
    assert_eq!(ids, [1, 1, 2]);
}

#[test]
fn password_without_user_name_in_5_0() {
    let packet = connect("10 __ 0004'MQTT' 05 42 003C 00 0001'c' 0000");
    assert_eq!((packet.user_name, packet.password), (None, Some(vec![])));
}

#[test]
fn control_characters_and_non_characters() {
    let name = "30 __ 000A 01 1F 7F C280 C29F EFBFBF 00";
    assert_eq!(publish(name, V5_0).topic, "\u{1}\u{1F}\u{7F}\u{80}\u{9F}\u{FFFF}");
}

#[test]
fn payload_that_is_not_what_its_format_indicator_says() {
    assert_eq!(publish("30 __ 0001't' 02 0101 FF", V5_0).payload, [0xFF]);
}

#[test]
fn topic_alias_with_or_without_a_topic_name() {
    assert_eq!(publish("30 __ 0000 03 230001", V5_0).topic, "");
    assert_eq!(publish("30 __ 0001't' 03 230001", V5_0).topic, "t");
}

#[test]
fn long_forms_of_acknowledgements_without_content() {
    for (long, short) in [
        ("40 03 1234 00", "40 02 1234"),
        ("40 04 1234 00 00", "40 02 1234"),
        ("62 04 1234 92 00", "62 03 1234 92"),
        ("E0 01 00", "E0 00"),
        ("E0 02 00 00", "E0 00"),
        ("E0 02 04 00", "E0 01 04"),
        ("F0 02 00 00", "F0 00"),
    ] {
        let packet = accept(long, V5_0);
        assert_eq!(packet, accept(short, V5_0));
        assert_eq!(packet.encode(V5_0).unwrap(), bytes(short));
    }
}

#[test]
fn a_frame_of_each_size_class() {
    // The Remaining Length takes one byte more from each of these on; the last would be 256 MiB, so it stops below.
    for (payload_len, header_len) in [(124, 2), (125, 3), (16_380, 3), (16_381, 4), (2_097_148, 4), (2_097_149, 5)] {
        let packet = PacketBuf::Publish(PublishBuf {
            dup: false,
            qos: QoS::AtMostOnce,
            retain: false,
            topic: "t".into(),
            packet_id: None,
            properties: vec![],
            payload: vec![0x55; payload_len],
        });
        let bytes = packet.encode(V3_1_1).unwrap();
        assert_eq!(bytes.len(), header_len + 3 + payload_len);
        assert_eq!(PacketBuf::decode(&bytes, V3_1_1).as_ref(), Ok(&packet));
    }
}

#[test]
fn strings_of_65535_bytes() {
    let topic = "x".repeat(65_535);
    let packet = accept(&format!("30 __ FFFF'{topic}'"), V3_1_1);
    assert_eq!(packet.encode(V3_1_1).unwrap().len(), 1 + 3 + 2 + 65_535);
}

#[test]
fn dup_of_3_1_on_packets_that_are_acknowledged() {
    assert_eq!(accept("6A 02 1234", V3_1).packet_type(), PacketType::PubRel);
    assert_eq!(accept("8A __ 1234 0001't' 01", V3_1).packet_type(), PacketType::Subscribe);
    assert_eq!(accept("AA __ 1234 0001't'", V3_1).packet_type(), PacketType::Unsubscribe);
}

#[test]
fn user_name_of_3_1_announced_and_missing() {
    let packet = connect("10 __ 0006'MQIsdp' 03 C2 003C 0001'c'");
    assert_eq!((packet.user_name, packet.password), (None, None));
    let packet = connect("10 __ 0006'MQIsdp' 03 C2 003C 0001'c' 0001'u'");
    assert_eq!((packet.user_name.as_deref(), packet.password), (Some("u"), None));
}

#[test]
fn will_flags_of_3_1_without_a_will() {
    for flags in ["0A", "12", "1A", "22", "3A"] {
        let notation = format!("10 __ 0006'MQIsdp' 03 {flags} 003C 0001'c'");
        let packet = connect(&notation);
        assert_eq!(packet.will, None);
        let canonical = bytes("10 __ 0006'MQIsdp' 03 02 003C 0001'c'");
        assert_eq!(PacketBuf::Connect(packet).encode(V3_1).unwrap(), canonical);
        let mut borrowed = Vec::new();
        decode(&bytes(&notation), V3_1).unwrap().encode(V3_1, &mut borrowed).unwrap();
        assert_eq!(borrowed, canonical);
    }
}

#[test]
fn shared_subscription_prefix_before_5_0() {
    for version in [V3_1, V3_1_1] {
        accept("82 __ 1234 0008'$share/g' 00", version);
        accept("82 __ 1234 0009'$share//x' 00", version);
    }
    // And a filter of 5.0 that does not begin with `$share/`.
    accept("82 __ 1234 00 0006'$share' 04", V5_0);
}

#[test]
fn repeated_topic_filters() {
    let packet = accept("A2 __ 1234 00 0001't' 0001't'", V5_0);
    assert!(matches!(packet, PacketBuf::Unsubscribe(unsubscribe) if unsubscribe.filters == ["t", "t"]));
}

#[test]
fn property_values_at_the_edges() {
    for list in ["05 1100000000", "05 11FFFFFFFF", "03 220000", "03 21FFFF", "05 2700000001", "03 150000"] {
        connect(&format!("10 __ 0004'MQTT' 05 02 003C {list} 0001'c'"));
    }
    accept("82 __ 1234 05 0BFFFFFF7F 0001't' 00", V5_0);
}
