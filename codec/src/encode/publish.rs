//! PUBLISH and its acknowledgements (3.3 to 3.7).

use bytes::BufMut;

use super::list::{List, SHORT};
use super::{put, session, size};
use crate::packet::{Ack, Publish};
use crate::{EncodeError, PacketType, ProtocolVersion, QoS, ReasonCode};

/// Writes a PUBLISH, its Application Message only if `PAYLOAD` says so.
#[inline(always)]
pub(super) fn publish<B: BufMut, const PAYLOAD: bool>(
    p: &Publish<'_>,
    version: ProtocolVersion,
    out: &mut B,
) -> Result<(), EncodeError> {
    let has_properties = version.has_properties();
    if has_properties && !p.properties.is_empty() {
        return with_properties::<B, PAYLOAD>(p, version, out);
    }
    let packet_id = check_packet_id(p)?;
    start::<B, PAYLOAD>(p, if packet_id.is_some() { 2 } else { 0 } + usize::from(has_properties), out)?;
    match (packet_id.map(u16::to_be_bytes), has_properties) {
        (None, false) => {}
        (None, true) => out.put_slice(&[0]),
        (Some(packet_id), false) => out.put_slice(&packet_id),
        (Some([high, low]), true) => out.put_slice(&[high, low, 0]),
    }
    if PAYLOAD {
        out.put_slice(p.payload);
    }
    Ok(())
}

#[inline(never)]
fn with_properties<B: BufMut, const PAYLOAD: bool>(
    p: &Publish<'_>,
    version: ProtocolVersion,
    out: &mut B,
) -> Result<(), EncodeError> {
    let mut scratch = SHORT;
    let properties = List::of(p.properties, version, &mut scratch)?;
    let packet_id = check_packet_id(p)?;
    start::<B, PAYLOAD>(p, if packet_id.is_some() { 2 } else { 0 } + properties.len(), out)?;
    match packet_id {
        Some(packet_id) => properties.put_after(packet_id, out),
        None => properties.put(out),
    }
    if PAYLOAD {
        out.put_slice(p.payload);
    }
    Ok(())
}

/// The fixed header and the Topic Name; so many bytes come between that and the Application Message.
#[inline(always)]
fn start<B: BufMut, const PAYLOAD: bool>(p: &Publish<'_>, between: usize, out: &mut B) -> Result<(), EncodeError> {
    let topic = p.topic.as_bytes();
    let first = PacketType::Publish.value() << 4 | u8::from(p.dup) << 3 | p.qos.value() << 1 | u8::from(p.retain);
    let left_out = if PAYLOAD { 0 } else { p.payload.len() };
    let body = size::total(size::field(topic)? + between + p.payload.len())?;
    put::start(first, body, left_out, put::length_bytes(topic), put::two, out)?;
    out.put_slice(topic);
    Ok(())
}

/// The Packet Identifier, which is there exactly when QoS is above 0 (2.2.1).
#[inline(always)]
pub(super) const fn check_packet_id(p: &Publish<'_>) -> Result<Option<u16>, EncodeError> {
    match (p.qos, p.packet_id) {
        (QoS::AtMostOnce, Some(_)) => Err(EncodeError::UnexpectedPacketId),
        (QoS::AtLeastOnce | QoS::ExactlyOnce, None) => Err(EncodeError::MissingPacketId),
        (_, packet_id) => Ok(packet_id),
    }
}

/// PUBACK, PUBREC, PUBREL or PUBCOMP.
#[inline(always)]
pub(super) fn ack<B: BufMut>(first: u8, p: &Ack<'_>, version: ProtocolVersion, out: &mut B) -> Result<(), EncodeError> {
    let [high, low] = p.packet_id.to_be_bytes();
    if !version.has_properties() || (p.reason_code == ReasonCode::SUCCESS && p.properties.is_empty()) {
        return put::whole([first, 2, high, low], out);
    }
    if p.properties.is_empty() {
        return put::whole([first, 3, high, low, p.reason_code.0], out);
    }
    session::long_ack(first, p, version, out)
}
