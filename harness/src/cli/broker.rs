//! `mqttspec broker`: from the command line to the exit code.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, SystemTime};

use mqttspec_codec::ProtocolVersion;
use mqttspec_reports::exit_code::{INCONCLUSIVE, INTERNAL, NOTHING_SELECTED, UNREACHABLE, USAGE};
use mqttspec_reports::{
    Baseline, Event, ExitOptions, Overlay, Run, RunInfo, Terminal, Verbosity, exit_code, exit_code_with_baseline,
    write_baseline,
};
use mqttspec_scenarios::broker_scenarios;
use mqttspec_scenarios::model::Scenario;
use tokio::sync::watch;

use super::args::{BrokerArgs, FailOn, GatingLevel};
use super::console::{self, Console};
use super::output::complain;
use super::signals::watch_signals;
use crate::coverage;
use crate::engine::Timing;
use crate::plan::{Discovery, Filter, decide, discover, select};
use crate::report_dir::{ReportDir, write_whole};
use crate::runner::{Finished, RunOptions, run};
use crate::target::{Address, LaunchCommand, Target, TargetSpec, Unreachable};
use crate::transport::Limits;

/// How long discovery waits for an answer, before the timeout scale.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why there is no run: an exit code and one line.
struct Refusal(u8, String);

/// Everything that is known before the target is touched.
struct Job {
    all: Vec<Scenario>,
    selected: Vec<Scenario>,
    skips: Vec<Filter>,
    target: TargetSpec,
    baseline: Option<Baseline>,
    report: Option<ReportDir>,
    info: RunInfo,
}

pub(super) fn broker(args: &BrokerArgs, arguments: &[OsString]) -> u8 {
    let job = match prepare(args, arguments) {
        Ok(job) => job,
        Err(Refusal(code, why)) => {
            complain(&why);
            return code;
        }
    };
    let workers = std::thread::available_parallelism().map_or(2, |n| n.get().clamp(2, 4));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("cannot start: {error}"));
            return INTERNAL;
        }
    };
    let code = runtime.block_on(execute(args, job));
    runtime.shutdown_background();
    code
}

/// Reads and checks everything that can be checked without the target.
fn prepare(args: &BrokerArgs, arguments: &[OsString]) -> Result<Job, Refusal> {
    let usage = |why: String| Refusal(USAGE, why);
    let target = match (&args.target, &args.launch) {
        (Some(url), _) => TargetSpec::Remote(url.parse::<Address>().map_err(|e| usage(e.to_string()))?),
        (None, Some(text)) => TargetSpec::Launch(LaunchCommand::parse(text).map_err(|e| usage(e.to_string()))?),
        (None, None) => TargetSpec::Embedded,
    };
    let baseline = args.baseline.as_deref().map(read_baseline).transpose().map_err(usage)?;
    if let Some(file) = args.write_baseline.as_deref().filter(|file| file.exists()) {
        let why = format!("{} exists and is not overwritten: the reasons in it would be lost", file.display());
        return Err(usage(why));
    }
    let all = broker_scenarios();
    let filters: Vec<Filter> = args.filters.iter().map(|text| Filter::new(text)).collect();
    let skips: Vec<Filter> = args.skip.iter().map(|text| Filter::new(text)).collect();
    let selected =
        select(&all, &filters, &skips, &args.spec).map_err(|error| Refusal(NOTHING_SELECTED, error.to_string()))?;
    let report = args.report.as_deref().map(ReportDir::prepare).transpose().map_err(usage)?;
    let info = RunInfo {
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        command: shown_command(arguments),
        target: target.info(None),
        seed: args.seed.unwrap_or_else(fresh_seed),
        timeout_scale: args.timeout_scale,
        jobs: usize::from(args.jobs),
        round_trip_us: 0,
    };
    Ok(Job { all, selected, skips, target, baseline, report, info })
}

