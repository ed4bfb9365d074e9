//! Mutations of what a packet holds besides topics, strings and properties.

use alloc::vec;

use super::Mutation;
use super::apply::Base;
use crate::raw::{RawLength, RawPacket, RawValue};
use crate::{PacketBuf, PacketType, REASON_CODES, ReasonCode};

pub(super) fn apply(mutation: Mutation, base: &Base<'_>) -> Option<RawPacket> {
    let packet_type = base.packet.packet_type();
    let has_body = match packet_type {
        PacketType::PingReq | PacketType::PingResp => false,
        PacketType::Disconnect => base.v5(),
        _ => true,
    };
    let mut raw = base.raw();
    match mutation {
        Mutation::TruncatedBody => raw.keep = Some(cut(&raw, base)?),
        Mutation::EmptyBody => {
            if matches!(packet_type, PacketType::Disconnect | PacketType::Auth) || !has_body {
                return None;
            }
            raw.keep = Some(0);
        }
        Mutation::MissingReasonCode if packet_type == PacketType::ConnAck => raw.keep = Some(1),
        Mutation::MissingSubscriptionOptions if packet_type == PacketType::Subscribe => {
            raw.keep = Some(raw.body().len().checked_sub(1)?);
        }
        Mutation::TrailingByte => {
            let open_ended = match packet_type {
                PacketType::Publish | PacketType::Subscribe | PacketType::SubAck | PacketType::Unsubscribe => true,
                PacketType::UnsubAck => base.v5(),
                _ => false,
            };
            if open_ended || !has_body {
                return None;
            }
            raw = base.in_full();
            raw.trailing = vec![0x00];
        }
        Mutation::UnexpectedBody if !has_body => raw.trailing = vec![0x00],
        Mutation::PacketIdentifierZero => raw.field_mut("Packet Identifier")?.value = RawValue::U16(0),
        Mutation::UndefinedReasonCode => {
            let undefined = if base.v5() { ReasonCode(0x7F) } else { ReasonCode(0x06) };
            raw = with_code(base, undefined)?;
        }
        Mutation::ReasonCodeOfAnotherPacket if base.v5() => {
            let defined = |code: ReasonCode| code.is_defined_in(base.version, packet_type);
            let foreign = REASON_CODES.iter().map(|row| row.code).find(|code| code.is_error() && !defined(*code))?;
            raw = with_code(base, foreign)?;
        }
        Mutation::NoReasonCodes => {
            let name = code_name(base).filter(|_| matches!(packet_type, PacketType::SubAck | PacketType::UnsubAck))?;
            raw.fields.retain(|field| field.name != name);
        }
        Mutation::ConnAckReservedFlag => {
            let RawValue::U8(flags) = &mut raw.field_mut("Connect Acknowledge Flags")?.value else { return None };
            *flags |= 0b10;
        }
        Mutation::SessionPresentWithError => {
            let PacketBuf::ConnAck(connack) = base.packet else { return None };
            let refused = if base.v5() { ReasonCode::NOT_AUTHORIZED } else { ReasonCode::V3_NOT_AUTHORIZED };
            let code = if connack.reason_code == ReasonCode::SUCCESS { refused } else { connack.reason_code };
            raw = with_code(base, code)?;
            raw.field_mut("Connect Acknowledge Flags")?.value = RawValue::U8(1);
        }
        _ => return None,
    }
    Some(raw)
}

/// How much of the body to keep so that its end falls inside a field.
fn cut(raw: &RawPacket, base: &Base<'_>) -> Option<usize> {
    let length = raw.body().len();
    match base.packet {
        PacketBuf::Publish(publish) => Some(publish.topic.len() + 1),
        PacketBuf::Connect(_) | PacketBuf::Unsubscribe(_) => length.checked_sub(1),
        PacketBuf::Subscribe(_) => length.checked_sub(2),
        _ if base.packet.packet_id().is_some() => Some(1),
        _ => None,
    }
}

/// The name of the field that holds the packet's code.
fn code_name(base: &Base<'_>) -> Option<&'static str> {
    match base.packet.packet_type() {
        PacketType::ConnAck if base.v5() => Some("Connect Reason Code"),
        PacketType::ConnAck => Some("Connect Return code"),
        PacketType::SubAck if !base.v5() => Some("Return Code"),
        PacketType::Disconnect => Some("Disconnect Reason Code"),
        PacketType::Auth => Some("Authenticate Reason Code"),
        _ => Some("Reason Code"),
    }
}

/// The packet in full with this as its first code, if it has one.
fn with_code(base: &Base<'_>, code: ReasonCode) -> Option<RawPacket> {
    let mut raw = base.in_full();
    raw.field_mut(code_name(base)?)?.value = RawValue::U8(code.0);
    // Session Present beside a refusal would be a second violation.
    if let Some(flags) = raw.field_mut("Connect Acknowledge Flags") {
        flags.value = RawValue::U8(0);
    }
    raw.remaining_length = RawLength::Exact;
    Some(raw)
}
