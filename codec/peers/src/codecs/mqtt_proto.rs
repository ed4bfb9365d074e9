//! mqtt-proto: decodes slices into packets that own their fields, in `Arc<str>` and `Bytes`.

use std::borrow::Cow;
use std::sync::Arc;

use mqtt_proto::{Encodable, PollHeader, QoS as TheirQos, QosPid, VarBytes, total_len, v3, v5};
use mqttspec_bench::{Codec, Cursor, Input, Output, Refused};
use mqttspec_codec::{
    AckBuf, AuthBuf, ConnAckBuf, ConnectBuf, DisconnectBuf, PacketBuf, PacketType, PropertyBuf, PropertyId,
    PropertyType, ProtocolVersion, PublishBuf, QoS, ReasonCode, RetainHandling, SubAckBuf, SubscribeBuf,
    SubscriptionBuf, SubscriptionOptions, UnsubAckBuf, UnsubscribeBuf, ValueBuf, WillBuf,
};

use super::convert::wire;
use super::fields::{Field, Fields, integer};

/// mqtt-proto, 3.1.1.
#[derive(Debug)]
pub struct V3;

/// mqtt-proto, 5.0.
#[derive(Debug)]
pub struct V5;

/// The bodies of mqtt-proto, 3.1.1, with a fixed header from here.
#[derive(Debug)]
pub struct FramedV3;

/// The bodies of mqtt-proto, 5.0, with a fixed header from here.
#[derive(Debug)]
pub struct FramedV5;

/// What mqtt-proto writes: an array or a vector for each packet.
#[derive(Debug, Default)]
pub struct Packets(Vec<VarBytes>);

impl Output for Packets {
    fn clear(&mut self) {
        self.0.clear();
    }

    fn as_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Owned(self.0.iter().flat_map(|packet| packet.as_ref()).copied().collect())
    }
}

/// The functions of one of its modules.
macro_rules! version {
    ($entrant:ident: $version:ident, $codec:ident, $to_packet:ident, $name:literal, $output:ty, $framed:literal, $encode:expr) => {
        impl Codec for $entrant {
            const NAME: &'static str = concat!("mqtt-proto 0.4.0 (", stringify!($codec), ")", $name);
            const LAX: &'static [&'static str] = if $framed { &[] } else { LAX };
            const ENCODES_ONLY: bool = $framed;

            type Packet<'a> = $codec::Packet;
            type Input = Cursor;
            type Output = $output;
            type Typed<'p> = $codec::Packet;

            fn decodes(version: ProtocolVersion, packet: PacketType) -> bool {
                !$framed && version == ProtocolVersion::$version && packet.exists_in(version)
            }

            #[inline]
            fn next(_version: ProtocolVersion, input: &mut Cursor) -> Result<Option<$codec::Packet>, Refused> {
                next::<$codec::Header>(input)
            }

            #[inline]
            fn lend_next(
                _version: ProtocolVersion,
                input: &mut Cursor,
                seen: impl FnOnce(&$codec::Packet),
            ) -> Result<bool, Refused> {
                let Some((header, body)) = split::<$codec::Header>(input)? else { return Ok(false) };
                match &decode(header, body) {
                    Ok(packet) => {
                        seen(packet);
                        Ok(true)
                    }
                    Err(error) => Err(Refused::from(error)),
                }
            }

            fn to_packet(_version: ProtocolVersion, packet: $codec::Packet) -> Result<PacketBuf, Refused> {
                $to_packet(packet)
            }

            fn typed(version: ProtocolVersion, packet: &PacketBuf) -> Option<$codec::Packet> {
                if version != ProtocolVersion::$version {
                    return None;
                }
                Self::next(version, &mut Cursor::load(&wire(version, packet)?)).ok()?
            }

            #[inline]
            fn encode(_version: ProtocolVersion, packet: &$codec::Packet, out: &mut $output) -> Result<(), Refused> {
                $encode(packet, out)
            }
        }
    };
}

const LAX: &[&str] = &[
    "bytes behind the end of most packets pass, and so do Variable Byte Integers longer than need be",
    "NUL passes in strings other than topics",
    "a PUBLISH with several Subscription Identifiers is refused",
];

