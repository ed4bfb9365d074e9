mod ends;
mod receipts;

use mqttspec_codec::WillBuf;

use super::super::publications::{Publication, Source};
use super::*;
use crate::Time;

/// `alice` on connection 0 subscribes to `w` at QoS 2.
fn watched(version: ProtocolVersion) -> Run {
    let mut run = Run::connected(version);
    run.subscribe(0, 1, "w", Q2);
    run
}

/// A CONNECT of `bob` with a will of QoS 1 and these Will Properties.
fn with_will(version: ProtocolVersion, properties: Vec<PropertyBuf>) -> ConnectBuf {
    let will = WillBuf { qos: Q1, retain: false, properties, topic: "w".into(), payload: b"gone".to_vec() };
    ConnectBuf { will: Some(will), keep_alive: 0, ..connect(version, "bob") }
}

/// The same with a delay and a session that outlives it.
fn delayed(seconds: u32) -> ConnectBuf {
    let mut connect = with_will(V5, vec![PropertyBuf::will_delay_interval(seconds)]);
    connect.properties.push(PropertyBuf::session_expiry_interval(100));
    connect
}

fn gone(packet_id: u16) -> PacketBuf {
    PacketBuf::Publish(message("w", "gone", Q1, packet_id))
}

impl Run {
    fn at(&mut self, seconds: f64) {
        self.monitor.at(Time::from_micros((seconds * 1e6) as u64));
    }

    fn wills(&self) -> Vec<Publication> {
        let all = self.monitor.state.publications.iter();
        all.map(|(_, one)| one).filter(|one| one.source == Source::Will).cloned().collect()
    }
}

#[test]
fn a_lost_connection_frees_the_will() {
    for version in ProtocolVersion::ALL {
        let mut run = watched(version);
        run.connect_with(1, with_will(version, vec![]), connack());
        assert!(run.wills().is_empty());
        run.closes(1, false);
        let closed = run.event;
        let [will] = &run.wills()[..] else { panic!() };
        assert_eq!((will.event, will.accepted, will.doubtful), (closed, None, false));
        assert_eq!(run.monitor.owed(), Owed::Soon);
        run.gets(0, gone(1));
        assert_eq!(run.wills()[0].accepted, Some(run.event));
        run.is_silent();
    }
}

#[test]
fn a_will_that_nobody_got_is_certain_after_a_while() {
    let mut run = watched(V5);
    run.connect_with(1, with_will(V5, vec![]), connack());
    run.closes(1, false);
    run.at(0.5);
    run.monitor.settle();
    assert_eq!(run.wills()[0].accepted, None);
    run.at(1.0);
    // Nothing has happened since: the same call finds that it did not come.
    run.monitor.settle();
    assert!(run.wills()[0].accepted.is_some());
    let findings = run.all_findings();
    assert_eq!(findings.iter().map(name).collect::<Vec<_>>(), ["MQTT-3.1.2-8"]);
    let origin = "the Will Message of the CONNECT of event 5, whose connection was closed in event 7; it has not come";
    assert!(findings[0].message.ends_with(origin), "{}", findings[0].message);
    assert_eq!(findings[0].events, [4, 5, 7]);
}

#[test]
fn the_argument_names_what_ended_the_connection_of_a_will() {
    let mut run = watched(V5);
    run.connect_with(1, with_will(V5, vec![]), connack());
    run.sends(1, disconnect(ReasonCode::DISCONNECT_WITH_WILL_MESSAGE));
    run.closes(1, true);
    assert_eq!(run.wills()[0].origins().collect::<Vec<_>>(), [5, 7]);
    assert!(run.wills()[0].origin().ends_with("whose connection ended with the DISCONNECT of event 7"));
    let mut run = watched(V5);
    run.connect_with(1, with_will(V5, vec![]), connack());
    run.connect_with(2, with_will(V5, vec![]), connack());
    assert!(run.wills()[0].origin().ends_with("whose connection was taken over by the CONNECT of event 7"));
}

#[test]
fn disconnect_deletes_the_will() {
    for (version, expected) in [(V5, "MQTT-3.14.4-3"), (V4, "MQTT-3.14.4-3"), (V3, "MQTT31-3.14-1")] {
        let mut run = watched(version);
        run.connect_with(1, with_will(version, vec![]), connack());
        run.sends(1, disconnect(ReasonCode::NORMAL_DISCONNECTION));
        run.closes(1, true);
        assert!(run.wills().is_empty());
        run.gets(0, gone(1));
        run.finds(&[expected]);
        // We closed in order.
        let mut run = watched(version);
        run.connect_with(1, with_will(version, vec![]), connack());
        run.sends(1, disconnect(ReasonCode::NORMAL_DISCONNECTION));
        let event = run.next();
        run.monitor.finished(1, event);
        run.gets(0, gone(1));
        run.finds(&[expected]);
    }
}

