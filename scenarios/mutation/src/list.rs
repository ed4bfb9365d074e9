//! The mutants, as `cargo mutants --list --json` names them.

use std::path::Path;
use std::process::Command;

use serde::{Deserialize, Serialize};

/// One mutant.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Mutant {
    /// The file, from the root of the workspace.
    pub(crate) file: String,
    /// What is changed and where, in one line.
    pub(crate) name: String,
    /// The kind of change.
    pub(crate) genre: Genre,
    /// The source that takes the place of `span`; nothing where something is deleted.
    pub(crate) replacement: String,
    /// What is replaced.
    pub(crate) span: LineSpan,
}

/// The kinds of change that cargo-mutants makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub(crate) enum Genre {
    /// The body of a function becomes one value.
    FnValue,
    /// An operator between two operands becomes another.
    BinaryOperator,
    /// A `!` or `-` is deleted.
    UnaryOperator,
    /// An arm is deleted from a match that has a wildcard.
    MatchArm,
    /// The guard of an arm becomes `true` or `false`.
    MatchArmGuard,
    /// A field is deleted from a struct literal that has a base.
    StructField,
}

/// Where something stands; lines and columns count from 1, columns in characters.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) struct LineSpan {
    /// The first character.
    pub(crate) start: Place,
    /// Behind the last character.
    pub(crate) end: Place,
}

/// A line and a column.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) struct Place {
    /// From 1.
    pub(crate) line: usize,
    /// From 1, in characters.
    pub(crate) column: usize,
}

impl Place {
    /// The byte of `source` at which this place is.
    pub(crate) fn byte(self, source: &str) -> Option<usize> {
        let mut start = 0;
        for _ in 1..self.line {
            start += source[start..].find('\n')? + 1;
        }
        source[start..].char_indices().nth(self.column - 1).map(|(at, _)| start + at)
    }
}

/// Asks cargo-mutants for the mutants of the files that match the glob `files` in the workspace at `root`.
///
/// # Errors
///
/// When cargo-mutants cannot be run, fails, or prints something else.
pub(crate) fn list(root: &Path, cargo_mutants: &str, files: &str) -> Result<Vec<Mutant>, String> {
    let run = Command::new(cargo_mutants)
        .args(["mutants", "-p", "mqttspec-scenarios", "-f", files, "--list", "--json"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("failed to run {cargo_mutants}: {error}"))?;
    if !run.status.success() {
        return Err(format!("failed to list the mutants: {}", String::from_utf8_lossy(&run.stderr)));
    }
    serde_json::from_slice(&run.stdout).map_err(|error| format!("failed to read the list of mutants: {error}"))
}
