//! What one scenario showed.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text;

use super::{Health, Level, Verdict, WireEvent};

/// Characters of one text in a report; see [`ScenarioResult::bounded`].
pub const TEXT_LIMIT: usize = 4_096;
/// Findings, and alternatives of one finding, in a report; see [`ScenarioResult::bounded`].
pub const FINDINGS_LIMIT: usize = 200;
/// Events of one transcript in a report; see [`ScenarioResult::bounded`].
pub const EVENTS_LIMIT: usize = 2_000;

/// The outcome of one scenario, with everything needed to believe it.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ScenarioResult {
    /// The scenario's id, as filters accept it: `v5/connect/reserved-flag-set`.
    pub id: String,
    /// What the scenario is about, in one line.
    pub title: String,
    /// The version of MQTT it speaks: `3.1`, `3.1.1` or `5.0`.
    pub version: String,
    /// The chapter of the standard it belongs to: `3.1 CONNECT`.
    pub chapter: String,
    /// The normative statements it proves when it passes.
    pub statements: Vec<String>,
    /// How it ended.
    pub verdict: Verdict,
    /// Why it is not a pass, in one line.
    pub reason: Option<String>,
    /// Statements that were broken or not followed.
    pub findings: Vec<Finding>,
    /// Which permitted choices were seen.
    pub observations: Vec<Observation>,
    /// The target's state afterwards.
    pub health: Health,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// What was said on its connections, in order.
    pub transcript: Vec<WireEvent>,
    /// How many later events were left out of `transcript` to keep it bounded.
    #[serde(default)]
    pub transcript_omitted: u64,
    /// What the target has not done yet, in an attempt that did not wait as long as it may take. It is never held against
    /// the target, and of no interest once the scenario is decided.
    #[serde(skip)]
    pub suspicions: Vec<Finding>,
    /// How often it was seen again, when it was repeated on purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reproduced: Option<Reproduced>,
    /// The command that runs this scenario again the same way.
    pub rerun: String,
    /// The command that plays the scenario from the file that it is saved in, when there is one.
    pub replay: Option<String>,
}

impl ScenarioResult {
    /// A pass with nothing to report, to be filled in field by field.
    #[must_use]
    pub fn new(id: impl Into<String>, title: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            version: String::new(),
            chapter: String::new(),
            statements: Vec::new(),
            verdict: Verdict::Pass,
            reason: None,
            findings: Vec::new(),
            observations: Vec::new(),
            health: Health::Healthy,
            duration_ms: 0,
            transcript: Vec::new(),
            transcript_omitted: 0,
            suspicions: Vec::new(),
            reproduced: None,
            rerun: String::new(),
            replay: None,
        }
    }

    /// The same result within the limits of a report: long texts are cut, events and findings beyond the limit are only
    /// counted. A target that floods or that sends a megabyte of reason string must not fill the disk of a CI job.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        if let Some(left_out) = self.findings.len().checked_sub(FINDINGS_LIMIT).filter(|count| *count > 0) {
            self.findings.truncate(FINDINGS_LIMIT);
            let name = "findings left out of the report".to_owned();
            self.observations.insert(0, Observation { name, value: left_out.to_string() });
        }
        if let Some(left_out) = self.transcript.len().checked_sub(EVENTS_LIMIT) {
            self.transcript.truncate(EVENTS_LIMIT);
            self.transcript_omitted += left_out as u64;
        }
        self.observations.truncate(FINDINGS_LIMIT);
        for finding in &mut self.findings {
            finding.accepted.truncate(FINDINGS_LIMIT);
            finding.events.truncate(EVENTS_LIMIT);
            finding.accepted.iter_mut().chain(&mut finding.sent).for_each(cut);
            [&mut finding.message, &mut finding.observed, &mut finding.requirement].into_iter().for_each(cut);
        }
        for Observation { name, value } in &mut self.observations {
            [name, value].into_iter().for_each(cut);
        }
        self.transcript.iter_mut().for_each(|event| cut(&mut event.summary));
        self.reason.iter_mut().for_each(cut);
        if let Health::SanitizerReport { excerpt } = &mut self.health {
            cut(excerpt);
        }
        self
    }

    /// Whether this counts against the target: the verdict is `fail`, or the target did not survive.
    ///
    /// A crash is never a pass, whatever the verdict says.
    #[must_use]
    pub const fn is_failure(&self) -> bool {
        matches!(self.verdict, Verdict::Fail) || !self.health.is_healthy()
    }

    /// Findings at level `should`: shown, not gating by default.
    pub fn deviations(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.level == Level::Should)
    }
}

