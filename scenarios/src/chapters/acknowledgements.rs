//! 3.4 PUBACK, 3.5 PUBREC, 3.6 PUBREL, 3.7 PUBCOMP: reason codes, long and short forms, sizes.

use mqttspec_codec::{PacketType, PropertyBuf, ProtocolVersion, QoS, ReasonCode};

use super::qos_support::{Cut, OnExt, RESEND, Return, dialogue, resuming, returns};
use crate::duty::{Duty, PUBACK_OWED, PUBCOMP_OWED, PUBREC_OWED, PUBREL_OWED};
use crate::model::{ConnectExt, Dialogue, Field, Outgoing, Pattern, PublishExt, Scenario, connect, publish};

const V5: ProtocolVersion = ProtocolVersion::V5_0;
/// The broker's own bytes of PUBREL, and what it does on wrong ones.
const PUBREL_FLAGS: Duty = Duty::new("", "MQTT-3.6.1-1", "MQTT-3.6.1-1");

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = vec![
        reason_codes(),
        fit_maximum_packet_size(),
        long_puback(),
        long_qos2(),
        long_pubrel_from_publisher(),
        pubrel_with_not_found(),
    ];
    for code in [0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99].map(ReasonCode) {
        all.push(refused(PacketType::PubAck, code));
        all.push(refused(PacketType::PubRec, code));
    }
    all.push(no_matching_subscribers());
    for version in [ProtocolVersion::V3_1_1, V5] {
        all.push(pubrel_flags(version));
    }
    all
}

fn start(chapter: &str, name: &str, title: &str, qos: QoS) -> Dialogue {
    dialogue(V5, chapter, &format!("acknowledgement/{name}"), title, qos)
}

/// Every acknowledgement that a broker sends, with a code that its table defines.
fn reason_codes() -> Scenario {
    let qos = QoS::ExactlyOnce;
    let mut d = start(
        "3.4 PUBACK",
        "reason-codes",
        "PUBACK, PUBREC, PUBREL and PUBCOMP have reason codes of their own tables, success where all went well",
        qos,
    )
    .proves(&["MQTT-3.4.2-1", "MQTT-3.5.2-1", "MQTT-3.6.2-1", "MQTT-3.7.2-1"]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/a", qos);
    let message = publish("{ns}/a", "m").qos2(7);
    // Under its own statement whatever is wrong with the code; the monitor names undefined ones.
    d.on("alice")
        .sends(publish("{ns}/nobody", "n").qos1(6))
        .expects(Pattern::ack(PacketType::PubAck, 6), "MQTT-3.4.2-1")
        .sends(message.clone())
        .expects(Pattern::ack(PacketType::PubRec, 7), "MQTT-3.5.2-1")
        .sends_ack(PacketType::PubRel, 7)
        .expects(
            Pattern::any(PacketType::PubComp).check(Field::PacketId(7)).reason(&[ReasonCode::SUCCESS]),
            "MQTT-3.7.2-1",
        );
    let pubrel =
        Pattern::any(PacketType::PubRel).check(Field::SamePacketId("m".to_owned())).reason(&[ReasonCode::SUCCESS]);
    d.on("bob")
        .receives(&message, "m")
        .answers(PacketType::PubRec, "m")
        .expects(pubrel, "MQTT-3.6.2-1")
        .answers(PacketType::PubComp, "m");
    d.build()
}

/// A client that takes 128 bytes at most: whatever a broker adds to an acknowledgement must leave it smaller.
fn fit_maximum_packet_size() -> Scenario {
    let qos = QoS::ExactlyOnce;
    let mut d = start(
        "3.4 PUBACK",
        "fit-the-maximum-packet-size",
        "No acknowledgement has a Reason String that makes it larger than the client's Maximum Packet Size",
        qos,
    )
    .proves(&["MQTT-3.4.2-2", "MQTT-3.5.2-2", "MQTT-3.6.2-2", "MQTT-3.7.2-2"]);
    let small = connect(V5, "{ns}alice").with(PropertyBuf::maximum_packet_size(128));
    let message = publish("{ns}/a", "m").qos2(7);
    d.on("alice")
        .connects_with(small)
        .subscribes(1, "{ns}/a", qos)
        .publishes(publish("{ns}/nobody", "n").qos1(6))
        .publishes(message.clone())
        .receives(&message, "m")
        .completes_qos2("m")
        .releases_again(99)
        .fences();
    d.build()
}

fn reason_and_properties() -> Vec<PropertyBuf> {
    vec![PropertyBuf::reason_string("as you like it"), PropertyBuf::user_property("seen", "by mqttspec")]
}

fn long(packet_type: PacketType, to: &str) -> Outgoing {
    let properties = reason_and_properties();
    Outgoing::Answer { packet_type, to: to.to_owned(), reason_code: ReasonCode::SUCCESS, properties }
}

/// An acknowledgement with reason code, Reason String and User Property counts like the short form.
fn long_puback() -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = resuming(
        V5,
        "acknowledgement/long-puback-counts",
        "A PUBACK with Reason String and User Property acknowledges its message",
        qos,
    )
    .proves_duties(&[RESEND]);
    d.on("alice").connects();
    d.on("bob").connects_with(super::qos_support::keeping(V5, "bob")).subscribes(1, "{ns}/a", qos);
    let message = publish("{ns}/a", "m").qos1(7);
    d.on("alice").publishes(message.clone());
    d.on("bob").receives(&message, "m").sends(long(PacketType::PubAck, "m")).fences();
    returns(&mut d, "bob", Cut::Finish, Return::Kept);
    d.on("bob").gets_no_publish(RESEND.cite(V5));
    d.build()
}

