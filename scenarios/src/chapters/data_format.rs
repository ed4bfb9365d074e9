//! 1.5 Data representation: strings reach a subscriber as they were sent, and ill-formed ones reach nobody.

use mqttspec_codec::{
    Mutation, PacketBuf, PropertyAt, PropertyBuf, PropertyId, PropertyPlace, ProtocolVersion, QoS, StringField,
};

use super::idioms::{ALL, BROKEN, CLOSE_ON_ERROR, NUMBERED, V5, cite_or, each};
use crate::duty::{self, Duty};
use crate::model::{Dialogue, Field, Need, PublishExt, Scenario, SubscribeExt, delivered, publish, subscribe};

const CHAPTER: &str = "1.5 Data representation";
/// EF BB BF stays in a string, wherever it stands.
const BOM_KEPT: Duty = Duty::new("", "MQTT-1.5.3-3", "MQTT-1.5.4-3");
/// Strings are well-formed UTF-8.
const WELL_FORMED: Duty = Duty::new("", "MQTT-1.5.3-1", "MQTT-1.5.4-1");
/// Strings hold no U+0000.
const NO_NULL: Duty = Duty::new("", "MQTT-1.5.3-2", "MQTT-1.5.4-2");
/// Lengths are written in as few bytes as possible.
const MINIMAL: Duty = Duty::new("", "", "MQTT-1.5.5-1");

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = each(NUMBERED, a_bom_at_the_start_is_kept);
    all.extend(each(NUMBERED, a_bom_inside_is_kept));
    all.extend(each(ALL, characters_of_every_length));
    all.extend(each(ALL, remaining_lengths_at_their_limits));
    all.extend(each(V5, string_pairs_are_forwarded));
    all.extend(each(V5, ill_formed_string_pair_is_refused));
    for (name, mutation, duty) in TEXT_MUTATIONS {
        all.extend(NUMBERED.iter().map(|version| ill_formed_text_is_refused(*version, name, *mutation, *duty)));
    }
    all
}

fn a_bom_at_the_start_is_kept(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(v, CHAPTER, "data/bom-at-start-is-kept", "U+FEFF at the start of a topic name is kept")
        .proves_duties(&[BOM_KEPT]);
    let with = publish("\u{FEFF}/{ns}/bom", "with").qos1(7);
    d.on("alice").connects();
    // The second filter is what the topic would become without its first character.
    d.on("bob")
        .connects()
        .subscribes_with(subscribe(1, "\u{FEFF}/{ns}/bom", QoS::AtLeastOnce).and("/{ns}/bom", QoS::AtLeastOnce));
    d.on("alice").publishes(with.clone());
    let expected = delivered(v, &with).citing(BOM_KEPT.cite(v), |field| matches!(field, Field::Topic(_))).bind("m");
    d.on("bob").expects(expected, BOM_KEPT.cite(v)).answers_puback("m").gets_no_publish(BOM_KEPT.cite(v));
    d.build()
}

fn a_bom_inside_is_kept(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(v, CHAPTER, "data/bom-inside-is-kept", "U+FEFF inside a string is kept")
        .proves_duties(&[BOM_KEPT]);
    let mut message = publish("{ns}/a\u{FEFF}b/\u{FEFF}", "bom").qos1(7);
    if v.has_properties() {
        message = message
            .with(PropertyBuf::content_type("\u{FEFF}text"))
            .with(PropertyBuf::user_property("\u{FEFF}", "b\u{FEFF}"));
    }
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/a\u{FEFF}b/\u{FEFF}", QoS::AtLeastOnce);
    d.on("alice").publishes(message.clone());
    let expected = delivered(v, &message)
        .citing(BOM_KEPT.cite(v), |f| matches!(f, Field::Topic(_) | Field::Property(_) | Field::UserProperties(_)))
        .bind("m");
    d.on("bob").expects(expected, BOM_KEPT.cite(v)).answers_puback("m");
    d.build()
}

fn characters_of_every_length(v: ProtocolVersion) -> Scenario {
    let cite = cite_or(WELL_FORMED, duty::DELIVERY_OWED, v);
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "data/characters-of-every-length",
        "Characters of 1, 2, 3 and 4 bytes come through unchanged",
    )
    .proves(&[&cite.0]);
    let message = publish("{ns}/e/é/漢/𝄞", "é漢𝄞").qos1(7);
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/e/é/漢/𝄞", QoS::AtLeastOnce);
    d.on("alice").publishes(message.clone());
    let expected = delivered(v, &message).citing(cite.clone(), |f| matches!(f, Field::Topic(_))).bind("m");
    d.on("bob").expects(expected, cite).answers_puback("m");
    d.build()
}

