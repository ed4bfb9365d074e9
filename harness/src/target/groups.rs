//! Every process group that mqttspec started and has not ended yet, so that none outlives it: not after Ctrl-C, and not
//! after a panic.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

static LIVE: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

/// How long a group has between SIGTERM and SIGKILL.
const MERCY: Duration = Duration::from_secs(2);

/// The process group of a launched target. It is ended when this is dropped.
#[derive(Debug)]
pub(super) struct Group(Pid);

impl Group {
    /// Takes charge of the group that the process `id` leads.
    pub(super) fn led_by(id: u32) -> Option<Self> {
        let pid = Pid::from_raw(i32::try_from(id).ok()?)?;
        LIVE.lock().unwrap_or_else(PoisonError::into_inner).push(pid);
        Some(Self(pid))
    }

    /// Asks every process of the group to end.
    pub(super) fn terminate(&self) {
        signal(self.0, Signal::TERM);
    }

    /// Ends every process of the group at once.
    pub(super) fn kill(&self) {
        signal(self.0, Signal::KILL);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
        LIVE.lock().unwrap_or_else(PoisonError::into_inner).retain(|pid| *pid != self.0);
    }
}

/// Ends every group that is left, at once. For the ways out of the program that run no destructors.
pub fn kill_all() {
    // Never wait for the lock: this also runs in a panic hook.
    if let Ok(groups) = LIVE.try_lock() {
        groups.iter().for_each(|pid| signal(*pid, Signal::KILL));
    }
}

/// How long `Launched::stop` waits for an orderly end.
pub(super) fn mercy_deadline() -> Instant {
    Instant::now() + MERCY
}

fn signal(group: Pid, signal: Signal) {
    // The group may be gone already, which is what is wanted.
    let _ = kill_process_group(group, signal);
}
