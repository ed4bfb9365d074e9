//! Sessions, wills, keep alive and message expiry: what time does (3.1.2, 3.1.3.2, 3.3.2.3.3, 4.1).

use std::time::Duration;

use mqttspec_codec::{
    ConnectBuf, DisconnectBuf, PacketBuf, PropertyBuf, PropertyId, PropertyList, PublishBuf, QoS, ReasonCode,
};

use crate::peer::*;

const NORMAL: ReasonCode = ReasonCode::NORMAL_DISCONNECTION;
const WITH_WILL: ReasonCode = ReasonCode::DISCONNECT_WITH_WILL_MESSAGE;

fn expiring(seconds: u32) -> ConnectBuf {
    ConnectBuf { properties: vec![PropertyBuf::session_expiry_interval(seconds)], ..lasting(V5_0, "a") }
}

fn session_present(world: &mut World, connect: ConnectBuf) -> bool {
    connack(world.try_connect(connect).1.remove(0)).session_present
}

#[test]
fn sessions_expire() {
    let mut world = World::honest();
    let id = world.connect(expiring(10));
    world.wait_secs(100);
    world.alive(id);
    world.drop_connection(id);
    world.wait(Duration::from_millis(9_999));
    let (id, _) = world.resume(expiring(10));
    world.drop_connection(id);
    world.wait_secs(10);
    assert!(!session_present(&mut world, expiring(u32::MAX)));
    world.wait_secs(1);
    let (id, _) = world.resume(expiring(u32::MAX));
    world.drop_connection(id);
    world.wait_secs(10_000_000);
    world.resume(expiring(0));
}

#[test]
fn disconnect_changes_the_session_expiry() {
    let leave = |seconds| {
        PacketBuf::Disconnect(DisconnectBuf {
            reason_code: NORMAL,
            properties: vec![PropertyBuf::session_expiry_interval(seconds)],
        })
    };
    let mut world = World::honest();
    let id = world.connect(expiring(10));
    world.send(id, leave(100));
    world.wait_secs(99);
    let (id, _) = world.resume(expiring(10));
    world.send(id, leave(0));
    assert!(!session_present(&mut world, expiring(10)));
}

#[test]
fn session_without_expiry_ends_with_its_connection() {
    let mut world = World::honest();
    let id = world.connect(expiring(0));
    world.drop_connection(id);
    assert!(!session_present(&mut world, expiring(0)));
}

/// Connects with a will, does something to the connection, and returns what a witness got.
fn will_after(connect: ConnectBuf, end: impl Fn(&mut World, mqttspec_scenarios::broker::ConnectionId)) -> Vec<String> {
    let mut world = World::honest();
    let witness = world.client(V5_0, "w");
    world.subscribe(witness, "will", QoS::AtMostOnce);
    let id = world.connect(with_will(connect, "gone"));
    end(&mut world, id);
    world.payloads(witness)
}

#[test]
fn wills_are_published_unless_the_client_says_goodbye() {
    for version in [V3_1, V3_1_1, V5_0] {
        for connect in [clean(version, "a"), lasting(version, "a")] {
            let gone = ["gone"];
            assert_eq!(will_after(connect.clone(), |w, id| w.drop_connection(id)), gone);
            assert_eq!(will_after(connect.clone(), |w, id| w.send_bytes(id, &[0xC1, 0])), gone);
            assert_eq!(will_after(connect.clone(), |w, id| w.send_bytes(id, &[0xD0, 0])), gone);
            let again = clean(version, "a");
            assert_eq!(will_after(connect.clone(), move |w, _| drop(w.try_connect(again.clone()))), gone);
            let short = ConnectBuf { keep_alive: 1, ..connect.clone() };
            assert_eq!(will_after(short, |w, _| w.wait_secs(2)), gone);
            assert_eq!(will_after(connect, |w, id| w.send(id, disconnect(NORMAL))), [""; 0]);
        }
    }
    assert_eq!(will_after(clean(V5_0, "a"), |w, id| w.send(id, disconnect(WITH_WILL))), ["gone"]);
    let quota = ReasonCode::QUOTA_EXCEEDED;
    assert_eq!(will_after(clean(V5_0, "a"), |w, id| w.send(id, disconnect(quota))), ["gone"]);
}

fn delayed_will(delay: u32, session: u32) -> ConnectBuf {
    let mut connect = with_will(expiring(session), "gone");
    connect.will.as_mut().unwrap().properties.push(PropertyBuf::will_delay_interval(delay));
    connect
}

#[test]
fn will_delay() {
    let mut world = World::honest();
    let witness = world.client(V5_0, "w");
    world.subscribe(witness, "will", QoS::AtMostOnce);
    // The delay passes.
    let id = world.connect(delayed_will(10, 100));
    world.drop_connection(id);
    world.wait(Duration::from_millis(9_999));
    world.nothing(witness);
    world.wait(Duration::from_millis(1));
    let will = world.publishes(witness).remove(0);
    assert_eq!(will.properties, [], "the Will Delay Interval is not for subscribers");
    // The client comes back in time: no will, and the new will replaces it.
    let (id, _) = world.resume(delayed_will(10, 100));
    world.drop_connection(id);
    world.wait_secs(9);
    let (id, _) = world.resume(expiring(100));
    world.wait_secs(50);
    world.nothing(witness);
    world.drop_connection(id);
    world.wait_secs(50);
    world.nothing(witness);
    // The session ends first.
    let (id, _) = world.resume(delayed_will(100, 10));
    world.drop_connection(id);
    world.wait_secs(10);
    assert_eq!(world.payloads(witness), ["gone"]);
    world.wait_secs(100);
    world.nothing(witness);
    // Clean Start ends the session.
    let id = world.connect(delayed_will(100, 1_000));
    world.drop_connection(id);
    world.wait_secs(5);
    let id = world.connect(clean(V5_0, "a"));
    assert_eq!(world.payloads(witness), ["gone"]);
    // 0x04 sends it after the delay, 0x00 never.
    world.drop_connection(id);
    let id = world.connect(delayed_will(5, 100));
    world.send(id, disconnect(WITH_WILL));
    world.nothing(witness);
    world.wait_secs(5);
    assert_eq!(world.payloads(witness), ["gone"]);
}

