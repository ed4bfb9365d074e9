use super::*;

#[test]
fn one_publication_is_one_copy() {
    for (version, expected) in [(V5, "§3.3.4"), (V4, "§3.3.5")] {
        let mut run = Run::subscribed(version, "a", Q1);
        run.publishes("a", "m", Q1, 1);
        run.takes(1, message("a", "m", Q1, 1));
        run.publishes("a", "m", Q1, 2);
        run.takes(1, message("a", "m", Q1, 2));
        run.is_silent();
        run.takes(1, message("a", "m", Q1, 3));
        run.found(&[expected]);
    }
}

#[test]
fn each_overlapping_subscription_may_bring_a_copy() {
    let mut run = Run::subscribed(V5, "a", Q1);
    run.subscribes(1, 2, &["+"], Q1);
    run.publishes("a", "m", Q1, 1);
    run.takes(1, message("a", "m", Q1, 1));
    run.takes(1, message("a", "m", Q1, 2));
    run.is_silent();
    assert!(run.monitor.take_observations().iter().any(|(what, _)| what == "overlapping subscriptions"));
    run.takes(1, message("a", "m", Q1, 3));
    run.found(&["§3.3.4"]);
}

#[test]
fn a_replaced_subscription_brings_no_second_copy() {
    for version in [V5, V4] {
        let mut run = Run::subscribed(version, "a", Q1);
        run.subscribes(1, 2, &["a"], Q1);
        run.publishes("a", "m", Q1, 1);
        run.takes(1, message("a", "m", Q1, 1));
        run.takes(1, message("a", "m", Q1, 2));
        run.found(&["MQTT-3.8.4-3"]);
    }
}

#[test]
fn qos_2_sent_again_is_delivered_once() {
    for (version, expected) in [(V5, "MQTT-4.3.3-10"), (V4, "MQTT-4.3.3-2")] {
        let mut run = Run::subscribed(version, "a", Q1);
        run.sends(0, PacketBuf::Publish(message("a", "m", Q2, 1)));
        run.sends(0, PacketBuf::Publish(again("a", "m", Q2, 1)));
        run.takes(1, message("a", "m", Q1, 1));
        run.is_silent();
        run.takes(1, message("a", "m", Q1, 2));
        run.found(&[expected]);
    }
}

#[test]
fn qos_1_sent_again_may_be_delivered_again() {
    let mut run = Run::subscribed(V4, "a", Q1);
    run.sends(0, PacketBuf::Publish(message("a", "m", Q1, 1)));
    run.sends(0, PacketBuf::Publish(again("a", "m", Q1, 1)));
    run.takes(1, message("a", "m", Q1, 1));
    run.takes(1, message("a", "m", Q1, 2));
    run.is_silent();
}

#[test]
fn a_retained_message_may_come_once_more_for_each_subscribe() {
    let mut run = Run::subscribed(V5, "a", Q1);
    run.publishes_with(PublishBuf { retain: true, ..message("a", "m", Q1, 1) });
    run.takes(1, message("a", "m", Q1, 1));
    run.subscribes(1, 2, &["a"], Q1);
    run.takes(1, PublishBuf { retain: true, ..message("a", "m", Q1, 2) });
    run.is_silent();
}

#[test]
fn a_new_session_gets_nothing_of_the_one_before() {
    for (version, expected) in [(V5, "MQTT-3.1.2-4"), (V4, "MQTT-3.1.2-6")] {
        let mut run = Run::subscribed(version, "a", Q1);
        run.closes(1);
        run.publishes("a", "m", Q1, 1);
        run.connects(2, "sub", true);
        run.subscribes(2, 1, &["b"], Q1);
        run.takes(2, message("a", "m", Q1, 1));
        let names: Vec<String> = run.gating().iter().map(name).collect();
        assert!(names.iter().any(|name| name == expected), "{names:?}");
        // A message that was not taken before may go to the new session.
        let mut run = Run::subscribed(version, "a", Q1);
        run.closes(1);
        run.sends(0, PacketBuf::Publish(message("a", "m", Q1, 1)));
        run.connects(2, "sub", true);
        run.subscribes(2, 1, &["a"], Q1);
        run.takes(2, message("a", "m", Q1, 1));
        run.is_silent();
    }
}

