use super::*;

fn keeping_alive(version: ProtocolVersion, seconds: u16) -> Run {
    let mut run = Run::new(version);
    run.connect_with(0, ConnectBuf { keep_alive: seconds, ..connect(version, "alice") }, connack());
    run
}

#[test]
fn the_older_connection_is_closed() {
    for (version, statement) in [(V5, "MQTT-3.1.4-3"), (V4, "MQTT-3.1.4-2"), (V3, "MQTT31-3.1-4")] {
        let mut run = Run::connected(version);
        run.connect(1, "alice");
        assert_eq!(run.monitor.owed(), Owed::Soon);
        run.monitor.settle();
        run.is_silent();
        run.concludes();
        run.finds(&[statement]);

        let mut run = Run::connected(version);
        run.connect(1, "alice");
        run.closes(0, true);
        run.concludes();
        run.is_silent();

        // Another client, and one that was refused.
        let mut run = Run::connected(version);
        run.connect(1, "bob");
        let code = ReasonCode(if version == V5 { 0x87 } else { 5 });
        run.connect_with(2, connect(version, "alice"), ConnAckBuf { reason_code: code, ..connack() });
        run.closes(2, true);
        run.concludes();
        run.is_silent();
    }
}

#[test]
fn a_refused_connection_is_closed() {
    for (version, code, statement) in [(V5, 0x87, "MQTT-3.2.2-7"), (V4, 5, "MQTT-3.2.2-5"), (V3, 5, "§3.2")] {
        let refusal = || ConnAckBuf { reason_code: ReasonCode(code), ..connack() };
        let mut run = Run::new(version);
        run.connect_with(0, connect(version, "alice"), refusal());
        run.concludes();
        run.finds(&[statement]);
        let mut run = Run::new(version);
        run.connect_with(0, connect(version, "alice"), refusal());
        run.closes(0, true);
        run.concludes();
        run.is_silent();
    }
}

#[test]
fn how_long_a_connection_was_seen_open_is_told() {
    for (is_taken_over, said) in [(true, "still open 9000 ms after"), (false, "is still open 9000 ms after")] {
        let mut run = Run::connected(V4);
        if is_taken_over {
            run.connect(1, "alice");
        } else {
            run.sends(0, disconnect(ReasonCode::SUCCESS));
        }
        run.monitor.at(crate::Time::ZERO + Duration::from_secs(9));
        run.monitor.settle();
        let findings = run.all_findings();
        assert!(findings.len() == 1 && findings[0].message.contains(said), "{findings:#?}");
    }
}

#[test]
fn who_sends_disconnect_closes() {
    let mut run = Run::connected(V5);
    run.gets(0, disconnect(ReasonCode::SERVER_SHUTTING_DOWN));
    run.concludes();
    run.finds(&["MQTT-3.14.4-2"]);
    for (version, statement) in [(V5, "§3.14.4"), (V4, "§3.14.4"), (V3, "MQTT31-3.14-1")] {
        let mut run = Run::connected(version);
        run.sends(0, disconnect(ReasonCode::SUCCESS));
        run.concludes();
        run.finds(&[statement]);
        let mut run = Run::connected(version);
        run.sends(0, disconnect(ReasonCode::SUCCESS));
        run.closes(0, true);
        run.concludes();
        run.is_silent();
    }
}

#[test]
fn a_silent_client_is_dropped() {
    for (version, statement) in [(V5, "MQTT-3.1.2-22"), (V4, "MQTT-3.1.2-24"), (V3, "MQTT31-3.1-7")] {
        let mut run = keeping_alive(version, 1);
        run.waits(7_500);
        run.monitor.settle();
        run.finds(&[statement]);
        run.fences(0);
        run.concludes();
        run.is_silent();

        // The fence after the silence is answered.
        let mut run = keeping_alive(version, 1);
        run.waits(7_500);
        run.fences(0);
        run.finds(&[statement]);

        // The limit is 1.5 s, and nothing says how soon after it the Server must look.
        for (seconds, waits) in [(1, 1_500), (1, 6_000), (1, 7_400), (0, 60_000), (60, 60_000)] {
            let mut run = keeping_alive(version, seconds);
            run.waits(waits);
            run.fences(0);
            run.monitor.settle();
            run.is_silent();
        }
        // The end was on its way.
        let mut run = keeping_alive(version, 1);
        run.waits(7_500);
        run.sends(0, PacketBuf::PingReq);
        run.closes(0, true);
        run.monitor.settle();
        run.is_silent();
    }
}

