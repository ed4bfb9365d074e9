//! Follows every Will Message from its CONNECT to its publication: by the way in which its connection ended it must be
//! published, must not, or may be (3.1.2.5, 3.1.3.2.2, 3.14.4).
//!
//! What must be published is added to the publications of the book, so that `deliveries` can say who is owed it.
//! `accepted` is set there when it has been published for sure: some time after it was due, or when somebody received it.

use std::collections::BTreeMap;

use mqttspec_codec::{
    ConnAckBuf, ConnectBuf, DisconnectBuf, PacketBuf, PropertyId, PropertyList, ProtocolVersion, QoS, ReasonCode,
};

use super::super::connection::Connection;
use super::super::event::{Event, What};
use super::super::publications::{Publication, Source, Testament, preview};
use super::super::published::Digest;
use super::super::state::State;
use super::clock::{Clock, Moment};
use super::will::{Fate, Will};
use crate::Time;

/// Wills followed at most; of those beyond nothing is known.
const MAX_WILLS: usize = 2048;

/// Every will of the run.
#[derive(Debug, Default)]
pub(super) struct Wills {
    all: Vec<Will>,
    by_digest: BTreeMap<Digest, Vec<usize>>,
    by_connection: BTreeMap<usize, usize>,
    /// Wills about which something may change with time.
    waiting: Vec<usize>,
    /// Connections without a will that have ended, the last of each client.
    pub(super) ended_without: BTreeMap<usize, usize>,
    /// The event before this one.
    last: usize,
    pub(super) lost_track: bool,
}

impl Wills {
    /// The wills with this topic and payload.
    pub(super) fn of(&self, digest: Digest) -> impl Iterator<Item = &Will> {
        self.by_digest.get(&digest).into_iter().flatten().map(|index| &self.all[*index])
    }

    /// Every will that may still be published, or may have been without anybody knowing it.
    pub(super) fn unresolved(&self, book: &State) -> impl Iterator<Item = &Will> {
        let certain = |will: &Will| {
            let publication = will.publication.and_then(|publication| book.publications.get(publication));
            publication.is_some_and(|publication| publication.accepted.is_some())
        };
        self.all.iter().filter(move |will| match will.fate {
            Fate::Held | Fate::Free => true,
            Fate::Freed => !certain(will),
            Fate::Deleted | Fate::Cancelled => false,
        })
    }

    /// Something happened.
    pub(super) fn event(&mut self, book: &mut State, clock: &Clock, event: &Event<'_>) {
        self.pass_time(book, event.index);
        if let (What::Received(..), Some(index)) = (event.what, self.by_connection.get(&event.connection))
            && let Some(answered) = clock.answered(event.connection)
        {
            self.all[*index].alive = answered;
        }
        let now = Moment { event: event.index, at: event.at };
        match event.what {
            What::Sent(packet, _) => {
                let last_sent = clock.sent_before(event.connection).map_or(event.at, |last| last.at);
                self.sent(book, event.connection, packet, now, last_sent);
            }
            What::SentUnreadable(frame) => self.sent_unreadable(book, event.connection, frame, event.index),
            What::Received(PacketBuf::ConnAck(connack), _) => {
                self.received_connack(book, event.connection, connack, now);
            }
            What::Closed { by_server } => self.closed(book, event.connection, by_server, now),
            What::Opened | What::Received(..) | What::ReceivedUnreadable => {}
        }
        self.last = event.index;
    }

    /// Nothing more comes for now.
    pub(super) fn settle(&mut self, book: &mut State) {
        self.pass_time(book, self.last);
    }

    /// Whether a will is due that a connected subscriber has not received.
    pub(super) fn is_owed(&self, book: &State) -> bool {
        self.waiting.iter().map(|index| &self.all[*index]).any(|will| {
            let unsure = will.publication.and_then(|p| book.publications.get(p)).is_some_and(|p| p.accepted.is_none());
            let due = will.latest_due().is_some_and(|due| due <= book.now);
            will.fate == Fate::Freed && unsure && due && will.arrived.is_none() && has_subscriber(book, will)
        })
    }

    /// Something came that looks like these wills.
    pub(super) fn seen(&mut self, digest: Digest, event: usize) {
        for index in self.by_digest.get(&digest).into_iter().flatten() {
            self.all[*index].seen = Some(event);
        }
    }

