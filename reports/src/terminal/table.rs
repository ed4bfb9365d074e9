//! Aligned columns.

use crate::style::{Ink, Style};
use crate::text::columns;

/// Rows of cells; the first column is aligned left, the others right.
#[derive(Default)]
pub(super) struct Table {
    rows: Vec<Vec<(String, Ink)>>,
}

impl Table {
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = (String, Ink)>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The rows as lines, each after `indent` blanks, columns two blanks apart.
    pub(super) fn render(&self, style: Style, indent: usize) -> String {
        let count = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..count)
            .map(|at| self.rows.iter().filter_map(|row| row.get(at)).map(|(text, _)| columns(text)).max().unwrap_or(0))
            .collect();
        let mut out = String::new();
        for row in &self.rows {
            let mut line = " ".repeat(indent);
            for (at, ((text, ink), width)) in row.iter().zip(&widths).enumerate() {
                let pad = " ".repeat(width - columns(text));
                let text = style.paint(*ink, text);
                line.push_str(&if at == 0 { format!("{text}{pad}") } else { format!("  {pad}{text}") });
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }
}
