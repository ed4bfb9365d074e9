//! SUBSCRIBE, UNSUBSCRIBE and their acknowledgements (3.8 to 3.11).

use super::properties::{self, Checked};
use super::text::Filter;
use super::{Decoded, PropertyVisitor, input, text};
use crate::packet::{
    Packet, Properties, ReasonCodes, SubAck, Subscribe, Subscriptions, TopicFilters, UnsubAck, Unsubscribe,
};
use crate::packet_buf::SubscriptionOptions;
use crate::reason_code::CodeSet;
use crate::{DecodeError, PacketType, ProtocolVersion, ReasonCode};

/// `after` is `body` with what follows it in the stream.
pub(super) fn subscribe<'a, V: PropertyVisitor<'a>>(
    mut body: &'a [u8],
    after: &'a [u8],
    version: ProtocolVersion,
    visitor: &mut V,
) -> Decoded<'a> {
    let whole = body.len();
    let packet_id = input::packet_id(&mut body)?;
    let properties = list_of::<properties::Subscribe, V>(&mut body, version, visitor)?;
    if body.is_empty() {
        return Err(DecodeError::NoTopicFilters);
    }
    let mut list = body;
    while !list.is_empty() {
        let at = whole - list.len();
        let filter = input::binary_data(&mut list)?;
        let filter = text::check_topic_filter_at(&after[at + 2..], filter.len(), version)?;
        let options = SubscriptionOptions::from_byte(input::byte(&mut list)?, version)?;
        if options.no_local && filter == Filter::Shared {
            return Err(DecodeError::NoLocalOnSharedSubscription);
        }
    }
    Ok(Some(Packet::Subscribe(Subscribe { packet_id, properties, filters: Subscriptions::from_checked(body) })))
}

/// `after` is `body` with what follows it in the stream.
pub(super) fn unsubscribe<'a, V: PropertyVisitor<'a>>(
    mut body: &'a [u8],
    after: &'a [u8],
    version: ProtocolVersion,
    visitor: &mut V,
) -> Decoded<'a> {
    let whole = body.len();
    let packet_id = input::packet_id(&mut body)?;
    let properties = list_of::<properties::Unsubscribe, V>(&mut body, version, visitor)?;
    if body.is_empty() {
        return Err(DecodeError::NoTopicFilters);
    }
    let mut list = body;
    while !list.is_empty() {
        let at = whole - list.len();
        let filter = input::binary_data(&mut list)?;
        text::check_topic_filter_at(&after[at + 2..], filter.len(), version)?;
    }
    Ok(Some(Packet::Unsubscribe(Unsubscribe { packet_id, properties, filters: TopicFilters::from_checked(body) })))
}

pub(super) fn sub_ack<'a, V: PropertyVisitor<'a>>(
    mut body: &'a [u8],
    version: ProtocolVersion,
    visitor: &mut V,
) -> Decoded<'a> {
    let packet_id = input::packet_id(&mut body)?;
    let properties = list_of::<properties::SubAck, V>(&mut body, version, visitor)?;
    let reason_codes = reason_codes(body, ReasonCode::defined_in(version, PacketType::SubAck))?;
    Ok(Some(Packet::SubAck(SubAck { packet_id, properties, reason_codes })))
}

pub(super) fn unsub_ack<'a, V: PropertyVisitor<'a>>(
    mut body: &'a [u8],
    version: ProtocolVersion,
    visitor: &mut V,
) -> Decoded<'a> {
    let packet_id = input::packet_id(&mut body)?;
    let properties = list_of::<properties::UnsubAck, V>(&mut body, version, visitor)?;
    let reason_codes = if version.has_properties() {
        reason_codes(body, ReasonCode::defined_in(version, PacketType::UnsubAck))?
    } else {
        input::finish(body)?;
        ReasonCodes::EMPTY
    };
    Ok(Some(Packet::UnsubAck(UnsubAck { packet_id, properties, reason_codes })))
}

/// The properties of `P`; none in 3.1 and 3.1.1, which have no place for them.
fn list_of<'a, P: properties::Place, V: PropertyVisitor<'a>>(
    body: &mut &'a [u8],
    version: ProtocolVersion,
    visitor: &mut V,
) -> Result<Properties<'a>, DecodeError> {
    let checked = if version.has_properties() { properties::properties::<P, V>(body, visitor)? } else { Checked::NONE };
    Ok(checked.list)
}

fn reason_codes<'a>(payload: &'a [u8], defined: &CodeSet) -> Result<ReasonCodes<'a>, DecodeError> {
    if payload.is_empty() {
        return Err(DecodeError::NoReasonCodes);
    }
    match payload.iter().map(|&byte| ReasonCode(byte)).find(|&code| !defined.contains(code)) {
        Some(code) => Err(DecodeError::UndefinedReasonCode(code)),
        None => Ok(ReasonCodes::from_checked(payload)),
    }
}
