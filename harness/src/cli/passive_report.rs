//! What `check`, `proxy` and `record` have in common: their report and their exit code.

use std::time::SystemTime;

use mqttspec_reports::exit_code::INTERNAL;
use mqttspec_reports::{ExitOptions, Run, RunInfo, TargetInfo, Verbosity, exit_code, terminal};

use super::args::GatingLevel;
use super::console;
use super::output::{complain, say};
use crate::passive::Outcome;
use crate::report_dir::ReportDir;

/// What is reported, and how.
pub(super) struct Reporting<'a> {
    /// The command line, without secrets.
    pub(super) command: String,
    /// The name and address of what was watched.
    pub(super) target: TargetInfo,
    /// Where the files go.
    pub(super) report: Option<&'a ReportDir>,
    /// `--level`.
    pub(super) level: GatingLevel,
    /// `-q` and `-v`.
    pub(super) verbosity: Verbosity,
    /// How long it took, in milliseconds.
    pub(super) duration_ms: u64,
}

/// Prints and writes the report. Returns the exit code that the findings call for.
pub(super) fn report(outcome: Outcome, reporting: Reporting<'_>) -> u8 {
    let gate = ExitOptions { fail_on_inconclusive: false, fail_on_should: reporting.level == GatingLevel::Should };
    let info = RunInfo {
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        command: reporting.command,
        target: reporting.target,
        timeout_scale: 1.0,
        jobs: 1,
        ..RunInfo::default()
    };
    let mut run = Run::new(info, outcome.results.len());
    run.duration_ms = reporting.duration_ms;
    for result in outcome.results {
        run.push(result);
    }
    if !run.results.is_empty() {
        say(&terminal::report(&run, None, &console::options(reporting.verbosity, gate)));
    }
    if let Some(Err(why)) = reporting.report.map(|report| report.write(&run, None)) {
        complain(&why);
        return INTERNAL;
    }
    exit_code(&run, &gate)
}
