//! Which SUBSCRIBE brings what is retained: what is known of the subscription before it (MQTT-3.3.1-10), and what may still
//! come of one that was made earlier.

use super::*;

const IF_NEW: &str = "MQTT-3.3.1-10";

fn asks(packet_id: u16, retain_handling: RetainHandling) -> PacketBuf {
    subscribe(packet_id, "a", SubscriptionOptions { qos: Q1, retain_handling, ..Default::default() }, vec![])
}

/// A CONNECT of `alice` that takes a session up, or leaves one behind.
fn lasting(version: ProtocolVersion, seconds: u32) -> ConnectBuf {
    let properties = if version == V5 { vec![PropertyBuf::session_expiry_interval(seconds)] } else { vec![] };
    ConnectBuf { clean_start: false, properties, ..connect(version, "alice") }
}

fn resumed() -> ConnAckBuf {
    ConnAckBuf { session_present: true, ..connack() }
}

/// `bob` has retained "1" on `a`; `alice`, whose session lasts so many seconds, has subscribed to `a` and got it.
fn held(seconds: u32) -> Run {
    let mut run = Run::new(V5);
    run.connect_with(0, lasting(V5, seconds), connack());
    run.connect(1, "bob");
    run.retains("a", "1", 1);
    run.handled(1, "a", RetainHandling::SendIfNew);
    run.brings("a", "1", 1);
    run
}

/// `alice` subscribes again on this connection, if it is new; what is found when it brings the message, and when not.
fn again(mut run: Run, connection: usize, comes: bool) -> Vec<String> {
    run.is_silent();
    run.sends(connection, asks(7, RetainHandling::SendIfNew));
    run.gets(connection, suback(7, &[1]));
    if comes {
        run.gets(connection, retained("a", "1", Q1, 7));
        run.sends(connection, PacketBuf::PubAck(ack(7)));
    }
    run.monitor.settle();
    run.findings()
}

/// For each: it comes, it does not.
fn both(prepare: impl Fn() -> Run, connection: usize) -> [Vec<String>; 2] {
    [true, false].map(|comes| again(prepare(), connection, comes))
}

#[test]
fn a_session_that_is_taken_up_has_its_subscriptions() {
    for (session_present, clean_start) in [(true, false), (false, true)] {
        let mut run = held(60);
        run.monitor.settle();
        run.closes(0, true);
        run.connect_with(2, ConnectBuf { clean_start, ..lasting(V5, 60) }, ConnAckBuf { session_present, ..connack() });
        run.retains("a", "2", 2);
        if session_present {
            run.gets(2, PacketBuf::Publish(message("a", "2", Q1, 20)));
            run.sends(2, PacketBuf::PubAck(ack(20)));
        }
        run.sends(2, asks(7, RetainHandling::SendIfNew));
        run.gets(2, suback(7, &[1]));
        run.gets(2, retained("a", "2", Q1, 7));
        run.sends(2, PacketBuf::PubAck(ack(7)));
        run.settles(if session_present { &[IF_NEW] } else { &[] });
    }
}

#[test]
fn a_new_session_has_no_subscriptions() {
    let prepare = |clean_start: bool| {
        move || {
            let mut run = held(0);
            run.closes(0, true);
            run.connect_with(2, ConnectBuf { clean_start, ..lasting(V5, 60) }, connack());
            run
        }
    };
    for clean_start in [true, false] {
        assert_eq!(both(prepare(clean_start), 2), [vec![], vec![IF_NEW.to_owned()]], "{clean_start}");
    }
}

#[test]
fn a_connection_that_is_refused_changes_no_subscription() {
    let prepare = || {
        let mut run = held(60);
        let refusal = ConnAckBuf { reason_code: ReasonCode::NOT_AUTHORIZED, ..connack() };
        run.connect_with(2, connect(V5, "alice"), refusal);
        run.closes(2, true);
        run
    };
    assert_eq!(both(prepare, 0), [vec![IF_NEW.to_owned()], vec![]]);
}

#[test]
fn of_connections_that_overlap_nobody_knows_which_subscriptions_are_left() {
    let prepare = |clean_start: bool| {
        move || {
            let mut run = held(60);
            run.sends(2, PacketBuf::Connect(ConnectBuf { clean_start, ..lasting(V5, 60) }));
            run.sends(3, PacketBuf::Connect(ConnectBuf { clean_start, ..lasting(V5, 60) }));
            run.gets(2, PacketBuf::ConnAck(connack()));
            run.gets(3, PacketBuf::ConnAck(connack()));
            run.closes(0, true);
            run.closes(2, true);
            run
        }
    };
    for clean_start in [true, false] {
        assert_eq!(both(prepare(clean_start), 3), [vec![], Vec::<String>::new()]);
    }
}

