use super::*;

#[test]
fn a_subscriber_is_owed_every_message() {
    for version in [V5, V4] {
        for qos in [Q1, Q2] {
            let mut run = Run::subscribed(version, "a/+", Q2);
            run.publishes("a/b", "m", qos, 1);
            assert_eq!(run.monitor.owed(), Owed::Soon);
            run.takes(1, message("a/b", "m", qos, 1));
            run.is_silent();
            run.publishes("a/b", "n", qos, 2);
            run.settles(&["MQTT-4.5.0-1"]);
        }
    }
}

#[test]
fn the_argument_names_its_events() {
    let mut run = Run::subscribed(V5, "a", Q1);
    run.publishes("a", "m", Q1, 1);
    run.monitor.settle();
    let findings = run.gating();
    assert_eq!(findings.len(), 1);
    let expected = "`sub` is owed \"m\" on \"a\" at QoS 1 because of its subscription to \"a\" (event 6) and the PUBLISH of \
                    event 7, taken in event 8; it has not come";
    assert_eq!(findings[0].message, expected);
    assert_eq!(findings[0].events, [6, 7, 8]);
}

#[test]
fn qos_0_is_owed_to_nobody() {
    let mut run = Run::subscribed(V5, "a", Q2);
    run.publishes("a", "m", Q0, 0);
    run.is_silent();
    let mut run = Run::subscribed(V5, "a", Q0);
    run.publishes("a", "m", Q2, 1);
    run.is_silent();
}

#[test]
fn a_message_may_come_before_its_acknowledgement() {
    let mut run = Run::subscribed(V5, "a", Q1);
    run.sends(0, PacketBuf::Publish(message("a", "m", Q1, 1)));
    run.takes(1, message("a", "m", Q1, 1));
    run.gets(0, PacketBuf::PubAck(ack(1)));
    run.is_silent();
}

#[test]
fn what_was_not_acknowledged_or_was_refused_is_not_owed() {
    let mut run = Run::subscribed(V5, "a", Q2);
    run.sends(0, PacketBuf::Publish(message("a", "m", Q1, 1)));
    run.is_silent();
    run.sends(0, PacketBuf::Publish(message("a", "n", Q1, 2)));
    run.gets(0, PacketBuf::PubAck(refusal(2)));
    run.is_silent();
    // QoS 2 may be passed on at PUBREL.
    run.sends(0, PacketBuf::Publish(message("a", "o", Q2, 3)));
    run.gets(0, PacketBuf::PubRec(ack(3)));
    run.sends(0, PacketBuf::PubRel(ack(3)));
    run.is_silent();
    run.gets(0, PacketBuf::PubComp(ack(3)));
    run.settles(&["MQTT-4.5.0-1"]);
}

#[test]
fn a_subscription_counts_from_suback_to_unsubscribe() {
    let mut run = Run::new(V5);
    let options = SubscriptionOptions { qos: Q1, ..Default::default() };
    let filters = vec![SubscriptionBuf { filter: "a".to_owned(), options }];
    run.sends(1, PacketBuf::Subscribe(SubscribeBuf { packet_id: 1, properties: vec![], filters }));
    run.publishes("a", "m", Q1, 1);
    let reason_codes = vec![ReasonCode::GRANTED_QOS_1];
    run.gets(1, PacketBuf::SubAck(SubAckBuf { packet_id: 1, properties: vec![], reason_codes }));
    run.is_silent();
    // Buffered messages may go with the subscription.
    run.publishes("a", "n", Q1, 2);
    run.unsubscribes(1, 2, "a");
    run.is_silent();
}

#[test]
fn no_local_and_other_topics_are_respected() {
    let mut run = Run::new(V5);
    let options = SubscriptionOptions { qos: Q1, no_local: true, ..Default::default() };
    let filters = vec![SubscriptionBuf { filter: "#".to_owned(), options }];
    run.sends(0, PacketBuf::Subscribe(SubscribeBuf { packet_id: 9, properties: vec![], filters }));
    let reason_codes = vec![ReasonCode::GRANTED_QOS_1];
    run.gets(0, PacketBuf::SubAck(SubAckBuf { packet_id: 9, properties: vec![], reason_codes }));
    run.publishes("a", "m", Q1, 1);
    run.subscribes(1, 1, &["$x/#"], Q1);
    run.publishes("$x/a", "m", Q1, 2);
    run.is_silent();
}

