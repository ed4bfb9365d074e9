//! Strategies for valid packets of every type and version, and a notation for bytes. Shared by the integration tests.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)] // each test binary uses its own part

pub mod bytes;

use mqttspec_codec::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::RngSeed;

/// The configuration of every property test: the same cases in every run, unless `PROPTEST_RNG_SEED` says otherwise.
pub fn config(cases: u32) -> ProptestConfig {
    let mut config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(0x4D51_5454);
    }
    config
}

/// Any version.
pub fn version() -> impl Strategy<Value = ProtocolVersion> {
    select(ProtocolVersion::ALL.as_slice())
}

/// Any version with a valid packet of any type it has.
pub fn versioned_packet() -> impl Strategy<Value = (ProtocolVersion, PacketBuf)> {
    version().prop_flat_map(|version| packet(version).prop_map(move |packet| (version, packet)))
}

/// A valid packet of any type that `version` has.
pub fn packet(version: ProtocolVersion) -> BoxedStrategy<PacketBuf> {
    let types: Vec<_> = PacketType::ALL.into_iter().filter(|packet| packet.exists_in(version)).collect();
    select(types).prop_flat_map(move |packet_type| packet_of(packet_type, version)).boxed()
}

/// A valid packet of this type.
pub fn packet_of(packet_type: PacketType, version: ProtocolVersion) -> BoxedStrategy<PacketBuf> {
    match packet_type {
        PacketType::Connect => connect(version),
        PacketType::ConnAck => conn_ack(version),
        PacketType::Publish => publish(version),
        PacketType::PubAck => ack(packet_type, version).prop_map(PacketBuf::PubAck).boxed(),
        PacketType::PubRec => ack(packet_type, version).prop_map(PacketBuf::PubRec).boxed(),
        PacketType::PubRel => ack(packet_type, version).prop_map(PacketBuf::PubRel).boxed(),
        PacketType::PubComp => ack(packet_type, version).prop_map(PacketBuf::PubComp).boxed(),
        PacketType::Subscribe => subscribe(version),
        PacketType::SubAck => (packet_id(), properties_of(packet_type, version), reason_codes(packet_type, version))
            .prop_map(|(packet_id, properties, reason_codes)| {
                PacketBuf::SubAck(SubAckBuf { packet_id, properties, reason_codes })
            })
            .boxed(),
        PacketType::Unsubscribe => (packet_id(), properties_of(packet_type, version), vec(topic_filter(version), 1..4))
            .prop_map(|(packet_id, properties, filters)| {
                PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id, properties, filters })
            })
            .boxed(),
        PacketType::UnsubAck => (packet_id(), properties_of(packet_type, version), reason_codes(packet_type, version))
            .prop_map(|(packet_id, properties, reason_codes)| {
                PacketBuf::UnsubAck(UnsubAckBuf { packet_id, properties, reason_codes })
            })
            .boxed(),
        PacketType::PingReq => Just(PacketBuf::PingReq).boxed(),
        PacketType::PingResp => Just(PacketBuf::PingResp).boxed(),
        PacketType::Disconnect => (reason_code(packet_type, version), properties_of(packet_type, version))
            .prop_map(|(reason_code, properties)| PacketBuf::Disconnect(DisconnectBuf { reason_code, properties }))
            .boxed(),
        PacketType::Auth => (reason_code(packet_type, version), properties_of(packet_type, version), text())
            .prop_map(|(reason_code, mut properties, method)| {
                let empty = reason_code == ReasonCode::SUCCESS && properties.is_empty();
                if !empty && properties.find(PropertyId::AuthenticationMethod).is_none() {
                    properties.push(PropertyBuf::authentication_method(method));
                }
                PacketBuf::Auth(AuthBuf { reason_code, properties })
            })
            .boxed(),
    }
}

/// A string of any characters but U+0000.
pub fn text() -> BoxedStrategy<String> {
    let character = prop_oneof![4 => prop::char::range('\u{1}', '~'), 1 => any::<char>()];
    vec(character, 0..12).prop_map(|chars| chars.into_iter().filter(|&c| c != '\0').collect()).boxed()
}

/// A Topic Name.
pub fn topic_name() -> BoxedStrategy<String> {
    text()
        .prop_map(|text| match text.replace(['+', '#'], "/") {
            topic if topic.is_empty() => "t".to_owned(),
            topic => topic,
        })
        .boxed()
}

