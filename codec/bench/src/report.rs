//! What a comparison found, as plain data.

use mqttspec_codec::ProtocolVersion;
use serde::{Deserialize, Serialize};

use crate::{Absence, Kind, Machine, Operation};

/// The version of the shape of the JSON form.
pub const SCHEMA_VERSION: u32 = 1;

/// Everything a comparison found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// What it was measured on.
    pub machine: Machine,
    /// Who took part, in the order of the cells.
    pub entrants: Vec<Participant>,
    /// One row for each job, in the order of the packet set.
    pub rows: Vec<Row>,
}

/// One who took part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Participant {
    /// Name, with the version for a crate.
    pub name: String,
    /// What it is to the comparison.
    pub kind: Kind,
    /// What it does not check or hand out.
    pub lax: Vec<String>,
    /// Whether it encodes a large payload without copying it, always.
    pub by_reference: bool,
}

/// One job, and how everyone did it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Version of the protocol.
    pub version: ProtocolVersion,
    /// What was done.
    pub operation: Operation,
    /// Identifier of the workload.
    pub workload: String,
    /// What the row is called in a table.
    pub title: String,
    /// Mean length of a packet, in bytes.
    pub bytes_per_packet: f64,
    /// Rounds that were measured.
    pub rounds: usize,
    /// One cell for each entrant, in their order.
    pub cells: Vec<Cell>,
}

/// How one entrant did one job.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cell {
    /// It did it right, and was timed.
    Measured {
        /// Nanoseconds per packet.
        ns: Spread,
        /// Our time divided by its time, round by round; absent for ours.
        #[serde(skip_serializing_if = "Option::is_none")]
        ours_divided_by_it: Option<Spread>,
        /// Allocations per packet, when they were counted.
        #[serde(skip_serializing_if = "Option::is_none")]
        allocations: Option<f64>,
    },
    /// It was not timed.
    Absent(Absence),
}

/// A median, and the 5th and the 95th percentile.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// 5th percentile.
    pub low: f64,
    /// Median.
    pub median: f64,
    /// 95th percentile.
    pub high: f64,
}

/// How often an entrant allocates in a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AllocationCount {
    /// Name of the entrant.
    pub entrant: String,
    /// Version of the protocol.
    pub version: ProtocolVersion,
    /// What was done; see [`Operation::name`].
    pub operation: String,
    /// Identifier of the workload.
    pub workload: String,
    /// Allocations per packet, reallocations included.
    pub per_packet: f64,
}

impl Report {
    /// The report as JSON, with a line feed at the end.
    ///
    /// # Panics
    /// Never: the report is plain data.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("plain data");
        text.push('\n');
        text
    }

    /// Where ours is among the entrants.
    pub fn ours(&self) -> Option<usize> {
        self.entrants.iter().position(|entrant| entrant.kind == Kind::Ours)
    }

    /// Whether other codecs took part.
    pub fn has_peers(&self) -> bool {
        self.entrants.iter().any(|entrant| entrant.kind == Kind::Peer)
    }
}

impl Row {
    /// The fastest of the other codecs: its place among the entrants. Where a large payload is copied, those that do
    /// not copy it are in no race with the others; they have a row of their own.
    pub fn fastest_peer(&self, entrants: &[Participant]) -> Option<usize> {
        self.fastest_peer_that(entrants, |_| true)
    }

    /// The fastest among those of the other codecs that `counts`.
    pub fn fastest_peer_that(&self, entrants: &[Participant], counts: impl Fn(&Participant) -> bool) -> Option<usize> {
        const LARGE: f64 = 4096.0;
        let copied = self.operation == Operation::Encode && self.bytes_per_packet > LARGE;
        let takes_part =
            |entrant: &Participant| entrant.kind == Kind::Peer && !(copied && entrant.by_reference) && counts(entrant);
        let peers = entrants.iter().zip(&self.cells).enumerate().filter(|(_, (entrant, _))| takes_part(entrant));
        let timed = peers.filter_map(|(at, (_, cell))| Some((at, cell.ns()?.median)));
        timed.min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(at, _)| at)
    }
}

impl Cell {
    /// Nanoseconds per packet, if it was timed.
    pub fn ns(&self) -> Option<Spread> {
        match self {
            Self::Measured { ns, .. } => Some(*ns),
            Self::Absent(_) => None,
        }
    }

    /// Our time divided by its time, if both were timed.
    pub fn ratio(&self) -> Option<Spread> {
        match self {
            Self::Measured { ours_divided_by_it, .. } => *ours_divided_by_it,
            Self::Absent(_) => None,
        }
    }

    /// Allocations per packet, if they were counted.
    pub fn allocations(&self) -> Option<f64> {
        match self {
            Self::Measured { allocations, .. } => *allocations,
            Self::Absent(_) => None,
        }
    }
}

impl Spread {
    /// The spread of these samples; `None` when there are none.
    pub fn of(mut samples: Vec<f64>) -> Option<Self> {
        samples.sort_unstable_by(f64::total_cmp);
        let last = samples.len().checked_sub(1)?;
        // Nearest rank: a value that was measured.
        let at = |percent: usize| samples.get((last * percent + 50) / 100).copied();
        Some(Self { low: at(5)?, median: at(50)?, high: at(95)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_made_of_values_that_were_measured() {
        let spread = Spread::of((0..=100).rev().map(f64::from).collect());
        assert_eq!(spread, Some(Spread { low: 5.0, median: 50.0, high: 95.0 }));
        assert_eq!(Spread::of(vec![7.0]), Some(Spread { low: 7.0, median: 7.0, high: 7.0 }));
        assert_eq!(Spread::of(vec![]), None);
    }
}
