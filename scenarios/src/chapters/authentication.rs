//! 3.15 AUTH and 4.12 Enhanced authentication (5.0). What needs a method that the target knows is played with the one
//! that the reference broker has: a challenge, answered with its bytes in reverse.

use mqttspec_codec::{
    AuthBuf, ConnectBuf, Mutation, PacketBuf, PacketType, PropertyBuf, PropertyId, ProtocolVersion, QoS, ReasonCode,
};

use super::idioms::{BROKEN, V5, each};
use crate::broker::AUTHENTICATION_METHOD as METHOD;
use crate::model::{
    ConnectExt, Dialogue, Field, Need, Outgoing, Pattern, PublishExt, Scenario, auth, connect, publish,
};

const CHAPTER: &str = "4.12 Enhanced authentication";
const AUTH: &str = "3.15 AUTH";

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = each(V5, unknown_method_is_refused);
    all.extend(each(V5, no_auth_without_a_method));
    all.extend(each(V5, uninvited_auth_ends_the_connection));
    all.extend(each(V5, auth_before_connect));
    all.extend(each(V5, right_answer_is_accepted));
    all.extend(each(V5, wrong_answer_is_refused));
    all.extend(each(V5, other_packet_during_authentication));
    all.extend(each(V5, reserved_flags));
    all.extend(each(V5, other_method_in_the_answer));
    all.extend(each(V5, again_succeeds));
    all.extend(each(V5, again_while_messages_flow));
    all.extend(each(V5, again_fails));
    all.extend(each(V5, again_with_another_method));
    all
}

fn new(v: ProtocolVersion, name: &str, title: &str, proves: &[&str]) -> Dialogue {
    of_chapter(CHAPTER, v, name, title, proves)
}

fn of_chapter(chapter: &str, v: ProtocolVersion, name: &str, title: &str, proves: &[&str]) -> Dialogue {
    Dialogue::new(v, chapter, &format!("auth/{name}"), title).proves(proves)
}

fn with_method(v: ProtocolVersion, name: &str, title: &str, proves: &[&str]) -> Dialogue {
    new(v, name, title, proves).needs(Need::AuthenticationMethod(METHOD.to_owned()))
}

/// Codes with which an authentication may fail.
fn refusals() -> Vec<ReasonCode> {
    let mut codes =
        vec![ReasonCode::NOT_AUTHORIZED, ReasonCode::BAD_AUTHENTICATION_METHOD, ReasonCode::BAD_USER_NAME_OR_PASSWORD];
    codes.extend(BROKEN);
    codes
}

/// The same, of those that DISCONNECT has.
fn farewells() -> Vec<ReasonCode> {
    refusals().into_iter().filter(|code| code.is_defined_in(ProtocolVersion::V5_0, PacketType::Disconnect)).collect()
}

fn authenticating(v: ProtocolVersion) -> ConnectBuf {
    connect(v, "{ns}alice").with(PropertyBuf::authentication_method(METHOD))
}

/// AUTH by which the server asks for more, remembered as `var`.
fn challenge(var: &str) -> Pattern {
    Pattern::any(PacketType::Auth)
        .check_citing(Field::ReasonIn(vec![ReasonCode::CONTINUE_AUTHENTICATION]), "MQTT-4.12.0-2")
        .check_citing(Field::Property(PropertyBuf::authentication_method(METHOD)), "MQTT-4.12.0-5")
        .bind(var)
}

fn answer(var: &str, wrong: bool) -> Outgoing {
    Outgoing::AnswerChallenge { to: var.to_owned(), wrong }
}

/// CONNACK that accepts and names the method.
fn accepted() -> Pattern {
    Pattern::any(PacketType::ConnAck)
        .check_citing(Field::ReasonIn(vec![ReasonCode::SUCCESS]), "MQTT-3.1.4-5")
        .check_citing(Field::Property(PropertyBuf::authentication_method(METHOD)), "MQTT-4.12.0-5")
}

/// `alice` connects by challenge and answer.
fn authenticates(d: &mut Dialogue) {
    let v = d.version();
    d.on("alice")
        .opens()
        .sends(authenticating(v))
        .expects(challenge("c"), "MQTT-4.12.0-2")
        .sends(answer("c", false))
        .expects(accepted(), "MQTT-3.1.4-5")
        .fences();
}

