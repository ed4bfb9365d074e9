//! Session resumption with several messages (4.4, 4.6): order, partial acknowledgement, messages that waited while the
//! client was away, both directions at once.

use mqttspec_codec::{PacketType, ProtocolVersion, PublishBuf, QoS};

use super::qos_support::{
    Cut, FRESH_IDENTIFIER, IDENTIFIER_KEPT, NO_PUBLISH_AFTER_PUBREL, ORDER, OnExt, QOS1_UNUSED, QOS2_ONCE, QOS2_UNUSED,
    RESEND, RESEND_DUP, Return, SESSION_KEPT, delivered_late, keeping, redelivered, resuming, returns,
};
use crate::duty::{DELIVERY_OWED, Duty, PUBREL_OWED, SESSION_PRESENT_0, SESSION_PRESENT_0_CLEAN};
use crate::model::{Alternative, Dialogue, Field, PublishExt, Scenario, connect, publish};

/// A client that returns to its session finds its subscriptions and messages.
const RESUMED: Duty = Duty::new("MQTT31-3.1-6", "MQTT-3.1.2-4", "MQTT-3.1.2-5");
const QOS: [QoS; 2] = [QoS::AtLeastOnce, QoS::ExactlyOnce];

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    for version in ProtocolVersion::ALL {
        for qos in QOS {
            all.push(three_in_flight_come_again_in_order(version, qos));
            all.push(only_the_unacknowledged_come_again(version, qos));
            all.push(offline_messages_arrive_in_order(version, qos));
            all.push(in_flight_and_offline(version, qos));
            all.push(cut_twice(version, qos));
            all.push(new_message_has_another_identifier(version, qos));
            all.push(only_the_one_that_was_cut(version, qos));
        }
        all.push(pubrel_and_publish_owed(version));
        all.push(both_directions(version));
        all.push(session_survives(version, "subscription-and-messages-survive", SESSION_KEPT));
        all.push(session_survives(version, "communication-goes-on-from-the-session", RESUMED));
        // The CONNACK of 3.1 does not say whether there is a session.
        if version != ProtocolVersion::V3_1 {
            all.push(clean_start_in_between(version));
        }
        all.push(offline_flow_is_cut_again(version));
    }
    all.push(pubrels_come_again_in_order());
    all
}

fn message(text: &str, qos: QoS, packet_id: u16) -> PublishBuf {
    publish("{ns}/a", text).at(qos, packet_id)
}

fn three(qos: QoS) -> [PublishBuf; 3] {
    [message("one", qos, 11), message("two", qos, 12), message("three", qos, 13)]
}

/// Alice, and bob with a session and a subscription.
fn begin(d: &mut Dialogue, qos: QoS) {
    let version = d.version();
    d.on("alice").connects();
    d.on("bob").connects_with(keeping(version, "bob")).subscribes(1, "{ns}/a", qos);
}

/// Three messages in flight to bob, remembered as m0, m1, m2.
fn three_in_flight(d: &mut Dialogue, qos: QoS) -> [PublishBuf; 3] {
    let messages = three(qos);
    for message in &messages {
        d.on("alice").publishes(message.clone());
    }
    for (index, message) in messages.iter().enumerate() {
        let var = format!("m{index}");
        if index == 0 {
            d.on("bob").receives(message, &var);
        } else {
            d.on("bob").receives_beside(message, &var);
        }
    }
    messages
}

fn named(what: &str, qos: QoS) -> String {
    format!("resume/{what}-qos-{}", qos.value())
}

fn three_in_flight_come_again_in_order(version: ProtocolVersion, qos: QoS) -> Scenario {
    let mut d = resuming(
        version,
        &named("three-in-flight-come-again-in-order", qos),
        "Several unacknowledged messages are sent again in their order, each with DUP 1 and its identifier",
        qos,
    )
    .proves_duties(&[RESEND, RESEND_DUP, IDENTIFIER_KEPT, ORDER]);
    begin(&mut d, qos);
    let messages = three_in_flight(&mut d, qos);
    returns(&mut d, "bob", Cut::Reset, Return::Kept);
    for (index, message) in messages.iter().enumerate() {
        let var = format!("m{index}");
        let mut pattern = redelivered(version, message, &var);
        if let Some(order) = ORDER.id(version) {
            pattern = pattern.citing(order, |f| matches!(f, Field::Payload(_)));
        }
        // Acknowledged one by one: a server need not send all of them at once again.
        d.on("bob").expects(pattern, RESEND.cite(version)).acknowledges(qos, &var);
    }
    d.on("bob").gets_no_publish(RESEND.cite(version));
    d.build()
}

