//! What a person sees, as snapshots; and that no target can write to the terminal itself.

use super::*;
use crate::baseline::{Baseline, write_baseline};
use crate::model::{Health, Run};
use crate::samples;
use crate::text::columns;

fn at(verbosity: Verbosity) -> TerminalOptions {
    TerminalOptions { verbosity, ..TerminalOptions::default() }
}

/// Everything the fold prints for a run.
fn printed(run: &Run, options: TerminalOptions) -> String {
    fold(run, Terminal::new(options))
}

fn fold(run: &Run, mut terminal: Terminal) -> String {
    let mut out = terminal.on_event(&Event::RunStarted { info: run.info.clone(), planned: run.planned });
    for result in &run.results {
        out += &terminal.on_event(&Event::ScenarioStarted { id: result.id.clone() });
        out += &terminal.on_event(&Event::ScenarioFinished(Box::new(result.clone())));
        if matches!(result.health, Health::Exited { .. }) {
            let (after, health) = (result.id.clone(), result.health.clone());
            out += &terminal.on_event(&Event::TargetRestarted { after, health });
        }
    }
    if let Some(why) = &run.interrupted {
        out += &terminal.on_event(&Event::Interrupted { why: why.clone() });
    }
    out + &terminal.on_event(&Event::RunFinished { run: Box::new(run.clone()) })
}

#[test]
fn a_run_that_passes() {
    insta::assert_snapshot!(printed(&samples::passes(), at(Verbosity::Normal)));
}

#[test]
fn a_mixed_run() {
    insta::assert_snapshot!(printed(&samples::mixed(), at(Verbosity::Normal)));
}

#[test]
fn a_mixed_run_quiet() {
    insta::assert_snapshot!(printed(&samples::mixed(), at(Verbosity::Quiet)));
}

#[test]
fn a_mixed_run_verbose() {
    insta::assert_snapshot!(printed(&samples::mixed(), at(Verbosity::Verbose)));
}

#[test]
fn a_mixed_run_with_transcripts() {
    let out = printed(&samples::mixed(), at(Verbosity::Transcripts));
    let block = out.split_once("FAIL  v5/publish").map(|(_, rest)| rest).unwrap();
    insta::assert_snapshot!(block.split("\n\n").next().unwrap());
}

#[test]
fn a_run_cut_short() {
    insta::assert_snapshot!(printed(&samples::interrupted(), at(Verbosity::Normal)));
}

#[test]
fn a_run_with_crashes() {
    insta::assert_snapshot!(printed(&samples::crash(), at(Verbosity::Normal)));
}

#[test]
fn a_run_of_nothing() {
    insta::assert_snapshot!(printed(&Run::new(samples::info(), 0), at(Verbosity::Normal)));
}

fn with_baseline(verbosity: Verbosity) -> String {
    let run = samples::mixed();
    let mut known = run.clone();
    // One failure is new, one entry is stale, one passes by now.
    known.results.remove(1);
    known.results[2].findings[0].message = "the resent PUBREL is missing".to_owned();
    let extra = "\n[[deviation]]\nscenario = \"v5/gone\"\nverdict = \"fail\"\nreason = \"section 4.4\"\n\
                 \n[[deviation]]\nscenario = \"v5/connect/minimal\"\nstatement = \"MQTT-3.1.0-1\"\nverdict = \"fail\"\n\
                 reason = \"section 3.1\"\n";
    let source = write_baseline(&known).replace("not yet adjudicated", "section 4.4 says so") + extra;
    let baseline = Baseline::parse("baseline.toml", &source).unwrap();
    let ids = run.results.iter().map(|result| result.id.clone()).collect();
    fold(&run, Terminal::new(at(verbosity)).with_baseline(baseline, ids))
}

#[test]
fn a_run_seen_through_a_baseline() {
    insta::assert_snapshot!(with_baseline(Verbosity::Normal));
}

#[test]
fn an_expected_failure_is_a_block_only_when_asked() {
    let expected = "FAIL  v5/session/resume";
    assert!(!with_baseline(Verbosity::Normal).contains(expected));
    assert!(with_baseline(Verbosity::Verbose).contains(expected));
}

#[test]
fn colour_changes_nothing_but_colour() {
    for run in samples::all() {
        let plain = printed(&run, at(Verbosity::Transcripts));
        assert!(!plain.contains('\u{1b}'));
        let coloured = printed(&run, TerminalOptions { style: Style::Ansi, ..at(Verbosity::Transcripts) });
        let mut stripped = String::new();
        let mut rest = coloured.as_str();
        while let Some((before, after)) = rest.split_once('\u{1b}') {
            stripped += before;
            rest = after.split_once('m').unwrap().1;
        }
        assert_eq!(stripped + rest, plain);
    }
}

