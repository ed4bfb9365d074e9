//! The lists between the failures and the result: deviations, and whatever is no pass, with the reason.

use std::collections::BTreeMap;

use super::evidence::event_lines;
use super::{TerminalOptions, Verbosity};
use crate::model::{Finding, Run, ScenarioResult, Verdict};
use crate::style::Ink;
use crate::text::{plural, visible_clip, wrap};

/// Entries of one list below `-v`.
const ENTRIES: usize = 40;
/// Scenarios named under one deviation.
const NAMES: usize = 3;

/// Statements at level `should` that were not followed, each once, with the scenarios that showed it.
pub(super) fn deviations(run: &Run, options: &TerminalOptions) -> String {
    let mut by_statement: BTreeMap<String, Vec<(&Finding, &ScenarioResult)>> = BTreeMap::new();
    for result in &run.results {
        for finding in result.deviations() {
            by_statement.entry(finding.place()).or_default().push((finding, result));
        }
    }
    if by_statement.is_empty() {
        return String::new();
    }
    let style = options.style;
    let count = plural(by_statement.len(), "SHOULD");
    let gating = if options.gate.fail_on_should { "gating as asked" } else { "not gating by default" };
    let mut out = heading(options, "Deviations", &format!("{count} not followed, {gating}"));
    for (place, shown) in by_statement.iter().take(ENTRIES) {
        let Some((finding, result)) = shown.first() else { continue };
        out.push_str(&format!("  {}  ", style.paint(Ink::Warning, &visible_clip(place, 90))));
        let mut names: Vec<String> =
            shown.iter().take(NAMES).map(|(_, result)| visible_clip(&result.id, 120)).collect();
        if shown.len() > NAMES {
            names.push(format!("and {} more", shown.len() - NAMES));
        }
        out.push_str(&style.paint(Ink::Faint, &names.join(", ")));
        out.push('\n');
        for line in wrap(&visible_clip(&finding.message, 400), options.columns() - 4) {
            out.push_str(&format!("    {line}\n"));
        }
        if options.verbosity >= Verbosity::Verbose {
            for line in event_lines(finding, &result.transcript, options.columns() - 4) {
                out.push_str(&format!("    {}\n", style.paint(Ink::Faint, &line)));
            }
        }
    }
    out.push_str(&rest(by_statement.len(), options));
    out
}

/// Scenarios with `verdict`, one line each with the reason.
pub(super) fn one_by_one(run: &Run, verdict: Verdict, title: &str, what: &str, options: &TerminalOptions) -> String {
    let mut results: Vec<&ScenarioResult> = of_verdict(run, verdict).collect();
    if results.is_empty() {
        return String::new();
    }
    results.sort_by(|a, b| a.id.cmp(&b.id));
    let mut out = heading(options, title, &format!("{}{what}", plural(results.len(), "scenario")));
    for result in results.iter().take(ENTRIES) {
        let id = options.style.paint(Ink::Warning, &visible_clip(&result.id, 120));
        out.push_str(&format!("  {id}\n"));
        for line in wrap(&visible_clip(reason(result), 400), options.columns() - 4) {
            out.push_str(&format!("    {line}\n"));
        }
    }
    out.push_str(&rest(results.len(), options));
    out
}

/// Scenarios with `verdict`, counted per reason, most frequent first.
pub(super) fn by_reason(run: &Run, verdict: Verdict, title: &str, what: &str, options: &TerminalOptions) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for result in of_verdict(run, verdict) {
        *counts.entry(reason(result)).or_default() += 1;
    }
    if counts.is_empty() {
        return String::new();
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(why, count)| (std::cmp::Reverse(*count), *why));
    let total: usize = counts.iter().map(|(_, count)| count).sum();
    let mut out = heading(options, title, &format!("{}{what}", plural(total, "scenario")));
    for (why, count) in counts.iter().take(ENTRIES) {
        for (at, line) in wrap(&visible_clip(why, 400), options.columns() - 8).iter().enumerate() {
            let count = if at == 0 { count.to_string() } else { String::new() };
            out.push_str(&format!("  {count:>4}  {line}\n"));
        }
    }
    out.push_str(&rest(counts.len(), options));
    out
}

pub(super) fn heading(options: &TerminalOptions, title: &str, remark: &str) -> String {
    format!("{}: {}\n", options.style.paint(Ink::Heading, title), options.style.paint(Ink::Faint, remark))
}

fn rest(count: usize, options: &TerminalOptions) -> String {
    if count <= ENTRIES {
        return String::new();
    }
    let note = format!("… and {} more, all in results.json", count - ENTRIES);
    format!("  {}\n", options.style.paint(Ink::Faint, &note))
}

fn of_verdict(run: &Run, verdict: Verdict) -> impl Iterator<Item = &ScenarioResult> {
    // What the target did not survive is shown as a failure, whatever its verdict.
    run.results.iter().filter(move |result| result.verdict == verdict && !result.is_failure())
}

fn reason(result: &ScenarioResult) -> &str {
    result.reason.as_deref().unwrap_or("no reason given")
}
