//! rusty_rtos_mqtt: the client side of MQTT 5.0, after coreMQTT. Borrows from the input; writes into a given slice.

use std::borrow::Cow;

use mqttspec_bench::{Codec, Cursor, Output, Refused};
use mqttspec_codec::{
    AckBuf, ConnAckBuf, ConnectBuf, DisconnectBuf, PacketBuf, PacketType, PropertyBuf, PropertyId, PropertyType,
    ProtocolVersion, PublishBuf, QoS, ReasonCode, SubAckBuf, SubscribeBuf, UnsubAckBuf, UnsubscribeBuf, ValueBuf,
};
use rusty_rtos_mqtt as rtos;
use rusty_rtos_mqtt::header::packet as packet_type;
use rusty_rtos_mqtt::{
    AckInfo, ClientSettings, ConnAck, Connect, ConnectInfo, Disconnect, HeaderError, Limits, ListPacket,
    OutgoingPublish, PacketInfo, PropertyReader, PublishInfo, Subscription, Will, WillInfo,
};

use super::convert;
use super::rusty_rtos_properties::build;

/// rusty_rtos_mqtt.
#[derive(Debug)]
pub struct RustyRtos;

/// A packet that a client receives.
#[derive(Debug)]
pub enum Packet<'a> {
    /// CONNACK.
    ConnAck(ConnAck<'a>),
    /// PUBLISH.
    Publish(PublishInfo<'a>),
    /// PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK or PINGRESP, by its first byte.
    Ack(u8, AckInfo<'a>),
    /// DISCONNECT.
    Disconnect(Disconnect<'a>),
}

/// A packet that a client sends.
#[derive(Debug)]
pub enum Typed<'p> {
    /// CONNECT.
    Connect(&'p ConnectBuf),
    /// PUBLISH.
    Publish(&'p PublishBuf),
    /// PUBACK, PUBREC, PUBREL or PUBCOMP, by its first byte.
    Ack(u8, &'p AckBuf),
    /// SUBSCRIBE, with its filters in the crate's type.
    Subscribe(&'p SubscribeBuf, Vec<Subscription<'p>>),
    /// UNSUBSCRIBE, with its filters in the crate's type.
    Unsubscribe(&'p UnsubscribeBuf, Vec<Subscription<'p>>),
    /// PINGREQ.
    PingReq,
    /// DISCONNECT.
    Disconnect(&'p DisconnectBuf),
}

/// A fixed piece of memory, and how far it is written; and two pieces for properties, which the crate builds apart.
#[derive(Debug)]
pub struct Slab {
    bytes: Vec<u8>,
    at: usize,
    properties: Vec<u8>,
    will_properties: Vec<u8>,
}

impl Default for Slab {
    fn default() -> Self {
        Self { bytes: vec![0; 256 * 1024], at: 0, properties: vec![0; 4096], will_properties: vec![0; 4096] }
    }
}

impl Output for Slab {
    fn clear(&mut self) {
        self.at = 0;
    }

    fn as_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes[..self.at])
    }
}

const MAX_PACKET_SIZE: u32 = rtos::MAX_PACKET_SIZE;

impl Codec for RustyRtos {
    const NAME: &'static str = "rusty_rtos_mqtt 0.2.0";
    const LAX: &'static [&'static str] = &[
        "knows the client's side of MQTT 5.0 only: what a server sends it decodes, what a client sends it encodes",
        "strings are not checked at all, and handed out as bytes",
        "properties are checked and left unparsed",
        "reads the codes of UNSUBACK as those of SUBACK",
    ];

    type Packet<'a> = Packet<'a>;
    type Input = Cursor;
    type Output = Slab;
    type Typed<'p> = Typed<'p>;

    fn decodes(version: ProtocolVersion, packet: PacketType) -> bool {
        use PacketType::*;
        let received = [ConnAck, Publish, PubAck, PubRec, PubRel, PubComp, SubAck, UnsubAck, PingResp, Disconnect];
        version == ProtocolVersion::V5_0 && received.contains(&packet)
    }

    #[inline]
    fn next(_version: ProtocolVersion, input: &mut Cursor) -> Result<Option<Packet<'_>>, Refused> {
        split(input)?.map(|info| read(&info)).transpose()
    }

    #[inline]
    fn lend_next(
        _version: ProtocolVersion,
        input: &mut Cursor,
        seen: impl FnOnce(&Packet<'_>),
    ) -> Result<bool, Refused> {
        let Some(info) = split(input)? else { return Ok(false) };
        match read(&info) {
            Ok(packet) => {
                seen(&packet);
                Ok(true)
            }
            Err(refused) => Err(refused),
        }
    }

    fn to_packet(_version: ProtocolVersion, packet: Packet<'_>) -> Result<PacketBuf, Refused> {
        match packet {
            Packet::ConnAck(p) => Ok(PacketBuf::ConnAck(ConnAckBuf {
                session_present: p.session_present,
                reason_code: ReasonCode(p.reason_code),
                properties: properties(p.properties)?,
            })),
            Packet::Publish(p) => Ok(PacketBuf::Publish(PublishBuf {
                dup: p.dup,
                qos: qos(p.qos),
                retain: p.retain,
                topic: convert::text(p.topic_name)?,
                packet_id: p.packet_id,
                properties: properties(p.properties)?,
                payload: p.payload.to_vec(),
            })),
            Packet::Disconnect(p) => Ok(PacketBuf::Disconnect(DisconnectBuf {
                reason_code: ReasonCode(p.reason_code.unwrap_or(0)),
                properties: properties(p.properties)?,
            })),
            Packet::Ack(first, ack) => acknowledged(first, &ack),
        }
    }

    fn typed(version: ProtocolVersion, packet: &PacketBuf) -> Option<Typed<'_>> {
        if version != ProtocolVersion::V5_0 {
            return None;
        }
        Some(match packet {
            PacketBuf::Connect(p) => Typed::Connect(p),
            PacketBuf::Publish(p) => Typed::Publish(p),
            PacketBuf::PubAck(p) => Typed::Ack(packet_type::PUBACK, p),
            PacketBuf::PubRec(p) => Typed::Ack(packet_type::PUBREC, p),
            PacketBuf::PubRel(p) => Typed::Ack(packet_type::PUBREL, p),
            PacketBuf::PubComp(p) => Typed::Ack(packet_type::PUBCOMP, p),
            PacketBuf::Subscribe(p) => Typed::Subscribe(p, subscriptions(p)),
            PacketBuf::Unsubscribe(p) => Typed::Unsubscribe(p, filters(p)),
            PacketBuf::PingReq => Typed::PingReq,
            PacketBuf::Disconnect(p) => Typed::Disconnect(p),
            _ => return None,
        })
    }

    #[inline]
    fn encode(_version: ProtocolVersion, packet: &Typed<'_>, out: &mut Slab) -> Result<(), Refused> {
        let free = &mut out.bytes[out.at..];
        let scratch = &mut out.properties;
        out.at += match packet {
            Typed::Publish(p) => publish(free, p, build(scratch, &p.properties)?)?,
            Typed::Connect(p) => {
                let will = p.will.as_ref().map_or(&[][..], |will| &will.properties);
                connect(free, p, build(scratch, &p.properties)?, build(&mut out.will_properties, will)?)?
            }
            Typed::Ack(first, p) => {
                let properties = build(scratch, &p.properties)?;
                // The short form is what a reason code of "success" and no properties are for.
                let code = (p.reason_code != ReasonCode::SUCCESS || !properties.is_empty()).then_some(p.reason_code.0);
                rtos::serialize_ack(free, *first, p.packet_id, code, properties).map_err(Refused::debug)?
            }
            Typed::Subscribe(p, list) => {
                let properties = build(scratch, &p.properties)?;
                let lengths = list.iter().map(|entry| entry.topic_filter.len());
                let size =
                    rtos::list_packet_size(ListPacket::Subscribe, lengths, properties.len() as u32, MAX_PACKET_SIZE);
                let len = size.map_err(Refused::debug)?.remaining_length;
                rtos::serialize_subscribe(free, list, properties, p.packet_id, len).map_err(Refused::debug)?
            }
            Typed::Unsubscribe(p, list) => {
                let properties = build(scratch, &p.properties)?;
                let lengths = list.iter().map(|entry| entry.topic_filter.len());
                let size =
                    rtos::list_packet_size(ListPacket::Unsubscribe, lengths, properties.len() as u32, MAX_PACKET_SIZE);
                let len = size.map_err(Refused::debug)?.remaining_length;
                rtos::serialize_unsubscribe(free, list, properties, p.packet_id, len).map_err(Refused::debug)?
            }
            Typed::PingReq => rtos::serialize_pingreq(free).map_err(Refused::debug)?,
            Typed::Disconnect(p) => {
                let properties = build(scratch, &p.properties)?;
                let code = (p.reason_code != ReasonCode::SUCCESS || !properties.is_empty()).then_some(p.reason_code.0);
                let size = rtos::disconnect_packet_size(code, properties.len() as u32, MAX_PACKET_SIZE);
                let len = size.map_err(Refused::debug)?.remaining_length;
                rtos::serialize_disconnect(free, code, properties, len).map_err(Refused::debug)?
            }
        };
        Ok(())
    }
}

/// The packet that comes first, as its deserializers want it, unless it has not come completely.
#[inline]
fn split(input: &mut Cursor) -> Result<Option<PacketInfo<'_>>, Refused> {
    let unread = input.unread();
    let header = match rtos::process_incoming_packet_type_and_length(unread, unread.len()) {
        Ok(header) => header,
        Err(HeaderError::NoDataAvailable | HeaderError::NeedMoreBytes) => return Ok(None),
        Err(error) => return Err(Refused::debug(error)),
    };
    let frame = input.take(header.header_length + header.remaining_length as usize);
    Ok(frame.map(|frame| PacketInfo {
        packet_type: header.packet_type,
        remaining_length: header.remaining_length,
        remaining_data: &frame[header.header_length..],
    }))
}

/// Tells the packets apart as its receive loop does.
#[inline]
fn read<'a>(info: &PacketInfo<'a>) -> Result<Packet<'a>, Refused> {
    Ok(match info.packet_type {
        publish if publish & 0xF0 == packet_type::PUBLISH => {
            Packet::Publish(rtos::deserialize_publish(info, MAX_PACKET_SIZE, u16::MAX).map_err(Refused::debug)?)
        }
        packet_type::CONNACK => {
            let client = ClientSettings { max_packet_size: MAX_PACKET_SIZE, request_response_info: true };
            Packet::ConnAck(rtos::deserialize_connack(info, &client).map_err(Refused::debug)?)
        }
        packet_type::DISCONNECT => {
            Packet::Disconnect(rtos::deserialize_disconnect(info, MAX_PACKET_SIZE).map_err(Refused::debug)?)
        }
        first => {
            let limits = Limits { max_packet_size: MAX_PACKET_SIZE, request_problem_info: true };
            Packet::Ack(first, rtos::deserialize_ack(info, &limits).map_err(Refused::debug)?)
        }
    })
}

