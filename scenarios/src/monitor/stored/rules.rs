//! The sentences about what the Server keeps for later and passes on.

use super::super::rule::rules;

rules! {
    // Wills.
    /// A will is published when its delay has passed or its session has ended, and not before.
    WILL_WHEN_DUE = "MQTT31-3.1-5" "MQTT-3.1.2-8" "MQTT-3.1.2-8";
    /// A will is published once: it is not kept for a later connection.
    WILL_ONCE = "MQTT31-3.1-5" "MQTT-3.1.2-10" "MQTT-3.1.2-10";
    /// DISCONNECT deletes the will.
    WILL_DELETED = "MQTT31-3.14-1" "MQTT-3.14.4-3" "MQTT-3.14.4-3";
    /// A client that comes back in time keeps its will from being published.
    WILL_CANCELLED = "" "" "MQTT-3.1.3-9";
    /// A will is published at its Will QoS.
    WILL_QOS = "MQTT31-3.1-5" "MQTT-3.1.2-9" "3.1.2.6";
    /// After a DISCONNECT with reserved flags a will is due, or deleted: no sentence says which.
    WILL_AFTER_FLAGS = "" "MQTT-3.14.1-1" "MQTT-3.14.1-1";
    /// A will with Will Retain is stored.
    WILL_STORED = "MQTT31-3.3-4" "MQTT-3.1.2-17" "MQTT-3.1.2-15";

    // The retained store.
    /// A retained message is stored, in place of the one before.
    STORED = "MQTT31-3.3-4" "MQTT-3.3.1-5" "MQTT-3.3.1-5";
    /// A retained message outlives the session of its publisher.
    OUTLIVES_SESSION = "MQTT31-3.3-4" "MQTT-3.1.2-7" "MQTT-3.3.1-5";
    /// A zero-length retained message removes the one before; in 3.1 it may.
    REMOVED = "" "MQTT-3.3.1-10" "MQTT-3.3.1-6";
    /// A zero-length retained message is not stored.
    EMPTY_NOT_STORED = "" "MQTT-3.3.1-11" "MQTT-3.3.1-7";
    /// A message with RETAIN 0 leaves the store alone.
    PLAIN_LEAVES_STORE = "MQTT31-3.3-4" "MQTT-3.3.1-12" "MQTT-3.3.1-8";
    /// A new subscription brings what is retained.
    SENT_AT_SUBSCRIBE = "MQTT31-3.3-4" "MQTT-3.3.1-6" "MQTT-3.3.1-9";
    /// A subscription that replaces another brings it as well.
    SENT_AT_RESUBSCRIBE = "MQTT31-3.3-4" "MQTT-3.8.4-3" "MQTT-3.8.4-4";
    /// Retain Handling 1: what is retained comes when the subscription is new, and only then.
    SENT_IF_NEW = "" "" "MQTT-3.3.1-10";
    /// What comes from the store has RETAIN 1.
    FROM_STORE_RETAIN = "MQTT31-3.3-2" "MQTT-3.3.1-8" "MQTT-3.3.1-9";
    /// A Shared Subscription brings nothing from the store.
    NOT_TO_SHARED = "" "" "4.8.2";

    // Content that is passed on.
    /// U+FEFF is a character like any other.
    BOM_KEPT = "" "MQTT-1.5.3-3" "MQTT-1.5.4-3";
    /// A message is delivered as it was published.
    MESSAGE_UNALTERED = "MQTT31-3.3-1" "MQTT-4.5.0-1" "MQTT-4.5.0-1";
    /// Payload Format Indicator, unaltered.
    PAYLOAD_FORMAT = "" "" "MQTT-3.3.2-4";
    /// Content Type, unaltered.
    CONTENT_TYPE = "" "" "MQTT-3.3.2-20";
    /// Response Topic, unaltered.
    RESPONSE_TOPIC = "" "" "MQTT-3.3.2-15";
    /// Correlation Data, unaltered.
    CORRELATION_DATA = "" "" "MQTT-3.3.2-16";
    /// User Properties, unaltered.
    USER_PROPERTIES = "" "" "MQTT-3.3.2-17";
    /// User Properties, in order.
    USER_PROPERTY_ORDER = "" "" "MQTT-3.3.2-18";
    /// User Properties of a will, in order.
    WILL_USER_PROPERTY_ORDER = "" "" "MQTT-3.1.3-10";
    /// A message that has expired is not delivered.
    EXPIRED = "" "" "MQTT-3.3.2-5";
    /// Message Expiry Interval, less the time waited.
    EXPIRY_REDUCED = "" "" "MQTT-3.3.2-6";
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
