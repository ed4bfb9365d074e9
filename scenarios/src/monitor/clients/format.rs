//! Packets of the Client that do not decode.

use mqttspec_codec::{
    Level as Weight, PacketBuf, PacketType, ProtocolVersion, Violation, ViolationKind, diagnose, varint,
};

use super::super::rule::Rule;
use super::{Seen, rules};
use crate::statements::{Catalogue, Level, Who};
use crate::{Finding, Side};

/// Connect Flags (3.1.2.3).
const USER_NAME_FLAG: u8 = 0x80;
const PASSWORD_FLAG: u8 = 0x40;

/// Names what is wrong with a frame that does not decode; empty when it is not even a frame.
pub(super) fn check(seen: &mut Seen<'_, '_>, frame: &[u8]) {
    let version = seen.connection.version;
    if frame.is_empty() {
        let diagnosis = diagnose(seen.connection.outgoing.buffered(), version);
        let spends_too_many =
            diagnosis.violations.iter().any(|violation| violation.kind == ViolationKind::RemainingLengthNotMinimal);
        return if spends_too_many {
            seen.breach([], rules::MINIMAL_INTEGER, "a Remaining Length in more bytes than it needs");
        } else {
            seen.breach([], rules::FRAMING, "a Remaining Length of more than four bytes");
        };
    }
    // A CONNECT counts also when it does not decode.
    if seen.connection.connects == 0 && seen.connection.joined.is_none() {
        return seen.breach([], rules::CONNECT_FIRST, "a packet before CONNECT");
    }
    let diagnosis = diagnose(frame, version);
    if diagnosis.is_debatable(version, frame) {
        return;
    }
    let name = diagnosis.packet_type.map_or("packet", PacketType::name);
    if lacks_property_length(frame, version) {
        return seen.breach([], rules::PROPERTY_LENGTH, format!("{name} has no Property Length"));
    }
    for violation in diagnosis.violations.iter().filter(|violation| violation.level == Weight::Must) {
        let message = format!("malformed {name}, byte {}: {}", violation.offset, violation.message);
        // The sentence has to be one that binds clients.
        let of_client = |id: &&str| Catalogue::of(version).get(id).is_some_and(|known| known.who != Who::Server);
        let beyond =
            (violation.kind == ViolationKind::TrailingBytes).then(|| of_flags(frame, violation.offset, version));
        let statement = beyond
            .flatten()
            .or_else(|| of_field(violation, diagnosis.packet_type, version))
            .or(violation.statement.filter(of_client));
        let finding = match (statement, own_rule(violation.kind)) {
            (Some(statement), _) => Some(Finding::of(version, statement, message)),
            (None, Some(rule)) => rule.breach(version, message),
            // The sections that the codec cites are not those of 3.1.
            (None, None) if version == ProtocolVersion::V3_1 => rules::FRAMING.breach(version, message),
            (None, None) => Some(Finding::of_section(violation.section, Level::Must, message)),
        };
        let Some(finding) = finding else { continue };
        seen.report.add(finding.against(Side::Client).on(seen.connection.index).shown_by([seen.event]));
    }
}

/// Whether a SUBSCRIBE or UNSUBSCRIBE of 5.0 is one of 3.1.1, which has no properties.
fn lacks_property_length(frame: &[u8], version: ProtocolVersion) -> bool {
    let packet_type = frame.first().and_then(|byte| PacketType::from_value(byte >> 4));
    version == ProtocolVersion::V5_0
        && matches!(packet_type, Some(PacketType::Subscribe | PacketType::Unsubscribe))
        && PacketBuf::decode(frame, ProtocolVersion::V3_1_1).is_ok()
}

/// The sentence about a User Name or Password without its flag: a CONNECT that has one field more than its flags say.
fn of_flags(frame: &[u8], offset: usize, version: ProtocolVersion) -> Option<&'static str> {
    let beyond = frame.get(offset..)?;
    let len = u16::from_be_bytes([*beyond.first()?, *beyond.get(1)?]);
    let (_, length_len) = varint::decode(frame.get(1..)?).ok()??;
    let body = frame.get(1 + length_len..)?;
    let name_len = usize::from(u16::from_be_bytes([*body.first()?, *body.get(1)?]));
    let flags = *body.get(2 + name_len + 1)?;
    let is_connect = frame[0] >> 4 == PacketType::Connect.value();
    if !is_connect || beyond.len() != 2 + usize::from(len) || flags & PASSWORD_FLAG != 0 {
        return None;
    }
    match (version, flags & USER_NAME_FLAG != 0) {
        (ProtocolVersion::V5_0, false) => Some("MQTT-3.1.2-16"),
        (ProtocolVersion::V5_0, true) => Some("MQTT-3.1.2-18"),
        (ProtocolVersion::V3_1_1, false) => Some("MQTT-3.1.2-18"),
        (ProtocolVersion::V3_1_1, true) => Some("MQTT-3.1.2-20"),
        (ProtocolVersion::V3_1, _) => None,
    }
}

/// The sentence about the very field, where the codec cites the one about every string (1.5.4; 3.1.1: 1.5.3).
fn of_field(violation: &Violation, packet: Option<PacketType>, version: ProtocolVersion) -> Option<&'static str> {
    let field = |name: &str| violation.message.to_lowercase().starts_with(name);
    let v5 = match version {
        ProtocolVersion::V3_1 => return None,
        ProtocolVersion::V3_1_1 => false,
        ProtocolVersion::V5_0 => true,
    };
    let by_version = |in_5, in_3_1_1| Some(if v5 { in_5 } else { in_3_1_1 });
    match (violation.kind, packet?) {
        (ViolationKind::NullCharacter, PacketType::Subscribe | PacketType::Unsubscribe) if field("topic filter") => {
            Some("MQTT-4.7.3-2")
        }
        (ViolationKind::IllFormedUtf8, PacketType::Subscribe) if field("topic filter") => Some("MQTT-3.8.3-1"),
        (ViolationKind::IllFormedUtf8, PacketType::Unsubscribe) if field("topic filter") => Some("MQTT-3.10.3-1"),
        (ViolationKind::IllFormedUtf8, PacketType::Connect) if field("client identifier") => Some("MQTT-3.1.3-4"),
        (ViolationKind::IllFormedUtf8, PacketType::Connect) if field("will topic") => {
            by_version("MQTT-3.1.3-11", "MQTT-3.1.3-10")
        }
        (ViolationKind::IllFormedUtf8, PacketType::Connect) if field("user name") => {
            by_version("MQTT-3.1.3-12", "MQTT-3.1.3-11")
        }
        (ViolationKind::IllFormedUtf8, PacketType::Publish) if v5 && field("response topic") => Some("MQTT-3.3.2-13"),
        (ViolationKind::IllFormedUtf8, PacketType::Publish) if v5 && field("content type") => Some("MQTT-3.3.2-19"),
        _ => None,
    }
}

/// Where the codec cites the sentence that binds servers, or a section.
const fn own_rule(kind: ViolationKind) -> Option<Rule> {
    match kind {
        ViolationKind::PacketIdentifierZero => Some(rules::ID_NOT_ZERO),
        ViolationKind::InvalidFlags => Some(rules::FLAGS),
        _ => None,
    }
}
