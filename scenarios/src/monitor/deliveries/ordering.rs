//! Order: messages of one client, topic and QoS, repetitions, and PUBRELs (4.6).

use mqttspec_codec::{ProtocolVersion, PublishBuf};

use super::super::event::Event;
use super::super::publications::Source;
use super::super::published::Digest;
use super::super::report::Report;
use super::super::session::Session;
use super::super::state::State;
use super::arriving::only;
use super::link::Stream;
use super::{Deliveries, rules};

/// Streams remembered on one connection at most.
const MAX_STREAMS: usize = 1024;

impl Deliveries {
    /// A new message must not come after one that was published later. Only where one plain subscription and one
    /// publication can have brought it.
    pub(super) fn check_order(
        &mut self,
        book: &State,
        session: &Session,
        event: &Event<'_>,
        publish: &PublishBuf,
        (life, topic, digest): (usize, &str, Digest),
        report: &mut Report,
    ) {
        let Some(index) = only(&self.messages, digest).filter(|_| !publish.dup && !publish.retain) else { return };
        let (Some(publication), Some(message)) = (book.publications.get(index), self.messages.get(index)) else {
            return;
        };
        let mut ways = session.matching(topic);
        let plain = ways.next().is_some_and(|filter| !filter.shared) && ways.next().is_none();
        let first = self.lives[life].tallies.get(&digest).is_some_and(|tally| tally.copies == 1);
        let sound = publication.source == Source::Publish && !publication.doubtful && publication.repeats.is_empty();
        if !plain || !first || !sound || book.publications.is_incomplete() {
            return;
        }
        let stream = Stream {
            publisher: publication.connection,
            topic: topic.to_owned(),
            published: publication.qos,
            delivered: publish.qos,
        };
        let (step, released) = (message.step, message.released);
        let link = self.links.entry(event.connection).or_default();
        let later = link.streams.get(&stream).copied().filter(|(other, ..)| *other > step);
        if link.streams.len() < MAX_STREAMS || link.streams.contains_key(&stream) {
            let latest = link.streams.entry(stream).or_insert((step, event.index, index));
            if latest.0 < step {
                *latest = (step, event.index, index);
            }
        }
        let Some((_, came, later)) = later else { return };
        let (Some(next), Some(other)) = (book.publications.get(later), self.messages.get(later)) else { return };
        // A message of QoS 2 may be passed on at its PUBREL.
        let in_order = match (released, other.released) {
            (Some(this), Some(that)) => this < that,
            (None, Some(_)) => false,
            (_, None) => true,
        };
        if !in_order {
            return;
        }
        let known = &self.lives[life];
        let message = format!(
            "`{}` gets {} (event {}), published in event {}, after {:?} (event {came}), which the same client published \
             on the same topic and at the same QoS later, in event {}",
            known.name,
            super::owing::described(publication),
            event.index,
            publication.event,
            next.preview,
            next.event
        );
        let events = [publication.event, next.event, came, event.index];
        report.breach(rules::ORDERED, known.version, event.connection, events, message);
    }

    /// Repetitions on a new connection come in the order of the first sendings.
    pub(super) fn check_repeat_order(
        &mut self,
        book: &State,
        event: &Event<'_>,
        life: usize,
        id: u16,
        report: &mut Report,
    ) {
        let known = &self.lives[life];
        let Some(flight) = known.flights.get(&id).filter(|flight| !flight.shared) else { return };
        let Some(publication) = flight.publication.and_then(|index| book.publications.get(index)) else { return };
        let stream = Stream {
            publisher: publication.connection,
            topic: flight.topic.clone(),
            published: publication.qos,
            delivered: flight.qos,
        };
        let this = (flight.first.0, flight.first.1, flight.origin);
        let link = self.links.entry(event.connection).or_default();
        let earlier = link.repeats.get(&stream).copied();
        if link.repeats.len() < MAX_STREAMS || link.repeats.contains_key(&stream) {
            link.repeats.insert(stream, this);
        }
        let Some((first, came, origin)) = earlier else { return };
        if origin != this.2 || first <= this.0 {
            return;
        }
        let message = format!(
            "`{}` first got {} in event {}, before the message of event {came} of the same client, topic and QoS; both \
             are sent again, in the other order (event {})",
            known.name, flight.what, this.1, event.index
        );
        report.breach(rules::ORDERED, known.version, event.connection, [this.1, came, event.index], message);
    }

    /// Before 5.0, PUBRELs come in the order of our PUBRECs.
    pub(super) fn check_pubrel_order(&mut self, event: &Event<'_>, packet_id: u16, report: &mut Report) {
        let Some(life) = self.life_on(event.connection) else { return };
        let known = &self.lives[life];
        let Some(link) = self.links.get_mut(&event.connection) else { return };
        let Some(at) = link.recorded.iter().position(|(id, _)| *id == packet_id) else { return };
        let recorded = link.recorded.remove(at).map_or(0, |(_, event)| event);
        let Some(&(first, earlier)) = link.recorded.front().filter(|_| at > 0) else { return };
        let unclear = known.flights.get(&first).is_none_or(|flight| flight.unsubscribed.is_some());
        if known.version == ProtocolVersion::V5_0 || !known.trusted || unclear {
            return;
        }
        let message = format!(
            "`{}` sent PUBREC for packet identifier {first} in event {earlier} and for {packet_id} in event {recorded}; \
             the PUBREL for {packet_id} comes first (event {})",
            known.name, event.index
        );
        let events = [earlier, recorded, event.index];
        report.breach(rules::PUBRELS_ORDERED, known.version, event.connection, events, message);
    }
}
