//! Named faults: each makes the reference client commit one deliberate violation.
//!
//! The table gives, for every fault, the statement it breaks in 5.0 and in 3.1.1 (`_`: it does nothing in that version):
//! the sentence that obliges the *client*, or in parentheses the section where no numbered statement does.
//! In 3.1 a fault acts as in 3.1.1.

use mqttspec_codec::ProtocolVersion;

use crate::broker::choice_set::choice_set;

macro_rules! statement {
    (_) => {
        None
    };
    (($section:literal)) => {
        Some(concat!("§", $section))
    };
    ($id:literal) => {
        Some(concat!("MQTT-", $id))
    };
}

macro_rules! faults {
    ($($fault:ident $id:literal $v5:tt $v3:tt $description:literal;)*) => {
        /// One deliberate violation of the standard by the reference client.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[repr(u16)]
        pub enum ClientFault {
            $(
                #[doc = $description]
                #[serde(rename = $id)]
                $fault,
            )*
        }

        impl ClientFault {
            /// Every fault, in the order of the standard.
            pub const ALL: &[Self] = &[$(Self::$fault),*];

            /// The name used on the command line and in reports, such as `resend-without-dup`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$fault => $id,)* }
            }

            /// The one with this [`id`](Self::id).
            pub fn from_id(id: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|item| item.id() == id)
            }

            /// One line: what the client does.
            pub const fn describe(self) -> &'static str {
                match self { $(Self::$fault => $description,)* }
            }

            /// The statement that the fault breaks in `version`, or the section as `§2.1.2` when no numbered statement
            /// obliges the client; `None` when the fault does nothing there.
            /// 3.1 has no numbered statements: there it is the statement of 3.1.1.
            pub const fn statement(self, version: ProtocolVersion) -> Option<&'static str> {
                if matches!(version, ProtocolVersion::V5_0) {
                    match self { $(Self::$fault => statement!($v5),)* }
                } else {
                    match self { $(Self::$fault => statement!($v3),)* }
                }
            }
        }
    };
}

