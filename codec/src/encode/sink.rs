//! Where encoded bytes go, and the data types of 1.5 as bytes.

use alloc::vec::Vec;

use crate::packet::{Properties, Property, Value};
use crate::{EncodeError, varint};

/// Takes bytes: a buffer, or a counter that makes `encoded_len` exact by construction.
pub(super) trait Sink: Sized {
    fn bytes(&mut self, bytes: &[u8]);

    fn byte(&mut self, value: u8) {
        self.bytes(&[value]);
    }

    fn two_byte_integer(&mut self, value: u16) {
        self.bytes(&value.to_be_bytes());
    }

    fn variable_byte_integer(&mut self, value: u32) -> Result<(), EncodeError> {
        let (bytes, len) = varint::to_bytes(value).ok_or(EncodeError::VariableByteIntegerTooLarge(value))?;
        self.bytes(&bytes[..len]);
        Ok(())
    }

    fn binary_data(&mut self, data: &[u8]) -> Result<(), EncodeError> {
        let len = u16::try_from(data.len()).map_err(|_| EncodeError::FieldTooLong(data.len()))?;
        self.two_byte_integer(len);
        self.bytes(data);
        Ok(())
    }

    fn string(&mut self, string: &str) -> Result<(), EncodeError> {
        self.binary_data(string.as_bytes())
    }

    /// The properties after their Property Length (2.2.2.1).
    fn properties(&mut self, properties: Properties<'_>) -> Result<(), EncodeError> {
        let mut length = Length::default();
        properties.iter().try_for_each(|p| length.property(p))?;
        self.variable_byte_integer(length.total()?)?;
        properties.iter().try_for_each(|p| self.property(p))
    }

    fn property(&mut self, property: Property<'_>) -> Result<(), EncodeError> {
        if property.value.property_type() != property.id.property_type() {
            return Err(EncodeError::WrongPropertyType(property.id));
        }
        self.byte(property.id.value());
        match property.value {
            Value::Byte(v) => self.byte(v),
            Value::TwoByteInteger(v) => self.two_byte_integer(v),
            Value::FourByteInteger(v) => self.bytes(&v.to_be_bytes()),
            Value::VariableByteInteger(v) => self.variable_byte_integer(v)?,
            Value::Utf8String(v) => self.string(v)?,
            Value::BinaryData(v) => self.binary_data(v)?,
            Value::Utf8StringPair(name, value) => {
                self.string(name)?;
                self.string(value)?;
            }
        }
        Ok(())
    }
}

impl Sink for Vec<u8> {
    fn bytes(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// Counts what would be written.
#[derive(Default)]
pub(super) struct Length(usize);

impl Length {
    /// The count as a Property Length or Remaining Length.
    pub(super) fn total(&self) -> Result<u32, EncodeError> {
        u32::try_from(self.0).ok().filter(|&total| total <= varint::MAX).ok_or(EncodeError::PacketTooLong)
    }
}

impl Sink for Length {
    fn bytes(&mut self, bytes: &[u8]) {
        self.0 += bytes.len();
    }
}
