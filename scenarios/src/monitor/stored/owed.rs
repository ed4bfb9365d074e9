//! What is retained and owed to a new subscription (3.3.1.3, 3.8.4): one message of each matching topic that is filled for
//! sure.

use std::collections::BTreeMap;

use mqttspec_codec::{PublishBuf, QoS, topic};

use super::super::event::Event;
use super::super::report::Report;
use super::super::rule::Rule;
use super::super::state::State;
use super::requests::{Brings, Held, Request, Requests, handling, is_current, takes};
use super::rules;
use super::store::{Store, Topic, Write, is_kept};
use super::wills::Wills;

/// Obligations remembered at most.
const MAX_DUES: usize = 4096;
/// Bytes of a PUBLISH besides topic, payload and properties.
const OVERHEAD: usize = 64;

/// What new subscriptions have coming.
#[derive(Debug, Default)]
pub(super) struct Owed {
    dues: Vec<Due>,
    /// When a session of the client ended, the last time.
    session_ended: BTreeMap<usize, (u64, usize)>,
}

/// One retained message that a SUBSCRIBE is to bring.
#[derive(Clone, Debug)]
struct Due {
    client: usize,
    connection: usize,
    /// Step of the SUBSCRIBE, and its filter.
    step: u64,
    filter: String,
    topic: String,
    /// It came with RETAIN 0.
    plain: Option<usize>,
}

impl Owed {
    /// A SUBSCRIBE was sent at `step`, and `requests` knows it.
    pub(super) fn subscribed(&mut self, book: &State, store: &Store, requests: &Requests, client: usize, step: u64) {
        let Some(requested) = requests.of(client) else { return };
        for request in requested.all.iter().filter(|request| request.step == step && request.brings == Brings::Must) {
            for (name, known) in &store.topics {
                // A Server may do with `$` topics what it likes (4.7.2).
                let matches = !name.starts_with('$') && topic::matches(&request.pattern, name);
                if !matches || self.dues.len() >= MAX_DUES || !known.is_surely_filled(book, step) {
                    continue;
                }
                let own = known.possible(book, step).any(|write| {
                    book.publications
                        .get(write.publication)
                        .is_some_and(|publication| publication.client == Some(client))
                });
                // Whether No Local holds for retained messages is not said.
                if own && request.options.no_local {
                    continue;
                }
                self.dues.push(Due {
                    client,
                    connection: request.connection,
                    step,
                    filter: request.text.clone(),
                    topic: name.clone(),
                    plain: None,
                });
            }
        }
    }

    /// A PUBLISH came.
    pub(super) fn came(&mut self, store: &Store, event: &Event<'_>, publish: &PublishBuf, topic: &str) {
        if publish.retain {
            self.dues.retain(|due| due.connection != event.connection || due.topic != topic);
            return;
        }
        for due in self.dues.iter_mut().filter(|due| due.connection == event.connection && due.topic == topic) {
            let digest = super::super::published::Digest::of(topic, &publish.payload);
            let stored = store.topics.get(topic).is_some_and(|known| known.writes.iter().any(|w| w.digest == digest));
            if stored {
                due.plain.get_or_insert(event.index);
            }
        }
    }

    /// The session of the client ended.
    pub(super) fn session_ended(&mut self, client: usize, step: u64, event: usize) {
        self.session_ended.insert(client, (step, event));
    }

    /// Whether something may still come.
    pub(super) fn is_owed(&self, book: &State, store: &Store, requests: &Requests, wills: &Wills) -> bool {
        let stands = |due: &Due| matches!(judge(book, store, requests, wills, due), Judgement::Missing(..));
        self.dues.iter().any(stands)
    }

    /// Nothing more comes: what has not come is a finding.
    pub(super) fn settle(
        &mut self,
        book: &State,
        store: &Store,
        requests: &Requests,
        wills: &Wills,
        report: &mut Report,
    ) {
        for due in std::mem::take(&mut self.dues) {
            match judge(book, store, requests, wills, &due) {
                Judgement::Void => {}
                Judgement::Later => self.dues.push(due),
                Judgement::Missing(request, topic) => {
                    let live = requests.of(due.client).is_some_and(|requested| may_be_live(&requested.all, &due));
                    self.report(book, store, (&due, live), request, topic, report);
                }
            }
        }
    }

