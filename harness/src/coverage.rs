//! Which statements the scenarios prove: "there is a scenario for it" and "it ran here" are different columns.

use std::collections::{BTreeMap, BTreeSet};

use mqttspec_codec::ProtocolVersion;
use mqttspec_reports::{CoverageRow, ScenarioResult, Verdict};
use mqttspec_scenarios::model::{Role, Scenario};
use mqttspec_scenarios::statements::{Catalogue, Statement};

/// The versions whose statements the standard numbers; those of 3.1 are ours and count in no figure.
pub const COUNTED: [ProtocolVersion; 2] = [ProtocolVersion::V3_1_1, ProtocolVersion::V5_0];

/// The scenarios that prove each statement of a version.
#[derive(Clone, Debug, Default)]
pub struct Proofs<'a>(BTreeMap<&'static str, BTreeMap<String, Vec<&'a Scenario>>>);

impl<'a> Proofs<'a> {
    /// By what each statement is proven.
    #[must_use]
    pub fn of(scenarios: &'a [Scenario]) -> Self {
        let mut proofs = Self::default();
        for scenario in scenarios {
            for statement in &scenario.statements {
                let version = proofs.0.entry(scenario.version.as_str()).or_default();
                version.entry(statement.clone()).or_default().push(scenario);
            }
        }
        proofs
    }

    /// The scenarios that prove `statement` of `version`.
    #[must_use]
    pub fn by(&self, version: ProtocolVersion, statement: &str) -> &[&'a Scenario] {
        self.0.get(version.as_str()).and_then(|statements| statements.get(statement)).map_or(&[], Vec::as_slice)
    }
}

/// The name of a role in reports: who is bound by the statements that count for it.
#[must_use]
pub const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Broker => "server",
        Role::Client => "client",
    }
}

/// The statements of `version` that a tester sees at a target in this role as it comes.
pub fn observable(version: ProtocolVersion, role: Role) -> Vec<&'static Statement> {
    let catalogue = Catalogue::of(version);
    match role {
        Role::Broker => catalogue.broker_observable().collect(),
        Role::Client => catalogue.client_observable().collect(),
    }
}

/// Coverage by `scenarios`, and how much of it `results` exercised.
#[must_use]
pub fn rows(scenarios: &[Scenario], results: &[ScenarioResult]) -> Vec<CoverageRow> {
    let judged: BTreeSet<&str> = results
        .iter()
        .filter(|result| matches!(result.verdict, Verdict::Pass | Verdict::Fail))
        .map(|result| result.id.as_str())
        .collect();
    let proofs = Proofs::of(scenarios);
    let mut rows = Vec::new();
    for version in COUNTED {
        for role in [Role::Broker, Role::Client] {
            let statements = observable(version, role);
            let count = |counts: &dyn Fn(&Scenario) -> bool| {
                let proven = |statement: &&&Statement| {
                    proofs.by(version, &statement.id).iter().any(|scenario| scenario.role == role && counts(scenario))
                };
                statements.iter().filter(proven).count()
            };
            rows.push(CoverageRow {
                version: version.to_string(),
                role: role_name(role).to_owned(),
                observable: statements.len(),
                covered: count(&|_| true),
                exercised: count(&|scenario| judged.contains(scenario.id.as_str())),
            });
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use mqttspec_scenarios::model::Dialogue;

    use super::*;

    #[test]
    fn having_a_scenario_and_running_it_are_different_columns() {
        let scenario =
            Dialogue::new(ProtocolVersion::V5_0, "3.1 CONNECT", "connect/x", "t").proves(&["MQTT-3.1.2-3"]).build();
        let mut result = ScenarioResult::new(scenario.id.as_str(), "t");
        let row = |results: &[ScenarioResult]| {
            let rows = rows(std::slice::from_ref(&scenario), results);
            rows.into_iter().find(|row| row.version == "5.0" && row.role == "server").map(|r| (r.covered, r.exercised))
        };
        assert_eq!(row(&[]), Some((1, 0)));
        assert_eq!(row(&[result.clone()]), Some((1, 1)));
        result.verdict = Verdict::Inconclusive;
        assert_eq!(row(&[result]), Some((1, 0)));
    }
}
