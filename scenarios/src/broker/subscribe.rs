//! SUBSCRIBE and UNSUBSCRIBE (3.8 to 3.11).

use mqttspec_codec::{
    PacketBuf, PropertyId, PropertyList, ProtocolVersion, QoS, ReasonCode, RetainHandling, SubAckBuf, SubscribeBuf,
    SubscriptionBuf, SubscriptionOptions, UnsubAckBuf, UnsubscribeBuf, topic,
};

use super::api::{Broker, ConnectionId};
use super::matching::shared_parts;
use super::message::Delivery;
use super::publish::next_identifier;
use super::session::Subscription;
use super::{Fault, Variant};
use crate::Time;

impl Broker {
    pub(super) fn take_subscribe(&mut self, id: ConnectionId, subscribe: SubscribeBuf, now: Time) {
        let Some(connection) = self.connections.get(&id) else { return };
        let (version, client_id) = (connection.version, connection.client_id.clone());
        let identifier = subscribe.properties.integer(PropertyId::SubscriptionIdentifier);
        if let Some(reason) = self.unsupported_subscription(&subscribe, version) {
            return self.fail(id, reason, now);
        }
        let mut codes = Vec::new();
        let mut retained = Vec::new();
        for (index, wanted) in subscribe.filters.iter().enumerate() {
            if index > 0 && self.faulty(Fault::SubscribeFirstFilterOnly, version) {
                codes.push(ReasonCode(wanted.options.qos.value()));
                continue;
            }
            codes.push(self.subscribe(&client_id, version, wanted, identifier, &mut retained, now));
        }
        self.spoil_suback(version, &subscribe, &mut codes);
        let wrong = self.faulty(Fault::SubAckWrongIdentifier, version);
        let packet_id = if wrong { next_identifier(subscribe.packet_id) } else { subscribe.packet_id };
        let suback = PacketBuf::SubAck(SubAckBuf { packet_id, properties: Vec::new(), reason_codes: codes });
        if self.varies(Variant::PublishBeforeSubAck) {
            self.enqueue_all(&client_id, retained, now);
            retained = Vec::new();
        }
        if !self.faulty(Fault::NoSubAck, version) && !self.send(id, suback) {
            return self.disconnect(id, ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR, now);
        }
        self.enqueue_all(&client_id, retained, now);
    }

    /// In 5.0 a capability that CONNACK denied must not be used: that is a protocol error (3.2.2.3.11 to 3.2.2.3.13).
    fn unsupported_subscription(&self, subscribe: &SubscribeBuf, version: ProtocolVersion) -> Option<ReasonCode> {
        if version != ProtocolVersion::V5_0 || self.faulty(Fault::GrantUnavailable, version) {
            return None;
        }
        let identified = subscribe.properties.find(PropertyId::SubscriptionIdentifier).is_some();
        let any = |has: fn(&str) -> bool| subscribe.filters.iter().any(|wanted| has(&wanted.filter));
        if identified && self.varies(Variant::CapabilityNoSubscriptionIdentifiers) {
            Some(ReasonCode::SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED)
        } else if any(|f| topic::parse_shared(f).is_some()) && self.varies(Variant::CapabilityNoSharedSubscriptions) {
            Some(ReasonCode::SHARED_SUBSCRIPTIONS_NOT_SUPPORTED)
        } else if any(|f| f.contains(['+', '#'])) && !self.wildcards_available(version) {
            Some(ReasonCode::WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED)
        } else {
            None
        }
    }

    fn enqueue_all(&mut self, client_id: &str, deliveries: Vec<Delivery>, now: Time) {
        for delivery in deliveries {
            self.enqueue(client_id, delivery, now);
        }
    }

