//! What the server answers: acknowledgements of messages, SUBACK, UNSUBACK, PINGRESP (3.4 to 3.13).

use mqttspec_codec::{AckBuf, PacketBuf, QoS, ReasonCode};

use super::ClientFault;
use super::api::Client;

impl Client {
    pub(super) fn take_puback(&mut self, ack: &AckBuf) {
        let Some(at) = self.session.in_flight(ack.packet_id, QoS::AtLeastOnce) else { return };
        self.finish(at, ack);
    }

    pub(super) fn take_pubrec(&mut self, ack: &AckBuf) {
        let known = self.session.in_flight(ack.packet_id, QoS::ExactlyOnce);
        if ack.reason_code.is_error() {
            if let Some(at) = known {
                self.finish(at, ack);
            }
            return;
        }
        let mut reason_code = ReasonCode::SUCCESS;
        match known {
            Some(at) => {
                let recorded = self.session.recorded;
                self.session.recorded += 1;
                self.session.messages[at].released.get_or_insert(recorded);
            }
            None if self.v5() => reason_code = ReasonCode::PACKET_IDENTIFIER_NOT_FOUND,
            None => {}
        }
        if self.faulty(ClientFault::NoPubRel) {
            return;
        }
        let packet_id = self.answered_id(ack.packet_id, ClientFault::PubRelWrongIdentifier);
        self.acknowledge(PacketBuf::PubRel(AckBuf { packet_id, reason_code, properties: vec![] }));
    }

    pub(super) fn take_pubcomp(&mut self, ack: &AckBuf) {
        let released = |at: &usize| self.session.messages[*at].released.is_some();
        let Some(at) = self.session.in_flight(ack.packet_id, QoS::ExactlyOnce).filter(released) else { return };
        self.session.messages.remove(at);
        self.quota_freed();
    }

    /// PUBACK, or PUBREC that refuses: the message is finished.
    fn finish(&mut self, at: usize, ack: &AckBuf) {
        if ack.reason_code.is_error() && self.faulty(ClientFault::ResendRefused) {
            self.session.messages[at].refused = true;
            return;
        }
        self.session.messages.remove(at);
        self.quota_freed();
    }

    fn quota_freed(&mut self) {
        self.pump();
        if self.faulty(ClientFault::QuotaBlocksOtherPackets) && !self.quota_used_up() {
            self.flush_held();
        }
    }

    /// SUBACK or UNSUBACK with this many codes; `None` when it has none in this version.
    pub(super) fn take_answer(&mut self, packet_id: u16, codes: Option<usize>) {
        let Some(link) = &mut self.link else { return };
        // An answer to what was asked on an earlier connection is not ours to judge.
        let Some(asked) = link.requests.remove(&packet_id) else { return };
        if codes.is_some_and(|codes| codes != asked) && !self.faulty(ClientFault::OpenAfterProtocolError) {
            self.fail(ReasonCode::PROTOCOL_ERROR);
        }
    }

    /// The Packet Identifier that answers, or the next one with `fault`.
    pub(super) fn answered_id(&self, packet_id: u16, fault: ClientFault) -> u16 {
        if self.faulty(fault) { packet_id.wrapping_add(1).max(1) } else { packet_id }
    }
}
