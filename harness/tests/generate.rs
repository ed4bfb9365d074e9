//! `mqttspec broker --generate`: honest brokers are left in peace; a fault is found, made minimal, repeated, saved.

// Clippy allows `unwrap` in test functions; here the helpers around them may panic as well.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use mqttspec::embedded::Embedded;
use mqttspec::engine::{ConnectDefaults, Options, Timing, memory};
use mqttspec::generate::{Shrinker, events};
use mqttspec::scenario_file::ScenarioFile;
use mqttspec_codec::ProtocolVersion;
use mqttspec_reports::{Finding, Level, Run, Verdict, json};
use mqttspec_scenarios::broker::{BrokerConfig, Fault, FaultSet};
use mqttspec_scenarios::histories::{Abilities, Profile, generate};
use mqttspec_scenarios::model::{Namespace, Scenario, Step};

/// A directory that is removed with its owner.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("mqttspec-generate-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn saved(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.0.join("saved")).map(|dir| dir.map(|entry| entry.unwrap().path()));
        let mut files: Vec<PathBuf> = entries.map(Iterator::collect).unwrap_or_default();
        files.sort();
        files
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn mqttspec(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mqttspec"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn generating(arguments: &[&str], scratch: &Scratch) -> Command {
    let mut command = mqttspec(&["broker", "--generate"]);
    command.args(arguments).arg("--save").arg(scratch.0.join("saved")).arg("--report").arg(&scratch.0);
    command
}

