//! What several attempts at one scenario amount to. Nothing is held against a target that was seen only once.

use std::collections::BTreeSet;

use mqttspec_reports::{Finding, Level, ScenarioResult, Verdict};

/// What follows from an attempt.
#[derive(Debug)]
pub(super) enum Settled {
    /// This is the result.
    Final(Box<ScenarioResult>),
    /// Try again, and judge with this attempt in mind.
    Again(Box<ScenarioResult>),
}

/// Judges an attempt in the light of the one before it. Who `clears_up` what an attempt suspects plays the scenario again,
/// with the patience that it takes.
pub(super) fn settle(earlier: Option<Box<ScenarioResult>>, mut now: Box<ScenarioResult>, clears_up: bool) -> Settled {
    use Verdict::{Fail, Inconclusive};
    if clears_up && now.verdict != Fail && !now.suspicions.is_empty() && now.health.is_healthy() {
        return Settled::Again(now);
    }
    let Some(earlier) = earlier else {
        let clean = !matches!(now.verdict, Fail | Inconclusive) && now.findings.is_empty();
        return if clean || !now.health.is_healthy() { Settled::Final(now) } else { Settled::Again(now) };
    };
    // What was suspected and then waited for in vain has been seen twice.
    let suspected = if clears_up { levelled(&earlier.suspicions, Level::Must) } else { BTreeSet::new() };
    let must: BTreeSet<String> = broken(&earlier, Level::Must).union(&suspected).cloned().collect();
    match (earlier.verdict, now.verdict) {
        (_, Fail) if !suspected.is_disjoint(&broken(&now, Level::Must)) => {}
        (Fail, Fail) if !must.is_empty() && must.is_disjoint(&broken(&now, Level::Must)) => {
            return Settled::Final(flaky(earlier, "another failure"));
        }
        (Fail, Fail) => {}
        (Fail, other) => return Settled::Final(flaky(earlier, other.as_str())),
        (_, Fail) => return Settled::Again(now),
        _ => {}
    }
    let should = broken(&earlier, Level::Should);
    now.findings.retain(|finding| match finding.level {
        Level::Must => must.is_empty() || must.contains(&finding.cited()),
        Level::Should => should.contains(&finding.cited()),
        Level::May => true,
    });
    Settled::Final(now)
}

/// Whether the attempt after `earlier` has to wait in full for what is to be sent again. What has failed anyway does not.
pub(super) fn has_to_wait(earlier: Option<&ScenarioResult>) -> bool {
    earlier.is_some_and(|earlier| !earlier.suspicions.is_empty() && earlier.verdict != Verdict::Fail)
}

/// The result of a scenario that failed once when there was no time left to repeat it.
pub(super) fn seen_once(mut result: Box<ScenarioResult>) -> Box<ScenarioResult> {
    if result.verdict == Verdict::Fail {
        result.verdict = Verdict::Inconclusive;
        result.reason =
            Some(format!("failed once ({}), but the run was cut short before it could be repeated", what(&result)));
    }
    result
}

fn flaky(mut failed: Box<ScenarioResult>, then: &str) -> Box<ScenarioResult> {
    failed.verdict = Verdict::Inconclusive;
    failed.reason = Some(format!("flaky: fail ({}), then {then} when run again", what(&failed)));
    failed
}

fn what(failed: &ScenarioResult) -> String {
    let cause = failed.findings.iter().find(|finding| finding.level == Level::Must && !finding.knock_on);
    match cause.or(failed.findings.first()) {
        Some(finding) => format!("{}: {}", finding.cited(), finding.message),
        None => failed.reason.clone().unwrap_or_else(|| "no finding".to_owned()),
    }
}

/// What was broken, of those sentences that bind at `level`.
fn broken(result: &ScenarioResult, level: Level) -> BTreeSet<String> {
    levelled(&result.findings, level)
}

