//! `junit.xml`, for the tools that read nothing else.

use std::collections::BTreeMap;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::baseline::Overlay;
use crate::model::{Run, ScenarioResult, Verdict};
use crate::terminal::{TerminalOptions, failure_block};
use crate::text::{visible, visible_clip, visible_lines};

/// Characters of one message attribute.
const MESSAGE_LIMIT: usize = 400;
/// Characters of one failure text.
const BLOCK_LIMIT: usize = 20_000;

/// The run as JUnit XML, one suite per version and chapter, in the order of scenario ids.
///
/// JUnit knows four outcomes. A failure carries the block a person would read on the terminal; `error` is an error; what
/// is not applicable, disabled or inconclusive, a pass with deviations from a `should`, and a failure that the baseline
/// expects are `skipped` with the word as `type` and the reason as `message`, so that none of them reads as a plain pass.
///
/// # Errors
/// When the XML writer fails; with what this crate feeds it, never known to happen.
pub fn to_junit(run: &Run, baseline: Option<&Overlay>) -> Result<String, JunitError> {
    let mut suites: BTreeMap<(&str, &str), Vec<&ScenarioResult>> = BTreeMap::new();
    for result in &run.results {
        suites.entry((&result.version, &result.chapter)).or_default().push(result);
    }
    let mut report = Report::new(visible_clip(&format!("mqttspec {}", run.info.target.name), MESSAGE_LIMIT));
    report.set_time(Duration::from_millis(run.duration_ms));
    for ((version, chapter), mut results) in suites {
        results.sort_by(|a, b| a.id.cmp(&b.id));
        let mut suite = TestSuite::new(visible_clip(&format!("MQTT {version}, {chapter}"), MESSAGE_LIMIT));
        suite.set_time(Duration::from_millis(results.iter().map(|result| result.duration_ms).sum()));
        suite.add_properties(properties(run));
        // Dots build a hierarchy in the tools that show this: versions and chapter numbers must not.
        let class = format!("mqttspec.MQTT {}.{}", version.replace('.', "_"), chapter.replace('.', "_"));
        for result in results {
            let mut case = TestCase::new(visible_clip(&result.id, MESSAGE_LIMIT), status(result, baseline));
            case.set_classname(visible_clip(&class, MESSAGE_LIMIT));
            case.set_time(Duration::from_millis(result.duration_ms));
            suite.add_test_case(case);
        }
        report.add_test_suite(suite);
    }
    if let Some(why) = &run.interrupted {
        report.add_test_suite(cut_short(run, why));
    }
    report.to_string().map_err(JunitError)
}

fn properties(run: &Run) -> [Property; 5] {
    let info = &run.info;
    [
        ("mqttspec", info.tool_version.clone()),
        ("started-at", info.started_at.clone()),
        ("target", info.target.address.clone()),
        ("seed", info.seed.to_string()),
        ("command", info.command.clone()),
    ]
    .map(|(name, value)| Property::new(name, visible_clip(&value, MESSAGE_LIMIT)))
}

fn status(result: &ScenarioResult, baseline: Option<&Overlay>) -> TestCaseStatus {
    let reason = || result.reason.clone().unwrap_or_default();
    if result.is_failure() {
        let cause = result.findings.iter().find(|finding| !finding.knock_on).or(result.findings.first());
        let (kind, message) = match cause {
            _ if !result.health.is_healthy() => ("crash", result.health.to_string()),
            Some(finding) => ("fail", format!("{}: {}", finding.cited(), finding.message)),
            None => ("fail", reason()),
        };
        if let Some(overlay) = baseline.filter(|overlay| overlay.is_expected(&result.id)) {
            let why: Vec<&str> = overlay.reasons(&result.id).collect();
            return skipped("expected", &format!("{message} (baseline: {})", why.join("; ")));
        }
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type(kind).set_message(visible_clip(&message, MESSAGE_LIMIT));
        status.set_description(block(result));
        return status;
    }
    match result.verdict {
        Verdict::Error => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_type("error").set_message(visible_clip(&reason(), MESSAGE_LIMIT));
            status
        }
        Verdict::Pass | Verdict::Fail => {
            let deviations: Vec<String> =
                result.deviations().map(|finding| format!("{}: {}", finding.cited(), finding.message)).collect();
            if deviations.is_empty() { TestCaseStatus::success() } else { skipped("deviation", &deviations.join("; ")) }
        }
        Verdict::Inconclusive | Verdict::NotApplicable | Verdict::Disabled => {
            skipped(result.verdict.as_str(), &reason())
        }
    }
}

fn skipped(kind: &str, message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_type(kind).set_message(visible_clip(message, MESSAGE_LIMIT));
    status
}

fn block(result: &ScenarioResult) -> String {
    let text = failure_block(result, &TerminalOptions::default());
    // The block is escaped already; a second pass costs little and keeps this file whole if a renderer forgets.
    format!("\n{}", visible_lines(&crate::text::clip(&text, BLOCK_LIMIT)))
}

/// A suite that is red in every tool: the run did not show what it was asked to.
fn cut_short(run: &Run, why: &str) -> TestSuite {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    let missing = run.planned.saturating_sub(run.results.len());
    status.set_type("interrupted").set_message(visible(&crate::text::clip(
        &format!("{missing} of {} scenarios were not run: {why}", run.planned),
        MESSAGE_LIMIT,
    )));
    let mut case = TestCase::new("the run is complete", status);
    case.set_classname("mqttspec.run");
    let mut suite = TestSuite::new("run");
    suite.add_test_case(case);
    suite
}

/// Why `junit.xml` could not be written.
#[derive(Debug)]
pub struct JunitError(quick_junit::SerializeError);

impl std::fmt::Display for JunitError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for JunitError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[cfg(test)]
mod tests;
