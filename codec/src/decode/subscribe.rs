//! SUBSCRIBE, UNSUBSCRIBE and their acknowledgements (3.8 to 3.11).

use super::{Reader, reason_code};
use crate::packet::{Properties, ReasonCodes, SubAck, Subscribe, Subscriptions, TopicFilters, UnsubAck, Unsubscribe};
use crate::{DecodeError, PacketType, ProtocolVersion, topic};

pub(super) fn subscribe(mut body: Reader<'_>, version: ProtocolVersion) -> Result<Subscribe<'_>, DecodeError> {
    let packet_id = body.packet_id()?;
    let properties = body.properties(PacketType::Subscribe, version)?;
    let payload = body.rest();
    let mut list = Reader::new(payload);
    if list.is_empty() {
        return Err(DecodeError::NoTopicFilters);
    }
    while !list.is_empty() {
        let subscription = list.subscription(version)?;
        topic::check_topic_filter(subscription.filter, version).map_err(DecodeError::TopicFilter)?;
        if subscription.options.no_local && topic::parse_shared(subscription.filter).is_some() {
            return Err(DecodeError::NoLocalOnSharedSubscription);
        }
    }
    Ok(Subscribe { packet_id, properties, filters: Subscriptions::from_checked(payload) })
}

pub(super) fn unsubscribe(mut body: Reader<'_>, version: ProtocolVersion) -> Result<Unsubscribe<'_>, DecodeError> {
    let packet_id = body.packet_id()?;
    let properties = body.properties(PacketType::Unsubscribe, version)?;
    let payload = body.rest();
    let mut list = Reader::new(payload);
    if list.is_empty() {
        return Err(DecodeError::NoTopicFilters);
    }
    while !list.is_empty() {
        topic::check_topic_filter(list.string()?, version).map_err(DecodeError::TopicFilter)?;
    }
    Ok(Unsubscribe { packet_id, properties, filters: TopicFilters::from_checked(payload) })
}

pub(super) fn sub_ack(mut body: Reader<'_>, version: ProtocolVersion) -> Result<SubAck<'_>, DecodeError> {
    let packet_id = body.packet_id()?;
    let properties = body.properties(PacketType::SubAck, version)?;
    let reason_codes = reason_codes(body, PacketType::SubAck, version)?;
    Ok(SubAck { packet_id, properties, reason_codes })
}

pub(super) fn unsub_ack(mut body: Reader<'_>, version: ProtocolVersion) -> Result<UnsubAck<'_>, DecodeError> {
    let packet_id = body.packet_id()?;
    if !version.has_properties() {
        body.finish()?;
        return Ok(UnsubAck { packet_id, properties: Properties::EMPTY, reason_codes: ReasonCodes::EMPTY });
    }
    let properties = body.properties(PacketType::UnsubAck, version)?;
    let reason_codes = reason_codes(body, PacketType::UnsubAck, version)?;
    Ok(UnsubAck { packet_id, properties, reason_codes })
}

fn reason_codes(
    mut body: Reader<'_>,
    packet_type: PacketType,
    version: ProtocolVersion,
) -> Result<ReasonCodes<'_>, DecodeError> {
    let payload = body.rest();
    if payload.is_empty() {
        return Err(DecodeError::NoReasonCodes);
    }
    for &byte in payload {
        reason_code(byte, version, packet_type)?;
    }
    Ok(ReasonCodes::from_checked(payload))
}
