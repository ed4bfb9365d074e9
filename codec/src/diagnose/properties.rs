//! Property Length and properties (2.2.2).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::ViolationKind as Kind;
use super::text::quote;
use super::walker::{VariableByteInteger, VariableByteIntegerError, Walker, count};
use crate::{PropertyContext, PropertyId, PropertyRange, PropertyType};

/// Which properties a list held; `None` in place of it when the list could not be read to its end.
pub(super) type Seen = Vec<PropertyId>;

impl<'a> Walker<'a> {
    /// Reads a property list. Nothing in versions without properties: an empty list.
    pub(super) fn properties(&mut self, name: &'static str, context: PropertyContext) -> Option<Seen> {
        if !self.v5() {
            return Some(Seen::new());
        }
        let list_end = self.property_length(name)?;
        let packet_end = core::mem::replace(&mut self.end, list_end);
        let mut seen = Seen::new();
        let mut whole = true;
        while whole && self.at < self.end {
            whole = self.property(context, &mut seen);
        }
        // What an unknown property leaves unread is skipped: the list says where it ends.
        if !self.lost && self.at < list_end {
            let start = self.at;
            self.at = list_end;
            self.note(start, "unread properties", count(list_end - start));
        }
        self.end = packet_end;
        if self.lost && self.at < packet_end {
            let start = self.at;
            self.at = packet_end;
            self.note(start, "unread", count(packet_end - start));
        }
        whole.then_some(seen)
    }

    /// Where the list ends.
    fn property_length(&mut self, name: &'static str) -> Option<usize> {
        let length_name = if name == "Properties" { "Property Length" } else { "Will Property Length" };
        let start = self.at;
        if self.left() == 0 {
            self.take(1, length_name)?;
        }
        let length = match VariableByteInteger::read(&self.frame[self.at..self.end]) {
            Ok(length) => length,
            Err(VariableByteIntegerError::Incomplete) => {
                self.take(self.left() + 1, length_name)?;
                return None;
            }
            Err(VariableByteIntegerError::TooLong) => {
                let message = "property length takes more than four bytes";
                self.violate(Kind::PropertyLengthMalformed, start, length_name, message);
                self.lose(length_name);
                return None;
            }
        };
        self.at += length.len;
        self.note(start, length_name, length.value.to_string());
        if !length.is_minimal() {
            let message = format!("property length {} takes {} bytes", length.value, length.len);
            self.violate(Kind::PropertyLengthNotMinimal, start, length_name, message);
        }
        let value = usize::try_from(length.value).unwrap_or(usize::MAX);
        if value > self.left() {
            if !self.incomplete {
                let message = format!("property length {value} reaches past the end of the packet");
                self.violate(Kind::PropertyLengthPastEnd, start, length_name, message);
            }
            self.lose("unread");
            return None;
        }
        Some(self.at + value)
    }

    /// Reads one property; `false` when the rest of the list cannot be read.
    fn property(&mut self, context: PropertyContext, seen: &mut Seen) -> bool {
        let start = self.at;
        let Ok(id) = VariableByteInteger::read(&self.frame[self.at..self.end]) else {
            self.violate(Kind::UnknownProperty, start, "Properties", "property identifier is not an integer");
            return false;
        };
        let Some(property) = PropertyId::from_value(id.value) else {
            let message = format!("property identifier 0x{:02x} is not defined", id.value);
            self.violate(Kind::UnknownProperty, start, "Properties", message);
            return false;
        };
        let name = property.name();
        let label = name.to_lowercase();
        self.at += id.len;
        if !id.is_minimal() {
            let message = format!("identifier of {label} takes {} bytes", id.len);
            self.violate(Kind::PropertyIdentifierNotMinimal, start, name, message);
        }
        if !property.is_allowed_in(context) {
            let place = match context {
                PropertyContext::Packet(packet) => packet.name(),
                PropertyContext::Will => "will properties",
            };
            self.violate(Kind::MisplacedProperty, start, name, format!("{label} is not allowed in {place}"));
        } else if seen.contains(&property) && !property.is_repeatable_in(context) {
            self.violate(Kind::DuplicateProperty, start, name, format!("{label} appears more than once"));
        }
        seen.push(property);
        let value_at = self.at;
        let Some(value) = self.property_value(property) else {
            self.at = start;
            if core::mem::take(&mut self.lost) {
                self.lose(name);
            }
            return false;
        };
        self.note(start, name, value.text);
        self.check_range(property, start, value_at, value.integer);
        true
    }

