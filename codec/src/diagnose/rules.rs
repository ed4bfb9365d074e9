//! The rule behind each kind of violation: where the standard says it, and what may be answered.
//!
//! The numbers come from the bodies of the two standards, not from their appendix B.

use super::ViolationKind as Kind;
use crate::{PacketType, ProtocolVersion, ReasonCode};

pub(super) struct Rule {
    pub(super) statement: Option<&'static str>,
    pub(super) section: &'static str,
    pub(super) reason: ReasonCode,
    pub(super) reasons: &'static [ReasonCode],
}

/// What 5.0 calls the violation, which decides the codes that may be answered; see the head of `diagnose`.
enum Class {
    /// The text says Malformed Packet.
    Malformed,
    /// The text says Protocol Error.
    ProtocolError,
    /// The text says neither.
    Unnamed,
    /// A code of its own is defensible too.
    Codes(&'static [ReasonCode]),
}

const UNSPECIFIED: ReasonCode = ReasonCode::UNSPECIFIED_ERROR;
const MALFORMED: ReasonCode = ReasonCode::MALFORMED_PACKET;
const PROTOCOL: ReasonCode = ReasonCode::PROTOCOL_ERROR;
const TOPIC_NAME: Class = Class::Codes(&[MALFORMED, ReasonCode::TOPIC_NAME_INVALID, PROTOCOL, UNSPECIFIED]);
const TOPIC_FILTER: Class = Class::Codes(&[MALFORMED, ReasonCode::TOPIC_FILTER_INVALID, PROTOCOL, UNSPECIFIED]);
const WILDCARD: Class = Class::Codes(&[
    MALFORMED,
    ReasonCode::TOPIC_FILTER_INVALID,
    PROTOCOL,
    UNSPECIFIED,
    ReasonCode::WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED,
    ReasonCode::SHARED_SUBSCRIPTIONS_NOT_SUPPORTED,
]);
const SHARED: Class = Class::Codes(&[
    MALFORMED,
    ReasonCode::TOPIC_FILTER_INVALID,
    PROTOCOL,
    UNSPECIFIED,
    ReasonCode::SHARED_SUBSCRIPTIONS_NOT_SUPPORTED,
    ReasonCode::WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED,
]);
const NO_LOCAL: Class =
    Class::Codes(&[PROTOCOL, MALFORMED, UNSPECIFIED, ReasonCode::SHARED_SUBSCRIPTIONS_NOT_SUPPORTED]);
const EMPTY_TOPIC: Class = Class::Codes(&[PROTOCOL, MALFORMED, ReasonCode::TOPIC_NAME_INVALID, UNSPECIFIED]);
const TOPIC_ALIAS: Class = Class::Codes(&[ReasonCode::TOPIC_ALIAS_INVALID, PROTOCOL, MALFORMED, UNSPECIFIED]);
const AUTHENTICATION: Class = Class::Codes(&[PROTOCOL, MALFORMED, ReasonCode::BAD_AUTHENTICATION_METHOD, UNSPECIFIED]);
const VERSION: Class = Class::Codes(&[
    ReasonCode::UNSUPPORTED_PROTOCOL_VERSION,
    ReasonCode::V3_UNACCEPTABLE_PROTOCOL_VERSION,
    PROTOCOL,
    MALFORMED,
    UNSPECIFIED,
]);

type Place = (Option<&'static str>, &'static str);

pub(super) fn rule(kind: Kind, version: ProtocolVersion, packet: Option<PacketType>, field: &str) -> Rule {
    let connect = packet == Some(PacketType::Connect);
    if version.has_properties() {
        let (statement, section) = place_in_5(kind, packet, field);
        let reasons = codes(class(kind, field), connect);
        Rule { statement, section, reason: reasons[0], reasons }
    } else {
        let (statement, section) = place_in_3(kind, packet, field);
        let reason = codes(class(kind, field), connect)[0];
        let statement = statement.filter(|_| version == ProtocolVersion::V3_1_1);
        Rule { statement, section, reason, reasons: return_codes(kind, field) }
    }
}

const fn codes(class: Class, connect: bool) -> &'static [ReasonCode] {
    match (class, connect) {
        (Class::Malformed, false) => &[MALFORMED, UNSPECIFIED],
        (Class::Malformed, true) | (Class::Unnamed, _) => &[MALFORMED, PROTOCOL, UNSPECIFIED],
        (Class::ProtocolError, false) => &[PROTOCOL, MALFORMED, UNSPECIFIED],
        (Class::ProtocolError, true) => &[PROTOCOL, UNSPECIFIED],
        (Class::Codes(codes), _) => codes,
    }
}

