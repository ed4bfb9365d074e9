//! Which topics a filter matches (4.7): wildcards, levels, and characters as they are.

use mqttspec_codec::{PacketType, ProtocolVersion, QoS, ReasonCode};

use super::subscription_idioms::*;
use crate::duty::{self, Duty};
use crate::model::{Alternative, Dialogue, Field, Need, Pattern, PublishExt, Scenario, delivered, publish};

const CHAPTER: &str = "4.7 Topic Names and Topic Filters";

/// A filter, topics that it matches and topics that it does not.
struct Row {
    name: &'static str,
    title: &'static str,
    filter: &'static str,
    matching: &'static [&'static str],
    other: &'static [&'static str],
    /// Why the others do not match.
    cite: Duty,
}

const ROWS: &[Row] = &[
    Row {
        name: "exact",
        title: "A filter without wildcards matches its own topic only",
        filter: "{ns}/a/b",
        matching: &["{ns}/a/b"],
        other: &["{ns}/a", "{ns}/a/b/c", "{ns}/a/bc", "{ns}/b/a", "{ns}", "x/{ns}/a/b"],
        cite: ONLY_MATCHING,
    },
    Row {
        name: "case",
        title: "Upper and lower case are different characters",
        filter: "{ns}/Accounts",
        matching: &["{ns}/Accounts"],
        other: &["{ns}/accounts", "{ns}/ACCOUNTS"],
        cite: NOT_NORMALIZED,
    },
    Row {
        name: "spaces",
        title: "Spaces count, also at the ends of a level",
        filter: "{ns}/accounts payable",
        matching: &["{ns}/accounts payable"],
        other: &["{ns}/accountspayable", "{ns}/accounts  payable", "{ns}/accounts payable ", "{ns}/ accounts payable"],
        cite: NOT_NORMALIZED,
    },
    Row {
        name: "level-of-a-space",
        title: "A level may be a single space, which is not an empty level",
        filter: "{ns}/ /a",
        matching: &["{ns}/ /a"],
        other: &["{ns}//a", "{ns}/  /a", "{ns}/a"],
        cite: NOT_NORMALIZED,
    },
    Row {
        name: "leading-separator",
        title: "A leading / makes a different topic",
        filter: "/{ns}/a",
        matching: &["/{ns}/a"],
        other: &["{ns}/a", "//{ns}/a"],
        cite: NOT_NORMALIZED,
    },
    Row {
        name: "trailing-separator",
        title: "A trailing / makes a different topic",
        filter: "{ns}/a/",
        matching: &["{ns}/a/"],
        other: &["{ns}/a", "{ns}/a//"],
        cite: NOT_NORMALIZED,
    },
    Row {
        name: "empty-levels",
        title: "Adjacent separators make an empty level, which counts",
        filter: "{ns}//b",
        matching: &["{ns}//b"],
        other: &["{ns}/b", "{ns}///b", "{ns}/a/b"],
        cite: NOT_NORMALIZED,
    },
    Row {
        name: "single-level-last",
        title: "A + at the end matches one level, which may be empty",
        filter: "{ns}/a/+",
        matching: &["{ns}/a/b", "{ns}/a/", "{ns}/a/c d"],
        other: &["{ns}/a", "{ns}/a/b/c", "{ns}/a//", "{ns}/b/a", "/{ns}/a/b"],
        cite: ONLY_MATCHING,
    },
    Row {
        name: "single-level-middle",
        title: "A + in the middle matches one level, which may be empty",
        filter: "{ns}/+/c",
        matching: &["{ns}/a/c", "{ns}//c", "{ns}/ /c"],
        other: &["{ns}/c", "{ns}/a/b/c", "{ns}/a/c/d", "{ns}/a/d", "{ns}/a/c/"],
        cite: ONLY_MATCHING,
    },
    Row {
        name: "single-level-first",
        title: "A + at the beginning matches one level, which may be empty",
        filter: "+/{ns}/a",
        matching: &["x/{ns}/a", "/{ns}/a"],
        other: &["{ns}/a", "x/y/{ns}/a", "//{ns}/a"],
        cite: ONLY_MATCHING,
    },
    Row {
        name: "single-level-several",
        title: "Every + matches one level",
        filter: "+/{ns}/+/+",
        matching: &["x/{ns}/a/b", "/{ns}//"],
        other: &["x/{ns}/a", "x/{ns}/a/b/c", "{ns}/a/b"],
        cite: ONLY_MATCHING,
    },
    Row {
        name: "multi-level",
        title: "A # matches the parent and every level below",
        filter: "{ns}/a/#",
        matching: &["{ns}/a", "{ns}/a/", "{ns}/a/b", "{ns}/a/b/c/d", "{ns}/a//b", "{ns}/a///"],
        other: &["{ns}", "{ns}/b", "{ns}/ab", "{ns}/ab/c", "x/{ns}/a/b", "/{ns}/a/b"],
        cite: ONLY_MATCHING,
    },
    Row {
        name: "multi-level-below-an-empty-level",
        title: "A # after an empty level matches below that level",
        filter: "/{ns}//#",
        matching: &["/{ns}/", "/{ns}//", "/{ns}//a/b"],
        other: &["/{ns}", "/{ns}/a", "{ns}//a"],
        cite: ONLY_MATCHING,
    },
    Row {
        name: "single-and-multi-level",
        title: "+ and # in one filter match one level and the rest",
        filter: "{ns}/+/c/#",
        matching: &["{ns}/a/c", "{ns}/b/c/d", "{ns}//c/d/e"],
        other: &["{ns}/c", "{ns}/a/b", "{ns}/a/b/c", "{ns}/a/cc"],
        cite: ONLY_MATCHING,
    },
    Row {
        name: "single-level-before-multi-level",
        title: "+/# needs one level at least",
        filter: "{ns}/+/#",
        matching: &["{ns}/a", "{ns}/", "{ns}/a/b/c"],
        other: &["{ns}", "/{ns}/a", "x/{ns}/a"],
        cite: ONLY_MATCHING,
    },
    Row {
        name: "composed-characters",
        title: "A letter with its accent is not a letter and an accent",
        filter: "{ns}/caf\u{e9}/a\u{30a}",
        matching: &["{ns}/caf\u{e9}/a\u{30a}"],
        other: &["{ns}/cafe\u{301}/a\u{30a}", "{ns}/caf\u{e9}/\u{e5}", "{ns}/cafe/a"],
        cite: NOT_NORMALIZED,
    },
    Row {
        name: "look-alikes",
        title: "Full-width characters are no wildcards and no separators",
        filter: "{ns}/\u{ff0b}/\u{ff03}",
        matching: &["{ns}/\u{ff0b}/\u{ff03}"],
        other: &["{ns}/a/b", "{ns}/\u{ff0b}\u{ff0f}\u{ff03}", "{ns}/\u{ff0b}"],
        cite: NOT_NORMALIZED,
    },
    Row {
        name: "unrecognized-characters",
        title: "Characters of every plane, assigned or not, are matched as they are",
        filter: "{ns}/\u{e000}/\u{1f980}/\u{10fffd}",
        matching: &["{ns}/\u{e000}/\u{1f980}/\u{10fffd}"],
        other: &["{ns}/\u{fffd}/\u{1f980}/\u{10fffd}", "{ns}/\u{e000}/?/\u{10fffd}", "{ns}/\u{e000}/\u{1f980}/"],
        cite: NOT_NORMALIZED,
    },
    Row {
        name: "punctuation",
        title: "Characters with a meaning elsewhere have none in a filter",
        filter: "{ns}/*/a.b?/%2F/[x]",
        matching: &["{ns}/*/a.b?/%2F/[x]"],
        other: &["{ns}/y/a.b?/%2F/[x]", "{ns}/*/a.bc/%2F/[x]", "{ns}/*/a.b?///[x]", "{ns}/*/a.b?/%2F/x"],
        cite: NOT_NORMALIZED,
    },
];

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    for version in EVERY {
        all.extend(ROWS.iter().map(|row| row_holds(*version, row)));
    }
    all.extend(each(EVERY, everything));
    all.extend(each(EVERY, single_separator));
    all.extend(each(NUMBERED, byte_order_mark));
    all.extend(each(EVERY, many_levels));
    all.extend(each(EVERY, dollar));
    all
}

