//! The rules for Clients: here "sends" is the Client under judgement.

mod closing;
mod connack;
mod format;
mod receiver;
mod releasing;
mod sender;

use std::time::Duration;

use super::*;
use crate::{Side, Time};

/// A run whose Client `alice` is judged, on connection 0.
pub(super) fn judged(version: ProtocolVersion) -> Run {
    // Its session outlives its connections.
    let mut connect = ConnectBuf { clean_start: version == V5, ..connect(version, "alice") };
    if version == V5 {
        connect.properties.push(PropertyBuf::session_expiry_interval(1_000));
    }
    judged_with(version, connect, connack())
}

fn judged_with(version: ProtocolVersion, connect: ConnectBuf, connack: ConnAckBuf) -> Run {
    let mut run = unconnected(version);
    run.connect_with(0, connect, connack);
    run
}

pub(super) fn unconnected(version: ProtocolVersion) -> Run {
    Run { monitor: Monitor::new(version).judging_clients(), version, event: 0 }
}

/// What the Client is accused of, once the run is settled.
#[track_caller]
pub(super) fn accuses(run: &mut Run, expected: &[&str]) {
    run.monitor.settle();
    let findings = run.all_findings().into_iter().filter(|finding| finding.accused == Side::Client);
    assert_eq!(findings.map(|finding| name(&finding)).collect::<Vec<_>>(), expected);
}

fn after(run: &mut Run, seconds: u64) {
    run.monitor.at(Time::ZERO + Duration::from_secs(seconds));
}

fn dup(message: &PublishBuf) -> PacketBuf {
    PacketBuf::Publish(PublishBuf { dup: true, ..message.clone() })
}

#[test]
fn an_honest_dialogue_is_not_accused() {
    for version in ProtocolVersion::ALL {
        let mut run = judged(version);
        run.subscribe(0, 1, "a", Q2);
        run.sends(0, PacketBuf::Publish(message("a", "x", Q2, 1)));
        run.gets(0, PacketBuf::PubRec(ack(1)));
        run.gets(0, PacketBuf::Publish(message("a", "x", Q2, 9)));
        run.sends(0, PacketBuf::PubRel(ack(1)));
        run.sends(0, PacketBuf::PubRec(ack(9)));
        run.gets(0, PacketBuf::PubComp(ack(1)));
        run.gets(0, PacketBuf::PubRel(ack(9)));
        run.sends(0, PacketBuf::PubComp(ack(9)));
        run.sends(0, PacketBuf::Publish(message("a", "y", Q1, 1)));
        run.gets(0, PacketBuf::PubAck(ack(1)));
        run.sends(0, disconnect(ReasonCode::SUCCESS));
        run.closes(0, false);
        accuses(&mut run, &[]);
    }
}

#[test]
fn acknowledgements_are_owed_and_fit() {
    for (version, puback, pubrec, pubrel, pubcomp) in [
        (V5, "MQTT-4.3.2-4", "MQTT-4.3.3-8", "MQTT-4.3.3-4", "MQTT-4.3.3-11"),
        (V4, "MQTT-4.3.2-2", "MQTT-4.3.3-2", "MQTT-4.3.3-1", "MQTT-4.3.3-2"),
    ] {
        let mut run = judged(version);
        run.gets(0, PacketBuf::Publish(message("a", "x", Q1, 1)));
        run.gets(0, PacketBuf::Publish(message("a", "x", Q2, 2)));
        accuses(&mut run, &[puback, pubrec]);
        run.sends(0, PacketBuf::PubRec(ack(2)));
        run.gets(0, PacketBuf::PubRel(ack(2)));
        accuses(&mut run, &[pubcomp]);
        accuses(&mut run, &[]);
        run.sends(0, PacketBuf::Publish(message("a", "x", Q2, 1)));
        run.gets(0, PacketBuf::PubRec(ack(1)));
        accuses(&mut run, &[pubrel]);
    }
    let mut run = judged(V5);
    run.gets(0, PacketBuf::Publish(message("a", "x", Q2, 2)));
    run.sends(0, PacketBuf::PubAck(ack(2)));
    run.sends(0, PacketBuf::PubAck(ack(3)));
    run.sends(0, PacketBuf::PubRel(ack(3)));
    run.sends(0, PacketBuf::PubComp(ack(3)));
    run.sends(0, PacketBuf::PubRec(ack(2)));
    accuses(&mut run, &["MQTT-3.3.4-1", "MQTT-2.2.1-5", "MQTT-2.2.1-5", "MQTT-2.2.1-5"]);
}