#[test]
fn an_identifier_at_qos_0_is_seen_before_the_payload() {
    let mut run = Run::subscribed(V4, "a", Q1);
    run.publishes("a", "m", Q0, 0);
    run.takes(1, message("a", "\u{1}\u{2}other", Q0, 0));
    run.is_silent();
    run.takes(1, message("a", "\u{1}\u{2}m", Q0, 0));
    run.found(&["MQTT-2.3.1-5"]);
}

#[test]
fn the_argument_names_the_first_copy_and_the_last() {
    let mut run = Run::subscribed(V5, "a", Q1);
    run.publishes("a", "m", Q1, 1);
    run.takes(1, message("a", "m", Q1, 1));
    run.takes(1, message("a", "m", Q1, 2));
    let findings = run.gating();
    let expected = "\"m\" on \"a\" was published once (event 7) and one subscription of `sub` match; it came 2 times, first \
                    in event 9 and now in event 11";
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].message, expected);
    assert_eq!(findings[0].events, [5, 7, 9, 11]);
}

#[test]
fn one_copy_for_all_is_no_copy_for_each() {
    let mut run = Run::subscribed(V5, "a", Q1);
    run.subscribes(1, 2, &["+"], Q1);
    run.publishes("a", "m", Q1, 1);
    run.takes(1, message("a", "m", Q1, 1));
    run.is_silent();
    let each = ("overlapping subscriptions".to_owned(), "a copy for each".to_owned());
    assert!(!run.monitor.take_observations().contains(&each));
    // Nor are two copies of two publications by one subscription.
    let mut run = Run::subscribed(V5, "a", Q1);
    for id in [1, 2] {
        run.publishes("a", "m", Q1, id);
        run.takes(1, message("a", "m", Q1, id));
    }
    assert!(!run.monitor.take_observations().contains(&each));
}

#[test]
fn at_qos_0_a_copy_may_come_on_each_connection() {
    let mut run = Run::subscribed(V5, "a", Q0);
    run.publishes("a", "m", Q0, 0);
    run.takes(1, message("a", "m", Q0, 0));
    run.resumes(2, "sub");
    run.takes(2, message("a", "m", Q0, 0));
    run.is_silent();
    run.takes(2, message("a", "m", Q0, 0));
    run.found(&["§3.3.4"]);
    // On one connection it comes once.
    let mut run = Run::subscribed(V5, "a", Q0);
    run.publishes("a", "m", Q0, 0);
    run.takes(1, message("a", "m", Q0, 0));
    run.takes(1, message("a", "m", Q0, 0));
    run.found(&["§3.3.4"]);
}

#[test]
fn with_retain_as_published_what_is_retained_counts_once_for_each_subscribe() {
    let options = SubscriptionOptions { qos: Q1, retain_as_published: true, ..Default::default() };
    let mut run = Run::new(V5);
    let filters = vec![SubscriptionBuf { filter: "a".to_owned(), options }];
    run.sends(1, PacketBuf::Subscribe(SubscribeBuf { packet_id: 1, properties: vec![], filters }));
    let reason_codes = vec![ReasonCode(1)];
    run.gets(1, PacketBuf::SubAck(SubAckBuf { packet_id: 1, properties: vec![], reason_codes }));
    run.publishes_with(PublishBuf { retain: true, ..message("a", "m", Q1, 1) });
    for id in [1, 2] {
        run.takes(1, PublishBuf { retain: true, ..message("a", "m", Q1, id) });
    }
    run.is_silent();
    run.takes(1, PublishBuf { retain: true, ..message("a", "m", Q1, 3) });
    run.found(&["§3.3.4"]);
}

#[test]
fn qos_2_is_delivered_once() {
    for (version, granted, expected) in [
        (V5, Q2, "MQTT-4.3.3-10"),
        (V4, Q2, "MQTT-4.3.3-2"),
        // Where less was granted, a second copy does not show what the Server made of the publication.
        (V5, Q1, "§3.3.4"),
        (V4, Q1, "§3.3.5"),
    ] {
        let mut run = Run::subscribed(version, "a", granted);
        run.publishes("a", "m", Q2, 1);
        run.takes(1, message("a", "m", granted, 1));
        run.takes(1, message("a", "m", granted, 2));
        let findings = run.gating();
        assert_eq!(findings.iter().map(name).collect::<Vec<_>>(), [expected]);
        assert!(!findings[0].message.contains("before PUBREL"), "{}", findings[0].message);
    }
    let mut run = Run::subscribed(V5, "a", Q1);
    run.sends(0, PacketBuf::Publish(message("a", "m", Q2, 1)));
    run.sends(0, PacketBuf::Publish(again("a", "m", Q2, 1)));
    run.takes(1, message("a", "m", Q1, 1));
    run.takes(1, message("a", "m", Q1, 2));
    let findings = run.gating();
    assert!(findings[0].message.contains("sent again before PUBREL"), "{}", findings[0].message);
}

