//! 2 Control packet format: packets are found in the byte stream however it is cut, and packets that a client may not
//! send end the connection.

use mqttspec_codec::{
    ConnAckBuf, Mutation, PacketBuf, PacketType, ProtocolVersion, QoS, ReasonCode, SubAckBuf, UnsubAckBuf,
};

use super::idioms::{ALL, BROKEN, CLOSE_ON_ERROR, Idioms, NUMBERED, cite_or, each};
use crate::duty::{self, Duty};
use crate::model::{
    Alternative, Dialogue, Field, Need, Outgoing, Pattern, PublishExt, Scenario, connect, delivered, publish,
    subscribe, unsubscribe,
};

const CHAPTER: &str = "2 Control packet format";
/// The connection is a stream of bytes, which may be cut anywhere.
const STREAM: Duty = Duty::new("", "MQTT-7.1.1-1", "MQTT-4.2.0-1");
/// Reserved flags of the fixed header are as the table says; other ones end the connection.
const FLAGS_REFUSED: Duty = Duty::new("", "MQTT-2.2.2-2", "MQTT-4.13.1-1");
/// PUBACK, PUBREC, PUBREL and PUBCOMP repeat the Packet Identifier of the PUBLISH.
const ACK_SAME_ID: Duty = Duty::new("MQTT31-4.1-1", "MQTT-2.3.1-6", "MQTT-2.2.1-5");
/// SUBACK and UNSUBACK repeat the Packet Identifier of the request.
const REPLY_SAME_ID: Duty = Duty::new("MQTT31-3.9-1", "MQTT-2.3.1-7", "MQTT-2.2.1-6");
/// A QoS 0 PUBLISH has no Packet Identifier.
const NO_ID_AT_QOS_0: Duty = Duty::new("", "MQTT-2.3.1-5", "MQTT-2.2.1-2");
/// A PUBLISH of QoS 1 or 2 has a Packet Identifier above 0 that is not in use.
const FRESH_ID: Duty = Duty::new("MQTT31-4.1-1", "MQTT-2.3.1-4", "MQTT-2.2.1-4");

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    for v in ALL {
        all.push(in_pieces(*v, 1, "byte-by-byte", "Packets that come byte by byte are read"));
        all.push(in_pieces(*v, 3, "three-bytes-at-a-time", "Packets that come in pieces of three bytes are read"));
    }
    all.extend(each(ALL, coalesced));
    all.extend(each(ALL, every_answer));
    all.extend(each(ALL, identifiers_in_flight));
    for packet in server_only() {
        all.extend(NUMBERED.iter().map(|v| server_only_packet(*v, &packet)));
    }
    all.extend(each(NUMBERED, packet_type_0));
    all.push(packet_type_15(ProtocolVersion::V3_1_1));
    all.extend(each(NUMBERED, reserved_flag));
    all
}

fn in_pieces(v: ProtocolVersion, size: usize, name: &str, title: &str) -> Scenario {
    let cite = |owed: Duty| cite_or(STREAM, owed, v);
    let mut d = Dialogue::new(v, "4.2 Network Connections", &format!("framing/{name}"), title)
        .proves(&[&cite(duty::CONNACK_OWED).0])
        .proves_duties(&[duty::CONNACK_OWED, duty::SUBACK_OWED, duty::PUBACK_OWED]);
    let pieces = |outgoing: Outgoing| Outgoing::InPieces { outgoing: Box::new(outgoing), size };
    let message = publish("{ns}/pieces", "pieces").qos1(7);
    d.on("bob").connects().subscribes(1, "{ns}/pieces", QoS::AtLeastOnce);
    d.on("alice")
        .opens()
        .sends(pieces(connect(v, "{ns}alice").into()))
        .expects(Pattern::any(PacketType::ConnAck).reason(&[ReasonCode::SUCCESS]), cite(duty::CONNACK_OWED))
        .sends(pieces(subscribe(5, "{ns}/other", QoS::AtMostOnce).into()))
        .expects(Pattern::any(PacketType::SubAck).check(Field::PacketId(5)), cite(duty::SUBACK_OWED))
        .sends(pieces(message.clone().into()))
        .expects_ack(PacketType::PubAck, 7, cite(duty::PUBACK_OWED));
    d.on("bob").receives(&message, "m").answers_puback("m");
    d.on("alice").sends(pieces(PacketBuf::PingReq.into())).expects_pingresp();
    d.build()
}