fn unknown_method_is_refused(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "unknown-method-is-refused",
        "A CONNECT with an Authentication Method that the server does not know is refused",
        &["MQTT-4.12.0-1"],
    );
    let twin = connect(v, "{ns}alice");
    d.on("alice").connects_with(twin.clone()).fences().disconnects();
    let packet = twin
        .with(PropertyBuf::authentication_method("{ns}-unknown"))
        .with(PropertyBuf::authentication_data(b"data".to_vec()));
    d.on("alice").opens().sends(packet).expects_refusal(&refusals(), "MQTT-4.12.0-1");
    d.build()
}

fn no_auth_without_a_method(v: ProtocolVersion) -> Scenario {
    let mut d = new(
        v,
        "no-auth-without-a-method",
        "A client that names no Authentication Method gets no AUTH, and a CONNACK without method and data",
        &["MQTT-4.12.0-6"],
    );
    let connack = Pattern::any(PacketType::ConnAck)
        .check_citing(Field::ReasonIn(vec![ReasonCode::SUCCESS]), "MQTT-3.1.4-5")
        .check(Field::PropertyAbsent(PropertyId::AuthenticationMethod))
        .check(Field::PropertyAbsent(PropertyId::AuthenticationData));
    d.on("alice")
        .opens()
        .sends(connect(v, "{ns}alice"))
        .expects_one_of(vec![connack.into(), crate::model::refused_connection(v)], "MQTT-4.12.0-6")
        .gets_no(&[PacketType::Auth], "MQTT-4.12.0-6");
    d.build()
}

fn uninvited_auth_ends_the_connection(v: ProtocolVersion) -> Scenario {
    let mut d = of_chapter(
        AUTH,
        v,
        "uninvited-auth-ends-the-connection",
        "An AUTH from a client that named no Authentication Method ends the connection",
        &["MQTT-4.13.1-1"],
    );
    d.on("alice").connects().fences().sends(auth(ReasonCode::RE_AUTHENTICATE, "{ns}-method", None));
    d.on("alice").expects_close(&farewells(), "MQTT-4.13.1-1");
    d.build()
}

fn auth_before_connect(v: ProtocolVersion) -> Scenario {
    let mut d =
        of_chapter(AUTH, v, "auth-before-connect", "A connection that begins with AUTH is closed", &["MQTT-4.13.1-1"]);
    d.on("bob").connects().fences();
    d.on("alice").opens().sends(auth(ReasonCode::CONTINUE_AUTHENTICATION, METHOD, Some(b"data")));
    d.on("alice").expects_refusal(BROKEN, "MQTT-4.13.1-1");
    d.build()
}

fn right_answer_is_accepted(v: ProtocolVersion) -> Scenario {
    let mut d = with_method(
        v,
        "right-answer-is-accepted",
        "A challenge is answered and the client accepted; AUTH and CONNACK name the method",
        &["MQTT-4.12.0-2", "MQTT-4.12.0-5", "MQTT-3.15.2-1", "MQTT-3.1.4-5"],
    );
    let message = publish("{ns}/auth", "authenticated");
    authenticates(&mut d);
    d.on("alice").subscribes(1, "{ns}/auth", QoS::AtMostOnce).publishes(message.clone()).receives(&message, "m");
    d.build()
}

fn wrong_answer_is_refused(v: ProtocolVersion) -> Scenario {
    let mut d = with_method(
        v,
        "wrong-answer-is-refused",
        "A wrong answer to the challenge ends the connection, and nothing the client sends has an effect",
        &["MQTT-4.12.0-4", "MQTT-3.1.4-6"],
    );
    authenticates(&mut d);
    d.on("alice").disconnects();
    d.on("bob").connects().subscribes(1, "{ns}/auth", QoS::AtMostOnce);
    d.on("alice")
        .opens()
        .sends(authenticating(v))
        .expects(challenge("c"), "MQTT-4.12.0-2")
        .sends(Outgoing::Together(vec![answer("c", true), publish("{ns}/auth", "not authenticated").into()]));
    d.on("alice").expects_refusal(&refusals(), "MQTT-4.12.0-4");
    d.on("bob").gets_no_publish("MQTT-3.1.4-6");
    d.build()
}

fn other_packet_during_authentication(v: ProtocolVersion) -> Scenario {
    let mut d = with_method(
        v,
        "other-packet-during-authentication",
        "Another packet than AUTH or DISCONNECT in the middle of the authentication ends the connection",
        &["MQTT-4.13.1-1"],
    );
    authenticates(&mut d);
    d.on("alice").disconnects();
    d.on("bob").connects().subscribes(1, "{ns}/auth", QoS::AtMostOnce);
    d.on("alice")
        .opens()
        .sends(authenticating(v))
        .expects(challenge("c"), "MQTT-4.12.0-2")
        .sends(publish("{ns}/auth", "too early"))
        .expects_refusal(&refusals(), "MQTT-4.13.1-1");
    d.on("bob").gets_no_publish("MQTT-4.13.1-1");
    d.build()
}

