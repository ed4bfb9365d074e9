//! mqttrs: 3.1.1, decodes from a slice and borrows from it, encodes into a slice.

use std::borrow::Cow;

use mqttrs::{Connack, Connect, ConnectReturnCode, Error, LastWill, Packet, Pid, Publish, QosPid};
use mqttrs::{Suback, Subscribe, SubscribeReturnCodes, SubscribeTopic, Unsubscribe};
use mqttspec_bench::{Codec, Cursor, Output, Refused};
use mqttspec_codec::{
    AckBuf, ConnAckBuf, ConnectBuf, DisconnectBuf, PacketBuf, PacketType, ProtocolVersion, PublishBuf, QoS, ReasonCode,
    SubAckBuf, SubscribeBuf, SubscriptionBuf, SubscriptionOptions, UnsubAckBuf, UnsubscribeBuf, WillBuf,
};

/// mqttrs.
#[derive(Debug)]
pub struct Mqttrs;

impl Codec for Mqttrs {
    const NAME: &'static str = "mqttrs 0.4.1";
    const LAX: &'static [&'static str] = &[
        "reads past the end of a packet into the next one, and panics where there is none",
        "does not say how long the packet was: the adapter reads the fixed header a second time",
    ];

    type Packet<'a> = Packet<'a>;
    type Input = Cursor;
    type Output = Slice;
    type Typed<'p> = Packet<'p>;

    fn decodes(version: ProtocolVersion, packet: PacketType) -> bool {
        version == ProtocolVersion::V3_1_1 && packet != PacketType::Auth
    }

    #[inline]
    fn next(_version: ProtocolVersion, input: &mut Cursor) -> Result<Option<Packet<'_>>, Refused> {
        let (buffer, at) = input.parts();
        let unread = buffer.get(*at..).unwrap_or_default();
        let packet = mqttrs::decode_slice(unread)?;
        if packet.is_some() {
            *at += packet_len(unread);
        }
        Ok(packet)
    }

    #[inline]
    fn lend_next(
        _version: ProtocolVersion,
        input: &mut Cursor,
        seen: impl FnOnce(&Packet<'_>),
    ) -> Result<bool, Refused> {
        let (buffer, at) = input.parts();
        let unread = buffer.get(*at..).unwrap_or_default();
        match &mqttrs::decode_slice(unread) {
            Ok(Some(packet)) => {
                *at += packet_len(unread);
                seen(packet);
                Ok(true)
            }
            Ok(None) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn to_packet(_version: ProtocolVersion, packet: Packet<'_>) -> Result<PacketBuf, Refused> {
        to_packet(packet)
    }

    fn typed(version: ProtocolVersion, packet: &PacketBuf) -> Option<Packet<'_>> {
        if version == ProtocolVersion::V3_1_1 { typed(packet) } else { None }
    }

    #[inline]
    fn encode(_version: ProtocolVersion, packet: &Packet<'_>, out: &mut Slice) -> Result<(), Refused> {
        let len = match mqttrs::encode_slice(packet, &mut out.buffer[out.len..]) {
            Err(Error::WriteZero) => {
                out.buffer.resize(out.buffer.len() * 2, 0);
                mqttrs::encode_slice(packet, &mut out.buffer[out.len..])?
            }
            written => written?,
        };
        out.len += len;
        Ok(())
    }
}

/// A buffer that is all there before anything is written, and how much has been.
#[derive(Debug)]
pub struct Slice {
    buffer: Vec<u8>,
    len: usize,
}

impl Default for Slice {
    fn default() -> Self {
        Self { buffer: vec![0; 256 * 1024], len: 0 }
    }
}

impl Output for Slice {
    fn clear(&mut self) {
        self.len = 0;
    }

    fn as_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.buffer[..self.len])
    }
}

/// The length of a packet that has come whole.
#[inline]
fn packet_len(bytes: &[u8]) -> usize {
    let mut remaining = 0;
    for (at, byte) in bytes.iter().skip(1).take(4).enumerate() {
        remaining |= usize::from(byte & 0x7F) << (7 * at);
        if byte & 0x80 == 0 {
            return 2 + at + remaining;
        }
    }
    bytes.len()
}

fn to_packet(packet: Packet<'_>) -> Result<PacketBuf, Refused> {
    let ack = |pid: Pid| AckBuf { packet_id: pid.get(), reason_code: ReasonCode::SUCCESS, properties: vec![] };
    Ok(match packet {
        Packet::Connect(p) => PacketBuf::Connect(ConnectBuf {
            version: match p.protocol {
                mqttrs::Protocol::MQTT311 => ProtocolVersion::V3_1_1,
                mqttrs::Protocol::MQIsdp => ProtocolVersion::V3_1,
            },
            clean_start: p.clean_session,
            keep_alive: p.keep_alive,
            properties: vec![],
            client_id: p.client_id.to_owned(),
            will: p.last_will.map(|will| WillBuf {
                qos: our_qos(will.qos),
                retain: will.retain,
                properties: vec![],
                topic: will.topic.to_owned(),
                payload: will.message.to_vec(),
            }),
            user_name: p.username.map(str::to_owned),
            password: p.password.map(<[u8]>::to_vec),
        }),
        Packet::Connack(p) => PacketBuf::ConnAck(ConnAckBuf {
            session_present: p.session_present,
            reason_code: ReasonCode(p.code as u8),
            properties: vec![],
        }),
        Packet::Publish(p) => PacketBuf::Publish(PublishBuf {
            dup: p.dup,
            qos: our_qos(p.qospid.qos()),
            retain: p.retain,
            topic: p.topic_name.to_owned(),
            packet_id: p.qospid.pid().map(Pid::get),
            properties: vec![],
            payload: p.payload.to_vec(),
        }),
        Packet::Puback(pid) => PacketBuf::PubAck(ack(pid)),
        Packet::Pubrec(pid) => PacketBuf::PubRec(ack(pid)),
        Packet::Pubrel(pid) => PacketBuf::PubRel(ack(pid)),
        Packet::Pubcomp(pid) => PacketBuf::PubComp(ack(pid)),
        Packet::Subscribe(p) => PacketBuf::Subscribe(SubscribeBuf {
            packet_id: p.pid.get(),
            properties: vec![],
            filters: p.topics.into_iter().map(subscription).collect(),
        }),
        Packet::Suback(p) => PacketBuf::SubAck(SubAckBuf {
            packet_id: p.pid.get(),
            properties: vec![],
            reason_codes: p.return_codes.into_iter().map(return_code).collect(),
        }),
        Packet::Unsubscribe(p) => {
            PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id: p.pid.get(), properties: vec![], filters: p.topics })
        }
        Packet::Unsuback(pid) => {
            PacketBuf::UnsubAck(UnsubAckBuf { packet_id: pid.get(), properties: vec![], reason_codes: vec![] })
        }
        Packet::Pingreq => PacketBuf::PingReq,
        Packet::Pingresp => PacketBuf::PingResp,
        Packet::Disconnect => PacketBuf::Disconnect(DisconnectBuf::default()),
    })
}

