use super::*;

/// `alice` on connection 0 with a subscription to `a` at QoS 2.
fn subscribed(version: ProtocolVersion) -> Run {
    let mut run = Run::connected(version);
    run.subscribe(0, 1, "a", Q2);
    run
}

#[test]
fn identifiers_are_free_once_acknowledged() {
    for version in ProtocolVersion::ALL {
        let mut run = subscribed(version);
        run.gets(0, PacketBuf::Publish(message("a", "1", Q1, 1)));
        run.gets(0, PacketBuf::Publish(message("a", "2", Q2, 2)));
        run.sends(0, PacketBuf::PubAck(ack(1)));
        run.gets(0, PacketBuf::Publish(message("a", "3", Q1, 1)));
        run.sends(0, PacketBuf::PubRec(ack(2)));
        run.gets(0, PacketBuf::PubRel(ack(2)));
        run.sends(0, PacketBuf::PubComp(ack(2)));
        run.gets(0, PacketBuf::Publish(message("a", "4", Q2, 2)));
        run.is_silent();
    }
}

#[test]
fn a_refusing_pubrec_frees_the_identifier() {
    let mut run = subscribed(V5);
    run.gets(0, PacketBuf::Publish(message("a", "1", Q2, 1)));
    run.sends(0, PacketBuf::PubRec(AckBuf { reason_code: ReasonCode::QUOTA_EXCEEDED, ..ack(1) }));
    run.gets(0, PacketBuf::Publish(message("a", "2", Q2, 1)));
    run.is_silent();
}

#[test]
fn an_identifier_in_use_is_found() {
    for (version, expected) in [(V5, "MQTT-2.2.1-4"), (V4, "MQTT-2.3.1-4"), (V3, "§4.1")] {
        let mut run = subscribed(version);
        run.gets(0, PacketBuf::Publish(message("a", "1", Q1, 1)));
        run.gets(0, PacketBuf::Publish(message("a", "2", Q1, 1)));
        run.finds(&[expected]);
        let mut run = subscribed(version);
        run.gets(0, PacketBuf::Publish(message("a", "1", Q2, 1)));
        run.sends(0, PacketBuf::PubRec(ack(1)));
        run.gets(0, PacketBuf::Publish(message("a", "2", Q2, 1)));
        run.finds(&[expected]);
    }
}

#[test]
fn the_two_directions_count_apart() {
    let mut run = subscribed(V5);
    run.sends(0, PacketBuf::Publish(message("b", "mine", Q1, 1)));
    run.gets(0, PacketBuf::Publish(message("a", "theirs", Q1, 1)));
    run.gets(0, PacketBuf::PubAck(ack(1)));
    run.sends(0, PacketBuf::PubAck(ack(1)));
    run.is_silent();
}

#[test]
fn repeating_on_a_live_connection_is_wrong_in_5_only() {
    let first = message("a", "1", Q1, 1);
    let again = PublishBuf { dup: true, ..first.clone() };
    for (version, expected) in [(V5, vec!["MQTT-4.4.0-1"]), (V4, vec![]), (V3, vec![])] {
        let mut run = subscribed(version);
        run.gets(0, PacketBuf::Publish(first.clone()));
        run.gets(0, PacketBuf::Publish(again.clone()));
        run.finds(&expected);
        // The same when our acknowledgement crosses it.
        let mut run = subscribed(version);
        run.gets(0, PacketBuf::Publish(first.clone()));
        run.sends(0, PacketBuf::PubAck(ack(1)));
        run.gets(0, PacketBuf::Publish(again.clone()));
        run.finds(&expected);
    }
    let mut run = subscribed(V4);
    run.gets(0, PacketBuf::Publish(first.clone()));
    run.gets(0, PacketBuf::Publish(first));
    run.finds(&["MQTT-3.3.1-1"]);
}

#[test]
fn pubrel_is_repeated_only_after_a_reconnect() {
    let mut run = subscribed(V5);
    run.gets(0, PacketBuf::Publish(message("a", "1", Q2, 1)));
    run.sends(0, PacketBuf::PubRec(ack(1)));
    run.gets(0, PacketBuf::PubRel(ack(1)));
    run.resume(0, 1);
    run.gets(1, PacketBuf::PubRel(ack(1)));
    run.is_silent();
    run.gets(1, PacketBuf::PubRel(ack(1)));
    run.finds(&["MQTT-4.4.0-1"]);
    // Each PUBREC may be answered.
    let mut run = subscribed(V5);
    run.gets(0, PacketBuf::Publish(message("a", "1", Q2, 1)));
    run.sends(0, PacketBuf::PubRec(ack(1)));
    run.sends(0, PacketBuf::PubRec(ack(1)));
    run.gets(0, PacketBuf::PubRel(ack(1)));
    run.gets(0, PacketBuf::PubRel(ack(1)));
    run.is_silent();
}

#[test]
fn publish_after_pubrel_is_found() {
    for (version, expected) in [(V5, "MQTT-4.3.3-6"), (V4, "MQTT-4.3.3-1")] {
        let mut run = subscribed(version);
        run.gets(0, PacketBuf::Publish(message("a", "1", Q2, 1)));
        run.sends(0, PacketBuf::PubRec(ack(1)));
        run.gets(0, PacketBuf::PubRel(ack(1)));
        run.resume(0, 1);
        run.gets(1, PacketBuf::Publish(PublishBuf { dup: true, ..message("a", "1", Q2, 1) }));
        run.finds(&[expected]);
    }
}

