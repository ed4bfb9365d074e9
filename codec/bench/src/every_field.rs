//! Our codec with everything read that it hands out lazily.
//!
//! It checks every string and every property while it decodes, and hands out strings that are known to be well-formed
//! and an iterator over the properties. A `str` takes a second look at the bytes, and so do Topic Filters one by one.
//! Codecs that own their packets have done all of that when they return; here is what it costs.

use std::hint::black_box;

use mqttspec_codec::packet::Utf8Str;
use mqttspec_codec::{
    Packet, PacketBuf, PacketType, Property, PropertyContext, ProtocolVersion, Value, decode_next_with,
};

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
        let (bytes, at) = input.parts();
        let mut rest = bytes.get(*at..).unwrap_or_default();
        let mut property = |_: PropertyContext, property: Property<'_>| see(property);
        match &decode_next_with(&mut rest, version, &mut property) {
            Ok(Some(packet)) => {
                *at = bytes.len() - rest.len();
                read(packet);
                seen(packet);
                Ok(true)
            }
            Ok(None) => Ok(false),
            Err(error) => Err(Refused::from(error)),
        }
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

/// All but the properties, which have been seen by now.
#[inline]
fn read(packet: &Packet<'_>) {
    match packet {
        Packet::Connect(p) => {
            string(p.client_id);
            if let Some(will) = p.will() {
                string(will.topic);
                black_box(will.payload);
            }
            if let Some(user_name) = p.user_name() {
                string(user_name);
            }
            black_box(p.password());
        }
        Packet::Publish(p) => string(p.topic),
        Packet::Subscribe(p) => {
            for subscription in p.filters.iter() {
                string(subscription.filter);
                black_box(subscription.options);
            }
        }
        Packet::Unsubscribe(p) => p.filters.iter().for_each(string),
        Packet::SubAck(p) => p.reason_codes.iter().for_each(|code| _ = black_box(code)),
        Packet::UnsubAck(p) => p.reason_codes.iter().for_each(|code| _ = black_box(code)),
        _ => {}
    }
}

#[inline]
fn see(property: Property<'_>) {
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

#[inline]
fn string(string: Utf8Str<'_>) {
    black_box(string.as_str());
}
