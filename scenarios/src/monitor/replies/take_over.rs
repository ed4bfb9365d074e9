//! A client that connects again takes the place of its older connection, which the Server closes (3.1.4).

use std::collections::BTreeMap;

use mqttspec_codec::{PacketBuf, ReasonCode};

use super::super::connection::Connection;
use super::super::event::{Event, What};
use super::super::owed::Owed;
use super::super::report::Report;
use super::super::state::State;
use super::super::watch::Watch;
use super::{is_bound, patience, rules, who};
use crate::Time;

/// The older connections that are to be closed.
#[derive(Debug, Default)]
pub(super) struct TakeOvers {
    due: BTreeMap<usize, Due>,
}

#[derive(Debug)]
struct Due {
    /// Event of the older CONNACK.
    accepted: usize,
    /// Event of the newer CONNECT.
    connect: usize,
    /// Event of the newer CONNACK, and when.
    connack: usize,
    at: Time,
    told: bool,
}

impl Watch for TakeOvers {
    fn event(&mut self, book: &mut State, event: &Event<'_>, report: &mut Report) {
        match event.what {
            What::Received(PacketBuf::ConnAck(_), _) => self.accepted(book, event),
            What::Received(PacketBuf::Disconnect(disconnect), _) if self.due.contains_key(&event.connection) => {
                let how = format!("with DISCONNECT 0x{:02X}", disconnect.reason_code.0);
                report.observe("end of a connection that is taken over", &how);
            }
            What::Received(PacketBuf::Disconnect(disconnect), _)
                if disconnect.reason_code == ReasonCode::SESSION_TAKEN_OVER =>
            {
                check_twins(book, event, report);
            }
            What::Closed { by_server } => {
                let due = self.due.remove(&event.connection).is_some();
                let silent = book.connections.get(&event.connection);
                if due && by_server && silent.is_some_and(|silent| silent.disconnected_by_target.is_none()) {
                    report.observe("end of a connection that is taken over", "without DISCONNECT");
                }
            }
            _ => {}
        }
    }

    fn settle(&mut self, book: &mut State, report: &mut Report) {
        for (index, due) in &mut self.due {
            let Some(older) = book.connections.get(index).filter(|older| is_bound(older)) else { continue };
            if due.told || !patience::is_over(patience::UNFENCED, due.at, book.now) {
                continue;
            }
            due.told = true;
            let message = format!(
                "{} was connected (event {}) and connected again (event {}, accepted in event {}); its first network \
                 connection is still open {} ms after that",
                who(book, *index),
                due.accepted,
                due.connect,
                due.connack,
                book.now.since(due.at).as_millis()
            );
            let events = [due.accepted, due.connect, due.connack];
            report.breach(rules::TAKEN_OVER, older.version, *index, events, message);
        }
    }

    fn owed(&self, book: &State) -> Owed {
        Owed::soon_if(
            self.due.iter().any(|(index, due)| !due.told && book.connections.get(index).is_some_and(is_bound)),
        )
    }
}

impl TakeOvers {
    /// The CONNACK of `event` may end an older connection of the same client.
    fn accepted(&mut self, book: &State, event: &Event<'_>) {
        let Some(newer) = book.connections.get(&event.connection) else { return };
        let (Some(client), Some(connect)) = (newer.client, newer.connect_event) else { return };
        if !newer.accepted() || newer.tainted.is_some() || book.clients[client].unclear {
            return;
        }
        // Only those that the Server had accepted before it was sent the newer CONNECT: the order of others is unknown.
        let before = |older: &Connection| older.connack.as_ref().is_some_and(|connack| connack.event < connect);
        let older = book.connections.values().filter(|older| {
            older.index != newer.index && older.client == Some(client) && is_bound(older) && before(older)
        });
        for older in older {
            let accepted = older.connack.as_ref().map_or(0, |connack| connack.event);
            let due = Due { accepted, connect, connack: event.index, at: event.at, told: false };
            self.due.entry(older.index).or_insert(due);
        }
    }
}

/// A connection is said to be taken over: by a client whose Client Identifier differs in case only?
fn check_twins(book: &State, event: &Event<'_>, report: &mut Report) {
    let Some(older) = book.connections.get(&event.connection) else { return };
    let (Some(own), Some(connack)) = (older.terms(), older.connack.as_ref()) else { return };
    if book.partial || older.tainted.is_some() || older.garbled {
        return;
    }
    let since = |other: &&Connection| {
        other.index != older.index && other.connect_event.is_some_and(|connect| connect > connack.event)
    };
    let named = |other: &Connection, fits: &dyn Fn(&str) -> bool| {
        other.connect.as_ref().is_some_and(|connect| fits(&connect.client_id))
    };
    let mut newer = book.connections.values().filter(since);
    if newer.clone().any(|other| named(other, &|id| id == own.client_id)) {
        return;
    }
    let folded = own.client_id.to_lowercase();
    let Some(twin) = newer.find(|other| named(other, &|id| id.to_lowercase() == folded)) else { return };
    let (connect, index) = (twin.connect_event.unwrap_or(event.index), twin.index);
    let message = format!(
        "{} was told that its session was taken over (event {}), and only {} had connected since (event {connect}), whose \
         Client Identifier differs in case",
        who(book, older.index),
        event.index,
        who(book, index)
    );
    let events = [connack.event, connect, event.index];
    report.breach(rules::CLIENT_ID_IDENTIFIES, older.version, older.index, events, message);
}
