//! One dialogue for each packet type: what comes before a broken packet, the valid twin, and what must not happen.

use mqttspec_codec::{
    AckBuf, ConnectBuf, Mutation, PacketBuf, PacketType, PropertyBuf, ProtocolVersion, QoS, ReasonCode, UnsubscribeBuf,
};

use super::duties;
use crate::duty;
use crate::model::{
    Alternative, Cite, ConnectExt, Dialogue, Ending, Field, Need, On, Outgoing, Pattern, PublishExt, Scenario,
    SubscribeExt, WillExt, connect, disconnect, publish, subscribe, unsubscribe, will,
};

const TOPIC: &str = "{ns}/malformed";
const FILTER: &str = "{ns}/filter";
const METHOD: &str = "mqttspec-challenge";

/// A row of the table, ready to be told.
pub(super) struct Broken {
    pub(super) version: ProtocolVersion,
    pub(super) mutation: Mutation,
    /// Reason codes that fit.
    pub(super) codes: Vec<ReasonCode>,
    /// The sentence that obliges the server to refuse.
    pub(super) cite: Cite,
    /// Whether an error code for the filter, in SUBACK or UNSUBACK, is an answer as well.
    pub(super) lenient_suback: bool,
}

/// A valid packet, from which the broken one is made.
pub(super) struct Twin(PacketBuf);

impl Twin {
    pub(super) fn packet(&self) -> &PacketBuf {
        &self.0
    }
}

/// The valid packets of this type that a story can be told with, plain ones first.
pub(super) fn twins(version: ProtocolVersion, packet_type: PacketType) -> Vec<Twin> {
    let ack = AckBuf { packet_id: 1, reason_code: ReasonCode::SUCCESS, properties: Vec::new() };
    let packets = match packet_type {
        PacketType::Connect => connects(version),
        PacketType::Publish => publishes(version),
        PacketType::PubAck => vec![PacketBuf::PubAck(ack)],
        PacketType::PubRec => vec![PacketBuf::PubRec(ack)],
        PacketType::PubRel => vec![PacketBuf::PubRel(AckBuf { packet_id: 6, ..ack })],
        PacketType::PubComp => vec![PacketBuf::PubComp(ack)],
        PacketType::Subscribe => subscribes(version),
        PacketType::Unsubscribe => vec![
            PacketBuf::Unsubscribe(unsubscribe(8, FILTER)),
            PacketBuf::Unsubscribe(UnsubscribeBuf { properties: user_property(version), ..unsubscribe(8, FILTER) }),
        ],
        PacketType::PingReq => vec![PacketBuf::PingReq],
        PacketType::Disconnect if version.has_properties() => {
            let mut with_properties = disconnect(ReasonCode::NORMAL_DISCONNECTION);
            with_properties.properties = user_property(version);
            vec![
                PacketBuf::Disconnect(disconnect(ReasonCode::NORMAL_DISCONNECTION)),
                PacketBuf::Disconnect(with_properties),
            ]
        }
        PacketType::Disconnect => vec![PacketBuf::Disconnect(disconnect(ReasonCode::NORMAL_DISCONNECTION))],
        PacketType::Auth => vec![PacketBuf::Auth(crate::model::auth(ReasonCode::RE_AUTHENTICATE, METHOD, None))],
        _ => Vec::new(),
    };
    packets.into_iter().map(Twin).collect()
}

fn user_property(version: ProtocolVersion) -> Vec<PropertyBuf> {
    if version.has_properties() { vec![PropertyBuf::user_property("name", "value")] } else { Vec::new() }
}

fn connects(version: ProtocolVersion) -> Vec<PacketBuf> {
    let plain = connect(version, "{ns}m");
    let with_will = plain.clone().will(will("{ns}/will", "gone").at(QoS::AtLeastOnce));
    let named = plain.clone().credentials("{ns}user", "secret");
    let mut packets = vec![plain, with_will.clone(), named];
    if version.has_properties() {
        let mut full = with_will;
        full.properties = vec![
            PropertyBuf::session_expiry_interval(10),
            PropertyBuf::receive_maximum(10),
            PropertyBuf::maximum_packet_size(100_000),
            PropertyBuf::topic_alias_maximum(10),
            PropertyBuf::request_response_information(0),
            PropertyBuf::request_problem_information(1),
            PropertyBuf::user_property("name", "value"),
        ];
        if let Some(will) = &mut full.will {
            will.properties = vec![
                PropertyBuf::will_delay_interval(0),
                PropertyBuf::payload_format_indicator(1),
                PropertyBuf::message_expiry_interval(60),
                PropertyBuf::content_type("text/plain"),
                PropertyBuf::response_topic("{ns}/answers"),
                PropertyBuf::correlation_data([1, 2, 3]),
                PropertyBuf::user_property("name", "value"),
            ];
        }
        packets.insert(1, full);
    }
    packets.into_iter().map(PacketBuf::Connect).collect()
}

