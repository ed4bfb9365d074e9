//! Whether what the target sends is well formed.

use mqttspec_codec::{
    Diagnosis, PacketBuf, PacketType, ProtocolVersion, ReasonCode, Violation, ViolationKind, diagnose, frame_len,
};

use super::super::connection::Connection;
use super::super::report::Report;
use super::super::rule;
use crate::Finding;
use crate::statements::{Catalogue, Level, Who};

/// Decodes a frame of the target; reports everything that is wrong with it.
///
/// `forwarded` says that we published something malformed that the target might have passed on.
pub(in super::super) fn decode(
    connection: &Connection,
    report: &mut Report,
    event: usize,
    frame: &[u8],
    forwarded: bool,
) -> Option<PacketBuf> {
    let version = connection.version;
    if let Some(refusal) = refusal_in_other_version(connection, frame) {
        return Some(refusal);
    }
    match PacketBuf::decode(frame, version) {
        Ok(packet) => {
            if !matches!(packet, PacketBuf::Publish(_)) {
                // What a publisher wrote into a message is not the target's doing; the rest is.
                report_violations(connection, report, event, &diagnose(frame, version), Level::Should, forwarded);
            }
            Some(packet)
        }
        Err(error) => {
            if lacks_property_length(connection, frame) {
                let message = format!("{} has no Property Length", name_of(frame));
                report.breach(rule::PROPERTY_LENGTH, version, connection.index, [event], message);
                return None;
            }
            let diagnosis = diagnose(frame, version);
            if connection.tainted.is_some() && diagnosis.is_debatable(version, frame) {
                // An acknowledgement repeats the identifier that it answers: after a packet of ours with identifier 0 that
                // is 0, and right.
                return None;
            }
            if version == ProtocolVersion::V3_1 && is_unused_in_3_1(&diagnosis) {
                let what = diagnosis.first_must().map(describe).unwrap_or_default();
                let message = format!("{}: {what}", name_of(frame));
                report.breach(rule::UNUSED_IN_3_1, version, connection.index, [event], message);
                return as_3_1_has_it(frame);
            }
            let reported = report_violations(connection, report, event, &diagnosis, Level::Must, forwarded);
            if !reported {
                let name = name_of(frame);
                report.breach(rule::FORMAT, version, connection.index, [event], format!("malformed {name}: {error}"));
            }
            None
        }
    }
}

/// Whether nothing is wrong but bits that 3.1 calls unused or gives a meaning elsewhere, and that later versions forbid.
fn is_unused_in_3_1(diagnosis: &Diagnosis) -> bool {
    use ViolationKind as V;
    let unused = [V::DupAtQoS0, V::ConnAckReservedFlags, V::SessionPresentWithError, V::InvalidFlags];
    let musts = || diagnosis.violations.iter().filter(|violation| level_of(violation) == Level::Must);
    musts().next().is_some() && musts().all(|violation| unused.contains(&violation.kind))
}

/// What a frame says once the bits are cleared that 3.1 does not use: flags, DUP at QoS 0, and the byte of CONNACK before
/// the code.
fn as_3_1_has_it(frame: &[u8]) -> Option<PacketBuf> {
    let mut frame = frame.to_vec();
    let packet_type = PacketType::from_value(frame.first()? >> 4)?;
    match packet_type.fixed_flags() {
        None => frame[0] &= !0b1000,
        Some(flags) => frame[0] = frame[0] & 0xF0 | flags,
    }
    if packet_type == PacketType::ConnAck {
        *frame.get_mut(2)? = 0;
    }
    PacketBuf::decode(&frame, ProtocolVersion::V3_1).ok()
}

fn name_of(frame: &[u8]) -> &'static str {
    frame.first().and_then(|byte| PacketType::from_value(byte >> 4)).map_or("packet", PacketType::name)
}

/// Whether this is a SUBACK or UNSUBACK of 5.0 that has just room for a code for each filter, and so for nothing else.
fn lacks_property_length(connection: &Connection, frame: &[u8]) -> bool {
    let &[first, remaining, high, low, ref codes @ ..] = frame else { return false };
    let id = u16::from_be_bytes([high, low]);
    let asked = match PacketType::from_value(first >> 4) {
        Some(PacketType::SubAck) => connection.subscribes.get(&id).map(|request| request.filters.len()),
        Some(PacketType::UnsubAck) => connection.unsubscribes.get(&id).map(|request| request.filters.len()),
        _ => None,
    };
    let whole = usize::from(remaining) == 2 + codes.len() && connection.tainted.is_none();
    whole && connection.version.has_properties() && asked == Some(codes.len())
}

/// The target sent bytes that cannot be cut into packets, or ended the connection inside one.
pub(in super::super) fn unframeable(connection: &Connection, report: &mut Report, event: usize, bytes: &[u8]) {
    let version = connection.version;
    if let (Some(disconnect), [0]) = (connection.disconnected_by_target, bytes) {
        // Nothing begins with this byte, and it is what a Property Length or a Reason Code may be.
        let message = format!(
            "one byte 0x00 follows the DISCONNECT of event {disconnect} (event {event}), whose Remaining Length does not \
             count it"
        );
        return report.breach(rule::REMAINING_LENGTH_COUNTS, version, connection.index, [disconnect, event], message);
    }
    let Ok(_) = frame_len(bytes) else {
        if !report_violations(connection, report, event, &diagnose(bytes, version), Level::Must, false) {
            let message = "the remaining length does not end within four bytes";
            report.breach(rule::FORMAT, version, connection.index, [event], message);
        }
        return;
    };
    // The start of a packet: what is wrong in it, apart from its being cut off.
    let mut diagnosis = diagnose(bytes, version);
    diagnosis.violations.retain(|violation| {
        matches!(
            violation.kind,
            ViolationKind::InvalidFlags | ViolationKind::ReservedPacketType | ViolationKind::RemainingLengthNotMinimal
        )
    });
    if !report_violations(connection, report, event, &diagnosis, Level::Must, false) {
        let message = format!("only the first {} bytes of a packet came", bytes.len());
        report.breach(rule::WHOLE_PACKETS, version, connection.index, [event], message);
    }
}

