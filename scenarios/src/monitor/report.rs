//! Collects findings, a bounded number of each kind.

use std::collections::{BTreeMap, BTreeSet};

use mqttspec_codec::ProtocolVersion;

use super::rule::Rule;
use crate::Finding;

/// Findings of one statement on one connection that are kept: the target may repeat itself without end.
const PER_STATEMENT: u32 = 4;
/// Findings kept in all.
const IN_ALL: u32 = 400;

/// Different observations kept.
const OBSERVATIONS: usize = 64;
/// Events kept with a finding: the latest.
const EVENTS: usize = 8;
/// Characters of a message that are kept: the target chooses how long its topics are.
const MESSAGE: usize = 400;

/// The findings so far.
#[derive(Debug, Default)]
pub(super) struct Report {
    findings: Vec<Finding>,
    counts: BTreeMap<(Option<usize>, String), u32>,
    total: u32,
    observed: BTreeSet<(String, String)>,
    observations: Vec<(String, String)>,
}

impl Report {
    /// Adds a finding, unless there are enough of its kind. Its argument refers to its events in any case.
    pub(super) fn add(&mut self, mut finding: Finding) {
        shorten(&mut finding.message);
        refer(&mut finding);
        let kind = if finding.statement.is_empty() { &finding.section } else { &finding.statement };
        let count = self.counts.entry((finding.connection, kind.clone())).or_default();
        if *count < PER_STATEMENT && self.total < IN_ALL {
            *count += 1;
            self.total += 1;
            self.findings.push(finding);
        }
    }

    /// Adds a breach of `rule`, if `version` has it. The deciding event is the last.
    pub(super) fn breach(
        &mut self,
        rule: Rule,
        version: ProtocolVersion,
        connection: usize,
        events: impl IntoIterator<Item = usize>,
        message: impl Into<String>,
    ) {
        if let Some(finding) = rule.breach(version, message.into()) {
            let mut finding = finding.on(connection).shown_by(events);
            finding.events.sort_unstable();
            finding.events.dedup();
            let surplus = finding.events.len().saturating_sub(EVENTS);
            finding.events.drain(..surplus);
            self.add(finding);
        }
    }

    /// Notes which permitted choice was seen: `what` is chosen, and `how`. Each is kept once.
    pub(super) fn observe(&mut self, what: &str, how: &str) {
        let observation = (what.to_owned(), how.to_owned());
        if self.observed.len() < OBSERVATIONS && self.observed.insert(observation.clone()) {
            self.observations.push(observation);
        }
    }

    /// The observations since the last call.
    pub(super) fn take_observations(&mut self) -> Vec<(String, String)> {
        std::mem::take(&mut self.observations)
    }

    /// Everything since the last call.
    pub(super) fn take(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.findings)
    }
}

/// Names the events that show it in an argument that names none: the deciding one, which is the last, and those before.
fn refer(finding: &mut Finding) {
    let Some((deciding, earlier)) = finding.events.split_last().filter(|_| !finding.message.contains("event ")) else {
        return;
    };
    let earlier: Vec<String> = earlier.iter().map(|event| format!("event {event}")).collect();
    let because = if earlier.is_empty() { String::new() } else { format!("; because of {}", earlier.join(", ")) };
    finding.message += &format!(" (event {deciding}{because})");
}

fn shorten(message: &mut String) {
    if let Some((end, _)) = message.char_indices().nth(MESSAGE) {
        message.truncate(end);
        message.push('…');
    }
}
