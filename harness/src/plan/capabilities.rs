//! What the target says it can do, read from the CONNACK of 5.0 (3.2.2.3), and whether that meets a scenario's needs.

use std::collections::BTreeSet;

use mqttspec_codec::{ConnAckBuf, PropertyId, PropertyList, ProtocolVersion};
use mqttspec_scenarios::model::Need;

/// Capabilities of a target. The default is a target that states no limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Retain Available.
    pub retain: bool,
    /// Maximum QoS.
    pub maximum_qos: u8,
    /// Wildcard Subscription Available.
    pub wildcard_subscription: bool,
    /// Subscription Identifiers Available.
    pub subscription_identifier: bool,
    /// Shared Subscription Available.
    pub shared_subscription: bool,
    /// Topic Alias Maximum of the target.
    pub topic_alias_maximum: u16,
    /// Receive Maximum of the target.
    pub receive_maximum: u16,
    /// Maximum Packet Size of the target, in bytes, when it states one.
    pub maximum_packet_size: Option<u32>,
    /// The Session Expiry Interval that the target gives instead of the one asked for, in seconds.
    pub session_expiry: Option<u32>,
    /// Authentication Methods that were tried and are offered.
    pub authentication_methods: BTreeSet<String>,
}

impl Default for Capabilities {
    fn default() -> Self {
        Self {
            retain: true,
            maximum_qos: 2,
            wildcard_subscription: true,
            subscription_identifier: true,
            shared_subscription: true,
            topic_alias_maximum: 0,
            receive_maximum: u16::MAX,
            maximum_packet_size: None,
            session_expiry: None,
            authentication_methods: BTreeSet::new(),
        }
    }
}

impl Capabilities {
    /// What this CONNACK of 5.0 states; absent properties have the defaults of the standard.
    #[must_use]
    pub fn of(connack: &ConnAckBuf) -> Self {
        let integer = |id| connack.properties.integer(id);
        let flag = |id| integer(id) != Some(0);
        let short = |id, absent| integer(id).map_or(absent, |value| u16::try_from(value).unwrap_or(u16::MAX));
        Self {
            retain: flag(PropertyId::RetainAvailable),
            maximum_qos: integer(PropertyId::MaximumQoS).map_or(2, |qos| u8::try_from(qos).unwrap_or(2)),
            wildcard_subscription: flag(PropertyId::WildcardSubscriptionAvailable),
            subscription_identifier: flag(PropertyId::SubscriptionIdentifierAvailable),
            shared_subscription: flag(PropertyId::SharedSubscriptionAvailable),
            topic_alias_maximum: short(PropertyId::TopicAliasMaximum, 0),
            receive_maximum: short(PropertyId::ReceiveMaximum, u16::MAX),
            maximum_packet_size: integer(PropertyId::MaximumPacketSize),
            session_expiry: integer(PropertyId::SessionExpiryInterval),
            authentication_methods: BTreeSet::new(),
        }
    }

    /// Whether a scenario of `version` with this need applies.
    ///
    /// # Errors
    /// Why it does not.
    pub fn meet(&self, need: &Need, version: ProtocolVersion) -> Result<(), String> {
        // Earlier versions have no way to state a limit. What the same target states to clients of 5.0 holds for theirs as
        // well where they permit the refusal: a lower QoS granted (3.1.1, 3.8.4-6), a filter with wildcards refused
        // (3.8.3-2), a PUBLISH that is not authorized answered by closing (3.3.5-2). The rest the scenario finds out.
        if !version.has_properties() {
            return match need {
                Need::Lacks(_) => Err(format!("MQTT {version} has no way to state a limit")),
                Need::Retain | Need::Qos(_) | Need::WildcardSubscription | Need::MaximumPacketSizeAtLeast(_) => {
                    self.meet(need, ProtocolVersion::V5_0).map_err(|why| format!("{why} (to clients of MQTT 5.0)"))
                }
                _ => Ok(()),
            };
        }
        let check = |met: bool, why: String| if met { Ok(()) } else { Err(why) };
        let absent = |what: &str| format!("the target states {what}");
        match need {
            Need::Retain => check(self.retain, absent("Retain Available 0")),
            Need::Qos(qos) => {
                check(self.maximum_qos >= *qos, format!("the target states Maximum QoS {}", self.maximum_qos))
            }
            Need::WildcardSubscription => {
                check(self.wildcard_subscription, absent("Wildcard Subscription Available 0"))
            }
            Need::SubscriptionIdentifier => {
                check(self.subscription_identifier, absent("Subscription Identifiers Available 0"))
            }
            Need::SharedSubscription => check(self.shared_subscription, absent("Shared Subscription Available 0")),
            Need::TopicAliasMaximum(least) => check(
                self.topic_alias_maximum >= *least,
                format!("the target's Topic Alias Maximum is {}, below {least}", self.topic_alias_maximum),
            ),
            Need::ReceiveMaximumAtLeast(least) => check(
                self.receive_maximum >= *least,
                format!("the target's Receive Maximum is {}, below {least}", self.receive_maximum),
            ),
            Need::ReceiveMaximumAtMost(most) => check(
                self.receive_maximum <= *most,
                format!(
                    "the target's Receive Maximum is {}, above {most}: exceeding it takes too many packets",
                    self.receive_maximum
                ),
            ),
            Need::MaximumPacketSizeAtMost(most) => check(
                self.maximum_packet_size.is_some_and(|size| size <= *most),
                match self.maximum_packet_size {
                    Some(size) => format!(
                        "the target's Maximum Packet Size is {size}, above {most}: exceeding it takes too many bytes"
                    ),
                    None => "the target states no Maximum Packet Size".to_owned(),
                },
            ),
            Need::MaximumPacketSizeAtLeast(least) => check(
                self.maximum_packet_size.is_none_or(|size| size >= *least),
                format!("the target's Maximum Packet Size is below {least}"),
            ),
            Need::AuthenticationMethod(method) => check(
                self.authentication_methods.contains(method),
                format!("the target does not offer the Authentication Method {method}"),
            ),
            Need::SessionExpiry(seconds) => check(
                self.session_expiry.is_none_or(|given| given >= *seconds),
                format!(
                    "the target shortens the Session Expiry Interval to {} s",
                    self.session_expiry.unwrap_or_default()
                ),
            ),
            Need::Lacks(need) => check(
                self.meet(need, version).is_err(),
                format!("the target has what the scenario needs it to lack ({})", name(need)),
            ),
        }
    }
}

