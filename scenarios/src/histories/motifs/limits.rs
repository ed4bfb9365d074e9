//! What client and server allow each other in CONNECT and CONNACK (3.1.2.11, 3.2.2.3).

use mqttspec_codec::{PropertyBuf, QoS};

use super::super::connects::{LONG, with};
use super::super::message::Message;
use super::super::play::{Play, Who};
use super::super::script::Script;
use super::queue::plain;
use crate::model::Due;

/// A client with a small Maximum Packet Size, no problem information, or few Topic Aliases, in every role.
pub(super) fn small_packets(play: &mut Play<'_>) -> Script {
    let (client, publisher) = (play.cast(), play.cast());
    let topic = play.pool.topic(&mut play.dice);
    let size = play.dice.pick(&[60, 80, 120, 500]);
    let mut script = Script::default();
    script.then(move |play| {
        let packet = play.lasting_connect(client, LONG);
        let mut packet = with(packet, PropertyBuf::maximum_packet_size(size));
        if play.dice.coin() {
            packet = with(packet, PropertyBuf::request_problem_information(play.dice.below(2) as u8));
        }
        if play.dice.coin() {
            packet = with(packet, PropertyBuf::topic_alias_maximum(play.dice.between(0, 3) as u16));
        }
        play.connect(client, packet);
        play.subscribe(client, vec![plain(topic.to_owned(), QoS::ExactlyOnce)], None);
    });
    for _ in 0..play.dice.between(2, 4) {
        script.then(move |play| {
            let mut message = play.small_message(topic);
            if play.dice.coin() {
                message.payload.resize(play.dice.between(size as usize - 20, size as usize + 20), b'x');
            }
            play.publish(publisher, message);
        });
    }
    script.then(move |play| play.wait_for_answers(publisher));
    for _ in 0..play.dice.between(1, 3) {
        script.then(move |play| does_something(play, client, topic));
    }
    if play.dice.one_in(3) {
        // The old connection is told why it ends.
        script.then(move |play| {
            let packet = play.usual_connect(client);
            play.connect(client, packet);
        });
    }
    script
}

/// Something that the server answers.
fn does_something(play: &mut Play<'_>, client: Who, topic: &'static str) {
    match play.dice.below(5) {
        0 => play.unsubscribe(client, vec![topic.to_owned(), "{ns}/none".to_owned()]),
        1 => {
            let filters = vec![play.any_subscription()];
            play.subscribe(client, filters, None);
        }
        2 => {
            // PUBREL of ours is answered as well.
            play.withhold(client);
            let message = play.small_message("{ns}/elsewhere").at(QoS::ExactlyOnce);
            play.publish(client, message);
            play.wait_for_answers(client);
            play.acknowledge(client, Due::Oldest, None);
            play.answer(client);
            play.wait_for_answers(client);
        }
        _ => {
            let message = play.small_message("{ns}/elsewhere");
            play.publish(client, message);
            play.wait_for_answers(client);
        }
    }
}

/// As much as the server allows: its highest Topic Alias, its Receive Maximum, in 5.0.
pub(super) fn server_limits(play: &mut Play<'_>) -> Script {
    let (client, subscriber) = (play.cast(), play.cast());
    let topic = play.pool.topic(&mut play.dice);
    let mut script = Script::default();
    script.then(move |play| {
        play.ensure(subscriber);
        play.subscribe(subscriber, vec![plain(topic.to_owned(), QoS::ExactlyOnce)], None);
        let packet = play.usual_connect(client);
        play.connect(client, packet);
    });
    if play.dice.coin() {
        script.then(move |play| {
            let highest = play.profile.abilities.topic_alias_maximum;
            if highest == 0 || !play.is_5(client) {
                return;
            }
            for use_alone in [false, true] {
                let message: Message = play.small_message(topic);
                let mut packet = play.publication(client, message);
                packet.properties.retain(|p| p.id != mqttspec_codec::PropertyId::TopicAlias);
                packet.properties.push(PropertyBuf::topic_alias(highest));
                packet.topic = if use_alone { String::new() } else { topic.to_owned() };
                play.actors[client].aliases.retain(|(alias, _)| *alias != highest);
                play.actors[client].aliases.push((highest, topic));
                play.send(client, packet);
            }
            play.wait_for_answers(client);
        });
    }
    script.then(move |play| {
        let most = play.profile.abilities.receive_maximum.min(16);
        play.wait_for_answers(client);
        if most > play.actors[client].unfinished {
            for _ in play.actors[client].unfinished..most.min(12) {
                let message = play.small_message(topic);
                let message = message.at(QoS::ExactlyOnce);
                play.publish(client, message);
            }
        }
        play.wait_for_answers(client);
    });
    script
}
