//! CONNACK, DISCONNECT and AUTH (3.2, 3.14, 3.15).

use super::properties::{self, Checked};
use super::{Decoded, PropertyVisitor, input};
use crate::packet::{Auth, ConnAck, Disconnect, Packet, Properties};
use crate::property_table::PropertyId;
use crate::{DecodeError, PacketType, ProtocolVersion, ReasonCode};

const SESSION_PRESENT: u8 = 1;

pub(super) fn conn_ack<'a, V: PropertyVisitor<'a>>(
    mut body: &'a [u8],
    version: ProtocolVersion,
    visitor: &mut V,
) -> Decoded<'a> {
    let flags = input::byte(&mut body)?;
    if flags & !SESSION_PRESENT != 0 {
        return Err(DecodeError::ReservedAcknowledgeFlags(flags));
    }
    let session_present = flags & SESSION_PRESENT != 0;
    let reason_code = reason_code(&mut body, version, PacketType::ConnAck)?;
    if session_present && reason_code != ReasonCode::SUCCESS {
        return Err(DecodeError::SessionPresentWithError);
    }
    let properties = if version.has_properties() {
        properties::properties::<properties::ConnAck, V>(&mut body, visitor)?.list
    } else {
        Properties::EMPTY
    };
    input::finish(body)?;
    Ok(Some(Packet::ConnAck(ConnAck { session_present, reason_code, properties })))
}

/// In 5.0 the packet may end before the Reason Code, or after it (3.14.2.1, 3.14.2.2.1).
pub(super) fn disconnect<'a, V: PropertyVisitor<'a>>(
    mut body: &'a [u8],
    version: ProtocolVersion,
    visitor: &mut V,
) -> Decoded<'a> {
    let mut disconnect = Disconnect { reason_code: ReasonCode::NORMAL_DISCONNECTION, properties: Properties::EMPTY };
    if version.has_properties() && !body.is_empty() {
        disconnect.reason_code = reason_code(&mut body, version, PacketType::Disconnect)?;
        if !body.is_empty() {
            disconnect.properties = properties::properties::<properties::Disconnect, V>(&mut body, visitor)?.list;
        }
    }
    input::finish(body)?;
    Ok(Some(Packet::Disconnect(disconnect)))
}

/// An AUTH names its method (3.15.2.2.2), except when all it says is Success: 3.15.2.1 lets that one be empty, so it
/// is accepted without properties in its long form too. The Property Length is never left out alone.
pub(super) fn auth<'a, V: PropertyVisitor<'a>>(
    mut body: &'a [u8],
    version: ProtocolVersion,
    visitor: &mut V,
) -> Decoded<'a> {
    let (reason_code, properties) = if body.is_empty() {
        (ReasonCode::SUCCESS, Checked::NONE)
    } else {
        let reason_code = reason_code(&mut body, version, PacketType::Auth)?;
        (reason_code, properties::properties::<properties::Auth, V>(&mut body, visitor)?)
    };
    input::finish(body)?;
    let says_only_success = reason_code == ReasonCode::SUCCESS && properties.list.is_empty();
    if !says_only_success && !properties.has(PropertyId::AuthenticationMethod) {
        return Err(DecodeError::MissingAuthenticationMethod);
    }
    Ok(Some(Packet::Auth(Auth { reason_code, properties: properties.list })))
}

/// A code that `packet` of `version` may carry.
fn reason_code(body: &mut &[u8], version: ProtocolVersion, packet: PacketType) -> Result<ReasonCode, DecodeError> {
    let code = ReasonCode(input::byte(body)?);
    if code.is_defined_in(version, packet) { Ok(code) } else { Err(DecodeError::UndefinedReasonCode(code)) }
}
