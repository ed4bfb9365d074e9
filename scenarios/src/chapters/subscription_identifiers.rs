//! Subscription Identifiers (5.0, 3.3.4, 3.8.2.1.2, 3.8.4): sent back with what the subscription brings.

use mqttspec_codec::{
    Mutation, PacketBuf, PropertyAt, PropertyBuf, PropertyId, PropertyPlace, ProtocolVersion, QoS, ReasonCode,
    SubscribeBuf,
};

use super::subscription_idioms::*;
use crate::model::{
    Alternative, ConnectExt, Dialogue, Field, Need, Pattern, PublishExt, Scenario, SubscribeExt, connect, delivered,
    publish, subscribe,
};

/// The sentences on overlapping subscriptions: in general, with one copy, with several.
const OVERLAP: &str = "MQTT-3.3.4-3";
const ONE_COPY: &str = "MQTT-3.3.4-4";
const SEVERAL_COPIES: &str = "MQTT-3.3.4-5";
/// No other identifiers than those of the subscriptions that caused the PUBLISH: the sentence has no number.
const NO_OTHER: &str = "3.3.4";

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    all.extend(each(V5, sent_back));
    all.extend(each(V5, absent_without));
    all.extend(each(V5, extreme_values));
    all.extend(each(V5, replaced));
    all.extend(each(V5, removed_by_replacing));
    all.extend(each(V5, new_after_unsubscribe));
    all.extend(each(V5, shared_by_the_filters_of_one_packet));
    all.extend(each(V5, with_retained));
    all.extend(each(V5, with_retained_of_an_overlap));
    all.extend(each(V5, kept_with_the_session));
    all.extend(each(V5, kept_with_waiting_messages));
    all.extend(each(V5, each_client_its_own));
    all.extend(each(V5, overlap_of_two));
    all.extend(each(V5, overlap_of_two_equal));
    all.extend(each(V5, overlap_with_one_without));
    all.extend(each(V5, zero));
    all.extend(each(V5, in_a_publish_from_a_client));
    all
}

fn about(version: ProtocolVersion, name: &str, title: &str, needs: &[Need]) -> Dialogue {
    let mut all = vec![Need::SubscriptionIdentifier];
    all.extend_from_slice(needs);
    dialogue(version, "3.8 SUBSCRIBE", &format!("subscription-identifier/{name}"), title, QoS::AtLeastOnce, &all)
}

fn identified(packet_id: u16, filter: &str, identifier: u32) -> SubscribeBuf {
    subscribe(packet_id, filter, QoS::AtLeastOnce).with(PropertyBuf::subscription_identifier(identifier))
}

/// The message on this topic with exactly these identifiers, anything else cited under `cite`.
fn with_identifiers(version: ProtocolVersion, topic: &str, text: &str, identifiers: &[u32], cite: &str) -> Pattern {
    let pattern = delivered(version, &publish(topic, text).qos1(0));
    exactly(pattern, identifiers, cite)
}

fn exactly(pattern: Pattern, identifiers: &[u32], cite: &str) -> Pattern {
    pattern.check_citing(Field::SubscriptionIdentifiers(identifiers.to_vec()), cite)
}

fn sent_back(version: ProtocolVersion) -> Scenario {
    let mut d = about(version, "sent-back", "A message carries the Subscription Identifier of its subscription", &[])
        .proves(&[ONE_COPY]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes_with(identified(1, "{ns}/a", 7)).subscribes_with(identified(2, "{ns}/b", 8));
    for (packet_id, (topic, identifier)) in (1..).zip([("{ns}/a", 7), ("{ns}/b", 8), ("{ns}/a", 7)]) {
        d.on("alice").publishes(publish(topic, "marked").qos1(packet_id));
        let pattern = with_identifiers(version, topic, "marked", &[identifier], ONE_COPY);
        d.on("bob").takes_pattern(pattern, QoS::AtLeastOnce, owed(version));
    }
    d.build()
}

fn absent_without(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "absent-without",
        "A message to a subscription without a Subscription Identifier carries none",
        &[],
    )
    .proves(&[ONE_COPY]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes_with(identified(1, "{ns}/a", 7)).subscribes(2, "{ns}/b", QoS::AtLeastOnce);
    for (packet_id, (topic, identifiers)) in (1..).zip([("{ns}/b", &[][..]), ("{ns}/a", &[7][..]), ("{ns}/b", &[][..])])
    {
        d.on("alice").publishes(publish(topic, "mixed").qos1(packet_id));
        let cite = if identifiers.is_empty() { NO_OTHER } else { ONE_COPY };
        let pattern = with_identifiers(version, topic, "mixed", identifiers, cite);
        d.on("bob").takes_pattern(pattern, QoS::AtLeastOnce, owed(version));
    }
    d.build()
}

fn extreme_values(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "smallest-to-largest",
        "Subscription Identifiers from 1 to 268,435,455 are sent back as they are",
        &[],
    )
    .proves(&[ONE_COPY]);
    d.on("alice").connects();
    d.on("bob").connects();
    for (packet_id, identifier) in (1..).zip([1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455]) {
        let topic = format!("{{ns}}/{identifier}");
        d.on("bob").subscribes_with(identified(packet_id, &topic, identifier));
        d.on("alice").publishes(publish(&topic, "sized").qos1(packet_id));
        let pattern = with_identifiers(version, &topic, "sized", &[identifier], ONE_COPY);
        d.on("bob").takes_pattern(pattern, QoS::AtLeastOnce, owed(version));
    }
    d.build()
}