    fn check_range(&mut self, property: PropertyId, start: usize, value_at: usize, integer: Option<u32>) {
        let name = property.name();
        let label = name.to_lowercase();
        match (property.range(), integer) {
            (PropertyRange::ZeroOrOne, Some(value)) if value > 1 => {
                let message = format!("{label} is {value} and must be 0 or 1");
                self.violate(Kind::PropertyOutOfRange, value_at, name, message);
            }
            (PropertyRange::NonZero, Some(0)) => {
                self.violate(Kind::PropertyOutOfRange, value_at, name, format!("{label} is 0"));
            }
            (PropertyRange::TopicName, _) => {
                let content = (start + 3).min(self.at);
                let bytes = &self.frame[content..self.at];
                if bytes.is_empty() {
                    self.violate(Kind::TopicNameEmpty, content, name, format!("{label} is empty"));
                }
                self.check_wildcards(Kind::ResponseTopicWildcard, name, content, bytes);
            }
            _ => {}
        }
    }

    /// Reads a value of the property's data type; `None` when it does not fit into the list.
    fn property_value(&mut self, property: PropertyId) -> Option<Value> {
        let name = property.name();
        let left = &self.frame[self.at..self.end];
        let integer = |value: u32| Value { text: value.to_string(), integer: Some(value) };
        let fixed = match property.property_type() {
            PropertyType::Byte => left.first().map(|byte| (1, u32::from(*byte))),
            PropertyType::TwoByteInteger => left.first_chunk().map(|b| (2, u32::from(u16::from_be_bytes(*b)))),
            PropertyType::FourByteInteger => left.first_chunk().map(|bytes| (4, u32::from_be_bytes(*bytes))),
            PropertyType::VariableByteInteger => return self.subscription_identifier().map(integer),
            PropertyType::Utf8String => {
                let (content, bytes) = self.property_part(name)?;
                self.check_string(name, content, bytes);
                return Some(Value { text: quote(bytes), integer: None });
            }
            PropertyType::BinaryData => {
                let (_, bytes) = self.property_part(name)?;
                return Some(Value { text: count(bytes.len()), integer: None });
            }
            PropertyType::Utf8StringPair => {
                let (key_at, key) = self.property_part(name)?;
                self.check_string(name, key_at, key);
                let (value_at, value) = self.property_part(name)?;
                self.check_string(name, value_at, value);
                return Some(Value { text: format!("{} = {}", quote(key), quote(value)), integer: None });
            }
        };
        let Some((len, value)) = fixed else {
            self.past_list_end(name);
            return None;
        };
        self.at += len;
        Some(integer(value))
    }

    fn subscription_identifier(&mut self) -> Option<u32> {
        let start = self.at;
        let name = PropertyId::SubscriptionIdentifier.name();
        match VariableByteInteger::read(&self.frame[start..self.end]) {
            Ok(id) => {
                self.at += id.len;
                if !id.is_minimal() {
                    let message = format!("subscription identifier {} takes {} bytes", id.value, id.len);
                    self.violate(Kind::SubscriptionIdentifierNotMinimal, start, name, message);
                }
                Some(id.value)
            }
            Err(VariableByteIntegerError::Incomplete) => {
                self.past_list_end(name);
                None
            }
            Err(VariableByteIntegerError::TooLong) => {
                let message = "subscription identifier takes more than four bytes";
                self.violate(Kind::SubscriptionIdentifierMalformed, start, name, message);
                None
            }
        }
    }

    /// A length-prefixed part of a property.
    fn property_part(&mut self, name: &'static str) -> Option<(usize, &'a [u8])> {
        let left = &self.frame[self.at..self.end];
        let content = left.split_first_chunk().and_then(|(length, rest)| {
            let length = usize::from(u16::from_be_bytes(*length));
            rest.get(..length)
        });
        let Some(content) = content else {
            self.past_list_end(name);
            return None;
        };
        let content_at = self.at + 2;
        self.at = content_at + content.len();
        Some((content_at, content))
    }

    /// Either the property or the Property Length lies, so nothing after this can be told apart.
    fn past_list_end(&mut self, name: &'static str) {
        let message = format!("{} reaches past the end of the properties", name.to_lowercase());
        self.violate(Kind::PropertyPastEnd, self.at, name, message);
        self.lost = true;
    }
}

struct Value {
    text: String,
    integer: Option<u32>,
}