#[test]
fn an_unsubscribe_that_was_refused_with_any_code_leaves_it_open() {
    for (code, expected) in
        [(0x80, [false, false]), (0x87, [false, false]), (0x00, [false, true]), (0x11, [false, true])]
    {
        let prepare = || {
            let mut run = held(60);
            run.sends(0, unsubscribe(2, "a"));
            run.gets(0, unsuback(2, &[code]));
            run.all_findings();
            run
        };
        assert_eq!(both(prepare, 0).map(|found| found.contains(&IF_NEW.to_owned())), expected, "{code:#x}");
    }
}

#[test]
fn a_subscription_made_while_the_old_one_is_removed_is_there() {
    let prepare = || {
        let mut run = held(60);
        run.sends(0, unsubscribe(2, "a"));
        run.sends(0, asks(3, RetainHandling::SendIfNew));
        run.gets(0, suback(3, &[1]));
        run.gets(0, unsuback(2, &[0]));
        run
    };
    assert_eq!(again(prepare(), 0, false), Vec::<String>::new());
    // Another one, made meanwhile, is no such thing.
    let prepare = || {
        let mut run = held(60);
        run.sends(0, unsubscribe(2, "a"));
        run.subscribe(0, 3, "b", Q1);
        run.gets(0, unsuback(2, &[0]));
        run
    };
    assert_eq!(again(prepare(), 0, false), [IF_NEW]);
}

#[test]
fn a_subscribe_that_was_refused_made_nothing_and_may_have_ended_what_there_was() {
    let refused = |mut run: Run| {
        run.sends(0, asks(6, RetainHandling::SendIfNew));
        run.gets(0, suback(6, &[0x80]));
        run
    };
    // There was none before.
    let new = || {
        let mut run = two(V5);
        run.retains("a", "1", 1);
        refused(run)
    };
    assert!(again(new(), 0, true).is_empty());
    assert!(again(new(), 0, false).contains(&IF_NEW.to_owned()));
    // There was one: the standard does not say whether it stays.
    assert_eq!(both(|| refused(held(60)), 0), [vec![], Vec::<String>::new()]);
}

#[test]
fn a_suback_answers_its_own_subscribe_only() {
    let mut run = two(V5);
    run.retains("a", "1", 1);
    run.sends(0, asks(1, RetainHandling::SendAtSubscribe));
    run.sends(0, subscribe(2, "b", SubscriptionOptions::default(), vec![]));
    run.gets(0, suback(2, &[0x80]));
    run.gets(0, suback(1, &[1]));
    run.settles(&["MQTT-3.3.1-9", "MQTT-3.3.1-5"]);
}

#[test]
fn a_subscribe_on_a_connection_that_may_be_taken_over_is_uncertain() {
    let mut run = Run::new(V5);
    run.connect_with(0, lasting(V5, 60), connack());
    run.connect(1, "bob");
    run.sends(2, PacketBuf::Connect(lasting(V5, 60)));
    run.sends(0, asks(1, RetainHandling::SendIfNew));
    run.gets(0, suback(1, &[1]));
    run.monitor.settle();
    run.retains("a", "1", 1);
    run.gets(2, PacketBuf::ConnAck(resumed()));
    run.closes(0, true);
    run.sends(2, asks(1, RetainHandling::SendIfNew));
    run.gets(2, suback(1, &[1]));
    run.gets(2, retained("a", "1", Q1, 1));
    run.sends(2, PacketBuf::PubAck(ack(1)));
    run.monitor.settle();
    assert!(!run.findings().contains(&IF_NEW.to_owned()));
}

/// `alice` has subscribed to `a`; `bob` retains "2" after `before`, and she has it as a live message. Then she subscribes
/// again, though not anew, and gets it from the store: by the first SUBSCRIBE, or by none?
fn comes_once_more(mut run: Run, before: impl FnOnce(&mut Run)) -> Vec<String> {
    before(&mut run);
    run.retains("a", "2", 2);
    run.gets(0, PacketBuf::Publish(message("a", "2", Q1, 20)));
    run.sends(0, PacketBuf::PubAck(ack(20)));
    run.handled(8, "a", RetainHandling::SendIfNew);
    run.brings("a", "2", 21);
    run.monitor.settle();
    run.findings()
}

