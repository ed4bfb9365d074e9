//! The report at the end of a run: failures, lists, tables, result.

use super::{TerminalOptions, Verbosity, chapters, failure_block, histories, lists, overlay, word};
use crate::baseline::Overlay;
use crate::exit_code::{self, exit_code};
use crate::model::{Run, ScenarioResult, Verdict};
use crate::style::Ink;
use crate::text::{counted, plural, visible_clip};

/// Everything a person needs at the end of a run; with a baseline, what it expects is one line instead of a block.
#[must_use]
pub fn report(run: &Run, baseline: Option<&Overlay>, options: &TerminalOptions) -> String {
    let mut sections = Vec::new();
    if options.verbosity > Verbosity::Quiet {
        sections.extend(failures(run, baseline, options));
        sections.extend([
            lists::one_by_one(run, Verdict::Error, "Errors", ", mqttspec's own trouble", options),
            lists::one_by_one(run, Verdict::Inconclusive, "Inconclusive", " could not be judged", options),
            lists::deviations(run, options),
            lists::by_reason(
                run,
                Verdict::NotApplicable,
                "Not applicable",
                ", for a capability the target lacks",
                options,
            ),
            lists::by_reason(run, Verdict::Disabled, "Disabled", ", because a person said so", options),
        ]);
        if let Some(all) = &run.histories {
            sections.extend(histories::histories(all, options));
        } else if !run.results.is_empty() {
            sections.push(chapters::chapters(run, options.style));
        }
        sections.push(chapters::statements(&run.coverage, options.style));
        sections.extend(baseline.map(|rows| overlay::overlay(run, rows, options)));
    }
    sections.push(result(run, baseline, options));
    let lead = if options.verbosity > Verbosity::Quiet { "\n" } else { "" };
    sections.retain(|section| !section.is_empty());
    format!("{lead}{}", sections.join("\n"))
}

/// A block per failure in the order of ids, then a line for each beyond the limit.
fn failures(run: &Run, baseline: Option<&Overlay>, options: &TerminalOptions) -> Vec<String> {
    let verbose = options.verbosity >= Verbosity::Verbose;
    let mut failing: Vec<&ScenarioResult> = run
        .results
        .iter()
        .filter(|result| result.is_failure())
        .filter(|result| verbose || !baseline.is_some_and(|overlay| overlay.is_expected(&result.id)))
        .collect();
    failing.sort_by(|a, b| a.id.cmp(&b.id));
    let limit = if verbose { failing.len() } else { options.max_blocks.min(failing.len()) };
    let (blocks, lines) = failing.split_at(limit);
    let mut sections: Vec<String> = blocks.iter().map(|result| failure_block(result, options)).collect();
    if !lines.is_empty() {
        let mut section = lists::heading(options, "More failures", "shown in full with -v, and in results.json");
        for result in lines {
            section.push_str(&failure_line(result, options));
        }
        sections.push(section);
    }
    sections
}

fn failure_line(result: &ScenarioResult, options: &TerminalOptions) -> String {
    let (word, ink) = word(result);
    let cause = result.findings.iter().find(|finding| !finding.knock_on).or(result.findings.first());
    let what = match cause {
        _ if !result.health.is_healthy() => result.health.to_string(),
        Some(finding) => format!("{}: {}", finding.cited(), finding.message),
        None => result.reason.clone().unwrap_or_default(),
    };
    format!(
        "{} {}  {}\n",
        options.style.paint(ink, &format!("{word:<5}")),
        visible_clip(&result.id, 120),
        options.style.paint(Ink::Faint, &visible_clip(&what, 160))
    )
}

