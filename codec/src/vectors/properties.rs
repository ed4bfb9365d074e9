//! The values of properties (2.2.2.2), in every place where each may stand: the ends of every range, and beyond.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use super::builder::Builder;
use super::notation::count;
use super::slot::{context_name, context_slug, contexts, slug, with_properties};
use crate::raw::{RawProperty, RawValue};
use crate::samples::sample_property;
use crate::{PropertyContext, PropertyId, PropertyType};

pub(super) fn add(builder: &mut Builder) {
    if !builder.v5() {
        return;
    }
    for context in contexts() {
        for property in PropertyId::ALL.into_iter().filter(|property| property.is_allowed_in(context)) {
            add_values(builder, context, property);
            add_cut_values(builder, context, property);
        }
    }
}

/// A value, its name for the id, and what it is.
type Value = (String, RawValue, String);

fn add_values(builder: &mut Builder, context: PropertyContext, property: PropertyId) {
    for (id, value, what) in values(property) {
        let raw = with_properties(context, vec![RawProperty::new(u32::from(property.value()), value)]);
        let id = format!("{}/{}/{id}", context_slug(context), slug(property.name()));
        let comment = format!("{property} of {} {what}", context_name(context));
        let added = builder.raw(id, &raw, comment);
        if property == PropertyId::TopicAlias {
            added.rests_on(&["MQTT-3.3.2-12"], &[]);
        }
    }
}

fn values(property: PropertyId) -> Vec<Value> {
    let integer = |value: u32, raw: RawValue| (value.to_string(), raw, format!("is {value}"));
    let binary = |id: &str, bytes: Vec<u8>, what: &str| (id.to_string(), RawValue::binary(bytes), what.to_string());
    match property.property_type() {
        PropertyType::Byte => [0, 1, 2, 3, 0x7F, 0x80, 0xFF].map(|v| integer(u32::from(v), RawValue::U8(v))).to_vec(),
        PropertyType::TwoByteInteger => {
            [0, 1, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF].map(|v| integer(u32::from(v), RawValue::U16(v))).to_vec()
        }
        PropertyType::FourByteInteger => [0, 1, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF]
            .map(|v| integer(v, RawValue::U32(v)))
            .to_vec(),
        PropertyType::VariableByteInteger => variable_byte_integers(),
        PropertyType::Utf8String | PropertyType::Utf8StringPair => vec![],
        PropertyType::BinaryData => vec![
            binary("empty", vec![], "is empty"),
            binary("nul", vec![0], "is a zero byte"),
            binary("not-utf8", vec![0xFF, 0xFE, 0x80], "is no UTF-8"),
            binary("every-byte", (0..=u8::MAX).collect(), "holds each byte once"),
            binary("longest", vec![0x55; 65_535], "is 65,535 bytes long, the longest there is"),
        ],
    }
}

fn variable_byte_integers() -> Vec<Value> {
    let mut values = Vec::new();
    for value in [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455] {
        values.push((value.to_string(), RawValue::VarInt { value, width: 0 }, format!("is {value}")));
    }
    for (value, width) in [(0, 2), (1, 2), (1, 3), (1, 4), (127, 2), (128, 3), (16_383, 4), (1, 5), (268_435_455, 5)] {
        let what = format!("is {value} in {width} bytes");
        values.push((format!("{value}-in-{width}-bytes"), RawValue::VarInt { value, width }, what));
    }
    let above = RawValue::Bytes(vec![0x80, 0x80, 0x80, 0x80, 0x01]);
    values.push(("268435456".into(), above, "is 268,435,456, one above the most".into()));
    let endless = RawValue::Bytes(vec![0xFF, 0xFF, 0xFF, 0xFF]);
    values.push(("endless".into(), endless, "never ends: four bytes that announce a fifth".into()));
    values
}

/// The value cut short, with a Property Length that fits.
fn add_cut_values(builder: &mut Builder, context: PropertyContext, property: PropertyId) {
    let mut whole = Vec::new();
    for part in &RawProperty::from(&sample_property(property)).value {
        part.write(&mut whole);
    }
    let mut cuts = vec![0, 1, 2, 3, whole.len() - 1];
    if property == PropertyId::UserProperty {
        // Inside the second string, between the two, and in its length.
        cuts.extend([5, 6, 7, 8]);
    }
    cuts.retain(|cut| *cut < whole.len());
    cuts.sort_unstable();
    cuts.dedup();
    for cut in cuts {
        let value = RawValue::Bytes(whole[..cut].to_vec());
        let raw = with_properties(context, vec![RawProperty::new(u32::from(property.value()), value)]);
        let id = format!("{}/{}/cut-after-{cut}", context_slug(context), slug(property.name()));
        let comment = format!(
            "{property} of {} ends after {cut} of {}, as the Property Length says",
            context_name(context),
            count(whole.len(), "byte")
        );
        builder.raw(id, &raw, comment);
    }
}
