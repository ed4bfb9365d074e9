//! Packets that borrow from the frame they were decoded from, or from a [`PacketBuf`].

mod connect;
mod convert;
mod lists;
mod properties;
mod utf8_str;

pub use connect::{Connect, Will};
pub use lists::{
    ReasonCodeIter, ReasonCodes, Subscription, SubscriptionIter, Subscriptions, TopicFilterIter, TopicFilters,
};
pub use properties::{Properties, Property, PropertyIter, Value};
pub use utf8_str::Utf8Str;

pub(crate) use connect::{Rest, flag};
pub(crate) use lists::Source as ListSource;
pub(crate) use properties::Source as PropertySource;

use crate::{PacketType, PropertyId, QoS, ReasonCode};

#[cfg(doc)]
use crate::PacketBuf;

/// A control packet that borrows its fields.
///
/// [`decode`](crate::decode) returns only packets that the standard allows. One built by hand, or borrowed from a
/// [`PacketBuf`] with [`PacketBuf::as_packet`], is what its fields say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// CONNECT (3.1).
    Connect(Connect<'a>),
    /// CONNACK (3.2).
    ConnAck(ConnAck<'a>),
    /// PUBLISH (3.3).
    Publish(Publish<'a>),
    /// PUBACK (3.4).
    PubAck(Ack<'a>),
    /// PUBREC (3.5).
    PubRec(Ack<'a>),
    /// PUBREL (3.6).
    PubRel(Ack<'a>),
    /// PUBCOMP (3.7).
    PubComp(Ack<'a>),
    /// SUBSCRIBE (3.8).
    Subscribe(Subscribe<'a>),
    /// SUBACK (3.9).
    SubAck(SubAck<'a>),
    /// UNSUBSCRIBE (3.10).
    Unsubscribe(Unsubscribe<'a>),
    /// UNSUBACK (3.11).
    UnsubAck(UnsubAck<'a>),
    /// PINGREQ (3.12).
    PingReq,
    /// PINGRESP (3.13).
    PingResp,
    /// DISCONNECT (3.14).
    Disconnect(Disconnect<'a>),
    /// AUTH (3.15, 5.0 only).
    Auth(Auth<'a>),
}

/// CONNACK (3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnAck<'a> {
    /// Session Present.
    pub session_present: bool,
    /// Connect Reason Code (5.0) or Connect Return code (3.1, 3.1.1).
    pub reason_code: ReasonCode,
    /// Properties (5.0 only).
    pub properties: Properties<'a>,
}

/// PUBLISH (3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Publish<'a> {
    /// DUP flag.
    pub dup: bool,
    /// QoS level.
    pub qos: QoS,
    /// RETAIN flag.
    pub retain: bool,
    /// Topic Name; empty when a Topic Alias stands for it.
    pub topic: Utf8Str<'a>,
    /// Packet Identifier: `Some` exactly when QoS is above 0.
    pub packet_id: Option<u16>,
    /// Properties (5.0 only).
    pub properties: Properties<'a>,
    /// Application Message.
    pub payload: &'a [u8],
}

impl Publish<'_> {
    /// Whether the payload is what its Payload Format Indicator says: any bytes without one or with 0, well-formed
    /// UTF-8 with 1. A receiver may check it, and refuse what is not (3.3.2.3.2).
    pub fn has_declared_format(&self) -> bool {
        match self.properties.find(PropertyId::PayloadFormatIndicator) {
            Some(Value::Byte(1)) => simdutf8::basic::from_utf8(self.payload).is_ok(),
            _ => true,
        }
    }
}

/// PUBACK, PUBREC, PUBREL or PUBCOMP (3.4 to 3.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ack<'a> {
    /// Packet Identifier.
    pub packet_id: u16,
    /// Reason code; `SUCCESS` in 3.1 and 3.1.1, which have none, and when 5.0 omits it.
    pub reason_code: ReasonCode,
    /// Properties (5.0 only).
    pub properties: Properties<'a>,
}

/// SUBSCRIBE (3.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscribe<'a> {
    /// Packet Identifier.
    pub packet_id: u16,
    /// Properties (5.0 only).
    pub properties: Properties<'a>,
    /// Topic Filters with their options, in order.
    pub filters: Subscriptions<'a>,
}

/// SUBACK (3.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubAck<'a> {
    /// Packet Identifier.
    pub packet_id: u16,
    /// Properties (5.0 only).
    pub properties: Properties<'a>,
    /// One code for each Topic Filter, in order.
    pub reason_codes: ReasonCodes<'a>,
}

/// UNSUBSCRIBE (3.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsubscribe<'a> {
    /// Packet Identifier.
    pub packet_id: u16,
    /// Properties (5.0 only).
    pub properties: Properties<'a>,
    /// Topic Filters, in order.
    pub filters: TopicFilters<'a>,
}

/// UNSUBACK (3.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnsubAck<'a> {
    /// Packet Identifier.
    pub packet_id: u16,
    /// Properties (5.0 only).
    pub properties: Properties<'a>,
    /// One code for each Topic Filter, in order (5.0; empty in 3.1 and 3.1.1).
    pub reason_codes: ReasonCodes<'a>,
}

/// DISCONNECT (3.14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disconnect<'a> {
    /// Disconnect Reason Code; `NORMAL_DISCONNECTION` in 3.1 and 3.1.1, which have none, and when 5.0 omits it.
    pub reason_code: ReasonCode,
    /// Properties (5.0 only).
    pub properties: Properties<'a>,
}

/// AUTH (3.15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Auth<'a> {
    /// Authenticate Reason Code.
    pub reason_code: ReasonCode,
    /// Properties.
    pub properties: Properties<'a>,
}

impl Packet<'_> {
    /// The type of the packet.
    pub const fn packet_type(&self) -> PacketType {
        match self {
            Self::Connect(_) => PacketType::Connect,
            Self::ConnAck(_) => PacketType::ConnAck,
            Self::Publish(_) => PacketType::Publish,
            Self::PubAck(_) => PacketType::PubAck,
            Self::PubRec(_) => PacketType::PubRec,
            Self::PubRel(_) => PacketType::PubRel,
            Self::PubComp(_) => PacketType::PubComp,
            Self::Subscribe(_) => PacketType::Subscribe,
            Self::SubAck(_) => PacketType::SubAck,
            Self::Unsubscribe(_) => PacketType::Unsubscribe,
            Self::UnsubAck(_) => PacketType::UnsubAck,
            Self::PingReq => PacketType::PingReq,
            Self::PingResp => PacketType::PingResp,
            Self::Disconnect(_) => PacketType::Disconnect,
            Self::Auth(_) => PacketType::Auth,
        }
    }
}

/// One cache line on 64-bit machines, with the `Result` and `Option` around it that decoding returns.
const _: () = assert!(size_of::<Result<Option<Packet<'_>>, crate::DecodeError>>() <= 64);
