//! mqtt-protocol-core: parses the body of a packet; a PUBLISH shares its bytes with the payload, strings are copied.

use std::borrow::Cow;
use std::sync::Arc;

use mqtt_protocol_core::mqtt::packet::{
    GenericPacketTrait, Packet, Properties, Property, Qos, SubEntry, SubOpts, v3_1_1, v5_0,
};
use mqtt_protocol_core::mqtt::result_code::MqttError;
use mqttspec_bench::{Codec, Cursor, Input, Output, Refused};
use mqttspec_codec::{
    AckBuf, AuthBuf, ConnAckBuf, ConnectBuf, DisconnectBuf, PacketBuf, PacketType, PropertyBuf, PropertyId,
    ProtocolVersion, PublishBuf, QoS, ReasonCode, RetainHandling, SubAckBuf, SubscribeBuf, SubscriptionBuf,
    SubscriptionOptions, UnsubAckBuf, UnsubscribeBuf, WillBuf,
};

use super::convert::wire;
use super::fields::Fields;

/// mqtt-protocol-core, with its feature for short strings without an allocation.
#[derive(Debug)]
pub struct MqttProtocolCore;

/// The packet that it encoded last: each comes in a vector of its own, which is dropped once it has been sent.
#[derive(Debug, Default)]
pub struct Last(Vec<u8>);

impl Output for Last {
    fn clear(&mut self) {
        self.0.clear();
    }

    fn as_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.0)
    }
}

impl Codec for MqttProtocolCore {
    const NAME: &'static str = "mqtt-protocol-core 0.7.9";
    const LAX: &'static [&'static str] = &[
        "flags of packets other than PUBLISH, reserved flags of CONNECT and CONNACK, NUL and wildcards are not checked",
        "the adapter finds where a packet ends: its own way copies the packet first",
        "every packet is encoded into a vector of its own",
    ];

    type Packet<'a> = Packet;
    type Input = Cursor;
    type Output = Last;
    type Typed<'p> = Packet;

    fn decodes(version: ProtocolVersion, packet: PacketType) -> bool {
        version != ProtocolVersion::V3_1 && packet.exists_in(version)
    }

    #[inline]
    fn next(version: ProtocolVersion, input: &mut Cursor) -> Result<Option<Packet>, Refused> {
        let mut next = None;
        Self::lend_next(version, input, |packet| next = Some(packet.clone()))?;
        Ok(next)
    }

    #[inline]
    fn lend_next(version: ProtocolVersion, input: &mut Cursor, seen: impl FnOnce(&Packet)) -> Result<bool, Refused> {
        let Some((header_len, len)) = fixed_header(input.unread())? else { return Ok(false) };
        let Some(frame) = input.take(len) else { return Ok(false) };
        let (first, body) = (frame[0], &frame[header_len..]);
        if version == ProtocolVersion::V5_0 {
            parse_v5(first, body, seen)?;
        } else {
            parse_v3(first, body, seen)?;
        }
        Ok(true)
    }

    fn to_packet(_version: ProtocolVersion, packet: Packet) -> Result<PacketBuf, Refused> {
        decoded(packet)
    }

    fn typed(version: ProtocolVersion, packet: &PacketBuf) -> Option<Packet> {
        Self::next(version, &mut Cursor::load(&wire(version, packet)?)).ok()?
    }

    #[inline]
    fn encode(_version: ProtocolVersion, packet: &Packet, out: &mut Last) -> Result<(), Refused> {
        out.0 = packet.to_continuous_buffer();
        Ok(())
    }

    /// Its `to_buffers` lists everything by reference; what comes before the payload is put together here.
    #[inline]
    fn encode_parts<'t>(
        _version: ProtocolVersion,
        packet: &'t Packet,
        header: &mut Last,
    ) -> Option<Result<&'t [u8], Refused>> {
        let payload = match packet {
            Packet::V3_1_1Publish(p) => p.payload().as_slice(),
            Packet::V5_0Publish(p) => p.payload().as_slice(),
            _ => &[],
        };
        let buffers = packet.to_buffers();
        let before = buffers.len() - usize::from(!payload.is_empty());
        header.0.clear();
        buffers.iter().take(before).for_each(|piece| header.0.extend_from_slice(piece));
        Some(Ok(payload))
    }
}

