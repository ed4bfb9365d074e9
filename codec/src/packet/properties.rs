//! Properties that borrow their values (2.2.2).

use alloc::borrow::ToOwned;
use alloc::vec::Vec;
use core::fmt;

use crate::decode::Reader;
use crate::property::{PropertyBuf, ValueBuf};
use crate::property_table::{PropertyId, PropertyType};

/// One property that borrows its value (2.2.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Property<'a> {
    /// Which property.
    pub id: PropertyId,
    /// Its value.
    pub value: Value<'a>,
}

/// The value of a property, by data type (1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Byte.
    Byte(u8),
    /// Two Byte Integer.
    TwoByteInteger(u16),
    /// Four Byte Integer.
    FourByteInteger(u32),
    /// Variable Byte Integer.
    VariableByteInteger(u32),
    /// UTF-8 Encoded String.
    Utf8String(&'a str),
    /// Binary Data.
    BinaryData(&'a [u8]),
    /// UTF-8 String Pair: name, value.
    Utf8StringPair(&'a str, &'a str),
}

/// A list of properties, without the Property Length before it.
#[derive(Clone, Copy)]
pub struct Properties<'a>(Source<'a>);

#[derive(Clone, Copy)]
enum Source<'a> {
    /// Bytes the decoder has checked.
    Wire(&'a [u8]),
    Owned(&'a [PropertyBuf]),
}

impl<'a> Properties<'a> {
    /// No properties.
    pub const EMPTY: Self = Properties(Source::Owned(&[]));

    /// Properties in `bytes`, which the decoder has checked.
    pub(crate) const fn from_checked(bytes: &'a [u8]) -> Self {
        Properties(Source::Wire(bytes))
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        match self.0 {
            Source::Wire(bytes) => bytes.is_empty(),
            Source::Owned(list) => list.is_empty(),
        }
    }

    /// The properties, in order.
    pub fn iter(&self) -> impl Iterator<Item = Property<'a>> + Clone + use<'a> {
        let (wire, owned) = match self.0 {
            Source::Wire(bytes) => (bytes, [].as_slice()),
            Source::Owned(list) => ([].as_slice(), list),
        };
        let mut reader = Reader::new(wire);
        let wire = core::iter::from_fn(move || {
            // The bytes have been checked, so an error can only be the end of them.
            if reader.is_empty() { None } else { reader.property().ok() }
        });
        wire.chain(owned.iter().map(PropertyBuf::as_property))
    }

    /// The first property with this identifier.
    pub fn find(&self, id: PropertyId) -> Option<Value<'a>> {
        self.iter().find(|property| property.id == id).map(|property| property.value)
    }

    /// The properties, each owning its value.
    pub fn to_vec(&self) -> Vec<PropertyBuf> {
        self.iter().map(|property| property.to_buf()).collect()
    }
}

impl Property<'_> {
    /// The property as one that owns its value.
    pub fn to_buf(&self) -> PropertyBuf {
        let value = match self.value {
            Value::Byte(v) => ValueBuf::Byte(v),
            Value::TwoByteInteger(v) => ValueBuf::TwoByteInteger(v),
            Value::FourByteInteger(v) => ValueBuf::FourByteInteger(v),
            Value::VariableByteInteger(v) => ValueBuf::VariableByteInteger(v),
            Value::Utf8String(v) => ValueBuf::Utf8String(v.to_owned()),
            Value::BinaryData(v) => ValueBuf::BinaryData(v.to_vec()),
            Value::Utf8StringPair(name, value) => ValueBuf::Utf8StringPair(name.to_owned(), value.to_owned()),
        };
        PropertyBuf { id: self.id, value }
    }
}

impl PropertyBuf {
    /// The property as one that borrows its value.
    pub fn as_property(&self) -> Property<'_> {
        let value = match &self.value {
            ValueBuf::Byte(v) => Value::Byte(*v),
            ValueBuf::TwoByteInteger(v) => Value::TwoByteInteger(*v),
            ValueBuf::FourByteInteger(v) => Value::FourByteInteger(*v),
            ValueBuf::VariableByteInteger(v) => Value::VariableByteInteger(*v),
            ValueBuf::Utf8String(v) => Value::Utf8String(v),
            ValueBuf::BinaryData(v) => Value::BinaryData(v),
            ValueBuf::Utf8StringPair(name, value) => Value::Utf8StringPair(name, value),
        };
        Property { id: self.id, value }
    }
}

impl Value<'_> {
    /// The data type of the value.
    pub const fn property_type(&self) -> PropertyType {
        match self {
            Self::Byte(_) => PropertyType::Byte,
            Self::TwoByteInteger(_) => PropertyType::TwoByteInteger,
            Self::FourByteInteger(_) => PropertyType::FourByteInteger,
            Self::VariableByteInteger(_) => PropertyType::VariableByteInteger,
            Self::Utf8String(_) => PropertyType::Utf8String,
            Self::BinaryData(_) => PropertyType::BinaryData,
            Self::Utf8StringPair(..) => PropertyType::Utf8StringPair,
        }
    }
}

impl<'a> From<&'a [PropertyBuf]> for Properties<'a> {
    fn from(list: &'a [PropertyBuf]) -> Self {
        Properties(Source::Owned(list))
    }
}

impl PartialEq for Properties<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Properties<'_> {}

impl fmt::Debug for Properties<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
