//! Engine, transports, targets and the runner behind the `mqttspec` command.

pub mod embedded;
pub mod transport;
