//! Mutations of properties (2.2.2).

use alloc::vec;
use alloc::vec::Vec;

use super::apply::Base;
use super::connect::plain_will;
use super::{Mutation, PropertyAt, PropertyPlace};
use crate::raw::{RawLength, RawPacket, RawProperty, RawValue};
use crate::samples::sample_property;
use crate::{ConnectBuf, PacketBuf, PacketType, PropertyBuf, PropertyContext, PropertyId, PropertyRange, PropertyType};

/// An identifier that no property has, and that fits into one byte.
const UNDEFINED: u32 = 0x7F;

/// What to do with a property of a packet that is put there first if it is missing.
pub(super) enum PropertyChange {
    /// Give it this value.
    Value(RawValue),
    /// Give it this pair for a value.
    Pair(RawValue, RawValue),
    /// Spend this many bytes on its identifier.
    IdentifierWidth(u8),
    /// Send it again.
    Duplicate,
}

pub(super) fn apply(mutation: Mutation, base: &Base<'_>) -> Option<RawPacket> {
    match mutation {
        Mutation::PropertyLengthNotMinimal(place) => {
            with_length(base, place, |length| RawLength::Width(if length < 0x80 { 2 } else { 3 }))
        }
        Mutation::PropertyLengthFiveBytes(place) => with_length(base, place, |_| RawLength::Width(5)),
        Mutation::PropertyLengthPastEnd(place) => {
            // More than can follow in the packet.
            let beyond = i32::try_from(base.in_full().body().len()).ok()?.max(100_000);
            with_length(base, place, |_| RawLength::Add(beyond))
        }
        Mutation::PropertyLengthTooSmall(place) => {
            let mut raw = with_place(base, place)?;
            let (length, list) = properties(&mut raw, place)?;
            list.push(RawProperty::from(&sample_property(PropertyId::UserProperty)));
            *length = RawLength::Add(-1);
            Some(raw)
        }
        Mutation::UnknownProperty => {
            let mut raw = with_place(base, PropertyPlace::Header)?;
            let (_, list) = properties(&mut raw, PropertyPlace::Header)?;
            list.push(RawProperty::new(UNDEFINED, RawValue::U8(0)));
            Some(raw)
        }
        Mutation::PropertyIdentifierNotMinimal => {
            let at = PropertyAt { place: PropertyPlace::Header, id: PropertyId::UserProperty };
            change(base, at, PropertyChange::IdentifierWidth(2))
        }
        Mutation::SubscriptionIdentifierNotMinimal => subscription_identifier(base, 2),
        Mutation::SubscriptionIdentifierFiveBytes => subscription_identifier(base, 5),
        Mutation::AuthenticationDataWithoutMethod => {
            let PacketBuf::Connect(connect) = base.packet else { return None };
            let mut connect = connect.clone();
            connect.properties.retain(|property| property.id != PropertyId::AuthenticationMethod);
            if connect.properties.iter().all(|property| property.id != PropertyId::AuthenticationData) {
                connect.properties.push(PropertyBuf::authentication_data([1]));
            }
            base.v5().then(|| RawPacket::from_packet(&PacketBuf::Connect(connect), base.version))
        }
        Mutation::AuthenticationMethodMissing => {
            let PacketBuf::Auth(auth) = base.packet else { return None };
            let mut auth = auth.clone();
            auth.properties.retain(|property| property.id != PropertyId::AuthenticationMethod);
            auth.reason_code = crate::ReasonCode::CONTINUE_AUTHENTICATION;
            Some(RawPacket::from_packet_in_full(&PacketBuf::Auth(auth), base.version))
        }
        Mutation::DuplicateProperty(at) => {
            if at.id.is_repeatable_in(at.place.context(base.packet.packet_type())) {
                return None;
            }
            change(base, at, PropertyChange::Duplicate)
        }
        Mutation::MisplacedProperty(at) => misplaced(base, at),
        Mutation::PropertyOutOfRange(at) => change(base, at, PropertyChange::Value(out_of_range(at.id)?)),
        _ => None,
    }
}