#[test]
fn the_server_keep_alive_counts() {
    let mut run = Run::new(V5);
    let told = ConnAckBuf { properties: vec![PropertyBuf::server_keep_alive(60)], ..connack() };
    run.connect_with(0, ConnectBuf { keep_alive: 1, ..connect(V5, "alice") }, told);
    run.waits(10_000);
    run.fences(0);
    run.is_silent();
    run.waits(200_000);
    run.monitor.settle();
    run.finds(&["MQTT-3.1.2-22"]);
}

#[test]
fn a_client_that_keeps_its_keep_alive_is_not_dropped_for_it() {
    for (seconds, waits, findings) in
        [(0, 60_000, &["MQTT-3.2.2-22"][..]), (10, 5_000, &["MQTT-3.2.2-22"]), (10, 15_000, &[]), (10, 16_000, &[])]
    {
        let mut run = keeping_alive(V5, seconds);
        run.fences(0);
        run.waits(waits);
        run.gets(0, disconnect(ReasonCode::KEEP_ALIVE_TIMEOUT));
        run.closes(0, true);
        run.finds(findings);
    }
    // A packet that was not answered may not have arrived.
    let mut run = keeping_alive(V5, 10);
    run.waits(10_000);
    run.sends(0, PacketBuf::PingReq);
    run.waits(6_000);
    run.gets(0, disconnect(ReasonCode::KEEP_ALIVE_TIMEOUT));
    run.is_silent();
}

#[test]
fn what_a_disconnect_blames_for_must_have_been_told() {
    for (code, denied, statement) in [
        (ReasonCode::QOS_NOT_SUPPORTED, PropertyBuf::maximum_qos(1), "MQTT-3.2.2-9"),
        (ReasonCode::RETAIN_NOT_SUPPORTED, PropertyBuf::retain_available(0), "§3.2.2.3.5"),
        (
            ReasonCode::WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED,
            PropertyBuf::wildcard_subscription_available(0),
            "§3.2.2.3.11",
        ),
        (
            ReasonCode::SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED,
            PropertyBuf::subscription_identifier_available(0),
            "§3.2.2.3.12",
        ),
        (ReasonCode::SHARED_SUBSCRIPTIONS_NOT_SUPPORTED, PropertyBuf::shared_subscription_available(0), "§3.2.2.3.13"),
    ] {
        for told in [false, true] {
            let mut run = Run::new(V5);
            let properties = if told { vec![denied.clone()] } else { vec![] };
            run.connect_with(0, connect(V5, "alice"), ConnAckBuf { properties, ..connack() });
            run.sends(0, PacketBuf::PingReq);
            run.gets(0, disconnect(code));
            run.closes(0, true);
            run.finds(if told { &[] } else { std::slice::from_ref(&statement) });
        }
    }
}

#[test]
fn a_topic_alias_within_the_maximum_is_accepted() {
    let mut run = Run::new(V5);
    let properties = vec![PropertyBuf::topic_alias_maximum(5)];
    run.connect_with(0, connect(V5, "alice"), ConnAckBuf { properties, ..connack() });
    let properties = vec![PropertyBuf::topic_alias(5)];
    run.sends(0, PacketBuf::Publish(PublishBuf { properties, ..publish("a", "x") }));
    run.gets(0, disconnect(ReasonCode::TOPIC_ALIAS_INVALID));
    run.finds(&["MQTT-3.3.2-12"]);
}