/// CONNACK return codes that 3.1 and 3.1.1 allow as an answer before the connection is closed.
fn return_codes(kind: Kind, field: &str) -> &'static [ReasonCode] {
    match kind {
        Kind::ProtocolName | Kind::ProtocolVersion => &[ReasonCode::V3_UNACCEPTABLE_PROTOCOL_VERSION],
        Kind::PasswordWithoutUserName => &[ReasonCode::V3_BAD_USER_NAME_OR_PASSWORD],
        _ if field == "User Name" || field == "Password" => &[ReasonCode::V3_BAD_USER_NAME_OR_PASSWORD],
        _ => &[],
    }
}

fn class(kind: Kind, field: &str) -> Class {
    match kind {
        Kind::InvalidFlags
        | Kind::IllFormedUtf8
        | Kind::NullCharacter
        | Kind::PublishQoS3
        | Kind::SubscriptionReservedBits
        | Kind::ConnectReservedFlag
        | Kind::WillQoS3
        | Kind::UnknownProperty
        | Kind::MisplacedProperty => Class::Malformed,
        Kind::NoTopicFilters
        | Kind::SubscriptionQoS3
        | Kind::RetainHandling3
        | Kind::DuplicateProperty
        | Kind::AuthenticationDataWithoutMethod => Class::ProtocolError,
        Kind::NoLocalOnShared => NO_LOCAL,
        Kind::AuthenticationMethodMissing => AUTHENTICATION,
        Kind::TopicNameEmpty => EMPTY_TOPIC,
        Kind::TopicNameWildcard | Kind::ResponseTopicWildcard => TOPIC_NAME,
        Kind::TopicFilterEmpty => TOPIC_FILTER,
        Kind::MultiLevelWildcardMisplaced | Kind::SingleLevelWildcardMisplaced => WILDCARD,
        Kind::ShareNameEmpty | Kind::ShareNameWildcard | Kind::ShareFilterMissing => SHARED,
        Kind::ProtocolName | Kind::ProtocolVersion => VERSION,
        Kind::PropertyOutOfRange if field == "Topic Alias" => TOPIC_ALIAS,
        // 3.3.2.3.2 and 3.1.3.2.3 name the two values and do not say what a third one is.
        Kind::PropertyOutOfRange if field == "Payload Format Indicator" => Class::Unnamed,
        Kind::PropertyOutOfRange => Class::ProtocolError,
        _ => Class::Unnamed,
    }
}

