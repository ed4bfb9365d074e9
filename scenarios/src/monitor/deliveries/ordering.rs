//! Order: messages of one client, topic and QoS, and repetitions (4.6).

use mqttspec_codec::PublishBuf;

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
}
