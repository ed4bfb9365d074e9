//! What is owed in answer: CONNACK and Session Present, acknowledgements, SUBACK, PINGRESP, the end of a connection that
//! was taken over, silent too long or refused, and the exchange of AUTH (3.1.4, 3.2, 3.8.4, 3.10.4, 3.12.4, 3.14.4, 4.12).
//!
//! Each file keeps one kind of obligation and is told everything. A connection that has ended owes nothing, and neither
//! does one on which we did something unlawful. What is certain is judged; what may have crossed on the way is free.

mod acknowledgements;
mod authentication;
mod claims;
mod closes;
mod codes;
mod connecting;
mod keep_alive;
mod patience;
mod quota;
mod refused;
mod release_order;
mod rules;
mod sessions;
mod survivors;
mod take_over;

use super::connection::Connection;
use super::event::Event;
use super::owed::Owed;
use super::report::Report;
use super::state::State;
use super::watch::Watch;

/// Keeps what is owed, one part for each kind.
#[derive(Debug)]
pub(super) struct Replies {
    parts: Vec<Box<dyn Watch>>,
}

impl Default for Replies {
    fn default() -> Self {
        Self {
            parts: vec![
                Box::<connecting::Connecting>::default(),
                Box::<sessions::Sessions>::default(),
                Box::<take_over::TakeOvers>::default(),
                Box::<quota::Quota>::default(),
                Box::<acknowledgements::Acknowledgements>::default(),
                Box::<release_order::ReleaseOrder>::default(),
                Box::<codes::Codes>::default(),
                Box::<claims::Claims>::default(),
                Box::<refused::Refused>::default(),
                Box::<closes::Closes>::default(),
                Box::<keep_alive::KeepAlive>::default(),
                Box::<authentication::Authentication>::default(),
            ],
        }
    }
}

impl Watch for Replies {
    fn event(&mut self, book: &mut State, event: &Event<'_>, report: &mut Report) {
        for part in &mut self.parts {
            part.event(book, event, report);
        }
    }

    fn settle(&mut self, book: &mut State, report: &mut Report) {
        for part in &mut self.parts {
            part.settle(book, report);
        }
    }

    fn owed(&self, book: &State) -> Owed {
        self.parts.iter().map(|part| part.owed(book)).max().unwrap_or_default()
    }
}

/// Whether what we ask on this connection is owed an answer: it is open and accepted, and all we did on it was lawful.
fn is_bound(connection: &Connection) -> bool {
    is_clean(connection)
        && connection.accepted()
        && connection.disconnected_by_us.is_none()
        && connection.disconnected_by_target.is_none()
}

/// Whether the connection is open and nobody broke a rule on it.
fn is_clean(connection: &Connection) -> bool {
    !connection.closed && connection.tainted.is_none() && !connection.garbled && connection.terms().is_some()
}

/// The client of a connection, for people.
fn who(book: &State, connection: usize) -> String {
    let connect = book.connections.get(&connection).and_then(|seen| seen.connect.as_ref());
    match connect.map(|connect| connect.client_id.as_str()) {
        None | Some("") => format!("connection {connection}"),
        Some(client_id) => format!("`{}`", short(client_id)),
    }
}

/// A text, shortened for people.
fn short(text: &str) -> String {
    const SHOWN: usize = 32;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
