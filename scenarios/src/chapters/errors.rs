//! 4.13 Handling errors (3.1.1: 4.8): an error ends its own connection and nothing else.

use mqttspec_codec::{Mutation, PacketBuf, ProtocolVersion, QoS, ReasonCode};

use super::idioms::{BROKEN, CLOSE_ON_ERROR, Idioms, NUMBERED, QOS_3_REFUSED, V5, each};
use crate::duty::{self, Duty};
use crate::model::{ConnectExt, Dialogue, Need, Outgoing, PublishExt, Scenario, connect, publish, subscribe};

/// A SUBSCRIBE that asks for QoS 3 ends the connection (3.8.3).
const QOS_ASKED_REFUSED: Duty = Duty::new("", "MQTT-3.8.3-4", "MQTT-4.13.1-1");

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = each(NUMBERED, session_survives);
    all.extend(each(NUMBERED, other_sessions_are_untouched));
    all.extend(each(NUMBERED, broken_subscribe_subscribes_to_nothing));
    all.extend(each(NUMBERED, after_good_packets));
    all.extend(each(V5, too_large_packet));
    all
}

fn new(v: ProtocolVersion, name: &str, title: &str) -> Dialogue {
    let chapter = if v.has_properties() { "4.13 Handling errors" } else { "4.8 Handling errors" };
    Dialogue::new(v, chapter, &format!("errors/{name}"), title)
}

fn session_survives(v: ProtocolVersion) -> Scenario {
    let mut d = new(v, "session-survives", "A kept session survives the error that ended its connection")
        .proves_duties(&[QOS_3_REFUSED, duty::SESSION_PRESENT_1]);
    let packet = connect(v, "{ns}alice").persistent();
    let message = publish("{ns}/kept", "after the error").qos1(7);
    d.on("alice").connects_with(packet.clone()).subscribes(1, "{ns}/kept", QoS::AtLeastOnce).fences();
    d.on("alice").breaks_a_rule().expects_close(BROKEN, QOS_3_REFUSED.cite(v));
    d.on("bob").connects().publishes(message.clone());
    d.on("alice").resumes_with(packet).receives(&message, "m").answers_puback("m");
    d.build()
}

fn other_sessions_are_untouched(v: ProtocolVersion) -> Scenario {
    let mut d =
        new(v, "other-sessions-are-untouched", "An error on one connection does no harm to the other connections")
            .proves_duties(&[CLOSE_ON_ERROR]);
    let message = publish("{ns}/others", "goes on").qos1(7);
    d.on("bob").connects();
    d.on("carol").connects().subscribes(1, "{ns}/others", QoS::AtLeastOnce);
    d.on("alice").connects().subscribes(1, "{ns}/others", QoS::AtLeastOnce).fences();
    d.on("alice").sends_mutated(PacketBuf::PingReq, Mutation::PacketType0);
    d.on("alice").expects_close(BROKEN, CLOSE_ON_ERROR.cite(v));
    d.on("bob").publishes(message.clone());
    d.on("carol").receives(&message, "m").answers_puback("m");
    d.build()
}

fn broken_subscribe_subscribes_to_nothing(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "broken-subscribe-subscribes-to-nothing",
        "A malformed SUBSCRIBE ends the connection and adds nothing to the kept session",
    )
    .proves_duties(&[QOS_ASKED_REFUSED]);
    let packet = connect(v, "{ns}alice").persistent();
    let good = subscribe(1, "{ns}/good", QoS::AtLeastOnce);
    d.on("bob").connects();
    d.on("alice").connects_with(packet.clone()).subscribes_with(good).fences();
    let bad = PacketBuf::Subscribe(subscribe(2, "{ns}/bad", QoS::AtLeastOnce));
    d.on("alice").sends_mutated(bad, Mutation::SubscriptionQoS3);
    d.on("alice").expects_close(BROKEN, QOS_ASKED_REFUSED.cite(v)).resumes_with(packet);
    d.on("bob").publishes(publish("{ns}/bad", "bad").qos1(1)).publishes(publish("{ns}/good", "good").qos1(2));
    d.on("alice").receives(&publish("{ns}/good", "good").qos1(0), "m").answers_puback("m");
    d.on("alice").gets_no_publish(QOS_ASKED_REFUSED.cite(v));
    d.build()
}

fn after_good_packets(v: ProtocolVersion) -> Scenario {
    let mut d = new(v, "after-good-packets", "A broken packet behind a good one in the same write ends the connection")
        .proves_duties(&[CLOSE_ON_ERROR]);
    d.on("alice").connects().fences().sends(Outgoing::Together(vec![
        publish("{ns}/good", "one").into(),
        publish("{ns}/good", "two").into(),
        Outgoing::Mutated { packet: PacketBuf::PingReq, mutation: Mutation::PacketType0 },
    ]));
    d.on("alice").expects_close(BROKEN, CLOSE_ON_ERROR.cite(v));
    d.build()
}

fn too_large_packet(v: ProtocolVersion) -> Scenario {
    let mut d = new(v, "too-large-packet", "A packet above the Maximum Packet Size of the server ends the connection")
        .proves_duties(&[CLOSE_ON_ERROR])
        .needs(Need::MaximumPacketSizeAtMost(300_000));
    d.on("bob").connects().subscribes(1, "{ns}/large", QoS::AtMostOnce);
    d.on("alice").connects().publishes(publish("{ns}/large", "small"));
    d.on("bob").receives(&publish("{ns}/large", "small"), "m");
    let mut codes = vec![ReasonCode::PACKET_TOO_LARGE];
    codes.extend(BROKEN);
    d.on("alice").sends(publish("{ns}/large", &"x".repeat(300_000))).expects_close(&codes, CLOSE_ON_ERROR.cite(v));
    d.on("bob").gets_no_publish(CLOSE_ON_ERROR.cite(v));
    d.build()
}
