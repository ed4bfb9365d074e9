//! A list of properties on its way into a packet.

use alloc::vec::Vec;

use bytes::BufMut;

use super::{put, size};
use crate::packet::{Properties, PropertySource};
use crate::property::ValueBuf;
use crate::{EncodeError, PropertyBuf, ProtocolVersion, varint};

/// Lists up to this many bytes are written here first, which finds their length and their bytes in one pass.
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
    /// Too long for the scratch memory: its length, and what to write.
    Long(u32, &'l Vec<PropertyBuf>),
}

impl<'l> List<'l> {
    /// Measures `properties`, in `scratch` when they are not bytes already.
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
            PropertySource::Owned(list) if list.is_empty() => Ok(Self::Bytes(&[])),
            PropertySource::Owned(list) => Self::of_owned(list, scratch),
        }
    }

    fn of_owned(list: &'l Vec<PropertyBuf>, scratch: &'l mut Option<Scratch>) -> Result<Self, EncodeError> {
        let scratch = scratch.insert([0; SCRATCH_LEN]);
        match fill(scratch, list)? {
            Some(len) => Ok(Self::Bytes(&scratch[..len])),
            None => Ok(Self::Long(size::property_length(list)?, list)),
        }
    }

    /// The Property Length (2.2.2.1).
    #[inline(always)]
    const fn property_length(self) -> u32 {
        match self {
            Self::Absent => 0,
            // What does not fit a Property Length does not fit the packet either.
            Self::Bytes(bytes) => bytes.len() as u32,
            Self::Long(len, _) => len,
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

    /// Writes it after `before`.
    #[inline(always)]
    pub(super) fn put_after<B: BufMut, const N: usize>(self, before: [u8; N], out: &mut B) {
        match self {
            Self::Absent => out.put_slice(&before),
            Self::Bytes([]) if N <= 2 => {
                let mut bytes = [0; 3];
                bytes[..N].copy_from_slice(&before);
                out.put_slice(&bytes[..=N]);
            }
            Self::Bytes(bytes) => {
                out.put_slice(&before);
                put::variable_byte_integer(self.property_length(), out);
                out.put_slice(bytes);
            }
            Self::Long(property_length, list) => {
                out.put_slice(&before);
                put::variable_byte_integer(property_length, out);
                list.iter().for_each(|p| put_property(p, out));
            }
        }
    }

    /// Writes it.
    #[inline(always)]
    pub(super) fn put<B: BufMut>(self, out: &mut B) {
        if !matches!(self, Self::Absent) {
            self.put_after([], out);
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

fn put_property<B: BufMut>(property: &PropertyBuf, out: &mut B) {
    out.put_slice(&[property.id.value()]);
    match &property.value {
        ValueBuf::Byte(value) => out.put_slice(&[*value]),
        ValueBuf::TwoByteInteger(value) => out.put_slice(&value.to_be_bytes()),
        ValueBuf::FourByteInteger(value) => out.put_slice(&value.to_be_bytes()),
        ValueBuf::VariableByteInteger(value) => put::variable_byte_integer(*value, out),
        ValueBuf::Utf8String(value) => put::field(value.as_bytes(), out),
        ValueBuf::BinaryData(value) => put::field(value, out),
        ValueBuf::Utf8StringPair(name, value) => {
            put::field(name.as_bytes(), out);
            put::field(value.as_bytes(), out);
        }
    }
}
