//! The packets of 5.0.

/// Makes a module with functions for the packets of a path: `connect`, and `to_packet` for those the family shares.
macro_rules! packets_v5 {
    ($module:ident: $($path:ident)::+, will properties $will_properties:ident, codes of suback { $($suback:pat => $code:expr,)+ }) => {
        mod $module {
            use mqttspec_bench::Refused;
            use mqttspec_codec::{
                AckBuf, ConnAckBuf, ConnectBuf, DisconnectBuf, PacketBuf, PropertyBuf, ProtocolVersion, PublishBuf,
                ReasonCode, RetainHandling, SubAckBuf, SubscribeBuf, SubscriptionBuf, SubscriptionOptions,
                UnsubAckBuf, UnsubscribeBuf, WillBuf,
            };
            use $($path)::+ as peer;

            use $crate::codecs::convert::{packet_id, qos, text};
            use $crate::codecs::family::v5::{ack, codes};

            type UserProperties = Vec<(String, String)>;

            fn user(list: UserProperties) -> impl Iterator<Item = PropertyBuf> {
                list.into_iter().map(|(name, value)| PropertyBuf::user_property(name, value))
            }

            fn reason_and_user(reason: Option<String>, list: UserProperties) -> Vec<PropertyBuf> {
                reason.map(PropertyBuf::reason_string).into_iter().chain(user(list)).collect()
            }

            fn connect_properties(p: peer::ConnectProperties) -> Vec<PropertyBuf> {
                let mut list = Vec::new();
                list.extend(p.session_expiry_interval.map(PropertyBuf::session_expiry_interval));
                list.extend(p.receive_maximum.map(PropertyBuf::receive_maximum));
                list.extend(p.max_packet_size.map(PropertyBuf::maximum_packet_size));
                list.extend(p.topic_alias_max.map(PropertyBuf::topic_alias_maximum));
                list.extend(p.request_response_info.map(PropertyBuf::request_response_information));
                list.extend(p.request_problem_info.map(PropertyBuf::request_problem_information));
                list.extend(user(p.user_properties));
                list.extend(p.authentication_method.map(PropertyBuf::authentication_method));
                list.extend(p.authentication_data.map(PropertyBuf::authentication_data));
                list
            }

            fn will_properties(p: peer::$will_properties) -> Vec<PropertyBuf> {
                let mut list = Vec::new();
                list.extend(p.delay_interval.map(PropertyBuf::will_delay_interval));
                list.extend(p.payload_format_indicator.map(PropertyBuf::payload_format_indicator));
                list.extend(p.message_expiry_interval.map(PropertyBuf::message_expiry_interval));
                list.extend(p.content_type.map(PropertyBuf::content_type));
                list.extend(p.response_topic.map(PropertyBuf::response_topic));
                list.extend(p.correlation_data.map(PropertyBuf::correlation_data));
                list.extend(user(p.user_properties));
                list
            }

            fn conn_ack_properties(p: peer::ConnAckProperties) -> Vec<PropertyBuf> {
                let mut list = Vec::new();
                list.extend(p.session_expiry_interval.map(PropertyBuf::session_expiry_interval));
                list.extend(p.receive_max.map(PropertyBuf::receive_maximum));
                list.extend(p.max_qos.map(PropertyBuf::maximum_qos));
                list.extend(p.retain_available.map(PropertyBuf::retain_available));
                list.extend(p.max_packet_size.map(PropertyBuf::maximum_packet_size));
                list.extend(p.assigned_client_identifier.map(PropertyBuf::assigned_client_identifier));
                list.extend(p.topic_alias_max.map(PropertyBuf::topic_alias_maximum));
                list.extend(p.reason_string.map(PropertyBuf::reason_string));
                list.extend(user(p.user_properties));
                list.extend(p.wildcard_subscription_available.map(PropertyBuf::wildcard_subscription_available));
                list.extend(p.subscription_identifiers_available.map(PropertyBuf::subscription_identifier_available));
                list.extend(p.shared_subscription_available.map(PropertyBuf::shared_subscription_available));
                list.extend(p.server_keep_alive.map(PropertyBuf::server_keep_alive));
                list.extend(p.response_information.map(PropertyBuf::response_information));
                list.extend(p.server_reference.map(PropertyBuf::server_reference));
                list.extend(p.authentication_method.map(PropertyBuf::authentication_method));
                list.extend(p.authentication_data.map(PropertyBuf::authentication_data));
                list
            }

            fn publish_properties(p: peer::PublishProperties) -> Vec<PropertyBuf> {
                let mut list = Vec::new();
                list.extend(p.payload_format_indicator.map(PropertyBuf::payload_format_indicator));
                list.extend(p.message_expiry_interval.map(PropertyBuf::message_expiry_interval));
                list.extend(p.topic_alias.map(PropertyBuf::topic_alias));
                list.extend(p.response_topic.map(PropertyBuf::response_topic));
                list.extend(p.correlation_data.map(PropertyBuf::correlation_data));
                list.extend(user(p.user_properties));
                let identifiers = p.subscription_identifiers.into_iter();
                list.extend(identifiers.map(|id| PropertyBuf::subscription_identifier(id as u32)));
                list.extend(p.content_type.map(PropertyBuf::content_type));
                list
            }

            /// What the peer says of a CONNECT, in whichever types it puts it.
            pub(super) struct Connect {
                pub(super) clean_start: bool,
                pub(super) keep_alive: u16,
                pub(super) properties: Option<peer::ConnectProperties>,
                pub(super) client_id: String,
                pub(super) will: Option<peer::LastWill>,
                pub(super) login: (Option<String>, Option<Vec<u8>>),
            }

            pub(super) fn connect(connect: Connect) -> Result<PacketBuf, Refused> {
                let will = connect.will.map(|will| {
                    Ok::<_, Refused>(WillBuf {
                        qos: qos(will.qos as u8)?,
                        retain: will.retain,
                        properties: will.properties.map(will_properties).unwrap_or_default(),
                        topic: text(&will.topic)?,
                        payload: will.message.to_vec(),
                    })
                });
                let (user_name, password) = connect.login;
                Ok(PacketBuf::Connect(ConnectBuf {
                    version: ProtocolVersion::V5_0,
                    clean_start: connect.clean_start,
                    keep_alive: connect.keep_alive,
                    properties: connect.properties.map(connect_properties).unwrap_or_default(),
                    client_id: connect.client_id,
                    will: will.transpose()?,
                    user_name,
                    password,
                }))
            }

            fn options(qos: u8, no_local: bool, as_published: bool, rule: &peer::RetainForwardRule) -> Result<SubscriptionOptions, Refused> {
                Ok(SubscriptionOptions {
                    qos: $crate::codecs::convert::qos(qos)?,
                    no_local,
                    retain_as_published: as_published,
                    retain_handling: match rule {
                        peer::RetainForwardRule::OnEverySubscribe => RetainHandling::SendAtSubscribe,
                        peer::RetainForwardRule::OnNewSubscribe => RetainHandling::SendIfNew,
                        peer::RetainForwardRule::Never => RetainHandling::DoNotSend,
                    },
                })
            }

            fn suback_code(code: peer::SubscribeReasonCode) -> ReasonCode {
                use peer::SubscribeReasonCode as Code;
                ReasonCode(match code { $($suback => $code,)+ })
            }

            pub(super) fn to_packet(packet: peer::Packet) -> Result<PacketBuf, Refused> {
                Ok(match packet {
                    peer::Packet::ConnAck(p) => PacketBuf::ConnAck(ConnAckBuf {
                        session_present: p.session_present,
                        reason_code: ReasonCode(codes!(connect peer::ConnectReturnCode, p.code)),
                        properties: p.properties.map(conn_ack_properties).unwrap_or_default(),
                    }),
                    peer::Packet::Publish(p) => PacketBuf::Publish(PublishBuf {
                        dup: p.dup,
                        qos: qos(p.qos as u8)?,
                        retain: p.retain,
                        topic: text(&p.topic)?,
                        packet_id: packet_id(p.pkid),
                        properties: p.properties.map(publish_properties).unwrap_or_default(),
                        payload: p.payload.to_vec(),
                    }),
                    peer::Packet::PubAck(p) => PacketBuf::PubAck(ack!(publish peer::PubAckReason, p)),
                    peer::Packet::PubRec(p) => PacketBuf::PubRec(ack!(publish peer::PubRecReason, p)),
                    peer::Packet::PubRel(p) => PacketBuf::PubRel(ack!(release peer::PubRelReason, p)),
                    peer::Packet::PubComp(p) => PacketBuf::PubComp(ack!(release peer::PubCompReason, p)),
                    peer::Packet::Subscribe(p) => {
                        let filters = p.filters.into_iter().map(|f| {
                            let options = options(f.qos as u8, f.nolocal, f.preserve_retain, &f.retain_forward_rule)?;
                            Ok(SubscriptionBuf { filter: f.path, options })
                        });
                        let filters = filters.collect::<Result<_, Refused>>()?;
                        let properties = p.properties.map(|p| {
                            let id = p.id.map(|id| PropertyBuf::subscription_identifier(id as u32));
                            id.into_iter().chain(user(p.user_properties)).collect()
                        });
                        let properties = properties.unwrap_or_default();
                        PacketBuf::Subscribe(SubscribeBuf { packet_id: p.pkid, properties, filters })
                    }
                    peer::Packet::SubAck(p) => {
                        let properties = p.properties.map(|p| reason_and_user(p.reason_string, p.user_properties));
                        PacketBuf::SubAck(SubAckBuf {
                            packet_id: p.pkid,
                            properties: properties.unwrap_or_default(),
                            reason_codes: p.return_codes.into_iter().map(suback_code).collect(),
                        })
                    }
                    peer::Packet::Unsubscribe(p) => PacketBuf::Unsubscribe(UnsubscribeBuf {
                        packet_id: p.pkid,
                        properties: p.properties.map(|p| user(p.user_properties).collect()).unwrap_or_default(),
                        filters: p.filters,
                    }),
                    peer::Packet::UnsubAck(p) => {
                        let properties = p.properties.map(|p| reason_and_user(p.reason_string, p.user_properties));
                        let codes = p.reasons.into_iter().map(|reason| ReasonCode(codes!(unsubscribe peer::UnsubAckReason, reason)));
                        PacketBuf::UnsubAck(UnsubAckBuf {
                            packet_id: p.pkid,
                            properties: properties.unwrap_or_default(),
                            reason_codes: codes.collect(),
                        })
                    }
                    peer::Packet::Disconnect(p) => {
                        let properties = p.properties.map(|p| {
                            let mut list = reason_and_user(p.reason_string, p.user_properties);
                            list.extend(p.session_expiry_interval.map(PropertyBuf::session_expiry_interval));
                            list.extend(p.server_reference.map(PropertyBuf::server_reference));
                            list
                        });
                        PacketBuf::Disconnect(DisconnectBuf {
                            reason_code: ReasonCode(p.reason_code as u8),
                            properties: properties.unwrap_or_default(),
                        })
                    }
                    _ => return Err(Refused::from("a packet of a type the family does not share")),
                })
            }
        }
    };
}

