//! Subscription Options of 5.0 (3.8.3.1): No Local, Retain As Published, Retain Handling.

use mqttspec_codec::{ProtocolVersion, QoS, RetainHandling, SubscribeBuf};

use super::subscription_idioms::*;
use crate::model::{
    ConnectExt, Dialogue, Field, Need, PublishExt, Scenario, SubscribeExt, connect, delivered, publish, subscribe,
};

const CHAPTER: &str = "3.8 SUBSCRIBE";
const NO_LOCAL: &str = "MQTT-3.8.3-3";
const RETAIN_0: &str = "MQTT-3.3.1-12";
const RETAIN_AS_PUBLISHED: &str = "MQTT-3.3.1-13";

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    all.extend(each(V5, no_local));
    all.extend(each(V5, no_local_only_for_its_filter));
    all.extend(each(V5, no_local_is_replaced));
    all.extend(each(V5, no_local_spares_retained_of_others));
    for (as_published, retain) in [(false, false), (false, true), (true, false), (true, true)] {
        all.push(retain_as_published(ProtocolVersion::V5_0, as_published, retain));
    }
    all.extend(each(V5, retain_as_published_is_replaced));
    all.extend(each(V5, retain_as_published_for_retained));
    all.extend(RetainCase::ALL.iter().map(|case| retain_handling(ProtocolVersion::V5_0, case)));
    all.extend(each(V5, retain_handling_1_in_a_kept_session));
    all.extend(each(V5, retain_handling_1_with_other_options));
    all.extend(each(V5, retain_handling_for_each_filter));
    all
}

fn about(version: ProtocolVersion, name: &str, title: &str, needs: &[Need]) -> Dialogue {
    dialogue(version, CHAPTER, &format!("subscription-options/{name}"), title, QoS::AtLeastOnce, needs)
}

fn qos1(packet_id: u16, filter: &str) -> SubscribeBuf {
    subscribe(packet_id, filter, QoS::AtLeastOnce)
}

// ---- No Local ----

fn no_local(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "no-local",
        "A subscription with No Local gets the messages of other clients and none of its own",
        &[],
    )
    .proves(&[NO_LOCAL]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes_with(qos1(1, "{ns}/a").no_local());
    d.on("bob").publishes(publish("{ns}/a", "my own").qos1(2)).gets_no_publish(NO_LOCAL);
    d.on("alice").publishes(publish("{ns}/a", "of alice").qos1(1));
    d.on("bob").takes(&publish("{ns}/a", "of alice").qos1(0), owed(version)).gets_no_publish(NO_LOCAL);
    d.build()
}

fn no_local_only_for_its_filter(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "no-local-only-for-its-filter",
        "No Local holds for the filter that it was set for, and for that client only",
        &[],
    )
    .proves(&[NO_LOCAL, "MQTT-4.5.0-1"]);
    d.on("alice").connects().subscribes(1, "{ns}/a", QoS::AtLeastOnce);
    d.on("bob").connects().subscribes_with(qos1(1, "{ns}/a").no_local()).subscribes(2, "{ns}/b", QoS::AtLeastOnce);
    d.on("bob").publishes(publish("{ns}/a", "for alice").qos1(3));
    d.on("alice").takes(&publish("{ns}/a", "for alice").qos1(0), owed(version));
    d.on("bob").publishes(publish("{ns}/b", "for myself").qos1(4));
    d.on("bob").takes(&publish("{ns}/b", "for myself").qos1(0), owed(version)).gets_no_publish(NO_LOCAL);
    d.build()
}

fn no_local_is_replaced(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "no-local-is-replaced",
        "Subscribing again without No Local takes it away, and with it sets it",
        &[],
    )
    .proves(&["MQTT-3.8.4-3", NO_LOCAL]);
    d.on("bob").connects().subscribes_with(qos1(1, "{ns}/a").no_local()).subscribes_with(qos1(2, "{ns}/a"));
    d.on("bob").publishes(publish("{ns}/a", "mine").qos1(3)).takes(&publish("{ns}/a", "mine").qos1(0), "MQTT-3.8.4-3");
    d.on("bob").subscribes_with(qos1(4, "{ns}/a").no_local());
    d.on("bob").publishes(publish("{ns}/a", "mine again").qos1(5)).gets_no_publish(NO_LOCAL);
    d.build()
}

fn no_local_spares_retained_of_others(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "no-local-and-retained",
        "A subscription with No Local is sent what another client had retained",
        &[Need::Retain],
    )
    .proves(&["MQTT-3.3.1-9"]);
    d.on("alice").connects().publishes(publish("{ns}/a", "of alice").retained().qos1(1));
    d.on("bob")
        .connects()
        .subscribes_with(qos1(1, "{ns}/a").no_local())
        .takes_retained(&publish("{ns}/a", "of alice").qos1(0));
    d.build()
}

// ---- Retain As Published ----

