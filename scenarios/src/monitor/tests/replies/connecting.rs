use super::*;

const OWED: [(ProtocolVersion, &str); 3] = [(V5, "MQTT-3.1.4-5"), (V4, "MQTT-3.1.4-4"), (V3, "MQTT31-3.2-1")];

fn refusing(code: u8) -> ConnAckBuf {
    ConnAckBuf { reason_code: ReasonCode(code), ..connack() }
}

#[test]
fn connect_is_answered_or_the_connection_ends() {
    for (version, statement) in OWED {
        let mut run = Run::new(version);
        run.monitor.opened(0, 0);
        run.sends(0, PacketBuf::Connect(connect(version, "alice")));
        assert_eq!(run.monitor.owed(), Owed::Soon);
        run.monitor.settle();
        run.is_silent();
        run.concludes();
        run.finds(&[statement]);
        run.concludes();
        run.is_silent();

        let mut run = Run::new(version);
        run.sends(0, PacketBuf::Connect(connect(version, "alice")));
        run.closes(0, true);
        run.concludes();
        run.is_silent();
    }
}

#[test]
fn during_authentication_each_side_has_its_turn() {
    let method = || vec![PropertyBuf::authentication_method("m")];
    let auth = || PacketBuf::Auth(AuthBuf { reason_code: ReasonCode::CONTINUE_AUTHENTICATION, properties: method() });
    let mut run = Run::new(V5);
    run.sends(0, PacketBuf::Connect(ConnectBuf { properties: method(), ..connect(V5, "alice") }));
    run.gets(0, auth());
    run.concludes();
    run.is_silent();
    run.sends(0, auth());
    run.concludes();
    run.finds(&["MQTT-3.1.4-5"]);
}

#[test]
fn a_usual_client_identifier_is_allowed() {
    let longest = "A2345678901234567890bcd";
    for (version, code, statement) in [(V5, 0x85, "MQTT-3.1.3-5"), (V4, 2, "MQTT-3.1.3-5"), (V3, 2, "MQTT31-3.2-1")] {
        for (id, findings) in [(longest, &[statement][..]), ("with-dash", &[]), ("A2345678901234567890bcde", &[])] {
            let mut run = Run::new(version);
            run.connect_with(0, connect(version, id), refusing(code));
            run.closes(0, true);
            run.finds(findings);
        }
        // A server may have other reasons.
        let mut run = Run::new(version);
        run.connect_with(0, connect(version, longest), refusing(if version == V5 { 0x87 } else { 5 }));
        run.closes(0, true);
        run.is_silent();
    }
}

#[test]
fn the_version_is_not_refused_to_one_and_served_to_another() {
    for ((version, statement), code) in OWED.into_iter().zip([0x84, 1, 1]) {
        for (served, findings) in [(true, &[statement][..]), (false, &[])] {
            let mut run = Run::new(version);
            if served {
                run.connect(0, "bob");
            }
            run.connect_with(
                1,
                ConnectBuf { user_name: Some("u".into()), ..connect(version, "alice") },
                refusing(code),
            );
            run.closes(1, true);
            run.finds(findings);
        }
    }
}

#[test]
fn a_sound_connect_is_not_malformed() {
    for (id, findings) in [("with-dash", &["MQTT-3.1.3-8"][..]), ("usual", &["MQTT-3.1.4-5"]), ("a\u{1}b", &[])] {
        let mut run = Run::connected(V5);
        run.connect_with(1, connect(V5, id), refusing(0x81));
        run.closes(1, true);
        run.finds(findings);
    }
}

#[test]
fn what_follows_a_refused_connect_is_not_processed() {
    for (version, statement) in [(V5, "MQTT-3.1.4-6"), (V4, "MQTT-3.1.4-5"), (V3, "§3.2")] {
        for accepted in [false, true] {
            let mut run = Run::connected(version);
            run.subscribe(0, 1, "a", Q1);
            run.sends(1, PacketBuf::Connect(connect(version, "mallory")));
            run.sends(1, PacketBuf::Publish(publish("a", "sneaked in")));
            run.gets(0, PacketBuf::Publish(publish("a", "sneaked in")));
            run.is_silent();
            let code = if version == V5 { 0x87 } else { 5 };
            run.gets(1, PacketBuf::ConnAck(if accepted { connack() } else { refusing(code) }));
            run.finds(if accepted { &[] } else { std::slice::from_ref(&statement) });
        }
    }
}

#[test]
fn a_client_identifier_is_refused_with_a_return_code_in_3_1_1() {
    for (served, closed, usual_closed, findings) in
        [(2, 2, false, &["MQTT-3.1.3-9"][..]), (2, 1, false, &[]), (1, 2, false, &[]), (2, 2, true, &[])]
    {
        let mut run = Run::new(V4);
        for connection in 0..served {
            run.connect(connection, &format!("usual{connection}"));
        }
        for connection in 10..10 + closed {
            run.sends(connection, PacketBuf::Connect(connect(V4, "un-usual")));
            run.closes(connection, true);
        }
        if usual_closed {
            run.sends(20, PacketBuf::Connect(connect(V4, "usual")));
            run.closes(20, true);
        }
        run.concludes();
        run.finds(findings);
    }
}

