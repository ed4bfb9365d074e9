//! Duties that every version states, each under a number of its own.
//!
//! A scenario written once for several versions cites a [`Duty`]; the version picks the statement.

use mqttspec_codec::{ProtocolVersion, ReasonCode};

use crate::model::Cite;

/// One duty and the statement that holds it in each version. Empty where the version has no numbered statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duty {
    /// MQTT 3.1, which numbers no statements: ours are `MQTT31-<section>-<n>`.
    pub v3_1: &'static str,
    /// MQTT 3.1.1.
    pub v3_1_1: &'static str,
    /// MQTT 5.0.
    pub v5_0: &'static str,
}

impl Duty {
    /// A duty by its three statements, oldest version first.
    pub const fn new(v3_1: &'static str, v3_1_1: &'static str, v5_0: &'static str) -> Self {
        Self { v3_1, v3_1_1, v5_0 }
    }

    /// The statement of `version`, if it has one.
    pub fn id(self, version: ProtocolVersion) -> Option<&'static str> {
        let id = match version {
            ProtocolVersion::V3_1 => self.v3_1,
            ProtocolVersion::V3_1_1 => self.v3_1_1,
            ProtocolVersion::V5_0 => self.v5_0,
        };
        (!id.is_empty()).then_some(id)
    }

    /// The statement of `version`, to cite.
    ///
    /// # Panics
    ///
    /// When the version has none: a scenario must not be built for a version that does not state its duty.
    pub fn cite(self, version: ProtocolVersion) -> Cite {
        match self.id(version) {
            Some(id) => Cite::from(id),
            None => panic!("{self:?} is not stated in {version}"),
        }
    }
}

/// Reason codes with which a 5.0 server may end any connection for a reason of its own (3.14.2.1): that breaks nothing, and
/// leaves what was to be shown undecided.
pub const OWN_REASONS: [ReasonCode; 11] = [
    ReasonCode::NOT_AUTHORIZED,
    ReasonCode::SERVER_UNAVAILABLE,
    ReasonCode::SERVER_BUSY,
    ReasonCode::SERVER_SHUTTING_DOWN,
    ReasonCode::MESSAGE_RATE_TOO_HIGH,
    ReasonCode::QUOTA_EXCEEDED,
    ReasonCode::ADMINISTRATIVE_ACTION,
    ReasonCode::USE_ANOTHER_SERVER,
    ReasonCode::SERVER_MOVED,
    ReasonCode::CONNECTION_RATE_EXCEEDED,
    ReasonCode::MAXIMUM_CONNECT_TIME,
];

macro_rules! duties {
    ($($(#[$doc:meta])* $name:ident = $v31:literal $v311:literal $v5:literal;)*) => {
        $($(#[$doc])* pub const $name: Duty = Duty::new($v31, $v311, $v5);)*

        /// Every duty of this table, for the test that each of its ids is in the catalogue.
        pub const ALL: &[Duty] = &[$($name),*];
    };
}

duties! {
    /// A sound CONNECT is answered with CONNACK and success.
    CONNACK_OWED = "MQTT31-3.2-1" "MQTT-3.1.4-4" "MQTT-3.1.4-5";
    /// Session Present is 0 when the client asked for a clean start.
    SESSION_PRESENT_0_CLEAN = "" "MQTT-3.2.2-1" "MQTT-3.2.2-2";
    /// Session Present is 0 when no session was kept.
    SESSION_PRESENT_0 = "" "MQTT-3.2.2-3" "MQTT-3.2.2-3";
    /// Session Present is 1 when the session was kept.
    SESSION_PRESENT_1 = "" "MQTT-3.2.2-2" "MQTT-3.2.2-3";
    /// SUBSCRIBE is answered with SUBACK.
    SUBACK_OWED = "MQTT31-3.9-1" "MQTT-3.8.4-1" "MQTT-3.8.4-1";
    /// SUBACK has the Packet Identifier of its SUBSCRIBE.
    SUBACK_SAME_ID = "MQTT31-3.9-1" "MQTT-3.8.4-2" "MQTT-3.8.4-2";
    /// SUBACK has one code for each filter, in order.
    SUBACK_CODES = "MQTT31-3.9-2" "MQTT-3.8.4-5" "MQTT-3.8.4-6";
    /// UNSUBSCRIBE is answered with UNSUBACK.
    UNSUBACK_OWED = "MQTT31-3.11-1" "MQTT-3.10.4-4" "MQTT-3.10.4-4";
    /// UNSUBACK has the Packet Identifier of its UNSUBSCRIBE.
    UNSUBACK_SAME_ID = "MQTT31-3.11-1" "MQTT-3.10.4-4" "MQTT-3.10.4-5";
    /// UNSUBACK has one code for each filter, in order.
    UNSUBACK_CODES = "" "" "MQTT-3.11.3-1";
    /// A QoS 1 PUBLISH is answered with PUBACK.
    PUBACK_OWED = "MQTT31-4.1-1" "MQTT-4.3.2-2" "MQTT-4.3.2-4";
    /// A QoS 2 PUBLISH is answered with PUBREC.
    PUBREC_OWED = "MQTT31-4.1-2" "MQTT-4.3.3-2" "MQTT-4.3.3-8";
    /// PUBREC is answered with PUBREL.
    PUBREL_OWED = "MQTT31-4.1-2" "MQTT-4.3.3-1" "MQTT-4.3.3-4";
    /// PUBREL is answered with PUBCOMP.
    PUBCOMP_OWED = "MQTT31-4.1-2" "MQTT-4.3.3-2" "MQTT-4.3.3-11";
    /// A message is delivered to a client with a matching subscription.
    DELIVERY_OWED = "MQTT31-3.3-1" "MQTT-4.5.0-1" "MQTT-4.5.0-1";
    /// It is delivered at the lower of the QoS it was published with and the QoS granted.
    DELIVERED_QOS = "MQTT31-3.8-1" "MQTT-3.8.4-6" "MQTT-3.8.4-8";
    /// RETAIN is 0 in what goes to an established subscription (5.0: without Retain As Published).
    DELIVERED_RETAIN = "MQTT31-3.3-2" "MQTT-3.3.1-9" "MQTT-3.3.1-12";
    /// DUP is 0 in a first delivery, whatever the publisher set.
    DELIVERED_DUP = "MQTT31-3.3-3" "MQTT-3.3.1-3" "MQTT-3.3.1-3";
    /// Who sends DISCONNECT closes the connection.
    CLOSE_AFTER_DISCONNECT = "" "" "MQTT-3.14.4-2";
    /// Who refuses a CONNECT by CONNACK closes the connection.
    CLOSE_AFTER_REFUSAL = "MQTT31-3.1-2" "MQTT-3.2.2-5" "MQTT-3.2.2-7";
    /// The will is published when the connection ends without DISCONNECT.
    WILL_OWED = "MQTT31-3.1-5" "MQTT-3.1.2-8" "MQTT-3.1.2-8";
    /// PINGREQ is answered with PINGRESP.
    PINGRESP_OWED = "MQTT31-3.12-1" "MQTT-3.12.4-1" "MQTT-3.12.4-1";
}
