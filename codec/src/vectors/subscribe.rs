//! SUBSCRIBE, UNSUBSCRIBE and their acknowledgements (3.8 to 3.11): options, and lists of every length.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::builder::Builder;
use super::notation::count as counted;
use crate::raw::{RawField, RawPacket, RawValue};
use crate::{
    PacketBuf, QoS, ReasonCode, SubAckBuf, SubscribeBuf, SubscriptionBuf, SubscriptionOptions, UnsubAckBuf,
    UnsubscribeBuf,
};

pub(super) fn add(builder: &mut Builder) {
    for options in 0..=u8::MAX {
        let raw = with_options(builder, "t", options);
        let comment = format!("options {options:08b} beside the only Topic Filter");
        builder
            .raw(format!("subscribe/options/{options:02x}"), &raw, comment)
            .rests_on(&["MQTT-3.8.3-5"], &["MQTT-3.8.3-4"]);
    }
    for options in [0x01, 0x02, 0x03, 0x04, 0x06, 0x08, 0x0C, 0x24, 0x2E, 0x30, 0x40, 0x80] {
        let raw = with_options(builder, "$share/g/t", options);
        let comment = format!("options {options:08b} beside `$share/g/t`");
        builder.raw(format!("subscribe/shared-options/{options:02x}"), &raw, comment);
        let raw = with_options(builder, "#", options);
        let comment = format!("options {options:08b} beside the second of three Topic Filters");
        builder.raw(format!("subscribe/second-options/{options:02x}"), &between(raw), comment);
    }
    add_lengths(builder);
    add_acknowledgements(builder);
    add_cut_lists(builder);
}

fn with_options(builder: &Builder, filter: &str, options: u8) -> RawPacket {
    let packet = PacketBuf::Subscribe(subscribe(&[filter]));
    let mut raw = RawPacket::from_packet(&packet, builder.version);
    if let Some(field) = raw.fields.last_mut() {
        field.value = RawValue::U8(options);
    }
    raw
}

/// Puts a plain filter before the last and one behind it.
fn between(mut raw: RawPacket) -> RawPacket {
    let plain = || [RawField::new("Topic Filter", RawValue::utf8("a/b")), RawField::new("Options", RawValue::U8(1))];
    let at = raw.fields.len() - 2;
    raw.fields.splice(at..at, plain());
    raw.fields.extend(plain());
    raw
}

fn subscribe(filters: &[&str]) -> SubscribeBuf {
    let options = SubscriptionOptions::with_qos(QoS::AtLeastOnce);
    let filters = filters.iter().map(|filter| SubscriptionBuf { filter: (*filter).into(), options }).collect();
    SubscribeBuf { packet_id: 10, properties: vec![], filters }
}

fn unsubscribe(filters: &[&str]) -> UnsubscribeBuf {
    UnsubscribeBuf { packet_id: 10, properties: vec![], filters: filters.iter().map(|f| (*f).into()).collect() }
}

fn add_lengths(builder: &mut Builder) {
    for count in [0_usize, 1, 2, 3, 8, 32, 100, 1000] {
        let topics: Vec<String> = (0..count).map(|index| format!("t/{index}")).collect();
        let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
        builder
            .packet(
                format!("subscribe/count/{count}"),
                &PacketBuf::Subscribe(subscribe(&topics)),
                format!("SUBSCRIBE with {}", counted(count, "Topic Filter")),
            )
            .rests_on(&["MQTT-3.8.3-2"], &["MQTT-3.8.3-3"]);
        builder
            .packet(
                format!("unsubscribe/count/{count}"),
                &PacketBuf::Unsubscribe(unsubscribe(&topics)),
                format!("UNSUBSCRIBE with {}", counted(count, "Topic Filter")),
            )
            .rests_on(&["MQTT-3.10.3-2"], &["MQTT-3.10.3-2"]);
    }
    for (id, filters, what) in [
        ("twice", &["t", "t"][..], "the same Topic Filter twice"),
        ("overlapping", &["#", "+", "a/#", "a/b"], "Topic Filters that overlap"),
        ("prefixes", &["a", "a/", "a/b", "a/b/"], "Topic Filters that begin alike"),
    ] {
        let packet = PacketBuf::Subscribe(subscribe(filters));
        builder.packet(format!("subscribe/{id}"), &packet, format!("SUBSCRIBE with {what}")).unusual();
        let packet = PacketBuf::Unsubscribe(unsubscribe(filters));
        builder.packet(format!("unsubscribe/{id}"), &packet, format!("UNSUBSCRIBE with {what}")).unusual();
    }
    // The wrong one of three, wherever it stands.
    for position in 0..3 {
        for (id, wrong) in [("empty", ""), ("misplaced-hash", "a/#/b"), ("misplaced-plus", "a+")] {
            let mut filters = vec!["x", "y/#", "+/z"];
            filters[position] = wrong;
            let place = ["first", "second", "third"][position];
            let comment = format!("the {place} of three Topic Filters is wrong: `{wrong}`");
            let packet = PacketBuf::Subscribe(subscribe(&filters));
            builder.packet(format!("subscribe/{place}-{id}"), &packet, comment.as_str());
            let packet = PacketBuf::Unsubscribe(unsubscribe(&filters));
            builder.packet(format!("unsubscribe/{place}-{id}"), &packet, comment);
        }
    }
}

