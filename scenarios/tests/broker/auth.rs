//! Enhanced authentication (4.12, 3.15).

use mqttspec_codec::{ConnectBuf, PacketBuf, PropertyBuf, PropertyId, PropertyList, ReasonCode};
use mqttspec_scenarios::broker::{AUTHENTICATION_METHOD, ConnectionId, Fault, Variant};

use crate::peer::*;

const METHOD: &str = AUTHENTICATION_METHOD;

fn with_method(method: &str) -> ConnectBuf {
    with_properties(clean(V5_0, "a"), &[PropertyBuf::authentication_method(method)])
}

/// The nonce of the challenge just received.
fn challenge_of(world: &mut World, id: ConnectionId) -> Vec<u8> {
    let PacketBuf::Auth(auth) = world.one(id) else { panic!("not an AUTH") };
    assert_eq!(auth.reason_code, ReasonCode::CONTINUE_AUTHENTICATION);
    assert_eq!(auth.properties.text(PropertyId::AuthenticationMethod), Some(METHOD));
    auth.properties.binary(PropertyId::AuthenticationData).unwrap().to_vec()
}

fn challenged(world: &mut World) -> (ConnectionId, Vec<u8>) {
    let id = world.open(V5_0);
    world.send(id, PacketBuf::Connect(with_method(METHOD)));
    let nonce = challenge_of(world, id);
    (id, nonce)
}

fn answer(mut nonce: Vec<u8>) -> PacketBuf {
    nonce.reverse();
    auth(ReasonCode::CONTINUE_AUTHENTICATION, METHOD, Some(nonce))
}

/// A client that has authenticated.
fn authenticated(world: &mut World) -> ConnectionId {
    let (id, nonce) = challenged(world);
    world.send(id, answer(nonce));
    let connack = connack(world.one(id));
    assert_eq!(connack.reason_code, ReasonCode::SUCCESS);
    assert_eq!(connack.properties.text(PropertyId::AuthenticationMethod), Some(METHOD));
    id
}

fn refused_with(world: &mut World, id: ConnectionId, reason: ReasonCode) {
    assert_eq!(connack(world.one(id)).reason_code, reason);
    assert!(world.is_closed(id));
}

#[test]
fn right_answer_is_accepted() {
    let mut world = World::honest();
    let id = authenticated(&mut world);
    world.alive(id);
}

#[test]
fn wrong_answer_is_refused() {
    let mut world = World::honest();
    let (id, nonce) = challenged(&mut world);
    world.send(id, auth(ReasonCode::CONTINUE_AUTHENTICATION, METHOD, Some(nonce)));
    refused_with(&mut world, id, ReasonCode::NOT_AUTHORIZED);
}

#[test]
fn unknown_method_is_refused() {
    let mut world = World::honest();
    let (id, answer) = world.try_connect(with_method("SCRAM-SHA-1"));
    assert_eq!(connack(answer[0].clone()).reason_code, ReasonCode::BAD_AUTHENTICATION_METHOD);
    assert!(world.is_closed(id));
    let mut world = World::varied(Variant::CapabilityNoEnhancedAuthentication);
    let (_, answer) = world.try_connect(with_method(METHOD));
    assert_eq!(connack(answer[0].clone()).reason_code, ReasonCode::BAD_AUTHENTICATION_METHOD);
}

#[test]
fn only_auth_and_disconnect_may_come_before_connack() {
    let mut world = World::honest();
    let (id, _) = challenged(&mut world);
    world.send(id, PacketBuf::PingReq);
    refused_with(&mut world, id, ReasonCode::PROTOCOL_ERROR);
    let (id, _) = challenged(&mut world);
    world.send(id, PacketBuf::Connect(with_method(METHOD)));
    refused_with(&mut world, id, ReasonCode::PROTOCOL_ERROR);
    let (id, _) = challenged(&mut world);
    world.send(id, disconnect(ReasonCode::NORMAL_DISCONNECTION));
    world.ended_with(id, &[]);
    let (id, nonce) = challenged(&mut world);
    world.send(id, auth(ReasonCode::CONTINUE_AUTHENTICATION, "other", Some(nonce)));
    refused_with(&mut world, id, ReasonCode::PROTOCOL_ERROR);
}

