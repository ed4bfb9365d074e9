//! Follows what we send: what it entitles the target to, and whether it was allowed at all.

use std::collections::BTreeMap;

use mqttspec_codec::{
    AckBuf, AuthBuf, ConnectBuf, PacketBuf, PacketType, PropertyId, PropertyList, ProtocolVersion, PublishBuf, QoS,
    ReasonCode, SubscribeBuf, UnsubscribeBuf,
};

use super::connection::{Connection, MAX_ALIASES, Request};
use super::publications::{Publication, Source, preview};
use super::published::{Digest, Sending};
use super::session::{Origin, Record};
use super::state::State;

/// A frame that we sent.
pub(super) enum Sent {
    /// A packet of this many bytes.
    Packet(PacketBuf, usize),
    /// One that does not decode; empty when it is not even a frame.
    Unreadable(Vec<u8>),
}

impl State {
    /// We sent `bytes`; packets may be split over several calls. To be followed by [`next_sent`](Self::next_sent) until
    /// it has no more.
    pub(super) fn take_outgoing(&mut self, connection: usize, bytes: &[u8]) {
        let conn = self.connection(connection);
        conn.spoke |= !bytes.is_empty();
        conn.has_begun = !conn.outgoing.buffered().is_empty();
        conn.outgoing.push(bytes);
    }

    /// Follows the next whole packet of what we sent.
    pub(super) fn next_sent(&mut self, connection: usize, event: usize) -> Option<Sent> {
        let conn = self.connection(connection);
        if conn.unframeable_sent {
            return None;
        }
        match conn.outgoing.next_frame() {
            Ok(Some(frame)) => {
                conn.sent_in_pieces = std::mem::take(&mut conn.has_begun);
                Some(self.sent_frame(connection, event, frame.to_vec()))
            }
            Ok(None) => None,
            Err(_) => {
                conn.unframeable_sent = true;
                self.sent_unreadable(connection, event);
                Some(Sent::Unreadable(Vec::new()))
            }
        }
    }

    fn sent_frame(&mut self, connection: usize, event: usize, frame: Vec<u8>) -> Sent {
        let packet_type = frame.first().and_then(|byte| PacketType::from_value(byte >> 4));
        let conn = self.connection(connection);
        let version = conn.version;
        if packet_type == Some(PacketType::Connect) {
            conn.connects += 1;
            conn.connect_event.get_or_insert(event);
        }
        match PacketBuf::decode(&frame, version) {
            Ok(packet) => {
                self.sent_packet(connection, event, frame.len(), &packet);
                Sent::Packet(packet, frame.len())
            }
            Err(_) => {
                self.sent_unreadable(connection, event);
                Sent::Unreadable(frame)
            }
        }
    }

    /// Something malformed: the target may take it for anything.
    fn sent_unreadable(&mut self, connection: usize, event: usize) {
        let conn = self.connection(connection);
        conn.taint(event);
        let session = conn.session;
        self.lose_session(session);
        self.published.lose_track();
        self.publications.lose_track();
    }

    fn sent_packet(&mut self, connection: usize, event: usize, len: usize, packet: &PacketBuf) {
        self.sent += 1;
        let conn = self.connection(connection);
        let too_large = conn.told(PropertyId::MaximumPacketSize).is_some_and(|max| len > max as usize);
        let early = conn.connects == 0 && conn.joined.is_none();
        let late = conn.disconnected_by_us.is_some();
        if too_large || early || late {
            conn.taint(event);
        }
        match packet {
            PacketBuf::Connect(connect) => self.sent_connect(connection, event, connect.clone()),
            PacketBuf::Publish(publish) => self.sent_publish(connection, event, publish),
            PacketBuf::PubAck(ack) => self.sent_final_ack(connection, event, ack, QoS::AtLeastOnce),
            PacketBuf::PubRec(ack) => self.sent_pubrec(connection, event, ack),
            PacketBuf::PubRel(ack) => {
                if let Some(client) = conn.client {
                    if let Some(exchange) = self.clients[client].exchanges.get_mut(&ack.packet_id) {
                        exchange.released = true;
                    }
                    self.clients[client].releases.entry(ack.packet_id).or_default().sent += 1;
                }
            }
            PacketBuf::PubComp(ack) => self.sent_final_ack(connection, event, ack, QoS::ExactlyOnce),
            PacketBuf::Subscribe(subscribe) => self.sent_subscribe(connection, event, subscribe),
            PacketBuf::Unsubscribe(unsubscribe) => self.sent_unsubscribe(connection, event, unsubscribe.clone()),
            PacketBuf::PingReq => conn.pings += 1,
            PacketBuf::Disconnect(disconnect) => {
                conn.disconnected_by_us.get_or_insert(event);
                conn.expiry_at_disconnect = disconnect.properties.integer(PropertyId::SessionExpiryInterval);
            }
            PacketBuf::Auth(auth) => sent_auth(conn, event, auth),
            PacketBuf::ConnAck(_) | PacketBuf::SubAck(_) | PacketBuf::UnsubAck(_) | PacketBuf::PingResp => {
                conn.taint(event);
            }
        }
        // What was sent on a tainted connection may have been taken for something else.
        let conn = self.connection(connection);
        if conn.tainted.is_some() {
            let session = conn.session;
            self.lose_session(session);
            if late || early {
                self.published.lose_track();
                self.publications.lose_track();
            }
        }
    }

