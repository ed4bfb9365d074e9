//! The exact size of a packet, and everything that does not fit into one.

use super::Layout;
use crate::packet::{
    Connect, ListSource, Packet, Properties, PropertySource, Publish, ReasonCodes, Rest, Subscriptions, TopicFilters,
};
use crate::property::ValueBuf;
use crate::{EncodeError, PacketType, PropertyBuf, ProtocolVersion, QoS, ReasonCode, varint};

/// A Packet Identifier, or the length before a string.
const TWO_BYTE_INTEGER: usize = 2;

type Length = Result<usize, EncodeError>;

#[inline]
pub(super) fn packet(packet: &Packet<'_>, version: ProtocolVersion) -> Result<Layout, EncodeError> {
    if let Packet::Publish(p) = packet {
        return publish(p, version);
    }
    other(packet, version)
}

fn other(packet: &Packet<'_>, version: ProtocolVersion) -> Result<Layout, EncodeError> {
    let has_properties = version.has_properties();
    let mut property_length = 0;
    // Bytes of the property list with its length, in packets that always have one.
    let mut list = |properties| {
        if !has_properties {
            return Ok(0);
        }
        property_length = length_of(properties)?;
        with_length(property_length)
    };
    let body = match packet {
        Packet::Connect(p) => return connect(p),
        Packet::Publish(p) => return publish(p, version),
        Packet::PubAck(p) | Packet::PubRec(p) | Packet::PubRel(p) | Packet::PubComp(p) => {
            TWO_BYTE_INTEGER + reason(packet.packet_type(), p.reason_code, p.properties, version, &mut list)?
        }
        Packet::ConnAck(p) => 2 + list(p.properties)?,
        Packet::Subscribe(p) => TWO_BYTE_INTEGER + list(p.properties)? + subscriptions(p.filters)?,
        Packet::SubAck(p) => TWO_BYTE_INTEGER + list(p.properties)? + codes(p.reason_codes),
        Packet::Unsubscribe(p) => TWO_BYTE_INTEGER + list(p.properties)? + topic_filters(p.filters)?,
        Packet::UnsubAck(p) => {
            let codes = if has_properties { codes(p.reason_codes) } else { 0 };
            TWO_BYTE_INTEGER + list(p.properties)? + codes
        }
        Packet::PingReq | Packet::PingResp => 0,
        Packet::Disconnect(p) => reason(PacketType::Disconnect, p.reason_code, p.properties, version, &mut list)?,
        Packet::Auth(p) => reason(PacketType::Auth, p.reason_code, p.properties, version, &mut list)?,
    };
    Ok(Layout { remaining_length: total(body)?, property_length, will_property_length: 0 })
}

#[inline]
fn publish(p: &Publish<'_>, version: ProtocolVersion) -> Result<Layout, EncodeError> {
    let mut body = field(p.topic.as_bytes())? + p.payload.len();
    match (p.qos, p.packet_id) {
        (QoS::AtMostOnce, None) => {}
        (QoS::AtMostOnce, Some(_)) => return Err(EncodeError::UnexpectedPacketId),
        (_, Some(_)) => body += TWO_BYTE_INTEGER,
        (_, None) => return Err(EncodeError::MissingPacketId),
    }
    let mut property_length = 0;
    if version.has_properties() {
        property_length = length_of(p.properties)?;
        body += with_length(property_length)?;
    }
    Ok(Layout { remaining_length: total(body)?, property_length, will_property_length: 0 })
}

fn connect(p: &Connect<'_>) -> Result<Layout, EncodeError> {
    // Protocol Level, Connect Flags and Keep Alive.
    let mut body = field(p.version().protocol_name().as_bytes())? + 4;
    let has_properties = p.version().has_properties();
    let [mut property_length, mut will_property_length] = [0; 2];
    if has_properties {
        property_length = length_of(p.properties)?;
        body += with_length(property_length)?;
    }
    body += field(p.client_id.as_bytes())?;
    body += match p.rest {
        Rest::Wire(bytes) => bytes.len(),
        Rest::Owned(connect) => {
            let mut rest = 0;
            if let Some(will) = &connect.will {
                if has_properties {
                    will_property_length = length_of((&will.properties).into())?;
                    rest += with_length(will_property_length)?;
                }
                rest += field(will.topic.as_bytes())? + field(&will.payload)?;
            }
            rest += connect.user_name.as_ref().map_or(Ok(0), |user_name| field(user_name.as_bytes()))?;
            rest + connect.password.as_ref().map_or(Ok(0), |password| field(password))?
        }
    };
    Ok(Layout { remaining_length: total(body)?, property_length, will_property_length })
}

