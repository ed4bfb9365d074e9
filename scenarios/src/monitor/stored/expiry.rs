//! Message Expiry Interval: what has expired is not delivered, and what is delivered says how long it has left (3.3.2.3.3).

use std::collections::BTreeMap;
use std::time::Duration;

use mqttspec_codec::{PacketBuf, PropertyId, PropertyList, ProtocolVersion, PublishBuf};

use super::super::event::{Event, What};
use super::super::publications::Publication;
use super::super::report::Report;
use super::super::state::State;
use super::clock::Clock;
use super::rules;
use crate::Time;

/// Servers count whole seconds, and may look at their clock once a second only.
const LATE: Duration = Duration::from_secs(2);
/// How far the interval that is sent may be off, for the same reason.
const INEXACT: Duration = Duration::from_millis(1_500);

/// When the Server certainly had each message with an interval.
#[derive(Debug, Default)]
pub(super) struct Expiry {
    taken: BTreeMap<usize, Time>,
    /// Wills with an interval that are not published for sure.
    wills: Vec<usize>,
    /// QoS 0 messages with an interval: connection, PINGREQs before, publication.
    unfenced: Vec<(usize, u64, usize)>,
    seen: usize,
}

impl Expiry {
    /// Something happened, the book knows it.
    pub(super) fn event(&mut self, book: &State, event: &Event<'_>) {
        while let Some(publication) = book.publications.get(self.seen) {
            if interval(publication).is_some() {
                self.note(book, publication, self.seen);
            }
            self.seen += 1;
        }
        match event.what {
            What::Received(PacketBuf::PubAck(ack) | PacketBuf::PubComp(ack), _) => {
                let client = book.connections.get(&event.connection).and_then(|connection| connection.client);
                let exchange = client.and_then(|client| book.clients[client].exchanges.get(&ack.packet_id));
                let index = exchange.and_then(|exchange| exchange.publication);
                let known = index.and_then(|index| Some((index, book.publications.get(index)?)));
                if let Some((index, publication)) = known
                    && publication.accepted.is_some()
                    && interval(publication).is_some()
                {
                    self.taken.entry(index).or_insert(event.at);
                }
            }
            What::Received(PacketBuf::PingResp, _) => {
                let pongs = book.connections.get(&event.connection).map_or(0, |connection| connection.pongs);
                let fenced = |entry: &(usize, u64, usize)| entry.0 == event.connection && pongs > entry.1;
                for (_, _, index) in self.unfenced.extract_if(.., |entry| fenced(entry)) {
                    self.taken.entry(index).or_insert(event.at);
                }
            }
            _ => {}
        }
        for index in std::mem::take(&mut self.wills) {
            match book.publications.get(index) {
                Some(publication) if publication.accepted.is_none() => self.wills.push(index),
                _ => drop(self.taken.entry(index).or_insert(event.at)),
            }
        }
    }

    fn note(&mut self, book: &State, publication: &Publication, index: usize) {
        use super::super::publications::Source;
        if publication.source == Source::Will {
            self.wills.push(index);
        } else if publication.qos == mqttspec_codec::QoS::AtMostOnce {
            let pings = book.connections.get(&publication.connection).map_or(0, |connection| connection.pings);
            self.unfenced.push((publication.connection, pings, index));
        }
    }

    /// Judges a PUBLISH by when its candidates were published.
    pub(super) fn check(
        &self,
        book: &State,
        candidates: &[(usize, &Publication)],
        clock: &Clock,
        event: &Event<'_>,
        publish: &PublishBuf,
        report: &mut Report,
    ) {
        let Some(connection) = book.connections.get(&event.connection) else { return };
        let Some(&(index, publication)) = candidates.last() else { return };
        let intervals = candidates.iter().all(|(_, publication)| interval(publication).is_some());
        if !intervals || connection.tainted.is_some() {
            return;
        }
        // The Server sent this no earlier than that.
        let sent = clock.answered(event.connection).map_or(Time::ZERO, |answered| answered.at);
        let waited = |index: &usize| self.taken.get(index).map_or(Duration::ZERO, |taken| sent.since(*taken));
        let version = connection.version;
        let about = format!(
            "{:?} of {:?} was published with Message Expiry Interval {} (the {})",
            publication.preview,
            publication.topic,
            interval(publication).unwrap_or_default().as_secs(),
            publication.origin()
        );
        let asked = clock.answered(event.connection).map(|answered| answered.event);
        let events: Vec<usize> =
            publication.origins().chain(publication.taken_in()).chain(asked).chain([event.index]).collect();
        let over = |(index, publication): &(usize, &Publication)| {
            interval(publication).is_some_and(|interval| waited(index) > interval + LATE)
        };
        // What was begun before may be sent again.
        if !publish.dup && candidates.iter().all(over) {
            let message = format!(
                "{about} and came in event {}, at least {} ms after the Server had it",
                event.index,
                waited(&index).as_millis()
            );
            return report.breach(rules::EXPIRED, version, connection.index, events, message);
        }
        let Some(left) = publish.properties.integer(PropertyId::MessageExpiryInterval) else { return };
        if version != ProtocolVersion::V5_0 {
            return;
        }
        let left = Duration::from_secs(left.into());
        let right = |(index, publication): &(usize, &Publication)| {
            let Some(interval) = interval(publication) else { return true };
            // What is sent again may say what it said before.
            let waited = if publish.dup { Duration::ZERO } else { waited(index) };
            let most = interval.saturating_sub(waited) + INEXACT;
            let least = interval.saturating_sub(event.at.since(publication.at) + INEXACT);
            left <= interval && left <= most && least <= left
        };
        if !candidates.iter().any(right) {
            let message = format!(
                "{about} and came in event {} with {}, between {} and {} ms after the Server had it",
                event.index,
                left.as_secs(),
                waited(&index).as_millis(),
                event.at.since(publication.at).as_millis(),
            );
            report.breach(rules::EXPIRY_REDUCED, version, connection.index, events, message);
        }
    }
}

/// The Message Expiry Interval of a publication.
fn interval(publication: &Publication) -> Option<Duration> {
    let seconds = publication.properties.integer(PropertyId::MessageExpiryInterval)?;
    Some(Duration::from_secs(seconds.into()))
}
