use super::*;

#[test]
fn topics_match_a_subscription() {
    for (version, expected) in [(V5, "MQTT-3.3.2-3"), (V4, "MQTT-3.3.2-3"), (V3, "MQTT31-3.3-1")] {
        let mut run = Run::connected(version);
        run.subscribe(0, 1, "a/+", Q0);
        run.subscribe(0, 2, "b/#", Q0);
        for topic in ["a/b", "a/", "b", "b/c/d"] {
            run.gets(0, PacketBuf::Publish(publish(topic, "x")));
        }
        run.is_silent();
        run.gets(0, PacketBuf::Publish(publish("a/b/c", "x")));
        run.finds(&[expected]);
    }
}

#[test]
fn publish_may_overtake_suback() {
    let mut run = Run::connected(V5);
    let options = SubscriptionOptions { qos: Q1, ..Default::default() };
    run.sends(0, subscribe(1, "a", options, vec![PropertyBuf::subscription_identifier(5)]));
    run.gets(0, PacketBuf::Publish(message("a", "x", Q1, 1)));
    run.gets(0, suback(1, &[0]));
    run.is_silent();
}

#[test]
fn a_refused_subscription_entitles_to_nothing() {
    let mut run = Run::connected(V4);
    run.subscribe(0, 1, "b", Q0);
    run.sends(0, subscribe(2, "a", SubscriptionOptions::default(), vec![]));
    run.gets(0, suback(2, &[0x80]));
    run.gets(0, PacketBuf::Publish(publish("a", "x")));
    run.finds(&["MQTT-3.3.2-3"]);
}

#[test]
fn subscriptions_of_the_servers_own_are_observed() {
    let mut run = Run::connected(V5);
    run.gets(0, PacketBuf::Publish(publish("news", "x")));
    run.subscribe(0, 1, "a", Q0);
    run.gets(0, PacketBuf::Publish(publish("$notices", "x")));
    let findings = run.all_findings();
    assert_eq!(findings.len(), 2);
    assert!(findings.iter().all(|finding| finding.level == Level::May && finding.section == "4.5"));
}

#[test]
fn wildcards_do_not_reach_dollar_topics() {
    for (version, expected) in [(V5, vec!["MQTT-4.7.2-1"]), (V4, vec!["MQTT-4.7.2-1"]), (V3, vec![])] {
        let mut run = Run::connected(version);
        run.subscribe(0, 1, "#", Q0);
        run.gets(0, PacketBuf::Publish(publish("$SYS/uptime", "x")));
        run.finds(&expected);
        run.subscribe(0, 2, "$SYS/#", Q0);
        run.gets(0, PacketBuf::Publish(publish("$SYS/uptime", "x")));
        run.is_silent();
    }
}

#[test]
fn topics_are_compared_exactly() {
    let mut run = Run::connected(V5);
    run.subscribe(0, 1, "Kitchen/light", Q0);
    run.gets(0, PacketBuf::Publish(publish("kitchen/light", "x")));
    run.gets(0, PacketBuf::Publish(publish("Kitchen//light", "x")));
    run.finds(&["MQTT-4.7.3-4", "MQTT-4.7.3-4"]);
}

#[test]
fn the_granted_qos_is_kept() {
    for (version, expected) in [(V5, "MQTT-3.8.4-8"), (V4, "MQTT-3.8.4-6"), (V3, "MQTT31-3.8-1")] {
        let mut run = Run::connected(version);
        run.sends(0, subscribe(1, "a", SubscriptionOptions { qos: Q2, ..Default::default() }, vec![]));
        run.gets(0, suback(1, &[1]));
        run.gets(0, PacketBuf::Publish(message("a", "x", Q1, 1)));
        run.is_silent();
        run.gets(0, PacketBuf::Publish(message("a", "x", Q2, 2)));
        run.finds(&[expected]);
        // An overlapping subscription may have brought it.
        run.subscribe(0, 2, "+", Q2);
        run.gets(0, PacketBuf::Publish(message("a", "x", Q2, 3)));
        run.is_silent();
    }
}