faults! {
    // 1.5 and 2: data representation and packet format.
    TopicNameIllFormed "topic-name-ill-formed" "1.5.4-1" "1.5.3-1" "Puts a byte that UTF-8 never uses into topic names.";
    TopicNameSurrogate "topic-name-surrogate" "1.5.4-1" "1.5.3-1" "Puts an encoded surrogate into topic names.";
    TopicNameNullCharacter "topic-name-null-character" "1.5.4-2" "1.5.3-2" "Puts U+0000 into topic names.";
    LengthNotMinimal "length-not-minimal" "1.5.5-1" _ "Spends a byte more than needed on the Remaining Length of PINGREQ.";
    UserPropertyIllFormed "user-property-ill-formed" "1.5.7-1" _ "Puts ill-formed UTF-8 into a User Property of PUBLISH.";
    SendServerPacket "send-server-packet" ("2.1.2") ("2.2.1") "Sends PINGRESP, which only a Server may send.";
    PingReqFlags "pingreq-flags" "2.1.3-1" "2.2.2-1" "Sends PINGREQ with a reserved fixed-header flag set.";
    PacketIdentifierZero "packet-identifier-zero" "2.2.1-3" "2.3.1-1" "Sends QoS 1 and 2 PUBLISH packets with packet identifier 0.";
    RequestIdentifierZero "request-identifier-zero" "2.2.1-3" "2.3.1-1" "Sends SUBSCRIBE and UNSUBSCRIBE with packet identifier 0.";
    ReusePacketIdentifier "reuse-packet-identifier" "2.2.1-3" "2.3.1-2" "Gives everything packet identifier 1, in use or not.";
    PubAckWrongIdentifier "puback-wrong-identifier" "2.2.1-5" "2.3.1-6" "Answers PUBLISH with a PUBACK for the next packet identifier.";
    PubRecWrongIdentifier "pubrec-wrong-identifier" "2.2.1-5" "2.3.1-6" "Answers PUBLISH with a PUBREC for the next packet identifier.";
    PubRelWrongIdentifier "pubrel-wrong-identifier" "2.2.1-5" "2.3.1-6" "Answers PUBREC with a PUBREL for the next packet identifier.";
    PubCompWrongIdentifier "pubcomp-wrong-identifier" "2.2.1-5" "4.3.3-2" "Answers PUBREL with a PUBCOMP for the next packet identifier.";
    OmitPropertyLength "omit-property-length" "2.2.2-1" _ "Leaves Property Length out of SUBSCRIBE.";
    DuplicateProperty "duplicate-property" ("3.1.2.11.3") _ "Sends Receive Maximum twice in CONNECT.";
    MisplacedProperty "misplaced-property" ("2.2.2.2") _ "Sends Topic Alias Maximum in PUBLISH.";
    UnknownProperty "unknown-property" ("2.2.2.2") _ "Sends a property that does not exist in SUBSCRIBE.";
    // 3.1: CONNECT.
    PacketBeforeConnect "packet-before-connect" "3.1.0-1" "3.1.0-1" "Sends PINGREQ before CONNECT.";
    SecondConnect "second-connect" ("3.1") ("3.1") "Sends CONNECT twice on one connection.";
    WrongProtocolName "wrong-protocol-name" "3.1.2-1" ("3.1.2.1") "Sends a protocol name that does not exist.";
    ReservedConnectFlag "reserved-connect-flag" ("3.1.2.3") ("3.1.2.3") "Sets the reserved bit of the Connect Flags.";
    WillFlagWithoutWill "will-flag-without-will" "3.1.2-9" "3.1.2-9" "Sets the Will Flag and sends no Will.";
    WillQosWithoutWill "will-qos-without-will" "3.1.2-11" "3.1.2-13" "Sets Will QoS without the Will Flag.";
    WillQos3 "will-qos-3" "3.1.2-12" "3.1.2-14" "Sets Will QoS to 3.";
    WillRetainWithoutWill "will-retain-without-will" "3.1.2-13" "3.1.2-15" "Sets Will Retain without the Will Flag.";
    UserNameWithoutFlag "user-name-without-flag" "3.1.2-16" "3.1.2-18" "Sends a User Name without its flag.";
    UserNameFlagWithoutUserName "user-name-flag-without-user-name" "3.1.2-17" "3.1.2-19" "Sets the User Name Flag and sends no User Name.";
    PasswordWithoutFlag "password-without-flag" "3.1.2-18" "3.1.2-20" "Sends a Password without its flag.";
    PasswordFlagWithoutPassword "password-flag-without-password" "3.1.2-19" "3.1.2-21" "Sets the Password Flag and sends no Password.";
    PasswordWithoutUserName "password-without-user-name" _ "3.1.2-22" "Sends a Password without a User Name.";
    SilentPastKeepAlive "silent-past-keep-alive" "3.1.2-20" "3.1.2-23" "Never sends PINGREQ by itself.";
    IgnoreServerKeepAlive "ignore-server-keep-alive" "3.1.2-21" _ "Uses its own Keep Alive although CONNACK has another.";
    ForgetSession "forget-session" "3.1.2-23" "3.1.2-4" "Forgets what is in flight when the connection ends, whatever the session.";
    PacketDuringAuthentication "packet-during-authentication" "3.1.2-30" _ "Sends PINGREQ while it authenticates.";
    AuthenticationDataWithoutMethod "authentication-data-without-method" ("3.1.2.11.10") _ "Sends Authentication Data in CONNECT without Authentication Method.";
    ReceiveMaximumZero "receive-maximum-zero" ("3.1.2.11.3") _ "Sends Receive Maximum 0.";
    OmitClientIdentifier "omit-client-identifier" "3.1.3-3" "3.1.3-3" "Leaves the Client Identifier out of CONNECT.";
    ClientIdentifierIllFormed "client-identifier-ill-formed" "3.1.3-4" "3.1.3-4" "Puts ill-formed UTF-8 into the Client Identifier.";
    EmptyClientIdentifierWithoutClean "empty-client-identifier-without-clean" _ "3.1.3-7" "Sends an empty Client Identifier with Clean Session 0.";
    WillTopicIllFormed "will-topic-ill-formed" "3.1.3-11" "3.1.3-10" "Puts ill-formed UTF-8 into the Will Topic.";
    UserNameIllFormed "user-name-ill-formed" "3.1.3-12" "3.1.3-11" "Puts ill-formed UTF-8 into the User Name.";
    ResendAfterCleanStart "resend-after-clean-start" "3.1.2-4" "3.1.2-6" "Resends the messages of its earlier session after Clean Start 1.";
    // 3.2: CONNACK.
    OpenAfterUnexpectedSession "open-after-unexpected-session" "3.2.2-4" _ "Stays connected when it is told Session Present 1 and has no session.";
    ResendWithoutSession "resend-without-session" "3.2.2-5" _ "Resends the messages of its earlier session after Session Present 0.";
    AboveMaximumQos "above-maximum-qos" "3.2.2-11" _ "Publishes above the Maximum QoS of CONNACK.";
    RetainUnavailable "retain-unavailable" "3.2.2-14" _ "Publishes with RETAIN 1 although CONNACK has Retain Available 0.";
    AboveMaximumPacketSize "above-maximum-packet-size" "3.2.2-15" _ "Sends PUBLISH packets larger than the Maximum Packet Size of CONNACK.";
    AliasAboveMaximum "alias-above-maximum" "3.2.2-17" _ "Sends topic aliases above the Topic Alias Maximum of CONNACK.";
    UninvitedAlias "uninvited-alias" "3.2.2-18" _ "Sends a topic alias although CONNACK has no Topic Alias Maximum.";
    UnavailableWildcards "unavailable-wildcards" ("3.2.2.3.11") _ "Subscribes with wildcards although CONNACK says that they are not available.";
    UnavailableSubscriptionIdentifiers "unavailable-subscription-identifiers" ("3.2.2.3.12") _ "Sends Subscription Identifiers although CONNACK says that they are not available.";
    UnavailableSharedSubscriptions "unavailable-shared-subscriptions" ("3.2.2.3.13") _ "Makes shared subscriptions although CONNACK says that they are not available.";
    // 3.3: PUBLISH.
    ResendWithoutDup "resend-without-dup" "3.3.1-1" "3.3.1-1" "Resends PUBLISH packets with DUP 0.";
    DupAtQos0 "dup-at-qos-0" "3.3.1-2" "3.3.1-2" "Sends QoS 0 PUBLISH packets with DUP 1.";
    PublishQos3 "publish-qos-3" "3.3.1-4" "3.3.1-4" "Sets both QoS bits of PUBLISH.";
    OmitTopicName "omit-topic-name" "3.3.2-1" "3.3.2-1" "Sends PUBLISH packets without anything in them.";
    WildcardInTopicName "wildcard-in-topic-name" "3.3.2-2" "3.3.2-2" "Publishes to topic names with a wildcard.";
    EmptyTopicName "empty-topic-name" ("3.3.2.1") "4.7.3-1" "Publishes to an empty topic name without a topic alias.";
    KeepAliasesAcrossConnections "keep-aliases-across-connections" "3.3.2-7" _ "Uses the topic aliases of its connection before.";
    AliasZero "alias-zero" "3.3.2-8" _ "Sends topic alias 0.";
    RefuseHighestAlias "refuse-highest-alias" "3.3.2-10" _ "Closes on a topic alias that equals its own Topic Alias Maximum.";
    ResponseTopicIllFormed "response-topic-ill-formed" "3.3.2-13" _ "Puts ill-formed UTF-8 into the Response Topic.";
    WildcardInResponseTopic "wildcard-in-response-topic" "3.3.2-14" _ "Sends a Response Topic with a wildcard.";
    ContentTypeIllFormed "content-type-ill-formed" "3.3.2-19" _ "Puts ill-formed UTF-8 into the Content Type.";
    AnswerQos0 "answer-qos-0" "3.3.4-1" "3.3.4-1" "Answers QoS 0 messages with a PUBACK.";
    AnswerQos2WithPubAck "answer-qos-2-with-puback" "3.3.4-1" "3.3.4-1" "Answers QoS 2 messages with PUBACK.";
    SubscriptionIdentifierInPublish "subscription-identifier-in-publish" "3.3.4-6" _ "Sends PUBLISH packets with a Subscription Identifier.";
    AboveReceiveMaximum "above-receive-maximum" "3.3.4-7" _ "Ignores the Receive Maximum of CONNACK.";
    QuotaBlocksOtherPackets "quota-blocks-other-packets" "3.3.4-8" _ "Acknowledges nothing while its send quota is used up.";
    // 3.4 to 3.7: acknowledgements.
    PubAckUndefinedReason "puback-undefined-reason" "3.4.2-1" _ "Sends PUBACK with an undefined reason code.";
    PubAckReasonTooLong "puback-reason-too-long" "3.4.2-2" _ "Sends PUBACK with a Reason String that exceeds the Maximum Packet Size of CONNACK.";
    PubAckUserPropertyTooLong "puback-user-property-too-long" "3.4.2-3" _ "Sends PUBACK with a User Property that exceeds the Maximum Packet Size of CONNACK.";
    PubRecUndefinedReason "pubrec-undefined-reason" "3.5.2-1" _ "Sends PUBREC with an undefined reason code.";
    PubRecReasonTooLong "pubrec-reason-too-long" "3.5.2-2" _ "Sends PUBREC with a Reason String that exceeds the Maximum Packet Size of CONNACK.";
    PubRecUserPropertyTooLong "pubrec-user-property-too-long" "3.5.2-3" _ "Sends PUBREC with a User Property that exceeds the Maximum Packet Size of CONNACK.";
    PubRelFlags "pubrel-flags" "3.6.1-1" "3.6.1-1" "Sends PUBREL with wrong fixed-header flags.";
    PubRelUndefinedReason "pubrel-undefined-reason" "3.6.2-1" _ "Sends PUBREL with an undefined reason code.";
    PubRelReasonTooLong "pubrel-reason-too-long" "3.6.2-2" _ "Sends PUBREL with a Reason String that exceeds the Maximum Packet Size of CONNACK.";
    PubRelUserPropertyTooLong "pubrel-user-property-too-long" "3.6.2-3" _ "Sends PUBREL with a User Property that exceeds the Maximum Packet Size of CONNACK.";
    PubCompUndefinedReason "pubcomp-undefined-reason" "3.7.2-1" _ "Sends PUBCOMP with an undefined reason code.";
    PubCompReasonTooLong "pubcomp-reason-too-long" "3.7.2-2" _ "Sends PUBCOMP with a Reason String that exceeds the Maximum Packet Size of CONNACK.";
    PubCompUserPropertyTooLong "pubcomp-user-property-too-long" "3.7.2-3" _ "Sends PUBCOMP with a User Property that exceeds the Maximum Packet Size of CONNACK.";
    // 3.8 and 3.10: SUBSCRIBE and UNSUBSCRIBE.
    SubscribeFlags "subscribe-flags" "3.8.1-1" "3.8.1-1" "Sends SUBSCRIBE with wrong fixed-header flags.";
    FilterIllFormed "filter-ill-formed" "3.8.3-1" "3.8.3-1" "Puts ill-formed UTF-8 into the topic filters of SUBSCRIBE.";
    EmptySubscribe "empty-subscribe" "3.8.3-2" "3.8.3-3" "Sends SUBSCRIBE without a topic filter.";
    NoLocalOnShared "no-local-on-shared" "3.8.3-4" _ "Sets No Local on a shared subscription.";
    SubscribeQos3 "subscribe-qos-3" ("3.8.3.1") ("3.8.3") "Asks for QoS 3.";
    RetainHandling3 "retain-handling-3" ("3.8.3.1") _ "Sets Retain Handling to 3.";
    ReservedSubscriptionOptions "reserved-subscription-options" ("3.8.3.1") ("3.8.3") "Sets a reserved bit of the subscription options.";
    UnsubscribeFlags "unsubscribe-flags" "3.10.1-1" "3.10.1-1" "Sends UNSUBSCRIBE with wrong fixed-header flags.";
    UnsubscribeFilterIllFormed "unsubscribe-filter-ill-formed" "3.10.3-1" "3.10.3-1" "Puts ill-formed UTF-8 into the topic filters of UNSUBSCRIBE.";
    EmptyUnsubscribe "empty-unsubscribe" "3.10.3-2" "3.10.3-2" "Sends UNSUBSCRIBE without a topic filter.";
    // 3.14 and 3.15: DISCONNECT and AUTH.
    DisconnectFlags "disconnect-flags" "3.14.1-1" "2.2.2-1" "Sends DISCONNECT with a reserved fixed-header flag set.";
    DisconnectUndefinedReason "disconnect-undefined-reason" "3.14.2-1" _ "Sends DISCONNECT with an undefined reason code.";
    SessionExpiryAtDisconnect "session-expiry-at-disconnect" ("3.14.2.2.2") _ "Sends a Session Expiry Interval in DISCONNECT although it was 0 in CONNECT.";
    DisconnectReasonTooLong "disconnect-reason-too-long" "3.14.2-3" _ "Sends DISCONNECT with a Reason String that exceeds the Maximum Packet Size of CONNACK.";
    DisconnectUserPropertyTooLong "disconnect-user-property-too-long" "3.14.2-4" _ "Sends DISCONNECT with a User Property that exceeds the Maximum Packet Size of CONNACK.";
    SendAfterDisconnect "send-after-disconnect" "3.14.4-1" "3.14.4-2" "Sends PINGREQ after DISCONNECT.";
    OpenAfterDisconnect "open-after-disconnect" "3.14.4-2" "3.14.4-1" "Does not close the connection after DISCONNECT.";
    AuthFlags "auth-flags" "3.15.1-1" _ "Sends AUTH with a reserved fixed-header flag set.";
    AuthUndefinedReason "auth-undefined-reason" "3.15.2-1" _ "Sends AUTH with an undefined reason code.";
    AuthReasonTooLong "auth-reason-too-long" "3.15.2-2" _ "Sends AUTH with a Reason String that exceeds the Maximum Packet Size of CONNACK.";
    AuthUserPropertyTooLong "auth-user-property-too-long" "3.15.2-3" _ "Sends AUTH with a User Property that exceeds the Maximum Packet Size of CONNACK.";
    // 4.1 to 4.6: session state, delivery, order.
    DupAtFirstQos1 "dup-at-first-qos-1" "4.3.2-2" "4.3.2-1" "Sends QoS 1 messages for the first time with DUP 1.";
    DupAtFirstQos2 "dup-at-first-qos-2" "4.3.3-2" "4.3.3-1" "Sends QoS 2 messages for the first time with DUP 1.";
    NoPubAck "no-puback" "4.3.2-4" "4.3.2-2" "Does not answer QoS 1 messages.";
    NoPubRel "no-pubrel" "4.3.3-4" "4.3.3-1" "Does not answer PUBREC.";
    PublishAfterPubRel "publish-after-pubrel" "4.3.3-6" "4.3.3-1" "Resends QoS 2 messages although it has sent their PUBREL.";
    NoPubRec "no-pubrec" "4.3.3-8" "4.3.3-2" "Does not answer QoS 2 messages.";
    NoPubRecForDuplicate "no-pubrec-for-duplicate" "4.3.3-10" "4.3.3-2" "Does not answer a QoS 2 message that comes again.";
    NoPubComp "no-pubcomp" "4.3.3-11" "4.3.3-2" "Does not answer PUBREL.";
    NoPubCompForUnknown "no-pubcomp-for-unknown" "4.3.3-11" "4.3.3-2" "Does not answer a PUBREL whose packet identifier it does not know.";
    NoResend "no-resend" "4.4.0-1" "4.4.0-1" "Does not resend PUBLISH packets when its session is resumed.";
    NoPubRelResend "no-pubrel-resend" "4.4.0-1" "4.4.0-1" "Does not resend PUBREL packets when its session is resumed.";
    NewIdentifierOnResend "new-identifier-on-resend" "4.4.0-1" "2.3.1-3" "Resends messages with new packet identifiers.";
    ResendWhileConnected "resend-while-connected" "4.4.0-1" _ "Resends PUBLISH packets on the connection on which it has sent them.";
    ResendRefused "resend-refused" "4.4.0-2" _ "Resends messages that were refused with a reason code of 0x80 or more.";
    IgnoreUnwanted "ignore-unwanted" "4.5.0-2" "4.5.0-2" "Does not acknowledge messages to which it has not subscribed.";
    ResendOutOfOrder "resend-out-of-order" "4.6.0-1" "4.6.0-1" "Resends PUBLISH packets in reverse order.";
    PubAcksOutOfOrder "pubacks-out-of-order" "4.6.0-2" "4.6.0-2" "Sends PUBACKs that are due together in reverse order.";
    PubRecsOutOfOrder "pubrecs-out-of-order" "4.6.0-3" "4.6.0-3" "Sends PUBRECs that are due together in reverse order.";
    PubRelsOutOfOrder "pubrels-out-of-order" "4.6.0-4" "4.6.0-4" "Sends PUBRELs that are due together in reverse order.";
    // 4.7 and 4.8: topics.
    MisplacedMultiLevelWildcard "misplaced-multi-level-wildcard" "4.7.1-1" "4.7.1-2" "Subscribes with # in the middle of a filter.";
    MisplacedSingleLevelWildcard "misplaced-single-level-wildcard" "4.7.1-2" "4.7.1-3" "Subscribes with + that shares its level.";
    EmptyFilter "empty-filter" "4.7.3-1" "4.7.3-1" "Subscribes with an empty filter.";
    FilterNullCharacter "filter-null-character" "4.7.3-2" "4.7.3-2" "Puts U+0000 into topic filters.";
    EmptyShareName "empty-share-name" "4.8.2-1" _ "Subscribes with an empty share name.";
    WildcardInShareName "wildcard-in-share-name" "4.8.2-2" _ "Subscribes with a wildcard in the share name.";
    // 4.12: enhanced authentication.
    AuthWrongReason "auth-wrong-reason" "4.12.0-3" _ "Answers AUTH with reason code 0x19.";
    AuthOtherMethod "auth-other-method" "4.12.0-5" _ "Answers AUTH with another authentication method.";
    UninvitedAuth "uninvited-auth" "4.12.0-7" _ "Sends AUTH although its CONNECT had no authentication method.";
    ReauthenticateWithOtherMethod "reauthenticate-with-other-method" "4.12.1-1" _ "Begins re-authentication with another authentication method.";
    // 4.13 (3.1.1: 4.8): errors of the server.
    OpenAfterMalformedPacket "open-after-malformed-packet" ("4.13.1") "4.8.0-1" "Ignores malformed packets and stays connected.";
    OpenAfterIllFormedUtf8 "open-after-ill-formed-utf-8" ("4.13.1") "1.5.3-1" "Ignores packets with ill-formed UTF-8 and stays connected.";
    OpenAfterNullCharacter "open-after-null-character" ("4.13.1") "1.5.3-2" "Ignores packets with U+0000 and stays connected.";
    OpenAfterWrongFlags "open-after-wrong-flags" ("4.13.1") "2.2.2-2" "Ignores packets with wrong fixed-header flags and stays connected.";
    OpenAfterQos3 "open-after-qos-3" ("4.13.1") "3.3.1-4" "Ignores PUBLISH packets with QoS 3 and stays connected.";
    OpenAfterProtocolError "open-after-protocol-error" ("4.13.1") "4.8.0-1" "Ignores protocol errors of the server and stays connected.";
    OpenAfterInvalidAlias "open-after-invalid-alias" ("4.13.1") _ "Ignores topic aliases that it has not allowed and stays connected.";
    OpenAfterTooLargePacket "open-after-too-large-packet" ("4.13.1") _ "Takes packets above its own Maximum Packet Size.";
    OpenAfterRefusal "open-after-refusal" "4.13.2-1" _ "Does not close the connection when CONNACK refuses it.";
    OpenAfterServerDisconnect "open-after-server-disconnect" "4.13.2-1" _ "Does not close the connection after a DISCONNECT of the server.";
}

choice_set! {
    /// A set of [`ClientFault`]s.
    ClientFaultSet of ClientFault
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statements::{Catalogue, Who};

    #[test]
    fn every_statement_is_in_the_catalogue_and_binds_clients() {
        for version in [ProtocolVersion::V5_0, ProtocolVersion::V3_1_1] {
            for fault in ClientFault::ALL {
                let Some(statement) = fault.statement(version).filter(|cite| cite.starts_with("MQTT")) else {
                    continue;
                };
                let known = Catalogue::of(version).get(statement);
                assert!(known.is_some_and(|known| known.who != Who::Server), "{version} {fault}: {statement}");
            }
        }
    }

    #[test]
    fn every_fault_does_something_somewhere() {
        for fault in ClientFault::ALL {
            let acts = |version| fault.statement(version).is_some();
            assert!(acts(ProtocolVersion::V5_0) || acts(ProtocolVersion::V3_1_1), "{fault}");
            assert_eq!(ClientFault::from_id(fault.id()), Some(*fault));
        }
    }
}
