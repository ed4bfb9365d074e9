//! Topic Names and Topic Filters that break a rule (4.7.1, 4.7.3), and very long ones that do not.

use mqttspec_codec::{Mutation, PacketBuf, PacketType, ProtocolVersion, QoS, ReasonCode, StringField};

use super::subscription_idioms::*;
use crate::duty;
use crate::model::{Alternative, Dialogue, Ending, Need, Pattern, PublishExt, Scenario, delivered, publish, subscribe};

const CHAPTER: &str = "4.7 Topic Names and Topic Filters";

/// Codes that may come with the end of the connection after a broken Topic Name.
const BAD_NAME: &[ReasonCode] = &[
    ReasonCode::MALFORMED_PACKET,
    ReasonCode::PROTOCOL_ERROR,
    ReasonCode::TOPIC_NAME_INVALID,
    ReasonCode::UNSPECIFIED_ERROR,
    ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR,
];

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    all.extend(each(NUMBERED, misplaced_multi_level));
    all.extend(each(NUMBERED, misplaced_single_level));
    all.extend(each(NUMBERED, wildcard_in_name));
    all.extend(each(NUMBERED, empty));
    all.extend(each(NUMBERED, null_character));
    all.extend(each(NUMBERED, longest));
    all
}

fn about(version: ProtocolVersion, name: &str, title: &str, qos: QoS) -> Dialogue {
    dialogue(version, CHAPTER, &format!("topics/{name}"), title, qos, &[Need::WildcardSubscription])
}

/// A client of its own asks for each of these filters in vain, after a sound one.
fn none_is_granted(d: &mut Dialogue, sound: &str, filters: &[&str], cite: &str) {
    for (index, filter) in filters.iter().enumerate() {
        let name = format!("bob{index}");
        d.on(&name).connects().subscribes(1, sound, QoS::AtMostOnce).fences();
        d.on(&name).asks_in_vain(subscribe(2, filter, QoS::AtMostOnce), cite);
    }
}

fn misplaced_multi_level(version: ProtocolVersion) -> Scenario {
    let cite = if version.has_properties() { "MQTT-4.7.1-1" } else { "MQTT-4.7.1-2" };
    let mut d = about(
        version,
        "misplaced-multi-level-wildcard",
        "A filter in which # is not alone in the last level is not granted",
        QoS::AtMostOnce,
    )
    .proves(&[cite]);
    let filters = ["{ns}/a#", "{ns}/a/#/b", "{ns}/#a", "{ns}/#/", "{ns}/##", "{ns}#", "#/{ns}", "{ns}/+#"];
    none_is_granted(&mut d, "{ns}/a/#", &filters, cite);
    d.build()
}

fn misplaced_single_level(version: ProtocolVersion) -> Scenario {
    let cite = if version.has_properties() { "MQTT-4.7.1-2" } else { "MQTT-4.7.1-3" };
    let mut d = about(
        version,
        "misplaced-single-level-wildcard",
        "A filter in which + does not fill a level is not granted",
        QoS::AtMostOnce,
    )
    .proves(&[cite]);
    let filters = ["{ns}/a+", "{ns}/+a/b", "{ns}/a+b/c", "{ns}/++", "+{ns}", "{ns}+"];
    none_is_granted(&mut d, "{ns}/+/a/+", &filters, cite);
    d.build()
}

fn wildcard_in_name(version: ProtocolVersion) -> Scenario {
    let cite = if version.has_properties() { "MQTT-4.7.0-1" } else { "MQTT-4.7.1-1" };
    let mut d = about(
        version,
        "wildcard-in-a-topic-name",
        "A message whose topic has a wildcard character reaches nobody",
        QoS::AtLeastOnce,
    )
    .proves(&[cite, "MQTT-3.3.2-2"]);
    d.on("bob").connects().subscribes(1, "{ns}/#", QoS::AtLeastOnce);
    for (index, topic) in ["{ns}/+", "{ns}/#", "{ns}/+/a", "{ns}/a+b", "{ns}/a#"].into_iter().enumerate() {
        let name = format!("alice{index}");
        let sound = publish("{ns}/sound", topic).qos1(1);
        d.on(&name).connects().publishes(sound.clone());
        d.on("bob").takes(&sound, owed(version));
        // What becomes of the publisher is judged elsewhere (3.1.1: 4.8; 5.0: 4.13).
        let ending = if version.has_properties() { Ending::disconnect(BAD_NAME) } else { Ending::bare() };
        let answered = Pattern::any(PacketType::PubAck).observe("a topic with a wildcard character was answered");
        d.on(&name).sends(publish(topic, "wild").qos1(2)).expects_one_of(vec![ending.into(), answered.into()], cite);
        d.on("bob").gets_no_publish(if index == 0 { cite } else { "MQTT-3.3.2-2" });
    }
    d.build()
}

