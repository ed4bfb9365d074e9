//! What the broker supports, and how CONNACK says so (3.2.2.3).

use mqttspec_codec::{ConnectBuf, PropertyBuf, PropertyId, PropertyList, ProtocolVersion, QoS};

use super::api::{Broker, ConnectionId};
use super::{AUTHENTICATION_METHOD, Fault, Variant};
use crate::Time;

/// The longest Keep Alive under variant [`Variant::ServerKeepAlive`], in seconds.
const SERVER_KEEP_ALIVE: u16 = 60;

impl Broker {
    /// Maximum QoS (3.2.2.3.4). 3.1 and 3.1.1 cannot say that a server supports less than all.
    pub(super) fn maximum_qos(&self, version: ProtocolVersion) -> QoS {
        if version != ProtocolVersion::V5_0 {
            QoS::ExactlyOnce
        } else if self.varies(Variant::CapabilityMaximumQos0) {
            QoS::AtMostOnce
        } else if self.varies(Variant::CapabilityMaximumQos1)
            || self.faulty(Fault::MaximumQosLimitsSubscribe, version)
            || self.faulty(Fault::AcceptWillAboveMaximumQos, version)
        {
            QoS::AtLeastOnce
        } else {
            QoS::ExactlyOnce
        }
    }

    /// Retain Available (3.2.2.3.5).
    pub(super) fn retain_available(&self, version: ProtocolVersion) -> bool {
        version != ProtocolVersion::V5_0
            || !(self.varies(Variant::CapabilityNoRetain) || self.faulty(Fault::AcceptWillRetainUnavailable, version))
    }

    /// Wildcard Subscription Available (3.2.2.3.11; 3.1.1: MQTT-3.8.3-2). 3.1 has no way to refuse one.
    pub(super) fn wildcards_available(&self, version: ProtocolVersion) -> bool {
        version == ProtocolVersion::V3_1 || !self.varies(Variant::CapabilityNoWildcards)
    }

    /// Whether enhanced authentication with the built-in method is offered (4.12).
    pub(super) fn knows_the_challenge(&self) -> bool {
        self.config.enhanced_authentication && !self.varies(Variant::CapabilityNoEnhancedAuthentication)
    }

    /// Receive Maximum of the broker (3.2.2.3.3).
    pub(super) fn receive_maximum(&self) -> u16 {
        if self.varies(Variant::SmallReceiveMaximum) {
            2
        } else if self.varies(Variant::NoReceiveMaximum) {
            u16::MAX
        } else {
            self.config.receive_maximum.max(1)
        }
    }

    /// Topic Alias Maximum of the broker (3.2.2.3.8).
    pub(super) fn topic_alias_maximum(&self) -> u16 {
        if self.varies(Variant::NoTopicAliasesFromClient) { 0 } else { self.config.topic_alias_maximum }
    }

    /// The properties of a CONNACK that accepts; also puts the Keep Alive in force.
    pub(super) fn connack_properties(&mut self, id: ConnectionId, connect: &ConnectBuf, now: Time) -> Vec<PropertyBuf> {
        let server_keep_alive = self.put_keep_alive_in_force(id, connect, now);
        let version = connect.version;
        if version != ProtocolVersion::V5_0 {
            return Vec::new();
        }
        let Some(connection) = self.connections.get(&id) else { return Vec::new() };
        let faulty = |fault| self.faulty(fault, version);
        let mut properties = Vec::new();
        let granted = self.granted_session_expiry(connect);
        if granted != connection.session_expiry_interval {
            properties.push(PropertyBuf::session_expiry_interval(granted));
        }
        if !self.varies(Variant::NoReceiveMaximum) {
            properties.push(PropertyBuf::receive_maximum(self.receive_maximum()));
        }
        if self.maximum_qos(version) < QoS::ExactlyOnce {
            properties.push(PropertyBuf::maximum_qos(self.maximum_qos(version).value()));
        }
        self.push_capability(&mut properties, self.retain_available(version), PropertyBuf::retain_available);
        if !self.varies(Variant::NoMaximumPacketSize) {
            properties.push(PropertyBuf::maximum_packet_size(self.maximum_packet_size(version)));
        }
        if connection.assigned_client_id && !faulty(Fault::OmitAssignedClientIdentifier) {
            properties.push(PropertyBuf::assigned_client_identifier(connect.client_id.as_str()));
        }
        if self.topic_alias_maximum() > 0 {
            properties.push(PropertyBuf::topic_alias_maximum(self.topic_alias_maximum()));
        }
        for (variant, property) in [
            (Variant::CapabilityNoWildcards, PropertyBuf::wildcard_subscription_available as fn(u8) -> _),
            (Variant::CapabilityNoSubscriptionIdentifiers, PropertyBuf::subscription_identifier_available),
            (Variant::CapabilityNoSharedSubscriptions, PropertyBuf::shared_subscription_available),
        ] {
            let denied = variant == Variant::CapabilityNoSharedSubscriptions && faulty(Fault::GrantUnavailable);
            self.push_capability(&mut properties, !self.varies(variant) && !denied, property);
        }
        if let Some(seconds) = server_keep_alive {
            properties.push(PropertyBuf::server_keep_alive(seconds));
        }
        let requested = connect.properties.integer(PropertyId::RequestResponseInformation) == Some(1);
        if (requested && self.varies(Variant::ResponseInformation)) || faulty(Fault::UnrequestedResponseInformation) {
            properties.push(PropertyBuf::response_information("mqttspec/responses"));
        }
        let method = connection.authentication_method.as_deref();
        if faulty(Fault::UninvitedAuthenticationMethod) && method.is_none() {
            properties.push(PropertyBuf::authentication_method(AUTHENTICATION_METHOD));
        } else if let Some(method) = method.filter(|_| !faulty(Fault::OmitAuthenticationMethod)) {
            properties.push(PropertyBuf::authentication_method(method));
        }
        properties
    }

    fn push_capability(&self, to: &mut Vec<PropertyBuf>, available: bool, property: impl Fn(u8) -> PropertyBuf) {
        if !available || self.varies(Variant::CapabilitiesStated) {
            to.push(property(u8::from(available)));
        }
    }

    /// Server Keep Alive to tell the client, if it differs from what it asked for (3.2.2.3.14).
    fn put_keep_alive_in_force(&mut self, id: ConnectionId, connect: &ConnectBuf, now: Time) -> Option<u16> {
        let asked = connect.keep_alive;
        let is_5 = connect.version == ProtocolVersion::V5_0;
        let longer = asked == 0 || asked > SERVER_KEEP_ALIVE;
        let server_keep_alive = (is_5 && longer && self.varies(Variant::ServerKeepAlive)).then_some(SERVER_KEEP_ALIVE);
        let ignored = self.faulty(Fault::IgnoreClientKeepAlive, connect.version);
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.last_received = now;
            connection.keep_alive = if ignored { 1 } else { server_keep_alive.unwrap_or(asked) };
        }
        server_keep_alive
    }
}
