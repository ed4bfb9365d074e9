//! What a session holds when UNSUBACK says that it held nothing, or PUBACK that nobody subscribes (MQTT-4.1.0-1,
//! MQTT-3.10.4-1, 3.4.2.1), and the order of PUBRELs (3.1.1: MQTT-4.6.0-6).

use super::*;

const NONE: u8 = 0x11;

fn leaving(packet_id: u16, filters: &[&str]) -> PacketBuf {
    let filters = filters.iter().map(|filter| (*filter).to_owned()).collect();
    PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id, properties: vec![], filters })
}

/// `alice` has subscribed to `a/b`, then `before` happens, and she is told that she holds no such subscription.
fn told_none(before: impl FnOnce(&mut Run)) -> Vec<String> {
    let mut run = Run::connected(V5);
    run.connect(1, "bob");
    run.subscribe(0, 1, "a/b", Q1);
    before(&mut run);
    run.all_findings();
    run.sends(0, leaving(9, &["a/b"]));
    run.gets(0, unsuback(9, &[NONE]));
    run.findings()
}

const LASTS: [&str; 1] = ["MQTT-4.1.0-1"];

#[test]
fn a_subscription_is_not_lost_by_what_is_no_reason() {
    assert_eq!(told_none(|_| {}), LASTS);
    // Another client unsubscribes, or another filter is; also one that matches, before this was subscribed to.
    assert_eq!(
        told_none(|run| {
            run.subscribe(1, 1, "a/#", Q1);
            run.unsubscribe(1, 2, "a/#");
        }),
        LASTS
    );
    assert_eq!(
        told_none(|run| {
            run.subscribe(0, 2, "c/#", Q1);
            run.unsubscribe(0, 3, "c/#");
        }),
        LASTS
    );
    assert_eq!(
        told_none(|run| {
            run.unsubscribe(0, 2, "a/b");
            run.subscribe(0, 3, "a/#", Q1);
            run.unsubscribe(0, 4, "a/#");
            run.subscribe(0, 5, "a/b", Q1);
        }),
        LASTS
    );
    // Another connection ends.
    let mut run = Run::connected(V5);
    run.connect(1, "bob");
    run.subscribe(0, 1, "a/b", Q1);
    run.sends(0, leaving(9, &["a/b"]));
    run.closes(1, true);
    run.gets(0, unsuback(9, &[NONE]));
    run.finds(&LASTS);
}

#[test]
fn a_subscription_may_be_gone() {
    assert!(told_none(|run| run.unsubscribe(0, 2, "a/b")).is_empty());
    // Both were under way at once.
    assert!(
        told_none(|run| {
            run.sends(0, leaving(2, &["a/b"]));
            run.sends(0, subscribe(3, "a/b", SubscriptionOptions { qos: Q1, ..Default::default() }, vec![]));
            run.gets(0, suback(3, &[1]));
            run.gets(0, unsuback(2, &[0]));
        })
        .is_empty()
    );
    // What only a Server sends was sent.
    assert!(!told_none(|run| run.sends(0, PacketBuf::PingResp)).contains(&LASTS[0].to_owned()));
}

#[test]
fn a_filter_that_is_named_twice_is_removed_once() {
    let answered = |filters: &[&str], codes: &[u8]| {
        let mut run = Run::connected(V5);
        run.subscribe(0, 1, "a", Q1);
        run.sends(0, leaving(2, filters));
        run.gets(0, unsuback(2, codes));
        run.findings()
    };
    assert!(answered(&["a", "a"], &[0, NONE]).is_empty());
    assert_eq!(answered(&["a", "none", "nor this"], &[NONE, NONE, NONE]), LASTS);
}

/// `alice` on 0 publishes to `a` and is told that nobody subscribes; `bob` is on 1, `cyd` on 2.
fn denied(before: impl FnOnce(&mut Run), between: impl FnOnce(&mut Run)) -> bool {
    let mut run = Run::connected(V5);
    run.connect(1, "bob");
    run.connect(2, "cyd");
    before(&mut run);
    run.sends(0, PacketBuf::Publish(message("a", "x", Q1, 1)));
    between(&mut run);
    run.gets(0, PacketBuf::PubAck(AckBuf { reason_code: ReasonCode::NO_MATCHING_SUBSCRIBERS, ..ack(1) }));
    run.monitor.settle();
    run.findings().contains(&"§3.4.2.1".to_owned())
}

