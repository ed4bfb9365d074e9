//! 3.3.2.3 PUBLISH properties (5.0): what must reach every subscriber unaltered, at each QoS, from the queue and again.

use mqttspec_codec::{PropertyBuf, PropertyId, ProtocolVersion, PublishBuf, QoS};

use super::qos_support::{Cut, OnExt, RESEND, Return, dialogue, keeping, redelivered, resuming, returns};
use crate::duty::DELIVERY_OWED;
use crate::model::{
    Alternative, Dialogue, Field, Need, Pattern, PublishExt, Scenario, SubscribeExt, delivered, publish, subscribe,
};

const V5: ProtocolVersion = ProtocolVersion::V5_0;
const CHAPTER: &str = "3.3 PUBLISH";
const UNALTERED: [&str; 5] = ["MQTT-3.3.2-4", "MQTT-3.3.2-15", "MQTT-3.3.2-16", "MQTT-3.3.2-17", "MQTT-3.3.2-20"];

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = vec![
        one_property("payload-format-indicator", "MQTT-3.3.2-4", &[], PropertyBuf::payload_format_indicator(1)),
        one_property("content-type", "MQTT-3.3.2-20", &["MQTT-3.3.2-19"], PropertyBuf::content_type("text/ünïcode")),
        one_property(
            "response-topic",
            "MQTT-3.3.2-15",
            &["MQTT-3.3.2-13", "MQTT-3.3.2-14"],
            PropertyBuf::response_topic("{ns}/réponse/1"),
        ),
        one_property("correlation-data", "MQTT-3.3.2-16", &[], {
            let every_byte: Vec<u8> = (0..=255).collect();
            PropertyBuf::correlation_data(every_byte)
        }),
        empty_strings(),
        user_properties(),
        payload_format_0(),
        all_from_the_queue(),
        all_again(),
        no_properties_added(),
        overlap_identifiers(),
        subscription_identifier(),
    ];
    all.extend(QoS::ALL.map(all_at));
    all
}

fn start(name: &str, title: &str, qos: QoS) -> Dialogue {
    start_in(CHAPTER, name, title, qos)
}

fn start_in(chapter: &str, name: &str, title: &str, qos: QoS) -> Dialogue {
    dialogue(V5, chapter, &format!("publish/{name}"), title, qos)
}

fn alice_and_bob(d: &mut Dialogue, qos: QoS) {
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/a", qos);
}

/// Each property check under its own statement.
fn cited(pattern: Pattern) -> Pattern {
    let mut pattern = pattern;
    for (id, statement) in [
        (PropertyId::PayloadFormatIndicator, "MQTT-3.3.2-4"),
        (PropertyId::ResponseTopic, "MQTT-3.3.2-15"),
        (PropertyId::CorrelationData, "MQTT-3.3.2-16"),
        (PropertyId::ContentType, "MQTT-3.3.2-20"),
    ] {
        pattern = pattern.citing(statement, |f| matches!(f, Field::Property(p) if p.id == id));
    }
    pattern.citing("MQTT-3.3.2-17", |f| matches!(f, Field::UserProperties(_)))
}

/// A message with every property that must be forwarded.
fn laden(qos: QoS, packet_id: u16) -> PublishBuf {
    publish("{ns}/a", "laden")
        .at(qos, packet_id)
        .with(PropertyBuf::payload_format_indicator(1))
        .with(PropertyBuf::response_topic("{ns}/answers"))
        .with(PropertyBuf::correlation_data(*b"\x00\x01request\xff"))
        .with(PropertyBuf::user_property("trace", "1"))
        .with(PropertyBuf::content_type("application/x-mqttspec"))
        .with(PropertyBuf::user_property("trace", "2"))
}

fn one_property(name: &str, statement: &str, also: &[&str], property: PropertyBuf) -> Scenario {
    let qos = QoS::AtLeastOnce;
    let title = format!("The {} of a message reaches its subscribers unaltered", property.id);
    let chapter = match property.id {
        PropertyId::ResponseTopic | PropertyId::CorrelationData => "4.10 Request / Response",
        _ => CHAPTER,
    };
    let mut d = start_in(chapter, &format!("{name}-is-forwarded"), &title, qos).proves(&[statement]).proves(also);
    alice_and_bob(&mut d, qos);
    let message = publish("{ns}/a", "text").qos1(7).with(property);
    d.on("alice").publishes(message.clone());
    d.on("bob").expects(cited(delivered(V5, &message)).bind("m"), DELIVERY_OWED.cite(V5)).answers_puback("m");
    d.build()
}

