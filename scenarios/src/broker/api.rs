//! The surface of the broker: bytes and time in, bytes and closes out.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use mqttspec_codec::{ProtocolVersion, WillBuf};

use super::connection::Connection;
use super::end::Ending;
use super::message::Message;
use super::random::Random;
use super::session::Session;
use super::will::PendingWill;
use super::{BrokerConfig, Fault, Variant};
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
    /// Close the network connection, after everything sent before. The broker has forgotten it already.
    Close {
        /// Which.
        connection: ConnectionId,
    },
}

/// The reference broker.
///
/// ```
/// use mqttspec_scenarios::Time;
/// use mqttspec_scenarios::broker::{Broker, BrokerConfig, Output};
/// let mut broker = Broker::new(BrokerConfig::default());
/// let connection = broker.open(Time::ZERO);
/// let connect = [0x10, 0x0D, 0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 0, 0, 1, b'c'];
/// broker.receive(connection, &connect, Time::ZERO);
/// assert_eq!(broker.poll_output(), Some(Output::Send { connection, bytes: vec![0x20, 2, 0, 0] }));
/// ```
#[derive(Debug)]
pub struct Broker {
    pub(super) config: BrokerConfig,
    pub(super) random: Random,
    pub(super) next_connection: u64,
    pub(super) connections: BTreeMap<ConnectionId, Connection>,
    pub(super) sessions: BTreeMap<String, Session>,
    /// Retained messages by topic (3.3.1.3).
    pub(super) retained: BTreeMap<String, Arc<Message>>,
    /// Will Messages that wait for their Will Delay Interval, by client (3.1.3.2.2).
    pub(super) pending_wills: BTreeMap<String, PendingWill>,
    /// How often each Shared Subscription has been served (4.8.2).
    pub(super) shared_turns: BTreeMap<String, usize>,
    /// How many client identifiers were assigned (3.1.3.1).
    pub(super) assigned: u64,
    /// How many subscriptions were made.
    pub(super) subscribed: u64,
    pub(super) outputs: VecDeque<Output>,
    /// Wills kept by fault [`Fault::PublishStaleWill`].
    pub(super) stale_wills: BTreeMap<String, WillBuf>,
    /// Aliases kept by fault [`Fault::KeepAliasesAcrossConnections`].
    pub(super) stale_aliases: BTreeMap<String, BTreeMap<u16, String>>,
}

impl Broker {
    /// A broker without sessions or connections.
    pub fn new(config: BrokerConfig) -> Self {
        let mut broker = Self {
            random: Random::new(config.seed),
            config,
            next_connection: 0,
            connections: BTreeMap::new(),
            sessions: BTreeMap::new(),
            retained: BTreeMap::new(),
            pending_wills: BTreeMap::new(),
            shared_turns: BTreeMap::new(),
            assigned: 0,
            subscribed: 0,
            outputs: VecDeque::new(),
            stale_wills: BTreeMap::new(),
            stale_aliases: BTreeMap::new(),
        };
        broker.retain_sys_topics();
        broker
    }

    /// What it was configured with.
    pub fn config(&self) -> &BrokerConfig {
        &self.config
    }

    /// A network connection was accepted. When there are too many, the next output closes it.
    pub fn open(&mut self, now: Time) -> ConnectionId {
        self.handle_timeout(now);
        let connection = ConnectionId(self.next_connection);
        self.next_connection += 1;
        if self.connections.len() < self.config.maximum_connections {
            self.connections.insert(connection, Connection::new(now, self.maximum_frame_len()));
        } else {
            self.outputs.push_back(Output::Close { connection });
        }
        connection
    }

    /// Bytes arrived. Ignored when the connection is closed already.
    pub fn receive(&mut self, connection: ConnectionId, bytes: &[u8], now: Time) {
        self.handle_timeout(now);
        self.take_bytes(connection, bytes, now);
    }

    /// The peer closed or reset the connection. Ignored when it is closed already.
    pub fn closed(&mut self, connection: ConnectionId, now: Time) {
        self.handle_timeout(now);
        self.detach(connection, Ending::Lost, now);
    }

    /// The next thing to do; call until `None` after every other call.
    pub fn poll_output(&mut self) -> Option<Output> {
        let mut output = self.outputs.pop_front()?;
        if self.varies(Variant::CoalescedOutput)
            && let Output::Send { connection, bytes } = &mut output
        {
            while let Some(Output::Send { connection: next, bytes: more }) = self.outputs.front()
                && next == connection
            {
                bytes.extend_from_slice(more);
                self.outputs.pop_front();
            }
        }
        Some(output)
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due next; `None` when nothing is.
    pub fn next_timeout(&self) -> Option<Time> {
        self.earliest_deadline()
    }

    /// Does what is due at `now`. Calling it early or often does no harm.
    pub fn handle_timeout(&mut self, now: Time) {
        self.expire(now);
    }

    /// Whether `fault` is on and breaks something in `version`.
    pub(super) fn faulty(&self, fault: Fault, version: ProtocolVersion) -> bool {
        self.config.faults.contains(fault) && fault.statement(version).is_some()
    }

    pub(super) fn varies(&self, variant: Variant) -> bool {
        self.config.variants.contains(variant)
    }
}
