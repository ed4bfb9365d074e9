//! Keeps the target going: knows where it is, notices when it is gone, starts it again, and gives up in the end.

use std::net::SocketAddr;
use std::sync::{Mutex as StdMutex, MutexGuard, PoisonError};
use std::time::Duration;

use mqttspec_reports::{Event, Health};
use tokio::sync::{Mutex, mpsc, watch};
use tokio::time::sleep;

use super::checkup::Checkup;
use crate::target::Target;

/// Restarts after which a target counts as lost, in an ordinary run.
pub(super) const MAXIMUM_RESTARTS: usize = 60;
/// How long a process may take to be seen as gone after it stopped answering.
const UNTIL_GONE: Duration = Duration::from_millis(300);
/// Probes of a target that somebody else runs, until it counts as lost.
const PROBES: u32 = 6;

/// The target, and one life of it after the other.
#[derive(Debug)]
pub(super) struct Keeper {
    target: Mutex<Target>,
    state: StdMutex<State>,
    events: mpsc::UnboundedSender<Event>,
    stop: watch::Sender<Option<String>>,
    maximum_restarts: usize,
}

#[derive(Debug)]
struct State {
    life: Life,
    restarts: usize,
    lost: Option<String>,
}

/// Where the target is, and which of its lives that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Life {
    pub(super) number: u64,
    pub(super) address: SocketAddr,
}

impl Keeper {
    pub(super) fn new(
        target: Target,
        events: mpsc::UnboundedSender<Event>,
        stop: watch::Sender<Option<String>>,
        maximum_restarts: usize,
    ) -> Self {
        let life = Life { number: 0, address: target.address() };
        let state = StdMutex::new(State { life, restarts: 0, lost: None });
        Self { target: Mutex::new(target), state, events, stop, maximum_restarts }
    }

    /// The current life of the target; waits while it is being brought back.
    pub(super) async fn life(&self) -> Life {
        let _at_peace = self.target.lock().await;
        self.state().life
    }

    /// Whether `life` is still the current one.
    pub(super) fn is_current(&self, life: Life) -> bool {
        self.state().life == life
    }

    /// Why the target is lost, if it is.
    pub(super) fn lost(&self) -> Option<String> {
        self.state().lost.clone()
    }

    /// Brings the target back after it was found unwell at the end of scenario `after`.
    ///
    /// Returns what had become of it to the one who noticed first, and `None` to everybody else.
    pub(super) async fn unwell(&self, life: Life, after: &str, seen: Health, checkup: &Checkup) -> Option<Health> {
        let mut target = self.target.lock().await;
        if !self.is_current(life) || self.lost().is_some() {
            return None;
        }
        let health = target.gone_within(UNTIL_GONE).await.unwrap_or(seen);
        let words = target.last_words();
        let words = if words.is_empty() { String::new() } else { format!("; its last words: {words}") };
        if target.can_restart() {
            let restarts = {
                let mut state = self.state();
                state.restarts += 1;
                state.restarts
            };
            if restarts > self.maximum_restarts {
                self.lose(format!(
                    "the target was restarted {} times and failed again: {health}{words}",
                    self.maximum_restarts
                ));
            } else {
                match target.restart().await {
                    Ok(()) => {
                        self.next_life(target.address());
                        let event = Event::TargetRestarted { after: after.to_owned(), health: health.clone() };
                        let _ = self.events.send(event);
                    }
                    Err(error) => {
                        self.lose(format!("after {after}: {health}{words}; and it cannot be restarted: {error}"));
                    }
                }
            }
        } else if comes_back(checkup).await {
            self.next_life(life.address);
        } else {
            self.lose(format!("the target is lost since {after}: {health}{words}"));
        }
        Some(health)
    }

    /// Ends a launched target and starts it again, though nothing is wrong with it: it is rid of all that was left in it.
    pub(super) async fn renew(&self) {
        let mut target = self.target.lock().await;
        if !target.can_restart() || self.lost().is_some() {
            return;
        }
        match target.restart().await {
            Ok(()) => self.next_life(target.address()),
            Err(error) => self.lose(format!("the target cannot be started again: {error}")),
        }
    }

    /// Ends a launched target.
    pub(super) async fn end(&self) {
        self.target.lock().await.stop().await;
    }

    fn next_life(&self, address: SocketAddr) {
        let mut state = self.state();
        state.life = Life { number: state.life.number + 1, address };
    }

    fn lose(&self, why: String) {
        self.state().lost = Some(why.clone());
        self.stop.send_if_modified(|stop| {
            let first = stop.is_none();
            if first {
                *stop = Some(why);
            }
            first
        });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a target that somebody else runs answers again within a while.
async fn comes_back(checkup: &Checkup) -> bool {
    let mut pause = Duration::from_millis(50);
    for _ in 0..PROBES {
        if checkup.probe().await.is_ok() {
            return true;
        }
        sleep(pause).await;
        pause *= 2;
    }
    false
}
