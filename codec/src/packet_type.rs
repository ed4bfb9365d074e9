//! MQTT Control Packet types and their fixed-header flags (2.1.2 and 2.1.3; in 3.1.1: 2.2.1 and 2.2.2).

use core::fmt;

macro_rules! packet_types {
    ($($value:literal $variant:ident $name:literal flags $flags:expr, section $section:literal;)*) => {
        /// A type of MQTT Control Packet (2.1.2).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[repr(u8)]
        pub enum PacketType {
            $(
                #[doc = concat!($name, " (", $section, ").")]
                #[cfg_attr(feature = "serde", serde(rename = $name))]
                $variant = $value,
            )*
        }

        impl PacketType {
            /// Every packet type, by value.
            pub const ALL: [Self; 15] = [$(Self::$variant),*];

            /// The type with this value (the high nibble of the first byte), if it is not reserved.
            pub const fn from_value(value: u8) -> Option<Self> {
                match value {
                    $($value => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// The name as the standard writes it, in capitals.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The flags that the low nibble of the first byte must hold; `None` for PUBLISH, whose flags vary (2.1.3).
            pub const fn fixed_flags(self) -> Option<u8> {
                match self { $(Self::$variant => $flags,)* }
            }

            /// Section of the standard that describes this packet, the same in 3.1.1 and 5.0.
            pub const fn section(self) -> &'static str {
                match self { $(Self::$variant => $section,)* }
            }
        }
    };
}

packet_types! {
    1  Connect     "CONNECT"     flags Some(0), section "3.1";
    2  ConnAck     "CONNACK"     flags Some(0), section "3.2";
    3  Publish     "PUBLISH"     flags None,    section "3.3";
    4  PubAck      "PUBACK"      flags Some(0), section "3.4";
    5  PubRec      "PUBREC"      flags Some(0), section "3.5";
    6  PubRel      "PUBREL"      flags Some(2), section "3.6";
    7  PubComp     "PUBCOMP"     flags Some(0), section "3.7";
    8  Subscribe   "SUBSCRIBE"   flags Some(2), section "3.8";
    9  SubAck      "SUBACK"      flags Some(0), section "3.9";
    10 Unsubscribe "UNSUBSCRIBE" flags Some(2), section "3.10";
    11 UnsubAck    "UNSUBACK"    flags Some(0), section "3.11";
    12 PingReq     "PINGREQ"     flags Some(0), section "3.12";
    13 PingResp    "PINGRESP"    flags Some(0), section "3.13";
    14 Disconnect  "DISCONNECT"  flags Some(0), section "3.14";
    15 Auth        "AUTH"        flags Some(0), section "3.15";
}

impl PacketType {
    /// The value in the high nibble of the first byte, 1 to 15.
    pub const fn value(self) -> u8 {
        self as u8
    }

    /// Whether this type exists in `version`: AUTH is new in 5.0.
    pub const fn exists_in(self, version: crate::ProtocolVersion) -> bool {
        !matches!(self, Self::Auth) || version.has_properties()
    }
}

impl fmt::Display for PacketType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
