//! Allocations per packet, counted by a second program.

use std::process::{Command, Stdio};

use mqttspec_bench::AllocationCount;

use crate::options::{Options, Spec};

/// Builds and runs the program that counts, and returns what it counted.
///
/// # Errors
/// When it cannot be built or run; in words.
pub fn counted(options: &Options) -> Result<Vec<AllocationCount>, String> {
    // Cargo says where it is to the programs it runs.
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["run", "--quiet", "--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    command.args(["--bin", "mqttspec-peers-allocations", "--"]);
    for filter in &options.packet {
        command.args(["--packet", filter]);
    }
    match options.spec {
        Some(Spec::V3_1_1) => command.args(["--spec", "3.1.1"]),
        Some(Spec::V5_0) => command.args(["--spec", "5.0"]),
        None => &mut command,
    };
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| format!("failed to run cargo: {error}"))?;
    if !output.status.success() {
        return Err(format!("the program that counts allocations failed: {}", output.status));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("failed to read the counts: {error}"))
}
