//! The 27 properties of 5.0, written once (table 2-4 and the section of each).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::PacketType;
use crate::property::{PropertyBuf, ValueBuf};

/// The data type of a property's value (1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PropertyType {
    /// Byte.
    Byte,
    /// Two Byte Integer (1.5.2).
    TwoByteInteger,
    /// Four Byte Integer (1.5.3).
    FourByteInteger,
    /// Variable Byte Integer (1.5.5).
    VariableByteInteger,
    /// UTF-8 Encoded String (1.5.4).
    Utf8String,
    /// Binary Data (1.5.6).
    BinaryData,
    /// UTF-8 String Pair (1.5.7).
    Utf8StringPair,
}

/// Where a property list stands: in a packet, or among the Will Properties of a CONNECT (3.1.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PropertyContext {
    /// The properties in the variable header of this packet.
    Packet(PacketType),
    /// The Will Properties in the payload of CONNECT.
    Will,
}

/// What the value of a property must satisfy beyond its data type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropertyRange {
    /// Any value of the data type.
    Any,
    /// 0 or 1.
    ZeroOrOne,
    /// Anything but 0.
    NonZero,
    /// A topic name without wildcards (Response Topic, 3.3.2.3.5).
    TopicName,
}

const WILL: PropertyContext = PropertyContext::Will;
macro_rules! context {
    (WILL) => {
        WILL
    };
    ($packet:ident) => {
        PropertyContext::Packet(PacketType::$packet)
    };
}
macro_rules! range {
    () => {
        PropertyRange::Any
    };
    ($range:ident) => {
        PropertyRange::$range
    };
}
macro_rules! constructor {
    ($function:ident $variant:ident Byte) => { constructor!(@ $function $variant u8 Byte); };
    ($function:ident $variant:ident TwoByteInteger) => { constructor!(@ $function $variant u16 TwoByteInteger); };
    ($function:ident $variant:ident FourByteInteger) => { constructor!(@ $function $variant u32 FourByteInteger); };
    ($function:ident $variant:ident VariableByteInteger) => { constructor!(@ $function $variant u32 VariableByteInteger); };
    ($function:ident $variant:ident Utf8String) => { constructor!(@ $function $variant impl Into<String>, Utf8String); };
    ($function:ident $variant:ident BinaryData) => { constructor!(@ $function $variant impl Into<Vec<u8>>, BinaryData); };
    ($function:ident $variant:ident Utf8StringPair) => {
        #[doc = concat!("A [`PropertyId::", stringify!($variant), "`] with this name and value.")]
        pub fn $function(name: impl Into<String>, value: impl Into<String>) -> Self {
            Self { id: PropertyId::$variant, value: ValueBuf::Utf8StringPair(name.into(), value.into()) }
        }
    };
    (@ $function:ident $variant:ident $integer:ident $kind:ident) => {
        #[doc = concat!("A [`PropertyId::", stringify!($variant), "`] with this value.")]
        pub fn $function(value: $integer) -> Self {
            Self { id: PropertyId::$variant, value: ValueBuf::$kind(value) }
        }
    };
    (@ $function:ident $variant:ident $ty:ty, $kind:ident) => {
        #[doc = concat!("A [`PropertyId::", stringify!($variant), "`] with this value.")]
        pub fn $function(value: $ty) -> Self {
            Self { id: PropertyId::$variant, value: ValueBuf::$kind(value.into()) }
        }
    };
}