/// A client of the method that mqttspec knows, which was challenged.
fn challenged() -> Run {
    let mut run = Run::new(V5);
    let properties = vec![method()];
    run.sends(0, PacketBuf::Connect(ConnectBuf { properties, ..connect(V5, "alice") }));
    run.gets(0, auth(ReasonCode::CONTINUE_AUTHENTICATION, Some(&[1, 2, 3])));
    run
}

fn method() -> PropertyBuf {
    PropertyBuf::authentication_method(crate::broker::AUTHENTICATION_METHOD)
}

fn auth(reason_code: ReasonCode, data: Option<&[u8]>) -> PacketBuf {
    let data = data.map(|data| PropertyBuf::authentication_data(data.to_vec()));
    PacketBuf::Auth(AuthBuf { reason_code, properties: [method()].into_iter().chain(data).collect() })
}

#[test]
fn a_wrong_answer_to_the_challenge_is_not_let_in() {
    for (answer, findings) in [([3, 2, 1], &[][..]), ([1, 2, 3], &["MQTT-4.12.0-4"])] {
        let mut run = challenged();
        run.sends(0, auth(ReasonCode::CONTINUE_AUTHENTICATION, Some(&answer)));
        run.gets(0, PacketBuf::ConnAck(ConnAckBuf { properties: vec![method()], ..connack() }));
        run.finds(findings);
    }
}

#[test]
fn a_wrong_answer_at_re_authentication_ends_the_connection() {
    let again = |answer: &[u8]| {
        let mut run = challenged();
        run.sends(0, auth(ReasonCode::CONTINUE_AUTHENTICATION, Some(&[3, 2, 1])));
        run.gets(0, PacketBuf::ConnAck(ConnAckBuf { properties: vec![method()], ..connack() }));
        run.sends(0, auth(ReasonCode::RE_AUTHENTICATE, None));
        run.gets(0, auth(ReasonCode::CONTINUE_AUTHENTICATION, Some(&[4, 5])));
        run.sends(0, auth(ReasonCode::CONTINUE_AUTHENTICATION, Some(answer)));
        run
    };
    let mut run = again(&[5, 4]);
    run.gets(0, auth(ReasonCode::SUCCESS, None));
    run.concludes();
    run.is_silent();
    // No answer.
    let mut run = again(&[5, 4]);
    run.concludes();
    run.finds(&["§4.12.1"]);
    // It stays open, or is even told that it succeeded.
    let mut run = again(&[4, 5]);
    run.fences(0);
    run.concludes();
    run.finds(&["MQTT-4.12.1-2"]);
    let mut run = again(&[4, 5]);
    run.gets(0, auth(ReasonCode::SUCCESS, None));
    run.finds(&["MQTT-4.12.1-2"]);
    let mut run = again(&[4, 5]);
    run.closes(0, true);
    run.concludes();
    run.is_silent();
}

#[test]
fn a_late_end_is_noted() {
    let mut run = keeping_alive(V5, 1);
    run.waits(6_000);
    run.fences(0);
    let observed = run.monitor.take_observations();
    let expected = "PINGREQ after 6 s of silence is still answered with a Keep Alive of 1 s";
    assert!(observed.iter().any(|(_, how)| how == expected), "{observed:?}");
}

#[test]
fn an_answer_is_owed_to_who_authenticates_anew_until_it_comes() {
    for answer in [[5, 4], [4, 5]] {
        let mut run = challenged();
        run.sends(0, auth(ReasonCode::CONTINUE_AUTHENTICATION, Some(&[3, 2, 1])));
        run.gets(0, PacketBuf::ConnAck(ConnAckBuf { properties: vec![method()], ..connack() }));
        assert_eq!(run.monitor.owed(), Owed::Nothing);
        run.sends(0, auth(ReasonCode::RE_AUTHENTICATE, None));
        run.gets(0, auth(ReasonCode::CONTINUE_AUTHENTICATION, Some(&[4, 5])));
        assert_eq!(run.monitor.owed(), Owed::Nothing);
        run.sends(0, auth(ReasonCode::CONTINUE_AUTHENTICATION, Some(&answer)));
        assert_eq!(run.monitor.owed(), Owed::Soon);
        run.gets(0, auth(ReasonCode::SUCCESS, None));
        assert_eq!(run.monitor.owed(), Owed::Nothing);
    }
}

