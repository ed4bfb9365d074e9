//! Both directions of a connection, in the order of cause and effect.
//!
//! A capture can lack segments, and hold them in another order than they took effect: the answer before the retransmitted
//! question. What a segment acknowledges its sender had read. So its bytes are passed on only after those it
//! acknowledges; when these do not come at all, they are given up.

use std::collections::VecDeque;

use super::half::{Half, Piece, is_after};
use super::link::Segment;
use crate::passive::Place;

/// Further packets of the connection for which something missing is waited for, the first time and later.
const PATIENCE: u32 = 64;
const PATIENCE_LATER: u32 = 16;
/// Bytes that wait in one direction before what is missing is given up.
const MAX_WAITING: usize = 1 << 20;

/// One of the two ends, as they are kept: 0 or 1.
pub(super) type End = usize;

/// What happens on a connection, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Happening {
    /// This end sent these bytes.
    Bytes(End, Place, Vec<u8>),
    /// Bytes that this end sent are missing from the capture.
    Gap(End, Place),
    /// This end will send no more.
    Finished(End, Place),
    /// This end aborted the connection.
    Reset(End, Place),
}

/// Both directions.
#[derive(Debug)]
pub(super) struct Flow {
    halves: [Half; 2],
    waiting: [VecDeque<Waiting>; 2],
    /// The sequence number up to which each direction was passed on, its end counted as TCP counts it.
    passed: [Option<u32>; 2],
    /// The highest acknowledgement of each direction by the other end.
    acknowledged: [Option<u32>; 2],
    /// Packets since something has been missing, and how many are waited for.
    waited: u32,
    patience: u32,
    /// What the last segment of each direction acknowledged.
    end_after: [Option<u32>; 2],
    finished: [bool; 2],
    /// The number of the packet that is looked at.
    number: usize,
}

/// Something that waits until the other direction was passed on as far as `after`.
#[derive(Debug)]
struct Waiting {
    what: What,
    place: Place,
    after: Option<u32>,
}

#[derive(Debug)]
enum What {
    Piece(Piece),
    Finished,
}

impl Flow {
    pub(super) fn new() -> Self {
        Self {
            halves: [Half::new(), Half::new()],
            waiting: [VecDeque::new(), VecDeque::new()],
            passed: [None; 2],
            acknowledged: [None; 2],
            waited: 0,
            patience: PATIENCE,
            end_after: [None; 2],
            finished: [false; 2],
            number: 0,
        }
    }

    /// Whether both ends have finished.
    pub(super) const fn is_over(&self) -> bool {
        self.finished[0] && self.finished[1]
    }

    /// The sequence number of the next byte of `end`, once any is known.
    pub(super) fn next(&self, end: End) -> Option<u32> {
        self.halves[end].next()
    }

    /// `end` sent a segment. Returns what happens now.
    pub(super) fn segment(&mut self, end: End, segment: &Segment<'_>, place: Place) -> Vec<Happening> {
        let mut out = Vec::new();
        self.number = place.number;
        let sequence = if segment.syn { segment.sequence.wrapping_add(1) } else { segment.sequence };
        self.halves[end].begin(sequence);
        self.passed[end].get_or_insert(sequence);
        if let Some(next) = segment.acknowledges {
            // Who has sent nothing yet goes on from here, also when its first segments are missing.
            self.halves[1 - end].begin(next);
            self.passed[1 - end].get_or_insert(next);
            let known = &mut self.acknowledged[1 - end];
            if known.is_none_or(|known| is_after(next, known)) {
                *known = Some(next);
            }
        }
        let behind = sequence.wrapping_add((segment.payload.len() + segment.missing) as u32);
        let was_ended = self.halves[end].is_ended();
        let mut pieces = self.halves[end].push(sequence, segment.payload, segment.acknowledges);
        if segment.missing > 0 {
            // Nobody will send again what only the capture lacks.
            pieces.extend(self.halves[end].skip(behind));
        }
        if segment.fin {
            self.halves[end].end(behind);
            self.end_after[end] = segment.acknowledges;
        }
        self.queue(end, pieces, was_ended, place);
        self.pass(&mut out);
        if segment.rst {
            self.give_up_missing(place, &mut out);
            out.push(Happening::Reset(end, place));
            self.finished = [true; 2];
        } else if self.lacks_something() {
            self.waited += 1;
            let bytes: usize = self.waiting.iter().flatten().map(Waiting::len).sum();
            if self.waited > self.patience || bytes > MAX_WAITING {
                self.give_up_missing(place, &mut out);
                self.patience = PATIENCE_LATER;
            }
        } else {
            self.waited = 0;
        }
        out
    }

