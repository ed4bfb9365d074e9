//! When Session Present contradicts what is known: was the session lost or kept, or only the flag wrong?
//!
//! A subscription of the old session that still brings messages tells. Until something does, the Server is taken at its
//! word: it says that it has no session, so it has lost it; it says that it has one, so it has kept it.

use std::collections::BTreeMap;

use mqttspec_codec::{PacketBuf, PublishBuf, QoS};

use super::super::connection::Connection;
use super::super::event::{Event, What};
use super::super::publications::{Publication, Source};
use super::super::published::Digest;
use super::super::report::Report;
use super::super::session::{Filter, Session};
use super::super::state::State;
use super::{is_bound, rules, short};
use crate::Time;

/// Messages remembered for one claim at most.
const MAX_RECEIVED: usize = 4_096;

/// Sessions of which it is not decided what became of them.
#[derive(Debug, Default)]
pub(super) struct Survivors {
    claims: Vec<(Claim, Vec<Digest>)>,
    /// When a DISCONNECT went over a connection.
    ended: BTreeMap<usize, Time>,
}

/// What a CONNACK said of an earlier session.
#[derive(Debug)]
pub(super) struct Claim {
    /// The connection of the CONNACK.
    pub(super) connection: usize,
    pub(super) said: Said,
    /// The earlier session, by its index in the book.
    pub(super) session: usize,
    /// Why it must be there, or gone.
    pub(super) reason: String,
    /// The events that imply it.
    pub(super) events: Vec<usize>,
    /// Event of the CONNACK.
    pub(super) connack: usize,
}

/// Whether the CONNACK told of the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Session Present 0, though there is one.
    Absent,
    /// Session Present 1, though there is none.
    Present,
    /// Nothing wrong: the client wanted a new one.
    Discarded,
    /// Session Present 1 to a client that was never here: the session may be of another run, and is that of a client whose
    /// Client Identifier differs in case if it has its subscriptions.
    Twin,
}

impl Survivors {
    /// Decides about a claim once something shows what became of the session.
    pub(super) fn watch(&mut self, claim: Claim) {
        self.claims.push((claim, Vec::new()));
    }

    /// A DISCONNECT went over the connection.
    pub(super) fn ended_at(&mut self, connection: usize, at: Time) {
        self.ended.entry(connection).or_insert(at);
    }

    /// When a DISCONNECT went over the connection.
    pub(super) fn end_of(&self, connection: usize) -> Option<Time> {
        self.ended.get(&connection).copied()
    }

    pub(super) fn event(&mut self, book: &State, event: &Event<'_>, report: &mut Report) {
        let Some(connection) = book.connections.get(&event.connection) else { return };
        match event.what {
            What::Received(PacketBuf::Publish(publish), _) => self.received(book, connection, event, publish, report),
            What::Closed { .. } => {
                for (claim, _) in self.claims.extract_if(.., |(claim, _)| claim.connection == event.connection) {
                    claim.take_at_its_word(connection, report);
                }
            }
            _ => {}
        }
    }

    fn received(
        &mut self,
        book: &State,
        connection: &Connection,
        event: &Event<'_>,
        publish: &PublishBuf,
        report: &mut Report,
    ) {
        let Some(topic) = connection.topic_of(publish) else { return };
        let digest = Digest::of(topic, &publish.payload);
        let mut claims = self.claims.iter_mut().enumerate();
        let Some((at, (claim, received))) = claims.find(|(_, (claim, _))| claim.connection == event.connection) else {
            return;
        };
        if received.len() < MAX_RECEIVED {
            received.push(digest);
        }
        let (Some(now), Some(then)) = (connection.session, book.sessions.get(claim.session)) else { return };
        let asked_since = |filter: &&Filter| filter.records.iter().any(|record| record.asked > claim.connack);
        if then.unknown || connection.tainted.is_some() || book.sessions[now].matching(topic).any(|f| asked_since(&f)) {
            return;
        }
        let Some((filter, granted)) = held(then, topic) else { return };
        let (claim, _) = self.claims.remove(at);
        let seen = format!(
            "a message on {:?} (event {}) came by the subscription {:?} of event {granted}",
            short(topic),
            event.index,
            short(filter)
        );
        claim.kept(connection, &[granted, event.index], &seen, report);
    }

