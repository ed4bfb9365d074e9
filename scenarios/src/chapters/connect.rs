//! 3.1 CONNECT: what opens a connection, what does not, and what is refused with it.

use mqttspec_codec::{
    ConnectBuf, Mutation, PacketBuf, PacketType, PropertyBuf, ProtocolVersion, PublishBuf, QoS, ReasonCode,
};

use super::idioms::{ALL, BEFORE_V5, BROKEN, CLOSE_ON_ERROR, NUMBERED, V5, each};
use crate::duty::{self, Duty};
use crate::model::{
    Alternative, ConnectExt, Dialogue, Ending, Outgoing, Pattern, PublishExt, Scenario, connect, publish,
    refused_connection, subscribe,
};

const CHAPTER: &str = "3.1 CONNECT";
const SECOND_CONNECT: Duty = Duty::new("MQTT31-3.1-1", "MQTT-3.1.0-2", "MQTT-3.1.0-2");
const PROTOCOL_NAME: Duty = Duty::new("MQTT31-3.1-2", "MQTT-3.1.2-1", "MQTT-3.1.2-1");
const PROTOCOL_LEVEL: Duty = Duty::new("MQTT31-3.1-2", "MQTT-3.1.2-2", "MQTT-3.1.2-2");
const RESERVED_FLAG: Duty = Duty::new("", "MQTT-3.1.2-3", "MQTT-3.1.2-3");
const CHECKED: Duty = Duty::new("", "MQTT-3.1.4-1", "MQTT-3.1.4-1");
const IGNORED_AFTER_REFUSAL: Duty = Duty::new("", "MQTT-3.1.4-5", "MQTT-3.1.4-6");

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = each(ALL, sound_connect);
    all.extend(each(V5, every_property));
    for v in NUMBERED {
        all.extend(first_packets(*v).into_iter().map(|(name, packet)| first_packet_is_no_connect(*v, name, packet)));
    }
    all.extend(each(ALL, second_connect));
    all.extend(each(ALL, unknown_protocol_name));
    all.extend(each(NUMBERED, protocol_name_in_lower_case));
    all.extend(each(ALL, unknown_protocol_level));
    all.extend(each(NUMBERED, reserved_flag));
    all.extend(each(NUMBERED, malformed_connect_ousts_nobody));
    all.extend(each(NUMBERED, nothing_after_a_refusal));
    all.extend(each(ALL, user_name_and_password));
    all.extend(each(ALL, user_name_alone));
    all.extend(each(ALL, empty_user_name_and_password));
    all.extend(each(V5, password_alone));
    all.push(password_alone_before_v5(ProtocolVersion::V3_1_1));
    all.extend(each(BEFORE_V5, long_keep_alive));
    all
}

fn sound_connect(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(v, CHAPTER, "connect/sound-connect-is-accepted", "A sound CONNECT is accepted")
        .proves_duties(&[duty::CONNACK_OWED]);
    d.on("alice").opens().sends(connect(v, "{ns}alice").keep_alive(60)).expects_connack(false).fences();
    d.build()
}

fn every_property(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "connect/every-property-is-accepted",
        "A CONNECT with every property that needs no agreement is accepted",
    )
    .proves_duties(&[duty::CONNACK_OWED]);
    let packet = connect(v, "{ns}alice")
        .keep_alive(u16::MAX)
        .with(PropertyBuf::user_property("name", "one"))
        .with(PropertyBuf::session_expiry_interval(30))
        .with(PropertyBuf::receive_maximum(1))
        .with(PropertyBuf::maximum_packet_size(u32::MAX))
        .with(PropertyBuf::topic_alias_maximum(u16::MAX))
        .with(PropertyBuf::request_response_information(1))
        .with(PropertyBuf::request_problem_information(0))
        .with(PropertyBuf::user_property("name", "two"));
    d.on("alice").connects_with(packet).fences();
    d.build()
}

fn first_packets(v: ProtocolVersion) -> Vec<(&'static str, Outgoing)> {
    let _ = v;
    vec![
        ("pingreq", PacketBuf::PingReq.into()),
        ("publish", publish("{ns}/first", "before CONNECT").into()),
        ("subscribe", subscribe(1, "{ns}/first", QoS::AtMostOnce).into()),
    ]
}

fn first_packet_is_no_connect(v: ProtocolVersion, name: &str, packet: Outgoing) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        &format!("connect/{name}-before-connect"),
        "A connection that begins with another packet than CONNECT is closed, and the packet has no effect",
    )
    .proves_duties(&[CLOSE_ON_ERROR]);
    d.on("bob").connects().subscribes(1, "{ns}/first", QoS::AtMostOnce);
    d.on("alice").connects().publishes(publish("{ns}/first", "after CONNECT"));
    d.on("bob").receives(&publish("{ns}/first", "after CONNECT"), "m");
    // A DISCONNECT is not possible yet (3.14.0-1).
    let ending = if v.has_properties() { Ending::connack(BROKEN) } else { Ending::bare() };
    d.on("eve").opens().sends(packet).expects_one_of(vec![ending.into()], CLOSE_ON_ERROR.cite(v));
    d.on("bob").gets_no_publish(CLOSE_ON_ERROR.cite(v));
    d.build()
}

