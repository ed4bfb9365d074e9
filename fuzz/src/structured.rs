//! Packets to bytes to packets, from generated packets: what random bytes rarely become.

use arbitrary::Result;
use mqttspec_codec::{Level, PacketBuf, ProtocolVersion, RawPacket, decode, diagnose};

use crate::generate::{Choices, packet, spoiled};
use crate::round_trip::{comes_back, written_in};
use crate::{agrees_with_diagnose, edit, render, repair};

/// Encodes a generated valid packet, and decodes it to the same one; changes a few of its bytes, and compares what
/// the decoder and `diagnose` say of them; spoils a few of its fields, and encodes or refuses it without a panic.
///
/// # Panics
/// When any of that does not hold.
pub fn structured(data: &[u8]) {
    // Out of choices is out of input, which is no finding.
    let _ = run(&mut Choices::new(data));
}

fn run(choices: &mut Choices<'_>) -> Result<()> {
    let (version, mut packet) = packet(choices)?;
    valid(&packet, version);

    let raw = RawPacket::from_packet(&packet, version);
    let mut body = raw.body();
    edit::edit(&mut body, choices)?;
    if let Some(frame) = repair::frame(raw.first_byte, &body) {
        agrees_with_diagnose(&frame, decode);
        comes_back(&frame, version);
    }

    spoiled(&mut packet, choices)?;
    invalid(&packet, version);
    Ok(())
}

fn valid(packet: &PacketBuf, version: ProtocolVersion) {
    let encoded = packet.encode(version).expect("a valid packet can be encoded");
    assert_eq!(packet.encoded_len(version), Ok(encoded.len()), "encoded_len is not exact");
    assert_eq!(RawPacket::from_packet(packet, version).to_bytes(), encoded, "the raw packet is written differently");
    let full = RawPacket::from_packet_in_full(packet, version).to_bytes();
    for bytes in [&encoded, &full] {
        assert_eq!(PacketBuf::decode(bytes, version).as_ref(), Ok(packet), "{bytes:02x?}");
        let diagnosis = diagnose(bytes, version);
        let forbidden = diagnosis.violations.iter().find(|violation| violation.level == Level::Must);
        assert_eq!(forbidden, None, "{packet:?}");
    }
    render::shows(packet);
}

fn invalid(packet: &PacketBuf, version: ProtocolVersion) {
    let mut buffer = vec![0xAA];
    match packet.as_packet().encode(version, &mut buffer) {
        Ok(()) => {
            let encoded = &buffer[1..];
            assert_eq!(packet.encoded_len(version), Ok(encoded.len()), "encoded_len is not exact");
            agrees_with_diagnose(encoded, decode);
            comes_back(encoded, written_in(packet, version));
        }
        // Of several things that do not fit, each of them may report another one.
        Err(error) => {
            assert!(packet.encoded_len(version).is_err(), "encoded_len knows nothing of: {error}");
            assert!(packet.as_packet().encode_parts(version, &mut buffer).is_err(), "in parts there is no: {error}");
            assert_eq!(buffer, [0xAA], "something was written before the refusal");
        }
    }
    RawPacket::from_packet(packet, version).to_bytes();
    RawPacket::from_packet_in_full(packet, version).to_bytes();
    render::shows(packet);
}
