//! What comes from the retained store: whether it may still have been stored when it was asked for, and whether anybody
//! asked (3.3.1.3, 3.8.3.1, 4.8.2).

use std::collections::BTreeMap;

use mqttspec_codec::PublishBuf;

use super::super::connection::Connection;
use super::super::event::Event;
use super::super::published::Digest;
use super::super::report::Report;
use super::super::session::Session;
use super::super::state::State;
use super::owed::client_name;
use super::requests::{Brings, Reason, Request, Requested, Requests, is_current};
use super::rules;
use super::store::{Store, Topic, Write};

/// Messages counted at most.
const MAX_COUNTS: usize = 8192;

/// Counts what comes from the store.
#[derive(Debug, Default)]
pub(super) struct Retained {
    /// New deliveries with RETAIN 1, by connection and message.
    counts: BTreeMap<(usize, Digest), usize>,
}

/// A delivery with RETAIN 1, and what is known about it.
struct Receipt<'a> {
    book: &'a State,
    connection: &'a Connection,
    event: usize,
    topic: &'a str,
    digest: Digest,
    matching: Vec<&'a Request>,
    name: String,
}

impl Retained {
    /// A PUBLISH came. Returns whether it can only have come from the store.
    #[expect(clippy::too_many_arguments, reason = "what a delivery is judged by, each on its own")]
    pub(super) fn check(
        &mut self,
        book: &State,
        store: &mut Store,
        requests: &Requests,
        event: &Event<'_>,
        publish: &PublishBuf,
        step: u64,
        report: &mut Report,
    ) -> bool {
        let Some(connection) = book.connections.get(&event.connection) else { return false };
        let Some(topic) = connection.topic_of(publish) else { return false };
        let session = connection.session.map(|session| &book.sessions[session]);
        let requested = connection.client.and_then(|client| requests.of(client));
        let (Some(session), Some(requested), true) = (session, requested, publish.retain) else { return false };
        // With Retain As Published it may be an ordinary delivery.
        if keeps_retain(session, topic) {
            return false;
        }
        let digest = Digest::of(topic, &publish.payload);
        let judged = connection.tainted.is_none()
            && connection.accepted()
            && is_current(book, connection)
            && !connection.garbled
            && !session.unknown
            && !requested.unclear
            && !publish.dup
            && !book.publications.is_incomplete();
        if judged {
            let name = connection.client.map_or_else(String::new, |client| client_name(book, client));
            let matching = requested.matching(topic).collect();
            let receipt = Receipt { book, connection, event: event.index, topic, digest, matching, name };
            if publish.payload.is_empty() {
                receipt.check_empty(store, report);
                return true;
            }
            let known = store.topics.get(topic).filter(|known| !known.lost);
            let stale = known.is_some_and(|known| receipt.check_current(known, report));
            if !stale {
                self.check_asked(&receipt, known, requested, report);
            }
        }
        store.show(topic, digest, step);
        true
    }

    /// No more copies than subscriptions that bring them.
    fn check_asked(
        &mut self,
        receipt: &Receipt<'_>,
        known: Option<&Topic>,
        requested: &Requested,
        report: &mut Report,
    ) {
        // Each message by itself: a request that was made before it was published may have brought another.
        let key = (receipt.connection.index, receipt.digest);
        if self.counts.len() >= MAX_COUNTS && !self.counts.contains_key(&key) {
            return;
        }
        let count = self.counts.entry(key).or_default();
        *count += 1;
        let own = known.into_iter().flat_map(|known| &known.writes).filter(|write| write.digest == receipt.digest);
        let own: Vec<&Write> = own.collect();
        let asked = |request: &&&Request| {
            // What nobody is known to have published may be a will of a connection that only seems to last.
            let in_time = |write: &&Write| request.closed.is_none_or(|closed| write.sent < closed);
            let reached = own.is_empty() || own.iter().any(in_time);
            !matches!(request.brings, Brings::Never(_)) && reached
        };
        let entitled = receipt.matching.iter().filter(asked).count();
        if *count <= entitled || requested.all.is_empty() {
            return;
        }
        let because = |reason: Reason| {
            receipt.matching.iter().rev().find(move |request| request.brings == Brings::Never(reason)).copied()
        };
        let Receipt { connection, event, topic, name, .. } = receipt;
        if let Some(request) = because(Reason::Existed) {
            let message = format!(
                "the retained message of {topic:?} came in event {event} because {name} subscribed to {:?} with Retain \
                 Handling 1 (event {}), though that subscription existed",
                request.text, request.event,
            );
            let events = receipt.matching.iter().map(|request| request.event).chain([*event]);
            report.breach(rules::SENT_IF_NEW, connection.version, connection.index, events, message);
        } else if receipt.matching.iter().all(|request| request.brings == Brings::Never(Reason::Shared))
            && let Some(request) = because(Reason::Shared)
            && known.is_some_and(|known| receipt.was_stored_before(known, request))
            && !receipt.group_keeps_retain()
        {
            let message = format!(
                "the retained message of {topic:?} came in event {event} because {name} subscribed to {:?} (event {}), a \
                 Shared Subscription",
                request.text, request.event,
            );
            let events = [request.event, *event];
            report.breach(rules::NOT_TO_SHARED, connection.version, connection.index, events, message);
        }
    }
}

