use super::*;

fn subscribe_to(packet_id: u16, filters: &[(&str, QoS)]) -> PacketBuf {
    let filters = filters.iter().map(|(filter, qos)| SubscriptionBuf {
        filter: (*filter).to_owned(),
        options: SubscriptionOptions { qos: *qos, ..Default::default() },
    });
    PacketBuf::Subscribe(SubscribeBuf { packet_id, properties: vec![], filters: filters.collect() })
}

fn unsubscribe_from(packet_id: u16, filters: &[&str]) -> PacketBuf {
    let filters = filters.iter().map(|filter| (*filter).to_owned()).collect();
    PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id, properties: vec![], filters })
}

#[test]
fn codes_in_the_reverse_order_are_told_from_codes_that_grant_too_much() {
    for (version, grant) in [(V5, "MQTT-3.8.4-7"), (V4, "MQTT-3.8.4-5")] {
        for (codes, findings) in [(&[0, 2], &[][..]), (&[2, 0], &["MQTT-3.9.3-1"]), (&[2, 2], &[grant])] {
            let mut run = Run::connected(version);
            run.sends(0, subscribe_to(3, &[("a", Q0), ("b", Q2)]));
            run.gets(0, suback(3, codes));
            run.finds(findings);
        }
    }
}

#[test]
fn the_codes_of_unsuback_are_true_and_in_order() {
    for (codes, findings) in [
        (&[0x00, 0x11], &[][..]),
        // Also where none existed a server may say Success, and another may not unsubscribe.
        (&[0x00, 0x00], &[]),
        (&[0x87, 0x00], &[]),
        (&[0x11, 0x00], &["MQTT-3.11.3-1"]),
        (&[0x11, 0x11], &["MQTT-4.1.0-1"]),
    ] {
        let mut run = Run::connected(V5);
        run.subscribe(0, 1, "a", Q1);
        run.sends(0, unsubscribe_from(2, &["a", "never"]));
        run.gets(0, unsuback(2, codes));
        run.finds(findings);
    }
}

#[test]
fn a_subscription_that_is_gone_is_explained() {
    // Removed along with another.
    let mut run = Run::connected(V5);
    run.subscribe(0, 1, "a/b", Q1);
    run.subscribe(0, 2, "a/#", Q1);
    run.unsubscribe(0, 3, "a/#");
    run.sends(0, unsubscribe_from(4, &["a/b"]));
    run.gets(0, unsuback(4, &[0x11]));
    run.finds(&["MQTT-3.10.4-1"]);
    // Never made: only the first filter of a SUBSCRIBE was taken.
    let mut run = Run::connected(V5);
    run.sends(0, subscribe_to(1, &[("a", Q0), ("b", Q2)]));
    run.gets(0, suback(1, &[0, 2]));
    run.sends(0, unsubscribe_from(4, &["b"]));
    run.gets(0, unsuback(4, &[0x11]));
    run.finds(&["MQTT-3.8.4-5"]);
    // Lost at the resumption.
    let mut run = Run::new(V5);
    run.connect_with(0, kept(V5, "alice", 60), connack());
    run.subscribe(0, 1, "a", Q1);
    run.closes(0, false);
    run.connect_with(1, kept(V5, "alice", 60), resumed());
    run.sends(1, unsubscribe_from(4, &["a"]));
    run.gets(1, unsuback(4, &[0x11]));
    run.finds(&["MQTT-3.1.2-5"]);
    // Perhaps by an UNSUBSCRIBE that was never answered.
    let mut run = Run::new(V5);
    run.connect_with(0, kept(V5, "alice", 60), connack());
    run.subscribe(0, 1, "a", Q1);
    run.sends(0, unsubscribe_from(3, &["a"]));
    run.closes(0, false);
    run.connect_with(1, kept(V5, "alice", 60), resumed());
    run.sends(1, unsubscribe_from(4, &["a"]));
    run.gets(1, unsuback(4, &[0x11]));
    run.is_silent();
    // By an UNSUBSCRIBE before, and by one that is under way.
    let mut run = Run::connected(V5);
    run.subscribe(0, 1, "a", Q1);
    run.sends(0, unsubscribe_from(2, &["a"]));
    run.sends(0, unsubscribe_from(3, &["a"]));
    run.gets(0, unsuback(2, &[0x00]));
    run.gets(0, unsuback(3, &[0x11]));
    run.is_silent();
}

#[test]
fn the_maximum_qos_does_not_limit_subscriptions() {
    let limited = |codes: [u8; 4]| {
        let mut run = Run::new(V5);
        let properties = vec![PropertyBuf::maximum_qos(1)];
        run.connect_with(0, connect(V5, "alice"), ConnAckBuf { properties, ..connack() });
        run.sends(0, subscribe_to(1, &[("a", Q2), ("b", Q2), ("c", Q1), ("d", Q0)]));
        run.gets(0, suback(1, &codes));
        run.concludes();
        run
    };
    limited([0x83, 0x83, 1, 0]).finds(&["MQTT-3.2.2-10"]);
    limited([0x83, 1, 1, 0]).is_silent();
    limited([0x83, 0x83, 1, 0x87]).is_silent();
    limited([0x87, 0x87, 1, 0]).is_silent();
}

