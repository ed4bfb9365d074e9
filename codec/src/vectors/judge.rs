//! From bytes to a vector.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Direction, Flag, Vector, unusual};
use crate::{Diagnosis, Level, PacketBuf, ProtocolVersion, RawPacket, ViolationKind as Kind, diagnose};

/// More than this is [`Flag::Large`].
pub(super) const LARGE: usize = 1024;

/// What the standard says of the bytes. The verdict is that of `diagnose`; the strict decoder, which is to be tested by
/// the vectors, only gives the fields of valid ones.
pub(super) fn judge(id: String, version: ProtocolVersion, comment: String, bytes: Vec<u8>) -> Vector {
    let diagnosis = diagnose(&bytes, version);
    let valid = diagnosis.is_valid();
    let packet = if valid { PacketBuf::decode(&bytes, version).ok() } else { None };
    let reason_code = diagnosis.first_must().map(|violation| violation.reason).filter(|_| version.has_properties());
    let mut flags = if valid { Vec::new() } else { of_invalid(version, &diagnosis, &bytes) };
    if let Some(packet) = &packet {
        flags.extend(unusual::flags(version, packet));
        if RawPacket::from_packet(packet, version).to_bytes() != bytes {
            flags.push(Flag::NotCanonical);
        }
    }
    if diagnosis.has(Kind::DisallowedCodePoint) {
        flags.push(Flag::DisallowedCodePoint);
        if valid {
            flags.extend([Flag::LegalButUnusual, Flag::MayRefuse]);
        }
    }
    if bytes.len() > LARGE {
        flags.push(Flag::Large);
    }
    Vector {
        id,
        version,
        comment,
        packet_type: diagnosis.packet_type,
        direction: Direction::of(version, diagnosis.packet_type, packet.as_ref()),
        valid,
        packet,
        statements: broken(&diagnosis),
        reason_code,
        reason_codes: diagnosis.reasons(),
        violations: diagnosis.violations,
        flags,
        bytes,
    }
}

/// The numbered statements of what is forbidden, each once, in the order of the bytes.
fn broken(diagnosis: &Diagnosis) -> Vec<&'static str> {
    let mut statements = Vec::new();
    for violation in diagnosis.violations.iter().filter(|violation| violation.level == Level::Must) {
        statements.extend(violation.statement.filter(|statement| !statements.contains(statement)));
    }
    statements
}

fn of_invalid(version: ProtocolVersion, diagnosis: &Diagnosis, bytes: &[u8]) -> Vec<Flag> {
    let mut flags = Vec::new();
    let musts = || diagnosis.violations.iter().filter(|violation| violation.level == Level::Must);
    if diagnosis.is_debatable(version, bytes) {
        flags.push(Flag::MayAccept);
    }
    if diagnosis.has(Kind::FrameIncomplete) || diagnosis.has(Kind::IncompleteFixedHeader) {
        flags.push(Flag::Incomplete);
    }
    if diagnosis.has(Kind::BytesAfterFrame) {
        flags.push(Flag::Surplus);
    }
    if musts().map(|violation| violation.kind).collect::<BTreeSet<_>>().len() > 1 {
        flags.push(Flag::SeveralErrors);
    }
    flags
}
