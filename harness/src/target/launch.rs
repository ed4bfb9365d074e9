//! A target that mqttspec starts itself, watches, and ends with everything it started in turn.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use mqttspec_reports::{Health, text::visible_clip};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::groups::{self, Group};
use super::tail::Tail;

/// What stands for the port in a `--launch` command.
pub const PORT: &str = "{port}";

/// How long what a process wrote last may take to be read after its end; something it started may keep the pipe open.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// Attempts with another port when the target ends before it accepts: another program may have taken the first one.
const START_ATTEMPTS: usize = 3;

/// A `--launch` command, split into words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchCommand {
    text: String,
    words: Vec<String>,
}

/// Why a target could not be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchError(String);

impl LaunchCommand {
    /// Splits `text` as a shell would, without running one.
    ///
    /// # Errors
    /// When a quote is not closed, the command is empty, or `{port}` does not occur in it.
    pub fn parse(text: &str) -> Result<Self, LaunchError> {
        let words = shell_words::split(text)
            .map_err(|_| LaunchError(format!("a quote is not closed in the launch command '{text}'")))?;
        if words.is_empty() {
            return Err(LaunchError("the launch command is empty: expected 'CMD … {port}'".to_owned()));
        }
        if !words.iter().any(|word| word.contains(PORT)) {
            return Err(LaunchError(format!(
                "the launch command '{text}' does not say where the port goes: write {{port}}, for example 'mosquitto -p {{port}}'"
            )));
        }
        Ok(Self { text: text.to_owned(), words })
    }

    /// The command as it was given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The program's file name.
    #[must_use]
    pub fn program(&self) -> &str {
        self.words.first().map_or("", |word| word.rsplit('/').next().unwrap_or(word))
    }

    fn command(&self, port: u16) -> Command {
        let mut words = self.words.iter().map(|word| word.replace(PORT, &port.to_string()));
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.process_group(0).kill_on_drop(true);
        command
    }
}

/// A running target.
#[derive(Debug)]
pub struct Launched {
    child: Child,
    group: Option<Group>,
    tail: Tail,
    /// Done when the process and everything that inherited its output has closed it.
    readers: Vec<JoinHandle<()>>,
    address: SocketAddr,
}

impl Launched {
    /// Starts the target on a free port and waits until it accepts connections.
    ///
    /// # Errors
    /// When the program cannot be started, ends before it accepts, or does not accept within `patience`.
    pub async fn start(command: &LaunchCommand, patience: Duration) -> Result<Self, LaunchError> {
        let mut last = None;
        for _ in 0..START_ATTEMPTS {
            let mut launched = Self::spawn(command)?;
            match launched.wait_until_it_accepts(patience).await {
                Ok(()) => return Ok(launched),
                Err(Delay::Ended(status)) => {
                    let (what, output) = (describe(status), launched.tail.last_lines(3));
                    let output = if output.is_empty() { "it printed nothing".to_owned() } else { output };
                    last = Some(LaunchError(format!(
                        "'{}' ended before it accepted a connection: {what}: {}",
                        command.text,
                        visible_clip(&output, 400)
                    )));
                }
                Err(Delay::TooLong) => {
                    let port = launched.address.port();
                    return Err(LaunchError(format!(
                        "'{}' did not accept a connection on 127.0.0.1:{port} within {patience:?}",
                        command.text
                    )));
                }
            }
        }
        Err(last.unwrap_or_else(|| LaunchError(format!("'{}' could not be started", command.text))))
    }

    fn spawn(command: &LaunchCommand) -> Result<Self, LaunchError> {
        let cannot = |what: &str, error: std::io::Error| LaunchError(format!("cannot {what}: {error}"));
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|listener| listener.local_addr())
            .map_err(|error| cannot("find a free port", error))?
            .port();
        let mut child =
            command.command(port).spawn().map_err(|error| cannot(&format!("start '{}'", command.words[0]), error))?;
        let group = child.id().and_then(Group::led_by);
        let tail = Tail::default();
        let mut readers = Vec::new();
        if let Some(output) = child.stdout.take() {
            readers.push(tail.follow(output));
        }
        if let Some(output) = child.stderr.take() {
            readers.push(tail.follow(output));
        }
        Ok(Self { child, group, tail, readers, address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)) })
    }

    async fn wait_until_it_accepts(&mut self, patience: Duration) -> Result<(), Delay> {
        let deadline = Instant::now() + patience;
        let mut pause = Duration::from_millis(5);
        loop {
            if let Ok(Ok(_)) = timeout(patience, TcpStream::connect(self.address)).await {
                return Ok(());
            }
            if Instant::now() >= deadline {
                return Err(Delay::TooLong);
            }
            // Either the target ends, or it is time to try again.
            if let Ok(Ok(status)) = timeout(pause, self.child.wait()).await {
                self.hear_out().await;
                return Err(Delay::Ended(status));
            }
            pause = (pause * 2).min(Duration::from_millis(100));
        }
    }

    /// Waits a moment for what it wrote last and is still in the pipe.
    async fn hear_out(&mut self) {
        for reader in &mut self.readers {
            let _ = timeout(LAST_WORDS, reader).await;
        }
        self.readers.clear();
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What became of the process, if it is gone or goes within `wait`.
    pub async fn gone_within(&mut self, wait: Duration) -> Option<Health> {
        let status = timeout(wait, self.child.wait()).await.ok()?.ok()?;
        self.hear_out().await;
        Some(match self.tail.sanitizer_report() {
            Some(excerpt) => Health::SanitizerReport { excerpt },
            None => Health::Exited { status: status.code(), signal: status.signal() },
        })
    }

    /// The last lines it printed, on one line.
    #[must_use]
    pub fn last_words(&self) -> String {
        visible_clip(&self.tail.last_lines(3), 400)
    }

    /// Asks the process group to end, and ends it if it does not.
    pub async fn stop(mut self) {
        let Some(group) = self.group.take() else { return };
        group.terminate();
        let deadline = groups::mercy_deadline();
        let _ = tokio::time::timeout_at(deadline.into(), self.child.wait()).await;
        // Dropping the group ends what is left of it.
    }
}

enum Delay {
    Ended(ExitStatus),
    TooLong,
}

fn describe(status: ExitStatus) -> String {
    Health::Exited { status: status.code(), signal: status.signal() }.to_string()
}

impl fmt::Display for LaunchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for LaunchError {}
