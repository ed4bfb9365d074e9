//! `mqttspec check` on captures of tcpdump (`captures/README.md` says how each was made), as they are and as they become
//! when a network or a capturing machine has been at them: nobody may be accused of what the capture lacks.

#![allow(clippy::unwrap_used)]

#[path = "common/pcap.rs"]
mod pcap;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use mqttspec::passive::capture::{Checked, check, check_file};
use mqttspec::passive::{Checker, Scope, Unit};
use mqttspec_reports::{Level, ScenarioResult, Verdict};
use pcap::{Capture, Rng};
use serde_json::Value;

const PORT: u16 = 18830;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures").join(name)
}

fn checker() -> Checker {
    Checker::new(Unit::Packet, Scope::Some, None)
}

fn judge(bytes: &[u8]) -> Checked {
    check(bytes, &[PORT], checker()).unwrap()
}

fn findings(results: &[ScenarioResult]) -> Vec<String> {
    let findings = results.iter().flat_map(|result| &result.findings);
    findings.map(|finding| format!("{} {} {}", finding.cited(), finding.observed, finding.message)).collect()
}

#[track_caller]
fn is_clean(what: &str, bytes: &[u8]) -> Checked {
    let checked = judge(bytes);
    assert_eq!(findings(&checked.outcome.results), [] as [String; 0], "{what}");
    checked
}

fn mqttspec(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mqttspec")).args(arguments).stdin(Stdio::null()).output().unwrap()
}

#[test]
fn a_real_client_and_a_real_broker_check_clean() {
    for name in ["clean.pcap", "clean.pcapng", "cooked.pcap"] {
        for (ports, scope) in [(vec![], Scope::Some), (vec![PORT], Scope::Some), (vec![PORT], Scope::Everything)] {
            let checked = check_file(&file(name), &ports, scope, None).unwrap();
            let outcome = checked.outcome;
            assert_eq!(findings(&outcome.results), [] as [String; 0], "{name}");
            assert_eq!((outcome.connections, checked.broken), (8, None), "{name}");
            // The kernel lost packets while one was made: its --complete is not believed.
            let doubted = scope == Scope::Everything && name == "cooked.pcap";
            assert_eq!(checked.notes.len(), usize::from(doubted), "{name}: {:?}", checked.notes);
            let mut versions: Vec<_> = outcome.results.iter().map(|result| result.version.as_str()).collect();
            versions.retain(|version| !version.is_empty());
            versions.sort_unstable();
            assert_eq!(versions, ["3.1", "3.1.1", "3.1.1", "3.1.1", "5.0", "5.0", "5.0", "5.0"], "{name}");
            let passed = outcome.results.iter().filter(|result| result.verdict == Verdict::Pass).count();
            assert_eq!(passed, 8, "{name}");
            assert!(outcome.results.iter().any(|result| result.title.ends_with("client \"sub5\"")), "{name}");
        }
    }
}

#[test]
fn a_capture_may_begin_in_the_middle() {
    let checked = check_file(&file("midstream.pcap"), &[PORT], Scope::Some, None).unwrap();
    assert_eq!(findings(&checked.outcome.results), [] as [String; 0]);
    let joined: Vec<_> =
        checked.outcome.results.iter().filter(|result| result.title.contains("→") && is_joined(result)).collect();
    assert_eq!(joined.len(), 2, "both subscribers were there before");
    // One of them shows its version; without --port nobody knows which stream is MQTT, unless its port is the usual one.
    assert!(joined.iter().any(|result| result.version == "3.1.1" && result.verdict == Verdict::Pass));
    let checked = check_file(&file("midstream.pcap"), &[], Scope::Some, None).unwrap();
    assert_eq!(checked.outcome.connections, 4);
}

fn is_joined(result: &ScenarioResult) -> bool {
    result.observations.iter().any(|observation| observation.value.contains("begins in the middle"))
}