#[test]
fn what_a_right_answer_is_with_another_method_is_not_known() {
    let method = || PropertyBuf::authentication_method("of somebody else");
    let auth = |data: &[u8]| {
        let properties = vec![method(), PropertyBuf::authentication_data(data.to_vec())];
        PacketBuf::Auth(AuthBuf { reason_code: ReasonCode::CONTINUE_AUTHENTICATION, properties })
    };
    let mut run = Run::new(V5);
    run.sends(0, PacketBuf::Connect(ConnectBuf { properties: vec![method()], ..connect(V5, "alice") }));
    run.gets(0, auth(&[1, 2, 3]));
    run.sends(0, auth(&[9]));
    run.gets(0, PacketBuf::ConnAck(ConnAckBuf { properties: vec![method()], ..connack() }));
    run.is_silent();
}

#[test]
fn a_disconnect_that_blames_for_nothing_that_can_be_checked_is_left_alone() {
    let mut run = Run::connected(V5);
    run.sends(0, PacketBuf::PingReq);
    run.gets(0, disconnect(ReasonCode::TOPIC_ALIAS_INVALID));
    run.closes(0, true);
    run.is_silent();
}

#[test]
fn a_packet_is_too_large_only_above_the_maximum_that_was_told() {
    for (pieces, statement) in [(false, "§3.2.2.3.6"), (true, "MQTT-4.2.0-1")] {
        let mut run = Run::connected(V5);
        let bytes = PacketBuf::Publish(publish("a", "x")).encode(V5).unwrap();
        if pieces {
            run.sends_bytes(0, &bytes[..3]);
            run.sends_bytes(0, &bytes[3..]);
        } else {
            run.sends_bytes(0, &bytes);
        }
        run.gets(0, disconnect(ReasonCode::PACKET_TOO_LARGE));
        run.closes(0, true);
        run.finds(&[statement]);
    }
}

#[test]
fn an_end_that_is_owed_is_missed_once_and_in_time() {
    for (by_server, statement) in [(true, "MQTT-3.14.4-2"), (false, "§3.14.4")] {
        let mut run = Run::connected(V5);
        if by_server {
            run.gets(0, disconnect(ReasonCode::SERVER_SHUTTING_DOWN));
        } else {
            run.sends(0, disconnect(ReasonCode::SUCCESS));
        }
        assert_eq!(run.monitor.owed(), Owed::Soon);
        run.waits(3_000);
        run.monitor.settle();
        run.is_silent();
        run.concludes();
        run.finds(&[statement]);
        assert_eq!(run.monitor.owed(), Owed::Nothing);
        run.concludes();
        run.is_silent();
    }
}

#[test]
fn an_end_is_owed_only_after_a_disconnect_that_means_it() {
    // Before 5.0 a Server has no DISCONNECT; that it sent one is the finding.
    let mut run = Run::connected(V4);
    run.gets(0, disconnect(ReasonCode::SUCCESS));
    run.findings();
    assert_eq!(run.monitor.owed(), Owed::Nothing);
    run.concludes();
    run.is_silent();
    // Behind something unlawful; and before CONNACK.
    let mut run = Run::connected(V5);
    run.sends(0, PacketBuf::PingResp);
    run.sends(0, disconnect(ReasonCode::SUCCESS));
    run.concludes();
    assert!(!run.findings().contains(&"§3.14.4".to_owned()));
    let mut run = Run::new(V5);
    run.sends(0, PacketBuf::Connect(connect(V5, "alice")));
    run.sends(0, disconnect(ReasonCode::SUCCESS));
    run.concludes();
    run.is_silent();
}

#[test]
fn a_silence_is_missed_once() {
    let mut run = keeping_alive(V5, 1);
    run.waits(7_500);
    run.monitor.settle();
    run.finds(&["MQTT-3.1.2-22"]);
    run.monitor.settle();
    run.is_silent();
}

