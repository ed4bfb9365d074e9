//! 4.6 Message ordering on live connections.

use mqttspec_codec::{PacketType, ProtocolVersion, PublishBuf, QoS};

use super::qos_support::{ORDER, ORDERED_BY_DEFAULT, OnExt, dialogue};
use crate::duty::{DELIVERY_OWED, PUBACK_OWED};
use crate::model::{Alternative, Dialogue, Field, Need, Outgoing, Pattern, PublishExt, Scenario, delivered, publish};

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    // 3.1 says nothing about order.
    for version in [ProtocolVersion::V3_1_1, ProtocolVersion::V5_0] {
        for qos in [QoS::AtLeastOnce, QoS::ExactlyOnce] {
            all.push(prompt_subscriber(version, qos));
            all.push(slow_subscriber(version, qos));
        }
        all.push(burst(version));
        all.push(wildcard_subscriber(version));
        all.push(downgraded(version));
    }
    all
}

fn start(version: ProtocolVersion, name: &str, title: &str, qos: QoS) -> Dialogue {
    dialogue(version, "4.6 Message ordering", &format!("order/{name}"), title, qos)
}

/// The next delivery; a wrong payload means a wrong order.
fn next(version: ProtocolVersion, message: &PublishBuf, var: &str) -> Pattern {
    delivered(version, message).citing(ORDER.cite(version), |f| matches!(f, Field::Payload(_))).bind(var)
}

fn numbered(qos: QoS, count: u16) -> Vec<PublishBuf> {
    (0..count).map(|n| publish("{ns}/a", &format!("number {n}")).at(qos, 10 + n)).collect()
}

fn prompt_subscriber(version: ProtocolVersion, qos: QoS) -> Scenario {
    let mut d = start(
        version,
        &format!("prompt-subscriber-qos-{}", qos.value()),
        "Messages of one publisher reach a subscriber in the order of publication",
        qos,
    )
    .proves_duties(&[ORDER]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/a", qos);
    let messages = numbered(qos, 12);
    for message in &messages {
        d.on("alice").publishes(message.clone());
    }
    for (index, message) in messages.iter().enumerate() {
        let var = format!("m{index}");
        d.on("bob").expects(next(version, message, &var), DELIVERY_OWED.cite(version)).acknowledges(qos, &var);
    }
    d.build()
}

/// The subscriber lets everything pile up before it acknowledges: most of it has to wait in the broker.
fn slow_subscriber(version: ProtocolVersion, qos: QoS) -> Scenario {
    let mut d = start(
        version,
        &format!("slow-subscriber-qos-{}", qos.value()),
        "Messages that wait because others are unacknowledged keep their order",
        qos,
    )
    .proves_duties(&[ORDER]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/a", qos);
    let messages = numbered(qos, 40);
    for message in &messages {
        d.on("alice").publishes(message.clone());
    }
    d.on("bob").fences();
    for (index, message) in messages.iter().enumerate() {
        let var = format!("m{index}");
        d.on("bob").expects(next(version, message, &var), DELIVERY_OWED.cite(version)).acknowledges(qos, &var);
    }
    d.on("bob").gets_no(&[PacketType::Publish, PacketType::PubRel], ORDER.cite(version));
    d.build()
}

fn burst(version: ProtocolVersion) -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = start(version, "burst", "Messages that arrive in one segment are passed on in their order", qos)
        .proves_duties(&[ORDER]);
    if version.has_properties() {
        d = d.needs(Need::ReceiveMaximumAtLeast(10));
    }
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/a", qos);
    let messages = numbered(qos, 10);
    d.on("alice").sends(Outgoing::Together(messages.iter().cloned().map(Outgoing::from).collect()));
    let pubacks = (10..20).map(|id| Pattern::ack(PacketType::PubAck, id)).collect();
    d.on("alice").expects_one_of(vec![Alternative::AnyOrder(pubacks)], PUBACK_OWED.cite(version));
    for (index, message) in messages.iter().enumerate() {
        let var = format!("m{index}");
        d.on("bob").expects(next(version, message, &var), DELIVERY_OWED.cite(version)).answers_puback(&var);
    }
    d.build()
}

fn wildcard_subscriber(version: ProtocolVersion) -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = start(
        version,
        "wildcard-subscriber",
        "Each topic keeps its order for a subscriber that receives it through a wildcard",
        qos,
    )
    .proves_duties(&[ORDERED_BY_DEFAULT]);
    if version.has_properties() {
        d = d.needs(Need::WildcardSubscription);
    }
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/+", qos);
    let messages = numbered(qos, 8);
    for message in &messages {
        d.on("alice").publishes(message.clone());
    }
    for (index, message) in messages.iter().enumerate() {
        let var = format!("m{index}");
        let pattern =
            next(version, message, &var).citing(ORDERED_BY_DEFAULT.cite(version), |f| matches!(f, Field::Payload(_)));
        d.on("bob").expects(pattern, DELIVERY_OWED.cite(version)).answers_puback(&var);
    }
    d.build()
}

/// Published at QoS 2, delivered at QoS 1.
fn downgraded(version: ProtocolVersion) -> Scenario {
    let qos = QoS::ExactlyOnce;
    let mut d = start(version, "downgraded", "Messages of QoS 2 that are delivered at QoS 1 keep their order", qos)
        .proves_duties(&[ORDER]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/a", QoS::AtLeastOnce);
    let messages = numbered(qos, 8);
    for message in &messages {
        d.on("alice").publishes(message.clone());
    }
    for (index, message) in messages.iter().enumerate() {
        let var = format!("m{index}");
        let lower = message.clone().qos1(0);
        d.on("bob").expects(next(version, &lower, &var), DELIVERY_OWED.cite(version)).answers_puback(&var);
    }
    d.build()
}
