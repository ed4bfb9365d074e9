//! Generated histories: random conversations that the monitor judges, and what becomes of what it finds.
//!
//! The histories are played side by side like other scenarios. Each kind of finding is then followed up alone: played
//! again, made as small as it can be, repeated five times, and saved as a scenario file that `mqttspec replay` plays.

mod catch;
mod kind;
mod pursue;
mod save;
mod shrink;
mod spoken;
mod steady;
mod tell;

pub use save::{DEFAULT as DEFAULT_SAVE_DIR, SaveDir};
pub use shrink::{Shrinker, events};

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mqttspec_reports::{Event, Histories, Run, RunInfo, ScenarioResult};
use mqttspec_scenarios::model::Scenario;
use tokio::sync::{mpsc, watch};

use crate::runner::{Finished, RunOptions, Series};
use crate::target::Target;
use catch::{Catch, Caught};
use kind::Kind;
use pursue::{Found, clear_up, pursue};
use tell::Teller;

/// Histories that are held in memory at one time.
const BATCH: u64 = 4_000;
/// Kinds of findings that are made minimal and repeated in one run, the gravest and most frequent first: more than any
/// broker that works at all has shown. What is left is reported as it was caught, and counted.
const PURSUED: usize = 100;

/// Writes the history with a number.
pub type Source = Arc<dyn Fn(u64) -> Scenario + Send + Sync>;

/// What to generate, and what becomes of it.
pub struct Plan {
    /// How many histories.
    pub count: u64,
    /// Where they come from.
    pub source: Source,
    /// Where scenarios that show something are saved.
    pub save: SaveDir,
    /// The options that make `mqttspec replay FILE` play against the same target, with a leading blank.
    pub replay_options: String,
    /// The command line that generates the same histories again.
    pub rerun: String,
    /// Whether a deviation from a SHOULD fails the run. Only then is it followed up and saved like a finding.
    pub should_fails: bool,
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan").field("count", &self.count).field("save", &self.save).finish_non_exhaustive()
    }
}

/// Plays generated histories against `target`, follows up what they show, tells `on_event` what happens, and ends the
/// target.
///
/// `stop` ends the run early once it holds a reason; the run itself puts one there when the target is lost.
///
/// # Errors
/// When a finding cannot be saved; the run comes along all the same.
pub async fn generate(
    plan: &Plan,
    target: Target,
    info: RunInfo,
    options: RunOptions,
    stop: watch::Sender<Option<String>>,
    mut on_event: impl FnMut(&Event),
) -> (Finished, Result<(), String>) {
    let started = Instant::now();
    on_event(&Event::RunStarted { info: info.clone(), planned: usize::try_from(plan.count).unwrap_or(usize::MAX) });
    let scale = options.timeout_scale;
    let (events, arriving) = mpsc::unbounded_channel();
    let first_names = u32::try_from(plan.count).unwrap_or(u32::MAX);
    let series = Series::new(target, options, first_names, events, stop);
    let mut hall = Hall { series, arriving, catch: Catch::default(), versions: Vec::new() };

    hall.play(plan, &mut on_event).await;
    let playing = started.elapsed();
    let reached = hall.series.coverage();
    let mut run = Run::new(info.clone(), 0);
    let mut teller = Teller::new(plan, info);
    let (findings, not_followed_up) = hall.follow_up(plan, scale, playing, &mut teller, &mut on_event).await;

    let interrupted = hall.series.interrupted();
    let lost = hall.series.end().await;
    hall.pass_on(&mut on_event);
    run.histories = Some(Histories { not_followed_up, ..teller.histories(&hall.catch, &reached, playing) });
    let results = teller.summaries(&hall.versions).into_iter().chain(findings).chain(hall.catch.errors);
    results.for_each(|result| run.push(result));
    run.planned = run.results.len();
    if let Some(why) = interrupted {
        on_event(&Event::Interrupted { why: why.clone() });
        run.interrupted = Some(why);
    }
    run.sort();
    run.duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    (Finished { run, lost }, teller.saved())
}

/// Histories of one version: how many were played, how many of them could be judged.
#[derive(Clone, Debug, Default)]
struct Tally {
    version: String,
    played: u64,
    judged: u64,
}

struct Hall {
    series: Series,
    arriving: mpsc::UnboundedReceiver<Event>,
    catch: Catch,
    versions: Vec<Tally>,
}

impl Hall {
    /// Plays all histories, batch by batch.
    async fn play(&mut self, plan: &Plan, on_event: &mut impl FnMut(&Event)) {
        let mut first = 0;
        while first < plan.count && !self.series.is_stopped() {
            let count = BATCH.min(plan.count - first);
            let batch: Vec<Arc<Scenario>> = (first..first + count).map(|at| Arc::new((plan.source)(at))).collect();
            self.play_batch(first, batch, on_event).await;
            first += count;
        }
    }