    fn sent_connect(&mut self, connection: usize, event: usize, connect: ConnectBuf) {
        let conn = self.connection(connection);
        if conn.connects > 1 || conn.tainted.is_some() || conn.joined.is_some() {
            conn.taint(event);
            return;
        }
        conn.version = connect.version;
        let client = self.client(&connect.client_id);
        let session = self.begin_session();
        let known = &mut self.clients[client];
        known.connections += 1;
        known.unclear |= known.waiting > 0;
        known.waiting += 1;
        if connect.clean_start {
            known.forget_open(event);
        }
        if let Some(will) = &connect.will {
            let sending =
                Sending { qos: will.qos, retain: will.retain, dup: false, will: true, client: Some(client), event };
            self.published.record(Digest::of(&will.topic, &will.payload), sending);
        }
        let past_unseen = self.partial && !connect.clean_start;
        let conn = self.connection(connection);
        conn.past_unseen = past_unseen;
        conn.client = Some(client);
        conn.session = Some(session);
        conn.connect = Some(connect);
    }

    fn sent_publish(&mut self, connection: usize, event: usize, publish: &PublishBuf) {
        let conn = self.connection(connection);
        let alias = publish.properties.integer(PropertyId::TopicAlias).and_then(|alias| u16::try_from(alias).ok());
        let alias_maximum = conn.told(PropertyId::TopicAliasMaximum).unwrap_or(0);
        let topic = conn.own_topic_of(publish).map(str::to_owned);
        // Of a connection that was joined, neither the aliases are known nor how many the target allows.
        let alias_wrong = topic.is_none() || alias.is_some_and(|alias| u32::from(alias) > alias_maximum);
        let not_allowed = (alias_wrong && conn.joined.is_none())
            || publish.qos > conn.maximum_qos()
            || (publish.retain && conn.told(PropertyId::RetainAvailable) == Some(0))
            || publish.properties.find(PropertyId::SubscriptionIdentifier).is_some();
        if not_allowed {
            conn.taint(event);
        }
        let Some(topic) = topic else {
            self.publications.lose_track();
            return self.published.lose_track();
        };
        if let Some(alias) = alias
            && (conn.own_aliases.len() < MAX_ALIASES || conn.own_aliases.contains_key(&alias))
        {
            conn.own_aliases.insert(alias, topic.clone());
        }
        let client = conn.client;
        let requested = publish
            .packet_id
            .is_some_and(|id| conn.subscribes.contains_key(&id) || conn.unsubscribes.contains_key(&id));
        let digest = Digest::of(&topic, &publish.payload);
        let PublishBuf { qos, retain, dup, .. } = *publish;
        self.connection(connection).published.extend(publish.packet_id);
        self.published.record(digest, Sending { qos, retain, dup, will: false, client, event });
        let doubtful = not_allowed || self.connection(connection).tainted.is_some() || client.is_none();
        let publication = Publication {
            topic,
            digest,
            preview: preview(&publish.payload),
            payload_len: publish.payload.len(),
            qos,
            retain,
            properties: publish.properties.clone(),
            client,
            connection,
            source: Source::Publish,
            testament: None,
            event,
            at: self.now,
            repeats: Vec::new(),
            accepted: None,
            refused: None,
            doubtful,
        };
        let (Some(client), Some(id)) = (client, publish.packet_id) else {
            self.publications.add(publication);
            return;
        };
        let exchange = self.clients[client].exchanges.entry(id).or_default();
        let repeated = dup && exchange.open == Some((qos, digest));
        let reused = exchange.open.is_some() && !repeated;
        if qos == QoS::AtLeastOnce {
            exchange.qos1 += 1;
        } else {
            exchange.qos2 += 1;
        }
        exchange.open = Some((qos, digest));
        exchange.event = event;
        match exchange.publication.filter(|_| repeated).and_then(|known| self.publications.get_mut(known)) {
            Some(known) => {
                known.repeats.push(event);
                known.doubtful |= doubtful;
            }
            None => {
                exchange.released = false;
                exchange.publication = self.publications.add(publication);
            }
        }
        if reused || requested {
            self.connection(connection).taint(event);
            let publication = self.clients[client].exchanges.get(&id).and_then(|exchange| exchange.publication);
            if let Some(known) = publication.and_then(|known| self.publications.get_mut(known)) {
                known.doubtful = true;
            }
        }
    }

