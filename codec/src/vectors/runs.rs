//! Long bytes in a short form: runs of a repeated piece.

use alloc::vec::Vec;

/// A piece of bytes and how often it stands in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The piece.
    pub bytes: Vec<u8>,
    /// How often, at least once.
    pub times: usize,
}

/// Repeated bytes fewer than this are spelled out.
const WORTH_IT: usize = 32;

/// The runs that make up `bytes`, in order. Only single bytes are repeated.
///
/// ```
/// use mqttspec_codec::vectors::{Run, runs};
/// let bytes = [vec![1, 2], vec![7; 100]].concat();
/// assert_eq!(runs(&bytes), [Run { bytes: vec![1, 2], times: 1 }, Run { bytes: vec![7], times: 100 }]);
/// ```
pub fn runs(bytes: &[u8]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for same in bytes.chunk_by(|a, b| a == b) {
        if same.len() >= WORTH_IT {
            runs.push(Run { bytes: same[..1].to_vec(), times: same.len() });
            continue;
        }
        match runs.last_mut() {
            Some(run) if run.times == 1 => run.bytes.extend_from_slice(same),
            _ => runs.push(Run { bytes: same.to_vec(), times: 1 }),
        }
    }
    runs
}