#[test]
fn no_matching_subscribers_is_said_when_there_are_none() {
    for (topic, findings) in [("a", &["§3.4.2.1"][..]), ("b", &[])] {
        let mut run = Run::connected(V5);
        run.connect(1, "bob");
        run.subscribe(1, 1, "a", Q1);
        run.sends(0, PacketBuf::Publish(message(topic, "x", Q1, 1)));
        run.gets(0, PacketBuf::PubAck(AckBuf { reason_code: ReasonCode::NO_MATCHING_SUBSCRIBERS, ..ack(1) }));
        if topic == "a" {
            run.gets(1, PacketBuf::Publish(message(topic, "x", Q1, 1)));
        }
        run.concludes();
        run.finds(findings);
    }
    // The UNSUBSCRIBE under way may have come first.
    let mut run = Run::connected(V5);
    run.connect(1, "bob");
    run.subscribe(1, 1, "a", Q1);
    run.sends(0, PacketBuf::Publish(message("a", "x", Q1, 1)));
    run.sends(1, unsubscribe_from(2, &["a"]));
    run.gets(0, PacketBuf::PubAck(AckBuf { reason_code: ReasonCode::NO_MATCHING_SUBSCRIBERS, ..ack(1) }));
    run.monitor.settle();
    run.is_silent();
    // The subscriber was on its way out.
    let mut run = Run::connected(V5);
    run.connect(1, "bob");
    run.subscribe(1, 1, "a", Q1);
    run.sends(0, PacketBuf::Publish(message("a", "x", Q1, 1)));
    run.gets(0, PacketBuf::PubAck(AckBuf { reason_code: ReasonCode::NO_MATCHING_SUBSCRIBERS, ..ack(1) }));
    run.closes(1, true);
    run.monitor.settle();
    run.is_silent();
}

/// `alice` has subscribed to `a` in event 4, whatever happens then; the UNSUBSCRIBE is told that there was none.
fn denied(prepare: impl FnOnce(&mut Run), expected: &[&str]) {
    let mut run = Run::new(V5);
    run.connect_with(0, kept(V5, "alice", 60), connack());
    run.subscribe(0, 1, "a", Q1);
    prepare(&mut run);
    run.sends(0, unsubscribe_from(8, &["a"]));
    run.gets(0, unsuback(8, &[0x11]));
    let findings = run.findings();
    assert_eq!(findings, expected);
}

#[test]
fn what_may_have_ended_a_subscription_leaves_its_unsuback_alone() {
    denied(|_| {}, &["MQTT-4.1.0-1"]);
    // It was removed, and made anew.
    denied(
        |run| {
            run.unsubscribe(0, 2, "a");
            run.subscribe(0, 3, "a", Q1);
        },
        &["MQTT-4.1.0-1"],
    );
    // It was removed.
    denied(|run| run.unsubscribe(0, 2, "a"), &[]);
    // Another was: that is no reason, and neither is one that was removed before.
    denied(|run| run.unsubscribe(0, 2, "b"), &["MQTT-4.1.0-1"]);
    // A SUBSCRIBE is under way, which may replace it, or be refused.
    denied(|run| run.sends(0, subscribe_to(5, &[("a", Q0)])), &[]);
    // The filter is named twice in one UNSUBSCRIBE: the second finds none.
    let mut run = Run::connected(V5);
    run.subscribe(0, 1, "a", Q1);
    run.sends(0, unsubscribe_from(2, &["a", "a"]));
    run.gets(0, unsuback(2, &[0x00, 0x11]));
    run.is_silent();
    // Another connection of the client asks for the same.
    let mut run = Run::new(V5);
    run.connect_with(0, kept(V5, "alice", 60), connack());
    run.subscribe(0, 1, "a", Q1);
    run.sends(0, unsubscribe_from(3, &["a"]));
    run.connect_with(1, kept(V5, "alice", 60), resumed());
    run.sends(1, unsubscribe_from(4, &["a"]));
    run.gets(1, unsuback(4, &[0x11]));
    run.is_silent();
    // Nor is anything said before 5.0: UNSUBACK has no codes.
    let mut run = Run::connected(V4);
    run.subscribe(0, 1, "a", Q1);
    run.sends(0, unsubscribe_from(2, &["a"]));
    run.gets(0, unsuback(2, &[]));
    run.is_silent();
}

