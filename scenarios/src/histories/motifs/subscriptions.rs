//! Subscriptions (3.8 to 3.11, 4.7): made, replaced, overlapping, ended, and matched.

use mqttspec_codec::QoS;

use super::super::play::{Play, Who};
use super::super::script::Script;
use super::anything::{acknowledge_something, covering};
use super::queue::plain;

fn publishes_everywhere(play: &mut Play<'_>, who: Who) {
    for topic in play.pool.topics().to_vec() {
        let message = play.any_message(topic);
        play.publish(who, message);
    }
    play.wait_for_answers(who);
}

/// One filter, subscribed to again with other options.
pub(super) fn replaced(play: &mut Play<'_>) -> Script {
    let (client, publisher) = (play.cast(), play.cast());
    let topic = play.pool.topic(&mut play.dice);
    let filter = covering(play, topic);
    let mut script = Script::default();
    script.then(move |play| {
        let packet = play.usual_connect(client);
        play.connect(client, packet);
        if play.dice.coin() {
            let message = play.full_message(topic).retained(true);
            play.publish(publisher, message);
            play.wait_for_answers(publisher);
        }
    });
    for _ in 0..play.dice.between(2, 3) {
        let filter = filter.clone();
        script.then(move |play| {
            let mut wanted = plain(filter, QoS::ExactlyOnce);
            wanted.options = play.any_options();
            let identifier = play.any_identifier();
            play.subscribe(client, vec![wanted], identifier);
        });
        script.then(move |play| {
            // Its own messages as well as those of others: No Local tells them apart.
            let by = if play.dice.one_in(3) { client } else { publisher };
            let retain = play.dice.one_in(3);
            let message = play.full_message(topic).retained(retain);
            play.publish(by, message);
            let message = play.any_message(topic);
            play.publish(by, message);
            play.wait_for_answers(by);
        });
    }
    script
}

/// Several filters in one SUBSCRIBE, and messages to all topics of the pool.
pub(super) fn matching(play: &mut Play<'_>) -> Script {
    let (first, second, publisher) = (play.cast(), play.cast(), play.cast());
    let mut script = Script::default();
    for client in [first, second] {
        script.then(move |play| {
            play.ensure(client);
            let filters = (0..play.dice.between(1, 4)).map(|_| play.any_subscription()).collect();
            let identifier = play.any_identifier();
            play.subscribe(client, filters, identifier);
        });
    }
    for _ in 0..play.dice.between(1, 2) {
        script.then(move |play| publishes_everywhere(play, publisher));
    }
    script
}

/// UNSUBSCRIBE of several filters, of none that exists, and of those with deliveries under way.
pub(super) fn ended(play: &mut Play<'_>) -> Script {
    let (client, publisher) = (play.cast(), play.cast());
    let topic = play.pool.topic(&mut play.dice);
    let mut script = Script::default();
    script.then(move |play| {
        let packet = play.usual_connect(client);
        play.connect(client, packet);
        let identifier = play.any_identifier();
        let mut filters = vec![plain(topic.to_owned(), QoS::ExactlyOnce)];
        filters.extend((0..play.dice.between(0, 2)).map(|_| play.any_subscription()));
        play.subscribe(client, filters, identifier);
        if play.dice.coin() {
            play.wait_for_answers(client);
            play.withhold(client);
        }
    });
    script.then(move |play| publishes_everywhere(play, publisher));
    for _ in 0..play.dice.between(1, 3) {
        script.then(move |play| {
            let wildcards = play.profile.abilities.wildcards;
            let mut filters = vec![play.pool.filter(&mut play.dice, wildcards).to_owned()];
            match play.dice.below(4) {
                0 => filters.insert(0, topic.to_owned()),
                1 => filters = vec![topic.to_owned()],
                2 => {
                    let held = play.actors[client].filters.clone();
                    filters.extend(held);
                }
                // Whatever this filter would match stays subscribed to.
                _ if wildcards => filters = vec!["{ns}/#".to_owned(), "{ns}/+".to_owned()],
                _ => {}
            }
            filters.dedup();
            play.unsubscribe(client, filters);
            acknowledge_something(play, client);
            play.ping(client);
            play.wait_for_answers(client);
            acknowledge_something(play, client);
        });
        script.then(move |play| publishes_everywhere(play, publisher));
        if play.dice.one_in(3) {
            script.then(move |play| {
                play.subscribe(client, vec![plain(topic.to_owned(), QoS::ExactlyOnce)], None);
                publishes_everywhere(play, publisher);
            });
        }
    }
    script
}

/// Filters that overlap, each with its Subscription Identifier (3.3.4).
pub(super) fn overlapping(play: &mut Play<'_>) -> Script {
    let (client, publisher) = (play.cast(), play.cast());
    let topic = play.pool.topic(&mut play.dice);
    let mut script = Script::default();
    script.then(move |play| {
        let packet = play.usual_connect(client);
        play.connect(client, packet);
    });
    for identifier in 1..=play.dice.between(2, 4) as u32 {
        script.then(move |play| {
            let filter = match play.dice.below(4) {
                0 => topic.to_owned(),
                1 => covering(play, topic),
                _ => play.pool.filter(&mut play.dice, play.profile.abilities.wildcards).to_owned(),
            };
            let mut wanted = plain(filter, QoS::ExactlyOnce);
            if play.dice.coin() {
                wanted.options.qos = play.dice.pick(&QoS::ALL);
            }
            let identifier = (!play.dice.one_in(5)).then_some(identifier);
            play.subscribe(client, vec![wanted], identifier);
        });
    }
    script.then(move |play| {
        play.wait_for_answers(client);
        for _ in 0..2 {
            let message = play.full_message(topic);
            play.publish(publisher, message);
        }
        publishes_everywhere(play, publisher);
    });
    script
}
