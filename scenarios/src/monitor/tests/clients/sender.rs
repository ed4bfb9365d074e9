//! The Client as sender: identifiers, sending again, PUBREL, and sessions that end.

use super::*;

/// A CONNECT of `alice` that goes on with its session.
fn again(version: ProtocolVersion) -> ConnectBuf {
    let properties = if version == V5 { vec![PropertyBuf::session_expiry_interval(1_000)] } else { vec![] };
    ConnectBuf { clean_start: false, properties, ..connect(version, "alice") }
}

fn present(session_present: bool) -> ConnAckBuf {
    ConnAckBuf { session_present, ..connack() }
}

/// The client `alice` has sent these on connection 0, which has ended.
fn left(version: ProtocolVersion, under_way: &[&PublishBuf]) -> Run {
    let mut run = judged(version);
    for message in under_way {
        run.sends(0, PacketBuf::Publish((*message).clone()));
    }
    run.closes(0, false);
    run
}

/// Connection `from` ends, and the session goes on on `to`.
fn goes_on(run: &mut Run, from: usize, to: usize) {
    run.closes(from, false);
    run.connect_with(to, again(run.version), present(true));
}

fn unsubscribe(packet_id: u16) -> PacketBuf {
    PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id, properties: vec![], filters: vec!["a".to_owned()] })
}

#[test]
fn requests_and_messages_share_their_identifiers() {
    let wants = || subscribe(7, "a", SubscriptionOptions::default(), vec![]);
    let sends = || PacketBuf::Publish(message("a", "x", Q1, 7));
    for (version, statement) in [(V5, "MQTT-2.2.1-3"), (V4, "MQTT-2.3.1-2")] {
        for (first, second) in
            [(wants(), sends()), (unsubscribe(7), sends()), (sends(), wants()), (sends(), unsubscribe(7))]
        {
            let mut run = judged(version);
            run.sends(0, first);
            run.sends(0, second);
            accuses(&mut run, &[statement]);
        }
        let codes: &[u8] = if version == V5 { &[0] } else { &[] };
        for (request, answer) in [(wants(), suback(7, &[0])), (unsubscribe(7), unsuback(7, codes))] {
            let mut run = judged(version);
            run.sends(0, request.clone());
            run.gets(0, answer);
            run.sends(0, sends());
            accuses(&mut run, &[]);
            // A request ends with its connection.
            let mut run = judged(version);
            run.sends(0, request);
            run.resume(0, 1);
            run.sends(1, sends());
            accuses(&mut run, &[]);
        }
        // The same once more is no sending again without DUP.
        let mut run = judged(version);
        run.sends(0, sends());
        run.sends(0, sends());
        accuses(&mut run, &[statement]);
        // In a session that is resumed what is under way keeps its identifier; before CONNACK nobody knows.
        let mut run = left(version, &[&message("a", "x", Q1, 7)]);
        run.sends(1, PacketBuf::Connect(again(version)));
        run.sends(1, PacketBuf::Publish(message("a", "y", Q1, 7)));
        accuses(&mut run, &[]);
        let mut run = left(version, &[&message("a", "x", Q1, 7)]);
        run.connect_with(1, again(version), present(true));
        run.sends(1, PacketBuf::Publish(message("a", "y", Q1, 7)));
        accuses(&mut run, &[statement]);
    }
}

#[test]
fn a_session_that_has_expired_is_not_gone_on_with() {
    let under_way = message("a", "x", Q1, 7);
    let ending = |expiry: Option<u32>| {
        let properties = expiry.map(PropertyBuf::session_expiry_interval).into_iter().collect();
        PacketBuf::Disconnect(DisconnectBuf { reason_code: ReasonCode::SUCCESS, properties })
    };
    // 3.14.2.2.2: the interval of DISCONNECT counts. The two sides need not agree to the second or two.
    for (asked, expiry, back, expected) in [
        (1_000, Some(10), 7, &["MQTT-4.4.0-1"][..]),
        (1_000, Some(10), 8, &[]),
        (1_000, Some(10), 20, &[]),
        (1_000, None, 20, &["MQTT-4.4.0-1"]),
        (1_000, None, 998, &[]),
        // 3.1.2.11.2: 0xFFFFFFFF never ends.
        (u32::MAX, None, 5_000_000_000, &["MQTT-4.4.0-1"]),
    ] {
        let properties = vec![PropertyBuf::session_expiry_interval(asked)];
        let mut run = judged_with(V5, ConnectBuf { properties, ..connect(V5, "alice") }, connack());
        run.sends(0, PacketBuf::Publish(under_way.clone()));
        run.sends(0, ending(expiry));
        run.closes(0, false);
        after(&mut run, back);
        run.connect_with(1, again(V5), present(true));
        accuses(&mut run, expected);
    }
}