#[test]
fn a_lost_unsubscribe_of_something_else_excuses_nothing() {
    let mut run = Run::new(V5);
    run.connect_with(0, kept(V5, "alice", 60), connack());
    run.sends(0, unsubscribe_from(3, &["b"]));
    run.closes(0, true);
    run.connect_with(1, kept(V5, "alice", 60), resumed());
    run.subscribe(1, 1, "a", Q1);
    run.closes(1, true);
    run.connect_with(2, kept(V5, "alice", 60), resumed());
    run.sends(2, unsubscribe_from(4, &["a"]));
    run.gets(2, unsuback(4, &[0x11]));
    run.finds(&["MQTT-3.1.2-5"]);
    // Nor one of another client.
    let mut run = Run::new(V5);
    run.connect_with(0, kept(V5, "alice", 60), connack());
    run.connect(1, "bob");
    run.subscribe(0, 1, "a", Q1);
    run.sends(1, unsubscribe_from(3, &["a"]));
    run.closes(1, true);
    run.sends(0, unsubscribe_from(4, &["a"]));
    run.gets(0, unsuback(4, &[0x11]));
    run.finds(&["MQTT-4.1.0-1"]);
}

/// `bob` has subscribed like this, and `alice` is told that nobody has.
fn denies(subscribe: impl FnOnce(&mut Run), expected: &[&str]) {
    let mut run = Run::connected(V5);
    run.connect(1, "bob");
    subscribe(&mut run);
    run.sends(0, PacketBuf::Publish(message("a", "x", Q1, 1)));
    run.gets(0, PacketBuf::PubAck(AckBuf { reason_code: ReasonCode::NO_MATCHING_SUBSCRIBERS, ..ack(1) }));
    run.monitor.settle();
    let findings = run.all_findings();
    let findings: Vec<String> =
        findings.iter().filter(|finding| finding.message.contains("nobody")).map(name).collect();
    assert_eq!(findings, expected);
}

#[test]
fn only_a_subscription_that_certainly_matches_contradicts_no_matching_subscribers() {
    denies(|run| run.subscribe(1, 1, "a", Q1), &["§3.4.2.1"]);
    denies(|run| run.subscribe(1, 1, "a", Q0), &["§3.4.2.1"]);
    // A group may have no member that can take it; and of its own a client may want nothing.
    denies(|run| run.subscribe(1, 1, "$share/g/a", Q1), &[]);
    denies(
        |run| {
            run.subscribe_with(1, 1, "a", SubscriptionOptions { qos: Q1, no_local: true, ..Default::default() }, None);
        },
        &[],
    );
    // Removed, or not answered yet.
    denies(
        |run| {
            run.subscribe(1, 1, "a", Q1);
            run.unsubscribe(1, 2, "a");
        },
        &[],
    );
    denies(|run| run.sends(1, subscribe_to(5, &[("a", Q1)])), &[]);
    denies(
        |run| {
            run.subscribe(1, 1, "a", Q1);
            run.sends(1, subscribe_to(5, &[("a", Q0)]));
        },
        &[],
    );
    // Another connection of the subscriber may change its subscriptions.
    denies(
        |run| {
            run.subscribe(1, 1, "a", Q1);
            run.sends(2, PacketBuf::Connect(connect(V5, "bob")));
        },
        &[],
    );
}

#[test]
fn what_is_granted_above_the_maximum_qos_shows_that_it_does_not_limit() {
    // Two refused, and as many granted: there is no rule in it; nor with one SUBSCRIBE too few to tell.
    for (codes, expected) in [
        (&[0x83, 0x83, 1, 0][..], &["MQTT-3.2.2-10"][..]),
        (&[0x80, 0x80, 1, 0], &["MQTT-3.2.2-10"]),
        (&[0x83, 0x83, 1, 0x80], &[]),
        (&[0x83, 0x01, 1, 0], &[]),
    ] {
        let mut run = Run::new(V5);
        let properties = vec![PropertyBuf::maximum_qos(1)];
        run.connect_with(0, connect(V5, "alice"), ConnAckBuf { properties, ..connack() });
        run.sends(0, subscribe_to(1, &[("a", Q2), ("b", Q2), ("c", Q1), ("d", Q0)]));
        run.gets(0, suback(1, codes));
        run.concludes();
        run.finds(expected);
        // Told once.
        run.concludes();
        run.is_silent();
    }
    let mut run = Run::new(V5);
    let properties = vec![PropertyBuf::maximum_qos(1)];
    run.connect_with(0, connect(V5, "alice"), ConnAckBuf { properties, ..connack() });
    run.sends(0, subscribe_to(1, &[("a", Q2), ("b", Q2), ("c", Q1)]));
    run.gets(0, suback(1, &[0x83, 0x83, 1]));
    run.concludes();
    run.is_silent();
    // Without a Maximum QoS nothing is above it.
    let mut run = Run::connected(V5);
    run.sends(0, subscribe_to(1, &[("a", Q2), ("b", Q2), ("c", Q1), ("d", Q0)]));
    run.gets(0, suback(1, &[0x83, 0x83, 1, 0]));
    run.concludes();
    run.is_silent();
}
