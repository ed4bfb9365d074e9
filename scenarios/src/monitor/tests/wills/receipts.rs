//! What deletes a will, and which of those that come are against the standard (MQTT-3.14.4-3, MQTT-3.1.2-10).

use super::*;

fn expiry(seconds: u32) -> Vec<PropertyBuf> {
    vec![PropertyBuf::session_expiry_interval(seconds)]
}

/// `bob` connects so on 1, `before` happens, and then he disconnects so; his will comes all the same. What is found.
fn found_after(
    connect: ConnectBuf,
    connack: ConnAckBuf,
    before: impl FnOnce(&mut Run),
    properties: Vec<PropertyBuf>,
) -> Vec<String> {
    let mut run = watched(V5);
    run.connect_with(1, connect, connack);
    before(&mut run);
    run.sends(1, PacketBuf::Disconnect(DisconnectBuf { reason_code: ReasonCode::SUCCESS, properties }));
    run.closes(1, true);
    run.all_findings();
    run.gets(0, gone(1));
    run.findings()
}

const DELETED: [&str; 1] = ["MQTT-3.14.4-3"];

#[test]
fn disconnect_may_change_the_session_expiry_within_bounds() {
    let lasting = || ConnectBuf { properties: expiry(100), ..with_will(V5, vec![]) };
    assert_eq!(found_after(with_will(V5, vec![]), connack(), |_| {}, expiry(0)), DELETED);
    assert_eq!(found_after(lasting(), connack(), |_| {}, expiry(5)), DELETED);
    assert_eq!(found_after(lasting(), connack(), |_| {}, expiry(0)), DELETED);
    // A Protocol Error (3.14.2.2.2).
    assert!(found_after(with_will(V5, vec![]), connack(), |_| {}, expiry(5)).is_empty());
}

#[test]
fn a_silence_that_the_server_does_not_have_to_bear_may_have_ended_the_connection_first() {
    let kept = |keep_alive| ConnectBuf { keep_alive, ..with_will(V5, vec![]) };
    let told = || ConnAckBuf { properties: vec![PropertyBuf::server_keep_alive(5)], ..connack() };
    for (keep_alive, connack, silence, deletes) in [
        (10, connack(), 9.5, true),
        (10, connack(), 10.0, false),
        (0, connack(), 1000.0, true),
        (10, told(), 4.5, true),
        (10, told(), 5.0, false),
    ] {
        let found = found_after(kept(keep_alive), connack, |run| run.at(silence), vec![]);
        assert_eq!(found, if deletes { &DELETED[..] } else { &[] }, "{keep_alive} {silence}");
    }
}

#[test]
fn what_is_unanswered_may_have_ended_the_connection_first() {
    let publishes = |run: &mut Run| run.sends(1, PacketBuf::Publish(message("other", "x", Q1, 7)));
    assert!(found_after(with_will(V5, vec![]), connack(), publishes, vec![]).is_empty());
    let acknowledged = |run: &mut Run| {
        publishes(run);
        run.gets(1, PacketBuf::PubAck(ack(7)));
    };
    assert_eq!(found_after(with_will(V5, vec![]), connack(), acknowledged, vec![]), DELETED);
    // What was left unanswered on an earlier connection is no question of this one.
    let mut run = watched(V5);
    let lasting = || ConnectBuf { properties: expiry(100), ..connect(V5, "bob") };
    run.connect_with(1, lasting(), connack());
    publishes(&mut run);
    run.closes(1, false);
    let again = ConnectBuf { clean_start: false, properties: expiry(100), ..with_will(V5, vec![]) };
    run.connect_with(2, again, ConnAckBuf { session_present: true, ..connack() });
    run.sends(2, disconnect(ReasonCode::SUCCESS));
    run.closes(2, true);
    run.all_findings();
    run.gets(0, gone(1));
    run.finds(&DELETED);
}

#[test]
fn what_cannot_be_read_may_have_been_a_disconnect() {
    for (version, bytes, may_be) in [
        // A Reason Code, and properties that are cut off.
        (V5, &[0xE0, 2, 0, 1][..], true),
        // Reserved flags: that ends the connection (MQTT-3.14.1-1).
        (V5, &[0xE1, 0], false),
        (V4, &[0xE1, 0], false),
        // A PUBLISH of QoS 3.
        (V5, &[0x36, 3, 0, 1, b'a'], false),
        (V4, &[0x36, 3, 0, 1, b'a'], false),
    ] {
        let mut run = watched(version);
        run.connect_with(1, with_will(version, vec![]), connack());
        run.sends_bytes(1, bytes);
        assert_eq!(run.wills().iter().any(|will| will.doubtful), may_be, "{version} {bytes:?}");
        run.closes(1, true);
        assert_eq!(run.wills()[0].doubtful, may_be, "{version} {bytes:?}");
    }
}

