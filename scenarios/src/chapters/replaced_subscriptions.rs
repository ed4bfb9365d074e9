//! Subscribing again to the same filter, and overlapping filters (3.3.4, 3.8.4; 3.1.1: 3.3.5).

use mqttspec_codec::{PropertyBuf, ProtocolVersion, QoS};

use super::subscription_idioms::*;
use crate::duty;
use crate::model::{
    Alternative, ConnectExt, Dialogue, Need, Pattern, PublishExt, Scenario, connect, delivered, publish,
};

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    all.extend(each(NUMBERED, qos_raised));
    all.extend(each(NUMBERED, qos_lowered));
    all.extend(each(NUMBERED, one_copy));
    all.extend(each(NUMBERED, retained_again));
    all.extend(each(NUMBERED, nothing_lost));
    all.extend(each(V5, nothing_lost_that_waits));
    for version in NUMBERED {
        for (published, low, high) in [(2, 0, 2), (2, 0, 1), (1, 0, 2)] {
            all.push(overlap(*version, QOS[published], QOS[low], QOS[high], true));
            all.push(overlap(*version, QOS[published], QOS[low], QOS[high], false));
        }
    }
    all.extend(each(NUMBERED, overlap_undone));
    all
}

fn about(version: ProtocolVersion, name: &str, title: &str, qos: QoS, needs: &[Need]) -> Dialogue {
    dialogue(version, "3.8 SUBSCRIBE", name, title, qos, needs)
}

fn qos_raised(version: ProtocolVersion) -> Scenario {
    let title = "Subscribing again with a higher QoS replaces the subscription";
    changed_qos(version, "replaced/qos-raised", title, [QoS::AtMostOnce, QoS::ExactlyOnce])
}

fn qos_lowered(version: ProtocolVersion) -> Scenario {
    let title = "Subscribing again with a lower QoS replaces the subscription";
    changed_qos(version, "replaced/qos-lowered", title, [QoS::ExactlyOnce, QoS::AtMostOnce])
}

fn changed_qos(version: ProtocolVersion, name: &str, title: &str, granted: [QoS; 2]) -> Scenario {
    let mut d = about(version, name, title, QoS::ExactlyOnce, &[]).proves_duties(&[REPLACED]);
    let cite = REPLACED.cite(version);
    d.on("alice").connects();
    d.on("bob").connects();
    for (packet_id, qos) in (1..).zip(granted) {
        d.on("bob").subscribes(packet_id, "{ns}/a", qos);
        d.on("alice").publishes(publish("{ns}/a", "replaced").qos2(packet_id));
        let pattern = delivered(version, &publish("{ns}/a", "replaced").at(qos, 0))
            .citing(cite.clone(), |field| matches!(field, crate::model::Field::QosIn(_)));
        d.on("bob").takes_pattern(pattern, qos, owed(version)).gets_no_publish(cite.clone());
    }
    d.build()
}

fn one_copy(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "replaced/one-copy",
        "However often a filter was subscribed to, a message comes once",
        QoS::AtLeastOnce,
        &[],
    )
    .proves_duties(&[REPLACED]);
    d.on("alice").connects();
    d.on("bob").connects();
    for packet_id in 1..=3 {
        d.on("bob").subscribes(packet_id, "{ns}/a", QoS::AtLeastOnce);
    }
    d.on("alice").publishes(publish("{ns}/a", "once").qos1(1));
    d.on("bob").takes(&publish("{ns}/a", "once").qos1(0), owed(version)).gets_no_publish(REPLACED.cite(version));
    // And one UNSUBSCRIBE ends it.
    d.on("bob").unsubscribes(4, "{ns}/a");
    d.on("alice").publishes(publish("{ns}/a", "never").qos1(2));
    d.on("bob").gets_no_publish(REPLACED.cite(version));
    d.build()
}

fn retained_again(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "replaced/retained-sent-again",
        "Subscribing again to the same filter brings the retained message again",
        QoS::AtLeastOnce,
        &[Need::Retain],
    )
    .proves_duties(&[REPLACED_SAFELY]);
    let cite = REPLACED_SAFELY.cite(version);
    let kept = publish("{ns}/a", "kept").qos1(0);
    d.on("alice").connects().publishes(publish("{ns}/a", "kept").retained().qos1(1));
    d.on("bob").connects().subscribes(1, "{ns}/a", QoS::AtLeastOnce).takes_retained(&kept);
    for packet_id in 2..=3 {
        d.on("bob")
            .subscribes(packet_id, "{ns}/a", QoS::AtLeastOnce)
            .takes_retained_citing(&kept, cite.clone())
            .gets_no_publish(cite.clone());
    }
    d.build()
}

