//! Overlay rows, one test per way a run and a baseline can relate.

use std::collections::BTreeSet;

use super::*;
use crate::exit_code::{self, ExitOptions, exit_code_with_baseline};
use crate::model::Run;
use crate::samples::{because, finding, mixed, run, scenario};

const ID: &str = "v5/publish/a";

fn result(verdict: Verdict, findings: &[(&str, Level)]) -> ScenarioResult {
    ScenarioResult {
        findings: findings.iter().map(|(statement, level)| finding(statement, *level, "wrong")).collect(),
        ..scenario(ID, "title", "3.3 PUBLISH", verdict)
    }
}

fn known(kind: Kind, statement: Option<&str>) -> KnownDeviation {
    KnownDeviation {
        scenario: ID.to_owned(),
        statement: statement.map(str::to_owned),
        kind,
        reason: "adjudicated".to_owned(),
        flaky: false,
        line: 3,
    }
}

fn overlay(results: Vec<ScenarioResult>, deviations: Vec<KnownDeviation>) -> (Run, Overlay) {
    let run = run(results);
    let baseline = Baseline { target: "B".to_owned(), deviations };
    let known = BTreeSet::from([ID.to_owned(), "v5/not/selected".to_owned()]);
    let overlay = Overlay::new(&run, &baseline, &known);
    (run, overlay)
}

#[track_caller]
fn check(results: Vec<ScenarioResult>, deviations: Vec<KnownDeviation>, statuses: &[Status], exit: u8) -> Overlay {
    let (run, overlay) = overlay(results, deviations);
    assert_eq!(overlay.rows.iter().map(|row| row.status).collect::<Vec<_>>(), statuses);
    assert_eq!(exit_code_with_baseline(&run, &overlay, &ExitOptions::default()), exit);
    overlay
}

fn fails() -> ScenarioResult {
    result(Verdict::Fail, &[("S1", Level::Must)])
}

fn crashes(verdict: Verdict) -> ScenarioResult {
    ScenarioResult { health: Health::Refused, ..result(verdict, &[]) }
}

#[test]
fn what_is_listed_and_seen_is_expected() {
    let overlay = check(vec![fails()], vec![known(Kind::Fail, Some("S1"))], &[Status::Expected], exit_code::SUCCESS);
    assert!(overlay.is_expected(ID));
    assert_eq!(overlay.reasons(ID).collect::<Vec<_>>(), ["adjudicated"]);
    check(vec![crashes(Verdict::Pass)], vec![known(Kind::Crash, None)], &[Status::Expected], exit_code::SUCCESS);
    let bare = because("it refuses", result(Verdict::Fail, &[]));
    check(vec![bare], vec![known(Kind::Fail, None)], &[Status::Expected], exit_code::SUCCESS);
}

#[test]
fn what_is_seen_and_not_listed_is_unexpected() {
    let overlay = check(vec![fails()], vec![], &[Status::UnexpectedFail], exit_code::UNEXPECTED_FAILURE);
    assert!(!overlay.is_expected(ID));
    check(vec![crashes(Verdict::Pass)], vec![], &[Status::UnexpectedFail], exit_code::UNEXPECTED_FAILURE);
    let bare = because("it refuses", result(Verdict::Fail, &[]));
    let overlay = check(vec![bare], vec![], &[Status::UnexpectedFail], exit_code::UNEXPECTED_FAILURE);
    assert_eq!((overlay.rows[0].statement.as_ref(), overlay.rows[0].message.as_str()), (None, "it refuses"));
}

#[test]
fn another_statement_or_kind_of_the_same_scenario_is_not_covered() {
    let two = result(Verdict::Fail, &[("S1", Level::Must), ("S2", Level::Must)]);
    check(
        vec![two],
        vec![known(Kind::Fail, Some("S1"))],
        &[Status::UnexpectedFail, Status::Expected],
        exit_code::UNEXPECTED_FAILURE,
    );
    check(
        vec![fails()],
        vec![known(Kind::Fail, Some("S2"))],
        &[Status::UnexpectedFail, Status::UnexpectedPass],
        exit_code::UNEXPECTED_FAILURE,
    );
    // A known failure does not excuse a crash.
    let dead = ScenarioResult { health: Health::Unresponsive, ..fails() };
    check(
        vec![dead],
        vec![known(Kind::Fail, Some("S1"))],
        &[Status::UnexpectedFail, Status::Expected],
        exit_code::UNEXPECTED_FAILURE,
    );
}

#[test]
fn what_is_listed_and_passes_is_an_unexpected_pass() {
    let passes = result(Verdict::Pass, &[]);
    let overlay =
        check(vec![passes], vec![known(Kind::Fail, Some("S1"))], &[Status::UnexpectedPass], exit_code::STALE_BASELINE);
    assert_eq!(overlay.rows[0].line, Some(3));
    check(
        vec![fails()],
        vec![known(Kind::Fail, Some("S1")), known(Kind::Fail, Some("S2"))],
        &[Status::UnexpectedPass, Status::Expected],
        exit_code::STALE_BASELINE,
    );
}