/// Whether the Server is said to have kept what belongs to an earlier session.
fn kept_from_before(run: &mut Run) -> bool {
    run.gating().iter().any(|finding| finding.message.contains("only its earlier session had subscribed to"))
}

#[test]
fn a_message_of_the_earlier_session_is_told_apart() {
    let began = |clean_start: bool| {
        let mut run = Run::subscribed(V5, "a", Q1);
        run.closes(1);
        run.publishes("a", "m", Q1, 1);
        run.connects(2, "sub", clean_start);
        run
    };
    let mut run = began(true);
    run.takes(2, message("a", "m", Q1, 1));
    assert!(kept_from_before(&mut run));
    // The Server lost the session: that is another thing.
    let mut run = began(false);
    run.takes(2, message("a", "m", Q1, 1));
    assert!(!kept_from_before(&mut run));
    // Published again since: it may be that one.
    let mut run = began(true);
    run.subscribes(2, 1, &["a"], Q1);
    run.publishes("a", "m", Q1, 2);
    run.takes(2, message("a", "m", Q1, 1));
    assert!(!kept_from_before(&mut run));
    // The earlier session did not have it either.
    let mut run = began(true);
    run.publishes("b", "n", Q1, 2);
    run.takes(2, message("b", "n", Q1, 1));
    assert!(!kept_from_before(&mut run));
    // Another client's session had.
    let mut run = began(true);
    run.connects(3, "other", true);
    run.takes(3, message("a", "m", Q1, 1));
    assert!(!kept_from_before(&mut run));
    // It is retained.
    let mut run = Run::subscribed(V5, "a", Q1);
    run.closes(1);
    run.publishes_with(PublishBuf { retain: true, ..message("a", "m", Q1, 1) });
    run.connects(2, "sub", true);
    run.subscribes(2, 1, &["a"], Q1);
    run.takes(2, PublishBuf { retain: true, ..message("a", "m", Q1, 1) });
    assert!(!kept_from_before(&mut run));
}

#[test]
fn two_bytes_before_the_payload_are_no_identifier_when_they_cannot_be_one() {
    // Packet Identifiers are not 0 (2.3.1).
    let mut run = Run::subscribed(V4, "a", Q1);
    run.publishes("a", "m", Q0, 0);
    run.takes(1, message("a", "\0\0m", Q0, 0));
    run.is_silent();
    // Two bytes may be a payload.
    let mut run = Run::subscribed(V4, "a", Q1);
    run.publishes("a", "", Q0, 0);
    run.takes(1, message("a", "\u{1}\u{2}", Q0, 0));
    run.is_silent();
}

#[test]
fn what_is_wrong_with_retain_is_no_message_of_the_session_before() {
    // RETAIN 1 where nothing was published so, and RETAIN 0 where it was.
    for (published, delivered) in [(false, true), (true, false)] {
        let mut run = Run::subscribed(V5, "a", Q1);
        run.closes(1);
        run.publishes_with(PublishBuf { retain: published, ..message("a", "m", Q1, 1) });
        run.connects(2, "sub", true);
        run.subscribes(2, 1, &["a"], Q1);
        run.takes(2, PublishBuf { retain: delivered, ..message("a", "m", Q1, 1) });
        let names: Vec<String> = run.gating().iter().map(name).collect();
        assert!(!names.contains(&"MQTT-3.1.2-4".to_owned()), "{names:?}");
    }
}

#[test]
fn without_a_subscription_no_copy_is_one_too_many() {
    let mut run = Run::new(V5);
    run.publishes("a", "m", Q1, 1);
    run.takes(1, message("a", "m", Q1, 1));
    run.takes(1, message("a", "m", Q1, 2));
    let names: Vec<String> = run.gating().iter().map(name).collect();
    assert!(!names.contains(&"§3.3.4".to_owned()), "{names:?}");
}
