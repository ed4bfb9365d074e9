//! Deliveries above QoS 0 as they are acknowledged, and what of them must come again on the next connection (4.3, 4.4).

use mqttspec_codec::{AckBuf, QoS};

use super::super::event::Event;
use super::super::report::Report;
use super::super::rule::Rule;
use super::super::state::State;
use super::flight::{Flight, Mark, State as Stage};
use super::life::Life;
use super::message::{GROWTH, may_have_expired};
use super::{Deliveries, rules};
use crate::Time;

impl Deliveries {
    /// PUBACK or PUBCOMP: the delivery is over for us.
    pub(super) fn sent_ack(&mut self, event: &Event<'_>, ack: &AckBuf, completes: bool) {
        let mark = self.mark(event);
        let refused = !completes && ack.reason_code.0 >= 0x80;
        let Some(flight) = self.flight(event.connection, ack.packet_id) else { return };
        if flight.is_done() {
            return;
        }
        flight.state = Stage::Done(mark, refused);
        flight.connection = event.connection;
        self.link(event.connection).refused += u32::from(refused);
    }

    pub(super) fn sent_pubrec(&mut self, event: &Event<'_>, ack: &AckBuf) {
        let mark = self.mark(event);
        let refused = ack.reason_code.0 >= 0x80;
        let Some(flight) = self.flight(event.connection, ack.packet_id) else { return };
        if flight.is_done() || flight.qos != QoS::ExactlyOnce {
            return;
        }
        flight.connection = event.connection;
        match flight.state {
            Stage::Sent if refused => flight.state = Stage::Done(mark, true),
            Stage::Sent => flight.state = Stage::Recorded(mark),
            _ => {}
        }
        self.link(event.connection).refused += u32::from(refused);
    }

    pub(super) fn received_pubrel(&mut self, event: &Event<'_>, ack: &AckBuf, report: &mut Report) {
        let mark = self.mark(event);
        let Some(life) = self.life_on(event.connection) else { return };
        let known = &mut self.lives[life];
        let (name, version, trusted) = (known.name.clone(), known.version, known.trusted);
        let present = known.connection == Some(event.connection);
        let Some(flight) = known.flights.get_mut(&ack.packet_id) else { return };
        if !present && flight.connection != event.connection {
            // It left before the session was moved to where this delivery has gone on.
            return;
        }
        match flight.state {
            Stage::Recorded(_) => flight.state = Stage::Released(mark),
            Stage::Done(done, false) if done.connection != event.connection && flight.qos == QoS::ExactlyOnce => {
                let read = self.links.get(&done.connection).is_some_and(|link| link.fence.has_passed(done.step));
                if read && trusted {
                    let message = format!(
                        "{} came to `{name}` in event {}, and the PUBCOMP of event {} ended it, which the Server had \
                         read before the connection ended; its PUBREL is sent again in event {}",
                        flight.what, flight.first.1, done.event, event.index
                    );
                    let events = [flight.first.1, done.event, event.index];
                    report.breach(rules::NOT_AGAIN, version, event.connection, events, message);
                }
                flight.state = Stage::Released(mark);
            }
            Stage::Done(done, true) if done.connection == event.connection && flight.qos == QoS::ExactlyOnce => {
                let message = format!(
                    "{} came to `{name}` in event {} and was refused by the PUBREC of event {}; PUBREL follows in event {}",
                    flight.what, flight.first.1, done.event, event.index
                );
                let events = [flight.first.1, done.event, event.index];
                if trusted {
                    report.breach(rules::PUBREL_AFTER_SUCCESS, version, event.connection, events, message);
                }
            }
            _ => {}
        }
        if present {
            flight.connection = event.connection;
        }
    }

    /// Whether a delivery is to be carried on by the Server on this connection, and has not been.
    pub(super) fn is_to_be_repeated(&self, life: &Life, flight: &Flight, connection: usize) -> bool {
        if life.resumed.is_none() || flight.is_done() || flight.connection == connection {
            return false;
        }
        if flight.was_released() {
            return true;
        }
        // At QoS 1, it may expire, and go to another member of a group.
        let may_be_dropped = flight.qos == QoS::AtLeastOnce && (flight.shared || flight.expires);
        let maximum = self.links.get(&connection).and_then(|link| link.maximum_size).unwrap_or(usize::MAX);
        flight.len + GROWTH <= maximum && !flight.waived && (flight.awaits_pubrel() || !may_be_dropped)
    }

    /// Until when the Server has time for what it owes to a session on this connection, if there is no hurry: no sentence
    /// says when it sends again what was under way before the session was resumed. That may be a message of which
    /// nothing has been seen, and everything else may wait in line behind it.
    pub(super) fn given_until(&self, book: &State, life: usize, connection: usize) -> Option<Time> {
        let known = &self.lives[life];
        let (resumed, _) = known.resumed?;
        let until = self.links.get(&connection)?.connected_at + book.redelivery;
        let waited = |index: &usize| self.messages.get(*index).is_some_and(|message| message.step < resumed);
        let outstanding = || {
            known.owed.keys().any(waited)
                || known.flights.values().any(|flight| self.is_to_be_repeated(known, flight, connection))
        };
        (book.now < until && outstanding()).then_some(until)
    }

