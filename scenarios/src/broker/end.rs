//! How connections and sessions end (3.14, 4.1, 4.13).

use std::time::Duration;

use mqttspec_codec::{DisconnectBuf, PacketBuf, PropertyBuf, ProtocolVersion, ReasonCode};

use super::api::{Broker, ConnectionId, Output};
use super::connection::Stage;
use super::{Fault, Variant};
use crate::Time;

/// How a network connection came to its end, as far as the Will Message is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The client sent a DISCONNECT that deletes the will (MQTT-3.14.4-3).
    Normal,
    /// The client asked for its will with reason code 0x04, or reported an error.
    WithWill,
    /// The peer closed it.
    Lost,
    /// The broker closed it because of an error or a timeout.
    ClosedByServer,
    /// Another connection took its session over (3.1.4).
    TakenOver,
}

impl Broker {
    /// Sends DISCONNECT where there is one to send, and closes (4.13).
    pub(super) fn disconnect(&mut self, id: ConnectionId, reason: ReasonCode, now: Time) {
        self.disconnect_as(id, reason, Ending::ClosedByServer, now);
    }

    pub(super) fn disconnect_as(&mut self, id: ConnectionId, reason: ReasonCode, ending: Ending, now: Time) {
        let Some(connection) = self.connections.get(&id) else { return };
        let version = connection.version;
        let silent = match ending {
            Ending::TakenOver => self.varies(Variant::TakeOverWithoutDisconnect),
            _ => self.varies(Variant::CloseWithoutDisconnect),
        };
        let speaks = version == ProtocolVersion::V5_0 && connection.is_connected() && !silent;
        if speaks {
            self.send_disconnect(id, reason, ending);
            if self.faulty(Fault::SendAfterDisconnect, version) {
                self.send(id, PacketBuf::PingResp);
            }
        }
        if speaks && self.faulty(Fault::OpenAfterDisconnect, version) {
            self.detach(id, ending, now);
            self.leave_deaf(id, version, now);
        } else {
            self.detach(id, ending, now);
            self.outputs.push_back(Output::Close { connection: id });
        }
    }

    /// Closes without a word.
    pub(super) fn close(&mut self, id: ConnectionId, now: Time) {
        self.detach(id, Ending::ClosedByServer, now);
        self.outputs.push_back(Output::Close { connection: id });
    }

    /// Puts a connection back that should have been closed: open, and heard no more.
    pub(super) fn leave_deaf(&mut self, id: ConnectionId, version: ProtocolVersion, now: Time) {
        let mut connection = super::connection::Connection::new(now, self.maximum_frame_len());
        connection.stage = Stage::Deaf;
        connection.version = version;
        self.connections.insert(id, connection);
    }

    /// Takes the connection away from its session, which goes on without it or ends (4.1).
    pub(super) fn detach(&mut self, id: ConnectionId, ending: Ending, now: Time) {
        let Some(connection) = self.connections.remove(&id) else { return };
        if !connection.is_connected() {
            return;
        }
        let client_id = connection.client_id;
        if self.faulty(Fault::KeepAliasesAcrossConnections, connection.version) {
            self.stale_aliases.insert(client_id.clone(), connection.aliases_in);
        }
        let Some(session) = self.sessions.get_mut(&client_id) else { return };
        if session.connection != Some(id) {
            return; // Taken over, and left open by a fault.
        }
        session.connection = None;
        session.discard_at = None;
        let loses = ending == Ending::TakenOver && self.config.faults.contains(Fault::TakeOverLosesInFlight);
        if loses {
            session.in_flight.clear();
        }
        let expiry_interval = session.expiry_interval;
        let will = session.will.take();
        self.connection_lost_its_will(&client_id, will, ending, expiry_interval, connection.version, now);
        self.start_expiry(&client_id, connection.version, now);
    }

    fn start_expiry(&mut self, client_id: &str, version: ProtocolVersion, now: Time) {
        let never = self.faulty(Fault::SessionOutlivesExpiry, version);
        let outlives_clean = self.faulty(Fault::CleanSessionOutlivesConnection, version);
        let Some(session) = self.sessions.get_mut(client_id) else { return };
        match session.expiry_interval {
            0 if outlives_clean => {}
            0 => self.end_session(client_id, now),
            u32::MAX => {}
            _ if never => {}
            seconds => session.expires_at = Some(now + Duration::from_secs(seconds.into())),
        }
    }

    /// Ends a session: its state is discarded, its Will Message published if it still waits (3.1.2.5).
    pub(super) fn end_session(&mut self, client_id: &str, now: Time) {
        let Some(session) = self.sessions.remove(client_id) else { return };
        if self.faulty(Fault::RetainedEndsWithSession, session.version) {
            self.retained.retain(|_, message| message.publisher != client_id);
        }
        self.session_ended_before_will(client_id, session.version, now);
        if self.faulty(Fault::RetainedDiesWithPublisher, session.version) {
            self.retained.retain(|_, message| message.publisher != client_id);
        }
        if self.faulty(Fault::SharedReassignsInFlight, session.version) {
            for entry in session.in_flight {
                if entry.delivery.shared && !entry.released {
                    self.reassign(entry.delivery, client_id, now);
                }
            }
        }
    }

    fn send_disconnect(&mut self, id: ConnectionId, reason: ReasonCode, ending: Ending) {
        let faulty = |fault| self.faulty(fault, ProtocolVersion::V5_0);
        let mut packet = DisconnectBuf { reason_code: reason, properties: Vec::new() };
        if faulty(Fault::DisconnectUndefinedReason) {
            packet.reason_code = ReasonCode(0x05);
        } else if faulty(Fault::DisconnectNormalOnError) && ending != Ending::TakenOver {
            packet.reason_code = ReasonCode::NORMAL_DISCONNECTION;
        }
        if faulty(Fault::DisconnectWithSessionExpiry) {
            packet.properties.push(PropertyBuf::session_expiry_interval(60));
        }
        self.send(id, PacketBuf::Disconnect(packet));
    }
}
