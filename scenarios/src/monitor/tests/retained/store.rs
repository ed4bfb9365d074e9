//! What may be stored when somebody asks, by who published when, and was acknowledged when (MQTT-3.3.1-5, -6).

use super::*;
use crate::Time;

/// `bob` publishes on connection 1, `cyd` on 2, and `alice` asks on 0.
fn three() -> Run {
    let mut run = two(V5);
    run.connect(2, "cyd");
    run
}

/// `cyd` replaces what is stored, and that is acknowledged.
fn replaces(run: &mut Run) {
    run.sends(2, retained("a", "2", Q1, 1));
    run.gets(2, PacketBuf::PubAck(ack(1)));
}

/// `alice` asks and gets this from the store.
#[track_caller]
fn gets_from_store(run: &mut Run, payload: &str, expected: &[&str]) {
    run.subscribe(0, 1, "a", Q1);
    run.gets(0, retained("a", payload, Q0, 0));
    run.finds(expected);
}

#[test]
fn what_was_acknowledged_first_is_replaced_by_what_was_published_later() {
    let mut run = three();
    run.retains("a", "1", 1);
    replaces(&mut run);
    gets_from_store(&mut run, "1", &["MQTT-3.3.1-5"]);
    let mut run = three();
    run.retains("a", "1", 1);
    replaces(&mut run);
    gets_from_store(&mut run, "2", &[]);
    // They overlap.
    let mut run = three();
    run.sends(1, retained("a", "1", Q1, 1));
    replaces(&mut run);
    run.gets(1, PacketBuf::PubAck(ack(1)));
    gets_from_store(&mut run, "1", &[]);
}

#[test]
fn a_pingresp_shows_that_qos_0_has_arrived_or_is_lost() {
    let ping = |run: &mut Run, connection| {
        run.sends(connection, PacketBuf::PingReq);
        run.gets(connection, PacketBuf::PingResp);
    };
    let mut run = three();
    run.sends(1, retained("a", "1", Q0, 0));
    ping(&mut run, 1);
    replaces(&mut run);
    gets_from_store(&mut run, "1", &["MQTT-3.3.1-5"]);
    // Nothing shows that it came before the other.
    let mut run = three();
    run.sends(1, retained("a", "1", Q0, 0));
    replaces(&mut run);
    gets_from_store(&mut run, "1", &[]);
    // The PINGREQ was sent first.
    let mut run = three();
    run.sends(1, PacketBuf::PingReq);
    run.sends(1, retained("a", "1", Q0, 0));
    run.gets(1, PacketBuf::PingResp);
    replaces(&mut run);
    gets_from_store(&mut run, "1", &[]);
    // Another connection.
    let mut run = three();
    run.sends(1, retained("a", "1", Q0, 0));
    ping(&mut run, 2);
    replaces(&mut run);
    gets_from_store(&mut run, "1", &[]);
}

#[test]
fn once_everything_is_quiet_qos_0_has_arrived_or_is_lost() {
    let mut run = three();
    run.sends(1, retained("a", "1", Q0, 0));
    run.settles(&[]);
    replaces(&mut run);
    gets_from_store(&mut run, "1", &["MQTT-3.3.1-5"]);
}

#[test]
fn on_one_connection_messages_arrive_in_order() {
    let mut run = three();
    run.sends(1, retained("a", "1", Q0, 0));
    run.retains("a", "2", 1);
    gets_from_store(&mut run, "1", &["MQTT-3.3.1-5"]);
    // The other way round.
    let mut run = three();
    run.sends(1, retained("a", "2", Q1, 1));
    run.sends(1, retained("a", "1", Q0, 0));
    run.gets(1, PacketBuf::PubAck(ack(1)));
    gets_from_store(&mut run, "1", &[]);
    // A QoS 2 message may be taken at its PUBREL.
    let mut run = three();
    run.sends(1, retained("a", "1", Q2, 7));
    run.gets(1, PacketBuf::PubRec(ack(7)));
    run.retains("a", "2", 1);
    gets_from_store(&mut run, "1", &[]);
    run.is_silent();
    let mut run = three();
    run.sends(1, retained("a", "1", Q2, 7));
    run.gets(1, PacketBuf::PubRec(ack(7)));
    run.sends(1, PacketBuf::PubRel(ack(7)));
    run.gets(1, PacketBuf::PubComp(ack(7)));
    run.retains("a", "2", 1);
    gets_from_store(&mut run, "1", &["MQTT-3.3.1-5"]);
}

#[test]
fn a_message_that_is_sent_again_may_be_taken_late() {
    let mut run = Run::connected(V5);
    let keeps = |clean_start| {
        let properties = vec![PropertyBuf::session_expiry_interval(100)];
        ConnectBuf { clean_start, properties, ..connect(V5, "bob") }
    };
    run.connect_with(1, keeps(true), connack());
    run.sends(1, retained("a", "1", Q1, 1));
    run.sends(1, retained("a", "2", Q1, 2));
    run.gets(1, PacketBuf::PubAck(ack(2)));
    run.closes(1, false);
    run.connect_with(2, keeps(false), ConnAckBuf { session_present: true, ..connack() });
    let PacketBuf::Publish(first) = retained("a", "1", Q1, 1) else { panic!() };
    run.sends(2, PacketBuf::Publish(PublishBuf { dup: true, ..first }));
    gets_from_store(&mut run, "1", &[]);
}

