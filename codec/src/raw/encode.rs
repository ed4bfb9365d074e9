//! Writing raw values, including lengths that are not true.

use alloc::vec::Vec;

use super::{RawLength, RawProperty, RawValue};

/// Writes `value` as a Variable Byte Integer in at least `width` bytes (1.5.5), at most 8.
pub(crate) fn write_variable_byte_integer(mut value: u32, width: u8, out: &mut Vec<u8>) {
    let start = out.len();
    let width = usize::from(width.min(8));
    loop {
        let byte = (value & 0x7F) as u8;
        value >>= 7;
        if value == 0 && out.len() + 1 - start >= width {
            out.push(byte);
            return;
        }
        out.push(byte | 0x80);
    }
}

impl RawLength {
    fn value(&self, actual: usize) -> u32 {
        let actual = u32::try_from(actual).unwrap_or(u32::MAX);
        match self {
            Self::Add(delta) => actual.saturating_add_signed(*delta),
            Self::Value(value) => *value,
            Self::Exact | Self::Width(_) | Self::Bytes(_) => actual,
        }
    }

    /// Writes it as a Variable Byte Integer.
    pub(crate) fn write_variable(&self, actual: usize, out: &mut Vec<u8>) {
        match self {
            Self::Bytes(bytes) => out.extend_from_slice(bytes),
            Self::Width(width) => write_variable_byte_integer(self.value(actual), *width, out),
            Self::Exact | Self::Add(_) | Self::Value(_) => write_variable_byte_integer(self.value(actual), 0, out),
        }
    }

    /// Writes it as a Two Byte Integer; what does not fit becomes 65,535.
    fn write_two_bytes(&self, actual: usize, out: &mut Vec<u8>) {
        match self {
            Self::Bytes(bytes) => out.extend_from_slice(bytes),
            _ => {
                let value = u16::try_from(self.value(actual)).unwrap_or(u16::MAX);
                out.extend_from_slice(&value.to_be_bytes());
            }
        }
    }
}

impl RawValue {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::U8(value) => out.push(*value),
            Self::U16(value) => out.extend_from_slice(&value.to_be_bytes()),
            Self::U32(value) => out.extend_from_slice(&value.to_be_bytes()),
            Self::VarInt { value, width } => write_variable_byte_integer(*value, *width, out),
            Self::Utf8 { bytes, length } | Self::Binary { bytes, length } => {
                length.write_two_bytes(bytes.len(), out);
                out.extend_from_slice(bytes);
            }
            Self::Properties { length, list } => {
                let mut properties = Vec::new();
                list.iter().for_each(|property| property.write(&mut properties));
                length.write_variable(properties.len(), out);
                out.extend_from_slice(&properties);
            }
            Self::Bytes(bytes) => out.extend_from_slice(bytes),
        }
    }
}

impl RawProperty {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        write_variable_byte_integer(self.id, self.id_width, out);
        self.value.iter().for_each(|part| part.write(out));
    }
}
