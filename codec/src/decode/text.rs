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
    // Lengths vary from packet to packet, and a processor that guesses wrong whether another word follows loses more
    // time than looking at all of a window takes.
    let plain = match len {
        1..=32 => input.first_chunk::<32>().is_some_and(|window| is_plain_window(window, len)),
        33..=64 => input.first_chunk::<64>().is_some_and(|window| is_plain_window(window, len)),
        _ => false,
    };
    if plain { Ok(()) } else { check_long_topic_name(&input[..len]) }
}

/// Whether the first `len` bytes are ASCII without U+0000 and wildcards. Compiles to vector instructions.
#[inline(always)]
fn is_plain_window<const N: usize>(window: &[u8; N], len: usize) -> bool {
    let mut found = 0;
    let inside = inside::<N>(len);
    // By index: iterators zipped together are unrolled instead of being made vectors of.
    for index in 0..N {
        let byte = window[index];
        // As a signed number, every byte above 0x7F and 0 itself are below 1; `+` and `#` differ in bit 3.
        found |= mask((byte.cast_signed() < 1) | (byte | 8 == b'+')) & inside[index];
    }
    found == 0
}

/// All ones for the first `len` bytes of a window, zeros after them. They are loaded from memory: computed from indices,
/// they would be as wide as those, and so take as many more instructions.
///
/// # Panics
/// When `len` or `N` is above 64.
#[inline(always)]
fn inside<const N: usize>(len: usize) -> &'static [u8; N] {
    static ONES_THEN_ZEROS: [u8; 128] = {
        let mut bytes = [0; 128];
        let mut at = 0;
        while at < 64 {
            bytes[at] = 0xFF;
            at += 1;
        }
        bytes
    };
    match ONES_THEN_ZEROS[64 - len..].first_chunk() {
        Some(window) => window,
        None => unreachable!("no window is longer than 64 bytes"),
    }
}

/// A byte of ones or of zeros.
#[inline(always)]
const fn mask(value: bool) -> u8 {
    if value { 0xFF } else { 0 }
}

/// One without a window to look at it through.
#[inline(never)]
fn check_long_topic_name(bytes: &[u8]) -> Result<(), DecodeError> {
    check_topic_name(bytes)
}

/// Checks the Topic Filter (4.7.1, 4.8.2) at the start of `input`, length and all, and returns its kind. A little more
/// of `input` than `len` bytes after that length may be read.
///
/// # Panics
/// When `input` is shorter than that.
#[inline(always)]
pub(super) fn check_topic_filter_at(input: &[u8], len: usize, version: ProtocolVersion) -> Result<Filter, DecodeError> {
    let valid = match input {
        // What begins with `$` may be a Shared Subscription.
        [_, _, b'$', ..] => false,
        _ => match len {
            1..=32 => input.first_chunk::<35>().is_some_and(|around| is_filter_window::<32, 35>(around, len)),
            33..=64 => input.first_chunk::<67>().is_some_and(|around| is_filter_window::<64, 67>(around, len)),
            _ => false,
        },
    };
    if valid { Ok(Filter::NonShared) } else { check_unusual_filter(&input[2..2 + len], version) }
}

/// Whether the `len` bytes after the first two are an ASCII filter with each wildcard in its place: every byte is looked
/// at together with those before and after it. Compiles to vector instructions.
#[inline(always)]
fn is_filter_window<const N: usize, const AROUND: usize>(around: &[u8; AROUND], len: usize) -> bool {
    const { assert!(AROUND == N + 3, "one byte before, one after, and one more for the length before that") };
    let inside = inside::<N>(len);
    // One less is inside where the last byte is not.
    let before_last = self::inside::<N>(len - 1);
    let mut found = 0;
    for index in 0..N {
        let [before, at, after] = [around[index + 1], around[index + 2], around[index + 3]];
        // No `&&` and `||`: what is decided lazily is not decided for all bytes at once.
        let starts_level = (before == b'/') | (index == 0);
        let ends_level = (before_last[index] == 0) | ((at == b'+') & (after == b'/'));
        let misplaced = (at | 8 == b'+') & !(starts_level & ends_level);
        found |= mask((at.cast_signed() < 1) | misplaced) & inside[index];
    }
    found == 0
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

    #[test]
    fn a_window_shows_what_a_look_at_each_byte_shows() {
        for string in strings().filter(|string| !string.is_empty()) {
            let plain = string.iter().all(|byte| byte.is_ascii() && !b"\0+#".contains(byte));
            for behind in [b'a', b'#', 0, 0xFF] {
                let mut window = [behind; 32];
                window[..string.len()].copy_from_slice(&string);
                assert_eq!(is_plain_window(&window, string.len()), plain, "{string:?}");
            }
        }
    }

    #[test]
    fn filters_in_a_window_are_judged_as_by_their_levels() {
        let alphabet = [b'a', b'/', b'+', b'#'];
        for len in 1..=6_u32 {
            for number in 0..4_usize.pow(len) {
                let short: Vec<u8> = (0..len).map(|at| alphabet[number / 4_usize.pow(at) % 4]).collect();
                // The same at the end of a longer filter, up to the last byte of each window.
                for prefix in [0, 5, 32 - short.len(), 33 - short.len(), 64 - short.len()] {
                    let mut filter = vec![b'x'; prefix];
                    if let Some(last) = filter.last_mut() {
                        *last = b'/';
                    }
                    filter.extend(&short);
                    let text = core::str::from_utf8(&filter).unwrap();
                    let valid = topic::check_topic_filter(text, ProtocolVersion::V3_1_1).is_ok();
                    for around in [b'/', b'+', b'#', 0xFF] {
                        let mut input = [around; 67];
                        input[2..2 + filter.len()].copy_from_slice(&filter);
                        let seen = match filter.len() {
                            ..=32 => is_filter_window::<32, 35>(input.first_chunk().unwrap(), filter.len()),
                            _ => is_filter_window::<64, 67>(&input, filter.len()),
                        };
                        assert_eq!(seen, valid, "{text}");
                    }
                }
            }
        }
    }
}
