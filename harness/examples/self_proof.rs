//! The session model proves itself, as thoroughly as it is told to.
//!
//! ```text
//! cargo run --release --example self_proof -- --honest 100000
//! cargo run --release --example self_proof -- --hunt 5 --limit 3000
//! cargo run --release --example self_proof -- --clients --honest 30000 --hunt 5
//! ```

#![allow(clippy::print_stdout)]

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use mqttspec::self_proof::{
    Quarry, Row, abilities_of, honest, hunt, in_parallel, play, provoked, quarries, summary, table, variants_of,
};
use mqttspec_codec::ProtocolVersion;
use mqttspec_scenarios::broker::{BrokerConfig, Fault};
use mqttspec_scenarios::client::{ClientFault, ClientFaultSet, world as clients};
use mqttspec_scenarios::histories::{Profile, generate};

/// Plays generated histories against the reference broker in memory: honest, and with every fault.
#[derive(Debug, Parser)]
struct Arguments {
    /// Histories with the honest broker and its legal variants.
    #[arg(long, default_value_t = 0)]
    honest: u64,
    /// With `--honest`: print which combinations of session state and event were reached.
    #[arg(long)]
    coverage: bool,
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
    /// Show the history with this number: with the fault called `--fault` in 5.0 or else 3.1.1, or as with `--honest`.
    #[arg(long)]
    show: Option<u64>,
    /// Show it in 3.1.1.
    #[arg(long)]
    v311: bool,
    /// Reference clients and their faults instead: the rules for Clients.
    #[arg(long)]
    clients: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.clients {
        return clients(&arguments);
    }
    if let Some(index) = arguments.show {
        show(&arguments, index);
        return ExitCode::SUCCESS;
    }
    let unaccused = arguments.honest == 0 || plays_honestly(&arguments);
    let found = arguments.hunt == 0 || hunts(&arguments);
    if unaccused && found { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The same three questions about reference clients.
fn clients(arguments: &Arguments) -> ExitCode {
    let wanted: Vec<ClientFault> = ClientFault::ALL
        .iter()
        .copied()
        .filter(|fault| !arguments.fault.is_empty() && fault.id() == arguments.fault)
        .collect();
    let shown = if arguments.v311 { ProtocolVersion::V3_1_1 } else { ProtocolVersion::V5_0 };
    if let Some(seed) = arguments.show {
        let played = clients::play(shown, seed, wanted.iter().copied().collect(), true);
        played.transcript.iter().for_each(|line| println!("{line}"));
        for finding in played.clients.iter().chain(&played.server) {
            println!("{:?} {} {} {}", finding.accused, finding.statement, finding.section, finding.message);
        }
        return ExitCode::SUCCESS;
    }
    let accused: usize = in_parallel(arguments.honest as usize, |at| {
        let version = ProtocolVersion::ALL[at % ProtocolVersion::ALL.len()];
        let seed = arguments.seed + at as u64;
        let played = clients::play(version, seed, ClientFaultSet::EMPTY, false);
        let of_server = if played.provoked { &[][..] } else { &played.server[..] };
        for finding in played.clients.iter().chain(of_server) {
            println!("{version}, seed {seed}: {:?} {} {}", finding.accused, finding.statement, finding.message);
        }
        played.clients.len() + of_server.len()
    })
    .into_iter()
    .sum();
    println!("{} honest histories of clients: {accused} accusations", arguments.honest);
    let versions: &[ProtocolVersion] =
        if arguments.v31 { &ProtocolVersion::ALL } else { &[ProtocolVersion::V5_0, ProtocolVersion::V3_1_1] };
    let faults: Vec<(ProtocolVersion, ClientFault)> = versions
        .iter()
        .flat_map(|version| ClientFault::ALL.iter().map(move |fault| (*version, *fault)))
        .filter(|(_, fault)| arguments.hunt > 0 && fault.id().contains(&arguments.fault))
        .collect();
    let proofs: Vec<_> = in_parallel(faults.len(), |at| {
        let (version, fault) = faults[at];
        clients::prove_clients(version, &[fault], arguments.seed, arguments.hunt, arguments.limit)
    })
    .into_iter()
    .flatten()
    .collect();
    if arguments.hunt > 0 {
        print!("{}", clients::table(&proofs));
    }
    let proven = accused == 0 && proofs.iter().all(clients::Proof::found);
    if proven { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn plays_honestly(arguments: &Arguments) -> bool {
    let started = Instant::now();
    let played = honest(arguments.seed, 0, arguments.honest, &Profile::default());
    let seconds = started.elapsed().as_secs_f64();
    for accusation in &played.accusations {
        println!("{accusation:?}");
    }
    if arguments.coverage {
        println!("{}", played.coverage);
    }
    println!(
        "{} honest histories in {seconds:.1} s, {:.0} a second: {} accusations",
        arguments.honest,
        arguments.honest as f64 / seconds,
        played.accusations.len()
    );
    played.accusations.is_empty()
}

fn hunts(arguments: &Arguments) -> bool {
    let versions: &[ProtocolVersion] =
        if arguments.v31 { &ProtocolVersion::ALL } else { &[ProtocolVersion::V5_0, ProtocolVersion::V3_1_1] };
    let wanted: Vec<Quarry> =
        quarries(versions).into_iter().filter(|quarry| quarry.fault.id().contains(&arguments.fault)).collect();
    let rows: Vec<Row> = in_parallel(wanted.len(), |at| {
        let quarry = wanted[at];
        let seeds = arguments.seed..arguments.seed + arguments.hunt;
        let sightings: Vec<_> = seeds.map(|seed| hunt(quarry, seed, arguments.limit)).collect();
        let found = sightings.iter().any(Option::is_some);
        let provoked = if found { Vec::new() } else { provoked(quarry, arguments.seed, arguments.limit.min(500)) };
        Row { quarry, sightings, provoked }
    });
    println!("{}{}", table(&rows), summary(&rows));
    rows.iter().all(Row::is_found)
}

/// Prints one history, what happened in it, and what was found.
fn show(arguments: &Arguments, index: u64) {
    let (config, mut profile) = match Fault::from_id(&arguments.fault) {
        Some(fault) => {
            let v5 = fault.statement(ProtocolVersion::V5_0).is_some() && !arguments.v311;
            let version = if v5 { ProtocolVersion::V5_0 } else { ProtocolVersion::V3_1_1 };
            (BrokerConfig::with_faults(fault), Profile { versions: vec![version], ..Profile::default() })
        }
        None => {
            let variants = variants_of(arguments.seed, index);
            println!("variants: {variants:?}");
            (BrokerConfig { seed: index, ..BrokerConfig::with_variants(variants) }, Profile::default())
        }
    };
    profile.abilities = abilities_of(&config);
    let history = generate(arguments.seed, index, &profile);
    println!("{}", history.to_text());
    let (outcome, transcript) = play(history, config);
    for (number, event) in transcript.render().iter().enumerate() {
        println!(
            "{number:4} {:10.3} ms {:6} {:?} {}",
            event.at_us as f64 / 1e3,
            event.connection,
            event.direction,
            event.summary
        );
    }
    println!("{:?} {:?}", outcome.verdict, outcome.reason);
    for finding in &outcome.findings {
        println!("{:?} {}: {} {:?}", finding.level, finding.cited(), finding.message, finding.events);
    }
}