fn replaced(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "replaced",
        "Subscribing again with another Subscription Identifier replaces the former one",
        &[],
    )
    .proves(&["MQTT-3.8.4-3"]);
    d.on("alice").connects();
    d.on("bob").connects();
    for (packet_id, identifier) in (1..).zip([7, 8, 7]) {
        d.on("bob").subscribes_with(identified(packet_id, "{ns}/a", identifier));
        d.on("alice").publishes(publish("{ns}/a", "marked").qos1(packet_id));
        let pattern = with_identifiers(version, "{ns}/a", "marked", &[identifier], "MQTT-3.8.4-3");
        d.on("bob").takes_pattern(pattern, QoS::AtLeastOnce, owed(version)).gets_no_publish("MQTT-3.8.4-3");
    }
    d.build()
}

fn removed_by_replacing(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "removed-by-replacing",
        "Subscribing again without a Subscription Identifier takes it away",
        &[],
    )
    .proves(&["MQTT-3.8.4-3"]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes_with(identified(1, "{ns}/a", 7)).subscribes(2, "{ns}/a", QoS::AtLeastOnce);
    d.on("alice").publishes(publish("{ns}/a", "unmarked").qos1(1));
    let pattern = with_identifiers(version, "{ns}/a", "unmarked", &[], "MQTT-3.8.4-3");
    d.on("bob").takes_pattern(pattern, QoS::AtLeastOnce, owed(version));
    d.build()
}

fn new_after_unsubscribe(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "gone-after-unsubscribe",
        "UNSUBSCRIBE ends a Subscription Identifier; the next subscription to the filter has its own, or none",
        &[],
    )
    .proves(&["MQTT-3.10.4-1"]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes_with(identified(1, "{ns}/a", 7)).unsubscribes(2, "{ns}/a");
    d.on("bob").subscribes(3, "{ns}/a", QoS::AtLeastOnce);
    d.on("alice").publishes(publish("{ns}/a", "unmarked").qos1(1));
    let pattern = with_identifiers(version, "{ns}/a", "unmarked", &[], "MQTT-3.10.4-1");
    d.on("bob").takes_pattern(pattern, QoS::AtLeastOnce, owed(version));
    d.build()
}

fn shared_by_the_filters_of_one_packet(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "of-every-filter-in-the-packet",
        "The Subscription Identifier of a SUBSCRIBE belongs to every filter in it",
        &[],
    )
    .proves(&["MQTT-3.8.4-5", ONE_COPY]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes_with(identified(1, "{ns}/a", 9).and("{ns}/b", QoS::AtLeastOnce));
    for (packet_id, topic) in (1..).zip(["{ns}/a", "{ns}/b"]) {
        d.on("alice").publishes(publish(topic, "marked").qos1(packet_id));
        let pattern = with_identifiers(version, topic, "marked", &[9], ONE_COPY);
        d.on("bob").takes_pattern(pattern, QoS::AtLeastOnce, "MQTT-3.8.4-5");
    }
    d.build()
}

