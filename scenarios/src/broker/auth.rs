//! Enhanced authentication with a built-in challenge, and re-authentication (4.12, 3.15).

use mqttspec_codec::{AuthBuf, PacketBuf, PropertyBuf, PropertyId, PropertyList, ProtocolVersion, ReasonCode};

use super::Fault;
use super::api::{Broker, ConnectionId, Output};
use super::connection::Stage;
use crate::Time;

impl Broker {
    /// Sends AUTH with a fresh nonce (MQTT-4.12.0-2).
    pub(super) fn challenge(&mut self, id: ConnectionId) {
        let nonce: Vec<u8> = [self.random.next_u64(), self.random.next_u64()].map(u64::to_be_bytes).concat();
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.nonce = Some(nonce.clone());
        }
        let reason = if self.faulty(Fault::AuthWrongReason, ProtocolVersion::V5_0) {
            ReasonCode::SUCCESS
        } else {
            ReasonCode::CONTINUE_AUTHENTICATION
        };
        self.send_auth(id, reason, Some(nonce));
    }

    /// Between CONNECT and CONNACK only AUTH and DISCONNECT may come (MQTT-3.1.2-30).
    pub(super) fn take_packet_while_authenticating(&mut self, id: ConnectionId, packet: PacketBuf, now: Time) {
        match packet {
            PacketBuf::Auth(auth) => self.take_answer(id, &auth, now),
            PacketBuf::Disconnect(_) => {
                self.connections.remove(&id);
                self.outputs.push_back(Output::Close { connection: id });
            }
            _ if self.faulty(Fault::AcceptPacketsDuringAuthentication, ProtocolVersion::V5_0) => {}
            _ => self.refuse(id, ReasonCode::PROTOCOL_ERROR, now),
        }
    }

    fn take_answer(&mut self, id: ConnectionId, auth: &AuthBuf, now: Time) {
        let faulty = self.faulty(Fault::OpenAfterFailedAuthentication, ProtocolVersion::V5_0);
        let ignores_other_method = self.faulty(Fault::IgnoreOtherMethodInAnswer, ProtocolVersion::V5_0);
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let same_method =
            auth.properties.text(PropertyId::AuthenticationMethod) == connection.authentication_method.as_deref();
        if !same_method && ignores_other_method {
            return;
        }
        if auth.reason_code != ReasonCode::CONTINUE_AUTHENTICATION || !same_method {
            return self.refuse(id, ReasonCode::PROTOCOL_ERROR, now);
        }
        let right = answers(auth, connection.nonce.take());
        if !right && !faulty {
            return self.refuse(id, ReasonCode::NOT_AUTHORIZED, now);
        }
        if let Stage::Authenticating(connect) = std::mem::replace(&mut connection.stage, Stage::New) {
            self.accept(id, *connect, now);
        }
    }

    /// AUTH on an accepted connection: re-authentication (4.12.1).
    pub(super) fn take_auth(&mut self, id: ConnectionId, auth: &AuthBuf, now: Time) {
        let faulty = |fault| self.faulty(fault, ProtocolVersion::V5_0);
        let (uninvited, other_method, open_after_failure) = (
            faulty(Fault::AcceptUninvitedAuth),
            faulty(Fault::AcceptOtherMethodAtReauthentication),
            faulty(Fault::OpenAfterFailedReauthentication),
        );
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let Some(method) = connection.authentication_method.as_deref() else {
            // MQTT-4.12.0-7.
            if !uninvited {
                self.fail(id, ReasonCode::PROTOCOL_ERROR, now);
            }
            return;
        };
        let same_method = auth.properties.text(PropertyId::AuthenticationMethod) == Some(method);
        if !same_method && !other_method {
            return self.fail(id, ReasonCode::PROTOCOL_ERROR, now);
        }
        match (auth.reason_code, connection.nonce.take()) {
            (ReasonCode::RE_AUTHENTICATE, None) => self.challenge(id),
            (ReasonCode::CONTINUE_AUTHENTICATION, Some(nonce)) => {
                if answers(auth, Some(nonce)) {
                    self.send_auth(id, ReasonCode::SUCCESS, None);
                } else if !open_after_failure {
                    self.disconnect(id, ReasonCode::NOT_AUTHORIZED, now);
                }
            }
            _ => self.fail(id, ReasonCode::PROTOCOL_ERROR, now),
        }
    }

    fn send_auth(&mut self, id: ConnectionId, reason: ReasonCode, data: Option<Vec<u8>>) {
        let faulty = |fault| self.faulty(fault, ProtocolVersion::V5_0);
        let Some(connection) = self.connections.get(&id) else { return };
        let method = connection.authentication_method.clone();
        let reason_code = if faulty(Fault::AuthUndefinedReason) { ReasonCode(0x01) } else { reason };
        let properties = method
            .map(PropertyBuf::authentication_method)
            .into_iter()
            .chain(data.map(PropertyBuf::authentication_data))
            .collect();
        self.send(id, PacketBuf::Auth(AuthBuf { reason_code, properties }));
    }
}

/// Whether AUTH holds the nonce in reverse order.
fn answers(auth: &AuthBuf, nonce: Option<Vec<u8>>) -> bool {
    let Some(mut nonce) = nonce else { return false };
    nonce.reverse();
    auth.properties.binary(PropertyId::AuthenticationData) == Some(nonce.as_slice())
}
