//! Faults that break the form of a packet, each by a mutation of the codec or by hand.

use mqttspec_codec::raw::{RawField, RawPacket, RawValue};
use mqttspec_codec::{
    ConnectBuf, Mutation, PacketBuf, PacketType, PropertyAt, PropertyId, PropertyPlace, StringField, TopicField,
};

use super::ClientFault as Fault;
use super::api::Client;

const fn header(id: PropertyId) -> PropertyAt {
    PropertyAt { place: PropertyPlace::Header, id }
}

/// Which mutation a fault applies to every packet of a type.
const MUTATIONS: &[(Fault, PacketType, Mutation)] = &[
    (Fault::TopicNameIllFormed, PacketType::Publish, Mutation::IllFormedUtf8(StringField::TopicName)),
    (Fault::TopicNameSurrogate, PacketType::Publish, Mutation::Surrogate(StringField::TopicName)),
    (Fault::TopicNameNullCharacter, PacketType::Publish, Mutation::NullCharacter(StringField::TopicName)),
    (Fault::LengthNotMinimal, PacketType::PingReq, Mutation::RemainingLengthNotMinimal),
    (
        Fault::UserPropertyIllFormed,
        PacketType::Publish,
        Mutation::IllFormedUtf8(StringField::Property(header(PropertyId::UserProperty))),
    ),
    (Fault::PingReqFlags, PacketType::PingReq, Mutation::FlagBit0),
    (Fault::PacketIdentifierZero, PacketType::Publish, Mutation::PacketIdentifierZero),
    (Fault::RequestIdentifierZero, PacketType::Subscribe, Mutation::PacketIdentifierZero),
    (Fault::RequestIdentifierZero, PacketType::Unsubscribe, Mutation::PacketIdentifierZero),
    (Fault::DuplicateProperty, PacketType::Connect, Mutation::DuplicateProperty(header(PropertyId::ReceiveMaximum))),
    (Fault::MisplacedProperty, PacketType::Publish, Mutation::MisplacedProperty(header(PropertyId::TopicAliasMaximum))),
    (Fault::UnknownProperty, PacketType::Subscribe, Mutation::UnknownProperty),
    (Fault::WrongProtocolName, PacketType::Connect, Mutation::WrongProtocolName),
    (Fault::ReservedConnectFlag, PacketType::Connect, Mutation::ConnectReservedFlag),
    (Fault::WillFlagWithoutWill, PacketType::Connect, Mutation::WillFlagWithoutWill),
    (Fault::WillQosWithoutWill, PacketType::Connect, Mutation::WillQoSWithoutWill),
    (Fault::WillQos3, PacketType::Connect, Mutation::WillQoS3),
    (Fault::WillRetainWithoutWill, PacketType::Connect, Mutation::WillRetainWithoutWill),
    (Fault::UserNameWithoutFlag, PacketType::Connect, Mutation::UserNameWithoutFlag),
    (Fault::UserNameFlagWithoutUserName, PacketType::Connect, Mutation::UserNameFlagWithoutUserName),
    (Fault::PasswordFlagWithoutPassword, PacketType::Connect, Mutation::PasswordFlagWithoutPassword),
    (Fault::PasswordWithoutUserName, PacketType::Connect, Mutation::PasswordWithoutUserName),
    (Fault::AuthenticationDataWithoutMethod, PacketType::Connect, Mutation::AuthenticationDataWithoutMethod),
    (Fault::ReceiveMaximumZero, PacketType::Connect, Mutation::PropertyOutOfRange(header(PropertyId::ReceiveMaximum))),
    (Fault::ClientIdentifierIllFormed, PacketType::Connect, Mutation::IllFormedUtf8(StringField::ClientIdentifier)),
    (Fault::WillTopicIllFormed, PacketType::Connect, Mutation::IllFormedUtf8(StringField::WillTopic)),
    (Fault::UserNameIllFormed, PacketType::Connect, Mutation::IllFormedUtf8(StringField::UserName)),
    (Fault::PublishQos3, PacketType::Publish, Mutation::PublishQoS3),
    (Fault::OmitTopicName, PacketType::Publish, Mutation::EmptyBody),
    (Fault::WildcardInTopicName, PacketType::Publish, Mutation::MultiLevelWildcard(TopicField::TopicName)),
    (Fault::EmptyTopicName, PacketType::Publish, Mutation::EmptyTopicName),
    (
        Fault::ResponseTopicIllFormed,
        PacketType::Publish,
        Mutation::IllFormedUtf8(StringField::Property(header(PropertyId::ResponseTopic))),
    ),
    (
        Fault::WildcardInResponseTopic,
        PacketType::Publish,
        Mutation::MultiLevelWildcard(TopicField::ResponseTopic(PropertyPlace::Header)),
    ),
    (
        Fault::ContentTypeIllFormed,
        PacketType::Publish,
        Mutation::IllFormedUtf8(StringField::Property(header(PropertyId::ContentType))),
    ),
    (Fault::PubRelFlags, PacketType::PubRel, Mutation::FlagBit1),
    (Fault::SubscribeFlags, PacketType::Subscribe, Mutation::FlagBit1),
    (Fault::FilterIllFormed, PacketType::Subscribe, Mutation::IllFormedUtf8(StringField::TopicFilter)),
    (Fault::EmptySubscribe, PacketType::Subscribe, Mutation::NoTopicFilters),
    (Fault::NoLocalOnShared, PacketType::Subscribe, Mutation::NoLocalOnShared),
    (Fault::SubscribeQos3, PacketType::Subscribe, Mutation::SubscriptionQoS3),
    (Fault::RetainHandling3, PacketType::Subscribe, Mutation::RetainHandling3),
    (Fault::ReservedSubscriptionOptions, PacketType::Subscribe, Mutation::SubscriptionReservedBit7),
    (Fault::UnsubscribeFlags, PacketType::Unsubscribe, Mutation::FlagBit1),
    (Fault::UnsubscribeFilterIllFormed, PacketType::Unsubscribe, Mutation::IllFormedUtf8(StringField::TopicFilter)),
    (Fault::EmptyUnsubscribe, PacketType::Unsubscribe, Mutation::NoTopicFilters),
    (Fault::DisconnectFlags, PacketType::Disconnect, Mutation::FlagBit0),
    (Fault::AuthFlags, PacketType::Auth, Mutation::FlagBit0),
    (Fault::AuthUndefinedReason, PacketType::Auth, Mutation::UndefinedReasonCode),
    (Fault::MisplacedMultiLevelWildcard, PacketType::Subscribe, Mutation::FilterMultiLevelInMiddle),
    (Fault::MisplacedSingleLevelWildcard, PacketType::Subscribe, Mutation::FilterSingleLevelInLevel),
    (Fault::EmptyFilter, PacketType::Subscribe, Mutation::EmptyTopicFilter),
    (Fault::FilterNullCharacter, PacketType::Subscribe, Mutation::NullCharacter(StringField::TopicFilter)),
    (Fault::EmptyShareName, PacketType::Subscribe, Mutation::ShareNameEmpty),
    (Fault::WildcardInShareName, PacketType::Subscribe, Mutation::ShareNameSingleLevel),
];