fn report(path: &Path) -> Run {
    json::from_json(&std::fs::read_to_string(path.join("results.json")).unwrap()).unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn faulty(fault: Fault) -> BrokerConfig {
    BrokerConfig { faults: FaultSet::only(fault), ..BrokerConfig::default() }
}

#[test]
fn an_honest_broker_is_left_in_peace() {
    let scratch = Scratch::new("honest");
    let output = generating(&["120", "--seed", "11"], &scratch).output().unwrap();
    let shown = text(&output);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(shown.contains("120 generated histories") && shown.contains("no finding"), "{shown}");
    assert_eq!(scratch.saved(), Vec::<PathBuf>::new());
    let run = report(&scratch.0);
    let histories = run.histories.expect("what was reached");
    assert_eq!((histories.asked, histories.played), (120, 120));
    let (reached, of) = histories.reached.as_ref().expect("a table of what was reached").cells();
    assert!(reached * 2 > of && reached < of, "{reached} of {of}");
    assert!(shown.contains("combinations of session state and event"), "{shown}");
    assert!(histories.inconclusive * 10 <= histories.played, "{histories:?}");
    assert!(run.results.iter().all(|result| result.verdict == Verdict::Pass && result.findings.is_empty()));
    // One result for all the histories of a version.
    assert_eq!(run.results.len(), 3, "{:?}", run.results.iter().map(|result| &result.id).collect::<Vec<_>>());
}

#[test]
fn a_fault_is_found_made_minimal_repeated_and_saved() {
    let scratch = Scratch::new("fault");
    let broker = Embedded::start(faulty(Fault::IgnoreNoLocal)).unwrap();
    let target = format!("mqtt://{}", broker.address());
    let output = generating(&["150", "--seed", "1", "--spec", "5.0", "--target", &target], &scratch).output().unwrap();
    let shown = text(&output);
    assert_eq!(output.status.code(), Some(1), "{shown}");
    let run = report(&scratch.0);
    let failed: Vec<_> = run.results.iter().filter(|result| result.verdict == Verdict::Fail).collect();
    let found = failed.iter().find(|result| result.statements.iter().any(|id| id == "MQTT-3.8.3-3")).expect("found");
    assert!(found.id.starts_with("generated/v5/MQTT-3.8.3-3-"), "{}", found.id);
    let again = found.reproduced.expect("repeated");
    assert_eq!((again.times, again.of), (5, 5), "{shown}");
    assert!(!found.transcript.is_empty() && !found.findings[0].events.is_empty());
    assert!(shown.contains("seen in 5/5 repetitions") && shown.contains("MQTT-3.8.3-3"), "{shown}");

    // The file is small, says where it comes from, and shows the finding to whoever plays it.
    let files = scratch.saved();
    assert_eq!(files.len(), run.results.len() - 1, "{files:?}");
    let path = files.iter().find(|path| path.to_string_lossy().contains("3.8.3-3")).unwrap();
    assert!(found.replay.as_ref().is_some_and(|line| {
        line.starts_with("mqttspec replay ") && line.contains(&*path.to_string_lossy()) && line.contains(&target)
    }));
    let file = ScenarioFile::read(path).unwrap();
    assert!(events(&file.scenario) <= 6, "{:#?}", file.scenario.steps);
    assert_eq!(file.scenario.steps.last(), Some(&Step::Drain));
    let origin = file.found.unwrap();
    assert_eq!((origin.seed, origin.reproduced, origin.tries), (Some(1), Some(5), Some(5)));
    let path = path.to_str().unwrap();
    let again = mqttspec(&["replay", path, "--target", &target]).output().unwrap();
    assert!(again.status.code() == Some(1) && text(&again).contains("MQTT-3.8.3-3"), "{}", text(&again));
    let honest = mqttspec(&["replay", path]).output().unwrap();
    assert_eq!(honest.status.code(), Some(0), "{}", text(&honest));
    let scenario = Arc::new(file.scenario);
    assert!(broken(&scenario, faulty(Fault::IgnoreNoLocal)).iter().any(|f| f.statement == "MQTT-3.8.3-3"));
    assert_eq!(broken(&scenario, BrokerConfig::default()), []);
}

#[test]
fn a_deviation_is_no_finding_unless_somebody_says_so() {
    let scratch = Scratch::new("deviation");
    let broker = Embedded::start(faulty(Fault::AcceptSubscriptionIdentifierInPublish)).unwrap();
    let target = format!("mqtt://{}", broker.address());
    let arguments = ["400", "--seed", "1", "--spec", "5.0", "--target", &target];
    let output = generating(&arguments, &scratch).output().unwrap();
    let shown = text(&output);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert_eq!(scratch.saved(), Vec::<PathBuf>::new(), "{shown}");
    assert!(shown.contains("no finding; and 1 kind of deviation from a SHOULD, which is only shown"), "{shown}");
    assert!(shown.contains("deviation 1/1 MQTT 5.0, MQTT-4.13.1-1: shown by "), "{shown}");
    assert!(shown.contains("with a Subscription Identifier") && shown.contains("1 deviation from a SHOULD"), "{shown}");
    let run = report(&scratch.0);
    let deviations: Vec<_> = run.results.iter().filter(|result| result.deviations().next().is_some()).collect();
    assert_eq!((deviations.len(), deviations[0].verdict, &deviations[0].replay), (1, Verdict::Pass, &None));
    assert!(deviations[0].id.starts_with("generated/v5/deviation-MQTT-4.13.1-1-"), "{}", deviations[0].id);

    // With --level should it fails the run, so it is followed up and saved like everything that does.
    let scratch = Scratch::new("level-should");
    let output = generating(&arguments, &scratch).args(["--level", "should"]).output().unwrap();
    let shown = text(&output);
    assert_eq!(output.status.code(), Some(1), "{shown}");
    assert_eq!(scratch.saved().len(), 1, "{shown}");
    let run = report(&scratch.0);
    let found = run.results.iter().find(|result| result.reproduced.is_some()).expect("repeated");
    assert!(found.id.starts_with("generated/v5/MQTT-4.13.1-1-"), "{}", found.id);
    assert!(found.replay.as_ref().is_some_and(|line| line.contains(" --level should")), "{:?}", found.replay);
}

#[test]
fn ctrl_c_still_writes_the_report() {
    let scratch = Scratch::new("ctrl-c");
    let mut child = generating(&["5000", "--seed", "2"], &scratch).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut shown = String::new();
    while !shown.contains('%') {
        assert!(stdout.read_line(&mut shown).unwrap() > 0, "{shown}");
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    stdout.read_to_string(&mut shown).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(6), "{shown}{}", text(&output));
    let run = report(&scratch.0);
    assert_eq!(run.interrupted.as_deref(), Some("ended by Ctrl-C"));
    let histories = run.histories.unwrap();
    assert!(histories.played > 0 && histories.played < 5_000, "{histories:?}");
    assert!(shown.contains("INCOMPLETE") && shown.contains("of 5000 histories"), "{shown}");
}

#[test]
fn a_mistake_gets_one_line() {
    let scratch = Scratch::new("mistakes");
    let file = scratch.0.join("file");
    std::fs::write(&file, "x").unwrap();
    let file = file.to_str().unwrap();
    for (arguments, part) in [
        (vec!["--generate", "0"], "--generate"),
        (vec!["--generate", "many"], "--generate"),
        (vec!["--generate"], "--generate"),
        (vec!["--generate", "3", "v5/publish/"], "FILTER"),
        (vec!["--generate", "3", "--skip", "v5/publish/"], "--skip"),
        (vec!["--save", "somewhere"], "--generate"),
        (vec!["--generate", "3", "--save", file], "is a file"),
        (vec!["--generate", "3", "--save", "/proc/none/x"], "cannot save findings"),
    ] {
        let output = mqttspec(&["broker"]).args(&arguments).current_dir(&scratch.0).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.starts_with("error: ") && stderr.trim_end().lines().count() == 1, "{arguments:?}: {stderr}");
        assert!(stderr.contains(part), "{arguments:?}: {stderr}");
    }
    assert_eq!(std::fs::read_to_string(file).unwrap(), "x");
}