#[test]
fn acknowledgements_keep_their_order() {
    let mut run = judged(V5);
    for id in [1, 2] {
        run.gets(0, PacketBuf::Publish(message("a", "x", Q1, id)));
        run.gets(0, PacketBuf::Publish(message("a", "x", Q2, 10 + id)));
        run.sends(0, PacketBuf::Publish(message("b", "y", Q2, id)));
    }
    for id in [1, 2] {
        run.gets(0, PacketBuf::PubRec(ack(id)));
    }
    for id in [2, 1] {
        run.sends(0, PacketBuf::PubAck(ack(id)));
        run.sends(0, PacketBuf::PubRec(ack(10 + id)));
        run.sends(0, PacketBuf::PubRel(ack(id)));
    }
    accuses(&mut run, &["MQTT-4.6.0-2", "MQTT-4.6.0-3", "MQTT-4.6.0-4"]);
}

#[test]
fn identifiers_in_use_are_not_used_again() {
    for (version, statement) in [(V5, "MQTT-2.2.1-3"), (V4, "MQTT-2.3.1-2")] {
        let mut run = judged(version);
        run.sends(0, PacketBuf::Publish(message("a", "x", Q1, 7)));
        run.sends(0, PacketBuf::Publish(message("a", "y", Q1, 7)));
        accuses(&mut run, &[statement]);
        let mut run = judged(version);
        run.sends(0, PacketBuf::Publish(message("a", "x", Q1, 7)));
        run.gets(0, PacketBuf::PubAck(ack(7)));
        run.sends(0, PacketBuf::Publish(message("a", "y", Q1, 7)));
        accuses(&mut run, &[]);
    }
}

/// A run whose session is resumed on connection 1 with this message under way.
fn resumed(version: ProtocolVersion, under_way: &PublishBuf) -> Run {
    let mut run = judged(version);
    run.sends(0, PacketBuf::Publish(under_way.clone()));
    run.resume(0, 1);
    run
}

#[test]
fn what_is_unacknowledged_is_sent_again() {
    for version in [V5, V4] {
        let under_way = message("a", "x", Q1, 7);
        let mut run = resumed(version, &under_way);
        accuses(&mut run, &["MQTT-4.4.0-1"]);
        let mut run = resumed(version, &under_way);
        run.sends(1, dup(&under_way));
        run.gets(1, PacketBuf::PubAck(ack(7)));
        accuses(&mut run, &[]);
        let mut run = resumed(version, &under_way);
        run.sends(1, PacketBuf::Publish(under_way.clone()));
        run.gets(1, PacketBuf::PubAck(ack(7)));
        accuses(&mut run, &["MQTT-3.3.1-1"]);
    }
    // Not while the connection lasts, and not after it was acknowledged.
    let under_way = message("a", "x", Q1, 7);
    let mut run = judged(V5);
    run.sends(0, PacketBuf::Publish(under_way.clone()));
    run.sends(0, dup(&under_way));
    accuses(&mut run, &["MQTT-4.4.0-1"]);
    run.gets(0, PacketBuf::PubAck(ack(7)));
    run.gets(0, PacketBuf::Publish(message("c", "x", Q1, 1)));
    run.sends(0, PacketBuf::PubAck(ack(1)));
    run.resume(0, 1);
    run.sends(1, dup(&under_way));
    run.gets(1, PacketBuf::PubAck(ack(7)));
    accuses(&mut run, &["MQTT-4.3.2-2"]);
}

#[test]
fn an_acknowledgement_that_may_be_lost_lets_it_be_sent_again() {
    let under_way = message("a", "x", Q1, 7);
    let mut run = judged(V5);
    run.sends(0, PacketBuf::Publish(under_way.clone()));
    run.gets(0, PacketBuf::PubAck(ack(7)));
    run.resume(0, 1);
    run.sends(1, dup(&under_way));
    run.gets(1, PacketBuf::PubAck(ack(7)));
    accuses(&mut run, &[]);
}

#[test]
fn messages_are_sent_again_in_their_order() {
    let mut run = judged(V5);
    let (first, second) = (message("a", "x", Q1, 7), message("a", "y", Q1, 8));
    run.sends(0, PacketBuf::Publish(first.clone()));
    run.sends(0, PacketBuf::Publish(second.clone()));
    run.resume(0, 1);
    run.sends(1, dup(&second));
    run.sends(1, dup(&first));
    accuses(&mut run, &["MQTT-4.6.0-1"]);
}

