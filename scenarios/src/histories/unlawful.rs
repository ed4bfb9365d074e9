//! Rules broken on purpose: once in a history, by one client, on one connection.

use mqttspec_codec::{
    AckBuf, ConnAckBuf, DisconnectBuf, PacketBuf, PropertyBuf, PropertyId, ProtocolVersion, PublishBuf, QoS,
    ReasonCode, SubAckBuf, UnsubAckBuf,
};

use super::motifs::plain;
use super::mutated;
use super::play::{Play, Who};
use super::script::Script;
use crate::broker::AUTHENTICATION_METHOD;
use crate::model::{ConnectExt, Outgoing, WillExt, auth, connect, publish, subscribe, will};

impl Play<'_> {
    /// Whether a rule may be broken now: once in a history, if at all.
    pub(super) fn may_break_a_rule(&mut self) -> bool {
        std::mem::take(&mut self.may_break)
    }
}

/// One client that breaks a rule, some time, and perhaps goes on afterwards; sometimes another one would see what came of it.
pub(super) fn unlawful(play: &mut Play<'_>) -> Script {
    // Sometimes one that has a part already, and so something under way.
    let cast = play.cast();
    let client = if play.dice.one_in(3) { play.dice.below(play.actors.len()) } else { cast };
    let topic = play.pool.topic(&mut play.dice);
    let mut script = Script::default();
    if play.dice.coin() {
        let witness = play.cast();
        script.then(move |play| {
            play.ensure(witness);
            play.subscribe(witness, vec![plain(topic.to_owned(), QoS::ExactlyOnce)], None);
        });
    }
    if play.dice.coin() {
        script.then(move |play| {
            let packet = play.any_connect(client);
            play.connect(client, packet);
        });
    }
    script.then(move |play| {
        if play.may_break_a_rule() {
            breaks_a_rule(play, client, topic);
            if play.dice.one_in(5) {
                play.wait_for_answers(client);
            } else {
                // Time for the target to end the connection, before the client takes it over itself.
                play.drain();
            }
            play.is_lost(client);
        }
    });
    if play.dice.coin() {
        script.then(move |play| {
            play.ensure(client);
            play.ping(client);
        });
    }
    script
}

fn breaks_a_rule(play: &mut Play<'_>, client: Who, topic: &'static str) {
    if play.dice.percent(65) {
        return mutated::sends_a_broken_packet(play, client, topic);
    }
    match play.dice.below(15) {
        0 => second_connect(play, client),
        1 => before_connect(play, client, topic),
        2 => of_a_server(play, client),
        3 => too_many_at_once(play, client, topic),
        4 => too_large(play, client, topic),
        5 | 6 => wrong_alias(play, client, topic),
        7 => what_is_not_offered(play, client, topic),
        8 | 14 => after_a_refusal(play, client, topic),
        9 => identifier_in_publish(play, client, topic),
        10 => expiry_at_disconnect(play, client),
        11 => uninvited_auth(play, client),
        12 => during_authentication(play, client, topic),
        _ => other_method(play, client),
    }
}

/// MQTT-3.1.0-2.
fn second_connect(play: &mut Play<'_>, client: Who) {
    play.ensure(client);
    let packet = play.any_connect(client);
    play.send(client, packet);
}

/// MQTT-3.1.0-1.
fn before_connect(play: &mut Play<'_>, client: Who, topic: &'static str) {
    play.open(client);
    let packet = match play.dice.below(4) {
        0 => PacketBuf::PingReq,
        1 => PacketBuf::Publish(publish(topic, "early")),
        2 => PacketBuf::Subscribe(subscribe(1, topic, QoS::AtMostOnce)),
        _ => PacketBuf::Disconnect(DisconnectBuf::default()),
    };
    play.send(client, packet);
}

/// Packets that only a server may send (2.1.2).
fn of_a_server(play: &mut Play<'_>, client: Who) {
    play.ensure(client);
    let is_5 = play.is_5(client);
    let packet = match play.dice.below(4) {
        0 => PacketBuf::PingResp,
        1 => PacketBuf::ConnAck(ConnAckBuf {
            session_present: false,
            reason_code: ReasonCode::SUCCESS,
            properties: Vec::new(),
        }),
        2 => PacketBuf::SubAck(SubAckBuf {
            packet_id: 1,
            properties: Vec::new(),
            reason_codes: vec![ReasonCode::GRANTED_QOS_0],
        }),
        _ => PacketBuf::UnsubAck(UnsubAckBuf {
            packet_id: 1,
            properties: Vec::new(),
            reason_codes: if is_5 { vec![ReasonCode::SUCCESS] } else { Vec::new() },
        }),
    };
    play.send(client, packet);
}

