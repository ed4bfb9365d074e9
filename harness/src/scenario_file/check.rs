//! Whether a scenario from a file can be played at all.

use std::collections::BTreeSet;

use mqttspec_scenarios::model::{JudgedBy, Role, Scenario, Step};

/// Steps of one scenario.
const MAX_STEPS: usize = 20_000;
/// Characters of an id or a connection's name.
const MAX_NAME: usize = 200;
/// Milliseconds that a scenario may wait in all: an hour.
const MAX_WAIT_MS: u64 = 3_600_000;

/// Whether `scenario` can be played.
///
/// # Errors
/// One line that says where it cannot, and what would be right.
pub(super) fn check(scenario: &Scenario) -> Result<(), String> {
    if scenario.role != Role::Broker {
        return Err("scenario.role: this mqttspec plays scenarios with role \"broker\"".to_owned());
    }
    name("scenario.id", &scenario.id)?;
    if scenario.steps.is_empty() || scenario.steps.len() > MAX_STEPS {
        return Err(format!("scenario.steps: {} steps, expected 1 to {MAX_STEPS}", scenario.steps.len()));
    }
    let waits = scenario.steps.iter().filter_map(|step| if let Step::Wait { ms } = step { Some(*ms) } else { None });
    if waits.fold(0, u64::saturating_add) > MAX_WAIT_MS {
        return Err(format!("scenario.steps: they wait for more than {MAX_WAIT_MS} ms in all"));
    }
    let mut known = BTreeSet::new();
    for (at, step) in scenario.steps.iter().enumerate() {
        let place = format!("scenario.steps[{at}]");
        match step {
            Step::Open { connection } => {
                name(&place, connection)?;
                known.insert(connection.as_str());
            }
            Step::Expect(_) | Step::Quiet(_) | Step::Elect(_) if scenario.judged_by == JudgedBy::Monitor => {
                return Err(format!("{place}: \"expect\", \"quiet\" and \"elect\" need \"judged_by\": \"steps\""));
            }
            Step::Elect(elect) => known.extend(elect.others.iter().chain([&elect.chosen]).map(String::as_str)),
            _ => {
                let unopened = connection_of(step).filter(|used| !known.contains(used));
                // Where the monitor judges, a step on a connection that is not there is left out.
                if let (Some(unopened), JudgedBy::Steps) = (unopened, scenario.judged_by) {
                    return Err(format!("{place}: connection {unopened:?} is used before an \"open\" step opens it"));
                }
            }
        }
    }
    Ok(())
}

fn connection_of(step: &Step) -> Option<&str> {
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

fn name(place: &str, name: &str) -> Result<(), String> {
    let odd = |character: char| character.is_whitespace() || character.is_control();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.contains(odd) {
        return Err(format!("{place}: {name:.40?} is no name: expected 1 to {MAX_NAME} characters without blanks"));
    }
    Ok(())
}
