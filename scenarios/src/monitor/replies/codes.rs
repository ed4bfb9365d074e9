//! Whether the codes of SUBACK, UNSUBACK, PUBACK and PUBREC are true (3.2.2.3.4, 3.4.2.1, 3.9.3, 3.11.3).

use std::collections::BTreeMap;

use mqttspec_codec::{AckBuf, PacketBuf, PropertyId, QoS, ReasonCode, SubAckBuf, UnsubAckBuf, topic};

use super::super::connection::Connection;
use super::super::event::{Event, What};
use super::super::report::Report;
use super::super::rule::Rule;
use super::super::session::{Filter, Origin, Record, Session};
use super::super::state::State;
use super::super::watch::Watch;
use super::{is_bound, rules, short, who};

/// Requests and answers remembered at most.
const MAX_KEPT: usize = 1_024;

/// What answers are compared with.
#[derive(Debug, Default)]
pub(super) struct Codes {
    /// UNSUBSCRIBEs under way, by connection and Packet Identifier.
    unsubscribes: BTreeMap<(usize, u16), Unsubscribe>,
    /// UNSUBSCRIBEs that were answered: connection's client, filter, event of the UNSUBACK.
    removed: Vec<(usize, String, usize)>,
    /// SUBSCRIBEs under way, by connection and Packet Identifier: filter and QoS.
    subscribes: BTreeMap<(usize, u16), Vec<QoS>>,
    above: AboveMaximum,
    /// PUBACKs that said that nobody subscribes: the subscriber, the publisher, the events, and why that is wrong.
    denied: Vec<(usize, usize, [usize; 3], String)>,
}

#[derive(Debug)]
struct Unsubscribe {
    event: usize,
    filters: Vec<(String, Held)>,
}

/// Whether a subscription existed when its UNSUBSCRIBE was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    /// Yes: the SUBACK of this event granted it, the SUBSCRIBE had this place for it.
    Yes {
        granted: usize,
        asked: usize,
    },
    No,
    Unknown,
}

/// How subscriptions fare where a Maximum QoS was stated.
#[derive(Debug, Default)]
struct AboveMaximum {
    /// Granted above it, granted at most at it, refused at most at it.
    granted_above: u32,
    granted_below: u32,
    refused_below: u32,
    /// Refused above it, with an unspecific code: connection and event.
    refused: Vec<(usize, usize)>,
    told: bool,
}

impl Watch for Codes {
    fn event(&mut self, book: &mut State, event: &Event<'_>, report: &mut Report) {
        let Some(connection) = book.connections.get(&event.connection) else { return };
        match event.what {
            What::Sent(PacketBuf::Subscribe(subscribe), _) if self.subscribes.len() < MAX_KEPT => {
                let asked = subscribe.filters.iter().map(|filter| filter.options.qos).collect();
                self.subscribes.insert((event.connection, subscribe.packet_id), asked);
            }
            What::Sent(PacketBuf::Unsubscribe(unsubscribe), _) if self.unsubscribes.len() < MAX_KEPT => {
                let held = |filter: &String| match held(book, connection, unsubscribe.packet_id, filter) {
                    Held::Yes { granted, .. } if self.may_be_gone(connection, filter, granted) => Held::Unknown,
                    held => held,
                };
                let filters = unsubscribe.filters.iter().map(|filter| (filter.clone(), held(filter))).collect();
                let request = Unsubscribe { event: event.index, filters };
                self.unsubscribes.insert((event.connection, unsubscribe.packet_id), request);
            }
            What::Received(PacketBuf::SubAck(suback), _) => self.suback(connection, event, suback),
            What::Received(PacketBuf::UnsubAck(unsuback), _) => {
                self.unsuback(book, connection, event, unsuback, report);
            }
            What::Received(PacketBuf::PubAck(ack) | PacketBuf::PubRec(ack), _) => {
                let denied = denied_subscriber(book, connection, event, ack).filter(|_| self.denied.len() < MAX_KEPT);
                self.denied.extend(denied);
            }
            What::Closed { .. } => {
                self.subscribes.retain(|(index, _), _| *index != event.connection);
                self.unsubscribes.retain(|(index, _), _| *index != event.connection);
            }
            _ => {}
        }
    }

