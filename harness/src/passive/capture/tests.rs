//! Streams that are put in order, whatever the network did to them.

use super::flow::{Flow, Happening};
use super::half::{Half, Piece};
use super::link::Segment;
use crate::passive::Place;

/// splitmix64.
struct Rng(u64);

impl Rng {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % limit as u64) as usize
    }
}

fn bytes(pieces: &[Piece]) -> Vec<u8> {
    let of = |piece: &Piece| if let Piece::Bytes(bytes, _) = piece { bytes.clone() } else { b"|".to_vec() };
    pieces.iter().flat_map(of).collect()
}

#[test]
fn overlapping_segments_in_any_order_give_the_stream() {
    for seed in 0..500 {
        let mut rng = Rng(seed);
        let stream: Vec<u8> = (0..400).map(|_| rng.below(200) as u8).collect();
        // Across the wrap of the sequence numbers.
        let first = u32::MAX - rng.below(400) as u32;
        let mut half = Half::new();
        half.begin(first);
        let mut got = Vec::new();
        let mut starts: Vec<usize> = (0..40).map(|piece| piece * 10).collect();
        for at in (1..starts.len()).rev() {
            // Up to 12 places off: with more than 32 holes a segment counts as lost.
            let other = at - rng.below(12.min(at + 1));
            starts.swap(at, other);
        }
        for start in starts {
            // Segments overlap what comes before and after them.
            let from = start.saturating_sub(rng.below(15));
            let to = (start + 10 + rng.below(15)).min(stream.len());
            got.extend(half.push(first.wrapping_add(from as u32), &stream[from..to], None));
        }
        assert_eq!(bytes(&got), stream, "seed {seed}");
        assert!(!half.has_hole());
    }
}

#[test]
fn the_first_copy_of_a_byte_counts() {
    let mut half = Half::new();
    half.begin(100);
    assert!(half.push(104, b"EF", None).is_empty());
    assert_eq!(bytes(&half.push(100, b"abcdxy", None)), b"abcdEF");
    assert!(half.push(100, b"ABCDEF", None).is_empty(), "a repetition");
    assert_eq!(bytes(&half.push(103, b"DEFg", None)), b"g", "a repetition that brings more");
    // A probe of TCP's own keep-alive.
    assert!(half.push(106, b"?", None).is_empty());
}

#[test]
fn what_is_missing_is_skipped() {
    let mut half = Half::new();
    half.begin(100);
    assert!(half.push(110, b"world", None).is_empty());
    assert!(half.has_hole());
    assert_eq!(half.skip(110), [Piece::Gap(110), Piece::Bytes(b"world".to_vec(), None)]);
    assert_eq!(half.skip(130), [Piece::Gap(130)]);
    half.end(130);
    assert!(half.is_ended());
    assert_eq!(half.skip(131), []);
}

#[test]
fn a_segment_from_nowhere_takes_no_memory() {
    let mut half = Half::new();
    half.begin(0);
    for at in 1..5_000 {
        assert!(half.push(at * 600_000, b"far away", None).is_empty());
    }
    assert_eq!(bytes(&half.push(0, b"here", None)), b"here");
}

fn segment(sequence: u32, payload: &[u8], acknowledges: u32) -> Segment<'_> {
    let address = "127.0.0.1:1".parse().unwrap();
    let acknowledges = Some(acknowledges);
    Segment {
        from: address,
        to: address,
        sequence,
        acknowledges,
        syn: false,
        fin: false,
        rst: false,
        payload,
        missing: 0,
    }
}

fn said(happenings: &[Happening]) -> Vec<(usize, String)> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let of = |happening: &Happening| match happening {
        Happening::Bytes(end, _, bytes) => (*end, text(bytes)),
        Happening::Gap(end, _) => (*end, "gap".to_owned()),
        Happening::Finished(end, _) => (*end, "finished".to_owned()),
        Happening::Reset(end, _) => (*end, "reset".to_owned()),
    };
    happenings.iter().map(of).collect()
}

#[test]
fn an_answer_waits_for_its_question() {
    let mut flow = Flow::new();
    let place = |number| Place::new(number, 0);
    assert!(flow.segment(0, &segment(100, b"", 500), place(1)).is_empty());
    assert!(flow.segment(1, &segment(500, b"", 100), place(2)).is_empty());
    // The answer acknowledges a question that comes later in the capture.
    assert!(flow.segment(1, &segment(500, b"answer", 108), place(3)).is_empty());
    assert!(flow.segment(0, &segment(108, b"thanks", 506), place(4)).is_empty());
    let happenings = flow.segment(0, &segment(100, b"question", 500), place(5));
    let order = [(0, "question"), (1, "answer"), (0, "thanks")];
    assert_eq!(said(&happenings), order.map(|(end, text)| (end, text.to_owned())));
    let numbers: Vec<usize> = happenings
        .iter()
        .map(|happening| if let Happening::Bytes(_, place, _) = happening { place.number } else { 0 })
        .collect();
    assert_eq!(numbers, [5, 5, 5], "events never go back");
}

#[test]
fn a_question_that_is_not_in_the_capture_is_a_gap() {
    let mut flow = Flow::new();
    let mut happenings = Vec::new();
    flow.segment(0, &segment(100, b"", 500), Place::new(1, 0));
    flow.segment(1, &segment(500, b"", 100), Place::new(2, 0));
    for number in 3..100 {
        let sequence = 500 + (number as u32 - 3) * 2;
        happenings.extend(flow.segment(1, &segment(sequence, b"ok", 108), Place::new(number, 0)));
    }
    let said = said(&happenings);
    assert_eq!(said[0], (0, "gap".to_owned()));
    assert_eq!(said.iter().filter(|(end, text)| *end == 1 && text == "ok").count(), 97);
}
