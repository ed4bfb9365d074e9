//! A list of properties with its Property Length (2.2.2), checked in one pass.

use super::{PropertyVisitor, input, text};
use crate::packet::{Properties, Property, Value};
use crate::property_table::{PropertyContext, PropertyId, PropertyRange, PropertyType};
use crate::{DecodeError, PacketType};

/// A list that has been checked.
pub(super) struct Checked<'a> {
    pub(super) list: Properties<'a>,
    /// The identifiers that occur in it, one bit for each.
    seen: u64,
}

impl Checked<'_> {
    /// The list of a packet that has none.
    pub(super) const NONE: Self = Self { list: Properties::EMPTY, seen: 0 };

    #[inline(always)]
    pub(super) const fn has(&self, id: PropertyId) -> bool {
        self.seen & bit(id) != 0
    }
}

/// What may stand in one place, one bit for each identifier: all are below 64.
struct Rules {
    context: PropertyContext,
    allowed: u64,
    repeatable: u64,
}

/// The data type of a property together with what is asked of its value.
#[derive(Clone, Copy)]
enum Kind {
    Undefined,
    Byte,
    ZeroOrOne,
    TwoByteInteger,
    NonZeroTwoByteInteger,
    FourByteInteger,
    NonZeroFourByteInteger,
    NonZeroVariableByteInteger,
    Utf8String,
    TopicName,
    BinaryData,
    Utf8StringPair,
}

const KINDS: [Kind; 64] = kinds();

/// A place where properties stand, as a type, so that its masks are constants where they are used.
pub(super) trait Place {
    const CONTEXT: PropertyContext;
}

macro_rules! places {
    ($($place:ident)*) => {
        $(
            pub(super) struct $place;
            impl Place for $place {
                const CONTEXT: PropertyContext = PropertyContext::Packet(PacketType::$place);
            }
        )*
    };
}

places!(Connect ConnAck Publish PubAck PubRec PubRel PubComp Subscribe SubAck Unsubscribe UnsubAck Disconnect Auth);

/// The Will Properties of a CONNECT.
pub(super) struct Will;

impl Place for Will {
    const CONTEXT: PropertyContext = PropertyContext::Will;
}

/// The properties of `P` at the start of `input`, with every rule about them checked. 5.0 only.
#[inline(always)]
pub(super) fn properties<'a, P: Place, V: PropertyVisitor<'a>>(
    input: &mut &'a [u8],
    visitor: &mut V,
) -> Result<Checked<'a>, DecodeError> {
    let (checked, rest) = match *input {
        [0, rest @ ..] => (Checked::NONE, rest),
        input => check::<V>(input, const { &Rules::of(P::CONTEXT) }, visitor)?,
    };
    *input = rest;
    Ok(checked)
}

/// Checks the list at the start of `input`, and returns what follows it too. `input` is a value here so that callers
/// can keep theirs in registers.
#[inline(never)]
fn check<'a, V: PropertyVisitor<'a>>(
    mut input: &'a [u8],
    rules: &Rules,
    visitor: &mut V,
) -> Result<(Checked<'a>, &'a [u8]), DecodeError> {
    let len = input::variable_byte_integer(&mut input)?;
    let bytes = input::bytes(&mut input, len as usize)?;
    let mut list = bytes;
    let mut seen = 0;
    while let Some((&identifier, rest)) = list.split_first() {
        let bit = 1_u64 << (identifier & 63);
        if identifier > 63 || rules.allowed & bit == 0 {
            return Err(refused_identifier(list));
        }
        let id = PropertyId::from_value(identifier.into()).ok_or(DecodeError::UnknownProperty(identifier.into()))?;
        if seen & bit & !rules.repeatable != 0 {
            return Err(DecodeError::DuplicateProperty(id));
        }
        seen |= bit;
        list = rest;
        let value = value(KINDS[usize::from(identifier & 63)], id, &mut list)?;
        visitor.property(rules.context, Property { id, value });
    }
    Ok((Checked { list: Properties::from_checked(bytes), seen }, input))
}

