use super::*;

/// `sub` has got "m" on "a" under identifier 5.
fn in_flight(version: ProtocolVersion, qos: QoS) -> Run {
    let mut run = Run::subscribed(version, "a", qos);
    run.publishes("a", "m", qos, 1);
    run.gets(1, PacketBuf::Publish(message("a", "m", qos, 5)));
    run
}

#[test]
fn what_was_in_flight_comes_again() {
    for version in [V5, V4] {
        for qos in [Q1, Q2] {
            let mut run = in_flight(version, qos);
            run.closes(1);
            run.resumes(2, "sub");
            assert_eq!(run.monitor.owed(), Owed::Eventually(Time::ZERO + REDELIVERY));
            run.takes(2, again("a", "m", qos, 5));
            run.is_silent();
            let mut run = in_flight(version, qos);
            run.closes(1);
            run.resumes(2, "sub");
            run.settles(&["MQTT-4.4.0-1"]);
        }
    }
}

#[test]
fn after_pubrec_it_is_pubrel_or_if_that_was_lost_publish() {
    let mut run = in_flight(V5, Q2);
    run.sends(1, PacketBuf::PubRec(ack(5)));
    run.closes(1);
    run.resumes(2, "sub");
    run.gets(2, PacketBuf::PubRel(ack(5)));
    run.sends(2, PacketBuf::PubComp(ack(5)));
    run.is_silent();
    let mut run = in_flight(V5, Q2);
    run.sends(1, PacketBuf::PubRec(ack(5)));
    run.closes(1);
    run.resumes(2, "sub");
    run.takes(2, again("a", "m", Q2, 5));
    run.is_silent();
    let mut run = in_flight(V5, Q2);
    run.sends(1, PacketBuf::PubRec(ack(5)));
    run.gets(1, PacketBuf::PubRel(ack(5)));
    run.closes(1);
    run.resumes(2, "sub");
    run.settles(&["MQTT-4.4.0-1"]);
}

#[test]
fn disconnect_is_no_acknowledgement() {
    for (version, qos, expected) in
        [(V5, Q1, "MQTT-4.3.2-3"), (V4, Q1, "MQTT-4.3.2-1"), (V5, Q2, "MQTT-4.3.3-3"), (V4, Q2, "MQTT-4.3.3-1")]
    {
        let mut run = in_flight(version, qos);
        run.sends(1, disconnect());
        run.closes(1);
        run.resumes(2, "sub");
        run.settles(&[expected]);
    }
    let mut run = in_flight(V5, Q2);
    run.sends(1, PacketBuf::PubRec(ack(5)));
    run.gets(1, PacketBuf::PubRel(ack(5)));
    run.sends(1, disconnect());
    run.closes(1);
    run.resumes(2, "sub");
    run.settles(&["MQTT-4.3.3-5"]);
}

#[test]
fn what_the_server_knows_to_be_acknowledged_does_not_come_again() {
    for version in [V5, V4] {
        let mut run = in_flight(version, Q1);
        run.sends(1, PacketBuf::PubAck(ack(5)));
        run.fences(1);
        run.closes(1);
        run.resumes(2, "sub");
        run.is_silent();
        run.takes(2, again("a", "m", Q1, 5));
        run.found(&["MQTT-4.4.0-1"]);
        // Without a fence the acknowledgement may have been lost.
        let mut run = in_flight(version, Q1);
        run.sends(1, PacketBuf::PubAck(ack(5)));
        run.closes(1);
        run.resumes(2, "sub");
        run.takes(2, again("a", "m", Q1, 5));
        run.is_silent();
    }
    let mut run = in_flight(V5, Q1);
    run.sends(1, PacketBuf::PubAck(refusal(5)));
    run.fences(1);
    run.closes(1);
    run.resumes(2, "sub");
    run.takes(2, again("a", "m", Q1, 5));
    run.found(&["MQTT-4.4.0-2"]);
}

