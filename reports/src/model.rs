//! The result model: one shape for every reporter and for `results.json`.

mod event;
mod health;
mod histories;
mod run;
mod scenario_result;
mod summary;
mod verdict;
mod wire_event;

pub use event::Event;
pub use health::Health;
pub use histories::{Histories, Reached, SeenIn};
pub use run::{CoverageRow, Run, RunInfo, SCHEMA_VERSION, TargetInfo};
pub use scenario_result::{EVENTS_LIMIT, FINDINGS_LIMIT, Finding, Observation, Reproduced, ScenarioResult, TEXT_LIMIT};
pub use summary::Summary;
pub use verdict::{Level, Verdict};
pub use wire_event::{Direction, WIRE_EVENT_BYTES_LIMIT, WireEvent};
