//! A delivery of a Will Message: whether that will may have been published at all, and is what its CONNECT said.

use std::collections::BTreeMap;

use mqttspec_codec::{PublishBuf, QoS};

use super::super::event::Event;
use super::super::published::Digest;
use super::super::report::Report;
use super::super::rule::Rule;
use super::super::session::Session;
use super::super::state::State;
use super::rules;
use super::will::{Fate, Will};
use super::wills::Wills;

/// Wills counted at most on all connections.
const MAX_COUNTS: usize = 4096;

/// What has come, by connection and message.
#[derive(Debug, Default)]
pub(super) struct WillReceipts {
    counts: BTreeMap<(usize, Digest), usize>,
}

impl WillReceipts {
    /// A PUBLISH came; it may be a will.
    pub(super) fn check(
        &mut self,
        wills: &mut Wills,
        book: &mut State,
        event: &Event<'_>,
        publish: &PublishBuf,
        report: &mut Report,
    ) {
        let Some(connection) = book.connections.get(&event.connection) else { return };
        let Some(topic) = connection.topic_of(publish).map(str::to_owned) else { return };
        let digest = Digest::of(&topic, &publish.payload);
        if wills.of(digest).next().is_none() {
            return;
        }
        // Known only while everything that was published can be told.
        let is_will = book.published.get(digest).is_some_and(|known| known.wills_only) && !wills.lost_track;
        let judged = is_will && connection.tainted.is_none() && connection.accepted() && !connection.garbled;
        if judged {
            let client = |client: usize| client_name(book, client);
            if let Some(breach) = unlawful(wills, digest, event) {
                let Breach { rule, events, why, will } = breach;
                let message = format!("the will {topic:?} of {} came in event {}, {why}", client(will), event.index);
                report.breach(rule, connection.version, connection.index, events, message);
                wills.concede(book, digest);
                return;
            }
            let session = connection.session.map(|session| &book.sessions[session]);
            if let Some(session) = session.filter(|session| !session.unknown) {
                if !publish.dup && !publish.retain {
                    self.count(wills, book, session, digest, event, &topic, report);
                }
                check_qos(wills, session, digest, event, publish, &topic, connection.version, report);
            }
        }
        wills.seen(digest, event.index);
        if is_will && !publish.retain {
            wills.arrived(book, digest, event.index);
        }
    }

    /// A will comes once for each subscription, and each publication.
    #[expect(clippy::too_many_arguments, reason = "one sentence needs them all")]
    fn count(
        &mut self,
        wills: &Wills,
        book: &State,
        session: &Session,
        digest: Digest,
        event: &Event<'_>,
        topic: &str,
        report: &mut Report,
    ) {
        let key = (event.connection, digest);
        if self.counts.len() >= MAX_COUNTS && !self.counts.contains_key(&key) {
            return;
        }
        let count = self.counts.entry(key).or_default();
        *count += 1;
        let published = wills.of(digest).filter(|will| will.may_have_come(event.at)).count();
        let copies = session.matching(topic).count().max(1);
        if *count <= published * copies {
            return;
        }
        // Its client has lost a connection without a will since.
        let Some((will, later)) = wills.of(digest).find_map(|will| {
            let later = wills.ended_without.get(&will.client)?;
            (will.connect.event < *later).then_some((will, *later))
        }) else {
            return;
        };
        let version = book.connections.get(&event.connection).map_or(book.version, |connection| connection.version);
        let message = format!(
            "the will {topic:?} of {} (event {}) was published before and came again in event {}, after a later \
             connection of that client, without a will, had ended (event {later})",
            client_name(book, will.client),
            will.connect.event,
            event.index,
        );
        let events = [will.connect.event, later, event.index];
        report.breach(rules::WILL_ONCE, version, event.connection, events, message);
    }
}

struct Breach {
    rule: Rule,
    events: Vec<usize>,
    why: String,
    will: usize,
}