fn about(version: ProtocolVersion, name: &str, title: &str, qos: QoS) -> Dialogue {
    dialogue(version, CHAPTER, &format!("topics/{name}"), title, qos, &[Need::WildcardSubscription])
}

fn row_holds(version: ProtocolVersion, row: &Row) -> Scenario {
    let mut d = about(version, row.name, row.title, QoS::AtLeastOnce).proves_duties(&[row.cite, ALL_MATCHING]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, row.filter, QoS::AtLeastOnce);
    for (packet_id, topic) in (1..).zip(row.other) {
        d.on("alice").publishes(publish(topic, "no match").qos1(packet_id));
    }
    d.on("bob").gets_no_publish(row.cite.cite(version));
    for (packet_id, topic) in (1..).zip(row.matching) {
        d.on("alice").publishes(publish(topic, topic).qos1(packet_id));
        d.on("bob").takes(&publish(topic, topic).qos1(0), ALL_MATCHING.cite(version));
    }
    d.on("bob").gets_no_publish(ONLY_MATCHING.cite(version));
    d.build()
}

fn everything(version: ProtocolVersion) -> Scenario {
    let mut d = about(version, "everything", "# alone matches every topic that does not begin with $", QoS::AtMostOnce)
        .proves_duties(&[ALL_MATCHING]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "#", QoS::AtMostOnce);
    for topic in ["{ns}", "/{ns}", "{ns}/", "a/b/{ns}/c", "//{ns}//"] {
        d.on("alice").publishes(publish(topic, topic));
        d.on("bob").takes(&publish(topic, topic), ALL_MATCHING.cite(version));
    }
    d.build()
}