fn nothing_lost(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "replaced/nothing-lost",
        "Messages published before and after a subscription is replaced arrive, each once",
        QoS::AtLeastOnce,
        &[],
    )
    .proves_duties(&[REPLACED_SAFELY]);
    let cite = REPLACED_SAFELY.cite(version);
    let texts: Vec<String> = (0..6).map(|n| format!("number {n}")).collect();
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/a", QoS::AtLeastOnce);
    for (packet_id, text) in (1..).zip(&texts) {
        if packet_id == 4 {
            // Those before are on their way and unacknowledged.
            d.on("bob").subscribes(2, "{ns}/a", QoS::AtLeastOnce);
        }
        d.on("alice").publishes(publish("{ns}/a", text).qos1(packet_id));
    }
    for text in &texts {
        d.on("bob").takes(&publish("{ns}/a", text).qos1(0), cite.clone());
    }
    d.on("bob").gets_no_publish(REPLACED.cite(version));
    d.build()
}

fn nothing_lost_that_waits(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "replaced/nothing-lost-that-waits",
        "Messages that wait for the client's Receive Maximum are delivered although their subscription was replaced",
        QoS::AtLeastOnce,
        &[],
    )
    .proves(&["MQTT-3.8.4-4"]);
    d.on("alice").connects();
    let connect = connect(version, "{ns}bob").with(PropertyBuf::receive_maximum(1));
    d.on("bob").connects_with(connect).subscribes(1, "{ns}/a", QoS::AtLeastOnce);
    for (packet_id, text) in (1..).zip(["in flight", "waiting", "waiting too"]) {
        d.on("alice").publishes(publish("{ns}/a", text).qos1(packet_id));
    }
    d.on("bob").subscribes(2, "{ns}/a", QoS::AtLeastOnce);
    for text in ["in flight", "waiting", "waiting too"] {
        d.on("bob").takes(&publish("{ns}/a", text).qos1(0), "MQTT-3.8.4-4");
    }
    d.on("bob").gets_no_publish("MQTT-3.8.4-3");
    d.build()
}

/// Two overlapping subscriptions of unlike QoS. A copy for each is permitted, and their order is the target's.
fn overlap(version: ProtocolVersion, published: QoS, low: QoS, high: QoS, low_first: bool) -> Scenario {
    let (first, second) = if low_first { (low, high) } else { (high, low) };
    let name = format!("overlap/qos-{}-to-qos-{}-and-qos-{}", published.value(), first.value(), second.value());
    let title = format!(
        "A QoS {} message to overlapping subscriptions of QoS {} and QoS {} is delivered at QoS {}",
        published.value(),
        first.value(),
        second.value(),
        published.min(high).value()
    );
    let mut d = about(version, &name, &title, published, &[Need::WildcardSubscription]).proves_duties(&[OVERLAP_QOS]);
    let cite = OVERLAP_QOS.cite(version);
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/a/b", first).subscribes(2, "{ns}/a/+", second);
    d.on("alice").publishes(publish("{ns}/a/b", "overlap").at(published, 1));
    let at = |qos: QoS| publish("{ns}/a/b", "overlap").at(published.min(qos), 0);
    let copy = || delivered(version, &at(low)).observe("several copies for overlapping subscriptions");
    let best =
        || delivered(version, &at(high)).citing(cite.clone(), |field| matches!(field, crate::model::Field::QosIn(_)));
    let either: Vec<Alternative> =
        vec![best().bind("best").into(), Alternative::AnyOrder(vec![copy(), best().bind("best")])];
    d.on("bob")
        .expects_one_of(either, cite.clone())
        .acknowledges(published.min(high), "best")
        .gets_no_publish_except(vec![copy()], duty::DELIVERY_OWED.cite(version));
    d.build()
}

fn overlap_undone(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "overlap/undone",
        "Of two overlapping subscriptions one stays when the other is removed",
        QoS::AtLeastOnce,
        &[Need::WildcardSubscription],
    )
    .proves_duties(&[UNSUBSCRIBE_EXACT]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/a/b", QoS::AtLeastOnce).subscribes(2, "{ns}/a/#", QoS::AtMostOnce);
    d.on("bob").unsubscribes(3, "{ns}/a/b");
    d.on("alice").publishes(publish("{ns}/a/b", "by the other").qos1(1));
    let pattern: Pattern = delivered(version, &publish("{ns}/a/b", "by the other"));
    d.on("bob")
        .takes_pattern(pattern, QoS::AtMostOnce, UNSUBSCRIBE_EXACT.cite(version))
        .gets_no_publish(UNSUBSCRIBE_STOPS.cite(version));
    d.build()
}
