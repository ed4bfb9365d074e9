//! Shared Subscriptions (5.0, 4.8.2): who gets what.

use mqttspec_codec::{PropertyBuf, ProtocolVersion, QoS, ReasonCode, SubscribeBuf};

use super::subscription_idioms::*;
use crate::duty;
use crate::model::{
    Alternative, ConnectExt, Dialogue, Field, Need, Pattern, PublishExt, Scenario, SubscribeExt, connect, delivered,
    publish, subscribe, unsubscribe,
};

/// The sentences without a number: one member gets each message, groups are independent, nothing retained is sent.
const SHARED: &str = "4.8.2";

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    all.extend(each(V5, one_member_for_each_message));
    all.extend(each(V5, alone_in_the_group));
    all.extend(each(V5, groups_are_independent));
    all.extend(each(V5, share_name_is_not_matched));
    all.extend(each(V5, granted_qos));
    all.extend(each(V5, nothing_retained));
    all.extend(each(V5, unsubscribing));
    all.extend(each(V5, unsubscribing_the_bare_filter));
    all.extend(each(V5, subscribed_twice));
    all.extend(each(V5, member_leaves));
    all.extend(each(V5, waits_for_the_session));
    all.extend(each(V5, beside_a_plain_subscription));
    all.extend(each(V5, identifiers));
    all
}

fn about(version: ProtocolVersion, name: &str, title: &str, qos: QoS, needs: &[Need]) -> Dialogue {
    let mut all = vec![Need::SharedSubscription];
    all.extend_from_slice(needs);
    dialogue(version, "4.8 Subscriptions", &format!("shared/{name}"), title, qos, &all)
}

fn group(packet_id: u16, filter: &str, qos: QoS) -> SubscribeBuf {
    subscribe(packet_id, filter, qos)
}

fn one_member_for_each_message(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "one-member-for-each-message",
        "Each message to a Shared Subscription goes to one of its members, whichever the target chooses",
        QoS::AtLeastOnce,
        &[],
    )
    .proves(&["MQTT-4.5.0-1"]);
    d.on("alice").connects();
    for name in ["bob", "carol", "dave"] {
        d.on(name).connects().subscribes_with(group(1, "$share/g/{ns}/a", QoS::AtLeastOnce));
    }
    for (packet_id, text) in (1..).zip(["first", "second", "third"]) {
        d.on("alice").publishes(publish("{ns}/a", text).qos1(packet_id));
        let pattern = delivered(version, &publish("{ns}/a", text).qos1(0)).bind("m");
        d.elects(&["bob", "carol", "dave"], pattern, "chosen", &["other", "another"], owed(version));
        d.on("chosen").answers_puback("m");
        for name in ["other", "another", "chosen"] {
            d.on(name).gets_no_publish(SHARED);
        }
    }
    d.build()
}

fn alone_in_the_group(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "alone-in-the-group",
        "The only member of a Shared Subscription gets every matching message, wildcards included",
        QoS::AtLeastOnce,
        &[Need::WildcardSubscription],
    )
    .proves(&["MQTT-4.5.0-1", "MQTT-3.3.2-3"]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes_with(group(1, "$share/g/{ns}/+/x/#", QoS::AtLeastOnce));
    d.on("alice").publishes(publish("{ns}/a/y", "no match").qos1(1)).publishes(publish("{ns}/x", "nor this").qos1(2));
    d.on("bob").gets_no_publish("MQTT-3.3.2-3");
    for (packet_id, topic) in (3..).zip(["{ns}/a/x", "{ns}/b/x/y", "{ns}//x"]) {
        d.on("alice").publishes(publish(topic, topic).qos1(packet_id));
        d.on("bob").takes(&publish(topic, topic).qos1(0), owed(version));
    }
    d.build()
}

