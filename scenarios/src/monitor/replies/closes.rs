//! A connection that was refused, or on which either side said DISCONNECT, is closed by the Server (3.2.2, 3.14.4).

use std::collections::BTreeMap;

use mqttspec_codec::{PacketBuf, ReasonCode};

use super::super::event::{Event, What};
use super::super::owed::Owed;
use super::super::report::Report;
use super::super::rule::Rule;
use super::super::state::State;
use super::super::watch::Watch;
use super::{patience, rules, who};
use crate::Time;

/// The connections that are to be closed.
#[derive(Debug, Default)]
pub(super) struct Closes {
    due: BTreeMap<usize, Due>,
}

#[derive(Debug)]
struct Due {
    rule: Rule,
    why: &'static str,
    event: usize,
    at: Time,
    /// Whether it was reported.
    told: bool,
}

impl Watch for Closes {
    fn event(&mut self, book: &mut State, event: &Event<'_>, report: &mut Report) {
        let Some(connection) = book.connections.get(&event.connection) else { return };
        let (rule, why) = match event.what {
            What::Received(PacketBuf::ConnAck(connack), _) if connack.reason_code != ReasonCode::SUCCESS => {
                (rules::CLOSE_AFTER_REFUSAL, "a CONNACK that refuses")
            }
            What::Received(PacketBuf::Disconnect(_), _) if connection.version.has_properties() => {
                (rules::CLOSE_AFTER_DISCONNECT, "the Server's DISCONNECT")
            }
            What::Sent(PacketBuf::Disconnect(_), _) if connection.tainted.is_none() && connection.accepted() => {
                (rules::CLOSE_AFTER_CLIENT_DISCONNECT, "the Client's DISCONNECT")
            }
            What::Closed { by_server } => {
                if self.due.remove(&event.connection).is_some_and(|due| due.why.ends_with("Client's DISCONNECT")) {
                    let how = if by_server { "the Server closes" } else { "the Client closes first" };
                    report.observe("end of a connection after the Client's DISCONNECT", how);
                }
                return;
            }
            _ => return,
        };
        let due = Due { rule, why, event: event.index, at: event.at, told: false };
        self.due.entry(event.connection).or_insert(due);
    }

    fn settle(&mut self, book: &mut State, report: &mut Report) {
        for (index, due) in &mut self.due {
            let Some(connection) = book.connections.get(index) else { continue };
            if due.told || !patience::is_over(patience::UNFENCED, due.at, book.now) {
                continue;
            }
            due.told = true;
            let message = format!(
                "the network connection of {} is still open {} ms after {} (event {})",
                who(book, *index),
                book.now.since(due.at).as_millis(),
                due.why,
                due.event
            );
            report.breach(due.rule, connection.version, *index, [due.event], message);
        }
    }

    fn owed(&self, _book: &State) -> Owed {
        Owed::soon_if(self.due.values().any(|due| !due.told))
    }
}
