//! What a run of mqttspec found, and every way of showing it.
//!
//! This crate knows no MQTT and does no I/O: it takes results as plain values and returns values and strings.
//!
//! * [`model`]: verdicts, findings, results, the whole [`Run`], and the [`Event`] stream that reporters fold over.
//! * [`exit_code`]: what the process says to whoever started it.

pub mod exit_code;
pub mod model;

pub use exit_code::{ExitOptions, exit_code};
pub use model::{
    CoverageRow, Direction, Event, Finding, Health, Level, Observation, Run, RunInfo, ScenarioResult, Summary,
    TargetInfo, Verdict, WireEvent,
};
