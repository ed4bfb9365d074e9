//! CONNECT and CONNACK (3.1, 3.2).

use mqttspec_codec::{ConnectBuf, PacketBuf, PropertyBuf, PropertyId, PropertyList, QoS, ReasonCode};
use mqttspec_scenarios::broker::{BrokerConfig, Fault};

use crate::peer::*;

#[test]
fn connack_of_each_version() {
    for version in [V3_1, V3_1_1, V5_0] {
        let mut world = World::honest();
        let (id, answer) = world.try_connect(clean(version, "a"));
        let [PacketBuf::ConnAck(connack)] = answer.as_slice() else { panic!("{answer:?}") };
        assert!(!connack.session_present);
        assert_eq!(connack.reason_code, ReasonCode::SUCCESS);
        assert_eq!(connack.properties.is_empty(), version != V5_0);
        world.alive(id);
    }
}

#[test]
fn session_present_says_whether_there_was_a_session() {
    for version in [V3_1_1, V5_0] {
        let mut world = World::honest();
        let first = world.connect(lasting(version, "a"));
        world.drop_connection(first);
        let (second, sent) = world.resume(lasting(version, "a"));
        assert_eq!(sent, []);
        world.drop_connection(second);
        let third = world.connect(ConnectBuf { clean_start: true, ..lasting(version, "a") });
        world.drop_connection(third);
        if version == V3_1_1 {
            // Clean Session 1 leaves no session behind.
            world.connect(lasting(version, "a"));
        } else {
            // Clean Start 1 does, with a Session Expiry Interval.
            world.resume(lasting(version, "a"));
        }
    }
}

#[test]
fn client_identifiers() {
    let refused = |version, client_id: &str, clean_start| {
        let mut world = World::honest();
        let (id, answer) = world.try_connect(ConnectBuf { clean_start, ..clean(version, client_id) });
        let connack = connack(answer[0].clone());
        assert_eq!(world.is_closed(id), connack.reason_code != ReasonCode::SUCCESS);
        (connack.reason_code != ReasonCode::SUCCESS).then_some(connack.reason_code)
    };
    let long = "x".repeat(24);
    let rejected = Some(ReasonCode::V3_IDENTIFIER_REJECTED);
    assert_eq!(refused(V3_1, "", true), rejected);
    assert_eq!(refused(V3_1, &long, true), rejected);
    assert_eq!(refused(V3_1, &long[1..], true), None);
    assert_eq!(refused(V3_1_1, "", true), None);
    assert_eq!(refused(V3_1_1, "", false), rejected);
    assert_eq!(refused(V3_1_1, &long, false), None);
    assert_eq!(refused(V5_0, "", true), None);
    assert_eq!(refused(V5_0, "", false), None);
    assert_eq!(refused(V5_0, &long, false), None);
}

#[test]
fn assigned_client_identifiers_are_told_and_differ() {
    let mut world = World::honest();
    let assigned = |world: &mut World| {
        let (_, answer) = world.try_connect(lasting(V5_0, ""));
        let properties = connack(answer[0].clone()).properties;
        properties.text(PropertyId::AssignedClientIdentifier).unwrap().to_owned()
    };
    let first = assigned(&mut world);
    let second = assigned(&mut world);
    assert_ne!(first, second);
    let old = world.resume(lasting(V5_0, &first)).0;
    world.alive(old);
}

#[test]
fn unsupported_protocols() {
    let connect = |name: &[u8], level: u8, rest: &[u8]| {
        let body = [&[0, name.len() as u8], name, &[level, 2, 0, 0], rest].concat();
        [&[0x10, body.len() as u8], body.as_slice()].concat()
    };
    let answer = |version, bytes: &[u8]| {
        let mut world = World::honest();
        let id = world.open(version);
        world.send_bytes(id, bytes);
        assert!(world.is_closed(id));
        world.take(id).pop().map(|packet| connack(packet).reason_code)
    };
    let v3 = &[0, 1, b'a'];
    let v5 = &[0, 0, 1, b'a'];
    assert_eq!(answer(V3_1_1, &connect(b"MQTT", 2, v3)), Some(ReasonCode::V3_UNACCEPTABLE_PROTOCOL_VERSION));
    assert_eq!(answer(V5_0, &connect(b"MQTT", 6, v5)), Some(ReasonCode::UNSUPPORTED_PROTOCOL_VERSION));
    assert_eq!(answer(V3_1_1, &connect(b"MQTX", 4, v3)), None);
    assert_eq!(answer(V5_0, &connect(b"MQTX", 5, v5)), Some(ReasonCode::UNSUPPORTED_PROTOCOL_VERSION));
}

