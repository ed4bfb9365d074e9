//! A list of properties on its way into a packet.

use bytes::BufMut;

use super::{put, size};
use crate::packet::{Properties, PropertySource};
use crate::property::ValueBuf;
use crate::{EncodeError, PropertyBuf, ProtocolVersion, varint};

/// Lists of up to so many properties are measured, and then written: setting memory to zeros for them does not pay.
const FEW: usize = 5;

/// Other lists that are no longer than this are written here first, which finds their length and their bytes in one
/// pass.
const SCRATCH_LEN: usize = 256;

/// Memory for one list.
pub(super) type Scratch = [u8; SCRATCH_LEN];

/// No memory yet. It is set to zeros only for a list that needs it.
pub(super) const NO_SCRATCH: Option<Scratch> = None;

/// A list that has been measured, in a version that has properties; nothing in one that has none.
#[derive(Clone, Copy)]
pub(super) enum List<'l> {
    Absent,
    Bytes(&'l [u8]),
    /// The Property Length, and what to write.
    Typed(u32, &'l [PropertyBuf]),
}

impl<'l> List<'l> {
    /// Measures `properties`, in `scratch` when that is faster.
    #[inline(always)]
    pub(super) fn of(
        properties: Properties<'l>,
        version: ProtocolVersion,
        scratch: &'l mut Option<Scratch>,
    ) -> Result<Self, EncodeError> {
        if !version.has_properties() {
            return Ok(Self::Absent);
        }
        match properties.source() {
            PropertySource::Wire(bytes) => Ok(Self::Bytes(bytes)),
            PropertySource::Owned(list) if list.len() <= FEW => Ok(Self::Typed(size::property_length(list)?, list)),
            PropertySource::Owned(list) => Self::in_scratch(list, scratch),
        }
    }

    fn in_scratch(list: &'l [PropertyBuf], scratch: &'l mut Option<Scratch>) -> Result<Self, EncodeError> {
        let scratch = scratch.insert([0; SCRATCH_LEN]);
        match fill(scratch, list)? {
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

/// Writes `list` to the front of `scratch` and returns its length; `None` when it does not fit.
fn fill(scratch: &mut Scratch, list: &[PropertyBuf]) -> Result<Option<usize>, EncodeError> {
    let mut room = scratch.as_mut_slice();
    for property in list {
        size::check_type(property)?;
        let Some(rest) = fill_property(room, property) else { return Ok(None) };
        room = rest;
    }
    Ok(Some(SCRATCH_LEN - room.len()))
}

/// Writes one property to the front of `room` and returns what is left; `None` when there is too little, or a field
/// does not fit its data type.
#[inline(always)]
fn fill_property<'r>(room: &'r mut [u8], property: &PropertyBuf) -> Option<&'r mut [u8]> {
    let id = property.id.value();
    match &property.value {
        ValueBuf::Byte(value) => array(room, [id, *value]),
        ValueBuf::TwoByteInteger(value) => {
            let [a, b] = value.to_be_bytes();
            array(room, [id, a, b])
        }
        ValueBuf::FourByteInteger(value) => {
            let [a, b, c, d] = value.to_be_bytes();
            array(room, [id, a, b, c, d])
        }
        ValueBuf::VariableByteInteger(value) => {
            let (bytes, len) = varint::to_bytes(*value)?;
            slice(array(room, [id])?, &bytes[..len])
        }
        ValueBuf::Utf8String(value) => tagged_field(room, id, value.as_bytes()),
        ValueBuf::BinaryData(value) => tagged_field(room, id, value),
        ValueBuf::Utf8StringPair(name, value) => {
            let room = tagged_field(room, id, name.as_bytes())?;
            slice(array(room, put::length_bytes(value.as_bytes()))?, value.as_bytes())
        }
    }
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
    front.copy_from_slice(bytes);
    Some(rest)
}

/// A property identifier and a field. One whose length is too large for two bytes does not fit the scratch memory.
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
