//! What was said on the connections of one scenario.

use std::collections::BTreeSet;

use super::TerminalOptions;
use super::evidence::{cited_events, number};
use crate::model::{ScenarioResult, WireEvent};
use crate::style::Ink;
use crate::text::{columns, visible_clip};

/// Lines of a transcript that are printed; the rest is in `results.json`.
const EVENTS: usize = 200;
/// Bytes printed of one event.
const BYTES: usize = 64;

/// The transcript of `result`, indented under its block; events that a finding points at carry a `>`. Their numbers are
/// those by which findings name them.
pub(super) fn transcript(result: &ScenarioResult, options: &TerminalOptions) -> String {
    let style = options.style;
    if result.transcript.is_empty() {
        return String::new();
    }
    let cited: BTreeSet<usize> = result.findings.iter().flat_map(cited_events).collect();
    let name = |event: &WireEvent| visible_clip(&event.connection, 24);
    let events = &result.transcript[..result.transcript.len().min(EVENTS)];
    let widest = events.iter().map(|event| columns(&name(event))).max().unwrap_or(0);
    let digits = columns(&number(events.len().saturating_sub(1)));
    let kinds = events.iter().map(|event| event.direction.as_str().len()).max().unwrap_or(0);
    let heading = format!("      {}\n", style.paint(Ink::Faint, "transcript (milliseconds since the scenario began)"));
    let mut out = heading;
    for (at, event) in events.iter().enumerate() {
        let mark = if cited.contains(&at) { ">" } else { " " };
        let start = format!(
            "    {mark} {:>digits$} {:>6}.{:03}  {:<widest$}  {:<kinds$}",
            number(at),
            event.at_us / 1000,
            event.at_us % 1000,
            name(event),
            event.direction
        );
        let ink = if cited.contains(&at) { Ink::Bad } else { Ink::Plain };
        let summary = visible_clip(&event.summary, 400);
        out.push_str(&format!("{start}  {}\n", style.paint(ink, &summary)));
        out.push_str(&hex_lines(event, columns(&start) + 2, options));
    }
    let left = (result.transcript.len() - events.len()) as u64 + result.transcript_omitted;
    if left > 0 {
        out.push_str(&format!("      {}\n", style.paint(Ink::Faint, &format!("… and {left} more events"))));
    }
    out
}

/// The first `limit` bytes of an event, two digits each.
pub(super) fn hex(event: &WireEvent, limit: usize) -> Vec<String> {
    // Anything but hex digits would be a defect of the recorder; it must not reach the terminal all the same.
    let digits: Vec<char> = event.bytes_hex.chars().filter(char::is_ascii_hexdigit).take(limit * 2).collect();
    digits.chunks(2).map(|pair| pair.iter().collect()).collect()
}

fn hex_lines(event: &WireEvent, indent: usize, options: &TerminalOptions) -> String {
    let style = options.style;
    let bytes = hex(event, BYTES);
    let per_line = if options.columns().saturating_sub(indent) >= 16 * 3 { 16 } else { 8 };
    let mut out = String::new();
    for chunk in bytes.chunks(per_line) {
        out.push_str(&format!("{:indent$}{}\n", "", style.paint(Ink::Faint, &chunk.join(" "))));
    }
    if event.bytes_total > bytes.len() && !bytes.is_empty() {
        let note = format!("… {} of {} bytes", bytes.len(), event.bytes_total);
        out.push_str(&format!("{:indent$}{}\n", "", style.paint(Ink::Faint, &note)));
    }
    out
}
