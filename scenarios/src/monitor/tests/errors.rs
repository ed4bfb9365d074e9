use mqttspec_codec::WillBuf;

use super::*;
use crate::Time;

const PINGREQ: PacketBuf = PacketBuf::PingReq;
const PINGRESP: PacketBuf = PacketBuf::PingResp;

/// What the errors are worth in each version, when no sentence speaks of the packet at hand.
const GENERAL: [(ProtocolVersion, &str); 2] = [(V5, "MQTT-4.13.1-1"), (V4, "MQTT-4.8.0-1")];

fn wildcard_publish(version: ProtocolVersion) -> Vec<u8> {
    let mut bytes = PacketBuf::Publish(publish("a/b", "x")).encode(version).unwrap();
    bytes[4] = b'#';
    bytes
}

#[test]
fn the_connection_ends_after_a_malformed_packet() {
    for (version, statement) in GENERAL {
        // A later PINGREQ is answered.
        let mut run = Run::connected(version);
        run.sends_bytes(0, &wildcard_publish(version));
        run.is_silent();
        run.sends(0, PINGREQ);
        run.gets(0, PINGRESP);
        run.is_silent();
        run.monitor.settle();
        run.finds(&[statement]);
        // Nothing is answered, and it stays open.
        let mut run = Run::connected(version);
        run.sends_bytes(0, &wildcard_publish(version));
        assert_eq!(run.monitor.owed(), Owed::Soon);
        run.monitor.settle();
        run.finds(&[statement]);
        run.monitor.settle();
        run.is_silent();
        // It ends.
        let mut run = Run::connected(version);
        run.sends(0, PINGREQ);
        run.sends_bytes(0, &wildcard_publish(version));
        run.gets(0, PINGRESP);
        run.closes(0, true);
        assert_eq!(run.monitor.owed(), Owed::Nothing);
        run.monitor.settle();
        run.is_silent();
    }
}

/// What happens next.
type Then<'a> = &'a dyn Fn(&mut Run);

