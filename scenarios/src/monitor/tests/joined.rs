//! Connections whose beginning was not seen, and monitors that see only some of them.

use super::*;

/// A connection seen from its middle on, whose version is made certain by two packets.
fn joined(version: ProtocolVersion) -> Run {
    let mut run = Run::new(version);
    run.monitor = Monitor::new(version).judging_clients();
    run.monitor.joined(0, 0);
    for id in [901, 902] {
        run.sends(0, subscribe(id, "known", SubscriptionOptions::default(), vec![]));
        let bytes = suback(id, &[0]).encode(version).unwrap();
        run.gets_bytes(0, &bytes);
    }
    assert_eq!(run.monitor.version(0), Some(version));
    run
}

#[test]
fn the_version_is_found_by_what_decodes() {
    for version in [V4, V5] {
        let mut run = Run::new(version);
        run.monitor.joined(0, 0);
        assert!(run.monitor.is_undecided(0));
        // Alike in every version.
        run.sends(0, PacketBuf::PingReq);
        assert_eq!(run.monitor.version(0), None);
        run.sends(0, subscribe(1, "a", SubscriptionOptions::default(), vec![]));
        assert_eq!(run.monitor.version(0), None, "one witness is not enough");
        run.sends(0, subscribe(2, "b", SubscriptionOptions::default(), vec![]));
        assert_eq!(run.monitor.version(0), Some(version));
    }
}

#[test]
fn answers_to_what_was_not_seen_are_no_findings() {
    for version in [V4, V5] {
        let mut run = joined(version);
        run.gets(0, PacketBuf::PingResp);
        run.gets(0, PacketBuf::PubAck(ack(5)));
        run.gets(0, PacketBuf::PubRec(ack(6)));
        run.gets(0, PacketBuf::PubComp(ack(7)));
        run.gets(0, PacketBuf::PubRel(ack(8)));
        run.gets(0, suback(9, &[1]));
        run.gets(0, unsuback(10, if version == V5 { &[0] } else { &[] }));
        run.gets(0, PacketBuf::Publish(message("unknown/topic", "unknown/topic", Q1, 3)));
        run.sends(0, PacketBuf::PubAck(ack(3)));
        run.gets(0, PacketBuf::Publish(PublishBuf { dup: true, ..message("unknown/topic", "unknown/topic", Q2, 4) }));
        run.monitor.settle();
        assert_eq!(run.monitor.take_findings(), []);
    }
}

#[test]
fn what_follows_from_the_packets_seen_is_judged() {
    let mut run = joined(V5);
    run.sends(0, subscribe(20, "a", SubscriptionOptions { qos: Q1, ..Default::default() }, vec![]));
    run.gets(0, suback(20, &[2]));
    run.gets(0, PacketBuf::Publish(message("one", "one", Q1, 3)));
    run.gets(0, PacketBuf::Publish(message("another", "another", Q1, 3)));
    run.gets_bytes(0, &[0x62, 0x02, 0x00, 0x00]);
    let statements: Vec<_> = run.monitor.take_findings().into_iter().map(|finding| finding.statement).collect();
    assert!(statements.contains(&"MQTT-3.8.4-7".to_owned()), "{statements:?}");
    assert!(statements.contains(&"MQTT-2.2.1-4".to_owned()), "{statements:?}");
}

