//! Every fault does something where it breaks a statement, and nothing elsewhere.

use mqttspec_codec::{PropertyBuf, ProtocolVersion, QoS};
use mqttspec_scenarios::Time;
use mqttspec_scenarios::broker::{BrokerConfig, Fault, Output};

use crate::peer::*;
use crate::recorder::Recorder;
use crate::stories::STORIES;

pub(crate) type Log = Vec<(Time, Output)>;

/// What the broker does in every story.
pub(crate) fn logs(version: ProtocolVersion, config: &BrokerConfig) -> Vec<Log> {
    let config = BrokerConfig { maximum_packet_size: 10_000, ..config.clone() };
    let tell = |story: &fn(&mut Recorder)| {
        let mut recorder = Recorder::new(version, config.clone());
        story(&mut recorder);
        recorder.log
    };
    STORIES.iter().map(tell).collect()
}

#[test]
fn each_fault_shows_exactly_in_the_versions_whose_statement_it_breaks() {
    let mut wrong = Vec::new();
    for version in ProtocolVersion::ALL {
        let honest = logs(version, &BrokerConfig::default());
        for &fault in Fault::ALL {
            // 3.1 goes with 3.1.1 in the table, but has no Session Present flag and no zero-length client identifier.
            if version == V3_1 {
                continue;
            }
            let shows = logs(version, &BrokerConfig::with_faults(fault)) != honest;
            if shows != fault.statement(version).is_some() {
                wrong.push(format!("{fault} in {version}: shows is {shows}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn same_seed_same_bytes() {
    for version in ProtocolVersion::ALL {
        assert_eq!(logs(version, &BrokerConfig::default()), logs(version, &BrokerConfig::default()));
    }
}

#[test]
fn redelivery_without_dup() {
    let mut world = World::faulty(Fault::RedeliverWithoutDup);
    let id = world.connect(lasting(V3_1_1, "a"));
    world.subscribe(id, "t", QoS::AtLeastOnce);
    world.publish(id, message("t", "m", QoS::AtLeastOnce));
    world.publishes(id);
    world.drop_connection(id);
    let (_, again) = world.resume(lasting(V3_1_1, "a"));
    assert!(!published(again[0].clone()).dup);
}

#[test]
fn take_over_that_keeps_the_old_connection() {
    let mut world = World::faulty(Fault::TakeOverKeepsOldConnection);
    let old = world.client(V5_0, "a");
    let (new, _) = world.try_connect(clean(V5_0, "a"));
    world.alive(old);
    world.alive(new);
    world.drop_connection(old);
    world.alive(new);
}

#[test]
fn quota_that_blocks_everything() {
    let mut world = World::faulty(Fault::QuotaBlocksOtherPackets);
    let id = world.connect(with_properties(clean(V5_0, "a"), &[PropertyBuf::receive_maximum(1)]));
    world.subscribe(id, "t", QoS::AtLeastOnce);
    world.publish(id, message("t", "m", QoS::AtLeastOnce));
    let packet_id = world.publishes(id)[0].packet_id.unwrap();
    world.send(id, mqttspec_codec::PacketBuf::PingReq);
    world.nothing(id);
    world.send(id, puback(packet_id));
    assert_eq!(world.one(id), mqttspec_codec::PacketBuf::PingResp);
}
