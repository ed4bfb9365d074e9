//! QoS 1 and 2 in both directions, cut and resumed everywhere (4.3, 4.4).

use mqttspec_codec::{PacketBuf, ProtocolVersion, PublishBuf, QoS, ReasonCode};
use mqttspec_scenarios::broker::ConnectionId;

use crate::peer::*;

const VERSIONS: [ProtocolVersion; 3] = [V3_1, V3_1_1, V5_0];

/// A subscriber with a lasting session, and a publisher.
fn pair(version: ProtocolVersion, qos: QoS) -> (World, ConnectionId, ConnectionId) {
    let mut world = World::honest();
    let subscriber = world.connect(lasting(version, "s"));
    world.subscribe(subscriber, "t", qos);
    let publisher = world.client(version, "p");
    (world, subscriber, publisher)
}

#[test]
fn to_the_client_at_qos_1() {
    for version in VERSIONS {
        let (mut world, id, publisher) = pair(version, QoS::AtLeastOnce);
        world.publish(publisher, message("t", "m", QoS::AtLeastOnce));
        let first = world.publishes(id).remove(0);
        assert!(!first.dup);
        world.alive(id);
        world.drop_connection(id);
        let (id, again) = world.resume(lasting(version, "s"));
        assert_eq!(again, [PacketBuf::Publish(PublishBuf { dup: true, ..first.clone() })]);
        world.send(id, puback(first.packet_id.unwrap()));
        world.drop_connection(id);
        let (_, nothing) = world.resume(lasting(version, "s"));
        assert_eq!(nothing, []);
    }
}

#[test]
fn to_the_client_at_qos_2_cut_after_each_packet() {
    for version in VERSIONS {
        let (mut world, id, publisher) = pair(version, QoS::ExactlyOnce);
        world.publish(publisher, message("t", "m", QoS::ExactlyOnce));
        let first = world.publishes(id).remove(0);
        let packet_id = first.packet_id.unwrap();
        // After PUBLISH.
        world.drop_connection(id);
        let (id, again) = world.resume(lasting(version, "s"));
        assert_eq!(again, [PacketBuf::Publish(PublishBuf { dup: true, ..first })]);
        // After PUBREC and PUBREL.
        world.send(id, pubrec(packet_id));
        assert_eq!(world.one(id), pubrel(packet_id));
        world.alive(id);
        world.drop_connection(id);
        let (id, again) = world.resume(lasting(version, "s"));
        assert_eq!(again, [pubrel(packet_id)]);
        // A second PUBREC is answered again.
        world.send(id, pubrec(packet_id));
        assert_eq!(world.one(id), pubrel(packet_id));
        // After PUBCOMP.
        world.send(id, pubcomp(packet_id));
        world.drop_connection(id);
        let (_, nothing) = world.resume(lasting(version, "s"));
        assert_eq!(nothing, []);
    }
}

#[test]
fn redelivery_keeps_the_order_and_comes_before_what_is_new() {
    for version in VERSIONS {
        let (mut world, id, publisher) = pair(version, QoS::ExactlyOnce);
        for (payload, qos) in [("1", QoS::AtLeastOnce), ("2", QoS::ExactlyOnce), ("3", QoS::AtLeastOnce)] {
            world.publish(publisher, message("t", payload, qos));
        }
        let sent = world.publishes(id);
        world.send(id, pubrec(sent[1].packet_id.unwrap()));
        world.drop_connection(id);
        world.publish(publisher, message("t", "4", QoS::AtLeastOnce));
        world.publish(publisher, message("t", "lost", QoS::AtMostOnce));
        let (_, got) = world.resume(lasting(version, "s"));
        let dup = |n: usize| PacketBuf::Publish(PublishBuf { dup: true, ..sent[n].clone() });
        assert_eq!(got[..3], [dup(0), pubrel(sent[1].packet_id.unwrap()), dup(2)]);
        let new = published(got[3].clone());
        assert_eq!((new.dup, new.payload), (false, b"4".to_vec()));
        assert!(sent.iter().all(|old| old.packet_id != new.packet_id), "an identifier in use was given again");
        assert_eq!(got.len(), 4);
    }
}