fn single_separator(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "separator-alone",
        "A filter of nothing but / and +/+ are valid, and match two levels",
        QoS::AtMostOnce,
    )
    .proves_duties(&[ALL_MATCHING, ONLY_MATCHING]);
    d.on("alice").connects();
    // What other scenarios publish to `/` would be seen as well: only granting it is judged.
    d.on("bob").connects().subscribes(1, "/", QoS::AtMostOnce).subscribes(2, "+/+", QoS::AtMostOnce);
    for topic in ["/{ns}", "{ns}/", "a/{ns}"] {
        d.on("alice").publishes(publish(topic, topic));
        d.on("bob").takes(&publish(topic, topic), ALL_MATCHING.cite(version));
    }
    for topic in ["{ns}", "/{ns}/", "a/b/{ns}"] {
        d.on("alice").publishes(publish(topic, topic));
    }
    d.on("bob").gets_no_publish(ONLY_MATCHING.cite(version));
    d.build()
}

fn byte_order_mark(version: ProtocolVersion) -> Scenario {
    let cite = if version.has_properties() { "MQTT-1.5.4-3" } else { "MQTT-1.5.3-3" };
    let mut d = about(version, "byte-order-mark", "U+FEFF in a topic is a character like any other", QoS::AtLeastOnce)
        .proves(&[cite, "MQTT-4.7.3-4"]);
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "\u{feff}/{ns}/\u{feff}a", QoS::AtLeastOnce);
    d.on("carol").connects().subscribes(1, "+/{ns}/+", QoS::AtLeastOnce);
    let with = publish("\u{feff}/{ns}/\u{feff}a", "with").qos1(1);
    let without = publish("/{ns}/a", "without").qos1(2);
    d.on("alice").publishes(without.clone()).publishes(with.clone());
    d.on("bob").takes(&with, cite).gets_no_publish("MQTT-4.7.3-4");
    for message in [&without, &with] {
        let pattern = delivered(version, message).citing(cite, |field| matches!(field, Field::Topic(_)));
        d.on("carol").takes_pattern(pattern, QoS::AtLeastOnce, cite);
    }
    d.build()
}

