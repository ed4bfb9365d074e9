//! What every packet of a server is checked against, in every scenario, whatever the scenario is about.
//!
//! [`Monitor`] is told everything that happens on the connections of one run. `state` remembers it (`outgoing`: what
//! we send, `incoming`: what the target sends), `checks` judges each packet of the target before it is remembered,
//! and `rule` lists the sentences by which they judge.
//!
//! The checks judge what came. The watchers (`watch`) also keep what is owed: `deliveries`, `stored`, `replies`, `errors`,
//! and, for the other side, `clients`.
//!
//! What the monitor cannot be sure of it does not report. After we have sent something that the standard does not allow,
//! the connection is *tainted*: the target may then do as it likes, and only the format, the types and the order of its
//! packets and what its CONNECT asked for are judged. A session of which anything is unknown is not judged by its
//! subscriptions.

mod checks;
mod client;
mod clients;
mod connection;
pub mod coverage;
mod deliveries;
mod errors;
mod event;
mod incoming;
mod joined;
mod outgoing;
mod owed;
mod publications;
mod published;
mod replies;
mod report;
mod rule;
mod session;
mod state;
mod stored;
#[cfg(test)]
mod tests;
mod text;
mod watch;

use std::collections::BTreeMap;
use std::time::Duration;

use mqttspec_codec::{PacketBuf, ProtocolVersion, PublishBuf};

pub use self::owed::{Owed, REDELIVERY};

use self::coverage::{Coverage, Situations};
use self::event::{Event, What};
use self::joined::Trial;
use self::outgoing::Sent;
use self::report::Report;
use self::state::State;
use self::watch::Watch;
use crate::{Finding, Side, Time};

/// Watches all connections of one run and judges every packet that the Server sends, what it leaves undone, and, if told
/// to, the Clients.
#[derive(Debug)]
pub struct Monitor {
    state: State,
    report: Report,
    watchers: Vec<Box<dyn Watch>>,
    situations: Situations,
    /// Connections that were joined and whose version is not known.
    trials: BTreeMap<usize, Trial>,
}

impl Monitor {
    /// A monitor for one run. `version` is assumed on a connection until its CONNECT names another.
    pub fn new(version: ProtocolVersion) -> Self {
        Self {
            state: State::new(version),
            report: Report::default(),
            watchers: watchers(),
            trials: BTreeMap::new(),
            situations: Situations::default(),
        }
    }

    /// A monitor that sees only some of the connections of a Server, and has not seen them since it started: a capture,
    /// a proxy. Others may publish, and take sessions up between the connections that are seen. So no delivery is
    /// compared with what was published, nothing is owed for it, and a session that existed before its connection is not
    /// judged by what it holds.
    #[must_use]
    pub fn partial(mut self) -> Self {
        self.state.partial = true;
        self.state.see_only_some();
        self
    }

    /// The same monitor, which judges the Clients as well: for a tap between Clients and a Server of others.
    #[must_use]
    pub fn judging_clients(mut self) -> Self {
        self.watchers.push(Box::<clients::Clients>::default());
        self
    }

    /// The same monitor, which gives the Server this long to send again what was under way, after a session was resumed:
    /// [`REDELIVERY`] when nobody says otherwise.
    #[must_use]
    pub fn giving(mut self, redelivery: Duration) -> Self {
        self.state.redelivery = redelivery;
        self
    }

    /// It is `now`: the time of everything that is told from here on. Time never goes back.
    pub fn at(&mut self, now: Time) {
        self.state.now = self.state.now.max(now);
    }

    /// A network connection was opened. Its index must be new.
    pub fn opened(&mut self, connection: usize, event: usize) {
        self.state.connection(connection);
        self.tell(connection, event, What::Opened);
    }

    /// Some of what happens is not seen after all, on whatever connection: from here on this is a
    /// [`partial`](Self::partial) monitor, and nothing that was owed so far is.
    pub fn lose_sight(&mut self) {
        self.state.partial = true;
        self.state.see_only_some();
        self.watchers.retain(|watcher| watcher.judges_joined());
    }

