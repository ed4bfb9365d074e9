//! What the process says to whoever started it.

use crate::baseline::{Overlay, Status};
use crate::model::Run;

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
/// Something was inconclusive and the caller asked to hear of it, or the run was cut short, or it judged nothing.
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

/// The exit code of a run without a baseline: every failure is unexpected.
///
/// The gravest fact wins: nothing selected, then failure or crash, then mqttspec's own trouble, then an incomplete run.
/// A run that was cut short is never a success, for it says nothing about the rest; neither is one in which not a single
/// scenario was judged, or a target that stays silent would be green.
#[must_use]
pub fn exit_code(run: &Run, options: &ExitOptions) -> u8 {
    let summary = &run.summary;
    let failed = summary.failed > 0 || (options.fail_on_should && summary.deviations > 0);
    decide(run, options, failed, false)
}

/// The exit code of a run seen through a baseline: what it lists is no failure, what is out of date in it is
/// [`STALE_BASELINE`], after failures and mqttspec's own trouble.
#[must_use]
pub fn exit_code_with_baseline(run: &Run, overlay: &Overlay, options: &ExitOptions) -> u8 {
    let failed =
        overlay.count(Status::UnexpectedFail) > 0 || (options.fail_on_should && overlay.count(Status::New) > 0);
    let outdated = overlay.count(Status::UnexpectedPass) + overlay.count(Status::Stale) > 0;
    decide(run, options, failed, outdated)
}

fn decide(run: &Run, options: &ExitOptions, failed: bool, outdated: bool) -> u8 {
    if run.planned == 0 && run.results.is_empty() {
        NOTHING_SELECTED
    } else if failed {
        UNEXPECTED_FAILURE
    } else if run.summary.errors > 0 {
        INTERNAL
    } else if outdated {
        STALE_BASELINE
    } else if is_cut_short(run)
        || run.summary.passed + run.summary.failed == 0
        || (options.fail_on_inconclusive && run.summary.inconclusive > 0)
    {
        INCONCLUSIVE
    } else {
        SUCCESS
    }
}

/// Whether some selected scenario has no result.
pub(crate) fn is_cut_short(run: &Run) -> bool {
    run.interrupted.is_some() || run.results.len() < run.planned
}

#[cfg(test)]
mod tests;
