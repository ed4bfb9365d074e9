//! The motifs: small scripted fragments that reach the rare states of a session quickly.

mod anything;
mod authentication;
mod expiry;
mod identities;
mod in_flight;
mod keep_alive;
mod limits;
mod publisher;
mod queue;
mod retained;
mod sessions;
mod sharing;
mod subscriptions;
mod wills;

use mqttspec_codec::ProtocolVersion;

pub(super) use queue::plain;

use super::play::Play;
use super::script::Script;

/// A motif casts its clients and says what they do.
struct Motif {
    weight: usize,
    /// Milliseconds that it needs to wait to be of use.
    time_ms: u64,
    /// Whether earlier versions have nothing like it.
    only_5: bool,
    write: fn(&mut Play<'_>) -> Script,
}

const fn motif(weight: usize, write: fn(&mut Play<'_>) -> Script) -> Motif {
    Motif { weight, time_ms: 0, only_5: false, write }
}

const fn motif_5(weight: usize, write: fn(&mut Play<'_>) -> Script) -> Motif {
    Motif { weight, time_ms: 0, only_5: true, write }
}

const fn timed(weight: usize, time_ms: u64, only_5: bool, write: fn(&mut Play<'_>) -> Script) -> Motif {
    Motif { weight, time_ms, only_5, write }
}

const MOTIFS: &[Motif] = &[
    motif(8, anything::anything),
    motif(8, queue::waiting_messages),
    motif(7, queue::send_quota),
    motif(9, in_flight::redelivery),
    motif(4, in_flight::handshakes),
    motif(7, publisher::resumption),
    motif(4, publisher::reused_identifiers),
    motif(4, publisher::coalesced),
    motif(13, retained::retained),
    motif(10, wills::wills),
    timed(8, 1_000, true, wills::delayed),
    motif(6, sessions::presence),
    motif(5, sessions::take_over),
    timed(6, 3_000, false, sessions::outlived),
    motif(7, subscriptions::replaced),
    motif(8, subscriptions::matching),
    motif(5, subscriptions::ended),
    motif_5(7, subscriptions::overlapping),
    motif_5(13, sharing::sharing),
    motif_5(8, limits::small_packets),
    motif_5(4, limits::server_limits),
    timed(9, 2_000, true, expiry::message_expiry),
    motif_5(9, authentication::authentication),
    motif(8, identities::identities),
    timed(5, 8_000, false, keep_alive::keep_alive),
];

/// One motif that has a place in this history.
pub(super) fn choose(play: &mut Play<'_>) -> Script {
    let is_5 = play.version == ProtocolVersion::V5_0;
    let time_ms = play.profile.time_ms;
    let fits = |motif: &Motif| (is_5 || !motif.only_5) && motif.time_ms <= time_ms;
    let total = MOTIFS.iter().filter(|motif| fits(motif)).map(|motif| motif.weight).sum();
    let mut at = play.dice.below(total);
    for motif in MOTIFS.iter().filter(|motif| fits(motif)) {
        if at < motif.weight {
            return (motif.write)(play);
        }
        at -= motif.weight;
    }
    anything::anything(play)
}
