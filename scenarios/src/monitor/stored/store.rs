//! The retained store as far as it can be known from outside: for each topic, what may be stored in it and what must be
//! (3.3.1.3).
//!
//! Publications of different clients overlap, so that their order is not always known. A retained publication is *done*
//! when it can change the store no more, and *effected* when it certainly has. One follows another for sure when it was
//! sent after that was done, or on the same connection.

use std::collections::{BTreeMap, VecDeque};

use mqttspec_codec::{AckBuf, PacketBuf, PropertyId, PropertyList, QoS};

use super::super::event::{Event, What};
use super::super::publications::{Publication, Source};
use super::super::published::Digest;
use super::super::state::State;
use crate::Time;

/// Retained publications remembered for one topic at most; beyond, nothing is known of it.
const MAX_WRITES: usize = 128;

/// Publications with RETAIN 0 remembered for one topic.
const MAX_PLAIN: usize = 16;

/// A publication with RETAIN 1.
#[derive(Clone, Debug)]
pub(super) struct Write {
    /// Its place among the publications.
    pub(super) publication: usize,
    pub(super) digest: Digest,
    /// Whether it removes what is stored.
    pub(super) removes: bool,
    pub(super) qos: QoS,
    pub(super) is_will: bool,
    pub(super) connection: usize,
    /// Step of the first PUBLISH.
    pub(super) sent: u64,
    /// Step from which on it changes the store no more.
    pub(super) done: Option<u64>,
    /// Step by which it certainly changed the store.
    pub(super) effected: Option<u64>,
}

/// A topic to which something was published with RETAIN 1.
#[derive(Clone, Debug, Default)]
pub(super) struct Topic {
    pub(super) writes: Vec<Write>,
    /// Publications with RETAIN 0, step and publication: the last few.
    pub(super) plain: VecDeque<(u64, usize)>,
    /// What came from the store, and the last step at which it did.
    pub(super) shown: BTreeMap<Digest, u64>,
    /// There were too many.
    pub(super) lost: bool,
}

/// Every topic.
#[derive(Debug, Default)]
pub(super) struct Store {
    pub(super) topics: BTreeMap<String, Topic>,
    /// Publications that were looked at.
    seen: usize,
    /// QoS 0 publications that may not have arrived, with the PINGREQs sent before them on their connection.
    open: Vec<(usize, u64)>,
    /// Wills that may not have been published.
    open_wills: Vec<usize>,
    /// Whether anything ever came from the store.
    pub(super) shows: bool,
}

impl Store {
    /// Something happened, the book knows it.
    pub(super) fn event(&mut self, book: &State, event: &Event<'_>, step: u64) {
        self.note_publications(book, step);
        match event.what {
            What::Received(PacketBuf::PubAck(ack), _) => {
                self.acknowledged(book, event.connection, ack, QoS::AtLeastOnce, step);
            }
            What::Received(PacketBuf::PubComp(ack), _) => {
                self.acknowledged(book, event.connection, ack, QoS::ExactlyOnce, step);
            }
            What::Received(PacketBuf::PingResp, _) => self.fenced(book, event.connection, step),
            _ => {}
        }
        self.note_wills(book, step);
    }

    /// Nothing more comes of what was sent: QoS 0 messages have arrived, or are lost.
    pub(super) fn settle(&mut self, book: &State, step: u64) {
        for (index, _) in std::mem::take(&mut self.open) {
            if let Some(write) = self.write_of(book, index) {
                write.done = Some(step);
            }
        }
    }

    /// Something came from the store.
    pub(super) fn show(&mut self, topic: &str, digest: Digest, step: u64) {
        self.shows = true;
        if let Some(topic) = self.topics.get_mut(topic) {
            topic.shown.insert(digest, step);
        }
    }

    fn note_publications(&mut self, book: &State, step: u64) {
        while let Some(publication) = book.publications.get(self.seen) {
            let index = self.seen;
            self.seen += 1;
            if !publication.retain {
                if let Some(topic) = self.topics.get_mut(&publication.topic) {
                    topic.plain.push_back((step, index));
                    if topic.plain.len() > MAX_PLAIN {
                        topic.plain.pop_front();
                    }
                }
                continue;
            }
            let topic = self.topics.entry(publication.topic.clone()).or_default();
            if topic.writes.len() >= MAX_WRITES {
                topic.lost = true;
                continue;
            }
            let pings = book.connections.get(&publication.connection).map_or(0, |connection| connection.pings);
            topic.writes.push(Write {
                publication: index,
                digest: publication.digest,
                removes: publication.payload_len == 0,
                qos: publication.qos,
                is_will: publication.source == Source::Will,
                connection: publication.connection,
                sent: step,
                done: None,
                effected: None,
            });
            if publication.source == Source::Will {
                self.open_wills.push(index);
            } else if publication.qos == QoS::AtMostOnce {
                self.open.push((index, pings));
            }
        }
    }