fn place_in_5(kind: Kind, packet: Option<PacketType>, field: &str) -> Place {
    match kind {
        Kind::IncompleteFixedHeader | Kind::RemainingLengthTooLong | Kind::FrameIncomplete | Kind::BytesAfterFrame => {
            (None, "2.1.4")
        }
        Kind::ReservedPacketType => (None, "2.1.2"),
        Kind::InvalidFlags => flags_in_5(packet),
        Kind::RemainingLengthNotMinimal => (Some("MQTT-1.5.5-1"), "2.1.4"),
        Kind::UnexpectedBody => (None, section(packet)),
        Kind::MissingField => missing_in_5(packet, field),
        Kind::TrailingBytes | Kind::FieldPastEnd if packet == Some(PacketType::Connect) => {
            (Some("MQTT-3.1.4-1"), "3.1.4")
        }
        Kind::TrailingBytes | Kind::FieldPastEnd => (None, section(packet)),
        Kind::IllFormedUtf8 | Kind::NullCharacter if field == "User Property" => (Some("MQTT-1.5.7-1"), "1.5.7"),
        Kind::IllFormedUtf8 => (Some("MQTT-1.5.4-1"), "1.5.4"),
        Kind::NullCharacter => (Some("MQTT-1.5.4-2"), "1.5.4"),
        Kind::DisallowedCodePoint => (None, "1.5.4"),
        Kind::PacketIdentifierZero => match packet {
            Some(PacketType::Publish | PacketType::Subscribe | PacketType::Unsubscribe) => {
                (Some("MQTT-2.2.1-3"), "2.2.1")
            }
            Some(PacketType::SubAck | PacketType::UnsubAck) => (Some("MQTT-2.2.1-6"), "2.2.1"),
            _ => (Some("MQTT-2.2.1-5"), "2.2.1"),
        },
        Kind::PublishQoS3 => (Some("MQTT-3.3.1-4"), "3.3.1.2"),
        Kind::DupAtQoS0 => (Some("MQTT-3.3.1-2"), "3.3.1.1"),
        Kind::TopicNameEmpty if field == "Topic Name" => (None, "3.3.2.1"),
        Kind::TopicNameEmpty | Kind::TopicFilterEmpty => (Some("MQTT-4.7.3-1"), "4.7.3"),
        Kind::TopicNameWildcard if field == "Topic Name" => (Some("MQTT-3.3.2-2"), "3.3.2.1"),
        Kind::TopicNameWildcard => (Some("MQTT-4.7.0-1"), "4.7.1"),
        Kind::ResponseTopicWildcard => (Some("MQTT-3.3.2-14"), "3.3.2.3.5"),
        Kind::MultiLevelWildcardMisplaced => (Some("MQTT-4.7.1-1"), "4.7.1.2"),
        Kind::SingleLevelWildcardMisplaced => (Some("MQTT-4.7.1-2"), "4.7.1.3"),
        Kind::ShareNameEmpty => (Some("MQTT-4.8.2-1"), "4.8.2"),
        Kind::ShareNameWildcard | Kind::ShareFilterMissing => (Some("MQTT-4.8.2-2"), "4.8.2"),
        Kind::NoTopicFilters if packet == Some(PacketType::Unsubscribe) => (Some("MQTT-3.10.3-2"), "3.10.3"),
        Kind::NoTopicFilters => (Some("MQTT-3.8.3-2"), "3.8.3"),
        Kind::SubscriptionReservedBits => (Some("MQTT-3.8.3-5"), "3.8.3.1"),
        Kind::SubscriptionQoS3 | Kind::RetainHandling3 => (None, "3.8.3.1"),
        Kind::NoLocalOnShared => (Some("MQTT-3.8.3-4"), "3.8.3.1"),
        Kind::ProtocolName => (Some("MQTT-3.1.2-1"), "3.1.2.1"),
        Kind::ProtocolVersion => (Some("MQTT-3.1.2-2"), "3.1.2.2"),
        Kind::ConnectReservedFlag => (Some("MQTT-3.1.2-3"), "3.1.2.3"),
        Kind::WillQoS3 => (Some("MQTT-3.1.2-12"), "3.1.2.6"),
        Kind::WillQoSWithoutWill => (Some("MQTT-3.1.2-11"), "3.1.2.6"),
        Kind::WillRetainWithoutWill => (Some("MQTT-3.1.2-13"), "3.1.2.7"),
        Kind::PasswordWithoutUserName => (None, "3.1.2.9"),
        Kind::ConnAckReservedFlags => (Some("MQTT-3.2.2-1"), "3.2.2.1"),
        Kind::SessionPresentWithError => (Some("MQTT-3.2.2-6"), "3.2.2.1.1"),
        Kind::UndefinedReasonCode => reason_code_in_5(packet),
        Kind::PropertyLengthNotMinimal => (Some("MQTT-1.5.5-1"), "2.2.2.1"),
        Kind::PropertyLengthMalformed | Kind::PropertyLengthPastEnd => (None, "2.2.2.1"),
        Kind::PropertyIdentifierNotMinimal => (Some("MQTT-1.5.5-1"), "2.2.2.2"),
        Kind::PropertyPastEnd | Kind::UnknownProperty | Kind::MisplacedProperty => (None, "2.2.2.2"),
        Kind::SubscriptionIdentifierNotMinimal => (Some("MQTT-1.5.5-1"), "1.5.5"),
        Kind::SubscriptionIdentifierMalformed => (None, "1.5.5"),
        Kind::PropertyOutOfRange if field == "Topic Alias" => (Some("MQTT-3.3.2-8"), "3.3.2.3.4"),
        Kind::DuplicateProperty | Kind::PropertyOutOfRange => (None, properties_section(packet, field)),
        Kind::AuthenticationDataWithoutMethod => (None, "3.1.2.11.10"),
        Kind::AuthenticationMethodMissing => (None, "3.15.2.2.2"),
    }
}

