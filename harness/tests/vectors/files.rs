//! The committed files, read as anyone would read them: as JSON.

use std::fs;

use mqttspec::vectors::json;
use mqttspec_codec::vectors::{Flag, vectors};
use mqttspec_codec::{Mutation, PacketBuf, ProtocolVersion, ViolationKind, decode};
use mqttspec_scenarios::statements::Catalogue;
use serde_json::Value;

use super::folder;

/// The example of the README.
const EXAMPLE: &str = "unsubscribe/first-misplaced-hash";

/// Compares, or writes when `MQTTSPEC_WRITE_VECTORS` is set.
fn hold(name: &str, expected: &str) {
    let path = folder().join(name);
    if std::env::var_os("MQTTSPEC_WRITE_VECTORS").is_some() {
        fs::write(&path, expected).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    let differs = found.lines().zip(expected.lines()).position(|(a, b)| a != b);
    assert!(
        found == expected,
        "codec/vectors/{name} is out of date, first in line {:?}: write it anew as its README says",
        differs.map(|line| line + 1)
    );
}

fn committed(version: ProtocolVersion) -> Value {
    serde_json::from_str(&fs::read_to_string(folder().join(format!("mqtt-{version}.json"))).unwrap()).unwrap()
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

#[test]
fn committed_files_are_those_that_are_generated() {
    for version in ProtocolVersion::ALL {
        hold(&format!("mqtt-{version}.json"), &json(version));
    }
    hold("README.md", &readme());
}

/// The figures that the README and the changelog boast with.
#[test]
fn what_is_said_of_their_number_is_true() {
    let root = folder().join("../..");
    let read = |name: &str| fs::read_to_string(root.join(name)).unwrap().replace('\n', " ");
    for version in ProtocolVersion::ALL {
        let count = vectors(version).len();
        let count = format!("{},{:03}", count / 1000, count % 1000);
        let said = [format!("{count} for {version}"), format!("{count} for MQTT {version}")];
        for name in ["README.md", "CHANGELOG.md"] {
            assert!(said.iter().any(|said| read(name).contains(said)), "{name} does not say {}", said[0]);
        }
    }
    let mutations = format!("{} named mutations", Mutation::ALL.len());
    assert!(read("README.md").contains(&mutations), "README.md does not say {mutations}");
}

/// The README with its tables and its example made anew.
fn readme() -> String {
    let old = fs::read_to_string(folder().join("README.md")).unwrap();
    let mut lines = Vec::new();
    let mut skipping = false;
    for line in old.lines() {
        let version = ProtocolVersion::ALL.iter().find(|v| line.starts_with(&format!("| [`mqtt-{v}.json`]")));
        if let Some(version) = version {
            let all = vectors(*version);
            let valid = all.iter().filter(|vector| vector.valid).count();
            lines.push(format!(
                "| [`mqtt-{version}.json`](mqtt-{version}.json) | MQTT {version} | {} | {valid} |",
                all.len()
            ));
            continue;
        }
        let flag_row = line.starts_with("| `") && Flag::ALL.iter().any(|f| line.starts_with(&format!("| `{f}` | ")));
        let code_ends = skipping && line == "```";
        if flag_row || (skipping && !code_ends) {
            continue;
        }
        skipping = false;
        lines.push(line.to_owned());
        if line == "```json" {
            skipping = true;
            lines.push(example());
        }
        if line == "|---|---|" && lines[lines.len() - 2] == "| flag | meaning |" {
            lines.extend(Flag::ALL.iter().map(|flag| format!("| `{flag}` | {} |", flag.describe())));
        }
    }
    lines.join("\n") + "\n"
}

fn example() -> String {
    let all = vectors(ProtocolVersion::V5_0);
    let vector = serde_json::to_value(all.iter().find(|vector| vector.id == EXAMPLE).unwrap()).unwrap();
    let order = ["id", "comment", "valid", "packet_type", "direction", "bytes", "flags", "statements", "reason_code"];
    let order = order.iter().chain(&["reason_codes", "violations"]);
    let fields: Vec<_> = order.map(|key| format!("  \"{key}\": {}", vector[*key])).collect();
    format!("{{\n{}\n}}", fields.join(",\n"))
}

#[test]
fn committed_files_fit_their_schema() {
    let schema: Value = serde_json::from_str(&fs::read_to_string(folder().join("schema.json")).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for version in ProtocolVersion::ALL {
        let file = committed(version);
        let errors: Vec<_> =
            validator.iter_errors(&file).take(3).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{version}: {errors:?}");
    }
    let flags = &schema["$defs"]["vector"]["properties"]["flags"]["items"]["enum"];
    assert_eq!(strings(flags), Flag::ALL.iter().map(|flag| flag.id()).collect::<Vec<_>>());

    // The schema can say no: a change to one vector, each of them wrong.
    let file = committed(ProtocolVersion::V5_0);
    let at = |valid: bool| file["vectors"].as_array().unwrap().iter().position(|v| v["valid"] == valid).unwrap();
    let changes: [(bool, &str, Value); 8] = [
        (true, "bytes", "0g".into()),
        (true, "bytes", "0".into()),
        (true, "packet", Value::Null),
        (true, "flags", serde_json::json!(["odd"])),
        (true, "reason_code", 0x81.into()),
        (false, "violations", serde_json::json!([])),
        (false, "valid", true.into()),
        (false, "runs", serde_json::json!([["00", 1]])),
    ];
    for (valid, key, value) in changes {
        let mut broken = file.clone();
        broken["vectors"] = serde_json::json!([file["vectors"][at(valid)]]);
        assert!(validator.is_valid(&broken));
        broken["vectors"][0][key] = value;
        assert!(!validator.is_valid(&broken), "{key}: {}", broken["vectors"][0]);
    }
}

/// Expands `bytes` or `runs`, as the README says.
fn bytes_of(vector: &Value) -> Vec<u8> {
    let unhex = |text: &str| -> Vec<u8> {
        text.as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    };
    match vector["runs"].as_array() {
        None => unhex(vector["bytes"].as_str().unwrap()),
        Some(runs) => runs
            .iter()
            .flat_map(|run| unhex(run[0].as_str().unwrap()).repeat(run[1].as_u64().unwrap() as usize))
            .collect(),
    }
}

#[test]
fn the_strict_decoder_agrees_with_the_files_on_every_verdict_and_field() {
    for version in ProtocolVersion::ALL {
        let file = committed(version);
        assert_eq!(file["spec"], version.as_str());
        let all = file["vectors"].as_array().unwrap();
        assert_eq!(file["count"], all.len());
        assert_eq!(file["valid"], all.iter().filter(|vector| vector["valid"] == true).count());
        for vector in all {
            let bytes = bytes_of(vector);
            let decoded = decode(&bytes, version);
            assert_eq!(vector["valid"], decoded.is_ok(), "{version} {}", vector["id"]);
            if let Some(packet) = vector.get("packet") {
                let packet: PacketBuf = serde_json::from_value(packet.clone()).unwrap();
                assert_eq!(decoded.unwrap().to_buf(), packet, "{version} {}", vector["id"]);
            } else if vector["valid"] == true {
                assert!(strings(&vector["flags"]).contains(&"large"), "{version} {}", vector["id"]);
            }
        }
    }
}

#[test]
fn every_name_in_the_files_is_explained() {
    for version in ProtocolVersion::ALL {
        let file = committed(version);
        let catalogue = Catalogue::of(version);
        for vector in file["vectors"].as_array().unwrap() {
            for flag in strings(&vector["flags"]) {
                assert!(file["flags"].get(flag).is_some(), "{flag}");
            }
            for violation in vector["violations"].as_array().unwrap() {
                assert!(file["kinds"].get(violation["kind"].as_str().unwrap()).is_some(), "{violation}");
            }
            for statement in strings(&vector["statements"]) {
                assert!(catalogue.get(statement).is_some(), "{version} {}: {statement}", vector["id"]);
            }
        }
        for (kind, text) in file["kinds"].as_object().unwrap() {
            let known = ViolationKind::ALL.iter().find(|known| known.id() == kind).unwrap();
            assert_eq!(text, known.describe());
        }
    }
}

#[test]
fn every_invalid_vector_says_which_section_it_breaks() {
    for version in ProtocolVersion::ALL {
        for vector in vectors(version).iter().filter(|vector| !vector.valid) {
            let cited = vector.violations.iter().all(|violation| !violation.section.is_empty());
            assert!(cited && !vector.violations.is_empty(), "{version} {}", vector.id);
        }
    }
}

#[test]
fn the_figures_of_the_front_page_are_true() {
    let text = fs::read_to_string(folder().join("../../README.md")).unwrap().replace('\n', " ");
    for version in ProtocolVersion::ALL {
        let count = vectors(version).len();
        let figure = format!("{},{:03} for ", count / 1000, count % 1000);
        assert!(text.contains(&figure), "README.md does not say that there are {figure}MQTT {version}");
    }
}