async fn execute(args: &BrokerArgs, mut job: Job) -> u8 {
    let (stop, mut stopped) = watch::channel(None);
    watch_signals(stop.clone());
    let reached = tokio::select! {
        reached = reach(args, &job) => reached,
        why = interrupted(&mut stopped) => Err(Refusal(INCONCLUSIVE, why)),
    };
    let (target, discovery) = match reached {
        Ok(reached) => reached,
        Err(Refusal(code, why)) => {
            let mut run = Run::new(job.info.clone(), job.selected.len());
            run.interrupted = Some(why.clone());
            run.coverage = coverage::rows(&job.all, &[]);
            complain(&why);
            if let Err(why) = write_reports(&job, &run, None) {
                complain(&why);
            }
            return code;
        }
    };
    job.info.target = target.info();
    job.info.target.versions = discovery.spoken().map(|version| version.to_string()).collect();
    job.info.round_trip_us = u64::try_from(discovery.round_trip.as_micros()).unwrap_or(u64::MAX);

    let known: BTreeSet<String> = job.all.iter().map(|scenario| scenario.id.clone()).collect();
    let verbosity = Verbosity::new(args.quiet, args.verbose);
    let gate = ExitOptions {
        fail_on_inconclusive: args.fail_on.contains(&FailOn::Inconclusive),
        fail_on_should: args.level == GatingLevel::Should,
    };
    let mut terminal = Terminal::new(console::options(verbosity, gate));
    if let Some(baseline) = &job.baseline {
        terminal = terminal.with_baseline(baseline.clone(), known.clone());
    }
    let mut console = Console::new(terminal, verbosity);
    let plan = decide(std::mem::take(&mut job.selected), &job.skips, &discovery);
    let options = run_options(args, &job, &discovery, verbosity);
    let Finished { mut run, lost } =
        run(plan, target, job.info.clone(), options, stop, |event| console.on_event(event)).await;
    run.coverage = coverage::rows(&job.all, &run.results);
    let finished = Event::RunFinished { run: Box::new(run) };
    console.on_event(&finished);
    let Event::RunFinished { run } = finished else { return INTERNAL };

    let overlay = job.baseline.as_ref().map(|baseline| Overlay::new(&run, baseline, &known));
    let code = match &overlay {
        Some(overlay) => exit_code_with_baseline(&run, overlay, &gate),
        None => exit_code(&run, &gate),
    };
    let written = write_reports(&job, &run, overlay.as_ref()).and_then(|()| match &args.write_baseline {
        Some(file) => write_whole(file, &write_baseline(&run)),
        None => Ok(()),
    });
    if let Err(why) = written {
        complain(&why);
        return INTERNAL;
    }
    // A broken statement is graver than a lost target; what was not run is no success either way.
    if lost.is_some() && code == INCONCLUSIVE { UNREACHABLE } else { code }
}

/// Starts or finds the target and talks to it for the first time.
async fn reach(args: &BrokerArgs, job: &Job) -> Result<(Target, Discovery), Refusal> {
    let unreachable = |why: Unreachable| Refusal(UNREACHABLE, why.to_string());
    let target = Target::start(job.target.clone(), args.timeout_scale).await.map_err(unreachable)?;
    let credentials = args.user.clone().zip(args.password.clone());
    let patience = PATIENCE.mul_f64(args.timeout_scale);
    let found = discover(target.address(), &job.selected, credentials.as_ref(), job.info.seed, patience).await;
    let mut discovery = found.map_err(unreachable)?;
    if let Some((version, why)) = args.spec.iter().find_map(|v| discovery.why_not(*v).map(|why| (*v, why))) {
        return Err(Refusal(
            UNREACHABLE,
            format!("the target does not speak MQTT {version}, which --spec asks for: it {why}"),
        ));
    }
    discovery.versions.retain(|(version, _)| is_judged(*version, &args.spec));
    Ok((target, discovery))
}

