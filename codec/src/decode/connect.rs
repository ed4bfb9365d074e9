//! CONNECT (3.1).

use super::properties::{self, Checked};
use super::{Decoded, PropertyVisitor, input, text};
use crate::packet::{Connect, Packet, Rest, flag};
use crate::property_table::PropertyId;
use crate::{DecodeError, ProtocolVersion};

pub(super) fn connect<'a, V: PropertyVisitor<'a>>(mut body: &'a [u8], visitor: &mut V) -> Decoded<'a> {
    let version = protocol(&mut body)?;
    let flags = input::byte(&mut body)?;
    let flags = check_flags(flags, version)?;
    let keep_alive = input::two_byte_integer(&mut body)?;
    let properties = if version.has_properties() {
        properties::properties::<properties::Connect, V>(&mut body, visitor)?
    } else {
        Checked::NONE
    };
    if properties.has(PropertyId::AuthenticationData) && !properties.has(PropertyId::AuthenticationMethod) {
        return Err(DecodeError::AuthenticationDataWithoutMethod);
    }
    let client_id = text::string(&mut body)?;
    let rest = Rest::Wire(body);
    let flags = check_rest(body, flags, version, visitor)?;
    let clean_start = flags & flag::CLEAN_START != 0;
    let properties = properties.list;
    Ok(Some(Packet::Connect(Connect { version, clean_start, keep_alive, properties, client_id, flags, rest })))
}

fn protocol(body: &mut &[u8]) -> Result<ProtocolVersion, DecodeError> {
    let name = input::binary_data(body)?;
    if !ProtocolVersion::ALL.iter().any(|version| version.protocol_name().as_bytes() == name) {
        return Err(DecodeError::UnsupportedProtocolName);
    }
    let level = input::byte(body)?;
    ProtocolVersion::from_name_and_level(name, level).ok_or(DecodeError::UnsupportedProtocolLevel(level))
}

/// Checks the Connect Flags (3.1.2.3), and returns them without those that say nothing.
fn check_flags(mut flags: u8, version: ProtocolVersion) -> Result<u8, DecodeError> {
    // 3.1 disregards Will QoS and Will Retain when there is no Will (3.1: CONNECT, Will QoS and Will Retain flags).
    if version == ProtocolVersion::V3_1 && flags & flag::WILL == 0 {
        flags &= !(flag::WILL_QOS | flag::WILL_RETAIN);
    }
    if flags & flag::RESERVED != 0 {
        return Err(DecodeError::ReservedConnectFlag);
    }
    if flags & flag::WILL == 0 && flags & (flag::WILL_QOS | flag::WILL_RETAIN) != 0 {
        return Err(DecodeError::WillFlagsWithoutWill);
    }
    if flags & flag::PASSWORD != 0 && flags & flag::USER_NAME == 0 && version != ProtocolVersion::V5_0 {
        return Err(DecodeError::PasswordWithoutUserName);
    }
    if flags & flag::WILL_QOS == flag::WILL_QOS { Err(DecodeError::InvalidQoS) } else { Ok(flags) }
}

/// Checks what follows the Client Identifier, and returns the flags without those that announce what is not there.
fn check_rest<'a, V: PropertyVisitor<'a>>(
    mut rest: &'a [u8],
    mut flags: u8,
    version: ProtocolVersion,
    visitor: &mut V,
) -> Result<u8, DecodeError> {
    if flags & flag::WILL != 0 {
        if version.has_properties() {
            properties::properties::<properties::Will, V>(&mut rest, visitor)?;
        }
        text::check_topic_name(input::binary_data(&mut rest)?)?;
        input::binary_data(&mut rest)?;
    }
    // In 3.1 the Remaining Length decides: a flag may announce a User Name or a Password that is not there, and the
    // server has to accept that (3.1: CONNECT, User name and password flags).
    let ends = |rest: &[u8]| version == ProtocolVersion::V3_1 && rest.is_empty();
    if ends(rest) {
        flags &= !(flag::USER_NAME | flag::PASSWORD);
    }
    if flags & flag::USER_NAME != 0 {
        text::string(&mut rest)?;
    }
    if ends(rest) {
        flags &= !flag::PASSWORD;
    }
    if flags & flag::PASSWORD != 0 {
        input::binary_data(&mut rest)?;
    }
    input::finish(rest)?;
    Ok(flags)
}
