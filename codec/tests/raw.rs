//! Raw packets say exactly what they are told to, true or not.

use mqttspec_codec::raw::{RawField, RawLength, RawPacket, RawProperty, RawValue};
use mqttspec_codec::*;

fn publish() -> RawPacket {
    let publish = PublishBuf {
        dup: false,
        qos: QoS::AtLeastOnce,
        retain: false,
        topic: "t".into(),
        packet_id: Some(5),
        properties: vec![],
        payload: b"p".to_vec(),
    };
    RawPacket::from_packet(&PacketBuf::Publish(publish), ProtocolVersion::V5_0)
}

#[test]
fn fields_have_the_names_of_the_standard_and_can_be_replaced() {
    let mut raw = publish();
    let names: Vec<_> = raw.fields.iter().map(|field| field.name).collect();
    assert_eq!(names, ["Topic Name", "Packet Identifier", "Properties", "Application Message"]);
    assert_eq!(raw.packet_type(), Some(PacketType::Publish));
    assert_eq!(raw.to_bytes(), [0x32, 0x07, 0x00, 0x01, b't', 0x00, 0x05, 0x00, b'p']);
    raw.field_mut("Topic Name").unwrap().value = RawValue::utf8(*b"\xFF");
    assert_eq!(raw.remove_field("Packet Identifier"), Some(RawField::new("Packet Identifier", RawValue::U16(5))));
    assert_eq!(raw.remove_field("Packet Identifier"), None);
    assert_eq!(raw.field("Properties").map(|field| &field.value), Some(&RawValue::properties(vec![])));
    assert_eq!(raw.to_bytes(), [0x32, 0x05, 0x00, 0x01, 0xFF, 0x00, b'p']);
}

#[test]
fn lengths_can_lie() {
    let body = [0x00, 0x01, b't', 0x00, 0x05, 0x00, b'p'];
    let header = |length: RawLength| {
        let bytes = RawPacket { remaining_length: length, ..publish() }.to_bytes();
        assert!(bytes.ends_with(&body));
        bytes[1..bytes.len() - body.len()].to_vec()
    };
    assert_eq!(header(RawLength::Exact), [0x07]);
    assert_eq!(header(RawLength::Add(1)), [0x08]);
    assert_eq!(header(RawLength::Add(-9)), [0x00]);
    assert_eq!(header(RawLength::Value(300)), [0xAC, 0x02]);
    assert_eq!(header(RawLength::Width(0)), [0x07]);
    assert_eq!(header(RawLength::Width(5)), [0x87, 0x80, 0x80, 0x80, 0x00]);
    assert_eq!(header(RawLength::Width(200)).len(), 8);
    assert_eq!(header(RawLength::Bytes(vec![0xFF])), [0xFF]);

    let string = |length: RawLength| {
        let value = RawValue::Utf8 { bytes: b"ab".to_vec(), length };
        RawPacket { fields: vec![RawField::new("Topic Name", value)], ..publish() }.body()
    };
    assert_eq!(string(RawLength::Exact), [0x00, 0x02, b'a', b'b']);
    assert_eq!(string(RawLength::Width(4)), [0x00, 0x02, b'a', b'b']);
    assert_eq!(string(RawLength::Add(-1)), [0x00, 0x01, b'a', b'b']);
    assert_eq!(string(RawLength::Value(70_000)), [0xFF, 0xFF, b'a', b'b']);
    assert_eq!(string(RawLength::Bytes(vec![0x00])), [0x00, b'a', b'b']);
}

#[test]
fn packets_can_be_cut_and_lengthened() {
    let cut = RawPacket { keep: Some(2), ..publish() };
    assert_eq!(cut.to_bytes(), [0x32, 0x02, 0x00, 0x01]);
    let longer = RawPacket { trailing: vec![0xAA], ..publish() };
    assert_eq!(longer.to_bytes().last(), Some(&0xAA));
    assert_eq!(longer.to_bytes()[1], 0x08);
    let beyond = RawPacket { keep: Some(100), ..publish() };
    assert_eq!(beyond.to_bytes(), publish().to_bytes());
}

#[test]
fn every_kind_of_value_is_written() {
    let properties = vec![
        RawProperty::new(0x7F, RawValue::U8(1)),
        RawProperty { id: 0x26, id_width: 2, value: vec![RawValue::U32(1), RawValue::VarInt { value: 128, width: 3 }] },
    ];
    let raw = RawPacket {
        first_byte: 0x00,
        remaining_length: RawLength::Exact,
        fields: vec![
            RawField::new("Properties", RawValue::properties(properties)),
            RawField::new("Password", RawValue::binary([9])),
            RawField::new("Application Message", RawValue::Bytes(vec![8, 7])),
        ],
        trailing: vec![],
        keep: None,
    };
    assert_eq!(raw.packet_type(), None);
    let properties = [0x7F, 1, 0xA6, 0x00, 0, 0, 0, 1, 0x80, 0x81, 0x00];
    let body = [&[11][..], &properties, &[0, 1, 9], &[8, 7]].concat();
    assert_eq!(raw.body(), body);
}

#[test]
fn a_connect_is_written_in_its_own_version() {
    for version in ProtocolVersion::ALL {
        let connect = samples(version).remove(0);
        let bytes = RawPacket::from_packet(&connect, ProtocolVersion::V5_0).to_bytes();
        assert_eq!(PacketBuf::decode(&bytes, ProtocolVersion::V3_1), Ok(connect));
    }
}
