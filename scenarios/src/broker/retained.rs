//! Retained messages (3.3.1.3).

use std::sync::Arc;

use mqttspec_codec::{ProtocolVersion, QoS};

use super::api::Broker;
use super::message::{Delivery, Message};
use super::session::Subscription;
use super::{Fault, Variant};
use crate::Time;

impl Broker {
    /// Stores, replaces or removes the retained message of the topic.
    pub(super) fn retain(&mut self, message: &Arc<Message>, version: ProtocolVersion) {
        let faulty = |fault| self.faulty(fault, version);
        if !message.retain {
            if faulty(Fault::UnretainedRemoves) {
                self.retained.remove(&message.topic);
            } else if faulty(Fault::StoreUnretained) && !message.payload.is_empty() {
                self.retained.insert(message.topic.clone(), Arc::clone(message));
            }
            return;
        }
        let stores_empty = faulty(Fault::StoreEmptyRetained);
        if message.payload.is_empty() && !stores_empty {
            // MQTT-3.3.1-6, MQTT-3.3.1-7.
            if !faulty(Fault::EmptyRetainedDoesNotRemove) {
                self.retained.remove(&message.topic);
            }
            return;
        }
        if faulty(Fault::RetainedNotStored) {
            return;
        }
        if self.varies(Variant::RetainedQosZeroDiscarded) && message.qos == QoS::AtMostOnce {
            self.retained.remove(&message.topic);
            return;
        }
        let known = self.retained.contains_key(&message.topic);
        if known && faulty(Fault::RetainedNotReplaced) {
            return;
        }
        if known || self.retained.len() < self.config.maximum_retained_messages {
            self.retained.insert(message.topic.clone(), Arc::clone(message));
        }
    }

    /// The retained messages that a subscription is sent when it is made (MQTT-3.3.1-9).
    pub(super) fn retained_for(
        &mut self,
        filter: &str,
        subscription: &Subscription,
        version: ProtocolVersion,
        now: Time,
    ) -> Vec<Delivery> {
        // A retained message that has expired is gone (3.3.2.3.3).
        let keeps_expired = self.faulty(Fault::IgnoreMessageExpiry, version);
        self.retained.retain(|_, message| keeps_expired || !message.is_expired(now));
        let mut options = subscription.options;
        options.retain_as_published = false;
        let topics = if self.faulty(Fault::RetainedFirstTopicOnly, version) { 1 } else { usize::MAX };
        self.retained
            .values()
            .filter(|message| self.filter_matches(filter, &message.topic, version))
            .take(topics)
            .map(|message| {
                let mut copy = self.copy(message, filter, &options, version);
                copy.retain = !self.faulty(Fault::RetainedSentWithoutRetain, version);
                if !self.faulty(Fault::OmitSubscriptionIdentifier, version) {
                    copy.subscription_identifiers = subscription.identifier.into_iter().collect();
                }
                copy
            })
            .collect()
    }

    /// Variant: a topic of the broker's own (4.7.2).
    pub(super) fn retain_sys_topics(&mut self) {
        if self.varies(Variant::SysTopics) {
            let message = Message {
                topic: "$SYS/broker/version".to_owned(),
                payload: b"mqttspec reference broker".to_vec(),
                qos: QoS::AtMostOnce,
                retain: true,
                dup: false,
                properties: Vec::new(),
                publisher: String::new(),
                received: Time::ZERO,
            };
            self.retained.insert(message.topic.clone(), Arc::new(message));
        }
    }
}
