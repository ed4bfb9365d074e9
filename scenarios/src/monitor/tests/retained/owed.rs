//! What a new subscription has coming from the store, and what excuses that it does not come (MQTT-3.3.1-9; 3.1.1:
//! MQTT-3.3.1-6).

use super::*;

/// The sentences by which a retained message that does not come may be missed in 5.0.
const MISSED: [&str; 4] = ["MQTT-3.3.1-9", "MQTT-3.3.1-5", "MQTT-3.8.4-4", "MQTT-3.3.1-8"];

/// `bob` publishes this with RETAIN 1 at QoS 1, `alice` subscribes to `#` with these options, and then `after` happens.
/// Whether what did not come is missed.
fn is_missed(maximum: Option<u32>, kept: PublishBuf, after: impl FnOnce(&mut Run)) -> bool {
    let mut run = Run::new(V5);
    let properties = maximum.map(PropertyBuf::maximum_packet_size).into_iter().collect();
    run.connect_with(0, ConnectBuf { properties, ..connect(V5, "alice") }, connack());
    run.connect(1, "bob");
    run.sends(1, PacketBuf::Publish(PublishBuf { retain: true, ..kept }));
    run.gets(1, PacketBuf::PubAck(ack(1)));
    run.subscribe(0, 1, "#", Q1);
    after(&mut run);
    run.monitor.settle();
    run.findings().iter().any(|found| MISSED.contains(&found.as_str()))
}

fn kept() -> PublishBuf {
    message("a", "1", Q1, 1)
}

fn is_missed_after(after: impl FnOnce(&mut Run)) -> bool {
    is_missed(None, kept(), after)
}

#[test]
fn what_does_not_come_is_excused_by_the_end_of_the_connection() {
    assert!(is_missed_after(|_| {}));
    assert!(!is_missed_after(|run| run.closes(0, true)));
    assert!(!is_missed_after(|run| run.closes(0, false)));
    assert!(!is_missed_after(|run| run.gets(0, disconnect(ReasonCode::SERVER_SHUTTING_DOWN))));
    assert!(!is_missed_after(|run| run.sends(0, disconnect(ReasonCode::SUCCESS))));
    // Another connection of the client may be taking the session over.
    assert!(!is_missed_after(|run| run.sends(5, PacketBuf::Connect(connect(V5, "alice")))));
    // What another connection does excuses nothing.
    assert!(is_missed_after(|run| run.closes(1, true)));
    assert!(is_missed_after(|run| run.sends(1, disconnect(ReasonCode::SUCCESS))));
}

#[test]
fn what_does_not_come_is_excused_by_what_is_against_the_protocol() {
    // Only a Server sends PINGRESP.
    assert!(!is_missed_after(|run| run.sends(0, PacketBuf::PingResp)));
    assert!(is_missed_after(|run| run.sends(1, PacketBuf::PingResp)));
    // What came and cannot be read may have been it.
    assert!(!is_missed_after(|run| drop(run.gets_bytes(0, &[0x32, 3, 0, 9, b'a']))));
}

#[test]
fn what_does_not_come_is_excused_by_another_request_for_it() {
    let filters = || vec!["#".to_owned()];
    assert!(!is_missed_after(|run| {
        run.sends(0, PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id: 7, properties: vec![], filters: filters() }));
    }));
    assert!(!is_missed_after(|run| run.handled(7, "#", RetainHandling::DoNotSend)));
    // That is another subscription.
    assert!(is_missed_after(|run| run.handled(7, "+", RetainHandling::DoNotSend)));
}

#[test]
fn what_is_published_meanwhile_may_take_its_place() {
    // The Server may search its store late.
    assert!(!is_missed_after(|run| run.sends(1, retained("a", "2", Q0, 0))));
    assert!(!is_missed_after(|run| run.sends(1, retained("a", "", Q1, 2))));
    // It must find one of the two; and what is published to another topic takes no place.
    assert!(is_missed_after(|run| run.retains("a", "2", 2)));
    assert!(is_missed_after(|run| run.sends(1, retained("b", "2", Q0, 0))));
    assert!(is_missed_after(|run| run.sends(1, PacketBuf::Publish(publish("a", "2")))));
}

