mod owed;
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
