//! Packets as a list of raw fields, able to be wrong in every way that the bytes of a packet can be wrong.
//!
//! [`RawPacket`] encodes itself and knows nothing of the strict encoder, so the two check each other.

use alloc::vec;
use alloc::vec::Vec;

mod build;
mod encode;
mod field;

pub use field::{RawField, RawLength, RawProperty, RawValue};

/// A control packet field by field; nothing about it needs to be valid.
///
/// ```
/// use mqttspec_codec::{PacketBuf, ProtocolVersion, raw::{RawLength, RawPacket}};
/// let mut ping = RawPacket::from_packet(&PacketBuf::PingReq, ProtocolVersion::V5_0);
/// assert_eq!(ping.to_bytes(), [0xC0, 0x00]);
/// ping.remaining_length = RawLength::Width(2);
/// assert_eq!(ping.to_bytes(), [0xC0, 0x80, 0x00]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RawPacket {
    /// Packet type and flags: the first byte of the fixed header (2.1).
    pub first_byte: u8,
    /// The Remaining Length to announce (2.1.4 in 5.0, 2.2.3 in 3.1.1).
    pub remaining_length: RawLength,
    /// The fields of the variable header and the payload, in the order in which they are sent.
    pub fields: Vec<RawField>,
    /// Bytes put after the last field; an exact Remaining Length counts them.
    pub trailing: Vec<u8>,
    /// Keep only this many bytes of fields and trailing bytes; an exact Remaining Length counts what is kept.
    pub keep: Option<usize>,
}

impl RawPacket {
    /// The body: fields and trailing bytes, cut at [`keep`](Self::keep). The Remaining Length is not applied.
    pub fn body(&self) -> Vec<u8> {
        let mut body = Vec::new();
        for field in &self.fields {
            field.value.write(&mut body);
        }
        body.extend_from_slice(&self.trailing);
        if let Some(keep) = self.keep {
            body.truncate(keep);
        }
        body
    }

    /// The bytes of the packet as described, right or wrong.
    pub fn to_bytes(&self) -> Vec<u8> {
        let body = self.body();
        let mut bytes = vec![self.first_byte];
        self.remaining_length.write_variable(body.len(), &mut bytes);
        bytes.extend_from_slice(&body);
        bytes
    }

    /// The first field with this name, for reading.
    pub fn field(&self, name: &str) -> Option<&RawField> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The first field with this name. Names are the standard's terms, such as `Topic Name`.
    pub fn field_mut(&mut self, name: &str) -> Option<&mut RawField> {
        self.fields.iter_mut().find(|field| field.name == name)
    }

    /// Takes the first field with this name out of the packet.
    pub fn remove_field(&mut self, name: &str) -> Option<RawField> {
        let index = self.fields.iter().position(|field| field.name == name)?;
        Some(self.fields.remove(index))
    }
}
