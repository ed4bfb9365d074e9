//! Packets that own their data: what scenarios, actors and reports pass around.

use alloc::string::String;
use alloc::vec::Vec;

use crate::{PacketType, PropertyBuf, ProtocolVersion, QoS, ReasonCode};

/// A control packet that owns its fields.
///
/// Every field is public and any value may be put in it, so a `PacketBuf` built by hand can hold a topic with a
/// wildcard or a packet identifier of 0; one that came from the decoder holds only what the standard allows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum PacketBuf {
    /// CONNECT (3.1).
    Connect(ConnectBuf),
    /// CONNACK (3.2).
    ConnAck(ConnAckBuf),
    /// PUBLISH (3.3).
    Publish(PublishBuf),
    /// PUBACK (3.4).
    PubAck(AckBuf),
    /// PUBREC (3.5).
    PubRec(AckBuf),
    /// PUBREL (3.6).
    PubRel(AckBuf),
    /// PUBCOMP (3.7).
    PubComp(AckBuf),
    /// SUBSCRIBE (3.8).
    Subscribe(SubscribeBuf),
    /// SUBACK (3.9).
    SubAck(SubAckBuf),
    /// UNSUBSCRIBE (3.10).
    Unsubscribe(UnsubscribeBuf),
    /// UNSUBACK (3.11).
    UnsubAck(UnsubAckBuf),
    /// PINGREQ (3.12).
    PingReq,
    /// PINGRESP (3.13).
    PingResp,
    /// DISCONNECT (3.14).
    Disconnect(DisconnectBuf),
    /// AUTH (3.15, 5.0 only).
    Auth(AuthBuf),
}

/// CONNECT (3.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ConnectBuf {
    /// Protocol name and level.
    pub version: ProtocolVersion,
    /// Clean Start (5.0) or Clean Session (3.1, 3.1.1).
    pub clean_start: bool,
    /// Keep Alive, in seconds; 0 turns it off.
    pub keep_alive: u16,
    /// Properties (5.0 only).
    pub properties: Vec<PropertyBuf>,
    /// Client Identifier.
    pub client_id: String,
    /// Will Message.
    pub will: Option<WillBuf>,
    /// User Name.
    pub user_name: Option<String>,
    /// Password.
    pub password: Option<Vec<u8>>,
}

/// The Will Message of a CONNECT (3.1.2.5, 3.1.3.2 to 3.1.3.4).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct WillBuf {
    /// Will QoS.
    pub qos: QoS,
    /// Will Retain.
    pub retain: bool,
    /// Will Properties (5.0 only).
    pub properties: Vec<PropertyBuf>,
    /// Will Topic.
    pub topic: String,
    /// Will Payload (5.0) or Will Message (3.1, 3.1.1).
    pub payload: Vec<u8>,
}

/// CONNACK (3.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ConnAckBuf {
    /// Session Present.
    pub session_present: bool,
    /// Connect Reason Code (5.0) or Connect Return code (3.1, 3.1.1).
    pub reason_code: ReasonCode,
    /// Properties (5.0 only).
    pub properties: Vec<PropertyBuf>,
}

/// PUBLISH (3.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PublishBuf {
    /// DUP flag.
    pub dup: bool,
    /// QoS level.
    pub qos: QoS,
    /// RETAIN flag.
    pub retain: bool,
    /// Topic Name; empty when a Topic Alias stands for it.
    pub topic: String,
    /// Packet Identifier: `Some` exactly when QoS is above 0.
    pub packet_id: Option<u16>,
    /// Properties (5.0 only).
    pub properties: Vec<PropertyBuf>,
    /// Application Message.
    pub payload: Vec<u8>,
}

/// PUBACK, PUBREC, PUBREL or PUBCOMP (3.4 to 3.7).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AckBuf {
    /// Packet Identifier.
    pub packet_id: u16,
    /// Reason code; `SUCCESS` in 3.1 and 3.1.1, which have none, and when 5.0 omits it.
    pub reason_code: ReasonCode,
    /// Properties (5.0 only).
    pub properties: Vec<PropertyBuf>,
}

