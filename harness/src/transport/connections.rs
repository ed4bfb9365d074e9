//! All connections of one scenario, as one source of arrivals.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Instant;

use mqttspec_scenarios::model::CloseHow;
use tokio::sync::mpsc;

use super::Limits;
use super::connection::{self, Command, Wire};

/// Arrivals that may wait for the driver; beyond that, reading from the sockets pauses.
const WAITING_ARRIVALS: usize = 64;
/// Commands that may wait for a connection whose target does not read.
const WAITING_COMMANDS: usize = 4096;
/// Connections one scenario may open.
const MAXIMUM_CONNECTIONS: usize = 256;

/// Something that happened on a connection.
#[derive(Debug)]
pub struct Arrival {
    /// The connection, by the index it was opened under.
    pub connection: usize,
    /// What happened.
    pub what: What,
    /// When mqttspec took note of it.
    pub at: Instant,
}

/// What happened on a connection.
#[derive(Debug)]
pub enum What {
    /// It was established.
    Opened,
    /// It could not be established.
    OpenFailed(String),
    /// These bytes came.
    Bytes(Vec<u8>),
    /// The target closed it in order.
    Eof,
    /// The target reset it.
    Reset,
    /// The transport failed in another way: the target stopped reading, for one.
    Failed(String),
    /// It is closed on both sides after mqttspec closed it, or has been given up.
    Gone,
    /// The target sent more than mqttspec is ready to take; the connection was reset.
    TooMuch(String),
}

/// All connections of one scenario. Dropping it lets each connection end in order, by itself and within bounds.
#[derive(Debug)]
pub struct Connections {
    address: SocketAddr,
    limits: Limits,
    budget: Arc<AtomicUsize>,
    commands: Vec<Option<mpsc::Sender<Command>>>,
    arrivals: (mpsc::Sender<Arrival>, mpsc::Receiver<Arrival>),
}

impl Connections {
    /// No connections yet; all will go to `address`.
    #[must_use]
    pub fn new(address: SocketAddr, limits: Limits) -> Self {
        Self {
            address,
            limits,
            budget: Arc::new(AtomicUsize::new(limits.scenario_bytes)),
            commands: Vec::new(),
            arrivals: mpsc::channel(WAITING_ARRIVALS),
        }
    }

    /// Opens connection `index`; [`What::Opened`] or [`What::OpenFailed`] will arrive.
    ///
    /// # Errors
    /// When the index is beyond the bound on connections.
    pub fn open(&mut self, index: usize) -> Result<(), String> {
        if index >= MAXIMUM_CONNECTIONS {
            return Err(format!("the scenario opens more than {MAXIMUM_CONNECTIONS} connections"));
        }
        let (sender, receiver) = mpsc::channel(WAITING_COMMANDS);
        if self.commands.len() <= index {
            self.commands.resize_with(index + 1, || None);
        }
        self.commands[index] = Some(sender);
        let wire = Wire { index, limits: self.limits, budget: self.budget.clone(), arrivals: self.arrivals.0.clone() };
        tokio::spawn(connection::run(wire, self.address, receiver));
        Ok(())
    }

    /// Sends on connection `index`. Without effect when the connection has ended.
    ///
    /// # Errors
    /// When too much is waiting already because the target does not read.
    pub fn send(&mut self, index: usize, bytes: Vec<u8>) -> Result<(), String> {
        self.command(index, Command::Send(bytes))
    }

    /// Ends connection `index`, after everything sent before when `how` is [`CloseHow::Finish`].
    ///
    /// # Errors
    /// When too much is waiting already because the target does not read.
    pub fn close(&mut self, index: usize, how: CloseHow) -> Result<(), String> {
        let done = self.command(index, Command::Close(how));
        if let Some(slot) = self.commands.get_mut(index) {
            *slot = None;
        }
        done
    }

    /// The next arrival that is already there.
    pub fn try_next(&mut self) -> Option<Arrival> {
        self.arrivals.1.try_recv().ok()
    }

    /// The next arrival.
    pub async fn next(&mut self) -> Arrival {
        match self.arrivals.1.recv().await {
            Some(arrival) => arrival,
            // `self` holds a sender, so the channel cannot be closed.
            None => std::future::pending().await,
        }
    }

    fn command(&mut self, index: usize, command: Command) -> Result<(), String> {
        let Some(sender) = self.commands.get(index).and_then(Option::as_ref) else { return Ok(()) };
        match sender.try_send(command) {
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => Ok(()),
            Err(mpsc::error::TrySendError::Full(_)) => {
                Err("the target has stopped reading: too many writes are waiting".to_owned())
            }
        }
    }
}
