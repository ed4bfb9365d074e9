//! The table of the hunt: fault, version, median number of histories, statement.

use std::fmt::Write as _;

use mqttspec_scenarios::model::version_prefix;

use super::hunt::{Quarry, Sighting};

/// What became of the hunt for one fault, seed by seed.
#[derive(Clone, Debug)]
pub struct Row {
    /// The fault and the version.
    pub quarry: Quarry,
    /// How it was found with each seed; `None` where it was not.
    pub sightings: Vec<Option<Sighting>>,
    /// Where it was not found: the histories of the first seed in which it changes what happens.
    pub provoked: Vec<u64>,
}

impl Row {
    /// The median number of histories; `None` when half of the seeds did not find the fault.
    pub fn median(&self) -> Option<u64> {
        let mut counts: Vec<u64> =
            self.sightings.iter().map(|sighting| sighting.as_ref().map_or(u64::MAX, |s| s.histories)).collect();
        counts.sort_unstable();
        counts.get(counts.len() / 2).copied().filter(|count| *count < u64::MAX)
    }

    /// Whether any seed found it.
    pub fn is_found(&self) -> bool {
        self.sightings.iter().any(Option::is_some)
    }

    /// Whether it was ever reported under the statement that it breaks.
    pub fn is_named(&self) -> bool {
        let own = self.quarry.fault.statement(self.quarry.version).unwrap_or_default();
        let own = own.replace('§', "section ");
        self.sightings.iter().flatten().any(|sighting| sighting.statements.contains(&own))
    }

    /// The statement under which it was found first, most often.
    fn statement(&self) -> &str {
        let firsts: Vec<&str> =
            self.sightings.iter().flatten().filter_map(|s| s.statements.first()).map(String::as_str).collect();
        let count = |wanted: &str| firsts.iter().filter(|first| **first == wanted).count();
        firsts.iter().copied().max_by_key(|first| count(first)).unwrap_or_default()
    }
}

/// The rows as a Markdown table, and below it those that were not found.
pub fn table(rows: &[Row]) -> String {
    let mut text =
        String::from("| fault | version | breaks | median histories | found under |\n|---|---|---|---:|---|\n");
    for row in rows {
        let Quarry { fault, version } = row.quarry;
        let median = row.median().map_or("not found".to_owned(), |median| median.to_string());
        let first: Vec<String> = row.provoked.iter().take(5).map(u64::to_string).collect();
        let hint = match row.provoked.len() {
            _ if row.is_found() => String::new(),
            0 => "never provoked".to_owned(),
            count => format!("provoked in {count} histories: {} …", first.join(", ")),
        };
        let breaks = fault.statement(version).unwrap_or_default();
        let named = if row.is_named() { "" } else { " (never under its own)" };
        let statement = row.statement();
        let _ = writeln!(
            text,
            "| `{fault}` | {} | {breaks} | {median} | {statement}{}{hint} |",
            version_prefix(version),
            if row.is_found() { named } else { "" }
        );
    }
    text
}

/// One line: how many were found.
pub fn summary(rows: &[Row]) -> String {
    let found = rows.iter().filter(|row| row.is_found()).count();
    let named = rows.iter().filter(|row| row.is_named()).count();
    let mut medians: Vec<u64> = rows.iter().filter_map(Row::median).collect();
    medians.sort_unstable();
    let middle = medians.get(medians.len() / 2).copied().unwrap_or(0);
    let most = medians.last().copied().unwrap_or(0);
    format!(
        "{found} of {} found, {named} under the statement they break; median {middle} histories, at most {most}",
        rows.len()
    )
}
