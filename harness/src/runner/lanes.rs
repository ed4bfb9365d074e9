//! Two lanes of workers side by side: scenarios that only wait for the clock do not hold up the others.

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use mqttspec_reports::ScenarioResult;
use mqttspec_scenarios::model::{Scenario, Step};
use tokio::task::JoinSet;

use super::attempt::Attempt;
use super::settle::{Settled, has_to_wait, seen_once, settle};
use super::shared::Shared;

/// Scenarios that wait for the clock, at one time, when each is played twice side by side, and when it is not.
const CLOCKED_PAIRS: usize = 64;
const CLOCKED: usize = 128;
/// Workers of a lane that also repeat what was not a clean pass: as many as there are, for by then they mostly wait.
const REPEATERS: usize = 32;
/// Attempts at one scenario.
pub(super) const MAXIMUM_ATTEMPTS: u32 = 3;

/// A scenario to be played, and what the attempt before this one came to.
#[derive(Debug)]
struct Job {
    index: usize,
    number: u32,
    earlier: Option<Box<ScenarioResult>>,
}

#[derive(Debug, Default)]
struct Lane {
    /// Each scenario is played twice side by side: it would take too long to wait for the first before the second.
    twins: bool,
    fresh: Mutex<VecDeque<Job>>,
    again: Mutex<VecDeque<Job>>,
}

/// Plays these scenarios, each until it is settled, in two lanes.
pub(super) async fn play_all(shared: &Arc<Shared>, indexes: impl IntoIterator<Item = usize>) {
    let (mut clocked, quick): (Vec<usize>, Vec<usize>) =
        indexes.into_iter().partition(|index| is_clocked(&shared.scenarios[*index]));
    // The longest first: they decide when the lane ends.
    clocked.sort_by_key(|index| Reverse(shared.scenarios[*index].clock_ms()));
    let waiting = if shared.twins { CLOCKED_PAIRS } else { CLOCKED };
    let lanes = [(Lane::of(clocked, shared.twins), waiting), (Lane::of(quick, false), shared.options.jobs)];
    let mut workers = JoinSet::new();
    for (lane, count) in &lanes {
        for number in 0..*count {
            workers.spawn(work(Arc::clone(shared), Arc::clone(lane), number < REPEATERS));
        }
    }
    while workers.join_next().await.is_some() {}
    // What a worker left behind for a repeater that had gone already.
    for (lane, _) in &lanes {
        for _ in 0..REPEATERS {
            workers.spawn(work(Arc::clone(shared), Arc::clone(lane), true));
        }
    }
    while workers.join_next().await.is_some() {}
    for (lane, _) in &lanes {
        while let Some(job) = pop(&lane.again) {
            if let Some(earlier) = job.earlier {
                shared.finish(seen_once(earlier));
            }
        }
    }
}

impl Lane {
    fn of(indexes: Vec<usize>, twins: bool) -> Arc<Self> {
        let jobs = indexes.into_iter().map(|index| Job { index, number: 0, earlier: None }).collect();
        Arc::new(Self { twins, fresh: Mutex::new(jobs), again: Mutex::default() })
    }
}

/// Whether the scenario spends its time waiting for the clock.
pub(super) fn is_clocked(scenario: &Scenario) -> bool {
    scenario.clock_ms() > 0
        || scenario.steps.iter().any(|step| matches!(step, Step::Expect(expect) if expect.window.is_some()))
}

async fn work(shared: Arc<Shared>, lane: Arc<Lane>, repeats: bool) {
    loop {
        if shared.is_stopped() {
            return;
        }
        let job = pop(&lane.fresh).or_else(|| if repeats { pop(&lane.again) } else { None });
        let Some(Job { index, number, earlier }) = job else { return };
        if lane.twins && number == 0 {
            let (first, second) = match tokio::join!(shared.attempt(index, 0, false), shared.attempt(index, 1, false)) {
                (Attempt::Suspect(first), Attempt::Suspect(mut second)) => {
                    second.noticed = first.noticed.or(second.noticed);
                    (Attempt::Suspect(second), Attempt::Interrupted)
                }
                (_, Attempt::Suspect(suspect)) => (Attempt::Suspect(suspect), Attempt::Interrupted),
                attempts => attempts,
            };
            if let Some(job) = follow(&shared, &lane, Job { index, number: 0, earlier }, first) {
                follow(&shared, &lane, job, second).into_iter().for_each(|job| push(&lane.again, job));
            }
        } else {
            let eventually = shared.clears_up && has_to_wait(earlier.as_deref());
            if eventually {
                shared.say_why_it_waits();
            }
            let attempt = shared.attempt(index, number, eventually).await;
            let next = follow(&shared, &lane, Job { index, number, earlier }, attempt);
            next.into_iter().for_each(|job| push(&lane.again, job));
        }
    }
}

/// Draws the consequence of an attempt; returns the job of the next one, if there has to be one.
fn follow(shared: &Shared, lane: &Lane, job: Job, attempt: Attempt) -> Option<Job> {
    let Job { index, number, earlier } = job;
    match attempt {
        Attempt::Done(result) => match settle(earlier, result, shared.clears_up) {
            Settled::Final(result) => shared.finish(result),
            Settled::Again(result) if number + 1 >= MAXIMUM_ATTEMPTS => shared.finish(seen_once(result)),
            Settled::Again(result) => return Some(Job { index, number: number + 1, earlier: Some(result) }),
        },
        Attempt::Suspect(suspect) => shared.suspects().push(suspect),
        // What it came to before is reported as seen once.
        Attempt::Interrupted if earlier.is_some() => push(&lane.again, Job { index, number, earlier }),
        Attempt::Interrupted => {}
    }
    None
}

fn pop(queue: &Mutex<VecDeque<Job>>) -> Option<Job> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
}

fn push(queue: &Mutex<VecDeque<Job>>, job: Job) {
    queue.lock().unwrap_or_else(PoisonError::into_inner).push_back(job);
}
