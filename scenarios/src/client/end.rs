//! How connections and sessions end (3.14, 4.1, 4.2).

use mqttspec_codec::{DisconnectBuf, PacketBuf, PropertyBuf, PropertyId, PropertyList, ReasonCode};

use super::api::{Client, Output};
use super::link::Stage;
use super::{ClientFault, Refused};

impl Client {
    pub(super) fn disconnect(&mut self, disconnect: DisconnectBuf) -> Result<(), Refused> {
        let Some(link) = self.link.as_mut().filter(|link| link.is_connected()) else {
            return Err(Refused::NotConnected);
        };
        let DisconnectBuf { reason_code, mut properties } = disconnect;
        if link.asked(PropertyId::SessionExpiryInterval).unwrap_or(0) == 0 {
            // Zero in CONNECT must not be changed (3.14.2.2.2).
            properties.retain(|property| property.id != PropertyId::SessionExpiryInterval);
            if self.faulty(ClientFault::SessionExpiryAtDisconnect) {
                properties.push(PropertyBuf::session_expiry_interval(100));
            }
        }
        self.flush_held();
        self.send_disconnect(reason_code, properties);
        if self.faulty(ClientFault::SendAfterDisconnect) {
            self.send(PacketBuf::PingReq);
        }
        if self.faulty(ClientFault::OpenAfterDisconnect) {
            self.go_deaf();
        } else {
            self.close();
        }
        Ok(())
    }

    pub(super) fn send_disconnect(&mut self, reason_code: ReasonCode, properties: Vec<PropertyBuf>) {
        let undefined = self.faulty(ClientFault::DisconnectUndefinedReason);
        let reason_code = if undefined { ReasonCode(0x01) } else { reason_code };
        let expiry = properties.integer(PropertyId::SessionExpiryInterval);
        let disconnect = if self.v5() { DisconnectBuf { reason_code, properties } } else { DisconnectBuf::default() };
        if self.send(PacketBuf::Disconnect(disconnect))
            && let (Some(seconds), Some(link)) = (expiry, &mut self.link)
        {
            link.session_expiry_interval = seconds;
        }
    }

    pub(super) fn drop_link(&mut self) -> Result<(), Refused> {
        if self.link.is_none() {
            return Err(Refused::NotConnected);
        }
        self.close();
        Ok(())
    }

    /// DISCONNECT from the server (5.0, 3.14.4).
    pub(super) fn take_disconnect(&mut self) {
        if self.faulty(ClientFault::OpenAfterServerDisconnect) {
            self.go_deaf();
        } else {
            self.close();
        }
    }

    /// Closes without a word.
    pub(super) fn close(&mut self) {
        if self.link.is_some() {
            self.outputs.push_back(Output::Close);
            self.end_link();
        }
    }

    /// Faults: leaves a connection open that should be closed, and says and hears nothing more on it.
    pub(super) fn go_deaf(&mut self) {
        if let Some(link) = &mut self.link {
            link.stage = Stage::Deaf;
            link.held.clear();
            link.held_until = None;
        }
    }

    /// The connection is gone; its session goes on without it or ends (4.1).
    pub(super) fn end_link(&mut self) {
        let Some(link) = self.link.take() else { return };
        self.stale_aliases = link.aliases_out;
        // Whoever never heard of acceptance cannot know whether the server has begun a session.
        self.session.held |= link.stage == Stage::Connecting;
        let ends = if self.v5() { link.session_expiry_interval == 0 } else { link.connect.clean_start };
        if ends && link.stage != Stage::Connecting {
            self.session.discard();
            self.session.held = false;
        }
        if self.faulty(ClientFault::ForgetSession) {
            self.session.messages.clear();
            self.session.received.clear();
        }
    }
}
