mod owed;
mod requests;
mod store;

use mqttspec_codec::{RetainHandling, WillBuf};

use super::*;

/// `bob` on connection 1 publishes; `alice` on connection 0 has not subscribed yet.
fn two(version: ProtocolVersion) -> Run {
    let mut run = Run::connected(version);
    run.connect(1, "bob");
    run
}

fn retained(topic: &str, payload: &str, qos: QoS, packet_id: u16) -> PacketBuf {
    let packet_id = (qos != Q0).then_some(packet_id);
    PacketBuf::Publish(PublishBuf { retain: true, qos, packet_id, ..publish(topic, payload) })
}

impl Run {
    /// `bob` publishes at QoS 1 with RETAIN 1 and is acknowledged.
    fn retains(&mut self, topic: &str, payload: &str, packet_id: u16) {
        self.sends(1, retained(topic, payload, Q1, packet_id));
        self.gets(1, PacketBuf::PubAck(ack(packet_id)));
    }

    fn handled(&mut self, packet_id: u16, filter: &str, retain_handling: RetainHandling) {
        let options = SubscriptionOptions { qos: Q1, retain_handling, ..Default::default() };
        self.subscribe_with(0, packet_id, filter, options, None);
    }

    /// It comes to `alice` from the store, and is acknowledged.
    fn brings(&mut self, topic: &str, payload: &str, packet_id: u16) {
        self.gets(0, retained(topic, payload, Q1, packet_id));
        self.sends(0, PacketBuf::PubAck(ack(packet_id)));
    }

    #[track_caller]
    fn settles(&mut self, expected: &[&str]) {
        self.monitor.settle();
        self.finds(expected);
    }
}

#[test]
fn what_is_retained_is_owed_to_a_new_subscription() {
    for (version, expected) in [(V5, "MQTT-3.3.1-9"), (V4, "MQTT-3.3.1-6"), (V3, "MQTT31-3.3-4")] {
        for comes in [false, true] {
            let mut run = two(version);
            run.retains("a", "1", 1);
            run.retains("b", "2", 2);
            run.subscribe(0, 1, "#", Q1);
            run.brings("b", "2", 1);
            assert_eq!(run.monitor.owed(), Owed::Soon);
            if comes {
                run.brings("a", "1", 2);
                assert_eq!(run.monitor.owed(), Owed::Nothing);
            }
            run.settles(if comes { &[] } else { std::slice::from_ref(&expected) });
            run.settles(&[]);
        }
    }
}

#[test]
fn in_3_1_retained_messages_are_no_must() {
    // "Should" is the word of 3.1 for the store and the flag (2.1), and "may" for removal.
    let mut run = two(V3);
    run.retains("a", "1", 1);
    run.subscribe(0, 1, "a", Q1);
    run.gets(0, PacketBuf::Publish(message("a", "1", Q1, 1)));
    run.sends(0, PacketBuf::PubAck(ack(1)));
    run.retains("b", "2", 2);
    run.subscribe(0, 2, "b", Q1);
    run.monitor.settle();
    let levels: Vec<_> = run.all_findings().into_iter().map(|finding| (name(&finding), finding.level)).collect();
    let should = |statement: &str| (statement.to_owned(), Level::Should);
    assert_eq!(levels, [should("MQTT31-3.3-2"), should("MQTT31-3.3-4"), should("MQTT31-3.3-4")]);
    let mut run = two(V3);
    run.retains("a", "1", 1);
    run.retains("a", "", 2);
    run.subscribe(0, 1, "a", Q1);
    run.brings("a", "1", 1);
    run.settles(&[]);
}

#[test]
fn nothing_retained_ever_comes() {
    let mut run = two(V5);
    run.retains("a", "1", 1);
    run.subscribe(0, 1, "a", Q1);
    run.settles(&["MQTT-3.3.1-9", "MQTT-3.3.1-5"]);
}

