//! Messages that wait: for a client that is away (4.1, 4.5), and for send quota (4.9).

use mqttspec_codec::{PropertyBuf, QoS, SubscriptionBuf, SubscriptionOptions};

use super::super::connects::with;
use super::super::play::{Play, Who};
use super::super::script::Script;
use super::anything::{REFUSALS, acknowledge_something, covering, high_qos};
use crate::model::Due;

/// One plain subscription.
pub(in super::super) fn plain(filter: String, qos: QoS) -> SubscriptionBuf {
    SubscriptionBuf { filter, options: SubscriptionOptions { qos, ..SubscriptionOptions::default() } }
}

/// A subscriber with a session is away while messages are published, and comes back.
pub(super) fn waiting_messages(play: &mut Play<'_>) -> Script {
    let (subscriber, publisher) = (play.cast(), play.cast());
    let topic = play.pool.topic(&mut play.dice);
    let mut script = Script::default();
    script.then(move |play| {
        let packet = play.usual_connect(subscriber);
        play.connect(subscriber, packet);
        let filter = covering(play, topic);
        let qos = high_qos(play);
        let identifier = play.any_identifier();
        play.subscribe(subscriber, vec![plain(filter, qos)], identifier);
    });
    script.then(move |play| {
        play.wait_for_answers(subscriber);
        play.leave(subscriber);
    });
    for _ in 0..play.dice.between(2, 5) {
        script.then(move |play| {
            let message = play.full_message(topic);
            play.publish(publisher, message);
        });
    }
    script.then(move |play| play.wait_for_answers(publisher));
    script.then(move |play| comes_back(play, subscriber));
    if play.dice.coin() {
        script.then(move |play| {
            let message = play.any_message(topic);
            play.publish(publisher, message);
        });
    }
    script
}

/// Comes back to the session, most often.
pub(super) fn comes_back(play: &mut Play<'_>, who: Who) {
    let mut packet = play.usual_connect(who);
    packet.clean_start = play.dice.one_in(10);
    play.connect(who, packet);
}

/// A subscriber with a small Receive Maximum withholds its acknowledgements, and gives them one by one.
pub(super) fn send_quota(play: &mut Play<'_>) -> Script {
    let (subscriber, publisher) = (play.cast(), play.cast());
    let topic = play.pool.topic(&mut play.dice);
    let quota = play.dice.between(1, 3);
    let qos = high_qos(play);
    let mut script = Script::default();
    script.then(move |play| {
        let packet = play.usual_connect(subscriber);
        play.connect(subscriber, with(packet, PropertyBuf::receive_maximum(quota as u16)));
        let identifier = play.any_identifier();
        play.subscribe(subscriber, vec![plain(topic.to_owned(), qos)], identifier);
        play.withhold(subscriber);
    });
    for _ in 0..quota + play.dice.between(1, 3) {
        script.then(move |play| {
            let mut message = play.full_message(topic);
            if play.dice.one_in(6) {
                message.qos = QoS::AtMostOnce;
            }
            play.publish(publisher, message);
        });
    }
    script.then(move |play| play.wait_for_answers(publisher));
    let refuses = play.dice.one_in(3);
    for _ in 0..play.dice.between(0, 6) {
        script.then(move |play| match play.dice.below(9) {
            0 => {
                play.ping(subscriber);
                play.wait_for_answers(subscriber);
            }
            1 | 2 => {
                let qos = high_qos(play);
                let identifier = play.any_identifier();
                play.subscribe(subscriber, vec![plain(topic.to_owned(), qos)], identifier);
            }
            _ if refuses => {
                let refusal = play.dice.pick(&REFUSALS);
                play.acknowledge(subscriber, Due::Oldest, Some(refusal));
                play.ping(subscriber);
            }
            _ => {
                acknowledge_something(play, subscriber);
                if play.dice.coin() {
                    // What the acknowledgement sets free is there before the next one.
                    play.ping(subscriber);
                    play.wait_for_answers(subscriber);
                }
            }
        });
    }
    if play.dice.one_in(3) {
        // Back with a smaller quota, and more in flight than it allows.
        script.then(move |play| {
            play.leave(subscriber);
            let packet = play.lasting_connect(subscriber, super::super::connects::LONG);
            play.begin(subscriber, with(packet, PropertyBuf::receive_maximum(1)));
            play.wait_for_answers(subscriber);
        });
    }
    script
}
