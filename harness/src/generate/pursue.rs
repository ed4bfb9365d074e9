//! From a history that shows something to the smallest scenario that does, and to how often it does.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mqttspec_reports::{Health, Reproduced, ScenarioResult};
use mqttspec_scenarios::model::Scenario;
use tokio::task::JoinSet;

use super::catch::Caught;
use super::kind::Kind;
use super::shrink::Shrinker;
use super::spoken::with_version_spoken;
use super::steady::{awaited, fenced};
use crate::runner::{Played, Series, Waits};

/// Repetitions of which the rate is reported.
const REPETITIONS: u32 = 5;
/// Repetitions before anything is made smaller.
const BEFOREHAND: u32 = 2;
/// Re-runs that making one finding minimal may take.
const RUNS: usize = 400;
/// Time that it may take, before the timeout scale, and what is added where the history itself waits for the clock.
const TIME: Duration = Duration::from_secs(60);
const WAITING_RUNS: u32 = 15;
/// Candidates that are tried at one time. Each has a namespace of its own.
const WIDTH: usize = 16;
/// The same where each candidate has a broker of its own.
const WIDTH_AFRESH: usize = 4;
/// Suspicions that are cleared up at one time, each in three attempts.
const SUSPECTS: usize = 6;
/// How many steps of making it minimal are taken back at first, when what is left does not show every time.
const RETRACED: usize = 4;
/// Attempts of which every one must show the finding, when it does not always show.
const STRICT: u32 = 3;

/// How a candidate is tried while a finding is made minimal.
#[derive(Clone, Copy, Debug)]
struct Trial {
    /// Attempts; every one must show the finding.
    times: u32,
    waits: Waits,
    /// Whether each attempt has a broker that was started for it.
    afresh: bool,
}

/// What is looked for.
#[derive(Clone, Debug)]
struct Sought {
    kind: Kind,
    /// Whether it shows only to those who wait a minute. Short of that, the suspicion is enough.
    eventual: bool,
}

/// A finding that has been followed to its end.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) kind: Kind,
    /// The number of the history that showed it.
    pub(super) history: u64,
    /// Histories that showed it.
    pub(super) histories: u64,
    /// The smallest scenario that shows it.
    pub(super) scenario: Scenario,
    /// What came of it the last time.
    pub(super) result: ScenarioResult,
    /// How often it was seen again; `None` when there was no time to find out.
    pub(super) reproduced: Option<Reproduced>,
    /// Whether it takes a minute to show.
    pub(super) eventual: bool,
    /// Whether it always shows on the broker that has played other histories, and not on one that was just started.
    pub(super) needs_others: bool,
}

impl Found {
    /// A finding as it was caught, without any repetition.
    pub(super) fn as_caught(caught: &Caught) -> Self {
        Self {
            kind: caught.kind.clone(),
            history: caught.history,
            histories: caught.times + caught.once,
            scenario: (*caught.scenario).clone(),
            result: only(&caught.kind, caught.result.clone()),
            reproduced: None,
            eventual: caught.suspected,
            needs_others: false,
        }
    }

    fn sought(&self) -> Sought {
        Sought { kind: self.kind.clone(), eventual: self.eventual }
    }

    /// Whether it was seen in every one of enough repetitions.
    pub(super) fn is_certain(&self) -> bool {
        self.reproduced.is_some_and(|rate| rate.of >= REPETITIONS && rate.times == rate.of)
    }
}

/// Makes what was caught minimal and repeats it. Every repetition that is reported has a fresh broker, where mqttspec can
/// start one: what other histories have left behind must play no part in it.
pub(super) async fn pursue(series: &Series, caught: &Caught, scale: f64) -> Found {
    let mut found = Found::as_caught(caught);
    if caught.suspected {
        return minimal(series, found, scale).await;
    }
    let beforehand = if caught.times == 0 { REPETITIONS } else { BEFOREHAND };
    let Some(first) = repeat(series, &mut found, beforehand).await else { return found };
    if first.times < first.of {
        // It does not always show: the rate is all there is to report.
        if first.of < REPETITIONS
            && let Some(more) = repeat(series, &mut found, REPETITIONS - first.of).await
        {
            found.reproduced =
                Some(Reproduced { times: first.times + more.times, of: first.of + more.of, fresh: first.fresh });
        }
        if first.fresh {
            let trial = Trial { times: STRICT, waits: Waits::Full, afresh: false };
            found.needs_others = convinces(series, &found.sought(), &Arc::new(found.scenario.clone()), trial).await;
        }
        return found;
    }
    minimal(series, found, scale).await
}

