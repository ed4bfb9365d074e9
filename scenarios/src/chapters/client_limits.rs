//! 3.1.2.11: what a 5.0 client asks the server to keep to: Maximum Packet Size, Topic Alias Maximum, and which
//! information it wants.

use mqttspec_codec::{PacketType, PropertyBuf, PropertyId, ProtocolVersion, QoS, ReasonCode};

use super::idioms::{V5, each};
use crate::duty;
use crate::model::{
    Cite, ConnectExt, Dialogue, Field, Need, Pattern, PublishExt, Scenario, SubscribeExt, connect, delivered, publish,
    refused_connection, subscribe, unsubscribe,
};

const CHAPTER: &str = "3.1 CONNECT";
/// Large enough for CONNACK and the small messages here, and too small for the large ones.
const LIMIT: u32 = 128;

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    for qos in [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce] {
        all.push(too_large_message_is_dropped(ProtocolVersion::V5_0, qos));
    }
    all.extend(each(V5, limit_is_inclusive));
    all.extend(each(V5, too_large_while_away));
    all.extend(each(V5, too_large_with_properties));
    all.extend(each(V5, no_topic_alias));
    all.extend(each(V5, topic_alias_maximum_0));
    all.extend(each(V5, topic_alias_within_the_maximum));
    all.extend(each(V5, response_information_not_wanted));
    all.extend(each(V5, response_information_wanted));
    all.extend(each(V5, problem_information_not_wanted));
    all.extend(each(V5, problem_information_and_user_properties_of_messages));
    all
}

fn new(v: ProtocolVersion, name: &str, title: &str, proves: &[&str]) -> Dialogue {
    Dialogue::new(v, CHAPTER, &format!("client-limits/{name}"), title).proves(proves)
}

fn large() -> String {
    "x".repeat(400)
}

fn too_large_message_is_dropped(v: ProtocolVersion, qos: QoS) -> Scenario {
    let level = qos.value();
    let mut d = new(
        v,
        &format!("too-large-message-is-dropped-at-qos-{level}"),
        "A message that is too large for a client is not sent to it, and what follows is",
        &["MQTT-3.1.2-24", "MQTT-3.1.2-25"],
    )
    .needs(Need::Qos(level));
    let small = publish("{ns}/size", "small").at(qos, 8);
    let packet = connect(v, "{ns}alice").with(PropertyBuf::maximum_packet_size(LIMIT));
    d.on("carol").connects().subscribes(1, "{ns}/size", QoS::AtMostOnce);
    d.on("alice").connects_with(packet).subscribes(1, "{ns}/size", qos);
    d.on("bob").connects().publishes(publish("{ns}/size", &large()).at(qos, 7)).publishes(small.clone());
    // Who has set no limit gets both.
    d.on("carol").receives(&publish("{ns}/size", &large()), "c").receives(&publish("{ns}/size", "small"), "c");
    let expected = delivered(v, &small).citing("MQTT-3.1.2-24", |f| matches!(f, Field::Payload(_))).bind("m");
    d.on("alice").expects(expected, "MQTT-3.1.2-25");
    match qos {
        QoS::AtMostOnce => {}
        QoS::AtLeastOnce => drop(d.on("alice").answers_puback("m")),
        QoS::ExactlyOnce => drop(d.on("alice").completes_qos2("m")),
    }
    d.on("alice").gets_no_publish("MQTT-3.1.2-24");
    d.build()
}

fn limit_is_inclusive(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "limit-is-inclusive",
        "A message that makes a packet of just the Maximum Packet Size is sent, one byte more is not",
        &["MQTT-3.1.2-24"],
    );
    // Fixed header of 2 bytes, topic of 10 characters with its length, Property Length.
    let fits = LIMIT as usize - (2 + 12 + 1);
    let packet = connect(v, "{ns}alice").with(PropertyBuf::maximum_packet_size(LIMIT));
    let message = |length: usize| publish("{ns}/s", &"x".repeat(length));
    d.on("alice").connects_with(packet).subscribes(1, "{ns}/s", QoS::AtMostOnce);
    d.on("bob").connects();
    d.on("bob").publishes(message(fits + 1)).publishes(message(fits));
    let expected = delivered(v, &message(fits)).citing("MQTT-3.1.2-24", |f| matches!(f, Field::Payload(_)));
    d.on("alice").expects(expected, duty::DELIVERY_OWED.cite(v));
    d.build()
}

