//! Which sentence obliges a server to refuse a malformed packet.
//!
//! 3.1.1 obliges it in general: a protocol violation that is encountered closes the connection (4.8.0-1). 5.0 obliges it
//! only where a sentence says so for the packet or field at hand: elsewhere the rigour of checking is the receiver's own
//! choice (4.13.1), so that a server which overlooks such an error shows a deviation and breaks no MUST. What it then
//! forwards is still judged, as a packet of its own. 3.1 obliges nobody: there too a deviation is all that can be said.

use mqttspec_codec::{Diagnosis, PacketType, ProtocolVersion, ViolationKind};

use crate::model::Cite;

/// Binds a server that detects an error (5.0, 4.13.1): whether it looks for it is left to it.
const ON_DETECTION: &str = "MQTT-4.13.1-1";

/// Whether the server is bound to find the error, and not only to act on it when it does.
pub(crate) fn binds(cite: &Cite) -> bool {
    cite.as_section().is_none() && cite.0 != ON_DETECTION
}

/// The sentence that a server breaks by acting on the diagnosed packet.
pub(crate) fn refusal(version: ProtocolVersion, packet_type: PacketType, diagnosis: &Diagnosis) -> Cite {
    let kinds = diagnosis.violations.iter().map(|violation| violation.kind);
    let id = match version {
        // 3.1 says what a packet looks like and nowhere what becomes of one that does not.
        ProtocolVersion::V3_1 => return Cite::section("2"),
        // That a Will Topic is a Topic Name already, and so has no wildcards (4.7.1) and some character (4.7.3), is said
        // of no CONNECT: section 3.1 asks for well-formed text alone (3.1.3-10, in 5.0 3.1.3-11).
        ProtocolVersion::V3_1_1 | ProtocolVersion::V5_0 if is_will_topic(packet_type, diagnosis) => {
            let is_empty = diagnosis.has(ViolationKind::TopicNameEmpty);
            return Cite::section(if is_empty { "4.7.3" } else { "4.7.1" });
        }
        ProtocolVersion::V3_1_1 => {
            Some(kinds.filter_map(|kind| v3_1_1(packet_type, kind)).next().unwrap_or("MQTT-4.8.0-1"))
        }
        ProtocolVersion::V5_0 => kinds.filter_map(|kind| v5_0(packet_type, kind)).next(),
    };
    Cite::from(id.unwrap_or(ON_DETECTION))
}

/// Whether nothing is wrong but a wildcard in the Will Topic, or that it is empty.
fn is_will_topic(packet_type: PacketType, diagnosis: &Diagnosis) -> bool {
    let of_topic_names = [ViolationKind::TopicNameWildcard, ViolationKind::TopicNameEmpty];
    packet_type == PacketType::Connect
        && diagnosis.violations.iter().all(|violation| of_topic_names.contains(&violation.kind))
}

/// Sentences of 3.1.1 that say of one error what the receiver must do.
fn v3_1_1(packet_type: PacketType, kind: ViolationKind) -> Option<&'static str> {
    use ViolationKind as V;
    match (packet_type, kind) {
        (PacketType::PubRel, V::InvalidFlags) => Some("MQTT-3.6.1-1"),
        (PacketType::Subscribe, V::InvalidFlags) => Some("MQTT-3.8.1-1"),
        (PacketType::Unsubscribe, V::InvalidFlags) => Some("MQTT-3.10.1-1"),
        (PacketType::Disconnect, V::InvalidFlags) => Some("MQTT-3.14.1-1"),
        (_, V::InvalidFlags) => Some("MQTT-2.2.2-2"),
        (_, V::IllFormedUtf8) => Some("MQTT-1.5.3-1"),
        (_, V::NullCharacter) => Some("MQTT-1.5.3-2"),
        (PacketType::Publish, V::PublishQoS3) => Some("MQTT-3.3.1-4"),
        (PacketType::Connect, V::ConnectReservedFlag) => Some("MQTT-3.1.2-3"),
        // The Will Topic: what Topic Names look like stands outside of section 3.1.
        (PacketType::Connect, V::TopicNameEmpty | V::TopicNameWildcard) => None,
        (PacketType::Connect, _) => Some("MQTT-3.1.4-1"),
        (PacketType::Subscribe, V::SubscriptionReservedBits | V::SubscriptionQoS3) => Some("MQTT-3.8.3-4"),
        _ => None,
    }
}

/// Sentences of 5.0 that oblige the server to refuse, packet by packet.
fn v5_0(packet_type: PacketType, kind: ViolationKind) -> Option<&'static str> {
    use ViolationKind as V;
    match (packet_type, kind) {
        (PacketType::PubRel, V::InvalidFlags) => Some("MQTT-3.6.1-1"),
        (PacketType::Subscribe, V::InvalidFlags) => Some("MQTT-3.8.1-1"),
        (PacketType::Unsubscribe, V::InvalidFlags) => Some("MQTT-3.10.1-1"),
        (PacketType::Disconnect, V::InvalidFlags) => Some("MQTT-3.14.1-1"),
        (PacketType::Auth, V::InvalidFlags) => Some("MQTT-3.15.1-1"),
        (PacketType::Connect, V::ConnectReservedFlag) => Some("MQTT-3.1.2-3"),
        // Not of its format, which 3.1.4-1 is about: one is a Protocol Error between two properties, the other stands
        // outside of section 3.1.
        (PacketType::Connect, V::AuthenticationDataWithoutMethod | V::ResponseTopicWildcard) => None,
        (PacketType::Connect, V::TopicNameEmpty | V::TopicNameWildcard) => None,
        // The server must check the whole CONNECT against section 3.1.
        (PacketType::Connect, _) => Some("MQTT-3.1.4-1"),
        (PacketType::Subscribe, V::SubscriptionReservedBits) => Some("MQTT-3.8.3-5"),
        _ => None,
    }
}