#[test]
fn limits_bind_once_connack_was_read() {
    let properties = vec![
        PropertyBuf::maximum_qos(1),
        PropertyBuf::retain_available(0),
        PropertyBuf::topic_alias_maximum(2),
        PropertyBuf::maximum_packet_size(30),
        PropertyBuf::receive_maximum(1),
        PropertyBuf::wildcard_subscription_available(0),
    ];
    let limited = ConnAckBuf { properties, ..connack() };
    let aliased = PublishBuf { properties: vec![PropertyBuf::topic_alias(3)], ..publish("a", "x") };
    let wildcard = subscribe(7, "a/#", SubscriptionOptions::default(), vec![]);
    for (packet, statement) in [
        (PacketBuf::Publish(message("a", "x", Q2, 1)), "MQTT-3.2.2-11"),
        (PacketBuf::Publish(PublishBuf { retain: true, ..publish("a", "x") }), "MQTT-3.2.2-14"),
        (PacketBuf::Publish(aliased), "MQTT-3.2.2-17"),
        (PacketBuf::Publish(publish("a", "much more than thirty bytes in one")), "MQTT-3.2.2-15"),
        (wildcard, "§3.2.2.3.11"),
    ] {
        let mut run = judged_with(V5, connect(V5, "alice"), limited.clone());
        run.sends(0, packet.clone());
        accuses(&mut run, &[]);
        let mut run = judged_with(V5, connect(V5, "alice"), limited.clone());
        after(&mut run, 6);
        run.sends(0, packet);
        accuses(&mut run, &[statement]);
    }
    let mut run = judged_with(V5, connect(V5, "alice"), limited);
    after(&mut run, 6);
    run.sends(0, PacketBuf::Publish(message("a", "x", Q1, 1)));
    run.sends(0, PacketBuf::Publish(message("a", "y", Q1, 2)));
    accuses(&mut run, &["MQTT-3.3.4-7"]);
}

#[test]
fn packets_come_in_order() {
    let mut run = unconnected(V5);
    run.sends(0, PacketBuf::PingReq);
    accuses(&mut run, &["MQTT-3.1.0-1"]);
    let mut run = judged(V5);
    run.sends(0, PacketBuf::Connect(connect(V5, "alice")));
    accuses(&mut run, &["§3.1"]);
    for (version, after, open) in [(V5, "MQTT-3.14.4-1", "MQTT-3.14.4-2"), (V4, "MQTT-3.14.4-2", "MQTT-3.14.4-1")] {
        let mut run = judged(version);
        run.sends(0, disconnect(ReasonCode::SUCCESS));
        run.sends(0, PacketBuf::PingReq);
        accuses(&mut run, &[after]);
        self::after(&mut run, 6);
        accuses(&mut run, &[open]);
    }
    let mut run = judged(V5);
    run.sends(0, PacketBuf::PingResp);
    accuses(&mut run, &["§2.1.2"]);
    let mut run = judged(V5);
    run.sends_bytes(0, &[0xC1, 0]);
    accuses(&mut run, &["MQTT-2.1.3-1"]);
}

#[test]
fn the_keep_alive_is_kept() {
    for (version, statement) in [(V5, "MQTT-3.1.2-20"), (V4, "MQTT-3.1.2-23")] {
        for (seconds, expected) in [(14, &[][..]), (15, &[statement])] {
            let connect = ConnectBuf { keep_alive: 10, ..connect(version, "alice") };
            let mut run = judged_with(version, connect, connack());
            after(&mut run, seconds);
            accuses(&mut run, expected);
        }
    }
    let server = ConnAckBuf { properties: vec![PropertyBuf::server_keep_alive(4)], ..connack() };
    let mut run = judged_with(V5, ConnectBuf { keep_alive: 10, ..connect(V5, "alice") }, server);
    after(&mut run, 8);
    accuses(&mut run, &["MQTT-3.1.2-21"]);
}

#[test]
fn a_session_that_the_client_has_not_ends_the_connection() {
    let told = ConnAckBuf { session_present: true, ..connack() };
    let mut run = judged_with(V5, connect(V5, "alice"), told.clone());
    accuses(&mut run, &[]);
    after(&mut run, 5);
    accuses(&mut run, &["MQTT-3.2.2-4"]);
    let mut run = judged_with(V5, connect(V5, "alice"), told);
    run.closes(0, false);
    after(&mut run, 5);
    accuses(&mut run, &[]);
}