fn publishes(version: ProtocolVersion) -> Vec<PacketBuf> {
    let plain = publish(TOPIC, "broken").qos1(6);
    let mut packets = vec![plain.clone(), publish(TOPIC, "broken")];
    if version.has_properties() {
        let mut full = plain;
        full.properties = vec![
            PropertyBuf::payload_format_indicator(1),
            PropertyBuf::message_expiry_interval(60),
            PropertyBuf::content_type("text/plain"),
            PropertyBuf::response_topic("{ns}/answers"),
            PropertyBuf::correlation_data([1, 2, 3]),
            PropertyBuf::user_property("name", "value"),
        ];
        packets.insert(1, full.clone());
        // Last, since it applies only to a target that takes aliases.
        packets.push(full.with(PropertyBuf::topic_alias(1)));
    }
    packets.into_iter().map(PacketBuf::Publish).collect()
}

fn subscribes(version: ProtocolVersion) -> Vec<PacketBuf> {
    let plain = subscribe(8, FILTER, QoS::AtLeastOnce);
    let mut packets = vec![plain.clone()];
    if version.has_properties() {
        packets.push(plain.clone().with(PropertyBuf::user_property("name", "value")));
        packets.push(plain.with(PropertyBuf::subscription_identifier(3)));
    }
    packets.into_iter().map(PacketBuf::Subscribe).collect()
}

/// The scenario for one row.
pub(super) fn tell(broken: &Broken, twin: &Twin) -> Scenario {
    let packet = twin.packet();
    let packet_type = packet.packet_type();
    let word = packet_type.name().to_ascii_lowercase();
    let name = format!("malformed/{word}/{}", broken.mutation.id());
    let title = format!("{packet_type} is refused: {}", decapitalised(broken.mutation.describe()));
    let chapter = format!("{} {packet_type}", packet_type.section());
    let mut dialogue = Dialogue::new(broken.version, &chapter, &name, &title);
    if broken.cite.as_section().is_none() {
        dialogue = dialogue.proves(&[broken.cite.0.as_str()]);
    }
    for need in needs(packet) {
        dialogue = dialogue.needs(need);
    }
    match packet {
        PacketBuf::Connect(connect) => refused_connect(&mut dialogue, broken, connect),
        PacketBuf::Publish(_) => refused_publish(&mut dialogue, broken, packet),
        PacketBuf::PubAck(_) => refused_puback(&mut dialogue, broken),
        PacketBuf::PubRec(_) => refused_pubrec(&mut dialogue, broken),
        PacketBuf::PubRel(_) => refused_pubrel(&mut dialogue, broken, packet),
        PacketBuf::PubComp(_) => refused_pubcomp(&mut dialogue, broken),
        PacketBuf::Subscribe(_) => refused_subscribe(&mut dialogue, broken, packet),
        PacketBuf::Unsubscribe(_) => refused_unsubscribe(&mut dialogue, broken, packet),
        PacketBuf::Disconnect(_) => refused_disconnect(&mut dialogue, broken, packet),
        PacketBuf::Auth(_) => refused_auth(&mut dialogue, broken, packet),
        _ => refused_ping(&mut dialogue, broken, packet),
    }
    dialogue.build()
}

fn needs(packet: &PacketBuf) -> Vec<Need> {
    use mqttspec_codec::{PropertyId, PropertyList};
    let mut needs = Vec::new();
    if packet.properties().find(PropertyId::TopicAlias).is_some() {
        needs.push(Need::TopicAliasMaximum(1));
    }
    if packet.properties().find(PropertyId::SubscriptionIdentifier).is_some() {
        needs.push(Need::SubscriptionIdentifier);
    }
    match packet {
        PacketBuf::Auth(_) => needs.push(Need::AuthenticationMethod(METHOD.to_owned())),
        PacketBuf::PubRec(_) | PacketBuf::PubRel(_) | PacketBuf::PubComp(_) => needs.push(Need::Qos(2)),
        _ => {}
    }
    needs
}

impl Broken {
    fn sends(&self, on: On<'_>, packet: &PacketBuf) {
        self.expects_end(on.sends_mutated(packet.clone(), self.mutation), None);
    }

    /// An error code for the one filter, where that is an answer to a malformed one (3.9.3, 3.11.3).
    fn filter_refusal(&self, packet_type: PacketType) -> Option<Alternative> {
        let codes = ReasonCode::rows(self.version, packet_type).map(|row| row.code);
        let refusals: Vec<_> = codes.filter(|code| code.is_error()).collect();
        (self.lenient_suback && !refusals.is_empty()).then(|| {
            Pattern::any(packet_type)
                .check(Field::ReasonsIn(vec![refusals]))
                .observe(&format!("the malformed filter is refused in {packet_type} and the connection stays open"))
                .into()
        })
    }

