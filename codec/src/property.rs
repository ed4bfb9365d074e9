//! A property as a value that owns its data (2.2.2).

use alloc::string::String;
use alloc::vec::Vec;

use crate::{PropertyId, PropertyType};

/// One property that owns its value. Build it with the constructor named after it.
///
/// ```
/// use mqttspec_codec::PropertyBuf;
/// let alias = PropertyBuf::topic_alias(3);
/// assert_eq!(alias.id.name(), "Topic Alias");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PropertyBuf {
    /// Which property.
    pub id: PropertyId,
    /// Its value, of the data type that [`PropertyId::property_type`] names when it came from the decoder.
    pub value: ValueBuf,
}

/// The value of a property, by data type (1.5).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ValueBuf {
    /// Byte.
    Byte(u8),
    /// Two Byte Integer.
    TwoByteInteger(u16),
    /// Four Byte Integer.
    FourByteInteger(u32),
    /// Variable Byte Integer, at most 268,435,455.
    VariableByteInteger(u32),
    /// UTF-8 Encoded String.
    Utf8String(String),
    /// Binary Data.
    BinaryData(Vec<u8>),
    /// UTF-8 String Pair: name, value.
    Utf8StringPair(String, String),
}

impl ValueBuf {
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

    /// The value as an integer, if it is one.
    pub const fn as_integer(&self) -> Option<u32> {
        match self {
            Self::Byte(v) => Some(*v as u32),
            Self::TwoByteInteger(v) => Some(*v as u32),
            Self::FourByteInteger(v) | Self::VariableByteInteger(v) => Some(*v),
            Self::Utf8String(_) | Self::BinaryData(_) | Self::Utf8StringPair(..) => None,
        }
    }

    /// The value as a string, if it is a UTF-8 Encoded String.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Utf8String(v) => Some(v),
            _ => None,
        }
    }

    /// The value as bytes, if it is Binary Data.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::BinaryData(v) => Some(v),
            _ => None,
        }
    }
}

/// Look-ups in a list of properties.
pub trait PropertyList {
    /// The first property with this identifier.
    fn find(&self, id: PropertyId) -> Option<&PropertyBuf>;

    /// The first value of `id`, as an integer.
    fn integer(&self, id: PropertyId) -> Option<u32> {
        self.find(id).and_then(|p| p.value.as_integer())
    }

    /// The first value of `id`, as a string.
    fn text(&self, id: PropertyId) -> Option<&str> {
        self.find(id).and_then(|p| p.value.as_str())
    }

    /// The first value of `id`, as bytes.
    fn binary(&self, id: PropertyId) -> Option<&[u8]> {
        self.find(id).and_then(|p| p.value.as_bytes())
    }
}

impl PropertyList for [PropertyBuf] {
    fn find(&self, id: PropertyId) -> Option<&PropertyBuf> {
        self.iter().find(|p| p.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_ups_find_the_first_of_a_kind_and_only_its_type() {
        let list = [
            PropertyBuf::reason_string("first"),
            PropertyBuf::reason_string("second"),
            PropertyBuf::maximum_qos(1),
            PropertyBuf::topic_alias_maximum(2),
            PropertyBuf::session_expiry_interval(3),
            PropertyBuf::subscription_identifier(4),
            PropertyBuf::authentication_data(b"d"),
            PropertyBuf::user_property("k", "v"),
        ];
        assert_eq!(list.text(PropertyId::ReasonString), Some("first"));
        assert_eq!(list.integer(PropertyId::MaximumQoS), Some(1));
        assert_eq!(list.integer(PropertyId::TopicAliasMaximum), Some(2));
        assert_eq!(list.integer(PropertyId::SessionExpiryInterval), Some(3));
        assert_eq!(list.integer(PropertyId::SubscriptionIdentifier), Some(4));
        assert_eq!(list.binary(PropertyId::AuthenticationData), Some(b"d".as_slice()));
        assert_eq!(list.find(PropertyId::TopicAlias), None);
        assert_eq!(list.integer(PropertyId::ReasonString), None);
        assert_eq!(list.text(PropertyId::UserProperty), None);
        assert_eq!(list.binary(PropertyId::MaximumQoS), None);
    }
}