#[test]
fn nothing_is_owed_that_may_be_lost_or_gone() {
    let owed_after = |prepare: fn(&mut Run)| {
        let mut run = two(V5);
        run.connect(2, "cyd");
        prepare(&mut run);
        run.subscribe(0, 1, "a", Q1);
        run.settles(&[]);
    };
    // QoS 0 may be discarded.
    owed_after(|run| run.sends(1, retained("a", "1", Q0, 0)));
    // Not acknowledged.
    owed_after(|run| run.sends(1, retained("a", "1", Q1, 1)));
    // Refused.
    owed_after(|run| {
        run.sends(1, retained("a", "1", Q1, 1));
        run.gets(1, PacketBuf::PubAck(AckBuf { reason_code: ReasonCode::NOT_AUTHORIZED, ..ack(1) }));
    });
    // Removed, perhaps: the two overlap.
    owed_after(|run| {
        run.sends(1, retained("a", "1", Q1, 1));
        run.sends(2, retained("a", "", Q1, 1));
        run.gets(1, PacketBuf::PubAck(ack(1)));
        run.gets(2, PacketBuf::PubAck(ack(1)));
    });
    // It may have expired.
    owed_after(|run| {
        let mut publish = message("a", "1", Q1, 1);
        publish.retain = true;
        publish.properties.push(PropertyBuf::message_expiry_interval(2));
        run.sends(1, PacketBuf::Publish(publish));
        run.gets(1, PacketBuf::PubAck(ack(1)));
    });
    // Replaced by QoS 0, which may be discarded.
    owed_after(|run| {
        run.retains("a", "1", 1);
        run.sends(2, retained("a", "2", Q0, 0));
    });
}

#[test]
fn nothing_is_owed_to_those_that_did_not_ask() {
    for (filter, retain_handling, qos) in [
        ("a", RetainHandling::DoNotSend, Q1),
        ("a", RetainHandling::SendAtSubscribe, Q0),
        ("$share/g/a", RetainHandling::SendAtSubscribe, Q1),
        ("b", RetainHandling::SendAtSubscribe, Q1),
    ] {
        let mut run = two(V5);
        run.retains("a", "1", 1);
        let options = SubscriptionOptions { qos, retain_handling, ..Default::default() };
        run.subscribe_with(0, 1, filter, options, None);
        run.settles(&[]);
    }
}

#[test]
fn the_sentence_is_that_of_what_happened_since() {
    // A message with RETAIN 0.
    let mut run = two(V5);
    run.retains("a", "1", 1);
    run.retains("b", "2", 2);
    run.sends(1, PacketBuf::Publish(message("a", "plain", Q1, 3)));
    run.gets(1, PacketBuf::PubAck(ack(3)));
    run.subscribe(0, 1, "+", Q1);
    run.brings("b", "2", 1);
    run.settles(&["MQTT-3.3.1-8"]);

    // The end of the publisher's session.
    for (version, expected) in [(V5, "MQTT-3.3.1-5"), (V4, "MQTT-3.1.2-7")] {
        let mut run = two(version);
        run.retains("a", "1", 1);
        run.subscribe(0, 1, "a", Q1);
        run.brings("a", "1", 1);
        run.closes(1, false);
        run.subscribe(0, 2, "a", Q1);
        run.settles(&[expected]);
    }

    // The subscription was there.
    for (version, expected) in [(V5, "MQTT-3.8.4-4"), (V4, "MQTT-3.8.4-3")] {
        let mut run = two(version);
        run.retains("a", "1", 1);
        run.subscribe(0, 1, "a", Q1);
        run.brings("a", "1", 1);
        run.subscribe(0, 2, "a", Q1);
        run.settles(&[expected]);
    }

    // A will.
    let mut run = Run::connected(V5);
    let will = WillBuf { qos: Q1, retain: true, properties: vec![], topic: "w".into(), payload: b"gone".to_vec() };
    run.connect_with(1, ConnectBuf { will: Some(will), keep_alive: 0, ..connect(V5, "bob") }, connack());
    run.closes(1, false);
    run.monitor.at(crate::Time::from_secs(2));
    run.monitor.settle();
    run.subscribe(0, 1, "w", Q1);
    run.settles(&["MQTT-3.1.2-15"]);
}

#[test]
fn retain_handling_1_brings_it_when_the_subscription_is_new() {
    let mut run = two(V5);
    run.retains("a", "1", 1);
    run.handled(1, "a", RetainHandling::SendIfNew);
    run.brings("a", "1", 1);
    run.handled(2, "a", RetainHandling::SendIfNew);
    run.settles(&[]);
    run.brings("a", "1", 2);
    run.finds(&["MQTT-3.3.1-10"]);
    run.unsubscribe(0, 3, "a");
    run.handled(4, "a", RetainHandling::SendIfNew);
    run.settles(&["MQTT-3.3.1-10"]);
}

