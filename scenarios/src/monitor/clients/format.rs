//! Packets of the Client that do not decode.

use mqttspec_codec::{Level as Weight, PacketType, ProtocolVersion, ViolationKind, diagnose};

use super::super::rule::Rule;
use super::{Seen, rules};
use crate::statements::{Catalogue, Level, Who};
use crate::{Finding, Side};

/// Names what is wrong with a frame that does not decode; empty when it is not even a frame.
pub(super) fn check(seen: &mut Seen<'_, '_>, frame: &[u8]) {
    let version = seen.connection.version;
    if frame.is_empty() {
        return seen.breach([], rules::FRAMING, "a Remaining Length of more than four bytes");
    }
    let is_connect = PacketType::from_value(frame[0] >> 4) == Some(PacketType::Connect);
    if !is_connect && seen.connection.connects == 0 && seen.connection.joined.is_none() {
        return seen.breach([], rules::CONNECT_FIRST, "a packet before CONNECT");
    }
    let diagnosis = diagnose(frame, version);
    if diagnosis.is_debatable(version, frame) {
        return;
    }
    let name = diagnosis.packet_type.map_or("packet", PacketType::name);
    for violation in diagnosis.violations.iter().filter(|violation| violation.level == Weight::Must) {
        let message = format!("malformed {name}, byte {}: {}", violation.offset, violation.message);
        // The sentence has to be one that binds clients.
        let of_client = |id: &&str| Catalogue::of(version).get(id).is_some_and(|known| known.who != Who::Server);
        let finding = match (violation.statement.filter(of_client), own_rule(violation.kind)) {
            (Some(statement), _) => Finding::of(version, statement, message),
            (None, Some(rule)) => match rule.breach(version, message) {
                Some(finding) => finding,
                None => continue,
            },
            (None, None) if version == ProtocolVersion::V3_1 => {
                Finding::of(version, rules::FRAMING.cite(version), message)
            }
            (None, None) => Finding::of_section(violation.section, Level::Must, message),
        };
        seen.report.add(finding.against(Side::Client).on(seen.connection.index).shown_by([seen.event]));
    }
}

/// Where the codec cites the sentence that binds servers.
const fn own_rule(kind: ViolationKind) -> Option<Rule> {
    match kind {
        ViolationKind::PacketIdentifierZero => Some(rules::ID_NOT_ZERO),
        _ => None,
    }
}
