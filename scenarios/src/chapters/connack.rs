//! 3.2 CONNACK: what it says, when it comes, and that a refusal is the end.

use mqttspec_codec::{PacketType, PropertyBuf, PropertyId, ProtocolVersion, QoS, ReasonCode};

use super::idioms::{ALL, BROKEN, NUMBERED, V5, each};
use crate::duty::{self, Duty};
use crate::model::{
    Alternative, ConnectExt, Dialogue, Ending, Field, Need, Pattern, PublishExt, Scenario, WillExt, connect, publish,
    refused_connection, subscribe, will,
};

const CHAPTER: &str = "3.2 CONNACK";
const FIRST: Duty = Duty::new("MQTT31-3.2-1", "MQTT-3.2.0-1", "MQTT-3.2.0-1");
const NO_SESSION_IN_REFUSAL: Duty = Duty::new("", "MQTT-3.2.2-4", "MQTT-3.2.2-6");
const REFUSAL_ENDS: Duty = Duty::new("", "MQTT-3.2.2-5", "MQTT-3.2.2-7");

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = each(ALL, comes_before_waiting_messages);
    all.extend(each(NUMBERED, refusal_ends_the_connection));
    all.extend(each(V5, refusal_of_a_session_holder));
    all.extend(each(V5, flags_and_code));
    all.extend(each(V5, session_present_both_ways));
    all.extend(each(V5, qos_2_without_a_maximum));
    all.extend(each(V5, lower_maximum_qos_takes_subscriptions));
    all.extend(each(V5, will_above_maximum_qos));
    all.extend(each(V5, retained_will_without_retain));
    all.extend(each(V5, fits_into_a_small_packet));
    all
}

fn comes_before_waiting_messages(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "connack/comes-before-waiting-messages",
        "CONNACK comes before the messages that wait in a resumed session",
    )
    .proves_duties(&[FIRST, duty::SESSION_PRESENT_1]);
    let packet = connect(v, "{ns}alice").persistent();
    let message = |text| publish("{ns}/waiting", text);
    d.on("bob").connects();
    d.on("alice").connects_with(packet.clone()).subscribes(1, "{ns}/waiting", QoS::AtLeastOnce).drops();
    d.on("bob").publishes(message("one").qos1(1)).publishes(message("two").qos1(2));
    // The monitor of every run looks at what comes first.
    d.on("alice").resumes_with(packet).receives(&message("one").qos1(0), "m").answers_puback("m");
    d.on("alice").receives(&message("two").qos1(0), "m").answers_puback("m");
    d.build()
}

fn unknown_method_codes() -> Vec<ReasonCode> {
    let mut codes = vec![ReasonCode::BAD_AUTHENTICATION_METHOD, ReasonCode::NOT_AUTHORIZED];
    codes.extend(BROKEN);
    codes
}

fn refusal_ends_the_connection(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "connack/refusal-ends-the-connection",
        "A CONNACK that refuses has a defined code and Session Present 0, and the connection ends after it",
    )
    .proves_duties(&[REFUSAL_ENDS, NO_SESSION_IN_REFUSAL]);
    let (packet, codes, bare) = if v.has_properties() {
        d = d.proves(&["MQTT-3.2.2-8", "MQTT-4.13.2-1"]);
        let packet = connect(v, "{ns}eve").with(PropertyBuf::authentication_method("{ns}-unknown"));
        (packet, unknown_method_codes(), true)
    } else {
        (connect(v, "").clean(false), vec![ReasonCode::V3_IDENTIFIER_REJECTED], false)
    };
    d.on("alice").connects().fences();
    let farewell = Pattern::any(PacketType::ConnAck)
        .reason(&codes)
        .check_citing(Field::SessionPresent(false), NO_SESSION_IN_REFUSAL.cite(v));
    let ending = Ending { farewell: vec![farewell], bare };
    d.on("eve").opens().sends(packet).expects_one_of(vec![ending.into()], REFUSAL_ENDS.cite(v));
    d.build()
}

fn refusal_of_a_session_holder(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "connack/refusal-of-a-session-holder",
        "A refusal has Session Present 0 although there is a session, and does the session no harm",
    )
    .proves(&["MQTT-3.2.2-6", "MQTT-3.2.2-7"]);
    let packet = connect(v, "{ns}alice").persistent();
    d.on("alice").connects_with(packet.clone()).subscribes(1, "{ns}/held", QoS::AtLeastOnce).drops();
    let refused = packet.clone().with(PropertyBuf::authentication_method("{ns}-unknown"));
    let farewell = Pattern::any(PacketType::ConnAck)
        .reason(&unknown_method_codes())
        .check_citing(Field::SessionPresent(false), "MQTT-3.2.2-6");
    let ending = Ending { farewell: vec![farewell], bare: true };
    d.on("eve").opens().sends(refused).expects_one_of(vec![ending.into()], "MQTT-4.12.0-1");
    d.on("alice").resumes_with(packet).fences();
    d.build()
}

