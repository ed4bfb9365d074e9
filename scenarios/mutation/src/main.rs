//! Mutation testing of the session monitor: every mutant that cargo-mutants lists, in one build, switched on one by one.
//!
//! `cargo mutants` builds the crate anew for each of some thousands of mutants. Here all of them stand in one copy of
//! the workspace, each behind a switch that an environment variable sets, so that a mutant costs one run of the tests.

mod list;
mod places;
mod prepare;
mod report;
mod schema;
mod stages;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::prepare::Prepared;
use crate::stages::Stage;

#[derive(Parser)]
#[command(about = "Mutation testing of the session monitor, all mutants in one build")]
struct Arguments {
    /// A folder for the copy of the workspace and the results
    #[arg(long)]
    work: PathBuf,
    #[command(subcommand)]
    command: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Copies the workspace, writes the mutants into it, and takes out those that do not compile
    Prepare {
        /// cargo-mutants
        #[arg(long, default_value = "cargo-mutants")]
        cargo_mutants: String,
        /// The files that are mutated
        #[arg(long, default_value = "scenarios/src/monitor/**")]
        files: String,
    },
    /// Copies what has changed in the tests, and nothing that is mutated
    Tests,
    /// Runs tests with each mutant that was not caught yet
    Run {
        /// The tests, one stage after the other
        #[arg(long = "stage", required = true)]
        stages: Vec<Stage>,
        /// Only mutants whose names contain this: a folder, a file, a function
        #[arg(long, default_value = "")]
        only: String,
        /// Seconds after which tests are taken not to end
        #[arg(long, default_value_t = 60)]
        timeout: u64,
    },
    /// Prints the figures, and the mutants that survived
    Report,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match act(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn act(arguments: &Arguments) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::fs::create_dir_all(&arguments.work)
        .map_err(|error| format!("failed to create the folder of --work: {error}"))?;
    let work =
        arguments.work.canonicalize().map_err(|error| format!("failed to find the folder of --work: {error}"))?;
    let work = work.as_path();
    match &arguments.command {
        Action::Prepare { cargo_mutants, files } => {
            let prepared = prepare::prepare(&root, work, cargo_mutants, files)?;
            println!("{} mutants are in the copy", prepared.mutants.len() - prepared.left_out.len());
        }
        Action::Tests => prepare::copy(&root, &prepare::tree(work))?,
        Action::Run { stages, only, timeout } => {
            let prepared = Prepared::read(work)?;
            for &stage in stages {
                stages::run(work, &prepared, stage, only, Duration::from_secs(*timeout))?;
            }
        }
        Action::Report => print!("{}", report::report(&Prepared::read(work)?, &stages::results(work))),
    }
    Ok(())
}
