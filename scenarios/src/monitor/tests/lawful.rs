//! What the Client may do, and how after anything else its Server may do as it likes: only a connection on which all was
//! lawful is judged by its answers.

use super::*;

/// A PUBACK for nothing, which breaks MQTT-2.2.1-5 unless the connection is tainted.
#[track_caller]
fn is_judged(run: &mut Run, connection: usize, expected: bool) {
    run.all_findings();
    run.gets(connection, PacketBuf::PubAck(ack(777)));
    let found = run.findings();
    assert_eq!(found, if expected { &["MQTT-2.2.1-5"][..] } else { &[] });
}

fn limited(properties: Vec<PropertyBuf>) -> Run {
    let mut run = Run::new(V5);
    run.connect_with(0, connect(V5, "alice"), ConnAckBuf { properties, ..connack() });
    run
}

fn aliased(topic: &str, alias: u16) -> PacketBuf {
    PacketBuf::Publish(PublishBuf { properties: vec![PropertyBuf::topic_alias(alias)], ..publish(topic, "x") })
}

fn wants(id: u16, filter: &str, identifier: Option<u32>) -> PacketBuf {
    let properties = identifier.map(PropertyBuf::subscription_identifier).into_iter().collect();
    subscribe(id, filter, SubscriptionOptions::default(), properties)
}

fn unwants(packet_id: u16) -> PacketBuf {
    PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id, properties: vec![], filters: vec!["a".to_owned()] })
}

#[test]
fn what_connack_allows_is_lawful() {
    let limits = || {
        vec![
            PropertyBuf::maximum_packet_size(40),
            PropertyBuf::maximum_qos(1),
            PropertyBuf::retain_available(0),
            PropertyBuf::topic_alias_maximum(2),
            PropertyBuf::wildcard_subscription_available(0),
            PropertyBuf::subscription_identifier_available(0),
            PropertyBuf::shared_subscription_available(0),
        ]
    };
    let of_len = |len: usize| {
        let packet = PacketBuf::Publish(publish("a", &"x".repeat(len - 6)));
        assert_eq!(packet.encode(V5).unwrap().len(), len);
        packet
    };
    for (packet, lawful) in [
        // MQTT-3.2.2-15, -11, -14, -17.
        (of_len(39), true),
        (of_len(40), true),
        (of_len(41), false),
        (PacketBuf::Publish(message("a", "x", Q1, 1)), true),
        (PacketBuf::Publish(message("a", "x", Q2, 1)), false),
        (PacketBuf::Publish(PublishBuf { retain: true, ..publish("a", "x") }), false),
        (aliased("a", 1), true),
        (aliased("a", 2), true),
        (aliased("a", 3), false),
        // MQTT-3.3.2-7: the alias was not set. MQTT-3.3.4-6: no Subscription Identifier.
        (aliased("", 1), false),
        (
            PacketBuf::Publish(PublishBuf {
                properties: vec![PropertyBuf::subscription_identifier(1)],
                ..publish("a", "x")
            }),
            false,
        ),
        // 3.2.2.3.11 to 13.
        (wants(1, "a", None), true),
        (wants(1, "a", Some(1)), false),
        (wants(1, "a/#", None), false),
        (wants(1, "a/+", None), false),
        (wants(1, "$share/s/a", None), false),
        // Table 2-1.
        (PacketBuf::PingResp, false),
    ] {
        let mut run = limited(limits());
        run.sends(0, packet.clone());
        is_judged(&mut run, 0, lawful);
    }
    // Where CONNACK denies nothing, all of it is lawful; in 3.1.1 "$share" is a level like any other.
    for packet in [wants(1, "a", Some(1)), wants(1, "a/#", None), wants(1, "$share/s/a", None)] {
        let mut run = limited(vec![]);
        run.sends(0, packet);
        is_judged(&mut run, 0, true);
    }
}

#[test]
fn packets_come_in_their_order() {
    let mut run = Run::new(V5);
    run.sends(0, PacketBuf::PingReq);
    run.connect(0, "alice");
    is_judged(&mut run, 0, false);
    let mut run = limited(vec![]);
    run.sends(0, disconnect(ReasonCode::SUCCESS));
    is_judged(&mut run, 0, true);
    let mut run = limited(vec![]);
    run.sends(0, disconnect(ReasonCode::SUCCESS));
    run.sends(0, PacketBuf::PingReq);
    is_judged(&mut run, 0, false);
}

#[test]
fn identifiers_in_use_are_left_alone() {
    let one = || message("a", "x", Q1, 7);
    let sends = || PacketBuf::Publish(one());
    let other = PacketBuf::Publish(PublishBuf { dup: true, ..message("a", "y", Q1, 7) });
    let again = PacketBuf::Publish(PublishBuf { dup: true, ..one() });
    // MQTT-2.2.1-3. The same message again with DUP is no other use.
    for (first, second, lawful) in [
        (sends(), again, true),
        (sends(), sends(), false),
        (sends(), other, false),
        (sends(), wants(7, "a", None), false),
        (sends(), wants(8, "a", None), true),
        (wants(7, "a", None), wants(7, "b", None), false),
        (wants(7, "a", None), unwants(7), false),
        (wants(7, "a", None), unwants(8), true),
        (unwants(7), wants(7, "a", None), false),
        (unwants(7), unwants(7), false),
        (unwants(7), sends(), false),
        (wants(7, "a", None), sends(), false),
    ] {
        let mut run = limited(vec![]);
        run.sends(0, first);
        run.sends(0, second);
        is_judged(&mut run, 0, lawful);
    }
}