fn coalesced(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "framing/coalesced-in-one-write",
        "Packets that follow CONNECT in the same write are all served, CONNACK first",
    )
    .proves_duties(&[duty::CONNACK_OWED, duty::SUBACK_OWED, duty::PUBACK_OWED, duty::PINGRESP_OWED])
    .needs(Need::Qos(1));
    let message = publish("{ns}/all", "at once").qos1(7);
    d.on("alice")
        .opens()
        .sends(Outgoing::Together(vec![
            connect(v, "{ns}alice").into(),
            subscribe(1, "{ns}/all", QoS::AtLeastOnce).into(),
            message.clone().into(),
            PacketBuf::PingReq.into(),
        ]))
        .expects_connack(false)
        .expects(Pattern::any(PacketType::SubAck).check(Field::PacketId(1)), duty::SUBACK_OWED.cite(v))
        .expects_ack(PacketType::PubAck, 7, duty::PUBACK_OWED.cite(v))
        .expects(
            delivered(v, &message).qos_in(&[QoS::AtMostOnce, QoS::AtLeastOnce]).bind("m"),
            duty::DELIVERY_OWED.cite(v),
        )
        .expects_pingresp();
    d.build()
}

fn every_answer(v: ProtocolVersion) -> Scenario {
    let format: &[&str] = match v {
        ProtocolVersion::V3_1 => &["MQTT31-3.2-1"],
        ProtocolVersion::V3_1_1 => &["MQTT-2.2.2-1", "MQTT-2.3.1-1"],
        ProtocolVersion::V5_0 => &["MQTT-2.1.3-1", "MQTT-2.2.2-1", "MQTT-1.5.5-1"],
    };
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "framing/every-answer",
        "Every answer has the format of its type and the Packet Identifier of what it answers",
    )
    .proves(format)
    .proves_duties(&[ACK_SAME_ID, REPLY_SAME_ID, NO_ID_AT_QOS_0])
    .needs(Need::Qos(2));
    let ack = |packet_type, id| Pattern::any(packet_type).check_citing(Field::PacketId(id), ACK_SAME_ID.cite(v));
    let reply = |packet_type, id| Pattern::any(packet_type).check_citing(Field::PacketId(id), REPLY_SAME_ID.cite(v));
    d.on("bob").connects();
    for (id, topic) in [(0x0101, "{ns}/q0"), (0xFFFF, "{ns}/q1"), (0x7F00, "{ns}/q2")] {
        let granted = |codes: &[u8]| Field::ReasonsIn(vec![codes.iter().copied().map(ReasonCode).collect()]);
        let lower = Alternative::Stop {
            pattern: reply(PacketType::SubAck, id).check(granted(&[0, 1])),
            not_applicable: false,
            why: "the target granted a lower QoS than asked for".to_owned(),
        };
        d.on("bob").sends(subscribe(id, topic, QoS::ExactlyOnce)).expects_one_of(
            vec![reply(PacketType::SubAck, id).check(granted(&[2])).into(), lower],
            duty::SUBACK_OWED.cite(v),
        );
    }
    let (qos0, qos1, qos2) = (publish("{ns}/q0", "zero"), publish("{ns}/q1", "one"), publish("{ns}/q2", "two"));
    d.on("alice")
        .connects()
        .sends(qos0.clone())
        .sends(qos1.clone().qos1(0x0102))
        .expects(ack(PacketType::PubAck, 0x0102), duty::PUBACK_OWED.cite(v))
        .sends(qos2.clone().qos2(0x0201))
        .expects(ack(PacketType::PubRec, 0x0201), duty::PUBREC_OWED.cite(v))
        .sends_ack(PacketType::PubRel, 0x0201)
        .expects(ack(PacketType::PubComp, 0x0201), duty::PUBCOMP_OWED.cite(v))
        .fences();
    let zero = delivered(v, &qos0);
    let zero = match NO_ID_AT_QOS_0.id(v) {
        // An identifier where none belongs is read as part of the properties or the payload.
        Some(id) => zero.citing(id, |f| matches!(f, Field::Payload(_))),
        None => zero,
    };
    d.on("bob").expects(zero, duty::DELIVERY_OWED.cite(v));
    d.on("bob").receives(&qos1.qos1(0), "one").answers_puback("one");
    d.on("bob").receives(&qos2.qos2(0), "two").completes_qos2("two");
    d.on("bob")
        .sends(unsubscribe(0x0A0B, "{ns}/q0"))
        .expects(reply(PacketType::UnsubAck, 0x0A0B), duty::UNSUBACK_OWED.cite(v))
        .sends(PacketBuf::PingReq)
        .expects_pingresp();
    d.build()
}

