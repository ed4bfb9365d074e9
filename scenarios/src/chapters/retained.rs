//! Retained messages (3.3.1.3): what is kept, what replaces or removes it, and who is sent it.

use mqttspec_codec::{ProtocolVersion, QoS};

use super::subscription_idioms::*;
use crate::duty;
use crate::model::{
    Alternative, Dialogue, Field, Need, PublishExt, Scenario, SubscribeExt, delivered, publish, subscribe,
};

const CHAPTER: &str = "3.3 PUBLISH";

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    for version in ProtocolVersion::ALL {
        for (published, granted) in [(1, 1), (2, 2), (2, 1), (1, 2), (2, 0)] {
            all.push(sent_at_the_lower_qos(version, QOS[published], QOS[granted]));
        }
    }
    all.extend(each(EVERY, replaced_by_the_next));
    all.extend(each(EVERY, one_for_each_topic));
    all.extend(each(EVERY, outlives_its_publisher));
    all.extend(each(EVERY, forwarded_without_retain));
    all.extend(each(EVERY, removed_by_empty));
    all.extend(each(EVERY, empty_is_forwarded));
    all.extend(each(EVERY, empty_is_not_kept));
    all.extend(each(EVERY, unretained_is_not_kept));
    all.extend(each(EVERY, unretained_replaces_nothing));
    all.extend(each(EVERY, unretained_empty_removes_nothing));
    all.extend(each(EVERY, qos0_ousts_the_former));
    all.extend(each(EVERY, sent_to_each_filter));
    all.extend(each(EVERY, only_what_matches));
    all.extend(each(EVERY, stays_after_it_was_sent));
    all.extend(each(EVERY, kept_again_after_removal));
    all
}

fn plain(version: ProtocolVersion, name: &str, title: &str) -> Dialogue {
    dialogue(version, CHAPTER, name, title, QoS::AtLeastOnce, &[Need::Retain])
}

fn wild(version: ProtocolVersion, name: &str, title: &str) -> Dialogue {
    dialogue(version, CHAPTER, name, title, QoS::AtLeastOnce, &[Need::Retain, Need::WildcardSubscription])
}

fn sent_at_the_lower_qos(version: ProtocolVersion, published: QoS, granted: QoS) -> Scenario {
    let lower = published.min(granted);
    let mut d = dialogue(
        version,
        CHAPTER,
        &format!("retained/qos-{}-to-granted-qos-{}", published.value(), granted.value()),
        &format!(
            "A message retained at QoS {} is sent to a new subscription of QoS {} at QoS {} with RETAIN 1",
            published.value(),
            granted.value(),
            lower.value()
        ),
        published,
        &[Need::Retain],
    )
    .proves_duties(&[RETAINED_SENT, RETAINED_STORED, RETAINED_FLAG, duty::DELIVERED_QOS]);
    d.on("alice").connects().publishes(publish("{ns}/a", "kept").retained().at(published, 1));
    d.on("bob").connects().subscribes(1, "{ns}/a", granted);
    d.on("bob")
        .takes_retained_citing(&publish("{ns}/a", "kept").at(lower, 0), RETAINED_STORED.cite(version))
        .gets_no_publish(RETAINED_SENT.cite(version));
    d.build()
}

fn replaced_by_the_next(version: ProtocolVersion) -> Scenario {
    let mut d = plain(
        version,
        "retained/replaced-by-the-next",
        "A retained message takes the place of the former one of its topic",
    )
    .proves_duties(&[RETAINED_STORED, RETAINED_SENT]);
    d.on("alice").connects();
    for (packet_id, text) in (1..).zip(["first", "second", "third"]) {
        d.on("alice").publishes(publish("{ns}/a", text).retained().qos1(packet_id));
        let name = format!("bob{packet_id}");
        d.on(&name)
            .connects()
            .subscribes(1, "{ns}/a", QoS::AtLeastOnce)
            .takes_retained_citing(&publish("{ns}/a", text).qos1(0), RETAINED_STORED.cite(version))
            .gets_no_publish(RETAINED_STORED.cite(version));
        d.on(&name).disconnects();
    }
    d.build()
}