    fn settle(&mut self, book: &mut State, report: &mut Report) {
        for (subscriber, publisher, events, message) in std::mem::take(&mut self.denied) {
            // One whose end was on its way may have been gone already.
            if book.connections.get(&subscriber).is_some_and(is_bound) {
                let version = book.connections.get(&publisher).map_or(book.version, |publisher| publisher.version);
                report.breach(rules::NO_SUBSCRIBERS, version, publisher, events, message);
            }
        }
        let above = &mut self.above;
        let certain = above.refused.len() >= 2
            && above.granted_above == 0
            && above.granted_below >= 2
            && above.refused_below == 0
            && !above.told;
        let Some(&(index, event)) = above.refused.last().filter(|_| certain) else { return };
        above.told = true;
        let connection = book.connections.get(&index);
        let connack =
            connection.and_then(|connection| connection.connack.as_ref()).map_or(event, |connack| connack.event);
        let message = format!(
            "every subscription above the Maximum QoS of CONNACK (event {connack}) was refused ({} of them, the last in event \
             {event}), and all {} at or below it were granted",
            above.refused.len(),
            above.granted_below
        );
        let events = above.refused.iter().map(|(_, event)| *event).chain([connack]);
        let version = connection.map_or(book.version, |connection| connection.version);
        report.breach(rules::SUBSCRIBE_ABOVE_MAXIMUM_QOS, version, index, events, message);
    }
}

impl Codes {
    fn suback(&mut self, connection: &Connection, event: &Event<'_>, suback: &SubAckBuf) {
        let Some(asked) = self.subscribes.remove(&(event.connection, suback.packet_id)) else { return };
        if !is_bound(connection) || connection.told(PropertyId::MaximumQoS).is_none() {
            return;
        }
        let maximum = connection.maximum_qos();
        for (qos, code) in asked.iter().zip(&suback.reason_codes) {
            let granted = code.0 < ReasonCode::UNSPECIFIED_ERROR.0;
            let unspecific = [ReasonCode::UNSPECIFIED_ERROR, ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR].contains(code);
            match (*qos > maximum, granted) {
                (true, true) => self.above.granted_above += 1,
                (false, true) => self.above.granted_below += 1,
                (false, false) => self.above.refused_below += 1,
                (true, false) if unspecific && self.above.refused.len() < MAX_KEPT => {
                    self.above.refused.push((event.connection, event.index));
                }
                (true, false) => {}
            }
        }
    }

    fn unsuback(
        &mut self,
        book: &State,
        connection: &Connection,
        event: &Event<'_>,
        unsuback: &UnsubAckBuf,
        report: &mut Report,
    ) {
        let Some(request) = self.unsubscribes.remove(&(event.connection, unsuback.packet_id)) else { return };
        let codes = &unsuback.reason_codes;
        if is_bound(connection) && connection.version.has_properties() && codes.len() == request.filters.len() {
            let none = ReasonCode::NO_SUBSCRIPTION_EXISTED;
            let fits = |code: &ReasonCode, held: Held| match held {
                Held::Yes { .. } => *code != none,
                Held::No => *code == none,
                Held::Unknown => true,
            };
            let fits_reversed =
                request.filters.iter().zip(codes.iter().rev()).all(|((_, held), code)| fits(code, *held));
            for ((filter, held), code) in request.filters.iter().zip(codes) {
                let Held::Yes { granted, asked } = *held else { continue };
                if *code != none {
                    continue;
                }
                let (rule, why) = if fits_reversed {
                    (rules::UNSUBACK_ORDER, "the codes fit in the reverse order only".to_owned())
                } else {
                    self.loss(book, connection, filter, asked, granted)
                };
                let message = format!(
                    "{} unsubscribed from {:?} (event {}) and was told that no such subscription existed (event {}), though \
                     event {granted} had granted it: {why}",
                    who(book, event.connection),
                    short(filter),
                    request.event,
                    event.index
                );
                let events = [granted, request.event, event.index];
                report.breach(rule, connection.version, event.connection, events, message);
                if fits_reversed {
                    break;
                }
            }
        }
        let Some(client) = connection.client else { return };
        for (filter, _) in request.filters {
            if self.removed.len() < MAX_KEPT {
                self.removed.push((client, filter, event.index));
            }
        }
    }

    /// Whether an UNSUBSCRIBE that was answered since, perhaps on another connection, may have removed the subscription.
    fn may_be_gone(&self, connection: &Connection, filter: &str, granted: usize) -> bool {
        let names =
            |(client, other, _): &&(usize, String, usize)| Some(*client) == connection.client && other == filter;
        self.removed.len() >= MAX_KEPT || self.removed.iter().filter(names).any(|(.., event)| *event > granted)
    }

