//! The statement catalogue against the numbered lists of the standard, and against itself.

use std::collections::BTreeSet;
use std::path::Path;

use mqttspec_codec::ProtocolVersion;
use mqttspec_scenarios::statements::{Catalogue, Seen, Who};

/// Two statements of 3.1.1 whose ids are misprinted in the standard, so that the extracted list lacks them.
const MISPRINTED: [&str; 2] = ["MQTT-3.1.2-7", "MQTT-3.8.3-4"];

#[test]
fn every_statement_of_5_0_and_3_1_1_is_there() {
    assert_eq!(Catalogue::of(ProtocolVersion::V5_0).statements.len(), 251);
    assert_eq!(Catalogue::of(ProtocolVersion::V3_1_1).statements.len(), 139 + MISPRINTED.len());
}

#[test]
fn ids_are_those_of_the_numbered_lists() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/spec");
    if !folder.is_dir() {
        eprintln!("{} is not there: ids are only counted, not compared", folder.display());
        return;
    }
    for (version, file) in
        [(ProtocolVersion::V5_0, "normative-v5.0.tsv"), (ProtocolVersion::V3_1_1, "normative-v3.1.1.tsv")]
    {
        let list = std::fs::read_to_string(folder.join(file)).expect("the list is readable");
        let listed: BTreeSet<&str> = list.lines().filter_map(|line| line.split('\t').next()).collect();
        let ours: BTreeSet<&str> = Catalogue::of(version)
            .statements
            .iter()
            .map(|s| s.id.as_str())
            .filter(|id| version == ProtocolVersion::V5_0 || !MISPRINTED.contains(id))
            .collect();
        assert_eq!(ours, listed, "{version}");
    }
}

#[test]
fn ids_are_unique_and_requirements_are_sentences() {
    for version in ProtocolVersion::ALL {
        let mut seen = BTreeSet::new();
        for statement in &Catalogue::of(version).statements {
            assert!(seen.insert(&statement.id), "{} twice in {version}", statement.id);
            assert!(statement.requirement.ends_with('.'), "{}: {:?}", statement.id, statement.requirement);
            assert!(!statement.section.is_empty(), "{}", statement.id);
        }
    }
}

#[test]
fn a_statement_is_seen_only_at_whom_it_binds() {
    for version in ProtocolVersion::ALL {
        for statement in &Catalogue::of(version).statements {
            let unseen = |seen: &Seen| matches!(seen, Seen::No { .. });
            match statement.who {
                Who::Client => assert!(unseen(&statement.at_broker), "{}", statement.id),
                Who::Server => assert!(unseen(&statement.at_client), "{}", statement.id),
                Who::Both => {}
            }
        }
    }
}

#[test]
fn every_duty_is_in_the_catalogue() {
    for duty in mqttspec_scenarios::duty::ALL {
        for version in ProtocolVersion::ALL {
            if let Some(id) = duty.id(version) {
                assert!(Catalogue::of(version).get(id).is_some(), "{id} of {version}");
            }
        }
    }
}
