//! What was found on one connection, as a result of a report.

use std::collections::BTreeMap;

use mqttspec_codec::ProtocolVersion;
use mqttspec_reports::{Finding, Level, Observation, ScenarioResult, Verdict, WireEvent};
use mqttspec_scenarios::Side;
use mqttspec_scenarios::statements::{self, Catalogue};

use super::log::Unit;
use super::tap::{Phase, Tap};

/// The chapter under which reports list connections.
const CHAPTER: &str = "Connections";

/// The findings on one connection, and the packets that they cite.
#[derive(Debug, Default)]
pub(super) struct Found {
    findings: Vec<Finding>,
    observations: Vec<Observation>,
    evidence: BTreeMap<usize, Vec<WireEvent>>,
}

impl Found {
    /// Adds a finding. Returns the line that says it, unless it is a mere observation.
    pub(super) fn add(
        &mut self,
        found: &mqttspec_scenarios::Finding,
        evidence: BTreeMap<usize, Vec<WireEvent>>,
        version: ProtocolVersion,
        unit: Unit,
    ) -> Option<String> {
        let message = unit.reword(&found.message);
        if found.level == statements::Level::May {
            self.observations.push(Observation { name: format!("section {}", found.section), value: message });
            return None;
        }
        let statement = Catalogue::of(version).get(&found.statement);
        let requirement = match statement {
            Some(known) => known.requirement.clone(),
            None if found.level == statements::Level::Should => statements::advice(&found.section).to_owned(),
            None => String::new(),
        };
        let deciding = found.events.last().copied();
        let observed = match deciding.and_then(|number| evidence.get(&number)).and_then(|shown| shown.first()) {
            Some(event) => event.summary.clone(),
            None => deciding.map(|number| format!("{} {number}", unit.name())).unwrap_or_default(),
        };
        let by = match found.accused {
            Side::Server => "the Server",
            Side::Client => "the Client",
        };
        let finding = Finding {
            statement: found.statement.clone(),
            section: found.section.clone(),
            version: String::new(),
            level: level(found.level),
            requirement,
            message: format!("by {by}: {message}"),
            sent: None,
            accepted: Vec::new(),
            observed,
            events: found.events.clone(),
            knock_on: false,
        };
        let at = deciding.map(|number| format!("{} {number}: ", unit.name())).unwrap_or_default();
        let line = format!("{at}{} ({}), {}", finding.cited(), finding.level, finding.message);
        self.findings.push(finding);
        self.evidence.extend(evidence);
        Some(line)
    }

    /// Whether there is nothing to report.
    pub(super) fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// The result of the connection.
    pub(super) fn into_result(
        mut self,
        id: usize,
        tap: Tap,
        version: Option<ProtocolVersion>,
        undecided: bool,
        observations: Vec<(String, String)>,
        again: Option<String>,
    ) -> ScenarioResult {
        // Events are indexes into the transcript, which holds the packets cited and nothing else.
        let mut transcript = Vec::new();
        let mut places = BTreeMap::new();
        for (number, shown) in self.evidence {
            let from = transcript.len();
            transcript.extend(shown);
            places.insert(number, from..transcript.len());
        }
        for finding in &mut self.findings {
            finding.events = finding.events.iter().filter_map(|number| places.get(number)).cloned().flatten().collect();
        }
        let client = tap.client_id.as_ref().map(|id| format!(", client {id:?}")).unwrap_or_default();
        let mut result = ScenarioResult::new(format!("connection/{id}"), format!("{}{client}", tap.name));
        result.chapter = CHAPTER.to_owned();
        result.version = version.map(|version| version.to_string()).unwrap_or_default();
        result.duration_ms = tap.last_at_us.saturating_sub(tap.opened_at_us) / 1000;
        let broken = self.findings.iter().find(|finding| finding.level == Level::Must);
        (result.verdict, result.reason) = match (broken, &tap.phase) {
            (Some(finding), _) => (Verdict::Fail, Some(finding.message.clone())),
            (None, Phase::Foreign(what)) => (Verdict::NotApplicable, Some(format!("not MQTT: {what}"))),
            (None, Phase::Unknown { .. }) => (Verdict::NotApplicable, Some("not MQTT: nothing was said".to_owned())),
            (None, Phase::GivenUp(why)) => (Verdict::Inconclusive, Some(why.clone())),
            (None, Phase::Mqtt) if undecided => {
                let why = "it began before the capture, and its packets do not show the version of MQTT";
                (Verdict::Inconclusive, Some(why.to_owned()))
            }
            (None, Phase::Mqtt) => (Verdict::Pass, None),
        };
        let named = observations.into_iter().map(|(name, value)| Observation { name, value });
        let notes = tap.notes.into_iter().map(|value| Observation { name: "note".to_owned(), value });
        result.observations = self.observations.into_iter().chain(named).chain(notes).collect();
        result.observations.push(Observation { name: "packets".to_owned(), value: tap.packets.to_string() });
        result.findings = self.findings;
        result.transcript = transcript;
        result.replay = again;
        result
    }
}

fn level(level: statements::Level) -> Level {
    match level {
        statements::Level::Must => Level::Must,
        statements::Level::Should => Level::Should,
        statements::Level::May => Level::May,
    }
}