fn long_qos2() -> Scenario {
    let qos = QoS::ExactlyOnce;
    let mut d = resuming(
        V5,
        "acknowledgement/long-pubrec-and-pubcomp-count",
        "PUBREC and PUBCOMP with Reason String and User Property carry a QoS 2 flow to its end",
        qos,
    )
    .proves_duties(&[PUBREL_OWED, RESEND]);
    d.on("alice").connects();
    d.on("bob").connects_with(super::qos_support::keeping(V5, "bob")).subscribes(1, "{ns}/a", qos);
    let message = publish("{ns}/a", "m").qos2(7);
    d.on("alice").publishes(message.clone());
    d.on("bob")
        .receives(&message, "m")
        .sends(long(PacketType::PubRec, "m"))
        .expects_pubrel("m", PUBREL_OWED.cite(V5))
        .sends(long(PacketType::PubComp, "m"))
        .fences();
    returns(&mut d, "bob", Cut::Finish, Return::Kept);
    d.on("bob").gets_no(&[PacketType::Publish, PacketType::PubRel], RESEND.cite(V5));
    d.build()
}

fn long_pubrel_from_publisher() -> Scenario {
    use mqttspec_codec::{AckBuf, PacketBuf};
    let qos = QoS::ExactlyOnce;
    let mut d = start(
        "3.7 PUBCOMP",
        "long-pubrel-is-answered",
        "A PUBREL with Reason String and User Property is answered with PUBCOMP",
        qos,
    )
    .proves_duties(&[PUBCOMP_OWED]);
    let pubrel = AckBuf { packet_id: 7, reason_code: ReasonCode::SUCCESS, properties: reason_and_properties() };
    let message = publish("{ns}/a", "m").qos2(7);
    d.on("bob").connects().subscribes(1, "{ns}/a", qos);
    d.on("alice")
        .connects()
        .sends(message.clone())
        .expects_ack(PacketType::PubRec, 7, PUBREC_OWED.cite(V5))
        .sends(PacketBuf::PubRel(pubrel))
        .expects_ack(PacketType::PubComp, 7, PUBCOMP_OWED.cite(V5));
    d.on("bob").receives(&message, "m").completes_qos2("m");
    d.build()
}

