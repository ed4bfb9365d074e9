//! Scenarios that tables write: each packet type × each named mutation × each version.

mod duties;
mod malformed;
mod stories;

pub use malformed::malformed;
