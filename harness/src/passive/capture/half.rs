//! One direction of a TCP connection, put in order.
//!
//! Which ranges have come is kept by the `Assembler` of smoltcp, the piece of a TCP stack that does just this. (The
//! crates that put whole captures together were looked at and left: flowscope 0.22, the newest that this compiler builds,
//! drops the new bytes of a segment that repeats old ones and mixes up its segments where sequence numbers wrap;
//! protolens hands the bytes to decoders of its own and does not say which packet brought them; parse-tcp has had one
//! release.)

use smoltcp::storage::Assembler;

/// Bytes beyond the next expected one that are kept.
const WINDOW: usize = 1 << 20;

/// One direction.
#[derive(Debug)]
pub(super) struct Half {
    next: Option<u32>,
    ranges: Assembler,
    /// The bytes from `next` on; only where `ranges` says so they have come.
    window: Vec<u8>,
    end: Option<u32>,
}

/// What a segment brought about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// The next bytes.
    Bytes(Vec<u8>),
    /// Bytes are missing for ever; the next one has this sequence number.
    Gap(u32),
}

impl Half {
    pub(super) fn new() -> Self {
        Self { next: None, ranges: Assembler::new(), window: Vec::new(), end: None }
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

    /// A segment came. Returns the bytes that are in order now.
    pub(super) fn push(&mut self, sequence: u32, payload: &[u8]) -> Option<Piece> {
        let next = *self.next.get_or_insert(sequence);
        let distance = sequence.wrapping_sub(next).cast_signed();
        // What came before is what counts: of a repetition only the rest is new.
        let (offset, payload) = match usize::try_from(distance) {
            Ok(offset) => (offset, payload),
            Err(_) => (0, payload.get(distance.unsigned_abs() as usize..)?),
        };
        if payload.is_empty() || offset + payload.len() > WINDOW {
            return None;
        }
        if offset == 0 && self.ranges.is_empty() {
            self.next = Some(next.wrapping_add(payload.len() as u32));
            return Some(Piece::Bytes(payload.to_vec()));
        }
        self.write(offset, payload);
        // With too many holes it is as if the segment had been lost.
        self.ranges.add(offset, payload.len()).ok()?;
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
            self.next = Some(sequence);
            return vec![Piece::Gap(sequence)];
        };
        let mut ranges = Assembler::new();
        for (from, to) in self.ranges.iter_data(0) {
            // There are no more of them than before.
            let _ = ranges.add(from - hole, to - from);
        }
        self.ranges = ranges;
        self.window.drain(..hole.min(self.window.len()));
        let next = next.wrapping_add(hole as u32);
        self.next = Some(next);
        std::iter::once(Piece::Gap(next)).chain(self.take_front()).collect()
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

    fn take_front(&mut self) -> Option<Piece> {
        let len = self.ranges.remove_front();
        if len == 0 {
            return None;
        }
        let bytes: Vec<u8> = self.window.drain(..len.min(self.window.len())).collect();
        self.next = self.next.map(|next| next.wrapping_add(bytes.len() as u32));
        if self.ranges.is_empty() {
            self.window = Vec::new();
        }
        Some(Piece::Bytes(bytes))
    }
}

/// Whether sequence number `a` comes after `b`, around the wrap of 2³².
pub(super) fn is_after(a: u32, b: u32) -> bool {
    a.wrapping_sub(b).cast_signed() > 0
}
