//! What is passed on is as it was published (MQTT-3.3.2-4 and its neighbours, MQTT-4.5.0-1), and what is not told apart.

use super::*;

/// `bob` publishes all properties, then `prepare` happens and the message comes with these.
fn found_after(prepare: fn(&mut Run), came: Vec<PropertyBuf>) -> Vec<String> {
    let mut run = two();
    run.sends(1, PacketBuf::Publish(with(all())));
    prepare(&mut run);
    run.all_findings();
    run.gets(0, PacketBuf::Publish(with(came)));
    run.findings()
}

#[test]
fn each_altered_property_breaks_its_own_sentence() {
    let mut came = all();
    came.remove(2);
    came.remove(1);
    altered(all(), came, &["MQTT-3.3.2-20", "MQTT-3.3.2-15"]);
    let mut came = all();
    came[5] = PropertyBuf::user_property("k", "3");
    altered(all(), came, &["MQTT-3.3.2-17"]);
}

#[test]
fn all_are_gone_though_the_server_adds_its_own() {
    let mut run = Run::connected(V5);
    run.connect(1, "bob");
    run.subscribe_with(0, 1, "a", SubscriptionOptions { qos: Q1, ..Default::default() }, Some(3));
    run.sends(1, PacketBuf::Publish(with(all())));
    run.gets(0, PacketBuf::Publish(with(vec![PropertyBuf::subscription_identifier(3)])));
    run.finds(&["MQTT-3.3.2-17"]);
}

#[test]
fn a_response_topic_is_not_exchanged_for_another() {
    let mut came = all();
    came[2] = PropertyBuf::response_topic("others");
    assert_eq!(found_after(|_| {}, came), ["MQTT-3.3.2-15"]);
}

#[test]
fn the_argument_shows_what_was_published_and_what_came() {
    let long = "a text of more than 24 characters";
    let user = |value| PropertyBuf::user_property("key", value);
    for (published, came, shown) in [
        (PropertyBuf::payload_format_indicator(1), None, vec![" 1 (the", "with none"]),
        (PropertyBuf::message_expiry_interval(70), None, vec![" 70 (the", "with none"]),
        (PropertyBuf::content_type("text"), Some(PropertyBuf::content_type("html")), vec!["\"text\"", "\"html\""]),
        (PropertyBuf::content_type(long), None, vec!["\"a text of more than 24 c\""]),
        (PropertyBuf::correlation_data(b"42".to_vec()), None, vec!["\"42\" (2 bytes)"]),
        (user("one"), Some(user("two")), vec!["\"key\": \"one\"", "\"key\": \"two\""]),
    ] {
        let mut run = two();
        // Another property stays, and is no part of the argument.
        let other = || PropertyBuf::response_topic("answers");
        run.sends(1, PacketBuf::Publish(with(vec![other(), published.clone()])));
        run.gets(0, PacketBuf::Publish(with([other()].into_iter().chain(came).collect())));
        let findings = run.all_findings();
        assert_eq!(findings.len(), 1, "{published:?} {findings:#?}");
        let message = &findings[0].message;
        assert!(shown.iter().all(|shown| message.contains(shown)), "{message}");
        assert!(!message.contains("answers"), "{message}");
    }
}

#[test]
fn properties_are_not_compared_where_there_are_none_or_nobody_is_bound() {
    assert_eq!(found_after(|_| {}, vec![]), ["MQTT-3.3.2-17"]);
    assert!(found_after(|run| run.sends(0, PacketBuf::PingResp), vec![]).is_empty());
    // A subscriber of 3.1.1.
    let mut run = two();
    run.version = V4;
    run.connect(2, "cyd");
    run.subscribe(2, 1, "a", Q1);
    run.version = V5;
    run.sends(1, PacketBuf::Publish(with(all())));
    run.version = V4;
    run.gets(2, PacketBuf::Publish(message("a", "m", Q1, 1)));
    run.is_silent();
    // Where others publish unseen it may be another message.
    let mut run = Run::new(V5);
    run.monitor = Monitor::new(V5).partial();
    run.connect(0, "alice");
    run.connect(1, "bob");
    run.subscribe(0, 1, "a", Q1);
    run.sends(1, PacketBuf::Publish(with(all())));
    run.gets(0, PacketBuf::Publish(with(vec![])));
    run.is_silent();
}

/// `bob` publishes a long message, then `prepare` happens and this comes; what is found.
fn cut(prepare: fn(&mut Run), came: PublishBuf) -> Vec<String> {
    let mut run = two();
    run.sends(1, PacketBuf::Publish(publish("a", "a message of more than 24 bytes")));
    prepare(&mut run);
    run.all_findings();
    run.gets(0, PacketBuf::Publish(came));
    run.findings()
}

#[test]
fn a_payload_that_lost_its_end_is_altered() {
    const ALTERED: [&str; 1] = ["MQTT-4.5.0-1"];
    let start = || publish("a", "a message of more than 24 byte");
    assert_eq!(cut(|_| {}, start()), ALTERED);
    assert_eq!(cut(|_| {}, publish("a", "a mess")), ALTERED);
    // As long, and another end: somebody else's.
    assert!(!cut(|_| {}, publish("a", "a message of more than 24 BYTES")).contains(&ALTERED[0].to_owned()));
    // No start; nothing at all; longer.
    for other in ["message", "", "a message of more than 24 bytes, too"] {
        assert!(!cut(|_| {}, publish("a", other)).contains(&ALTERED[0].to_owned()), "{other}");
    }
    // From the store: it may be from before the run.
    let found = cut(|_| {}, PublishBuf { retain: true, ..start() });
    assert!(!found.contains(&ALTERED[0].to_owned()));
    // After what only a Server sends, or what cannot be read.
    assert!(!cut(|run| run.sends(0, PacketBuf::PingResp), start()).contains(&ALTERED[0].to_owned()));
    let garbled = cut(|run| drop(run.gets_bytes(0, &[0x32, 3, 0, 9, b'a'])), start());
    assert!(!garbled.contains(&ALTERED[0].to_owned()));
}

#[test]
fn a_mark_is_only_missed_where_the_topic_with_it_was_subscribed_to() {
    for (filter, found) in [("#", true), ("a", false)] {
        let mut run = Run::connected(V5);
        run.connect(1, "bob");
        run.subscribe(0, 1, filter, Q0);
        run.sends(1, PacketBuf::Publish(publish("\u{feff}a", "message")));
        run.gets(0, PacketBuf::Publish(publish("a", "message")));
        assert_eq!(run.findings().contains(&"MQTT-1.5.4-3".to_owned()), found);
    }
}
