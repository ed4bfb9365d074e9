//! Turns of phrase of the chapters on subscriptions, retained messages and topics.

use mqttspec_codec::{PacketType, ProtocolVersion, PublishBuf, QoS, ReasonCode, SubscribeBuf};

use crate::duty::{self, Duty};
use crate::model::{
    Alternative, Cite, Dialogue, Ending, Field, Need, On, Pattern, PublishExt, Scenario, connect, delivered,
};

/// MQTT 3.1, 3.1.1 and 5.0.
pub(super) const EVERY: &[ProtocolVersion] = &ProtocolVersion::ALL;
/// The versions that number their statements: 3.1.1 and 5.0.
pub(super) const NUMBERED: &[ProtocolVersion] = &[ProtocolVersion::V3_1_1, ProtocolVersion::V5_0];
/// MQTT 5.0.
pub(super) const V5: &[ProtocolVersion] = &[ProtocolVersion::V5_0];

/// QoS 0, 1 and 2.
pub(super) const QOS: [QoS; 3] = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce];

/// SUBACK holds one code for each filter.
pub(super) const CODE_FOR_EACH: Duty = Duty::new("MQTT31-3.9-2", "MQTT-3.8.4-5", "MQTT-3.8.4-6");
/// Each code says the granted QoS, never above the one asked for, or a failure.
pub(super) const CODE_GRANTED: Duty = Duty::new("MQTT31-3.9-2", "MQTT-3.8.4-5", "MQTT-3.8.4-7");
/// The codes of SUBACK stand in the order of the filters.
pub(super) const CODE_ORDER: Duty = Duty::new("MQTT31-3.9-2", "MQTT-3.9.3-1", "MQTT-3.9.3-1");
/// SUBACK uses only defined codes.
pub(super) const CODE_DEFINED: Duty = Duty::new("MQTT31-3.9-2", "MQTT-3.9.3-2", "MQTT-3.9.3-2");
/// A SUBSCRIBE with several filters is as good as one for each.
pub(super) const FILTERS_IN_TURN: Duty = Duty::new("MQTT31-3.9-2", "MQTT-3.8.4-4", "MQTT-3.8.4-5");
/// The same filter again replaces the subscription.
pub(super) const REPLACED: Duty = Duty::new("", "MQTT-3.8.4-3", "MQTT-3.8.4-3");
/// Replacing sends retained messages again and loses nothing.
pub(super) const REPLACED_SAFELY: Duty = Duty::new("", "MQTT-3.8.4-3", "MQTT-3.8.4-4");
/// Overlapping subscriptions: the highest granted QoS counts.
pub(super) const OVERLAP_QOS: Duty = Duty::new("", "MQTT-3.3.5-1", "MQTT-3.3.4-2");

/// UNSUBSCRIBE removes the subscription with exactly this filter.
pub(super) const UNSUBSCRIBE_EXACT: Duty = Duty::new("MQTT31-3.10-1", "MQTT-3.10.4-1", "MQTT-3.10.4-1");
/// After UNSUBSCRIBE no new message is added for delivery.
pub(super) const UNSUBSCRIBE_STOPS: Duty = Duty::new("MQTT31-3.10-1", "MQTT-3.10.4-2", "MQTT-3.10.4-2");
/// Deliveries that have begun are completed.
pub(super) const UNSUBSCRIBE_COMPLETES: Duty = Duty::new("", "MQTT-3.10.4-3", "MQTT-3.10.4-3");
/// UNSUBACK is owed even when nothing was removed.
pub(super) const UNSUBACK_FOR_NOTHING: Duty = Duty::new("MQTT31-3.11-1", "MQTT-3.10.4-5", "MQTT-3.10.4-5");
/// An UNSUBSCRIBE with several filters is as good as one for each.
pub(super) const UNSUBSCRIBE_IN_TURN: Duty = Duty::new("MQTT31-3.10-1", "MQTT-3.10.4-6", "MQTT-3.10.4-6");

/// A PUBLISH with RETAIN 1 replaces the retained message of its topic.
pub(super) const RETAINED_STORED: Duty = Duty::new("MQTT31-3.3-4", "MQTT-3.3.1-5", "MQTT-3.3.1-5");
/// A new subscription gets the matching retained messages.
pub(super) const RETAINED_SENT: Duty = Duty::new("MQTT31-3.3-4", "MQTT-3.3.1-6", "MQTT-3.3.1-9");
/// They have RETAIN 1.
pub(super) const RETAINED_FLAG: Duty = Duty::new("MQTT31-3.3-2", "MQTT-3.3.1-8", "MQTT-3.3.1-9");
/// An empty one is forwarded and removes what was retained.
pub(super) const EMPTY_REMOVES: Duty = Duty::new("MQTT31-3.3-4", "MQTT-3.3.1-10", "MQTT-3.3.1-6");
/// An empty one is never retained.
pub(super) const EMPTY_NOT_STORED: Duty = Duty::new("MQTT31-3.3-4", "MQTT-3.3.1-11", "MQTT-3.3.1-7");
/// A PUBLISH with RETAIN 0 leaves the retained message as it was.
pub(super) const UNRETAINED: Duty = Duty::new("MQTT31-3.3-4", "MQTT-3.3.1-12", "MQTT-3.3.1-8");

/// A client gets only what its filters match.
pub(super) const ONLY_MATCHING: Duty = Duty::new("MQTT31-A-1", "MQTT-3.3.2-3", "MQTT-3.3.2-3");
/// A client gets what its filters match.
pub(super) const ALL_MATCHING: Duty = Duty::new("MQTT31-A-1", "MQTT-4.5.0-1", "MQTT-4.5.0-1");
/// Topics are compared as they are.
pub(super) const NOT_NORMALIZED: Duty = Duty::new("MQTT31-A-1", "MQTT-4.7.3-4", "MQTT-4.7.3-4");

