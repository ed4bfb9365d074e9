//! Packet Identifiers (2.2.1), Reason Codes (2.4) and the short forms of 5.0, in every packet that has them.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::vec::Vec;

use super::builder::{Added, Builder};
use super::notation::count;
use super::slot::slug;
use crate::raw::{RawPacket, RawValue};
use crate::samples::minimal;
use crate::{PacketBuf, PacketType, QoS, REASON_CODES, ReasonCode};

pub(super) fn add(builder: &mut Builder) {
    add_packet_identifiers(builder);
    add_reason_codes(builder);
    add_acknowledge_flags(builder);
    if builder.v5() {
        add_short_forms(builder);
    }
}

fn add_packet_identifiers(builder: &mut Builder) {
    let version = builder.version;
    let mut packets = minimal(version);
    for qos in [QoS::AtLeastOnce, QoS::ExactlyOnce] {
        packets.push(PacketBuf::Publish(super::fixed_header::publish(qos, Vec::new())));
    }
    for packet in packets {
        let raw = RawPacket::from_packet(&packet, version);
        if raw.field("Packet Identifier").is_none() {
            continue;
        }
        let (name, slug) = name_of(&packet);
        for id in [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0x3030, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF] {
            let mut raw = raw.clone();
            if let Some(field) = raw.field_mut("Packet Identifier") {
                field.value = RawValue::U16(id);
            }
            builder
                .raw(format!("{slug}/packet-identifier/{id}"), &raw, format!("Packet Identifier {id} in {name}"))
                .rests_on(&["MQTT-2.2.1-3"], &["MQTT-2.3.1-1"]);
        }
    }
}

fn name_of(packet: &PacketBuf) -> (alloc::string::String, alloc::string::String) {
    let name = packet.packet_type().name();
    match packet {
        PacketBuf::Publish(publish) => {
            (format!("PUBLISH of QoS {}", publish.qos), format!("publish-qos-{}", publish.qos))
        }
        _ => (name.into(), slug(name)),
    }
}

/// Codes that no packet defines: the neighbours of those that are, and the ends.
const UNDEFINED: &[u8] =
    &[0x03, 0x05, 0x06, 0x07, 0x08, 0x0F, 0x12, 0x17, 0x1A, 0x20, 0x40, 0x7F, 0xA3, 0xA4, 0xBF, 0xC0, 0xFE, 0xFF];

/// Every code that any packet of any version defines, and some that none does, in every packet that has a code.
fn add_reason_codes(builder: &mut Builder) {
    let version = builder.version;
    let codes: BTreeSet<u8> =
        REASON_CODES.iter().map(|row| row.code.0).chain(UNDEFINED.iter().copied()).chain(0..=5).collect();
    for packet in minimal(version) {
        let packet_type = packet.packet_type();
        if ReasonCode::rows(version, packet_type).next().is_none() {
            continue;
        }
        let name = packet_type.name();
        for code in &codes {
            let meaning = ReasonCode(*code).name_in(version, packet_type);
            for (form, raw) in forms(builder, &packet, *code) {
                let comment = match meaning {
                    Some(meaning) => format!("{name} with code 0x{code:02X}, {meaning}{}", form.1),
                    None => format!("{name} with code 0x{code:02X}, which is not defined for it{}", form.1),
                };
                // An undefined code is undefined in every form.
                if meaning.is_some() || form.0.is_empty() {
                    let added = builder.raw(format!("{}/code/{code:02x}{}", slug(name), form.0), &raw, comment);
                    let added = rest_on_code(added, packet_type);
                    if form.0 == WITHOUT_PROPERTIES {
                        added.unusual();
                    }
                }
            }
        }
    }
}

