//! Strings, Topic Names and Topic Filters (1.5.4, 4.7).
//!
//! Nearly all of them are ASCII without anything special in it, and one pass over words or windows says so. What that
//! pass does not let through is looked at again, slowly, to find out whether it is wrong and how.

use super::{input, window};
use crate::packet::Utf8Str;
use crate::{DecodeError, ProtocolVersion, topic};

const ONES: u64 = every(1);
const HIGH_BITS: u64 = every(0x80);

/// A UTF-8 Encoded String: well-formed, so without surrogates, and without U+0000 (1.5.4).
#[inline(always)]
pub(super) fn string<'a>(input: &mut &'a [u8]) -> Result<Utf8Str<'a>, DecodeError> {
    let bytes = input::binary_data(input)?;
    if !is_plain::<false>(bytes) {
        check_string(bytes)?;
    }
    Ok(Utf8Str::from_checked(bytes))
}

/// Checks that `bytes` are a Topic Name: a string that is not empty and holds no wildcards (4.7).
#[inline(always)]
pub(super) fn check_topic_name(bytes: &[u8]) -> Result<(), DecodeError> {
    if is_plain::<true>(bytes) && !bytes.is_empty() { Ok(()) } else { check_unusual_topic_name(bytes) }
}

/// Checks that the first `len` bytes of `input` are a Topic Name, where a little more of `input` than those may be read:
/// for the topic of a PUBLISH, which is the field that matters most.
///
/// # Panics
/// When `input` is shorter than that.
#[inline(always)]
pub(super) fn check_topic_name_at(input: &[u8], len: usize) -> Result<(), DecodeError> {
    let plain = match len {
        1..=32 if window::WORTH_WHILE => input.first_chunk::<32>().is_some_and(|window| window::is_plain(window, len)),
        33..=64 if window::WORTH_WHILE => input.first_chunk::<64>().is_some_and(|window| window::is_plain(window, len)),
        _ => false,
    };
    if plain { Ok(()) } else { check_topic_name_alone(&input[..len]) }
}

/// Checks that the first `len` bytes of `input` are a Topic Filter (4.7.1, 4.8.2), and returns its kind. A little more
/// of `input` than those may be read.
///
/// # Panics
/// When `input` is shorter than that.
#[inline(always)]
pub(super) fn check_topic_filter_at(input: &[u8], len: usize, version: ProtocolVersion) -> Result<Filter, DecodeError> {
    let valid = match (input.first(), len) {
        // What begins with `$` may be a Shared Subscription.
        (Some(b'$'), _) => false,
        (_, 1..=32) if window::WORTH_WHILE => {
            input.first_chunk::<32>().is_some_and(|window| window::is_filter(window, len))
        }
        (_, 33..=64) if window::WORTH_WHILE => {
            input.first_chunk::<64>().is_some_and(|window| window::is_filter(window, len))
        }
        _ => false,
    };
    if valid { Ok(Filter::NonShared) } else { check_unusual_filter(&input[..len], version) }
}

/// One without a window to look at it through.
#[inline(never)]
fn check_topic_name_alone(bytes: &[u8]) -> Result<(), DecodeError> {
    check_topic_name(bytes)
}

/// What kind of subscription a Topic Filter asks for (4.8).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    NonShared,
    Shared,
}

