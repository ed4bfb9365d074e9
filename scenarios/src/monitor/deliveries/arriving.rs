//! What comes: whether it is new or a repetition, what it satisfies, and whether it is too much (3.3.4, 4.3, 4.4).

use mqttspec_codec::{PropertyId, PropertyList, PublishBuf, QoS};

use super::super::event::Event;
use super::super::published::Digest;
use super::super::report::Report;
use super::super::session::Session;
use super::super::state::State;
use super::flight::{Flight, State as Stage};
use super::life::{Lowered, MAX_TALLIES};
use super::message::Messages;
use super::{Deliveries, rules};

/// Subscription Identifiers of one message remembered at most.
const MAX_IDENTIFIERS: usize = 16;

/// What a PUBLISH is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arrival {
    /// A message that did not come before.
    New,
    /// One that came under its identifier before, on this connection or an earlier one.
    Again,
    /// One that left before the session was moved to another connection, where it has come already.
    Stale,
    /// Nobody can say.
    Unclear,
}

impl Deliveries {
    pub(super) fn received_publish(
        &mut self,
        book: &State,
        event: &Event<'_>,
        publish: &PublishBuf,
        len: usize,
        report: &mut Report,
    ) {
        let Some(connection) = book.connections.get(&event.connection) else { return };
        let Some(life) = self.life_on(event.connection).filter(|life| self.lives[*life].trusted) else { return };
        let Some(topic) = connection.topic_of(publish) else { return };
        let Some(session) = connection.session.map(|session| &book.sessions[session]) else { return };
        let digest = Digest::of(topic, &publish.payload);
        let arrival = self.arrival(life, event, publish, digest, report);
        match arrival {
            Arrival::Stale => return,
            Arrival::Again => return self.repeated(book, event, publish, life, report),
            Arrival::New | Arrival::Unclear => {}
        }
        let same_elsewhere = self.is_in_flight_elsewhere(life, event.connection, publish, digest);
        let completed = self.was_completed(life, publish, digest);
        let other_qos = self.is_repeated_at_another_qos(life, event.connection, publish, digest);
        self.take_off(session, event, publish, len, (life, topic, digest));
        if arrival == Arrival::Unclear || other_qos {
            return;
        }
        if self.messages.of(digest).is_empty() && book.published.get(digest).is_none() {
            self.check_identifier_at_qos0(book, event, publish, (life, topic), report);
        } else {
            self.note_served(event.connection, life, topic, publish.qos);
        }
        self.satisfy(life, digest, publish.qos, event.index);
        self.check_new_session(book, session, event, publish, (life, topic, digest), report);
        self.satisfy_groups(life, digest);
        let as_published = session.matching(topic).flat_map(|filter| filter.live_records());
        if publish.retain && !as_published.into_iter().any(|record| record.options.retain_as_published) {
            return;
        }
        let known = &mut self.lives[life];
        if known.tallies.len() >= MAX_TALLIES && !known.tallies.contains_key(&digest) {
            return known.distrust();
        }
        let tally = known.tallies.entry(digest).or_default();
        tally.moves += u32::from(tally.copies > 0 && tally.connection != event.connection);
        tally.copies += 1;
        if tally.identifiers.len() < MAX_IDENTIFIERS {
            tally.identifiers.extend(identifiers_of(publish));
        }
        tally.qos = tally.qos.max(publish.qos);
        tally.connection = event.connection;
        let first = if tally.copies == 1 { event.index } else { tally.events.0 };
        tally.events = (first, event.index);
        if tally.copies > 1 {
            self.check_excess(book, session, event, (life, topic, digest), (same_elsewhere, completed), report);
        }
        self.check_order(book, session, event, publish, (life, topic, digest), report);
        self.check_terms(book, session, event, publish, (life, topic, digest), report);
        self.note_group_copy(session, event, publish, (life, topic, digest));
    }

