//! Who gets what, and with which fields (3.3, 4.5 to 4.9).

use mqttspec_codec::{PacketBuf, PropertyBuf, PropertyId, PropertyList, PublishBuf, QoS, ReasonCode};
use mqttspec_scenarios::broker::Variant;

use crate::peer::*;

#[test]
fn delivered_at_the_lower_of_published_and_granted_qos() {
    for version in [V3_1, V3_1_1, V5_0] {
        let mut world = World::honest();
        let publisher = world.client(version, "p");
        for granted in QoS::ALL {
            let subscriber = world.client(version, &format!("s{granted}"));
            let suback = world.subscribe(subscriber, "t", granted);
            assert_eq!(suback.reason_codes, [ReasonCode(granted.value())]);
            for published in QoS::ALL {
                world.publish(publisher, message("t", "m", published));
                let got = world.publishes(subscriber).remove(0);
                assert_eq!((got.qos, got.dup, got.retain), (granted.min(published), false, false));
                assert_eq!(got.packet_id.is_some(), got.qos != QoS::AtMostOnce);
            }
        }
    }
}

#[test]
fn properties_are_forwarded_unaltered_and_in_order() {
    let properties = vec![
        PropertyBuf::user_property("b", "1"),
        PropertyBuf::correlation_data([0, 1, 2]),
        PropertyBuf::payload_format_indicator(1),
        PropertyBuf::response_topic("r"),
        PropertyBuf::user_property("a", "2"),
        PropertyBuf::content_type("text"),
        PropertyBuf::user_property("b", "1"),
    ];
    let mut world = World::honest();
    let publisher = world.client(V5_0, "p");
    let subscriber = world.client(V5_0, "s");
    let old = world.client(V3_1_1, "o");
    world.subscribe(subscriber, "#", QoS::ExactlyOnce);
    world.subscribe(old, "#", QoS::ExactlyOnce);
    let publish = PublishBuf { properties: properties.clone(), ..message("t", "m", QoS::AtLeastOnce) };
    world.publish(publisher, publish);
    assert_eq!(world.publishes(subscriber)[0].properties, properties);
    assert_eq!(world.publishes(old)[0].properties, []);
}

#[test]
fn dollar_topics() {
    for version in [V3_1, V3_1_1, V5_0] {
        let mut world = World::honest();
        let id = world.client(version, "a");
        for filter in ["#", "+/x", "$own/#", "$SYS/#"] {
            world.subscribe(id, filter, QoS::AtMostOnce);
        }
        world.publish(id, message("$own/x", "m", QoS::AtMostOnce));
        assert_eq!(world.payloads(id), ["m"]);
        world.publish(id, message("$SYS/x", "m", QoS::AtMostOnce));
        world.nothing(id);
    }
    let mut world = World::honest();
    let id = world.client(V5_0, "a");
    world.send(id, PacketBuf::Publish(message("$SYS/x", "m", QoS::AtLeastOnce)));
    assert_eq!(world.one(id), PacketBuf::PubAck(ack(77, ReasonCode::NOT_AUTHORIZED)));
    world.send(id, PacketBuf::Publish(message("$SYS/x", "m", QoS::ExactlyOnce)));
    assert_eq!(world.one(id), PacketBuf::PubRec(ack(77, ReasonCode::NOT_AUTHORIZED)));
}

#[test]
fn topic_aliases_from_clients() {
    let mut world = World::honest();
    let witness = world.client(V5_0, "w");
    world.subscribe(witness, "#", QoS::AtMostOnce);
    let id = world.client(V5_0, "a");
    let aliased = |topic: &str, alias: u16| PublishBuf {
        properties: vec![PropertyBuf::topic_alias(alias)],
        ..message(topic, "m", QoS::AtMostOnce)
    };
    for (publish, topic) in
        [(aliased("a", 10), "a"), (aliased("", 10), "a"), (aliased("b", 10), "b"), (aliased("", 10), "b")]
    {
        world.publish(id, publish);
        let got = world.publishes(witness).remove(0);
        assert_eq!((got.topic.as_str(), got.properties.len()), (topic, 0));
    }
    // Aliases end with the connection.
    world.drop_connection(id);
    let id = world.client(V5_0, "a");
    world.send(id, PacketBuf::Publish(aliased("", 10)));
    world.ended(id, ReasonCode::PROTOCOL_ERROR);
    let id = world.client(V5_0, "a");
    world.send(id, PacketBuf::Publish(aliased("a", 11)));
    world.ended(id, ReasonCode::TOPIC_ALIAS_INVALID);
    world.nothing(witness);
}

