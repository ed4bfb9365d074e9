//! Counts the allocations of every entrant and prints them as JSON, for the comparison to put into its tables.
//!
//! A program of its own, because an allocator that counts is slower than one that does not.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use mqttspec_bench::count_allocations;
use mqttspec_peers::entrants;
use mqttspec_peers::options::Options;

fn main() -> ExitCode {
    let options = Options::parse();
    let counts =
        count_allocations(&entrants(), &options.settings(), |work| allocation_counter::measure(work).count_total);
    let written = serde_json::to_string(&counts)
        .map_err(|error| error.to_string())
        .and_then(|json| writeln!(std::io::stdout(), "{json}").map_err(|error| error.to_string()));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("failed to write the counts: {error}");
            ExitCode::from(70)
        }
    }
}
