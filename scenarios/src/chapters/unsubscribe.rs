//! UNSUBSCRIBE and UNSUBACK (3.10, 3.11): what is removed, what goes on, and the answer.

use mqttspec_codec::{PacketType, PropertyBuf, PropertyId, ProtocolVersion, QoS, ReasonCode, UnsubscribeBuf};

use super::subscription_idioms::*;
use crate::duty;
use crate::model::{
    ConnectExt, Dialogue, Field, Need, Pattern, PublishExt, Scenario, connect, delivered, publish, unsubscribe,
};

const CHAPTER: &str = "3.10 UNSUBSCRIBE";
const UNSUBACK: &str = "3.11 UNSUBACK";

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    all.extend(each(EVERY, delivery_stops));
    all.extend(each(EVERY, answered_with_its_identifier));
    all.extend(each(EVERY, answered_for_nothing));
    all.extend(each(EVERY, compared_character_by_character));
    all.extend(each(EVERY, wildcard_filter_is_removed));
    all.extend(each(EVERY, other_clients_keep_theirs));
    all.extend(each(EVERY, several_filters));
    all.extend(each(EVERY, stays_removed_in_the_session));
    all.extend(each(EVERY, subscribed_again));
    all.extend(each(NUMBERED, qos1_delivery_is_completed));
    all.extend(each(NUMBERED, qos2_delivery_is_completed));
    all.extend(each(NUMBERED, qos2_release_is_completed));
    all.extend(each(V5, codes_in_order));
    all.extend(each(V5, reason_string_within_limit));
    all
}

fn at_qos1(version: ProtocolVersion, chapter: &str, name: &str, title: &str, needs: &[Need]) -> Dialogue {
    dialogue(version, chapter, name, title, QoS::AtLeastOnce, needs)
}

fn unsubscribe_all(packet_id: u16, filters: &[&str]) -> UnsubscribeBuf {
    let filters = filters.iter().map(|filter| (*filter).to_owned()).collect();
    UnsubscribeBuf { filters, ..unsubscribe(packet_id, "") }
}

/// UNSUBACK for filters of which those marked existed. Whether 0x11 is said where none existed is left to the target.
fn unsuback(version: ProtocolVersion, packet_id: u16, existed: &[bool]) -> Pattern {
    let pattern = Pattern::any(PacketType::UnsubAck)
        .check_citing(Field::PacketId(packet_id), duty::UNSUBACK_SAME_ID.cite(version));
    if !version.has_properties() {
        return pattern;
    }
    let defined: Vec<_> = ReasonCode::rows(version, PacketType::UnsubAck).map(|row| row.code).collect();
    let codes = |existed: &bool| {
        if *existed {
            vec![ReasonCode::SUCCESS]
        } else {
            vec![ReasonCode::NO_SUBSCRIPTION_EXISTED, ReasonCode::SUCCESS]
        }
    };
    pattern
        .check_citing(Field::ReasonsIn(vec![defined.clone(); existed.len()]), "MQTT-3.11.3-2")
        .check_citing(Field::ReasonIn(defined), "MQTT-3.11.3-2")
        .check_citing(Field::ReasonsIn(existed.iter().map(codes).collect()), "MQTT-3.11.3-1")
}

