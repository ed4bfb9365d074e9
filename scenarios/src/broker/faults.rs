//! Named faults: each makes the reference broker commit one deliberate violation.
//!
//! The table gives, for every fault, the statement it breaks in 5.0 and in 3.1.1 (`_`: it does nothing in that version):
//! the sentence that obliges the *server*. To accept what a client must not send breaks the sentence that tells the server
//! to refuse it, in 5.0 often the unnumbered part of section 4.13.1, written `"4.13.1-1"`.
//! In 3.1 a fault acts as in 3.1.1.

use mqttspec_codec::ProtocolVersion;

use super::choice_set::choice_set;

macro_rules! statement {
    (_) => {
        None
    };
    // A section that obliges the server without a numbered statement.
    (($section:literal)) => {
        Some(concat!("§", $section))
    };
    ($id:literal) => {
        Some(concat!("MQTT-", $id))
    };
}

macro_rules! faults {
    ($($fault:ident $id:literal $v5:tt $v3:tt $description:literal;)*) => {
        /// One deliberate violation of the standard by the reference broker.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[repr(u16)]
        pub enum Fault {
            $(
                #[doc = $description]
                #[serde(rename = $id)]
                $fault,
            )*
        }

        impl Fault {
            /// Every fault, in the order of the standard.
            pub const ALL: &[Self] = &[$(Self::$fault),*];

            /// The name used on the command line and in the fault matrix, such as `redeliver-without-dup`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$fault => $id,)* }
            }

            /// The one with this [`id`](Self::id).
            pub fn from_id(id: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|item| item.id() == id)
            }

            /// One line: what the broker does.
            pub const fn describe(self) -> &'static str {
                match self { $(Self::$fault => $description,)* }
            }

            /// The statement that the fault breaks in `version`, or the section as `§4.13.1` when no numbered statement obliges
            /// the server; `None` when the fault does nothing there.
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
    AcceptIllFormedUtf8 "accept-ill-formed-utf-8" "4.13.1-1" "1.5.3-1" "Accepts ill-formed UTF-8 in a topic name.";
    AcceptNullCharacter "accept-null-character" "4.13.1-1" "1.5.3-2" "Accepts U+0000 in a topic name.";
    SendSurrogates "send-surrogates" "1.5.4-1" "1.5.3-1" "Forwards characters of four bytes in a topic name as two surrogates of three.";
    AcceptNullInContentType "accept-null-in-content-type" "1.5.4-2" _ "Forwards U+0000 in a Content Type.";
    StripBom "strip-bom" "1.5.4-3" "1.5.3-3" "Strips U+FEFF from the start of topic names.";
    SendNonMinimalLength "send-non-minimal-length" "1.5.5-1" _ "Encodes the Remaining Length of PINGRESP in more bytes than needed.";
    AcceptNonMinimalLength "accept-non-minimal-length" "4.13.1-1" _ "Accepts a Remaining Length that is encoded in more bytes than needed.";
    AcceptWrongFixedHeaderFlags "accept-wrong-fixed-header-flags" "4.13.1-1" "2.2.2-2" "Accepts PINGREQ, PUBACK, PUBREC and PUBCOMP with reserved fixed-header flags set.";
    SendWrongFixedHeaderFlags "send-wrong-fixed-header-flags" "2.1.3-1" "2.2.2-1" "Sends PINGRESP with a reserved fixed-header flag set.";
    SendPacketIdentifierAtQos0 "send-packet-identifier-at-qos-0" "2.2.1-2" "2.3.1-5" "Puts a packet identifier into QoS 0 PUBLISH packets.";
    AcceptPacketIdentifierZero "accept-packet-identifier-zero" "4.13.1-1" "4.8.0-1" "Accepts packet identifier 0.";
    SendPacketIdentifierZero "send-packet-identifier-zero" "2.2.1-4" "2.3.1-1" "Sends QoS 1 and 2 PUBLISH packets with packet identifier 0.";
    ReusePacketIdentifier "reuse-packet-identifier" "2.2.1-4" "2.3.1-4" "Gives every outgoing message the same packet identifier, in use or not.";
    PubAckWrongIdentifier "puback-wrong-identifier" "2.2.1-5" "2.3.1-6" "Answers PUBLISH with a PUBACK for the next packet identifier.";
    PubRecWrongIdentifier "pubrec-wrong-identifier" "2.2.1-5" "2.3.1-6" "Answers PUBLISH with a PUBREC for the next packet identifier.";
    SubAckWrongIdentifier "suback-wrong-identifier" "2.2.1-6" "2.3.1-7" "Answers SUBSCRIBE with a SUBACK for the next packet identifier.";
    UnsubAckWrongIdentifier "unsuback-wrong-identifier" "2.2.1-6" "2.3.1-7" "Answers UNSUBSCRIBE with an UNSUBACK for the next packet identifier.";
    OmitPropertyLength "omit-property-length" "2.2.2-1" _ "Leaves Property Length and properties out of CONNACK.";
    // 3.1: CONNECT.
    AcceptPacketBeforeConnect "accept-packet-before-connect" "4.13.1-1" "4.8.0-1" "Ignores packets that come before CONNECT instead of closing.";
    AcceptSecondConnect "accept-second-connect" "3.1.0-2" "3.1.0-2" "Ignores a second CONNECT instead of closing.";
    AcceptProtocolName "accept-protocol-name" "3.1.2-1" "3.1.2-1" "Accepts any protocol name.";
    AcceptProtocolLevel "accept-protocol-level" "3.1.2-2" "3.1.2-2" "Accepts unknown protocol levels.";
    AcceptReservedConnectFlag "accept-reserved-connect-flag" "3.1.2-3" "3.1.2-3" "Accepts CONNECT with the reserved flag set.";
    KeepSessionAtCleanStart "keep-session-at-clean-start" "3.1.2-4" "3.1.2-6" "Keeps subscriptions and messages of the old session at Clean Start 1.";
    ResumeEmptySession "resume-empty-session" "3.1.2-5" "3.1.2-4" "Says that the session is present, and resumes it without its subscriptions and messages.";
    CleanSessionOutlivesConnection "clean-session-outlives-connection" "4.1.0-2" "3.1.2-6" "Keeps the session after a connection with Clean Session 1, or Session Expiry Interval 0, has closed.";
    LoseWill "lose-will" "3.1.2-8" "3.1.2-8" "Never publishes the Will Message.";
    LoseWillAtServerClose "lose-will-at-server-close" "3.1.2-8" "3.1.2-8" "Does not publish the Will Message when the server closes the connection because of an error.";
    LoseWillAtTakeOver "lose-will-at-take-over" "3.1.2-8" "3.1.2-8" "Does not publish the Will Message when the connection is taken over.";
    LoseWillAtDisconnectWithWill "lose-will-at-disconnect-with-will" "3.1.2-8" _ "Does not publish the Will Message after DISCONNECT with reason code 0x04.";
    IgnoreWillDelay "ignore-will-delay" "3.1.2-8" _ "Publishes the Will Message at once whatever its Will Delay Interval.";
    WillWaitsPastSession "will-waits-past-session" "3.1.2-8" _ "Waits for the Will Delay Interval although the session has ended before.";
    IgnoreWillQos "ignore-will-qos" ("3.1.2.6") "3.1.2-9" "Publishes the Will Message at QoS 0.";
    PublishStaleWill "publish-stale-will" "3.1.2-10" "3.1.2-10" "Publishes the last Will Message again when a later connection without one is lost.";
    AcceptWillQosWithoutWill "accept-will-qos-without-will" "3.1.4-1" "3.1.4-1" "Accepts CONNECT with a Will QoS and no will.";
    AcceptWillQos3 "accept-will-qos-3" "3.1.4-1" "3.1.4-1" "Accepts CONNECT with Will QoS 3.";
    AcceptWillRetainWithoutWill "accept-will-retain-without-will" "3.1.4-1" "3.1.4-1" "Accepts CONNECT with Will Retain and no will.";
    RetainWillAlways "retain-will-always" "3.1.2-14" "3.1.2-16" "Publishes every Will Message as a retained message.";
    IgnoreWillRetain "ignore-will-retain" "3.1.2-15" "3.1.2-17" "Publishes every Will Message as a non-retained message.";
    AcceptPasswordWithoutUserName "accept-password-without-user-name" _ "3.1.4-1" "Accepts CONNECT with a password and no user name.";
    OpenAfterMalformedConnect "open-after-malformed-connect" "3.1.4-1" "3.1.4-1" "Neither answers nor closes on a CONNECT that is malformed.";
    IgnoreKeepAlive "ignore-keep-alive" "3.1.2-22" "3.1.2-24" "Never closes a connection for its keep alive.";
    LoseSessionAtClose "lose-session-at-close" "3.1.2-23" "4.1.0-1" "Discards every session when its connection closes.";
    ExceedMaximumPacketSize "exceed-maximum-packet-size" "3.1.2-24" _ "Sends PUBLISH packets larger than the Maximum Packet Size of the client.";
    TooLargeMessageBlocks "too-large-message-blocks" "3.1.2-25" _ "Sends nothing more to a client after a message that is too large for it.";
    ExceedTopicAliasMaximum "exceed-topic-alias-maximum" "3.1.2-26" _ "Sends a topic alias one above the Topic Alias Maximum of the client.";
    UninvitedTopicAlias "uninvited-topic-alias" "3.1.2-27" _ "Sends topic aliases to clients that allow none.";
    UnrequestedResponseInformation "unrequested-response-information" "3.1.2-28" _ "Returns Response Information that was not requested.";
    UnrequestedProblemInformation "unrequested-problem-information" "3.1.2-29" _ "Sends Reason Strings in acknowledgements although Request Problem Information is 0.";
    AcceptPacketsDuringAuthentication "accept-packets-during-authentication" "4.13.1-1" _ "Ignores other packets than AUTH and DISCONNECT during authentication instead of closing.";
    FoldClientIdentifierCase "fold-client-identifier-case" "3.1.3-2" "3.1.3-2" "Takes client identifiers that differ only in case for the same.";
    RefuseLegalClientIdentifier "refuse-legal-client-identifier" "3.1.3-5" "3.1.3-5" "Refuses client identifiers of 23 bytes.";
    OmitAssignedClientIdentifier "omit-assigned-client-identifier" "3.1.3-7" _ "Assigns a client identifier without telling the client.";
    AcceptEmptyClientIdentifierWithoutClean "accept-empty-client-identifier-without-clean" _ "3.1.3-8" "Accepts a zero-length client identifier with Clean Session 0.";
    WillDespiteReconnect "will-despite-reconnect" "3.1.3-9" _ "Publishes a delayed Will Message although the client came back in time.";
    ReorderWillUserProperties "reorder-will-user-properties" "3.1.3-10" _ "Reverses the User Properties of Will Messages.";
    TakeOverKeepsOldConnection "take-over-keeps-old-connection" "3.1.4-3" "3.1.4-2" "Leaves the old connection open when its session is taken over.";
    ProcessPacketsAfterRefusal "process-packets-after-refusal" "3.1.4-6" "3.1.4-5" "Publishes what a client sends after its CONNECT was refused.";
    RefuseClientIdentifierAsMalformed "refuse-client-identifier-as-malformed" "3.1.3-8" "3.1.3-9" "Refuses client identifiers above 23 bytes or with unusual characters as malformed packets.";
    RetainedEndsWithSession "retained-ends-with-session" _ "3.1.2-7" "Removes the retained messages that a client published when its session ends.";
    NoConnAck "no-connack" "3.1.4-5" "3.1.4-4" "Does not answer a sound CONNECT.";
    RefuseUserName "refuse-user-name" "3.1.4-5" "3.1.4-4" "Takes a CONNECT with User Name or Password for one of another protocol.";
    // 3.2: CONNACK.
    SendBeforeConnAck "send-before-connack" "3.2.0-1" "3.2.0-1" "Sends the messages of a resumed session before CONNACK.";
    SendConnAckTwice "send-connack-twice" "3.2.0-2" _ "Answers a second CONNECT with a second CONNACK and goes on.";
    ConnAckReservedFlag "connack-reserved-flag" "3.2.2-1" _ "Sets a reserved Connect Acknowledge Flag.";
    SessionPresentAtCleanStart "session-present-at-clean-start" "3.2.2-2" "3.2.2-1" "Says Session Present at Clean Start 1 when there was a session.";
    SessionPresentNever "session-present-never" "3.2.2-3" "3.2.2-2" "Never says Session Present.";
    SessionPresentForNewSession "session-present-for-new-session" "3.2.2-3" "3.2.2-3" "Says Session Present at Clean Start 0 when there was none.";
    SessionPresentOnRefusal "session-present-on-refusal" "3.2.2-6" "3.2.2-4" "Says Session Present in a CONNACK that refuses.";
    OpenAfterRefusal "open-after-refusal" "3.2.2-7" "3.2.2-5" "Leaves the connection open after a CONNACK that refuses.";
    ConnAckUndefinedReason "connack-undefined-reason" "3.2.2-8" "3.2.2-6" "Refuses with a CONNACK code that is not defined.";
    UndeclaredMaximumQos "undeclared-maximum-qos" "3.2.2-9" _ "Refuses QoS 2 PUBLISH packets without having sent a Maximum QoS.";
    MaximumQosLimitsSubscribe "maximum-qos-limits-subscribe" "3.2.2-10" _ "Sends Maximum QoS 1 and refuses subscriptions at QoS 2.";
    AcceptWillAboveMaximumQos "accept-will-above-maximum-qos" "3.2.2-12" _ "Sends Maximum QoS 1 and accepts a Will Message at QoS 2.";
    AcceptWillRetainUnavailable "accept-will-retain-unavailable" "3.2.2-13" _ "Sends Retain Available 0 and accepts a retained Will Message.";
    AcceptPacketAboveMaximumSize "accept-packet-above-maximum-size" "4.13.1-1" _ "Accepts packets larger than the Maximum Packet Size it sent.";
    RepeatAssignedClientIdentifier "repeat-assigned-client-identifier" "3.2.2-16" "3.1.3-6" "Assigns the same client identifier to every client that has none.";
    IgnoreClientKeepAlive "ignore-client-keep-alive" "3.2.2-22" _ "Uses a keep alive of one second without sending a Server Keep Alive.";
    ConnAckReasonTooLong "connack-reason-too-long" "3.2.2-19" _ "Sends CONNACK with a Reason String that exceeds the Maximum Packet Size of the client.";
    ConnAckUserPropertyTooLong "connack-user-property-too-long" "3.2.2-20" _ "Sends CONNACK with a User Property that exceeds the Maximum Packet Size of the client.";
    // 3.3: PUBLISH.
    RedeliverWithoutDup "redeliver-without-dup" "3.3.1-1" "3.3.1-1" "Redelivers PUBLISH packets with DUP 0.";
    DupAtQos0 "dup-at-qos-0" "3.3.1-2" "3.3.1-2" "Sends QoS 0 PUBLISH packets with DUP 1.";
    PropagateDup "propagate-dup" "3.3.1-3" "3.3.1-3" "Copies the DUP flag of the incoming PUBLISH.";
    SendQos3 "send-qos-3" "3.3.1-4" "3.3.1-4" "Sends QoS 2 PUBLISH packets with both QoS bits set.";
    AcceptQos3 "accept-qos-3" "4.13.1-1" "3.3.1-4" "Ignores a PUBLISH with QoS 3 instead of closing.";
    RetainedNotStored "retained-not-stored" "3.3.1-5" "3.3.1-5" "Does not store retained messages.";
    RetainedNotReplaced "retained-not-replaced" "3.3.1-5" "3.3.1-5" "Keeps the first retained message of a topic.";
    RetainedDiesWithPublisher "retained-dies-with-publisher" "3.3.1-5" "3.1.2-7" "Removes retained messages when the session of their publisher ends.";
    EmptyRetainedDoesNotRemove "empty-retained-does-not-remove" "3.3.1-6" "3.3.1-10" "Does not remove the retained message on a zero-length one.";
    EmptyRetainedNotForwarded "empty-retained-not-forwarded" "3.3.1-6" "3.3.1-10" "Does not forward zero-length retained messages to subscribers.";
    StoreEmptyRetained "store-empty-retained" "3.3.1-7" "3.3.1-11" "Stores zero-length retained messages.";
    StoreUnretained "store-unretained" "3.3.1-8" "3.3.1-12" "Stores messages whose RETAIN flag is 0 as retained messages.";
    UnretainedRemoves "unretained-removes" "3.3.1-8" "3.3.1-12" "Removes the retained message when one with RETAIN 0 is published to its topic.";
    RetainedNotSent "retained-not-sent" "3.3.1-9" "3.3.1-6" "Does not send retained messages to new subscriptions.";
    RetainedFirstTopicOnly "retained-first-topic-only" "3.3.1-9" "3.3.1-6" "Sends the retained message of one topic only to a new subscription.";
    RetainHandling1SendsAlways "retain-handling-1-sends-always" "3.3.1-10" _ "Sends retained messages at Retain Handling 1 although the subscription existed.";
    RetainHandling1SendsNever "retain-handling-1-sends-never" "3.3.1-10" _ "Sends no retained messages at Retain Handling 1 although the subscription is new.";
    RetainHandling2Sends "retain-handling-2-sends" "3.3.1-11" _ "Sends retained messages at Retain Handling 2.";
    RetainedSentWithoutRetain "retained-sent-without-retain" "3.3.1-9" "3.3.1-8" "Sends retained messages to new subscriptions with RETAIN 0.";
    ForwardKeepsRetain "forward-keeps-retain" "3.3.1-12" "3.3.1-9" "Forwards messages to established subscriptions with the RETAIN flag they came with.";
    ForwardSetsRetain "forward-sets-retain" "3.3.1-12" "3.3.1-9" "Forwards every message to established subscriptions with RETAIN 1.";
    IgnoreRetainAsPublished "ignore-retain-as-published" "3.3.1-13" _ "Forwards with RETAIN 0 although Retain As Published is set.";
    AcceptWildcardInTopicName "accept-wildcard-in-topic-name" "4.13.1-1" "4.8.0-1" "Accepts wildcard characters in a topic name.";
    OmitTopicName "omit-topic-name" "3.3.2-1" "3.3.2-1" "Sends PUBLISH packets without anything in them.";
    RenameTopic "rename-topic" "3.3.2-3" "3.3.2-3" "Adds a level to the topic names it sends.";
    FilterMatchesPrefix "filter-matches-prefix" "3.3.2-3" "3.3.2-3" "Delivers topics below a filter that has no wildcard.";
    PlusMatchesLevels "plus-matches-levels" "3.3.2-3" "3.3.2-3" "Lets a + at the end of a filter match several levels.";
    HashMatchesNamePrefix "hash-matches-name-prefix" "3.3.2-3" "3.3.2-3" "Lets a/# match topics that begin with the same characters, such as ab.";
    DropPayloadFormatIndicator "drop-payload-format-indicator" "3.3.2-4" _ "Does not forward the Payload Format Indicator.";
    IgnoreMessageExpiry "ignore-message-expiry" "3.3.2-5" _ "Delivers messages whose Message Expiry Interval has passed.";
    MessageExpiryNotReduced "message-expiry-not-reduced" "3.3.2-6" _ "Forwards the Message Expiry Interval as received, however long the message waited.";
    DropMessageExpiry "drop-message-expiry" "3.3.2-6" _ "Forwards messages without their Message Expiry Interval.";
    KeepAliasesAcrossConnections "keep-aliases-across-connections" "3.3.2-7" _ "Keeps topic aliases when a client reconnects.";
    AcceptTopicAliasZero "accept-topic-alias-zero" "4.13.1-1" _ "Accepts topic alias 0.";
    AcceptTopicAliasAboveMaximum "accept-topic-alias-above-maximum" "4.13.1-1" _ "Accepts topic aliases above its Topic Alias Maximum.";
    RefuseHighestTopicAlias "refuse-highest-topic-alias" "3.3.2-12" _ "Refuses the topic alias that equals its Topic Alias Maximum.";
    AcceptWildcardResponseTopic "accept-wildcard-response-topic" "4.13.1-1" _ "Accepts a Response Topic with wildcard characters.";
    SendTopicAliasZero "send-topic-alias-zero" "3.3.2-8" _ "Sends topic alias 0 to clients that allow topic aliases.";
    SendWildcardTopic "send-wildcard-topic" "3.3.2-2" "3.3.2-2" "Puts # for the last character of the topic names it sends.";
    DropResponseTopic "drop-response-topic" "3.3.2-15" _ "Does not forward the Response Topic.";
    SendWildcardResponseTopic "send-wildcard-response-topic" "3.3.2-14" _ "Puts # for the last character of the Response Topics it sends.";
    AlterCorrelationData "alter-correlation-data" "3.3.2-16" _ "Cuts the last byte off Correlation Data.";
    DropUserProperties "drop-user-properties" "3.3.2-17" _ "Forwards only the first User Property.";
    ReorderUserProperties "reorder-user-properties" "3.3.2-18" _ "Reverses the order of User Properties.";
    DropContentType "drop-content-type" "3.3.2-20" _ "Does not forward the Content Type.";
    DropEmptyProperties "drop-empty-properties" "3.3.2-16" _ "Does not forward Correlation Data, Content Type and User Properties of zero length.";
    QueueDropsProperties "queue-drops-properties" "3.3.2-17" _ "Forgets the properties of messages that wait for a client that is away.";
    RedeliveryDropsProperties "redelivery-drops-properties" "3.3.2-17" _ "Redelivers messages without their properties.";
    AnswerQos2WithPubAck "answer-qos-2-with-puback" "3.3.4-1" "3.3.4-1" "Answers a QoS 2 PUBLISH with PUBACK.";
    AnswerQos0 "answer-qos-0" "3.3.4-1" "3.3.4-1" "Answers a QoS 0 PUBLISH with a PUBACK.";
    OverlapLowestQos "overlap-lowest-qos" "3.3.4-2" "3.3.5-1" "Delivers at the lowest QoS of overlapping subscriptions.";
    OmitSubscriptionIdentifier "omit-subscription-identifier" "3.3.4-3" _ "Never sends Subscription Identifiers.";
    OverlapOneIdentifier "overlap-one-identifier" "3.3.4-4" _ "Sends one copy on overlap with only one of its Subscription Identifiers.";
    CopiesShareIdentifier "copies-share-identifier" "3.3.4-5" _ "Sends several copies on overlap, all with the Subscription Identifier of the first.";
    LeakSubscriptionIdentifier "leak-subscription-identifier" ("3.3.4") _ "Sends the latest Subscription Identifier of the session with every message.";
    AcceptSubscriptionIdentifierInPublish "accept-subscription-identifier-in-publish" "4.13.1-1" _ "Accepts a Subscription Identifier in a PUBLISH from a client.";
    AcceptAboveReceiveMaximum "accept-above-receive-maximum" "4.13.1-1" _ "Accepts more QoS 2 messages in flight than its Receive Maximum.";
    ExceedReceiveMaximum "exceed-receive-maximum" "3.3.4-9" _ "Ignores the Receive Maximum of the client.";
    RedeliveryIgnoresReceiveMaximum "redelivery-ignores-receive-maximum" "3.3.4-9" _ "Redelivers everything at once whatever the Receive Maximum of the client.";
    // 3.4 to 3.7: acknowledgements.
    PubAckUndefinedReason "puback-undefined-reason" "3.4.2-1" _ "Sends PUBACK with reason code 0x01.";
    PubAckTooLarge "puback-too-large" "3.4.2-2" _ "Sends PUBACK with a Reason String that exceeds the Maximum Packet Size of the client.";
    PubRecUndefinedReason "pubrec-undefined-reason" "3.5.2-1" _ "Sends PUBREC with reason code 0x01.";
    PubRecTooLarge "pubrec-too-large" "3.5.2-2" _ "Sends PUBREC with a Reason String that exceeds the Maximum Packet Size of the client.";
    PubRelWrongFlags "pubrel-wrong-flags" "3.6.1-1" "3.6.1-1" "Accepts PUBREL whose fixed-header flags are not 0010.";
    PubRelUndefinedReason "pubrel-undefined-reason" "3.6.2-1" _ "Sends PUBREL with reason code 0x01.";
    PubRelTooLarge "pubrel-too-large" "3.6.2-2" _ "Sends PUBREL with a Reason String that exceeds the Maximum Packet Size of the client.";
    PubCompUndefinedReason "pubcomp-undefined-reason" "3.7.2-1" _ "Sends PUBCOMP with reason code 0x01.";
    PubCompTooLarge "pubcomp-too-large" "3.7.2-2" _ "Sends PUBCOMP with a Reason String that exceeds the Maximum Packet Size of the client.";
    // 3.8 and 3.9: SUBSCRIBE and SUBACK.
    AcceptSubscribeFlags "accept-subscribe-flags" "3.8.1-1" "3.8.1-1" "Accepts SUBSCRIBE whose fixed-header flags are not 0010.";
    AcceptSubscribeWithoutFilters "accept-subscribe-without-filters" "3.8.3-2" "4.8.0-1" "Answers a SUBSCRIBE that has no topic filter.";
    IgnoreNoLocal "ignore-no-local" "3.8.3-3" _ "Sends a client its own messages although No Local is set.";
    AcceptNoLocalOnShared "accept-no-local-on-shared" "3.8.3-4" _ "Accepts No Local on a shared subscription.";
    AcceptReservedSubscriptionOptions "accept-reserved-subscription-options" "3.8.3-5" "3.8.3-4" "Accepts reserved bits in the subscription options.";
    NoSubAck "no-suback" "3.8.4-1" "3.8.4-1" "Does not answer SUBSCRIBE.";
    ResubscribeAdds "resubscribe-adds" "3.8.4-3" "3.8.4-3" "Delivers once for each time a filter was subscribed to.";
    ResubscribeKeepsQos "resubscribe-keeps-qos" "3.8.4-3" "3.8.4-3" "Keeps the QoS of the first subscription to a filter.";
    ResubscribeKeepsIdentifier "resubscribe-keeps-identifier" "3.8.4-3" _ "Keeps the Subscription Identifier of the first subscription to a filter.";
    ResubscribeKeepsOptions "resubscribe-keeps-options" "3.8.4-3" _ "Keeps No Local and Retain As Published of the first subscription to a filter.";
    ResubscribeDropsQueued "resubscribe-drops-queued" "3.8.4-4" _ "Drops the messages that wait for the client when a subscription is replaced.";
    ResubscribeSkipsRetained "resubscribe-skips-retained" "3.8.4-4" "3.8.4-3" "Does not send retained messages when a subscription is replaced.";
    SubscribeFirstFilterOnly "subscribe-first-filter-only" "3.8.4-5" "3.8.4-4" "Grants every filter of a SUBSCRIBE and subscribes to the first only.";
    SubAckTooFewCodes "suback-too-few-codes" "3.8.4-6" "3.8.4-5" "Sends SUBACK with one code for all filters.";
    SubAckGrantsTooMuch "suback-grants-too-much" "3.8.4-7" "3.8.4-5" "Says QoS 2 in SUBACK for subscriptions at a lower QoS.";
    DeliverAtGrantedQos "deliver-at-granted-qos" "3.8.4-8" "3.8.4-6" "Delivers at the granted QoS although the message was published at a lower one.";
    DeliverAtPublishedQos "deliver-at-published-qos" "3.8.4-8" "3.8.4-6" "Delivers at the published QoS although a lower one was granted.";
    DeliverAtQos0 "deliver-at-qos-0" "3.8.4-8" "3.8.4-6" "Delivers everything at QoS 0.";
    RaiseQos0 "raise-qos-0" "3.8.4-8" "3.8.4-6" "Delivers at QoS 1 what it should deliver at QoS 0.";
    SubAckReversed "suback-reversed" "3.9.3-1" "3.9.3-1" "Sends the codes of SUBACK in reverse order.";
    SubAckUndefinedReason "suback-undefined-reason" "3.9.3-2" "3.9.3-2" "Sends SUBACK with code 0x03.";
    SubAckTooLarge "suback-too-large" "3.9.2-1" _ "Sends SUBACK with a Reason String that exceeds the Maximum Packet Size of the client.";
    // 3.10 and 3.11: UNSUBSCRIBE and UNSUBACK.
    AcceptUnsubscribeFlags "accept-unsubscribe-flags" "3.10.1-1" "3.10.1-1" "Accepts UNSUBSCRIBE whose fixed-header flags are not 0010.";
    AcceptUnsubscribeWithoutFilters "accept-unsubscribe-without-filters" "3.10.3-2" "4.8.0-1" "Answers an UNSUBSCRIBE that has no topic filter.";
    UnsubscribeByMatching "unsubscribe-by-matching" "3.10.4-1" "3.10.4-1" "Removes every subscription that the filter of an UNSUBSCRIBE matches.";
    UnsubscribeKeepsIdentifier "unsubscribe-keeps-identifier" "3.10.4-1" _ "Gives the Subscription Identifier of a subscription that was ended to the next one with its filter.";
    UnsubscribeIgnored "unsubscribe-ignored" "3.10.4-2" "3.10.4-2" "Answers UNSUBSCRIBE and goes on delivering.";
    UnsubscribeAbandonsDelivery "unsubscribe-abandons-delivery" "3.10.4-3" "3.10.4-3" "Does not complete deliveries in progress after UNSUBSCRIBE.";
    NoUnsubAck "no-unsuback" "3.10.4-4" "3.10.4-4" "Does not answer UNSUBSCRIBE.";
    NoUnsubAckForNothing "no-unsuback-for-nothing" "3.10.4-5" "3.10.4-5" "Does not answer an UNSUBSCRIBE that removes nothing.";
    UnsubscribeFirstFilterOnly "unsubscribe-first-filter-only" "3.10.4-6" "3.10.4-6" "Removes only the first filter of an UNSUBSCRIBE.";
    UnsubAckReversed "unsuback-reversed" "3.11.3-1" _ "Sends the codes of UNSUBACK in reverse order.";
    UnsubAckUndefinedReason "unsuback-undefined-reason" "3.11.3-2" _ "Sends UNSUBACK with reason code 0x01.";
    UnsubAckTooLarge "unsuback-too-large" "3.11.2-1" _ "Sends UNSUBACK with a Reason String that exceeds the Maximum Packet Size of the client.";
    // 3.12 to 3.15: PINGREQ, PINGRESP, DISCONNECT, AUTH.
    NoPingResp "no-pingresp" "3.12.4-1" "3.12.4-1" "Does not answer PINGREQ.";
    AnswerOnePingOfMany "answer-one-ping-of-many" "3.12.4-1" "3.12.4-1" "Answers only the first PINGREQ of one read.";
    DisconnectReasonTooLong "disconnect-reason-too-long" "3.14.2-3" _ "Sends DISCONNECT with a Reason String that exceeds the Maximum Packet Size of the client.";
    DisconnectBeforeConnAck "disconnect-before-connack" "3.14.0-1" _ "Refuses CONNECT with a DISCONNECT instead of a CONNACK.";
    AcceptDisconnectFlags "accept-disconnect-flags" "3.14.1-1" "3.14.1-1" "Takes a DISCONNECT with reserved fixed-header flags for a normal one.";
    DisconnectUndefinedReason "disconnect-undefined-reason" "3.14.2-1" _ "Sends DISCONNECT with reason code 0x05.";
    DisconnectNormalOnError "disconnect-normal-on-error" "3.14.1-1" _ "Sends DISCONNECT with reason code 0x00 on errors.";
    DisconnectWithSessionExpiry "disconnect-with-session-expiry" "3.14.2-2" _ "Sends a Session Expiry Interval in DISCONNECT.";
    SendAfterDisconnect "send-after-disconnect" "3.14.4-1" _ "Sends a PINGRESP after DISCONNECT.";
    OpenAfterDisconnect "open-after-disconnect" "3.14.4-2" _ "Leaves the connection open after sending DISCONNECT.";
    PublishWillAtDisconnect "publish-will-at-disconnect" "3.14.4-3" "3.14.4-3" "Publishes the Will Message after a normal DISCONNECT.";
    AcceptAuthFlags "accept-auth-flags" "3.15.1-1" _ "Accepts AUTH with reserved fixed-header flags set.";
    AuthUndefinedReason "auth-undefined-reason" "3.15.2-1" _ "Sends AUTH with reason code 0x01.";
    // 4.1 to 4.6: state, transport, delivery, order.
    DiscardLiveSession "discard-live-session" "4.1.0-1" "4.1.0-2" "Discards subscriptions when the Session Expiry Interval, in 3.1.1 a second, has passed since CONNECT, though still connected.";
    SessionOutlivesExpiry "session-outlives-expiry" "4.1.0-2" _ "Keeps the session after its Session Expiry Interval has passed.";
    LoseSplitPackets "lose-split-packets" "4.2.0-1" "7.1.1-1" "Discards a packet that does not come in one read.";
    DupAtFirstQos1Delivery "dup-at-first-qos-1-delivery" "4.3.2-2" "4.3.2-1" "Sends QoS 1 messages with DUP 1 the first time.";
    ForgetQos1AtDisconnect "forget-qos-1-at-disconnect" "4.3.2-3" "4.3.2-1" "Takes DISCONNECT for the PUBACK of every QoS 1 message in flight.";
    IgnorePubAck "ignore-puback" "4.4.0-1" "4.4.0-1" "Redelivers QoS 1 messages after a reconnect although they were acknowledged.";
    NoPubAck "no-puback" "4.3.2-4" "4.3.2-2" "Does not answer a QoS 1 PUBLISH.";
    IdentifiersSharedWithClient "identifiers-shared-with-client" "4.3.2-4" "4.3.2-2" "Ignores a PUBLISH whose packet identifier it has in use itself towards that client.";
    Qos1IdentifierNeverFree "qos-1-identifier-never-free" "4.3.2-5" "4.3.2-2" "Drops a QoS 1 PUBLISH whose packet identifier was used before in the session.";
    DropQos1Dup "drop-qos-1-dup" "4.3.2-5" "4.3.2-2" "Acknowledges QoS 1 PUBLISH packets with DUP 1 and drops them.";
    DupAtFirstQos2Delivery "dup-at-first-qos-2-delivery" "4.3.3-2" "4.3.3-1" "Sends QoS 2 messages with DUP 1 the first time.";
    ForgetQos2AtDisconnect "forget-qos-2-at-disconnect" "4.3.3-3" "4.3.3-1" "Takes DISCONNECT for the PUBREC and PUBCOMP of every QoS 2 message in flight without PUBREC.";
    NoPubRel "no-pubrel" "4.3.3-4" "4.3.3-1" "Does not answer PUBREC.";
    PubRelAfterRefusal "pubrel-after-refusal" "4.3.3-4" _ "Sends PUBREL also after a PUBREC with an error reason code.";
    ForgetPubRelAtDisconnect "forget-pubrel-at-disconnect" "4.3.3-5" "4.3.3-1" "Takes DISCONNECT for the PUBCOMP of every QoS 2 message that waits for it.";
    PublishInsteadOfPubRel "publish-instead-of-pubrel" "4.3.3-6" "4.3.3-1" "After a reconnect sends PUBLISH again where PUBREL is due.";
    ExpireMessageInFlight "expire-message-in-flight" "4.3.3-7" _ "Does not redeliver a message in flight whose Message Expiry Interval has passed.";
    NoPubRec "no-pubrec" "4.3.3-8" "4.3.3-2" "Does not answer a QoS 2 PUBLISH.";
    Qos2DuplicateDelivered "qos-2-duplicate-delivered" "4.3.3-10" "4.3.3-2" "Delivers a QoS 2 message again that is sent again before PUBREL.";
    Qos2DuplicateAfterReconnect "qos-2-duplicate-after-reconnect" "4.3.3-10" "4.3.3-2" "Forgets the identifiers of received QoS 2 messages when the client reconnects.";
    PubRelForwardsAgain "pubrel-forwards-again" "4.3.3-10" "4.3.3-2" "Forwards a QoS 2 message when its PUBLISH comes and again when its PUBREL comes.";
    NoPubComp "no-pubcomp" "4.3.3-11" "4.3.3-2" "Does not answer PUBREL.";
    NoPubCompForUnknown "no-pubcomp-for-unknown" "4.3.3-11" "4.3.3-2" "Does not answer a PUBREL whose packet identifier is unknown.";
    Qos2IdentifierNeverFree "qos-2-identifier-never-free" "4.3.3-12" "4.3.3-2" "Drops a QoS 2 PUBLISH whose packet identifier was released before in the session.";
    ExpiredNotCompleted "expired-not-completed" "4.3.3-13" _ "Does not answer the PUBREL of a message whose Message Expiry Interval has passed.";
    NoRedelivery "no-redelivery" "4.4.0-1" "4.4.0-1" "Does not resend unacknowledged PUBLISH packets after a reconnect.";
    NoPubRelRedelivery "no-pubrel-redelivery" "4.4.0-1" "4.4.0-1" "Does not resend unacknowledged PUBREL packets after a reconnect.";
    IgnorePubComp "ignore-pubcomp" "4.4.0-1" "4.4.0-1" "Resends PUBREL after a reconnect although PUBCOMP came.";
    TakeOverLosesInFlight "take-over-loses-in-flight" "4.4.0-1" "4.4.0-1" "Discards the messages in flight when a connection is taken over.";
    RedeliverWithNewIdentifier "redeliver-with-new-identifier" "4.4.0-1" "4.4.0-1" "Redelivers with a new packet identifier.";
    RetransmitWhileConnected "retransmit-while-connected" "4.4.0-1" _ "Resends unacknowledged PUBLISH packets at each PINGREQ.";
    RetransmitPubRelWhileConnected "retransmit-pubrel-while-connected" "4.4.0-1" _ "Resends unacknowledged PUBREL packets at each PINGREQ.";
    RedeliverRefused "redeliver-refused" "4.4.0-2" _ "Redelivers messages that the client refused with an error reason code.";
    RefusalKeepsQuota "refusal-keeps-quota" "4.4.0-2" _ "Counts a message that the client refused with an error reason code as still unacknowledged.";
    DropOffline "drop-offline" "4.5.0-1" "3.1.2-5" "Keeps no messages for sessions that are not connected.";
    FirstSubscriberOnly "first-subscriber-only" "4.5.0-1" "4.5.0-1" "Gives a message only to the first of several matching clients.";
    AlterPayload "alter-payload" "4.5.0-1" "4.5.0-1" "Cuts the last byte off payloads of two bytes and more.";
    HashMissesParent "hash-misses-parent" "4.5.0-1" "4.5.0-1" "Does not let a/# match a.";
    PlusMissesEmptyLevel "plus-misses-empty-level" "4.5.0-1" "4.5.0-1" "Does not let + match an empty level.";
    BacklogReversed "backlog-reversed" "4.6.0-5" "4.6.0-6" "Delivers messages that waited for a client in reverse order.";
    RedeliverReversed "redeliver-reversed" "4.6.0-5" "4.6.0-6" "Redelivers PUBLISH packets in reverse order.";
    PubRelsOutOfOrder "pubrels-out-of-order" _ "4.6.0-6" "Holds a PUBREL back until that of a later message has been sent.";
    // 4.7: topic names and filters.
    AcceptMisplacedHash "accept-misplaced-hash" "4.13.1-1" "4.8.0-1" "Accepts filters in which # is not alone in the last level.";
    AcceptMisplacedPlus "accept-misplaced-plus" "4.13.1-1" "4.8.0-1" "Accepts filters in which + does not fill a level.";
    WildcardMatchesDollar "wildcard-matches-dollar" "4.7.2-1" "4.7.2-1" "Lets # and + at the start of a filter match topics that begin with $.";
    AcceptEmptyTopicName "accept-empty-topic-name" "4.13.1-1" "4.8.0-1" "Accepts an empty topic name, in 5.0 without a topic alias.";
    AcceptEmptyTopicFilter "accept-empty-topic-filter" "4.13.1-1" "4.8.0-1" "Accepts an empty topic filter.";
    AcceptNullInFilter "accept-null-in-filter" "4.13.1-1" "1.5.3-2" "Accepts U+0000 in a topic filter.";
    FoldTopicCase "fold-topic-case" "4.7.3-4" "4.7.3-4" "Compares topics without regard to case.";
    CollapseEmptyLevels "collapse-empty-levels" "4.7.3-4" "4.7.3-4" "Ignores empty topic levels when it compares topics.";
    TrimTopicSpaces "trim-topic-spaces" "4.7.3-4" "4.7.3-4" "Ignores spaces at the ends of topic levels when it compares topics.";
    NormalizeTopics "normalize-topics" "4.7.3-4" "4.7.3-4" "Takes e and a combining acute accent for the letter with the accent when it compares topics.";
    // 4.8 and 4.9: shared subscriptions, flow control.
    AcceptEmptyShareName "accept-empty-share-name" "4.13.1-1" _ "Accepts a shared subscription without a ShareName.";
    AcceptWildcardShareName "accept-wildcard-share-name" "4.13.1-1" _ "Accepts wildcard characters in a ShareName.";
    SharedIgnoresGrantedQos "shared-ignores-granted-qos" "4.8.2-3" _ "Delivers to shared subscriptions at the published QoS.";
    SharedForgetsInFlight "shared-forgets-in-flight" "4.8.2-4" _ "Does not redeliver messages of shared subscriptions after a reconnect.";
    SharedToAllMembers "shared-to-all-members" ("4.8.2") _ "Delivers messages of a shared subscription to every member.";
    SharedGroupsMerged "shared-groups-merged" ("4.8.2") _ "Takes shared subscriptions that differ only in their ShareName for one.";
    RetainedToShared "retained-to-shared" ("4.8.2") _ "Sends retained messages to shared subscriptions.";
    SharedReassignsInFlight "shared-reassigns-in-flight" "4.8.2-5" _ "Gives a QoS 2 message in flight to another member when the session of the first ends.";
    SharedReassignsRefused "shared-reassigns-refused" "4.8.2-6" _ "Gives a message that one member refused to another.";
    PubRecFreesQuota "pubrec-frees-quota" "4.9.0-2" _ "Takes PUBREC for the end of a delivery when it counts against the Receive Maximum.";
    QuotaOneTooSmall "quota-one-too-small" "4.9.0-1" _ "Sets its send quota to one less than the Receive Maximum, so to 0 where that is 1.";
    QuotaBlocksOtherPackets "quota-blocks-other-packets" "4.9.0-3" _ "Answers nothing while its send quota for the client is used up.";
    // 4.12 and 4.13: enhanced authentication, errors.
    AcceptUnknownAuthenticationMethod "accept-unknown-authentication-method" "4.12.0-1" _ "Accepts a CONNECT with an unknown authentication method.";
    AuthWrongReason "auth-wrong-reason" "4.12.0-2" _ "Sends its challenge with reason code 0x00.";
    OpenAfterFailedAuthentication "open-after-failed-authentication" "4.12.0-4" _ "Accepts the client although its answer to the challenge is wrong.";
    OmitAuthenticationMethod "omit-authentication-method" "4.12.0-5" _ "Leaves the Authentication Method out of CONNACK.";
    UninvitedAuthenticationMethod "uninvited-authentication-method" "4.12.0-6" _ "Sends an Authentication Method to clients that sent none.";
    AcceptUninvitedAuth "accept-uninvited-auth" "4.13.1-1" _ "Ignores AUTH from clients that sent no authentication method.";
    IgnoreOtherMethodInAnswer "ignore-other-method-in-answer" "4.13.1-1" _ "Ignores an answer to its challenge that names another authentication method instead of closing.";
    AcceptOtherMethodAtReauthentication "accept-other-method-at-reauthentication" "4.13.1-1" _ "Accepts another authentication method at re-authentication.";
    OpenAfterFailedReauthentication "open-after-failed-reauthentication" "4.12.1-2" _ "Leaves the connection open after a failed re-authentication.";
    OpenAfterMalformedPacket "open-after-malformed-packet" "4.13.1-1" "4.8.0-1" "Ignores malformed packets instead of closing.";
    OpenAfterBrokenFraming "open-after-broken-framing" "4.13.1-1" "4.8.0-1" "Leaves the connection open after a Remaining Length that cannot be read.";
    OpenAfterProtocolError "open-after-protocol-error" "4.13.1-1" "4.8.0-1" "Ignores packets that only a server may send instead of closing.";
    AcceptSessionExpiryAtDisconnect "accept-session-expiry-at-disconnect" "4.13.1-1" _ "Accepts a Session Expiry Interval in DISCONNECT after 0 in CONNECT.";
    GrantUnavailable "grant-unavailable" "4.13.1-1" _ "States that it supports no shared subscriptions, and grants what it states not to support.";
}