#[test]
fn a_session_that_the_server_has_not_is_given_up() {
    let under_way = message("a", "x", Q1, 7);
    for (seconds, expected) in [(0, &[][..]), (6, &["MQTT-3.2.2-5"])] {
        let mut run = left(V5, &[&under_way]);
        run.connect_with(1, again(V5), present(false));
        after(&mut run, seconds);
        run.sends(1, dup(&under_way));
        accuses(&mut run, expected);
    }
    // In 3.1.1 it may be sent again (4.4), or not.
    let mut run = left(V4, &[&under_way]);
    run.connect_with(1, again(V4), present(false));
    run.sends(1, dup(&under_way));
    accuses(&mut run, &[]);
    let mut run = left(V4, &[&under_way]);
    run.connect_with(1, again(V4), present(false));
    run.closes(1, false);
    run.connect_with(2, again(V4), present(true));
    accuses(&mut run, &[]);
    // What was sent before CONNACK belongs to the new session.
    let mut run = unconnected(V5);
    run.sends(0, PacketBuf::Connect(again(V5)));
    run.sends(0, PacketBuf::Publish(under_way.clone()));
    run.gets(0, PacketBuf::ConnAck(present(false)));
    run.sends(0, PacketBuf::Publish(message("a", "y", Q1, 7)));
    accuses(&mut run, &["MQTT-2.2.1-3"]);
    // Neither a CONNACK that refuses nor a second one says anything about the session.
    let mut run = left(V5, &[&under_way]);
    let refused = ConnAckBuf { reason_code: ReasonCode(0x88), ..connack() };
    run.connect_with(1, again(V5), refused);
    run.closes(1, false);
    run.connect_with(2, again(V5), present(true));
    accuses(&mut run, &["MQTT-4.4.0-1"]);
    let mut run = left(V5, &[&under_way]);
    run.connect_with(1, again(V5), present(true));
    run.gets(1, PacketBuf::ConnAck(present(false)));
    accuses(&mut run, &["MQTT-4.4.0-1"]);
}

#[test]
fn a_connack_that_was_never_read_leaves_the_client_its_session() {
    for (seconds, expected) in [(0, &[][..]), (6, &["MQTT-4.4.0-1"])] {
        let mut run = left(V5, &[]);
        run.connect_with(1, again(V5), present(false));
        after(&mut run, seconds);
        run.sends(1, PacketBuf::Publish(message("a", "x", Q1, 9)));
        run.closes(1, false);
        run.connect_with(2, again(V5), present(true));
        accuses(&mut run, expected);
    }
}

#[test]
fn whether_a_connect_that_was_not_answered_was_taken_nobody_knows() {
    let mut run = judged(V5);
    run.sends(0, PacketBuf::Publish(message("a", "x", Q2, 7)));
    run.gets(0, PacketBuf::PubRec(ack(7)));
    run.closes(0, false);
    run.sends(1, PacketBuf::Connect(ConnectBuf { clean_start: true, ..again(V5) }));
    run.sends(1, PacketBuf::Publish(message("a", "y", Q1, 9)));
    run.closes(1, false);
    run.connect_with(2, again(V5), present(true));
    run.sends(2, PacketBuf::PubRel(ack(7)));
    accuses(&mut run, &[]);
    run.sends(2, PacketBuf::Publish(message("a", "z", Q1, 9)));
    accuses(&mut run, &[]);
}