#[test]
fn a_close_may_come_a_moment_after_the_answer_to_a_later_pingreq() {
    // How long after the first PINGRESP the connection goes on, what then happens, and whether that is an accusation.
    let pong = |run: &mut Run| {
        run.sends(0, PINGREQ);
        run.gets(0, PINGRESP);
    };
    let ends = |run: &mut Run| run.closes(0, true);
    let closes = |run: &mut Run| run.closes(0, false);
    let cases: [(u64, Then<'_>, bool); 7] = [
        (0, &ends, false),
        (249, &pong, false),
        (249, &closes, false),
        (249, &ends, false),
        (250, &pong, true),
        (250, &closes, true),
        (250, &ends, false),
    ];
    for (version, statement) in GENERAL {
        for (millis, then, is_wrong) in &cases {
            let mut run = Run::connected(version);
            run.monitor.at(Time::from_secs(1));
            run.sends_bytes(0, &wildcard_publish(version));
            pong(&mut run);
            assert_eq!(run.monitor.owed(), Owed::Soon);
            run.monitor.at(Time::from_millis(1_000 + millis));
            then(&mut run);
            let expected = [statement];
            run.finds(if *is_wrong { &expected } else { &[] });
        }
    }
}

#[test]
fn a_filter_may_be_refused_after_the_answer_to_a_later_pingreq() {
    let mut bytes = subscribe(7, "a/b", SubscriptionOptions::default(), vec![]).encode(V4).unwrap();
    let at = bytes.iter().position(|byte| *byte == b'/').unwrap();
    bytes[at] = b'#';
    for (code, findings) in [(Some(0x80), &[][..]), (Some(0), &["MQTT-4.8.0-1"]), (None, &["MQTT-4.8.0-1"])] {
        let mut run = Run::connected(V4);
        run.sends_bytes(0, &bytes);
        for second in 1..3 {
            run.monitor.at(Time::from_secs(second));
            run.sends(0, PINGREQ);
            run.gets(0, PINGRESP);
            run.is_silent();
            assert_eq!(run.monitor.owed(), Owed::Soon);
        }
        if let Some(code) = code {
            run.gets(0, suback(7, &[code]));
        }
        run.monitor.settle();
        let found: Vec<_> = run.findings().into_iter().filter(|found| found == "MQTT-4.8.0-1").collect();
        assert_eq!(found, findings, "{code:?}");
    }
}

#[test]
fn what_follows_an_unlawful_packet_is_not_judged() {
    let mut run = Run::connected(V5);
    // A PUBLISH after DISCONNECT is nobody's business.
    run.sends(0, disconnect(ReasonCode::SUCCESS));
    run.sends_bytes(0, &wildcard_publish(V5));
    run.monitor.settle();
    assert!(!run.findings().contains(&"MQTT-4.13.1-1".to_owned()));
}

#[test]
fn the_reason_fits_the_error() {
    for (code, findings) in [(0x81, &[][..]), (0x82, &[]), (0x90, &[]), (0x97, &[]), (0x95, &["§4.13.1"])] {
        let mut run = Run::connected(V5);
        run.sends_bytes(0, &wildcard_publish(V5));
        run.gets(0, disconnect(ReasonCode(code)));
        run.closes(0, true);
        run.finds(findings);
    }
}

#[test]
fn a_malformed_filter_may_be_refused_in_suback() {
    let misplaced = |version| {
        let mut bytes = subscribe(7, "a/b", SubscriptionOptions::default(), vec![]).encode(version).unwrap();
        let at = bytes.iter().position(|byte| *byte == b'/').unwrap();
        bytes[at] = b'#';
        bytes
    };
    for (version, statement) in GENERAL {
        for (code, findings) in [(0x80, &[][..]), (0, &[statement])] {
            let mut run = Run::connected(version);
            run.sends_bytes(0, &misplaced(version));
            run.gets(0, suback(7, &[code]));
            run.sends(0, PINGREQ);
            run.gets(0, PINGRESP);
            run.monitor.settle();
            let found: Vec<_> = run.findings().into_iter().filter(|found| *found == statement).collect();
            assert_eq!(found, findings, "{version} 0x{code:02X}");
        }
    }
}

#[test]
fn a_second_connect_ends_the_connection() {
    for version in [V5, V4] {
        let mut run = Run::connected(version);
        run.sends(0, PacketBuf::Connect(connect(version, "alice")));
        run.monitor.settle();
        run.finds(&["MQTT-3.1.0-2"]);
        let mut run = Run::connected(version);
        run.sends(0, PacketBuf::Connect(connect(version, "alice")));
        run.closes(0, true);
        run.monitor.settle();
        run.is_silent();
    }
}

#[test]
fn nothing_comes_before_connect() {
    for (version, statement) in GENERAL {
        let mut run = Run::new(version);
        run.sends(0, PINGREQ);
        run.monitor.settle();
        run.finds(&[statement]);
    }
}

#[test]
fn a_malformed_connect_is_not_accepted() {
    for (version, statement) in [(V5, "MQTT-3.1.2-3"), (V4, "MQTT-3.1.2-3")] {
        let mut bytes = PacketBuf::Connect(connect(version, "alice")).encode(version).unwrap();
        bytes[9] |= 1;
        let mut run = Run::new(version);
        run.sends_bytes(0, &bytes);
        run.gets(0, PacketBuf::ConnAck(connack()));
        run.monitor.settle();
        assert_eq!(run.findings().iter().filter(|found| *found == statement).count(), 1, "{version}");
        let mut run = Run::new(version);
        run.sends_bytes(0, &bytes);
        run.closes(0, true);
        run.monitor.settle();
        run.is_silent();
    }
}

#[test]
fn limits_of_the_connack_hold() {
    let limited = |properties| {
        let mut run = Run::new(V5);
        run.connect_with(0, connect(V5, "alice"), ConnAckBuf { properties, ..connack() });
        run
    };
    let aliased = PublishBuf { properties: vec![PropertyBuf::topic_alias(3)], ..publish("a", "x") };
    let retained = PublishBuf { retain: true, ..publish("a", "x") };
    let wildcard = subscribe(7, "a/#", SubscriptionOptions::default(), vec![]);
    let shared = subscribe(7, "$share/g/a", SubscriptionOptions::default(), vec![]);
    for (property, packet) in [
        (PropertyBuf::topic_alias_maximum(2), PacketBuf::Publish(aliased)),
        (PropertyBuf::maximum_packet_size(20), PacketBuf::Publish(publish("a", "more than twenty bytes"))),
        (PropertyBuf::maximum_qos(1), PacketBuf::Publish(message("a", "x", Q2, 9))),
        (PropertyBuf::retain_available(0), PacketBuf::Publish(retained)),
        (PropertyBuf::wildcard_subscription_available(0), wildcard),
        (PropertyBuf::shared_subscription_available(0), shared),
    ] {
        let mut run = limited(vec![property]);
        run.sends(0, packet.clone());
        run.monitor.settle();
        run.finds(&["MQTT-4.13.1-1"]);
        // Without the limit nothing is wrong with it.
        let mut run = limited(vec![PropertyBuf::topic_alias_maximum(3)]);
        run.sends(0, packet);
        run.sends(0, PINGREQ);
        run.gets(0, PINGRESP);
        run.monitor.settle();
        assert!(!run.findings().contains(&"MQTT-4.13.1-1".to_owned()));
    }
}

#[test]
fn receive_maximum_counts_what_is_certainly_in_flight() {
    let mut run = Run::new(V5);
    let connack = ConnAckBuf { properties: vec![PropertyBuf::receive_maximum(2)], ..connack() };
    run.connect_with(0, connect(V5, "alice"), connack);
    for id in 1..=2 {
        run.sends(0, PacketBuf::Publish(message("a", "x", Q2, id)));
        run.gets(0, PacketBuf::PubRec(ack(id)));
    }
    // Two are held; the PUBREL of one lets another in.
    run.sends(0, PacketBuf::PubRel(ack(1)));
    run.sends(0, PacketBuf::Publish(message("a", "y", Q2, 3)));
    run.sends(0, PINGREQ);
    run.gets(0, PINGRESP);
    run.monitor.at(Time::from_secs(1));
    run.sends(0, PINGREQ);
    run.gets(0, PINGRESP);
    run.is_silent();
    // One that is refused counts no more, and nobody knows of the other before its answer.
    run.sends(0, PacketBuf::Publish(message("a", "w", Q2, 5)));
    run.gets(0, PacketBuf::PubRec(AckBuf { reason_code: ReasonCode::QUOTA_EXCEEDED, ..ack(5) }));
    run.gets(0, PacketBuf::PubRec(ack(3)));
    run.is_silent();
    run.sends(0, PacketBuf::Publish(message("a", "z", Q2, 4)));
    run.sends(0, PINGREQ);
    run.gets(0, PINGRESP);
    run.monitor.at(Time::from_secs(2));
    run.sends(0, PINGREQ);
    run.gets(0, PINGRESP);
    run.finds(&["MQTT-4.13.1-1"]);
}

#[test]
fn a_will_above_the_capabilities_is_refused() {
    let with_will = ConnectBuf { will: Some(crate::model::will("w", "gone")), ..connect(V5, "alice") };
    let mut strong = with_will.clone();
    if let Some(will) = &mut strong.will {
        will.qos = Q2;
        will.retain = true;
    }
    let limits = vec![PropertyBuf::maximum_qos(1), PropertyBuf::retain_available(0)];
    let mut run = Run::new(V5);
    run.connect_with(0, strong, ConnAckBuf { properties: limits.clone(), ..connack() });
    run.finds(&["MQTT-3.2.2-12", "MQTT-3.2.2-13"]);
    let mut run = Run::new(V5);
    run.connect_with(0, with_will, ConnAckBuf { properties: limits, ..connack() });
    run.is_silent();
}

#[test]
fn a_session_is_not_revived_by_disconnect() {
    for (session_present, findings) in [(true, &["MQTT-4.13.1-1"][..]), (false, &[])] {
        let mut run = Run::connected(V5);
        let properties = vec![PropertyBuf::session_expiry_interval(60)];
        run.sends(0, PacketBuf::Disconnect(DisconnectBuf { reason_code: ReasonCode::SUCCESS, properties }));
        run.closes(0, false);
        let again = ConnectBuf { clean_start: false, ..connect(V5, "alice") };
        run.connect_with(1, again, ConnAckBuf { session_present, ..connack() });
        let found: Vec<_> = run.findings().into_iter().filter(|found| found == "MQTT-4.13.1-1").collect();
        assert_eq!(found, findings);
    }
}

#[test]
fn an_acknowledgement_shows_that_it_was_acted_on() {
    for (version, statement) in [(V5, "MQTT-4.13.1-1"), (V4, "MQTT-4.8.0-1")] {
        let mut bytes = PacketBuf::Publish(message("a/b", "x", Q1, 77)).encode(version).unwrap();
        bytes[4] = b'#';
        let mut run = Run::connected(version);
        run.sends_bytes(0, &bytes);
        run.gets(0, PacketBuf::PubAck(ack(77)));
        run.closes(0, true);
        run.finds(&[statement]);
        // Under an identifier that is in use for something else it shows nothing.
        let mut run = Run::connected(version);
        run.sends(0, PacketBuf::Publish(message("a/b", "x", Q1, 77)));
        run.sends_bytes(0, &bytes);
        run.gets(0, PacketBuf::PubAck(ack(77)));
        run.closes(0, true);
        run.is_silent();
    }
}

#[test]
fn an_unknown_protocol_is_not_served() {
    for version in [V5, V4] {
        for (at, byte, statement) in [(8, 9, "MQTT-3.1.2-2"), (5, b'X', "MQTT-3.1.2-1")] {
            let mut bytes = PacketBuf::Connect(connect(version, "alice")).encode(version).unwrap();
            bytes[at] = byte;
            let mut run = Run::new(version);
            run.sends_bytes(0, &bytes);
            run.gets(0, PacketBuf::ConnAck(connack()));
            run.finds(&[statement]);
            let mut run = Run::new(version);
            run.sends_bytes(0, &bytes);
            run.gets(
                0,
                PacketBuf::ConnAck(ConnAckBuf {
                    reason_code: ReasonCode(if version == V5 { 0x84 } else { 1 }),
                    ..connack()
                }),
            );
            run.closes(0, true);
            run.is_silent();
            // It may be served as something else.
            let mut run = Run::new(version);
            run.sends_bytes(0, &bytes);
            run.monitor.settle();
            run.is_silent();
        }
    }
}

#[test]
fn an_unknown_authentication_method_is_refused() {
    let properties = vec![PropertyBuf::authentication_method("mqttspec-unknown")];
    let asks = ConnectBuf { properties: properties.clone(), ..connect(V5, "alice") };
    let mut run = Run::new(V5);
    run.connect_with(0, asks.clone(), ConnAckBuf { properties, ..connack() });
    run.finds(&["MQTT-4.12.0-1"]);
    let mut run = Run::new(V5);
    run.sends(0, PacketBuf::Connect(asks));
    run.gets(0, PacketBuf::ConnAck(ConnAckBuf { reason_code: ReasonCode::BAD_AUTHENTICATION_METHOD, ..connack() }));
    run.closes(0, true);
    run.is_silent();
}

#[test]
fn a_server_that_holds_more_than_its_receive_maximum_is_found() {
    let limited = || ConnAckBuf { properties: vec![PropertyBuf::receive_maximum(2)], ..connack() };
    for (refused, findings) in [(false, &["MQTT-4.13.1-1"][..]), (true, &[])] {
        let mut run = Run::new(V5);
        run.connect_with(0, connect(V5, "alice"), limited());
        for id in 1..=3 {
            run.sends(0, PacketBuf::Publish(message("a", "x", Q2, id)));
        }
        for id in 1..=3 {
            let refuses = refused && id == 1;
            let reason_code = if refuses { ReasonCode::NOT_AUTHORIZED } else { ReasonCode::SUCCESS };
            run.gets(0, PacketBuf::PubRec(AckBuf { reason_code, ..ack(id) }));
        }
        let found: Vec<_> = run.findings().into_iter().filter(|found| found == "MQTT-4.13.1-1").collect();
        assert_eq!(found, findings);
    }
}

#[test]
fn an_ill_formed_client_identifier_may_be_rejected_first() {
    let mut bytes = PacketBuf::Connect(connect(V4, "alice")).encode(V4).unwrap();
    let at = bytes.len() - 1;
    bytes[at] = 0xFF;
    for (code, findings) in [(2, &[][..]), (0, &["MQTT-1.5.3-1"])] {
        let mut run = Run::new(V4);
        run.sends_bytes(0, &bytes);
        run.gets(0, PacketBuf::ConnAck(ConnAckBuf { reason_code: ReasonCode(code), ..connack() }));
        run.closes(0, true);
        run.finds(findings);
    }
}

#[test]
fn in_3_1_1_a_malformed_filter_may_be_unsubscribed_from() {
    let packet = UnsubscribeBuf { packet_id: 7, properties: vec![], filters: vec!["a/b".to_owned()] };
    for (version, findings) in [(V4, &[][..]), (V5, &["MQTT-4.13.1-1"])] {
        let mut bytes = PacketBuf::Unsubscribe(packet.clone()).encode(version).unwrap();
        let at = bytes.iter().position(|byte| *byte == b'/').unwrap();
        bytes[at] = b'#';
        let mut run = Run::connected(version);
        run.sends_bytes(0, &bytes);
        run.gets(0, unsuback(7, if version == V5 { &[0] } else { &[] }));
        run.finds(findings);
    }
}

#[test]
fn what_topic_names_look_like_binds_no_server_at_a_will_topic() {
    // An empty Will Topic, and one that is a wildcard: deviations only.
    for (topic, section) in [("", "§4.7.3"), ("#", "§4.7.1")] {
        for version in [V4, V5] {
            let mut run = Run::new(version);
            let will = WillBuf { qos: Q0, retain: false, properties: vec![], topic: "t".to_owned(), payload: vec![] };
            let connect = ConnectBuf { will: Some(will), ..connect(version, "alice") };
            let mut bytes = PacketBuf::Connect(connect).encode(version).unwrap();
            let at = bytes.iter().rposition(|byte| *byte == b't').unwrap();
            bytes.splice(at..=at, topic.bytes());
            bytes[at - 1] = topic.len() as u8;
            bytes[1] -= 1 - topic.len() as u8;
            run.sends_bytes(0, &bytes);
            run.gets(0, PacketBuf::ConnAck(connack()));
            run.finds(&[section]);
        }
    }
}

#[test]
fn an_empty_will_topic_beside_a_broken_connect_is_section_3_1() {
    // The Password Flag without the User Name Flag is an error of 3.1.1 in any case.
    let mut run = Run::new(V4);
    run.sends_bytes(0, &[0x10, 19, 0, 4, b'M', b'Q', b'T', b'T', 4, 0x46, 0, 60, 0, 1, b'a', 0, 0, 0, 0, 0, 0]);
    run.gets(0, PacketBuf::ConnAck(connack()));
    run.finds(&["MQTT-3.1.4-1"]);
}