fn too_large_while_away(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "too-large-while-away",
        "A waiting message that is too large for the connection that resumes the session is dropped",
        &["MQTT-3.1.2-24", "MQTT-3.1.2-25"],
    )
    .needs(Need::Qos(1));
    let packet = connect(v, "{ns}alice").persistent();
    let small = publish("{ns}/size", "small").qos1(8);
    d.on("alice").connects_with(packet.clone()).subscribes(1, "{ns}/size", QoS::AtLeastOnce).drops();
    d.on("bob").connects().publishes(publish("{ns}/size", &large()).qos1(7)).publishes(small.clone());
    d.on("alice").resumes_with(packet.with(PropertyBuf::maximum_packet_size(LIMIT)));
    let expected = delivered(v, &small).citing("MQTT-3.1.2-24", |f| matches!(f, Field::Payload(_))).bind("m");
    d.on("alice").expects(expected, "MQTT-3.1.2-25").answers_puback("m").gets_no_publish("MQTT-3.1.2-24");
    d.build()
}

fn too_large_with_properties(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "too-large-with-its-properties",
        "The properties of a message count towards the Maximum Packet Size",
        &["MQTT-3.1.2-24", "MQTT-3.1.2-25"],
    );
    let packet = connect(v, "{ns}alice").with(PropertyBuf::maximum_packet_size(LIMIT));
    let with = PropertyBuf::user_property("long", "y".repeat(200));
    d.on("alice").connects_with(packet).subscribes(1, "{ns}/size", QoS::AtMostOnce);
    d.on("bob")
        .connects()
        .publishes(publish("{ns}/size", "with").with(with))
        .publishes(publish("{ns}/size", "without"));
    let expected =
        delivered(v, &publish("{ns}/size", "without")).citing("MQTT-3.1.2-24", |f| matches!(f, Field::Payload(_)));
    d.on("alice").expects(expected, "MQTT-3.1.2-25");
    d.build()
}

fn without_alias(v: ProtocolVersion, name: &str, title: &str, properties: &[PropertyBuf]) -> Scenario {
    let mut d = new(v, name, title, &["MQTT-3.1.2-27"]);
    let packet = properties.iter().cloned().fold(connect(v, "{ns}alice"), ConnectExt::with);
    d.on("alice").connects_with(packet).subscribes(1, "{ns}/alias", QoS::AtMostOnce);
    d.on("bob").connects();
    for text in ["one", "two", "three"] {
        let message = publish("{ns}/alias", text);
        d.on("bob").publishes(message.clone());
        let expected =
            delivered(v, &message).check_citing(Field::PropertyAbsent(PropertyId::TopicAlias), "MQTT-3.1.2-27");
        d.on("alice").expects(expected, duty::DELIVERY_OWED.cite(v));
    }
    d.build()
}

fn no_topic_alias(v: ProtocolVersion) -> Scenario {
    without_alias(v, "no-topic-alias", "A client that says nothing of topic aliases gets none", &[])
}

fn topic_alias_maximum_0(v: ProtocolVersion) -> Scenario {
    let zero = [PropertyBuf::topic_alias_maximum(0)];
    without_alias(v, "topic-alias-maximum-0", "A client with Topic Alias Maximum 0 gets no topic alias", &zero)
}

fn topic_alias_within_the_maximum(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "topic-alias-within-the-maximum",
        "A client with Topic Alias Maximum 2 gets no topic alias above it, however many topics there are",
        &["MQTT-3.1.2-26"],
    );
    let packet = connect(v, "{ns}alice").with(PropertyBuf::topic_alias_maximum(2));
    let topics = ["{ns}/a", "{ns}/b", "{ns}/c", "{ns}/d"];
    d.on("alice").connects_with(packet).subscribes_with(
        subscribe(1, topics[0], QoS::AtMostOnce)
            .and(topics[1], QoS::AtMostOnce)
            .and(topics[2], QoS::AtMostOnce)
            .and(topics[3], QoS::AtMostOnce),
    );
    d.on("bob").connects();
    for topic in topics.iter().chain(&topics) {
        let message = publish(topic, "x");
        d.on("bob").publishes(message.clone());
        let expected = delivered(v, &message)
            .check_citing(Field::PropertyAbsentOrBetween(PropertyId::TopicAlias, 1, 2), "MQTT-3.1.2-26");
        d.on("alice").expects(expected, duty::DELIVERY_OWED.cite(v));
    }
    d.build()
}

