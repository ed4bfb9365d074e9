//! Bytes and numbers as people write them down.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::varint;

/// Bytes from pairs of hexadecimal digits, `'text'` that stands for itself, and `__`, which stands for the length of
/// everything after it as a Remaining Length. Anything else is skipped.
pub(super) fn bytes(notation: &str) -> Vec<u8> {
    if let Some((head, body)) = notation.split_once("__") {
        let body = bytes(body);
        let mut out = bytes(head);
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        // Nothing written down by hand is longer than a Remaining Length can say.
        let _ = varint::encode(length, &mut out);
        out.extend(body);
        return out;
    }
    let mut out = Vec::new();
    for (index, part) in notation.split('\'').enumerate() {
        if index % 2 == 1 {
            out.extend_from_slice(part.as_bytes());
            continue;
        }
        let digits: Vec<u8> =
            part.chars().filter_map(|c| c.to_digit(16)).filter_map(|d| u8::try_from(d).ok()).collect();
        out.extend(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]));
    }
    out
}

/// `1 byte`, `2 bytes`.
pub(super) fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
