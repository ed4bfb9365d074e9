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
mod deliveries;
mod errors;
mod event;
mod incoming;
mod outgoing;
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
mod watch;

use mqttspec_codec::{PacketBuf, ProtocolVersion, PublishBuf};

use self::event::{Event, What};
use self::outgoing::Sent;
use self::report::Report;
use self::state::State;
use self::watch::Watch;
use crate::{Finding, Time};

/// Watches all connections of one scenario run and judges every packet that the target, a Server, sends.
#[derive(Debug)]
pub struct Monitor {
    state: State,
    report: Report,
    watchers: Vec<Box<dyn Watch>>,
}

impl Monitor {
    /// A monitor for one run. `version` is assumed on a connection until its CONNECT names another.
    pub fn new(version: ProtocolVersion) -> Self {
        Self { state: State::new(version), report: Report::default(), watchers: watchers() }
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

    /// We sent these bytes, which may be anything, and part of a packet only. `event` is their place in the transcript.
    pub fn sent(&mut self, connection: usize, event: usize, bytes: &[u8]) {
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
        let forwarded = self.state.published.is_incomplete();
        self.state.connection(connection);
        let seen = self.state.connections.get(&connection)?;
        let Some(packet) = checks::decode(seen, &mut self.report, event, frame, forwarded) else {
            self.state.connection(connection).garbled = true;
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
        let seen = self.state.connection(connection);
        seen.garbled = true;
        checks::unframeable(seen, &mut self.report, event, bytes);
        self.tell(connection, event, What::ReceivedUnreadable);
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
    /// Decides what had been left open; what is owed and has not come is found. May be called in the middle of a run.
    pub fn settle(&mut self) {
        for connection in self.state.connections.values_mut() {
            checks::settle(connection, &mut self.report);
        }
        for watcher in &mut self.watchers {
            watcher.settle(&mut self.state, &mut self.report);
        }
    }

    /// Whether the target owes something that may still come: then it is worth to wait before [`settle`](Self::settle).
    pub fn is_owed(&self) -> bool {
        self.watchers.iter().any(|watcher| watcher.is_owed(&self.state))
    }

    /// The permitted choices seen since the last call, each once: what is chosen, and how.
    pub fn take_observations(&mut self) -> Vec<(String, String)> {
        self.report.take_observations()
    }

    /// Everything found since the last call.
    pub fn take_findings(&mut self) -> Vec<Finding> {
        self.report.take()
    }

    fn tell(&mut self, connection: usize, event: usize, what: What<'_>) {
        let event = Event { index: event, at: self.state.now, connection, what };
        for watcher in &mut self.watchers {
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
        Box::<clients::Clients>::default(),
    ]
}

/// Undecided deliveries kept on one connection at most.
const MAX_SUSPECTS: usize = 64;
