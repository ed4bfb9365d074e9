//! Which sentence a missing message breaks: the more special one where the history shows a reason.

use mqttspec_codec::{ProtocolVersion, QoS, topic};

use super::super::publications::Source;
use super::super::rule::Rule;
use super::super::state::State;
use super::life::{Due, Life};
use super::subscription::Subscription;
use super::{Deliveries, rules};

/// Why something may be missing.
pub(super) struct Cause {
    /// The broken sentence.
    pub(super) rule: Rule,
    /// More for people, beginning with a separator; empty when there is no more to say.
    pub(super) why: String,
    /// Events that show it.
    pub(super) events: Vec<usize>,
}

impl Cause {
    fn new(rule: Rule, why: impl Into<String>, events: impl IntoIterator<Item = usize>) -> Self {
        Self { rule, why: why.into(), events: events.into_iter().collect() }
    }
}

impl Deliveries {
    /// Why the publication with this index has not come to a session on its connection.
    pub(super) fn cause(&self, book: &State, life: usize, connection: usize, index: usize, owed: &Due) -> Cause {
        let plain = Cause::new(rules::OWED, "", []);
        let (Some(publication), Some(message)) = (book.publications.get(index), self.messages.get(index)) else {
            return plain;
        };
        if publication.source == Source::Will {
            let Some(event) = publication.testament.and_then(|testament| testament.flagged) else {
                return Cause::new(rules::WILL_PUBLISHED, "", []);
            };
            let why = format!(
                "; the DISCONNECT of event {event} has reserved flags that are set, and deletes no will if the Server \
                 finds them"
            );
            return Cause::new(rules::WILL_AFTER_FLAGS, why, [event]);
        }
        let known = &self.lives[life];
        let held: Vec<&Subscription> = owed.filters.iter().map(|at| &known.subscriptions[*at]).collect();
        if let Some(cause) = removed_by_another(known, &held).or_else(|| replaced(&held, message.step)) {
            return cause;
        }
        let own = publication.client == Some(known.client);
        if own && held.iter().all(|held| held.formerly(|grant| grant.no_local).is_some()) {
            return Cause::new(rules::REPLACES, "; an earlier subscription to the same filter had No Local", []);
        }
        if owed.offline {
            return Cause::new(rules::OWED_OFFLINE, ", though the session outlived its connection", []);
        }
        self.cause_on_connection(known, connection, publication.at)
            .or_else(|| resumed(known, &held))
            .or_else(|| not_the_first(&held))
            .or_else(|| {
                let reused = message.identifier_reused || !publication.repeats.is_empty();
                match publication.qos {
                    _ if message.seen => None,
                    _ if publication.retain && publication.payload_len == 0 => Some(Cause::new(
                        rules::EMPTY_RETAINED,
                        ", to this client or any other; it is retained and empty",
                        [],
                    )),
                    QoS::AtLeastOnce if reused => {
                        let why = ", to this client or any other; its packet identifier was used before";
                        Some(Cause::new(rules::QOS1_IDENTIFIER_FREE, why, publication.repeats.clone()))
                    }
                    QoS::ExactlyOnce if message.identifier_reused => {
                        let why = ", to this client or any other; its packet identifier was used before";
                        Some(Cause::new(rules::QOS2_IDENTIFIER_FREE, why, []))
                    }
                    _ => None,
                }
            })
            .unwrap_or(plain)
    }

    /// What the connection shows.
    fn cause_on_connection(&self, life: &Life, connection: usize, published: crate::Time) -> Option<Cause> {
        let link = self.links.get(&connection)?;
        if let Some((step, event)) = link.oversize
            && link.served.is_none_or(|served| served < step)
        {
            let why = format!("; nothing has, since the PUBLISH of event {event} that was too large for the client");
            return Some(Cause::new(rules::TOO_LARGE_SKIPPED, why, [event]));
        }
        if let Some(maximum) = link.receive_maximum {
            if link.refused >= maximum {
                let why =
                    format!("; the client refused {} messages, and its Receive Maximum is {maximum}", link.refused);
                return Some(Cause::new(rules::REFUSAL_ENDS_DELIVERY, why, []));
            }
            if maximum == 1 && !link.carried {
                let why = "; nothing above QoS 0 has, and the Receive Maximum is 1";
                return Some(Cause::new(rules::QUOTA_NOT_ZERO, why, []));
            }
        }
        let connected = published.since(link.connected_at).as_secs();
        let outlived = match life.version {
            ProtocolVersion::V5_0 => life.expiry != u32::MAX && connected >= u64::from(life.expiry.max(1)),
            _ => connected >= 1 && link.served.is_some(),
        };
        let why = "; it was published after the connection had lasted for as long as the session would outlive it";
        outlived.then(|| Cause::new(rules::LIVE_SESSION_KEPT, why, [link.connect.1]))
    }
}

/// An UNSUBSCRIBE named another filter, which as a filter matches the text of this one.
fn removed_by_another(life: &Life, held: &[&Subscription]) -> Option<Cause> {
    let mut events = Vec::new();
    for subscription in held {
        let since = subscription.since?;
        let named = |(text, step, _): &&(String, u64, usize)| {
            *step > since && *text != subscription.text && topic::matches(text, &subscription.text)
        };
        events.push(life.unsubscribes.iter().find(named)?.2);
    }
    let why = "; an UNSUBSCRIBE since then named another filter";
    Some(Cause::new(rules::UNSUBSCRIBE_EXACT, why, events))
}

/// The subscription was replaced while the message waited.
fn replaced(held: &[&Subscription], published: u64) -> Option<Cause> {
    let (_, event) = held.iter().find_map(|held| held.replaced.filter(|(step, _)| *step > published))?;
    let why = format!("; the SUBSCRIBE of event {event} replaced the subscription meanwhile");
    Some(Cause::new(rules::REPLACED_WITHOUT_LOSS, why, [event]))
}

/// The session was taken up again, and none of its former subscriptions has brought anything since.
fn resumed(life: &Life, held: &[&Subscription]) -> Option<Cause> {
    let (step, event) = life.resumed?;
    let silent = |held: &&Subscription| {
        held.since.is_some_and(|since| since < step) && held.served.is_none_or(|served| served < step)
    };
    let why = format!("; nothing has by this subscription since the session was resumed in event {event}");
    held.iter().all(silent).then(|| Cause::new(rules::RESUMED, why, [event]))
}

/// Every filter was one of the later ones of its SUBSCRIBE, and has brought nothing.
fn not_the_first(held: &[&Subscription]) -> Option<Cause> {
    let unserved = held.iter().all(|held| held.place > 0 && held.served.is_none());
    let why = "; nothing has by this filter, which was not the first of its SUBSCRIBE";
    unserved.then(|| Cause::new(rules::EVERY_FILTER, why, held.iter().map(|held| held.asked_in)))
}