#[test]
fn a_connack_is_owed_while_the_client_waits_and_has_room_for_it() {
    // Maximum Packet Size.
    for (maximum, findings) in [(20, &[][..]), (1_000, &["MQTT-3.1.4-5"])] {
        let mut run = Run::new(V5);
        let properties = vec![PropertyBuf::maximum_packet_size(maximum)];
        run.sends(0, PacketBuf::Connect(ConnectBuf { properties, ..connect(V5, "alice") }));
        run.concludes();
        run.finds(findings);
    }
    // The client has left.
    let mut run = Run::new(V5);
    run.sends(0, PacketBuf::Connect(connect(V5, "alice")));
    run.sends(0, disconnect(ReasonCode::SUCCESS));
    run.concludes();
    run.is_silent();
}

#[test]
fn a_client_identifier_may_be_refused_after_something_unlawful() {
    let mut run = Run::new(V5);
    run.sends(0, PacketBuf::Connect(connect(V5, "alice")));
    run.sends_bytes(0, &[0xC1, 0]);
    run.gets(0, PacketBuf::ConnAck(refusing(0x85)));
    run.closes(0, true);
    run.is_silent();
}

/// 3.1.1: `served` usual Client Identifiers are accepted, and these unusual ones are closed after `ends`.
fn closed_unanswered(served: impl Fn(usize) -> ConnectBuf, count: usize, ends: impl Fn(&mut Run, usize)) -> bool {
    let mut run = Run::new(V4);
    for connection in 0..count {
        let connect = served(connection);
        run.version = connect.version;
        run.connect_with(connection, connect, connack());
    }
    run.version = V4;
    for connection in 10..12 {
        run.sends(connection, PacketBuf::Connect(connect(V4, "un-usual")));
        ends(&mut run, connection);
    }
    run.concludes();
    run.findings().contains(&"MQTT-3.1.3-9".to_owned())
}

#[test]
fn only_silence_of_the_server_shows_that_a_client_identifier_is_the_reason() {
    let usual = |at: usize| connect(V4, &format!("usual{at}"));
    let closes = |run: &mut Run, connection| run.closes(connection, true);
    for count in [2, 3, 4] {
        assert!(closed_unanswered(usual, count, closes));
    }
    // We closed; or we sent something unlawful first.
    assert!(!closed_unanswered(usual, 2, |run, connection| run.closes(connection, false)));
    let unlawful = |run: &mut Run, connection| {
        run.sends_bytes(connection, &[0xC1, 0]);
        run.closes(connection, true);
    };
    assert!(!closed_unanswered(usual, 2, unlawful));
    // Those that were served differ in more than the Client Identifier.
    let named = |at: usize| ConnectBuf { user_name: Some("u".into()), ..usual(at) };
    assert!(!closed_unanswered(named, 2, closes));
    assert!(!closed_unanswered(|at| connect(V5, &format!("usual{at}")), 2, closes));
}

/// `mallory` is refused after she has sent a PUBLISH, which `alice` gets. Whether that is found.
fn sneaks_in(mut run: Run, before: impl FnOnce(&mut Run)) -> bool {
    run.connect(0, "alice");
    run.subscribe(0, 1, "a", Q1);
    before(&mut run);
    run.sends(1, PacketBuf::Connect(connect(V5, "mallory")));
    run.sends(1, PacketBuf::Publish(publish("a", "sneaked in")));
    run.gets(0, PacketBuf::Publish(publish("a", "sneaked in")));
    run.gets(1, PacketBuf::ConnAck(refusing(0x87)));
    run.closes(1, true);
    run.concludes();
    run.findings().contains(&"MQTT-3.1.4-6".to_owned())
}

#[test]
fn what_came_may_have_another_source_than_the_connection_that_was_refused() {
    assert!(sneaks_in(Run::new(V5), |_| {}));
    // Another message of another client is none.
    assert!(sneaks_in(Run::new(V5), |run| {
        run.connect(2, "bob");
        run.sends(2, PacketBuf::Publish(publish("a", "something else")));
    }));
    // The will of somebody else, whose connection seems to last.
    assert!(!sneaks_in(Run::new(V5), |run| {
        let payload = b"sneaked in".to_vec();
        let will = mqttspec_codec::WillBuf { qos: Q0, retain: false, properties: vec![], topic: "a".into(), payload };
        run.connect_with(2, ConnectBuf { will: Some(will), ..connect(V5, "bob") }, connack());
    }));
    // Somebody who is not seen.
    let partial = Run { monitor: Monitor::new(V5).partial(), version: V5, event: 0 };
    assert!(!sneaks_in(partial, |_| {}));
}
