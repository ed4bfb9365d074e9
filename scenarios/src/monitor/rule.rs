//! The sentences that the monitor holds the target to, one row each, with their place in every version.

use mqttspec_codec::ProtocolVersion;

use crate::Finding;
use crate::statements::Level;

/// A sentence and where each version has it: a statement id, a section where no numbered statement says it (with the
/// level after it, `must` when left out), or nothing when the version does not say it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    v3_1: &'static str,
    v3_1_1: &'static str,
    v5_0: &'static str,
}

impl Rule {
    /// A rule by what each version cites, oldest first.
    pub(super) const fn new(v3_1: &'static str, v3_1_1: &'static str, v5_0: &'static str) -> Self {
        Self { v3_1, v3_1_1, v5_0 }
    }

    /// What `version` cites for the rule; empty when it does not have it.
    pub(super) const fn cite(self, version: ProtocolVersion) -> &'static str {
        match version {
            ProtocolVersion::V3_1 => self.v3_1,
            ProtocolVersion::V3_1_1 => self.v3_1_1,
            ProtocolVersion::V5_0 => self.v5_0,
        }
    }

    /// A breach of the rule; `None` when `version` does not have it.
    pub(super) fn breach(self, version: ProtocolVersion, message: String) -> Option<Finding> {
        let cite = self.cite(version);
        if cite.starts_with("MQTT") {
            return Some(Finding::of(version, cite, message));
        }
        let (section, level) = match cite.split_once(' ') {
            Some((section, "should")) => (section, Level::Should),
            Some((section, _)) => (section, Level::May),
            None => (cite, Level::Must),
        };
        (!section.is_empty()).then(|| Finding::of_section(section, level, message))
    }
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $v31:literal $v311:literal $v5:literal;)*) => {
        $($(#[$doc])* pub(in crate::monitor) const $name: $crate::monitor::rule::Rule =
            $crate::monitor::rule::Rule::new($v31, $v311, $v5);)*

        /// Every rule, for the test that looks each citation up.
        #[cfg(test)]
        pub(in crate::monitor) const ALL: &[(&str, $crate::monitor::rule::Rule)] = &[$((stringify!($name), $name)),*];
    };
}
#[allow(unused_imports, reason = "for the rules of the watchers, in files of their own")]
pub(super) use rules;

