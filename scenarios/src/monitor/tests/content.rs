use super::*;

/// `alice` on connection 0, `bob` on connection 1.
fn two(version: ProtocolVersion) -> Run {
    let mut run = Run::connected(version);
    run.connect(1, "bob");
    run
}

#[test]
fn the_qos_of_publication_is_kept() {
    for (version, expected) in [(V5, "MQTT-3.8.4-8"), (V4, "MQTT-3.8.4-6")] {
        let mut run = two(version);
        run.subscribe(0, 1, "a", Q2);
        run.sends(1, PacketBuf::Publish(publish("a", "x")));
        run.gets(0, PacketBuf::Publish(publish("a", "x")));
        run.is_silent();
        run.sends(1, PacketBuf::Publish(publish("a", "x")));
        run.gets(0, PacketBuf::Publish(message("a", "x", Q1, 1)));
        run.finds(&[expected]);
        // Published by somebody else.
        run.gets(0, PacketBuf::Publish(message("a", "other", Q2, 2)));
        // Published twice, in two ways.
        run.sends(1, PacketBuf::Publish(message("a", "x", Q2, 1)));
        run.gets(0, PacketBuf::Publish(message("a", "x", Q2, 3)));
        run.is_silent();
    }
}

#[test]
fn after_something_unreadable_publications_are_not_compared() {
    let mut run = two(V5);
    run.subscribe(0, 1, "a", Q2);
    run.sends(1, PacketBuf::Publish(publish("a", "x")));
    // A PUBLISH of QoS 3 of the same message.
    run.sends_bytes(1, &[0x36, 0x07, 0x00, 0x01, b'a', 0x00, 0x01, 0x00, b'x']);
    run.gets(0, PacketBuf::Publish(message("a", "x", Q2, 1)));
    run.is_silent();
}

#[test]
fn our_own_topic_aliases_are_resolved() {
    let mut run = Run::connected(V5);
    let properties = vec![PropertyBuf::topic_alias_maximum(5)];
    run.connect_with(1, connect(V5, "bob"), ConnAckBuf { properties, ..connack() });
    run.subscribe(0, 1, "a", Q2);
    let alias = || vec![PropertyBuf::topic_alias(5)];
    run.sends(1, PacketBuf::Publish(PublishBuf { properties: alias(), ..publish("a", "x") }));
    run.sends(1, PacketBuf::Publish(PublishBuf { properties: alias(), ..publish("", "y") }));
    run.gets(0, PacketBuf::Publish(message("a", "y", Q1, 1)));
    run.finds(&["MQTT-3.8.4-8"]);
}

#[test]
fn nothing_new_comes_after_unsuback() {
    for (version, expected) in [(V5, "MQTT-3.10.4-2"), (V4, "MQTT-3.10.4-2"), (V3, "MQTT31-3.10-1")] {
        let mut run = two(version);
        run.subscribe(0, 1, "a", Q1);
        run.sends(1, PacketBuf::Publish(publish("a", "before")));
        run.unsubscribe(0, 2, "a");
        run.sends(1, PacketBuf::Publish(publish("a", "after")));
        run.gets(0, PacketBuf::Publish(publish("a", "before")));
        run.is_silent();
        run.gets(0, PacketBuf::Publish(publish("a", "after")));
        run.finds(&[expected]);
        // Subscribed again.
        run.subscribe(0, 3, "a", Q1);
        run.sends(1, PacketBuf::Publish(publish("a", "after")));
        run.gets(0, PacketBuf::Publish(publish("a", "after")));
        run.is_silent();
    }
}

#[test]
fn another_subscription_may_bring_what_was_unsubscribed() {
    let mut run = two(V4);
    run.subscribe(0, 1, "a", Q1);
    run.subscribe(0, 2, "+", Q1);
    run.unsubscribe(0, 3, "a");
    run.sends(1, PacketBuf::Publish(publish("a", "after")));
    run.gets(0, PacketBuf::Publish(publish("a", "after")));
    run.is_silent();
}

#[test]
fn an_unsubscribe_that_failed_removes_nothing() {
    let mut run = two(V5);
    run.subscribe(0, 1, "a", Q1);
    let filters = vec!["a".to_owned()];
    run.sends(0, PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id: 2, properties: vec![], filters }));
    run.gets(0, unsuback(2, &[0x87]));
    run.sends(1, PacketBuf::Publish(publish("a", "after")));
    run.gets(0, PacketBuf::Publish(publish("a", "after")));
    run.is_silent();
}

#[test]
fn no_local_keeps_ones_own_messages_away() {
    let options = SubscriptionOptions { no_local: true, ..Default::default() };
    let mut run = two(V5);
    run.subscribe_with(0, 1, "a", options, None);
    run.sends(0, PacketBuf::Publish(publish("a", "own")));
    run.sends(1, PacketBuf::Publish(publish("a", "bob's")));
    run.gets(0, PacketBuf::Publish(publish("a", "bob's")));
    run.is_silent();
    run.gets(0, PacketBuf::Publish(publish("a", "own")));
    run.finds(&["MQTT-3.8.3-3"]);
    // An overlapping subscription without No Local.
    run.subscribe(0, 2, "+", Q0);
    run.gets(0, PacketBuf::Publish(publish("a", "own")));
    run.is_silent();
}

#[test]
fn what_is_subscribed_to_again_in_the_same_write_is_not_removed() {
    let mut run = two(V5);
    run.subscribe(0, 1, "a", Q0);
    let filters = vec!["a".to_owned()];
    let packets = [
        PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id: 2, properties: vec![], filters }),
        subscribe(3, "a", SubscriptionOptions::default(), vec![]),
    ];
    let bytes: Vec<u8> = packets.iter().flat_map(|packet| packet.encode(V5).unwrap()).collect();
    run.sends_bytes(0, &bytes);
    run.gets(0, unsuback(2, &[0]));
    run.gets(0, suback(3, &[0]));
    run.sends(1, PacketBuf::Publish(publish("a", "x")));
    run.gets(0, PacketBuf::Publish(publish("a", "x")));
    run.is_silent();
}
