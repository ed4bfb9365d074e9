//! The places of packets where a string or Binary Data stands, each in a small valid packet around it.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use crate::raw::{RawLength, RawPacket, RawProperty, RawValue};
use crate::samples::{minimal, sample_property};
use crate::{
    ConnectBuf, PacketBuf, PacketType, PropertyContext, PropertyId, PropertyType, ProtocolVersion, QoS, SubscribeBuf,
    SubscriptionBuf, SubscriptionOptions, UnsubscribeBuf, WillBuf,
};

/// What a place holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    ProtocolName,
    ClientIdentifier,
    UserName,
    TopicName,
    TopicFilter,
    ResponseTopic,
    /// Any other string of a property.
    Text,
    Binary,
}

/// A place for a string or Binary Data.
pub(super) struct Slot {
    /// `publish/topic-name`.
    pub(super) id: String,
    /// `Topic Name of PUBLISH`.
    pub(super) label: String,
    pub(super) holds: Holds,
    raw: RawPacket,
    at: At,
}

#[derive(Clone, Copy)]
enum At {
    Field(usize),
    /// A part of the only property with this identifier in the list that is this field.
    Property {
        field: usize,
        id: u32,
        part: usize,
    },
}

impl Slot {
    /// The packet with this in the place.
    pub(super) fn with(&self, value: RawValue) -> RawPacket {
        let mut raw = self.raw.clone();
        match self.at {
            At::Field(index) => raw.fields[index].value = value,
            At::Property { field, id, part } => {
                if let RawValue::Properties { list, .. } = &mut raw.fields[field].value {
                    list.iter_mut().filter(|property| property.id == id).for_each(|p| p.value[part] = value.clone());
                }
            }
        }
        raw
    }

    /// The packet with this string, well-formed or not, in the place.
    pub(super) fn with_bytes(&self, bytes: &[u8]) -> RawPacket {
        match self.holds {
            Holds::Binary => self.with(RawValue::binary(bytes)),
            _ => self.with(RawValue::utf8(bytes)),
        }
    }

    /// The packet with these bytes behind a length that may lie.
    pub(super) fn with_length(&self, bytes: &[u8], length: RawLength) -> RawPacket {
        let bytes = bytes.to_vec();
        match self.holds {
            Holds::Binary => self.with(RawValue::Binary { bytes, length }),
            _ => self.with(RawValue::Utf8 { bytes, length }),
        }
    }
}

/// Every place outside properties.
pub(super) fn in_fields(version: ProtocolVersion) -> Vec<Slot> {
    let connect = connect(version, true);
    let mut slots = Vec::new();
    for packet in [connect, publish(version), subscribe(), unsubscribe()] {
        let raw = RawPacket::from_packet(&packet, version);
        let kind = packet.packet_type().name();
        let mut filters = 0;
        for (index, field) in raw.fields.iter().enumerate() {
            let holds = match (&field.value, field.name) {
                (RawValue::Binary { .. }, _) => Holds::Binary,
                (RawValue::Utf8 { .. }, "Protocol Name") => Holds::ProtocolName,
                (RawValue::Utf8 { .. }, "Client Identifier") => Holds::ClientIdentifier,
                (RawValue::Utf8 { .. }, "User Name") => Holds::UserName,
                (RawValue::Utf8 { .. }, "Topic Filter") => Holds::TopicFilter,
                (RawValue::Utf8 { .. }, _) => Holds::TopicName,
                _ => continue,
            };
            let mut id = format!("{}/{}", slug(kind), slug(field.name));
            let mut label = format!("{} of {kind}", field.name);
            if holds == Holds::TopicFilter {
                filters += 1;
                id = format!("{id}-{filters}");
                label = format!("{} {} of {kind}", ["first", "second"][(filters - 1) & 1], field.name);
            }
            slots.push(Slot { id, label, holds, raw: raw.clone(), at: At::Field(index) });
        }
    }
    slots
}

