//! Where in a packet a mutation with a parameter strikes.

use crate::{PropertyContext, PropertyId};

/// A list of properties within a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PropertyPlace {
    /// The properties of the variable header.
    Header,
    /// The Will Properties of a CONNECT (3.1.3.2).
    Will,
}

/// A property in one of the two lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PropertyAt {
    /// The list.
    pub place: PropertyPlace,
    /// The property.
    pub id: PropertyId,
}

/// A field that holds a UTF-8 Encoded String.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StringField {
    /// Protocol Name of CONNECT.
    ProtocolName,
    /// Client Identifier of CONNECT.
    ClientIdentifier,
    /// Will Topic of CONNECT.
    WillTopic,
    /// User Name of CONNECT.
    UserName,
    /// Topic Name of PUBLISH.
    TopicName,
    /// The first Topic Filter of SUBSCRIBE or UNSUBSCRIBE.
    TopicFilter,
    /// A property; of a User Property, the value.
    Property(PropertyAt),
}

/// A field that holds Binary Data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BinaryField {
    /// Will Payload (5.0) or Will Message.
    WillPayload,
    /// Password.
    Password,
    /// A property.
    Property(PropertyAt),
}

/// A field that holds a topic name, in which wildcards are forbidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TopicField {
    /// Topic Name of PUBLISH.
    TopicName,
    /// Will Topic of CONNECT.
    WillTopic,
    /// Response Topic of PUBLISH or of a Will.
    ResponseTopic(PropertyPlace),
}

impl PropertyPlace {
    pub(super) const fn field_name(self) -> &'static str {
        match self {
            Self::Header => "Properties",
            Self::Will => "Will Properties",
        }
    }

    /// The two halves of its id, the first of which is empty or ends in a colon.
    pub(super) const fn slug(self) -> (&'static str, &'static str) {
        match self {
            Self::Header => ("", "header"),
            Self::Will => ("", "will"),
        }
    }

    pub(super) const fn context(self, packet: crate::PacketType) -> PropertyContext {
        match self {
            Self::Header => PropertyContext::Packet(packet),
            Self::Will => PropertyContext::Will,
        }
    }
}

impl PropertyAt {
    pub(super) const fn slug(self) -> (&'static str, &'static str) {
        match self.place {
            PropertyPlace::Header => ("", self.id.name()),
            PropertyPlace::Will => ("will:", self.id.name()),
        }
    }
}

impl StringField {
    /// The name of the raw field, unless it is a property.
    pub(super) const fn field_name(self) -> Option<&'static str> {
        match self {
            Self::ProtocolName => Some("Protocol Name"),
            Self::ClientIdentifier => Some("Client Identifier"),
            Self::WillTopic => Some("Will Topic"),
            Self::UserName => Some("User Name"),
            Self::TopicName => Some("Topic Name"),
            Self::TopicFilter => Some("Topic Filter"),
            Self::Property(_) => None,
        }
    }

    pub(super) const fn slug(self) -> (&'static str, &'static str) {
        match self {
            Self::ProtocolName => ("", "protocol-name"),
            Self::ClientIdentifier => ("", "client-identifier"),
            Self::WillTopic => ("", "will-topic"),
            Self::UserName => ("", "user-name"),
            Self::TopicName => ("", "topic-name"),
            Self::TopicFilter => ("", "topic-filter"),
            Self::Property(property) => property.slug(),
        }
    }
}

impl BinaryField {
    pub(super) const fn slug(self) -> (&'static str, &'static str) {
        match self {
            Self::WillPayload => ("", "will-payload"),
            Self::Password => ("", "password"),
            Self::Property(property) => property.slug(),
        }
    }
}

impl TopicField {
    pub(super) const fn slug(self) -> (&'static str, &'static str) {
        match self {
            Self::TopicName => ("", "topic-name"),
            Self::WillTopic => ("", "will-topic"),
            Self::ResponseTopic(PropertyPlace::Header) => ("", "response-topic"),
            Self::ResponseTopic(PropertyPlace::Will) => ("will:", "response-topic"),
        }
    }
}
