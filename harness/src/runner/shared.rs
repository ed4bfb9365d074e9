//! What every worker of a run shares.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mqttspec_codec::ProtocolVersion;
use mqttspec_reports::{Event, ScenarioResult, Verdict};
use mqttspec_scenarios::model::Scenario;
use mqttspec_scenarios::monitor::coverage::Coverage;
use tokio::sync::mpsc;

use super::RunOptions;
use super::attempt::{Attempt, Suspect, attempt};
use super::checkup::Checkup;
use super::drive::Stop;
use super::keeper::{Keeper, Life};

/// How long the runner's own client waits for an answer, before the timeout scale.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) scenarios: Vec<Arc<Scenario>>,
    pub(super) options: RunOptions,
    pub(super) keeper: Arc<Keeper>,
    pub(super) stop: Stop,
    pub(super) events: mpsc::UnboundedSender<Event>,
    pub(super) suspects: Mutex<Vec<Suspect>>,
    pub(super) names: Names,
    /// Whether those that wait for the clock are played twice side by side from the start.
    pub(super) twins: bool,
    /// Whether what an attempt suspects is cleared up by one that waits in full, before the scenario is settled.
    pub(super) clears_up: bool,
    /// Whether the person at the terminal knows that there is more to wait for.
    pub(super) said_why: AtomicBool,
    /// What first attempts reached, where somebody wants to know.
    pub(super) coverage: Option<Arc<Mutex<Coverage>>>,
}

/// Which namespace an attempt has. No two attempts of a run have the same one.
#[derive(Clone, Debug)]
pub(super) enum Names {
    /// Determined by the scenario and the attempt: the same run again has the same names.
    ByAttempt,
    /// The first attempts are numbered from `first`; every further one takes the next free number.
    Counted { first: u32, next: Arc<AtomicU32> },
}

impl Shared {
    /// A result with everything that is known before the scenario is played.
    pub(super) fn blank(&self, scenario: &Scenario) -> ScenarioResult {
        self.options.blank(scenario)
    }

    /// Takes note of what an attempt reached.
    pub(super) fn note_coverage(&self, reached: &Coverage) {
        if let Some(coverage) = &self.coverage {
            coverage.lock().unwrap_or_else(PoisonError::into_inner).merge(reached);
        }
    }

    /// The number of the namespace for the `number`th attempt at scenario `index`.
    pub(super) fn name(&self, index: usize, number: u32) -> u32 {
        let index = u32::try_from(index).unwrap_or(0);
        match &self.names {
            Names::ByAttempt => {
                let count = u32::try_from(self.scenarios.len()).unwrap_or(u32::MAX);
                number.wrapping_mul(count).wrapping_add(index)
            }
            Names::Counted { first, .. } if number == 0 => first.wrapping_add(index),
            Names::Counted { next, .. } => next.fetch_add(1, Ordering::Relaxed),
        }
    }

    pub(super) fn checkup(&self, life: Life, version: ProtocolVersion, client_id: String) -> Checkup {
        Checkup {
            address: life.address,
            version,
            client_id,
            defaults: self.options.defaults.clone(),
            retain: self.options.retain,
            patience: PATIENCE.mul_f64(self.options.timeout_scale),
        }
    }

    /// An attempt that cannot take the run down with it: mqttspec's own panic becomes verdict `error`.
    pub(super) async fn attempt(self: &Arc<Self>, index: usize, number: u32, eventually: bool) -> Attempt {
        if number == 0 {
            self.emit(Event::ScenarioStarted { id: self.scenarios[index].id.clone() });
        }
        match tokio::spawn(attempt(Arc::clone(self), index, number, eventually)).await {
            Ok(attempt) => attempt,
            Err(_) => {
                let mut result = self.blank(&self.scenarios[index]);
                result.verdict = Verdict::Error;
                result.reason = Some("mqttspec panicked while playing this scenario".to_owned());
                Attempt::Done(Box::new(result))
            }
        }
    }

    /// An attempt left something open that the next one waits for: says so, once in a run.
    pub(super) fn say_why_it_waits(&self) {
        if !self.said_why.swap(true, Ordering::Relaxed) {
            let seconds = self.options.patient.redelivery_ms.div_ceil(1_000);
            let text = format!(
                "something that is to be sent again on a resumed session has not come; no sentence sets a time, so it is \
                 given {seconds} s"
            );
            self.emit(Event::Remark { text });
        }
    }

    pub(super) fn finish(&self, result: Box<ScenarioResult>) {
        self.emit(Event::ScenarioFinished(result));
    }

    pub(super) fn suspects(&self) -> MutexGuard<'_, Vec<Suspect>> {
        self.suspects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.borrow().is_some()
    }

    fn emit(&self, event: Event) {
        // The receiver outlives every worker.
        let _ = self.events.send(event);
    }
}
