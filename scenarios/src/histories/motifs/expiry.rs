//! Message Expiry Interval (3.3.2.3.3): while a message waits, and while it is under way.

use mqttspec_codec::{PropertyId, QoS};

use super::super::connects::LONG;
use super::super::play::Play;
use super::super::script::Script;
use super::in_flight::subscribes_and_withholds;
use super::queue::plain;
use crate::model::Due;

/// A message that expires, or waits for a while, on one of the ways it takes.
pub(super) fn message_expiry(play: &mut Play<'_>) -> Script {
    match play.dice.below(4) {
        0 => of_a_publisher(play),
        1 => in_flight(play),
        _ => waiting(play),
    }
}

/// It waits: for a client that is away, or retained for a subscription to come.
fn waiting(play: &mut Play<'_>) -> Script {
    let (subscriber, publisher) = (play.cast(), play.cast());
    let topic = play.pool.topic(&mut play.dice);
    let retained = play.dice.coin();
    let seconds = play.dice.pick(&[1, 1, 60, 3_600]);
    let mut script = Script::default();
    script.then(move |play| {
        let packet = play.lasting_connect(subscriber, LONG);
        play.connect(subscriber, packet);
        if !retained {
            play.subscribe(subscriber, vec![plain(topic.to_owned(), QoS::ExactlyOnce)], None);
            play.wait_for_answers(subscriber);
            play.leave(subscriber);
        }
    });
    script.then(move |play| {
        for _ in 0..play.dice.between(1, 2) {
            let mut message = play.full_message(topic).retained(retained);
            message.properties.retain(|p| p.id != PropertyId::MessageExpiryInterval);
            play.publish(publisher, message.expiring(seconds));
        }
        play.wait_for_answers(publisher);
        play.wait(if seconds == 1 { 3_500 } else { 2_500 });
        if retained {
            play.subscribe(subscriber, vec![plain(topic.to_owned(), QoS::ExactlyOnce)], None);
        } else {
            let packet = play.lasting_connect(subscriber, LONG);
            play.connect(subscriber, packet);
        }
    });
    script
}

/// It expires while it is under way to a subscriber: then it is delivered all the same (4.3.3).
fn in_flight(play: &mut Play<'_>) -> Script {
    let (subscriber, publisher) = (play.cast(), play.cast());
    let topic = play.pool.topic(&mut play.dice);
    let mut script = Script::default();
    script.then(move |play| subscribes_and_withholds(play, subscriber, topic));
    script.then(move |play| {
        let mut message = play.full_message(topic);
        message.properties.retain(|p| p.id != PropertyId::MessageExpiryInterval);
        play.publish(publisher, message.expiring(1));
        play.wait_for_answers(publisher);
        // It has been sent, and is not acknowledged.
        play.ping(subscriber);
        play.wait_for_answers(subscriber);
    });
    script.then(move |play| {
        play.leave(subscriber);
        play.wait(2_500);
        let packet = play.lasting_connect(subscriber, LONG);
        play.connect(subscriber, packet);
    });
    script
}

/// It expires between PUBREC and PUBREL of its publisher.
fn of_a_publisher(play: &mut Play<'_>) -> Script {
    let publisher = play.cast();
    let topic = play.pool.topic(&mut play.dice);
    let mut script = Script::default();
    script.then(move |play| {
        let packet = play.lasting_connect(publisher, LONG);
        play.connect(publisher, packet);
        play.withhold(publisher);
        let mut message = play.full_message(topic).at(QoS::ExactlyOnce);
        message.properties.retain(|p| p.id != PropertyId::MessageExpiryInterval);
        play.publish(publisher, message.expiring(1));
        play.wait_for_answers(publisher);
        play.wait(2_000);
        play.acknowledge(publisher, Due::Oldest, None);
        play.wait_for_answers(publisher);
        play.answer(publisher);
    });
    script
}