impl Receipt<'_> {
    /// An empty message with RETAIN 1 comes neither from the store nor, with RETAIN 1, from a publisher.
    fn check_empty(&self, store: &Store, report: &mut Report) {
        let Some(known) = store.topics.get(self.topic) else { return };
        let Some(request) = self.matching.iter().rev().find(|request| !matches!(request.brings, Brings::Never(_)))
        else {
            return;
        };
        let before = |write: &&Write| write.removes && write.effected.is_some_and(|at| at < request.step);
        // One that was published later may be that one, forwarded with its RETAIN: that is another sentence.
        if known.writes.iter().any(|write| write.removes && write.effected.is_none_or(|at| at >= request.step)) {
            return;
        }
        let Some(write) = known.writes.iter().rev().find(before) else { return };
        let Some(publication) = self.book.publications.get(write.publication) else { return };
        let message = format!(
            "a retained message without payload came from the store of {:?} in event {}, after {} subscribed (event {}): \
             the one of event {} is not to be stored",
            self.topic, self.event, self.name, request.event, publication.event
        );
        let events = [publication.event, request.event, self.event];
        report.breach(rules::EMPTY_NOT_STORED, self.connection.version, self.connection.index, events, message);
    }

    /// Whether what came had been replaced or removed before anybody asked; that is reported.
    fn check_current(&self, known: &Topic, report: &mut Report) -> bool {
        let own = || known.writes.iter().filter(|write| write.digest == self.digest);
        let asking = || self.matching.iter().filter(|request| !matches!(request.brings, Brings::Never(_)));
        // A Server may drop what is published to its own topics, and keep what it has (4.7.2).
        if self.topic.starts_with('$') {
            return false;
        }
        let may = |request: &&&Request| {
            own().any(|write| {
                let in_time = request.closed.is_none_or(|closed| write.sent < closed);
                in_time && known.superseded(self.book, write, request.step).is_none()
            })
        };
        if asking().any(|request| may(&request)) {
            return false;
        }
        let Some(request) = asking().next_back() else { return false };
        let Some((write, later)) =
            own().rev().find_map(|write| known.superseded(self.book, write, request.step).map(|later| (write, later)))
        else {
            return false;
        };
        let publications = &self.book.publications;
        let (Some(old), Some(new)) = (publications.get(write.publication), publications.get(later.publication)) else {
            return false;
        };
        let (rule, how) = if later.removes {
            (rules::REMOVED, "removed by the empty message")
        } else {
            (rules::STORED, "replaced by the message")
        };
        let message = format!(
            "{:?} of {:?} (the {}) came from the store in event {}, though it had been {how} {:?} (the {}) before {} \
             subscribed to {:?} (event {})",
            old.preview,
            self.topic,
            old.origin(),
            self.event,
            new.preview,
            new.origin(),
            self.name,
            request.text,
            request.event
        );
        let events = old.origins().chain(new.origins()).chain(new.taken_in()).chain([request.event, self.event]);
        report.breach(rule, self.connection.version, self.connection.index, events, message);
        true
    }

    /// Whether it had been stored before the request, so that it is no ordinary delivery.
    fn was_stored_before(&self, known: &Topic, request: &Request) -> bool {
        let mut own = known.writes.iter().filter(|write| write.digest == self.digest).peekable();
        own.peek().is_some() && own.all(|write| write.effected.is_some_and(|effected| effected < request.step))
    }

    /// Whether another member of a group may have had the message with RETAIN as published.
    fn group_keeps_retain(&self) -> bool {
        let matching = self.book.sessions.iter().flat_map(|session| session.matching(self.topic));
        let shared = matching.filter(|filter| filter.shared);
        shared.flat_map(|filter| filter.live_records()).any(|record| record.options.retain_as_published)
    }
}

/// Whether some subscription brings messages with RETAIN as published.
fn keeps_retain(session: &Session, topic: &str) -> bool {
    session.matching(topic).flat_map(|filter| filter.live_records()).any(|record| record.options.retain_as_published)
}
