//! The version of a scenario: that of its connections.

use mqttspec_codec::{PacketBuf, ProtocolVersion, frame_len};
use mqttspec_scenarios::model::{Outgoing, Scenario, Step};

/// The first nibble of a CONNECT.
const CONNECT: u8 = 1;

/// With the version of its connections, where all of them speak one. Where that of any cannot be known it stays as it is.
pub(super) fn with_version_spoken(mut scenario: Scenario) -> Scenario {
    let mut connects = Vec::new();
    for step in &scenario.steps {
        if let Step::Send { outgoing, .. } = step {
            collect(outgoing, &mut connects);
        }
    }
    if let Some(&Some(version)) = connects.first()
        && connects.iter().all(|other| *other == Some(version))
    {
        scenario.version = version;
    }
    scenario
}

/// Adds the version of each CONNECT in `outgoing`; `None` for one that cannot be read.
fn collect(outgoing: &Outgoing, connects: &mut Vec<Option<ProtocolVersion>>) {
    match outgoing {
        // What is wrong with a mutated one is another matter: the rest of its conversation is in the version it was made in.
        Outgoing::Packet(packet) | Outgoing::Mutated { packet, .. } | Outgoing::ConnectAsAssigned { packet, .. } => {
            if let PacketBuf::Connect(connect) = packet {
                connects.push(Some(connect.version));
            }
        }
        Outgoing::Together(parts) => parts.iter().for_each(|part| collect(part, connects)),
        Outgoing::InPieces { outgoing, .. } => collect(outgoing, connects),
        Outgoing::Bytes(bytes) => collect_bytes(bytes, connects),
        Outgoing::Answer { .. } | Outgoing::MutatedAnswer { .. } | Outgoing::AnswerChallenge { .. } => {}
    }
}

fn collect_bytes(mut bytes: &[u8], connects: &mut Vec<Option<ProtocolVersion>>) {
    while let Some(first) = bytes.first() {
        let len = frame_len(bytes).ok().flatten().filter(|len| *len <= bytes.len());
        let frame = &bytes[..len.unwrap_or(bytes.len())];
        if first >> 4 == CONNECT {
            connects.push(version_in(frame));
        }
        bytes = &bytes[frame.len()..];
    }
}

/// The version that the bytes of a CONNECT name, behind the fixed header.
fn version_in(frame: &[u8]) -> Option<ProtocolVersion> {
    let length = frame.iter().skip(1).take(4).take_while(|byte| **byte >= 0x80).count() + 1;
    match frame.get(1 + length..)? {
        [0, 4, b'M', b'Q', b'T', b'T', 5, ..] => Some(ProtocolVersion::V5_0),
        [0, 4, b'M', b'Q', b'T', b'T', 4, ..] => Some(ProtocolVersion::V3_1_1),
        [0, 6, b'M', b'Q', b'I', b's', b'd', b'p', 3, ..] => Some(ProtocolVersion::V3_1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use ProtocolVersion::{V3_1, V3_1_1, V5_0};
    use mqttspec_codec::Mutation;
    use mqttspec_scenarios::model::{Dialogue, connect};

    use super::*;

    /// The version of a scenario of 3.1 in which these are sent, each on a connection of its own.
    fn spoken(all: Vec<Outgoing>) -> ProtocolVersion {
        let mut dialogue = Dialogue::new(V3_1, "Generated histories", "x", "t");
        for (at, outgoing) in all.into_iter().enumerate() {
            dialogue.on(&format!("c{at}")).sends(outgoing);
        }
        with_version_spoken(dialogue.build()).version
    }

    fn packet(version: ProtocolVersion) -> Outgoing {
        Outgoing::Packet(PacketBuf::Connect(connect(version, "c")))
    }

    fn bytes(version: ProtocolVersion) -> Vec<u8> {
        PacketBuf::Connect(connect(version, "c")).encode(version).unwrap()
    }

    #[test]
    fn a_connect_is_seen_wherever_it_is() {
        let mutated = Outgoing::Mutated {
            packet: PacketBuf::Connect(connect(V5_0, "c")),
            mutation: Mutation::ConnectReservedFlag,
        };
        let ways = [
            packet(V5_0),
            mutated,
            Outgoing::InPieces { outgoing: Box::new(packet(V5_0)), size: 3 },
            Outgoing::Together(vec![packet(V5_0), Outgoing::Packet(PacketBuf::PingReq)]),
            Outgoing::Bytes(bytes(V5_0)),
            Outgoing::Bytes([bytes(V5_0), vec![0xC0, 0x00]].concat()),
        ];
        for way in ways {
            assert_eq!(spoken(vec![way.clone()]), V5_0, "{way:?}");
            // With another that speaks another version, it stays as it is.
            assert_eq!(spoken(vec![packet(V3_1_1), way.clone()]), V3_1, "{way:?}");
        }
        for version in [V3_1_1, V5_0] {
            assert_eq!(spoken(vec![packet(version), Outgoing::Bytes(bytes(version))]), version);
        }
    }

    #[test]
    fn what_cannot_be_read_leaves_the_version() {
        let unreadable = [vec![0x10], vec![0x10, 0x02, 0x00, 0x04], bytes(V5_0)[..6].to_vec()];
        for cut in unreadable {
            assert_eq!(spoken(vec![packet(V5_0), Outgoing::Bytes(cut)]), V3_1);
        }
        // That is no CONNECT.
        assert_eq!(spoken(vec![packet(V5_0), Outgoing::Bytes(vec![0xC0, 0x00, 0xFF])]), V5_0);
        assert_eq!(spoken(vec![Outgoing::Packet(PacketBuf::PingReq)]), V3_1);
    }
}