    /// The end of the connection, or `instead` where that is an answer too.
    fn expects_end(&self, on: On<'_>, instead: Option<Alternative>) {
        let ending = if self.version.has_properties() {
            let codes = Pattern::any(PacketType::Disconnect)
                .check_citing(Field::ReasonIn(self.codes.clone()), Cite::section("4.13.1"));
            Ending { farewell: vec![codes], bare: true }
        } else {
            Ending::bare()
        };
        let mut one_of = vec![Alternative::from(ending)];
        one_of.extend(instead);
        on.expects_one_of(one_of, self.cite.clone());
    }
}

fn refused_connect(dialogue: &mut Dialogue, broken: &Broken, packet: &ConnectBuf) {
    dialogue.on("twin").connects_with(packet.clone()).disconnects();
    let mut codes = broken.codes.clone();
    // A text or an identifier that cannot be read may also be called by its own name (3.2.2.2).
    codes.extend([
        ReasonCode::CLIENT_IDENTIFIER_NOT_VALID,
        ReasonCode::BAD_USER_NAME_OR_PASSWORD,
        ReasonCode::TOPIC_NAME_INVALID,
        ReasonCode::UNSUPPORTED_PROTOCOL_VERSION,
        ReasonCode::BAD_AUTHENTICATION_METHOD,
    ]);
    let errors = ReasonCode::rows(broken.version, PacketType::ConnAck).map(|row| row.code);
    let errors = errors.filter(|code| code.is_error()).collect();
    let ending = match broken.version {
        ProtocolVersion::V5_0 => Ending {
            farewell: vec![
                // To accept it breaks the sentence itself; to refuse it with another error does not.
                Pattern::any(PacketType::ConnAck)
                    .check_citing(Field::ReasonIn(errors), broken.cite.clone())
                    .check_citing(Field::ReasonIn(codes), Cite::section("4.13.1")),
            ],
            bare: true,
        },
        // The connection is closed without CONNACK (3.1.4-1).
        ProtocolVersion::V3_1_1 => Ending::bare(),
        ProtocolVersion::V3_1 => Ending::connack(&[1, 2, 3, 4, 5].map(ReasonCode)),
    };
    let sent = PacketBuf::Connect(packet.clone());
    dialogue
        .on("broken")
        .opens()
        .sends_mutated(sent, broken.mutation)
        .expects_one_of(vec![ending.into()], broken.cite.clone());
}

fn refused_publish(dialogue: &mut Dialogue, broken: &Broken, packet: &PacketBuf) {
    dialogue.on("witness").connects().subscribes(1, TOPIC, QoS::AtLeastOnce);
    let twin = match packet {
        PacketBuf::Publish(publish) => publish.clone(),
        _ => publish(TOPIC, "broken"),
    };
    let mut delivered = twin.clone();
    // Forwarding properties is judged elsewhere.
    delivered.properties.clear();
    dialogue.on("m").connects().publishes(twin);
    dialogue.on("witness").receives(&delivered, "valid");
    if delivered.packet_id.is_some() {
        dialogue.on("witness").answers_puback("valid");
    }
    // The identifier is free again after its PUBACK.
    broken.sends(dialogue.on("m"), packet);
    // The sentence broken by acting on a packet that had to be refused is the one that had it refused.
    dialogue.on("witness").gets_no_publish(broken.cite.clone());
}

/// `m` has a QoS `qos` message that it has received and not answered, remembered as `second`; the first was completed.
fn two_deliveries(dialogue: &mut Dialogue, qos: QoS) {
    dialogue.on("m").connects().subscribes(1, TOPIC, qos);
    dialogue.on("source").connects();
    for (packet_id, payload, var) in [(1, "first", "first"), (2, "second", "second")] {
        let message = publish(TOPIC, payload).at(qos, packet_id);
        dialogue.on("source").publishes(message.clone());
        let on = dialogue.on("m").receives(&message, var);
        if var == "first" {
            match qos {
                QoS::ExactlyOnce => on.completes_qos2(var),
                _ => on.answers_puback(var).fences(),
            };
        }
    }
}

fn refused_puback(dialogue: &mut Dialogue, broken: &Broken) {
    two_deliveries(dialogue, QoS::AtLeastOnce);
    refused_answer(dialogue, broken, PacketType::PubAck);
}

fn refused_pubrec(dialogue: &mut Dialogue, broken: &Broken) {
    two_deliveries(dialogue, QoS::ExactlyOnce);
    refused_answer(dialogue, broken, PacketType::PubRec);
}

