//! Variable Byte Integers (1.5.5; in 3.1.1: the Remaining Length of 2.2.3).

use alloc::vec::Vec;
use core::fmt;

/// The largest value four bytes can hold: 268,435,455.
pub const MAX: u32 = 268_435_455;

/// Why bytes are not a Variable Byte Integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VarintError {
    /// The fourth byte announces a fifth.
    TooLong,
    /// Fewer bytes would hold the value (MQTT-1.5.5-1).
    NonMinimal,
}

/// Reads the integer at the start of `bytes`: its value and how many bytes it takes, or `None` when more bytes are
/// needed to know.
///
/// # Errors
/// When it is longer than four bytes, or longer than its value needs. 3.1.1 does not spell the second rule out, and
/// no encoder of its algorithm (2.2.3) produces such bytes; it is refused in every version.
pub fn decode(bytes: &[u8]) -> Result<Option<(u32, usize)>, VarintError> {
    let mut value = 0;
    for (index, &byte) in bytes.iter().take(4).enumerate() {
        value |= u32::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            if byte == 0 && index > 0 {
                return Err(VarintError::NonMinimal);
            }
            return Ok(Some((value, index + 1)));
        }
    }
    if bytes.len() < 4 { Ok(None) } else { Err(VarintError::TooLong) }
}

/// Appends `value` to `out` in as few bytes as it needs, or returns `None` and writes nothing when it is above [`MAX`].
pub fn encode(value: u32, out: &mut Vec<u8>) -> Option<()> {
    let (bytes, len) = to_bytes(value)?;
    out.extend_from_slice(&bytes[..len]);
    Some(())
}

/// How many bytes `value` takes, 1 to 4; `None` above [`MAX`].
pub const fn len(value: u32) -> Option<usize> {
    match value {
        0..=0x7F => Some(1),
        0x80..=0x3FFF => Some(2),
        0x4000..=0x1F_FFFF => Some(3),
        0x20_0000..=MAX => Some(4),
        _ => None,
    }
}

/// How many bytes `value` takes, which must not be above [`MAX`].
#[inline]
pub(crate) const fn len_of_valid(value: u32) -> usize {
    match value {
        0..=0x7F => 1,
        0x80..=0x3FFF => 2,
        0x4000..=0x1F_FFFF => 3,
        _ => 4,
    }
}

/// The bytes of `value`, of which the returned number count.
#[inline]
pub(crate) const fn to_bytes(value: u32) -> Option<([u8; 4], usize)> {
    let Some(len) = len(value) else { return None };
    // Every byte but the last says that another one follows.
    let [a, b, c, d] = [value as u8 | 0x80, (value >> 7) as u8 | 0x80, (value >> 14) as u8 | 0x80, (value >> 21) as u8];
    let bytes = match len {
        1 => [a & 0x7F, 0, 0, 0],
        2 => [a, b & 0x7F, 0, 0],
        3 => [a, b, c & 0x7F, 0],
        _ => [a, b, c, d],
    };
    Some((bytes, len))
}

impl fmt::Display for VarintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "variable byte integer is longer than four bytes",
            Self::NonMinimal => "variable byte integer is longer than its value needs",
        })
    }
}

impl core::error::Error for VarintError {}
