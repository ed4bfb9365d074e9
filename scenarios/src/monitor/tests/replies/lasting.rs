//! How long a session lasts, and what shows that it was kept or lost (MQTT-3.1.2-23, MQTT-4.1.0-2, MQTT-3.2.2-3).

use super::*;

const LOST: &str = "MQTT-3.1.2-23";
const KEPT: &str = "MQTT-4.1.0-2";
const ABSENT: &str = "MQTT-3.2.2-3";

/// The session of `alice` has ended with connection 0, where `held` was subscribed to; Session Present says 1 on
/// connection 1. Then `after` happens. Which of the two is said of it: that it was kept, or that only the flag is wrong.
fn said(held: &str, qos: QoS, before: impl FnOnce(&mut Run), after: impl FnOnce(&mut Run)) -> &'static str {
    let mut run = Run::connected(V5);
    run.connect(9, "bob");
    run.subscribe(0, 1, held, qos);
    run.closes(0, true);
    run.waits(1_000);
    before(&mut run);
    run.connect_with(1, kept(V5, "alice", 60), resumed());
    run.is_silent();
    after(&mut run);
    run.concludes();
    let findings = run.findings();
    let found: Vec<_> = [KEPT, ABSENT].into_iter().filter(|one| findings.iter().any(|found| found == one)).collect();
    let [only] = found[..] else { panic!("{findings:?}") };
    only
}

/// `bob` publishes this, and it is acknowledged.
fn publishes(run: &mut Run, publish: PublishBuf) {
    let id = publish.packet_id;
    run.sends(9, PacketBuf::Publish(publish));
    if let Some(id) = id {
        run.gets(9, PacketBuf::PubAck(ack(id)));
    }
}

#[test]
fn a_message_that_surely_had_to_come_shows_that_the_session_is_gone() {
    let one = || message("a", "x", Q1, 1);
    let after = |after: fn(&mut Run)| said("a", Q1, |_| {}, after);
    assert_eq!(after(|run| publishes(run, message("a", "x", Q1, 1))), ABSENT);
    assert_eq!(after(|_| {}), KEPT);
    // QoS 0; not acknowledged; another topic; one that may expire; one that was published before.
    assert_eq!(after(|run| publishes(run, publish("a", "x"))), KEPT);
    assert_eq!(
        after(|run| {
            run.sends(9, PacketBuf::Publish(message("a", "x", Q1, 1)));
            run.closes(9, true);
        }),
        KEPT
    );
    assert_eq!(after(|run| publishes(run, message("b", "x", Q1, 1))), KEPT);
    let expires = PublishBuf { properties: vec![PropertyBuf::message_expiry_interval(1)], ..one() };
    assert_eq!(said("a", Q1, |_| {}, |run| publishes(run, expires)), KEPT);
    assert_eq!(said("a", Q1, |run| publishes(run, one()), |_| {}), KEPT);
    // Its own; and one from a client that does what only a Server does.
    assert_eq!(
        after(|run| {
            run.sends(1, PacketBuf::Publish(message("a", "x", Q1, 1)));
            run.gets(1, PacketBuf::PubAck(ack(1)));
        }),
        KEPT
    );
    assert_eq!(
        after(|run| {
            run.sends(9, PacketBuf::PingResp);
            publishes(run, message("a", "x", Q1, 1));
        }),
        KEPT
    );
    // The subscription was granted QoS 0, or shared.
    assert_eq!(said("a", Q0, |_| {}, |run| publishes(run, one())), KEPT);
    assert_eq!(said("$share/g/a", Q1, |_| {}, |run| publishes(run, one())), KEPT);
}

