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
