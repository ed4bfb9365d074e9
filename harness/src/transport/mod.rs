//! Network connections to the target: every byte is read and stamped with its time of arrival, and nothing the target
//! does (flooding, silence, refusing to read) can hold up or exhaust mqttspec.

mod connection;
mod connections;

#[cfg(test)]
mod tests;

pub use connections::{Arrival, Connections, What};

use std::time::Duration;

/// Bounds on what a target may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long connecting may take.
    pub connect: Duration,
    /// How long one write may be held up by a target that does not read.
    pub write: Duration,
    /// How long a connection is still read after mqttspec closed it in order, so that no unread byte turns FIN into RST.
    pub linger: Duration,
    /// Bytes taken from one connection.
    pub connection_bytes: usize,
    /// Bytes taken from all connections of one scenario together.
    pub scenario_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            write: Duration::from_secs(5),
            linger: Duration::from_secs(1),
            connection_bytes: 8 << 20,
            scenario_bytes: 32 << 20,
        }
    }
}

impl Limits {
    /// The same with every time stretched by the timeout scale.
    #[must_use]
    pub fn scaled(self, scale: f64) -> Self {
        Self { connect: self.connect.mul_f64(scale), write: self.write.mul_f64(scale), ..self }
    }
}
