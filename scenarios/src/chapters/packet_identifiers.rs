//! 2.2.1 (3.1.1: 2.3.1) Packet Identifiers: fresh while in use, free afterwards, and separate for each direction.

use mqttspec_codec::{PacketType, ProtocolVersion, QoS};

use super::qos_support::{ACK_SAME_ID, FRESH_IDENTIFIER, OnExt, QOS1_UNUSED, QOS2_UNUSED, dialogue};
use crate::duty::{
    DELIVERY_OWED, Duty, PUBACK_OWED, PUBCOMP_OWED, PUBREC_OWED, SUBACK_OWED, SUBACK_SAME_ID, UNSUBACK_OWED,
    UNSUBACK_SAME_ID,
};
use crate::model::{
    Alternative, Dialogue, Field, Need, Pattern, PublishExt, Scenario, delivered, publish, subscribe, unsubscribe,
};

/// SUBACK and UNSUBACK repeat the Packet Identifier.
const SUBSCRIPTION_ACK_SAME_ID: Duty = Duty::new("MQTT31-3.9-1", "MQTT-2.3.1-7", "MQTT-2.2.1-6");
/// The Packet Identifier is above zero.
const NOT_ZERO: Duty = Duty::new("MQTT31-2-1", "MQTT-2.3.1-1", "MQTT-2.2.1-4");

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    for version in ProtocolVersion::ALL {
        all.push(distinct_while_in_flight(version, QoS::AtLeastOnce));
        all.push(distinct_while_in_flight(version, QoS::ExactlyOnce));
        all.push(distinct_across_qos(version));
        all.push(in_use_until_pubcomp(version));
        all.push(many_in_a_row(version));
        all.push(directions_are_independent(version));
        all.push(subscribe_and_unsubscribe(version));
        all.push(subscribe_and_publish_share_numbers_with_the_server(version));
    }
    all
}

fn start(version: ProtocolVersion, name: &str, title: &str, qos: QoS) -> Dialogue {
    let chapter = if version.has_properties() { "2.2 Variable Header" } else { "2.3 Variable header" };
    dialogue(version, chapter, &format!("packet-identifier/{name}"), title, qos)
}

fn few() -> Alternative {
    let why = "the target keeps fewer messages in flight than the scenario needs, or lost one".to_owned();
    Alternative::StopAtSilence { not_applicable: false, why }
}

/// Bob takes one more delivery, whose identifier must not be that of any of `earlier`.
fn takes_fresh(d: &mut Dialogue, message: &mqttspec_codec::PublishBuf, var: &str, earlier: &[String]) {
    let version = d.version();
    let unused = if message.qos == QoS::AtLeastOnce { QOS1_UNUSED } else { QOS2_UNUSED };
    let mut pattern = delivered(version, message).bind(var);
    for other in earlier {
        pattern = pattern
            .check_citing(Field::OtherPacketId(other.clone()), FRESH_IDENTIFIER.cite(version))
            .check_citing(Field::OtherPacketId(other.clone()), unused.cite(version));
    }
    let mut one_of: Vec<Alternative> = vec![pattern.into()];
    if !earlier.is_empty() {
        one_of.push(few());
    }
    d.on("bob").expects_one_of(one_of, DELIVERY_OWED.cite(version));
}