#[test]
fn topic_aliases_to_clients() {
    let mut world = World::varied(Variant::ServerTopicAliases);
    let id = world.connect(with_properties(clean(V5_0, "a"), &[PropertyBuf::topic_alias_maximum(1)]));
    let none = world.client(V5_0, "b");
    for id in [id, none] {
        world.subscribe(id, "#", QoS::AtMostOnce);
    }
    for topic in ["t", "t", "u"] {
        world.publish(none, message(topic, "m", QoS::AtMostOnce));
    }
    let got: Vec<_> =
        world.publishes(id).into_iter().map(|p| (p.topic, p.properties.integer(PropertyId::TopicAlias))).collect();
    assert_eq!(got, [("t".to_owned(), Some(1)), (String::new(), Some(1)), ("u".to_owned(), None)]);
    assert!(world.publishes(none).iter().all(|p| p.properties.is_empty() && !p.topic.is_empty()));
}

#[test]
fn receive_maximum_of_the_client() {
    let mut world = World::honest();
    let id = world.connect(with_properties(clean(V5_0, "a"), &[PropertyBuf::receive_maximum(2)]));
    let publisher = world.client(V5_0, "p");
    world.subscribe(id, "t", QoS::ExactlyOnce);
    for payload in ["1", "2", "3", "4"] {
        world.publish(publisher, message("t", payload, QoS::ExactlyOnce));
    }
    world.publish(publisher, message("t", "0", QoS::AtMostOnce));
    let got = world.publishes(id);
    let payloads: Vec<&[u8]> = got.iter().map(|p| p.payload.as_slice()).collect();
    assert_eq!(payloads, [b"1", b"2", b"0"], "QoS 0 needs no quota");
    let first = got[0].packet_id.unwrap();
    world.send(id, pubrec(first));
    assert_eq!(world.one(id), pubrel(first), "PUBREC alone frees nothing");
    world.send(id, pubcomp(first));
    let third = world.publishes(id).remove(0);
    assert_eq!(third.payload, b"3");
    world.send(id, PacketBuf::PubRec(ack(third.packet_id.unwrap(), ReasonCode::QUOTA_EXCEEDED)));
    assert_eq!(world.payloads(id), ["4"], "a PUBREC with an error ends the delivery");
}

#[test]
fn receive_maximum_of_the_broker() {
    let mut world = World::honest();
    let id = world.client(V5_0, "a");
    for packet_id in 1..=16 {
        world.send(
            id,
            PacketBuf::Publish(PublishBuf { packet_id: Some(packet_id), ..message("t", "", QoS::ExactlyOnce) }),
        );
        assert_eq!(world.one(id), pubrec(packet_id));
    }
    // Sent again, it takes no more room.
    world.send(
        id,
        PacketBuf::Publish(PublishBuf { dup: true, packet_id: Some(1), ..message("t", "", QoS::ExactlyOnce) }),
    );
    assert_eq!(world.one(id), pubrec(1));
    world.send(id, PacketBuf::Publish(PublishBuf { packet_id: Some(17), ..message("t", "", QoS::ExactlyOnce) }));
    world.ended(id, ReasonCode::RECEIVE_MAXIMUM_EXCEEDED);
    // 3.1.1 has no such limit.
    let id = world.client(V3_1_1, "a");
    for packet_id in 1..=40 {
        world.send(
            id,
            PacketBuf::Publish(PublishBuf { packet_id: Some(packet_id), ..message("t", "", QoS::ExactlyOnce) }),
        );
    }
    assert_eq!(world.take(id).len(), 40);
}