fn empty_strings() -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d =
        start("empty-property-values-are-forwarded", "Properties of zero length are forwarded, not dropped", qos)
            .proves(&["MQTT-3.3.2-16", "MQTT-3.3.2-17", "MQTT-3.3.2-20"]);
    alice_and_bob(&mut d, qos);
    let nothing: [u8; 0] = [];
    let message = publish("{ns}/a", "text")
        .qos1(7)
        .with(PropertyBuf::correlation_data(nothing))
        .with(PropertyBuf::content_type(""))
        .with(PropertyBuf::user_property("", ""));
    d.on("alice").publishes(message.clone());
    d.on("bob").expects(cited(delivered(V5, &message)).bind("m"), DELIVERY_OWED.cite(V5)).answers_puback("m");
    d.build()
}

fn user_properties() -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = start(
        "user-properties-keep-their-order",
        "User Properties are all forwarded, repeated names included, in their order",
        qos,
    )
    .proves(&["MQTT-3.3.2-18", "MQTT-3.3.2-17"]);
    alice_and_bob(&mut d, qos);
    let mut message = publish("{ns}/a", "text").qos1(7);
    for (name, value) in [("b", "1"), ("a", "2"), ("b", "1"), ("c", ""), ("a", "0"), ("Ä", "ß")] {
        message = message.with(PropertyBuf::user_property(name, value));
    }
    d.on("alice").publishes(message.clone());
    let pattern = delivered(V5, &message).citing("MQTT-3.3.2-18", |f| matches!(f, Field::UserProperties(_))).bind("m");
    d.on("bob").expects(pattern, DELIVERY_OWED.cite(V5)).answers_puback("m");
    // Two that are alike show a loss, and no order.
    let alike = PropertyBuf::user_property("alike", "twice");
    let single = publish("{ns}/a", "text").qos1(8).with(alike.clone()).with(alike);
    d.on("alice").publishes(single.clone());
    d.on("bob").expects(cited(delivered(V5, &single)).bind("n"), DELIVERY_OWED.cite(V5)).answers_puback("n");
    d.build()
}

/// 0 means the same as no indicator at all.
fn payload_format_0() -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = start(
        "payload-format-indicator-0",
        "A Payload Format Indicator of 0 is forwarded as 0 or left out, which means the same",
        qos,
    )
    .proves(&["MQTT-3.3.2-4"]);
    alice_and_bob(&mut d, qos);
    let plain = publish("{ns}/a", "bytes").qos1(7);
    d.on("alice").publishes(plain.clone().with(PropertyBuf::payload_format_indicator(0)));
    let pattern = delivered(V5, &plain)
        .check_citing(Field::PropertyAbsentOrBetween(PropertyId::PayloadFormatIndicator, 0, 0), "MQTT-3.3.2-4")
        .bind("m");
    d.on("bob").expects(pattern, DELIVERY_OWED.cite(V5)).answers_puback("m");
    let text = publish("{ns}/a", "text").qos1(8).with(PropertyBuf::payload_format_indicator(1));
    d.on("alice").publishes(text.clone());
    d.on("bob").expects(cited(delivered(V5, &text)).bind("n"), DELIVERY_OWED.cite(V5)).answers_puback("n");
    d.build()
}

fn all_at(qos: QoS) -> Scenario {
    let mut d = start(
        &format!("all-properties-are-forwarded-qos-{}", qos.value()),
        "All properties of a message reach its subscribers unaltered",
        qos,
    )
    .proves(&UNALTERED);
    alice_and_bob(&mut d, qos);
    let message = laden(qos, 7);
    d.on("alice").publishes(message.clone());
    d.on("bob").expects(cited(delivered(V5, &message)).bind("m"), DELIVERY_OWED.cite(V5)).acknowledges(qos, "m");
    d.build()
}

fn all_from_the_queue() -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = resuming(
        V5,
        "publish/properties-survive-the-queue",
        "A message that waits for its client keeps all its properties",
        qos,
    )
    .proves(&UNALTERED);
    d.on("alice").connects();
    d.on("bob").connects_with(keeping(V5, "bob")).subscribes(1, "{ns}/a", qos).disconnects();
    let message = laden(qos, 7);
    d.on("alice").publishes(message.clone());
    let pattern = cited(delivered(V5, &message)).without(|f| matches!(f, Field::Dup(_))).bind("m");
    d.on("bob").resumes_with(keeping(V5, "bob")).expects(pattern, DELIVERY_OWED.cite(V5)).answers_puback("m");
    d.build()
}