fn second_connect(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "connect/second-connect-ends-the-connection",
        "A second CONNECT on a connection ends it, without a second CONNACK",
    )
    .proves_duties(&[SECOND_CONNECT]);
    if v.has_properties() {
        d = d.proves(&["MQTT-3.2.0-2"]);
    }
    let packet = connect(v, "{ns}alice");
    d.on("alice").connects_with(packet.clone()).fences().sends(packet).expects_close(BROKEN, SECOND_CONNECT.cite(v));
    d.build()
}

/// How a CONNECT for an unknown protocol is refused: the format of the answer is left open, so that of either version.
fn unknown_protocol(v: ProtocolVersion) -> Ending {
    let mut codes = vec![ReasonCode::V3_UNACCEPTABLE_PROTOCOL_VERSION, ReasonCode::UNSUPPORTED_PROTOCOL_VERSION];
    if v.has_properties() {
        codes.extend(BROKEN);
    }
    Ending::connack(&codes)
}

fn unknown_protocol_name(v: ProtocolVersion) -> Scenario {
    protocol_name(v, Mutation::WrongProtocolName, "connect/unknown-protocol-name-is-refused")
}

fn protocol_name_in_lower_case(v: ProtocolVersion) -> Scenario {
    protocol_name(v, Mutation::ProtocolNameLowercase, "connect/protocol-name-in-lower-case-is-refused")
}

fn protocol_name(v: ProtocolVersion, mutation: Mutation, name: &str) -> Scenario {
    let title = "A CONNECT with a protocol name that is not its own is not served";
    let mut d = Dialogue::new(v, CHAPTER, name, title).proves_duties(&[PROTOCOL_NAME]);
    d.on("alice").connects().fences();
    d.on("eve").opens().sends_mutated(PacketBuf::Connect(connect(v, "{ns}eve")), mutation);
    d.on("eve").expects_one_of(vec![unknown_protocol(v).into()], PROTOCOL_NAME.cite(v));
    d.build()
}

fn unknown_protocol_level(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "connect/unknown-protocol-level-is-refused",
        "A CONNECT with a protocol level that does not exist is refused",
    )
    .proves_duties(&[PROTOCOL_LEVEL]);
    d.on("alice").connects().fences();
    d.on("eve").opens().sends_mutated(PacketBuf::Connect(connect(v, "{ns}eve")), Mutation::UnknownProtocolVersion);
    let ending = unknown_protocol(v);
    let mut accepted: Vec<Alternative> = vec![Ending { bare: v != ProtocolVersion::V3_1_1, ..ending }.into()];
    if v == ProtocolVersion::V3_1_1 {
        // 3.1.1 owes a CONNACK. A target that speaks 5.0 as well may go by 5.0, which owes none.
        accepted.push(Alternative::StopAtEnd {
            not_applicable: false,
            why: "closed without CONNACK, as a server that also speaks 5.0 may".to_owned(),
        });
    }
    d.on("eve").expects_one_of(accepted, PROTOCOL_LEVEL.cite(v));
    d.build()
}

fn reserved_flag(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "connect/reserved-flag-is-refused",
        "A CONNECT with the reserved Connect Flag set is refused",
    )
    .proves_duties(&[RESERVED_FLAG, CHECKED]);
    let twin = connect(v, "{ns}alice");
    d.on("alice").connects_with(twin.clone()).fences().disconnects();
    d.on("eve").opens().sends_mutated(PacketBuf::Connect(twin), Mutation::ConnectReservedFlag);
    d.on("eve").expects_one_of(vec![malformed_connect(v).into()], RESERVED_FLAG.cite(v));
    d.build()
}

/// How a malformed CONNECT is refused: 3.1.1 wants no CONNACK (3.1.4-1), in 5.0 one may come.
fn malformed_connect(v: ProtocolVersion) -> Ending {
    if v.has_properties() { Ending::connack(BROKEN) } else { Ending::bare() }
}

fn malformed_connect_ousts_nobody(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "connect/malformed-connect-ousts-nobody",
        "A malformed CONNECT is refused, and the client that is connected under its identifier stays",
    )
    .proves_duties(&[CHECKED]);
    let twin = connect(v, "{ns}alice");
    d.on("alice").connects_with(twin.clone()).subscribes(1, "{ns}/stay", QoS::AtMostOnce);
    d.on("eve").opens().sends_mutated(PacketBuf::Connect(twin), Mutation::TrailingByte);
    d.on("eve").expects_one_of(vec![malformed_connect(v).into()], CHECKED.cite(v));
    d.on("alice").fences_citing(CHECKED.cite(v)).publishes(publish("{ns}/stay", "still here"));
    d.on("alice").receives(&publish("{ns}/stay", "still here"), "m");
    d.build()
}

