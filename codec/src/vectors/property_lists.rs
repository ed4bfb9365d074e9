//! Lists of properties (2.2.2): what may stand where and how often, identifiers, and the Property Length.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use super::builder::Builder;
use super::slot::{context_name, context_slug, contexts, list_name, slug, with_properties};
use crate::raw::{RawLength, RawPacket, RawProperty, RawValue};
use crate::samples::sample_property;
use crate::{PacketType, PropertyBuf, PropertyContext, PropertyId, varint};

pub(super) fn add(builder: &mut Builder) {
    if !builder.v5() {
        return;
    }
    for context in contexts() {
        for property in PropertyId::ALL {
            if property.is_allowed_in(context) {
                add_repeated(builder, context, property);
            } else {
                add_misplaced(builder, context, property);
            }
        }
        add_identifiers(builder, context);
        add_lengths(builder, context);
        add_many(builder, context);
    }
    for id in (0..0x80).filter(|id| PropertyId::from_value(*id).is_none()) {
        add_unknown(builder, PropertyContext::Packet(PacketType::Publish), id);
    }
}

fn sample(property: PropertyId) -> RawProperty {
    RawProperty::from(&sample_property(property))
}

fn user_property() -> RawProperty {
    RawProperty::from(&PropertyBuf::user_property("k", "v"))
}

fn add_repeated(builder: &mut Builder, context: PropertyContext, property: PropertyId) {
    let place = format!("{}/{}", context_slug(context), slug(property.name()));
    let name = context_name(context);
    let one = sample(property);
    let mut other = one.clone();
    if let [value] = other.value.as_mut_slice() {
        *value = match value {
            RawValue::U8(_) => RawValue::U8(0),
            RawValue::U16(_) => RawValue::U16(7),
            RawValue::U32(_) => RawValue::U32(7),
            RawValue::VarInt { .. } => RawValue::VarInt { value: 7, width: 0 },
            RawValue::Binary { .. } => RawValue::binary([7]),
            _ => RawValue::utf8("other"),
        };
    }
    let rows = [
        ("twice", vec![one.clone(), one.clone()], "stands twice, the same each time"),
        ("twice-differently", vec![one.clone(), other.clone()], "stands twice with different values"),
        ("twice-apart", vec![one.clone(), user_property(), other], "stands before and after a User Property"),
        ("after-user-property", vec![user_property(), one], "stands after a User Property"),
    ];
    for (id, list, what) in rows {
        let raw = with_properties(context, list);
        builder.raw(format!("{place}/{id}"), &raw, format!("{property} of {name} {what}"));
    }
}

fn add_misplaced(builder: &mut Builder, context: PropertyContext, property: PropertyId) {
    let raw = with_properties(context, vec![sample(property)]);
    let id = format!("{}/{}/misplaced", context_slug(context), slug(property.name()));
    builder.raw(id, &raw, format!("{property} stands in {}, where it is not allowed", context_name(context)));
}

fn add_unknown(builder: &mut Builder, context: PropertyContext, id: u32) {
    let raw = with_properties(context, vec![RawProperty::new(id, RawValue::U8(0))]);
    let comment = format!("identifier 0x{id:02X}, which no property has, in {}", context_name(context));
    builder.raw(format!("{}/unknown-property/{id:x}", context_slug(context)), &raw, comment);
}

fn add_identifiers(builder: &mut Builder, context: PropertyContext) {
    for id in [0x00, 0x7F, 0x80, 0x3FFF, varint::MAX] {
        add_unknown(builder, context, id);
    }
    let place = context_slug(context);
    let name = context_name(context);
    for property in PropertyId::ALL.into_iter().filter(|property| property.is_allowed_in(context)) {
        let widths = if property == PropertyId::UserProperty { 2..=5 } else { 2..=2 };
        for width in widths {
            let raw = with_properties(context, vec![RawProperty { id_width: width, ..sample(property) }]);
            let comment = format!("the identifier of {property} in {name} takes {width} bytes");
            builder.raw(format!("{place}/{}/identifier-in-{width}-bytes", slug(property.name())), &raw, comment);
        }
    }
    let rows: [(&str, &[u8], &str); 2] = [
        ("continued", &[0x80], "an identifier that announces another byte"),
        ("endless", &[0xFF; 4], "an endless identifier"),
    ];
    for (id, bytes, what) in rows {
        let raw = with_list(context, RawLength::Exact, bytes.to_vec());
        builder.raw(format!("{place}/identifier-{id}"), &raw, format!("the properties of {name} end in {what}"));
    }
}

