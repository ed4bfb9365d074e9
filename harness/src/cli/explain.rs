//! `mqttspec explain ID`: a scenario as a dialogue, or a statement with everything that is known of it.

use mqttspec_codec::ProtocolVersion;
use mqttspec_reports::exit_code::{NOTHING_SELECTED, SUCCESS};
use mqttspec_scenarios::broker::Fault;
use mqttspec_scenarios::broker_scenarios;
use mqttspec_scenarios::model::Scenario;
use mqttspec_scenarios::statements::{Catalogue, Seen, Statement};

use super::args::ExplainArgs;
use super::output::{complain, say};
use crate::coverage::Proofs;
use crate::plan::{Filter, Vocabulary};

/// Scenarios explained at once when the ID selects several.
const AT_ONCE: usize = 3;

pub(super) fn explain(args: &ExplainArgs) -> u8 {
    let all = broker_scenarios();
    let id = args.id.trim();
    let statements: Vec<(ProtocolVersion, &Statement)> = ProtocolVersion::ALL
        .into_iter()
        .flat_map(|version| Catalogue::of(version).statements.iter().map(move |statement| (version, statement)))
        .filter(|(_, statement)| statement.id.eq_ignore_ascii_case(id))
        .collect();
    if !statements.is_empty() {
        let proofs = Proofs::of(&all);
        let texts: Vec<_> =
            statements.iter().map(|(version, statement)| explain_statement(*version, statement, &proofs)).collect();
        say(&texts.join("\n"));
        return SUCCESS;
    }
    let vocabulary = Vocabulary::of(&all);
    let filter = Filter::new(id);
    let found: Vec<&Scenario> = all.iter().filter(|scenario| filter.matches(scenario, &vocabulary)).collect();
    if found.is_empty() {
        let error = vocabulary.nothing_matches(id).to_string();
        complain(&error.replace("selects no scenario", "is no scenario and no statement"));
        return NOTHING_SELECTED;
    }
    let texts: Vec<_> = found.iter().take(AT_ONCE).map(|scenario| explain_scenario(scenario)).collect();
    let mut text = texts.join("\n");
    if found.len() > AT_ONCE {
        text.push_str(&format!("\n… and {} more: mqttspec list '{id}'\n", found.len() - AT_ONCE));
    }
    say(&text);
    SUCCESS
}

fn explain_scenario(scenario: &Scenario) -> String {
    let mut out = format!("{}\n  {}\n  MQTT {}, {}\n", scenario.id, scenario.title, scenario.version, scenario.chapter);
    if scenario.clock_ms() > 0 {
        out.push_str(&format!("  takes {} ms of real time\n", scenario.clock_ms()));
    }
    if !scenario.needs.is_empty() {
        let needs: Vec<_> = scenario.needs.iter().map(ToString::to_string).collect();
        out.push_str(&format!("  needs {}\n", needs.join("; ")));
    }
    out.push_str("\nA pass shows\n");
    let catalogue = Catalogue::of(scenario.version);
    for id in &scenario.statements {
        match catalogue.get(id) {
            Some(s) => {
                out.push_str(&format!("  {id} ({}, section {})\n    {}\n", s.judged_level(), s.section, s.requirement));
            }
            None => out.push_str(&format!("  {id}\n")),
        }
    }
    out.push_str("\nDialogue\n");
    for line in scenario.to_text().lines() {
        out.push_str(&format!("  {line}\n"));
    }
    let faults: Vec<_> = Fault::ALL
        .iter()
        .filter(|fault| {
            fault.statement(scenario.version).is_some_and(|id| scenario.statements.iter().any(|own| own == id))
        })
        .collect();
    if !faults.is_empty() {
        out.push_str("\nFaults of the reference broker that break these statements\n");
        for fault in faults {
            out.push_str(&format!("  {}: {}\n", fault.id(), fault.describe()));
        }
    }
    out
}

fn explain_statement(version: ProtocolVersion, statement: &Statement, proofs: &Proofs<'_>) -> String {
    let mut out = format!(
        "{} of MQTT {version}, section {}\n  {}\n  level: {}; who: {}\n  at a broker: {}\n  at a client: {}\n",
        statement.id,
        statement.section,
        statement.requirement,
        statement.judged_level(),
        statement.who,
        seen(&statement.at_broker),
        seen(&statement.at_client),
    );
    if let Some(note) = &statement.note {
        out.push_str(&format!("  note: {note}\n"));
    }
    let by = proofs.by(version, &statement.id);
    out.push_str(if by.is_empty() { "\nNo scenario proves it\n" } else { "\nScenarios that prove it\n" });
    for scenario in by {
        out.push_str(&format!("  {}: {}\n", scenario.id, scenario.title));
    }
    let faults: Vec<_> =
        Fault::ALL.iter().filter(|fault| fault.statement(version) == Some(statement.id.as_str())).collect();
    if !faults.is_empty() {
        out.push_str("\nFaults of the reference broker that break it\n");
        for fault in faults {
            out.push_str(&format!("  {}: {}\n", fault.id(), fault.describe()));
        }
    }
    out
}

fn seen(seen: &Seen) -> String {
    match seen {
        Seen::Directly => "seen directly".to_owned(),
        Seen::Setup { setup } => format!("seen only with {setup}"),
        Seen::No { why } => format!("not seen: {why}"),
    }
}