    fn report(
        &self,
        book: &State,
        store: &Store,
        (due, live): (&Due, bool),
        request: &Request,
        topic: &Topic,
        report: &mut Report,
    ) {
        let possible: Vec<&Write> = topic.possible(book, due.step).collect();
        let effected = possible.iter().filter(|write| write.effected.is_some());
        let Some(write) = effected.max_by_key(|write| write.effected) else { return };
        let Some(publication) = book.publications.get(write.publication) else { return };
        let version = book.connections.get(&due.connection).map_or(book.version, |connection| connection.version);
        let mut events: Vec<usize> = publication.origins().collect();
        events.extend(publication.taken_in());
        events.push(request.event);
        events.extend(request.granted.map(|(_, event)| event));
        let name = client_name(book, due.client);
        let what = format!(
            "{name} subscribed to {:?}{} (event {}), and {:?} of {:?} is retained since {}",
            due.filter,
            handling(request),
            request.event,
            publication.preview,
            due.topic,
            match publication.testament {
                Some(_) => format!("it was published as the {}", publication.origin()),
                None => format!("event {}", publication.accepted.unwrap_or(publication.event)),
            },
        );
        events.extend(due.plain);
        if let Some(plain) = due.plain.filter(|_| !live) {
            let message = format!("{what}: it came in event {plain} with RETAIN 0, and never with RETAIN 1");
            return report.breach(rules::FROM_STORE_RETAIN, version, due.connection, events, message);
        }
        let never = match due.plain {
            Some(plain) => {
                format!(
                    "it never came with RETAIN 1 (what came in event {plain} may be due to an earlier subscription)"
                )
            }
            None => "it never came".to_owned(),
        };
        let (rules, why, more) = self.cause(book, store, topic, write, request);
        events.extend(more);
        for rule in rules {
            let message = format!("{what}: {never}{why}");
            report.breach(*rule, version, due.connection, events.clone(), message);
        }
    }

    /// Which sentence is broken when a retained message does not come, as far as that can be told: what happened to it
    /// since it was last seen to be stored.
    fn cause(
        &self,
        book: &State,
        store: &Store,
        topic: &Topic,
        write: &Write,
        request: &Request,
    ) -> (&'static [Rule], String, Vec<usize>) {
        let shown = topic.shown.get(&write.digest).copied().filter(|shown| *shown >= write.sent);
        let since = shown.unwrap_or(write.sent);
        let plain = topic.plain.iter().rev().copied().find(|(step, _)| *step > since && *step < request.step);
        let publication = book.publications.get(write.publication);
        let ended = publication.and_then(|publication| self.session_ended.get(&publication.client?));
        let ended = ended.filter(|(step, _)| *step > since && *step < request.step);
        let flagged = publication.and_then(|publication| publication.testament?.flagged);
        if let Some(event) = flagged.filter(|_| shown.is_none()) {
            let why = format!("; it is a will, and the DISCONNECT of event {event} has reserved flags that are set");
            return (&[rules::WILL_AFTER_FLAGS], why, vec![event]);
        }
        if write.is_will && shown.is_none() {
            return (&[rules::WILL_STORED], "; it is a will with Will Retain".into(), vec![]);
        }
        if let Some((_, plain)) = plain
            && (shown.is_some() || store.shows)
            && let Some(plain) = book.publications.get(plain)
        {
            let why = format!("; a message with RETAIN 0 was published to the topic since (event {})", plain.event);
            return (&[rules::PLAIN_LEAVES_STORE], why, vec![plain.event]);
        }
        if let Some((_, event)) = ended
            && (shown.is_some() || store.shows)
        {
            let why = format!("; the session of its publisher has ended since (event {event})");
            return (&[rules::OUTLIVES_SESSION], why, vec![*event]);
        }
        if handling(request).ends_with('1') {
            return (&[rules::SENT_IF_NEW], ", though the subscription was new".into(), vec![]);
        }
        if request.held == Held::Yes {
            return (&[rules::SENT_AT_RESUBSCRIBE], ", though the subscription only replaced another".into(), vec![]);
        }
        if shown.is_some() || store.shows {
            return (&[rules::SENT_AT_SUBSCRIBE], String::new(), vec![]);
        }
        let why = "; nothing retained ever came, so that it cannot be told whether it is not stored or not sent";
        (&[rules::SENT_AT_SUBSCRIBE, rules::STORED], why.into(), vec![])
    }
}