fn name(need: &Need) -> String {
    match need {
        Need::Retain => "retained messages".to_owned(),
        Need::Qos(qos) => format!("QoS {qos}"),
        Need::WildcardSubscription => "wildcard subscriptions".to_owned(),
        Need::SubscriptionIdentifier => "subscription identifiers".to_owned(),
        Need::SharedSubscription => "shared subscriptions".to_owned(),
        Need::TopicAliasMaximum(least) => format!("a Topic Alias Maximum of {least}"),
        Need::ReceiveMaximumAtLeast(n) | Need::ReceiveMaximumAtMost(n) => format!("a Receive Maximum around {n}"),
        Need::MaximumPacketSizeAtMost(n) | Need::MaximumPacketSizeAtLeast(n) => {
            format!("a Maximum Packet Size around {n}")
        }
        Need::AuthenticationMethod(method) => format!("the Authentication Method {method}"),
        Need::SessionExpiry(seconds) => format!("sessions of {seconds} s"),
        Need::Lacks(need) => format!("no {}", name(need)),
    }
}

#[cfg(test)]
mod tests {
    use mqttspec_codec::{PropertyBuf, ReasonCode};

    use super::*;

    fn stating(properties: Vec<PropertyBuf>) -> Capabilities {
        Capabilities::of(&ConnAckBuf { session_present: false, reason_code: ReasonCode::SUCCESS, properties })
    }

    #[test]
    fn absent_properties_have_the_defaults_of_the_standard() {
        assert_eq!(stating(Vec::new()), Capabilities::default());
    }

    #[test]
    fn each_need_is_met_or_refused_by_its_property() {
        let v5 = ProtocolVersion::V5_0;
        let rich = Capabilities { topic_alias_maximum: 8, ..Capabilities::default() };
        for (need, lacking) in [
            (Need::Retain, PropertyBuf::retain_available(0)),
            (Need::Qos(2), PropertyBuf::maximum_qos(1)),
            (Need::WildcardSubscription, PropertyBuf::wildcard_subscription_available(0)),
            (Need::SubscriptionIdentifier, PropertyBuf::subscription_identifier_available(0)),
            (Need::SharedSubscription, PropertyBuf::shared_subscription_available(0)),
            (Need::TopicAliasMaximum(2), PropertyBuf::topic_alias_maximum(1)),
            (Need::ReceiveMaximumAtLeast(10), PropertyBuf::receive_maximum(9)),
            (Need::MaximumPacketSizeAtLeast(100), PropertyBuf::maximum_packet_size(99)),
            (Need::SessionExpiry(60), PropertyBuf::session_expiry_interval(59)),
        ] {
            let poor = stating(vec![lacking]);
            assert_eq!(rich.meet(&need, v5), Ok(()), "{need:?}");
            assert!(poor.meet(&need, v5).is_err(), "{need:?}");
            let lacks = Need::Lacks(Box::new(need));
            assert!(rich.meet(&lacks, v5).is_err() && poor.meet(&lacks, v5).is_ok(), "{lacks:?}");
        }
        let small = stating(vec![PropertyBuf::receive_maximum(5), PropertyBuf::maximum_packet_size(50)]);
        assert_eq!(small.meet(&Need::ReceiveMaximumAtMost(5), v5), Ok(()));
        assert!(rich.meet(&Need::ReceiveMaximumAtMost(5), v5).is_err());
        assert_eq!(small.meet(&Need::MaximumPacketSizeAtMost(50), v5), Ok(()));
        assert!(rich.meet(&Need::MaximumPacketSizeAtMost(50), v5).is_err());
    }

    #[test]
    fn limits_stated_to_clients_of_5_0_hold_for_those_of_earlier_versions() {
        let none = stating(vec![PropertyBuf::retain_available(0), PropertyBuf::receive_maximum(5)]);
        let why = "the target states Retain Available 0 (to clients of MQTT 5.0)";
        assert_eq!(none.meet(&Need::Retain, ProtocolVersion::V3_1_1), Err(why.to_owned()));
        assert_eq!(none.meet(&Need::Qos(2), ProtocolVersion::V3_1_1), Ok(()));
        assert_eq!(none.meet(&Need::ReceiveMaximumAtLeast(9), ProtocolVersion::V3_1_1), Ok(()));
        assert!(none.meet(&Need::Lacks(Box::new(Need::Retain)), ProtocolVersion::V3_1_1).is_err());
    }
}
