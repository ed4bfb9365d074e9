//! mqute-codec: cuts a packet out of a `BytesMut`, then decodes it; strings are copied, payloads are not.

use bytes::BytesMut;
use mqttspec_bench::{Codec, Refused};
use mqttspec_codec::{
    AckBuf, AuthBuf, ConnAckBuf, ConnectBuf, DisconnectBuf, PacketBuf, PacketType, PropertyBuf, PropertyId,
    PropertyType, ProtocolVersion, PublishBuf, QoS, ReasonCode, RetainHandling, SubAckBuf, SubscribeBuf,
    SubscriptionBuf, SubscriptionOptions, UnsubAckBuf, UnsubscribeBuf, ValueBuf, WillBuf,
};
use mqute_codec::codec::PacketCodec;
use mqute_codec::protocol::{Credentials, QoS as TheirQos, v4, v5};
use tokio_util::codec::Decoder as _;

use super::convert::wire;
use super::fields::{Field, Fields};

/// mqute-codec, 3.1.1.
#[derive(Debug)]
pub struct V4;

/// mqute-codec, 5.0.
#[derive(Debug)]
pub struct V5;

/// The packets of one of its modules.
macro_rules! version {
    ($entrant:ident: $version:ident, $codec:ident, $to_packet:ident) => {
        impl Codec for $entrant {
            const NAME: &'static str = concat!("mqute-codec 0.4.2 (", stringify!($codec), ")");
            const LAX: &'static [&'static str] = LAX;

            type Packet<'a> = $codec::Packet;
            type Input = BytesMut;
            type Output = BytesMut;
            type Typed<'p> = $codec::Packet;

            fn decodes(version: ProtocolVersion, packet: PacketType) -> bool {
                version == ProtocolVersion::$version && packet.exists_in(version)
            }

            #[inline]
            fn next(_version: ProtocolVersion, input: &mut BytesMut) -> Result<Option<$codec::Packet>, Refused> {
                match PacketCodec::new(None, None).decode(input)? {
                    Some(raw) => Ok(Some($codec::Packet::decode(raw)?)),
                    None => Ok(None),
                }
            }

            #[inline]
            fn lend_next(
                _version: ProtocolVersion,
                input: &mut BytesMut,
                seen: impl FnOnce(&$codec::Packet),
            ) -> Result<bool, Refused> {
                let Some(raw) = PacketCodec::new(None, None).decode(input)? else { return Ok(false) };
                match &$codec::Packet::decode(raw) {
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
                Self::next(version, &mut wire(version, packet)?).ok()?
            }

            #[inline]
            fn encode(_version: ProtocolVersion, packet: &$codec::Packet, out: &mut BytesMut) -> Result<(), Refused> {
                Ok(packet.encode(out)?)
            }
        }
    };
}

const LAX: &[&str] = &[
    "reserved flags of CONNECT and CONNACK are not checked, nor is NUL in strings other than topics",
    "a password must be UTF-8, and needs a user name in 5.0",
    "a Packet Identifier of 0 makes it panic in most packets",
];

version!(V4: V3_1_1, v4, v4_packet);
version!(V5: V5_0, v5, v5_packet);

impl Field for TheirQos {
    fn value(&self, _: PropertyType) -> ValueBuf {
        ValueBuf::Byte(*self as u8)
    }
}

fn qos(qos: TheirQos) -> QoS {
    match qos {
        TheirQos::AtMostOnce => QoS::AtMostOnce,
        TheirQos::AtLeastOnce => QoS::AtLeastOnce,
        TheirQos::ExactlyOnce => QoS::ExactlyOnce,
    }
}

fn user_name(credentials: &Option<Credentials>) -> Option<String> {
    credentials.as_ref().map(Credentials::username)
}

fn password(credentials: &Option<Credentials>) -> Option<Vec<u8>> {
    credentials.as_ref().and_then(Credentials::password).map(String::into_bytes)
}

