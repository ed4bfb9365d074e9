//! Literal bytes that must be refused: a named vector for every rule, each one change away from a valid packet.

mod common;

use DecodeError::*;
use ProtocolVersion::{V3_1, V3_1_1, V5_0};
use common::bytes::bytes;
use mqttspec_codec::topic::TopicError;
use mqttspec_codec::varint::VarintError;
use mqttspec_codec::*;

type Row = (&'static str, &'static [ProtocolVersion], &'static str, DecodeError);

const ALL: &[ProtocolVersion] = &[V3_1, V3_1_1, V5_0];
const V3: &[ProtocolVersion] = &[V3_1, V3_1_1];
const V311: &[ProtocolVersion] = &[V3_1_1];
const V311_V5: &[ProtocolVersion] = &[V3_1_1, V5_0];
const V31: &[ProtocolVersion] = &[V3_1];
const V5: &[ProtocolVersion] = &[V5_0];

const NON_MINIMAL: DecodeError = VariableByteInteger(VarintError::NonMinimal);
const TOO_LONG: DecodeError = VariableByteInteger(VarintError::TooLong);

#[test]
fn fixed_header() {
    check(&[
        ("no bytes", ALL, "", Truncated),
        ("first byte alone", ALL, "C0", Truncated),
        ("packet type 0", ALL, "00 00", ReservedPacketType),
        ("AUTH before 5.0", V3, "F0 00", PacketTypeNotInVersion),
        ("flags of CONNECT", ALL, "11 __ 0004'MQTT' 04 02 003C 0001'c'", InvalidFixedHeaderFlags(1)),
        ("flags of CONNACK", V3, "22 02 00 00", InvalidFixedHeaderFlags(2)),
        ("flags of PUBACK", ALL, "42 02 1234", InvalidFixedHeaderFlags(2)),
        ("flags of PUBREC", ALL, "58 02 1234", InvalidFixedHeaderFlags(8)),
        ("flags of PUBREL missing", ALL, "60 02 1234", InvalidFixedHeaderFlags(0)),
        ("flags of PUBREL, one more", ALL, "63 02 1234", InvalidFixedHeaderFlags(3)),
        ("DUP on PUBREL", V311_V5, "6A 02 1234", InvalidFixedHeaderFlags(0xA)),
        ("flags of PUBCOMP", ALL, "74 02 1234", InvalidFixedHeaderFlags(4)),
        ("flags of SUBSCRIBE missing", ALL, "80 __ 1234 0001't' 00", InvalidFixedHeaderFlags(0)),
        ("DUP on SUBSCRIBE", V311, "8A __ 1234 0001't' 00", InvalidFixedHeaderFlags(0xA)),
        ("flags of SUBACK", V3, "91 __ 1234 00", InvalidFixedHeaderFlags(1)),
        ("flags of UNSUBSCRIBE missing", ALL, "A0 __ 1234 0001't'", InvalidFixedHeaderFlags(0)),
        ("DUP on UNSUBSCRIBE", V311, "AA __ 1234 0001't'", InvalidFixedHeaderFlags(0xA)),
        ("flags of UNSUBACK", V3, "B1 02 1234", InvalidFixedHeaderFlags(1)),
        ("flags of PINGREQ", ALL, "C1 00", InvalidFixedHeaderFlags(1)),
        ("flags of PINGRESP", ALL, "D8 00", InvalidFixedHeaderFlags(8)),
        ("flags of DISCONNECT", ALL, "E2 00", InvalidFixedHeaderFlags(2)),
        ("flags of AUTH", V5, "F1 00", InvalidFixedHeaderFlags(1)),
        ("non-minimal remaining length 0", ALL, "C0 80 00", NON_MINIMAL),
        ("non-minimal remaining length", ALL, "40 82 00 1234", NON_MINIMAL),
        ("remaining length of five bytes", ALL, "40 82 80 80 80 00 1234", TOO_LONG),
        ("frame shorter than its header says", ALL, "40 03 1234", Truncated),
        ("frame longer than its header says", ALL, "40 02 1234 00", TrailingBytes),
    ]);
}

#[test]
fn body_where_none_may_be() {
    check(&[
        ("PINGREQ", ALL, "C0 01 00", TrailingBytes),
        ("PINGRESP", ALL, "D0 01 00", TrailingBytes),
        ("DISCONNECT", V3, "E0 01 00", TrailingBytes),
        ("bytes after PUBACK", V3, "40 03 1234 00", TrailingBytes),
        ("bytes after PUBREL", V3, "62 04 1234 00 00", TrailingBytes),
        ("bytes after UNSUBACK", V3, "B0 03 1234 00", TrailingBytes),
        ("bytes after CONNACK", V3, "20 03 00 00 00", TrailingBytes),
        ("bytes after the properties of CONNACK", V5, "20 04 00 00 00 00", TrailingBytes),
        ("bytes after the properties of PUBACK", V5, "40 05 1234 00 00 00", TrailingBytes),
        ("bytes after the properties of DISCONNECT", V5, "E0 03 00 00 00", TrailingBytes),
        ("bytes after the properties of AUTH", V5, "F0 __ 18 04 150001'm' 00", TrailingBytes),
        ("bytes after the Client Identifier", V311, "10 __ 0004'MQTT' 04 02 003C 0001'c' 00", TrailingBytes),
        ("bytes after the Client Identifier", V31, "10 __ 0006'MQIsdp' 03 02 003C 0001'c' 00", TrailingBytes),
        ("bytes after the Client Identifier", V5, "10 __ 0004'MQTT' 05 02 003C 00 0001'c' 00", TrailingBytes),
    ]);
}

#[test]
fn lengths_past_the_frame() {
    check(&[
        ("Protocol Name", ALL, "10 __ 0005'MQTT'", Truncated),
        ("Client Identifier", V311, "10 __ 0004'MQTT' 04 02 003C 0002'c'", Truncated),
        ("no Client Identifier", V311, "10 __ 0004'MQTT' 04 02 003C", Truncated),
        ("announced User Name missing", V311_V5, "10 __ 0004'MQTT' 04 82 003C 0001'c'", Truncated),
        ("announced Password missing", V311_V5, "10 __ 0004'MQTT' 04 C2 003C 0001'c' 0001'u'", Truncated),
        ("announced User Name cut", V31, "10 __ 0006'MQIsdp' 03 82 003C 0001'c' 00", Truncated),
        ("Will Payload", V311, "10 __ 0004'MQTT' 04 06 003C 0001'c' 0001't' 0004'bye'", Truncated),
        ("CONNACK without a code", ALL, "20 01 00", Truncated),
        ("CONNACK without a Property Length", V5, "20 02 00 00", Truncated),
        ("Topic Name", ALL, "30 03 0002 't'", Truncated),
        ("no Topic Name", ALL, "30 00", Truncated),
        ("no Packet Identifier in PUBLISH", ALL, "32 __ 0001't'", Truncated),
        ("no Property Length in PUBLISH", V5, "30 __ 0001't'", Truncated),
        ("half a Packet Identifier", ALL, "40 01 12", Truncated),
        ("Topic Filter of SUBSCRIBE", V3, "82 __ 1234 0002't'", Truncated),
        ("no options after a Topic Filter", V3, "82 __ 1234 0001't'", Truncated),
        ("Topic Filter of UNSUBSCRIBE", V3, "A2 __ 1234 0002't'", Truncated),
        ("Property Length", V5, "40 __ 1234 00 05 1F0001", Truncated),
        ("Property Length of four bytes", V5, "40 __ 1234 00 FFFFFF7F", Truncated),
        ("property", V5, "40 __ 1234 00 04 1F0002'm'", Truncated),
        ("value of a property missing", V5, "40 __ 1234 00 01 1F", Truncated),
        ("second string of a pair missing", V5, "40 __ 1234 00 04 260001'k'", Truncated),
        ("AUTH without a Property Length", V5, "F0 01 18", Truncated),
    ]);
}

#[test]
fn strings() {
    check(&[
        ("overlong form", V311, "10 __ 0004'MQTT' 04 02 003C 0002 C0AF", IllFormedUtf8),
        ("surrogate in the Client Identifier", V311, "10 __ 0004'MQTT' 04 02 003C 0003 EDA080", IllFormedUtf8),
        ("surrogate pair", V311, "10 __ 0004'MQTT' 04 02 003C 0006 EDA080EDB080", IllFormedUtf8),
        ("lone continuation byte in a Topic Name", ALL, "30 __ 0001 80 00", IllFormedUtf8),
        ("character cut short", ALL, "30 __ 0002 E282 00", IllFormedUtf8),
        ("above U+10FFFF", ALL, "30 __ 0004 F4908080 00", IllFormedUtf8),
        ("byte FF in a Topic Filter", V3, "82 __ 1234 0001 FF 00", IllFormedUtf8),
        ("User Name", V311, "10 __ 0004'MQTT' 04 82 003C 0001'c' 0001 FF", IllFormedUtf8),
        ("Will Topic", V311, "10 __ 0004'MQTT' 04 06 003C 0001'c' 0001 FF 0000", IllFormedUtf8),
        ("Reason String", V5, "40 __ 1234 00 04 1F 0001 FF", IllFormedUtf8),
        ("name of a User Property", V5, "40 __ 1234 00 06 26 0001 FF 0000", IllFormedUtf8),
        ("value of a User Property", V5, "40 __ 1234 00 06 26 0000 0001 FF", IllFormedUtf8),
        ("U+0000 in the Client Identifier", V311, "10 __ 0004'MQTT' 04 02 003C 0003'a'00'b'", NulCharacter),
        ("U+0000 in a Topic Name", ALL, "30 __ 0001 00 00", NulCharacter),
        ("U+0000 in a Topic Filter", V3, "A2 __ 1234 0001 00", NulCharacter),
        ("U+0000 in a User Property", V5, "40 __ 1234 00 06 26 0001 00 0000", NulCharacter),
    ]);
}

#[test]
fn connect() {
    check(&[
        ("unknown name", ALL, "10 __ 0004'MQTX' 04 02 003C 0001'c'", UnsupportedProtocolName),
        ("name in other case", ALL, "10 __ 0004'mqtt' 04 02 003C 0001'c'", UnsupportedProtocolName),
        ("empty name", ALL, "10 __ 0000 04 02 003C 0001'c'", UnsupportedProtocolName),
        ("level 3 under the new name", ALL, "10 __ 0004'MQTT' 03 02 003C 0001'c'", UnsupportedProtocolLevel(3)),
        ("level 6", ALL, "10 __ 0004'MQTT' 06 02 003C 00 0001'c'", UnsupportedProtocolLevel(6)),
        ("level 4 under the old name", ALL, "10 __ 0006'MQIsdp' 04 02 003C 0001'c'", UnsupportedProtocolLevel(4)),
        ("reserved flag", V31, "10 __ 0006'MQIsdp' 03 03 003C 0001'c'", ReservedConnectFlag),
        ("reserved flag", V311, "10 __ 0004'MQTT' 04 03 003C 0001'c'", ReservedConnectFlag),
        ("reserved flag", V5, "10 __ 0004'MQTT' 05 03 003C 00 0001'c'", ReservedConnectFlag),
        ("Will QoS without Will", V311, "10 __ 0004'MQTT' 04 0A 003C 0001'c'", WillFlagsWithoutWill),
        ("Will QoS without Will", V5, "10 __ 0004'MQTT' 05 12 003C 00 0001'c'", WillFlagsWithoutWill),
        ("Will Retain without Will", V311, "10 __ 0004'MQTT' 04 22 003C 0001'c'", WillFlagsWithoutWill),
        ("Will Retain without Will", V5, "10 __ 0004'MQTT' 05 22 003C 00 0001'c'", WillFlagsWithoutWill),
        ("Will QoS 3", V311, "10 __ 0004'MQTT' 04 1E 003C 0001'c' 0001't' 0000", InvalidQoS),
        ("Will QoS 3", V5, "10 __ 0004'MQTT' 05 1E 003C 00 0001'c' 00 0001't' 0000", InvalidQoS),
        ("Password alone", V311, "10 __ 0004'MQTT' 04 42 003C 0001'c' 0001'p'", PasswordWithoutUserName),
        ("Password alone", V31, "10 __ 0006'MQIsdp' 03 42 003C 0001'c' 0001'p'", PasswordWithoutUserName),
        (
            "wildcard in the Will Topic",
            V311,
            "10 __ 0004'MQTT' 04 06 003C 0001'c' 0001'#' 0000",
            TopicName(TopicError::WildcardInName),
        ),
        ("empty Will Topic", V5, "10 __ 0004'MQTT' 05 06 003C 00 0001'c' 00 0000 0000", TopicName(TopicError::Empty)),
        (
            "Authentication Data alone",
            V5,
            "10 __ 0004'MQTT' 05 02 003C 04 160001'd' 0001'c'",
            AuthenticationDataWithoutMethod,
        ),
    ]);
}

#[test]
fn conn_ack() {
    check(&[
        ("reserved flags", V3, "20 02 02 00", ReservedAcknowledgeFlags(2)),
        ("reserved flags", V5, "20 03 80 00 00", ReservedAcknowledgeFlags(0x80)),
        ("session present with an error", V3, "20 02 01 05", SessionPresentWithError),
        ("session present with an error", V5, "20 03 01 87 00", SessionPresentWithError),
        ("code 6", V3, "20 02 00 06", UndefinedReasonCode(ReasonCode(6))),
        ("code of 5.0", V3, "20 02 00 87", UndefinedReasonCode(ReasonCode(0x87))),
        ("code of 3.1.1", V5, "20 03 00 01 00", UndefinedReasonCode(ReasonCode(1))),
        ("code of DISCONNECT", V5, "20 03 00 8B 00", UndefinedReasonCode(ReasonCode(0x8B))),
    ]);
}

#[test]
fn publish() {
    check(&[
        ("QoS 3", ALL, "36 __ 0001't' 0001 00", InvalidQoS),
        ("DUP and QoS 3", ALL, "3E __ 0001't' 0001 00", InvalidQoS),
        ("DUP at QoS 0", ALL, "38 __ 0001't' 00", DupAtQoS0),
        ("wildcard + in the Topic Name", ALL, "30 __ 0003'a/+' 00", TopicName(TopicError::WildcardInName)),
        ("wildcard # in the Topic Name", ALL, "30 __ 0003'a/#' 00", TopicName(TopicError::WildcardInName)),
        ("wildcard inside a level", ALL, "30 __ 0002'a+' 00", TopicName(TopicError::WildcardInName)),
        ("empty Topic Name", V3, "30 __ 0000", TopicName(TopicError::Empty)),
        ("empty Topic Name without alias", V5, "30 __ 0000 00", EmptyTopicWithoutAlias),
        ("Packet Identifier 0", ALL, "32 __ 0001't' 0000 00", ZeroPacketId),
        ("Packet Identifier 0 at QoS 2", ALL, "34 __ 0001't' 0000 00", ZeroPacketId),
        ("wildcard in the Response Topic", V5, "30 __ 0001't' 06 080003'a/+'", TopicName(TopicError::WildcardInName)),
        ("empty Response Topic", V5, "30 __ 0001't' 03 080000", TopicName(TopicError::Empty)),
    ]);
}

#[test]
fn acknowledgements() {
    check(&[
        ("Packet Identifier 0 in PUBACK", ALL, "40 02 0000", ZeroPacketId),
        ("Packet Identifier 0 in PUBREC", ALL, "50 02 0000", ZeroPacketId),
        ("Packet Identifier 0 in PUBREL", ALL, "62 02 0000", ZeroPacketId),
        ("Packet Identifier 0 in PUBCOMP", ALL, "70 02 0000", ZeroPacketId),
        ("code of PUBREL in PUBACK", V5, "40 03 1234 92", UndefinedReasonCode(ReasonCode(0x92))),
        ("undefined code in PUBREC", V5, "50 03 1234 01", UndefinedReasonCode(ReasonCode(1))),
        ("code of PUBREC in PUBREL", V5, "62 03 1234 10", UndefinedReasonCode(ReasonCode(0x10))),
        ("code of PUBREC in PUBCOMP", V5, "70 03 1234 80", UndefinedReasonCode(ReasonCode(0x80))),
        ("undefined code with properties", V5, "40 04 1234 FF 00", UndefinedReasonCode(ReasonCode(0xFF))),
    ]);
}

#[test]
fn subscribe() {
    let filter = |error| TopicFilter(error);
    check(&[
        ("Packet Identifier 0", V3, "82 __ 0000 0001't' 00", ZeroPacketId),
        ("Packet Identifier 0", V5, "82 __ 0000 00 0001't' 00", ZeroPacketId),
        ("no filters", V3, "82 __ 1234", NoTopicFilters),
        ("no filters", V5, "82 __ 1234 00", NoTopicFilters),
        ("empty filter", V3, "82 __ 1234 0000 00", filter(TopicError::Empty)),
        ("a/#/b", V3, "82 __ 1234 0005'a/#/b' 00", filter(TopicError::MisplacedMultiLevelWildcard)),
        ("a/#/b", V5, "82 __ 1234 00 0005'a/#/b' 00", filter(TopicError::MisplacedMultiLevelWildcard)),
        ("a#", V5, "82 __ 1234 00 0002'a#' 00", filter(TopicError::MisplacedMultiLevelWildcard)),
        ("#a", V5, "82 __ 1234 00 0002'#a' 00", filter(TopicError::MisplacedMultiLevelWildcard)),
        ("a/b+", V3, "82 __ 1234 0004'a/b+' 00", filter(TopicError::MisplacedSingleLevelWildcard)),
        ("a/b+", V5, "82 __ 1234 00 0004'a/b+' 00", filter(TopicError::MisplacedSingleLevelWildcard)),
        ("++", V5, "82 __ 1234 00 0002'++' 00", filter(TopicError::MisplacedSingleLevelWildcard)),
        ("$share/g", V5, "82 __ 1234 00 0008'$share/g' 00", filter(TopicError::MissingSharedFilter)),
        ("$share/g/", V5, "82 __ 1234 00 0009'$share/g/' 00", filter(TopicError::MissingSharedFilter)),
        ("$share//x", V5, "82 __ 1234 00 0009'$share//x' 00", filter(TopicError::EmptyShareName)),
        ("$share/", V5, "82 __ 1234 00 0007'$share/' 00", filter(TopicError::EmptyShareName)),
        ("$share/g+/x", V5, "82 __ 1234 00 000B'$share/g+/x' 00", filter(TopicError::WildcardInShareName)),
        ("$share/#/x", V5, "82 __ 1234 00 000A'$share/#/x' 00", filter(TopicError::WildcardInShareName)),
        ("$share/g/a#", V5, "82 __ 1234 00 000B'$share/g/a#' 00", filter(TopicError::MisplacedMultiLevelWildcard)),
        (
            "the second filter",
            V3,
            "82 __ 1234 0001't' 00 0002'+b' 00",
            filter(TopicError::MisplacedSingleLevelWildcard),
        ),
        ("QoS 3", V3, "82 __ 1234 0001't' 03", InvalidSubscriptionQoS),
        ("QoS 3", V5, "82 __ 1234 00 0001't' 03", InvalidSubscriptionQoS),
        ("reserved bits", V3, "82 __ 1234 0001't' 04", ReservedSubscriptionOptions(4)),
        ("reserved bit 6", V5, "82 __ 1234 00 0001't' 40", ReservedSubscriptionOptions(0x40)),
        ("reserved bit 7", V5, "82 __ 1234 00 0001't' 80", ReservedSubscriptionOptions(0x80)),
        ("Retain Handling 3", V5, "82 __ 1234 00 0001't' 30", InvalidRetainHandling),
        ("No Local on $share/g/x", V5, "82 __ 1234 00 000A'$share/g/x' 04", NoLocalOnSharedSubscription),
    ]);
}

#[test]
fn unsubscribe() {
    check(&[
        ("Packet Identifier 0", V3, "A2 __ 0000 0001't'", ZeroPacketId),
        ("no filters", V3, "A2 __ 1234", NoTopicFilters),
        ("no filters", V5, "A2 __ 1234 00", NoTopicFilters),
        ("empty filter", V5, "A2 __ 1234 00 0000", TopicFilter(TopicError::Empty)),
        ("a/#/b", V3, "A2 __ 1234 0005'a/#/b'", TopicFilter(TopicError::MisplacedMultiLevelWildcard)),
        ("$share/g", V5, "A2 __ 1234 00 0008'$share/g'", TopicFilter(TopicError::MissingSharedFilter)),
    ]);
}

#[test]
fn sub_ack_and_unsub_ack() {
    check(&[
        ("SUBACK with Packet Identifier 0", V3, "90 03 0000 00", ZeroPacketId),
        ("SUBACK without codes", V3, "90 02 1234", NoReasonCodes),
        ("SUBACK without codes", V5, "90 03 1234 00", NoReasonCodes),
        ("SUBACK granting QoS 3", ALL, "90 04 1234 00 03", UndefinedReasonCode(ReasonCode(3))),
        ("SUBACK failing in 3.1", V31, "90 03 1234 80", UndefinedReasonCode(ReasonCode(0x80))),
        ("SUBACK with a code of 5.0", V311, "90 03 1234 87", UndefinedReasonCode(ReasonCode(0x87))),
        ("the second code", V5, "90 05 1234 00 00 11", UndefinedReasonCode(ReasonCode(0x11))),
        ("UNSUBACK with Packet Identifier 0", ALL, "B0 02 0000", ZeroPacketId),
        ("UNSUBACK without codes", V5, "B0 03 1234 00", NoReasonCodes),
        ("UNSUBACK with a code of SUBACK", V5, "B0 04 1234 00 97", UndefinedReasonCode(ReasonCode(0x97))),
    ]);
}

#[test]
fn disconnect_and_auth() {
    check(&[
        ("DISCONNECT with an undefined code", V5, "E0 01 01", UndefinedReasonCode(ReasonCode(1))),
        ("DISCONNECT with a code of CONNACK", V5, "E0 01 84", UndefinedReasonCode(ReasonCode(0x84))),
        ("AUTH with an undefined code", V5, "F0 __ 80 04 150001'm'", UndefinedReasonCode(ReasonCode(0x80))),
        ("AUTH without a method", V5, "F0 02 18 00", MissingAuthenticationMethod),
        ("AUTH with data alone", V5, "F0 __ 18 04 160001'd'", MissingAuthenticationMethod),
        ("AUTH of success with data alone", V5, "F0 __ 00 04 160001'd'", MissingAuthenticationMethod),
    ]);
}

#[test]
fn properties() {
    check(&[
        ("non-minimal Property Length", V5, "40 __ 1234 00 8000", NON_MINIMAL),
        ("Property Length of five bytes", V5, "40 __ 1234 00 8080808000", TOO_LONG),
        ("non-minimal Subscription Identifier", V5, "82 __ 1234 03 0B8100 0001't' 00", NON_MINIMAL),
        ("Subscription Identifier of five bytes", V5, "82 __ 1234 06 0B8080808001 0001't' 00", TOO_LONG),
        ("non-minimal property identifier", V5, "40 __ 1234 00 05 9F00 0001'm'", NON_MINIMAL),
        ("property 0", V5, "40 __ 1234 00 02 0000", UnknownProperty(0)),
        ("property 4", V5, "40 __ 1234 00 02 0400", UnknownProperty(4)),
        ("property 0x2B", V5, "40 __ 1234 00 02 2B00", UnknownProperty(0x2B)),
        ("property 128", V5, "40 __ 1234 00 02 8001", UnknownProperty(128)),
        (
            "Reason String in CONNECT",
            V5,
            "10 __ 0004'MQTT' 05 02 003C 04 1F0001'm' 0001'c'",
            misplaced(PropertyId::ReasonString),
        ),
        (
            "Will Delay Interval outside the Will Properties",
            V5,
            "10 __ 0004'MQTT' 05 02 003C 05 1800000001 0001'c'",
            misplaced(PropertyId::WillDelayInterval),
        ),
        (
            "Session Expiry Interval among the Will Properties",
            V5,
            "10 __ 0004'MQTT' 05 06 003C 00 0001'c' 05 1100000001 0001't' 0000",
            misplaced(PropertyId::SessionExpiryInterval),
        ),
        ("Topic Alias in PUBACK", V5, "40 __ 1234 00 03 230001", misplaced(PropertyId::TopicAlias)),
        ("Server Reference in AUTH", V5, "F0 __ 18 04 1C0001's'", misplaced(PropertyId::ServerReference)),
        (
            "Reason String twice",
            V5,
            "40 __ 1234 00 08 1F0001'm' 1F0001'm'",
            DuplicateProperty(PropertyId::ReasonString),
        ),
        (
            "Subscription Identifier twice in SUBSCRIBE",
            V5,
            "82 __ 1234 04 0B01 0B02 0001't' 00",
            DuplicateProperty(PropertyId::SubscriptionIdentifier),
        ),
        ("Topic Alias twice", V5, "30 __ 0001't' 06 230001 230001", DuplicateProperty(PropertyId::TopicAlias)),
        (
            "Payload Format Indicator twice among the Will Properties",
            V5,
            "10 __ 0004'MQTT' 05 06 003C 00 0001'c' 04 0100 0100 0001't' 0000",
            DuplicateProperty(PropertyId::PayloadFormatIndicator),
        ),
        ("Topic Alias 0", V5, "30 __ 0001't' 03 230000", PropertyOutOfRange(PropertyId::TopicAlias)),
        (
            "Subscription Identifier 0",
            V5,
            "82 __ 1234 02 0B00 0001't' 00",
            PropertyOutOfRange(PropertyId::SubscriptionIdentifier),
        ),
        (
            "Payload Format Indicator 2",
            V5,
            "30 __ 0001't' 02 0102",
            PropertyOutOfRange(PropertyId::PayloadFormatIndicator),
        ),
        (
            "Receive Maximum 0",
            V5,
            "10 __ 0004'MQTT' 05 02 003C 03 210000 0001'c'",
            PropertyOutOfRange(PropertyId::ReceiveMaximum),
        ),
        (
            "Maximum Packet Size 0",
            V5,
            "10 __ 0004'MQTT' 05 02 003C 05 2700000000 0001'c'",
            PropertyOutOfRange(PropertyId::MaximumPacketSize),
        ),
        (
            "Request Problem Information 2",
            V5,
            "10 __ 0004'MQTT' 05 02 003C 02 1702 0001'c'",
            PropertyOutOfRange(PropertyId::RequestProblemInformation),
        ),
        (
            "Request Response Information 2",
            V5,
            "10 __ 0004'MQTT' 05 02 003C 02 1902 0001'c'",
            PropertyOutOfRange(PropertyId::RequestResponseInformation),
        ),
        ("Maximum QoS 2", V5, "20 __ 00 00 02 2402", PropertyOutOfRange(PropertyId::MaximumQoS)),
        ("Retain Available 2", V5, "20 __ 00 00 02 2502", PropertyOutOfRange(PropertyId::RetainAvailable)),
        (
            "Wildcards Available 2",
            V5,
            "20 __ 00 00 02 2802",
            PropertyOutOfRange(PropertyId::WildcardSubscriptionAvailable),
        ),
        (
            "Subscription Identifiers Available 2",
            V5,
            "20 __ 00 00 02 2902",
            PropertyOutOfRange(PropertyId::SubscriptionIdentifierAvailable),
        ),
        (
            "Shared Subscriptions 255",
            V5,
            "20 __ 00 00 02 2AFF",
            PropertyOutOfRange(PropertyId::SharedSubscriptionAvailable),
        ),
    ]);
}

#[test]
fn every_property_is_refused_where_it_may_not_stand() {
    // PINGREQ and PINGRESP have no properties; every other packet gets each foreign property, in its own data type.
    let bodies: &[(PacketType, &str)] = &[
        (PacketType::Connect, "10 __ 0004'MQTT' 05 02 003C P 0001'c'"),
        (PacketType::ConnAck, "20 __ 00 00 P"),
        (PacketType::Publish, "30 __ 0001't' P"),
        (PacketType::PubAck, "40 __ 1234 00 P"),
        (PacketType::PubRec, "50 __ 1234 00 P"),
        (PacketType::PubRel, "62 __ 1234 00 P"),
        (PacketType::PubComp, "70 __ 1234 00 P"),
        (PacketType::Subscribe, "82 __ 1234 P 0001't' 00"),
        (PacketType::SubAck, "90 __ 1234 P 00"),
        (PacketType::Unsubscribe, "A2 __ 1234 P 0001't'"),
        (PacketType::UnsubAck, "B0 __ 1234 P 00"),
        (PacketType::Disconnect, "E0 __ 00 P"),
        (PacketType::Auth, "F0 __ 18 P"),
    ];
    for &(packet_type, body) in bodies {
        for id in PropertyId::ALL {
            let value = match id.property_type() {
                PropertyType::Byte | PropertyType::VariableByteInteger => "01",
                PropertyType::TwoByteInteger => "0001",
                PropertyType::FourByteInteger => "00000001",
                PropertyType::Utf8String | PropertyType::BinaryData => "0001'x'",
                PropertyType::Utf8StringPair => "0001'x' 0001'x'",
            };
            let property = format!("{:02X} {value}", id.value());
            let list = format!("{:02X} {property}", bytes(&property).len());
            let result = decode_error(&bytes(&body.replace('P', &list)), V5_0);
            let allowed = id.is_allowed_in(PropertyContext::Packet(packet_type));
            let misplaced = result == Some(MisplacedProperty(id));
            assert_eq!(misplaced, !allowed, "{id} in {packet_type}: {result:?}");
        }
    }
}

fn misplaced(id: PropertyId) -> DecodeError {
    MisplacedProperty(id)
}

fn decode_error(frame: &[u8], version: ProtocolVersion) -> Option<DecodeError> {
    decode(frame, version).err()
}

fn check(rows: &[Row]) {
    for &(name, versions, notation, expected) in rows {
        for &version in versions {
            let result = decode_error(&bytes(notation), version);
            assert_eq!(result, Some(expected), "{name} in {version}: {notation}");
            assert!(!expected.to_string().is_empty());
        }
    }
}

#[test]
fn a_stream_is_refused_as_soon_as_its_first_bytes_are_wrong() {
    for (start, version, error) in [
        ("00", V5_0, ReservedPacketType),
        ("F0", V3_1_1, PacketTypeNotInVersion),
        ("36", V5_0, InvalidQoS),
        ("38 05", V5_0, DupAtQoS0),
        ("8A 05", V3_1_1, InvalidFixedHeaderFlags(0x0A)),
        ("30 8000", V5_0, VariableByteInteger(VarintError::NonMinimal)),
    ] {
        let bytes = bytes(start);
        let mut stream = bytes.as_slice();
        assert_eq!(decode_next(&mut stream, version), Err(error), "{start}");
        assert_eq!(stream, bytes, "{start}: nothing is taken");
    }
    let again = bytes("8A 05");
    assert_eq!(decode_next(&mut again.as_slice(), V3_1), Ok(None), "3.1 has DUP here");
}

#[test]
fn a_payload_that_is_not_what_it_claims_is_found_when_asked_for() {
    for (payload, indicator, declared) in [
        ("FF", "00", true),
        ("FF", "02 01 00", true),
        ("FF", "02 01 01", false),
        ("C3A4", "02 01 01", true),
        ("", "02 01 01", true),
    ] {
        let body = bytes(&format!("0001 74 {indicator} {payload}"));
        let frame = [&[0x30, body.len() as u8], body.as_slice()].concat();
        let Ok(Packet::Publish(publish)) = decode(&frame, V5_0) else { panic!("{indicator}") };
        assert_eq!(publish.has_declared_format(), declared, "{indicator} {payload}");
    }
}
