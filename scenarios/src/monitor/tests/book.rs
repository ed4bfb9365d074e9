//! What the monitor remembers, and how much.

use super::super::connection::{ConnAckSeen, Connection};
use super::super::published::{Digest, Published, Sending};
use super::super::report::Report;
use super::*;

fn sending() -> Sending {
    Sending { qos: Q0, retain: false, dup: false, will: false, client: Some(0), event: 5 }
}

#[test]
fn messages_that_are_alike_are_taken_together() {
    let digest = Digest::of("a", b"x");
    let both = |first: Sending, second: Sending| {
        let mut published = Published::default();
        published.record(digest, first);
        published.record(digest, second);
        published.get(digest).unwrap().clone()
    };
    let same = both(sending(), sending());
    assert!(!same.any_retain && !same.all_retain && !same.any_dup && !same.any_will && !same.wills_only);
    assert_eq!((same.qos, same.only_client, same.first), (Q0, Some(0), 5));
    // In either order.
    let (plain, other) =
        (sending(), Sending { qos: Q2, retain: true, dup: true, will: true, client: Some(1), event: 6 });
    for (first, second) in [(plain, other), (other, plain)] {
        let mixed = both(first, second);
        assert!(mixed.any_retain && !mixed.all_retain && mixed.any_dup && mixed.any_will && !mixed.wills_only);
        assert_eq!((mixed.qos, mixed.only_client, mixed.first), (Q2, None, first.event));
    }
    let others = both(other, other);
    assert!(others.all_retain && others.wills_only);
}

#[test]
fn so_many_messages_are_remembered_and_then_nobody_knows() {
    let digest = |number: usize| Digest::of("a", number.to_string().as_bytes());
    let mut published = Published::default();
    for number in 0..4_096 {
        published.record(digest(number), sending());
    }
    published.record(digest(0), sending());
    assert!(published.get(digest(0)).is_some() && !published.is_incomplete());
    published.record(digest(4_096), sending());
    assert!(published.get(digest(0)).is_none() && published.is_incomplete());
}

#[test]
fn findings_of_a_kind_are_bounded_and_so_are_all() {
    let mut report = Report::default();
    for _ in 0..10 {
        report.add(Finding::of(V5, "MQTT-2.2.1-5", "x").on(0));
        report.add(Finding::of(V5, "MQTT-2.2.1-5", "x").on(1));
        report.add(Finding::of_section("3.1", Level::Must, "x").on(1));
    }
    assert_eq!(report.take().len(), 3 * 4);
    for connection in 2..1_000 {
        report.add(Finding::of(V5, "MQTT-2.2.1-5", "x").on(connection));
    }
    assert_eq!(report.take().len(), 400 - 3 * 4);
}

#[test]
fn observations_are_kept_once_and_are_bounded() {
    let mut report = Report::default();
    for number in 0..64 {
        report.observe("choice", &number.to_string());
        report.observe("choice", &number.to_string());
    }
    report.observe("choice", "one more");
    let observed = report.take_observations();
    assert_eq!(observed.len(), 64);
    assert_eq!(observed[63].1, "63");
}

#[test]
fn the_first_thing_that_does_not_decode_is_kept() {
    let mut connection = Connection::new(0, V5);
    connection.garble(1, &[0; 65_537]);
    assert!(connection.garbled && connection.unreadable.is_none());
    connection.garble(2, &[0; 65_536]);
    connection.garble(3, &[1]);
    assert_eq!(connection.unreadable.map(|(event, _)| event), Some(2));
}

#[test]
fn a_session_is_resumed_where_connack_accepts_and_says_so() {
    for (accepted, session_present) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut connection = Connection::new(0, V5);
        assert!(!connection.resumed_session());
        connection.connack = Some(ConnAckSeen { event: 1, accepted, session_present, properties: vec![] });
        assert_eq!(connection.resumed_session(), accepted && session_present);
    }
}

#[test]
fn what_was_sent_out_of_place_leaves_it_open_what_was_published() {
    // After DISCONNECT, and before CONNECT: the Server may have read it, or not.
    let mut run = Run::connected(V5);
    assert!(!run.monitor.state.publications.is_incomplete());
    run.sends(0, disconnect(ReasonCode::SUCCESS));
    run.sends(0, PacketBuf::Publish(publish("a", "x")));
    assert!(run.monitor.state.publications.is_incomplete() && run.monitor.state.published.is_incomplete());
    let mut run = Run::new(V5);
    run.sends(0, PacketBuf::Publish(publish("a", "x")));
    assert!(run.monitor.state.publications.is_incomplete() && run.monitor.state.published.is_incomplete());
}

#[test]
fn a_publication_answered_with_0x80_is_refused() {
    let mut run = Run::connected(V5);
    for (id, code) in [(1, 0x10), (2, 0x80)] {
        run.sends(0, PacketBuf::Publish(message("a", "x", Q1, id)));
        run.gets(0, PacketBuf::PubAck(AckBuf { reason_code: ReasonCode(code), ..ack(id) }));
    }
    let known = |index: usize| run.monitor.state.publications.get(index).unwrap();
    assert!(known(0).accepted.is_some() && known(0).refused.is_none());
    assert!(known(1).accepted.is_none() && known(1).refused.is_some());
}

#[test]
fn a_preview_that_is_cut_off_says_so() {
    let preview = |len: usize| super::super::publications::preview("x".repeat(len).as_bytes());
    assert_eq!(preview(24), "x".repeat(24));
    assert_eq!(preview(25), format!("{}…", "x".repeat(24)));
    assert_eq!(preview(60), format!("{}…", "x".repeat(24)));
}

#[test]
fn an_argument_does_not_grow_with_what_the_target_sends() {
    let mut run = Run::connected(V5);
    run.subscribe(0, 1, "a", Q0);
    run.gets(0, PacketBuf::Publish(publish(&"x".repeat(60_000), "x")));
    let findings = run.all_findings();
    assert!(!findings.is_empty());
    for finding in findings {
        assert!(finding.message.len() < 1_000, "{} bytes", finding.message.len());
    }
}
