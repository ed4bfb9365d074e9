use super::*;

fn subscribed(version: ProtocolVersion) -> Run {
    let mut run = Run::new(version);
    run.connect_with(0, ConnectBuf { clean_start: false, ..connect(version, "alice") }, connack());
    run.subscribe(0, 1, "a", Q2);
    run
}

#[test]
fn redelivery_has_dup() {
    for (version, expected) in [(V5, "MQTT-3.3.1-1"), (V4, "MQTT-3.3.1-1")] {
        let mut run = subscribed(version);
        run.gets(0, PacketBuf::Publish(message("a", "1", Q1, 1)));
        run.resume(0, 1);
        run.gets(1, PacketBuf::Publish(message("a", "1", Q1, 1)));
        run.finds(&[expected]);
        let mut run = subscribed(version);
        run.gets(0, PacketBuf::Publish(message("a", "1", Q1, 1)));
        run.resume(0, 1);
        run.gets(1, PacketBuf::Publish(PublishBuf { dup: true, ..message("a", "1", Q1, 1) }));
        run.sends(1, PacketBuf::PubAck(ack(1)));
        run.gets(1, PacketBuf::Publish(message("a", "2", Q1, 1)));
        run.is_silent();
    }
}

#[test]
fn dup_of_something_lost_on_the_way_is_legal() {
    let mut run = subscribed(V5);
    run.resume(0, 1);
    run.gets(1, PacketBuf::Publish(PublishBuf { dup: true, ..message("a", "never seen", Q1, 9) }));
    run.is_silent();
    // But not when the session is new.
    run.closes(1, false);
    run.connect(2, "alice");
    run.subscribe(2, 1, "a", Q2);
    run.gets(2, PacketBuf::Publish(PublishBuf { dup: true, ..message("a", "never seen", Q1, 9) }));
    run.finds(&["MQTT-4.3.2-2"]);
}

#[test]
fn an_acknowledgement_may_have_been_lost() {
    let mut run = subscribed(V4);
    run.gets(0, PacketBuf::Publish(message("a", "1", Q1, 1)));
    run.sends(0, PacketBuf::PubAck(ack(1)));
    run.resume(0, 1);
    run.gets(1, PacketBuf::Publish(PublishBuf { dup: true, ..message("a", "1", Q1, 1) }));
    run.is_silent();
}

#[test]
fn an_identifier_in_flight_is_kept_across_connections() {
    for (version, expected) in [(V5, "MQTT-2.2.1-4"), (V4, "MQTT-2.3.1-4")] {
        let mut run = subscribed(version);
        run.gets(0, PacketBuf::Publish(message("a", "1", Q1, 1)));
        run.resume(0, 1);
        run.gets(1, PacketBuf::Publish(message("a", "2", Q1, 1)));
        run.finds(&[expected]);
    }
    // A message that expires may be given up, and its identifier used again.
    let mut run = subscribed(V5);
    let properties = vec![PropertyBuf::message_expiry_interval(1)];
    run.gets(0, PacketBuf::Publish(PublishBuf { properties, ..message("a", "1", Q1, 1) }));
    run.resume(0, 1);
    run.gets(1, PacketBuf::Publish(message("a", "2", Q1, 1)));
    run.is_silent();
}

#[test]
fn a_lost_session_leaves_its_identifiers_free() {
    for version in [V5, V4] {
        let mut run = subscribed(version);
        run.gets(0, PacketBuf::Publish(message("a", "1", Q1, 1)));
        run.closes(0, false);
        let again = ConnectBuf { clean_start: false, ..connect(version, "alice") };
        run.connect_with(1, again, connack());
        run.subscribe(1, 1, "a", Q1);
        run.gets(1, PacketBuf::Publish(message("a", "2", Q1, 1)));
        run.is_silent();
    }
}

#[test]
fn a_lost_session_takes_its_subscriptions_along() {
    let mut run = subscribed(V4);
    run.closes(0, false);
    let again = ConnectBuf { clean_start: false, ..connect(V4, "alice") };
    run.connect_with(1, again, connack());
    run.subscribe(1, 1, "b", Q0);
    run.gets(1, PacketBuf::Publish(publish("a", "x")));
    // It is still there: the CONNACK had to say so.
    run.finds(&["MQTT-3.2.2-2"]);
}

#[test]
fn in_3_1_nobody_says_whether_the_session_was_kept() {
    let mut run = subscribed(V3);
    run.gets(0, PacketBuf::Publish(message("a", "1", Q1, 1)));
    run.closes(0, false);
    run.connect_with(1, ConnectBuf { clean_start: false, ..connect(V3, "alice") }, connack());
    run.gets(1, PacketBuf::Publish(PublishBuf { dup: true, ..message("a", "1", Q1, 1) }));
    run.gets(1, PacketBuf::Publish(PublishBuf { dup: true, ..message("a", "0", Q1, 2) }));
    run.is_silent();
}

