//! PUBLISH and PUBREL from clients: the receiving side of QoS 0, 1 and 2 (3.3, 3.6, 4.3).

use std::sync::Arc;

use mqttspec_codec::{AckBuf, PacketType, PropertyId, PropertyList, ProtocolVersion, PublishBuf, QoS, ReasonCode};

use super::api::{Broker, ConnectionId};
use super::message::Message;
use super::{Fault, Variant};
use crate::Time;

impl Broker {
    pub(super) fn take_publish(&mut self, id: ConnectionId, mut publish: PublishBuf, now: Time) {
        let Some(connection) = self.connections.get(&id) else { return };
        let (version, client_id) = (connection.version, connection.client_id.clone());
        if let Err(reason) = self.check_publish(id, &publish) {
            return self.fail(id, reason, now);
        }
        match self.resolve_alias(id, &mut publish) {
            Ok(()) => {}
            Err(reason) => return self.fail(id, reason, now),
        }
        if self.faulty(Fault::StripBom, version) {
            publish.topic = publish.topic.trim_start_matches('\u{FEFF}').to_owned();
        }
        if self.is_confused_by(&client_id, version, publish.packet_id) {
            return;
        }
        let refusal = self.publish_refusal(&publish);
        let packet_id = publish.packet_id.unwrap_or(0);
        let qos = publish.qos;
        let message = Arc::new(Message::from_publish(publish, &client_id, now));
        match qos {
            QoS::AtMostOnce => {
                if self.faulty(Fault::AnswerQos0, version) {
                    self.send_ack(id, PacketType::PubAck, 1, ReasonCode::SUCCESS);
                }
                if refusal.is_none() {
                    self.publish_message(message, version, now);
                }
            }
            QoS::AtLeastOnce => self.take_qos_1(id, packet_id, message, refusal, now),
            QoS::ExactlyOnce => self.take_qos_2(id, packet_id, message, refusal, now),
        }
    }

    /// Fault: the identifier is in use in the other direction.
    fn is_confused_by(&self, client_id: &str, version: ProtocolVersion, packet_id: Option<u16>) -> bool {
        self.faulty(Fault::IdentifiersSharedWithClient, version)
            && self
                .sessions
                .get(client_id)
                .is_some_and(|session| session.in_flight.iter().any(|entry| Some(entry.packet_id) == packet_id))
    }

    /// What ends the connection (3.3.1.2, 3.3.1.3, 3.3.2.3.8, 3.3.4).
    fn check_publish(&self, id: ConnectionId, publish: &PublishBuf) -> Result<(), ReasonCode> {
        let Some(connection) = self.connections.get(&id) else { return Ok(()) };
        let version = connection.version;
        if version != ProtocolVersion::V5_0 {
            return Ok(());
        }
        let faulty = |fault| self.faulty(fault, version);
        let has_identifier = publish.properties.find(PropertyId::SubscriptionIdentifier).is_some();
        if has_identifier && !faulty(Fault::AcceptSubscriptionIdentifierInPublish) {
            return Err(ReasonCode::PROTOCOL_ERROR);
        }
        let undeclared = publish.qos == QoS::ExactlyOnce && faulty(Fault::UndeclaredMaximumQos);
        if publish.qos > self.maximum_qos(version) || undeclared {
            return Err(ReasonCode::QOS_NOT_SUPPORTED);
        }
        if publish.retain && !self.retain_available(version) {
            return Err(ReasonCode::RETAIN_NOT_SUPPORTED);
        }
        let is_new = publish.packet_id.is_some_and(|packet_id| !connection.unreleased.contains(&packet_id));
        let full = connection.unreleased.len() >= usize::from(self.receive_maximum());
        if publish.qos != QoS::AtMostOnce && is_new && full && !faulty(Fault::AcceptAboveReceiveMaximum) {
            return Err(ReasonCode::RECEIVE_MAXIMUM_EXCEEDED);
        }
        Ok(())
    }

