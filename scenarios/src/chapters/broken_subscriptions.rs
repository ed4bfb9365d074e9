//! SUBSCRIBE and UNSUBSCRIBE that break a rule (3.8, 3.10): the valid twin first, then each broken packet on a connection
//! of its own.

use mqttspec_codec::{Mutation, PacketBuf, PacketType, ProtocolVersion, QoS, ReasonCode, StringField};

use super::subscription_idioms::*;
use crate::model::{Dialogue, Scenario, subscribe, unsubscribe};

/// Codes for a packet that breaks a rule when the standard names no better one.
const BROKEN: &[ReasonCode] = &[
    ReasonCode::MALFORMED_PACKET,
    ReasonCode::PROTOCOL_ERROR,
    ReasonCode::UNSPECIFIED_ERROR,
    ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR,
];
const FLAGS: [Mutation; 4] = [Mutation::FlagBit0, Mutation::FlagBit1, Mutation::FlagBit2, Mutation::FlagBit3];
const ILL_FORMED: [Mutation; 3] = [
    Mutation::IllFormedUtf8(StringField::TopicFilter),
    Mutation::OverlongUtf8(StringField::TopicFilter),
    Mutation::Surrogate(StringField::TopicFilter),
];

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    for packet_type in [PacketType::Subscribe, PacketType::Unsubscribe] {
        for version in NUMBERED {
            all.push(wrong_flags(*version, packet_type));
            all.push(no_filters(*version, packet_type));
            all.push(ill_formed_filter(*version, packet_type));
        }
    }
    all.extend(each(NUMBERED, reserved_options));
    all.extend(each(V5, values_of_3));
    all
}

/// The packet that is broken, and the chapter, the word in ids and the words in titles for its type.
fn about(packet_type: PacketType) -> (PacketBuf, &'static str, &'static str, &'static str) {
    match packet_type {
        PacketType::Unsubscribe => {
            (PacketBuf::Unsubscribe(unsubscribe(2, "{ns}/a")), "3.10 UNSUBSCRIBE", "unsubscribe", "An UNSUBSCRIBE")
        }
        _ => {
            let packet = subscribe(2, "{ns}/a", QoS::AtLeastOnce);
            (PacketBuf::Subscribe(packet), "3.8 SUBSCRIBE", "subscribe", "A SUBSCRIBE")
        }
    }
}

/// Each of these mutations of a packet that was accepted a moment before ends its connection.
fn broken(
    version: ProtocolVersion,
    packet_type: PacketType,
    name: &str,
    what: &str,
    mutations: &[Mutation],
    codes: &[ReasonCode],
    cite: &str,
) -> Scenario {
    let (packet, chapter, word, words) = about(packet_type);
    let title = format!("{words} {what} ends the connection");
    let mut d = Dialogue::new(version, chapter, &format!("{word}/{name}"), &title).proves(&[cite]);
    for (index, mutation) in mutations.iter().enumerate() {
        let name = format!("bob{index}");
        d.on(&name).connects().subscribes(1, "{ns}/a", QoS::AtLeastOnce);
        if packet_type == PacketType::Unsubscribe {
            d.on(&name).unsubscribes(1, "{ns}/a");
        }
        d.on(&name).fences().sends_mutated(packet.clone(), *mutation).expects_close(codes, cite);
    }
    d.build()
}

fn wrong_flags(version: ProtocolVersion, packet_type: PacketType) -> Scenario {
    let cite = if packet_type == PacketType::Subscribe { "MQTT-3.8.1-1" } else { "MQTT-3.10.1-1" };
    broken(version, packet_type, "wrong-flags", "with fixed header flags other than 0010", &FLAGS, BROKEN, cite)
}

fn no_filters(version: ProtocolVersion, packet_type: PacketType) -> Scenario {
    let cite = match (version.has_properties(), packet_type) {
        (false, _) => "MQTT-4.8.0-1",
        (true, PacketType::Subscribe) => "MQTT-3.8.3-2",
        (true, _) => "MQTT-3.10.3-2",
    };
    broken(version, packet_type, "no-filters", "without a Topic Filter", &[Mutation::NoTopicFilters], BROKEN, cite)
}

fn ill_formed_filter(version: ProtocolVersion, packet_type: PacketType) -> Scenario {
    let cite = match (version.has_properties(), packet_type) {
        (false, _) => "MQTT-1.5.3-1",
        (true, PacketType::Subscribe) => "MQTT-3.8.3-1",
        (true, _) => "MQTT-3.10.3-1",
    };
    let what = "whose Topic Filter is no valid UTF-8";
    broken(version, packet_type, "ill-formed-filter", what, &ILL_FORMED, BAD_FILTER, cite)
}

fn reserved_options(version: ProtocolVersion) -> Scenario {
    let mut bits = vec![Mutation::SubscriptionReservedBit6, Mutation::SubscriptionReservedBit7];
    let cite = if version.has_properties() {
        "MQTT-3.8.3-5"
    } else {
        bits.extend([Mutation::SubscriptionReservedBit2, Mutation::SubscriptionQoS3]);
        "MQTT-3.8.3-4"
    };
    let what = "with a reserved bit set beside a Topic Filter";
    broken(version, PacketType::Subscribe, "reserved-option-bits", what, &bits, BROKEN, cite)
}

fn values_of_3(version: ProtocolVersion) -> Scenario {
    let values = [Mutation::RetainHandling3, Mutation::SubscriptionQoS3];
    let what = "with Retain Handling 3 or Maximum QoS 3";
    broken(version, PacketType::Subscribe, "retain-handling-3-and-qos-3", what, &values, BROKEN, "MQTT-4.13.1-1")
}
