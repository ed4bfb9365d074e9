use super::*;

#[test]
fn malformed_packets_are_found_under_their_own_statement() {
    let mut run = Run::connected(V5);
    assert_eq!(run.gets_bytes(0, &[0xD1, 0x00]), None);
    run.finds(&["MQTT-2.1.3-1"]);
    let mut run = Run::connected(V4);
    assert_eq!(run.gets_bytes(0, &[0xD1, 0x00]), None);
    run.finds(&["MQTT-2.2.2-1"]);
    let mut run = Run::connected(V3);
    assert_eq!(run.gets_bytes(0, &[0x00, 0x00]), None);
    assert_eq!(run.findings().len(), 1);
}

#[test]
fn bytes_that_cannot_be_a_packet_are_found() {
    let mut run = Run::connected(V5);
    run.monitor.unframeable(0, 9, &[0xD0, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]);
    assert_eq!(run.findings().len(), 1);
    run.monitor.unframeable(0, 9, b"HTTP/1.1 400");
    assert_eq!(run.findings().len(), 1, "the flags of PUBACK are wrong");
}

#[test]
fn a_packet_cut_off_by_the_end_is_an_observation_only() {
    let mut run = Run::connected(V5);
    run.monitor.unframeable(0, 9, &[0x30, 0x20, 0x00]);
    let findings = run.all_findings();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].level, Level::May);
}

#[test]
fn a_byte_too_many_after_disconnect_was_not_counted() {
    // Reason Code 0x82 and a Property Length that the Remaining Length does not count, or no Property Length.
    for (frame, rest, expected) in [
        (&[0xE0, 0x01, 0x82][..], &[0x00][..], "§2.1.4"),
        (&[0xE0, 0x02, 0x82, 0x00], &[0x00], "§2.1.4"),
        (&[0xD0, 0x00], &[0x00], "§2.1.2"),
        (&[0xE0, 0x01, 0x82], &[0x0F], "§2.1.2"),
    ] {
        let mut run = Run::connected(V5);
        run.sends(0, PacketBuf::PingReq);
        run.gets_bytes(0, frame);
        run.is_silent();
        run.monitor.unframeable(0, 9, rest);
        run.finds(&[expected]);
    }
}

#[test]
fn control_characters_are_the_publishers_affair() {
    let mut run = Run::connected(V5);
    run.subscribe(0, 1, "#", Q0);
    run.gets(0, PacketBuf::Publish(publish("a\u{1}b", "x")));
    run.is_silent();
    let properties = vec![PropertyBuf::reason_string("a\u{1}b")];
    run.gets(0, PacketBuf::Disconnect(DisconnectBuf { reason_code: ReasonCode::SERVER_BUSY, properties }));
    let findings = run.all_findings();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].level, Level::Should);
}

#[test]
fn a_refusal_may_come_in_the_version_the_server_speaks() {
    // A server of 3.1.1 to a CONNECT of 5.0; one of 5.0 to a CONNECT of 3.1.1.
    for (version, refusal) in [(V5, vec![0x20, 0x02, 0x00, 0x01]), (V4, vec![0x20, 0x03, 0x00, 0x84, 0x00])] {
        let mut run = Run::new(version);
        run.sends(0, PacketBuf::Connect(connect(version, "alice")));
        assert!(run.gets_bytes(0, &refusal).is_some());
        run.is_silent();
    }
    // But not accept in another version.
    let mut run = Run::new(V5);
    run.sends(0, PacketBuf::Connect(connect(V5, "alice")));
    assert_eq!(run.gets_bytes(0, &[0x20, 0x02, 0x00, 0x00]), None);
    assert!(!run.findings().is_empty());
}

#[test]
fn an_unknown_version_may_be_answered_in_any() {
    let connect = [0x10, 0x0D, 0x00, 0x04, b'M', b'Q', b'T', b'T', 0x07, 0x02, 0x00, 0x00, 0x00, 0x01, b'a'];
    for answer in [&[0x20, 0x02, 0x00, 0x01][..], &[0x20, 0x03, 0x00, 0x84, 0x00]] {
        for version in ProtocolVersion::ALL {
            let mut run = Run::new(version);
            run.sends_bytes(0, &connect);
            assert!(run.gets_bytes(0, answer).is_some());
            run.is_silent();
        }
    }
}

#[test]
fn a_forwarded_property_is_an_observation() {
    // PUBLISH "a" with Response Topic "+", and with Payload Format Indicator 2.
    let response_topic = [0x30, 0x08, 0x00, 0x01, b'a', 0x04, 0x08, 0x00, 0x01, b'+'];
    let payload_format = [0x30, 0x06, 0x00, 0x01, b'a', 0x02, 0x01, 0x02];
    forwarded(&response_topic, "MQTT-3.3.2-14");
    forwarded(&payload_format, "§3.3.2.3");
}