#[test]
fn while_we_withhold_an_acknowledgement_nothing_is_due() {
    let mut run = Run::subscribed(V4, "a", Q1);
    run.publishes("a", "m", Q1, 1);
    run.publishes("a", "n", Q1, 2);
    run.gets(1, PacketBuf::Publish(message("a", "m", Q1, 1)));
    run.is_silent();
    run.sends(1, PacketBuf::PubAck(ack(1)));
    run.settles(&["MQTT-4.5.0-1"]);
}

#[test]
fn what_waits_for_an_offline_session_is_due_when_it_is_back() {
    for (version, expected) in [(V5, "MQTT-4.5.0-1"), (V4, "MQTT-3.1.2-5")] {
        let mut run = Run::subscribed(version, "a", Q1);
        run.closes(1);
        run.publishes("a", "m", Q1, 1);
        run.is_silent();
        run.resumes(2, "sub");
        run.settles(&[expected]);
        // The session is gone: so is what was owed to it.
        let mut run = Run::subscribed(version, "a", Q1);
        run.closes(1);
        run.publishes("a", "m", Q1, 1);
        run.connects(2, "sub", false);
        run.misses_nothing();
        // Clean Start ends it.
        let mut run = Run::subscribed(version, "a", Q1);
        run.closes(1);
        run.publishes("a", "m", Q1, 1);
        run.connects(2, "sub", true);
        run.is_silent();
    }
}

#[test]
fn a_resumed_session_keeps_its_subscriptions() {
    for (version, expected) in [(V5, "MQTT-3.1.2-5"), (V4, "MQTT-3.1.2-4")] {
        let mut run = Run::subscribed(version, "a", Q1);
        run.closes(1);
        run.resumes(2, "sub");
        run.publishes("a", "m", Q1, 1);
        run.settles(&[expected]);
    }
}

#[test]
fn a_session_that_may_have_expired_is_owed_nothing() {
    let mut run = Run::subscribed(V5, "a", Q1);
    run.closes(1);
    run.publishes("a", "m", Q1, 1);
    run.passes(1_000);
    run.resumes(2, "sub");
    run.is_silent();
}

#[test]
fn what_may_have_expired_or_is_too_large_is_not_owed() {
    let mut run = Run::subscribed(V5, "a", Q1);
    let properties = vec![PropertyBuf::message_expiry_interval(10)];
    run.publishes_with(PublishBuf { properties: properties.clone(), ..message("a", "m", Q1, 1) });
    run.passes(9);
    run.is_silent();
    run.publishes_with(PublishBuf { properties, ..message("a", "n", Q1, 2) });
    run.settles(&["MQTT-4.5.0-1"]);
    let mut run = Run::new(V5);
    let mut small = run.connect_packet("small", false);
    small.properties.push(PropertyBuf::maximum_packet_size(120));
    run.connects_with(3, small, false);
    run.subscribes(3, 1, &["a"], Q1);
    run.publishes("a", &"x".repeat(100), Q1, 1);
    run.is_silent();
    run.publishes("a", &"x".repeat(200), Q1, 2);
    run.publishes("a", "next", Q1, 3);
    run.settles(&["MQTT-3.1.2-25"]);
}

#[test]
fn the_qos_is_the_lower_of_published_and_granted() {
    for (version, expected) in [(V5, "MQTT-3.8.4-8"), (V4, "MQTT-3.8.4-6")] {
        let mut run = Run::subscribed(version, "a", Q1);
        run.publishes("a", "m", Q2, 1);
        run.takes(1, message("a", "m", Q1, 1));
        run.is_silent();
        run.publishes("a", "n", Q2, 2);
        run.takes(1, message("a", "n", Q0, 0));
        run.settles(&[expected]);
    }
    // Of overlapping subscriptions the highest counts, in one copy or in several.
    for (version, expected) in [(V5, "MQTT-3.3.4-2"), (V4, "MQTT-3.3.5-1")] {
        let mut run = Run::subscribed(version, "a", Q2);
        run.subscribes(1, 2, &["+"], Q1);
        run.publishes("a", "m", Q2, 1);
        run.takes(1, message("a", "m", Q1, 1));
        run.takes(1, message("a", "m", Q2, 2));
        run.is_silent();
        run.publishes("a", "n", Q2, 2);
        run.takes(1, message("a", "n", Q1, 3));
        run.settles(&[expected]);
    }
}

