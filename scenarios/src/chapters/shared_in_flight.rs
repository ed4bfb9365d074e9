//! Shared Subscriptions (5.0, 4.8.2): messages on their way to a member, and filters that are none.

use mqttspec_codec::{Mutation, PacketBuf, PacketType, ProtocolVersion, QoS, ReasonCode};

use super::subscription_idioms::*;
use crate::model::{
    ConnectExt, Dialogue, Field, Need, Pattern, PublishExt, Scenario, connect, delivered, publish, subscribe,
};

const GROUP: &str = "$share/g/{ns}/a";
const COMPLETED: &str = "MQTT-4.8.2-4";
const NOT_TO_OTHERS: &str = "MQTT-4.8.2-5";
const REFUSED: &str = "MQTT-4.8.2-6";

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    all.extend(each(V5, completed_to_the_same_member));
    all.extend(each(V5, release_completed_to_the_same_member));
    all.extend(each(V5, not_to_others_while_away));
    all.extend(each(V5, not_to_others_after_the_session));
    all.extend(each(V5, not_to_others_after_a_clean_start));
    all.extend(each(V5, qos1_after_the_session));
    all.extend(each(V5, refused_by_puback));
    all.extend(each(V5, refused_by_pubrec));
    all.extend(each(V5, share_name_is_not_empty));
    all.extend(each(V5, share_name_has_no_wildcard));
    all.extend(each(V5, no_filter_after_the_share_name));
    all.extend(each(V5, no_local));
    all
}

fn about(version: ProtocolVersion, name: &str, title: &str, qos: QoS, needs: &[Need]) -> Dialogue {
    let mut all = vec![Need::SharedSubscription];
    all.extend_from_slice(needs);
    dialogue(version, "4.8 Subscriptions", &format!("shared/{name}"), title, qos, &all)
}

fn in_flight(version: ProtocolVersion) -> Pattern {
    delivered(version, &publish("{ns}/a", "in flight").qos2(0))
}

/// The same once more: DUP, and the Packet Identifier of the remembered first transmission.
fn again(version: ProtocolVersion) -> Pattern {
    delivered(version, &publish("{ns}/a", "in flight").qos2(0).dup())
        .check_citing(Field::SamePacketId("m".to_owned()), COMPLETED)
}

fn pubrel() -> Pattern {
    Pattern::any(PacketType::PubRel).check(Field::SamePacketId("m".to_owned()))
}

/// Bob, alone in the group with a session to keep, has the QoS 2 message on its way.
fn begun_to_bob(d: &mut Dialogue) {
    let version = d.version();
    d.on("alice").connects();
    d.on("bob").connects_with(connect(version, "{ns}bob").persistent()).subscribes(1, GROUP, QoS::ExactlyOnce);
    d.on("alice").publishes(publish("{ns}/a", "in flight").qos2(1));
    d.on("bob").expects(in_flight(version).bind("m"), owed(version));
}

fn completed_to_the_same_member(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "qos2-completed-to-the-same-member",
        "A QoS 2 message on its way to a member is sent again to that member when it returns, and to no other",
        QoS::ExactlyOnce,
        &[Need::SessionExpiry(20)],
    )
    .proves(&[COMPLETED]);
    begun_to_bob(&mut d);
    d.on("carol").connects().subscribes(1, GROUP, QoS::ExactlyOnce);
    d.on("bob").drops();
    d.on("carol").gets_no_publish(COMPLETED);
    d.on("bob")
        .resumes_with(connect(version, "{ns}bob").persistent())
        .expects(again(version), COMPLETED)
        .completes_qos2("m")
        .gets_no_publish(COMPLETED);
    d.on("carol").gets_no_publish(COMPLETED);
    d.build()
}

fn release_completed_to_the_same_member(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "qos2-release-completed-to-the-same-member",
        "A QoS 2 message that a member had taken is released to that member when it returns",
        QoS::ExactlyOnce,
        &[Need::SessionExpiry(20)],
    )
    .proves(&[COMPLETED]);
    begun_to_bob(&mut d);
    d.on("bob").answers(PacketType::PubRec, "m").expects(pubrel(), crate::duty::PUBREL_OWED.cite(version)).drops();
    d.on("carol").connects().subscribes(1, GROUP, QoS::ExactlyOnce);
    d.on("bob")
        .resumes_with(connect(version, "{ns}bob").persistent())
        .expects(pubrel(), COMPLETED)
        .answers(PacketType::PubComp, "m")
        .gets_no_publish(COMPLETED);
    d.on("carol").gets_no_publish(COMPLETED);
    d.build()
}

