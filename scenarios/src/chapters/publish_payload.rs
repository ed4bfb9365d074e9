//! 3.3.3 PUBLISH payload: of any length and any bytes, in any segmentation.

use mqttspec_codec::{PacketType, ProtocolVersion, PublishBuf, QoS};

use super::publish_forwarding::{alice_and_bob, start, with_qos};
use super::qos_support::OnExt;
use super::qos_support::dialogue;
use crate::duty::{DELIVERY_OWED, PUBACK_OWED};
use crate::model::{Alternative, Need, Outgoing, Pattern, PublishExt, Scenario, publish};

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    for version in ProtocolVersion::ALL {
        for qos in QoS::ALL {
            all.push(empty_payload(version, qos));
            all.push(payload_sizes(version, qos));
        }
        all.push(large_payload(version));
        all.push(any_bytes(version));
        all.push(in_pieces(version));
        all.push(together(version));
    }
    all
}

fn empty_payload(version: ProtocolVersion, qos: QoS) -> Scenario {
    let mut d = start(version, &with_qos("empty-payload", qos), "A message of zero length is delivered", qos)
        .proves_duties(&[DELIVERY_OWED]);
    alice_and_bob(&mut d, qos);
    let message = publish("{ns}/a", "").at(qos, 7);
    d.on("alice").publishes(message.clone());
    d.on("bob").receives(&message, "m").acknowledges(qos, "m");
    d.build()
}

/// Around the lengths at which the Remaining Length gets one byte more.
fn payload_sizes(version: ProtocolVersion, qos: QoS) -> Scenario {
    let mut d = start(
        version,
        &with_qos("payload-lengths", qos),
        "Payloads around the first step of the Remaining Length arrive unaltered",
        qos,
    )
    .proves_duties(&[DELIVERY_OWED]);
    alice_and_bob(&mut d, qos);
    // Topic 10, its length 2, Packet Identifier 2, Property Length 1: 127 and 128 lie between 112 and 118.
    for (index, len) in [1, 2, 112, 113, 114, 115, 116, 117, 118, 300].into_iter().enumerate() {
        let message = sized(len).at(qos, 10 + index as u16);
        let var = format!("m{index}");
        d.on("alice").publishes(message.clone());
        d.on("bob").receives(&message, &var).acknowledges(qos, &var);
    }
    d.build()
}

fn sized(len: usize) -> PublishBuf {
    let mut message = publish("{ns}/a", "");
    message.payload = (0..len).map(|at| (at % 251) as u8).collect();
    message
}

fn large_payload(version: ProtocolVersion) -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = start(version, "large-payloads", "Payloads of 20 kB and 200 kB arrive unaltered", qos)
        .proves_duties(&[DELIVERY_OWED]);
    if version.has_properties() {
        d = d.needs(Need::MaximumPacketSizeAtLeast(210_000));
    }
    alice_and_bob(&mut d, qos);
    for (len, id, var) in [(20_000, 10, "m0"), (200_000, 11, "m1")] {
        let message = sized(len).at(qos, id);
        // 3.1 and 3.1.1 give a server no way to state a limit.
        let too_large = Alternative::StopAtEnd {
            not_applicable: false,
            why: "the target ends the connection on a packet of this size".to_owned(),
        };
        let puback = Pattern::ack(PacketType::PubAck, id);
        d.on("alice").sends(message.clone()).expects_one_of(vec![puback.into(), too_large], PUBACK_OWED.cite(version));
        d.on("bob").receives(&message, var).acknowledges(qos, var);
    }
    d.build()
}

fn any_bytes(version: ProtocolVersion) -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = start(version, "any-bytes-in-payload", "A payload of every byte value arrives unaltered", qos)
        .proves_duties(&[DELIVERY_OWED]);
    alice_and_bob(&mut d, qos);
    let mut message = publish("{ns}/a", "").qos1(7);
    message.payload = (0..=255).chain((0..=255).rev()).collect();
    d.on("alice").publishes(message.clone());
    d.on("bob").receives(&message, "m").acknowledges(qos, "m");
    d.build()
}

fn in_pieces(version: ProtocolVersion) -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = start(version, "in-pieces", "A PUBLISH that arrives byte by byte is delivered whole", qos)
        .proves_duties(&[DELIVERY_OWED]);
    alice_and_bob(&mut d, qos);
    let message = publish("{ns}/a", "one byte at a time").qos1(7);
    let pieces = Outgoing::InPieces { outgoing: Box::new(message.clone().into()), size: 1 };
    d.on("alice").sends(pieces).expects_ack(PacketType::PubAck, 7, PUBACK_OWED.cite(version));
    d.on("bob").receives(&message, "m").acknowledges(qos, "m");
    d.build()
}

fn together(version: ProtocolVersion) -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = dialogue(
        version,
        "4.5 Message receipt",
        "publish/several-in-one-write",
        "Several PUBLISH packets that arrive in one segment are each acknowledged and delivered",
        qos,
    )
    .proves_duties(&[PUBACK_OWED, DELIVERY_OWED]);
    if version.has_properties() {
        d = d.needs(Need::ReceiveMaximumAtLeast(2));
    }
    alice_and_bob(&mut d, qos);
    let messages: Vec<_> = (1..=2_u16).map(|n| publish("{ns}/a", &format!("part {n}")).qos1(n)).collect();
    d.on("alice").sends(Outgoing::Together(messages.iter().cloned().map(Outgoing::from).collect()));
    // In which order a server acknowledges is its business.
    let pubacks = [1, 2].map(|n| Pattern::ack(PacketType::PubAck, n)).to_vec();
    d.on("alice").expects_one_of(vec![Alternative::AnyOrder(pubacks)], PUBACK_OWED.cite(version));
    for (index, message) in messages.iter().enumerate() {
        let var = format!("m{index}");
        d.on("bob").receives(message, &var).acknowledges(qos, &var);
    }
    d.build()
}
