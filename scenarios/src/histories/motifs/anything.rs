//! Anything: single steps of any kind, without a plan.

use mqttspec_codec::{PropertyBuf, QoS, ReasonCode};

use super::super::play::{Play, Who};
use super::super::script::Script;
use crate::model::{CloseHow, Due};

/// A refusal that PUBACK and PUBREC know (3.4.2.1).
pub(super) const REFUSALS: [ReasonCode; 4] = [
    ReasonCode::UNSPECIFIED_ERROR,
    ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR,
    ReasonCode::NOT_AUTHORIZED,
    ReasonCode::QUOTA_EXCEEDED,
];

/// Some single steps of two clients.
pub(super) fn anything(play: &mut Play<'_>) -> Script {
    let clients = [play.cast(), play.cast()];
    let mut script = Script::default();
    for _ in 0..play.dice.between(6, 16) {
        let who = play.dice.pick(&clients);
        script.then(move |play| one(play, who));
    }
    script
}

/// One step of this client.
fn one(play: &mut Play<'_>, who: Who) {
    match play.dice.below(24) {
        0..=6 => {
            let topic = play.pool.topic(&mut play.dice);
            let message = play.any_message(topic);
            play.publish(who, message);
        }
        7..=10 => {
            let filters = (0..play.dice.between(1, 3)).map(|_| play.any_subscription()).collect();
            let identifier = play.any_identifier();
            play.subscribe(who, filters, identifier);
        }
        11 => {
            let held = play.actors[who].filters.clone();
            let mut filters = vec![play.pool.filter(&mut play.dice, play.profile.abilities.wildcards).to_owned()];
            filters.extend(held.into_iter().take(1));
            play.unsubscribe(who, filters);
        }
        12 => play.withhold(who),
        13 => play.answer(who),
        14 | 15 => acknowledge_something(play, who),
        16 => play.ping(who),
        17 => play.leave(who),
        18 => {
            let packet = play.any_connect(who);
            play.connect(who, packet);
            if play.dice.coin() {
                play.resend(who);
            }
        }
        19 => play.disconnect(who, ReasonCode::DISCONNECT_WITH_WILL_MESSAGE),
        20 => play.close(who, CloseHow::Reset),
        21 => {
            play.wait(500);
        }
        22 if play.is_5(who) && play.actors[who].expiry > 0 => {
            let property = PropertyBuf::session_expiry_interval(play.dice.pick(&[0, 1, 600]));
            play.disconnect_with(
                who,
                mqttspec_codec::DisconnectBuf {
                    reason_code: ReasonCode::NORMAL_DISCONNECTION,
                    properties: vec![property],
                },
            );
        }
        _ => {
            let packet = play.usual_connect(who);
            play.connect(who, packet);
        }
    }
}

/// Sends an acknowledgement that is due: in order or not, and sometimes a refusal.
pub(super) fn acknowledge_something(play: &mut Play<'_>, who: Who) {
    let which = match play.dice.below(8) {
        0..=4 => Due::Oldest,
        5 => Due::Newest,
        _ => Due::Nth(play.dice.below(3) as u16),
    };
    let refusal = play.dice.one_in(6).then(|| play.dice.pick(&REFUSALS));
    play.acknowledge(who, which, refusal);
}

/// A filter for the topic, with or without a wildcard.
pub(super) fn covering(play: &mut Play<'_>, topic: &'static str) -> String {
    let wildcards = play.profile.abilities.wildcards;
    match (play.dice.below(4), topic.rsplit_once('/')) {
        (0, Some((parent, _))) if wildcards => format!("{parent}/+"),
        (1, _) if wildcards => format!("{topic}/#"),
        _ => topic.to_owned(),
    }
}

/// A QoS above 0 that the target serves, most often 2.
pub(super) fn high_qos(play: &mut Play<'_>) -> QoS {
    play.dice.pick(&[QoS::AtLeastOnce, QoS::ExactlyOnce, QoS::ExactlyOnce])
}
