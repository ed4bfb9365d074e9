//! How much a codec checks: its score on the test vectors of one version.

use std::collections::BTreeMap;

use mqttspec_codec::{PacketType, ProtocolVersion};
use serde::Serialize;

use crate::options::Format;
use crate::table::{heading, table};

/// A part of a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// Those that are right.
    pub right: usize,
    /// All of them.
    pub of: usize,
}

/// What a codec did with the vectors of a version that it has a decoder for.
///
/// Vectors that may be refused or accepted are not in here. A packet that was cut short counts as refused when the
/// codec waits for the rest, and bytes after the packet count as refused when it leaves them: a decoder of streams can
/// do no better. A malformed packet for which it goes on waiting, although all of it has come, is not refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Score {
    /// Name of the codec.
    pub codec: String,
    /// Version of the protocol.
    pub version: ProtocolVersion,
    /// Malformed packets, and those of them that it refused.
    pub malformed: Share,
    /// Valid packets, and those of them that it accepted.
    pub valid: Share,
    /// Valid packets that it accepted and read wrong, or did not read to the end.
    pub wrong: usize,
    /// Packets, malformed or not, for which it waited although all of it had come.
    pub waited: usize,
    /// Packets that made it panic.
    pub panicked: usize,
    /// Packets on which it did not come to an end in time.
    pub hung: usize,
    /// Packets that it was not given, because it has no decoder for their type.
    pub skipped: usize,
    /// The malformed packets again, by packet type; one without a type is with those that `None` stands for.
    #[serde(skip)]
    pub by_type: BTreeMap<Option<PacketType>, Share>,
    /// What it let pass, by kind of violation: how many of how many that have it as their first.
    pub let_pass: BTreeMap<String, Share>,
}

impl Score {
    /// A score with nothing in it.
    pub fn new(codec: &str, version: ProtocolVersion) -> Self {
        Self {
            codec: codec.to_owned(),
            version,
            malformed: Share::default(),
            valid: Share::default(),
            wrong: 0,
            waited: 0,
            panicked: 0,
            hung: 0,
            skipped: 0,
            by_type: BTreeMap::new(),
            let_pass: BTreeMap::new(),
        }
    }

    /// Whether it refuses every malformed packet of this type, or of any.
    pub fn is_strict(&self, packet_type: Option<PacketType>) -> bool {
        let share = packet_type.map_or(self.malformed, |_| self.by_type.get(&packet_type).copied().unwrap_or_default());
        share.of > 0 && share.right == share.of
    }
}

/// The scores as tables, and below them what each codec let pass.
pub fn render(scores: &[Score], format: Format) -> String {
    let mut out = String::new();
    for version in [ProtocolVersion::V3_1_1, ProtocolVersion::V5_0] {
        let mut of_version: Vec<&Score> = scores.iter().filter(|score| score.version == version).collect();
        if of_version.is_empty() {
            continue;
        }
        of_version.sort_by(|a, b| part(b.malformed).total_cmp(&part(a.malformed)));
        out.push_str(&heading(format, &format!("MQTT {version}, test vectors")));
        let lines = of_version.iter().map(|score| line(score)).collect();
        let header = [
            "codec",
            "malformed refused",
            "%",
            "valid accepted",
            "%",
            "wrong",
            "waits",
            "panics",
            "hangs",
            "not given",
        ];
        out.push_str(&table(format, 1, &header, lines));
        out.push_str(&heading(
            format,
            &format!("MQTT {version}, malformed packets that were accepted, by their first violation"),
        ));
        let bullet = if format == Format::Markdown { "* " } else { "  " };
        for score in of_version {
            let mut kinds: Vec<_> = score.let_pass.iter().collect();
            kinds.sort_by_key(|(_, share)| std::cmp::Reverse(share.right));
            let kinds = kinds.iter().map(|(kind, share)| format!("{kind} {}/{}", share.right, share.of));
            let kinds: Vec<String> = kinds.collect();
            let kinds = if kinds.is_empty() { "nothing".to_owned() } else { kinds.join(", ") };
            out.push_str(&format!("{bullet}{}: {kinds}\n", score.codec));
        }
    }
    out
}

fn line(score: &Score) -> Vec<String> {
    let share = |share: Share| [format!("{}/{}", share.right, share.of), format!("{:.1}", 100.0 * part(share))];
    let mut line = vec![score.codec.clone()];
    line.extend(share(score.malformed));
    line.extend(share(score.valid));
    line.extend([score.wrong, score.waited, score.panicked, score.hung, score.skipped].map(|n| n.to_string()));
    line
}

/// The share as a number from 0 to 1.
fn part(share: Share) -> f64 {
    if share.of == 0 { 0.0 } else { share.right as f64 / share.of as f64 }
}
