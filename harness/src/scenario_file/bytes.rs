//! Bytes as text that a person can read and change.

use serde_json::{Number, Value};

/// The fields of packets and properties that hold bytes.
const FIELDS: [&str; 3] = ["payload", "password", "BinaryData"];
/// What stands before hex digits.
const HEX: &str = "hex:";

/// Replaces the lists of numbers that stand for bytes.
pub(super) fn to_text(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(to_text),
        Value::Object(fields) => {
            for (name, field) in fields {
                match bytes_of(name, field) {
                    Some(bytes) => *field = Value::String(text_of(&bytes)),
                    None => to_text(field),
                }
            }
        }
        _ => {}
    }
}

/// Puts the lists of numbers back. `path` is where `value` stands.
///
/// # Errors
/// Where the hex digits are none.
pub(super) fn from_text(value: &mut Value, path: &str) -> Result<(), String> {
    match value {
        Value::Array(items) => {
            for (at, item) in items.iter_mut().enumerate() {
                from_text(item, &format!("{path}[{at}]"))?;
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                let path = format!("{path}.{name}");
                match field {
                    Value::String(text) if FIELDS.contains(&name.as_str()) => {
                        let bytes = bytes_from(text).map_err(|why| format!("{path}: {why}"))?;
                        *field = Value::Array(bytes.into_iter().map(|byte| Number::from(byte).into()).collect());
                    }
                    _ => from_text(field, &path)?,
                }
            }
        }
        _ => {}
    }
    Ok(())
}

fn bytes_of(name: &str, field: &Value) -> Option<Vec<u8>> {
    if !FIELDS.contains(&name) {
        return None;
    }
    field.as_array()?.iter().map(|byte| u8::try_from(byte.as_u64()?).ok()).collect()
}

fn text_of(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.starts_with(HEX) && !text.chars().any(char::is_control) => text.to_owned(),
        _ => bytes.iter().fold(HEX.to_owned(), |text, byte| format!("{text}{byte:02x}")),
    }
}

fn bytes_from(text: &str) -> Result<Vec<u8>, String> {
    let Some(digits) = text.strip_prefix(HEX) else { return Ok(text.as_bytes().to_vec()) };
    if !digits.len().is_multiple_of(2) || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(format!("expected an even number of hex digits after {HEX:?}"));
    }
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).map_err(|error| error.to_string()))
        .collect()
}
