//! 3.3.2.3.4 Topic Alias (5.0), in both directions.

use mqttspec_codec::{PacketType, PropertyBuf, PropertyId, ProtocolVersion, PublishBuf, QoS, ReasonCode};

use super::qos_support::{Cut, OnExt, Return, dialogue, keeping, returns};
use crate::duty::DELIVERY_OWED;
use crate::model::{ConnectExt, Dialogue, Field, Need, PublishExt, Scenario, connect, delivered, publish};

const V5: ProtocolVersion = ProtocolVersion::V5_0;
const QOS: QoS = QoS::AtLeastOnce;

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        alias_stands_for_topic(),
        alias_is_moved(),
        up_to(10),
        alias_belongs_to_connection(),
        alias_ends_with_connection(),
        unknown_alias(),
        alias_0(),
        alias_above_maximum(),
        alias_is_not_forwarded(),
        no_alias_without_permission(),
        alias_within_maximum(),
        alias_at_every_qos(),
    ]
}

fn start(name: &str, title: &str) -> Dialogue {
    dialogue(V5, "3.3 PUBLISH", &format!("topic-alias/{name}"), title, QOS)
}

/// A PUBLISH that names its topic and gives it an alias.
fn naming(topic: &str, alias: u16, text: &str, packet_id: u16) -> PublishBuf {
    publish(topic, text).qos1(packet_id).with(PropertyBuf::topic_alias(alias))
}

/// A PUBLISH that has only the alias.
fn by_alias(alias: u16, text: &str, packet_id: u16) -> PublishBuf {
    naming("", alias, text, packet_id)
}

/// Bob takes this message on this topic.
fn arrives(d: &mut Dialogue, topic: &str, text: &str) {
    d.on("bob").receives_citing(&publish(topic, text).qos1(0), text, "MQTT-3.3.2-12").answers_puback(text);
}

fn alice_and_bob(d: &mut Dialogue) {
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/a", QOS).subscribes(2, "{ns}/b", QOS);
}

fn alias_stands_for_topic() -> Scenario {
    let mut d =
        start("stands-for-its-topic", "A PUBLISH with only a Topic Alias goes to the topic that has that alias")
            .needs(Need::TopicAliasMaximum(1))
            .proves(&["MQTT-3.3.2-12"]);
    alice_and_bob(&mut d);
    d.on("alice").publishes(naming("{ns}/a", 1, "m1", 11));
    arrives(&mut d, "{ns}/a", "m1");
    for (text, id) in [("m2", 12), ("m3", 13)] {
        d.on("alice").publishes(by_alias(1, text, id));
        arrives(&mut d, "{ns}/a", text);
    }
    d.build()
}

fn alias_is_moved() -> Scenario {
    let mut d = start("is-moved", "A Topic Alias that is given to another topic stands for that one from then on")
        .needs(Need::TopicAliasMaximum(1))
        .proves(&["MQTT-3.3.2-12"]);
    alice_and_bob(&mut d);
    for (packet, topic, text) in [
        (naming("{ns}/a", 1, "m1", 11), "{ns}/a", "m1"),
        (naming("{ns}/b", 1, "m2", 12), "{ns}/b", "m2"),
        (by_alias(1, "m3", 13), "{ns}/b", "m3"),
    ] {
        d.on("alice").publishes(packet);
        arrives(&mut d, topic, text);
    }
    d.build()
}

fn up_to(highest: u16) -> Scenario {
    let mut d = start(
        &format!("from-1-to-{highest}"),
        &format!("Topic Aliases up to the server's maximum are taken (here up to {highest})"),
    )
    .needs(Need::TopicAliasMaximum(highest))
    .proves(&["MQTT-3.3.2-12"]);
    alice_and_bob(&mut d);
    for (packet, topic, text) in [
        (naming("{ns}/a", 1, "m1", 11), "{ns}/a", "m1"),
        (naming("{ns}/b", highest, "m2", 12), "{ns}/b", "m2"),
        (by_alias(1, "m3", 13), "{ns}/a", "m3"),
        (by_alias(highest, "m4", 14), "{ns}/b", "m4"),
    ] {
        let packet_id = packet.packet_id.unwrap_or_default();
        // A server that refuses an alias within its maximum ends the connection here.
        d.on("alice").sends(packet).expects_ack(PacketType::PubAck, packet_id, "MQTT-3.3.2-12");
        arrives(&mut d, topic, text);
    }
    d.build()
}

