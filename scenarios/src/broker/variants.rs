//! Legal variants: choices the standard leaves open, each taken the other way.

use super::choice_set::choice_set;

macro_rules! variants {
    ($($variant:ident $id:literal $section:literal $description:literal;)*) => {
        /// A choice that the standard leaves open, taken differently from the default reference broker.
        ///
        /// No scenario may be red on any of them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[repr(u8)]
        pub enum Variant {
            $(
                #[doc = concat!($description, " Permitted by ", $section, ".")]
                #[serde(rename = $id)]
                $variant,
            )*
        }

        impl Variant {
            /// Every variant, in the order of the standard.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name used on the command line and in snapshots, such as `overlap-several-copies`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// The one with this [`id`](Self::id).
            pub fn from_id(id: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|item| item.id() == id)
            }

            /// One line: what the broker does.
            pub const fn describe(self) -> &'static str {
                match self { $(Self::$variant => $description,)* }
            }

            /// The section that permits it: of 5.0, unless it says 3.1.1.
            pub const fn section(self) -> &'static str {
                match self { $(Self::$variant => $section,)* }
            }
        }
    };
}

variants! {
    CoalescedOutput "coalesced-output" "4.2" "Writes all packets due for one connection at once.";
    DelayedDelivery "delayed-delivery" "4.5" "Starts to forward a message 5 ms after it has taken ownership.";
    CloseWithoutConnAck "close-without-connack" "3.1.4" "Closes the connection on a refused 5.0 CONNECT without a CONNACK.";
    UnsupportedLevelReturnCode1 "unsupported-level-return-code-1" "3.1.2.2" "Answers every unknown protocol level with the CONNACK of 3.1.1, return code 1.";
    EmptyClientIdRefused "empty-client-id-refused" "3.1.3.1" "Refuses a zero-length client identifier: return code 2, or reason code 0x85.";
    LongClientIdRefused "long-client-id-refused" "3.1.3.1" "Refuses client identifiers above 23 bytes or with other characters than letters and digits.";
    ServerKeepAlive "server-keep-alive" "3.2.2.3.14" "Sends Server Keep Alive 60 whatever the client asked, unless it asked less than that.";
    SessionExpiryShortened "session-expiry-shortened" "3.2.2.3.2" "Limits the Session Expiry Interval to 60 seconds and says so in CONNACK.";
    SmallReceiveMaximum "small-receive-maximum" "3.2.2.3.3" "Sends Receive Maximum 2.";
    NoReceiveMaximum "no-receive-maximum" "3.2.2.3.3" "Sends no Receive Maximum, which stands for 65,535.";
    NoMaximumPacketSize "no-maximum-packet-size" "3.2.2.3.6" "Sends no Maximum Packet Size.";
    SmallMaximumPacketSize "small-maximum-packet-size" "3.2.2.3.6" "Sends Maximum Packet Size 1024.";
    NoTopicAliasesFromClient "no-topic-aliases-from-client" "3.2.2.3.8" "Sends no Topic Alias Maximum: clients may use no topic alias.";
    CapabilitiesStated "capabilities-stated" "3.2.2.3" "States every available capability in CONNACK although it is the default.";
    ResponseInformation "response-information" "3.2.2.3.15" "Returns Response Information when it is requested.";
    AcknowledgementProperties "acknowledgement-properties" "3.4.2.2" "Adds a Reason String and a User Property to CONNACK and every acknowledgement, where allowed.";
    LongAcknowledgements "long-acknowledgements" "3.4.2" "Writes reason code and property length in acknowledgements that could leave them out.";
    CapabilityMaximumQos0 "capability-maximum-qos-0" "3.2.2.3.4" "Supports QoS 0 only and says so in CONNACK.";
    CapabilityMaximumQos1 "capability-maximum-qos-1" "3.2.2.3.4" "Does not support QoS 2 and says so in CONNACK.";
    CapabilityNoRetain "capability-no-retain" "3.2.2.3.5" "Does not support retained messages and says so in CONNACK.";
    CapabilityNoWildcards "capability-no-wildcards" "3.2.2.3.11" "Does not support wildcard subscriptions and says so in CONNACK.";
    CapabilityNoSubscriptionIdentifiers "capability-no-subscription-identifiers" "3.2.2.3.12" "Does not support subscription identifiers and says so in CONNACK.";
    CapabilityNoSharedSubscriptions "capability-no-shared-subscriptions" "3.2.2.3.13" "Does not support shared subscriptions and says so in CONNACK.";
    CapabilityNoEnhancedAuthentication "capability-no-enhanced-authentication" "4.12" "Knows no authentication method.";
    PayloadFormatChecked "payload-format-checked" "3.3.2.3.2" "Refuses payloads that are not UTF-8 though the Payload Format Indicator says so.";
    OverlapSeveralCopies "overlap-several-copies" "3.3.4" "Sends one copy for each overlapping subscription, each with its own subscription identifier.";
    ServerTopicAliases "server-topic-aliases" "3.3.2.3.4" "Uses topic aliases towards clients that allow them.";
    QosZeroBehindQuota "qos-0-behind-quota" "4.9" "Keeps QoS 0 messages in line behind QoS 1 and 2 messages that wait for send quota.";
    QosZeroDroppedOverQuota "qos-0-dropped-over-quota" "4.3.1" "Drops QoS 0 messages while QoS 1 and 2 messages wait for send quota.";
    QosZeroQueuedOffline "qos-0-queued-offline" "4.1" "Keeps QoS 0 messages for sessions that are not connected.";
    NoMatchingSubscribers "no-matching-subscribers" "3.4.2.1" "Says No matching subscribers in PUBACK and PUBREC when there are none.";
    DeliverAtPubRel "deliver-at-pubrel" "4.3.3" "Forwards a QoS 2 message when its PUBREL comes, not at once.";
    DeliverBeforeAcknowledging "deliver-before-acknowledging" "4.3.2" "Forwards a message before it acknowledges it.";
    PubCompNotFound "pubcomp-not-found" "3.7.2.1" "Answers a PUBREL for an unknown identifier with reason code Packet Identifier not found.";
    OneMessageInFlight "one-message-in-flight" "4.9" "Has at most one QoS 1 or 2 message in flight to each client.";
    GrantedQosLowered "granted-qos-lowered" "3.8.4" "Grants at most QoS 1.";
    PublishBeforeSubAck "publish-before-suback" "3.8.4" "Sends retained messages before the SUBACK.";
    RetainedQosZeroDiscarded "retained-qos-0-discarded" "3.3.1.3" "Does not store retained QoS 0 messages; they only remove the one before.";
    UnsubAckSuccessAlways "unsuback-success-always" "3.11.3" "Says Success in UNSUBACK also where no subscription existed.";
    SharedFirstMember "shared-first-member" "4.8.2" "Gives every message of a shared subscription to the first connected member.";
    SharedRandomMember "shared-random-member" "4.8.2" "Gives each message of a shared subscription to a member chosen at random.";
    SharedLastMember "shared-last-member" "4.8.2" "Gives every message of a shared subscription to the member that subscribed last.";
    CloseWithoutDisconnect "close-without-disconnect" "4.13" "Closes the connection on errors without a DISCONNECT.";
    GeneralReasonCodes "general-reason-codes" "4.13" "Says Malformed Packet or Protocol Error only, also where a more specific reason code exists.";
    TakeOverWithoutDisconnect "take-over-without-disconnect" "4.13" "Closes a connection that is taken over without a DISCONNECT.";
    KeepAliveLate "keep-alive-late" "3.1.2.10" "Closes for keep alive a quarter of a second after one and a half times the interval.";
    WillLate "will-late" "3.1.2.5" "Publishes a Will Message 50 ms after it is due.";
    DollarTopicsRefused "dollar-topics-refused" "4.7.2" "Refuses PUBLISH to topics that begin with $ (5.0: Topic Name invalid; 3.1.1: acknowledges and drops).";
    SysTopics "sys-topics" "4.7.2" "Publishes $SYS/broker/version, retained, to whoever subscribes to it.";
}

choice_set! {
    /// A set of [`Variant`]s.
    VariantSet of Variant
}
