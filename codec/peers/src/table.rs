//! Tables, for a terminal and for a document.

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle, presets};

use crate::options::Format;

/// A heading, as the format has it.
pub(crate) fn heading(format: Format, text: &str) -> String {
    match format {
        Format::Markdown => format!("\n### {text}\n\n"),
        Format::Text | Format::Json => format!("\n{text}\n"),
    }
}

/// The lines as a table; the first `left` columns are aligned to the left.
pub(crate) fn table(format: Format, left: usize, header: &[&str], lines: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(match format {
        Format::Markdown => presets::ASCII_MARKDOWN,
        Format::Text | Format::Json => TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─')),
    });
    table.set_content_arrangement(ContentArrangement::Disabled);
    let aligned = |(at, text): (usize, String)| {
        Cell::new(text).set_alignment(if at < left { CellAlignment::Left } else { CellAlignment::Right })
    };
    table.set_header(header.iter().map(|text| (*text).to_owned()).enumerate().map(aligned));
    for line in lines {
        table.add_row(line.into_iter().enumerate().map(aligned));
    }
    let mut out = String::new();
    for line in table.lines() {
        out.push_str(if format == Format::Markdown { &line } else { line.trim_end() });
        out.push('\n');
    }
    out
}
