//! The packets of 3.1.1.

/// Makes a module with `to_packet` for the packets of a path. `$login` returns user name and password of a CONNECT.
macro_rules! packets_v4 {
    ($module:ident: $($path:ident)::+, login $login:expr) => {
        mod $module {
            use mqttspec_bench::Refused;
            use mqttspec_codec::{
                AckBuf, ConnAckBuf, ConnectBuf, DisconnectBuf, PacketBuf, ProtocolVersion, PublishBuf, ReasonCode,
                SubAckBuf, SubscribeBuf, SubscriptionBuf, SubscriptionOptions, UnsubAckBuf, UnsubscribeBuf, WillBuf,
            };
            use $($path)::+ as peer;

            use $crate::codecs::convert::{packet_id, qos, text};

            fn ack(packet_id: u16) -> AckBuf {
                AckBuf { packet_id, reason_code: ReasonCode::SUCCESS, properties: Vec::new() }
            }

            fn connect(connect: peer::Connect) -> Result<PacketBuf, Refused> {
                let (user_name, password) = $login(&connect);
                let will = connect.last_will.map(|will| {
                    Ok::<_, Refused>(WillBuf {
                        qos: qos(will.qos as u8)?,
                        retain: will.retain,
                        properties: Vec::new(),
                        topic: text(&will.topic)?,
                        payload: will.message.to_vec(),
                    })
                });
                Ok(PacketBuf::Connect(ConnectBuf {
                    version: ProtocolVersion::V3_1_1,
                    clean_start: connect.clean_session,
                    keep_alive: connect.keep_alive,
                    properties: Vec::new(),
                    client_id: connect.client_id,
                    will: will.transpose()?,
                    user_name,
                    password,
                }))
            }

            pub(super) fn to_packet(packet: peer::Packet) -> Result<PacketBuf, Refused> {
                Ok(match packet {
                    peer::Packet::Connect(p) => connect(p)?,
                    peer::Packet::ConnAck(p) => PacketBuf::ConnAck(ConnAckBuf {
                        session_present: p.session_present,
                        reason_code: ReasonCode(p.code as u8),
                        properties: Vec::new(),
                    }),
                    peer::Packet::Publish(p) => PacketBuf::Publish(PublishBuf {
                        dup: p.dup,
                        qos: qos(p.qos as u8)?,
                        retain: p.retain,
                        topic: text(&p.topic)?,
                        packet_id: packet_id(p.pkid),
                        properties: Vec::new(),
                        payload: p.payload.to_vec(),
                    }),
                    peer::Packet::PubAck(p) => PacketBuf::PubAck(ack(p.pkid)),
                    peer::Packet::PubRec(p) => PacketBuf::PubRec(ack(p.pkid)),
                    peer::Packet::PubRel(p) => PacketBuf::PubRel(ack(p.pkid)),
                    peer::Packet::PubComp(p) => PacketBuf::PubComp(ack(p.pkid)),
                    peer::Packet::Subscribe(p) => {
                        let filters = p.filters.into_iter().map(|filter| {
                            let options = SubscriptionOptions::with_qos(qos(filter.qos as u8)?);
                            Ok(SubscriptionBuf { filter: filter.path, options })
                        });
                        PacketBuf::Subscribe(SubscribeBuf {
                            packet_id: p.pkid,
                            properties: Vec::new(),
                            filters: filters.collect::<Result<_, Refused>>()?,
                        })
                    }
                    peer::Packet::SubAck(p) => {
                        let codes = p.return_codes.into_iter().map(|code| match code {
                            peer::SubscribeReasonCode::Success(qos) => ReasonCode(qos as u8),
                            peer::SubscribeReasonCode::Failure => ReasonCode(0x80),
                        });
                        PacketBuf::SubAck(SubAckBuf {
                            packet_id: p.pkid,
                            properties: Vec::new(),
                            reason_codes: codes.collect(),
                        })
                    }
                    peer::Packet::Unsubscribe(p) => PacketBuf::Unsubscribe(UnsubscribeBuf {
                        packet_id: p.pkid,
                        properties: Vec::new(),
                        filters: p.topics,
                    }),
                    peer::Packet::UnsubAck(p) => PacketBuf::UnsubAck(UnsubAckBuf {
                        packet_id: p.pkid,
                        properties: Vec::new(),
                        reason_codes: Vec::new(),
                    }),
                    peer::Packet::PingReq => PacketBuf::PingReq,
                    peer::Packet::PingResp => PacketBuf::PingResp,
                    peer::Packet::Disconnect => PacketBuf::Disconnect(DisconnectBuf::default()),
                })
            }
        }
    };
}

pub(crate) use packets_v4;
