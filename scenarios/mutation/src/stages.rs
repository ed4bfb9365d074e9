//! The tests that may notice a mutant, cheapest first, and what each said of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wait_timeout::ChildExt;

use crate::prepare::{Prepared, tree};

/// Tests that are run together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Stage {
    /// The unit tests of the monitor, but for the slow one that floods it.
    Dialogues,
    /// All unit tests of the scenarios crate.
    Unit,
    /// Random conversations with brokers, honest and not: `monitor_histories`.
    Histories,
    /// Random conversations of clients, honest and not: `client_proof`.
    Clients,
    /// A fixed set of histories with each fault, and every word that was said of them.
    Judgement,
    /// Generated histories until each fault is found, and the arguments found.
    SelfProof,
    /// Every scenario with each variant and fault.
    Matrix,
}

impl Stage {
    /// Where cargo runs the tests.
    fn folder(self) -> &'static str {
        match self {
            Self::Dialogues | Self::Unit | Self::Histories | Self::Clients => "scenarios",
            Self::Judgement | Self::SelfProof | Self::Matrix => "harness",
        }
    }

    /// The arguments of the program of tests.
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Dialogues => &["monitor::", "--skip", "tests::bounds::"],
            _ => &[],
        }
    }

    fn target(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Dialogues | Self::Unit => ("mqttspec-scenarios", &["--lib"]),
            Self::Histories => ("mqttspec-scenarios", &["--test", "monitor_histories"]),
            Self::Clients => ("mqttspec-scenarios", &["--test", "client_proof"]),
            Self::Judgement => ("mqttspec", &["--test", "judgement"]),
            Self::SelfProof => ("mqttspec", &["--test", "self_proof"]),
            Self::Matrix => ("mqttspec", &["--test", "matrix"]),
        }
    }
}

/// What came of a mutant in a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Outcome {
    /// A test failed.
    Caught,
    /// The tests did not end.
    Timeout,
    /// The tests passed.
    Missed,
}

/// One line of the results.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Row {
    /// The number of the mutant.
    pub(crate) mutant: u32,
    /// The tests that were run.
    pub(crate) stage: Stage,
    /// What they said.
    pub(crate) outcome: Outcome,
}

/// The last word on each mutant that was tried: a stage that caught it, or the one that missed it last.
pub(crate) fn results(work: &Path) -> BTreeMap<u32, Row> {
    let mut results: BTreeMap<u32, Row> = BTreeMap::new();
    let Ok(file) = File::open(work.join("results.jsonl")) else { return results };
    for line in BufReader::new(file).lines().map_while(Result::ok) {
        let Ok(row) = serde_json::from_str::<Row>(&line) else { continue };
        let is_caught = results.get(&row.mutant).is_some_and(|old| old.outcome != Outcome::Missed);
        if !is_caught {
            results.insert(row.mutant, row);
        }
    }
    results
}

/// Runs a stage with each mutant that none has caught yet, and adds a line for each to `results.jsonl`.
///
/// # Errors
///
/// When the tests cannot be built or run, or fail without a mutant.
pub(crate) fn run(work: &Path, prepared: &Prepared, stage: Stage, only: &str, timeout: Duration) -> Result<(), String> {
    let program = build(work, stage)?;
    let folder = tree(work).join(stage.folder());
    let began = Instant::now();
    let noted = work.join("reached.txt");
    let _ = std::fs::remove_file(&noted);
    if try_with(stage, &folder, &program, 0, timeout, Some(&noted))? != Outcome::Missed {
        return Err(format!("failed to run {}: it fails without a mutant", program.display()));
    }
    println!("{stage:?}: {:?} without a mutant", began.elapsed());
    let reached = reached(prepared, &noted);
    let path = work.join("results.jsonl");
    let open = OpenOptions::new().create(true).append(true).open(&path);
    let mut file = open.map_err(|error| format!("failed to open {}: {error}", path.display()))?;
    let results = results(work);
    for (mutant, about) in (1..).zip(&prepared.mutants).filter(|(id, _)| !prepared.left_out.contains_key(id)) {
        if !about.name.contains(only) || results.get(&mutant).is_some_and(|row| row.outcome != Outcome::Missed) {
            continue;
        }
        let outcome = match reached.contains(&mutant) {
            true => try_with(stage, &folder, &program, mutant, timeout, None)?,
            false => Outcome::Missed,
        };
        let row = Row { mutant, stage, outcome };
        let line = serde_json::to_string(&row).map_err(|error| error.to_string())?;
        writeln!(file, "{line}").map_err(|error| format!("failed to write {}: {error}", path.display()))?;
    }
    Ok(())
}

/// The mutants whose places were reached.
fn reached(prepared: &Prepared, noted: &Path) -> BTreeSet<u32> {
    let text = std::fs::read_to_string(noted).unwrap_or_default();
    let sites = text.lines().filter_map(|line| line.parse().ok()).filter_map(|site: usize| prepared.sites.get(&site));
    sites.flatten().copied().collect()
}

/// Builds the tests of a stage: the program.
fn build(work: &Path, stage: Stage) -> Result<PathBuf, String> {
    let (package, target) = stage.target();
    let run = Command::new("cargo")
        .args(["test", "-p", package, "--no-run", "--message-format=json", "--quiet"])
        .args(target)
        .current_dir(tree(work))
        .output()
        .map_err(|error| format!("failed to run cargo: {error}"))?;
    let mut program = None;
    for line in run.stdout.split(|&byte| byte == b'\n') {
        let Ok(message) = serde_json::from_slice::<Value>(line) else { continue };
        if message["profile"]["test"] == true
            && let Some(path) = message["executable"].as_str()
        {
            program = Some(PathBuf::from(path));
        }
    }
    program
        .filter(|_| run.status.success())
        .ok_or_else(|| format!("failed to build the tests of {stage:?}: {}", String::from_utf8_lossy(&run.stderr)))
}

/// Runs a program of tests with a mutant. A mutant may also eat memory without end: 8 GiB are too much.
fn try_with(
    stage: Stage,
    folder: &Path,
    program: &Path,
    mutant: u32,
    timeout: Duration,
    reached: Option<&Path>,
) -> Result<Outcome, String> {
    let mut child = Command::new("sh")
        .args(["-c", "ulimit -v 8388608; exec \"$0\" --quiet \"$@\""])
        .arg(program)
        .args(stage.arguments())
        .current_dir(folder)
        .env("MUTANT", mutant.to_string())
        .env("INSTA_UPDATE", "no")
        .envs(reached.map(|file| ("MUTANT_REACHED", file)))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("failed to run {}: {error}", program.display()))?;
    let waited = child.wait_timeout(timeout).map_err(|error| format!("failed to wait: {error}"))?;
    let Some(status) = waited else {
        let _ = child.kill();
        let _ = child.wait();
        return Ok(Outcome::Timeout);
    };
    Ok(if status.success() { Outcome::Missed } else { Outcome::Caught })
}
