//! What a target says in CONNACK that it cannot do (5.0, 3.2.2.3.5, 3.2.2.3.11 to 13), it refuses.

use mqttspec_codec::{PacketType, PropertyBuf, ProtocolVersion, QoS, ReasonCode, SubscribeBuf};

use super::subscription_idioms::*;
use crate::model::{Dialogue, Ending, Need, Pattern, PublishExt, Scenario, SubscribeExt, publish, subscribe};

const REFUSED: &str = "MQTT-4.13.1-1";

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    all.extend(each(V5, wildcards));
    all.extend(each(V5, shared));
    all.extend(each(V5, identifiers));
    all.extend(each(V5, retain));
    all
}

/// A SUBSCRIBE that needs what the target lacks: the connection ends, or SUBACK refuses.
fn lacking(
    version: ProtocolVersion,
    name: &str,
    title: &str,
    lacks: Need,
    packet: SubscribeBuf,
    code: ReasonCode,
) -> Scenario {
    let mut d = Dialogue::new(version, "3.8 SUBSCRIBE", &format!("unavailable/{name}"), title)
        .needs(Need::Lacks(Box::new(lacks)))
        .proves(&[REFUSED]);
    let codes = [
        code,
        ReasonCode::PROTOCOL_ERROR,
        ReasonCode::MALFORMED_PACKET,
        ReasonCode::UNSPECIFIED_ERROR,
        ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR,
    ];
    let refusals =
        [code, ReasonCode::UNSPECIFIED_ERROR, ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR, ReasonCode::NOT_AUTHORIZED];
    let suback = Pattern::any(PacketType::SubAck)
        .reason(&refusals)
        .observe("what the target lacks was refused by SUBACK, and the connection lives on");
    d.on("bob").connects().subscribes(1, "{ns}/a", QoS::AtMostOnce).fences();
    d.on("bob").sends(packet).expects_one_of(vec![Ending::disconnect(&codes).into(), suback.into()], REFUSED);
    d.build()
}

fn wildcards(version: ProtocolVersion) -> Scenario {
    lacking(
        version,
        "wildcard-subscription",
        "A target without wildcard subscriptions grants none",
        Need::WildcardSubscription,
        subscribe(2, "{ns}/+", QoS::AtMostOnce),
        ReasonCode::WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED,
    )
}

fn shared(version: ProtocolVersion) -> Scenario {
    lacking(
        version,
        "shared-subscription",
        "A target without Shared Subscriptions grants none",
        Need::SharedSubscription,
        subscribe(2, "$share/g/{ns}/a", QoS::AtMostOnce),
        ReasonCode::SHARED_SUBSCRIPTIONS_NOT_SUPPORTED,
    )
}

fn identifiers(version: ProtocolVersion) -> Scenario {
    lacking(
        version,
        "subscription-identifier",
        "A target without Subscription Identifiers refuses a SUBSCRIBE with one",
        Need::SubscriptionIdentifier,
        subscribe(2, "{ns}/b", QoS::AtMostOnce).with(PropertyBuf::subscription_identifier(1)),
        ReasonCode::SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED,
    )
}

fn retain(version: ProtocolVersion) -> Scenario {
    let mut d = Dialogue::new(
        version,
        "3.3 PUBLISH",
        "unavailable/retain",
        "A target without retained messages ends the connection on a PUBLISH with RETAIN 1",
    )
    .needs(Need::Lacks(Box::new(Need::Retain)))
    .proves(&[REFUSED]);
    let codes = [
        ReasonCode::RETAIN_NOT_SUPPORTED,
        ReasonCode::PROTOCOL_ERROR,
        ReasonCode::MALFORMED_PACKET,
        ReasonCode::UNSPECIFIED_ERROR,
        ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR,
    ];
    d.on("alice").connects().publishes(publish("{ns}/a", "passing"));
    d.on("alice").sends(publish("{ns}/a", "to be kept").retained()).expects_close(&codes, REFUSED);
    d.build()
}
