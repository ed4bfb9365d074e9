//! Who fails the challenge of the method that mqttspec knows is not let in, and who begins to authenticate anew is
//! answered (4.12).

use std::collections::BTreeMap;

use mqttspec_codec::{AuthBuf, PacketBuf, PropertyId, PropertyList, ReasonCode};

use super::super::connection::Connection;
use super::super::event::{Event, What};
use super::super::owed::Owed;
use super::super::report::Report;
use super::super::state::State;
use super::super::watch::Watch;
use super::{is_bound, is_clean, patience, rules, who};
use crate::Time;
use crate::broker::AUTHENTICATION_METHOD;

/// The exchange of each connection.
#[derive(Debug, Default)]
pub(super) struct Authentication {
    exchanges: BTreeMap<usize, Exchange>,
}

#[derive(Debug, Default)]
struct Exchange {
    /// The challenge: its event and what the answer to it is.
    challenge: Option<(usize, Vec<u8>)>,
    /// Our wrong answer to it, until the Server has acted on it.
    failed: Option<(usize, Time)>,
    /// Our AUTH that waits for an answer on an accepted connection.
    asked: Option<(usize, Time)>,
}

impl Watch for Authentication {
    fn event(&mut self, book: &mut State, event: &Event<'_>, report: &mut Report) {
        let Some(connection) = book.connections.get(&event.connection) else { return };
        match event.what {
            What::Received(PacketBuf::Auth(auth), _) => self.challenged(book, connection, event, auth, report),
            What::Sent(PacketBuf::Auth(auth), _) => self.answered(connection, event, auth),
            What::Received(PacketBuf::ConnAck(connack), _) => {
                let Some(exchange) = self.exchanges.get_mut(&event.connection) else { return };
                let failed = exchange.failed.take();
                if let Some((failed, _)) = failed.filter(|_| is_clean(connection))
                    && connack.reason_code == ReasonCode::SUCCESS
                {
                    let message = format!(
                        "{} was accepted (event {}) though its answer to the challenge was wrong (event {failed})",
                        who(book, event.connection),
                        event.index
                    );
                    let events = [failed, event.index];
                    report.breach(rules::AUTHENTICATION_FAILED, connection.version, event.connection, events, message);
                }
            }
            What::Received(PacketBuf::Disconnect(_), _) | What::Closed { .. } => {
                self.exchanges.remove(&event.connection);
            }
            _ => {}
        }
    }

    fn settle(&mut self, book: &mut State, report: &mut Report) {
        for (index, exchange) in &mut self.exchanges {
            let Some(connection) = book.connections.get(index) else { continue };
            let overdue = |at: &(usize, Time)| patience::is_over(patience::UNFENCED, at.1, book.now);
            if let Some((failed, since)) = exchange.failed.take_if(|at| overdue(at))
                && is_bound(connection)
            {
                let message = format!(
                    "{} gave a wrong answer when it authenticated anew (event {failed}), and its network connection is still \
                     open {} ms later",
                    who(book, *index),
                    book.now.since(since).as_millis()
                );
                report.breach(rules::REAUTHENTICATION_FAILED, connection.version, *index, [failed], message);
            }
            if let Some((asked, _)) = exchange.asked.take_if(|at| overdue(at))
                && is_bound(connection)
            {
                let message =
                    format!("{} began to authenticate anew (event {asked}) and got no answer", who(book, *index));
                report.breach(rules::REAUTHENTICATION_ANSWERED, connection.version, *index, [asked], message);
            }
        }
    }

    fn owed(&self, book: &State) -> Owed {
        let waits = |exchange: &Exchange| exchange.failed.is_some() || exchange.asked.is_some();
        Owed::soon_if(
            self.exchanges
                .iter()
                .any(|(index, exchange)| waits(exchange) && book.connections.get(index).is_some_and(is_bound)),
        )
    }
}

impl Authentication {
    /// AUTH from the Server.
    fn challenged(
        &mut self,
        book: &State,
        connection: &Connection,
        event: &Event<'_>,
        auth: &AuthBuf,
        report: &mut Report,
    ) {
        let exchange = self.exchanges.entry(event.connection).or_default();
        exchange.asked = None;
        if auth.reason_code == ReasonCode::SUCCESS
            && let Some((failed, _)) = exchange.failed.take()
            && is_bound(connection)
        {
            let message = format!(
                "{} authenticated anew with a wrong answer (event {failed}), and was told that it succeeded (event {})",
                who(book, event.connection),
                event.index
            );
            let events = [failed, event.index];
            report.breach(rules::REAUTHENTICATION_FAILED, connection.version, event.connection, events, message);
        }
        let data = auth.properties.binary(PropertyId::AuthenticationData);
        let known = method(connection) == Some(AUTHENTICATION_METHOD);
        let continues = known && auth.reason_code == ReasonCode::CONTINUE_AUTHENTICATION;
        exchange.challenge = data.filter(|_| continues).map(|data| (event.index, data.iter().rev().copied().collect()));
    }

    /// AUTH of ours.
    fn answered(&mut self, connection: &Connection, event: &Event<'_>, auth: &AuthBuf) {
        let exchange = self.exchanges.entry(event.connection).or_default();
        if connection.accepted() && auth.reason_code == ReasonCode::RE_AUTHENTICATE {
            exchange.asked = Some((event.index, event.at));
        }
        if auth.reason_code == ReasonCode::CONTINUE_AUTHENTICATION
            && let Some((_, right)) = exchange.challenge.take()
        {
            let given = auth.properties.binary(PropertyId::AuthenticationData);
            if given == Some(right.as_slice()) {
                exchange.asked = connection.accepted().then_some((event.index, event.at));
            } else {
                exchange.failed = Some((event.index, event.at));
            }
        }
    }
}

fn method(connection: &Connection) -> Option<&str> {
    connection.connect.as_ref().and_then(|connect| connect.properties.text(PropertyId::AuthenticationMethod))
}