fn flags_in_5(packet: Option<PacketType>) -> Place {
    match packet {
        Some(PacketType::PubRel) => (Some("MQTT-3.6.1-1"), "3.6.1"),
        Some(PacketType::Subscribe) => (Some("MQTT-3.8.1-1"), "3.8.1"),
        Some(PacketType::Unsubscribe) => (Some("MQTT-3.10.1-1"), "3.10.1"),
        Some(PacketType::Disconnect) => (Some("MQTT-3.14.1-1"), "3.14.1"),
        Some(PacketType::Auth) => (Some("MQTT-3.15.1-1"), "3.15.1"),
        _ => (Some("MQTT-2.1.3-1"), "2.1.3"),
    }
}

fn missing_in_5(packet: Option<PacketType>, field: &str) -> Place {
    match field {
        "Will Property Length" | "Will Topic" | "Will Payload" => (Some("MQTT-3.1.2-9"), "3.1.2.5"),
        "User Name" => (Some("MQTT-3.1.2-17"), "3.1.2.8"),
        "Password" => (Some("MQTT-3.1.2-19"), "3.1.2.9"),
        "Client Identifier" => (Some("MQTT-3.1.3-3"), "3.1.3.1"),
        "Topic Name" => (Some("MQTT-3.3.2-1"), "3.3.2.1"),
        "Property Length" => (Some("MQTT-2.2.2-1"), "2.2.2.1"),
        _ if packet == Some(PacketType::Connect) => (Some("MQTT-3.1.4-1"), "3.1.4"),
        _ => (None, section(packet)),
    }
}

fn reason_code_in_5(packet: Option<PacketType>) -> Place {
    match packet {
        Some(PacketType::ConnAck) => (Some("MQTT-3.2.2-8"), "3.2.2.2"),
        Some(PacketType::PubAck) => (Some("MQTT-3.4.2-1"), "3.4.2.1"),
        Some(PacketType::PubRec) => (Some("MQTT-3.5.2-1"), "3.5.2.1"),
        Some(PacketType::PubRel) => (Some("MQTT-3.6.2-1"), "3.6.2.1"),
        Some(PacketType::PubComp) => (Some("MQTT-3.7.2-1"), "3.7.2.1"),
        Some(PacketType::SubAck) => (Some("MQTT-3.9.3-2"), "3.9.3"),
        Some(PacketType::UnsubAck) => (Some("MQTT-3.11.3-2"), "3.11.3"),
        Some(PacketType::Disconnect) => (Some("MQTT-3.14.2-1"), "3.14.2.1"),
        Some(PacketType::Auth) => (Some("MQTT-3.15.2-1"), "3.15.2.1"),
        _ => (None, "2.4"),
    }
}

