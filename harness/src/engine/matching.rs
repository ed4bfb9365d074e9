//! Whether a packet is what a pattern describes.

use std::collections::BTreeMap;

use mqttspec_codec::{PacketBuf, PropertyBuf, PropertyId, PropertyList, ReasonCode, ValueBuf};
use mqttspec_scenarios::model::{Check, Field, Namespace, Pattern};

use super::connection::Received;

/// What a check needs to know beyond the packet.
pub(super) struct Context<'a> {
    pub(super) namespace: &'a Namespace,
    pub(super) vars: &'a BTreeMap<String, PacketBuf>,
    /// Whether the connection took up the session of a former one.
    pub(super) resumed: bool,
}

/// The checks of `pattern` that `received` fails; `None` when it is a packet of another type.
pub(super) fn failed_checks<'p>(
    pattern: &'p Pattern,
    received: &Received,
    context: &Context<'_>,
) -> Option<Vec<&'p Check>> {
    (pattern.packet_type == received.packet.packet_type())
        .then(|| pattern.checks.iter().filter(|check| !holds(&check.field, received, context)).collect())
}

fn holds(field: &Field, received: &Received, context: &Context<'_>) -> bool {
    let packet = &received.packet;
    let properties = packet.properties();
    match field {
        Field::ReasonIn(codes) => match reason_code(packet) {
            Some(code) => codes.contains(&code),
            None => reason_codes(packet).is_some_and(|all| all.iter().all(|code| codes.contains(code))),
        },
        Field::ReasonsIn(sets) => reason_codes(packet).is_some_and(|codes| {
            codes.len() == sets.len() && codes.iter().zip(sets).all(|(code, set)| set.contains(code))
        }),
        Field::SessionPresent(wanted) => {
            matches!(packet, PacketBuf::ConnAck(connack) if connack.session_present == *wanted)
        }
        // What waits in a session may have been sent on the former connection before the target saw its end: nobody can
        // tell from outside, so DUP 1 is no breach there.
        Field::Dup(false) if context.resumed => matches!(packet, PacketBuf::Publish(_)),
        Field::Dup(wanted) => matches!(packet, PacketBuf::Publish(publish) if publish.dup == *wanted),
        Field::QosIn(wanted) => matches!(packet, PacketBuf::Publish(publish) if wanted.contains(&publish.qos)),
        Field::Retain(wanted) => matches!(packet, PacketBuf::Publish(publish) if publish.retain == *wanted),
        Field::Topic(topic) => received.topic == context.namespace.expand(topic),
        Field::Payload(wanted) => matches!(packet, PacketBuf::Publish(publish) if publish.payload == *wanted),
        Field::PacketId(wanted) => packet.packet_id() == Some(*wanted),
        Field::SamePacketId(var) => packet.packet_id().is_some() && packet.packet_id() == remembered_id(var, context),
        Field::OtherPacketId(var) => packet.packet_id() != remembered_id(var, context),
        Field::Property(wanted) => {
            let wanted = context.namespace.expand_property(wanted);
            properties.contains(&wanted)
        }
        Field::PropertyPresent(id) => properties.find(*id).is_some(),
        Field::PropertyAbsent(id) => properties.find(*id).is_none(),
        Field::PropertyBetween(id, low, high) => {
            properties.integer(*id).is_some_and(|value| (*low..=*high).contains(&value))
        }
        Field::PropertyAbsentOrBetween(id, low, high) => {
            properties.integer(*id).is_none_or(|value| (*low..=*high).contains(&value))
        }
        Field::UserProperties(wanted) => {
            user_properties(properties).eq(wanted.iter().map(|(n, v)| (n.as_str(), v.as_str())))
        }
        Field::SubscriptionIdentifiers(wanted) => {
            let mut wanted = wanted.clone();
            let mut seen: Vec<_> = properties
                .iter()
                .filter(|property| property.id == PropertyId::SubscriptionIdentifier)
                .filter_map(|property| property.value.as_integer())
                .collect();
            wanted.sort_unstable();
            seen.sort_unstable();
            wanted == seen
        }
        Field::PropertyNotEmpty(id) => properties.text(*id).is_some_and(|text| !text.is_empty()),
    }
}

fn remembered_id(var: &str, context: &Context<'_>) -> Option<u16> {
    context.vars.get(var).and_then(PacketBuf::packet_id)
}

fn user_properties(properties: &[PropertyBuf]) -> impl Iterator<Item = (&str, &str)> {
    properties.iter().filter_map(|property| match &property.value {
        ValueBuf::Utf8StringPair(name, value) => Some((name.as_str(), value.as_str())),
        _ => None,
    })
}

/// The single reason or return code of a packet that has one.
pub(super) fn reason_code(packet: &PacketBuf) -> Option<ReasonCode> {
    match packet {
        PacketBuf::ConnAck(p) => Some(p.reason_code),
        PacketBuf::PubAck(p) | PacketBuf::PubRec(p) | PacketBuf::PubRel(p) | PacketBuf::PubComp(p) => {
            Some(p.reason_code)
        }
        PacketBuf::Disconnect(p) => Some(p.reason_code),
        PacketBuf::Auth(p) => Some(p.reason_code),
        _ => None,
    }
}

fn reason_codes(packet: &PacketBuf) -> Option<&[ReasonCode]> {
    match packet {
        PacketBuf::SubAck(p) => Some(&p.reason_codes),
        PacketBuf::UnsubAck(p) => Some(&p.reason_codes),
        _ => None,
    }
}