#[test]
fn pubrel_does_not_come_again_after_pubcomp() {
    let mut run = Run::subscribed(V5, "a", Q2);
    run.publishes("a", "m", Q2, 1);
    run.takes(1, message("a", "m", Q2, 5));
    run.fences(1);
    run.closes(1);
    run.resumes(2, "sub");
    run.gets(2, PacketBuf::PubRel(ack(5)));
    run.found(&["MQTT-4.4.0-1"]);
}

#[test]
fn a_new_identifier_is_no_repetition() {
    for (qos, dup) in [(Q1, true), (Q1, false), (Q2, true), (Q2, false)] {
        let mut run = in_flight(V5, qos);
        run.closes(1);
        run.resumes(2, "sub");
        run.takes(2, PublishBuf { dup, ..message("a", "m", qos, 6) });
        run.found(&["MQTT-4.4.0-1"]);
        run.settles(&["MQTT-4.4.0-1"]);
    }
    // Nobody knows whether the PUBREC arrived; under another identifier nothing may come.
    let mut run = in_flight(V4, Q2);
    run.sends(1, PacketBuf::PubRec(ack(5)));
    run.closes(1);
    run.resumes(2, "sub");
    run.takes(2, message("a", "m", Q2, 6));
    run.found(&["MQTT-4.4.0-1"]);
}

#[test]
fn qos_2_in_flight_does_not_expire_and_qos_1_may() {
    for (qos, expected) in [(Q1, vec![]), (Q2, vec!["MQTT-4.3.3-7"])] {
        let mut run = Run::subscribed(V5, "a", qos);
        let properties = vec![PropertyBuf::message_expiry_interval(5)];
        run.publishes_with(PublishBuf { properties: properties.clone(), ..message("a", "m", qos, 1) });
        run.gets(1, PacketBuf::Publish(PublishBuf { properties, ..message("a", "m", qos, 5) }));
        run.closes(1);
        run.passes(10);
        run.resumes(2, "sub");
        run.settles(&expected);
    }
}

#[test]
fn an_unsubscribe_does_not_interrupt_a_delivery() {
    for version in [V5, V4] {
        let mut run = in_flight(version, Q2);
        run.unsubscribes(1, 9, "a");
        run.sends(1, PacketBuf::PubRec(ack(5)));
        run.fences(1);
        run.settles(&["MQTT-3.10.4-3"]);
        let mut run = in_flight(version, Q1);
        run.unsubscribes(1, 9, "a");
        run.closes(1);
        run.resumes(2, "sub");
        run.settles(&["MQTT-3.10.4-3"]);
    }
}

#[test]
fn a_take_over_keeps_what_is_in_flight() {
    let mut run = in_flight(V4, Q1);
    run.resumes(2, "sub");
    run.closes(1);
    run.settles(&["MQTT-4.4.0-1"]);
    // What left before may be read after.
    let mut run = Run::subscribed(V4, "a", Q1);
    run.publishes("a", "m", Q1, 1);
    run.resumes(2, "sub");
    run.takes(2, again("a", "m", Q1, 5));
    run.gets(1, PacketBuf::Publish(message("a", "m", Q1, 5)));
    run.sends(1, PacketBuf::PubAck(ack(5)));
    run.closes(1);
    run.is_silent();
}

#[test]
fn a_new_session_has_nothing_in_flight() {
    let mut run = in_flight(V5, Q1);
    run.closes(1);
    run.connects(2, "sub", false);
    run.misses_nothing();
}

#[test]
fn a_refusal_is_not_answered_with_pubrel() {
    let mut run = in_flight(V5, Q2);
    run.sends(1, PacketBuf::PubRec(refusal(5)));
    run.is_silent();
    run.gets(1, PacketBuf::PubRel(ack(5)));
    run.found(&["§4.3.3"]);
}

