//! The kinds of violation, written once.

use core::fmt;

macro_rules! violation_kinds {
    ($($variant:ident $id:literal $text:literal;)*) => {
        /// What is wrong with a packet; the rule behind each kind is in `rules.rs`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        pub enum ViolationKind {
            $(
                #[doc = $text]
                #[cfg_attr(feature = "serde", serde(rename = $id))]
                $variant,
            )*
        }

        impl ViolationKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name used in reports, such as `qos-3`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// What it means, in one line.
            pub const fn describe(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

violation_kinds! {
    IncompleteFixedHeader "incomplete-fixed-header" "The bytes end inside the fixed header.";
    ReservedPacketType "reserved-packet-type" "The packet type is reserved in this version.";
    InvalidFlags "invalid-flags" "The flags of the fixed header are not those that the packet type requires.";
    RemainingLengthTooLong "remaining-length-too-long" "The Remaining Length takes more than four bytes.";
    RemainingLengthNotMinimal "remaining-length-not-minimal" "The Remaining Length takes more bytes than it needs.";
    FrameIncomplete "frame-incomplete" "There are fewer bytes than the Remaining Length announces.";
    BytesAfterFrame "bytes-after-frame" "There are more bytes than the Remaining Length announces.";
    UnexpectedBody "unexpected-body" "A packet that has no body carries one.";
    TrailingBytes "trailing-bytes" "Bytes follow the last field of the packet.";
    MissingField "missing-field" "The packet ends before a field that it must have.";
    FieldPastEnd "field-past-end" "The length of a field reaches past the end of the packet.";
    IllFormedUtf8 "ill-formed-utf8" "A string is not well-formed UTF-8.";
    NullCharacter "null-character" "A string contains U+0000.";
    DisallowedCodePoint "disallowed-code-point" "A string contains a control character or a non-character.";
    PacketIdentifierZero "packet-identifier-zero" "The Packet Identifier is 0.";
    PublishQoS3 "publish-qos-3" "Both QoS bits of a PUBLISH are set.";
    DupAtQoS0 "dup-at-qos-0" "DUP is set on a PUBLISH of QoS 0.";
    TopicNameEmpty "topic-name-empty" "The Topic Name is empty and no Topic Alias stands for it.";
    TopicNameWildcard "topic-name-wildcard" "The Topic Name contains a wildcard character.";
    ResponseTopicWildcard "response-topic-wildcard" "The Response Topic contains a wildcard character.";
    TopicFilterEmpty "topic-filter-empty" "A Topic Filter is empty.";
    MultiLevelWildcardMisplaced "multi-level-wildcard-misplaced" "`#` is not alone in the last level of a Topic Filter.";
    SingleLevelWildcardMisplaced "single-level-wildcard-misplaced" "`+` does not fill a level of a Topic Filter.";
    ShareNameEmpty "share-name-empty" "A Shared Subscription has an empty ShareName.";
    ShareNameWildcard "share-name-wildcard" "The ShareName of a Shared Subscription contains a wildcard character.";
    ShareFilterMissing "share-filter-missing" "No Topic Filter follows the ShareName of a Shared Subscription.";
    NoTopicFilters "no-topic-filters" "The packet has no Topic Filter.";
    SubscriptionReservedBits "subscription-reserved-bits" "Reserved bits beside a Topic Filter are set.";
    SubscriptionQoS3 "subscription-qos-3" "The QoS requested for a Topic Filter is 3.";
    RetainHandling3 "retain-handling-3" "Retain Handling is 3.";
    NoLocalOnShared "no-local-on-shared" "No Local is set on a Shared Subscription.";
    ProtocolName "protocol-name" "The Protocol Name is not the one of this version.";
    ProtocolVersion "protocol-version" "The Protocol Version (Level) is not the one of this version.";
    ConnectReservedFlag "connect-reserved-flag" "The reserved bit of the Connect Flags is set.";
    WillQoS3 "will-qos-3" "Will QoS is 3.";
    WillQoSWithoutWill "will-qos-without-will" "Will QoS is not 0 though the Will Flag is 0.";
    WillRetainWithoutWill "will-retain-without-will" "Will Retain is set though the Will Flag is 0.";
    PasswordWithoutUserName "password-without-user-name" "The Password Flag is set though the User Name Flag is 0.";
    ConnAckReservedFlags "connack-reserved-flags" "Reserved bits of the Connect Acknowledge Flags are set.";
    SessionPresentWithError "session-present-with-error" "Session Present is set though the connection is refused.";
    UndefinedReasonCode "undefined-reason-code" "The Reason Code is not defined for this packet.";
    PropertyLengthNotMinimal "property-length-not-minimal" "The Property Length takes more bytes than it needs.";
    PropertyLengthMalformed "property-length-malformed" "The Property Length takes more than four bytes.";
    PropertyLengthPastEnd "property-length-past-end" "The Property Length reaches past the end of the packet.";
    PropertyPastEnd "property-past-end" "A property reaches past the end of the property list.";
    PropertyIdentifierNotMinimal "property-identifier-not-minimal" "A property identifier takes more bytes than it needs.";
    UnknownProperty "unknown-property" "A property identifier is not defined.";
    MisplacedProperty "misplaced-property" "A property is not allowed in this packet.";
    DuplicateProperty "duplicate-property" "A property that may stand once stands more than once.";
    PropertyOutOfRange "property-out-of-range" "The value of a property is outside its range.";
    SubscriptionIdentifierNotMinimal "subscription-identifier-not-minimal" "A Subscription Identifier takes more bytes than it needs.";
    SubscriptionIdentifierMalformed "subscription-identifier-malformed" "A Subscription Identifier takes more than four bytes.";
    AuthenticationDataWithoutMethod "authentication-data-without-method" "There is Authentication Data but no Authentication Method.";
    AuthenticationMethodMissing "authentication-method-missing" "An AUTH packet has no Authentication Method.";
}

impl fmt::Display for ViolationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