#[test]
fn what_was_replaced_before_the_subscription_excuses_nothing() {
    let mut run = two(V5);
    run.sends(1, retained("a", "0", Q0, 0));
    run.retains("a", "1", 1);
    run.subscribe(0, 1, "a", Q1);
    run.settles(&["MQTT-3.3.1-9", "MQTT-3.3.1-5"]);
}

#[test]
fn a_client_gets_no_packet_above_its_maximum_packet_size() {
    let long = "x".repeat(150);
    let pair = |len| PropertyBuf::user_property("k".repeat(len), "v".repeat(len));
    let with = |property| PublishBuf { properties: vec![property], ..kept() };
    for (kept, is_large) in [
        (message("a", &long, Q1, 1), true),
        (message(&long, "1", Q1, 1), true),
        (with(PropertyBuf::content_type(&long)), true),
        (with(PropertyBuf::correlation_data(long.clone().into_bytes())), true),
        (with(pair(80)), true),
        (message("a/b/c/d/e", "ten bytes.", Q1, 1), false),
        (with(PropertyBuf::content_type("text")), false),
        (with(PropertyBuf::correlation_data(vec![1; 4])), false),
        (with(PropertyBuf::payload_format_indicator(1)), false),
        (with(pair(10)), false),
        (with(pair(30)), false),
    ] {
        assert_eq!(is_missed(Some(140), kept.clone(), |_| {}), !is_large, "{kept:?}");
        assert!(is_missed(None, kept.clone(), |_| {}), "{kept:?}");
    }
}

#[test]
fn a_will_may_have_been_published_without_anybody_knowing() {
    let will = |topic: &str, payload: &str, qos, retain, properties| {
        let will = WillBuf { qos, retain, properties, topic: topic.into(), payload: payload.as_bytes().to_vec() };
        ConnectBuf { will: Some(will), keep_alive: 0, ..connect(V5, "cyd") }
    };
    let property = || vec![PropertyBuf::message_expiry_interval(1)];
    for (connect, excuses) in [
        (will("a", "", Q1, true, vec![]), true),
        (will("a", "gone", Q0, true, vec![]), true),
        (will("a", "gone", Q1, true, property()), true),
        // It would be stored in the place of the other.
        (will("a", "gone", Q1, true, vec![]), false),
        (will("a", "", Q1, false, vec![]), false),
        (will("b", "", Q1, true, vec![]), false),
    ] {
        assert_eq!(!is_missed_after(|run| run.connect_with(2, connect.clone(), connack())), excuses, "{connect:?}");
        // Deleted (MQTT-3.14.4-3), it is never published.
        assert!(is_missed_after(|run| {
            run.connect_with(2, connect.clone(), connack());
            run.sends(2, disconnect(ReasonCode::SUCCESS));
            run.closes(2, true);
        }));
    }
}

#[test]
fn it_is_too_early_before_the_suback_and_while_we_withhold_an_acknowledgement() {
    let mut run = two(V5);
    run.retains("a", "1", 1);
    run.sends(0, subscribe(1, "a", SubscriptionOptions { qos: Q1, ..Default::default() }, vec![]));
    run.monitor.settle();
    assert!(!run.findings().iter().any(|found| MISSED.contains(&found.as_str())));
    run.gets(0, suback(1, &[1]));
    run.settles(&["MQTT-3.3.1-9", "MQTT-3.3.1-5"]);

    let mut run = two(V5);
    run.retains("a", "1", 1);
    run.retains("b", "2", 2);
    run.subscribe(0, 1, "+", Q1);
    run.gets(0, retained("b", "2", Q1, 1));
    run.settles(&[]);
    run.sends(0, PacketBuf::PubAck(ack(1)));
    run.settles(&["MQTT-3.3.1-9"]);
}