/// SUBSCRIBE (3.8).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SubscribeBuf {
    /// Packet Identifier.
    pub packet_id: u16,
    /// Properties (5.0 only).
    pub properties: Vec<PropertyBuf>,
    /// Topic Filters with their options, in order.
    pub filters: Vec<SubscriptionBuf>,
}

/// One Topic Filter of a SUBSCRIBE with its Subscription Options (3.8.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SubscriptionBuf {
    /// Topic Filter.
    pub filter: String,
    /// Subscription Options.
    pub options: SubscriptionOptions,
}

/// Subscription Options (5.0: 3.8.3.1; in 3.1 and 3.1.1 only the Requested QoS exists).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SubscriptionOptions {
    /// Maximum QoS (5.0) or Requested QoS (3.1, 3.1.1).
    pub qos: QoS,
    /// No Local.
    pub no_local: bool,
    /// Retain As Published.
    pub retain_as_published: bool,
    /// Retain Handling.
    pub retain_handling: RetainHandling,
}

/// Retain Handling option (5.0, 3.8.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[repr(u8)]
pub enum RetainHandling {
    /// 0: send retained messages at the time of the subscribe.
    #[default]
    SendAtSubscribe = 0,
    /// 1: send them only if the subscription does not exist yet.
    SendIfNew = 1,
    /// 2: do not send them.
    DoNotSend = 2,
}

/// SUBACK (3.9).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SubAckBuf {
    /// Packet Identifier.
    pub packet_id: u16,
    /// Properties (5.0 only).
    pub properties: Vec<PropertyBuf>,
    /// One code for each Topic Filter, in order.
    pub reason_codes: Vec<ReasonCode>,
}

/// UNSUBSCRIBE (3.10).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UnsubscribeBuf {
    /// Packet Identifier.
    pub packet_id: u16,
    /// Properties (5.0 only).
    pub properties: Vec<PropertyBuf>,
    /// Topic Filters, in order.
    pub filters: Vec<String>,
}

/// UNSUBACK (3.11).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UnsubAckBuf {
    /// Packet Identifier.
    pub packet_id: u16,
    /// Properties (5.0 only).
    pub properties: Vec<PropertyBuf>,
    /// One code for each Topic Filter, in order (5.0; empty in 3.1 and 3.1.1).
    pub reason_codes: Vec<ReasonCode>,
}

/// DISCONNECT (3.14).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DisconnectBuf {
    /// Disconnect Reason Code; `NORMAL_DISCONNECTION` in 3.1 and 3.1.1, which have none, and when 5.0 omits it.
    pub reason_code: ReasonCode,
    /// Properties (5.0 only).
    pub properties: Vec<PropertyBuf>,
}

/// AUTH (3.15).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AuthBuf {
    /// Authenticate Reason Code.
    pub reason_code: ReasonCode,
    /// Properties.
    pub properties: Vec<PropertyBuf>,
}

impl PacketBuf {
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

    /// The properties of the packet's variable header; empty for packets that have none.
    pub fn properties(&self) -> &[PropertyBuf] {
        match self {
            Self::Connect(p) => &p.properties,
            Self::ConnAck(p) => &p.properties,
            Self::Publish(p) => &p.properties,
            Self::PubAck(p) | Self::PubRec(p) | Self::PubRel(p) | Self::PubComp(p) => &p.properties,
            Self::Subscribe(p) => &p.properties,
            Self::SubAck(p) => &p.properties,
            Self::Unsubscribe(p) => &p.properties,
            Self::UnsubAck(p) => &p.properties,
            Self::Disconnect(p) => &p.properties,
            Self::Auth(p) => &p.properties,
            Self::PingReq | Self::PingResp => &[],
        }
    }

    /// The Packet Identifier, for the packets that have one (2.2.1).
    pub const fn packet_id(&self) -> Option<u16> {
        match self {
            Self::Publish(p) => p.packet_id,
            Self::PubAck(p) | Self::PubRec(p) | Self::PubRel(p) | Self::PubComp(p) => Some(p.packet_id),
            Self::Subscribe(p) => Some(p.packet_id),
            Self::SubAck(p) => Some(p.packet_id),
            Self::Unsubscribe(p) => Some(p.packet_id),
            Self::UnsubAck(p) => Some(p.packet_id),
            _ => None,
        }
    }
}
