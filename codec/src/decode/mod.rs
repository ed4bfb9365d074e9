//! Strict decoding: bytes in, a valid packet out, nothing copied and nothing allocated.
//!
//! Where the time goes decides the order: PUBLISH is asked for first, then acknowledgements of two bytes, then the
//! whole first byte is matched once, which checks its flags on the way.

mod connect;
mod input;
mod properties;
mod publish;
mod session;
mod subscribe;
mod text;
mod visitor;
mod window;

pub use visitor::PropertyVisitor;

use crate::packet::{Ack, Packet, Properties};
use crate::{DecodeError, PacketBuf, PacketType, ProtocolVersion, ReasonCode, varint};

/// The first byte of a packet, its Remaining Length, and the bytes that follow the fixed header.
type Header<'a> = (u8, usize, &'a [u8]);

/// What decoding one packet yields, in the form in which it is handed up without being copied.
type Decoded<'a> = Result<Option<Packet<'a>>, DecodeError>;

/// Decodes `frame`, which holds exactly one packet with its fixed header, as `version` defines it.
///
/// A CONNECT says its version itself, and `version` is ignored for it.
///
/// What depends on more than these bytes is not judged here: who sent them, what came before, whether the Client
/// Identifier suits the server, and whether a payload is what its Payload Format Indicator claims, which a receiver
/// need not check (3.3.2.3.2) and [`Publish::has_declared_format`](crate::packet::Publish::has_declared_format) does
/// on demand. Characters that should not appear in strings (1.5.4) are accepted.
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
    decode_with(frame, version, &mut ())
}

/// Decodes `frame` as [`decode`] does, and shows every property to `visitor` as it is checked.
///
/// The visitor has seen properties of a packet that turned out to be invalid when this returns an error.
///
/// # Errors
/// The first violation found.
#[inline]
pub fn decode_with<'a, V: PropertyVisitor<'a>>(
    frame: &'a [u8],
    version: ProtocolVersion,
    visitor: &mut V,
) -> Result<Packet<'a>, DecodeError> {
    let mut rest = frame;
    match decode_next_with(&mut rest, version, visitor) {
        Ok(Some(packet)) if rest.is_empty() => Ok(packet),
        Ok(Some(_)) => Err(DecodeError::TrailingBytes),
        Ok(None) => Err(DecodeError::Truncated),
        Err(error) => Err(error),
    }
}

/// Decodes the packet at the start of `stream` and moves `stream` behind it; `None` when the rest of it has not come
/// yet, and `stream` stays.
///
/// A first byte or Remaining Length that is wrong is refused at once, before the rest has come. The caller bounds how
/// many bytes it is willing to hold for one packet; see [`FrameDecoder`](crate::FrameDecoder) for one that does.
///
/// # Errors
/// The first violation found; `stream` stays.
///
/// ```
/// use mqttspec_codec::{Packet, ProtocolVersion, decode_next};
/// let mut stream: &[u8] = &[0xC0, 0x00, 0xD0, 0x00, 0x40];
/// assert_eq!(decode_next(&mut stream, ProtocolVersion::V5_0), Ok(Some(Packet::PingReq)));
/// assert_eq!(decode_next(&mut stream, ProtocolVersion::V5_0), Ok(Some(Packet::PingResp)));
/// assert_eq!(decode_next(&mut stream, ProtocolVersion::V5_0), Ok(None));
/// assert_eq!(stream, [0x40]);
/// ```
pub fn decode_next<'a>(stream: &mut &'a [u8], version: ProtocolVersion) -> Result<Option<Packet<'a>>, DecodeError> {
    decode_next_with(stream, version, &mut ())
}

/// Decodes as [`decode_next`] does, and shows every property to `visitor` as [`decode_with`] does.
///
/// # Errors
/// The first violation found; `stream` stays.
#[inline(always)]
pub fn decode_next_with<'a, V: PropertyVisitor<'a>>(
    stream: &mut &'a [u8],
    version: ProtocolVersion,
    visitor: &mut V,
) -> Result<Option<Packet<'a>>, DecodeError> {
    // Nearly every packet is shorter than 128 bytes, and then its Remaining Length takes one byte.
    let (first, remaining, after) = match **stream {
        [first, remaining @ 0..=0x7F, ref after @ ..] => (first, usize::from(remaining), after),
        [first, low @ 0x80..=0xFF, high @ 0x01..=0x7F, ref after @ ..] => {
            (first, usize::from(low & 0x7F) | usize::from(high) << 7, after)
        }
        _ => match long_header(stream, version)? {
            Some(header) => header,
            None => return Ok(None),
        },
    };
    let Some((body, rest)) = after.split_at_checked(remaining) else { return unfinished(first, version) };
    let decoded = if first >> 4 == PacketType::Publish.value() {
        publish::publish(first, body, after, version, visitor)
    } else if let (0x40 | 0x50 | 0x62 | 0x70, &[high, low]) = (first, body) {
        short_ack(first, u16::from_be_bytes([high, low]))
    } else {
        other(first, body, after, version, visitor)
    };
    if decoded.is_ok() {
        *stream = rest;
    }
    decoded
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

