//! Builders that make a scenario read as a dialogue between named connections and the target.
//!
//! ```
//! use mqttspec_codec::{ProtocolVersion, QoS};
//! use mqttspec_scenarios::model::{Dialogue, publish, PublishExt};
//!
//! let mut d = Dialogue::new(ProtocolVersion::V5_0, "3.3 PUBLISH", "publish/qos1-is-acknowledged",
//!     "A QoS 1 PUBLISH is answered with PUBACK").proves(&["MQTT-3.3.4-1"]);
//! d.on("alice").connects();
//! d.on("bob").connects().subscribes(1, "{ns}/a", QoS::AtLeastOnce);
//! d.on("alice").publishes(publish("{ns}/a", "hello").qos1(7));
//! d.on("bob").receives(&publish("{ns}/a", "hello").qos1(0), "m").answers_puback("m");
//! let scenario = d.build();
//! assert_eq!(scenario.id, "v5/publish/qos1-is-acknowledged");
//! ```

use mqttspec_codec::{ConnectBuf, PacketType, ProtocolVersion, PublishBuf, QoS, ReasonCode, SubscribeBuf};

use super::expect::{Alternative, Cite, Elect, Ending, Expect, Field, Pattern, Quiet, Window};
use super::outgoing::Outgoing;
use super::packets::{connect, disconnect, subscribe, unsubscribe};
use super::scenario::{CloseHow, Need, Role, Scenario, Step};
use crate::duty::{self, Duty};

/// A scenario under construction.
#[derive(Clone, Debug)]
pub struct Dialogue {
    scenario: Scenario,
}

/// The short form of a version at the head of every scenario id: `v31`, `v311`, `v5`.
pub const fn version_prefix(version: ProtocolVersion) -> &'static str {
    match version {
        ProtocolVersion::V3_1 => "v31",
        ProtocolVersion::V3_1_1 => "v311",
        ProtocolVersion::V5_0 => "v5",
    }
}

impl Dialogue {
    /// A scenario for a broker: `name` is the id without the version, e.g. `publish/qos1-is-acknowledged`; `chapter` is
    /// number and title, e.g. `3.3 PUBLISH`.
    pub fn new(version: ProtocolVersion, chapter: &str, name: &str, title: &str) -> Self {
        Self {
            scenario: Scenario {
                id: format!("{}/{name}", version_prefix(version)),
                title: title.to_owned(),
                version,
                role: Role::Broker,
                chapter: chapter.to_owned(),
                statements: Vec::new(),
                needs: Vec::new(),
                judged_by: super::JudgedBy::Steps,
                steps: Vec::new(),
            },
        }
    }

    /// The statements that a pass shows to be kept, the main one first.
    #[must_use]
    pub fn proves(mut self, statements: &[&str]) -> Self {
        self.scenario.statements.extend(statements.iter().map(|id| (*id).to_owned()));
        self
    }

    /// The same, by duty: the statement of this scenario's version, where it has one.
    #[must_use]
    pub fn proves_duties(mut self, duties: &[Duty]) -> Self {
        let version = self.version();
        self.scenario.statements.extend(duties.iter().filter_map(|d| d.id(version)).map(str::to_owned));
        self
    }

    /// A capability that the target must have.
    #[must_use]
    pub fn needs(mut self, need: Need) -> Self {
        self.scenario.needs.push(need);
        self
    }

    /// The version spoken.
    pub fn version(&self) -> ProtocolVersion {
        self.scenario.version
    }

    /// Continue on this connection.
    pub fn on(&mut self, connection: &str) -> On<'_> {
        On { dialogue: self, connection: connection.to_owned() }
    }

    /// Wait until one of the connections `among`, whichever the target chooses, receives this; then `chosen` names it
    /// and `others` name the rest, in their order.
    pub fn elects(
        &mut self,
        among: &[&str],
        pattern: Pattern,
        chosen: &str,
        others: &[&str],
        cite: impl Into<Cite>,
    ) -> &mut Self {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let (among, others) = (names(among), names(others));
        self.scenario.steps.push(Step::Elect(Elect {
            among,
            pattern,
            chosen: chosen.to_owned(),
            others,
            cite: cite.into(),
        }));
        self
    }

    /// Let `ms` milliseconds pass.
    pub fn wait(&mut self, ms: u64) -> &mut Self {
        self.scenario.steps.push(Step::Wait { ms });
        self
    }

    /// The finished scenario, with the needs that follow from what it sends.
    pub fn build(mut self) -> Scenario {
        let implied = self.scenario.implied_needs();
        self.scenario.needs.extend(implied);
        self.scenario
    }
}

