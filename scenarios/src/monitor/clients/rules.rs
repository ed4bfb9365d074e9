//! The sentences that the monitor holds Clients to, one row each, with their place in every version.

use super::super::rule::rules;

rules! {
    // Format and order.
    /// Bytes that cannot be cut into packets.
    FRAMING = "2" "2.2.3" "1.5.5";
    /// Reserved flags of the fixed header have their values.
    FLAGS = "2.1" "MQTT-2.2.2-1" "MQTT-2.1.3-1";
    /// A Variable Byte Integer is written in its shortest form.
    MINIMAL_INTEGER = "" "" "MQTT-1.5.5-1";
    /// A packet with properties has a Property Length.
    PROPERTY_LENGTH = "" "" "MQTT-2.2.2-1";
    /// A Packet Identifier is not 0.
    ID_NOT_ZERO = "2.4" "MQTT-2.3.1-1" "MQTT-2.2.1-3";
    /// The type of the packet is one that a Client may send (table 2-1; 3.1.1: table 2.1).
    SENT_BY_CLIENT = "2.1" "2.2.1" "2.1.2";
    /// CONNECT is first.
    CONNECT_FIRST = "3.1" "MQTT-3.1.0-1" "MQTT-3.1.0-1";
    /// There is one CONNECT.
    ONE_CONNECT = "3.1" "3.1" "3.1";
    /// Nothing follows a DISCONNECT.
    NOTHING_AFTER_DISCONNECT = "3.14" "MQTT-3.14.4-2" "MQTT-3.14.4-1";
    /// Who sends DISCONNECT closes the connection.
    CLOSE_AFTER_DISCONNECT = "3.14" "MQTT-3.14.4-1" "MQTT-3.14.4-2";
    /// The reason code of DISCONNECT is one that a Client may use.
    DISCONNECT_REASON = "" "" "MQTT-3.14.2-1";
    /// No Session Expiry Interval in DISCONNECT after 0 in CONNECT.
    EXPIRY_AT_DISCONNECT = "" "" "3.14.2.2.2";
    /// A zero-length Client Identifier goes with Clean Session 1.
    EMPTY_CLIENT_ID = "" "MQTT-3.1.3-7" "";
    /// A session that the Client has not is not taken up.
    CLOSE_ON_UNKNOWN_SESSION = "" "" "MQTT-3.2.2-4";
    /// The connection ends after CONNACK or DISCONNECT with a reason code of 0x80 or more.
    CLOSE_ON_REASON = "" "" "MQTT-4.13.2-1";
    /// The connection ends after a malformed packet or protocol error (5.0 has no sentence that binds clients to it, 4.13.1).
    CLOSE_ON_ERROR = "" "MQTT-4.8.0-1" "4.13.1 should";
    /// After ill-formed UTF-8.
    CLOSE_ON_UTF8 = "" "MQTT-1.5.3-1" "4.13.1 should";
    /// After U+0000.
    CLOSE_ON_NULL = "" "MQTT-1.5.3-2" "4.13.1 should";
    /// After wrong fixed-header flags.
    CLOSE_ON_FLAGS = "" "MQTT-2.2.2-2" "4.13.1 should";
    /// After QoS 3.
    CLOSE_ON_QOS3 = "" "MQTT-3.3.1-4" "4.13.1 should";
    /// Every Topic Alias up to the Topic Alias Maximum is accepted.
    ALIAS_ACCEPTED = "" "" "MQTT-3.3.2-10";

    // Authentication.
    /// No AUTH without an Authentication Method in CONNECT.
    AUTH_UNINVITED = "" "" "MQTT-4.12.0-7";
    /// The method is the one of the CONNECT.
    AUTH_METHOD_KEPT = "" "" "MQTT-4.12.0-5";
    /// The same holds for re-authentication.
    AUTH_METHOD_KEPT_LATER = "" "" "MQTT-4.12.1-1";
    /// AUTH that answers the Server's says so.
    AUTH_CONTINUES = "" "" "MQTT-4.12.0-3";
    /// The reason code of AUTH is one that a Client may use.
    AUTH_REASON = "" "" "MQTT-3.15.2-1";
    /// Nothing but AUTH and DISCONNECT before CONNACK.
    AUTH_FIRST = "" "" "MQTT-3.1.2-30";

    // Limits of CONNACK.
    /// Maximum Packet Size.
    MAXIMUM_PACKET_SIZE = "" "" "MQTT-3.2.2-15";
    /// Maximum QoS.
    MAXIMUM_QOS = "" "" "MQTT-3.2.2-11";
    /// Retain Available.
    RETAIN_AVAILABLE = "" "" "MQTT-3.2.2-14";
    /// Topic Alias Maximum.
    ALIAS_MAXIMUM = "" "" "MQTT-3.2.2-17";
    /// No Topic Alias where none is allowed.
    ALIAS_UNINVITED = "" "" "MQTT-3.2.2-18";
    /// Wildcard Subscription Available.
    WILDCARDS_AVAILABLE = "" "" "3.2.2.3.11";
    /// Subscription Identifiers Available.
    IDENTIFIERS_AVAILABLE = "" "" "3.2.2.3.12";
    /// Shared Subscription Available.
    SHARED_AVAILABLE = "" "" "3.2.2.3.13";
    /// Receive Maximum.
    RECEIVE_MAXIMUM = "" "" "MQTT-3.3.4-7";
    /// A Topic Alias without a Topic Name was set on this connection.
    ALIAS_KNOWN = "" "" "MQTT-3.3.2-7";

    // The Client as sender.
    /// No Subscription Identifier in a PUBLISH.
    NO_SUBSCRIPTION_IDENTIFIER = "" "" "MQTT-3.3.4-6";
    /// What was refused is not sent again.
    REFUSED_NOT_RESENT = "" "" "MQTT-4.4.0-2";
    /// A Packet Identifier is not used again before its exchange has ended.
    ID_UNUSED = "4.1" "MQTT-2.3.1-2" "MQTT-2.2.1-3";
    /// A PUBLISH that is sent again has DUP 1.
    RESEND_HAS_DUP = "MQTT31-3.3-3" "MQTT-3.3.1-1" "MQTT-3.3.1-1";
    /// Nothing is sent again while the connection lasts.
    RESEND_WHILE_CONNECTED = "" "" "MQTT-4.4.0-1";
    /// What is unacknowledged is sent again when the session is resumed.
    RESEND = "" "MQTT-4.4.0-1" "MQTT-4.4.0-1";
    /// In the order in which it was sent first.
    RESEND_ORDER = "" "MQTT-4.6.0-1" "MQTT-4.6.0-1";
    /// The first sending at QoS 1 has DUP 0.
    FIRST_QOS1_DUP = "MQTT31-3.3-3" "MQTT-4.3.2-1" "MQTT-4.3.2-2";
    /// The first sending at QoS 2 has DUP 0.
    FIRST_QOS2_DUP = "MQTT31-3.3-3" "MQTT-4.3.3-1" "MQTT-4.3.3-2";
    /// A session is given up at Clean Start (3.x: Clean Session) 1.
    GIVE_UP_AT_CLEAN_START = "" "MQTT-3.1.2-6" "MQTT-3.1.2-4";
    /// A session that the Server has not is given up.
    GIVE_UP_WITHOUT_SESSION = "" "" "MQTT-3.2.2-5";
    /// PUBLISH is not sent again after PUBREL.
    NO_PUBLISH_AFTER_PUBREL = "MQTT31-4.1-2" "MQTT-4.3.3-1" "MQTT-4.3.3-6";
    /// PUBREC is answered.
    PUBREL_OWED = "MQTT31-4.1-2" "MQTT-4.3.3-1" "MQTT-4.3.3-4";
    /// PUBREL has the identifier of a PUBLISH.
    PUBREL_SAME_ID = "MQTT31-4.1-2" "MQTT-2.3.1-6" "MQTT-2.2.1-5";
    /// PUBRELs come in the order of the PUBRECs.
    PUBREL_ORDER = "" "MQTT-4.6.0-4" "MQTT-4.6.0-4";

    // The Client as receiver.
    /// A QoS 1 message is acknowledged.
    PUBACK_OWED = "MQTT31-4.1-1" "MQTT-4.3.2-2" "MQTT-4.3.2-4";
    /// A QoS 2 message is acknowledged.
    PUBREC_OWED = "MQTT31-4.1-2" "MQTT-4.3.3-2" "MQTT-4.3.3-8";
    /// A QoS 2 message that comes again is acknowledged again.
    PUBREC_OWED_AGAIN = "MQTT31-4.1-2" "MQTT-4.3.3-2" "MQTT-4.3.3-10";
    /// PUBREL is answered.
    PUBCOMP_OWED = "MQTT31-4.1-2" "MQTT-4.3.3-2" "MQTT-4.3.3-11";
    /// An acknowledgement has the identifier of its PUBLISH.
    ACK_SAME_ID = "MQTT31-4.1-1" "MQTT-2.3.1-6" "MQTT-2.2.1-5";
    /// PUBCOMP has the identifier of its PUBREL.
    PUBCOMP_SAME_ID = "MQTT31-4.1-2" "MQTT-4.3.3-2" "MQTT-2.2.1-5";
    /// PUBACK answers QoS 1, PUBREC answers QoS 2.
    ANSWER_BY_QOS = "MQTT31-4.1-1" "MQTT-3.3.4-1" "MQTT-3.3.4-1";
    /// PUBACKs come in the order of their PUBLISHes.
    PUBACK_ORDER = "" "MQTT-4.6.0-2" "MQTT-4.6.0-2";
    /// PUBRECs come in the order of their PUBLISHes.
    PUBREC_ORDER = "" "MQTT-4.6.0-3" "MQTT-4.6.0-3";

    // Time.
    /// Keep Alive.
    KEEP_ALIVE = "3.1" "MQTT-3.1.2-23" "MQTT-3.1.2-20";
    /// Server Keep Alive.
    SERVER_KEEP_ALIVE = "" "" "MQTT-3.1.2-21";
}

#[cfg(test)]
mod tests {
    use mqttspec_codec::ProtocolVersion;

    use super::*;
    use crate::statements::{Catalogue, Who};

    #[test]
    fn every_statement_is_in_the_catalogue_and_binds_clients() {
        for (name, rule) in ALL {
            for version in ProtocolVersion::ALL {
                let cite = rule.cite(version);
                if cite.starts_with("MQTT") {
                    let known = Catalogue::of(version).get(cite);
                    assert!(known.is_some_and(|s| s.who != Who::Server), "{name}: {cite} of {version}");
                }
            }
        }
    }
}
