//! The Client as receiver: what it has to acknowledge, with what, and in which order (4.3, 4.6).

use std::collections::BTreeMap;

use mqttspec_codec::{PacketBuf, ProtocolVersion, QoS};

use super::super::rule::Rule;
use super::{Seen, rules};

/// Deliveries remembered of one Client at most.
const MAX_DELIVERIES: usize = 65_535;

/// What one Client has received in its session.
#[derive(Debug, Default)]
pub(super) struct Receiver {
    deliveries: BTreeMap<u16, Delivery>,
    /// The place of the next packet that is to be answered.
    next: u64,
    /// On the connection with this index, the places answered last: of PUBACK, PUBREC.
    answered: (usize, BTreeMap<QoS, (u64, usize)>),
    unknown: bool,
}

#[derive(Debug, Clone)]
struct Delivery {
    qos: QoS,
    event: usize,
    connection: usize,
    place: u64,
    /// What the Client owes now.
    owes: Owes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owes {
    /// PUBACK or PUBREC, by the QoS.
    Receipt,
    /// PUBCOMP, for the PUBREL of this event.
    Completion(usize),
    /// Nothing.
    Nothing,
}

impl Receiver {
    /// The Server sent `packet`.
    pub(super) fn received(&mut self, seen: &Seen<'_, '_>, packet: &PacketBuf) {
        let connection = seen.connection.index;
        match packet {
            PacketBuf::ConnAck(connack)
                if seen.connection.accepted()
                    && !connack.session_present
                    && seen.connection.version != ProtocolVersion::V3_1 =>
            {
                self.deliveries.clear();
                self.unknown = false;
            }
            PacketBuf::Publish(publish) => {
                let Some(id) = publish.packet_id.filter(|_| self.deliveries.len() < MAX_DELIVERIES) else { return };
                let place = self.next;
                self.next += 1;
                let qos = publish.qos;
                let delivery = Delivery { qos, event: seen.event, connection, place, owes: Owes::Receipt };
                self.deliveries.insert(id, delivery);
            }
            PacketBuf::PubRel(ack) => {
                let place = self.next;
                self.next += 1;
                let new = Delivery { qos: QoS::ExactlyOnce, event: seen.event, connection, place, owes: Owes::Nothing };
                let delivery = self.deliveries.entry(ack.packet_id).or_insert(new);
                delivery.connection = connection;
                delivery.owes = Owes::Completion(seen.event);
            }
            _ => {}
        }
    }

    /// The Client sent `packet`.
    pub(super) fn sent(&mut self, seen: &mut Seen<'_, '_>, packet: &PacketBuf) {
        self.unknown |= seen.connection.is_clouded();
        match packet {
            PacketBuf::Connect(connect) if connect.clean_start => {
                self.deliveries.clear();
                self.unknown = false;
            }
            PacketBuf::PubAck(ack) => self.acknowledged(seen, ack.packet_id, QoS::AtLeastOnce),
            PacketBuf::PubRec(ack) => self.acknowledged(seen, ack.packet_id, QoS::ExactlyOnce),
            PacketBuf::PubComp(ack) => self.completed(seen, ack.packet_id),
            _ => {}
        }
    }

    /// The connection ended: what was due on it is due again when it is sent again.
    pub(super) fn closed(&mut self, connection: usize) {
        for delivery in self.deliveries.values_mut().filter(|delivery| delivery.connection == connection) {
            delivery.owes = Owes::Nothing;
        }
    }

    /// Nothing more comes: everything is answered.
    pub(super) fn settle(&mut self, seen: &mut Seen<'_, '_>) {
        let index = seen.connection.index;
        for (id, delivery) in self.deliveries.iter_mut().filter(|(_, delivery)| delivery.connection == index) {
            let (rule, event, what): (Rule, usize, &str) = match (delivery.owes, delivery.qos) {
                (Owes::Receipt, QoS::ExactlyOnce) => (rules::PUBREC_OWED, delivery.event, "PUBLISH at QoS 2"),
                (Owes::Receipt, _) => (rules::PUBACK_OWED, delivery.event, "PUBLISH at QoS 1"),
                (Owes::Completion(event), _) => (rules::PUBCOMP_OWED, event, "PUBREL"),
                (Owes::Nothing, _) => continue,
            };
            delivery.owes = Owes::Nothing;
            let text = format!("the {what} of event {event} with Packet Identifier {id} was not answered");
            seen.breach([event], rule, text);
        }
    }

    fn acknowledged(&mut self, seen: &mut Seen<'_, '_>, id: u16, qos: QoS) {
        let index = seen.connection.index;
        let name = if qos == QoS::AtLeastOnce { "PUBACK" } else { "PUBREC" };
        let Some(delivery) = self.deliveries.get_mut(&id) else {
            if !self.unknown {
                let text = format!("{name} for Packet Identifier {id}, with which the Server has sent no PUBLISH");
                seen.breach([], rules::ACK_SAME_ID, text);
            }
            return;
        };
        if delivery.qos != qos {
            let text = format!("{name} for the PUBLISH of event {} at QoS {}", delivery.event, delivery.qos);
            let event = delivery.event;
            return seen.breach([event], rules::ANSWER_BY_QOS, text);
        }
        let due = delivery.owes == Owes::Receipt && delivery.connection == index;
        if delivery.owes == Owes::Receipt {
            delivery.owes = Owes::Nothing;
        }
        if !due {
            return;
        }
        let (place, event) = (delivery.place, delivery.event);
        if self.answered.0 != index {
            self.answered = (index, BTreeMap::new());
        }
        match self.answered.1.get(&qos) {
            Some((last, later)) if *last > place => {
                let rule = if qos == QoS::AtLeastOnce { rules::PUBACK_ORDER } else { rules::PUBREC_ORDER };
                let text = format!(
                    "the {name} of the PUBLISH of event {event} comes after that of event {later}, whose PUBLISH came later"
                );
                let later = *later;
                seen.breach([event, later], rule, text);
            }
            _ => {
                self.answered.1.insert(qos, (place, seen.event));
            }
        }
    }

    fn completed(&mut self, seen: &mut Seen<'_, '_>, id: u16) {
        match self.deliveries.get_mut(&id) {
            Some(delivery) if delivery.qos == QoS::ExactlyOnce => {
                if matches!(delivery.owes, Owes::Completion(_)) {
                    delivery.owes = Owes::Nothing;
                }
            }
            _ if self.unknown => {}
            _ => {
                let text = format!("PUBCOMP for Packet Identifier {id}, for which the Server has sent no PUBREL");
                seen.breach([], rules::PUBCOMP_SAME_ID, text);
            }
        }
    }
}