/// Why no will of this content can have been published lawfully by now; `None` when one can.
fn unlawful(wills: &Wills, digest: Digest, event: &Event<'_>) -> Option<Breach> {
    if wills.of(digest).any(|will| will.may_have_come(event.at)) {
        return None;
    }
    // The latest says most.
    let will = wills.of(digest).last()?;
    let mut events = vec![will.connect.event];
    events.extend(will.end().map(|(_, event)| event));
    let connect = format!("of its CONNECT (event {})", will.connect.event);
    let (rule, why) = match will.fate {
        Fate::Freed => (rules::WILL_WHEN_DUE, early(will, event)),
        Fate::Cancelled => {
            let (_, back) = will.challenger?;
            events.push(back.event);
            if will.is_early(event.at) {
                (rules::WILL_WHEN_DUE, early(will, event))
            } else {
                let why = format!(
                    "though the client came back to its session (event {}) before the Will Delay Interval {connect} \
                     had passed",
                    back.event
                );
                (rules::WILL_CANCELLED, why)
            }
        }
        Fate::Deleted => {
            let disconnect = will.disconnect?.event;
            events.push(disconnect);
            match wills.ended_without.get(&will.client).filter(|later| **later > disconnect) {
                Some(later) => {
                    events.push(*later);
                    let why = format!(
                        "though DISCONNECT had deleted it (event {disconnect}) and the client's later connection, which \
                         ended in event {later}, had none"
                    );
                    (rules::WILL_ONCE, why)
                }
                None => (rules::WILL_DELETED, format!("though DISCONNECT had deleted it (event {disconnect})")),
            }
        }
        Fate::Held | Fate::Free => return None,
    };
    events.push(event.index);
    Some(Breach { rule, events, why, will: will.client })
}

fn early(will: &Will, event: &Event<'_>) -> String {
    let ended = will.ended.unwrap_or(will.connect);
    let waited = event.at.since(ended.at).as_millis();
    let (how, end) = will.end().unwrap_or(("had ended by", ended.event));
    format!(
        "at most {waited} ms after its connection had ended (it {how} event {end}), though its Will Delay Interval is {} s \
         (event {}) and the session had not ended",
        will.delay, will.connect.event
    )
}

/// A will is published at its Will QoS, so that the lower of that and the granted QoS is due.
#[expect(clippy::too_many_arguments, reason = "one sentence needs them all")]
fn check_qos(
    wills: &Wills,
    session: &Session,
    digest: Digest,
    event: &Event<'_>,
    publish: &PublishBuf,
    topic: &str,
    version: mqttspec_codec::ProtocolVersion,
    report: &mut Report,
) {
    let Some(qos) = wills.of(digest).map(|will| will.qos).min() else { return };
    let records: Vec<_> = session.matching(topic).flat_map(|filter| filter.live_records()).collect();
    let Some(granted) = records.iter().map(|record| granted_at_least(record.answer.is_some(), record.granted())).min()
    else {
        return;
    };
    if publish.qos >= qos.min(granted) {
        return;
    }
    let connects = wills.of(digest).map(|will| will.connect.event);
    let events: Vec<usize> = connects.chain(records.iter().map(|record| record.asked)).chain([event.index]).collect();
    let message = format!(
        "the will {topic:?} came at QoS {}, though its Will QoS is {qos} and no matching subscription was granted less \
         than QoS {granted}",
        publish.qos
    );
    report.breach(rules::WILL_QOS, version, event.connection, events, message);
}

/// Before the SUBACK nothing is granted for sure.
fn granted_at_least(answered: bool, granted: QoS) -> QoS {
    if answered { granted } else { QoS::AtMostOnce }
}

/// The client for people.
fn client_name(book: &State, client: usize) -> String {
    let known = book.client_ids.iter().find(|(_, index)| **index == client);
    known.map_or_else(|| "a client".to_owned(), |(name, _)| format!("`{name}`"))
}
