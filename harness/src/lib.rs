//! Engine, transports, targets and the runner behind the `mqttspec` command.

pub mod cli;
pub mod client;
pub mod coverage;
pub mod embedded;
pub mod engine;
pub mod generate;
pub mod passive;
pub mod plan;
pub mod report_dir;
pub mod runner;
pub mod scenario_file;
pub mod self_proof;
pub mod target;
pub mod transport;
pub mod vectors;

/// Compiles and runs the Rust of the README.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