#[test]
fn authentication_has_its_order() {
    let method = |name: &str| vec![PropertyBuf::authentication_method(name)];
    let auth = |name: &str, code| PacketBuf::Auth(AuthBuf { reason_code: ReasonCode(code), properties: method(name) });
    let mut run = judged(V5);
    run.sends(0, auth("m", 0x19));
    accuses(&mut run, &["MQTT-4.12.0-7"]);
    let asked = ConnectBuf { properties: method("m"), ..connect(V5, "alice") };
    let mut run = unconnected(V5);
    run.sends(0, PacketBuf::Connect(asked));
    run.sends(0, PacketBuf::PingReq);
    run.sends(0, auth("n", 0x18));
    accuses(&mut run, &["MQTT-3.1.2-30", "MQTT-4.12.0-5"]);
}

/// What a Client is accused of that leaves the connection open for five seconds after this of the Server.
#[track_caller]
fn accuses_of_staying(version: ProtocolVersion, bytes: &[u8], expected: &str) {
    let mut run = judged(version);
    run.gets_bytes(0, bytes);
    after(&mut run, 4);
    accuses(&mut run, &[]);
    after(&mut run, 5);
    accuses(&mut run, &[expected]);
    let mut run = judged(version);
    run.gets_bytes(0, bytes);
    after(&mut run, 4);
    run.closes(0, false);
    after(&mut run, 9);
    accuses(&mut run, &[]);
}

#[test]
fn errors_of_the_server_end_the_connection() {
    for (bytes, in_3_1_1, in_5) in [
        (&[0xD1, 0][..], "MQTT-2.2.2-2", "§4.13.1"),
        (&[0x36, 5, 0, 1, b'a', 0, 1], "MQTT-3.3.1-4", "§4.13.1"),
        (&[0x30, 3, 0, 1, 0xFF], "MQTT-1.5.3-1", "§4.13.1"),
        (&[0x30, 3, 0, 1, 0x00], "MQTT-1.5.3-2", "§4.13.1"),
        (&[0xC0, 0], "MQTT-4.8.0-1", "§4.13.1"),
        (&[0x20, 2, 0, 0], "MQTT-4.8.0-1", "§4.13.1"),
    ] {
        accuses_of_staying(V4, bytes, in_3_1_1);
        accuses_of_staying(V5, if bytes[0] == 0x20 { &[0x20, 3, 0, 0, 0] } else { bytes }, in_5);
    }
    // DISCONNECT is a packet of Clients in 3.1.1, and ends the connection in 5.0.
    accuses_of_staying(V4, &[0xE0, 0], "MQTT-4.8.0-1");
    accuses_of_staying(V5, &[0xE0, 1, 0x8B], "MQTT-4.13.2-1");
    // Topic Alias 1, though CONNECT allows none.
    accuses_of_staying(V5, &[0x30, 7, 0, 1, b'a', 3, 0x23, 0, 1], "§4.13.1");
}

#[test]
fn a_message_that_comes_again_is_acknowledged_again() {
    let mut run = judged(V5);
    let twice = message("a", "x", Q2, 2);
    run.gets(0, PacketBuf::Publish(twice.clone()));
    run.gets(0, dup(&twice));
    run.sends(0, PacketBuf::PubRec(ack(2)));
    accuses(&mut run, &["MQTT-4.3.3-10"]);
    run.gets(0, PacketBuf::PubRel(ack(2)));
    run.gets(0, PacketBuf::PubRel(ack(2)));
    run.sends(0, PacketBuf::PubComp(ack(2)));
    accuses(&mut run, &["MQTT-4.3.3-11"]);
}

#[test]
fn what_was_refused_is_not_sent_again() {
    let refused = message("a", "x", Q1, 7);
    let mut run = judged(V5);
    run.sends(0, PacketBuf::Publish(refused.clone()));
    run.gets(0, PacketBuf::PubAck(AckBuf { reason_code: ReasonCode::QUOTA_EXCEEDED, ..ack(7) }));
    run.gets(0, PacketBuf::Publish(message("c", "x", Q1, 1)));
    run.sends(0, PacketBuf::PubAck(ack(1)));
    run.resume(0, 1);
    run.sends(1, dup(&refused));
    run.gets(1, PacketBuf::PubAck(ack(7)));
    accuses(&mut run, &["MQTT-4.4.0-2"]);
}