#[test]
fn a_silent_client_is_closed_while_authenticating() {
    let mut world = World::honest();
    let (id, _) = challenged(&mut world);
    world.wait_secs(11);
    world.ended_with(id, &[]);
}

#[test]
fn nonces_follow_the_seed() {
    let nonce_of = |seed| {
        let config = mqttspec_scenarios::broker::BrokerConfig { seed, ..Default::default() };
        challenged(&mut World::new(config)).1
    };
    assert_eq!(nonce_of(1), nonce_of(1));
    assert_ne!(nonce_of(1), nonce_of(2));
}

#[test]
fn re_authentication() {
    let mut world = World::honest();
    let id = authenticated(&mut world);
    world.send(id, auth(ReasonCode::RE_AUTHENTICATE, METHOD, None));
    let challenge = challenge_of(&mut world, id);
    world.alive(id);
    world.send(id, answer(challenge));
    let PacketBuf::Auth(done) = world.one(id) else { panic!("not an AUTH") };
    assert_eq!(done.reason_code, ReasonCode::SUCCESS);
    assert_eq!(done.properties.text(PropertyId::AuthenticationMethod), Some(METHOD));

    world.send(id, auth(ReasonCode::RE_AUTHENTICATE, METHOD, None));
    let challenge = challenge_of(&mut world, id);
    world.send(id, auth(ReasonCode::CONTINUE_AUTHENTICATION, METHOD, Some(challenge)));
    world.ended(id, ReasonCode::NOT_AUTHORIZED);
}

#[test]
fn auth_out_of_place_ends_the_connection() {
    for packet in [
        auth(ReasonCode::RE_AUTHENTICATE, "other", None),
        auth(ReasonCode::CONTINUE_AUTHENTICATION, METHOD, Some(vec![1])),
        auth(ReasonCode::SUCCESS, METHOD, None),
    ] {
        let mut world = World::honest();
        let id = authenticated(&mut world);
        world.send(id, packet);
        world.ended(id, ReasonCode::PROTOCOL_ERROR);
    }
    let mut world = World::honest();
    let id = world.client(V5_0, "plain");
    world.send(id, auth(ReasonCode::RE_AUTHENTICATE, METHOD, None));
    world.ended(id, ReasonCode::PROTOCOL_ERROR);
}

#[test]
fn faults_of_authentication() {
    let mut world = World::faulty(Fault::AcceptUnknownAuthenticationMethod);
    world.connect(with_method("unknown"));
    let mut world = World::faulty(Fault::OpenAfterFailedAuthentication);
    let (id, nonce) = challenged(&mut world);
    world.send(id, auth(ReasonCode::CONTINUE_AUTHENTICATION, METHOD, Some(nonce)));
    assert_eq!(connack(world.one(id)).reason_code, ReasonCode::SUCCESS);
    let mut world = World::faulty(Fault::AcceptPacketsDuringAuthentication);
    let (id, _) = challenged(&mut world);
    world.send(id, PacketBuf::PingReq);
    world.nothing(id);
    let mut world = World::faulty(Fault::AcceptUninvitedAuth);
    let id = world.client(V5_0, "plain");
    world.send(id, auth(ReasonCode::RE_AUTHENTICATE, METHOD, None));
    world.alive(id);
    let mut world = World::faulty(Fault::AcceptOtherMethodAtReauthentication);
    let id = authenticated(&mut world);
    world.send(id, auth(ReasonCode::RE_AUTHENTICATE, "other", None));
    challenge_of(&mut world, id);
    let mut world = World::faulty(Fault::OpenAfterFailedReauthentication);
    let id = authenticated(&mut world);
    world.send(id, auth(ReasonCode::RE_AUTHENTICATE, METHOD, None));
    let challenge = challenge_of(&mut world, id);
    world.send(id, auth(ReasonCode::CONTINUE_AUTHENTICATION, METHOD, Some(challenge)));
    world.alive(id);
    let mut world = World::faulty(Fault::UninvitedAuthenticationMethod);
    let (_, answer) = world.try_connect(clean(V5_0, "plain"));
    assert!(connack(answer[0].clone()).properties.find(PropertyId::AuthenticationMethod).is_some());
}
