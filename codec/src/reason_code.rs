//! Reason codes of 5.0 (2.4 and the table of each packet) and return codes of 3.1 and 3.1.1.

use core::fmt;

use crate::{PacketType, ProtocolVersion};
use PacketType::{Auth, ConnAck, Disconnect, PubAck, PubComp, PubRec, PubRel, SubAck, UnsubAck};

/// A reason code (5.0) or return code (3.1, 3.1.1) byte, defined or not.
///
/// The same byte has different names in different packets, so the name needs both version and packet:
/// see [`ReasonCode::name_in`].
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct ReasonCode(pub u8);

/// One row of the table: a reason code under one name, and the packets in which it has that name.
#[derive(Clone, Copy, Debug)]
pub struct ReasonCodeRow {
    /// The byte on the wire.
    pub code: ReasonCode,
    /// The name as the standard writes it.
    pub name: &'static str,
    /// The packets that may carry it.
    pub packets: &'static [PacketType],
}

macro_rules! reason_codes {
    ($($value:literal $constant:ident $name:literal [$($packet:ident)*];)*) => {
        impl ReasonCode {
            $(
                #[doc = concat!("`", stringify!($value), "` ", $name, " (5.0, 2.4).")]
                pub const $constant: Self = Self($value);
            )*
        }

        /// Table 2-6 of 5.0: every reason code, with the packets it is defined for.
        ///
        /// It agrees with the table of each packet, but for Bad authentication method (0x8C) in DISCONNECT, which the
        /// table of 3.14.2.1 leaves out; what either table has counts as defined.
        pub const REASON_CODES: &[ReasonCodeRow] = &[
            $(ReasonCodeRow { code: ReasonCode($value), name: $name, packets: &[$($packet),*] },)*
        ];
    };
}