    /// Topic Alias from the client (3.3.2.3.4): sets the mapping, or puts the topic in.
    fn resolve_alias(&mut self, id: ConnectionId, publish: &mut PublishBuf) -> Result<(), ReasonCode> {
        let maximum = self.topic_alias_maximum();
        let accepts_any = self.faulty(Fault::AcceptTopicAliasAboveMaximum, ProtocolVersion::V5_0);
        let refuses_highest = self.faulty(Fault::RefuseHighestTopicAlias, ProtocolVersion::V5_0);
        let Some(alias) = publish.properties.integer(PropertyId::TopicAlias) else { return Ok(()) };
        let alias = u16::try_from(alias).unwrap_or(0);
        if (alias > maximum && !accepts_any) || (alias == maximum && refuses_highest) {
            return Err(ReasonCode::TOPIC_ALIAS_INVALID);
        }
        let Some(connection) = self.connections.get_mut(&id) else { return Ok(()) };
        if publish.topic.is_empty() {
            match connection.aliases_in.get(&alias) {
                Some(topic) => publish.topic.clone_from(topic),
                None => return Err(ReasonCode::PROTOCOL_ERROR),
            }
        } else {
            connection.aliases_in.insert(alias, publish.topic.clone());
        }
        Ok(())
    }

    /// Why the broker does not take a message that is sound (3.4.2.1); the connection goes on.
    fn publish_refusal(&self, publish: &PublishBuf) -> Option<ReasonCode> {
        if publish.topic.starts_with("$SYS/") {
            return Some(ReasonCode::NOT_AUTHORIZED);
        }
        if publish.topic.starts_with('$') && self.varies(Variant::DollarTopicsRefused) {
            return Some(ReasonCode::TOPIC_NAME_INVALID);
        }
        let says_text = publish.properties.integer(PropertyId::PayloadFormatIndicator) == Some(1);
        let lies = says_text && std::str::from_utf8(&publish.payload).is_err();
        (lies && self.varies(Variant::PayloadFormatChecked)).then_some(ReasonCode::PAYLOAD_FORMAT_INVALID)
    }

