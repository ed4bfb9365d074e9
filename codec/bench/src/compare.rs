//! Measuring: every entrant once per round, in an order that rotates, so that what disturbs the machine disturbs all.

use std::time::{Duration, Instant};

use mqttspec_codec::ProtocolVersion;

use crate::report::{AllocationCount, Cell, Participant, Report, Row, SCHEMA_VERSION, Spread};
use crate::{Absence, Delivery, Entrant, Job, Kind, Machine, Operation, Task, Workload, packet_set};

/// A sample is at least this long: enough for the clock, short enough that an interrupt spoils only one.
const SAMPLE: Duration = Duration::from_micros(100);
/// A sample takes no longer than this, with what is not timed: refilling inputs between passes.
const SAMPLE_IN_ALL: Duration = Duration::from_millis(2);
/// Rounds that are measured even when the time is up.
const FEWEST_ROUNDS: usize = 5;
/// The stream that is read from memory is at least this long, in bytes, and no more than `LONGEST_STREAM`.
const SHORTEST_STREAM: usize = 64 << 20;
const LONGEST_STREAM: usize = 256 << 20;

/// What to compare, and how long.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Versions of the protocol.
    pub versions: Vec<ProtocolVersion>,
    /// Identifiers of workloads, or their beginnings; all when empty.
    pub workloads: Vec<String>,
    /// Whether to decode.
    pub decode: bool,
    /// Whether to encode.
    pub encode: bool,
    /// Whether to read a long stream from memory; it takes most of the time.
    pub memory: bool,
    /// Rounds for each row.
    pub rounds: usize,
    /// Rounds are left out when the whole comparison would take much longer than this.
    pub budget: Duration,
    /// Allocations counted before, by [`count_allocations`] in a program whose allocator counts them.
    pub allocations: Vec<AllocationCount>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            versions: vec![ProtocolVersion::V3_1_1, ProtocolVersion::V5_0],
            workloads: vec![],
            decode: true,
            encode: true,
            memory: true,
            rounds: 101,
            budget: Duration::from_secs(15),
            allocations: vec![],
        }
    }
}

impl Settings {
    fn selects(&self, workload: &Workload) -> bool {
        self.workloads.is_empty() || self.workloads.iter().any(|wanted| workload.id.starts_with(wanted.as_str()))
    }

    /// The workloads that these settings select, with what is done with each.
    fn plan(&self, machine: &Machine) -> Vec<(Workload, Vec<Operation>)> {
        let sets = self.versions.iter().flat_map(|version| packet_set(*version));
        let stream = machine.largest_cache.map_or(0, |cache| 2 * cache).clamp(SHORTEST_STREAM, LONGEST_STREAM);
        let operations = |workload: &Workload| {
            let mut all = Vec::new();
            if self.decode {
                all.push(Operation::Decode(Delivery::Cached));
                if workload.is_mixed() {
                    all.extend(self.memory.then_some(Operation::Decode(Delivery::Memory(stream))));
                    all.push(Operation::Decode(Delivery::Chunks));
                }
            }
            if self.encode {
                all.push(Operation::Encode);
                if workload.id == "publish-64k" {
                    all.push(Operation::EncodeByReference);
                }
            }
            all
        };
        let selected = sets.filter(|workload| self.selects(workload));
        selected
            .map(|workload| (operations(&workload), workload))
            .map(|(operations, workload)| (workload, operations))
            .collect()
    }
}

/// Measures every entrant in every job that `settings` select. `progress` is told before each row: rows done, rows in
/// all, and what comes next.
pub fn compare(
    entrants: &[Box<dyn Entrant>],
    settings: &Settings,
    progress: &mut dyn FnMut(usize, usize, &str),
) -> Report {
    let machine = Machine::here();
    let plan = settings.plan(&machine);
    let total = plan.iter().map(|(_, operations)| operations.len()).sum();
    let mut shares: u32 = plan.iter().flat_map(|(_, operations)| operations).map(share).sum();
    let end = Instant::now() + settings.budget;
    let clock = clock_cost();
    let mut rows: Vec<Row> = Vec::new();
    for (workload, operations) in &plan {
        for operation in operations {
            progress(rows.len(), total, &title(workload, *operation));
            let now = Instant::now();
            let deadline = now + end.saturating_duration_since(now) * share(operation) / shares.max(1);
            shares -= share(operation);
            let job = Job::new(workload, *operation);
            rows.push(row(entrants, &job, settings, deadline, clock));
        }
    }
    Report { schema_version: SCHEMA_VERSION, machine, entrants: participants(entrants), rows }
}

/// Counts the allocations of every entrant in every job that `settings` select. `count` runs what it is given and
/// returns how often memory was allocated meanwhile. Run it in a program of its own: an allocator that counts is slower,
/// and would slow those entrants that allocate.
pub fn count_allocations(
    entrants: &[Box<dyn Entrant>],
    settings: &Settings,
    count: fn(&mut dyn FnMut()) -> u64,
) -> Vec<AllocationCount> {
    let mut counts = Vec::new();
    for (workload, operations) in settings.plan(&Machine::here()) {
        for operation in operations {
            if matches!(operation, Operation::Decode(Delivery::Memory(_))) {
                continue;
            }
            let job = Job::new(&workload, operation);
            for entrant in entrants {
                let Ok(mut task) = entrant.task(&job) else { continue };
                let mut counted = 0;
                // The first pass warms up: buffers grow to what they need.
                let done = task.pass(&mut |work| work()).and_then(|()| task.pass(&mut |work| counted = count(work)));
                if done.is_ok() {
                    counts.push(AllocationCount {
                        entrant: entrant.name().to_owned(),
                        version: workload.version,
                        operation: operation.name().to_owned(),
                        workload: workload.id.to_owned(),
                        per_packet: counted as f64 / job.packets() as f64,
                    });
                }
            }
        }
    }
    counts
}