/// A CONNACK that refuses the version of our CONNECT, in the format of the version that the target speaks: a server of
/// 3.1 or 3.1.1 says 0x01 to a newer CONNECT, one of 5.0 may say 0x84 to an older one (3.1.2.2).
fn refusal_in_other_version(connection: &Connection, frame: &[u8]) -> Option<PacketBuf> {
    let first_connack = frame.first()? >> 4 == PacketType::ConnAck.value() && connection.connack.is_none();
    if !first_connack || PacketBuf::decode(frame, connection.version).is_ok() {
        return None;
    }
    let unsupported = |version, code| match PacketBuf::decode(frame, version) {
        Ok(PacketBuf::ConnAck(connack)) if connack.reason_code == code => Some(PacketBuf::ConnAck(connack)),
        _ => None,
    };
    let older = unsupported(ProtocolVersion::V3_1_1, ReasonCode(0x01));
    let newer = unsupported(ProtocolVersion::V5_0, ReasonCode::UNSUPPORTED_PROTOCOL_VERSION);
    older.or(newer).or_else(|| any_version(connection, frame))
}

/// When our CONNECT could not be read, nobody knows which version the target took it for: a CONNACK of any will do.
fn any_version(connection: &Connection, frame: &[u8]) -> Option<PacketBuf> {
    if connection.connect.is_some() {
        return None;
    }
    ProtocolVersion::ALL.into_iter().find_map(|version| PacketBuf::decode(frame, version).ok())
}

/// Reports the violations of this level. Returns whether there were any.
fn report_violations(
    connection: &Connection,
    report: &mut Report,
    event: usize,
    diagnosis: &Diagnosis,
    level: Level,
    forwarded: bool,
) -> bool {
    let name = diagnosis.packet_type.map_or("packet", PacketType::name);
    let mut any = false;
    for violation in &diagnosis.violations {
        if level_of(violation) != level {
            continue;
        }
        any = true;
        let message = match level {
            Level::Must => format!("malformed {name}, byte {}: {}", violation.offset, describe(violation)),
            Level::Should | Level::May => format!("{name}, byte {}: {}", violation.offset, describe(violation)),
        };
        let mut finding = finding(connection.version, violation, message);
        if forwarded && diagnosis.packet_type == Some(PacketType::Publish) {
            finding.level = level_when_passed_on(violation).unwrap_or(finding.level);
        }
        report.add(finding.on(connection.index).shown_by([event]));
    }
    any
}

/// The level of what a server may have passed on, if that is lower. Properties of a message are to be forwarded as they
/// came (3.3.2-4, 3.3.2-15, 3.3.2-17, 3.3.2-20), and how rigorously a server checks what comes is a compromise (4.13.1):
/// whether one that did not look at a value breaks the rule about it as well is open to argument. That of a text is a rule
/// for every packet, so that the breach is shown. A Topic Name is nothing that is forwarded unread.
fn level_when_passed_on(violation: &Violation) -> Option<Level> {
    match violation.kind {
        ViolationKind::ResponseTopicWildcard | ViolationKind::PropertyOutOfRange => Some(Level::May),
        ViolationKind::NullCharacter | ViolationKind::IllFormedUtf8 if !violation.message.starts_with("topic name") => {
            Some(Level::Should)
        }
        _ => None,
    }
}

fn describe(violation: &Violation) -> String {
    if violation.message.is_empty() {
        violation.kind.describe().to_owned()
    } else {
        format!("{} ({})", violation.kind.describe().trim_end_matches('.'), violation.message)
    }
}

fn finding(version: ProtocolVersion, violation: &Violation, message: String) -> Finding {
    let of_server = |statement: &&str| Catalogue::of(version).get(statement).is_none_or(|s| s.who != Who::Client);
    let statement = match violation.kind {
        // The codec cites the sentence that binds clients; the next one binds servers.
        ViolationKind::PacketIdentifierZero if version == ProtocolVersion::V5_0 => Some("MQTT-2.2.1-4"),
        // That an AUTH must have a method is said without a number in its chapter, and with one in 4.12.
        ViolationKind::AuthenticationMethodMissing => Some("MQTT-4.12.0-5"),
        _ => violation.statement.filter(of_server),
    };
    match (statement, version) {
        (Some(statement), _) => {
            let mut finding = Finding::of(version, statement, message);
            finding.level = level_of(violation);
            finding
        }
        (None, ProtocolVersion::V3_1) if level_of(violation) == Level::Must => {
            Finding::of(version, rule::FORMAT.cite(version), message)
        }
        (None, _) => Finding::of_section(violation.section, level_of(violation), message),
    }
}

const fn level_of(violation: &Violation) -> Level {
    match violation.level {
        mqttspec_codec::Level::Must => Level::Must,
        mqttspec_codec::Level::Should => Level::Should,
    }
}
