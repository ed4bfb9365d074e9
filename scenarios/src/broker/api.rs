//! The surface of the broker: bytes and time in, bytes and closes out.

use super::BrokerConfig;
use crate::Time;

/// A network connection to the broker; never reused by one broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// What the broker wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Write these bytes.
    Send {
        /// Where to.
        connection: ConnectionId,
        /// Whole packets.
        bytes: Vec<u8>,
    },
    /// Close the network connection, after everything sent before.
    Close {
        /// Which.
        connection: ConnectionId,
    },
}

/// The reference broker.
#[derive(Debug)]
pub struct Broker {
    config: BrokerConfig,
}

impl Broker {
    /// A broker without sessions or connections.
    pub fn new(config: BrokerConfig) -> Self {
        Self { config }
    }

    /// What it was configured with.
    pub fn config(&self) -> &BrokerConfig {
        &self.config
    }

    /// A network connection was accepted.
    pub fn open(&mut self, _now: Time) -> ConnectionId {
        ConnectionId(0)
    }

    /// Bytes arrived. Ignored when the connection is closed already.
    pub fn receive(&mut self, _connection: ConnectionId, _bytes: &[u8], _now: Time) {}

    /// The peer closed or reset the connection.
    pub fn closed(&mut self, _connection: ConnectionId, _now: Time) {}

    /// The next thing to do; call until `None` after every other call.
    pub fn poll_output(&mut self) -> Option<Output> {
        None
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due next.
    pub fn next_timeout(&self) -> Option<Time> {
        None
    }

    /// Does what is due at `now`. Calling it early or often does no harm.
    pub fn handle_timeout(&mut self, _now: Time) {}
}