#[test]
fn what_waits_behind_a_repetition_is_not_missed_before_it() {
    // Published while the session was away, or to a connection that had ended already, or after it was resumed.
    for version in [V5, V4] {
        let mut run = in_flight(version, Q1);
        run.closes(1);
        run.publishes("a", "away", Q1, 2);
        run.resumes(2, "sub");
        run.publishes("a", "back", Q1, 3);
        run.is_silent();
        run.passes(31);
        run.takes(2, again("a", "m", Q1, 5));
        // The repetition has come; what waited for the session may still be repeated from the end of the connection.
        run.is_silent();
        run.takes(2, message("a", "away", Q1, 6));
        run.settles(&["MQTT-4.5.0-1"]);
    }
}

#[test]
fn nothing_is_given_time_on_a_session_that_lacks_nothing_of_before() {
    let mut run = in_flight(V5, Q1);
    run.sends(1, PacketBuf::PubAck(ack(5)));
    run.fences(1);
    run.closes(1);
    run.resumes(2, "sub");
    run.publishes("a", "n", Q1, 2);
    assert_eq!(run.monitor.owed(), Owed::Soon);
    run.monitor.settle();
    run.found(&["MQTT-3.1.2-5"]);
}

#[test]
fn that_a_repetition_has_not_come_yet_is_noted() {
    let mut run = in_flight(V5, Q1);
    run.closes(1);
    run.resumes(2, "sub");
    run.passes(5);
    run.is_silent();
    let observed = run.monitor.take_observations();
    assert!(observed.iter().any(|(_, how)| how == "not yet 5 s after it was resumed"), "{observed:?}");
    // One that comes at last is none.
    run.passes(29);
    run.takes(2, again("a", "m", Q1, 5));
    run.passes(100);
    run.is_silent();
}

#[test]
fn suback_and_unsuback_show_as_well_what_the_server_has_read() {
    for unsubscribes in [false, true] {
        let mut run = in_flight(V5, Q1);
        run.sends(1, PacketBuf::PubAck(ack(5)));
        match unsubscribes {
            true => run.unsubscribes(1, 9, "b"),
            false => run.subscribes(1, 9, &["b"], Q1),
        }
        run.closes(1);
        run.resumes(2, "sub");
        run.takes(2, again("a", "m", Q1, 5));
        run.found(&["MQTT-4.4.0-1"]);
    }
}

#[test]
fn an_identifier_may_stand_for_the_next_message_of_the_same_content() {
    let mut run = Run::subscribed(V5, "a", Q1);
    for id in [1, 2] {
        run.publishes("a", "m", Q1, id);
        run.takes(1, message("a", "m", Q1, 5));
    }
    run.is_silent();
    // And on the next connection for another message.
    run.closes(1);
    run.publishes("a", "n", Q1, 3);
    run.resumes(2, "sub");
    run.takes(2, message("a", "n", Q1, 5));
    run.is_silent();
}

#[test]
fn a_publish_that_came_again_is_to_come_again() {
    // The PUBREC was lost: the Server sends PUBLISH, and would have to send it once more.
    let mut run = in_flight(V5, Q2);
    run.sends(1, PacketBuf::PubRec(ack(5)));
    run.closes(1);
    run.resumes(2, "sub");
    run.gets(2, PacketBuf::Publish(again("a", "m", Q2, 5)));
    run.sends(2, disconnect());
    run.closes(2);
    run.resumes(3, "sub");
    run.settles(&["MQTT-4.3.3-3"]);
}

#[test]
fn a_copy_too_many_is_a_lost_repetition_only_while_its_message_is_under_way() {
    // At QoS 1, whatever its DUP says.
    let mut run = in_flight(V5, Q1);
    run.closes(1);
    run.resumes(2, "sub");
    run.takes(2, message("a", "m", Q1, 6));
    run.found(&["MQTT-4.4.0-1"]);
    run.settles(&["MQTT-4.4.0-1"]);
    // Another message is under way, and this one is not.
    let mut run = Run::subscribed(V5, "a", Q1);
    run.publishes("a", "n", Q1, 1);
    run.gets(1, PacketBuf::Publish(message("a", "n", Q1, 4)));
    run.publishes("a", "m", Q1, 2);
    run.takes(1, message("a", "m", Q1, 5));
    run.closes(1);
    run.resumes(2, "sub");
    run.takes(2, again("a", "n", Q1, 4));
    run.takes(2, again("a", "m", Q1, 6));
    let names: Vec<String> = run.gating().iter().map(name).collect();
    assert!(names.contains(&"§3.3.4".to_owned()) && !names.contains(&"MQTT-4.4.0-1".to_owned()), "{names:?}");
}

