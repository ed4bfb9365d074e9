//! Reading a baseline file, with errors that say where, what and what would be right.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::{Baseline, Kind, KnownDeviation};
use crate::text;

/// Why a baseline file was refused: prints as one line, `file:line:column: what is wrong; what would be right`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaselineError {
    /// The file as the caller named it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: String,
}

impl fmt::Display for BaselineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, message, help } = self;
        let message = message.replace('\n', ", ");
        write!(f, "{}:{line}:{column}: {}; {help}", text::visible(file), text::visible(&message))
    }
}

impl std::error::Error for BaselineError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBaseline {
    target: String,
    #[serde(default)]
    deviation: Vec<Spanned<RawDeviation>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDeviation {
    scenario: Spanned<String>,
    statement: Option<Spanned<String>>,
    verdict: Spanned<String>,
    reason: Spanned<String>,
    #[serde(default)]
    flaky: bool,
}

const SHAPE: &str = "a baseline is `target = \"…\"` and any number of `[[deviation]]` tables, each with `scenario`, \
     `statement`, `verdict`, `reason` and optionally `flaky = true`";

impl Baseline {
    /// Parses the content of a baseline file; `file` is only used in errors.
    ///
    /// Whether the scenario ids exist is not checked here: an unknown one is [`super::Status::Stale`] in the overlay.
    ///
    /// # Errors
    /// Ill-formed TOML, unknown or missing keys, values of the wrong kind, an empty id or reason, an unknown verdict, an
    /// entry given twice.
    pub fn parse(file: &str, source: &str) -> Result<Self, BaselineError> {
        let error = |span: Range<usize>, message: String, help: &str| locate(file, source, span, message, help);
        let raw: RawBaseline = toml::from_str(source)
            .map_err(|e| error(e.span().unwrap_or(0..0), e.message().trim_end().replace('\n', ", "), SHAPE))?;

        let mut deviations = Vec::with_capacity(raw.deviation.len());
        let mut lines = BTreeMap::new();
        for entry in raw.deviation {
            let start = entry.span();
            let line = position(source, start.start).0;
            let RawDeviation { scenario, statement, verdict, reason, flaky } = entry.into_inner();
            let kind = match verdict.get_ref().as_str() {
                "fail" => Kind::Fail,
                "deviation" => Kind::Deviation,
                "crash" => Kind::Crash,
                other => {
                    let help =
                        "expected \"fail\" (a must was broken), \"deviation\" (a should was not followed) or \"crash\"";
                    return Err(error(verdict.span(), format!("unknown verdict `{other}`"), help));
                }
            };
            if scenario.get_ref().trim().is_empty() {
                let help = "expected a scenario id as `mqttspec list` prints it";
                return Err(error(scenario.span(), "empty scenario id".to_owned(), help));
            }
            if reason.get_ref().trim().is_empty() {
                let help = "say why this is a true deviation, and which section of the standard decides it";
                return Err(error(reason.span(), "empty reason".to_owned(), help));
            }
            match (&statement, kind) {
                (Some(statement), Kind::Crash) => {
                    let help = "leave `statement` out: a crash breaks every promise at once";
                    return Err(error(statement.span(), "a crash has no statement".to_owned(), help));
                }
                (Some(statement), _) if statement.get_ref().trim().is_empty() => {
                    let help = "expected an id such as \"MQTT-3.1.2-3\", or no `statement` at all";
                    return Err(error(statement.span(), "empty statement id".to_owned(), help));
                }
                (None, Kind::Deviation) => {
                    let help = "add `statement = \"MQTT-…\"`: a deviation is always one from a statement";
                    return Err(error(start, "missing `statement`".to_owned(), help));
                }
                _ => {}
            }
            let span = scenario.span();
            let scenario = scenario.into_inner();
            let statement = statement.map(Spanned::into_inner);
            if let Some(first) = lines.insert((scenario.clone(), kind, statement.clone()), line) {
                let message = format!(
                    "`{scenario}` with {} and verdict `{}` is listed twice, first on line {first}",
                    statement.as_ref().map_or_else(|| "no statement".to_owned(), |id| format!("`{id}`")),
                    kind.as_str()
                );
                return Err(error(span, message, "keep one entry per scenario, statement and verdict"));
            }
            let reason = reason.into_inner();
            deviations.push(KnownDeviation { scenario, statement, kind, reason, flaky, line });
        }
        Ok(Self { target: raw.target, deviations })
    }
}

fn locate(file: &str, source: &str, span: Range<usize>, message: String, help: &str) -> BaselineError {
    let (line, column) = position(source, span.start);
    BaselineError { file: file.to_owned(), line, column, message, help: help.to_owned() }
}

/// Line and column, both from 1, the column in characters.
fn position(source: &str, offset: usize) -> (usize, usize) {
    let mut end = offset.min(source.len());
    while !source.is_char_boundary(end) {
        end -= 1;
    }
    let before = &source[..end];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "target = \"Broker 1\"\n";

    #[test]
    fn a_good_file_is_read_whole() {
        let source = format!(
            "{HEAD}\n[[deviation]]\nscenario = \"v5/a\"\nstatement = \"MQTT-1\"\nverdict = \"fail\"\nreason = \"3.1\"\n\n\
             [[deviation]]\nscenario = \"v5/b\"\nverdict = \"crash\"\nreason = \"known\"\nflaky = true\n"
        );
        let baseline = Baseline::parse("b.toml", &source).unwrap();
        assert_eq!(baseline.target, "Broker 1");
        let [first, second] = baseline.deviations.as_slice() else { panic!("{baseline:?}") };
        assert_eq!(
            (first.statement.as_deref(), first.kind, first.flaky, first.line),
            (Some("MQTT-1"), Kind::Fail, false, 3)
        );
        assert_eq!((second.statement.as_deref(), second.kind, second.flaky, second.line), (None, Kind::Crash, true, 9));
        assert_eq!(Baseline::parse("b.toml", HEAD).unwrap().deviations, []);
    }

    fn entry(lines: &str) -> BaselineError {
        Baseline::parse("b.toml", &format!("{HEAD}[[deviation]]\n{lines}")).unwrap_err()
    }

    #[test]
    fn every_mistake_names_its_place_and_the_remedy() {
        let good = "scenario = \"v5/a\"\nstatement = \"S\"\n";
        for (lines, place, message, help) in [
            (format!("{good}verdict = \"failed\"\nreason = \"r\""), (5, 11), "unknown verdict `failed`", "\"crash\""),
            (format!("{good}verdict = \"fail\"\nreason = \" \""), (6, 10), "empty reason", "say why"),
            (format!("{good}verdict = \"fail\"\nreasom = \"r\""), (6, 1), "unknown field `reasom`", "`reason`"),
            (format!("{good}verdict = \"fail\""), (2, 1), "missing field `reason`", "`reason`"),
            (format!("{good}verdict = 3\nreason = \"r\""), (5, 11), "invalid type: integer `3`", "[[deviation]]"),
            (format!("{good}verdict = \"crash\"\nreason = \"r\""), (4, 13), "a crash has no statement", "leave"),
            (format!("{good}verdict = \"fail"), (5, 16), "invalid basic string", "[[deviation]]"),
            ("scenario = \"\"\nverdict = \"fail\"\nreason = \"r\"".to_owned(), (3, 12), "empty scenario id", "list"),
            (
                "scenario = \"s\"\nverdict = \"deviation\"\nreason = \"r\"".to_owned(),
                (2, 1),
                "missing `statement`",
                "add",
            ),
            (
                "scenario = \"s\"\nstatement = \"\"\nverdict = \"fail\"\nreason = \"r\"".to_owned(),
                (4, 13),
                "empty statement id",
                "MQTT-3.1.2-3",
            ),
        ] {
            let error = entry(&lines);
            assert!(error.message.contains(message), "{message}: {error}");
            assert_eq!((error.line, error.column), place, "{error}");
            assert!(error.help.contains(help), "{help}: {error}");
        }
    }

    #[test]
    fn a_duplicate_names_both_places() {
        let one = "scenario = \"v5/a\"\nstatement = \"S\"\nverdict = \"fail\"\nreason = \"r\"\n";
        let error = entry(&format!("{one}[[deviation]]\n{one}"));
        assert_eq!(error.line, 8);
        assert!(error.message.contains("listed twice, first on line 2"), "{error}");
        // The same scenario under another statement is no duplicate.
        let other = one.replace("\"S\"", "\"T\"");
        assert!(Baseline::parse("b.toml", &format!("{HEAD}[[deviation]]\n{one}[[deviation]]\n{other}")).is_ok());
    }

    #[test]
    fn the_error_is_one_line() {
        let error = entry("scenario = \"v5/a\"\nstatement = \"S\"\nverdict = \"failed\"\nreason = \"r\"");
        assert_eq!(
            error.to_string(),
            "b.toml:5:11: unknown verdict `failed`; expected \"fail\" (a must was broken), \"deviation\" (a should was \
             not followed) or \"crash\""
        );
        assert!(
            Baseline::parse("b.toml", "targett = 1").unwrap_err().to_string().starts_with("b.toml:1:1: unknown field")
        );
        assert!(Baseline::parse("b.toml", "").unwrap_err().to_string().contains("missing field `target`"));
        let hostile = Baseline::parse("b.toml", "x = \"\u{1b}[31m\"").unwrap_err().to_string();
        assert!(!hostile.contains('\u{1b}'), "{hostile:?}");
    }
}