/// A Topic Filter, with wildcards; in 5.0 sometimes of a Shared Subscription.
pub fn topic_filter(version: ProtocolVersion) -> BoxedStrategy<String> {
    let plain = plain_filter();
    if version.has_properties() {
        let share_name = topic_name().prop_map(|name| name.replace('/', "-"));
        let shared = (share_name, plain_filter()).prop_map(|(name, filter)| format!("$share/{name}/{filter}"));
        prop_oneof![3 => plain, 1 => shared].boxed()
    } else {
        plain
    }
}

/// A Topic Filter that is not of a Shared Subscription.
pub fn plain_filter() -> BoxedStrategy<String> {
    let level = prop_oneof![3 => text().prop_map(|t| t.replace(['+', '#', '/'], "")), 1 => Just("+".to_owned())];
    (vec(level, 1..5), any::<bool>())
        .prop_map(|(mut levels, multi)| {
            if multi || levels == [""] {
                levels.push("#".to_owned());
            }
            levels.join("/")
        })
        .boxed()
}

/// A list of properties that may stand in `context`, in any order.
pub fn properties(context: PropertyContext, version: ProtocolVersion) -> BoxedStrategy<Vec<PropertyBuf>> {
    if !version.has_properties() {
        return Just(Vec::new()).boxed();
    }
    let allowed = |id: &PropertyId| id.is_allowed_in(context);
    let once: Vec<_> = PropertyId::ALL.into_iter().filter(allowed).collect();
    let repeatable: Vec<_> = once.iter().copied().filter(|id| id.is_repeatable_in(context)).collect();
    let most = once.len();
    let once = subsequence(once, 0..=most)
        .prop_shuffle()
        .prop_flat_map(|ids| ids.into_iter().map(property).collect::<Vec<_>>());
    (once, vec(select(repeatable).prop_flat_map(property), 0..3))
        .prop_map(|(mut properties, more)| {
            properties.extend(more);
            properties
        })
        .boxed()
}

/// A property with a value that it may have.
pub fn property(id: PropertyId) -> BoxedStrategy<PropertyBuf> {
    let non_zero = id.range() == PropertyRange::NonZero;
    let least = u8::from(non_zero);
    let value = match id.property_type() {
        PropertyType::Byte if id.range() == PropertyRange::ZeroOrOne => (0..=1_u8).prop_map(ValueBuf::Byte).boxed(),
        PropertyType::Byte => any::<u8>().prop_map(ValueBuf::Byte).boxed(),
        PropertyType::TwoByteInteger => (u16::from(least)..).prop_map(ValueBuf::TwoByteInteger).boxed(),
        PropertyType::FourByteInteger => (u32::from(least)..).prop_map(ValueBuf::FourByteInteger).boxed(),
        PropertyType::VariableByteInteger => {
            (u32::from(least)..=varint::MAX).prop_map(ValueBuf::VariableByteInteger).boxed()
        }
        PropertyType::Utf8String if id.range() == PropertyRange::TopicName => {
            topic_name().prop_map(ValueBuf::Utf8String).boxed()
        }
        PropertyType::Utf8String => text().prop_map(ValueBuf::Utf8String).boxed(),
        PropertyType::BinaryData => binary().prop_map(ValueBuf::BinaryData).boxed(),
        PropertyType::Utf8StringPair => {
            (text(), text()).prop_map(|(name, value)| ValueBuf::Utf8StringPair(name, value)).boxed()
        }
    };
    value.prop_map(move |value| PropertyBuf { id, value }).boxed()
}

fn properties_of(packet_type: PacketType, version: ProtocolVersion) -> BoxedStrategy<Vec<PropertyBuf>> {
    properties(PropertyContext::Packet(packet_type), version)
}

fn binary() -> BoxedStrategy<Vec<u8>> {
    vec(any::<u8>(), 0..20).boxed()
}

fn packet_id() -> impl Strategy<Value = u16> {
    1..=u16::MAX
}

fn qos() -> impl Strategy<Value = QoS> {
    select(QoS::ALL.as_slice())
}

