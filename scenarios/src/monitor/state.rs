//! Everything the monitor remembers of a run.

use std::collections::BTreeMap;
use std::time::Duration;

use mqttspec_codec::ProtocolVersion;

use super::client::Client;
use super::connection::Connection;
use super::owed::REDELIVERY;
use super::publications::Publications;
use super::published::Published;
use super::session::Session;
use crate::Time;

/// Connections, the Client Identifiers used on them, their sessions, and what was published.
#[derive(Debug)]
pub(super) struct State {
    /// The version of the scenario.
    pub(super) version: ProtocolVersion,
    /// Well-formed packets that we sent, on all connections.
    pub(super) sent: u64,
    /// By index.
    pub(super) connections: BTreeMap<usize, Connection>,
    /// In the order of their first CONNECT.
    pub(super) clients: Vec<Client>,
    /// Indexes into `clients`.
    pub(super) client_ids: BTreeMap<String, usize>,
    /// One for each CONNECT.
    pub(super) sessions: Vec<Session>,
    /// What we published, by content.
    pub(super) published: Published,
    /// What we published, one by one.
    pub(super) publications: Publications,
    /// Whether there are connections of the Server that are not seen.
    pub(super) partial: bool,
    /// The PUBLISH that is being told came with RETAIN 1 to a session without Retain As Published: it is no ordinary
    /// delivery, and `stored` judges it.
    pub(super) from_store: bool,
    /// The time of the event that is being told.
    pub(super) now: Time,
    /// How long the Server is given to send again what was under way, after a session was resumed.
    pub(super) redelivery: Duration,
}

impl State {
    /// Nothing yet.
    pub(super) fn new(version: ProtocolVersion) -> Self {
        Self {
            version,
            sent: 0,
            connections: BTreeMap::new(),
            clients: Vec::new(),
            client_ids: BTreeMap::new(),
            sessions: Vec::new(),
            published: Published::default(),
            publications: Publications::default(),
            partial: false,
            from_store: false,
            now: Time::ZERO,
            redelivery: REDELIVERY,
        }
    }

    /// The connection with this index, which is taken for open when nothing is known of it.
    pub(super) fn connection(&mut self, index: usize) -> &mut Connection {
        let version = self.version;
        self.connections.entry(index).or_insert_with(|| Connection::new(index, version))
    }

    /// The index of the client with this Client Identifier; an empty one belongs to its connection alone.
    pub(super) fn client(&mut self, client_id: &str) -> usize {
        if let Some(&known) = self.client_ids.get(client_id) {
            return known;
        }
        self.clients.push(Client::default());
        let index = self.clients.len() - 1;
        if !client_id.is_empty() {
            self.client_ids.insert(client_id.to_owned(), index);
        }
        index
    }

    /// A new session of which only the CONNECT is known.
    pub(super) fn begin_session(&mut self) -> usize {
        self.sessions.push(Session::new());
        self.sessions.len() - 1
    }
}
