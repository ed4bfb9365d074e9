//! What every packet of a server is checked against, in every scenario, whatever the scenario is about.
//!
//! [`Monitor`] is told everything that happens on the connections of one run. `state` remembers it (`outgoing`: what
//! we send, `incoming`: what the target sends), `checks` judges each packet of the target before it is remembered,
//! and `rule` lists the sentences by which they judge.
//!
//! What the monitor cannot be sure of it does not report. After we have sent something that the standard does not allow,
//! the connection is *tainted*: the target may then do as it likes, and only the format, the types and the order of its
//! packets and what its CONNECT asked for are judged. A session of which anything is unknown is not judged by its
//! subscriptions.

mod checks;
mod client;
mod connection;
mod incoming;
mod outgoing;
mod published;
mod report;
mod rule;
mod session;
mod state;
#[cfg(test)]
mod tests;

use mqttspec_codec::{PacketBuf, ProtocolVersion, PublishBuf};

use self::report::Report;
use self::state::State;
use crate::Finding;

/// Watches all connections of one scenario run and judges every packet that the target, a Server, sends.
#[derive(Debug)]
pub struct Monitor {
    state: State,
    report: Report,
}

impl Monitor {
    /// A monitor for one run. `version` is assumed on a connection until its CONNECT names another.
    pub fn new(version: ProtocolVersion) -> Self {
        Self { state: State::new(version), report: Report::default() }
    }

    /// A network connection was opened. Its index must be new.
    pub fn opened(&mut self, connection: usize) {
        self.state.connection(connection);
    }

    /// We sent these bytes, which may be anything, and part of a packet only. `event` is their place in the transcript.
    pub fn sent(&mut self, connection: usize, event: usize, bytes: &[u8]) {
        self.state.sent(connection, event, bytes);
    }

    /// The target sent this frame. Returns the packet when it decodes, as it is on the wire: see
    /// [`resolved_topic`](Self::resolved_topic) for its Topic Alias.
    pub fn received(&mut self, connection: usize, event: usize, frame: &[u8]) -> Option<PacketBuf> {
        let forwarded = self.state.published.is_incomplete();
        self.state.connection(connection);
        let seen = self.state.connections.get(&connection)?;
        let Some(packet) = checks::decode(seen, &mut self.report, event, frame, forwarded) else {
            self.state.connection(connection).garbled = true;
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
    }

    /// The network connection ended, by the target's doing or by ours.
    pub fn closed(&mut self, connection: usize, _event: usize, by_target: bool) {
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
    }

    /// Nothing more is expected on any connection: decides what had been left open. To be called at the end of a run,
    /// after the last fence.
    pub fn settle(&mut self) {
        for connection in self.state.connections.values_mut() {
            checks::settle(connection, &mut self.report);
        }
    }

    /// Everything found since the last call.
    pub fn take_findings(&mut self) -> Vec<Finding> {
        self.report.take()
    }
}

/// Undecided deliveries kept on one connection at most.
const MAX_SUSPECTS: usize = 64;