#[test]
fn a_delivery_is_answered_by_its_qos() {
    // MQTT-3.3.4-1.
    for (qos, answer, lawful) in [
        (Q1, PacketBuf::PubAck(ack(5)), true),
        (Q1, PacketBuf::PubRec(ack(5)), false),
        (Q2, PacketBuf::PubRec(ack(5)), true),
        (Q2, PacketBuf::PubAck(ack(5)), false),
    ] {
        let mut run = limited(vec![]);
        run.subscribe(0, 1, "a", Q2);
        run.gets(0, PacketBuf::Publish(message("a", "x", qos, 5)));
        run.sends(0, answer);
        is_judged(&mut run, 0, lawful);
    }
}

#[test]
fn authentication_is_by_the_method_of_connect() {
    let method = |name: &str| vec![PropertyBuf::authentication_method(name)];
    let auth = |name: &str, code| PacketBuf::Auth(AuthBuf { reason_code: ReasonCode(code), properties: method(name) });
    // MQTT-4.12.0-5, -7; -4.12.1-1.
    for (asked, sent, lawful) in [(method("m"), "m", true), (method("m"), "n", false), (vec![], "m", false)] {
        let mut run = Run::new(V5);
        let connect = ConnectBuf { properties: asked.clone(), ..connect(V5, "alice") };
        run.connect_with(0, connect, ConnAckBuf { properties: asked, ..connack() });
        run.sends(0, auth(sent, 0x19));
        is_judged(&mut run, 0, lawful);
    }
    // The Server sends AUTH after CONNACK in answer to a re-authentication only (4.12.1).
    for begun in [false, true] {
        let mut run = Run::new(V5);
        let connect = ConnectBuf { properties: method("m"), ..connect(V5, "alice") };
        run.connect_with(0, connect, ConnAckBuf { properties: method("m"), ..connack() });
        if begun {
            run.sends(0, auth("m", 0x19));
        }
        run.gets(0, auth("m", 0x18));
        assert_eq!(run.findings().is_empty(), begun);
    }
}

#[test]
fn nothing_is_owed_for_what_was_not_lawful() {
    for (unlawful, refused) in [(false, false), (true, false), (false, true)] {
        let mut run = limited(vec![]);
        run.connect(1, "bob");
        run.subscribe(1, 1, "a", Q1);
        if unlawful {
            run.sends(0, aliased("b", 1));
        }
        run.sends(0, PacketBuf::Publish(message("a", "x", Q1, 7)));
        // 0x80 is the lowest code of an error.
        let reason_code = if refused { ReasonCode(0x80) } else { ReasonCode::SUCCESS };
        run.gets(0, PacketBuf::PubAck(AckBuf { reason_code, ..ack(7) }));
        run.monitor.settle();
        let of_bob: Vec<Finding> = run.all_findings().into_iter().filter(|found| found.connection == Some(1)).collect();
        assert_eq!(of_bob.is_empty(), unlawful || refused, "{unlawful} {refused} {of_bob:?}");
    }
}

#[test]
fn a_session_that_was_used_unlawfully_may_hold_anything() {
    for unlawful in [false, true] {
        let mut run = limited(vec![]);
        run.subscribe(0, 1, "a", Q0);
        if unlawful {
            run.sends(0, PacketBuf::PingResp);
        }
        run.resume(0, 1);
        run.all_findings();
        run.gets(1, PacketBuf::Publish(message("a", "x", Q1, 5)));
        run.finds(if unlawful { &[] } else { &["MQTT-3.8.4-8"] });
    }
}

#[test]
fn connections_that_overlap_leave_their_order_open() {
    // CONNECTs of one client on two connections may be read in any order.
    for overlap in [false, true] {
        let mut run = Run::new(V5);
        run.sends(0, PacketBuf::Connect(connect(V5, "alice")));
        if !overlap {
            run.gets(0, PacketBuf::ConnAck(connack()));
        }
        run.sends(1, PacketBuf::Connect(connect(V5, "alice")));
        if overlap {
            run.gets(0, PacketBuf::ConnAck(connack()));
        }
        run.gets(1, PacketBuf::ConnAck(connack()));
        run.subscribe(1, 1, "a", Q0);
        run.gets(1, PacketBuf::Publish(message("a", "x", Q1, 5)));
        run.finds(if overlap { &[] } else { &["MQTT-3.8.4-8"] });
    }
    // And one that the Client has closed before it was answered may be read after the next.
    for by_server in [false, true] {
        let mut run = Run::new(V5);
        run.sends(0, PacketBuf::Connect(connect(V5, "alice")));
        run.closes(0, by_server);
        run.connect(1, "alice");
        run.subscribe(1, 1, "a", Q0);
        run.gets(1, PacketBuf::Publish(message("a", "x", Q1, 5)));
        run.finds(if by_server { &["MQTT-3.8.4-8"] } else { &[] });
    }
}

#[test]
fn answers_say_what_has_ended() {
    // An UNSUBACK with an error leaves the subscription, and 0x80 is one.
    for (code, expected) in [(0x00, &["MQTT-3.10.4-2"][..]), (0x80, &[])] {
        let mut run = limited(vec![]);
        run.subscribe(0, 1, "a", Q0);
        run.sends(0, unwants(2));
        run.gets(0, unsuback(2, &[code]));
        run.sends(0, PacketBuf::Publish(publish("a", "x")));
        run.gets(0, PacketBuf::Publish(publish("a", "x")));
        run.finds(expected);
    }
}
