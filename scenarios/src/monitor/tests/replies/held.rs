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