/// The last lines: the word, the two ratios, and everything that is not a pass.
fn result(run: &Run, baseline: Option<&Overlay>, options: &TerminalOptions) -> String {
    let style = options.style;
    let summary = &run.summary;
    let (word, ink) = outcome(run, baseline, options);
    let mut out = String::new();
    if let Some(why) = &run.interrupted {
        let text = match &run.histories {
            Some(all) => format!("interrupted after {} of {}: ", all.played, played(all.asked)),
            None => format!("interrupted after {} of {}: ", run.results.len(), plural(run.planned, "scenario")),
        };
        out.push_str(&format!("{}{}\n", style.paint(Ink::Warning, &text), visible_clip(why, 400)));
    }
    let what = match &run.histories {
        Some(all) => format!(
            "{} played in {} ({} per second), {}",
            played(all.played),
            seconds(all.duration_ms),
            all.per_second(),
            match run.results.iter().filter(|result| is_finding(result, options)).count() {
                0 => "no finding".to_owned(),
                count => plural(count, "finding"),
            }
        ),
        None => format!(
            "passed {} / {} applicable, applicable {} / {} total",
            summary.passed, summary.applicable, summary.applicable, summary.total
        ),
    };
    out.push_str(&format!("{}  {what}, in {}\n", style.paint(ink, word), seconds(run.duration_ms)));
    let crashes =
        if summary.crashes == 0 { String::new() } else { format!(" ({} left the target unhealthy)", summary.crashes) };
    let mut parts: Vec<String> = Vec::new();
    if summary.failed > 0 {
        parts.push(style.paint(Ink::Bad, &format!("{} failed{crashes}", summary.failed)));
    }
    let left = run.histories.as_ref().map_or(0, |all| usize::try_from(all.not_followed_up).unwrap_or(usize::MAX));
    let errors = plural(summary.errors, "error");
    let deviations = format!("{} from a SHOULD", plural(summary.deviations, "deviation"));
    for (count, text, ink) in [
        (summary.errors, errors, Ink::Bad),
        (summary.inconclusive, format!("{} inconclusive", summary.inconclusive), Ink::Warning),
        (left, format!("{} not followed up", counted(left, "kind of finding", "kinds of findings")), Ink::Warning),
        (summary.deviations, deviations, Ink::Warning),
        (summary.not_applicable, format!("{} not applicable", summary.not_applicable), Ink::Plain),
        (summary.disabled, format!("{} disabled", summary.disabled), Ink::Plain),
    ] {
        if count > 0 {
            parts.push(style.paint(ink, &text));
        }
    }
    if !parts.is_empty() {
        let indent = crate::text::columns(word) + 2;
        out.push_str(&format!("{:indent$}{}\n", "", parts.join(", ")));
    }
    out
}

/// Whether a result of generated histories counts as a finding: what fails the run does, as in the exit code.
fn is_finding(result: &ScenarioResult, options: &TerminalOptions) -> bool {
    result.is_failure() || (options.gate.fail_on_should && result.deviations().next().is_some())
}

/// One word for the whole run, from its exit code, so that the two never disagree.
fn outcome(run: &Run, baseline: Option<&Overlay>, options: &TerminalOptions) -> (&'static str, Ink) {
    let code = match baseline {
        Some(overlay) => exit_code::exit_code_with_baseline(run, overlay, &options.gate),
        None => exit_code(run, &options.gate),
    };
    match code {
        exit_code::SUCCESS if run.summary.failed > 0 => ("AS EXPECTED", Ink::Good),
        exit_code::SUCCESS => ("PASSED", Ink::Good),
        exit_code::NOTHING_SELECTED => ("NOTHING SELECTED", Ink::Warning),
        exit_code::STALE_BASELINE => ("BASELINE OUT OF DATE", Ink::Warning),
        exit_code::INCONCLUSIVE if exit_code::is_cut_short(run) => ("INCOMPLETE", Ink::Warning),
        exit_code::INCONCLUSIVE => ("INCONCLUSIVE", Ink::Warning),
        exit_code::INTERNAL => ("ERROR", Ink::Bad),
        _ => ("FAILED", Ink::Bad),
    }
}

fn played(count: u64) -> String {
    counted(usize::try_from(count).unwrap_or(usize::MAX), "history", "histories")
}

fn seconds(duration_ms: u64) -> String {
    format!("{}.{} s", duration_ms / 1000, duration_ms % 1000 / 100)
}