fn add_acknowledgements(builder: &mut Builder) {
    let version = builder.version;
    for count in [0_usize, 1, 2, 3, 100, 1000] {
        let codes = |codes: [u8; 2]| (0..count).map(|index| ReasonCode(codes[index % 2])).collect();
        let suback = SubAckBuf { packet_id: 10, properties: vec![], reason_codes: codes([0x00, 0x02]) };
        let comment = format!("SUBACK with {}", counted(count, "code"));
        builder
            .packet(format!("suback/count/{count}"), &PacketBuf::SubAck(suback), comment)
            .rests_on(&["MQTT-3.8.4-6"], &["MQTT-3.8.4-5"]);
        let unsuback = UnsubAckBuf { packet_id: 10, properties: vec![], reason_codes: codes([0x00, 0x11]) };
        let comment = format!("UNSUBACK with {}", counted(count, "code"));
        if version.has_properties() {
            builder
                .packet(format!("unsuback/count/{count}"), &PacketBuf::UnsubAck(unsuback), comment)
                .rests_on(&["MQTT-3.11.3-1"], &[]);
        } else {
            let mut raw = RawPacket::from_packet(&PacketBuf::UnsubAck(unsuback), version);
            raw.trailing = vec![0; count];
            builder.raw(
                format!("unsuback/trailing/{count}"),
                &raw,
                format!("UNSUBACK with {} of payload", counted(count, "byte")),
            );
        }
    }
    for position in 0..3 {
        for code in [0x03, 0x7F, 0x81, 0xFF] {
            let mut codes = vec![ReasonCode(0), ReasonCode(1), ReasonCode(2)];
            codes[position] = ReasonCode(code);
            let suback = SubAckBuf { packet_id: 10, properties: vec![], reason_codes: codes };
            let place = ["first", "second", "third"][position];
            let comment = format!("the {place} of three codes of SUBACK is 0x{code:02X}");
            builder.packet(format!("suback/{place}-code/{code:02x}"), &PacketBuf::SubAck(suback), comment);
        }
    }
    let mixed = vec![ReasonCode(2), ReasonCode(0x80), ReasonCode(1), ReasonCode(0x80), ReasonCode(0)];
    let suback = SubAckBuf { packet_id: 10, properties: vec![], reason_codes: mixed };
    builder
        .packet("suback/mixed", &PacketBuf::SubAck(suback), "SUBACK that grants some and refuses others")
        .rests_on(&["MQTT-3.9.3-2"], &["MQTT-3.9.3-2"]);
}

/// Lists that end inside an entry, with a Remaining Length that says so.
fn add_cut_lists(builder: &mut Builder) {
    let version = builder.version;
    for (name, packet) in [
        ("subscribe", PacketBuf::Subscribe(subscribe(&["ab", "cd"]))),
        ("unsubscribe", PacketBuf::Unsubscribe(unsubscribe(&["ab", "cd"]))),
    ] {
        let raw = RawPacket::from_packet(&packet, version);
        for keep in 0..raw.body().len() {
            let raw = RawPacket { keep: Some(keep), ..raw.clone() };
            let comment = format!(
                "{} of two Topic Filters that ends after {} of body",
                name.to_uppercase(),
                counted(keep, "byte")
            );
            builder.raw(format!("{name}/cut-list/{keep}"), &raw, comment);
        }
    }
}
