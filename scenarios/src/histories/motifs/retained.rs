//! Retained messages (3.3.1.3, 3.8.3.1): set, replaced and cleared, before and after subscriptions are made and made again.

use mqttspec_codec::{QoS, ReasonCode};

use super::super::play::{Play, Who};
use super::super::script::Script;
use super::anything::covering;
use super::queue::plain;

/// A publisher retains, and a subscriber subscribes, in any order and more than once.
pub(super) fn retained(play: &mut Play<'_>) -> Script {
    let (publisher, subscriber) = (play.cast(), play.cast());
    let topics = [play.pool.topic(&mut play.dice), play.pool.any_topic(&mut play.dice)];
    let mut script = Script::default();
    script.then(move |play| {
        let packet = play.any_connect(publisher);
        play.connect(publisher, packet);
    });
    for _ in 0..play.dice.between(1, 3) {
        for _ in 0..play.dice.between(1, 2) {
            script.then(move |play| publishes(play, publisher, topics));
        }
        script.then(move |play| play.wait_for_answers(publisher));
        if play.dice.one_in(5) {
            // The end of its session leaves the retained messages where they are.
            script.then(move |play| {
                play.actors[publisher].expiry = 0;
                let packet = play.plain_connect(publisher);
                play.connect(publisher, packet);
                play.disconnect(publisher, ReasonCode::NORMAL_DISCONNECTION);
            });
        }
        script.then(move |play| subscribes(play, subscriber, topics));
    }
    if play.dice.coin() {
        script.then(move |play| {
            let message = play.any_message(topics[0]).at(QoS::ExactlyOnce);
            play.publish(publisher, message);
            play.wait_for_answers(publisher);
            // Whatever is retained now is what a new subscription gets.
            play.unsubscribe(subscriber, vec![topics[0].to_owned()]);
            play.subscribe(subscriber, vec![plain(topics[0].to_owned(), QoS::ExactlyOnce)], None);
        });
    }
    script
}

fn publishes(play: &mut Play<'_>, publisher: Who, topics: [&'static str; 2]) {
    let topic = play.dice.pick(&topics);
    let message = if play.dice.coin() { play.full_message(topic) } else { play.any_message(topic) };
    match play.dice.below(8) {
        0 | 1 => play.publish(publisher, message.retained(true).empty()),
        2 => play.publish(publisher, message.retained(false)),
        _ if play.dice.one_in(3) => {
            play.publish(publisher, message.retained(true));
            let other = play.full_message(topics[1]);
            play.publish(publisher, other.retained(true));
        }
        _ => play.publish(publisher, message.retained(true)),
    }
}

fn subscribes(play: &mut Play<'_>, subscriber: Who, topics: [&'static str; 2]) {
    play.ensure(subscriber);
    if play.dice.one_in(3) {
        let filters = play.actors[subscriber].filters.clone();
        if !filters.is_empty() {
            play.unsubscribe(subscriber, filters);
        }
    }
    let filter = match play.dice.below(3) {
        0 => topics[1].to_owned(),
        1 => covering(play, topics[0]),
        _ => play.pool.filter(&mut play.dice, play.profile.abilities.wildcards).to_owned(),
    };
    let mut wanted = plain(filter, QoS::ExactlyOnce);
    if !play.dice.one_in(3) {
        wanted.options = play.any_options();
    }
    let identifier = play.any_identifier();
    play.subscribe(subscriber, vec![wanted], identifier);
}
