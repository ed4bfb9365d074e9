//! CONNECT (3.1): every byte of Connect Flags, protocols, Keep Alive, Client Identifiers, Will and credentials.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::builder::Builder;
use super::slot;
use crate::raw::{RawField, RawPacket, RawValue};
use crate::samples::minimal;
use crate::{ConnectBuf, PacketBuf, ProtocolVersion, QoS, WillBuf};

const WILL: u8 = 0x04;
const WILL_QOS_AND_RETAIN: u8 = 0x38;
const PASSWORD: u8 = 0x40;
const USER_NAME: u8 = 0x80;

pub(super) fn add(builder: &mut Builder) {
    for flags in 0..=u8::MAX {
        let raw = with_flags(builder.version, flags, flags);
        let comment = format!("Connect Flags {flags:08b}, and the fields that they announce");
        let id = format!("connect/flags/{flags:02x}");
        let added = builder.raw(id, &raw, comment).rests_on(&["MQTT-3.1.2-3"], &["MQTT-3.1.2-3"]);
        if flags & WILL == 0 && flags & WILL_QOS_AND_RETAIN != 0 {
            // 3.1 disregards them; later versions forbid them.
            added.unusual().may_refuse();
        }
    }
    add_flags_that_lie(builder);
    add_protocols(builder);
    add_client_identifiers(builder);
    add_values(builder);
}

/// A CONNECT with these flags, and the payload that other flags announce.
fn with_flags(version: ProtocolVersion, flags: u8, payload: u8) -> RawPacket {
    let connect = ConnectBuf {
        version,
        clean_start: true,
        keep_alive: 60,
        properties: vec![],
        client_id: "c".into(),
        will: (payload & WILL != 0).then(|| WillBuf {
            qos: QoS::AtMostOnce,
            retain: false,
            properties: vec![],
            topic: "w".into(),
            payload: b"gone".to_vec(),
        }),
        user_name: (payload & USER_NAME != 0).then(|| "u".into()),
        password: (payload & PASSWORD != 0).then(|| b"p".to_vec()),
    };
    let mut raw = RawPacket::from_packet(&PacketBuf::Connect(connect), version);
    if let Some(field) = raw.field_mut("Connect Flags") {
        field.value = RawValue::U8(flags);
    }
    raw
}

/// Flags that announce what is not there, or keep silent about what is.
fn add_flags_that_lie(builder: &mut Builder) {
    let all = WILL | PASSWORD | USER_NAME;
    let named = |bits: u8| {
        let names = [(WILL, "will"), (USER_NAME, "user-name"), (PASSWORD, "password")];
        let names: Vec<_> = names.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect();
        if names.is_empty() { String::from("nothing") } else { names.join("-and-") }
    };
    for flags in [0, WILL, USER_NAME, PASSWORD, WILL | USER_NAME, WILL | PASSWORD, USER_NAME | PASSWORD, all] {
        for payload in [0, WILL, USER_NAME, PASSWORD, WILL | USER_NAME, WILL | PASSWORD, USER_NAME | PASSWORD, all] {
            if flags == payload {
                continue;
            }
            let raw = with_flags(builder.version, flags | 0x02, payload);
            let id = format!("connect/flags-say-{}-payload-has-{}", named(flags), named(payload));
            let (says, has) = (named(flags).replace('-', " "), named(payload).replace('-', " "));
            builder.raw(id, &raw, format!("Connect Flags announce {says}, the payload has {has}")).unusual();
        }
    }
}

fn add_protocols(builder: &mut Builder) {
    let version = builder.version;
    let own = version.protocol_name();
    let raw = with_flags(version, 0x02, 0);
    let names = [
        "", "M", "MQT", "MQTTT", "MQTT ", " MQTT", "mqtt", "Mqtt", "MQTt", "MQIsdp", "MQIsdP", "mqisdp", "MQIsd",
        "MQTT\0", "MQTT5", "HTTP", "AMQP", "MQTT-SN",
    ];
    for (index, name) in names.into_iter().enumerate() {
        let level = version.protocol_level();
        if ProtocolVersion::from_name_and_level(name.as_bytes(), level).is_some() {
            continue;
        }
        let mut raw = raw.clone();
        raw.fields[0].value = RawValue::utf8(name);
        let comment = format!("Protocol Name is `{}` where `{own}` belongs", name.escape_default());
        builder.raw(format!("connect/protocol-name/{index}"), &raw, comment);
    }
    for level in (0..=16).chain([0x40, 0x7F, 0x80, 0x83, 0x84, 0x85, 0xC5, 0xFE, 0xFF]) {
        if ProtocolVersion::from_name_and_level(own.as_bytes(), level).is_some() {
            continue;
        }
        let mut raw = raw.clone();
        raw.fields[1].value = RawValue::U8(level);
        let comment = format!("`{own}` with level {level}, which no version has");
        builder.raw(format!("connect/protocol-level/{level}"), &raw, comment);
    }
    for other in ProtocolVersion::ALL.into_iter().filter(|other| *other != version) {
        let packets = minimal(other);
        let Some(connect) = packets.first() else { continue };
        let comment = format!("a valid CONNECT of MQTT {other}, whose own rules apply to it");
        builder.packet(format!("connect/of-version-{other}"), connect, comment).unusual();
    }
}

