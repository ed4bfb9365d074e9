//! 4.9 Flow control and Receive Maximum (5.0), in both directions.

use mqttspec_codec::{ConnectBuf, PacketType, PropertyBuf, ProtocolVersion, PublishBuf, QoS, ReasonCode};

use super::qos_support::{Cut, OnExt, dialogue, keeping, redelivered, returns_with};
use crate::duty::{DELIVERY_OWED, PUBREC_OWED, PUBREL_OWED};
use crate::model::{ConnectExt, Dialogue, Need, PublishExt, Scenario, connect, delivered, publish};

const V5: ProtocolVersion = ProtocolVersion::V5_0;
const NOT_MORE: &str = "MQTT-3.3.4-9";
const QUOTA_USED_UP: &str = "MQTT-4.9.0-2";
const OTHERS_GO_ON: &str = "MQTT-4.9.0-3";
const FIRST_QUOTA: &str = "MQTT-4.9.0-1";

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = vec![
        pubrec_does_not_count(),
        refused_pubrec_counts(),
        refused_puback_counts(),
        others_go_on(),
        quota_is_per_connection(),
        smaller_after_return(),
        offline_messages_within_quota(),
        as_many_as_the_server_takes(),
        more_than_the_server_takes(),
        qos0_is_not_counted(),
    ];
    for qos in [QoS::AtLeastOnce, QoS::ExactlyOnce] {
        all.push(one_at_a_time(qos));
        all.push(never_more_than_two(qos));
    }
    all
}

fn start(name: &str, title: &str, qos: QoS) -> Dialogue {
    dialogue(V5, "4.9 Flow Control", &format!("flow-control/{name}"), title, qos)
}

fn taking(packet: ConnectBuf, receive_maximum: u16) -> ConnectBuf {
    packet.with(PropertyBuf::receive_maximum(receive_maximum))
}

/// Alice, and bob who takes this many at once.
fn begin(d: &mut Dialogue, receive_maximum: u16, qos: QoS) {
    d.on("alice").connects();
    d.on("bob").connects_with(taking(connect(V5, "{ns}bob"), receive_maximum)).subscribes(1, "{ns}/a", qos);
}

fn numbered(qos: QoS, count: u16) -> Vec<PublishBuf> {
    (0..count).map(|n| publish("{ns}/a", &format!("number {n}")).at(qos, 10 + n)).collect()
}

/// Alice publishes `count` messages; returns them.
fn published(d: &mut Dialogue, qos: QoS, count: u16) -> Vec<PublishBuf> {
    let messages = numbered(qos, count);
    for message in &messages {
        d.on("alice").publishes(message.clone());
    }
    messages
}

fn one_at_a_time(qos: QoS) -> Scenario {
    let mut d = start(
        &format!("receive-maximum-1-qos-{}", qos.value()),
        "With Receive Maximum 1 each message is sent only when the one before is acknowledged",
        qos,
    )
    .proves(&[NOT_MORE, FIRST_QUOTA]);
    begin(&mut d, 1, qos);
    for (index, message) in published(&mut d, qos, 4).iter().enumerate() {
        let var = format!("m{index}");
        d.on("bob").receives_citing(message, &var, FIRST_QUOTA).gets_no_publish(NOT_MORE).acknowledges(qos, &var);
    }
    d.build()
}

fn never_more_than_two(qos: QoS) -> Scenario {
    let mut d = start(
        &format!("receive-maximum-2-qos-{}", qos.value()),
        "With Receive Maximum 2 a third message waits until one of two is acknowledged",
        qos,
    )
    .proves(&[QUOTA_USED_UP, NOT_MORE]);
    begin(&mut d, 2, qos);
    let messages = published(&mut d, qos, 5);
    d.on("bob").receives(&messages[0], "m0").receives_beside(&messages[1], "m1").gets_no_publish(QUOTA_USED_UP);
    for (index, message) in messages.iter().enumerate().skip(2) {
        let (done, new) = (format!("m{}", index - 2), format!("m{index}"));
        d.on("bob").acknowledges(qos, &done).receives_beside(message, &new).gets_no_publish(QUOTA_USED_UP);
    }
    d.on("bob").acknowledges(qos, "m3").acknowledges(qos, "m4");
    d.build()
}

fn pubrec_does_not_count() -> Scenario {
    let qos = QoS::ExactlyOnce;
    let mut d = start(
        "pubrec-does-not-free-the-quota",
        "A QoS 2 message counts against the Receive Maximum until its PUBCOMP",
        qos,
    )
    .proves(&[QUOTA_USED_UP, NOT_MORE]);
    begin(&mut d, 1, qos);
    let messages = published(&mut d, qos, 2);
    d.on("bob")
        .receives(&messages[0], "m0")
        .answers(PacketType::PubRec, "m0")
        .expects_pubrel("m0", PUBREL_OWED.cite(V5))
        .gets_no_publish(QUOTA_USED_UP)
        .answers(PacketType::PubComp, "m0")
        .receives(&messages[1], "m1")
        .completes_qos2("m1");
    d.build()
}

