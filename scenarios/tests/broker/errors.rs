//! Malformed packets and protocol errors (4.13).

use mqttspec_codec::{
    DisconnectBuf, PacketBuf, PropertyBuf, PublishBuf, QoS, ReasonCode, SubAckBuf, UnsubAckBuf, diagnose,
};
use mqttspec_scenarios::broker::{BrokerConfig, ConnectionId, Variant};

use crate::peer::*;

/// Sends bytes on a fresh connection of each version; 5.0 must answer with `reason`, all must close.
fn refused(bytes: &[u8], reason: ReasonCode) {
    for version in [V3_1, V3_1_1, V5_0] {
        let mut world = World::honest();
        let id = world.client(version, "a");
        world.send_bytes(id, bytes);
        world.ended(id, reason);
    }
}

#[test]
fn malformed_packets() {
    refused(&[0x00, 0x00], ReasonCode::MALFORMED_PACKET);
    refused(&[0xC1, 0x00], ReasonCode::MALFORMED_PACKET);
    refused(&[0xC0, 0x01, 0x00], ReasonCode::MALFORMED_PACKET);
    refused(&[0xC0, 0xFF, 0xFF, 0xFF, 0xFF], ReasonCode::MALFORMED_PACKET);
    refused(&[0x36, 0x05, 0, 1, b't', 0, 1], ReasonCode::MALFORMED_PACKET);
    refused(&[0x62 ^ 0x02, 0x02, 0, 1], ReasonCode::MALFORMED_PACKET);
}

#[test]
fn reasons_are_those_of_the_diagnosis() {
    let wildcard = [0x30, 0x04, 0, 1, b'#', 0];
    let reason = diagnose(&wildcard, V5_0).first_must().unwrap().reason;
    refused(&wildcard, reason);
    // Any reason that a receiver may defensibly give is fine for the variant.
    let mut world = World::varied(Variant::GeneralReasonCodes);
    let id = world.client(V5_0, "a");
    world.send_bytes(id, &wildcard);
    let PacketBuf::Disconnect(disconnect) = world.one(id) else { panic!("not a DISCONNECT") };
    assert!(diagnose(&wildcard, V5_0).reasons().contains(&disconnect.reason_code));
}

#[test]
fn auth_does_not_exist_before_5_0() {
    let mut world = World::honest();
    let id = world.client(V3_1_1, "a");
    world.send_bytes(id, &[0xF0, 0x00]);
    world.ended_with(id, &[]);
}

#[test]
fn packets_that_only_servers_send() {
    for version in [V3_1, V3_1_1, V5_0] {
        for packet in [
            PacketBuf::PingResp,
            PacketBuf::SubAck(SubAckBuf { packet_id: 1, properties: vec![], reason_codes: vec![ReasonCode(0)] }),
            PacketBuf::UnsubAck(UnsubAckBuf { packet_id: 1, properties: vec![], reason_codes: vec![ReasonCode(0)] }),
        ] {
            let mut world = World::honest();
            let id = world.client(version, "a");
            world.send(id, packet);
            world.ended(id, ReasonCode::PROTOCOL_ERROR);
        }
    }
}

#[test]
fn too_large_packets() {
    for version in [V3_1, V3_1_1, V5_0] {
        let mut world = World::new(BrokerConfig { maximum_packet_size: 100, ..Default::default() });
        let id = world.client(version, "a");
        let room = if version == V5_0 { 94 } else { 95 };
        world.publish(id, message("t", &"x".repeat(room), QoS::AtMostOnce));
        world.alive(id);
        world.send(id, PacketBuf::Publish(message("t", &"x".repeat(room + 1), QoS::AtMostOnce)));
        world.ended(id, ReasonCode::PACKET_TOO_LARGE);
    }
}

