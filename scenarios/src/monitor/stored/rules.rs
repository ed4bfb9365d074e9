//! The sentences about what the Server keeps for later and passes on.

use super::super::rule::rules;

rules! {
    // Wills.
    /// A will is published when its delay has passed or its session has ended, and not before.
    WILL_WHEN_DUE = "3.1" "MQTT-3.1.2-8" "MQTT-3.1.2-8";
    /// A will is published once: it is not kept for a later connection.
    WILL_ONCE = "3.1" "MQTT-3.1.2-10" "MQTT-3.1.2-10";
    /// DISCONNECT deletes the will.
    WILL_DELETED = "3.14" "MQTT-3.14.4-3" "MQTT-3.14.4-3";
    /// A client that comes back in time keeps its will from being published.
    WILL_CANCELLED = "" "" "MQTT-3.1.3-9";
    /// A will is published at its Will QoS.
    WILL_QOS = "3.1" "MQTT-3.1.2-9" "3.1.2.6";
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