    /// `connection` is seen from here on; what came before it was not, or some of it was missed. From now on each call of
    /// [`sent`](Self::sent) and [`received`](Self::received) for it must bring one whole packet. Only its format is judged,
    /// once its version is known, and what follows from the packets that are seen.
    pub fn joined(&mut self, connection: usize, event: usize) {
        self.lose_sight();
        let undecided = self.is_undecided(connection);
        if !self.state.join(connection, event) || undecided {
            self.trials.entry(connection).or_default();
        }
    }

    /// Whether the version of a connection that was [`joined`](Self::joined) is not known, and so nothing on it is judged.
    pub fn is_undecided(&self, connection: usize) -> bool {
        self.trials.contains_key(&connection)
    }

    /// The version spoken on `connection`, as far as it is known.
    pub fn version(&self, connection: usize) -> Option<ProtocolVersion> {
        let known = |seen: &connection::Connection| seen.connect.is_some() || seen.joined.is_some();
        let seen = self.state.connections.get(&connection).filter(|seen| known(seen))?;
        (!self.is_undecided(connection)).then_some(seen.version)
    }

    /// We sent these bytes, which may be anything, and part of a packet only. `event` is their place in the transcript.
    pub fn sent(&mut self, connection: usize, event: usize, bytes: &[u8]) {
        if self.is_undecided(connection) {
            return self.try_version(Side::Client, connection, event, bytes);
        }
        self.state.correct_version(connection, bytes);
        self.state.take_outgoing(connection, bytes);
        while let Some(sent) = self.state.next_sent(connection, event) {
            match sent {
                Sent::Packet(packet, len) => self.tell(connection, event, What::Sent(&packet, len)),
                Sent::Unreadable(frame) => self.tell(connection, event, What::SentUnreadable(&frame)),
            }
        }
    }

    /// The target sent this frame. Returns the packet when it decodes, as it is on the wire: see
    /// [`resolved_topic`](Self::resolved_topic) for its Topic Alias.
    pub fn received(&mut self, connection: usize, event: usize, frame: &[u8]) -> Option<PacketBuf> {
        if self.is_undecided(connection) {
            self.try_version(Side::Server, connection, event, frame);
            return None;
        }
        self.state.correct_version(connection, frame);
        let forwarded = self.state.published.is_incomplete();
        self.state.connection(connection);
        let seen = self.state.connections.get(&connection)?;
        let Some(packet) = checks::decode(seen, &mut self.report, event, frame, forwarded) else {
            self.state.connection(connection).garble(event, frame);
            self.tell(connection, event, What::ReceivedUnreadable);
            return None;
        };
        let suspect = checks::check(&self.state, &mut self.report, seen, event, frame.len(), &packet);
        self.state.received(connection, event, &packet);
        let seen = self.state.connection(connection);
        if let Some(suspect) = suspect
            && seen.suspects.len() < MAX_SUSPECTS
        {
            seen.suspects.push(suspect);
        }
        self.tell(connection, event, What::Received(&packet, frame.len()));
        Some(packet)
    }

    /// The Topic Name of a PUBLISH of the target, its Topic Alias resolved as it stands now on `connection`: to be asked
    /// right after [`received`](Self::received). Empty when the alias is unknown.
    pub fn resolved_topic(&self, connection: usize, publish: &PublishBuf) -> String {
        let known = self.state.connections.get(&connection).and_then(|seen| seen.topic_of(publish));
        known.unwrap_or(&publish.topic).to_owned()
    }

    /// The target sent bytes that cannot be a frame, or the connection ended inside one.
    pub fn unframeable(&mut self, connection: usize, event: usize, bytes: &[u8]) {
        if self.is_undecided(connection) {
            return;
        }
        let seen = self.state.connection(connection);
        seen.garble(event, bytes);
        checks::unframeable(seen, &mut self.report, event, bytes);
        self.tell(connection, event, What::ReceivedUnreadable);
    }

    /// We ended the network connection in order, with everything that we had sent: it arrives before the end.
    pub fn finished(&mut self, connection: usize, event: usize) {
        self.state.connection(connection).finished = true;
        self.closed(connection, event, false);
    }

    /// The network connection ended, by the target's doing or by ours.
    pub fn closed(&mut self, connection: usize, event: usize, by_target: bool) {
        let seen = self.state.connection(connection);
        if seen.closed {
            return;
        }
        seen.closed = true;
        checks::settle(seen, &mut self.report);
        if let (Some(client), None) = (seen.client, &seen.connack) {
            let client = &mut self.state.clients[client];
            client.waiting = client.waiting.saturating_sub(1);
            // The target may read this CONNECT later than the next one of the same client.
            client.unclear |= !by_target;
        }
        self.tell(connection, event, What::Closed { by_server: by_target });
    }