    /// Finds what was under way and does not come again.
    pub(super) fn settle_redelivery(&mut self, book: &State, report: &mut Report, life: usize, connection: usize) {
        let known = &self.lives[life];
        let due = |flight: &Flight| self.is_to_be_repeated(known, flight, connection);
        let missing: Vec<u16> = known.flights.iter().filter(|(_, flight)| due(flight)).map(|(id, _)| *id).collect();
        let Some((_, resumed)) = known.resumed.filter(|_| !missing.is_empty()) else { return };
        let disconnect = known.parting.and_then(|parting| parting.disconnect);
        for id in missing {
            let Some(flight) = self.lives[life].flights.remove(&id) else { continue };
            let known = &self.lives[life];
            let expired = flight.publication.and_then(|index| book.publications.get(index));
            let expired = flight.expires && expired.is_none_or(|publication| may_have_expired(publication, book.now));
            let (rule, packet) = which(&flight, disconnect.is_some(), expired);
            let how = disconnect.map_or(String::new(), |event| format!(" (DISCONNECT in event {event})"));
            let message = format!(
                "{} came to `{}` in event {} with packet identifier {id} and was not acknowledged to the end before the \
                 connection ended{how}; the session was resumed in event {resumed}, and its {packet} has not come again",
                flight.what, known.name, flight.first.1
            );
            let progress = match flight.state {
                Stage::Recorded(mark) | Stage::Released(mark) => Some(mark.event),
                _ => None,
            };
            let ended = known.parting.map(|parting| parting.event);
            let events =
                [flight.first.1].into_iter().chain(progress).chain(flight.unsubscribed).chain(ended).chain([resumed]);
            report.breach(rule, known.version, connection, events, message);
        }
    }

    /// Finds deliveries that an UNSUBSCRIBE interrupted.
    pub(super) fn settle_abandoned(&mut self, report: &mut Report, life: usize) {
        let known = &mut self.lives[life];
        let Some(connection) = known.connection.filter(|_| known.trusted) else { return };
        if !self.links.get(&connection).is_some_and(|link| link.alive) {
            return;
        }
        let version = known.version;
        let name = known.name.clone();
        known.flights.retain(|id, flight| {
            let (Stage::Recorded(mark), Some(unsubscribed)) = (flight.state, flight.unsubscribed) else { return true };
            if mark.connection != connection || flight.connection != connection || mark.event < unsubscribed {
                return true;
            }
            let message = format!(
                "{} came to `{name}` in event {}, before the UNSUBSCRIBE of event {unsubscribed}; the PUBREC of event {} \
                 for packet identifier {id} is not answered with PUBREL",
                flight.what, flight.first.1, mark.event
            );
            let events = [flight.first.1, unsubscribed, mark.event];
            report.breach(rules::UNSUBSCRIBE_COMPLETES, version, connection, events, message);
            false
        });
    }

    fn mark(&self, event: &Event<'_>) -> Mark {
        Mark { step: self.step, event: event.index, connection: event.connection }
    }

    /// The delivery that an acknowledgement of ours on this connection is for. What we still send on a connection after
    /// the session has moved on counts for nothing that goes on where it is now; of what has not gone on nobody knows
    /// whether the Server still got it, so that nothing is demanded of it.
    fn flight(&mut self, connection: usize, packet_id: u16) -> Option<&mut Flight> {
        let life = self.life_on(connection)?;
        let known = &mut self.lives[life];
        let present = known.connection == Some(connection);
        let flight = known.flights.get_mut(&packet_id)?;
        flight.waived |= !present && flight.connection == connection;
        present.then_some(flight)
    }
}

/// The sentence that a missing repetition breaks, and the packet that is missing.
fn which(flight: &Flight, disconnected: bool, expired: bool) -> (Rule, &'static str) {
    let packet = if flight.awaits_pubrel() { "PUBREL" } else { "PUBLISH" };
    let rule = match flight.qos {
        _ if flight.unsubscribed.is_some() => rules::UNSUBSCRIBE_COMPLETES,
        QoS::ExactlyOnce if flight.shared => rules::SHARED_COMPLETED,
        _ if flight.awaits_pubrel() && disconnected => rules::PUBREL_UNACKNOWLEDGED,
        _ if flight.awaits_pubrel() => rules::REDELIVERED,
        QoS::ExactlyOnce if expired => rules::SENT_DOES_NOT_EXPIRE,
        QoS::ExactlyOnce if disconnected => rules::QOS2_UNACKNOWLEDGED,
        _ if disconnected => rules::QOS1_UNACKNOWLEDGED,
        _ => rules::REDELIVERED,
    };
    (rule, packet)
}
