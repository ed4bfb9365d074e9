//! Why bytes are not a packet, and why a packet cannot become bytes.

use core::fmt;

use crate::topic::TopicError;
use crate::varint::VarintError;
use crate::{FrameError, PropertyId, ReasonCode};

/// The first reason found why a frame is not a valid packet; `diagnose` lists them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DecodeError {
    /// The packet type is 0, which is reserved (2.1.2).
    ReservedPacketType,
    /// The packet type is AUTH, which 3.1 and 3.1.1 do not have (3.1.1: 2.2.1).
    PacketTypeNotInVersion,
    /// The low nibble of the first byte is not what the packet type demands (2.1.3).
    InvalidFixedHeaderFlags(u8),
    /// A Variable Byte Integer is ill-formed (1.5.5).
    VariableByteInteger(VarintError),
    /// The frame, or a field in it, ends before its length says.
    Truncated,
    /// Bytes are left when all fields have been read.
    TrailingBytes,
    /// A string is not well-formed UTF-8, or holds a surrogate (1.5.4).
    IllFormedUtf8,
    /// A string holds U+0000 (1.5.4).
    NulCharacter,
    /// The Protocol Name of a CONNECT is unknown (3.1.2.1).
    UnsupportedProtocolName,
    /// The Protocol Name is known, the Protocol Level is not, or does not go with the name (3.1.2.2).
    UnsupportedProtocolLevel(u8),
    /// The reserved Connect Flag is set (3.1.2.3).
    ReservedConnectFlag,
    /// Will QoS or Will Retain is set without the Will Flag (3.1.2.6, 3.1.2.7).
    WillFlagsWithoutWill,
    /// A Password without a User Name, which only 5.0 allows (3.1.2.9).
    PasswordWithoutUserName,
    /// A Quality of Service of 3 (3.1.2.6, 3.3.1.2).
    InvalidQoS,
    /// DUP is set at QoS 0 (3.3.1.1).
    DupAtQoS0,
    /// A Topic Name is not one (4.7).
    TopicName(TopicError),
    /// A PUBLISH of 5.0 has neither a Topic Name nor a Topic Alias (3.3.2.1).
    EmptyTopicWithoutAlias,
    /// A Topic Filter is not one (4.7.1, 4.8.2).
    TopicFilter(TopicError),
    /// The Packet Identifier is 0 (2.2.1).
    ZeroPacketId,
    /// A SUBSCRIBE or UNSUBSCRIBE without a Topic Filter (3.8.3, 3.10.3).
    NoTopicFilters,
    /// Reserved bits of the Subscription Options are set (3.8.3.1).
    ReservedSubscriptionOptions(u8),
    /// A Maximum QoS (5.0) or Requested QoS (3.1, 3.1.1) of 3 (3.8.3.1).
    InvalidSubscriptionQoS,
    /// A Retain Handling of 3 (3.8.3.1).
    InvalidRetainHandling,
    /// No Local on a Shared Subscription (3.8.3.1).
    NoLocalOnSharedSubscription,
    /// A SUBACK or UNSUBACK without a code (3.9.3, 3.11.3).
    NoReasonCodes,
    /// The code is not defined for this packet in this version (2.4 and the table of each packet).
    UndefinedReasonCode(ReasonCode),
    /// Reserved bits of the Connect Acknowledge Flags are set (3.2.2.1).
    ReservedAcknowledgeFlags(u8),
    /// Session Present together with a code that refuses the connection (3.2.2.1.1).
    SessionPresentWithError,
    /// No property has this identifier (2.2.2.2).
    UnknownProperty(u32),
    /// The property may not stand here (2.2.2.2).
    MisplacedProperty(PropertyId),
    /// The property may stand here once only.
    DuplicateProperty(PropertyId),
    /// The property's value is outside its range.
    PropertyOutOfRange(PropertyId),
    /// Authentication Data without an Authentication Method (3.1.2.11.10).
    AuthenticationDataWithoutMethod,
    /// An AUTH without an Authentication Method (3.15.2.2.2).
    MissingAuthenticationMethod,
}

/// What the standard calls a violation (1.2 of 5.0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCategory {
    /// Malformed Packet: it cannot be parsed according to the standard.
    MalformedPacket,
    /// Protocol Error: it can be parsed, and holds what the protocol does not allow.
    ProtocolError,
    /// The CONNECT asks for a protocol that is none of 3.1, 3.1.1 and 5.0 (3.1.2.2).
    UnsupportedProtocol,
}

/// Why a packet cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EncodeError {
    /// A string or binary field is longer than 65,535 bytes (1.5.4, 1.5.6); its length in bytes.
    FieldTooLong(usize),
    /// The integer is above 268,435,455 (1.5.5).
    VariableByteIntegerTooLarge(u32),
    /// The packet is longer than its Remaining Length can say (2.1.4).
    PacketTooLong,
    /// A PUBLISH above QoS 0 has no Packet Identifier (2.2.1).
    MissingPacketId,
    /// A PUBLISH at QoS 0 has a Packet Identifier, for which there is no place (2.2.1).
    UnexpectedPacketId,
    /// A property's value is not of the property's data type (2.2.2.2).
    WrongPropertyType(PropertyId),
    /// The buffer cannot take the packet.
    NoRoom {
        /// What was to be written, in bytes.
        needed: u32,
        /// What the buffer has left, in bytes.
        room: u32,
    },
}