#[test]
fn an_unsubscribe_of_another_filter_removes_nothing() {
    let mut run = Run::subscribed(V5, "a/b", Q1);
    run.subscribes(1, 2, &["a/+"], Q1);
    run.unsubscribes(1, 3, "a/+");
    run.publishes("a/b", "m", Q1, 1);
    run.settles(&["MQTT-3.10.4-1"]);
}

#[test]
fn replacing_a_subscription_loses_nothing() {
    for (version, expected) in [(V5, "MQTT-3.8.4-4"), (V4, "MQTT-3.8.4-3")] {
        let mut run = Run::subscribed(version, "a", Q1);
        run.publishes("a", "m", Q1, 1);
        run.subscribes(1, 2, &["a"], Q2);
        run.settles(&[expected]);
        // To QoS 0: then it may come, and be lost, at QoS 0.
        run.publishes("a", "n", Q1, 2);
        run.subscribes(1, 3, &["a"], Q0);
        run.is_silent();
    }
}

#[test]
fn every_filter_of_a_subscribe_counts() {
    let mut run = Run::new(V5);
    run.subscribes(1, 1, &["a", "b"], Q1);
    run.publishes("b", "m", Q1, 1);
    run.settles(&["MQTT-3.8.4-5"]);
}

#[test]
fn an_identifier_used_before_stands_for_a_new_message() {
    for (qos, expected) in [(Q1, "MQTT-4.3.2-5"), (Q2, "MQTT-4.3.3-12")] {
        let mut run = Run::subscribed(V5, "a", qos);
        run.publishes("a", "m", qos, 1);
        run.takes(1, message("a", "m", qos, 1));
        run.publishes("a", "n", qos, 1);
        run.settles(&[expected]);
    }
}

#[test]
fn quota_comes_back() {
    let mut run = Run::new(V5);
    let mut narrow = run.connect_packet("narrow", false);
    narrow.properties.push(PropertyBuf::receive_maximum(1));
    run.connects_with(3, narrow, false);
    run.subscribes(3, 1, &["a"], Q1);
    run.publishes("a", "m", Q1, 1);
    run.settles(&["MQTT-4.9.0-1"]);
    run.publishes("a", "n", Q1, 2);
    run.gets(3, PacketBuf::Publish(message("a", "n", Q1, 1)));
    run.sends(3, PacketBuf::PubAck(refusal(1)));
    run.publishes("a", "o", Q1, 3);
    run.settles(&["MQTT-4.4.0-2"]);
}

#[test]
fn a_session_lasts_as_long_as_its_connection() {
    let mut run = Run::new(V5);
    let mut brief = run.connect_packet("brief", true);
    brief.properties.push(PropertyBuf::session_expiry_interval(1));
    run.connects_with(3, brief, false);
    run.subscribes(3, 1, &["a"], Q1);
    run.passes(2);
    run.publishes("a", "m", Q1, 1);
    run.settles(&["MQTT-4.1.0-1"]);
}

#[test]
fn an_empty_retained_message_is_forwarded() {
    let mut run = Run::subscribed(V4, "a", Q1);
    run.publishes_with(PublishBuf { retain: true, ..message("a", "", Q1, 1) });
    run.settles(&["MQTT-3.3.1-10"]);
}

#[test]
fn what_has_come_meanwhile_takes_the_special_reasons_away() {
    // The resumed session has its subscriptions: something came by them.
    let mut run = Run::subscribed(V5, "a", Q1);
    run.closes(1);
    run.resumes(2, "sub");
    run.publishes("a", "m", Q1, 1);
    run.takes(2, message("a", "m", Q1, 1));
    run.publishes("a", "n", Q1, 2);
    run.settles(&["MQTT-4.5.0-1"]);
    // The second filter counts: something came by it.
    let mut run = Run::new(V5);
    run.subscribes(1, 1, &["a", "b"], Q1);
    run.publishes("b", "m", Q1, 1);
    run.takes(1, message("b", "m", Q1, 1));
    run.publishes("b", "n", Q1, 2);
    run.settles(&["MQTT-4.5.0-1"]);
}

