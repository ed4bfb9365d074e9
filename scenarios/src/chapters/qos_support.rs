//! What the chapters on QoS flows and session resumption share: their duties, ways to cut a connection, ways to return.

use mqttspec_codec::{ConnectBuf, PacketType, PropertyBuf, ProtocolVersion, PublishBuf, QoS, ReasonCode};

use crate::duty::Duty;
use crate::model::{Alternative, Cite, ConnectExt, Dialogue, Field, Need, On, Pattern, connect, delivered};

/// What is unacknowledged when a session is resumed is sent again; in 5.0 nothing else ever is (4.4).
pub(super) const RESEND: Duty = Duty::new("MQTT31-4.2-1", "MQTT-4.4.0-1", "MQTT-4.4.0-1");
/// What is sent again has DUP 1.
pub(super) const RESEND_DUP: Duty = Duty::new("MQTT31-3.3-3", "MQTT-3.3.1-1", "MQTT-3.3.1-1");
/// What is sent again has its old Packet Identifier.
pub(super) const RESEND_SAME_ID: Duty = Duty::new("MQTT31-4.2-1", "MQTT-4.4.0-1", "MQTT-4.4.0-1");
/// The server keeps the identifier of what it repeats (3.1.1 has a number for this alone).
pub(super) const IDENTIFIER_KEPT: Duty = Duty::new("", "MQTT-2.3.1-4", "");
/// A QoS 1 message stays owed until its PUBACK.
pub(super) const QOS1_OWED: Duty = Duty::new("MQTT31-4.1-1", "MQTT-4.3.2-1", "MQTT-4.3.2-3");
/// A QoS 2 message stays owed until its PUBREC.
pub(super) const QOS2_OWED: Duty = Duty::new("MQTT31-4.1-2", "MQTT-4.3.3-1", "MQTT-4.3.3-3");
/// A PUBREL stays owed until its PUBCOMP.
pub(super) const PUBREL_OWED_STILL: Duty = Duty::new("MQTT31-4.1-2", "MQTT-4.3.3-1", "MQTT-4.3.3-5");
/// After PUBREL the PUBLISH is never sent again.
pub(super) const NO_PUBLISH_AFTER_PUBREL: Duty = Duty::new("MQTT31-4.1-2", "MQTT-4.3.3-1", "MQTT-4.3.3-6");
/// A QoS 2 PUBLISH that is repeated before PUBREL is answered again and passed on once.
pub(super) const QOS2_ONCE: Duty = Duty::new("MQTT31-4.1-2", "MQTT-4.3.3-2", "MQTT-4.3.3-10");
/// After PUBACK the identifier means a new message.
pub(super) const NEW_AFTER_PUBACK: Duty = Duty::new("MQTT31-4.1-1", "MQTT-4.3.2-2", "MQTT-4.3.2-5");
/// After PUBCOMP the identifier means a new message.
pub(super) const NEW_AFTER_PUBCOMP: Duty = Duty::new("MQTT31-4.1-2", "MQTT-4.3.3-2", "MQTT-4.3.3-12");
/// A clean start ends the old session.
pub(super) const CLEAN_START_DISCARDS: Duty = Duty::new("MQTT31-3.1-6", "MQTT-3.1.2-6", "MQTT-3.1.2-4");
/// The session outlives the connection.
pub(super) const SESSION_KEPT: Duty = Duty::new("MQTT31-3.1-6", "MQTT-4.1.0-1", "MQTT-3.1.2-23");
/// The older connection is ended when its client comes again.
pub(super) const TAKEN_OVER: Duty = Duty::new("MQTT31-3.1-4", "MQTT-3.1.4-2", "MQTT-3.1.4-3");
/// Messages of one publisher to one topic at one QoS arrive in order. 3.1 does not say so.
pub(super) const ORDER: Duty = Duty::new("", "MQTT-4.6.0-6", "MQTT-4.6.0-5");
/// Topics are ordered by default.
pub(super) const ORDERED_BY_DEFAULT: Duty = Duty::new("", "MQTT-4.6.0-5", "MQTT-4.6.0-6");
/// A PUBLISH is answered as its QoS demands.
pub(super) const ANSWERED_BY_QOS: Duty = Duty::new("MQTT31-4.1-1", "MQTT-3.3.4-1", "MQTT-3.3.4-1");
/// Acknowledgements repeat the Packet Identifier.
pub(super) const ACK_SAME_ID: Duty = Duty::new("MQTT31-4.1-1", "MQTT-2.3.1-6", "MQTT-2.2.1-5");
/// The server picks an identifier that it does not have in use.
pub(super) const FRESH_IDENTIFIER: Duty = Duty::new("MQTT31-4.1-1", "MQTT-2.3.1-4", "MQTT-2.2.1-4");
/// The first transmission at QoS 1: unused identifier, DUP 0.
pub(super) const QOS1_FIRST: Duty = Duty::new("MQTT31-3.3-3", "MQTT-4.3.2-1", "MQTT-4.3.2-2");
/// The first transmission at QoS 2: unused identifier, DUP 0.
pub(super) const QOS2_FIRST: Duty = Duty::new("MQTT31-3.3-3", "MQTT-4.3.3-1", "MQTT-4.3.3-2");
/// QoS 1: an unused identifier for each new message.
pub(super) const QOS1_UNUSED: Duty = Duty::new("MQTT31-4.1-1", "MQTT-4.3.2-1", "MQTT-4.3.2-1");
/// QoS 2: an unused identifier for each new message.
pub(super) const QOS2_UNUSED: Duty = Duty::new("MQTT31-4.1-2", "MQTT-4.3.3-1", "MQTT-4.3.3-1");
/// A subscriber receives only topics that its filters match.
pub(super) const ONLY_MATCHING: Duty = Duty::new("MQTT31-3.3-1", "MQTT-3.3.2-3", "MQTT-3.3.2-3");