    /// PUBACK or PUBCOMP: a publication above QoS 0 has been taken.
    fn acknowledged(&mut self, book: &State, connection: usize, ack: &AckBuf, qos: QoS, step: u64) {
        let client = book.connections.get(&connection).and_then(|connection| connection.client);
        let exchange = client.and_then(|client| book.clients[client].exchanges.get(&ack.packet_id));
        let Some(index) = exchange.and_then(|exchange| exchange.publication) else { return };
        let Some(publication) = book.publications.get(index).filter(|publication| publication.qos == qos) else {
            return;
        };
        if publication.accepted.is_none() || publication.refused.is_some() || publication.doubtful {
            return;
        }
        self.effect(book, index, step);
    }

    fn effect(&mut self, book: &State, index: usize, step: u64) {
        if let Some(write) = self.write_of(book, index) {
            write.effected.get_or_insert(step);
            write.done.get_or_insert(step);
        }
    }

    /// PINGRESP: QoS 0 messages that were sent on this connection before the PINGREQ were taken, or lost.
    fn fenced(&mut self, book: &State, connection: usize, step: u64) {
        let Some(pongs) = book.connections.get(&connection).map(|connection| connection.pongs) else { return };
        for (index, pings) in std::mem::take(&mut self.open) {
            match self.write_of(book, index) {
                Some(write) if write.connection == connection && pongs > pings => write.done = Some(step),
                _ => self.open.push((index, pings)),
            }
        }
    }

    fn note_wills(&mut self, book: &State, step: u64) {
        for index in std::mem::take(&mut self.open_wills) {
            match book.publications.get(index) {
                Some(publication) if publication.doubtful => {}
                Some(publication) if publication.accepted.is_some() => self.effect(book, index, step),
                _ => self.open_wills.push(index),
            }
        }
    }

    fn write_of(&mut self, book: &State, index: usize) -> Option<&mut Write> {
        let topic = self.topics.get_mut(&book.publications.get(index)?.topic)?;
        topic.writes.iter_mut().find(|write| write.publication == index)
    }
}

impl Topic {
    /// What replaced or removed `write` for sure before step `before`.
    pub(super) fn superseded<'a>(&'a self, book: &State, write: &Write, before: u64) -> Option<&'a Write> {
        self.writes.iter().find(|later| {
            later.publication != write.publication
                && later.effected.is_some_and(|effected| effected <= before)
                && follows(book, write, later)
        })
    }

    /// What may be stored at step `at`: everything that was not refused nor certainly superseded. A removal in it means
    /// that there may be nothing.
    pub(super) fn possible<'a>(&'a self, book: &'a State, at: u64) -> impl Iterator<Item = &'a Write> {
        let taken = |write: &&Write| book.publications.get(write.publication).is_some_and(|p| p.refused.is_none());
        let sent = move |write: &&Write| write.sent <= at;
        self.writes.iter().filter(taken).filter(sent).filter(move |write| self.superseded(book, write, at).is_none())
    }

    /// Whether a message is stored for sure at step `at`.
    pub(super) fn is_surely_filled(&self, book: &State, at: u64) -> bool {
        let certain = |write: &Write| write.effected.is_some_and(|effected| effected <= at);
        !self.lost && self.possible(book, at).all(|write| is_kept(book, write)) && self.possible(book, at).any(certain)
    }
}

/// Whether the Server must keep the message for the time being: it is no removal, above QoS 0 (those it may discard),
/// and does not expire soon.
pub(super) fn is_kept(book: &State, write: &Write) -> bool {
    let publication = book.publications.get(write.publication);
    !write.removes
        && write.qos != QoS::AtMostOnce
        && publication.is_some_and(|publication| !publication.doubtful && !may_expire(publication, book.now))
}

/// Whether the Message Expiry Interval may have passed at `now`, with seconds to spare for what servers round.
pub(super) fn may_expire(publication: &Publication, now: Time) -> bool {
    let interval = publication.properties.integer(PropertyId::MessageExpiryInterval);
    interval.is_some_and(|seconds| now.since(publication.at).as_secs() + 2 >= u64::from(seconds))
}

/// Whether `later` changed the store after `write` did, for sure.
fn follows(book: &State, write: &Write, later: &Write) -> bool {
    if write.done.is_some_and(|done| done < later.sent) {
        return true;
    }
    // A QoS 2 message may be taken at its PUBREL, and one that is sent again at that time.
    let repeated = book.publications.get(write.publication).is_none_or(|publication| !publication.repeats.is_empty());
    let sure = write.qos != QoS::ExactlyOnce && !repeated && !write.is_will && !later.is_will;
    sure && write.connection == later.connection && write.sent < later.sent
}
