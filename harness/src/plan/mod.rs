//! What will be run: scenarios × filters × versions × what the target can do.

mod capabilities;
mod discovery;
mod filter;
mod selection;

pub use capabilities::Capabilities;
pub use discovery::{Discovery, Spoken, discover};
pub use filter::{Filter, NothingMatches, Vocabulary, is_glob_match};
pub use selection::{Decision, Planned, decide, select};