#[test]
fn a_subscribe_brings_nothing_that_was_published_when_it_was_over() {
    // Nothing more is to come of it.
    assert_eq!(comes_once_more(held(60), |run| run.monitor.settle()), [IF_NEW]);
    // The store may be searched late.
    assert!(comes_once_more(held(60), |_| {}).is_empty());
    // What it brings may wait for an acknowledgement.
    let waits = |run: &mut Run| {
        run.gets(0, PacketBuf::Publish(message("a", "live", Q1, 30)));
        run.monitor.settle();
        run.all_findings();
    };
    assert!(!comes_once_more(held(60), waits).contains(&IF_NEW.to_owned()));
}

#[test]
fn before_its_suback_a_subscribe_is_not_over() {
    let mut run = two(V5);
    run.retains("a", "1", 1);
    run.sends(0, asks(1, RetainHandling::SendIfNew));
    run.monitor.settle();
    run.retains("a", "2", 2);
    run.gets(0, suback(1, &[1]));
    run.handled(2, "a", RetainHandling::SendIfNew);
    run.brings("a", "2", 1);
    run.settles(&[]);
}

#[test]
fn what_was_stored_before_a_subscribe_was_over_may_come_late() {
    // At QoS 0, so that nothing is missed at first.
    let mut run = two(V5);
    run.sends(1, retained("a", "1", Q0, 0));
    run.handled(1, "a", RetainHandling::SendIfNew);
    run.settles(&[]);
    run.handled(2, "a", RetainHandling::SendIfNew);
    run.gets(0, retained("a", "1", Q0, 0));
    run.settles(&[]);
    // Also when it is the last thing that was sent.
    let mut run = two(V5);
    run.handled(1, "a", RetainHandling::SendIfNew);
    run.sends(1, retained("a", "1", Q0, 0));
    run.settles(&[]);
    run.gets(0, PacketBuf::Publish(publish("a", "1")));
    run.handled(2, "a", RetainHandling::SendIfNew);
    run.gets(0, retained("a", "1", Q0, 0));
    run.settles(&[]);
    // And when it has been replaced since.
    let mut run = two(V5);
    run.sends(1, retained("a", "1", Q0, 0));
    run.subscribe(0, 1, "+", Q1);
    run.settles(&[]);
    run.retains("a", "2", 2);
    run.gets(0, PacketBuf::Publish(message("a", "2", Q1, 20)));
    run.sends(0, PacketBuf::PubAck(ack(20)));
    run.subscribe(0, 2, "a", Q1);
    run.gets(0, retained("a", "1", Q0, 0));
    run.brings("a", "2", 21);
    run.settles(&[]);
}

#[test]
fn in_3_1_a_message_may_come_that_was_asked_for_on_the_connection_before() {
    // With a new session it may not.
    for clean_start in [false, true] {
        let mut run = Run::new(V3);
        let alice = || ConnectBuf { clean_start, ..lasting(V3, 60) };
        run.connect_with(0, alice(), connack());
        run.connect(1, "bob");
        run.retains("a", "1", 1);
        run.subscribe(0, 1, "a", Q1);
        run.closes(0, true);
        run.retains("a", "2", 2);
        run.connect_with(2, alice(), connack());
        run.subscribe(2, 1, "a", Q1);
        for (id, payload) in [(1, "1"), (2, "2")] {
            run.gets(2, retained("a", payload, Q1, id));
            run.sends(2, PacketBuf::PubAck(ack(id)));
        }
        run.monitor.settle();
        let findings = run.findings();
        assert_eq!(findings.len(), usize::from(clean_start), "{findings:?}");
    }
}

#[test]
fn what_comes_to_a_session_that_nobody_knows_is_not_judged() {
    for overlapped in [false, true] {
        let mut run = Run::new(V5);
        run.connect(1, "bob");
        run.sends(0, PacketBuf::Connect(connect(V5, "alice")));
        if overlapped {
            run.sends(2, PacketBuf::Connect(connect(V5, "alice")));
            run.gets(2, PacketBuf::ConnAck(connack()));
            run.closes(2, true);
        }
        run.gets(0, PacketBuf::ConnAck(connack()));
        run.retains("a", "1", 1);
        run.retains("a", "2", 2);
        run.subscribe(0, 1, "a", Q1);
        run.brings("a", "1", 1);
        assert_eq!(run.findings().contains(&"MQTT-3.3.1-5".to_owned()), !overlapped);
    }
}