#[test]
fn a_disconnect_that_may_be_lost_deletes_nothing_for_sure() {
    // We closed at once; or something was unanswered; or the client connected again.
    for case in 0..3 {
        let mut run = watched(V5);
        run.connect_with(1, with_will(V5, vec![]), connack());
        if case == 1 {
            run.sends(1, PacketBuf::PingReq);
        }
        run.sends(1, disconnect(ReasonCode::NORMAL_DISCONNECTION));
        if case == 2 {
            run.connect(2, "bob");
        }
        run.closes(1, case != 0);
        assert!(run.wills().iter().all(|will| will.doubtful));
        run.gets(0, gone(1));
        run.is_silent();
    }
}

#[test]
fn a_disconnect_against_the_protocol_deletes_nothing_for_sure() {
    let mut run = watched(V5);
    run.connect_with(1, with_will(V5, vec![]), connack());
    let properties = vec![PropertyBuf::session_expiry_interval(5)];
    run.sends(1, PacketBuf::Disconnect(DisconnectBuf { reason_code: ReasonCode::NORMAL_DISCONNECTION, properties }));
    run.closes(1, true);
    run.gets(0, gone(1));
    run.is_silent();
}

#[test]
fn disconnect_with_will_message_frees_it() {
    let mut run = watched(V5);
    run.connect_with(1, with_will(V5, vec![]), connack());
    run.sends(1, disconnect(ReasonCode::DISCONNECT_WITH_WILL_MESSAGE));
    let sent = run.event;
    run.closes(1, true);
    assert!(run.wills()[0].event <= sent && !run.wills()[0].doubtful);
}

#[test]
fn a_will_that_may_have_come_before_the_end_was_seen_is_not_owed() {
    // A message of the same content was published, so that nobody knows which of the two came.
    for by_server in [true, false] {
        let mut run = watched(V5);
        run.connect_with(1, with_will(V5, vec![]), connack());
        run.sends(0, PacketBuf::Publish(publish("w", "gone")));
        run.gets(0, PacketBuf::Publish(publish("w", "gone")));
        run.closes(1, by_server);
        assert_eq!(run.wills()[0].doubtful, by_server);
    }
}

#[test]
fn a_refused_connect_has_no_will() {
    let mut run = watched(V5);
    let refusal = ConnAckBuf { reason_code: ReasonCode::NOT_AUTHORIZED, ..connack() };
    run.connect_with(1, with_will(V5, vec![]), refusal);
    run.closes(1, true);
    assert!(run.wills().iter().all(|will| will.doubtful));
}

#[test]
fn a_take_over_frees_the_will() {
    let mut run = watched(V4);
    run.connect_with(1, with_will(V4, vec![]), connack());
    run.connect(2, "bob");
    assert!(!run.wills()[0].doubtful);
    run.closes(1, true);
    assert_eq!(run.wills().len(), 1);
    run.gets(0, gone(1));
    run.is_silent();
}

#[test]
fn a_will_waits_for_its_delay() {
    for (seconds, expected) in [(0.0, &["MQTT-3.1.2-8"][..]), (3.9, &["MQTT-3.1.2-8"]), (4.1, &[]), (9.0, &[])] {
        let mut run = watched(V5);
        run.connect_with(1, delayed(5), connack());
        run.closes(1, false);
        run.at(seconds);
        run.gets(0, gone(1));
        run.finds(expected);
    }
}

#[test]
fn a_delayed_will_is_due_when_the_delay_or_the_session_ends() {
    let short = |seconds| {
        let mut connect = with_will(V5, vec![PropertyBuf::will_delay_interval(60)]);
        connect.properties.push(PropertyBuf::session_expiry_interval(seconds));
        connect
    };
    for (connect, due) in [(delayed(5), 5.0), (short(7), 7.0), (short(0), 0.0)] {
        let mut run = watched(V5);
        run.connect_with(1, connect, connack());
        run.closes(1, false);
        run.at(due - 1.1);
        run.monitor.settle();
        assert_eq!(run.wills().is_empty(), due > 0.0);
        run.at(due + 0.9);
        run.monitor.settle();
        assert_eq!(run.wills()[0].accepted, None);
        run.at(due + 3.0);
        run.monitor.settle();
        assert!(run.wills()[0].accepted.is_some() && !run.wills()[0].doubtful);
    }
}