    /// A delivery at `event` was this will.
    pub(super) fn arrived(&mut self, book: &mut State, digest: Digest, event: usize) {
        let Some(known) = self.by_digest.get(&digest) else { return };
        let now = book.now;
        let published = |index: &&usize| {
            let will = &self.all[**index];
            will.publication.is_some() && will.may_have_come(now)
        };
        let published: Vec<usize> = known.iter().filter(published).copied().collect();
        match published[..] {
            // It came before we saw the end of its connection, or of its session.
            [] => {
                let held = known.iter().find(|index| self.all[**index].may_have_come(now)).copied();
                if let Some(index) = held {
                    let will = &mut self.all[index];
                    will.ended = Some(will.ended.unwrap_or(will.alive));
                    will.arrived = Some(event);
                    self.let_go(book, index, Fate::Free);
                }
            }
            [only] => {
                let will = &mut self.all[only];
                will.arrived.get_or_insert(event);
                if known.len() == 1
                    && let Some(publication) = will.publication.and_then(|p| book.publications.get_mut(p))
                {
                    publication.accepted.get_or_insert(event);
                }
            }
            // Nobody knows which.
            _ => {}
        }
    }

    /// A will with this content came against the standard: what is owed of it is not worth a second finding.
    pub(super) fn concede(&mut self, book: &mut State, digest: Digest) {
        for index in self.by_digest.get(&digest).cloned().unwrap_or_default() {
            if matches!(self.all[index].fate, Fate::Freed | Fate::Cancelled | Fate::Deleted) {
                self.let_go(book, index, Fate::Free);
            }
        }
    }

    /// What became of wills because time passed.
    fn pass_time(&mut self, book: &mut State, event: usize) {
        let now = book.now;
        for index in std::mem::take(&mut self.waiting) {
            let will = &self.all[index];
            if will.fate != Fate::Freed {
                continue;
            }
            if will.publication.is_none() && will.may_come_from().is_some_and(|from| from <= now) {
                // The answer to the client that may have come back in time is late: nobody knows.
                let fate = if will.challenger.is_some() && will.delay > 0 { Fate::Free } else { will.fate };
                self.let_go(book, index, fate);
            }
            let will = &self.all[index];
            if will.fate == Fate::Freed && will.certain_from().is_some_and(|from| from <= now) {
                if let Some(publication) = will.publication.and_then(|p| book.publications.get_mut(p)) {
                    publication.accepted.get_or_insert(event);
                }
            } else if will.fate == Fate::Freed {
                self.waiting.push(index);
            }
        }
    }

    fn sent(&mut self, book: &mut State, connection: usize, packet: &PacketBuf, now: Moment, last_sent: Time) {
        match packet {
            PacketBuf::Connect(connect) => self.sent_connect(book, connection, connect, now),
            PacketBuf::Disconnect(disconnect) => self.sent_disconnect(book, connection, disconnect, now, last_sent),
            _ => {}
        }
    }

    fn sent_connect(&mut self, book: &mut State, connection: usize, connect: &ConnectBuf, now: Moment) {
        let Some(known) = book.connections.get(&connection) else { return };
        let (Some(client), 1) = (known.client, known.connects) else { return };
        self.challenge(book, connection, client, now);
        let Some(will) = &connect.will else { return };
        if self.all.len() >= MAX_WILLS {
            self.lost_track = true;
            book.publications.lose_track();
            return;
        }
        let will = Will::new(connection, client, connect, will, now);
        let index = self.all.len();
        self.by_digest.entry(will.digest).or_default().push(index);
        self.by_connection.insert(connection, index);
        self.all.push(will);
    }

    /// A client connects again: that may end its other connections, and take up the session before its will is due.
    fn challenge(&mut self, book: &mut State, connection: usize, client: usize, now: Moment) {
        for index in 0..self.all.len() {
            let will = &mut self.all[index];
            if will.client != client || will.challenger.is_some() || !matches!(will.fate, Fate::Held | Fate::Freed) {
                continue;
            }
            will.challenger = Some((connection, now));
            let certain = is_certain(book, will);
            let free = match will.fate {
                // Nobody knows whether the DISCONNECT or the new connection comes first.
                Fate::Held => will.deletes,
                _ => will.delay > 0 && !certain && !will.is_early(now.at),
            };
            if free {
                self.let_go(book, index, Fate::Free);
            }
        }
    }

