//! One direction of a TCP connection, put in order.
//!
//! Which ranges have come is kept by the `Assembler` of smoltcp, the piece of a TCP stack that does just this. (The
//! crates that put whole captures together were looked at and left: flowscope 0.22, the newest that this compiler builds,
//! drops the new bytes of a segment that repeats old ones and mixes up its segments where sequence numbers wrap;
//! protolens hands the bytes to decoders of its own and does not say which packet brought them; parse-tcp has had one
//! release.)

use std::collections::BTreeMap;

use smoltcp::storage::Assembler;

/// Bytes beyond the next expected one that are kept.
const WINDOW: usize = 1 << 20;

/// Segments that are kept until what comes before them has come.
const MAX_SEGMENTS: usize = 4096;

/// One direction.
#[derive(Debug)]
pub(super) struct Half {
    next: Option<u32>,
    ranges: Assembler,
    /// The bytes from `next` on; only where `ranges` says so they have come.
    window: Vec<u8>,
    /// What each segment in the window acknowledged, by the place of its first byte in `passed`.
    acknowledged: BTreeMap<u64, Option<u32>>,
    /// Bytes before `next`.
    passed: u64,
    end: Option<u32>,
}

/// What a segment brought about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// The next bytes, and what the segment that brought them acknowledged.
    Bytes(Vec<u8>, Option<u32>),
    /// Bytes are missing for ever; the next one has this sequence number.
    Gap(u32),
}

impl Half {
    pub(super) fn new() -> Self {
        Self {
            next: None,
            ranges: Assembler::new(),
            window: Vec::new(),
            acknowledged: BTreeMap::new(),
            passed: 0,
            end: None,
        }
    }

    /// The sequence number of the next byte, or of what follows the end, once any is known.
    pub(super) fn next(&self) -> Option<u32> {
        if self.is_ended() { self.next.map(|next| next.wrapping_add(1)) } else { self.next }
    }

    /// The first byte has this sequence number.
    pub(super) fn begin(&mut self, sequence: u32) {
        self.next.get_or_insert(sequence);
    }

    /// The byte after the last has this sequence number.
    pub(super) fn end(&mut self, sequence: u32) {
        self.end.get_or_insert(sequence);
    }

    /// Whether everything up to the end has come.
    pub(super) fn is_ended(&self) -> bool {
        self.end.is_some() && self.end == self.next
    }

    /// Whether bytes have come that wait for others.
    pub(super) fn has_hole(&self) -> bool {
        !self.ranges.is_empty()
    }

    /// A segment came, which acknowledged that much. Returns the bytes that are in order now.
    pub(super) fn push(&mut self, sequence: u32, payload: &[u8], acknowledges: Option<u32>) -> Vec<Piece> {
        let next = *self.next.get_or_insert(sequence);
        let distance = sequence.wrapping_sub(next).cast_signed();
        // What came before is what counts: of a repetition only the rest is new.
        let (offset, payload) = match usize::try_from(distance) {
            Ok(offset) => (offset, payload),
            Err(_) => (0, payload.get(distance.unsigned_abs() as usize..).unwrap_or_default()),
        };
        let too_far = offset + payload.len() > WINDOW || self.acknowledged.len() >= MAX_SEGMENTS;
        if payload.is_empty() || (offset > 0 && too_far) {
            return Vec::new();
        }
        if offset == 0 && self.ranges.is_empty() {
            self.advance(payload.len());
            return vec![Piece::Bytes(payload.to_vec(), acknowledges)];
        }
        self.write(offset, payload);
        // With too many holes it is as if the segment had been lost.
        if self.ranges.add(offset, payload.len()).is_err() {
            return Vec::new();
        }
        self.acknowledged.entry(self.passed + offset as u64).or_insert(acknowledges);
        self.take_front()
    }

    /// Gives up what is missing: goes on with what came after it, or at `sequence` when nothing did.
    pub(super) fn skip(&mut self, sequence: u32) -> Vec<Piece> {
        let Some(next) = self.next else { return Vec::new() };
        let Some((hole, _)) = self.ranges.iter_data(0).next() else {
            // Behind the last byte there is nothing to be missed.
            let sequence = self.end.filter(|end| is_after(sequence, *end)).unwrap_or(sequence);
            if !is_after(sequence, next) {
                return Vec::new();
            }
            self.advance(sequence.wrapping_sub(next) as usize);
            return vec![Piece::Gap(sequence)];
        };
        let mut ranges = Assembler::new();
        for (from, to) in self.ranges.iter_data(0) {
            // There are no more of them than before.
            let _ = ranges.add(from - hole, to - from);
        }
        self.ranges = ranges;
        self.window.drain(..hole.min(self.window.len()));
        self.advance(hole);
        std::iter::once(Piece::Gap(next.wrapping_add(hole as u32))).chain(self.take_front()).collect()
    }

    /// Writes what has not come before.
    fn write(&mut self, offset: usize, payload: &[u8]) {
        let end = offset + payload.len();
        if self.window.len() < end {
            self.window.resize(end, 0);
        }
        let mut at = offset;
        for (from, to) in self.ranges.iter_data(0) {
            let free = from.clamp(at, end);
            self.window[at..free].copy_from_slice(&payload[at - offset..free - offset]);
            at = to.clamp(free, end);
        }
        self.window[at..end].copy_from_slice(&payload[at - offset..]);
    }

    /// Takes out what is in order, cut where segments began: each waits for what it acknowledged.
    fn take_front(&mut self) -> Vec<Piece> {
        let len = self.ranges.remove_front().min(self.window.len());
        let end = self.passed + len as u64;
        let rest = self.acknowledged.split_off(&end);
        let starts = std::mem::replace(&mut self.acknowledged, rest);
        let mut pieces = Vec::new();
        let mut starts = starts.into_iter().peekable();
        while let Some((start, acknowledged)) = starts.next() {
            let until = starts.peek().map_or(end, |(next, _)| *next);
            let bytes: Vec<u8> = self.window.drain(..(until - start) as usize).collect();
            pieces.push(Piece::Bytes(bytes, acknowledged));
        }
        self.advance(len);
        if self.ranges.is_empty() {
            self.window = Vec::new();
        }
        pieces
    }

    fn advance(&mut self, len: usize) {
        self.next = self.next.map(|next| next.wrapping_add(len as u32));
        self.passed += len as u64;
    }
}

/// Whether sequence number `a` comes after `b`, around the wrap of 2³².
pub(super) fn is_after(a: u32, b: u32) -> bool {
    a.wrapping_sub(b).cast_signed() > 0
}
