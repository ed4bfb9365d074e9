//! Messages from the server (3.3, 4.3, 4.5).

use mqttspec_codec::{AckBuf, PacketBuf, PropertyId, PublishBuf, QoS, ReasonCode, topic};

use super::api::{Client, Output};
use super::{ClientFault, ClientVariant};

impl Client {
    pub(super) fn take_publish(&mut self, mut publish: PublishBuf) {
        if let Err(reason) = self.resolve_alias(&mut publish) {
            return self.fail(reason);
        }
        let Some(packet_id) = publish.packet_id else {
            if self.faulty(ClientFault::AnswerQos0) {
                self.send(PacketBuf::PubAck(AckBuf {
                    packet_id: 1,
                    reason_code: ReasonCode::SUCCESS,
                    properties: vec![],
                }));
            }
            self.outputs.push_back(Output::Message(publish));
            return;
        };
        let repeated = publish.qos == QoS::ExactlyOnce && self.session.received.contains(&packet_id);
        let Some(link) = &mut self.link else { return };
        let maximum = link.asked(PropertyId::ReceiveMaximum).map_or(usize::from(u16::MAX), |value| value as usize);
        link.open.insert(packet_id);
        if link.open.len() > maximum && !self.faulty(ClientFault::OpenAfterProtocolError) {
            return self.fail(ReasonCode::RECEIVE_MAXIMUM_EXCEEDED);
        }
        let unwanted = self.faulty(ClientFault::IgnoreUnwanted) && !self.wants(&publish.topic);
        let refuses = self.v5() && self.varies(ClientVariant::RefuseSome) && !repeated && self.random.below(4) == 0;
        let reason_code = if refuses { ReasonCode::QUOTA_EXCEEDED } else { ReasonCode::SUCCESS };
        let qos = publish.qos;
        if qos == QoS::ExactlyOnce && !refuses && !unwanted {
            self.session.received.insert(packet_id);
        }
        if !repeated && !refuses {
            self.outputs.push_back(Output::Message(publish));
        }
        let silent = match qos {
            QoS::ExactlyOnce => {
                self.faulty(ClientFault::NoPubRec) || (repeated && self.faulty(ClientFault::NoPubRecForDuplicate))
            }
            _ => self.faulty(ClientFault::NoPubAck),
        };
        if unwanted || silent {
            return;
        }
        let ack = |packet_id| AckBuf { packet_id, reason_code, properties: vec![] };
        if qos == QoS::ExactlyOnce && !self.faulty(ClientFault::AnswerQos2WithPubAck) {
            let packet_id = self.answered_id(packet_id, ClientFault::PubRecWrongIdentifier);
            self.acknowledge(PacketBuf::PubRec(ack(packet_id)));
        } else {
            let packet_id = self.answered_id(packet_id, ClientFault::PubAckWrongIdentifier);
            self.acknowledge(PacketBuf::PubAck(ack(packet_id)));
        }
    }

    pub(super) fn take_pubrel(&mut self, ack: &AckBuf) {
        let known = self.session.received.remove(&ack.packet_id);
        if self.faulty(ClientFault::NoPubComp) || (!known && self.faulty(ClientFault::NoPubCompForUnknown)) {
            return;
        }
        let says_so = !known && self.v5() && self.varies(ClientVariant::PubCompNotFound);
        let reason_code = if says_so { ReasonCode::PACKET_IDENTIFIER_NOT_FOUND } else { ReasonCode::SUCCESS };
        let packet_id = self.answered_id(ack.packet_id, ClientFault::PubCompWrongIdentifier);
        self.acknowledge(PacketBuf::PubComp(AckBuf { packet_id, reason_code, properties: vec![] }));
    }

    /// Whether a subscription of the session matches `name`.
    fn wants(&self, name: &str) -> bool {
        self.session.filters.iter().any(|filter| {
            let shared = topic::parse_shared(filter);
            topic::matches(shared.map_or(filter, |shared| shared.filter), name)
        })
    }
}