/// Two members; the message goes to one of them, from now on `chosen`.
fn begun_to_one_of_two(d: &mut Dialogue, keep: bool) {
    let version = d.version();
    d.on("alice").connects();
    for name in ["bob", "carol"] {
        let mut packet = connect(version, &format!("{{ns}}{name}"));
        if keep {
            packet = packet.persistent();
        }
        d.on(name).connects_with(packet).subscribes(1, GROUP, QoS::ExactlyOnce);
    }
    d.on("alice").publishes(publish("{ns}/a", "in flight").qos2(1));
    d.elects(&["bob", "carol"], in_flight(version).bind("m"), "chosen", &["other"], owed(version));
}

fn not_to_others_while_away(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "qos2-not-to-others-while-the-member-is-away",
        "A QoS 2 message whose delivery broke off waits for its member and is not given to another",
        QoS::ExactlyOnce,
        &[Need::SessionExpiry(20)],
    )
    .proves(&[COMPLETED]);
    begun_to_one_of_two(&mut d, true);
    d.on("chosen").drops();
    d.on("other").gets_no_publish(COMPLETED);
    d.build()
}

fn not_to_others_after_the_session(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "qos2-not-to-others-after-the-session",
        "A QoS 2 message whose member's session ended with the connection is not given to another",
        QoS::ExactlyOnce,
        &[],
    )
    .proves(&[NOT_TO_OTHERS]);
    begun_to_one_of_two(&mut d, false);
    d.on("chosen").drops();
    d.on("other").gets_no_publish(NOT_TO_OTHERS);
    // The other one is now alone, and is served.
    d.on("alice").publishes(publish("{ns}/a", "next").qos2(2));
    d.on("other").takes(&publish("{ns}/a", "next").qos2(0), owed(version)).gets_no_publish(NOT_TO_OTHERS);
    d.build()
}

fn not_to_others_after_a_clean_start(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "qos2-not-to-others-after-a-clean-start",
        "A QoS 2 message whose member came back with a clean start is given to nobody",
        QoS::ExactlyOnce,
        &[Need::SessionExpiry(20)],
    )
    .proves(&[NOT_TO_OTHERS, "MQTT-3.1.2-4"]);
    begun_to_bob(&mut d);
    d.on("carol").connects().subscribes(1, GROUP, QoS::ExactlyOnce);
    d.on("bob").drops();
    d.on("bob").connects().gets_no_publish("MQTT-3.1.2-4");
    d.on("carol").gets_no_publish(NOT_TO_OTHERS);
    d.build()
}

fn qos1_after_the_session(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "qos1-after-the-session",
        "A QoS 1 message whose member's session ended may be given to another; later ones are",
        QoS::AtLeastOnce,
        &[],
    )
    .proves(&["MQTT-4.5.0-1"]);
    d.on("alice").connects();
    for name in ["bob", "carol"] {
        d.on(name).connects().subscribes(1, GROUP, QoS::AtLeastOnce);
    }
    let message = publish("{ns}/a", "in flight").qos1(0);
    d.on("alice").publishes(publish("{ns}/a", "in flight").qos1(1));
    d.elects(&["bob", "carol"], delivered(version, &message).bind("m"), "chosen", &["other"], owed(version));
    d.on("chosen").drops();
    let handed_on = delivered(version, &message).without(|field| matches!(field, Field::Dup(_)));
    d.on("other").gets_no_publish_except(
        vec![handed_on.observe("a QoS 1 message of a member that was lost went to another")],
        "4.8.2",
    );
    d.on("alice").publishes(publish("{ns}/a", "next").qos1(2));
    d.on("other").takes(&publish("{ns}/a", "next").qos1(0), owed(version));
    d.build()
}

