//! Packets of a Client that do not decode: the sentence is the one about the very field, and one that binds Clients.

use mqttspec_codec::WillBuf;

use super::clients::{accuses, judged, unconnected};
use super::*;

/// `packet` with the one place that reads `zz` overwritten.
fn spoilt(version: ProtocolVersion, packet: &PacketBuf, by: [u8; 2]) -> Vec<u8> {
    let mut bytes = packet.encode(version).unwrap();
    let at = bytes.windows(2).position(|window| window == b"zz").unwrap();
    bytes[at..at + 2].copy_from_slice(&by);
    bytes
}

const ILL_FORMED: [u8; 2] = [0xC3, 0x28];
const NULL: [u8; 2] = [b'z', 0];

fn unsubscribe(filter: &str, properties: Vec<PropertyBuf>) -> PacketBuf {
    PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id: 7, properties, filters: vec![filter.to_owned()] })
}

fn subscription(filter: &str, properties: Vec<PropertyBuf>) -> PacketBuf {
    subscribe(7, filter, SubscriptionOptions::default(), properties)
}

/// Of bytes on a new connection, or after CONNACK.
#[track_caller]
fn breaks(version: ProtocolVersion, connected: bool, bytes: &[u8], expected: &[&str]) {
    let mut run = if connected { judged(version) } else { unconnected(version) };
    run.sends_bytes(0, bytes);
    accuses(&mut run, expected);
}

#[test]
fn ill_formed_strings_break_the_sentence_about_their_field() {
    for (version, filter, removed, id, will, name, topic) in [
        (V5, "MQTT-3.8.3-1", "MQTT-3.10.3-1", "MQTT-3.1.3-4", "MQTT-3.1.3-11", "MQTT-3.1.3-12", "MQTT-1.5.4-1"),
        (V4, "MQTT-3.8.3-1", "MQTT-3.10.3-1", "MQTT-3.1.3-4", "MQTT-3.1.3-10", "MQTT-3.1.3-11", "MQTT-1.5.3-1"),
        (V3, "§2", "§2", "§2", "§2", "§2", "§2"),
    ] {
        let ill_formed = |packet: &PacketBuf| spoilt(version, packet, ILL_FORMED);
        breaks(version, true, &ill_formed(&subscription("zz", vec![])), &[filter]);
        breaks(version, true, &ill_formed(&unsubscribe("zz", vec![])), &[removed]);
        breaks(version, true, &ill_formed(&PacketBuf::Publish(publish("zz", "x"))), &[topic]);
        breaks(version, false, &ill_formed(&PacketBuf::Connect(connect(version, "zz"))), &[id]);
        let of_will = WillBuf { qos: Q0, retain: false, properties: vec![], topic: "zz".into(), payload: vec![] };
        let connect = connect(version, "a");
        let with_will = ConnectBuf { will: Some(of_will), ..connect.clone() };
        breaks(version, false, &ill_formed(&PacketBuf::Connect(with_will)), &[will]);
        let with_name = ConnectBuf { user_name: Some("zz".into()), ..connect };
        breaks(version, false, &ill_formed(&PacketBuf::Connect(with_name)), &[name]);
    }
    // Properties have sentences of their own.
    let note = || vec![PropertyBuf::user_property("k", "zz")];
    let publishing = |properties: Vec<PropertyBuf>| PacketBuf::Publish(PublishBuf { properties, ..publish("a", "x") });
    let noted = PacketBuf::Connect(ConnectBuf { properties: note(), ..connect(V5, "a") });
    for (packet, expected) in [
        (publishing(vec![PropertyBuf::response_topic("zz")]), "MQTT-3.3.2-13"),
        (publishing(vec![PropertyBuf::content_type("zz")]), "MQTT-3.3.2-19"),
        (publishing(note()), "MQTT-1.5.7-1"),
        (subscription("a", note()), "MQTT-1.5.7-1"),
        (unsubscribe("a", note()), "MQTT-1.5.7-1"),
    ] {
        breaks(V5, true, &spoilt(V5, &packet, ILL_FORMED), &[expected]);
    }
    breaks(V5, false, &spoilt(V5, &noted, ILL_FORMED), &["MQTT-1.5.7-1"]);
}