fn distinct_while_in_flight(version: ProtocolVersion, qos: QoS) -> Scenario {
    let unused = if qos == QoS::AtLeastOnce { QOS1_UNUSED } else { QOS2_UNUSED };
    let mut d = start(
        version,
        &format!("distinct-while-in-flight-qos-{}", qos.value()),
        "Messages in flight to one client have different Packet Identifiers, none of them 0",
        qos,
    )
    .proves_duties(&[FRESH_IDENTIFIER, unused, NOT_ZERO]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/a", qos);
    let mut vars = Vec::new();
    for n in 0..5_u16 {
        let message = publish("{ns}/a", &format!("m{n}")).at(qos, 10 + n);
        d.on("alice").publishes(message.clone());
        let var = format!("m{n}");
        takes_fresh(&mut d, &message, &var, &vars);
        vars.push(var);
    }
    for var in &vars {
        d.on("bob").acknowledges(qos, var);
    }
    d.build()
}

fn distinct_across_qos(version: ProtocolVersion) -> Scenario {
    let qos = QoS::ExactlyOnce;
    let mut d = start(
        version,
        "distinct-across-qos",
        "A QoS 1 and a QoS 2 message in flight to one client have different Packet Identifiers",
        qos,
    )
    .proves_duties(&[FRESH_IDENTIFIER, QOS2_UNUSED]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/a", qos);
    let mut vars = Vec::new();
    for (n, qos) in [QoS::AtLeastOnce, QoS::ExactlyOnce, QoS::AtLeastOnce].into_iter().enumerate() {
        let var = format!("m{n}");
        let message = publish("{ns}/a", &var).at(qos, 10 + n as u16);
        d.on("alice").publishes(message.clone());
        takes_fresh(&mut d, &message, &var, &vars);
        vars.push(var);
    }
    d.on("bob").acknowledges(QoS::AtLeastOnce, "m0").acknowledges(qos, "m1").acknowledges(QoS::AtLeastOnce, "m2");
    d.build()
}

/// PUBREC does not free the identifier of a QoS 2 message.
fn in_use_until_pubcomp(version: ProtocolVersion) -> Scenario {
    let qos = QoS::ExactlyOnce;
    let mut d = start(
        version,
        "in-use-until-pubcomp",
        "The identifier of a QoS 2 message is not used anew between PUBREC and PUBCOMP",
        qos,
    )
    .proves_duties(&[FRESH_IDENTIFIER, QOS2_UNUSED]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/a", qos);
    let mut vars: Vec<String> = Vec::new();
    for n in 0..3_u16 {
        let var = format!("m{n}");
        let message = publish("{ns}/a", &var).qos2(10 + n);
        d.on("alice").publishes(message.clone());
        takes_fresh(&mut d, &message, &var, &vars);
        d.on("bob").answers(PacketType::PubRec, &var).expects_pubrel(&var, crate::duty::PUBREL_OWED.cite(version));
        vars.push(var);
    }
    for var in &vars {
        d.on("bob").answers(PacketType::PubComp, var);
    }
    d.build()
}

fn many_in_a_row(version: ProtocolVersion) -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = start(
        version,
        "many-in-a-row",
        "Identifiers that were acknowledged become free again: a long series is delivered to its end",
        qos,
    )
    .proves_duties(&[DELIVERY_OWED, ACK_SAME_ID]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/a", qos);
    for n in 0..40_u16 {
        let message = publish("{ns}/a", &format!("m{n}")).qos1(1 + n % 3);
        d.on("alice").publishes(message.clone());
        d.on("bob").receives(&message, "m").answers_puback("m");
    }
    d.build()
}

/// The client has 1 to 6 in use towards the server while the server has its own numbers in use towards the client.
fn directions_are_independent(version: ProtocolVersion) -> Scenario {
    let qos = QoS::ExactlyOnce;
    let mut d = start(
        version,
        "directions-are-independent",
        "Client and server may have the same Packet Identifier in use at the same time, each for its own message",
        qos,
    )
    .proves_duties(&[PUBREC_OWED, PUBCOMP_OWED, DELIVERY_OWED]);
    if version.has_properties() {
        d = d.needs(Need::ReceiveMaximumAtLeast(6));
    }
    d.on("alice").connects().subscribes(1, "{ns}/b", qos);
    d.on("bob").connects().subscribes(1, "{ns}/a", qos);
    let own: Vec<_> = (1..=6_u16).map(|n| publish("{ns}/b", &format!("from bob {n}")).qos2(n)).collect();
    for (message, n) in own.iter().zip(1..) {
        d.on("bob").sends(message.clone()).expects_ack(PacketType::PubRec, n, PUBREC_OWED.cite(version));
    }
    // The server's first numbers are most likely among 1 to 6.
    let incoming = [1, 2, 3_u16].map(|n| publish("{ns}/a", &format!("to bob {n}")).qos2(n));
    for (index, message) in incoming.iter().enumerate() {
        let var = format!("m{index}");
        d.on("alice").publishes(message.clone());
        d.on("bob").receives(message, &var).completes_qos2(&var);
    }
    for n in 1..=6 {
        d.on("bob").sends_ack(PacketType::PubRel, n).expects_ack(PacketType::PubComp, n, PUBCOMP_OWED.cite(version));
    }
    for (index, message) in own.iter().enumerate() {
        let var = format!("o{index}");
        d.on("alice").receives(message, &var).completes_qos2(&var);
    }
    d.build()
}

fn subscribe_and_unsubscribe(version: ProtocolVersion) -> Scenario {
    let mut d = start(
        version,
        "suback-and-unsuback-have-it",
        "SUBACK and UNSUBACK have the identifier of their request, from 1 to 65,535",
        QoS::AtMostOnce,
    )
    .proves_duties(&[SUBSCRIPTION_ACK_SAME_ID]);
    d.on("alice").connects();
    for (index, id) in [1, 255, 256, 65_535].into_iter().enumerate() {
        let filter = format!("{{ns}}/{index}");
        let ack = |packet_type| {
            Pattern::any(packet_type).check_citing(Field::PacketId(id), SUBSCRIPTION_ACK_SAME_ID.cite(version))
        };
        d.on("alice")
            .sends(subscribe(id, &filter, QoS::AtMostOnce))
            .expects(ack(PacketType::SubAck), SUBACK_OWED.cite(version))
            .sends(unsubscribe(id, &filter))
            .expects(ack(PacketType::UnsubAck), UNSUBACK_OWED.cite(version));
    }
    d.build()
}

fn subscribe_and_publish_share_numbers_with_the_server(version: ProtocolVersion) -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = start(
        version,
        "same-number-as-the-servers-message",
        "SUBSCRIBE, PUBLISH and UNSUBSCRIBE may use an identifier that the server has in use for a delivery",
        qos,
    )
    .proves_duties(&[SUBACK_SAME_ID, UNSUBACK_SAME_ID, PUBACK_OWED]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/a", qos);
    let message = publish("{ns}/a", "open").qos1(7);
    d.on("alice").publishes(message.clone());
    d.on("bob").receives(&message, "m");
    for n in 1..=4 {
        let filter = format!("{{ns}}/other/{n}");
        d.on("bob").subscribes(n, &filter, qos).publishes(publish("{ns}/nobody", "x").qos1(n)).unsubscribes(n, &filter);
    }
    d.on("bob").answers_puback("m").gets_no_publish(DELIVERY_OWED.cite(version));
    d.build()
}
