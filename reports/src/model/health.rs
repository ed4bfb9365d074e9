//! What became of the target after a scenario.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The state of the target after a scenario: anything but [`Health::Healthy`] overrules what the scenario saw.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Health {
    /// It accepts a fresh connection and answers on it.
    #[default]
    Healthy,
    /// It accepts a connection and then says nothing within the timeout.
    Unresponsive,
    /// It no longer accepts connections.
    Refused,
    /// The process that mqttspec launched is gone.
    Exited {
        /// Exit status, when it ended by itself.
        status: Option<i32>,
        /// Signal number, when one ended it.
        signal: Option<i32>,
    },
    /// A sanitizer wrote a report.
    SanitizerReport {
        /// The first lines of the report.
        excerpt: String,
    },
}

impl Health {
    /// Whether the target came through unharmed.
    #[must_use]
    pub const fn is_healthy(&self) -> bool {
        matches!(self, Self::Healthy)
    }

    /// The word used in every report, the same as the `state` in `results.json`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Unresponsive => "unresponsive",
            Self::Refused => "refused",
            Self::Exited { .. } => "exited",
            Self::SanitizerReport { .. } => "sanitizer-report",
        }
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Healthy => f.write_str("healthy"),
            Self::Unresponsive => f.write_str("unresponsive: accepts a connection, then stays silent"),
            Self::Refused => f.write_str("refused: no longer accepts connections"),
            Self::Exited { signal: Some(signal), .. } => match signal_name(*signal) {
                Some(name) => write!(f, "exited: killed by signal {signal} ({name})"),
                None => write!(f, "exited: killed by signal {signal}"),
            },
            Self::Exited { status: Some(status), .. } => write!(f, "exited: status {status}"),
            Self::Exited { .. } => f.write_str("exited: status unknown"),
            Self::SanitizerReport { excerpt } => write!(f, "sanitizer-report: {excerpt}"),
        }
    }
}

/// Names of the signals that end a crashing process; their numbers agree on every platform mqttspec launches targets on.
const fn signal_name(signal: i32) -> Option<&'static str> {
    match signal {
        2 => Some("SIGINT"),
        4 => Some("SIGILL"),
        6 => Some("SIGABRT"),
        8 => Some("SIGFPE"),
        9 => Some("SIGKILL"),
        11 => Some("SIGSEGV"),
        13 => Some("SIGPIPE"),
        15 => Some("SIGTERM"),
        _ => None,
    }
}
