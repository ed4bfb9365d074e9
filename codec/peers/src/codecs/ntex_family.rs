//! The packets of ntex-mqtt and of rmqtt-codec, which descends from it: what both have in common, in mqttspec's words.

use mqttspec_codec::{PacketBuf, PropertyId};

use super::fields::forget_defaults;

/// What neither checks, nor tells.
pub(crate) const LAX: [&str; 3] = [
    "strings are checked for UTF-8 only: NUL, wildcards in Topic Names and misplaced ones in Topic Filters pass",
    "bytes behind the end of most packets pass, and so do Variable Byte Integers longer than need be",
    "a property with its default value is not told from an absent one",
];

/// Properties at their defaults: neither hands them out, nor writes them.
pub(crate) fn forget(packet: &mut PacketBuf) {
    use PropertyId::*;
    let defaults: &[(PropertyId, u32)] = match packet {
        PacketBuf::Connect(_) => &[
            (SessionExpiryInterval, 0),
            (RequestProblemInformation, 1),
            (RequestResponseInformation, 0),
            (TopicAliasMaximum, 0),
        ],
        PacketBuf::ConnAck(_) => &[
            (ReceiveMaximum, 65_535),
            (TopicAliasMaximum, 0),
            (RetainAvailable, 1),
            (WildcardSubscriptionAvailable, 1),
            (SubscriptionIdentifierAvailable, 1),
            (SharedSubscriptionAvailable, 1),
        ],
        PacketBuf::Publish(_) => &[(PayloadFormatIndicator, 0)],
        _ => &[],
    };
    forget_defaults(packet, defaults);
}