#[test]
fn no_local_leaves_open_whether_what_is_retained_comes_back() {
    for (publisher, no_local, is_missed) in [(0, true, false), (0, false, true), (1, true, true), (1, false, true)] {
        let mut run = two(V5);
        run.sends(publisher, retained("a", "1", Q1, 1));
        run.gets(publisher, PacketBuf::PubAck(ack(1)));
        let options = SubscriptionOptions { qos: Q1, no_local, ..Default::default() };
        run.subscribe_with(0, 1, "a", options, None);
        run.settles(if is_missed { &["MQTT-3.3.1-9", "MQTT-3.3.1-5"] } else { &[] });
    }
}

#[test]
fn nobody_knows_what_a_session_of_unknown_past_has() {
    let mut run = Run::new(V5);
    run.connect(1, "bob");
    run.retains("a", "1", 1);
    let resumes = ConnectBuf { clean_start: false, ..connect(V5, "alice") };
    run.connect_with(0, resumes, ConnAckBuf { session_present: true, ..connack() });
    run.all_findings();
    run.subscribe(0, 1, "a", Q1);
    run.settles(&[]);
}

#[test]
fn where_others_publish_unseen_nothing_is_owed() {
    let mut run = two(V5);
    run.monitor = Monitor::new(V5).partial();
    run.connect(0, "alice");
    run.connect(1, "bob");
    run.retains("a", "1", 1);
    run.subscribe(0, 1, "a", Q1);
    assert_eq!(run.monitor.owed(), Owed::Nothing);
    run.settles(&[]);
}

#[test]
fn each_message_is_missed_by_its_own_sentence() {
    // One came with RETAIN 0, the other not at all.
    let mut run = two(V4);
    run.retains("a", "1", 1);
    run.retains("b", "2", 2);
    run.subscribe(0, 1, "+", Q1);
    run.gets(0, PacketBuf::Publish(message("b", "2", Q1, 1)));
    run.sends(0, PacketBuf::PubAck(ack(1)));
    run.settles(&["MQTT-3.3.1-6", "MQTT-3.3.1-5", "MQTT-3.3.1-8"]);
}

#[test]
fn the_argument_names_the_client() {
    for (client, shown) in [("alice", "`alice`"), ("a-client-of-thirty-letters-long", "`a-client-of-thirty-lette…`")]
    {
        let mut run = Run::new(V5);
        run.connect(0, client);
        run.connect(1, "bob");
        run.retains("a", "1", 1);
        run.subscribe(0, 1, "a", Q1);
        run.monitor.settle();
        let findings = run.all_findings();
        assert!(
            !findings.is_empty() && findings.iter().all(|finding| finding.message.contains(shown)),
            "{findings:#?}"
        );
    }
}

#[test]
fn a_retained_will_matters_for_as_long_as_it_may_still_come() {
    let will = || {
        let will = WillBuf { qos: Q0, retain: true, properties: vec![], topic: "a".into(), payload: b"gone".to_vec() };
        ConnectBuf { will: Some(will), keep_alive: 0, ..connect(V5, "cyd") }
    };
    for (settled, expected) in [(true, &["MQTT-3.3.1-9", "MQTT-3.3.1-5"][..]), (false, &[])] {
        let mut run = two(V5);
        run.connect_with(2, will(), connack());
        run.closes(2, false);
        if settled {
            run.monitor.at(crate::Time::from_secs(5));
            run.monitor.settle();
        }
        run.subscribe(0, 9, "elsewhere", Q1);
        run.retains("a", "1", 1);
        run.subscribe(0, 1, "a", Q1);
        run.settles(expected);
    }
}

#[test]
fn where_some_connections_are_not_seen_nothing_is_missed() {
    let mut run = Run { monitor: Monitor::new(V5).partial(), version: V5, event: 0 };
    run.connect(0, "alice");
    run.connect(1, "bob");
    run.retains("a", "1", 1);
    run.subscribe(0, 1, "a", Q1);
    run.settles(&[]);
}
