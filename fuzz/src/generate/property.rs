//! Lists of properties that may stand where they stand.

use arbitrary::Result;
use mqttspec_codec::{PropertyBuf, PropertyContext, PropertyId, PropertyRange, PropertyType, ValueBuf, varint};

use super::{Generator, MAX_ELEMENTS};

impl Generator<'_, '_> {
    /// Properties that may stand in `context`, in any order; none before 5.0.
    pub(super) fn properties(&mut self, context: PropertyContext) -> Result<Vec<PropertyBuf>> {
        let mut list: Vec<PropertyBuf> = Vec::new();
        if !self.v5() {
            return Ok(list);
        }
        let allowed: Vec<_> = PropertyId::ALL.into_iter().filter(|id| id.is_allowed_in(context)).collect();
        for _ in 0..MAX_ELEMENTS {
            if !self.flag()? {
                break;
            }
            let id = *self.choices.choose(&allowed)?;
            if id.is_repeatable_in(context) || list.iter().all(|property| property.id != id) {
                list.push(PropertyBuf { id, value: self.value(id)? });
            }
        }
        Ok(list)
    }

    /// A value that the property may have.
    fn value(&mut self, id: PropertyId) -> Result<ValueBuf> {
        let least = u8::from(id.range() == PropertyRange::NonZero);
        let most = if id.range() == PropertyRange::ZeroOrOne { 1 } else { u8::MAX };
        Ok(match id.property_type() {
            PropertyType::Byte => ValueBuf::Byte(self.choices.int_in_range(least..=most)?),
            PropertyType::TwoByteInteger => {
                ValueBuf::TwoByteInteger(self.choices.int_in_range(u16::from(least)..=u16::MAX)?)
            }
            PropertyType::FourByteInteger => {
                ValueBuf::FourByteInteger(self.choices.int_in_range(u32::from(least)..=u32::MAX)?)
            }
            PropertyType::VariableByteInteger => {
                ValueBuf::VariableByteInteger(self.choices.int_in_range(u32::from(least)..=varint::MAX)?)
            }
            PropertyType::Utf8String if id.range() == PropertyRange::TopicName => {
                ValueBuf::Utf8String(self.topic_name()?)
            }
            PropertyType::Utf8String => ValueBuf::Utf8String(self.text()?),
            PropertyType::BinaryData => ValueBuf::BinaryData(self.binary()?),
            PropertyType::Utf8StringPair => ValueBuf::Utf8StringPair(self.text()?, self.text()?),
        })
    }
}
