//! The sending side of QoS 0, 1 and 2 towards clients: flow control, acknowledgements, redelivery (4.3, 4.4, 4.9).

use mqttspec_codec::{AckBuf, PacketBuf, PacketType, PropertyBuf, ProtocolVersion, PublishBuf, QoS, ReasonCode};

use super::api::{Broker, ConnectionId};
use super::connection::Connection;
use super::message::Delivery;
use super::session::{InFlight, Session};
use super::{Fault, FaultSet, Variant};
use crate::Time;

impl Broker {
    /// Prepares what a session has in flight for a new connection, and sends it before anything new (4.4).
    pub(super) fn resume_delivery(&mut self, client_id: &str, now: Time) {
        let Some(version) = self.sessions.get(client_id).map(|s| s.version) else { return };
        let faults = self.faults_in(version);
        let on = |fault| faults.contains(fault);
        let Some(session) = self.sessions.get_mut(client_id) else { return };
        session.hold_until = None;
        if on(Fault::ResumeEmptySession) {
            session.clear();
        }
        if on(Fault::Qos2DuplicateAfterReconnect) {
            session.received.clear();
        }
        session.in_flight.retain(|entry| {
            let expired = entry.delivery.message.is_expired(now);
            !(on(Fault::NoRedelivery) && !entry.released
                || on(Fault::NoPubRelRedelivery) && entry.released
                || on(Fault::SharedForgetsInFlight) && entry.delivery.shared
                || on(Fault::ExpireMessageInFlight) && expired && !entry.released)
        });
        if on(Fault::RedeliverReversed) {
            session.in_flight.reverse();
        }
        for index in 0..session.in_flight.len() {
            let new_id = if on(Fault::RedeliverWithNewIdentifier) { session.unused_packet_id() } else { None };
            let entry = &mut session.in_flight[index];
            entry.sent = false;
            entry.ghost = false;
            entry.packet_id = new_id.unwrap_or(entry.packet_id);
            entry.released = entry.released && !on(Fault::PublishInsteadOfPubRel);
        }
        self.pump(client_id, now);
    }

    /// The faults that are on and break something in `version`.
    fn faults_in(&self, version: ProtocolVersion) -> FaultSet {
        self.config.faults.iter().filter(|fault| fault.statement(version).is_some()).collect()
    }

    /// Sends what the client may be sent now: first what is to be redelivered, in order, then what waits.
    pub(super) fn pump(&mut self, client_id: &str, now: Time) {
        let Some(session) = self.sessions.get(client_id) else { return };
        let Some(id) = session.connection else { return };
        if session.hold_until.is_some_and(|at| at > now) {
            return;
        }
        self.redeliver(client_id, id, now);
        while let Some(delivery) = self.next_delivery(client_id, id, now) {
            self.deliver(client_id, id, delivery, now);
        }
    }

    /// Resends what was in flight when the last connection ended (MQTT-4.4.0-1).
    fn redeliver(&mut self, client_id: &str, id: ConnectionId, now: Time) {
        let mut index = 0;
        loop {
            let quota =
                self.quota_left(client_id, id) || self.config.faults.contains(Fault::RedeliveryIgnoresReceiveMaximum);
            let Some(session) = self.sessions.get_mut(client_id) else { return };
            let Some(entry) = session.in_flight.get_mut(index) else { return };
            index += 1;
            if entry.sent || (!entry.released && !quota) {
                continue;
            }
            entry.sent = true;
            let (packet_id, released, delivery) = (entry.packet_id, entry.released, entry.delivery.clone());
            if released {
                self.send_ack(id, PacketType::PubRel, packet_id, ReasonCode::SUCCESS);
            } else {
                let dup = !self.config.faults.contains(Fault::RedeliverWithoutDup);
                let forgets = self.config.faults.contains(Fault::RedeliveryDropsProperties);
                let delivery = if forgets { delivery.without_properties() } else { delivery };
                if !self.send_publish(id, &delivery, Some(packet_id), dup, now)
                    && let Some(session) = self.sessions.get_mut(client_id)
                {
                    index -= 1;
                    session.in_flight.remove(index);
                }
            }
        }
    }