#[test]
fn nobody_subscribes_only_when_that_is_certain() {
    assert!(denied(|run| run.subscribe(1, 1, "a", Q1), |_| {}));
    assert!(!denied(|_| {}, |run| run.subscribe(1, 1, "a", Q1)));
    assert!(!denied(|run| run.subscribe(1, 1, "$share/g/a", Q1), |_| {}));
    assert!(!denied(
        |run| {
            run.subscribe(1, 1, "a", Q1);
            run.unsubscribe(1, 2, "a");
        },
        |_| {}
    ));
    let no_local = SubscriptionOptions { qos: Q1, no_local: true, ..Default::default() };
    assert!(!denied(|run| run.subscribe_with(0, 7, "a", no_local, None), |_| {}));
    // Another connection of the subscriber may be changing its subscriptions.
    assert!(!denied(
        |run| run.subscribe(1, 1, "a", Q1),
        |run| run.sends(3, PacketBuf::Connect(ConnectBuf { clean_start: false, ..connect(V5, "bob") }))
    ));
}

#[test]
fn a_maximum_qos_is_only_said_to_limit_subscriptions_where_nothing_else_explains_it() {
    let limited = |asked: &[QoS], codes: &[u8]| {
        let mut run = Run::new(V5);
        let properties = vec![PropertyBuf::maximum_qos(1)];
        run.connect_with(0, connect(V5, "alice"), ConnAckBuf { properties, ..connack() });
        let filters = asked.iter().enumerate().map(|(at, qos)| SubscriptionBuf {
            filter: at.to_string(),
            options: SubscriptionOptions { qos: *qos, ..Default::default() },
        });
        run.sends(
            0,
            PacketBuf::Subscribe(SubscribeBuf { packet_id: 1, properties: vec![], filters: filters.collect() }),
        );
        run.gets(0, suback(1, codes));
        run.concludes();
        run.findings()
    };
    assert_eq!(limited(&[Q2, Q2, Q1, Q0], &[0x80, 0x80, 1, 0]), ["MQTT-3.2.2-10"]);
    assert!(limited(&[Q2, Q2, Q2, Q1, Q0], &[0x80, 0x80, 1, 1, 0]).is_empty());
    assert!(limited(&[Q2, Q2, Q1, Q1, Q0], &[0x80, 0x80, 0x80, 1, 0]).is_empty());
    assert!(limited(&[Q2, Q2, Q1], &[0x80, 0x80, 1]).is_empty());
    assert!(limited(&[Q2, Q1, Q0], &[0x80, 1, 0]).is_empty());
}

#[test]
fn pubrels_come_in_the_order_of_the_pubrecs() {
    let received = |sent: &[u16], released: &[u16]| {
        let mut run = Run::connected(V4);
        run.subscribe(0, 1, "a", Q2);
        for id in [1, 2] {
            run.gets(0, PacketBuf::Publish(message("a", &id.to_string(), Q2, id)));
        }
        for id in sent {
            run.sends(0, PacketBuf::PubRec(ack(*id)));
        }
        for id in released {
            run.gets(0, PacketBuf::PubRel(ack(*id)));
        }
        run.findings().contains(&"MQTT-4.6.0-6".to_owned())
    };
    assert!(received(&[1, 2], &[2]));
    assert!(!received(&[1, 2], &[1, 2]));
    assert!(!received(&[2, 1], &[2, 1]));
    // A PUBREC that is sent twice asks for the same PUBREL.
    assert!(!received(&[1, 1, 2], &[1, 2]));
    // One that was answered asks for nothing.
    let mut run = Run::connected(V4);
    run.subscribe(0, 1, "a", Q2);
    for id in [1, 2] {
        run.gets(0, PacketBuf::Publish(message("a", &id.to_string(), Q2, id)));
    }
    run.sends(0, PacketBuf::PubRec(ack(1)));
    run.gets(0, PacketBuf::PubRel(ack(1)));
    run.sends(0, PacketBuf::PubRec(ack(1)));
    run.sends(0, PacketBuf::PubRec(ack(2)));
    run.gets(0, PacketBuf::PubRel(ack(2)));
    assert!(!run.findings().contains(&"MQTT-4.6.0-6".to_owned()));
}