fn levelled(findings: &[Finding], level: Level) -> BTreeSet<String> {
    findings.iter().filter(|finding| finding.level == level).map(Finding::cited).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(verdict: Verdict, must: &[&str], should: &[&str]) -> Box<ScenarioResult> {
        let mut result = ScenarioResult::new("v5/x/y", "t");
        result.verdict = verdict;
        let finding = |level: Level| {
            move |statement: &&str| Finding {
                statement: (*statement).to_owned(),
                section: "1".to_owned(),
                version: String::new(),
                level,
                requirement: "r".to_owned(),
                message: "m".to_owned(),
                sent: None,
                accepted: Vec::new(),
                observed: "o".to_owned(),
                events: Vec::new(),
                knock_on: false,
            }
        };
        result.findings =
            must.iter().map(finding(Level::Must)).chain(should.iter().map(finding(Level::Should))).collect();
        Box::new(result)
    }

    fn fail(must: &[&str]) -> Box<ScenarioResult> {
        result(Verdict::Fail, must, &[])
    }

    fn pass(should: &[&str]) -> Box<ScenarioResult> {
        result(Verdict::Pass, &[], should)
    }

    fn finally(earlier: Box<ScenarioResult>, now: Box<ScenarioResult>) -> Box<ScenarioResult> {
        match settle(Some(earlier), now, true) {
            Settled::Final(result) => result,
            Settled::Again(result) => panic!("again: {result:?}"),
        }
    }

    #[test]
    fn a_clean_pass_is_believed_at_once_and_everything_else_the_second_time() {
        assert!(matches!(settle(None, pass(&[]), true), Settled::Final(_)));
        assert!(matches!(settle(None, result(Verdict::NotApplicable, &[], &[]), true), Settled::Final(_)));
        assert!(matches!(settle(None, fail(&["A"]), true), Settled::Again(_)));
        assert!(matches!(settle(None, pass(&["S"]), true), Settled::Again(_)));
        assert!(matches!(settle(None, result(Verdict::Inconclusive, &[], &[]), true), Settled::Again(_)));
        let twice = finally(fail(&["A"]), fail(&["A"]));
        assert_eq!((twice.verdict, twice.findings.len()), (Verdict::Fail, 1));
    }

    #[test]
    fn only_what_was_seen_twice_is_held_against_the_target() {
        let twice = finally(fail(&["A", "B"]), fail(&["B", "C"]));
        assert_eq!(twice.verdict, Verdict::Fail);
        assert_eq!(broken(&twice, Level::Must), BTreeSet::from(["B".to_owned()]));
        assert_eq!(finally(fail(&["A"]), fail(&["C"])).verdict, Verdict::Inconclusive);
        let flaky = finally(fail(&["A"]), pass(&[]));
        assert_eq!(flaky.verdict, Verdict::Inconclusive);
        assert_eq!(flaky.reason.as_deref(), Some("flaky: fail (A: m), then pass when run again"));
    }

    #[test]
    fn deviations_are_repeated_as_well() {
        assert_eq!(finally(pass(&["S"]), pass(&["S"])).findings.len(), 1);
        assert_eq!(finally(pass(&["S"]), pass(&[])).findings, []);
        assert_eq!(finally(pass(&["S"]), pass(&["T"])).findings, []);
    }

    #[test]
    fn a_failure_after_another_outcome_is_repeated_as_well() {
        let inconclusive = || result(Verdict::Inconclusive, &[], &[]);
        assert!(matches!(settle(Some(inconclusive()), fail(&["A"]), true), Settled::Again(_)));
        assert!(matches!(settle(Some(pass(&["S"])), fail(&["A"]), true), Settled::Again(_)));
        assert_eq!(finally(inconclusive(), pass(&[])).verdict, Verdict::Pass);
    }

    #[test]
    fn a_failure_that_could_not_be_repeated_is_no_verdict() {
        let once = seen_once(fail(&["A"]));
        assert_eq!(once.verdict, Verdict::Inconclusive);
        assert!(once.reason.unwrap().contains("A: m"));
    }

    fn suspecting(mut result: Box<ScenarioResult>, must: &[&str]) -> Box<ScenarioResult> {
        result.suspicions = fail(must).findings;
        result
    }

    #[test]
    fn what_was_suspected_and_waited_for_in_vain_was_seen_twice() {
        let open = || suspecting(pass(&[]), &["A"]);
        assert!(matches!(settle(None, open(), true), Settled::Again(_)));
        assert!(matches!(settle(None, open(), false), Settled::Final(_)), "left to somebody else");
        let twice = finally(open(), fail(&["A", "B"]));
        assert_eq!((twice.verdict, broken(&twice, Level::Must)), (Verdict::Fail, BTreeSet::from(["A".to_owned()])));
        let late = finally(suspecting(result(Verdict::Inconclusive, &[], &[]), &["A"]), pass(&[]));
        assert_eq!(late.verdict, Verdict::Pass);
        assert!(matches!(settle(Some(open()), fail(&["C"]), true), Settled::Again(_)));
        // Not cleared up yet: nobody has waited.
        assert!(matches!(settle(Some(open()), open(), true), Settled::Again(_)));
    }
}
