//! mqtt5-protocol: decodes from any `Buf` into packets that own their strings; properties go into a hash map.

use bytes::{Buf as _, Bytes, BytesMut};
use mqtt5_protocol::packet::MqttPacket;
use mqtt5_protocol::packet::pingreq::PingReqPacket;
use mqtt5_protocol::packet::pingresp::PingRespPacket;
use mqtt5_protocol::packet::publish::PublishPacket;
use mqtt5_protocol::packet::subscribe::TopicFilter;
use mqtt5_protocol::{FixedHeader, Packet, Properties, PropertyValue, QoS as TheirQos, ReasonCode as TheirCode};
use mqttspec_bench::{Codec, Refused};
use mqttspec_codec::{
    AckBuf, AuthBuf, ConnAckBuf, ConnectBuf, DisconnectBuf, PacketBuf, PacketType, PropertyBuf, PropertyId,
    ProtocolVersion, PublishBuf, QoS, ReasonCode, RetainHandling, SubAckBuf, SubscribeBuf, SubscriptionBuf,
    SubscriptionOptions, UnsubAckBuf, UnsubscribeBuf, ValueBuf, WillBuf,
};

use super::convert::wire;

/// mqtt5-protocol.
#[derive(Debug)]
pub struct Mqtt5Protocol;

impl Codec for Mqtt5Protocol {
    const NAME: &'static str = "mqtt5-protocol 0.16.2";
    const LAX: &'static [&'static str] = &[
        "properties that do not belong to the packet pass, and so do values out of range",
        "Packet Identifiers of 0 pass, wildcards in Topic Names, and bytes behind the end of most packets",
        "the order of properties is lost",
    ];

    type Packet<'a> = Packet;
    type Input = BytesMut;
    type Output = BytesMut;
    type Typed<'p> = Packet;

    fn decodes(version: ProtocolVersion, packet: PacketType) -> bool {
        version != ProtocolVersion::V3_1 && packet.exists_in(version)
    }

    /// Its decoders take a fixed header and a body; where the packet ends is the caller's business. A body of `Bytes`
    /// spares it the copy of the payload.
    #[inline]
    fn next(version: ProtocolVersion, input: &mut BytesMut) -> Result<Option<Packet>, Refused> {
        let Some((header, mut body)) = split(input)? else { return Ok(None) };
        let level = version.protocol_level();
        Ok(Some(Packet::decode_from_body_with_version(header.packet_type, &header, &mut body, level)?))
    }

    #[inline]
    fn lend_next(version: ProtocolVersion, input: &mut BytesMut, seen: impl FnOnce(&Packet)) -> Result<bool, Refused> {
        let Some((header, mut body)) = split(input)? else { return Ok(false) };
        let level = version.protocol_level();
        match &Packet::decode_from_body_with_version(header.packet_type, &header, &mut body, level) {
            Ok(packet) => {
                seen(packet);
                Ok(true)
            }
            Err(error) => Err(Refused::from(error)),
        }
    }

    fn to_packet(version: ProtocolVersion, packet: Packet) -> Result<PacketBuf, Refused> {
        Ok(decoded(version, packet))
    }

    fn typed(version: ProtocolVersion, packet: &PacketBuf) -> Option<Packet> {
        Self::next(version, &mut wire(version, packet)?).ok()?
    }

    /// Writes a PUBLISH with the function that needs no vector for its body; there is none for other packets.
    #[inline]
    fn encode(_version: ProtocolVersion, packet: &Packet, out: &mut BytesMut) -> Result<(), Refused> {
        match packet {
            Packet::Publish(p) => return publish(p, out),
            Packet::Connect(p) => p.encode(out),
            Packet::ConnAck(p) => p.encode(out),
            Packet::PubAck(p) => p.encode(out),
            Packet::PubRec(p) => p.encode(out),
            Packet::PubRel(p) => p.encode(out),
            Packet::PubComp(p) => p.encode(out),
            Packet::Subscribe(p) => p.encode(out),
            Packet::SubAck(p) => p.encode(out),
            Packet::Unsubscribe(p) => p.encode(out),
            Packet::UnsubAck(p) => p.encode(out),
            Packet::PingReq => PingReqPacket::default().encode(out),
            Packet::PingResp => PingRespPacket::default().encode(out),
            Packet::Disconnect(p) => p.encode(out),
            Packet::Auth(p) => p.encode(out),
        }?;
        Ok(())
    }
}

/// The fixed header and the body of the packet that comes first, unless it has not come completely.
#[inline]
fn split(input: &mut BytesMut) -> Result<Option<(FixedHeader, Bytes)>, Refused> {
    let Some(header_len) = header_len(input) else { return Ok(None) };
    let header = FixedHeader::decode(&mut &input[..header_len])?;
    let len = header_len + header.remaining_length as usize;
    if input.len() < len {
        return Ok(None);
    }
    let mut body = input.split_to(len).freeze();
    body.advance(header_len);
    Ok(Some((header, body)))
}

/// The length of the fixed header, unless it has not come completely. One that is too long is left to the decoder.
#[inline]
fn header_len(bytes: &[u8]) -> Option<usize> {
    let last = bytes.iter().skip(1).take(4).position(|byte| byte & 0x80 == 0);
    last.map(|at| at + 2).or((bytes.len() >= 5).then_some(5))
}

#[inline]
fn publish(packet: &PublishPacket, out: &mut BytesMut) -> Result<(), Refused> {
    let len = packet.body_encoded_size();
    out.reserve(5 + len);
    FixedHeader::new(packet.packet_type(), packet.flags(), len as u32).encode(out)?;
    Ok(packet.encode_body_direct(out)?)
}

