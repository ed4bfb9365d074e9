//! UTF-8 Encoded Strings (1.5.4; in 3.1.1: 1.5.3): every class of ill-formed bytes, and every edge of the well-formed.

use alloc::format;
use alloc::vec;

use super::builder::Builder;
use super::slot::{self, Holds, Slot};

/// A name for the id, the bytes, and what they are.
type Row = (&'static str, &'static [u8], &'static str);

/// Ill-formed, between two letters. The first [`SHORT`] stand for all where there are many places.
const ILL_FORMED: &[Row] = &[
    ("continuation-alone", b"a\x80b", "a continuation byte that continues nothing"),
    ("overlong-slash", b"a\xC0\xAFb", "an overlong form of `/`"),
    ("surrogate", b"a\xED\xA0\x80b", "an encoded surrogate, U+D800"),
    ("surrogate-pair", b"a\xED\xA0\xBD\xED\xB8\x80b", "a character encoded as two surrogates (CESU-8)"),
    ("above-10ffff", b"a\xF4\x90\x80\x80b", "a code point above U+10FFFF"),
    ("four-bytes-cut-at-end", b"a\xF0\x9F\x98", "a character of four bytes that the end of the string cuts"),
    ("byte-ff", b"a\xFFb", "the byte 0xFF"),
    ("continuation-last", b"a\xBFb", "a continuation byte 0xBF that continues nothing"),
    ("continuation-first-in-string", b"\x80", "a continuation byte alone in the string"),
    ("two-continuations", b"a\xC3\xA4\xA4b", "a continuation byte too many"),
    ("two-bytes-cut", b"a\xC3b", "a lead byte of two with no continuation"),
    ("two-bytes-cut-at-end", b"a\xC3", "a lead byte of two at the end of the string"),
    ("two-leads", b"a\xC3\xC3\xA4b", "a lead byte before another"),
    ("overlong-nul", b"a\xC0\x80b", "U+0000 in two bytes, as Java's writeUTF has it"),
    ("overlong-two-last", b"a\xC1\xBFb", "an overlong form of U+007F"),
    ("three-bytes-cut-after-1", b"a\xE2b", "a lead byte of three with no continuation"),
    ("three-bytes-cut-after-2", b"a\xE2\x82b", "a character of three bytes without its last"),
    ("three-bytes-cut-at-end", b"a\xE2\x82", "a character of three bytes that the end of the string cuts"),
    ("three-bytes-bad-last", b"a\xE2\x82\xC2\xACb", "a character of three bytes whose last is a lead byte"),
    ("overlong-three-nul", b"a\xE0\x80\x80b", "U+0000 in three bytes"),
    ("overlong-three-slash", b"a\xE0\x80\xAFb", "`/` in three bytes"),
    ("overlong-three-last", b"a\xE0\x9F\xBFb", "U+07FF in three bytes"),
    ("surrogate-lead-last", b"a\xED\xAF\xBFb", "an encoded surrogate, U+DBFF"),
    ("surrogate-trail-first", b"a\xED\xB0\x80b", "an encoded surrogate, U+DC00"),
    ("surrogate-last", b"a\xED\xBF\xBFb", "an encoded surrogate, U+DFFF"),
    ("four-bytes-cut-after-1", b"a\xF0b", "a lead byte of four with no continuation"),
    ("four-bytes-cut-after-2", b"a\xF0\x9Fb", "a character of four bytes without its last two"),
    ("four-bytes-cut-after-3", b"a\xF0\x9F\x98b", "a character of four bytes without its last"),
    ("overlong-four-nul", b"a\xF0\x80\x80\x80b", "U+0000 in four bytes"),
    ("overlong-four-slash", b"a\xF0\x80\x80\xAFb", "`/` in four bytes"),
    ("overlong-four-last", b"a\xF0\x8F\xBF\xBFb", "U+FFFF in four bytes"),
    ("lead-f5", b"a\xF5\x80\x80\x80b", "the lead byte 0xF5, which no character has"),
    ("five-bytes", b"a\xF8\x88\x80\x80\x80b", "a form of five bytes"),
    ("six-bytes", b"a\xFC\x84\x80\x80\x80\x80b", "a form of six bytes"),
    ("byte-fe", b"a\xFEb", "the byte 0xFE"),
    ("utf-16-mark", b"\xFF\xFEa", "the byte order mark of UTF-16"),
    ("latin-1", b"gr\xFC\xDF", "text in Latin-1"),
];
const SHORT: usize = 7;

const NULL: &[Row] = &[
    ("nul", b"a\0b", "U+0000"),
    ("nul-alone", b"\0", "U+0000 alone"),
    ("nul-first", b"\0a", "U+0000 at the start"),
    ("nul-last", b"a\0", "U+0000 at the end, as a terminator"),
];

/// Well-formed. The first [`SHORT_WELL_FORMED`] stand for all where there are many places.
const WELL_FORMED: &[Row] = &[
    ("empty", b"", "no characters"),
    ("u-0001", b"a\x01b", "U+0001, a control character"),
    ("u-feff", b"\xEF\xBB\xBFa", "U+FEFF at the start, which is a character and not a mark to be dropped"),
    ("u-ffff", b"a\xEF\xBF\xBFb", "U+FFFF, a non-character and the last of three bytes"),
    ("u-10ffff", b"a\xF4\x8F\xBF\xBFb", "U+10FFFF, the last code point and a non-character"),
    ("u-feff-inside", b"a\xEF\xBB\xBFb", "U+FEFF between letters"),
    ("u-feff-alone", b"\xEF\xBB\xBF", "U+FEFF alone"),
    ("u-0009", b"a\tb", "U+0009, a tab"),
    ("u-000a", b"a\nb", "U+000A, a line feed"),
    ("u-001f", b"a\x1Fb", "U+001F, the last of the first control characters"),
    ("u-0020", b" ", "a space alone"),
    ("u-007e", b"~", "U+007E"),
    ("u-007f", b"a\x7Fb", "U+007F, the last of one byte and a control character"),
    ("u-0080", b"a\xC2\x80b", "U+0080, the first of two bytes and a control character"),
    ("u-009f", b"a\xC2\x9Fb", "U+009F, the last control character"),
    ("u-00a0", b"a\xC2\xA0b", "U+00A0, a no-break space"),
    ("u-07ff", b"a\xDF\xBFb", "U+07FF, the last of two bytes"),
    ("u-0800", b"a\xE0\xA0\x80b", "U+0800, the first of three bytes"),
    ("u-202e", b"a\xE2\x80\xAEb", "U+202E, which turns the direction of writing"),
    ("u-d7ff", b"a\xED\x9F\xBFb", "U+D7FF, the last before the surrogates"),
    ("u-e000", b"a\xEE\x80\x80b", "U+E000, the first after the surrogates, for private use"),
    ("u-fdd0", b"a\xEF\xB7\x90b", "U+FDD0, the first non-character"),
    ("u-fdef", b"a\xEF\xB7\xAFb", "U+FDEF, the last non-character of its block"),
    ("u-fffd", b"a\xEF\xBF\xBDb", "U+FFFD, the replacement character"),
    ("u-fffe", b"a\xEF\xBF\xBEb", "U+FFFE, a non-character"),
    ("u-10000", b"a\xF0\x90\x80\x80b", "U+10000, the first of four bytes"),
    ("u-1f600", b"\xF0\x9F\x98\x80", "U+1F600, an emoji"),
    ("u-1fffe", b"a\xF0\x9F\xBF\xBEb", "U+1FFFE, a non-character of plane 1"),
    ("u-100000", b"a\xF4\x80\x80\x80b", "U+100000, the first of plane 16"),
    ("combining", b"e\xCC\x81", "a letter and a combining accent, not to be normalised"),
    ("precomposed", b"\xC3\xA9", "the same letter in one code point"),
];
const SHORT_WELL_FORMED: usize = 5;

pub(super) fn add(builder: &mut Builder) {
    for slot in slot::in_fields(builder.version) {
        if slot.holds == Holds::Binary {
            continue;
        }
        let short = slot.holds == Holds::ProtocolName || slot.id.ends_with("-2");
        let (ill, null) = if short { (SHORT, 1) } else { (ILL_FORMED.len(), NULL.len()) };
        add_wrong(builder, &slot, &ILL_FORMED[..ill]);
        add_wrong(builder, &slot, &NULL[..null]);
        if slot.holds != Holds::ProtocolName {
            let well = if short { SHORT_WELL_FORMED } else { WELL_FORMED.len() };
            add_right(builder, &slot, &WELL_FORMED[..well]);
            add_longest(builder, &slot);
        }
    }
    for slot in slot::in_properties(builder.version) {
        if slot.holds == Holds::Binary {
            continue;
        }
        add_wrong(builder, &slot, &ILL_FORMED[..SHORT]);
        add_wrong(builder, &slot, &NULL[..1]);
        add_right(builder, &slot, &WELL_FORMED[..SHORT_WELL_FORMED]);
        if slot.id.starts_with("connect/") || slot.id.starts_with("publish/") || slot.id.starts_with("puback/") {
            add_longest(builder, &slot);
        }
    }
}

fn add_wrong(builder: &mut Builder, slot: &Slot, rows: &[Row]) {
    for (name, bytes, what) in rows {
        let comment = format!("{} holds {what}", slot.label);
        builder.raw(format!("{}/{name}", slot.id), &slot.with_bytes(bytes), comment);
    }
}

fn add_right(builder: &mut Builder, slot: &Slot, rows: &[Row]) {
    for (name, bytes, what) in rows {
        let comment = format!("{} holds {what}", slot.label);
        let added = builder.raw(format!("{}/{name}", slot.id), &slot.with_bytes(bytes), comment);
        let added = if name.starts_with("u-feff") {
            added.rests_on(&["MQTT-1.5.4-3"], &["MQTT-1.5.3-3"])
        } else if bytes.is_empty() {
            added
        } else {
            added.rests_on(&["MQTT-1.5.4-1"], &["MQTT-1.5.3-1"])
        };
        if bytes.is_empty() || !bytes.is_ascii() {
            added.unusual();
        }
    }
}

/// As long as a string can be, plain and ending in a character of three bytes.
fn add_longest(builder: &mut Builder, slot: &Slot) {
    if slot.id.ends_with("-2") {
        return;
    }
    let longest = vec![b'x'; usize::from(u16::MAX)];
    let comment = format!("{} is 65,535 bytes long, the longest there is", slot.label);
    builder.raw(format!("{}/longest", slot.id), &slot.with_bytes(&longest), comment).unusual();
    if slot.holds == Holds::TopicName || slot.holds == Holds::TopicFilter {
        let mut text = longest;
        text.truncate(65_532);
        text.extend("€".bytes());
        let comment = format!("{} is 65,535 bytes long and ends in a character of three", slot.label);
        builder.raw(format!("{}/longest-in-characters", slot.id), &slot.with_bytes(&text), comment).unusual();
    }
}
