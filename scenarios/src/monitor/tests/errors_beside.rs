//! Erroneous packets and their lawful neighbours (MQTT-4.13.1-1; 3.1.1: MQTT-4.8.0-1): the connection ends, with a reason
//! that fits.

use super::*;

const ENDS: [&str; 1] = ["MQTT-4.13.1-1"];

/// Whether the connection had to end: `packets` are sent on it, and nothing comes.
fn has_to_end(connack: ConnAckBuf, asked: Vec<PropertyBuf>, packets: Vec<PacketBuf>) -> bool {
    let mut run = Run::new(V5);
    run.connect_with(0, ConnectBuf { properties: asked, ..connect(V5, "alice") }, connack);
    for packet in packets {
        run.sends(0, packet);
    }
    run.monitor.settle();
    run.findings().contains(&ENDS[0].to_owned())
}

fn told(property: PropertyBuf) -> ConnAckBuf {
    ConnAckBuf { properties: vec![property], ..connack() }
}

fn auth(method: Option<&str>) -> PacketBuf {
    let properties = method.map(PropertyBuf::authentication_method).into_iter().collect();
    PacketBuf::Auth(AuthBuf { reason_code: ReasonCode::RE_AUTHENTICATE, properties })
}

#[test]
fn what_only_a_server_sends_is_an_error() {
    for packet in [PacketBuf::ConnAck(connack()), suback(7, &[0]), unsuback(7, &[0]), PacketBuf::PingResp] {
        assert!(has_to_end(connack(), vec![], vec![packet]));
    }
    assert!(!has_to_end(connack(), vec![], vec![PacketBuf::PingReq]));
}

#[test]
fn authentication_has_the_method_of_the_connect() {
    let asked = || vec![PropertyBuf::authentication_method("m")];
    assert!(has_to_end(connack(), vec![], vec![auth(Some("m"))]));
    assert!(has_to_end(told(asked().remove(0)), asked(), vec![auth(Some("n"))]));
    assert!(!has_to_end(told(asked().remove(0)), asked(), vec![auth(Some("m"))]));
}

#[test]
fn in_the_middle_of_the_authentication_exchange_only_auth_and_disconnect_come() {
    let method = || vec![PropertyBuf::authentication_method("m")];
    for (packet, ends) in [
        (PacketBuf::PingReq, true),
        (PacketBuf::Auth(AuthBuf { reason_code: ReasonCode::CONTINUE_AUTHENTICATION, properties: method() }), false),
        (disconnect(ReasonCode::SUCCESS), false),
    ] {
        let mut run = Run::new(V5);
        run.sends(0, PacketBuf::Connect(ConnectBuf { properties: method(), ..connect(V5, "alice") }));
        let challenge = AuthBuf { reason_code: ReasonCode::CONTINUE_AUTHENTICATION, properties: method() };
        run.gets(0, PacketBuf::Auth(challenge));
        run.sends(0, packet);
        run.monitor.settle();
        assert_eq!(run.findings().contains(&ENDS[0].to_owned()), ends);
    }
}

#[test]
fn limits_are_broken_by_one_more_only() {
    let sized = |len: usize| {
        let packet = PacketBuf::Publish(publish("a", &"x".repeat(len)));
        assert_eq!(packet.encode(V5).unwrap().len(), len + 6);
        packet
    };
    let limit = || told(PropertyBuf::maximum_packet_size(30));
    assert!(!has_to_end(limit(), vec![], vec![sized(24)]));
    assert!(has_to_end(limit(), vec![], vec![sized(25)]));

    let aliased = |topic, alias| {
        PacketBuf::Publish(PublishBuf { properties: vec![PropertyBuf::topic_alias(alias)], ..publish(topic, "x") })
    };
    let limit = || told(PropertyBuf::topic_alias_maximum(2));
    assert!(!has_to_end(limit(), vec![], vec![aliased("a", 2)]));
    assert!(has_to_end(limit(), vec![], vec![aliased("a", 3)]));
    // An alias stands for a topic once it was set.
    assert!(!has_to_end(limit(), vec![], vec![aliased("a", 2), aliased("", 2)]));
    assert!(has_to_end(limit(), vec![], vec![aliased("a", 2), aliased("", 1)]));

    let at = |qos| PacketBuf::Publish(message("a", "x", qos, 9));
    assert!(!has_to_end(told(PropertyBuf::maximum_qos(1)), vec![], vec![at(Q1)]));
    assert!(has_to_end(told(PropertyBuf::maximum_qos(1)), vec![], vec![at(Q2)]));
}