#[test]
fn a_disconnect_explains_only_the_end_of_its_connection() {
    let mut run = Run::subscribed(V5, "a", Q1);
    run.sends(1, disconnect());
    run.closes(1);
    run.resumes(2, "sub");
    run.publishes("a", "m", Q1, 1);
    run.gets(2, PacketBuf::Publish(message("a", "m", Q1, 5)));
    run.closes(2);
    run.resumes(3, "sub");
    run.settles(&["MQTT-4.4.0-1"]);
}

#[test]
fn a_pubrel_whose_pubcomp_may_be_lost_may_come_again() {
    let mut run = Run::subscribed(V5, "a", Q2);
    run.publishes("a", "m", Q2, 1);
    run.takes(1, message("a", "m", Q2, 5));
    run.closes(1);
    run.resumes(2, "sub");
    run.gets(2, PacketBuf::PubRel(ack(5)));
    run.is_silent();
    run.sends(2, PacketBuf::PubComp(ack(5)));
    run.publishes("a", "n", Q2, 2);
    run.settles(&["MQTT-3.1.2-5"]);
}

#[test]
fn pubrel_is_what_is_missing_after_pubrec_even_when_the_message_expired() {
    let mut run = Run::subscribed(V5, "a", Q2);
    let properties = vec![PropertyBuf::message_expiry_interval(5)];
    run.publishes_with(PublishBuf { properties: properties.clone(), ..message("a", "m", Q2, 1) });
    run.gets(1, PacketBuf::Publish(PublishBuf { properties, ..message("a", "m", Q2, 5) }));
    run.sends(1, PacketBuf::PubRec(ack(5)));
    let recorded = run.event;
    run.closes(1);
    run.passes(10);
    run.resumes(2, "sub");
    run.passes(100);
    run.monitor.settle();
    let findings = run.gating();
    assert_eq!(findings.iter().map(name).collect::<Vec<_>>(), ["MQTT-4.4.0-1"]);
    assert!(findings[0].message.contains("PUBREL has not come again"), "{}", findings[0].message);
    assert!(findings[0].events.contains(&recorded), "{:?}", findings[0].events);
}

#[test]
fn without_an_expiry_interval_nothing_has_expired() {
    // Two publications: nobody can say which of them is under way.
    let mut run = Run::subscribed(V5, "a", Q2);
    run.publishes("a", "m", Q2, 1);
    run.publishes("a", "m", Q2, 2);
    run.takes(1, message("a", "m", Q2, 4));
    run.gets(1, PacketBuf::Publish(message("a", "m", Q2, 5)));
    run.closes(1);
    run.resumes(2, "sub");
    run.settles(&["MQTT-4.4.0-1"]);
}

#[test]
fn a_delivery_recorded_before_the_unsubscribe_was_not_interrupted_by_it() {
    let mut run = in_flight(V5, Q2);
    run.sends(1, PacketBuf::PubRec(ack(5)));
    run.unsubscribes(1, 9, "a");
    run.fences(1);
    run.is_silent();
}

#[test]
fn an_acknowledgement_on_the_connection_that_was_taken_over_counts_for_nothing() {
    let mut run = in_flight(V4, Q1);
    run.resumes(2, "sub");
    run.gets(2, PacketBuf::Publish(again("a", "m", Q1, 5)));
    run.sends(1, PacketBuf::PubAck(ack(5)));
    run.closes(1);
    run.publishes("a", "n", Q1, 2);
    // The delivery is withheld where it is now: nothing is due.
    run.is_silent();
    run.sends(2, PacketBuf::PubAck(ack(5)));
    assert!(run.is_owed());
}

