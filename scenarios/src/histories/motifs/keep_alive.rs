//! Keep Alive (3.1.2.10): silence that is too long, silence that is allowed, and a will that tells of it.

use super::super::play::{Play, Who};
use super::super::script::Script;
use crate::model::ConnectExt;

/// A client is silent.
pub(super) fn keep_alive(play: &mut Play<'_>) -> Script {
    let client = play.cast();
    let seconds = play.dice.pick(&[0, 1, 1, 60]);
    let mut script = Script::default();
    script.then(move |play| {
        let mut packet = play.any_connect(client).keep_alive(seconds);
        if play.dice.coin() {
            packet.will = Some(play.any_will());
        }
        play.connect(client, packet);
    });
    if play.dice.coin() {
        script.then(move |play| is_active(play, client));
    }
    // Long enough for a server that looks every few seconds only.
    let silent_ms = if seconds == 1 { 8_000 } else { 3_000 };
    script.then(move |play| {
        play.wait(silent_ms);
    });
    script
}

/// Half a second of silence and a packet, again and again.
fn is_active(play: &mut Play<'_>, client: Who) {
    for _ in 0..2 {
        play.wait(700);
        play.ping(client);
        play.wait_for_answers(client);
    }
}
