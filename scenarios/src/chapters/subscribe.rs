//! SUBSCRIBE and SUBACK (3.8, 3.9): the answer and several filters in one packet.

use mqttspec_codec::{PacketType, PropertyBuf, ProtocolVersion, QoS, ReasonCode};

use super::subscription_idioms::*;
use crate::duty;
use crate::model::{
    Alternative, ConnectExt, Dialogue, Field, Need, Pattern, PublishExt, Scenario, SubscribeExt, connect, publish,
    subscribe,
};

const CHAPTER: &str = "3.8 SUBSCRIBE";
const SUBACK: &str = "3.9 SUBACK";

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    all.extend(each(EVERY, answered_with_its_identifier));
    all.extend(each(EVERY, identifier_is_free_again));
    all.extend(each(EVERY, codes_in_order));
    all.extend(each(EVERY, filters_take_effect_in_turn));
    all.extend(each(EVERY, every_filter_is_subscribed));
    all.extend(each(EVERY, sixty_filters));
    all.extend(each(EVERY, each_client_has_its_own));
    all.extend(each(EVERY, before_and_after));
    all.extend(each(V5, reason_string_within_limit));
    all.extend(each(V5, user_properties_are_taken));
    all
}

fn plain(version: ProtocolVersion, chapter: &str, name: &str, title: &str) -> Dialogue {
    dialogue(version, chapter, name, title, QoS::AtMostOnce, &[])
}

fn answered_with_its_identifier(version: ProtocolVersion) -> Scenario {
    let mut d = plain(
        version,
        CHAPTER,
        "subscribe/answered-with-its-identifier",
        "SUBSCRIBE is answered with SUBACK that has its Packet Identifier, whichever that is",
    )
    .proves_duties(&[duty::SUBACK_SAME_ID, duty::SUBACK_OWED]);
    d.on("alice").connects();
    for packet_id in [1, 2, 0x00FF, 0x0100, 0xFFFF] {
        d.on("alice").subscribes(packet_id, &format!("{{ns}}/{packet_id}"), QoS::AtMostOnce);
    }
    d.on("alice").fences();
    d.build()
}

fn identifier_is_free_again(version: ProtocolVersion) -> Scenario {
    let mut d = plain(
        version,
        CHAPTER,
        "subscribe/identifier-used-again",
        "After its SUBACK a Packet Identifier may be used for the next SUBSCRIBE",
    )
    .proves_duties(&[duty::SUBACK_OWED, duty::SUBACK_SAME_ID]);
    d.on("alice").connects();
    for filter in ["{ns}/a", "{ns}/b", "{ns}/a"] {
        d.on("alice").subscribes(7, filter, QoS::AtMostOnce);
    }
    d.on("alice").fences();
    d.build()
}

/// SUBACK for filters asked for at these QoS, in this order; a target that grants less is not judged.
fn suback(version: ProtocolVersion, packet_id: u16, asked: &[QoS]) -> Vec<Alternative> {
    let codes = |qos: &QoS| vec![ReasonCode(qos.value())];
    let defined: Vec<_> = ReasonCode::rows(version, PacketType::SubAck).map(|row| row.code).collect();
    let at_most = |qos: &QoS| [less_than(version, *qos), codes(qos)].concat();
    let exact = Pattern::any(PacketType::SubAck)
        .check_citing(Field::PacketId(packet_id), duty::SUBACK_SAME_ID.cite(version))
        .check_citing(Field::ReasonsIn(vec![defined.clone(); asked.len()]), CODE_FOR_EACH.cite(version))
        .check_citing(Field::ReasonIn(defined), CODE_DEFINED.cite(version))
        .check_citing(Field::ReasonsIn(asked.iter().map(codes).collect()), CODE_ORDER.cite(version));
    let stop = Alternative::Stop {
        pattern: Pattern::any(PacketType::SubAck)
            .check(Field::PacketId(packet_id))
            .check(Field::ReasonsIn(asked.iter().map(at_most).collect())),
        not_applicable: false,
        why: "the target granted a lower QoS than asked for, or refused a subscription".to_owned(),
    };
    vec![exact.into(), stop]
}