#[test]
fn one_message_above_qos_0_shows_that_the_quota_is_not_zero() {
    for (first, expected) in [(Q0, "MQTT-4.9.0-1"), (Q1, "MQTT-4.5.0-1")] {
        let mut run = Run::new(V5);
        let mut narrow = run.connect_packet("narrow", false);
        narrow.properties.push(PropertyBuf::receive_maximum(1));
        run.connects_with(3, narrow, false);
        run.subscribes(3, 1, &["a"], Q1);
        run.publishes("a", "m", first, 1);
        run.takes(3, message("a", "m", first, 1));
        run.publishes("a", "n", Q1, 2);
        run.settles(&[expected]);
    }
}

#[test]
fn a_refusing_pubrec_gives_the_quota_back() {
    let mut run = Run::new(V5);
    let mut narrow = run.connect_packet("narrow", false);
    narrow.properties.push(PropertyBuf::receive_maximum(1));
    run.connects_with(3, narrow, false);
    run.subscribes(3, 1, &["a"], Q2);
    run.publishes("a", "m", Q2, 1);
    run.gets(3, PacketBuf::Publish(message("a", "m", Q2, 1)));
    run.sends(3, PacketBuf::PubRec(refusal(1)));
    run.publishes("a", "n", Q2, 2);
    run.settles(&["MQTT-4.4.0-2"]);
}

#[test]
fn a_message_that_another_session_got_was_not_lost_by_its_identifier() {
    for qos in [Q1, Q2] {
        let mut run = Run::subscribed(V5, "a", qos);
        run.connects(2, "two", false);
        run.subscribes(2, 1, &["a"], qos);
        for (payload, id) in [("m", 1), ("n", 2)] {
            run.publishes("a", payload, qos, 1);
            run.takes(2, message("a", payload, qos, id));
            if payload == "m" {
                run.takes(1, message("a", payload, qos, id));
            }
        }
        run.settles(&["MQTT-4.5.0-1"]);
    }
}

#[test]
fn a_retained_message_with_a_payload_is_like_any_other() {
    let mut run = Run::subscribed(V4, "a", Q1);
    run.publishes_with(PublishBuf { retain: true, ..message("a", "m", Q1, 1) });
    run.settles(&["MQTT-4.5.0-1"]);
    let mut run = Run::subscribed(V4, "a", Q1);
    run.publishes("a", "", Q1, 1);
    run.settles(&["MQTT-4.5.0-1"]);
}

#[test]
fn an_unsubscribe_before_the_subscribe_explains_nothing() {
    let mut run = Run::new(V5);
    run.subscribes(1, 1, &["a/+"], Q1);
    run.unsubscribes(1, 2, "a/+");
    run.subscribes(1, 3, &["a/b"], Q1);
    run.publishes("a/b", "m", Q1, 1);
    run.settles(&["MQTT-4.5.0-1"]);
    // Nor does one of a filter that matches nothing of it.
    let mut run = Run::subscribed(V5, "a/b", Q1);
    run.subscribes(1, 2, &["c/+"], Q1);
    run.unsubscribes(1, 3, "c/+");
    run.publishes("a/b", "m", Q1, 1);
    run.settles(&["MQTT-4.5.0-1"]);
}

#[test]
fn a_subscription_replaced_before_the_publication_explains_nothing() {
    let mut run = Run::subscribed(V5, "a", Q1);
    run.subscribes(1, 2, &["a"], Q1);
    run.publishes("a", "m", Q1, 1);
    run.settles(&["MQTT-4.5.0-1"]);
}