#[inline]
fn publish(free: &mut [u8], p: &PublishBuf, properties: &[u8]) -> Result<usize, Refused> {
    let outgoing = OutgoingPublish {
        qos: their_qos(p.qos),
        dup: p.dup,
        retain: p.retain,
        topic_name: p.topic.as_bytes(),
        payload: &p.payload,
        properties,
    };
    let len = rtos::publish_packet_size(&outgoing, MAX_PACKET_SIZE).map_err(Refused::debug)?.remaining_length;
    rtos::serialize_publish(free, &outgoing, p.packet_id.unwrap_or(0), len).map_err(Refused::debug)
}

#[inline]
fn connect(free: &mut [u8], p: &ConnectBuf, properties: &[u8], will_properties: &[u8]) -> Result<usize, Refused> {
    let outgoing = Connect {
        info: ConnectInfo {
            clean_session: p.clean_start,
            keep_alive_seconds: p.keep_alive,
            username: p.user_name.as_deref().map(str::as_bytes),
            password: p.password.as_deref(),
        },
        client_identifier: p.client_id.as_bytes(),
        properties,
        will: p.will.as_ref().map(|will| Will {
            info: WillInfo { qos: their_qos(will.qos), retain: will.retain },
            topic_name: will.topic.as_bytes(),
            payload: &will.payload,
            properties: will_properties,
        }),
    };
    let len = rtos::connect_packet_size(&outgoing).map_err(Refused::debug)?.remaining_length;
    rtos::serialize_connect(free, &outgoing, len).map_err(Refused::debug)
}