    /// The capture ends: what is missing will not come.
    pub(super) fn flush(&mut self, place: Place) -> Vec<Happening> {
        let mut out = Vec::new();
        self.number = place.number;
        self.give_up_missing(place, &mut out);
        out
    }

    /// Pieces of `end` are in order now, and perhaps its end.
    fn queue(&mut self, end: End, pieces: Vec<Piece>, was_ended: bool, place: Place) {
        for piece in pieces {
            let after = if let Piece::Bytes(_, after) = &piece { *after } else { None };
            self.waiting[end].push_back(Waiting { what: What::Piece(piece), place, after });
        }
        if !was_ended && self.halves[end].is_ended() {
            let after = self.end_after[end];
            self.waiting[end].push_back(Waiting { what: What::Finished, place, after });
        }
    }

    /// Passes on everything that need not wait, the oldest first.
    fn pass(&mut self, out: &mut Vec<Happening>) {
        loop {
            let number = |end: &End| self.waiting[*end].front().map(|waiting| waiting.place.number);
            let oldest = [0, 1].into_iter().filter(|end| self.is_ready(*end)).min_by_key(number);
            // Each may wait for the other: a repetition carries a newer acknowledgement than the first attempt did.
            let both_wait = self.waiting.iter().all(|waiting| !waiting.is_empty());
            let Some(end) = oldest.or_else(|| [0, 1].into_iter().min_by_key(number).filter(|_| both_wait)) else {
                return;
            };
            self.pass_one(end, out);
        }
    }

    fn pass_one(&mut self, end: End, out: &mut Vec<Happening>) {
        let Some(Waiting { what, mut place, .. }) = self.waiting[end].pop_front() else { return };
        // What had to wait happened, as far as can be told, after what it waited for.
        place.number = self.number;
        let passed = self.passed[end].unwrap_or(0);
        match what {
            What::Piece(Piece::Bytes(bytes, _)) => {
                self.passed[end] = Some(passed.wrapping_add(bytes.len() as u32));
                out.push(Happening::Bytes(end, place, bytes));
            }
            What::Piece(Piece::Gap(next)) => {
                self.passed[end] = Some(next);
                out.push(Happening::Gap(end, place));
            }
            What::Finished => {
                self.passed[end] = Some(passed.wrapping_add(1));
                self.finished[end] = true;
                out.push(Happening::Finished(end, place));
            }
        }
    }

    fn is_ready(&self, end: End) -> bool {
        let Some(first) = self.waiting[end].front() else { return false };
        match (first.after, self.passed[1 - end]) {
            (Some(after), Some(passed)) => !is_after(after, passed),
            _ => true,
        }
    }

    /// Whether bytes are known to exist that have not come.
    fn lacks_something(&self) -> bool {
        [0, 1].into_iter().any(|end| {
            let missing = self.acknowledged_beyond(end).is_some();
            missing || self.halves[end].has_hole() || !self.waiting[end].is_empty()
        })
    }

    /// What the other end has acknowledged, when it is more than has come of `end`.
    fn acknowledged_beyond(&self, end: End) -> Option<u32> {
        let next = self.halves[end].next()?;
        self.acknowledged[end].filter(|acknowledged| is_after(*acknowledged, next))
    }

    /// Goes on without what has not come.
    fn give_up_missing(&mut self, place: Place, out: &mut Vec<Happening>) {
        self.waited = 0;
        loop {
            let mut changed = false;
            for end in [0, 1] {
                let beyond = self.acknowledged_beyond(end);
                if beyond.is_none() && !self.halves[end].has_hole() {
                    continue;
                }
                let was_ended = self.halves[end].is_ended();
                let to = beyond.or(self.halves[end].next()).unwrap_or(0);
                let pieces = self.halves[end].skip(to);
                changed |= !pieces.is_empty();
                self.queue(end, pieces, was_ended, place);
            }
            self.pass(out);
            if !changed {
                break;
            }
        }
        // What still waits, waits for what was never sent.
        self.waiting.iter_mut().flatten().for_each(|waiting| waiting.after = None);
        self.pass(out);
    }
}

impl Waiting {
    fn len(&self) -> usize {
        if let What::Piece(Piece::Bytes(bytes, _)) = &self.what { bytes.len() } else { 0 }
    }
}
