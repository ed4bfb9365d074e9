//! 4.3 QoS flows on a live connection: the broker as receiver and as sender, repeats, reuse of identifiers.

use mqttspec_codec::{PacketType, ProtocolVersion, QoS};

use super::qos_support::{ACK_SAME_ID, NEW_AFTER_PUBACK, NEW_AFTER_PUBCOMP, OnExt, QOS2_ONCE, dialogue};
use crate::duty::{DELIVERY_OWED, Duty, PUBACK_OWED, PUBCOMP_OWED, PUBREC_OWED, PUBREL_OWED};
use crate::model::{Alternative, Dialogue, Field, Need, Pattern, PublishExt, Scenario, publish};

const CHAPTER: &str = "4.3 Quality of Service levels";

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    for version in ProtocolVersion::ALL {
        all.push(acknowledgements_have_the_identifier(version));
        all.push(qos1_identifier_is_free_after_puback(version));
        all.push(qos1_dup_after_puback_is_new(version));
        all.push(qos2_identifier_is_free_after_pubcomp(version));
        all.push(qos2_repeat_is_passed_on_once(version));
        all.push(qos2_three_at_once(version));
        all.push(pubrel_twice(version));
        all.push(pubrel_for_unknown_identifier(version));
        all.push(subscriber_completes_three(version));
        all.push(pubrec_is_followed_by_pubrel(version));
        all.push(qos1_and_qos2_side_by_side(version));
    }
    all
}

fn start(version: ProtocolVersion, name: &str, title: &str, qos: QoS) -> Dialogue {
    dialogue(version, CHAPTER, &format!("flow/{name}"), title, qos)
}

fn alice_and_bob(d: &mut Dialogue, qos: QoS) {
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/a", qos);
}

/// PUBACK, PUBREC and PUBCOMP for identifiers of every size.
fn acknowledgements_have_the_identifier(version: ProtocolVersion) -> Scenario {
    let mut d = start(
        version,
        "acknowledgements-have-the-identifier",
        "PUBACK, PUBREC and PUBCOMP have the identifier of their PUBLISH, from 1 to 65,535",
        QoS::ExactlyOnce,
    )
    .proves_duties(&[ACK_SAME_ID, PUBACK_OWED, PUBREC_OWED, PUBCOMP_OWED]);
    d.on("alice").connects();
    for id in [1, 255, 256, 32_768, 65_535] {
        let pattern = |packet_type| {
            Pattern::ack(packet_type, id).citing(ACK_SAME_ID.cite(version), |f| matches!(f, Field::PacketId(_)))
        };
        d.on("alice")
            .sends(publish("{ns}/a", "one").qos1(id))
            .expects(pattern(PacketType::PubAck), PUBACK_OWED.cite(version))
            .sends(publish("{ns}/a", "two").qos2(id))
            .expects(pattern(PacketType::PubRec), PUBREC_OWED.cite(version))
            .sends_ack(PacketType::PubRel, id)
            .expects(Pattern::ack(PacketType::PubComp, id), PUBCOMP_OWED.cite(version));
    }
    d.build()
}

fn qos1_identifier_is_free_after_puback(version: ProtocolVersion) -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = start(
        version,
        "qos-1-identifier-is-free-after-puback",
        "A QoS 1 PUBLISH that reuses an acknowledged identifier is a new message",
        qos,
    )
    .proves_duties(&[NEW_AFTER_PUBACK]);
    alice_and_bob(&mut d, qos);
    for text in ["first", "second", "third"] {
        let message = publish("{ns}/a", text).qos1(7);
        d.on("alice").publishes(message.clone());
        d.on("bob").receives_citing(&message, text, NEW_AFTER_PUBACK.cite(version)).answers_puback(text);
    }
    d.build()
}

fn qos1_dup_after_puback_is_new(version: ProtocolVersion) -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = start(
        version,
        "qos-1-dup-after-puback-is-new",
        "After PUBACK a PUBLISH with the same identifier is a new message even if DUP is 1",
        qos,
    )
    .proves_duties(&[NEW_AFTER_PUBACK]);
    alice_and_bob(&mut d, qos);
    let message = publish("{ns}/a", "again").qos1(7);
    d.on("alice").publishes(message.clone());
    d.on("bob").receives(&message, "m").answers_puback("m");
    d.on("alice").publishes(message.clone().dup());
    d.on("bob").receives_citing(&message, "n", NEW_AFTER_PUBACK.cite(version)).answers_puback("n");
    d.build()
}

