//! Makes a scenario as small as it can be while it still shows the same deviation: delta debugging over its steps, then
//! over what is left of their packets.
//!
//! The shrinker plays nothing itself. It hands out a wave of candidates, is told which of them still show the deviation,
//! and goes on from there; the same answers always lead to the same result.

mod edit;
mod packets;
mod steps;
mod whole;

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use mqttspec_scenarios::model::{Outgoing, Scenario, Step};

use edit::Edit;
use whole::is_whole;

/// Scenarios of at most this many steps are also tried without every pair of steps.
const PAIRS_UP_TO: usize = 16;

/// A scenario on its way to being minimal.
#[derive(Debug)]
pub struct Shrinker {
    /// The smallest that shows the deviation, as of the beginning of this sweep.
    base: Scenario,
    /// What has been changed in `base` since.
    accepted: Edit,
    /// The changes of this sweep that are still to be tried.
    queue: VecDeque<Edit>,
    /// What was handed out and waits for an answer.
    wave: Vec<Edit>,
    /// Several changes were good each for itself; the wave tries them all together.
    together: Vec<Edit>,
    plan: VecDeque<Pass>,
    /// Whether this round has brought anything.
    progress: bool,
    first_round: bool,
    /// Whether the scenario makes sense in the way that is asked of every candidate.
    whole: bool,
    seen: HashSet<u64>,
    runs: usize,
    budget: usize,
}

/// One way of making a scenario smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pass {
    /// Without waits, and without settling on the way: every later run is the quicker for it.
    Pauses,
    /// Without a connection and all its lives.
    Connections,
    /// Without one life of a connection, from its opening to the next.
    Lives,
    /// Without this many consecutive steps.
    Chunks(usize),
    /// What one connection does is done by another that is there anyway.
    Merge,
    /// Simpler packets, shorter waits.
    Packets,
    /// Simpler topics and filters.
    Topics,
    /// Without any two steps.
    Pairs,
}

impl Shrinker {
    /// A shrinker that asks for at most `budget` re-runs. `scenario` has been seen to show the deviation.
    #[must_use]
    pub fn new(scenario: Scenario, budget: usize) -> Self {
        let mut shrinker = Self {
            whole: is_whole(&scenario),
            seen: HashSet::from([fingerprint(&scenario)]),
            base: scenario,
            accepted: Edit::default(),
            queue: VecDeque::new(),
            wave: Vec::new(),
            together: Vec::new(),
            plan: VecDeque::new(),
            progress: false,
            first_round: true,
            runs: 0,
            budget,
        };
        shrinker.plan = shrinker.round();
        shrinker
    }

    /// The next candidates, at most `width` of them; [`Shrinker::answer`] is due for all at once. Empty at the end.
    pub fn next_wave(&mut self, width: usize) -> Vec<Scenario> {
        if !self.together.is_empty() {
            let union = self.union_of(&self.together.clone());
            let candidate = union.apply(&self.base);
            self.seen.insert(fingerprint(&candidate));
            self.runs += 1;
            return vec![candidate];
        }
        self.wave.clear();
        let mut candidates = Vec::new();
        let room = width.min(self.budget.saturating_sub(self.runs));
        while candidates.len() < room {
            let Some(edit) = self.queue.pop_front() else {
                // A wave is not stretched over two sweeps: they start from different scenarios.
                if !candidates.is_empty() || !self.next_sweep() {
                    break;
                }
                continue;
            };
            let Some(change) = self.accepted.merged(&edit) else { continue };
            let candidate = change.apply(&self.base);
            if (!self.whole || is_whole(&candidate)) && self.seen.insert(fingerprint(&candidate)) {
                self.wave.push(edit);
                candidates.push(candidate);
            }
        }
        self.runs += candidates.len();
        candidates
    }

    /// Takes in, for each candidate of the last wave, whether it still shows the deviation.
    pub fn answer(&mut self, still: &[bool]) {
        if !self.together.is_empty() {
            let edits = std::mem::take(&mut self.together);
            if still.first() == Some(&true) {
                self.accepted = self.union_of(&edits);
            } else {
                // The first alone is known to be good; the others are tried again on top of it.
                let mut edits = edits.into_iter();
                self.accept(edits.next());
                for edit in edits.rev() {
                    self.queue.push_front(edit);
                }
            }
            return;
        }
        let wave = std::mem::take(&mut self.wave);
        let mut good: Vec<Edit> =
            wave.into_iter().zip(still).filter(|(_, still)| **still).map(|(edit, _)| edit).collect();
        self.progress |= !good.is_empty();
        if good.len() <= 1 || self.runs >= self.budget {
            good.truncate(1);
            self.accept(good.pop());
        } else {
            self.together = good;
        }
    }

