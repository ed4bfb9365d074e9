//! Client Identifiers, User Names and Passwords (3.1.3): those that every server must take, and those that it may refuse.

use mqttspec_codec::{PropertyBuf, ProtocolVersion, QoS};

use super::super::play::{Play, Who};
use super::super::script::Script;
use super::queue::plain;
use crate::model::{ConnectExt, connect};

/// Clients that are told apart by little, have long names, or none.
pub(super) fn identities(play: &mut Play<'_>) -> Script {
    let (first, second) = (play.cast(), play.cast());
    let mut script = Script::default();
    match play.dice.below(4) {
        0 => {
            for client in [first, second] {
                script.then(move |play| nameless(play, client));
            }
        }
        1 => script.then(move |play| {
            let name =
                play.dice.pick(&["{ns}a-b_c", "{ns}\u{e9}\u{1f600}", "{ns}0123456789abcdefghijklmnopqrstuvwxyz"]);
            let version = play.actors[first].version;
            if version != ProtocolVersion::V3_1 {
                one_shot(play, first, name);
            }
        }),
        2 => script.then(move |play| {
            if play.profile.abilities.any_user {
                let mut packet = play.plain_connect(first).credentials("{ns}user", "secret");
                if play.dice.coin() && play.is_5(first) {
                    // A Password without a User Name is new in 5.0 (3.1.2.9).
                    packet.user_name = None;
                }
                play.connect(first, packet);
                play.ping(first);
            }
        }),
        _ => {
            // `ann` and `ANN`: each keeps its own session.
            let clients = [0, 3];
            for client in clients {
                script.then(move |play| {
                    let packet = play.usual_connect(client);
                    play.connect(client, packet);
                    let topic = play.pool.topic(&mut play.dice);
                    play.subscribe(client, vec![plain(topic.to_owned(), QoS::AtLeastOnce)], None);
                });
            }
            script.then(move |play| {
                for client in clients {
                    let topic = play.pool.topic(&mut play.dice);
                    let message = play.small_message(topic);
                    play.publish(client, message);
                    play.ping(client);
                }
            });
        }
    }
    script
}

/// A client without a Client Identifier: the server gives it one (3.1.3.1).
fn nameless(play: &mut Play<'_>, who: Who) {
    let version = play.actors[who].version;
    // 3.1 has none of these.
    if version == ProtocolVersion::V3_1 {
        return;
    }
    let mut packet = connect(version, "");
    if version.has_properties() && play.dice.coin() {
        packet.clean_start = false;
        packet.properties.push(PropertyBuf::session_expiry_interval(2));
    }
    play.connect(who, packet);
    play.ping(who);
    let topic = play.pool.topic(&mut play.dice);
    play.subscribe(who, vec![plain(topic.to_owned(), QoS::AtLeastOnce)], None);
    let message = play.small_message(topic);
    play.publish(who, message);
    play.ping(who);
}

/// A connection under another name than the client's own.
fn one_shot(play: &mut Play<'_>, who: Who, name: &str) {
    let packet = connect(play.actors[who].version, name);
    play.connect(who, packet);
    play.ping(who);
    play.wait_for_answers(who);
    play.leave(who);
}
