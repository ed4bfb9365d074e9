//! One attempt at one scenario: play it, tidy up, see whether the target is well.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mqttspec_reports::{Health, ScenarioResult, Verdict};
use mqttspec_scenarios::Time;
use mqttspec_scenarios::model::{Namespace, Scenario, Step};

use super::aftermath::set_apart;
use super::checkup::Checkup;
use super::drive::drive;
use super::keeper::Life;
use super::shared::Shared;
use crate::engine::{Engine, Leftovers, Options, Timing};

/// What an attempt came to.
#[derive(Debug)]
pub(super) enum Attempt {
    /// It was played to its end, and the target is well.
    Done(Box<ScenarioResult>),
    /// The target did not live through it, or was not the same at its end; the scenario may or may not be the cause.
    Suspect(Suspect),
    /// The run is being stopped.
    Interrupted,
}

/// A scenario during which the target was lost.
#[derive(Debug)]
pub(super) struct Suspect {
    pub(super) index: usize,
    /// The life of the target that ended.
    pub(super) life: u64,
    /// What had become of the target, if this scenario was the first to notice.
    pub(super) noticed: Option<Health>,
    pub(super) result: Box<ScenarioResult>,
}

/// Plays scenario `index` for the `number`th time; if `eventually`, it waits in full for what is sent again.
pub(super) async fn attempt(shared: Arc<Shared>, index: usize, number: u32, eventually: bool) -> Attempt {
    let scenario = Arc::clone(&shared.scenarios[index]);
    let life = shared.keeper.life().await;
    let mut stop = shared.stop.clone();
    if stop.borrow().is_some() {
        return Attempt::Interrupted;
    }
    let namespace = Namespace::new(shared.options.seed, shared.name(index, number));
    let mut timing = if number == 0 { shared.options.timing } else { shared.options.patient };
    timing.eventually |= eventually;
    let client_id = format!("{}zz", namespace.as_str());
    let bound = bound(&scenario, shared.options.timeout_scale, timing);
    let options = Options { namespace, timing, defaults: shared.options.defaults.clone() };
    let started = Instant::now();
    let mut engine = Engine::new(Arc::clone(&scenario), options, Time::ZERO);
    let interrupted = drive(&mut engine, life.address, shared.options.limits, bound, &mut stop).await.is_some();
    let duration = started.elapsed();

    let leftovers = engine.outcome().map(|outcome| outcome.leftovers.clone()).unwrap_or_default();
    let mut checkup = shared.checkup(life, scenario.version, client_id);
    if interrupted {
        // Still leave nothing behind, but do not wait for it.
        checkup.patience = checkup.patience.min(Duration::from_millis(500));
        let _ = tokio::time::timeout(Duration::from_secs(1), checkup.tidy_and_probe(&leftovers)).await;
        return Attempt::Interrupted;
    }
    if let (0, Some(outcome)) = (number, engine.outcome()) {
        shared.note_coverage(&outcome.coverage);
    }
    let result = Box::new(result(&shared, &scenario, &engine, duration));
    let mut attempt = examine(&shared, index, life, &checkup, &leftovers, result).await;
    if let Attempt::Suspect(Suspect { result, .. }) = &mut attempt {
        set_apart(result, scenario.version, engine.transcript());
    }
    attempt
}

async fn examine(
    shared: &Shared,
    index: usize,
    life: Life,
    checkup: &Checkup,
    leftovers: &Leftovers,
    result: Box<ScenarioResult>,
) -> Attempt {
    let health = checkup.tidy_and_probe(leftovers).await;
    if health.is_healthy() && shared.keeper.is_current(life) {
        return Attempt::Done(result);
    }
    let noticed =
        if health.is_healthy() { None } else { shared.keeper.unwell(life, &result.id, health, checkup).await };
    Attempt::Suspect(Suspect { index, life: life.number, noticed, result })
}

/// More time than the scenario needs, whatever the target does within the rules: the last resort against one that drips.
fn bound(scenario: &Scenario, scale: f64, timing: Timing) -> Duration {
    let windows: u64 = scenario
        .steps
        .iter()
        .map(|step| match step {
            Step::Expect(expect) => expect.window.map_or(0, |window| window.not_after_ms),
            _ => 0,
        })
        .sum();
    // Every settling may find another session that was resumed.
    let settlings =
        if timing.eventually { 3 + scenario.steps.iter().filter(|step| **step == Step::Drain).count() } else { 0 };
    let again = Duration::from_millis(timing.redelivery_ms) * u32::try_from(settlings).unwrap_or(u32::MAX);
    again + Duration::from_millis(scenario.clock_ms()) + Duration::from_millis(windows + 60_000).mul_f64(scale.max(1.0))
}

fn result(shared: &Shared, scenario: &Scenario, engine: &Engine, duration: Duration) -> ScenarioResult {
    let mut result = shared.blank(scenario);
    result.duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    match engine.outcome() {
        Some(outcome) => {
            result.verdict = outcome.verdict;
            result.reason.clone_from(&outcome.reason);
            result.findings.clone_from(&outcome.findings);
            result.suspicions.clone_from(&outcome.suspicions);
            result.observations.clone_from(&outcome.observations);
        }
        None => {
            result.verdict = Verdict::Error;
            result.reason = Some("the engine gave no outcome".to_owned());
        }
    }
    if shared.options.keep_all_transcripts || result.verdict != Verdict::Pass || !result.findings.is_empty() {
        result.transcript = engine.transcript().render();
        result.transcript_omitted = engine.transcript().omitted();
    }
    result
}
