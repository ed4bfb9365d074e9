//! Application Messages as the broker holds them, and the PUBLISH packets made of them (3.3).

use std::sync::Arc;
use std::time::Duration;

use mqttspec_codec::{PropertyBuf, PropertyId, PropertyList, PublishBuf, QoS, ValueBuf, WillBuf};

use super::{Fault, FaultSet};
use crate::Time;

/// A message that the broker has taken ownership of.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) topic: String,
    pub(super) payload: Vec<u8>,
    /// QoS it was published with.
    pub(super) qos: QoS,
    /// RETAIN flag it was published with.
    pub(super) retain: bool,
    /// DUP flag it came with; only a fault looks at it.
    pub(super) dup: bool,
    /// The properties that are forwarded, in the order they came (3.3.2.3).
    pub(super) properties: Vec<PropertyBuf>,
    /// Client Identifier of the publisher, for No Local.
    pub(super) publisher: String,
    /// When the broker got it: Message Expiry Interval counts from here (3.3.2.3.3).
    pub(super) received: Time,
}

impl Message {
    pub(super) fn from_publish(publish: PublishBuf, publisher: &str, now: Time) -> Self {
        // Only these travel on; Topic Alias belongs to one connection (3.3.2.3.4).
        let mut properties = publish.properties;
        properties.retain(|p| !matches!(p.id, PropertyId::TopicAlias | PropertyId::SubscriptionIdentifier));
        Self {
            topic: publish.topic,
            payload: publish.payload,
            qos: publish.qos,
            retain: publish.retain,
            dup: publish.dup,
            properties,
            publisher: publisher.to_owned(),
            received: now,
        }
    }

    pub(super) fn from_will(will: &WillBuf, publisher: &str, now: Time) -> Self {
        let mut properties = will.properties.clone();
        properties.retain(|p| p.id != PropertyId::WillDelayInterval);
        Self {
            topic: will.topic.clone(),
            payload: will.payload.clone(),
            qos: will.qos,
            retain: will.retain,
            dup: false,
            properties,
            publisher: publisher.to_owned(),
            received: now,
        }
    }

    /// When its Message Expiry Interval passes, if it has one (3.3.2.3.3).
    fn expires_at(&self) -> Option<Time> {
        let interval = self.properties.integer(PropertyId::MessageExpiryInterval)?;
        Some(self.received + Duration::from_secs(interval.into()))
    }

    pub(super) fn is_expired(&self, now: Time) -> bool {
        self.expires_at().is_some_and(|at| at <= now)
    }

    /// What is left of the Message Expiry Interval: the received value minus whole seconds waited (MQTT-3.3.2-6).
    fn remaining_expiry(&self, now: Time) -> Option<u32> {
        let interval = self.properties.integer(PropertyId::MessageExpiryInterval)?;
        let waited = u32::try_from(now.since(self.received).as_secs()).unwrap_or(u32::MAX);
        Some(interval.saturating_sub(waited))
    }

    /// The properties as they are forwarded at `now`.
    fn forwarded_properties(&self, faults: FaultSet, now: Time) -> Vec<PropertyBuf> {
        let mut properties = Vec::with_capacity(self.properties.len());
        let mut user_properties = 0;
        for property in &self.properties {
            let mut property = property.clone();
            match (property.id, &mut property.value) {
                (PropertyId::MessageExpiryInterval, ValueBuf::FourByteInteger(interval)) => {
                    if faults.contains(Fault::DropMessageExpiry) {
                        continue;
                    }
                    if !faults.contains(Fault::MessageExpiryNotReduced) {
                        *interval = self.remaining_expiry(now).unwrap_or(0);
                    }
                }
                (PropertyId::PayloadFormatIndicator, _) if faults.contains(Fault::DropPayloadFormatIndicator) => {
                    continue;
                }
                (_, value) if faults.contains(Fault::DropEmptyProperties) && is_empty(value) => continue,
                (PropertyId::ResponseTopic, _) if faults.contains(Fault::DropResponseTopic) => continue,
                (PropertyId::ResponseTopic, ValueBuf::Utf8String(topic))
                    if faults.contains(Fault::SendWildcardResponseTopic) =>
                {
                    topic.pop();
                    topic.push('#');
                }
                (PropertyId::ContentType, _) if faults.contains(Fault::DropContentType) => continue,
                (PropertyId::CorrelationData, ValueBuf::BinaryData(data))
                    if faults.contains(Fault::AlterCorrelationData) =>
                {
                    data.pop();
                }
                (PropertyId::UserProperty, _) => {
                    user_properties += 1;
                    if user_properties > 1 && faults.contains(Fault::DropUserProperties) {
                        continue;
                    }
                }
                _ => {}
            }
            properties.push(property);
        }
        if faults.contains(Fault::ReorderUserProperties) {
            reverse_user_properties(&mut properties);
        }
        properties
    }
}

/// Whether there is nothing in it.
fn is_empty(value: &ValueBuf) -> bool {
    match value {
        ValueBuf::Utf8String(text) => text.is_empty(),
        ValueBuf::BinaryData(data) => data.is_empty(),
        ValueBuf::Utf8StringPair(name, value) => name.is_empty() && value.is_empty(),
        _ => false,
    }
}

/// Reverses the User Properties among `properties` and leaves the others where they are.
pub(super) fn reverse_user_properties(properties: &mut [PropertyBuf]) {
    let places: Vec<usize> = (0..properties.len()).filter(|&i| properties[i].id == PropertyId::UserProperty).collect();
    for (&low, &high) in places.iter().zip(places.iter().rev()).take(places.len() / 2) {
        properties.swap(low, high);
    }
}

/// One copy of a message on its way to one client.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    pub(super) message: Arc<Message>,
    /// QoS it is delivered at.
    pub(super) qos: QoS,
    /// RETAIN flag it is delivered with.
    pub(super) retain: bool,
    pub(super) subscription_identifiers: Vec<u32>,
    /// The Topic Filter, as it was subscribed to, that caused the delivery; the first one on overlap.
    pub(super) filter: String,
    /// Whether that is a Shared Subscription.
    pub(super) shared: bool,
}

impl Delivery {
    /// Fault: forgets the properties of the message.
    pub(super) fn without_properties(mut self) -> Self {
        Arc::make_mut(&mut self.message).properties.clear();
        self
    }

    /// The PUBLISH packet for this delivery, without a topic alias (3.3).
    pub(super) fn publish(&self, packet_id: Option<u16>, dup: bool, faults: FaultSet, now: Time) -> PublishBuf {
        let mut properties = self.message.forwarded_properties(faults, now);
        properties.extend(self.subscription_identifiers.iter().map(|&id| PropertyBuf::subscription_identifier(id)));
        let mut payload = self.message.payload.clone();
        if faults.contains(Fault::AlterPayload) && payload.len() >= 2 {
            payload.pop();
        }
        let mut topic = self.message.topic.clone();
        if faults.contains(Fault::RenameTopic) {
            topic.push_str("/x");
        }
        PublishBuf { dup, qos: self.qos, retain: self.retain, topic, packet_id, properties, payload }
    }
}
