//! The parts of a raw packet.

use alloc::vec;
use alloc::vec::Vec;

/// A field of a [`RawPacket`](super::RawPacket).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RawField {
    /// The standard's name for it, such as `Topic Name`.
    pub name: &'static str,
    /// What is sent for it.
    pub value: RawValue,
}

/// What is sent for a field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RawValue {
    /// One byte.
    U8(u8),
    /// Two Byte Integer (1.5.2).
    U16(u16),
    /// Four Byte Integer (1.5.3).
    U32(u32),
    /// Variable Byte Integer (1.5.5).
    VarInt {
        /// The value.
        value: u32,
        /// Bytes to spend on it at least; 0 and 1 mean the minimum.
        width: u8,
    },
    /// UTF-8 Encoded String (1.5.4), of any bytes.
    Utf8 {
        /// The character data, well-formed or not.
        bytes: Vec<u8>,
        /// The two-byte length in front of it.
        length: RawLength,
    },
    /// Binary Data (1.5.6).
    Binary {
        /// The data.
        bytes: Vec<u8>,
        /// The two-byte length in front of it.
        length: RawLength,
    },
    /// Property Length and properties (2.2.2).
    Properties {
        /// The Property Length.
        length: RawLength,
        /// The properties, in order.
        list: Vec<RawProperty>,
    },
    /// Bytes as they are: a payload, or anything.
    Bytes(Vec<u8>),
}

/// A property with any identifier and any value (2.2.2.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RawProperty {
    /// The identifier, defined or not.
    pub id: u32,
    /// Bytes to spend on the identifier at least; 0 and 1 mean the minimum.
    pub id_width: u8,
    /// The value: one part, or two strings for a UTF-8 String Pair.
    pub value: Vec<RawValue>,
}

/// A length that may lie about what follows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum RawLength {
    /// The true length, in the fewest bytes.
    #[default]
    Exact,
    /// The true length plus this, not below 0.
    Add(i32),
    /// This, whatever follows.
    Value(u32),
    /// The true length in this many bytes, 1 to 8; means `Exact` for a two-byte length.
    Width(u8),
    /// These bytes in place of the length.
    Bytes(Vec<u8>),
}

impl RawField {
    /// A field with this name and value.
    pub const fn new(name: &'static str, value: RawValue) -> Self {
        Self { name, value }
    }
}

impl RawValue {
    /// A string (or any bytes in place of one) behind its true length.
    pub fn utf8(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Utf8 { bytes: bytes.into(), length: RawLength::Exact }
    }

    /// Binary Data behind its true length.
    pub fn binary(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Binary { bytes: bytes.into(), length: RawLength::Exact }
    }

    /// Properties behind their true length.
    pub const fn properties(list: Vec<RawProperty>) -> Self {
        Self::Properties { length: RawLength::Exact, list }
    }
}

impl RawProperty {
    /// A property with this identifier and this value.
    pub fn new(id: u32, value: RawValue) -> Self {
        Self { id, id_width: 0, value: vec![value] }
    }
}