#[test]
fn take_over_publishes_the_will_only_without_delay() {
    let mut world = World::honest();
    let witness = world.client(V5_0, "w");
    world.subscribe(witness, "will", QoS::AtMostOnce);
    world.connect(delayed_will(10, 100));
    world.resume(delayed_will(0, 100));
    world.wait_secs(20);
    world.nothing(witness);
    world.resume(expiring(100));
    assert_eq!(world.payloads(witness), ["gone"]);
}

#[test]
fn will_fields() {
    let mut world = World::honest();
    let witness = world.client(V5_0, "w");
    world.subscribe(witness, "will", QoS::ExactlyOnce);
    let mut connect = with_will(clean(V5_0, "a"), "gone");
    let will = connect.will.as_mut().unwrap();
    will.qos = QoS::ExactlyOnce;
    will.retain = true;
    will.properties = vec![
        PropertyBuf::user_property("k", "1"),
        PropertyBuf::user_property("a", "2"),
        PropertyBuf::content_type("text"),
    ];
    let properties = will.properties.clone();
    let id = world.connect(connect);
    world.drop_connection(id);
    let got = world.publishes(witness).remove(0);
    assert_eq!((got.qos, got.retain, &got.properties), (QoS::ExactlyOnce, false, &properties));
    let late = world.client(V5_0, "l");
    world.subscribe(late, "will", QoS::AtMostOnce);
    let got = world.publishes(late).remove(0);
    assert_eq!((got.retain, got.properties), (true, properties));
}

#[test]
fn keep_alive() {
    for version in [V3_1, V3_1_1, V5_0] {
        let mut world = World::honest();
        let id = world.connect(ConnectBuf { keep_alive: 2, ..clean(version, "a") });
        world.wait(Duration::from_millis(2_999));
        world.alive(id);
        world.wait(Duration::from_millis(2_999));
        world.nothing(id);
        world.wait(Duration::from_millis(1));
        world.ended(id, ReasonCode::KEEP_ALIVE_TIMEOUT);
    }
}

#[test]
fn a_connection_that_never_says_connect_is_closed() {
    let mut world = World::honest();
    let id = world.open(V3_1_1);
    world.wait_secs(10);
    world.ended_with(id, &[]);
}

fn with_expiry(payload: &str, seconds: u32) -> PublishBuf {
    PublishBuf {
        properties: vec![PropertyBuf::message_expiry_interval(seconds)],
        ..message("t", payload, QoS::AtLeastOnce)
    }
}

#[test]
fn messages_expire_while_they_wait() {
    let mut world = World::honest();
    let publisher = world.client(V5_0, "p");
    let id = world.connect(expiring(1_000));
    world.subscribe(id, "t", QoS::ExactlyOnce);
    world.publish(publisher, with_expiry("at once", 7));
    let now = world.publishes(id).remove(0);
    assert_eq!(now.properties.integer(PropertyId::MessageExpiryInterval), Some(7));
    world.send(id, puback(now.packet_id.unwrap()));
    world.drop_connection(id);
    world.publish(publisher, with_expiry("short", 5));
    world.publish(publisher, with_expiry("long", 60));
    world.publish(publisher, with_expiry("zero", 0));
    world.wait(Duration::from_millis(5_500));
    let (_, got) = world.resume(expiring(1_000));
    let [PacketBuf::Publish(got)] = got.as_slice() else { panic!("{got:?}") };
    assert_eq!(
        (got.payload.as_slice(), got.properties.integer(PropertyId::MessageExpiryInterval)),
        (&b"long"[..], Some(55))
    );
}

#[test]
fn messages_in_flight_do_not_expire() {
    let mut world = World::honest();
    let publisher = world.client(V5_0, "p");
    let id = world.connect(expiring(1_000));
    world.subscribe(id, "t", QoS::ExactlyOnce);
    world.publish(publisher, with_expiry("m", 5));
    assert_eq!(world.payloads(id), ["m"]);
    world.drop_connection(id);
    world.wait_secs(10);
    let (_, got) = world.resume(expiring(1_000));
    let got = published(got[0].clone());
    assert_eq!((got.dup, got.properties.integer(PropertyId::MessageExpiryInterval)), (true, Some(0)));
}

#[test]
fn retained_messages_expire() {
    let mut world = World::honest();
    let id = world.client(V5_0, "a");
    world.publish(id, PublishBuf { retain: true, ..with_expiry("m", 5) });
    world.wait_secs(2);
    world.subscribe(id, "t", QoS::AtMostOnce);
    assert_eq!(world.publishes(id)[0].properties.integer(PropertyId::MessageExpiryInterval), Some(3));
    world.wait_secs(3);
    world.subscribe(id, "t", QoS::AtMostOnce);
    world.nothing(id);
}