#[inline(always)]
fn value<'a>(kind: Kind, id: PropertyId, list: &mut &'a [u8]) -> Result<Value<'a>, DecodeError> {
    let in_range = |valid: bool| if valid { Ok(()) } else { Err(DecodeError::PropertyOutOfRange(id)) };
    Ok(match kind {
        Kind::Byte => Value::Byte(input::byte(list)?),
        Kind::ZeroOrOne => {
            let value = input::byte(list)?;
            in_range(value <= 1)?;
            Value::Byte(value)
        }
        Kind::TwoByteInteger => Value::TwoByteInteger(input::two_byte_integer(list)?),
        Kind::NonZeroTwoByteInteger => {
            let value = input::two_byte_integer(list)?;
            in_range(value != 0)?;
            Value::TwoByteInteger(value)
        }
        Kind::FourByteInteger => Value::FourByteInteger(input::four_byte_integer(list)?),
        Kind::NonZeroFourByteInteger => {
            let value = input::four_byte_integer(list)?;
            in_range(value != 0)?;
            Value::FourByteInteger(value)
        }
        Kind::NonZeroVariableByteInteger => {
            let value = input::variable_byte_integer(list)?;
            in_range(value != 0)?;
            Value::VariableByteInteger(value)
        }
        Kind::Utf8String => Value::Utf8String(text::string(list)?),
        Kind::TopicName => {
            let name = text::string(list)?;
            text::check_topic_name(name.as_bytes())?;
            Value::Utf8String(name)
        }
        Kind::BinaryData => Value::BinaryData(input::binary_data(list)?),
        Kind::Utf8StringPair => Value::Utf8StringPair(text::string(list)?, text::string(list)?),
        Kind::Undefined => return Err(DecodeError::UnknownProperty(id.value().into())),
    })
}

/// Why the identifier at the start of `list` may not stand there. It is a Variable Byte Integer (2.2.2.2), though all
/// that are defined take one byte.
#[cold]
fn refused_identifier(mut list: &[u8]) -> DecodeError {
    match input::variable_byte_integer(&mut list) {
        Ok(id) => PropertyId::from_value(id).map_or(DecodeError::UnknownProperty(id), DecodeError::MisplacedProperty),
        Err(error) => error,
    }
}

const fn bit(id: PropertyId) -> u64 {
    1 << id.value()
}

impl Rules {
    const fn of(context: PropertyContext) -> Self {
        let mut rules = Self { context, allowed: 0, repeatable: 0 };
        let mut index = 0;
        while index < PropertyId::ALL.len() {
            let id = PropertyId::ALL[index];
            if id.is_allowed_in(context) {
                rules.allowed |= bit(id);
            }
            if id.is_repeatable_in(context) {
                rules.repeatable |= bit(id);
            }
            index += 1;
        }
        rules
    }
}

const fn kinds() -> [Kind; 64] {
    let mut kinds = [Kind::Undefined; 64];
    let mut index = 0;
    while index < PropertyId::ALL.len() {
        let id = PropertyId::ALL[index];
        kinds[id.value() as usize] = match (id.property_type(), id.range()) {
            (PropertyType::Byte, PropertyRange::Any) => Kind::Byte,
            (PropertyType::Byte, PropertyRange::ZeroOrOne) => Kind::ZeroOrOne,
            (PropertyType::TwoByteInteger, PropertyRange::Any) => Kind::TwoByteInteger,
            (PropertyType::TwoByteInteger, PropertyRange::NonZero) => Kind::NonZeroTwoByteInteger,
            (PropertyType::FourByteInteger, PropertyRange::Any) => Kind::FourByteInteger,
            (PropertyType::FourByteInteger, PropertyRange::NonZero) => Kind::NonZeroFourByteInteger,
            (PropertyType::VariableByteInteger, PropertyRange::NonZero) => Kind::NonZeroVariableByteInteger,
            (PropertyType::Utf8String, PropertyRange::Any) => Kind::Utf8String,
            (PropertyType::Utf8String, PropertyRange::TopicName) => Kind::TopicName,
            (PropertyType::BinaryData, PropertyRange::Any) => Kind::BinaryData,
            (PropertyType::Utf8StringPair, PropertyRange::Any) => Kind::Utf8StringPair,
            _ => panic!("the property table asks for what the decoder cannot check"),
        };
        index += 1;
    }
    kinds
}