fn groups_are_independent(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "groups-are-independent",
        "Two Shared Subscriptions of unlike ShareNames and a plain one each get a copy",
        QoS::AtLeastOnce,
        &[],
    )
    .proves(&["MQTT-4.5.0-1"]);
    d.on("alice").connects();
    let filters = ["$share/g1/{ns}/a", "$share/g2/{ns}/a", "{ns}/a"];
    for (name, filter) in ["bob", "carol", "dave"].into_iter().zip(filters) {
        d.on(name).connects().subscribes_with(group(1, filter, QoS::AtLeastOnce));
    }
    for (packet_id, text) in (1..).zip(["first", "second"]) {
        d.on("alice").publishes(publish("{ns}/a", text).qos1(packet_id));
        for name in ["bob", "carol", "dave"] {
            d.on(name).takes(&publish("{ns}/a", text).qos1(0), owed(version));
        }
    }
    for name in ["bob", "carol", "dave"] {
        d.on(name).gets_no_publish(SHARED);
    }
    d.build()
}

fn share_name_is_not_matched(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "share-name-is-not-matched",
        "$share and the ShareName are no part of what is matched; a leading / after them is",
        QoS::AtLeastOnce,
        &[],
    )
    .proves(&["MQTT-3.3.2-3", "MQTT-4.5.0-1"]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes_with(group(1, "$share/g//{ns}/a", QoS::AtLeastOnce));
    d.on("alice").publishes(publish("{ns}/a", "no slash").qos1(1)).publishes(publish("g//{ns}/a", "name").qos1(2));
    d.on("bob").gets_no_publish("MQTT-3.3.2-3");
    d.on("alice").publishes(publish("/{ns}/a", "slash").qos1(3));
    d.on("bob").takes(&publish("/{ns}/a", "slash").qos1(0), owed(version));
    d.build()
}

fn granted_qos(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "granted-qos",
        "A member of a Shared Subscription gets a message at no higher QoS than it was granted",
        QoS::ExactlyOnce,
        &[],
    )
    .proves(&["MQTT-4.8.2-3"]);
    d.on("alice").connects();
    for (name, qos) in ["bob", "carol", "dave"].into_iter().zip(QOS) {
        let filter = format!("$share/g{}/{{ns}}/a", qos.value());
        d.on(name).connects().subscribes_with(group(1, &filter, qos));
    }
    for published in [QoS::ExactlyOnce, QoS::AtLeastOnce] {
        d.on("alice").publishes(publish("{ns}/a", "shared").at(published, 1));
        for (name, granted) in ["bob", "carol", "dave"].into_iter().zip(QOS) {
            let qos = published.min(granted);
            let pattern = delivered(version, &publish("{ns}/a", "shared").at(qos, 0))
                .citing("MQTT-4.8.2-3", |field| matches!(field, Field::QosIn(_)));
            d.on(name).takes_pattern(pattern, qos, owed(version));
        }
    }
    d.build()
}

fn nothing_retained(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "nothing-retained",
        "Neither the first nor a further member of a Shared Subscription is sent retained messages",
        QoS::AtLeastOnce,
        &[Need::Retain],
    )
    .proves(&["MQTT-3.3.1-9"]);
    let kept = publish("{ns}/a", "kept").qos1(0);
    d.on("alice").connects().publishes(publish("{ns}/a", "kept").retained().qos1(1));
    for name in ["bob", "carol"] {
        d.on(name)
            .connects()
            .subscribes_with(group(1, "$share/g/{ns}/a", QoS::AtLeastOnce))
            .gets_no_publish(SHARED)
            .subscribes_with(group(2, "$share/g/{ns}/a", QoS::AtLeastOnce))
            .gets_no_publish(SHARED);
    }
    d.on("dave").connects().subscribes(1, "{ns}/a", QoS::AtLeastOnce).takes_retained(&kept);
    d.build()
}