fn alias_belongs_to_connection() -> Scenario {
    let mut d = start("belongs-to-its-connection", "Two clients may give the same Topic Alias to different topics")
        .needs(Need::TopicAliasMaximum(1))
        .proves(&["MQTT-3.3.2-12"]);
    alice_and_bob(&mut d);
    d.on("carol").connects().publishes(naming("{ns}/b", 1, "m1", 11));
    arrives(&mut d, "{ns}/b", "m1");
    d.on("alice").publishes(naming("{ns}/a", 1, "m2", 11));
    arrives(&mut d, "{ns}/a", "m2");
    d.on("carol").publishes(by_alias(1, "m3", 12));
    arrives(&mut d, "{ns}/b", "m3");
    d.on("alice").publishes(by_alias(1, "m4", 12));
    arrives(&mut d, "{ns}/a", "m4");
    d.build()
}

fn alias_ends_with_connection() -> Scenario {
    let mut d = start("ends-with-its-connection", "A Topic Alias of an earlier connection is unknown, session or not")
        .needs(Need::TopicAliasMaximum(1))
        .needs(Need::SessionExpiry(20))
        .proves(&["MQTT-3.3.2-7"]);
    d.on("bob").connects().subscribes(1, "{ns}/a", QOS);
    d.on("alice").connects_with(keeping(V5, "alice"));
    // The valid twin: the same packet while its alias is known.
    d.on("alice").publishes(naming("{ns}/a", 1, "m1", 11)).publishes(by_alias(1, "m2", 12));
    arrives(&mut d, "{ns}/a", "m1");
    arrives(&mut d, "{ns}/a", "m2");
    returns(&mut d, "alice", Cut::Finish, Return::Kept);
    d.on("alice").fences().sends(by_alias(1, "m3", 13)).expects_close(&protocol_error(), "MQTT-3.3.2-7");
    d.on("bob").gets_no_publish("MQTT-3.3.2-7");
    d.build()
}

fn unknown_alias() -> Scenario {
    let mut d = start("unknown", "A PUBLISH with only a Topic Alias that was never given ends the connection")
        .needs(Need::TopicAliasMaximum(2))
        .proves(&["MQTT-4.13.1-1"]);
    alice_and_bob(&mut d);
    d.on("alice").publishes(naming("{ns}/a", 1, "m1", 11)).publishes(by_alias(1, "m2", 12));
    arrives(&mut d, "{ns}/a", "m1");
    arrives(&mut d, "{ns}/a", "m2");
    d.on("alice").sends(by_alias(2, "m3", 13)).expects_close(&protocol_error(), "MQTT-4.13.1-1");
    d.on("bob").gets_no_publish("MQTT-4.13.1-1");
    d.build()
}

fn alias_0() -> Scenario {
    refused_alias("zero", "A Topic Alias of 0 ends the connection", 0, Need::TopicAliasMaximum(1))
}

fn alias_above_maximum() -> Scenario {
    let need = Need::Lacks(Box::new(Need::TopicAliasMaximum(65_535)));
    refused_alias("above-maximum", "A Topic Alias above the server's maximum ends the connection", 65_535, need)
}

/// The sentences that are broken bind the sender; that the receiver ends the connection is 4.13.
fn refused_alias(name: &str, title: &str, alias: u16, need: Need) -> Scenario {
    let mut d = start(name, title).needs(need).proves(&["MQTT-4.13.1-1"]);
    d.on("bob").connects().subscribes(1, "{ns}/a", QOS);
    // The valid twin: without the alias.
    d.on("alice").connects().publishes(publish("{ns}/a", "m1").qos1(11));
    arrives(&mut d, "{ns}/a", "m1");
    let mut codes = protocol_error();
    codes.push(ReasonCode::TOPIC_ALIAS_INVALID);
    d.on("alice").fences().sends(naming("{ns}/a", alias, "m2", 12)).expects_close(&codes, "MQTT-4.13.1-1");
    d.on("bob").gets_no_publish("MQTT-4.13.1-1");
    d.build()
}

/// Codes for an error without, or beside, a code of its own (4.13.2).
fn protocol_error() -> Vec<ReasonCode> {
    vec![
        ReasonCode::PROTOCOL_ERROR,
        ReasonCode::MALFORMED_PACKET,
        ReasonCode::TOPIC_ALIAS_INVALID,
        ReasonCode::UNSPECIFIED_ERROR,
        ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR,
    ]
}

