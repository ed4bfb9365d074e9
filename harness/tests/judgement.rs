//! What mqttspec says of a fixed set of histories: whoever changes the monitor sees whom else the change is about.
//!
//! Each line of the snapshot counts the findings by statement, and ends with a number that stands for every word of them, the
//! events that they name, the suspicions, the permitted choices that were observed, and the coverage. A change that is meant
//! to concern one rule, and that moves other lines, deserves a second look. In memory and in virtual time.

use std::collections::BTreeMap;
use std::fmt::{Debug, Write as _};

use mqttspec::self_proof::{Quarry, abilities_of, in_parallel, play, quarries, variants_of};
use mqttspec_codec::ProtocolVersion;
use mqttspec_scenarios::broker::BrokerConfig;
use mqttspec_scenarios::client::{ClientFault, ClientFaultSet, world};
use mqttspec_scenarios::histories::{Profile, generate};

const SEED: u64 = 1;
/// Histories with each fault, besides the one in which `self_proof` finds it.
const EACH: u64 = 2;
/// Lines of honest brokers, and the histories that each stands for.
const HONEST: (usize, u64) = (24, 12);
/// Histories of clients with each fault.
const OF_CLIENTS: u64 = 2;

/// In which history `self_proof` finds each fault.
const FOUND: &str = include_str!("snapshots/self_proof__arguments.snap");

/// FNV-1a of everything that was said, and how often each statement was named.
struct Said {
    fingerprint: u64,
    statements: BTreeMap<String, usize>,
}

impl Said {
    fn nothing() -> Self {
        Self { fingerprint: 0xcbf2_9ce4_8422_2325, statements: BTreeMap::new() }
    }

    fn say(&mut self, what: &impl Debug) {
        for byte in format!("{what:?}").bytes() {
            self.fingerprint = (self.fingerprint ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn count(&mut self, statement: String) {
        *self.statements.entry(statement).or_default() += 1;
    }

    /// One line of the snapshot.
    fn line(&self, about: &str) -> String {
        let mut line = format!("{about}: ");
        for (statement, times) in &self.statements {
            let _ = write!(line, "{statement} {times}, ");
        }
        let _ = writeln!(line, "{:08x}", self.fingerprint >> 32 ^ self.fingerprint & 0xffff_ffff);
        line
    }

    fn hear(&mut self, index: u64, profile: &Profile, config: BrokerConfig) {
        let (outcome, _) = play(generate(SEED, index, profile), config);
        for finding in &outcome.findings {
            self.count(finding.cited());
            self.say(finding);
        }
        self.say(&(outcome.verdict, &outcome.reason, &outcome.suspicions, &outcome.observations));
        self.say(&outcome.coverage.to_string());
    }
}

/// The history in which this fault shows first.
fn first_seen(Quarry { fault, version }: Quarry) -> Option<u64> {
    let head = format!("{}, {version}, history ", fault.id());
    let line = FOUND.lines().find_map(|line| line.strip_prefix(&head))?;
    line.split_once(':')?.0.parse().ok()
}

#[test]
fn of_brokers_with_a_fault() {
    let quarries = quarries(&ProtocolVersion::ALL);
    let lines = in_parallel(quarries.len(), |at| {
        let Quarry { fault, version } = quarries[at];
        let config = BrokerConfig::with_faults(fault);
        let profile = Profile::of(version, abilities_of(&config));
        let mut said = Said::nothing();
        let first = first_seen(quarries[at]).filter(|index| *index >= EACH);
        for index in (0..EACH).chain(first) {
            said.hear(index, &profile, config.clone());
        }
        said.line(&format!("{}, {version}", fault.id()))
    });
    insta::assert_snapshot!("of_brokers_with_a_fault", lines.concat());
}

#[test]
fn of_honest_brokers() {
    let lines = in_parallel(HONEST.0, |at| {
        let mut said = Said::nothing();
        let from = at as u64 * HONEST.1;
        for index in from..from + HONEST.1 {
            let config = BrokerConfig { seed: index, ..BrokerConfig::with_variants(variants_of(SEED, index)) };
            let profile = Profile { abilities: abilities_of(&config), ..Profile::default() };
            said.hear(index, &profile, config);
        }
        said.line(&format!("histories {from} to {}", from + HONEST.1 - 1))
    });
    insta::assert_snapshot!("of_honest_brokers", lines.concat());
}

#[test]
fn of_clients_with_a_fault() {
    let versions = ProtocolVersion::ALL;
    let lines = in_parallel(ClientFault::ALL.len() * versions.len(), |at| {
        let (fault, version) = (ClientFault::ALL[at / versions.len()], versions[at % versions.len()]);
        let mut said = Said::nothing();
        for seed in 0..OF_CLIENTS {
            let played = world::play(version, seed, ClientFaultSet::only(fault), false);
            for finding in played.clients.iter().chain(&played.server) {
                let cited = if finding.statement.is_empty() { &finding.section } else { &finding.statement };
                said.count(cited.clone());
                said.say(finding);
            }
        }
        said.line(&format!("{}, {version}", fault.id()))
    });
    insta::assert_snapshot!("of_clients_with_a_fault", lines.concat());
}