    fn sent_disconnect(
        &mut self,
        book: &mut State,
        connection: usize,
        disconnect: &DisconnectBuf,
        now: Moment,
        last_sent: Time,
    ) {
        let Some(&index) = self.by_connection.get(&connection) else { return };
        let (Some(known), will) = (book.connections.get(&connection), &mut self.all[index]) else { return };
        if will.disconnect.is_some() || will.fate != Fate::Held {
            return;
        }
        will.disconnect = Some(now);
        if let Some(expiry) = disconnect.properties.integer(PropertyId::SessionExpiryInterval) {
            will.expiry = (will.expiry.0.min(expiry), will.expiry.1.max(expiry));
        }
        let with_will = known.version == ProtocolVersion::V5_0 && disconnect.reason_code != ReasonCode::SUCCESS;
        // It may not give a session a length that had none (3.14.2.2.2): such a DISCONNECT is an error, not an end.
        let lawful = disconnect.properties.integer(PropertyId::SessionExpiryInterval).is_none_or(|expiry| {
            expiry == 0 || known.asked(PropertyId::SessionExpiryInterval).is_some_and(|asked| asked != 0)
        });
        will.deletes = !with_will
            && lawful
            && will.accepted
            && will.challenger.is_none()
            && is_at_rest(book, known)
            && !keep_alive_passes(known, now.at.since(last_sent).as_secs());
        if !with_will && !will.deletes {
            // It may come too late.
            self.let_go(book, index, Fate::Free);
        }
    }

    fn sent_unreadable(&mut self, book: &mut State, connection: usize, frame: &[u8], event: usize) {
        let Some(&index) = self.by_connection.get(&connection) else { return };
        let Some(&first) = frame.first().filter(|byte| **byte >> 4 == 14) else { return };
        // The Server must find reserved flags that are set (3.14.1-1), and then it ends the connection for that. Otherwise
        // it may take what it got for the DISCONNECT that it resembles; in 3.1 the flags are not used.
        let found = first & 0x0F != 0 && self.all[index].version != ProtocolVersion::V3_1;
        if self.all[index].fate != Fate::Held {
            return;
        }
        if found {
            self.all[index].flagged.get_or_insert(event);
        } else {
            self.let_go(book, index, Fate::Free);
        }
    }

    fn received_connack(&mut self, book: &mut State, connection: usize, connack: &ConnAckBuf, now: Moment) {
        let Some(known) = book.connections.get(&connection) else { return };
        let first = known.connack.as_ref().is_some_and(|seen| seen.event == now.event);
        let (Some(client), true) = (known.client, first) else { return };
        let accepted = known.accepted();
        let told = known.told(PropertyId::SessionExpiryInterval);
        let clean = known.connect.as_ref().is_some_and(|connect| connect.clean_start);
        let unclear = book.clients[client].unclear;
        if let Some(index) = self.by_connection.get(&connection) {
            let will = &mut self.all[*index];
            will.accepted = accepted;
            if !accepted {
                will.fate = Fate::Free;
            }
            if let Some(told) = told {
                will.expiry = (told, told);
            }
        }
        for index in 0..self.all.len() {
            let will = &mut self.all[index];
            let Some((_, challenged)) = will.challenger.filter(|(challenger, _)| *challenger == connection) else {
                continue;
            };
            if !accepted {
                will.challenger = None;
                continue;
            }
            let resumed = !clean && connack.session_present && !unclear && will.expiry.0 > 0;
            match will.fate {
                // Taken over: the Server has ended the connection.
                Fate::Held if !will.accepted => self.let_go(book, index, Fate::Free),
                Fate::Held => {
                    will.ended = Some(challenged.min(will.ended.unwrap_or(challenged)));
                    will.ended_by = Some(now);
                    if will.delay == 0 {
                        self.free(book, index);
                    } else if resumed && will.is_early(now.at) {
                        will.fate = Fate::Cancelled;
                    } else {
                        self.let_go(book, index, Fate::Free);
                    }
                }
                // With a short delay it counts as published from the end of the connection on, for all we know: and still
                // the client may have come back in time.
                Fate::Freed if will.delay > 0 && !is_certain(book, will) => {
                    if resumed && will.publication.is_none() && will.is_early(now.at) {
                        will.fate = Fate::Cancelled;
                    } else {
                        self.let_go(book, index, Fate::Free);
                    }
                }
                _ => {}
            }
        }
    }

    fn closed(&mut self, book: &mut State, connection: usize, by_server: bool, now: Moment) {
        let Some(known) = book.connections.get(&connection) else { return };
        let Some(&index) = self.by_connection.get(&connection) else {
            if let (true, Some(client)) = (known.accepted(), known.client) {
                self.ended_without.insert(client, now.event);
            }
            return;
        };
        let tainted = known.tainted;
        let will = &mut self.all[index];
        if will.fate != Fate::Held {
            return;
        }
        let mut earliest = now;
        if by_server || tainted.is_some() || known.disconnected_by_target.is_some() {
            earliest = will.alive;
        }
        for other in [will.disconnect, will.challenger.map(|(_, connect)| connect)].into_iter().flatten() {
            earliest = earliest.min(other);
        }
        will.ended = Some(earliest);
        will.ended_by = Some(now);
        if !will.accepted {
            self.let_go(book, index, Fate::Free);
        } else if will.deletes {
            // An abortive end may overtake the DISCONNECT.
            if by_server || known.finished {
                will.fate = Fate::Deleted;
            } else {
                self.let_go(book, index, Fate::Free);
            }
        } else if will.version == ProtocolVersion::V3_1 && (by_server || tainted.is_some()) {
            // 3.1 names an I/O error and the silence of the client, and no end that the server makes.
            self.let_go(book, index, Fate::Free);
        } else {
            self.free(book, index);
        }
    }