fn alias_is_not_forwarded() -> Scenario {
    let mut d =
        start("is-not-forwarded", "A publisher's Topic Alias is not passed on to a subscriber that allows none")
            .needs(Need::TopicAliasMaximum(1))
            .proves(&["MQTT-3.1.2-27"]);
    alice_and_bob(&mut d);
    for (packet, text) in [(naming("{ns}/a", 1, "m1", 11), "m1"), (by_alias(1, "m2", 12), "m2")] {
        d.on("alice").publishes(packet);
        let pattern = delivered(V5, &publish("{ns}/a", text).qos1(0))
            .check_citing(Field::PropertyAbsent(PropertyId::TopicAlias), "MQTT-3.1.2-27")
            .bind(text);
        d.on("bob").expects(pattern, DELIVERY_OWED.cite(V5)).answers_puback(text);
    }
    d.build()
}

fn no_alias_without_permission() -> Scenario {
    let mut d = start("none-without-permission", "A client that states no Topic Alias Maximum is sent no Topic Alias")
        .proves(&["MQTT-3.1.2-27", "MQTT-3.3.2-11"]);
    d.on("alice").connects();
    let zero = connect(V5, "{ns}carol").with(PropertyBuf::topic_alias_maximum(0));
    d.on("bob").connects().subscribes(1, "{ns}/a", QOS);
    d.on("carol").connects_with(zero).subscribes(1, "{ns}/a", QOS);
    for n in 1..=4_u16 {
        let text = format!("m{n}");
        let message = publish("{ns}/a", &text).qos1(n);
        d.on("alice").publishes(message.clone());
        for who in ["bob", "carol"] {
            let var = format!("{who}{n}");
            let pattern = delivered(V5, &message)
                .check_citing(Field::PropertyAbsent(PropertyId::TopicAlias), "MQTT-3.1.2-27")
                .check_citing(Field::PropertyAbsent(PropertyId::TopicAlias), "MQTT-3.3.2-11")
                .bind(&var);
            d.on(who).expects(pattern, DELIVERY_OWED.cite(V5)).answers_puback(&var);
        }
    }
    d.build()
}

fn alias_within_maximum() -> Scenario {
    let mut d = start(
        "within-the-clients-maximum",
        "Topic Aliases that the server sends lie between 1 and the client's maximum and resolve to the topic",
    )
    .proves(&["MQTT-3.3.2-11", "MQTT-3.1.2-26", "MQTT-3.3.2-8"]);
    d.on("alice").connects();
    let two = connect(V5, "{ns}bob").with(PropertyBuf::topic_alias_maximum(2));
    d.on("bob").connects_with(two);
    for (id, topic) in [(1, "{ns}/a"), (2, "{ns}/b"), (3, "{ns}/c")] {
        d.on("bob").subscribes(id, topic, QOS);
    }
    // Each topic several times, so that a server that uses aliases has reason to.
    for n in 0..9_u16 {
        let topic = ["{ns}/a", "{ns}/b", "{ns}/c"][usize::from(n % 3)];
        let text = format!("m{n}");
        let message = publish(topic, &text).qos1(n + 1);
        d.on("alice").publishes(message.clone());
        let pattern = delivered(V5, &message)
            .check_citing(Field::PropertyAbsentOrBetween(PropertyId::TopicAlias, 0, 2), "MQTT-3.3.2-11")
            .check_citing(Field::PropertyAbsentOrBetween(PropertyId::TopicAlias, 0, 2), "MQTT-3.1.2-26")
            .check_citing(Field::PropertyAbsentOrBetween(PropertyId::TopicAlias, 1, 65_535), "MQTT-3.3.2-8")
            .bind(&text);
        d.on("bob").expects(pattern, DELIVERY_OWED.cite(V5)).answers_puback(&text);
    }
    d.build()
}

fn alias_at_every_qos() -> Scenario {
    let mut d = dialogue(
        V5,
        "3.3 PUBLISH",
        "topic-alias/at-every-qos",
        "A Topic Alias that one PUBLISH gives may be used by others of any QoS",
        QoS::ExactlyOnce,
    )
    .needs(Need::TopicAliasMaximum(1))
    .proves(&["MQTT-3.3.2-12"]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/a", QoS::ExactlyOnce);
    let first = publish("{ns}/a", "m0").with(PropertyBuf::topic_alias(1));
    d.on("alice").publishes(first);
    d.on("bob").receives(&publish("{ns}/a", "m0"), "m0");
    for qos in [QoS::ExactlyOnce, QoS::AtLeastOnce, QoS::AtMostOnce] {
        let text = format!("at {}", qos.value());
        let packet = publish("", &text).at(qos, 20 + u16::from(qos.value())).with(PropertyBuf::topic_alias(1));
        d.on("alice").publishes(packet);
        d.on("bob")
            .receives_citing(&publish("{ns}/a", &text).at(qos, 0), &text, "MQTT-3.3.2-12")
            .acknowledges(qos, &text);
    }
    d.build()
}
