//! 3.1.3.1 Client Identifier: which ones must be served, which may be refused and how, and what happens without one.

use mqttspec_codec::{PacketBuf, PacketType, PropertyBuf, PropertyId, ProtocolVersion, QoS, ReasonCode};

use super::idioms::{ALL, NUMBERED, V5, each};
use crate::duty::{self, Duty};
use crate::model::{
    Alternative, ConnectExt, Dialogue, Ending, Field, Outgoing, Pattern, PublishExt, Scenario, connect, publish,
    refused_connection,
};

const CHAPTER: &str = "3.1 CONNECT";
const SERVED: Duty = Duty::new("MQTT31-3.1-3", "MQTT-3.1.3-5", "MQTT-3.1.3-5");
const STATE_BY_IDENTIFIER: Duty = Duty::new("MQTT31-3.1-6", "MQTT-3.1.3-2", "MQTT-3.1.3-2");
const REFUSED: Duty = Duty::new("MQTT31-3.1-3", "MQTT-3.1.3-9", "MQTT-3.1.3-8");
const UNIQUE: Duty = Duty::new("", "MQTT-3.1.3-6", "MQTT-3.1.3-6");

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = each(ALL, characters_and_length);
    all.extend(each(ALL, above_23_characters));
    all.extend(each(NUMBERED, other_characters));
    all.extend(each(ALL, case_matters));
    all.extend(each(NUMBERED, sessions_by_identifier));
    all.push(empty_before_3_1_1(ProtocolVersion::V3_1));
    all.push(empty_without_clean_session(ProtocolVersion::V3_1_1));
    all.extend(each(NUMBERED, empty_ones_are_apart));
    all.extend(each(V5, assigned_is_told));
    all.extend(each(V5, assigned_is_the_identifier));
    all.extend(each(V5, assigned_keeps_the_session));
    all
}

/// CONNACK with success; a refusal for any other reason than the identifier says nothing.
fn served(v: ProtocolVersion) -> Vec<Alternative> {
    let mut others = refused_connection(v);
    if let Alternative::Stop { pattern, .. } = &mut others {
        for check in &mut pattern.checks {
            if let Field::ReasonIn(codes) = &mut check.field {
                codes.retain(|code| *code != identifier_refused(v));
            }
        }
    }
    vec![Pattern::any(PacketType::ConnAck).reason(&[ReasonCode::SUCCESS]).into(), others]
}

fn identifier_refused(v: ProtocolVersion) -> ReasonCode {
    if v.has_properties() { ReasonCode::CLIENT_IDENTIFIER_NOT_VALID } else { ReasonCode::V3_IDENTIFIER_REJECTED }
}

fn characters_and_length(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "client-id/23-letters-and-digits-are-served",
        "Every Client Identifier of up to 23 letters and digits is served",
    )
    .proves_duties(&[SERVED]);
    // With the 8 characters of the namespace each is 23 long, but for the last.
    for rest in ["0123456789ABCDE", "FGHIJKLMNOPQRST", "UVWXYZabcdefghi", "jklmnopqrstuvwx", "yz"] {
        d.on("alice")
            .opens()
            .sends(connect(v, &format!("{{ns}}{rest}")))
            .expects_one_of(served(v), SERVED.cite(v))
            .fences()
            .disconnects();
    }
    d.build()
}

fn above_23_characters(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "client-id/24-characters",
        if v == ProtocolVersion::V3_1 {
            "A Client Identifier of 24 characters is refused with code 2"
        } else {
            "A Client Identifier of 24 characters is served or refused as one"
        },
    )
    .proves_duties(&[REFUSED]);
    let refusal = Ending::connack(&[identifier_refused(v)]);
    let accepted = match v {
        ProtocolVersion::V3_1 => vec![Ending { bare: false, ..refusal }.into()],
        ProtocolVersion::V3_1_1 => either(Ending { bare: false, ..refusal }),
        ProtocolVersion::V5_0 => either(refusal),
    };
    d.on("bob").connects().fences();
    d.on("alice").opens().sends(connect(v, "{ns}0123456789abcdef")).expects_one_of(accepted, REFUSED.cite(v));
    d.build()
}

fn other_characters(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "client-id/other-characters",
        "A Client Identifier with other characters than letters and digits is served or refused as one",
    )
    .proves_duties(&[REFUSED]);
    let refusal = Ending { bare: v.has_properties(), ..Ending::connack(&[identifier_refused(v)]) };
    d.on("bob").connects().fences();
    d.on("alice").opens().sends(connect(v, "{ns}/é #+$")).expects_one_of(either(refusal), REFUSED.cite(v));
    d.build()
}

