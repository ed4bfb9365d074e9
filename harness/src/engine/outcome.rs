//! How a scenario ended.

use mqttspec_reports::{Finding, Observation, Verdict};
use mqttspec_scenarios::monitor::coverage::Coverage;

/// The result of one run of a scenario, before health and baseline have their say.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The verdict.
    pub verdict: Verdict,
    /// Why it is not a pass, in one line.
    pub reason: Option<String>,
    /// What was found wrong, in the order of the events.
    pub findings: Vec<Finding>,
    /// What would have been found if a target that was given no time to send again were given none: it has not come, and
    /// no sentence sets a time. Only a run that waits ([`eventually`](super::Timing::eventually)) can tell.
    pub suspicions: Vec<Finding>,
    /// Which permitted choices were seen.
    pub observations: Vec<Observation>,
    /// What the scenario may have left behind in the target.
    pub leftovers: Leftovers,
    /// Which combinations of session state and event were reached.
    pub coverage: Coverage,
}

/// What a scenario may have left behind in the target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leftovers {
    /// Client Identifiers whose session may have been kept.
    pub client_ids: Vec<String>,
    /// Topics that may hold a retained message.
    pub retained_topics: Vec<String>,
}