/// The length of the fixed header and of the packet; no stricter than its own, which copies what it reads.
#[inline]
fn fixed_header(unread: &[u8]) -> Result<Option<(usize, usize)>, Refused> {
    let mut remaining = 0;
    for at in 0..4 {
        let Some(&byte) = unread.get(1 + at) else { return Ok(None) };
        remaining |= usize::from(byte & 0x7F) << (7 * at);
        if byte & 0x80 == 0 {
            return Ok(Some((2 + at, 2 + at + remaining)));
        }
    }
    Err(Refused::debug(MqttError::MalformedPacket))
}

/// As its connection does: the parser must use the whole body.
#[inline]
fn whole<P>(
    parsed: Result<(P, usize), impl std::fmt::Debug>,
    body: &[u8],
    seen: impl FnOnce(P),
) -> Result<(), Refused> {
    match parsed {
        Ok((packet, used)) if used == body.len() => {
            seen(packet);
            Ok(())
        }
        Ok(_) => Err(Refused::from("bytes left over")),
        Err(error) => Err(Refused::debug(error)),
    }
}

#[inline]
fn parse_v3(first: u8, body: &[u8], seen: impl FnOnce(&Packet)) -> Result<(), Refused> {
    use v3_1_1::*;
    match first >> 4 {
        1 => whole(Connect::parse(body), body, |packet| seen(&Packet::V3_1_1Connect(packet))),
        2 => whole(Connack::parse(body), body, |packet| seen(&Packet::V3_1_1Connack(packet))),
        3 => whole(Publish::parse(first & 0x0F, Arc::from(body)), body, |packet| seen(&Packet::V3_1_1Publish(packet))),
        4 => whole(Puback::parse(body), body, |packet| seen(&Packet::V3_1_1Puback(packet))),
        5 => whole(Pubrec::parse(body), body, |packet| seen(&Packet::V3_1_1Pubrec(packet))),
        6 => whole(Pubrel::parse(body), body, |packet| seen(&Packet::V3_1_1Pubrel(packet))),
        7 => whole(Pubcomp::parse(body), body, |packet| seen(&Packet::V3_1_1Pubcomp(packet))),
        8 => whole(Subscribe::parse(body), body, |packet| seen(&Packet::V3_1_1Subscribe(packet))),
        9 => whole(Suback::parse(body), body, |packet| seen(&Packet::V3_1_1Suback(packet))),
        10 => whole(Unsubscribe::parse(body), body, |packet| seen(&Packet::V3_1_1Unsubscribe(packet))),
        11 => whole(Unsuback::parse(body), body, |packet| seen(&Packet::V3_1_1Unsuback(packet))),
        12 => whole(Pingreq::parse(body), body, |packet| seen(&Packet::V3_1_1Pingreq(packet))),
        13 => whole(Pingresp::parse(body), body, |packet| seen(&Packet::V3_1_1Pingresp(packet))),
        14 => whole(Disconnect::parse(body), body, |packet| seen(&Packet::V3_1_1Disconnect(packet))),
        _ => Err(Refused::from("reserved packet type")),
    }
}

#[inline]
fn parse_v5(first: u8, body: &[u8], seen: impl FnOnce(&Packet)) -> Result<(), Refused> {
    use v5_0::*;
    match first >> 4 {
        1 => whole(Connect::parse(body), body, |packet| seen(&Packet::V5_0Connect(packet))),
        2 => whole(Connack::parse(body), body, |packet| seen(&Packet::V5_0Connack(packet))),
        3 => whole(Publish::parse(first & 0x0F, Arc::from(body)), body, |packet| seen(&Packet::V5_0Publish(packet))),
        4 => whole(Puback::parse(body), body, |packet| seen(&Packet::V5_0Puback(packet))),
        5 => whole(Pubrec::parse(body), body, |packet| seen(&Packet::V5_0Pubrec(packet))),
        6 => whole(Pubrel::parse(body), body, |packet| seen(&Packet::V5_0Pubrel(packet))),
        7 => whole(Pubcomp::parse(body), body, |packet| seen(&Packet::V5_0Pubcomp(packet))),
        8 => whole(Subscribe::parse(body), body, |packet| seen(&Packet::V5_0Subscribe(packet))),
        9 => whole(Suback::parse(body), body, |packet| seen(&Packet::V5_0Suback(packet))),
        10 => whole(Unsubscribe::parse(body), body, |packet| seen(&Packet::V5_0Unsubscribe(packet))),
        11 => whole(Unsuback::parse(body), body, |packet| seen(&Packet::V5_0Unsuback(packet))),
        12 => whole(Pingreq::parse(body), body, |packet| seen(&Packet::V5_0Pingreq(packet))),
        13 => whole(Pingresp::parse(body), body, |packet| seen(&Packet::V5_0Pingresp(packet))),
        14 => whole(Disconnect::parse(body), body, |packet| seen(&Packet::V5_0Disconnect(packet))),
        15 => whole(Auth::parse(body), body, |packet| seen(&Packet::V5_0Auth(packet))),
        _ => Err(Refused::from("reserved packet type")),
    }
}

