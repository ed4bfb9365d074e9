//! From a mutation to bytes.

use alloc::vec::Vec;

use super::{BinaryField, Mutation, PropertyAt, StringField, TopicField};
use super::{body, connect, fixed_header, property, string, topic};
use crate::{PacketBuf, ProtocolVersion, RawPacket, ViolationKind};

/// The valid packet that a mutation starts from.
pub(super) struct Base<'a> {
    pub(super) packet: &'a PacketBuf,
    pub(super) version: ProtocolVersion,
}

impl Base<'_> {
    /// Its fields, in the shortest form.
    pub(super) fn raw(&self) -> RawPacket {
        RawPacket::from_packet(self.packet, self.version)
    }

    /// Its fields with everything that 5.0 lets be left out.
    pub(super) fn in_full(&self) -> RawPacket {
        RawPacket::from_packet_in_full(self.packet, self.version)
    }

    pub(super) const fn v5(&self) -> bool {
        self.version.has_properties()
    }
}

impl Mutation {
    /// The bytes of `packet`, as `version` writes it, broken this way and no other; `None` when that is not possible
    /// for this packet or version. A CONNECT is written in its own version, which should be `version`.
    ///
    /// ```
    /// use mqttspec_codec::{Mutation, PacketBuf, ProtocolVersion};
    /// let ping = PacketBuf::PingReq;
    /// assert_eq!(Mutation::UnexpectedBody.apply(&ping, ProtocolVersion::V3_1_1), Some(vec![0xC0, 0x01, 0x00]));
    /// assert_eq!(Mutation::PublishQoS3.apply(&ping, ProtocolVersion::V3_1_1), None);
    /// ```
    pub fn apply(self, packet: &PacketBuf, version: ProtocolVersion) -> Option<Vec<u8>> {
        let base = Base { packet, version };
        let raw = fixed_header::apply(self, &base)
            .or_else(|| body::apply(self, &base))
            .or_else(|| connect::apply(self, &base))
            .or_else(|| topic::apply(self, &base))
            .or_else(|| string::apply(self, &base))
            .or_else(|| property::apply(self, &base))?;
        let bytes = raw.to_bytes();
        // A packet that was already broken in this way cannot be broken that way again.
        (bytes != base.raw().to_bytes()).then_some(bytes)
    }

    /// The kind of violation that the result contains.
    pub fn violation(self) -> ViolationKind {
        match self {
            Self::StringPastEnd(StringField::Property(_)) | Self::BinaryPastEnd(BinaryField::Property(_)) => {
                ViolationKind::PropertyPastEnd
            }
            Self::MultiLevelWildcard(TopicField::ResponseTopic(_))
            | Self::SingleLevelWildcard(TopicField::ResponseTopic(_)) => ViolationKind::ResponseTopicWildcard,
            _ => self.usual_violation(),
        }
    }

    /// The property that it is about, if it is about one.
    pub const fn property(self) -> Option<PropertyAt> {
        match self {
            Self::DuplicateProperty(at) | Self::MisplacedProperty(at) | Self::PropertyOutOfRange(at) => Some(at),
            Self::IllFormedUtf8(StringField::Property(at))
            | Self::OverlongUtf8(StringField::Property(at))
            | Self::Surrogate(StringField::Property(at))
            | Self::NullCharacter(StringField::Property(at))
            | Self::StringPastEnd(StringField::Property(at))
            | Self::BinaryPastEnd(BinaryField::Property(at)) => Some(at),
            _ => None,
        }
    }
}
