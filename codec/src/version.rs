//! The three protocol versions (section 3.1.2.1 and 3.1.2.2 of each standard).

use core::fmt;

/// A version of the MQTT protocol, as named by a CONNECT packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ProtocolVersion {
    /// MQTT 3.1: protocol name `MQIsdp`, protocol level 3.
    #[cfg_attr(feature = "serde", serde(rename = "3.1"))]
    V3_1,
    /// MQTT 3.1.1: protocol name `MQTT`, protocol level 4.
    #[cfg_attr(feature = "serde", serde(rename = "3.1.1"))]
    V3_1_1,
    /// MQTT 5.0: protocol name `MQTT`, protocol version 5.
    #[cfg_attr(feature = "serde", serde(rename = "5.0"))]
    V5_0,
}

impl ProtocolVersion {
    /// Every version, oldest first.
    pub const ALL: [Self; 3] = [Self::V3_1, Self::V3_1_1, Self::V5_0];

    /// Protocol Name of CONNECT (3.1.2.1).
    pub const fn protocol_name(self) -> &'static str {
        match self {
            Self::V3_1 => "MQIsdp",
            Self::V3_1_1 | Self::V5_0 => "MQTT",
        }
    }

    /// Protocol Level (3.1.1) or Protocol Version (5.0) byte of CONNECT (3.1.2.2).
    pub const fn protocol_level(self) -> u8 {
        match self {
            Self::V3_1 => 3,
            Self::V3_1_1 => 4,
            Self::V5_0 => 5,
        }
    }

    /// The version with this Protocol Name and Protocol Level, if there is one.
    pub fn from_name_and_level(name: &[u8], level: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.protocol_name().as_bytes() == name && v.protocol_level() == level)
    }

    /// The number as people write it: `3.1`, `3.1.1`, `5.0`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V3_1 => "3.1",
            Self::V3_1_1 => "3.1.1",
            Self::V5_0 => "5.0",
        }
    }

    /// Whether packets of this version carry properties and reason codes.
    pub const fn has_properties(self) -> bool {
        matches!(self, Self::V5_0)
    }
}

impl fmt::Display for ProtocolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
