//! How patiently something that is owed is to be waited for.

use std::time::Duration;

use crate::Time;

/// How long after a session was resumed the Server is given to send again what was under way when the connection before
/// ended. No sentence sets a time (4.4); servers that count from the first delivery take 30 s.
pub const REDELIVERY: Duration = Duration::from_secs(60);

/// What the target still owes, and how soon it is to be expected: what [`Monitor::owed`](super::Monitor::owed) answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owed {
    /// Nothing that may still come.
    #[default]
    Nothing,
    /// Something that any working server sends at once: the usual wait for an answer is enough.
    /// [`Monitor::settle`](super::Monitor::settle) finds it missing whenever it is called.
    Soon,
    /// Something for which the standard sets no time, and maybe something that is owed soon as well: what is to be sent
    /// again on a session that was resumed ([`REDELIVERY`]), and what may wait in line behind that. Before this time
    /// [`Monitor::settle`](super::Monitor::settle) keeps it open; from then on it finds it missing.
    Eventually(Time),
}

impl Owed {
    /// `Soon` if that is so, else `Nothing`.
    pub(super) const fn soon_if(is_owed: bool) -> Self {
        if is_owed { Self::Soon } else { Self::Nothing }
    }
}
