//! Which scenarios are run, and why the others are not.

use std::sync::Arc;

use mqttspec_codec::ProtocolVersion;
use mqttspec_scenarios::model::{Role, Scenario};

use super::{Discovery, Filter, NothingMatches, Vocabulary};

/// What becomes of a selected scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is put to the target.
    Run,
    /// The target lacks something; what.
    NotApplicable(String),
    /// A person said not to run it; how.
    Disabled(String),
}

/// A selected scenario.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// What becomes of it.
    pub decision: Decision,
}

/// The scenarios for brokers that `filters` and `versions` select; all when they are empty.
///
/// # Errors
/// When a filter selects nothing at all, or nothing in these versions.
pub fn select(
    all: &[Scenario],
    filters: &[Filter],
    skips: &[Filter],
    versions: &[ProtocolVersion],
) -> Result<Vec<Scenario>, NothingMatches> {
    let vocabulary = Vocabulary::of(all);
    vocabulary.check(filters, all)?;
    vocabulary.check(skips, all)?;
    let selected: Vec<Scenario> = all
        .iter()
        .filter(|scenario| scenario.role == Role::Broker)
        .filter(|scenario| versions.is_empty() || versions.contains(&scenario.version))
        .filter(|scenario| filters.is_empty() || filters.iter().any(|filter| filter.matches(scenario, &vocabulary)))
        .cloned()
        .collect();
    if selected.is_empty() {
        let filter = filters.iter().map(Filter::as_str).collect::<Vec<_>>().join(" ");
        let versions = versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let known = Some(format!("there is none for MQTT {versions}"));
        return Err(NothingMatches { filter, known, suggestions: Vec::new() });
    }
    Ok(selected)
}

/// What becomes of each selected scenario, given what the target can do.
#[must_use]
pub fn decide(selected: Vec<Scenario>, skips: &[Filter], discovery: &Discovery) -> Vec<Planned> {
    let vocabulary = Vocabulary::of(&selected);
    selected
        .into_iter()
        .map(|scenario| {
            let decision = decision(&scenario, skips, discovery, &vocabulary);
            Planned { scenario: Arc::new(scenario), decision }
        })
        .collect()
}

fn decision(scenario: &Scenario, skips: &[Filter], discovery: &Discovery, vocabulary: &Vocabulary) -> Decision {
    if let Some(skip) = skips.iter().find(|skip| skip.matches(scenario, vocabulary)) {
        return Decision::Disabled(format!("--skip {}", skip.as_str()));
    }
    let version = scenario.version;
    if let Some(why) = discovery.why_not(version) {
        return Decision::NotApplicable(format!("the target does not speak MQTT {version}: it {why}"));
    }
    for need in &scenario.needs {
        if let Err(why) = discovery.capabilities.meet(need, version) {
            return Decision::NotApplicable(why);
        }
    }
    Decision::Run
}