/// Which of these suspicions are right: each is played a few times more, all side by side, and what is missing is waited
/// for.
pub(super) async fn clear_up(series: &Series, suspected: Vec<Caught>) -> Vec<Caught> {
    let mut waiting = suspected.into_iter();
    let mut running = JoinSet::new();
    let mut right: Vec<Caught> = Vec::new();
    loop {
        while running.len() < SUSPECTS
            && let Some(mut caught) = waiting.next()
        {
            let series = series.clone();
            running.spawn(async move {
                let sought = Found::as_caught(&caught).sought();
                let play = || shows(&series, &sought, Arc::clone(&caught.scenario), Waits::Eventually, true);
                // Not every time does the history come to where something is owed.
                let (one, two, three) = tokio::join!(play(), play(), play());
                caught.result = only(&caught.kind, one.or(two).or(three)?);
                Some(caught)
            });
        }
        match running.join_next().await {
            Some(done) => right.extend(done.ok().flatten()),
            None => return right,
        }
    }
}

/// Makes `found`, which always shows, minimal.
async fn minimal(series: &Series, mut found: Found, scale: f64) -> Found {
    let whole = found.clone();
    let time = TIME.mul_f64(scale.max(1.0)) + Duration::from_millis(whole.scenario.clock_ms()) * WAITING_RUNS;
    // What takes a minute to repeat had better not be made too small.
    let times = if found.eventual { STRICT } else { 1 };
    let quick = Trial { times, waits: Waits::Short, afresh: false };
    let mut trail;
    (found.scenario, trail) = shrink(series, &whole, quick, Instant::now() + time).await;
    if steady(series, &mut found, quick).await.is_some() && !found.is_certain() {
        // Made too small, or seen by impatience, or because of what other candidates left behind: once more, with more
        // care.
        let trial = if series.can_be_fresh() {
            Trial { times, waits: Waits::Full, afresh: true }
        } else {
            Trial { times: STRICT, waits: Waits::Full, afresh: false }
        };
        let mut strict = whole.clone();
        let more_careful;
        (strict.scenario, more_careful) = shrink(series, &whole, trial, Instant::now() + time).await;
        if steady(series, &mut strict, trial).await.is_some_and(|rate| rate.times > times_seen(&found)) {
            (found, trail) = (strict, more_careful);
        }
        retrace(series, &mut found, &trail).await;
    }
    found
}

/// Goes back on the way to the smallest scenario, to the last one that shows the finding every time.
async fn retrace(series: &Series, found: &mut Found, trail: &[Scenario]) {
    for at in stops(trail.len()) {
        if found.is_certain() || series.is_stopped() {
            return;
        }
        let mut larger = Found { scenario: awaited(&trail[at]), ..found.clone() };
        let rate = repeat(series, &mut larger, REPETITIONS).await;
        if rate.is_some_and(|rate| rate.times > times_seen(found)) {
            *found = larger;
        }
    }
}

/// Where on a way of this length it is worth to try again: a few steps back, half of the way, at its beginning.
fn stops(length: usize) -> Vec<usize> {
    let mut stops = Vec::new();
    let mut back = RETRACED;
    while stops.last() != Some(&0) && length > 0 {
        stops.push(length.saturating_sub(back));
        back = back.max(length / 4) * 2;
    }
    stops
}

/// How often it was seen again.
fn times_seen(found: &Found) -> u32 {
    found.reproduced.map_or(0, |rate| rate.times)
}

/// Repeats what has been made minimal, with the waits that make it show every time; the form that shows it most often is
/// kept. `None` when the run is being stopped.
async fn steady(series: &Series, found: &mut Found, trial: Trial) -> Option<Reproduced> {
    found.reproduced = None;
    let bare = found.scenario.clone();
    let patient = awaited(&bare);
    let mut forms = vec![patient.clone(), fenced(&patient)];
    if patient != bare {
        forms.push(bare.clone());
    }
    let mut best: Option<Found> = None;
    for scenario in forms {
        let mut form = Found { scenario, ..found.clone() };
        // Of that one it is known that it shows the finding.
        let is_bare = form.scenario == bare;
        if !is_bare && !convinces(series, &form.sought(), &Arc::new(form.scenario.clone()), trial).await {
            continue;
        }
        repeat(series, &mut form, REPETITIONS).await?;
        let certain = form.is_certain();
        if best.as_ref().is_none_or(|best| times_seen(&form) > times_seen(best)) {
            best = Some(form);
        }
        if certain {
            break;
        }
    }
    *found = best?;
    found.reproduced
}