#[test]
fn what_may_have_been_lost_may_be_sent_again() {
    // The connection broke, and the first sending with it.
    for version in [V5, V4] {
        let mut run = judged(version);
        run.resume(0, 1);
        run.sends(1, dup(&message("a", "x", Q1, 7)));
        run.gets(1, PacketBuf::PubAck(ack(7)));
        accuses(&mut run, &[]);
    }
    // It did not break before DISCONNECT.
    let mut run = judged(V5);
    run.sends(0, disconnect(ReasonCode::SUCCESS));
    run.resume(0, 1);
    run.sends(1, dup(&message("a", "x", Q1, 7)));
    run.gets(1, PacketBuf::PubAck(ack(7)));
    accuses(&mut run, &["MQTT-4.3.2-2"]);
}

#[test]
fn a_session_that_is_over_is_given_up() {
    let under_way = message("a", "x", Q1, 7);
    let mut run = judged(V5);
    run.sends(0, PacketBuf::Publish(under_way.clone()));
    run.closes(0, false);
    run.connect_with(1, connect(V5, "alice"), connack());
    run.sends(1, dup(&under_way));
    run.gets(1, PacketBuf::PubAck(ack(7)));
    accuses(&mut run, &["MQTT-3.1.2-4"]);
}

#[test]
fn requests_have_identifiers_of_their_own() {
    let wanted = || subscribe(7, "a", SubscriptionOptions::default(), vec![]);
    let unwanted =
        || PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id: 7, properties: vec![], filters: vec!["a".to_owned()] });
    for (version, statement) in [(V5, "MQTT-2.2.1-3"), (V4, "MQTT-2.3.1-2")] {
        for request in [wanted, unwanted] as [fn() -> PacketBuf; 2] {
            let answer = match request() {
                PacketBuf::Subscribe(_) => suback(7, &[0]),
                _ => unsuback(7, if version == V5 { &[0] } else { &[] }),
            };
            let mut run = judged(version);
            run.sends(0, request());
            run.sends(0, request());
            accuses(&mut run, &[statement]);
            let mut run = judged(version);
            run.sends(0, PacketBuf::Publish(message("a", "x", Q1, 7)));
            run.sends(0, request());
            accuses(&mut run, &[statement]);
            let mut run = judged(version);
            run.sends(0, request());
            run.gets(0, answer);
            run.sends(0, request());
            accuses(&mut run, &[]);
            // They end with the connection, and are not sent again.
            let mut run = judged(version);
            run.sends(0, request());
            run.resume(0, 1);
            accuses(&mut run, &[]);
            run.sends(1, request());
            accuses(&mut run, &[]);
        }
    }
}

#[test]
fn a_message_with_the_identifier_of_another_is_not_that_one_again() {
    for (version, statement) in [(V5, "MQTT-2.2.1-3"), (V4, "MQTT-2.3.1-2")] {
        let mut run = resumed(version, &message("a", "x", Q1, 7));
        run.sends(1, PacketBuf::Publish(message("a", "y", Q1, 7)));
        run.gets(1, PacketBuf::PubAck(ack(7)));
        accuses(&mut run, &[statement]);
        // The same at another QoS.
        let mut run = resumed(version, &message("a", "x", Q1, 7));
        run.sends(1, PacketBuf::Publish(message("a", "x", Q2, 7)));
        run.gets(1, PacketBuf::PubRec(ack(7)));
        run.sends(1, PacketBuf::PubRel(ack(7)));
        run.gets(1, PacketBuf::PubComp(ack(7)));
        accuses(&mut run, &[statement]);
    }
}

#[test]
fn a_session_that_the_server_has_not_is_given_up() {
    let under_way = message("a", "x", Q1, 7);
    let again = |version: ProtocolVersion| {
        let mut run = judged(version);
        run.sends(0, PacketBuf::Publish(under_way.clone()));
        run.closes(0, false);
        let kept = ConnectBuf { clean_start: false, ..connect(version, "alice") };
        run.connect_with(1, kept, connack());
        run
    };
    // Nothing is to be sent again.
    for version in [V5, V4] {
        accuses(&mut again(version), &[]);
    }
    // In 5.0 it must not be, once CONNACK was read; in 3.1.1 it may be (4.4).
    for (version, expected) in [(V5, &["MQTT-3.2.2-5"][..]), (V4, &[])] {
        let mut run = again(version);
        after(&mut run, 6);
        run.sends(1, dup(&under_way));
        run.gets(1, PacketBuf::PubAck(ack(7)));
        accuses(&mut run, expected);
    }
    let mut run = again(V5);
    run.sends(1, dup(&under_way));
    run.gets(1, PacketBuf::PubAck(ack(7)));
    accuses(&mut run, &[]);
}

