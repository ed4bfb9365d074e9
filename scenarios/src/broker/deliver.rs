//! From a message to the clients that are owed it (3.3.4, 4.5, 4.8.2).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use mqttspec_codec::{ProtocolVersion, QoS, SubscriptionOptions};

use super::api::Broker;
use super::matching::shared_parts;
use super::message::{Delivery, Message};
use super::session::{Session, Subscription};
use super::{Fault, Variant};
use crate::Time;

/// How long variant [`Variant::DelayedDelivery`] waits.
const DELIVERY_DELAY: Duration = Duration::from_millis(5);

impl Broker {
    /// Publishes a message: retains it if it says so, and hands it to every matching subscription.
    ///
    /// `version` is that of its publisher.
    pub(super) fn publish_message(&mut self, message: Arc<Message>, version: ProtocolVersion, now: Time) {
        self.retain(&message, version);
        let is_empty_retained = message.retain && message.payload.is_empty();
        if is_empty_retained && self.faulty(Fault::EmptyRetainedNotForwarded, version) {
            return;
        }
        let mut deliveries = Vec::new();
        for session in self.sessions.values() {
            let copies = self.copies_for(session, &message);
            if copies.is_empty() {
                continue;
            }
            deliveries.extend(copies.into_iter().map(|copy| (session.client_id.clone(), copy)));
            if self.faulty(Fault::FirstSubscriberOnly, session.version) {
                break;
            }
        }
        self.add_shared_deliveries(&message, &mut deliveries);
        for (client_id, delivery) in deliveries {
            self.enqueue(&client_id, delivery, now);
        }
    }

    /// Whether anybody would get the message.
    pub(super) fn has_subscribers(&self, message: &Message) -> bool {
        self.sessions.values().any(|session| {
            session.subscriptions.keys().any(|filter| {
                let filter = shared_parts(filter, session.version).map_or(filter.as_str(), |shared| shared.filter);
                self.filter_matches(filter, &message.topic, session.version)
            })
        })
    }

    /// The copies that the Non-shared Subscriptions of one session are owed (3.3.4).
    fn copies_for(&self, session: &Session, message: &Arc<Message>) -> Vec<Delivery> {
        let version = session.version;
        let faulty = |fault| self.faulty(fault, version);
        let matching: Vec<(&String, &Subscription)> = session
            .subscriptions
            .iter()
            .filter(|(filter, subscription)| {
                let is_own = message.publisher == session.client_id;
                shared_parts(filter, version).is_none()
                    && self.filter_matches(filter, &message.topic, version)
                    && !(subscription.options.no_local && is_own && !faulty(Fault::IgnoreNoLocal))
            })
            .collect();
        let Some(&(first, first_subscription)) = matching.first() else { return Vec::new() };
        let several = self.varies(Variant::OverlapSeveralCopies) || faulty(Fault::CopiesShareIdentifier);
        if several || faulty(Fault::ResubscribeAdds) {
            let mut copies = Vec::new();
            for (filter, subscription) in &matching {
                let mut copy = self.copy(message, filter, &subscription.options, version);
                copy.subscription_identifiers = subscription.identifier.into_iter().collect();
                if faulty(Fault::CopiesShareIdentifier) {
                    copy.subscription_identifiers = first_subscription.identifier.into_iter().collect();
                }
                let times = if faulty(Fault::ResubscribeAdds) { subscription.times } else { 1 };
                copies.extend(std::iter::repeat_n(copy, times));
            }
            return self.without_identifiers_if_faulty(copies, version);
        }
        // One copy that respects the highest QoS of all (MQTT-3.3.4-2), with all identifiers (MQTT-3.3.4-4).
        let qos = matching.iter().map(|(_, s)| s.options.qos);
        let qos = if faulty(Fault::OverlapLowestQos) { qos.min() } else { qos.max() };
        let options = SubscriptionOptions {
            qos: qos.unwrap_or_default(),
            retain_as_published: matching.iter().any(|(_, s)| s.options.retain_as_published),
            ..SubscriptionOptions::default()
        };
        let mut copy = self.copy(message, first, &options, version);
        copy.subscription_identifiers = matching.iter().filter_map(|(_, s)| s.identifier).collect();
        if faulty(Fault::LeakSubscriptionIdentifier) {
            let latest = session.subscriptions.values().filter(|s| s.identifier.is_some()).max_by_key(|s| s.order);
            copy.subscription_identifiers = latest.and_then(|s| s.identifier).into_iter().collect();
        }
        if faulty(Fault::OverlapOneIdentifier) {
            copy.subscription_identifiers.truncate(1);
        }
        self.without_identifiers_if_faulty(vec![copy], version)
    }

