//! The file other tools read: its shape, what counts as what, and that no target can break it.

use std::collections::BTreeSet;

use super::*;
use crate::baseline::{Baseline, Overlay, write_baseline};
use crate::samples;

/// `(tests, skipped, failures, errors)` of the whole file, as its reader counts them.
fn counts(xml: &str) -> (usize, usize, usize, usize) {
    let report = Report::deserialize_from_str(xml).unwrap();
    let sum = |count: fn(&TestSuite) -> usize| report.test_suites.iter().map(count).sum();
    (sum(|suite| suite.tests), sum(|suite| suite.skipped), sum(|suite| suite.failures), sum(|suite| suite.errors))
}

#[test]
fn a_mixed_run() {
    let xml = to_junit(&samples::mixed(), None).unwrap();
    // Skipped: one deviation, three not applicable, one disabled, one inconclusive.
    assert_eq!(counts(&xml), (10, 6, 2, 0));
    insta::assert_snapshot!(xml);
}

#[test]
fn a_crash_is_a_failure_whatever_the_verdict() {
    let xml = to_junit(&samples::crash(), None).unwrap();
    assert_eq!(counts(&xml), (4, 0, 2, 1));
    assert!(xml.contains("type=\"crash\""));
}

#[test]
fn a_run_cut_short_is_red() {
    let xml = to_junit(&samples::interrupted(), None).unwrap();
    assert_eq!(counts(&xml), (5, 0, 0, 1));
    assert!(xml.contains("399 of 403 scenarios were not run: Ctrl-C"));
}

#[test]
fn what_the_baseline_expects_is_skipped_with_its_reason() {
    let run = samples::mixed();
    let baseline = Baseline::parse("b.toml", &write_baseline(&run)).unwrap();
    let overlay = Overlay::new(&run, &baseline, &BTreeSet::new());
    let xml = to_junit(&run, Some(&overlay)).unwrap();
    assert_eq!(counts(&xml), (10, 8, 0, 0));
    assert!(xml.contains("type=\"expected\""));
    assert!(xml.contains("(baseline: not yet adjudicated"));
    let none = Overlay::new(&run, &Baseline::default(), &BTreeSet::new());
    assert_eq!(counts(&to_junit(&run, Some(&none)).unwrap()), (10, 6, 2, 0));
}

#[test]
fn no_target_breaks_the_file() {
    let xml = to_junit(&samples::hostile(), None).unwrap();
    let illegal = xml.chars().find(|c| (c.is_control() && *c != '\n') || matches!(c, '\u{fffe}' | '\u{202e}'));
    assert_eq!(illegal, None);
    assert!(xml.len() < 200_000, "{} bytes", xml.len());
    let report = Report::deserialize_from_str(&xml).unwrap();
    let name = report.test_suites[0].test_cases[0].name.as_str();
    assert!(name.contains("\\u{1b}[2J") && name.contains("]]><x a=\"b\">&amp;"), "{name}");
}
