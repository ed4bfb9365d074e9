//! What cannot be certain is not owed, and what has happened since may excuse it.

use super::*;

fn options(qos: QoS) -> SubscriptionOptions {
    SubscriptionOptions { qos, ..Default::default() }
}

fn asks(run: &mut Run, connection: usize, packet_id: u16, filter: &str, qos: QoS) {
    let filters = vec![SubscriptionBuf { filter: filter.to_owned(), options: options(qos) }];
    run.sends(connection, PacketBuf::Subscribe(SubscribeBuf { packet_id, properties: vec![], filters }));
}

fn answers(run: &mut Run, connection: usize, packet_id: u16, code: u8) {
    let reason_codes = vec![ReasonCode(code)];
    run.gets(connection, PacketBuf::SubAck(SubAckBuf { packet_id, properties: vec![], reason_codes }));
}

#[test]
fn nothing_is_owed_after_we_broke_a_rule_or_the_server_was_garbled() {
    // Reserved type 0.
    let garbled: [fn(&mut Run); 2] = [
        |run| run.monitor.sent(1, 100, &[0x00, 0x00]),
        |run| assert!(run.monitor.received(1, 100, &[0x00, 0x00]).is_none()),
    ];
    for garble in garbled {
        let mut run = Run::subscribed(V4, "a", Q1);
        run.event = 100;
        garble(&mut run);
        run.publishes("a", "m", Q1, 1);
        assert!(!run.is_owed());
        run.misses_nothing();
        run.closes(1);
        run.resumes(2, "sub");
        assert!(!run.is_owed());
        run.misses_nothing();
    }
}

#[test]
fn nothing_is_owed_on_a_connection_that_was_given_up() {
    let goodbye = || PacketBuf::Disconnect(DisconnectBuf { reason_code: ReasonCode(0x8b), properties: vec![] });
    let mut run = Run::subscribed(V5, "a", Q1);
    run.gets(1, goodbye());
    run.publishes("a", "m", Q1, 1);
    run.misses_nothing();
    run.closes(1);
    run.resumes(2, "sub");
    run.settles(&["MQTT-3.1.2-5"]);
}

#[test]
fn a_refused_subscription_brings_nothing() {
    let mut run = Run::subscribed(V5, "a", Q1);
    asks(&mut run, 1, 2, "a", Q1);
    answers(&mut run, 1, 2, 0x87);
    run.publishes("a", "m", Q1, 1);
    run.is_silent();
}

#[test]
fn while_two_subscribes_are_open_the_lower_qos_may_hold() {
    let mut run = Run::new(V5);
    asks(&mut run, 1, 1, "a", Q1);
    asks(&mut run, 1, 2, "a", Q0);
    answers(&mut run, 1, 1, 1);
    run.publishes("a", "m", Q1, 1);
    run.is_silent();
    answers(&mut run, 1, 2, 0);
    run.publishes("a", "n", Q1, 2);
    run.is_silent();
    asks(&mut run, 1, 3, "a", Q1);
    asks(&mut run, 1, 4, "a", Q1);
    answers(&mut run, 1, 3, 1);
    answers(&mut run, 1, 4, 1);
    run.publishes("a", "o", Q1, 3);
    run.settles(&["MQTT-4.5.0-1"]);
}

#[test]
fn a_subscribe_at_qos_0_excuses_what_only_its_filter_brings() {
    let mut run = Run::new(V5);
    run.subscribes(1, 1, &["a", "b"], Q1);
    run.publishes("a", "m", Q1, 1);
    // Not answered yet.
    asks(&mut run, 1, 2, "a", Q0);
    run.is_silent();
    run.publishes("b", "n", Q1, 2);
    answers(&mut run, 1, 2, 0);
    run.settles(&["MQTT-3.8.4-5"]);
}

#[test]
fn a_subscribe_without_answer_leaves_the_terms_open() {
    let mut run = Run::subscribed(V5, "a", Q1);
    asks(&mut run, 1, 2, "a", Q0);
    run.closes(1);
    run.publishes("a", "m", Q1, 1);
    run.resumes(2, "sub");
    run.is_silent();
    // The next SUBACK settles them.
    run.subscribes(2, 3, &["a"], Q1);
    run.publishes("a", "n", Q1, 2);
    run.takes(2, message("a", "n", Q1, 1));
    run.publishes("a", "o", Q1, 3);
    run.settles(&["MQTT-4.5.0-1"]);
}

