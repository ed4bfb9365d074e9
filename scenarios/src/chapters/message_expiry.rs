//! Message Expiry Interval (3.3.2.3.3): passed on less the time waited, and nothing delivered after its time.

use mqttspec_codec::{PropertyBuf, PropertyId, ProtocolVersion, PublishBuf, QoS};

use super::subscription_idioms::*;
use crate::model::{ConnectExt, Dialogue, Field, Need, Pattern, PublishExt, Scenario, connect, delivered, publish};

/// Longer than an interval of one second by more than any rounding.
const EXPIRED_MS: u64 = 3_000;
/// Long enough to be seen in whole seconds.
const WAIT_MS: u64 = 2_500;

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    all.extend(each(V5, passed_on));
    all.extend(each(V5, reduced_for_the_absent));
    all.extend(each(V5, expired_for_the_absent));
    all.extend(each(V5, expired_behind_quota));
    all.extend(each(V5, retained_is_reduced));
    all.extend(each(V5, retained_expires));
    all.extend(each(V5, expired_retained_is_no_more));
    all
}

fn about(version: ProtocolVersion, name: &str, title: &str, needs: &[Need]) -> Dialogue {
    dialogue(version, "3.3 PUBLISH", &format!("message-expiry/{name}"), title, QoS::AtLeastOnce, needs)
}

fn expiring(packet: PublishBuf, seconds: u32) -> PublishBuf {
    packet.with(PropertyBuf::message_expiry_interval(seconds))
}

/// `packet`, which has no expiry of its own here, with what is left of its interval between these.
fn with_left(pattern: Pattern, low: u32, high: u32) -> Pattern {
    pattern.check_citing(Field::PropertyBetween(PropertyId::MessageExpiryInterval, low, high), "MQTT-3.3.2-6")
}

/// Delivered to a session that was away: DUP says only whether there was an attempt before.
fn late(version: ProtocolVersion, packet: &PublishBuf) -> Pattern {
    delivered(version, packet).without(|field| matches!(field, Field::Dup(_)))
}

fn passed_on(version: ProtocolVersion) -> Scenario {
    let mut d =
        about(version, "passed-on", "A Message Expiry Interval is passed on to those who get the message at once", &[])
            .proves(&["MQTT-3.3.2-6"]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/a", QoS::AtLeastOnce);
    for (packet_id, seconds) in (1..).zip([1000, 0xFFFF_FFFF, 60]) {
        d.on("alice").publishes(expiring(publish("{ns}/a", "in time").qos1(packet_id), seconds));
        let pattern = delivered(version, &publish("{ns}/a", "in time").qos1(0));
        d.on("bob").takes_pattern(with_left(pattern, seconds - 5, seconds), QoS::AtLeastOnce, owed(version));
    }
    d.build()
}

fn reduced_for_the_absent(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "reduced-by-the-wait-of-the-absent",
        "A message that waited for its client has its Message Expiry Interval less the time it waited",
        &[Need::SessionExpiry(20)],
    )
    .proves(&["MQTT-3.3.2-6"]);
    let keep = || connect(version, "{ns}bob").persistent();
    d.on("alice").connects();
    d.on("bob").connects_with(keep()).subscribes(1, "{ns}/a", QoS::AtLeastOnce).disconnects();
    d.on("alice").publishes(expiring(publish("{ns}/a", "waiting").qos1(1), 100));
    d.wait(WAIT_MS);
    // 97 or 98 by the clock; one more or less for rounding, and less for a slow machine.
    let pattern = with_left(late(version, &publish("{ns}/a", "waiting").qos1(0)), 80, 99);
    d.on("bob").resumes_with(keep()).takes_pattern(pattern, QoS::AtLeastOnce, owed(version));
    d.build()
}

fn expired_for_the_absent(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "expired-for-the-absent",
        "A message whose Message Expiry Interval passed while its client was away is not delivered",
        &[Need::SessionExpiry(20)],
    )
    .proves(&["MQTT-3.3.2-5"]);
    let keep = || connect(version, "{ns}bob").persistent();
    d.on("alice").connects();
    d.on("bob").connects_with(keep()).subscribes(1, "{ns}/a", QoS::AtLeastOnce).disconnects();
    d.on("alice").publishes(expiring(publish("{ns}/a", "too late").qos1(1), 1));
    d.on("alice").publishes(expiring(publish("{ns}/a", "in time").qos1(2), 1000));
    d.wait(EXPIRED_MS);
    let pattern = late(version, &publish("{ns}/a", "in time").qos1(0))
        .citing("MQTT-3.3.2-5", |field| matches!(field, Field::Payload(_)));
    d.on("bob")
        .resumes_with(keep())
        .takes_pattern(pattern, QoS::AtLeastOnce, owed(version))
        .gets_no_publish("MQTT-3.3.2-5");
    d.build()
}

