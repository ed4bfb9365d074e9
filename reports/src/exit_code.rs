//! What the process says to whoever started it.

use crate::model::{Run, Verdict};

/// Nothing unexpected.
pub const SUCCESS: u8 = 0;
/// An unexpected failure, or a crash of the target.
pub const UNEXPECTED_FAILURE: u8 = 1;
/// A mistake in usage or configuration, a broken baseline file among them.
pub const USAGE: u8 = 2;
/// The target could not be reached.
pub const UNREACHABLE: u8 = 3;
/// The filters selected no scenario.
pub const NOTHING_SELECTED: u8 = 4;
/// The baseline is out of date: a stale entry or an unexpected pass.
pub const STALE_BASELINE: u8 = 5;
/// Something was inconclusive and the caller asked to hear of it, or the run was cut short.
pub const INCONCLUSIVE: u8 = 6;
/// mqttspec's own trouble.
pub const INTERNAL: u8 = 70;

/// What the caller wants to gate on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExitOptions {
    /// `--fail-on inconclusive`: exit [`INCONCLUSIVE`] when a scenario was inconclusive.
    pub fail_on_inconclusive: bool,
    /// `--fail-on should`: deviations from a `should` count as failures.
    pub fail_on_should: bool,
}

/// The exit code of a run without a baseline.
///
/// The gravest fact wins: failure or crash, then mqttspec's own trouble, then an incomplete run, then `0`. A run that was
/// cut short is never a success, for it says nothing about the rest.
#[must_use]
pub fn exit_code(run: &Run, options: &ExitOptions) -> u8 {
    let summary = &run.summary;
    if run.planned == 0 && run.results.is_empty() {
        return NOTHING_SELECTED;
    }
    if summary.failed > 0 || (options.fail_on_should && summary.deviations > 0) {
        return UNEXPECTED_FAILURE;
    }
    if run.results.iter().any(|result| result.verdict == Verdict::Error) {
        return INTERNAL;
    }
    if run.interrupted.is_some() || (options.fail_on_inconclusive && summary.inconclusive > 0) {
        return INCONCLUSIVE;
    }
    SUCCESS
}