#[test]
fn a_retained_will_may_come_before_its_connection_is_seen_to_end() {
    let mut run = two(V5);
    let will = WillBuf { qos: Q1, retain: true, properties: vec![], topic: "a".into(), payload: b"gone".to_vec() };
    run.connect_with(2, ConnectBuf { will: Some(will), keep_alive: 0, ..connect(V5, "cyd") }, connack());
    run.retains("a", "", 1);
    run.handled(1, "a", RetainHandling::SendIfNew);
    run.settles(&[]);
    run.handled(2, "a", RetainHandling::SendIfNew);
    run.brings("a", "gone", 1);
    run.is_silent();
}

#[test]
fn whether_a_subscription_exists_may_be_unclear() {
    let mut run = two(V5);
    run.retains("a", "1", 1);
    run.handled(1, "a", RetainHandling::SendIfNew);
    run.brings("a", "1", 1);
    // The UNSUBSCRIBE is not answered yet.
    let filters = vec!["a".to_owned()];
    run.sends(0, PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id: 7, properties: vec![], filters }));
    run.handled(2, "a", RetainHandling::SendIfNew);
    run.settles(&[]);
    run.brings("a", "1", 2);
    run.is_silent();
}

#[test]
fn what_was_replaced_or_removed_does_not_come() {
    for (version, payload, expected) in
        [(V5, "2", "MQTT-3.3.1-5"), (V5, "", "MQTT-3.3.1-6"), (V4, "2", "MQTT-3.3.1-5"), (V4, "", "MQTT-3.3.1-10")]
    {
        let mut run = two(version);
        run.retains("a", "1", 1);
        run.retains("a", payload, 2);
        run.subscribe(0, 1, "a", Q1);
        run.brings("a", "1", 1);
        run.settles(&[expected]);
    }
    // The two publishers overlap, or the removal is not acknowledged.
    for overlap in [true, false] {
        let mut run = two(V5);
        run.connect(2, "cyd");
        run.sends(1, retained("a", "1", Q1, 1));
        if !overlap {
            run.gets(1, PacketBuf::PubAck(ack(1)));
        }
        run.sends(2, retained("a", "", Q1, 1));
        if overlap {
            run.gets(2, PacketBuf::PubAck(ack(1)));
        }
        run.subscribe(0, 1, "a", Q1);
        run.brings("a", "1", 1);
        run.settles(&[]);
    }
}

#[test]
fn an_earlier_subscription_may_have_asked_for_it() {
    let mut run = two(V5);
    run.retains("a", "1", 1);
    run.subscribe(0, 1, "+", Q1);
    run.retains("a", "2", 2);
    run.subscribe(0, 2, "a", Q1);
    run.brings("a", "1", 1);
    run.brings("a", "2", 2);
    run.settles(&[]);
}

#[test]
fn empty_messages_are_not_stored() {
    for (version, expected) in [(V5, "MQTT-3.3.1-7"), (V4, "MQTT-3.3.1-11")] {
        let mut run = two(version);
        run.retains("a", "", 1);
        run.subscribe(0, 1, "a", Q1);
        run.brings("a", "", 1);
        run.settles(&[expected]);
    }
}

#[test]
fn shared_subscriptions_bring_nothing() {
    let mut run = two(V5);
    run.retains("a", "1", 1);
    run.subscribe(0, 1, "$share/g/a", Q1);
    run.brings("a", "1", 1);
    run.settles(&["§4.8.2"]);
}

#[test]
fn what_comes_from_the_store_has_retain_1() {
    for (version, expected) in [(V5, "MQTT-3.3.1-9"), (V4, "MQTT-3.3.1-8"), (V3, "MQTT31-3.3-2")] {
        let mut run = two(version);
        run.retains("a", "1", 1);
        run.subscribe(0, 1, "a", Q1);
        run.gets(0, PacketBuf::Publish(message("a", "1", Q1, 1)));
        run.sends(0, PacketBuf::PubAck(ack(1)));
        run.settles(&[expected]);
    }
}