    pub(super) fn settle(&mut self, book: &State, report: &mut Report) {
        for (claim, received) in std::mem::take(&mut self.claims) {
            let Some(connection) = book.connections.get(&claim.connection) else { continue };
            if matches!(claim.said, Said::Discarded | Said::Twin) {
                self.claims.push((claim, received));
                continue;
            }
            let missing = missing(book, connection, &claim, &received).filter(|_| claim.said == Said::Present);
            match missing {
                Some((granted, publication)) => {
                    let message = format!(
                        "{}; CONNACK says Session Present 1 (event {}), and yet the subscription of event {granted} did not \
                         bring {:?} (event {})",
                        claim.reason, claim.connack, publication.preview, publication.event
                    );
                    let events = claim.events.iter().copied().chain([publication.event, claim.connack]);
                    report.breach(rules::SESSION_ABSENT, connection.version, connection.index, events, message);
                }
                None => claim.take_at_its_word(connection, report),
            }
        }
    }
}

/// A subscription that an earlier session held to its end and that matches the topic, and the SUBACK that granted it.
fn held<'a>(session: &'a Session, topic: &'a str) -> Option<(&'a str, usize)> {
    session.matching(topic).filter(|filter| filter.removed.is_none() && !filter.shared).find_map(|filter| {
        let (granted, _) = filter.live_records().last()?.answer?;
        Some((filter.text.as_str(), granted))
    })
}

/// A message that a subscription of the earlier session would have brought, and that has not come.
fn missing<'a>(
    book: &'a State,
    connection: &Connection,
    claim: &Claim,
    received: &[Digest],
) -> Option<(usize, &'a Publication)> {
    let session = book.sessions.get(claim.session).filter(|session| !session.unknown)?;
    if !is_bound(connection) || !connection.unacknowledged.is_empty() || book.publications.is_incomplete() {
        return None;
    }
    book.publications.iter().find_map(|(_, publication)| {
        let owed = publication.source == Source::Publish
            && publication.event > claim.connack
            // As at QoS 0 none is.
            && publication.accepted.is_some()
            && !publication.doubtful
            && publication.properties.is_empty()
            && publication.client != connection.client
            && !received.contains(&publication.digest);
        let (_, granted) = held(session, &publication.topic).filter(|_| owed)?;
        let strong = session
            .matching(&publication.topic)
            .all(|filter| filter.live_records().all(|record| record.granted() > QoS::AtMostOnce));
        strong.then_some((granted, publication))
    })
}

impl Claim {
    /// The earlier session is still there.
    fn kept(self, connection: &Connection, since: &[usize], seen: &str, report: &mut Report) {
        let connack = self.connack;
        let (rule, message) = match self.said {
            Said::Absent => (
                rules::SESSION_PRESENT,
                format!("{}; CONNACK says Session Present 0 (event {connack}), and yet {seen}", self.reason),
            ),
            Said::Present => {
                (rules::SESSION_ENDS, format!("{}; it was resumed in event {connack}: {seen}", self.reason))
            }
            Said::Discarded => (
                rules::CLEAN_DISCARDS,
                format!(
                    "the client began a new session (event {connack}), and yet {seen}, which belongs to the one before"
                ),
            ),
            Said::Twin => (rules::CLIENT_ID_IDENTIFIES, format!("{}, and {seen}", self.reason)),
        };
        let events = self.events.into_iter().chain([connack]).chain(since.iter().copied());
        report.breach(rule, connection.version, connection.index, events, message);
    }

    /// Nothing shows what became of the session but what CONNACK says.
    fn take_at_its_word(self, connection: &Connection, report: &mut Report) {
        let connack = self.connack;
        let (rule, message) = match self.said {
            Said::Absent => {
                (rules::SESSION_STORED, format!("{}; CONNACK says that there is none (event {connack})", self.reason))
            }
            Said::Present => {
                (rules::SESSION_ENDS, format!("{}; CONNACK says that it is there (event {connack})", self.reason))
            }
            Said::Discarded | Said::Twin => return,
        };
        let events = self.events.into_iter().chain([connack]);
        report.breach(rule, connection.version, connection.index, events, message);
    }
}
