//! Shared Subscriptions (4.8.2): members come and go, acknowledge, refuse, and leave messages under way.

use mqttspec_codec::{ConnectBuf, PropertyBuf, QoS};

use super::super::connects::{LONG, keeping, with};
use super::super::play::{Play, Who};
use super::super::script::Script;
use super::anything::{REFUSALS, acknowledge_something};
use super::queue::plain;
use crate::model::{CloseHow, Due};

/// Members of one or two groups, and a publisher.
pub(super) fn sharing(play: &mut Play<'_>) -> Script {
    let members = [play.cast(), play.cast()];
    let publisher = play.cast();
    let topic = play.pool.topic(&mut play.dice);
    let lasting = !play.dice.one_in(3);
    let two_groups = play.dice.one_in(3);
    let withholds = !play.dice.one_in(3);
    let lowered = play.dice.one_in(3);
    let mut script = Script::default();
    if play.dice.one_in(4) {
        script.then(move |play| {
            let message = play.full_message(topic).retained(true);
            play.publish(publisher, message);
            play.wait_for_answers(publisher);
        });
    }
    for (place, member) in members.into_iter().enumerate() {
        script.then(move |play| {
            let packet = keeping(play.plain_connect(member), if lasting { LONG } else { 0 });
            let packet = if play.dice.one_in(4) { with(packet, PropertyBuf::receive_maximum(1)) } else { packet };
            play.connect(member, packet);
            let group = if two_groups && place == 1 { "h" } else { "g" };
            let qos = if lowered { play.dice.pick(&QoS::ALL) } else { QoS::ExactlyOnce };
            let identifier = play.any_identifier();
            play.subscribe(member, vec![plain(format!("$share/{group}/{topic}"), qos)], identifier);
            play.wait_for_answers(member);
            if withholds {
                play.withhold(member);
            }
        });
    }
    script.then(move |play| {
        for _ in 0..play.dice.between(2, 4) {
            let message = play.full_message(topic);
            play.publish(publisher, message);
        }
        play.wait_for_answers(publisher);
    });
    for _ in 0..play.dice.between(2, 4) {
        script.then(move |play| {
            let member = play.dice.pick(&members);
            happens(play, member, lasting);
        });
    }
    if play.dice.coin() {
        script.then(move |play| {
            let message = play.any_message(topic);
            play.publish(publisher, message);
            play.wait_for_answers(publisher);
        });
    }
    script
}

/// Something happens to a member.
fn happens(play: &mut Play<'_>, member: Who, lasting: bool) {
    match play.dice.below(8) {
        0 | 6 => {
            play.ping(member);
            play.wait_for_answers(member);
            let refusal = play.dice.pick(&REFUSALS);
            play.acknowledge(member, Due::Oldest, Some(refusal));
        }
        1 => acknowledge_something(play, member),
        2 => {
            let filters = play.actors[member].filters.clone();
            if !filters.is_empty() {
                play.unsubscribe(member, filters);
            }
        }
        // The session ends with what is under way.
        3 | 7 if !lasting => play.close(member, CloseHow::Reset),
        3 | 7 => {
            let packet = ConnectBuf { clean_start: true, ..play.lasting_connect(member, LONG) };
            play.connect(member, packet);
        }
        _ => {
            play.close(member, CloseHow::Finish);
            if play.dice.coin() {
                play.drain();
            }
            let packet = play.lasting_connect(member, LONG);
            play.connect(member, packet);
        }
    }
}
