//! CONNECT, CONNACK, DISCONNECT and AUTH (3.1, 3.2, 3.14, 3.15), and acknowledgements that say as much as those.

use bytes::BufMut;

use super::list::{List, NO_SCRATCH};
use super::{put, size};
use crate::packet::{Ack, ConnAck, Connect, Properties, Rest, flag};
use crate::packet_buf::ConnectBuf;
use crate::{EncodeError, PacketType, ProtocolVersion, ReasonCode};

pub(super) fn connect<B: BufMut>(p: &Connect<'_>, out: &mut B) -> Result<(), EncodeError> {
    let version = p.version();
    let mut scratch = NO_SCRATCH;
    let properties = List::of(p.properties, version, &mut scratch)?;
    let mut will_scratch = NO_SCRATCH;
    let will_properties = match p.rest {
        Rest::Owned(ConnectBuf { will: Some(will), .. }) => {
            List::of((&will.properties).into(), version, &mut will_scratch)?
        }
        _ => List::Absent,
    };
    let name = version.protocol_name().as_bytes();
    let rest = size::connect_rest(p)? + will_properties.len();
    // Protocol Level, Connect Flags and Keep Alive take four bytes.
    let body = size::field(name)? + 4 + properties.len() + size::field(p.client_id.as_bytes())? + rest;
    put::start(0x10, size::total(body)?, put::length_bytes(name), 0, out)?;
    let flags = p.flags & !flag::CLEAN_START | if p.clean_start { flag::CLEAN_START } else { 0 };
    let [high, low] = p.keep_alive.to_be_bytes();
    let level = version.protocol_level();
    match version {
        ProtocolVersion::V3_1 => out.put_slice(&[b'M', b'Q', b'I', b's', b'd', b'p', level, flags, high, low]),
        _ => out.put_slice(&[b'M', b'Q', b'T', b'T', level, flags, high, low]),
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

pub(super) fn conn_ack<B: BufMut>(p: &ConnAck<'_>, version: ProtocolVersion, out: &mut B) -> Result<(), EncodeError> {
    let start = [u8::from(p.session_present), p.reason_code.0];
    if !version.has_properties() {
        return put::whole([0x20, 2, start[0], start[1]], out);
    }
    let mut scratch = NO_SCRATCH;
    let properties = List::of(p.properties, version, &mut scratch)?;
    put::start(0x20, size::total(2 + properties.len())?, start, 0, out)?;
    properties.put(out);
    Ok(())
}

/// DISCONNECT or AUTH: a Reason Code and the properties after it, in the shortest form that 5.0 allows; nothing in 3.1
/// and 3.1.1.
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
    let mut scratch = NO_SCRATCH;
    let list = List::of(properties, version, &mut scratch)?;
    put::start_with_list(first, [reason_code.0], list, out)
}

/// An acknowledgement with properties.
pub(super) fn long_ack<B: BufMut>(
    first: u8,
    p: &Ack<'_>,
    version: ProtocolVersion,
    out: &mut B,
) -> Result<(), EncodeError> {
    let mut scratch = NO_SCRATCH;
    let list = List::of(p.properties, version, &mut scratch)?;
    let [high, low] = p.packet_id.to_be_bytes();
    put::start_with_list(first, [high, low, p.reason_code.0], list, out)
}
