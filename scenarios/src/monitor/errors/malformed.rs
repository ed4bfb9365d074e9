//! Packets that do not decode: what the codec's diagnosis makes of them.

use mqttspec_codec::{Diagnosis, FrameError, PacketType, ProtocolVersion, ReasonCode, diagnose, frame_len};

use super::super::connection::Connection;
use super::Refusal;
use crate::Time;
use crate::generated::{duties, malformed};
use crate::model::Cite;

/// What is owed to a frame that does not decode; `None` when two readings are defensible.
pub(super) fn refusal(connection: &Connection, event: usize, frame: &[u8]) -> Option<Refusal> {
    if frame.is_empty() {
        return Some(unframeable(connection, event));
    }
    let packet_type = PacketType::from_value(frame[0] >> 4);
    if connection.connects == 0 {
        // Whatever it is, it is not the CONNECT that it should be.
        return Some(before_connect(connection, event, packet_type));
    }
    let is_connect = packet_type == Some(PacketType::Connect) && connection.connects == 1;
    if is_connect && version_of(frame).is_none() {
        return other_protocol(connection, event, frame);
    }
    let version = if packet_type == Some(PacketType::Connect) { version_of(frame)? } else { connection.version };
    let diagnosis = diagnose(frame, version);
    if diagnosis.is_valid()
        || diagnosis.is_debatable(version, frame)
        || !malformed::is_judged(version, &diagnosis, frame)
    {
        return None;
    }
    let packet_type = packet_type?;
    if packet_type == PacketType::Unsubscribe
        && version == ProtocolVersion::V3_1_1
        && malformed::is_filter_error(&diagnosis)
    {
        // 3.10.4-5 has every UNSUBSCRIBE answered, also where no filter is one that could have been subscribed to; and
        // 4.8.0-1 leaves room for what is stated otherwise.
        return None;
    }
    let cite = duties::refusal(version, packet_type, &diagnosis);
    let mut codes = if version.has_properties() { malformed::answers(&diagnosis) } else { Vec::new() };
    if is_connect && version.has_properties() {
        // A text or an identifier that cannot be read may also be called by its own name (3.2.2.2).
        codes.extend([
            ReasonCode::CLIENT_IDENTIFIER_NOT_VALID,
            ReasonCode::BAD_USER_NAME_OR_PASSWORD,
            ReasonCode::TOPIC_NAME_INVALID,
            ReasonCode::UNSUPPORTED_PROTOCOL_VERSION,
            ReasonCode::BAD_AUTHENTICATION_METHOD,
        ]);
    }
    let instead = instead(packet_type, &diagnosis, frame, version);
    Some(Refusal {
        event,
        what: describe(packet_type, &diagnosis),
        cite,
        codes,
        answers: if instead.is_some() { None } else { answers(connection, packet_type, frame) },
        instead,
        only_accepting: false,
        is_connect,
        pings: connection.pings,
        since: Time::ZERO,
        pong: None,
    })
}

/// The bytes cannot even be cut into packets: no reading of them is a packet.
fn unframeable(connection: &Connection, event: usize) -> Refusal {
    Refusal {
        event,
        what: "a Remaining Length of more than four bytes".to_owned(),
        cite: general(connection.version),
        codes: codes(connection.version, &[]),
        instead: None,
        answers: None,
        only_accepting: false,
        is_connect: false,
        pings: connection.pings,
        since: Time::ZERO,
        pong: None,
    }
}

fn before_connect(connection: &Connection, event: usize, packet_type: Option<PacketType>) -> Refusal {
    let name = packet_type.map_or_else(|| "a packet".to_owned(), |packet_type| packet_type.to_string());
    Refusal {
        event,
        what: format!("{name} before any CONNECT"),
        cite: general(connection.version),
        codes: codes(connection.version, &[]),
        instead: None,
        answers: None,
        only_accepting: false,
        is_connect: false,
        pings: connection.pings,
        since: Time::ZERO,
        pong: None,
    }
}