fn expired_behind_quota(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "expired-behind-the-quota",
        "A message whose interval passed while the Receive Maximum of its client was used up is not delivered",
        &[],
    )
    .proves(&["MQTT-3.3.2-5"]);
    d.on("alice").connects();
    let connect = connect(version, "{ns}bob").with(PropertyBuf::receive_maximum(1));
    d.on("bob").connects_with(connect).subscribes(1, "{ns}/a", QoS::AtLeastOnce);
    d.on("alice").publishes(publish("{ns}/a", "in flight").qos1(1));
    d.on("bob").receives(&publish("{ns}/a", "in flight").qos1(0), "first");
    d.on("alice").publishes(expiring(publish("{ns}/a", "too late").qos1(2), 1));
    d.on("alice").publishes(publish("{ns}/a", "for ever").qos1(3));
    d.wait(EXPIRED_MS);
    let pattern = delivered(version, &publish("{ns}/a", "for ever").qos1(0))
        .citing("MQTT-3.3.2-5", |field| matches!(field, Field::Payload(_)));
    d.on("bob")
        .answers_puback("first")
        .takes_pattern(pattern, QoS::AtLeastOnce, owed(version))
        .gets_no_publish("MQTT-3.3.2-5");
    d.build()
}

fn retained_is_reduced(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "reduced-for-the-retained",
        "A retained message is sent with its Message Expiry Interval less the time it was kept",
        &[Need::Retain],
    )
    .proves(&["MQTT-3.3.2-6"]);
    d.on("alice").connects().publishes(expiring(publish("{ns}/a", "kept").retained().qos1(1), 100));
    d.wait(WAIT_MS);
    let pattern = with_left(retained_delivery(version, &publish("{ns}/a", "kept").qos1(0)), 80, 99);
    d.on("bob").connects().subscribes(1, "{ns}/a", QoS::AtLeastOnce).takes_pattern(
        pattern,
        QoS::AtLeastOnce,
        RETAINED_SENT.cite(version),
    );
    d.build()
}

fn retained_expires(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "retained-expires",
        "A retained message whose Message Expiry Interval has passed is not sent to a new subscription",
        &[Need::Retain],
    )
    .proves(&["MQTT-3.3.2-5"]);
    d.on("alice").connects().publishes(expiring(publish("{ns}/a", "short").retained().qos1(1), 1));
    d.on("alice").publishes(expiring(publish("{ns}/b", "long").retained().qos1(2), 1000));
    d.wait(EXPIRED_MS);
    d.on("bob")
        .connects()
        .subscribes(1, "{ns}/a", QoS::AtLeastOnce)
        .gets_no_publish("MQTT-3.3.2-5")
        .subscribes(2, "{ns}/b", QoS::AtLeastOnce)
        .takes_retained(&publish("{ns}/b", "long").qos1(0));
    d.build()
}

fn expired_retained_is_no_more(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "expired-retained-does-not-bring-back-the-former",
        "When a retained message expires the one that it replaced does not come back",
        &[Need::Retain],
    )
    .proves(&["MQTT-3.3.1-5", "MQTT-3.3.2-5"]);
    d.on("alice").connects().publishes(publish("{ns}/a", "former").retained().qos1(1));
    d.on("alice").publishes(expiring(publish("{ns}/a", "short").retained().qos1(2), 1));
    d.on("alice").publishes(publish("{ns}/b", "kept").retained().qos1(3));
    d.wait(EXPIRED_MS);
    let former = retained_delivery(version, &publish("{ns}/a", "former").qos1(0));
    // The former one would be a breach of the replacement, the short one of the expiry.
    d.on("bob")
        .connects()
        .subscribes(1, "{ns}/a", QoS::AtLeastOnce)
        .gets_no_publish_except(vec![former.bind("former")], "MQTT-3.3.2-5");
    d.on("carol")
        .connects()
        .subscribes(1, "{ns}/a", QoS::AtLeastOnce)
        .gets_no_publish("MQTT-3.3.1-5")
        .subscribes(2, "{ns}/b", QoS::AtLeastOnce)
        .takes_retained(&publish("{ns}/b", "kept").qos1(0));
    d.build()
}
