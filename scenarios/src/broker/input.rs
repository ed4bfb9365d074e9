//! From bytes to packets, and what to do with those that are none (4.13).

use mqttspec_codec::{
    DecodeError, DisconnectBuf, FrameDecoder, FrameError, PacketBuf, PacketType, PropertyId, PropertyList,
    ProtocolVersion, QoS, ReasonCode, diagnose,
};

use super::api::{Broker, ConnectionId, Output};
use super::connection::{Connection, Stage};
use super::end::Ending;
use super::tolerance::{self, Tolerated};
use super::{Fault, Variant};
use crate::Time;

/// Packets that one fault puts off at most.
const MAXIMUM_PUT_OFF: usize = 1_000;

impl Broker {
    /// The longest packet that is read to its end.
    pub(super) fn maximum_frame_len(&self) -> usize {
        let stated = self.config.maximum_packet_size as usize;
        if self.config.faults.contains(Fault::AcceptPacketAboveMaximumSize) { stated.saturating_mul(4) } else { stated }
    }

    /// Maximum Packet Size of the broker, in bytes (3.2.2.3.6); 3.x cannot be told of a small one.
    pub(super) fn maximum_packet_size(&self, version: ProtocolVersion) -> u32 {
        let small = version == ProtocolVersion::V5_0 && self.varies(Variant::SmallMaximumPacketSize);
        if small { 1_024 } else { self.config.maximum_packet_size }
    }