fn qos(qos: rtos::QoS) -> QoS {
    match qos {
        rtos::QoS::AtMostOnce => QoS::AtMostOnce,
        rtos::QoS::AtLeastOnce => QoS::AtLeastOnce,
        rtos::QoS::ExactlyOnce => QoS::ExactlyOnce,
    }
}

#[inline]
fn their_qos(qos: QoS) -> rtos::QoS {
    match qos {
        QoS::AtMostOnce => rtos::QoS::AtMostOnce,
        QoS::AtLeastOnce => rtos::QoS::AtLeastOnce,
        QoS::ExactlyOnce => rtos::QoS::ExactlyOnce,
    }
}

fn acknowledged(first: u8, ack: &AckInfo<'_>) -> Result<PacketBuf, Refused> {
    let packet_id = ack.packet_id.unwrap_or(0);
    let properties = properties(ack.properties)?;
    let codes = || ack.reason_codes.iter().map(|&code| ReasonCode(code)).collect();
    let published = |properties| AckBuf {
        packet_id,
        reason_code: ReasonCode(ack.reason_codes.first().copied().unwrap_or(0)),
        properties,
    };
    Ok(match first {
        packet_type::PUBACK => PacketBuf::PubAck(published(properties)),
        packet_type::PUBREC => PacketBuf::PubRec(published(properties)),
        packet_type::PUBREL => PacketBuf::PubRel(published(properties)),
        packet_type::PUBCOMP => PacketBuf::PubComp(published(properties)),
        packet_type::SUBACK => PacketBuf::SubAck(SubAckBuf { packet_id, properties, reason_codes: codes() }),
        packet_type::UNSUBACK => PacketBuf::UnsubAck(UnsubAckBuf { packet_id, properties, reason_codes: codes() }),
        packet_type::PINGRESP => PacketBuf::PingResp,
        other => return Err(Refused::from(format!("an acknowledgement that begins with {other:#04X}"))),
    })
}

