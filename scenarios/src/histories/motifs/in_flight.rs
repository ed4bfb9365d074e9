//! Deliveries under way to a subscriber, and what becomes of them when its connection ends (4.3, 4.4).

use mqttspec_codec::{PacketBuf, ReasonCode};

use super::super::connects::LONG;
use super::super::play::{Play, Who};
use super::super::script::Script;
use super::anything::{acknowledge_something, covering, high_qos};
use super::queue::plain;
use crate::model::{CloseHow, Due, Outgoing};

/// A subscriber withholds acknowledgements, loses its connection and comes back, more than once.
pub(super) fn redelivery(play: &mut Play<'_>) -> Script {
    let (subscriber, publisher) = (play.cast(), play.cast());
    let topic = play.pool.topic(&mut play.dice);
    let mut script = Script::default();
    script.then(move |play| subscribes_and_withholds(play, subscriber, topic));
    for _ in 0..play.dice.between(1, 4) {
        script.then(move |play| {
            let message = play.full_message(topic);
            play.publish(publisher, message);
        });
    }
    script.then(move |play| play.wait_for_answers(publisher));
    for _ in 0..play.dice.between(1, 2) {
        for _ in 0..play.dice.between(0, 4) {
            script.then(move |play| {
                // What is under way must be there before it can be acknowledged.
                play.ping(subscriber);
                play.wait_for_answers(subscriber);
                acknowledge_something(play, subscriber);
            });
        }
        if play.dice.one_in(3) {
            script.then(move |play| {
                play.ping(subscriber);
                play.ping(subscriber);
                play.wait_for_answers(subscriber);
            });
        }
        if play.dice.one_in(6) {
            script.then(move |play| {
                let filters = play.actors[subscriber].filters.clone();
                if !filters.is_empty() {
                    play.unsubscribe(subscriber, filters);
                }
            });
        }
        script.then(move |play| returns(play, subscriber));
    }
    if play.dice.coin() {
        // Everything acknowledged: then nothing is to be sent again.
        script.then(move |play| {
            play.drain();
            play.leave(subscriber);
            let packet = play.usual_connect(subscriber);
            play.connect(subscriber, packet);
        });
    }
    script
}

pub(super) fn subscribes_and_withholds(play: &mut Play<'_>, subscriber: Who, topic: &'static str) {
    let packet = play.usual_connect(subscriber);
    play.connect(subscriber, packet);
    let filter = covering(play, topic);
    let qos = high_qos(play);
    let identifier = play.any_identifier();
    play.subscribe(subscriber, vec![plain(filter, qos)], identifier);
    play.wait_for_answers(subscriber);
    play.withhold(subscriber);
}

/// The connection ends in any way, taken over included, and the session goes on.
fn returns(play: &mut Play<'_>, who: Who) {
    match play.dice.below(5) {
        0 => {}
        1 => play.close(who, CloseHow::Reset),
        2 => play.close(who, CloseHow::Finish),
        _ => play.disconnect(who, ReasonCode::NORMAL_DISCONNECTION),
    }
    let mut packet = if play.dice.coin() { play.usual_connect(who) } else { play.lasting_connect(who, LONG) };
    packet.clean_start = play.dice.one_in(12);
    if play.dice.coin() {
        play.begin(who, packet);
        play.wait_for_answers(who);
    } else {
        play.connect(who, packet);
    }
}

/// One delivery after the other, acknowledged in every order, with the packets of several handshakes between them.
pub(super) fn handshakes(play: &mut Play<'_>) -> Script {
    let (subscriber, publisher) = (play.cast(), play.cast());
    let topic = play.pool.topic(&mut play.dice);
    let mut script = Script::default();
    script.then(move |play| subscribes_and_withholds(play, subscriber, topic));
    let count = play.dice.between(2, 4);
    script.then(move |play| {
        for _ in 0..count {
            let message = play.small_message(topic);
            play.publish(publisher, message);
        }
        play.wait_for_answers(publisher);
        play.ping(subscriber);
        play.wait_for_answers(subscriber);
    });
    let in_order = play.dice.coin();
    for _ in 0..count * 2 {
        script.then(move |play| {
            if in_order {
                play.acknowledge(subscriber, Due::Oldest, None);
            } else {
                acknowledge_something(play, subscriber);
            }
            if play.dice.one_in(3) {
                play.send(subscriber, Outgoing::Packet(PacketBuf::PingReq));
                play.wait_for_answers(subscriber);
            }
        });
    }
    script
}
