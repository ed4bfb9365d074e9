//! Sessions, flows and time (4.1, 4.3.3, 4.4): nothing is repeated on a live connection, nothing begun expires, and the
//! session lasts as long as its connection.

use mqttspec_codec::{DisconnectBuf, PacketType, PropertyBuf, ProtocolVersion, QoS, ReasonCode};

use super::qos_support::{OnExt, QOS2_ONCE, RESEND, dialogue, keeping, keeping_one_second, resuming};
use crate::duty::{DELIVERY_OWED, Duty, PUBREC_OWED, PUBREL_OWED};
use crate::model::{ConnectExt, PublishExt, Scenario, connect, delivered, publish};

const V5: ProtocolVersion = ProtocolVersion::V5_0;
/// The session lasts at least as long as its connection.
const LIVE_SESSION: Duty = Duty::new("", "MQTT-4.1.0-2", "MQTT-4.1.0-1");

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        nothing_again_on_live_connection(QoS::AtLeastOnce, PacketType::Publish),
        nothing_again_on_live_connection(QoS::ExactlyOnce, PacketType::Publish),
        nothing_again_on_live_connection(QoS::ExactlyOnce, PacketType::PubRel),
        in_flight_does_not_expire(),
        expired_message_is_completed(),
        session_lasts_while_connected(),
        live_session_v3(),
        expiry_0_at_disconnect(),
        expiry_0(),
    ]
}

