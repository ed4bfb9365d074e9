//! A whole run: what was asked, what came of it.

use serde::{Deserialize, Serialize};

use super::{Histories, ScenarioResult, Summary};

/// The version of the shape of `results.json`; it rises when a reader of the old shape would misread the new one.
pub const SCHEMA_VERSION: u32 = 1;

/// A whole run, finished or cut short: the content of `results.json`.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Run {
    /// [`SCHEMA_VERSION`] of the writer.
    pub schema_version: u32,
    /// What was asked of whom.
    pub info: RunInfo,
    /// How many scenarios were selected; more than `results` when the run was cut short.
    pub planned: usize,
    /// One result per scenario that was decided.
    pub results: Vec<ScenarioResult>,
    /// Why the run ended early, when it did.
    pub interrupted: Option<String>,
    /// Statements per version and role: observable, covered, exercised.
    pub coverage: Vec<CoverageRow>,
    /// What the generated histories reached, in a run of such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub histories: Option<Histories>,
    /// Counts over `results`.
    pub summary: Summary,
    /// How long the run took, in milliseconds.
    pub duration_ms: u64,
}

impl Run {
    /// An empty run of `planned` scenarios.
    #[must_use]
    pub fn new(info: RunInfo, planned: usize) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            info,
            planned,
            results: Vec::new(),
            interrupted: None,
            coverage: Vec::new(),
            histories: None,
            summary: Summary::default(),
            duration_ms: 0,
        }
    }

    /// Adds one result, within the limits of [`ScenarioResult::bounded`], and counts it.
    pub fn push(&mut self, result: ScenarioResult) {
        let result = result.bounded();
        self.summary.add(&result);
        self.results.push(result);
    }

    /// Sorts the results by id, so that parallel runs of one seed give the same report.
    pub fn sort(&mut self) {
        self.results.sort_by(|a, b| a.id.cmp(&b.id));
    }
}

/// What was asked: enough to run it again.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RunInfo {
    /// The version of mqttspec.
    pub tool_version: String,
    /// When it began, RFC 3339.
    pub started_at: String,
    /// The command line.
    pub command: String,
    /// Who was judged.
    pub target: TargetInfo,
    /// The seed of every random choice.
    pub seed: u64,
    /// The factor applied to every timeout.
    pub timeout_scale: f64,
    /// How many scenarios ran side by side.
    pub jobs: usize,
    /// How many generated histories were asked for, in a run of such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub histories: Option<u64>,
    /// The calibrated round trip to the target, in microseconds.
    pub round_trip_us: u64,
}

/// Who was judged.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TargetInfo {
    /// A name for people: `Eclipse Mosquitto 2.0.11 (Debian)`.
    pub name: String,
    /// Where it listens: `mqtt://127.0.0.1:1883`.
    pub address: String,
    /// The command that started it, when mqttspec did.
    pub launch: Option<String>,
    /// The versions of MQTT it was judged on.
    pub versions: Vec<String>,
}

/// Statements of one version that bind one role. "There is a scenario for it" and "it ran here" are different columns.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CoverageRow {
    /// The version of MQTT: `5.0`.
    pub version: String,
    /// Who must: `server` or `client`.
    pub role: String,
    /// Statements that can be seen from outside.
    pub observable: usize,
    /// Of those, how many some scenario cites.
    pub covered: usize,
    /// Of those, how many a scenario with verdict `pass` or `fail` cites in this run.
    pub exercised: usize,
}
