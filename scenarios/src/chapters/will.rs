//! 3.1.2.5 Will Flag: when a will is published, and as what.

use mqttspec_codec::{
    ConnectBuf, DisconnectBuf, PacketType, PropertyBuf, PropertyId, ProtocolVersion, PublishBuf, QoS, ReasonCode,
    WillBuf,
};

use super::idioms::{
    ALL, BROKEN, Idioms, NUMBERED, V5, WILL_CANCELLED, WILL_OWED, a_later_loss_is_noticed, each, prepare_a_later_loss,
};
use crate::duty::{self, Duty};
use crate::model::{
    Cite, ConnectExt, Dialogue, Ending, Field, Need, Pattern, PublishExt, Scenario, WillExt, connect, delivered,
    disconnect, publish, subscribe, will,
};

const CHAPTER: &str = "3.1 CONNECT";
const STORED: Duty = Duty::new("", "", "MQTT-3.1.2-7");
const WILL_QOS: Duty = Duty::new("", "MQTT-3.1.2-9", "");
const FORGOTTEN: Duty = Duty::new("MQTT31-3.1-5", "MQTT-3.1.2-10", "MQTT-3.1.2-10");
const NONE_WITHOUT_FLAG: Duty = Duty::new("", "MQTT-3.1.2-12", "");
const NOT_RETAINED: Duty = Duty::new("MQTT31-3.1-5", "MQTT-3.1.2-16", "MQTT-3.1.2-14");
const RETAINED: Duty = Duty::new("MQTT31-3.1-5", "MQTT-3.1.2-17", "MQTT-3.1.2-15");

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = each(ALL, after_an_end_without_disconnect);
    all.extend(each(ALL, after_a_reset));
    all.extend(each(NUMBERED, after_a_protocol_error));
    all.extend(each(NUMBERED, after_a_second_connect));
    all.extend(each(ALL, after_keep_alive));
    all.extend(each(NUMBERED, after_a_take_over));
    all.extend(each(ALL, not_after_disconnect));
    all.extend(each(ALL, forgotten_after_disconnect));
    all.extend(each(ALL, published_once));
    all.extend(each(ALL, last_one_counts));
    all.extend(each(ALL, at_qos_1));
    all.extend(each(ALL, at_qos_2));
    all.extend(each(ALL, empty));
    all.extend(each(ALL, not_retained));
    all.extend(each(ALL, retained));
    all.extend(each(ALL, kept_for_the_absent));
    all.extend(each(V5, after_disconnect_with_will));
    all.extend(each(V5, after_disconnect_with_an_error));
    all.extend(each(V5, with_properties));
    all
}

fn new(v: ProtocolVersion, name: &str, title: &str, duties: &[Duty]) -> Dialogue {
    Dialogue::new(v, CHAPTER, &format!("will/{name}"), title).proves_duties(duties)
}

/// What `bob` receives when `alice` is lost.
fn lost() -> PublishBuf {
    publish("{ns}/will", "alice is lost")
}

/// The CONNECT of `alice`, who leaves [`lost`] behind.
fn mortal(v: ProtocolVersion) -> ConnectBuf {
    connect(v, "{ns}alice").will(will("{ns}/will", "alice is lost"))
}

/// `bob` watches, `alice` connects with her will, both are alive.
fn prepare(d: &mut Dialogue) {
    let v = d.version();
    d.on("bob").connects().subscribes(1, "{ns}/will", QoS::AtLeastOnce);
    d.on("alice").connects_with(mortal(v)).fences();
}

fn after_an_end_without_disconnect(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "after-an-end-without-disconnect",
        "A will is published when its client closes the connection without DISCONNECT, and only then",
        &[WILL_OWED, STORED],
    );
    prepare(&mut d);
    d.on("bob").gets_no_publish(WILL_OWED.cite(v));
    d.on("alice").drops();
    d.on("bob").receives_will(&lost(), "m", WILL_OWED.cite(v)).gets_no_publish(FORGOTTEN.cite(v));
    d.build()
}

fn after_a_reset(v: ProtocolVersion) -> Scenario {
    let mut d = new(v, "after-a-reset", "A will is published when the connection is reset", &[WILL_OWED, STORED]);
    prepare(&mut d);
    d.on("alice").resets();
    d.on("bob").receives_will(&lost(), "m", WILL_OWED.cite(v));
    d.build()
}

