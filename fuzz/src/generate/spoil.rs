//! Packets that say what no packet may say.

use arbitrary::Result;
use mqttspec_codec::{PacketBuf, PropertyBuf, PropertyId, ReasonCode, ValueBuf};

use super::Choices;

/// The most fields that are spoiled.
const MAX_FIELDS: usize = 3;

/// Gives a few fields of the packet values that may be wrong: too long, missing, of another type.
///
/// # Errors
/// Those of the source of choices.
pub fn spoiled(packet: &mut PacketBuf, choices: &mut Choices<'_>) -> Result<()> {
    for _ in 0..choices.int_in_range(0..=MAX_FIELDS)? {
        field(packet, choices)?;
    }
    Ok(())
}

fn field(packet: &mut PacketBuf, choices: &mut Choices<'_>) -> Result<()> {
    let which = choices.int_in_range(0..=4)?;
    match packet {
        PacketBuf::Connect(p) => match which {
            0 => p.client_id = string(choices)?,
            1 => p.user_name = choices.arbitrary::<bool>()?.then_some(string(choices)?),
            2 => p.password = choices.arbitrary::<bool>()?.then_some(string(choices)?.into_bytes()),
            3 => {
                if let Some(will) = &mut p.will {
                    will.topic = string(choices)?;
                    will.payload = string(choices)?.into_bytes();
                    property(&mut will.properties, choices)?;
                }
            }
            _ => property(&mut p.properties, choices)?,
        },
        PacketBuf::ConnAck(p) => match which {
            0 => p.session_present = choices.arbitrary()?,
            1 => p.reason_code = ReasonCode(choices.arbitrary()?),
            _ => property(&mut p.properties, choices)?,
        },
        PacketBuf::Publish(p) => match which {
            0 => p.topic = string(choices)?,
            1 => p.packet_id = choices.arbitrary()?,
            2 => p.dup = choices.arbitrary()?,
            _ => property(&mut p.properties, choices)?,
        },
        PacketBuf::PubAck(p) | PacketBuf::PubRec(p) | PacketBuf::PubRel(p) | PacketBuf::PubComp(p) => match which {
            0 => p.packet_id = choices.arbitrary()?,
            1 => p.reason_code = ReasonCode(choices.arbitrary()?),
            _ => property(&mut p.properties, choices)?,
        },
        PacketBuf::Subscribe(p) => match which {
            0 => p.packet_id = choices.arbitrary()?,
            1 => p.filters.truncate(choices.int_in_range(0..=2)?),
            2 => {
                if let Some(subscription) = p.filters.first_mut() {
                    subscription.filter = string(choices)?;
                    subscription.options.no_local = choices.arbitrary()?;
                }
            }
            _ => property(&mut p.properties, choices)?,
        },
        PacketBuf::SubAck(p) => codes(which, &mut p.reason_codes, &mut p.properties, choices)?,
        PacketBuf::UnsubAck(p) => codes(which, &mut p.reason_codes, &mut p.properties, choices)?,
        PacketBuf::Unsubscribe(p) => match which {
            0 => p.packet_id = choices.arbitrary()?,
            1 => p.filters.truncate(choices.int_in_range(0..=2)?),
            2 => p.filters.push(string(choices)?),
            _ => property(&mut p.properties, choices)?,
        },
        PacketBuf::Disconnect(p) => match which {
            0 => p.reason_code = ReasonCode(choices.arbitrary()?),
            _ => property(&mut p.properties, choices)?,
        },
        PacketBuf::Auth(p) => match which {
            0 => p.reason_code = ReasonCode(choices.arbitrary()?),
            1 => p.properties.clear(),
            _ => property(&mut p.properties, choices)?,
        },
        PacketBuf::PingReq | PacketBuf::PingResp => {}
    }
    Ok(())
}

fn codes(
    which: u8,
    codes: &mut Vec<ReasonCode>,
    properties: &mut Vec<PropertyBuf>,
    choices: &mut Choices<'_>,
) -> Result<()> {
    match which {
        0 => codes.clear(),
        1 => codes.push(ReasonCode(choices.arbitrary()?)),
        _ => property(properties, choices)?,
    }
    Ok(())
}

/// Any property with any value, also of another data type, or one less.
fn property(properties: &mut Vec<PropertyBuf>, choices: &mut Choices<'_>) -> Result<()> {
    let id = *choices.choose(&PropertyId::ALL)?;
    let value = match choices.int_in_range(0..=7)? {
        0 => ValueBuf::Byte(choices.arbitrary()?),
        1 => ValueBuf::TwoByteInteger(choices.arbitrary()?),
        2 => ValueBuf::FourByteInteger(choices.arbitrary()?),
        3 => ValueBuf::VariableByteInteger(choices.arbitrary()?),
        4 => ValueBuf::Utf8String(string(choices)?),
        5 => ValueBuf::BinaryData(string(choices)?.into_bytes()),
        6 => ValueBuf::Utf8StringPair(string(choices)?, string(choices)?),
        _ => {
            properties.pop();
            return Ok(());
        }
    };
    properties.push(PropertyBuf { id, value });
    Ok(())
}

/// Any string: empty, with U+0000, wildcards and control characters, and longer than a field can be.
fn string(choices: &mut Choices<'_>) -> Result<String> {
    Ok(match choices.int_in_range(0..=7)? {
        0 => String::new(),
        1 => "x".repeat(choices.int_in_range(65_533..=65_540)?),
        2 => "$share/g/#".to_owned(),
        3 => "a/#/+b\0\u{7f}\u{9b}\n\u{202e}".to_owned(),
        _ => choices.arbitrary()?,
    })
}
