//! Bytes to packet to bytes.

use mqttspec_codec::{
    EncodeError, Packet, PacketBuf, PacketBytes, Property, PropertyContext, ProtocolVersion, RawPacket, decode,
    decode_with,
};

use crate::repair;

/// Decodes the bytes as one frame of every version, encodes what came out and decodes again: the packet stays the
/// same, its length is the one announced and no longer than what came, and encoding is stable from the first time on.
/// The owned packet, the borrowed one, the one that shares its frame and the raw one say the same, and a visitor is
/// shown every property.
///
/// # Panics
/// When any of that does not hold.
pub fn round_trip(data: &[u8]) {
    for frame in repair::candidates(data) {
        for version in ProtocolVersion::ALL {
            comes_back(&frame, version);
        }
    }
}

/// The laws above, for one frame that may be refused.
pub(crate) fn comes_back(frame: &[u8], version: ProtocolVersion) {
    let packet = match decode(frame, version) {
        Ok(packet) => packet,
        Err(error) => {
            assert_eq!(PacketBuf::decode(frame, version), Err(error));
            assert_eq!(PacketBytes::decode(frame.to_vec().into(), version).map(drop), Err(error));
            assert_eq!(decode_with(frame, version, &mut |_, _| {}).map(drop), Err(error));
            return;
        }
    };
    let owned = packet.to_buf();
    assert_eq!(owned.as_packet(), packet, "the owned packet differs from the borrowed one");
    assert_eq!(PacketBuf::decode(frame, version).as_ref(), Ok(&owned), "decoding into an owned packet differs");
    let shared = PacketBytes::decode(frame.to_vec().into(), version);
    assert_eq!(shared.as_ref().map(PacketBytes::packet), Ok(packet), "the packet that shares its frame differs");
    visitor_sees_all(frame, version, packet);

    let version = written_in(&owned, version);
    // What is there already stays there.
    let mut encoded = vec![0xAA];
    assert_eq!(packet.encode(version, &mut encoded), Ok(()), "a valid packet cannot be encoded");
    assert_eq!(encoded.remove(0), 0xAA, "what the buffer held is gone");
    assert!(encoded.len() <= frame.len(), "a shorter form was possible: {frame:02x?}");
    assert_eq!(packet.encoded_len(version), Ok(encoded.len()), "encoded_len is not exact");
    assert_eq!(owned.encoded_len(version), Ok(encoded.len()), "encoded_len of the owned packet is not exact");
    assert_eq!(owned.encode(version).as_ref(), Ok(&encoded), "the owned packet is written differently");
    assert_eq!(RawPacket::from_packet(&owned, version).to_bytes(), encoded, "the raw packet is written differently");
    in_parts(packet, version, &encoded);
    with_little_room(packet, version, &encoded);

    let again = decode(&encoded, version);
    assert_eq!(again, Ok(packet), "the packet changed");
    let stable = again.map(|again| again.to_buf().encode(version));
    assert_eq!(stable, Ok(Ok(encoded)), "encoding is not stable");
}

fn visitor_sees_all(frame: &[u8], version: ProtocolVersion, packet: Packet<'_>) {
    let mut seen = Vec::new();
    let visited = decode_with(frame, version, &mut |context: PropertyContext, property: Property<'_>| {
        seen.push((context, property.to_buf()));
    });
    assert_eq!(visited, Ok(packet), "a visitor changes what is decoded");
    let owned = packet.to_buf();
    let context = PropertyContext::Packet(owned.packet_type());
    let mut there: Vec<_> = owned.properties().iter().map(|property| (context, property.clone())).collect();
    if let PacketBuf::Connect(connect) = &owned {
        let will = connect.will.iter().flat_map(|will| &will.properties);
        there.extend(will.map(|property| (PropertyContext::Will, property.clone())));
    }
    assert_eq!(seen, there, "the visitor saw other properties");
}

fn in_parts(packet: Packet<'_>, version: ProtocolVersion, encoded: &[u8]) {
    let mut header = Vec::new();
    let payload = packet.encode_parts(version, &mut header).expect("a valid packet can be encoded");
    assert_eq!([&header, payload].concat(), encoded, "the parts are not the whole");
    if let Packet::Publish(publish) = packet {
        assert_eq!(payload.as_ptr_range(), publish.payload.as_ptr_range(), "the payload was copied");
    }
}

/// A buffer of the announced length is enough, and a shorter one is left alone.
fn with_little_room(packet: Packet<'_>, version: ProtocolVersion, encoded: &[u8]) {
    let mut buffer = vec![0xAA; encoded.len()];
    assert_eq!(packet.encode(version, &mut buffer.as_mut_slice()), Ok(()));
    assert_eq!(buffer, encoded, "a buffer that is just large enough holds something else");
    let room = encoded.len() - 1;
    let mut buffer = vec![0xAA; room];
    let refused = packet.encode(version, &mut buffer.as_mut_slice());
    assert_eq!(refused, Err(EncodeError::NoRoom { needed: encoded.len() as u32, room: room as u32 }));
    assert!(buffer.iter().all(|byte| *byte == 0xAA), "something was written before the refusal");
}

/// The version a packet is written in: a CONNECT says its own.
pub(crate) fn written_in(packet: &PacketBuf, version: ProtocolVersion) -> ProtocolVersion {
    if let PacketBuf::Connect(connect) = packet { connect.version } else { version }
}
