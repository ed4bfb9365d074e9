//! 3.3 PUBLISH: what reaches a subscriber of the flags, the topic and the payload that were published.

use mqttspec_codec::{PacketType, ProtocolVersion, QoS};

use super::qos_support::{ANSWERED_BY_QOS, ONLY_MATCHING, OnExt, QOS1_FIRST, QOS2_FIRST, dialogue};
use crate::duty::{DELIVERED_DUP, DELIVERED_QOS, DELIVERED_RETAIN, DELIVERY_OWED, Duty, PUBREC_OWED};
use crate::model::{Dialogue, Field, Need, PublishExt, Scenario, SubscribeExt, delivered, publish, subscribe};

const CHAPTER: &str = "3.3 PUBLISH";
/// DUP is 0 at QoS 0. (3.1 gives it no meaning there.)
const QOS0_NO_DUP: Duty = Duty::new("", "MQTT-3.3.1-2", "MQTT-3.3.1-2");
/// At QoS 0: QoS 0 and DUP 0. (3.1: that it comes.)
const QOS0_FIRST: Duty = Duty::new("MQTT31-3.3-1", "MQTT-4.3.1-1", "MQTT-4.3.1-1");
/// No Packet Identifier at QoS 0.
const QOS0_NO_ID: Duty = Duty::new("MQTT31-2-1", "MQTT-2.3.1-5", "MQTT-2.2.1-2");
/// The Topic Name comes first and is a string.
const TOPIC_NAME_FIRST: Duty = Duty::new("MQTT31-2-1", "MQTT-3.3.2-1", "MQTT-3.3.2-1");
/// The Topic Name holds no wildcard.
const TOPIC_NAME_PLAIN: Duty = Duty::new("MQTT31-2-1", "MQTT-3.3.2-2", "MQTT-3.3.2-2");
/// On overlap the highest QoS counts.
const OVERLAP_QOS: Duty = Duty::new("MQTT31-3.8-1", "MQTT-3.3.5-1", "MQTT-3.3.4-2");

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    for version in ProtocolVersion::ALL {
        for qos in QoS::ALL {
            all.push(first_delivery(version, qos));
            all.push(granted_qos(version, qos));
        }
        for qos in [QoS::AtLeastOnce, QoS::ExactlyOnce] {
            // 3.1 does not say so.
            if version != ProtocolVersion::V3_1 {
                all.push(dup_is_not_forwarded(version, qos));
            }
            all.push(retain_is_cleared(version, qos));
        }
        all.push(qos0_is_not_answered(version));
        all.push(qos2_is_not_answered_with_puback(version));
        all.push(odd_topics(version));
        all.push(only_matching_topics(version));
        all.push(every_subscriber(version));
        all.push(own_message(version));
        all.push(overlap(version));
    }
    all
}

pub(super) fn start(version: ProtocolVersion, name: &str, title: &str, qos: QoS) -> Dialogue {
    dialogue(version, CHAPTER, &format!("publish/{name}"), title, qos)
}

pub(super) fn with_qos(what: &str, qos: QoS) -> String {
    format!("{what}-qos-{}", qos.value())
}

/// Alice publishes, bob is subscribed at this QoS.
pub(super) fn alice_and_bob(d: &mut Dialogue, qos: QoS) {
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/a", qos);
}

fn first_delivery(version: ProtocolVersion, qos: QoS) -> Scenario {
    let first = match qos {
        QoS::AtMostOnce => QOS0_FIRST,
        QoS::AtLeastOnce => QOS1_FIRST,
        QoS::ExactlyOnce => QOS2_FIRST,
    };
    let title = match qos {
        QoS::AtMostOnce => "A QoS 0 message is sent with DUP 0 and without a Packet Identifier",
        _ => "A message is first sent with its QoS, DUP 0 and a Packet Identifier",
    };
    let mut d = start(version, &with_qos("first-delivery", qos), title, qos);
    d = if qos == QoS::AtMostOnce {
        d.proves_duties(&[first, QOS0_NO_DUP, QOS0_NO_ID])
    } else {
        d.proves_duties(&[first, DELIVERY_OWED, TOPIC_NAME_FIRST, TOPIC_NAME_PLAIN])
    };
    alice_and_bob(&mut d, qos);
    let message = publish("{ns}/a", "first").at(qos, 7);
    d.on("alice").publishes(message.clone());
    let mut pattern = delivered(version, &message).without(|f| matches!(f, Field::Dup(_)));
    let no_dup = if qos == QoS::AtMostOnce { QOS0_NO_DUP } else { first };
    if let Some(cite) = no_dup.id(version) {
        pattern = pattern.check_citing(Field::Dup(false), cite);
    }
    pattern = pattern.citing(TOPIC_NAME_FIRST.cite(version), |f| matches!(f, Field::Topic(_)));
    if qos == QoS::AtMostOnce {
        // A superfluous identifier would show as the first two bytes of the payload.
        pattern = pattern.citing(QOS0_NO_ID.cite(version), |f| matches!(f, Field::Payload(_)));
    }
    let owed = if qos == QoS::AtMostOnce { first } else { DELIVERY_OWED };
    d.on("bob").expects(pattern.bind("m"), owed.cite(version)).acknowledges(qos, "m");
    d.build()
}

