//! Takes apart bytes that the decoder has checked, without checking them again.

use crate::packet::{Properties, Property, Utf8Str, Value};
use crate::property_table::{PropertyId, PropertyType};
use crate::varint;

/// The part of a checked list or payload that has not been read yet. Every method returns `None` at its end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walk<'a> {
    rest: &'a [u8],
}

impl<'a> Walk<'a> {
    #[inline]
    pub(crate) const fn new(checked: &'a [u8]) -> Self {
        Self { rest: checked }
    }

    #[inline]
    fn bytes(&mut self, len: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(bytes)
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*array)
    }

    #[inline]
    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.array().map(u8::from_be_bytes)
    }

    fn variable_byte_integer(&mut self) -> Option<u32> {
        let (value, len) = varint::decode(self.rest).ok()??;
        self.bytes(len)?;
        Some(value)
    }

    #[inline]
    pub(crate) fn binary_data(&mut self) -> Option<&'a [u8]> {
        let len = u16::from_be_bytes(self.array()?);
        self.bytes(usize::from(len))
    }

    #[inline]
    pub(crate) fn string(&mut self) -> Option<Utf8Str<'a>> {
        self.binary_data().map(Utf8Str::from_checked)
    }

    /// A list of properties after its Property Length.
    pub(crate) fn properties(&mut self) -> Option<Properties<'a>> {
        let len = self.variable_byte_integer()?;
        self.bytes(len as usize).map(Properties::from_checked)
    }

    #[inline]
    pub(crate) fn property(&mut self) -> Option<Property<'a>> {
        let id = PropertyId::from_value(self.byte()?.into())?;
        let value = match id.property_type() {
            PropertyType::Byte => Value::Byte(self.byte()?),
            PropertyType::TwoByteInteger => Value::TwoByteInteger(u16::from_be_bytes(self.array()?)),
            PropertyType::FourByteInteger => Value::FourByteInteger(u32::from_be_bytes(self.array()?)),
            PropertyType::VariableByteInteger => Value::VariableByteInteger(self.variable_byte_integer()?),
            PropertyType::Utf8String => Value::Utf8String(self.string()?),
            PropertyType::BinaryData => Value::BinaryData(self.binary_data()?),
            PropertyType::Utf8StringPair => Value::Utf8StringPair(self.string()?, self.string()?),
        };
        Some(Property { id, value })
    }
}
