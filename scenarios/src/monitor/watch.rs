//! The watchers: each keeps the obligations of one family of sentences.
//!
//! The checks judge a packet that has come; a watcher also notices what does *not* come. It is told every event after
//! the book ([`State`]) has taken it in, and keeps what it needs for itself. What it is owed it decides when
//! [`Watch::settle`] says that nothing more will come.

use super::event::Event;
use super::owed::Owed;
use super::report::Report;
use super::state::State;

/// A family of obligations.
pub(super) trait Watch: std::fmt::Debug + Send {
    /// Something happened; the book knows it already.
    fn event(&mut self, book: &mut State, event: &Event<'_>, report: &mut Report);

    /// Nothing more will come of what happened so far: every live connection was fenced and everything due was
    /// acknowledged. Whatever is owed and has not come is a finding, once.
    fn settle(&mut self, book: &mut State, report: &mut Report);

    /// Whether it can judge connections whose beginning was not seen; it is told nothing of them otherwise.
    fn judges_joined(&self) -> bool {
        false
    }

    /// What is owed and may still come: then it is worth to wait before [`Watch::settle`].
    fn owed(&self, _book: &State) -> Owed {
        Owed::Nothing
    }
}