    async fn play_batch(&mut self, first: u64, batch: Vec<Arc<Scenario>>, on_event: &mut impl FnMut(&Event)) {
        let places: HashMap<&str, usize> = batch.iter().enumerate().map(|(at, s)| (s.id.as_str(), at)).collect();
        let mut results: Vec<Option<Box<ScenarioResult>>> = vec![None; batch.len()];
        let mut take = |event: Event, on_event: &mut dyn FnMut(&Event)| {
            on_event(&event);
            if let Event::ScenarioFinished(result) = event
                && let Some(at) = places.get(result.id.as_str())
            {
                results[*at] = Some(result);
            }
        };
        let playing = {
            let (series, batch) = (self.series.clone(), batch.clone());
            async move { series.play_all(batch, u32::try_from(first).unwrap_or(u32::MAX)).await }
        };
        let mut playing = tokio::spawn(playing);
        loop {
            tokio::select! {
                event = self.arriving.recv() => match event {
                    Some(event) => take(event, on_event),
                    None => break,
                },
                _ = &mut playing => break,
            }
        }
        while let Ok(event) = self.arriving.try_recv() {
            take(event, on_event);
        }
        for ((at, scenario), result) in (first..).zip(&batch).zip(results) {
            let Some(result) = result else { continue };
            let before = self.catch.inconclusive + self.catch.errors.len() as u64;
            let version = result.version.clone();
            self.catch.take(at, scenario, *result);
            let judged = self.catch.inconclusive + self.catch.errors.len() as u64 == before;
            let tally = match self.versions.iter_mut().position(|tally| tally.version == version) {
                Some(at) => &mut self.versions[at],
                None => {
                    self.versions.push(Tally { version, ..Tally::default() });
                    let last = self.versions.len() - 1;
                    &mut self.versions[last]
                }
            };
            tally.played += 1;
            tally.judged += u64::from(judged);
        }
    }

    /// Follows up what was caught; returns a result for each finding and each deviation, and the number of kinds that were
    /// not followed up.
    async fn follow_up(
        &mut self,
        plan: &Plan,
        scale: f64,
        playing: Duration,
        teller: &mut Teller<'_>,
        on_event: &mut impl FnMut(&Event),
    ) -> (Vec<ScenarioResult>, u64) {
        let remark = |text: String, on_event: &mut dyn FnMut(&Event)| on_event(&Event::Remark { text });
        let (suspected, all): (Vec<Caught>, Vec<Caught>) =
            self.catch.kinds.iter().cloned().partition(|caught| caught.suspected);
        let mut all = all;
        let mut left = self.catch.left_out;
        if self.series.is_stopped() {
            left += suspected.len() as u64;
        } else if !suspected.is_empty() {
            let count = suspected.len();
            remark(teller.waiting(count, self.series.redelivery_ms()), on_event);
            let right = clear_up(&self.series, suspected).await;
            remark(teller.waited(count, right.len()), on_event);
            all.extend(right);
        }
        let (deviations, mut kinds): (Vec<Caught>, Vec<Caught>) =
            all.into_iter().partition(|caught| caught.kind.is_deviation() && !plan.should_fails);
        // What was seen twice first, crashes before the rest, then what most histories show.
        kinds.sort_by_key(|caught| (caught.times == 0, caught.kind.rank(), Reverse(caught.times)));
        if let Some(text) = teller.overture(&self.catch, (kinds.len(), deviations.len()), playing) {
            remark(text, on_event);
        }
        let mut results: Vec<ScenarioResult> = Vec::new();
        for (at, caught) in deviations.iter().enumerate() {
            let result = teller.deviation(caught);
            remark(teller.deviation_told(at, deviations.len(), caught, &result), on_event);
            results.push(result);
        }
        let mut done: Vec<Found> = Vec::new();
        for (at, caught) in kinds.iter().enumerate() {
            let found = if at < PURSUED && !self.series.is_stopped() {
                pursue(&self.series, caught, scale).await
            } else {
                Found::as_caught(caught)
            };
            self.pass_on(on_event);
            let kind = found.kind.clone();
            if let Some(same) = done.iter().find(|other| same(other, &found)) {
                remark(teller.same(at, kinds.len(), &kind, same), on_event);
                continue;
            }
            left += u64::from(found.reproduced.is_none());
            let result = teller.result(&found);
            remark(teller.told(at, kinds.len(), &found, caught, &result), on_event);
            results.push(result);
            done.push(found);
        }
        if left > 0 {
            remark(teller.left(left, PURSUED), on_event);
        }
        (results, left)
    }

    /// Passes on what the runner has said since.
    fn pass_on(&mut self, on_event: &mut impl FnMut(&Event)) {
        while let Ok(event) = self.arriving.try_recv() {
            if matches!(event, Event::TargetRestarted { .. }) {
                on_event(&event);
            }
        }
    }
}

/// Whether two findings turned out to be one, once they were small enough to tell.
fn same(one: &Found, other: &Found) -> bool {
    let alike = match (one.result.findings.first(), other.result.findings.first()) {
        (Some(a), Some(b)) => Kind::of(&one.result.version, a).covers(&other.result.version, b),
        _ => one.kind.is_like(&other.kind),
    };
    one.is_certain() && (alike || (one.kind.what() == other.kind.what() && one.scenario.steps == other.scenario.steps))
}