fn is_judged(version: ProtocolVersion, asked: &[ProtocolVersion]) -> bool {
    asked.is_empty() || asked.contains(&version)
}

async fn interrupted(stopped: &mut watch::Receiver<Option<String>>) -> String {
    let why = stopped.wait_for(Option::is_some).await.ok().and_then(|why| why.clone());
    match why {
        Some(why) => format!("{why} before the target answered"),
        None => std::future::pending().await,
    }
}

fn run_options(args: &BrokerArgs, job: &Job, discovery: &Discovery, verbosity: Verbosity) -> RunOptions {
    let scale = args.timeout_scale;
    let stretched = |ms: u64| u64::try_from(Duration::from_millis(ms).mul_f64(scale).as_millis()).unwrap_or(u64::MAX);
    let usual = Timing::default();
    let patient = Timing {
        answer_ms: stretched(usual.answer_ms),
        probe_after_ms: stretched(usual.probe_after_ms),
        after_probe_ms: stretched(usual.after_probe_ms),
        grace_ms: discovery.grace_ms(scale),
        scale,
    };
    // A target that has answered PINGREQ has read what came before; what it owes for that comes soon or not at all. A
    // repetition waits in full.
    let soon =
        (discovery.round_trip * 100).clamp(Duration::from_millis(400), Duration::from_millis(usual.after_probe_ms));
    let soon_ms = u64::try_from(soon.as_millis()).unwrap_or(usual.after_probe_ms);
    let timing = Timing { after_probe_ms: stretched(soon_ms), ..patient };
    let mut rerun_options = job.target.options();
    rerun_options.push_str(&format!(" --seed {}", job.info.seed));
    if (scale - 1.0).abs() > f64::EPSILON {
        rerun_options.push_str(&format!(" --timeout-scale {scale}"));
    }
    if let Some(user) = &args.user {
        rerun_options.push_str(&format!(" --user {} --password \"$PASSWORD\"", shell_words::quote(user)));
    }
    RunOptions {
        seed: job.info.seed,
        jobs: job.info.jobs,
        timeout_scale: scale,
        credentials: args.user.clone().zip(args.password.clone()),
        retain: discovery.capabilities.retain,
        timing,
        patient,
        limits: Limits::default().scaled(scale),
        keep_all_transcripts: verbosity == Verbosity::AllTranscripts,
        rerun_options,
    }
}

fn write_reports(job: &Job, run: &Run, overlay: Option<&Overlay>) -> Result<(), String> {
    match &job.report {
        Some(report) => report.write(run, overlay).map(drop),
        None => Ok(()),
    }
}

fn read_baseline(file: &Path) -> Result<Baseline, String> {
    let source = std::fs::read_to_string(file)
        .map_err(|error| format!("cannot read the baseline {}: {error}", file.display()))?;
    Baseline::parse(&file.display().to_string(), &source).map_err(|error| error.to_string())
}

/// The command line for reports, without the password.
fn shown_command(arguments: &[OsString]) -> String {
    let mut words: Vec<String> = arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    if let Some(program) = words.first_mut() {
        *program = "mqttspec".to_owned();
    }
    let mut hidden = false;
    for word in &mut words {
        if hidden {
            *word = "***".to_owned();
        } else if word.starts_with("--password=") {
            *word = "--password=***".to_owned();
        }
        hidden = word == "--password";
    }
    shell_words::join(words)
}

/// A seed that other runs against the same target do not have: namespaces come from it.
fn fresh_seed() -> u64 {
    let nanos = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    let mixed = (nanos as u64) ^ (u64::from(std::process::id()) << 20);
    mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_do_not_hold_the_password() {
        let words = ["/x/mqttspec", "broker", "--password", "secret", "--password=secret", "a b"].map(OsString::from);
        let shown = shown_command(&words);
        assert!(shown.starts_with("mqttspec broker --password") && shown.ends_with("'a b'"), "{shown}");
        assert!(!shown.contains("secret"));
    }
}
