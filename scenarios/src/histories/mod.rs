//! Generated histories: random but purposeful conversations of several clients with a target, judged by the monitor alone.
//!
//! ```
//! use mqttspec_scenarios::histories::{Profile, generate};
//!
//! let profile = Profile::default();
//! let history = generate(7, 0, &profile);
//! assert_eq!(history.id, "generated/7/0");
//! assert_eq!(generate(7, 0, &profile), history);
//! ```
//!
//! A history weaves a few *motifs* together, small scripted fragments with random parameters that reach the rare states of
//! a session quickly. `play` keeps what every client may lawfully do next; `unlawful` breaks one rule on purpose.

mod actor;
mod connects;
mod dice;
mod message;
mod motifs;
mod mutated;
mod play;
mod pool;
mod profile;
mod script;
mod unlawful;

use mqttspec_codec::ProtocolVersion;

use self::dice::Dice;
use self::play::Play;
use self::script::Script;
use crate::model::{JudgedBy, Role, Scenario};

pub use profile::{Abilities, Profile};

/// Steps beyond which no further motif is begun.
const LONG_ENOUGH: usize = 60;

/// History number `index` of the run with this seed: the same arguments give the same history.
pub fn generate(seed: u64, index: u64, profile: &Profile) -> Scenario {
    let mut dice = Dice::new(seed, index);
    let may_break = dice.percent(profile.unlawful_percent.into());
    let motifs = dice.weighted(&[(2, 1), (4, 2), (3, 3)]);
    let mut play = Play::new(profile, dice);
    play.may_break = may_break;
    let mut scripts: Vec<Script> = (0..motifs).map(|_| motifs::choose(&mut play)).collect();
    if may_break {
        scripts.push(unlawful::unlawful(&mut play));
    }
    weave(&mut play, scripts);
    play.drain();
    scenario(seed, index, play)
}

/// Plays the scripts, each in its own order, with those of the others between its beats.
fn weave(play: &mut Play<'_>, mut scripts: Vec<Script>) {
    loop {
        scripts.retain(|script| script.len() > 0);
        if scripts.is_empty() || play.len() > LONG_ENOUGH * 2 {
            return;
        }
        let turn = play.dice.below(scripts.len());
        // Some beats of a motif follow each other at once, and some do not.
        for _ in 0..play.dice.between(1, 3) {
            if let Some(beat) = scripts[turn].next() {
                beat(play);
            }
        }
        if play.dice.one_in(20) {
            play.drain();
        }
    }
}

fn scenario(seed: u64, index: u64, play: Play<'_>) -> Scenario {
    Scenario {
        id: format!("generated/{seed}/{index}"),
        title: "Whatever happens, the target keeps the standard".to_owned(),
        version: play.version,
        role: Role::Broker,
        chapter: match play.version {
            ProtocolVersion::V3_1 => "2 and 3 MQTT control packets and their flows".to_owned(),
            _ => "3 and 4 MQTT Control Packets and operational behavior".to_owned(),
        },
        statements: Vec::new(),
        needs: Vec::new(),
        judged_by: JudgedBy::Monitor,
        steps: play.into_steps(),
    }
}

#[cfg(test)]
mod tests;