fn v4_packet(packet: v4::Packet) -> Result<PacketBuf, Refused> {
    let ack = |packet_id| AckBuf { packet_id, reason_code: ReasonCode::SUCCESS, properties: vec![] };
    Ok(match packet {
        v4::Packet::Connect(p) => PacketBuf::Connect(ConnectBuf {
            version: ProtocolVersion::V3_1_1,
            clean_start: p.clean_session(),
            keep_alive: p.keep_alive().as_secs() as u16,
            properties: vec![],
            client_id: p.client_id(),
            will: p.will().map(|will| WillBuf {
                qos: qos(will.qos),
                retain: will.retain,
                properties: vec![],
                topic: will.topic,
                payload: will.payload.to_vec(),
            }),
            user_name: user_name(&p.credentials()),
            password: password(&p.credentials()),
        }),
        v4::Packet::ConnAck(p) => PacketBuf::ConnAck(ConnAckBuf {
            session_present: p.session_present(),
            reason_code: ReasonCode(p.code().into()),
            properties: vec![],
        }),
        v4::Packet::Publish(p) => PacketBuf::Publish(PublishBuf {
            dup: p.flags().dup,
            qos: qos(p.flags().qos),
            retain: p.flags().retain,
            topic: p.topic(),
            packet_id: p.packet_id(),
            properties: vec![],
            payload: p.payload().to_vec(),
        }),
        v4::Packet::PubAck(p) => PacketBuf::PubAck(ack(p.packet_id())),
        v4::Packet::PubRec(p) => PacketBuf::PubRec(ack(p.packet_id())),
        v4::Packet::PubRel(p) => PacketBuf::PubRel(ack(p.packet_id())),
        v4::Packet::PubComp(p) => PacketBuf::PubComp(ack(p.packet_id())),
        v4::Packet::Subscribe(p) => PacketBuf::Subscribe(SubscribeBuf {
            packet_id: p.packet_id(),
            properties: vec![],
            filters: (p.filters().into_iter())
                .map(|filter| SubscriptionBuf {
                    filter: filter.topic,
                    options: SubscriptionOptions::with_qos(qos(filter.qos)),
                })
                .collect(),
        }),
        v4::Packet::SubAck(p) => PacketBuf::SubAck(SubAckBuf {
            packet_id: p.packet_id(),
            properties: vec![],
            reason_codes: p.codes().into_iter().map(|code| ReasonCode(code.into())).collect(),
        }),
        v4::Packet::Unsubscribe(p) => PacketBuf::Unsubscribe(UnsubscribeBuf {
            packet_id: p.packet_id(),
            properties: vec![],
            filters: p.filters().into(),
        }),
        v4::Packet::UnsubAck(p) => {
            PacketBuf::UnsubAck(UnsubAckBuf { packet_id: p.packet_id(), properties: vec![], reason_codes: vec![] })
        }
        v4::Packet::PingReq(_) => PacketBuf::PingReq,
        v4::Packet::PingResp(_) => PacketBuf::PingResp,
        v4::Packet::Disconnect(_) => PacketBuf::Disconnect(DisconnectBuf::default()),
    })
}

fn v5_packet(packet: v5::Packet) -> Result<PacketBuf, Refused> {
    macro_rules! reasons {
        ($p:ident) => {
            $p.properties().map(|p| reasons(&p.reason_string, &p.user_properties)).unwrap_or_default()
        };
    }
    macro_rules! ack {
        ($p:ident) => {
            AckBuf { packet_id: $p.packet_id(), reason_code: ReasonCode($p.code().into()), properties: reasons!($p) }
        };
    }
    Ok(match packet {
        v5::Packet::Connect(p) => PacketBuf::Connect(connect(&p)),
        v5::Packet::ConnAck(p) => PacketBuf::ConnAck(ConnAckBuf {
            session_present: p.session_present(),
            reason_code: ReasonCode(p.code().into()),
            properties: p.properties().map(|p| conn_ack_properties(&p)).unwrap_or_default(),
        }),
        v5::Packet::Publish(p) => PacketBuf::Publish(PublishBuf {
            dup: p.flags().dup,
            qos: qos(p.flags().qos),
            retain: p.flags().retain,
            topic: p.topic(),
            packet_id: p.packet_id(),
            properties: p.properties().map(|p| publish_properties(&p)).unwrap_or_default(),
            payload: p.payload().to_vec(),
        }),
        v5::Packet::PubAck(p) => PacketBuf::PubAck(ack!(p)),
        v5::Packet::PubRec(p) => PacketBuf::PubRec(ack!(p)),
        v5::Packet::PubRel(p) => PacketBuf::PubRel(ack!(p)),
        v5::Packet::PubComp(p) => PacketBuf::PubComp(ack!(p)),
        v5::Packet::Subscribe(p) => PacketBuf::Subscribe(SubscribeBuf {
            packet_id: p.packet_id(),
            properties: (p.properties())
                .map(|p| {
                    let id = PropertyId::SubscriptionIdentifier;
                    Fields::default().some(id, &p.subscription_id).user(&p.user_properties).list()
                })
                .unwrap_or_default(),
            filters: Vec::from(p.filters()).into_iter().map(subscription).collect(),
        }),
        v5::Packet::SubAck(p) => PacketBuf::SubAck(SubAckBuf {
            packet_id: p.packet_id(),
            properties: reasons!(p),
            reason_codes: p.codes().into_iter().map(|code| ReasonCode(code.into())).collect(),
        }),
        v5::Packet::Unsubscribe(p) => PacketBuf::Unsubscribe(UnsubscribeBuf {
            packet_id: p.packet_id(),
            properties: (p.properties()).map(|p| Fields::default().user(&p.user_properties).list()).unwrap_or_default(),
            filters: p.filters().into(),
        }),
        v5::Packet::UnsubAck(p) => PacketBuf::UnsubAck(UnsubAckBuf {
            packet_id: p.packet_id(),
            properties: reasons!(p),
            reason_codes: p.codes().into_iter().map(|code| ReasonCode(code.into())).collect(),
        }),
        v5::Packet::PingReq(_) => PacketBuf::PingReq,
        v5::Packet::PingResp(_) => PacketBuf::PingResp,
        v5::Packet::Disconnect(p) => PacketBuf::Disconnect(DisconnectBuf {
            reason_code: ReasonCode(p.code().into()),
            properties: (p.properties())
                .map(|p| {
                    Fields::default()
                        .some(PropertyId::SessionExpiryInterval, &p.session_expiry_interval)
                        .some(PropertyId::ReasonString, &p.reason_string)
                        .some(PropertyId::ServerReference, &p.server_reference)
                        .user(&p.user_properties)
                        .list()
                })
                .unwrap_or_default(),
        }),
        v5::Packet::Auth(p) => PacketBuf::Auth(AuthBuf {
            reason_code: ReasonCode(p.code().into()),
            properties: (p.properties())
                .map(|p| {
                    Fields::default()
                        .some(PropertyId::AuthenticationMethod, &p.auth_method)
                        .some(PropertyId::AuthenticationData, &p.auth_data)
                        .some(PropertyId::ReasonString, &p.reason_string)
                        .user(&p.user_properties)
                        .list()
                })
                .unwrap_or_default(),
        }),
    })
}

