//! Counts over a run.

use serde::{Deserialize, Serialize};

use super::{ScenarioResult, Verdict};

/// How many scenarios ended which way.
///
/// Two ratios are printed, `passed / applicable` and `applicable / total`: a single percentage would hide that its
/// denominator shrinks with every capability the target lacks.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Summary {
    /// Scenarios with a result.
    pub total: usize,
    /// Scenarios that were put to the target: all but `not-applicable` and `disabled`.
    pub applicable: usize,
    /// Verdict `pass` from a target that survived.
    pub passed: usize,
    /// Verdict `fail`, or a target that did not survive whatever the verdict.
    pub failed: usize,
    /// Verdict `inconclusive`.
    pub inconclusive: usize,
    /// Verdict `not-applicable`.
    pub not_applicable: usize,
    /// Verdict `disabled`.
    pub disabled: usize,
    /// Verdict `error`.
    pub errors: usize,
    /// Findings at level `should`, in all scenarios together.
    pub deviations: usize,
    /// Results after which the target was not healthy.
    pub crashes: usize,
}

impl Summary {
    /// Counts `results`.
    #[must_use]
    pub fn of<'a>(results: impl IntoIterator<Item = &'a ScenarioResult>) -> Self {
        let mut summary = Self::default();
        for result in results {
            summary.add(result);
        }
        summary
    }

    /// Counts one more result.
    pub fn add(&mut self, result: &ScenarioResult) {
        self.total += 1;
        self.deviations += result.deviations().count();
        self.crashes += usize::from(!result.health.is_healthy());
        let verdict = if result.is_failure() { Verdict::Fail } else { result.verdict };
        self.applicable += usize::from(verdict.is_applicable());
        *match verdict {
            Verdict::Pass => &mut self.passed,
            Verdict::Fail => &mut self.failed,
            Verdict::Inconclusive => &mut self.inconclusive,
            Verdict::NotApplicable => &mut self.not_applicable,
            Verdict::Disabled => &mut self.disabled,
            Verdict::Error => &mut self.errors,
        } += 1;
    }
}
