//! Mutations of topic names, Topic Filters and Subscription Options (3.8.3, 4.7, 4.8.2).

use super::apply::Base;
use super::connect::plain_will;
use super::property::{self, PropertyChange};
use super::{Mutation, PropertyAt, TopicField};
use crate::raw::{RawPacket, RawValue};
use crate::{ConnectBuf, PacketBuf, PropertyId};

pub(super) fn apply(mutation: Mutation, base: &Base<'_>) -> Option<RawPacket> {
    match mutation {
        Mutation::MultiLevelWildcard(field) => with_topic(base, field, b"a/#"),
        Mutation::SingleLevelWildcard(field) => with_topic(base, field, b"a/+/b"),
        Mutation::EmptyTopicName => {
            let PacketBuf::Publish(publish) = base.packet else { return None };
            let mut publish = publish.clone();
            publish.properties.retain(|property| property.id != PropertyId::TopicAlias);
            publish.topic.clear();
            Some(RawPacket::from_packet(&PacketBuf::Publish(publish), base.version))
        }
        Mutation::EmptyWillTopic => with_topic(base, TopicField::WillTopic, b""),
        Mutation::NoTopicFilters => {
            let mut raw = filtered(base)?;
            raw.fields.retain(|field| !matches!(field.name, "Topic Filter" | "Subscription Options" | "Requested QoS"));
            Some(raw)
        }
        _ => match filter_of(mutation) {
            Some((filter, only_5)) => {
                if only_5 && !base.v5() {
                    return None;
                }
                let mut raw = filtered(base)?;
                raw.field_mut("Topic Filter")?.value = RawValue::utf8(filter);
                if mutation == Mutation::NoLocalOnShared {
                    with_options(raw, |options| options | 0x04)
                } else if let (true, Some(RawValue::U8(_))) = (only_5, options(&raw)) {
                    with_options(raw, |options| options & !0x04)
                } else {
                    Some(raw)
                }
            }
            None => subscription_options(mutation, base),
        },
    }
}

/// The malformed filter that a mutation puts in place of the first one, and whether only 5.0 forbids it.
const fn filter_of(mutation: Mutation) -> Option<(&'static [u8], bool)> {
    let filter: (&[u8], bool) = match mutation {
        Mutation::EmptyTopicFilter => (b"", false),
        Mutation::FilterMultiLevelInMiddle => (b"a/#/b", false),
        Mutation::FilterMultiLevelInLevel => (b"a/b#", false),
        Mutation::FilterSingleLevelInLevel => (b"a/b+", false),
        Mutation::FilterSingleLevelBeforeText => (b"+a/b", false),
        Mutation::ShareWithoutFilter => (b"$share/g", true),
        Mutation::ShareWithEmptyFilter => (b"$share/g/", true),
        Mutation::ShareNameEmpty => (b"$share//x", true),
        Mutation::ShareNameSingleLevel => (b"$share/g+/x", true),
        Mutation::ShareNameMultiLevel => (b"$share/g#/x", true),
        Mutation::ShareFilterMalformed => (b"$share/g/a/#/b", true),
        Mutation::NoLocalOnShared => (b"$share/g/x", true),
        _ => return None,
    };
    Some(filter)
}

/// The packet, if it has Topic Filters.
fn filtered(base: &Base<'_>) -> Option<RawPacket> {
    matches!(base.packet, PacketBuf::Subscribe(_) | PacketBuf::Unsubscribe(_)).then(|| base.raw())
}

fn subscription_options(mutation: Mutation, base: &Base<'_>) -> Option<RawPacket> {
    let set = match mutation {
        Mutation::SubscriptionQoS3 => 0x03,
        Mutation::RetainHandling3 if base.v5() => 0x30,
        Mutation::SubscriptionReservedBit2 if !base.v5() => 0x04,
        Mutation::SubscriptionReservedBit6 => 0x40,
        Mutation::SubscriptionReservedBit7 => 0x80,
        _ => return None,
    };
    with_options(filtered(base)?, |options| options | set)
}

fn options(raw: &RawPacket) -> Option<&RawValue> {
    raw.field("Subscription Options").or_else(|| raw.field("Requested QoS")).map(|field| &field.value)
}

fn with_options(mut raw: RawPacket, change: impl Fn(u8) -> u8) -> Option<RawPacket> {
    let name = if raw.field("Requested QoS").is_some() { "Requested QoS" } else { "Subscription Options" };
    let RawValue::U8(options) = &mut raw.field_mut(name)?.value else { return None };
    *options = change(*options);
    Some(raw)
}

fn with_topic(base: &Base<'_>, field: TopicField, topic: &[u8]) -> Option<RawPacket> {
    match (field, base.packet) {
        (TopicField::TopicName, PacketBuf::Publish(_)) => {
            let mut raw = base.raw();
            raw.field_mut("Topic Name")?.value = RawValue::utf8(topic);
            Some(raw)
        }
        (TopicField::WillTopic, PacketBuf::Connect(connect)) => {
            let will = connect.will.clone().unwrap_or_else(plain_will);
            let connect = ConnectBuf { will: Some(will), ..connect.clone() };
            let mut raw = RawPacket::from_packet(&PacketBuf::Connect(connect), base.version);
            raw.field_mut("Will Topic")?.value = RawValue::utf8(topic);
            Some(raw)
        }
        (TopicField::ResponseTopic(place), _) => {
            let at = PropertyAt { place, id: PropertyId::ResponseTopic };
            property::change(base, at, PropertyChange::Value(RawValue::utf8(topic)))
        }
        _ => None,
    }
}