#[test]
fn an_entry_is_stale_only_when_its_scenario_is_gone_or_no_longer_applies() {
    let gone = KnownDeviation { scenario: "v5/gone".to_owned(), ..known(Kind::Fail, Some("S1")) };
    let skipped = KnownDeviation { scenario: "v5/not/selected".to_owned(), ..known(Kind::Fail, Some("S1")) };
    let pass = || result(Verdict::Pass, &[]);
    check(vec![pass()], vec![gone], &[Status::Stale], exit_code::STALE_BASELINE);
    check(vec![pass()], vec![skipped], &[], exit_code::SUCCESS);
    let absent = because("no shared subscriptions", result(Verdict::NotApplicable, &[]));
    check(vec![absent], vec![known(Kind::Fail, Some("S1"))], &[Status::Stale], exit_code::STALE_BASELINE);
}

#[test]
fn without_a_judgement_nothing_is_concluded() {
    for (verdict, exit) in [
        (Verdict::Inconclusive, exit_code::INCONCLUSIVE),
        (Verdict::Disabled, exit_code::INCONCLUSIVE),
        (Verdict::Error, exit_code::INTERNAL),
    ] {
        check(vec![result(verdict, &[])], vec![known(Kind::Fail, Some("S1"))], &[Status::NotJudged], exit);
    }
    // A crash hides what would have been seen.
    check(
        vec![crashes(Verdict::Pass)],
        vec![known(Kind::Fail, Some("S1"))],
        &[Status::UnexpectedFail, Status::NotJudged],
        exit_code::UNEXPECTED_FAILURE,
    );
}

#[test]
fn a_flaky_entry_may_show_or_not() {
    let flaky = || KnownDeviation { flaky: true, ..known(Kind::Fail, Some("S1")) };
    check(vec![fails()], vec![flaky()], &[Status::Flaky], exit_code::SUCCESS);
    check(vec![result(Verdict::Pass, &[])], vec![flaky()], &[Status::Flaky], exit_code::SUCCESS);
    // Two runs of one scenario that disagree are flaky without being told.
    let known = known(Kind::Fail, Some("S1"));
    check(vec![fails(), result(Verdict::Pass, &[])], vec![known], &[Status::Flaky], exit_code::SUCCESS);
}

#[test]
fn a_should_is_new_and_gates_only_when_asked() {
    let deviates = || result(Verdict::Pass, &[("S1", Level::Should)]);
    check(vec![deviates()], vec![], &[Status::New], exit_code::SUCCESS);
    check(vec![deviates()], vec![known(Kind::Deviation, Some("S1"))], &[Status::Expected], exit_code::SUCCESS);
    check(
        vec![result(Verdict::Pass, &[])],
        vec![known(Kind::Deviation, Some("S1"))],
        &[Status::UnexpectedPass],
        exit_code::STALE_BASELINE,
    );
    let (run, overlay) = overlay(vec![deviates()], vec![]);
    let strict = ExitOptions { fail_on_should: true, ..ExitOptions::default() };
    assert_eq!(exit_code_with_baseline(&run, &overlay, &strict), exit_code::UNEXPECTED_FAILURE);
    // A permitted choice is never a deviation.
    check(vec![result(Verdict::Pass, &[("S1", Level::May)])], vec![], &[], exit_code::SUCCESS);
}

#[test]
fn a_verdict_of_fail_over_a_should_gates() {
    let failed = result(Verdict::Fail, &[("S1", Level::Should)]);
    check(vec![failed], vec![], &[Status::UnexpectedFail], exit_code::UNEXPECTED_FAILURE);
}

#[test]
fn knock_on_effects_are_listed_only_without_a_cause() {
    let mut both = result(Verdict::Fail, &[("S1", Level::Must), ("S2", Level::Must)]);
    both.findings[1].knock_on = true;
    check(vec![both.clone()], vec![known(Kind::Fail, Some("S1"))], &[Status::Expected], exit_code::SUCCESS);
    both.findings.remove(0);
    check(vec![both], vec![known(Kind::Fail, Some("S2"))], &[Status::Expected], exit_code::SUCCESS);
}

#[test]
fn a_written_baseline_expects_exactly_the_run_it_was_made_from() {
    let mut run = mixed();
    run.results[1].findings[0].message = "quoted \" \\ and\nbroken \u{1b}[31m".to_owned();
    let written = write_baseline(&run);
    let baseline = Baseline::parse("b.toml", &written).unwrap();
    let known = run.results.iter().map(|result| result.id.clone()).collect();
    let overlay = Overlay::new(&run, &baseline, &known);
    assert!(overlay.rows.iter().all(|row| row.status == Status::Expected), "{overlay:#?}");
    assert_eq!((overlay.rows.len(), overlay.unadjudicated()), (4, 4));
    assert_eq!(exit_code_with_baseline(&run, &overlay, &ExitOptions::default()), exit_code::SUCCESS);
    insta::assert_snapshot!("written_baseline", write_baseline(&mixed()));
}

#[test]
fn a_written_baseline_accepts_no_crash_by_itself() {
    let run = crate::samples::crash();
    let baseline = Baseline::parse("b.toml", &write_baseline(&run)).unwrap();
    let known = run.results.iter().map(|result| result.id.clone()).collect();
    assert_eq!(Overlay::new(&run, &baseline, &known).count(Status::UnexpectedFail), 2);
    // Uncommented, it is valid and covers them.
    let accepted = write_baseline(&run).replace("# [[", "[[").replace("# scenario", "scenario");
    let accepted = accepted.replace("# verdict", "verdict").replace("# reason", "reason");
    let baseline = Baseline::parse("b.toml", &accepted).unwrap();
    assert_eq!(Overlay::new(&run, &baseline, &known).count(Status::Expected), 2);
}
