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

/// A packet that a client sends, with its properties as the crate's builder would have written them.
#[derive(Debug)]
pub enum Typed<'p> {
    /// CONNECT; the last is the properties of the Will.
    Connect(&'p ConnectBuf, Vec<u8>, Vec<u8>),
    /// PUBLISH.
    Publish(&'p PublishBuf, Vec<u8>),
    /// PUBACK, PUBREC, PUBREL or PUBCOMP, by its first byte.
    Ack(u8, &'p AckBuf, Vec<u8>),
    /// SUBSCRIBE.
    Subscribe(u16, Vec<Subscription<'p>>, Vec<u8>),
    /// UNSUBSCRIBE.
    Unsubscribe(u16, Vec<Subscription<'p>>, Vec<u8>),
    /// PINGREQ.
    PingReq,
    /// DISCONNECT.
    Disconnect(&'p DisconnectBuf, Vec<u8>),
}

/// A fixed piece of memory, and how far it is written.
#[derive(Debug)]
pub struct Slab {
    bytes: Vec<u8>,
    at: usize,
}

impl Default for Slab {
    fn default() -> Self {
        Self { bytes: vec![0; 256 * 1024], at: 0 }
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
        "properties are checked and left unparsed; they are encoded from bytes that were built before",
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
            PacketBuf::Connect(p) => {
                let will = p.will.as_ref().map(|will| section(&will.properties)).unwrap_or_default();
                Typed::Connect(p, section(&p.properties), will)
            }
            PacketBuf::Publish(p) => Typed::Publish(p, section(&p.properties)),
            PacketBuf::PubAck(p) => Typed::Ack(packet_type::PUBACK, p, section(&p.properties)),
            PacketBuf::PubRec(p) => Typed::Ack(packet_type::PUBREC, p, section(&p.properties)),
            PacketBuf::PubRel(p) => Typed::Ack(packet_type::PUBREL, p, section(&p.properties)),
            PacketBuf::PubComp(p) => Typed::Ack(packet_type::PUBCOMP, p, section(&p.properties)),
            PacketBuf::Subscribe(p) => Typed::Subscribe(p.packet_id, subscriptions(p), section(&p.properties)),
            PacketBuf::Unsubscribe(p) => Typed::Unsubscribe(p.packet_id, filters(p), section(&p.properties)),
            PacketBuf::PingReq => Typed::PingReq,
            PacketBuf::Disconnect(p) => Typed::Disconnect(p, section(&p.properties)),
            _ => return None,
        })
    }

    #[inline]
    fn encode(_version: ProtocolVersion, packet: &Typed<'_>, out: &mut Slab) -> Result<(), Refused> {
        let free = &mut out.bytes[out.at..];
        out.at += match packet {
            Typed::Publish(p, properties) => publish(free, p, properties)?,
            Typed::Connect(p, properties, will_properties) => connect(free, p, properties, will_properties)?,
            Typed::Ack(first, p, properties) => {
                // The short form is what a reason code of "success" and no properties are for.
                let code = (p.reason_code != ReasonCode::SUCCESS || !properties.is_empty()).then_some(p.reason_code.0);
                rtos::serialize_ack(free, *first, p.packet_id, code, properties).map_err(Refused::debug)?
            }
            Typed::Subscribe(id, list, properties) => {
                let lengths = list.iter().map(|entry| entry.topic_filter.len());
                let size =
                    rtos::list_packet_size(ListPacket::Subscribe, lengths, properties.len() as u32, MAX_PACKET_SIZE);
                let len = size.map_err(Refused::debug)?.remaining_length;
                rtos::serialize_subscribe(free, list, properties, *id, len).map_err(Refused::debug)?
            }
            Typed::Unsubscribe(id, list, properties) => {
                let lengths = list.iter().map(|entry| entry.topic_filter.len());
                let size =
                    rtos::list_packet_size(ListPacket::Unsubscribe, lengths, properties.len() as u32, MAX_PACKET_SIZE);
                let len = size.map_err(Refused::debug)?.remaining_length;
                rtos::serialize_unsubscribe(free, list, properties, *id, len).map_err(Refused::debug)?
            }
            Typed::PingReq => rtos::serialize_pingreq(free).map_err(Refused::debug)?,
            Typed::Disconnect(p, properties) => {
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

/// The properties as bytes, without their length.
fn section(properties: &[PropertyBuf]) -> Vec<u8> {
    // AUTH is a reason code and its properties.
    let carrier = PacketBuf::Auth(mqttspec_codec::AuthBuf {
        reason_code: ReasonCode::CONTINUE_AUTHENTICATION,
        properties: properties.to_vec(),
    });
    let bytes = carrier.encode(ProtocolVersion::V5_0).unwrap_or_default();
    let skip = |at: usize| at + bytes[at..].iter().position(|byte| byte & 0x80 == 0).map_or(0, |last| last + 1);
    bytes[skip(skip(1) + 1)..].to_vec()
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