version!(V3: V3_1_1, v3, v3_packet, "", Packets, false, |packet: &v3::Packet, out: &mut Packets| {
    out.0.push(packet.encode()?);
    Ok(())
});
version!(V5: V5_0, v5, v5_packet, "", Packets, false, |packet: &v5::Packet, out: &mut Packets| {
    out.0.push(packet.encode()?);
    Ok(())
});
version!(FramedV3: V3_1_1, v3, v3_packet, ", framed by us", Vec<u8>, true, encode_v3);
version!(FramedV5: V5_0, v5, v5_packet, ", framed by us", Vec<u8>, true, encode_v5);

#[inline]
fn next<H>(input: &mut Cursor) -> Result<Option<H::Packet>, Refused>
where
    H: PollHeader,
    Refused: From<H::Error>,
{
    let Some((header, body)) = split::<H>(input)? else { return Ok(None) };
    Ok(Some(decode(header, body)?))
}

/// The way that its own functions go once a packet is in memory.
#[inline]
fn decode<H: PollHeader>(header: H, body: &[u8]) -> Result<H::Packet, H::Error> {
    if let Some(empty) = header.build_empty_packet() {
        return Ok(empty);
    }
    if body.is_empty() {
        return Err(mqtt_proto::Error::InvalidRemainingLength.into());
    }
    header.decode_buffer(body, &mut 0)
}

/// The fixed header and the body of the packet that comes first. Its own loops over the fixed header read from an
/// asynchronous stream, one byte at a time.
#[inline]
fn split<H>(input: &mut Cursor) -> Result<Option<(H, &[u8])>, Refused>
where
    H: PollHeader,
    Refused: From<H::Error>,
{
    let unread = input.unread();
    let Some(&control_byte) = unread.first() else { return Ok(None) };
    let (mut remaining, mut shift, mut at) = (0, 0, 1);
    loop {
        let Some(&byte) = unread.get(at) else { return Ok(None) };
        remaining |= u32::from(byte & 0x7F) << shift;
        at += 1;
        if byte & 0x80 == 0 {
            break;
        }
        shift += 7;
        if shift > 21 {
            return Err(H::Error::from(mqtt_proto::Error::InvalidVarByteInt).into());
        }
    }
    let total = at + remaining as usize;
    let Some(packet) = input.take(total) else { return Ok(None) };
    Ok(Some((H::new_with(control_byte, remaining, total as u32)?, &packet[at..])))
}

