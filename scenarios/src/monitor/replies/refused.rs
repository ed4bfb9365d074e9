//! What was sent behind a CONNECT that is refused is not processed (3.1.4).

use mqttspec_codec::PacketBuf;

use super::super::event::{Event, What};
use super::super::published::Digest;
use super::super::report::Report;
use super::super::state::State;
use super::super::watch::Watch;
use super::{rules, short, who};

/// Deliveries remembered at most.
const MAX_SUSPECTS: usize = 256;

/// Messages that were delivered though nobody published them but on connections that were not accepted.
#[derive(Debug, Default)]
pub(super) struct Refused {
    suspects: Vec<Suspect>,
}

#[derive(Debug)]
struct Suspect {
    topic: String,
    digest: Digest,
    connection: usize,
    event: usize,
}

impl Watch for Refused {
    fn event(&mut self, book: &mut State, event: &Event<'_>, report: &mut Report) {
        match event.what {
            What::Received(PacketBuf::Publish(publish), _) => {
                let Some(connection) = book.connections.get(&event.connection) else { return };
                let Some(topic) = connection.topic_of(publish).map(str::to_owned) else { return };
                let digest = Digest::of(&topic, &publish.payload);
                if self.suspects.len() >= MAX_SUSPECTS {
                    return;
                }
                self.suspects.push(Suspect { topic, digest, connection: event.connection, event: event.index });
                self.judge(book, report);
            }
            What::Received(PacketBuf::ConnAck(_), _) => self.judge(book, report),
            _ => {}
        }
    }

    fn settle(&mut self, _book: &mut State, _report: &mut Report) {}
}

impl Refused {
    fn judge(&mut self, book: &State, report: &mut Report) {
        self.suspects.retain(|suspect| {
            if accepted_publisher(book, suspect.digest) {
                return false;
            }
            let published: Vec<_> = book.publications.iter().filter(|(_, known)| known.digest == suspect.digest).collect();
            let refusal = |connection: usize| {
                let connack = book.connections.get(&connection)?.connack.as_ref()?;
                (!connack.accepted).then_some(connack.event)
            };
            let refusals: Vec<_> = published.iter().filter_map(|(_, known)| refusal(known.connection)).collect();
            if refusals.len() != published.len() || published.is_empty() {
                return true;
            }
            let (_, first) = published[0];
            let message = format!(
                "{} received \"{}\" on topic \"{}\" (event {}), which was published on connection {} only (event {}), whose \
                 CONNECT was refused (event {})",
                who(book, suspect.connection),
                first.preview,
                short(&suspect.topic),
                suspect.event,
                first.connection,
                first.event,
                refusals[0]
            );
            let version = book.connections.get(&first.connection).map_or(book.version, |refused| refused.version);
            let events = [first.event, refusals[0], suspect.event];
            report.breach(rules::NOTHING_AFTER_REFUSAL, version, suspect.connection, events, message);
            false
        });
    }
}

/// Whether the message may have come from a connection that was accepted, from a will, or from where nobody saw.
fn accepted_publisher(book: &State, digest: Digest) -> bool {
    if book.publications.is_incomplete() || book.published.get(digest).is_none_or(|known| known.any_will) {
        return true;
    }
    let mut known = book.publications.iter().filter(|(_, known)| known.digest == digest);
    known.any(|(_, known)| book.connections.get(&known.connection).is_none_or(|publisher| publisher.accepted()))
}