    /// By which sentence a subscription that was granted must not have been lost, as far as one can say.
    fn loss(
        &self,
        book: &State,
        connection: &Connection,
        filter: &str,
        asked: usize,
        granted: usize,
    ) -> (Rule, String) {
        let matched = self.removed.iter().find(|(client, removed, event)| {
            connection.client == Some(*client)
                && *event > granted
                && removed != filter
                && topic::matches(removed, filter)
        });
        if let Some((_, removed, event)) = matched {
            let why = format!("in between only {:?} was removed (event {event})", short(removed));
            return (rules::REMOVES_EXACTLY, why);
        }
        let connack = connection.connack.as_ref().map_or(0, |connack| connack.event);
        if granted < connack {
            return (rules::RESUMES_STATE, format!("the session was resumed in event {connack}"));
        }
        let session = connection.session.map(|session| &book.sessions[session]);
        if session.is_some_and(|session| !is_first(session, filter, asked)) {
            return (rules::EVERY_FILTER, format!("the SUBSCRIBE of event {asked} had several filters"));
        }
        (rules::SESSION_LASTS, "nothing ended it since".to_owned())
    }
}

/// Whether the filter is the first of the SUBSCRIBE of event `asked` that is known.
fn is_first(session: &Session, filter: &str, asked: usize) -> bool {
    let mut of_request =
        session.filters.iter().filter(|known| known.records.iter().any(|record| record.asked == asked));
    of_request.next().is_none_or(|first| first.text == filter)
}

/// Whether the session of `connection` holds a subscription with exactly this filter, when an UNSUBSCRIBE is sent.
fn held(book: &State, connection: &Connection, packet_id: u16, filter: &str) -> Held {
    let Some(session) = connection.session.map(|session| &book.sessions[session]) else { return Held::Unknown };
    let own = connection.unsubscribes.get(&packet_id);
    let twice = own.is_some_and(|own| own.filters.iter().filter(|other| *other == filter).count() > 1);
    let of_client = book.connections.values().filter(|other| other.client == connection.client);
    let under_way = of_client
        .flat_map(|other| other.unsubscribes.iter().map(move |(id, request)| (other, id, request)))
        .any(|(other, id, request)| {
            (other.index != connection.index || *id != packet_id) && request.filters.iter().any(|other| other == filter)
        });
    if !is_known(session) || twice || under_way {
        return Held::Unknown;
    }
    let Some(known) = session.filters.iter().find(|known| known.text == filter) else { return Held::No };
    let waits = |record: &Record| record.answer.is_none();
    if known.records.iter().any(waits) {
        return Held::Unknown;
    }
    match known.live_records().last() {
        Some(_) if known.removed.is_some() => Held::No,
        Some(record) => {
            let granted = record.answer.map_or(record.asked, |(event, _)| event);
            Held::Yes { granted, asked: record.asked }
        }
        None => Held::No,
    }
}

/// Whether it is known what the session holds: 3.1 does not tell whether an earlier one was resumed.
fn is_known(session: &Session) -> bool {
    !session.unknown && matches!(session.origin, Origin::Fresh | Origin::Resumed)
}

/// PUBACK or PUBREC says that nobody has subscribed (3.4.2.1, 3.5.2.1): a connection that has, if there is one.
fn denied_subscriber(
    book: &State,
    connection: &Connection,
    event: &Event<'_>,
    ack: &AckBuf,
) -> Option<(usize, usize, [usize; 3], String)> {
    if ack.reason_code != ReasonCode::NO_MATCHING_SUBSCRIBERS || !is_bound(connection) {
        return None;
    }
    let exchange = book.clients[connection.client?].exchanges.get(&ack.packet_id)?;
    let publication = book.publications.get(exchange.publication?)?;
    if publication.doubtful || !publication.repeats.is_empty() {
        return None;
    }
    let subscribed = |filter: &&Filter| {
        let answered = |record: &Record| record.answer.is_some_and(|(answer, _)| answer < publication.event);
        filter.removed.is_none()
            && !filter.shared
            && filter.records.iter().all(answered)
            && filter.live_records().all(|record| !record.options.no_local)
    };
    let others = book.connections.values().filter(|other| {
        // Whatever other connections of the same client have under way may change its subscriptions.
        let alone = || book.connections.values().filter(|twin| twin.client == other.client).count() == 1;
        is_bound(other) && other.unsubscribes.is_empty() && alone()
    });
    others.into_iter().find_map(|other| {
        let session = book.sessions.get(other.session?).filter(|session| is_known(session))?;
        let filter = session.matching(&publication.topic).find(subscribed)?;
        let (granted, _) = filter.live_records().last()?.answer?;
        let message = format!(
            "{} published {:?} (event {}) and was told that nobody subscribes to it (event {}), though {} does (event {granted})",
            who(book, connection.index),
            short(&publication.topic),
            publication.event,
            event.index,
            who(book, other.index)
        );
        Some((other.index, connection.index, [granted, publication.event, event.index], message))
    })
}
