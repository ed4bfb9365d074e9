//! Shared Subscriptions: every message goes to one member of the group (4.8.2).

use std::collections::{BTreeMap, BTreeSet};

use mqttspec_codec::{PublishBuf, QoS};

use super::super::event::Event;
use super::super::owed::Owed;
use super::super::published::Digest;
use super::super::report::Report;
use super::super::session::Session;
use super::super::state::State;
use super::message::may_have_expired;
use super::subscription::Subscription;
use super::{Deliveries, rules};

/// Messages owed to groups that are remembered at most.
const MAX_OWED: usize = 1024;
/// Copies of one message to one group that are remembered at most.
const MAX_COPIES: usize = 16;
/// Messages to groups that are remembered at most.
const MAX_MESSAGES: usize = 4096;

/// All groups of the run, by the whole filter.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// Every session that ever asked to be a member.
    members: BTreeMap<String, BTreeSet<usize>>,
    owed: Vec<GroupOwed>,
    copies: BTreeMap<(String, Digest), Vec<Copy>>,
    /// Messages of which more than one copy came.
    several: BTreeSet<(String, Digest)>,
}

/// A message owed to one member of a group.
#[derive(Debug)]
struct GroupOwed {
    filter: String,
    publication: usize,
    digest: Digest,
    accepted: usize,
    /// Members, each with its connection.
    members: Vec<(usize, usize)>,
}

/// A message that came to a member by nothing but the group.
#[derive(Debug)]
struct Copy {
    life: usize,
    packet_id: Option<u16>,
    qos: QoS,
    step: u64,
    event: usize,
    connection: usize,
}

impl Groups {
    /// A session asks to be a member.
    pub(super) fn join(&mut self, filter: &str, life: usize) {
        self.members.entry(filter.to_owned()).or_default().insert(life);
    }
}

impl Deliveries {
    /// The Server has taken a publication: the groups to which it is owed are those of which every member is certainly
    /// subscribed and connected.
    pub(super) fn note_taken_for_groups(&mut self, book: &State, index: usize, accepted: usize) {
        let (Some(publication), Some(message)) = (book.publications.get(index), self.messages.get(index)) else {
            return;
        };
        if self.groups.members.is_empty() || self.groups.owed.len() >= MAX_OWED || book.partial {
            return;
        }
        let mut owed = Vec::new();
        for (filter, lives) in &self.groups.members {
            let pattern = mqttspec_codec::topic::parse_shared(filter).map_or("", |shared| shared.filter);
            if !mqttspec_codec::topic::matches(pattern, &publication.topic) {
                continue;
            }
            let mut members = Vec::new();
            let mut clear = true;
            for life in lives {
                let known = &self.lives[*life];
                let held = known.subscriptions.iter().find(|held| held.text == *filter);
                // It may have come to a member whose UNSUBSCRIBE was under way.
                let left_later = |held: &Subscription| held.gone.is_some_and(|gone| gone > message.step);
                let Some(held) = held.filter(|held| held.possible || left_later(held)) else { continue };
                if known.over || !known.trusted {
                    // It is gone for certain once its client has begun another session, and the Server has said so.
                    let present = self.current.get(&known.client).filter(|present| *present != life);
                    clear &= present
                        .map(|present| &self.lives[*present])
                        .is_some_and(|present| present.is_fresh && present.born < message.step);
                    continue;
                }
                let sure =
                    held.terms(message.step).is_some_and(|terms| terms.qos.min(publication.qos) > QoS::AtMostOnce);
                let link = known.connection.and_then(|connection| self.links.get(&connection));
                let here = link.is_some_and(|link| {
                    let fits = link.maximum_size.is_none_or(|maximum| message.size <= maximum);
                    link.alive && link.connect.0 < message.step && fits
                });
                match known.connection {
                    Some(connection) if sure && here => members.push((*life, connection)),
                    _ => clear = false,
                }
            }
            let came = members.iter().any(|(life, _)| self.lives[*life].tallies.contains_key(&publication.digest));
            if clear && !members.is_empty() && !came {
                let (filter, digest) = (filter.clone(), publication.digest);
                owed.push(GroupOwed { filter, publication: index, digest, accepted, members });
            }
        }
        self.groups.owed.extend(owed);
    }

    /// A message came to a member: the group has what it was owed.
    pub(super) fn satisfy_groups(&mut self, life: usize, digest: Digest) {
        self.groups
            .owed
            .retain(|owed| owed.digest != digest || !owed.members.iter().any(|(member, _)| *member == life));
    }

    /// Notes a message that came by nothing but one group.
    pub(super) fn note_group_copy(
        &mut self,
        session: &Session,
        event: &Event<'_>,
        publish: &PublishBuf,
        (life, topic, digest): (usize, &str, Digest),
    ) {
        let mut ways = session.matching(topic);
        let Some(filter) = ways.next().filter(|filter| filter.shared) else { return };
        if ways.next().is_some() || publish.retain {
            return;
        }
        let key = (filter.text.clone(), digest);
        if self.groups.copies.len() >= MAX_MESSAGES && !self.groups.copies.contains_key(&key) {
            return;
        }
        let copies = self.groups.copies.entry(key.clone()).or_default();
        if copies.len() >= MAX_COPIES {
            return;
        }
        let (step, connection) = (self.step, event.connection);
        copies.push(Copy {
            life,
            packet_id: publish.packet_id,
            qos: publish.qos,
            step,
            event: event.index,
            connection,
        });
        if copies.len() > 1 {
            self.groups.several.insert(key);
        }
    }

