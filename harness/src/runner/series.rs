//! Several rounds of scenarios against one target that stays up in between: generated histories, then, one by one, what
//! they found.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use mqttspec_reports::{Event, Health, ScenarioResult};
use mqttspec_scenarios::model::Scenario;
use mqttspec_scenarios::monitor::coverage::Coverage;
use tokio::sync::{mpsc, watch};

use super::attempt::{Attempt, Suspect};
use super::keeper::Keeper;
use super::shared::{Names, Shared};
use super::{RunOptions, hunt, lanes};
use crate::target::{Target, TargetSpec};

/// Restarts after which a target counts as lost: making a crash minimal takes many of them.
const MAXIMUM_RESTARTS: usize = 300;

/// A target, and how scenarios are put to it.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    options: RunOptions,
    spec: TargetSpec,
    keeper: Arc<Keeper>,
    /// Whether the target turned out to be one of which only one can run at a time.
    single: Arc<AtomicBool>,
    /// Held while the only target there can be is used for one scenario alone.
    alone: Arc<tokio::sync::Mutex<()>>,
    events: mpsc::UnboundedSender<Event>,
    stop: watch::Receiver<Option<String>>,
    /// The next free namespace for everything but the first attempts.
    next_name: Arc<AtomicU32>,
    coverage: Arc<Mutex<Coverage>>,
}

/// How long a target is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waits {
    /// The shortest that make sense with this target.
    Short,
    /// Those of a repetition.
    Full,
    /// The same, and a minute for what is to be sent again and for which no sentence sets a time.
    Eventually,
}

/// What playing a scenario once came to.
#[derive(Debug)]
pub(crate) enum Played {
    /// It was played to its end, and the target is well.
    Done(Box<ScenarioResult>),
    /// The target did not live through it.
    Lost(Health, Box<ScenarioResult>),
    /// Something else brought the target down meanwhile, or the run is being stopped.
    Disturbed,
}

impl Series {
    /// The first `first_names` namespaces are left to the first attempts of [`Series::play_all`].
    pub(crate) fn new(
        target: Target,
        options: RunOptions,
        first_names: u32,
        events: mpsc::UnboundedSender<Event>,
        stop: watch::Sender<Option<String>>,
    ) -> Self {
        let stopped = stop.subscribe();
        Self {
            options,
            spec: target.spec().clone(),
            keeper: Arc::new(Keeper::new(target, events.clone(), stop, MAXIMUM_RESTARTS)),
            single: Arc::default(),
            alone: Arc::default(),
            events,
            stop: stopped,
            next_name: Arc::new(AtomicU32::new(first_names)),
            coverage: Arc::default(),
        }
    }

    /// Whether mqttspec can start the target anew, so that nothing that was played before is left in it.
    pub(crate) const fn can_be_fresh(&self) -> bool {
        !matches!(self.spec, TargetSpec::Remote(_))
    }

    /// The same with a target of its own that has just been started; `None` when it is not for mqttspec to start it, or
    /// only one can run at a time. It is to be [ended](Self::end) on its own, and that it is lost does not end the run.
    pub(crate) async fn another(&self) -> Option<Self> {
        self.start_another(MAXIMUM_RESTARTS).await
    }

    async fn start_another(&self, maximum_restarts: usize) -> Option<Self> {
        if !self.can_be_fresh() || self.single.load(Ordering::Relaxed) {
            return None;
        }
        let Ok(target) = Target::start(self.spec.clone(), self.options.timeout_scale).await else {
            self.single.store(true, Ordering::Relaxed);
            return None;
        };
        let (stop, _) = watch::channel(None);
        let keeper = Arc::new(Keeper::new(target, self.events.clone(), stop, maximum_restarts));
        Some(Self { keeper, ..self.clone() })
    }

    /// Plays these side by side, each until it is settled. `first` is the number of the first among all of the run.
    pub(crate) async fn play_all(&self, scenarios: Vec<Arc<Scenario>>, first: u32) {
        let shared = self.shared(scenarios, first);
        lanes::play_all(&shared, 0..shared.scenarios.len()).await;
        hunt::hunt(&shared).await;
    }

    /// Plays one scenario once.
    pub(crate) async fn play(&self, scenario: Arc<Scenario>, waits: Waits) -> Played {
        let mut shared = self.shared(vec![scenario], 0);
        if let (Waits::Short, Some(shared)) = (waits, Arc::get_mut(&mut shared)) {
            let timing = &mut shared.options.timing;
            timing.answer_ms = timing.answer_ms.min(timing.after_probe_ms * 3);
            shared.options.patient = *timing;
        }
        match shared.attempt(0, 1, waits == Waits::Eventually).await {
            Attempt::Done(result) => Played::Done(result),
            Attempt::Suspect(Suspect { noticed: Some(health), result, .. }) => Played::Lost(health, result),
            Attempt::Suspect(_) | Attempt::Interrupted => Played::Disturbed,
        }
    }

    /// Plays one scenario once against a target that was started for it; against the one there is, when it
    /// [cannot be](Self::can_be_fresh).
    pub(crate) async fn play_afresh(&self, scenario: Arc<Scenario>, waits: Waits) -> Played {
        if !self.can_be_fresh() {
            return self.play(scenario, waits).await;
        }
        // What brings it down brings down nothing else: there is no need to start it again.
        if let Some(other) = self.start_another(0).await {
            let played = other.play(scenario, waits).await;
            other.end().await;
            return played;
        }
        let _alone = self.alone.lock().await;
        self.keeper.renew().await;
        self.play(scenario, waits).await
    }

    /// What the first attempts of [`Series::play_all`] reached so far.
    pub(crate) fn coverage(&self) -> Coverage {
        self.coverage.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How long the target is given to send again what it owes to a session that was resumed.
    pub(crate) const fn redelivery_ms(&self) -> u64 {
        self.options.patient.redelivery_ms
    }

    /// Whether there is a reason to come to an end.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.borrow().is_some()
    }

    /// Why the run was ended early, if it was.
    pub(crate) fn interrupted(&self) -> Option<String> {
        self.stop.borrow().clone()
    }

    /// Ends a launched target; says why it was lost, if it was.
    pub(crate) async fn end(&self) -> Option<String> {
        self.keeper.end().await;
        self.keeper.lost()
    }

    fn shared(&self, scenarios: Vec<Arc<Scenario>>, first: u32) -> Arc<Shared> {
        Arc::new(Shared {
            scenarios,
            options: self.options.clone(),
            keeper: Arc::clone(&self.keeper),
            stop: self.stop.clone(),
            events: self.events.clone(),
            suspects: Mutex::default(),
            names: Names::Counted { first, next: Arc::clone(&self.next_name) },
            twins: false,
            clears_up: false,
            said_why: AtomicBool::default(),
            coverage: Some(Arc::clone(&self.coverage)),
        })
    }
}
