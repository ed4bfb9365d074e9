//! Who sends a packet.

use crate::{AckBuf, DisconnectBuf, PacketBuf, PacketType, PropertyId, PropertyList, ProtocolVersion, ReasonCode};

/// Who sends such a packet (table 2-1), and with it whose decoder it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Direction {
    /// A client sends it, a server reads it.
    Client,
    /// A server sends it, a client reads it.
    Server,
    /// Either does.
    Both,
}

impl Direction {
    /// The name used in the files.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
            Self::Both => "both",
        }
    }

    /// Who may send a packet of this type, with these fields if they are known.
    pub(super) fn of(version: ProtocolVersion, packet_type: Option<PacketType>, packet: Option<&PacketBuf>) -> Self {
        use PacketType as T;
        let by_content = packet.and_then(Self::by_content);
        let by_type = match packet_type {
            Some(T::Connect | T::Subscribe | T::Unsubscribe | T::PingReq) => Self::Client,
            Some(T::ConnAck | T::SubAck | T::UnsubAck | T::PingResp) => Self::Server,
            Some(T::Disconnect) if !version.has_properties() => Self::Client,
            _ => Self::Both,
        };
        by_content.unwrap_or(by_type)
    }

    /// Fields that only one side may send.
    fn by_content(packet: &PacketBuf) -> Option<Self> {
        match packet {
            // A Subscription Identifier goes from server to client only (MQTT-3.3.4-6).
            PacketBuf::Publish(p) => p.properties.find(PropertyId::SubscriptionIdentifier).map(|_| Self::Server),
            // "No matching subscribers" is sent only by the server (tables 3-4 and 3-5).
            PacketBuf::PubAck(AckBuf { reason_code: ReasonCode::NO_MATCHING_SUBSCRIBERS, .. })
            | PacketBuf::PubRec(AckBuf { reason_code: ReasonCode::NO_MATCHING_SUBSCRIBERS, .. }) => Some(Self::Server),
            PacketBuf::Disconnect(p) => Self::of_disconnect(p),
            PacketBuf::Auth(p) => match p.reason_code {
                ReasonCode::SUCCESS => Some(Self::Server),
                ReasonCode::RE_AUTHENTICATE => Some(Self::Client),
                _ => None,
            },
            _ => None,
        }
    }

    /// Table 3-10, the column "sent by", and the two properties that only one side may send (3.14.2.2.2, 3.14.2.2.5).
    fn of_disconnect(disconnect: &DisconnectBuf) -> Option<Self> {
        if disconnect.properties.find(PropertyId::SessionExpiryInterval).is_some() {
            return Some(Self::Client);
        }
        if disconnect.properties.find(PropertyId::ServerReference).is_some() {
            return Some(Self::Server);
        }
        match disconnect.reason_code.0 {
            0x04 => Some(Self::Client),
            0x87 | 0x89 | 0x8B..=0x8F | 0x9A..=0xA2 => Some(Self::Server),
            _ => None,
        }
    }
}
