//! What mqttspec knows of the MQTT standard beyond the wire format: the statement catalogue, the scenario model, the
//! session model with its deliberate faults, and the scenarios.
//!
//! Nothing here does I/O, reads a clock or draws randomness: time is an argument, and every choice comes from a seed.

pub mod broker;
pub mod chapters;
pub mod client;
pub mod duty;
mod finding;
pub mod generated;
pub mod histories;
pub mod model;
pub mod monitor;
pub mod statements;
mod time;

/// Every scenario for brokers: the hand-written chapters, then the generated tables.
pub fn broker_scenarios() -> Vec<model::Scenario> {
    let mut scenarios = chapters::all();
    scenarios.extend(generated::malformed());
    scenarios
}

pub use time::Time;

pub use finding::{Finding, Side};
pub use monitor::Monitor;
