//! What there is to know about a vector besides its verdict.

use core::fmt;

macro_rules! flags {
    ($($variant:ident $id:literal $text:literal;)*) => {
        /// Something to know about a vector.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize))]
        pub enum Flag {
            $(
                #[doc = $text]
                #[cfg_attr(feature = "serde", serde(rename = $id))]
                $variant,
            )*
        }

        impl Flag {
            /// Every flag.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name used in the files, such as `may-refuse`.
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

flags! {
    LegalButUnusual "legal-but-unusual" "Valid, and rare enough that decoders get it wrong.";
    MayRefuse "may-refuse" "Valid, but the standard lets a receiver refuse it, or two readings are defensible: refusing it is no error.";
    MayAccept "may-accept" "Invalid, but no sentence of this version forbids it in so many words, or it leaves the receiver a choice: accepting it is no error.";
    RefusedByProtocol "refused-by-protocol" "Well-formed, so a decoder may deliver it; a sentence then obliges the receiver to refuse what it says. Always with may-refuse.";
    Incomplete "incomplete" "The bytes end before the packet does. A decoder of streams waits for more and delivers nothing; a decoder of whole frames refuses.";
    Surplus "surplus" "More bytes follow than the Remaining Length announces. A decoder of streams takes them for the next packet; a decoder of whole frames refuses.";
    OtherVersion "other-version" "A CONNECT that says it is of another version of MQTT. Decoded fields are those of that version. Always with may-refuse.";
    NotCanonical "not-canonical" "Valid, but an encoder writes the same packet in another way (usually shorter): encoding the fields does not give these bytes.";
    DisallowedCodePoint "disallowed-code-point" "A string holds a control character or a non-character, which should not appear in it. Always with may-refuse when valid.";
    Large "large" "Longer than 1,024 bytes: given as runs in the files, without decoded fields. A receiver with a lower limit may refuse it.";
    SeveralErrors "several-errors" "Invalid for more than one reason; a receiver may answer with the code of any of them.";
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