#[test]
fn an_unsuback_with_too_few_codes_or_behind_our_disconnect_says_nothing_about_subscriptions() {
    let mut run = Run::connected(V5);
    run.subscribe(0, 1, "a", Q1);
    run.sends(0, leaving(2, &["a", "never"]));
    run.gets(0, unsuback(2, &[NONE]));
    run.finds(&["MQTT-3.11.3-2"]);
    // The session may have ended.
    let mut run = Run::connected(V5);
    run.subscribe(0, 1, "a", Q1);
    run.sends(0, leaving(2, &["a"]));
    run.sends(0, disconnect(ReasonCode::SUCCESS));
    run.gets(0, unsuback(2, &[NONE]));
    assert!(!run.findings().contains(&LASTS[0].to_owned()));
}

#[test]
fn codes_fit_in_the_reverse_order_only_if_all_do() {
    let mut run = Run::connected(V5);
    for (id, filter) in [(1, "a"), (2, "b")] {
        run.subscribe(0, id, filter, Q1);
    }
    run.unsubscribe(0, 4, "b");
    run.sends(0, leaving(5, &["a", "b", "never"]));
    run.gets(0, unsuback(5, &[NONE, 0, 0]));
    run.finds(&LASTS);
}

#[test]
fn of_a_session_that_nobody_knows_nothing_is_said() {
    // CONNACK denies the session that there was: that is found, and what it holds is open.
    let mut run = Run::new(V5);
    run.connect_with(0, kept(V5, "alice", 60), connack());
    run.closes(0, true);
    run.connect_with(1, kept(V5, "alice", 60), connack());
    run.subscribe(1, 1, "a", Q1);
    run.sends(1, leaving(2, &["a"]));
    run.gets(1, unsuback(2, &[NONE]));
    run.concludes();
    run.finds(&["MQTT-3.1.2-23"]);
    // Two connections overlapped.
    let mut run = Run::new(V5);
    run.sends(0, PacketBuf::Connect(connect(V5, "alice")));
    run.sends(1, PacketBuf::Connect(connect(V5, "alice")));
    run.gets(0, PacketBuf::ConnAck(connack()));
    run.gets(1, PacketBuf::ConnAck(connack()));
    run.closes(0, true);
    run.subscribe(1, 1, "a", Q1);
    run.sends(1, leaving(2, &["a"]));
    run.gets(1, unsuback(2, &[NONE]));
    run.is_silent();
}

#[test]
fn a_publish_that_was_repeated_may_find_nobody() {
    let mut run = Run::new(V5);
    run.connect_with(0, kept(V5, "alice", 60), connack());
    run.connect(1, "bob");
    run.subscribe(1, 1, "a", Q1);
    run.sends(0, PacketBuf::Publish(message("a", "x", Q1, 1)));
    run.closes(0, false);
    run.connect_with(2, kept(V5, "alice", 60), resumed());
    run.sends(2, PacketBuf::Publish(PublishBuf { dup: true, ..message("a", "x", Q1, 1) }));
    run.gets(2, PacketBuf::PubAck(AckBuf { reason_code: ReasonCode::NO_MATCHING_SUBSCRIBERS, ..ack(1) }));
    run.monitor.settle();
    assert!(!run.findings().contains(&"§3.4.2.1".to_owned()));
}

#[test]
fn a_client_without_a_maximum_qos_and_its_end_show_nothing_about_that_of_another() {
    let mut run = Run::new(V5);
    let properties = vec![PropertyBuf::maximum_qos(1)];
    run.connect_with(0, connect(V5, "alice"), ConnAckBuf { properties, ..connack() });
    run.connect(1, "bob");
    run.sends(1, subscribe(1, "x", SubscriptionOptions { qos: Q1, ..Default::default() }, vec![]));
    run.gets(1, suback(1, &[0x80]));
    for (id, qos, code) in [(1, Q2, 0x80), (2, Q2, 0x80), (3, Q1, 1), (4, Q0, 0)] {
        let options = SubscriptionOptions { qos, ..Default::default() };
        run.sends(0, subscribe(id, &id.to_string(), options, vec![]));
        if id == 2 {
            run.closes(1, true);
        }
        run.gets(0, suback(id, &[code]));
    }
    run.concludes();
    run.finds(&["MQTT-3.2.2-10"]);
}