#[test]
fn at_qos_1_a_repetition_is_no_second_delivery() {
    let resumed = || {
        let mut run = Run::subscribed(V4, "a", Q1);
        run.publishes("a", "m", Q2, 1);
        run.gets(1, PacketBuf::Publish(message("a", "m", Q1, 5)));
        run.closes(1);
        run.resumes(2, "sub");
        run
    };
    // Wrong is only its QoS.
    let mut run = resumed();
    run.takes(2, message("a", "m", Q2, 5));
    run.settles(&["MQTT-3.8.4-6"]);
    // Wrong is only its identifier.
    let mut run = resumed();
    run.takes(2, message("a", "m", Q1, 6));
    run.found(&["MQTT-4.4.0-1"]);
}

#[test]
fn an_acknowledgement_on_a_connection_that_was_taken_over_counts_for_nothing() {
    for version in [V5, V4] {
        // Nobody knows whether the PUBREC arrived: neither PUBLISH nor PUBREL is demanded, and either may come.
        let mut run = in_flight(version, Q2);
        run.resumes(2, "sub");
        run.sends(1, PacketBuf::PubRec(ack(5)));
        run.closes(1);
        run.passes(120);
        run.is_silent();
        run.takes(2, again("a", "m", Q2, 5));
        run.is_silent();
        // One that was sent before counts.
        let mut run = in_flight(version, Q2);
        run.sends(1, PacketBuf::PubRec(ack(5)));
        run.resumes(2, "sub");
        run.closes(1);
        run.settles(&["MQTT-4.4.0-1"]);
    }
}

#[test]
fn a_publish_after_its_pubrel_breaks_the_sentence_for_senders() {
    for (version, sender, receiver) in [(V5, "MQTT-4.3.3-6", "MQTT-4.3.3-10"), (V4, "MQTT-4.3.3-1", "MQTT-4.3.3-2")] {
        let resumed = || {
            let mut run = in_flight(version, Q2);
            run.sends(1, PacketBuf::PubRec(ack(5)));
            run.gets(1, PacketBuf::PubRel(ack(5)));
            run.closes(1);
            run.resumes(2, "sub");
            run.gets(2, PacketBuf::PubRel(ack(5)));
            run.sends(2, PacketBuf::PubComp(ack(5)));
            run.is_silent();
            run
        };
        // The same message under the same identifier, as if nothing had come.
        let mut run = resumed();
        run.takes(2, message("a", "m", Q2, 5));
        run.found(&[sender]);
        // Under another identifier nobody knows which side of the Server took it twice.
        let mut run = resumed();
        run.takes(2, message("a", "m", Q2, 6));
        run.found(&[receiver]);
        // Another message under the identifier, which is free again.
        let mut run = resumed();
        run.publishes("a", "n", Q2, 2);
        run.takes(2, message("a", "n", Q2, 5));
        run.is_silent();
    }
}

#[test]
fn nothing_more_is_demanded_on_a_connection_that_the_server_has_ended() {
    let mut run = in_flight(V5, Q2);
    run.unsubscribes(1, 9, "a");
    run.sends(1, PacketBuf::PubRec(ack(5)));
    run.gets(1, PacketBuf::Disconnect(DisconnectBuf { reason_code: ReasonCode(0x8b), properties: vec![] }));
    run.is_silent();
}

#[test]
fn a_pubrec_sent_again_on_the_next_connection_makes_no_pubrel_due_at_once() {
    let mut run = in_flight(V5, Q2);
    run.unsubscribes(1, 9, "a");
    run.sends(1, PacketBuf::PubRec(ack(5)));
    run.closes(1);
    run.resumes(2, "sub");
    run.sends(2, PacketBuf::PubRec(ack(5)));
    run.is_silent();
}