    fn arrival(
        &self,
        life: usize,
        event: &Event<'_>,
        publish: &PublishBuf,
        digest: Digest,
        report: &mut Report,
    ) -> Arrival {
        let known = &self.lives[life];
        let flight = publish.packet_id.and_then(|id| known.flights.get(&id));
        let Some(flight) = flight.filter(|flight| flight.digest == digest && flight.qos == publish.qos) else {
            return Arrival::New;
        };
        if flight.connection == event.connection {
            return if flight.is_done() && !publish.dup { Arrival::New } else { Arrival::Again };
        }
        if known.connection != Some(event.connection) {
            return Arrival::Stale;
        }
        let Some((mark, refused)) = flight.done() else { return Arrival::Again };
        let taken_in = self.links.get(&mark.connection).is_some_and(|link| link.fence.has_passed(mark.step));
        match (publish.dup, taken_in) {
            (false, true) => Arrival::New,
            (false, false) => Arrival::Unclear,
            (true, false) => Arrival::Again,
            (true, true) => {
                let (rule, how) = match refused {
                    true => (rules::REFUSED_NOT_AGAIN, "refused"),
                    false => (rules::NOT_AGAIN, "acknowledged"),
                };
                let message = format!(
                    "{} came to `{}` in event {} and was {how} in event {}, which the Server had read before the \
                     connection ended; it is sent again in event {}",
                    flight.what, known.name, flight.first.1, mark.event, event.index
                );
                let events = [flight.first.1, mark.event, event.index];
                report.breach(rule, known.version, event.connection, events, message);
                Arrival::Again
            }
        }
    }

    /// A delivery goes on, on this connection.
    fn repeated(&mut self, book: &State, event: &Event<'_>, publish: &PublishBuf, life: usize, report: &mut Report) {
        let known = &mut self.lives[life];
        let Some(flight) = publish.packet_id.and_then(|id| known.flights.get_mut(&id)) else { return };
        let moved = flight.connection != event.connection;
        flight.connection = event.connection;
        flight.waived = false;
        // The Server has not got our acknowledgement.
        if flight.is_done() || (moved && matches!(flight.state, Stage::Recorded(_))) {
            flight.state = Stage::Sent;
        }
        if moved && let Some(id) = publish.packet_id {
            self.check_repeat_order(book, event, life, id, report);
        }
    }

    /// A delivery begins.
    fn take_off(
        &mut self,
        session: &Session,
        event: &Event<'_>,
        publish: &PublishBuf,
        len: usize,
        (life, topic, digest): (usize, &str, Digest),
    ) {
        let Some(id) = publish.packet_id else { return };
        let flight = Flight {
            qos: publish.qos,
            digest,
            what: format!("{:?} on {topic:?}", super::super::publications::preview(&publish.payload)),
            topic: topic.to_owned(),
            publication: only(&self.messages, digest),
            connection: event.connection,
            origin: event.connection,
            first: (self.step, event.index),
            state: Stage::Sent,
            shared: session.matching(topic).any(|filter| filter.shared),
            len,
            expires: publish.properties.find(PropertyId::MessageExpiryInterval).is_some(),
            waived: false,
            unsubscribed: None,
        };
        self.lives[life].flights.insert(id, flight);
    }

    /// Whether a repetition that is due comes, and only its QoS is another one: that is judged by what was granted.
    fn is_repeated_at_another_qos(&self, life: usize, connection: usize, publish: &PublishBuf, digest: Digest) -> bool {
        let known = &self.lives[life];
        let flight = publish.packet_id.and_then(|id| known.flights.get(&id));
        flight.is_some_and(|flight| {
            flight.digest == digest
                && flight.qos != publish.qos
                && flight.connection != connection
                && known.connection == Some(connection)
                && !flight.is_done()
        })
    }

    /// Whether the same message is under way under another identifier since an earlier connection.
    fn is_in_flight_elsewhere(
        &self,
        life: usize,
        connection: usize,
        publish: &PublishBuf,
        digest: Digest,
    ) -> Option<usize> {
        // What has not been acknowledged, or whose PUBREC may not have arrived, comes again whatever its DUP says.
        let again = |flight: &&Flight| publish.dup || matches!(flight.state, Stage::Sent | Stage::Recorded(_));
        let mut flights = self.lives[life].flights.values().filter(again);
        let found = flights.find(|flight| flight.digest == digest && flight.connection != connection);
        found.filter(|flight| !flight.is_done()).map(|flight| flight.first.1)
    }

