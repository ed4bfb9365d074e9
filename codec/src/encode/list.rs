//! A list of properties on its way into a packet.

use bytes::BufMut;

use super::{put, size};
use crate::packet::{Properties, PropertySource};
use crate::property::ValueBuf;
use crate::property_table::PropertyType;
use crate::{EncodeError, PropertyBuf, ProtocolVersion, varint};

/// Memory for a list that is short as a rule. It is set to zeros where it is declared, and declared where it is used:
/// handed out of a function or an `Option`, it would be copied.
pub(super) const SHORT: [u8; 128] = [0; 128];

/// Memory for a list that may hold much of what there is.
pub(super) const LONG: [u8; 256] = [0; 256];

/// A list that has been measured, in a version that has properties; nothing in one that has none.
#[derive(Clone, Copy)]
pub(super) enum List<'l> {
    Absent,
    Bytes(&'l [u8]),
    /// The Property Length, and what to write.
    Typed(u32, &'l [PropertyBuf]),
}

impl<'l> List<'l> {
    /// Measures `properties`. Those that are no bytes yet are written to `scratch` first, which finds their length and
    /// their bytes in one pass, unless they are too many for it.
    #[inline(always)]
    pub(super) fn of(
        properties: Properties<'l>,
        version: ProtocolVersion,
        scratch: &'l mut [u8],
    ) -> Result<Self, EncodeError> {
        if !version.has_properties() {
            return Ok(Self::Absent);
        }
        match properties.source() {
            PropertySource::Wire(bytes) => Ok(Self::Bytes(bytes)),
            PropertySource::Owned(list) if list.is_empty() => Ok(Self::Bytes(&[])),
            PropertySource::Owned(list) => Self::in_scratch(list, scratch),
        }
    }

    #[inline(always)]
    fn in_scratch(list: &'l [PropertyBuf], scratch: &'l mut [u8]) -> Result<Self, EncodeError> {
        match fill(scratch, list) {
            Some(len) => Ok(Self::Bytes(&scratch[..len])),
            None => Ok(Self::Typed(size::property_length(list)?, list)),
        }
    }

    /// The Property Length (2.2.2.1).
    #[inline(always)]
    pub(super) const fn property_length(self) -> u32 {
        match self {
            Self::Absent => 0,
            // What does not fit a Property Length does not fit the packet either.
            Self::Bytes(bytes) => bytes.len() as u32,
            Self::Typed(len, _) => len,
        }
    }

    /// The number of bytes that it takes in a packet, its Property Length included.
    #[inline(always)]
    pub(super) const fn len(self) -> usize {
        match self {
            Self::Absent => 0,
            _ => {
                let property_length = self.property_length();
                varint::len_of_valid(property_length) + property_length as usize
            }
        }
    }

    /// Writes it.
    #[inline(always)]
    pub(super) fn put<B: BufMut>(self, out: &mut B) {
        if !matches!(self, Self::Absent) {
            put::variable_byte_integer(self.property_length(), out);
            self.put_properties(out);
        }
    }

    /// Writes it after a Packet Identifier.
    #[inline(always)]
    pub(super) fn put_after<B: BufMut>(self, packet_id: u16, out: &mut B) {
        let [high, low] = packet_id.to_be_bytes();
        match (self, put::short(self.property_length())) {
            (Self::Absent, _) => out.put_slice(&[high, low]),
            (_, Some(property_length)) => {
                out.put_slice(&[high, low, property_length]);
                self.put_properties(out);
            }
            (_, None) => {
                out.put_slice(&[high, low]);
                self.put(out);
            }
        }
    }

    /// Writes it without its length.
    #[inline(always)]
    pub(super) fn put_properties<B: BufMut>(self, out: &mut B) {
        match self {
            Self::Absent => {}
            Self::Bytes(bytes) => out.put_slice(bytes),
            Self::Typed(_, list) => list.iter().for_each(|p| put_property(p, out)),
        }
    }
}

/// Writes `list` to the front of `scratch` and returns its length; `None` when it does not fit, or a value is not what
/// its property demands, which measuring tells apart.
#[inline(never)]
fn fill(scratch: &mut [u8], list: &[PropertyBuf]) -> Option<usize> {
    let len = scratch.len();
    let mut room = scratch;
    for property in list {
        let id = property.id.value();
        let (property_type, rest) = match &property.value {
            ValueBuf::Byte(value) => (PropertyType::Byte, array(room, [id, *value])),
            ValueBuf::TwoByteInteger(value) => {
                let [a, b] = value.to_be_bytes();
                (PropertyType::TwoByteInteger, array(room, [id, a, b]))
            }
            ValueBuf::FourByteInteger(value) => {
                let [a, b, c, d] = value.to_be_bytes();
                (PropertyType::FourByteInteger, array(room, [id, a, b, c, d]))
            }
            ValueBuf::VariableByteInteger(value) => {
                let ([a, b, c, d], len) = varint::to_bytes(*value)?;
                let room = match len {
                    1 => array(room, [id, a]),
                    2 => array(room, [id, a, b]),
                    3 => array(room, [id, a, b, c]),
                    _ => array(room, [id, a, b, c, d]),
                };
                (PropertyType::VariableByteInteger, room)
            }
            ValueBuf::Utf8String(value) => (PropertyType::Utf8String, tagged_field(room, id, value.as_bytes())),
            ValueBuf::BinaryData(value) => (PropertyType::BinaryData, tagged_field(room, id, value)),
            ValueBuf::Utf8StringPair(name, value) => {
                let room = tagged_field(room, id, name.as_bytes());
                let room = room.and_then(|room| array(room, put::length_bytes(value.as_bytes())));
                (PropertyType::Utf8StringPair, room.and_then(|room| slice(room, value.as_bytes())))
            }
        };
        room = rest.filter(|_| property_type == property.id.property_type())?;
    }
    Some(len - room.len())
}

#[inline(always)]
fn array<const N: usize>(room: &mut [u8], bytes: [u8; N]) -> Option<&mut [u8]> {
    let (front, rest) = room.split_first_chunk_mut()?;
    *front = bytes;
    Some(rest)
}

#[inline(always)]
fn slice<'r>(room: &'r mut [u8], bytes: &[u8]) -> Option<&'r mut [u8]> {
    let (front, rest) = room.split_at_mut_checked(bytes.len())?;
    copy(front, bytes);
    Some(rest)
}

