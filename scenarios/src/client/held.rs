//! Acknowledgements: sent at once, or held back for a while (4.6, 4.9).

use std::time::Duration;

use mqttspec_codec::{PacketBuf, PacketType, PropertyBuf, ReasonCode};

use super::api::Client;
use super::{ClientFault, ClientVariant};

/// How long acknowledgements are held back.
const HELD_FOR: Duration = Duration::from_millis(40);

/// Faults that turn the order of one type of acknowledgement around.
const REVERSED: [(ClientFault, PacketType); 3] = [
    (ClientFault::PubAcksOutOfOrder, PacketType::PubAck),
    (ClientFault::PubRecsOutOfOrder, PacketType::PubRec),
    (ClientFault::PubRelsOutOfOrder, PacketType::PubRel),
];

impl Client {
    /// Sends an acknowledgement, now or a little later. All of them keep their order.
    pub(super) fn acknowledge(&mut self, mut packet: PacketBuf) {
        self.adorn(&mut packet);
        let reverses = REVERSED.iter().any(|(fault, _)| self.faulty(*fault));
        let delays = self.varies(ClientVariant::DelayedAcknowledgements) || reverses;
        let blocked = self.faulty(ClientFault::QuotaBlocksOtherPackets) && self.quota_used_up();
        let until = self.now + HELD_FOR;
        let Some(link) = &mut self.link else { return };
        if !delays && !blocked {
            self.send_acknowledgement(packet);
            return;
        }
        link.held.push(packet);
        if delays {
            link.held_until.get_or_insert(until);
        }
    }

    pub(super) fn flush_held(&mut self) {
        let Some(link) = &mut self.link else { return };
        link.held_until = None;
        let mut held = std::mem::take(&mut link.held);
        for (fault, packet_type) in REVERSED {
            if self.faulty(fault) {
                reverse(&mut held, packet_type);
            }
        }
        for packet in held {
            self.send_acknowledgement(packet);
        }
    }

    fn send_acknowledgement(&mut self, packet: PacketBuf) {
        let refuses = matches!(&packet, PacketBuf::PubRec(ack) if ack.reason_code.is_error());
        if refuses || matches!(packet, PacketBuf::PubAck(_) | PacketBuf::PubComp(_)) {
            let id = packet.packet_id().unwrap_or_default();
            if let Some(link) = &mut self.link {
                link.open.remove(&id);
            }
        }
        self.send(packet);
    }

    /// Reason codes and properties that variants and faults add to an acknowledgement.
    fn adorn(&mut self, packet: &mut PacketBuf) {
        if !self.v5() {
            return;
        }
        let adds = self.varies(ClientVariant::AcknowledgementProperties);
        let packet_type = packet.packet_type();
        let undefined = match packet_type {
            PacketType::PubAck => ClientFault::PubAckUndefinedReason,
            PacketType::PubRec => ClientFault::PubRecUndefinedReason,
            PacketType::PubRel => ClientFault::PubRelUndefinedReason,
            _ => ClientFault::PubCompUndefinedReason,
        };
        let undefined = self.faulty(undefined);
        if let PacketBuf::PubAck(ack) | PacketBuf::PubRec(ack) | PacketBuf::PubRel(ack) | PacketBuf::PubComp(ack) =
            packet
        {
            if undefined {
                ack.reason_code = ReasonCode(0x01);
            }
            if adds {
                ack.properties.push(PropertyBuf::reason_string("mqttspec"));
                ack.properties.push(PropertyBuf::user_property("client", "reference"));
            }
        }
    }
}

/// Turns the order of the packets of one type around and leaves the others where they are.
fn reverse(packets: &mut [PacketBuf], packet_type: PacketType) {
    let places: Vec<usize> =
        packets.iter().enumerate().filter(|(_, p)| p.packet_type() == packet_type).map(|(at, _)| at).collect();
    for (front, back) in places.iter().zip(places.iter().rev()).take(places.len() / 2) {
        packets.swap(*front, *back);
    }
}