fn reason_code(packet_type: PacketType, version: ProtocolVersion) -> BoxedStrategy<ReasonCode> {
    let codes: Vec<_> = ReasonCode::rows(version, packet_type).map(|row| row.code).collect();
    if codes.is_empty() { Just(ReasonCode::SUCCESS).boxed() } else { select(codes).boxed() }
}

fn reason_codes(packet_type: PacketType, version: ProtocolVersion) -> BoxedStrategy<Vec<ReasonCode>> {
    if packet_type == PacketType::UnsubAck && !version.has_properties() {
        Just(Vec::new()).boxed()
    } else {
        vec(reason_code(packet_type, version), 1..5).boxed()
    }
}

fn connect(version: ProtocolVersion) -> BoxedStrategy<PacketBuf> {
    let will = (qos(), any::<bool>(), properties(PropertyContext::Will, version), topic_name(), binary())
        .prop_map(|(qos, retain, properties, topic, payload)| WillBuf { qos, retain, properties, topic, payload });
    (
        (any::<bool>(), any::<u16>(), properties_of(PacketType::Connect, version), text()),
        (option::of(will), option::of(text()), option::of(binary())),
    )
        .prop_map(move |((clean_start, keep_alive, mut properties, client_id), (will, user_name, password))| {
            if properties.find(PropertyId::AuthenticationMethod).is_none() {
                properties.retain(|property| property.id != PropertyId::AuthenticationData);
            }
            let password = password.filter(|_| version.has_properties() || user_name.is_some());
            PacketBuf::Connect(ConnectBuf {
                version,
                clean_start,
                keep_alive,
                properties,
                client_id,
                will,
                user_name,
                password,
            })
        })
        .boxed()
}

fn conn_ack(version: ProtocolVersion) -> BoxedStrategy<PacketBuf> {
    let packet_type = PacketType::ConnAck;
    (any::<bool>(), reason_code(packet_type, version), properties_of(packet_type, version))
        .prop_map(|(session_present, reason_code, properties)| {
            let session_present = session_present && reason_code == ReasonCode::SUCCESS;
            PacketBuf::ConnAck(ConnAckBuf { session_present, reason_code, properties })
        })
        .boxed()
}

fn publish(version: ProtocolVersion) -> BoxedStrategy<PacketBuf> {
    let header = (any::<bool>(), qos(), any::<bool>(), packet_id());
    (header, topic_name(), any::<bool>(), properties_of(PacketType::Publish, version), binary())
        .prop_map(|((dup, qos, retain, packet_id), topic, by_alias, properties, payload)| {
            let by_alias = by_alias && properties.find(PropertyId::TopicAlias).is_some();
            let acknowledged = qos != QoS::AtMostOnce;
            PacketBuf::Publish(PublishBuf {
                dup: dup && acknowledged,
                qos,
                retain,
                topic: if by_alias { String::new() } else { topic },
                packet_id: acknowledged.then_some(packet_id),
                properties,
                payload,
            })
        })
        .boxed()
}

fn ack(packet_type: PacketType, version: ProtocolVersion) -> BoxedStrategy<AckBuf> {
    (packet_id(), reason_code(packet_type, version), properties_of(packet_type, version))
        .prop_map(|(packet_id, reason_code, properties)| AckBuf { packet_id, reason_code, properties })
        .boxed()
}

fn subscribe(version: ProtocolVersion) -> BoxedStrategy<PacketBuf> {
    let handling = [RetainHandling::SendAtSubscribe, RetainHandling::SendIfNew, RetainHandling::DoNotSend];
    let subscription = (topic_filter(version), qos(), any::<bool>(), any::<bool>(), select(handling.to_vec()))
        .prop_map(move |(filter, qos, no_local, retain_as_published, retain_handling)| {
            let options = if version.has_properties() {
                let no_local = no_local && !filter.starts_with("$share/");
                SubscriptionOptions { qos, no_local, retain_as_published, retain_handling }
            } else {
                SubscriptionOptions::with_qos(qos)
            };
            SubscriptionBuf { filter, options }
        });
    (packet_id(), properties_of(PacketType::Subscribe, version), vec(subscription, 1..4))
        .prop_map(|(packet_id, properties, filters)| {
            PacketBuf::Subscribe(SubscribeBuf { packet_id, properties, filters })
        })
        .boxed()
}