#[test]
fn a_message_that_is_held_back_for_an_acknowledgement_or_an_end_shows_nothing() {
    assert_eq!(
        said(
            "a",
            Q1,
            |_| {},
            |run| {
                run.subscribe(1, 2, "other", Q1);
                publishes(run, message("other", "x", Q1, 1));
                run.gets(1, PacketBuf::Publish(message("other", "x", Q1, 1)));
                publishes(run, message("a", "x", Q1, 2));
            }
        ),
        KEPT
    );
    assert_eq!(
        said(
            "a",
            Q1,
            |_| {},
            |run| {
                publishes(run, message("a", "x", Q1, 1));
                run.sends(1, disconnect(ReasonCode::SUCCESS));
            }
        ),
        KEPT
    );
    // It came, by a subscription that was made since.
    assert_eq!(
        said(
            "a",
            Q1,
            |_| {},
            |run| {
                run.subscribe(1, 2, "a", Q1);
                publishes(run, message("a", "x", Q1, 1));
                run.gets(1, PacketBuf::Publish(message("a", "x", Q1, 1)));
                run.sends(1, PacketBuf::PubAck(ack(1)));
            }
        ),
        KEPT
    );
}

#[test]
fn the_word_of_the_connack_is_taken_when_its_connection_ends() {
    let mut run = Run::connected(V5);
    run.connect(9, "bob");
    run.closes(0, true);
    run.waits(1_000);
    run.connect_with(1, kept(V5, "alice", 60), resumed());
    run.closes(9, true);
    run.is_silent();
    run.closes(1, true);
    run.finds(&[KEPT]);
}

/// A session of this many seconds by CONNECT; `ends` ends its connection, and after some time the client comes back and is
/// told this. Whether that is said to be wrong.
fn wrong(seconds: u32, ends: impl FnOnce(&mut Run), waits: u64, session_present: bool) -> bool {
    let mut run = Run::new(V5);
    run.connect_with(0, kept(V5, "alice", seconds), connack());
    ends(&mut run);
    run.all_findings();
    run.waits(waits);
    run.connect_with(1, kept(V5, "alice", 60), ConnAckBuf { session_present, ..connack() });
    run.concludes();
    run.findings().iter().any(|found| found == LOST || found == KEPT)
}

fn disconnects(run: &mut Run, seconds: Option<u32>) {
    let properties = seconds.map(PropertyBuf::session_expiry_interval).into_iter().collect();
    run.sends(0, PacketBuf::Disconnect(DisconnectBuf { reason_code: ReasonCode::SUCCESS, properties }));
}

#[test]
fn a_session_is_held_until_a_second_before_its_end_for_sure() {
    let closed = |run: &mut Run| run.closes(0, true);
    assert!(wrong(10, closed, 8_999, false));
    assert!(!wrong(10, closed, 9_000, false));
    // One that ends with its connection: the Server has to notice that, if we made the end.
    assert!(!wrong(0, closed, 249, true));
    assert!(wrong(0, closed, 250, true));
    assert!(!wrong(0, |run| run.closes(0, false), 499, true));
    assert!(wrong(0, |run| run.closes(0, false), 500, true));
}

#[test]
fn the_time_of_a_session_may_run_from_the_disconnect() {
    // The Server takes its time to close.
    let late = |first: u64| {
        move |run: &mut Run| {
            run.waits(first);
            disconnects(run, None);
            run.waits(5_000 - first);
            run.closes(0, true);
        }
    };
    assert!(wrong(10, late(5_000), 7_000, false));
    assert!(!wrong(10, late(0), 4_500, false));
    assert!(wrong(10, late(0), 3_500, false));
}

#[test]
fn disconnect_may_change_how_long_a_session_lasts() {
    let ends = |seconds| {
        move |run: &mut Run| {
            disconnects(run, Some(seconds));
            run.closes(0, true);
        }
    };
    assert!(wrong(60, ends(30), 1_000, false));
    assert!(!wrong(60, ends(30), 40_000, false));
    assert!(wrong(60, ends(30), 40_000, true));
    assert!(wrong(0, ends(0), 2_000, true));
    // A Protocol Error: nobody knows what the Server makes of it.
    assert!(!wrong(0, ends(60), 100_000, true));
}

#[test]
fn what_becomes_of_a_session_after_something_unlawful_is_open() {
    for unlawful in [false, true] {
        let ends = |run: &mut Run| {
            if unlawful {
                run.sends(0, PacketBuf::PingResp);
            }
            run.closes(0, true);
        };
        assert_eq!(wrong(60, ends, 1_000, false), !unlawful);
    }
    // What came could not be read.
    let garbled = |run: &mut Run| {
        run.gets_bytes(0, &[0x32, 3, 0, 9, b'a']);
        run.closes(0, true);
    };
    assert!(!wrong(60, garbled, 1_000, false));
}

