//! What subscribers are owed: each message of a subscribed topic, once, in order, with the right QoS, again after a
//! reconnect when it was not acknowledged (4.3 to 4.6, 4.8, 4.9).

use super::event::Event;
use super::report::Report;
use super::state::State;
use super::watch::Watch;

/// Keeps what is owed.
#[derive(Debug, Default)]
pub(super) struct Deliveries;

impl Watch for Deliveries {
    fn event(&mut self, _book: &mut State, _event: &Event<'_>, _report: &mut Report) {}

    fn settle(&mut self, _book: &mut State, _report: &mut Report) {}

    fn is_owed(&self, _book: &State) -> bool {
        false
    }
}