fn unsubscribing(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "unsubscribing",
        "UNSUBSCRIBE with the whole filter detaches a member; the Shared Subscription goes on without it",
        QoS::AtLeastOnce,
        &[],
    )
    .proves(&["MQTT-3.10.4-1", "MQTT-3.10.4-2", "MQTT-4.5.0-1"]);
    d.on("alice").connects();
    for name in ["bob", "carol"] {
        d.on(name).connects().subscribes_with(group(1, "$share/g/{ns}/a", QoS::AtLeastOnce));
    }
    // The first member, who made the Shared Subscription, leaves.
    d.on("bob").unsubscribes(2, "$share/g/{ns}/a");
    for (packet_id, text) in (1..).zip(["first", "second", "third"]) {
        d.on("alice").publishes(publish("{ns}/a", text).qos1(packet_id));
        d.on("carol").takes(&publish("{ns}/a", text).qos1(0), owed(version));
    }
    d.on("bob").gets_no_publish("MQTT-3.10.4-2");
    d.build()
}

fn unsubscribing_the_bare_filter(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "unsubscribing-the-bare-filter",
        "UNSUBSCRIBE without $share and ShareName, or with another ShareName, detaches nobody",
        QoS::AtLeastOnce,
        &[],
    )
    .proves(&["MQTT-3.10.4-1"]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes_with(group(1, "$share/g/{ns}/a", QoS::AtLeastOnce));
    for (packet_id, filter) in (2..).zip(["{ns}/a", "$share/h/{ns}/a", "$share/G/{ns}/a"]) {
        let answer = Pattern::any(mqttspec_codec::PacketType::UnsubAck)
            .check(Field::PacketId(packet_id))
            .reason(&[ReasonCode::NO_SUBSCRIPTION_EXISTED, ReasonCode::SUCCESS]);
        d.on("bob").sends(unsubscribe(packet_id, filter)).expects(answer, "MQTT-3.10.4-5");
    }
    d.on("alice").publishes(publish("{ns}/a", "still").qos1(1));
    d.on("bob").takes(&publish("{ns}/a", "still").qos1(0), "MQTT-3.10.4-1");
    d.build()
}

fn subscribed_twice(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "subscribed-twice",
        "A member that subscribes again stays one member, with the new QoS, and leaves with one UNSUBSCRIBE",
        QoS::AtLeastOnce,
        &[],
    )
    .proves(&["MQTT-4.8.2-3", "MQTT-3.10.4-1"]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes_with(group(1, "$share/g/{ns}/a", QoS::AtLeastOnce)).subscribes_with(group(
        2,
        "$share/g/{ns}/a",
        QoS::AtMostOnce,
    ));
    for packet_id in 1..=2 {
        d.on("alice").publishes(publish("{ns}/a", "once").qos1(packet_id));
        let pattern = delivered(version, &publish("{ns}/a", "once"))
            .citing("MQTT-4.8.2-3", |field| matches!(field, Field::QosIn(_)));
        d.on("bob").takes_pattern(pattern, QoS::AtMostOnce, owed(version));
    }
    d.on("bob").gets_no_publish(SHARED).unsubscribes(3, "$share/g/{ns}/a");
    d.on("alice").publishes(publish("{ns}/a", "gone").qos1(3));
    d.on("bob").gets_no_publish("MQTT-3.10.4-1");
    d.build()
}

fn member_leaves(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "member-whose-session-ended",
        "A member whose session has ended is no member: the others get every message",
        QoS::AtLeastOnce,
        &[],
    )
    .proves(&["MQTT-4.5.0-1", "MQTT-4.1.0-2"]);
    d.on("alice").connects();
    for name in ["bob", "carol", "dave"] {
        d.on(name).connects().subscribes_with(group(1, "$share/g/{ns}/a", QoS::AtLeastOnce));
    }
    d.on("bob").disconnects();
    d.on("dave").drops();
    // Their ends have been taken in when they are back without a subscription.
    for name in ["bob", "dave"] {
        d.on(name).connects();
    }
    for (packet_id, text) in (1..).zip(["first", "second", "third"]) {
        d.on("alice").publishes(publish("{ns}/a", text).qos1(packet_id));
        d.on("carol").takes(&publish("{ns}/a", text).qos1(0), owed(version));
    }
    for name in ["bob", "dave"] {
        d.on(name).gets_no_publish("MQTT-4.1.0-2");
    }
    d.build()
}