#[test]
fn a_message_may_have_waited_since_an_earlier_grant() {
    let mut run = Run::connected(V5);
    run.subscribe(0, 1, "a", Q2);
    run.subscribe(0, 2, "a", Q0);
    run.gets(0, PacketBuf::Publish(message("a", "x", Q2, 1)));
    run.is_silent();
}

#[test]
fn members_of_a_group_keep_their_own_grant() {
    let mut run = Run::connected(V5);
    run.subscribe(0, 1, "$share/g/a/+", Q0);
    run.gets(0, PacketBuf::Publish(publish("a/b", "x")));
    run.is_silent();
    run.gets(0, PacketBuf::Publish(message("a/b", "x", Q1, 1)));
    run.finds(&["MQTT-4.8.2-3"]);
    // Before 5.0, `$share` is a level like any other.
    let mut run = Run::connected(V4);
    run.subscribe(0, 1, "$share/g/a", Q0);
    run.subscribe(0, 2, "b", Q0);
    run.gets(0, PacketBuf::Publish(publish("$share/g/a", "x")));
    run.is_silent();
    run.gets(0, PacketBuf::Publish(publish("a", "x")));
    run.finds(&["MQTT-3.3.2-3"]);
}

fn identified(topic: &str, identifiers: &[u32]) -> PacketBuf {
    let properties = identifiers.iter().map(|id| PropertyBuf::subscription_identifier(*id)).collect();
    PacketBuf::Publish(PublishBuf { properties, ..publish(topic, "x") })
}

#[test]
fn subscription_identifiers_are_those_of_matching_subscriptions() {
    let mut run = Run::connected(V5);
    run.subscribe_with(0, 1, "a", SubscriptionOptions::default(), Some(1));
    run.subscribe_with(0, 2, "+", SubscriptionOptions::default(), Some(2));
    run.subscribe_with(0, 3, "b/+", SubscriptionOptions::default(), Some(3));
    run.gets(0, identified("a", &[1]));
    run.gets(0, identified("a", &[2]));
    run.gets(0, identified("a", &[2, 1]));
    run.is_silent();
    run.gets(0, identified("a", &[3]));
    run.finds(&["§3.3.4"]);
    run.gets(0, identified("a", &[]));
    run.finds(&["MQTT-3.3.4-3"]);
}

#[test]
fn a_subscription_without_identifier_may_bring_a_message_without() {
    let mut run = Run::connected(V5);
    run.subscribe_with(0, 1, "a", SubscriptionOptions::default(), Some(1));
    run.subscribe(0, 2, "+", Q0);
    run.gets(0, identified("a", &[]));
    // Replaced: the former identifier may still be under way.
    run.subscribe_with(0, 3, "a", SubscriptionOptions::default(), Some(7));
    run.gets(0, identified("a", &[1]));
    run.gets(0, identified("a", &[7]));
    run.is_silent();
}

#[test]
fn a_topic_that_somebody_else_asked_for_was_not_folded() {
    let mut run = Run::connected(V5);
    run.subscribe(0, 1, "Kitchen/light", Q0);
    run.connect(1, "bob");
    run.subscribe(1, 1, "kitchen/+", Q0);
    run.gets(0, PacketBuf::Publish(publish("kitchen/light", "x")));
    run.finds(&["MQTT-3.3.2-3"]);
}

#[test]
fn a_leading_wildcard_explains_a_topic_only_if_it_matches() {
    let mut run = Run::connected(V5);
    run.subscribe(0, 1, "+/x", Q0);
    run.gets(0, PacketBuf::Publish(publish("$own/y/z", "x")));
    assert!(!run.findings().contains(&"MQTT-4.7.2-1".to_owned()));
    run.gets(0, PacketBuf::Publish(publish("$own/x", "x")));
    run.finds(&["MQTT-4.7.2-1"]);
}