#[test]
fn a_filter_has_no_null_character() {
    for (version, expected) in [(V5, "MQTT-4.7.3-2"), (V4, "MQTT-4.7.3-2"), (V3, "§2")] {
        breaks(version, true, &spoilt(version, &subscription("zz", vec![]), NULL), &[expected]);
        breaks(version, true, &spoilt(version, &unsubscribe("zz", vec![]), NULL), &[expected]);
    }
}

#[test]
fn a_field_without_its_flag_is_told_from_other_bytes_that_are_too_many() {
    for (version, name, password) in [(V5, "MQTT-3.1.2-16", "MQTT-3.1.2-18"), (V4, "MQTT-3.1.2-18", "MQTT-3.1.2-20")] {
        // Connect Flags, behind the Protocol Name and the version.
        const FLAGS: usize = 9;
        let named = ConnectBuf { user_name: Some("zz".into()), ..connect(version, "a") };
        let mut bytes = PacketBuf::Connect(named).encode(version).unwrap();
        bytes[FLAGS] &= !0x80;
        breaks(version, false, &bytes, &[name]);
        bytes.push(9);
        bytes[1] += 1;
        breaks(version, false, &bytes, &["§3.1.4"]);

        let both = ConnectBuf { user_name: Some("u".into()), password: Some(b"pp".to_vec()), ..connect(version, "a") };
        let mut bytes = PacketBuf::Connect(both).encode(version).unwrap();
        bytes[FLAGS] &= !0x40;
        breaks(version, false, &bytes, &[password]);
        // A third field behind both belongs to no flag.
        bytes[FLAGS] |= 0x40;
        bytes.extend([0, 1, 9]);
        bytes[1] += 3;
        breaks(version, false, &bytes, &["§3.1.4"]);
        // And in another packet there are no flags.
        breaks(version, true, &[0xC0, 3, 0, 1, 9], &["§3.12"]);
    }
}

#[test]
fn the_fixed_header_and_the_packet_identifier_have_sentences_that_bind_clients() {
    for (version, first, flags, identifier) in
        [(V5, "MQTT-3.1.0-1", "MQTT-2.1.3-1", "MQTT-2.2.1-3"), (V4, "MQTT-3.1.0-1", "MQTT-2.2.2-1", "MQTT-2.3.1-1")]
    {
        breaks(version, false, &[0xC1, 0], &[first]);
        let mut bytes = PacketBuf::Connect(connect(version, "a")).encode(version).unwrap();
        bytes[0] = 0x11;
        breaks(version, false, &bytes, &[flags]);
        let mut bytes = subscription("a", vec![]).encode(version).unwrap();
        bytes[0] = 0x80;
        breaks(version, true, &bytes, &["MQTT-3.8.1-1"]);
        bytes[0] = 0x82;
        bytes[3] = 0;
        breaks(version, true, &bytes, &[identifier]);
    }
    let mut bytes = subscription("a", vec![]).encode(V3).unwrap();
    bytes[3] = 0;
    breaks(V3, true, &bytes, &["§2.4"]);
}

#[test]
fn integers_are_in_their_shortest_form_in_5_0() {
    breaks(V5, true, &[0xC0, 0x80, 0x00], &["MQTT-1.5.5-1"]);
    breaks(V5, true, &[0x82, 8, 0, 7, 0x80, 0, 0, 1, b'a', 0], &["MQTT-1.5.5-1"]);
    // 3.1.1 does not say so.
    breaks(V4, true, &[0xC0, 0x80, 0x00], &[]);
    // Four bytes at most.
    for (version, expected) in [(V5, "§1.5.5"), (V4, "§2.2.3"), (V3, "§2")] {
        breaks(version, true, &[0xC0, 0x80, 0x80, 0x80, 0x80, 0x00], &[expected]);
    }
}

#[test]
fn packets_of_3_1_1_lack_a_property_length_in_5_0() {
    for packet in [subscription("ab", vec![]), unsubscribe("ab", vec![])] {
        breaks(V5, true, &packet.encode(V4).unwrap(), &["MQTT-2.2.2-1"]);
    }
}