fn refused(version: ProtocolVersion, name: &str, title: &str, qos: QoS, answer: PacketType) -> Scenario {
    let mut d = about(version, name, title, qos, &[]).proves(&[REFUSED]);
    d.on("alice").connects();
    for name in ["bob", "carol", "dave"] {
        d.on(name).connects().subscribes(1, GROUP, qos);
    }
    let codes = [ReasonCode::UNSPECIFIED_ERROR, ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR, ReasonCode::NOT_AUTHORIZED];
    for (packet_id, code) in (1..).zip(codes) {
        let text = format!("refused {packet_id}");
        d.on("alice").publishes(publish("{ns}/a", &text).at(qos, packet_id));
        let pattern = delivered(version, &publish("{ns}/a", &text).at(qos, 0)).bind("m");
        d.elects(&["bob", "carol", "dave"], pattern, "chosen", &["other", "another"], owed(version));
        d.on("chosen").answers_with(answer, "m", code);
        for name in ["other", "another", "chosen"] {
            d.on(name).gets_no(&[PacketType::Publish, PacketType::PubRel], REFUSED);
        }
    }
    d.build()
}

fn refused_by_puback(version: ProtocolVersion) -> Scenario {
    let title = "A message that a member refuses by PUBACK is given to no other";
    refused(version, "refused-by-puback", title, QoS::AtLeastOnce, PacketType::PubAck)
}

fn refused_by_pubrec(version: ProtocolVersion) -> Scenario {
    let title = "A message that a member refuses by PUBREC is given to no other, and not released";
    refused(version, "refused-by-pubrec", title, QoS::ExactlyOnce, PacketType::PubRec)
}

// ---- filters that are none ----

fn none_is_granted(d: &mut Dialogue, filters: &[&str], cite: &str) {
    for (index, filter) in filters.iter().enumerate() {
        let name = format!("bob{}{index}", cite.replace(['-', '.'], ""));
        d.on(&name).connects().subscribes(1, GROUP, QoS::AtMostOnce).fences();
        d.on(&name).asks_in_vain(subscribe(2, filter, QoS::AtMostOnce), cite);
    }
}

fn share_name_is_not_empty(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "share-name-is-not-empty",
        "A Shared Subscription with an empty ShareName is not granted",
        QoS::AtMostOnce,
        &[],
    )
    .proves(&["MQTT-4.8.2-1"]);
    none_is_granted(&mut d, &["$share//{ns}/a"], "MQTT-4.8.2-1");
    d.build()
}

fn share_name_has_no_wildcard(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "share-name-has-no-wildcard",
        "A Shared Subscription whose ShareName has a wildcard character is not granted",
        QoS::AtMostOnce,
        &[],
    )
    .proves(&["MQTT-4.8.2-2"]);
    none_is_granted(&mut d, &["$share/g+/{ns}/a", "$share/g#/{ns}/a", "$share/+/{ns}/a"], "MQTT-4.8.2-2");
    d.build()
}

fn no_filter_after_the_share_name(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "filter-after-the-share-name",
        "A Shared Subscription without a sound Topic Filter after its ShareName is not granted",
        QoS::AtMostOnce,
        &[],
    )
    .proves(&["MQTT-4.8.2-2"]);
    none_is_granted(&mut d, &["$share/{ns}", "$share/{ns}/"], "MQTT-4.8.2-2");
    none_is_granted(&mut d, &["$share/g/{ns}/#/a"], "MQTT-4.7.1-1");
    d.build()
}

fn no_local(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "no-local-is-an-error",
        "No Local on a Shared Subscription is a Protocol Error: the connection ends",
        QoS::AtMostOnce,
        &[],
    )
    .proves(&["MQTT-3.8.3-4"]);
    let codes = [
        ReasonCode::PROTOCOL_ERROR,
        ReasonCode::MALFORMED_PACKET,
        ReasonCode::UNSPECIFIED_ERROR,
        ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR,
    ];
    d.on("bob").connects().subscribes(1, GROUP, QoS::AtMostOnce).fences();
    d.on("bob")
        .sends_mutated(PacketBuf::Subscribe(subscribe(2, GROUP, QoS::AtMostOnce)), Mutation::NoLocalOnShared)
        .expects_close(&codes, "MQTT-3.8.3-4");
    d.build()
}
