//! Who is owed a message that the Server has taken, and what of it has not come (4.5).

use mqttspec_codec::QoS;

use super::super::owed::Owed;
use super::super::publications::Publication;
use super::super::report::Report;
use super::super::state::State;
use super::life::{Due, Life, Lowered, MAX_OWED};
use super::message::{GROWTH, may_have_expired};
use super::subscription::Subscription;
use super::terms::overlap_of;
use super::{Deliveries, rules};

impl Deliveries {
    /// The Server has certainly taken this publication, in this event, and passes it on.
    pub(super) fn note_taken(&mut self, book: &State, index: usize, accepted: usize) {
        let step = self.step;
        let Some(publication) = book.publications.get(index) else { return };
        let alone = self.messages.of(publication.digest).len() == 1;
        let Some(message) = self.messages.get_mut(index) else { return };
        if message.taken.is_some() {
            return;
        }
        message.taken = Some(step);
        // Topics that begin with `$` are the Server's to use (4.7.2).
        if publication.doubtful || publication.refused.is_some() || publication.topic.starts_with('$') {
            return;
        }
        let published = message.step;

        let (size, least) = (message.size, publication.topic.len() + publication.payload_len + 5);
        let present: Vec<usize> = self.current.values().copied().collect();
        for life in present {
            let known = &mut self.lives[life];
            let Some(owed) = owed_to(known, publication, published, accepted) else { continue };
            let mut fits = true;
            for connection in known.connections.iter().rev() {
                let Some(link) = self.links.get_mut(connection) else { continue };
                if link.ended.is_some_and(|ended| ended < published) {
                    break;
                }
                let Some(maximum) = link.maximum_size.filter(|maximum| size > *maximum) else { continue };
                fits = false;
                if least > maximum {
                    link.oversize.get_or_insert((step, publication.event));
                }
            }
            if !fits {
                continue;
            }
            if alone && let Some(overlap) = overlap_of(known, publication, published) {
                known.overlaps.insert(index, overlap);
            }
            let tally = known.tallies.entry(publication.digest).or_default();
            if tally.copies > tally.claimed {
                tally.claimed += 1;
                if tally.qos < owed.due && alone {
                    let overlap = owed.filters.len() > 1;
                    known.lowered.insert(index, Lowered { due: owed.due, event: tally.events.1, overlap });
                }
            } else if known.owed.len() < MAX_OWED {
                known.owed.insert(index, owed);
            }
        }
        self.note_taken_for_groups(book, index, accepted);
    }

    /// What was owed while this connection lasted, and may be too large for it, the Server may have dropped.
    pub(super) fn waive_oversize(&mut self, life: usize, connection: usize) {
        let Some(maximum) = self.links.get(&connection).and_then(|link| link.maximum_size) else { return };
        let messages = &self.messages;
        let fits = |index: &usize| messages.get(*index).is_some_and(|message| message.size <= maximum);
        let known = &mut self.lives[life];
        known.owed.retain(|index, _| fits(index));
        // A copy at the QoS that is due may have followed the one at a lower QoS.
        known.lowered.retain(|index, _| fits(index));
        for flight in known.flights.values_mut() {
            // A repetition may have other properties.
            let may_not_fit = flight.len + GROWTH > maximum && flight.connection != connection;
            flight.waived |= may_not_fit && !flight.was_released();
        }
    }

    /// Finds what has not come to a session.
    pub(super) fn settle_life(&mut self, book: &State, report: &mut Report, life: usize) {
        self.settle_abandoned(report, life);
        let Some(connection) = self.due_on(book, life) else { return };
        self.waive_oversize(life, connection);
        let known = &mut self.lives[life];
        let now = book.now;
        let lasts = |index: &usize| {
            book.publications.get(*index).is_some_and(|publication| !may_have_expired(publication, now))
        };
        known.owed.retain(|index, _| lasts(index));
        known.lowered.retain(|index, _| lasts(index));
        for (index, lowered) in std::mem::take(&mut self.lives[life].lowered) {
            self.report_lowered(book, report, life, connection, index, lowered);
        }
        if self.given_until(book, life, connection).is_some() {
            let waited = self.links.get(&connection).map_or(0, |link| now.since(link.connected_at).as_secs());
            let how = format!("not yet {waited} s after it was resumed");
            return report.observe("what was under way is sent again on a session that is resumed", &how);
        }
        self.settle_redelivery(book, report, life, connection);
        for (index, owed) in std::mem::take(&mut self.lives[life].owed) {
            self.report_missing(book, report, life, connection, index, &owed);
        }
        for (index, (ways, identifiers)) in std::mem::take(&mut self.lives[life].overlaps) {
            self.check_overlap(book, report, (life, connection), index, ways, &identifiers);
        }
    }