fn response_information_not_wanted(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "response-information-not-wanted",
        "A client that does not ask for Response Information, or asks for none, gets none",
        &["MQTT-3.1.2-28"],
    );
    let none = Field::PropertyAbsent(PropertyId::ResponseInformation);
    let connack = Pattern::any(PacketType::ConnAck).reason(&[ReasonCode::SUCCESS]).check_citing(none, "MQTT-3.1.2-28");
    for (name, properties) in [("alice", vec![]), ("bob", vec![PropertyBuf::request_response_information(0)])] {
        let packet = properties.into_iter().fold(connect(v, &format!("{{ns}}{name}")), ConnectExt::with);
        d.on(name)
            .opens()
            .sends(packet)
            .expects_one_of(vec![connack.clone().into(), refused_connection(v)], duty::CONNACK_OWED.cite(v))
            .fences();
    }
    d.build()
}

fn response_information_wanted(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "response-information-wanted",
        "A client that asks for Response Information is served, whether it gets some or not",
        &["MQTT-3.1.4-5"],
    );
    let connack = Pattern::any(PacketType::ConnAck).reason(&[ReasonCode::SUCCESS]);
    let with = connack
        .clone()
        .check(Field::PropertyPresent(PropertyId::ResponseInformation))
        .observe("Response Information was returned");
    let without = connack.observe("no Response Information was returned");
    d.on("alice")
        .opens()
        .sends(connect(v, "{ns}alice").with(PropertyBuf::request_response_information(1)))
        .expects_one_of(vec![with.into(), without.into(), refused_connection(v)], "MQTT-3.1.4-5")
        .fences();
    d.build()
}

/// Neither Reason String nor User Properties.
fn plain(pattern: Pattern) -> Pattern {
    pattern
        .check_citing(Field::PropertyAbsent(PropertyId::ReasonString), "MQTT-3.1.2-29")
        .check_citing(Field::PropertyAbsent(PropertyId::UserProperty), "MQTT-3.1.2-29")
}

fn problem_information_not_wanted(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "problem-information-not-wanted",
        "A client with Request Problem Information 0 gets acknowledgements without Reason String and User Properties",
        &["MQTT-3.1.2-29"],
    )
    .needs(Need::Qos(2));
    let any_code = |packet_type| plain(Pattern::any(packet_type));
    d.on("alice")
        .connects_with(connect(v, "{ns}alice").with(PropertyBuf::request_problem_information(0)))
        .sends(subscribe(1, "{ns}/plain", QoS::AtMostOnce).with(PropertyBuf::user_property("a", "b")))
        .expects(any_code(PacketType::SubAck), duty::SUBACK_OWED.cite(v))
        .sends(publish("{ns}/nobody", "x").qos1(2))
        .expects(any_code(PacketType::PubAck), duty::PUBACK_OWED.cite(v))
        .sends(publish("{ns}/nobody", "x").qos2(3))
        .expects(any_code(PacketType::PubRec), duty::PUBREC_OWED.cite(v))
        .sends_ack(PacketType::PubRel, 3)
        .expects(any_code(PacketType::PubComp), duty::PUBCOMP_OWED.cite(v))
        // An identifier that is not in use, and a filter that was never subscribed to.
        .sends_ack(PacketType::PubRel, 999)
        .expects(any_code(PacketType::PubComp), duty::PUBCOMP_OWED.cite(v))
        .sends(unsubscribe(4, "{ns}/never"))
        .expects(any_code(PacketType::UnsubAck), duty::UNSUBACK_OWED.cite(v))
        .fences();
    d.build()
}

fn problem_information_and_user_properties_of_messages(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "problem-information-and-messages",
        "Request Problem Information 0 does not take the User Properties out of messages",
        &["MQTT-3.1.2-29", "MQTT-3.3.2-17"],
    );
    let message = publish("{ns}/with", "with").with(PropertyBuf::user_property("a", "b"));
    let packet = connect(v, "{ns}alice").with(PropertyBuf::request_problem_information(0));
    d.on("alice").connects_with(packet).subscribes(1, "{ns}/with", QoS::AtMostOnce);
    d.on("bob").connects().publishes(message.clone());
    let cite = Cite::from("MQTT-3.3.2-17");
    let expected = delivered(v, &message).citing(cite, |field| matches!(field, Field::UserProperties(_)));
    d.on("alice").expects(expected, duty::DELIVERY_OWED.cite(v));
    d.build()
}
