//! 3.1.1: a Server sends its PUBRELs in the order in which the PUBRECs came (4.6).

use std::collections::BTreeMap;

use mqttspec_codec::{PacketBuf, ProtocolVersion, QoS};

use super::super::event::{Event, What};
use super::super::report::Report;
use super::super::state::State;
use super::super::watch::Watch;
use super::{is_bound, rules, who};

/// PUBRECs remembered on one connection at most.
const MAX_WAITING: usize = 2_048;

/// The PUBRECs that wait for PUBREL, in their order, by connection: Packet Identifier and event.
#[derive(Debug, Default)]
pub(super) struct ReleaseOrder {
    waiting: BTreeMap<usize, Vec<(u16, usize)>>,
}

impl Watch for ReleaseOrder {
    fn event(&mut self, book: &mut State, event: &Event<'_>, report: &mut Report) {
        let Some(connection) = book.connections.get(&event.connection) else { return };
        if connection.version != ProtocolVersion::V3_1_1 {
            return;
        }
        match event.what {
            What::Sent(PacketBuf::PubRec(ack), _) => {
                let Some(session) = connection.session.map(|session| &book.sessions[session]) else { return };
                let due = session.in_flight.get(&ack.packet_id).is_some_and(|delivery| {
                    delivery.connection == event.connection
                        && delivery.qos == QoS::ExactlyOnce
                        && delivery.released.is_none()
                });
                let waiting = self.waiting.entry(event.connection).or_default();
                let known = waiting.iter().any(|(id, _)| *id == ack.packet_id);
                if due && !known && waiting.len() < MAX_WAITING {
                    waiting.push((ack.packet_id, event.index));
                }
            }
            What::Received(PacketBuf::PubRel(ack), _) => {
                let Some(waiting) = self.waiting.get_mut(&event.connection) else { return };
                let Some(place) = waiting.iter().position(|(id, _)| *id == ack.packet_id) else { return };
                let (_, asked) = waiting.remove(place);
                if place == 0 || !is_bound(connection) {
                    return;
                }
                let (earlier, earlier_event) = waiting.remove(0);
                let message = format!(
                    "{} sent PUBREC {earlier} (event {earlier_event}) before PUBREC {} (event {asked}), and PUBREL {} came \
                     first (event {})",
                    who(book, event.connection),
                    ack.packet_id,
                    ack.packet_id,
                    event.index
                );
                let events = [earlier_event, asked, event.index];
                report.breach(rules::PUBREL_ORDER, connection.version, event.connection, events, message);
            }
            What::Closed { .. } => drop(self.waiting.remove(&event.connection)),
            _ => {}
        }
    }

    fn settle(&mut self, _book: &mut State, _report: &mut Report) {}
}
