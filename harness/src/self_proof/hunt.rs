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

/// Plays histories of this seed until one finds the fault, and at most `limit`.
pub fn hunt(quarry: Quarry, seed: u64, limit: u64) -> Option<Sighting> {
    let config = BrokerConfig::with_faults(quarry.fault);
    let profile = Profile::of(quarry.version, abilities_of(&config));
    (0..limit).find_map(|index| {
        let (outcome, _) = play(generate(seed, index, &profile), config.clone());
        let mut findings = outcome.findings.iter().filter(|finding| finding.level != Level::May).peekable();
        let message = findings.peek()?.message.clone();
        let mut statements = Vec::new();
        for finding in findings {
            if !statements.contains(&finding.cited()) {
                statements.push(finding.cited());
            }
        }
        Some(Sighting { histories: index + 1, statements, message })
    })
}