const fn every(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Whether `bytes` are ASCII without U+0000 and, if `WILDCARDS` are looked for, without `+` and `#`.
///
/// Up to 32 bytes there is no loop: words from the front and words from the back overlap in the middle.
#[inline(always)]
fn is_plain<const WILDCARDS: bool>(bytes: &[u8]) -> bool {
    let found = if let (Some(front), Some(back)) = (bytes.first_chunk::<16>(), bytes.last_chunk::<16>()) {
        let ends = pair::<WILDCARDS>(front) | pair::<WILDCARDS>(back);
        if bytes.len() <= 32 { ends } else { ends | middle::<WILDCARDS>(bytes) }
    } else if let (Some(front), Some(back)) = (bytes.first_chunk(), bytes.last_chunk()) {
        suspicious::<WILDCARDS>(u64::from_le_bytes(*front)) | suspicious::<WILDCARDS>(u64::from_le_bytes(*back))
    } else if let (Some(front), Some(back)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let [low, high] = [u32::from_le_bytes(*front), u32::from_le_bytes(*back)];
        suspicious::<WILDCARDS>(u64::from(low) | u64::from(high) << 32)
    } else if let (Some(first), Some(last)) = (bytes.first(), bytes.last()) {
        let middle = bytes[bytes.len() / 2];
        suspicious::<WILDCARDS>(u64::from_le_bytes([*first, middle, *last, b'a', b'a', b'a', b'a', b'a']))
    } else {
        0
    };
    found & HIGH_BITS == 0
}

/// The words of a long string, but for those at its end.
#[inline(never)]
fn middle<const WILDCARDS: bool>(bytes: &[u8]) -> u64 {
    bytes.as_chunks().0.iter().fold(0, |found, pair| found | self::pair::<WILDCARDS>(pair))
}

#[inline(always)]
fn pair<const WILDCARDS: bool>(bytes: &[u8; 16]) -> u64 {
    let (words, _) = bytes.as_chunks();
    words.iter().fold(0, |found, word| found | suspicious::<WILDCARDS>(u64::from_le_bytes(*word)))
}

/// Has the high bit of some byte set if `word` holds a byte above 0x7F, a 0 or, when they are looked for, a wildcard.
///
/// Subtracting 1 from every byte sets the high bit of those that are 0. A borrow out of one spoils only the bytes
/// above it, when the answer is known already.
#[inline(always)]
const fn suspicious<const WILDCARDS: bool>(word: u64) -> u64 {
    let found = word | word.wrapping_sub(ONES);
    if WILDCARDS {
        // `#` is 0x23 and `+` is 0x2B: with bit 3 set both are 0x2B.
        found | ((word | every(8)) ^ every(b'+')).wrapping_sub(ONES)
    } else {
        found
    }
}

#[cold]
fn check_string(bytes: &[u8]) -> Result<&str, DecodeError> {
    let string = simdutf8::basic::from_utf8(bytes).map_err(|_| DecodeError::IllFormedUtf8)?;
    if bytes.contains(&0) { Err(DecodeError::NulCharacter) } else { Ok(string) }
}

#[cold]
fn check_unusual_topic_name(bytes: &[u8]) -> Result<(), DecodeError> {
    topic::check_topic_name(check_string(bytes)?).map_err(DecodeError::TopicName)
}

#[inline(never)]
fn check_unusual_filter(bytes: &[u8], version: ProtocolVersion) -> Result<Filter, DecodeError> {
    if is_plain::<true>(bytes) && !matches!(bytes, [b'$', ..] | []) {
        return Ok(Filter::NonShared);
    }
    let filter = check_string(bytes)?;
    topic::check_topic_filter(filter, version).map_err(DecodeError::TopicFilter)?;
    let shared = version == ProtocolVersion::V5_0 && topic::parse_shared(filter).is_some();
    Ok(if shared { Filter::Shared } else { Filter::NonShared })
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use super::*;

    /// Strings of every length up to 20 over the characters that matter, with each of them at every place.
    fn strings() -> impl Iterator<Item = Vec<u8>> {
        (0..=20).flat_map(|len| {
            let plain = vec![b'a'; len];
            let places = (0..len).flat_map(move |at| {
                [0, 1, b'"', b'#', b'$', b'*', b'+', b',', b'/', 0x7F, 0x80, 0xFF].map(|byte| {
                    let mut string = vec![b'a'; len];
                    string[at] = byte;
                    string
                })
            });
            core::iter::once(plain).chain(places)
        })
    }

    #[test]
    fn one_pass_finds_what_a_look_at_each_byte_finds() {
        for string in strings() {
            let plain = string.iter().all(|&byte| byte.is_ascii() && byte != 0);
            assert_eq!(is_plain::<false>(&string), plain, "{string:?}");
            let plain_name = plain && !string.contains(&b'+') && !string.contains(&b'#');
            assert_eq!(is_plain::<true>(&string), plain_name, "{string:?}");
        }
    }
}