fn after_a_protocol_error(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "after-a-protocol-error",
        "A will is published when the server closes the connection because of a malformed packet",
        &[WILL_OWED],
    );
    prepare(&mut d);
    d.on("alice").breaks_a_rule().expects_close(BROKEN, super::idioms::QOS_3_REFUSED.cite(v));
    d.on("bob").receives_will(&lost(), "m", WILL_OWED.cite(v));
    d.build()
}

fn after_a_second_connect(v: ProtocolVersion) -> Scenario {
    const SECOND: Duty = Duty::new("", "MQTT-3.1.0-2", "MQTT-3.1.0-2");
    let mut d = new(
        v,
        "after-a-second-connect",
        "A will is published when the server closes the connection because of a second CONNECT, the first will",
        &[WILL_OWED],
    );
    prepare(&mut d);
    let second = connect(v, "{ns}alice").will(will("{ns}/will", "another will"));
    d.on("alice").sends(second).expects_close(BROKEN, SECOND.cite(v));
    d.on("bob").receives_will(&lost(), "m", WILL_OWED.cite(v)).gets_no_publish(WILL_OWED.cite(v));
    d.build()
}

fn after_keep_alive(v: ProtocolVersion) -> Scenario {
    const DROPPED: Duty = Duty::new("MQTT31-3.1-7", "MQTT-3.1.2-24", "MQTT-3.1.2-22");
    let mut d = new(
        v,
        "after-keep-alive",
        "A will is published when its client is dropped for its Keep Alive",
        &[WILL_OWED, DROPPED],
    );
    d.on("bob").connects().subscribes(1, "{ns}/will", QoS::AtLeastOnce);
    d.on("alice").connects_with(mortal(v).keep_alive(1));
    let ending =
        if v.has_properties() { Ending::disconnect(&[ReasonCode::KEEP_ALIVE_TIMEOUT]) } else { Ending::bare() };
    d.on("alice").ends_in_time(ending, DROPPED.cite(v));
    d.on("bob").receives_will(&lost(), "m", WILL_OWED.cite(v));
    d.build()
}

fn after_a_take_over(v: ProtocolVersion) -> Scenario {
    const TAKEN_OVER: Duty = Duty::new("", "MQTT-3.1.4-2", "MQTT-3.1.4-3");
    let mut d = new(
        v,
        "after-a-take-over",
        "A will is published when another connection takes the place of its client",
        &[WILL_OWED],
    );
    prepare(&mut d);
    d.on("new").connects_with(connect(v, "{ns}alice"));
    d.on("alice").expects_close(&[ReasonCode::SESSION_TAKEN_OVER], TAKEN_OVER.cite(v));
    d.on("bob").receives_will(&lost(), "m", WILL_OWED.cite(v));
    d.on("new").fences();
    d.build()
}

fn not_after_disconnect(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        "3.14 DISCONNECT",
        "will/not-after-disconnect",
        "A will is not published when its client has sent DISCONNECT",
    )
    .proves_duties(&[WILL_CANCELLED]);
    prepare(&mut d);
    prepare_a_later_loss(&mut d);
    d.on("alice").disconnects();
    a_later_loss_is_noticed(&mut d);
    d.on("bob").gets_no_publish(WILL_CANCELLED.cite(v));
    d.build()
}

fn forgotten_after_disconnect(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "forgotten-after-disconnect",
        "A will that DISCONNECT has cancelled does not come back when a later connection without a will is lost",
        &[FORGOTTEN, NONE_WITHOUT_FLAG],
    );
    prepare(&mut d);
    prepare_a_later_loss(&mut d);
    d.on("alice").disconnects();
    d.on("alice").connects().fences().drops();
    a_later_loss_is_noticed(&mut d);
    d.on("bob").gets_no_publish(super::idioms::cite_or(NONE_WITHOUT_FLAG, FORGOTTEN, v));
    d.build()
}

fn published_once(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "published-once",
        "A will that was published does not come back when a later connection without a will is lost",
        &[FORGOTTEN],
    );
    prepare(&mut d);
    prepare_a_later_loss(&mut d);
    d.on("alice").drops();
    d.on("bob").receives_will(&lost(), "m", WILL_OWED.cite(v));
    d.on("alice").connects().fences().drops();
    a_later_loss_is_noticed(&mut d);
    d.on("bob").gets_no_publish(FORGOTTEN.cite(v));
    d.build()
}

