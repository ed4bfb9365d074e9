//! Strings, Topic Names and Topic Filters, eight bytes at a time (1.5.4, 4.7).
//!
//! Nearly all of them are ASCII without anything special in it, and one pass over the words says so. What that pass
//! does not let through is looked at again, slowly, to find out whether it is wrong and how.

use super::input;
use crate::packet::Utf8Str;
use crate::{DecodeError, ProtocolVersion, topic};

const ONES: u64 = every(1);
const HIGH_BITS: u64 = every(0x80);

/// A UTF-8 Encoded String: well-formed, so without surrogates, and without U+0000 (1.5.4).
#[inline]
pub(super) fn string<'a>(input: &mut &'a [u8]) -> Result<Utf8Str<'a>, DecodeError> {
    let bytes = input::binary_data(input)?;
    if !is_plain::<false>(bytes) {
        check_string(bytes)?;
    }
    Ok(Utf8Str::from_checked(bytes))
}

/// Checks that `bytes` are a Topic Name: a string that is not empty and holds no wildcards (4.7).
#[inline]
pub(super) fn check_topic_name(bytes: &[u8]) -> Result<(), DecodeError> {
    if is_plain::<true>(bytes) && !bytes.is_empty() { Ok(()) } else { check_unusual_topic_name(bytes) }
}

/// Checks that `bytes` are a Topic Filter (4.7.1, 4.8.2), and whether they are one of a Shared Subscription.
#[inline]
pub(super) fn check_topic_filter(bytes: &[u8], version: ProtocolVersion) -> Result<Filter, DecodeError> {
    match bytes.first() {
        Some(b'$') | None => check_unusual_filter(bytes, version),
        Some(_) if is_plain::<true>(bytes) || has_wildcards_in_place(bytes) => Ok(Filter::NonShared),
        Some(_) => check_unusual_filter(bytes, version),
    }
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
#[inline]
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

#[inline]
fn pair<const WILDCARDS: bool>(bytes: &[u8; 16]) -> u64 {
    let (words, _) = bytes.as_chunks();
    words.iter().fold(0, |found, word| found | suspicious::<WILDCARDS>(u64::from_le_bytes(*word)))
}

/// Has the high bit of some byte set if `word` holds a byte above 0x7F, a 0 or, when they are looked for, a wildcard.
///
/// Subtracting 1 from every byte sets the high bit of those that are 0. A borrow out of one spoils only the bytes
/// above it, when the answer is known already.
#[inline]
const fn suspicious<const WILDCARDS: bool>(word: u64) -> u64 {
    let found = word | word.wrapping_sub(ONES);
    if WILDCARDS {
        // `#` is 0x23 and `+` is 0x2B: with bit 3 set both are 0x2B.
        found | ((word | every(8)) ^ every(b'+')).wrapping_sub(ONES)
    } else {
        found
    }
}

/// Whether an ASCII filter of up to 64 bytes is valid, wildcards and all, with one bit for each of its bytes; `false`
/// also when it is longer, or not ASCII.
fn has_wildcards_in_place(filter: &[u8]) -> bool {
    let Some(last) = filter.len().checked_sub(1).filter(|&last| last < 64) else { return false };
    let mut found = 0;
    let [mut separators, mut single, mut multi] = [0; 3];
    let mut shift = 0;
    let (words, rest) = filter.as_chunks();
    let mut padded = [b'a'; 8];
    padded[..rest.len()].copy_from_slice(rest);
    for word in words.iter().chain((!rest.is_empty()).then_some(&padded)) {
        let word = u64::from_le_bytes(*word);
        found |= suspicious::<false>(word);
        separators |= bits_of(word, b'/') << shift;
        single |= bits_of(word, b'+') << shift;
        multi |= bits_of(word, b'#') << shift;
        shift += 8;
    }
    let end = 1_u64 << last;
    let starts_level = separators << 1 | 1;
    let ends_level = separators >> 1 | end;
    found & HIGH_BITS == 0 && single & !(starts_level & ends_level) == 0 && multi & !(starts_level & end) == 0
}

/// One bit for each byte of an ASCII `word` that is `byte`, the first byte's lowest.
#[inline]
const fn bits_of(word: u64, byte: u8) -> u64 {
    // In ASCII no sum carries into the next byte, and only a byte that is 0 does not reach the high bit. Elsewhere it
    // may wrap, and the answer means nothing.
    let equal = !(word ^ every(byte)).wrapping_add(every(0x7F)) & HIGH_BITS;
    (equal >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
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

#[cold]
fn check_unusual_filter(bytes: &[u8], version: ProtocolVersion) -> Result<Filter, DecodeError> {
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

    #[test]
    fn bit_masks_agree_with_a_walk_over_the_levels() {
        let alphabet = [b'a', b'/', b'+', b'#'];
        for len in 1..=6_u32 {
            for number in 0..4_usize.pow(len) {
                let short: Vec<u8> = (0..len).map(|at| alphabet[number / 4_usize.pow(at) % 4]).collect();
                // The same at the end of a longer filter, across a word and up to the last bit.
                for prefix in [0, 5, 64 - short.len()] {
                    let mut filter = vec![b'x'; prefix];
                    if let Some(last) = filter.last_mut() {
                        *last = b'/';
                    }
                    filter.extend(&short);
                    let text = core::str::from_utf8(&filter).unwrap();
                    let valid = topic::check_topic_filter(text, ProtocolVersion::V3_1_1).is_ok();
                    assert_eq!(has_wildcards_in_place(&filter), valid, "{text}");
                }
            }
        }
    }
}
