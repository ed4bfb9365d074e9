//! The parameters that each parametrised mutation can have, as constants derived from the property table.

use super::{BinaryField, PropertyAt, PropertyPlace, StringField, TopicField};
use crate::{PropertyContext, PropertyId, PropertyRange};

/// The properties of both lists for which a predicate holds, as a constant slice.
macro_rules! select {
    ($predicate:ident) => {{
        const fn each<const N: usize>(out: &mut [PropertyAt; N]) -> usize {
            let mut count = 0;
            let mut index = 0;
            while index < PropertyId::ALL.len() * 2 {
                let id = PropertyId::ALL[index % PropertyId::ALL.len()];
                let at = if index < PropertyId::ALL.len() { header(id) } else { will(id) };
                if $predicate(at) {
                    if count < N {
                        out[count] = at;
                    }
                    count += 1;
                }
                index += 1;
            }
            count
        }
        const COUNT: usize = each(&mut [header(PropertyId::UserProperty); 0]);
        const LIST: [PropertyAt; COUNT] = {
            let mut list = [header(PropertyId::UserProperty); COUNT];
            each(&mut list);
            list
        };
        &LIST
    }};
}

pub(super) const PLACES: &[PropertyPlace] = &[PropertyPlace::Header, PropertyPlace::Will];

pub(super) const TOPICS: &[TopicField] = &[
    TopicField::TopicName,
    TopicField::WillTopic,
    TopicField::ResponseTopic(PropertyPlace::Header),
    TopicField::ResponseTopic(PropertyPlace::Will),
];

pub(super) const BINARIES: &[BinaryField] = &[
    BinaryField::WillPayload,
    BinaryField::Password,
    BinaryField::Property(header(PropertyId::CorrelationData)),
    BinaryField::Property(header(PropertyId::AuthenticationData)),
    BinaryField::Property(will(PropertyId::CorrelationData)),
];

pub(super) const STRINGS: &[StringField] = &[
    StringField::ProtocolName,
    StringField::ClientIdentifier,
    StringField::WillTopic,
    StringField::UserName,
    StringField::TopicName,
    StringField::TopicFilter,
    StringField::Property(header(PropertyId::ContentType)),
    StringField::Property(header(PropertyId::ResponseTopic)),
    StringField::Property(header(PropertyId::AssignedClientIdentifier)),
    StringField::Property(header(PropertyId::AuthenticationMethod)),
    StringField::Property(header(PropertyId::ResponseInformation)),
    StringField::Property(header(PropertyId::ServerReference)),
    StringField::Property(header(PropertyId::ReasonString)),
    StringField::Property(header(PropertyId::UserProperty)),
    StringField::Property(will(PropertyId::ContentType)),
    StringField::Property(will(PropertyId::ResponseTopic)),
    StringField::Property(will(PropertyId::UserProperty)),
];

/// Properties that stand at most once somewhere.
pub(super) const DUPLICABLE: &[PropertyAt] = select!(duplicable);
/// Properties that are forbidden somewhere.
pub(super) const MISPLACEABLE: &[PropertyAt] = select!(misplaceable);
/// Properties whose data type has room for values that are not allowed.
pub(super) const RANGED: &[PropertyAt] = select!(ranged);

const fn header(id: PropertyId) -> PropertyAt {
    PropertyAt { place: PropertyPlace::Header, id }
}

const fn will(id: PropertyId) -> PropertyAt {
    PropertyAt { place: PropertyPlace::Will, id }
}

/// Whether the property is allowed in that list, of at least one packet type.
const fn allowed(at: PropertyAt) -> bool {
    let contexts = at.id.contexts();
    let mut index = 0;
    while index < contexts.len() {
        let in_will = matches!(contexts[index], PropertyContext::Will);
        if in_will == matches!(at.place, PropertyPlace::Will) {
            return true;
        }
        index += 1;
    }
    false
}

const fn duplicable(at: PropertyAt) -> bool {
    allowed(at) && !matches!(at.id, PropertyId::UserProperty)
}

const fn misplaceable(at: PropertyAt) -> bool {
    let everywhere = matches!(at.id, PropertyId::UserProperty);
    match at.place {
        PropertyPlace::Header => !everywhere,
        PropertyPlace::Will => !allowed(at),
    }
}

const fn ranged(at: PropertyAt) -> bool {
    allowed(at) && matches!(at.id.range(), PropertyRange::ZeroOrOne | PropertyRange::NonZero)
}
