use super::*;

/// `sub` on connection 1 and `two` on connection 2 share `$share/g/a`.
fn group(qos: QoS) -> Run {
    let mut run = Run::subscribed(V5, "$share/g/a", qos);
    run.connects(2, "two", false);
    run.subscribes(2, 1, &["$share/g/a"], qos);
    run
}

#[test]
fn one_member_gets_each_message() {
    let mut run = group(Q1);
    run.publishes("a", "m", Q1, 1);
    assert_eq!(run.monitor.owed(), Owed::Soon);
    run.takes(2, message("a", "m", Q1, 1));
    run.is_silent();
    run.publishes("a", "n", Q1, 2);
    run.settles(&["§4.8.2"]);
}

#[test]
fn it_may_wait_for_a_member_that_is_away_or_withholds() {
    let mut run = group(Q1);
    run.closes(1);
    run.publishes("a", "m", Q1, 1);
    run.is_silent();
    let mut run = group(Q1);
    run.publishes("a", "m", Q1, 1);
    run.publishes("a", "n", Q1, 2);
    run.gets(1, PacketBuf::Publish(message("a", "m", Q1, 1)));
    run.is_silent();
    run.sends(1, PacketBuf::PubAck(ack(1)));
    run.settles(&["§4.8.2"]);
}

#[test]
fn no_message_goes_to_two_members() {
    let mut run = group(Q1);
    run.publishes("a", "m", Q1, 1);
    run.takes(1, message("a", "m", Q1, 1));
    run.takes(2, message("a", "m", Q1, 1));
    run.settles(&["§4.8.2"]);
    // Each of two publications may.
    let mut run = group(Q1);
    run.publishes("a", "m", Q1, 1);
    run.publishes("a", "m", Q1, 2);
    run.takes(1, message("a", "m", Q1, 1));
    run.takes(2, message("a", "m", Q1, 1));
    run.is_silent();
}

#[test]
fn qos_1_that_was_not_acknowledged_may_go_to_another() {
    let mut run = group(Q1);
    run.publishes("a", "m", Q1, 1);
    run.gets(1, PacketBuf::Publish(message("a", "m", Q1, 1)));
    run.closes(1);
    run.takes(2, message("a", "m", Q1, 1));
    run.is_silent();
}

#[test]
fn qos_2_in_flight_goes_to_no_other() {
    let mut run = group(Q2);
    run.publishes("a", "m", Q2, 1);
    run.gets(1, PacketBuf::Publish(message("a", "m", Q2, 1)));
    run.closes(1);
    run.connects(3, "sub", true);
    run.takes(2, message("a", "m", Q2, 1));
    run.settles(&["MQTT-4.8.2-5"]);
}

#[test]
fn qos_2_in_flight_is_completed() {
    let mut run = group(Q2);
    run.publishes("a", "m", Q2, 1);
    run.gets(1, PacketBuf::Publish(message("a", "m", Q2, 1)));
    run.closes(1);
    run.resumes(3, "sub");
    run.settles(&["MQTT-4.8.2-4"]);
}

#[test]
fn what_one_refused_goes_to_no_other() {
    let mut run = group(Q1);
    run.publishes("a", "m", Q1, 1);
    run.gets(1, PacketBuf::Publish(message("a", "m", Q1, 1)));
    run.sends(1, PacketBuf::PubAck(refusal(1)));
    run.takes(2, message("a", "m", Q1, 1));
    run.settles(&["MQTT-4.8.2-6"]);
}

#[test]
fn a_member_that_is_leaving_may_have_got_it() {
    let mut run = group(Q1);
    let filters = vec!["$share/g/a".to_owned()];
    run.sends(1, PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id: 9, properties: vec![], filters }));
    run.sends(0, PacketBuf::Publish(message("a", "m", Q1, 1)));
    let reason_codes = vec![ReasonCode::SUCCESS];
    run.gets(1, PacketBuf::UnsubAck(UnsubAckBuf { packet_id: 9, properties: vec![], reason_codes }));
    run.gets(0, PacketBuf::PubAck(ack(1)));
    assert!(!run.is_owed());
    run.is_silent();
    // One that has left gets nothing more: the rest is owed to the others.
    run.publishes("a", "n", Q1, 2);
    assert!(run.is_owed());
    run.settles(&["§4.8.2"]);
}

#[test]
fn a_member_whose_session_has_ended_is_none() {
    for before in [true, false] {
        let mut run = group(Q1);
        run.closes(1);
        if before {
            run.connects(3, "sub", true);
        }
        run.sends(0, PacketBuf::Publish(message("a", "m", Q1, 1)));
        if !before {
            run.connects(3, "sub", true);
        }
        run.gets(0, PacketBuf::PubAck(ack(1)));
        // It may have been in the session that ended only after the publication.
        run.settles(if before { &["§4.8.2"] } else { &[] });
    }
}

#[test]
fn what_a_member_may_not_take_may_wait_for_it() {
    for (maximum, expected) in [(120, vec![]), (1_000, vec!["§4.8.2"])] {
        let mut run = Run::subscribed(V5, "$share/g/a", Q1);
        let mut narrow = run.connect_packet("narrow", false);
        narrow.properties.push(PropertyBuf::maximum_packet_size(maximum));
        run.connects_with(3, narrow, false);
        run.subscribes(3, 1, &["$share/g/a"], Q1);
        run.publishes("a", &"x".repeat(200), Q1, 1);
        run.settles(&expected);
    }
}

#[test]
fn at_qos_0_a_group_is_owed_nothing() {
    let mut run = group(Q0);
    run.publishes("a", "m", Q1, 1);
    run.is_silent();
    let mut run = group(Q1);
    run.publishes("a", "m", Q0, 0);
    run.is_silent();
}