fn either(refusal: Ending) -> Vec<Alternative> {
    let served = Pattern::any(PacketType::ConnAck).reason(&[ReasonCode::SUCCESS]).observe("it was served");
    vec![served.into(), refusal.into()]
}

fn case_matters(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "client-id/case-matters",
        "Client Identifiers that differ only in case belong to different clients",
    )
    .proves_duties(&[STATE_BY_IDENTIFIER]);
    d.on("lower").connects_with(connect(v, "{ns}client")).subscribes(1, "{ns}/case", QoS::AtMostOnce);
    d.on("upper").connects_with(connect(v, "{ns}CLIENT")).subscribes(1, "{ns}/case", QoS::AtMostOnce);
    d.on("lower").fences_citing(STATE_BY_IDENTIFIER.cite(v)).publishes(publish("{ns}/case", "to both"));
    d.on("lower").receives_citing(&publish("{ns}/case", "to both"), "m", STATE_BY_IDENTIFIER.cite(v));
    d.on("upper").receives_citing(&publish("{ns}/case", "to both"), "n", STATE_BY_IDENTIFIER.cite(v));
    d.build()
}

fn sessions_by_identifier(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "client-id/finds-its-session",
        "A kept session is found again by its own Client Identifier and by no other",
    )
    .proves_duties(&[STATE_BY_IDENTIFIER, duty::SESSION_PRESENT_1]);
    let cite = STATE_BY_IDENTIFIER.cite(v);
    let connack = |present| {
        Pattern::any(PacketType::ConnAck)
            .reason(&[ReasonCode::SUCCESS])
            .check_citing(Field::SessionPresent(present), cite.clone())
    };
    let owed = duty::CONNACK_OWED.cite(v);
    d.on("alice").connects_with(connect(v, "{ns}one").persistent()).subscribes(1, "{ns}/own", QoS::AtLeastOnce);
    d.on("alice").drops();
    d.on("other").opens().sends(connect(v, "{ns}ONE").persistent()).expects(connack(false), owed.clone());
    d.on("longer").opens().sends(connect(v, "{ns}one1").persistent()).expects(connack(false), owed.clone());
    d.on("bob").connects().publishes(publish("{ns}/own", "for one").qos1(7));
    d.on("alice").opens().sends(connect(v, "{ns}one").persistent()).expects(connack(true), owed);
    d.on("alice").receives_citing(&publish("{ns}/own", "for one").qos1(0), "m", cite.clone()).answers_puback("m");
    d.on("other").gets_no_publish(cite.clone());
    d.on("longer").gets_no_publish(cite);
    d.build()
}

fn empty_before_3_1_1(v: ProtocolVersion) -> Scenario {
    let mut d =
        Dialogue::new(v, CHAPTER, "client-id/empty-is-refused", "An empty Client Identifier is refused with code 2")
            .proves_duties(&[REFUSED]);
    d.on("bob").connects().fences();
    let refusal = Ending { bare: false, ..Ending::connack(&[identifier_refused(v)]) };
    d.on("alice").opens().sends(connect(v, "")).expects_one_of(vec![refusal.into()], REFUSED.cite(v));
    d.build()
}

fn empty_without_clean_session(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "client-id/empty-without-clean-session-is-refused",
        "An empty Client Identifier with Clean Session 0 is refused with code 2 and a close",
    )
    .proves(&["MQTT-3.1.3-8", "MQTT-3.1.3-9", "MQTT-3.2.2-4", "MQTT-3.2.2-5"]);
    d.on("bob").connects_with(connect(v, "{ns}bob").clean(false)).fences();
    let farewell = Pattern::any(PacketType::ConnAck)
        .check_citing(Field::ReasonIn(vec![identifier_refused(v)]), "MQTT-3.1.3-8")
        .check_citing(Field::SessionPresent(false), "MQTT-3.2.2-4");
    let refusal = Ending { farewell: vec![farewell], bare: false };
    d.on("alice").opens().sends(connect(v, "").clean(false)).expects_one_of(vec![refusal.into()], "MQTT-3.1.3-8");
    d.on("bob").fences();
    d.build()
}

/// What a target may answer to an empty Client Identifier: it need not accept one.
fn admitted(v: ProtocolVersion, accepted: Pattern) -> Vec<Alternative> {
    let why = "the target admits no empty Client Identifier".to_owned();
    // Every other CONNECT that the target gets has an identifier: a refusal without a better reason is about that.
    let mut codes = vec![identifier_refused(v)];
    if v.has_properties() {
        codes.extend([ReasonCode::UNSPECIFIED_ERROR, ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR]);
    }
    let refused = Pattern::any(PacketType::ConnAck).reason(&codes);
    let mut all = vec![accepted.into(), Alternative::Stop { pattern: refused, not_applicable: true, why: why.clone() }];
    if v.has_properties() {
        all.push(Alternative::StopAtEnd { not_applicable: true, why });
    }
    all.push(refused_connection(v));
    all
}

