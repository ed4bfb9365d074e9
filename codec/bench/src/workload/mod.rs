//! The packet set: what every codec is measured with.

mod mixed;
mod single;

use mqttspec_codec::{EncodeError, PacketBuf, PacketType, ProtocolVersion};

/// Packets that are decoded or encoded together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workload {
    /// What to call it on a command line: `publish-64`.
    pub id: &'static str,
    /// What to call it in a table: `PUBLISH 64 B`.
    pub title: &'static str,
    /// The version of the protocol that the packets are of.
    pub version: ProtocolVersion,
    /// The packets, in order.
    pub packets: Vec<PacketBuf>,
    /// The packets as they are on the wire, one after the other.
    pub bytes: Vec<u8>,
}

impl Workload {
    /// A workload of these packets.
    ///
    /// # Errors
    /// When a packet cannot be written.
    pub fn new(
        id: &'static str,
        title: &'static str,
        version: ProtocolVersion,
        packets: Vec<PacketBuf>,
    ) -> Result<Self, EncodeError> {
        let bytes = packets.iter().map(|packet| packet.encode(version)).collect::<Result<Vec<_>, _>>()?.concat();
        Ok(Self { id, title, version, packets, bytes })
    }

    /// Whether it is a stream of packets of several types.
    pub fn is_mixed(&self) -> bool {
        self.packets.len() > 1
    }

    /// The type of its packets, unless it is mixed.
    pub fn packet_type(&self) -> Option<PacketType> {
        match self.packets.as_slice() {
            [packet] => Some(packet.packet_type()),
            _ => None,
        }
    }
}

/// The packets that codecs are measured with in `version`, in the order of the table; the mixed stream comes last.
///
/// # Panics
/// Never: the packets are valid, which a test shows.
pub fn packet_set(version: ProtocolVersion) -> Vec<Workload> {
    let mut set = single::packets(version);
    set.push(("mixed", "mixed stream", mixed::packets(version)));
    let workload = |(id, title, packets)| Workload::new(id, title, version, packets);
    set.into_iter().map(workload).collect::<Result<_, _>>().expect("the packets of the set can be written")
}