#[test]
fn a_broken_packet_before_the_version_is_known_is_left_alone() {
    let mut run = Run::new(V5);
    run.monitor.joined(0, 0);
    run.sends_bytes(0, &[0xC1, 0x00]);
    run.sends(0, subscribe(1, "a", SubscriptionOptions::default(), vec![]));
    run.sends(0, subscribe(2, "a", SubscriptionOptions::default(), vec![]));
    run.gets_bytes(0, &[0x90, 0x01, 0x00]);
    run.monitor.unframeable(0, 9, &[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
    assert!(run.monitor.is_undecided(0));
    assert_eq!(run.monitor.take_findings(), []);
}

#[test]
fn what_only_3_1_has_makes_it_3_1() {
    let mut run = joined(V4);
    // PUBREL with DUP 1.
    run.gets_bytes(0, &[0x6A, 0x02, 0x00, 0x07]);
    assert_eq!(run.monitor.version(0), Some(V3));
    assert_eq!(run.monitor.take_findings(), []);
}

#[test]
fn after_a_gap_the_version_stays_and_the_rest_is_forgotten() {
    let mut run = Run::connected(V5);
    run.subscribe(0, 1, "a", Q0);
    run.monitor.joined(0, 20);
    assert_eq!(run.monitor.version(0), Some(V5));
    run.gets(0, PacketBuf::PubAck(ack(5)));
    run.gets(0, PacketBuf::Publish(message("elsewhere", "elsewhere", Q2, 4)));
    assert_eq!(run.monitor.take_findings(), []);
    run.gets_bytes(0, &[0x40, 0x01, 0x00]);
    assert!(!run.monitor.take_findings().is_empty());
}

#[test]
fn a_partial_view_accuses_nobody_of_what_others_may_have_caused() {
    for version in [V4, V5] {
        let mut run = Run::new(version);
        run.monitor = Monitor::new(version).judging_clients().partial();
        run.connect(0, "alice");
        run.subscribe(0, 1, "a", Q1);
        run.sends(0, PacketBuf::Publish(publish("a", "a")));
        // Somebody else published the same at QoS 1, twice.
        run.gets(0, PacketBuf::Publish(message("a", "a", Q1, 1)));
        run.sends(0, PacketBuf::PubAck(ack(1)));
        run.gets(0, PacketBuf::Publish(message("a", "a", Q1, 2)));
        // And took the session over meanwhile.
        run.resume(0, 1);
        run.gets(1, PacketBuf::Publish(message("b", "b", Q1, 2)));
        run.gets(1, PacketBuf::PubRel(ack(9)));
        run.gets(1, PacketBuf::PubComp(ack(9)));
        run.gets(1, PacketBuf::PubAck(ack(9)));
        assert_eq!(run.monitor.take_findings(), []);
    }
}

#[test]
fn a_partial_view_still_judges_a_new_session() {
    let mut run = Run::new(V5);
    run.monitor = Monitor::new(V5).judging_clients().partial();
    run.connect(0, "alice");
    run.subscribe(0, 1, "a", Q0);
    run.gets(0, PacketBuf::Publish(message("a", "a", Q1, 1)));
    run.gets(0, PacketBuf::PubAck(ack(77)));
    let statements: Vec<_> = run.monitor.take_findings().into_iter().map(|finding| finding.statement).collect();
    assert_eq!(statements, ["MQTT-3.8.4-8", "MQTT-2.2.1-5"]);
}

#[test]
fn a_client_that_goes_on_with_what_was_not_seen_is_not_accused() {
    for version in [V4, V5] {
        let mut run = Run::new(version);
        run.monitor = Monitor::new(version).judging_clients().partial();
        let connect = ConnectBuf { clean_start: false, ..connect(version, "alice") };
        run.monitor.opened(0, 0);
        run.connect_with(0, connect, ConnAckBuf { session_present: true, ..connack() });
        run.sends(0, PacketBuf::Publish(PublishBuf { dup: true, ..message("a", "b", Q1, 7) }));
        run.gets(0, PacketBuf::PubAck(ack(7)));
        run.sends(0, PacketBuf::PubRel(ack(8)));
        run.gets(0, PacketBuf::PubComp(ack(8)));
        run.sends(0, PacketBuf::PubRec(ack(9)));
        run.gets(0, PacketBuf::PubRel(ack(9)));
        run.sends(0, PacketBuf::PubComp(ack(9)));
        run.sends(0, PacketBuf::PubComp(ack(10)));
        run.gets(0, PacketBuf::Publish(PublishBuf { dup: true, ..message("c", "d", Q1, 11) }));
        run.sends(0, PacketBuf::PubAck(ack(11)));
        assert_eq!(run.monitor.take_findings(), []);
    }
}

#[test]
fn the_client_of_a_joined_connection_is_judged_by_the_format_of_its_packets() {
    let mut run = joined(V5);
    run.sends_bytes(0, &[0x82, 0x02, 0x00, 0x07]);
    let findings = run.monitor.take_findings();
    assert!(findings.iter().any(|finding| finding.accused == crate::Side::Client), "{findings:?}");
}

#[test]
fn a_second_gap_makes_no_version_certain() {
    let mut run = Run::new(V5);
    run.monitor.joined(0, 0);
    run.monitor.joined(0, 1);
    assert!(run.monitor.is_undecided(0));
    run.gets_bytes(0, &[0x90, 0x03, 0x00, 0x01, 0x01]);
    run.gets_bytes(0, &[0x90, 0x03, 0x00, 0x02, 0x01]);
    assert_eq!(run.monitor.version(0), Some(V4));
    assert_eq!(run.monitor.take_findings(), []);
}

/// A packet of the Server that a Client sends, alike in every version: a finding that shows that it was kept.
const MARK: [u8; 2] = [0xD0, 0x00];

/// The events of the marks among what was judged once the version was known.
fn marks(run: &mut Run) -> Vec<usize> {
    for id in [1, 2] {
        assert_eq!(run.monitor.version(0), None);
        run.sends(0, subscribe(id, "a", SubscriptionOptions::default(), vec![]));
    }
    assert_eq!(run.monitor.version(0), Some(run.version));
    run.monitor.take_findings().into_iter().flat_map(|finding| finding.events).collect()
}

fn undecided(version: ProtocolVersion) -> Run {
    let mut run = Run::new(version);
    run.monitor = Monitor::new(version).judging_clients();
    run.monitor.joined(0, 0);
    run
}

#[test]
fn so_many_packets_are_kept_until_the_version_is_known() {
    for version in [V4, V5] {
        for (count, first) in [(254, 1), (255, 2), (300, 47)] {
            let mut run = undecided(version);
            for _ in 0..count {
                run.sends_bytes(0, &MARK);
            }
            // No more than four are reported.
            assert_eq!(marks(&mut run), [first, first + 1, first + 2, first + 3]);
        }
    }
}

#[test]
fn so_many_bytes_are_kept_until_the_version_is_known() {
    // The marks have 2 bytes, the two SUBSCRIBEs 9 each, and there is room for 262,144 in all.
    for (large, expected) in [(262_120, &[1, 2, 4][..]), (262_121, &[2, 4]), (262_122, &[2, 4]), (262_123, &[4])] {
        let mut run = undecided(V5);
        run.sends_bytes(0, &MARK);
        run.sends_bytes(0, &MARK);
        // A PUBLISH in every version: where 5.0 has its Property Length the others have payload.
        let publish = PacketBuf::Publish(publish("a", &"x".repeat(large - 8))).encode(V5).unwrap();
        assert_eq!(publish.len(), large);
        run.sends_bytes(0, &publish);
        run.sends_bytes(0, &MARK);
        assert_eq!(marks(&mut run), expected, "{large}");
    }
}

#[test]
fn packets_of_two_versions_leave_it_open() {
    let mut run = undecided(V5);
    let wants = |version, id| subscribe(id, "a", SubscriptionOptions::default(), vec![]).encode(version).unwrap();
    run.sends_bytes(0, &wants(V4, 1));
    for id in 2..5 {
        run.sends_bytes(0, &wants(V5, id));
        assert!(run.monitor.is_undecided(0));
    }
}

#[test]
fn what_only_3_1_has_counts_from_the_start() {
    let mut run = undecided(V3);
    // PUBREL with DUP 1.
    run.gets_bytes(0, &[0x6A, 0x02, 0x00, 0x07]);
    assert!(run.monitor.is_undecided(0));
    run.sends(0, subscribe(1, "a", SubscriptionOptions::default(), vec![]));
    assert_eq!(run.monitor.version(0), Some(V3));
    // On a connection that was seen from its CONNECT on it is an error (MQTT-3.6.1-1).
    let mut run = Run::connected(V4);
    run.gets_bytes(0, &[0x6A, 0x02, 0x00, 0x07]);
    assert_eq!(run.monitor.version(0), Some(V4));
    run.finds(&["MQTT-3.6.1-1"]);
}

#[test]
fn after_a_gap_the_client_begins_anew() {
    let mut run = Run::connected(V5);
    run.sends(0, PacketBuf::Publish(message("a", "x", Q1, 7)));
    run.monitor.joined(0, 20);
    run.connect(2, "alice");
    run.gets(2, PacketBuf::PubAck(ack(7)));
    run.finds(&["MQTT-2.2.1-5"]);
}

#[test]
fn who_loses_sight_is_owed_nothing() {
    for lost in [false, true] {
        let mut run = Run::connected(V5);
        run.subscribe(0, 1, "a", Q1);
        run.connect(1, "bob");
        run.sends(1, PacketBuf::Publish(message("a", "x", Q1, 7)));
        run.gets(1, PacketBuf::PubAck(ack(7)));
        if lost {
            run.monitor.lose_sight();
        }
        run.monitor.settle();
        assert_eq!(run.all_findings().is_empty(), lost);
    }
}

#[test]
fn a_partial_view_judges_what_a_session_holds_only_if_it_is_new() {
    for (session_present, expected) in [(false, &["MQTT-3.8.4-8"][..]), (true, &[])] {
        let mut run = Run::new(V5);
        run.monitor = Monitor::new(V5).partial();
        let old = ConnectBuf { clean_start: false, ..connect(V5, "alice") };
        run.connect_with(0, old, ConnAckBuf { session_present, ..connack() });
        run.subscribe(0, 1, "a", Q0);
        run.gets(0, PacketBuf::Publish(message("a", "a", Q1, 1)));
        run.finds(expected);
    }
}

#[test]
fn on_a_joined_connection_too_a_wrong_acknowledgement_of_ours_excuses_the_server() {
    for wrong in [false, true] {
        let mut run = joined(V5);
        run.gets(0, PacketBuf::Publish(message("a", "x", Q1, 3)));
        run.sends(0, if wrong { PacketBuf::PubRec(ack(3)) } else { PacketBuf::PubAck(ack(3)) });
        run.sends(0, subscribe(20, "a", SubscriptionOptions { qos: Q1, ..Default::default() }, vec![]));
        run.gets(0, suback(20, &[2]));
        let findings = run.all_findings();
        let granted = findings.iter().any(|finding| finding.message.contains("granted for"));
        assert_eq!(granted, !wrong, "{findings:#?}");
    }
}
