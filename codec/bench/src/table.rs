//! The report as tables, for a terminal and as Markdown.

use comfy_table::{Cell as TableCell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle, presets};
use mqttspec_codec::ProtocolVersion;

use crate::report::{Cell, Participant, Report, Row, Spread};
use crate::{Absence, Kind};

/// Which characters a table is drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Text,
    Markdown,
}

impl Report {
    /// The report for a terminal.
    pub fn to_text(&self) -> String {
        self.render(Style::Text)
    }

    /// The report as Markdown.
    pub fn to_markdown(&self) -> String {
        self.render(Style::Markdown)
    }

    fn render(&self, style: Style) -> String {
        let mut out = self.preamble(style);
        for (version, decode, rows) in self.sections() {
            let verb = if decode { "decode" } else { "encode" };
            out.push_str(&heading(style, &format!("MQTT {version}, {verb}, ns per packet")));
            out.push_str(&self.overview(style, &rows));
        }
        if self.has_peers() {
            for row in &self.rows {
                let verb = if row.operation.is_decode() { "decode" } else { "encode" };
                let text = format!(
                    "MQTT {}, {verb}: {}, {} bytes per packet, {} rounds",
                    row.version,
                    row.title,
                    number(row.bytes_per_packet),
                    row.rounds
                );
                out.push_str(&heading(style, &text));
                out.push_str(&self.detail(style, row));
            }
        }
        out.push_str(&self.notes(style));
        out
    }

    fn preamble(&self, style: Style) -> String {
        let machine = &self.machine;
        let mut out = format!(
            "{} on {} ({}), built by {} with opt-level {}{}\n",
            self.ours().and_then(|at| self.entrants.get(at)).map_or("no codec", |ours| ours.name.as_str()),
            machine.cpu,
            machine.target,
            machine.rustc,
            machine.opt_level,
            if machine.debug_assertions { " and debug assertions" } else { "" },
        );
        if let Some(warning) = machine.warning() {
            let (open, close) = if style == Style::Markdown { ("\n**", "**") } else { ("", "") };
            out.push_str(&format!("{open}warning: {warning}{close}\n"));
        }
        // Markdown would join the lines.
        let apart = if style == Style::Markdown { "\n" } else { "" };
        out.push_str(&format!(
            "{apart}Median of interleaved rounds, 5th to 95th percentile behind it.\n\
             Ratios are our time divided by theirs, round by round: below 1 ours is faster.\n"
        ));
        out
    }

    /// Rows that belong together, in the order in which they first come.
    fn sections(&self) -> Vec<(ProtocolVersion, bool, Vec<&Row>)> {
        let mut sections: Vec<(ProtocolVersion, bool, Vec<&Row>)> = Vec::new();
        for row in &self.rows {
            let key = (row.version, row.operation.is_decode());
            match sections.iter_mut().find(|(version, decode, _)| (*version, *decode) == key) {
                Some((_, _, rows)) => rows.push(row),
                None => sections.push((key.0, key.1, vec![row])),
            }
        }
        sections
    }

