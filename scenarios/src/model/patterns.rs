//! Short constructors for the packets that scenarios expect.

use mqttspec_codec::{PacketType, PropertyBuf, PropertyId, PublishBuf, QoS, ReasonCode};

use super::expect::{Alternative, Check, Cite, Ending, Field, Pattern};

impl Pattern {
    /// Any packet of this type.
    pub fn any(packet_type: PacketType) -> Self {
        Self { packet_type, checks: Vec::new(), bind: None, observe: None }
    }

    /// CONNACK with success and this Session Present.
    pub fn connack(session_present: bool) -> Self {
        Self::any(PacketType::ConnAck).reason(&[ReasonCode::SUCCESS]).check(Field::SessionPresent(session_present))
    }

    /// A PUBLISH with the topic, payload, QoS and RETAIN of `publish`, its properties, and DUP as it says. Its Packet
    /// Identifier is the target's to choose.
    pub fn publish(publish: &PublishBuf) -> Self {
        let mut pattern = Self::any(PacketType::Publish)
            .check(Field::Topic(publish.topic.clone()))
            .check(Field::Payload(publish.payload.clone()))
            .check(Field::QosIn(vec![publish.qos]))
            .check(Field::Retain(publish.retain))
            .check(Field::Dup(publish.dup));
        let mut user_properties = Vec::new();
        for property in &publish.properties {
            match (&property.id, &property.value) {
                (PropertyId::UserProperty, mqttspec_codec::ValueBuf::Utf8StringPair(name, value)) => {
                    user_properties.push((name.clone(), value.clone()));
                }
                _ => pattern = pattern.check(Field::Property(property.clone())),
            }
        }
        if !user_properties.is_empty() {
            pattern = pattern.check(Field::UserProperties(user_properties));
        }
        pattern
    }

    /// An acknowledgement of the packet with this Packet Identifier, with a code that is no error.
    pub fn ack(packet_type: PacketType, packet_id: u16) -> Self {
        Self::any(packet_type)
            .check(Field::PacketId(packet_id))
            .reason(&[ReasonCode::SUCCESS, ReasonCode::NO_MATCHING_SUBSCRIBERS])
    }

    /// One more check, cited under the expectation's statement.
    #[must_use]
    pub fn check(mut self, field: Field) -> Self {
        self.checks.push(Check { field, cite: None });
        self
    }

    /// One more check, cited under its own statement.
    #[must_use]
    pub fn check_citing(mut self, field: Field, cite: impl Into<Cite>) -> Self {
        self.checks.push(Check { field, cite: Some(cite.into()) });
        self
    }

    /// Cite this statement for the checks (already added) of the same kind as `like`: `citing("MQTT-3.3.1-9", |f|
    /// matches!(f, Field::Retain(_)))`.
    #[must_use]
    pub fn citing(mut self, cite: impl Into<Cite>, which: impl Fn(&Field) -> bool) -> Self {
        let cite = cite.into();
        for check in &mut self.checks {
            if which(&check.field) {
                check.cite = Some(cite.clone());
            }
        }
        self
    }

    /// Drop the checks (already added) that `which` selects: what they look at may then hold anything.
    #[must_use]
    pub fn without(mut self, which: impl Fn(&Field) -> bool) -> Self {
        self.checks.retain(|check| !which(&check.field));
        self
    }

    /// The reason code is one of these.
    #[must_use]
    pub fn reason(self, codes: &[ReasonCode]) -> Self {
        self.check(Field::ReasonIn(codes.to_vec()))
    }

    /// The QoS may be any of these instead of what was checked so far.
    #[must_use]
    pub fn qos_in(self, qos: &[QoS]) -> Self {
        self.without(|field| matches!(field, Field::QosIn(_))).check(Field::QosIn(qos.to_vec()))
    }

    /// The property is present with its value.
    #[must_use]
    pub fn property(self, property: PropertyBuf) -> Self {
        self.check(Field::Property(property))
    }

    /// Remember the packet.
    #[must_use]
    pub fn bind(mut self, var: &str) -> Self {
        self.bind = Some(var.to_owned());
        self
    }

    /// Record that this permitted choice was seen.
    #[must_use]
    pub fn observe(mut self, what: &str) -> Self {
        self.observe = Some(what.to_owned());
        self
    }
}

impl Ending {
    /// Just a close; nothing may be said before (3.1 and 3.1.1, or after a client's DISCONNECT).
    pub fn bare() -> Self {
        Self { farewell: Vec::new(), bare: true }
    }

    /// A DISCONNECT with one of these reason codes and a close, or just a close (5.0, 4.13).
    pub fn disconnect(codes: &[ReasonCode]) -> Self {
        Self { farewell: vec![Pattern::any(PacketType::Disconnect).reason(codes)], bare: true }
    }

    /// A CONNACK with one of these codes and a close, or just a close (4.13).
    pub fn connack(codes: &[ReasonCode]) -> Self {
        Self {
            farewell: vec![Pattern::any(PacketType::ConnAck).reason(codes).check(Field::SessionPresent(false))],
            bare: true,
        }
    }
}

impl From<Pattern> for Alternative {
    fn from(pattern: Pattern) -> Self {
        Self::Packet(pattern)
    }
}

impl From<Ending> for Alternative {
    fn from(ending: Ending) -> Self {
        Self::End(ending)
    }
}