fn reasons(reason_string: &Option<String>, user_properties: &[(String, String)]) -> Vec<PropertyBuf> {
    Fields::default().some(PropertyId::ReasonString, reason_string).user(user_properties).list()
}

fn subscription(filter: v5::TopicOptionFilter) -> SubscriptionBuf {
    SubscriptionBuf {
        filter: filter.topic,
        options: SubscriptionOptions {
            qos: qos(filter.qos),
            no_local: filter.no_local,
            retain_as_published: filter.retain_as_published,
            retain_handling: RetainHandling::from_value(filter.retain_handling.into()).unwrap_or_default(),
        },
    }
}

fn connect(p: &v5::Connect) -> ConnectBuf {
    use PropertyId::*;
    let properties = p.properties().map(|p| {
        Fields::default()
            .some(SessionExpiryInterval, &p.session_expiry_interval)
            .some(ReceiveMaximum, &p.receive_maximum)
            .some(MaximumPacketSize, &p.maximum_packet_size)
            .some(TopicAliasMaximum, &p.topic_alias_maximum)
            .some(RequestResponseInformation, &p.request_response_info)
            .some(RequestProblemInformation, &p.request_problem_info)
            .some(AuthenticationMethod, &p.auth_method)
            .some(AuthenticationData, &p.auth_data)
            .user(&p.user_properties)
            .list()
    });
    let will_properties = |p: v5::WillProperties| {
        Fields::default()
            .some(WillDelayInterval, &p.delay_interval)
            .some(PayloadFormatIndicator, &p.payload_format_indicator)
            .some(MessageExpiryInterval, &p.message_expiry_interval)
            .some(ContentType, &p.content_type)
            .some(ResponseTopic, &p.response_topic)
            .some(CorrelationData, &p.correlation_data)
            .user(&p.user_properties)
            .list()
    };
    ConnectBuf {
        version: ProtocolVersion::V5_0,
        clean_start: p.clean_session(),
        keep_alive: p.keep_alive().as_secs() as u16,
        properties: properties.unwrap_or_default(),
        client_id: p.client_id(),
        will: p.will().map(|will| WillBuf {
            qos: qos(will.qos),
            retain: will.retain,
            properties: will.properties.map(will_properties).unwrap_or_default(),
            topic: will.topic,
            payload: will.payload.to_vec(),
        }),
        user_name: user_name(&p.credentials()),
        password: password(&p.credentials()),
    }
}

fn conn_ack_properties(p: &v5::ConnAckProperties) -> Vec<PropertyBuf> {
    use PropertyId::*;
    Fields::default()
        .some(SessionExpiryInterval, &p.session_expiry_interval)
        .some(ReceiveMaximum, &p.receive_maximum)
        .some(MaximumQoS, &p.maximum_qos)
        .some(RetainAvailable, &p.retain_available)
        .some(MaximumPacketSize, &p.maximum_packet_size)
        .some(AssignedClientIdentifier, &p.assigned_client_id)
        .some(TopicAliasMaximum, &p.topic_alias_maximum)
        .some(ReasonString, &p.reason)
        .some(WildcardSubscriptionAvailable, &p.wildcard_subscription_available)
        .some(SubscriptionIdentifierAvailable, &p.subscription_id_available)
        .some(SharedSubscriptionAvailable, &p.shared_subscription_available)
        .some(ServerKeepAlive, &p.server_keep_alive)
        .some(ResponseInformation, &p.response_info)
        .some(ServerReference, &p.server_reference)
        .some(AuthenticationMethod, &p.auth_method)
        .some(AuthenticationData, &p.auth_data)
        .user(&p.user_properties)
        .list()
}

fn publish_properties(p: &v5::PublishProperties) -> Vec<PropertyBuf> {
    use PropertyId::*;
    Fields::default()
        .some(PayloadFormatIndicator, &p.payload_format_indicator)
        .some(MessageExpiryInterval, &p.message_expiry_interval)
        .some(TopicAlias, &p.topic_alias)
        .some(ResponseTopic, &p.response_topic)
        .some(CorrelationData, &p.correlation_data)
        .each(SubscriptionIdentifier, &p.subscription_id)
        .some(ContentType, &p.content_type)
        .user(&p.user_properties)
        .list()
}