fn codes_in_order(version: ProtocolVersion) -> Scenario {
    let mut d = plain(
        version,
        SUBACK,
        "suback/codes-in-order",
        "SUBACK has one code for each filter, in the order of the filters",
    )
    .proves_duties(&[CODE_ORDER, CODE_FOR_EACH, CODE_GRANTED, CODE_DEFINED]);
    d.on("alice").connects();
    // Neither order is its own reverse, and each reversed grants more than was asked somewhere.
    let orders =
        [[QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce], [QoS::ExactlyOnce, QoS::AtMostOnce, QoS::AtLeastOnce]];
    for (packet_id, order) in (1..).zip(orders) {
        let filter = |n: usize| format!("{{ns}}/{packet_id}/{n}");
        let packet = subscribe(packet_id, &filter(0), order[0]).and(&filter(1), order[1]).and(&filter(2), order[2]);
        d.on("alice").sends(packet).expects_one_of(suback(version, packet_id, &order), duty::SUBACK_OWED.cite(version));
    }
    d.build()
}

fn filters_take_effect_in_turn(version: ProtocolVersion) -> Scenario {
    let mut d = dialogue(
        version,
        CHAPTER,
        "subscribe/same-filter-twice-in-one-packet",
        "A filter that stands twice in one SUBSCRIBE has two codes, and the later one counts",
        QoS::AtLeastOnce,
        &[],
    )
    .proves_duties(&[FILTERS_IN_TURN, CODE_FOR_EACH, REPLACED]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes_with(subscribe(1, "{ns}/a", QoS::AtMostOnce).and("{ns}/a", QoS::AtLeastOnce));
    d.on("alice").publishes(publish("{ns}/a", "once").qos1(1));
    let pattern = crate::model::delivered(version, &publish("{ns}/a", "once").qos1(0))
        .citing(FILTERS_IN_TURN.cite(version), |field| matches!(field, Field::QosIn(_)));
    d.on("bob")
        .takes_pattern(pattern, QoS::AtLeastOnce, owed(version))
        .gets_no_publish(REPLACED.id(version).map_or_else(|| FILTERS_IN_TURN.cite(version), Into::into));
    d.build()
}

fn every_filter_is_subscribed(version: ProtocolVersion) -> Scenario {
    let mut d = dialogue(
        version,
        CHAPTER,
        "subscribe/several-filters-in-one-packet",
        "Every filter of one SUBSCRIBE is subscribed to, with one SUBACK for all, each at its own QoS",
        QoS::ExactlyOnce,
        &[],
    )
    .proves_duties(&[FILTERS_IN_TURN, CODE_FOR_EACH]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes_with(
        subscribe(1, "{ns}/2", QoS::ExactlyOnce).and("{ns}/0", QoS::AtMostOnce).and("{ns}/1", QoS::AtLeastOnce),
    );
    for qos in QOS {
        let topic = format!("{{ns}}/{}", qos.value());
        d.on("alice").publishes(publish(&topic, "to each").qos2(1));
        d.on("bob").takes(&publish(&topic, "to each").at(qos, 0), FILTERS_IN_TURN.cite(version));
    }
    d.on("bob").gets_no(&[PacketType::SubAck, PacketType::Publish], FILTERS_IN_TURN.cite(version));
    d.build()
}

fn sixty_filters(version: ProtocolVersion) -> Scenario {
    let mut d = dialogue(
        version,
        CHAPTER,
        "subscribe/sixty-filters",
        "A SUBSCRIBE with sixty filters is answered with sixty codes, and the last filter counts",
        QoS::AtLeastOnce,
        &[Need::MaximumPacketSizeAtLeast(1024)],
    )
    .proves_duties(&[CODE_FOR_EACH, FILTERS_IN_TURN]);
    let mut packet = subscribe(3, "{ns}/0", QoS::AtLeastOnce);
    for n in 1..60 {
        packet = packet.and(&format!("{{ns}}/{n}"), QoS::AtLeastOnce);
    }
    d.on("alice").connects();
    d.on("bob").connects().subscribes_with(packet);
    d.on("alice").publishes(publish("{ns}/59", "last").qos1(1));
    d.on("bob").takes(&publish("{ns}/59", "last").qos1(0), FILTERS_IN_TURN.cite(version));
    d.build()
}

fn each_client_has_its_own(version: ProtocolVersion) -> Scenario {
    let mut d = dialogue(
        version,
        CHAPTER,
        "subscribe/each-client-gets-a-copy",
        "Every client with a matching subscription gets the message once, the publisher among them",
        QoS::AtLeastOnce,
        &[],
    )
    .proves_duties(&[duty::DELIVERY_OWED]);
    for name in ["alice", "bob", "carol"] {
        d.on(name).connects().subscribes(1, "{ns}/a", QoS::AtLeastOnce);
    }
    let message = publish("{ns}/a", "to all").qos1(9);
    d.on("alice").publishes(message.clone());
    for name in ["alice", "bob", "carol"] {
        d.on(name).takes(&message, owed(version));
    }
    for name in ["alice", "bob", "carol"] {
        d.on(name).gets_no_publish(owed(version));
    }
    d.build()
}

fn before_and_after(version: ProtocolVersion) -> Scenario {
    let mut d = dialogue(
        version,
        CHAPTER,
        "subscribe/only-later-messages",
        "A subscription brings what is published after it, and nothing that was published before",
        QoS::AtLeastOnce,
        &[],
    )
    .proves_duties(&[UNRETAINED, duty::DELIVERY_OWED]);
    let early = publish("{ns}/a", "before").qos1(1);
    let late = publish("{ns}/a", "after").qos1(2);
    d.on("alice").connects().publishes(early);
    d.on("bob").connects().subscribes(1, "{ns}/a", QoS::AtLeastOnce).gets_no_publish(UNRETAINED.cite(version));
    d.on("alice").publishes(late.clone());
    d.on("bob").takes(&late, owed(version));
    d.build()
}

fn reason_string_within_limit(version: ProtocolVersion) -> Scenario {
    let mut d = dialogue(
        version,
        SUBACK,
        "suback/within-maximum-packet-size",
        "A SUBACK that is as large as the client takes carries no Reason String",
        QoS::AtMostOnce,
        &[Need::MaximumPacketSizeAtLeast(1024)],
    )
    .proves(&["MQTT-3.9.2-1"]);
    // Type, Remaining Length, identifier and Property Length: 5 bytes. With a code for each of 59 filters: 64.
    let mut packet = subscribe(3, "{ns}/0", QoS::AtMostOnce);
    for n in 1..59 {
        packet = packet.and(&format!("{{ns}}/{n}"), QoS::AtMostOnce);
    }
    let granted = vec![vec![ReasonCode::GRANTED_QOS_0]; 59];
    let refused = vec![less_than(version, QoS::AtMostOnce); 59];
    let suback = |codes| {
        Pattern::any(PacketType::SubAck)
            .check_citing(Field::PacketId(3), duty::SUBACK_SAME_ID.cite(version))
            .check_citing(Field::ReasonsIn(codes), CODE_FOR_EACH.cite(version))
            .check(Field::PropertyAbsent(mqttspec_codec::PropertyId::ReasonString))
    };
    d.on("alice").connects_with(connect(version, "{ns}alice").with(PropertyBuf::maximum_packet_size(64)));
    d.on("alice").sends(packet).expects_one_of(vec![suback(granted).into(), suback(refused).into()], "MQTT-3.9.2-1");
    d.on("alice").subscribes(4, "{ns}/alone", QoS::AtMostOnce);
    d.build()
}

fn user_properties_are_taken(version: ProtocolVersion) -> Scenario {
    let mut d = dialogue(
        version,
        CHAPTER,
        "subscribe/user-properties",
        "A SUBSCRIBE with User Properties, the same name twice, is taken like any other",
        QoS::AtLeastOnce,
        &[],
    )
    .proves_duties(&[duty::SUBACK_OWED]);
    let packet = subscribe(1, "{ns}/a", QoS::AtLeastOnce)
        .with(PropertyBuf::user_property("name", "one"))
        .with(PropertyBuf::user_property("name", "two"))
        .with(PropertyBuf::user_property("", ""));
    d.on("alice").connects();
    d.on("bob").connects().subscribes_with(packet);
    d.on("alice").publishes(publish("{ns}/a", "heard").qos1(1));
    d.on("bob").takes(&publish("{ns}/a", "heard").qos1(0), owed(version));
    d.build()
}
