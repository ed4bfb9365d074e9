//! How long a Server is given before an answer counts as missing. The standard names no times: these are far beyond what
//! any working server needs, and no longer than whoever settles a run waits for what is owed.

use std::time::Duration;

use crate::Time;

/// For an answer, once a PINGREQ sent behind the question has been answered.
pub(super) const FENCED: Duration = Duration::from_millis(2_000);
/// For an answer that nothing was sent behind of, and for the end of a connection.
pub(super) const UNFENCED: Duration = Duration::from_millis(4_000);
/// For an answer, before it may be said to wait for something else: we may have been slow to read ourselves.
pub(super) const HELD_UP: Duration = Duration::from_millis(4_000);
/// For the Server to notice that a connection has ended at our end.
pub(super) const NOTICED: Duration = Duration::from_millis(250);
/// Between an interval's end and the moment at which the Server has certainly acted on it.
pub(super) const LATE: Duration = Duration::from_millis(1_500);
/// Between the latest moment at which the Server cannot have counted an interval as over, and its end: it may count in
/// whole seconds.
pub(super) const EARLY: Duration = Duration::from_millis(1_000);

/// Whether at least `patience` has passed since `from`.
pub(super) fn is_over(patience: Duration, from: Time, now: Time) -> bool {
    now.since(from) >= patience
}
