//! The fixed header (2.1; in 3.1.1: 2.2), and which walk the body gets.

use alloc::format;
use alloc::string::ToString;

use super::ViolationKind as Kind;
use super::walker::{VariableByteInteger, VariableByteIntegerError, Walker, count};
use crate::{PacketType, ProtocolVersion};

impl Walker<'_> {
    pub(super) fn packet(&mut self) {
        let Some(&first) = self.frame.first() else {
            self.violate(Kind::IncompleteFixedHeader, 0, "", "there are no bytes");
            return;
        };
        self.at = 1;
        let packet_type = PacketType::from_value(first >> 4).filter(|packet| packet.exists_in(self.version));
        self.packet_type = packet_type;
        self.first_byte(first);
        if !self.remaining_length() {
            return;
        }
        let Some(packet_type) = packet_type else {
            self.lose("body");
            return;
        };
        self.body(packet_type, first & 0x0F);
    }

    fn first_byte(&mut self, first: u8) {
        let flags = first & 0x0F;
        let Some(packet_type) = self.packet_type else {
            self.note(0, "packet type", format!("{} (reserved)", first >> 4));
            let message = format!("packet type {} is reserved", first >> 4);
            self.violate(Kind::ReservedPacketType, 0, "", message);
            return;
        };
        if packet_type == PacketType::Publish {
            let (dup, qos, retain) = (flags >> 3, flags >> 1 & 3, flags & 1);
            self.note(0, "packet type", format!("PUBLISH, DUP {dup}, QoS {qos}, RETAIN {retain}"));
            if qos == 3 {
                self.violate(Kind::PublishQoS3, 0, "QoS", "qos is 3");
            } else if qos == 0 && dup == 1 {
                self.violate(Kind::DupAtQoS0, 0, "DUP", "dup is set at qos 0");
            }
            return;
        }
        self.note(0, "packet type", format!("{}, flags {flags:04b}", packet_type.name()));
        let expected = packet_type.fixed_flags().unwrap_or(0);
        if !flags_are_valid(self.version, packet_type, flags) {
            let message = format!("flags are {flags:04b} and must be {expected:04b}");
            self.violate(Kind::InvalidFlags, 0, "flags", message);
        }
    }

    /// Sets where the packet ends; `false` when that cannot be known.
    fn remaining_length(&mut self) -> bool {
        let length = match VariableByteInteger::read(&self.frame[1..]) {
            Ok(length) => length,
            Err(VariableByteIntegerError::Incomplete) => {
                let offset = self.frame.len();
                self.violate(Kind::IncompleteFixedHeader, offset, "Remaining Length", "remaining length is incomplete");
                self.lose("Remaining Length");
                return false;
            }
            Err(VariableByteIntegerError::TooLong) => {
                let message = "remaining length takes more than four bytes";
                self.violate(Kind::RemainingLengthTooLong, 1, "Remaining Length", message);
                self.lose("Remaining Length");
                return false;
            }
        };
        self.at = 1 + length.len;
        self.note(1, "Remaining Length", length.value.to_string());
        if !length.is_minimal() {
            let message = format!("remaining length {} takes {} bytes", length.value, length.len);
            self.violate(Kind::RemainingLengthNotMinimal, 1, "Remaining Length", message);
        }
        let announced = usize::try_from(length.value).unwrap_or(usize::MAX).saturating_add(self.at);
        if announced > self.frame.len() {
            self.incomplete = true;
            let missing = count(announced - self.frame.len());
            let message = format!("remaining length announces {missing} more than there are");
            self.violate(Kind::FrameIncomplete, 1, "Remaining Length", message);
        } else {
            self.end = announced;
            let surplus = self.frame.len() - announced;
            if surplus > 0 {
                let message = format!("{} after the end that remaining length announces", count(surplus));
                self.violate(Kind::BytesAfterFrame, announced, "", message);
            }
        }
        true
    }

    fn body(&mut self, packet_type: PacketType, flags: u8) {
        match packet_type {
            PacketType::Connect => self.connect(),
            PacketType::ConnAck => self.connack(),
            PacketType::Publish => self.publish(flags >> 1 & 3),
            PacketType::PubAck | PacketType::PubRec | PacketType::PubRel | PacketType::PubComp => {
                self.acknowledgement();
            }
            PacketType::Subscribe => self.subscribe(),
            PacketType::SubAck => self.subscribe_acknowledgement(),
            PacketType::Unsubscribe => self.unsubscribe(),
            PacketType::UnsubAck => self.unsubscribe_acknowledgement(),
            PacketType::Disconnect if self.v5() => self.disconnect(),
            PacketType::PingReq | PacketType::PingResp | PacketType::Disconnect => self.empty_body(packet_type),
            PacketType::Auth => self.auth(),
        }
    }

    fn empty_body(&mut self, packet_type: PacketType) {
        let left = self.left();
        if left > 0 {
            let start = self.at;
            self.at = self.end;
            self.note(start, "body", count(left));
            let message = format!("{} has a body of {}", packet_type.name(), count(left));
            self.violate(Kind::UnexpectedBody, start, "", message);
        }
    }
}

/// 3.1 lets a client set DUP when it sends PUBREL, SUBSCRIBE or UNSUBSCRIBE again.
fn flags_are_valid(version: ProtocolVersion, packet_type: PacketType, flags: u8) -> bool {
    let resendable = matches!(packet_type, PacketType::PubRel | PacketType::Subscribe | PacketType::Unsubscribe);
    let checked = if version == ProtocolVersion::V3_1 && resendable { flags & 0x07 } else { flags };
    packet_type.fixed_flags() == Some(checked)
}