#[test]
fn maximum_packet_size_of_the_client() {
    let mut world = World::honest();
    let id = world.connect(with_properties(clean(V5_0, "a"), &[PropertyBuf::maximum_packet_size(40)]));
    world.subscribe(id, "t", QoS::AtLeastOnce);
    let publisher = world.client(V5_0, "p");
    world.publish(publisher, message("t", &"x".repeat(33), QoS::AtLeastOnce));
    world.publish(publisher, message("t", "small", QoS::AtLeastOnce));
    world.publish(publisher, message("t", &"x".repeat(32), QoS::AtLeastOnce));
    let lens: Vec<usize> = world.publishes(id).iter().map(|p| p.payload.len()).collect();
    assert_eq!(lens, [5, 32], "2 + 2 + 1 + 2 + 1 + 32 is 40, one more is too large");
}

#[test]
fn shared_subscriptions_take_turns_among_the_connected() {
    let mut world = World::honest();
    let publisher = world.client(V5_0, "p");
    let a = world.connect(lasting(V5_0, "a"));
    let b = world.connect(lasting(V5_0, "b"));
    for id in [a, b] {
        world.subscribe(id, "$share/g/t", QoS::AtLeastOnce);
    }
    for payload in ["1", "2", "3"] {
        world.publish(publisher, message("t", payload, QoS::AtLeastOnce));
    }
    assert_eq!((world.payloads(a), world.payloads(b)), (vec!["1".into(), "3".into()], vec!["2".into()]));
    world.drop_connection(a);
    world.publish(publisher, message("t", "4", QoS::AtLeastOnce));
    assert_eq!(world.payloads(b), ["4"]);
    // What was in flight to one member stays with it.
    let (_, again) = world.resume(lasting(V5_0, "a"));
    let again: Vec<_> = again.into_iter().map(published).map(|p| (p.dup, p.payload)).collect();
    assert_eq!(again, [(true, b"1".to_vec()), (true, b"3".to_vec())]);
}

#[test]
fn shared_and_own_subscriptions_are_apart() {
    let mut world = World::honest();
    let publisher = world.client(V5_0, "p");
    let a = world.client(V5_0, "a");
    for filter in ["$share/g/t", "$share/h/#", "t"] {
        world.subscribe(a, filter, QoS::AtMostOnce);
    }
    world.publish(publisher, message("t", "m", QoS::AtMostOnce));
    assert_eq!(world.payloads(a), ["m", "m", "m"]);
    // In 3.1.1 it is a filter like any other.
    let b = world.client(V3_1_1, "b");
    world.subscribe(b, "$share/g/t", QoS::AtMostOnce);
    world.publish(publisher, message("t", "m", QoS::AtMostOnce));
    world.nothing(b);
    world.publish(publisher, message("$share/g/t", "m", QoS::AtMostOnce));
    assert_eq!(world.payloads(b), ["m"]);
}

#[test]
fn one_copy_on_overlap() {
    for version in [V3_1, V3_1_1, V5_0] {
        let mut world = World::honest();
        let id = world.client(version, "a");
        world.subscribe(id, "t", QoS::AtMostOnce);
        world.subscribe(id, "#", QoS::ExactlyOnce);
        world.subscribe(id, "+", QoS::AtLeastOnce);
        world.publish(id, message("t", "m", QoS::ExactlyOnce));
        let got = world.publishes(id);
        assert_eq!(got.len(), 1);
        assert_eq!(got[0].qos, QoS::ExactlyOnce);
    }
}

#[test]
fn messages_keep_their_order() {
    let mut world = World::honest();
    let publisher = world.client(V3_1_1, "p");
    let id = world.connect(lasting(V5_0, "a"));
    world.subscribe(id, "t", QoS::ExactlyOnce);
    world.drop_connection(id);
    let sent: Vec<String> = (0..50).map(|n| n.to_string()).collect();
    for (n, payload) in sent.iter().enumerate() {
        let qos = if n % 2 == 0 { QoS::AtLeastOnce } else { QoS::ExactlyOnce };
        world.publish(publisher, message("t", payload, qos));
    }
    let (_, got) = world.resume(lasting(V5_0, "a"));
    let got: Vec<String> = got.into_iter().map(|p| String::from_utf8(published(p).payload).unwrap()).collect();
    assert_eq!(got, sent);
}