fn one_for_each_topic(version: ProtocolVersion) -> Scenario {
    let mut d = wild(
        version,
        "retained/one-for-each-topic",
        "A new subscription with a wildcard is sent the retained message of every topic that matches",
    )
    .proves_duties(&[RETAINED_SENT, RETAINED_FLAG]);
    d.on("alice").connects();
    let topics = ["{ns}/t/a", "{ns}/t/b", "{ns}/t/c/d", "{ns}/t"];
    for (packet_id, topic) in (1..).zip(topics) {
        d.on("alice").publishes(publish(topic, topic).retained().qos1(packet_id));
    }
    d.on("alice").publishes(publish("{ns}/other", "other").retained().qos1(9));
    // The order among topics is the target's; QoS 0, so that none has to wait for the acknowledgement of another.
    let all = topics.map(|topic| retained_delivery(version, &publish(topic, topic)));
    d.on("bob")
        .connects()
        .subscribes(1, "{ns}/t/#", QoS::AtMostOnce)
        .expects_one_of(vec![Alternative::AnyOrder(all.to_vec())], RETAINED_SENT.cite(version))
        .gets_no_publish(ONLY_MATCHING.cite(version));
    d.build()
}

fn outlives_its_publisher(version: ProtocolVersion) -> Scenario {
    let mut d = plain(
        version,
        "retained/outlives-its-publisher",
        "A retained message stays when the session of its publisher has ended",
    );
    d = if version == ProtocolVersion::V3_1_1 {
        d.proves(&["MQTT-3.1.2-7", "MQTT-3.3.1-5"])
    } else {
        d.proves_duties(&[RETAINED_STORED])
    };
    let cite = if version == ProtocolVersion::V3_1_1 { "MQTT-3.1.2-7".into() } else { RETAINED_STORED.cite(version) };
    d.on("alice").publishes_and_leaves(publish("{ns}/a", "kept").retained().qos1(1));
    // The publisher comes back with a clean session, and leaves without a word.
    d.on("alice").connects().resets();
    d.on("bob")
        .connects()
        .subscribes(1, "{ns}/a", QoS::AtLeastOnce)
        .takes_retained_citing(&publish("{ns}/a", "kept").qos1(0), cite);
    d.build()
}