#[test]
fn a_copy_for_another_does_not_serve_the_group() {
    let mut run = group(Q1);
    run.connects(3, "plain", false);
    run.subscribes(3, 1, &["a"], Q1);
    run.publishes("a", "m", Q1, 1);
    run.takes(3, message("a", "m", Q1, 1));
    run.settles(&["§4.8.2"]);
    // Nor is it a second copy for the group.
    run.publishes("a", "n", Q1, 2);
    run.takes(3, message("a", "n", Q1, 2));
    run.takes(1, message("a", "n", Q1, 1));
    run.is_silent();
}

#[test]
fn a_member_may_get_a_copy_by_a_subscription_of_its_own() {
    let mut run = group(Q1);
    run.subscribes(1, 2, &["a"], Q1);
    run.publishes("a", "m", Q1, 1);
    run.takes(1, message("a", "m", Q1, 1));
    run.takes(2, message("a", "m", Q1, 1));
    run.is_silent();
}

#[test]
fn a_message_may_be_with_a_member_that_has_gone_since() {
    let gone: [fn(&mut Run); 5] = [
        |run| run.closes(2),
        |run| run.unsubscribes(2, 9, "$share/g/a"),
        |run| run.resumes(3, "two"),
        |run| run.sends(2, disconnect()),
        |run| run.gets(2, PacketBuf::Disconnect(DisconnectBuf { reason_code: ReasonCode(0x8b), properties: vec![] })),
    ];
    for leaves in gone {
        let mut run = group(Q1);
        run.publishes("a", "m", Q1, 1);
        assert!(run.is_owed());
        leaves(&mut run);
        run.monitor.settle();
        let findings = run.gating();
        assert!(!findings.iter().any(|finding| finding.message.contains("come to none")), "{findings:#?}");
    }
    // Or it has expired.
    let mut run = group(Q1);
    let properties = vec![PropertyBuf::message_expiry_interval(10)];
    run.publishes_with(PublishBuf { properties, ..message("a", "m", Q1, 1) });
    assert!(run.is_owed());
    run.passes(9);
    assert!(!run.is_owed());
    run.is_silent();
}

#[test]
fn what_a_member_took_to_the_end_is_not_called_reassigned() {
    let mut run = group(Q2);
    run.publishes("a", "m", Q2, 1);
    run.takes(1, message("a", "m", Q2, 1));
    run.closes(1);
    run.connects(3, "sub", true);
    run.takes(2, message("a", "m", Q2, 1));
    run.settles(&["§4.8.2"]);
}

#[test]
fn a_member_whose_session_goes_on_though_we_thought_it_ended_counts() {
    let ended = || {
        let mut run = group(Q1);
        let properties = vec![PropertyBuf::session_expiry_interval(0)];
        let last = DisconnectBuf { reason_code: ReasonCode::SUCCESS, properties };
        run.sends(2, PacketBuf::Disconnect(last));
        run.closes(2);
        run
    };
    // The DISCONNECT was lost: the message may have gone to `two`, at whatever QoS.
    let mut run = ended();
    run.resumes(3, "two");
    run.publishes("a", "m", Q1, 1);
    run.is_silent();
    // It came, and the Server says so: there is one member left.
    let mut run = ended();
    run.connects(3, "two", false);
    run.publishes("a", "m", Q1, 1);
    run.settles(&["§4.8.2"]);
}

#[test]
fn the_second_copy_may_come_after_a_fence() {
    let mut run = group(Q1);
    run.publishes("a", "m", Q1, 1);
    run.takes(1, message("a", "m", Q1, 1));
    run.is_silent();
    run.takes(2, message("a", "m", Q1, 1));
    run.settles(&["§4.8.2"]);
}

#[test]
fn each_publish_at_qos_1_may_bring_one_member_a_copy() {
    let mut run = group(Q1);
    run.connects(3, "again", false);
    run.sends(3, PacketBuf::Publish(message("a", "m", Q1, 1)));
    run.closes(3);
    run.resumes(4, "again");
    run.sends(4, PacketBuf::Publish(again("a", "m", Q1, 1)));
    run.gets(4, PacketBuf::PubAck(ack(1)));
    run.takes(1, message("a", "m", Q1, 1));
    run.takes(2, message("a", "m", Q1, 1));
    run.is_silent();
    run.takes(1, message("a", "m", Q1, 2));
    run.settles(&["§4.8.2"]);
}

#[test]
fn a_member_of_which_nobody_knows_whether_it_has_left_may_have_got_it() {
    let mut run = group(Q1);
    let filters = vec!["$share/g/a".to_owned()];
    run.sends(1, PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id: 2, properties: vec![], filters }));
    run.subscribes(1, 3, &["$share/g/a"], Q1);
    let reason_codes = vec![ReasonCode::SUCCESS];
    run.gets(1, PacketBuf::UnsubAck(UnsubAckBuf { packet_id: 2, properties: vec![], reason_codes }));
    run.publishes("a", "m", Q1, 1);
    run.is_silent();
}

#[test]
fn a_will_of_the_same_content_may_be_another_copy() {
    // The Server may have given its client up without our knowing.
    let mut run = group(Q1);
    let will =
        mqttspec_codec::WillBuf { qos: Q1, retain: false, properties: vec![], topic: "a".into(), payload: "m".into() };
    let connect = ConnectBuf { will: Some(will), ..run.connect_packet("ill", true) };
    run.connects_with(3, connect, false);
    run.publishes("a", "m", Q1, 1);
    run.takes(1, message("a", "m", Q1, 1));
    run.takes(2, message("a", "m", Q1, 1));
    run.is_silent();
}
