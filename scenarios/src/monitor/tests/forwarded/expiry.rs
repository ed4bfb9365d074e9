//! When a Message Expiry Interval has surely passed (MQTT-3.3.2-5, MQTT-3.3.2-6): by what shows since when the Server has
//! the message, and how late it sends it.

use super::*;

const EXPIRED: [&str; 1] = ["MQTT-3.3.2-5"];

fn at(run: &mut Run, seconds: f64) {
    run.monitor.at(Time::from_micros((seconds * 1e6) as u64));
}

fn lasting(properties: Vec<PropertyBuf>) -> PublishBuf {
    PublishBuf { properties, ..publish("a", "m") }
}

fn ten() -> Vec<PropertyBuf> {
    vec![PropertyBuf::message_expiry_interval(10)]
}

/// `bob` publishes a message of 10 s at 0 s, and it is acknowledged.
fn published() -> Run {
    let mut run = two();
    run.sends(1, PacketBuf::Publish(with(ten())));
    run.gets(1, PacketBuf::PubAck(ack(1)));
    run
}

/// It comes to `alice` with an interval of 0 s.
fn comes(run: &mut Run, connection: usize) -> Vec<String> {
    run.all_findings();
    run.gets(connection, PacketBuf::Publish(with(vec![PropertyBuf::message_expiry_interval(0)])));
    run.findings()
}

/// A PINGREQ is sent and answered.
fn pings(run: &mut Run, connection: usize) {
    run.sends(connection, PacketBuf::PingReq);
    run.gets(connection, PacketBuf::PingResp);
}

#[test]
fn whatever_is_answered_shows_when_the_server_was_there() {
    let filters = vec!["b".to_owned()];
    let unsubscribe = PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id: 7, properties: vec![], filters });
    let message = |qos| PacketBuf::Publish(message("b", "x", qos, 7));
    for (question, answer) in [
        (subscribe(7, "b", SubscriptionOptions::default(), vec![]), suback(7, &[0])),
        (unsubscribe, unsuback(7, &[0])),
        (message(Q1), PacketBuf::PubAck(ack(7))),
        (message(Q2), PacketBuf::PubRec(ack(7))),
        (PacketBuf::PingReq, PacketBuf::PingResp),
    ] {
        let mut run = published();
        at(&mut run, 13.0);
        run.sends(0, question.clone());
        run.gets(0, answer.clone());
        assert_eq!(comes(&mut run, 0), EXPIRED, "{question:?}");
        // A question that was asked before shows nothing, however late its answer comes.
        let mut run = published();
        run.sends(0, question.clone());
        at(&mut run, 13.0);
        run.gets(0, answer);
        assert!(comes(&mut run, 0).is_empty(), "{question:?}");
    }
    for (released, expected) in [(13.0, &EXPIRED[..]), (0.0, &[])] {
        let mut run = published();
        run.sends(0, message(Q2));
        run.gets(0, PacketBuf::PubRec(ack(7)));
        at(&mut run, released);
        run.sends(0, PacketBuf::PubRel(ack(7)));
        at(&mut run, 13.0);
        run.gets(0, PacketBuf::PubComp(ack(7)));
        assert_eq!(comes(&mut run, 0), expected);
    }
}

#[test]
fn a_connack_shows_that_the_server_was_there_when_the_connect_was_sent() {
    for (seconds, expected) in [(13.0, &EXPIRED[..]), (1.0, &[])] {
        let mut run = Run::new(V5);
        let lasting = |clean_start| {
            let properties = vec![PropertyBuf::session_expiry_interval(100)];
            ConnectBuf { clean_start, properties, ..connect(V5, "alice") }
        };
        run.connect_with(0, lasting(true), connack());
        run.connect(1, "bob");
        run.subscribe(0, 1, "a", Q1);
        run.closes(0, false);
        run.sends(1, PacketBuf::Publish(with(ten())));
        run.gets(1, PacketBuf::PubAck(ack(1)));
        at(&mut run, seconds);
        run.sends(2, PacketBuf::Connect(lasting(false)));
        at(&mut run, 13.0);
        run.gets(2, PacketBuf::ConnAck(ConnAckBuf { session_present: true, ..connack() }));
        assert_eq!(comes(&mut run, 2), expected);
    }
}

#[test]
fn two_seconds_are_left_to_servers_that_count_whole_seconds() {
    for (seconds, expected) in [(12.0, &[][..]), (12.001, &EXPIRED)] {
        let mut run = published();
        at(&mut run, seconds);
        pings(&mut run, 0);
        assert_eq!(comes(&mut run, 0), expected, "{seconds}");
    }
}

#[test]
fn qos_0_has_surely_arrived_once_a_later_pingreq_is_answered() {
    type Case = (fn(&mut Run), &'static [&'static str]);
    let cases: [Case; 4] = [
        (
            |run| {
                run.sends(1, PacketBuf::Publish(lasting(ten())));
                pings(run, 1);
            },
            &EXPIRED,
        ),
        (|run| run.sends(1, PacketBuf::Publish(lasting(ten()))), &[]),
        (
            |run| {
                run.sends(1, PacketBuf::PingReq);
                run.sends(1, PacketBuf::Publish(lasting(ten())));
                run.gets(1, PacketBuf::PingResp);
            },
            &[],
        ),
        (
            |run| {
                run.connect(2, "cyd");
                run.sends(1, PacketBuf::Publish(lasting(ten())));
                pings(run, 2);
            },
            &[],
        ),
    ];
    for (publishes, expected) in cases {
        let mut run = two();
        publishes(&mut run);
        at(&mut run, 13.0);
        pings(&mut run, 0);
        run.gets(0, PacketBuf::Publish(lasting(vec![PropertyBuf::message_expiry_interval(0)])));
        run.finds(expected);
    }
}

#[test]
fn a_will_waits_from_when_it_is_published_for_sure() {
    for (seconds, expected) in [(12.5, &[][..]), (14.5, &EXPIRED)] {
        let mut run = two();
        let mut will = crate::model::will("a", "gone");
        will.properties = ten();
        run.connect_with(2, ConnectBuf { will: Some(will), keep_alive: 0, ..connect(V5, "cyd") }, connack());
        run.closes(2, false);
        at(&mut run, 2.0);
        pings(&mut run, 0);
        at(&mut run, seconds);
        pings(&mut run, 0);
        let properties = vec![PropertyBuf::message_expiry_interval(0)];
        run.gets(0, PacketBuf::Publish(PublishBuf { properties, ..publish("a", "gone") }));
        run.finds(expected);
    }
}

#[test]
fn what_may_be_another_message_or_go_to_anybody_has_not_expired() {
    // The same content without an interval.
    let mut run = published();
    run.sends(1, PacketBuf::Publish(publish("a", "m")));
    at(&mut run, 13.0);
    pings(&mut run, 0);
    assert!(comes(&mut run, 0).is_empty());
    // After what only a Server sends the Server may do as it likes.
    let mut run = published();
    run.sends(0, PacketBuf::PingResp);
    at(&mut run, 13.0);
    pings(&mut run, 0);
    assert!(comes(&mut run, 0).is_empty());
}
