//! Strict decoding: a whole frame in, a valid packet out, nothing copied.

mod connect;
mod properties;
mod publish;
mod reader;
mod session;
mod subscribe;

pub(crate) use reader::Reader;

use crate::packet::Packet;
use crate::{DecodeError, PacketBuf, PacketType, ProtocolVersion, ReasonCode, frame_len};

/// Decodes `frame`, which holds exactly one packet with its fixed header, as `version` defines it.
///
/// A CONNECT says its version itself, and `version` is ignored for it.
///
/// What depends on more than these bytes is not judged here: who sent them, what came before, whether the Client
/// Identifier suits the server, and whether a payload is what its Payload Format Indicator claims, which a receiver
/// need not check (3.3.2.3.2). Characters that should not appear in strings (1.5.4) are accepted.
///
/// # Errors
/// The first violation found. The order in which fields are checked is not part of the interface.
///
/// ```
/// use mqttspec_codec::{DecodeError, Packet, ProtocolVersion, decode};
/// assert_eq!(decode(&[0xD0, 0x00], ProtocolVersion::V5_0), Ok(Packet::PingResp));
/// assert_eq!(decode(&[0xD1, 0x00], ProtocolVersion::V5_0), Err(DecodeError::InvalidFixedHeaderFlags(1)));
/// ```
pub fn decode(frame: &[u8], version: ProtocolVersion) -> Result<Packet<'_>, DecodeError> {
    let first = *frame.first().ok_or(DecodeError::Truncated)?;
    let packet_type = PacketType::from_value(first >> 4).ok_or(DecodeError::ReservedPacketType)?;
    if !packet_type.exists_in(version) {
        return Err(DecodeError::PacketTypeNotInVersion);
    }
    let flags = first & 0x0F;
    check_flags(packet_type, flags, version)?;
    let body = body(frame)?;
    match packet_type {
        PacketType::Connect => connect::connect(body).map(Packet::Connect),
        PacketType::ConnAck => session::conn_ack(body, version).map(Packet::ConnAck),
        PacketType::Publish => publish::publish(flags, body, version).map(Packet::Publish),
        PacketType::PubAck => publish::ack(body, packet_type, version).map(Packet::PubAck),
        PacketType::PubRec => publish::ack(body, packet_type, version).map(Packet::PubRec),
        PacketType::PubRel => publish::ack(body, packet_type, version).map(Packet::PubRel),
        PacketType::PubComp => publish::ack(body, packet_type, version).map(Packet::PubComp),
        PacketType::Subscribe => subscribe::subscribe(body, version).map(Packet::Subscribe),
        PacketType::SubAck => subscribe::sub_ack(body, version).map(Packet::SubAck),
        PacketType::Unsubscribe => subscribe::unsubscribe(body, version).map(Packet::Unsubscribe),
        PacketType::UnsubAck => subscribe::unsub_ack(body, version).map(Packet::UnsubAck),
        PacketType::PingReq => body.finish().map(|()| Packet::PingReq),
        PacketType::PingResp => body.finish().map(|()| Packet::PingResp),
        PacketType::Disconnect => session::disconnect(body, version).map(Packet::Disconnect),
        PacketType::Auth => session::auth(body, version).map(Packet::Auth),
    }
}

impl PacketBuf {
    /// Decodes `frame` as [`decode`] does, into a packet that owns its fields.
    ///
    /// # Errors
    /// The first violation found.
    pub fn decode(frame: &[u8], version: ProtocolVersion) -> Result<Self, DecodeError> {
        decode(frame, version).map(|packet| packet.to_buf())
    }
}

/// Checks the flags of every packet but PUBLISH, whose flags are fields (2.1.3).
fn check_flags(packet_type: PacketType, flags: u8, version: ProtocolVersion) -> Result<(), DecodeError> {
    let Some(expected) = packet_type.fixed_flags() else { return Ok(()) };
    // 3.1 lets a client set DUP when it sends one of these again (3.1: section 2.1, DUP).
    let may_be_dup = version == ProtocolVersion::V3_1
        && matches!(packet_type, PacketType::PubRel | PacketType::Subscribe | PacketType::Unsubscribe);
    if flags == expected || (may_be_dup && flags == expected | 0b1000) {
        Ok(())
    } else {
        Err(DecodeError::InvalidFixedHeaderFlags(flags))
    }
}

/// What follows the fixed header, after checking that the frame is as long as the header says.
fn body(frame: &[u8]) -> Result<Reader<'_>, DecodeError> {
    let len = frame_len(frame)?.ok_or(DecodeError::Truncated)?;
    if len > frame.len() {
        return Err(DecodeError::Truncated);
    }
    let mut reader = Reader::new(frame);
    reader.byte()?;
    let remaining = reader.variable_byte_integer()?;
    let body = reader.bytes(remaining as usize)?;
    reader.finish()?;
    Ok(Reader::new(body))
}

/// A code that `packet` of `version` may carry.
fn reason_code(byte: u8, version: ProtocolVersion, packet: PacketType) -> Result<ReasonCode, DecodeError> {
    let code = ReasonCode(byte);
    if code.is_defined_in(version, packet) { Ok(code) } else { Err(DecodeError::UndefinedReasonCode(code)) }
}