#[test]
fn a_session_that_has_expired_for_the_client_is_over() {
    let under_way = message("a", "x", Q1, 7);
    let expires = |seconds: u32| ConnectBuf {
        properties: vec![PropertyBuf::session_expiry_interval(seconds)],
        ..connect(V5, "alice")
    };
    let returns = |seconds: u32| ConnectBuf { clean_start: false, ..expires(seconds) };
    let resumed = || ConnAckBuf { session_present: true, ..connack() };
    for (away, expected) in [(3, &["MQTT-4.4.0-1"][..]), (8, &[])] {
        let mut run = judged_with(V5, expires(10), connack());
        run.sends(0, PacketBuf::Publish(under_way.clone()));
        run.closes(0, false);
        after(&mut run, away);
        run.connect_with(1, returns(10), resumed());
        accuses(&mut run, expected);
    }
    // CONNACK and DISCONNECT may shorten it.
    let mut run = judged_with(
        V5,
        expires(1_000),
        ConnAckBuf { properties: vec![PropertyBuf::session_expiry_interval(10)], ..connack() },
    );
    run.sends(0, PacketBuf::Publish(under_way.clone()));
    run.closes(0, false);
    after(&mut run, 8);
    run.connect_with(1, returns(10), resumed());
    accuses(&mut run, &[]);
    let mut run = judged_with(V5, expires(1_000), connack());
    run.sends(0, PacketBuf::Publish(under_way));
    let properties = vec![PropertyBuf::session_expiry_interval(10)];
    run.sends(0, PacketBuf::Disconnect(DisconnectBuf { reason_code: ReasonCode::SUCCESS, properties }));
    run.closes(0, false);
    after(&mut run, 8);
    run.connect_with(1, returns(10), resumed());
    accuses(&mut run, &[]);
}

#[test]
fn what_waits_for_quota_need_not_be_sent_again_yet() {
    let resumed_with = |maximum: u16| {
        let mut run = judged(V5);
        for id in [7, 8] {
            run.sends(0, PacketBuf::Publish(message("a", "x", Q1, id)));
        }
        run.closes(0, false);
        let connect = ConnectBuf { clean_start: false, ..connect(V5, "alice") };
        let properties = vec![PropertyBuf::receive_maximum(maximum)];
        run.connect_with(1, connect, ConnAckBuf { session_present: true, properties, ..connack() });
        run
    };
    accuses(&mut resumed_with(1), &[]);
    accuses(&mut resumed_with(2), &["MQTT-4.4.0-1", "MQTT-4.4.0-1"]);
    // What waits for an acknowledgement here comes first.
    let mut run = resumed_with(2);
    run.sends(1, dup(&message("a", "x", Q1, 7)));
    accuses(&mut run, &[]);
    run.gets(1, PacketBuf::PubAck(ack(7)));
    accuses(&mut run, &["MQTT-4.4.0-1"]);
}

#[test]
fn pubrel_answers_a_pubrec_in_its_session() {
    // Resumed: PUBREL is what is to be sent again.
    for version in [V5, V4] {
        let mut run = judged(version);
        run.sends(0, PacketBuf::Publish(message("a", "x", Q2, 7)));
        run.gets(0, PacketBuf::PubRec(ack(7)));
        run.sends(0, PacketBuf::PubRel(ack(7)));
        run.resume(0, 1);
        accuses(&mut run, &["MQTT-4.4.0-1"]);
        let mut run = judged(version);
        run.sends(0, PacketBuf::Publish(message("a", "x", Q2, 7)));
        run.gets(0, PacketBuf::PubRec(ack(7)));
        run.sends(0, PacketBuf::PubRel(ack(7)));
        run.resume(0, 1);
        run.sends(1, PacketBuf::PubRel(ack(7)));
        accuses(&mut run, &[]);
    }
    // Before its PUBREC it answers nothing.
    for (version, expected) in [(V5, "MQTT-2.2.1-5"), (V4, "MQTT-2.3.1-6")] {
        let mut run = judged_with(version, connect(version, "alice"), connack());
        run.sends(0, PacketBuf::Publish(message("a", "x", Q2, 7)));
        run.sends(0, PacketBuf::PubRel(ack(7)));
        accuses(&mut run, &[expected]);
    }
    // One more, before PUBCOMP was read, is none too many.
    let mut run = judged(V5);
    run.sends(0, PacketBuf::Publish(message("a", "x", Q2, 7)));
    run.gets(0, PacketBuf::PubRec(ack(7)));
    run.sends(0, PacketBuf::PubRel(ack(7)));
    run.gets(0, PacketBuf::PubComp(ack(7)));
    run.sends(0, PacketBuf::PubRel(ack(7)));
    accuses(&mut run, &[]);
}