    /// What is due to a session and may still come.
    pub(super) fn owed_to(&self, book: &State, life: usize) -> Owed {
        let known = &self.lives[life];
        if known.owed.is_empty() && known.lowered.is_empty() && known.flights.is_empty() {
            return Owed::Nothing;
        }
        let Some(connection) = self.due_on(book, life) else { return Owed::Nothing };
        let maximum = self.links.get(&connection).and_then(|link| link.maximum_size).unwrap_or(usize::MAX);
        let fits = |index: &usize| self.messages.get(*index).is_some_and(|message| message.size <= maximum);
        let lasts = |index: &usize| {
            book.publications.get(*index).is_some_and(|publication| !may_have_expired(publication, book.now))
        };
        let is_owed = known.owed.keys().any(|index| fits(index) && lasts(index))
            || !known.lowered.is_empty()
            || known.flights.values().any(|flight| self.is_to_be_repeated(known, flight, connection));
        match self.given_until(book, life, connection) {
            Some(until) if is_owed => Owed::Eventually(until),
            _ => Owed::soon_if(is_owed),
        }
    }

    fn report_missing(
        &self,
        book: &State,
        report: &mut Report,
        life: usize,
        connection: usize,
        index: usize,
        owed: &Due,
    ) {
        let Some(publication) = book.publications.get(index) else { return };
        let known = &self.lives[life];
        let cause = self.cause(book, life, connection, index, owed);
        let subscribed: Vec<usize> = owed.filters.iter().map(|at| known.subscriptions[*at].granted_in).collect();
        let filters: Vec<&str> = owed.filters.iter().map(|at| known.subscriptions[*at].text.as_str()).collect();
        let taken_in = publication.taken_in().map(|_| owed.accepted);
        let taken = taken_in.map_or(String::new(), |event| format!(", taken in event {event}"));
        let message = format!(
            "`{}` is owed {} at QoS {} because of its subscription to {} ({}) and the {}{taken}; it has not come{}",
            known.name,
            described(publication),
            owed.due,
            filters.iter().map(|filter| format!("{filter:?}")).collect::<Vec<_>>().join(", "),
            events(&subscribed),
            publication.origin(),
            cause.why,
        );
        let shown = subscribed.into_iter().chain(cause.events).chain(publication.origins()).chain(taken_in);
        report.breach(cause.rule, known.version, connection, shown, message);
    }

    fn report_lowered(
        &self,
        book: &State,
        report: &mut Report,
        life: usize,
        connection: usize,
        index: usize,
        lowered: Lowered,
    ) {
        let Some(publication) = book.publications.get(index) else { return };
        let known = &self.lives[life];
        let formerly = |(_, held): (usize, &Subscription)| held.formerly(|grant| grant.qos < lowered.due).is_some();
        let rule = match lowered.overlap {
            true => rules::OVERLAP_QOS,
            false if known.matching(&publication.topic).any(formerly) => rules::REPLACES,
            false => rules::QOS_OF_DELIVERY,
        };
        let message = format!(
            "`{}` is owed {} at QoS {}: it was published at QoS {} (the {}), and as much was granted; it came at a \
             lower QoS in event {}",
            known.name,
            described(publication),
            lowered.due,
            publication.qos,
            publication.origin(),
            lowered.event,
        );
        let events = publication.origins().chain([lowered.event]);
        report.breach(rule, known.version, connection, events, message);
    }
}

/// Whether a publication is certainly owed to a session, and by which of its subscriptions.
fn owed_to(life: &Life, publication: &Publication, published: u64, accepted: usize) -> Option<Due> {
    if !life.trusted || life.over {
        return None;
    }
    let own = publication.client == Some(life.client);
    let mut due = QoS::AtMostOnce;
    let mut filters = Vec::new();
    for (at, subscription) in life.matching(&publication.topic).filter(|(_, held)| !held.shared) {
        let Some(terms) = subscription.terms(published) else { continue };
        if !(own && terms.no_local) {
            due = due.max(terms.qos.min(publication.qos));
            filters.push(at);
        }
    }
    let offline = life.connection.is_none();
    (due > QoS::AtMostOnce).then_some(Due { due, filters, accepted, offline })
}

/// A message for people: its payload, and its topic.
pub(super) fn described(publication: &Publication) -> String {
    format!("{:?} on {:?}", publication.preview, publication.topic)
}

/// Several events for people.
pub(super) fn events(events: &[usize]) -> String {
    events.iter().map(|event| format!("event {event}")).collect::<Vec<_>>().join(", ")
}