/// PUBACK, PUBREC, PUBREL or PUBCOMP that ends after its Packet Identifier: all of them in 3.1 and 3.1.1, and nearly
/// all in 5.0.
#[inline(always)]
fn short_ack<'a>(first: u8, packet_id: u16) -> Decoded<'a> {
    if packet_id == 0 {
        return Err(DecodeError::ZeroPacketId);
    }
    let ack = Ack { packet_id, reason_code: ReasonCode::SUCCESS, properties: Properties::EMPTY };
    Ok(Some(match first {
        0x40 => Packet::PubAck(ack),
        0x50 => Packet::PubRec(ack),
        0x62 => Packet::PubRel(ack),
        _ => Packet::PubComp(ack),
    }))
}

/// Every packet that is neither a PUBLISH nor a short acknowledgement, by its whole first byte. `after` is `body` with
/// what follows it in the stream.
fn other<'a, V: PropertyVisitor<'a>>(
    first: u8,
    body: &'a [u8],
    after: &'a [u8],
    version: ProtocolVersion,
    visitor: &mut V,
) -> Decoded<'a> {
    match first {
        0x10 => connect::connect(body, visitor),
        0x20 => session::conn_ack(body, version, visitor),
        0x40 => publish::ack::<properties::PubAck, V>(PacketType::PubAck, Packet::PubAck, body, version, visitor),
        0x50 => publish::ack::<properties::PubRec, V>(PacketType::PubRec, Packet::PubRec, body, version, visitor),
        0x62 => publish::ack::<properties::PubRel, V>(PacketType::PubRel, Packet::PubRel, body, version, visitor),
        0x70 => publish::ack::<properties::PubComp, V>(PacketType::PubComp, Packet::PubComp, body, version, visitor),
        0x82 => subscribe::subscribe(body, after, version, visitor),
        0x90 => subscribe::sub_ack(body, version, visitor),
        0xA2 => subscribe::unsubscribe(body, after, version, visitor),
        0xB0 => subscribe::unsub_ack(body, version, visitor),
        0xC0 => empty(body, Packet::PingReq),
        0xD0 => empty(body, Packet::PingResp),
        0xE0 => session::disconnect(body, version, visitor),
        0xF0 if version.has_properties() => session::auth(body, version, visitor),
        // 3.1 lets a client set DUP when it sends one of these again (3.1: section 2.1, DUP).
        0x6A | 0x8A | 0xAA if version == ProtocolVersion::V3_1 => other(first & !0b1000, body, after, version, visitor),
        _ => Err(first_byte_error(first, version).unwrap_or(DecodeError::ReservedPacketType)),
    }
}

fn empty<'a>(body: &[u8], packet: Packet<'a>) -> Decoded<'a> {
    if body.is_empty() { Ok(Some(packet)) } else { Err(DecodeError::TrailingBytes) }
}

/// A packet of which the body has not come whole: what is there may already be wrong.
#[cold]
fn unfinished<'a>(first: u8, version: ProtocolVersion) -> Decoded<'a> {
    first_byte_error(first, version).map_or(Ok(None), Err)
}

/// The fixed header when its Remaining Length takes more than two bytes, is malformed or has not come.
#[cold]
fn long_header(stream: &[u8], version: ProtocolVersion) -> Result<Option<Header<'_>>, DecodeError> {
    let Some((&first, after)) = stream.split_first() else { return Ok(None) };
    if let Some((remaining, len)) = varint::decode(after)? {
        return Ok(Some((first, remaining as usize, &after[len..])));
    }
    first_byte_error(first, version).map_or(Ok(None), Err)
}

/// What is wrong with the packet type or the flags beside it (2.1.2, 2.1.3).
fn first_byte_error(first: u8, version: ProtocolVersion) -> Option<DecodeError> {
    let Some(packet_type) = PacketType::from_value(first >> 4) else { return Some(DecodeError::ReservedPacketType) };
    if !packet_type.exists_in(version) {
        return Some(DecodeError::PacketTypeNotInVersion);
    }
    let flags = first & 0x0F;
    let Some(expected) = packet_type.fixed_flags() else { return publish::flags_error(flags) };
    let may_be_dup = version == ProtocolVersion::V3_1
        && matches!(packet_type, PacketType::PubRel | PacketType::Subscribe | PacketType::Unsubscribe);
    let valid = flags == expected || (may_be_dup && flags == expected | 0b1000);
    if valid { None } else { Some(DecodeError::InvalidFixedHeaderFlags(flags)) }
}
