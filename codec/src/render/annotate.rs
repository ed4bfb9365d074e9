//! The bytes of a packet, field by field.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use super::hex;
use crate::ProtocolVersion;
use crate::diagnose::{Violation, WalkedField, walk};

/// Bytes in a row, and rows shown of one field.
const ROW: usize = 8;
const ROWS: usize = 6;
/// Fields shown of one packet.
const FIELDS: usize = 200;

/// The bytes of one packet, one field per line: offset, bytes, name and meaning. A field that breaks a rule is marked
/// with `<--`, the statement and what is wrong.
///
/// ```
/// use mqttspec_codec::{ProtocolVersion, render::annotated_hex};
/// let text = annotated_hex(&[0xC0, 0x00], ProtocolVersion::V5_0);
/// assert_eq!(text.lines().count(), 2);
/// assert!(text.starts_with("0000  c0                       packet type: PINGREQ"));
/// ```
pub fn annotated_hex(frame: &[u8], version: ProtocolVersion) -> String {
    let walk = walk(frame, version);
    let mut violations = walk.violations.iter().peekable();
    let mut text = String::new();
    let fields = without_gaps(walk.fields, frame.len());
    for field in fields.iter().take(FIELDS) {
        let bytes = frame.get(field.offset..field.offset + field.len).unwrap_or_default();
        write_first_row(&mut text, bytes, field);
        let end = field.offset + field.len;
        while let Some(violation) = violations.next_if(|violation| violation.offset < end) {
            mark(&mut text, violation);
        }
        write_further_rows(&mut text, bytes, field.offset);
        text.push('\n');
    }
    if fields.len() > FIELDS {
        let _ = writeln!(text, "      … {} more fields", fields.len() - FIELDS);
    }
    for violation in violations {
        let _ = write!(text, "{:04x}  {:23}", violation.offset, "");
        mark(&mut text, violation);
        text.push('\n');
    }
    text
}

/// Bytes that belong to no field become fields too.
fn without_gaps(fields: Vec<WalkedField>, len: usize) -> Vec<WalkedField> {
    let unread =
        |offset: usize, end: usize| WalkedField { offset, len: end - offset, name: "not read", meaning: String::new() };
    let mut whole = Vec::with_capacity(fields.len() + 1);
    let mut at = 0;
    for field in fields {
        if field.offset > at {
            whole.push(unread(at, field.offset));
        }
        at = at.max(field.offset + field.len);
        whole.push(field);
    }
    if at < len {
        whole.push(unread(at, len));
    }
    whole
}

fn write_first_row(text: &mut String, bytes: &[u8], field: &WalkedField) {
    let row = &bytes[..bytes.len().min(ROW)];
    let _ = write!(text, "{:04x}  {:23}  {}", field.offset, hex(row), field.name);
    if !field.meaning.is_empty() {
        let _ = write!(text, ": {}", field.meaning);
    }
}

fn write_further_rows(text: &mut String, bytes: &[u8], offset: usize) {
    for (index, row) in bytes.chunks(ROW).enumerate().skip(1) {
        let offset = offset + index * ROW;
        if index == ROWS {
            let _ = write!(text, "\n{offset:04x}  … {} more bytes", bytes.len() - index * ROW);
            break;
        }
        let _ = write!(text, "\n{offset:04x}  {}", hex(row));
    }
}

fn mark(text: &mut String, violation: &Violation) {
    let place = violation.statement.map_or_else(|| format!("section {}", violation.section), str::to_owned);
    let advice = if violation.level == crate::Level::Should { " (should not)" } else { "" };
    let _ = write!(text, "  <-- {place}{advice}: {}", violation.message);
}
