use std::collections::{BTreeMap, BTreeSet};

use mqttspec_codec::{PacketBuf, PacketType, QoS};

use super::*;
use crate::broker::AUTHENTICATION_METHOD;
use crate::model::{Outgoing, Step};

fn abilities() -> Abilities {
    Abilities { topic_alias_maximum: 10, receive_maximum: 16, challenge: true, ..Abilities::default() }
}

fn each(outgoing: &Outgoing, take: &mut impl FnMut(&PacketBuf, bool)) {
    match outgoing {
        Outgoing::Packet(packet) => take(packet, true),
        Outgoing::Mutated { packet, .. } => take(packet, false),
        Outgoing::Together(parts) => parts.iter().for_each(|part| each(part, take)),
        Outgoing::InPieces { outgoing, .. } => each(outgoing, take),
        _ => {}
    }
}

fn packets(history: &Scenario, mut take: impl FnMut(&PacketBuf, ProtocolVersion, bool)) {
    let mut versions = BTreeMap::new();
    for step in &history.steps {
        if let Step::Send { outgoing, connection } = step {
            // Clients of several versions may meet.
            let version = versions.entry(connection).or_insert(history.version);
            each(outgoing, &mut |packet, intact| {
                if let PacketBuf::Connect(connect) = packet {
                    *version = connect.version;
                }
                take(packet, *version, intact);
            });
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_history_and_another_gives_another() {
    let profile = Profile::default();
    assert_eq!(generate(1, 2, &profile), generate(1, 2, &profile));
    assert_ne!(generate(1, 2, &profile).steps, generate(1, 3, &profile).steps);
    assert_ne!(generate(1, 2, &profile).steps, generate(2, 2, &profile).steps);
}

#[test]
fn histories_end_settled_and_are_of_a_reasonable_length() {
    let profile = Profile { abilities: abilities(), ..Profile::default() };
    let mut lengths: Vec<usize> = (0..400)
        .map(|index| {
            let history = generate(1, index, &profile);
            assert_eq!(history.steps.last(), Some(&Step::Drain));
            assert!(history.clock_ms() <= profile.time_ms);
            assert_eq!(history.judged_by, JudgedBy::Monitor);
            history.steps.len()
        })
        .collect();
    lengths.sort_unstable();
    assert!(lengths[200] >= 15 && lengths[200] <= 60, "median {}", lengths[200]);
    assert!(lengths[399] <= 250, "longest {}", lengths[399]);
}

#[test]
fn connections_are_opened_before_they_are_used_and_only_once() {
    let profile = Profile { abilities: abilities(), ..Profile::default() };
    for index in 0..300 {
        let history = generate(2, index, &profile);
        let mut opened = BTreeSet::new();
        for step in &history.steps {
            match step {
                Step::Open { connection } => assert!(opened.insert(connection.clone()), "{index}: {connection}"),
                Step::Drain | Step::Wait { .. } => {}
                other => assert!(opened.contains(other.connection()), "{index}: {other:?}"),
            }
        }
    }
}

#[test]
fn what_the_target_does_not_offer_is_not_asked_for() {
    let abilities = Abilities {
        maximum_qos: QoS::AtMostOnce,
        retain: false,
        wildcards: false,
        shared: false,
        subscription_identifiers: false,
        topic_alias_maximum: 0,
        challenge: false,
        any_user: false,
        ..abilities()
    };
    let profile = Profile { unlawful_percent: 0, abilities, ..Profile::default() };
    for index in 0..300 {
        let history = generate(3, index, &profile);
        packets(&history, |packet, _, intact| {
            assert!(intact);
            match packet {
                PacketBuf::Publish(p) => assert!(p.qos == QoS::AtMostOnce && !p.retain && !p.topic.is_empty()),
                PacketBuf::Subscribe(p) => {
                    assert!(p.properties.is_empty());
                    assert!(p.filters.iter().all(|s| !s.filter.contains(['+', '#']) && !s.filter.contains("$share")));
                }
                PacketBuf::Connect(p) => {
                    assert!(p.user_name.is_none() && p.password.is_none());
                    assert!(p.will.as_ref().is_none_or(|will| will.qos == QoS::AtMostOnce && !will.retain));
                    let text = format!("{:?}", p.properties);
                    assert!(!text.contains(AUTHENTICATION_METHOD));
                }
                _ => {}
            }
        });
    }
}

#[test]
fn lawful_histories_hold_packets_that_encode_and_decode() {
    let profile = Profile { unlawful_percent: 0, abilities: abilities(), ..Profile::default() };
    for index in 0..400 {
        let history = generate(4, index, &profile);
        packets(&history, |packet, version, _| {
            let bytes = packet.encode(version).unwrap_or_else(|error| panic!("{index}: {packet:?}: {error}"));
            if packet.packet_type() != PacketType::Auth {
                let decoded = PacketBuf::decode(&bytes, version);
                assert!(decoded.is_ok(), "{index}: {packet:?}: {decoded:?}");
            }
        });
    }
}

#[test]
fn without_time_nothing_waits() {
    let profile = Profile { time_ms: 0, abilities: abilities(), ..Profile::default() };
    for index in 0..200 {
        let history = generate(5, index, &profile);
        assert!(!history.steps.iter().any(|step| matches!(step, Step::Wait { .. })));
    }
}
