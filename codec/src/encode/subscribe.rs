//! SUBSCRIBE, UNSUBSCRIBE and their acknowledgements (3.8 to 3.11).

use bytes::BufMut;

use super::list::{List, SHORT};
use super::{put, size};
use crate::packet::{
    ListSource, Properties, ReasonCodes, SubAck, Subscribe, Subscriptions, TopicFilters, UnsubAck, Unsubscribe,
};
use crate::packet_buf::SubscriptionBuf;
use crate::{EncodeError, ProtocolVersion};

#[inline(never)]
pub(super) fn subscribe<B: BufMut>(
    p: &Subscribe<'_>,
    version: ProtocolVersion,
    out: &mut B,
) -> Result<(), EncodeError> {
    start(0x82, p.packet_id, p.properties, version, size::subscriptions(p.filters)?, out)?;
    put_subscriptions(p.filters, version, out);
    Ok(())
}

#[inline(never)]
pub(super) fn unsubscribe<B: BufMut>(
    p: &Unsubscribe<'_>,
    version: ProtocolVersion,
    out: &mut B,
) -> Result<(), EncodeError> {
    start(0xA2, p.packet_id, p.properties, version, size::topic_filters(p.filters)?, out)?;
    put_topic_filters(p.filters, out);
    Ok(())
}

#[inline(never)]
pub(super) fn sub_ack<B: BufMut>(p: &SubAck<'_>, version: ProtocolVersion, out: &mut B) -> Result<(), EncodeError> {
    start(0x90, p.packet_id, p.properties, version, size::codes(p.reason_codes), out)?;
    put_codes(p.reason_codes, out);
    Ok(())
}

#[inline(always)]
pub(super) fn unsub_ack<B: BufMut>(p: &UnsubAck<'_>, version: ProtocolVersion, out: &mut B) -> Result<(), EncodeError> {
    if !version.has_properties() {
        let [high, low] = p.packet_id.to_be_bytes();
        return put::whole([0xB0, 2, high, low], out);
    }
    long_unsub_ack(p, version, out)
}

#[inline(never)]
fn long_unsub_ack<B: BufMut>(p: &UnsubAck<'_>, version: ProtocolVersion, out: &mut B) -> Result<(), EncodeError> {
    start(0xB0, p.packet_id, p.properties, version, size::codes(p.reason_codes), out)?;
    put_codes(p.reason_codes, out);
    Ok(())
}

/// Everything before a payload of so many bytes.
#[inline(always)]
fn start<B: BufMut>(
    first: u8,
    packet_id: u16,
    properties: Properties<'_>,
    version: ProtocolVersion,
    payload: usize,
    out: &mut B,
) -> Result<(), EncodeError> {
    let mut scratch = SHORT;
    let properties = List::of(properties, version, &mut scratch)?;
    let [high, low] = packet_id.to_be_bytes();
    let remaining_length = size::total(2 + properties.len() + payload)?;
    match (properties, put::short(properties.property_length())) {
        (List::Absent, _) | (_, None) => {
            put::start(first, remaining_length, 0, [high, low], put::two, out)?;
            properties.put(out);
        }
        (_, Some(property_length)) => {
            put::start(first, remaining_length, 0, [high, low, property_length], put::three, out)?;
            properties.put_properties(out);
        }
    }
    Ok(())
}

fn put_subscriptions<B: BufMut>(list: Subscriptions<'_>, version: ProtocolVersion, out: &mut B) {
    match list.source() {
        ListSource::Wire(bytes) if version.has_properties() => out.put_slice(bytes),
        ListSource::Wire(_) => {
            for subscription in list.iter() {
                put::field(subscription.filter.as_bytes(), out);
                out.put_slice(&[subscription.options.to_byte(version)]);
            }
        }
        ListSource::Owned(list) => put_owned_subscriptions(list, version, out),
    }
}

fn put_owned_subscriptions<B: BufMut>(list: &[SubscriptionBuf], version: ProtocolVersion, out: &mut B) {
    for subscription in list {
        put::field(subscription.filter.as_bytes(), out);
        out.put_slice(&[subscription.options.to_byte(version)]);
    }
}

fn put_topic_filters<B: BufMut>(list: TopicFilters<'_>, out: &mut B) {
    match list.source() {
        ListSource::Wire(bytes) => out.put_slice(bytes),
        ListSource::Owned(list) => list.iter().for_each(|filter| put::field(filter.as_bytes(), out)),
    }
}

fn put_codes<B: BufMut>(list: ReasonCodes<'_>, out: &mut B) {
    match list.source() {
        ListSource::Wire(bytes) => out.put_slice(bytes),
        ListSource::Owned(list) => {
            let (eights, rest) = list.as_chunks::<8>();
            eights.iter().for_each(|codes| out.put_slice(&codes.map(|code| code.0)));
            rest.iter().for_each(|code| out.put_slice(&[code.0]));
        }
    }
}