/// The packet with these bytes for its list of properties, behind this length.
fn with_list(context: PropertyContext, length: RawLength, bytes: Vec<u8>) -> RawPacket {
    let mut raw = with_properties(context, vec![]);
    if let Some(field) = raw.field_mut(list_name(context)) {
        let mut value = Vec::new();
        length.write_variable(bytes.len(), &mut value);
        value.extend(bytes);
        field.value = RawValue::Bytes(value);
    }
    raw
}

fn add_lengths(builder: &mut Builder, context: PropertyContext) {
    let place = context_slug(context);
    let name = context_name(context);
    let mut properties = vec![user_property()];
    if context == PropertyContext::Packet(PacketType::Auth) {
        properties.push(RawProperty::from(&PropertyBuf::authentication_method("m")));
    }
    let rows = [
        ("two-bytes", RawLength::Width(2), "takes two bytes, one more than it needs"),
        ("three-bytes", RawLength::Width(3), "takes three bytes, two more than it needs"),
        ("four-bytes", RawLength::Width(4), "takes four bytes, three more than it needs"),
        ("five-bytes", RawLength::Width(5), "takes five bytes"),
        ("one-less", RawLength::Add(-1), "is one less than the properties take"),
        ("zero", RawLength::Value(0), "is 0 before properties"),
        ("past-end", RawLength::Value(120), "reaches past the end of the packet"),
        ("largest", RawLength::Value(varint::MAX), "is 268,435,455, the most there is"),
        ("endless", RawLength::Bytes(vec![0xFF; 4]), "never ends: four bytes that announce a fifth"),
        ("absent", RawLength::Bytes(vec![]), "is left out before properties"),
    ];
    for (id, length, what) in rows {
        let mut bytes = Vec::new();
        properties.iter().for_each(|property| property.write(&mut bytes));
        let raw = with_list(context, length, bytes);
        builder.raw(format!("{place}/property-length/{id}"), &raw, format!("Property Length of {name} {what}"));
    }
    for width in 2..=5 {
        let raw = with_list(context, RawLength::Width(width), vec![]);
        let comment = format!("Property Length 0 of {name} in {width} bytes");
        builder.raw(format!("{place}/property-length/0-in-{width}-bytes"), &raw, comment);
    }
    for (id, bytes) in [("cut-after-1", &[0x80][..]), ("cut-after-3", &[0xFF, 0xFF, 0x80])] {
        let mut raw = with_list(context, RawLength::Bytes(bytes.to_vec()), vec![]);
        let list = raw.fields.iter().position(|field| field.name == list_name(context)).unwrap_or_default();
        raw.fields.truncate(list + 1);
        let comment = format!("{name} ends inside its Property Length");
        builder.raw(format!("{place}/property-length/{id}"), &raw, comment);
    }
    let mut raw = with_properties(context, vec![]);
    raw.remove_field(list_name(context));
    builder.raw(format!("{place}/property-length/missing"), &raw, format!("no Property Length in {name}"));
}

/// User Properties, which may stand as often as there is room (2.2.2.2).
fn add_many(builder: &mut Builder, context: PropertyContext) {
    let place = context_slug(context);
    let name = context_name(context);
    for count in [2, 14, 15, 16, 100] {
        let raw = with_properties(context, vec![user_property(); count]);
        let comment = format!("{count} times the same User Property in {name}");
        builder.raw(format!("{place}/user-property/{count}-times"), &raw, comment).unusual();
    }
    let all = PropertyId::ALL.into_iter().filter(|property| property.is_allowed_in(context)).map(sample);
    let mut all: Vec<_> = all.collect();
    let raw = with_properties(context, all.clone());
    builder.raw(format!("{place}/every-property"), &raw, format!("every property that {name} may have, by identifier"));
    all.reverse();
    let raw = with_properties(context, all);
    let comment = format!("every property that {name} may have, backwards: their order is free");
    builder.raw(format!("{place}/every-property-backwards"), &raw, comment).unusual();
}