fn only_the_unacknowledged_come_again(version: ProtocolVersion, qos: QoS) -> Scenario {
    let mut d = resuming(
        version,
        &named("only-the-unacknowledged-come-again", qos),
        "Of three messages only the two that were not acknowledged are sent again",
        qos,
    )
    .proves_duties(&[RESEND, RESEND_DUP, IDENTIFIER_KEPT]);
    begin(&mut d, qos);
    let messages = three_in_flight(&mut d, qos);
    // A client must acknowledge in the order of arrival (4.6).
    d.on("bob").acknowledges(qos, "m0").fences();
    returns(&mut d, "bob", Cut::Finish, Return::Kept);
    d.on("bob")
        .receives_again(&messages[1], "m1")
        .acknowledges(qos, "m1")
        .receives_again(&messages[2], "m2")
        .acknowledges(qos, "m2")
        .gets_no(&[PacketType::Publish, PacketType::PubRel], RESEND.cite(version));
    d.build()
}

fn offline_messages_arrive_in_order(version: ProtocolVersion, qos: QoS) -> Scenario {
    let mut d = resuming(
        version,
        &named("offline-messages-arrive-in-order", qos),
        "Messages published while the client was away arrive after its return, in the order of publication",
        qos,
    )
    .proves_duties(&[DELIVERY_OWED, ORDER]);
    begin(&mut d, qos);
    // A first message shows that the subscription works.
    let before = message("before", qos, 5);
    d.on("alice").publishes(before.clone());
    d.on("bob").receives(&before, "before").acknowledges(qos, "before").fences().disconnects();
    let messages: Vec<_> = (0..8_u16).map(|n| message(&format!("offline {n}"), qos, 20 + n)).collect();
    for message in &messages {
        d.on("alice").publishes(message.clone());
    }
    d.on("bob").resumes_with(keeping(version, "bob"));
    for (index, message) in messages.iter().enumerate() {
        let var = format!("m{index}");
        let mut pattern = delivered_late(version, message).bind(&var);
        if let Some(order) = ORDER.id(version) {
            pattern = pattern.citing(order, |f| matches!(f, Field::Payload(_)));
        }
        d.on("bob").expects(pattern, DELIVERY_OWED.cite(version)).acknowledges(qos, &var);
    }
    d.on("bob").gets_no(&[PacketType::Publish, PacketType::PubRel], RESEND.cite(version));
    d.build()
}

fn in_flight_and_offline(version: ProtocolVersion, qos: QoS) -> Scenario {
    let mut d = resuming(
        version,
        &named("in-flight-and-offline-both-arrive", qos),
        "A message in flight is sent again and those published meanwhile follow",
        qos,
    )
    .proves_duties(&[RESEND, DELIVERY_OWED]);
    begin(&mut d, qos);
    let messages = three(qos);
    d.on("alice").publishes(messages[0].clone());
    d.on("bob").receives(&messages[0], "m0").resets();
    d.on("alice").publishes(messages[1].clone());
    d.on("bob").resumes_with(keeping(version, "bob"));
    // A repeat may come after later messages (4.6, comment), and later ones may wait for its acknowledgement.
    d.on("bob").expects_one_of(
        vec![
            redelivered(version, &messages[0], "m0").bind("x").into(),
            delivered_late(version, &messages[1]).bind("x").observe("a new message overtakes the repeat").into(),
        ],
        RESEND.cite(version),
    );
    d.on("bob").acknowledges(qos, "x");
    d.on("bob").expects_one_of(
        vec![
            delivered_late(version, &messages[1]).check(Field::OtherPacketId("x".to_owned())).bind("y").into(),
            redelivered(version, &messages[0], "m0").check(Field::OtherPacketId("x".to_owned())).bind("y").into(),
        ],
        DELIVERY_OWED.cite(version),
    );
    d.on("bob").acknowledges(qos, "y").gets_no_publish(RESEND.cite(version));
    d.build()
}

fn cut_twice(version: ProtocolVersion, qos: QoS) -> Scenario {
    let mut d = resuming(
        version,
        &named("comes-again-at-every-return", qos),
        "A message that is cut off twice is sent again twice, with the same identifier",
        qos,
    )
    .proves_duties(&[RESEND, RESEND_DUP, IDENTIFIER_KEPT]);
    begin(&mut d, qos);
    let message = message("stubborn", qos, 7);
    d.on("alice").publishes(message.clone());
    d.on("bob").receives(&message, "m");
    for cut in [Cut::Reset, Cut::Finish] {
        returns(&mut d, "bob", cut, Return::Kept);
        d.on("bob").receives_again(&message, "m");
    }
    d.on("bob").acknowledges(qos, "m").gets_no_publish(RESEND.cite(version));
    d.build()
}

