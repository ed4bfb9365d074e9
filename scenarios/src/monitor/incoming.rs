//! Follows what the target sends, after it was judged.

use mqttspec_codec::{
    AckBuf, ConnAckBuf, PacketBuf, PacketType, PropertyId, PropertyList, PublishBuf, QoS, ReasonCode, SubAckBuf,
    UnsubAckBuf,
};

use super::connection::{ConnAckSeen, MAX_ALIASES};
use super::published::Digest;
use super::session::InFlight;
use super::state::State;

/// Messages without RETAIN remembered on one connection at most.
const MAX_UNRETAINED: usize = 4096;

impl State {
    /// The target sent `packet`.
    pub(super) fn received(&mut self, connection: usize, event: usize, packet: &PacketBuf) {
        let conn = self.connection(connection);
        match packet {
            PacketBuf::ConnAck(connack) => self.received_connack(connection, event, connack),
            PacketBuf::Publish(publish) => self.received_publish(connection, event, publish),
            PacketBuf::PubAck(ack) => {
                self.taken(connection, event, ack);
                self.answered(connection, ack.packet_id, |exchange| {
                    exchange.pubacks += 1;
                    exchange.open = None;
                });
            }
            PacketBuf::PubRec(ack) => {
                self.taken(connection, event, ack);
                self.answered(connection, ack.packet_id, |exchange| {
                    exchange.pubrecs += 1;
                    if ack.reason_code.0 >= ReasonCode::UNSPECIFIED_ERROR.0 {
                        exchange.open = None;
                    }
                });
            }
            PacketBuf::PubRel(ack) => {
                *conn.releases_due.entry(ack.packet_id).or_default() -= 1;
                let session = conn.session;
                if let Some(session) = session
                    && let Some(delivery) = self.sessions[session].in_flight.get_mut(&ack.packet_id)
                {
                    delivery.released = Some(event);
                }
            }
            PacketBuf::PubComp(ack) => {
                if let Some(client) = conn.client
                    && let Some(release) = self.clients[client].releases.get_mut(&ack.packet_id)
                {
                    release.answered += 1;
                }
                self.taken(connection, event, ack);
                self.answered(connection, ack.packet_id, |exchange| exchange.open = None);
            }
            PacketBuf::SubAck(suback) => self.received_suback(connection, event, suback),
            PacketBuf::UnsubAck(unsuback) => self.received_unsuback(connection, event, unsuback),
            PacketBuf::PingResp => conn.pongs += 1,
            PacketBuf::Disconnect(_) => {
                conn.disconnected_by_target.get_or_insert(event);
            }
            PacketBuf::Connect(_) | PacketBuf::Subscribe(_) | PacketBuf::Unsubscribe(_) | PacketBuf::PingReq => {}
            PacketBuf::Auth(auth) => conn.challenged = auth.reason_code == ReasonCode::CONTINUE_AUTHENTICATION,
        }
    }

    fn received_connack(&mut self, connection: usize, event: usize, connack: &ConnAckBuf) {
        let conn = self.connection(connection);
        if conn.connack.is_some() {
            return;
        }
        let accepted = connack.reason_code == ReasonCode::SUCCESS;
        let session_present = connack.session_present;
        conn.connack = Some(ConnAckSeen { event, accepted, session_present, properties: connack.properties.clone() });
        let client = conn.client;
        let assigned = connack.properties.text(PropertyId::AssignedClientIdentifier);
        if let (true, Some(client), Some(assigned)) = (accepted, client, assigned) {
            self.client_ids.entry(assigned.to_owned()).or_insert(client);
        }
        self.settle_session(connection, accepted, connack.session_present);
    }

    fn received_publish(&mut self, connection: usize, event: usize, publish: &PublishBuf) {
        let conn = self.connection(connection);
        let topic = conn.topic_of(publish).map(str::to_owned);
        let alias = publish.properties.integer(PropertyId::TopicAlias).and_then(|alias| u16::try_from(alias).ok());
        let client = conn.client;
        if let (Some(alias), Some(topic)) = (alias, &topic)
            && (conn.aliases.len() < MAX_ALIASES || conn.aliases.contains_key(&alias))
        {
            conn.aliases.insert(alias, topic.clone());
            if let Some(client) = client {
                self.clients[client].aliases.insert(alias);
            }
        }
        let topic = topic.unwrap_or_default();
        let digest = Digest::of(&topic, &publish.payload);
        let conn = self.connection(connection);
        if !publish.retain && (conn.unretained.len() < MAX_UNRETAINED || conn.unretained.contains_key(&digest)) {
            conn.unretained.insert(digest, event);
        }
        let Some(id) = publish.packet_id else { return };
        conn.unacknowledged.insert(id, false);
        conn.last.insert(id, (digest, event));
        let Some(session) = conn.session else { return };
        let session = &mut self.sessions[session];
        let expires = publish.properties.find(PropertyId::MessageExpiryInterval).is_some();
        let shared = session.matching(&topic).any(|filter| filter.shared);
        let loose = shared || (expires && publish.qos == QoS::AtLeastOnce);
        let delivery = InFlight { qos: publish.qos, digest, connection, event, released: None, loose };
        session.in_flight.insert(id, delivery);
    }

    /// A publication of ours was taken over, or refused.
    fn taken(&mut self, connection: usize, event: usize, ack: &AckBuf) {
        let client = self.connection(connection).client;
        let exchange = client.and_then(|client| self.clients[client].exchanges.get(&ack.packet_id));
        let Some(exchange) = exchange.filter(|exchange| exchange.open.is_some()) else { return };
        if let Some(publication) = exchange.publication.and_then(|known| self.publications.get_mut(known)) {
            if ack.reason_code.0 < ReasonCode::UNSPECIFIED_ERROR.0 {
                publication.accepted.get_or_insert(event);
            } else if publication.accepted.is_none() {
                publication.refused.get_or_insert(event);
            }
        }
    }

    fn answered(&mut self, connection: usize, packet_id: u16, note: impl FnOnce(&mut super::client::Exchange)) {
        if let Some(client) = self.connection(connection).client
            && let Some(exchange) = self.clients[client].exchanges.get_mut(&packet_id)
        {
            note(exchange);
        }
    }

    fn received_suback(&mut self, connection: usize, event: usize, suback: &SubAckBuf) {
        let conn = self.connection(connection);
        let Some(request) = conn.subscribes.remove(&suback.packet_id) else { return };
        conn.note_combined(PacketType::SubAck, suback.packet_id, &request, event);
        let Some(session) = conn.session else { return };
        let same_number = request.filters.len() == suback.reason_codes.len();
        let session = &mut self.sessions[session];
        session.unknown |= !same_number;
        for ((filter, _), code) in request.filters.iter().zip(&suback.reason_codes) {
            session.answer(filter, request.event, event, *code);
        }
    }

    fn received_unsuback(&mut self, connection: usize, event: usize, unsuback: &UnsubAckBuf) {
        let conn = self.connection(connection);
        let has_codes = conn.version.has_properties();
        let Some(request) = conn.unsubscribes.remove(&unsuback.packet_id) else { return };
        conn.note_combined(PacketType::UnsubAck, unsuback.packet_id, &request, event);
        let Some(session) = conn.session else { return };
        for (at, filter) in request.filters.iter().enumerate() {
            let removed = !has_codes || unsuback.reason_codes.get(at).is_some_and(|code| code.0 < 0x80);
            if removed {
                self.sessions[session].remove(filter, request.order, event);
            }
        }
    }
}
