//! Valid packets to start from: one as small and one as full as each packet type gets.
//!
//! Mutation tests, the malformed scenarios and the exported test vectors are all built from these. Each is valid as a
//! packet; whether a receiver can use it depends on what went before: a server refuses the full PUBLISH of 5.0 from a
//! client (its Subscription Identifier, MQTT-3.3.4-6) and the full CONNECT (its Authentication Method). A positive
//! control on a live connection starts from the minimal ones, with its own topics and Client Identifiers.

use alloc::vec;
use alloc::vec::Vec;

use crate::*;

/// Valid packets of every type that exists in `version`: first a minimal one of each type, then a full one of each
/// type that can hold more. The order and the contents are stable.
pub fn samples(version: ProtocolVersion) -> Vec<PacketBuf> {
    let mut packets = minimal(version);
    packets.extend(full(version));
    packets
}

/// The smallest valid packet of each type, by type.
pub(crate) fn minimal(version: ProtocolVersion) -> Vec<PacketBuf> {
    let v5 = version.has_properties();
    let ack = || AckBuf { packet_id: 1, reason_code: ReasonCode::SUCCESS, properties: vec![] };
    let mut packets = vec![
        PacketBuf::Connect(ConnectBuf {
            version,
            clean_start: true,
            keep_alive: 60,
            properties: vec![],
            client_id: "c".into(),
            will: None,
            user_name: None,
            password: None,
        }),
        PacketBuf::ConnAck(ConnAckBuf { session_present: false, reason_code: ReasonCode::SUCCESS, properties: vec![] }),
        PacketBuf::Publish(PublishBuf {
            dup: false,
            qos: QoS::AtMostOnce,
            retain: false,
            topic: "t".into(),
            packet_id: None,
            properties: vec![],
            payload: vec![],
        }),
        PacketBuf::PubAck(ack()),
        PacketBuf::PubRec(ack()),
        PacketBuf::PubRel(ack()),
        PacketBuf::PubComp(ack()),
        PacketBuf::Subscribe(SubscribeBuf {
            packet_id: 1,
            properties: vec![],
            filters: vec![SubscriptionBuf { filter: "t".into(), options: SubscriptionOptions::default() }],
        }),
        PacketBuf::SubAck(SubAckBuf {
            packet_id: 1,
            properties: vec![],
            reason_codes: vec![ReasonCode::GRANTED_QOS_0],
        }),
        PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id: 1, properties: vec![], filters: vec!["t".into()] }),
        PacketBuf::UnsubAck(UnsubAckBuf {
            packet_id: 1,
            properties: vec![],
            reason_codes: if v5 { vec![ReasonCode::SUCCESS] } else { vec![] },
        }),
        PacketBuf::PingReq,
        PacketBuf::PingResp,
        PacketBuf::Disconnect(DisconnectBuf::default()),
    ];
    if v5 {
        packets.push(PacketBuf::Auth(AuthBuf {
            reason_code: ReasonCode::CONTINUE_AUTHENTICATION,
            properties: vec![PropertyBuf::authentication_method("m")],
        }));
    }
    packets
}

