//! What a run of generated histories was like, beyond what it found.

use serde::{Deserialize, Serialize};

use super::Observation;

/// A run of generated histories: how many, how fast, and what they reached.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Histories {
    /// How many were asked for.
    pub asked: u64,
    /// How many were played to their end.
    pub played: u64,
    /// How many of those could not be judged.
    pub inconclusive: u64,
    /// How long playing them took, in milliseconds, without what came after a finding.
    pub duration_ms: u64,
    /// How often each event was seen in each state of a session.
    pub reached: Option<Reached>,
    /// Permitted choices that were seen, each with the number of histories that saw it.
    pub observations: Vec<SeenIn>,
    /// Kinds of findings that were neither made minimal nor repeated: there were too many, or the run was ended early.
    #[serde(default)]
    pub not_followed_up: u64,
}

/// A table of counts: in which state of a session which event was seen how often.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reached {
    /// The states, one row each.
    pub states: Vec<String>,
    /// The events, one column each.
    pub events: Vec<String>,
    /// The counts, row by row; `null` where the event cannot be seen in that state.
    pub counts: Vec<Vec<Option<u64>>>,
}

/// A permitted choice and how many histories saw it.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SeenIn {
    /// The choice.
    pub observation: Observation,
    /// The number of histories.
    pub histories: u64,
}

impl Histories {
    /// Histories played per second.
    #[must_use]
    pub fn per_second(&self) -> u64 {
        (self.played * 1_000).checked_div(self.duration_ms).unwrap_or(0)
    }
}

impl Reached {
    /// How many cells were reached, and how many there are.
    #[must_use]
    pub fn cells(&self) -> (usize, usize) {
        let cells = || self.counts.iter().flatten().flatten();
        (cells().filter(|count| **count > 0).count(), cells().count())
    }
}
