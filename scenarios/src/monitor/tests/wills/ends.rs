//! How a connection ends, and what that makes of its will (MQTT-3.1.2-8, MQTT-3.1.2-10, MQTT-3.1.3-9, MQTT-3.14.4-3).

use super::*;

/// `bob` connects on 1 with a delayed will, and loses the connection at 0 s.
fn lost(seconds: u32) -> Run {
    let mut run = watched(V5);
    run.connect_with(1, delayed(seconds), connack());
    run.closes(1, false);
    run
}

fn back(clean_start: bool) -> ConnectBuf {
    ConnectBuf { clean_start, ..connect(V5, "bob") }
}

fn resumed() -> ConnAckBuf {
    ConnAckBuf { session_present: true, ..connack() }
}

#[test]
fn a_will_is_owed_to_a_subscriber_from_its_delay_on() {
    let mut run = lost(5);
    assert_eq!(run.monitor.owed(), Owed::Nothing);
    run.at(4.5);
    run.monitor.settle();
    assert!(!run.wills().is_empty());
    assert_eq!(run.monitor.owed(), Owed::Nothing);
    run.at(5.0);
    run.monitor.settle();
    assert_eq!(run.monitor.owed(), Owed::Soon);
    run.gets(0, gone(1));
    assert_eq!(run.monitor.owed(), Owed::Nothing);
    run.is_silent();
}

#[test]
fn a_will_is_certain_some_time_after_it_was_due() {
    let mut run = lost(5);
    run.at(7.9);
    run.monitor.settle();
    assert_eq!(run.wills()[0].accepted, None);
    run.at(8.0);
    run.monitor.settle();
    assert!(run.wills()[0].accepted.is_some());
    // It may be told from what happened before it was due.
    let mut run = lost(5);
    let closed = run.event;
    run.sends(0, PacketBuf::PingReq);
    run.gets(0, PacketBuf::PingResp);
    let last = run.event;
    run.at(4.5);
    run.monitor.settle();
    assert_eq!((run.wills()[0].event, last > closed), (last, true));
}

#[test]
fn a_will_without_a_delay_may_come_as_soon_as_the_server_ended_the_connection() {
    let mut run = watched(V5);
    run.connect_with(1, with_will(V5, vec![]), connack());
    let accepted = run.event;
    run.subscribe(0, 2, "other", Q1);
    run.at(3.0);
    run.closes(1, true);
    // Nothing shows that the Server had the connection after its CONNACK.
    let will = &run.wills()[0];
    assert!(will.event <= accepted && will.at == Time::from_secs(0));
    let mut run = watched(V5);
    run.connect_with(1, with_will(V5, vec![]), connack());
    run.at(3.0);
    run.closes(1, false);
    assert_eq!(run.wills()[0].at, Time::from_secs(3));
}

#[test]
fn a_delay_counts_from_when_the_server_may_have_ended_the_connection() {
    for (by_server, expected) in [(true, &[][..]), (false, &["MQTT-3.1.2-8"])] {
        let mut run = watched(V5);
        run.connect_with(1, delayed(5), connack());
        run.at(10.0);
        run.closes(1, by_server);
        run.at(10.1);
        run.gets(0, gone(1));
        run.finds(expected);
    }
}

#[test]
fn nobody_is_owed_a_will_who_has_no_subscription_for_it() {
    let owed = |prepare: fn(&mut Run)| {
        let mut run = Run::connected(V5);
        prepare(&mut run);
        run.connect_with(1, with_will(V5, vec![]), connack());
        run.closes(1, false);
        run.monitor.owed()
    };
    assert_eq!(owed(|run| run.subscribe(0, 1, "w", Q1)), Owed::Soon);
    assert_eq!(owed(|_| {}), Owed::Nothing);
    assert_eq!(owed(|run| run.subscribe(0, 1, "other", Q1)), Owed::Nothing);
    assert_eq!(owed(|run| run.subscribe(0, 1, "w", Q0)), Owed::Nothing);
    assert_eq!(owed(|run| run.subscribe(0, 1, "$share/g/w", Q1)), Owed::Nothing);
    assert_eq!(
        owed(|run| {
            run.subscribe(0, 1, "w", Q1);
            run.unsubscribe(0, 2, "w");
        }),
        Owed::Nothing
    );
    assert_eq!(
        owed(|run| {
            run.subscribe(0, 1, "w", Q1);
            run.closes(0, false);
        }),
        Owed::Nothing
    );
}

#[test]
fn a_will_that_came_before_its_connection_was_seen_to_end_is_not_owed_again() {
    let mut run = watched(V5);
    run.connect_with(1, with_will(V5, vec![]), connack());
    run.gets(0, gone(1));
    run.closes(1, false);
    assert!(run.wills().iter().all(|will| will.doubtful));
    assert_eq!(run.monitor.owed(), Owed::Nothing);
    run.monitor.settle();
    run.is_silent();
}

#[test]
fn a_will_that_came_is_not_owed_beside_another_that_looks_the_same() {
    for deleted in [true, false] {
        let mut run = watched(V5);
        let cyd = ConnectBuf { client_id: "cyd".into(), ..with_will(V5, vec![]) };
        run.connect_with(2, cyd, connack());
        if deleted {
            run.sends(2, disconnect(ReasonCode::SUCCESS));
            run.closes(2, true);
        }
        run.connect_with(1, with_will(V5, vec![]), connack());
        run.closes(1, false);
        assert_eq!(run.monitor.owed(), Owed::Soon);
        run.gets(0, gone(1));
        assert_eq!(run.monitor.owed(), Owed::Nothing);
        run.is_silent();
    }
}