/// How long a session must be kept for a scenario that returns at once, in seconds.
const SHORT_ABSENCE_S: u32 = 20;

/// A dialogue on flows at this QoS: needs the QoS.
pub(super) fn dialogue(version: ProtocolVersion, chapter: &str, name: &str, title: &str, qos: QoS) -> Dialogue {
    let dialogue = Dialogue::new(version, chapter, name, title);
    match qos {
        QoS::AtMostOnce => dialogue,
        qos if version.has_properties() => dialogue.needs(Need::Qos(qos.value())),
        _ => dialogue,
    }
}

/// The same, for one that leaves a session and returns to it.
pub(super) fn resuming(version: ProtocolVersion, name: &str, title: &str, qos: QoS) -> Dialogue {
    let dialogue = dialogue(version, "4.4 Message delivery retry", name, title, qos);
    if version.has_properties() { dialogue.needs(Need::SessionExpiry(SHORT_ABSENCE_S)) } else { dialogue }
}

/// The CONNECT of `who` that asks for its session to be kept.
pub(super) fn keeping(version: ProtocolVersion, who: &str) -> ConnectBuf {
    connect(version, &format!("{{ns}}{who}")).persistent()
}

/// The CONNECT of `who` that asks for its session to be kept for one second (5.0).
pub(super) fn keeping_one_second(who: &str) -> ConnectBuf {
    let mut packet = connect(ProtocolVersion::V5_0, &format!("{{ns}}{who}")).clean(false);
    packet.properties.push(PropertyBuf::session_expiry_interval(1));
    packet
}

/// How a connection is cut before its client returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// TCP FIN.
    Finish,
    /// TCP RST.
    Reset,
    /// DISCONNECT, then FIN.
    Disconnect,
    /// Not at all: the client connects anew while the old connection is open.
    TakeOver,
}