    /// One copy for one subscription with these options, identifiers left out.
    pub(super) fn copy(
        &self,
        message: &Arc<Message>,
        filter: &str,
        options: &SubscriptionOptions,
        version: ProtocolVersion,
    ) -> Delivery {
        let faulty = |fault| self.faulty(fault, version);
        // MQTT-3.3.1-12, MQTT-3.3.1-13.
        let as_published = options.retain_as_published && !faulty(Fault::IgnoreRetainAsPublished);
        let kept = message.retain && (as_published || faulty(Fault::ForwardKeepsRetain));
        let retain = kept || faulty(Fault::ForwardSetsRetain);
        Delivery {
            message: Arc::clone(message),
            qos: self.delivered_qos(message.qos, options.qos, version),
            retain,
            subscription_identifiers: Vec::new(),
            filter: filter.to_owned(),
            shared: false,
        }
    }

    /// The lower of published and granted QoS (MQTT-3.8.4-8).
    pub(super) fn delivered_qos(&self, published: QoS, granted: QoS, version: ProtocolVersion) -> QoS {
        if self.faulty(Fault::DeliverAtQos0, version) {
            QoS::AtMostOnce
        } else if self.faulty(Fault::DeliverAtGrantedQos, version) {
            granted
        } else if self.faulty(Fault::DeliverAtPublishedQos, version) {
            published
        } else {
            let lowest = if self.faulty(Fault::RaiseQos0, version) { QoS::AtLeastOnce } else { QoS::AtMostOnce };
            published.min(granted).max(lowest)
        }
    }

    fn without_identifiers_if_faulty(&self, mut copies: Vec<Delivery>, version: ProtocolVersion) -> Vec<Delivery> {
        if self.faulty(Fault::OmitSubscriptionIdentifier, version) {
            copies.iter_mut().for_each(|copy| copy.subscription_identifiers.clear());
        }
        copies
    }

    /// One delivery for each Shared Subscription that matches, to one of its members (4.8.2).
    fn add_shared_deliveries(&mut self, message: &Arc<Message>, deliveries: &mut Vec<(String, Delivery)>) {
        let mut groups = self.matching_groups(message);
        if self.faulty(Fault::SharedGroupsMerged, ProtocolVersion::V5_0) {
            let mut merged = BTreeSet::new();
            groups.retain(|filter, _| {
                shared_parts(filter, ProtocolVersion::V5_0).is_none_or(|shared| merged.insert(shared.filter.to_owned()))
            });
        }
        let to_all = self.faulty(Fault::SharedToAllMembers, ProtocolVersion::V5_0);
        for (filter, members) in groups {
            let chosen = if to_all { members } else { vec![self.choose_member(&filter, &members)] };
            for client_id in chosen {
                if let Some(delivery) = self.shared_copy(message, &filter, &client_id) {
                    deliveries.push((client_id, delivery));
                }
            }
        }
    }

    /// The Shared Subscriptions that match, each with its members in the order in which they subscribed.
    fn matching_groups(&self, message: &Message) -> BTreeMap<String, Vec<String>> {
        let mut groups: BTreeMap<&str, Vec<(u64, &str)>> = BTreeMap::new();
        for session in self.sessions.values() {
            for (filter, subscription) in &session.subscriptions {
                if let Some(shared) = shared_parts(filter, session.version)
                    && self.filter_matches(shared.filter, &message.topic, session.version)
                {
                    groups.entry(filter).or_default().push((subscription.order, &session.client_id));
                }
            }
        }
        groups
            .into_iter()
            .map(|(filter, mut members)| {
                members.sort_unstable();
                (filter.to_owned(), members.into_iter().map(|(_, client_id)| client_id.to_owned()).collect())
            })
            .collect()
    }

