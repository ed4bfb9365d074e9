//! What a person reads: live lines while the run goes on, then the report.

mod chapters;
mod evidence;
mod failure_block;
mod histories;
mod lists;
mod overlay;
mod report;
mod table;
mod transcript;

pub use failure_block::failure_block;
pub use report::report;

use std::collections::BTreeSet;

use crate::baseline::{Baseline, Overlay};
use crate::exit_code::ExitOptions;
use crate::model::{Event, RunInfo, ScenarioResult, Summary, Verdict};
use crate::style::{Ink, Style};
use crate::text::{counted, plural, visible, visible_clip};

/// How much to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// `-q`: the result only.
    Quiet,
    /// Failures, then the summary.
    #[default]
    Normal,
    /// `-v`: one line per scenario as well, and every failure as a block.
    Verbose,
    /// `-vv`: the transcripts of failing scenarios as well.
    Transcripts,
    /// `-vvv`: the transcripts of all scenarios.
    AllTranscripts,
}

impl Verbosity {
    /// From `-q` and the number of `-v`; `quiet` wins.
    #[must_use]
    pub const fn new(quiet: bool, verbose: u8) -> Self {
        match (quiet, verbose) {
            (true, _) => Self::Quiet,
            (false, 0) => Self::Normal,
            (false, 1) => Self::Verbose,
            (false, 2) => Self::Transcripts,
            (false, _) => Self::AllTranscripts,
        }
    }
}

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TerminalOptions {
    /// How much.
    pub verbosity: Verbosity,
    /// In colour or not.
    pub style: Style,
    /// Columns to wrap at; at least 60 are used.
    pub width: usize,
    /// Whether to print a plain progress line at every tenth of the run: for logs, where no progress bar can be drawn.
    pub progress_lines: bool,
    /// What the caller gates on: the last line says the same as the exit code.
    pub gate: ExitOptions,
    /// How many failures are shown as blocks below `-v`; further ones get a line each.
    pub max_blocks: usize,
}

impl Default for TerminalOptions {
    fn default() -> Self {
        Self {
            verbosity: Verbosity::Normal,
            style: Style::Plain,
            width: 100,
            progress_lines: false,
            gate: ExitOptions::default(),
            max_blocks: 25,
        }
    }
}

impl TerminalOptions {
    pub(crate) fn columns(&self) -> usize {
        self.width.clamp(60, 400)
    }
}

/// A fold over the event stream that says what to print next.
#[derive(Clone, Debug, Default)]
pub struct Terminal {
    options: TerminalOptions,
    baseline: Option<(Baseline, BTreeSet<String>)>,
    planned: usize,
    summary: Summary,
}

impl Terminal {
    /// A reporter that has seen nothing yet.
    #[must_use]
    pub fn new(options: TerminalOptions) -> Self {
        Self { options, ..Self::default() }
    }

    /// Compares the run with `baseline` at its end; `known_scenarios` are the ids of all scenarios there are.
    #[must_use]
    pub fn with_baseline(mut self, baseline: Baseline, known_scenarios: BTreeSet<String>) -> Self {
        self.baseline = Some((baseline, known_scenarios));
        self
    }

    /// Takes in one event and returns the text to print for it: empty, or whole lines.
    pub fn on_event(&mut self, event: &Event) -> String {
        let quiet = self.options.verbosity == Verbosity::Quiet;
        match event {
            Event::RunStarted { info, planned } => {
                self.planned = *planned;
                if quiet { String::new() } else { header(info, *planned, self.options.style) }
            }
            Event::ScenarioStarted { .. } => String::new(),
            Event::ScenarioFinished(result) => self.on_result(result),
            Event::TargetRestarted { .. } | Event::Interrupted { .. } | Event::Remark { .. } if quiet => String::new(),
            Event::TargetRestarted { after, health } => {
                let text =
                    format!("target restarted after {}: {}", visible(after), visible_clip(&health.to_string(), 200));
                format!("{}\n", self.options.style.paint(Ink::Warning, &text))
            }
            Event::Remark { text } => format!("{}\n", visible_clip(text, 400)),
            Event::Interrupted { why } => {
                let text = format!("interrupted: {}", visible_clip(why, 400));
                format!("{}\n", self.options.style.paint(Ink::Warning, &text))
            }
            Event::RunFinished { run } => {
                let overlay = self.baseline.as_ref().map(|(baseline, known)| Overlay::new(run, baseline, known));
                report(run, overlay.as_ref(), &self.options)
            }
        }
    }