/// Published at each QoS, subscribed at one.
fn granted_qos(version: ProtocolVersion, granted: QoS) -> Scenario {
    let mut d = start(
        version,
        &with_qos("to-subscription-at", granted),
        "A message is delivered at the lower of the QoS of publication and the QoS granted",
        QoS::ExactlyOnce,
    )
    .proves_duties(&[DELIVERED_QOS, ANSWERED_BY_QOS]);
    alice_and_bob(&mut d, granted);
    for (index, published) in QoS::ALL.into_iter().enumerate() {
        let text = format!("published at QoS {}", published.value());
        let message = publish("{ns}/a", &text).at(published, 10 + u16::from(published.value()));
        let lower = published.min(granted);
        let var = format!("m{index}");
        d.on("alice").publishes(message.clone());
        d.on("bob").receives(&message.at(lower, 0), &var).acknowledges(lower, &var);
    }
    d.build()
}

fn dup_is_not_forwarded(version: ProtocolVersion, qos: QoS) -> Scenario {
    let mut d = start(
        version,
        &with_qos("dup-is-not-forwarded", qos),
        "DUP of an incoming PUBLISH has no influence on what the server sends",
        qos,
    )
    .proves_duties(&[DELIVERED_DUP]);
    alice_and_bob(&mut d, qos);
    let message = publish("{ns}/a", "perhaps repeated").at(qos, 7);
    d.on("alice").publishes(message.clone().dup());
    d.on("bob").receives(&message, "m").acknowledges(qos, "m");
    d.build()
}

fn retain_is_cleared(version: ProtocolVersion, qos: QoS) -> Scenario {
    let mut d = start(
        version,
        &with_qos("retain-is-cleared-for-established-subscription", qos),
        "A retained message goes to an established subscription with RETAIN 0",
        qos,
    )
    .proves_duties(&[DELIVERED_RETAIN]);
    if version.has_properties() {
        d = d.needs(Need::Retain);
    }
    alice_and_bob(&mut d, qos);
    let message = publish("{ns}/a", "kept").at(qos, 7);
    d.on("alice").publishes(message.clone().retained());
    d.on("bob").receives(&message, "m").acknowledges(qos, "m");
    d.build()
}

fn qos0_is_not_answered(version: ProtocolVersion) -> Scenario {
    let mut d = start(version, "qos-0-is-not-answered", "A QoS 0 PUBLISH is not answered", QoS::AtMostOnce)
        .proves_duties(&[ANSWERED_BY_QOS]);
    alice_and_bob(&mut d, QoS::AtMostOnce);
    let message = publish("{ns}/a", "no answer");
    let answers = [PacketType::PubAck, PacketType::PubRec, PacketType::PubRel, PacketType::PubComp];
    d.on("alice").publishes(message.clone()).gets_no(&answers, ANSWERED_BY_QOS.cite(version));
    d.on("bob").receives(&message, "m");
    d.build()
}

fn qos2_is_not_answered_with_puback(version: ProtocolVersion) -> Scenario {
    let mut d = start(
        version,
        "answered-by-qos",
        "A QoS 1 PUBLISH is answered with PUBACK alone, a QoS 2 PUBLISH with PUBREC alone",
        QoS::ExactlyOnce,
    )
    .proves_duties(&[ANSWERED_BY_QOS]);
    let cite = ANSWERED_BY_QOS.cite(version);
    d.on("alice")
        .connects()
        .sends(publish("{ns}/a", "two").qos2(5))
        .gets_no(&[PacketType::PubAck], cite.clone())
        .expects_ack(PacketType::PubRec, 5, PUBREC_OWED.cite(version))
        .sends_ack(PacketType::PubRel, 5)
        .expects_ack(PacketType::PubComp, 5, crate::duty::PUBCOMP_OWED.cite(version))
        .sends(publish("{ns}/a", "one").qos1(6))
        .gets_no(&[PacketType::PubRec], cite)
        .expects_ack(PacketType::PubAck, 6, crate::duty::PUBACK_OWED.cite(version));
    d.build()
}

