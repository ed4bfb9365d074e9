//! Making a first baseline out of a run.

use std::fmt::Write as _;

use super::{Kind, shown};
use crate::model::Run;
use crate::text;

/// How the reason of an entry begins that a program wrote and no person has judged yet.
pub const UNADJUDICATED: &str = "not yet adjudicated";

/// A baseline file that lists everything `run` shows, to be adjudicated entry by entry.
///
/// Crashes are written as comments: accepting one is a decision a person takes.
#[must_use]
pub fn write_baseline(run: &Run) -> String {
    let mut out = String::from(
        "# Confirmed deviations of one target. Check each against the body of the standard, then say in `reason`\n\
         # why it is a true deviation and which section decides it.\n\n",
    );
    line(&mut out, "", "target", &run.info.target.name);
    let mut entries: Vec<_> =
        run.results.iter().flat_map(|result| shown(result).into_iter().map(move |item| (result, item))).collect();
    entries.sort_by(|(a, x), (b, y)| (&a.id, x.kind, &x.statement).cmp(&(&b.id, y.kind, &y.statement)));
    entries.dedup_by(|(a, x), (b, y)| (&a.id, x.kind, &x.statement) == (&b.id, y.kind, &y.statement));
    for (result, item) in entries {
        let prefix = if item.kind == Kind::Crash { "# " } else { "" };
        let _ = writeln!(out, "\n{prefix}[[deviation]]");
        line(&mut out, prefix, "scenario", &result.id);
        if let Some(statement) = &item.statement {
            line(&mut out, prefix, "statement", statement);
        }
        line(&mut out, prefix, "verdict", item.kind.as_str());
        line(&mut out, prefix, "reason", &format!("{UNADJUDICATED}: {}", text::visible_clip(&item.message, 300)));
    }
    out
}

fn line(out: &mut String, prefix: &str, key: &str, value: &str) {
    // `visible` leaves nothing that would break out of one line.
    let value = toml::Value::String(text::visible(value));
    let _ = writeln!(out, "{prefix}{key} = {value}");
}