fn remaining_lengths_at_their_limits(v: ProtocolVersion) -> Scenario {
    let cite = cite_or(MINIMAL, duty::DELIVERY_OWED, v);
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "data/remaining-lengths-at-their-limits",
        "Packets are read and written alike where their Remaining Length begins to take a byte more",
    )
    .proves(&[&cite.0])
    .needs(Need::MaximumPacketSizeAtLeast(16_400));
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/len", QoS::AtLeastOnce);
    // Topic and its length, Packet Identifier, and in 5.0 the Property Length.
    let before_payload = 2 + 12 + 2 + usize::from(v.has_properties());
    // Before 5.0 a target cannot say that 16 KiB are too much for it.
    let lengths: &[usize] = if v.has_properties() { &[127, 128, 16_383, 16_384] } else { &[127, 128] };
    for (packet_id, remaining) in (1..).zip(lengths) {
        let message = publish("{ns}/len", &"x".repeat(remaining - before_payload)).qos1(packet_id);
        d.on("alice").publishes(message.clone());
        d.on("bob").receives_citing(&message, "m", cite.clone()).answers_puback("m");
    }
    d.build()
}

fn string_pairs_are_forwarded(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "data/string-pairs-are-forwarded",
        "Name and value of a User Property come through unchanged, empty ones and repeated names too",
    )
    .proves(&["MQTT-1.5.7-1"]);
    let message = publish("{ns}/pair", "pairs")
        .qos1(7)
        .with(PropertyBuf::user_property("schlüssel", "漢字"))
        .with(PropertyBuf::user_property("", ""))
        .with(PropertyBuf::user_property("schlüssel", "𝄞"));
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/pair", QoS::AtLeastOnce);
    d.on("alice").publishes(message.clone());
    let expected = delivered(v, &message).citing("MQTT-1.5.7-1", |f| matches!(f, Field::UserProperties(_))).bind("m");
    d.on("bob").expects(expected, duty::DELIVERY_OWED.cite(v)).answers_puback("m");
    d.build()
}

fn ill_formed_string_pair_is_refused(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "data/ill-formed-string-pair-is-refused",
        "A User Property with an ill-formed value ends the connection and reaches nobody",
    )
    .proves(&["MQTT-1.5.7-1", "MQTT-4.13.1-1"]);
    let at = PropertyAt { place: PropertyPlace::Header, id: PropertyId::UserProperty };
    let twin = publish("{ns}/pair", "twin").with(PropertyBuf::user_property("key", "value"));
    d.on("bob").connects().subscribes(1, "{ns}/pair", QoS::AtMostOnce);
    d.on("alice").connects().publishes(twin.clone());
    d.on("bob").receives(&twin, "m");
    let bad = PacketBuf::Publish(publish("{ns}/pair", "bad").with(PropertyBuf::user_property("key", "value")));
    d.on("alice").sends_mutated(bad, Mutation::IllFormedUtf8(StringField::Property(at)));
    d.on("alice").expects_close(BROKEN, CLOSE_ON_ERROR.cite(v));
    d.on("bob").gets_no_publish("MQTT-1.5.7-1");
    d.build()
}

type TextMutation = (&'static str, fn(StringField) -> Mutation, Duty);

const TEXT_MUTATIONS: &[TextMutation] = &[
    ("ill-formed-text", Mutation::IllFormedUtf8, WELL_FORMED),
    ("surrogate", Mutation::Surrogate, WELL_FORMED),
    ("null-character", Mutation::NullCharacter, NO_NULL),
];

fn ill_formed_text_is_refused(
    v: ProtocolVersion,
    name: &str,
    mutation: fn(StringField) -> Mutation,
    duty: Duty,
) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        &format!("data/{name}-is-refused"),
        "A PUBLISH with ill-formed text ends the connection and reaches nobody",
    )
    .proves_duties(&[duty, CLOSE_ON_ERROR]);
    // In 5.0 a property is broken, so that the topic still leads to the subscriber.
    let (field, twin) = if v.has_properties() {
        let at = PropertyAt { place: PropertyPlace::Header, id: PropertyId::ContentType };
        (StringField::Property(at), publish("{ns}/text", "twin").with(PropertyBuf::content_type("text")))
    } else {
        (StringField::TopicName, publish("{ns}/text", "twin"))
    };
    d.on("bob").connects().subscribes(1, "{ns}/text", QoS::AtMostOnce);
    d.on("alice").connects().publishes(twin.clone());
    d.on("bob").receives(&twin, "m");
    d.on("alice").sends_mutated(PacketBuf::Publish(twin), mutation(field));
    let close = if v.has_properties() { CLOSE_ON_ERROR } else { duty };
    d.on("alice").expects_close(BROKEN, close.cite(v));
    // In 5.0 the property is to be passed on as it came, and how rigorously a server checks it is a compromise (4.13.1).
    d.on("bob").gets_no_publish(close.cite(v));
    d.build()
}
