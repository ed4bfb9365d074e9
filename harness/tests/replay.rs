//! `mqttspec replay`: scenarios from files, against the embedded broker.

// Clippy allows `unwrap` in test functions; here the helpers around them may panic as well.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use mqttspec::scenario_file::ScenarioFile;
use mqttspec_codec::{ProtocolVersion, QoS};
use mqttspec_scenarios::model::{
    Answering, Dialogue, JudgedBy, Outgoing, PublishExt as _, Role, Scenario, Step, connect, publish, subscribe,
};
use serde_json::Value;

const V5: ProtocolVersion = ProtocolVersion::V5_0;

fn replay(file: &Path, options: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mqttspec"));
    command.arg("replay").arg(file).args(options).stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A directory of this test's own, empty.
fn scratch(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("replay-{name}"));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn save(folder: &Path, scenario: Scenario) -> PathBuf {
    let file = folder.join("a scenario.json");
    ScenarioFile { found: None, scenario }.write(&file).unwrap();
    file
}

/// Two clients, messages at every QoS, a take-over and a message to a client that is away.
fn history() -> Scenario {
    let step = |name: &str, outgoing: Outgoing| Step::Send { connection: name.to_owned(), outgoing };
    let arrive = |name: &str| {
        let mut packet = connect(V5, &format!("{{ns}}{name}"));
        packet.clean_start = false;
        packet.properties.push(mqttspec_codec::PropertyBuf::session_expiry_interval(60));
        [
            Step::Open { connection: name.to_owned() },
            Step::Answering { connection: name.to_owned(), answering: Answering::AtOnce },
            step(name, packet.into()),
            Step::Await { connection: name.to_owned() },
        ]
    };
    let mut steps = Vec::new();
    steps.extend(arrive("alice"));
    steps.extend(arrive("bob"));
    steps.push(step("alice", subscribe(1, "{ns}/#", QoS::ExactlyOnce).into()));
    steps.push(Step::Await { connection: "alice".to_owned() });
    for (packet_id, qos) in [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce].into_iter().enumerate() {
        steps.push(step("bob", publish("{ns}/t", "m").at(qos, packet_id as u16 + 1).into()));
    }
    steps.extend(arrive("alice"));
    steps.push(Step::Drain);
    Scenario {
        id: "generated/1".to_owned(),
        title: "a history".to_owned(),
        version: V5,
        role: Role::Broker,
        chapter: "generated".to_owned(),
        statements: Vec::new(),
        needs: Vec::new(),
        judged_by: JudgedBy::Monitor,
        steps,
    }
}

/// Fails on every broker: the message that comes is not the one that is expected.
fn impossible() -> Scenario {
    let name = "publish/never-right";
    let mut d = Dialogue::new(V5, "3.3 PUBLISH", name, "Nobody can do this").proves(&["MQTT-3.3.1-1"]);
    d.on("bob").connects().subscribes(1, "{ns}/a", QoS::AtMostOnce).publishes(publish("{ns}/a", "one"));
    d.on("bob").receives(&publish("{ns}/a", "two"), "m");
    d.build()
}

#[test]
fn a_saved_history_is_played_as_often_as_asked() {
    let folder = scratch("history");
    let file = save(&folder, history());
    let output = replay(&file, &["--repeat", "3", "-v"]);
    let stdout = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{stdout}{}", text(&output.stderr));
    for part in ["pass            generated/1", "pass            generated/1#3", "passed 3 / 3 applicable"] {
        assert!(stdout.contains(part), "{part}: {stdout}");
    }
}

#[test]
fn a_failure_says_how_to_replay_it_and_how_often_it_was_seen() {
    let folder = scratch("failure");
    let file = save(&folder, impossible());
    let report = folder.join("report");
    let options = ["--repeat", "2", "--seed", "5", "--report", report.to_str().unwrap()];
    let output = replay(&file, &options);
    let stdout = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{stdout}{}", text(&output.stderr));
    let rerun = format!("rerun      mqttspec replay '{}' --seed 5", file.display());
    for part in ["FAIL  v5/publish/never-right", &rerun, "seen in 2 of 2", "2 failed"] {
        assert!(stdout.contains(part), "{part}: {stdout}");
    }
    assert_eq!(stdout.matches("      rerun").count(), 1, "{stdout}");
    let results: Value = serde_json::from_slice(&std::fs::read(report.join("results.json")).unwrap()).unwrap();
    let replayed = results["results"][0]["replay"].as_str().unwrap();
    assert!(rerun.ends_with(replayed), "{replayed}");
    // The numbers of the events are the same in the block and in the transcript.
    let shown = text(&replay(&file, &["--seed", "5", "-vv"]).stdout);
    let number = |line: &str| line.split(['[', ']']).nth(1).unwrap().to_owned();
    let observed = shown.lines().find(|line| line.contains("observed   [")).unwrap_or_else(|| panic!("{shown}"));
    let marked: Vec<_> = shown.lines().filter(|line| line.starts_with("    > ")).map(number).collect();
    assert!(marked.contains(&number(observed)), "{shown}");
}

#[test]
fn the_example_of_the_readme_can_be_played() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
    let example = readme.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let file = scratch("readme").join("example.json");
    std::fs::write(&file, example).unwrap();
    let output = replay(&file, &[]);
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
}

#[test]
fn a_mistake_in_a_file_gets_one_line() {
    let folder = scratch("mistakes");
    let file = save(&folder, history());
    let good = std::fs::read_to_string(&file).unwrap();
    let write = |text: &str| {
        std::fs::write(&file, text).unwrap();
        replay(&file, &[])
    };
    let missing = replay(&folder.join("none.json"), &[]);
    let no_json = write("steps:");
    let misspelled = write(&good.replace("\"qos\": 2", "\"qos\": 7"));
    let bad_target = {
        std::fs::write(&file, &good).unwrap();
        replay(&file, &["--launch", "mosquitto"])
    };
    for (output, part) in [
        (missing, "cannot read the scenario"),
        (no_json, "a scenario.json: not JSON: expected value at line 1 column 1"),
        (misspelled, "scenario.steps["),
        (bad_target, "{port}"),
    ] {
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.starts_with("error: ") && stderr.lines().count() == 1 && stderr.contains(part), "{stderr}");
        assert_eq!(text(&output.stdout), "");
    }
    let nobody = replay(&file, &["--target", "mqtt://127.0.0.1:1"]);
    assert_eq!(nobody.status.code(), Some(3), "{}", text(&nobody.stderr));
}
