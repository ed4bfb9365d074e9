//! The `mqttspec` command: reads the command line, runs, prints, and says how it went in the exit code.

mod args;
mod bench;
mod broker;
mod check;
mod console;
mod explain;
mod generate;
mod list;
mod output;
mod output_file;
mod passive_args;
mod passive_report;
mod proxy;
mod reach;
mod record;
mod replay;
mod signals;
mod vectors;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};

use clap::Parser;
use clap::error::ErrorKind;
use mqttspec_reports::exit_code::{INTERNAL, SUCCESS, USAGE};

use crate::target::kill_all;
use args::{Cli, Command};

/// Runs the command with these arguments and returns the exit code.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    catch_unwind(AssertUnwindSafe(|| output::unless_lost(dispatch(&arguments)))).unwrap_or_else(|_| {
        kill_all();
        output::complain("internal error, see above; please report it with the command line and the seed");
        INTERNAL
    })
}

fn dispatch(arguments: &[OsString]) -> u8 {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            return USAGE;
        }
        Err(error) if error.use_stderr() => {
            output::complain_plainly(&args::one_line(&error));
            return USAGE;
        }
        Err(help) => {
            // Help and version go to standard output, and a closed pipe is no trouble.
            let _ = help.print();
            return SUCCESS;
        }
    };
    match cli.command {
        Command::Broker(args) => broker::broker(&args, arguments),
        Command::Replay(args) => replay::replay(&args, arguments),
        Command::Check(args) => check::check(&args),
        Command::Proxy(args) => proxy::proxy(&args, arguments),
        Command::Record(args) => record::record(&args, arguments),
        Command::List(args) => list::list(&args),
        Command::Explain(args) => explain::explain(&args),
        Command::Bench(args) => bench::bench(&args),
        Command::Vectors(args) => vectors::vectors(&args),
    }
}