/// Whether an earlier subscription of the client may have brought what came with RETAIN 0.
fn may_be_live(requests: &[Request], due: &Due) -> bool {
    requests.iter().any(|request| request.step < due.step && topic::matches(&request.pattern, &due.topic))
}

enum Judgement<'a> {
    /// Not owed (any more).
    Void,
    /// It is too early to tell.
    Later,
    /// It has not come.
    Missing(&'a Request, &'a Topic),
}

fn judge<'a>(book: &State, store: &'a Store, requests: &'a Requests, wills: &Wills, due: &Due) -> Judgement<'a> {
    let Some(connection) = book.connections.get(&due.connection) else { return Judgement::Void };
    let (Some(topic), Some(requested)) = (store.topics.get(&due.topic), requests.of(due.client)) else {
        return Judgement::Void;
    };
    let own = |request: &&Request| request.step == due.step && request.text == due.filter;
    let Some(request) = requested.all.iter().find(own).filter(|request| request.brings == Brings::Must) else {
        return Judgement::Void;
    };
    let gone = connection.closed
        || !is_current(book, connection)
        || connection.tainted.is_some()
        || connection.garbled
        || connection.disconnected_by_target.is_some()
        || connection.disconnected_by_us.is_some()
        || connection.session.is_none_or(|session| book.sessions[session].unknown)
        || book.publications.is_incomplete()
        || requested.unclear
        || request.replaced
        || request.granted.is_some_and(|(qos, _)| qos == QoS::AtMostOnce);
    // The Server may search its store late, and find what was published meanwhile.
    let may_be_empty = topic.lost
        || topic.writes.iter().any(|write| write.sent > due.step && !is_kept(book, write))
        || topic
            .possible(book, due.step)
            .any(|write| !is_kept(book, write) || is_too_large(book, due.connection, write))
        || wills.unresolved(book).any(|will| {
            let lasting = !will.payload.is_empty() && will.qos != QoS::AtMostOnce;
            will.retain && will.topic == due.topic && !(lasting && will.properties.is_empty())
        });
    if gone || may_be_empty {
        return Judgement::Void;
    }
    if request.granted.is_none() || !connection.unacknowledged.is_empty() {
        return Judgement::Later;
    }
    Judgement::Missing(request, topic)
}

fn is_too_large(book: &State, connection: usize, write: &Write) -> bool {
    let Some(publication) = book.publications.get(write.publication) else { return true };
    let size = publication.topic.len() + publication.payload_len + properties_len(publication) + OVERHEAD;
    !takes(book, connection, size)
}

fn properties_len(publication: &super::super::publications::Publication) -> usize {
    use mqttspec_codec::ValueBuf;
    let len = |value: &ValueBuf| match value {
        ValueBuf::Utf8String(text) => text.len(),
        ValueBuf::BinaryData(data) => data.len(),
        ValueBuf::Utf8StringPair(name, value) => name.len() + value.len() + 2,
        _ => 4,
    };
    publication.properties.iter().map(|property| 3 + len(&property.value)).sum()
}

/// The client for people.
pub(super) fn client_name(book: &State, client: usize) -> String {
    let known = book.client_ids.iter().find(|(_, index)| **index == client);
    known.map_or_else(|| "a client".to_owned(), |(name, _)| format!("`{}`", shortened(name)))
}

fn shortened(client_id: &str) -> String {
    const LONGEST: usize = 24;
    match client_id.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &client_id[..end]),
        None => client_id.to_owned(),
    }
}
