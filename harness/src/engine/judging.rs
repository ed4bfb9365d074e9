//! Findings and what becomes of them.

use mqttspec_codec::ProtocolVersion;
use mqttspec_reports::{Finding, Level, Observation, Verdict};
use mqttspec_scenarios::model::Cite;
use mqttspec_scenarios::statements::{self, Catalogue};

/// Findings that one scenario keeps; a flooding target could make any number.
const MAX_FINDINGS: usize = 32;

/// What has been found so far, and why the scenario ended early if it did.
#[derive(Debug)]
pub(super) struct Judgement {
    version: ProtocolVersion,
    findings: Vec<Finding>,
    /// What has not come, and may yet: see [`Outcome::suspicions`](super::Outcome::suspicions).
    suspicions: Vec<Finding>,
    observations: Vec<Observation>,
    stop: Option<(Verdict, String)>,
}

/// What was seen where something else was expected.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    pub(super) message: String,
    pub(super) sent: Option<String>,
    pub(super) accepted: Vec<String>,
    pub(super) observed: String,
    pub(super) events: Vec<usize>,
}

impl Judgement {
    pub(super) fn new(version: ProtocolVersion) -> Self {
        Self { version, findings: Vec::new(), suspicions: Vec::new(), observations: Vec::new(), stop: None }
    }

    /// A finding of the engine, under a statement of the catalogue.
    pub(super) fn find(&mut self, cite: &Cite, evidence: Evidence, knock_on: bool) {
        let finding = self.finding(cite, evidence, knock_on);
        self.push(finding);
    }

    /// What would be a finding of the engine if the target had had its time.
    pub(super) fn suspect(&mut self, cite: &Cite, evidence: Evidence, knock_on: bool) {
        let finding = self.finding(cite, evidence, knock_on);
        self.push_suspicion(finding);
    }

    fn finding(&self, cite: &Cite, evidence: Evidence, knock_on: bool) -> Finding {
        let known = Catalogue::of(self.version).get(&cite.0);
        let (statement, section, level, requirement) = match (cite.as_section(), known) {
            (Some((section, binding)), _) => {
                let level = if binding { Level::Must } else { Level::Should };
                (String::new(), section.to_owned(), level, statements::advice(section).to_owned())
            }
            (None, Some(known)) => {
                (cite.0.clone(), known.section.clone(), level(known.judged_level()), known.requirement.clone())
            }
            (None, None) => (cite.0.clone(), String::new(), Level::Should, String::new()),
        };
        Finding {
            statement,
            section,
            version: String::new(),
            level,
            requirement,
            message: evidence.message,
            sent: evidence.sent,
            accepted: evidence.accepted,
            observed: evidence.observed,
            events: evidence.events,
            knock_on,
        }
    }

    /// A finding of the monitor.
    pub(super) fn find_universal(&mut self, found: mqttspec_scenarios::Finding, observed: String) {
        let finding = self.universal(found, observed);
        self.push(finding);
    }

    /// What would be a finding of the monitor if the target had had its time.
    pub(super) fn suspect_universal(&mut self, found: mqttspec_scenarios::Finding, observed: String) {
        let finding = self.universal(found, observed);
        self.push_suspicion(finding);
    }

    fn universal(&self, found: mqttspec_scenarios::Finding, observed: String) -> Finding {
        // A connection may speak another version than the scenario.
        let version = found.version.unwrap_or(self.version);
        let statement = Catalogue::of(version).get(&found.statement);
        let other = (version != self.version).then(|| version.as_str().to_owned());
        Finding {
            requirement: statement.map(|s| s.requirement.clone()).unwrap_or_default(),
            version: other.unwrap_or_default(),
            statement: found.statement,
            section: found.section,
            level: level(found.level),
            message: found.message,
            sent: None,
            accepted: Vec::new(),
            observed,
            events: found.events,
            knock_on: false,
        }
    }

    fn push_suspicion(&mut self, finding: Finding) {
        if self.suspicions.len() < MAX_FINDINGS {
            self.suspicions.push(finding);
        }
    }

    fn push(&mut self, finding: Finding) {
        // The monitor and an expectation often see the same breach in the same packet: one finding is enough.
        let known = self.findings.iter().any(|known| {
            known.statement == finding.statement
                && known.section == finding.section
                && known.events.last() == finding.events.last()
        });
        if !known && self.findings.len() < MAX_FINDINGS {
            self.findings.push(finding);
        }
    }

    pub(super) fn observe(&mut self, name: &str, value: &str) {
        let observation = Observation { name: name.to_owned(), value: value.to_owned() };
        if !self.observations.contains(&observation) {
            self.observations.push(observation);
        }
    }

    pub(super) fn has_findings(&self) -> bool {
        !self.findings.is_empty()
    }

    pub(super) fn stop_inconclusive(&mut self, why: &str) {
        self.stop.get_or_insert((Verdict::Inconclusive, why.to_owned()));
    }

    pub(super) fn stop_not_applicable(&mut self, why: &str) {
        self.stop.get_or_insert((Verdict::NotApplicable, why.to_owned()));
    }

    pub(super) fn stop_error(&mut self, why: &str) {
        self.stop.get_or_insert((Verdict::Error, why.to_owned()));
    }

    /// The verdict, with the reason when it is not a pass.
    pub(super) fn verdict(&self) -> (Verdict, Option<String>) {
        if let Some((Verdict::Error, why)) = &self.stop {
            return (Verdict::Error, Some(why.clone()));
        }
        if let Some(finding) = self.findings.iter().find(|finding| finding.level == Level::Must) {
            return (Verdict::Fail, Some(finding.message.clone()));
        }
        match &self.stop {
            Some((verdict, why)) => (*verdict, Some(why.clone())),
            None => (Verdict::Pass, None),
        }
    }

    pub(super) fn take_suspicions(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.suspicions)
    }

    pub(super) fn take(&mut self) -> (Vec<Finding>, Vec<Observation>) {
        (std::mem::take(&mut self.findings), std::mem::take(&mut self.observations))
    }
}

fn level(level: statements::Level) -> Level {
    match level {
        statements::Level::Must => Level::Must,
        statements::Level::Should => Level::Should,
        statements::Level::May => Level::May,
    }
}