/// One connection of a [`Dialogue`]; its methods add steps, in order.
#[derive(Debug)]
pub struct On<'a> {
    dialogue: &'a mut Dialogue,
    connection: String,
}

impl On<'_> {
    fn step(self, step: Step) -> Self {
        self.dialogue.scenario.steps.push(step);
        self
    }

    /// The version spoken.
    pub fn version(&self) -> ProtocolVersion {
        self.dialogue.scenario.version
    }

    /// The client identifier that [`On::connects`] uses for this connection: `{ns}alice`.
    pub fn client_id(&self) -> String {
        format!("{{ns}}{}", self.connection)
    }

    // ---- opening and closing ----

    /// Open the network connection.
    pub fn opens(self) -> Self {
        let connection = self.connection.clone();
        self.step(Step::Open { connection })
    }

    /// Open, send a plain clean CONNECT, and expect CONNACK.
    pub fn connects(self) -> Self {
        let packet = connect(self.version(), &self.client_id());
        self.connects_with(packet)
    }

    /// Open, send this CONNECT, and expect CONNACK without Session Present.
    pub fn connects_with(self, packet: ConnectBuf) -> Self {
        let cite = if packet.clean_start { duty::SESSION_PRESENT_0_CLEAN } else { duty::SESSION_PRESENT_0 };
        self.opens().sends(packet).expects_connack_citing(false, cite)
    }

    /// Open, send this CONNECT, and expect CONNACK with Session Present 1.
    pub fn resumes_with(self, packet: ConnectBuf) -> Self {
        self.opens().sends(packet).expects_connack(true)
    }

    /// Expect CONNACK with success and this Session Present. A target that refuses for a reason of its own (not
    /// authorized, busy, quota …) ends the scenario as inconclusive.
    pub fn expects_connack(self, session_present: bool) -> Self {
        let cite = if session_present { duty::SESSION_PRESENT_1 } else { duty::SESSION_PRESENT_0 };
        self.expects_connack_citing(session_present, cite)
    }

    fn expects_connack_citing(self, session_present: bool, present: Duty) -> Self {
        let version = self.version();
        let mut pattern = Pattern::any(PacketType::ConnAck).reason(&[ReasonCode::SUCCESS]);
        if version != ProtocolVersion::V3_1 {
            // The byte that holds Session Present is reserved and unused in 3.1.
            pattern = pattern.check_citing(Field::SessionPresent(session_present), present.cite(version));
        }
        self.expects_one_of(vec![pattern.into(), refused_connection(version)], duty::CONNACK_OWED.cite(version))
    }

    /// Send DISCONNECT and close, as a client must (3.14.4). Who closes first is not judged.
    pub fn disconnects(self) -> Self {
        self.sends(disconnect(ReasonCode::NORMAL_DISCONNECTION)).drops()
    }

    /// End the network connection in order, without DISCONNECT.
    pub fn drops(self) -> Self {
        let connection = self.connection.clone();
        self.step(Step::Close { connection, how: CloseHow::Finish })
    }

    /// Abort the network connection, without DISCONNECT.
    pub fn resets(self) -> Self {
        let connection = self.connection.clone();
        self.step(Step::Close { connection, how: CloseHow::Reset })
    }

    // ---- sending ----

    /// Send.
    pub fn sends(self, outgoing: impl Into<Outgoing>) -> Self {
        let connection = self.connection.clone();
        self.step(Step::Send { connection, outgoing: outgoing.into() })
    }

    /// Send literal bytes.
    pub fn sends_bytes(self, bytes: &[u8]) -> Self {
        self.sends(Outgoing::Bytes(bytes.to_vec()))
    }

    /// Send `packet` broken by `mutation`.
    pub fn sends_mutated(self, packet: mqttspec_codec::PacketBuf, mutation: mqttspec_codec::Mutation) -> Self {
        self.sends(Outgoing::Mutated { packet, mutation })
    }

    /// Subscribe to one filter and expect it to be granted at this QoS. A lower grant or a refusal ends the scenario as
    /// inconclusive: both are permitted (3.9.3).
    pub fn subscribes(self, packet_id: u16, filter: &str, qos: QoS) -> Self {
        self.subscribes_with(subscribe(packet_id, filter, qos))
    }

    /// Send this SUBSCRIBE and expect every filter to be granted as asked.
    pub fn subscribes_with(self, packet: SubscribeBuf) -> Self {
        let version = self.version();
        let packet_id = packet.packet_id;
        let granted: Vec<_> = packet.filters.iter().map(|s| vec![ReasonCode(s.options.qos.value())]).collect();
        let lower: Vec<_> = packet.filters.iter().map(|s| lower_or_refused(version, s.options.qos)).collect();
        let suback = Pattern::any(PacketType::SubAck)
            .check_citing(Field::PacketId(packet_id), duty::SUBACK_SAME_ID.cite(version))
            .check_citing(Field::ReasonsIn(granted), duty::SUBACK_CODES.cite(version));
        let stop = Alternative::Stop {
            pattern: Pattern::any(PacketType::SubAck).check(Field::PacketId(packet_id)).check(Field::ReasonsIn(lower)),
            not_applicable: false,
            why: "the target granted a lower QoS than asked for, or refused the subscription".to_owned(),
        };
        self.sends(packet).expects_one_of(vec![suback.into(), stop], duty::SUBACK_OWED.cite(version))
    }

    /// Unsubscribe from one filter and expect UNSUBACK.
    pub fn unsubscribes(self, packet_id: u16, filter: &str) -> Self {
        let version = self.version();
        let mut pattern = Pattern::any(PacketType::UnsubAck)
            .check_citing(Field::PacketId(packet_id), duty::UNSUBACK_SAME_ID.cite(version));
        if version.has_properties() {
            pattern = pattern
                .check_citing(Field::ReasonsIn(vec![vec![ReasonCode::SUCCESS]]), duty::UNSUBACK_CODES.cite(version));
        }
        self.sends(unsubscribe(packet_id, filter)).expects(pattern, duty::UNSUBACK_OWED.cite(version))
    }

    /// Publish and complete the flow of its QoS: PUBACK for 1; PUBREC, PUBREL, PUBCOMP for 2; a fence for 0.
    pub fn publishes(self, packet: PublishBuf) -> Self {
        let version = self.version();
        let packet_id = packet.packet_id.unwrap_or_default();
        let qos = packet.qos;
        let sent = self.sends(packet);
        match qos {
            QoS::AtMostOnce => sent.fences(),
            QoS::AtLeastOnce => sent.expects_ack(PacketType::PubAck, packet_id, duty::PUBACK_OWED.cite(version)),
            QoS::ExactlyOnce => sent
                .expects_ack(PacketType::PubRec, packet_id, duty::PUBREC_OWED.cite(version))
                .sends_ack(PacketType::PubRel, packet_id)
                .expects_ack(PacketType::PubComp, packet_id, duty::PUBCOMP_OWED.cite(version)),
        }
    }

    /// Send an acknowledgement with a literal Packet Identifier and reason code 0x00.
    pub fn sends_ack(self, packet_type: PacketType, packet_id: u16) -> Self {
        self.sends_ack_with(packet_type, packet_id, ReasonCode::SUCCESS)
    }

    /// Send an acknowledgement with a literal Packet Identifier and this reason code.
    pub fn sends_ack_with(self, packet_type: PacketType, packet_id: u16, reason_code: ReasonCode) -> Self {
        use mqttspec_codec::{AckBuf, PacketBuf};
        let ack = AckBuf { packet_id, reason_code, properties: Vec::new() };
        self.sends(match packet_type {
            PacketType::PubRec => PacketBuf::PubRec(ack),
            PacketType::PubRel => PacketBuf::PubRel(ack),
            PacketType::PubComp => PacketBuf::PubComp(ack),
            _ => PacketBuf::PubAck(ack),
        })
    }

    /// Answer the remembered PUBLISH with PUBACK.
    pub fn answers_puback(self, var: &str) -> Self {
        self.answers(PacketType::PubAck, var)
    }

    /// Answer the remembered packet with this acknowledgement, reason code 0x00.
    pub fn answers(self, packet_type: PacketType, var: &str) -> Self {
        self.answers_with(packet_type, var, ReasonCode::SUCCESS)
    }

    /// Answer the remembered packet with this acknowledgement and reason code.
    pub fn answers_with(self, packet_type: PacketType, var: &str, reason_code: ReasonCode) -> Self {
        self.sends(Outgoing::Answer { packet_type, to: var.to_owned(), reason_code, properties: Vec::new() })
    }

    /// Complete the receiver's side of QoS 2 for the remembered PUBLISH: PUBREC, PUBREL, PUBCOMP.
    pub fn completes_qos2(self, var: &str) -> Self {
        let cite = duty::PUBREL_OWED.cite(self.version());
        self.answers(PacketType::PubRec, var)
            .expects(
                Pattern::any(PacketType::PubRel)
                    .check(Field::SamePacketId(var.to_owned()))
                    .reason(&[ReasonCode::SUCCESS]),
                cite,
            )
            .answers(PacketType::PubComp, var)
    }

    // ---- expecting ----

    /// Expect this packet.
    pub fn expects(self, pattern: Pattern, cite: impl Into<Cite>) -> Self {
        self.expects_one_of(vec![pattern.into()], cite)
    }

    /// Expect one of these.
    pub fn expects_one_of(self, one_of: Vec<Alternative>, cite: impl Into<Cite>) -> Self {
        let connection = self.connection.clone();
        self.step(Step::Expect(Expect { connection, one_of, cite: cite.into(), window: None, probe: true }))
    }

    /// Expect one of these within bounds of time; no PINGREQ is sent meanwhile.
    pub fn expects_within(self, one_of: Vec<Alternative>, window: Window, cite: impl Into<Cite>) -> Self {
        let connection = self.connection.clone();
        self.step(Step::Expect(Expect { connection, one_of, cite: cite.into(), window: Some(window), probe: false }))
    }

    /// Expect this PUBLISH (topic, payload, QoS, RETAIN, DUP, properties) as a first delivery to an established
    /// subscription, and remember it as `var`.
    pub fn receives(self, packet: &PublishBuf, var: &str) -> Self {
        let cite = duty::DELIVERY_OWED.cite(self.version());
        self.receives_citing(packet, var, cite)
    }

    /// The same, with its absence cited under this statement.
    pub fn receives_citing(self, packet: &PublishBuf, var: &str, cite: impl Into<Cite>) -> Self {
        let pattern = delivered(self.version(), packet).bind(var);
        self.expects(pattern, cite)
    }

    /// Expect an acknowledgement of `packet_id` without an error code.
    pub fn expects_ack(self, packet_type: PacketType, packet_id: u16, cite: impl Into<Cite>) -> Self {
        let version = self.version();
        let mut pattern = Pattern::ack(packet_type, packet_id);
        if matches!(packet_type, PacketType::PubComp | PacketType::PubRel) || !version.has_properties() {
            pattern = pattern.without(|f| matches!(f, Field::ReasonIn(_))).reason(&[ReasonCode::SUCCESS]);
        }
        self.expects(pattern, cite)
    }

    /// Expect the target to end the connection: in 5.0 after a DISCONNECT with one of these codes or without any, in
    /// 3.1 and 3.1.1 without a word.
    pub fn expects_close(self, codes: &[ReasonCode], cite: impl Into<Cite>) -> Self {
        let ending = if self.version().has_properties() { Ending::disconnect(codes) } else { Ending::bare() };
        self.expects_one_of(vec![ending.into()], cite)
    }

    /// Expect the target to refuse a CONNECT: a CONNACK with one of these codes or without any, and a close.
    pub fn expects_refusal(self, codes: &[ReasonCode], cite: impl Into<Cite>) -> Self {
        self.expects_one_of(vec![Ending::connack(codes).into()], cite)
    }

    /// Show that no PUBLISH has arrived.
    pub fn gets_no_publish(self, cite: impl Into<Cite>) -> Self {
        self.gets_no(&[PacketType::Publish], cite)
    }

    /// Show that no packet of these types has arrived.
    pub fn gets_no(self, packet_types: &[PacketType], cite: impl Into<Cite>) -> Self {
        let connection = self.connection.clone();
        let packet_types = packet_types.to_vec();
        self.step(Step::Quiet(Quiet { connection, packet_types, permitted: Vec::new(), cite: cite.into() }))
    }

    /// Show that no PUBLISH has arrived except perhaps these, each at most once.
    pub fn gets_no_publish_except(self, permitted: Vec<Pattern>, cite: impl Into<Cite>) -> Self {
        let connection = self.connection.clone();
        let packet_types = vec![PacketType::Publish];
        self.step(Step::Quiet(Quiet { connection, packet_types, permitted, cite: cite.into() }))
    }

    /// Take these out of the inbox, each at most once, if they have arrived: permitted, not owed.
    pub fn tolerates(self, permitted: Vec<Pattern>, cite: impl Into<Cite>) -> Self {
        let connection = self.connection.clone();
        self.step(Step::Quiet(Quiet { connection, packet_types: Vec::new(), permitted, cite: cite.into() }))
    }

    /// PINGREQ and PINGRESP: everything sent so far has been taken in, and the connection lives.
    pub fn fences(self) -> Self {
        let cite = duty::PINGRESP_OWED.cite(self.version());
        self.fences_citing(cite)
    }

    /// The same, where a connection that does not live breaks this statement.
    pub fn fences_citing(self, cite: impl Into<Cite>) -> Self {
        let connection = self.connection.clone();
        self.step(Step::Fence { connection, cite: cite.into() })
    }
}