#[test]
fn what_only_5_0_forbids() {
    let with = |properties| PacketBuf::Publish(PublishBuf { properties, ..message("t", "m", QoS::AtMostOnce) });
    let ends = |packet, reason| {
        let mut world = World::honest();
        let id = world.client(V5_0, "a");
        world.send(id, packet);
        world.ended(id, reason);
    };
    ends(with(vec![PropertyBuf::subscription_identifier(1)]), ReasonCode::PROTOCOL_ERROR);
    ends(with(vec![PropertyBuf::topic_alias(0)]), ReasonCode::TOPIC_ALIAS_INVALID);
    let raise = DisconnectBuf {
        reason_code: ReasonCode::NORMAL_DISCONNECTION,
        properties: vec![PropertyBuf::session_expiry_interval(1)],
    };
    ends(PacketBuf::Disconnect(raise), ReasonCode::PROTOCOL_ERROR);
}

#[test]
fn nothing_after_an_error_is_acted_upon() {
    let mut world = World::honest();
    let witness = world.client(V5_0, "w");
    world.subscribe(witness, "t", QoS::AtMostOnce);
    let id = world.client(V5_0, "a");
    let mut bytes = vec![0xC1, 0x00];
    bytes.extend(PacketBuf::Publish(message("t", "m", QoS::AtMostOnce)).encode(V5_0).unwrap());
    world.send_bytes(id, &bytes);
    world.ended(id, ReasonCode::MALFORMED_PACKET);
    world.nothing(witness);
}

#[test]
fn packets_may_come_in_any_pieces() {
    let mut world = World::honest();
    let id = world.client(V5_0, "a");
    let mut bytes = PacketBuf::PingReq.encode(V5_0).unwrap();
    bytes.extend(PacketBuf::Publish(message("t", "m", QoS::AtLeastOnce)).encode(V5_0).unwrap());
    bytes.extend(PacketBuf::PingReq.encode(V5_0).unwrap());
    for byte in bytes {
        world.send_bytes(id, &[byte]);
    }
    assert_eq!(world.take(id), [PacketBuf::PingResp, puback(77), PacketBuf::PingResp]);
}

#[test]
fn bytes_for_a_closed_connection_are_ignored() {
    let mut world = World::honest();
    let id = world.client(V3_1_1, "a");
    world.send(id, disconnect(ReasonCode::NORMAL_DISCONNECTION));
    world.ended_with(id, &[]);
    world.send(id, PacketBuf::PingReq);
    world.drop_connection(id);
    world.drop_connection(ConnectionId(1_000));
    world.ended_with(id, &[]);
}

#[test]
fn capabilities_that_are_missing() {
    let ends = |variant, packet, reason| {
        let mut world = World::varied(variant);
        let id = world.client(V5_0, "a");
        world.send(id, packet);
        world.ended(id, reason);
    };
    let publish = |qos| PacketBuf::Publish(message("t", "m", qos));
    ends(Variant::CapabilityMaximumQos1, publish(QoS::ExactlyOnce), ReasonCode::QOS_NOT_SUPPORTED);
    ends(Variant::CapabilityMaximumQos0, publish(QoS::AtLeastOnce), ReasonCode::QOS_NOT_SUPPORTED);
    let retained = PacketBuf::Publish(retained("t", "m", QoS::AtMostOnce));
    ends(Variant::CapabilityNoRetain, retained, ReasonCode::RETAIN_NOT_SUPPORTED);
    let subscribe = |filter: &str, properties| {
        PacketBuf::Subscribe(mqttspec_codec::SubscribeBuf {
            packet_id: 1,
            properties,
            filters: vec![mqttspec_codec::SubscriptionBuf { filter: filter.to_owned(), options: Default::default() }],
        })
    };
    let wildcard = subscribe("#", vec![]);
    ends(Variant::CapabilityNoWildcards, wildcard, ReasonCode::WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED);
    let shared = subscribe("$share/g/t", vec![]);
    ends(Variant::CapabilityNoSharedSubscriptions, shared, ReasonCode::SHARED_SUBSCRIPTIONS_NOT_SUPPORTED);
    let identified = subscribe("t", vec![PropertyBuf::subscription_identifier(1)]);
    let reason = ReasonCode::SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED;
    ends(Variant::CapabilityNoSubscriptionIdentifiers, identified, reason);
}