    /// Fault: resends on a live connection.
    pub(super) fn retransmit(&mut self, client_id: &str, now: Time) {
        let Some(session) = self.sessions.get_mut(client_id) else { return };
        let Some(id) = session.connection else { return };
        let again: Vec<(u16, Delivery)> = session
            .in_flight
            .iter()
            .filter(|entry| !entry.released && entry.sent)
            .map(|entry| (entry.packet_id, entry.delivery.clone()))
            .collect();
        for (packet_id, delivery) in again {
            self.send_publish(id, &delivery, Some(packet_id), true, now);
        }
    }

    /// Fault: resends PUBREL on a live connection.
    pub(super) fn retransmit_pubrel(&mut self, client_id: &str) {
        let Some(session) = self.sessions.get(client_id) else { return };
        let Some(id) = session.connection else { return };
        let again: Vec<u16> = session.in_flight.iter().filter(|e| e.released).map(|e| e.packet_id).collect();
        for packet_id in again {
            self.send_ack(id, PacketType::PubRel, packet_id, ReasonCode::SUCCESS);
        }
    }

    /// Takes the next delivery that may be sent off the queue, and drops those that have expired (MQTT-3.3.2-5).
    fn next_delivery(&mut self, client_id: &str, id: ConnectionId, now: Time) -> Option<Delivery> {
        let quota = self.quota_left(client_id, id);
        let in_line = self.varies(Variant::QosZeroBehindQuota);
        let version = self.sessions.get(client_id)?.version;
        let keeps_expired = self.faulty(Fault::IgnoreMessageExpiry, version);
        let reversed = self.faulty(Fault::BacklogReversed, version);
        if self.connections.get(&id).is_none_or(|connection| connection.blocked) {
            return None;
        }
        let session = self.sessions.get_mut(client_id)?;
        if !keeps_expired {
            session.queue.retain(|delivery| !delivery.message.is_expired(now));
        }
        let may_go = |delivery: &Delivery| quota || delivery.qos == QoS::AtMostOnce;
        let position = if in_line {
            session.queue.front().filter(|delivery| may_go(delivery)).map(|_| 0)
        } else if reversed {
            session.queue.iter().rposition(may_go)
        } else {
            session.queue.iter().position(may_go)
        };
        session.queue.remove(position?)
    }

    /// Whether one more QoS 1 or 2 message may be in flight to the client (4.9, MQTT-3.3.4-9).
    fn quota_left(&self, client_id: &str, id: ConnectionId) -> bool {
        let (Some(session), Some(connection)) = (self.sessions.get(client_id), self.connections.get(&id)) else {
            return false;
        };
        let version = connection.version;
        if self.faulty(Fault::ExceedReceiveMaximum, version) {
            return true;
        }
        let released_count = !self.faulty(Fault::PubRecFreesQuota, version);
        let in_flight = session
            .in_flight
            .iter()
            .filter(|entry| !entry.ghost && if entry.released { released_count } else { entry.sent })
            .count();
        let mut maximum = if self.varies(Variant::OneMessageInFlight) { 1 } else { connection.receive_maximum };
        if self.faulty(Fault::QuotaOneTooSmall, version) {
            maximum -= 1;
        }
        in_flight + connection.lost_quota < usize::from(maximum)
    }

    /// Sends a message for the first time.
    fn deliver(&mut self, client_id: &str, id: ConnectionId, delivery: Delivery, now: Time) {
        let Some(session) = self.sessions.get_mut(client_id) else { return };
        let version = session.version;
        let propagated = delivery.message.dup && self.faulty(Fault::PropagateDup, version);
        if delivery.qos == QoS::AtMostOnce {
            self.send_publish(id, &delivery, None, false, now);
            return;
        }
        let Some(packet_id) = self.new_packet_id(client_id, version) else { return };
        let early = match delivery.qos {
            QoS::ExactlyOnce => Fault::DupAtFirstQos2Delivery,
            _ => Fault::DupAtFirstQos1Delivery,
        };
        let dup = propagated || self.faulty(early, version);
        if self.send_publish(id, &delivery, Some(packet_id), dup, now)
            && let Some(session) = self.sessions.get_mut(client_id)
        {
            session.in_flight.push(InFlight { packet_id, delivery, released: false, sent: true, ghost: false });
        }
    }