/// Codes that may come with the end of the connection after a broken filter.
pub(super) const BAD_FILTER: &[ReasonCode] = &[
    ReasonCode::MALFORMED_PACKET,
    ReasonCode::PROTOCOL_ERROR,
    ReasonCode::TOPIC_FILTER_INVALID,
    ReasonCode::UNSPECIFIED_ERROR,
    ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR,
];

/// One scenario for each of these versions.
pub(super) fn each(versions: &[ProtocolVersion], scenario: fn(ProtocolVersion) -> Scenario) -> Vec<Scenario> {
    versions.iter().map(|version| scenario(*version)).collect()
}

/// A dialogue that in 5.0, where a target states what it can do, needs messages of this QoS and these capabilities.
pub(super) fn dialogue(
    version: ProtocolVersion,
    chapter: &str,
    name: &str,
    title: &str,
    qos: QoS,
    needs: &[Need],
) -> Dialogue {
    let mut dialogue = Dialogue::new(version, chapter, name, title);
    if version.has_properties() {
        if qos != QoS::AtMostOnce {
            dialogue = dialogue.needs(Need::Qos(qos.value()));
        }
        for need in needs {
            dialogue = dialogue.needs(need.clone());
        }
    }
    dialogue
}

/// The retained message `packet` as a new subscription receives it.
pub(super) fn retained_delivery(version: ProtocolVersion, packet: &PublishBuf) -> Pattern {
    let packet = packet.clone().retained();
    delivered(version, &packet).citing(RETAINED_FLAG.cite(version), |field| matches!(field, Field::Retain(_)))
}

/// The codes that SUBACK may hold when the target grants less than this, or refuses.
pub(super) fn less_than(version: ProtocolVersion, qos: QoS) -> Vec<ReasonCode> {
    ReasonCode::rows(version, PacketType::SubAck)
        .map(|row| row.code)
        .filter(|code| code.0 < qos.value() || code.is_error())
        .collect()
}

/// SUBACK for a SUBSCRIBE that must not be granted: every code an error.
fn refusal(version: ProtocolVersion, packet_id: u16) -> Pattern {
    let errors: Vec<_> =
        ReasonCode::rows(version, PacketType::SubAck).map(|row| row.code).filter(|code| code.is_error()).collect();
    Pattern::any(PacketType::SubAck)
        .check(Field::PacketId(packet_id))
        .reason(&errors)
        .observe("the filter was refused by SUBACK, and the connection lives on")
}

/// What a connection does in more than one of these chapters.
pub(super) trait Subscribing {
    /// Expect `packet` as a first delivery, its absence cited here, and acknowledge it as its QoS demands.
    fn takes(self, packet: &PublishBuf, cite: impl Into<Cite>) -> Self;
    /// The same with a pattern of one's own; `qos` is the one expected.
    fn takes_pattern(self, pattern: Pattern, qos: QoS, cite: impl Into<Cite>) -> Self;
    /// Expect the retained message `packet` because of a subscription just made, and acknowledge it.
    fn takes_retained(self, packet: &PublishBuf) -> Self;
    /// The same, its absence cited here.
    fn takes_retained_citing(self, packet: &PublishBuf, cite: impl Into<Cite>) -> Self;
    /// Acknowledge the remembered PUBLISH of this QoS.
    fn acknowledges(self, qos: QoS, var: &str) -> Self;
    /// Send a SUBSCRIBE that must not be granted: the connection ends, or SUBACK refuses every filter.
    fn asks_in_vain(self, packet: SubscribeBuf, cite: impl Into<Cite>) -> Self;
    /// Publish this from a new connection of its own, which then disconnects.
    fn publishes_and_leaves(self, packet: PublishBuf) -> Self;
}

impl Subscribing for On<'_> {
    fn takes(self, packet: &PublishBuf, cite: impl Into<Cite>) -> Self {
        let pattern = delivered(self.version(), packet);
        self.takes_pattern(pattern, packet.qos, cite)
    }

    fn takes_pattern(self, pattern: Pattern, qos: QoS, cite: impl Into<Cite>) -> Self {
        self.expects(pattern.bind("taken"), cite).acknowledges(qos, "taken")
    }

    fn takes_retained(self, packet: &PublishBuf) -> Self {
        let cite = RETAINED_SENT.cite(self.version());
        self.takes_retained_citing(packet, cite)
    }

    fn takes_retained_citing(self, packet: &PublishBuf, cite: impl Into<Cite>) -> Self {
        let pattern = retained_delivery(self.version(), packet);
        self.takes_pattern(pattern, packet.qos, cite)
    }

    fn acknowledges(self, qos: QoS, var: &str) -> Self {
        match qos {
            QoS::AtMostOnce => self,
            QoS::AtLeastOnce => self.answers_puback(var),
            QoS::ExactlyOnce => self.completes_qos2(var),
        }
    }

    fn asks_in_vain(self, packet: SubscribeBuf, cite: impl Into<Cite>) -> Self {
        let version = self.version();
        let ending = if version.has_properties() { Ending::disconnect(BAD_FILTER) } else { Ending::bare() };
        let refused = refusal(version, packet.packet_id);
        self.sends(packet).expects_one_of(vec![ending.into(), Alternative::Packet(refused)], cite)
    }

    fn publishes_and_leaves(self, packet: PublishBuf) -> Self {
        let connect = connect(self.version(), &self.client_id());
        self.connects_with(connect).publishes(packet).disconnects()
    }
}

/// A publication that `duty` says must arrive, for scenarios that cite the plain delivery.
pub(super) fn owed(version: ProtocolVersion) -> Cite {
    duty::DELIVERY_OWED.cite(version)
}