#[test]
fn publish_is_not_sent_again_after_pubrel() {
    for (version, expected) in [(V5, "MQTT-4.3.3-6"), (V4, "MQTT-4.3.3-1")] {
        let under_way = message("a", "x", Q2, 7);
        let mut run = judged(version);
        run.sends(0, PacketBuf::Publish(under_way.clone()));
        run.gets(0, PacketBuf::PubRec(ack(7)));
        run.sends(0, PacketBuf::PubRel(ack(7)));
        run.resume(0, 1);
        run.sends(1, dup(&under_way));
        run.gets(1, PacketBuf::PubRec(ack(7)));
        run.sends(1, PacketBuf::PubRel(ack(7)));
        accuses(&mut run, &[expected]);
    }
}

#[test]
fn a_message_of_an_earlier_connection_is_acknowledged_where_it_comes_again() {
    for version in [V5, V4] {
        for qos in [Q1, Q2] {
            let mut run = judged(version);
            run.gets(0, PacketBuf::Publish(message("a", "x", qos, 2)));
            run.resume(0, 1);
            // It has not come here yet.
            accuses(&mut run, &[]);
        }
        // PUBREL comes again: PUBCOMP is owed for it, and nothing for the PUBLISH.
        let mut run = judged(version);
        run.gets(0, PacketBuf::Publish(message("a", "x", Q2, 2)));
        run.sends(0, PacketBuf::PubRec(ack(2)));
        run.resume(0, 1);
        run.gets(1, PacketBuf::PubRel(ack(2)));
        accuses(&mut run, &[if version == V5 { "MQTT-4.3.3-11" } else { "MQTT-4.3.3-2" }]);
        // In a new session its identifier is unknown.
        let mut run = judged(version);
        run.gets(0, PacketBuf::Publish(message("a", "x", Q1, 2)));
        run.closes(0, false);
        run.connect_with(1, connect(version, "alice"), connack());
        run.sends(1, PacketBuf::PubAck(ack(2)));
        accuses(&mut run, &[if version == V5 { "MQTT-2.2.1-5" } else { "MQTT-2.3.1-6" }]);
    }
}

#[test]
fn the_same_identifier_again_is_another_message_once_the_first_is_over() {
    for qos in [Q1, Q2] {
        let mut run = judged(V5);
        for _ in 0..2 {
            run.gets(0, PacketBuf::Publish(message("a", "x", qos, 2)));
            if qos == Q1 {
                run.sends(0, PacketBuf::PubAck(ack(2)));
            } else {
                run.sends(0, PacketBuf::PubRec(ack(2)));
                run.gets(0, PacketBuf::PubRel(ack(2)));
                run.sends(0, PacketBuf::PubComp(ack(2)));
            }
        }
        accuses(&mut run, &[]);
        run.gets(0, PacketBuf::Publish(message("a", "x", qos, 2)));
        accuses(&mut run, &[if qos == Q1 { "MQTT-4.3.2-4" } else { "MQTT-4.3.3-8" }]);
    }
}

#[test]
fn connect_keeps_its_rules() {
    // A zero-length Client Identifier goes with Clean Session 1 (3.1.1); 5.0 allows it.
    for (version, clean_start, expected) in
        [(V4, false, &["MQTT-3.1.3-7"][..]), (V4, true, &[]), (V5, false, &[]), (V5, true, &[])]
    {
        let mut run = unconnected(version);
        run.sends(0, PacketBuf::Connect(ConnectBuf { clean_start, ..connect(version, "") }));
        accuses(&mut run, expected);
    }
    let mut run = unconnected(V4);
    run.sends(0, PacketBuf::Connect(ConnectBuf { clean_start: false, ..connect(V4, "alice") }));
    accuses(&mut run, &[]);
}

#[test]
fn publish_has_no_subscription_identifier() {
    let mut run = judged(V5);
    let properties = vec![PropertyBuf::subscription_identifier(1)];
    run.sends(0, PacketBuf::Publish(PublishBuf { properties, ..publish("a", "x") }));
    accuses(&mut run, &["MQTT-3.3.4-6"]);
}

