//! The rules of the house that a test can hold: who may know whom, how long a file may be, what must not be called.

use std::fs;
use std::path::{Path, PathBuf};

const CRATES: [&str; 6] = ["codec", "codec/bench", "fuzz", "harness", "reports", "scenarios"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() && path.file_name().is_none_or(|name| name != "target") {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The mqttspec crates that `folder` names in `[dependencies]`.
fn dependencies(folder: &str) -> Vec<String> {
    let manifest = read(&root().join(folder).join("Cargo.toml"));
    let section = manifest.split("[dependencies]").nth(1).unwrap_or_default();
    let section = section.split("\n[").next().unwrap_or_default();
    let mut crates: Vec<String> = section
        .lines()
        .filter_map(|line| line.strip_prefix("mqttspec-"))
        .filter_map(|rest| rest.split(['.', ' ', '=']).next())
        .map(str::to_owned)
        .collect();
    crates.sort();
    crates
}

#[test]
fn the_arrows_between_crates_are_those_of_the_design() {
    assert_eq!(dependencies("codec"), Vec::<String>::new());
    assert_eq!(dependencies("codec/bench"), ["codec"]);
    assert_eq!(dependencies("reports"), Vec::<String>::new());
    assert_eq!(dependencies("scenarios"), ["codec"]);
    assert_eq!(dependencies("harness"), ["bench", "codec", "reports", "scenarios"]);
    assert!(dependencies("fuzz").iter().all(|name| ["codec", "scenarios", "harness"].contains(&name.as_str())));
}

#[test]
fn files_are_short() {
    let mut lengths = Vec::new();
    for krate in CRATES {
        for path in sources(&root().join(krate).join("src")) {
            let lines = read(&path).lines().count();
            assert!(lines <= 800, "{} has {lines} lines; split it by idea", path.display());
            lengths.push(lines);
        }
    }
    lengths.sort_unstable();
    assert!(lengths[lengths.len() / 2] <= 250, "the median file has {} lines", lengths[lengths.len() / 2]);
}

#[test]
fn what_is_pure_does_no_io_and_reads_no_clock() {
    let forbidden =
        ["std::net", "std::fs", "std::io", "std::process", "tokio", "Instant::now", "SystemTime", "thread_rng"];
    // `codec/bench` is not among them: it measures.
    for krate in ["codec", "scenarios", "reports"] {
        for path in sources(&root().join(krate).join("src")) {
            let text = read(&path);
            // Tests may read files; comments may name what the code must not call.
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let code: Vec<_> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            let text = code.join("\n");
            for word in forbidden {
                assert!(!text.contains(word), "{} mentions {word}", path.display());
            }
        }
    }
}

#[test]
fn scenarios_name_no_product() {
    let products = ["mosquitto", "emqx", "hivemq", "vernemq", "rumqtt", "nanomq", "aedes", "amqtt", "rabbitmq", "paho"];
    for path in sources(&root().join("scenarios/src")) {
        let text = read(&path).to_lowercase();
        for product in products {
            assert!(!text.contains(product), "{} names {product}", path.display());
        }
    }
}

#[test]
fn nothing_sleeps() {
    // Written in two parts so that this file does not find itself.
    let calls = [["thread::", "sleep("].concat(), ["time::", "sleep("].concat()];
    for krate in CRATES {
        for path in sources(&root().join(krate)) {
            let text = read(&path);
            for call in &calls {
                assert!(!text.contains(call.as_str()), "{} calls {call}…)", path.display());
            }
        }
    }
}
