//! `mqttspec list`: the scenarios, the statements, and which prove which.

use mqttspec_codec::ProtocolVersion;
use mqttspec_reports::exit_code::{NOTHING_SELECTED, SUCCESS};
use mqttspec_scenarios::broker_scenarios;
use mqttspec_scenarios::model::{Role, Scenario};
use mqttspec_scenarios::statements::{Catalogue, Seen, Statement};
use serde_json::{Value, json};

use super::args::{Format, ListArgs};
use super::output::{complain, say};
use crate::coverage::{COUNTED, Proofs, observable, role_name, rows};
use crate::plan::{Filter, select};

/// The version of the shape of `list --format json`.
const SCHEMA_VERSION: u32 = 1;

pub(super) fn list(args: &ListArgs) -> u8 {
    let all = broker_scenarios();
    let filters: Vec<Filter> = args.filters.iter().map(|filter| Filter::new(filter)).collect();
    let selected = match select(&all, &filters, &[], &[]) {
        Ok(selected) => selected,
        Err(error) => {
            complain(&error.to_string());
            return NOTHING_SELECTED;
        }
    };
    say(&match args.format {
        Format::Text => text(&all, &selected),
        Format::Json => format!("{:#}\n", value(&all, &selected)),
    });
    SUCCESS
}

fn text(all: &[Scenario], selected: &[Scenario]) -> String {
    let width = selected.iter().map(|scenario| scenario.id.len()).max().unwrap_or(0).min(60);
    let mut out = String::new();
    let mut chapter = "";
    for scenario in selected {
        if scenario.chapter != chapter {
            chapter = &scenario.chapter;
            out.push_str(&format!("{}{chapter}\n", if out.is_empty() { "" } else { "\n" }));
        }
        out.push_str(&format!("  {:width$}  {}\n", scenario.id, scenario.title));
    }
    out.push_str(&format!("\n{} of {} scenarios\n", selected.len(), all.len()));
    for row in rows(all, &[]).into_iter().filter(|row| row.role == role_name(Role::Broker)) {
        out.push_str(&format!(
            "MQTT {}: {} of {} statements that can be seen at a broker are covered\n",
            row.version, row.covered, row.observable
        ));
    }
    out
}

fn value(all: &[Scenario], selected: &[Scenario]) -> Value {
    let proofs = Proofs::of(all);
    let scenarios: Vec<Value> = selected
        .iter()
        .map(|scenario| {
            json!({
                "id": scenario.id,
                "title": scenario.title,
                "version": scenario.version.as_str(),
                "role": role_name(scenario.role),
                "chapter": scenario.chapter,
                "statements": scenario.statements,
                "needs": scenario.needs.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "clock_ms": scenario.clock_ms(),
            })
        })
        .collect();
    let proves = |version: ProtocolVersion, statement: &Statement| {
        selected.iter().any(|scenario| scenario.version == version && scenario.statements.contains(&statement.id))
    };
    let everything = selected.len() == all.len();
    let statements: Vec<Value> = ProtocolVersion::ALL
        .into_iter()
        .flat_map(|version| Catalogue::of(version).statements.iter().map(move |statement| (version, statement)))
        .filter(|(version, statement)| everything || proves(*version, statement))
        .map(|(version, statement)| {
            let by: Vec<_> = proofs.by(version, &statement.id).iter().map(|scenario| &scenario.id).collect();
            json!({
                "id": statement.id,
                "version": version.as_str(),
                "section": statement.section,
                "level": statement.level.to_string(),
                "who": statement.who.to_string(),
                "requirement": statement.requirement,
                "at_broker": seen(&statement.at_broker),
                "at_client": seen(&statement.at_client),
                "note": statement.note,
                "scenarios": by,
            })
        })
        .collect();
    json!({
        "schema_version": SCHEMA_VERSION,
        "tool_version": env!("CARGO_PKG_VERSION"),
        "coverage": coverage(all, &proofs),
        "scenarios": scenarios,
        "statements": statements,
    })
}

/// Covered and observable statements per version and role, and which are missing.
fn coverage(all: &[Scenario], proofs: &Proofs<'_>) -> Vec<Value> {
    let mut out = Vec::new();
    let rows = rows(all, &[]);
    for version in COUNTED {
        for role in [Role::Broker, Role::Client] {
            let Some(row) = rows.iter().find(|row| row.version == version.as_str() && row.role == role_name(role))
            else {
                continue;
            };
            let uncovered: Vec<_> = observable(version, role)
                .into_iter()
                .filter(|s| !proofs.by(version, &s.id).iter().any(|scenario| scenario.role == role))
                .map(|statement| &statement.id)
                .collect();
            out.push(json!({
                "version": row.version,
                "role": row.role,
                "scenarios": all.iter().filter(|s| s.version == version && s.role == role).count(),
                "observable": row.observable,
                "covered": row.covered,
                "uncovered": uncovered,
            }));
        }
    }
    out
}

fn seen(seen: &Seen) -> Value {
    match seen {
        Seen::Directly => json!({ "seen": "directly" }),
        Seen::Setup { setup } => json!({ "seen": "setup", "setup": setup }),
        Seen::No { why } => json!({ "seen": "no", "why": why }),
    }
}