#[test]
fn a_planted_violation_is_found_with_its_packet() {
    let report = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("planted");
    let _ = std::fs::remove_dir_all(&report);
    let planted = file("planted.pcap");
    let output = mqttspec(&["check", planted.to_str().unwrap(), "--report", report.to_str().unwrap()]);
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stdout}");
    for part in ["FAIL", "MQTT-2.3.1-4", "by the Server", "packet 10 from the Server", "packet 13 from the Server"] {
        assert!(stdout.contains(part), "{part}: {stdout}");
    }
    assert!(!stdout.contains("health"), "nobody asked how the broker is: {stdout}");
    let results: Value = serde_json::from_slice(&std::fs::read(report.join("results.json")).unwrap()).unwrap();
    let finding = &results["results"][0]["findings"][0];
    assert_eq!(finding["statement"], "MQTT-2.3.1-4");
    assert_eq!(finding["observed"], "packet 13 from the Server: PUBLISH \"p/q\" = \"two\", qos 2, id 1");
    let cited = finding["events"].as_array().unwrap().last().unwrap().as_u64().unwrap() as usize;
    assert!(results["results"][0]["transcript"][cited]["summary"].as_str().unwrap().starts_with("packet 13 "));
    assert!(report.join("junit.xml").exists());
}

#[test]
fn retransmission_disorder_and_both_byte_orders_change_nothing() {
    let clean = Capture::read(&file("clean.pcap"));
    for (what, bytes) in [
        ("as it is", clean.write(false, false)),
        ("big-endian", clean.write(true, false)),
        ("nanoseconds", clean.write(false, true)),
        ("big-endian, nanoseconds", clean.write(true, true)),
        ("every packet twice", clean.twice().write(false, false)),
    ] {
        assert_eq!(is_clean(what, &bytes).outcome.connections, 8, "{what}");
    }
    for seed in 0..60 {
        let checked = is_clean(&format!("disorder {seed}"), &clean.disordered(&mut Rng(seed), 4).write(false, false));
        assert_eq!(checked.outcome.connections, 8, "disorder {seed}");
    }
}

#[test]
fn what_a_capture_lacks_is_held_against_nobody() {
    for name in ["clean.pcap", "cooked.pcap", "midstream.pcap"] {
        let capture = Capture::read(&file(name));
        for first in 0..capture.len() {
            is_clean(&format!("{name} from packet {first}"), &capture.from(first).write(false, true));
            is_clean(&format!("{name} to packet {first}"), &capture.to(first).write(false, true));
            is_clean(&format!("{name} without packet {first}"), &capture.without(first).write(false, true));
        }
        for seed in 0..150 {
            let lossy = capture.lossy(&mut Rng(seed), 2 + seed % 12);
            is_clean(&format!("{name} lossy {seed}"), &lossy.write(false, true));
            is_clean(
                &format!("{name} lossy and in disorder {seed}"),
                &lossy.disordered(&mut Rng(seed), 3).write(false, true),
            );
        }
        for length in [60, 70, 80, 100, 200] {
            is_clean(&format!("{name} of {length} bytes each"), &capture.snapped(length).write(false, true));
        }
    }
}

#[test]
fn hostile_files_are_read_without_harm() {
    for name in ["clean.pcap", "clean.pcapng", "cooked.pcap", "planted.pcap"] {
        let bytes = std::fs::read(file(name)).unwrap();
        for seed in 0..300 {
            let mut rng = Rng(seed * 7 + 1);
            let mut hostile = bytes.clone();
            for _ in 0..1 + rng.below(12) {
                let at = rng.below(hostile.len());
                match rng.below(4) {
                    0 => hostile[at] = rng.below(256) as u8,
                    1 => hostile[at] = [0, 0xFF, 0x7F, 0x80][rng.below(4)],
                    2 => hostile.truncate(at.max(1)),
                    _ => {
                        let end = (at + 1 + rng.below(64)).min(hostile.len());
                        let piece = hostile[at..end].to_vec();
                        hostile.splice(at..at, piece);
                    }
                }
            }
            for scope in [Scope::Some, Scope::Everything] {
                // Whatever comes of it, it ends.
                let _ = check(hostile.as_slice(), &[], Checker::new(Unit::Packet, scope, None));
            }
        }
    }
}