/// The functions that put packets of the crate's `v3` and `v5` modules into mqttspec's words.
macro_rules! conversions {
    ($v3:ident, $v5:ident) => {
        use mqttspec_codec::{
            AckBuf, AuthBuf, ConnAckBuf, ConnectBuf, DisconnectBuf, PropertyBuf, PropertyId, PropertyType, QoS,
            ReasonCode, RetainHandling, SubAckBuf, SubscribeBuf, SubscriptionBuf, SubscriptionOptions, UnsubAckBuf,
            UnsubscribeBuf, ValueBuf, WillBuf,
        };

        use super::fields::{Field, Fields};

        impl Field for $v5::QoS {
            fn value(&self, _: PropertyType) -> ValueBuf {
                ValueBuf::Byte(u8::from(*self))
            }
        }

        fn qos(qos: $v5::QoS) -> QoS {
            match qos {
                $v5::QoS::AtMostOnce => QoS::AtMostOnce,
                $v5::QoS::AtLeastOnce => QoS::AtLeastOnce,
                $v5::QoS::ExactlyOnce => QoS::ExactlyOnce,
            }
        }

        fn v3_packet(packet: $v3::Packet) -> Result<PacketBuf, Refused> {
            let ack = |id: std::num::NonZeroU16| AckBuf {
                packet_id: id.get(),
                reason_code: ReasonCode::SUCCESS,
                properties: vec![],
            };
            Ok(match packet {
                $v3::Packet::Connect(p) => PacketBuf::Connect(ConnectBuf {
                    version: ProtocolVersion::V3_1_1,
                    clean_start: p.clean_session,
                    keep_alive: p.keep_alive,
                    properties: vec![],
                    client_id: p.client_id.to_string(),
                    will: p.last_will.map(|will| WillBuf {
                        qos: qos(will.qos),
                        retain: will.retain,
                        properties: vec![],
                        topic: will.topic.to_string(),
                        payload: will.message.to_vec(),
                    }),
                    user_name: p.username.map(|name| name.to_string()),
                    password: p.password.map(|password| password.to_vec()),
                }),
                $v3::Packet::ConnectAck(p) => PacketBuf::ConnAck(ConnAckBuf {
                    session_present: p.session_present,
                    reason_code: ReasonCode(p.return_code.into()),
                    properties: vec![],
                }),
                $v3::Packet::PublishAck { packet_id } => PacketBuf::PubAck(ack(packet_id)),
                $v3::Packet::PublishReceived { packet_id } => PacketBuf::PubRec(ack(packet_id)),
                $v3::Packet::PublishRelease { packet_id } => PacketBuf::PubRel(ack(packet_id)),
                $v3::Packet::PublishComplete { packet_id } => PacketBuf::PubComp(ack(packet_id)),
                $v3::Packet::Subscribe { packet_id, topic_filters } => PacketBuf::Subscribe(SubscribeBuf {
                    packet_id: packet_id.get(),
                    properties: vec![],
                    filters: (topic_filters.iter())
                        .map(|(filter, level)| SubscriptionBuf {
                            filter: filter.to_string(),
                            options: SubscriptionOptions::with_qos(qos(*level)),
                        })
                        .collect(),
                }),
                $v3::Packet::SubscribeAck { packet_id, status } => PacketBuf::SubAck(SubAckBuf {
                    packet_id: packet_id.get(),
                    properties: vec![],
                    reason_codes: (status.iter())
                        .map(|code| match code {
                            $v3::SubscribeReturnCode::Success(level) => ReasonCode(u8::from(*level)),
                            $v3::SubscribeReturnCode::Failure => ReasonCode(0x80),
                        })
                        .collect(),
                }),
                $v3::Packet::Unsubscribe { packet_id, topic_filters } => PacketBuf::Unsubscribe(UnsubscribeBuf {
                    packet_id: packet_id.get(),
                    properties: vec![],
                    filters: topic_filters.iter().map(|filter| filter.to_string()).collect(),
                }),
                $v3::Packet::UnsubscribeAck { packet_id } => PacketBuf::UnsubAck(UnsubAckBuf {
                    packet_id: packet_id.get(),
                    properties: vec![],
                    reason_codes: vec![],
                }),
                $v3::Packet::PingRequest => PacketBuf::PingReq,
                $v3::Packet::PingResponse => PacketBuf::PingResp,
                $v3::Packet::Disconnect => PacketBuf::Disconnect(DisconnectBuf::default()),
                #[allow(unreachable_patterns)]
                other => return Err(Refused::debug(other)),
            })
        }

        fn v5_packet(packet: $v5::Packet) -> Result<PacketBuf, Refused> {
            use PropertyId::*;
            macro_rules! ack {
                ($p:ident) => {
                    AckBuf {
                        packet_id: $p.packet_id.get(),
                        reason_code: ReasonCode($p.reason_code.into()),
                        properties: Fields::default().some(ReasonString, &$p.reason_string).user(&$p.properties).list(),
                    }
                };
            }
            macro_rules! codes {
                ($p:ident) => {
                    $p.status.iter().map(|code| ReasonCode(u8::from(*code))).collect()
                };
            }
            Ok(match packet {
                $v5::Packet::Connect(p) => PacketBuf::Connect(v5_connect(*p)),
                $v5::Packet::ConnectAck(p) => PacketBuf::ConnAck(v5_conn_ack(&p)),
                $v5::Packet::PublishAck(p) => PacketBuf::PubAck(ack!(p)),
                $v5::Packet::PublishReceived(p) => PacketBuf::PubRec(ack!(p)),
                $v5::Packet::PublishRelease(p) => PacketBuf::PubRel(ack!(p)),
                $v5::Packet::PublishComplete(p) => PacketBuf::PubComp(ack!(p)),
                $v5::Packet::Subscribe(p) => PacketBuf::Subscribe(SubscribeBuf {
                    packet_id: p.packet_id.get(),
                    properties: Fields::default().some(SubscriptionIdentifier, &p.id).user(&p.user_properties).list(),
                    filters: (p.topic_filters.iter())
                        .map(|(filter, options)| SubscriptionBuf {
                            filter: filter.to_string(),
                            options: SubscriptionOptions {
                                qos: qos(options.qos),
                                no_local: options.no_local,
                                retain_as_published: options.retain_as_published,
                                retain_handling: RetainHandling::from_value(options.retain_handling.into())
                                    .unwrap_or_default(),
                            },
                        })
                        .collect(),
                }),
                $v5::Packet::SubscribeAck(p) => PacketBuf::SubAck(SubAckBuf {
                    packet_id: p.packet_id.get(),
                    properties: Fields::default().some(ReasonString, &p.reason_string).user(&p.properties).list(),
                    reason_codes: codes!(p),
                }),
                $v5::Packet::Unsubscribe(p) => PacketBuf::Unsubscribe(UnsubscribeBuf {
                    packet_id: p.packet_id.get(),
                    properties: Fields::default().user(&p.user_properties).list(),
                    filters: p.topic_filters.iter().map(|filter| filter.to_string()).collect(),
                }),
                $v5::Packet::UnsubscribeAck(p) => PacketBuf::UnsubAck(UnsubAckBuf {
                    packet_id: p.packet_id.get(),
                    properties: Fields::default().some(ReasonString, &p.reason_string).user(&p.properties).list(),
                    reason_codes: codes!(p),
                }),
                $v5::Packet::PingRequest => PacketBuf::PingReq,
                $v5::Packet::PingResponse => PacketBuf::PingResp,
                $v5::Packet::Disconnect(p) => PacketBuf::Disconnect(DisconnectBuf {
                    reason_code: ReasonCode(p.reason_code.into()),
                    properties: Fields::default()
                        .some(SessionExpiryInterval, &p.session_expiry_interval_secs)
                        .some(ReasonString, &p.reason_string)
                        .some(ServerReference, &p.server_reference)
                        .user(&p.user_properties)
                        .list(),
                }),
                $v5::Packet::Auth(p) => PacketBuf::Auth(AuthBuf {
                    reason_code: ReasonCode(p.reason_code.into()),
                    properties: Fields::default()
                        .some(AuthenticationMethod, &p.auth_method)
                        .some(AuthenticationData, &p.auth_data)
                        .some(ReasonString, &p.reason_string)
                        .user(&p.user_properties)
                        .list(),
                }),
                #[allow(unreachable_patterns)]
                other => return Err(Refused::debug(other)),
            })
        }

        fn v5_connect(p: $v5::Connect) -> ConnectBuf {
            use PropertyId::*;
            ConnectBuf {
                version: ProtocolVersion::V5_0,
                clean_start: p.clean_start,
                keep_alive: p.keep_alive,
                properties: Fields::default()
                    .unless(SessionExpiryInterval, 0, p.session_expiry_interval_secs)
                    .some(AuthenticationMethod, &p.auth_method)
                    .some(AuthenticationData, &p.auth_data)
                    .unless(RequestProblemInformation, true, p.request_problem_info)
                    .unless(RequestResponseInformation, false, p.request_response_info)
                    .some(ReceiveMaximum, &p.receive_max)
                    .unless(TopicAliasMaximum, 0, p.topic_alias_max)
                    .some(MaximumPacketSize, &p.max_packet_size)
                    .user(&p.user_properties)
                    .list(),
                client_id: p.client_id.to_string(),
                will: p.last_will.map(|will| WillBuf {
                    qos: qos(will.qos),
                    retain: will.retain,
                    properties: Fields::default()
                        .some(WillDelayInterval, &will.will_delay_interval_sec)
                        .some(CorrelationData, &will.correlation_data)
                        .some(MessageExpiryInterval, &will.message_expiry_interval)
                        .some(ContentType, &will.content_type)
                        .some(PayloadFormatIndicator, &will.is_utf8_payload)
                        .some(ResponseTopic, &will.response_topic)
                        .user(&will.user_properties)
                        .list(),
                    topic: will.topic.to_string(),
                    payload: will.message.to_vec(),
                }),
                user_name: p.username.map(|name| name.to_string()),
                password: p.password.map(|password| password.to_vec()),
            }
        }

        fn v5_conn_ack(p: &$v5::ConnectAck) -> ConnAckBuf {
            use PropertyId::*;
            ConnAckBuf {
                session_present: p.session_present,
                reason_code: ReasonCode(p.reason_code.into()),
                properties: Fields::default()
                    .some(SessionExpiryInterval, &p.session_expiry_interval_secs)
                    .unless(ReceiveMaximum, 65_535, p.receive_max.get())
                    .unless(MaximumQoS, $v5::QoS::ExactlyOnce, p.max_qos)
                    .some(MaximumPacketSize, &p.max_packet_size)
                    .some(AssignedClientIdentifier, &p.assigned_client_id)
                    .unless(TopicAliasMaximum, 0, p.topic_alias_max)
                    .unless(RetainAvailable, true, p.retain_available)
                    .unless(WildcardSubscriptionAvailable, true, p.wildcard_subscription_available)
                    .unless(SubscriptionIdentifierAvailable, true, p.subscription_identifiers_available)
                    .unless(SharedSubscriptionAvailable, true, p.shared_subscription_available)
                    .some(ServerKeepAlive, &p.server_keepalive_sec)
                    .some(ResponseInformation, &p.response_info)
                    .some(ServerReference, &p.server_reference)
                    .some(AuthenticationMethod, &p.auth_method)
                    .some(AuthenticationData, &p.auth_data)
                    .some(ReasonString, &p.reason_string)
                    .user(&p.user_properties)
                    .list(),
            }
        }

        fn publish_properties(p: &$v5::PublishProperties) -> Vec<PropertyBuf> {
            use PropertyId::*;
            Fields::default()
                .some(TopicAlias, &p.topic_alias)
                .some(CorrelationData, &p.correlation_data)
                .some(MessageExpiryInterval, &p.message_expiry_interval)
                .some(ContentType, &p.content_type)
                .unless(PayloadFormatIndicator, false, p.is_utf8_payload)
                .some(ResponseTopic, &p.response_topic)
                .each(SubscriptionIdentifier, &p.subscription_ids)
                .user(&p.user_properties)
                .list()
        }
    };
}

pub(crate) use conversions;
