//! Mutations of strings (1.5.4) and of lengths in front of strings and Binary Data (1.5.6).

use alloc::borrow::ToOwned;
use alloc::vec::Vec;

use super::apply::Base;
use super::connect::plain_will;
use super::property::{self, PropertyChange};
use super::{BinaryField, Mutation, StringField};
use crate::raw::{RawLength, RawPacket, RawValue};
use crate::{ConnectBuf, PacketBuf, PropertyId};

/// More than is left in any packet that is not longer.
const PAST_END: RawLength = RawLength::Value(u16::MAX as u32);

pub(super) fn apply(mutation: Mutation, base: &Base<'_>) -> Option<RawPacket> {
    match mutation {
        Mutation::IllFormedUtf8(field) => with_bytes(base, field, &[b'a', 0xFF, b'b']),
        Mutation::OverlongUtf8(field) => with_bytes(base, field, &[b'a', 0xC1, 0xA1, b'b']),
        Mutation::Surrogate(field) => with_bytes(base, field, &[b'a', 0xED, 0xA0, 0x80, b'b']),
        Mutation::NullCharacter(field) => with_bytes(base, field, b"a\0b"),
        Mutation::StringPastEnd(field) => {
            with_string(base, field, RawValue::Utf8 { bytes: b"ab".to_vec(), length: PAST_END }).filter(is_short)
        }
        Mutation::BinaryPastEnd(field) => {
            with_binary(base, field, RawValue::Binary { bytes: b"ab".to_vec(), length: PAST_END }).filter(is_short)
        }
        _ => None,
    }
}

/// Whether no field can be as long as [`PAST_END`] says.
fn is_short(raw: &RawPacket) -> bool {
    raw.body().len() < usize::from(u16::MAX)
}

fn with_bytes(base: &Base<'_>, field: StringField, bytes: &[u8]) -> Option<RawPacket> {
    with_string(base, field, RawValue::utf8(bytes))
}

fn with_string(base: &Base<'_>, field: StringField, value: RawValue) -> Option<RawPacket> {
    if let StringField::Property(at) = field {
        // What a User Property says is in its value; its name is another string of the same kind.
        let change = if at.id == PropertyId::UserProperty {
            PropertyChange::Pair(RawValue::utf8("key"), value)
        } else {
            PropertyChange::Value(value)
        };
        return property::change(base, at, change);
    }
    let mut raw = match (field, base.packet) {
        (StringField::WillTopic, PacketBuf::Connect(connect)) => {
            let will = connect.will.clone().unwrap_or_else(plain_will);
            connect_raw(base, ConnectBuf { will: Some(will), ..connect.clone() })
        }
        (StringField::UserName, PacketBuf::Connect(connect)) => {
            connect_raw(base, ConnectBuf { user_name: Some("user".to_owned()), ..connect.clone() })
        }
        _ => base.raw(),
    };
    raw.field_mut(field.field_name()?)?.value = value;
    Some(raw)
}

fn with_binary(base: &Base<'_>, field: BinaryField, value: RawValue) -> Option<RawPacket> {
    let (mut raw, name) = match (field, base.packet) {
        (BinaryField::Property(at), _) => return property::change(base, at, PropertyChange::Value(value)),
        (BinaryField::WillPayload, PacketBuf::Connect(connect)) => {
            let will = connect.will.clone().unwrap_or_else(plain_will);
            let raw = connect_raw(base, ConnectBuf { will: Some(will), ..connect.clone() });
            (raw, if base.v5() { "Will Payload" } else { "Will Message" })
        }
        (BinaryField::Password, PacketBuf::Connect(connect)) => {
            let user_name = connect.user_name.clone().or_else(|| Some("user".to_owned()));
            let password = Some(Vec::new());
            (connect_raw(base, ConnectBuf { user_name, password, ..connect.clone() }), "Password")
        }
        _ => return None,
    };
    raw.field_mut(name)?.value = value;
    Some(raw)
}

fn connect_raw(base: &Base<'_>, connect: ConnectBuf) -> RawPacket {
    RawPacket::from_packet(&PacketBuf::Connect(connect), base.version)
}
