//! The figures, and what survived.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::prepare::Prepared;
use crate::stages::{Outcome, Row};

/// The figures, then a line for each mutant that no stage caught, by file, then those that could not be tried.
pub(crate) fn report(prepared: &Prepared, results: &BTreeMap<u32, Row>) -> String {
    let mut stages: BTreeMap<_, [usize; 2]> = BTreeMap::new();
    for row in results.values().filter(|row| row.outcome != Outcome::Missed) {
        stages.entry(row.stage).or_default()[usize::from(row.outcome == Outcome::Timeout)] += 1;
    }
    let name = |id: u32| &prepared.mutants[id as usize - 1].name;
    let missed: Vec<u32> =
        results.iter().filter(|(_, row)| row.outcome == Outcome::Missed).map(|(&id, _)| id).collect();
    let (refused, others): (Vec<_>, Vec<_>) = prepared.left_out.iter().partition(|(_, why)| why.starts_with("rustc"));

    let mut out = format!("{} mutants\n", prepared.mutants.len());
    for (stage, [caught, timeout]) in stages {
        let _ = writeln!(out, "{caught} caught, {timeout} timeouts: {stage:?}");
    }
    let untried = prepared.mutants.len() - prepared.left_out.len() - results.len();
    let _ = writeln!(out, "{} missed, {untried} not tried yet", missed.len());
    let _ = writeln!(out, "{} refused by the compiler, {} not expressed\n\n# Missed", refused.len(), others.len());
    for id in missed {
        let _ = writeln!(out, "{id}\t{}", name(id));
    }
    out.push_str("\n# Not expressed\n");
    for (&id, why) in others {
        let _ = writeln!(out, "{id}\t{}\t{}", name(id), why.lines().next().unwrap_or_default());
    }
    out.push_str("\n# Refused by the compiler\n");
    for (&id, why) in refused {
        let _ = writeln!(out, "{id}\t{}\t{}", name(id), why.lines().next().unwrap_or_default());
    }
    out
}