fn qos2_identifier_is_free_after_pubcomp(version: ProtocolVersion) -> Scenario {
    let qos = QoS::ExactlyOnce;
    let mut d = start(
        version,
        "qos-2-identifier-is-free-after-pubcomp",
        "A QoS 2 PUBLISH that reuses a completed identifier is a new message, whatever its DUP",
        qos,
    )
    .proves_duties(&[NEW_AFTER_PUBCOMP]);
    alice_and_bob(&mut d, qos);
    for (text, dup) in [("first", false), ("second", false), ("third", true)] {
        let message = publish("{ns}/a", text).qos2(7);
        let sent = if dup { message.clone().dup() } else { message.clone() };
        d.on("alice").publishes(sent);
        d.on("bob").receives_citing(&message, text, NEW_AFTER_PUBCOMP.cite(version)).completes_qos2(text);
    }
    d.build()
}

fn qos2_repeat_is_passed_on_once(version: ProtocolVersion) -> Scenario {
    let qos = QoS::ExactlyOnce;
    let mut d = start(
        version,
        "qos-2-repeat-is-passed-on-once",
        "A QoS 2 PUBLISH that is repeated before PUBREL gets PUBREC again and is passed on once",
        qos,
    )
    .proves_duties(&[QOS2_ONCE, PUBREC_OWED]);
    alice_and_bob(&mut d, qos);
    let message = publish("{ns}/a", "once").qos2(7);
    let owed = QOS2_ONCE.cite(version);
    d.on("alice").sends(message.clone()).expects_ack(PacketType::PubRec, 7, PUBREC_OWED.cite(version));
    if version.has_properties() {
        // 5.0 forbids a client to repeat on a live connection (4.4), so a server may take it for an error.
        let why =
            "the target ends the connection of a client that repeats a PUBLISH on it, which 5.0 forbids".to_owned();
        let pubrec = Pattern::ack(PacketType::PubRec, 7);
        let error = Alternative::StopAtEnd { not_applicable: false, why };
        d.on("alice").sends(message.clone().dup()).expects_one_of(vec![pubrec.into(), error], owed.clone());
    } else {
        for _ in 0..2 {
            d.on("alice").sends(message.clone().dup()).expects_ack(PacketType::PubRec, 7, owed.clone());
        }
    }
    d.on("alice").sends_ack(PacketType::PubRel, 7).expects_ack(PacketType::PubComp, 7, PUBCOMP_OWED.cite(version));
    d.on("bob").receives(&message, "m").completes_qos2("m").gets_no_publish(owed);
    d.build()
}

fn qos2_three_at_once(version: ProtocolVersion) -> Scenario {
    let qos = QoS::ExactlyOnce;
    let mut d = start(
        version,
        "qos-2-three-at-once",
        "Three QoS 2 messages whose flows overlap are each completed and passed on once",
        qos,
    )
    .proves_duties(&[PUBREC_OWED, PUBCOMP_OWED, DELIVERY_OWED]);
    if version.has_properties() {
        d = d.needs(Need::ReceiveMaximumAtLeast(3));
    }
    alice_and_bob(&mut d, qos);
    let messages = [1, 2, 3].map(|n: u16| publish("{ns}/a", &format!("message {n}")).qos2(n));
    for message in &messages {
        d.on("alice").sends(message.clone());
    }
    let answers = |packet_type| [1, 2, 3].map(|n| Pattern::ack(packet_type, n)).to_vec();
    let pubrecs = vec![Alternative::AnyOrder(answers(PacketType::PubRec))];
    let pubcomps = vec![Alternative::AnyOrder(answers(PacketType::PubComp))];
    d.on("alice").expects_one_of(pubrecs, PUBREC_OWED.cite(version));
    for n in 1..=3 {
        d.on("alice").sends_ack(PacketType::PubRel, n);
    }
    d.on("alice").expects_one_of(pubcomps, PUBCOMP_OWED.cite(version));
    for (index, message) in messages.iter().enumerate() {
        let var = format!("m{index}");
        d.on("bob").receives(message, &var).completes_qos2(&var);
    }
    d.on("bob").gets_no_publish(QOS2_ONCE.cite(version));
    d.build()
}

