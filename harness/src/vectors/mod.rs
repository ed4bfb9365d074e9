//! The test vectors of the codec as files: JSON for every language, a C header for embedded unit tests.

mod c;
mod json;

use mqttspec_codec::ProtocolVersion;

pub use c::header;
pub use json::json;

/// How every JSON file of vectors begins, whatever is in it.
const JSON_MARK: &str = "{\n\"format\":\"mqttspec-vectors\"";
/// How every C header of vectors begins.
const C_MARK: &str = "/* mqttspec-vectors";

/// Whether the content of a file is one of ours, so that it may be replaced.
pub fn is_ours(content: &[u8]) -> bool {
    [JSON_MARK, C_MARK].iter().any(|mark| content.starts_with(mark.as_bytes()))
}

/// The version as a part of a name: `5_0`.
fn version_slug(version: ProtocolVersion) -> String {
    version.as_str().replace('.', "_")
}