fn refused_pubrec_counts() -> Scenario {
    let qos = QoS::ExactlyOnce;
    let mut d = start(
        "refusing-pubrec-frees-the-quota",
        "A PUBREC with an error code ends the flow without PUBREL and lets the next message through",
        qos,
    )
    .proves(&["MQTT-4.4.0-2"]);
    begin(&mut d, 1, qos);
    let messages = published(&mut d, qos, 3);
    for (index, message) in messages.iter().enumerate() {
        let var = format!("m{index}");
        d.on("bob").receives_citing(message, &var, "MQTT-4.4.0-2").answers_with(
            PacketType::PubRec,
            &var,
            ReasonCode::QUOTA_EXCEEDED,
        );
    }
    d.on("bob").gets_no_publish("MQTT-4.4.0-2").gets_no(&[PacketType::PubRel], "§4.3.3");
    d.build()
}

fn refused_puback_counts() -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = start(
        "refusing-puback-frees-the-quota",
        "A PUBACK with an error code is an acknowledgement and lets the next message through",
        qos,
    )
    .proves(&["MQTT-4.4.0-2"]);
    begin(&mut d, 1, qos);
    let messages = published(&mut d, qos, 3);
    for (index, message) in messages.iter().enumerate() {
        let var = format!("m{index}");
        d.on("bob").receives_citing(message, &var, "MQTT-4.4.0-2").answers_with(
            PacketType::PubAck,
            &var,
            ReasonCode::NOT_AUTHORIZED,
        );
    }
    d.on("bob").gets_no_publish("MQTT-4.4.0-2");
    d.build()
}

fn others_go_on() -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = start(
        "other-packets-go-on",
        "A client whose Receive Maximum is used up still gets SUBACK, PUBACK, PUBREC, UNSUBACK and PINGRESP",
        QoS::ExactlyOnce,
    )
    .proves(&[OTHERS_GO_ON, "MQTT-3.3.4-10"]);
    begin(&mut d, 1, qos);
    let messages = published(&mut d, qos, 2);
    let ack = |packet_type, id| crate::model::Pattern::ack(packet_type, id);
    let suback = crate::model::Pattern::any(PacketType::SubAck);
    let unsuback = crate::model::Pattern::any(PacketType::UnsubAck);
    d.on("bob")
        .receives(&messages[0], "m0")
        .sends(crate::model::subscribe(2, "{ns}/b", qos))
        .expects(suback, OTHERS_GO_ON)
        .sends(publish("{ns}/x", "one").qos1(3))
        .expects(ack(PacketType::PubAck, 3), OTHERS_GO_ON)
        .sends(publish("{ns}/x", "two").qos2(4))
        .expects(ack(PacketType::PubRec, 4), OTHERS_GO_ON)
        .sends_ack(PacketType::PubRel, 4)
        .expects(ack(PacketType::PubComp, 4), OTHERS_GO_ON)
        .sends(crate::model::unsubscribe(5, "{ns}/b"))
        .expects(unsuback, "MQTT-3.3.4-10")
        .fences()
        .gets_no_publish(QUOTA_USED_UP)
        .answers_puback("m0")
        .receives(&messages[1], "m1")
        .answers_puback("m1");
    d.build()
}

/// Two subscribers, one of which acknowledges nothing.
fn quota_is_per_connection() -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = start(
        "one-slow-client-does-not-hold-up-another",
        "A client that has used up its Receive Maximum does not hold up another",
        qos,
    )
    .proves(&["MQTT-4.5.0-1"]);
    begin(&mut d, 1, qos);
    d.on("carol").connects_with(taking(connect(V5, "{ns}carol"), 1)).subscribes(1, "{ns}/a", qos);
    let messages = published(&mut d, qos, 3);
    d.on("bob").receives(&messages[0], "b0");
    for (index, message) in messages.iter().enumerate() {
        let var = format!("c{index}");
        d.on("carol").receives(message, &var).answers_puback(&var);
    }
    d.on("bob").gets_no_publish(QUOTA_USED_UP).answers_puback("b0");
    for (index, message) in messages.iter().enumerate().skip(1) {
        let var = format!("b{index}");
        d.on("bob").receives(message, &var).answers_puback(&var);
    }
    d.build()
}