#[test]
fn a_will_at_the_maximum_qos_is_accepted() {
    for (qos, findings) in [(Q1, &[][..]), (Q2, &["MQTT-3.2.2-12"])] {
        let will = mqttspec_codec::WillBuf { qos, ..crate::model::will("w", "gone") };
        let mut run = Run::new(V5);
        run.connect_with(0, ConnectBuf { will: Some(will), ..connect(V5, "alice") }, told(PropertyBuf::maximum_qos(1)));
        run.finds(findings);
    }
}

#[test]
fn what_is_not_available_may_be_refused_in_suback() {
    let limited = |answer: Option<(u16, u8)>| {
        let mut run = Run::new(V5);
        run.connect_with(0, connect(V5, "alice"), told(PropertyBuf::wildcard_subscription_available(0)));
        run.subscribe(0, 8, "b", Q0);
        run.sends(0, subscribe(7, "a/#", SubscriptionOptions::default(), vec![]));
        if let Some((id, code)) = answer {
            run.gets(0, suback(id, &[code]));
        }
        run.all_findings();
        run.monitor.settle();
        run.findings().contains(&ENDS[0].to_owned())
    };
    assert!(!limited(Some((7, 0xA2))));
    // That answers another SUBSCRIBE.
    assert!(limited(Some((8, 0xA2))));
    assert!(limited(None));
}

#[test]
fn a_malformed_filter_may_be_refused_in_unsuback() {
    let packet = UnsubscribeBuf { packet_id: 7, properties: vec![], filters: vec!["a/b".to_owned()] };
    for (id, code, findings) in [(7, 0x8F, &[][..]), (7, 0x80, &[]), (7, 0x11, &ENDS), (8, 0x8F, &ENDS)] {
        let mut bytes = PacketBuf::Unsubscribe(packet.clone()).encode(V5).unwrap();
        let at = bytes.iter().position(|byte| *byte == b'/').unwrap();
        bytes[at] = b'#';
        let mut run = Run::connected(V5);
        run.sends_bytes(0, &bytes);
        run.gets(0, unsuback(id, &[code]));
        run.monitor.settle();
        let found: Vec<_> = run.findings().into_iter().filter(|found| ENDS.contains(&found.as_str())).collect();
        assert_eq!(found, findings, "{id} {code}");
    }
}

#[test]
fn a_malformed_subscribe_or_unsubscribe_is_not_acted_on() {
    let mut options = subscribe(7, "a", SubscriptionOptions::default(), vec![]).encode(V5).unwrap();
    *options.last_mut().unwrap() = 3;
    for (bytes, acts, other) in [
        (options, suback(7, &[0]), suback(8, &[0])),
        // Without a filter.
        (vec![0xA2, 3, 0, 7, 0], unsuback(7, &[0]), unsuback(8, &[0])),
    ] {
        for (answer, findings) in [(acts, &ENDS[..]), (other, &[])] {
            let mut run = Run::connected(V5);
            run.sends_bytes(0, &bytes);
            run.gets(0, answer);
            run.closes(0, true);
            let found: Vec<_> = run.findings().into_iter().filter(|found| ENDS.contains(&found.as_str())).collect();
            assert_eq!(found, findings, "{bytes:?}");
        }
    }
}

#[test]
fn a_connect_is_refused_for_a_reason_that_fits() {
    for (code, findings) in [(0x81, &[][..]), (0x84, &[]), (0x95, &["§4.13.1"])] {
        let mut bytes = PacketBuf::Connect(connect(V5, "alice")).encode(V5).unwrap();
        bytes[9] |= 1;
        let mut run = Run::new(V5);
        run.sends_bytes(0, &bytes);
        run.gets(0, PacketBuf::ConnAck(ConnAckBuf { reason_code: ReasonCode(code), ..connack() }));
        run.closes(0, true);
        run.finds(findings);
    }
    // A second CONNECT is well formed.
    for (code, findings) in [(0x82, &[][..]), (0x95, &["§4.13.1"])] {
        let mut run = Run::connected(V5);
        run.sends(0, PacketBuf::Connect(connect(V5, "alice")));
        run.gets(0, disconnect(ReasonCode(code)));
        run.closes(0, true);
        run.finds(findings);
    }
}

