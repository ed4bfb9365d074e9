//! From bytes to packets, and what to do with those that are none, or that a server must not send (4.13).

use mqttspec_codec::{DecodeError, FrameError, PacketBuf, ReasonCode, diagnose};

use super::api::Client;
use super::link::Stage;
use super::{ClientFault, ClientVariant};

/// Reason codes of DISCONNECT that a client may send (3.14.2.1) because of what the server did.
const CLIENT_REASONS: [ReasonCode; 8] = [
    ReasonCode::MALFORMED_PACKET,
    ReasonCode::PROTOCOL_ERROR,
    ReasonCode::TOPIC_NAME_INVALID,
    ReasonCode::RECEIVE_MAXIMUM_EXCEEDED,
    ReasonCode::TOPIC_ALIAS_INVALID,
    ReasonCode::PACKET_TOO_LARGE,
    ReasonCode::QUOTA_EXCEEDED,
    ReasonCode::PAYLOAD_FORMAT_INVALID,
];

impl Client {
    pub(super) fn take_bytes(&mut self, bytes: &[u8]) {
        let Some(link) = &mut self.link else { return };
        link.frames.push(bytes);
        while let Some(link) = &mut self.link {
            match link.frames.next_frame() {
                Ok(Some(frame)) => self.take_frame(&frame),
                Ok(None) => return,
                Err(FrameError::TooLong { .. }) => return self.fail(ReasonCode::PACKET_TOO_LARGE),
                Err(FrameError::RemainingLength(_)) if self.faulty(ClientFault::OpenAfterMalformedPacket) => {
                    return self.go_deaf();
                }
                Err(FrameError::RemainingLength(_)) => return self.fail(ReasonCode::MALFORMED_PACKET),
            }
        }
    }

    fn take_frame(&mut self, frame: &[u8]) {
        if self.link.as_ref().is_none_or(|link| link.stage == Stage::Deaf) {
            return;
        }
        let version = self.config.version;
        match PacketBuf::decode(frame, version) {
            Ok(packet) => self.take_packet(packet),
            Err(error) if self.faulty(tolerance(error)) => {}
            Err(error) => {
                let diagnosis = diagnose(frame, version);
                let reason = diagnosis.first_must().map_or(error.reason_code(), |violation| violation.reason);
                self.fail(reason);
            }
        }
    }

    fn take_packet(&mut self, packet: PacketBuf) {
        let Some(link) = &self.link else { return };
        let connected = link.stage == Stage::Connected;
        match packet {
            PacketBuf::ConnAck(connack) => self.take_connack(&connack),
            PacketBuf::Auth(auth) => self.take_auth(&auth),
            // A server sends nothing else before CONNACK (MQTT-3.2.0-1).
            _ if !connected => self.unexpected(),
            PacketBuf::Publish(publish) => self.take_publish(publish),
            PacketBuf::PubAck(ack) => self.take_puback(&ack),
            PacketBuf::PubRec(ack) => self.take_pubrec(&ack),
            PacketBuf::PubRel(ack) => self.take_pubrel(&ack),
            PacketBuf::PubComp(ack) => self.take_pubcomp(&ack),
            PacketBuf::SubAck(suback) => self.take_answer(suback.packet_id, Some(suback.reason_codes.len())),
            PacketBuf::UnsubAck(unsuback) => {
                let codes = self.v5().then_some(unsuback.reason_codes.len());
                self.take_answer(unsuback.packet_id, codes);
            }
            PacketBuf::PingResp => {
                if let Some(link) = &mut self.link {
                    link.pinged = None;
                }
            }
            // In 3.x DISCONNECT is a packet of clients.
            PacketBuf::Disconnect(_) if self.v5() => self.take_disconnect(),
            PacketBuf::Disconnect(_)
            | PacketBuf::Connect(_)
            | PacketBuf::Subscribe(_)
            | PacketBuf::Unsubscribe(_)
            | PacketBuf::PingReq => self.unexpected(),
        }
    }

    /// A packet that the server must not send, or not now.
    fn unexpected(&mut self) {
        if !self.faulty(ClientFault::OpenAfterProtocolError) {
            self.fail(ReasonCode::PROTOCOL_ERROR);
        }
    }

    /// Ends the connection because of what the server sent: DISCONNECT in 5.0, unless it is left out, and a close (4.13).
    pub(super) fn fail(&mut self, reason: ReasonCode) {
        let general = self.varies(ClientVariant::GeneralReasonCodes) && reason != ReasonCode::MALFORMED_PACKET;
        let reason = if general || !CLIENT_REASONS.contains(&reason) { ReasonCode::PROTOCOL_ERROR } else { reason };
        let speaks = self.v5() && !self.varies(ClientVariant::CloseWithoutDisconnect);
        if speaks {
            self.send_disconnect(reason, Vec::new());
        }
        self.close();
    }
}

/// The fault that makes the client ignore a packet that does not decode for this reason.
fn tolerance(error: DecodeError) -> ClientFault {
    match error {
        DecodeError::IllFormedUtf8 => ClientFault::OpenAfterIllFormedUtf8,
        DecodeError::NulCharacter => ClientFault::OpenAfterNullCharacter,
        DecodeError::InvalidFixedHeaderFlags(_) => ClientFault::OpenAfterWrongFlags,
        DecodeError::InvalidQoS => ClientFault::OpenAfterQos3,
        _ => ClientFault::OpenAfterMalformedPacket,
    }
}