    /// Ours beside the fastest of the others and the bounds, a line for each job.
    fn overview(&self, style: Style, rows: &[&Row]) -> String {
        let ours = self.ours();
        // Some have nothing to do with encoding.
        let timed_here = |at: &usize| rows.iter().any(|row| cell(row, *at).is_some_and(|cell| cell.ns().is_some()));
        let bounds: Vec<usize> = self.places(Kind::Bound).filter(timed_here).collect();
        let variants: Vec<usize> = self.places(Kind::Variant).filter(timed_here).collect();
        let counted = rows.iter().any(|row| ours.and_then(|at| cell(row, at)?.allocations()).is_some());
        let mut header = vec!["packet".to_owned(), "bytes".to_owned(), "ours".to_owned(), "5–95 %".to_owned()];
        header.extend(variants.iter().map(|at| self.entrants[*at].name.replace("ours, ", "")));
        if self.has_peers() {
            header.extend(["fastest peer", "its ns", "ours ÷ its", "5–95 %"].map(str::to_owned));
        }
        for at in &bounds {
            header.push(self.entrants[*at].name.clone());
            // Beside peers there is no room for it; it is in the table of each job.
            header.extend((!self.has_peers()).then(|| "ours ÷ it".to_owned()));
        }
        if counted {
            header.push("allocations".to_owned());
        }
        let mut table = table(style, header);
        for row in rows {
            let own = ours.and_then(|at| cell(row, at));
            let mut line = vec![row.title.clone(), number(row.bytes_per_packet)];
            line.extend(timed(own));
            let median = |at: &usize| cell(row, *at).and_then(Cell::ns).map_or(NONE.to_owned(), |ns| number(ns.median));
            line.extend(variants.iter().map(median));
            if self.has_peers() {
                let fastest = row.fastest_peer(&self.entrants);
                let peer = fastest.and_then(|at| cell(row, at));
                line.push(fastest.map_or(NONE.to_owned(), |at| self.entrants[at].name.clone()));
                line.push(peer.and_then(Cell::ns).map_or(NONE.to_owned(), |ns| number(ns.median)));
                line.extend(ratio(peer.and_then(Cell::ratio)));
            }
            for at in &bounds {
                let bound = cell(row, *at);
                line.push(bound.and_then(Cell::ns).map_or(NONE.to_owned(), |ns| number(ns.median)));
                if !self.has_peers() {
                    line.push(bound.and_then(Cell::ratio).map_or(NONE.to_owned(), |ratio| number(ratio.median)));
                }
            }
            if counted {
                line.push(allocations(own));
            }
            add(&mut table, line);
        }
        finish(style, &table)
    }

    /// Everyone in one job, the fastest first.
    fn detail(&self, style: Style, row: &Row) -> String {
        let counted = row.cells.iter().any(|cell| cell.allocations().is_some());
        let mut header = ["codec", "ns", "5–95 %", "ours ÷ it", "5–95 %"].map(str::to_owned).to_vec();
        if counted {
            header.push("allocations".to_owned());
        }
        let mut table = table(style, header);
        let mut lines: Vec<(&Participant, &Cell)> = self.entrants.iter().zip(&row.cells).collect();
        lines.retain(|(_, cell)| !matches!(cell, Cell::Absent(Absence::Missing)));
        let time = |cell: &Cell| cell.ns().map_or(f64::INFINITY, |ns| ns.median);
        lines.sort_by(|(_, a), (_, b)| time(a).total_cmp(&time(b)));
        for (entrant, cell) in lines {
            let mut line = vec![match entrant.kind {
                Kind::Bound => format!("({})", entrant.name),
                Kind::Ours | Kind::Variant | Kind::Peer => {
                    format!("{}{}", entrant.name, if entrant.lax.is_empty() { "" } else { " *" })
                }
            }];
            line.extend(timed(Some(cell)));
            line.extend(ratio(cell.ratio()));
            if counted {
                line.push(allocations(Some(cell)));
            }
            add(&mut table, line);
        }
        finish(style, &table)
    }

    /// What the figures do not say: who checks less, and who did the wrong thing.
    fn notes(&self, style: Style) -> String {
        let bullet = if style == Style::Markdown { "* " } else { "  " };
        let mut out = String::new();
        let lax: Vec<_> = self.entrants.iter().filter(|entrant| !entrant.lax.is_empty()).collect();
        if !lax.is_empty() {
            out.push_str(&heading(style, "* does less than the others"));
            for entrant in lax {
                out.push_str(&format!("{bullet}{}: {}\n", entrant.name, entrant.lax.join("; ")));
            }
        }
        let mut wrong = Vec::new();
        for row in &self.rows {
            for (entrant, cell) in self.entrants.iter().zip(&row.cells) {
                let Cell::Absent(absence) = cell else { continue };
                let what = match absence {
                    Absence::Missing => continue,
                    Absence::Refused(words) => format!("refused: {words}"),
                    Absence::Wrong(words) => format!("wrong: {words}"),
                    Absence::Panicked(words) => format!("panicked: {words}"),
                };
                let verb = row.operation.name();
                wrong.push(format!("{bullet}{}, MQTT {}, {verb}, {}: {what}\n", entrant.name, row.version, row.title));
            }
        }
        if !wrong.is_empty() {
            out.push_str(&heading(style, "Not timed, because the check before failed"));
            out.push_str(&wrong.concat());
        }
        out
    }

