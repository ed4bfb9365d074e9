//! The run seen through the baseline: a line per row.

use super::{TerminalOptions, lists};
use crate::baseline::{Kind, Overlay, OverlayRow, Status};
use crate::model::Run;
use crate::style::Ink;
use crate::text::{columns, plural, shorten, visible_clip};

/// Rows printed; beyond that only the counts tell.
const ROWS: usize = 200;

/// Counts per status, then one line each: what is unexpected first, what is expected last.
pub(super) fn overlay(run: &Run, overlay: &Overlay, options: &TerminalOptions) -> String {
    let counts: Vec<String> = ALL
        .into_iter()
        .map(|status| (status, overlay.count(status)))
        .filter(|(_, count)| *count > 0)
        .map(|(status, count)| format!("{count} {status}"))
        .collect();
    let counts = if counts.is_empty() { "nothing to compare".to_owned() } else { counts.join(", ") };
    let mut out =
        lists::heading(options, "Baseline", &format!("{}, {counts}", visible_clip(&overlay.baseline_target, 80)));
    let style = options.style;
    let mut remark = |text: String| out.push_str(&format!("  {}\n", style.paint(Ink::Warning, &text)));
    if overlay.baseline_target != run.info.target.name {
        remark(format!("made against another target than this one: {}", visible_clip(&run.info.target.name, 80)));
    }
    if overlay.unadjudicated() > 0 {
        remark(format!(
            "{} nobody has adjudicated yet",
            plural(overlay.unadjudicated(), "entry").replace("entrys", "entries")
        ));
    }
    let rows = &overlay.rows[..overlay.rows.len().min(ROWS)];
    let widest = |text: fn(&OverlayRow) -> String| rows.iter().map(|row| columns(&text(row))).max().unwrap_or(0);
    let (scenarios, statements) = (widest(scenario), widest(statement));
    for row in rows {
        let room = options.columns().saturating_sub(23 + scenarios + statements).max(60);
        let line = format!(
            "  {}  {:<scenarios$}  {:<statements$}  {}",
            style.paint(ink(row.status), &format!("{:<15}", row.status)),
            scenario(row),
            statement(row),
            style.paint(Ink::Faint, &shorten(&remark_on(row), room))
        );
        out.push_str(line.trim_end());
        out.push('\n');
    }
    if overlay.rows.len() > rows.len() {
        out.push_str(&format!("  … and {} more\n", overlay.rows.len() - rows.len()));
    }
    out
}

const ALL: [Status; 7] = [
    Status::UnexpectedFail,
    Status::New,
    Status::UnexpectedPass,
    Status::Stale,
    Status::Flaky,
    Status::NotJudged,
    Status::Expected,
];

fn scenario(row: &OverlayRow) -> String {
    visible_clip(&row.scenario, 80)
}

fn statement(row: &OverlayRow) -> String {
    match (&row.statement, row.kind) {
        (Some(id), Kind::Deviation) => format!("{} (should)", visible_clip(id, 40)),
        (Some(id), _) => visible_clip(id, 40),
        (None, kind) => kind.as_str().to_owned(),
    }
}

/// The baseline's reason where it explains the row, else what was seen, with the line to take out.
fn remark_on(row: &OverlayRow) -> String {
    match (row.status, &row.reason, row.line) {
        (Status::Expected | Status::Flaky, Some(reason), _) => visible_clip(reason, 300),
        (Status::UnexpectedPass | Status::Stale, _, Some(line)) => {
            format!("line {line}: {}", visible_clip(&row.message, 300))
        }
        _ => visible_clip(&row.message, 300),
    }
}

fn ink(status: Status) -> Ink {
    match status {
        Status::UnexpectedFail => Ink::Bad,
        Status::Expected => Ink::Faint,
        Status::New | Status::UnexpectedPass | Status::Stale | Status::Flaky | Status::NotJudged => Ink::Warning,
    }
}