    /// PUBACK or PUBCOMP: the delivery is over for us.
    fn sent_final_ack(&mut self, connection: usize, event: usize, ack: &AckBuf, qos: QoS) {
        let wrong = self.in_flight_qos(connection, ack.packet_id).is_some_and(|actual| actual != qos);
        let conn = self.connection(connection);
        if wrong {
            conn.taint(event);
        }
        conn.unacknowledged.remove(&ack.packet_id);
        self.end_delivery(connection, ack.packet_id);
    }

    fn sent_pubrec(&mut self, connection: usize, event: usize, ack: &AckBuf) {
        let wrong = self.in_flight_qos(connection, ack.packet_id) == Some(QoS::AtLeastOnce);
        let refused = ack.reason_code.0 >= ReasonCode::UNSPECIFIED_ERROR.0;
        let conn = self.connection(connection);
        if wrong {
            conn.taint(event);
        }
        *conn.releases_due.entry(ack.packet_id).or_default() += 1;
        if refused {
            conn.unacknowledged.remove(&ack.packet_id);
        } else if let Some(recorded) = conn.unacknowledged.get_mut(&ack.packet_id) {
            *recorded = true;
        }
        if let Some(client) = conn.client {
            self.clients[client].recorded.insert(ack.packet_id);
        }
        if refused {
            self.end_delivery(connection, ack.packet_id);
        }
    }

    /// The QoS of the delivery that we are answering.
    fn in_flight_qos(&self, connection: usize, packet_id: u16) -> Option<QoS> {
        let session = self.connections.get(&connection)?.session?;
        self.sessions[session].in_flight.get(&packet_id).map(|delivery| delivery.qos)
    }

    /// Forgets a delivery, also in a session that took it over from this connection meanwhile: the target may have
    /// read our acknowledgement before it moved the session.
    fn end_delivery(&mut self, connection: usize, packet_id: u16) {
        let conn = self.connection(connection);
        let (own, client) = (conn.session, conn.client);
        let current = client.and_then(|client| self.clients[client].session);
        if let Some(session) = own {
            self.sessions[session].in_flight.remove(&packet_id);
        }
        if let Some(session) = current {
            let in_flight = &mut self.sessions[session].in_flight;
            if in_flight.get(&packet_id).is_some_and(|delivery| delivery.connection == connection) {
                in_flight.remove(&packet_id);
            }
        }
    }

    fn sent_subscribe(&mut self, connection: usize, event: usize, subscribe: &SubscribeBuf) {
        let identifier = subscribe.properties.integer(PropertyId::SubscriptionIdentifier);
        let busy = self.busy(connection, subscribe.packet_id);
        let order = self.sent;
        let conn = self.connection(connection);
        let version = conn.version;
        let lacks = |id| conn.told(id) == Some(0);
        let wildcard = subscribe.filters.iter().any(|s| s.filter.contains(['+', '#']));
        let shared =
            version == ProtocolVersion::V5_0 && subscribe.filters.iter().any(|s| s.filter.starts_with("$share/"));
        let not_offered = (identifier.is_some() && lacks(PropertyId::SubscriptionIdentifierAvailable))
            || (wildcard && lacks(PropertyId::WildcardSubscriptionAvailable))
            || (shared && lacks(PropertyId::SharedSubscriptionAvailable));
        if busy || not_offered {
            conn.taint(event);
        }
        let filters = subscribe.filters.iter().map(|s| (s.filter.clone(), s.options)).collect();
        conn.subscribes.insert(subscribe.packet_id, Request { event, order, filters });
        let Some(session) = conn.session else { return };
        for subscription in &subscribe.filters {
            let options = subscription.options;
            let record = Record { options, identifier, asked: event, order, answer: None };
            self.sessions[session].subscribe(&subscription.filter, version, record);
        }
    }