    fn places(&self, kind: Kind) -> impl Iterator<Item = usize> {
        self.entrants.iter().enumerate().filter(move |(_, entrant)| entrant.kind == kind).map(|(at, _)| at)
    }
}

/// In place of a figure that there is not.
const NONE: &str = "·";

fn cell(row: &Row, at: usize) -> Option<&Cell> {
    row.cells.get(at)
}

/// Median and spread, or why there are none.
fn timed(cell: Option<&Cell>) -> [String; 2] {
    match cell {
        Some(Cell::Measured { ns, .. }) => [number(ns.median), range(*ns)],
        Some(Cell::Absent(Absence::Refused(_))) => ["refused".to_owned(), NONE.to_owned()],
        Some(Cell::Absent(Absence::Wrong(_))) => ["wrong".to_owned(), NONE.to_owned()],
        Some(Cell::Absent(Absence::Panicked(_))) => ["panicked".to_owned(), NONE.to_owned()],
        Some(Cell::Absent(Absence::Missing)) | None => [NONE.to_owned(), NONE.to_owned()],
    }
}

fn ratio(ratio: Option<Spread>) -> [String; 2] {
    match ratio {
        Some(ratio) => [number(ratio.median), range(ratio)],
        None => [NONE.to_owned(), NONE.to_owned()],
    }
}

fn allocations(cell: Option<&Cell>) -> String {
    match cell.and_then(Cell::allocations) {
        Some(count) if count.fract() == 0.0 => format!("{count:.0}"),
        Some(count) => number(count),
        None => NONE.to_owned(),
    }
}

fn range(spread: Spread) -> String {
    format!("{}–{}", number(spread.low), number(spread.high))
}

/// Three digits that mean something, as far as there are as many before the point.
fn number(value: f64) -> String {
    match value {
        v if v < 10.0 => format!("{v:.2}"),
        v if v < 100.0 => format!("{v:.1}"),
        v => format!("{v:.0}"),
    }
}

fn heading(style: Style, text: &str) -> String {
    match style {
        Style::Text => format!("\n{text}\n"),
        Style::Markdown => format!("\n### {}\n\n", text.replace("* ", "\\* ")),
    }
}

fn table(style: Style, header: Vec<String>) -> Table {
    let mut table = Table::new();
    table.load_style(match style {
        Style::Text => TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─')),
        Style::Markdown => presets::ASCII_MARKDOWN,
    });
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.into_iter().enumerate().map(|(at, text)| aligned(at, text)));
    table
}

fn add(table: &mut Table, line: Vec<String>) {
    table.add_row(line.into_iter().enumerate().map(|(at, text)| aligned(at, text)));
}

/// The first column to the left, figures to the right.
fn aligned(at: usize, text: String) -> TableCell {
    let alignment = if at == 0 { CellAlignment::Left } else { CellAlignment::Right };
    TableCell::new(text).set_alignment(alignment)
}

fn finish(style: Style, table: &Table) -> String {
    let mut out = String::new();
    for (at, line) in table.lines().enumerate() {
        match style {
            Style::Text => out.push_str(line.trim_end()),
            Style::Markdown if at == 1 => out.push_str(&to_the_right(&line)),
            Style::Markdown => out.push_str(&line),
        }
        out.push('\n');
    }
    out
}

/// The line below the header, which aligns all columns but the first to the right.
fn to_the_right(line: &str) -> String {
    let first_end = line.match_indices('|').nth(1).map_or(0, |(at, _)| at + 1);
    let (first, others) = line.split_at(first_end);
    format!("{first}{}", others.replace("-|", ":|"))
}