impl Cut {
    /// Every way.
    pub(super) const ALL: [Self; 4] = [Self::Finish, Self::Reset, Self::Disconnect, Self::TakeOver];

    /// The word in scenario ids.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Finish => "finish",
            Self::Reset => "reset",
            Self::Disconnect => "disconnect",
            Self::TakeOver => "take-over",
        }
    }

    /// The words in titles: `when the connection …`.
    pub(super) const fn story(self) -> &'static str {
        match self {
            Self::Finish => "was closed without DISCONNECT",
            Self::Reset => "was reset",
            Self::Disconnect => "was closed after DISCONNECT",
            Self::TakeOver => "was taken over by a new one",
        }
    }
}

/// What a returning client finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Return {
    /// Its session.
    Kept,
    /// No session, because it asks for a clean start.
    Clean,
    /// No session, because it expired (5.0).
    Expired,
}

impl Return {
    /// The words in scenario ids.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Kept => "session-kept",
            Self::Clean => "clean-start",
            Self::Expired => "session-expired",
        }
    }

    /// The CONNECT with which `who` begins, so that this return is possible.
    pub(super) fn first_connect(self, version: ProtocolVersion, who: &str) -> ConnectBuf {
        if self == Self::Expired { keeping_one_second(who) } else { keeping(version, who) }
    }

    /// The statement that makes the server forget a lost session.
    pub(super) fn discards(self, version: ProtocolVersion) -> &'static str {
        match self {
            Self::Expired => "MQTT-4.1.0-2",
            Self::Clean | Self::Kept => CLEAN_START_DISCARDS.id(version).unwrap_or_default(),
        }
    }
}

/// Cut the connection of `who` and let it connect again; returns the name of the new connection.
pub(super) fn returns(d: &mut Dialogue, who: &str, cut: Cut, how: Return) -> String {
    let version = d.version();
    match how {
        Return::Kept => returns_with(d, who, cut, keeping(version, who)),
        Return::Clean | Return::Expired => {
            let back = cuts(d, who, cut);
            if how == Return::Clean {
                d.on(&back).connects_with(connect(version, &format!("{{ns}}{who}")));
            } else {
                // Nothing says how soon after its second the session is gone: be generous.
                d.wait(3000);
                d.on(&back).connects_with(keeping(version, who));
            }
            taken_over(d, who, cut);
            back
        }
    }
}

/// Cut the connection of `who` and let it resume its session with this CONNECT; returns the new connection's name.
pub(super) fn returns_with(d: &mut Dialogue, who: &str, cut: Cut, packet: ConnectBuf) -> String {
    let back = cuts(d, who, cut);
    d.on(&back).resumes_with(packet);
    taken_over(d, who, cut);
    back
}

/// Cut, unless it is the new connection that will; returns the name for that.
fn cuts(d: &mut Dialogue, who: &str, cut: Cut) -> String {
    match cut {
        Cut::Finish => drop(d.on(who).drops()),
        Cut::Reset => drop(d.on(who).resets()),
        Cut::Disconnect => drop(d.on(who).disconnects()),
        Cut::TakeOver => return format!("{who}2"),
    }
    who.to_owned()
}

fn taken_over(d: &mut Dialogue, who: &str, cut: Cut) {
    if cut == Cut::TakeOver {
        let version = d.version();
        d.on(who).expects_close(&[ReasonCode::SESSION_TAKEN_OVER], TAKEN_OVER.cite(version));
    }
}

/// `packet` sent again on resumption: DUP 1 and the Packet Identifier of the remembered first transmission.
pub(super) fn redelivered(version: ProtocolVersion, packet: &PublishBuf, first: &str) -> Pattern {
    let same_id = Field::SamePacketId(first.to_owned());
    let pattern = delivered(version, packet)
        .without(|field| matches!(field, Field::Dup(_)))
        .check_citing(Field::Dup(true), RESEND_DUP.cite(version))
        .check_citing(same_id.clone(), RESEND_SAME_ID.cite(version));
    match IDENTIFIER_KEPT.id(version) {
        Some(kept) => pattern.check_citing(same_id, kept),
        None => pattern,
    }
}

