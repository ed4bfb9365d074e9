//! Runs scenarios against a target: in parallel, with a look at the target's health after each, and with every failure
//! seen twice before it is reported.

mod aftermath;
mod attempt;
mod checkup;
mod drive;
mod hunt;
mod keeper;
mod lanes;
mod series;
mod settle;
mod shared;

pub use drive::{Stop, drive};

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use mqttspec_reports::{Event, Run, RunInfo, ScenarioResult, Verdict};
use mqttspec_scenarios::model::Scenario;
use tokio::sync::{mpsc, watch};

use crate::engine::ConnectDefaults;
use crate::engine::Timing;
use crate::plan::{Decision, Planned};
use crate::target::Target;
use crate::transport::Limits;
use keeper::{Keeper, MAXIMUM_RESTARTS};
pub(crate) use series::{Played, Series, Waits};
use shared::{Names, Shared};

/// How to run.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Seed of every name.
    pub seed: u64,
    /// Scenarios at one time, not counting those that wait for the clock.
    pub jobs: usize,
    /// Stretches every timeout.
    pub timeout_scale: f64,
    /// What every CONNECT gets that a scenario leaves open.
    pub defaults: ConnectDefaults,
    /// Whether the target retains messages, as far as it says: only then are they removed afterwards.
    pub retain: bool,
    /// The engine's waits when a scenario is played for the first time.
    pub timing: Timing,
    /// The waits when it is played again because it was not a clean pass: nothing is held against a target for a wait
    /// that was cut short.
    pub patient: Timing,
    /// Bounds on what the target may cost.
    pub limits: Limits,
    /// Keep the transcripts of passes as well.
    pub keep_all_transcripts: bool,
    /// The file that the scenarios come from, as a shell reads it; `None` for those that are built in.
    pub file: Option<String>,
    /// The options that make `mqttspec broker ID` or `mqttspec replay FILE` run the same way again, with a leading blank.
    pub rerun_options: String,
}

/// A finished run.
#[derive(Debug)]
pub struct Finished {
    /// Everything that was decided.
    pub run: Run,
    /// Why the target was lost on the way, if it was.
    pub lost: Option<String>,
}

impl RunOptions {
    /// A result with everything that is known before the scenario is played.
    #[must_use]
    pub fn blank(&self, scenario: &Scenario) -> ScenarioResult {
        let mut result = ScenarioResult::new(scenario.id.as_str(), scenario.title.as_str());
        result.version = scenario.version.to_string();
        result.chapter.clone_from(&scenario.chapter);
        result.statements.clone_from(&scenario.statements);
        result.rerun = match &self.file {
            None => format!("mqttspec broker {}{}", scenario.id, self.rerun_options),
            Some(file) => format!("mqttspec replay {file}{}", self.rerun_options),
        };
        result.replay = self.file.as_ref().map(|_| result.rerun.clone());
        result
    }
}

/// Runs `plan` against `target`, tells `on_event` what happens, and ends the target.
///
/// `stop` ends the run early once it holds a reason; the run itself puts one there when the target is lost.
pub async fn run(
    plan: Vec<Planned>,
    target: Target,
    info: RunInfo,
    options: RunOptions,
    stop: watch::Sender<Option<String>>,
    mut on_event: impl FnMut(&Event),
) -> Finished {
    let started = Instant::now();
    let mut run = Run::new(info, plan.len());
    on_event(&Event::RunStarted { info: run.info.clone(), planned: plan.len() });
    let mut scenarios = Vec::new();
    for planned in plan {
        let (verdict, reason) = match planned.decision {
            Decision::Run => {
                scenarios.push(planned.scenario);
                continue;
            }
            Decision::NotApplicable(why) => (Verdict::NotApplicable, why),
            Decision::Disabled(why) => (Verdict::Disabled, why),
        };
        let mut result = options.blank(&planned.scenario);
        (result.verdict, result.reason) = (verdict, Some(reason));
        take(&mut run, &mut on_event, Event::ScenarioFinished(Box::new(result)));
    }

    let (events, mut arriving) = mpsc::unbounded_channel();
    let stopped = stop.subscribe();
    let shared = Arc::new(Shared {
        scenarios,
        options,
        keeper: Arc::new(Keeper::new(target, events.clone(), stop, MAXIMUM_RESTARTS)),
        stop: stopped.clone(),
        events,
        suspects: Mutex::default(),
        names: Names::ByAttempt,
        twins: true,
        clears_up: true,
        said_why: AtomicBool::default(),
        coverage: None,
    });
    let work = tokio::spawn({
        let shared = Arc::clone(&shared);
        async move {
            lanes::play_all(&shared, 0..shared.scenarios.len()).await;
            hunt::hunt(&shared).await;
            shared.keeper.end().await;
            shared.keeper.lost()
        }
    });
    drop(shared);
    while let Some(event) = arriving.recv().await {
        take(&mut run, &mut on_event, event);
    }
    let (lost, interrupted) = match work.await {
        Ok(lost) => (lost, stopped.borrow().clone()),
        Err(_) => (None, Some("mqttspec panicked".to_owned())),
    };
    if let Some(why) = interrupted {
        on_event(&Event::Interrupted { why: why.clone() });
        run.interrupted = Some(why);
    }
    run.sort();
    run.duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Finished { run, lost }
}

fn take(run: &mut Run, on_event: &mut impl FnMut(&Event), event: Event) {
    on_event(&event);
    if let Event::ScenarioFinished(result) = event {
        run.push(*result);
    }
}