fn new_message_has_another_identifier(version: ProtocolVersion, qos: QoS) -> Scenario {
    let unused = if qos == QoS::AtLeastOnce { QOS1_UNUSED } else { QOS2_UNUSED };
    let mut d = resuming(
        version,
        &named("new-message-has-another-identifier", qos),
        "After a return a new message does not get the identifier of one that is still unacknowledged",
        qos,
    )
    .proves_duties(&[FRESH_IDENTIFIER, unused, RESEND]);
    begin(&mut d, qos);
    let messages = three(qos);
    d.on("alice").publishes(messages[0].clone());
    d.on("bob").receives(&messages[0], "m0");
    returns(&mut d, "bob", Cut::Finish, Return::Kept);
    d.on("bob").receives_again(&messages[0], "m0");
    d.on("alice").publishes(messages[1].clone());
    let pattern = crate::model::delivered(version, &messages[1])
        .check_citing(Field::OtherPacketId("m0".to_owned()), FRESH_IDENTIFIER.cite(version))
        .check_citing(Field::OtherPacketId("m0".to_owned()), unused.cite(version))
        .bind("m1");
    let fewer = "the target keeps fewer messages in flight than the scenario needs, or lost one".to_owned();
    d.on("bob").expects_one_of(
        vec![pattern.into(), Alternative::StopAtSilence { not_applicable: false, why: fewer }],
        DELIVERY_OWED.cite(version),
    );
    d.on("bob").acknowledges(qos, "m0").acknowledges(qos, "m1").gets_no_publish(RESEND.cite(version));
    d.build()
}

fn only_the_one_that_was_cut(version: ProtocolVersion, qos: QoS) -> Scenario {
    let mut d = resuming(
        version,
        &named("only-the-client-that-was-cut-gets-it-again", qos),
        "Of two subscribers only the one that returns is sent the message again",
        qos,
    )
    .proves_duties(&[RESEND, RESEND_DUP]);
    begin(&mut d, qos);
    d.on("carol").connects_with(keeping(version, "carol")).subscribes(1, "{ns}/a", qos);
    let message = message("for two", qos, 7);
    d.on("alice").publishes(message.clone());
    d.on("bob").receives(&message, "b");
    d.on("carol").receives(&message, "c").acknowledges(qos, "c").fences();
    returns(&mut d, "bob", Cut::Finish, Return::Kept);
    d.on("bob").receives_again(&message, "b").acknowledges(qos, "b");
    d.on("carol").gets_no_publish(RESEND.cite(version));
    returns(&mut d, "carol", Cut::Finish, Return::Kept);
    d.on("carol").gets_no_publish(RESEND.cite(version));
    d.build()
}

fn pubrel_and_publish_owed(version: ProtocolVersion) -> Scenario {
    let qos = QoS::ExactlyOnce;
    let mut d = resuming(
        version,
        "resume/pubrel-and-publish-owed",
        "Of three QoS 2 messages each goes on where it stopped: PUBREL, PUBLISH, nothing",
        qos,
    )
    .proves_duties(&[RESEND, RESEND_DUP, NO_PUBLISH_AFTER_PUBREL, IDENTIFIER_KEPT]);
    begin(&mut d, qos);
    let messages = three_in_flight(&mut d, qos);
    d.on("bob").acknowledges(qos, "m0");
    d.on("bob").answers(PacketType::PubRec, "m1").expects_pubrel("m1", PUBREL_OWED.cite(version)).fences();
    returns(&mut d, "bob", Cut::Finish, Return::Kept);
    d.on("bob")
        .receives_again(&messages[2], "m2")
        .gets_no_publish(NO_PUBLISH_AFTER_PUBREL.cite(version))
        .expects_pubrel("m1", RESEND.cite(version))
        .answers(PacketType::PubComp, "m1")
        .acknowledges(qos, "m2")
        .gets_no(&[PacketType::Publish, PacketType::PubRel], RESEND.cite(version));
    d.build()
}

/// 3.1.1 alone has a server keep the client's rule for PUBREL (4.6).
fn pubrels_come_again_in_order() -> Scenario {
    let version = ProtocolVersion::V3_1_1;
    let qos = QoS::ExactlyOnce;
    let mut d = resuming(
        version,
        "resume/pubrels-follow-the-order-of-pubrecs",
        "PUBRELs are sent in the order of the PUBRECs that they answer",
        qos,
    )
    .proves(&["MQTT-4.6.0-6"]);
    begin(&mut d, qos);
    three_in_flight(&mut d, qos);
    for var in ["m0", "m1", "m2"] {
        d.on("bob").answers(PacketType::PubRec, var);
    }
    for var in ["m0", "m1", "m2"] {
        let pubrel = crate::model::Pattern::any(PacketType::PubRel)
            .check_citing(Field::SamePacketId(var.to_owned()), "MQTT-4.6.0-6");
        d.on("bob").expects(pubrel, PUBREL_OWED.cite(version));
    }
    for var in ["m0", "m1", "m2"] {
        d.on("bob").answers(PacketType::PubComp, var);
    }
    d.build()
}

