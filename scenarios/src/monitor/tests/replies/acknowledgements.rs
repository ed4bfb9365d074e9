use super::*;

fn unsubscribe(packet_id: u16, filters: &[&str]) -> PacketBuf {
    let filters = filters.iter().map(|filter| (*filter).to_owned()).collect();
    PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id, properties: vec![], filters })
}

fn subscription(packet_id: u16) -> PacketBuf {
    subscribe(packet_id, "a", SubscriptionOptions { qos: Q2, ..Default::default() }, vec![])
}

/// What is sent, what answers it, and the sentences of 5.0 and 3.1.1 that demand that.
fn questions(version: ProtocolVersion) -> Vec<(PacketBuf, PacketBuf, [&'static str; 2])> {
    vec![
        (subscription(5), suback(5, &[2]), ["MQTT-3.8.4-1", "MQTT-3.8.4-1"]),
        (
            unsubscribe(5, &["none"]),
            unsuback(5, if version == V5 { &[0x11] } else { &[] }),
            ["MQTT-3.10.4-5", "MQTT-3.10.4-5"],
        ),
        (
            unsubscribe(5, &["held"]),
            unsuback(5, if version == V5 { &[0] } else { &[] }),
            ["MQTT-3.10.4-4", "MQTT-3.10.4-4"],
        ),
        (PacketBuf::Publish(message("t", "x", Q1, 5)), PacketBuf::PubAck(ack(5)), ["MQTT-4.3.2-4", "MQTT-4.3.2-2"]),
        (PacketBuf::Publish(message("t", "x", Q2, 5)), PacketBuf::PubRec(ack(5)), ["MQTT-4.3.3-8", "MQTT-4.3.3-2"]),
        (PacketBuf::PubRel(ack(5)), PacketBuf::PubComp(ack(5)), ["MQTT-4.3.3-11", "MQTT-4.3.3-2"]),
        (PacketBuf::PingReq, PacketBuf::PingResp, ["MQTT-3.12.4-1", "MQTT-3.12.4-1"]),
    ]
}

fn subscribed(version: ProtocolVersion) -> Run {
    let mut run = Run::connected(version);
    run.subscribe(0, 1, "held", Q2);
    run
}

#[test]
fn everything_is_answered() {
    for (version, column) in [(V5, 0), (V4, 1)] {
        for (question, answer, statements) in questions(version) {
            let mut run = subscribed(version);
            run.sends(0, question.clone());
            run.fences(0);
            assert_eq!(run.monitor.owed(), Owed::Soon, "{question:?}");
            run.monitor.settle();
            run.is_silent();
            run.concludes();
            run.finds(&statements[column..=column]);
            run.concludes();
            run.is_silent();

            let mut run = subscribed(version);
            run.sends(0, question.clone());
            run.gets(0, answer);
            assert_eq!(run.monitor.owed(), Owed::Nothing, "{question:?}");
            run.concludes();
            run.is_silent();
            // Once the connection has ended nothing is owed, and neither after something unlawful.
            for unlawful in [false, true] {
                let mut run = subscribed(version);
                run.sends(0, question.clone());
                if unlawful {
                    run.sends_bytes(0, &[0xC1, 0]);
                }
                run.closes(0, true);
                run.concludes();
                run.is_silent();
            }
        }
    }
}

#[test]
fn the_version_3_1_has_its_own_statements() {
    for (question, statement) in [
        (PacketBuf::PingReq, "MQTT31-3.12-1"),
        (subscription(5), "MQTT31-3.9-1"),
        (PacketBuf::Publish(message("t", "x", Q1, 5)), "MQTT31-4.1-1"),
    ] {
        let mut run = Run::connected(V3);
        run.sends(0, question);
        run.concludes();
        run.finds(&[statement]);
    }
}

#[test]
fn an_answer_that_is_too_large_for_the_client_is_not_owed() {
    let mut run = Run::new(V5);
    let properties = vec![PropertyBuf::maximum_packet_size(20)];
    run.connect_with(0, ConnectBuf { properties, ..connect(V5, "alice") }, connack());
    let filters: Vec<String> = (0..30).map(|n| n.to_string()).collect();
    let filters: Vec<&str> = filters.iter().map(String::as_str).collect();
    run.sends(0, unsubscribe(3, &filters));
    run.concludes();
    run.is_silent();
    run.sends(0, unsubscribe(4, &filters[..5]));
    run.concludes();
    run.finds(&["MQTT-3.10.4-5"]);
}

#[test]
fn one_pingresp_answers_one_pingreq() {
    let mut run = Run::connected(V5);
    run.sends(0, PacketBuf::PingReq);
    run.sends(0, PacketBuf::PingReq);
    run.fences(0);
    run.concludes();
    run.finds(&["MQTT-3.12.4-1", "MQTT-3.12.4-1"]);
}

#[test]
fn pubrec_is_answered_where_the_message_came() {
    for (version, statement) in [(V5, "MQTT-4.3.3-4"), (V4, "MQTT-4.3.3-1")] {
        let mut run = Run::connected(version);
        run.subscribe(0, 1, "a", Q2);
        run.gets(0, PacketBuf::Publish(message("a", "x", Q2, 9)));
        run.sends(0, PacketBuf::PubRec(ack(9)));
        run.concludes();
        run.finds(&[statement]);
        // Not for an identifier that is unknown, nor after an error.
        let mut run = Run::connected(version);
        run.sends(0, PacketBuf::PubRec(ack(9)));
        run.concludes();
        run.is_silent();
    }
    let mut run = Run::connected(V5);
    run.subscribe(0, 1, "a", Q2);
    run.gets(0, PacketBuf::Publish(message("a", "x", Q2, 9)));
    run.sends(0, PacketBuf::PubRec(AckBuf { reason_code: ReasonCode::QUOTA_EXCEEDED, ..ack(9) }));
    run.concludes();
    run.is_silent();
}

#[test]
fn a_repeated_publish_and_an_expired_one_have_statements_of_their_own() {
    let mut run = Run::connected(V5);
    let first = message("a", "x", Q2, 3);
    run.sends(0, PacketBuf::Publish(first.clone()));
    run.gets(0, PacketBuf::PubRec(ack(3)));
    run.sends(0, PacketBuf::Publish(PublishBuf { dup: true, ..first }));
    run.concludes();
    run.finds(&["MQTT-4.3.3-10"]);

    let mut run = Run::connected(V5);
    let properties = vec![PropertyBuf::message_expiry_interval(1)];
    run.sends(0, PacketBuf::Publish(PublishBuf { properties, ..message("a", "x", Q2, 3) }));
    run.gets(0, PacketBuf::PubRec(ack(3)));
    run.waits(2_000);
    run.sends(0, PacketBuf::PubRel(ack(3)));
    run.concludes();
    run.finds(&["MQTT-4.3.3-13"]);
}

#[test]
fn a_packet_in_pieces_is_answered() {
    for (version, statement) in [(V5, "MQTT-4.2.0-1"), (V4, "MQTT-7.1.1-1")] {
        let mut run = Run::connected(version);
        let bytes = subscription(5).encode(version).unwrap();
        run.sends_bytes(0, &bytes[..3]);
        run.sends_bytes(0, &bytes[3..]);
        run.concludes();
        run.finds(&[statement]);
    }
    // It need not be the pieces: what is not subscribed is left without an answer by some.
    for version in [V5, V4] {
        let mut run = Run::connected(version);
        let bytes = unsubscribe(5, &["none"]).encode(version).unwrap();
        run.sends_bytes(0, &bytes[..3]);
        run.sends_bytes(0, &bytes[3..]);
        run.concludes();
        run.finds(&["MQTT-3.10.4-5"]);
    }
    // Two packets at once are none in pieces.
    let mut run = Run::connected(V5);
    let bytes = [subscription(5), subscription(6)].map(|packet| packet.encode(V5).unwrap()).concat();
    run.sends_bytes(0, &bytes);
    run.gets(0, suback(5, &[0]));
    run.concludes();
    run.finds(&["MQTT-3.8.4-1"]);
}

#[test]
fn what_was_refused_as_malformed_in_pieces_was_read_wrongly() {
    for (pieces, findings) in [(true, &["MQTT-4.2.0-1"][..]), (false, &[])] {
        let mut run = Run::connected(V5);
        let bytes = subscription(5).encode(V5).unwrap();
        if pieces {
            run.sends_bytes(0, &bytes[..3]);
            run.sends_bytes(0, &bytes[3..]);
        } else {
            run.sends_bytes(0, &bytes);
        }
        run.gets(0, disconnect(ReasonCode::MALFORMED_PACKET));
        run.finds(findings);
    }
}

fn with_quota_used_up() -> Run {
    let mut run = Run::new(V5);
    let properties = vec![PropertyBuf::receive_maximum(1)];
    run.connect_with(0, ConnectBuf { properties, ..connect(V5, "alice") }, connack());
    run.subscribe(0, 1, "a", Q2);
    run.gets(0, PacketBuf::Publish(message("a", "x", Q1, 9)));
    run
}

#[test]
fn the_send_quota_is_no_reason_not_to_answer() {
    let mut run = with_quota_used_up();
    run.sends(0, subscription(5));
    run.concludes();
    run.finds(&["MQTT-4.9.0-3"]);

    // The answer comes as soon as there is quota again.
    for (waits, findings) in [(4_500, &["MQTT-4.9.0-3"][..]), (1_500, &[])] {
        let mut run = with_quota_used_up();
        run.sends(0, PacketBuf::PingReq);
        run.waits(waits);
        run.sends(0, PacketBuf::PubAck(ack(9)));
        run.waits(10);
        run.gets(0, PacketBuf::PingResp);
        run.finds(findings);
    }
    // A slow server is only slow.
    let mut run = with_quota_used_up();
    run.sends(0, PacketBuf::PingReq);
    run.waits(4_500);
    run.sends(0, PacketBuf::PubAck(ack(9)));
    run.waits(4_500);
    run.gets(0, PacketBuf::PingResp);
    run.is_silent();
}

#[test]
fn pubrels_go_in_the_order_of_the_pubrecs_in_3_1_1() {
    for (version, findings) in [(V4, &["MQTT-4.6.0-6"][..]), (V5, &[])] {
        for swapped in [false, true] {
            let mut run = Run::connected(version);
            run.subscribe(0, 1, "a", Q2);
            for id in [7, 8] {
                run.gets(0, PacketBuf::Publish(message("a", &id.to_string(), Q2, id)));
            }
            for id in [7, 8] {
                run.sends(0, PacketBuf::PubRec(ack(id)));
            }
            for id in if swapped { [8, 7] } else { [7, 8] } {
                run.gets(0, PacketBuf::PubRel(ack(id)));
            }
            run.finds(if swapped { findings } else { &[] });
        }
    }
}

#[test]
fn text_that_a_receiver_may_refuse_is_refused_at_no_cost() {
    for text in ["a\u{FFFE}b", "a\u{1}b", "\u{FDD0}"] {
        let mut run = Run::connected(V5);
        let bytes = subscribe(5, text, SubscriptionOptions::default(), vec![]).encode(V5).unwrap();
        run.sends_bytes(0, &bytes[..3]);
        run.sends_bytes(0, &bytes[3..]);
        run.gets(0, disconnect(ReasonCode::MALFORMED_PACKET));
        run.closes(0, true);
        run.concludes();
        run.is_silent();
    }
}

/// The finding about what `alice` sent, and its message.
fn complaint(run: &mut Run) -> (String, String) {
    let findings = run.all_findings();
    let [one] = &findings[..] else { panic!("{findings:#?}") };
    (name(one), one.message.clone())
}

#[test]
fn the_argument_names_the_question_and_the_answer_that_is_missing() {
    for (question, said) in [
        (subscription(5), "sent SUBSCRIBE with Packet Identifier 5 (event 5), and no SUBACK came"),
        (unsubscribe(5, &["held"]), "sent UNSUBSCRIBE with Packet Identifier 5 (event 5), and no UNSUBACK came"),
        (
            PacketBuf::Publish(message("t", "x", Q1, 5)),
            "sent PUBLISH at QoS 1 with Packet Identifier 5 (event 5), and no PUBACK came",
        ),
        (
            PacketBuf::Publish(message("t", "x", Q2, 5)),
            "sent PUBLISH at QoS 2 with Packet Identifier 5 (event 5), and no PUBREC came",
        ),
        (PacketBuf::PubRel(ack(5)), "sent PUBREL with Packet Identifier 5 (event 5), and no PUBCOMP came"),
        (PacketBuf::PingReq, "sent PINGREQ (event 5), and no PINGRESP came"),
    ] {
        let mut run = subscribed(V5);
        run.sends(0, question);
        run.concludes();
        let (_, message) = complaint(&mut run);
        assert_eq!(message, format!("`alice` {said}"));
    }
    let mut run = subscribed(V5);
    run.gets(0, PacketBuf::Publish(message("held", "x", Q2, 9)));
    run.sends(0, PacketBuf::PubRec(ack(9)));
    run.concludes();
    let (_, message) = complaint(&mut run);
    assert_eq!(message, "`alice` sent PUBREC with Packet Identifier 9 (event 6), and no PUBREL came");
}

#[test]
fn the_pingreq_that_was_answered_meanwhile_is_part_of_the_argument() {
    // Sent behind the question.
    let mut run = Run::connected(V5);
    run.fences(0);
    run.sends(0, subscription(5));
    let asked = run.event;
    run.fences(0);
    run.concludes();
    let findings = run.all_findings();
    let fence = asked + 1;
    assert!(
        findings[0].message.ends_with(&format!("though the PINGREQ of event {fence} was answered")),
        "{findings:#?}"
    );
    assert_eq!(findings[0].events, [asked, fence]);
    // Sent before it: that says nothing.
    let mut run = Run::connected(V5);
    run.fences(0);
    run.sends(0, subscription(5));
    run.concludes();
    let (_, message) = complaint(&mut run);
    assert!(!message.contains("though"), "{message}");
}

#[test]
fn an_answer_is_missed_sooner_behind_a_pingresp() {
    // The PINGREQ was sent behind the question, before it, or not at all.
    for (before, behind, findings) in
        [(0, 1, &["MQTT-3.8.4-1"][..]), (1, 0, &[]), (0, 0, &[]), (1, 1, &["MQTT-3.8.4-1"])]
    {
        let mut run = Run::connected(V5);
        for _ in 0..before {
            run.fences(0);
        }
        run.sends(0, subscription(5));
        for _ in 0..behind {
            run.fences(0);
        }
        run.waits(3_000);
        run.monitor.settle();
        run.finds(findings);
    }
    // Sent before it, and answered behind it.
    let mut run = Run::connected(V5);
    run.sends(0, PacketBuf::PingReq);
    run.sends(0, subscription(5));
    run.gets(0, PacketBuf::PingResp);
    run.waits(3_000);
    run.monitor.settle();
    run.is_silent();
    // Sent before it, and not answered.
    let mut run = Run::connected(V5);
    run.sends(0, PacketBuf::PingReq);
    run.sends(0, subscription(5));
    run.waits(3_000);
    run.monitor.settle();
    run.is_silent();
}

#[test]
fn a_pubrel_is_owed_once_and_where_the_message_came() {
    let received = || {
        let mut run = Run::new(V5);
        run.connect_with(0, kept(V5, "alice", 60), connack());
        run.subscribe(0, 1, "a", Q2);
        run.gets(0, PacketBuf::Publish(message("a", "x", Q2, 9)));
        run
    };
    let missed = |mut run: Run| {
        run.concludes();
        run.findings().contains(&"MQTT-4.3.3-4".to_owned())
    };
    let mut run = received();
    run.sends(0, PacketBuf::PubRec(ack(9)));
    assert!(missed(run));
    // It came.
    let mut run = received();
    run.sends(0, PacketBuf::PubRec(ack(9)));
    run.gets(0, PacketBuf::PubRel(ack(9)));
    run.sends(0, PacketBuf::PubComp(ack(9)));
    assert!(!missed(run));
    // It came, and PUBREC is sent again.
    let mut run = received();
    run.sends(0, PacketBuf::PubRec(ack(9)));
    run.gets(0, PacketBuf::PubRel(ack(9)));
    run.sends(0, PacketBuf::PubRec(ack(9)));
    assert!(!missed(run));
    // The message came on the connection before; whether it is sent again is another sentence.
    let mut run = received();
    run.closes(0, false);
    run.connect_with(1, kept(V5, "alice", 60), resumed());
    run.sends(1, PacketBuf::PubRec(ack(9)));
    assert!(!missed(run));
}

#[test]
fn only_what_was_answered_before_is_missed_again() {
    let mut run = Run::new(V5);
    run.connect_with(0, kept(V5, "alice", 60), connack());
    let first = message("a", "x", Q2, 3);
    run.sends(0, PacketBuf::Publish(first.clone()));
    run.closes(0, false);
    run.connect_with(1, kept(V5, "alice", 60), resumed());
    run.sends(1, PacketBuf::Publish(PublishBuf { dup: true, ..first }));
    run.concludes();
    run.finds(&["MQTT-4.3.3-8"]);
}

#[test]
fn an_unsubscribe_of_what_was_removed_removes_nothing() {
    let mut run = subscribed(V5);
    run.unsubscribe(0, 2, "held");
    run.sends(0, unsubscribe(5, &["held"]));
    run.concludes();
    run.finds(&["MQTT-3.10.4-5"]);
}

#[test]
fn a_pingreq_waits_for_the_quota_only_when_it_was_sent_without() {
    // Sent before the quota was used up.
    let mut run = Run::new(V5);
    let properties = vec![PropertyBuf::receive_maximum(1)];
    run.connect_with(0, ConnectBuf { properties, ..connect(V5, "alice") }, connack());
    run.subscribe(0, 1, "a", Q2);
    run.sends(0, PacketBuf::PingReq);
    run.gets(0, PacketBuf::Publish(message("a", "x", Q1, 9)));
    run.waits(4_500);
    run.sends(0, PacketBuf::PubAck(ack(9)));
    run.waits(10);
    run.gets(0, PacketBuf::PingResp);
    run.is_silent();
    // PUBREC gives back nothing: the answer comes behind it by chance.
    let mut run = with_quota_used_up();
    run.sends(0, PacketBuf::PubAck(ack(9)));
    run.gets(0, PacketBuf::Publish(message("a", "y", Q2, 10)));
    run.sends(0, PacketBuf::PingReq);
    run.waits(4_500);
    run.sends(0, PacketBuf::PubRec(ack(10)));
    run.gets(0, PacketBuf::PubRel(ack(10)));
    run.waits(10);
    run.gets(0, PacketBuf::PingResp);
    run.is_silent();
}

#[test]
fn a_pubrel_is_answered_unless_it_came_before_its_pubrec() {
    // Its PUBLISH was not answered: that is what is missing.
    let mut run = Run::connected(V5);
    run.sends(0, PacketBuf::Publish(message("a", "x", Q2, 5)));
    run.sends(0, PacketBuf::PubRel(ack(5)));
    run.concludes();
    run.finds(&["MQTT-4.3.3-8"]);
    // The Packet Identifier was used at QoS 1 only.
    let mut run = Run::connected(V5);
    run.sends(0, PacketBuf::Publish(message("a", "x", Q1, 5)));
    run.gets(0, PacketBuf::PubAck(ack(5)));
    run.sends(0, PacketBuf::PubRel(ack(5)));
    run.concludes();
    run.finds(&["MQTT-4.3.3-11"]);
}