/// A packet of each type with everything in it that can stand together, by type.
pub(crate) fn full(version: ProtocolVersion) -> Vec<PacketBuf> {
    let v5 = version.has_properties();
    let all = |context| if v5 { every_property(context) } else { vec![] };
    let properties = |packet| all(PropertyContext::Packet(packet));
    let ack = |packet| AckBuf {
        packet_id: 0x1234,
        reason_code: ReasonCode::rows(version, packet).last().map_or(ReasonCode::SUCCESS, |row| row.code),
        properties: properties(packet),
    };
    let mut packets = vec![
        PacketBuf::Connect(ConnectBuf {
            version,
            clean_start: false,
            keep_alive: u16::MAX,
            properties: properties(PacketType::Connect),
            client_id: "mqttspec-client".into(),
            will: Some(WillBuf {
                qos: QoS::ExactlyOnce,
                retain: true,
                properties: all(PropertyContext::Will),
                topic: "will/topic".into(),
                payload: b"gone".to_vec(),
            }),
            user_name: Some("user".into()),
            password: Some(b"secret".to_vec()),
        }),
        PacketBuf::ConnAck(ConnAckBuf {
            session_present: version != ProtocolVersion::V3_1,
            reason_code: ReasonCode::SUCCESS,
            properties: properties(PacketType::ConnAck),
        }),
        PacketBuf::Publish(PublishBuf {
            dup: true,
            qos: QoS::ExactlyOnce,
            retain: true,
            topic: "a/\u{FEFF}b/ä".into(),
            packet_id: Some(u16::MAX),
            properties: properties(PacketType::Publish),
            payload: b"hello".to_vec(),
        }),
        PacketBuf::PubAck(ack(PacketType::PubAck)),
        PacketBuf::PubRec(ack(PacketType::PubRec)),
        PacketBuf::PubRel(ack(PacketType::PubRel)),
        PacketBuf::PubComp(ack(PacketType::PubComp)),
        PacketBuf::Subscribe(full_subscribe(v5, properties(PacketType::Subscribe))),
        PacketBuf::SubAck(SubAckBuf {
            packet_id: 0x1234,
            properties: properties(PacketType::SubAck),
            reason_codes: ReasonCode::rows(version, PacketType::SubAck).map(|row| row.code).collect(),
        }),
        PacketBuf::Unsubscribe(UnsubscribeBuf {
            packet_id: 0x1234,
            properties: properties(PacketType::Unsubscribe),
            filters: vec!["a/b".into(), "+/#".into(), "$SYS/#".into()],
        }),
    ];
    if v5 {
        packets.push(PacketBuf::UnsubAck(UnsubAckBuf {
            packet_id: 0x1234,
            properties: properties(PacketType::UnsubAck),
            reason_codes: ReasonCode::rows(version, PacketType::UnsubAck).map(|row| row.code).collect(),
        }));
        packets.push(PacketBuf::Disconnect(DisconnectBuf {
            reason_code: ReasonCode::DISCONNECT_WITH_WILL_MESSAGE,
            properties: properties(PacketType::Disconnect),
        }));
        packets.push(PacketBuf::Auth(AuthBuf {
            reason_code: ReasonCode::RE_AUTHENTICATE,
            properties: properties(PacketType::Auth),
        }));
    }
    packets
}

fn full_subscribe(v5: bool, properties: Vec<PropertyBuf>) -> SubscribeBuf {
    let options = |qos, no_local, retain_as_published, retain_handling| {
        if v5 {
            SubscriptionOptions { qos, no_local, retain_as_published, retain_handling }
        } else {
            SubscriptionOptions { qos, ..SubscriptionOptions::default() }
        }
    };
    let subscription = |filter: &str, options| SubscriptionBuf { filter: filter.into(), options };
    SubscribeBuf {
        packet_id: 0x1234,
        properties,
        filters: vec![
            subscription("a/+/c", options(QoS::ExactlyOnce, true, true, RetainHandling::DoNotSend)),
            subscription("#", options(QoS::AtLeastOnce, false, true, RetainHandling::SendIfNew)),
            subscription("$share/group/a/#", options(QoS::AtMostOnce, false, false, RetainHandling::SendAtSubscribe)),
        ],
    }
}

/// Every property that may stand in `context`, once each, and User Property twice.
fn every_property(context: PropertyContext) -> Vec<PropertyBuf> {
    let allowed = PropertyId::ALL.into_iter().filter(|id| id.is_allowed_in(context));
    let mut properties: Vec<_> = allowed.map(sample_property).collect();
    properties.push(PropertyBuf::user_property("key", ""));
    properties
}

/// A valid property with this identifier.
pub fn sample_property(id: PropertyId) -> PropertyBuf {
    let value = match id.property_type() {
        PropertyType::Byte => ValueBuf::Byte(1),
        PropertyType::TwoByteInteger => ValueBuf::TwoByteInteger(10),
        PropertyType::FourByteInteger => ValueBuf::FourByteInteger(100_000),
        PropertyType::VariableByteInteger => ValueBuf::VariableByteInteger(300),
        PropertyType::Utf8String => ValueBuf::Utf8String(id.name().to_lowercase().replace(' ', "-")),
        PropertyType::BinaryData => ValueBuf::BinaryData(vec![0x00, 0xFF]),
        PropertyType::Utf8StringPair => ValueBuf::Utf8StringPair("key".into(), "value".into()),
    };
    PropertyBuf { id, value }
}
