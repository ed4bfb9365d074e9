//! How many histories it takes until the monitor finds each fault of the client.

use mqttspec_codec::ProtocolVersion;

use super::play::play;
use crate::Finding;
use crate::client::{ClientFault, ClientFaultSet};

/// One fault in one version, and what became of it.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The fault.
    pub fault: ClientFault,
    /// The version of the protocol.
    pub version: ProtocolVersion,
    /// For every trial, how many histories it took until anything was found against the client; `None`: more than were
    /// played.
    pub trials: Vec<Option<u64>>,
    /// Whether it was found under the sentence that it breaks.
    pub named: bool,
    /// What it was found under first.
    pub first: Option<Finding>,
}

impl Proof {
    /// Histories needed in the median trial; `None` when half of the trials found nothing.
    pub fn median(&self) -> Option<u64> {
        let mut needed: Vec<u64> = self.trials.iter().map(|trial| trial.unwrap_or(u64::MAX)).collect();
        needed.sort_unstable();
        needed.get(needed.len() / 2).copied().filter(|median| *median != u64::MAX)
    }

    /// Whether every trial found it.
    pub fn found(&self) -> bool {
        !self.trials.is_empty() && self.trials.iter().all(Option::is_some)
    }
}

/// Histories after the first finding in which the sentence that the fault breaks may yet be named.
const MORE: u64 = 8;

/// Plays every fault of `faults` that does something in `version`: `trials` times, with at most `histories` each. The
/// first seed is `seed`; no two trials share one.
pub fn prove_clients(
    version: ProtocolVersion,
    faults: &[ClientFault],
    seed: u64,
    trials: u64,
    histories: u64,
) -> Vec<Proof> {
    let acting = faults.iter().copied().filter(|fault| fault.statement(version).is_some());
    acting.map(|fault| prove(version, fault, seed, trials, histories)).collect()
}

fn prove(version: ProtocolVersion, fault: ClientFault, seed: u64, trials: u64, histories: u64) -> Proof {
    let mut proof = Proof { fault, version, trials: Vec::new(), named: false, first: None };
    for trial in 0..trials {
        let mut needed = None;
        for history in 0..histories {
            if needed.is_some_and(|needed| proof.named || history >= needed + MORE) {
                break;
            }
            let seed = seed.wrapping_add(trial * histories + history);
            let found = play(version, seed, ClientFaultSet::only(fault), false).clients;
            if let Some(first) = found.first() {
                needed.get_or_insert(history + 1);
                proof.first.get_or_insert_with(|| first.clone());
            }
            proof.named |= found.iter().any(|finding| names(finding, fault, version));
        }
        proof.trials.push(needed);
    }
    proof
}

/// Whether a finding cites the sentence that the fault breaks.
fn names(finding: &Finding, fault: ClientFault, version: ProtocolVersion) -> bool {
    fault.statement(version).is_some_and(|cite| match cite.strip_prefix('§') {
        // The section itself or one that it is part of.
        Some(section) => finding.statement.is_empty() && section.starts_with(finding.section.as_str()),
        None => finding.statement == cite,
    })
}

/// The proofs as a Markdown table: the median number of histories, and under which sentence each was found.
pub fn table(proofs: &[Proof]) -> String {
    let mut text =
        String::from("| fault | version | breaks | histories (median) | found under |\n|---|---|---|---|---|\n");
    for proof in proofs {
        let median = proof.median().map_or_else(|| "not found".to_owned(), |median| median.to_string());
        let breaks = proof.fault.statement(proof.version).unwrap_or_default();
        let under = match &proof.first {
            _ if proof.named => "the same",
            Some(first) if first.statement.is_empty() => &first.section,
            Some(first) => &first.statement,
            None => "",
        };
        text.push_str(&format!("| {} | {} | {breaks} | {median} | {under} |\n", proof.fault, proof.version));
    }
    text
}
