//! What is due on a connection: the acknowledgements of the target's packets, of our own publications, and the answer to
//! a challenge (4.3, 4.12).

use std::collections::VecDeque;

use mqttspec_codec::{
    AckBuf, AuthBuf, PacketBuf, PacketType, PropertyBuf, PropertyId, PropertyList, ProtocolVersion, QoS, ReasonCode,
};
use mqttspec_scenarios::model::{Answering, Due};

use super::Engine;
use super::build::acknowledgement;

/// An acknowledgement: which packet with which identifier.
type Ack = (PacketType, u16);

/// What is due on one connection.
#[derive(Debug, Default)]
pub(super) struct Answers {
    answering: Answering,
    /// In the order in which they fell due.
    due: VecDeque<Ack>,
    /// The acknowledgement that was sent last.
    last: Option<PacketBuf>,
    /// The target's AUTH that asks us to go on.
    challenge: Option<AuthBuf>,
}

impl Answers {
    /// The target sent `packet`.
    pub(super) fn received(&mut self, packet: &PacketBuf) {
        let due = match packet {
            PacketBuf::Publish(publish) => match (publish.qos, publish.packet_id) {
                (QoS::AtLeastOnce, Some(packet_id)) => (PacketType::PubAck, packet_id),
                (QoS::ExactlyOnce, Some(packet_id)) => (PacketType::PubRec, packet_id),
                _ => return,
            },
            PacketBuf::PubRec(ack) if !ack.reason_code.is_error() => (PacketType::PubRel, ack.packet_id),
            PacketBuf::PubRel(ack) => (PacketType::PubComp, ack.packet_id),
            PacketBuf::Auth(auth) if auth.reason_code == ReasonCode::CONTINUE_AUTHENTICATION => {
                self.challenge = Some(auth.clone());
                return;
            }
            _ => return,
        };
        self.due.push_back(due);
    }

    /// We sent `packet`, by whichever step.
    pub(super) fn sent(&mut self, packet: &PacketBuf) {
        match packet {
            PacketBuf::PubAck(ack) | PacketBuf::PubRec(ack) | PacketBuf::PubRel(ack) | PacketBuf::PubComp(ack) => {
                let sent = (packet.packet_type(), ack.packet_id);
                if let Some(position) = self.due.iter().position(|due| *due == sent) {
                    self.due.remove(position);
                }
                self.last = Some(packet.clone());
            }
            PacketBuf::Auth(_) => self.challenge = None,
            _ => {}
        }
    }

    /// Whether the target waits for our answer to its challenge, and no step has to give it.
    pub(super) fn is_challenged(&self) -> bool {
        self.challenge.is_some()
    }

    /// The properties of the challenge that waits for our answer.
    pub(super) fn challenge(&self) -> Option<&[PropertyBuf]> {
        self.challenge.as_ref().map(|auth| auth.properties.as_slice())
    }

    /// The packet that `which` stands for; `None` when nothing is due.
    fn pick(&self, which: Due, reason_code: Option<ReasonCode>, version: ProtocolVersion) -> Option<PacketBuf> {
        let (packet_type, packet_id) = match which {
            Due::Oldest => *self.due.front()?,
            Due::Newest => *self.due.back()?,
            Due::Nth(place) => *self.due.get(usize::from(place).checked_rem(self.due.len())?)?,
            Due::Again => return self.last.clone(),
        };
        // A code that this packet cannot have is left out, so that a history can be shortened anywhere.
        let reason_code = reason_code.filter(|code| code.is_defined_in(version, packet_type)).unwrap_or_default();
        let ack = AckBuf { packet_id, reason_code, properties: Vec::new() };
        acknowledgement(packet_type, ack).ok()
    }
}

impl Engine {
    /// From now on, packets on this connection are answered like this.
    pub(super) fn set_answering(&mut self, index: usize, answering: Answering) {
        self.connections[index].answers.answering = answering;
        self.answer_at_once(index);
    }

    /// Sends what is due, if packets are to be answered at once.
    pub(super) fn answer_at_once(&mut self, index: usize) {
        // Nobody sees an answer of ours as a step of the scenario: time windows and missing answers do not count from it.
        let marks = (self.last_send, self.last_step_sent);
        while self.connections[index].answers.answering == Answering::AtOnce && self.connections[index].may_send() {
            let connection = &self.connections[index];
            let challenge = connection.answers.challenge.as_ref().map(response);
            let due = || connection.answers.pick(Due::Oldest, None, connection.version);
            let Some(packet) = challenge.or_else(due) else { break };
            if !self.send_packet(index, packet) {
                break;
            }
        }
        (self.last_send, self.last_step_sent) = marks;
    }

    /// Sends one acknowledgement, if there is one to be sent.
    pub(super) fn acknowledge_due(&mut self, index: usize, which: Due, reason_code: Option<ReasonCode>) {
        let connection = &self.connections[index];
        if !connection.may_send() {
            return;
        }
        if let Some(packet) = connection.answers.pick(which, reason_code, connection.version) {
            self.send_packet(index, packet);
        }
    }
}

/// The right answer to a challenge of the method `mqttspec-challenge`: its data in reverse.
fn response(challenge: &AuthBuf) -> PacketBuf {
    answer_to(&challenge.properties, false)
}

/// The answer to a challenge with these properties, or a wrong one.
pub(super) fn answer_to(challenge: &[PropertyBuf], wrong: bool) -> PacketBuf {
    let method = challenge.text(PropertyId::AuthenticationMethod).unwrap_or_default();
    let data = challenge.binary(PropertyId::AuthenticationData).unwrap_or_default();
    let mut answer: Vec<u8> = data.iter().rev().copied().collect();
    if wrong {
        answer.push(0);
    }
    PacketBuf::Auth(AuthBuf {
        reason_code: ReasonCode::CONTINUE_AUTHENTICATION,
        properties: vec![PropertyBuf::authentication_method(method), PropertyBuf::authentication_data(answer)],
    })
}