    /// The text beside a progress bar: how far, what went wrong so far. One line, no line break.
    #[must_use]
    pub fn progress(&self) -> String {
        let style = self.options.style;
        let mut line = format!("{}/{}", self.summary.total, self.planned);
        for (count, word, ink) in [
            (self.summary.failed, "failed", Ink::Bad),
            (self.summary.errors, "errors", Ink::Bad),
            (self.summary.inconclusive, "inconclusive", Ink::Warning),
        ] {
            if count > 0 {
                line.push_str("  ");
                line.push_str(&style.paint(ink, &format!("{count} {word}")));
            }
        }
        line
    }

    fn on_result(&mut self, result: &ScenarioResult) -> String {
        let tenth = |done: usize| (done * 10).checked_div(self.planned).unwrap_or(0);
        let before = tenth(self.summary.total);
        let after = tenth(self.summary.total + 1);
        self.summary.add(result);
        let mut out = String::new();
        if self.options.verbosity >= Verbosity::Verbose {
            out.push_str(&result_line(result, self.options.style));
            if self.options.verbosity == Verbosity::AllTranscripts {
                out.push_str(&transcript::transcript(result, &self.options));
            }
        } else if self.options.progress_lines && self.options.verbosity == Verbosity::Normal && before != after {
            out.push_str(&format!("{:>3} %  {}\n", after * 10, self.progress()));
        }
        out
    }
}

/// Who is judged on what, in two lines.
fn header(info: &RunInfo, planned: usize, style: Style) -> String {
    let target = &info.target;
    let versions = if target.versions.is_empty() {
        String::new()
    } else {
        format!(", speaking MQTT {}", target.versions.join(", "))
    };
    let first = format!("{} at {}{versions}", target.name, target.address);
    let what = match info.histories {
        Some(_) => counted(planned, "generated history", "generated histories"),
        None => plural(planned, "scenario"),
    };
    format!(
        "{} judges {}\n{}\n",
        style.paint(Ink::Heading, &format!("mqttspec {}", visible_clip(&info.tool_version, 40))),
        visible_clip(&first, 300),
        style.paint(
            Ink::Faint,
            &format!("{what}, {} at a time, round trip {} µs, seed {}", info.jobs, info.round_trip_us, info.seed)
        )
    )
}

/// One line for one scenario.
fn result_line(result: &ScenarioResult, style: Style) -> String {
    let (word, ink) = word(result);
    let id = visible_clip(&result.id, 200);
    let remark = match (&result.reason, result.deviations().count()) {
        (Some(reason), _) => visible_clip(reason, 200),
        (None, 0) => String::new(),
        (None, count) => plural(count, "deviation"),
    };
    let line = format!(
        "{}  {id:<44}  {}",
        style.paint(ink, &format!("{word:<14}")),
        if remark.is_empty() { remark } else { style.paint(Ink::Faint, &remark) }
    );
    format!("{}\n", line.trim_end())
}

/// The word a result is filed under, and its colour.
pub(crate) fn word(result: &ScenarioResult) -> (&'static str, Ink) {
    if !result.health.is_healthy() {
        return ("CRASH", Ink::Bad);
    }
    match result.verdict {
        Verdict::Pass if result.deviations().next().is_some() => ("pass", Ink::Warning),
        Verdict::Pass => ("pass", Ink::Good),
        Verdict::Fail => ("FAIL", Ink::Bad),
        Verdict::Inconclusive => ("inconclusive", Ink::Warning),
        Verdict::NotApplicable => ("not-applicable", Ink::Faint),
        Verdict::Disabled => ("disabled", Ink::Faint),
        Verdict::Error => ("ERROR", Ink::Bad),
    }
}

#[cfg(test)]
mod tests;