fn forwarded_without_retain(version: ProtocolVersion) -> Scenario {
    let mut d = plain(
        version,
        "retained/forwarded-without-retain",
        "A message published with RETAIN 1 goes to an established subscription with RETAIN 0",
    )
    .proves_duties(&[duty::DELIVERED_RETAIN, RETAINED_FLAG]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/a", QoS::AtLeastOnce);
    for (packet_id, text) in (1..).zip(["one", "two"]) {
        d.on("alice").publishes(publish("{ns}/a", text).retained().qos1(packet_id));
        d.on("bob").takes(&publish("{ns}/a", text).qos1(0), owed(version));
    }
    // It is retained all the same.
    d.on("carol")
        .connects()
        .subscribes(1, "{ns}/a", QoS::AtLeastOnce)
        .takes_retained(&publish("{ns}/a", "two").qos1(0));
    d.on("bob").gets_no_publish(owed(version));
    d.build()
}

fn removed_by_empty(version: ProtocolVersion) -> Scenario {
    let mut d = plain(
        version,
        "retained/removed-by-an-empty-one",
        "An empty message with RETAIN 1 removes the retained message of its topic, and no other",
    )
    .proves_duties(&[EMPTY_REMOVES, EMPTY_NOT_STORED]);
    d.on("alice").connects().publishes(publish("{ns}/a", "gone soon").retained().qos1(1));
    d.on("alice").publishes(publish("{ns}/b", "kept").retained().qos1(2));
    let first = publish("{ns}/a", "gone soon").qos1(0);
    d.on("bob").connects().subscribes(1, "{ns}/a", QoS::AtLeastOnce).takes_retained(&first).disconnects();
    d.on("alice").publishes(publish("{ns}/a", "").retained().qos1(3));
    d.on("carol")
        .connects()
        .subscribes(1, "{ns}/a", QoS::AtLeastOnce)
        .gets_no_publish(EMPTY_REMOVES.cite(version))
        .subscribes(2, "{ns}/b", QoS::AtLeastOnce)
        .takes_retained(&publish("{ns}/b", "kept").qos1(0));
    d.build()
}

fn empty_is_forwarded(version: ProtocolVersion) -> Scenario {
    let mut d = plain(
        version,
        "retained/empty-one-is-forwarded",
        "An empty message with RETAIN 1 goes to established subscriptions like any other",
    )
    .proves_duties(&[EMPTY_REMOVES, duty::DELIVERED_RETAIN]);
    d.on("alice").connects().publishes(publish("{ns}/a", "kept").retained().qos1(1));
    d.on("bob").connects().subscribes(1, "{ns}/a", QoS::AtLeastOnce).takes_retained(&publish("{ns}/a", "kept").qos1(0));
    d.on("alice").publishes(publish("{ns}/a", "").retained().qos1(2));
    d.on("bob").takes(&publish("{ns}/a", "").qos1(0), EMPTY_REMOVES.cite(version));
    // Also where nothing is retained any more.
    d.on("alice").publishes(publish("{ns}/a", "").retained().qos1(3));
    d.on("bob").takes(&publish("{ns}/a", "").qos1(0), EMPTY_REMOVES.cite(version));
    d.build()
}

fn empty_is_not_kept(version: ProtocolVersion) -> Scenario {
    let mut d = plain(
        version,
        "retained/empty-one-is-not-kept",
        "An empty message with RETAIN 1 is not kept where nothing was retained",
    )
    .proves_duties(&[EMPTY_NOT_STORED]);
    d.on("alice").connects().publishes(publish("{ns}/a", "").retained().qos1(1));
    d.on("bob").connects().subscribes(1, "{ns}/a", QoS::AtLeastOnce).gets_no_publish(EMPTY_NOT_STORED.cite(version));
    // The same subscriber hears of what is kept.
    d.on("alice").publishes(publish("{ns}/b", "kept").retained().qos1(2));
    d.on("bob").subscribes(2, "{ns}/b", QoS::AtLeastOnce).takes_retained(&publish("{ns}/b", "kept").qos1(0));
    d.build()
}

fn unretained_is_not_kept(version: ProtocolVersion) -> Scenario {
    let mut d = plain(
        version,
        "retained/message-without-retain-is-not-kept",
        "A message published with RETAIN 0 is not kept for later subscriptions",
    )
    .proves_duties(&[UNRETAINED]);
    d.on("alice").connects();
    for (packet_id, qos) in (1..).zip([QoS::AtMostOnce, QoS::AtLeastOnce]) {
        d.on("alice").publishes(publish("{ns}/a", "passing").at(qos, packet_id));
    }
    d.on("alice").publishes(publish("{ns}/b", "kept").retained().qos1(3));
    d.on("bob")
        .connects()
        .subscribes(1, "{ns}/a", QoS::AtLeastOnce)
        .gets_no_publish(UNRETAINED.cite(version))
        .subscribes(2, "{ns}/b", QoS::AtLeastOnce)
        .takes_retained(&publish("{ns}/b", "kept").qos1(0));
    d.build()
}

fn unretained_replaces_nothing(version: ProtocolVersion) -> Scenario {
    let mut d = plain(
        version,
        "retained/message-without-retain-replaces-nothing",
        "A message published with RETAIN 0 leaves the retained message of its topic as it was",
    )
    .proves_duties(&[UNRETAINED, RETAINED_STORED]);
    d.on("alice").connects().publishes(publish("{ns}/a", "kept").retained().qos1(1));
    d.on("alice").publishes(publish("{ns}/a", "passing").qos1(2));
    d.on("bob")
        .connects()
        .subscribes(1, "{ns}/a", QoS::AtLeastOnce)
        .takes_retained_citing(&publish("{ns}/a", "kept").qos1(0), UNRETAINED.cite(version))
        .gets_no_publish(UNRETAINED.cite(version));
    d.build()
}

fn unretained_empty_removes_nothing(version: ProtocolVersion) -> Scenario {
    let mut d = plain(
        version,
        "retained/empty-message-without-retain-removes-nothing",
        "An empty message with RETAIN 0 leaves the retained message of its topic, and is forwarded",
    )
    .proves_duties(&[UNRETAINED]);
    d.on("alice").connects().publishes(publish("{ns}/a", "kept").retained().qos1(1));
    d.on("bob").connects().subscribes(1, "{ns}/a", QoS::AtLeastOnce).takes_retained(&publish("{ns}/a", "kept").qos1(0));
    d.on("alice").publishes(publish("{ns}/a", "").qos1(2));
    d.on("bob").takes(&publish("{ns}/a", "").qos1(0), owed(version));
    d.on("carol")
        .connects()
        .subscribes(1, "{ns}/a", QoS::AtLeastOnce)
        .takes_retained_citing(&publish("{ns}/a", "kept").qos1(0), UNRETAINED.cite(version));
    d.build()
}

fn qos0_ousts_the_former(version: ProtocolVersion) -> Scenario {
    let cite = match version {
        ProtocolVersion::V3_1_1 => "MQTT-3.3.1-7".into(),
        _ => RETAINED_STORED.cite(version),
    };
    let mut d = plain(
        version,
        "retained/qos-0-ousts-the-former",
        "A message retained at QoS 0 ends the one retained before it, whether or not it is kept itself",
    )
    .proves(&[cite.0.as_str()]);
    d.on("alice").connects().publishes(publish("{ns}/a", "former").retained().qos1(1));
    d.on("alice").publishes(publish("{ns}/a", "latter").retained());
    let kept = retained_delivery(version, &publish("{ns}/a", "latter")).observe("a retained QoS 0 message was kept");
    d.on("bob").connects().subscribes(1, "{ns}/a", QoS::AtLeastOnce).gets_no_publish_except(vec![kept], cite);
    // A QoS 1 message is kept in any case.
    d.on("alice").publishes(publish("{ns}/a", "last").retained().qos1(2));
    d.on("bob").takes(&publish("{ns}/a", "last").qos1(0), owed(version));
    d.on("carol")
        .connects()
        .subscribes(1, "{ns}/a", QoS::AtLeastOnce)
        .takes_retained_citing(&publish("{ns}/a", "last").qos1(0), RETAINED_STORED.cite(version));
    d.build()
}

fn sent_to_each_filter(version: ProtocolVersion) -> Scenario {
    let mut d = plain(
        version,
        "retained/sent-for-each-filter",
        "Every filter of one SUBSCRIBE is sent the retained message that it matches",
    )
    .proves_duties(&[RETAINED_SENT, FILTERS_IN_TURN]);
    d.on("alice").connects();
    for (packet_id, topic) in (1..).zip(["{ns}/a", "{ns}/b"]) {
        d.on("alice").publishes(publish(topic, topic).retained().qos1(packet_id));
    }
    let both = ["{ns}/a", "{ns}/b"].map(|topic| retained_delivery(version, &publish(topic, topic)));
    d.on("bob")
        .connects()
        .subscribes_with(
            subscribe(1, "{ns}/a", QoS::AtMostOnce).and("{ns}/none", QoS::AtMostOnce).and("{ns}/b", QoS::AtMostOnce),
        )
        .expects_one_of(vec![Alternative::AnyOrder(both.to_vec())], RETAINED_SENT.cite(version))
        .gets_no_publish(RETAINED_SENT.cite(version));
    d.build()
}

fn only_what_matches(version: ProtocolVersion) -> Scenario {
    let mut d = wild(
        version,
        "retained/only-what-matches",
        "A new subscription is sent no retained message of a topic that it does not match",
    )
    .proves_duties(&[ONLY_MATCHING, RETAINED_SENT]);
    d.on("alice").connects();
    for (packet_id, topic) in (1..).zip(["{ns}/a", "{ns}/a/b/c", "{ns}/A/b", "/{ns}/a/b", "{ns}/a/b"]) {
        d.on("alice").publishes(publish(topic, topic).retained().qos1(packet_id));
    }
    d.on("bob")
        .connects()
        .subscribes(1, "{ns}/a/+", QoS::AtLeastOnce)
        .takes_retained(&publish("{ns}/a/b", "{ns}/a/b").qos1(0))
        .gets_no_publish(ONLY_MATCHING.cite(version));
    d.build()
}

fn stays_after_it_was_sent(version: ProtocolVersion) -> Scenario {
    let mut d = plain(
        version,
        "retained/stays-after-it-was-sent",
        "A retained message is sent to one new subscription after the other",
    )
    .proves_duties(&[RETAINED_SENT]);
    let kept = publish("{ns}/a", "kept").qos1(0);
    d.on("alice").connects().publishes(publish("{ns}/a", "kept").retained().qos1(1));
    for name in ["bob", "carol", "alice"] {
        if name != "alice" {
            d.on(name).connects();
        }
        d.on(name).subscribes(1, "{ns}/a", QoS::AtLeastOnce).takes_retained(&kept);
    }
    d.on("bob").unsubscribes(2, "{ns}/a").subscribes(3, "{ns}/a", QoS::AtLeastOnce).takes_retained(&kept);
    for name in ["alice", "carol"] {
        d.on(name).gets_no_publish(RETAINED_SENT.cite(version));
    }
    d.build()
}

fn kept_again_after_removal(version: ProtocolVersion) -> Scenario {
    let mut d = plain(
        version,
        "retained/kept-again-after-removal",
        "A topic whose retained message was removed retains the next one",
    )
    .proves_duties(&[RETAINED_STORED, EMPTY_REMOVES]);
    d.on("alice").connects();
    for (packet_id, text) in (1..).zip(["old", "", "new"]) {
        d.on("alice").publishes(publish("{ns}/a", text).retained().qos1(packet_id));
    }
    let pattern = delivered(version, &publish("{ns}/a", "new").retained().qos1(0))
        .citing(RETAINED_FLAG.cite(version), |field| matches!(field, Field::Retain(_)));
    d.on("bob")
        .connects()
        .subscribes(1, "{ns}/a", QoS::AtLeastOnce)
        .takes_pattern(pattern, QoS::AtLeastOnce, RETAINED_STORED.cite(version))
        .gets_no_publish(EMPTY_REMOVES.cite(version));
    d.build()
}
