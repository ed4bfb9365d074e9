//! What a run of generated histories reached: the table of states and events, and the permitted choices that were seen.

use super::table::Table;
use super::{TerminalOptions, Verbosity, lists};
use crate::model::{Histories, Reached};
use crate::style::Ink;
use crate::text::{plural, visible_clip, wrap};

/// Permitted choices shown below `-v`.
const CHOICES: usize = 20;

/// The sections on what the histories reached.
pub(super) fn histories(histories: &Histories, options: &TerminalOptions) -> Vec<String> {
    let mut sections = Vec::new();
    sections.extend(histories.reached.as_ref().map(|reached| table(reached, options)));
    sections.push(choices(histories, options));
    sections
}

/// A line for each state: how many of the events that can come in it did, and which never did.
fn table(reached: &Reached, options: &TerminalOptions) -> String {
    let (seen, all) = reached.cells();
    let mut table = Table::default();
    table.row(["session state", "events seen", "times"].map(|head| (head.to_owned(), Ink::Faint)));
    for (state, counts) in reached.states.iter().zip(&reached.counts) {
        let possible = counts.iter().flatten();
        let of = possible.clone().count();
        let came = possible.clone().filter(|count| **count > 0).count();
        let ink = if came < of { Ink::Warning } else { Ink::Plain };
        table.row([
            (visible_clip(state, 40), Ink::Plain),
            (format!("{came}/{of}"), ink),
            (possible.sum::<u64>().to_string(), Ink::Faint),
        ]);
    }
    let mut out = table.render(options.style, 0);
    let line = format!("reached {seen} of {all} combinations of session state and event");
    out.push_str(&options.style.paint(Ink::Faint, &line));
    out.push('\n');
    if options.verbosity >= Verbosity::Verbose && seen < all {
        for (state, counts) in reached.states.iter().zip(&reached.counts) {
            let missing: Vec<&str> = reached
                .events
                .iter()
                .zip(counts)
                .filter(|(_, count)| **count == Some(0))
                .map(|(event, _)| event.as_str())
                .collect();
            if !missing.is_empty() {
                let line = format!("never reached, {state}: {}", missing.join(", "));
                for line in wrap(&visible_clip(&line, 1_000), options.columns() - 2) {
                    out.push_str(&format!("  {line}\n"));
                }
            }
        }
    }
    out
}

fn choices(histories: &Histories, options: &TerminalOptions) -> String {
    let all = &histories.observations;
    if all.is_empty() {
        return String::new();
    }
    let mut out = lists::heading(options, "Observed", &format!("{}, each permitted", plural(all.len(), "choice")));
    let limit = if options.verbosity >= Verbosity::Verbose { all.len() } else { CHOICES };
    let mut table = Table::default();
    for seen in all.iter().take(limit) {
        let text = format!("{}: {}", seen.observation.name, seen.observation.value);
        table.row([(visible_clip(&text, 90), Ink::Plain), (seen.histories.to_string(), Ink::Faint)]);
    }
    out.push_str(&table.render(options.style, 2));
    if all.len() > limit {
        out.push_str(&options.style.paint(Ink::Faint, &format!("  and {} more in results.json\n", all.len() - limit)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Observation, SeenIn};

    #[test]
    fn what_was_reached_is_a_table_and_what_was_not_shows() {
        let reached = Reached {
            states: vec!["absent".to_owned(), "connected".to_owned()],
            events: vec!["CONNECT".to_owned(), "PUBLISH".to_owned()],
            counts: vec![vec![Some(12_345), None], vec![Some(0), Some(7)]],
        };
        let observation = Observation { name: "overlapping subscriptions".to_owned(), value: "one copy".to_owned() };
        let all = Histories {
            asked: 10,
            played: 10,
            duration_ms: 500,
            reached: Some(reached),
            observations: vec![SeenIn { observation, histories: 3 }],
            ..Histories::default()
        };
        assert_eq!(all.per_second(), 20);
        let text = histories(&all, &TerminalOptions::default()).join("\n");
        assert!(text.contains("reached 2 of 3 combinations"), "{text}");
        assert!(text.contains("1/2") && !text.contains("never reached"), "{text}");
        assert!(text.contains("overlapping subscriptions: one copy"), "{text}");
        let verbose = TerminalOptions { verbosity: Verbosity::Verbose, ..TerminalOptions::default() };
        let text = histories(&all, &verbose).join("\n");
        assert!(text.contains("never reached, connected: CONNECT"), "{text}");
    }
}
