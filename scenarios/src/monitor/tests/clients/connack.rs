//! What CONNACK allows, and when the Client certainly knows.

use super::*;

/// A run whose CONNACK has these properties.
fn limited(connect: ConnectBuf, properties: Vec<PropertyBuf>) -> Run {
    judged_with(V5, connect, ConnAckBuf { properties, ..connack() })
}

fn retained() -> PacketBuf {
    PacketBuf::Publish(PublishBuf { retain: true, ..publish("a", "x") })
}

#[test]
fn who_answers_has_read_what_came_before() {
    let no_retain = || vec![PropertyBuf::retain_available(0)];
    let alice = || connect(V5, "alice");
    // An answer to something that came after CONNACK shows that CONNACK was read.
    let mut run = limited(alice(), no_retain());
    run.sends(0, PacketBuf::Publish(message("a", "x", Q2, 7)));
    run.gets(0, PacketBuf::PubRec(ack(7)));
    run.sends(0, retained());
    accuses(&mut run, &["MQTT-4.3.3-4"]);
    let mut run = limited(alice(), no_retain());
    run.sends(0, PacketBuf::Publish(message("a", "x", Q2, 7)));
    run.gets(0, PacketBuf::PubRec(ack(7)));
    run.sends(0, PacketBuf::PubRel(ack(7)));
    run.sends(0, retained());
    accuses(&mut run, &["MQTT-3.2.2-14"]);
    let mut run = limited(alice(), no_retain());
    run.gets(0, PacketBuf::PubRel(ack(9)));
    run.sends(0, PacketBuf::PubComp(ack(9)));
    run.sends(0, retained());
    accuses(&mut run, &["MQTT-3.2.2-14"]);
    let mut run = limited(alice(), no_retain());
    run.gets(0, PacketBuf::Publish(message("a", "x", Q1, 9)));
    run.sends(0, PacketBuf::PubAck(ack(9)));
    run.sends(0, retained());
    accuses(&mut run, &["MQTT-3.2.2-14"]);
    // An answer to what came before CONNACK does not.
    let mut run = unconnected(V5);
    run.sends(0, PacketBuf::Connect(alice()));
    run.gets(0, PacketBuf::Publish(message("a", "x", Q1, 9)));
    run.gets(0, PacketBuf::ConnAck(ConnAckBuf { properties: no_retain(), ..connack() }));
    run.sends(0, PacketBuf::PubAck(ack(9)));
    run.sends(0, retained());
    accuses(&mut run, &["MQTT-2.2.1-5"]);
    // MQTT-3.1.2-30: who authenticates by a method sends nothing else before it has CONNACK.
    let properties = vec![PropertyBuf::authentication_method("m")];
    let mut run = limited(ConnectBuf { properties, ..alice() }, no_retain());
    run.sends(0, retained());
    accuses(&mut run, &["MQTT-3.2.2-14"]);
}

#[test]
fn a_refusal_allows_nothing_and_limits_nothing() {
    let mut run = unconnected(V5);
    let refusal =
        ConnAckBuf { reason_code: ReasonCode(0x87), properties: vec![PropertyBuf::retain_available(0)], ..connack() };
    run.connect_with(0, connect(V5, "alice"), refusal);
    after(&mut run, 6);
    run.sends(0, retained());
    // It should have closed the connection.
    accuses(&mut run, &["MQTT-4.13.2-1"]);
}

/// What a Client is accused of that sends `packet` to a Server with this Maximum Packet Size.
#[track_caller]
fn accuses_of_size(maximum: u32, packet: PacketBuf, len: usize, expected: &[&str]) {
    assert_eq!(packet.encode(V5).unwrap().len(), len);
    let mut run = limited(connect(V5, "alice"), vec![PropertyBuf::maximum_packet_size(maximum)]);
    run.gets(0, PacketBuf::Publish(message("a", "x", Q1, 9)));
    after(&mut run, 6);
    if !matches!(packet, PacketBuf::PubAck(_)) {
        run.sends(0, PacketBuf::PubAck(ack(9)));
    }
    run.sends(0, packet);
    accuses(&mut run, expected);
}

#[test]
fn packets_are_no_larger_than_the_server_takes() {
    let puback = |properties| PacketBuf::PubAck(AckBuf { properties, ..ack(9) });
    let reason = |len: usize| PropertyBuf::reason_string("r".repeat(len));
    let user = |len: usize| PropertyBuf::user_property("k", "v".repeat(len));
    // MQTT-3.2.2-15, and exactly so much is allowed.
    accuses_of_size(30, PacketBuf::Publish(publish("a", &"x".repeat(24))), 30, &[]);
    accuses_of_size(30, PacketBuf::Publish(publish("a", &"x".repeat(25))), 31, &["MQTT-3.2.2-15"]);
    // MQTT-3.4.2-2: no Reason String that makes it too large; -3: no User Property.
    accuses_of_size(30, puback(vec![reason(21)]), 30, &[]);
    accuses_of_size(30, puback(vec![reason(22)]), 31, &["MQTT-3.4.2-2"]);
    accuses_of_size(30, puback(vec![user(19)]), 31, &["MQTT-3.4.2-3"]);
    accuses_of_size(30, puback(vec![reason(1), user(20)]), 36, &["MQTT-3.4.2-3"]);
    accuses_of_size(30, puback(vec![reason(27)]), 36, &["MQTT-3.4.2-2"]);
    // Without them it would be too large as well: there is 4 bytes of reason, and an excess of 5.
    accuses_of_size(5, puback(vec![reason(1)]), 10, &["MQTT-3.2.2-15"]);
    accuses_of_size(6, puback(vec![reason(1)]), 10, &["MQTT-3.4.2-2"]);
}

#[test]
fn topic_aliases_are_those_that_connack_allows() {
    let aliased = |alias| {
        PacketBuf::Publish(PublishBuf { properties: vec![PropertyBuf::topic_alias(alias)], ..publish("a", "x") })
    };
    // MQTT-3.2.2-17: not above the maximum; -18: none where there is no maximum.
    for (properties, alias, expected) in [
        (vec![], 1, &["MQTT-3.2.2-18"][..]),
        (vec![PropertyBuf::topic_alias_maximum(0)], 1, &["MQTT-3.2.2-18"]),
        (vec![PropertyBuf::topic_alias_maximum(2)], 2, &[]),
        (vec![PropertyBuf::topic_alias_maximum(2)], 3, &["MQTT-3.2.2-17"]),
    ] {
        let mut run = limited(connect(V5, "alice"), properties);
        after(&mut run, 6);
        run.sends(0, aliased(alias));
        accuses(&mut run, expected);
    }
}