fn flags_and_code(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "connack/flags-and-code",
        "CONNACK has no reserved flag set, a code of its table, and no Authentication Method that nobody named",
    )
    .proves(&["MQTT-3.2.2-1", "MQTT-3.2.2-8", "MQTT-4.12.0-6", "MQTT-3.1.2-28"]);
    let connack = Pattern::any(PacketType::ConnAck)
        .check_citing(Field::ReasonIn(vec![ReasonCode::SUCCESS]), "MQTT-3.1.4-5")
        .check_citing(Field::SessionPresent(false), "MQTT-3.2.2-2")
        .check_citing(Field::PropertyAbsent(PropertyId::AuthenticationMethod), "MQTT-4.12.0-6")
        .check_citing(Field::PropertyAbsent(PropertyId::ResponseInformation), "MQTT-3.1.2-28");
    d.on("alice")
        .opens()
        .sends(connect(v, "{ns}alice"))
        .expects_one_of(vec![connack.into(), refused_connection(v)], "MQTT-3.1.4-5")
        .fences();
    d.build()
}

fn session_present_both_ways(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "connack/session-present-both-ways",
        "Session Present says what there was: 0 for a new session, 1 for a kept one, 0 for a clean start",
    )
    .proves(&["MQTT-3.2.2-3", "MQTT-3.2.2-2"]);
    let packet = connect(v, "{ns}alice").persistent();
    d.on("alice").connects_with(packet.clone()).disconnects();
    d.on("alice").resumes_with(packet.clone()).disconnects();
    d.on("alice").connects_with(packet.clone().clean(true)).disconnects();
    d.on("alice").resumes_with(packet).fences();
    d.build()
}

fn qos_2_without_a_maximum(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "connack/qos-2-without-a-maximum",
        "A server that announces no Maximum QoS takes messages of QoS 1 and 2",
    )
    .proves(&["MQTT-3.2.2-9"])
    .needs(Need::Qos(2));
    d.on("alice")
        .connects()
        .sends(publish("{ns}/max", "one").qos1(1))
        .expects_ack(PacketType::PubAck, 1, "MQTT-3.2.2-9")
        .sends(publish("{ns}/max", "two").qos2(2))
        .expects_ack(PacketType::PubRec, 2, "MQTT-3.2.2-9")
        .sends_ack(PacketType::PubRel, 2)
        .expects_ack(PacketType::PubComp, 2, duty::PUBCOMP_OWED.cite(v));
    d.build()
}

fn lower_maximum_qos_takes_subscriptions(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "connack/lower-maximum-qos-takes-subscriptions",
        "A server with a Maximum QoS takes subscriptions at any QoS, and grants what it can",
    )
    .proves(&["MQTT-3.2.2-10"])
    .needs(Need::Lacks(Box::new(Need::Qos(2))));
    let granted = [ReasonCode::GRANTED_QOS_0, ReasonCode::GRANTED_QOS_1];
    let suback = Pattern::any(PacketType::SubAck).check(Field::PacketId(1)).check(Field::ReasonsIn(vec![
        vec![ReasonCode::GRANTED_QOS_0],
        granted.to_vec(),
        granted.to_vec(),
    ]));
    let packet = crate::model::SubscribeExt::and(
        crate::model::SubscribeExt::and(subscribe(1, "{ns}/zero", QoS::AtMostOnce), "{ns}/one", QoS::AtLeastOnce),
        "{ns}/two",
        QoS::ExactlyOnce,
    );
    d.on("alice").connects().sends(packet).expects(suback, "MQTT-3.2.2-10");
    d.build()
}

fn will_above_maximum_qos(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "connack/will-above-maximum-qos",
        "A server with a Maximum QoS refuses a will above it",
    )
    .proves(&["MQTT-3.2.2-12"])
    .needs(Need::Lacks(Box::new(Need::Qos(2))));
    let with = |qos| connect(v, "{ns}alice").will(will("{ns}/will", "lost").at(qos));
    d.on("alice").connects_with(with(QoS::AtMostOnce)).fences().disconnects();
    let mut codes = vec![ReasonCode::QOS_NOT_SUPPORTED];
    codes.extend(BROKEN);
    d.on("alice").opens().sends(with(QoS::ExactlyOnce)).expects_refusal(&codes, "MQTT-3.2.2-12");
    d.build()
}

fn retained_will_without_retain(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "connack/retained-will-without-retain",
        "A server without retained messages refuses a will that is to be retained",
    )
    .proves(&["MQTT-3.2.2-13"])
    .needs(Need::Lacks(Box::new(Need::Retain)));
    let last = will("{ns}/will", "lost");
    d.on("alice").connects_with(connect(v, "{ns}alice").will(last.clone())).fences().disconnects();
    let mut codes = vec![ReasonCode::RETAIN_NOT_SUPPORTED];
    codes.extend(BROKEN);
    let packet = connect(v, "{ns}alice").will(last.retained());
    d.on("alice").opens().sends(packet).expects_refusal(&codes, "MQTT-3.2.2-13");
    d.build()
}

fn fits_into_a_small_packet(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "connack/fits-into-a-small-packet",
        "CONNACK keeps to the client's Maximum Packet Size, if need be without Reason String and User Properties",
    )
    .proves(&["MQTT-3.2.2-19", "MQTT-3.2.2-20", "MQTT-3.1.2-24"]);
    d.on("bob").connects().fences();
    let nothing = Alternative::StopAtEnd {
        not_applicable: false,
        why: "the target's CONNACK does not fit, and it closed instead".to_owned(),
    };
    // The monitor of every run compares the sizes.
    d.on("alice")
        .opens()
        .sends(connect(v, "{ns}alice").with(PropertyBuf::maximum_packet_size(64)))
        .expects_one_of(
            vec![
                Pattern::any(PacketType::ConnAck).reason(&[ReasonCode::SUCCESS]).into(),
                refused_connection(v),
                nothing,
            ],
            duty::CONNACK_OWED.cite(v),
        )
        .fences();
    d.build()
}
