//! `mqttspec vectors` as people type it.

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};

use mqttspec::vectors::{header, json};
use mqttspec_codec::ProtocolVersion;

use super::{folder, mqttspec, scratch, text};

#[test]
fn it_prints_what_is_committed() {
    for version in ProtocolVersion::ALL {
        let output = mqttspec(&["vectors", "--spec", version.as_str()]);
        assert_eq!(output.status.code(), Some(0));
        assert!(output.stderr.is_empty());
        let committed = fs::read(folder().join(format!("mqtt-{version}.json"))).unwrap();
        assert!(output.stdout == committed, "{version}");
        let output = mqttspec(&["vectors", "--spec", version.as_str(), "--format", "c"]);
        assert!(text(&output.stdout) == header(version), "{version}");
    }
    let same = mqttspec(&["vectors", "--spec", "v5", "--format", "json"]);
    assert!(text(&same.stdout) == json(ProtocolVersion::V5_0));
}

#[test]
fn it_writes_a_file_and_replaces_only_its_own() {
    let folder = scratch("output");
    let file = folder.join("vectors.h");
    let path = file.to_str().unwrap();
    for (format, mark) in [("c", "/* mqttspec-vectors"), ("json", "{\n\"format\":\"mqttspec-vectors\""), ("c", "/* m")]
    {
        let output = mqttspec(&["vectors", "--spec", "3.1", "--format", format, "--output", path]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(output.stdout.is_empty() && output.stderr.is_empty());
        assert!(fs::read_to_string(&file).unwrap().starts_with(mark));
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no temporary file stays behind");
    fs::write(&file, "").unwrap();
    let filled = mqttspec(&["vectors", "--spec", "3.1", "--output", path]);
    assert_eq!(filled.status.code(), Some(0), "an empty file is there to be filled: {}", text(&filled.stderr));
    fs::write(&file, "int main(void) { return 0; }\n").unwrap();
    let refused = mqttspec(&["vectors", "--spec", "3.1", "--output", path]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("holds no test vectors of mqttspec and is not overwritten"));
    assert_eq!(fs::read_to_string(&file).unwrap(), "int main(void) { return 0; }\n");
}

#[test]
fn a_mistake_gets_one_line_and_exit_code_2() {
    let folder = scratch("mistakes");
    let folder = folder.to_str().unwrap();
    let nowhere = format!("{folder}/missing/file.json");
    for (arguments, part) in [
        (vec!["vectors"], "--spec"),
        (vec!["vectors", "--spec", "4"], "expected 3.1, 3.1.1 or 5.0"),
        (vec!["vectors", "--spec", "5.0", "--format", "xml"], "json, c"),
        (vec!["vectors", "--spec", "5.0", "--output", folder], "is a directory"),
        (vec!["vectors", "--spec", "5.0", "--output", "/dev/null"], "is a device or a pipe"),
        (vec!["vectors", "--spec", "5.0", "--output", &nowhere], "cannot write --output"),
        (vec!["vectors", "--spec", "5.0", "more"], "more"),
    ] {
        let output = mqttspec(&arguments);
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.starts_with("error: ") && stderr.trim_end().lines().count() == 1, "{arguments:?}: {stderr}");
        assert!(stderr.contains(part), "{arguments:?}: {stderr}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
    let help = text(&mqttspec(&["vectors", "--help"]).stdout);
    assert!(help.contains("Examples:") && help.contains("--format c") && help.contains("Exit codes:"), "{help}");
}

#[test]
fn a_closed_pipe_is_no_trouble() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mqttspec"));
    command.args(["vectors", "--spec", "5.0"]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut some = [0; 16];
    child.stdout.take().unwrap().read_exact(&mut some).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "");
}