    /// A member that is connected, if there is one: in turn, unless a variant chooses otherwise.
    fn choose_member(&mut self, filter: &str, members: &[String]) -> String {
        let connected: Vec<&String> = members
            .iter()
            .filter(|client_id| self.sessions.get(*client_id).is_some_and(|s| s.connection.is_some()))
            .collect();
        let candidates: Vec<&String> = if connected.is_empty() { members.iter().collect() } else { connected };
        let index = if self.varies(Variant::SharedFirstMember) {
            0
        } else if self.varies(Variant::SharedLastMember) {
            candidates.len() - 1
        } else if self.varies(Variant::SharedRandomMember) {
            self.random.below(candidates.len())
        } else {
            if self.shared_turns.len() > self.config.maximum_sessions {
                self.shared_turns.clear();
            }
            let turn = self.shared_turns.entry(filter.to_owned()).or_default();
            *turn += 1;
            (*turn - 1) % candidates.len()
        };
        candidates[index].clone()
    }

    fn shared_copy(&self, message: &Arc<Message>, filter: &str, client_id: &str) -> Option<Delivery> {
        let session = self.sessions.get(client_id)?;
        let subscription = session.subscriptions.get(filter)?;
        let mut options = subscription.options;
        if self.faulty(Fault::SharedIgnoresGrantedQos, session.version) {
            options.qos = QoS::ExactlyOnce;
        }
        let mut copy = self.copy(message, filter, &options, session.version);
        copy.shared = true;
        copy.subscription_identifiers = subscription.identifier.into_iter().collect();
        self.without_identifiers_if_faulty(vec![copy], session.version).pop()
    }

    /// Fault: gives a message of a Shared Subscription to a member other than `except`.
    pub(super) fn reassign(&mut self, delivery: Delivery, except: &str, now: Time) {
        let mut members = self.matching_groups(&delivery.message).remove(&delivery.filter).unwrap_or_default();
        members.retain(|client_id| client_id != except);
        if members.is_empty() {
            return;
        }
        let client_id = self.choose_member(&delivery.filter, &members);
        if let Some(copy) = self.shared_copy(&delivery.message, &delivery.filter, &client_id) {
            self.enqueue(&client_id, copy, now);
        }
    }

    /// Adds a delivery to a session (MQTT-4.5.0-1) and sends what may be sent.
    pub(super) fn enqueue(&mut self, client_id: &str, delivery: Delivery, now: Time) {
        let keeps_qos_0 = self.varies(Variant::QosZeroQueuedOffline);
        let drops_over_quota = self.varies(Variant::QosZeroDroppedOverQuota);
        let limit = self.config.maximum_queued_messages;
        let Some(session) = self.sessions.get(client_id) else { return };
        let drops_offline = self.faulty(Fault::DropOffline, session.version);
        let offline = session.connection.is_none();
        let is_qos_0 = delivery.qos == QoS::AtMostOnce;
        let dropped = (offline && (drops_offline || (is_qos_0 && !keeps_qos_0)))
            || (is_qos_0 && drops_over_quota && session.queue.iter().any(|d| d.qos != QoS::AtMostOnce))
            || session.queue.len() >= limit;
        if dropped {
            return;
        }
        let forgets = offline && self.faulty(Fault::QueueDropsProperties, session.version);
        let delivery = if forgets { delivery.without_properties() } else { delivery };
        let delayed = self.varies(Variant::DelayedDelivery);
        let Some(session) = self.sessions.get_mut(client_id) else { return };
        session.queue.push_back(delivery);
        if delayed && session.hold_until.is_none() && session.connection.is_some() {
            session.hold_until = Some(now + DELIVERY_DELAY);
        }
        self.pump(client_id, now);
    }
}