#[test]
fn the_longest_silence_counts() {
    let mut run = keeping_alive(V5, 1);
    run.waits(2_500);
    run.fences(0);
    run.is_silent();
    run.waits(8_000);
    run.fences(0);
    run.finds(&["MQTT-3.1.2-22"]);
}

#[test]
fn a_silence_within_the_keep_alive_is_no_observation() {
    for waits in [1_400, 1_900] {
        let mut run = keeping_alive(V5, 1);
        run.waits(waits);
        run.fences(0);
        let observed = run.monitor.take_observations();
        assert!(!observed.iter().any(|(what, _)| what.contains("Keep Alive")), "{observed:?}");
    }
}

/// How the end of a connection that was taken over is said to have been.
fn end_of_older(run: &mut Run) -> Vec<String> {
    let observed = run.monitor.take_observations().into_iter();
    observed.filter(|(what, _)| what == "end of a connection that is taken over").map(|(_, how)| how).collect()
}

#[test]
fn how_a_connection_that_is_taken_over_ends_is_an_observation() {
    let mut run = Run::connected(V5);
    run.connect(1, "alice");
    run.gets(0, disconnect(ReasonCode::SESSION_TAKEN_OVER));
    run.closes(0, true);
    assert_eq!(end_of_older(&mut run), ["with DISCONNECT 0x8E"]);
    let mut run = Run::connected(V5);
    run.connect(1, "alice");
    run.closes(0, true);
    assert_eq!(end_of_older(&mut run), ["without DISCONNECT"]);
    // We ended it; or it was not taken over.
    let mut run = Run::connected(V5);
    run.connect(1, "alice");
    run.closes(0, false);
    assert!(end_of_older(&mut run).is_empty());
    let mut run = Run::connected(V5);
    run.connect(1, "bob");
    run.closes(0, true);
    assert!(end_of_older(&mut run).is_empty());
}

#[test]
fn a_connection_that_is_taken_over_is_missed_once_and_only_if_that_is_certain() {
    let mut run = Run::connected(V5);
    run.connect(1, "alice");
    run.concludes();
    run.finds(&["MQTT-3.1.4-3"]);
    assert_eq!(run.monitor.owed(), Owed::Nothing);
    run.concludes();
    run.is_silent();
    // Something unlawful on the newer one.
    let mut run = Run::connected(V5);
    run.sends(1, PacketBuf::Connect(connect(V5, "alice")));
    run.sends(1, PacketBuf::PingResp);
    run.gets(1, PacketBuf::ConnAck(connack()));
    run.concludes();
    assert!(!run.findings().contains(&"MQTT-3.1.4-3".to_owned()));
}

#[test]
fn nobody_is_said_to_be_taken_over_by_another_without_reason() {
    let told = |mut run: Run, code: ReasonCode| {
        run.gets(0, disconnect(code));
        run.closes(0, true);
        run.findings()
    };
    let both = || {
        let mut run = Run::connected(V5);
        run.connect(1, "ALICE");
        run
    };
    assert_eq!(told(both(), ReasonCode::SESSION_TAKEN_OVER), ["MQTT-3.1.3-2"]);
    assert!(told(both(), ReasonCode::SERVER_SHUTTING_DOWN).is_empty());
    // After something unlawful; and where others are not seen.
    let mut run = both();
    run.sends(0, PacketBuf::PingResp);
    assert!(told(run, ReasonCode::SESSION_TAKEN_OVER).is_empty());
    let mut run = Run { monitor: Monitor::new(V5).partial(), version: V5, event: 0 };
    run.connect(0, "alice");
    run.connect(1, "ALICE");
    assert!(told(run, ReasonCode::SESSION_TAKEN_OVER).is_empty());
    // The other was there before.
    let mut run = Run::new(V5);
    run.connect(1, "ALICE");
    run.connect(0, "alice");
    assert!(told(run, ReasonCode::SESSION_TAKEN_OVER).is_empty());
}
