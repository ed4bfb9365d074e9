//! From a packet that owns its fields to one that borrows them, and back.

use alloc::borrow::ToOwned;

use super::{Ack, Auth, ConnAck, Connect, Disconnect, Packet, Publish, SubAck, Subscribe, UnsubAck, Unsubscribe};
use crate::packet_buf::{
    AckBuf, AuthBuf, ConnAckBuf, ConnectBuf, DisconnectBuf, PacketBuf, PublishBuf, SubAckBuf, SubscribeBuf,
    UnsubAckBuf, UnsubscribeBuf, WillBuf,
};

impl PacketBuf {
    /// The packet as one that borrows, without copying anything.
    pub fn as_packet(&self) -> Packet<'_> {
        match self {
            Self::Connect(p) => Packet::Connect(p.as_connect()),
            Self::ConnAck(p) => Packet::ConnAck(ConnAck {
                session_present: p.session_present,
                reason_code: p.reason_code,
                properties: (&p.properties).into(),
            }),
            Self::Publish(p) => Packet::Publish(Publish {
                dup: p.dup,
                qos: p.qos,
                retain: p.retain,
                topic: p.topic.as_str().into(),
                packet_id: p.packet_id,
                properties: (&p.properties).into(),
                payload: &p.payload,
            }),
            Self::PubAck(p) => Packet::PubAck(p.as_ack()),
            Self::PubRec(p) => Packet::PubRec(p.as_ack()),
            Self::PubRel(p) => Packet::PubRel(p.as_ack()),
            Self::PubComp(p) => Packet::PubComp(p.as_ack()),
            Self::Subscribe(p) => Packet::Subscribe(Subscribe {
                packet_id: p.packet_id,
                properties: (&p.properties).into(),
                filters: (&p.filters).into(),
            }),
            Self::SubAck(p) => Packet::SubAck(SubAck {
                packet_id: p.packet_id,
                properties: (&p.properties).into(),
                reason_codes: (&p.reason_codes).into(),
            }),
            Self::Unsubscribe(p) => Packet::Unsubscribe(Unsubscribe {
                packet_id: p.packet_id,
                properties: (&p.properties).into(),
                filters: (&p.filters).into(),
            }),
            Self::UnsubAck(p) => Packet::UnsubAck(UnsubAck {
                packet_id: p.packet_id,
                properties: (&p.properties).into(),
                reason_codes: (&p.reason_codes).into(),
            }),
            Self::PingReq => Packet::PingReq,
            Self::PingResp => Packet::PingResp,
            Self::Disconnect(p) => {
                Packet::Disconnect(Disconnect { reason_code: p.reason_code, properties: (&p.properties).into() })
            }
            Self::Auth(p) => Packet::Auth(Auth { reason_code: p.reason_code, properties: (&p.properties).into() }),
        }
    }
}

impl AckBuf {
    fn as_ack(&self) -> Ack<'_> {
        Ack { packet_id: self.packet_id, reason_code: self.reason_code, properties: (&self.properties).into() }
    }
}

impl Packet<'_> {
    /// The packet as one that owns its fields.
    pub fn to_buf(&self) -> PacketBuf {
        match self {
            Self::Connect(p) => PacketBuf::Connect(p.to_buf()),
            Self::ConnAck(p) => PacketBuf::ConnAck(ConnAckBuf {
                session_present: p.session_present,
                reason_code: p.reason_code,
                properties: p.properties.to_vec(),
            }),
            Self::Publish(p) => PacketBuf::Publish(PublishBuf {
                dup: p.dup,
                qos: p.qos,
                retain: p.retain,
                topic: p.topic.as_str().to_owned(),
                packet_id: p.packet_id,
                properties: p.properties.to_vec(),
                payload: p.payload.to_vec(),
            }),
            Self::PubAck(p) => PacketBuf::PubAck(p.to_buf()),
            Self::PubRec(p) => PacketBuf::PubRec(p.to_buf()),
            Self::PubRel(p) => PacketBuf::PubRel(p.to_buf()),
            Self::PubComp(p) => PacketBuf::PubComp(p.to_buf()),
            Self::Subscribe(p) => PacketBuf::Subscribe(SubscribeBuf {
                packet_id: p.packet_id,
                properties: p.properties.to_vec(),
                filters: p.filters.iter().map(|subscription| subscription.to_buf()).collect(),
            }),
            Self::SubAck(p) => PacketBuf::SubAck(SubAckBuf {
                packet_id: p.packet_id,
                properties: p.properties.to_vec(),
                reason_codes: p.reason_codes.iter().collect(),
            }),
            Self::Unsubscribe(p) => PacketBuf::Unsubscribe(UnsubscribeBuf {
                packet_id: p.packet_id,
                properties: p.properties.to_vec(),
                filters: p.filters.iter().map(|filter| filter.as_str().to_owned()).collect(),
            }),
            Self::UnsubAck(p) => PacketBuf::UnsubAck(UnsubAckBuf {
                packet_id: p.packet_id,
                properties: p.properties.to_vec(),
                reason_codes: p.reason_codes.iter().collect(),
            }),
            Self::PingReq => PacketBuf::PingReq,
            Self::PingResp => PacketBuf::PingResp,
            Self::Disconnect(p) => {
                PacketBuf::Disconnect(DisconnectBuf { reason_code: p.reason_code, properties: p.properties.to_vec() })
            }
            Self::Auth(p) => PacketBuf::Auth(AuthBuf { reason_code: p.reason_code, properties: p.properties.to_vec() }),
        }
    }
}

impl Connect<'_> {
    fn to_buf(self) -> ConnectBuf {
        ConnectBuf {
            version: self.version,
            clean_start: self.clean_start,
            keep_alive: self.keep_alive,
            properties: self.properties.to_vec(),
            client_id: self.client_id.as_str().to_owned(),
            will: self.will().map(|will| WillBuf {
                qos: will.qos,
                retain: will.retain,
                properties: will.properties.to_vec(),
                topic: will.topic.as_str().to_owned(),
                payload: will.payload.to_vec(),
            }),
            user_name: self.user_name().map(|user_name| user_name.as_str().to_owned()),
            password: self.password().map(<[u8]>::to_vec),
        }
    }
}

impl Ack<'_> {
    fn to_buf(self) -> AckBuf {
        AckBuf { packet_id: self.packet_id, reason_code: self.reason_code, properties: self.properties.to_vec() }
    }
}