fn subscription(topic: SubscribeTopic) -> SubscriptionBuf {
    SubscriptionBuf { filter: topic.topic_path, options: SubscriptionOptions::with_qos(our_qos(topic.qos)) }
}

fn return_code(code: SubscribeReturnCodes) -> ReasonCode {
    match code {
        SubscribeReturnCodes::Success(qos) => ReasonCode(our_qos(qos).value()),
        SubscribeReturnCodes::Failure => ReasonCode::UNSPECIFIED_ERROR,
    }
}

fn our_qos(qos: mqttrs::QoS) -> QoS {
    match qos {
        mqttrs::QoS::AtMostOnce => QoS::AtMostOnce,
        mqttrs::QoS::AtLeastOnce => QoS::AtLeastOnce,
        mqttrs::QoS::ExactlyOnce => QoS::ExactlyOnce,
    }
}

fn typed(packet: &PacketBuf) -> Option<Packet<'_>> {
    let pid = |id: u16| Pid::try_from(id).ok();
    Some(match packet {
        PacketBuf::Connect(p) => Packet::Connect(Connect {
            protocol: mqttrs::Protocol::MQTT311,
            keep_alive: p.keep_alive,
            client_id: &p.client_id,
            clean_session: p.clean_start,
            last_will: p.will.as_ref().map(|will| LastWill {
                topic: &will.topic,
                message: &will.payload,
                qos: their_qos(will.qos),
                retain: will.retain,
            }),
            username: p.user_name.as_deref(),
            password: p.password.as_deref(),
        }),
        PacketBuf::ConnAck(p) if p.reason_code == ReasonCode::SUCCESS => {
            Packet::Connack(Connack { session_present: p.session_present, code: ConnectReturnCode::Accepted })
        }
        PacketBuf::ConnAck(_) => return None,
        PacketBuf::Publish(p) => Packet::Publish(Publish {
            dup: p.dup,
            qospid: match (p.qos, p.packet_id.and_then(pid)) {
                (QoS::AtMostOnce, _) => QosPid::AtMostOnce,
                (QoS::AtLeastOnce, pid) => QosPid::AtLeastOnce(pid?),
                (QoS::ExactlyOnce, pid) => QosPid::ExactlyOnce(pid?),
            },
            retain: p.retain,
            topic_name: &p.topic,
            payload: &p.payload,
        }),
        PacketBuf::PubAck(p) => Packet::Puback(pid(p.packet_id)?),
        PacketBuf::PubRec(p) => Packet::Pubrec(pid(p.packet_id)?),
        PacketBuf::PubRel(p) => Packet::Pubrel(pid(p.packet_id)?),
        PacketBuf::PubComp(p) => Packet::Pubcomp(pid(p.packet_id)?),
        PacketBuf::Subscribe(p) => {
            let topics = p.filters.iter().map(|subscription| SubscribeTopic {
                topic_path: subscription.filter.clone(),
                qos: their_qos(subscription.options.qos),
            });
            Packet::Subscribe(Subscribe::new(pid(p.packet_id)?, topics.collect()))
        }
        PacketBuf::SubAck(p) => {
            let codes = p.reason_codes.iter().map(|code| match QoS::from_value(code.0) {
                Some(qos) => SubscribeReturnCodes::Success(their_qos(qos)),
                None => SubscribeReturnCodes::Failure,
            });
            Packet::Suback(Suback::new(pid(p.packet_id)?, codes.collect()))
        }
        PacketBuf::Unsubscribe(p) => Packet::Unsubscribe(Unsubscribe::new(pid(p.packet_id)?, p.filters.clone())),
        PacketBuf::UnsubAck(p) => Packet::Unsuback(pid(p.packet_id)?),
        PacketBuf::PingReq => Packet::Pingreq,
        PacketBuf::PingResp => Packet::Pingresp,
        PacketBuf::Disconnect(_) => Packet::Disconnect,
        PacketBuf::Auth(_) => return None,
    })
}

fn their_qos(qos: QoS) -> mqttrs::QoS {
    match qos {
        QoS::AtMostOnce => mqttrs::QoS::AtMostOnce,
        QoS::AtLeastOnce => mqttrs::QoS::AtLeastOnce,
        QoS::ExactlyOnce => mqttrs::QoS::ExactlyOnce,
    }
}
