//! Findings as results and in words, and their files.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use mqttspec_codec::ProtocolVersion;
use mqttspec_reports::{Histories, Level, Reached, RunInfo, ScenarioResult, Verdict};
use mqttspec_scenarios::model::version_prefix;
use mqttspec_scenarios::monitor::coverage::{Coverage, SessionEvent, SessionState};
use mqttspec_scenarios::statements::Catalogue;

use super::catch::{Catch, Caught};
use super::kind::Kind;
use super::pursue::Found;
use super::shrink::events;
use super::{Plan, Tally};
use crate::scenario_file::{Found as Origin, ScenarioFile};

/// What all results of generated histories are filed under.
const CHAPTER: &str = "Generated histories";

/// Puts findings into words and files.
pub(super) struct Teller<'a> {
    plan: &'a Plan,
    info: RunInfo,
    trouble: Option<String>,
}

impl<'a> Teller<'a> {
    pub(super) const fn new(plan: &'a Plan, info: RunInfo) -> Self {
        Self { plan, info, trouble: None }
    }

    /// Whether every file was written.
    pub(super) fn saved(&self) -> Result<(), String> {
        self.trouble.clone().map_or(Ok(()), Err)
    }

    /// Numbers of the run as a whole.
    pub(super) fn histories(&self, catch: &Catch, reached: &Coverage, playing: Duration) -> Histories {
        Histories {
            asked: self.plan.count,
            played: catch.played,
            inconclusive: catch.inconclusive,
            duration_ms: u64::try_from(playing.as_millis()).unwrap_or(u64::MAX),
            reached: Some(table(reached)),
            observations: catch.observations(),
            not_followed_up: 0,
        }
    }

    /// One result for all the histories of each version: that they were played is what can pass.
    pub(super) fn summaries(&self, tallies: &[Tally]) -> Vec<ScenarioResult> {
        tallies
            .iter()
            .map(|Tally { version, played, judged }| {
                let short = if version == "5.0" { "v5".to_owned() } else { format!("v{}", version.replace('.', "")) };
                let mut result = ScenarioResult::new(
                    format!("generated/{short}/histories"),
                    "Random histories, judged by the monitor",
                );
                result.version.clone_from(version);
                CHAPTER.clone_into(&mut result.chapter);
                result.rerun.clone_from(&self.plan.rerun);
                if *judged == 0 {
                    result.verdict = Verdict::Inconclusive;
                    result.reason = Some(format!("none of {played} histories could be judged"));
                }
                result
            })
            .collect()
    }

    /// What follows after the histories were played, if anything does: so many findings, so many deviations.
    pub(super) fn overture(&self, catch: &Catch, counts: (usize, usize), playing: Duration) -> Option<String> {
        let (findings, deviations) = counts;
        if findings + deviations == 0 {
            return None;
        }
        let seconds = playing.as_secs_f64();
        let mut text = format!("{} histories in {seconds:.1} s: ", catch.played);
        text.push_str(&match findings {
            0 => "no finding".to_owned(),
            1 => "1 kind of finding, which is now made minimal and repeated".to_owned(),
            count => format!("{count} kinds of findings; each is now made minimal and repeated"),
        });
        match deviations {
            0 => {}
            1 => text.push_str("; and 1 kind of deviation from a SHOULD, which is only shown"),
            count => text.push_str(&format!("; and {count} kinds of deviations from a SHOULD, which are only shown")),
        }
        Some(text)
    }

    /// A line on a deviation.
    pub(super) fn deviation_told(&self, at: usize, of: usize, caught: &Caught, result: &ScenarioResult) -> String {
        let example = result.findings.first().map_or("", |finding| finding.message.as_str());
        format!(
            "deviation {}/{of} {}: shown by {}, such as history {}: {example}; {}",
            at + 1,
            caught.kind.what(),
            histories(caught.times + caught.once),
            caught.history,
            result.id
        )
    }

    /// A deviation with one example: neither made minimal nor saved, for it is no finding.
    pub(super) fn deviation(&self, caught: &Caught) -> ScenarioResult {
        let found = Found::as_caught(caught);
        let prefix = version_prefix(found.scenario.version);
        let mut result = self.labelled(&found, format!("generated/{prefix}/deviation-{}", found.kind.slug()));
        if caught.times == 0 {
            let why = result.findings.first().map(|finding| finding.message.clone()).unwrap_or_default();
            result.verdict = Verdict::Inconclusive;
            result.reason = Some(format!("flaky: seen once in {}: {why}", histories(caught.once)));
            result.findings.clear();
        } else {
            (result.verdict, result.reason) = (Verdict::Pass, None);
        }
        result
    }

    /// A line on suspicions that take a while to be cleared up.
    pub(super) fn waiting(&self, count: usize, redelivery_ms: u64) -> String {
        let what =
            if count == 1 { "1 kind of message has".to_owned() } else { format!("{count} kinds of messages have") };
        format!(
            "{what} not come again on a session that was resumed; no sentence sets a time, so they are given {} s",
            redelivery_ms.div_ceil(1_000)
        )
    }

    /// What came of these suspicions.
    pub(super) fn waited(&self, count: usize, right: usize) -> String {
        match count - right {
            0 => "nothing of it has come".to_owned(),
            rest => {
                format!("{rest} of {count} came late, or was not owed again: nothing is held against the broker for it")
            }
        }
    }

    /// A line on what was not followed up.
    pub(super) fn left(&self, count: u64, most: usize) -> String {
        let kinds =
            if count == 1 { "1 kind of finding was".to_owned() } else { format!("{count} kinds of findings were") };
        format!("{kinds} neither made minimal nor repeated: {most} are in one run, as long as it is not ended early")
    }