/// Every place in a property of 5.0; none before.
pub(super) fn in_properties(version: ProtocolVersion) -> Vec<Slot> {
    let mut slots = Vec::new();
    if !version.has_properties() {
        return slots;
    }
    for context in contexts() {
        for property in PropertyId::ALL.into_iter().filter(|property| property.is_allowed_in(context)) {
            let (parts, holds): (&[&str], _) = match property.property_type() {
                PropertyType::Utf8StringPair => (&["-name", "-value"], Holds::Text),
                PropertyType::Utf8String if property == PropertyId::ResponseTopic => (&[""], Holds::ResponseTopic),
                PropertyType::Utf8String => (&[""], Holds::Text),
                PropertyType::BinaryData => (&[""], Holds::Binary),
                _ => continue,
            };
            for (part, suffix) in parts.iter().enumerate() {
                let raw = with_properties(context, vec![RawProperty::from(&sample_property(property))]);
                let field = raw.fields.iter().position(|field| field.name == list_name(context)).unwrap_or_default();
                let what = suffix.strip_prefix('-').map_or(String::new(), |part| format!("{part} of "));
                slots.push(Slot {
                    id: format!("{}/{}{suffix}", context_slug(context), slug(property.name())),
                    label: format!("{what}{property} of {}", context_name(context)),
                    holds,
                    raw,
                    at: At::Property { field, id: u32::from(property.value()), part },
                });
            }
        }
    }
    slots
}

/// Every place where properties stand, in 5.0.
pub(super) fn contexts() -> Vec<PropertyContext> {
    let packets =
        PacketType::ALL.into_iter().filter(|packet| !matches!(packet, PacketType::PingReq | PacketType::PingResp));
    let mut contexts: Vec<_> = packets.map(PropertyContext::Packet).collect();
    contexts.insert(1, PropertyContext::Will);
    contexts
}

/// A small packet of 5.0 with this list of properties in `context`, and an Authentication Method before it where one is
/// needed and the list has none.
pub(super) fn with_properties(context: PropertyContext, list: Vec<RawProperty>) -> RawPacket {
    let version = ProtocolVersion::V5_0;
    let packet = match context {
        PropertyContext::Will => connect(version, false),
        PropertyContext::Packet(packet_type) => minimal(version)
            .into_iter()
            .find(|packet| packet.packet_type() == packet_type)
            .unwrap_or(PacketBuf::PingReq),
    };
    let mut raw = RawPacket::from_packet_in_full(&packet, version);
    let has = |id: PropertyId| list.iter().any(|property| property.id == u32::from(id.value()));
    let connect = PropertyContext::Packet(PacketType::Connect);
    let needs_method = context == PropertyContext::Packet(PacketType::Auth)
        || (context == connect && has(PropertyId::AuthenticationData));
    let mut properties = Vec::new();
    if needs_method && !has(PropertyId::AuthenticationMethod) {
        properties.push(RawProperty::new(u32::from(PropertyId::AuthenticationMethod.value()), RawValue::utf8("m")));
    }
    properties.extend(list);
    if let Some(field) = raw.field_mut(list_name(context)) {
        field.value = RawValue::properties(properties);
    }
    raw
}

/// The name of the field that holds the properties of `context`.
pub(super) const fn list_name(context: PropertyContext) -> &'static str {
    match context {
        PropertyContext::Packet(_) => "Properties",
        PropertyContext::Will => "Will Properties",
    }
}

pub(super) fn context_name(context: PropertyContext) -> &'static str {
    match context {
        PropertyContext::Packet(packet) => packet.name(),
        PropertyContext::Will => "Will Properties",
    }
}

pub(super) fn context_slug(context: PropertyContext) -> String {
    match context {
        PropertyContext::Packet(packet) => slug(packet.name()),
        PropertyContext::Will => "will".to_string(),
    }
}

/// A name of the standard as a part of an id.
pub(super) fn slug(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}

/// A small CONNECT with a Will, and with User Name and Password if wanted.
pub(super) fn connect(version: ProtocolVersion, credentials: bool) -> PacketBuf {
    PacketBuf::Connect(ConnectBuf {
        version,
        clean_start: true,
        keep_alive: 60,
        properties: vec![],
        client_id: "c".into(),
        will: Some(WillBuf {
            qos: QoS::AtMostOnce,
            retain: false,
            properties: vec![],
            topic: "w".into(),
            payload: vec![0x2E],
        }),
        user_name: credentials.then(|| "u".into()),
        password: credentials.then(|| b"p".to_vec()),
    })
}

fn publish(version: ProtocolVersion) -> PacketBuf {
    let publish = minimal(version).into_iter().find(|packet| packet.packet_type() == PacketType::Publish);
    publish.unwrap_or(PacketBuf::PingReq)
}

fn subscribe() -> PacketBuf {
    let subscription =
        |filter: &str| SubscriptionBuf { filter: filter.into(), options: SubscriptionOptions::default() };
    PacketBuf::Subscribe(SubscribeBuf {
        packet_id: 1,
        properties: vec![],
        filters: vec![subscription("t"), subscription("s")],
    })
}

fn unsubscribe() -> PacketBuf {
    PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id: 1, properties: vec![], filters: vec!["t".into(), "s".into()] })
}
