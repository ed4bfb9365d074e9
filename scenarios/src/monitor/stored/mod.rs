//! What the Server keeps for later: retained messages, wills and their delay, messages that expire, and the properties
//! that it passes on (3.1.2.5, 3.3.1.3, 3.3.2.3).

use super::event::Event;
use super::report::Report;
use super::state::State;
use super::watch::Watch;

/// Keeps what is owed.
#[derive(Debug, Default)]
pub(super) struct Stored;

impl Watch for Stored {
    fn event(&mut self, _book: &mut State, _event: &Event<'_>, _report: &mut Report) {}

    fn settle(&mut self, _book: &mut State, _report: &mut Report) {}

    fn is_owed(&self, _book: &State) -> bool {
        false
    }
}