/// `copy_from_slice`, with short slices as two words that may overlap.
///
/// # Panics
/// When the lengths differ.
#[inline(always)]
fn copy(to: &mut [u8], from: &[u8]) {
    match from.len() {
        8..=16 => copy_ends::<8>(to, from),
        17..=32 => copy_ends::<16>(to, from),
        4..=7 => copy_ends::<4>(to, from),
        _ => to.copy_from_slice(from),
    }
}

/// Copies a slice of `N` to twice `N` bytes.
#[inline(always)]
fn copy_ends<const N: usize>(to: &mut [u8], from: &[u8]) {
    assert_eq!(to.len(), from.len(), "the caller has cut them alike");
    if let (Some(first), Some(last)) = (from.first_chunk::<N>(), from.last_chunk::<N>()) {
        if let Some(to) = to.first_chunk_mut() {
            *to = *first;
        }
        if let Some(to) = to.last_chunk_mut() {
            *to = *last;
        }
    }
}

/// A property identifier and a field. One whose length is too large for two bytes does not fit into [`LONG`] or
/// [`SHORT`].
#[inline(always)]
fn tagged_field<'r>(room: &'r mut [u8], id: u8, data: &[u8]) -> Option<&'r mut [u8]> {
    let [high, low] = put::length_bytes(data);
    slice(array(room, [id, high, low])?, data)
}

#[inline(always)]
fn put_property<B: BufMut>(property: &PropertyBuf, out: &mut B) {
    let id = property.id.value();
    match &property.value {
        ValueBuf::Byte(value) => out.put_slice(&[id, *value]),
        ValueBuf::TwoByteInteger(value) => {
            let [a, b] = value.to_be_bytes();
            out.put_slice(&[id, a, b]);
        }
        ValueBuf::FourByteInteger(value) => {
            let [a, b, c, d] = value.to_be_bytes();
            out.put_slice(&[id, a, b, c, d]);
        }
        ValueBuf::VariableByteInteger(value) => {
            out.put_slice(&[id]);
            put::variable_byte_integer(*value, out);
        }
        ValueBuf::Utf8String(value) => put_tagged_field(id, value.as_bytes(), out),
        ValueBuf::BinaryData(value) => put_tagged_field(id, value, out),
        ValueBuf::Utf8StringPair(name, value) => {
            put_tagged_field(id, name.as_bytes(), out);
            put::field(value.as_bytes(), out);
        }
    }
}

/// A property identifier and a field.
#[inline(always)]
fn put_tagged_field<B: BufMut>(id: u8, data: &[u8], out: &mut B) {
    let [high, low] = put::length_bytes(data);
    out.put_slice(&[id, high, low]);
    out.put_slice(data);
}