fn retain_as_published(version: ProtocolVersion, as_published: bool, retain: bool) -> Scenario {
    let cite = if as_published { RETAIN_AS_PUBLISHED } else { RETAIN_0 };
    let expected = as_published && retain;
    let mut d = about(
        version,
        &format!("retain-as-published-{}-of-retain-{}", u8::from(as_published), u8::from(retain)),
        &format!(
            "With Retain As Published {} a message published with RETAIN {} is forwarded with RETAIN {}",
            u8::from(as_published),
            u8::from(retain),
            u8::from(expected)
        ),
        &[Need::Retain],
    )
    .proves(&[cite]);
    let mut packet = qos1(1, "{ns}/a");
    if as_published {
        packet = packet.retain_as_published();
    }
    d.on("alice").connects();
    d.on("bob").connects().subscribes_with(packet);
    for (packet_id, qos) in (1..).zip([QoS::AtMostOnce, QoS::AtLeastOnce]) {
        let mut sent = publish("{ns}/a", "flagged").at(qos, packet_id);
        sent.retain = retain;
        d.on("alice").publishes(sent.clone());
        sent.retain = expected;
        let pattern = delivered(version, &sent).citing(cite, |field| matches!(field, Field::Retain(_)));
        d.on("bob").takes_pattern(pattern, qos, owed(version));
    }
    d.build()
}

fn retain_as_published_is_replaced(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "retain-as-published-is-replaced",
        "Subscribing again with the other Retain As Published changes how messages are forwarded",
        &[Need::Retain],
    )
    .proves(&["MQTT-3.8.4-3"]);
    d.on("alice").connects();
    d.on("bob").connects();
    for (packet_id, as_published) in (1..).zip([false, true, false]) {
        let mut packet = qos1(packet_id, "{ns}/a").retain_handling(RetainHandling::DoNotSend);
        if as_published {
            packet = packet.retain_as_published();
        }
        d.on("bob").subscribes_with(packet);
        let sent = publish("{ns}/a", "flagged").retained().qos1(packet_id);
        d.on("alice").publishes(sent.clone());
        let mut expected = sent;
        expected.retain = as_published;
        let pattern = delivered(version, &expected)
            .citing(if packet_id == 1 { RETAIN_0 } else { "MQTT-3.8.4-3" }, |field| matches!(field, Field::Retain(_)));
        d.on("bob").takes_pattern(pattern, QoS::AtLeastOnce, owed(version));
    }
    d.build()
}

fn retain_as_published_for_retained(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "retained-has-retain-1-either-way",
        "What a new subscription is sent has RETAIN 1 whatever its Retain As Published",
        &[Need::Retain],
    )
    .proves(&["MQTT-3.3.1-9"]);
    d.on("alice").connects().publishes(publish("{ns}/a", "kept").retained().qos1(1));
    d.on("bob")
        .connects()
        .subscribes_with(qos1(1, "{ns}/a").retain_as_published())
        .takes_retained(&publish("{ns}/a", "kept").qos1(0));
    d.on("carol").connects().subscribes_with(qos1(1, "{ns}/a")).takes_retained(&publish("{ns}/a", "kept").qos1(0));
    d.build()
}

// ---- Retain Handling ----

/// What the subscription was before, what Retain Handling says, and whether the retained message is due.
struct RetainCase {
    name: &'static str,
    title: &'static str,
    cite: &'static str,
    handling: RetainHandling,
    before: Before,
    due: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    Subscribed,
    Unsubscribed,
}

impl RetainCase {
    const ALL: &[Self] = &[
        Self {
            name: "retain-handling-0-new",
            title: "Retain Handling 0 brings the retained message to a new subscription",
            cite: "MQTT-3.3.1-9",
            handling: RetainHandling::SendAtSubscribe,
            before: Before::Nothing,
            due: true,
        },
        Self {
            name: "retain-handling-0-existing",
            title: "Retain Handling 0 brings the retained message again when the subscription existed",
            cite: "MQTT-3.8.4-4",
            handling: RetainHandling::SendAtSubscribe,
            before: Before::Subscribed,
            due: true,
        },
        Self {
            name: "retain-handling-1-new",
            title: "Retain Handling 1 brings the retained message to a new subscription",
            cite: "MQTT-3.3.1-10",
            handling: RetainHandling::SendIfNew,
            before: Before::Nothing,
            due: true,
        },
        Self {
            name: "retain-handling-1-existing",
            title: "Retain Handling 1 brings no retained message when the subscription existed",
            cite: "MQTT-3.3.1-10",
            handling: RetainHandling::SendIfNew,
            before: Before::Subscribed,
            due: false,
        },
        Self {
            name: "retain-handling-1-after-unsubscribe",
            title: "Retain Handling 1 brings the retained message when the subscription existed no more",
            cite: "MQTT-3.3.1-10",
            handling: RetainHandling::SendIfNew,
            before: Before::Unsubscribed,
            due: true,
        },
        Self {
            name: "retain-handling-2-new",
            title: "Retain Handling 2 brings no retained message to a new subscription",
            cite: "MQTT-3.3.1-11",
            handling: RetainHandling::DoNotSend,
            before: Before::Nothing,
            due: false,
        },
        Self {
            name: "retain-handling-2-existing",
            title: "Retain Handling 2 brings no retained message when the subscription existed",
            cite: "MQTT-3.3.1-11",
            handling: RetainHandling::DoNotSend,
            before: Before::Subscribed,
            due: false,
        },
    ];
}