/// `bob` has retained "1" on `a`, and `alice` has subscribed to it and has not got it.
fn missing(version: ProtocolVersion) -> Run {
    let mut run = two(version);
    run.retains("b", "2", 9);
    run.subscribe(0, 9, "b", Q1);
    run.brings("b", "2", 9);
    run.retains("a", "1", 1);
    run.subscribe(0, 1, "a", Q1);
    run
}

fn unsubscribe(packet_id: u16, filter: &str) -> PacketBuf {
    PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id, properties: vec![], filters: vec![filter.to_owned()] })
}

#[test]
fn what_has_happened_since_may_excuse_that_it_does_not_come() {
    let excuses: [fn(&mut Run); 9] = [
        |run| run.closes(0, true),
        |run| run.sends(0, disconnect(ReasonCode::SUCCESS)),
        |run| run.gets(0, disconnect(ReasonCode::SERVER_SHUTTING_DOWN)),
        |run| run.sends_bytes(0, &[0xC1, 0]),
        |run| run.sends(2, PacketBuf::Connect(connect(V5, "alice"))),
        |run| run.monitor.lose_sight(),
        // Something else for the topic that is removed, discarded, or may expire, comes meanwhile.
        |run| run.sends(1, retained("a", "", Q1, 2)),
        |run| run.sends(1, retained("a", "2", Q0, 0)),
        // The subscription is replaced, and that is not answered.
        |run| run.sends(0, subscribe(5, "a", SubscriptionOptions { qos: Q1, ..Default::default() }, vec![])),
    ];
    missing(V5).settles(&["MQTT-3.3.1-9"]);
    for excuse in excuses {
        let mut run = missing(V5);
        excuse(&mut run);
        run.monitor.settle();
        let findings = run.all_findings();
        let never_came = |finding: &Finding| finding.message.contains("never came");
        assert!(!findings.iter().any(never_came), "{findings:#?}");
    }
}

#[test]
fn while_an_acknowledgement_is_withheld_it_is_not_missed_yet() {
    let mut run = missing(V5);
    run.sends(1, PacketBuf::Publish(message("b", "3", Q1, 5)));
    run.gets(1, PacketBuf::PubAck(ack(5)));
    run.gets(0, PacketBuf::Publish(message("b", "3", Q1, 5)));
    assert_eq!(run.monitor.owed(), Owed::Nothing);
    run.settles(&[]);
    run.sends(0, PacketBuf::PubAck(ack(5)));
    assert_eq!(run.monitor.owed(), Owed::Soon);
    run.settles(&["MQTT-3.3.1-9"]);
}

#[test]
fn before_its_suback_nothing_is_missed() {
    let mut run = two(V5);
    run.retains("a", "1", 1);
    run.sends(0, subscribe(5, "a", SubscriptionOptions { qos: Q1, ..Default::default() }, vec![]));
    assert_eq!(run.monitor.owed(), Owed::Soon, "the SUBACK");
    run.monitor.settle();
    let findings = run.all_findings();
    assert!(!findings.iter().any(|finding| finding.message.contains("never came")), "{findings:#?}");
    for (code, expected) in [(0x80, &[][..]), (1, &["MQTT-3.3.1-9", "MQTT-3.3.1-5"])] {
        let mut run = two(V5);
        run.retains("a", "1", 1);
        run.sends(0, subscribe(5, "a", SubscriptionOptions { qos: Q1, ..Default::default() }, vec![]));
        run.gets(0, suback(5, &[code]));
        run.settles(expected);
    }
}