#[test]
fn a_deleted_will_is_told_from_one_that_was_kept_for_a_later_connection() {
    let without = |run: &mut Run, connection| {
        run.connect(connection, "bob");
        run.closes(connection, false);
    };
    let deletes = |run: &mut Run| {
        run.connect_with(1, with_will(V5, vec![]), connack());
        run.sends(1, disconnect(ReasonCode::SUCCESS));
        run.closes(1, true);
    };
    let mut run = watched(V5);
    deletes(&mut run);
    without(&mut run, 2);
    run.gets(0, gone(1));
    run.finds(&["MQTT-3.1.2-10"]);
    let mut run = watched(V5);
    without(&mut run, 2);
    deletes(&mut run);
    run.gets(0, gone(1));
    run.finds(&DELETED);
}

#[test]
fn nothing_is_said_of_what_may_not_be_the_will() {
    let deleted = |before: fn(&mut Run)| {
        let mut run = watched(V5);
        run.connect_with(1, with_will(V5, vec![]), connack());
        run.sends(1, disconnect(ReasonCode::SUCCESS));
        run.closes(1, true);
        before(&mut run);
        run.all_findings();
        run.gets(0, gone(1));
        run.findings().contains(&DELETED[0].to_owned())
    };
    assert!(deleted(|_| {}));
    // Somebody published the same.
    assert!(!deleted(|run| {
        run.connect(3, "cyd");
        run.sends(3, PacketBuf::Publish(message("w", "gone", Q1, 1)));
    }));
    // The subscriber has done what only a Server does; or gets what cannot be read.
    assert!(!deleted(|run| run.sends(0, PacketBuf::PingResp)));
    assert!(!deleted(|run| drop(run.gets_bytes(0, &[0x32, 3, 0, 9, b'a']))));
}

#[test]
fn each_subscription_may_bring_a_copy() {
    let mut run = watched(V5);
    run.subscribe(0, 2, "+", Q2);
    run.connect_with(1, with_will(V5, vec![]), connack());
    run.closes(1, false);
    run.connect(2, "bob");
    run.closes(2, false);
    run.gets(0, gone(1));
    run.gets(0, gone(2));
    run.is_silent();
    run.gets(0, gone(3));
    run.finds(&["MQTT-3.1.2-10"]);
}

#[test]
fn a_retained_will_comes_again_from_the_store() {
    let mut run = watched(V5);
    let mut connects = with_will(V5, vec![]);
    if let Some(will) = &mut connects.will {
        will.retain = true;
    }
    run.connect_with(1, connects, connack());
    run.closes(1, false);
    run.gets(0, gone(1));
    run.connect(2, "bob");
    run.closes(2, false);
    run.subscribe(0, 2, "w", Q2);
    run.gets(0, PacketBuf::Publish(PublishBuf { retain: true, ..message("w", "gone", Q1, 2) }));
    run.is_silent();
}

#[test]
fn the_argument_tells_whose_will_it_is_and_how_early() {
    let mut run = watched(V5);
    run.connect_with(1, delayed(5), connack());
    run.closes(1, false);
    let closed = run.event;
    run.at(1.5);
    run.gets(0, gone(1));
    let finding = &run.all_findings()[0];
    assert!(finding.message.contains("`bob`"), "{finding:#?}");
    assert!(
        finding.message.contains(&format!("1500 ms after its connection had ended (it was closed in event {closed})"))
    );
}

#[test]
fn a_will_that_was_deleted_stays_so_when_its_client_comes_back() {
    let mut run = watched(V5);
    run.connect_with(1, delayed(2), connack());
    run.sends(1, disconnect(ReasonCode::SUCCESS));
    run.closes(1, true);
    run.at(5.0);
    run.connect(2, "bob");
    run.gets(0, gone(1));
    run.finds(&DELETED);
}

#[test]
fn a_publish_in_the_write_of_the_connect_may_have_ended_the_connection_before_the_disconnect() {
    for (answered, expected) in [(true, &DELETED[..]), (false, &[])] {
        let mut run = watched(V5);
        // In a session that is taken up.
        let lasting = || ConnectBuf { clean_start: false, properties: expiry(100), ..with_will(V5, vec![]) };
        run.connect_with(2, ConnectBuf { will: None, ..lasting() }, connack());
        run.closes(2, true);
        let connect = PacketBuf::Connect(lasting()).encode(V5).unwrap();
        let publish = PacketBuf::Publish(message("elsewhere", "x", Q1, 1)).encode(V5).unwrap();
        run.sends_bytes(1, &[connect, publish].concat());
        run.gets(1, PacketBuf::ConnAck(ConnAckBuf { session_present: true, ..connack() }));
        if answered {
            run.gets(1, PacketBuf::PubAck(ack(1)));
        }
        run.sends(1, disconnect(ReasonCode::SUCCESS));
        run.closes(1, true);
        run.gets(0, gone(1));
        run.finds(expected);
    }
}
