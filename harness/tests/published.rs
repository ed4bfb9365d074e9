//! The scenario files that are published beside the findings: whoever plays them must get what the reports say.

// Clippy allows `unwrap` in test functions; here the helpers around them may panic as well.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mqttspec::engine::{ConnectDefaults, Options, Timing, memory};
use mqttspec::generate::events;
use mqttspec::scenario_file::ScenarioFile;
use mqttspec_reports::Verdict;
use mqttspec_scenarios::broker::BrokerConfig;
use mqttspec_scenarios::model::Namespace;

/// What a maintainer can be asked to follow: packets sent, connections ended, waits.
const MOST_EVENTS: usize = 12;

/// Every JSON file below `folder`.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn every_published_scenario_is_small_and_passes_on_the_honest_broker() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../reports/published");
    let files = files(&folder);
    assert!(files.len() > 40, "only {} files below {}", files.len(), folder.display());
    let mut wrong = Vec::new();
    for path in files {
        let name = path.strip_prefix(&folder).unwrap_or(&path).display().to_string();
        let scenario = match ScenarioFile::read(&path) {
            Ok(file) => file.scenario,
            Err(why) => {
                wrong.push(why);
                continue;
            }
        };
        let count = events(&scenario);
        if count > MOST_EVENTS {
            wrong.push(format!("{name}: {count} events, more than {MOST_EVENTS}"));
        }
        let options = Options {
            namespace: Namespace::new(1, 1),
            timing: Timing::default(),
            defaults: ConnectDefaults::default(),
        };
        let (outcome, _) = memory::run(&Arc::new(scenario), options, BrokerConfig::default());
        if outcome.verdict != Verdict::Pass || !outcome.findings.is_empty() {
            wrong.push(format!("{name}: {:?} ({:?}): {:?}", outcome.verdict, outcome.reason, outcome.findings));
        }
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}
