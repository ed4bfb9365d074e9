//! The exact size of everything that is written, and what does not fit into a packet.
//!
//! [`remaining_length`] adds up for `encoded_len` what the functions that write add up for themselves: they need the parts
//! too, and once more over the packet would cost them a third of their time. Tests and fuzzing hold the two together.

use super::publish;
use crate::packet::{
    Connect, ListSource, Packet, Properties, PropertySource, ReasonCodes, Rest, Subscriptions, TopicFilters,
};
use crate::packet_buf::ConnectBuf;
use crate::property::ValueBuf;
use crate::property_table::PropertyType;
use crate::{EncodeError, PacketType, PropertyBuf, ProtocolVersion, ReasonCode, varint};

/// A number of bytes.
pub(super) type Size = Result<usize, EncodeError>;

/// A Packet Identifier, or the length before a string.
const TWO_BYTE_INTEGER: usize = 2;

/// The Remaining Length of a packet (2.1.4).
pub(super) fn remaining_length(packet: &Packet<'_>, version: ProtocolVersion) -> Result<u32, EncodeError> {
    let list = |properties: Properties<'_>| list(properties, version);
    let reason = |packet_type, code, properties: Properties<'_>| {
        Ok::<usize, EncodeError>(match (version.has_properties(), properties.is_empty(), code) {
            (false, ..) | (_, true, ReasonCode::SUCCESS) => 0,
            // AUTH alone may not leave out its Property Length (3.15.2.2.1).
            (_, true, _) if packet_type != PacketType::Auth => 1,
            _ => 1 + list(properties)?,
        })
    };
    total(match packet {
        Packet::Connect(p) => connect(p)?,
        Packet::ConnAck(p) => 2 + list(p.properties)?,
        Packet::Publish(p) => {
            let packet_id = if publish::check_packet_id(p)?.is_some() { TWO_BYTE_INTEGER } else { 0 };
            field(p.topic.as_bytes())? + packet_id + list(p.properties)? + p.payload.len()
        }
        Packet::PubAck(p) | Packet::PubRec(p) | Packet::PubRel(p) | Packet::PubComp(p) => {
            TWO_BYTE_INTEGER + reason(packet.packet_type(), p.reason_code, p.properties)?
        }
        Packet::Subscribe(p) => TWO_BYTE_INTEGER + list(p.properties)? + subscriptions(p.filters)?,
        Packet::SubAck(p) => TWO_BYTE_INTEGER + list(p.properties)? + codes(p.reason_codes),
        Packet::Unsubscribe(p) => TWO_BYTE_INTEGER + list(p.properties)? + topic_filters(p.filters)?,
        Packet::UnsubAck(p) => {
            let codes = if version.has_properties() { codes(p.reason_codes) } else { 0 };
            TWO_BYTE_INTEGER + list(p.properties)? + codes
        }
        Packet::PingReq | Packet::PingResp => 0,
        Packet::Disconnect(p) => reason(PacketType::Disconnect, p.reason_code, p.properties)?,
        Packet::Auth(p) => reason(PacketType::Auth, p.reason_code, p.properties)?,
    })
}

/// A count as a Property Length or Remaining Length.
#[inline(always)]
pub(super) fn total(len: usize) -> Result<u32, EncodeError> {
    if len <= varint::MAX as usize { Ok(len as u32) } else { Err(EncodeError::PacketTooLong) }
}

/// A string or Binary Data with the length before it.
#[inline(always)]
pub(super) const fn field(data: &[u8]) -> Size {
    if data.len() > u16::MAX as usize {
        return Err(EncodeError::FieldTooLong(data.len()));
    }
    Ok(TWO_BYTE_INTEGER + data.len())
}

fn connect(p: &Connect<'_>) -> Size {
    let will = match p.rest {
        Rest::Owned(ConnectBuf { will: Some(will), .. }) => list((&will.properties).into(), p.version())?,
        _ => 0,
    };
    let name = field(p.version().protocol_name().as_bytes())?;
    // Protocol Level, Connect Flags and Keep Alive take four bytes.
    Ok(name + 4 + list(p.properties, p.version())? + field(p.client_id.as_bytes())? + connect_rest(p)? + will)
}

/// What follows the Client Identifier of a CONNECT, but for Will Properties that are not bytes yet.
pub(super) fn connect_rest(p: &Connect<'_>) -> Size {
    let connect = match p.rest {
        Rest::Wire(bytes) => return Ok(bytes.len()),
        Rest::Owned(connect) => connect,
    };
    let mut rest = 0;
    if let Some(will) = &connect.will {
        rest += field(will.topic.as_bytes())? + field(&will.payload)?;
    }
    if let Some(user_name) = &connect.user_name {
        rest += field(user_name.as_bytes())?;
    }
    if let Some(password) = &connect.password {
        rest += field(password)?;
    }
    Ok(rest)
}

pub(super) fn subscriptions(list: Subscriptions<'_>) -> Size {
    match list.source() {
        ListSource::Wire(bytes) => Ok(bytes.len()),
        ListSource::Owned(list) => fields(list, |subscription| subscription.filter.as_bytes()).map(|f| f + list.len()),
    }
}

pub(super) fn topic_filters(list: TopicFilters<'_>) -> Size {
    match list.source() {
        ListSource::Wire(bytes) => Ok(bytes.len()),
        ListSource::Owned(list) => fields(list, |filter| filter.as_bytes()),
    }
}

/// Strings one after the other.
#[inline(always)]
fn fields<T>(list: &[T], bytes: impl Fn(&T) -> &[u8]) -> Size {
    let mut len = 0;
    for item in list {
        len += field(bytes(item))?;
    }
    Ok(len)
}

#[inline(always)]
pub(super) const fn codes(list: ReasonCodes<'_>) -> usize {
    match list.source() {
        ListSource::Wire(bytes) => bytes.len(),
        ListSource::Owned(list) => list.len(),
    }
}

/// The properties with their Property Length (2.2.2); nothing in a version that has none.
fn list(properties: Properties<'_>, version: ProtocolVersion) -> Size {
    if !version.has_properties() {
        return Ok(0);
    }
    let property_length = match properties.source() {
        PropertySource::Wire(bytes) => total(bytes.len())?,
        PropertySource::Owned(list) => property_length(list)?,
    };
    Ok(varint::len_of_valid(property_length) + property_length as usize)
}

/// The Property Length of a list (2.2.2.1).
pub(super) fn property_length(list: &[PropertyBuf]) -> Result<u32, EncodeError> {
    let mut len = 0;
    for property in list {
        let (property_type, value) = match &property.value {
            ValueBuf::Byte(_) => (PropertyType::Byte, 1),
            ValueBuf::TwoByteInteger(_) => (PropertyType::TwoByteInteger, 2),
            ValueBuf::FourByteInteger(_) => (PropertyType::FourByteInteger, 4),
            ValueBuf::VariableByteInteger(value) => {
                let len = varint::len(*value).ok_or(EncodeError::VariableByteIntegerTooLarge(*value))?;
                (PropertyType::VariableByteInteger, len)
            }
            ValueBuf::Utf8String(value) => (PropertyType::Utf8String, field(value.as_bytes())?),
            ValueBuf::BinaryData(value) => (PropertyType::BinaryData, field(value)?),
            ValueBuf::Utf8StringPair(name, value) => {
                (PropertyType::Utf8StringPair, field(name.as_bytes())? + field(value.as_bytes())?)
            }
        };
        if property_type != property.id.property_type() {
            return Err(EncodeError::WrongPropertyType(property.id));
        }
        len += 1 + value;
    }
    total(len)
}