#[test]
fn a_will_that_came_too_early_is_not_missed_later() {
    let mut run = lost(5);
    run.gets(0, gone(1));
    run.finds(&["MQTT-3.1.2-8"]);
    run.at(9.0);
    run.monitor.settle();
    assert_eq!(run.monitor.owed(), Owed::Nothing);
    run.is_silent();
}

#[test]
fn while_the_client_may_be_back_nobody_knows_what_becomes_of_a_delayed_will() {
    // Its CONNECT is not answered when the delay has passed; or is sent after that, before the will is certain.
    for (connects, then) in [(1.0, 6.0), (6.0, 6.0)] {
        let mut run = lost(5);
        run.at(connects);
        run.monitor.settle();
        run.sends(2, PacketBuf::Connect(back(false)));
        run.at(then);
        run.monitor.settle();
        assert!(run.wills()[0].doubtful, "{connects}");
    }
    // A will without a delay is due, and so is one that is certain.
    for (seconds, connects) in [(0, 0.0), (5, 9.0)] {
        for answered in [false, true] {
            let mut run = lost(seconds);
            run.at(connects);
            run.monitor.settle();
            run.sends(2, PacketBuf::Connect(back(false)));
            if answered {
                run.gets(2, PacketBuf::ConnAck(resumed()));
            }
            assert!(!run.wills()[0].doubtful, "{seconds}");
        }
    }
}

#[test]
fn what_other_clients_do_changes_nothing() {
    let mut run = lost(5);
    run.at(1.0);
    run.connect(2, "dora");
    run.gets(0, gone(1));
    run.finds(&["MQTT-3.1.2-8"]);
}

#[test]
fn a_take_over_frees_a_delayed_will_unless_the_session_goes_on_in_time() {
    for (clean_start, answer, expected) in [(false, 1.0, &["MQTT-3.1.3-9"][..]), (true, 1.0, &[]), (false, 5.0, &[])] {
        let mut run = watched(V5);
        run.connect_with(1, delayed(5), connack());
        run.sends(2, PacketBuf::Connect(back(clean_start)));
        run.at(answer);
        run.gets(2, PacketBuf::ConnAck(ConnAckBuf { session_present: !clean_start, ..connack() }));
        run.closes(1, true);
        run.at(9.0);
        run.gets(0, gone(1));
        let found: Vec<_> = run.findings().into_iter().filter(|found| found.starts_with("MQTT-3.1.")).collect();
        assert_eq!(found, expected, "{clean_start} {answer}");
    }
}

#[test]
fn a_connect_that_was_never_accepted_has_no_will_for_sure() {
    let mut run = watched(V5);
    run.sends(1, PacketBuf::Connect(with_will(V5, vec![])));
    run.connect(2, "bob");
    assert!(run.wills().iter().all(|will| will.doubtful));
    run.closes(1, true);
    assert!(run.wills().iter().all(|will| will.doubtful));
}

#[test]
fn in_3_1_a_will_is_for_the_ends_that_the_server_does_not_make() {
    for (unlawful, by_server, doubtful) in [(false, true, true), (false, false, false), (true, false, true)] {
        let mut run = watched(V3);
        run.connect_with(1, with_will(V3, vec![]), connack());
        if unlawful {
            run.sends(1, PacketBuf::PingResp);
        }
        run.closes(1, by_server);
        assert_eq!(run.wills()[0].doubtful, doubtful, "{unlawful} {by_server}");
    }
}

#[test]
fn a_delay_may_run_from_the_disconnect_or_from_an_end_that_we_do_not_see() {
    // The Server has it from the first moment on; we close some time later, and it comes when the delay has passed since.
    let after: [fn(&mut Run); 4] = [
        |run| run.sends(1, disconnect(ReasonCode::DISCONNECT_WITH_WILL_MESSAGE)),
        |run| run.gets(1, disconnect(ReasonCode::SERVER_SHUTTING_DOWN)),
        |run| run.sends(1, PacketBuf::PingResp),
        |run| run.sends_bytes(1, &[0xC1, 0]),
    ];
    for after in after {
        let mut run = watched(V5);
        run.connect_with(1, delayed(7), connack());
        after(&mut run);
        run.at(5.0);
        run.closes(1, false);
        run.all_findings();
        run.at(7.5);
        run.gets(0, gone(1));
        run.is_silent();
    }
    let mut run = watched(V5);
    run.connect_with(1, delayed(7), connack());
    run.at(5.0);
    run.closes(1, false);
    run.at(7.5);
    run.gets(0, gone(1));
    run.finds(&["MQTT-3.1.2-8"]);
}

#[test]
fn a_will_that_came_too_early_is_one_finding_and_is_not_missed_when_it_is_due() {
    let mut run = lost(10);
    run.connect(2, "cyd");
    run.subscribe(2, 1, "w", Q1);
    run.at(2.0);
    for subscriber in [0, 2] {
        run.gets(subscriber, gone(1));
        run.sends(subscriber, PacketBuf::PubAck(ack(1)));
    }
    run.finds(&["MQTT-3.1.2-8"]);
    run.at(30.0);
    run.monitor.settle();
    run.is_silent();
}

#[test]
fn a_disconnect_on_a_connection_that_was_taken_over_comes_too_late_for_the_will() {
    let mut run = watched(V5);
    run.connect_with(1, with_will(V5, vec![]), connack());
    run.connect_with(2, back(true), connack());
    run.sends(1, disconnect(ReasonCode::SUCCESS));
    run.closes(1, true);
    run.at(5.0);
    run.monitor.settle();
    let findings = run.findings();
    assert_eq!(findings, ["MQTT-3.1.2-8"]);
}