    /// A line on a finding that has been followed up.
    pub(super) fn told(&self, at: usize, of: usize, found: &Found, caught: &Caught, result: &ScenarioResult) -> String {
        let rate = found.reproduced.map_or_else(|| "not repeated".to_owned(), |rate| format!("seen again in {rate}"));
        format!(
            "{}/{of} {}: shown by {}, {} steps made {}, {} events; {rate}; {}",
            at + 1,
            found.kind.what(),
            histories(found.histories),
            caught.scenario.steps.len(),
            found.scenario.steps.len(),
            events(&found.scenario),
            result.id
        )
    }

    /// A line on a finding that turned out to be another.
    pub(super) fn same(&self, at: usize, of: usize, kind: &Kind, other: &Found) -> String {
        format!("{}/{of} {}: made minimal, the same as {}", at + 1, kind.what(), other.kind.slug())
    }

    /// Saves the scenario and says what was found: a failure only when every repetition showed it.
    pub(super) fn result(&mut self, found: &Found) -> ScenarioResult {
        let prefix = version_prefix(found.scenario.version);
        let slug = found.kind.slug();
        let mut result = self.labelled(found, format!("generated/{prefix}/{slug}"));
        let gravest = result.findings.iter().map(|finding| finding.level).min();
        let message = result.findings.first().map(|finding| format!("{}: {}", finding.cited(), finding.message));
        let what = message.unwrap_or_else(|| result.health.to_string());
        (result.verdict, result.reason) = match found.reproduced {
            Some(_) if found.is_certain() && gravest == Some(Level::Should) => (Verdict::Pass, None),
            Some(_) if found.is_certain() => (Verdict::Fail, Some(what)),
            Some(rate) if found.needs_others => (
                Verdict::Inconclusive,
                Some(format!("seen in {rate}; it needs state that other histories left in the broker: {what}")),
            ),
            Some(rate) => (Verdict::Inconclusive, Some(format!("flaky: seen in {rate}: {what}"))),
            None => (
                Verdict::Inconclusive,
                Some(format!("seen in {}, but not followed up: {what}", histories(found.histories))),
            ),
        };
        if result.verdict == Verdict::Inconclusive {
            // What does not always show is not held against the target, however grave.
            result.findings.clear();
        }
        let mut scenario = found.scenario.clone();
        scenario.id.clone_from(&result.id);
        scenario.title.clone_from(&result.title);
        CHAPTER.clone_into(&mut scenario.chapter);
        scenario.statements.clone_from(&result.statements);
        let file = ScenarioFile { found: Some(self.origin(found)), scenario };
        match self.plan.save.save(&format!("{prefix}-{slug}"), &file) {
            Ok(path) => result.replay = Some(self.replay(&path)),
            Err(why) => {
                self.trouble.get_or_insert(why);
            }
        }
        result
    }

    /// What `found` showed last, as the result with this id.
    fn labelled(&self, found: &Found, id: String) -> ScenarioResult {
        let mut result = found.result.clone();
        result.id = id;
        CHAPTER.clone_into(&mut result.chapter);
        result.title = self.title(found);
        result.reproduced = found.reproduced;
        result.rerun.clone_from(&self.plan.rerun);
        let numbered = result.findings.iter().filter(|finding| !finding.statement.is_empty());
        result.statements = numbered.map(|finding| finding.statement.clone()).collect();
        result.statements.dedup();
        result
    }

    fn replay(&self, path: &Path) -> String {
        let path = path.to_string_lossy();
        format!("mqttspec replay {}{}", shell_words::quote(&path), self.plan.replay_options)
    }

    fn title(&self, found: &Found) -> String {
        let known = found.result.findings.first().and_then(|finding| {
            let own = ProtocolVersion::ALL.into_iter().find(|version| version.as_str() == finding.version);
            Catalogue::of(own.unwrap_or(found.scenario.version)).get(&finding.statement)
        });
        match known {
            Some(statement) => statement.requirement.clone(),
            None => format!("What history {} of seed {} showed", found.history, self.info.seed),
        }
    }

    fn origin(&self, found: &Found) -> Origin {
        Origin {
            target: self.info.target.name.clone(),
            command: self.info.command.clone(),
            tool_version: self.info.tool_version.clone(),
            seed: Some(self.info.seed),
            history: Some(found.history),
            reproduced: found.reproduced.map(|rate| rate.times),
            tries: found.reproduced.map(|rate| rate.of),
            fresh: found.reproduced.is_some_and(|rate| rate.fresh),
            findings: found
                .result
                .findings
                .iter()
                .map(|finding| format!("{}: {}", finding.cited(), finding.message))
                .collect(),
        }
    }
}

fn table(coverage: &Coverage) -> Reached {
    let missing: BTreeSet<_> = coverage.never_reached().collect();
    let row = |state: &SessionState| {
        let cell = |event: &SessionEvent| match coverage.count(*state, *event) {
            0 => missing.contains(&(*state, *event)).then_some(0),
            count => Some(u64::from(count)),
        };
        SessionEvent::ALL.iter().map(cell).collect()
    };
    Reached {
        states: SessionState::ALL.iter().map(|state| state.name().to_owned()).collect(),
        events: SessionEvent::ALL.iter().map(|event| event.name().to_owned()).collect(),
        counts: SessionState::ALL.iter().map(row).collect(),
    }
}

fn histories(count: u64) -> String {
    if count == 1 { "1 history".to_owned() } else { format!("{count} histories") }
}