fn delivery_stops(version: ProtocolVersion) -> Scenario {
    let mut d = at_qos1(
        version,
        CHAPTER,
        "unsubscribe/delivery-stops",
        "After UNSUBSCRIBE nothing new is delivered for the filter, and other filters go on",
        &[],
    )
    .proves_duties(&[UNSUBSCRIBE_STOPS, UNSUBSCRIBE_EXACT, duty::UNSUBACK_OWED]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/a", QoS::AtLeastOnce).subscribes(2, "{ns}/b", QoS::AtLeastOnce);
    d.on("alice").publishes(publish("{ns}/a", "before").qos1(1));
    d.on("bob").takes(&publish("{ns}/a", "before").qos1(0), owed(version)).unsubscribes(3, "{ns}/a");
    d.on("alice").publishes(publish("{ns}/a", "after").qos1(2));
    d.on("bob").gets_no_publish(UNSUBSCRIBE_STOPS.cite(version));
    d.on("alice").publishes(publish("{ns}/b", "kept").qos1(3));
    d.on("bob").takes(&publish("{ns}/b", "kept").qos1(0), UNSUBSCRIBE_EXACT.cite(version));
    d.build()
}

fn answered_with_its_identifier(version: ProtocolVersion) -> Scenario {
    let mut d = dialogue(
        version,
        UNSUBACK,
        "unsuback/answered-with-its-identifier",
        "UNSUBSCRIBE is answered with UNSUBACK that has its Packet Identifier, whichever that is",
        QoS::AtMostOnce,
        &[],
    )
    .proves_duties(&[duty::UNSUBACK_SAME_ID, duty::UNSUBACK_OWED]);
    d.on("alice").connects();
    for packet_id in [1, 0x00FF, 0x0100, 0xFFFF] {
        let filter = format!("{{ns}}/{packet_id}");
        d.on("alice").subscribes(packet_id, &filter, QoS::AtMostOnce).unsubscribes(packet_id, &filter);
    }
    d.build()
}

fn answered_for_nothing(version: ProtocolVersion) -> Scenario {
    let mut d = dialogue(
        version,
        UNSUBACK,
        "unsuback/answered-for-nothing",
        "An UNSUBSCRIBE that removes nothing is answered with UNSUBACK",
        QoS::AtMostOnce,
        &[],
    )
    .proves_duties(&[UNSUBACK_FOR_NOTHING, duty::UNSUBACK_SAME_ID]);
    d.on("alice").connects().subscribes(1, "{ns}/a", QoS::AtMostOnce);
    let cite = UNSUBACK_FOR_NOTHING.cite(version);
    d.on("alice").sends(unsubscribe(2, "{ns}/never")).expects(unsuback(version, 2, &[false]), cite.clone());
    d.on("alice").unsubscribes(3, "{ns}/a");
    d.on("alice").sends(unsubscribe(4, "{ns}/a")).expects(unsuback(version, 4, &[false]), cite);
    d.build()
}

fn compared_character_by_character(version: ProtocolVersion) -> Scenario {
    let mut d = at_qos1(
        version,
        CHAPTER,
        "unsubscribe/compared-character-by-character",
        "UNSUBSCRIBE leaves subscriptions whose filter it matches or resembles",
        &[Need::WildcardSubscription],
    )
    .proves_duties(&[UNSUBSCRIBE_EXACT]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/a/b", QoS::AtLeastOnce);
    let unlike = ["{ns}/a/+", "{ns}/#", "{ns}/+/b", "{ns}/A/b", "{ns}/a/b/", "/{ns}/a/b", "{ns}/a/b ", "{ns}/a", "#"];
    let cite = UNSUBSCRIBE_EXACT.cite(version);
    for (packet_id, filter) in (2..).zip(unlike) {
        d.on("bob")
            .sends(unsubscribe(packet_id, filter))
            .expects(unsuback(version, packet_id, &[false]), UNSUBACK_FOR_NOTHING.cite(version));
    }
    d.on("alice").publishes(publish("{ns}/a/b", "still").qos1(1));
    d.on("bob").takes(&publish("{ns}/a/b", "still").qos1(0), cite.clone());
    // The exact filter does remove it.
    d.on("bob").unsubscribes(99, "{ns}/a/b");
    d.on("alice").publishes(publish("{ns}/a/b", "gone").qos1(2));
    d.on("bob").gets_no_publish(cite);
    d.build()
}

fn wildcard_filter_is_removed(version: ProtocolVersion) -> Scenario {
    let mut d = at_qos1(
        version,
        CHAPTER,
        "unsubscribe/wildcard-filter-by-its-characters",
        "A wildcard filter is removed by itself, and not by a filter that it matches",
        &[Need::WildcardSubscription],
    )
    .proves_duties(&[UNSUBSCRIBE_EXACT, UNSUBSCRIBE_STOPS]);
    let cite = UNSUBSCRIBE_EXACT.cite(version);
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/+", QoS::AtLeastOnce);
    d.on("bob")
        .sends(unsubscribe(2, "{ns}/a"))
        .expects(unsuback(version, 2, &[false]), UNSUBACK_FOR_NOTHING.cite(version));
    d.on("alice").publishes(publish("{ns}/a", "still").qos1(1));
    d.on("bob").takes(&publish("{ns}/a", "still").qos1(0), cite.clone()).unsubscribes(3, "{ns}/+");
    d.on("alice").publishes(publish("{ns}/a", "gone").qos1(2));
    d.on("bob").gets_no_publish(cite);
    d.build()
}

fn other_clients_keep_theirs(version: ProtocolVersion) -> Scenario {
    let mut d = at_qos1(
        version,
        CHAPTER,
        "unsubscribe/other-clients-keep-theirs",
        "UNSUBSCRIBE removes the subscription of its own session only",
        &[],
    )
    .proves_duties(&[UNSUBSCRIBE_EXACT, UNSUBSCRIBE_STOPS]);
    d.on("alice").connects();
    for name in ["bob", "carol"] {
        d.on(name).connects().subscribes(1, "{ns}/a", QoS::AtLeastOnce);
    }
    d.on("bob").unsubscribes(2, "{ns}/a");
    d.on("alice").publishes(publish("{ns}/a", "for carol").qos1(1));
    d.on("carol").takes(&publish("{ns}/a", "for carol").qos1(0), UNSUBSCRIBE_EXACT.cite(version));
    d.on("bob").gets_no_publish(UNSUBSCRIBE_STOPS.cite(version));
    d.build()
}

fn several_filters(version: ProtocolVersion) -> Scenario {
    let mut d = at_qos1(
        version,
        CHAPTER,
        "unsubscribe/several-filters-in-one-packet",
        "Every filter of one UNSUBSCRIBE is removed, with one UNSUBACK for all",
        &[],
    )
    .proves_duties(&[UNSUBSCRIBE_IN_TURN, UNSUBSCRIBE_STOPS]);
    let cite = UNSUBSCRIBE_IN_TURN.cite(version);
    d.on("alice").connects();
    d.on("bob").connects();
    for (packet_id, filter) in (1..).zip(["{ns}/a", "{ns}/b", "{ns}/c", "{ns}/d"]) {
        d.on("bob").subscribes(packet_id, filter, QoS::AtLeastOnce);
    }
    d.on("bob")
        .sends(unsubscribe_all(9, &["{ns}/a", "{ns}/b", "{ns}/d"]))
        .expects(unsuback(version, 9, &[true, true, true]), duty::UNSUBACK_OWED.cite(version));
    for (packet_id, topic) in (1..).zip(["{ns}/a", "{ns}/b", "{ns}/d"]) {
        d.on("alice").publishes(publish(topic, "gone").qos1(packet_id));
    }
    d.on("bob").gets_no(&[PacketType::Publish, PacketType::UnsubAck], cite);
    d.on("alice").publishes(publish("{ns}/c", "kept").qos1(4));
    d.on("bob").takes(&publish("{ns}/c", "kept").qos1(0), UNSUBSCRIBE_EXACT.cite(version));
    d.build()
}

fn stays_removed_in_the_session(version: ProtocolVersion) -> Scenario {
    let mut d = at_qos1(
        version,
        CHAPTER,
        "unsubscribe/stays-removed-in-the-session",
        "What was unsubscribed from is not delivered to the kept session later",
        &[Need::SessionExpiry(20)],
    )
    .proves_duties(&[UNSUBSCRIBE_STOPS, UNSUBSCRIBE_EXACT]);
    let keep = || connect(version, "{ns}bob").persistent();
    d.on("alice").connects();
    d.on("bob").connects_with(keep()).subscribes(1, "{ns}/a", QoS::AtLeastOnce);
    d.on("bob").subscribes(2, "{ns}/b", QoS::AtLeastOnce).unsubscribes(3, "{ns}/a").disconnects();
    d.on("alice").publishes(publish("{ns}/a", "gone").qos1(1)).publishes(publish("{ns}/b", "kept").qos1(2));
    let kept = delivered(version, &publish("{ns}/b", "kept").qos1(0)).without(|field| matches!(field, Field::Dup(_)));
    d.on("bob")
        .resumes_with(keep())
        .takes_pattern(kept, QoS::AtLeastOnce, UNSUBSCRIBE_STOPS.cite(version))
        .gets_no_publish(UNSUBSCRIBE_STOPS.cite(version));
    d.build()
}

fn subscribed_again(version: ProtocolVersion) -> Scenario {
    let mut d = at_qos1(
        version,
        CHAPTER,
        "unsubscribe/subscribed-again",
        "A filter can be subscribed to again after UNSUBSCRIBE",
        &[],
    )
    .proves_duties(&[duty::DELIVERY_OWED, UNSUBSCRIBE_STOPS]);
    d.on("alice").connects();
    d.on("bob").connects();
    for round in 0..3 {
        d.on("bob").subscribes(1, "{ns}/a", QoS::AtLeastOnce);
        d.on("alice").publishes(publish("{ns}/a", &format!("heard {round}")).qos1(1));
        d.on("bob").takes(&publish("{ns}/a", &format!("heard {round}")).qos1(0), owed(version));
        d.on("bob").unsubscribes(2, "{ns}/a");
        d.on("alice").publishes(publish("{ns}/a", &format!("unheard {round}")).qos1(2));
        d.on("bob").gets_no_publish(UNSUBSCRIBE_STOPS.cite(version));
    }
    d.build()
}

fn qos1_delivery_is_completed(version: ProtocolVersion) -> Scenario {
    let mut d = at_qos1(
        version,
        CHAPTER,
        "unsubscribe/qos1-delivery-is-completed",
        "A QoS 1 delivery that began before UNSUBSCRIBE is repeated after a return of the client until it is acknowledged",
        &[Need::SessionExpiry(20)],
    )
    .proves_duties(&[UNSUBSCRIBE_COMPLETES]);
    let keep = || connect(version, "{ns}bob").persistent();
    let message = publish("{ns}/a", "begun").qos1(0);
    d.on("alice").connects();
    d.on("bob").connects_with(keep()).subscribes(1, "{ns}/a", QoS::AtLeastOnce);
    d.on("alice").publishes(publish("{ns}/a", "begun").qos1(1));
    d.on("bob").receives(&message, "first").unsubscribes(2, "{ns}/a").drops();
    let again = delivered(version, &message.dup()).check(Field::SamePacketId("first".to_owned()));
    d.on("bob")
        .resumes_with(keep())
        .takes_pattern(again, QoS::AtLeastOnce, UNSUBSCRIBE_COMPLETES.cite(version))
        .gets_no_publish(UNSUBSCRIBE_COMPLETES.cite(version));
    d.build()
}

fn qos2_delivery_is_completed(version: ProtocolVersion) -> Scenario {
    let mut d = dialogue(
        version,
        CHAPTER,
        "unsubscribe/qos2-delivery-is-completed",
        "A QoS 2 delivery that began before UNSUBSCRIBE goes on to PUBREL after it",
        QoS::ExactlyOnce,
        &[],
    )
    .proves_duties(&[UNSUBSCRIBE_COMPLETES]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "{ns}/a", QoS::ExactlyOnce);
    d.on("alice").publishes(publish("{ns}/a", "begun").qos2(1));
    d.on("bob").receives(&publish("{ns}/a", "begun").qos2(0), "m").unsubscribes(2, "{ns}/a");
    d.on("bob")
        .answers(PacketType::PubRec, "m")
        .expects(pubrel_for("m"), UNSUBSCRIBE_COMPLETES.cite(version))
        .answers(PacketType::PubComp, "m")
        .gets_no_publish(UNSUBSCRIBE_COMPLETES.cite(version));
    d.build()
}

fn qos2_release_is_completed(version: ProtocolVersion) -> Scenario {
    let mut d = dialogue(
        version,
        CHAPTER,
        "unsubscribe/qos2-release-is-completed",
        "A PUBREL that was owed before UNSUBSCRIBE is sent again after a return of the client",
        QoS::ExactlyOnce,
        &[Need::SessionExpiry(20)],
    )
    .proves_duties(&[UNSUBSCRIBE_COMPLETES]);
    let keep = || connect(version, "{ns}bob").persistent();
    d.on("alice").connects();
    d.on("bob").connects_with(keep()).subscribes(1, "{ns}/a", QoS::ExactlyOnce);
    d.on("alice").publishes(publish("{ns}/a", "begun").qos2(1));
    d.on("bob")
        .receives(&publish("{ns}/a", "begun").qos2(0), "m")
        .answers(PacketType::PubRec, "m")
        .expects(pubrel_for("m"), duty::PUBREL_OWED.cite(version))
        .unsubscribes(2, "{ns}/a")
        .drops();
    d.on("bob")
        .resumes_with(keep())
        .expects(pubrel_for("m"), UNSUBSCRIBE_COMPLETES.cite(version))
        .answers(PacketType::PubComp, "m")
        .gets_no_publish(UNSUBSCRIBE_COMPLETES.cite(version));
    d.build()
}

fn pubrel_for(var: &str) -> Pattern {
    Pattern::any(PacketType::PubRel).check(Field::SamePacketId(var.to_owned())).reason(&[ReasonCode::SUCCESS])
}

fn codes_in_order(version: ProtocolVersion) -> Scenario {
    let mut d = dialogue(
        version,
        UNSUBACK,
        "unsuback/codes-in-order",
        "UNSUBACK has one defined code for each filter, in the order of the filters",
        QoS::AtMostOnce,
        &[],
    )
    .proves(&["MQTT-3.11.3-1", "MQTT-3.11.3-2", "MQTT-3.10.4-6", "MQTT-3.10.4-4"]);
    d.on("alice").connects().subscribes(1, "{ns}/a", QoS::AtMostOnce).subscribes(2, "{ns}/b", QoS::AtMostOnce);
    let asked = ["{ns}/a", "{ns}/never", "{ns}/never too", "{ns}/b", "{ns}/a"];
    d.on("alice")
        .sends(unsubscribe_all(3, &asked))
        .expects(unsuback(version, 3, &[true, false, false, true, false]), duty::UNSUBACK_OWED.cite(version));
    d.build()
}

fn reason_string_within_limit(version: ProtocolVersion) -> Scenario {
    let mut d = dialogue(
        version,
        UNSUBACK,
        "unsuback/within-maximum-packet-size",
        "An UNSUBACK that is as large as the client takes carries no Reason String",
        QoS::AtMostOnce,
        &[Need::MaximumPacketSizeAtLeast(1024)],
    )
    .proves(&["MQTT-3.11.2-1"]);
    // As for SUBACK: 5 bytes and a code for each of 59 filters.
    let filters: Vec<String> = (0..59).map(|n| format!("{{ns}}/{n}")).collect();
    let packet = UnsubscribeBuf { filters, ..unsubscribe(3, "") };
    let pattern = unsuback(version, 3, &[false; 59]).check(Field::PropertyAbsent(PropertyId::ReasonString));
    d.on("alice").connects_with(connect(version, "{ns}alice").with(PropertyBuf::maximum_packet_size(64)));
    d.on("alice").sends(packet).expects(pattern, "MQTT-3.11.2-1");
    d.on("alice").subscribes(4, "{ns}/alone", QoS::AtMostOnce).unsubscribes(5, "{ns}/alone");
    d.build()
}
