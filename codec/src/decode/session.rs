//! CONNACK, DISCONNECT and AUTH (3.2, 3.14, 3.15).

use super::{Reader, reason_code};
use crate::packet::{Auth, ConnAck, Disconnect, Properties};
use crate::property_table::PropertyId;
use crate::{DecodeError, PacketType, ProtocolVersion, ReasonCode};

const SESSION_PRESENT: u8 = 1;

pub(super) fn conn_ack(mut body: Reader<'_>, version: ProtocolVersion) -> Result<ConnAck<'_>, DecodeError> {
    let flags = body.byte()?;
    if flags & !SESSION_PRESENT != 0 {
        return Err(DecodeError::ReservedAcknowledgeFlags(flags));
    }
    let session_present = flags & SESSION_PRESENT != 0;
    let reason_code = reason_code(body.byte()?, version, PacketType::ConnAck)?;
    if session_present && reason_code != ReasonCode::SUCCESS {
        return Err(DecodeError::SessionPresentWithError);
    }
    let properties = body.properties(PacketType::ConnAck, version)?;
    body.finish()?;
    Ok(ConnAck { session_present, reason_code, properties })
}

/// In 5.0 the packet may end before the Reason Code, or after it (3.14.2.1, 3.14.2.2.1).
pub(super) fn disconnect(mut body: Reader<'_>, version: ProtocolVersion) -> Result<Disconnect<'_>, DecodeError> {
    let mut disconnect = Disconnect { reason_code: ReasonCode::NORMAL_DISCONNECTION, properties: Properties::EMPTY };
    if version.has_properties() && !body.is_empty() {
        disconnect.reason_code = reason_code(body.byte()?, version, PacketType::Disconnect)?;
        if !body.is_empty() {
            disconnect.properties = body.properties(PacketType::Disconnect, version)?;
        }
    }
    body.finish()?;
    Ok(disconnect)
}

/// An AUTH names its method (3.15.2.2.2), except when all it says is Success: 3.15.2.1 lets that one be empty, so it
/// is accepted without properties in its long form too. The Property Length is never left out alone.
pub(super) fn auth(mut body: Reader<'_>, version: ProtocolVersion) -> Result<Auth<'_>, DecodeError> {
    if body.is_empty() {
        return Ok(Auth { reason_code: ReasonCode::SUCCESS, properties: Properties::EMPTY });
    }
    let reason_code = reason_code(body.byte()?, version, PacketType::Auth)?;
    let properties = body.properties(PacketType::Auth, version)?;
    body.finish()?;
    let says_only_success = reason_code == ReasonCode::SUCCESS && properties.is_empty();
    if !says_only_success && properties.find(PropertyId::AuthenticationMethod).is_none() {
        return Err(DecodeError::MissingAuthenticationMethod);
    }
    Ok(Auth { reason_code, properties })
}
