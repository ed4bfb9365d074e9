//! Named ways to break a valid packet.
//!
//! Each [`Mutation`] takes a valid packet and returns bytes that break one rule on purpose; [`Mutation::violation`]
//! says which kind of violation [`diagnose`](crate::diagnose()) must find in them.

mod apply;
mod body;
mod connect;
mod fixed_header;
mod id;
mod list;
mod place;
mod property;
mod string;
mod topic;

pub use id::UnknownMutation;
pub use place::{BinaryField, PropertyAt, PropertyPlace, StringField, TopicField};

use crate::ViolationKind;

macro_rules! mutations {
    (
        plain { $($plain:ident $plain_id:literal $plain_kind:ident $plain_text:literal;)* }
        with { $($with:ident($parameter:ty) in $list:ident, $with_id:literal $with_kind:ident $with_text:literal;)* }
    ) => {
        /// One way to break a valid packet.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Mutation {
            $(
                #[doc = $plain_text]
                $plain,
            )*
            $(
                #[doc = $with_text]
                $with($parameter),
            )*
        }

        impl Mutation {
            pub(self) const PLAIN: &[Self] = &[$(Self::$plain),*];
            pub(self) const COUNT: usize = Self::PLAIN.len() $(+ list::$list.len())*;

            /// Every mutation, with every parameter that it can have.
            pub const ALL: &'static [Self] = &{
                let mut all = [Self::PLAIN[0]; Self::COUNT];
                let mut at = 0;
                while at < Self::PLAIN.len() {
                    all[at] = Self::PLAIN[at];
                    at += 1;
                }
                $(
                    let mut index = 0;
                    while index < list::$list.len() {
                        all[at] = Self::$with(list::$list[index]);
                        at += 1;
                        index += 1;
                    }
                )*
                assert!(at == Self::COUNT);
                all
            };

            /// The id without its parameter, such as `duplicate-property`.
            pub const fn family(self) -> &'static str {
                match self {
                    $(Self::$plain => $plain_id,)*
                    $(Self::$with(_) => $with_id,)*
                }
            }

            const fn parameter(self) -> Option<(&'static str, &'static str)> {
                match self {
                    $(Self::$plain => None,)*
                    $(Self::$with(parameter) => Some(parameter.slug()),)*
                }
            }

            /// What it does, in one line.
            pub const fn describe(self) -> &'static str {
                match self {
                    $(Self::$plain => $plain_text,)*
                    $(Self::$with(_) => $with_text,)*
                }
            }

            const fn usual_violation(self) -> ViolationKind {
                match self {
                    $(Self::$plain => ViolationKind::$plain_kind,)*
                    $(Self::$with(_) => ViolationKind::$with_kind,)*
                }
            }
        }
    };
}

