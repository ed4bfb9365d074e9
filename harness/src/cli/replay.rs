//! `mqttspec replay`: plays a scenario from a file.

use std::collections::BTreeMap;
use std::ffi::OsString;

use mqttspec_reports::exit_code::{INCONCLUSIVE, INTERNAL, UNREACHABLE};
use mqttspec_reports::text::visible;
use mqttspec_reports::{Event, Run, RunInfo, Terminal, exit_code};
use mqttspec_scenarios::model::Scenario;
use tokio::sync::watch;

use super::args::ReplayArgs;
use super::console::{self, Console};
use super::output::{complain, say};
use super::reach::{Refusal, block_on, interrupted, reach, run_info, run_options, target_spec};
use super::signals::watch_signals;
use crate::plan::decide;
use crate::report_dir::ReportDir;
use crate::runner::{Finished, run};
use crate::scenario_file::ScenarioFile;
use crate::target::TargetSpec;

/// Repetitions run one after the other: a scenario may subscribe to everything there is.
const JOBS: usize = 1;

/// Everything that is known before the target is touched.
struct Job {
    /// One for each repetition.
    scenarios: Vec<Scenario>,
    target: TargetSpec,
    report: Option<ReportDir>,
    info: RunInfo,
}

pub(super) fn replay(args: &ReplayArgs, arguments: &[OsString]) -> u8 {
    match prepare(args, arguments) {
        Ok(job) => block_on(execute(args, job)),
        Err(Refusal(code, why)) => {
            complain(&why);
            code
        }
    }
}

fn prepare(args: &ReplayArgs, arguments: &[OsString]) -> Result<Job, Refusal> {
    let target = target_spec(&args.target)?;
    let file = ScenarioFile::read(&args.file).map_err(Refusal::usage)?;
    let report = args.report.report.as_deref().map(ReportDir::prepare).transpose().map_err(Refusal::usage)?;
    let info = run_info(&args.target, arguments, &target, JOBS);
    Ok(Job { scenarios: repetitions(&file.scenario, args.repeat), target, report, info })
}

/// The scenario this many times. The id of each is its own, as a report demands: `x`, `x#2`, `x#3`.
fn repetitions(scenario: &Scenario, count: u32) -> Vec<Scenario> {
    (1..=count)
        .map(|number| {
            let mut scenario = scenario.clone();
            if number > 1 {
                scenario.id.push_str(&format!("#{number}"));
            }
            scenario
        })
        .collect()
}

async fn execute(args: &ReplayArgs, mut job: Job) -> u8 {
    let (stop, mut stopped) = watch::channel(None);
    watch_signals(stop.clone());
    let reached = tokio::select! {
        reached = reach(&args.target, job.target.clone(), &job.scenarios, &[], &mut job.info) => reached,
        why = interrupted(&mut stopped) => Err(Refusal(INCONCLUSIVE, why)),
    };
    let (target, discovery) = match reached {
        Ok(reached) => reached,
        Err(Refusal(code, why)) => {
            let mut run = Run::new(job.info.clone(), job.scenarios.len());
            run.interrupted = Some(why.clone());
            complain(&why);
            if let Err(why) = write_report(&job, &run) {
                complain(&why);
            }
            return code;
        }
    };
    let (verbosity, gate) = (args.report.verbosity(), args.report.gate());
    let mut printing = console::options(verbosity, gate);
    // Repetitions fail alike.
    printing.max_blocks = 1;
    let mut console = Console::new(Terminal::new(printing), verbosity);
    let mut options = run_options(&args.target, &job.target, &job.info, &discovery, verbosity);
    options.file = Some(shell_words::quote(&args.file.display().to_string()).into_owned());
    let plan = decide(std::mem::take(&mut job.scenarios), &[], &discovery);
    let Finished { run, lost } =
        run(plan, target, job.info.clone(), options, stop, |event| console.on_event(event)).await;
    let finished = Event::RunFinished { run: Box::new(run) };
    console.on_event(&finished);
    let Event::RunFinished { run } = finished else { return INTERNAL };
    if args.repeat > 1 {
        say(&rates(&run));
    }
    if let Err(why) = write_report(&job, &run) {
        complain(&why);
        return INTERNAL;
    }
    let code = exit_code(&run, &gate);
    if lost.is_some() && code == INCONCLUSIVE { UNREACHABLE } else { code }
}

/// In how many of the repetitions each finding was seen.
fn rates(run: &Run) -> String {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for result in &run.results {
        let mut cited: Vec<String> = result.findings.iter().map(|finding| finding.cited()).collect();
        cited.sort_unstable();
        cited.dedup();
        cited.into_iter().for_each(|statement| *seen.entry(statement).or_default() += 1);
    }
    let of = run.results.len();
    seen.iter().map(|(statement, count)| format!("{}: seen in {count} of {of}\n", visible(statement))).collect()
}

fn write_report(job: &Job, run: &Run) -> Result<(), String> {
    match &job.report {
        Some(report) => report.write(run, None).map(drop),
        None => Ok(()),
    }
}
