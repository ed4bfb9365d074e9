//! Retained messages (3.3.1.3, 3.8.3.1).

use mqttspec_codec::{PropertyBuf, QoS, RetainHandling, SubscriptionOptions};

use crate::peer::*;

#[test]
fn stored_replaced_and_removed() {
    for version in [V3_1, V3_1_1, V5_0] {
        let mut world = World::honest();
        let publisher = world.client(version, "p");
        let watcher = world.client(version, "w");
        world.subscribe(watcher, "t", QoS::AtMostOnce);
        let seen = |world: &mut World| {
            let id = world.client(version, "s");
            world.subscribe(id, "#", QoS::ExactlyOnce);
            let got = world.publishes(id);
            assert!(got.iter().all(|p| p.retain));
            got.into_iter().map(|p| (String::from_utf8(p.payload).unwrap(), p.qos)).collect::<Vec<_>>()
        };
        assert_eq!(seen(&mut world), []);
        world.publish(publisher, retained("t", "1", QoS::AtLeastOnce));
        assert_eq!(seen(&mut world), [("1".to_owned(), QoS::AtLeastOnce)]);
        world.publish(publisher, message("t", "2", QoS::AtMostOnce));
        assert_eq!(seen(&mut world), [("1".to_owned(), QoS::AtLeastOnce)]);
        world.publish(publisher, retained("t", "3", QoS::AtMostOnce));
        assert_eq!(seen(&mut world), [("3".to_owned(), QoS::AtMostOnce)]);
        world.publish(publisher, retained("t", "", QoS::AtMostOnce));
        assert_eq!(seen(&mut world), []);
        let watched = world.publishes(watcher);
        assert!(watched.iter().all(|p| !p.retain));
        let payloads: Vec<&[u8]> = watched.iter().map(|p| p.payload.as_slice()).collect();
        assert_eq!(payloads, [&b"1"[..], b"2", b"3", b""]);
    }
}

#[test]
fn retain_handling() {
    use RetainHandling::{DoNotSend, SendAtSubscribe, SendIfNew};
    let mut world = World::honest();
    let id = world.client(V5_0, "a");
    world.publish(id, retained("t", "m", QoS::AtMostOnce));
    let mut sent = |filter: &str, retain_handling| {
        let options = SubscriptionOptions { retain_handling, ..Default::default() };
        world.subscribe_with(id, filter, options, vec![PropertyBuf::subscription_identifier(5)]);
        let got = world.publishes(id);
        assert!(got.iter().all(|p| p.properties == [PropertyBuf::subscription_identifier(5)]));
        !got.is_empty()
    };
    assert!(sent("t", SendAtSubscribe));
    assert!(sent("t", SendAtSubscribe));
    assert!(!sent("t", SendIfNew));
    assert!(!sent("t", DoNotSend));
    assert!(sent("+", SendIfNew));
    assert!(!sent("+", SendIfNew));
    assert!(!sent("#", DoNotSend));
    assert!(!sent("$share/g/t", SendAtSubscribe));
}

#[test]
fn retain_as_published() {
    let mut world = World::honest();
    let publisher = world.client(V5_0, "p");
    let (keeps, clears) = (world.client(V5_0, "k"), world.client(V5_0, "c"));
    let options = SubscriptionOptions { retain_as_published: true, ..Default::default() };
    world.subscribe_with(keeps, "t", options, vec![]);
    world.subscribe(clears, "t", QoS::AtMostOnce);
    for publish in [retained("t", "m", QoS::AtMostOnce), message("t", "m", QoS::AtMostOnce)] {
        let retain = publish.retain;
        world.publish(publisher, publish);
        assert_eq!(world.publishes(keeps)[0].retain, retain);
        assert!(!world.publishes(clears)[0].retain);
    }
}

#[test]
fn wildcards_find_retained_messages_but_not_of_dollar_topics() {
    let mut world = World::honest();
    let id = world.client(V3_1_1, "a");
    for topic in ["a", "a/b", "a/b/c", "$own/a"] {
        world.publish(id, retained(topic, topic, QoS::AtMostOnce));
    }
    for (filter, topics) in
        [("#", &["a", "a/b", "a/b/c"][..]), ("a/+", &["a/b"]), ("a/b/#", &["a/b", "a/b/c"]), ("$own/+", &["$own/a"])]
    {
        world.subscribe(id, filter, QoS::AtMostOnce);
        assert_eq!(world.payloads(id), topics);
    }
}

#[test]
fn retained_messages_are_bounded() {
    let config = mqttspec_scenarios::broker::BrokerConfig { maximum_retained_messages: 1, ..Default::default() };
    let mut world = World::new(config);
    let id = world.client(V3_1_1, "a");
    for (topic, payload) in [("a", "1"), ("b", "2"), ("a", "3")] {
        world.publish(id, retained(topic, payload, QoS::AtMostOnce));
    }
    world.subscribe(id, "#", QoS::AtMostOnce);
    assert_eq!(world.payloads(id), ["3"]);
}