    fn new_packet_id(&mut self, client_id: &str, version: ProtocolVersion) -> Option<u16> {
        if self.faulty(Fault::SendPacketIdentifierZero, version) {
            return Some(0);
        }
        if self.faulty(Fault::ReusePacketIdentifier, version) {
            return Some(1);
        }
        self.sessions.get_mut(client_id).and_then(Session::unused_packet_id)
    }

    /// Sends a PUBLISH; `false` when it is too large for the client and counts as delivered (MQTT-3.1.2-25).
    fn send_publish(
        &mut self,
        id: ConnectionId,
        delivery: &Delivery,
        packet_id: Option<u16>,
        dup: bool,
        now: Time,
    ) -> bool {
        let Some(version) = self.connections.get(&id).map(|c| c.version) else { return false };
        let publish = delivery.publish(packet_id, dup, self.faults_in(version), now);
        let aliased = self.with_alias(id, &publish);
        let sent = self.send(id, PacketBuf::Publish(aliased.unwrap_or(publish)));
        if !sent
            && self.faulty(Fault::TooLargeMessageBlocks, version)
            && let Some(connection) = self.connections.get_mut(&id)
        {
            connection.blocked = true;
        }
        sent
    }

    /// The packet with a topic alias, if the broker uses one: with the topic the first time, without it after
    /// (3.3.2.3.4).
    fn with_alias(&mut self, id: ConnectionId, publish: &PublishBuf) -> Option<PublishBuf> {
        let uninvited = self.faulty(Fault::UninvitedTopicAlias, ProtocolVersion::V5_0);
        let beyond = self.faulty(Fault::ExceedTopicAliasMaximum, ProtocolVersion::V5_0);
        let zero = self.faulty(Fault::SendTopicAliasZero, ProtocolVersion::V5_0);
        let uses = self.varies(Variant::ServerTopicAliases);
        let connection: &mut Connection = self.connections.get_mut(&id)?;
        let maximum = connection.topic_alias_maximum;
        if connection.version != ProtocolVersion::V5_0 {
            return None;
        }
        let mut aliased = publish.clone();
        if maximum == 0 {
            uninvited.then(|| aliased.properties.push(PropertyBuf::topic_alias(1)))?;
            return Some(aliased);
        }
        if beyond {
            aliased.properties.push(PropertyBuf::topic_alias(maximum.saturating_add(1)));
            return Some(aliased);
        }
        if zero {
            aliased.properties.push(PropertyBuf::topic_alias(0));
            return Some(aliased);
        }
        if !uses {
            return None;
        }
        if let Some(&alias) = connection.aliases_out.get(&publish.topic) {
            aliased.topic.clear();
            aliased.properties.push(PropertyBuf::topic_alias(alias));
            return Some(aliased);
        }
        let alias = u16::try_from(connection.aliases_out.len()).ok()?.checked_add(1).filter(|&a| a <= maximum)?;
        aliased.properties.push(PropertyBuf::topic_alias(alias));
        // The mapping holds only if the packet that sets it is sent.
        let fits = PacketBuf::Publish(aliased.clone())
            .encoded_len(ProtocolVersion::V5_0)
            .is_ok_and(|len| len <= connection.maximum_packet_size as usize);
        if !fits {
            return None;
        }
        connection.aliases_out.insert(publish.topic.clone(), alias);
        Some(aliased)
    }

    /// MQTT-4.3.2-3.
    pub(super) fn take_puback(&mut self, id: ConnectionId, ack: &AckBuf, now: Time) {
        let Some(connection) = self.connections.get(&id) else { return };
        let (version, client_id) = (connection.version, connection.client_id.clone());
        let refused = ack.reason_code.is_error();
        let keeps =
            self.faulty(Fault::IgnorePubAck, version) || (refused && self.faulty(Fault::RedeliverRefused, version));
        let entry = self.finish(&client_id, ack.packet_id, keeps, |entry| {
            !entry.released && entry.delivery.qos == QoS::AtLeastOnce
        });
        self.lose_quota(id, refused, version);
        self.reassign_refused(entry, refused, &client_id, version, now);
        self.pump(&client_id, now);
    }

    /// Fault: a refused message still counts.
    fn lose_quota(&mut self, id: ConnectionId, refused: bool, version: ProtocolVersion) {
        let loses = refused && self.faulty(Fault::RefusalKeepsQuota, version);
        if loses && let Some(connection) = self.connections.get_mut(&id) {
            connection.lost_quota += 1;
        }
    }

