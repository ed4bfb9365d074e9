//! CONNECT (3.1).

use super::Reader;
use crate::packet::{Connect, Will};
use crate::property_table::{PropertyContext, PropertyId};
use crate::{DecodeError, PacketType, ProtocolVersion, QoS, topic};

const RESERVED: u8 = 0b0000_0001;
const CLEAN_START: u8 = 0b0000_0010;
const WILL: u8 = 0b0000_0100;
const WILL_QOS_AND_RETAIN: u8 = 0b0011_1000;
const WILL_QOS_SHIFT: u8 = 3;
const WILL_RETAIN: u8 = 0b0010_0000;
const PASSWORD: u8 = 0b0100_0000;
const USER_NAME: u8 = 0b1000_0000;

pub(super) fn connect(mut body: Reader<'_>) -> Result<Connect<'_>, DecodeError> {
    let version = protocol(&mut body)?;
    let flags = body.byte()?;
    let will_qos = check_connect_flags(flags, version)?;
    let keep_alive = body.two_byte_integer()?;
    let properties = body.properties(PacketType::Connect, version)?;
    if properties.find(PropertyId::AuthenticationData).is_some()
        && properties.find(PropertyId::AuthenticationMethod).is_none()
    {
        return Err(DecodeError::AuthenticationDataWithoutMethod);
    }
    let client_id = body.string()?;
    let will = if flags & WILL != 0 { Some(will(&mut body, flags, will_qos, version)?) } else { None };
    // In 3.1 the Remaining Length decides: a flag may announce a User Name or a Password that is not there, and the
    // server has to accept that (3.1: CONNECT, User name and password flags).
    let announced =
        |flag, body: &Reader<'_>| flags & flag != 0 && !(version == ProtocolVersion::V3_1 && body.is_empty());
    let user_name = if announced(USER_NAME, &body) { Some(body.string()?) } else { None };
    let password = if announced(PASSWORD, &body) { Some(body.binary_data()?) } else { None };
    body.finish()?;
    Ok(Connect {
        version,
        clean_start: flags & CLEAN_START != 0,
        keep_alive,
        properties,
        client_id,
        will,
        user_name,
        password,
    })
}

fn protocol(body: &mut Reader<'_>) -> Result<ProtocolVersion, DecodeError> {
    let name = body.binary_data()?;
    if !ProtocolVersion::ALL.iter().any(|version| version.protocol_name().as_bytes() == name) {
        return Err(DecodeError::UnsupportedProtocolName);
    }
    let level = body.byte()?;
    ProtocolVersion::from_name_and_level(name, level).ok_or(DecodeError::UnsupportedProtocolLevel(level))
}

/// Checks the Connect Flags (3.1.2.3) and returns the Will QoS.
fn check_connect_flags(flags: u8, version: ProtocolVersion) -> Result<QoS, DecodeError> {
    if flags & RESERVED != 0 {
        return Err(DecodeError::ReservedConnectFlag);
    }
    if flags & WILL == 0 && flags & WILL_QOS_AND_RETAIN != 0 {
        return Err(DecodeError::WillFlagsWithoutWill);
    }
    if flags & PASSWORD != 0 && flags & USER_NAME == 0 && version != ProtocolVersion::V5_0 {
        return Err(DecodeError::PasswordWithoutUserName);
    }
    QoS::from_value(flags >> WILL_QOS_SHIFT & 0b11).ok_or(DecodeError::InvalidQoS)
}

fn will<'a>(body: &mut Reader<'a>, flags: u8, qos: QoS, version: ProtocolVersion) -> Result<Will<'a>, DecodeError> {
    let properties = body.properties_in(PropertyContext::Will, version)?;
    let topic = body.string()?;
    topic::check_topic_name(topic).map_err(DecodeError::TopicName)?;
    let payload = body.binary_data()?;
    Ok(Will { qos, retain: flags & WILL_RETAIN != 0, properties, topic, payload })
}
