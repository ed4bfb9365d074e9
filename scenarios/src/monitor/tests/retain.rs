use mqttspec_codec::{RetainHandling, WillBuf};

use super::*;

/// `bob` publishes on connection 1; `alice` on connection 0 has not subscribed yet.
fn two(version: ProtocolVersion) -> Run {
    let mut run = Run::connected(version);
    run.connect(1, "bob");
    run
}

fn retained(topic: &str, payload: &str) -> PacketBuf {
    PacketBuf::Publish(PublishBuf { retain: true, ..publish(topic, payload) })
}

fn plain(topic: &str, payload: &str) -> PacketBuf {
    PacketBuf::Publish(publish(topic, payload))
}

#[test]
fn the_store_is_sent_with_retain() {
    for version in ProtocolVersion::ALL {
        let mut run = two(version);
        run.sends(1, retained("a", "x"));
        run.subscribe(0, 1, "a", Q0);
        run.gets(0, retained("a", "x"));
        run.monitor.settle();
        run.is_silent();
    }
}

#[test]
fn a_forwarded_message_has_retain_0() {
    for (version, expected) in [(V5, "MQTT-3.3.1-12"), (V4, "MQTT-3.3.1-9"), (V3, "MQTT31-3.3-2")] {
        let mut run = two(version);
        run.subscribe(0, 1, "a", Q0);
        run.sends(1, retained("a", "x"));
        run.gets(0, retained("a", "x"));
        run.is_silent();
        run.monitor.settle();
        run.finds(&[expected]);
    }
}

#[test]
fn a_store_searched_late_may_add_a_copy() {
    for plain_first in [true, false] {
        let mut run = two(V5);
        run.subscribe(0, 1, "a", Q0);
        run.sends(1, retained("a", "x"));
        let both = [plain("a", "x"), retained("a", "x")];
        let [first, second] = both;
        if plain_first {
            run.gets(0, first);
            run.gets(0, second);
        } else {
            run.gets(0, second);
            run.gets(0, first);
        }
        run.closes(0, false);
        run.monitor.settle();
        run.is_silent();
    }
}

#[test]
fn a_subscribe_under_way_may_find_the_message_in_the_store() {
    let mut run = two(V5);
    run.sends(0, subscribe(1, "a", SubscriptionOptions::default(), vec![]));
    run.sends(1, retained("a", "x"));
    run.gets(0, suback(1, &[0]));
    run.gets(0, retained("a", "x"));
    run.monitor.settle();
    run.is_silent();
}

#[test]
fn what_was_not_retained_has_no_retain() {
    for (version, forwarded, stored) in [(V5, "MQTT-3.3.1-12", "MQTT-3.3.1-8"), (V4, "MQTT-3.3.1-9", "MQTT-3.3.1-12")] {
        let mut run = two(version);
        run.sends(1, plain("a", "early"));
        run.subscribe(0, 1, "a", Q0);
        run.sends(1, plain("a", "late"));
        run.gets(0, retained("a", "late"));
        run.finds(&[forwarded]);
        run.gets(0, retained("a", "early"));
        run.finds(&[stored]);
    }
}

#[test]
fn wills_are_retained_as_asked() {
    let will = |retain| {
        let will = WillBuf { qos: Q0, retain, properties: vec![], topic: "w".into(), payload: b"gone".to_vec() };
        ConnectBuf { will: Some(will), ..connect(V5, "bob") }
    };
    let mut run = Run::connected(V5);
    run.subscribe(0, 1, "w", Q0);
    run.connect_with(1, will(false), connack());
    run.closes(1, false);
    run.gets(0, plain("w", "gone"));
    run.is_silent();
    run.gets(0, retained("w", "gone"));
    run.finds(&["MQTT-3.1.2-14"]);

    let mut run = Run::connected(V5);
    run.connect_with(1, will(true), connack());
    run.closes(1, false);
    run.subscribe(0, 1, "w", Q0);
    run.gets(0, retained("w", "gone"));
    run.monitor.settle();
    run.is_silent();
}

#[test]
fn retain_as_published_keeps_it() {
    let options = SubscriptionOptions { retain_as_published: true, ..Default::default() };
    let mut run = two(V5);
    run.subscribe_with(0, 1, "a", options, None);
    run.sends(1, retained("a", "r"));
    run.sends(1, plain("a", "p"));
    run.gets(0, retained("a", "r"));
    run.gets(0, plain("a", "p"));
    run.monitor.settle();
    run.is_silent();
    run.sends(1, retained("a", "r"));
    run.sends(1, retained("a", "r"));
    run.sends(1, plain("a", "p"));
    run.gets(0, plain("a", "r"));
    run.finds(&["MQTT-3.3.1-13"]);
    run.gets(0, retained("a", "p"));
    run.finds(&["MQTT-3.3.1-13"]);
    // One of two overlapping subscriptions wants it cleared: both copies are right.
    run.subscribe(0, 2, "+", Q0);
    run.gets(0, plain("a", "r"));
    run.gets(0, retained("a", "r"));
    run.monitor.settle();
    run.is_silent();
}

#[test]
fn retain_handling_2_brings_nothing_from_the_store() {
    let options = SubscriptionOptions { retain_handling: RetainHandling::DoNotSend, ..Default::default() };
    let mut run = two(V5);
    run.sends(1, retained("a", "x"));
    run.subscribe_with(0, 1, "a", options, None);
    run.gets(0, retained("a", "x"));
    run.finds(&["MQTT-3.3.1-11"]);
    run.sends(1, retained("a", "y"));
    run.gets(0, retained("a", "y"));
    run.finds(&["MQTT-3.3.1-12"]);
    // Somebody else's message, by a subscription that takes what is stored.
    run.subscribe(0, 2, "+", Q0);
    run.gets(0, retained("a", "foreign"));
    run.is_silent();
}

#[test]
fn retain_of_a_repetition_is_that_of_its_first_sending() {
    let mut run = Run::new(V5);
    let connect = ConnectBuf {
        clean_start: false,
        properties: vec![PropertyBuf::session_expiry_interval(1_000)],
        ..connect(V5, "alice")
    };
    run.connect_with(0, connect.clone(), connack());
    run.connect(1, "bob");
    run.subscribe(0, 1, "a", Q1);
    run.sends(1, PacketBuf::Publish(PublishBuf { retain: true, ..message("a", "x", Q1, 1) }));
    run.gets(0, PacketBuf::Publish(PublishBuf { retain: true, ..message("a", "x", Q1, 5) }));
    run.closes(0, false);
    run.finds(&["MQTT-3.3.1-12"]);
    run.connect_with(2, connect, ConnAckBuf { session_present: true, ..connack() });
    run.gets(2, PacketBuf::Publish(PublishBuf { retain: true, dup: true, ..message("a", "x", Q1, 5) }));
    run.closes(2, false);
    run.finds(&[]);
}