#[test]
fn the_first_sending_has_dup_0() {
    for (version, qos, expected) in [
        (V5, Q1, "MQTT-4.3.2-2"),
        (V5, Q2, "MQTT-4.3.3-2"),
        (V4, Q1, "MQTT-4.3.2-1"),
        (V4, Q2, "MQTT-4.3.3-1"),
        (V3, Q1, "MQTT31-3.3-3"),
    ] {
        let mut run = subscribed(version);
        run.gets(0, PacketBuf::Publish(PublishBuf { dup: true, ..message("a", "1", qos, 1) }));
        let findings = run.all_findings();
        assert_eq!(findings.iter().map(name).collect::<Vec<_>>(), [expected]);
        assert!(findings[0].message.contains("\"1\" on \"a\""), "{}", findings[0].message);
    }
}

#[test]
fn dup_of_the_publisher_is_not_taken_over() {
    let mut run = subscribed(V4);
    run.connect(1, "bob");
    run.sends(1, PacketBuf::Publish(PublishBuf { dup: true, ..message("a", "1", Q1, 4) }));
    run.gets(0, PacketBuf::Publish(PublishBuf { dup: true, ..message("a", "1", Q1, 1) }));
    run.finds(&["MQTT-3.3.1-3"]);
}

#[test]
fn dup_of_a_message_handed_to_another_member_is_left_open() {
    let mut run = Run::connected(V5);
    run.subscribe(0, 1, "$share/g/a", Q2);
    run.gets(0, PacketBuf::Publish(PublishBuf { dup: true, ..message("a", "1", Q1, 1) }));
    run.is_silent();
}

#[test]
fn the_receive_maximum_is_kept() {
    let start = || {
        let mut run = Run::new(V5);
        let properties = vec![PropertyBuf::receive_maximum(2)];
        run.connect_with(0, ConnectBuf { properties, ..connect(V5, "alice") }, connack());
        run.subscribe(0, 1, "a", Q2);
        run.gets(0, PacketBuf::Publish(message("a", "1", Q1, 1)));
        run.gets(0, PacketBuf::Publish(message("a", "2", Q2, 2)));
        run
    };
    let mut run = start();
    run.gets(0, PacketBuf::Publish(publish("a", "0")));
    run.sends(0, PacketBuf::PubAck(ack(1)));
    run.gets(0, PacketBuf::Publish(message("a", "3", Q1, 3)));
    run.sends(0, PacketBuf::PubRec(AckBuf { reason_code: ReasonCode::UNSPECIFIED_ERROR, ..ack(2) }));
    run.gets(0, PacketBuf::Publish(message("a", "4", Q1, 4)));
    run.is_silent();

    let mut run = start();
    run.gets(0, PacketBuf::Publish(message("a", "3", Q1, 3)));
    run.finds(&["MQTT-3.3.4-9"]);

    // PUBREC does not complete a delivery.
    let mut run = start();
    run.sends(0, PacketBuf::PubRec(ack(2)));
    run.gets(0, PacketBuf::PubRel(ack(2)));
    run.gets(0, PacketBuf::Publish(message("a", "3", Q1, 3)));
    run.finds(&["MQTT-4.9.0-2"]);
}

#[test]
fn the_quota_is_new_on_each_connection() {
    let properties = || vec![PropertyBuf::receive_maximum(1)];
    let mut run = Run::new(V5);
    run.connect_with(0, ConnectBuf { properties: properties(), ..connect(V5, "alice") }, connack());
    run.subscribe(0, 1, "a", Q2);
    run.gets(0, PacketBuf::Publish(message("a", "1", Q1, 1)));
    run.closes(0, false);
    let again = ConnectBuf { clean_start: false, properties: properties(), ..connect(V5, "alice") };
    run.connect_with(1, again, ConnAckBuf { session_present: true, ..connack() });
    run.gets(1, PacketBuf::Publish(PublishBuf { dup: true, ..message("a", "1", Q1, 1) }));
    run.is_silent();
}

#[test]
fn in_3_1_dup_of_the_publisher_may_be_passed_on() {
    let mut run = subscribed(V3);
    run.connect(1, "bob");
    run.sends(1, PacketBuf::Publish(PublishBuf { dup: true, ..message("a", "1", Q1, 4) }));
    run.gets(0, PacketBuf::Publish(PublishBuf { dup: true, ..message("a", "1", Q1, 1) }));
    let findings = run.all_findings();
    assert_eq!(findings.iter().map(|finding| finding.level).collect::<Vec<_>>(), [Level::May], "{findings:#?}");
}

#[test]
fn dup_on_another_message_under_a_free_identifier_is_no_repeat() {
    let mut run = subscribed(V5);
    run.gets(0, PacketBuf::Publish(message("a", "1", Q1, 1)));
    run.sends(0, PacketBuf::PubAck(ack(1)));
    run.gets(0, PacketBuf::Publish(PublishBuf { dup: true, ..message("a", "2", Q1, 1) }));
    let findings = run.all_findings();
    assert!(findings[0].message.contains("DUP 1 on the first PUBLISH"), "{findings:#?}");
}