/// A CONNECT of a protocol or a level that does not exist: to serve it as if it were MQTT is wrong (3.1.2.1, 3.1.2.2).
fn other_protocol(connection: &Connection, event: usize, frame: &[u8]) -> Option<Refusal> {
    let body = body(frame).ok()?;
    let len = usize::from(u16::from_be_bytes([*body.first()?, *body.get(1)?]));
    let name = body.get(2..2 + len)?;
    let level = *body.get(2 + len)?;
    let known = name == b"MQTT" || name == b"MQIsdp";
    let (what, v5, v3) = if known {
        (format!("a CONNECT of protocol level {level}, which does not exist"), "MQTT-3.1.2-2", "MQTT-3.1.2-2")
    } else {
        ("a CONNECT of a protocol that is not MQTT".to_owned(), "MQTT-3.1.2-1", "MQTT-3.1.2-1")
    };
    let cite = match connection.version {
        ProtocolVersion::V5_0 => Cite::from(v5),
        ProtocolVersion::V3_1_1 => Cite::from(v3),
        ProtocolVersion::V3_1 => Cite::from("MQTT31-3.1-2"),
    };
    // The answer may have the format of either version, and be refused for a reason of the server's own.
    let mut codes: Vec<ReasonCode> = (1..=5).map(ReasonCode).collect();
    codes.extend(ReasonCode::rows(ProtocolVersion::V5_0, PacketType::ConnAck).map(|row| row.code));
    Some(Refusal {
        event,
        what,
        cite,
        codes,
        instead: None,
        answers: None,
        only_accepting: true,
        is_connect: true,
        pings: connection.pings,
        since: Time::ZERO,
        pong: None,
    })
}

/// The acknowledgements by which a Server shows that it has acted on the packet; none where the identifier is in use
/// for something else too.
fn answers(connection: &Connection, packet_type: PacketType, frame: &[u8]) -> Option<(&'static [PacketType], u16)> {
    let body = body(frame).ok()?;
    let (at, types): (usize, &'static [PacketType]) = match packet_type {
        PacketType::Publish if frame[0] & 0b0110 != 0 => {
            let len = usize::from(u16::from_be_bytes([*body.first()?, *body.get(1)?]));
            (2 + len, &[PacketType::PubAck, PacketType::PubRec])
        }
        PacketType::Subscribe => (0, &[PacketType::SubAck]),
        PacketType::Unsubscribe => (0, &[PacketType::UnsubAck]),
        _ => return None,
    };
    let id = u16::from_be_bytes([*body.get(at)?, *body.get(at + 1)?]);
    let used = connection.subscribes.contains_key(&id) || connection.unsubscribes.contains_key(&id);
    (!used && !connection.published.contains(&id)).then_some((types, id))
}

/// The sentence about errors in general.
pub(super) fn general(version: ProtocolVersion) -> Cite {
    match version {
        ProtocolVersion::V5_0 => Cite::from("MQTT-4.13.1-1"),
        ProtocolVersion::V3_1_1 => Cite::from("MQTT-4.8.0-1"),
        ProtocolVersion::V3_1 => Cite::section("2"),
    }
}

/// These codes and those that fit every error (4.13.1); none before 5.0.
pub(super) fn codes(version: ProtocolVersion, fitting: &[ReasonCode]) -> Vec<ReasonCode> {
    let general = [
        ReasonCode::MALFORMED_PACKET,
        ReasonCode::PROTOCOL_ERROR,
        ReasonCode::UNSPECIFIED_ERROR,
        ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR,
    ];
    if version.has_properties() { fitting.iter().chain(&general).copied().collect() } else { Vec::new() }
}

/// Errors of a Topic Filter may be answered for that filter alone (3.9.3, 3.11.3).
fn instead(
    packet_type: PacketType,
    diagnosis: &Diagnosis,
    frame: &[u8],
    version: ProtocolVersion,
) -> Option<(PacketType, u16)> {
    if !malformed::is_filter_error(diagnosis) {
        return None;
    }
    let answer = match packet_type {
        PacketType::Subscribe if version != ProtocolVersion::V3_1 => PacketType::SubAck,
        PacketType::Unsubscribe if version.has_properties() => PacketType::UnsubAck,
        _ => return None,
    };
    let body = body(frame).ok()?;
    let id = body.get(..2)?;
    Some((answer, u16::from_be_bytes([id[0], id[1]])))
}

fn describe(packet_type: PacketType, diagnosis: &Diagnosis) -> String {
    let violation = diagnosis.first_must();
    let what = violation.map_or("", |violation| violation.message.as_str());
    let section = violation.map_or("", |violation| violation.section);
    format!("a malformed {packet_type} ({what}: section {section})")
}

/// What follows the fixed header.
fn body(frame: &[u8]) -> Result<&[u8], FrameError> {
    let long = frame.iter().skip(1).take(4).take_while(|byte| **byte >= 0x80).count();
    frame_len(frame).map(|_| frame.get(2 + long..).unwrap_or_default())
}

/// The version that a CONNECT names; `None` when it names none that exists.
fn version_of(frame: &[u8]) -> Option<ProtocolVersion> {
    let body = body(frame).ok()?;
    match body {
        [0, 4, b'M', b'Q', b'T', b'T', 5, ..] => Some(ProtocolVersion::V5_0),
        [0, 4, b'M', b'Q', b'T', b'T', 4, ..] => Some(ProtocolVersion::V3_1_1),
        [0, 6, b'M', b'Q', b'I', b's', b'd', b'p', 3, ..] => Some(ProtocolVersion::V3_1),
        _ => None,
    }
}
