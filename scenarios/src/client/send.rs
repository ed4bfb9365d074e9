//! Packets to bytes: never above the Maximum Packet Size of the server (3.2.2.3.6).

use mqttspec_codec::{PacketBuf, PacketType, PropertyBuf, PropertyId, RawPacket};

use super::api::{Client, Output};
use super::{ClientFault, ClientVariant, Refused};

/// Limits above this are taken for none by the faults that exceed them.
const EXCEEDABLE: usize = 60_000;

/// Faults that add a property which exceeds the limit of the server.
const TOO_LONG: [(ClientFault, PacketType, PropertyId); 12] = [
    (ClientFault::PubAckReasonTooLong, PacketType::PubAck, PropertyId::ReasonString),
    (ClientFault::PubAckUserPropertyTooLong, PacketType::PubAck, PropertyId::UserProperty),
    (ClientFault::PubRecReasonTooLong, PacketType::PubRec, PropertyId::ReasonString),
    (ClientFault::PubRecUserPropertyTooLong, PacketType::PubRec, PropertyId::UserProperty),
    (ClientFault::PubRelReasonTooLong, PacketType::PubRel, PropertyId::ReasonString),
    (ClientFault::PubRelUserPropertyTooLong, PacketType::PubRel, PropertyId::UserProperty),
    (ClientFault::PubCompReasonTooLong, PacketType::PubComp, PropertyId::ReasonString),
    (ClientFault::PubCompUserPropertyTooLong, PacketType::PubComp, PropertyId::UserProperty),
    (ClientFault::DisconnectReasonTooLong, PacketType::Disconnect, PropertyId::ReasonString),
    (ClientFault::DisconnectUserPropertyTooLong, PacketType::Disconnect, PropertyId::UserProperty),
    (ClientFault::AuthReasonTooLong, PacketType::Auth, PropertyId::ReasonString),
    (ClientFault::AuthUserPropertyTooLong, PacketType::Auth, PropertyId::UserProperty),
];

impl Client {
    /// Whether `packet` is well formed.
    pub(super) fn check_packet(&self, packet: &PacketBuf) -> Result<(), Refused> {
        let version = self.config.version;
        let sound = packet.encode(version).is_ok_and(|bytes| PacketBuf::decode(&bytes, version).is_ok());
        if sound { Ok(()) } else { Err(Refused::NotAllowed) }
    }

    /// Sends a packet, without Reason String and User Properties when it is too large with them. Returns whether it
    /// was sent: not when it is too large for the server.
    pub(super) fn send(&mut self, mut packet: PacketBuf) -> bool {
        let Some(link) = &self.link else { return false };
        let maximum = link.limits.maximum_packet_size;
        let exceeds = self.make_too_long(&mut packet, maximum) || self.faulty(ClientFault::AboveMaximumPacketSize);
        let Some(mut bytes) = self.bytes_of(&packet) else { return false };
        if bytes.len() > maximum && !exceeds {
            let Some(properties) = optional_properties(&mut packet) else { return false };
            properties.retain(|p| !matches!(p.id, PropertyId::ReasonString | PropertyId::UserProperty));
            match self.bytes_of(&packet) {
                Some(shorter) if shorter.len() <= maximum => bytes = shorter,
                _ => return false,
            }
        }
        self.write(bytes);
        true
    }

    fn bytes_of(&self, packet: &PacketBuf) -> Option<Vec<u8>> {
        let version = self.config.version;
        if let Some(mangled) = self.mangled(packet) {
            return Some(mangled);
        }
        let is_acknowledgement = matches!(
            packet.packet_type(),
            PacketType::PubAck | PacketType::PubRec | PacketType::PubRel | PacketType::PubComp | PacketType::Disconnect
        );
        if is_acknowledgement && self.varies(ClientVariant::LongAcknowledgements) {
            return Some(RawPacket::from_packet_in_full(packet, version).to_bytes());
        }
        packet.encode(version).ok()
    }

    fn write(&mut self, mut bytes: Vec<u8>) {
        if let Some(link) = &mut self.link {
            link.last_sent = self.now;
        }
        if self.varies(ClientVariant::SplitWrites) && bytes.len() > 1 {
            let second = bytes.split_off(1 + self.random.below(bytes.len() - 1));
            self.outputs.push_back(Output::Send(bytes));
            bytes = second;
        }
        self.outputs.push_back(Output::Send(bytes));
    }

    /// Faults: adds a property that makes the packet too large, where the server has a limit that can be exceeded.
    fn make_too_long(&self, packet: &mut PacketBuf, maximum: usize) -> bool {
        if maximum > EXCEEDABLE {
            return false;
        }
        let packet_type = packet.packet_type();
        let chosen = TOO_LONG.iter().find(|(fault, of, _)| *of == packet_type && self.faulty(*fault));
        let (Some((_, _, id)), Some(properties)) = (chosen, optional_properties(packet)) else { return false };
        let text = "x".repeat(maximum);
        properties.push(match id {
            PropertyId::ReasonString => PropertyBuf::reason_string(text),
            _ => PropertyBuf::user_property("x", text),
        });
        true
    }
}

/// The properties of a packet that may carry a Reason String.
fn optional_properties(packet: &mut PacketBuf) -> Option<&mut Vec<PropertyBuf>> {
    match packet {
        PacketBuf::PubAck(p) | PacketBuf::PubRec(p) | PacketBuf::PubRel(p) | PacketBuf::PubComp(p) => {
            Some(&mut p.properties)
        }
        PacketBuf::Disconnect(p) => Some(&mut p.properties),
        PacketBuf::Auth(p) => Some(&mut p.properties),
        _ => None,
    }
}