fn qos(qos: Qos) -> QoS {
    match qos {
        Qos::AtMostOnce => QoS::AtMostOnce,
        Qos::AtLeastOnce => QoS::AtLeastOnce,
        Qos::ExactlyOnce => QoS::ExactlyOnce,
    }
}

fn decoded(packet: Packet) -> Result<PacketBuf, Refused> {
    let v3_ack = |packet_id| AckBuf { packet_id, reason_code: ReasonCode::SUCCESS, properties: vec![] };
    macro_rules! ack {
        ($p:ident) => {
            AckBuf {
                packet_id: $p.packet_id(),
                reason_code: ReasonCode($p.reason_code().map_or(0, |code| code as u8)),
                properties: $p.props().as_ref().map(properties).unwrap_or_default(),
            }
        };
    }
    macro_rules! connect {
        ($p:ident, $version:ident, $properties:expr, $will_properties:expr) => {
            PacketBuf::Connect(ConnectBuf {
                version: ProtocolVersion::$version,
                clean_start: $p.clean_start(),
                keep_alive: $p.keep_alive(),
                properties: $properties,
                client_id: $p.client_id().to_owned(),
                will: $p.will_topic().zip($p.will_payload()).map(|(topic, payload)| WillBuf {
                    qos: qos($p.will_qos()),
                    retain: $p.will_retain(),
                    properties: $will_properties,
                    topic: topic.to_owned(),
                    payload: payload.to_vec(),
                }),
                user_name: $p.user_name().map(str::to_owned),
                password: $p.password().map(<[u8]>::to_vec),
            })
        };
    }
    macro_rules! publish {
        ($p:ident, $properties:expr) => {
            PacketBuf::Publish(PublishBuf {
                dup: $p.dup(),
                qos: qos($p.qos()),
                retain: $p.retain(),
                topic: $p.topic_name().to_owned(),
                packet_id: $p.packet_id(),
                properties: $properties,
                payload: $p.payload().as_slice().to_vec(),
            })
        };
    }
    macro_rules! list {
        ($variant:ident $kind:ident $p:ident $field:ident: $list:expr, $properties:expr) => {
            PacketBuf::$variant($kind { packet_id: $p.packet_id(), properties: $properties, $field: $list })
        };
    }
    let strings = |entries: &[mqtt_protocol_core::mqtt::packet::MqttString]| -> Vec<String> {
        entries.iter().map(|entry| entry.as_str().to_owned()).collect()
    };
    Ok(match packet {
        Packet::V3_1_1Connect(p) => connect!(p, V3_1_1, vec![], vec![]),
        Packet::V5_0Connect(p) => connect!(p, V5_0, properties(p.props()), properties(p.will_props())),
        Packet::V3_1_1Connack(p) => PacketBuf::ConnAck(ConnAckBuf {
            session_present: p.session_present(),
            reason_code: ReasonCode(p.return_code() as u8),
            properties: vec![],
        }),
        Packet::V5_0Connack(p) => PacketBuf::ConnAck(ConnAckBuf {
            session_present: p.session_present(),
            reason_code: ReasonCode(p.reason_code() as u8),
            properties: properties(p.props()),
        }),
        Packet::V3_1_1Publish(p) => publish!(p, vec![]),
        Packet::V5_0Publish(p) => publish!(p, properties(p.props())),
        Packet::V3_1_1Puback(p) => PacketBuf::PubAck(v3_ack(p.packet_id())),
        Packet::V3_1_1Pubrec(p) => PacketBuf::PubRec(v3_ack(p.packet_id())),
        Packet::V3_1_1Pubrel(p) => PacketBuf::PubRel(v3_ack(p.packet_id())),
        Packet::V3_1_1Pubcomp(p) => PacketBuf::PubComp(v3_ack(p.packet_id())),
        Packet::V5_0Puback(p) => PacketBuf::PubAck(ack!(p)),
        Packet::V5_0Pubrec(p) => PacketBuf::PubRec(ack!(p)),
        Packet::V5_0Pubrel(p) => PacketBuf::PubRel(ack!(p)),
        Packet::V5_0Pubcomp(p) => PacketBuf::PubComp(ack!(p)),
        Packet::V3_1_1Subscribe(p) => {
            list!(Subscribe SubscribeBuf p filters: p.entries().iter().map(subscription).collect(), vec![])
        }
        Packet::V5_0Subscribe(p) => list!(
            Subscribe SubscribeBuf p filters: p.entries().iter().map(subscription).collect(), properties(p.props())
        ),
        Packet::V3_1_1Suback(p) => list!(
            SubAck SubAckBuf p reason_codes: p.return_codes().iter().map(|&code| ReasonCode(code as u8)).collect(),
            vec![]
        ),
        Packet::V5_0Suback(p) => list!(
            SubAck SubAckBuf p reason_codes: p.reason_codes().iter().map(|&code| ReasonCode(code as u8)).collect(),
            properties(p.props())
        ),
        Packet::V3_1_1Unsubscribe(p) => list!(Unsubscribe UnsubscribeBuf p filters: strings(p.entries()), vec![]),
        Packet::V5_0Unsubscribe(p) => {
            list!(Unsubscribe UnsubscribeBuf p filters: strings(p.entries()), properties(p.props()))
        }
        Packet::V3_1_1Unsuback(p) => list!(UnsubAck UnsubAckBuf p reason_codes: vec![], vec![]),
        Packet::V5_0Unsuback(p) => list!(
            UnsubAck UnsubAckBuf p reason_codes: p.reason_codes().iter().map(|&code| ReasonCode(code as u8)).collect(),
            properties(p.props())
        ),
        Packet::V3_1_1Pingreq(_) | Packet::V5_0Pingreq(_) => PacketBuf::PingReq,
        Packet::V3_1_1Pingresp(_) | Packet::V5_0Pingresp(_) => PacketBuf::PingResp,
        Packet::V3_1_1Disconnect(_) => PacketBuf::Disconnect(DisconnectBuf::default()),
        Packet::V5_0Disconnect(p) => PacketBuf::Disconnect(DisconnectBuf {
            reason_code: ReasonCode(p.reason_code().map_or(0, |code| code as u8)),
            properties: p.props().as_ref().map(properties).unwrap_or_default(),
        }),
        Packet::V5_0Auth(p) => PacketBuf::Auth(AuthBuf {
            reason_code: ReasonCode(p.reason_code().map_or(0, |code| code as u8)),
            properties: p.props().as_ref().map(properties).unwrap_or_default(),
        }),
    })
}

