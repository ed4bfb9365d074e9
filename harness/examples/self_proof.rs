//! The session model proves itself, as thoroughly as it is told to.
//!
//! ```text
//! cargo run --release --example self_proof -- --honest 100000
//! cargo run --release --example self_proof -- --hunt 5 --limit 3000
//! ```

#![allow(clippy::print_stdout)]

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use mqttspec::self_proof::{Quarry, Row, accusations, hunt, in_parallel, quarries, summary, table};
use mqttspec_codec::ProtocolVersion;
use mqttspec_scenarios::histories::Profile;

/// Plays generated histories against the reference broker in memory: honest, and with every fault.
#[derive(Debug, Parser)]
struct Arguments {
    /// Histories with the honest broker and its legal variants.
    #[arg(long, default_value_t = 0)]
    honest: u64,
    /// Seeds with which every fault is hunted.
    #[arg(long, default_value_t = 0)]
    hunt: u64,
    /// Histories after which a fault counts as not found.
    #[arg(long, default_value_t = 2_000)]
    limit: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only faults whose name holds this.
    #[arg(long, default_value = "")]
    fault: String,
    /// Also 3.1, where faults act as in 3.1.1.
    #[arg(long)]
    v31: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let honest = arguments.honest == 0 || plays_honestly(&arguments);
    let found = arguments.hunt == 0 || hunts(&arguments);
    if honest && found { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn plays_honestly(arguments: &Arguments) -> bool {
    let started = Instant::now();
    let accusations = accusations(arguments.seed, 0, arguments.honest, &Profile::default());
    let seconds = started.elapsed().as_secs_f64();
    for accusation in &accusations {
        println!("{accusation:?}");
    }
    println!(
        "{} honest histories in {seconds:.1} s, {:.0} a second: {} accusations",
        arguments.honest,
        arguments.honest as f64 / seconds,
        accusations.len()
    );
    accusations.is_empty()
}

fn hunts(arguments: &Arguments) -> bool {
    let versions: &[ProtocolVersion] =
        if arguments.v31 { &ProtocolVersion::ALL } else { &[ProtocolVersion::V5_0, ProtocolVersion::V3_1_1] };
    let wanted: Vec<Quarry> =
        quarries(versions).into_iter().filter(|quarry| quarry.fault.id().contains(&arguments.fault)).collect();
    let rows: Vec<Row> = in_parallel(wanted.len(), |at| {
        let seeds = arguments.seed..arguments.seed + arguments.hunt;
        Row { quarry: wanted[at], sightings: seeds.map(|seed| hunt(wanted[at], seed, arguments.limit)).collect() }
    });
    println!("{}{}", table(&rows), summary(&rows));
    rows.iter().all(Row::is_found)
}