fn many_levels(version: ProtocolVersion) -> Scenario {
    let mut d = about(
        version,
        "a-hundred-levels",
        "A topic of a hundred levels is matched level by level to the last",
        QoS::AtLeastOnce,
    )
    .proves_duties(&[ALL_MATCHING, ONLY_MATCHING]);
    let start = format!("{{ns}}{}", "/l".repeat(97));
    let topic = format!("{start}/y/z");
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, &format!("{start}/+/z"), QoS::AtLeastOnce);
    d.on("alice").publishes(publish(&format!("{start}/y/x"), "another").qos1(1));
    d.on("alice").publishes(publish(&topic, "deep").qos1(2));
    d.on("bob")
        .takes(&publish(&topic, "deep").qos1(0), ALL_MATCHING.cite(version))
        .gets_no_publish(ONLY_MATCHING.cite(version));
    d.build()
}

fn dollar(version: ProtocolVersion) -> Scenario {
    let duty = Duty::new("MQTT31-A-1", "MQTT-4.7.2-1", "MQTT-4.7.2-1");
    let cite = duty.cite(version);
    let mut d = about(
        version,
        "dollar-is-not-matched-by-wildcards",
        "A filter that begins with a wildcard matches no topic that begins with $",
        QoS::AtLeastOnce,
    )
    .proves_duties(&[duty]);
    let topic = "$mqttspec/{ns}/x";
    d.on("alice").connects();
    d.on("bob").connects().subscribes(1, "#", QoS::AtMostOnce);
    d.on("carol").connects().subscribes(1, "+/{ns}/x", QoS::AtLeastOnce);
    d.on("carol").subscribes(2, "+/{ns}/#", QoS::AtLeastOnce);
    d.on("dave").connects().subscribes(1, "$mqttspec/{ns}/#", QoS::AtLeastOnce);
    // The wildcards work for other topics.
    let plain = publish("x/{ns}/y", "plain").qos1(9);
    d.on("alice").publishes(plain.clone());
    d.on("bob").takes(&publish("x/{ns}/y", "plain"), ALL_MATCHING.cite(version));
    d.on("carol").takes(&plain, ALL_MATCHING.cite(version));
    // A server should keep clients from using such topics among themselves (4.7.2), and may do so in any way.
    let refused = "the target keeps clients from publishing to topics that begin with $";
    let stop = |pattern| Alternative::Stop { pattern, not_applicable: false, why: refused.to_owned() };
    let mut answers = vec![Alternative::Packet(Pattern::ack(PacketType::PubAck, 1))];
    if version.has_properties() {
        let errors: Vec<_> =
            ReasonCode::rows(version, PacketType::PubAck).map(|row| row.code).filter(|code| code.is_error()).collect();
        answers.push(stop(Pattern::any(PacketType::PubAck).reason(&errors)));
        answers.push(stop(Pattern::any(PacketType::Disconnect)));
    }
    answers.push(Alternative::StopAtEnd { not_applicable: false, why: refused.to_owned() });
    d.on("alice").sends(publish(topic, "reserved").qos1(1)).expects_one_of(answers, duty::PUBACK_OWED.cite(version));
    d.on("bob").gets_no_publish(cite.clone());
    d.on("carol").gets_no_publish(cite);
    // Somebody does get it: else nothing has been shown.
    let pattern = delivered(version, &publish(topic, "reserved").qos1(0)).bind("m");
    let silence = Alternative::StopAtSilence { not_applicable: false, why: refused.to_owned() };
    d.on("dave").expects_one_of(vec![pattern.into(), silence], owed(version)).answers_puback("m");
    d.build()
}
