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