rules! {
    // Format.
    /// Every packet keeps the format of its type.
    FORMAT = "MQTT31-2-1" "2" "2";
    /// A packet with properties has a Property Length.
    PROPERTY_LENGTH = "" "" "MQTT-2.2.2-1";
    /// A packet is sent whole. Only an observation: a connection may break anywhere.
    WHOLE_PACKETS = "2 may" "2.1 may" "2.1 may";
    /// What 3.1 calls unused is used, or used otherwise than later versions allow. Only an observation: it forbids nothing.
    UNUSED_IN_3_1 = "2 may" "" "";
    /// The type of the packet is one that a Server may send (table 2-1; 3.1.1: table 2.1).
    SENT_BY_SERVER = "2.1" "2.2.1" "2.1.2";

    /// The Remaining Length counts all that follows in the packet.
    REMAINING_LENGTH_COUNTS = "" "" "2.1.4";

    // Order of packets.
    /// Nothing is sent before CONNECT was.
    NOTHING_UNASKED = "3.2" "3.2" "3.2";
    /// The first packet is the CONNACK (5.0: or AUTH) and accepts.
    CONNACK_FIRST = "3.2" "MQTT-3.2.0-1" "MQTT-3.2.0-1";
    /// There is one CONNACK.
    ONE_CONNACK = "3.2" "3.2" "MQTT-3.2.0-2";
    /// After a CONNACK that refuses, the connection ends.
    END_AFTER_REFUSAL = "3.2" "MQTT-3.2.2-5" "MQTT-3.2.2-7";
    /// No DISCONNECT comes before a CONNACK that accepts.
    DISCONNECT_AFTER_CONNACK = "" "" "MQTT-3.14.0-1";
    /// Nothing follows a DISCONNECT.
    NOTHING_AFTER_DISCONNECT = "" "" "MQTT-3.14.4-1";
    /// PINGRESP answers a PINGREQ.
    PINGRESP_ASKED = "MQTT31-3.12-1" "MQTT-3.12.4-1" "MQTT-3.12.4-1";

    // CONNACK.
    /// Session Present is 0 after Clean Start.
    SESSION_PRESENT_CLEAN = "" "MQTT-3.2.2-1" "MQTT-3.2.2-2";
    /// Session Present is 0 when there was no session.
    SESSION_PRESENT_NEW = "" "MQTT-3.2.2-3" "MQTT-3.2.2-3";
    /// An empty Client Identifier is answered with an assigned one.
    ASSIGNED_ID_TOLD = "" "" "MQTT-3.1.3-7";
    /// The assigned Client Identifier is nobody else's.
    ASSIGNED_ID_UNIQUE = "" "" "MQTT-3.2.2-16";
    /// Only an empty Client Identifier is answered with an assigned one.
    ASSIGNED_ID_ASKED = "" "" "3.2.2.3.7 should";
    /// Response Information is only sent when requested.
    RESPONSE_INFORMATION_ASKED = "" "" "MQTT-3.1.2-28";
    /// Server Reference goes with 0x9C and 0x9D.
    SERVER_REFERENCE_REASON = "" "" "4.11 should";

    // Enhanced authentication.
    /// No AUTH and no method towards a client that named none.
    AUTH_UNINVITED = "" "" "MQTT-4.12.0-6";
    /// The method is the one of the CONNECT.
    AUTH_METHOD_KEPT = "" "" "MQTT-4.12.0-5";
    /// During connecting, AUTH says Continue authentication.
    AUTH_CONTINUES = "" "" "MQTT-4.12.0-2";
    /// The reason code of AUTH is one that a Server may use.
    AUTH_REASON_OF_SERVER = "" "" "MQTT-3.15.2-1";
    /// After CONNACK, AUTH answers a re-authentication that the client began.
    AUTH_ASKED = "" "" "4.12.1 should";

    // DISCONNECT.
    /// The reason code of DISCONNECT is one that a Server may use.
    DISCONNECT_REASON_OF_SERVER = "" "" "MQTT-3.14.2-1";
    /// No Session Expiry Interval from a Server.
    DISCONNECT_SESSION_EXPIRY = "" "" "MQTT-3.14.2-2";

    // Limits that the CONNECT set.
    /// Maximum Packet Size.
    MAXIMUM_PACKET_SIZE = "" "" "MQTT-3.1.2-24";
    /// A Reason String does not make CONNACK too large.
    CONNACK_REASON_STRING_FITS = "" "" "MQTT-3.2.2-19";
    /// User Properties do not make CONNACK too large.
    CONNACK_USER_PROPERTY_FITS = "" "" "MQTT-3.2.2-20";
    /// A Reason String does not make PUBACK too large.
    PUBACK_REASON_STRING_FITS = "" "" "MQTT-3.4.2-2";
    /// User Properties do not make PUBACK too large.
    PUBACK_USER_PROPERTY_FITS = "" "" "MQTT-3.4.2-3";
    /// A Reason String does not make PUBREC too large.
    PUBREC_REASON_STRING_FITS = "" "" "MQTT-3.5.2-2";
    /// User Properties do not make PUBREC too large.
    PUBREC_USER_PROPERTY_FITS = "" "" "MQTT-3.5.2-3";
    /// A Reason String does not make PUBREL too large.
    PUBREL_REASON_STRING_FITS = "" "" "MQTT-3.6.2-2";
    /// User Properties do not make PUBREL too large.
    PUBREL_USER_PROPERTY_FITS = "" "" "MQTT-3.6.2-3";
    /// A Reason String does not make PUBCOMP too large.
    PUBCOMP_REASON_STRING_FITS = "" "" "MQTT-3.7.2-2";
    /// User Properties do not make PUBCOMP too large.
    PUBCOMP_USER_PROPERTY_FITS = "" "" "MQTT-3.7.2-3";
    /// A Reason String does not make SUBACK too large.
    SUBACK_REASON_STRING_FITS = "" "" "MQTT-3.9.2-1";
    /// User Properties do not make SUBACK too large.
    SUBACK_USER_PROPERTY_FITS = "" "" "MQTT-3.9.2-2";
    /// A Reason String does not make UNSUBACK too large.
    UNSUBACK_REASON_STRING_FITS = "" "" "MQTT-3.11.2-1";
    /// User Properties do not make UNSUBACK too large.
    UNSUBACK_USER_PROPERTY_FITS = "" "" "MQTT-3.11.2-2";
    /// A Reason String does not make DISCONNECT too large.
    DISCONNECT_REASON_STRING_FITS = "" "" "MQTT-3.14.2-3";
    /// User Properties do not make DISCONNECT too large.
    DISCONNECT_USER_PROPERTY_FITS = "" "" "MQTT-3.14.2-4";
    /// A Reason String does not make AUTH too large.
    AUTH_REASON_STRING_FITS = "" "" "MQTT-3.15.2-2";
    /// User Properties do not make AUTH too large.
    AUTH_USER_PROPERTY_FITS = "" "" "MQTT-3.15.2-3";
    /// Request Problem Information 0 is kept.
    PROBLEM_INFORMATION_UNWANTED = "" "" "MQTT-3.1.2-29";
    /// Topic Aliases stay within the maximum.
    ALIAS_MAXIMUM = "" "" "MQTT-3.1.2-26";
    /// No Topic Aliases for a client that allows none.
    ALIAS_UNINVITED = "" "" "MQTT-3.1.2-27";
    /// A Topic Alias without a Topic Name has been defined before.
    ALIAS_KNOWN = "" "" "3.3.4";
    /// Topic Aliases are forgotten with the connection.
    ALIAS_FORGOTTEN = "" "" "MQTT-3.3.2-7";
    /// Receive Maximum.
    RECEIVE_MAXIMUM = "" "" "MQTT-3.3.4-9";
    /// The send quota comes back with PUBACK, PUBCOMP or a refusing PUBREC only.
    SEND_QUOTA = "" "" "MQTT-4.9.0-2";

    // Answers.
    /// SUBACK and UNSUBACK carry the identifier of their request.
    ANSWER_SAME_ID = "MQTT31-3.9-1" "MQTT-2.3.1-7" "MQTT-2.2.1-6";
    /// UNSUBACK carries the identifier of its request.
    UNSUBACK_SAME_ID = "MQTT31-3.11-1" "MQTT-2.3.1-7" "MQTT-2.2.1-6";
    /// One SUBACK is for all filters.
    ONE_SUBACK = "MQTT31-3.9-1" "MQTT-3.8.4-4" "MQTT-3.8.4-5";
    /// One UNSUBACK is for all filters.
    ONE_UNSUBACK = "MQTT31-3.11-1" "MQTT-3.10.4-6" "MQTT-3.10.4-6";
    /// SUBACK has one code for each filter.
    SUBACK_CODES = "MQTT31-3.9-2" "MQTT-3.8.4-5" "MQTT-3.8.4-6";
    /// SUBACK grants no more than was asked.
    SUBACK_GRANT = "MQTT31-3.9-2" "MQTT-3.8.4-5" "MQTT-3.8.4-7";
    /// The codes of SUBACK are in the order of the filters.
    SUBACK_ORDER = "MQTT31-3.9-2" "MQTT-3.9.3-1" "MQTT-3.9.3-1";
    /// UNSUBACK has one code for each filter.
    UNSUBACK_CODES = "" "" "MQTT-3.11.3-2";
    /// PUBACK carries the identifier of a PUBLISH.
    PUBACK_SAME_ID = "MQTT31-4.1-1" "MQTT-2.3.1-6" "MQTT-2.2.1-5";
    /// PUBREC and PUBREL carry the identifier of a PUBLISH.
    PUBREC_SAME_ID = "MQTT31-4.1-2" "MQTT-2.3.1-6" "MQTT-2.2.1-5";
    /// PUBCOMP carries the identifier of a PUBREL.
    PUBCOMP_SAME_ID = "MQTT31-4.1-2" "MQTT-4.3.3-2" "MQTT-2.2.1-5";
    /// PUBACK answers QoS 1, PUBREC answers QoS 2.
    ANSWER_BY_QOS = "MQTT31-4.1-1" "MQTT-3.3.4-1" "MQTT-3.3.4-1";

    // Identifiers and repetition.
    /// A Packet Identifier is not used again before its exchange has ended.
    ID_UNUSED = "4.1" "MQTT-2.3.1-4" "MQTT-2.2.1-4";
    /// Nothing is repeated while the connection lasts.
    NO_REPEAT_WHILE_CONNECTED = "" "" "MQTT-4.4.0-1";
    /// A repeated PUBLISH has DUP 1.
    REPEAT_HAS_DUP = "MQTT31-3.3-3" "MQTT-3.3.1-1" "MQTT-3.3.1-1";
    /// DUP is not taken over from the publisher.
    /// (3.1 calls it a hint, and does not say so.)
    DUP_NOT_PROPAGATED = "3.3 may" "MQTT-3.3.1-3" "MQTT-3.3.1-3";
    /// The first sending at QoS 1 has DUP 0.
    FIRST_QOS1_DUP = "MQTT31-3.3-3" "MQTT-4.3.2-1" "MQTT-4.3.2-2";
    /// The first sending at QoS 2 has DUP 0.
    FIRST_QOS2_DUP = "MQTT31-3.3-3" "MQTT-4.3.3-1" "MQTT-4.3.3-2";
    /// PUBLISH is not repeated after PUBREL.
    NO_PUBLISH_AFTER_PUBREL = "MQTT31-4.1-2" "MQTT-4.3.3-1" "MQTT-4.3.3-6";

    // Delivery.
    /// The Topic Name matches a subscription.
    TOPIC_MATCHES = "MQTT31-3.3-1" "MQTT-3.3.2-3" "MQTT-3.3.2-3";
    /// Messages outside any subscription are permitted, and unusual.
    UNSOLICITED = "3.3 may" "4.5 may" "4.5 may";
    /// Wildcards at the start do not match `$`. (3.1 does not say so.)
    DOLLAR_TOPIC = "" "MQTT-4.7.2-1" "MQTT-4.7.2-1";
    /// Topics are compared character by character.
    TOPIC_EXACT = "MQTT31-A-1" "MQTT-4.7.3-4" "MQTT-4.7.3-4";
    /// No more than the granted QoS.
    GRANTED_QOS = "MQTT31-3.8-1" "MQTT-3.8.4-6" "MQTT-3.8.4-8";
    /// No more than the QoS granted to the member of a group.
    SHARED_GRANTED_QOS = "" "" "MQTT-4.8.2-3";
    /// Only identifiers of matching subscriptions.
    SUBSCRIPTION_ID_OWN = "" "" "3.3.4";
    /// The identifiers of the matching subscriptions are there.
    SUBSCRIPTION_ID_SENT = "" "" "MQTT-3.3.4-3";

    // What was published.
    /// No more than the QoS of publication.
    PUBLISHED_QOS = "MQTT31-3.8-1" "MQTT-3.8.4-6" "MQTT-3.8.4-8";
    /// Nothing new after UNSUBACK.
    UNSUBSCRIBED = "MQTT31-3.10-1" "MQTT-3.10.4-2" "MQTT-3.10.4-2";
    /// No Local.
    NO_LOCAL = "" "" "MQTT-3.8.3-3";
    /// RETAIN 0 towards an established subscription (5.0: without Retain As Published).
    RETAIN_CLEARED = "MQTT31-3.3-2" "MQTT-3.3.1-9" "MQTT-3.3.1-12";
    /// RETAIN as published.
    RETAIN_AS_PUBLISHED = "" "" "MQTT-3.3.1-13";
    /// Retain Handling 2.
    RETAIN_HANDLING_2 = "" "" "MQTT-3.3.1-11";
    /// What was published with RETAIN 0 is not stored.
    RETAIN_NOT_STORED = "MQTT31-3.3-4" "MQTT-3.3.1-12" "MQTT-3.3.1-8";
    /// A will without Will Retain is not a retained message.
    WILL_NOT_RETAINED = "MQTT31-3.3-4" "MQTT-3.1.2-16" "MQTT-3.1.2-14";
    /// A will with Will Retain is a retained message.
    WILL_RETAINED = "" "" "MQTT-3.1.2-15";
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn a_section_carries_its_level() {
        let breach = |rule: Rule, version| rule.breach(version, String::new());
        let level = |rule, version| breach(rule, version).map(|finding| finding.level);
        assert_eq!(level(UNSOLICITED, ProtocolVersion::V5_0), Some(Level::May));
        assert_eq!(level(AUTH_ASKED, ProtocolVersion::V5_0), Some(Level::Should));
        assert_eq!(level(ALIAS_KNOWN, ProtocolVersion::V5_0), Some(Level::Must));
        assert_eq!(level(RECEIVE_MAXIMUM, ProtocolVersion::V5_0), Some(Level::Must));
        assert_eq!(breach(RECEIVE_MAXIMUM, ProtocolVersion::V3_1_1), None);
    }
}