/// A packet of four kinds that are alike.
macro_rules! ack {
    ($group:ident $($reason:ident)::+, $packet:expr) => {{
        let packet = $packet;
        let properties = packet.properties.map(|p| reason_and_user(p.reason_string, p.user_properties));
        AckBuf {
            packet_id: packet.pkid,
            reason_code: ReasonCode(codes!($group $($reason)::+, packet.reason)),
            properties: properties.unwrap_or_default(),
        }
    }};
}

/// The reason code of one of the family's enums; some of them have it as their value, some do not.
macro_rules! codes {
    (connect $($reason:ident)::+, $value:expr) => {
        codes!(@ $($reason)::+, $value,
            Success 0x00 UnspecifiedError 0x80 MalformedPacket 0x81 ProtocolError 0x82 ImplementationSpecificError 0x83
            UnsupportedProtocolVersion 0x84 ClientIdentifierNotValid 0x85 BadUserNamePassword 0x86 NotAuthorized 0x87
            ServerUnavailable 0x88 ServerBusy 0x89 Banned 0x8A BadAuthenticationMethod 0x8C TopicNameInvalid 0x90
            PacketTooLarge 0x95 QuotaExceeded 0x97 PayloadFormatInvalid 0x99 RetainNotSupported 0x9A
            QoSNotSupported 0x9B UseAnotherServer 0x9C ServerMoved 0x9D ConnectionRateExceeded 0x9F)
    };
    (publish $($reason:ident)::+, $value:expr) => {
        codes!(@ $($reason)::+, $value,
            Success 0x00 NoMatchingSubscribers 0x10 UnspecifiedError 0x80 ImplementationSpecificError 0x83
            NotAuthorized 0x87 TopicNameInvalid 0x90 PacketIdentifierInUse 0x91 QuotaExceeded 0x97
            PayloadFormatInvalid 0x99)
    };
    (release $($reason:ident)::+, $value:expr) => {
        codes!(@ $($reason)::+, $value, Success 0x00 PacketIdentifierNotFound 0x92)
    };
    (unsubscribe $($reason:ident)::+, $value:expr) => {
        codes!(@ $($reason)::+, $value,
            Success 0x00 NoSubscriptionExisted 0x11 UnspecifiedError 0x80 ImplementationSpecificError 0x83
            NotAuthorized 0x87 TopicFilterInvalid 0x8F PacketIdentifierInUse 0x91)
    };
    (@ $($reason:ident)::+, $value:expr, $($name:ident $code:literal)+) => {{
        use $($reason)::+ as Reason;
        #[allow(unreachable_patterns, reason = "some of the family have variants for the return codes of 3.1.1 too")]
        match $value {
            $(Reason::$name => $code,)+
            // No byte on the wire becomes one of those.
            _ => 0xFF,
        }
    }};
}

pub(crate) use {ack, codes, packets_v5};
