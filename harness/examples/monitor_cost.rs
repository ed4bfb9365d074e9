//! What the monitor costs: its share of a run over TCP, and of the runs in memory.
//!
//! ```text
//! cargo run --release --example monitor_cost
//! ```

#![allow(clippy::print_stdout)]

use std::ffi::OsString;
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mqttspec::engine::{ConnectDefaults, Options, Timing, Transcript, memory};
use mqttspec_codec::ProtocolVersion;
use mqttspec_scenarios::broker::BrokerConfig;
use mqttspec_scenarios::broker_scenarios;
use mqttspec_scenarios::model::{Namespace, Scenario};
use mqttspec_scenarios::monitor::Monitor;

/// The largest share of a run's time that the monitor may take, in per cent.
const BOUND: f64 = 5.0;
/// How often everything is measured; the quickest counts.
const ROUNDS: u32 = 5;

fn main() -> ExitCode {
    let scenarios: Vec<Arc<Scenario>> = broker_scenarios().into_iter().map(Arc::new).collect();
    let mut transcripts = Vec::new();
    let in_memory = quickest(|| transcripts = play(&scenarios));
    let events: usize = transcripts.iter().map(|(_, transcript)| transcript.len()).sum();
    let monitor = quickest(|| watch(&transcripts));

    let (cpu, started) = (cpu_time(), Instant::now());
    let code = mqttspec::cli::main(["mqttspec", "broker", "-q"].map(OsString::from));
    let (wall, cpu) = (started.elapsed(), cpu_time().zip(cpu).map(|(now, before)| now.saturating_sub(before)));
    if code != 0 {
        println!("the run over TCP ended with {code}");
    }
    println!("monitor: {monitor:.1?} for {} scenarios, {events} events", scenarios.len());
    println!("{:5.2} % of {wall:.1?}, the run over TCP", percent(monitor, wall));
    if let Some(cpu) = cpu {
        println!("{:5.2} % of {cpu:.1?}, the processor time of that run", percent(monitor, cpu));
    }
    println!("{:5.2} % of {in_memory:.1?}, the same in memory and without waiting", percent(monitor, in_memory));
    if percent(monitor, wall) < BOUND { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn play(scenarios: &[Arc<Scenario>]) -> Vec<(ProtocolVersion, Transcript)> {
    let options =
        Options { namespace: Namespace::new(1, 1), timing: Timing::default(), defaults: ConnectDefaults::default() };
    let one = |scenario: &Arc<Scenario>| {
        (scenario.version, memory::run(scenario, options.clone(), BrokerConfig::default()).1)
    };
    scenarios.iter().map(one).collect()
}

fn watch(transcripts: &[(ProtocolVersion, Transcript)]) {
    for (version, transcript) in transcripts {
        let mut monitor = Monitor::new(*version);
        transcript.tell(&mut monitor);
        monitor.settle();
        black_box(monitor.take_findings());
    }
}

fn quickest(mut work: impl FnMut()) -> Duration {
    let round = |_| {
        let started = Instant::now();
        work();
        started.elapsed()
    };
    (0..ROUNDS).map(round).min().unwrap_or_default()
}

fn percent(part: Duration, whole: Duration) -> f64 {
    100.0 * part.as_secs_f64() / whole.as_secs_f64()
}

/// Processor time of this process so far, where the system tells it.
fn cpu_time() -> Option<Duration> {
    const TICKS_PER_SECOND: u64 = 100;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11..13)?.iter().filter_map(|field| field.parse::<u64>().ok()).sum();
    Some(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
}