impl Client {
    /// The bytes of `packet` as a fault breaks them; `None` when none does.
    pub(super) fn mangled(&self, packet: &PacketBuf) -> Option<Vec<u8>> {
        let packet_type = packet.packet_type();
        let version = self.config.version;
        let mutation = MUTATIONS.iter().find(|(fault, of, _)| *of == packet_type && self.faulty(*fault));
        if let Some((_, _, mutation)) = mutation {
            return mutation.apply(packet, version);
        }
        let raw = match packet {
            PacketBuf::Subscribe(_) if self.faulty(Fault::OmitPropertyLength) => without(packet, version, "Properties"),
            PacketBuf::Connect(connect) if self.faulty(Fault::OmitClientIdentifier) => {
                without(&PacketBuf::Connect(bare(connect)), version, "Client Identifier")
            }
            PacketBuf::Connect(connect) if self.faulty(Fault::PasswordWithoutFlag) => {
                let named = ConnectBuf { user_name: Some("user".to_owned()), ..bare(connect) };
                let mut raw = RawPacket::from_packet(&PacketBuf::Connect(named), version);
                raw.fields.push(RawField::new("Password", RawValue::binary(b"secret".to_vec())));
                Some(raw)
            }
            _ => None,
        };
        raw.map(|raw| raw.to_bytes())
    }
}

/// The same CONNECT without Will, User Name and Password.
fn bare(connect: &ConnectBuf) -> ConnectBuf {
    ConnectBuf { will: None, user_name: None, password: None, ..connect.clone() }
}

fn without(packet: &PacketBuf, version: mqttspec_codec::ProtocolVersion, field: &str) -> Option<RawPacket> {
    let mut raw = RawPacket::from_packet(packet, version);
    raw.remove_field(field)?;
    Some(raw)
}