/// Plays it `times` times, alone, afresh and with full patience, and sets the rate and the last result that showed it.
/// `None` when the run is being stopped.
async fn repeat(series: &Series, found: &mut Found, times: u32) -> Option<Reproduced> {
    let mut rate = Reproduced { times: 0, of: 0, fresh: series.can_be_fresh() };
    let scenario = Arc::new(found.scenario.clone());
    // One after the other; side by side where each is spent waiting for a minute. Whether the finding also comes to one that
    // is played alone, on a machine with nothing else to do, is seen before the minute: by then it is suspected.
    if found.eventual {
        for _ in 0..times {
            rate.of += 1;
            let result = shows(series, &found.sought(), Arc::clone(&scenario), Waits::Full, true).await;
            rate.times += u32::from(result.is_some());
        }
        if series.is_stopped() || rate.times < times {
            found.reproduced = Some(rate).filter(|_| !series.is_stopped());
            return found.reproduced;
        }
        (rate.times, rate.of) = (0, 0);
    }
    let (width, waits) = if found.eventual { (times, Waits::Eventually) } else { (1, Waits::Full) };
    while rate.of < times {
        let mut running = JoinSet::new();
        for _ in 0..width {
            let (series, sought, scenario) = (series.clone(), found.sought(), Arc::clone(&scenario));
            running.spawn(async move { shows(&series, &sought, scenario, waits, true).await });
        }
        while let Some(done) = running.join_next().await {
            rate.of += 1;
            if let Ok(Some(result)) = done {
                found.result = only(&found.kind, result);
                rate.times += 1;
            }
        }
        if series.is_stopped() {
            found.reproduced = None;
            return None;
        }
    }
    found.reproduced = Some(rate);
    Some(rate)
}

/// The smallest scenario that shows what `found` shows, and those on the way to it, the first one first.
async fn shrink(series: &Series, found: &Found, trial: Trial, deadline: Instant) -> (Scenario, Vec<Scenario>) {
    let mut shrinker = Shrinker::new(found.scenario.clone(), RUNS);
    let mut trail = vec![found.scenario.clone()];
    // On a broker that holds nothing of other histories, if there can be another.
    let other = if trial.afresh { None } else { series.another().await };
    let desk = other.as_ref().unwrap_or(series);
    let width = match trial.afresh {
        true => WIDTH_AFRESH,
        // What brings the target down takes everything else with it.
        false if found.kind.is_crash() => 1,
        false => WIDTH,
    };
    while Instant::now() < deadline && !series.is_stopped() {
        let wave = shrinker.next_wave(width);
        if wave.is_empty() {
            break;
        }
        let mut still = vec![false; wave.len()];
        let mut running = JoinSet::new();
        for (at, candidate) in wave.into_iter().enumerate() {
            let (desk, sought) = (desk.clone(), found.sought());
            running.spawn(async move { (at, convinces(&desk, &sought, &Arc::new(candidate), trial).await) });
        }
        while let Some(done) = running.join_next().await {
            if let Ok((at, shown)) = done {
                still[at] = shown;
            }
        }
        shrinker.answer(&still);
        let best = shrinker.best();
        if trail.last() != Some(&best) {
            trail.push(best);
        }
    }
    if let Some(other) = other {
        other.end().await;
    }
    (with_version_spoken(shrinker.best()), trail.into_iter().map(with_version_spoken).collect())
}

/// Whether every attempt of a trial shows what is sought.
async fn convinces(series: &Series, sought: &Sought, candidate: &Arc<Scenario>, trial: Trial) -> bool {
    let shown = || shows(series, sought, Arc::clone(candidate), trial.waits, trial.afresh);
    // Where each attempt is spent waiting, they wait side by side.
    if let (true, STRICT) = (sought.eventual, trial.times) {
        let (one, two, three) = tokio::join!(shown(), shown(), shown());
        return one.and(two).and(three).is_some();
    }
    for _ in 0..trial.times {
        if shown().await.is_none() {
            return false;
        }
    }
    true
}

/// The result without what is of other kinds, which are followed up on their own.
pub(super) fn only(kind: &Kind, mut result: ScenarioResult) -> ScenarioResult {
    let version = result.version.clone();
    result.findings.retain(|finding| kind.covers(&version, finding));
    if !kind.is_crash() {
        result.health = Health::Healthy;
    }
    result
}

/// Plays `scenario` once; what came of it, if that is what is looked for.
async fn shows(
    series: &Series,
    sought: &Sought,
    scenario: Arc<Scenario>,
    waits: Waits,
    afresh: bool,
) -> Option<ScenarioResult> {
    let played = if afresh { series.play_afresh(scenario, waits).await } else { series.play(scenario, waits).await };
    let suspicion_is_enough = sought.eventual && waits != Waits::Eventually;
    match played {
        Played::Done(result) if sought.kind.is_in(&result) => Some(*result),
        Played::Done(result) if suspicion_is_enough && sought.kind.is_suspected_in(&result) => Some(*result),
        Played::Lost(health, mut result) if sought.kind.is_crash() => {
            result.health = health;
            Some(*result)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::stops;

    #[test]
    fn the_way_back_leads_to_the_beginning_in_few_steps() {
        assert!(stops(0).is_empty());
        assert_eq!(stops(1), [0]);
        assert_eq!(stops(20), [16, 10, 0]);
        assert_eq!(stops(100), [96, 50, 0]);
        assert!((0..1_000).all(|length| stops(length).len() <= 4));
    }
}
