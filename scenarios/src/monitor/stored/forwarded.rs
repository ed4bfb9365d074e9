//! The properties of a delivery compared with those that the message was published with (3.3.2.3, 3.1.3.2).
//!
//! Messages of the same topic and payload look alike: a property is wrong only when it is wrong for each of them.

use std::collections::BTreeMap;

use mqttspec_codec::{PropertyBuf, PropertyId, PropertyList, ProtocolVersion, PublishBuf, ValueBuf};

use super::super::event::Event;
use super::super::publications::{Publication, Source};
use super::super::published::Digest;
use super::super::report::Report;
use super::super::rule::Rule;
use super::super::state::State;
use super::rules;

/// The publications by content.
#[derive(Debug, Default)]
pub(super) struct Forwarded {
    by_digest: BTreeMap<Digest, Vec<usize>>,
    by_topic: BTreeMap<String, Vec<usize>>,
    /// Publications that were looked at.
    seen: usize,
}

/// A property that is not as it was published.
#[derive(Clone, Copy, Debug)]
struct Altered {
    rule: Rule,
    id: PropertyId,
}

impl Forwarded {
    /// Something happened, the book knows it.
    pub(super) fn note_publications(&mut self, book: &State) {
        while let Some(publication) = book.publications.get(self.seen) {
            self.by_digest.entry(publication.digest).or_default().push(self.seen);
            self.by_topic.entry(publication.topic.clone()).or_default().push(self.seen);
            self.seen += 1;
        }
    }

    /// What a delivery of this content may be; nothing while that cannot be told.
    pub(super) fn candidates<'a>(&self, book: &'a State, digest: Digest) -> Vec<(usize, &'a Publication)> {
        if book.publications.is_incomplete() {
            return Vec::new();
        }
        let known = self.by_digest.get(&digest).into_iter().flatten();
        let known = known.filter_map(|index| Some((*index, book.publications.get(*index)?)));
        known.filter(|(_, publication)| publication.refused.is_none()).collect()
    }

    /// What was published to a topic.
    pub(super) fn on<'a>(&'a self, book: &'a State, topic: &str) -> impl Iterator<Item = &'a Publication> {
        self.by_topic.get(topic).into_iter().flatten().filter_map(|index| book.publications.get(*index))
    }

    /// Compares the properties of a PUBLISH with those of its candidates.
    pub(super) fn check(
        &self,
        book: &State,
        candidates: &[(usize, &Publication)],
        event: &Event<'_>,
        publish: &PublishBuf,
        report: &mut Report,
    ) {
        let Some(connection) = book.connections.get(&event.connection) else { return };
        if connection.version != ProtocolVersion::V5_0 || connection.tainted.is_some() {
            return;
        }
        let Some((_, latest)) = candidates.last() else { return };
        let mut common: Option<Vec<Altered>> = None;
        for (_, publication) in candidates {
            let altered = compare(publication, publish);
            if altered.is_empty() {
                return;
            }
            common = Some(match common {
                None => altered,
                Some(common) => common.into_iter().filter(|one| altered.iter().any(|a| a.id == one.id)).collect(),
            });
        }
        let mut altered = common.unwrap_or_default();
        // All are gone: that is one fault.
        if altered.len() > 1 && !publish.properties.iter().any(|property| is_forwarded(property.id)) {
            let at = altered.iter().position(|one| one.id == PropertyId::UserProperty).unwrap_or(0);
            altered = vec![altered[at]];
        }
        for altered in altered {
            tell(report, connection.index, latest, event.index, publish, altered);
        }
    }
}

/// Whether a property travels with the message.
fn is_forwarded(id: PropertyId) -> bool {
    matches!(
        id,
        PropertyId::PayloadFormatIndicator
            | PropertyId::ContentType
            | PropertyId::ResponseTopic
            | PropertyId::CorrelationData
            | PropertyId::UserProperty
            | PropertyId::MessageExpiryInterval
    )
}