#[test]
fn earlier_versions_have_their_own_sentences() {
    let mut run = Run::connected(V3);
    run.sends(0, PacketBuf::Connect(connect(V3, "alice")));
    run.monitor.settle();
    run.finds(&["§3.1"]);
    // A zero-length Client Identifier needs Clean Session 1.
    for (clean_start, code, findings) in [(false, 0, &["MQTT-3.1.3-8"][..]), (false, 2, &[]), (true, 0, &[])] {
        let mut run = Run::new(V4);
        let reason_code = ReasonCode(code);
        run.connect_with(0, ConnectBuf { clean_start, ..connect(V4, "") }, ConnAckBuf { reason_code, ..connack() });
        run.closes(0, true);
        run.finds(findings);
    }
    // A level that 3.1 does not know.
    let mut bytes = PacketBuf::Connect(connect(V3, "alice")).encode(V3).unwrap();
    bytes[10] = 9;
    let mut run = Run::new(V3);
    run.sends_bytes(0, &bytes);
    run.gets(0, PacketBuf::ConnAck(connack()));
    run.finds(&["MQTT31-3.1-2"]);
}

#[test]
fn the_argument_tells_what_is_wrong() {
    let mut bytes = PacketBuf::Publish(publish("a/b", "x")).encode(V5).unwrap();
    bytes[4] = b'#';
    let mut run = Run::connected(V5);
    run.sends_bytes(0, &bytes);
    run.monitor.settle();
    let finding = &run.all_findings()[0];
    assert!(finding.message.contains("the Client sent a malformed PUBLISH ("), "{finding:#?}");
}

#[test]
fn a_disconnect_is_an_answer_also_where_the_close_is_not_seen() {
    let mut run = Run::connected(V5);
    run.sends(0, PacketBuf::PingResp);
    run.gets(0, disconnect(ReasonCode::PROTOCOL_ERROR));
    run.monitor.settle();
    assert!(!run.findings().contains(&ENDS[0].to_owned()));
}

#[test]
fn an_answer_to_a_pingreq_of_before_does_not_show_that_the_server_went_on() {
    let mut run = Run::connected(V5);
    run.sends(0, PacketBuf::PingReq);
    run.sends(0, suback(7, &[0]));
    run.sends(0, PacketBuf::PingReq);
    run.gets(0, PacketBuf::PingResp);
    run.monitor.at(crate::Time::from_secs(9));
    run.closes(0, false);
    assert!(!run.findings().contains(&ENDS[0].to_owned()));
}

#[test]
fn before_3_1_1_had_codes_for_it_an_error_in_connect_was_met_with_silence() {
    // 3.1.4-1: the connection is closed without a CONNACK; only one about the Client Identifier may come first (3.1.3-9).
    let mut bytes = PacketBuf::Connect(connect(V4, "alice")).encode(V4).unwrap();
    bytes[9] |= 0b0100_0000;
    for (code, accused) in [(0x02, false), (0x05, true)] {
        let mut run = Run::new(V4);
        run.sends_bytes(0, &bytes);
        run.gets_bytes(0, &[0x20, 2, 0, code]);
        run.closes(0, true);
        run.monitor.settle();
        assert_eq!(run.findings().contains(&"MQTT-3.1.4-1".to_owned()), accused, "{code}");
    }
}

#[test]
fn an_acknowledgement_with_identifier_0_need_not_end_the_connection() {
    let mut run = Run::connected(V5);
    run.sends_bytes(0, &[0x40, 2, 0, 0]);
    run.monitor.settle();
    assert!(!run.findings().contains(&ENDS[0].to_owned()));
}

/// What is said of a Server that sends `answer` after `bytes` on `run`.
fn said_of(mut run: Run, bytes: &[u8], answer: PacketBuf) -> String {
    run.sends_bytes(0, bytes);
    run.all_findings();
    run.gets(0, answer);
    run.monitor.settle();
    run.all_findings().iter().map(|finding| format!("{}; ", finding.message)).collect()
}

#[test]
fn an_acknowledgement_of_something_else_is_no_answer_to_the_malformed_packet() {
    // At QoS 0 there is no identifier: 0 and 7 are the Property Length and the payload.
    let mut bytes = PacketBuf::Publish(publish("a/b", "\u{7}")).encode(V5).unwrap();
    bytes[4] = b'#';
    let said = said_of(Run::connected(V5), &bytes, PacketBuf::PubAck(ack(7)));
    assert!(!said.contains("answered it with"), "{said}");
    // The SUBACK is that of the good SUBSCRIBE with this identifier.
    let mut run = Run::connected(V5);
    run.sends(0, subscribe(7, "b", SubscriptionOptions::default(), vec![]));
    let mut bytes = subscribe(7, "c", SubscriptionOptions::default(), vec![]).encode(V5).unwrap();
    *bytes.last_mut().unwrap() = 0b1100_0000;
    let said = said_of(run, &bytes, suback(7, &[0]));
    assert!(!said.contains("answered it with"), "{said}");
}