/// The property section of a packet, read with the crate's own reader.
fn properties(section: &[u8]) -> Result<Vec<PropertyBuf>, Refused> {
    let mut reader = PropertyReader::new(section, section.len() as u32);
    let mut list = Vec::new();
    while reader.remaining() > 0 {
        let id = reader.property_id().map_err(Refused::debug)?;
        let id = PropertyId::from_value(u32::from(id)).ok_or_else(|| Refused::from("unknown property"))?;
        let mut used = false;
        let value = match id.property_type() {
            PropertyType::Byte => reader.u8(&mut used).map(ValueBuf::Byte),
            PropertyType::TwoByteInteger => reader.u16(&mut used).map(ValueBuf::TwoByteInteger),
            PropertyType::FourByteInteger => reader.u32(&mut used).map(ValueBuf::FourByteInteger),
            PropertyType::VariableByteInteger => reader.variable_length().map(ValueBuf::VariableByteInteger),
            PropertyType::BinaryData => reader.utf8(&mut used).map(|bytes| ValueBuf::BinaryData(bytes.to_vec())),
            PropertyType::Utf8String => {
                let bytes = reader.utf8(&mut used).map_err(Refused::debug)?;
                Ok(ValueBuf::Utf8String(convert::text(bytes)?))
            }
            PropertyType::Utf8StringPair => {
                let (name, value) = reader.user_property().map_err(Refused::debug)?;
                Ok(ValueBuf::Utf8StringPair(convert::text(name)?, convert::text(value)?))
            }
        };
        list.push(PropertyBuf { id, value: value.map_err(Refused::debug)? });
    }
    Ok(list)
}

fn subscriptions(p: &SubscribeBuf) -> Vec<Subscription<'_>> {
    (p.filters.iter())
        .map(|entry| Subscription {
            topic_filter: entry.filter.as_bytes(),
            qos: their_qos(entry.options.qos),
            no_local: entry.options.no_local,
            retain_as_published: entry.options.retain_as_published,
            retain_handling: match entry.options.retain_handling {
                mqttspec_codec::RetainHandling::SendAtSubscribe => rtos::RetainHandling::OnSubscribe,
                mqttspec_codec::RetainHandling::SendIfNew => rtos::RetainHandling::OnSubscribeIfNew,
                mqttspec_codec::RetainHandling::DoNotSend => rtos::RetainHandling::Never,
            },
        })
        .collect()
}

fn filters(p: &UnsubscribeBuf) -> Vec<Subscription<'_>> {
    (p.filters.iter())
        .map(|filter| Subscription {
            topic_filter: filter.as_bytes(),
            qos: rtos::QoS::AtMostOnce,
            no_local: false,
            retain_as_published: false,
            retain_handling: rtos::RetainHandling::default(),
        })
        .collect()
}