fn retain_handling(version: ProtocolVersion, case: &RetainCase) -> Scenario {
    let mut d = about(version, case.name, case.title, &[Need::Retain]).proves(&[case.cite]);
    let kept = publish("{ns}/a", "kept").qos1(0);
    d.on("alice").connects().publishes(publish("{ns}/a", "kept").retained().qos1(1));
    d.on("bob").connects();
    if case.before != Before::Nothing {
        d.on("bob").subscribes_with(qos1(1, "{ns}/a")).takes_retained(&kept);
    }
    if case.before == Before::Unsubscribed {
        d.on("bob").unsubscribes(2, "{ns}/a");
    }
    d.on("bob").subscribes_with(qos1(3, "{ns}/a").retain_handling(case.handling));
    if case.due {
        d.on("bob").takes_retained_citing(&kept, case.cite);
    }
    d.on("bob").gets_no_publish(case.cite);
    // Whatever was sent at the time of the SUBSCRIBE, later messages come.
    d.on("alice").publishes(publish("{ns}/a", "later").retained().qos1(2));
    d.on("bob").takes(&publish("{ns}/a", "later").qos1(0), owed(version));
    d.build()
}

fn retain_handling_1_in_a_kept_session(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "retain-handling-1-in-a-kept-session",
        "Retain Handling 1 brings no retained message when the subscription exists from the connection before",
        &[Need::Retain, Need::SessionExpiry(20)],
    )
    .proves(&["MQTT-3.3.1-10"]);
    let keep = || connect(version, "{ns}bob").persistent();
    d.on("alice").connects().publishes(publish("{ns}/a", "kept").retained().qos1(1));
    d.on("bob").connects_with(keep()).subscribes_with(qos1(1, "{ns}/a"));
    d.on("bob").takes_retained(&publish("{ns}/a", "kept").qos1(0)).disconnects();
    d.on("bob")
        .resumes_with(keep())
        .subscribes_with(qos1(2, "{ns}/a").retain_handling(RetainHandling::SendIfNew))
        .gets_no_publish("MQTT-3.3.1-10")
        .disconnects();
    // With a clean start there is no such subscription any more.
    d.on("bob")
        .connects()
        .subscribes_with(qos1(3, "{ns}/a").retain_handling(RetainHandling::SendIfNew))
        .takes_retained_citing(&publish("{ns}/a", "kept").qos1(0), "MQTT-3.3.1-10");
    d.build()
}

fn retain_handling_1_with_other_options(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "retain-handling-1-existing-with-other-options",
        "Retain Handling 1 brings no retained message when the subscription existed with other options",
        &[Need::Retain],
    )
    .proves(&["MQTT-3.3.1-10"]);
    d.on("alice").connects().publishes(publish("{ns}/a", "kept").retained().qos1(1));
    d.on("bob").connects().subscribes_with(subscribe(1, "{ns}/a", QoS::AtMostOnce));
    let packet = qos1(2, "{ns}/a").retain_as_published().no_local().retain_handling(RetainHandling::SendIfNew);
    d.on("bob").takes_retained(&publish("{ns}/a", "kept")).subscribes_with(packet).gets_no_publish("MQTT-3.3.1-10");
    d.build()
}

fn retain_handling_for_each_filter(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "retain-handling-for-each-filter",
        "Each filter of one SUBSCRIBE has a Retain Handling of its own",
        &[Need::Retain],
    )
    .proves(&["MQTT-3.8.4-5", "MQTT-3.3.1-11", "MQTT-3.3.1-9"]);
    d.on("alice").connects();
    for (packet_id, topic) in (1..).zip(["{ns}/a", "{ns}/b", "{ns}/c"]) {
        d.on("alice").publishes(publish(topic, "kept").retained().qos1(packet_id));
    }
    // The modifiers apply to the filters so far: `a` and `b` first, then `a` alone is put back.
    let mut packet = qos1(1, "{ns}/a").and("{ns}/b", QoS::AtLeastOnce).retain_handling(RetainHandling::DoNotSend);
    packet.filters[0].options.retain_handling = RetainHandling::SendAtSubscribe;
    d.on("bob")
        .connects()
        .subscribes_with(packet)
        .takes_retained(&publish("{ns}/a", "kept").qos1(0))
        .gets_no_publish("MQTT-3.3.1-11");
    d.build()
}