#[test]
fn a_pubrel_that_comes_twice_on_one_connection_is_not_called_one_after_the_connection() {
    let mut run = Run::subscribed(V4, "a", Q2);
    run.publishes("a", "m", Q2, 1);
    run.takes(1, message("a", "m", Q2, 5));
    run.fences(1);
    run.gets(1, PacketBuf::PubRel(ack(5)));
    let findings = run.gating();
    assert!(findings.iter().all(|finding| !finding.message.contains("connection ended")), "{findings:#?}");
}

#[test]
fn pubrel_after_a_refusal_is_only_that_of_the_same_connection_and_of_qos_2() {
    let mut run = in_flight(V5, Q2);
    run.sends(1, PacketBuf::PubRec(refusal(5)));
    run.closes(1);
    run.resumes(2, "sub");
    run.gets(2, PacketBuf::PubRel(ack(5)));
    let mut findings = run.gating();
    let mut run = in_flight(V5, Q1);
    run.sends(1, PacketBuf::PubAck(refusal(5)));
    run.gets(1, PacketBuf::PubRel(ack(5)));
    findings.extend(run.gating());
    assert!(findings.iter().all(|finding| !finding.message.contains("refused by the PUBREC")), "{findings:#?}");
}

#[test]
fn another_message_under_the_identifier_of_one_under_way_has_come() {
    let mut run = in_flight(V5, Q1);
    run.publishes("a", "n", Q1, 2);
    run.closes(1);
    run.resumes(2, "sub");
    run.takes(2, message("a", "n", Q1, 5));
    run.passes(100);
    run.misses_nothing();
}

#[test]
fn a_copy_without_dup_after_pubrel_is_a_second_delivery() {
    let mut run = in_flight(V5, Q2);
    run.sends(1, PacketBuf::PubRec(ack(5)));
    run.gets(1, PacketBuf::PubRel(ack(5)));
    run.closes(1);
    run.resumes(2, "sub");
    run.takes(2, message("a", "m", Q2, 6));
    run.found(&["MQTT-4.3.3-10"]);
}

#[test]
fn what_another_message_waits_for_does_not_explain_a_copy_too_many() {
    let mut run = Run::subscribed(V5, "a", Q1);
    run.publishes("a", "n", Q1, 1);
    run.gets(1, PacketBuf::Publish(message("a", "n", Q1, 4)));
    run.publishes("a", "m", Q1, 2);
    run.takes(1, message("a", "m", Q1, 5));
    run.closes(1);
    run.resumes(2, "sub");
    run.takes(2, message("a", "m", Q1, 6));
    run.found(&["§3.3.4"]);
}

#[test]
fn a_publish_again_after_pubrec_on_the_same_connection_does_not_take_the_pubrec_back() {
    let mut run = in_flight(V4, Q2);
    run.sends(1, PacketBuf::PubRec(ack(5)));
    run.gets(1, PacketBuf::Publish(again("a", "m", Q2, 5)));
    run.closes(1);
    run.resumes(2, "sub");
    run.passes(100);
    run.monitor.settle();
    let findings = run.gating();
    assert!(findings.iter().any(|finding| finding.message.contains("PUBREL has not come again")), "{findings:#?}");
}

#[test]
fn a_session_held_for_longer_than_it_must_be_owes_nothing() {
    let mut run = in_flight(V5, Q1);
    run.closes(1);
    run.passes(1_000);
    run.resumes(2, "sub");
    run.passes(1_100);
    run.is_silent();
}

#[test]
fn what_would_be_found_at_the_end_of_its_time_is_suspected() {
    let mut run = in_flight(V5, Q1);
    run.closes(1);
    run.resumes(2, "sub");
    run.is_silent();
    let suspected: Vec<String> = run.monitor.take_suspicions().iter().map(name).collect();
    assert_eq!(suspected, ["MQTT-4.4.0-1"]);
}
