use super::*;

#[test]
fn suback_answers_a_subscribe() {
    let subscribe_ab = |id| {
        let options = SubscriptionOptions { qos: Q1, ..Default::default() };
        let filters = ["a", "b"].map(|filter| SubscriptionBuf { filter: filter.to_owned(), options }).to_vec();
        PacketBuf::Subscribe(SubscribeBuf { packet_id: id, properties: vec![], filters })
    };
    for (version, (wrong_id, once), count, grant) in [
        (V5, ("MQTT-2.2.1-6", "MQTT-3.8.4-5"), "MQTT-3.8.4-6", "MQTT-3.8.4-7"),
        (V4, ("MQTT-2.3.1-7", "MQTT-3.8.4-4"), "MQTT-3.8.4-5", "MQTT-3.8.4-5"),
        (V3, ("MQTT31-3.9-1", "MQTT31-3.9-1"), "MQTT31-3.9-2", "MQTT31-3.9-2"),
    ] {
        let mut run = Run::connected(version);
        run.sends(0, subscribe_ab(7));
        run.gets(0, suback(7, &[0, 1]));
        run.sends(0, subscribe_ab(7));
        run.gets(0, suback(7, if version == V3 { &[1, 1] } else { &[0x80, 1] }));
        run.is_silent();
        // One answer is for all filters.
        run.gets(0, suback(7, &[1, 1]));
        run.finds(&[once]);
        run.subscribe(0, 9, "a", Q1);
        run.gets(0, suback(9, &[1]));
        run.finds(&[wrong_id]);
        run.sends(0, subscribe_ab(8));
        // That it should have been the answer to another is as likely.
        run.gets(0, suback(7, &[1, 1]));
        run.finds(&[wrong_id]);
        run.gets(0, suback(8, &[1, 1]));
        run.is_silent();
        run.sends(0, subscribe_ab(7));
        run.gets(0, suback(9, &[1, 1]));
        run.finds(&[wrong_id]);
        run.gets(0, suback(7, &[1]));
        run.finds(&[count]);
        run.sends(0, subscribe_ab(8));
        run.gets(0, suback(8, &[1, 2]));
        run.finds(&[grant]);
    }
}

#[test]
fn unsuback_answers_an_unsubscribe() {
    let unsubscribe = |id| {
        let filters = vec!["a".to_owned(), "b".to_owned()];
        PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id: id, properties: vec![], filters })
    };
    for (version, codes, wrong_id, once) in [
        (V5, &[0x11, 0x00][..], "MQTT-2.2.1-6", "MQTT-3.10.4-6"),
        (V4, &[], "MQTT-2.3.1-7", "MQTT-3.10.4-6"),
        (V3, &[], "MQTT31-3.11-1", "MQTT31-3.11-1"),
    ] {
        let mut run = Run::connected(version);
        run.sends(0, unsubscribe(7));
        run.gets(0, unsuback(7, codes));
        run.is_silent();
        run.gets(0, unsuback(7, codes));
        let findings = run.all_findings();
        assert_eq!(findings.iter().map(name).collect::<Vec<_>>(), [once]);
        assert_eq!(findings[0].events.len(), 3, "the request and both answers: {findings:#?}");
        // With one filter there is nothing to combine.
        run.unsubscribe(0, 7, "a");
        run.gets(0, unsuback(7, codes));
        run.finds(&[wrong_id]);
        run.sends(0, unsubscribe(8));
        run.gets(0, unsuback(9, codes));
        run.finds(&[wrong_id]);
    }
    let mut run = Run::connected(V5);
    run.sends(0, unsubscribe(7));
    run.gets(0, unsuback(7, &[0]));
    run.finds(&["MQTT-3.11.3-2"]);
}

#[test]
fn publish_is_answered_once_by_its_qos() {
    for (version, wrong_id, by_qos) in [
        (V5, "MQTT-2.2.1-5", "MQTT-3.3.4-1"),
        (V4, "MQTT-2.3.1-6", "MQTT-3.3.4-1"),
        (V3, "MQTT31-4.1-1", "MQTT31-4.1-1"),
    ] {
        let mut run = Run::connected(version);
        run.sends(0, PacketBuf::Publish(message("a", "x", Q1, 1)));
        run.sends(0, PacketBuf::Publish(message("a", "y", Q2, 2)));
        run.gets(0, PacketBuf::PubRec(ack(2)));
        run.gets(0, PacketBuf::PubAck(ack(1)));
        run.sends(0, PacketBuf::PubRel(ack(2)));
        run.gets(0, PacketBuf::PubComp(ack(2)));
        // Both identifiers are free again.
        run.sends(0, PacketBuf::Publish(message("a", "z", Q2, 1)));
        run.gets(0, PacketBuf::PubRec(ack(1)));
        run.is_silent();
        run.gets(0, PacketBuf::PubAck(ack(3)));
        run.finds(&[wrong_id]);
        run.gets(0, PacketBuf::PubAck(ack(1)));
        run.finds(&[wrong_id]);
        run.sends(0, PacketBuf::Publish(message("a", "w", Q2, 9)));
        run.gets(0, PacketBuf::PubAck(ack(9)));
        run.finds(&[by_qos]);
    }
}

