//! Enhanced authentication and re-authentication (4.12), good and bad.

use mqttspec_codec::{PacketBuf, PropertyBuf, QoS, ReasonCode};

use super::super::connects::LONG;
use super::super::play::{Play, Who};
use super::super::script::Script;
use super::queue::plain;
use crate::broker::AUTHENTICATION_METHOD;
use crate::model::{Outgoing, auth};

/// A client that authenticates, and perhaps does so again.
pub(super) fn authentication(play: &mut Play<'_>) -> Script {
    let client = play.cast();
    let known = play.profile.abilities.challenge && !play.dice.one_in(5);
    let mut script = Script::default();
    script.then(move |play| {
        if !play.is_5(client) {
            return;
        }
        let mut packet = play.lasting_connect(client, LONG);
        let method = if known { AUTHENTICATION_METHOD } else { "mqttspec-unknown" };
        packet.properties.push(PropertyBuf::authentication_method(method));
        if known {
            play.begin(client, packet);
            play.wait_for_answers(client);
            answers(play, client);
        } else {
            // Lawful, and to be refused.
            play.begin(client, packet);
            play.wait_for_answers(client);
            play.is_lost(client);
        }
    });
    if play.dice.coin() {
        script.then(move |play| is_busy(play, client));
    }
    if known {
        for _ in 0..play.dice.between(1, 2) {
            script.then(move |play| again(play, client));
        }
    }
    script
}

/// It subscribes, and something is under way in both directions while it authenticates again.
fn is_busy(play: &mut Play<'_>, client: Who) {
    if !play.is_connected(client) || !play.actors[client].authenticates {
        return;
    }
    let topic = play.pool.topic(&mut play.dice);
    play.subscribe(client, vec![plain(topic.to_owned(), QoS::ExactlyOnce)], None);
    play.withhold(client);
    let message = play.any_message(topic);
    play.publish(client, message);
}

/// Answers the challenge, rightly or wrongly.
fn answers(play: &mut Play<'_>, client: Who) {
    if !play.is_connected(client) {
        return;
    }
    match play.dice.below(5) {
        0 => {
            play.send(client, answer(play.challenge_of(client), true));
            play.wait_for_answers(client);
            play.is_lost(client);
        }
        _ => {
            play.send(client, answer(play.challenge_of(client), false));
            play.answer(client);
            play.wait_for_answers(client);
        }
    }
}

/// Re-authentication (4.12.1).
fn again(play: &mut Play<'_>, client: Who) {
    if !play.is_connected(client) || !play.actors[client].authenticates {
        return;
    }
    // Who answers at once answers a challenge rightly.
    play.withhold(client);
    play.send(client, PacketBuf::Auth(auth(ReasonCode::RE_AUTHENTICATE, AUTHENTICATION_METHOD, None)));
    play.wait_for_answers(client);
    let wrong = play.dice.coin();
    play.send(client, answer(play.challenge_of(client), wrong));
    play.wait_for_answers(client);
    if wrong {
        play.is_lost(client);
    } else {
        play.answer(client);
    }
}

fn answer(to: String, wrong: bool) -> Outgoing {
    Outgoing::AnswerChallenge { to, wrong }
}