impl DecodeError {
    /// Whether 5.0 calls it malformed or a protocol error; 3.1 and 3.1.1 do not make the difference.
    pub const fn category(self) -> ErrorCategory {
        match self {
            Self::UnsupportedProtocolName | Self::UnsupportedProtocolLevel(_) => ErrorCategory::UnsupportedProtocol,
            Self::EmptyTopicWithoutAlias
            | Self::NoTopicFilters
            | Self::InvalidSubscriptionQoS
            | Self::InvalidRetainHandling
            | Self::NoLocalOnSharedSubscription
            | Self::SessionPresentWithError
            | Self::DuplicateProperty(_)
            | Self::PropertyOutOfRange(_)
            | Self::AuthenticationDataWithoutMethod
            | Self::MissingAuthenticationMethod => ErrorCategory::ProtocolError,
            _ => ErrorCategory::MalformedPacket,
        }
    }

    /// The most specific reason code of 5.0 for it (4.13.1), among those a receiver may answer with.
    ///
    /// Topic Name invalid and Topic Filter invalid are for well-formed ones that a receiver does not accept
    /// (3.14.2.1), so they are never the answer here.
    pub const fn reason_code(self) -> ReasonCode {
        match (self, self.category()) {
            (Self::PropertyOutOfRange(PropertyId::TopicAlias), _) => ReasonCode::TOPIC_ALIAS_INVALID,
            (_, ErrorCategory::UnsupportedProtocol) => ReasonCode::UNSUPPORTED_PROTOCOL_VERSION,
            (_, ErrorCategory::ProtocolError) => ReasonCode::PROTOCOL_ERROR,
            (_, ErrorCategory::MalformedPacket) => ReasonCode::MALFORMED_PACKET,
        }
    }
}

impl From<VarintError> for DecodeError {
    fn from(error: VarintError) -> Self {
        Self::VariableByteInteger(error)
    }
}

impl From<FrameError> for DecodeError {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::RemainingLength(error) => Self::VariableByteInteger(error),
            FrameError::TooLong { .. } => Self::Truncated,
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReservedPacketType => f.write_str("packet type 0 is reserved"),
            Self::PacketTypeNotInVersion => f.write_str("packet type 15 is reserved in this version"),
            Self::InvalidFixedHeaderFlags(flags) => write!(f, "invalid fixed header flags 0b{flags:04b}"),
            Self::VariableByteInteger(error) => error.fmt(f),
            Self::Truncated => f.write_str("packet ends inside a field"),
            Self::TrailingBytes => f.write_str("bytes follow the last field"),
            Self::IllFormedUtf8 => f.write_str("string is not well-formed UTF-8"),
            Self::NulCharacter => f.write_str("string contains U+0000"),
            Self::UnsupportedProtocolName => f.write_str("unknown protocol name"),
            Self::UnsupportedProtocolLevel(level) => write!(f, "unsupported protocol level {level}"),
            Self::ReservedConnectFlag => f.write_str("reserved connect flag is set"),
            Self::WillFlagsWithoutWill => f.write_str("will QoS or will retain without will flag"),
            Self::PasswordWithoutUserName => f.write_str("password without user name"),
            Self::InvalidQoS => f.write_str("quality of service 3"),
            Self::DupAtQoS0 => f.write_str("DUP is set at QoS 0"),
            Self::TopicName(error) => write!(f, "invalid topic name: {error}"),
            Self::EmptyTopicWithoutAlias => f.write_str("neither topic name nor topic alias"),
            Self::TopicFilter(error) => write!(f, "invalid topic filter: {error}"),
            Self::ZeroPacketId => f.write_str("packet identifier is 0"),
            Self::NoTopicFilters => f.write_str("no topic filter"),
            Self::ReservedSubscriptionOptions(byte) => write!(f, "reserved subscription options set in 0x{byte:02X}"),
            Self::InvalidSubscriptionQoS => f.write_str("subscription with quality of service 3"),
            Self::InvalidRetainHandling => f.write_str("retain handling 3"),
            Self::NoLocalOnSharedSubscription => f.write_str("no local on a shared subscription"),
            Self::NoReasonCodes => f.write_str("no reason code"),
            Self::UndefinedReasonCode(code) => write!(f, "reason code {code} is not defined for this packet"),
            Self::ReservedAcknowledgeFlags(byte) => write!(f, "reserved acknowledge flags set in 0x{byte:02X}"),
            Self::SessionPresentWithError => f.write_str("session present with a refused connection"),
            Self::UnknownProperty(id) => write!(f, "unknown property 0x{id:02X}"),
            Self::MisplacedProperty(id) => write!(f, "property {id} is not allowed here"),
            Self::DuplicateProperty(id) => write!(f, "property {id} occurs twice"),
            Self::PropertyOutOfRange(id) => write!(f, "value of property {id} is out of range"),
            Self::AuthenticationDataWithoutMethod => f.write_str("authentication data without authentication method"),
            Self::MissingAuthenticationMethod => f.write_str("no authentication method"),
        }
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FieldTooLong(len) => write!(f, "field of {len} bytes is longer than 65535"),
            Self::VariableByteIntegerTooLarge(value) => write!(f, "variable byte integer {value} is above 268435455"),
            Self::PacketTooLong => f.write_str("packet is longer than a remaining length can say"),
            Self::MissingPacketId => f.write_str("no packet identifier above QoS 0"),
            Self::UnexpectedPacketId => f.write_str("packet identifier at QoS 0"),
            Self::WrongPropertyType(id) => write!(f, "value of property {id} is of another data type"),
            Self::NoRoom { needed, room } => write!(f, "packet of {needed} bytes does not fit into a buffer of {room}"),
        }
    }
}

impl core::error::Error for DecodeError {}
impl core::error::Error for EncodeError {}