reason_codes! {
    0x00 SUCCESS "Success" [ConnAck PubAck PubRec PubRel PubComp UnsubAck Auth];
    0x00 NORMAL_DISCONNECTION "Normal disconnection" [Disconnect];
    0x00 GRANTED_QOS_0 "Granted QoS 0" [SubAck];
    0x01 GRANTED_QOS_1 "Granted QoS 1" [SubAck];
    0x02 GRANTED_QOS_2 "Granted QoS 2" [SubAck];
    0x04 DISCONNECT_WITH_WILL_MESSAGE "Disconnect with Will Message" [Disconnect];
    0x10 NO_MATCHING_SUBSCRIBERS "No matching subscribers" [PubAck PubRec];
    0x11 NO_SUBSCRIPTION_EXISTED "No subscription existed" [UnsubAck];
    0x18 CONTINUE_AUTHENTICATION "Continue authentication" [Auth];
    0x19 RE_AUTHENTICATE "Re-authenticate" [Auth];
    0x80 UNSPECIFIED_ERROR "Unspecified error" [ConnAck PubAck PubRec SubAck UnsubAck Disconnect];
    0x81 MALFORMED_PACKET "Malformed Packet" [ConnAck Disconnect];
    0x82 PROTOCOL_ERROR "Protocol Error" [ConnAck Disconnect];
    0x83 IMPLEMENTATION_SPECIFIC_ERROR "Implementation specific error" [ConnAck PubAck PubRec SubAck UnsubAck Disconnect];
    0x84 UNSUPPORTED_PROTOCOL_VERSION "Unsupported Protocol Version" [ConnAck];
    0x85 CLIENT_IDENTIFIER_NOT_VALID "Client Identifier not valid" [ConnAck];
    0x86 BAD_USER_NAME_OR_PASSWORD "Bad User Name or Password" [ConnAck];
    0x87 NOT_AUTHORIZED "Not authorized" [ConnAck PubAck PubRec SubAck UnsubAck Disconnect];
    0x88 SERVER_UNAVAILABLE "Server unavailable" [ConnAck];
    0x89 SERVER_BUSY "Server busy" [ConnAck Disconnect];
    0x8A BANNED "Banned" [ConnAck];
    0x8B SERVER_SHUTTING_DOWN "Server shutting down" [Disconnect];
    0x8C BAD_AUTHENTICATION_METHOD "Bad authentication method" [ConnAck Disconnect];
    0x8D KEEP_ALIVE_TIMEOUT "Keep Alive timeout" [Disconnect];
    0x8E SESSION_TAKEN_OVER "Session taken over" [Disconnect];
    0x8F TOPIC_FILTER_INVALID "Topic Filter invalid" [SubAck UnsubAck Disconnect];
    0x90 TOPIC_NAME_INVALID "Topic Name invalid" [ConnAck PubAck PubRec Disconnect];
    0x91 PACKET_IDENTIFIER_IN_USE "Packet Identifier in use" [PubAck PubRec SubAck UnsubAck];
    0x92 PACKET_IDENTIFIER_NOT_FOUND "Packet Identifier not found" [PubRel PubComp];
    0x93 RECEIVE_MAXIMUM_EXCEEDED "Receive Maximum exceeded" [Disconnect];
    0x94 TOPIC_ALIAS_INVALID "Topic Alias invalid" [Disconnect];
    0x95 PACKET_TOO_LARGE "Packet too large" [ConnAck Disconnect];
    0x96 MESSAGE_RATE_TOO_HIGH "Message rate too high" [Disconnect];
    0x97 QUOTA_EXCEEDED "Quota exceeded" [ConnAck PubAck PubRec SubAck Disconnect];
    0x98 ADMINISTRATIVE_ACTION "Administrative action" [Disconnect];
    0x99 PAYLOAD_FORMAT_INVALID "Payload format invalid" [ConnAck PubAck PubRec Disconnect];
    0x9A RETAIN_NOT_SUPPORTED "Retain not supported" [ConnAck Disconnect];
    0x9B QOS_NOT_SUPPORTED "QoS not supported" [ConnAck Disconnect];
    0x9C USE_ANOTHER_SERVER "Use another server" [ConnAck Disconnect];
    0x9D SERVER_MOVED "Server moved" [ConnAck Disconnect];
    0x9E SHARED_SUBSCRIPTIONS_NOT_SUPPORTED "Shared Subscriptions not supported" [SubAck Disconnect];
    0x9F CONNECTION_RATE_EXCEEDED "Connection rate exceeded" [ConnAck Disconnect];
    0xA0 MAXIMUM_CONNECT_TIME "Maximum connect time" [Disconnect];
    0xA1 SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED "Subscription Identifiers not supported" [SubAck Disconnect];
    0xA2 WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED "Wildcard Subscriptions not supported" [SubAck Disconnect];
}

/// Table 3.1 (CONNACK) and section 3.9.3 (SUBACK) of 3.1.1: every return code.
pub const RETURN_CODES: &[ReasonCodeRow] = &[
    ReasonCodeRow { code: ReasonCode(0), name: "Connection Accepted", packets: &[ConnAck] },
    ReasonCodeRow { code: ReasonCode(1), name: "unacceptable protocol version", packets: &[ConnAck] },
    ReasonCodeRow { code: ReasonCode(2), name: "identifier rejected", packets: &[ConnAck] },
    ReasonCodeRow { code: ReasonCode(3), name: "Server unavailable", packets: &[ConnAck] },
    ReasonCodeRow { code: ReasonCode(4), name: "bad user name or password", packets: &[ConnAck] },
    ReasonCodeRow { code: ReasonCode(5), name: "not authorized", packets: &[ConnAck] },
    ReasonCodeRow { code: ReasonCode(0x00), name: "Success - Maximum QoS 0", packets: &[SubAck] },
    ReasonCodeRow { code: ReasonCode(0x01), name: "Success - Maximum QoS 1", packets: &[SubAck] },
    ReasonCodeRow { code: ReasonCode(0x02), name: "Success - Maximum QoS 2", packets: &[SubAck] },
    ReasonCodeRow { code: ReasonCode(0x80), name: "Failure", packets: &[SubAck] },
];