fn waits_for_the_session(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "waits-for-the-only-session",
        "A Shared Subscription whose only session is away keeps messages for its return",
        QoS::AtLeastOnce,
        &[Need::SessionExpiry(20)],
    )
    .proves(&["MQTT-4.5.0-1"]);
    let keep = || connect(version, "{ns}bob").persistent();
    d.on("alice").connects();
    d.on("bob").connects_with(keep()).subscribes_with(group(1, "$share/g/{ns}/a", QoS::AtLeastOnce)).disconnects();
    d.on("alice").publishes(publish("{ns}/a", "waiting").qos1(1));
    let pattern =
        delivered(version, &publish("{ns}/a", "waiting").qos1(0)).without(|field| matches!(field, Field::Dup(_)));
    d.on("bob").resumes_with(keep()).takes_pattern(pattern, QoS::AtLeastOnce, owed(version));
    d.build()
}

fn beside_a_plain_subscription(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "beside-a-plain-subscription",
        "A client with a Shared and a plain subscription gets the message for each",
        QoS::AtLeastOnce,
        &[Need::SubscriptionIdentifier],
    )
    .proves(&["MQTT-4.5.0-1", "MQTT-3.3.4-5"]);
    d.on("alice").connects();
    d.on("bob")
        .connects()
        .subscribes_with(group(1, "{ns}/a", QoS::AtMostOnce).with(PropertyBuf::subscription_identifier(1)))
        .subscribes_with(group(2, "$share/g/{ns}/a", QoS::AtMostOnce).with(PropertyBuf::subscription_identifier(2)));
    d.on("alice").publishes(publish("{ns}/a", "for each").qos1(1));
    let copy = |identifiers: &[u32]| {
        delivered(version, &publish("{ns}/a", "for each"))
            .check_citing(Field::SubscriptionIdentifiers(identifiers.to_vec()), "MQTT-3.3.4-5")
    };
    let two = Alternative::AnyOrder(vec![copy(&[1]), copy(&[2])]);
    // 4.8.2 speaks of two copies; no numbered sentence forbids to say in one that it is for both.
    let one = copy(&[1, 2]).observe("one copy for a shared and a plain subscription of a client");
    d.on("bob").expects_one_of(vec![two, one.into()], owed(version)).gets_no_publish(SHARED);
    d.build()
}

fn identifiers(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "subscription-identifier-of-the-member",
        "A member of a Shared Subscription gets its own Subscription Identifier and no other member's",
        QoS::AtLeastOnce,
        &[Need::SubscriptionIdentifier],
    )
    .proves(&["MQTT-3.3.4-4"]);
    d.on("alice").connects();
    for (name, identifier) in [("bob", 7), ("carol", 8)] {
        let packet =
            group(1, "$share/g/{ns}/a", QoS::AtLeastOnce).with(PropertyBuf::subscription_identifier(identifier));
        d.on(name).connects().subscribes_with(packet);
    }
    // One leaves, so that there is no choice; then the other does.
    for (packet_id, (leaving, staying, identifier)) in (1..).zip([("carol", "bob", 7), ("bob", "carol", 8)]) {
        if packet_id == 2 {
            let packet = group(2, "$share/g/{ns}/a", QoS::AtLeastOnce).with(PropertyBuf::subscription_identifier(8));
            d.on("carol").subscribes_with(packet);
        }
        d.on(leaving).unsubscribes(3, "$share/g/{ns}/a");
        d.on("alice").publishes(publish("{ns}/a", "marked").qos1(packet_id));
        let pattern = delivered(version, &publish("{ns}/a", "marked").qos1(0))
            .check_citing(Field::SubscriptionIdentifiers(vec![identifier]), "MQTT-3.3.4-4");
        d.on(staying).takes_pattern(pattern, QoS::AtLeastOnce, duty::DELIVERY_OWED.cite(version));
    }
    d.build()
}
