//! Workloads of one packet.

use mqttspec_codec::{
    AckBuf, AuthBuf, ConnAckBuf, ConnectBuf, DisconnectBuf, PacketBuf, PropertyBuf, ProtocolVersion, PublishBuf, QoS,
    ReasonCode, RetainHandling, SubAckBuf, SubscribeBuf, SubscriptionBuf, SubscriptionOptions, UnsubAckBuf,
    UnsubscribeBuf, WillBuf,
};

/// Topic Filters in a SUBSCRIBE, SUBACK, UNSUBSCRIBE or UNSUBACK.
const FILTERS: usize = 10;

/// Identifier, title and packets of each workload.
pub(super) fn packets(version: ProtocolVersion) -> Vec<(&'static str, &'static str, Vec<PacketBuf>)> {
    let v5 = version.has_properties();
    let publish_1k = if v5 { "PUBLISH 1 KiB + 3 properties" } else { "PUBLISH 1 KiB" };
    let mut set = vec![
        ("publish-64", "PUBLISH 64 B", publish(64, vec![])),
        ("publish-1k", publish_1k, publish(1024, if v5 { publish_properties() } else { vec![] })),
        ("publish-64k", "PUBLISH 64 KiB", publish(64 * 1024, vec![])),
        ("connect", "CONNECT full", connect(version)),
        ("connack", "CONNACK full", conn_ack(v5)),
        ("subscribe", "SUBSCRIBE ×10", subscribe(v5)),
        ("suback", "SUBACK ×10", sub_ack()),
        ("unsubscribe", "UNSUBSCRIBE ×10", unsubscribe()),
        ("unsuback", if v5 { "UNSUBACK ×10" } else { "UNSUBACK" }, unsub_ack(v5)),
        ("puback", if v5 { "PUBACK short" } else { "PUBACK" }, PacketBuf::PubAck(ack())),
        ("pubrec", "PUBREC", PacketBuf::PubRec(ack())),
        ("pubrel", "PUBREL", PacketBuf::PubRel(ack())),
        ("pubcomp", "PUBCOMP", PacketBuf::PubComp(ack())),
        ("pingreq", "PINGREQ", PacketBuf::PingReq),
        ("pingresp", "PINGRESP", PacketBuf::PingResp),
        ("disconnect", if v5 { "DISCONNECT short" } else { "DISCONNECT" }, disconnect(vec![])),
    ];
    if v5 {
        let full = AckBuf {
            packet_id: 0x1234,
            reason_code: ReasonCode::NO_MATCHING_SUBSCRIBERS,
            properties: vec![
                PropertyBuf::reason_string("nobody has subscribed to this topic"),
                PropertyBuf::user_property("node", "broker-eu-west-3"),
            ],
        };
        set.insert(10, ("puback-full", "PUBACK full", PacketBuf::PubAck(full)));
        set.push(("disconnect-full", "DISCONNECT full", disconnect(disconnect_properties())));
        set.push(("auth", "AUTH", auth()));
    }
    set.into_iter().map(|(id, title, packet)| (id, title, vec![packet])).collect()
}

fn publish(len: usize, properties: Vec<PropertyBuf>) -> PacketBuf {
    PacketBuf::Publish(PublishBuf {
        dup: false,
        qos: QoS::AtMostOnce,
        retain: false,
        topic: "plant/7/temperature/in".into(),
        packet_id: None,
        properties,
        payload: (0..len).map(|at| (at * 31 % 251) as u8).collect(),
    })
}

fn publish_properties() -> Vec<PropertyBuf> {
    vec![
        PropertyBuf::message_expiry_interval(300),
        PropertyBuf::content_type("application/cbor"),
        PropertyBuf::user_property("trace", "0af7651916cd43dd"),
    ]
}

pub(super) fn connect(version: ProtocolVersion) -> PacketBuf {
    let if_v5 = |properties: Vec<PropertyBuf>| if version.has_properties() { properties } else { vec![] };
    PacketBuf::Connect(ConnectBuf {
        version,
        clean_start: true,
        keep_alive: 60,
        properties: if_v5(vec![
            PropertyBuf::session_expiry_interval(3600),
            PropertyBuf::receive_maximum(64),
            PropertyBuf::maximum_packet_size(1 << 20),
            PropertyBuf::topic_alias_maximum(16),
            PropertyBuf::request_response_information(1),
            PropertyBuf::request_problem_information(1),
            PropertyBuf::user_property("firmware", "4.12.0"),
        ]),
        client_id: "plant-7-gateway-0042".into(),
        will: Some(WillBuf {
            qos: QoS::AtLeastOnce,
            retain: true,
            properties: if_v5(vec![
                PropertyBuf::will_delay_interval(30),
                PropertyBuf::message_expiry_interval(600),
                PropertyBuf::content_type("text/plain"),
            ]),
            topic: "plant/7/gateway/status".into(),
            payload: b"offline".to_vec(),
        }),
        user_name: Some("gateway-0042".into()),
        password: Some(b"correct horse battery staple".to_vec()),
    })
}

