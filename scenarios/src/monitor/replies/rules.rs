//! The sentences that say what is owed in answer, with their place in every version.

use super::super::rule::rules;

rules! {
    // Connecting.
    /// A sound CONNECT is answered.
    CONNACK_OWED = "MQTT31-3.2-1" "MQTT-3.1.4-4" "MQTT-3.1.4-5";
    /// Client Identifiers of 1 to 23 letters and digits are allowed.
    CLIENT_ID_ALLOWED = "MQTT31-3.2-1" "MQTT-3.1.3-5" "MQTT-3.1.3-5";
    /// A Client Identifier is refused with the reason code for that.
    CLIENT_ID_REFUSAL = "" "MQTT-3.1.3-9" "MQTT-3.1.3-8";
    /// State belongs to its Client Identifier alone.
    CLIENT_ID_IDENTIFIES = "MQTT31-3.1-4" "MQTT-3.1.3-2" "MQTT-3.1.3-2";
    /// What follows a refused CONNECT is not processed.
    NOTHING_AFTER_REFUSAL = "3.2" "MQTT-3.1.4-5" "MQTT-3.1.4-6";
    /// The older connection of a Client Identifier is closed.
    TAKEN_OVER = "MQTT31-3.1-4" "MQTT-3.1.4-2" "MQTT-3.1.4-3";

    // Sessions.
    /// Session Present is 1 when there is a session.
    SESSION_PRESENT = "" "MQTT-3.2.2-2" "MQTT-3.2.2-3";
    /// Session Present is 0 when there is none.
    SESSION_ABSENT = "" "MQTT-3.2.2-3" "MQTT-3.2.2-3";
    /// A session outlives its connection.
    SESSION_STORED = "MQTT31-3.1-6" "MQTT-4.1.0-1" "MQTT-3.1.2-23";
    /// A session ends when its time has come.
    SESSION_ENDS = "MQTT31-3.1-6" "MQTT-3.1.2-6" "MQTT-4.1.0-2";
    /// A clean start discards the session that was there.
    CLEAN_DISCARDS = "MQTT31-3.1-6" "MQTT-3.1.2-6" "MQTT-3.1.2-4";
    /// A session lasts at least as long as its connection.
    SESSION_LASTS = "MQTT31-3.1-6" "MQTT-4.1.0-2" "MQTT-4.1.0-1";

    // Acknowledgements.
    /// SUBSCRIBE is answered.
    SUBACK_OWED = "MQTT31-3.9-1" "MQTT-3.8.4-1" "MQTT-3.8.4-1";
    /// UNSUBSCRIBE is answered.
    UNSUBACK_OWED = "MQTT31-3.11-1" "MQTT-3.10.4-4" "MQTT-3.10.4-4";
    /// UNSUBSCRIBE is answered also when it removes nothing.
    UNSUBACK_FOR_NOTHING = "MQTT31-3.11-1" "MQTT-3.10.4-5" "MQTT-3.10.4-5";
    /// PUBLISH at QoS 1 is answered.
    PUBACK_OWED = "MQTT31-4.1-1" "MQTT-4.3.2-2" "MQTT-4.3.2-4";
    /// PUBLISH at QoS 2 is answered.
    PUBREC_OWED = "MQTT31-4.1-2" "MQTT-4.3.3-2" "MQTT-4.3.3-8";
    /// PUBLISH at QoS 2 that is sent again is answered again.
    PUBREC_AGAIN = "MQTT31-4.1-2" "MQTT-4.3.3-2" "MQTT-4.3.3-10";
    /// PUBREC is answered.
    PUBREL_OWED = "MQTT31-4.1-2" "MQTT-4.3.3-1" "MQTT-4.3.3-4";
    /// PUBREL is answered.
    PUBCOMP_OWED = "MQTT31-4.1-2" "MQTT-4.3.3-2" "MQTT-4.3.3-11";
    /// PUBREL is answered also when the message has expired.
    EXPIRED_COMPLETED = "" "" "MQTT-4.3.3-13";
    /// PINGREQ is answered.
    PINGRESP_OWED = "MQTT31-3.12-1" "MQTT-3.12.4-1" "MQTT-3.12.4-1";
    /// Other packets are answered while the send quota is used up.
    ANSWERED_WITHOUT_QUOTA = "" "" "MQTT-4.9.0-3";
    /// A packet may come in pieces: the transport is a stream.
    STREAM = "2" "MQTT-7.1.1-1" "MQTT-4.2.0-1";
    /// PUBRELs go in the order of the PUBRECs.
    PUBREL_ORDER = "" "MQTT-4.6.0-6" "";

    // Codes of answers.
    /// The codes of UNSUBACK are in the order of the filters.
    UNSUBACK_ORDER = "" "" "MQTT-3.11.3-1";
    /// Subscriptions at any QoS are accepted whatever the Maximum QoS.
    SUBSCRIBE_ABOVE_MAXIMUM_QOS = "" "" "MQTT-3.2.2-10";
    /// Every filter of a SUBSCRIBE counts.
    EVERY_FILTER = "" "" "MQTT-3.8.4-5";
    /// UNSUBSCRIBE removes the filters that are the same, and no others.
    REMOVES_EXACTLY = "" "" "MQTT-3.10.4-1";
    /// A session that is resumed holds what it held.
    RESUMES_STATE = "" "" "MQTT-3.1.2-5";
    /// No matching subscribers is only said when there are none.
    NO_SUBSCRIBERS = "" "" "3.4.2.1 should";

    // Ends of connections.
    /// A connection that is refused is closed.
    CLOSE_AFTER_REFUSAL = "3.2" "MQTT-3.2.2-5" "MQTT-3.2.2-7";
    /// Who sends DISCONNECT closes.
    CLOSE_AFTER_DISCONNECT = "" "" "MQTT-3.14.4-2";
    /// Who receives DISCONNECT closes.
    CLOSE_AFTER_CLIENT_DISCONNECT = "MQTT31-3.14-1" "3.14.4 should" "3.14.4 should";
    /// A client that is silent too long is dropped.
    KEEP_ALIVE = "MQTT31-3.1-7" "MQTT-3.1.2-24" "MQTT-3.1.2-22";
    /// The Keep Alive is that of the client unless the server names another.
    KEEP_ALIVE_OF_CLIENT = "" "" "MQTT-3.2.2-22";
    /// A server that does not support a QoS says so.
    MAXIMUM_QOS_TOLD = "" "" "MQTT-3.2.2-9";
    /// A server that does not support retained messages says so.
    RETAIN_TOLD = "" "" "3.2.2.3.5";
    /// A server that does not support wildcards says so.
    WILDCARDS_TOLD = "" "" "3.2.2.3.11";
    /// A server that does not support Subscription Identifiers says so.
    SUBSCRIPTION_IDS_TOLD = "" "" "3.2.2.3.12";
    /// A server that does not support Shared Subscriptions says so.
    SHARED_TOLD = "" "" "3.2.2.3.13";
    /// Topic Aliases up to the Topic Alias Maximum are accepted.
    ALIAS_ACCEPTED = "" "" "MQTT-3.3.2-12";
    /// Packets up to the Maximum Packet Size are accepted.
    PACKET_SIZE_TOLD = "" "" "3.2.2.3.6";

    // Enhanced authentication.
    /// Who fails to authenticate is not let in.
    AUTHENTICATION_FAILED = "" "" "MQTT-4.12.0-4";
    /// Who fails to authenticate anew is thrown out.
    REAUTHENTICATION_FAILED = "" "" "MQTT-4.12.1-2";
    /// A client that begins to authenticate anew is answered.
    REAUTHENTICATION_ANSWERED = "" "" "4.12.1 should";
}

#[cfg(test)]
mod tests {
    use mqttspec_codec::ProtocolVersion;

    use super::*;
    use crate::statements::Catalogue;

    #[test]
    fn every_statement_is_in_the_catalogue() {
        for (name, rule) in ALL {
            for version in ProtocolVersion::ALL {
                let cite = rule.cite(version);
                if cite.starts_with("MQTT") {
                    assert!(Catalogue::of(version).get(cite).is_some(), "{name}: {cite} of {version}");
                }
            }
        }
    }
}