/// More than the server's Receive Maximum (MQTT-3.3.4-7): PUBREL is withheld.
fn too_many_at_once(play: &mut Play<'_>, client: Who, topic: &'static str) {
    const CHEAP: u16 = 20;
    let most = play.profile.abilities.receive_maximum;
    if !play.is_5(client) || most > CHEAP || play.profile.abilities.maximum_qos < QoS::ExactlyOnce {
        return second_connect(play, client);
    }
    let packet = play.plain_connect(client);
    play.begin(client, packet);
    play.wait_for_answers(client);
    for number in 0..=most {
        if number == most {
            // What is refused counts no more: all the others are taken for sure.
            play.wait_for_answers(client);
        }
        play.actors[client].unfinished += 1;
        let (packet_id, payload) = (play.actors[client].next_packet_id(), play.new_payload());
        let packet = PublishBuf { packet_id: Some(packet_id), qos: QoS::ExactlyOnce, payload, ..publish(topic, "") };
        play.send(client, packet);
    }
}

/// More than the server's Maximum Packet Size (MQTT-3.2.2-15).
fn too_large(play: &mut Play<'_>, client: Who, topic: &'static str) {
    const CHEAP: u32 = 300_000;
    let most = play.profile.abilities.maximum_packet_size.filter(|most| play.is_5(client) && *most <= CHEAP);
    let Some(most) = most else { return second_connect(play, client) };
    play.ensure(client);
    let mut packet = publish(topic, "");
    packet.payload = vec![b'x'; most as usize];
    play.send(client, packet);
}

/// A Topic Alias that is too high, unknown, or of an earlier connection (3.3.2.3.4).
fn wrong_alias(play: &mut Play<'_>, client: Who, topic: &'static str) {
    if !play.is_5(client) {
        return of_a_server(play, client);
    }
    let most = play.profile.abilities.topic_alias_maximum;
    let packet = play.lasting_connect(client, super::connects::LONG);
    play.connect(client, packet);
    let aliased = |topic: &str, alias, payload| PublishBuf {
        properties: vec![PropertyBuf::topic_alias(alias)],
        payload,
        ..publish(topic, "")
    };
    let payload = play.new_payload();
    match play.dice.below(3) {
        0 if most < u16::MAX => play.send(client, aliased(topic, most + 1, payload)),
        1 if most > 0 => play.send(client, aliased("", 1, payload)),
        _ if most > 0 => {
            play.send(client, aliased(topic, 1, payload));
            play.leave(client);
            let packet = play.lasting_connect(client, super::connects::LONG);
            play.connect(client, packet);
            let payload = play.new_payload();
            play.send(client, aliased("", 1, payload));
        }
        _ => play.send(client, aliased(topic, 1, payload)),
    }
}

/// What CONNACK has denied (3.2.2.3); where nothing is denied, a packet of a server.
fn what_is_not_offered(play: &mut Play<'_>, client: Who, topic: &'static str) {
    let abilities = play.profile.abilities.clone();
    let mut wrongs: Vec<PacketBuf> = Vec::new();
    if play.is_5(client) {
        let id = &play.actors[client].client_id;
        let with_will = |will| {
            let mut packet = connect(ProtocolVersion::V5_0, id);
            packet.will = Some(will);
            PacketBuf::Connect(packet)
        };
        if abilities.maximum_qos < QoS::ExactlyOnce {
            wrongs.push(with_will(will(topic, "will").at(QoS::ExactlyOnce)));
            wrongs.push(PacketBuf::Publish(PublishBuf {
                qos: QoS::ExactlyOnce,
                packet_id: Some(99),
                ..publish(topic, "high")
            }));
        }
        if !abilities.retain {
            wrongs.push(with_will(will(topic, "will").retained()));
            wrongs.push(PacketBuf::Publish(PublishBuf { retain: true, ..publish(topic, "kept") }));
        }
        if !abilities.shared {
            wrongs.push(PacketBuf::Subscribe(subscribe(99, &format!("$share/g/{topic}"), QoS::AtMostOnce)));
        }
        if !abilities.wildcards {
            wrongs.push(PacketBuf::Subscribe(subscribe(99, "{ns}/#", QoS::AtMostOnce)));
        }
        if !abilities.subscription_identifiers {
            let mut packet = subscribe(99, topic, QoS::AtMostOnce);
            packet.properties.push(PropertyBuf::subscription_identifier(1));
            wrongs.push(PacketBuf::Subscribe(packet));
        }
    }
    if wrongs.is_empty() {
        return of_a_server(play, client);
    }
    let packet = wrongs.swap_remove(play.dice.below(wrongs.len()));
    match packet {
        PacketBuf::Connect(_) => play.open(client),
        _ => play.ensure(client),
    }
    play.send(client, packet);
}

