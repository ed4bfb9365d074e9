//! The QoS of a delivery (3.8.4): the lower of the one published and the one granted.

use mqttspec_codec::{ProtocolVersion, QoS};

use super::subscription_idioms::*;
use crate::duty;
use crate::model::{Need, PublishExt, Scenario, delivered, publish};

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    for version in ProtocolVersion::ALL {
        for published in QOS {
            for granted in QOS {
                all.push(published_to_granted(version, published, granted));
            }
        }
        all.push(each_subscriber_at_its_own(version));
    }
    all
}

fn published_to_granted(version: ProtocolVersion, published: QoS, granted: QoS) -> Scenario {
    let delivered_at = published.min(granted);
    let mut d = dialogue(
        version,
        "3.8 SUBSCRIBE",
        &format!("subscribe/qos-{}-published-qos-{}-granted", published.value(), granted.value()),
        &format!(
            "A QoS {} message to a subscription of QoS {} is delivered at QoS {}",
            published.value(),
            granted.value(),
            delivered_at.value()
        ),
        published,
        &[],
    )
    .proves_duties(&[duty::DELIVERED_QOS]);
    if delivered_at == QoS::ExactlyOnce && version != ProtocolVersion::V3_1 {
        // What the target sends is read strictly: no PUBLISH of it has both QoS bits set.
        d = d.proves(&["MQTT-3.3.1-4"]);
    }
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/a", granted);
    d.on("alice").publishes(publish("{ns}/a", "min").at(published, 1));
    let message = publish("{ns}/a", "min").at(delivered_at, 0);
    d.on("bob").takes(&message, owed(version));
    if (published, delivered_at) == (QoS::AtLeastOnce, QoS::AtMostOnce) {
        // 3.8.4 permits further copies of what was published with QoS 1 and granted QoS 0.
        let copy = delivered(version, &message).observe("a QoS 1 message granted QoS 0 came twice");
        d.on("bob").gets_no_publish_except(vec![copy], owed(version));
    } else {
        d.on("bob").gets_no_publish(owed(version));
    }
    d.build()
}

fn each_subscriber_at_its_own(version: ProtocolVersion) -> Scenario {
    let mut d = dialogue(
        version,
        "3.8 SUBSCRIBE",
        "subscribe/each-subscriber-at-its-own-qos",
        "One QoS 2 message goes to three subscribers at the QoS granted to each",
        QoS::ExactlyOnce,
        &[Need::Qos(2)],
    )
    .proves_duties(&[duty::DELIVERED_QOS]);
    d.on("alice").connects();
    for (name, qos) in ["bob", "carol", "dave"].into_iter().zip(QOS) {
        d.on(name).connects().subscribes(1, "{ns}/a", qos);
    }
    d.on("alice").publishes(publish("{ns}/a", "for three").qos2(1));
    for (name, qos) in ["bob", "carol", "dave"].into_iter().zip(QOS) {
        d.on(name).takes(&publish("{ns}/a", "for three").at(qos, 0), owed(version));
    }
    for name in ["bob", "carol", "dave"] {
        d.on(name).gets_no_publish(owed(version));
    }
    d.build()
}