#[test]
fn a_malformed_connect_is_known_by_its_protocol_at_any_length_and_in_every_version() {
    // The reserved flag, in a CONNECT of more than 127 bytes.
    let long = connect(V5, &"x".repeat(200));
    let mut bytes = PacketBuf::Connect(long).encode(V5).unwrap();
    bytes[10] |= 1;
    let said = said_of(Run::new(V5), &bytes, PacketBuf::ConnAck(connack()));
    assert!(said.contains("malformed CONNECT"), "{said}");
    // 3.1 is a protocol level that exists.
    let mut bytes = PacketBuf::Connect(connect(V3, "alice")).encode(V3).unwrap();
    let last = bytes.len() - 1;
    bytes[last] = 0xFF;
    let said = said_of(Run::new(V3), &bytes, PacketBuf::ConnAck(connack()));
    assert!(said.contains("malformed CONNECT"), "{said}");
}

#[test]
fn before_connack_nobody_knows_how_many_aliases_are_allowed() {
    let mut run = Run::new(V5);
    run.sends(0, PacketBuf::Connect(connect(V5, "alice")));
    let properties = vec![PropertyBuf::topic_alias(1)];
    run.sends(0, PacketBuf::Publish(PublishBuf { properties, ..publish("a", "x") }));
    run.gets(0, PacketBuf::ConnAck(told(PropertyBuf::topic_alias_maximum(5))));
    run.monitor.settle();
    assert!(!run.findings().contains(&ENDS[0].to_owned()));
}

#[test]
fn of_several_filters_the_good_ones_may_be_granted() {
    let mut run = Run::new(V5);
    run.connect_with(0, connect(V5, "alice"), told(PropertyBuf::wildcard_subscription_available(0)));
    let options = SubscriptionOptions::default();
    let filters = ["a", "#"].map(|filter| SubscriptionBuf { filter: filter.to_owned(), options }).to_vec();
    run.sends(0, PacketBuf::Subscribe(SubscribeBuf { packet_id: 1, properties: vec![], filters }));
    run.gets(0, suback(1, &[0, 0xA2]));
    run.monitor.settle();
    assert!(!run.findings().contains(&ENDS[0].to_owned()));
}

#[test]
fn a_disconnect_that_leaves_the_session_expiry_at_0_is_no_error() {
    let mut run = Run::connected(V5);
    let properties = vec![PropertyBuf::session_expiry_interval(0)];
    run.sends(0, PacketBuf::Disconnect(DisconnectBuf { reason_code: ReasonCode::SUCCESS, properties }));
    run.closes(0, false);
    let again = ConnectBuf { clean_start: false, ..connect(V5, "alice") };
    run.connect_with(1, again, ConnAckBuf { session_present: true, ..connack() });
    assert!(!run.findings().contains(&ENDS[0].to_owned()));
}

#[test]
fn a_refusal_in_another_version_is_read_when_the_connect_could_not_be() {
    // Our CONNECT has the reserved flag: the Server may take it for one of 3.1.1.
    let mut bytes = PacketBuf::Connect(connect(V5, "alice")).encode(V5).unwrap();
    bytes[9] |= 1;
    let mut run = Run::new(V5);
    run.sends_bytes(0, &bytes);
    run.all_findings();
    assert!(run.gets_bytes(0, &[0x20, 2, 0, 5]).is_some());
    let findings = run.all_findings();
    assert!(findings.iter().all(|finding| !finding.message.contains("malformed CONNACK")), "{findings:#?}");
}

#[test]
fn a_control_character_is_seen_in_a_refusal_of_the_version_too() {
    let mut run = Run::new(V5);
    run.sends(0, PacketBuf::Connect(connect(V5, "alice")));
    let properties = vec![PropertyBuf::reason_string("a\u{1}b")];
    run.gets(0, PacketBuf::ConnAck(ConnAckBuf { reason_code: ReasonCode(0x84), properties, ..connack() }));
    let findings = run.all_findings();
    assert_eq!(findings.iter().filter(|finding| finding.level == Level::Should).count(), 1, "{findings:#?}");
}
