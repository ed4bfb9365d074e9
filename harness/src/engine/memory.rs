//! A scenario played against the reference broker in memory and in virtual time: no sockets, no waiting, and the same
//! result every time.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use mqttspec_scenarios::Time;
use mqttspec_scenarios::broker::{Broker, BrokerConfig, ConnectionId, Output};
use mqttspec_scenarios::model::Scenario;

use super::{Action, Engine, Observation, Options, Outcome, Transcript};

/// Turns after which a run counts as stuck. The longest honest run needs a few thousand.
const MAX_TURNS: usize = 200_000;

/// Play `scenario` against a fresh reference broker.
pub fn run(scenario: &Arc<Scenario>, mut options: Options, config: BrokerConfig) -> (Outcome, Transcript) {
    // Here a minute passes in no time.
    options.timing.eventually = true;
    run_late(scenario, options, config, Duration::ZERO)
}

/// Play `scenario` against a fresh reference broker whose repeated PUBLISH packets (DUP 1) take this long to arrive.
pub fn run_late(
    scenario: &Arc<Scenario>,
    options: Options,
    config: BrokerConfig,
    late: Duration,
) -> (Outcome, Transcript) {
    let mut run = Run {
        engine: Engine::new(Arc::clone(scenario), options, Time::ZERO),
        broker: Broker::new(config),
        now: Time::ZERO,
        ids: BTreeMap::new(),
        numbers: BTreeMap::new(),
        mail: VecDeque::new(),
        late,
        held: VecDeque::new(),
    };
    for _ in 0..MAX_TURNS {
        if let Some(outcome) = run.engine.outcome() {
            return (outcome.clone(), run.engine.transcript().clone());
        }
        run.turn();
    }
    run.engine.interrupt("the run in memory did not come to an end");
    while run.engine.poll_action().is_some() {}
    let outcome = run.engine.outcome().cloned().unwrap_or_else(|| unreachable!("an interrupted engine has an outcome"));
    (outcome, run.engine.transcript().clone())
}

struct Run {
    engine: Engine,
    broker: Broker,
    now: Time,
    ids: BTreeMap<usize, ConnectionId>,
    numbers: BTreeMap<ConnectionId, usize>,
    /// On its way from the broker to the engine.
    mail: VecDeque<Observation>,
    /// How long repetitions take, and those that are on their way.
    late: Duration,
    held: VecDeque<(Time, Observation)>,
}

impl Run {
    /// Do one thing: an action of the engine, else a delivery to it, else let time pass until somebody wakes.
    fn turn(&mut self) {
        // Every turn takes a moment, so that no two events share one.
        self.now += Duration::from_micros(10);
        if self.held.front().is_some_and(|(due, _)| *due <= self.now) {
            self.mail.extend(self.held.pop_front().map(|(_, observation)| observation));
        }
        if let Some(action) = self.engine.poll_action() {
            self.act(action);
            self.collect();
        } else if let Some(observation) = self.mail.pop_front() {
            self.engine.handle(observation, self.now);
        } else {
            let held = self.held.front().map(|(due, _)| *due);
            let due = [self.engine.next_timeout(), self.broker.next_timeout(), held].into_iter().flatten().min();
            self.now = self.now.max(due.unwrap_or(self.now));
            self.broker.handle_timeout(self.now);
            self.engine.handle_timeout(self.now);
            self.collect();
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Open { connection } => {
                let id = self.broker.open(self.now);
                self.ids.insert(connection, id);
                self.numbers.insert(id, connection);
                self.mail.push_back(Observation::Opened { connection });
            }
            Action::Send { connection, bytes } => {
                if let Some(id) = self.ids.get(&connection) {
                    self.broker.receive(*id, &bytes, self.now);
                }
            }
            Action::Close { connection, .. } => {
                if let Some(id) = self.ids.remove(&connection) {
                    self.numbers.remove(&id);
                    self.broker.closed(id, self.now);
                }
            }
        }
    }

    fn collect(&mut self) {
        while let Some(output) = self.broker.poll_output() {
            match output {
                Output::Send { connection, bytes } => {
                    if let Some(connection) = self.numbers.get(&connection).copied() {
                        let is_repetition = bytes.first().is_some_and(|first| first & 0xF8 == 0x38);
                        let observation = Observation::Bytes { connection, bytes };
                        if is_repetition && !self.late.is_zero() {
                            self.held.push_back((self.now + self.late, observation));
                        } else {
                            self.mail.push_back(observation);
                        }
                    }
                }
                Output::Close { connection } => {
                    if let Some(connection) = self.numbers.remove(&connection) {
                        self.ids.remove(&connection);
                        self.mail.push_back(Observation::Eof { connection });
                    }
                }
            }
        }
    }
}
