//! What can be told from the fields of a valid packet: what a receiver may refuse, or must not act on.

use alloc::vec::Vec;

use super::Flag;
use crate::{
    AuthBuf, ConnAckBuf, ConnectBuf, DisconnectBuf, PacketBuf, PropertyBuf, PropertyId, PropertyList, ProtocolVersion,
    ReasonCode,
};

/// The longest Client Identifier that every server has to allow, in bytes (MQTT-3.1.3-5).
const CLIENT_ID_ALLOWED: usize = 23;

pub(super) fn flags(version: ProtocolVersion, packet: &PacketBuf) -> Vec<Flag> {
    match packet {
        PacketBuf::Connect(connect) => of_connect(version, connect),
        PacketBuf::ConnAck(connack) => of_connack(version, connack),
        PacketBuf::Publish(publish) => {
            let mut flags = of_payload(&publish.properties, &publish.payload);
            if publish.topic.is_empty() || publish.topic.starts_with('$') {
                flags.push(Flag::LegalButUnusual);
            }
            flags
        }
        PacketBuf::Subscribe(subscribe) => of_filters(version, subscribe.filters.iter().map(|f| f.filter.as_str())),
        PacketBuf::Unsubscribe(unsubscribe) => of_filters(version, unsubscribe.filters.iter().map(AsRef::as_ref)),
        PacketBuf::Disconnect(disconnect) => of_disconnect(disconnect),
        PacketBuf::Auth(auth) => of_auth(auth),
        _ => Vec::new(),
    }
}

fn of_connect(version: ProtocolVersion, connect: &ConnectBuf) -> Vec<Flag> {
    let mut flags = Vec::new();
    if connect.version != version {
        flags.extend([Flag::OtherVersion, Flag::MayRefuse]);
    }
    let id = connect.client_id.as_bytes();
    let plain = id.iter().all(u8::is_ascii_alphanumeric);
    if id.is_empty() || id.len() > CLIENT_ID_ALLOWED || !plain {
        flags.push(Flag::MayRefuse);
    }
    // A zero-length one without Clean Session is rejected in 3.1.1 (MQTT-3.1.3-8); 3.1 wants 1 to 23 characters.
    let rejected = match connect.version {
        ProtocolVersion::V3_1 => id.is_empty() || connect.client_id.chars().count() > CLIENT_ID_ALLOWED,
        ProtocolVersion::V3_1_1 => id.is_empty() && !connect.clean_start,
        ProtocolVersion::V5_0 => false,
    };
    if rejected {
        flags.push(Flag::RefusedByProtocol);
    }
    if id.is_empty() || (connect.user_name.is_none() && connect.password.is_some()) {
        flags.push(Flag::LegalButUnusual);
    }
    if let Some(will) = &connect.will {
        flags.extend(of_payload(&will.properties, &will.payload));
    }
    flags
}

fn of_connack(version: ProtocolVersion, connack: &ConnAckBuf) -> Vec<Flag> {
    let mut flags = Vec::new();
    let has = |id| connack.properties.find(id).is_some();
    // 3.2.2.3.18 does not say what Authentication Data means without its method; 3.1.2.11.10 forbids it in CONNECT.
    if has(PropertyId::AuthenticationData) && !has(PropertyId::AuthenticationMethod) {
        flags.extend([Flag::LegalButUnusual, Flag::MayRefuse]);
    }
    // It identifies a client (3.2.2.3.7), and no sentence says that it is not empty.
    if connack.properties.text(PropertyId::AssignedClientIdentifier) == Some("") {
        flags.extend([Flag::LegalButUnusual, Flag::MayRefuse]);
    }
    // 3.1 does not use the byte in which 3.1.1 says Session Present.
    if version == ProtocolVersion::V3_1 && connack.session_present {
        flags.extend([Flag::LegalButUnusual, Flag::MayRefuse]);
    }
    flags
}

/// A receiver may check whether a payload is the UTF-8 it is said to be (3.3.2.3.2, 3.1.3.2.3).
fn of_payload(properties: &[PropertyBuf], payload: &[u8]) -> Vec<Flag> {
    let said_to_be_text = properties.integer(PropertyId::PayloadFormatIndicator) == Some(1);
    if said_to_be_text && core::str::from_utf8(payload).is_err() {
        [Flag::LegalButUnusual, Flag::MayRefuse].to_vec()
    } else {
        Vec::new()
    }
}

/// `$share` without a `/`: 4.8.2 says that it marks a Shared Subscription, and that such a filter starts with `$share/`.
fn of_filters<'a>(version: ProtocolVersion, mut filters: impl Iterator<Item = &'a str>) -> Vec<Flag> {
    if version.has_properties() && filters.any(|filter| filter == "$share") {
        return [Flag::LegalButUnusual, Flag::MayRefuse].to_vec();
    }
    Vec::new()
}

fn of_disconnect(disconnect: &DisconnectBuf) -> Vec<Flag> {
    let has = |id| disconnect.properties.find(id).is_some();
    // Servers do not send the one (MQTT-3.14.2-2) and the other is described as sent by servers (3.14.2.2.5), so that a
    // receiver who knows whom it hears may object to either.
    let of_both_sides = has(PropertyId::SessionExpiryInterval) && has(PropertyId::ServerReference);
    // Table 2-6 has it for DISCONNECT, table 3-10 has not.
    if of_both_sides || disconnect.reason_code == ReasonCode::BAD_AUTHENTICATION_METHOD {
        return [Flag::LegalButUnusual, Flag::MayRefuse].to_vec();
    }
    Vec::new()
}

fn of_auth(auth: &AuthBuf) -> Vec<Flag> {
    // 3.15.2.1 lets an AUTH of nothing but Success be empty, 3.15.2.2.2 wants a method in every AUTH.
    if auth.properties.find(PropertyId::AuthenticationMethod).is_none() {
        return [Flag::LegalButUnusual, Flag::MayRefuse].to_vec();
    }
    Vec::new()
}
