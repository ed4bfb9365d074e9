//! What the loss of a target explains: it does nothing any more.

use mqttspec_codec::ProtocolVersion;
use mqttspec_reports::{Direction, ScenarioResult};
use mqttspec_scenarios::monitor::Monitor;

use crate::engine::Transcript;

/// Marks what merely follows from the loss of the target during a scenario of `version`, by this crash or by that of
/// another scenario: everything that it left undone, and that its connections ended. What is wrong with a packet that it
/// sent before stands.
pub(super) fn set_apart(result: &mut ScenarioResult, version: ProtocolVersion, transcript: &Transcript) {
    // Nothing can be suspected of those who had no time.
    result.suspicions.clear();
    if result.findings.is_empty() {
        return;
    }
    // Told what was seen, and never that anything more is due.
    let mut monitor = Monitor::new(version);
    transcript.tell(&mut monitor);
    let seen = monitor.take_findings();
    let events = transcript.render();
    for finding in &mut result.findings {
        let deciding = finding.events.last();
        let arrived =
            deciding.and_then(|at| events.get(*at)).is_some_and(|event| event.direction == Direction::Received);
        let by_itself = seen.iter().any(|other| {
            (&other.statement, &other.section, other.events.last()) == (&finding.statement, &finding.section, deciding)
        });
        // An expectation says what would have been accepted instead of what came.
        let unexpected = !finding.accepted.is_empty();
        finding.knock_on |= !(arrived && (by_itself || unexpected));
    }
}

#[cfg(test)]
mod tests {
    use mqttspec_codec::QoS;
    use mqttspec_scenarios::broker::{BrokerConfig, Fault, FaultSet};
    use mqttspec_scenarios::model::{Dialogue, PublishExt, Scenario, Step, publish, subscribe};

    use super::*;
    use crate::self_proof::play;

    const V5: ProtocolVersion = ProtocolVersion::V5_0;

    /// A subscriber, a message for it, and a connection that asks whether the Server lives.
    fn history() -> Scenario {
        let mut dialogue = Dialogue::new(V5, "Generated histories", "x", "t");
        dialogue.on("bob").connects().sends(subscribe(1, "{ns}/a", QoS::AtLeastOnce));
        dialogue.on("alice").connects().sends(publish("{ns}/a", "m").qos1(7));
        let mut scenario = dialogue.build();
        scenario.steps.push(Step::Drain);
        scenario
    }

    /// Statements found, and whether each is set apart after a loss.
    fn found(fault: Fault) -> Vec<(String, bool)> {
        let config = BrokerConfig { faults: FaultSet::only(fault), ..BrokerConfig::default() };
        let (outcome, transcript) = play(history(), config);
        let mut result = ScenarioResult { findings: outcome.findings, ..ScenarioResult::new("generated/v5/1-0", "t") };
        result.suspicions = result.findings.clone();
        set_apart(&mut result, V5, &transcript);
        assert!(result.suspicions.is_empty());
        result.findings.into_iter().map(|finding| (finding.cited(), finding.knock_on)).collect()
    }

    #[test]
    fn what_was_left_undone_follows_from_the_loss_and_what_was_sent_does_not() {
        for (fault, statement, follows) in
            [(Fault::NoPingResp, "MQTT-3.12.4-1", true), (Fault::SendNonMinimalLength, "MQTT-1.5.5-1", false)]
        {
            let found = found(fault);
            assert!(found.contains(&(statement.to_owned(), follows)), "{}: {found:?}", fault.id());
        }
    }
}
