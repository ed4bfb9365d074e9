//! The numbered events that a finding refers to: `[14] bob ← PUBLISH …`, with the number that the transcript gives them.

use std::collections::BTreeSet;

use crate::model::{Direction, Finding, WireEvent};
use crate::text::{shorten, visible_clip};

/// Events shown of one finding, the deciding ones.
const EVENTS: usize = 10;
/// Characters of an event that are looked at before it is cut to the width.
const SUMMARY: usize = 400;

/// Transcript indexes of everything a finding rests on, also of what only its message names (`event 9`,
/// `events 5, 9 and 14`).
pub(super) fn cited_events(finding: &Finding) -> BTreeSet<usize> {
    let mut cited: BTreeSet<usize> = finding.events.iter().copied().collect();
    let message = finding.message.as_str();
    for (at, word) in message.match_indices("event") {
        let mut rest = &message[at + word.len()..];
        rest = rest.strip_prefix('s').unwrap_or(rest);
        while let Some(number) = [" ", ", ", " and ", ", and "].iter().find_map(|gap| number_after(rest, gap)) {
            cited.insert(number.0);
            rest = number.1;
        }
    }
    cited
}

/// One line for each of them that the transcript holds, at most `width` columns wide.
pub(super) fn event_lines(finding: &Finding, transcript: &[WireEvent], width: usize) -> Vec<String> {
    let known: Vec<usize> = cited_events(finding).into_iter().filter(|at| *at < transcript.len()).collect();
    let skipped = known.len().saturating_sub(EVENTS);
    let mut lines: Vec<String> =
        known.iter().skip(skipped).map(|at| shorten(&event_line(*at, &transcript[*at]), width)).collect();
    if skipped > 0 {
        lines.insert(0, format!("{skipped} earlier ones, see the transcript"));
    }
    lines
}

/// The number by which an event is called.
pub(super) fn number(at: usize) -> String {
    format!("[{at}]")
}

fn event_line(at: usize, event: &WireEvent) -> String {
    let connection = visible_clip(&event.connection, 24);
    let gap = match event.direction {
        Direction::Sent => " → ",
        Direction::Received => " ← ",
        _ => ": ",
    };
    format!("{} {connection}{gap}{}", number(at), visible_clip(&event.summary, SUMMARY))
}

fn number_after<'t>(text: &'t str, gap: &str) -> Option<(usize, &'t str)> {
    let rest = text.strip_prefix(gap)?;
    let end = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
    Some((rest[..end].parse().ok()?, &rest[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Level;
    use crate::samples;

    #[test]
    fn every_event_that_the_argument_names_is_cited() {
        let mut finding = samples::finding("MQTT-4.3.3-2", Level::Must, "");
        let mut cited = |message: &str| {
            finding.message = message.to_owned();
            cited_events(&finding).into_iter().collect::<Vec<_>>()
        };
        assert_eq!(cited("\"m\" came in event 14 and again in event 19, both at QoS 2"), [1, 2, 14, 19]);
        assert_eq!(cited("the SUBSCRIBEs of events 5, 9 and 14 (event 3)"), [1, 2, 3, 5, 9, 14]);
        assert_eq!(cited("in the event of eventual 7 events"), [1, 2]);
        assert_eq!(cited("event 99999999999999999999999 and 4"), [1, 2]);
    }

    #[test]
    fn an_event_is_one_line_with_its_number() {
        let result = samples::mixed().results.remove(1);
        let lines = event_lines(&result.findings[0], &result.transcript, 60);
        assert_eq!(lines[0], "[1] publisher → PUBLISH topic=\"t/1\" qos=0 dup=1 payload=5 B");
        assert!(lines[1].starts_with("[2] sub ← PUBLISH") && lines.len() == 2, "{lines:?}");
    }
}
