use super::*;

#[test]
fn a_plain_conversation_is_silent() {
    for version in ProtocolVersion::ALL {
        let mut run = Run::connected(version);
        run.sends(0, PacketBuf::PingReq);
        run.gets(0, PacketBuf::PingResp);
        run.sends(0, disconnect(ReasonCode::NORMAL_DISCONNECTION));
        run.closes(0, true);
        run.is_silent();
    }
}

#[test]
fn packets_of_clients_are_found() {
    let of_client = [
        (PacketBuf::PingReq, true),
        (PacketBuf::Connect(connect(V5, "x")), true),
        (subscribe(1, "a", SubscriptionOptions::default(), vec![]), true),
        (disconnect(ReasonCode::NORMAL_DISCONNECTION), false),
    ];
    for (packet, in_5) in of_client {
        let mut run = Run::connected(V4);
        run.gets(0, packet.clone());
        run.finds(&["§2.2.1"]);
        let mut run = Run::connected(V5);
        run.gets(0, packet);
        run.finds(if in_5 { &["§2.1.2"] } else { &[] });
    }
}

#[test]
fn connack_is_first_and_alone() {
    let mut run = Run::new(V5);
    run.sends(0, PacketBuf::Connect(connect(V5, "alice")));
    run.gets(0, PacketBuf::Publish(publish("a", "x")));
    run.finds(&["MQTT-3.2.0-1"]);
    run.gets(0, PacketBuf::ConnAck(connack()));
    run.is_silent();
    run.gets(0, PacketBuf::ConnAck(connack()));
    run.finds(&["MQTT-3.2.0-2"]);
}

#[test]
fn a_second_connack_to_a_second_connect_counts_in_5_only() {
    for (version, expected) in [(V5, vec!["MQTT-3.2.0-2"]), (V4, vec![])] {
        let mut run = Run::connected(version);
        run.sends(0, PacketBuf::Connect(connect(version, "alice")));
        run.gets(0, PacketBuf::ConnAck(connack()));
        run.finds(&expected);
    }
}

#[test]
fn connack_before_anything_was_sent_is_found() {
    let mut run = Run::new(V4);
    run.monitor.opened(0, 0);
    run.gets(0, PacketBuf::ConnAck(connack()));
    run.finds(&["§3.2"]);
}

#[test]
fn nothing_follows_a_refusal() {
    for (version, expected) in [(V5, "MQTT-3.2.2-7"), (V4, "MQTT-3.2.2-5")] {
        let mut run = Run::new(version);
        let reason_code = if version == V5 { ReasonCode::NOT_AUTHORIZED } else { ReasonCode(5) };
        run.connect_with(0, connect(version, "alice"), ConnAckBuf { reason_code, ..connack() });
        run.closes(0, true);
        run.is_silent();
        run.gets(0, PacketBuf::PingResp);
        run.finds(&[expected]);
    }
}

#[test]
fn disconnect_needs_an_accepting_connack() {
    let mut run = Run::new(V5);
    run.sends(0, PacketBuf::Connect(connect(V5, "alice")));
    run.gets(0, disconnect(ReasonCode::NOT_AUTHORIZED));
    run.finds(&["MQTT-3.14.0-1"]);
    let mut run = Run::connected(V5);
    run.gets(0, disconnect(ReasonCode::SERVER_SHUTTING_DOWN));
    run.is_silent();
}

#[test]
fn nothing_follows_a_disconnect_of_the_server() {
    let mut run = Run::connected(V5);
    run.sends(0, PacketBuf::PingReq);
    run.gets(0, disconnect(ReasonCode::SESSION_TAKEN_OVER));
    run.gets(0, PacketBuf::PingResp);
    run.finds(&["MQTT-3.14.4-1"]);
}

#[test]
fn what_crosses_our_disconnect_is_allowed() {
    let mut run = Run::connected(V5);
    run.sends(0, PacketBuf::PingReq);
    run.subscribe(0, 1, "a", Q0);
    run.sends(0, disconnect(ReasonCode::NORMAL_DISCONNECTION));
    run.gets(0, PacketBuf::PingResp);
    run.gets(0, PacketBuf::Publish(publish("a", "x")));
    run.is_silent();
}

#[test]
fn pingresp_answers_pingreq() {
    let mut run = Run::connected(V4);
    run.sends(0, PacketBuf::PingReq);
    run.sends(0, PacketBuf::PingReq);
    run.gets(0, PacketBuf::PingResp);
    run.gets(0, PacketBuf::PingResp);
    run.is_silent();
    run.gets(0, PacketBuf::PingResp);
    run.finds(&["MQTT-3.12.4-1"]);
}

#[test]
fn split_and_coalesced_packets_are_counted_right() {
    let mut run = Run::connected(V4);
    run.sends_bytes(0, &[0xC0]);
    run.sends_bytes(0, &[0x00, 0xC0, 0x00]);
    run.gets(0, PacketBuf::PingResp);
    run.gets(0, PacketBuf::PingResp);
    run.is_silent();
}