#[test]
fn what_is_under_way_is_sent_again_unless_something_else_comes_first() {
    let (first, second) = (message("a", "x", Q1, 7), message("a", "y", Q1, 8));
    let resumed = |properties: Vec<PropertyBuf>| {
        let mut run = left(V5, &[&first, &second]);
        run.connect_with(1, again(V5), ConnAckBuf { properties, ..present(true) });
        run
    };
    accuses(&mut resumed(vec![]), &["MQTT-4.4.0-1", "MQTT-4.4.0-1"]);
    // 3.3.4: no more at a time than the Receive Maximum.
    accuses(&mut resumed(vec![PropertyBuf::receive_maximum(2)]), &["MQTT-4.4.0-1", "MQTT-4.4.0-1"]);
    accuses(&mut resumed(vec![PropertyBuf::receive_maximum(1)]), &[]);
    let mut run = resumed(vec![]);
    run.sends(1, PacketBuf::Publish(message("b", "z", Q1, 9)));
    accuses(&mut run, &[]);
    let mut run = resumed(vec![]);
    run.sends(1, subscribe(9, "a", SubscriptionOptions::default(), vec![]));
    accuses(&mut run, &["MQTT-4.4.0-1", "MQTT-4.4.0-1"]);
    // In their order (MQTT-4.6.0-1), also over several connections.
    let mut run = resumed(vec![]);
    run.sends(1, dup(&first));
    run.sends(1, dup(&second));
    accuses(&mut run, &[]);
    let mut run = resumed(vec![]);
    run.sends(1, dup(&first));
    run.sends(1, dup(&second));
    goes_on(&mut run, 1, 2);
    run.sends(2, dup(&first));
    run.sends(2, dup(&second));
    accuses(&mut run, &[]);
    let mut run = resumed(vec![]);
    run.sends(1, dup(&first));
    run.sends(1, dup(&first));
    accuses(&mut run, &["MQTT-4.4.0-1"]);
}

#[test]
fn a_release_is_sent_again_too() {
    let mut run = judged(V5);
    run.sends(0, PacketBuf::Publish(message("a", "x", Q2, 7)));
    run.gets(0, PacketBuf::PubRec(ack(7)));
    run.sends(0, PacketBuf::PubRel(ack(7)));
    goes_on(&mut run, 0, 1);
    run.sends(1, PacketBuf::PubRel(ack(7)));
    accuses(&mut run, &[]);
    goes_on(&mut run, 1, 2);
    accuses(&mut run, &["MQTT-4.4.0-1"]);
}

#[test]
fn a_new_message_has_dup_0() {
    // MQTT-4.3.2-2, also before CONNACK when a new session was asked for.
    let mut run = unconnected(V5);
    run.sends(0, PacketBuf::Connect(connect(V5, "alice")));
    run.sends(0, dup(&message("a", "x", Q1, 7)));
    accuses(&mut run, &["MQTT-4.3.2-2"]);
    // A PUBACK that the Client has not read does not end the exchange, even if DISCONNECT came after it.
    for (payload, expected) in [("x", &[][..]), ("y", &["MQTT-4.3.2-2"])] {
        let mut run = judged(V5);
        run.sends(0, PacketBuf::Publish(message("a", "x", Q1, 7)));
        run.gets(0, PacketBuf::PubAck(ack(7)));
        run.sends(0, disconnect(ReasonCode::SUCCESS));
        run.resume(0, 1);
        run.sends(1, dup(&message("a", payload, Q1, 7)));
        accuses(&mut run, expected);
    }
}

#[test]
fn a_refused_qos_2_publication_is_over() {
    let mut run = judged(V5);
    run.sends(0, PacketBuf::Publish(message("a", "x", Q2, 1)));
    run.gets(0, PacketBuf::PubRec(AckBuf { reason_code: ReasonCode::QUOTA_EXCEEDED, ..ack(1) }));
    after(&mut run, 9);
    run.sends(0, PacketBuf::Publish(message("a", "y", Q2, 1)));
    run.gets(0, PacketBuf::PubRec(ack(1)));
    run.sends(0, PacketBuf::PubRel(ack(1)));
    run.gets(0, PacketBuf::PubComp(ack(1)));
    after(&mut run, 99);
    run.closes(0, false);
    accuses(&mut run, &[]);
}