#[test]
fn a_will_is_owed_to_every_subscriber_once_one_has_it() {
    for (version, expected) in [(V5, "MQTT-3.1.2-8"), (V4, "MQTT-3.1.2-8")] {
        let mut run = Run::subscribed(version, "w", Q1);
        run.connects(2, "two", false);
        run.subscribes(2, 1, &["w"], Q1);
        let will = mqttspec_codec::WillBuf {
            qos: Q1,
            retain: false,
            properties: vec![],
            topic: "w".into(),
            payload: b"gone".to_vec(),
        };
        let connect = ConnectBuf { will: Some(will), ..run.connect_packet("ill", true) };
        run.connects_with(3, connect, false);
        run.closes(3);
        run.takes(1, message("w", "gone", Q1, 1));
        run.settles(&[expected]);
    }
}

#[test]
fn the_qos_of_the_same_terms_twice_is_not_that_of_earlier_ones() {
    let mut run = Run::subscribed(V5, "a", Q1);
    run.subscribes(1, 2, &["a"], Q1);
    run.publishes("a", "m", Q1, 1);
    run.takes(1, message("a", "m", Q0, 0));
    run.settles(&["MQTT-3.8.4-8"]);
}

#[test]
fn what_the_server_has_no_exchange_of_it_owes_to_nobody() {
    let mut run = Run::subscribed(V5, "a", Q2);
    run.sends(0, PacketBuf::Publish(message("a", "m", Q2, 1)));
    run.gets(0, PacketBuf::PubRec(ack(1)));
    run.sends(0, PacketBuf::PubRel(ack(1)));
    run.gets(0, PacketBuf::PubComp(AckBuf { reason_code: ReasonCode(0x92), ..ack(1) }));
    run.misses_nothing();
}

#[test]
fn a_repetition_behind_an_unlawful_packet_makes_the_publication_doubtful() {
    let mut run = Run::subscribed(V5, "a", Q1);
    run.connects(3, "again", false);
    run.sends(3, PacketBuf::Publish(message("a", "m", Q1, 1)));
    run.closes(3);
    run.resumes(4, "again");
    run.sends(4, PacketBuf::PingResp);
    run.sends(4, PacketBuf::Publish(again("a", "m", Q1, 1)));
    run.gets(4, PacketBuf::PubAck(ack(1)));
    run.misses_nothing();
}

#[test]
fn an_unsuback_behind_the_suback_of_a_later_subscribe_leaves_it_open_what_holds() {
    for (in_order, expected) in [(true, &["MQTT-4.5.0-1"][..]), (false, &[])] {
        let mut run = Run::subscribed(V5, "a", Q1);
        let filters = vec!["a".to_owned()];
        run.sends(1, PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id: 2, properties: vec![], filters }));
        let options = SubscriptionOptions { qos: Q1, ..Default::default() };
        let filters = vec![SubscriptionBuf { filter: "a".to_owned(), options }];
        run.sends(1, PacketBuf::Subscribe(SubscribeBuf { packet_id: 3, properties: vec![], filters }));
        let removed = UnsubAckBuf { packet_id: 2, properties: vec![], reason_codes: vec![ReasonCode::SUCCESS] };
        let granted = SubAckBuf { packet_id: 3, properties: vec![], reason_codes: vec![ReasonCode::GRANTED_QOS_1] };
        if in_order {
            run.gets(1, PacketBuf::UnsubAck(removed.clone()));
        }
        run.gets(1, PacketBuf::SubAck(granted));
        run.publishes("a", "m", Q1, 1);
        if !in_order {
            run.gets(1, PacketBuf::UnsubAck(removed));
        }
        run.settles(expected);
        // It may be in force, or not.
        run.publishes("a", "n", Q1, 2);
        run.takes(1, message("a", "n", Q1, 1));
        run.is_silent();
    }
}

#[test]
fn what_was_sent_without_waiting_for_connack_is_owed_to_others_like_anything_else() {
    for clean_start in [true, false] {
        let mut run = Run::subscribed(V5, "a", Q1);
        let connect = run.connect_packet("hasty", clean_start);
        run.sends(3, PacketBuf::Connect(connect));
        run.sends(3, PacketBuf::Publish(message("a", "m", Q1, 7)));
        let reason_code = ReasonCode::SUCCESS;
        run.gets(3, PacketBuf::ConnAck(ConnAckBuf { session_present: false, reason_code, properties: vec![] }));
        run.gets(3, PacketBuf::PubAck(ack(7)));
        run.settles(&["MQTT-4.5.0-1"]);
    }
}