fn properties_section(packet: Option<PacketType>, field: &str) -> &'static str {
    // None of them is a property of CONNECT itself.
    const OF_WILLS: [&str; 6] = [
        "Payload Format Indicator",
        "Message Expiry Interval",
        "Content Type",
        "Response Topic",
        "Correlation Data",
        "Will Delay Interval",
    ];
    match packet {
        Some(PacketType::Connect) if OF_WILLS.contains(&field) => "3.1.3.2",
        Some(PacketType::Connect) => "3.1.2.11",
        Some(PacketType::ConnAck) => "3.2.2.3",
        Some(PacketType::Publish) => "3.3.2.3",
        Some(PacketType::PubAck) => "3.4.2.2",
        Some(PacketType::PubRec) => "3.5.2.2",
        Some(PacketType::PubRel) => "3.6.2.2",
        Some(PacketType::PubComp) => "3.7.2.2",
        Some(PacketType::Subscribe) => "3.8.2.1",
        Some(PacketType::SubAck) => "3.9.2.1",
        Some(PacketType::Unsubscribe) => "3.10.2.1",
        Some(PacketType::UnsubAck) => "3.11.2.1",
        Some(PacketType::Disconnect) => "3.14.2.2",
        Some(PacketType::Auth) => "3.15.2.2",
        Some(PacketType::PingReq | PacketType::PingResp) | None => "2.2.2",
    }
}