    /// MQTT-4.3.3-4; with an error code the message is done with (MQTT-4.4.0-2).
    pub(super) fn take_pubrec(&mut self, id: ConnectionId, ack: &AckBuf, now: Time) {
        let Some(connection) = self.connections.get(&id) else { return };
        let (version, client_id) = (connection.version, connection.client_id.clone());
        if ack.reason_code.is_error() {
            let keeps = self.faulty(Fault::RedeliverRefused, version);
            let entry = self.finish(&client_id, ack.packet_id, keeps, |entry| {
                !entry.released && entry.delivery.qos == QoS::ExactlyOnce
            });
            self.lose_quota(id, true, version);
            self.reassign_refused(entry, true, &client_id, version, now);
            if self.faulty(Fault::PubRelAfterRefusal, version) {
                self.send_ack(id, PacketType::PubRel, ack.packet_id, ReasonCode::SUCCESS);
            }
            return self.pump(&client_id, now);
        }
        let silent = self.faulty(Fault::NoPubRel, version);
        let abandons = self.faulty(Fault::UnsubscribeAbandonsDelivery, version);
        let Some(session) = self.sessions.get_mut(&client_id) else { return };
        let entry = session
            .in_flight
            .iter_mut()
            .find(|entry| entry.packet_id == ack.packet_id && entry.delivery.qos == QoS::ExactlyOnce);
        let reason = match entry {
            Some(entry) => {
                entry.released = true;
                entry.sent = true;
                ReasonCode::SUCCESS
            }
            None if abandons => return,
            None => ReasonCode::PACKET_IDENTIFIER_NOT_FOUND,
        };
        if !silent && !self.holds_back(id, &client_id, ack.packet_id, version) {
            self.send_ack(id, PacketType::PubRel, ack.packet_id, reason);
            let held = self.connections.get_mut(&id).and_then(|connection| connection.held_pubrel.take());
            if let Some(packet_id) = held {
                self.send_ack(id, PacketType::PubRel, packet_id, ReasonCode::SUCCESS);
            }
        }
        self.pump(&client_id, now);
    }

    /// Fault: this PUBREL is put off until the next, if there is one to come.
    fn holds_back(&mut self, id: ConnectionId, client_id: &str, packet_id: u16, version: ProtocolVersion) -> bool {
        let more_to_come = self.sessions.get(client_id).is_some_and(|session| {
            session.in_flight.iter().any(|entry| !entry.released && entry.delivery.qos == QoS::ExactlyOnce)
        });
        let holds = more_to_come && self.faulty(Fault::PubRelsOutOfOrder, version);
        match self.connections.get_mut(&id) {
            Some(connection) if holds && connection.held_pubrel.is_none() => {
                connection.held_pubrel = Some(packet_id);
                true
            }
            _ => false,
        }
    }

    /// MQTT-4.3.3-5.
    pub(super) fn take_pubcomp(&mut self, id: ConnectionId, ack: &AckBuf, now: Time) {
        let Some(connection) = self.connections.get(&id) else { return };
        let (version, client_id) = (connection.version, connection.client_id.clone());
        let keeps = self.faulty(Fault::IgnorePubComp, version);
        self.finish(&client_id, ack.packet_id, keeps, |entry| entry.released);
        self.pump(&client_id, now);
    }

    /// Ends the delivery of the message with this identifier, unless a fault keeps it for redelivery.
    fn finish(
        &mut self,
        client_id: &str,
        packet_id: u16,
        keeps: bool,
        is_it: impl Fn(&InFlight) -> bool,
    ) -> Option<InFlight> {
        let session = self.sessions.get_mut(client_id)?;
        let index = session.in_flight.iter().position(|entry| entry.packet_id == packet_id && is_it(entry))?;
        if keeps {
            session.in_flight[index].ghost = true;
            return None;
        }
        Some(session.in_flight.remove(index))
    }

    fn reassign_refused(
        &mut self,
        entry: Option<InFlight>,
        refused: bool,
        client_id: &str,
        version: ProtocolVersion,
        now: Time,
    ) {
        if let Some(entry) = entry
            && refused
            && entry.delivery.shared
            && self.faulty(Fault::SharedReassignsRefused, version)
        {
            self.reassign(entry.delivery, client_id, now);
        }
    }
}