    /// The will is to be published, unless it may have come before its connection was seen to end: then it may be that.
    fn free(&mut self, book: &mut State, index: usize) {
        let will = &self.all[index];
        if will.version == ProtocolVersion::V3_1 && will.challenger.is_some() {
            // Nor does 3.1 name a take-over.
            return self.let_go(book, index, Fate::Free);
        }
        let before = will.seen.zip(will.ended).is_some_and(|(seen, ended)| seen > ended.event);
        self.let_go(book, index, if before { Fate::Free } else { Fate::Freed });
    }

    /// The will is to be, or may be, published: it joins the publications as soon as it may come.
    fn let_go(&mut self, book: &mut State, index: usize, fate: Fate) {
        let will = &mut self.all[index];
        will.fate = fate;
        let ended = *will.ended.get_or_insert(will.alive);
        let doubtful = fate != Fate::Freed;
        if let Some(known) = will.publication.and_then(|p| book.publications.get_mut(p)) {
            known.doubtful |= doubtful;
            return;
        }
        if !doubtful {
            if !self.waiting.contains(&index) {
                self.waiting.push(index);
            }
            if will.may_come_from().is_some_and(|from| from > book.now) {
                return;
            }
        }
        let delayed = will.earliest_due().is_some_and(|due| due > ended.at);
        let publication = Publication {
            topic: will.topic.clone(),
            digest: will.digest,
            preview: preview(&will.payload),
            payload_len: will.payload.len(),
            qos: will.qos,
            retain: will.retain,
            properties: will.properties.clone(),
            client: Some(will.client),
            connection: will.connection,
            source: Source::Will,
            testament: Some(Testament { connect: will.connect.event, ended: will.end(), flagged: will.flagged }),
            event: if delayed && !doubtful { self.last.max(ended.event) } else { ended.event },
            at: if doubtful { ended.at } else { will.may_come_from().unwrap_or(ended.at) },
            repeats: Vec::new(),
            accepted: None,
            refused: None,
            doubtful,
        };
        will.publication = book.publications.add(publication);
    }
}

/// Whether the will has surely been published by now.
fn is_certain(book: &State, will: &Will) -> bool {
    let publication = will.publication.and_then(|p| book.publications.get(p));
    publication.is_some_and(|publication| publication.accepted.is_some())
}

/// Nothing that we asked for is unanswered, so that the Server had no reason to end the connection by itself.
fn is_at_rest(book: &State, connection: &Connection) -> bool {
    let exchanges = connection.client.map(|client| &book.clients[client].exchanges);
    connection.tainted.is_none()
        && connection.disconnected_by_target.is_none()
        && connection.pings == connection.pongs
        && connection.subscribes.is_empty()
        && connection.unsubscribes.is_empty()
        && connection.client.is_some_and(|client| book.clients[client].waiting == 0)
        && exchanges
            .is_some_and(|all| all.values().all(|one| one.open.is_none() || Some(one.event) < connection.connect_event))
}

/// Whether the Server may have ended the connection because we were silent for so many seconds.
fn keep_alive_passes(connection: &Connection, silent: u64) -> bool {
    let asked = connection.connect.as_ref().map_or(0, |connect| u32::from(connect.keep_alive));
    let keep_alive = connection.told(PropertyId::ServerKeepAlive).unwrap_or(asked);
    keep_alive != 0 && silent >= u64::from(keep_alive)
}

/// Whether a connected client surely has a subscription by which it gets the will above QoS 0.
fn has_subscriber(book: &State, will: &Will) -> bool {
    book.connections.values().any(|connection| {
        let live = !connection.closed && connection.accepted() && connection.tainted.is_none();
        let session = connection.session.map(|session| &book.sessions[session]);
        live && session.is_some_and(|session| {
            session.matching(&will.topic).any(|filter| {
                let granted = filter.live_records().last().is_some_and(|record| record.granted() > QoS::AtMostOnce);
                granted && !filter.shared && filter.removed.is_none()
            })
        })
    })
}
