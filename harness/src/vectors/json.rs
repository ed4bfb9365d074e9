//! The JSON form: an object with a line for each vector, so that a change to one is a change to one line.

use mqttspec_codec::vectors::{Flag, Vector, vectors};
use mqttspec_codec::{ProtocolVersion, ViolationKind};
use serde_json::Value;

use super::JSON_MARK;

/// The version of the shape of the files, which `codec/vectors/schema.json` describes.
const SCHEMA_VERSION: u32 = 1;

/// The vectors of `version`, as `codec/vectors/mqtt-*.json` has them.
pub fn json(version: ProtocolVersion) -> String {
    let all = vectors(version);
    let valid = all.iter().filter(|vector| vector.valid).count();
    let mut out = format!("{JSON_MARK},\n\"schema_version\":{SCHEMA_VERSION},\n\"spec\":\"{version}\",\n");
    out.push_str(&format!("\"count\":{},\n\"valid\":{valid},\n", all.len()));
    let flags = Flag::ALL.iter().filter(|flag| all.iter().any(|vector| vector.has(**flag)));
    out.push_str(&legend("flags", flags.map(|flag| (flag.id(), flag.describe()))));
    let kinds = ViolationKind::ALL.iter().filter(|kind| all.iter().any(|vector| has_kind(vector, **kind)));
    out.push_str(&legend("kinds", kinds.map(|kind| (kind.id(), kind.describe()))));
    out.push_str("\"vectors\":[\n");
    for (index, vector) in all.iter().enumerate() {
        // A vector is strings, numbers and lists: there is nothing that serde_json could refuse.
        out.push_str(&serde_json::to_string(vector).unwrap_or_default());
        out.push_str(if index + 1 < all.len() { ",\n" } else { "\n" });
    }
    out.push_str("]\n}\n");
    out
}

fn has_kind(vector: &Vector, kind: ViolationKind) -> bool {
    vector.violations.iter().any(|violation| violation.kind == kind)
}

/// An object that says what each name means, a line for each.
fn legend<'a>(name: &str, rows: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let rows: Vec<_> = rows.map(|(id, text)| format!("{}:{}", Value::from(id), Value::from(text))).collect();
    format!("\"{name}\":{{\n{}\n}},\n", rows.join(",\n"))
}