    /// Nothing more is expected on any connection: every live one was fenced, and whatever was due was acknowledged.
    /// Decides what had been left open; what is owed and has not come is found, except what [`Owed::Eventually`] still gives
    /// time: that stays open. May be called in the middle of a run.
    pub fn settle(&mut self) {
        for connection in self.state.connections.values_mut() {
            checks::settle(connection, &mut self.report);
        }
        for watcher in &mut self.watchers {
            watcher.settle(&mut self.state, &mut self.report);
        }
    }

    /// What the target owes that may still come, and how soon: then it is worth to wait before [`settle`](Self::settle).
    pub fn owed(&self) -> Owed {
        self.watchers.iter().map(|watcher| watcher.owed(&self.state)).max().unwrap_or_default()
    }

    /// What would be found if nothing more came until what is [`Owed::Eventually`] had had its time. To be asked at the very
    /// end, after [`settle`](Self::settle) and [`take_findings`](Self::take_findings): nothing can be told afterwards.
    pub fn take_suspicions(&mut self) -> Vec<Finding> {
        if let Owed::Eventually(until) = self.owed() {
            // The others would judge the time that is skipped.
            let waits: Vec<bool> =
                self.watchers.iter().map(|watcher| matches!(watcher.owed(&self.state), Owed::Eventually(_))).collect();
            self.at(until);
            for (watcher, _) in self.watchers.iter_mut().zip(waits).filter(|(_, waits)| *waits) {
                watcher.settle(&mut self.state, &mut self.report);
            }
        }
        self.take_findings()
    }

    /// Which combinations of session state and event the run has reached so far.
    pub fn coverage(&self) -> &Coverage {
        self.situations.coverage()
    }

    /// The permitted choices seen since the last call, each once: what is chosen, and how.
    pub fn take_observations(&mut self) -> Vec<(String, String)> {
        self.report.take_observations()
    }

    /// Everything found since the last call, each with the version of its connection.
    pub fn take_findings(&mut self) -> Vec<Finding> {
        let mut findings = self.report.take();
        for finding in &mut findings {
            let spoken = finding.connection.and_then(|index| self.state.connections.get(&index));
            finding.version = finding.version.or(spoken.map(|connection| connection.version));
        }
        findings
    }

    /// One more packet of a connection whose version is not known; with the last that was needed, all are judged.
    fn try_version(&mut self, side: Side, connection: usize, event: usize, frame: &[u8]) {
        let Some(version) = self.trials.get_mut(&connection).and_then(|trial| trial.take(side, event, frame)) else {
            return;
        };
        let Some(trial) = self.trials.remove(&connection) else { return };
        self.state.connection(connection).version = version;
        for kept in trial.into_kept() {
            match kept.side {
                Side::Client => self.sent(connection, kept.event, &kept.frame),
                Side::Server => drop(self.received(connection, kept.event, &kept.frame)),
            }
        }
    }

    fn tell(&mut self, connection: usize, event: usize, what: What<'_>) {
        // Most watchers keep what is owed, and of a connection that was joined nobody knows what is.
        let joined = self.state.connections.get(&connection).is_some_and(|seen| seen.joined.is_some());
        let broke = self.state.connections.get(&connection).is_some_and(|seen| seen.tainted.is_some());
        self.situations.event(connection, &what, broke, self.state.now);
        let event = Event { index: event, at: self.state.now, connection, what };
        for watcher in self.watchers.iter_mut().filter(|watcher| !joined || watcher.judges_joined()) {
            watcher.event(&mut self.state, &event, &mut self.report);
        }
    }
}

/// Every watcher, in the order in which they are told.
fn watchers() -> Vec<Box<dyn Watch>> {
    vec![
        Box::<errors::Errors>::default(),
        Box::<stored::Stored>::default(),
        Box::<deliveries::Deliveries>::default(),
        Box::<replies::Replies>::default(),
    ]
}

/// Undecided deliveries kept on one connection at most.
const MAX_SUSPECTS: usize = 64;