#[test]
fn an_acknowledgement_that_comes_to_a_new_session_stores_nothing_for_sure() {
    let mut run = two(V5);
    run.sends(1, retained("a", "1", Q1, 1));
    run.closes(1, true);
    run.connect(2, "bob");
    run.gets(2, PacketBuf::PubAck(ack(1)));
    run.all_findings();
    run.subscribe(0, 1, "a", Q1);
    run.settles(&[]);
}

#[test]
fn what_comes_to_a_client_that_broke_the_standard_is_not_judged() {
    let replaced = |before: fn(&mut Run)| {
        let mut run = two(V5);
        run.retains("a", "1", 1);
        run.retains("a", "2", 2);
        run.subscribe(0, 1, "a", Q1);
        before(&mut run);
        run.all_findings();
        run.brings("a", "1", 1);
        run.findings().contains(&"MQTT-3.3.1-5".to_owned())
    };
    assert!(replaced(|_| {}));
    assert!(!replaced(|run| run.sends(0, PacketBuf::PingResp)));
    assert!(!replaced(|run| run.sends_bytes(0, &[0xC1, 0])));
}

#[test]
fn an_empty_message_that_nobody_published_is_not_one_that_was_stored() {
    let mut run = two(V5);
    run.retains("a", "1", 1);
    run.subscribe(0, 1, "a", Q1);
    run.brings("a", "", 1);
    assert!(!run.findings().contains(&"MQTT-3.3.1-7".to_owned()));
}

#[test]
fn a_server_may_do_with_its_own_topics_what_it_likes() {
    let mut run = two(V5);
    run.retains("$own/a", "1", 1);
    run.retains("$own/a", "2", 2);
    run.subscribe(0, 1, "$own/a", Q1);
    run.brings("$own/a", "1", 1);
    run.settles(&[]);
}

#[test]
fn a_shared_subscription_may_bring_a_message_of_today_with_retain() {
    let shared = "$share/g/a";
    // It was published after the SUBSCRIBE: it is no message of the store, and RETAIN is wrong.
    let mut run = two(V5);
    run.subscribe(0, 1, shared, Q1);
    run.retains("a", "1", 1);
    run.brings("a", "1", 1);
    run.monitor.settle();
    assert!(!run.findings().contains(&"§4.8.2".to_owned()));
    // Another member, who has RETAIN as published, had it first.
    let mut run = two(V5);
    run.connect(2, "cyd");
    let options = SubscriptionOptions { qos: Q1, retain_as_published: true, ..Default::default() };
    run.subscribe_with(2, 1, shared, options, None);
    run.retains("a", "1", 1);
    run.gets(2, retained("a", "1", Q1, 1));
    run.subscribe(0, 1, shared, Q1);
    run.closes(2, true);
    run.brings("a", "1", 1);
    run.monitor.settle();
    assert!(!run.findings().contains(&"§4.8.2".to_owned()));
}

#[test]
fn with_retain_as_published_a_live_message_is_not_taken_for_one_of_the_store() {
    let options = SubscriptionOptions {
        qos: Q1,
        retain_as_published: true,
        retain_handling: RetainHandling::SendIfNew,
        ..Default::default()
    };
    let mut run = two(V5);
    run.subscribe_with(0, 1, "a", options, None);
    run.settles(&[]);
    run.subscribe_with(0, 2, "a", options, None);
    run.retains("a", "1", 1);
    run.brings("a", "1", 1);
    run.settles(&[]);
}

#[test]
fn the_session_of_a_publisher_ends_when_a_new_one_begins() {
    // `bob` retains on 2; his session is kept when his connection ends. `alice` gets the message, then not again.
    let published = |version: ProtocolVersion, after: fn(&mut Run)| {
        let mut run = Run::connected(version);
        let bob = || ConnectBuf { client_id: "bob".to_owned(), ..lasting(version, 60) };
        run.connect_with(2, bob(), connack());
        run.sends(2, retained("a", "1", Q1, 1));
        run.gets(2, PacketBuf::PubAck(ack(1)));
        run.subscribe(0, 1, "a", Q1);
        run.brings("a", "1", 1);
        run.closes(2, true);
        after(&mut run);
        run.subscribe(0, 2, "a", Q1);
        run.monitor.settle();
        run.findings()
    };
    assert_eq!(published(V5, |_| {}), ["MQTT-3.8.4-4"]);
    assert_eq!(published(V4, |_| {}), ["MQTT-3.8.4-3"]);
    assert_eq!(published(V5, |run| run.connect(3, "bob")), ["MQTT-3.3.1-5"]);
    assert_eq!(published(V4, |run| run.connect(3, "bob")), ["MQTT-3.1.2-7"]);
}