fn qos(qos: TheirQos) -> QoS {
    match qos {
        TheirQos::AtMostOnce => QoS::AtMostOnce,
        TheirQos::AtLeastOnce => QoS::AtLeastOnce,
        TheirQos::ExactlyOnce => QoS::ExactlyOnce,
    }
}

fn decoded(version: ProtocolVersion, packet: Packet) -> PacketBuf {
    macro_rules! ack {
        ($p:ident) => {
            AckBuf {
                packet_id: $p.packet_id,
                reason_code: ReasonCode($p.reason_code.into()),
                properties: properties(&$p.properties),
            }
        };
    }
    macro_rules! codes {
        ($p:ident) => {
            $p.reason_codes.iter().map(|&code| ReasonCode(code as u8)).collect()
        };
    }
    match packet {
        Packet::Connect(p) => PacketBuf::Connect(ConnectBuf {
            version,
            clean_start: p.clean_start,
            keep_alive: p.keep_alive,
            properties: properties(&p.properties),
            client_id: p.client_id,
            will: p.will.map(|will| WillBuf {
                qos: qos(will.qos),
                retain: will.retain,
                properties: properties(&p.will_properties),
                topic: will.topic,
                payload: will.payload,
            }),
            user_name: p.username,
            password: p.password,
        }),
        Packet::ConnAck(p) => PacketBuf::ConnAck(ConnAckBuf {
            session_present: p.session_present,
            reason_code: if version.has_properties() {
                ReasonCode(p.reason_code.into())
            } else {
                return_code(p.reason_code)
            },
            properties: properties(&p.properties),
        }),
        Packet::Publish(p) => PacketBuf::Publish(PublishBuf {
            dup: p.dup,
            qos: qos(p.qos),
            retain: p.retain,
            topic: p.topic_name,
            packet_id: p.packet_id,
            properties: properties(&p.properties),
            payload: p.payload.to_vec(),
        }),
        Packet::PubAck(p) => PacketBuf::PubAck(ack!(p)),
        Packet::PubRec(p) => PacketBuf::PubRec(ack!(p)),
        Packet::PubRel(p) => PacketBuf::PubRel(ack!(p)),
        Packet::PubComp(p) => PacketBuf::PubComp(ack!(p)),
        Packet::Subscribe(p) => PacketBuf::Subscribe(SubscribeBuf {
            packet_id: p.packet_id,
            properties: properties(&p.properties),
            filters: p.filters.into_iter().map(subscription).collect(),
        }),
        Packet::SubAck(p) => PacketBuf::SubAck(SubAckBuf {
            packet_id: p.packet_id,
            properties: properties(&p.properties),
            reason_codes: codes!(p),
        }),
        Packet::Unsubscribe(p) => PacketBuf::Unsubscribe(UnsubscribeBuf {
            packet_id: p.packet_id,
            properties: properties(&p.properties),
            filters: p.filters,
        }),
        Packet::UnsubAck(p) => PacketBuf::UnsubAck(UnsubAckBuf {
            packet_id: p.packet_id,
            properties: properties(&p.properties),
            reason_codes: codes!(p),
        }),
        Packet::PingReq => PacketBuf::PingReq,
        Packet::PingResp => PacketBuf::PingResp,
        Packet::Disconnect(p) => PacketBuf::Disconnect(DisconnectBuf {
            reason_code: ReasonCode(p.reason_code.into()),
            properties: properties(&p.properties),
        }),
        Packet::Auth(p) => PacketBuf::Auth(AuthBuf {
            reason_code: ReasonCode(p.reason_code.into()),
            properties: properties(&p.properties),
        }),
    }
}

fn subscription(filter: TopicFilter) -> SubscriptionBuf {
    SubscriptionBuf {
        filter: filter.filter,
        options: SubscriptionOptions {
            qos: qos(filter.options.qos),
            no_local: filter.options.no_local,
            retain_as_published: filter.options.retain_as_published,
            retain_handling: RetainHandling::from_value(filter.options.retain_handling as u8).unwrap_or_default(),
        },
    }
}

/// It keeps the return codes of 3.1.1 as reason codes of 5.0.
fn return_code(code: TheirCode) -> ReasonCode {
    match code {
        TheirCode::UnsupportedProtocolVersion => ReasonCode(1),
        TheirCode::ClientIdentifierNotValid => ReasonCode(2),
        TheirCode::ServerUnavailable => ReasonCode(3),
        TheirCode::BadUsernameOrPassword => ReasonCode(4),
        TheirCode::NotAuthorized => ReasonCode(5),
        other => ReasonCode(other.into()),
    }
}

fn properties(properties: &Properties) -> Vec<PropertyBuf> {
    let property = |(id, value): (mqtt5_protocol::PropertyId, &PropertyValue)| {
        let value = match value {
            PropertyValue::Byte(v) => ValueBuf::Byte(*v),
            PropertyValue::TwoByteInteger(v) => ValueBuf::TwoByteInteger(*v),
            PropertyValue::FourByteInteger(v) => ValueBuf::FourByteInteger(*v),
            PropertyValue::VariableByteInteger(v) => ValueBuf::VariableByteInteger(*v),
            PropertyValue::BinaryData(v) => ValueBuf::BinaryData(v.to_vec()),
            PropertyValue::Utf8String(v) => ValueBuf::Utf8String(v.clone()),
            PropertyValue::Utf8StringPair(name, value) => ValueBuf::Utf8StringPair(name.clone(), value.clone()),
        };
        PropertyId::from_value(id as u32).map(|id| PropertyBuf { id, value })
    };
    properties.iter().filter_map(property).collect()
}
