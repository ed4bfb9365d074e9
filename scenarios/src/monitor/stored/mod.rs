//! What the Server keeps for later: retained messages, wills and their delay, messages that expire, and the properties
//! that it passes on (3.1.2.5, 3.3.1.3, 3.3.2.3).
//!
//! `wills` follows each Will Message to its publication and `will_receipts` judges those that come. `store` knows what may
//! and what must be retained, `requests` which SUBSCRIBE is to bring it; `owed` finds what does not come, `retained`
//! judges what does. `forwarded`, `expiry` and `unknown` compare each delivery with
//! what was published. `clock` says how far the
//! Server certainly was.

mod clock;
mod expiry;
mod forwarded;
mod owed;
mod requests;
mod retained;
mod rules;
mod store;
mod unknown;
mod will;
mod will_receipts;
mod wills;

use mqttspec_codec::{PacketBuf, PropertyId, ProtocolVersion, PublishBuf};

use super::connection::Connection;
use super::event::{Event, What};
use super::owed::Owed;
use super::published::Digest;
use super::report::Report;
use super::state::State;
use super::watch::Watch;

/// Keeps what is owed.
#[derive(Debug, Default)]
pub(super) struct Stored {
    /// This watcher's own count of what happened: several packets may share one event.
    step: u64,
    clock: clock::Clock,
    wills: wills::Wills,
    will_receipts: will_receipts::WillReceipts,
    store: store::Store,
    requests: requests::Requests,
    retained: retained::Retained,
    owed: owed::Owed,
    forwarded: forwarded::Forwarded,
    expiry: expiry::Expiry,
}

impl Watch for Stored {
    fn event(&mut self, book: &mut State, event: &Event<'_>, report: &mut Report) {
        self.step += 1;
        book.from_store = false;
        self.clock.event(event);
        self.wills.event(book, &self.clock, event);
        self.forwarded.note_publications(book);
        self.expiry.event(book, event);
        self.store.event(book, event, self.step);
        self.requests.event(book, event, self.step);
        match event.what {
            What::Sent(PacketBuf::Subscribe(_), _) => {
                if let Some(client) = book.connections.get(&event.connection).and_then(|connection| connection.client) {
                    self.owed.subscribed(book, &self.store, &self.requests, client, self.step);
                }
            }
            What::Received(PacketBuf::Publish(publish), _) => self.came(book, event, publish, report),
            What::Received(PacketBuf::ConnAck(connack), _) => {
                let connection = book.connections.get(&event.connection).filter(|connection| connection.accepted());
                if let (Some(client), false) = (connection.and_then(|known| known.client), connack.session_present) {
                    self.owed.session_ended(client, self.step, event.index);
                }
            }
            What::Closed { .. } => {
                let connection = book.connections.get(&event.connection).filter(|connection| connection.accepted());
                if let Some(client) = connection.filter(|known| ends_session(known)).and_then(|known| known.client) {
                    self.owed.session_ended(client, self.step, event.index);
                }
            }
            _ => {}
        }
    }

    fn settle(&mut self, book: &mut State, report: &mut Report) {
        self.step += 1;
        self.wills.settle(book);
        self.owed.settle(book, &self.store, &self.requests, &self.wills, report);
        self.store.settle(book, self.step);
        self.requests.settle(book, self.step);
    }

    fn owed(&self, book: &State) -> Owed {
        Owed::soon_if(self.wills.is_owed(book) || self.owed.is_owed(book, &self.store, &self.requests, &self.wills))
    }
}

impl Stored {
    /// A PUBLISH came.
    fn came(&mut self, book: &mut State, event: &Event<'_>, publish: &PublishBuf, report: &mut Report) {
        self.will_receipts.check(&mut self.wills, book, event, publish, report);
        let connection = book.connections.get(&event.connection);
        let Some(topic) = connection.and_then(|connection| connection.topic_of(publish)).map(str::to_owned) else {
            return;
        };
        let (store, requests) = (&mut self.store, &self.requests);
        book.from_store = self.retained.check(book, store, requests, event, publish, self.step, report);
        self.owed.came(&self.store, event, publish, &topic);
        let digest = Digest::of(&topic, &publish.payload);
        self.forwarded.note_publications(book);
        // A will may look just like it, and have been published before we know that its connection ended.
        if self.wills.of(digest).any(|will| will.publication.is_none() && will.may_have_come(event.at)) {
            return;
        }
        let candidates = self.forwarded.candidates(book, digest);
        if candidates.is_empty() {
            unknown::check(book, &self.forwarded, event, publish, &topic, report);
        }
        self.forwarded.check(book, &candidates, event, publish, report);
        self.expiry.check(book, &candidates, &self.clock, event, publish, report);
    }
}

/// Whether the session ends with the connection.
fn ends_session(connection: &Connection) -> bool {
    if connection.version == ProtocolVersion::V5_0 {
        let asked = connection.asked(PropertyId::SessionExpiryInterval);
        return connection.told(PropertyId::SessionExpiryInterval).or(asked).unwrap_or(0) == 0;
    }
    connection.connect.as_ref().is_some_and(|connect| connect.clean_start)
}
