//! Bytes from what a scenario says is sent.

use mqttspec_codec::{
    AckBuf, ConnectBuf, Mutation, PacketBuf, PacketType, PropertyBuf, PropertyId, PropertyList, ProtocolVersion,
    ReasonCode, render,
};
use mqttspec_scenarios::model::{Outgoing, auth_var};

use super::answering::answer_to;
use super::{Engine, Options};

/// One write, and the packet in it when there is just one that the engine should know of.
pub(super) struct Write {
    pub(super) bytes: Vec<u8>,
    pub(super) packets: Vec<PacketBuf>,
    /// Whether the bytes are exactly `packets`, none of them broken.
    pub(super) intact: bool,
    /// What this is a piece of, in words, when it is only a piece.
    pub(super) piece: Option<String>,
}

impl Engine {
    /// The writes that `outgoing` becomes on a connection of `version`.
    ///
    /// # Errors
    /// When the scenario asks for the impossible: a lowercase fragment that says what.
    pub(super) fn build(&self, outgoing: &Outgoing, version: ProtocolVersion) -> Result<Vec<Write>, String> {
        match outgoing {
            Outgoing::Packet(packet) => one(expand(packet, &self.options), version),
            Outgoing::Mutated { packet, mutation } => broken(expand(packet, &self.options), *mutation, version),
            Outgoing::Bytes(bytes) => {
                Ok(vec![Write { bytes: bytes.clone(), packets: Vec::new(), intact: false, piece: None }])
            }
            Outgoing::Answer { packet_type, to, reason_code, properties } => {
                let packet_id = self.remembered_id(to)?;
                let ack = AckBuf { packet_id, reason_code: *reason_code, properties: properties.clone() };
                one(acknowledgement(*packet_type, ack)?, version)
            }
            Outgoing::MutatedAnswer { packet_type, to, mutation } => {
                let packet_id = self.remembered_id(to)?;
                let ack = AckBuf { packet_id, reason_code: ReasonCode::SUCCESS, properties: Vec::new() };
                broken(acknowledgement(*packet_type, ack)?, *mutation, version)
            }
            Outgoing::AnswerChallenge { to, wrong } => one(self.answer_challenge(to, *wrong)?, version),
            Outgoing::ConnectAsAssigned { packet, to } => {
                let assigned = self
                    .vars
                    .get(to)
                    .and_then(|packet| packet.properties().text(PropertyId::AssignedClientIdentifier))
                    .ok_or_else(|| format!("{to} is no remembered CONNACK with an Assigned Client Identifier"))?;
                let mut packet = expand(packet, &self.options);
                if let PacketBuf::Connect(ConnectBuf { client_id, .. }) = &mut packet {
                    assigned.clone_into(client_id);
                }
                one(packet, version)
            }
            Outgoing::Together(parts) => {
                let mut whole = Write { bytes: Vec::new(), packets: Vec::new(), intact: true, piece: None };
                for write in parts
                    .iter()
                    .map(|part| self.build(part, version))
                    .collect::<Result<Vec<_>, _>>()?
                    .into_iter()
                    .flatten()
                {
                    whole.bytes.extend_from_slice(&write.bytes);
                    whole.packets.extend(write.packets);
                    whole.intact &= write.intact;
                }
                Ok(vec![whole])
            }
            Outgoing::InPieces { outgoing, size } => {
                let size = (*size).max(1);
                let mut writes = Vec::new();
                for write in self.build(outgoing, version)? {
                    let whole = write.packets.first().and_then(connect_version).unwrap_or(version);
                    let whole = match write.packets.as_slice() {
                        [] => format!("{} literal bytes", write.bytes.len()),
                        [_] => render::one_line_bytes(&write.bytes, whole),
                        [first, rest @ ..] => format!("{} and {} more packets", first.packet_type(), rest.len()),
                    };
                    let count = write.bytes.len().div_ceil(size);
                    let mut packets = Some(write.packets);
                    for (at, piece) in write.bytes.chunks(size).enumerate() {
                        let packets = packets.take().unwrap_or_default();
                        let part = (count > 1).then(|| format!("part {} of {count} of {whole}", at + 1));
                        writes.push(Write { bytes: piece.to_vec(), packets, intact: write.intact, piece: part });
                    }
                }
                Ok(writes)
            }
        }
    }

    fn remembered_id(&self, var: &str) -> Result<u16, String> {
        let packet_id = self.vars.get(var).and_then(PacketBuf::packet_id);
        packet_id.ok_or_else(|| format!("{var} is no remembered packet with an identifier"))
    }

    fn answer_challenge(&self, to: &str, wrong: bool) -> Result<PacketBuf, String> {
        let remembered = self.vars.get(to).map(PacketBuf::properties);
        let challenge = remembered.or_else(|| self.challenge_called(to));
        Ok(answer_to(challenge.ok_or_else(|| format!("{to} is no remembered packet"))?, wrong))
    }

    /// The challenge of the target that a connection has open, by the name that needs no step to give it.
    fn challenge_called(&self, var: &str) -> Option<&[PropertyBuf]> {
        let connection = self.connections.iter().rev().find(|connection| auth_var(&connection.name) == var)?;
        connection.answers.challenge()
    }
}

pub(super) fn one(packet: PacketBuf, version: ProtocolVersion) -> Result<Vec<Write>, String> {
    let version = connect_version(&packet).unwrap_or(version);
    let bytes =
        packet.encode(version).map_err(|error| format!("{} cannot be encoded: {error}", packet.packet_type()))?;
    Ok(vec![Write { bytes, packets: vec![packet], intact: true, piece: None }])
}

fn broken(packet: PacketBuf, mutation: Mutation, version: ProtocolVersion) -> Result<Vec<Write>, String> {
    let version = connect_version(&packet).unwrap_or(version);
    match mutation.apply(&packet, version) {
        Some(bytes) => Ok(vec![Write { bytes, packets: vec![packet], intact: false, piece: None }]),
        None => Err(format!("{} does not apply to {}", mutation.id(), packet.packet_type())),
    }
}

fn expand(packet: &PacketBuf, options: &Options) -> PacketBuf {
    let mut packet = options.namespace.expand_packet(packet);
    if let PacketBuf::Connect(connect) = &mut packet {
        options.defaults.fill_in(connect);
    }
    packet
}

fn connect_version(packet: &PacketBuf) -> Option<ProtocolVersion> {
    match packet {
        PacketBuf::Connect(connect) => Some(connect.version),
        _ => None,
    }
}

pub(super) fn acknowledgement(packet_type: PacketType, ack: AckBuf) -> Result<PacketBuf, String> {
    match packet_type {
        PacketType::PubAck => Ok(PacketBuf::PubAck(ack)),
        PacketType::PubRec => Ok(PacketBuf::PubRec(ack)),
        PacketType::PubRel => Ok(PacketBuf::PubRel(ack)),
        PacketType::PubComp => Ok(PacketBuf::PubComp(ack)),
        other => Err(format!("{other} is no acknowledgement of a PUBLISH")),
    }
}
