//! What several attempts at one scenario amount to. A failure is reported only when it was seen twice.

use std::collections::BTreeSet;

use mqttspec_reports::{Level, ScenarioResult, Verdict};

/// What follows from an attempt.
#[derive(Debug)]
pub(super) enum Settled {
    /// This is the result.
    Final(Box<ScenarioResult>),
    /// Try again, and judge with this attempt in mind.
    Again(Box<ScenarioResult>),
}

/// Judges an attempt in the light of the one before it.
pub(super) fn settle(earlier: Option<Box<ScenarioResult>>, mut now: Box<ScenarioResult>) -> Settled {
    use Verdict::{Fail, Inconclusive};
    let Some(mut earlier) = earlier else {
        let again = matches!(now.verdict, Fail | Inconclusive) && now.health.is_healthy();
        return if again { Settled::Again(now) } else { Settled::Final(now) };
    };
    match (earlier.verdict, now.verdict) {
        (Fail, Fail) => {
            let (before, after) = (broken(&earlier), broken(&now));
            if before == after {
                return Settled::Final(now);
            }
            let both: BTreeSet<_> = before.intersection(&after).cloned().collect();
            if both.is_empty() {
                return Settled::Final(flaky(earlier, "another failure"));
            }
            // What was seen once only is not held against the target.
            now.findings.retain(|finding| finding.level != Level::Must || both.contains(&finding.statement));
            Settled::Final(now)
        }
        (Fail, other) => Settled::Final(flaky(earlier, other.as_str())),
        (Inconclusive, Fail) => Settled::Again(now),
        (_, Inconclusive) if earlier.reason.is_some() && now.reason.is_none() => {
            now.reason = earlier.reason.take();
            Settled::Final(now)
        }
        _ => Settled::Final(now),
    }
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
        Some(finding) => format!("{}: {}", finding.statement, finding.message),
        None => failed.reason.clone().unwrap_or_else(|| "no finding".to_owned()),
    }
}

fn broken(result: &ScenarioResult) -> BTreeSet<String> {
    let must = result.findings.iter().filter(|finding| finding.level == Level::Must);
    must.map(|finding| finding.statement.clone()).collect()
}

#[cfg(test)]
mod tests {
    use mqttspec_reports::Finding;

    use super::*;

    fn result(verdict: Verdict, statements: &[&str]) -> Box<ScenarioResult> {
        let mut result = ScenarioResult::new("v5/x/y", "t");
        result.verdict = verdict;
        result.findings = statements
            .iter()
            .map(|statement| Finding {
                statement: (*statement).to_owned(),
                section: "1".to_owned(),
                level: Level::Must,
                requirement: "r".to_owned(),
                message: "m".to_owned(),
                sent: None,
                accepted: Vec::new(),
                observed: "o".to_owned(),
                events: Vec::new(),
                knock_on: false,
            })
            .collect();
        Box::new(result)
    }

    fn finally(earlier: Box<ScenarioResult>, now: Box<ScenarioResult>) -> Box<ScenarioResult> {
        match settle(Some(earlier), now) {
            Settled::Final(result) => result,
            Settled::Again(result) => panic!("again: {result:?}"),
        }
    }

    #[test]
    fn a_pass_is_believed_at_once_and_a_failure_the_second_time() {
        assert!(matches!(settle(None, result(Verdict::Pass, &[])), Settled::Final(_)));
        assert!(matches!(settle(None, result(Verdict::NotApplicable, &[])), Settled::Final(_)));
        assert!(matches!(settle(None, result(Verdict::Fail, &["A"])), Settled::Again(_)));
        assert!(matches!(settle(None, result(Verdict::Inconclusive, &[])), Settled::Again(_)));
        let twice = finally(result(Verdict::Fail, &["A"]), result(Verdict::Fail, &["A"]));
        assert_eq!((twice.verdict, twice.findings.len()), (Verdict::Fail, 1));
    }

    #[test]
    fn only_what_was_seen_twice_is_held_against_the_target() {
        let twice = finally(result(Verdict::Fail, &["A", "B"]), result(Verdict::Fail, &["B", "C"]));
        assert_eq!(twice.verdict, Verdict::Fail);
        assert_eq!(broken(&twice), BTreeSet::from(["B".to_owned()]));
        let never = finally(result(Verdict::Fail, &["A"]), result(Verdict::Fail, &["C"]));
        assert_eq!(never.verdict, Verdict::Inconclusive);
        let flaky = finally(result(Verdict::Fail, &["A"]), result(Verdict::Pass, &[]));
        assert_eq!(flaky.verdict, Verdict::Inconclusive);
        assert_eq!(flaky.reason.as_deref(), Some("flaky: fail (A: m), then pass when run again"));
    }

    #[test]
    fn a_failure_after_an_inconclusive_attempt_is_repeated_as_well() {
        assert!(matches!(
            settle(Some(result(Verdict::Inconclusive, &[])), result(Verdict::Fail, &["A"])),
            Settled::Again(_)
        ));
        assert_eq!(finally(result(Verdict::Inconclusive, &[]), result(Verdict::Pass, &[])).verdict, Verdict::Pass);
    }

    #[test]
    fn a_failure_that_could_not_be_repeated_is_no_verdict() {
        let once = seen_once(result(Verdict::Fail, &["A"]));
        assert_eq!(once.verdict, Verdict::Inconclusive);
        assert!(once.reason.unwrap().contains("A: m"));
    }
}
