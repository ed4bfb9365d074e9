//! What the histories of a run have shown, each kind of finding once.

use std::collections::BTreeMap;
use std::sync::Arc;

use mqttspec_reports::{Finding, Level, Observation, ScenarioResult, SeenIn, Verdict};
use mqttspec_scenarios::model::Scenario;

use super::kind::Kind;

/// Kinds of findings that are kept; a target that is no broker at all could make any number.
const MAXIMUM_KINDS: usize = 200;
/// Observations that are kept.
const MAXIMUM_OBSERVATIONS: usize = 500;

/// The catch of a run.
#[derive(Debug, Default)]
pub(super) struct Catch {
    /// In the order in which they were first seen.
    pub(super) kinds: Vec<Caught>,
    /// Kinds that came when there were too many already.
    pub(super) left_out: u64,
    pub(super) played: u64,
    pub(super) inconclusive: u64,
    /// Results that are mqttspec's own trouble.
    pub(super) errors: Vec<ScenarioResult>,
    observations: BTreeMap<Observation, u64>,
}

/// A kind of finding and a history that shows it.
#[derive(Clone, Debug)]
pub(super) struct Caught {
    pub(super) kind: Kind,
    /// Number of the history in the run, from 0.
    pub(super) history: u64,
    pub(super) scenario: Arc<Scenario>,
    pub(super) result: ScenarioResult,
    /// Histories that showed it, twice each.
    pub(super) times: u64,
    /// Histories that showed it once and not again.
    pub(super) once: u64,
    /// Whether it has only been suspected: what is missing may yet come, and nobody has waited for it.
    pub(super) suspected: bool,
}

impl Catch {
    /// Takes in what a history came to. Called in the order of the histories, so that the same results give the same catch.
    pub(super) fn take(&mut self, history: u64, scenario: &Arc<Scenario>, result: ScenarioResult) {
        self.played += 1;
        for observation in &result.observations {
            if self.observations.len() < MAXIMUM_OBSERVATIONS || self.observations.contains_key(observation) {
                *self.observations.entry(observation.clone()).or_default() += 1;
            }
        }
        if result.verdict != Verdict::Error && result.health.is_healthy() {
            self.take_suspicions(history, scenario, &result);
        }
        match result.verdict {
            Verdict::Error => {
                if self.errors.len() < MAXIMUM_KINDS {
                    self.errors.push(result);
                }
                return;
            }
            // A finding that did not show again makes the history inconclusive, and comes along for its rate.
            Verdict::Inconclusive if result.findings.is_empty() => {
                self.inconclusive += 1;
                return;
            }
            _ => {}
        }
        let twice = matches!(result.verdict, Verdict::Fail | Verdict::Pass);
        self.inconclusive += u64::from(!twice);
        let mut kinds: Vec<Kind> = Vec::new();
        if !result.health.is_healthy() {
            kinds.push(Kind::crash(&result.health));
        }
        for finding in result.findings.iter().filter(|finding| is_worth_it(finding)) {
            let kind = Kind::of(&result.version, finding);
            if !kinds.iter().any(|known| known.is_like(&kind)) {
                kinds.push(kind);
            }
        }
        for kind in kinds {
            self.take_kind(kind, history, scenario, &result, twice);
        }
    }

    /// What a history leaves open is a kind of its own until somebody has waited for it.
    fn take_suspicions(&mut self, history: u64, scenario: &Arc<Scenario>, result: &ScenarioResult) {
        for finding in result.suspicions.iter().filter(|finding| is_worth_it(finding)) {
            let kind = Kind::of(&result.version, finding);
            let room = self.kinds.len() < MAXIMUM_KINDS;
            match self.kinds.iter_mut().find(|known| known.kind.is_like(&kind)) {
                Some(known) if known.suspected => {
                    known.times += 1;
                    if scenario.steps.len() < known.scenario.steps.len() {
                        (known.history, known.scenario, known.result) = (history, Arc::clone(scenario), result.clone());
                    }
                }
                // It has been found for certain as well.
                Some(_) => {}
                None if room => {
                    let (scenario, result) = (Arc::clone(scenario), result.clone());
                    self.kinds.push(Caught { kind, history, scenario, result, times: 1, once: 0, suspected: true });
                }
                None => self.left_out += 1,
            }
        }
    }

    fn take_kind(&mut self, kind: Kind, history: u64, scenario: &Arc<Scenario>, result: &ScenarioResult, twice: bool) {
        let (times, once) = (u64::from(twice), u64::from(!twice));
        if let Some(known) = self.kinds.iter_mut().find(|known| known.kind.is_like(&kind)) {
            if std::mem::take(&mut known.suspected) {
                (known.times, known.once) = (0, 0);
            }
            // The shortest history that shows it for certain is the one to go on with.
            let better = (known.times == 0 && (twice || known.once == 0))
                || (twice >= (known.times > 0) && scenario.steps.len() < known.scenario.steps.len());
            if better {
                known.history = history;
                known.scenario = Arc::clone(scenario);
                known.result = result.clone();
            }
            known.times += times;
            known.once += once;
        } else if self.kinds.len() < MAXIMUM_KINDS {
            let (scenario, result) = (Arc::clone(scenario), result.clone());
            self.kinds.push(Caught { kind, history, scenario, result, times, once, suspected: false });
        } else {
            self.left_out += 1;
        }
    }

