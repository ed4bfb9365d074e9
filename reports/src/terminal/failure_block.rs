//! A failure in about ten lines.

use super::evidence::{event_lines, number};
use super::{TerminalOptions, Verbosity, transcript, word};
use crate::model::{Direction, Finding, ScenarioResult, WireEvent};
use crate::style::Ink;
use crate::text::{columns, visible_clip, wrap};

/// Columns before a value: six of indent, a label, a gap.
const INDENT: usize = 6;
const LABEL: usize = 10;
/// Characters of one value; the rest is in `results.json`.
const VALUE_LIMIT: usize = 600;
/// Findings shown in full below `-v`, and from `-v` on.
const FINDINGS: usize = 3;
const FINDINGS_VERBOSE: usize = 20;
/// Accepted alternatives and knock-on effects shown.
const LIST: usize = 8;
/// Bytes shown of what was sent or received: one line.
const BYTES: usize = 20;

/// The evidence of one failing scenario: id, statement, level, the requirement, what was sent, accepted and observed, the
/// target's health, and the commands that show it again.
#[must_use]
pub fn failure_block(result: &ScenarioResult, options: &TerminalOptions) -> String {
    let mut block = Block { out: String::new(), options };
    block.title(result);
    let (causes, effects) = causes_and_effects(result);
    let shown = if options.verbosity >= Verbosity::Verbose { FINDINGS_VERBOSE } else { FINDINGS };
    if causes.is_empty() {
        block.field("reason", result.reason.as_deref().unwrap_or_default(), Ink::Bad);
        // Without a finding, the last thing that was sent is the best lead there is.
        if let Some(last) = result.transcript.iter().rfind(|event| event.direction == Direction::Sent) {
            block.field("last sent", &last.summary, Ink::Plain);
            block.bytes(last);
        }
    }
    for (at, finding) in causes.iter().take(shown).enumerate() {
        block.finding(finding, if at == 0 { "statement" } else { "and also" }, &result.transcript);
    }
    if causes.len() > shown {
        block.field("more", &format!("{} further findings, all in results.json", causes.len() - shown), Ink::Faint);
    }
    for finding in effects.iter().take(LIST) {
        block.field("knock-on", &format!("{}: {}", finding.statement, finding.message), Ink::Faint);
    }
    if effects.len() > LIST {
        block.field("knock-on", &format!("and {} more", effects.len() - LIST), Ink::Faint);
    }
    let health_ink = if result.health.is_healthy() { Ink::Plain } else { Ink::Bad };
    // What was only watched, and cannot be run again, was not asked how it is.
    if !result.rerun.is_empty() || !result.health.is_healthy() {
        block.field("health", &result.health.to_string(), health_ink);
    }
    if let Some(reproduced) = &result.reproduced {
        block.field("again", &format!("seen in {reproduced}"), Ink::Plain);
    }
    block.field("rerun", &result.rerun, Ink::Plain);
    if let Some(replay) = result.replay.as_ref().filter(|replay| **replay != result.rerun) {
        block.field("replay", replay, Ink::Plain);
    }
    if options.verbosity == Verbosity::Transcripts {
        block.out.push_str(&transcript::transcript(result, options));
    }
    block.out
}

/// Causes, gravest level first, and what merely follows from them. Without a cause the effects are all there is to show.
fn causes_and_effects(result: &ScenarioResult) -> (Vec<&Finding>, Vec<&Finding>) {
    let (mut effects, mut causes): (Vec<_>, Vec<_>) = result.findings.iter().partition(|finding| finding.knock_on);
    if causes.is_empty() {
        std::mem::swap(&mut causes, &mut effects);
    }
    causes.sort_by_key(|finding| finding.level);
    (causes, effects)
}

struct Block<'a> {
    out: String,
    options: &'a TerminalOptions,
}