fn odd_topics(version: ProtocolVersion) -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = start(
        version,
        "topic-is-delivered-unaltered",
        "Empty levels, spaces and any script are delivered in the Topic Name as published",
        qos,
    )
    .proves_duties(&[DELIVERY_OWED, ONLY_MATCHING]);
    // 3.1 encodes characters beyond U+FFFF in another way.
    let script = if version == ProtocolVersion::V3_1 { "{ns}/ä/日本" } else { "{ns}/ä/日本/🦀" };
    let topics = ["/{ns}", "{ns}/", "{ns}//b", "{ns}/a b", script, "{ns}/A", "{ns}/a"];
    d.on("alice").connects();
    let mut request = subscribe(1, topics[0], qos);
    for topic in &topics[1..] {
        request = request.and(topic, qos);
    }
    d.on("bob").connects().subscribes_with(request);
    for (index, topic) in topics.into_iter().enumerate() {
        let message = publish(topic, topic.trim_matches('/').trim_start_matches("{ns}")).qos1(10 + index as u16);
        let var = format!("m{index}");
        d.on("alice").publishes(message.clone());
        let pattern =
            delivered(version, &message).citing(ONLY_MATCHING.cite(version), |f| matches!(f, Field::Topic(_)));
        d.on("bob").expects(pattern.bind(&var), DELIVERY_OWED.cite(version)).acknowledges(qos, &var);
    }
    d.build()
}

fn only_matching_topics(version: ProtocolVersion) -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = start(
        version,
        "only-matching-topics",
        "A subscriber is sent nothing of topics that its filter does not match",
        qos,
    )
    .proves_duties(&[ONLY_MATCHING]);
    alice_and_bob(&mut d, qos);
    for (index, topic) in ["{ns}/b", "{ns}/a/b", "{ns}", "{ns}/A", "{ns}/a/", "/{ns}/a"].into_iter().enumerate() {
        d.on("alice").publishes(publish(topic, "not for bob").qos1(10 + index as u16));
    }
    d.on("bob").gets_no_publish(ONLY_MATCHING.cite(version));
    let message = publish("{ns}/a", "for bob").qos1(30);
    d.on("alice").publishes(message.clone());
    d.on("bob").receives(&message, "m").acknowledges(qos, "m");
    d.build()
}

fn every_subscriber(version: ProtocolVersion) -> Scenario {
    let qos = QoS::ExactlyOnce;
    let mut d = start(
        version,
        "every-subscriber",
        "A message reaches every client with a matching subscription, each once and at its own QoS",
        qos,
    )
    .proves_duties(&[DELIVERY_OWED, DELIVERED_QOS]);
    d.on("alice").connects();
    for (who, qos) in ["bob", "carol", "dave"].into_iter().zip(QoS::ALL) {
        d.on(who).connects().subscribes(1, "{ns}/a", qos);
    }
    let message = publish("{ns}/a", "for all").qos2(7);
    d.on("alice").publishes(message.clone());
    for (who, qos) in ["bob", "carol", "dave"].into_iter().zip(QoS::ALL) {
        d.on(who).receives(&message.clone().at(qos, 0), who).acknowledges(qos, who);
    }
    for who in ["bob", "carol", "dave"] {
        d.on(who).gets_no_publish(DELIVERY_OWED.cite(version));
    }
    d.build()
}

fn own_message(version: ProtocolVersion) -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = start(
        version,
        "own-message-comes-back",
        "A client that subscribed to the topic on which it publishes receives its own message",
        qos,
    )
    .proves_duties(&[DELIVERY_OWED]);
    let message = publish("{ns}/a", "echo").qos1(1);
    d.on("alice")
        .connects()
        .subscribes(1, "{ns}/a", qos)
        .publishes(message.clone())
        .receives(&message, "m")
        .acknowledges(qos, "m");
    d.build()
}

fn overlap(version: ProtocolVersion) -> Scenario {
    let qos = QoS::ExactlyOnce;
    let mut d = start(
        version,
        "overlapping-subscriptions-highest-qos",
        "A message that matches several subscriptions of a client is delivered at the highest of their QoS",
        qos,
    )
    .proves_duties(&[OVERLAP_QOS]);
    if version.has_properties() {
        d = d.needs(Need::WildcardSubscription);
    }
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/+", QoS::AtMostOnce).subscribes(2, "{ns}/a", qos).subscribes(
        3,
        "{ns}/#",
        QoS::AtMostOnce,
    );
    let message = publish("{ns}/a", "three filters").qos2(7);
    d.on("alice").publishes(message.clone());
    let further = delivered(version, &message.clone().at(QoS::AtMostOnce, 0))
        .observe("further copies for overlapping subscriptions");
    let highest =
        delivered(version, &message).citing(OVERLAP_QOS.cite(version), |f| matches!(f, Field::QosIn(_))).bind("m");
    d.on("bob")
        .tolerates(vec![further.clone(), further.clone()], OVERLAP_QOS.cite(version))
        .expects(highest, OVERLAP_QOS.cite(version))
        .acknowledges(qos, "m")
        .tolerates(vec![further.clone(), further], OVERLAP_QOS.cite(version));
    d.build()
}
