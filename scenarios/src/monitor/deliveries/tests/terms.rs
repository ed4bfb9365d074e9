use super::*;

/// SUBSCRIBE of `a` with these terms, granted.
fn subscribes(run: &mut Run, connection: usize, packet_id: u16, options: SubscriptionOptions, identifier: Option<u32>) {
    subscribes_to(run, connection, packet_id, "a", options, identifier);
}

fn subscribes_to(
    run: &mut Run,
    connection: usize,
    packet_id: u16,
    filter: &str,
    options: SubscriptionOptions,
    identifier: Option<u32>,
) {
    let filters = vec![SubscriptionBuf { filter: filter.to_owned(), options }];
    let properties = identifier.map(PropertyBuf::subscription_identifier).into_iter().collect();
    run.sends(connection, PacketBuf::Subscribe(SubscribeBuf { packet_id, properties, filters }));
    let reason_codes = vec![ReasonCode(options.qos.value())];
    run.gets(connection, PacketBuf::SubAck(SubAckBuf { packet_id, properties: vec![], reason_codes }));
}

fn qos(qos: QoS) -> SubscriptionOptions {
    SubscriptionOptions { qos, ..Default::default() }
}

fn identified(publish: PublishBuf, identifiers: &[u32]) -> PublishBuf {
    let properties = identifiers.iter().map(|id| PropertyBuf::subscription_identifier(*id)).collect();
    PublishBuf { properties, ..publish }
}

#[test]
fn the_qos_is_that_of_the_last_subscribe() {
    for version in [V5, V4] {
        for (first, second) in [(Q2, Q1), (Q1, Q2)] {
            let mut run = Run::subscribed(version, "a", first);
            subscribes(&mut run, 1, 2, qos(second), None);
            run.publishes("a", "m", Q2, 1);
            run.takes(1, message("a", "m", second, 1));
            run.is_silent();
            run.publishes("a", "n", Q2, 2);
            run.takes(1, message("a", "n", first, 2));
            run.settles(&["MQTT-3.8.4-3"]);
        }
    }
    // Published before the SUBACK: either may hold.
    let mut run = Run::subscribed(V5, "a", Q2);
    run.publishes("a", "m", Q2, 1);
    subscribes(&mut run, 1, 2, qos(Q1), None);
    run.takes(1, message("a", "m", Q2, 1));
    run.is_silent();
}

#[test]
fn the_identifier_is_that_of_the_last_subscribe() {
    for (ended, expected) in [(false, "MQTT-3.8.4-3"), (true, "MQTT-3.10.4-1")] {
        let mut run = Run::new(V5);
        subscribes(&mut run, 1, 1, qos(Q1), Some(7));
        if ended {
            run.unsubscribes(1, 9, "a");
        }
        subscribes(&mut run, 1, 2, qos(Q1), Some(8));
        run.publishes("a", "m", Q1, 1);
        run.takes(1, identified(message("a", "m", Q1, 1), &[8]));
        run.is_silent();
        run.publishes("a", "n", Q1, 2);
        run.takes(1, identified(message("a", "n", Q1, 2), &[7]));
        run.settles(&[expected]);
    }
}

#[test]
fn the_options_are_those_of_the_last_subscribe() {
    let mut run = Run::new(V5);
    subscribes(&mut run, 0, 8, qos(Q1), None);
    subscribes(&mut run, 0, 9, SubscriptionOptions { no_local: true, ..qos(Q1) }, None);
    run.publishes("a", "m", Q1, 1);
    run.is_silent();
    run.takes(0, message("a", "m", Q1, 1));
    run.found(&["MQTT-3.8.4-3"]);
    let mut run = Run::new(V5);
    subscribes(&mut run, 0, 8, SubscriptionOptions { no_local: true, ..qos(Q1) }, None);
    subscribes(&mut run, 0, 9, qos(Q1), None);
    run.publishes("a", "m", Q1, 1);
    run.settles(&["MQTT-3.8.4-3"]);
    let mut run = Run::subscribed(V5, "a", Q1);
    subscribes(&mut run, 1, 2, SubscriptionOptions { retain_as_published: true, ..qos(Q1) }, None);
    run.publishes_with(PublishBuf { retain: true, ..message("a", "m", Q1, 1) });
    run.takes(1, message("a", "m", Q1, 1));
    run.settles(&["MQTT-3.8.4-3"]);
}

