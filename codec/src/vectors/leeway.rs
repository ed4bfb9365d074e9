//! What the strict decoder refuses though the standard does not forbid it in so many words.

use crate::{ProtocolVersion, Violation, ViolationKind as Kind};

/// Whether a receiver may defensibly accept bytes in which only this is wrong.
pub(super) fn is_debatable(version: ProtocolVersion, violation: &Violation, bytes: &[u8]) -> bool {
    match version {
        ProtocolVersion::V5_0 => in_5(violation),
        // 2.2.3 gives an algorithm that writes the shortest form, and no sentence about other forms.
        ProtocolVersion::V3_1_1 => violation.kind == Kind::RemainingLengthNotMinimal,
        ProtocolVersion::V3_1 => in_3_1(violation, bytes),
    }
}

fn in_5(violation: &Violation) -> bool {
    match violation.kind {
        // 3.3.2.3.2 and 3.1.3.2.3 name two values and do not say what another one is.
        Kind::PropertyOutOfRange => violation.message.starts_with("payload format indicator"),
        // It is used as a Topic Name (3.3.2.3.5), and no sentence says that it is one already.
        Kind::TopicNameEmpty => violation.message.starts_with("response topic"),
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