#[test]
fn a_session_is_forgotten_a_second_before_it_expires() {
    for (away, expected) in [(998, vec!["MQTT-4.5.0-1"]), (999, vec![])] {
        let mut run = Run::subscribed(V5, "a", Q1);
        run.closes(1);
        run.publishes("a", "m", Q1, 1);
        run.passes(away);
        run.resumes(2, "sub");
        run.settles(&expected);
    }
}

#[test]
fn every_error_code_refuses_a_publication() {
    for (code, expected) in [(0, vec!["MQTT-4.5.0-1"]), (0x80, vec![]), (0x87, vec![])] {
        let mut run = Run::subscribed(V5, "a", Q1);
        run.sends(0, PacketBuf::Publish(message("a", "m", Q1, 1)));
        run.gets(0, PacketBuf::PubAck(AckBuf { reason_code: ReasonCode(code), ..ack(1) }));
        assert_eq!(run.is_owed(), !expected.is_empty());
        run.settles(&expected);
    }
}

#[test]
fn what_may_have_expired_is_not_waited_for() {
    let mut run = Run::subscribed(V5, "a", Q1);
    let properties = vec![PropertyBuf::message_expiry_interval(10)];
    run.publishes_with(PublishBuf { properties, ..message("a", "m", Q1, 1) });
    assert!(run.is_owed());
    run.passes(9);
    assert!(!run.is_owed());
}

#[test]
fn the_same_content_again_is_owed_again() {
    let mut run = Run::subscribed(V5, "a", Q1);
    run.publishes("a", "m", Q1, 1);
    run.takes(1, message("a", "m", Q1, 1));
    run.publishes("a", "m", Q1, 2);
    run.settles(&["MQTT-4.5.0-1"]);
    // Also when the first came before its PUBACK.
    let mut run = Run::subscribed(V5, "a", Q1);
    run.sends(0, PacketBuf::Publish(message("a", "m", Q1, 1)));
    run.takes(1, message("a", "m", Q1, 1));
    run.gets(0, PacketBuf::PubAck(ack(1)));
    run.publishes("a", "m", Q1, 2);
    run.settles(&["MQTT-4.5.0-1"]);
}

#[test]
fn a_lower_qos_is_seen_also_before_the_puback() {
    let mut run = Run::subscribed(V5, "a", Q1);
    run.sends(0, PacketBuf::Publish(message("a", "m", Q1, 1)));
    run.takes(1, message("a", "m", Q0, 0));
    run.gets(0, PacketBuf::PubAck(ack(1)));
    run.settles(&["MQTT-3.8.4-8"]);
    // At its QoS it is right.
    let mut run = Run::subscribed(V5, "a", Q1);
    run.sends(0, PacketBuf::Publish(message("a", "m", Q1, 1)));
    run.takes(1, message("a", "m", Q1, 1));
    run.gets(0, PacketBuf::PubAck(ack(1)));
    run.is_silent();
}

#[test]
fn what_an_unanswered_unsubscribe_may_have_ended_is_not_exact() {
    // Two UNSUBSCRIBEs: the first UNSUBACK does not answer the second.
    let mut run = Run::subscribed(V5, "a", Q1);
    for packet_id in [7, 8] {
        let filters = vec!["a".to_owned()];
        run.sends(1, PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id, properties: vec![], filters }));
    }
    let reason_codes = vec![ReasonCode::SUCCESS];
    run.gets(1, PacketBuf::UnsubAck(UnsubAckBuf { packet_id: 7, properties: vec![], reason_codes }));
    run.publishes("a", "m", Q1, 1);
    run.is_silent();
    // A SUBSCRIBE after the UNSUBSCRIBE: what it asks for holds.
    let mut run = Run::subscribed(V5, "a", Q1);
    let filters = vec!["a".to_owned()];
    run.sends(1, PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id: 7, properties: vec![], filters }));
    asks(&mut run, 1, 2, "a", Q1);
    let reason_codes = vec![ReasonCode::SUCCESS];
    run.gets(1, PacketBuf::UnsubAck(UnsubAckBuf { packet_id: 7, properties: vec![], reason_codes }));
    answers(&mut run, 1, 2, 1);
    run.publishes("a", "m", Q1, 1);
    run.settles(&["MQTT-4.5.0-1"]);
}

#[test]
fn a_monitor_that_sees_only_some_connections_misses_nothing_of_a_group() {
    let mut run = Run { monitor: Monitor::new(V5).partial(), version: V5, event: 0 };
    run.connects(0, "pub", true);
    run.connects(1, "sub", true);
    run.subscribes(1, 1, &["$share/g/a"], Q1);
    run.publishes("a", "m", Q1, 1);
    assert!(!run.is_owed());
    run.is_silent();
}
