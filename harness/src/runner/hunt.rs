//! Which of the scenarios that were running when the target was lost is the cause? They are played again, one at a time;
//! those that wait for the clock first all together, then by halves.

use std::collections::BTreeMap;
use std::sync::Arc;

use mqttspec_reports::{Health, ScenarioResult, Verdict};
use tokio::task::JoinSet;

use super::attempt::{Attempt, Suspect};
use super::lanes::is_clocked;
use super::settle::{Settled, has_to_wait, seen_once, settle};
use super::shared::Shared;

/// Attempts made by the hunt have numbers of their own, so that their names are unused.
const FIRST_ATTEMPT: u32 = 10;

/// Settles every suspect.
pub(super) async fn hunt(shared: &Arc<Shared>) {
    let suspects = std::mem::take(&mut *shared.suspects());
    let mut incidents: BTreeMap<u64, Vec<Suspect>> = BTreeMap::new();
    for suspect in suspects {
        incidents.entry(suspect.life).or_default().push(suspect);
    }
    for suspects in incidents.into_values() {
        settle_incident(shared, suspects).await;
    }
}

/// Settles the suspects of one loss of the target.
async fn settle_incident(shared: &Arc<Shared>, suspects: Vec<Suspect>) {
    let noticed = suspects.iter().find_map(|suspect| Some((suspect.index, suspect.noticed.clone()?)));
    let count = suspects.len();
    let (clocked, quick): (Vec<_>, Vec<_>) =
        suspects.into_iter().partition(|suspect| is_clocked(&shared.scenarios[suspect.index]));
    let mut results: Vec<(usize, Box<ScenarioResult>)> = Vec::new();
    for suspect in quick {
        results.push((suspect.index, alone(shared, suspect).await));
    }
    results.extend(halves(shared, clocked).await);

    let found = results.iter().any(|(_, result)| !result.health.is_healthy());
    if let (Some((index, health)), false) = (noticed, found || shared.keeper.lost().is_some()) {
        // A crash is never a pass, even when nobody can be made to repeat it.
        if let Some((_, result)) = results.iter_mut().find(|(i, _)| *i == index) {
            result.verdict = Verdict::Fail;
            result.reason = Some(format!(
                "the target did not survive while this and {} other scenarios ran ({health}); none of them repeats it alone",
                count - 1
            ));
            result.health = health;
        }
    }
    for (_, result) in results {
        shared.finish(result);
    }
}

/// Plays a suspect while nothing else runs, until it is settled.
async fn alone(shared: &Arc<Shared>, suspect: Suspect) -> Box<ScenarioResult> {
    let Suspect { index, mut result, .. } = suspect;
    let mut earlier = None;
    for number in 0..3 {
        let eventually = shared.clears_up && has_to_wait(earlier.as_deref());
        match shared.attempt(index, FIRST_ATTEMPT + number, eventually).await {
            Attempt::Done(now) => match settle(earlier, now, shared.clears_up) {
                Settled::Final(result) => return result,
                Settled::Again(result) => earlier = Some(result),
            },
            Attempt::Suspect(Suspect { noticed: Some(health), result, .. }) => return culprit(result, health),
            Attempt::Suspect(_) | Attempt::Interrupted => break,
        }
    }
    if let Some(earlier) = earlier {
        return seen_once(earlier);
    }
    let why = shared.keeper.lost().unwrap_or_else(|| "the run was cut short".to_owned());
    result.verdict = Verdict::Inconclusive;
    result.reason = Some(format!("not decided: {why}"));
    result
}

/// Plays suspects that wait for the clock all at once; only when the target is lost again, each half by itself.
async fn halves(shared: &Arc<Shared>, suspects: Vec<Suspect>) -> Vec<(usize, Box<ScenarioResult>)> {
    let mut results = Vec::new();
    let mut groups = vec![suspects];
    let mut round = 0;
    while let Some(mut group) = groups.pop() {
        if group.len() <= 1 {
            if let Some(suspect) = group.pop() {
                results.push((suspect.index, alone(shared, suspect).await));
            }
            continue;
        }
        round += 1;
        let mut attempts = JoinSet::new();
        for suspect in &group {
            let (shared, index) = (Arc::clone(shared), suspect.index);
            attempts.spawn(async move { (index, shared.attempt(index, FIRST_ATTEMPT + 10 + round, false).await) });
        }
        let mut outcomes = BTreeMap::new();
        while let Some(done) = attempts.join_next().await {
            if let Ok((index, Attempt::Done(result))) = done {
                outcomes.insert(index, result);
            }
        }
        if outcomes.len() == group.len() {
            for suspect in group {
                let Some(result) = outcomes.remove(&suspect.index) else { continue };
                match settle(None, result, shared.clears_up) {
                    Settled::Final(result) => results.push((suspect.index, result)),
                    Settled::Again(_) => results.push((suspect.index, alone(shared, suspect).await)),
                }
            }
        } else {
            let rest = group.split_off(group.len() / 2);
            groups.push(rest);
            groups.push(group);
        }
    }
    results
}

fn culprit(mut result: Box<ScenarioResult>, health: Health) -> Box<ScenarioResult> {
    result.verdict = Verdict::Fail;
    result.reason = Some(format!("the target did not survive: {health}"));
    result.health = health;
    result
}