    fn sent_unsubscribe(&mut self, connection: usize, event: usize, unsubscribe: UnsubscribeBuf) {
        let busy = self.busy(connection, unsubscribe.packet_id);
        let order = self.sent;
        let conn = self.connection(connection);
        if busy {
            conn.taint(event);
        }
        conn.unsubscribes.insert(unsubscribe.packet_id, Request { event, order, filters: unsubscribe.filters });
    }

    /// Whether we have this Packet Identifier in use.
    fn busy(&self, connection: usize, packet_id: u16) -> bool {
        let Some(conn) = self.connections.get(&connection) else { return false };
        let exchange = conn.client.and_then(|client| self.clients[client].exchanges.get(&packet_id));
        conn.subscribes.contains_key(&packet_id)
            || conn.unsubscribes.contains_key(&packet_id)
            || exchange.is_some_and(|exchange| exchange.open.is_some())
    }

    /// How many QoS 2 messages sent on the connection the Server certainly still counts: it has taken them, and their PUBREL
    /// was not sent (4.9). One that is not answered may have been refused, and counts no more then.
    pub(super) fn held_open(&self, connection: &Connection) -> usize {
        let exchanges = connection.client.map(|client| &self.clients[client].exchanges);
        let held = exchanges.into_iter().flat_map(BTreeMap::values).filter(|exchange| {
            let publication = exchange.publication.and_then(|known| self.publications.get(known));
            exchange.open.is_some_and(|(qos, _)| qos == QoS::ExactlyOnce)
                && !exchange.released
                && publication.is_some_and(|publication| {
                    publication.connection == connection.index && publication.accepted.is_some()
                })
        });
        held.count()
    }

    /// The session may hold anything from now on.
    fn lose_session(&mut self, session: Option<usize>) {
        if let Some(session) = session {
            self.sessions[session].unknown = true;
        }
    }

    /// The CONNECT of `connection` was answered: its session begins or goes on.
    pub(super) fn settle_session(&mut self, connection: usize, accepted: bool, session_present: bool) {
        let conn = self.connection(connection);
        let (Some(client), Some(session)) = (conn.client, conn.session) else { return };
        let tells = conn.version != ProtocolVersion::V3_1;
        let clean = conn.connect.as_ref().is_some_and(|connect| connect.clean_start);
        let begun = conn.connect_event.unwrap_or(usize::MAX);
        let known = &mut self.clients[client];
        known.waiting = known.waiting.saturating_sub(1);
        if !accepted {
            return;
        }
        let earlier = known.session;
        let overlapped = known.unclear;
        let unclear = overlapped || (!tells && !clean);
        let resumed = session_present || unclear;
        if !resumed {
            known.forget_open(begun);
            self.connection(connection).past_unseen = false;
        }
        let known = &mut self.clients[client];
        known.session = Some(session);
        // Somebody else may have used it meanwhile.
        let in_doubt = self.partial && resumed;
        let earlier = earlier.filter(|_| !in_doubt).map(|earlier| self.sessions[earlier].clone());
        let session = &mut self.sessions[session];
        session.origin = match (unclear, session_present) {
            (true, _) => Origin::Unclear,
            (false, true) => Origin::Resumed,
            (false, false) => Origin::Fresh,
        };
        // Nobody knows in which order the target took the connections, and so what each did to the session.
        session.unknown |= overlapped || in_doubt;
        match earlier {
            Some(earlier) if resumed => session.absorb(&earlier),
            // A session that we never began: of an earlier run, perhaps.
            None if session_present => session.unknown = true,
            _ => {}
        }
    }
}

fn sent_auth(conn: &mut Connection, event: usize, auth: &AuthBuf) {
    if conn.joined.is_some() {
        conn.reauthenticated = true;
        return;
    }
    let method = conn.connect.as_ref().and_then(|connect| connect.properties.text(PropertyId::AuthenticationMethod));
    if method.is_none() || method != auth.properties.text(PropertyId::AuthenticationMethod) {
        conn.taint(event);
    }
    conn.challenged = false;
    conn.reauthenticated |= auth.reason_code == ReasonCode::RE_AUTHENTICATE;
}
