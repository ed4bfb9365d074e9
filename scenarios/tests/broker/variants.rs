//! Legal variants: each shows, and each keeps to what the tests of the honest broker hold to be true of all.

use std::time::Duration;

use mqttspec_codec::{PropertyBuf, PropertyId, PropertyList, ProtocolVersion, QoS, ReasonCode, SubscriptionOptions};
use mqttspec_scenarios::broker::{BrokerConfig, Fault, FaultSet, Variant, VariantSet};

use crate::faults::logs;
use crate::peer::*;

#[test]
fn each_variant_shows() {
    let honest: Vec<_> = ProtocolVersion::ALL.map(|version| logs(version, &BrokerConfig::default())).into();
    for &variant in Variant::ALL {
        let config = BrokerConfig::with_variants(variant);
        let shows =
            ProtocolVersion::ALL.into_iter().zip(&honest).any(|(version, honest)| logs(version, &config) != *honest);
        assert!(shows, "{variant} makes no difference");
    }
}

#[test]
fn variants_send_only_sound_packets() {
    use mqttspec_codec::PacketBuf;
    use mqttspec_scenarios::broker::Output;
    for version in [V3_1_1, V5_0] {
        for &variant in Variant::ALL {
            for (_, output) in logs(version, &BrokerConfig::with_variants(variant)).into_iter().flatten() {
                let Output::Send { bytes, .. } = output else { continue };
                let mut frames = mqttspec_codec::FrameDecoder::new(1 << 20);
                frames.push(&bytes);
                while let Some(frame) = frames.next_frame().unwrap() {
                    // A CONNACK to an unknown protocol level may be in the form of the other version.
                    let sound = ProtocolVersion::ALL.iter().any(|&v| PacketBuf::decode(&frame, v).is_ok());
                    assert!(sound, "{variant} in {version}: {frame:02X?}");
                }
            }
        }
    }
}