#[test]
fn disconnect_keeps_its_rules() {
    let leaves = |seconds: Option<u32>, code: u8, later: Option<u32>| {
        let properties = seconds.map(PropertyBuf::session_expiry_interval).into_iter().collect();
        let mut run = judged_with(V5, ConnectBuf { properties, ..connect(V5, "alice") }, connack());
        let properties = later.map(PropertyBuf::session_expiry_interval).into_iter().collect();
        run.sends(0, PacketBuf::Disconnect(DisconnectBuf { reason_code: ReasonCode(code), properties }));
        run.closes(0, false);
        run
    };
    // No interval after none.
    accuses(&mut leaves(None, 0, Some(5)), &["§3.14.2.2.2"]);
    accuses(&mut leaves(Some(0), 0, Some(5)), &["§3.14.2.2.2"]);
    accuses(&mut leaves(Some(0), 0, Some(0)), &[]);
    accuses(&mut leaves(Some(5), 0, Some(9)), &[]);
    accuses(&mut leaves(Some(5), 0, Some(0)), &[]);
    accuses(&mut leaves(None, 0, None), &[]);
    // Codes that only Servers send.
    accuses(&mut leaves(None, 0x8B, None), &["MQTT-3.14.2-1"]);
    accuses(&mut leaves(None, 0x04, None), &[]);
    accuses(&mut leaves(None, 0x81, None), &[]);
}

#[test]
fn limits_are_inclusive() {
    let limited = |property: PropertyBuf| {
        let mut run = judged_with(V5, connect(V5, "alice"), ConnAckBuf { properties: vec![property], ..connack() });
        after(&mut run, 6);
        run
    };
    let aliased = |alias: u16| {
        PacketBuf::Publish(PublishBuf { properties: vec![PropertyBuf::topic_alias(alias)], ..publish("a", "x") })
    };
    let mut run = limited(PropertyBuf::topic_alias_maximum(2));
    run.sends(0, aliased(2));
    accuses(&mut run, &[]);
    run.sends(0, aliased(3));
    accuses(&mut run, &["MQTT-3.2.2-17"]);
    for property in [PropertyBuf::topic_alias_maximum(0), PropertyBuf::maximum_qos(1)] {
        let mut run = limited(property);
        run.sends(0, aliased(1));
        accuses(&mut run, &["MQTT-3.2.2-18"]);
    }
    let mut run = limited(PropertyBuf::maximum_packet_size(10));
    // 2 for the fixed header, 3 for the topic, 1 for the properties.
    run.sends(0, PacketBuf::Publish(publish("a", "1234")));
    accuses(&mut run, &[]);
    run.sends(0, PacketBuf::Publish(publish("a", "12345")));
    accuses(&mut run, &["MQTT-3.2.2-15"]);
    let mut run = limited(PropertyBuf::maximum_qos(1));
    run.sends(0, PacketBuf::Publish(message("a", "x", Q1, 1)));
    accuses(&mut run, &[]);
    let mut run = limited(PropertyBuf::receive_maximum(2));
    for id in [1, 2] {
        run.sends(0, PacketBuf::Publish(message("a", "x", Q1, id)));
    }
    accuses(&mut run, &[]);
    run.sends(0, PacketBuf::Publish(message("a", "x", Q1, 3)));
    accuses(&mut run, &["MQTT-3.3.4-7"]);
}

#[test]
fn what_the_server_does_not_offer_is_not_asked_for() {
    let wanted = |filter: &str, properties| subscribe(7, filter, SubscriptionOptions::default(), properties);
    let identifier = || vec![PropertyBuf::subscription_identifier(1)];
    for (offer, packet, refused) in [
        (PropertyBuf::wildcard_subscription_available as fn(u8) -> PropertyBuf, wanted("a/+", vec![]), "§3.2.2.3.11"),
        (PropertyBuf::subscription_identifier_available, wanted("a", identifier()), "§3.2.2.3.12"),
        (PropertyBuf::shared_subscription_available, wanted("$share/g/a", vec![]), "§3.2.2.3.13"),
    ] {
        for (available, expected) in [(0, &[refused][..]), (1, &[])] {
            let told = ConnAckBuf { properties: vec![offer(available)], ..connack() };
            let mut run = judged_with(V5, connect(V5, "alice"), told);
            after(&mut run, 6);
            run.sends(0, wanted("a", vec![]));
            run.gets(0, suback(7, &[0]));
            accuses(&mut run, &[]);
            run.sends(0, packet.clone());
            accuses(&mut run, expected);
        }
    }
}
