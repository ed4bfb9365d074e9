//! A cursor over the bytes of a packet that notes fields and violations and never stops at the first.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Level, Violation, ViolationKind, rules};
use crate::{PacketType, ProtocolVersion};
use ViolationKind as Kind;

/// What the walk over a packet saw.
#[derive(Clone, Debug, Default)]
pub(crate) struct Walk {
    pub(crate) packet_type: Option<PacketType>,
    pub(crate) fields: Vec<WalkedField>,
    pub(crate) violations: Vec<Violation>,
}

/// A field that was read, whole or in part.
#[derive(Clone, Debug)]
pub(crate) struct WalkedField {
    pub(crate) offset: usize,
    pub(crate) len: usize,
    pub(crate) name: &'static str,
    pub(crate) meaning: String,
}

pub(super) struct Walker<'a> {
    pub(super) frame: &'a [u8],
    pub(super) version: ProtocolVersion,
    pub(super) packet_type: Option<PacketType>,
    /// Where the next field starts.
    pub(super) at: usize,
    /// Where the packet (or the property list being read) ends.
    pub(super) end: usize,
    /// Set when it is no longer clear which field comes next.
    pub(super) lost: bool,
    /// Set when the frame is shorter than announced: running out of bytes is then no news.
    pub(super) incomplete: bool,
    fields: Vec<WalkedField>,
    violations: Vec<Violation>,
}

impl<'a> Walker<'a> {
    pub(super) const fn new(frame: &'a [u8], version: ProtocolVersion) -> Self {
        Self {
            frame,
            version,
            packet_type: None,
            at: 0,
            end: frame.len(),
            lost: false,
            incomplete: false,
            fields: Vec::new(),
            violations: Vec::new(),
        }
    }

    pub(super) fn finish(mut self) -> Walk {
        self.violations.sort_by_key(|violation| violation.offset);
        self.fields.sort_by_key(|field| field.offset);
        Walk { packet_type: self.packet_type, fields: self.fields, violations: self.violations }
    }

    pub(super) const fn v5(&self) -> bool {
        self.version.has_properties()
    }

    /// Bytes left in the packet; none once the walk is lost.
    pub(super) const fn left(&self) -> usize {
        if self.lost { 0 } else { self.end.saturating_sub(self.at) }
    }

    pub(super) fn violate(&mut self, kind: Kind, offset: usize, field: &'static str, message: impl Into<String>) {
        let rule = rules::rule(kind, self.version, self.packet_type, field);
        self.violations.push(Violation {
            offset,
            kind,
            statement: rule.statement,
            section: rule.section,
            level: if kind == Kind::DisallowedCodePoint { Level::Should } else { Level::Must },
            reason: rule.reason,
            reasons: rule.reasons,
            message: message.into(),
        });
    }

    pub(super) fn note(&mut self, offset: usize, name: &'static str, meaning: impl Into<String>) {
        self.fields.push(WalkedField { offset, len: self.at - offset, name, meaning: meaning.into() });
    }

    /// Notes that the rest of the bytes cannot be told apart.
    pub(super) fn lose(&mut self, name: &'static str) {
        if !self.lost && self.at < self.end {
            let start = self.at;
            self.at = self.end;
            self.note(start, name, "");
        }
        self.lost = true;
    }

    /// Takes `count` bytes for a field; on failure reports it, with `kind` when some bytes are there but too few.
    pub(super) fn take(&mut self, count: usize, name: &'static str) -> Option<&'a [u8]> {
        if self.lost {
            return None;
        }
        if self.left() < count {
            self.out_of_bytes(self.at, name);
            return None;
        }
        let bytes = &self.frame[self.at..self.at + count];
        self.at += count;
        Some(bytes)
    }

    fn out_of_bytes(&mut self, start: usize, name: &'static str) {
        if !self.incomplete {
            if start == self.end {
                self.violate(Kind::MissingField, start, name, format!("{} is missing", name.to_lowercase()));
            } else {
                let message = format!("{} reaches past the end of the packet", name.to_lowercase());
                self.violate(Kind::FieldPastEnd, start, name, message);
            }
        }
        self.lose(name);
    }

    pub(super) fn u8(&mut self, name: &'static str) -> Option<u8> {
        self.take(1, name).map(|bytes| bytes[0])
    }

    pub(super) fn u16(&mut self, name: &'static str) -> Option<u16> {
        self.take(2, name).map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    /// A field behind a two-byte length: its content, and where the content starts.
    pub(super) fn prefixed(&mut self, name: &'static str) -> Option<(usize, &'a [u8])> {
        let start = self.at;
        let length = usize::from(self.u16(name)?);
        if self.left() < length {
            self.at = start;
            self.out_of_bytes(start, name);
            return None;
        }
        let content = self.at;
        self.at += length;
        Some((content, &self.frame[content..content + length]))
    }

    pub(super) fn binary(&mut self, name: &'static str) -> Option<&'a [u8]> {
        let start = self.at;
        let (_, bytes) = self.prefixed(name)?;
        self.note(start, name, count(bytes.len()));
        Some(bytes)
    }

    pub(super) fn packet_identifier(&mut self) {
        let start = self.at;
        let Some(id) = self.u16("Packet Identifier") else { return };
        self.note(start, "Packet Identifier", id.to_string());
        if id == 0 {
            self.violate(Kind::PacketIdentifierZero, start, "Packet Identifier", "packet identifier is 0");
        }
    }

    /// Nothing may follow.
    pub(super) fn end_of_packet(&mut self) {
        let left = self.left();
        if left > 0 {
            let start = self.at;
            self.at = self.end;
            self.note(start, "trailing bytes", count(left));
            self.violate(Kind::TrailingBytes, start, "", format!("{} after the last field", count(left)));
        }
    }
}

/// `1 byte`, `2 bytes`.
pub(super) fn count(bytes: usize) -> String {
    if bytes == 1 { "1 byte".to_owned() } else { format!("{bytes} bytes") }
}

/// What a Variable Byte Integer (1.5.5) turned out to be.
pub(super) struct VariableByteInteger {
    pub(super) value: u32,
    pub(super) len: usize,
}

pub(super) enum VariableByteIntegerError {
    /// The bytes end within it.
    Incomplete,
    /// The fourth byte announces a fifth.
    TooLong,
}

impl VariableByteInteger {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, VariableByteIntegerError> {
        let mut value = 0;
        for (index, byte) in bytes.iter().take(4).enumerate() {
            value |= u32::from(byte & 0x7F) << (7 * index);
            if byte & 0x80 == 0 {
                return Ok(Self { value, len: index + 1 });
            }
        }
        Err(if bytes.len() < 4 { VariableByteIntegerError::Incomplete } else { VariableByteIntegerError::TooLong })
    }

    pub(super) const fn is_minimal(&self) -> bool {
        let needed = match self.value {
            0..0x80 => 1,
            0x80..0x4000 => 2,
            0x4000..0x20_0000 => 3,
            _ => 4,
        };
        self.len == needed
    }
}