fn with_retained(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "with-retained",
        "A retained message carries the Subscription Identifier of the subscription that it is sent for",
        &[Need::Retain],
    )
    .proves(&[ONE_COPY]);
    d.on("alice").connects().publishes(publish("{ns}/a", "kept").retained().qos1(1));
    let pattern = exactly(retained_delivery(version, &publish("{ns}/a", "kept").qos1(0)), &[7], ONE_COPY);
    d.on("bob").connects().subscribes_with(identified(1, "{ns}/a", 7));
    d.on("bob").takes_pattern(pattern, QoS::AtLeastOnce, RETAINED_SENT.cite(version));
    d.build()
}

fn with_retained_of_an_overlap(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "with-retained-of-an-overlap",
        "A retained message sent for a new subscription carries its identifier, and none of an older one's alone",
        &[Need::Retain, Need::WildcardSubscription],
    )
    .proves(&["MQTT-3.3.1-9", ONE_COPY]);
    d.on("alice").connects().publishes(publish("{ns}/a", "kept").retained().qos1(1));
    let kept = || retained_delivery(version, &publish("{ns}/a", "kept").qos1(0));
    d.on("bob").connects().subscribes_with(identified(1, "{ns}/a", 7));
    d.on("bob").takes_pattern(exactly(kept(), &[7], ONE_COPY), QoS::AtLeastOnce, RETAINED_SENT.cite(version));
    d.on("bob").subscribes_with(identified(2, "{ns}/+", 8));
    // The new subscription caused it; that the older one matches as well may be said.
    let own = exactly(kept(), &[8], ONE_COPY);
    let both = exactly(kept(), &[7, 8], ONE_COPY).observe("a retained message had the identifier of an older overlap");
    d.on("bob")
        .expects_one_of(vec![own.bind("m").into(), both.bind("m").into()], RETAINED_SENT.cite(version))
        .answers_puback("m");
    d.build()
}

fn kept_with_the_session(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "kept-with-the-session",
        "A Subscription Identifier is part of the session and is there after a return of the client",
        &[Need::SessionExpiry(20)],
    )
    .proves(&[ONE_COPY, "MQTT-3.1.2-23"]);
    let keep = || connect(version, "{ns}bob").persistent();
    d.on("alice").connects();
    d.on("bob").connects_with(keep()).subscribes_with(identified(1, "{ns}/a", 7)).drops();
    d.on("bob").resumes_with(keep());
    d.on("alice").publishes(publish("{ns}/a", "marked").qos1(1));
    let pattern = with_identifiers(version, "{ns}/a", "marked", &[7], ONE_COPY);
    d.on("bob").takes_pattern(pattern, QoS::AtLeastOnce, "MQTT-3.1.2-23");
    d.build()
}

fn kept_with_waiting_messages(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "kept-with-waiting-messages",
        "A message that waited for its client carries the Subscription Identifier",
        &[Need::SessionExpiry(20)],
    )
    .proves(&[ONE_COPY]);
    let keep = || connect(version, "{ns}bob").persistent();
    d.on("alice").connects();
    d.on("bob").connects_with(keep()).subscribes_with(identified(1, "{ns}/a", 7)).disconnects();
    d.on("alice").publishes(publish("{ns}/a", "waiting").qos1(1));
    let pattern =
        with_identifiers(version, "{ns}/a", "waiting", &[7], ONE_COPY).without(|field| matches!(field, Field::Dup(_)));
    d.on("bob").resumes_with(keep()).takes_pattern(pattern, QoS::AtLeastOnce, owed(version));
    d.build()
}

fn each_client_its_own(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "each-client-its-own",
        "Clients with the same filter get their own Subscription Identifiers and no other's",
        &[],
    )
    .proves(&[ONE_COPY]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes_with(identified(1, "{ns}/a", 7));
    d.on("carol").connects().subscribes_with(identified(1, "{ns}/a", 8));
    d.on("dave").connects().subscribes(1, "{ns}/a", QoS::AtLeastOnce);
    d.on("alice").publishes(publish("{ns}/a", "to all").qos1(1));
    for (name, identifiers, cite) in [("bob", &[7][..], ONE_COPY), ("carol", &[8], ONE_COPY), ("dave", &[], NO_OTHER)] {
        let pattern = with_identifiers(version, "{ns}/a", "to all", identifiers, cite);
        d.on(name).takes_pattern(pattern, QoS::AtLeastOnce, owed(version));
    }
    d.build()
}