    /// One filter of a SUBSCRIBE, as if it had come alone (MQTT-3.8.4-5): returns its code.
    fn subscribe(
        &mut self,
        client_id: &str,
        version: ProtocolVersion,
        wanted: &SubscriptionBuf,
        identifier: Option<u32>,
        retained: &mut Vec<Delivery>,
        now: Time,
    ) -> ReasonCode {
        if let Some(refusal) = self.subscription_refusal(client_id, version, wanted) {
            return refusal;
        }
        let mut options = wanted.options;
        options.qos = options.qos.min(self.maximum_qos(version));
        if self.varies(Variant::GrantedQosLowered) {
            options.qos = options.qos.min(QoS::AtLeastOnce);
        }
        let granted = options.qos;
        let mut subscription = Subscription { options, identifier, order: self.subscribed, times: 1 };
        self.subscribed += 1;
        let keeps_qos = self.faulty(Fault::ResubscribeKeepsQos, version);
        let keeps_identifier = self.faulty(Fault::ResubscribeKeepsIdentifier, version);
        let keeps_options = self.faulty(Fault::ResubscribeKeepsOptions, version);
        let drops_queued = self.faulty(Fault::ResubscribeDropsQueued, version);
        let retained_to_shared = self.faulty(Fault::RetainedToShared, version);
        let Some(session) = self.sessions.get_mut(client_id) else { return ReasonCode::UNSPECIFIED_ERROR };
        // Empty but for a fault.
        subscription.identifier = identifier.or(session.ended_identifiers.get(&wanted.filter).copied());
        if drops_queued && session.subscriptions.contains_key(&wanted.filter) {
            session.queue.clear();
        }
        let old = session.subscriptions.get(&wanted.filter);
        let existed = old.is_some();
        if let Some(old) = old {
            // The new subscription replaces the old one completely (MQTT-3.8.4-3), but keeps its place in the group.
            subscription.order = old.order;
            subscription.times = old.times + 1;
            if keeps_qos {
                subscription.options.qos = old.options.qos;
            }
            if keeps_options {
                subscription.options.no_local = old.options.no_local;
                subscription.options.retain_as_published = old.options.retain_as_published;
            }
            if keeps_identifier {
                subscription.identifier = old.identifier;
            }
        }
        session.subscriptions.insert(wanted.filter.clone(), subscription.clone());
        // No retained messages for Shared Subscriptions (3.8.4).
        let shared = shared_parts(&wanted.filter, version);
        if (shared.is_none() || retained_to_shared) && self.sends_retained(&options, existed, version) {
            let filter = shared.map_or(wanted.filter.as_str(), |shared| shared.filter);
            retained.extend(self.retained_for(filter, &subscription, version, now));
        }
        ReasonCode(granted.value())
    }

    /// Retain Handling (3.8.3.1); in 3.x retained messages are always sent.
    fn sends_retained(&self, options: &SubscriptionOptions, existed: bool, version: ProtocolVersion) -> bool {
        let faulty = |fault| self.faulty(fault, version);
        if faulty(Fault::RetainedNotSent) || (existed && faulty(Fault::ResubscribeSkipsRetained)) {
            return false;
        }
        match options.retain_handling {
            RetainHandling::SendAtSubscribe => true,
            RetainHandling::SendIfNew if faulty(Fault::RetainHandling1SendsNever) => false,
            RetainHandling::SendIfNew => !existed || faulty(Fault::RetainHandling1SendsAlways),
            RetainHandling::DoNotSend => faulty(Fault::RetainHandling2Sends),
        }
    }

    fn subscription_refusal(
        &self,
        client_id: &str,
        version: ProtocolVersion,
        wanted: &SubscriptionBuf,
    ) -> Option<ReasonCode> {
        let session = self.sessions.get(client_id)?;
        let is_new = !session.subscriptions.contains_key(&wanted.filter);
        let reason = if wanted.filter.contains(['+', '#'])
            && !self.wildcards_available(version)
            && !self.faulty(Fault::GrantUnavailable, version)
        {
            ReasonCode::WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED
        } else if wanted.options.qos == QoS::ExactlyOnce && self.faulty(Fault::MaximumQosLimitsSubscribe, version) {
            ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR
        } else if is_new && session.subscriptions.len() >= self.config.maximum_subscriptions {
            ReasonCode::QUOTA_EXCEEDED
        } else {
            return None;
        };
        // 3.1.1 knows one code for failure; 3.1 knows none and grants QoS 0 to what it does not serve.
        Some(match version {
            ProtocolVersion::V5_0 => reason,
            ProtocolVersion::V3_1_1 => ReasonCode::UNSPECIFIED_ERROR,
            ProtocolVersion::V3_1 => ReasonCode::GRANTED_QOS_0,
        })
    }