    /// The permitted choices that were seen, most frequent first.
    pub(super) fn observations(&self) -> Vec<SeenIn> {
        let mut all: Vec<SeenIn> = self
            .observations
            .iter()
            .map(|(observation, histories)| SeenIn { observation: observation.clone(), histories: *histories })
            .collect();
        all.sort_by_key(|seen| std::cmp::Reverse(seen.histories));
        all
    }
}

/// Whether a finding is worth being made minimal: not what merely follows from another, and not a remark.
fn is_worth_it(finding: &Finding) -> bool {
    !finding.knock_on && finding.level != Level::May
}

#[cfg(test)]
mod tests {
    use mqttspec_reports::Health;

    use super::*;

    fn finding(statement: &str, message: &str) -> Finding {
        Finding {
            statement: statement.to_owned(),
            section: "4".to_owned(),
            version: String::new(),
            level: Level::Must,
            requirement: String::new(),
            message: message.to_owned(),
            sent: None,
            accepted: Vec::new(),
            observed: String::new(),
            events: Vec::new(),
            knock_on: false,
        }
    }

    fn result(verdict: Verdict, findings: Vec<Finding>) -> ScenarioResult {
        ScenarioResult { verdict, findings, ..ScenarioResult::new("generated/v5/1-0", "t") }
    }

    fn scenario(steps: usize) -> Arc<Scenario> {
        let mut dialogue = mqttspec_scenarios::model::Dialogue::new(
            mqttspec_codec::ProtocolVersion::V5_0,
            "Generated histories",
            "x",
            "t",
        );
        for at in 0..steps {
            dialogue.on(&format!("c{at}")).connects();
        }
        Arc::new(dialogue.build())
    }

    #[test]
    fn the_shortest_history_stands_for_a_kind() {
        let mut catch = Catch::default();
        let one =
            || result(Verdict::Fail, vec![finding("A", "a message never came"), finding("A", "messages never came")]);
        catch.take(0, &scenario(3), one());
        catch.take(1, &scenario(1), one());
        catch.take(
            2,
            &scenario(2),
            result(Verdict::Fail, vec![finding("B", "x"), finding("A", "a message never came")]),
        );
        assert_eq!(catch.kinds.len(), 2);
        assert_eq!((catch.kinds[0].history, catch.kinds[0].times), (1, 3));
        assert_eq!((catch.kinds[1].history, catch.kinds[1].times), (2, 1));
        assert_eq!((catch.played, catch.inconclusive), (3, 0));
    }

    #[test]
    fn what_was_seen_once_gives_way_to_what_was_seen_twice() {
        let mut catch = Catch::default();
        catch.take(0, &scenario(1), result(Verdict::Inconclusive, vec![finding("A", "a message never came")]));
        assert_eq!((catch.kinds[0].times, catch.kinds[0].once, catch.inconclusive), (0, 1, 1));
        catch.take(1, &scenario(9), result(Verdict::Fail, vec![finding("A", "a message never came")]));
        assert_eq!((catch.kinds[0].history, catch.kinds[0].times, catch.kinds[0].once), (1, 1, 1));
        catch.take(2, &scenario(1), result(Verdict::Inconclusive, vec![finding("A", "a message never came")]));
        assert_eq!(catch.kinds[0].history, 1);
    }

    #[test]
    fn a_suspicion_gives_way_to_a_finding() {
        let mut catch = Catch::default();
        let suspected = || ScenarioResult {
            suspicions: vec![finding("A", "a message never came")],
            ..result(Verdict::Pass, Vec::new())
        };
        catch.take(0, &scenario(3), suspected());
        catch.take(1, &scenario(2), suspected());
        assert_eq!((catch.kinds.len(), catch.inconclusive), (1, 0));
        assert!(catch.kinds[0].suspected && catch.kinds[0].history == 1 && catch.kinds[0].times == 2);
        catch.take(2, &scenario(9), result(Verdict::Fail, vec![finding("A", "a message never came")]));
        catch.take(3, &scenario(1), suspected());
        assert_eq!((catch.kinds.len(), catch.kinds[0].history, catch.kinds[0].times), (1, 2, 1));
        assert!(!catch.kinds[0].suspected);
    }

    #[test]
    fn crashes_errors_and_remarks_go_where_they_belong() {
        let mut catch = Catch::default();
        // What merely follows from the crash is no kind of its own.
        let follows = Finding { knock_on: true, ..finding("D", "PINGREQ is not answered") };
        let mut crash = result(Verdict::Fail, vec![follows]);
        crash.health = Health::Refused;
        catch.take(0, &scenario(1), crash);
        catch.take(1, &scenario(1), result(Verdict::Error, Vec::new()));
        catch.take(2, &scenario(1), result(Verdict::Inconclusive, Vec::new()));
        let may = Finding { level: Level::May, ..finding("C", "x") };
        catch.take(3, &scenario(1), result(Verdict::Pass, vec![may]));
        assert!(catch.kinds.len() == 1 && catch.kinds[0].kind.is_crash());
        assert_eq!((catch.errors.len(), catch.inconclusive, catch.played), (1, 1, 4));
    }
}