fn add_client_identifiers(builder: &mut Builder) {
    let rows: &[(&str, &str, &str)] = &[
        ("1-byte", "1 byte", "c"),
        ("22-bytes", "22 bytes", "abcdefghijklmnopqrstuv"),
        ("23-bytes", "23 bytes, the most that every server has to allow", "abcdefghijklmnopqrstuvw"),
        ("24-bytes", "24 bytes", "abcdefghijklmnopqrstuvwx"),
        ("64-bytes", "64 bytes", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
        ("digits", "digits", "0123456789"),
        ("capitals", "capitals", "ABCDEFGHIJKLMNOPQRSTUVW"),
        ("punctuation", "punctuation", "a-b_c.d:e"),
        ("like-a-filter", "a separator and wildcards, which are nothing special here", "a/+/#"),
        ("23-of-two-bytes", "23 characters of two bytes", "äääääääääääääääääääääää"),
        ("zero-length", "no bytes", ""),
    ];
    for clean in [true, false] {
        for (slug, what, id) in rows {
            let PacketBuf::Connect(connect) = slot::connect(builder.version, false) else { continue };
            let connect = ConnectBuf { will: None, clean_start: clean, client_id: (*id).into(), ..connect };
            let name = if builder.v5() { "Clean Start" } else { "Clean Session" };
            let comment = format!("Client Identifier of {what}, {name} {}", u8::from(clean));
            let slug = format!("connect/client-identifier/{slug}-clean-{}", u8::from(clean));
            builder.packet(slug, &PacketBuf::Connect(connect), comment).rests_on(&["MQTT-3.1.3-4"], &["MQTT-3.1.3-4"]);
        }
    }
}

fn add_values(builder: &mut Builder) {
    let version = builder.version;
    for keep_alive in [0, 1, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF] {
        let mut raw = with_flags(version, 0x02, 0);
        raw.fields[3].value = RawValue::U16(keep_alive);
        let comment = format!("Keep Alive of {keep_alive} s");
        builder.raw(format!("connect/keep-alive/{keep_alive}"), &raw, comment);
    }
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    let rows: [(&str, &[u8], &str); 5] = [
        ("empty", b"", "is empty"),
        ("nul", b"\0", "is a zero byte"),
        ("not-utf8", b"\xFF\xFE\x80", "is no UTF-8"),
        ("like-a-packet", b"\xE0\x00", "looks like DISCONNECT"),
        ("every-byte", &every_byte, "holds each byte once"),
    ];
    let will_name = if version.has_properties() { "Will Payload" } else { "Will Message" };
    for (id, bytes, what) in rows {
        for (name, flags) in [("Password", USER_NAME | PASSWORD), (will_name, WILL)] {
            let mut raw = with_flags(version, flags | 0x02, flags);
            if let Some(field) = raw.field_mut(name) {
                field.value = RawValue::binary(bytes);
            }
            builder.raw(format!("connect/{}/{id}", slot::slug(name)), &raw, format!("{name} {what}")).unusual();
        }
    }
    for (name, flags) in [("Password", USER_NAME | PASSWORD), (will_name, WILL)] {
        let mut raw = with_flags(version, flags | 0x02, flags);
        if let Some(field) = raw.field_mut(name) {
            field.value = RawValue::binary(vec![0x55; 65_535]);
        }
        let comment = format!("{name} is 65,535 bytes long, the longest there is");
        builder.raw(format!("connect/{}/longest", slot::slug(name)), &raw, comment).unusual();
    }
    let mut raw = with_flags(version, USER_NAME | PASSWORD | 0x02, USER_NAME | PASSWORD);
    let at = raw.fields.len() - 1;
    raw.fields.swap(at, at - 1);
    builder.raw("connect/order/password-first", &raw, "Password stands before User Name, each read as the other");
    let mut raw = with_flags(version, WILL | 0x02, WILL);
    raw.fields.push(RawField::new("", RawValue::Bytes(b"\xC0\x00".to_vec())));
    builder.raw("connect/trailing-pingreq", &raw, "a PINGREQ inside the Remaining Length, behind the last field");
}