/// What is not as it was published. What a Server adds where there was nothing is left open.
fn compare(publication: &Publication, publish: &PublishBuf) -> Vec<Altered> {
    let (published, came) = (&publication.properties, &publish.properties);
    let mut altered = Vec::new();
    // An indicator of 0 says the same as none.
    let format = published.integer(PropertyId::PayloadFormatIndicator);
    let format_came = came.integer(PropertyId::PayloadFormatIndicator);
    if format.is_some() && format.unwrap_or(0) != format_came.unwrap_or(0) {
        altered.push(Altered { rule: rules::PAYLOAD_FORMAT, id: PropertyId::PayloadFormatIndicator });
    }
    for (rule, id) in [
        (rules::CONTENT_TYPE, PropertyId::ContentType),
        (rules::RESPONSE_TOPIC, PropertyId::ResponseTopic),
        (rules::CORRELATION_DATA, PropertyId::CorrelationData),
    ] {
        if published.find(id).is_some() && published.find(id) != came.find(id) {
            altered.push(Altered { rule, id });
        }
    }
    if published.find(PropertyId::MessageExpiryInterval).is_some()
        && came.find(PropertyId::MessageExpiryInterval).is_none()
    {
        altered.push(Altered { rule: rules::EXPIRY_REDUCED, id: PropertyId::MessageExpiryInterval });
    }
    let user = |properties: &'_ [PropertyBuf]| -> Vec<ValueBuf> {
        properties.iter().filter(|p| p.id == PropertyId::UserProperty).map(|p| p.value.clone()).collect()
    };
    let (published, came) = (user(published), user(came));
    if !contains_in_order(&came, &published) {
        let rule = if !contains_all(&came, &published) {
            rules::USER_PROPERTIES
        } else if publication.source == Source::Will {
            rules::WILL_USER_PROPERTY_ORDER
        } else {
            rules::USER_PROPERTY_ORDER
        };
        altered.push(Altered { rule, id: PropertyId::UserProperty });
    }
    altered
}

/// Whether `all` has `wanted` in this order; a Server may add User Properties of its own.
fn contains_in_order(all: &[ValueBuf], wanted: &[ValueBuf]) -> bool {
    let mut rest = all.iter();
    wanted.iter().all(|one| rest.any(|other| other == one))
}

/// Whether `all` has everything in `wanted`, in any order.
fn contains_all(all: &[ValueBuf], wanted: &[ValueBuf]) -> bool {
    let mut rest: Vec<&ValueBuf> = all.iter().collect();
    wanted.iter().all(|one| match rest.iter().position(|other| *other == one) {
        Some(at) => {
            rest.swap_remove(at);
            true
        }
        None => false,
    })
}

fn tell(
    report: &mut Report,
    connection: usize,
    publication: &Publication,
    event: usize,
    publish: &PublishBuf,
    altered: Altered,
) {
    let Altered { rule, id } = altered;
    let show = |properties: &[PropertyBuf]| -> String {
        let values: Vec<String> =
            properties.iter().filter(|property| property.id == id).map(|property| value(&property.value)).collect();
        if values.is_empty() { "none".to_owned() } else { values.join(", ") }
    };
    let message = format!(
        "{:?} of {:?} was published with {id} {} (the {}) and came in event {event} with {}",
        publication.preview,
        publication.topic,
        show(&publication.properties),
        publication.origin(),
        show(&publish.properties),
    );
    report.breach(rule, ProtocolVersion::V5_0, connection, publication.origins().chain([event]), message);
}

/// A value for people.
fn value(value: &ValueBuf) -> String {
    match value {
        ValueBuf::Byte(number) => number.to_string(),
        ValueBuf::TwoByteInteger(number) => number.to_string(),
        ValueBuf::FourByteInteger(number) | ValueBuf::VariableByteInteger(number) => number.to_string(),
        ValueBuf::Utf8String(text) => format!("{:?}", start(text)),
        ValueBuf::BinaryData(data) => format!("{:?} ({} bytes)", start(&String::from_utf8_lossy(data)), data.len()),
        ValueBuf::Utf8StringPair(name, value) => format!("{:?}: {:?}", start(name), start(value)),
    }
}

fn start(text: &str) -> &str {
    const LONGEST: usize = 24;
    text.char_indices().nth(LONGEST).map_or(text, |(end, _)| &text[..end])
}