fn rest_on_code<'a>(added: Added<'a>, packet_type: PacketType) -> Added<'a> {
    let (v5, v311): (&[&str], &[&str]) = match packet_type {
        PacketType::ConnAck => (&["MQTT-3.2.2-8"], &["MQTT-3.2.2-6"]),
        PacketType::PubAck => (&["MQTT-3.4.2-1"], &[]),
        PacketType::PubRec => (&["MQTT-3.5.2-1"], &[]),
        PacketType::PubRel => (&["MQTT-3.6.2-1"], &[]),
        PacketType::PubComp => (&["MQTT-3.7.2-1"], &[]),
        PacketType::SubAck => (&["MQTT-3.9.3-2"], &["MQTT-3.9.3-2"]),
        PacketType::UnsubAck => (&["MQTT-3.11.3-2"], &[]),
        PacketType::Disconnect => (&["MQTT-3.14.2-1"], &[]),
        _ => (&["MQTT-3.15.2-1"], &[]),
    };
    added.rests_on(v5, v311)
}

/// The form of 5.0 that ends behind its code (3.4.2.2.1, 3.14.2.2.1).
const WITHOUT_PROPERTIES: &str = "-without-properties";

type Form = ((&'static str, &'static str), RawPacket);

/// The packet with this code, in each form that can hold it. The first has no suffix.
fn forms(builder: &Builder, packet: &PacketBuf, code: u8) -> Vec<Form> {
    let mut raw = RawPacket::from_packet_in_full(packet, builder.version);
    let names = [
        "Connect Reason Code",
        "Connect Return code",
        "Reason Code",
        "Return Code",
        "Disconnect Reason Code",
        "Authenticate Reason Code",
    ];
    for name in names {
        if let Some(field) = raw.field_mut(name) {
            field.value = RawValue::U8(code);
        }
    }
    let mut forms = Vec::new();
    let short = match packet.packet_type() {
        PacketType::ConnAck => {
            let mut raw = raw.clone();
            raw.fields[0].value = RawValue::U8(1);
            forms.push((("-session-present", ", Session Present set"), raw));
            None
        }
        PacketType::PubAck | PacketType::PubRec | PacketType::PubRel | PacketType::PubComp => Some(3),
        PacketType::Disconnect => Some(1),
        _ => None,
    };
    if let Some(keep) = short {
        forms.push((
            ("-without-properties", ", without a Property Length"),
            RawPacket { keep: Some(keep), ..raw.clone() },
        ));
    }
    forms.insert(0, (("", ""), raw));
    forms
}

fn add_acknowledge_flags(builder: &mut Builder) {
    for flags in (0..8).map(|bit| 1_u8 << bit).chain([0, 0x03, 0x05, 0x81, 0x7E, 0xFE, 0xFF]) {
        for packet in minimal(builder.version) {
            if packet.packet_type() != PacketType::ConnAck {
                continue;
            }
            let mut raw = RawPacket::from_packet(&packet, builder.version);
            raw.fields[0].value = RawValue::U8(flags);
            let comment = format!("Connect Acknowledge Flags {flags:08b}");
            builder.raw(format!("connack/flags/{flags:02x}"), &raw, comment).rests_on(&["MQTT-3.2.2-1"], &[]);
        }
    }
}

/// What may be left out at the end, and what may not (3.4.2.1, 3.14.2.1, 3.15.2.1).
fn add_short_forms(builder: &mut Builder) {
    let version = builder.version;
    for packet in minimal(version) {
        let name = packet.packet_type().name();
        let raw = RawPacket::from_packet_in_full(&packet, version);
        let length = raw.body().len();
        for keep in 0..length {
            let comment = format!(
                "{name} that ends after {keep} of {} of body, as its Remaining Length says",
                count(length, "byte")
            );
            let raw = RawPacket { keep: Some(keep), ..raw.clone() };
            builder.raw(format!("{}/short/{keep}", slug(name)), &raw, comment).unusual();
        }
        builder.raw(format!("{}/in-full", slug(name)), &raw, format!("{name} with nothing left out")).unusual();
    }
}
