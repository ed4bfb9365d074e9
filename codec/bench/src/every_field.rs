//! Our codec with everything read that it hands out lazily.
//!
//! It checks every string and every property while it decodes, and hands them out as a string that is known to be
//! well-formed and as an iterator. A `str`, and the value of each property, take a second look at the bytes. Codecs
//! that own their packets have done all of that when they return; here is what it costs.

use std::hint::black_box;

use mqttspec_codec::packet::Utf8Str;
use mqttspec_codec::{Packet, PacketBuf, PacketType, Properties, ProtocolVersion, Value};

use crate::{Codec, Cursor, Mqttspec, Refused};

/// `mqttspec-codec`, and then every field of the packet as Rust's own types: strings as `str`, properties one by one.
#[derive(Debug)]
pub struct EveryField;

impl Codec for EveryField {
    const NAME: &'static str = "ours, every field read";

    type Packet<'a> = Packet<'a>;
    type Input = Cursor;
    type Output = Vec<u8>;
    type Typed<'p> = ();

    fn decodes(version: ProtocolVersion, packet: PacketType) -> bool {
        Mqttspec::decodes(version, packet)
    }

    fn next(version: ProtocolVersion, input: &mut Cursor) -> Result<Option<Packet<'_>>, Refused> {
        Mqttspec::next(version, input)
    }

    #[inline]
    fn lend_next(
        version: ProtocolVersion,
        input: &mut Cursor,
        seen: impl FnOnce(&Packet<'_>),
    ) -> Result<bool, Refused> {
        Mqttspec::lend_next(version, input, |packet| {
            read(packet);
            seen(packet);
        })
    }

    fn to_packet(version: ProtocolVersion, packet: Packet<'_>) -> Result<PacketBuf, Refused> {
        Mqttspec::to_packet(version, packet)
    }

    fn typed(_version: ProtocolVersion, _packet: &PacketBuf) -> Option<()> {
        None
    }

    fn encode(_version: ProtocolVersion, _packet: &(), _out: &mut Vec<u8>) -> Result<(), Refused> {
        Err("decodes only".into())
    }
}

#[inline]
fn read(packet: &Packet<'_>) {
    match packet {
        Packet::Connect(p) => {
            properties(&p.properties);
            string(p.client_id);
            if let Some(will) = p.will() {
                properties(&will.properties);
                string(will.topic);
            }
            if let Some(user_name) = p.user_name() {
                string(user_name);
            }
            black_box(p.password());
        }
        Packet::ConnAck(p) => properties(&p.properties),
        Packet::Publish(p) => {
            string(p.topic);
            properties(&p.properties);
        }
        Packet::PubAck(p) | Packet::PubRec(p) | Packet::PubRel(p) | Packet::PubComp(p) => properties(&p.properties),
        Packet::Subscribe(p) => {
            properties(&p.properties);
            for subscription in p.filters.iter() {
                string(subscription.filter);
                black_box(subscription.options);
            }
        }
        Packet::SubAck(p) => {
            properties(&p.properties);
            p.reason_codes.iter().for_each(|code| _ = black_box(code));
        }
        Packet::Unsubscribe(p) => {
            properties(&p.properties);
            p.filters.iter().for_each(string);
        }
        Packet::UnsubAck(p) => {
            properties(&p.properties);
            p.reason_codes.iter().for_each(|code| _ = black_box(code));
        }
        Packet::Disconnect(p) => properties(&p.properties),
        Packet::Auth(p) => properties(&p.properties),
        Packet::PingReq | Packet::PingResp => {}
    }
}

#[inline]
fn properties(properties: &Properties<'_>) {
    for property in properties.iter() {
        match property.value {
            Value::Utf8String(value) => string(value),
            Value::Utf8StringPair(name, value) => {
                string(name);
                string(value);
            }
            other => _ = black_box(other),
        }
        black_box(property.id);
    }
}

#[inline]
fn string(string: Utf8Str<'_>) {
    black_box(string.as_str());
}