/// Not an error during recovery (3.6.2.1): an answer is owed all the same.
fn pubrel_with_not_found() -> Scenario {
    let mut d = start(
        "3.7 PUBCOMP",
        "pubrel-with-not-found-is-answered",
        "A PUBREL with reason code Packet Identifier not found is answered with PUBCOMP",
        QoS::ExactlyOnce,
    )
    .proves_duties(&[PUBCOMP_OWED]);
    let known_or_not = [ReasonCode::SUCCESS, ReasonCode::PACKET_IDENTIFIER_NOT_FOUND];
    let pubcomp = Pattern::any(PacketType::PubComp).check(Field::PacketId(99)).reason(&known_or_not);
    d.on("alice")
        .connects()
        .publishes(publish("{ns}/a", "known").qos2(7))
        .sends_ack_with(PacketType::PubRel, 99, ReasonCode::PACKET_IDENTIFIER_NOT_FOUND)
        .expects(pubcomp, PUBCOMP_OWED.cite(V5))
        .fences();
    d.build()
}

/// A message that was refused is as good as acknowledged, also after a return (4.4).
fn refused(packet_type: PacketType, code: ReasonCode) -> Scenario {
    let (qos, what) = match packet_type {
        PacketType::PubAck => (QoS::AtLeastOnce, "puback"),
        _ => (QoS::ExactlyOnce, "pubrec"),
    };
    let mut d = resuming(
        V5,
        &format!("acknowledgement/refused-by-{what}-{:02x}-is-not-sent-again", code.0),
        &format!("A message that was refused with {packet_type} 0x{:02X} is not sent again after a return", code.0),
        qos,
    )
    .proves(&["MQTT-4.4.0-2"]);
    d.on("alice").connects();
    d.on("bob").connects_with(super::qos_support::keeping(V5, "bob")).subscribes(1, "{ns}/a", qos);
    let refused = publish("{ns}/a", "refused").at(qos, 7);
    d.on("alice").publishes(refused.clone());
    d.on("bob")
        .receives(&refused, "m")
        .answers_with(packet_type, "m", code)
        .gets_no(&[PacketType::PubRel], "§4.3.3")
        .gets_no_publish("MQTT-4.4.0-2");
    returns(&mut d, "bob", Cut::Reset, Return::Kept);
    d.on("bob").gets_no(&[PacketType::PubRel, PacketType::Publish], "MQTT-4.4.0-2");
    // The control: the session is there and the next message is not held up.
    let next = publish("{ns}/a", "next").at(qos, 8);
    d.on("alice").publishes(next.clone());
    d.on("bob").receives(&next, "n").acknowledges(qos, "n");
    d.build()
}

fn no_matching_subscribers() -> Scenario {
    let mut d = start(
        "3.5 PUBREC",
        "no-matching-subscribers",
        "A message without subscribers is acknowledged with success or No matching subscribers",
        QoS::ExactlyOnce,
    )
    .proves_duties(&[PUBACK_OWED, PUBREC_OWED, PUBCOMP_OWED]);
    d.on("alice")
        .connects()
        .publishes(publish("{ns}/nobody", "one").qos1(6))
        .publishes(publish("{ns}/nobody", "two").qos2(7));
    d.on("alice").fences();
    d.build()
}

fn pubrel_flags(version: ProtocolVersion) -> Scenario {
    let mut d = dialogue(
        version,
        "3.6 PUBREL",
        "acknowledgement/pubrel-with-wrong-flags",
        "A PUBREL whose fixed header flags are not 0010 ends the connection",
        QoS::ExactlyOnce,
    )
    .proves_duties(&[PUBREL_FLAGS]);
    let cite = PUBREL_FLAGS.cite(version);
    // The valid twin first.
    d.on("alice")
        .connects()
        .publishes(publish("{ns}/a", "sound").qos2(7))
        .sends(publish("{ns}/a", "unsound").qos2(8))
        .expects_ack(PacketType::PubRec, 8, PUBREC_OWED.cite(version))
        .fences()
        .sends_bytes(&[0x60, 0x02, 0x00, 0x08])
        .expects_close(
            &[ReasonCode::MALFORMED_PACKET, ReasonCode::PROTOCOL_ERROR, ReasonCode::UNSPECIFIED_ERROR],
            cite,
        );
    d.build()
}