macro_rules! properties {
    ($($value:literal $variant:ident $function:ident $name:literal $kind:ident $(range $range:ident)? in [$($context:ident)*];)*) => {
        /// A property identifier (table 2-4).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[repr(u8)]
        pub enum PropertyId {
            $(
                #[doc = concat!($name, ", `", stringify!($value), "`.")]
                #[cfg_attr(feature = "serde", serde(rename = $name))]
                $variant = $value,
            )*
        }

        impl PropertyId {
            /// Every property, by identifier.
            pub const ALL: [Self; 27] = [$(Self::$variant),*];

            /// The property with this identifier, if it is defined.
            pub const fn from_value(value: u32) -> Option<Self> {
                match value {
                    $($value => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// The name as the standard writes it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The data type of the value.
            pub const fn property_type(self) -> PropertyType {
                match self { $(Self::$variant => PropertyType::$kind,)* }
            }

            /// What the value must satisfy beyond its data type.
            pub const fn range(self) -> PropertyRange {
                match self { $(Self::$variant => range!($($range)?),)* }
            }

            /// Where the property may stand.
            pub const fn contexts(self) -> &'static [PropertyContext] {
                match self { $(Self::$variant => &[$(context!($context)),*],)* }
            }
        }

        impl PropertyBuf {
            $(constructor!($function $variant $kind);)*
        }
    };
}

properties! {
    0x01 PayloadFormatIndicator payload_format_indicator "Payload Format Indicator" Byte range ZeroOrOne in [Publish WILL];
    0x02 MessageExpiryInterval message_expiry_interval "Message Expiry Interval" FourByteInteger in [Publish WILL];
    0x03 ContentType content_type "Content Type" Utf8String in [Publish WILL];
    0x08 ResponseTopic response_topic "Response Topic" Utf8String range TopicName in [Publish WILL];
    0x09 CorrelationData correlation_data "Correlation Data" BinaryData in [Publish WILL];
    0x0B SubscriptionIdentifier subscription_identifier "Subscription Identifier" VariableByteInteger range NonZero in [Publish Subscribe];
    0x11 SessionExpiryInterval session_expiry_interval "Session Expiry Interval" FourByteInteger in [Connect ConnAck Disconnect];
    0x12 AssignedClientIdentifier assigned_client_identifier "Assigned Client Identifier" Utf8String in [ConnAck];
    0x13 ServerKeepAlive server_keep_alive "Server Keep Alive" TwoByteInteger in [ConnAck];
    0x15 AuthenticationMethod authentication_method "Authentication Method" Utf8String in [Connect ConnAck Auth];
    0x16 AuthenticationData authentication_data "Authentication Data" BinaryData in [Connect ConnAck Auth];
    0x17 RequestProblemInformation request_problem_information "Request Problem Information" Byte range ZeroOrOne in [Connect];
    0x18 WillDelayInterval will_delay_interval "Will Delay Interval" FourByteInteger in [WILL];
    0x19 RequestResponseInformation request_response_information "Request Response Information" Byte range ZeroOrOne in [Connect];
    0x1A ResponseInformation response_information "Response Information" Utf8String in [ConnAck];
    0x1C ServerReference server_reference "Server Reference" Utf8String in [ConnAck Disconnect];
    0x1F ReasonString reason_string "Reason String" Utf8String in [ConnAck PubAck PubRec PubRel PubComp SubAck UnsubAck Disconnect Auth];
    0x21 ReceiveMaximum receive_maximum "Receive Maximum" TwoByteInteger range NonZero in [Connect ConnAck];
    0x22 TopicAliasMaximum topic_alias_maximum "Topic Alias Maximum" TwoByteInteger in [Connect ConnAck];
    0x23 TopicAlias topic_alias "Topic Alias" TwoByteInteger range NonZero in [Publish];
    0x24 MaximumQoS maximum_qos "Maximum QoS" Byte range ZeroOrOne in [ConnAck];
    0x25 RetainAvailable retain_available "Retain Available" Byte range ZeroOrOne in [ConnAck];
    0x26 UserProperty user_property "User Property" Utf8StringPair in [Connect ConnAck Publish WILL PubAck PubRec PubRel PubComp Subscribe SubAck Unsubscribe UnsubAck Disconnect Auth];
    0x27 MaximumPacketSize maximum_packet_size "Maximum Packet Size" FourByteInteger range NonZero in [Connect ConnAck];
    0x28 WildcardSubscriptionAvailable wildcard_subscription_available "Wildcard Subscription Available" Byte range ZeroOrOne in [ConnAck];
    0x29 SubscriptionIdentifierAvailable subscription_identifier_available "Subscription Identifier Available" Byte range ZeroOrOne in [ConnAck];
    0x2A SharedSubscriptionAvailable shared_subscription_available "Shared Subscription Available" Byte range ZeroOrOne in [ConnAck];
}

impl PropertyContext {
    /// `==` for constants.
    const fn is(self, other: Self) -> bool {
        match (self, other) {
            (Self::Will, Self::Will) => true,
            (Self::Packet(one), Self::Packet(other)) => one.value() == other.value(),
            _ => false,
        }
    }
}

impl PropertyId {
    /// The identifier on the wire.
    pub const fn value(self) -> u8 {
        self as u8
    }

    /// Whether the property may stand in `context`.
    pub const fn is_allowed_in(self, context: PropertyContext) -> bool {
        let contexts = self.contexts();
        let mut index = 0;
        while index < contexts.len() {
            if contexts[index].is(context) {
                return true;
            }
            index += 1;
        }
        false
    }

    /// Whether the property may stand more than once in `context`: User Property everywhere, and Subscription
    /// Identifier in a PUBLISH from the server (3.3.2.3.8).
    pub const fn is_repeatable_in(self, context: PropertyContext) -> bool {
        matches!(
            (self, context),
            (Self::UserProperty, _) | (Self::SubscriptionIdentifier, PropertyContext::Packet(PacketType::Publish))
        )
    }
}

impl fmt::Display for PropertyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
