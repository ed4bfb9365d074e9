//! The hunt for one fault.

use mqttspec_codec::ProtocolVersion;
use mqttspec_reports::Level;
use mqttspec_scenarios::broker::{BrokerConfig, Fault};
use mqttspec_scenarios::histories::{Profile, generate};

use super::laboratory::{abilities_of, play};

/// A fault in a version in which it breaks something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quarry {
    /// The fault.
    pub fault: Fault,
    /// The version that the histories speak.
    pub version: ProtocolVersion,
}

/// How a fault was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Histories played, the one that found it included.
    pub histories: u64,
    /// The statements that were found broken in it, each once, in the order in which they were found.
    pub statements: Vec<String>,
    /// The argument of the first finding.
    pub message: String,
}

/// Every fault in every one of these versions in which it breaks something.
pub fn quarries(versions: &[ProtocolVersion]) -> Vec<Quarry> {
    let all = Fault::ALL.iter().flat_map(|fault| versions.iter().map(|version| (*fault, *version)));
    let breaks = all.filter(|(fault, version)| fault.statement(*version).is_some());
    breaks.map(|(fault, version)| Quarry { fault, version }).collect()
}

/// Plays histories of this seed until one finds the fault, and at most `limit`. What the broker without the fault is
/// accused of in the same history does not count.
pub fn hunt(quarry: Quarry, seed: u64, limit: u64) -> Option<Sighting> {
    let config = BrokerConfig::with_faults(quarry.fault);
    let profile = Profile::of(quarry.version, abilities_of(&config));
    (0..limit).find_map(|index| {
        let found = findings(seed, index, &profile, &config);
        if found.is_empty() {
            return None;
        }
        let false_ones = findings(seed, index, &profile, &BrokerConfig::default());
        let mut statements = Vec::new();
        let mut message = None;
        for (statement, argument) in found {
            if false_ones.iter().all(|(known, _)| *known != statement) && !statements.contains(&statement) {
                statements.push(statement);
                message.get_or_insert(argument);
            }
        }
        message.map(|message| Sighting { histories: index + 1, statements, message })
    })
}

/// What is found in one history: statements and arguments, observations left out.
fn findings(seed: u64, index: u64, profile: &Profile, config: &BrokerConfig) -> Vec<(String, String)> {
    let (outcome, _) = play(generate(seed, index, profile), config.clone());
    let binding = outcome.findings.into_iter().filter(|finding| finding.level != Level::May);
    binding.map(|finding| (finding.cited(), finding.message)).collect()
}

/// In which of the first `limit` histories the fault changes what happens: where it was not found, they tell whether the
/// histories never provoke it or the monitor overlooks it.
pub fn provoked(quarry: Quarry, seed: u64, limit: u64) -> Vec<u64> {
    let config = BrokerConfig::with_faults(quarry.fault);
    let profile = Profile::of(quarry.version, abilities_of(&config));
    let differs = |index: &u64| {
        let faulty = play(generate(seed, *index, &profile), config.clone()).1;
        let honest = play(generate(seed, *index, &profile), BrokerConfig::default()).1;
        faulty.render() != honest.render()
    };
    (0..limit).filter(differs).collect()
}
