//! A list of properties with its Property Length (2.2.2).

use super::Reader;
use crate::packet::{Properties, Property, Value};
use crate::property_table::{PropertyContext, PropertyRange};
use crate::{DecodeError, PacketType, ProtocolVersion, topic};

impl<'a> Reader<'a> {
    /// The properties of `packet`; none in 3.1 and 3.1.1, which have no place for them.
    pub(super) fn properties(
        &mut self,
        packet: PacketType,
        version: ProtocolVersion,
    ) -> Result<Properties<'a>, DecodeError> {
        self.properties_in(PropertyContext::Packet(packet), version)
    }

    /// The properties of `context`, with every rule about them checked.
    pub(super) fn properties_in(
        &mut self,
        context: PropertyContext,
        version: ProtocolVersion,
    ) -> Result<Properties<'a>, DecodeError> {
        if !version.has_properties() {
            return Ok(Properties::EMPTY);
        }
        let len = self.variable_byte_integer()?;
        let bytes = self.bytes(len as usize)?;
        let mut list = Reader::new(bytes);
        // One bit for each identifier: all are below 64.
        let mut seen = 0_u64;
        while !list.is_empty() {
            let property = list.property()?;
            check(property, context)?;
            let bit = 1 << property.id.value();
            if seen & bit != 0 && !property.id.is_repeatable_in(context) {
                return Err(DecodeError::DuplicateProperty(property.id));
            }
            seen |= bit;
        }
        Ok(Properties::from_checked(bytes))
    }
}

fn check(property: Property<'_>, context: PropertyContext) -> Result<(), DecodeError> {
    let Property { id, value } = property;
    if !id.is_allowed_in(context) {
        return Err(DecodeError::MisplacedProperty(id));
    }
    let in_range = match (id.range(), value) {
        (PropertyRange::ZeroOrOne, Value::Byte(v)) => v <= 1,
        (PropertyRange::NonZero, Value::TwoByteInteger(v)) => v != 0,
        (PropertyRange::NonZero, Value::FourByteInteger(v) | Value::VariableByteInteger(v)) => v != 0,
        (PropertyRange::TopicName, Value::Utf8String(v)) => {
            return topic::check_topic_name(v).map_err(DecodeError::TopicName);
        }
        _ => true,
    };
    if in_range { Ok(()) } else { Err(DecodeError::PropertyOutOfRange(id)) }
}