#[test]
fn what_is_too_large_for_the_client_is_not_owed_to_it() {
    let properties = [
        PropertyBuf::content_type("x".repeat(200)),
        PropertyBuf::correlation_data("x".repeat(200)),
        PropertyBuf::user_property("x".repeat(100), "x".repeat(100)),
    ];
    for property in properties {
        for (maximum, expected) in [(200, &[][..]), (1_000, &["MQTT-3.3.1-9", "MQTT-3.3.1-5"])] {
            let mut run = Run::new(V5);
            let narrow = vec![PropertyBuf::maximum_packet_size(maximum)];
            run.connect_with(0, ConnectBuf { properties: narrow, ..connect(V5, "alice") }, connack());
            run.connect(1, "bob");
            let publish = PublishBuf { retain: true, properties: vec![property.clone()], ..message("a", "1", Q1, 1) };
            run.sends(1, PacketBuf::Publish(publish));
            run.gets(1, PacketBuf::PubAck(ack(1)));
            run.subscribe(0, 1, "a", Q1);
            run.settles(expected);
        }
    }
    // A long payload and a long topic count as well.
    for (topic, payload) in [("a".repeat(200), "1".to_owned()), ("a".to_owned(), "1".repeat(200))] {
        let mut run = Run::new(V5);
        let narrow = vec![PropertyBuf::maximum_packet_size(200)];
        run.connect_with(0, ConnectBuf { properties: narrow, ..connect(V5, "alice") }, connack());
        run.connect(1, "bob");
        run.retains(&topic, &payload, 1);
        run.subscribe(0, 1, "#", Q1);
        run.settles(&[]);
    }
}

#[test]
fn a_client_that_takes_no_message_of_its_own_need_not_get_it_from_the_store() {
    for (publisher, expected) in [(0, &[][..]), (1, &["MQTT-3.3.1-9", "MQTT-3.3.1-5"])] {
        let mut run = two(V5);
        run.sends(publisher, retained("a", "1", Q1, 1));
        run.gets(publisher, PacketBuf::PubAck(ack(1)));
        let options = SubscriptionOptions { qos: Q1, no_local: true, ..Default::default() };
        run.subscribe_with(0, 1, "a", options, None);
        run.settles(expected);
    }
}

#[test]
fn what_was_published_before_the_message_explains_nothing() {
    // With RETAIN 0, before.
    let mut run = two(V5);
    run.retains("b", "2", 9);
    run.subscribe(0, 9, "b", Q1);
    run.brings("b", "2", 9);
    run.retains("a", "0", 1);
    run.sends(1, PacketBuf::Publish(message("a", "plain", Q1, 3)));
    run.gets(1, PacketBuf::PubAck(ack(3)));
    run.retains("a", "1", 4);
    run.subscribe(0, 1, "a", Q1);
    run.settles(&["MQTT-3.3.1-9"]);
    // Since, but it was seen to be stored since then.
    let mut run = two(V5);
    run.connect(2, "cyd");
    run.retains("a", "1", 1);
    run.sends(1, PacketBuf::Publish(message("a", "plain", Q1, 3)));
    run.gets(1, PacketBuf::PubAck(ack(3)));
    run.subscribe(0, 1, "a", Q1);
    run.brings("a", "1", 1);
    run.subscribe(2, 1, "a", Q1);
    run.settles(&["MQTT-3.3.1-9"]);
    // And after the SUBSCRIBE.
    let mut run = missing(V5);
    run.sends(1, PacketBuf::Publish(message("c", "plain", Q1, 3)));
    run.gets(1, PacketBuf::PubAck(ack(3)));
    run.settles(&["MQTT-3.3.1-9"]);
    // The publisher's session ended before it published, or after the SUBSCRIBE.
    let mut run = two(V5);
    run.retains("b", "2", 9);
    run.subscribe(0, 9, "b", Q1);
    run.brings("b", "2", 9);
    run.closes(1, false);
    run.connect(2, "bob");
    run.sends(2, retained("a", "1", Q1, 1));
    run.gets(2, PacketBuf::PubAck(ack(1)));
    run.subscribe(0, 1, "a", Q1);
    run.closes(2, false);
    run.settles(&["MQTT-3.3.1-9"]);
}

