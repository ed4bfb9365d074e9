//! `mqttspec broker`: from the command line to the exit code.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

use mqttspec_reports::exit_code::{INCONCLUSIVE, INTERNAL, NOTHING_SELECTED, UNREACHABLE};
use mqttspec_reports::{
    Baseline, Event, Overlay, Run, RunInfo, Terminal, exit_code, exit_code_with_baseline, write_baseline,
};
use mqttspec_scenarios::broker_scenarios;
use mqttspec_scenarios::model::Scenario;
use tokio::sync::watch;

use super::args::BrokerArgs;
use super::console::{self, Console};
use super::generate;
use super::output::complain;
use super::reach::{Refusal, block_on, interrupted, reach, run_info, run_options, target_spec};
use super::signals::watch_signals;
use crate::coverage;
use crate::generate::SaveDir;
use crate::plan::{Filter, decide, select};
use crate::report_dir::{ReportDir, write_whole};
use crate::runner::{Finished, run};
use crate::target::TargetSpec;

/// Everything that is known before the target is touched.
struct Job {
    all: Vec<Scenario>,
    selected: Vec<Scenario>,
    skips: Vec<Filter>,
    target: TargetSpec,
    baseline: Option<Baseline>,
    report: Option<ReportDir>,
    /// Where generated histories that show something are saved.
    save: Option<SaveDir>,
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
    block_on(execute(args, job))
}

/// Reads and checks everything that can be checked without the target.
fn prepare(args: &BrokerArgs, arguments: &[OsString]) -> Result<Job, Refusal> {
    let usage = Refusal::usage;
    let target = target_spec(&args.target)?;
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
    let report = args.report.report.as_deref().map(ReportDir::prepare).transpose().map_err(usage)?;
    let save = args.generate.map(|_| generate::save_dir(args)).transpose().map_err(usage)?;
    let mut info = run_info(&args.target, arguments, &target, usize::from(args.jobs));
    info.histories = args.generate;
    Ok(Job { all, selected, skips, target, baseline, report, save, info })
}

async fn execute(args: &BrokerArgs, mut job: Job) -> u8 {
    let (stop, mut stopped) = watch::channel(None);
    watch_signals(stop.clone());
    let reached = tokio::select! {
        reached = reach(&args.target, job.target.clone(), &job.selected, &args.spec, &mut job.info) => reached,
        why = interrupted(&mut stopped) => Err(Refusal(INCONCLUSIVE, why)),
    };
    let (target, discovery) = match reached {
        Ok(reached) => reached,
        Err(Refusal(code, why)) => {
            let planned =
                args.generate.map_or(job.selected.len(), |count| usize::try_from(count).unwrap_or(usize::MAX));
            let mut run = Run::new(job.info.clone(), planned);
            run.interrupted = Some(why.clone());
            run.coverage = coverage::rows(&job.all, &[]);
            complain(&why);
            if let Err(why) = write_reports(&job, &run, None) {
                complain(&why);
            }
            return code;
        }
    };
    let mut known: BTreeSet<String> = job.all.iter().map(|scenario| scenario.id.clone()).collect();
    // What was once generated need not be generated every time: it is never out of date.
    let listed = job.baseline.iter().flat_map(|baseline| &baseline.deviations);
    known.extend(listed.map(|known| known.scenario.clone()).filter(|id| id.starts_with("generated/")));
    let (verbosity, gate) = (args.report.verbosity(), args.report.gate());
    let mut terminal = Terminal::new(console::options(verbosity, gate));
    if let Some(baseline) = &job.baseline {
        terminal = terminal.with_baseline(baseline.clone(), known.clone());
    }
    let mut console = Console::new(terminal, verbosity);
    let options = run_options(&args.target, &job.target, &job.info, &discovery, verbosity);
    let info = job.info.clone();
    let (Finished { run, lost }, saved) = match (args.generate, job.save.take()) {
        (Some(count), Some(save)) => {
            let plan = generate::plan(args, count, save, &job.target, &info, &discovery);
            generate::generate(&plan, target, info, options, stop, |event| console.on_event(event)).await
        }
        _ => {
            let plan = decide(std::mem::take(&mut job.selected), &job.skips, &discovery);
            let mut finished = run(plan, target, info, options, stop, |event| console.on_event(event)).await;
            finished.run.coverage = coverage::rows(&job.all, &finished.run.results);
            (finished, Ok(()))
        }
    };
    let finished = Event::RunFinished { run: Box::new(run) };
    console.on_event(&finished);
    let Event::RunFinished { run } = finished else { return INTERNAL };

    let overlay = job.baseline.as_ref().map(|baseline| Overlay::new(&run, baseline, &known));
    let code = match &overlay {
        Some(overlay) => exit_code_with_baseline(&run, overlay, &gate),
        None => exit_code(&run, &gate),
    };
    let written = saved.and(write_reports(&job, &run, overlay.as_ref())).and_then(|()| match &args.write_baseline {
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
