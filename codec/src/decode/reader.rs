//! Reads the data types of 1.5 from the front of a slice.

use crate::packet::{Property, Subscription, Value};
use crate::packet_buf::SubscriptionOptions;
use crate::property_table::{PropertyId, PropertyType};
use crate::{DecodeError, ProtocolVersion, varint};

/// The part of a frame that has not been read yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// All that is left.
    pub(crate) fn rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.rest)
    }

    /// Checks that nothing is left.
    pub(crate) const fn finish(self) -> Result<(), DecodeError> {
        if self.rest.is_empty() { Ok(()) } else { Err(DecodeError::TrailingBytes) }
    }

    pub(crate) fn bytes(&mut self, len: usize) -> Result<&'a [u8], DecodeError> {
        let (bytes, rest) = self.rest.split_at_checked(len).ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (array, rest) = self.rest.split_first_chunk().ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(*array)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, DecodeError> {
        self.array().map(u8::from_be_bytes)
    }

    pub(crate) fn two_byte_integer(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn four_byte_integer(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn variable_byte_integer(&mut self) -> Result<u32, DecodeError> {
        let (value, len) = varint::decode(self.rest)?.ok_or(DecodeError::Truncated)?;
        self.bytes(len)?;
        Ok(value)
    }

    pub(crate) fn binary_data(&mut self) -> Result<&'a [u8], DecodeError> {
        let len = self.two_byte_integer()?;
        self.bytes(usize::from(len))
    }

    /// A UTF-8 Encoded String: well-formed, so without surrogates, and without U+0000 (1.5.4).
    pub(crate) fn string(&mut self) -> Result<&'a str, DecodeError> {
        let string = core::str::from_utf8(self.binary_data()?).map_err(|_| DecodeError::IllFormedUtf8)?;
        if string.as_bytes().contains(&0) { Err(DecodeError::NulCharacter) } else { Ok(string) }
    }

    /// A Packet Identifier: never 0 (2.2.1).
    pub(crate) fn packet_id(&mut self) -> Result<u16, DecodeError> {
        match self.two_byte_integer()? {
            0 => Err(DecodeError::ZeroPacketId),
            id => Ok(id),
        }
    }

    /// One property: an identifier and a value of its data type.
    pub(crate) fn property(&mut self) -> Result<Property<'a>, DecodeError> {
        let id = self.variable_byte_integer()?;
        let id = PropertyId::from_value(id).ok_or(DecodeError::UnknownProperty(id))?;
        let value = match id.property_type() {
            PropertyType::Byte => Value::Byte(self.byte()?),
            PropertyType::TwoByteInteger => Value::TwoByteInteger(self.two_byte_integer()?),
            PropertyType::FourByteInteger => Value::FourByteInteger(self.four_byte_integer()?),
            PropertyType::VariableByteInteger => Value::VariableByteInteger(self.variable_byte_integer()?),
            PropertyType::Utf8String => Value::Utf8String(self.string()?),
            PropertyType::BinaryData => Value::BinaryData(self.binary_data()?),
            PropertyType::Utf8StringPair => Value::Utf8StringPair(self.string()?, self.string()?),
        };
        Ok(Property { id, value })
    }

    /// A Topic Filter and its Subscription Options, the filter not yet checked for its wildcards.
    pub(crate) fn subscription(&mut self, version: ProtocolVersion) -> Result<Subscription<'a>, DecodeError> {
        let filter = self.string()?;
        let options = SubscriptionOptions::from_byte(self.byte()?, version)?;
        Ok(Subscription { filter, options })
    }
}
