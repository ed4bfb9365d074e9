//! What is owed to a packet that is malformed or against the protocol: the connection ends, with a reason that fits
//! (4.13; 3.1.1: 4.8).

use super::event::Event;
use super::report::Report;
use super::state::State;
use super::watch::Watch;

/// Keeps what is owed.
#[derive(Debug, Default)]
pub(super) struct Errors;

impl Watch for Errors {
    fn event(&mut self, _book: &mut State, _event: &Event<'_>, _report: &mut Report) {}

    fn settle(&mut self, _book: &mut State, _report: &mut Report) {}

    fn is_owed(&self, _book: &State) -> bool {
        false
    }
}
