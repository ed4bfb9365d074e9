//! Properties that borrow their values (2.2.2).

use alloc::borrow::ToOwned;
use alloc::vec::Vec;
use core::{fmt, slice};

use super::Utf8Str;
use crate::property::{PropertyBuf, ValueBuf};
use crate::property_table::{PropertyId, PropertyType};
use crate::walk::Walk;

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
    Utf8String(Utf8Str<'a>),
    /// Binary Data.
    BinaryData(&'a [u8]),
    /// UTF-8 String Pair: name, value.
    Utf8StringPair(Utf8Str<'a>, Utf8Str<'a>),
}

/// A list of properties, without the Property Length before it: a checked slice of a frame, or a borrowed `Vec`.
#[derive(Clone, Copy)]
pub struct Properties<'a>(Source<'a>);

/// Where the properties are. Two variants of which one is a thin pointer take no more room than a slice.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    /// Bytes the decoder has checked.
    Wire(&'a [u8]),
    Owned(&'a Vec<PropertyBuf>),
}

/// The properties of a list, in order; what [`Properties::iter`] returns.
#[derive(Clone, Debug)]
pub struct PropertyIter<'a> {
    wire: Walk<'a>,
    owned: slice::Iter<'a, PropertyBuf>,
}

impl<'a> Properties<'a> {
    /// No properties.
    pub const EMPTY: Self = Properties(Source::Wire(&[]));

    /// Properties in `bytes`, which the decoder has checked.
    #[inline]
    pub(crate) const fn from_checked(bytes: &'a [u8]) -> Self {
        Properties(Source::Wire(bytes))
    }

    #[inline]
    pub(crate) const fn source(self) -> Source<'a> {
        self.0
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        match self.0 {
            Source::Wire(bytes) => bytes.is_empty(),
            Source::Owned(list) => list.is_empty(),
        }
    }

    /// The properties, in order.
    pub fn iter(&self) -> PropertyIter<'a> {
        let (wire, owned) = match self.0 {
            Source::Wire(bytes) => (bytes, [].as_slice()),
            Source::Owned(list) => ([].as_slice(), list.as_slice()),
        };
        PropertyIter { wire: Walk::new(wire), owned: owned.iter() }
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

impl<'a> Iterator for PropertyIter<'a> {
    type Item = Property<'a>;

    #[inline]
    fn next(&mut self) -> Option<Property<'a>> {
        self.wire.property().or_else(|| self.owned.next().map(PropertyBuf::as_property))
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
            Value::Utf8String(v) => ValueBuf::Utf8String(v.as_str().to_owned()),
            Value::BinaryData(v) => ValueBuf::BinaryData(v.to_vec()),
            Value::Utf8StringPair(name, value) => {
                ValueBuf::Utf8StringPair(name.as_str().to_owned(), value.as_str().to_owned())
            }
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
            ValueBuf::Utf8String(v) => Value::Utf8String(v.as_str().into()),
            ValueBuf::BinaryData(v) => Value::BinaryData(v),
            ValueBuf::Utf8StringPair(name, value) => Value::Utf8StringPair(name.as_str().into(), value.as_str().into()),
        };
        Property { id: self.id, value }
    }
}

impl Value<'_> {
    /// The data type of the value.
    #[inline]
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

impl<'a> From<&'a Vec<PropertyBuf>> for Properties<'a> {
    fn from(list: &'a Vec<PropertyBuf>) -> Self {
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
