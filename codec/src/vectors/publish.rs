//! PUBLISH (3.3): flags, payloads and what goes with them.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::builder::Builder;
use super::fixed_header;
use super::notation::count;
use crate::raw::RawPacket;
use crate::{PacketBuf, PropertyBuf, PublishBuf, QoS};

pub(super) fn add(builder: &mut Builder) {
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    let rows: [(&str, &[u8], &str); 9] = [
        ("empty", b"", "no bytes"),
        ("nul", b"\0", "a zero byte"),
        ("text", "grüße".as_bytes(), "text"),
        ("not-utf8", b"\xFF\xFE\x80", "bytes that are no UTF-8"),
        ("surrogate", b"\xED\xA0\x80", "an encoded surrogate, which a payload may hold"),
        ("like-a-packet", b"\x30\x03\x00\x01t", "what looks like another PUBLISH"),
        ("like-a-length", b"\xFF\xFF\xFF\xFF", "what looks like a length"),
        ("every-byte", &every_byte, "each byte once"),
        ("json", b"{\"on\":true}", "JSON"),
    ];
    for (id, payload, what) in rows {
        for qos in QoS::ALL {
            for retain in [false, true] {
                let packet = PublishBuf { retain, ..fixed_header::publish(qos, payload.to_vec()) };
                let id = format!("publish/payload/{id}-qos-{qos}-retain-{}", u8::from(retain));
                let comment = format!("PUBLISH of {what} at QoS {qos}, RETAIN {}", u8::from(retain));
                let added = builder.packet(id, &PacketBuf::Publish(packet), comment);
                if payload.is_empty() && retain {
                    added.rests_on(&["MQTT-3.3.1-6"], &["MQTT-3.3.1-10"]).unusual();
                } else if qos == QoS::AtMostOnce {
                    added.rests_on(&["MQTT-2.2.1-2"], &["MQTT-2.3.1-5"]);
                }
            }
        }
    }
    for length in
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 120, 121, 122, 123, 124, 125, 126, 127]
    {
        let packet = PacketBuf::Publish(fixed_header::publish(QoS::AtLeastOnce, vec![b'x'; length]));
        builder.packet(
            format!("publish/payload/length-{length}"),
            &packet,
            format!("PUBLISH of {}", count(length, "byte")),
        );
    }
    for length in [65_535, 65_536, 100_000] {
        let packet = PacketBuf::Publish(fixed_header::publish(QoS::AtMostOnce, vec![0xFF; length]));
        let comment = format!("PUBLISH of {length} bytes: a payload has no limit of its own");
        builder.packet(format!("publish/payload/length-{length}"), &packet, comment).unusual();
    }
    add_short_bodies(builder);
    if builder.v5() {
        add_formats(builder);
        add_aliases(builder);
    }
}

/// A PUBLISH that ends where its payload would begin, or before.
fn add_short_bodies(builder: &mut Builder) {
    for (id, bytes, what) in [
        ("topic-length-only", &[0x30, 0x02, 0x00, 0x01][..], "a length of 1 and no Topic Name"),
        ("topic-length-0", &[0x30, 0x02, 0x00, 0x00], "an empty Topic Name and nothing else"),
        ("topic-half-length", &[0x30, 0x01, 0x00], "half a length"),
        ("topic-length-ffff", &[0x30, 0x03, 0xFF, 0xFF, b't'], "a Topic Name of 65,535 bytes, of which one is there"),
        ("qos-1-no-id", &[0x32, 0x03, 0x00, 0x01, b't'], "QoS 1 and no Packet Identifier"),
        ("qos-2-half-id", &[0x34, 0x04, 0x00, 0x01, b't', 0x01], "QoS 2 and half a Packet Identifier"),
        (
            "qos-0-with-id",
            &[0x30, 0x06, 0x00, 0x01, b't', 0x00, 0x0A, 0x00],
            "QoS 0 and what would be a Packet Identifier",
        ),
    ] {
        builder.bytes(format!("publish/{id}"), bytes.to_vec(), format!("PUBLISH with {what}"));
    }
}

fn add_formats(builder: &mut Builder) {
    let payloads: [(&str, &[u8]); 8] = [
        ("text", b"text"),
        ("nothing", b""),
        ("U+0000", b"\0"),
        ("U+FEFF", b"\xEF\xBB\xBF"),
        ("a lone continuation byte", b"\x80"),
        ("an encoded surrogate", b"\xED\xA0\x80"),
        ("a character cut short", b"a\xE2\x82"),
        ("an overlong form", b"\xC0\xAF"),
    ];
    for (index, (what, payload)) in payloads.into_iter().enumerate() {
        for indicator in [0, 1] {
            let mut packet = fixed_header::publish(QoS::AtMostOnce, payload.to_vec());
            packet.properties = vec![PropertyBuf::payload_format_indicator(indicator)];
            let id = format!("publish/payload-format/{indicator}-{index}");
            let comment = format!("Payload Format Indicator {indicator} before a payload of {what}");
            builder.packet(id, &PacketBuf::Publish(packet), comment);
        }
    }
}

fn add_aliases(builder: &mut Builder) {
    for alias in [0, 1, 0xFF, 0x100, 0xFFFF] {
        for topic in ["", "t"] {
            let mut packet = fixed_header::publish(QoS::AtLeastOnce, b"x".to_vec());
            packet.topic = topic.into();
            packet.properties = vec![PropertyBuf::topic_alias(alias)];
            let what = if topic.is_empty() { "for" } else { "beside" };
            let comment = format!("Topic Alias {alias} {what} a Topic Name");
            let id = format!("publish/alias/{alias}-{}", if topic.is_empty() { "instead" } else { "beside" });
            let raw = RawPacket::from_packet(&PacketBuf::Publish(packet), builder.version);
            builder.raw(id, &raw, comment).rests_on(&["MQTT-3.3.2-12"], &[]);
        }
    }
    let mut packet = fixed_header::publish(QoS::AtMostOnce, vec![]);
    packet.topic = String::new();
    packet.properties = vec![PropertyBuf::user_property("a", "b")];
    let comment = "neither Topic Name nor Topic Alias, but another property";
    builder.packet("publish/alias/other-property-instead", &PacketBuf::Publish(packet), comment);
}
