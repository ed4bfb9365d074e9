//! Every scenario as data: unique, well-formed, citing what exists, and the same after a round trip through serde.

use std::collections::BTreeSet;

use mqttspec_codec::{PacketBuf, ProtocolVersion};
use mqttspec_scenarios::broker_scenarios;
use mqttspec_scenarios::chapters;
use mqttspec_scenarios::model::{Alternative, Cite, Namespace, Outgoing, PLACEHOLDER, Pattern, Scenario, Step};
use mqttspec_scenarios::statements::Catalogue;

/// The chapters of both standards that have something to see at a broker. 4.11, server redirection, has not: no client
/// can make a server send it elsewhere.
const CHAPTERS: [&str; 27] = [
    "3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15",
    "4.1", "4.2", "4.3", "4.4", "4.5", "4.6", "4.7", "4.8", "4.9", "4.10", "4.12", "4.13",
];

#[test]
fn there_are_enough_of_them_in_every_chapter() {
    let by_hand = chapters::all();
    assert!(by_hand.len() >= 220, "{}", by_hand.len());
    let touched: BTreeSet<&str> = by_hand.iter().map(Scenario::chapter_number).collect();
    let missing: Vec<_> = CHAPTERS.iter().filter(|chapter| !touched.contains(*chapter)).collect();
    assert!(missing.is_empty(), "no hand-written scenario of {missing:?}; there are {touched:?}");
}

#[test]
fn ids_are_unique_and_kebab_case() {
    let mut seen = BTreeSet::new();
    for scenario in broker_scenarios() {
        let id = &scenario.id;
        let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "/-:".contains(c);
        assert!(id.chars().all(legal), "{id}");
        let version = match scenario.version {
            ProtocolVersion::V3_1 => "v31/",
            ProtocolVersion::V3_1_1 => "v311/",
            ProtocolVersion::V5_0 => "v5/",
        };
        assert!(id.starts_with(version) && id.matches('/').count() >= 2, "{id}");
        assert!(seen.insert(id.clone()), "{id} twice");
        assert!(!scenario.title.is_empty() && !scenario.title.ends_with('.'), "{id}: {:?}", scenario.title);
    }
}

#[test]
fn every_cited_statement_is_in_the_catalogue_of_its_version() {
    for scenario in broker_scenarios() {
        let catalogue = Catalogue::of(scenario.version);
        for id in &scenario.statements {
            assert!(catalogue.get(id).is_some(), "{} proves {id}, which {} has not", scenario.id, scenario.version);
        }
        for cite in cites(&scenario) {
            let known = cite.as_section().is_some() || catalogue.get(&cite.0).is_some();
            assert!(known, "{} cites {}, which {} has not", scenario.id, cite.0, scenario.version);
        }
    }
}

#[test]
fn connections_are_opened_before_they_are_used() {
    for scenario in broker_scenarios() {
        let mut open = BTreeSet::new();
        for step in &scenario.steps {
            match step {
                Step::Open { connection } => {
                    open.insert(connection.as_str());
                }
                Step::Elect(elect) => {
                    assert!(elect.among.iter().all(|name| open.contains(name.as_str())), "{}", scenario.id);
                    open.insert(&elect.chosen);
                    open.extend(elect.others.iter().map(String::as_str));
                }
                other => {
                    let name = other.connection();
                    assert!(name.is_empty() || open.contains(name), "{}: {name} is not open", scenario.id);
                }
            }
        }
    }
}

