//! Explicit time: every actor and the engine are told what time it is, none of them looks at a clock.

use core::fmt;
use core::ops::{Add, AddAssign, Sub};
use core::time::Duration;

/// A moment, in microseconds since the run began.
///
/// ```
/// use core::time::Duration;
/// use mqttspec_scenarios::Time;
/// let start = Time::ZERO;
/// assert_eq!((start + Duration::from_secs(2)).as_micros(), 2_000_000);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Time(pub u64);

impl Time {
    /// The moment the run began.
    pub const ZERO: Self = Self(0);
    /// A moment that never comes.
    pub const FAR_FUTURE: Self = Self(u64::MAX);

    /// The moment `micros` microseconds after the run began.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// The moment `millis` milliseconds after the run began; saturates.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// The moment `secs` seconds after the run began; saturates.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// Microseconds since the run began.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// How long ago `earlier` was; zero when it is not in the past.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Time {
    type Output = Self;

    /// Saturates at [`Time::FAR_FUTURE`].
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)))
    }
}

impl AddAssign<Duration> for Time {
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

impl Sub<Duration> for Time {
    type Output = Self;

    /// Saturates at [`Time::ZERO`].
    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)))
    }
}

impl Sub for Time {
    type Output = Duration;

    /// The same as [`Time::since`].
    fn sub(self, earlier: Self) -> Duration {
        self.since(earlier)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06} s", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates() {
        assert_eq!(Time::FAR_FUTURE + Duration::from_secs(1), Time::FAR_FUTURE);
        assert_eq!(Time::from_secs(1) - Duration::from_secs(2), Time::ZERO);
        assert_eq!(Time::from_secs(3) - Time::from_millis(500), Duration::from_millis(2_500));
        assert_eq!(Time::from_millis(1) - Time::from_secs(1), Duration::ZERO);
        assert_eq!(Time::from_micros(1_000_001).to_string(), "1.000001 s");
    }
}
