//! What the strict decoder refuses though the standard does not forbid it in so many words.

use super::{Diagnosis, Level, Violation, ViolationKind as Kind};
use crate::{PacketType, ProtocolVersion};

impl Diagnosis {
    /// Whether a receiver may defensibly accept the bytes that were diagnosed though [`is_valid`](Self::is_valid) is
    /// false: no sentence of the version forbids in so many words what is wrong with them, or it leaves a choice.
    pub fn is_debatable(&self, version: ProtocolVersion, bytes: &[u8]) -> bool {
        let mut musts = self.violations.iter().filter(|violation| violation.level == Level::Must).peekable();
        musts.peek().is_some() && musts.all(|violation| is_debatable(version, self.packet_type, violation, bytes))
    }
}

fn is_debatable(version: ProtocolVersion, packet: Option<PacketType>, violation: &Violation, bytes: &[u8]) -> bool {
    match version {
        ProtocolVersion::V5_0 => is_in_acknowledgement(packet, violation) || in_5(packet, violation),
        // 2.2.3 gives an algorithm that writes the shortest form, and no sentence about other forms.
        ProtocolVersion::V3_1_1 => {
            is_in_acknowledgement(packet, violation) || violation.kind == Kind::RemainingLengthNotMinimal
        }
        ProtocolVersion::V3_1 => is_in_acknowledgement(packet, violation) || in_3_1(violation, bytes),
    }
}

/// Packet Identifier 0 in an acknowledgement. 2.2.1 (2.3.1 before 5.0) wants a non-zero one of PUBLISH, SUBSCRIBE and
/// UNSUBSCRIBE only, and of an acknowledgement the one that it answers, which takes more than the packet to check: to a
/// receiver it can be one more identifier that is not in use, and no sentence says that it must close for that.
fn is_in_acknowledgement(packet: Option<PacketType>, violation: &Violation) -> bool {
    use PacketType as P;
    violation.kind == Kind::PacketIdentifierZero
        && matches!(packet, Some(P::PubAck | P::PubRec | P::PubRel | P::PubComp | P::SubAck | P::UnsubAck))
}

fn in_5(packet: Option<PacketType>, violation: &Violation) -> bool {
    let is_about = |names: &[&str]| names.iter().any(|name| violation.message.starts_with(name));
    match violation.kind {
        // 3.3.2.3.2 and 3.1.3.2.3 name two values and do not say what another one is.
        Kind::PropertyOutOfRange => is_about(&["payload format indicator"]),
        // Every other property that may not be repeated has a sentence that says so; in PUBLISH these two have none
        // (3.3.2.3.2, 3.3.2.3.3), though in the Will Properties they have (3.1.3.2.3, 3.1.3.2.4).
        Kind::DuplicateProperty => {
            packet == Some(PacketType::Publish) && is_about(&["payload format indicator", "message expiry interval"])
        }
        // It is used as a Topic Name (3.3.2.3.5), and no sentence says that it is one already.
        Kind::TopicNameEmpty => is_about(&["response topic"]),
        _ => false,
    }
}

/// 3.1 was no standard of a committee: it calls most reserved bits "not used", leaves what must not be to the reader in
/// many places, and points to the UTF-8 of Java.
fn in_3_1(violation: &Violation, bytes: &[u8]) -> bool {
    match violation.kind {
        Kind::RemainingLengthNotMinimal
        | Kind::InvalidFlags
        | Kind::DupAtQoS0
        | Kind::ConnectReservedFlag
        | Kind::SubscriptionReservedBits
        | Kind::PasswordWithoutUserName
        | Kind::ConnAckReservedFlags
        | Kind::SessionPresentWithError
        | Kind::UndefinedReasonCode
        | Kind::NoTopicFilters
        | Kind::UnexpectedBody
        | Kind::TrailingBytes => true,
        Kind::MissingField => violation.message.starts_with("return code"),
        // Appendix A bans it from topics, and nothing bans it from other strings.
        Kind::NullCharacter => !is_topic(violation),
        // The rule for Topic Names stands at PUBLISH.
        Kind::TopicNameWildcard => violation.message.starts_with("will topic"),
        Kind::IllFormedUtf8 => is_modified_utf8(bytes.get(violation.offset..).unwrap_or_default()),
        _ => false,
    }
}

fn is_topic(violation: &Violation) -> bool {
    ["topic name", "topic filter", "will topic"].iter().any(|field| violation.message.starts_with(field))
}

/// U+0000 in two bytes, or a surrogate, as Java's `writeUTF` has them.
fn is_modified_utf8(bytes: &[u8]) -> bool {
    matches!(bytes, [0xC0, 0x80, ..] | [0xED, 0xA0..=0xBF, 0x80..=0xBF, ..])
}
