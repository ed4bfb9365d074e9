//! Packets as text for people: one line, or one line per field beside its bytes.
//!
//! What is shown of a packet is bounded, however large the packet is.

use alloc::string::String;

mod annotate;
mod line;

pub use annotate::annotated_hex;
pub use line::{one_line, one_line_bytes};

/// Bytes as two hexadecimal digits each, separated by spaces.
///
/// ```
/// assert_eq!(mqttspec_codec::render::hex(&[0xC0, 0x00]), "c0 00");
/// ```
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 3);
    for (index, byte) in bytes.iter().enumerate() {
        if index > 0 {
            text.push(' ');
        }
        for nibble in [byte >> 4, byte & 0x0F] {
            text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('?'));
        }
    }
    text
}
