//! The terms of a subscription are those of the last SUBSCRIBE: QoS, options and Subscription Identifier (3.8.4, 3.3.4).

use std::collections::BTreeSet;

use mqttspec_codec::{PublishBuf, QoS};

use super::super::event::Event;
use super::super::publications::{Publication, Source};
use super::super::published::Digest;
use super::super::report::Report;
use super::super::session::Session;
use super::super::state::State;
use super::arriving::{identifiers_of, only};
use super::life::Life;
use super::subscription::{Grant, Subscription};
use super::{Deliveries, rules};

impl Deliveries {
    /// A message that only one subscription brings, published after its last SUBACK, comes by the terms of that and not by
    /// earlier ones.
    pub(super) fn check_terms(
        &mut self,
        book: &State,
        session: &Session,
        event: &Event<'_>,
        publish: &PublishBuf,
        (life, topic, digest): (usize, &str, Digest),
        report: &mut Report,
    ) {
        let Some(index) = only(&self.messages, digest).filter(|_| !book.publications.is_incomplete()) else { return };
        let (Some(publication), Some(message)) = (book.publications.get(index), self.messages.get(index)) else {
            return;
        };
        let known = &self.lives[life];
        let mut ways = session.matching(topic);
        let plain = ways.next().is_some_and(|filter| !filter.shared) && ways.next().is_none();
        if !plain || publication.doubtful || publication.source != Source::Publish {
            return;
        }
        let Some((held, terms)) =
            known.matching(topic).find_map(|(_, held)| held.exact(message.step).map(|terms| (held, terms)))
        else {
            return;
        };
        let own = publication.client == Some(known.client);
        let Some((what, ended)) = outdated(held, terms, publication, publish, own) else { return };
        let rule = if ended { rules::UNSUBSCRIBE_EXACT } else { rules::REPLACES };
        let message = format!(
            "{} (event {}) comes to `{}` in event {} by the terms of an earlier subscription to {:?}, not by those of the \
             SUBSCRIBE of event {} that {} it: {what}",
            super::owing::described(publication),
            publication.event,
            known.name,
            event.index,
            held.text,
            held.asked_in,
            if ended { "followed" } else { "replaced" },
        );
        let events = [held.asked_in, publication.event, event.index];
        report.breach(rule, known.version, event.connection, events, message);
    }

    /// All copies of one message together have the identifiers of all its subscriptions.
    pub(super) fn check_overlap(
        &self,
        book: &State,
        report: &mut Report,
        (life, connection): (usize, usize),
        index: usize,
        ways: usize,
        identifiers: &BTreeSet<u32>,
    ) {
        let known = &self.lives[life];
        let Some(publication) = book.publications.get(index) else { return };
        let Some(tally) = known.tallies.get(&publication.digest) else { return };
        let copies = tally.copies as usize;
        if copies == 1 {
            report.observe("overlapping subscriptions", "one copy for all");
        }
        if identifiers.is_subset(&tally.identifiers) || self.messages.of(publication.digest).len() != 1 {
            return;
        }
        let (rule, how) = match copies {
            1 => (rules::ALL_IDENTIFIERS, "it came once"),
            _ if copies == ways => (rules::OWN_IDENTIFIER, "a copy came for each"),
            _ => return,
        };
        let message = format!(
            "{} (event {}) is owed to `{}` because of {ways} subscriptions with the Subscription Identifiers {identifiers:?}; \
             {how} (event {}), with {:?}",
            super::owing::described(publication),
            publication.event,
            known.name,
            tally.events.1,
            tally.identifiers,
        );
        let events = [publication.event, tally.events.0, tally.events.1];
        report.breach(rule, known.version, connection, events, message);
    }
}

/// What of a delivery is right by earlier terms only, and whether an UNSUBSCRIBE had ended those.
fn outdated(
    held: &Subscription,
    terms: Grant,
    publication: &Publication,
    publish: &PublishBuf,
    own: bool,
) -> Option<(String, bool)> {
    let due = terms.qos.min(publication.qos);
    if publish.qos > due
        && let Some(ended) = held.formerly(|grant| grant.qos.min(publication.qos) == publish.qos)
    {
        return Some((format!("QoS {} instead of {due}", publish.qos), ended));
    }
    if own
        && terms.no_local
        && let Some(ended) = held.formerly(|grant| !grant.no_local)
    {
        return Some(("it is the client's own, and No Local is set now".to_owned(), ended));
    }
    if publication.retain
        && terms.retain_as_published
        && !publish.retain
        && let Some(ended) = held.formerly(|grant| !grant.retain_as_published)
    {
        return Some(("RETAIN is 0, and Retain As Published is set now".to_owned(), ended));
    }
    let present: Vec<u32> = identifiers_of(publish).collect();
    let right = terms.identifier.map_or(present.is_empty(), |identifier| present.contains(&identifier));
    let ended = held.formerly(|grant| {
        grant.identifier != terms.identifier && grant.identifier.map_or(present.is_empty(), |id| present.contains(&id))
    });
    match ended {
        Some(ended) if !right => {
            let shown = |identifier: Option<u32>| identifier.map_or("none".to_owned(), |id| id.to_string());
            let came = shown(present.first().copied());
            Some((format!("Subscription Identifier {came} instead of {}", shown(terms.identifier)), ended))
        }
        _ => None,
    }
}

/// The plain subscriptions by which a publication is owed to a session, if there are several and the terms of all are
/// certain: how many, and their identifiers.
pub(super) fn overlap_of(life: &Life, publication: &Publication, published: u64) -> Option<(usize, BTreeSet<u32>)> {
    if publication.retain {
        return None;
    }
    let mut identifiers = BTreeSet::new();
    let mut ways = 0;
    let own = publication.client == Some(life.client);
    for (_, held) in life.matching(&publication.topic).filter(|(_, held)| held.possible) {
        let terms = held.exact(published).filter(|_| !held.shared)?;
        if terms.qos.min(publication.qos) == QoS::AtMostOnce {
            return None;
        }
        if own && terms.no_local {
            continue;
        }
        ways += 1;
        identifiers.extend(terms.identifier);
    }
    (ways > 1 && !identifiers.is_empty()).then_some((ways, identifiers))
}
