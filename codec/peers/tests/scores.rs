//! The scores count what they say: ours is perfect, and codecs with one fault each are found out.

use std::time::Duration;

use mqttspec_bench::{Codec, Cursor, Entrant, Refused, codec, ours};
use mqttspec_codec::{Packet, PacketBuf, PacketType, ProtocolVersion, decode, frame_len};
use mqttspec_peers::score::{Score, Share};
use mqttspec_peers::scoring::{PATIENCE, scores};
use mqttspec_peers::{codecs::peers, entrants};

const VERSION: ProtocolVersion = ProtocolVersion::V3_1_1;

fn score_of(make: fn() -> Vec<Box<dyn Entrant>>, patience: Duration) -> Score {
    scores(make, &[VERSION], patience).pop().expect("one score")
}

fn planted<const FAULT: u8>() -> Vec<Box<dyn Entrant>> {
    vec![codec::<Planted<FAULT>>()]
}

#[test]
fn ours_refuses_all_malformed_vectors_and_reads_all_valid_ones() {
    for score in scores(|| vec![ours()], &[VERSION, ProtocolVersion::V5_0], PATIENCE) {
        assert!(score.malformed.of > 1500 && score.valid.of > 300, "{score:?}");
        assert_eq!(score.malformed.right, score.malformed.of, "{:?}", score.let_pass);
        assert_eq!(score.valid.right, score.valid.of);
        assert_eq!((score.wrong, score.waited, score.panicked, score.hung, score.skipped), (0, 0, 0, 0, 0));
        assert!(score.is_strict(None) && score.is_strict(Some(PacketType::Publish)) && score.let_pass.is_empty());
    }
}

#[test]
fn every_peer_has_a_score_and_its_worst_is_counted() {
    let scores = scores(entrants, &[VERSION, ProtocolVersion::V5_0], PATIENCE);
    for peer in peers() {
        let score = scores.iter().find(|score| score.codec == peer.name());
        // An encoder that is put together here has its crate's decoder, and its score, under another name.
        if peer.name().ends_with(", framed by us") {
            assert_eq!(score, None, "{}", peer.name());
            continue;
        }
        let score = score.unwrap_or_else(|| panic!("{} has no score", peer.name()));
        let Share { right, of } = score.valid;
        assert!(right * 10 > of * 9, "{}: only {right} of {of} valid packets, a fault of the adapter?", peer.name());
    }
    let mqttrs = scores.iter().find(|score| score.codec.starts_with("mqttrs")).expect("a score");
    assert!(mqttrs.panicked > 0, "mqttrs reads past the end of a slice");
}

#[test]
fn one_that_looks_at_the_fixed_header_only_is_found_lax() {
    let score = score_of(planted::<LAX>, PATIENCE);
    assert!(score.malformed.right * 4 < score.malformed.of, "{:?}", score.malformed);
    assert!(!score.is_strict(Some(PacketType::Publish)));
    assert!(score.let_pass["topic-name-wildcard"].right > 0);
}

#[test]
fn one_that_swaps_flags_reads_values_wrong() {
    let score = score_of(planted::<SWAPS>, PATIENCE);
    assert!(score.wrong > 0);
    assert_eq!(score.valid.right + score.wrong, score.valid.of);
    assert_eq!(score.malformed.right, score.malformed.of);
}

#[test]
fn one_that_panics_one_that_waits_and_one_that_hangs_are_counted() {
    let panics = score_of(planted::<PANICS>, PATIENCE);
    assert!(panics.panicked > 0 && panics.malformed.right < panics.malformed.of);
    let waits = score_of(planted::<WAITS>, PATIENCE);
    assert!(waits.waited > 0 && waits.malformed.right < waits.malformed.of);
    let hangs = score_of(planted::<HANGS>, Duration::from_millis(500));
    assert!(hangs.hung > 3 && hangs.malformed.of == panics.malformed.of);
    assert!(hangs.malformed.right < hangs.malformed.of);
}

/// Ours, but for one fault.
struct Planted<const FAULT: u8>;

const LAX: u8 = 0;
const SWAPS: u8 = 1;
const PANICS: u8 = 2;
const WAITS: u8 = 3;
const HANGS: u8 = 4;

impl<const FAULT: u8> Codec for Planted<FAULT> {
    const NAME: &'static str = "planted";
    type Packet<'a> = Packet<'a>;
    type Input = Cursor;
    type Output = Vec<u8>;
    type Typed<'p> = Packet<'p>;

    fn decodes(version: ProtocolVersion, packet: PacketType) -> bool {
        packet.exists_in(version)
    }

    fn next(version: ProtocolVersion, input: &mut Cursor) -> Result<Option<Packet<'_>>, Refused> {
        let Some(len) = frame_len(input.unread())? else { return Ok(None) };
        let Some(frame) = input.take(len) else { return Ok(None) };
        match (FAULT, decode(frame, version)) {
            (LAX, Err(_)) => Ok(Some(Packet::PingReq)),
            (SWAPS, Ok(Packet::Publish(mut publish))) => {
                publish.dup = !publish.dup;
                Ok(Some(Packet::Publish(publish)))
            }
            (PANICS, Err(error)) => panic!("{error}"),
            (WAITS, Err(_)) => Ok(None),
            (HANGS, Err(_)) => loop {
                std::thread::park();
            },
            (_, decoded) => Ok(Some(decoded?)),
        }
    }

    fn to_packet(_version: ProtocolVersion, packet: Packet<'_>) -> Result<PacketBuf, Refused> {
        Ok(packet.to_buf())
    }

    fn typed(_version: ProtocolVersion, packet: &PacketBuf) -> Option<Packet<'_>> {
        Some(packet.as_packet())
    }

    fn encode(version: ProtocolVersion, packet: &Packet<'_>, out: &mut Vec<u8>) -> Result<(), Refused> {
        packet.encode(version, out)?;
        Ok(())
    }
}