    /// The smallest scenario so far that shows the deviation.
    #[must_use]
    pub fn best(&self) -> Scenario {
        self.accepted.apply(&self.base)
    }

    /// Re-runs asked for so far.
    #[must_use]
    pub const fn runs(&self) -> usize {
        self.runs
    }

    fn accept(&mut self, edit: Option<Edit>) {
        if let Some(change) = edit.and_then(|edit| self.accepted.merged(&edit)) {
            self.accepted = change;
        }
    }

    /// Everything accepted and as many of `edits` as go together.
    fn union_of(&self, edits: &[Edit]) -> Edit {
        edits.iter().fold(self.accepted.clone(), |all, edit| all.merged(edit).unwrap_or(all))
    }

    /// Starts from what has been reached, with the next pass. `false` when there is nothing left to try.
    fn next_sweep(&mut self) -> bool {
        if !self.accepted.is_empty() {
            self.base = self.accepted.apply(&self.base);
            self.accepted = Edit::default();
        }
        loop {
            let Some(pass) = self.plan.pop_front() else {
                if !std::mem::take(&mut self.progress) {
                    return false;
                }
                self.first_round = false;
                self.plan = self.round();
                continue;
            };
            self.queue = self.edits(pass).into();
            if !self.queue.is_empty() {
                return true;
            }
        }
    }

    /// The passes of the next round: the coarse ones first.
    fn round(&self) -> VecDeque<Pass> {
        let count = self.base.steps.len();
        let mut plan = VecDeque::from([Pass::Pauses, Pass::Connections, Pass::Lives]);
        let mut size = if self.first_round { count / 2 } else { (count / 4).min(4) };
        while size > 1 {
            plan.push_back(Pass::Chunks(size));
            size /= 2;
        }
        plan.extend([Pass::Chunks(1), Pass::Merge, Pass::Packets, Pass::Topics]);
        if !self.first_round {
            plan.push_back(Pass::Pairs);
        }
        plan
    }

    fn edits(&self, pass: Pass) -> Vec<Edit> {
        match pass {
            Pass::Pauses => steps::without_pauses(&self.base),
            Pass::Connections => steps::without_connections(&self.base),
            Pass::Lives => steps::without_lives(&self.base),
            Pass::Chunks(size) => steps::without_chunks(&self.base, size),
            Pass::Merge => steps::merged_connections(&self.base),
            Pass::Packets => packets::simpler_steps(&self.base),
            Pass::Topics => packets::simpler_topics(&self.base),
            Pass::Pairs if self.base.steps.len() <= PAIRS_UP_TO => steps::without_pairs(&self.base),
            Pass::Pairs => Vec::new(),
        }
    }
}

/// What a reader of the scenario has to follow: packets sent, connections ended, waits. Opening a connection, waiting for
/// an answer and the final settling go without saying.
#[must_use]
pub fn events(scenario: &Scenario) -> usize {
    scenario
        .steps
        .iter()
        .map(|step| match step {
            Step::Send { outgoing: Outgoing::Together(all), .. } => all.len(),
            Step::Open { .. } | Step::Await { .. } | Step::Answering { .. } | Step::Drain => 0,
            _ => 1,
        })
        .sum()
}

fn fingerprint(scenario: &Scenario) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{:?}", scenario.steps).hash(&mut hasher);
    hasher.finish()
}

/// The connection a step is about.
pub(super) fn connection_of(step: &Step) -> Option<&String> {
    match step {
        Step::Open { connection }
        | Step::Send { connection, .. }
        | Step::Fence { connection, .. }
        | Step::Close { connection, .. }
        | Step::Answering { connection, .. }
        | Step::Acknowledge { connection, .. }
        | Step::Resend { connection }
        | Step::Await { connection } => Some(connection),
        Step::Expect(expect) => Some(&expect.connection),
        Step::Quiet(quiet) => Some(&quiet.connection),
        Step::Elect(_) | Step::Drain | Step::Wait { .. } => None,
    }
}

/// The steps of each connection, by its name.
fn by_connection(scenario: &Scenario) -> BTreeMap<&String, Vec<usize>> {
    let mut map: BTreeMap<&String, Vec<usize>> = BTreeMap::new();
    for (at, step) in scenario.steps.iter().enumerate() {
        if let Some(connection) = connection_of(step) {
            map.entry(connection).or_default().push(at);
        }
    }
    map
}

#[cfg(test)]
pub(super) mod tests;