/// A finding when the server made it up, none when it may have passed on what was published.
#[track_caller]
fn forwarded(bytes: &[u8], expected: &str) {
    let mut run = Run::connected(V5);
    run.subscribe(0, 1, "a", Q0);
    run.gets_bytes(0, bytes);
    run.finds(&[expected]);
    let mut run = Run::connected(V5);
    run.subscribe(0, 1, "a", Q0);
    run.connect(1, "bob");
    run.sends_bytes(1, bytes);
    run.gets_bytes(0, bytes);
    run.finds(&[]);
}

#[test]
fn a_forwarded_text_that_is_none_is_a_deviation() {
    let content_type = |byte| vec![0x30, 0x08, 0x00, 0x01, b'a', 0x04, 0x03, 0x00, 0x01, byte];
    let user_property = |byte| vec![0x30, 0x0A, 0x00, 0x01, b'a', 0x06, 0x26, 0x00, 0x01, byte, 0x00, 0x00];
    // The Topic Name is no property of the message, and in 3.1.1 the same sentence has the Server close.
    let topic = |byte| vec![0x30, 0x05, 0x00, 0x02, b'a', byte, 0x00];
    let older = |byte| vec![0x30, 0x04, 0x00, 0x02, b'a', byte];
    let rows: [(_, _, &dyn Fn(u8) -> Vec<u8>, _); 7] = [
        (V5, 0x00, &content_type, ("MQTT-1.5.4-2", Level::Should)),
        (V5, 0xFF, &content_type, ("MQTT-1.5.4-1", Level::Should)),
        (V5, 0x00, &user_property, ("MQTT-1.5.7-1", Level::Should)),
        (V5, 0x00, &topic, ("MQTT-1.5.4-2", Level::Must)),
        (V5, 0xFF, &topic, ("MQTT-1.5.4-1", Level::Must)),
        (V4, 0x00, &older, ("MQTT-1.5.3-2", Level::Must)),
        (V4, 0xFF, &older, ("MQTT-1.5.3-1", Level::Must)),
    ];
    for (version, byte, frame, (statement, passed_on)) in rows {
        for forwarded in [false, true] {
            let mut run = Run::connected(version);
            run.subscribe(0, 1, "#", Q0);
            run.connect(1, "bob");
            if forwarded {
                run.sends_bytes(1, &frame(byte));
            }
            run.gets_bytes(0, &frame(byte));
            let findings = run.all_findings();
            let found = findings.iter().find(|finding| finding.statement == statement);
            let expected = if forwarded { passed_on } else { Level::Must };
            assert_eq!(found.map(|finding| finding.level), Some(expected), "{findings:#?}");
        }
    }
}

#[test]
fn a_missing_property_length_is_named() {
    let mut run = Run::connected(V5);
    run.sends(0, subscribe(7, "a", SubscriptionOptions { qos: Q1, ..Default::default() }, vec![]));
    run.gets_bytes(0, &[0x90, 0x03, 0x00, 0x07, 0x01]);
    run.finds(&["MQTT-2.2.2-1"]);
    // A Property Length of 1 with nothing behind it, for one filter too few.
    let mut run = Run::connected(V5);
    run.gets_bytes(0, &[0x90, 0x03, 0x00, 0x07, 0x01]);
    assert_ne!(run.findings(), ["MQTT-2.2.2-1"]);
}

#[test]
fn a_packet_identifier_of_0_breaks_the_sentence_for_servers() {
    for (version, expected) in [(V5, "MQTT-2.2.1-4"), (V4, "MQTT-2.3.1-1")] {
        let mut run = Run::connected(version);
        let bytes = PacketBuf::Publish(message("a", "x", Q1, 0)).encode(version).unwrap();
        run.gets_bytes(0, &bytes);
        run.finds(&[expected]);
    }
}

#[test]
fn no_finding_cites_a_sentence_that_binds_clients() {
    let bad: [&[u8]; 6] = [
        &[0x36, 0x04, 0x00, 0x01, b'a', 0x00],
        &[0x40, 0x02, 0x00, 0x00],
        &[0x62, 0x01, 0x00],
        &[0x90, 0x02, 0x00, 0x00],
        &[0xE1, 0x00],
        &[0x82, 0x03, 0x00, 0x01, 0x00],
    ];
    for version in ProtocolVersion::ALL {
        for bytes in bad {
            let mut run = Run::connected(version);
            run.gets_bytes(0, bytes);
            for finding in run.all_findings() {
                let statement = crate::statements::Catalogue::of(version).get(&finding.statement);
                assert!(statement.is_none_or(|s| s.who != crate::statements::Who::Client), "{finding:?}");
            }
        }
    }
}