fn empty(version: ProtocolVersion) -> Scenario {
    // A filter is granted or not by the rules of 4.7 (7.1.1); an empty name is an error to be found in a packet.
    let cite = "MQTT-4.7.3-1";
    let close = if version.has_properties() { "MQTT-4.13.1-1" } else { "MQTT-4.8.0-1" };
    let mut d = about(
        version,
        "empty",
        "An empty Topic Filter is not granted, and an empty Topic Name ends the connection",
        QoS::AtLeastOnce,
    )
    .proves(&[cite]);
    none_is_granted(&mut d, "{ns}/a", &[""], cite);
    d.on("alice").connects().publishes(publish("{ns}/a", "sound").qos1(1));
    d.on("alice").sends(publish("", "nowhere").qos1(2)).expects_close(BAD_NAME, close);
    d.build()
}

fn null_character(version: ProtocolVersion) -> Scenario {
    let cite = "MQTT-4.7.3-2";
    let mut d = about(
        version,
        "null-character",
        "A Topic Filter or Topic Name with U+0000 ends the connection",
        QoS::AtLeastOnce,
    )
    .proves(&[cite]);
    d.on("bob").connects().subscribes(1, "{ns}/a", QoS::AtLeastOnce).fences();
    let subscribe = PacketBuf::Subscribe(subscribe(2, "{ns}/a", QoS::AtLeastOnce));
    d.on("bob")
        .sends_mutated(subscribe, Mutation::NullCharacter(StringField::TopicFilter))
        .expects_close(BAD_FILTER, cite);
    d.on("alice").connects().publishes(publish("{ns}/a", "sound").qos1(1));
    let publish = PacketBuf::Publish(publish("{ns}/a", "broken").qos1(2));
    d.on("alice").sends_mutated(publish, Mutation::NullCharacter(StringField::TopicName)).expects_close(BAD_NAME, cite);
    d.build()
}

fn longest(version: ProtocolVersion) -> Scenario {
    let mut d = dialogue(
        version,
        CHAPTER,
        "topics/of-65535-bytes",
        "A topic of 65,535 bytes is matched to its last byte",
        QoS::AtLeastOnce,
        &[Need::MaximumPacketSizeAtLeast(66_000)],
    )
    .proves_duties(&[duty::DELIVERY_OWED, ONLY_MATCHING]);
    // `{ns}` stands for eight characters.
    let start = format!("{{ns}}/{}", "x".repeat(65_535 - 10));
    let (topic, other) = (format!("{start}a"), format!("{start}b"));
    // A limit of the target's own, which 3.1.1 gives it no way to state.
    let limit = || Alternative::StopAtEnd {
        not_applicable: false,
        why: "the target closed the connection on a topic of 65,535 bytes".to_owned(),
    };
    d.on("alice").connects();
    d.on("bob").connects();
    let granted = Pattern::any(PacketType::SubAck).reason(&[ReasonCode::GRANTED_QOS_1]);
    let refused = Alternative::Stop {
        pattern: Pattern::any(PacketType::SubAck),
        not_applicable: false,
        why: "the target did not grant a filter of 65,535 bytes".to_owned(),
    };
    d.on("bob")
        .sends(subscribe(1, &topic, QoS::AtLeastOnce))
        .expects_one_of(vec![granted.into(), refused, limit()], duty::SUBACK_OWED.cite(version));
    for (packet_id, topic) in [(1, &other), (2, &topic)] {
        let answered = Pattern::ack(PacketType::PubAck, packet_id);
        d.on("alice")
            .sends(publish(topic, "long").qos1(packet_id))
            .expects_one_of(vec![answered.into(), limit()], duty::PUBACK_OWED.cite(version));
    }
    let pattern = delivered(version, &publish(&topic, "long").qos1(0))
        .citing(ONLY_MATCHING.cite(version), |field| matches!(field, crate::model::Field::Topic(_)));
    d.on("bob").takes_pattern(pattern, QoS::AtLeastOnce, owed(version)).gets_no_publish(ONLY_MATCHING.cite(version));
    d.build()
}