fn empty_ones_are_apart(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "client-id/empty-ones-are-apart",
        "Clients without a Client Identifier are told apart",
    )
    .proves_duties(&[UNIQUE]);
    let cite = UNIQUE.cite(v);
    let accepted = || Pattern::any(PacketType::ConnAck).reason(&[ReasonCode::SUCCESS]);
    for name in ["one", "two", "three"] {
        d.on(name).opens().sends(connect(v, "")).expects_one_of(admitted(v, accepted()), duty::CONNACK_OWED.cite(v));
        d.on(name).subscribes(1, "{ns}/apart", QoS::AtMostOnce);
    }
    d.on("one").fences_citing(cite.clone());
    d.on("two").fences_citing(cite.clone());
    d.on("three").publishes(publish("{ns}/apart", "to all three"));
    for name in ["one", "two", "three"] {
        d.on(name).receives_citing(&publish("{ns}/apart", "to all three"), name, cite.clone());
    }
    d.build()
}

/// CONNACK with success and an Assigned Client Identifier, remembered as `var`.
fn assigned(var: &str) -> Pattern {
    Pattern::any(PacketType::ConnAck)
        .reason(&[ReasonCode::SUCCESS])
        .check_citing(Field::SessionPresent(false), "MQTT-3.2.2-3")
        .check_citing(Field::PropertyNotEmpty(PropertyId::AssignedClientIdentifier), "MQTT-3.1.3-7")
        .bind(var)
}

fn assigned_is_told(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "client-id/assigned-is-told",
        "A client without a Client Identifier learns the one that it is given, with Clean Start 1 and 0",
    )
    .proves(&["MQTT-3.1.3-7", "MQTT-3.2.2-16"]);
    let owed = duty::CONNACK_OWED.cite(v);
    d.on("alice").opens().sends(connect(v, "")).expects_one_of(admitted(v, assigned("a")), owed.clone());
    d.on("bob").opens().sends(connect(v, "").clean(false)).expects_one_of(admitted(v, assigned("b")), owed);
    // Both given the same one, the second would have taken the first one's place.
    d.on("alice").fences_citing("MQTT-3.2.2-16");
    d.build()
}

fn assigned_is_the_identifier(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "client-id/assigned-is-the-identifier",
        "A client that connects with the identifier assigned to another takes its place",
    )
    .proves(&["MQTT-3.1.3-7", "MQTT-3.1.4-3"]);
    let owed = duty::CONNACK_OWED.cite(v);
    d.on("alice").opens().sends(connect(v, "")).expects_one_of(admitted(v, assigned("a")), owed.clone());
    d.on("alice").fences();
    let packet = connect(v, "");
    d.on("eve")
        .opens()
        .sends(Outgoing::ConnectAsAssigned { packet: PacketBuf::Connect(packet), to: "a".to_owned() })
        .expects(Pattern::any(PacketType::ConnAck).reason(&[ReasonCode::SUCCESS]), owed);
    d.on("alice").expects_close(&[ReasonCode::SESSION_TAKEN_OVER], "MQTT-3.1.3-7");
    d.on("eve").fences();
    d.build()
}

fn assigned_keeps_the_session(v: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        v,
        CHAPTER,
        "client-id/assigned-keeps-the-session",
        "The session of an assigned Client Identifier is found again under it",
    )
    .proves(&["MQTT-3.1.3-7", "MQTT-3.1.3-2"]);
    let owed = duty::CONNACK_OWED.cite(v);
    let keep = PropertyBuf::session_expiry_interval(300);
    let first = connect(v, "").with(keep.clone());
    d.on("alice").opens().sends(first).expects_one_of(admitted(v, assigned("a")), owed.clone());
    d.on("alice").subscribes(1, "{ns}/assigned", QoS::AtLeastOnce).drops();
    d.on("bob").connects().publishes(publish("{ns}/assigned", "kept").qos1(7));
    let again = connect(v, "").clean(false).with(keep);
    d.on("alice")
        .opens()
        .sends(Outgoing::ConnectAsAssigned { packet: PacketBuf::Connect(again), to: "a".to_owned() })
        .expects(
            Pattern::any(PacketType::ConnAck)
                .reason(&[ReasonCode::SUCCESS])
                .check_citing(Field::SessionPresent(true), "MQTT-3.1.3-7"),
            owed,
        )
        .receives(&publish("{ns}/assigned", "kept").qos1(0), "m")
        .answers_puback("m");
    d.build()
}