fn last_one_counts(v: ProtocolVersion) -> Scenario {
    let mut d = new(v, "last-one-counts", "Each connection has the will of its own CONNECT", &[WILL_OWED, FORGOTTEN]);
    prepare(&mut d);
    d.on("alice").drops();
    d.on("bob").receives_will(&lost(), "m", WILL_OWED.cite(v));
    d.on("alice").connects_with(connect(v, "{ns}alice").will(will("{ns}/will", "lost again"))).fences().drops();
    d.on("bob").receives_will(&publish("{ns}/will", "lost again"), "n", WILL_OWED.cite(v));
    d.on("bob").gets_no_publish(FORGOTTEN.cite(v));
    d.build()
}

/// The statement that the Will QoS is used: in 5.0 the sentence of 3.1.2.6 has no number.
fn qos_cite(v: ProtocolVersion) -> Cite {
    match v {
        ProtocolVersion::V3_1 => Cite::from("MQTT31-3.1-5"),
        ProtocolVersion::V3_1_1 => WILL_QOS.cite(v),
        ProtocolVersion::V5_0 => Cite::from("3.1.2.6"),
    }
}

fn with_qos(v: ProtocolVersion, name: &str, qos: QoS) -> Dialogue {
    let mut d =
        new(v, name, "A will is published at its Will QoS", &[WILL_OWED, WILL_QOS]).needs(Need::Qos(qos.value()));
    d.on("bob").connects().subscribes(1, "{ns}/will", QoS::ExactlyOnce);
    let packet = connect(v, "{ns}alice").will(will("{ns}/will", "alice is lost").at(qos));
    d.on("alice").connects_with(packet).fences().drops();
    let expected =
        delivered(v, &lost().at(qos, 0)).citing(qos_cite(v), |field| matches!(field, Field::QosIn(_))).bind("m");
    let window = crate::model::Window { not_before_ms: 0, not_after_ms: super::idioms::GENEROUS_MS };
    d.on("bob").expects_within(vec![expected.into()], window, WILL_OWED.cite(v));
    d
}

fn at_qos_1(v: ProtocolVersion) -> Scenario {
    let mut d = with_qos(v, "at-qos-1", QoS::AtLeastOnce);
    d.on("bob").answers_puback("m").fences();
    d.build()
}

fn at_qos_2(v: ProtocolVersion) -> Scenario {
    let mut d = with_qos(v, "at-qos-2", QoS::ExactlyOnce);
    d.on("bob").completes_qos2("m").fences();
    d.build()
}

fn empty(v: ProtocolVersion) -> Scenario {
    let mut d = new(v, "empty", "A will without a payload is published", &[WILL_OWED]);
    d.on("bob").connects().subscribes(1, "{ns}/will", QoS::AtMostOnce);
    d.on("alice").connects_with(connect(v, "{ns}alice").will(will("{ns}/will", ""))).fences().drops();
    d.on("bob").receives_will(&publish("{ns}/will", ""), "m", WILL_OWED.cite(v));
    d.build()
}

fn not_retained(v: ProtocolVersion) -> Scenario {
    let mut d =
        new(v, "not-retained", "A will with Will Retain 0 leaves no retained message", &[NOT_RETAINED, WILL_OWED]);
    prepare(&mut d);
    d.on("alice").drops();
    d.on("bob").receives_will(&lost(), "m", WILL_OWED.cite(v));
    d.on("late").connects().subscribes(1, "{ns}/will", QoS::AtMostOnce).gets_no_publish(NOT_RETAINED.cite(v));
    d.build()
}

fn retained(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "retained",
        "A will with Will Retain 1 is published as a retained message, which later subscribers get",
        &[RETAINED, WILL_OWED],
    )
    .needs(Need::Retain)
    .needs(Need::Qos(1));
    let stored: WillBuf = will("{ns}/will", "alice is lost").at(QoS::AtLeastOnce).retained();
    d.on("bob").connects().subscribes(1, "{ns}/will", QoS::AtMostOnce);
    d.on("alice").connects_with(connect(v, "{ns}alice").will(stored)).fences().drops();
    d.on("bob").receives_will(&lost(), "m", WILL_OWED.cite(v));
    let expected = delivered(v, &lost().retained()).citing(RETAINED.cite(v), |f| matches!(f, Field::Retain(_)));
    d.on("late").connects().sends(subscribe(1, "{ns}/will", QoS::AtMostOnce));
    d.on("late").expects(Pattern::any(PacketType::SubAck), duty::SUBACK_OWED.cite(v));
    d.on("late").expects(expected, RETAINED.cite(v));
    d.build()
}

