//! RETAIN of the target's deliveries (3.3.1.3, 3.8.3.1).

use mqttspec_codec::{ProtocolVersion, PublishBuf, RetainHandling};

use super::super::connection::{Connection, Suspect};
use super::super::published::{Digest, Publication};
use super::super::report::Report;
use super::super::rule::{self, Rule};
use super::super::session::{Filter, Record, Session};
use super::Seen;

/// Every SUBSCRIBE of the session that the delivery can have come by.
struct Ways<'a> {
    matching: Vec<&'a Filter>,
}

/// Checks RETAIN of a PUBLISH that some subscription matches. What is wrong only if nothing lawful follows is returned,
/// to be decided by [`settle`].
pub(super) fn check(seen: &mut Seen<'_>, session: &Session, publish: &PublishBuf, topic: &str) -> Option<Suspect> {
    let ways = Ways { matching: session.matching(topic).collect() };
    let digest = Digest::of(topic, &publish.payload);
    let publication = seen.state.published.get(digest).cloned();
    if !publish.retain {
        check_cleared(seen, &ways, publication.as_ref(), topic);
        return None;
    }
    // An empty retained message never comes from the store: forwarded, it is judged like any other below; but many
    // empty messages look alike.
    if publish.payload.is_empty() {
        return None;
    }
    match publication {
        Some(publication) if !publication.any_retain => {
            let (rule, why) = never_retained(&ways, &publication);
            seen.breach_after([publication.first], rule, format!("RETAIN 1 on topic {topic:?}: {why}"));
            None
        }
        Some(publication) if ways.none_as_published() && ways.established_before(publication.first) => {
            if ways.store_reaches() {
                // A server that looks its store up after SUBACK may find what was published meanwhile, and send it
                // beside the ordinary copy with RETAIN 0. Without that copy, this is the ordinary one.
                let seen_plain = seen.connection.unretained.contains_key(&digest);
                let suspect =
                    Suspect { digest, event: seen.event, published: publication.first, topic: topic.to_owned() };
                return (!seen_plain && !publish.dup).then_some(suspect);
            }
            let message = format!("RETAIN 1 on topic {topic:?} to an established subscription");
            seen.breach_after([publication.first], rule::RETAIN_CLEARED, message);
            None
        }
        _ => {
            if ways.none_as_published() && ways.all_decline_retained() {
                let message = format!("RETAIN 1 on topic {topic:?} to a subscription with Retain Handling 2");
                seen.breach_after(ways.asked(), rule::RETAIN_HANDLING_2, message);
            }
            None
        }
    }
}

/// Reports the suspects of a connection on which nothing more is expected.
pub(in super::super) fn settle(connection: &mut Connection, report: &mut Report) {
    for suspect in std::mem::take(&mut connection.suspects) {
        if connection.unretained.contains_key(&suspect.digest) {
            continue;
        }
        let message = format!("RETAIN 1 on topic {:?} to an established subscription", suspect.topic);
        let events = [suspect.published, suspect.event];
        report.breach(rule::RETAIN_CLEARED, connection.version, connection.index, events, message);
    }
}

/// RETAIN 0, though every subscription wants RETAIN as published and it was always published with RETAIN 1.
fn check_cleared(seen: &mut Seen<'_>, ways: &Ways<'_>, publication: Option<&Publication>, topic: &str) {
    let Some(publication) = publication else { return };
    let is_5 = seen.connection.version == ProtocolVersion::V5_0;
    if is_5 && publication.all_retain && ways.records().all(|record| record.options.retain_as_published) {
        let rule = if publication.wills_only { rule::WILL_RETAINED } else { rule::RETAIN_AS_PUBLISHED };
        let message = format!("RETAIN 0 on topic {topic:?}, which was published with RETAIN 1");
        seen.breach_after([publication.first], rule, message);
    }
}

/// What is wrong with RETAIN 1 on a message that was never published with it.
fn never_retained(ways: &Ways<'_>, publication: &Publication) -> (Rule, &'static str) {
    if publication.wills_only {
        (rule::WILL_NOT_RETAINED, "it is a will without Will Retain")
    } else if !ways.established_before(publication.first) {
        (rule::RETAIN_NOT_STORED, "it was published with RETAIN 0")
    } else if ways.none_as_published() {
        (rule::RETAIN_CLEARED, "it was published with RETAIN 0, to an established subscription")
    } else {
        (rule::RETAIN_AS_PUBLISHED, "it was published with RETAIN 0")
    }
}

impl<'a> Ways<'a> {
    fn records(&self) -> impl Iterator<Item = &'a Record> {
        self.matching.iter().flat_map(|filter| filter.live_records())
    }

    fn asked(&self) -> Vec<usize> {
        self.records().map(|record| record.asked).collect()
    }

    /// No subscription has Retain As Published.
    fn none_as_published(&self) -> bool {
        self.records().all(|record| !record.options.retain_as_published)
    }

    /// Every SUBACK had come before `event`: what was published then is no answer to a SUBSCRIBE.
    fn established_before(&self, event: usize) -> bool {
        self.records().all(|record| record.answer.is_some_and(|(suback, _)| suback < event))
    }

    /// Some subscription may bring messages from the store: it is not shared, and its Retain Handling is not 2.
    fn store_reaches(&self) -> bool {
        let not_shared = self.matching.iter().filter(|filter| !filter.shared);
        not_shared
            .flat_map(|filter| filter.live_records())
            .any(|record| record.options.retain_handling != RetainHandling::DoNotSend)
    }

    /// Every subscription has Retain Handling 2.
    fn all_decline_retained(&self) -> bool {
        self.matching.iter().all(|filter| !filter.shared)
            && self.records().all(|record| record.options.retain_handling == RetainHandling::DoNotSend)
    }
}
