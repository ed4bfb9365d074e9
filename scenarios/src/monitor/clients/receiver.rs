//! The Client as receiver: what it has to acknowledge, with what, and in which order (4.3, 4.6).

use std::collections::BTreeMap;

use mqttspec_codec::{PacketBuf, ProtocolVersion, QoS};

use super::super::rule::Rule;
use super::{Seen, rules};

/// Unanswered PUBRELs of one identifier remembered at most.
const MAX_COMPLETIONS: usize = 16;

/// What one Client has received in its session.
#[derive(Debug, Default)]
pub(super) struct Receiver {
    /// By Packet Identifier; what was due on a connection that has ended is due no more.
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
    /// How many PUBACKs or PUBRECs the Client owes.
    receipts: u32,
    /// The PUBRELs for which it owes PUBCOMP.
    completions: Vec<usize>,
    /// Whether its PUBREL has come.
    released: bool,
    /// Whether the PUBLISH came more than once on this connection.
    repeated: bool,
}

impl Delivery {
    /// Whether a PUBLISH with the same identifier is the same message once more.
    fn is_repeated(&self, connection: usize, qos: QoS) -> bool {
        let open = self.receipts > 0 || (qos == QoS::ExactlyOnce && !self.released);
        self.connection == connection && self.qos == qos && open
    }
}

impl Receiver {
    /// The Server sent `packet`.
    pub(super) fn received(&mut self, seen: &Seen<'_, '_>, packet: &PacketBuf) {
        let connection = seen.connection.index;
        match packet {
            PacketBuf::ConnAck(connack)
                if seen.connection.accepted()
                    && seen.connection.connack.as_ref().is_some_and(|first| first.event == seen.event)
                    && !connack.session_present
                    && seen.connection.version != ProtocolVersion::V3_1 =>
            {
                self.deliveries.clear();
                self.unknown = false;
            }
            PacketBuf::Publish(publish) => {
                let Some(id) = publish.packet_id else { return };
                let known = self.deliveries.get_mut(&id).filter(|known| known.is_repeated(connection, publish.qos));
                if let Some(known) = known {
                    known.receipts = known.receipts.saturating_add(1);
                    known.repeated = true;
                    known.event = seen.event;
                    return;
                }
                let delivery = self.delivery(seen, publish.qos);
                self.deliveries.insert(id, Delivery { receipts: 1, ..delivery });
            }
            PacketBuf::PubRel(ack) => {
                let new = self.delivery(seen, QoS::ExactlyOnce);
                let delivery = self.deliveries.entry(ack.packet_id).or_insert_with(|| new.clone());
                if delivery.qos != QoS::ExactlyOnce {
                    // What had the identifier before is over.
                    *delivery = new;
                }
                if delivery.connection != connection {
                    // What was owed on the connection before is owed no more.
                    delivery.connection = connection;
                    delivery.receipts = 0;
                    delivery.completions.clear();
                }
                delivery.released = true;
                if delivery.completions.len() < MAX_COMPLETIONS {
                    delivery.completions.push(seen.event);
                }
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

    /// Anything may have been received.
    pub(super) fn lose_track(&mut self) {
        self.unknown = true;
    }

    /// Nothing more comes: everything is answered.
    pub(super) fn settle(&mut self, seen: &mut Seen<'_, '_>) {
        let index = seen.connection.index;
        for (id, delivery) in self.deliveries.iter_mut().filter(|(_, delivery)| delivery.connection == index) {
            let completion = delivery.completions.first().copied();
            let (rule, event, what): (Rule, usize, &str) = match (delivery.receipts, delivery.qos, completion) {
                (1.., QoS::ExactlyOnce, _) if delivery.repeated => {
                    (rules::PUBREC_OWED_AGAIN, delivery.event, "repeated PUBLISH at QoS 2")
                }
                (1.., QoS::ExactlyOnce, _) => (rules::PUBREC_OWED, delivery.event, "PUBLISH at QoS 2"),
                (1.., ..) => (rules::PUBACK_OWED, delivery.event, "PUBLISH at QoS 1"),
                (0, _, Some(event)) => (rules::PUBCOMP_OWED, event, "PUBREL"),
                (0, _, None) => continue,
            };
            delivery.receipts = 0;
            delivery.completions.clear();
            let text = format!("the {what} of event {event} with Packet Identifier {id} was not answered");
            seen.breach([event], rule, text);
        }
    }

    fn delivery(&mut self, seen: &Seen<'_, '_>, qos: QoS) -> Delivery {
        let place = self.next;
        self.next += 1;
        let (event, connection) = (seen.event, seen.connection.index);
        Delivery {
            qos,
            event,
            connection,
            place,
            receipts: 0,
            completions: Vec::new(),
            released: false,
            repeated: false,
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
        let due = delivery.receipts > 0 && delivery.connection == index;
        delivery.receipts = delivery.receipts.saturating_sub(1);
        if !due || delivery.repeated {
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
                if !delivery.completions.is_empty() {
                    delivery.completions.remove(0);
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
