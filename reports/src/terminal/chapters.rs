//! The summary by chapter: one row per chapter of the standard, one column per version.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::table::Table;
use crate::model::{CoverageRow, Run, Summary};
use crate::style::{Ink, Style};
use crate::text::visible_clip;

/// `passed/applicable` per chapter and version, then what else there was.
pub(super) fn chapters(run: &Run, style: Style) -> String {
    let mut cells: BTreeMap<Chapter, BTreeMap<&str, Summary>> = BTreeMap::new();
    let mut versions = BTreeSet::new();
    for result in &run.results {
        versions.insert(result.version.as_str());
        let row = cells.entry(Chapter(visible_clip(&result.chapter, 40))).or_default();
        row.entry(&result.version).or_default().add(result);
    }
    let mut rows: Vec<(String, Ink, BTreeMap<&str, Summary>)> =
        cells.into_iter().map(|(Chapter(name), row)| (name, Ink::Plain, row)).collect();
    if rows.len() > 1 {
        let total = versions
            .iter()
            .map(|version| (*version, Summary::of(run.results.iter().filter(|result| result.version == *version))));
        rows.push(("all chapters".to_owned(), Ink::Heading, total.collect()));
    }
    let extra: Vec<_> = EXTRA.into_iter().filter(|(_, count, _)| count(&run.summary) > 0).collect();

    let mut table = Table::default();
    let heading = |text: String| (text, Ink::Faint);
    let mut head = vec![heading("passed / applicable".to_owned())];
    head.extend(versions.iter().map(|version| heading(format!("MQTT {}", visible_clip(version, 12)))));
    head.extend(extra.iter().map(|(word, _, _)| heading((*word).to_owned())));
    table.row(head);
    for (name, ink, row) in rows {
        let mut line = vec![(name, ink)];
        line.extend(versions.iter().map(|version| match row.get(version) {
            None => (String::new(), Ink::Plain),
            Some(summary) => (format!("{}/{}", summary.passed, summary.applicable), ratio_ink(summary)),
        }));
        line.extend(extra.iter().map(|(_, count, ink)| match row.values().map(count).sum::<usize>() {
            0 => ("·".to_owned(), Ink::Faint),
            sum => (sum.to_string(), *ink),
        }));
        table.row(line);
    }
    table.render(style, 0)
}

/// A column that appears only when something is in it: its heading, what it counts, its colour.
type Extra = (&'static str, fn(&Summary) -> usize, Ink);

const EXTRA: [Extra; 6] = [
    ("failed", |summary| summary.failed, Ink::Bad),
    ("errors", |summary| summary.errors, Ink::Bad),
    ("inconclusive", |summary| summary.inconclusive, Ink::Warning),
    ("deviations", |summary| summary.deviations, Ink::Warning),
    ("not applicable", |summary| summary.not_applicable, Ink::Plain),
    ("disabled", |summary| summary.disabled, Ink::Plain),
];

fn ratio_ink(summary: &Summary) -> Ink {
    match summary {
        Summary { applicable: 0, .. } => Ink::Faint,
        Summary { failed: 0, passed, applicable, .. } if passed == applicable => Ink::Good,
        Summary { failed: 0, .. } => Ink::Warning,
        _ => Ink::Bad,
    }
}

/// Statements of the standard: that there is a scenario and that it ran are different columns.
pub(super) fn statements(rows: &[CoverageRow], style: Style) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut table = Table::default();
    let heading = |text: &str| (text.to_owned(), Ink::Faint);
    table.row([
        heading("statements"),
        heading("observable"),
        heading("with a scenario"),
        heading("judged in this run"),
    ]);
    for row in rows {
        let name = visible_clip(&format!("MQTT {} {}", row.version, row.role), 40);
        let counts = [row.observable, row.covered, row.exercised].map(|count| (count.to_string(), Ink::Plain));
        table.row([(name, Ink::Plain)].into_iter().chain(counts));
    }
    table.render(style, 0)
}

/// A chapter, ordered by its number: 3.2 before 3.10, and chapters without a number last.
#[derive(PartialEq, Eq)]
struct Chapter(String);

impl Chapter {
    fn key(&self) -> (bool, Vec<u32>, &str) {
        let number = self.0.split(' ').next().unwrap_or_default();
        let parts: Option<Vec<u32>> = number.split('.').map(|part| part.parse().ok()).collect();
        (parts.is_none(), parts.unwrap_or_default(), &self.0)
    }
}

impl Ord for Chapter {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Chapter {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chapters_come_in_the_order_of_the_standard() {
        let mut names = ["4.1 State", "3.10 UNSUBSCRIBE", "appendix", "3.2 CONNACK", "3.1 CONNECT"];
        names.sort_by_key(|name| Chapter((*name).to_owned()));
        assert_eq!(names, ["3.1 CONNECT", "3.2 CONNACK", "3.10 UNSUBSCRIBE", "4.1 State", "appendix"]);
    }
}
