//! What a run of generated histories reached: the table of states and events, and the permitted choices that were seen.

use super::table::Table;
use super::{TerminalOptions, Verbosity, lists};
use crate::model::{Histories, Reached};
use crate::style::Ink;
use crate::text::{plural, visible_clip};

/// Permitted choices shown below `-v`.
const CHOICES: usize = 20;

/// The sections on what the histories reached.
pub(super) fn histories(histories: &Histories, options: &TerminalOptions) -> Vec<String> {
    let mut sections = Vec::new();
    sections.extend(histories.reached.as_ref().map(|reached| table(reached, options)));
    sections.push(choices(histories, options));
    sections
}

fn table(reached: &Reached, options: &TerminalOptions) -> String {
    let (seen, all) = reached.cells();
    let mut table = Table::default();
    let mut head = vec![("session state × event".to_owned(), Ink::Faint)];
    head.extend(reached.events.iter().map(|event| (visible_clip(event, 24), Ink::Faint)));
    table.row(head);
    for (state, counts) in reached.states.iter().zip(&reached.counts) {
        let mut row = vec![(visible_clip(state, 40), Ink::Plain)];
        row.extend(counts.iter().map(|count| match count {
            None => (String::new(), Ink::Plain),
            Some(0) => ("·".to_owned(), Ink::Warning),
            Some(count) => (short(*count), Ink::Plain),
        }));
        table.row(row);
    }
    let line = format!("reached {seen} of {all} combinations");
    format!("{}{}\n", table.render(options.style, 0), options.style.paint(Ink::Faint, &line))
}

/// At most four characters and a unit.
fn short(count: u64) -> String {
    match count {
        0..10_000 => count.to_string(),
        10_000..10_000_000 => format!("{}k", count / 1_000),
        _ => format!("{}M", count / 1_000_000),
    }
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
        assert!(text.contains("12k") && text.contains('·'), "{text}");
        assert!(text.contains("overlapping subscriptions: one copy"), "{text}");
    }
}