/// Its `Packet::encode` makes a new vector for most packets. Its bodies write into any vector, which makes a fast encoder
/// with a fixed header that is not its own: shown beside it, and not taken for it.
#[inline]
fn body(control_byte: u8, body: &impl Encodable, out: &mut Vec<u8>) -> Result<(), Refused> {
    let len = body.encode_len();
    out.reserve(total_len(len)?);
    out.push(control_byte);
    let mut rest = len;
    while rest > 0x7F {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
    Ok(body.encode(out)?)
}

#[inline]
fn publish_flags(dup: bool, qos: QosPid, retain: bool) -> u8 {
    0x30 | u8::from(dup) << 3 | (qos.qos() as u8) << 1 | u8::from(retain)
}

#[inline]
fn encode_v3(packet: &v3::Packet, out: &mut Vec<u8>) -> Result<(), Refused> {
    match packet {
        v3::Packet::Publish(p) => body(publish_flags(p.dup, p.qos_pid, p.retain), p, out),
        v3::Packet::Connect(p) => body(0x10, p, out),
        v3::Packet::Subscribe(p) => body(0x82, p, out),
        v3::Packet::Suback(p) => body(0x90, p, out),
        v3::Packet::Unsubscribe(p) => body(0xA2, p, out),
        // The rest comes as an array.
        short => {
            out.extend_from_slice(short.encode()?.as_ref());
            Ok(())
        }
    }
}

#[inline]
fn encode_v5(packet: &v5::Packet, out: &mut Vec<u8>) -> Result<(), Refused> {
    match packet {
        v5::Packet::Publish(p) => body(publish_flags(p.dup, p.qos_pid, p.retain), p, out),
        v5::Packet::Connect(p) => body(0x10, p, out),
        v5::Packet::Connack(p) => body(0x20, p, out),
        v5::Packet::Puback(p) => body(0x40, p, out),
        v5::Packet::Pubrec(p) => body(0x50, p, out),
        v5::Packet::Pubrel(p) => body(0x62, p, out),
        v5::Packet::Pubcomp(p) => body(0x70, p, out),
        v5::Packet::Subscribe(p) => body(0x82, p, out),
        v5::Packet::Suback(p) => body(0x90, p, out),
        v5::Packet::Unsubscribe(p) => body(0xA2, p, out),
        v5::Packet::Unsuback(p) => body(0xB0, p, out),
        v5::Packet::Disconnect(p) => body(0xE0, p, out),
        v5::Packet::Auth(p) => body(0xF0, p, out),
        short @ (v5::Packet::Pingreq | v5::Packet::Pingresp) => {
            out.extend_from_slice(short.encode()?.as_ref());
            Ok(())
        }
    }
}

impl Field for TheirQos {
    fn value(&self, _: PropertyType) -> ValueBuf {
        ValueBuf::Byte(*self as u8)
    }
}

impl Field for mqtt_proto::TopicName {
    fn value(&self, kind: PropertyType) -> ValueBuf {
        (**self).value(kind)
    }
}

impl Field for v5::VarByteInt {
    fn value(&self, kind: PropertyType) -> ValueBuf {
        integer(v5::VarByteInt::value(*self), kind)
    }
}

fn qos(qos: TheirQos) -> QoS {
    match qos {
        TheirQos::Level0 => QoS::AtMostOnce,
        TheirQos::Level1 => QoS::AtLeastOnce,
        TheirQos::Level2 => QoS::ExactlyOnce,
    }
}

fn v3_packet(packet: v3::Packet) -> Result<PacketBuf, Refused> {
    let ack =
        |id: mqtt_proto::Pid| AckBuf { packet_id: id.value(), reason_code: ReasonCode::SUCCESS, properties: vec![] };
    Ok(match packet {
        v3::Packet::Connect(p) => PacketBuf::Connect(ConnectBuf {
            version: ProtocolVersion::V3_1_1,
            clean_start: p.clean_session,
            keep_alive: p.keep_alive,
            properties: vec![],
            client_id: p.client_id.to_string(),
            will: p.last_will.map(|will| WillBuf {
                qos: qos(will.qos),
                retain: will.retain,
                properties: vec![],
                topic: will.topic_name.to_string(),
                payload: will.message.to_vec(),
            }),
            user_name: p.username.map(|name| name.to_string()),
            password: p.password.map(|password| password.to_vec()),
        }),
        v3::Packet::Connack(p) => PacketBuf::ConnAck(ConnAckBuf {
            session_present: p.session_present,
            reason_code: ReasonCode(p.code as u8),
            properties: vec![],
        }),
        v3::Packet::Publish(p) => PacketBuf::Publish(PublishBuf {
            dup: p.dup,
            qos: qos(p.qos_pid.qos()),
            retain: p.retain,
            topic: p.topic_name.to_string(),
            packet_id: p.qos_pid.pid().map(|id| id.value()),
            properties: vec![],
            payload: p.payload.to_vec(),
        }),
        v3::Packet::Puback(id) => PacketBuf::PubAck(ack(id)),
        v3::Packet::Pubrec(id) => PacketBuf::PubRec(ack(id)),
        v3::Packet::Pubrel(id) => PacketBuf::PubRel(ack(id)),
        v3::Packet::Pubcomp(id) => PacketBuf::PubComp(ack(id)),
        v3::Packet::Subscribe(p) => PacketBuf::Subscribe(SubscribeBuf {
            packet_id: p.pid.value(),
            properties: vec![],
            filters: (p.topics.iter())
                .map(|(filter, level)| SubscriptionBuf {
                    filter: filter.to_string(),
                    options: SubscriptionOptions::with_qos(qos(*level)),
                })
                .collect(),
        }),
        v3::Packet::Suback(p) => PacketBuf::SubAck(SubAckBuf {
            packet_id: p.pid.value(),
            properties: vec![],
            reason_codes: (p.topics.iter())
                .map(|code| match code {
                    v3::SubscribeReturnCode::MaxLevel0 => ReasonCode(0),
                    v3::SubscribeReturnCode::MaxLevel1 => ReasonCode(1),
                    v3::SubscribeReturnCode::MaxLevel2 => ReasonCode(2),
                    v3::SubscribeReturnCode::Failure => ReasonCode(0x80),
                })
                .collect(),
        }),
        v3::Packet::Unsubscribe(p) => PacketBuf::Unsubscribe(UnsubscribeBuf {
            packet_id: p.pid.value(),
            properties: vec![],
            filters: p.topics.iter().map(ToString::to_string).collect(),
        }),
        v3::Packet::Unsuback(id) => {
            PacketBuf::UnsubAck(UnsubAckBuf { packet_id: id.value(), properties: vec![], reason_codes: vec![] })
        }
        v3::Packet::Pingreq => PacketBuf::PingReq,
        v3::Packet::Pingresp => PacketBuf::PingResp,
        v3::Packet::Disconnect => PacketBuf::Disconnect(DisconnectBuf::default()),
    })
}

fn v5_packet(packet: v5::Packet) -> Result<PacketBuf, Refused> {
    use PropertyId::*;
    macro_rules! ack {
        ($p:ident) => {
            AckBuf {
                packet_id: $p.pid.value(),
                reason_code: ReasonCode($p.reason_code as u8),
                properties: reasons(&$p.properties.reason_string, &$p.properties.user_properties),
            }
        };
    }
    Ok(match packet {
        v5::Packet::Connect(p) => PacketBuf::Connect(connect(p)),
        v5::Packet::Connack(p) => PacketBuf::ConnAck(conn_ack(&p)),
        v5::Packet::Publish(p) => PacketBuf::Publish(PublishBuf {
            dup: p.dup,
            qos: qos(p.qos_pid.qos()),
            retain: p.retain,
            topic: p.topic_name.to_string(),
            packet_id: p.qos_pid.pid().map(|id| id.value()),
            properties: user(&p.properties.user_properties)
                .some(PayloadFormatIndicator, &p.properties.payload_is_utf8)
                .some(MessageExpiryInterval, &p.properties.message_expiry_interval)
                .some(TopicAlias, &p.properties.topic_alias)
                .some(ResponseTopic, &p.properties.response_topic)
                .some(CorrelationData, &p.properties.correlation_data)
                .some(SubscriptionIdentifier, &p.properties.subscription_id)
                .some(ContentType, &p.properties.content_type)
                .list(),
            payload: p.payload.to_vec(),
        }),
        v5::Packet::Puback(p) => PacketBuf::PubAck(ack!(p)),
        v5::Packet::Pubrec(p) => PacketBuf::PubRec(ack!(p)),
        v5::Packet::Pubrel(p) => PacketBuf::PubRel(ack!(p)),
        v5::Packet::Pubcomp(p) => PacketBuf::PubComp(ack!(p)),
        v5::Packet::Subscribe(p) => PacketBuf::Subscribe(SubscribeBuf {
            packet_id: p.pid.value(),
            properties: user(&p.properties.user_properties)
                .some(SubscriptionIdentifier, &p.properties.subscription_id)
                .list(),
            filters: (p.topics.iter())
                .map(|(filter, options)| SubscriptionBuf {
                    filter: filter.to_string(),
                    options: SubscriptionOptions {
                        qos: qos(options.max_qos),
                        no_local: options.no_local,
                        retain_as_published: options.retain_as_published,
                        retain_handling: RetainHandling::from_value(options.retain_handling as u8).unwrap_or_default(),
                    },
                })
                .collect(),
        }),
        v5::Packet::Suback(p) => PacketBuf::SubAck(SubAckBuf {
            packet_id: p.pid.value(),
            properties: reasons(&p.properties.reason_string, &p.properties.user_properties),
            reason_codes: p.topics.iter().map(|&code| ReasonCode(code as u8)).collect(),
        }),
        v5::Packet::Unsubscribe(p) => PacketBuf::Unsubscribe(UnsubscribeBuf {
            packet_id: p.pid.value(),
            properties: user(&p.properties.user_properties).list(),
            filters: p.topics.iter().map(ToString::to_string).collect(),
        }),
        v5::Packet::Unsuback(p) => PacketBuf::UnsubAck(UnsubAckBuf {
            packet_id: p.pid.value(),
            properties: reasons(&p.properties.reason_string, &p.properties.user_properties),
            reason_codes: p.topics.iter().map(|&code| ReasonCode(code as u8)).collect(),
        }),
        v5::Packet::Pingreq => PacketBuf::PingReq,
        v5::Packet::Pingresp => PacketBuf::PingResp,
        v5::Packet::Disconnect(p) => PacketBuf::Disconnect(DisconnectBuf {
            reason_code: ReasonCode(p.reason_code as u8),
            properties: user(&p.properties.user_properties)
                .some(SessionExpiryInterval, &p.properties.session_expiry_interval)
                .some(ReasonString, &p.properties.reason_string)
                .some(ServerReference, &p.properties.server_reference)
                .list(),
        }),
        v5::Packet::Auth(p) => PacketBuf::Auth(AuthBuf {
            reason_code: ReasonCode(p.reason_code as u8),
            properties: user(&p.properties.user_properties)
                .some(AuthenticationMethod, &p.properties.auth_method)
                .some(AuthenticationData, &p.properties.auth_data)
                .some(ReasonString, &p.properties.reason_string)
                .list(),
        }),
    })
}

fn connect(p: v5::Connect) -> ConnectBuf {
    use PropertyId::*;
    ConnectBuf {
        version: ProtocolVersion::V5_0,
        clean_start: p.clean_start,
        keep_alive: p.keep_alive,
        properties: user(&p.properties.user_properties)
            .some(SessionExpiryInterval, &p.properties.session_expiry_interval)
            .some(ReceiveMaximum, &p.properties.receive_max)
            .some(MaximumPacketSize, &p.properties.max_packet_size)
            .some(TopicAliasMaximum, &p.properties.topic_alias_max)
            .some(RequestResponseInformation, &p.properties.request_response_info)
            .some(RequestProblemInformation, &p.properties.request_problem_info)
            .some(AuthenticationMethod, &p.properties.auth_method)
            .some(AuthenticationData, &p.properties.auth_data)
            .list(),
        client_id: p.client_id.to_string(),
        will: p.last_will.map(|will| WillBuf {
            qos: qos(will.qos),
            retain: will.retain,
            properties: user(&will.properties.user_properties)
                .some(WillDelayInterval, &will.properties.delay_interval)
                .some(PayloadFormatIndicator, &will.properties.payload_is_utf8)
                .some(MessageExpiryInterval, &will.properties.message_expiry_interval)
                .some(ContentType, &will.properties.content_type)
                .some(ResponseTopic, &will.properties.response_topic)
                .some(CorrelationData, &will.properties.correlation_data)
                .list(),
            topic: will.topic_name.to_string(),
            payload: will.payload.to_vec(),
        }),
        user_name: p.username.map(|name| name.to_string()),
        password: p.password.map(|password| password.to_vec()),
    }
}

fn conn_ack(p: &v5::Connack) -> ConnAckBuf {
    use PropertyId::*;
    ConnAckBuf {
        session_present: p.session_present,
        reason_code: ReasonCode(p.reason_code as u8),
        properties: user(&p.properties.user_properties)
            .some(SessionExpiryInterval, &p.properties.session_expiry_interval)
            .some(ReceiveMaximum, &p.properties.receive_max)
            .some(MaximumQoS, &p.properties.max_qos)
            .some(RetainAvailable, &p.properties.retain_available)
            .some(MaximumPacketSize, &p.properties.max_packet_size)
            .some(AssignedClientIdentifier, &p.properties.assigned_client_id)
            .some(TopicAliasMaximum, &p.properties.topic_alias_max)
            .some(ReasonString, &p.properties.reason_string)
            .some(WildcardSubscriptionAvailable, &p.properties.wildcard_subscription_available)
            .some(SubscriptionIdentifierAvailable, &p.properties.subscription_id_available)
            .some(SharedSubscriptionAvailable, &p.properties.shared_subscription_available)
            .some(ServerKeepAlive, &p.properties.server_keep_alive)
            .some(ResponseInformation, &p.properties.response_info)
            .some(ServerReference, &p.properties.server_reference)
            .some(AuthenticationMethod, &p.properties.auth_method)
            .some(AuthenticationData, &p.properties.auth_data)
            .list(),
    }
}

fn user(properties: &[v5::UserProperty]) -> Fields {
    let pairs: Vec<_> = properties.iter().map(|p| (p.name.clone(), p.value.clone())).collect();
    Fields::default().user(&pairs)
}

fn reasons(reason_string: &Option<Arc<str>>, properties: &[v5::UserProperty]) -> Vec<PropertyBuf> {
    user(properties).some(PropertyId::ReasonString, reason_string).list()
}