fn pubrel_twice(version: ProtocolVersion) -> Scenario {
    let qos = QoS::ExactlyOnce;
    let mut d = start(
        version,
        "pubrel-twice",
        "A second PUBREL is answered with PUBCOMP as well and does not pass the message on again",
        qos,
    )
    .proves_duties(&[PUBCOMP_OWED]);
    alice_and_bob(&mut d, qos);
    let message = publish("{ns}/a", "once").qos2(7);
    d.on("alice").publishes(message.clone()).releases_again(7);
    d.on("bob").receives(&message, "m").completes_qos2("m").gets_no_publish(QOS2_ONCE.cite(version));
    d.build()
}

fn pubrel_for_unknown_identifier(version: ProtocolVersion) -> Scenario {
    let mut d = start(
        version,
        "pubrel-for-unknown-identifier",
        "A PUBREL for an identifier that is not in use is answered with PUBCOMP",
        QoS::ExactlyOnce,
    )
    .proves_duties(&[PUBCOMP_OWED]);
    d.on("alice").connects().publishes(publish("{ns}/a", "known").qos2(7)).releases_again(99).fences();
    d.build()
}

fn subscriber_completes_three(version: ProtocolVersion) -> Scenario {
    let qos = QoS::ExactlyOnce;
    let mut d = start(
        version,
        "to-subscriber-qos-2-one-after-another",
        "The broker completes QoS 2 flows towards a subscriber and sends nothing twice",
        qos,
    )
    .proves_duties(&[PUBREL_OWED, DELIVERY_OWED]);
    alice_and_bob(&mut d, qos);
    for text in ["first", "second", "third"] {
        let message = publish("{ns}/a", text).qos2(7);
        d.on("alice").publishes(message.clone());
        d.on("bob").receives(&message, text).completes_qos2(text);
    }
    let nothing = [PacketType::Publish, PacketType::PubRel];
    d.on("bob").gets_no(&nothing, PUBREL_OWED.cite(version));
    d.build()
}

fn pubrec_is_followed_by_pubrel(version: ProtocolVersion) -> Scenario {
    let qos = QoS::ExactlyOnce;
    let id_again = Duty::new("MQTT31-4.1-2", "MQTT-2.3.1-6", "MQTT-4.3.3-4");
    let mut d = start(
        version,
        "pubrel-follows-pubrec-and-not-before",
        "PUBREL comes after PUBREC and not before, with the identifier of the PUBLISH",
        qos,
    )
    .proves_duties(&[PUBREL_OWED, id_again]);
    alice_and_bob(&mut d, qos);
    let message = publish("{ns}/a", "m").qos2(7);
    d.on("alice").publishes(message.clone());
    let pubrel =
        Pattern::any(PacketType::PubRel).check_citing(Field::SamePacketId("m".to_owned()), id_again.cite(version));
    d.on("bob")
        .receives(&message, "m")
        .gets_no(&[PacketType::PubRel], PUBREL_OWED.cite(version))
        .answers(PacketType::PubRec, "m")
        .expects(pubrel, PUBREL_OWED.cite(version))
        .answers(PacketType::PubComp, "m")
        .gets_no(&[PacketType::PubRel, PacketType::Publish], PUBREL_OWED.cite(version));
    d.build()
}

fn qos1_and_qos2_side_by_side(version: ProtocolVersion) -> Scenario {
    let qos = QoS::ExactlyOnce;
    let mut d = start(
        version,
        "qos-1-and-qos-2-side-by-side",
        "Flows of different QoS on one connection do not disturb each other",
        qos,
    )
    .proves_duties(&[PUBREC_OWED, PUBACK_OWED, PUBCOMP_OWED, DELIVERY_OWED]);
    if version.has_properties() {
        d = d.needs(Need::ReceiveMaximumAtLeast(2));
    }
    d.on("alice").connects();
    // One subscriber for each, so that nobody need have two messages in flight.
    d.on("bob").connects().subscribes(1, "{ns}/one", QoS::AtLeastOnce);
    d.on("carol").connects().subscribes(1, "{ns}/two", qos);
    let one = publish("{ns}/one", "one").qos1(1);
    let two = publish("{ns}/two", "two").qos2(2);
    d.on("alice")
        .sends(two.clone())
        .expects_ack(PacketType::PubRec, 2, PUBREC_OWED.cite(version))
        .publishes(one.clone())
        .sends_ack(PacketType::PubRel, 2)
        .expects_ack(PacketType::PubComp, 2, PUBCOMP_OWED.cite(version));
    d.on("bob").receives(&one, "one").answers_puback("one");
    d.on("carol").receives(&two, "two").completes_qos2("two");
    d.build()
}
