//! Enhanced authentication with the built-in challenge, and re-authentication (4.12).

use mqttspec_codec::{AuthBuf, PacketBuf, PropertyBuf, PropertyId, PropertyList, ReasonCode};

use super::api::Client;
use super::link::Stage;
use super::{ClientFault, Refused};

impl Client {
    /// Begins re-authentication (4.12.1).
    pub(super) fn reauthenticate(&mut self) -> Result<(), Refused> {
        let Some(link) = self.link.as_mut().filter(|link| link.is_connected()) else {
            return Err(Refused::NotConnected);
        };
        if link.authentication_method().is_none() || link.authenticating {
            return Err(Refused::NotAllowed);
        }
        link.authenticating = true;
        let other_method = self.faulty(ClientFault::ReauthenticateWithOtherMethod);
        self.send_auth(ReasonCode::RE_AUTHENTICATE, None, other_method);
        Ok(())
    }

    pub(super) fn take_auth(&mut self, auth: &AuthBuf) {
        let tolerates = self.faulty(ClientFault::OpenAfterProtocolError);
        let Some(link) = &mut self.link else { return };
        let expected = link.stage == Stage::Connecting || link.authenticating;
        let method = link.authentication_method();
        let same_method = method.is_some() && auth.properties.text(PropertyId::AuthenticationMethod) == method;
        match auth.reason_code {
            _ if !expected || !same_method => {
                if !tolerates {
                    self.fail(ReasonCode::PROTOCOL_ERROR);
                }
            }
            ReasonCode::CONTINUE_AUTHENTICATION => {
                let nonce = auth.properties.binary(PropertyId::AuthenticationData).unwrap_or_default();
                let answer = nonce.iter().rev().copied().collect();
                let reason = if self.faulty(ClientFault::AuthWrongReason) {
                    ReasonCode::RE_AUTHENTICATE
                } else {
                    ReasonCode::CONTINUE_AUTHENTICATION
                };
                let other_method = self.faulty(ClientFault::AuthOtherMethod);
                self.send_auth(reason, Some(answer), other_method);
            }
            ReasonCode::SUCCESS if link.stage == Stage::Connected => link.authenticating = false,
            _ if tolerates => {}
            _ => self.fail(ReasonCode::PROTOCOL_ERROR),
        }
    }

    fn send_auth(&mut self, reason_code: ReasonCode, data: Option<Vec<u8>>, other_method: bool) {
        let Some(link) = &self.link else { return };
        let method = if other_method { Some("another-method") } else { link.authentication_method() };
        let properties = method
            .map(PropertyBuf::authentication_method)
            .into_iter()
            .chain(data.map(PropertyBuf::authentication_data))
            .collect();
        self.send(PacketBuf::Auth(AuthBuf { reason_code, properties }));
    }
}