#[test]
fn malformed_connects() {
    // Reserved flag set.
    let mut world = World::honest();
    let v3 = world.open(V3_1_1);
    world.send_bytes(v3, &[0x10, 13, 0, 4, b'M', b'Q', b'T', b'T', 4, 3, 0, 0, 0, 1, b'a']);
    world.ended_with(v3, &[]);
    let v5 = world.open(V5_0);
    world.send_bytes(v5, &[0x10, 14, 0, 4, b'M', b'Q', b'T', b'T', 5, 3, 0, 0, 0, 0, 1, b'a']);
    assert_eq!(connack(world.one(v5)).reason_code, ReasonCode::MALFORMED_PACKET);
    assert!(world.is_closed(v5));
}

#[test]
fn users() {
    let users = Some([("u".to_owned(), b"p".to_vec())].into());
    let mut world = World::new(BrokerConfig { users, ..BrokerConfig::default() });
    let with = |version, user: Option<&str>, password: &[u8]| ConnectBuf {
        user_name: user.map(str::to_owned),
        password: user.map(|_| password.to_vec()),
        ..clean(version, "a")
    };
    let mut code = |connect| connack(world.try_connect(connect).1.remove(0)).reason_code;
    assert_eq!(code(with(V5_0, Some("u"), b"p")), ReasonCode::SUCCESS);
    assert_eq!(code(with(V5_0, Some("u"), b"q")), ReasonCode::BAD_USER_NAME_OR_PASSWORD);
    assert_eq!(code(with(V5_0, None, b"")), ReasonCode::NOT_AUTHORIZED);
    assert_eq!(code(with(V3_1_1, Some("x"), b"p")), ReasonCode::V3_BAD_USER_NAME_OR_PASSWORD);
    assert_eq!(code(with(V3_1, None, b"")), ReasonCode::V3_NOT_AUTHORIZED);
}

#[test]
fn take_over() {
    for version in [V3_1, V3_1_1, V5_0] {
        let mut world = World::honest();
        let old = world.connect(lasting(version, "a"));
        world.subscribe(old, "t", QoS::AtLeastOnce);
        let (new, _) = world.resume(lasting(version, "a"));
        world.ended(old, ReasonCode::SESSION_TAKEN_OVER);
        let publisher = world.client(version, "p");
        world.publish(publisher, message("t", "m", QoS::AtMostOnce));
        assert_eq!(world.payloads(new), ["m"]);
    }
}

#[test]
fn second_connect_ends_the_connection() {
    for version in [V3_1, V3_1_1, V5_0] {
        let mut world = World::honest();
        let id = world.client(version, "a");
        world.send(id, PacketBuf::Connect(clean(version, "a")));
        world.ended(id, ReasonCode::PROTOCOL_ERROR);
    }
}

#[test]
fn nothing_is_answered_before_connect() {
    for version in [V3_1, V3_1_1, V5_0] {
        let mut world = World::honest();
        let id = world.open(version);
        world.send(id, PacketBuf::PingReq);
        world.ended_with(id, &[]);
    }
}

#[test]
fn limits_on_connections_and_sessions() {
    let mut world = World::new(BrokerConfig { maximum_connections: 1, maximum_sessions: 1, ..Default::default() });
    let a = world.client(V5_0, "a");
    let refused = world.open(V5_0);
    assert!(world.is_closed(refused));
    world.drop_connection(a);
    let b = world.connect(lasting(V3_1_1, "b"));
    world.drop_connection(b);
    let (_, answer) = world.try_connect(clean(V3_1_1, "c"));
    assert_eq!(connack(answer[0].clone()).reason_code, ReasonCode::V3_SERVER_UNAVAILABLE);
    let (_, answer) = world.try_connect(clean(V5_0, "c"));
    assert_eq!(connack(answer[0].clone()).reason_code, ReasonCode::SERVER_BUSY);
    world.resume(lasting(V3_1_1, "b"));
}

#[test]
fn connack_is_not_sent_when_the_client_has_no_room_for_it() {
    let mut world = World::honest();
    let (id, answer) = world.try_connect(with_properties(clean(V5_0, "a"), &[PropertyBuf::maximum_packet_size(4)]));
    assert_eq!(answer, []);
    assert!(world.is_closed(id));
}

#[test]
fn what_follows_a_refused_connect_is_not_heard() {
    for (fault, heard) in [(None, false), (Some(Fault::ProcessPacketsAfterRefusal), true)] {
        let mut world = fault.map_or_else(World::honest, World::faulty);
        let witness = world.client(V3_1_1, "w");
        world.subscribe(witness, "t", QoS::AtMostOnce);
        let id = world.open(V3_1_1);
        let mut bytes = PacketBuf::Connect(lasting(V3_1_1, "")).encode(V3_1_1).unwrap();
        bytes.extend(PacketBuf::Publish(message("t", "m", QoS::AtMostOnce)).encode(V3_1_1).unwrap());
        world.send_bytes(id, &bytes);
        assert!(world.is_closed(id));
        assert_eq!(!world.take(witness).is_empty(), heard);
    }
}
