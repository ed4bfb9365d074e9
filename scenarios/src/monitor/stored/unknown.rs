//! A delivery that nobody published, but almost: its payload lost its end, or its topic the U+FEFF at its start
//! (1.5.4, 4.5).

use mqttspec_codec::PublishBuf;

use super::super::event::Event;
use super::super::publications::{Publication, preview};
use super::super::published::Digest;
use super::super::report::Report;
use super::super::state::State;
use super::forwarded::Forwarded;
use super::rules;

/// Judges a PUBLISH whose topic and payload nobody published.
pub(super) fn check(
    book: &State,
    forwarded: &Forwarded,
    event: &Event<'_>,
    publish: &PublishBuf,
    topic: &str,
    report: &mut Report,
) {
    let Some(connection) = book.connections.get(&event.connection) else { return };
    let complete = !book.publications.is_incomplete() && !book.published.is_incomplete();
    let own = complete && connection.tainted.is_none() && connection.accepted() && !connection.garbled;
    // A will is known before it is published, and what is retained may be from before the run.
    if !own || publish.retain || publish.payload.is_empty() {
        return;
    }
    let known = |topic: &str| book.published.get(Digest::of(topic, &publish.payload)).is_some();
    if known(topic) {
        return;
    }
    let marked = format!("\u{feff}{topic}");
    let session = connection.session.map(|session| &book.sessions[session]);
    let subscribed = session.is_some_and(|session| !session.unknown && session.matching(&marked).next().is_some());
    if known(&marked) && subscribed {
        let message = format!("topic {marked:?} came as {topic:?}, without U+FEFF, in event {}", event.index);
        return report.breach(rules::BOM_KEPT, connection.version, connection.index, [event.index], message);
    }
    let is_start = |publication: &Publication| {
        let (whole, came) = (&publication.preview, preview(&publish.payload));
        let came = came.strip_suffix('…').unwrap_or(&came);
        publication.payload_len > publish.payload.len() && whole.starts_with(came)
    };
    let published =
        forwarded.on(book, topic).find(|publication| publication.refused.is_none() && is_start(publication));
    if let Some(publication) = published {
        let message = format!(
            "{:?} of {topic:?} ({} bytes) was published in event {}, and {} bytes of it came in event {}",
            publication.preview,
            publication.payload_len,
            publication.event,
            publish.payload.len(),
            event.index
        );
        let events = [publication.event, event.index];
        report.breach(rules::MESSAGE_UNALTERED, connection.version, connection.index, events, message);
    }
}
