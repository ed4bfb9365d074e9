//! What a run of mqttspec found, and every way of showing it.
//!
//! This crate knows no MQTT and does no I/O: it takes results as plain values and returns values and strings.
//!
//! ```
//! use mqttspec_reports::{Event, ExitOptions, Run, RunInfo, ScenarioResult, Terminal, TerminalOptions, exit_code};
//!
//! let mut terminal = Terminal::new(TerminalOptions::default());
//! let mut run = Run::new(RunInfo::default(), 1);
//! print!("{}", terminal.on_event(&Event::RunStarted { info: run.info.clone(), planned: 1 }));
//! run.push(ScenarioResult::new("v5/connect/minimal", "A minimal CONNECT is accepted"));
//! assert_eq!(exit_code(&run, &ExitOptions::default()), 0);
//! let report = terminal.on_event(&Event::RunFinished { run: Box::new(run) });
//! assert!(report.contains("PASSED  passed 1 / 1 applicable, applicable 1 / 1 total"));
//! ```
//!
//! * [`model`]: verdicts, findings, results, the whole [`Run`], and the [`Event`] stream that reporters fold over.
//! * [`mod@exit_code`]: what the process says to whoever started it.
//! * [`baseline`]: known deviations of a target, and a run seen through them.
//! * [`terminal`], [`json`], [`junit`]: the renderers.
//! * [`text`]: what a target says is escaped before anyone is shown it.

pub mod baseline;
pub mod exit_code;
pub mod json;
pub mod junit;
pub mod model;
pub mod terminal;
pub mod text;

mod style;

#[cfg(test)]
mod samples;

pub use baseline::{Baseline, Overlay, write_baseline};
pub use exit_code::{ExitOptions, exit_code, exit_code_with_baseline};
pub use model::{
    CoverageRow, Direction, Event, Finding, Health, Histories, Level, Observation, Reached, Reproduced, Run, RunInfo,
    ScenarioResult, SeenIn, Summary, TargetInfo, Verdict, WireEvent,
};
pub use style::Style;
pub use terminal::{Terminal, TerminalOptions, Verbosity};
