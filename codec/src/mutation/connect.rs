//! Mutations of CONNECT (3.1).

use alloc::borrow::ToOwned;
use alloc::vec;

use super::Mutation;
use super::apply::Base;
use crate::raw::{RawField, RawPacket, RawValue};
use crate::{ConnectBuf, PacketBuf, ProtocolVersion, QoS, WillBuf};

const RESERVED: u8 = 0x01;
const WILL: u8 = 0x04;
const WILL_QOS_1: u8 = 0x08;
const WILL_QOS_3: u8 = 0x18;
const WILL_RETAIN: u8 = 0x20;
const PASSWORD: u8 = 0x40;
const USER_NAME: u8 = 0x80;

pub(super) fn apply(mutation: Mutation, base: &Base<'_>) -> Option<RawPacket> {
    let PacketBuf::Connect(connect) = base.packet else { return None };
    let bare = ConnectBuf { will: None, user_name: None, password: None, ..connect.clone() };
    let raw = |connect: &ConnectBuf| RawPacket::from_packet(&PacketBuf::Connect(connect.clone()), base.version);
    let lenient = connect.version == ProtocolVersion::V3_1;
    match mutation {
        Mutation::WrongProtocolName => with_protocol_name(raw(connect), b"MQTQ"),
        Mutation::ProtocolNameLowercase => {
            with_protocol_name(raw(connect), connect.version.protocol_name().to_lowercase().as_bytes())
        }
        Mutation::UnknownProtocolVersion => {
            let name = if connect.version.has_properties() { "Protocol Version" } else { "Protocol Level" };
            let mut raw = raw(connect);
            raw.field_mut(name)?.value = RawValue::U8(0x07);
            Some(raw)
        }
        Mutation::ConnectReservedFlag => with_flags(raw(connect), RESERVED),
        Mutation::WillQoS3 => {
            let will = connect.will.clone().unwrap_or_else(plain_will);
            with_flags(raw(&ConnectBuf { will: Some(will), ..connect.clone() }), WILL_QOS_3)
        }
        // 3.1 disregards both when there is no Will.
        Mutation::WillQoSWithoutWill if !lenient => {
            with_flags(raw(&ConnectBuf { will: None, ..connect.clone() }), WILL_QOS_1)
        }
        Mutation::WillRetainWithoutWill if !lenient => {
            with_flags(raw(&ConnectBuf { will: None, ..connect.clone() }), WILL_RETAIN)
        }
        Mutation::WillFlagWithoutWill => with_flags(raw(&bare), WILL),
        Mutation::PasswordWithoutUserName if !base.v5() => {
            let password = connect.password.clone().unwrap_or_else(|| b"secret".to_vec());
            Some(raw(&ConnectBuf { user_name: None, password: Some(password), ..connect.clone() }))
        }
        // 3.1 tolerates both: there, the Remaining Length outranks the flags.
        Mutation::UserNameFlagWithoutUserName if !lenient => with_flags(raw(&bare), USER_NAME),
        Mutation::PasswordFlagWithoutPassword if !lenient => {
            let user_name = connect.user_name.clone().unwrap_or_else(|| "user".to_owned());
            with_flags(raw(&ConnectBuf { user_name: Some(user_name), password: None, ..connect.clone() }), PASSWORD)
        }
        Mutation::UserNameWithoutFlag => {
            let mut raw = raw(&bare);
            raw.fields.push(RawField::new("User Name", RawValue::utf8("user")));
            Some(raw)
        }
        _ => None,
    }
}

/// A Will for mutations that need one.
pub(super) fn plain_will() -> WillBuf {
    WillBuf { qos: QoS::AtMostOnce, retain: false, properties: vec![], topic: "will".to_owned(), payload: vec![0x2E] }
}

fn with_protocol_name(mut raw: RawPacket, name: &[u8]) -> Option<RawPacket> {
    raw.field_mut("Protocol Name")?.value = RawValue::utf8(name);
    Some(raw)
}

fn with_flags(mut raw: RawPacket, set: u8) -> Option<RawPacket> {
    let RawValue::U8(flags) = &mut raw.field_mut("Connect Flags")?.value else { return None };
    *flags |= set;
    Some(raw)
}