/// Two overlapping subscriptions with these identifiers: one copy with all of them, or a copy for each subscription.
fn overlap(version: ProtocolVersion, name: &str, title: &str, first: Option<u32>, second: Option<u32>) -> Scenario {
    let mut d = about(version, name, title, &[Need::WildcardSubscription]).proves(&[ONE_COPY, SEVERAL_COPIES, OVERLAP]);
    let subscription = |packet_id, filter: &str, identifier: Option<u32>| match identifier {
        Some(identifier) => {
            subscribe(packet_id, filter, QoS::AtMostOnce).with(PropertyBuf::subscription_identifier(identifier))
        }
        None => subscribe(packet_id, filter, QoS::AtMostOnce),
    };
    d.on("alice").connects();
    d.on("bob")
        .connects()
        .subscribes_with(subscription(1, "{ns}/a", first))
        .subscribes_with(subscription(2, "{ns}/+", second));
    d.on("alice").publishes(publish("{ns}/a", "marked").qos1(1));
    // At QoS 0, so that no copy has to wait for the acknowledgement of another.
    let message = || delivered(version, &publish("{ns}/a", "marked"));
    let marked =
        |pattern: Pattern| pattern.check_citing(Field::PropertyPresent(PropertyId::SubscriptionIdentifier), OVERLAP);
    let all: Vec<u32> = first.into_iter().chain(second).collect();
    let one = exactly(marked(message()), &all, ONE_COPY).observe("one copy for overlapping subscriptions");
    let copy = |identifier: Option<u32>| {
        let ids: Vec<u32> = identifier.into_iter().collect();
        let pattern = if ids.is_empty() { message() } else { marked(message()) };
        exactly(pattern, &ids, SEVERAL_COPIES).observe("several copies for overlapping subscriptions")
    };
    let copies = Alternative::AnyOrder(vec![copy(first), copy(second)]);
    d.on("bob").expects_one_of(vec![one.into(), copies], ONE_COPY);
    if all.len() == 1 {
        // Whichever copy came first, the one of the subscription without identifier may follow.
        d.on("bob").gets_no_publish_except(vec![copy(None)], NO_OTHER);
    }
    d.build()
}

fn overlap_of_two(version: ProtocolVersion) -> Scenario {
    let title = "A message that two subscriptions match carries the identifiers of both, or comes once with each";
    overlap(version, "overlap", title, Some(7), Some(8))
}

fn overlap_of_two_equal(version: ProtocolVersion) -> Scenario {
    let title = "Two subscriptions with the same identifier: it is carried twice, or comes once with each copy";
    overlap(version, "overlap-of-equal-identifiers", title, Some(7), Some(7))
}

fn overlap_with_one_without(version: ProtocolVersion) -> Scenario {
    let title = "Where one of two matching subscriptions has an identifier, the message carries that one";
    overlap(version, "overlap-with-one-without", title, None, Some(8))
}

fn zero(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "zero-or-twice",
        "A Subscription Identifier of 0, or a second one, is a Protocol Error: the connection ends",
        &[],
    )
    .proves(&["MQTT-4.13.1-1"]);
    let at = PropertyAt { place: PropertyPlace::Header, id: PropertyId::SubscriptionIdentifier };
    let codes = [
        ReasonCode::PROTOCOL_ERROR,
        ReasonCode::MALFORMED_PACKET,
        ReasonCode::UNSPECIFIED_ERROR,
        ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR,
    ];
    for (name, mutation) in [("bob", Mutation::PropertyOutOfRange(at)), ("carol", Mutation::DuplicateProperty(at))] {
        d.on(name).connects().subscribes_with(identified(1, "{ns}/a", 7)).fences();
        d.on(name)
            .sends_mutated(PacketBuf::Subscribe(identified(2, "{ns}/a", 7)), mutation)
            .expects_close(&codes, "MQTT-4.13.1-1");
    }
    d.build()
}

fn in_a_publish_from_a_client(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "in-a-publish-from-a-client",
        "A client's PUBLISH with a Subscription Identifier is a Protocol Error: the connection ends",
        &[],
    )
    .proves(&["MQTT-4.13.1-1"]);
    let codes = [ReasonCode::PROTOCOL_ERROR, ReasonCode::MALFORMED_PACKET, ReasonCode::UNSPECIFIED_ERROR];
    d.on("alice").connects().publishes(publish("{ns}/a", "valid").qos1(1));
    d.on("alice")
        .sends(publish("{ns}/a", "not a client's").qos1(2).with(PropertyBuf::subscription_identifier(7)))
        .expects_close(&codes, "MQTT-4.13.1-1");
    d.build()
}
