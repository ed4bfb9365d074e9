//! The engine: plays one scenario, without I/O and with explicit time.
//!
//! The caller asks for actions ([`Engine::poll_action`]), carries them out on some transport, and tells the engine what
//! was observed ([`Engine::handle`]) and when time has passed ([`Engine::handle_timeout`]), until there is an
//! [`Outcome`]. The same engine therefore plays over TCP and, in virtual time, against the reference broker
//! ([`memory`]).

mod action;
mod answering;
mod awaiting;
mod build;
mod connection;
mod defaults;
mod draining;
mod electing;
mod expecting;
mod finishing;
mod in_flight;
mod judging;
mod matching;
pub mod memory;
mod outcome;
mod redelivery;
mod stage;
mod steps;
#[cfg(test)]
mod tests;
mod transcript;

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use mqttspec_codec::PacketBuf;
use mqttspec_scenarios::Time;
use mqttspec_scenarios::model::{JudgedBy, Namespace, Scenario};
#[cfg(doc)]
use mqttspec_scenarios::monitor::Owed;
use mqttspec_scenarios::monitor::{Monitor, REDELIVERY};

pub use action::{Action, Observation};
pub use defaults::ConnectDefaults;
pub use outcome::{Leftovers, Outcome};
pub use transcript::Transcript;

use connection::Connection;
use in_flight::Sessions;
use judging::Judgement;
use stage::Stage;

/// How long the engine waits, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timing {
    /// The full wait for an answer.
    pub answer_ms: u64,
    /// Silence after which a PINGREQ finds out whether the target is alive.
    pub probe_after_ms: u64,
    /// The wait that is left once that PINGREQ has been answered.
    pub after_probe_ms: u64,
    /// The wait after the last fence before an absence is believed; calibrated from measured round trips.
    pub grace_ms: u64,
    /// Stretches the far end of a scenario's time windows.
    pub scale: f64,
    /// Whether to wait in full for what is owed without a time limit ([`Owed::Eventually`]): a minute for each session
    /// that was resumed and lacks something. Without it, what has not come within the usual wait is left open. In
    /// memory it always is waited for.
    pub eventually: bool,
    /// How long that is, from the CONNACK that resumed the session.
    pub redelivery_ms: u64,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            answer_ms: 5_000,
            probe_after_ms: 300,
            after_probe_ms: 1_500,
            grace_ms: 50,
            scale: 1.0,
            eventually: false,
            redelivery_ms: u64::try_from(REDELIVERY.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// What a run of a scenario needs to know beyond the scenario.
#[derive(Clone, Debug)]
pub struct Options {
    /// The unique names.
    pub namespace: Namespace,
    /// How long to wait.
    pub timing: Timing,
    /// What every CONNECT gets that the scenario leaves open.
    pub defaults: ConnectDefaults,
}

/// Bytes of one frame beyond which a target's packet is no longer taken in: the largest that MQTT can express would be
/// 256 MiB, and no scenario asks for more than a fraction of this.
const MAX_FRAME_LEN: usize = 4 << 20;
/// Packets that wait in an inbox before the target counts as flooding.
const MAX_INBOX: usize = 4_096;
/// Packets on one connection before the target counts as flooding, whatever they are about: far more than all scenarios
/// of a run publish together.
const MAX_PACKETS: usize = 30_000;

/// Plays one scenario.
#[derive(Debug)]
pub struct Engine {
    scenario: Arc<Scenario>,
    options: Options,
    started: Time,
    now: Time,
    step: usize,
    stage: Stage,
    connections: Vec<Connection>,
    /// The latest connection of each name.
    names: BTreeMap<String, usize>,
    /// Remembered packets.
    vars: BTreeMap<String, PacketBuf>,
    actions: VecDeque<Action>,
    transcript: Transcript,
    monitor: Monitor,
    judgement: Judgement,
    last_close: Option<Time>,
    last_send: Option<Time>,
    /// The last packet that a step sent, on any connection, as a transcript index: what a missing answer is missed after.
    last_step_sent: Option<usize>,
    /// What every client has under way.
    sessions: Sessions,
    /// Packets and ends of connections that have come, answers to the engine's own PINGREQs not counted.
    arrivals: u64,
    /// Where the scenario stood when the monitor settled last: the length of the transcript, and the time.
    settled_at: Option<(usize, Time)>,
    /// Whether an answer was once waited for in vain: later ones are waited for less, for the monitor waits in full.
    ran_dry: bool,
    leftovers: Leftovers,
    outcome: Option<Outcome>,
}

impl Engine {
    /// An engine about to play `scenario`.
    pub fn new(scenario: Arc<Scenario>, options: Options, now: Time) -> Self {
        let version = scenario.version;
        let redelivery = Duration::from_millis(options.timing.redelivery_ms);
        Self {
            scenario,
            options,
            started: now,
            now,
            step: 0,
            stage: Stage::Ready,
            connections: Vec::new(),
            names: BTreeMap::new(),
            vars: BTreeMap::new(),
            actions: VecDeque::new(),
            transcript: Transcript::new(now),
            monitor: Monitor::new(version).giving(redelivery),
            judgement: Judgement::new(version),
            last_close: None,
            last_send: None,
            last_step_sent: None,
            sessions: Sessions::default(),
            arrivals: 0,
            settled_at: None,
            ran_dry: false,
            leftovers: Leftovers::default(),
            outcome: None,
        }
    }

    /// The next thing for the caller to do; `None` when it is the target's turn.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.advance();
        self.actions.pop_front()
    }

    /// Take in what was observed on a connection.
    ///
    /// Observations on connections that mqttspec has closed are dropped, except that they stay in the transcript.
    pub fn handle(&mut self, observation: Observation, now: Time) {
        self.now = self.now.max(now);
        self.monitor.at(self.now);
        if self.outcome.is_none() {
            self.observe(observation);
        }
    }

    /// When [`Engine::handle_timeout`] is due next.
    pub fn next_timeout(&self) -> Option<Time> {
        if self.outcome.is_some() { None } else { self.stage.deadline() }
    }

    /// Let time pass.
    pub fn handle_timeout(&mut self, now: Time) {
        self.now = self.now.max(now);
        self.monitor.at(self.now);
        if self.outcome.is_none() && self.next_timeout().is_some_and(|due| due <= self.now) {
            self.time_is_up();
        }
    }

    /// The result, once the scenario has ended and its connections are closed.
    pub fn outcome(&self) -> Option<&Outcome> {
        if self.actions.is_empty() { self.outcome.as_ref() } else { None }
    }

    /// End now, without a judgement beyond what has been found so far.
    pub fn interrupt(&mut self, why: &str) {
        if self.outcome.is_none() {
            self.judgement.stop_inconclusive(why);
            self.conclude();
        }
    }

    /// Everything that happened, byte by byte.
    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// Whether the monitor alone decides, and a step that cannot be taken is left out.
    fn is_history(&self) -> bool {
        self.scenario.judged_by == JudgedBy::Monitor
    }

    fn after(&self, ms: u64) -> Time {
        self.now + Duration::from_millis(ms)
    }
}
