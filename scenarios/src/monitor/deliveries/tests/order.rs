use super::*;

#[test]
fn messages_of_one_topic_and_qos_keep_their_order() {
    for (version, expected) in [(V5, "MQTT-4.6.0-5"), (V4, "MQTT-4.6.0-6")] {
        let mut run = Run::subscribed(version, "a", Q1);
        run.publishes("a", "1", Q1, 1);
        run.publishes("a", "2", Q1, 2);
        run.takes(1, message("a", "2", Q1, 1));
        run.takes(1, message("a", "1", Q1, 2));
        run.found(&[expected]);
    }
}

#[test]
fn other_topics_and_other_qos_may_overtake() {
    let mut run = Run::subscribed(V5, "#", Q2);
    run.publishes("a", "1", Q1, 1);
    run.publishes("a", "2", Q2, 2);
    run.publishes("b", "3", Q1, 3);
    run.takes(1, message("b", "3", Q1, 1));
    run.takes(1, message("a", "2", Q2, 2));
    run.takes(1, message("a", "1", Q1, 3));
    run.is_silent();
}

#[test]
fn qos_2_may_be_passed_on_in_the_order_of_pubrel() {
    let mut run = Run::subscribed(V5, "a", Q2);
    run.sends(0, PacketBuf::Publish(message("a", "1", Q2, 1)));
    run.sends(0, PacketBuf::Publish(message("a", "2", Q2, 2)));
    run.gets(0, PacketBuf::PubRec(ack(1)));
    run.gets(0, PacketBuf::PubRec(ack(2)));
    run.sends(0, PacketBuf::PubRel(ack(2)));
    run.takes(1, message("a", "2", Q2, 1));
    run.sends(0, PacketBuf::PubRel(ack(1)));
    run.takes(1, message("a", "1", Q2, 2));
    run.is_silent();
}

#[test]
fn repetitions_keep_the_order_of_the_first_sendings() {
    for (version, expected) in [(V5, vec!["MQTT-4.6.0-5"]), (V4, vec!["MQTT-4.6.0-6"])] {
        for reversed in [false, true] {
            let mut run = Run::subscribed(version, "a", Q1);
            run.publishes("a", "1", Q1, 1);
            run.publishes("a", "2", Q1, 2);
            run.gets(1, PacketBuf::Publish(message("a", "1", Q1, 1)));
            run.gets(1, PacketBuf::Publish(message("a", "2", Q1, 2)));
            run.closes(1);
            run.resumes(2, "sub");
            let mut both = [again("a", "1", Q1, 1), again("a", "2", Q1, 2)];
            if reversed {
                both.reverse();
            }
            for publish in both {
                run.takes(2, publish);
            }
            run.settles(if reversed { &expected } else { &[] });
        }
    }
}

#[test]
fn every_message_is_compared_with_the_latest_before_it() {
    let mut run = Run::subscribed(V5, "a", Q1);
    for (payload, id) in [("1", 1), ("2", 2), ("3", 3)] {
        run.publishes("a", payload, Q1, id);
    }
    run.takes(1, message("a", "1", Q1, 1));
    run.takes(1, message("a", "3", Q1, 2));
    run.takes(1, message("a", "2", Q1, 3));
    run.found(&["MQTT-4.6.0-5"]);
    let mut run = Run::subscribed(V5, "a", Q1);
    for (payload, id) in [("1", 1), ("2", 2), ("3", 3)] {
        run.publishes("a", payload, Q1, id);
    }
    run.takes(1, message("a", "3", Q1, 1));
    run.takes(1, message("a", "1", Q1, 2));
    run.takes(1, message("a", "2", Q1, 3));
    run.found(&["MQTT-4.6.0-5", "MQTT-4.6.0-5"]);
}

#[test]
fn qos_2_in_the_order_of_pubrel_is_an_order_too() {
    let mut run = Run::subscribed(V5, "a", Q2);
    run.publishes("a", "1", Q2, 1);
    run.publishes("a", "2", Q2, 2);
    run.takes(1, message("a", "2", Q2, 1));
    run.takes(1, message("a", "1", Q2, 2));
    run.found(&["MQTT-4.6.0-5"]);
}

#[test]
fn what_several_subscriptions_or_publications_may_have_brought_has_no_order() {
    // Two subscriptions: the second copy of the first message is the other one's.
    let mut run = Run::subscribed(V5, "a", Q1);
    run.subscribes(1, 2, &["+"], Q1);
    run.publishes("a", "1", Q1, 1);
    run.publishes("a", "2", Q1, 2);
    run.takes(1, message("a", "2", Q1, 1));
    run.takes(1, message("a", "1", Q1, 2));
    run.is_silent();
    // A group.
    let mut run = Run::subscribed(V5, "$share/g/a", Q1);
    run.publishes("a", "1", Q1, 1);
    run.publishes("a", "2", Q1, 2);
    run.takes(1, message("a", "2", Q1, 1));
    run.takes(1, message("a", "1", Q1, 2));
    run.is_silent();
    // A PUBLISH at QoS 1 that was sent again: the Server may have taken the second for the message.
    let mut run = Run::subscribed(V4, "a", Q1);
    run.sends(0, PacketBuf::Publish(message("a", "1", Q1, 1)));
    run.sends(0, PacketBuf::Publish(message("a", "2", Q1, 2)));
    run.sends(0, PacketBuf::Publish(again("a", "1", Q1, 1)));
    run.takes(1, message("a", "2", Q1, 1));
    run.takes(1, message("a", "1", Q1, 2));
    run.is_silent();
    // What is retained may come at any time after its subscription.
    let options = SubscriptionOptions { qos: Q1, retain_as_published: true, ..Default::default() };
    let mut run = Run::new(V5);
    run.publishes_with(PublishBuf { retain: true, ..message("a", "1", Q1, 1) });
    let filters = vec![SubscriptionBuf { filter: "a".to_owned(), options }];
    run.sends(1, PacketBuf::Subscribe(SubscribeBuf { packet_id: 1, properties: vec![], filters }));
    let reason_codes = vec![ReasonCode(1)];
    run.gets(1, PacketBuf::SubAck(SubAckBuf { packet_id: 1, properties: vec![], reason_codes }));
    run.publishes("a", "2", Q1, 2);
    run.takes(1, message("a", "2", Q1, 1));
    run.takes(1, PublishBuf { retain: true, ..message("a", "1", Q1, 2) });
    run.is_silent();
}

#[test]
fn messages_written_together_have_an_order_too() {
    let mut run = Run::subscribed(V5, "a", Q1);
    let both = [message("a", "1", Q1, 1), message("a", "2", Q1, 2)];
    let bytes: Vec<u8> = both.into_iter().flat_map(|publish| PacketBuf::Publish(publish).encode(V5).unwrap()).collect();
    run.event += 1;
    run.monitor.sent(0, run.event, &bytes);
    run.gets(0, PacketBuf::PubAck(ack(1)));
    run.gets(0, PacketBuf::PubAck(ack(2)));
    run.takes(1, message("a", "2", Q1, 1));
    run.takes(1, message("a", "1", Q1, 2));
    run.found(&["MQTT-4.6.0-5"]);
}
