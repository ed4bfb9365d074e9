//! The string type of the standard (1.5.4), checked and borrowed.

use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

/// A UTF-8 Encoded String (1.5.4), known to be well-formed and not yet turned into a [`str`].
///
/// The decoder checks text a machine word at a time, together with what the field forbids, and keeps the bytes.
/// Routing, comparing and hashing need no more than those. [`as_str`](Self::as_str) is a second, cheap pass: safe Rust
/// has no way to call bytes a `str` without looking at them.
#[derive(Clone, Copy, Default)]
pub struct Utf8Str<'a>(&'a [u8]);

impl<'a> Utf8Str<'a> {
    /// The empty string.
    pub const EMPTY: Self = Self(&[]);

    /// A string of `bytes`, which the decoder has found to be well-formed UTF-8.
    #[inline]
    pub(crate) const fn from_checked(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes of the string, without the length before them.
    #[inline]
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// The length in bytes.
    #[inline]
    pub const fn len(self) -> usize {
        self.0.len()
    }

    /// Whether it has no characters.
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The string as a `str`.
    pub fn as_str(self) -> &'a str {
        match simdutf8::basic::from_utf8(self.0) {
            Ok(string) => string,
            // Only the decoder and `From<&str>` make these, from bytes that are well-formed.
            Err(_) => unreachable!("a checked string is well-formed UTF-8"),
        }
    }
}

impl<'a> From<&'a str> for Utf8Str<'a> {
    fn from(string: &'a str) -> Self {
        Self(string.as_bytes())
    }
}

impl<'a> From<Utf8Str<'a>> for &'a str {
    fn from(string: Utf8Str<'a>) -> Self {
        string.as_str()
    }
}

impl PartialEq for Utf8Str<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Utf8Str<'_> {}

impl PartialEq<str> for Utf8Str<'_> {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for Utf8Str<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialOrd for Utf8Str<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// In the order of `str`, which is the order of the bytes.
impl Ord for Utf8Str<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(other.0)
    }
}

/// Of the bytes, without a second pass over them, and so not as a `str` hashes: a map with `str` keys is asked with
/// [`Utf8Str::as_str`].
impl Hash for Utf8Str<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl fmt::Debug for Utf8Str<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Utf8Str<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use alloc::format;
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn it_is_the_string_it_was_made_from() {
        let string = Utf8Str::from("räume/1");
        assert_eq!(string, "räume/1");
        assert_eq!(string.as_str(), "räume/1");
        assert_eq!(string.len(), 8);
        assert_eq!(format!("{string} {string:?}"), r#"räume/1 "räume/1""#);
        assert!(Utf8Str::EMPTY < string && Utf8Str::EMPTY.is_empty());
        assert_ne!(string, *"raume/1");
    }

    #[test]
    fn a_map_finds_the_same_string_elsewhere() {
        let received = alloc::string::String::from("räume/1");
        let map = HashMap::from([(Utf8Str::from(received.as_str()), 1), (Utf8Str::EMPTY, 2)]);
        assert_eq!(map.get(&Utf8Str::from("räume/1")), Some(&1));
        assert_eq!(map.get(&Utf8Str::from("räume/2")), None);
    }
}
