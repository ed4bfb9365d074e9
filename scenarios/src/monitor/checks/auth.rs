//! Enhanced authentication (4.12), and the reason codes that only a client may use.

use mqttspec_codec::{PacketBuf, PropertyBuf, PropertyId, PropertyList, ReasonCode};

use super::super::rule;
use super::Seen;

/// Checks AUTH and the Authentication Method of CONNACK.
pub(super) fn check(seen: &mut Seen<'_>, packet: &PacketBuf) {
    match packet {
        PacketBuf::ConnAck(connack) => {
            let accepted = connack.reason_code == ReasonCode::SUCCESS;
            check_method(seen, "CONNACK", &connack.properties, accepted);
        }
        PacketBuf::Auth(auth) => {
            if own_method(seen).is_none() {
                let event = seen.connection.connect_event;
                seen.breach_after(event, rule::AUTH_UNINVITED, "AUTH to a client that named no Authentication Method");
                return;
            }
            // A Success may leave the method out (3.15.2.1); the codec refuses any other AUTH without one.
            check_method(seen, "AUTH", &auth.properties, false);
            let connection = seen.connection;
            if connection.connack.is_none() && auth.reason_code != ReasonCode::CONTINUE_AUTHENTICATION {
                let message = format!("AUTH with reason code 0x{:02X} before CONNACK", auth.reason_code.0);
                seen.breach_after(connection.connect_event, rule::AUTH_CONTINUES, message);
            } else if connection.accepted() && !connection.reauthenticated && connection.tainted.is_none() {
                seen.breach(rule::AUTH_ASKED, "AUTH though the client has not begun to authenticate anew");
            }
        }
        _ => {}
    }
}

/// Checks the reason codes whose use the tables leave to clients, and what only a client's DISCONNECT may hold.
pub(super) fn check_reasons(seen: &mut Seen<'_>, packet: &PacketBuf) {
    match packet {
        PacketBuf::Disconnect(disconnect) => {
            if disconnect.reason_code == ReasonCode::DISCONNECT_WITH_WILL_MESSAGE {
                let message = "DISCONNECT with reason code 0x04, which only a client uses";
                seen.breach(rule::DISCONNECT_REASON_OF_SERVER, message);
            }
            if disconnect.properties.find(PropertyId::SessionExpiryInterval).is_some() {
                seen.breach(rule::DISCONNECT_SESSION_EXPIRY, "DISCONNECT with a Session Expiry Interval");
            }
        }
        PacketBuf::Auth(auth) if auth.reason_code == ReasonCode::RE_AUTHENTICATE => {
            let message = "AUTH with reason code 0x19, which only a client uses";
            seen.breach(rule::AUTH_REASON_OF_SERVER, message);
        }
        _ => {}
    }
}

/// Checks that the method is ours; `owed`: that there is one.
fn check_method(seen: &mut Seen<'_>, name: &str, properties: &[PropertyBuf], owed: bool) {
    let event = seen.connection.connect_event;
    match (own_method(seen), properties.text(PropertyId::AuthenticationMethod)) {
        (None, Some(method)) => {
            let message = format!("{name} with Authentication Method {method:?} to a client that named none");
            seen.breach_after(event, rule::AUTH_UNINVITED, message);
        }
        (Some(own), Some(method)) if own != method => {
            let message = format!("{name} with Authentication Method {method:?} instead of {own:?}");
            seen.breach_after(event, rule::AUTH_METHOD_KEPT, message);
        }
        (Some(own), None) if owed => {
            let message = format!("{name} without the Authentication Method {own:?}");
            seen.breach_after(event, rule::AUTH_METHOD_KEPT, message);
        }
        _ => {}
    }
}

fn own_method<'a>(seen: &Seen<'a>) -> Option<&'a str> {
    let connect = seen.connection.connect.as_ref()?;
    connect.properties.text(PropertyId::AuthenticationMethod)
}
