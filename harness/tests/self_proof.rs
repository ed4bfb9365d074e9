//! The session model proves itself on generated histories alone, in memory and in virtual time: the honest broker and its
//! legal variants are never accused, and every fault is found. More of the same, and the table of medians:
//! `cargo run --release --example self_proof -- --honest 100000 --hunt 5`.

use mqttspec::self_proof::{Quarry, honest, hunt, in_parallel, play};
use mqttspec_codec::ProtocolVersion;
use mqttspec_scenarios::broker::{BrokerConfig, Fault};
use mqttspec_scenarios::histories::{Profile, generate};
use mqttspec_scenarios::monitor::coverage::Coverage;

const SEED: u64 = 1;
/// Histories with the honest broker.
const HONEST: u64 = 600;
/// Histories within which a fault is found.
const LIMIT: u64 = 2_000;

#[test]
fn the_honest_broker_is_never_accused_and_nearly_every_state_meets_every_event() {
    let played = honest(SEED, 0, HONEST, &Profile::default());
    assert!(played.accusations.is_empty(), "{:#?}", played.accusations);
    let (reached, possible) = (played.coverage.reached(), Coverage::possible());
    assert!(reached * 100 >= possible * 80, "{}", played.coverage);
}

#[test]
fn every_fault_is_found_by_generated_histories_alone() {
    let quarries: Vec<Quarry> = Fault::ALL
        .iter()
        .map(|fault| {
            let v5 = fault.statement(ProtocolVersion::V5_0).is_some();
            let version = if v5 { ProtocolVersion::V5_0 } else { ProtocolVersion::V3_1_1 };
            Quarry { fault: *fault, version }
        })
        .collect();
    let found = in_parallel(quarries.len(), |at| hunt(quarries[at], SEED, LIMIT).is_some());
    let missed = quarries.iter().zip(found).filter(|(_, found)| !found).map(|(quarry, _)| quarry.fault.id());
    let missed: Vec<&str> = missed.collect();
    assert!(missed.is_empty(), "not found in {LIMIT} histories: {missed:?}");
}

#[test]
fn the_same_history_brings_the_same_events() {
    let profile = Profile::default();
    for index in 0..20 {
        let run = || play(generate(SEED, index, &profile), BrokerConfig::default());
        let (one, other) = (run(), run());
        assert_eq!(one.0, other.0);
        assert_eq!(one.1.render(), other.1.render());
    }
}