fn cut(value: &mut String) {
    if value.len() > TEXT_LIMIT {
        *value = text::clip(value, TEXT_LIMIT);
    }
}

/// How often something was seen again.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reproduced {
    /// Repetitions that showed it.
    pub times: u32,
    /// Repetitions.
    pub of: u32,
    /// Whether each had a broker that was started for it alone, so that nothing earlier can have played a part.
    #[serde(default)]
    pub fresh: bool,
}

impl fmt::Display for Reproduced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{} repetitions", self.times, self.of)?;
        if self.fresh { f.write_str(", each on a fresh broker") } else { Ok(()) }
    }
}

/// One statement of the standard that the target did not keep, and how that was seen.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Finding {
    /// The statement's id: `MQTT-3.1.2-3`; empty when the sentence has no number.
    pub statement: String,
    /// The section of the standard that holds it: `3.1.2.3`.
    pub section: String,
    /// The version of the standard that says it, `3.1.1`, where that is not the version of the scenario: clients of several
    /// versions may meet in one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// How binding it is.
    pub level: Level,
    /// What it requires, in our own words.
    pub requirement: String,
    /// What was wrong, in one line.
    pub message: String,
    /// What mqttspec sent that called for the behaviour.
    pub sent: Option<String>,
    /// Every behaviour that would have been accepted.
    pub accepted: Vec<String>,
    /// What the target did instead.
    pub observed: String,
    /// Indexes into the transcript of the events that imply the finding.
    pub events: Vec<usize>,
    /// Whether this merely follows from another finding.
    pub knock_on: bool,
}

impl Finding {
    /// What was broken: the statement's id, or `section 2.1.3` for a sentence that has no number.
    #[must_use]
    pub fn cited(&self) -> String {
        if self.statement.is_empty() { format!("section {}", self.section) } else { self.statement.clone() }
    }

    /// What was broken and where it stands: `MQTT-3.1.2-3, section 3.1.2.3`, or the section alone; with the version, where
    /// that is another than the scenario's.
    #[must_use]
    pub fn place(&self) -> String {
        let cited = self.cited();
        let place = if self.statement.is_empty() { cited } else { format!("{cited}, section {}", self.section) };
        if self.version.is_empty() { place } else { format!("{place} of MQTT {}", self.version) }
    }
}

/// A choice the standard leaves open, and the way this target takes it.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Observation {
    /// The choice: `copies on overlapping subscriptions`.
    pub name: String,
    /// What was seen: `one`.
    pub value: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn a_flood_is_cut_to_size_and_counted() {
        let mut result = samples::hostile().results.remove(0);
        result.findings = vec![result.findings[0].clone(); 1_000];
        result.transcript = vec![result.transcript[0].clone(); 5_000];
        result.transcript_omitted = 7;
        let bounded = result.bounded();
        assert_eq!((bounded.findings.len(), bounded.transcript.len()), (FINDINGS_LIMIT, EVENTS_LIMIT));
        assert_eq!(bounded.transcript_omitted, 3_007);
        assert_eq!(bounded.observations[0].value, "800");
        assert!(bounded.findings[0].observed.chars().count() < TEXT_LIMIT + 40);
        assert!(bounded.findings[0].observed.ends_with(" characters)"));
        // What is within the limits stays as it is.
        for result in samples::mixed().results {
            assert_eq!(result.clone().bounded(), result);
        }
    }

    #[test]
    fn a_run_keeps_only_bounded_results() {
        let mut run = crate::Run::new(samples::info(), 1);
        run.push(samples::hostile().results.remove(0));
        assert!(run.results[0].findings[0].message.len() < 3 * TEXT_LIMIT);
    }
}