pub(super) fn conn_ack(v5: bool) -> PacketBuf {
    let properties = vec![
        PropertyBuf::session_expiry_interval(1800),
        PropertyBuf::receive_maximum(32),
        PropertyBuf::maximum_qos(1),
        PropertyBuf::retain_available(1),
        PropertyBuf::maximum_packet_size(1 << 18),
        PropertyBuf::assigned_client_identifier("auto-5f3c9a12"),
        PropertyBuf::topic_alias_maximum(8),
        PropertyBuf::reason_string("welcome"),
        PropertyBuf::user_property("node", "broker-eu-west-3"),
        PropertyBuf::wildcard_subscription_available(1),
        PropertyBuf::subscription_identifier_available(1),
        PropertyBuf::shared_subscription_available(1),
        PropertyBuf::server_keep_alive(30),
        PropertyBuf::response_information("response/5f3c9a12"),
    ];
    PacketBuf::ConnAck(ConnAckBuf {
        session_present: true,
        reason_code: ReasonCode::SUCCESS,
        properties: if v5 { properties } else { vec![] },
    })
}

pub(super) fn filter(at: usize) -> String {
    let kinds = ["temperature", "pressure/+", "alarm/#", "valve/state"];
    format!("plant/{}/{}", at + 1, kinds[at % kinds.len()])
}

pub(super) fn subscribe(v5: bool) -> PacketBuf {
    let options = |at: usize| SubscriptionOptions {
        qos: [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce][at % 3],
        no_local: v5 && at % 2 == 1,
        retain_as_published: v5 && at % 4 == 2,
        retain_handling: if v5 && at % 5 == 3 { RetainHandling::DoNotSend } else { RetainHandling::SendAtSubscribe },
    };
    PacketBuf::Subscribe(SubscribeBuf {
        packet_id: 10,
        properties: if v5 { vec![PropertyBuf::subscription_identifier(300)] } else { vec![] },
        filters: (0..FILTERS).map(|at| SubscriptionBuf { filter: filter(at), options: options(at) }).collect(),
    })
}

pub(super) fn sub_ack() -> PacketBuf {
    let codes = [ReasonCode::GRANTED_QOS_0, ReasonCode::GRANTED_QOS_1, ReasonCode::GRANTED_QOS_2];
    PacketBuf::SubAck(SubAckBuf {
        packet_id: 10,
        properties: vec![],
        reason_codes: (0..FILTERS).map(|at| codes[at % codes.len()]).collect(),
    })
}

fn unsubscribe() -> PacketBuf {
    PacketBuf::Unsubscribe(UnsubscribeBuf {
        packet_id: 11,
        properties: vec![],
        filters: (0..FILTERS).map(filter).collect(),
    })
}

fn unsub_ack(v5: bool) -> PacketBuf {
    let code = |at| if at % 3 == 0 { ReasonCode::NO_SUBSCRIPTION_EXISTED } else { ReasonCode::SUCCESS };
    PacketBuf::UnsubAck(UnsubAckBuf {
        packet_id: 11,
        properties: vec![],
        reason_codes: if v5 { (0..FILTERS).map(code).collect() } else { vec![] },
    })
}

fn ack() -> AckBuf {
    AckBuf { packet_id: 0x1234, reason_code: ReasonCode::SUCCESS, properties: vec![] }
}

pub(super) fn disconnect_properties() -> Vec<PropertyBuf> {
    vec![PropertyBuf::session_expiry_interval(3600), PropertyBuf::reason_string("maintenance at midnight")]
}

pub(super) fn disconnect(properties: Vec<PropertyBuf>) -> PacketBuf {
    let full = !properties.is_empty();
    let reason_code = if full { ReasonCode::DISCONNECT_WITH_WILL_MESSAGE } else { ReasonCode::NORMAL_DISCONNECTION };
    PacketBuf::Disconnect(DisconnectBuf { reason_code, properties })
}

fn auth() -> PacketBuf {
    PacketBuf::Auth(AuthBuf {
        reason_code: ReasonCode::CONTINUE_AUTHENTICATION,
        properties: vec![
            PropertyBuf::authentication_method("SCRAM-SHA-256"),
            PropertyBuf::authentication_data(b"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j".to_vec()),
        ],
    })
}