    fn spoil_suback(&self, version: ProtocolVersion, subscribe: &SubscribeBuf, codes: &mut Vec<ReasonCode>) {
        let faulty = |fault| self.faulty(fault, version);
        if faulty(Fault::SubAckTooFewCodes) {
            codes.truncate(1);
        }
        if faulty(Fault::SubAckReversed) {
            codes.reverse();
        }
        if faulty(Fault::SubAckUndefinedReason) {
            codes.fill(ReasonCode(0x03));
        }
        if faulty(Fault::SubAckGrantsTooMuch) {
            for (code, wanted) in codes.iter_mut().zip(&subscribe.filters) {
                if !code.is_error() && wanted.options.qos < QoS::ExactlyOnce {
                    *code = ReasonCode::GRANTED_QOS_2;
                }
            }
        }
    }

    /// UNSUBSCRIBE (3.10.4).
    pub(super) fn take_unsubscribe(&mut self, id: ConnectionId, unsubscribe: &UnsubscribeBuf, now: Time) {
        let Some(connection) = self.connections.get(&id) else { return };
        let (version, client_id) = (connection.version, connection.client_id.clone());
        let mut codes = Vec::new();
        let mut removed = false;
        for (index, filter) in unsubscribe.filters.iter().enumerate() {
            let skipped = index > 0 && self.faulty(Fault::UnsubscribeFirstFilterOnly, version);
            let existed = !skipped && self.unsubscribe(&client_id, version, filter);
            removed |= existed;
            let success = existed || skipped || self.varies(Variant::UnsubAckSuccessAlways);
            codes.push(if success { ReasonCode::SUCCESS } else { ReasonCode::NO_SUBSCRIPTION_EXISTED });
        }
        if self.faulty(Fault::UnsubAckReversed, version) {
            codes.reverse();
        }
        if self.faulty(Fault::UnsubAckUndefinedReason, version) {
            codes.fill(ReasonCode(0x01));
        }
        let silent =
            self.faulty(Fault::NoUnsubAck, version) || (!removed && self.faulty(Fault::NoUnsubAckForNothing, version));
        let wrong = self.faulty(Fault::UnsubAckWrongIdentifier, version);
        let packet_id = if wrong { next_identifier(unsubscribe.packet_id) } else { unsubscribe.packet_id };
        let unsuback = UnsubAckBuf { packet_id, properties: Vec::new(), reason_codes: codes };
        if !silent && !self.send(id, PacketBuf::UnsubAck(unsuback)) {
            self.disconnect(id, ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR, now);
        }
    }

    /// Removes the subscription with exactly this filter (MQTT-3.10.4-1); returns whether there was one.
    fn unsubscribe(&mut self, client_id: &str, version: ProtocolVersion, filter: &str) -> bool {
        let ignored = self.faulty(Fault::UnsubscribeIgnored, version);
        let by_matching = self.faulty(Fault::UnsubscribeByMatching, version);
        let abandons = self.faulty(Fault::UnsubscribeAbandonsDelivery, version);
        let keeps_identifier = self.faulty(Fault::UnsubscribeKeepsIdentifier, version);
        let Some(session) = self.sessions.get_mut(client_id) else { return false };
        let existed = session.subscriptions.contains_key(filter);
        if ignored {
            return existed;
        }
        if abandons {
            session.in_flight.retain(|entry| entry.delivery.filter != filter);
        }
        if by_matching {
            session.subscriptions.retain(|held, _| held != filter && !topic::matches(filter, held));
        } else {
            let ended = session.subscriptions.remove(filter);
            let identifier = ended.and_then(|subscription| subscription.identifier).filter(|_| keeps_identifier);
            if let Some(identifier) = identifier {
                session.ended_identifiers.clear();
                session.ended_identifiers.insert(filter.to_owned(), identifier);
            }
        }
        existed
    }
}
