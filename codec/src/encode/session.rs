//! CONNECT, CONNACK, DISCONNECT and AUTH (3.1, 3.2, 3.14, 3.15), and acknowledgements that say as much as those.

use bytes::BufMut;

use super::list::{LONG, List, SHORT};
use super::{put, size};
use crate::packet::{Ack, ConnAck, Connect, Properties, Rest, flag};
use crate::packet_buf::ConnectBuf;
use crate::{EncodeError, PacketType, ProtocolVersion, ReasonCode};

#[inline(never)]
pub(super) fn connect<B: BufMut>(p: &Connect<'_>, out: &mut B) -> Result<(), EncodeError> {
    let version = p.version();
    let mut scratch = LONG;
    let properties = List::of(p.properties, version, &mut scratch)?;
    let mut will_scratch = SHORT;
    let will_properties = match p.rest {
        Rest::Owned(ConnectBuf { will: Some(will), .. }) => {
            List::of((&will.properties).into(), version, &mut will_scratch)?
        }
        _ => List::Absent,
    };
    let flags = p.flags & !flag::CLEAN_START | if p.clean_start { flag::CLEAN_START } else { 0 };
    let [high, low] = p.keep_alive.to_be_bytes();
    let level = version.protocol_level();
    let rest = properties.len() + size::field(p.client_id.as_bytes())? + will_properties.len() + size::connect_rest(p)?;
    if version == ProtocolVersion::V3_1 {
        let start = [0, 6, b'M', b'Q', b'I', b's', b'd', b'p', level, flags, high, low];
        put::start(0x10, size::total(start.len() + rest)?, 0, [0, 6], put::two, out)?;
        out.put_slice(&start[2..]);
    } else {
        let start = [0, 4, b'M', b'Q', b'T', b'T', level, flags, high, low];
        let joined = |[first, length]: [u8; 2], [a, b, c, d, e, f, g, h, i, j]: [u8; 10]| {
            [first, length, a, b, c, d, e, f, g, h, i, j]
        };
        put::start(0x10, size::total(start.len() + rest)?, 0, start, joined, out)?;
    }
    properties.put(out);
    put::field(p.client_id.as_bytes(), out);
    match p.rest {
        Rest::Wire(bytes) => out.put_slice(bytes),
        Rest::Owned(connect) => put_rest(connect, will_properties, out),
    }
    Ok(())
}

/// What follows the Client Identifier.
fn put_rest<B: BufMut>(connect: &ConnectBuf, will_properties: List<'_>, out: &mut B) {
    if let Some(will) = &connect.will {
        will_properties.put(out);
        put::field(will.topic.as_bytes(), out);
        put::field(&will.payload, out);
    }
    if let Some(user_name) = &connect.user_name {
        put::field(user_name.as_bytes(), out);
    }
    if let Some(password) = &connect.password {
        put::field(password, out);
    }
}

#[inline(always)]
pub(super) fn conn_ack<B: BufMut>(p: &ConnAck<'_>, version: ProtocolVersion, out: &mut B) -> Result<(), EncodeError> {
    let start = [u8::from(p.session_present), p.reason_code.0];
    if !version.has_properties() {
        return put::whole([0x20, 2, start[0], start[1]], out);
    }
    long_conn_ack(start, p.properties, version, out)
}

#[inline(never)]
fn long_conn_ack<B: BufMut>(
    start: [u8; 2],
    properties: Properties<'_>,
    version: ProtocolVersion,
    out: &mut B,
) -> Result<(), EncodeError> {
    let mut scratch = LONG;
    let properties = List::of(properties, version, &mut scratch)?;
    put::start(0x20, size::total(2 + properties.len())?, 0, start, put::two, out)?;
    properties.put(out);
    Ok(())
}

/// DISCONNECT or AUTH: a Reason Code and the properties after it, in the shortest form that 5.0 allows; nothing in 3.1
/// and 3.1.1.
#[inline(always)]
pub(super) fn reason<B: BufMut>(
    first: u8,
    packet_type: PacketType,
    reason_code: ReasonCode,
    properties: Properties<'_>,
    version: ProtocolVersion,
    out: &mut B,
) -> Result<(), EncodeError> {
    if !version.has_properties() || (reason_code == ReasonCode::SUCCESS && properties.is_empty()) {
        return put::whole([first, 0], out);
    }
    if properties.is_empty() {
        // AUTH alone may not leave out its Property Length (3.15.2.2.1).
        return match packet_type {
            PacketType::Auth => put::whole([first, 2, reason_code.0, 0], out),
            _ => put::whole([first, 1, reason_code.0], out),
        };
    }
    long_reason(first, reason_code, properties, version, out)
}

#[inline(never)]
fn long_reason<B: BufMut>(
    first: u8,
    reason_code: ReasonCode,
    properties: Properties<'_>,
    version: ProtocolVersion,
    out: &mut B,
) -> Result<(), EncodeError> {
    let mut scratch = SHORT;
    let list = List::of(properties, version, &mut scratch)?;
    let remaining_length = size::total(1 + list.len())?;
    match put::short(list.property_length()) {
        Some(property_length) => {
            put::start(first, remaining_length, 0, [reason_code.0, property_length], put::two, out)?;
            list.put_properties(out);
        }
        None => {
            let joined = |[first, length]: [u8; 2], [code]: [u8; 1]| [first, length, code];
            put::start(first, remaining_length, 0, [reason_code.0], joined, out)?;
            list.put(out);
        }
    }
    Ok(())
}

/// An acknowledgement with properties.
#[inline(never)]
pub(super) fn long_ack<B: BufMut>(
    first: u8,
    p: &Ack<'_>,
    version: ProtocolVersion,
    out: &mut B,
) -> Result<(), EncodeError> {
    let mut scratch = SHORT;
    let list = List::of(p.properties, version, &mut scratch)?;
    let [high, low] = p.packet_id.to_be_bytes();
    let remaining_length = size::total(3 + list.len())?;
    put::start(first, remaining_length, 0, [high, low, p.reason_code.0], put::three, out)?;
    list.put(out);
    Ok(())
}
