//! Topic Names and Topic Filters looked at through a window of 32 or 64 bytes, which may reach beyond them.
//!
//! Lengths vary from packet to packet, and a processor that guesses wrong whether another word follows loses more time
//! than it takes to look at all of a window. Every test gives one bit for each byte, the first byte's lowest.

use wide::u8x16;

/// Whether this target has the instructions that make it worth while.
pub(super) const WORTH_WHILE: bool =
    cfg!(any(target_feature = "sse2", target_feature = "neon", target_feature = "simd128"));

/// Whether the first `len` bytes are ASCII without U+0000 and wildcards. `len` is 1 to `N`.
#[inline(always)]
pub(super) fn is_plain<const N: usize>(window: &[u8; N], len: usize) -> bool {
    // `#` is 0x23 and `+` is 0x2B: with bit 3 set both are 0x2B.
    let suspicious =
        bits(window, |bytes| not_a_character(bytes) | (bytes | u8x16::splat(8)).simd_eq(u8x16::splat(b'+')));
    suspicious & inside(len) == 0
}

/// Whether the first `len` bytes are ASCII without U+0000, with each wildcard in its place (4.7.1). `len` is 1 to `N`.
#[inline(always)]
pub(super) fn is_filter<const N: usize>(window: &[u8; N], len: usize) -> bool {
    let inside = inside(len);
    let end = 1 << (len - 1);
    let separators = bits(window, |bytes| bytes.simd_eq(u8x16::splat(b'/')));
    let starts_level = separators << 1 | 1;
    let ends_level = separators >> 1 | end;
    let single = bits(window, |bytes| bytes.simd_eq(u8x16::splat(b'+')));
    let multi = bits(window, |bytes| bytes.simd_eq(u8x16::splat(b'#')));
    let misplaced = single & !(starts_level & ends_level) | multi & !(starts_level & end);
    (bits(window, not_a_character) | misplaced) & inside == 0
}

/// Bytes that are not ASCII have their high bit set, and it is only that bit that counts. U+0000 is no character of a
/// string.
#[inline(always)]
fn not_a_character(bytes: u8x16) -> u8x16 {
    bytes | bytes.simd_eq(u8x16::splat(0))
}

/// The high bits of what `test` makes of the bytes.
#[inline(always)]
fn bits<const N: usize>(window: &[u8; N], test: impl Fn(u8x16) -> u8x16) -> u64 {
    let mut bits = 0;
    for (index, bytes) in window.as_chunks().0.iter().enumerate() {
        bits |= u64::from(test(u8x16::from(*bytes)).to_bitmask()) << (16 * index);
    }
    bits
}

/// A bit for each of the first `len` bytes, which are 1 to 64.
#[inline(always)]
const fn inside(len: usize) -> u64 {
    u64::MAX >> (64 - len)
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use super::*;
    use crate::{ProtocolVersion, topic};

    #[test]
    fn plain_is_what_a_look_at_each_byte_finds() {
        for (len, at) in (1..=64_usize).flat_map(|len| (0..len).map(move |at| (len, at))) {
            for byte in [0, 1, b'"', b'#', b'$', b'*', b'+', b',', b'/', 0x7F, 0x80, 0xFF] {
                let plain = byte.is_ascii() && !b"\0+#".contains(&byte);
                for behind in [b'a', b'#', 0, 0xFF] {
                    let mut window = [behind; 64];
                    window[..len].fill(b'a');
                    window[at] = byte;
                    assert_eq!(is_plain(&window, len), plain, "{byte} at {at} of {len}");
                    if let (Some(window), ..=32) = (window.first_chunk::<32>(), len) {
                        assert_eq!(is_plain(window, len), plain, "{byte} at {at} of {len}");
                    }
                }
            }
        }
    }

    #[test]
    fn filters_are_judged_as_by_their_levels() {
        let alphabet = [b'a', b'/', b'+', b'#', 0x80];
        for len in 1..=5_u32 {
            for number in 0..5_usize.pow(len) {
                let short: Vec<u8> = (0..len).map(|at| alphabet[number / 5_usize.pow(at) % 5]).collect();
                // The same at the end of a longer filter, up to the last byte of each window.
                for prefix in [0, 5, 13, 32 - short.len(), 33 - short.len(), 64 - short.len()] {
                    let mut filter = vec![b'x'; prefix];
                    if let Some(last) = filter.last_mut() {
                        *last = b'/';
                    }
                    filter.extend(&short);
                    let valid = filter.is_ascii()
                        && core::str::from_utf8(&filter)
                            .is_ok_and(|text| topic::check_topic_filter(text, ProtocolVersion::V3_1_1).is_ok());
                    for behind in [b'/', b'+', b'#', 0xFF] {
                        let mut window = [behind; 64];
                        window[..filter.len()].copy_from_slice(&filter);
                        assert_eq!(is_filter(&window, filter.len()), valid, "{filter:?}");
                        if let (Some(window), ..=32) = (window.first_chunk::<32>(), filter.len()) {
                            assert_eq!(is_filter(window, filter.len()), valid, "{filter:?}");
                        }
                    }
                }
            }
        }
    }
}
