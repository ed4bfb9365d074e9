//! The baseline: which deviations of a target are known and adjudicated, and how a run compares with them.
//!
//! ```toml
//! target = "Eclipse Mosquitto 2.0.11 (Debian)"
//!
//! [[deviation]]
//! scenario = "v5/publish/dup-on-qos0"
//! statement = "MQTT-3.3.1-2"     # left out when the scenario fails without naming one
//! verdict = "fail"               # or "deviation" (a should), or "crash"
//! reason = "why this is a true deviation, adjudicated against the body of the standard"
//! flaky = true                   # only when it is seen in some runs and not in others
//! ```

mod overlay;
mod parse;
mod write;

pub use overlay::{Overlay, OverlayRow, Status};
pub use parse::BaselineError;
pub use write::{UNADJUDICATED, write_baseline};

use serde::{Deserialize, Serialize};

use crate::model::{Finding, Health, Level, ScenarioResult, Verdict};

/// A parsed baseline file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// The target it was made against, for people.
    pub target: String,
    /// The known deviations, in file order.
    pub deviations: Vec<KnownDeviation>,
}

/// One adjudicated entry of a baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownDeviation {
    /// Scenario id.
    pub scenario: String,
    /// Statement id; none for a crash, or for a failure that names no statement.
    pub statement: Option<String>,
    /// What kind of deviation it is.
    pub kind: Kind,
    /// Why it is a true deviation.
    pub reason: String,
    /// Whether it is seen in some runs and not in others.
    pub flaky: bool,
    /// The line of the file it starts on, from 1.
    pub line: usize,
}

/// What kind of deviation an entry is about: the `verdict` of the file.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The target did not survive the scenario.
    Crash,
    /// A `must` was broken.
    Fail,
    /// A `should` was not followed.
    Deviation,
}

impl Kind {
    /// The word in the file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Crash => "crash",
            Self::Fail => "fail",
            Self::Deviation => "deviation",
        }
    }
}

/// One deviation a result shows: what an entry of a baseline is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) kind: Kind,
    pub(crate) statement: Option<String>,
    pub(crate) message: String,
}

/// Everything a result holds against the target, one item per kind and statement.
///
/// A knock-on effect is left out while there is a cause beside it, so that a baseline lists causes only.
pub(crate) fn shown(result: &ScenarioResult) -> Vec<Shown> {
    let mut items = Vec::new();
    if !result.health.is_healthy() {
        items.push(Shown { kind: Kind::Crash, statement: None, message: crash_message(&result.health) });
    }
    let at = |level: Level, knock_on: bool| {
        result.findings.iter().filter(move |finding| finding.level == level && (knock_on || !finding.knock_on))
    };
    let mut deviations: Vec<&Finding> = at(Level::Should, false).collect();
    if result.verdict == Verdict::Fail {
        let mut causes: Vec<&Finding> = at(Level::Must, false).collect();
        if causes.is_empty() {
            causes = at(Level::Must, true).collect();
        }
        if causes.is_empty() {
            // Failed over a should: `--level should` makes those gating.
            causes = std::mem::take(&mut deviations);
        }
        if causes.is_empty() && result.health.is_healthy() {
            let message = result.reason.clone().unwrap_or_else(|| result.title.clone());
            items.push(Shown { kind: Kind::Fail, statement: None, message });
        }
        items.extend(causes.into_iter().map(|finding| of_finding(Kind::Fail, finding)));
    }
    items.extend(deviations.into_iter().map(|finding| of_finding(Kind::Deviation, finding)));
    let mut seen = std::collections::BTreeSet::new();
    items.retain(|item| seen.insert((item.kind, item.statement.clone())));
    items
}

fn of_finding(kind: Kind, finding: &Finding) -> Shown {
    Shown { kind, statement: Some(finding.cited()), message: finding.message.clone() }
}

fn crash_message(health: &Health) -> String {
    format!("the target did not survive: {health}")
}

#[cfg(test)]
mod tests;
