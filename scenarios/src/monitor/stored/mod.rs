//! What the Server keeps for later: retained messages, wills and their delay, messages that expire, and the properties
//! that it passes on (3.1.2.5, 3.3.1.3, 3.3.2.3).

mod rules;
mod will;
mod will_receipts;
mod wills;

use mqttspec_codec::PacketBuf;

use super::event::{Event, What};
use super::report::Report;
use super::state::State;
use super::watch::Watch;

/// Keeps what is owed.
#[derive(Debug, Default)]
pub(super) struct Stored {
    wills: wills::Wills,
    will_receipts: will_receipts::WillReceipts,
}

impl Watch for Stored {
    fn event(&mut self, book: &mut State, event: &Event<'_>, report: &mut Report) {
        self.wills.event(book, event);
        if let What::Received(PacketBuf::Publish(publish), _) = event.what {
            self.will_receipts.check(&mut self.wills, book, event, publish, report);
        }
    }

    fn settle(&mut self, book: &mut State, _report: &mut Report) {
        self.wills.settle(book);
    }

    fn is_owed(&self, book: &State) -> bool {
        self.wills.is_owed(book)
    }
}