fn kept_for_the_absent(v: ProtocolVersion) -> Scenario {
    let mut d =
        new(v, "kept-for-the-absent", "A will of QoS 1 waits for a subscriber whose session is kept", &[WILL_OWED])
            .needs(Need::Qos(1));
    let packet = connect(v, "{ns}bob").persistent();
    d.on("bob").connects_with(packet.clone()).subscribes(1, "{ns}/will", QoS::AtLeastOnce).drops();
    d.on("watch").connects().subscribes(1, "{ns}/will", QoS::AtMostOnce);
    d.on("alice").connects_with(connect(v, "{ns}alice").will(will("{ns}/will", "alice is lost").at(QoS::AtLeastOnce)));
    d.on("alice").fences().drops();
    d.on("watch").receives_will(&lost(), "m", WILL_OWED.cite(v));
    d.on("bob").resumes_with(packet).receives(&lost().qos1(0), "n").answers_puback("n");
    d.build()
}

fn after_disconnect_with_will(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "after-disconnect-with-will",
        "A will is published after DISCONNECT with reason code 0x04",
        &[WILL_OWED],
    );
    prepare(&mut d);
    d.on("alice").sends(disconnect(ReasonCode::DISCONNECT_WITH_WILL_MESSAGE)).drops();
    d.on("bob").receives_will(&lost(), "m", WILL_OWED.cite(v));
    d.build()
}

fn after_disconnect_with_an_error(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "after-disconnect-with-an-error",
        "A will is published after DISCONNECT with an error code",
        &[WILL_OWED],
    );
    prepare(&mut d);
    let properties = vec![PropertyBuf::reason_string("{ns}"), PropertyBuf::user_property("why", "none")];
    d.on("alice").sends(DisconnectBuf { reason_code: ReasonCode::UNSPECIFIED_ERROR, properties }).drops();
    d.on("bob").receives_will(&lost(), "m", WILL_OWED.cite(v));
    d.build()
}

fn with_properties(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "with-properties",
        "A will is published with its properties, User Properties in their order",
        &[Duty::new("", "", "MQTT-3.1.3-10"), WILL_OWED],
    );
    let properties = [
        PropertyBuf::payload_format_indicator(1),
        PropertyBuf::content_type("text/plain"),
        PropertyBuf::response_topic("{ns}/answer"),
        PropertyBuf::correlation_data(vec![0, 1, 2, 255]),
        PropertyBuf::user_property("b", "first"),
        PropertyBuf::user_property("a", "second"),
        PropertyBuf::user_property("b", "third"),
    ];
    let last = properties.iter().cloned().fold(will("{ns}/will", "alice is lost"), WillExt::with);
    let message = properties.into_iter().fold(lost(), PublishExt::with);
    d.on("bob").connects().subscribes(1, "{ns}/will", QoS::AtMostOnce);
    d.on("alice").connects_with(connect(v, "{ns}alice").will(last)).fences().drops();
    let property = |id: PropertyId| move |field: &Field| matches!(field, Field::Property(p) if p.id == id);
    let expected = delivered(v, &message)
        .citing("MQTT-3.1.3-10", |field| matches!(field, Field::UserProperties(_)))
        .citing("MQTT-3.3.2-4", property(PropertyId::PayloadFormatIndicator))
        .citing("MQTT-3.3.2-15", property(PropertyId::ResponseTopic))
        .citing("MQTT-3.3.2-16", property(PropertyId::CorrelationData))
        .citing("MQTT-3.3.2-20", property(PropertyId::ContentType));
    let window = crate::model::Window { not_before_ms: 0, not_after_ms: super::idioms::GENEROUS_MS };
    d.on("bob").expects_within(vec![expected.into()], window, WILL_OWED.cite(v));
    d.build()
}