#[test]
fn no_target_writes_to_the_terminal() {
    for verbosity in [Verbosity::Quiet, Verbosity::Normal, Verbosity::Verbose, Verbosity::AllTranscripts] {
        let out = printed(&samples::hostile(), at(verbosity));
        let bad = out.chars().find(|c| (c.is_control() && *c != '\n') || matches!(c, '\u{202e}' | '\u{fffe}'));
        assert_eq!(bad, None, "{verbosity:?}");
        assert!(out.contains("\\u{1b}[2J"), "escaped, not dropped");
        // 120 findings of 100 kB each, 400 events: what is printed stays readable.
        assert!(
            out.len() < if verbosity < Verbosity::Transcripts { 200_000 } else { 2_000_000 },
            "{verbosity:?}: {} bytes",
            out.len()
        );
    }
    let one_line = printed(&samples::hostile(), at(Verbosity::Quiet));
    assert!(one_line.lines().count() <= 3, "{one_line}");
}

#[test]
fn beyond_the_limit_failures_get_a_line_each() {
    let options = TerminalOptions { max_blocks: 1, ..TerminalOptions::default() };
    let out = report(&samples::mixed(), None, &options);
    assert_eq!(out.matches("      rerun").count(), 1);
    assert!(out.contains("More failures"));
    assert!(out.contains("FAIL  v5/session/resume-qos2-after-pubrec  MQTT-4.4.0-1: the PUBREL was not sent again"));
}

#[test]
fn a_block_fits_the_width_but_for_its_commands() {
    let options = TerminalOptions { width: 72, ..TerminalOptions::default() };
    for result in samples::mixed().results.iter().filter(|result| result.is_failure()) {
        for line in failure_block(result, &options).lines() {
            let command = line.trim_start().starts_with("rerun") || line.trim_start().starts_with("replay");
            assert!(command || columns(line) <= 72, "{line}");
        }
    }
}

#[test]
fn logs_get_a_progress_line_at_every_tenth() {
    let mut terminal = Terminal::new(TerminalOptions { progress_lines: true, ..TerminalOptions::default() });
    terminal.on_event(&Event::RunStarted { info: samples::info(), planned: 20 });
    let result = samples::mixed().results.remove(1);
    let lines: Vec<String> =
        (0..20).map(|_| terminal.on_event(&Event::ScenarioFinished(Box::new(result.clone())))).collect();
    assert_eq!(lines.iter().filter(|line| !line.is_empty()).count(), 10);
    assert_eq!(lines[0], "");
    assert_eq!(lines[1], " 10 %  2/20  2 failed\n");
    assert_eq!(terminal.progress(), "20/20  20 failed");
}

#[test]
fn the_last_lines_agree_with_the_exit_code() {
    let mut run = samples::mixed();
    run.results.retain(|result| !result.is_failure());
    run.summary = Summary::of(&run.results);
    run.planned = run.results.len();
    let word = |fail_on_inconclusive, fail_on_should| {
        let gate = ExitOptions { fail_on_inconclusive, fail_on_should };
        let options = TerminalOptions { gate, ..at(Verbosity::Quiet) };
        report(&run, None, &options).split("  ").next().unwrap().to_owned()
    };
    assert_eq!(word(false, false), "PASSED");
    assert_eq!(word(true, false), "INCONCLUSIVE");
    assert_eq!(word(true, true), "FAILED");
    let listed = Baseline::parse("b.toml", &write_baseline(&samples::mixed())).unwrap();
    let overlay = Overlay::new(&samples::mixed(), &listed, &BTreeSet::new());
    assert!(report(&samples::mixed(), Some(&overlay), &at(Verbosity::Quiet)).starts_with("AS EXPECTED"));
}

#[test]
fn verbosity_comes_from_the_flags() {
    use Verbosity::{AllTranscripts, Normal, Quiet, Transcripts, Verbose};
    let levels = [(true, 2), (false, 0), (false, 1), (false, 2), (false, 9)].map(|(q, v)| Verbosity::new(q, v));
    assert_eq!(levels, [Quiet, Normal, Verbose, Transcripts, AllTranscripts]);
}

#[test]
fn a_run_that_showed_nothing_is_never_called_passed() {
    let mut run = samples::mixed();
    run.results.retain(|result| !result.verdict.is_applicable());
    run.summary = Summary::of(&run.results);
    run.planned = run.results.len();
    assert!(
        report(&run, None, &at(Verbosity::Quiet))
            .starts_with("INCONCLUSIVE  passed 0 / 0 applicable, applicable 0 / 4")
    );
    for sample in [samples::mixed(), samples::interrupted(), samples::crash(), Run::new(samples::info(), 0)] {
        assert!(!report(&sample, None, &at(Verbosity::Quiet)).contains("PASSED"));
    }
}
