//! Engine, transports, targets and the runner behind the `mqttspec` command.

pub mod client;
pub mod embedded;
pub mod engine;
pub mod plan;
pub mod target;
pub mod transport;