    pub(super) fn take_bytes(&mut self, id: ConnectionId, bytes: &[u8], now: Time) {
        let maximum = self.maximum_frame_len();
        let tolerates_length = self.config.faults.contains(Fault::AcceptNonMinimalLength);
        let Some(connection) = self.connections.get_mut(&id) else { return };
        if tolerates_length && connection.version == ProtocolVersion::V5_0 {
            connection.unframed.extend_from_slice(bytes);
            connection.unframed.truncate(maximum.saturating_mul(2));
            let bytes = tolerance::take_frames_with_minimal_length(&mut connection.unframed);
            connection.frames.push(&bytes);
        } else {
            connection.frames.push(bytes);
        }
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.pinged = false;
        }
        while let Some(connection) = self.connections.get_mut(&id) {
            match connection.frames.next_frame() {
                Ok(Some(frame)) => self.take_frame(id, &frame, now),
                Ok(None) => break,
                Err(error) => return self.refuse_stream(id, error, now),
            }
        }
        self.lose_split_packet(id);
    }

    fn lose_split_packet(&mut self, id: ConnectionId) {
        let maximum = self.maximum_frame_len();
        let loses = self.config.faults.contains(Fault::LoseSplitPackets);
        if loses && let Some(connection) = self.connections.get_mut(&id) {
            connection.frames = FrameDecoder::new(maximum);
        }
    }

    fn take_frame(&mut self, id: ConnectionId, frame: &[u8], now: Time) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.last_received = now;
        if matches!(connection.stage, Stage::Deaf) {
            return;
        }
        let version = connection.version;
        let told = !matches!(connection.stage, Stage::New);
        let stated = self.maximum_packet_size(version) as usize;
        // The limit is told in CONNACK, so it holds from then on (MQTT-3.2.2-15).
        if told && frame.len() > stated && !self.faulty(Fault::AcceptPacketAboveMaximumSize, version) {
            return self.refuse_stream(id, FrameError::TooLong { len: frame.len(), max: stated }, now);
        }
        let Some(connection) = self.connections.get(&id) else { return };
        let is_connect = frame.first().is_some_and(|byte| byte >> 4 == PacketType::Connect.value());
        if is_connect {
            return self.take_connect_frame(id, frame, now);
        }
        if matches!(connection.stage, Stage::New) {
            // The first packet must be CONNECT (MQTT-3.1.0-1), and DISCONNECT needs a CONNACK before (MQTT-3.14.0-1).
            if !self.config.faults.contains(Fault::AcceptPacketBeforeConnect) {
                self.close(id, now);
            }
            return;
        }
        match tolerance::decode(frame, version, self.config.faults) {
            Ok(Tolerated::Packet(packet)) => self.take_packet(id, packet, now),
            Ok(Tolerated::Ignored) => {}
            Err(error) => {
                let reason = self.reason_for(frame, version, error);
                self.fail(id, reason, now);
            }
        }
    }

    /// The reason code that answers a malformed packet or protocol error (4.13.1).
    pub(super) fn reason_for(&self, frame: &[u8], version: ProtocolVersion, error: DecodeError) -> ReasonCode {
        let diagnosis = diagnose(frame, version);
        let Some(violation) = diagnosis.first_must() else { return error.reason_code() };
        let general = [ReasonCode::MALFORMED_PACKET, ReasonCode::PROTOCOL_ERROR];
        let general = general.into_iter().find(|reason| violation.reasons.contains(reason));
        general.filter(|_| self.varies(Variant::GeneralReasonCodes)).unwrap_or(violation.reason)
    }

    fn refuse_stream(&mut self, id: ConnectionId, error: FrameError, now: Time) {
        let unreadable = matches!(error, FrameError::RemainingLength(_));
        if unreadable && self.config.faults.contains(Fault::OpenAfterBrokenFraming) {
            return;
        }
        let reason = match error {
            FrameError::RemainingLength(_) => ReasonCode::MALFORMED_PACKET,
            FrameError::TooLong { .. } => ReasonCode::PACKET_TOO_LARGE,
        };
        match self.connections.get(&id).map(|c| &c.stage) {
            None => {}
            Some(Stage::New) => self.close(id, now),
            Some(Stage::Deaf) => self.outputs.push_back(Output::Close { connection: id }),
            Some(_) => self.fail(id, reason, now),
        }
    }

    /// Ends the connection because of what the client sent: CONNACK or DISCONNECT in 5.0, and a close (4.13.1).
    pub(super) fn fail(&mut self, id: ConnectionId, reason: ReasonCode, now: Time) {
        let Some(connection) = self.connections.get(&id) else { return };
        match connection.stage {
            Stage::Authenticating(_) => self.refuse(id, reason, now),
            _ => {
                let version = ProtocolVersion::V5_0;
                let defined = reason.is_defined_in(version, PacketType::Disconnect);
                self.disconnect(id, if defined { reason } else { ReasonCode::MALFORMED_PACKET }, now);
            }
        }
    }

    fn take_packet(&mut self, id: ConnectionId, packet: PacketBuf, now: Time) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        if matches!(connection.stage, Stage::Authenticating(_)) {
            return self.take_packet_while_authenticating(id, packet, now);
        }
        if self.puts_off(id, &packet) {
            if let Some(connection) = self.connections.get_mut(&id)
                && connection.put_off.len() < MAXIMUM_PUT_OFF
            {
                connection.put_off.push(packet);
            }
            return;
        }
        self.act_on(id, packet, now);
        self.act_on_packets_put_off(id, now);
    }

    fn act_on(&mut self, id: ConnectionId, packet: PacketBuf, now: Time) {
        match packet {
            PacketBuf::Publish(publish) => self.take_publish(id, publish, now),
            PacketBuf::PubAck(ack) => self.take_puback(id, &ack, now),
            PacketBuf::PubRec(ack) => self.take_pubrec(id, &ack, now),
            PacketBuf::PubRel(ack) => self.take_pubrel(id, &ack, now),
            PacketBuf::PubComp(ack) => self.take_pubcomp(id, &ack, now),
            PacketBuf::Subscribe(subscribe) => self.take_subscribe(id, subscribe, now),
            PacketBuf::Unsubscribe(unsubscribe) => self.take_unsubscribe(id, &unsubscribe, now),
            PacketBuf::PingReq => self.take_pingreq(id, now),
            PacketBuf::Disconnect(disconnect) => self.take_disconnect(id, &disconnect, now),
            PacketBuf::Auth(auth) => self.take_auth(id, &auth, now),
            // A CONNECT goes another way; the others only a server may send (2.1.2).
            PacketBuf::Connect(_)
            | PacketBuf::ConnAck(_)
            | PacketBuf::SubAck(_)
            | PacketBuf::UnsubAck(_)
            | PacketBuf::PingResp => {
                let version = self.connections.get(&id).map_or(ProtocolVersion::V5_0, |c| c.version);
                if !self.faulty(Fault::OpenAfterProtocolError, version) {
                    self.fail(id, ReasonCode::PROTOCOL_ERROR, now);
                }
            }
        }
    }

    fn take_pingreq(&mut self, id: ConnectionId, now: Time) {
        let Some(connection) = self.connections.get(&id) else { return };
        let (version, client_id) = (connection.version, connection.client_id.clone());
        if self.faulty(Fault::RetransmitWhileConnected, version) {
            self.retransmit(&client_id, now);
        }
        if self.faulty(Fault::RetransmitPubRelWhileConnected, version) {
            self.retransmit_pubrel(&client_id);
        }
        let pinged = self.connections.get_mut(&id).is_some_and(|c| std::mem::replace(&mut c.pinged, true));
        let omitted = pinged && self.faulty(Fault::AnswerOnePingOfMany, version);
        if !omitted && !self.faulty(Fault::NoPingResp, version) {
            self.send(id, PacketBuf::PingResp);
        }
    }

    /// DISCONNECT from the client (3.14.4).
    fn take_disconnect(&mut self, id: ConnectionId, disconnect: &DisconnectBuf, now: Time) {
        let Some(connection) = self.connections.get(&id) else { return };
        if let Some(seconds) = disconnect.properties.integer(PropertyId::SessionExpiryInterval) {
            let raises_zero = connection.session_expiry_interval == 0 && seconds != 0;
            if raises_zero && !self.faulty(Fault::AcceptSessionExpiryAtDisconnect, connection.version) {
                return self.fail(id, ReasonCode::PROTOCOL_ERROR, now);
            }
            if let Some(session) = self.sessions.get_mut(&connection.client_id) {
                session.expiry_interval = seconds;
            }
        }
        self.forget_at_disconnect(id);
        let normal = disconnect.reason_code == ReasonCode::NORMAL_DISCONNECTION;
        self.detach(id, if normal { Ending::Normal } else { Ending::WithWill }, now);
        self.outputs.push_back(Output::Close { connection: id });
    }

    /// Faults: DISCONNECT counts as the acknowledgement of what is in flight.
    fn forget_at_disconnect(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.get(&id) else { return };
        let (version, client_id) = (connection.version, connection.client_id.clone());
        let qos_1 = self.faulty(Fault::ForgetQos1AtDisconnect, version);
        let qos_2 = self.faulty(Fault::ForgetQos2AtDisconnect, version);
        let pubrel = self.faulty(Fault::ForgetPubRelAtDisconnect, version);
        if let Some(session) = self.sessions.get_mut(&client_id) {
            session.in_flight.retain(|entry| match entry.delivery.qos {
                QoS::ExactlyOnce if entry.released => !pubrel,
                QoS::ExactlyOnce => !qos_2,
                _ => !qos_1,
            });
        }
    }

    /// Whether a fault makes this packet wait until the client has acknowledged something.
    fn puts_off(&self, id: ConnectionId, packet: &PacketBuf) -> bool {
        let may_wait = !matches!(
            packet.packet_type(),
            PacketType::PubAck | PacketType::PubRec | PacketType::PubComp | PacketType::Disconnect
        );
        may_wait
            && self.connections.get(&id).is_some_and(|connection: &Connection| {
                self.faulty(Fault::QuotaBlocksOtherPackets, connection.version)
                    && self
                        .sessions
                        .get(&connection.client_id)
                        .is_some_and(|session| session.in_flight.len() >= usize::from(connection.receive_maximum))
            })
    }

    fn act_on_packets_put_off(&mut self, id: ConnectionId, now: Time) {
        while let Some(connection) = self.connections.get_mut(&id) {
            let Some(packet) = connection.put_off.first().cloned() else { return };
            if self.puts_off(id, &packet) {
                return;
            }
            if let Some(connection) = self.connections.get_mut(&id) {
                connection.put_off.remove(0);
            }
            self.act_on(id, packet, now);
        }
    }
}