mutations! {
    plain {
        FlagBit0 "flag-bit-0" InvalidFlags "Flips bit 0 of the fixed header's flags.";
        FlagBit1 "flag-bit-1" InvalidFlags "Flips bit 1 of the fixed header's flags.";
        FlagBit2 "flag-bit-2" InvalidFlags "Flips bit 2 of the fixed header's flags.";
        FlagBit3 "flag-bit-3" InvalidFlags "Flips bit 3 of the fixed header's flags.";
        PacketType0 "packet-type-0" ReservedPacketType "Sends packet type 0, which is reserved.";
        PacketType15 "packet-type-15" ReservedPacketType "Sends packet type 15, which is reserved before 5.0.";
        RemainingLengthNotMinimal "remaining-length-not-minimal" RemainingLengthNotMinimal "Spends a byte more than needed on the Remaining Length.";
        RemainingLengthFiveBytes "remaining-length-five-bytes" RemainingLengthTooLong "Spends five bytes on the Remaining Length.";
        RemainingLengthTooLarge "remaining-length-too-large" FrameIncomplete "Announces one byte more than is sent.";
        RemainingLengthTooSmall "remaining-length-too-small" BytesAfterFrame "Announces one byte less than is sent.";
        TruncatedBody "truncated-body" FieldPastEnd "Ends the packet inside a field, with a Remaining Length that fits.";
        EmptyBody "empty-body" MissingField "Leaves out the whole body.";
        MissingReasonCode "missing-reason-code" MissingField "Ends a CONNACK before its code.";
        MissingSubscriptionOptions "missing-subscription-options" MissingField "Ends a SUBSCRIBE before the options of its last Topic Filter.";
        TrailingByte "trailing-byte" TrailingBytes "Puts a byte after the last field.";
        UnexpectedBody "unexpected-body" UnexpectedBody "Gives a body to a packet that has none.";
        PacketIdentifierZero "packet-identifier-zero" PacketIdentifierZero "Sets the Packet Identifier to 0.";
        PublishQoS3 "publish-qos-3" PublishQoS3 "Sets both QoS bits of a PUBLISH.";
        DupAtQoS0 "dup-at-qos-0" DupAtQoS0 "Sets DUP on a PUBLISH of QoS 0.";
        UndefinedReasonCode "undefined-reason-code" UndefinedReasonCode "Sends a Reason Code that no packet defines.";
        ReasonCodeOfAnotherPacket "reason-code-of-another-packet" UndefinedReasonCode "Sends a Reason Code that only another packet type defines.";
        NoReasonCodes "no-reason-codes" MissingField "Leaves out every code of a SUBACK or UNSUBACK.";
        ConnAckReservedFlag "connack-reserved-flag" ConnAckReservedFlags "Sets a reserved bit of the Connect Acknowledge Flags.";
        SessionPresentWithError "session-present-with-error" SessionPresentWithError "Sets Session Present beside a code of refusal.";
        EmptyTopicName "empty-topic-name" TopicNameEmpty "Sends an empty Topic Name without a Topic Alias.";
        EmptyWillTopic "empty-will-topic" TopicNameEmpty "Sends an empty Will Topic.";
        NoTopicFilters "no-topic-filters" NoTopicFilters "Leaves out every Topic Filter.";
        EmptyTopicFilter "empty-topic-filter" TopicFilterEmpty "Sends an empty Topic Filter.";
        FilterMultiLevelInMiddle "filter-multi-level-in-middle" MultiLevelWildcardMisplaced "Uses `a/#/b` as Topic Filter.";
        FilterMultiLevelInLevel "filter-multi-level-in-level" MultiLevelWildcardMisplaced "Uses `a/b#` as Topic Filter.";
        FilterSingleLevelInLevel "filter-single-level-in-level" SingleLevelWildcardMisplaced "Uses `a/b+` as Topic Filter.";
        FilterSingleLevelBeforeText "filter-single-level-before-text" SingleLevelWildcardMisplaced "Uses `+a/b` as Topic Filter.";
        ShareWithoutFilter "share-without-filter" ShareFilterMissing "Uses `$share/g` as Topic Filter.";
        ShareWithEmptyFilter "share-with-empty-filter" ShareFilterMissing "Uses `$share/g/` as Topic Filter.";
        ShareNameEmpty "share-name-empty" ShareNameEmpty "Uses `$share//x` as Topic Filter.";
        ShareNameSingleLevel "share-name-single-level" ShareNameWildcard "Uses `$share/g+/x` as Topic Filter.";
        ShareNameMultiLevel "share-name-multi-level" ShareNameWildcard "Uses `$share/g#/x` as Topic Filter.";
        ShareFilterMalformed "share-filter-malformed" MultiLevelWildcardMisplaced "Uses `$share/g/a/#/b` as Topic Filter.";
        NoLocalOnShared "no-local-on-shared" NoLocalOnShared "Sets No Local on a Shared Subscription.";
        SubscriptionQoS3 "subscription-qos-3" SubscriptionQoS3 "Asks for QoS 3.";
        RetainHandling3 "retain-handling-3" RetainHandling3 "Sets Retain Handling to 3.";
        SubscriptionReservedBit2 "subscription-reserved-bit-2" SubscriptionReservedBits "Sets bit 2 beside a Topic Filter, reserved before 5.0.";
        SubscriptionReservedBit6 "subscription-reserved-bit-6" SubscriptionReservedBits "Sets bit 6 beside a Topic Filter.";
        SubscriptionReservedBit7 "subscription-reserved-bit-7" SubscriptionReservedBits "Sets bit 7 beside a Topic Filter.";
        WrongProtocolName "wrong-protocol-name" ProtocolName "Sends a Protocol Name that no version has.";
        ProtocolNameLowercase "protocol-name-lowercase" ProtocolName "Sends the Protocol Name in lower case.";
        UnknownProtocolVersion "unknown-protocol-version" ProtocolVersion "Sends a Protocol Version (Level) that does not exist.";
        ConnectReservedFlag "connect-reserved-flag" ConnectReservedFlag "Sets the reserved bit of the Connect Flags.";
        WillQoS3 "will-qos-3" WillQoS3 "Sets Will QoS to 3.";
        WillQoSWithoutWill "will-qos-without-will" WillQoSWithoutWill "Sets Will QoS to 1 while the Will Flag is 0.";
        WillRetainWithoutWill "will-retain-without-will" WillRetainWithoutWill "Sets Will Retain while the Will Flag is 0.";
        WillFlagWithoutWill "will-flag-without-will" MissingField "Sets the Will Flag but leaves out the Will.";
        PasswordWithoutUserName "password-without-user-name" PasswordWithoutUserName "Sends a Password but no User Name (before 5.0).";
        UserNameFlagWithoutUserName "user-name-flag-without-user-name" MissingField "Sets the User Name Flag but leaves out the User Name.";
        PasswordFlagWithoutPassword "password-flag-without-password" MissingField "Sets the Password Flag but leaves out the Password.";
        UserNameWithoutFlag "user-name-without-flag" TrailingBytes "Sends a User Name while its flag is 0.";
        UnknownProperty "unknown-property" UnknownProperty "Adds a property with an identifier that is not defined.";
        PropertyIdentifierNotMinimal "property-identifier-not-minimal" PropertyIdentifierNotMinimal "Spends two bytes on a property identifier.";
        SubscriptionIdentifierNotMinimal "subscription-identifier-not-minimal" SubscriptionIdentifierNotMinimal "Spends a byte more than needed on the Subscription Identifier.";
        SubscriptionIdentifierFiveBytes "subscription-identifier-five-bytes" SubscriptionIdentifierMalformed "Spends five bytes on the Subscription Identifier.";
        AuthenticationDataWithoutMethod "authentication-data-without-method" AuthenticationDataWithoutMethod "Sends Authentication Data in CONNECT but no Authentication Method.";
        AuthenticationMethodMissing "authentication-method-missing" AuthenticationMethodMissing "Sends AUTH without an Authentication Method.";
    }
    with {
        IllFormedUtf8(StringField) in STRINGS, "ill-formed-utf8" IllFormedUtf8 "Puts a byte that UTF-8 never uses into a string.";
        OverlongUtf8(StringField) in STRINGS, "overlong-utf8" IllFormedUtf8 "Puts an overlong encoding into a string.";
        Surrogate(StringField) in STRINGS, "surrogate" IllFormedUtf8 "Puts an encoded surrogate, U+D800, into a string.";
        NullCharacter(StringField) in STRINGS, "null-character" NullCharacter "Puts U+0000 into a string.";
        StringPastEnd(StringField) in STRINGS, "string-past-end" FieldPastEnd "Announces a string longer than what is left.";
        BinaryPastEnd(BinaryField) in BINARIES, "binary-past-end" FieldPastEnd "Announces Binary Data longer than what is left.";
        MultiLevelWildcard(TopicField) in TOPICS, "multi-level-wildcard" TopicNameWildcard "Puts `#` into a topic name.";
        SingleLevelWildcard(TopicField) in TOPICS, "single-level-wildcard" TopicNameWildcard "Puts `+` into a topic name.";
        PropertyLengthNotMinimal(PropertyPlace) in PLACES, "property-length-not-minimal" PropertyLengthNotMinimal "Spends a byte more than needed on the Property Length.";
        PropertyLengthFiveBytes(PropertyPlace) in PLACES, "property-length-five-bytes" PropertyLengthMalformed "Spends five bytes on the Property Length.";
        PropertyLengthPastEnd(PropertyPlace) in PLACES, "property-length-past-end" PropertyLengthPastEnd "Announces more properties than the packet has room for.";
        PropertyLengthTooSmall(PropertyPlace) in PLACES, "property-length-too-small" PropertyPastEnd "Announces one byte of properties less than is sent.";
        DuplicateProperty(PropertyAt) in DUPLICABLE, "duplicate-property" DuplicateProperty "Sends a property twice that may stand once.";
        MisplacedProperty(PropertyAt) in MISPLACEABLE, "misplaced-property" MisplacedProperty "Sends a property that this packet must not have.";
        PropertyOutOfRange(PropertyAt) in RANGED, "property-out-of-range" PropertyOutOfRange "Sends a property with a value outside its range.";
    }
}
