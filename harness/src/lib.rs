//! Engine, transports, targets and the runner behind the `mqttspec` command.

pub mod client;
pub mod embedded;
pub mod target;
pub mod transport;