#[test]
fn a_repeated_publish_may_be_answered_again() {
    let mut run = Run::connected(V4);
    let first = message("a", "x", Q1, 1);
    run.sends(0, PacketBuf::Publish(first.clone()));
    run.sends(0, PacketBuf::Publish(PublishBuf { dup: true, ..first }));
    run.gets(0, PacketBuf::PubAck(ack(1)));
    run.gets(0, PacketBuf::PubAck(ack(1)));
    run.is_silent();
    run.gets(0, PacketBuf::PubAck(ack(1)));
    run.finds(&["MQTT-2.3.1-6"]);
}

#[test]
fn answers_may_come_on_the_next_connection() {
    let mut run = Run::connected(V5);
    run.sends(0, PacketBuf::Publish(message("a", "x", Q2, 1)));
    run.gets(0, PacketBuf::PubRec(ack(1)));
    run.sends(0, PacketBuf::PubRel(ack(1)));
    run.resume(0, 1);
    run.gets(1, PacketBuf::PubComp(ack(1)));
    run.sends(1, PacketBuf::PubRel(ack(1)));
    run.gets(1, PacketBuf::PubComp(ack(1)));
    // A broker that says again how far it is.
    run.gets(1, PacketBuf::PubRec(ack(1)));
    run.is_silent();
}

#[test]
fn pubcomp_and_pubrel_belong_to_something() {
    for (version, pubcomp, pubrel) in [(V5, "MQTT-2.2.1-5", "MQTT-2.2.1-5"), (V4, "MQTT-4.3.3-2", "MQTT-2.3.1-6")] {
        let mut run = Run::connected(version);
        run.gets(0, PacketBuf::PubComp(ack(1)));
        run.finds(&[pubcomp]);
        run.gets(0, PacketBuf::PubRel(ack(1)));
        run.finds(&[pubrel]);
    }
    // PUBREL and PUBREC for unknown identifiers are answered.
    let mut run = Run::connected(V5);
    run.sends(0, PacketBuf::PubRel(ack(5)));
    run.gets(0, PacketBuf::PubComp(AckBuf { reason_code: ReasonCode::PACKET_IDENTIFIER_NOT_FOUND, ..ack(5) }));
    run.sends(0, PacketBuf::PubRec(ack(6)));
    run.gets(0, PacketBuf::PubRel(AckBuf { reason_code: ReasonCode::PACKET_IDENTIFIER_NOT_FOUND, ..ack(6) }));
    run.is_silent();
}

#[test]
fn after_malformed_input_answers_are_not_judged() {
    let mut run = Run::connected(V4);
    run.sends_bytes(0, &[0x80, 0x06, 0x00, 0x01, 0x00, 0x01, b'a', 0x00]);
    run.gets(0, suback(9, &[0]));
    run.gets(0, PacketBuf::PubAck(ack(3)));
    run.gets(0, PacketBuf::PingResp);
    run.gets(0, PacketBuf::Publish(publish("nowhere", "x")));
    run.is_silent();
    // The types of its packets still are.
    run.gets(0, PacketBuf::PingReq);
    run.finds(&["§2.2.1"]);
}

#[test]
fn pubrec_answers_qos_2() {
    for (version, wrong_id, by_qos) in [
        (V5, "MQTT-2.2.1-5", "MQTT-3.3.4-1"),
        (V4, "MQTT-2.3.1-6", "MQTT-3.3.4-1"),
        (V3, "MQTT31-4.1-2", "MQTT31-4.1-1"),
    ] {
        let mut run = Run::connected(version);
        run.gets(0, PacketBuf::PubRec(ack(3)));
        run.finds(&[wrong_id]);
        run.sends(0, PacketBuf::Publish(message("a", "w", Q1, 9)));
        run.gets(0, PacketBuf::PubRec(ack(9)));
        let findings = run.all_findings();
        assert_eq!(findings.iter().map(name).collect::<Vec<_>>(), [by_qos]);
        assert!(findings[0].message.contains("which has QoS 1"), "{}", findings[0].message);
    }
    let mut run = Run::connected(V5);
    run.sends(0, PacketBuf::Publish(message("a", "w", Q2, 9)));
    run.gets(0, PacketBuf::PubAck(ack(9)));
    let findings = run.all_findings();
    assert!(findings[0].message.contains("which has QoS 2"), "{}", findings[0].message);
}

#[test]
fn one_pubrel_is_answered_with_one_pubcomp() {
    let mut run = Run::connected(V5);
    run.sends(0, PacketBuf::Publish(message("a", "x", Q2, 1)));
    run.gets(0, PacketBuf::PubRec(ack(1)));
    run.sends(0, PacketBuf::PubRel(ack(1)));
    run.gets(0, PacketBuf::PubComp(ack(1)));
    run.is_silent();
    run.gets(0, PacketBuf::PubComp(ack(1)));
    let findings = run.all_findings();
    assert!(findings.iter().any(|finding| finding.message.contains("PUBCOMP number 2")), "{findings:#?}");
}
