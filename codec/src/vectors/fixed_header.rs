//! The fixed header (2.1; in 3.1.1: 2.2): every first byte, and every way to write a Remaining Length.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use super::builder::Builder;
use super::slot::slug;
use crate::raw::{RawLength, RawPacket};
use crate::samples::minimal;
use crate::{PacketBuf, PacketType, PublishBuf, QoS, varint};

pub(super) fn add(builder: &mut Builder) {
    add_first_bytes(builder);
    for packet in minimal(builder.version) {
        add_remaining_lengths(builder, &packet);
    }
    add_size_classes(builder);
    add_lengths_without_bytes(builder);
}

/// Packet types × flags, before the body that the type and, in PUBLISH, the flags ask for.
fn add_first_bytes(builder: &mut Builder) {
    let version = builder.version;
    let samples = minimal(version);
    for first in 0..=u8::MAX {
        let packet = samples.iter().find(|packet| packet.packet_type().value() == first >> 4);
        let mut raw = packet.map_or_else(
            || RawPacket::from_packet(&PacketBuf::PingReq, version),
            |packet| RawPacket::from_packet(packet, version),
        );
        let name = packet.map_or("a reserved packet type", |packet| packet.packet_type().name());
        if packet.is_some_and(|packet| packet.packet_type() == PacketType::Publish) && first & 0b0110 != 0 {
            let qos = QoS::from_value(first >> 1 & 0b11).unwrap_or(QoS::ExactlyOnce);
            raw = RawPacket::from_packet(&PacketBuf::Publish(publish(qos, vec![])), version);
        }
        raw.first_byte = first;
        let comment = format!("first byte 0x{first:02X}: {name} with flags {:04b}", first & 0x0F);
        builder.raw(format!("first-byte/{first:02x}"), &raw, comment).rests_on(&["MQTT-2.1.3-1"], &["MQTT-2.2.2-1"]);
    }
}

fn add_remaining_lengths(builder: &mut Builder, packet: &PacketBuf) {
    let name = packet.packet_type().name();
    let kind = slug(name);
    let raw = RawPacket::from_packet(packet, builder.version);
    let body = raw.body();
    let mut rows = vec![
        ("one-more", RawLength::Add(1), "announces a byte more than there is"),
        ("two-bytes", RawLength::Width(2), "takes two bytes, the second of them 0"),
        ("three-bytes", RawLength::Width(3), "takes three bytes, the last two worth 0"),
        ("four-bytes", RawLength::Width(4), "takes four bytes, the last three worth 0"),
        ("five-bytes", RawLength::Width(5), "takes five bytes"),
        ("largest", RawLength::Value(varint::MAX), "announces 268,435,455 bytes, the most there is"),
        ("absent", RawLength::Bytes(vec![]), "is left out"),
    ];
    if !body.is_empty() {
        rows.push(("one-less", RawLength::Add(-1), "announces a byte less than there is"));
        rows.push(("zero", RawLength::Value(0), "is 0 before a body"));
    }
    for (id, length, what) in rows {
        let raw = RawPacket { remaining_length: length, ..raw.clone() };
        builder.raw(format!("{kind}/remaining-length/{id}"), &raw, format!("Remaining Length of {name} {what}"));
    }
    let mut twice = raw.to_bytes();
    twice.extend(raw.to_bytes());
    builder.bytes(format!("{kind}/followed-by-another"), twice, format!("{name}, whole, and the same packet again"));
}

/// The first and last Remaining Length of each width.
fn add_size_classes(builder: &mut Builder) {
    let version = builder.version;
    let empty = RawPacket::from_packet(&PacketBuf::Publish(publish(QoS::AtMostOnce, vec![])), version).body().len();
    for remaining in [127, 128, 16_383, 16_384, 2_097_151, 2_097_152] {
        let packet = PacketBuf::Publish(publish(QoS::AtMostOnce, vec![b'x'; remaining - empty]));
        let raw = RawPacket::from_packet(&packet, version);
        let comment = format!("PUBLISH with a Remaining Length of {remaining}, an edge of a width");
        builder.raw(format!("publish/remaining-length/{remaining}"), &raw, comment);
        if remaining > 200 {
            continue;
        }
        for width in [3, 4] {
            let raw = RawPacket { remaining_length: RawLength::Width(width), ..raw.clone() };
            let comment =
                format!("PUBLISH with a Remaining Length of {remaining} in {width} bytes, more than it needs");
            builder.raw(format!("publish/remaining-length/{remaining}-in-{width}-bytes"), &raw, comment);
        }
    }
}

fn add_lengths_without_bytes(builder: &mut Builder) {
    let rows: &[(&str, &[u8], &str)] = &[
        ("nothing", &[], "no bytes at all"),
        ("one-continued", &[0x80], "one byte that announces another"),
        ("two-continued", &[0xFF, 0x80], "two bytes that announce another"),
        ("three-continued", &[0xFF, 0xFF, 0xFF], "three bytes that announce another"),
        ("four-continued", &[0xFF, 0xFF, 0xFF, 0xFF], "four bytes, the fourth of which announces a fifth"),
        ("four-continued-small", &[0x80, 0x80, 0x80, 0x80], "four bytes worth 0 that announce a fifth"),
        ("five-worth-1", &[0x81, 0x80, 0x80, 0x80, 0x00], "five bytes worth 1"),
        ("five-above", &[0xFF, 0xFF, 0xFF, 0xFF, 0x01], "five bytes worth more than 268,435,455"),
        ("nine", &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], "nine bytes, which overflow 32 bits"),
        ("largest", &[0xFF, 0xFF, 0xFF, 0x7F], "268,435,455 with no body"),
    ];
    for (first, name) in [(0xC0, "pingreq"), (0x30, "publish"), (0x10, "connect"), (0x82, "subscribe")] {
        for (id, length, what) in rows {
            let bytes: Vec<u8> = [&[first], *length].concat();
            let id = format!("{name}/remaining-length/alone-{id}");
            builder.bytes(id, bytes, format!("{} and as Remaining Length {what}", name.to_uppercase()));
        }
    }
    builder.bytes("empty", vec![], "no bytes");
}

pub(super) fn publish(qos: QoS, payload: Vec<u8>) -> PublishBuf {
    PublishBuf {
        dup: false,
        qos,
        retain: false,
        topic: "t".into(),
        packet_id: (qos != QoS::AtMostOnce).then_some(10),
        properties: vec![],
        payload,
    }
}
