//! Properties gathered one field at a time, from peers that keep each property in a field of its own.

use std::num::{NonZeroU16, NonZeroU32};
use std::sync::Arc;
use std::time::Duration;

use mqttspec_codec::{PacketBuf, PropertyBuf, PropertyId, PropertyType, ValueBuf};

/// The value of a property, as a peer holds it.
pub(crate) trait Field {
    /// The same as mqttspec holds a property of this data type.
    fn value(&self, kind: PropertyType) -> ValueBuf;
}

/// The properties of one packet.
#[derive(Default)]
pub(crate) struct Fields(Vec<PropertyBuf>);

impl Fields {
    /// Adds a property.
    pub(crate) fn add(mut self, id: PropertyId, field: &(impl Field + ?Sized)) -> Self {
        self.0.push(PropertyBuf { id, value: field.value(id.property_type()) });
        self
    }

    /// Adds a property that may be absent.
    pub(crate) fn some(self, id: PropertyId, field: &Option<impl Field>) -> Self {
        field.iter().fold(self, |fields, field| fields.add(id, field))
    }

    /// Adds a property that may occur several times.
    pub(crate) fn each<'f, F: Field + 'f>(self, id: PropertyId, fields: impl IntoIterator<Item = &'f F>) -> Self {
        fields.into_iter().fold(self, |gathered, field| gathered.add(id, field))
    }

    /// Adds a property unless it has the value that stands for its absence.
    pub(crate) fn unless<F: Field + PartialEq>(self, id: PropertyId, default: F, field: F) -> Self {
        if field == default { self } else { self.add(id, &field) }
    }

    /// Adds User Properties.
    pub(crate) fn user<'f, N, V>(mut self, pairs: impl IntoIterator<Item = &'f (N, V)>) -> Self
    where
        N: AsRef<str> + 'f,
        V: AsRef<str> + 'f,
    {
        let pairs = pairs.into_iter().map(|(name, value)| PropertyBuf::user_property(name.as_ref(), value.as_ref()));
        self.0.extend(pairs);
        self
    }

    /// The properties, in the order they were added.
    pub(crate) fn list(self) -> Vec<PropertyBuf> {
        self.0
    }
}

/// An integer as the value of a property of this data type.
pub(crate) fn integer(value: u32, kind: PropertyType) -> ValueBuf {
    match kind {
        PropertyType::Byte => ValueBuf::Byte(value as u8),
        PropertyType::TwoByteInteger => ValueBuf::TwoByteInteger(value as u16),
        PropertyType::VariableByteInteger => ValueBuf::VariableByteInteger(value),
        _ => ValueBuf::FourByteInteger(value),
    }
}

/// Takes out of a packet the properties of these identifiers and values: those that a peer does not tell from absent.
pub(crate) fn forget_defaults(packet: &mut PacketBuf, defaults: &[(PropertyId, u32)]) {
    let told = |p: &PropertyBuf| !defaults.iter().any(|&(id, value)| p.id == id && p.value.as_integer() == Some(value));
    match packet {
        PacketBuf::Connect(p) => p.properties.retain(told),
        PacketBuf::ConnAck(p) => p.properties.retain(told),
        PacketBuf::Publish(p) => p.properties.retain(told),
        _ => {}
    }
}

impl Field for bool {
    fn value(&self, kind: PropertyType) -> ValueBuf {
        integer(u32::from(*self), kind)
    }
}

impl Field for u8 {
    fn value(&self, kind: PropertyType) -> ValueBuf {
        integer(u32::from(*self), kind)
    }
}

impl Field for u16 {
    fn value(&self, kind: PropertyType) -> ValueBuf {
        integer(u32::from(*self), kind)
    }
}

impl Field for u32 {
    fn value(&self, kind: PropertyType) -> ValueBuf {
        integer(*self, kind)
    }
}

impl Field for NonZeroU16 {
    fn value(&self, kind: PropertyType) -> ValueBuf {
        self.get().value(kind)
    }
}

impl Field for NonZeroU32 {
    fn value(&self, kind: PropertyType) -> ValueBuf {
        self.get().value(kind)
    }
}

impl Field for Duration {
    fn value(&self, kind: PropertyType) -> ValueBuf {
        integer(self.as_secs() as u32, kind)
    }
}

impl Field for str {
    fn value(&self, _: PropertyType) -> ValueBuf {
        ValueBuf::Utf8String(self.to_owned())
    }
}

impl<F: Field + ?Sized> Field for &F {
    fn value(&self, kind: PropertyType) -> ValueBuf {
        (**self).value(kind)
    }
}

impl Field for String {
    fn value(&self, kind: PropertyType) -> ValueBuf {
        self.as_str().value(kind)
    }
}

impl Field for Arc<str> {
    fn value(&self, kind: PropertyType) -> ValueBuf {
        (**self).value(kind)
    }
}

impl Field for [u8] {
    fn value(&self, _: PropertyType) -> ValueBuf {
        ValueBuf::BinaryData(self.to_vec())
    }
}

impl Field for bytes::Bytes {
    fn value(&self, kind: PropertyType) -> ValueBuf {
        (**self).value(kind)
    }
}
