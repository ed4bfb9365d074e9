//! 3.14 DISCONNECT: from the client, and from a 5.0 server.

use mqttspec_codec::{
    DisconnectBuf, Mutation, PacketBuf, PacketType, PropertyBuf, PropertyId, ProtocolVersion, QoS, ReasonCode,
};

use super::idioms::{ALL, BROKEN, Idioms, NUMBERED, V5, a_later_loss_is_noticed, each, prepare_a_later_loss};
use crate::duty::Duty;
use crate::model::{ConnectExt, Dialogue, Ending, Field, Pattern, Scenario, connect, disconnect, publish, will};

const CHAPTER: &str = "3.14 DISCONNECT";
const FLAGS: Duty = Duty::new("", "MQTT-3.14.1-1", "MQTT-3.14.1-1");
const CANCELS: Duty = Duty::new("MQTT31-3.14-1", "MQTT-3.14.4-3", "MQTT-3.14.4-3");

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = each(NUMBERED, reserved_flags);
    all.extend(each(ALL, in_the_write_of_connect));
    all.extend(each(V5, long_form_cancels_the_will));
    all.extend(each(V5, server_says_why_and_closes));
    all.extend(each(V5, server_says_why_in_few_bytes));
    all.extend(each(V5, none_before_connack));
    all.extend(each(V5, none_before_connect));
    all
}

fn new(v: ProtocolVersion, name: &str, title: &str, proves: &[&str]) -> Dialogue {
    Dialogue::new(v, CHAPTER, &format!("disconnect/{name}"), title).proves(proves)
}

fn reserved_flags(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "reserved-flags",
        "A DISCONNECT with a reserved flag of the fixed header set is refused: it does not cancel the will",
        &[],
    )
    .proves_duties(&[FLAGS]);
    let packet = || connect(v, "{ns}alice").will(will("{ns}/will", "not cancelled"));
    d.on("bob").connects().subscribes(1, "{ns}/will", QoS::AtMostOnce);
    d.on("alice").connects_with(packet()).fences();
    d.on("alice").sends_mutated(PacketBuf::Disconnect(DisconnectBuf::default()), Mutation::FlagBit0);
    d.on("alice").expects_close(BROKEN, FLAGS.cite(v));
    d.on("bob").receives_will(&publish("{ns}/will", "not cancelled"), "m", FLAGS.cite(v));
    d.build()
}

fn in_the_write_of_connect(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "in-the-write-of-connect",
        "A DISCONNECT in the same write as CONNECT is honoured: the will is not published",
        &[],
    )
    .proves_duties(&[CANCELS]);
    d.on("bob").connects().subscribes(1, "{ns}/will", QoS::AtMostOnce);
    prepare_a_later_loss(&mut d);
    let packet = connect(v, "{ns}alice").will(will("{ns}/will", "alice is lost"));
    d.on("alice").opens().sends(crate::model::Outgoing::Together(vec![
        packet.into(),
        disconnect(ReasonCode::NORMAL_DISCONNECTION).into(),
    ]));
    d.on("alice").expects_connack(false).drops();
    a_later_loss_is_noticed(&mut d);
    d.on("bob").gets_no_publish(CANCELS.cite(v));
    d.build()
}

fn long_form_cancels_the_will(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "long-form-cancels-the-will",
        "A DISCONNECT that spells out reason code 0x00 and properties cancels the will",
        &["MQTT-3.14.4-3"],
    );
    d.on("bob").connects().subscribes(1, "{ns}/will", QoS::AtMostOnce);
    prepare_a_later_loss(&mut d);
    d.on("alice").connects_with(connect(v, "{ns}alice").will(will("{ns}/will", "alice is lost"))).fences();
    let properties = vec![PropertyBuf::reason_string("done"), PropertyBuf::user_property("a", "b")];
    d.on("alice").sends(DisconnectBuf { reason_code: ReasonCode::NORMAL_DISCONNECTION, properties }).drops();
    a_later_loss_is_noticed(&mut d);
    d.on("bob").gets_no_publish("MQTT-3.14.4-3");
    d.build()
}

/// A DISCONNECT of the server with what must hold for each.
fn of_server() -> Ending {
    let farewell = Pattern::any(PacketType::Disconnect)
        .check_citing(Field::ReasonIn(BROKEN.to_vec()), "MQTT-4.13.1-1")
        .check_citing(Field::PropertyAbsent(PropertyId::SessionExpiryInterval), "MQTT-3.14.2-2");
    Ending { farewell: vec![farewell], bare: true }
}

fn server_says_why_and_closes(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "server-says-why-and-closes",
        "A DISCONNECT from the server has a code of its table and no Session Expiry Interval, and nothing follows it",
        &["MQTT-3.14.2-1", "MQTT-3.14.2-2", "MQTT-3.14.4-1", "MQTT-3.14.4-2", "MQTT-4.13.2-1"],
    );
    let packet = connect(v, "{ns}alice").persistent();
    d.on("alice").connects_with(packet.clone()).fences().breaks_a_rule();
    d.on("alice").expects_one_of(vec![of_server().into()], "MQTT-4.13.1-1");
    // The error is no end of the session.
    d.on("alice").resumes_with(packet).fences();
    d.build()
}

fn server_says_why_in_few_bytes(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "server-says-why-in-few-bytes",
        "A DISCONNECT from the server keeps to the client's Maximum Packet Size",
        &["MQTT-3.14.2-3", "MQTT-3.1.2-24"],
    );
    let packet = connect(v, "{ns}alice").with(PropertyBuf::maximum_packet_size(64));
    // The monitor of every run compares the sizes.
    d.on("alice").connects_with(packet).fences().breaks_a_rule();
    d.on("alice").expects_one_of(vec![of_server().into()], "MQTT-4.13.1-1");
    d.build()
}

fn none_before_connack(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "none-before-connack",
        "A CONNECT is refused with a CONNACK or just a close, not with a DISCONNECT",
        &["MQTT-3.14.0-1"],
    );
    let twin = connect(v, "{ns}alice");
    d.on("alice").connects_with(twin.clone()).fences().disconnects();
    d.on("alice").opens().sends_mutated(PacketBuf::Connect(twin), Mutation::TrailingByte);
    d.on("alice").expects_refusal(BROKEN, "MQTT-3.1.4-1");
    d.build()
}

fn none_before_connect(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "none-before-connect",
        "A connection that does not begin with CONNECT is closed without a DISCONNECT",
        &["MQTT-3.14.0-1", "MQTT-4.13.1-1"],
    );
    d.on("bob").connects().fences();
    d.on("alice").opens().sends(PacketBuf::PingResp).expects_refusal(BROKEN, "MQTT-4.13.1-1");
    d.build()
}
