//! One line of a transcript.

use std::fmt;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// How many bytes of one event are kept in the transcript; the rest is only counted.
///
/// 1 KiB holds every packet a scenario is likely to be about, and bounds what a flooding target can put into a report.
pub const WIRE_EVENT_BYTES_LIMIT: usize = 1024;

/// What happened on a connection, as mqttspec saw it.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct WireEvent {
    /// Microseconds since the scenario began.
    pub at_us: u64,
    /// The connection's name in the scenario.
    pub connection: String,
    /// What happened.
    pub direction: Direction,
    /// One line: the packet and its fields, or what the transport reported.
    pub summary: String,
    /// The bytes in lower-case hex without separators, at most [`WIRE_EVENT_BYTES_LIMIT`] of them.
    pub bytes_hex: String,
    /// How many bytes there were.
    pub bytes_total: usize,
}

impl WireEvent {
    /// An event with its bytes, cut at [`WIRE_EVENT_BYTES_LIMIT`].
    #[must_use]
    pub fn new(
        at_us: u64,
        connection: impl Into<String>,
        direction: Direction,
        summary: impl Into<String>,
        bytes: &[u8],
    ) -> Self {
        let kept = &bytes[..bytes.len().min(WIRE_EVENT_BYTES_LIMIT)];
        let mut bytes_hex = String::with_capacity(kept.len() * 2);
        for byte in kept {
            // Writing to a String cannot fail.
            let _ = write!(bytes_hex, "{byte:02x}");
        }
        Self {
            at_us,
            connection: connection.into(),
            direction,
            summary: summary.into(),
            bytes_hex,
            bytes_total: bytes.len(),
        }
    }
}

/// What happened on a connection. `Sent` is mqttspec to the target.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// The connection was opened.
    Opened,
    /// mqttspec sent these bytes.
    Sent,
    /// The target sent these bytes.
    Received,
    /// mqttspec closed the connection.
    Closed,
    /// The target closed the connection in order (end of stream).
    ClosedByTarget,
    /// The target reset the connection, or the transport failed.
    Reset,
    /// A timer ran out without an answer.
    TimedOut,
    /// A remark of the runner: a fence passed, a timer was armed.
    Note,
}

impl Direction {
    /// The word used in every report, the same as in `results.json`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Sent => "sent",
            Self::Received => "received",
            Self::Closed => "closed",
            Self::ClosedByTarget => "closed-by-target",
            Self::Reset => "reset",
            Self::TimedOut => "timed-out",
            Self::Note => "note",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
