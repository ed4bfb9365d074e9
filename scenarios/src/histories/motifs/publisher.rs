//! The publisher's side of QoS 1 and 2 (4.3): resumed, repeated, with identifiers used again, and coalesced.

use mqttspec_codec::{PacketBuf, PublishBuf, QoS};

use super::super::connects::LONG;
use super::super::play::{Play, Who};
use super::super::script::Script;
use super::anything::high_qos;
use super::queue::plain;
use crate::model::{CloseHow, Due, Outgoing};

/// Somebody who gets what is published.
fn witness(play: &mut Play<'_>, who: Who, topic: &'static str) {
    let packet = play.usual_connect(who);
    play.connect(who, packet);
    play.subscribe(who, vec![plain(topic.to_owned(), QoS::ExactlyOnce)], None);
    play.wait_for_answers(who);
}

/// A publisher loses its connection in the middle of its handshakes, comes back and sends again.
pub(super) fn resumption(play: &mut Play<'_>) -> Script {
    let (publisher, subscriber) = (play.cast(), play.cast());
    let topic = play.pool.topic(&mut play.dice);
    let mut script = Script::default();
    script.then(move |play| witness(play, subscriber, topic));
    script.then(move |play| {
        let packet = play.lasting_connect(publisher, LONG);
        play.connect(publisher, packet);
    });
    for _ in 0..play.dice.between(1, 2) {
        script.then(move |play| interrupted(play, publisher, topic));
        script.then(move |play| {
            let packet = play.lasting_connect(publisher, LONG);
            play.begin(publisher, packet);
            play.wait_for_answers(publisher);
            play.resend(publisher);
            if play.dice.coin() {
                play.answer(publisher);
            }
            play.wait_for_answers(publisher);
        });
        if play.dice.coin() {
            script.then(move |play| {
                let message = play.full_message(topic);
                play.publish(publisher, message);
            });
        }
    }
    script
}

/// A handshake that stops in the middle.
fn interrupted(play: &mut Play<'_>, publisher: Who, topic: &'static str) {
    play.withhold(publisher);
    match play.dice.below(5) {
        // The answers to PUBLISH are not seen.
        0 | 1 => {
            for _ in 0..play.dice.between(1, 3) {
                let message = play.full_message(topic);
                play.publish(publisher, message);
            }
        }
        // PUBREC is seen, and PUBREL perhaps sent.
        2 | 3 => {
            for _ in 0..play.dice.between(1, 2) {
                let message = play.full_message(topic).at(QoS::ExactlyOnce);
                play.publish(publisher, message);
            }
            play.wait_for_answers(publisher);
            if !play.dice.one_in(3) {
                play.acknowledge(publisher, Due::Oldest, None);
            }
        }
        // PUBLISH does not arrive as a whole, and comes again.
        _ => {
            let message = play.full_message(topic);
            let packet = play.publication(publisher, message);
            let first_byte = 0x30 | packet.qos.value() << 1;
            play.send(publisher, Outgoing::Bytes(vec![first_byte, 40, 0]));
            play.close(publisher, CloseHow::Finish);
            let connect = play.lasting_connect(publisher, LONG);
            play.connect(publisher, connect);
            let repeats = packet.packet_id.is_some() && !packet.topic.is_empty();
            play.send(publisher, PublishBuf { dup: repeats, ..packet });
            play.wait_for_answers(publisher);
        }
    }
    let how = if play.dice.coin() { CloseHow::Reset } else { CloseHow::Finish };
    play.close(publisher, how);
}

/// Identifiers are used again as soon as they are free, and while the server uses the same ones itself.
pub(super) fn reused_identifiers(play: &mut Play<'_>) -> Script {
    let (publisher, subscriber) = (play.cast(), play.cast());
    let topic = play.pool.topic(&mut play.dice);
    let also_subscribes = play.dice.coin();
    let mut script = Script::default();
    script.then(move |play| witness(play, subscriber, topic));
    script.then(move |play| {
        let packet = play.lasting_connect(publisher, LONG);
        play.connect(publisher, packet);
        if also_subscribes {
            let qos = high_qos(play);
            play.subscribe(publisher, vec![plain(topic.to_owned(), qos)], None);
            play.wait_for_answers(publisher);
            play.withhold(publisher);
        }
    });
    for _ in 0..play.dice.between(2, 4) {
        script.then(move |play| {
            if play.actors[publisher].unfinished == 0 && !play.actors[publisher].dangling {
                play.actors[publisher].packet_id = 0;
            }
            let message = play.small_message(topic);
            play.publish(publisher, message);
            play.wait_for_answers(publisher);
            if play.dice.one_in(4) {
                play.leave(publisher);
                let packet = play.lasting_connect(publisher, LONG);
                play.connect(publisher, packet);
                play.resend(publisher);
                play.wait_for_answers(publisher);
            }
        });
    }
    script
}

/// Several packets in one write.
pub(super) fn coalesced(play: &mut Play<'_>) -> Script {
    let (who, subscriber) = (play.cast(), play.cast());
    let topic = play.pool.topic(&mut play.dice);
    let mut script = Script::default();
    script.then(move |play| witness(play, subscriber, topic));
    if play.dice.one_in(3) {
        // A client need not wait for CONNACK (3.1.4).
        script.then(move |play| {
            let connect = play.lasting_connect(who, LONG);
            play.begin(who, connect);
            let message = play.full_message(topic).at(QoS::AtMostOnce);
            play.publish(who, message);
            play.ping(who);
            play.answer(who);
            play.wait_for_answers(who);
        });
    }
    for _ in 0..play.dice.between(1, 3) {
        script.then(move |play| {
            play.ensure(who);
            play.wait_for_answers(who);
            let mut together = Vec::new();
            for _ in 0..play.dice.between(2, 4) {
                together.push(match play.dice.below(6) {
                    0..=2 => PacketBuf::PingReq,
                    3 => {
                        let filters = vec![play.any_subscription()];
                        match play.subscription(who, filters, None) {
                            Some(packet) => PacketBuf::Subscribe(packet),
                            None => PacketBuf::PingReq,
                        }
                    }
                    _ => {
                        let message = play.any_message(topic);
                        PacketBuf::Publish(play.publication(who, message))
                    }
                });
            }
            let together = together.into_iter().map(Outgoing::Packet).collect();
            play.send(who, Outgoing::Together(together));
            play.wait_for_answers(who);
        });
    }
    script
}