#[test]
fn an_acknowledgement_repeats_the_identifier_0_that_it_answers() {
    for version in [V5, V4] {
        let mut bytes = subscribe(1, "a", SubscriptionOptions::default(), vec![]).encode(version).unwrap();
        bytes[3] = 0;
        let mut answer = suback(1, &[0]).encode(version).unwrap();
        answer[3] = 0;
        let mut run = Run::connected(version);
        run.sends_bytes(0, &bytes);
        assert!(run.gets_bytes(0, &answer).is_none());
        run.is_silent();
        // Nobody asked with it.
        let mut run = Run::connected(version);
        assert!(run.gets_bytes(0, &answer).is_none());
        assert_eq!(run.findings().len(), 1);
    }
}

#[test]
fn what_3_1_does_not_use_may_be_used() {
    // The byte before the return code of CONNACK.
    let mut run = Run::new(V3);
    run.sends(0, PacketBuf::Connect(connect(V3, "alice")));
    assert!(matches!(run.gets_bytes(0, &[0x20, 0x02, 0x04, 0x00]), Some(PacketBuf::ConnAck(_))));
    // DUP at QoS 0.
    run.subscribe(0, 1, "a", Q0);
    assert!(matches!(run.gets_bytes(0, b"\x38\x04\x00\x01ax"), Some(PacketBuf::Publish(_))));
    let findings = run.all_findings();
    assert_eq!(findings.len(), 2, "{findings:#?}");
    assert!(findings.iter().all(|finding| finding.level == Level::May), "{findings:#?}");
    // The connection goes on as usual.
    run.gets(0, PacketBuf::Publish(publish("b", "x")));
    run.finds(&["MQTT31-3.3-1"]);
    // Later versions forbid both.
    for (version, expected) in [(V5, "MQTT-3.3.1-2"), (V4, "MQTT-3.3.1-2")] {
        let mut run = Run::connected(version);
        run.subscribe(0, 1, "a", Q0);
        let bytes: &[u8] = if version == V5 { b"\x38\x05\x00\x01a\x00x" } else { b"\x38\x04\x00\x01ax" };
        assert_eq!(run.gets_bytes(0, bytes), None);
        run.finds(&[expected]);
    }
}

#[test]
fn a_finding_has_the_version_of_its_connection() {
    // The scenario is one of 5.0, and so are most of its connections.
    let mut run = Run::connected(V5);
    run.version = V4;
    run.connect(1, "bob");
    assert_eq!(run.gets_bytes(1, &[0xD1, 0x00]), None);
    run.version = V5;
    assert_eq!(run.gets_bytes(0, &[0xD1, 0x00]), None);
    let findings = run.all_findings();
    let seen: Vec<_> = findings.iter().map(|finding| (finding.statement.as_str(), finding.version)).collect();
    assert_eq!(seen, [("MQTT-2.2.2-1", Some(V4)), ("MQTT-2.1.3-1", Some(V5))]);
}

#[test]
fn a_missing_property_length_of_unsuback_is_named_as_well() {
    let unsubscribe =
        || PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id: 7, properties: vec![], filters: vec!["a".to_owned()] });
    let mut run = Run::connected(V5);
    run.sends(0, unsubscribe());
    run.gets_bytes(0, &[0xB0, 0x03, 0x00, 0x07, 0x11]);
    run.finds(&["MQTT-2.2.2-1"]);
    // Two codes for one filter are something else.
    let mut run = Run::connected(V5);
    run.sends(0, unsubscribe());
    run.gets_bytes(0, &[0xB0, 0x04, 0x00, 0x07, 0x11, 0x11]);
    assert_ne!(run.findings(), ["MQTT-2.2.2-1"]);
}

#[test]
fn a_malformed_packet_is_called_by_its_name() {
    for (bytes, name) in [(&[0xD0, 1, 0][..], "PINGRESP"), (&[0x90, 0x02, 0x00, 0x00], "SUBACK")] {
        let mut run = Run::connected(V4);
        run.gets_bytes(0, bytes);
        let findings = run.all_findings();
        assert!(findings[0].message.starts_with(&format!("malformed {name}")), "{}", findings[0].message);
        assert!(findings[0].message.contains("byte "), "{}", findings[0].message);
    }
}

#[test]
fn auth_without_a_method_breaks_the_sentence_of_the_exchange() {
    let mut run = Run::new(V5);
    let properties = vec![PropertyBuf::authentication_method("m")];
    run.sends(0, PacketBuf::Connect(ConnectBuf { properties, ..connect(V5, "alice") }));
    // Reason code 0x18 and no properties.
    run.gets_bytes(0, &[0xF0, 0x02, 0x18, 0x00]);
    run.finds(&["MQTT-4.12.0-5"]);
}

#[test]
fn a_second_connack_is_judged_in_the_version_of_the_connect() {
    let mut run = Run::connected(V5);
    run.gets_bytes(0, &[0x20, 0x02, 0x00, 0x01]);
    assert!(!run.findings().is_empty());
    // Another packet is no refusal in another version.
    let mut run = Run::new(V5);
    run.sends(0, PacketBuf::Connect(connect(V5, "alice")));
    run.gets_bytes(0, &[0x21, 0x02, 0x00, 0x01]);
    assert!(!run.findings().is_empty());
}