#[test]
fn a_client_that_comes_back_in_time_keeps_its_will() {
    for (clean_start, session_present, back, expected) in [
        (false, true, 1.0, &["MQTT-3.1.3-9"][..]),
        (false, true, 4.5, &[]),
        (false, false, 1.0, &[]),
        (true, false, 1.0, &[]),
    ] {
        let mut run = watched(V5);
        run.connect_with(1, delayed(5), connack());
        run.closes(1, false);
        run.at(back);
        let again = ConnectBuf { clean_start, ..connect(V5, "bob") };
        run.connect_with(2, again, ConnAckBuf { session_present, ..connack() });
        run.at(9.0);
        run.gets(0, gone(1));
        run.finds(expected);
    }
}

#[test]
fn a_clean_start_may_make_the_will_due_before_it_is_answered() {
    let mut run = watched(V5);
    run.connect_with(1, delayed(5), connack());
    run.closes(1, false);
    run.sends(2, PacketBuf::Connect(connect(V5, "bob")));
    run.gets(0, gone(1));
    run.gets(2, PacketBuf::ConnAck(connack()));
    run.is_silent();
}

#[test]
fn a_take_over_in_time_cancels_a_delayed_will() {
    let mut run = watched(V5);
    run.connect_with(1, delayed(5), connack());
    let again = ConnectBuf { clean_start: false, ..connect(V5, "bob") };
    run.connect_with(2, again, ConnAckBuf { session_present: true, ..connack() });
    run.closes(1, true);
    run.gets(0, gone(1));
    run.finds(&["MQTT-3.1.2-8"]);
}

#[test]
fn a_will_belongs_to_one_connection() {
    // Published once, and again for a later connection that has none.
    let mut run = watched(V5);
    run.connect_with(1, with_will(V5, vec![]), connack());
    run.closes(1, false);
    run.gets(0, gone(1));
    run.connect(2, "bob");
    run.closes(2, false);
    run.is_silent();
    run.gets(0, gone(2));
    run.finds(&["MQTT-3.1.2-10"]);

    // Two connections with the same will: it comes twice.
    let mut run = watched(V5);
    for connection in [1, 2] {
        run.connect_with(connection, with_will(V5, vec![]), connack());
        run.closes(connection, false);
    }
    run.connect(3, "bob");
    run.closes(3, false);
    run.gets(0, gone(1));
    run.gets(0, gone(2));
    run.is_silent();
    run.gets(0, gone(3));
    run.finds(&["MQTT-3.1.2-10"]);
}

#[test]
fn a_will_keeps_its_qos() {
    for (version, expected) in [(V5, "§3.1.2.6"), (V4, "MQTT-3.1.2-9"), (V3, "MQTT31-3.1-5")] {
        let mut run = watched(version);
        run.connect_with(1, with_will(version, vec![]), connack());
        run.closes(1, false);
        run.gets(0, PacketBuf::Publish(publish("w", "gone")));
        run.finds(&[expected]);
    }
    let mut run = Run::connected(V5);
    run.subscribe(0, 1, "w", Q0);
    run.connect_with(1, with_will(V5, vec![]), connack());
    run.closes(1, false);
    run.gets(0, PacketBuf::Publish(publish("w", "gone")));
    run.is_silent();
}

#[test]
fn a_disconnect_with_reserved_flags_is_read_in_two_ways() {
    // 3.1.2.5 and 3.14.1 against 3.14.4: a deviation, that says so.
    for version in [V5, V4] {
        for comes in [false, true] {
            let mut run = watched(version);
            run.connect_with(1, with_will(version, vec![]), connack());
            run.sends_bytes(1, &[0xE1, 0x00]);
            run.closes(1, true);
            if comes {
                run.gets(0, gone(1));
            }
            run.at(60.0);
            run.monitor.settle();
            let findings = run.all_findings();
            let found: Vec<_> = findings.iter().map(|f| (f.statement.as_str(), f.level)).collect();
            let expected = [("MQTT-3.14.1-1", Level::Should)];
            assert_eq!(found, if comes { &[][..] } else { &expected[..] }, "{findings:#?}");
        }
    }
}
