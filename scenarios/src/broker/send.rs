//! From packets to bytes: size limits of the client, optional properties, and faults in the encoding.

use mqttspec_codec::{
    AckBuf, PacketBuf, PacketType, PropertyBuf, PropertyId, ProtocolVersion, QoS, ReasonCode, varint,
};

use super::api::{Broker, ConnectionId, Output};
use super::connection::Connection;
use super::{Fault, Variant};

impl Broker {
    /// Encodes and sends. Leaves out what would make the packet too large for the client, or the whole packet
    /// (MQTT-3.1.2-24). Returns whether it was sent.
    pub(super) fn send(&mut self, id: ConnectionId, mut packet: PacketBuf) -> bool {
        let Some(connection) = self.connections.get(&id) else { return false };
        let version = connection.version;
        self.add_problem_information(connection, &mut packet);
        let too_large_on_purpose = self.exceeds_on_purpose(connection, &mut packet);
        let maximum = connection.maximum_packet_size as usize;
        let fits = |packet: &PacketBuf| packet.encoded_len(version).is_ok_and(|len| len <= maximum);
        if !too_large_on_purpose && !fits(&packet) {
            if let Some(properties) = problem_information_of(&mut packet) {
                properties.retain(|p| !matches!(p.id, PropertyId::ReasonString | PropertyId::UserProperty));
            }
            if !fits(&packet) {
                return false;
            }
        }
        let Ok(mut bytes) = packet.encode(version) else { return false };
        self.spoil(&packet, version, &mut bytes);
        self.outputs.push_back(Output::Send { connection: id, bytes });
        true
    }

    /// Variant: a Reason String and a User Property wherever the client allows them (3.1.2.11.7).
    fn add_problem_information(&self, connection: &Connection, packet: &mut PacketBuf) {
        if connection.version != ProtocolVersion::V5_0 {
            return;
        }
        let always_allowed = matches!(packet.packet_type(), PacketType::ConnAck | PacketType::Disconnect);
        let wanted = self.varies(Variant::AcknowledgementProperties)
            && (connection.problem_information || always_allowed)
            && packet.packet_type() != PacketType::Auth;
        let unrequested = !connection.problem_information
            && !always_allowed
            && self.faulty(Fault::UnrequestedProblemInformation, connection.version);
        if (wanted || unrequested)
            && let Some(properties) = problem_information_of(packet)
        {
            properties.push(PropertyBuf::reason_string("as the reference broker sees it"));
            properties.push(PropertyBuf::user_property("broker", "mqttspec"));
        }
    }

    /// Faults: an acknowledgement, CONNACK or DISCONNECT with text that the client has no room for.
    fn exceeds_on_purpose(&self, connection: &Connection, packet: &mut PacketBuf) -> bool {
        let version = connection.version;
        let fault = match packet {
            PacketBuf::PubAck(_) => Fault::PubAckTooLarge,
            PacketBuf::PubRec(_) => Fault::PubRecTooLarge,
            PacketBuf::Disconnect(_) => Fault::DisconnectReasonTooLong,
            PacketBuf::ConnAck(_) if self.faulty(Fault::ConnAckUserPropertyTooLong, version) => {
                Fault::ConnAckUserPropertyTooLong
            }
            PacketBuf::ConnAck(_) => Fault::ConnAckReasonTooLong,
            PacketBuf::SubAck(_) => Fault::SubAckTooLarge,
            PacketBuf::UnsubAck(_) => Fault::UnsubAckTooLarge,
            PacketBuf::PubRel(_) => Fault::PubRelTooLarge,
            PacketBuf::PubComp(_) => Fault::PubCompTooLarge,
            PacketBuf::Publish(_) => return self.faulty(Fault::ExceedMaximumPacketSize, version),
            _ => return false,
        };
        let limited = connection.maximum_packet_size <= 2_000;
        if !limited || !self.faulty(fault, version) {
            return false;
        }
        if let Some(properties) = problem_information_of(packet) {
            let text = "x".repeat(connection.maximum_packet_size as usize);
            properties.push(match fault {
                Fault::ConnAckUserPropertyTooLong => PropertyBuf::user_property("broker", text),
                _ => PropertyBuf::reason_string(text),
            });
        }
        true
    }

