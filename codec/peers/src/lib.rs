//! mqttspec-codec beside the MQTT codecs of other crates: speed, allocations, and scores on the test vectors.

pub mod acceptance;
pub mod allocations;
pub mod codecs;
pub mod options;
pub mod score;
pub mod scoring;
mod table;

use mqttspec_bench::{Entrant, bounds, ours, ours_with_every_field};

/// Ours, every peer and the bounds.
pub fn entrants() -> Vec<Box<dyn Entrant>> {
    let mut all = vec![ours(), ours_with_every_field()];
    all.extend(codecs::peers());
    all.extend(bounds());
    all
}