/// How much of the time a row gets.
fn share(operation: &Operation) -> u32 {
    if matches!(operation, Operation::Decode(Delivery::Memory(_))) { 12 } else { 1 }
}

fn participants(entrants: &[Box<dyn Entrant>]) -> Vec<Participant> {
    let one = |entrant: &dyn Entrant| Participant {
        name: entrant.name().to_owned(),
        kind: entrant.kind(),
        lax: entrant.lax().iter().map(|line| (*line).to_owned()).collect(),
        by_reference: entrant.encodes_by_reference(),
    };
    entrants.iter().map(|entrant| one(&**entrant)).collect()
}

fn title(workload: &Workload, operation: Operation) -> String {
    match operation {
        Operation::Decode(Delivery::Cached) if workload.is_mixed() => format!("{}, in cache", workload.title),
        Operation::Decode(Delivery::Memory(len)) => format!("{}, {} MiB in memory", workload.title, len >> 20),
        Operation::Decode(Delivery::Chunks) => format!("{}, 1460-byte chunks", workload.title),
        Operation::EncodeByReference => format!("{}, by reference", workload.title),
        _ => workload.title.to_owned(),
    }
}

/// An entrant at work: its task, how many passes make a sample, and its samples in nanoseconds per packet.
struct Running<'w> {
    task: Box<dyn Task + 'w>,
    passes: u32,
    samples: Vec<f64>,
}

fn row<'w>(
    entrants: &[Box<dyn Entrant>],
    job: &'w Job<'w>,
    settings: &Settings,
    deadline: Instant,
    clock: Duration,
) -> Row {
    let start = |entrant: &dyn Entrant| {
        let mut task = entrant.task(job)?;
        let passes = calibrate(&mut *task)?;
        Ok(Running { task, passes, samples: Vec::new() })
    };
    let mut running: Vec<Result<Running<'w>, Absence>> = entrants.iter().map(|entrant| start(&**entrant)).collect();
    let mut rounds = 0;
    while rounds < settings.rounds && (rounds < FEWEST_ROUNDS || Instant::now() < deadline) {
        for turn in 0..running.len() {
            let at = (turn + rounds) % running.len();
            let Some(Ok(runner)) = running.get_mut(at) else { continue };
            match sample(runner, job.packets(), clock) {
                Ok(ns) => runner.samples.push(ns),
                Err(absence) => running[at] = Err(absence),
            }
        }
        rounds += 1;
    }
    let ours = entrants.iter().position(|entrant| entrant.kind() == Kind::Ours);
    let ours = ours.and_then(|at| running[at].as_ref().ok()).map(|runner| runner.samples.clone());
    let workload = job.workload;
    let cells = entrants.iter().zip(running).map(|(entrant, outcome)| match outcome {
        Err(absence) => Cell::Absent(absence),
        Ok(runner) => cell(&**entrant, runner.samples, ours.as_deref(), job, settings),
    });
    Row {
        version: workload.version,
        operation: job.operation,
        workload: workload.id.to_owned(),
        title: title(workload, job.operation),
        bytes_per_packet: workload.bytes.len() as f64 / workload.packets.len() as f64,
        rounds,
        cells: cells.collect(),
    }
}

fn cell(entrant: &dyn Entrant, samples: Vec<f64>, ours: Option<&[f64]>, job: &Job<'_>, settings: &Settings) -> Cell {
    let ratios = ours.filter(|_| entrant.kind() != Kind::Ours);
    let ratios = ratios.map(|ours| ours.iter().zip(&samples).map(|(ours, its)| ours / its).collect());
    let allocations = settings.allocations.iter().find(|count| {
        count.entrant == entrant.name()
            && count.version == job.workload.version
            && count.operation == job.operation.name()
            && count.workload == job.workload.id
    });
    match Spread::of(samples) {
        Some(ns) => Cell::Measured {
            ns,
            ours_divided_by_it: ratios.and_then(Spread::of),
            allocations: allocations.map(|count| count.per_packet),
        },
        None => Cell::Absent(Absence::Missing),
    }
}

/// Runs the task until it is warm; returns the number of passes in a sample.
fn calibrate(task: &mut dyn Task) -> Result<u32, Absence> {
    let (begin, mut timed, mut passes) = (Instant::now(), Duration::ZERO, 0_u32);
    while passes == 0 || (timed < SAMPLE && begin.elapsed() < SAMPLE_IN_ALL) {
        task.pass(&mut |work| {
            let start = Instant::now();
            work();
            timed += start.elapsed();
        })?;
        passes += 1;
    }
    Ok(passes)
}

/// Nanoseconds per packet.
fn sample(runner: &mut Running<'_>, packets: usize, clock: Duration) -> Result<f64, Absence> {
    let mut timed = Duration::ZERO;
    for _ in 0..runner.passes {
        runner.task.pass(&mut |work| {
            let start = Instant::now();
            work();
            timed += start.elapsed().saturating_sub(clock);
        })?;
    }
    // Nothing takes no time: a figure that is divided by must not be 0.
    let ns = timed.as_secs_f64() * 1e9 / f64::from(runner.passes) / packets as f64;
    Ok(ns.max(0.001))
}

/// What it takes to look at the clock twice.
fn clock_cost() -> Duration {
    let mut costs: Vec<Duration> = (0..1001)
        .map(|_| {
            let start = Instant::now();
            start.elapsed()
        })
        .collect();
    costs.sort_unstable();
    costs[costs.len() / 2]
}