#[test]
fn a_file_that_is_no_capture_gets_one_line() {
    let scratch = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("no-captures");
    std::fs::create_dir_all(&scratch).unwrap();
    let clean = std::fs::read(file("clean.pcap")).unwrap();
    let planted = std::fs::read(file("planted.pcap")).unwrap();
    for (name, content, code, part) in [
        ("empty", b"".as_slice(), 2, "the file is empty"),
        ("text", b"hello, this is no capture at all", 2, "neither pcap nor pcapng"),
        ("cut", &clean[..20_000], 2, "what begins at byte "),
        ("header", &clean[..24], 4, "shows no MQTT"),
        // What was found counts more than that the end is missing.
        ("planted", &planted[..planted.len() - 10], 1, "the file ends inside it"),
    ] {
        let path = scratch.join(name);
        std::fs::write(&path, content).unwrap();
        let output = mqttspec(&["check", path.to_str().unwrap()]);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{name}: {stderr}");
        assert!(stderr.starts_with("error: ") && stderr.trim_end().lines().count() == 1, "{name}: {stderr}");
        assert!(stderr.contains(part), "{name}: {stderr}");
    }
    let output = mqttspec(&["check", "/nonexistent.pcap"]);
    assert_eq!(output.status.code(), Some(2));
    let output = mqttspec(&["check", scratch.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let output = mqttspec(&["check"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn traffic_that_is_not_mqtt_is_left_alone() {
    // The same capture with other first bytes of every CONNECT.
    let mut capture = Capture::read(&file("clean.pcap"));
    capture.replace(b"\x04MQTT", b"\x04HTTP");
    capture.replace(b"\x06MQIsdp", b"\x06Foobar");
    let checked = judge(&capture.write(false, false));
    assert_eq!(findings(&checked.outcome.results), [] as [String; 0]);
    assert_eq!(checked.outcome.connections, 0);
    let reasons: Vec<_> = checked.outcome.results.iter().filter_map(|result| result.reason.as_deref()).collect();
    assert!(reasons.iter().filter(|reason| reason.contains("no CONNECT: 10 ")).count() == 8, "{reasons:?}");
}

#[test]
fn a_violation_in_any_byte_is_blamed_on_its_sender() {
    // CONNACK with reserved flags: the Server's doing, in the packet that a look at the capture shows. The fourth, of 3.1,
    // breaks nothing: that byte is not used there.
    let mut capture = Capture::read(&file("clean.pcap"));
    capture.replace(b"\x20\x02\x00\x00", b"\x20\x02\x08\x00");
    let checked = judge(&capture.write(false, false));
    let broken: Vec<_> = checked.outcome.results.iter().flat_map(|result| &result.findings).collect();
    assert_eq!(broken.len(), 3, "{:#?}", findings(&checked.outcome.results));
    assert!(broken.iter().all(|finding| finding.level == Level::Must && finding.section == "3.2.2.1"));
    assert!(broken.iter().all(|finding| finding.message.starts_with("by the Server: malformed CONNACK")));
    // SUBSCRIBE with other flags: the Client's.
    let mut capture = Capture::read(&file("clean.pcap"));
    capture.replace(b"\x82\x08\x00\x01\x00\x03a/+", b"\x80\x08\x00\x01\x00\x03a/+");
    let checked = judge(&capture.write(false, false));
    let by: Vec<_> = checked.outcome.results.iter().flat_map(|result| &result.findings).collect();
    assert!(by.iter().any(|finding| finding.message.starts_with("by the Client")), "{by:?}");
}
