//! What several adapters need to put a peer's packet into mqttspec's words.

use bytes::BytesMut;
use mqttspec_bench::Refused;
use mqttspec_codec::{PacketBuf, ProtocolVersion, QoS};

/// The bytes as a string; a peer that hands over a string as bytes may not have checked them.
pub(crate) fn text(bytes: impl AsRef<[u8]>) -> Result<String, Refused> {
    String::from_utf8(bytes.as_ref().to_vec()).map_err(Refused::from)
}

/// The Quality of Service level with this value.
pub(crate) fn qos(value: u8) -> Result<QoS, Refused> {
    QoS::from_value(value).ok_or_else(|| Refused::from(format!("quality of service {value}")))
}

/// The Packet Identifier of a peer that writes 0 for "none".
pub(crate) fn packet_id(value: u16) -> Option<u16> {
    (value != 0).then_some(value)
}

/// The packet as bytes on the wire, for the peers whose typed packet is easiest made by their own decoder.
pub(crate) fn wire(version: ProtocolVersion, packet: &PacketBuf) -> Option<BytesMut> {
    packet.encode(version).ok().map(|bytes| BytesMut::from(bytes.as_slice()))
}