choice_set! {
    /// A set of [`Fault`]s.
    FaultSet of Fault
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_found_again() {
        let ids: BTreeSet<_> = Fault::ALL.iter().map(|fault| fault.id()).collect();
        assert_eq!(ids.len(), Fault::ALL.len());
        assert!(Fault::ALL.len() >= 90 && Fault::ALL.len() <= 512);
        for fault in Fault::ALL {
            assert_eq!(Fault::from_id(fault.id()), Some(*fault));
        }
        assert_eq!(Fault::from_id("no-such-fault"), None);
    }

    #[test]
    fn every_fault_breaks_a_statement() {
        for fault in Fault::ALL {
            let v5 = fault.statement(ProtocolVersion::V5_0);
            let v3 = fault.statement(ProtocolVersion::V3_1_1);
            assert!(v5.is_some() || v3.is_some(), "{fault}");
            assert_eq!(v3, fault.statement(ProtocolVersion::V3_1));
        }
    }

    #[test]
    fn sets_hold_what_was_put_in() {
        let set: FaultSet = [Fault::NoPubAck, Fault::AcceptIllFormedUtf8].into_iter().collect();
        assert!(set.contains(Fault::NoPubAck) && !set.contains(Fault::NoPubRec));
        assert_eq!(set.iter().collect::<Vec<_>>(), [Fault::AcceptIllFormedUtf8, Fault::NoPubAck]);
        assert!(FaultSet::EMPTY.is_empty() && !set.is_empty());
    }
}