#[test]
fn qos_2_and_qos_0_change_the_store_when_they_have_certainly_arrived() {
    // QoS 2: from PUBCOMP on.
    for completed in [false, true] {
        let mut run = two(V5);
        run.sends(1, retained("a", "1", Q2, 1));
        run.gets(1, PacketBuf::PubRec(ack(1)));
        run.sends(1, PacketBuf::PubRel(ack(1)));
        if completed {
            run.gets(1, PacketBuf::PubComp(ack(1)));
        }
        run.subscribe(0, 1, "a", Q1);
        run.monitor.settle();
        run.finds(if completed { &["MQTT-3.3.1-9", "MQTT-3.3.1-5"] } else { &[] });
    }
    // A removal at QoS 0 that the next PINGRESP has overtaken: another message follows it.
    for fenced in [false, true] {
        let mut run = two(V5);
        run.connect(2, "cyd");
        run.sends(2, retained("a", "", Q0, 0));
        if fenced {
            run.sends(2, PacketBuf::PingReq);
            run.gets(2, PacketBuf::PingResp);
        }
        run.retains("a", "1", 1);
        run.subscribe(0, 1, "a", Q1);
        run.settles(if fenced { &["MQTT-3.3.1-9", "MQTT-3.3.1-5"] } else { &[] });
    }
    // A PINGRESP that answers an earlier PINGREQ says nothing; nor does that of another connection.
    let mut run = two(V5);
    run.connect(2, "cyd");
    run.sends(2, PacketBuf::PingReq);
    run.sends(2, retained("a", "", Q0, 0));
    run.gets(2, PacketBuf::PingResp);
    run.sends(1, PacketBuf::PingReq);
    run.gets(1, PacketBuf::PingResp);
    run.retains("a", "1", 1);
    run.subscribe(0, 1, "a", Q1);
    run.settles(&[]);
    // When nothing more comes, it has arrived or is lost.
    let mut run = two(V5);
    run.connect(2, "cyd");
    run.sends(2, retained("a", "", Q0, 0));
    run.monitor.settle();
    run.retains("a", "1", 1);
    run.subscribe(0, 1, "a", Q1);
    run.settles(&["MQTT-3.3.1-9", "MQTT-3.3.1-5"]);
}

#[test]
fn a_retained_message_comes_once_for_each_subscribe() {
    // Subscribed to again without Retain Handling, it may come again, and after an UNSUBSCRIBE it is new.
    let mut run = two(V5);
    run.retains("a", "1", 1);
    run.handled(1, "a", RetainHandling::SendIfNew);
    run.brings("a", "1", 1);
    run.sends(0, unsubscribe(2, "a"));
    run.gets(0, unsuback(2, &[0x87]));
    run.handled(3, "a", RetainHandling::SendIfNew);
    // The UNSUBSCRIBE was refused: whether the subscription is new is unclear.
    run.settles(&[]);
    run.brings("a", "1", 2);
    run.is_silent();
}

#[test]
fn an_empty_message_may_be_one_that_is_forwarded() {
    // Published after the SUBSCRIBE: no server sends that one from its store.
    let mut run = two(V5);
    run.subscribe(0, 1, "a", Q1);
    run.retains("a", "", 1);
    run.brings("a", "", 1);
    let findings = run.findings();
    assert!(!findings.contains(&"MQTT-3.3.1-7".to_owned()), "{findings:?}");
    // One before and one after: nobody can say which.
    let mut run = two(V5);
    run.retains("a", "", 1);
    run.subscribe(0, 1, "a", Q1);
    run.retains("a", "", 2);
    run.brings("a", "", 1);
    let findings = run.findings();
    assert!(!findings.contains(&"MQTT-3.3.1-7".to_owned()), "{findings:?}");
}

#[test]
fn a_live_copy_is_not_taken_for_what_the_second_subscribe_brings() {
    for (version, expected) in [(V5, "MQTT-3.8.4-4"), (V4, "MQTT-3.8.4-3")] {
        let mut run = two(version);
        run.subscribe(0, 1, "a", Q1);
        run.retains("a", "1", 1);
        run.sends(
            0,
            PacketBuf::Subscribe(SubscribeBuf {
                packet_id: 2,
                properties: vec![],
                filters: vec![SubscriptionBuf {
                    filter: "a".to_owned(),
                    options: SubscriptionOptions { qos: Q1, ..Default::default() },
                }],
            }),
        );
        // The copy for the first subscription, late.
        run.gets(0, PacketBuf::Publish(message("a", "1", Q1, 1)));
        run.sends(0, PacketBuf::PubAck(ack(1)));
        run.gets(
            0,
            PacketBuf::SubAck(SubAckBuf { packet_id: 2, properties: vec![], reason_codes: vec![ReasonCode(1)] }),
        );
        run.monitor.settle();
        let findings = run.all_findings();
        let cited: Vec<_> = findings.iter().map(|finding| finding.statement.as_str()).collect();
        assert_eq!(cited, [expected], "{findings:#?}");
    }
}