/// Packets sent behind a CONNECT that is refused (MQTT-3.1.4-6).
fn after_a_refusal(play: &mut Play<'_>, client: Who, topic: &'static str) {
    let payload = play.new_payload();
    let version = play.actors[client].version;
    let refused: Outgoing = match version {
        ProtocolVersion::V5_0 => {
            let mut packet = play.plain_connect(client);
            packet.properties.push(PropertyBuf::authentication_method("mqttspec-unknown"));
            packet.into()
        }
        ProtocolVersion::V3_1_1 => connect(version, "").clean(false).into(),
        ProtocolVersion::V3_1 => connect(version, "").into(),
    };
    play.open(client);
    if play.dice.one_in(3) {
        return play.send(client, refused);
    }
    let behind = Outgoing::from(PublishBuf { payload, ..publish(topic, "") });
    play.send(client, Outgoing::Together(vec![refused, behind]));
}

/// MQTT-3.3.4-6.
fn identifier_in_publish(play: &mut Play<'_>, client: Who, topic: &'static str) {
    if !play.is_5(client) {
        return before_connect(play, client, topic);
    }
    play.ensure(client);
    let mut packet = publish(topic, "identified");
    packet.properties.push(PropertyBuf::subscription_identifier(1));
    play.send(client, packet);
}

/// A Session Expiry Interval at DISCONNECT where CONNECT had none (3.14.2.2.2).
fn expiry_at_disconnect(play: &mut Play<'_>, client: Who) {
    if !play.is_5(client) {
        return of_a_server(play, client);
    }
    let packet = play.plain_connect(client);
    play.connect(client, packet);
    let properties = vec![PropertyBuf::session_expiry_interval(60)];
    play.send(client, DisconnectBuf { reason_code: ReasonCode::NORMAL_DISCONNECTION, properties });
}

/// AUTH without an Authentication Method in CONNECT (MQTT-4.12.0-7).
fn uninvited_auth(play: &mut Play<'_>, client: Who) {
    if !play.is_5(client) {
        return second_connect(play, client);
    }
    let packet = play.usual_connect(client);
    debug_assert!(packet.properties.iter().all(|p| p.id != PropertyId::AuthenticationMethod));
    play.connect(client, packet);
    play.send(client, PacketBuf::Auth(auth(ReasonCode::RE_AUTHENTICATE, AUTHENTICATION_METHOD, None)));
}

/// Other packets than AUTH and DISCONNECT before CONNACK (MQTT-3.1.2-30), or an answer by another method (MQTT-4.12.0-5).
fn during_authentication(play: &mut Play<'_>, client: Who, topic: &'static str) {
    if !play.is_5(client) || !play.profile.abilities.challenge {
        return before_connect(play, client, topic);
    }
    let mut packet = play.plain_connect(client);
    packet.properties.push(PropertyBuf::authentication_method(AUTHENTICATION_METHOD));
    play.begin(client, packet);
    play.wait_for_answers(client);
    let packet = match play.dice.below(4) {
        0 => PacketBuf::PingReq,
        1 => PacketBuf::Publish(publish(topic, "early")),
        _ => PacketBuf::Auth(auth(ReasonCode::CONTINUE_AUTHENTICATION, "mqttspec-other", Some(b"x"))),
    };
    play.send(client, packet);
}

/// Re-authentication by another method (MQTT-4.12.1-1).
fn other_method(play: &mut Play<'_>, client: Who) {
    if !play.is_5(client) || !play.profile.abilities.challenge {
        return second_connect(play, client);
    }
    let mut packet = play.plain_connect(client);
    packet.properties.push(PropertyBuf::authentication_method(AUTHENTICATION_METHOD));
    play.connect(client, packet);
    play.send(client, PacketBuf::Auth(auth(ReasonCode::RE_AUTHENTICATE, "mqttspec-other", None)));
}

/// An acknowledgement with this Packet Identifier.
pub(super) fn ack(packet_id: u16) -> AckBuf {
    AckBuf { packet_id, reason_code: ReasonCode::SUCCESS, properties: Vec::new() }
}
