//! The stream of events a run emits.

use serde::{Deserialize, Serialize};

use super::{Health, Run, RunInfo, ScenarioResult};

/// What the runner says while it works. Every reporter is a fold over this one stream.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The run begins.
    RunStarted {
        /// What was asked.
        info: RunInfo,
        /// How many scenarios were selected.
        planned: usize,
    },
    /// A scenario begins.
    ScenarioStarted {
        /// Its id.
        id: String,
    },
    /// A scenario was decided.
    ScenarioFinished(Box<ScenarioResult>),
    /// The target that mqttspec launched was started again.
    TargetRestarted {
        /// The scenario after which it was found gone.
        after: String,
        /// What had become of it.
        health: Health,
    },
    /// Something the person at the terminal should know of how the run goes on.
    Remark {
        /// One line.
        text: String,
    },
    /// The run ends early.
    Interrupted {
        /// Why, in one line.
        why: String,
    },
    /// The run is over; `run` holds everything.
    RunFinished {
        /// The whole run.
        run: Box<Run>,
    },
}