#[test]
fn lost_session_means_nothing_is_redelivered() {
    for version in VERSIONS {
        let (mut world, id, publisher) = pair(version, QoS::ExactlyOnce);
        world.publish(publisher, message("t", "m", QoS::ExactlyOnce));
        world.drop_connection(id);
        let id = world.client(version, "s");
        world.publish(publisher, message("t", "m", QoS::ExactlyOnce));
        world.nothing(id);
    }
}

#[test]
fn from_the_client_at_qos_1() {
    for version in VERSIONS {
        let (mut world, id, publisher) = pair(version, QoS::ExactlyOnce);
        let publish = message("t", "m", QoS::AtLeastOnce);
        world.publish(publisher, publish.clone());
        // The same identifier again is a new message, DUP or not.
        world.publish(publisher, publish.clone());
        world.publish(publisher, PublishBuf { dup: true, ..publish });
        let got = world.publishes(id);
        assert_eq!(got.len(), 3);
        assert!(got.iter().all(|p| !p.dup));
    }
}

#[test]
fn from_the_client_at_qos_2_cut_after_each_packet() {
    for version in VERSIONS {
        let (mut world, witness, _) = pair(version, QoS::AtMostOnce);
        let publish = PacketBuf::Publish(message("t", "m", QoS::ExactlyOnce));
        let again = PacketBuf::Publish(PublishBuf { dup: true, ..message("t", "m", QoS::ExactlyOnce) });
        let id = world.connect(lasting(version, "q"));
        world.send(id, publish.clone());
        assert_eq!(world.one(id), pubrec(77));
        world.send(id, again.clone());
        assert_eq!(world.one(id), pubrec(77), "on the same connection");
        world.drop_connection(id);
        let (id, _) = world.resume(lasting(version, "q"));
        world.send(id, again.clone());
        assert_eq!(world.one(id), pubrec(77), "on the next connection");
        assert_eq!(world.payloads(witness), ["m"]);
        world.send(id, pubrel(77));
        assert_eq!(world.one(id), pubcomp(77));
        world.drop_connection(id);
        let (id, _) = world.resume(lasting(version, "q"));
        world.send(id, pubrel(77));
        assert_eq!(world.one(id), pubcomp(77), "PUBREL sent again after PUBCOMP");
        world.nothing(witness);
        // Released, the identifier stands for a new message.
        world.send(id, publish);
        assert_eq!(world.one(id), pubrec(77));
        assert_eq!(world.payloads(witness), ["m"]);
        // A lost session forgets it.
        world.drop_connection(id);
        let id = world.client(version, "q");
        world.send(id, again);
        assert_eq!(world.one(id), pubrec(77));
        assert_eq!(world.payloads(witness), ["m"]);
    }
}

#[test]
fn refused_deliveries_are_done_with() {
    for (qos, refusal) in [(QoS::AtLeastOnce, true), (QoS::ExactlyOnce, false)] {
        let (mut world, id, publisher) = pair(V5_0, QoS::ExactlyOnce);
        world.publish(publisher, message("t", "m", qos));
        let packet_id = world.publishes(id)[0].packet_id.unwrap();
        let nack = ack(packet_id, ReasonCode::UNSPECIFIED_ERROR);
        world.send(id, if refusal { PacketBuf::PubAck(nack) } else { PacketBuf::PubRec(nack) });
        world.drop_connection(id);
        assert_eq!(world.resume(lasting(V5_0, "s")).1, []);
    }
}

#[test]
fn pubrec_for_an_unknown_identifier() {
    let mut world = World::honest();
    let id = world.client(V5_0, "a");
    world.send(id, pubrec(5));
    assert_eq!(world.one(id), PacketBuf::PubRel(ack(5, ReasonCode::PACKET_IDENTIFIER_NOT_FOUND)));
    for stray in [puback(5), pubcomp(5)] {
        world.send(id, stray);
        world.nothing(id);
    }
}

#[test]
fn messages_for_absent_clients_are_bounded() {
    let config = mqttspec_scenarios::broker::BrokerConfig { maximum_queued_messages: 3, ..Default::default() };
    let mut world = World::new(config);
    let id = world.connect(lasting(V3_1_1, "s"));
    world.subscribe(id, "t", QoS::AtLeastOnce);
    world.drop_connection(id);
    let publisher = world.client(V3_1_1, "p");
    for payload in ["1", "2", "3", "4"] {
        world.publish(publisher, message("t", payload, QoS::AtLeastOnce));
    }
    assert_eq!(world.resume(lasting(V3_1_1, "s")).1.len(), 3);
}
