//! The surface of the client: commands, bytes and time in, bytes and closes out.

use std::collections::{BTreeMap, VecDeque};

use mqttspec_codec::PublishBuf;

use super::link::Link;
use super::session::Session;
use super::{ClientConfig, ClientFault, ClientVariant, Command, Refused};
use crate::Time;
use crate::broker::random::Random;

/// What the client wants done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Open a network connection to the server. What follows goes there.
    Open,
    /// Write these bytes.
    Send(Vec<u8>),
    /// Close the network connection, after everything sent before. The client has forgotten it already.
    Close,
    /// A message came for the application; its Topic Alias is resolved.
    Message(PublishBuf),
}

/// The reference client. It has at most one network connection at a time.
///
/// ```
/// use mqttspec_codec::ProtocolVersion;
/// use mqttspec_scenarios::Time;
/// use mqttspec_scenarios::client::{Client, ClientConfig, Command, Output};
/// use mqttspec_scenarios::model::connect;
/// let version = ProtocolVersion::V3_1_1;
/// let mut client = Client::new(ClientConfig::new(version, "c"));
/// client.command(Command::Connect(Box::new(connect(version, "c"))), Time::ZERO).unwrap();
/// assert_eq!(client.poll_output(), Some(Output::Open));
/// let connect = vec![0x10, 0x0D, 0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 0, 0, 1, b'c'];
/// assert_eq!(client.poll_output(), Some(Output::Send(connect)));
/// ```
#[derive(Debug)]
pub struct Client {
    pub(super) config: ClientConfig,
    pub(super) random: Random,
    /// The time of the call that is being served.
    pub(super) now: Time,
    /// The configured Client Identifier, or the one that the server assigned.
    pub(super) client_id: String,
    pub(super) session: Session,
    pub(super) link: Option<Link>,
    pub(super) outputs: VecDeque<Output>,
    /// Topic aliases of the connection before, used by one fault only.
    pub(super) stale_aliases: BTreeMap<String, u16>,
}

impl Client {
    /// A client without a session or a connection.
    pub fn new(config: ClientConfig) -> Self {
        Self {
            random: Random::new(config.seed),
            now: Time::ZERO,
            client_id: config.client_id.clone(),
            session: Session::default(),
            link: None,
            outputs: VecDeque::new(),
            stale_aliases: BTreeMap::new(),
            config,
        }
    }

    /// What it was configured with.
    pub fn config(&self) -> &ClientConfig {
        &self.config
    }

    /// Does what the application asks.
    ///
    /// # Errors
    /// When there is no connection for it, or the standard or the server does not allow it; then nothing is done.
    pub fn command(&mut self, command: Command, now: Time) -> Result<(), Refused> {
        self.handle_timeout(now);
        match command {
            Command::Connect(connect) => self.connect(*connect),
            Command::Subscribe(subscribe) => self.subscribe(subscribe),
            Command::Unsubscribe(unsubscribe) => self.unsubscribe(unsubscribe),
            Command::Publish(publish) => self.publish(publish),
            Command::Ping => self.ping(),
            Command::Reauthenticate => self.reauthenticate(),
            Command::Disconnect(disconnect) => self.disconnect(disconnect),
            Command::Drop => self.drop_link(),
        }
    }

    /// Bytes arrived on the network connection. Ignored when the client has closed it already.
    pub fn receive(&mut self, bytes: &[u8], now: Time) {
        self.handle_timeout(now);
        self.take_bytes(bytes);
    }

    /// The peer closed or reset the network connection, or it could not be opened.
    pub fn closed(&mut self, now: Time) {
        self.now = self.now.max(now);
        self.end_link();
    }

    /// The next thing to do; call until `None` after every other call.
    pub fn poll_output(&mut self) -> Option<Output> {
        let mut output = self.outputs.pop_front()?;
        if self.varies(ClientVariant::CoalescedWrites)
            && let Output::Send(bytes) = &mut output
        {
            while let Some(Output::Send(more)) = self.outputs.front() {
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
        self.now = self.now.max(now);
        self.expire();
    }

    /// Whether a network connection is open or being opened.
    pub fn has_connection(&self) -> bool {
        self.link.is_some()
    }

    /// Whether the server has accepted the connection, and neither side has ended it.
    pub fn is_connected(&self) -> bool {
        self.link.as_ref().is_some_and(Link::is_connected)
    }

    /// Whether `fault` is on and breaks something in the version of the client.
    pub(super) fn faulty(&self, fault: ClientFault) -> bool {
        self.config.faults.contains(fault) && fault.statement(self.config.version).is_some()
    }

    pub(super) fn varies(&self, variant: ClientVariant) -> bool {
        self.config.variants.contains(variant)
    }

    /// Whether the client speaks 5.0.
    pub(super) fn v5(&self) -> bool {
        self.config.version.has_properties()
    }
}
