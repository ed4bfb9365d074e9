//! The command line: what people type by mistake, what they get for it, and the commands that judge nothing.

// Clippy allows `unwrap` in test functions; here the helpers around them may panic as well.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use mqttspec_codec::ProtocolVersion;
use mqttspec_scenarios::statements::Catalogue;
use serde_json::Value;

fn mqttspec(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mqttspec"));
    command.args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A directory of this test's own, empty.
fn scratch(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

#[test]
fn a_mistake_gets_one_line_and_its_exit_code() {
    let file = scratch("mistakes").join("file");
    std::fs::write(&file, "x").unwrap();
    let file = file.to_str().unwrap();
    for (arguments, code, part) in [
        (vec!["broker", "--bogus"], 2, "--bogus"),
        (vec!["broker", "--spec", "4"], 2, "expected 3.1, 3.1.1 or 5.0"),
        (vec!["broker", "--jobs", "0"], 2, "--jobs"),
        (vec!["broker", "--timeout-scale", "nan"], 2, "0.1 to 100"),
        (vec!["broker", "--level", "may"], 2, "must, should"),
        (vec!["broker", "--user", "u"], 2, "--password"),
        (vec!["broker", "-q", "-v"], 2, "--verbose"),
        (vec!["broker", "--target", "mqtts://h"], 2, "not supported yet"),
        (vec!["broker", "--target", "mqtt://h:99999"], 2, "1 to 65535"),
        (vec!["broker", "--target", "mqtt://h", "--launch", "x {port}"], 2, "--launch"),
        (vec!["broker", "--launch", "mosquitto"], 2, "{port}"),
        (vec!["broker", "--launch", "'mosquitto {port}"], 2, "quote"),
        (vec!["broker", "--launch", "/nonexistent/broker {port}"], 3, "cannot start '/nonexistent/broker'"),
        (vec!["broker", "--target", "mqtt://name.invalid"], 3, "cannot be reached"),
        (vec!["broker", "--report", file], 2, "is a file"),
        (vec!["broker", "--baseline", "/nonexistent.toml"], 2, "cannot read the baseline"),
        (vec!["broker", "--write-baseline", file], 2, "not overwritten"),
        (vec!["broker", "v5/conect/"], 4, "did you mean v5/connect/"),
        (vec!["broker", "--skip", "MQTT-3.1.2-399"], 4, "did you mean MQTT-3.1.2-"),
        (vec!["broker", "v5/connect", "--spec", "3.1"], 4, "none for MQTT 3.1"),
        (vec!["list", "zzzzzzzzzzzz"], 4, "mqttspec list"),
        (vec!["explain", "MQTT-9.9.9-9"], 4, "no scenario and no statement"),
        (vec!["brokr"], 2, "broker"),
    ] {
        let output = mqttspec(&arguments);
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
        assert!(stderr.starts_with("error: ") && stderr.trim_end().lines().count() == 1, "{arguments:?}: {stderr}");
        assert!(stderr.contains(part), "{arguments:?}: {stderr}");
        assert_eq!(text(&output.stdout), "", "{arguments:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn output_that_cannot_be_written_is_no_success() {
    for arguments in [["list"].as_slice(), &["explain", "MQTT-3.1.2-3"], &["vectors", "--spec", "5.0"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_mqttspec"));
        let output = command.args(arguments).stdin(Stdio::null()).stdout(full).output().unwrap();
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(70), "{arguments:?}: {stderr}");
        assert!(stderr.starts_with("error: failed to write to standard output"), "{arguments:?}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{arguments:?}: {stderr}");
    }
}

#[test]
fn help_and_version_are_no_mistakes() {
    for arguments in [["--help"].as_slice(), &["broker", "--help"], &["--version"]] {
        let output = mqttspec(arguments);
        assert_eq!(output.status.code(), Some(0));
        assert!(text(&output.stdout).contains("mqttspec") && output.stderr.is_empty());
    }
    let bare = mqttspec(&[]);
    assert_eq!(bare.status.code(), Some(2));
    assert!(text(&bare.stderr).contains("Usage:"));
}

#[test]
fn list_says_what_is_covered_by_what() {
    let output = mqttspec(&["list", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0));
    let list: Value = serde_json::from_slice(&output.stdout).unwrap();
    let scenarios = list["scenarios"].as_array().unwrap();
    let statements = list["statements"].as_array().unwrap();
    for version in ProtocolVersion::ALL {
        let listed = statements.iter().filter(|statement| statement["version"] == version.as_str()).count();
        assert_eq!(listed, Catalogue::of(version).statements.len(), "{version}");
    }
    for row in list["coverage"].as_array().unwrap() {
        let (version, role) = (&row["version"], row["role"].as_str().unwrap());
        let key = if role == "server" { "at_broker" } else { "at_client" };
        let observable: Vec<&Value> =
            statements.iter().filter(|s| s["version"] == *version && s[key]["seen"] == "directly").collect();
        assert_eq!(row["observable"], observable.len(), "{version} {role}");
        let missing = row["uncovered"].as_array().unwrap().len();
        assert_eq!(row["covered"].as_u64().unwrap() as usize + missing, observable.len(), "{version} {role}");
    }
    // Every scenario is named by the statements it proves, and the other way round.
    for scenario in scenarios {
        for id in scenario["statements"].as_array().unwrap() {
            let statement = statements
                .iter()
                .find(|statement| statement["id"] == *id && statement["version"] == scenario["version"])
                .unwrap_or_else(|| panic!("{} proves {id}, which is in no catalogue", scenario["id"]));
            assert!(statement["scenarios"].as_array().unwrap().contains(&scenario["id"]), "{id}");
        }
    }
    let some = text(&mqttspec(&["list", "v5/connect"]).stdout);
    assert!(some.contains("v5/connect/") && !some.contains("v311/"), "{some}");
}

#[test]
fn explain_shows_a_statement_and_a_scenario() {
    let statement = text(&mqttspec(&["explain", "mqtt-3.1.2-3"]).stdout);
    for part in ["MQTT-3.1.2-3 of MQTT 5.0, section 3.1.2", "level: must; who:", "at a broker: seen", "v5/"] {
        assert!(statement.contains(part), "{part}: {statement}");
    }
    let list: Value = serde_json::from_slice(&mqttspec(&["list", "v5/connect", "--format", "json"]).stdout).unwrap();
    let scenario = &list["scenarios"][0];
    let explained = text(&mqttspec(&["explain", scenario["id"].as_str().unwrap()]).stdout);
    assert!(explained.contains(scenario["title"].as_str().unwrap()), "{explained}");
    assert!(explained.contains("Dialogue\n") && explained.contains("sends CONNECT"), "{explained}");
}

#[test]
fn a_report_replaces_a_report_and_nothing_else() {
    let folder = scratch("report");
    let report = folder.join("report");
    let report = report.to_str().unwrap();
    let judge = || mqttspec(&["broker", "v5/ping", "--seed", "7", "--report", report]);
    for _ in 0..2 {
        let output = judge();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    }
    let results = std::fs::read_to_string(format!("{report}/results.json")).unwrap();
    let run = mqttspec_reports::json::from_json(&results).unwrap();
    assert_eq!(run.info.seed, 7);
    assert!(!run.results.is_empty() && run.results.len() == run.planned);
    let names: Vec<_> =
        std::fs::read_dir(report).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names.len(), 2, "no temporary file stays behind: {names:?}");

    std::fs::write(format!("{report}/results.json"), "{\"mine\": 1}").unwrap();
    let refused = judge();
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("is not a report of mqttspec"), "{}", text(&refused.stderr));
    assert_eq!(std::fs::read_to_string(format!("{report}/results.json")).unwrap(), "{\"mine\": 1}");
}

#[test]
fn a_baseline_can_be_written_and_read_back() {
    let folder = scratch("baseline");
    let file = folder.join("baseline.toml");
    let file = file.to_str().unwrap();
    let written = mqttspec(&["broker", "v5/ping", "--write-baseline", file]);
    assert_eq!(written.status.code(), Some(0), "{}", text(&written.stderr));
    let read = mqttspec(&["broker", "v5/ping", "--baseline", file]);
    assert_eq!(read.status.code(), Some(0), "{}{}", text(&read.stdout), text(&read.stderr));
    // An entry for a scenario that passes is out of date.
    let mut baseline = std::fs::read_to_string(file).unwrap();
    baseline.push_str(
        "\n[[deviation]]\nscenario = \"v5/ping/answered\"\nstatement = \"MQTT-3.12.4-1\"\nverdict = \"fail\"\nreason = \"r\"\n",
    );
    std::fs::write(file, baseline).unwrap();
    let stale = mqttspec(&["broker", "v5/ping", "--baseline", file]);
    assert_eq!(stale.status.code(), Some(5), "{}{}", text(&stale.stdout), text(&stale.stderr));
    std::fs::write(file, "target = 3").unwrap();
    let broken = mqttspec(&["broker", "v5/ping", "--baseline", file]);
    assert_eq!(broken.status.code(), Some(2));
    assert!(text(&broken.stderr).contains("baseline.toml:1:10"), "{}", text(&broken.stderr));
}

#[test]
fn a_log_gets_plain_lines_and_a_skip_is_shown() {
    let output = mqttspec(&["broker", "3.12", "--spec", "5.0", "--skip", "v5/ping/answered", "-v"]);
    let stdout = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{stdout}");
    assert!(!stdout.contains('\u{1b}') && !text(&output.stderr).contains('\u{1b}'));
    let line = stdout.lines().find(|line| line.contains("v5/ping/answered ")).unwrap();
    assert!(line.starts_with("disabled") && line.ends_with("--skip v5/ping/answered"), "{line}");
    assert!(stdout.contains("1 disabled"), "{stdout}");
    assert!(!stdout.contains("v311/ping/"), "{stdout}");
}

#[test]
fn the_same_seed_sends_the_same_bytes() {
    let sent = |seed: &str| {
        let stdout = text(&mqttspec(&["broker", "v5/ping/answered", "--seed", seed, "-vvv"]).stdout);
        stdout
            .lines()
            .filter(|line| line.contains("CONNECT 5.0"))
            // Without the number of the event and the time.
            .map(|line| line.trim_start_matches(|c: char| " .[]".contains(c) || c.is_ascii_digit()).to_owned())
            .collect::<Vec<_>>()
    };
    let first = sent("11");
    assert!(!first.is_empty());
    assert_eq!(first, sent("11"));
    assert_ne!(first, sent("12"));
}
