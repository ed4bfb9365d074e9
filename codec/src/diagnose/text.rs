//! UTF-8 Encoded Strings (1.5.4; in 3.1.1: 1.5.3) and topic names (4.7).

use alloc::format;
use alloc::string::String;

use super::ViolationKind as Kind;
use super::walker::Walker;

impl<'a> Walker<'a> {
    /// A string: its bytes and where they start, also when it is ill-formed.
    pub(super) fn string(&mut self, name: &'static str) -> Option<(usize, &'a [u8])> {
        let start = self.at;
        let (content, bytes) = self.prefixed(name)?;
        self.note(start, name, quote(bytes));
        self.check_string(name, content, bytes);
        Some((content, bytes))
    }

    pub(super) fn check_string(&mut self, name: &'static str, content: usize, bytes: &[u8]) {
        let label = name.to_lowercase();
        let well_formed = match core::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let offset = content + error.valid_up_to();
                self.violate(Kind::IllFormedUtf8, offset, name, format!("{label} is not well-formed utf-8"));
                core::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default()
            }
        };
        if let Some(index) = bytes.iter().position(|byte| *byte == 0) {
            self.violate(Kind::NullCharacter, content + index, name, format!("{label} contains U+0000"));
        }
        let disallowed = well_formed.char_indices().find(|(_, c)| is_disallowed(*c));
        if let Some((index, c)) = disallowed {
            let message = format!("{label} contains U+{:04X}", u32::from(c));
            self.violate(Kind::DisallowedCodePoint, content + index, name, message);
        }
    }

    /// A topic name must have no wildcard (4.7.1).
    pub(super) fn check_wildcards(&mut self, kind: Kind, name: &'static str, content: usize, bytes: &[u8]) {
        if let Some(index) = bytes.iter().position(|byte| matches!(byte, b'#' | b'+')) {
            let message = format!("{} contains `{}`", name.to_lowercase(), char::from(bytes[index]));
            self.violate(kind, content + index, name, message);
        }
    }
}

/// Control characters and non-characters, which SHOULD NOT appear. U+0000 has a rule of its own.
fn is_disallowed(c: char) -> bool {
    let code = u32::from(c);
    matches!(code, 0x01..=0x1F | 0x7F..=0x9F | 0xFDD0..=0xFDEF) || code & 0xFFFE == 0xFFFE
}

/// Text between quotes, shortened, with everything that is not printable escaped.
pub(crate) fn quote(bytes: &[u8]) -> String {
    const SHOWN: usize = 48;
    let mut text = String::from("\"");
    let shown = &bytes[..bytes.len().min(SHOWN)];
    for chunk in shown.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c == '"' || c == '\\' || c == '\u{FEFF}' || c.is_control() {
                text.extend(c.escape_default());
            } else {
                text.push(c);
            }
        }
        // A character cut in two by the shortening is not an error of the packet.
        if shown.len() == bytes.len() || chunk.invalid().len() > 3 {
            chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
        }
    }
    text.push('"');
    if bytes.len() > SHOWN {
        text.push_str(&format!("… ({} bytes)", bytes.len()));
    }
    text
}