/// 5.0 forbids what earlier versions allowed: repeating without a new connection.
fn nothing_again_on_live_connection(qos: QoS, last: PacketType) -> Scenario {
    let mut d = dialogue(
        V5,
        "4.4 Message delivery retry",
        &format!("resume/no-{}-again-on-live-connection-qos-{}", last.name().to_lowercase(), qos.value()),
        "Nothing is sent again on a connection that stays open, however long the acknowledgement takes",
        qos,
    )
    .proves_duties(&[RESEND]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/a", qos);
    let message = publish("{ns}/a", "patience").at(qos, 7);
    d.on("alice").publishes(message.clone());
    d.on("bob").receives(&message, "m");
    if last == PacketType::PubRel {
        d.on("bob").answers(PacketType::PubRec, "m").expects_pubrel("m", PUBREL_OWED.cite(V5));
    }
    let again = [PacketType::Publish, PacketType::PubRel];
    d.on("bob").gets_no(&again, RESEND.cite(V5));
    d.wait(2500);
    d.on("bob").fences().gets_no(&again, RESEND.cite(V5));
    if last == PacketType::PubRel {
        d.on("bob").answers(PacketType::PubComp, "m");
    } else {
        d.on("bob").acknowledges(qos, "m");
    }
    d.on("bob").gets_no(&again, RESEND.cite(V5));
    d.build()
}

/// The Message Expiry Interval counts until the first transmission (4.3.3).
fn in_flight_does_not_expire() -> Scenario {
    let qos = QoS::ExactlyOnce;
    let mut d = resuming(
        V5,
        "resume/message-in-flight-does-not-expire",
        "A QoS 2 message that was sent once is sent again although its Message Expiry Interval has passed",
        qos,
    )
    .proves(&["MQTT-4.3.3-7"]);
    d.on("alice").connects();
    d.on("bob").connects_with(keeping(V5, "bob")).subscribes(1, "{ns}/a", qos);
    let message = publish("{ns}/a", "begun").qos2(7);
    d.on("alice").publishes(message.clone().with(PropertyBuf::message_expiry_interval(1)));
    d.on("bob").receives(&message, "m").drops();
    d.wait(2500);
    let again = super::qos_support::redelivered(V5, &message, "m");
    d.on("bob").resumes_with(keeping(V5, "bob")).expects(again, "MQTT-4.3.3-7").completes_qos2("m");
    d.build()
}

fn expired_message_is_completed() -> Scenario {
    let qos = QoS::ExactlyOnce;
    let mut d = dialogue(
        V5,
        "4.3 Quality of Service levels",
        "flow/expired-message-is-completed",
        "The QoS 2 exchange of a message goes on to PUBCOMP although the message has expired meanwhile",
        qos,
    )
    .proves(&["MQTT-4.3.3-13"]);
    d.on("alice")
        .connects()
        .sends(publish("{ns}/a", "brief").qos2(7).with(PropertyBuf::message_expiry_interval(1)))
        .expects_ack(PacketType::PubRec, 7, PUBREC_OWED.cite(V5));
    d.wait(2500);
    d.on("alice").sends_ack(PacketType::PubRel, 7).expects_ack(PacketType::PubComp, 7, "MQTT-4.3.3-13").fences();
    d.build()
}

/// The Session Expiry Interval counts from the end of the connection.
fn session_lasts_while_connected() -> Scenario {
    let qos = QoS::ExactlyOnce;
    let mut d = dialogue(
        V5,
        "4.1 Session State",
        "session/lasts-while-connected",
        "Subscriptions and flows stay alive on a connection that outlasts its Session Expiry Interval",
        qos,
    )
    .proves(&["MQTT-4.1.0-1"]);
    let open = publish("{ns}/b", "open").qos2(9);
    d.on("alice").connects().subscribes(1, "{ns}/b", qos);
    d.on("bob").connects_with(keeping_one_second("bob")).subscribes(1, "{ns}/a", qos).sends(open.clone()).expects_ack(
        PacketType::PubRec,
        9,
        PUBREC_OWED.cite(V5),
    );
    d.wait(2500);
    let message = publish("{ns}/a", "late").qos2(7);
    d.on("alice").publishes(message.clone());
    d.on("bob").receives_citing(&message, "m", "MQTT-4.1.0-1").completes_qos2("m").publishes(open.clone().dup());
    d.on("alice").receives(&open, "o").completes_qos2("o").gets_no_publish(QOS2_ONCE.cite(V5));
    d.build()
}

/// A clean session has nothing to keep beyond its connection, but everything while it lasts.
fn live_session_v3() -> Scenario {
    let version = ProtocolVersion::V3_1_1;
    let qos = QoS::ExactlyOnce;
    let mut d = dialogue(
        version,
        "4.1 Session State",
        "session/lasts-while-connected",
        "Subscriptions and flows of a clean session stay alive as long as its connection",
        qos,
    )
    .proves_duties(&[LIVE_SESSION]);
    let open = publish("{ns}/b", "open").qos2(9);
    d.on("alice").connects().subscribes(1, "{ns}/b", qos);
    d.on("bob").connects().subscribes(1, "{ns}/a", qos).sends(open.clone()).expects_ack(
        PacketType::PubRec,
        9,
        PUBREC_OWED.cite(version),
    );
    d.wait(2000);
    let message = publish("{ns}/a", "late").qos2(7);
    d.on("alice").publishes(message.clone());
    d.on("bob")
        .receives_citing(&message, "m", LIVE_SESSION.cite(version))
        .completes_qos2("m")
        .publishes(open.clone().dup());
    d.on("alice").receives(&open, "o").completes_qos2("o").gets_no_publish(LIVE_SESSION.cite(version));
    d.build()
}

/// DISCONNECT may shorten the interval (3.14.2.2.2); with 0 the session ends at once.
fn expiry_0_at_disconnect() -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = resuming(
        V5,
        "resume/expiry-0-at-disconnect",
        "A session that its client ends with Session Expiry Interval 0 in DISCONNECT is gone: nothing is sent again",
        qos,
    )
    .proves(&["MQTT-4.1.0-2"]);
    d.on("alice").connects();
    d.on("bob").connects_with(keeping(V5, "bob")).subscribes(1, "{ns}/a", qos);
    let message = publish("{ns}/a", "given up").qos1(7);
    d.on("alice").publishes(message.clone());
    let goodbye = DisconnectBuf {
        reason_code: ReasonCode::NORMAL_DISCONNECTION,
        properties: vec![PropertyBuf::session_expiry_interval(0)],
    };
    d.on("bob").receives(&message, "m").fences().sends(goodbye).drops();
    // The end of the connection must be noticed before the return, else the session is still live.
    d.wait(1000);
    d.on("bob").connects_with(keeping(V5, "bob")).gets_no_publish("MQTT-4.1.0-2");
    d.build()
}

/// Without a Session Expiry Interval the session ends with its connection.
fn expiry_0() -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = dialogue(
        V5,
        "4.1 Session State",
        "session/ends-with-connection-without-expiry-interval",
        "A session without Session Expiry Interval ends with its connection: nothing is sent again",
        qos,
    )
    .proves(&["MQTT-4.1.0-2"]);
    d.on("alice").connects();
    d.on("bob").connects_with(connect(V5, "{ns}bob").clean(false)).subscribes(1, "{ns}/a", qos);
    let message = publish("{ns}/a", "given up").qos1(7);
    d.on("alice").publishes(message.clone());
    d.on("bob").receives(&message, "m").fences().disconnects();
    d.wait(1000);
    d.on("bob").connects_with(connect(V5, "{ns}bob").clean(false)).gets_no_publish("MQTT-4.1.0-2");
    d.on("alice").publishes(publish("{ns}/a", "to nobody").qos1(8));
    d.on("bob").gets_no_publish("MQTT-4.1.0-2").subscribes(2, "{ns}/a", qos);
    let control = publish("{ns}/a", "control").qos1(9);
    d.on("alice").publishes(control.clone());
    d.on("bob").expects(delivered(V5, &control).bind("n"), DELIVERY_OWED.cite(V5)).answers_puback("n");
    d.build()
}