    /// Finds what groups have not got, and what they got too often.
    pub(super) fn settle_groups(&mut self, book: &State, report: &mut Report) {
        let mut owed = std::mem::take(&mut self.groups.owed);
        owed.retain(|owed| self.can_be_waited_for(book, owed));
        for owed in owed {
            let Some(publication) = book.publications.get(owed.publication) else { continue };
            let Some((life, connection)) = owed.members.first().copied() else { continue };
            if owed.members.iter().any(|(life, _)| self.due_on(book, *life).is_none()) {
                // One of them withholds an acknowledgement: it may be in line there.
                self.groups.owed.push(owed);
                continue;
            }
            if owed.members.iter().any(|(life, connection)| self.given_until(book, *life, *connection).is_some()) {
                self.groups.owed.push(owed);
                continue;
            }
            let names: Vec<String> =
                owed.members.iter().map(|(life, _)| format!("`{}`", self.lives[*life].name)).collect();
            let message = format!(
                "one of the group {:?} ({}) is owed {} because of the {}{}; it has come to none",
                owed.filter,
                names.join(", "),
                super::owing::described(publication),
                publication.origin(),
                publication.taken_in().map_or(String::new(), |_| format!(", taken in event {}", owed.accepted)),
            );
            let events = publication.origins().chain(publication.taken_in().map(|_| owed.accepted));
            report.breach(rules::SHARED_TO_ONE, self.lives[life].version, connection, events, message);
        }
        for key in std::mem::take(&mut self.groups.several) {
            self.settle_several(book, report, key);
        }
    }

    /// What is due to groups and may still come.
    pub(super) fn owed_to_groups(&self, book: &State) -> Owed {
        let due = |owed: &&GroupOwed| {
            self.can_be_waited_for(book, owed)
                && owed.members.iter().all(|(life, _)| self.due_on(book, *life).is_some())
        };
        let given = |owed: &GroupOwed| {
            let members = owed.members.iter();
            let until = members.filter_map(|(life, connection)| self.given_until(book, *life, *connection)).max();
            until.map_or(Owed::Soon, Owed::Eventually)
        };
        self.groups.owed.iter().filter(due).map(given).max().unwrap_or_default()
    }

    /// Whether every member is still where it was.
    fn can_be_waited_for(&self, book: &State, owed: &GroupOwed) -> bool {
        let lasts = book.publications.get(owed.publication).is_some_and(|p| !may_have_expired(p, book.now));
        lasts
            && owed.members.iter().all(|(life, connection)| {
                let known = &self.lives[*life];
                let held = known.subscriptions.iter().find(|held| held.text == owed.filter);
                known.connection == Some(*connection)
                    && known.trusted
                    && !known.over
                    && held.is_some_and(|held| held.since.is_some())
                    && self.links.get(connection).is_some_and(|link| link.alive)
            })
    }

    fn settle_several(&mut self, book: &State, report: &mut Report, key: (String, Digest)) {
        let Some(copies) = self.groups.copies.get(&key) else { return };
        let known = book.published.get(key.1).is_some_and(|published| !published.any_will);
        if !known || book.publications.is_incomplete() {
            return;
        }
        let of = self.messages.of(key.1);
        let allowed: usize =
            of.iter().filter_map(|at| self.messages.get(*at)).map(|message| 1 + message.extra as usize).sum();
        let counted: Vec<&Copy> = copies.iter().filter(|copy| self.counts(copy)).collect();
        let Some(last) = counted.last().filter(|_| counted.len() > allowed) else { return };
        let others = || counted.iter().filter(|copy| copy.event != last.event);
        let refused = others().any(|copy| self.how_it_ended(copy) == Some(true));
        let lost = others().any(|copy| {
            copy.qos == QoS::ExactlyOnce && self.lives[copy.life].over && self.how_it_ended(copy).is_none()
        });
        let (rule, why) = match (refused, lost) {
            (true, _) => (rules::SHARED_REFUSED, "; the first had refused it"),
            (_, true) => (rules::SHARED_NOT_REASSIGNED, "; the session of the first ended with it in flight"),
            _ => (rules::SHARED_TO_ONE, ""),
        };
        let came: Vec<usize> = counted.iter().map(|copy| copy.event).collect();
        let published: Vec<usize> = of.iter().filter_map(|at| book.publications.get(*at)).map(|p| p.event).collect();
        let what = of.last().and_then(|index| book.publications.get(*index)).map(super::owing::described);
        let message = format!(
            "{} was published {} and came to members of the group {:?} {} times, in {}{why}",
            what.unwrap_or_default(),
            if allowed == 1 { format!("once (event {})", published[0]) } else { format!("{allowed} times") },
            key.0,
            counted.len(),
            super::owing::events(&came),
        );
        let (version, connection) = (self.lives[last.life].version, last.connection);
        report.breach(rule, version, connection, published.into_iter().chain(came), message);
        self.groups.copies.remove(&key);
    }

    /// Whether a copy certainly was one for good: at QoS 1, the Server may give what was not acknowledged to another.
    fn counts(&self, copy: &Copy) -> bool {
        if copy.qos != QoS::AtLeastOnce {
            return true;
        }
        let flight = copy.packet_id.and_then(|id| self.lives[copy.life].flights.get(&id));
        match flight.filter(|flight| flight.first.0 == copy.step) {
            // Its identifier was used again: the Server knows the acknowledgement.
            None => true,
            Some(flight) => flight.done().is_some_and(|(mark, _)| {
                let link = self.links.get(&mark.connection);
                link.is_some_and(|link| link.alive || link.fence.has_passed(mark.step))
            }),
        }
    }

    /// Whether a delivery was refused (`true`) or taken (`false`); `None` while it is under way.
    fn how_it_ended(&self, copy: &Copy) -> Option<bool> {
        let flight = copy.packet_id.and_then(|id| self.lives[copy.life].flights.get(&id));
        flight.filter(|flight| flight.first.0 == copy.step)?.done().map(|(_, refused)| refused)
    }
}