/// A first delivery of `packet` to an established subscription, each field cited under its own statement.
///
/// In 3.1 DUP 0 is not asked for: no sentence of it says that a Server does not pass on the publisher's (3.3.1.1 of 3.1.1
/// does), or what DUP is at QoS 0. The session model knows what the publisher set, and finds a DUP that is nobody's.
pub fn delivered(version: ProtocolVersion, packet: &PublishBuf) -> Pattern {
    let unsaid = version == ProtocolVersion::V3_1 && !packet.dup;
    Pattern::publish(packet)
        .without(|field| unsaid && matches!(field, Field::Dup(_)))
        .citing(duty::DELIVERED_QOS.cite(version), |field| matches!(field, Field::QosIn(_)))
        .citing(duty::DELIVERED_RETAIN.cite(version), |field| matches!(field, Field::Retain(_)))
        .citing(duty::DELIVERED_DUP.cite(version), |field| matches!(field, Field::Dup(_)))
}

/// CONNACK codes with which a target may refuse a sound CONNECT for a reason of its own.
pub fn refused_connection(version: ProtocolVersion) -> Alternative {
    let codes: &[u8] = if version.has_properties() {
        &[0x80, 0x83, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8C, 0x97, 0x9C, 0x9D, 0x9F]
    } else {
        &[2, 3, 4, 5]
    };
    let codes: Vec<_> = codes.iter().copied().map(ReasonCode).collect();
    Alternative::Stop {
        pattern: Pattern::any(PacketType::ConnAck).reason(&codes),
        not_applicable: false,
        why: "the target refused the connection for a reason of its own".to_owned(),
    }
}

fn lower_or_refused(version: ProtocolVersion, qos: QoS) -> Vec<ReasonCode> {
    ReasonCode::rows(version, PacketType::SubAck)
        .map(|row| row.code)
        .filter(|code| code.0 <= qos.value() || code.is_error())
        .collect()
}