#[test]
fn client_identifiers_and_topics_are_the_scenarios_own() {
    let namespace = Namespace::new(0, 0);
    for scenario in broker_scenarios() {
        for packet in packets(&scenario) {
            match packet {
                PacketBuf::Connect(connect) => {
                    let expanded = namespace.expand(&connect.client_id);
                    let own = connect.client_id.contains(PLACEHOLDER) || connect.client_id.is_empty();
                    assert!(own, "{}: client id {:?}", scenario.id, connect.client_id);
                    let about_length = scenario.id.contains("client-id") || scenario.id.contains("client-identifier");
                    assert!(expanded.len() <= 23 || about_length, "{}: client id {expanded:?}", scenario.id);
                }
                PacketBuf::Publish(publish) => {
                    let own = publish.topic.is_empty()
                        || publish.topic.contains(PLACEHOLDER)
                        || publish.topic.starts_with('$');
                    assert!(own, "{}: topic {:?}", scenario.id, publish.topic);
                }
                _ => {}
            }
        }
    }
}

#[test]
fn real_time_is_spent_sparingly() {
    for scenario in broker_scenarios() {
        assert!(scenario.clock_ms() <= 8_000, "{} waits {} ms", scenario.id, scenario.clock_ms());
    }
}

#[test]
fn serde_brings_every_scenario_back() {
    for scenario in broker_scenarios() {
        let text = serde_json::to_string(&scenario).expect("a scenario is plain data");
        let back: Scenario = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", scenario.id));
        assert_eq!(back, scenario);
    }
}

#[test]
fn every_step_can_be_read() {
    for scenario in broker_scenarios() {
        let text = scenario.to_text();
        assert_eq!(text.lines().count(), scenario.steps.len(), "{}:\n{text}", scenario.id);
    }
}

#[test]
fn a_dialogue_reads_well() {
    let all = broker_scenarios();
    let text = |id: &str| all.iter().find(|s| s.id == id).unwrap_or_else(|| panic!("no {id}")).to_text();
    insta::assert_snapshot!("dialogue_resumption", text("v5/resume/message-in-flight-does-not-expire"));
    insta::assert_snapshot!("dialogue_malformed", text("v311/malformed/subscribe/no-topic-filters"));
    insta::assert_snapshot!("dialogue_authentication", text("v5/malformed/auth/flag-bit-0"));
}

fn packets(scenario: &Scenario) -> Vec<&PacketBuf> {
    fn collect<'a>(outgoing: &'a Outgoing, packets: &mut Vec<&'a PacketBuf>) {
        match outgoing {
            Outgoing::Packet(packet) | Outgoing::ConnectAsAssigned { packet, .. } => packets.push(packet),
            Outgoing::Together(parts) => parts.iter().for_each(|part| collect(part, packets)),
            Outgoing::InPieces { outgoing, .. } => collect(outgoing, packets),
            _ => {}
        }
    }
    let mut packets = Vec::new();
    for step in &scenario.steps {
        if let Step::Send { outgoing, .. } = step {
            collect(outgoing, &mut packets);
        }
    }
    packets
}

fn cites(scenario: &Scenario) -> Vec<&Cite> {
    let mut cites = Vec::new();
    for step in &scenario.steps {
        match step {
            Step::Expect(expect) => {
                cites.push(&expect.cite);
                expect.one_of.iter().for_each(|alternative| cites_of(alternative, &mut cites));
            }
            Step::Quiet(quiet) => cites.push(&quiet.cite),
            Step::Fence { cite, .. } => cites.push(cite),
            Step::Elect(elect) => {
                cites.push(&elect.cite);
                checks_of(&elect.pattern, &mut cites);
            }
            _ => {}
        }
    }
    cites
}

fn cites_of<'a>(alternative: &'a Alternative, cites: &mut Vec<&'a Cite>) {
    match alternative {
        Alternative::Packet(pattern) | Alternative::Stop { pattern, .. } => checks_of(pattern, cites),
        Alternative::AnyOrder(patterns) => patterns.iter().for_each(|pattern| checks_of(pattern, cites)),
        Alternative::End(ending) => ending.farewell.iter().for_each(|pattern| checks_of(pattern, cites)),
        _ => {}
    }
}

fn checks_of<'a>(pattern: &'a Pattern, cites: &mut Vec<&'a Cite>) {
    cites.extend(pattern.checks.iter().filter_map(|check| check.cite.as_ref()));
}
