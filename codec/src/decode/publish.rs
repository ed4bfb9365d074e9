//! PUBLISH and its acknowledgements (3.3 to 3.7).

use super::properties::{self, Checked, Place};
use super::{Decoded, PropertyVisitor, input, text};
use crate::packet::{Ack, Packet, Properties, Publish, Utf8Str};
use crate::property_table::PropertyId;
use crate::{DecodeError, PacketType, ProtocolVersion, QoS, ReasonCode};

const RETAIN: u8 = 0b0001;
const QOS: u8 = 0b0110;
const DUP: u8 = 0b1000;

/// The flags that a PUBLISH may have, one bit for each nibble: not a QoS of 3, and not DUP at QoS 0.
const VALID_FLAGS: u16 = 0b0011_1100_0011_1111;

/// `after` is `body` with what follows it in the stream.
#[inline(always)]
pub(super) fn publish<'a, V: PropertyVisitor<'a>>(
    first: u8,
    mut body: &'a [u8],
    after: &'a [u8],
    version: ProtocolVersion,
    visitor: &mut V,
) -> Decoded<'a> {
    let flags = first & 0x0F;
    if VALID_FLAGS >> flags & 1 == 0 {
        return Err(flags_error(flags).unwrap_or(DecodeError::InvalidQoS));
    }
    let topic = input::binary_data(&mut body)?;
    if !topic.is_empty() || !version.has_properties() {
        text::check_topic_name_at(after.get(2..).unwrap_or_default(), topic.len())?;
    }
    let (qos, packet_id) = match flags & QOS {
        0 => (QoS::AtMostOnce, None),
        qos => {
            let qos = if qos == 0b0010 { QoS::AtLeastOnce } else { QoS::ExactlyOnce };
            (qos, Some(input::packet_id(&mut body)?))
        }
    };
    let properties = if version.has_properties() {
        properties::properties::<properties::Publish, V>(&mut body, visitor)?
    } else {
        Checked::NONE
    };
    // A Topic Name may be empty in 5.0 when a Topic Alias stands for it (3.3.2.1).
    if topic.is_empty() && !properties.has(PropertyId::TopicAlias) {
        return Err(DecodeError::EmptyTopicWithoutAlias);
    }
    Ok(Some(Packet::Publish(Publish {
        dup: flags & DUP != 0,
        qos,
        retain: flags & RETAIN != 0,
        topic: Utf8Str::from_checked(topic),
        packet_id,
        properties: properties.list,
        payload: body,
    })))
}

/// What is wrong with the flags of a PUBLISH (3.3.1).
#[cold]
pub(super) fn flags_error(flags: u8) -> Option<DecodeError> {
    match flags & QOS {
        QOS => Some(DecodeError::InvalidQoS),
        0 if flags & DUP != 0 => Some(DecodeError::DupAtQoS0),
        _ => None,
    }
}

/// PUBACK, PUBREC, PUBREL or PUBCOMP. In 5.0 a packet may end after the Packet Identifier, or after the Reason Code.
pub(super) fn ack<'a, P: Place, V: PropertyVisitor<'a>>(
    packet_type: PacketType,
    packet: fn(Ack<'a>) -> Packet<'a>,
    mut body: &'a [u8],
    version: ProtocolVersion,
    visitor: &mut V,
) -> Decoded<'a> {
    let packet_id = input::packet_id(&mut body)?;
    let mut ack = Ack { packet_id, reason_code: ReasonCode::SUCCESS, properties: Properties::EMPTY };
    if version.has_properties() && !body.is_empty() {
        ack.reason_code = ReasonCode(input::byte(&mut body)?);
        if !ack.reason_code.is_defined_in(version, packet_type) {
            return Err(DecodeError::UndefinedReasonCode(ack.reason_code));
        }
        if !body.is_empty() {
            ack.properties = properties::properties::<P, V>(&mut body, visitor)?.list;
        }
    }
    input::finish(body)?;
    Ok(Some(packet(ack)))
}
