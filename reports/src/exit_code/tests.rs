//! Exit codes, for every combination of what a run can hold.

use super::*;
use crate::model::{Health, Level, ScenarioResult, Verdict};
use crate::samples::{finding, info, run, scenario};

fn one(verdict: Verdict) -> ScenarioResult {
    scenario("v5/a", "a", "3.1 CONNECT", verdict)
}

fn crashed() -> ScenarioResult {
    ScenarioResult { health: Health::Exited { status: Some(0), signal: None }, ..one(Verdict::Pass) }
}

fn deviating() -> ScenarioResult {
    ScenarioResult { findings: vec![finding("S", Level::Should, "m")], ..one(Verdict::Pass) }
}

/// All 2^10 combinations of: a pass, a fail, a crash, an error, an inconclusive, a deviation, a skipped one, a run cut
/// short, and both gating options, against the order the documentation states.
#[test]
fn the_gravest_fact_wins() {
    for bits in 0_u32..1 << 10 {
        let has = |bit: u32| bits & (1 << bit) != 0;
        let parts = [
            (0, one(Verdict::Pass)),
            (1, one(Verdict::Fail)),
            (2, crashed()),
            (3, one(Verdict::Error)),
            (4, one(Verdict::Inconclusive)),
            (5, deviating()),
            (6, one(Verdict::NotApplicable)),
        ];
        let mut run = run(parts.into_iter().filter(|(bit, _)| has(*bit)).map(|(_, result)| result).collect());
        if has(7) {
            run.planned += 1;
            run.interrupted = Some("Ctrl-C".to_owned());
        }
        let options = ExitOptions { fail_on_inconclusive: has(8), fail_on_should: has(9) };
        let expected = if bits & 0b1111_1111 == 0 {
            NOTHING_SELECTED
        } else if has(1) || has(2) || (has(5) && has(9)) {
            UNEXPECTED_FAILURE
        } else if has(3) {
            INTERNAL
        } else if has(7) || (has(4) && has(8)) || !(has(0) || has(5)) {
            INCONCLUSIVE
        } else {
            SUCCESS
        };
        assert_eq!(exit_code(&run, &options), expected, "{bits:010b}");
        if expected != UNEXPECTED_FAILURE {
            // An empty baseline changes nothing.
            let overlay = Overlay::new(&run, &crate::Baseline::default(), &Default::default());
            assert_eq!(exit_code_with_baseline(&run, &overlay, &options), expected, "{bits:010b}");
        }
    }
}

#[test]
fn the_codes_are_those_of_the_design() {
    assert_eq!(
        [SUCCESS, UNEXPECTED_FAILURE, USAGE, UNREACHABLE, NOTHING_SELECTED, STALE_BASELINE, INCONCLUSIVE, INTERNAL],
        [0, 1, 2, 3, 4, 5, 6, 70]
    );
}

#[test]
fn a_run_that_lost_scenarios_without_a_word_is_no_success() {
    let mut run = run(vec![one(Verdict::Pass)]);
    run.planned = 2;
    assert_eq!(exit_code(&run, &ExitOptions::default()), INCONCLUSIVE);
    assert_eq!(exit_code(&Run::new(info(), 3), &ExitOptions::default()), INCONCLUSIVE);
}