#[test]
fn on_overlap_every_identifier_comes() {
    let overlapping = || {
        let mut run = Run::new(V5);
        subscribes(&mut run, 1, 1, qos(Q1), Some(7));
        subscribes_to(&mut run, 1, 2, "+", qos(Q1), Some(8));
        run.publishes("a", "m", Q1, 1);
        run
    };
    let mut run = overlapping();
    run.takes(1, identified(message("a", "m", Q1, 1), &[7, 8]));
    run.is_silent();
    let mut run = overlapping();
    run.takes(1, identified(message("a", "m", Q1, 1), &[7]));
    run.takes(1, identified(message("a", "m", Q1, 2), &[8]));
    run.is_silent();
    let mut run = overlapping();
    run.takes(1, identified(message("a", "m", Q1, 1), &[7]));
    run.settles(&["MQTT-3.3.4-4"]);
    let mut run = overlapping();
    run.takes(1, identified(message("a", "m", Q1, 1), &[7]));
    run.takes(1, identified(message("a", "m", Q1, 2), &[7]));
    run.settles(&["MQTT-3.3.4-5"]);
}

#[test]
fn what_an_earlier_subscription_does_not_explain_is_not_said_of_it() {
    // Never without No Local: another sentence is broken, not that of the replacement.
    let mut run = Run::new(V5);
    subscribes(&mut run, 0, 8, SubscriptionOptions { no_local: true, ..qos(Q1) }, None);
    subscribes(&mut run, 0, 9, SubscriptionOptions { no_local: true, ..qos(Q1) }, None);
    run.publishes("a", "m", Q1, 1);
    run.takes(0, message("a", "m", Q1, 1));
    let names: Vec<String> = run.gating().iter().map(name).collect();
    assert!(!names.contains(&"MQTT-3.8.4-3".to_owned()), "{names:?}");
    // Nor with the identifier that is right, or one that it never had.
    for identifiers in [&[8][..], &[9]] {
        let mut run = Run::new(V5);
        subscribes(&mut run, 1, 1, qos(Q1), Some(7));
        subscribes(&mut run, 1, 2, qos(Q1), Some(8));
        run.publishes("a", "m", Q1, 1);
        run.takes(1, identified(message("a", "m", Q1, 1), identifiers));
        let names: Vec<String> = run.gating().iter().map(name).collect();
        assert!(!names.contains(&"MQTT-3.8.4-3".to_owned()), "{names:?}");
    }
}

#[test]
fn on_overlap_an_own_message_needs_no_identifier_of_a_subscription_with_no_local() {
    let mut run = Run::new(V5);
    subscribes(&mut run, 0, 8, SubscriptionOptions { no_local: true, ..qos(Q1) }, Some(7));
    subscribes_to(&mut run, 0, 9, "+", qos(Q1), Some(8));
    run.publishes("a", "m", Q1, 1);
    run.takes(0, identified(message("a", "m", Q1, 1), &[8]));
    run.is_silent();
    // A message of another needs both.
    let mut run = Run::new(V5);
    subscribes(&mut run, 1, 1, SubscriptionOptions { no_local: true, ..qos(Q1) }, Some(7));
    subscribes_to(&mut run, 1, 2, "+", qos(Q1), Some(8));
    run.publishes("a", "m", Q1, 1);
    run.takes(1, identified(message("a", "m", Q1, 1), &[8]));
    run.settles(&["MQTT-3.3.4-4"]);
    // More copies than subscriptions that could have brought them, or fewer, tell nothing of the identifiers.
    let mut run = Run::new(V5);
    subscribes(&mut run, 1, 1, qos(Q1), Some(7));
    subscribes_to(&mut run, 1, 2, "+", qos(Q1), Some(8));
    subscribes_to(&mut run, 1, 3, "#", qos(Q1), Some(9));
    run.publishes("a", "m", Q1, 1);
    run.takes(1, identified(message("a", "m", Q1, 1), &[7]));
    run.takes(1, identified(message("a", "m", Q1, 2), &[8]));
    run.misses_nothing();
}

#[test]
fn the_copy_at_the_higher_qos_may_have_been_too_large_for_the_next_connection() {
    // MQTT-3.3.4-2 against 3.1.2-25: a copy for each of two subscriptions; the one at QoS 1 waits, and then does not fit.
    for maximum in [None, Some(40)] {
        let mut run = Run::new(V5);
        run.subscribes(1, 1, &["a"], Q0);
        run.subscribes(1, 2, &["a/#"], Q1);
        run.publishes("a", &"x".repeat(100), Q1, 1);
        run.takes(1, message("a", &"x".repeat(100), Q0, 0));
        run.closes(1);
        let mut connect = run.connect_packet("sub", false);
        connect.properties.extend(maximum.map(PropertyBuf::maximum_packet_size));
        run.connects_with(2, connect, true);
        run.passes(120);
        run.monitor.settle();
        let cited: Vec<String> = run.gating().iter().map(name).collect();
        assert_eq!(cited, if maximum.is_some() { vec![] } else { vec!["MQTT-3.3.4-2"] });
    }
}

