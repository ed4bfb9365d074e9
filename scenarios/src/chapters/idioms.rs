//! Turns of phrase that several chapters share.

use mqttspec_codec::{Mutation, PacketBuf, PacketType, ProtocolVersion, PublishBuf, ReasonCode};

use crate::duty::Duty;
use crate::model::{Alternative, Cite, Dialogue, On, Pattern, Scenario, Window, delivered, will};
use crate::model::{ConnectExt, PublishExt, connect, publish};

/// MQTT 3.1, 3.1.1 and 5.0.
pub(super) const ALL: &[ProtocolVersion] = &ProtocolVersion::ALL;
/// The versions that number their statements: 3.1.1 and 5.0.
pub(super) const NUMBERED: &[ProtocolVersion] = &[ProtocolVersion::V3_1_1, ProtocolVersion::V5_0];
/// MQTT 3.1 and 3.1.1.
pub(super) const BEFORE_V5: &[ProtocolVersion] = &[ProtocolVersion::V3_1, ProtocolVersion::V3_1_1];
/// MQTT 5.0.
pub(super) const V5: &[ProtocolVersion] = &[ProtocolVersion::V5_0];

/// Codes for a packet that breaks a rule, when the standard names no other: the two of 4.13.1 and the two that say less.
pub(super) const BROKEN: &[ReasonCode] = &[
    ReasonCode::MALFORMED_PACKET,
    ReasonCode::PROTOCOL_ERROR,
    ReasonCode::UNSPECIFIED_ERROR,
    ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR,
];

/// The connection ends after a packet that breaks a rule (3.1.1: 4.8; 5.0: 4.13).
pub(super) const CLOSE_ON_ERROR: Duty = Duty::new("", "MQTT-4.8.0-1", "MQTT-4.13.1-1");
/// The connection ends after a PUBLISH with QoS 3 (3.3.1.2).
pub(super) const QOS_3_REFUSED: Duty = Duty::new("", "MQTT-3.3.1-4", "MQTT-4.13.1-1");
/// The will is published when the connection has gone without DISCONNECT (3.1.2.5).
pub(super) const WILL_OWED: Duty = Duty::new("MQTT31-3.1-5", "MQTT-3.1.2-8", "MQTT-3.1.2-8");
/// The will is not published after DISCONNECT (3.14.4).
pub(super) const WILL_CANCELLED: Duty = Duty::new("MQTT31-3.14-1", "MQTT-3.14.4-3", "MQTT-3.14.4-3");

/// Long enough for a will, an expiry or a keep alive: the standard gives no upper bound, brokers look every few seconds.
pub(super) const GENEROUS_MS: u64 = 12_000;

/// One scenario for each of these versions.
pub(super) fn each(versions: &[ProtocolVersion], scenario: fn(ProtocolVersion) -> Scenario) -> Vec<Scenario> {
    versions.iter().map(|version| scenario(*version)).collect()
}

/// The statement of `duty` in `version`, or of `other` where that version does not state it.
pub(super) fn cite_or(duty: Duty, other: Duty, version: ProtocolVersion) -> Cite {
    duty.id(version).map_or_else(|| other.cite(version), Cite::from)
}

/// What a connection does in more than one chapter.
pub(super) trait Idioms {
    /// Expect a PUBLISH that is due because of something other than a PUBLISH: a will.
    fn receives_will(self, packet: &PublishBuf, var: &str, cite: impl Into<Cite>) -> Self;
    /// The same between two moments, in milliseconds since the last close.
    fn receives_will_between(
        self,
        packet: &PublishBuf,
        var: &str,
        not_before_ms: u64,
        not_after_ms: u64,
        cite: impl Into<Cite>,
    ) -> Self;
    /// Expect the end of the connection, whenever within the generous time, without sending anything meanwhile.
    fn ends_in_time(self, ending: impl Into<Alternative>, cite: impl Into<Cite>) -> Self;
    /// Send a PUBLISH with QoS 3, for which every version has the connection closed (3.3.1.2).
    fn breaks_a_rule(self) -> Self;
    /// Expect PINGRESP for a PINGREQ that the scenario itself has sent.
    fn expects_pingresp(self) -> Self;
}

impl Idioms for On<'_> {
    fn receives_will(self, packet: &PublishBuf, var: &str, cite: impl Into<Cite>) -> Self {
        self.receives_will_between(packet, var, 0, GENEROUS_MS, cite)
    }

    fn receives_will_between(
        self,
        packet: &PublishBuf,
        var: &str,
        not_before_ms: u64,
        not_after_ms: u64,
        cite: impl Into<Cite>,
    ) -> Self {
        let pattern = delivered(self.version(), packet).bind(var);
        self.expects_within(vec![pattern.into()], Window { not_before_ms, not_after_ms }, cite)
    }

    fn ends_in_time(self, ending: impl Into<Alternative>, cite: impl Into<Cite>) -> Self {
        self.expects_within(vec![ending.into()], Window { not_before_ms: 0, not_after_ms: GENEROUS_MS }, cite)
    }

    fn breaks_a_rule(self) -> Self {
        self.sends_mutated(PacketBuf::Publish(publish("{ns}/broken", "QoS 3").qos1(3)), Mutation::PublishQoS3)
    }

    fn expects_pingresp(self) -> Self {
        let cite = crate::duty::PINGRESP_OWED.cite(self.version());
        self.expects(Pattern::any(PacketType::PingResp), cite)
    }
}

/// `carol` will be lost later and `dave` will hear of it: [`a_later_loss_is_noticed`].
pub(super) fn prepare_a_later_loss(d: &mut Dialogue) {
    let version = d.version();
    d.on("dave").connects().subscribes(90, "{ns}/later", mqttspec_codec::QoS::AtMostOnce);
    d.on("carol").connects_with(connect(version, "{ns}carol").will(will("{ns}/later", "carol is lost")));
}

/// Lose `carol` and wait for her will. What was due to happen with a connection that ended before has happened by then,
/// and the target has shown that it publishes wills.
pub(super) fn a_later_loss_is_noticed(d: &mut Dialogue) {
    let version = d.version();
    d.on("carol").drops();
    d.on("dave").receives_will(&publish("{ns}/later", "carol is lost"), "later", WILL_OWED.cite(version));
}
