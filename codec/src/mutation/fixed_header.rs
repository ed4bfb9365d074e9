//! Mutations of packet type, flags and Remaining Length (2.1).

use super::Mutation;
use super::apply::Base;
use crate::raw::{RawLength, RawPacket, RawValue};
use crate::{PacketBuf, PacketType, ProtocolVersion, QoS};

pub(super) fn apply(mutation: Mutation, base: &Base<'_>) -> Option<RawPacket> {
    let mut raw = base.raw();
    match mutation {
        Mutation::FlagBit0 => flip(&mut raw, base, 0)?,
        Mutation::FlagBit1 => flip(&mut raw, base, 1)?,
        Mutation::FlagBit2 => flip(&mut raw, base, 2)?,
        Mutation::FlagBit3 => flip(&mut raw, base, 3)?,
        Mutation::PacketType0 if is_ping(base) => raw.first_byte = 0x00,
        Mutation::PacketType15 if is_ping(base) && !base.v5() => raw.first_byte = 0xF0,
        Mutation::RemainingLengthNotMinimal => {
            let minimal = raw.to_bytes().len() - 1 - raw.body().len();
            let wider = u8::try_from(minimal + 1).ok().filter(|width| *width <= 4)?;
            raw.remaining_length = RawLength::Width(wider);
        }
        Mutation::RemainingLengthFiveBytes => raw.remaining_length = RawLength::Width(5),
        Mutation::RemainingLengthTooLarge => raw.remaining_length = RawLength::Add(1),
        Mutation::RemainingLengthTooSmall if !raw.body().is_empty() => raw.remaining_length = RawLength::Add(-1),
        Mutation::PublishQoS3 => {
            let PacketBuf::Publish(publish) = base.packet else { return None };
            raw.first_byte |= 0b0110;
            if publish.qos == QoS::AtMostOnce {
                // So that whoever takes the bits for a QoS above 0 finds the identifier it expects.
                raw.fields.insert(1, crate::raw::RawField::new("Packet Identifier", RawValue::U16(1)));
            }
        }
        Mutation::DupAtQoS0 => {
            let PacketBuf::Publish(publish) = base.packet else { return None };
            if publish.qos != QoS::AtMostOnce {
                return None;
            }
            raw.first_byte |= 0b1000;
        }
        _ => return None,
    }
    Some(raw)
}

fn is_ping(base: &Base<'_>) -> bool {
    matches!(base.packet, PacketBuf::PingReq)
}

/// Flips a flag, unless flags vary in this packet (PUBLISH; DUP of packets that 3.1 may send again).
fn flip(raw: &mut RawPacket, base: &Base<'_>, bit: u8) -> Option<()> {
    let packet_type = base.packet.packet_type();
    packet_type.fixed_flags()?;
    let resendable = matches!(packet_type, PacketType::PubRel | PacketType::Subscribe | PacketType::Unsubscribe);
    if bit == 3 && resendable && base.version == ProtocolVersion::V3_1 {
        return None;
    }
    raw.first_byte ^= 1 << bit;
    Some(())
}