/// `packet` to a client that was away: whether an attempt had been made before is the target's business.
pub(super) fn delivered_late(version: ProtocolVersion, packet: &PublishBuf) -> Pattern {
    delivered(version, packet).without(|field| matches!(field, Field::Dup(_)))
}

/// Expectations of these chapters, to read as part of a dialogue.
pub(super) trait OnExt {
    /// Expect `packet` again, as `first` was: DUP 1, same identifier.
    fn receives_again(self, packet: &PublishBuf, first: &str) -> Self;
    /// Expect `packet`, published while this client was away.
    fn receives_late(self, packet: &PublishBuf, var: &str) -> Self;
    /// Expect one more message while earlier ones are unacknowledged. A target that has fewer messages in flight than
    /// it might (4.9) ends the scenario as inconclusive.
    fn receives_beside(self, packet: &PublishBuf, var: &str) -> Self;
    /// Acknowledge the remembered PUBLISH as its QoS demands: PUBACK, or PUBREC, PUBREL and PUBCOMP.
    fn acknowledges(self, qos: QoS, var: &str) -> Self;
    /// Expect PUBREL for the remembered PUBLISH.
    fn expects_pubrel(self, var: &str, cite: impl Into<Cite>) -> Self;
    /// Send PUBREL again after a return and expect PUBCOMP. In 5.0 the identifier may be unknown by now (3.7.2.1).
    fn releases_again(self, packet_id: u16) -> Self;
}

impl OnExt for On<'_> {
    fn receives_again(self, packet: &PublishBuf, first: &str) -> Self {
        let version = self.version();
        self.expects(redelivered(version, packet, first), RESEND.cite(version))
    }

    fn receives_late(self, packet: &PublishBuf, var: &str) -> Self {
        let version = self.version();
        self.expects(delivered_late(version, packet).bind(var), crate::duty::DELIVERY_OWED.cite(version))
    }

    fn receives_beside(self, packet: &PublishBuf, var: &str) -> Self {
        let version = self.version();
        let stop = Alternative::StopAtSilence {
            not_applicable: false,
            why: "the target keeps fewer messages in flight than the scenario needs, or lost one".to_owned(),
        };
        self.expects_one_of(
            vec![delivered(version, packet).bind(var).into(), stop],
            crate::duty::DELIVERY_OWED.cite(version),
        )
    }

    fn acknowledges(self, qos: QoS, var: &str) -> Self {
        match qos {
            QoS::AtMostOnce => self,
            QoS::AtLeastOnce => self.answers_puback(var),
            QoS::ExactlyOnce => self.completes_qos2(var),
        }
    }

    fn expects_pubrel(self, var: &str, cite: impl Into<Cite>) -> Self {
        let version = self.version();
        let mut pattern = Pattern::any(PacketType::PubRel)
            .check_citing(Field::SamePacketId(var.to_owned()), crate::duty::PUBREL_OWED.cite(version));
        if version.has_properties() {
            pattern = pattern.check_citing(Field::ReasonIn(vec![ReasonCode::SUCCESS]), "MQTT-3.6.2-1");
        }
        self.expects(pattern, cite)
    }

    fn releases_again(self, packet_id: u16) -> Self {
        let version = self.version();
        let mut pattern = Pattern::any(PacketType::PubComp).check(Field::PacketId(packet_id));
        if version.has_properties() {
            let known_or_not = vec![ReasonCode::SUCCESS, ReasonCode::PACKET_IDENTIFIER_NOT_FOUND];
            pattern = pattern.check_citing(Field::ReasonIn(known_or_not), "MQTT-3.7.2-1");
        }
        self.sends_ack(PacketType::PubRel, packet_id).expects(pattern, crate::duty::PUBCOMP_OWED.cite(version))
    }
}