#[test]
fn tables_are_consistent() {
    for &variant in Variant::ALL {
        assert_eq!(Variant::from_id(variant.id()), Some(variant));
        assert!(!variant.describe().is_empty() && variant.section().starts_with(['3', '4']));
    }
    assert!(Variant::ALL.len() >= 20);
    assert_eq!(Variant::from_id("none-such"), None);
    let set: VariantSet = [Variant::SysTopics, Variant::CoalescedOutput].into_iter().collect();
    assert_eq!(format!("{set:?}"), r#"{"coalesced-output", "sys-topics"}"#);
    assert_eq!(FaultSet::from(Fault::NoPubAck).iter().next(), Some(Fault::NoPubAck));
    let json = serde_json::to_string(&(Fault::NoPubAck, Variant::SysTopics)).unwrap();
    assert_eq!(json, r#"["no-puback","sys-topics"]"#);
}

#[test]
fn several_copies_on_overlap() {
    let mut world = World::varied(Variant::OverlapSeveralCopies);
    let id = world.client(V5_0, "a");
    for (n, (filter, qos)) in
        [("#", QoS::AtMostOnce), ("+", QoS::AtLeastOnce), ("t", QoS::ExactlyOnce)].into_iter().enumerate()
    {
        let properties = vec![PropertyBuf::subscription_identifier(n as u32 + 1)];
        world.subscribe_with(id, filter, SubscriptionOptions { qos, ..Default::default() }, properties);
    }
    world.publish(id, message("t", "m", QoS::ExactlyOnce));
    let got: Vec<_> = world
        .publishes(id)
        .into_iter()
        .map(|p| (p.qos.value(), p.properties.integer(PropertyId::SubscriptionIdentifier).unwrap()))
        .collect();
    assert_eq!(got, [(0, 1), (1, 2), (2, 3)]);
}

#[test]
fn delayed_delivery_keeps_the_order_and_loses_nothing() {
    let mut world = World::varied(Variant::DelayedDelivery);
    let id = world.connect(lasting(V3_1_1, "a"));
    world.subscribe(id, "t", QoS::AtLeastOnce);
    for payload in ["1", "2"] {
        world.publish(id, message("t", payload, QoS::AtLeastOnce));
    }
    world.nothing(id);
    world.wait(Duration::from_millis(5));
    assert_eq!(world.payloads(id), ["1", "2"]);
    world.publish(id, message("t", "3", QoS::AtLeastOnce));
    world.drop_connection(id);
    world.wait(Duration::from_millis(50));
    let (_, got) = world.resume(lasting(V3_1_1, "a"));
    assert_eq!(got.len(), 3);
}

#[test]
fn coalesced_output() {
    let mut world = World::varied(Variant::CoalescedOutput);
    let id = world.client(V3_1_1, "a");
    world.subscribe(id, "t", QoS::AtMostOnce);
    let before = world.writes(id);
    world.publish(id, message("t", "m", QoS::AtLeastOnce));
    assert_eq!(world.writes(id), before + 1);
    assert_eq!(world.payloads(id), ["m"]);
}

#[test]
fn will_late_is_not_cancelled_by_coming_back() {
    let mut world = World::varied(Variant::WillLate);
    let witness = world.client(V3_1_1, "w");
    world.subscribe(witness, "will", QoS::AtMostOnce);
    for _ in 0..2 {
        let id = world.connect(with_will(clean(V3_1_1, "a"), "gone"));
        world.drop_connection(id);
    }
    world.connect(clean(V3_1_1, "a"));
    world.wait(Duration::from_millis(50));
    assert_eq!(world.payloads(witness), ["gone", "gone"]);
}

#[test]
fn closes_without_a_word() {
    let mut world = World::varied(Variant::CloseWithoutDisconnect);
    let id = world.client(V5_0, "a");
    world.send_bytes(id, &[0xC1, 0]);
    world.ended_with(id, &[]);
    let mut world = World::varied(Variant::CloseWithoutConnAck);
    let connect = with_properties(clean(V5_0, "a"), &[PropertyBuf::authentication_method("unknown")]);
    let (id, answer) = world.try_connect(connect);
    assert_eq!(answer, []);
    assert!(world.is_closed(id));
    let mut world = World::varied(Variant::TakeOverWithoutDisconnect);
    let id = world.client(V5_0, "a");
    world.client(V5_0, "a");
    world.ended_with(id, &[]);
}

#[test]
fn keep_alive_late() {
    let mut world = World::varied(Variant::KeepAliveLate);
    let id = world.connect(mqttspec_codec::ConnectBuf { keep_alive: 2, ..clean(V3_1_1, "a") });
    world.wait(Duration::from_millis(3_249));
    world.nothing(id);
    world.wait(Duration::from_millis(1));
    world.ended(id, ReasonCode::KEEP_ALIVE_TIMEOUT);
}

#[test]
fn negotiated_values() {
    let property = |variant, connect, id: PropertyId| {
        let mut world = World::varied(variant);
        let (_, answer) = world.try_connect(connect);
        connack(answer[0].clone()).properties.integer(id)
    };
    let plain = || clean(V5_0, "a");
    assert_eq!(property(Variant::ServerKeepAlive, plain(), PropertyId::ServerKeepAlive), Some(60));
    let short = mqttspec_codec::ConnectBuf { keep_alive: 5, ..plain() };
    assert_eq!(property(Variant::ServerKeepAlive, short, PropertyId::ServerKeepAlive), None);
    let hour = lasting(V5_0, "a");
    assert_eq!(property(Variant::SessionExpiryShortened, hour, PropertyId::SessionExpiryInterval), Some(60));
    assert_eq!(property(Variant::SmallReceiveMaximum, plain(), PropertyId::ReceiveMaximum), Some(2));
    assert_eq!(property(Variant::NoReceiveMaximum, plain(), PropertyId::ReceiveMaximum), None);
    assert_eq!(property(Variant::CapabilitiesStated, plain(), PropertyId::RetainAvailable), Some(1));
    assert_eq!(property(Variant::CapabilityMaximumQos1, plain(), PropertyId::MaximumQoS), Some(1));
}
