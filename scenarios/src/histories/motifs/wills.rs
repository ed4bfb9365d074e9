//! Will Messages (3.1.2.5): of every kind, with every way to end a connection, and with delays.

use mqttspec_codec::{ConnectBuf, PropertyBuf, PropertyId, QoS, ReasonCode, WillBuf};

use super::super::connects::{LONG, keeping};
use super::super::play::{Play, Who};
use super::super::script::Script;
use super::queue::plain;
use crate::model::{CloseHow, Outgoing};

fn witness(play: &mut Play<'_>, who: Who, topic: &'static str) {
    let packet = play.any_connect(who);
    play.connect(who, packet);
    let mut wanted = plain(topic.to_owned(), QoS::ExactlyOnce);
    wanted.options.retain_as_published = play.dice.coin();
    let identifier = play.any_identifier();
    play.subscribe(who, vec![wanted], identifier);
    play.wait_for_answers(who);
}

/// The topic's will with this delay in seconds.
fn will_for(play: &mut Play<'_>, topic: &'static str, delay: u32) -> WillBuf {
    let mut will = play.any_will();
    topic.clone_into(&mut will.topic);
    if will.payload.is_empty() {
        will.payload = play.new_payload();
    }
    will.properties.retain(|property| property.id != PropertyId::WillDelayInterval);
    if delay > 0 {
        will.properties.push(PropertyBuf::will_delay_interval(delay));
    }
    will
}

/// A client with a will ends its connection in one way or another, and comes back without one.
pub(super) fn wills(play: &mut Play<'_>) -> Script {
    let (client, subscriber) = (play.cast(), play.cast());
    let topic = play.pool.topic(&mut play.dice);
    let mut script = Script::default();
    script.then(move |play| witness(play, subscriber, topic));
    script.then(move |play| {
        let mut packet = play.any_connect(client);
        packet.will = Some(will_for(play, topic, 0));
        play.connect(client, packet);
    });
    if play.dice.one_in(3) {
        script.then(move |play| {
            let message = play.any_message(topic);
            play.publish(client, message);
        });
    }
    script.then(move |play| ends(play, client));
    script.then(move |play| play.drain());
    if play.dice.one_in(3) {
        // Somebody who comes later sees whether it was retained.
        let late = play.cast();
        script.then(move |play| witness(play, late, topic));
    }
    if play.dice.coin() {
        script.then(move |play| {
            let packet = ConnectBuf { will: None, ..play.any_connect(client) };
            play.connect(client, packet);
            play.close(client, CloseHow::Reset);
        });
    }
    script
}

/// Ends a connection in one of the ways that publish a will, or in one that does not.
fn ends(play: &mut Play<'_>, client: Who) {
    match play.dice.below(7) {
        0 => play.disconnect(client, ReasonCode::NORMAL_DISCONNECTION),
        1 => play.disconnect(client, ReasonCode::DISCONNECT_WITH_WILL_MESSAGE),
        2 => play.close(client, CloseHow::Finish),
        3 => play.close(client, CloseHow::Reset),
        4 => {
            let packet = ConnectBuf { will: None, ..play.any_connect(client) };
            play.connect(client, packet);
        }
        5 if play.is_5(client) => play.disconnect(client, ReasonCode::UNSPECIFIED_ERROR),
        _ if play.may_break_a_rule() => {
            // An error that the server is bound to end the connection for: a second CONNECT.
            let packet = play.plain_connect(client);
            play.send(client, Outgoing::from(packet));
            play.wait_for_answers(client);
            play.is_lost(client);
        }
        _ => play.close(client, CloseHow::Reset),
    }
}

/// A will with a delay: the client comes back in time or too late, or its session ends before.
pub(super) fn delayed(play: &mut Play<'_>) -> Script {
    let (client, subscriber) = (play.cast(), play.cast());
    let topic = play.pool.topic(&mut play.dice);
    let mut script = Script::default();
    script.then(move |play| witness(play, subscriber, topic));
    let (delay, expiry) = play.dice.pick(&[(1, LONG), (1, LONG), (2, LONG), (LONG, 1), (LONG, 0), (1, 0), (60, LONG)]);
    script.then(move |play| {
        let mut packet = play.plain_connect(client);
        packet.will = Some(will_for(play, topic, delay));
        packet = keeping(packet, expiry);
        play.connect(client, packet);
    });
    script.then(move |play| {
        if play.dice.one_in(4) {
            play.disconnect(client, ReasonCode::DISCONNECT_WITH_WILL_MESSAGE);
        } else {
            play.close(client, CloseHow::Reset);
        }
        if play.dice.coin() {
            play.drain();
        }
        let comes_back = play.dice.coin() && expiry == LONG;
        if comes_back {
            let packet = ConnectBuf { will: None, ..play.any_connect(client) };
            let clean = play.dice.one_in(3);
            play.connect(client, ConnectBuf { clean_start: clean, ..keeping(packet, LONG) });
            if play.dice.coin() {
                play.disconnect(client, ReasonCode::NORMAL_DISCONNECTION);
            }
        }
        play.wait(u64::from(delay.min(expiry)).min(3) * 1_000 + 1_500);
    });
    script
}
