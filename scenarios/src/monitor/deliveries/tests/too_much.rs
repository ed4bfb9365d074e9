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