/// Changes the property in every packet that may have it.
pub(super) fn change(base: &Base<'_>, at: PropertyAt, change: PropertyChange) -> Option<RawPacket> {
    let packet_type = base.packet.packet_type();
    if !at.id.is_allowed_in(at.place.context(packet_type)) {
        return None;
    }
    let mut raw = with_place(base, at.place)?;
    let (_, list) = properties(&mut raw, at.place)?;
    let value = u32::from(at.id.value());
    if list.iter().all(|property| property.id != value) {
        // Authentication Data needs its method beside it.
        let method = PropertyId::AuthenticationMethod;
        let needs_method = at.id == PropertyId::AuthenticationData && packet_type != PacketType::ConnAck;
        if needs_method && list.iter().all(|property| property.id != u32::from(method.value())) {
            list.push(RawProperty::from(&sample_property(method)));
        }
        list.push(RawProperty::from(&sample_property(at.id)));
    }
    let index = list.iter().position(|property| property.id == value)?;
    match change {
        PropertyChange::Value(value) => list[index].value = vec![value],
        PropertyChange::Pair(name, value) => list[index].value = vec![name, value],
        PropertyChange::IdentifierWidth(width) => list[index].id_width = width,
        PropertyChange::Duplicate => list.push(list[index].clone()),
    }
    Some(raw)
}

fn misplaced(base: &Base<'_>, at: PropertyAt) -> Option<RawPacket> {
    let context = at.place.context(base.packet.packet_type());
    if at.id.is_allowed_in(context) {
        return None;
    }
    // 5.0 has no such thing as a Will outside CONNECT, so there is no place for its properties either.
    if context == PropertyContext::Will && base.packet.packet_type() != PacketType::Connect {
        return None;
    }
    let mut raw = with_place(base, at.place)?;
    let (_, list) = properties(&mut raw, at.place)?;
    list.push(RawProperty::from(&sample_property(at.id)));
    Some(raw)
}

fn out_of_range(id: PropertyId) -> Option<RawValue> {
    match (id.range(), id.property_type()) {
        (PropertyRange::ZeroOrOne, PropertyType::Byte) => Some(RawValue::U8(2)),
        (PropertyRange::NonZero, PropertyType::TwoByteInteger) => Some(RawValue::U16(0)),
        (PropertyRange::NonZero, PropertyType::FourByteInteger) => Some(RawValue::U32(0)),
        (PropertyRange::NonZero, PropertyType::VariableByteInteger) => Some(RawValue::VarInt { value: 0, width: 0 }),
        _ => None,
    }
}

/// In SUBSCRIBE and PUBLISH, the packets that may have one (3.8.2.1.2, 3.3.2.3.8).
fn subscription_identifier(base: &Base<'_>, width: u8) -> Option<RawPacket> {
    let at = PropertyAt { place: PropertyPlace::Header, id: PropertyId::SubscriptionIdentifier };
    change(base, at, PropertyChange::Value(RawValue::VarInt { value: 1, width }))
}

fn with_length(base: &Base<'_>, place: PropertyPlace, length_for: impl Fn(usize) -> RawLength) -> Option<RawPacket> {
    let mut raw = with_place(base, place)?;
    let (length, list) = properties(&mut raw, place)?;
    let actual = RawPacket {
        first_byte: 0,
        remaining_length: RawLength::Bytes(vec![]),
        fields: vec![crate::raw::RawField::new(
            "Properties",
            RawValue::Properties { length: RawLength::Bytes(vec![]), list: list.clone() },
        )],
        trailing: vec![],
        keep: None,
    };
    *length = length_for(actual.body().len());
    Some(raw)
}

/// The packet with the property list there to be changed: 5.0 only, and a CONNECT gets a Will if need be.
fn with_place(base: &Base<'_>, place: PropertyPlace) -> Option<RawPacket> {
    if !base.v5() {
        return None;
    }
    match (place, base.packet) {
        (PropertyPlace::Header, _) => Some(base.in_full()),
        (PropertyPlace::Will, PacketBuf::Connect(connect)) => {
            let will = connect.will.clone().unwrap_or_else(plain_will);
            let connect = ConnectBuf { will: Some(will), ..connect.clone() };
            Some(RawPacket::from_packet_in_full(&PacketBuf::Connect(connect), base.version))
        }
        (PropertyPlace::Will, _) => None,
    }
}

fn properties(raw: &mut RawPacket, place: PropertyPlace) -> Option<(&mut RawLength, &mut Vec<RawProperty>)> {
    match &mut raw.field_mut(place.field_name())?.value {
        RawValue::Properties { length, list } => Some((length, list)),
        _ => None,
    }
}