fn identifiers_in_flight(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "framing/identifiers-in-flight",
        "Messages in flight to a client have Packet Identifiers of their own, above 0",
    )
    .proves_duties(&[FRESH_ID]);
    let message = |text| publish("{ns}/flight", text);
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/flight", QoS::AtLeastOnce);
    for (id, text) in [(1, "first"), (2, "second"), (3, "third")] {
        d.on("alice").publishes(message(text).qos1(id));
    }
    // A target may send the second only when the first is acknowledged; whatever it has sent by the fence is in flight
    // beside the first, and the monitor compares the identifiers.
    d.on("bob")
        .receives(&message("first").qos1(0), "first")
        .fences()
        .answers_puback("first")
        .receives(&message("second").qos1(0), "second")
        .answers_puback("second")
        .receives(&message("third").qos1(0), "third")
        .answers_puback("third");
    d.build()
}

/// The packets that only a server sends.
fn server_only() -> [PacketBuf; 4] {
    let connack = ConnAckBuf { session_present: false, reason_code: ReasonCode::SUCCESS, properties: vec![] };
    let suback = SubAckBuf { packet_id: 1, properties: vec![], reason_codes: vec![ReasonCode::GRANTED_QOS_0] };
    let unsuback = UnsubAckBuf { packet_id: 1, properties: vec![], reason_codes: vec![ReasonCode::SUCCESS] };
    [PacketBuf::ConnAck(connack), PacketBuf::SubAck(suback), PacketBuf::UnsubAck(unsuback), PacketBuf::PingResp]
}

fn server_only_packet(v: ProtocolVersion, packet: &PacketBuf) -> Scenario {
    let mut packet = packet.clone();
    if let (PacketBuf::UnsubAck(unsuback), false) = (&mut packet, v.has_properties()) {
        unsuback.reason_codes.clear();
    }
    let name = packet.packet_type().name();
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        &format!("framing/{}-from-client", name.to_lowercase()),
        &format!("{name}, which only a server sends, ends the connection"),
    )
    .proves_duties(&[CLOSE_ON_ERROR]);
    d.on("bob").connects();
    d.on("alice").connects().fences().sends(packet).expects_close(BROKEN, CLOSE_ON_ERROR.cite(v));
    // Other connections are none the worse for it.
    d.on("bob").fences();
    d.build()
}

fn packet_type_0(v: ProtocolVersion) -> Scenario {
    unknown_type(v, Mutation::PacketType0, "framing/packet-type-0", "Packet type 0 ends the connection")
}

fn packet_type_15(v: ProtocolVersion) -> Scenario {
    unknown_type(v, Mutation::PacketType15, "framing/packet-type-15", "Packet type 15 ends the connection")
}

fn unknown_type(v: ProtocolVersion, mutation: Mutation, name: &str, title: &str) -> Scenario {
    let mut d = Dialogue::new(v, CHAPTER, name, title).proves_duties(&[CLOSE_ON_ERROR]);
    d.on("alice").connects().fences().sends_mutated(PacketBuf::PingReq, mutation);
    d.on("alice").expects_close(BROKEN, CLOSE_ON_ERROR.cite(v));
    d.build()
}

fn reserved_flag(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "framing/reserved-flag-of-pingreq",
        "A PINGREQ with a reserved flag of the fixed header set ends the connection",
    )
    .proves_duties(&[FLAGS_REFUSED]);
    d.on("alice").connects().fences().sends_mutated(PacketBuf::PingReq, Mutation::FlagBit0);
    d.on("alice").expects_close(BROKEN, FLAGS_REFUSED.cite(v));
    d.build()
}