#[test]
fn qos_2_is_stored_once_its_exchange_is_complete() {
    for complete in [true, false] {
        let mut run = two(V5);
        run.sends(1, retained("a", "1", Q2, 1));
        run.gets(1, PacketBuf::PubRec(ack(1)));
        run.sends(1, PacketBuf::PubRel(ack(1)));
        if complete {
            run.gets(1, PacketBuf::PubComp(ack(1)));
        }
        run.subscribe(0, 1, "a", Q1);
        if !complete {
            run.gets(1, PacketBuf::PubComp(ack(1)));
        }
        run.settles(if complete { &["MQTT-3.3.1-9", "MQTT-3.3.1-5"] } else { &[] });
    }
}

#[test]
fn what_is_acknowledged_after_the_subscription_need_not_have_been_stored_before() {
    for acknowledged_first in [true, false] {
        let mut run = two(V5);
        run.sends(1, retained("a", "1", Q1, 1));
        if acknowledged_first {
            run.gets(1, PacketBuf::PubAck(ack(1)));
        }
        run.subscribe(0, 1, "a", Q1);
        if !acknowledged_first {
            run.gets(1, PacketBuf::PubAck(ack(1)));
            assert_eq!(run.monitor.owed(), Owed::Nothing);
        }
        run.settles(if acknowledged_first { &["MQTT-3.3.1-9", "MQTT-3.3.1-5"] } else { &[] });
    }
}

#[test]
fn what_was_refused_or_against_the_protocol_removes_nothing_for_sure() {
    let removes = |run: &mut Run, reason_code| {
        run.sends(2, retained("a", "", Q1, 1));
        run.gets(2, PacketBuf::PubAck(AckBuf { reason_code, ..ack(1) }));
    };
    for (unlawful, reason_code, expected) in [
        (false, ReasonCode::SUCCESS, &["MQTT-3.3.1-6"][..]),
        (false, ReasonCode::NOT_AUTHORIZED, &[]),
        (true, ReasonCode::SUCCESS, &[]),
    ] {
        let mut run = three();
        run.retains("a", "1", 1);
        if unlawful {
            run.sends(2, PacketBuf::PingResp);
        }
        removes(&mut run, reason_code);
        run.all_findings();
        gets_from_store(&mut run, "1", expected);
    }
}

#[test]
fn a_will_replaces_what_is_stored_once_it_is_published_for_sure() {
    for (seconds, expected) in [(0.0, &[][..]), (0.9, &[]), (1.1, &["MQTT-3.3.1-5"])] {
        let mut run = two(V5);
        run.retains("a", "1", 1);
        let will = WillBuf { qos: Q1, retain: true, properties: vec![], topic: "a".into(), payload: b"2".to_vec() };
        run.connect_with(2, ConnectBuf { will: Some(will), keep_alive: 0, ..connect(V5, "cyd") }, connack());
        run.closes(2, false);
        run.monitor.at(Time::from_micros((seconds * 1e6) as u64));
        gets_from_store(&mut run, "1", expected);
    }
}

#[test]
fn the_sentence_is_that_of_what_happened_between_the_last_sight_of_it_and_the_subscription() {
    let plain = |run: &mut Run| {
        run.sends(1, PacketBuf::Publish(message("a", "plain", Q1, 9)));
        run.gets(1, PacketBuf::PubAck(ack(9)));
    };
    // It was still there after the message with RETAIN 0.
    let mut run = two(V5);
    run.retains("a", "1", 1);
    plain(&mut run);
    run.subscribe(0, 1, "a", Q1);
    run.brings("a", "1", 1);
    run.unsubscribe(0, 2, "a");
    run.subscribe(0, 3, "a", Q1);
    run.settles(&["MQTT-3.3.1-9"]);
    // That came too late to do anything.
    let mut run = two(V5);
    run.retains("a", "1", 1);
    run.retains("b", "2", 2);
    run.subscribe(0, 1, "+", Q0);
    run.gets(0, retained("b", "2", Q0, 0));
    run.unsubscribe(0, 2, "+");
    run.subscribe(0, 3, "a", Q1);
    plain(&mut run);
    run.monitor.settle();
    let findings = run.findings();
    assert!(findings.contains(&"MQTT-3.3.1-9".to_owned()) && !findings.contains(&"MQTT-3.3.1-8".to_owned()));
    // The publisher's session ended, and the store shows that it is searched.
    let mut run = two(V4);
    run.retains("a", "1", 1);
    run.connect(2, "cyd");
    run.sends(2, retained("b", "2", Q1, 1));
    run.gets(2, PacketBuf::PubAck(ack(1)));
    run.closes(1, false);
    run.subscribe(0, 1, "+", Q1);
    run.brings("b", "2", 1);
    run.settles(&["MQTT-3.1.2-7"]);
    // It ended too late.
    let mut run = two(V4);
    run.retains("a", "1", 1);
    run.connect(2, "cyd");
    run.sends(2, retained("b", "2", Q1, 1));
    run.gets(2, PacketBuf::PubAck(ack(1)));
    run.subscribe(0, 1, "+", Q1);
    run.brings("b", "2", 1);
    run.closes(1, false);
    run.settles(&["MQTT-3.3.1-6"]);
}