#[test]
fn auth_needs_a_method() {
    let auth = |method: &str, reason_code| {
        let properties = vec![PropertyBuf::authentication_method(method)];
        PacketBuf::Auth(AuthBuf { reason_code, properties })
    };
    let with_method = |method: &str| ConnectBuf {
        properties: vec![PropertyBuf::authentication_method(method)],
        ..connect(V5, "alice")
    };
    let accepted = |method: &str| {
        PacketBuf::ConnAck(ConnAckBuf { properties: vec![PropertyBuf::authentication_method(method)], ..connack() })
    };
    let mut run = Run::new(V5);
    run.sends(0, PacketBuf::Connect(connect(V5, "alice")));
    run.gets(0, auth("m", ReasonCode::CONTINUE_AUTHENTICATION));
    run.finds(&["MQTT-4.12.0-6"]);

    let mut run = Run::new(V5);
    run.sends(0, PacketBuf::Connect(with_method("m")));
    run.gets(0, auth("m", ReasonCode::CONTINUE_AUTHENTICATION));
    run.sends(0, auth("m", ReasonCode::CONTINUE_AUTHENTICATION));
    run.gets(0, accepted("m"));
    run.sends(0, auth("m", ReasonCode::RE_AUTHENTICATE));
    run.gets(0, auth("m", ReasonCode::CONTINUE_AUTHENTICATION));
    run.gets(0, auth("m", ReasonCode::SUCCESS));
    run.is_silent();

    let mut run = Run::new(V5);
    run.sends(0, PacketBuf::Connect(with_method("m")));
    run.gets(0, auth("m", ReasonCode::SUCCESS));
    run.finds(&["MQTT-4.12.0-2"]);
    run.gets(0, auth("n", ReasonCode::CONTINUE_AUTHENTICATION));
    run.finds(&["MQTT-4.12.0-5"]);
    run.gets(0, PacketBuf::ConnAck(connack()));
    run.finds(&["MQTT-4.12.0-5"]);
    run.gets(0, auth("m", ReasonCode::CONTINUE_AUTHENTICATION));
    run.finds(&["§4.12.1"]);

    let mut run = Run::new(V5);
    run.sends(0, PacketBuf::Connect(connect(V5, "alice")));
    run.gets(0, accepted("m"));
    run.finds(&["MQTT-4.12.0-6"]);
}

#[test]
fn codes_of_clients_are_found() {
    let mut run = Run::connected(V5);
    run.gets(0, disconnect(ReasonCode::DISCONNECT_WITH_WILL_MESSAGE));
    run.finds(&["MQTT-3.14.2-1"]);
    let mut run = Run::connected(V5);
    let properties = vec![PropertyBuf::session_expiry_interval(1)];
    run.gets(0, PacketBuf::Disconnect(DisconnectBuf { properties, ..Default::default() }));
    run.finds(&["MQTT-3.14.2-2"]);
}

#[test]
fn auth_of_the_server_never_reauthenticates() {
    let auth = |reason_code| {
        PacketBuf::Auth(AuthBuf { reason_code, properties: vec![PropertyBuf::authentication_method("m")] })
    };
    let mut run = Run::new(V5);
    let properties = vec![PropertyBuf::authentication_method("m")];
    let accepted = ConnAckBuf { properties: properties.clone(), ..connack() };
    run.connect_with(0, ConnectBuf { properties, ..connect(V5, "alice") }, accepted);
    run.is_silent();
    run.gets(0, auth(ReasonCode::RE_AUTHENTICATE));
    let findings = run.findings();
    assert!(findings.contains(&"MQTT-3.15.2-1".to_owned()), "{findings:?}");
}

#[test]
fn a_second_connack_is_one_finding() {
    let mut run = Run::connected(V5);
    run.gets(0, PacketBuf::ConnAck(ConnAckBuf { session_present: true, ..connack() }));
    assert_eq!(run.findings().len(), 1);
}

#[test]
fn in_a_partial_view_what_could_not_be_read_may_have_been_the_connack() {
    for (partial, expected) in [(true, &[][..]), (false, &["MQTT-3.2.0-1"])] {
        let mut run = Run::new(V5);
        if partial {
            run.monitor = Monitor::new(V5).partial();
        }
        run.sends(0, PacketBuf::Connect(connect(V5, "alice")));
        run.gets_bytes(0, &[0x21, 0]);
        run.all_findings();
        run.gets(0, PacketBuf::PingResp);
        run.finds(expected);
    }
}

#[test]
fn a_connect_behind_an_unlawful_packet_binds_nobody() {
    let mut run = Run::new(V5);
    run.sends(0, PacketBuf::PingReq);
    run.sends(0, PacketBuf::Connect(connect(V5, "alice")));
    run.gets(0, PacketBuf::ConnAck(ConnAckBuf { session_present: true, ..connack() }));
    assert!(!run.findings().contains(&"MQTT-3.2.2-2".to_owned()));
}