fn both_directions(version: ProtocolVersion) -> Scenario {
    let qos = QoS::ExactlyOnce;
    let mut d = resuming(
        version,
        "resume/both-directions-at-once",
        "A client that both sends and receives finds both QoS 2 flows where they stopped",
        qos,
    )
    .proves_duties(&[RESEND, QOS2_ONCE, IDENTIFIER_KEPT]);
    begin(&mut d, qos);
    d.on("alice").subscribes(2, "{ns}/b", qos);
    let to_bob = message("to bob", qos, 7);
    let from_bob = publish("{ns}/b", "from bob").qos2(1);
    d.on("alice").publishes(to_bob.clone());
    d.on("bob").receives(&to_bob, "m").sends(from_bob.clone()).expects_ack(
        PacketType::PubRec,
        1,
        crate::duty::PUBREC_OWED.cite(version),
    );
    returns(&mut d, "bob", Cut::Reset, Return::Kept);
    d.on("bob").receives_again(&to_bob, "m").publishes(from_bob.clone().dup()).acknowledges(qos, "m");
    d.on("alice").receives(&from_bob, "f").completes_qos2("f").gets_no_publish(QOS2_ONCE.cite(version));
    d.on("bob").gets_no_publish(RESEND.cite(version));
    d.build()
}

fn session_survives(version: ProtocolVersion, name: &str, duty: Duty) -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = resuming(
        version,
        &format!("resume/{name}"),
        "Subscriptions and waiting messages outlive the connection when the client asked for it",
        qos,
    )
    .proves_duties(&[duty]);
    begin(&mut d, qos);
    d.on("bob").drops();
    let waiting = message("waiting", qos, 7);
    d.on("alice").publishes(waiting.clone());
    // Session Present is judged elsewhere; here it is the state itself that counts.
    d.on("bob").opens().sends(keeping(version, "bob")).expects(
        crate::model::Pattern::any(PacketType::ConnAck).reason(&[mqttspec_codec::ReasonCode::SUCCESS]),
        crate::duty::CONNACK_OWED.cite(version),
    );
    let pattern = delivered_late(version, &waiting).bind("m");
    d.on("bob").expects(pattern, duty.cite(version)).answers_puback("m");
    let live = message("live", qos, 8);
    d.on("alice").publishes(live.clone());
    d.on("bob").receives_citing(&live, "n", duty.cite(version)).answers_puback("n");
    d.build()
}

fn clean_start_in_between(version: ProtocolVersion) -> Scenario {
    let qos = QoS::AtLeastOnce;
    let mut d = resuming(
        version,
        "resume/clean-start-in-between",
        "A clean start ends the old session for good: a later return finds none and is sent nothing",
        qos,
    )
    .proves_duties(&[SESSION_PRESENT_0, SESSION_PRESENT_0_CLEAN]);
    begin(&mut d, qos);
    let message = message("lost", qos, 7);
    d.on("alice").publishes(message.clone());
    d.on("bob").receives(&message, "m").drops();
    d.on("bob").connects_with(connect(version, "{ns}bob")).fences().disconnects();
    let cite = super::qos_support::CLEAN_START_DISCARDS.cite(version);
    d.on("bob").connects_with(keeping(version, "bob")).gets_no_publish(cite);
    d.build()
}

fn offline_flow_is_cut_again(version: ProtocolVersion) -> Scenario {
    let qos = QoS::ExactlyOnce;
    let mut d = resuming(
        version,
        "resume/offline-message-is-cut-after-pubrel",
        "A QoS 2 message that waited for its client goes on with PUBREL when it is cut off after PUBREL",
        qos,
    )
    .proves_duties(&[RESEND, NO_PUBLISH_AFTER_PUBREL, DELIVERY_OWED]);
    begin(&mut d, qos);
    d.on("bob").fences().disconnects();
    let waiting = message("waiting", qos, 7);
    d.on("alice").publishes(waiting.clone());
    d.on("bob")
        .resumes_with(keeping(version, "bob"))
        .receives_late(&waiting, "m")
        .answers(PacketType::PubRec, "m")
        .expects_pubrel("m", PUBREL_OWED.cite(version));
    returns(&mut d, "bob", Cut::Reset, Return::Kept);
    d.on("bob")
        .gets_no_publish(NO_PUBLISH_AFTER_PUBREL.cite(version))
        .expects_pubrel("m", RESEND.cite(version))
        .answers(PacketType::PubComp, "m")
        .gets_no(&[PacketType::Publish, PacketType::PubRel], RESEND.cite(version));
    d.build()
}