fn refused_pubcomp(dialogue: &mut Dialogue, broken: &Broken) {
    two_deliveries(dialogue, QoS::ExactlyOnce);
    let cite = duty::PUBREL_OWED.cite(broken.version);
    dialogue
        .on("m")
        .answers(PacketType::PubRec, "second")
        .expects(Pattern::any(PacketType::PubRel).check(Field::SamePacketId("second".to_owned())), cite);
    refused_answer(dialogue, broken, PacketType::PubComp);
}

fn refused_answer(dialogue: &mut Dialogue, broken: &Broken, packet_type: PacketType) {
    let outgoing = Outgoing::MutatedAnswer { packet_type, to: "second".to_owned(), mutation: broken.mutation };
    broken.expects_end(dialogue.on("m").sends(outgoing), None);
}

fn refused_pubrel(dialogue: &mut Dialogue, broken: &Broken, packet: &PacketBuf) {
    let cite = duty::PUBREC_OWED.cite(broken.version);
    dialogue
        .on("m")
        .connects()
        .publishes(publish(TOPIC, "first").qos2(5))
        .sends(publish(TOPIC, "second").qos2(6))
        .expects_ack(PacketType::PubRec, 6, cite);
    broken.sends(dialogue.on("m"), packet);
}

fn refused_subscribe(dialogue: &mut Dialogue, broken: &Broken, packet: &PacketBuf) {
    if let PacketBuf::Subscribe(subscribe) = packet {
        dialogue.on("m").connects().subscribes_with(subscribe.clone());
    }
    let instead = broken.filter_refusal(PacketType::SubAck);
    broken.expects_end(dialogue.on("m").sends_mutated(packet.clone(), broken.mutation), instead);
}

fn refused_unsubscribe(dialogue: &mut Dialogue, broken: &Broken, packet: &PacketBuf) {
    if let PacketBuf::Unsubscribe(twin) = packet {
        dialogue.on("m").connects().subscribes(7, FILTER, QoS::AtMostOnce).sends(twin.clone());
        let cite = duty::UNSUBACK_OWED.cite(broken.version);
        dialogue.on("m").expects(Pattern::any(PacketType::UnsubAck).check(Field::PacketId(8)), cite);
    }
    let instead = broken.filter_refusal(PacketType::UnsubAck);
    broken.expects_end(dialogue.on("m").sends_mutated(packet.clone(), broken.mutation), instead);
}

fn refused_ping(dialogue: &mut Dialogue, broken: &Broken, packet: &PacketBuf) {
    dialogue.on("m").connects().fences();
    broken.sends(dialogue.on("m"), packet);
}

/// The will tells whether the DISCONNECT was acted on: it is published unless the client went in order.
fn refused_disconnect(dialogue: &mut Dialogue, broken: &Broken, packet: &PacketBuf) {
    let version = broken.version;
    let with_will = |name: &str| connect(version, &format!("{{ns}}{name}")).will(will("{ns}/will", name));
    dialogue.on("witness").connects().subscribes(1, "{ns}/will", QoS::AtMostOnce);
    dialogue.on("twin").connects_with(with_will("twin")).sends(packet.clone()).drops();
    dialogue.on("m").connects_with(with_will("m"));
    broken.sends(dialogue.on("m"), packet);
    let cite = if duties::binds(&broken.cite) { duty::WILL_OWED.cite(version) } else { broken.cite.clone() };
    dialogue.on("witness").receives_citing(&publish("{ns}/will", "m"), "will", cite);
}

fn refused_auth(dialogue: &mut Dialogue, broken: &Broken, packet: &PacketBuf) {
    let challenge = |var: &str| Pattern::any(PacketType::Auth).reason(&[ReasonCode::CONTINUE_AUTHENTICATION]).bind(var);
    dialogue
        .on("m")
        .opens()
        .sends(connect(broken.version, "{ns}m").with(PropertyBuf::authentication_method(METHOD)))
        .expects(challenge("c1"), "MQTT-4.12.0-2")
        .sends(Outgoing::AnswerChallenge { to: "c1".to_owned(), wrong: false })
        .expects(Pattern::connack(false), duty::CONNACK_OWED.cite(broken.version))
        .sends(packet.clone())
        .expects(challenge("c2"), "MQTT-4.12.1-1")
        .sends(Outgoing::AnswerChallenge { to: "c2".to_owned(), wrong: false })
        .expects(Pattern::any(PacketType::Auth).reason(&[ReasonCode::SUCCESS]), "MQTT-4.12.1-1");
    broken.sends(dialogue.on("m"), packet);
}

/// A sentence as the end of another one.
fn decapitalised(text: &str) -> String {
    let mut chars = text.trim_end_matches('.').chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