#[test]
fn a_take_over_leaves_packets_on_their_way() {
    let mut run = subscribed(V5);
    let connect = ConnectBuf { clean_start: false, ..connect(V5, "alice") };
    run.connect_with(1, connect, ConnAckBuf { session_present: true, ..connack() });
    // Sent before the take-over, read after it; then once more where the session is now.
    run.gets(1, PacketBuf::Publish(PublishBuf { dup: true, ..message("a", "1", Q1, 1) }));
    run.gets(0, PacketBuf::Publish(message("a", "1", Q1, 1)));
    run.sends(0, PacketBuf::PubAck(ack(1)));
    run.gets(0, disconnect(ReasonCode::SESSION_TAKEN_OVER));
    run.closes(0, true);
    run.sends(1, PacketBuf::PubAck(ack(1)));
    run.is_silent();
}

#[test]
fn an_acknowledgement_on_the_old_connection_may_still_count() {
    let mut run = subscribed(V5);
    run.gets(0, PacketBuf::Publish(message("a", "1", Q1, 1)));
    let connect = ConnectBuf { clean_start: false, ..connect(V5, "alice") };
    run.connect_with(1, connect, ConnAckBuf { session_present: true, ..connack() });
    run.sends(0, PacketBuf::PubAck(ack(1)));
    run.gets(1, PacketBuf::Publish(message("a", "2", Q1, 1)));
    run.is_silent();
}

#[test]
fn connections_that_overlap_are_not_judged_by_their_order() {
    let kept = || ConnectBuf { clean_start: false, ..connect(V5, "alice") };
    let mut run = Run::new(V5);
    run.sends(0, PacketBuf::Connect(kept()));
    run.sends(1, PacketBuf::Connect(kept()));
    run.gets(1, PacketBuf::ConnAck(ConnAckBuf { session_present: true, ..connack() }));
    run.gets(0, PacketBuf::ConnAck(connack()));
    run.gets(1, PacketBuf::Publish(PublishBuf { dup: true, ..message("a", "1", Q1, 1) }));
    run.is_silent();
}

#[test]
fn a_session_of_an_earlier_run_may_hold_anything() {
    let mut run = Run::new(V4);
    let kept = ConnectBuf { clean_start: false, ..connect(V4, "alice") };
    run.connect_with(0, kept, ConnAckBuf { session_present: true, ..connack() });
    run.subscribe(0, 1, "b", Q0);
    run.gets(0, PacketBuf::Publish(PublishBuf { dup: true, ..message("a", "1", Q1, 1) }));
    run.is_silent();
}

#[test]
fn a_client_is_found_again_by_its_assigned_identifier() {
    let mut run = Run::new(V5);
    let properties = vec![PropertyBuf::assigned_client_identifier("auto-1")];
    run.connect_with(0, connect(V5, ""), ConnAckBuf { properties, ..connack() });
    run.subscribe(0, 1, "a", Q1);
    run.gets(0, PacketBuf::Publish(message("a", "1", Q1, 1)));
    run.closes(0, false);
    let again = ConnectBuf { clean_start: false, ..connect(V5, "auto-1") };
    run.connect_with(1, again, ConnAckBuf { session_present: true, ..connack() });
    run.gets(1, PacketBuf::Publish(PublishBuf { dup: true, ..message("a", "1", Q1, 1) }));
    run.is_silent();
    run.gets(1, PacketBuf::Publish(publish("b", "1")));
    run.finds(&["MQTT-3.3.2-3"]);
}

#[test]
fn what_is_subscribed_to_before_connack_joins_what_the_session_holds() {
    let mut run = Run::new(V5);
    let connect = ConnectBuf {
        clean_start: false,
        properties: vec![PropertyBuf::session_expiry_interval(1_000)],
        ..connect(V5, "alice")
    };
    run.connect_with(0, connect.clone(), connack());
    run.subscribe(0, 1, "b", Q0);
    run.subscribe(0, 2, "a", Q0);
    run.closes(0, false);
    run.sends(1, PacketBuf::Connect(connect));
    run.sends(1, subscribe(3, "a", SubscriptionOptions { qos: Q1, ..Default::default() }, vec![]));
    run.gets(1, PacketBuf::ConnAck(ConnAckBuf { session_present: true, ..connack() }));
    run.gets(1, suback(3, &[1]));
    run.connect(2, "bob");
    run.sends(2, PacketBuf::Publish(message("a", "x", Q1, 1)));
    run.gets(1, PacketBuf::Publish(message("a", "x", Q1, 1)));
    run.is_silent();
    // What was granted for one filter was not granted for the other.
    run.sends(2, PacketBuf::Publish(message("b", "x", Q1, 2)));
    run.gets(1, PacketBuf::Publish(message("b", "x", Q1, 2)));
    assert!(!run.findings().is_empty());
}