    /// The PUBCOMP that ended the same message at QoS 2 under this Packet Identifier, which has been nobody else's since.
    fn was_completed(&self, life: usize, publish: &PublishBuf, digest: Digest) -> Option<usize> {
        let flight = self.lives[life].flights.get(&publish.packet_id?)?;
        let same = flight.digest == digest && flight.qos == QoS::ExactlyOnce && publish.qos == QoS::ExactlyOnce;
        let (mark, refused) = flight.done().filter(|_| same)?;
        (!refused).then_some(mark.event)
    }

    fn note_served(&mut self, connection: usize, life: usize, topic: &str, qos: QoS) {
        let step = self.step;
        for subscription in &mut self.lives[life].subscriptions {
            if mqttspec_codec::topic::matches(&subscription.pattern, topic) {
                subscription.served = Some(step);
            }
        }
        let link = self.link(connection);
        link.served = Some(step);
        link.carried |= qos > QoS::AtMostOnce;
    }

    /// Before 5.0, a Packet Identifier at QoS 0 looks like two more bytes of payload.
    fn check_identifier_at_qos0(
        &self,
        book: &State,
        event: &Event<'_>,
        publish: &PublishBuf,
        (life, topic): (usize, &str),
        report: &mut Report,
    ) {
        let Some((id, rest)) = publish.payload.split_first_chunk::<2>().filter(|_| publish.qos == QoS::AtMostOnce)
        else {
            return;
        };
        let of = self.messages.of(Digest::of(topic, rest));
        let Some(publication) = of.last().and_then(|index| book.publications.get(*index)) else { return };
        let id = u16::from_be_bytes(*id);
        if rest.is_empty() || id == 0 || book.publications.is_incomplete() {
            return;
        }
        let known = &self.lives[life];
        let message = format!(
            "{} (event {}) comes to `{}` at QoS 0 with Packet Identifier {id} before its payload (event {})",
            super::owing::described(publication),
            publication.event,
            known.name,
            event.index
        );
        let events = [publication.event, event.index];
        report.breach(rules::NO_IDENTIFIER_AT_QOS0, known.version, event.connection, events, message);
    }

    /// What was owed has come.
    fn satisfy(&mut self, life: usize, digest: Digest, qos: QoS, event: usize) {
        let known = &mut self.lives[life];
        let alone = self.messages.of(digest).len() == 1;
        for index in self.messages.of(digest).to_vec() {
            if let Some(message) = self.messages.get_mut(index) {
                message.seen = true;
            }
            if known.lowered.get(&index).is_some_and(|lowered| lowered.due <= qos) {
                known.lowered.remove(&index);
                return;
            }
            if let Some(owed) = known.owed.remove(&index) {
                if qos < owed.due && alone {
                    let overlap = owed.filters.len() > 1;
                    known.lowered.insert(index, Lowered { due: owed.due, event, overlap });
                }
                known.tallies.entry(digest).or_default().claimed += 1;
                return;
            }
        }
    }

    /// A new session has nothing of the one before it.
    fn check_new_session(
        &self,
        book: &State,
        session: &Session,
        event: &Event<'_>,
        publish: &PublishBuf,
        (life, topic, digest): (usize, &str, Digest),
        report: &mut Report,
    ) {
        let known = &self.lives[life];
        let (began, step, clean) = known.began;
        if !clean || known.resumed.is_some() || publish.retain || book.publications.is_incomplete() {
            return;
        }
        if book.published.get(digest).is_none_or(|published| published.any_will || published.any_retain) {
            return;
        }
        let of = self.messages.of(digest);
        let before = |index: &usize| {
            let taken = self.messages.get(*index).and_then(|message| message.taken);
            taken.is_some_and(|taken| taken < step)
        };
        if !of.iter().all(before) || session.matching(topic).any(|filter| filter.shared) {
            return;
        }
        let earlier = self.lives[..life].iter().rev().find(|earlier| earlier.client == known.client);
        let Some((_, held)) = earlier.and_then(|earlier| earlier.matching(topic).next()) else { return };
        let published = of.last().and_then(|index| book.publications.get(*index)).map(|publication| publication.event);
        let message = format!(
            "`{}` began a new session with the CONNECT of event {began}, and gets a message on {topic:?} of event {}, \
             which only its earlier session had subscribed to (event {})",
            known.name,
            published.unwrap_or_default(),
            held.asked_in
        );
        let events = [held.asked_in].into_iter().chain(published).chain([began, event.index]);
        report.breach(rules::NEW_SESSION_EMPTY, known.version, event.connection, events, message);
    }

