//! Sessions (4.1, 3.1.2.4, 3.1.2.11.2): present or not, taken over, and outlived.

use mqttspec_codec::{ConnectBuf, DisconnectBuf, PropertyBuf, QoS, ReasonCode};

use super::super::connects::LONG;
use super::super::play::{Play, Who};
use super::super::script::Script;
use super::in_flight::subscribes_and_withholds;
use super::queue::plain;

/// A client connects again and again, with and without a session to come back to.
pub(super) fn presence(play: &mut Play<'_>) -> Script {
    let (client, publisher) = (play.cast(), play.cast());
    let topic = play.pool.topic(&mut play.dice);
    let mut script = Script::default();
    for _ in 0..play.dice.between(2, 4) {
        script.then(move |play| {
            let expiry = play.dice.pick(&[0, LONG, LONG, 600]);
            let clean = play.dice.one_in(3);
            let mut packet = play.lasting_connect(client, expiry);
            if play.is_5(client) {
                packet.clean_start = clean;
            }
            play.connect(client, packet);
        });
        script.then(move |play| {
            if play.dice.coin() {
                play.subscribe(client, vec![plain(topic.to_owned(), QoS::ExactlyOnce)], None);
            }
            if play.dice.coin() {
                let message = play.small_message(topic);
                play.publish(publisher, message);
                play.wait_for_answers(publisher);
            }
        });
        script.then(move |play| {
            let changes = play.is_5(client) && play.actors[client].expiry > 0 && play.dice.one_in(4);
            if changes {
                let property = PropertyBuf::session_expiry_interval(play.dice.pick(&[0, 600]));
                let reason_code = ReasonCode::NORMAL_DISCONNECTION;
                play.disconnect_with(client, DisconnectBuf { reason_code, properties: vec![property] });
            } else if !play.dice.one_in(4) {
                play.leave(client);
            }
            if play.dice.one_in(3) {
                let message = play.full_message(topic);
                play.publish(publisher, message);
                play.wait_for_answers(publisher);
            }
        });
    }
    script.then(move |play| {
        let packet = play.lasting_connect(client, LONG);
        play.connect(client, packet);
        let message = play.small_message(topic);
        play.publish(publisher, message);
    });
    script
}

/// A second connection with the same Client Identifier, with deliveries under way (3.1.4).
pub(super) fn take_over(play: &mut Play<'_>) -> Script {
    let (client, publisher) = (play.cast(), play.cast());
    let topic = play.pool.topic(&mut play.dice);
    let mut script = Script::default();
    script.then(move |play| {
        subscribes_and_withholds(play, client, topic);
        if play.dice.coin() {
            play.answer(client);
        }
    });
    for _ in 0..play.dice.between(1, 3) {
        script.then(move |play| {
            let message = play.full_message(topic);
            play.publish(publisher, message);
            if play.dice.coin() {
                play.wait_for_answers(publisher);
            }
        });
        script.then(move |play| {
            let mut packet = play.usual_connect(client);
            packet.clean_start = play.dice.one_in(6);
            play.connect(client, packet);
        });
    }
    script
}

/// A session ends because of its Session Expiry Interval, or outlives it while it is connected.
pub(super) fn outlived(play: &mut Play<'_>) -> Script {
    let (client, publisher) = (play.cast(), play.cast());
    let topic = play.pool.topic(&mut play.dice);
    let mut script = Script::default();
    script.then(move |play| {
        let packet = play.lasting_connect(client, 1);
        play.connect(client, packet);
        play.subscribe(client, vec![plain(topic.to_owned(), QoS::ExactlyOnce)], None);
        play.wait_for_answers(client);
    });
    if play.dice.coin() {
        // Connected all the time: its session cannot expire.
        script.then(move |play| {
            play.wait(2_500);
            publishes(play, publisher, topic);
        });
    } else {
        let away_ms = if play.dice.one_in(4) { 200 } else { 5_000 };
        script.then(move |play| {
            play.leave(client);
            play.wait(away_ms);
            if play.dice.coin() {
                publishes(play, publisher, topic);
            }
            let packet = ConnectBuf { clean_start: false, ..play.lasting_connect(client, LONG) };
            play.connect(client, packet);
            publishes(play, publisher, topic);
        });
    }
    script
}

fn publishes(play: &mut Play<'_>, publisher: Who, topic: &'static str) {
    let message = play.small_message(topic);
    play.publish(publisher, message);
    play.wait_for_answers(publisher);
}