#[test]
fn while_an_unsubscribe_is_under_way_its_identifier_may_be_missing() {
    let mut run = Run::new(V5);
    subscribes(&mut run, 1, 1, qos(Q1), Some(7));
    subscribes_to(&mut run, 1, 2, "+", qos(Q1), Some(8));
    let filters = vec!["a".to_owned()];
    run.sends(1, PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id: 9, properties: vec![], filters }));
    run.publishes("a", "m", Q1, 1);
    run.takes(1, identified(message("a", "m", Q1, 1), &[8]));
    let reason_codes = vec![ReasonCode::SUCCESS];
    run.gets(1, PacketBuf::UnsubAck(UnsubAckBuf { packet_id: 9, properties: vec![], reason_codes }));
    run.is_silent();
}

#[test]
fn while_no_local_is_being_taken_back_an_own_message_is_not_owed() {
    let mut run = Run::new(V5);
    subscribes(&mut run, 0, 8, SubscriptionOptions { no_local: true, ..qos(Q1) }, None);
    let filters = vec![SubscriptionBuf { filter: "a".to_owned(), options: qos(Q1) }];
    run.sends(0, PacketBuf::Subscribe(SubscribeBuf { packet_id: 9, properties: vec![], filters }));
    run.publishes("a", "m", Q1, 1);
    run.gets(0, PacketBuf::SubAck(SubAckBuf { packet_id: 9, properties: vec![], reason_codes: vec![ReasonCode(1)] }));
    run.is_silent();
}

#[test]
fn what_another_subscription_brings_has_the_terms_of_that() {
    let mut run = Run::subscribed(V5, "a", Q2);
    subscribes(&mut run, 1, 2, qos(Q1), None);
    subscribes_to(&mut run, 1, 3, "+", qos(Q2), None);
    run.publishes("a", "m", Q2, 1);
    run.takes(1, message("a", "m", Q2, 1));
    run.is_silent();
}

#[test]
fn new_options_bear_only_on_what_they_are_about() {
    // No Local does not on what others publish, and Retain As Published not on what was published with RETAIN 0.
    for options in [
        SubscriptionOptions { no_local: true, ..qos(Q1) },
        SubscriptionOptions { retain_as_published: true, ..qos(Q1) },
    ] {
        let mut run = Run::subscribed(V5, "a", Q1);
        subscribes(&mut run, 1, 2, options, None);
        run.publishes("a", "m", Q1, 1);
        run.takes(1, message("a", "m", Q1, 1));
        run.is_silent();
    }
}

#[test]
fn an_identifier_of_before_beside_the_right_one_is_not_the_terms_of_before() {
    let mut run = Run::new(V5);
    subscribes(&mut run, 1, 1, qos(Q1), Some(7));
    subscribes(&mut run, 1, 2, qos(Q1), Some(8));
    run.publishes("a", "m", Q1, 1);
    run.takes(1, identified(message("a", "m", Q1, 1), &[7, 8]));
    let names: Vec<String> = run.gating().iter().map(name).collect();
    assert!(!names.contains(&"MQTT-3.8.4-3".to_owned()), "{names:?}");
}

#[test]
fn fewer_copies_than_subscriptions_tell_nothing_of_the_identifiers() {
    let mut run = Run::new(V5);
    subscribes(&mut run, 1, 1, qos(Q1), Some(7));
    subscribes_to(&mut run, 1, 2, "+", qos(Q1), Some(8));
    subscribes_to(&mut run, 1, 3, "#", qos(Q1), Some(9));
    run.publishes("a", "m", Q1, 1);
    run.takes(1, identified(message("a", "m", Q1, 1), &[7]));
    run.takes(1, identified(message("a", "m", Q1, 2), &[8]));
    run.is_silent();
}

#[test]
fn whether_one_copy_came_for_all_is_noted() {
    for copies in [1, 2] {
        let mut run = Run::new(V5);
        subscribes(&mut run, 1, 1, qos(Q1), Some(7));
        subscribes_to(&mut run, 1, 2, "+", qos(Q1), Some(8));
        run.publishes("a", "m", Q1, 1);
        for id in 1..=copies {
            run.takes(1, identified(message("a", "m", Q1, id), &[7, 8]));
        }
        run.monitor.settle();
        let one = ("overlapping subscriptions".to_owned(), "one copy for all".to_owned());
        assert_eq!(run.monitor.take_observations().contains(&one), copies == 1);
    }
}

#[test]
fn the_highest_qos_on_overlap_counts_also_for_what_came_before_puback() {
    let mut run = Run::new(V5);
    run.subscribes(1, 1, &["a"], Q1);
    run.subscribes(1, 2, &["+"], Q2);
    run.sends(0, PacketBuf::Publish(message("a", "m", Q2, 1)));
    run.takes(1, message("a", "m", Q1, 1));
    run.gets(0, PacketBuf::PubRec(ack(1)));
    run.sends(0, PacketBuf::PubRel(ack(1)));
    run.gets(0, PacketBuf::PubComp(ack(1)));
    run.settles(&["MQTT-3.3.4-2"]);
}