/// A Reason Code and the properties after it, in the shortest form that 5.0 allows; nothing in 3.1 and 3.1.1.
fn reason<'a>(
    packet_type: PacketType,
    reason_code: ReasonCode,
    properties: Properties<'a>,
    version: ProtocolVersion,
    list: &mut dyn FnMut(Properties<'a>) -> Length,
) -> Length {
    Ok(match ReasonForm::of(packet_type, reason_code, properties, version) {
        ReasonForm::Nothing => 0,
        ReasonForm::Code => 1,
        ReasonForm::CodeAndProperties => 1 + list(properties)?,
    })
}

/// How much of a Reason Code and its properties is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ReasonForm {
    Nothing,
    Code,
    CodeAndProperties,
}

impl ReasonForm {
    #[inline]
    pub(super) fn of(
        packet_type: PacketType,
        reason_code: ReasonCode,
        properties: Properties<'_>,
        version: ProtocolVersion,
    ) -> Self {
        if !version.has_properties() {
            return Self::Nothing;
        }
        match (properties.is_empty(), reason_code) {
            (true, ReasonCode::SUCCESS) => Self::Nothing,
            // AUTH alone may not leave out its Property Length (3.15.2.2.1).
            (true, _) if packet_type != PacketType::Auth => Self::Code,
            _ => Self::CodeAndProperties,
        }
    }
}

fn subscriptions(list: Subscriptions<'_>) -> Length {
    match list.source() {
        ListSource::Wire(bytes) => Ok(bytes.len()),
        ListSource::Owned(list) => list.iter().map(|s| Ok(field(s.filter.as_bytes())? + 1)).sum(),
    }
}

fn topic_filters(list: TopicFilters<'_>) -> Length {
    match list.source() {
        ListSource::Wire(bytes) => Ok(bytes.len()),
        ListSource::Owned(list) => list.iter().map(|filter| field(filter.as_bytes())).sum(),
    }
}

fn codes(list: ReasonCodes<'_>) -> usize {
    match list.source() {
        ListSource::Wire(bytes) => bytes.len(),
        ListSource::Owned(list) => list.len(),
    }
}

/// The Property Length of a list (2.2.2.1).
#[inline]
fn length_of(properties: Properties<'_>) -> Result<u32, EncodeError> {
    match properties.source() {
        PropertySource::Wire(bytes) => total(bytes.len()),
        PropertySource::Owned(list) => total(list.iter().map(property).sum::<Length>()?),
    }
}

#[inline]
fn property(property: &PropertyBuf) -> Length {
    if property.value.property_type() != property.id.property_type() {
        return Err(EncodeError::WrongPropertyType(property.id));
    }
    let value = match &property.value {
        ValueBuf::Byte(_) => 1,
        ValueBuf::TwoByteInteger(_) => TWO_BYTE_INTEGER,
        ValueBuf::FourByteInteger(_) => 4,
        ValueBuf::VariableByteInteger(value) => {
            varint::len(*value).ok_or(EncodeError::VariableByteIntegerTooLarge(*value))?
        }
        ValueBuf::Utf8String(value) => field(value.as_bytes())?,
        ValueBuf::BinaryData(value) => field(value)?,
        ValueBuf::Utf8StringPair(name, value) => field(name.as_bytes())? + field(value.as_bytes())?,
    };
    Ok(1 + value)
}

/// A string or Binary Data with the length before it.
#[inline]
fn field(data: &[u8]) -> Length {
    if data.len() > usize::from(u16::MAX) {
        return Err(EncodeError::FieldTooLong(data.len()));
    }
    Ok(TWO_BYTE_INTEGER + data.len())
}

/// A property list together with its Property Length.
#[inline]
fn with_length(property_length: u32) -> Length {
    Ok(varint::len_of_valid(property_length) + property_length as usize)
}

/// A count as a Property Length or Remaining Length.
#[inline]
fn total(len: usize) -> Result<u32, EncodeError> {
    match u32::try_from(len) {
        Ok(len) if len <= varint::MAX => Ok(len),
        _ => Err(EncodeError::PacketTooLong),
    }
}
