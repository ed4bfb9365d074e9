//! What is sent again on a session that was resumed: no sentence says when (4.4), so that it has not come yet is no
//! finding. A run that waits for it ([`Timing::eventually`](super::Timing::eventually)) does so for a minute; any other
//! notes what it suspects.

use std::time::Duration;

use mqttspec_codec::PacketType;
use mqttspec_scenarios::model::Field;
use mqttspec_scenarios::monitor::Owed;
use mqttspec_scenarios::{Side, Time};

use super::Engine;
use super::connection::Ping;
use super::draining::LONGEST_PAUSE_MS;
use super::expecting::patterns;
use super::stage::{Expecting, Probe, Stage};

impl Engine {
    /// Until when it may still come, if what is expected may be a repetition, or wait in line behind one.
    pub(super) fn redelivery_until(&self, expecting: &Expecting) -> Option<Time> {
        // A target that does not answer PINGREQ is not about to send anything.
        if expecting.expect.window.is_some() || expecting.probe == Probe::Sent {
            return None;
        }
        let wanted = || patterns(&expecting.expect, &expecting.met).map(|(_, pattern)| pattern);
        if !wanted().any(|pattern| matches!(pattern.packet_type, PacketType::Publish | PacketType::PubRel)) {
            return None;
        }
        let connection = &self.connections[expecting.connection];
        let is_repetition = || {
            let is_of_before = |field: &Field| matches!(field, Field::SamePacketId(_) | Field::Dup(true));
            wanted().any(|pattern| pattern.checks.iter().any(|check| is_of_before(&check.field)))
        };
        let until = match self.monitor.owed() {
            Owed::Eventually(until) => until,
            _ if connection.resumed && is_repetition() => {
                connection.connected_at + Duration::from_millis(self.options.timing.redelivery_ms)
            }
            _ => return None,
        };
        (until > self.now).then_some(until)
    }

    /// The usual wait for what may come until `until` is over: go on waiting, or note what is suspected and end.
    pub(super) fn await_redelivery(&mut self, mut expecting: Expecting, until: Time) {
        if self.options.timing.eventually {
            // No client falls silent meanwhile, whatever its Keep Alive.
            for index in 0..self.connections.len() {
                if expecting.expect.probe && self.connections[index].can_ping() {
                    self.send_ping(index, Ping::Late);
                }
            }
            expecting.deadline = until.min(self.after(LONGEST_PAUSE_MS));
            self.stage = Stage::Expecting(expecting);
            return;
        }
        let observed = "nothing arrived".to_owned();
        let evidence = self.evidence(&expecting, "", observed, Vec::new());
        let why = format!("{} yet; the standard sets no time for what is sent again", evidence.message);
        let knock_on = self.connections[expecting.connection].disturbed;
        self.judgement.suspect(&expecting.expect.cite, evidence, knock_on);
        self.judgement.stop_inconclusive(&why);
        self.conclude();
    }

