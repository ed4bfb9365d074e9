//! The mqttspec command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(mqttspec::cli::main(std::env::args_os()))
}
