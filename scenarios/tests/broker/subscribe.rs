//! SUBSCRIBE and UNSUBSCRIBE (3.8 to 3.11).

use mqttspec_codec::{
    PacketBuf, PropertyBuf, PropertyId, PublishBuf, QoS, ReasonCode, SubAckBuf, SubscribeBuf, SubscriptionBuf,
    SubscriptionOptions, UnsubAckBuf, UnsubscribeBuf, ValueBuf,
};
use mqttspec_scenarios::broker::BrokerConfig;

use crate::peer::*;

#[test]
fn one_suback_with_a_code_for_each_filter() {
    for version in [V3_1, V3_1_1, V5_0] {
        let mut world = World::honest();
        let id = world.client(version, "a");
        let filters = [("a", QoS::ExactlyOnce), ("b", QoS::AtMostOnce), ("c/+", QoS::AtLeastOnce)];
        let filters = filters.map(|(filter, qos)| SubscriptionBuf {
            filter: filter.to_owned(),
            options: SubscriptionOptions { qos, ..Default::default() },
        });
        world
            .send(id, PacketBuf::Subscribe(SubscribeBuf { packet_id: 9, properties: vec![], filters: filters.into() }));
        let codes = [2, 0, 1].map(ReasonCode).to_vec();
        assert_eq!(
            world.one(id),
            PacketBuf::SubAck(SubAckBuf { packet_id: 9, properties: vec![], reason_codes: codes })
        );
        for topic in ["a", "b", "c/d"] {
            world.publish(id, message(topic, topic, QoS::AtMostOnce));
            assert_eq!(world.payloads(id), [topic]);
        }
    }
}

#[test]
fn unsubscribe_takes_the_exact_filter_away() {
    for version in [V3_1, V3_1_1, V5_0] {
        let mut world = World::honest();
        let id = world.client(version, "a");
        for filter in ["a/+", "a/b"] {
            world.subscribe(id, filter, QoS::AtMostOnce);
        }
        let unsubscribe = |filters: &[&str]| {
            let filters = filters.iter().map(|&f| f.to_owned()).collect();
            PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id: 4, properties: vec![], filters })
        };
        world.send(id, unsubscribe(&["a/+", "#"]));
        let codes = [ReasonCode::SUCCESS, ReasonCode::NO_SUBSCRIPTION_EXISTED];
        let reason_codes = if version == V5_0 { codes.to_vec() } else { vec![] };
        assert_eq!(world.one(id), PacketBuf::UnsubAck(UnsubAckBuf { packet_id: 4, properties: vec![], reason_codes }));
        world.publish(id, message("a/b", "m", QoS::AtMostOnce));
        assert_eq!(world.payloads(id), ["m"]);
        world.publish(id, message("a/c", "m", QoS::AtMostOnce));
        world.nothing(id);
    }
}

#[test]
fn unsubscribe_completes_what_is_in_flight() {
    for version in [V3_1, V3_1_1, V5_0] {
        let mut world = World::honest();
        let id = world.connect(lasting(version, "a"));
        world.subscribe(id, "t", QoS::ExactlyOnce);
        world.publish(id, message("t", "m", QoS::ExactlyOnce));
        let packet_id = world.publishes(id)[0].packet_id.unwrap();
        world.unsubscribe(id, "t");
        world.take(id);
        world.send(id, pubrec(packet_id));
        assert_eq!(world.one(id), pubrel(packet_id));
    }
}

#[test]
fn subscribing_again_replaces() {
    for version in [V3_1, V3_1_1, V5_0] {
        let mut world = World::honest();
        let id = world.client(version, "a");
        world.publish(id, retained("t", "r", QoS::AtMostOnce));
        for qos in [QoS::AtMostOnce, QoS::AtLeastOnce] {
            world.subscribe(id, "t", qos);
            assert_eq!(world.payloads(id), ["r"]);
        }
        world.publish(id, message("t", "m", QoS::ExactlyOnce));
        let got = world.publishes(id);
        assert_eq!((got.len(), got[0].qos), (1, QoS::AtLeastOnce));
    }
}

fn identifiers(publish: &PublishBuf) -> Vec<u32> {
    let values = publish.properties.iter().filter(|p| p.id == PropertyId::SubscriptionIdentifier);
    let mut identifiers: Vec<u32> = values
        .map(|p| match p.value {
            ValueBuf::VariableByteInteger(value) => value,
            _ => unreachable!(),
        })
        .collect();
    identifiers.sort_unstable();
    identifiers
}

#[test]
fn subscription_identifiers() {
    let mut world = World::honest();
    let id = world.client(V5_0, "a");
    let mut subscribe = |filter: &str, identifier: Option<u32>| {
        let properties = identifier.into_iter().map(PropertyBuf::subscription_identifier).collect();
        world.subscribe_with(id, filter, SubscriptionOptions::default(), properties);
        world.publish(id, message("t", "m", QoS::AtMostOnce));
        identifiers(&world.publishes(id)[0])
    };
    assert_eq!(subscribe("t", Some(1)), [1]);
    assert_eq!(subscribe("#", Some(268_435_455)), [1, 268_435_455]);
    assert_eq!(subscribe("+", None), [1, 268_435_455]);
    assert_eq!(subscribe("t", Some(2)), [2, 268_435_455]);
    assert_eq!(subscribe("t", None), [268_435_455]);
}

#[test]
fn no_local() {
    let mut world = World::honest();
    let (id, other) = (world.client(V5_0, "a"), world.client(V5_0, "b"));
    let options = SubscriptionOptions { no_local: true, ..Default::default() };
    world.subscribe_with(id, "t", options, vec![]);
    world.publish(id, message("t", "own", QoS::AtMostOnce));
    world.nothing(id);
    world.publish(other, message("t", "other", QoS::AtMostOnce));
    assert_eq!(world.payloads(id), ["other"]);
    // Another subscription without the option still gets it, and alone.
    world.subscribe_with(id, "#", SubscriptionOptions::default(), vec![PropertyBuf::subscription_identifier(3)]);
    world.publish(id, message("t", "own", QoS::AtMostOnce));
    assert_eq!(identifiers(&world.publishes(id)[0]), [3]);
}

#[test]
fn subscriptions_are_bounded() {
    let refused = [
        (V3_1, ReasonCode::GRANTED_QOS_0),
        (V3_1_1, ReasonCode::UNSPECIFIED_ERROR),
        (V5_0, ReasonCode::QUOTA_EXCEEDED),
    ];
    for (version, code) in refused {
        let mut world = World::new(BrokerConfig { maximum_subscriptions: 1, ..Default::default() });
        let id = world.client(version, "a");
        assert_eq!(world.subscribe(id, "a", QoS::AtLeastOnce).reason_codes, [ReasonCode(1)]);
        assert_eq!(world.subscribe(id, "b", QoS::AtLeastOnce).reason_codes, [code]);
        assert_eq!(world.subscribe(id, "a", QoS::AtMostOnce).reason_codes, [ReasonCode(0)]);
    }
}