fn reserved_flags(v: ProtocolVersion) -> Scenario {
    let mut d = of_chapter(
        AUTH,
        v,
        "reserved-flags",
        "An AUTH with a reserved flag of the fixed header set ends the connection",
        &["MQTT-3.15.1-1"],
    )
    .needs(Need::AuthenticationMethod(METHOD.to_owned()));
    authenticates(&mut d);
    let again = auth(ReasonCode::RE_AUTHENTICATE, METHOD, None);
    d.on("alice").sends_mutated(PacketBuf::Auth(again), Mutation::FlagBit0);
    d.on("alice").expects_close(BROKEN, "MQTT-3.15.1-1");
    d.build()
}

fn other_method_in_the_answer(v: ProtocolVersion) -> Scenario {
    let mut d = with_method(
        v,
        "other-method-in-the-answer",
        "An answer that names another Authentication Method than CONNECT ends the connection",
        &["MQTT-4.13.1-1"],
    );
    authenticates(&mut d);
    d.on("alice").disconnects();
    d.on("alice")
        .opens()
        .sends(authenticating(v))
        .expects(challenge("c"), "MQTT-4.12.0-2")
        .sends(auth(ReasonCode::CONTINUE_AUTHENTICATION, "{ns}-other", Some(b"data")))
        .expects_refusal(&refusals(), "MQTT-4.13.1-1");
    d.build()
}

/// AUTH that completes a re-authentication.
fn done() -> Pattern {
    Pattern::any(PacketType::Auth)
        .check_citing(Field::ReasonIn(vec![ReasonCode::SUCCESS]), "MQTT-3.15.2-1")
        .check_citing(Field::Property(PropertyBuf::authentication_method(METHOD)), "MQTT-4.12.0-5")
}

fn again() -> AuthBuf {
    auth(ReasonCode::RE_AUTHENTICATE, METHOD, None)
}

fn again_succeeds(v: ProtocolVersion) -> Scenario {
    let mut d = with_method(
        v,
        "again-succeeds",
        "Re-authentication: a challenge, its answer, AUTH with success; the connection goes on",
        &["MQTT-4.12.0-5", "MQTT-3.15.2-1"],
    );
    authenticates(&mut d);
    for var in ["first", "second"] {
        d.on("alice")
            .sends(again())
            .expects(challenge(var), "4.12.1")
            .sends(answer(var, false))
            .expects(done(), "4.12.1")
            .fences();
    }
    d.build()
}

fn again_while_messages_flow(v: ProtocolVersion) -> Scenario {
    let mut d = with_method(
        v,
        "again-while-messages-flow",
        "Messages flow in both directions while a re-authentication is under way",
        &["MQTT-4.12.0-5", "MQTT-4.5.0-1"],
    );
    let message = publish("{ns}/flow", "meanwhile").qos1(7);
    authenticates(&mut d);
    d.on("alice").subscribes(1, "{ns}/flow", QoS::AtLeastOnce).sends(again()).expects(challenge("c"), "4.12.1");
    d.on("alice").publishes(message.clone()).receives(&message, "m").answers_puback("m");
    d.on("alice").sends(answer("c", false)).expects(done(), "4.12.1").fences();
    d.build()
}

fn again_fails(v: ProtocolVersion) -> Scenario {
    let mut d =
        with_method(v, "again-fails", "A wrong answer in re-authentication ends the connection", &["MQTT-4.12.1-2"]);
    authenticates(&mut d);
    d.on("alice").sends(again()).expects(challenge("c"), "4.12.1").sends(answer("c", true));
    d.on("alice").expects_close(&farewells(), "MQTT-4.12.1-2");
    d.build()
}

fn again_with_another_method(v: ProtocolVersion) -> Scenario {
    let mut d = with_method(
        v,
        "again-with-another-method",
        "Re-authentication with another Authentication Method ends the connection",
        &["MQTT-4.13.1-1"],
    );
    authenticates(&mut d);
    let other = auth(ReasonCode::RE_AUTHENTICATE, "{ns}-other", None);
    d.on("alice").sends(other).expects_close(&farewells(), "MQTT-4.13.1-1");
    d.build()
}
