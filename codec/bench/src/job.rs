//! One row of the comparison: which packets, and what is done with them.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use crate::Workload;

/// Length in bytes of the chunks of [`Delivery::Chunks`]: what fits a TCP segment on Ethernet.
pub const CHUNK_LEN: usize = 1460;

/// Streams of a single packet are repeated to about this many bytes: they stay in the first-level cache.
const CACHED_LEN: usize = 16 * 1024;

/// What is done with the packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Bytes to packets.
    Decode(Delivery),
    /// Packets to bytes.
    Encode,
    /// Packets to bytes, with the payload left where it is.
    EncodeByReference,
}

impl Operation {
    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Decode(Delivery::Cached) => "decode",
            Self::Decode(Delivery::Memory(_)) => "decode-from-memory",
            Self::Decode(Delivery::Chunks) => "decode-chunks",
            Self::Encode => "encode",
            Self::EncodeByReference => "encode-by-reference",
        }
    }

    /// Whether it makes packets of bytes.
    pub const fn is_decode(self) -> bool {
        matches!(self, Self::Decode(_))
    }
}

impl Serialize for Operation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Where the bytes to decode come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// They all lie in the cache.
    Cached,
    /// They lie in a stream of at least this many bytes, more than the cache holds.
    Memory(usize),
    /// They come in pieces of [`CHUNK_LEN`] bytes, each appended to what is left of the one before.
    Chunks,
}

/// A workload made ready for one operation. Every entrant works on the same one.
#[derive(Debug)]
pub struct Job<'w> {
    /// The packets.
    pub workload: &'w Workload,
    /// What is done with them.
    pub operation: Operation,
    /// The bytes of one pass of decoding.
    pub(crate) stream: Cow<'w, [u8]>,
    /// How often the packets of the workload are in the stream, or are encoded in one pass.
    pub(crate) repeats: usize,
    /// How often they are encoded into one buffer before it is emptied.
    pub(crate) burst: usize,
}

impl<'w> Job<'w> {
    /// The job of doing `operation` with the packets of `workload`.
    pub fn new(workload: &'w Workload, operation: Operation) -> Self {
        let len = workload.bytes.len().max(1);
        let burst = (CACHED_LEN / len).clamp(1, 1024);
        let repeats = match operation {
            Operation::Decode(Delivery::Memory(least)) => least.div_ceil(len),
            // A single packet that is longer than the cached stream: a few of them, for the clock's sake.
            _ if workload.packets.len() == 1 => burst.max(4),
            _ => 1,
        };
        let stream = match operation {
            Operation::Decode(_) if repeats > 1 => Cow::Owned(workload.bytes.repeat(repeats)),
            Operation::Decode(_) => Cow::Borrowed(workload.bytes.as_slice()),
            _ => Cow::Borrowed([].as_slice()),
        };
        Self { workload, operation, stream, repeats, burst: burst.min(repeats) }
    }

    /// The number of packets in one pass.
    pub fn packets(&self) -> usize {
        // Bursts are whole: see `EncodeTask`.
        match self.operation {
            Operation::Decode(_) => self.repeats * self.workload.packets.len(),
            _ => self.bursts() * self.burst * self.workload.packets.len(),
        }
    }

    /// The number of times that a buffer is filled in one pass of encoding.
    pub(crate) fn bursts(&self) -> usize {
        self.repeats.div_ceil(self.burst)
    }
}