    /// MQTT-4.3.2-4.
    fn take_qos_1(
        &mut self,
        id: ConnectionId,
        packet_id: u16,
        message: Arc<Message>,
        refusal: Option<ReasonCode>,
        now: Time,
    ) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let version = connection.version;
        let Some(session) = self.sessions.get_mut(&connection.client_id) else { return };
        let seen = !session.used_identifiers.insert(packet_id);
        let drops = seen && self.faulty(Fault::Qos1IdentifierNeverFree, version)
            || message.dup && self.faulty(Fault::DropQos1Dup, version);
        let takes = refusal.is_none() && !drops;
        let reason = self.acceptance_reason(refusal, &message, version);
        if self.varies(Variant::DeliverBeforeAcknowledging) {
            if takes {
                self.publish_message(message, version, now);
            }
            self.answer_qos_1(id, packet_id, reason, version);
        } else {
            self.answer_qos_1(id, packet_id, reason, version);
            if takes {
                self.publish_message(message, version, now);
            }
        }
    }

    fn answer_qos_1(&mut self, id: ConnectionId, packet_id: u16, reason: ReasonCode, version: ProtocolVersion) {
        if self.faulty(Fault::NoPubAck, version) {
            return;
        }
        let wrong = self.faulty(Fault::PubAckWrongIdentifier, version);
        let packet_id = if wrong { next_identifier(packet_id) } else { packet_id };
        self.send_ack(id, PacketType::PubAck, packet_id, reason);
    }

    /// MQTT-4.3.3-8 to MQTT-4.3.3-10.
    fn take_qos_2(
        &mut self,
        id: ConnectionId,
        packet_id: u16,
        message: Arc<Message>,
        refusal: Option<ReasonCode>,
        now: Time,
    ) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let (version, client_id) = (connection.version, connection.client_id.clone());
        if self.faulty(Fault::AnswerQos2WithPubAck, version) {
            self.publish_message(message, version, now);
            return self.send_ack(id, PacketType::PubAck, packet_id, ReasonCode::SUCCESS);
        }
        let reason = self.acceptance_reason(refusal, &message, version);
        let never_free = self.faulty(Fault::Qos2IdentifierNeverFree, version);
        let delivers_again = self.faulty(Fault::Qos2DuplicateDelivered, version);
        let at_pubrel = self.varies(Variant::DeliverAtPubRel) || self.faulty(Fault::ExpiredNotCompleted, version);
        let twice = self.faulty(Fault::PubRelForwardsAgain, version);
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let Some(session) = self.sessions.get_mut(&client_id) else { return };
        let used = never_free && session.used_identifiers.contains(&packet_id);
        let duplicate = session.received.contains_key(&packet_id);
        if refusal.is_some() && !duplicate {
            // The identifier is free again at once (MQTT-4.3.3-9).
            return self.answer_qos_2(id, packet_id, reason, version);
        }
        connection.unreleased.insert(packet_id);
        let takes = refusal.is_none() && !used && (!duplicate || delivers_again);
        let now_or_later = if at_pubrel && takes && !duplicate { (None, Some(message)) } else { (Some(message), None) };
        let (at_once, mut later) = now_or_later;
        if twice && takes {
            later = later.or_else(|| at_once.clone());
        }
        session.received.entry(packet_id).or_insert(later);
        let reason = if duplicate { ReasonCode::SUCCESS } else { reason };
        if self.varies(Variant::DeliverBeforeAcknowledging) {
            self.publish_if(takes, at_once, version, now);
            self.answer_qos_2(id, packet_id, reason, version);
        } else {
            self.answer_qos_2(id, packet_id, reason, version);
            self.publish_if(takes, at_once, version, now);
        }
    }

    fn publish_if(&mut self, takes: bool, message: Option<Arc<Message>>, version: ProtocolVersion, now: Time) {
        if let Some(message) = message.filter(|_| takes) {
            self.publish_message(message, version, now);
        }
    }

    fn answer_qos_2(&mut self, id: ConnectionId, packet_id: u16, reason: ReasonCode, version: ProtocolVersion) {
        if self.faulty(Fault::NoPubRec, version) {
            return;
        }
        let wrong = self.faulty(Fault::PubRecWrongIdentifier, version);
        let packet_id = if wrong { next_identifier(packet_id) } else { packet_id };
        self.send_ack(id, PacketType::PubRec, packet_id, reason);
    }

    /// MQTT-4.3.3-11, MQTT-4.3.3-12.
    pub(super) fn take_pubrel(&mut self, id: ConnectionId, ack: &AckBuf, now: Time) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let version = connection.version;
        connection.unreleased.remove(&ack.packet_id);
        let received = self.sessions.get_mut(&connection.client_id).and_then(|session| {
            session.used_identifiers.insert(ack.packet_id);
            session.received.remove(&ack.packet_id)
        });
        let known = received.is_some();
        let expired = received.iter().flatten().any(|message| message.is_expired(now));
        if expired && self.faulty(Fault::ExpiredNotCompleted, version) {
            return;
        }
        if self.faulty(Fault::NoPubComp, version) || (!known && self.faulty(Fault::NoPubCompForUnknown, version)) {
            return;
        }
        let reason = if !known && self.varies(Variant::PubCompNotFound) {
            ReasonCode::PACKET_IDENTIFIER_NOT_FOUND
        } else {
            ReasonCode::SUCCESS
        };
        self.send_ack(id, PacketType::PubComp, ack.packet_id, reason);
        if let Some(message) = received.flatten() {
            self.publish_message(message, version, now);
        }
    }

    /// Reason code of PUBACK and PUBREC (3.4.2.1); 3.x has none and acknowledges what it drops (MQTT-3.3.5-2).
    fn acceptance_reason(
        &self,
        refusal: Option<ReasonCode>,
        message: &Message,
        version: ProtocolVersion,
    ) -> ReasonCode {
        match refusal {
            _ if version != ProtocolVersion::V5_0 => ReasonCode::SUCCESS,
            Some(reason) => reason,
            None if self.varies(Variant::NoMatchingSubscribers) && !self.has_subscribers(message) => {
                ReasonCode::NO_MATCHING_SUBSCRIBERS
            }
            None => ReasonCode::SUCCESS,
        }
    }
}

/// The identifier after this one; never 0.
pub(super) fn next_identifier(packet_id: u16) -> u16 {
    packet_id.checked_add(1).unwrap_or(1)
}
