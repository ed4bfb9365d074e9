//! Comparing a run with a baseline.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Baseline, Kind, KnownDeviation, UNADJUDICATED, shown};
use crate::model::{Run, ScenarioResult, Verdict};

/// How one deviation of a run stands to the baseline.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// A failure or crash the baseline does not list. Exit code 1.
    UnexpectedFail,
    /// A deviation from a `should` the baseline does not list. Exit code 1 only when those gate.
    New,
    /// Listed, the scenario ran, and the deviation did not show: take the entry out. Exit code 5.
    UnexpectedPass,
    /// Listed for a scenario that does not exist (any more), or that no longer applies to this target. Exit code 5.
    Stale,
    /// Listed as flaky, or seen in some repetitions of this run only.
    Flaky,
    /// Listed, but the scenario ended without a judgement: inconclusive, disabled, or an error.
    NotJudged,
    /// Listed and seen.
    Expected,
}

impl Status {
    /// The word used in every report.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnexpectedFail => "unexpected-fail",
            Self::New => "new",
            Self::UnexpectedPass => "unexpected-pass",
            Self::Stale => "stale",
            Self::Flaky => "flaky",
            Self::NotJudged => "not-judged",
            Self::Expected => "expected",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One (scenario, kind, statement) of the run, of the baseline, or of both.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct OverlayRow {
    /// Scenario id.
    pub scenario: String,
    /// Statement id, when one was named.
    pub statement: Option<String>,
    /// Failure, deviation or crash.
    pub kind: Kind,
    /// How it stands to the baseline.
    pub status: Status,
    /// What was seen, or why nothing was.
    pub message: String,
    /// The reason the baseline gives, when it lists this.
    pub reason: Option<String>,
    /// The line of the baseline file, when it lists this.
    pub line: Option<usize>,
}

/// A run seen through a baseline.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
pub struct Overlay {
    /// The target the baseline was made against.
    pub baseline_target: String,
    /// One row per deviation, gravest status first, then by scenario.
    pub rows: Vec<OverlayRow>,
}

impl Overlay {
    /// Compares `run` with `baseline`. `known_scenarios` are the ids of all scenarios there are, selected or not: an entry
    /// whose scenario was merely not selected says nothing and gets no row.
    #[must_use]
    pub fn new(run: &Run, baseline: &Baseline, known_scenarios: &BTreeSet<String>) -> Self {
        let mut results: BTreeMap<&str, Vec<&ScenarioResult>> = BTreeMap::new();
        for result in &run.results {
            results.entry(&result.id).or_default().push(result);
        }
        let mut seen: BTreeMap<Key, Seen> = BTreeMap::new();
        for result in &run.results {
            for item in shown(result) {
                let entry = seen
                    .entry((result.id.clone(), item.kind, item.statement))
                    .or_insert_with(|| Seen { times: 0, message: item.message });
                entry.times += 1;
            }
        }
        let mut rows = Vec::new();
        for known in &baseline.deviations {
            let key = (known.scenario.clone(), known.kind, known.statement.clone());
            let runs = results.get(known.scenario.as_str()).map(Vec::as_slice);
            if let Some((status, message)) = judge(known, seen.remove(&key), runs, known_scenarios) {
                rows.push(OverlayRow {
                    scenario: known.scenario.clone(),
                    statement: known.statement.clone(),
                    kind: known.kind,
                    status,
                    message,
                    reason: Some(known.reason.clone()),
                    line: Some(known.line),
                });
            }
        }
        rows.extend(seen.into_iter().map(|((scenario, kind, statement), Seen { message, .. })| OverlayRow {
            scenario,
            statement,
            kind,
            status: if kind == Kind::Deviation { Status::New } else { Status::UnexpectedFail },
            message,
            reason: None,
            line: None,
        }));
        rows.sort_by(|a, b| {
            (a.status, &a.scenario, a.kind, &a.statement).cmp(&(b.status, &b.scenario, b.kind, &b.statement))
        });
        Self { baseline_target: baseline.target.clone(), rows }
    }

    /// How many rows have `status`.
    #[must_use]
    pub fn count(&self, status: Status) -> usize {
        self.rows.iter().filter(|row| row.status == status).count()
    }

    /// How many listed deviations nobody has adjudicated yet.
    #[must_use]
    pub fn unadjudicated(&self) -> usize {
        self.rows.iter().filter(|row| row.reason.as_deref().is_some_and(|why| why.starts_with(UNADJUDICATED))).count()
    }

    /// Whether everything `scenario` failed on is in the baseline.
    #[must_use]
    pub fn is_expected(&self, scenario: &str) -> bool {
        !self.rows.iter().any(|row| row.scenario == scenario && row.status == Status::UnexpectedFail)
    }

    /// The reasons the baseline gives for what `scenario` failed on.
    pub fn reasons<'a>(&'a self, scenario: &'a str) -> impl Iterator<Item = &'a str> {
        self.rows
            .iter()
            .filter(move |row| row.scenario == scenario && matches!(row.status, Status::Expected | Status::Flaky))
            .filter_map(|row| row.reason.as_deref())
    }
}

type Key = (String, Kind, Option<String>);

struct Seen {
    times: usize,
    message: String,
}

/// The status of one entry of the baseline; nothing when its scenario was not part of the run.
fn judge(
    known: &KnownDeviation,
    seen: Option<Seen>,
    runs: Option<&[&ScenarioResult]>,
    known_scenarios: &BTreeSet<String>,
) -> Option<(Status, String)> {
    let Some(runs) = runs else {
        let unknown = !known_scenarios.contains(&known.scenario);
        return unknown.then(|| (Status::Stale, "there is no such scenario".to_owned()));
    };
    if let Some(Seen { times, message }) = seen {
        let status = if known.flaky || times < runs.len() { Status::Flaky } else { Status::Expected };
        return Some((status, message));
    }
    let why = |result: &ScenarioResult| {
        result.reason.as_ref().map_or_else(|| result.verdict.to_string(), |why| format!("{}: {why}", result.verdict))
    };
    if runs.iter().all(|result| result.verdict == Verdict::NotApplicable) {
        return Some((Status::Stale, runs.first().map_or_else(String::new, |result| why(result))));
    }
    // A crash hides what the scenario would have shown otherwise.
    if let Some(unjudged) = runs.iter().find(|result| !matches!(result.verdict, Verdict::Pass | Verdict::Fail)) {
        return Some((Status::NotJudged, why(unjudged)));
    }
    if runs.iter().any(|result| !result.health.is_healthy()) {
        return Some((Status::NotJudged, "the target did not survive the scenario".to_owned()));
    }
    let message = match (known.flaky, runs.iter().any(|result| result.is_failure())) {
        (true, _) => return Some((Status::Flaky, "not seen this time".to_owned())),
        (false, true) => "the scenario fails, but not like this any more",
        (false, false) => "the scenario passes now",
    };
    Some((Status::UnexpectedPass, message.to_owned()))
}