/// 3.1.1. Kinds that only 5.0 knows end in its section on errors, which is never reached.
fn place_in_3(kind: Kind, packet: Option<PacketType>, field: &str) -> Place {
    match kind {
        Kind::IncompleteFixedHeader
        | Kind::RemainingLengthTooLong
        | Kind::RemainingLengthNotMinimal
        | Kind::FrameIncomplete
        | Kind::BytesAfterFrame => (None, "2.2.3"),
        Kind::ReservedPacketType => (None, "2.2.1"),
        Kind::InvalidFlags => match packet {
            Some(PacketType::PubRel) => (Some("MQTT-3.6.1-1"), "3.6.1"),
            Some(PacketType::Subscribe) => (Some("MQTT-3.8.1-1"), "3.8.1"),
            Some(PacketType::Unsubscribe) => (Some("MQTT-3.10.1-1"), "3.10.1"),
            Some(PacketType::Disconnect) => (Some("MQTT-3.14.1-1"), "3.14.1"),
            _ => (Some("MQTT-2.2.2-1"), "2.2.2"),
        },
        Kind::MissingField => match field {
            "Will Topic" | "Will Message" => (Some("MQTT-3.1.2-9"), "3.1.2.5"),
            "User Name" => (Some("MQTT-3.1.2-19"), "3.1.2.8"),
            "Password" => (Some("MQTT-3.1.2-21"), "3.1.2.9"),
            "Client Identifier" => (Some("MQTT-3.1.3-3"), "3.1.3.1"),
            "Topic Name" => (Some("MQTT-3.3.2-1"), "3.3.2.1"),
            _ if packet == Some(PacketType::Connect) => (Some("MQTT-3.1.4-1"), "3.1.4"),
            _ => (None, section(packet)),
        },
        Kind::TrailingBytes | Kind::FieldPastEnd if packet == Some(PacketType::Connect) => {
            (Some("MQTT-3.1.4-1"), "3.1.4")
        }
        Kind::UnexpectedBody | Kind::TrailingBytes | Kind::FieldPastEnd => (None, section(packet)),
        Kind::IllFormedUtf8 => (Some("MQTT-1.5.3-1"), "1.5.3"),
        Kind::NullCharacter => (Some("MQTT-1.5.3-2"), "1.5.3"),
        Kind::DisallowedCodePoint => (None, "1.5.3"),
        Kind::PacketIdentifierZero => match packet {
            Some(PacketType::PubAck | PacketType::PubRec | PacketType::PubRel) => (Some("MQTT-2.3.1-6"), "2.3.1"),
            Some(PacketType::SubAck | PacketType::UnsubAck) => (Some("MQTT-2.3.1-7"), "2.3.1"),
            Some(PacketType::PubComp) => (None, "2.3.1"),
            _ => (Some("MQTT-2.3.1-1"), "2.3.1"),
        },
        Kind::PublishQoS3 => (Some("MQTT-3.3.1-4"), "3.3.1.2"),
        Kind::DupAtQoS0 => (Some("MQTT-3.3.1-2"), "3.3.1.1"),
        Kind::TopicNameEmpty | Kind::TopicFilterEmpty => (Some("MQTT-4.7.3-1"), "4.7.3"),
        Kind::TopicNameWildcard if field == "Topic Name" => (Some("MQTT-3.3.2-2"), "3.3.2.1"),
        Kind::TopicNameWildcard => (Some("MQTT-4.7.1-1"), "4.7.1"),
        Kind::MultiLevelWildcardMisplaced => (Some("MQTT-4.7.1-2"), "4.7.1.2"),
        Kind::SingleLevelWildcardMisplaced => (Some("MQTT-4.7.1-3"), "4.7.1.3"),
        Kind::NoTopicFilters if packet == Some(PacketType::Unsubscribe) => (Some("MQTT-3.10.3-2"), "3.10.3"),
        Kind::NoTopicFilters => (Some("MQTT-3.8.3-3"), "3.8.3"),
        // The body numbers this sentence with a slip of the pen, MQTT-3-8.3-4.
        Kind::SubscriptionReservedBits | Kind::SubscriptionQoS3 => (Some("MQTT-3.8.3-4"), "3.8.3"),
        Kind::ProtocolName => (Some("MQTT-3.1.2-1"), "3.1.2.1"),
        Kind::ProtocolVersion => (Some("MQTT-3.1.2-2"), "3.1.2.2"),
        Kind::ConnectReservedFlag => (Some("MQTT-3.1.2-3"), "3.1.2.3"),
        Kind::WillQoS3 => (Some("MQTT-3.1.2-14"), "3.1.2.6"),
        Kind::WillQoSWithoutWill => (Some("MQTT-3.1.2-13"), "3.1.2.6"),
        Kind::WillRetainWithoutWill => (Some("MQTT-3.1.2-15"), "3.1.2.7"),
        Kind::PasswordWithoutUserName => (Some("MQTT-3.1.2-22"), "3.1.2.9"),
        Kind::ConnAckReservedFlags => (None, "3.2.2.1"),
        Kind::SessionPresentWithError => (Some("MQTT-3.2.2-4"), "3.2.2.2"),
        Kind::UndefinedReasonCode if packet == Some(PacketType::ConnAck) => (Some("MQTT-3.2.2-6"), "3.2.2.3"),
        Kind::UndefinedReasonCode => (Some("MQTT-3.9.3-2"), "3.9.3"),
        Kind::ResponseTopicWildcard
        | Kind::ShareNameEmpty
        | Kind::ShareNameWildcard
        | Kind::ShareFilterMissing
        | Kind::RetainHandling3
        | Kind::NoLocalOnShared
        | Kind::PropertyLengthNotMinimal
        | Kind::PropertyLengthMalformed
        | Kind::PropertyLengthPastEnd
        | Kind::PropertyPastEnd
        | Kind::PropertyIdentifierNotMinimal
        | Kind::UnknownProperty
        | Kind::MisplacedProperty
        | Kind::DuplicateProperty
        | Kind::PropertyOutOfRange
        | Kind::SubscriptionIdentifierNotMinimal
        | Kind::SubscriptionIdentifierMalformed
        | Kind::AuthenticationDataWithoutMethod
        | Kind::AuthenticationMethodMissing => (None, "4.8"),
    }
}

fn section(packet: Option<PacketType>) -> &'static str {
    packet.map_or("2.1", PacketType::section)
}