/// The session of `alice` is left behind for 60 s by connection 0; then `between` happens, and CONNACK on 9 says that there
/// is none. Whether it is said to be lost.
fn lost(mut run: Run, between: impl FnOnce(&mut Run)) -> bool {
    run.connect_with(0, kept(V5, "alice", 60), connack());
    run.closes(0, true);
    between(&mut run);
    run.all_findings();
    run.connect_with(9, kept(V5, "alice", 60), connack());
    run.concludes();
    run.findings().contains(&LOST.to_owned())
}

#[test]
fn connections_that_nobody_knows_the_order_of_excuse_a_loss() {
    assert!(lost(Run::new(V5), |_| {}));
    // Another client connects at the same time.
    assert!(lost(Run::new(V5), |run| run.sends(1, PacketBuf::Connect(connect(V5, "bob")))));
    // It was closed without an answer: the Server may have begun a new session for it.
    assert!(!lost(Run::new(V5), |run| {
        run.sends(1, PacketBuf::Connect(connect(V5, "alice")));
        run.closes(1, true);
    }));
    // Some connections are not seen.
    assert!(!lost(Run { monitor: Monitor::new(V5).partial(), version: V5, event: 0 }, |_| {}));
}

#[test]
fn a_second_connect_on_a_connection_does_not_cloud_the_next_session() {
    let between = |run: &mut Run| {
        run.connect_with(1, kept(V5, "alice", 60), resumed());
        run.sends(1, PacketBuf::Connect(kept(V5, "alice", 60)));
        run.connect_with(2, kept(V5, "alice", 60), resumed());
        run.closes(1, true);
        run.closes(2, true);
    };
    assert!(lost(Run::new(V5), between));
}

#[test]
fn the_argument_tells_how_long_a_session_was_to_last() {
    for (version, seconds, lasts) in
        [(V5, 60, "for 60 s after its connection"), (V5, u32::MAX, "without end"), (V4, 60, "without end")]
    {
        let mut run = Run::new(version);
        run.connect_with(0, kept(version, "alice", seconds), connack());
        run.closes(0, true);
        run.connect_with(1, kept(version, "alice", seconds), connack());
        run.concludes();
        let findings = run.all_findings();
        let message = &findings[0].message;
        let expected = format!(
            "the session of `alice` (event 2) was to last {lasts}, which ended in event 3, 0 ms before; CONNACK says that \
             there is none (event 5)"
        );
        assert_eq!(*message, expected);
    }
}

#[test]
fn in_3_1_connack_does_not_tell_of_sessions() {
    let mut run = Run::new(V3);
    run.connect_with(0, kept(V3, "alice", 60), connack());
    run.closes(0, true);
    run.connect_with(1, kept(V3, "alice", 60), connack());
    run.concludes();
    run.is_silent();
}

#[test]
fn only_a_client_that_was_told_of_a_session_may_have_that_of_another() {
    let mut run = Run::new(V5);
    run.connect_with(0, kept(V5, "alice", 60), connack());
    run.subscribe(0, 1, "a", Q1);
    run.connect(9, "bob");
    run.closes(0, true);
    run.connect_with(1, kept(V5, "ALICE", 60), connack());
    publishes(&mut run, message("a", "x", Q1, 1));
    run.gets(1, PacketBuf::Publish(message("a", "x", Q1, 1)));
    let findings = run.findings();
    assert!(!findings.contains(&"MQTT-3.1.3-2".to_owned()), "{findings:?}");
}

#[test]
fn a_message_on_a_connection_that_broke_the_standard_shows_nothing_of_the_session_before() {
    let mut run = Run::new(V5);
    run.connect_with(0, kept(V5, "alice", 60), connack());
    run.subscribe(0, 1, "a", Q1);
    run.closes(0, true);
    run.connect_with(1, kept(V5, "alice", 60), connack());
    run.sends(1, PacketBuf::PingResp);
    run.gets(1, PacketBuf::Publish(message("a", "x", Q1, 1)));
    run.concludes();
    let findings = run.findings();
    assert!(!findings.contains(&ABSENT.to_owned()), "{findings:?}");
}
