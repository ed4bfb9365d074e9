//! The broker under test: an address somebody gave, a process that mqttspec started, or the embedded reference broker.

mod address;
mod groups;
mod launch;
mod tail;

pub use address::{Address, AddressError, DEFAULT_PORT};
pub use groups::kill_all;
pub use launch::{LaunchCommand, LaunchError, Launched, PORT};
pub use tail::{TAIL_BYTES, Tail};

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use mqttspec_reports::{Health, TargetInfo};
use mqttspec_scenarios::broker::BrokerConfig;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use crate::embedded::Embedded;

/// How long a launched target may take until it accepts its first connection.
const LAUNCH_PATIENCE: Duration = Duration::from_secs(10);

/// Which target to judge.
#[derive(Clone, Debug, Default)]
pub enum TargetSpec {
    /// The embedded reference broker.
    #[default]
    Embedded,
    /// A broker that somebody else runs.
    Remote(Address),
    /// A broker that mqttspec starts.
    Launch(LaunchCommand),
}

/// A target that is there.
#[derive(Debug)]
pub struct Target {
    spec: TargetSpec,
    address: SocketAddr,
    launched: Option<Launched>,
    _embedded: Option<Embedded>,
    patience: Duration,
}

/// Why there is no target: one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreachable(pub String);

impl Target {
    /// Starts the target, or finds out where it is.
    ///
    /// # Errors
    /// When the host has no address, nothing accepts a connection, or the launched program does not come up.
    pub async fn start(spec: TargetSpec, scale: f64) -> Result<Self, Unreachable> {
        let patience = LAUNCH_PATIENCE.mul_f64(scale);
        let mut target = Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            launched: None,
            _embedded: None,
            patience,
            spec: spec.clone(),
        };
        match &spec {
            TargetSpec::Embedded => {
                let embedded = Embedded::start(BrokerConfig::default())
                    .map_err(|error| Unreachable(format!("cannot start the embedded broker: {error}")))?;
                target.address = embedded.address();
                target._embedded = Some(embedded);
            }
            TargetSpec::Remote(address) => target.address = reach(address, patience / 2).await?,
            TargetSpec::Launch(command) => {
                let launched = Launched::start(command, patience).await.map_err(|e| Unreachable(e.to_string()))?;
                target.address = launched.address();
                target.launched = Some(launched);
            }
        }
        Ok(target)
    }

    /// Where it listens now; a launched target that was started again listens elsewhere.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Which target it is.
    #[must_use]
    pub fn spec(&self) -> &TargetSpec {
        &self.spec
    }

    /// Whether mqttspec started it, and so can start it again.
    #[must_use]
    pub fn can_restart(&self) -> bool {
        self.launched.is_some()
    }

    /// What became of the launched process, if it is gone or goes within `wait`.
    pub async fn gone_within(&mut self, wait: Duration) -> Option<Health> {
        self.launched.as_mut()?.gone_within(wait).await
    }

    /// The last lines a launched target printed; empty otherwise.
    #[must_use]
    pub fn last_words(&self) -> String {
        self.launched.as_ref().map(Launched::last_words).unwrap_or_default()
    }

    /// Ends a launched target and starts it again, on another port.
    ///
    /// # Errors
    /// When mqttspec did not start it, or it does not come up.
    pub async fn restart(&mut self) -> Result<(), Unreachable> {
        let TargetSpec::Launch(command) = &self.spec else {
            return Err(Unreachable("mqttspec did not start the target and cannot start it again".to_owned()));
        };
        if let Some(old) = self.launched.take() {
            old.stop().await;
        }
        let launched = Launched::start(command, self.patience).await.map_err(|e| Unreachable(e.to_string()))?;
        self.address = launched.address();
        self.launched = Some(launched);
        Ok(())
    }

    /// Ends a launched target with everything it started.
    pub async fn stop(&mut self) {
        if let Some(launched) = self.launched.take() {
            launched.stop().await;
        }
    }

    /// What reports say about it.
    #[must_use]
    pub fn info(&self) -> TargetInfo {
        self.spec.info(Some(self.address))
    }
}

impl TargetSpec {
    /// What reports say about it; `address` is where it listens, once that is known.
    #[must_use]
    pub fn info(&self, address: Option<SocketAddr>) -> TargetInfo {
        let listens = address.map_or_else(String::new, |address| format!("mqtt://{address}"));
        let (name, address, launch) = match self {
            Self::Embedded => ("embedded reference broker".to_owned(), listens, None),
            Self::Remote(address) => (format!("broker on {}", address.host), address.to_string(), None),
            Self::Launch(command) => (command.program().to_owned(), listens, Some(command.text().to_owned())),
        };
        TargetInfo { name, address, launch, versions: Vec::new() }
    }

    /// The options that select this target again, for the `rerun` line; empty for the embedded one.
    #[must_use]
    pub fn options(&self) -> String {
        match self {
            Self::Embedded => String::new(),
            Self::Remote(address) => format!(" --target {address}"),
            Self::Launch(command) => format!(" --launch {}", shell_words::quote(command.text())),
        }
    }
}

/// The first address of the host that accepts a connection.
async fn reach(address: &Address, patience: Duration) -> Result<SocketAddr, Unreachable> {
    let fail = |why: String| Unreachable(format!("{address} cannot be reached: {why}"));
    let found = timeout(patience, lookup_host((address.host.as_str(), address.port)))
        .await
        .map_err(|_| fail(format!("no answer from name resolution within {patience:?}")))?
        .map_err(|error| fail(error.to_string()))?;
    let mut why = "the host has no address".to_owned();
    for candidate in found.take(8) {
        match timeout(patience, TcpStream::connect(candidate)).await {
            Ok(Ok(_)) => return Ok(candidate),
            Ok(Err(error)) => why = error.to_string(),
            Err(_) => why = format!("no answer within {patience:?}"),
        }
    }
    Err(fail(why))
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unreachable {}