    /// Turns sound bytes into what a fault wants, and short forms into long ones for a variant.
    fn spoil(&self, packet: &PacketBuf, version: ProtocolVersion, bytes: &mut Vec<u8>) {
        let faulty = |fault| self.faulty(fault, version);
        match packet {
            PacketBuf::PingResp if faulty(Fault::SendNonMinimalLength) => *bytes = vec![0xD0, 0x80, 0x00],
            PacketBuf::PingResp if faulty(Fault::SendWrongFixedHeaderFlags) => bytes[0] |= 0x01,
            PacketBuf::ConnAck(_) if faulty(Fault::ConnAckReservedFlag) => bytes[2] |= 0x02,
            PacketBuf::Publish(publish) if faulty(Fault::SendSurrogates) => {
                let topic = with_surrogates(&publish.topic);
                reframe(bytes, |body| {
                    let len = u16::try_from(topic.len()).unwrap_or(u16::MAX).to_be_bytes();
                    body.splice(..2 + publish.topic.len(), len.into_iter().chain(topic));
                });
            }
            PacketBuf::Publish(publish) if faulty(Fault::SendWildcardTopic) && !publish.topic.is_empty() => {
                reframe(bytes, |body| {
                    if let Some(last) = body.get_mut(1 + publish.topic.len()) {
                        *last = b'#';
                    }
                });
            }
            PacketBuf::Publish(_) if faulty(Fault::OmitTopicName) => reframe(bytes, Vec::clear),
            PacketBuf::Publish(publish) if publish.qos == QoS::ExactlyOnce && faulty(Fault::SendQos3) => {
                bytes[0] |= 0x06;
            }
            PacketBuf::Publish(publish) if publish.qos == QoS::AtMostOnce => {
                if faulty(Fault::SendPacketIdentifierAtQos0) {
                    reframe(bytes, |body| {
                        let after_topic = 2 + publish.topic.len();
                        body.splice(after_topic..after_topic, [0, 1]);
                    });
                }
                if faulty(Fault::DupAtQos0) {
                    bytes[0] |= 0x08;
                }
            }
            PacketBuf::ConnAck(_) if faulty(Fault::OmitPropertyLength) => reframe(bytes, |body| body.truncate(2)),
            PacketBuf::PubAck(_) | PacketBuf::PubRec(_) | PacketBuf::PubRel(_) | PacketBuf::PubComp(_)
                if version == ProtocolVersion::V5_0 && self.varies(Variant::LongAcknowledgements) =>
            {
                reframe(bytes, |body| {
                    if body.len() == 2 {
                        body.push(0);
                    }
                    if body.len() == 3 {
                        body.push(0);
                    }
                });
            }
            _ => {}
        }
    }

    /// PUBACK, PUBREC, PUBREL or PUBCOMP with a reason code; a fault may put an undefined one there.
    pub(super) fn send_ack(&mut self, id: ConnectionId, packet_type: PacketType, packet_id: u16, reason: ReasonCode) {
        let Some(version) = self.connections.get(&id).map(|c| c.version) else { return };
        let undefined = match packet_type {
            PacketType::PubAck => Fault::PubAckUndefinedReason,
            PacketType::PubRec => Fault::PubRecUndefinedReason,
            PacketType::PubRel => Fault::PubRelUndefinedReason,
            _ => Fault::PubCompUndefinedReason,
        };
        let reason_code = if self.faulty(undefined, version) { ReasonCode(0x01) } else { reason };
        let ack = AckBuf { packet_id, reason_code, properties: Vec::new() };
        self.send(
            id,
            match packet_type {
                PacketType::PubAck => PacketBuf::PubAck(ack),
                PacketType::PubRec => PacketBuf::PubRec(ack),
                PacketType::PubRel => PacketBuf::PubRel(ack),
                _ => PacketBuf::PubComp(ack),
            },
        );
    }
}

/// The properties of a packet that may hold a Reason String (3.1.2.11.7).
fn problem_information_of(packet: &mut PacketBuf) -> Option<&mut Vec<PropertyBuf>> {
    match packet {
        PacketBuf::ConnAck(p) => Some(&mut p.properties),
        PacketBuf::PubAck(p) | PacketBuf::PubRec(p) | PacketBuf::PubRel(p) | PacketBuf::PubComp(p) => {
            Some(&mut p.properties)
        }
        PacketBuf::SubAck(p) => Some(&mut p.properties),
        PacketBuf::UnsubAck(p) => Some(&mut p.properties),
        PacketBuf::Disconnect(p) => Some(&mut p.properties),
        PacketBuf::Auth(p) => Some(&mut p.properties),
        _ => None,
    }
}

/// `text` with every character beyond U+FFFF as two encoded surrogates, which UTF-8 never has (1.5.4).
fn with_surrogates(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for character in text.chars() {
        let mut units = [0; 2];
        let mut utf8 = [0; 4];
        match *character.encode_utf16(&mut units) {
            [high, low] => {
                for unit in [high, low] {
                    let [first, second] = (unit & 0x0FFF).to_be_bytes();
                    bytes.extend([0xED, 0x80 | (first << 2) | (second >> 6), 0x80 | (second & 0x3F)]);
                }
            }
            _ => bytes.extend_from_slice(character.encode_utf8(&mut utf8).as_bytes()),
        }
    }
    bytes
}

/// Changes the body of an encoded packet and writes the Remaining Length anew.
fn reframe(bytes: &mut Vec<u8>, change: impl FnOnce(&mut Vec<u8>)) {
    let Ok(Some((_, length_len))) = varint::decode(&bytes[1..]) else { return };
    let mut body = bytes.split_off(1 + length_len);
    change(&mut body);
    bytes.truncate(1);
    // A body that came from the encoder and grew by a few bytes still fits.
    let _ = varint::encode(body.len() as u32, bytes);
    bytes.append(&mut body);
}
