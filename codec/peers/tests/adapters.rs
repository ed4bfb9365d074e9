//! Each adapter decodes and encodes the packet set right, but for what is listed here; a wrong one is noticed.

use std::collections::BTreeSet;

use mqttspec_bench::{Absence, Codec, Cursor, Delivery, Entrant, Job, Operation, Refused, codec, packet_set};
use mqttspec_codec::{Packet, PacketBuf, PacketType, ProtocolVersion, decode, frame_len};
use mqttspec_peers::codecs::peers;

const VERSIONS: [ProtocolVersion; 2] = [ProtocolVersion::V3_1_1, ProtocolVersion::V5_0];
const OPERATIONS: [Operation; 3] =
    [Operation::Decode(Delivery::Cached), Operation::Encode, Operation::EncodeByReference];

/// Peer, version, workload and operation: valid packets of the set that a peer refuses, or gets wrong.
const GAPS: &[&str] = &[
    // "Payload is required"
    "mqttbytes 0.6.0 (v5), 5.0, disconnect, Decode(Cached)",
    "rumqttc 0.25.1 (v5), 5.0, disconnect, Decode(Cached)",
    // It takes no DISCONNECT with a code that only a client sends, being one.
    "rusty_rtos_mqtt 0.2.0, 5.0, disconnect-full, Decode(Cached)",
    // It knows the codes of SUBACK, and not those of UNSUBACK.
    "rusty_rtos_mqtt 0.2.0, 5.0, unsuback, Decode(Cached)",
];

fn absence(entrant: &dyn Entrant, version: ProtocolVersion, id: &str, operation: Operation) -> Option<Absence> {
    let set = packet_set(version);
    let workload = set.iter().find(|workload| workload.id == id).expect("a workload of that name");
    entrant.task(&Job::new(workload, operation)).err()
}

#[test]
fn adapters_decode_and_encode_the_packet_set() {
    let mut gaps = BTreeSet::new();
    let mut words = Vec::new();
    for peer in peers() {
        for version in VERSIONS {
            for workload in packet_set(version) {
                for operation in OPERATIONS {
                    let absence = peer.task(&Job::new(&workload, operation)).err();
                    if let Some(absence) = absence.filter(|absence| *absence != Absence::Missing) {
                        let gap = format!("{}, {version}, {}, {operation:?}", peer.name(), workload.id);
                        words.push(format!("{gap}: {absence:?}"));
                        gaps.insert(gap);
                    }
                }
            }
        }
    }
    let known: BTreeSet<String> = GAPS.iter().map(|&gap| gap.to_owned()).collect();
    assert_eq!(gaps, known, "left: found, right: listed in this file\n{}", words.join("\n"));
}

/// Without this, an adapter that can do nothing would pass the test above.
#[test]
fn every_peer_decodes_and_encodes_the_mixed_stream_of_its_version() {
    for peer in peers() {
        // What a client and a server send is mixed there: not for one that is the client only.
        let id = if peer.name().starts_with("rusty_rtos_mqtt") { "publish-64" } else { "mixed" };
        let does =
            |operation| VERSIONS.iter().filter(|&&version| absence(&*peer, version, id, operation).is_none()).count();
        // An encoder that is put together here has its crate's decoder under another name.
        let decodes = !peer.name().ends_with(", framed by us");
        assert_eq!(does(Operation::Decode(Delivery::Cached)) >= 1, decodes, "{} decodes no {id}", peer.name());
        assert!(does(Operation::Encode) >= 1, "{} encodes no {id}", peer.name());
    }
}

#[test]
fn a_payload_that_is_not_copied_is_compared_with_its_like_only() {
    let does = |name: &str, id, operation| {
        let of_that_name = peers().into_iter().filter(|peer| peer.name().starts_with(name));
        of_that_name.filter(|peer| absence(&**peer, ProtocolVersion::V5_0, id, operation).is_none()).count()
    };
    assert_eq!(does("ntex-mqtt", "publish-64k", Operation::EncodeByReference), 1);
    assert_eq!(does("ntex-mqtt", "publish-64k", Operation::Encode), 0);
    assert_eq!(does("ntex-mqtt", "publish-64", Operation::Encode), 1);
    assert_eq!(does("mqttbytes", "publish-64k", Operation::Encode), 1);
}

/// Ours, but for what one of the switches makes it do.
struct Planted<const FAULT: u8>;

const DUP_FOR_RETAIN: u8 = 0;
const SWALLOWS_ONE: u8 = 1;
const PAYLOAD_CUT: u8 = 2;
const LATE_ENCODER: u8 = 3;

impl<const FAULT: u8> Codec for Planted<FAULT> {
    const NAME: &'static str = "planted";
    type Packet<'a> = Packet<'a>;
    type Input = Cursor;
    type Output = Vec<u8>;
    type Typed<'p> = Packet<'p>;

    fn decodes(_version: ProtocolVersion, _packet: PacketType) -> bool {
        true
    }

    fn next(version: ProtocolVersion, input: &mut Cursor) -> Result<Option<Packet<'_>>, Refused> {
        let Some(len) = frame_len(input.unread())? else { return Ok(None) };
        if FAULT == SWALLOWS_ONE {
            input.take(len);
        }
        let Some(frame) = input.take(len) else { return Ok(None) };
        let mut packet = decode(frame, version)?;
        if let Packet::Publish(publish) = &mut packet {
            match FAULT {
                DUP_FOR_RETAIN => (publish.dup, publish.retain) = (publish.retain, publish.dup),
                PAYLOAD_CUT => publish.payload = publish.payload.split_last().map_or(&[], |(_, rest)| rest),
                _ => {}
            }
        }
        Ok(Some(packet))
    }

    fn to_packet(_version: ProtocolVersion, packet: Packet<'_>) -> Result<PacketBuf, Refused> {
        Ok(packet.to_buf())
    }

    fn typed(_version: ProtocolVersion, packet: &PacketBuf) -> Option<Packet<'_>> {
        Some(packet.as_packet())
    }

    fn encode(version: ProtocolVersion, packet: &Packet<'_>, out: &mut Vec<u8>) -> Result<(), Refused> {
        packet.encode(version, out)?;
        if FAULT == LATE_ENCODER {
            // One bit in a flag of the first byte.
            out[0] ^= 1;
        }
        Ok(())
    }
}

#[test]
fn a_planted_wrong_adapter_is_noticed() {
    let decoding = Operation::Decode(Delivery::Cached);
    for (entrant, operation) in [
        (codec::<Planted<DUP_FOR_RETAIN>>(), decoding),
        (codec::<Planted<SWALLOWS_ONE>>(), decoding),
        (codec::<Planted<PAYLOAD_CUT>>(), decoding),
        (codec::<Planted<LATE_ENCODER>>(), Operation::Encode),
    ] {
        for version in VERSIONS {
            let absence = absence(&*entrant, version, "mixed", operation);
            assert!(matches!(absence, Some(Absence::Wrong(_) | Absence::Refused(_))), "{operation:?}: {absence:?}");
        }
    }
}