impl ReasonCode {
    /// 3.1.1 CONNACK return code 1: unacceptable protocol version (3.2.2.3).
    pub const V3_UNACCEPTABLE_PROTOCOL_VERSION: Self = Self(1);
    /// 3.1.1 CONNACK return code 2: identifier rejected (3.2.2.3).
    pub const V3_IDENTIFIER_REJECTED: Self = Self(2);
    /// 3.1.1 CONNACK return code 3: server unavailable (3.2.2.3).
    pub const V3_SERVER_UNAVAILABLE: Self = Self(3);
    /// 3.1.1 CONNACK return code 4: bad user name or password (3.2.2.3).
    pub const V3_BAD_USER_NAME_OR_PASSWORD: Self = Self(4);
    /// 3.1.1 CONNACK return code 5: not authorized (3.2.2.3).
    pub const V3_NOT_AUTHORIZED: Self = Self(5);

    /// The rows that apply to `packet` in `version`. Empty for packets that carry no code.
    pub fn rows(version: ProtocolVersion, packet: PacketType) -> impl Iterator<Item = &'static ReasonCodeRow> {
        let table = if version.has_properties() { REASON_CODES } else { RETURN_CODES };
        table.iter().filter(move |row| row.packets.contains(&packet) && is_in_version(row, version, packet))
    }

    /// The name of this code in `packet` of `version`; `None` when it is not defined there.
    pub fn name_in(self, version: ProtocolVersion, packet: PacketType) -> Option<&'static str> {
        Self::rows(version, packet).find(|row| row.code == self).map(|row| row.name)
    }

    /// Whether `packet` of `version` may carry this code.
    #[inline]
    pub fn is_defined_in(self, version: ProtocolVersion, packet: PacketType) -> bool {
        Self::defined_in(version, packet).contains(self)
    }

    /// The codes that `packet` of `version` may carry.
    #[inline]
    pub(crate) fn defined_in(version: ProtocolVersion, packet: PacketType) -> &'static CodeSet {
        &DEFINED[version as usize][usize::from(packet.value())]
    }

    /// Whether the code means failure in 5.0: 0x80 or greater (2.4).
    pub const fn is_error(self) -> bool {
        self.0 >= 0x80
    }
}

/// A set of codes, one bit for each.
#[derive(Clone, Copy)]
pub(crate) struct CodeSet([u64; 4]);

/// The codes that may stand in each packet, by version and by the value of the packet type.
static DEFINED: [[CodeSet; 16]; 3] = {
    let mut sets = [[CodeSet([0; 4]); 16]; 3];
    let mut version = 0;
    while version < sets.len() {
        let table = if ProtocolVersion::ALL[version].has_properties() { REASON_CODES } else { RETURN_CODES };
        let mut row = 0;
        while row < table.len() {
            let mut packet = 0;
            while packet < table[row].packets.len() {
                let packet_type = table[row].packets[packet];
                if is_in_version(&table[row], ProtocolVersion::ALL[version], packet_type) {
                    let code = table[row].code.0 as usize;
                    sets[version][packet_type.value() as usize].0[code / 64] |= 1 << (code % 64);
                }
                packet += 1;
            }
            row += 1;
        }
        version += 1;
    }
    sets
};

/// 3.1 has the CONNACK codes of 3.1.1, and no failure code in SUBACK.
const fn is_in_version(row: &ReasonCodeRow, version: ProtocolVersion, packet: PacketType) -> bool {
    !(matches!(version, ProtocolVersion::V3_1) && matches!(packet, SubAck) && row.code.0 > 2)
}

impl CodeSet {
    #[inline]
    pub(crate) const fn contains(&self, code: ReasonCode) -> bool {
        self.0[(code.0 >> 6) as usize] >> (code.0 & 63) & 1 != 0
    }
}

impl fmt::Debug for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReasonCode(0x{:02X})", self.0)
    }
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:02X}", self.0)
    }
}
