//! The session model proves itself: generated histories against the reference broker, in memory and in virtual time.
//!
//! An honest broker, with whatever permitted choices, is never accused ([`honest()`]); one with a fault is found out
//! within a bounded number of histories ([`hunt()`]), by generated histories alone. `cargo test` does some of both;
//! `cargo run --release --example self_proof` does as much as it is told to.

mod honest;
mod hunt;
mod laboratory;
mod table;

pub use honest::{Accusation, Honest, honest, variants_of};
pub use hunt::{Quarry, Sighting, hunt, provoked, quarries};
pub use laboratory::{abilities_of, in_parallel, play};
pub use table::{Row, summary, table};