/// The Receive Maximum belongs to the connection, not to the session.
fn smaller_after_return() -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = start(
        "smaller-after-return",
        "A client that returns with Receive Maximum 1 is sent its unacknowledged messages one at a time",
        qos,
    )
    .needs(Need::SessionExpiry(20))
    .proves(&[NOT_MORE, "MQTT-4.4.0-1"]);
    d.on("alice").connects();
    d.on("bob").connects_with(taking(keeping(V5, "bob"), 10)).subscribes(1, "{ns}/a", qos);
    let messages = published(&mut d, qos, 3);
    d.on("bob").receives(&messages[0], "m0");
    for (index, message) in messages.iter().enumerate().skip(1) {
        d.on("bob").receives_beside(message, &format!("m{index}"));
    }
    returns_with(&mut d, "bob", Cut::Finish, taking(keeping(V5, "bob"), 1));
    for (index, message) in messages.iter().enumerate() {
        let var = format!("m{index}");
        d.on("bob")
            .expects(redelivered(V5, message, &var), "MQTT-4.4.0-1")
            .gets_no_publish(NOT_MORE)
            .answers_puback(&var);
    }
    d.build()
}

fn offline_messages_within_quota() -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = start(
        "offline-messages-keep-to-it",
        "Messages that waited for a client are sent within its Receive Maximum",
        qos,
    )
    .needs(Need::SessionExpiry(20))
    .proves(&[NOT_MORE]);
    d.on("alice").connects();
    d.on("bob").connects_with(keeping(V5, "bob")).subscribes(1, "{ns}/a", qos).fences().disconnects();
    let messages = published(&mut d, qos, 4);
    d.on("bob").resumes_with(taking(keeping(V5, "bob"), 1));
    for (index, message) in messages.iter().enumerate() {
        let var = format!("m{index}");
        d.on("bob").receives_late(message, &var).gets_no_publish(NOT_MORE).answers_puback(&var);
    }
    d.build()
}

fn as_many_as_the_server_takes() -> Scenario {
    let qos = QoS::ExactlyOnce;
    let mut d = start(
        "ten-open-from-a-client",
        "As many open QoS 2 messages as the server's Receive Maximum allows are accepted (here 10), again and again",
        qos,
    )
    .needs(Need::ReceiveMaximumAtLeast(10))
    .proves(&["MQTT-4.3.3-8", "MQTT-4.3.3-11"]);
    d.on("alice").connects();
    for _ in 0..2 {
        for id in 1..=10 {
            d.on("alice").sends(publish("{ns}/a", "open").qos2(id)).expects_ack(
                PacketType::PubRec,
                id,
                PUBREC_OWED.cite(V5),
            );
        }
        for id in 1..=10 {
            d.on("alice").sends_ack(PacketType::PubRel, id).expects_ack(PacketType::PubComp, id, "MQTT-4.3.3-11");
        }
    }
    d.on("alice").fences();
    d.build()
}

fn more_than_the_server_takes() -> Scenario {
    let qos = QoS::ExactlyOnce;
    let mut d = start(
        "more-open-than-the-server-takes",
        "More open QoS 2 messages than the server's Receive Maximum end the connection",
        qos,
    )
    .needs(Need::ReceiveMaximumAtMost(64))
    .proves(&["MQTT-4.13.1-1"]);
    // 65 are more than any maximum that the scenario needs. The first is answered: the control.
    d.on("alice")
        .connects()
        .sends(publish("{ns}/a", "open").qos2(1))
        .expects_ack(PacketType::PubRec, 1, PUBREC_OWED.cite(V5))
        .fences();
    let rest = (2..=65_u16).map(|id| publish("{ns}/a", "open").qos2(id).into()).collect();
    let codes = [
        ReasonCode::RECEIVE_MAXIMUM_EXCEEDED,
        ReasonCode::PROTOCOL_ERROR,
        ReasonCode::UNSPECIFIED_ERROR,
        ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR,
    ];
    let pubrecs = vec![crate::model::Pattern::any(PacketType::PubRec); 64];
    d.on("alice")
        .sends(crate::model::Outgoing::Together(rest))
        .expects_close(&codes, "MQTT-4.13.1-1")
        .tolerates(pubrecs, PUBREC_OWED.cite(V5));
    d.on("bob").connects().publishes(publish("{ns}/a", "still alive").qos1(1));
    d.build()
}

/// QoS 0 messages do not count; whether they pass a used-up quota is the server's choice.
fn qos0_is_not_counted() -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = start("qos-0-does-not-use-it-up", "QoS 0 messages use up nothing of the Receive Maximum", qos)
        .proves(&["MQTT-4.5.0-1"]);
    begin(&mut d, 1, qos);
    for n in 0..4 {
        let text = format!("plain {n}");
        d.on("alice").publishes(publish("{ns}/a", &text));
        let plain =
            delivered(V5, &publish("{ns}/a", &text)).observe("a QoS 0 message came while nothing was in flight");
        d.on("bob").tolerates(vec![plain], "MQTT-4.5.0-1");
    }
    for (index, message) in published(&mut d, qos, 2).iter().enumerate() {
        let var = format!("m{index}");
        d.on("bob").receives_citing(message, &var, DELIVERY_OWED.cite(V5)).acknowledges(qos, &var);
    }
    d.build()
}
