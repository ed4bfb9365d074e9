//! Scenarios that tables write: each packet type × each named mutation × each version.

pub(crate) mod duties;
pub(crate) mod malformed;
mod stories;

pub use malformed::malformed;