impl Block<'_> {
    fn title(&mut self, result: &ScenarioResult) {
        let (word, ink) = word(result);
        let style = self.options.style;
        let id = visible_clip(&result.id, 200);
        let title = visible_clip(&result.title, 200);
        let room = self.options.columns().saturating_sub(INDENT + columns(&id) + 2);
        self.out.push_str(&format!("{} {}", style.paint(ink, &format!("{word:<5}")), style.paint(Ink::Heading, &id)));
        if columns(&title) <= room {
            self.out.push_str(&format!("  {}\n", style.paint(Ink::Faint, &title)));
        } else {
            self.out.push('\n');
            self.field("about", &title, Ink::Faint);
        }
    }

    fn finding(&mut self, finding: &Finding, label: &str, transcript: &[WireEvent]) {
        // The event that `text` describes, or the last one of that direction.
        let cited = |direction: Direction, text: &str| {
            let all = || finding.events.iter().filter_map(|at| Some((*at, transcript.get(*at)?)));
            let of_direction = || all().filter(|(_, event)| event.direction == direction);
            let described = of_direction().find(|(_, event)| text.starts_with(event.summary.as_str()));
            described.or_else(|| of_direction().next_back())
        };
        let statement = format!("{}, {}", finding.place(), finding.level);
        self.field(label, &statement, Ink::Warning);
        self.field("requires", &finding.requirement, Ink::Plain);
        self.field("wrong", &finding.message, Ink::Bad);
        if finding.sent.is_none() && finding.accepted.is_empty() && self.events(finding, transcript) {
            return;
        }
        if let Some(sent) = &finding.sent {
            self.evidence("sent", sent, cited(Direction::Sent, sent));
        }
        self.accepted(&finding.accepted);
        self.evidence("observed", &finding.observed, cited(Direction::Received, &finding.observed));
    }

    /// The events that an argument is made of, in their order, and the bytes of the deciding one. Whether there are any.
    fn events(&mut self, finding: &Finding, transcript: &[WireEvent]) -> bool {
        let lines = event_lines(finding, transcript, self.room());
        for (at, line) in lines.iter().enumerate() {
            self.field(if at == 0 { "events" } else { "" }, line, Ink::Plain);
        }
        if let Some(event) = finding.events.last().and_then(|at| transcript.get(*at)) {
            self.bytes(event);
        }
        !lines.is_empty()
    }

    /// What was sent or observed, with the number of the event when it describes one, and the event's first bytes.
    fn evidence(&mut self, label: &str, text: &str, event: Option<(usize, &WireEvent)>) {
        match event {
            Some((at, event)) if text.starts_with(event.summary.as_str()) => {
                self.field(label, &format!("{} {text}", number(at)), Ink::Plain);
            }
            _ => self.field(label, text, Ink::Plain),
        }
        event.into_iter().for_each(|(_, event)| self.bytes(event));
    }

    /// The first bytes of an event, under the field that names it.
    fn bytes(&mut self, event: &WireEvent) {
        let bytes = transcript::hex(event, BYTES);
        if bytes.is_empty() {
            return;
        }
        let rest =
            if event.bytes_total > bytes.len() { format!(" … {} bytes", event.bytes_total) } else { String::new() };
        self.field("", &format!("{}{rest}", bytes.join(" ")), Ink::Faint);
    }

    /// The alternatives on one line when they fit, else one per line.
    fn accepted(&mut self, alternatives: &[String]) {
        let joined = alternatives.join("; or ");
        if columns(&joined) <= self.room() {
            return self.field("accepted", &joined, Ink::Plain);
        }
        for (at, alternative) in alternatives.iter().take(LIST).enumerate() {
            self.field(if at == 0 { "accepted" } else { "" }, &format!("- {alternative}"), Ink::Plain);
        }
        if alternatives.len() > LIST {
            self.field("", &format!("- or {} more", alternatives.len() - LIST), Ink::Faint);
        }
    }

    /// One labelled value, wrapped under itself. An empty value takes no line.
    fn field(&mut self, label: &str, value: &str, ink: Ink) {
        if value.is_empty() {
            return;
        }
        let style = self.options.style;
        let value = visible_clip(value, VALUE_LIMIT);
        // A command must stay in one piece to be copied.
        let lines = if matches!(label, "rerun" | "replay") { vec![value] } else { wrap(&value, self.room()) };
        for (at, line) in lines.iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            let label = style.paint(Ink::Faint, &format!("{label:<LABEL$}"));
            self.out.push_str(&format!("{:INDENT$}{label} {}\n", "", style.paint(ink, line)));
        }
    }

    fn room(&self) -> usize {
        self.options.columns() - INDENT - LABEL - 1
    }
}