    /// More copies than publications and subscriptions account for.
    fn check_excess(
        &mut self,
        book: &State,
        session: &Session,
        event: &Event<'_>,
        (life, topic, digest): (usize, &str, Digest),
        (same_elsewhere, completed): (Option<usize>, Option<usize>),
        report: &mut Report,
    ) {
        let any_will = book.published.get(digest).is_none_or(|published| published.any_will);
        if any_will || book.publications.is_incomplete() {
            return;
        }
        let ways = session.matching(topic).count();
        let of = self.messages.of(digest);
        let publications =
            || of.iter().filter_map(|index| book.publications.get(*index).zip(self.messages.get(*index)));
        if ways == 0 || publications().any(|(published, _)| published.client.is_none_or(|c| book.clients[c].unclear)) {
            return;
        }
        let sent: usize = publications().map(|(_, message)| 1 + message.extra as usize).sum();
        // Each SUBSCRIBE may bring what is retained; with Retain As Published it looks like the rest.
        let records = || session.matching(topic).flat_map(|filter| filter.live_records());
        let stored = if publications().any(|(published, _)| published.retain) { records().count() } else { 0 };
        let known = &self.lives[life];
        let Some(tally) = known.tallies.get(&digest) else { return };
        let moved = if tally.qos == QoS::AtMostOnce { tally.moves as usize } else { 0 };
        let allowed = sent * ways + stored + moved;
        if tally.copies as usize <= allowed {
            if ways > 1 && sent == 1 {
                report.observe("overlapping subscriptions", "a copy for each");
            }
            return;
        }
        if tally.reported {
            return;
        }
        let repeated =
            publications().any(|(published, _)| published.qos == QoS::ExactlyOnce && !published.repeats.is_empty());
        // Where less was granted, another copy does not show that the Server took the message twice.
        let exactly_once =
            tally.qos == QoS::ExactlyOnce && publications().any(|(published, _)| published.qos == QoS::ExactlyOnce);
        let replaced = session.matching(topic).any(|filter| filter.live_records().count() > 1);
        let (rule, why) = match same_elsewhere {
            Some(_) => (rules::REDELIVERED, "; it is under way under another packet identifier"),
            None if repeated => (rules::QOS2_ONCE, "; its PUBLISH was sent again before PUBREL"),
            None if replaced => (rules::REPLACES, "; a subscription to the same filter replaces the one before"),
            None if exactly_once && completed.is_some() => {
                (rules::RELEASED_NOT_AGAIN, ", under the packet identifier that PUBREL and PUBCOMP had freed")
            }
            None if exactly_once => (rules::QOS2_ONCE, ""),
            None => (rules::ONE_COPY_EACH, ""),
        };
        let published: Vec<usize> = publications()
            .flat_map(|(published, _)| [published.event].into_iter().chain(published.repeats.iter().copied()))
            .collect();
        let what = of.last().and_then(|index| book.publications.get(*index)).map(super::owing::described);
        let message = format!(
            "{} was published {} and {} of `{}` match; it came {} times, first in event {} and now in event {}{why}",
            what.unwrap_or_default(),
            if sent == 1 { format!("once (event {})", published[0]) } else { format!("{sent} times") },
            if ways == 1 { "one subscription".to_owned() } else { format!("{ways} subscriptions") },
            known.name,
            tally.copies,
            tally.events.0,
            event.index,
        );
        let asked = records().map(|record| record.asked);
        let events: Vec<usize> = asked
            .chain(published)
            .chain(same_elsewhere)
            .chain(completed)
            .chain([tally.events.0, event.index])
            .collect();
        report.breach(rule, known.version, event.connection, events, message);
        if let Some(tally) = self.lives[life].tallies.get_mut(&digest) {
            tally.reported = true;
        }
    }
}

/// The Subscription Identifiers of a PUBLISH.
pub(super) fn identifiers_of(publish: &PublishBuf) -> impl Iterator<Item = u32> {
    let all = publish.properties.iter().filter(|property| property.id == PropertyId::SubscriptionIdentifier);
    all.filter_map(|property| property.value.as_integer())
}

/// The publication with this content, if there is only one.
pub(super) fn only(messages: &Messages, digest: Digest) -> Option<usize> {
    if let [only] = messages.of(digest) { Some(*only) } else { None }
}