fn subscription(entry: &SubEntry) -> SubscriptionBuf {
    let options: &SubOpts = entry.sub_opts();
    SubscriptionBuf {
        filter: entry.topic_filter().to_owned(),
        options: SubscriptionOptions {
            qos: qos(options.qos()),
            no_local: options.nl(),
            retain_as_published: options.rap(),
            retain_handling: RetainHandling::from_value(options.rh() as u8).unwrap_or_default(),
        },
    }
}

fn properties(properties: &Properties) -> Vec<PropertyBuf> {
    macro_rules! property {
        ($fields:ident, $property:ident; $($name:ident)* ; $($other:ident => $id:ident)*) => {
            match $property {
                $(Property::$name(p) => $fields.add(PropertyId::$name, &p.val()),)*
                $(Property::$other(p) => $fields.add(PropertyId::$id, &p.val()),)*
                Property::UserProperty(p) => $fields.user(&[(p.key(), p.val())]),
            }
        };
    }
    let gathered = properties.iter().fold(Fields::default(), |fields, property| {
        property!(fields, property;
            PayloadFormatIndicator MessageExpiryInterval ContentType ResponseTopic CorrelationData
            SubscriptionIdentifier SessionExpiryInterval AssignedClientIdentifier ServerKeepAlive AuthenticationMethod
            AuthenticationData RequestProblemInformation WillDelayInterval RequestResponseInformation
            ResponseInformation ServerReference ReasonString ReceiveMaximum TopicAliasMaximum TopicAlias
            RetainAvailable MaximumPacketSize WildcardSubscriptionAvailable SubscriptionIdentifierAvailable
            SharedSubscriptionAvailable;
            MaximumQos => MaximumQoS)
    });
    gathered.list()
}
