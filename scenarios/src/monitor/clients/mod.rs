//! What a Client owes the Server: every rule of the standard for the other side.

use super::event::Event;
use super::report::Report;
use super::state::State;
use super::watch::Watch;

/// Judges the Client.
#[derive(Debug, Default)]
pub(super) struct Clients;

impl Watch for Clients {
    fn event(&mut self, _book: &mut State, _event: &Event<'_>, _report: &mut Report) {}

    fn settle(&mut self, _book: &mut State, _report: &mut Report) {}

    fn is_owed(&self, _book: &State) -> bool {
        false
    }
}
