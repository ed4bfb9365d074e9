//! Smaller scenarios by leaving steps out.

use std::collections::BTreeMap;

use mqttspec_codec::PacketBuf;
use mqttspec_scenarios::model::{Outgoing, Scenario, Step};

use super::edit::Edit;
use super::{by_connection, connection_of};

/// Without any pause, without any wait, without each wait.
pub(super) fn without_pauses(scenario: &Scenario) -> Vec<Edit> {
    let those = |what: fn(&Step) -> bool| -> Vec<usize> {
        (0..scenario.steps.len()).filter(|at| what(&scenario.steps[*at])).collect()
    };
    let waits = those(|step| matches!(step, Step::Wait { .. }));
    let pauses = those(|step| matches!(step, Step::Wait { .. } | Step::Drain));
    let each: Vec<Vec<usize>> = waits.iter().map(|at| vec![*at]).collect();
    let mut edits = Vec::new();
    for steps in [pauses, waits].into_iter().chain(each) {
        let edit = Edit::without(scenario, steps);
        if !edit.is_empty() && !edits.contains(&edit) {
            edits.push(edit);
        }
    }
    edits
}

/// Without each connection, the one with most steps first.
pub(super) fn without_connections(scenario: &Scenario) -> Vec<Edit> {
    let mut all: Vec<Vec<usize>> = by_connection(scenario).into_values().collect();
    if all.len() < 2 {
        return Vec::new();
    }
    all.sort_by_key(|steps| std::cmp::Reverse(steps.len()));
    all.into_iter().map(|steps| Edit::without(scenario, steps)).collect()
}

/// Without each life of each connection that has several.
pub(super) fn without_lives(scenario: &Scenario) -> Vec<Edit> {
    let mut edits = Vec::new();
    for steps in by_connection(scenario).into_values() {
        let mut lives: Vec<Vec<usize>> = Vec::new();
        for at in steps {
            if lives.is_empty() || matches!(scenario.steps[at], Step::Open { .. }) {
                lives.push(Vec::new());
            }
            lives.last_mut().into_iter().for_each(|life| life.push(at));
        }
        if lives.len() > 1 {
            edits.extend(lives.into_iter().map(|life| Edit::without(scenario, life)));
        }
    }
    edits
}

/// Without each stretch of `size` consecutive steps, the last stretch first: what comes late depends on what was before.
pub(super) fn without_chunks(scenario: &Scenario, size: usize) -> Vec<Edit> {
    let count = scenario.steps.len();
    (0..count)
        .step_by(size.max(1))
        .rev()
        .map(|start| Edit::without(scenario, start..(start + size).min(count)))
        .filter(|edit| !edit.is_empty())
        .collect()
}

/// Without each pair of steps.
pub(super) fn without_pairs(scenario: &Scenario) -> Vec<Edit> {
    let count = scenario.steps.len();
    (0..count).flat_map(|a| (a + 2..count).map(move |b| [a, b])).map(|pair| Edit::without(scenario, pair)).collect()
}

/// One connection does what another did: each ordered pair of connections, without the opening, the CONNECT and the end of
/// the second.
pub(super) fn merged_connections(scenario: &Scenario) -> Vec<Edit> {
    let connections: BTreeMap<&String, Vec<usize>> = by_connection(scenario);
    let mut edits = Vec::new();
    for (gone, steps) in &connections {
        for stays in connections.keys().filter(|stays| *stays != gone) {
            let mut edit = Edit::default();
            for at in steps {
                let step = &scenario.steps[*at];
                edit = edit.and_replace(
                    *at,
                    if is_about_the_connection(step) { Vec::new() } else { vec![moved(step, stays)] },
                );
            }
            edits.push(edit);
        }
    }
    edits
}

fn is_about_the_connection(step: &Step) -> bool {
    match step {
        Step::Open { .. } | Step::Close { .. } | Step::Answering { .. } => true,
        Step::Send { outgoing: Outgoing::Packet(packet), .. } => {
            matches!(packet, PacketBuf::Connect(_) | PacketBuf::Disconnect(_))
        }
        _ => false,
    }
}

/// The same step on another connection.
fn moved(step: &Step, to: &str) -> Step {
    let mut step = step.clone();
    match &mut step {
        Step::Open { connection }
        | Step::Send { connection, .. }
        | Step::Fence { connection, .. }
        | Step::Close { connection, .. }
        | Step::Answering { connection, .. }
        | Step::Acknowledge { connection, .. }
        | Step::Resend { connection }
        | Step::Await { connection } => to.clone_into(connection),
        Step::Expect(expect) => to.clone_into(&mut expect.connection),
        Step::Quiet(quiet) => to.clone_into(&mut quiet.connection),
        Step::Elect(_) | Step::Drain | Step::Wait { .. } => {}
    }
    debug_assert!(connection_of(&step).is_none_or(|name| name == to));
    step
}