/// A well-formed CONNECT that any target of this version refuses, and how.
fn refusable(v: ProtocolVersion) -> (ConnectBuf, Ending) {
    if v.has_properties() {
        let packet = connect(v, "{ns}eve").with(PropertyBuf::authentication_method("{ns}-unknown"));
        let mut codes = vec![ReasonCode::BAD_AUTHENTICATION_METHOD, ReasonCode::NOT_AUTHORIZED];
        codes.extend(BROKEN);
        (packet, Ending::connack(&codes))
    } else {
        (connect(v, "").clean(false), Ending::connack(&[ReasonCode::V3_IDENTIFIER_REJECTED]))
    }
}

fn nothing_after_a_refusal(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "connect/nothing-after-a-refusal",
        "What follows a refused CONNECT in the same write has no effect",
    )
    .proves_duties(&[IGNORED_AFTER_REFUSAL]);
    let message = |text: &str| -> PublishBuf { publish("{ns}/after", text) };
    d.on("bob").connects().subscribes(1, "{ns}/after", QoS::AtLeastOnce);
    d.on("alice")
        .opens()
        .sends(Outgoing::Together(vec![connect(v, "{ns}alice").into(), message("accepted").qos1(7).into()]));
    d.on("alice").expects_connack(false).expects_ack(PacketType::PubAck, 7, duty::PUBACK_OWED.cite(v));
    d.on("bob").receives(&message("accepted").qos1(0), "m").answers_puback("m");
    let (refused, ending) = refusable(v);
    d.on("eve").opens().sends(Outgoing::Together(vec![
        refused.into(),
        message("refused").into(),
        message("refused").qos1(8).into(),
    ]));
    d.on("eve").expects_one_of(vec![ending.into()], IGNORED_AFTER_REFUSAL.cite(v));
    d.on("bob").gets_no_publish(IGNORED_AFTER_REFUSAL.cite(v));
    d.build()
}

fn user_name_and_password(v: ProtocolVersion) -> Scenario {
    let packet = connect(v, "{ns}alice").credentials("{ns}", "\u{0}not text \u{7F}");
    credentials(v, "user-name-and-password", "A CONNECT with User Name and a binary Password is read", packet)
}

fn user_name_alone(v: ProtocolVersion) -> Scenario {
    let packet = ConnectBuf { user_name: Some("{ns}".to_owned()), ..connect(v, "{ns}alice") };
    credentials(v, "user-name-alone", "A CONNECT with User Name and no Password is read", packet)
}

fn empty_user_name_and_password(v: ProtocolVersion) -> Scenario {
    let packet = connect(v, "{ns}alice").credentials("", "");
    credentials(v, "empty-user-name-and-password", "Empty User Name and Password are read", packet)
}

fn password_alone(v: ProtocolVersion) -> Scenario {
    let packet = ConnectBuf { password: Some(b"{ns}".to_vec()), ..connect(v, "{ns}alice") };
    credentials(v, "password-alone", "A CONNECT with Password and no User Name is read", packet)
}

/// Whether the credentials are the right ones is the target's business: a refusal says nothing here.
fn credentials(v: ProtocolVersion, name: &str, title: &str, packet: ConnectBuf) -> Scenario {
    let mut d = Dialogue::new(v, CHAPTER, &format!("connect/{name}"), title).proves_duties(&[duty::CONNACK_OWED]);
    let accepted = Pattern::any(PacketType::ConnAck).reason(&[ReasonCode::SUCCESS]);
    let silent_refusal = Alternative::StopAtEnd {
        not_applicable: false,
        why: "the target closed the connection, as it may when credentials are wrong".to_owned(),
    };
    d.on("bob").connects();
    d.on("alice")
        .opens()
        .sends(packet)
        .expects_one_of(vec![accepted.into(), refused_connection(v), silent_refusal], duty::CONNACK_OWED.cite(v))
        .fences();
    d.build()
}

fn password_alone_before_v5(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "connect/password-alone-is-refused",
        "A CONNECT with Password and no User Name is refused",
    )
    .proves_duties(&[CHECKED]);
    let twin = connect(v, "{ns}alice");
    d.on("alice").connects_with(twin.clone()).fences().disconnects();
    d.on("eve").opens().sends_mutated(PacketBuf::Connect(twin), Mutation::PasswordWithoutUserName);
    // Table 3.1 has a code for malformed credentials, though 3.1.4-1 wants none.
    let ending = Ending::connack(&[ReasonCode::V3_BAD_USER_NAME_OR_PASSWORD, ReasonCode::V3_NOT_AUTHORIZED]);
    d.on("eve").expects_one_of(vec![ending.into()], CHECKED.cite(v));
    d.build()
}

fn long_keep_alive(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "connect/longest-keep-alive",
        "A CONNECT with the longest Keep Alive is accepted, and messages flow",
    )
    .proves_duties(&[duty::CONNACK_OWED, duty::DELIVERY_OWED]);
    let message = publish("{ns}/keep", "x");
    d.on("alice").connects_with(connect(v, "{ns}alice").keep_alive(u16::MAX));
    d.on("alice").subscribes(1, "{ns}/keep", QoS::AtMostOnce).publishes(message.clone()).receives(&message, "m");
    d.build()
}