/// `alice` sends SUBSCRIBE and UNSUBSCRIBE of `a` in one write, in this order.
fn in_one_write(subscribes_first: bool) -> Run {
    let mut run = Run::connected(V5);
    run.connect(1, "bob");
    let asks = subscribe(2, "a", SubscriptionOptions { qos: Q1, ..Default::default() }, vec![]);
    let mut both = [asks, leaving(3, &["a"])];
    if !subscribes_first {
        run.subscribe(0, 1, "a", Q1);
        both.reverse();
    }
    let bytes = both.map(|packet| packet.encode(V5).unwrap()).concat();
    run.sends_bytes(0, &bytes);
    // As of one segment of a capture.
    let event = run.next();
    let mut answers = [suback(2, &[1]), unsuback(3, &[0])];
    if !subscribes_first {
        answers.reverse();
    }
    for answer in answers {
        run.monitor.received(0, event, &answer.encode(V5).unwrap());
    }
    run
}

#[test]
fn what_is_subscribed_to_and_removed_in_one_write_is_removed() {
    let mut run = in_one_write(true);
    run.sends(0, leaving(4, &["a"]));
    run.gets(0, unsuback(4, &[NONE]));
    run.is_silent();
    let mut run = in_one_write(true);
    run.sends(1, PacketBuf::Publish(message("a", "x", Q1, 1)));
    run.gets(1, PacketBuf::PubAck(AckBuf { reason_code: ReasonCode::NO_MATCHING_SUBSCRIBERS, ..ack(1) }));
    run.concludes();
    run.is_silent();
    // In the other order it is there.
    let mut run = in_one_write(false);
    run.sends(1, PacketBuf::Publish(message("a", "x", Q1, 1)));
    run.gets(1, PacketBuf::PubAck(ack(1)));
    run.gets(0, PacketBuf::Publish(message("a", "x", Q1, 1)));
    run.sends(0, PacketBuf::PubAck(ack(1)));
    run.concludes();
    run.is_silent();
}

#[test]
fn what_was_answered_in_one_segment_is_told_in_its_order() {
    // UNSUBACK and SUBACK: the subscription is there.
    let mut run = in_one_write(false);
    run.sends(0, leaving(4, &["a"]));
    run.gets(0, unsuback(4, &[NONE]));
    run.finds(&LASTS);
    // CONNACK and SUBACK: it was made in this session, not taken up with it.
    let mut run = Run::new(V5);
    run.sends(0, PacketBuf::Connect(connect(V5, "alice")));
    run.sends(0, subscribe(1, "a", SubscriptionOptions { qos: Q1, ..Default::default() }, vec![]));
    let event = run.next();
    for answer in [PacketBuf::ConnAck(connack()), suback(1, &[1])] {
        run.monitor.received(0, event, &answer.encode(V5).unwrap());
    }
    run.sends(0, leaving(4, &["a"]));
    run.gets(0, unsuback(4, &[NONE]));
    run.finds(&LASTS);
}

#[test]
fn what_many_connections_left_unanswered_does_not_end_the_watch() {
    let mut run = Run::new(V5);
    for connection in 10..1_100 {
        run.connect(connection, "bob");
        run.sends(connection, leaving(1, &["b"]));
        run.sends(connection, subscribe(2, "b", SubscriptionOptions { qos: Q1, ..Default::default() }, vec![]));
        run.closes(connection, true);
    }
    run.all_findings();
    run.connect(0, "alice");
    run.subscribe(0, 1, "a", Q1);
    run.sends(0, leaving(2, &["a"]));
    run.gets(0, unsuback(2, &[NONE]));
    run.finds(&LASTS);
}

#[test]
fn in_3_1_nobody_knows_whether_a_subscription_outlived_its_connection() {
    let mut run = Run::connected(V5);
    run.version = V3;
    run.connect_with(1, kept(V3, "bob", 60), connack());
    run.subscribe(1, 1, "a", Q1);
    run.closes(1, true);
    run.connect_with(2, kept(V3, "bob", 60), connack());
    run.version = V5;
    run.sends(0, PacketBuf::Publish(message("a", "x", Q1, 1)));
    run.gets(0, PacketBuf::PubAck(AckBuf { reason_code: ReasonCode::NO_MATCHING_SUBSCRIBERS, ..ack(1) }));
    run.monitor.settle();
    assert!(!run.findings().contains(&"§3.4.2.1".to_owned()));
}
