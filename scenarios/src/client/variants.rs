//! Legal variants: choices the standard leaves to the client, each taken the other way.

use crate::broker::choice_set::choice_set;

macro_rules! variants {
    ($($variant:ident $id:literal $section:literal $description:literal;)*) => {
        /// A choice that the standard leaves open, taken differently from the default reference client.
        ///
        /// No rule may be red on any of them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[repr(u8)]
        pub enum ClientVariant {
            $(
                #[doc = concat!($description, " Permitted by ", $section, ".")]
                #[serde(rename = $id)]
                $variant,
            )*
        }

        impl ClientVariant {
            /// Every variant, in the order of the standard.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name used on the command line and in reports, such as `delayed-acknowledgements`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// The one with this [`id`](Self::id).
            pub fn from_id(id: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|item| item.id() == id)
            }

            /// One line: what the client does.
            pub const fn describe(self) -> &'static str {
                match self { $(Self::$variant => $description,)* }
            }

            /// The section of 5.0 that permits it.
            pub const fn section(self) -> &'static str {
                match self { $(Self::$variant => $section,)* }
            }
        }
    };
}

variants! {
    CoalescedWrites "coalesced-writes" "4.2" "Writes all packets that are due at once.";
    SplitWrites "split-writes" "4.2" "Writes every packet in two parts.";
    PingOften "ping-often" "3.1.2.10" "Sends PINGREQ four times in every Keep Alive.";
    SendBeforeConnAck "send-before-connack" "3.1.4" "Subscribes, publishes at QoS 0 and pings before CONNACK has come.";
    TopicAliases "topic-aliases" "3.3.2.3.4" "Uses topic aliases where the server allows them.";
    DelayedAcknowledgements "delayed-acknowledgements" "4.3" "Holds acknowledgements back for up to 40 ms, in their order.";
    AcknowledgementProperties "acknowledgement-properties" "3.4.2.2" "Adds a Reason String and a User Property to acknowledgements, where they fit.";
    LongAcknowledgements "long-acknowledgements" "3.4.2" "Writes reason code and property length in acknowledgements that could leave them out.";
    RefuseSome "refuse-some" "3.4.2.1" "Refuses one message in four with Quota exceeded.";
    PubCompNotFound "pubcomp-not-found" "3.7.2.1" "Answers a PUBREL for an unknown identifier with reason code Packet Identifier not found.";
    OneMessageInFlight "one-message-in-flight" "4.9" "Has at most one QoS 1 or 2 message in flight.";
    PubRelsFirst "pubrels-first" "4.4" "Resends every PUBREL before the first PUBLISH.";
    CloseWithoutDisconnect "close-without-disconnect" "4.13" "Closes the connection on errors of the server without a DISCONNECT.";
    GeneralReasonCodes "general-reason-codes" "4.13" "Says Malformed Packet or Protocol Error only, also where a more specific reason code exists.";
}

choice_set! {
    /// A set of [`ClientVariant`]s.
    ClientVariantSet of ClientVariant
}
