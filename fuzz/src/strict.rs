//! The strict decoder against `diagnose`, which was written apart from it.

use mqttspec_codec::{DecodeError, Packet, PacketType, ProtocolVersion, decode, diagnose, render::annotated_hex};

use crate::repair;

/// Decodes the bytes as one frame of every version: that never panics, and accepts exactly what `diagnose` finds
/// nothing forbidden in. In 5.0 the reason code of the error is one that `diagnose` lists.
///
/// # Panics
/// When any of that does not hold.
pub fn strict(data: &[u8]) {
    for frame in repair::candidates(data) {
        agrees_with_diagnose(&frame, decode);
    }
}

/// Compares what `decode` says of the frame in each version with what `diagnose` says.
///
/// # Panics
/// When they do not agree.
pub fn agrees_with_diagnose<D>(frame: &[u8], decode: D)
where
    D: for<'a> Fn(&'a [u8], ProtocolVersion) -> Result<Packet<'a>, DecodeError>,
{
    for version in ProtocolVersion::ALL {
        let decoded = decode(frame, version);
        let diagnosis = diagnose(frame, version);
        let context = || format!("{version} {decoded:?} {diagnosis:#?}\n{}", annotated_hex(frame, version));
        assert_eq!(decoded.is_ok(), diagnosis.is_valid(), "accepted by one only: {}", context());
        if let Ok(packet) = &decoded {
            assert_eq!(diagnosis.packet_type, Some(packet.packet_type()), "{}", context());
        }
        let mut offsets = diagnosis.violations.iter().map(|violation| violation.offset);
        assert!(offsets.all(|offset| offset <= frame.len()), "a violation outside the frame: {}", context());
        if !answers_with_codes_of_5(diagnosis.packet_type, frame, version) {
            continue;
        }
        if let Err(error) = decoded {
            let code = error.reason_code();
            assert!(diagnosis.reasons().contains(&code), "the code {code} is not listed: {}", context());
        }
        let mut violations = diagnosis.violations.iter();
        assert!(violations.all(|v| v.reasons.contains(&v.reason)), "the best code is not listed: {}", context());
    }
}

/// A CONNECT of another version is answered in that version.
fn answers_with_codes_of_5(packet_type: Option<PacketType>, frame: &[u8], version: ProtocolVersion) -> bool {
    let connect_of_5 = || repair::body(frame).is_some_and(|body| body.starts_with(b"\0\x04MQTT\x05"));
    version.has_properties() && (packet_type != Some(PacketType::Connect) || connect_of_5())
}