fn all_again() -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = resuming(
        V5,
        "publish/properties-survive-redelivery",
        "A message that is sent again has the properties that it had at first",
        qos,
    )
    .proves(&UNALTERED)
    .proves_duties(&[RESEND]);
    d.on("alice").connects();
    d.on("bob").connects_with(keeping(V5, "bob")).subscribes(1, "{ns}/a", qos);
    let message = laden(qos, 7);
    d.on("alice").publishes(message.clone());
    d.on("bob").expects(cited(delivered(V5, &message)).bind("m"), DELIVERY_OWED.cite(V5));
    returns(&mut d, "bob", Cut::Finish, Return::Kept);
    d.on("bob").expects(cited(redelivered(V5, &message, "m")), RESEND.cite(V5)).answers_puback("m");
    d.build()
}

fn no_properties_added() -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = start(
        "no-properties-are-made-up",
        "A message published without properties arrives without Response Topic, Correlation Data or Content Type",
        qos,
    )
    .proves(&["MQTT-3.3.2-15", "MQTT-3.3.2-16", "MQTT-3.3.2-20", "MQTT-3.3.2-4"]);
    alice_and_bob(&mut d, qos);
    let laden = laden(qos, 7);
    let bare = publish("{ns}/a", "bare").qos1(8);
    // After a laden one, so that nothing may stick.
    d.on("alice").publishes(laden.clone()).publishes(bare.clone());
    let none = delivered(V5, &bare)
        .check_citing(Field::PropertyAbsent(PropertyId::ResponseTopic), "MQTT-3.3.2-15")
        .check_citing(Field::PropertyAbsent(PropertyId::CorrelationData), "MQTT-3.3.2-16")
        .check_citing(Field::PropertyAbsent(PropertyId::ContentType), "MQTT-3.3.2-20")
        .check_citing(Field::PropertyAbsentOrBetween(PropertyId::PayloadFormatIndicator, 0, 0), "MQTT-3.3.2-4")
        .bind("n");
    d.on("bob")
        .expects(cited(delivered(V5, &laden)).bind("m"), DELIVERY_OWED.cite(V5))
        .answers_puback("m")
        .expects(none, DELIVERY_OWED.cite(V5))
        .answers_puback("n");
    d.build()
}

fn subscription_identifier() -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = start(
        "subscription-identifier-is-sent",
        "A message carries the Subscription Identifier of the subscription that it matches",
        qos,
    )
    .needs(Need::SubscriptionIdentifier)
    .proves(&["MQTT-3.3.4-3"]);
    d.on("alice").connects();
    d.on("bob")
        .connects()
        .subscribes_with(subscribe(1, "{ns}/a", qos).with(PropertyBuf::subscription_identifier(268_435_455)))
        .subscribes(2, "{ns}/b", qos);
    let a = publish("{ns}/a", "with").qos1(7);
    let b = publish("{ns}/b", "without").qos1(8);
    let with =
        delivered(V5, &a).check_citing(Field::SubscriptionIdentifiers(vec![268_435_455]), "MQTT-3.3.4-3").bind("a");
    let without = delivered(V5, &b).check_citing(Field::SubscriptionIdentifiers(Vec::new()), "MQTT-3.3.4-3").bind("b");
    d.on("alice").publishes(a);
    d.on("bob").expects(with, DELIVERY_OWED.cite(V5)).answers_puback("a");
    d.on("alice").publishes(b);
    d.on("bob").expects(without, DELIVERY_OWED.cite(V5)).answers_puback("b");
    d.build()
}

/// One copy with both identifiers, or two copies with one each.
fn overlap_identifiers() -> Scenario {
    // At QoS 0, since a server may keep the second copy back until the first is acknowledged.
    let qos = QoS::AtMostOnce;
    let mut d = start(
        "overlapping-subscription-identifiers",
        "On overlap one copy carries both Subscription Identifiers, or each of two copies its own",
        qos,
    )
    .needs(Need::SubscriptionIdentifier)
    .needs(Need::WildcardSubscription)
    .proves(&["MQTT-3.3.4-4", "MQTT-3.3.4-3", "MQTT-3.3.4-5"]);
    d.on("alice").connects();
    d.on("bob")
        .connects()
        .subscribes_with(subscribe(1, "{ns}/a", qos).with(PropertyBuf::subscription_identifier(3)))
        .subscribes_with(subscribe(2, "{ns}/+", qos).with(PropertyBuf::subscription_identifier(5)));
    let message = publish("{ns}/a", "both");
    d.on("alice").publishes(message.clone());
    let with =
        |ids: Vec<u32>, cite: &str| delivered(V5, &message).check_citing(Field::SubscriptionIdentifiers(ids), cite);
    let copies = vec![with(vec![3], "MQTT-3.3.4-5"), with(vec![5], "MQTT-3.3.4-5")];
    d.on("bob").expects_one_of(
        vec![
            Alternative::AnyOrder(copies),
            with(vec![3, 5], "MQTT-3.3.4-4").observe("one copy for overlapping subscriptions").into(),
        ],
        "MQTT-3.3.4-4",
    );
    d.build()
}
