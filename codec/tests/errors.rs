//! What the errors say, and what a receiver answers.

use DecodeError::*;
use mqttspec_codec::topic::TopicError;
use mqttspec_codec::*;

#[test]
fn protocol_errors_are_told_from_malformed_packets() {
    for error in [
        EmptyTopicWithoutAlias,
        NoTopicFilters,
        InvalidSubscriptionQoS,
        InvalidRetainHandling,
        NoLocalOnSharedSubscription,
        DuplicateProperty(PropertyId::ReasonString),
        PropertyOutOfRange(PropertyId::ReceiveMaximum),
        AuthenticationDataWithoutMethod,
        MissingAuthenticationMethod,
    ] {
        assert_eq!(error.category(), ErrorCategory::ProtocolError, "{error}");
        assert_eq!(error.reason_code(), ReasonCode::PROTOCOL_ERROR, "{error}");
    }
    for error in [
        Truncated,
        TrailingBytes,
        IllFormedUtf8,
        NulCharacter,
        InvalidQoS,
        DupAtQoS0,
        ZeroPacketId,
        ReservedConnectFlag,
        UnknownProperty(0),
        MisplacedProperty(PropertyId::TopicAlias),
        UndefinedReasonCode(ReasonCode(0xFF)),
        TopicName(TopicError::WildcardInName),
        TopicFilter(TopicError::EmptyShareName),
    ] {
        assert_eq!(error.category(), ErrorCategory::MalformedPacket, "{error}");
        assert_eq!(error.reason_code(), ReasonCode::MALFORMED_PACKET, "{error}");
    }
}

#[test]
fn reason_codes_made_for_one_error() {
    assert_eq!(PropertyOutOfRange(PropertyId::TopicAlias).reason_code(), ReasonCode::TOPIC_ALIAS_INVALID);
    for error in [UnsupportedProtocolName, UnsupportedProtocolLevel(6)] {
        assert_eq!(error.category(), ErrorCategory::UnsupportedProtocol);
        assert_eq!(error.reason_code(), ReasonCode::UNSUPPORTED_PROTOCOL_VERSION);
    }
}

#[test]
fn messages_are_fragments() {
    let messages = [
        ReservedPacketType.to_string(),
        InvalidFixedHeaderFlags(0b0010).to_string(),
        UnsupportedProtocolLevel(6).to_string(),
        TopicFilter(TopicError::EmptyShareName).to_string(),
        UndefinedReasonCode(ReasonCode(0x8B)).to_string(),
        UnknownProperty(0x7F).to_string(),
        MisplacedProperty(PropertyId::TopicAlias).to_string(),
        EncodeError::FieldTooLong(65_536).to_string(),
        EncodeError::PacketTooLong.to_string(),
    ];
    let expected = [
        "packet type 0 is reserved",
        "invalid fixed header flags 0b0010",
        "unsupported protocol level 6",
        "invalid topic filter: the share name is empty",
        "reason code 0x8B is not defined for this packet",
        "unknown property 0x7F",
        "property Topic Alias is not allowed here",
        "field of 65536 bytes is longer than 65535",
        "packet is longer than a remaining length can say",
    ];
    assert_eq!(messages, expected);
}