/// Everything binding that a broker breaks in a scenario, in memory and in virtual time.
fn broken(scenario: &Arc<Scenario>, config: BrokerConfig) -> Vec<Finding> {
    let options =
        Options { namespace: Namespace::new(1, 1), timing: Timing::default(), defaults: ConnectDefaults::default() };
    let (outcome, _) = memory::run(scenario, options, config);
    outcome.findings.into_iter().filter(|finding| finding.level == Level::Must).collect()
}

#[test]
fn what_is_found_in_memory_is_made_minimal_in_memory() {
    let profile = Profile::of(ProtocolVersion::V5_0, Abilities::default());
    let mut missed = Vec::new();
    for fault in [
        Fault::DupAtQos0,
        Fault::IgnoreNoLocal,
        Fault::AnswerQos2WithPubAck,
        Fault::ExceedReceiveMaximum,
        Fault::ForgetQos1AtDisconnect,
        Fault::DropUserProperties,
        Fault::NoRedelivery,
    ] {
        let statement = fault.statement(ProtocolVersion::V5_0).unwrap();
        let shows = |scenario: &Scenario| {
            broken(&Arc::new(scenario.clone()), faulty(fault)).iter().any(|finding| finding.statement == statement)
        };
        let history = (0..2_000).map(|index| generate(9, index, &profile)).find(|history| shows(history));
        let Some(history) = history else {
            missed.push((fault, statement));
            continue;
        };
        let mut shrinker = Shrinker::new(history.clone(), 1_000);
        loop {
            let wave = shrinker.next_wave(4);
            if wave.is_empty() {
                break;
            }
            let still: Vec<bool> = wave.iter().map(shows).collect();
            shrinker.answer(&still);
        }
        let small = shrinker.best();
        assert!(shows(&small), "{fault:?}");
        assert!(events(&small) <= 12, "{fault:?}: {} of {}: {:#?}", events(&small), events(&history), small.steps);
        assert!(small.steps.len() <= 20, "{fault:?}: {:#?}", small.steps);
        assert_eq!(small.steps.last(), Some(&Step::Drain), "{fault:?}");
        assert_eq!(broken(&Arc::new(small), BrokerConfig::default()), [], "{fault:?}: the honest broker");
    }
    assert_eq!(missed, [], "not found by generated histories");
}
