//! `mqttspec bench` on the command line. How fast anything is, no test says.

// Clippy allows `unwrap` in test functions; here the helpers around them may panic as well.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The fewest rounds in the shortest time.
const SHORT: [&str; 4] = ["--rounds", "5", "--seconds", "1"];

fn bench(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mqttspec"));
    command.arg("bench").args(arguments).args(SHORT).stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A directory of this test's own, empty.
fn scratch(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

#[test]
fn it_prints_ours_and_the_bounds() {
    let output = bench(&["puback", "connect", "--spec", "5.0"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let text = text(&output.stdout);
    for part in [
        "mqttspec-codec 0.1.0 on ",
        "MQTT 5.0, decode, ns per packet",
        "MQTT 5.0, encode, ns per packet",
        "PUBACK short",
        "PUBACK full",
        "CONNECT full",
        "fixed header + skip",
        "memcpy",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("MQTT 3.1.1") && !text.contains("PUBREC"), "{text}");
    let optimised = !cfg!(debug_assertions);
    assert_eq!(text.contains("warning: not optimised"), !optimised, "{text}");
}

#[test]
fn json_has_a_figure_for_everyone_in_every_row() {
    let output = bench(&["mixed", "--spec", "3.1.1", "--spec", "5.0", "--only", "decode", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["schema_version"], 1);
    let names: Vec<_> = report["entrants"].as_array().unwrap().iter().map(|entrant| &entrant["kind"]).collect();
    assert_eq!(names, ["ours", "variant", "bound", "bound"]);
    let rows = report["rows"].as_array().unwrap();
    let operations: Vec<_> = rows.iter().map(|row| row["operation"].as_str().unwrap()).collect();
    assert_eq!(operations, ["decode", "decode-from-memory", "decode-chunks"].repeat(2));
    for row in rows {
        for cell in row["cells"].as_array().unwrap() {
            assert!(cell["measured"]["ns"]["median"].as_f64().unwrap() > 0.0, "{row}");
        }
    }
}

#[test]
fn markdown_is_a_table() {
    let text = text(&bench(&["pingreq", "--spec", "5.0", "--format", "markdown"]).stdout);
    assert!(text.contains("\n### MQTT 5.0, decode, ns per packet\n\n| packet "), "{text}");
    assert!(text.lines().any(|line| line.starts_with("| PINGREQ ") && line.ends_with('|')), "{text}");
}

#[test]
fn a_chart_replaces_a_chart_and_nothing_else() {
    let folder = scratch("bench-chart");
    let (chart, other) = (folder.join("chart.svg"), folder.join("other.svg"));
    fs::write(&other, "<svg>mine</svg>").unwrap();
    for _ in 0..2 {
        let output = bench(&["pingreq", "--output", chart.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(text(&output.stderr).contains("chart written to"));
        let svg = fs::read_to_string(&chart).unwrap();
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>") && svg.contains("PINGREQ"), "{svg}");
    }
    assert_eq!(bench(&["pingreq", "--output", other.to_str().unwrap()]).status.code(), Some(2));
    assert_eq!(fs::read_to_string(&other).unwrap(), "<svg>mine</svg>");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "nothing else is left behind");
}

#[test]
fn a_mistake_gets_one_line_and_its_exit_code() {
    let folder = scratch("bench-mistakes");
    let mine = folder.join("mine.svg");
    fs::write(&mine, "mine").unwrap();
    fs::create_dir(folder.join("folder.svg")).unwrap();
    for (arguments, code, part) in [
        (vec!["publsh-64"], 4, "did you mean publish-64?"),
        (vec!["zzzzzzzz"], 4, "there are auth, connack"),
        (vec!["auth", "--spec", "3.1.1"], 4, "'auth' selects no packet"),
        (vec!["--spec", "4"], 2, "expected 3.1, 3.1.1 or 5.0"),
        (vec!["--format", "html"], 2, "text, json, markdown"),
        (vec!["--only", "both"], 2, "decode, encode"),
        (vec!["--output", "chart.png"], 2, "ends in .svg"),
        (vec!["--output", "/nonexistent/chart.svg"], 2, "cannot write --output /nonexistent/chart.svg"),
        (vec!["--output", folder.join("folder.svg").to_str().unwrap()], 2, "is a directory"),
        (vec!["--output", mine.to_str().unwrap()], 2, "is not overwritten"),
    ] {
        let output = bench(&arguments);
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
        assert!(stderr.starts_with("error: ") && stderr.trim_end().lines().count() == 1, "{arguments:?}: {stderr}");
        assert!(stderr.contains(part), "{arguments:?}: {stderr}");
        assert_eq!(text(&output.stdout), "", "{arguments:?}");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_mqttspec"));
    let output = command.args(["bench", "--rounds", "0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--rounds"));
}