    /// The run is over: what would be found if all that is still open stayed away.
    pub(super) fn suspect(&mut self) {
        for found in self.monitor.take_suspicions().into_iter().filter(|found| found.accused == Side::Server) {
            let observed = found.events.last().map(|event| self.transcript.describe(*event)).unwrap_or_default();
            self.judgement.suspect_universal(found, observed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use mqttspec_codec::{ProtocolVersion, QoS, ReasonCode};
    use mqttspec_reports::{Finding, Level, Verdict};
    use mqttspec_scenarios::broker::{BrokerConfig, Fault, FaultSet};
    use mqttspec_scenarios::broker_scenarios;
    use mqttspec_scenarios::model::{
        ConnectExt as _, JudgedBy, Namespace, Outgoing, PublishExt as _, Role, Scenario, Step, connect, disconnect,
        publish, subscribe,
    };

    use super::super::{ConnectDefaults, Options, Outcome, Timing, memory};
    use super::*;

    /// As late as a server that counts from the first delivery.
    const LATE: Duration = Duration::from_secs(30);

    fn play(scenario: &Arc<Scenario>, faults: FaultSet, late: Duration, eventually: bool) -> Outcome {
        let options = Options {
            namespace: Namespace::new(1, 1),
            timing: Timing { eventually, ..Timing::default() },
            defaults: ConnectDefaults { keep_alive: Some(30), ..ConnectDefaults::default() },
        };
        memory::run_late(scenario, options, BrokerConfig { faults, ..BrokerConfig::default() }, late).0
    }

    fn must(findings: &[Finding]) -> Vec<&str> {
        findings.iter().filter(|finding| finding.level == Level::Must).map(|f| f.statement.as_str()).collect()
    }

    /// A message is not acknowledged before the connection ends, and the client returns.
    fn history(version: ProtocolVersion) -> Scenario {
        let name = |name: &str| name.to_owned();
        let send = |to: &str, outgoing: Outgoing| Step::Send { connection: name(to), outgoing };
        let arrive = |who: &str| {
            let packet = connect(version, &format!("{{ns}}{who}")).persistent();
            [Step::Open { connection: name(who) }, send(who, packet.into()), Step::Await { connection: name(who) }]
        };
        let mut steps = Vec::new();
        steps.extend(arrive("bob"));
        steps.extend([
            send("bob", subscribe(1, "{ns}/a", QoS::AtLeastOnce).into()),
            Step::Await { connection: name("bob") },
        ]);
        steps.extend(arrive("alice"));
        steps.push(send("alice", publish("{ns}/a", "m").at(QoS::AtLeastOnce, 1).into()));
        steps.push(Step::Await { connection: name("alice") });
        let fence = Step::Fence { connection: name("bob"), cite: "MQTT-3.12.4-1".into() };
        steps.extend([fence, send("bob", disconnect(ReasonCode::SUCCESS).into())]);
        steps.extend(arrive("bob"));
        steps.push(Step::Drain);
        Scenario {
            id: name("history"),
            title: String::new(),
            version,
            role: Role::Broker,
            chapter: String::new(),
            statements: Vec::new(),
            needs: Vec::new(),
            judged_by: JudgedBy::Monitor,
            steps,
        }
    }

    /// Hand-written scenarios whose own step expects a repetition, and a history that the monitor judges.
    fn scenarios() -> Vec<Arc<Scenario>> {
        let names =
            ["resume/to-subscriber-qos-1-cut-after-publish-by-", "resume/to-subscriber-qos-2-cut-after-publish-by-"];
        let written = broker_scenarios()
            .into_iter()
            .filter(|scenario| scenario.id.ends_with("kept") && names.iter().any(|name| scenario.id.contains(name)));
        let histories = [ProtocolVersion::V3_1_1, ProtocolVersion::V5_0].map(history);
        written.chain(histories).map(Arc::new).collect()
    }

    #[test]
    fn one_that_sends_again_late_is_not_accused() {
        let all = scenarios();
        assert!(all.len() > 10, "{}", all.len());
        for scenario in all {
            let id = &scenario.id;
            let hasty = play(&scenario, FaultSet::EMPTY, LATE, false);
            assert_ne!(hasty.verdict, Verdict::Fail, "{id}: {:?}", hasty.findings);
            assert_eq!((must(&hasty.findings), hasty.suspicions.is_empty()), (vec![], false), "{id}");
            let patient = play(&scenario, FaultSet::EMPTY, LATE, true);
            assert_eq!((patient.verdict, patient.suspicions), (Verdict::Pass, vec![]), "{id}: {:?}", patient.findings);
        }
    }

    #[test]
    fn one_that_never_does_is_suspected_at_once_and_found_by_those_who_wait() {
        for scenario in scenarios() {
            let id = &scenario.id;
            let hasty = play(&scenario, FaultSet::only(Fault::NoRedelivery), Duration::ZERO, false);
            assert_ne!(hasty.verdict, Verdict::Fail, "{id}: {:?}", hasty.findings);
            let patient = play(&scenario, FaultSet::only(Fault::NoRedelivery), Duration::ZERO, true);
            assert_eq!(patient.verdict, Verdict::Fail, "{id}");
            let suspected = must(&hasty.suspicions);
            assert!(must(&patient.findings).iter().any(|found| suspected.contains(found)), "{id}: {suspected:?}");
        }
    }

    #[test]
    fn who_sends_again_at_once_is_not_waited_for() {
        for scenario in scenarios() {
            let outcome = play(&scenario, FaultSet::EMPTY, Duration::ZERO, false);
            assert_eq!((outcome.verdict, outcome.suspicions), (Verdict::Pass, vec![]), "{}", scenario.id);
        }
    }
}
