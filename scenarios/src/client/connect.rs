//! CONNECT and CONNACK: how a connection begins and which session it has (3.1, 3.2, 4.1).

use mqttspec_codec::{ConnAckBuf, ConnectBuf, PacketBuf, PropertyId, PropertyList, ProtocolVersion, QoS, ReasonCode};

use super::api::{Client, Output};
use super::link::{Limits, Link, Stage};
use super::{ClientFault, Refused};

impl Client {
    pub(super) fn connect(&mut self, connect: ConnectBuf) -> Result<(), Refused> {
        if self.link.is_some() {
            return Err(Refused::AlreadyConnected);
        }
        let mut connect = ConnectBuf { version: self.config.version, client_id: self.client_id.clone(), ..connect };
        if connect.client_id.is_empty() && !connect.clean_start && !self.v5() {
            return Err(Refused::NotAllowed);
        }
        self.check_packet(&PacketBuf::Connect(connect.clone()))?;
        if self.faulty(ClientFault::EmptyClientIdentifierWithoutClean) {
            connect.client_id.clear();
            connect.clean_start = false;
        }
        if connect.clean_start && !self.faulty(ClientFault::ResendAfterCleanStart) {
            self.session.discard();
            self.session.held = false;
        }
        let stated = connect.properties.integer(PropertyId::MaximumPacketSize).map_or(usize::MAX, |size| size as usize);
        let maximum = if self.faulty(ClientFault::OpenAfterTooLargePacket) { usize::MAX } else { stated };
        let uses_method = connect.properties.find(PropertyId::AuthenticationMethod).is_some();
        self.outputs.push_back(Output::Open);
        self.link = Some(Link::new(connect.clone(), maximum.min(self.config.maximum_frame_len), self.now));
        if self.faulty(ClientFault::PacketBeforeConnect) {
            self.send(PacketBuf::PingReq);
        }
        self.send(PacketBuf::Connect(connect));
        if uses_method && self.faulty(ClientFault::PacketDuringAuthentication) {
            self.send(PacketBuf::PingReq);
        }
        Ok(())
    }

    pub(super) fn take_connack(&mut self, connack: &ConnAckBuf) {
        let Some(link) = &self.link else { return };
        if link.stage != Stage::Connecting {
            return self.fail(ReasonCode::PROTOCOL_ERROR);
        }
        if connack.reason_code != ReasonCode::SUCCESS {
            if self.faulty(ClientFault::OpenAfterRefusal) {
                return self.go_deaf();
            }
            return self.close();
        }
        let same_method = connack.properties.text(PropertyId::AuthenticationMethod) == link.authentication_method();
        if !same_method && !self.faulty(ClientFault::OpenAfterProtocolError) {
            return self.fail(ReasonCode::PROTOCOL_ERROR);
        }
        let clean = link.connect.clean_start;
        // 3.1 does not say whether there is a session: without Clean Session it is taken for resumed.
        let present = if self.config.version == ProtocolVersion::V3_1 { !clean } else { connack.session_present };
        let unexpected = present && self.v5() && (clean || !self.session.held);
        if unexpected && !self.faulty(ClientFault::OpenAfterUnexpectedSession) {
            // MQTT-3.2.2-4.
            return self.fail(ReasonCode::PROTOCOL_ERROR);
        }
        let Some(link) = &mut self.link else { return };
        link.stage = Stage::Connected;
        link.authenticating = false;
        link.limits = limits(connack);
        if let Some(seconds) = connack.properties.integer(PropertyId::SessionExpiryInterval) {
            link.session_expiry_interval = seconds;
        }
        let server_keep_alive = connack.properties.integer(PropertyId::ServerKeepAlive);
        if let Some(seconds) = server_keep_alive.and_then(|seconds| u16::try_from(seconds).ok()) {
            // MQTT-3.1.2-21.
            let ignored = self.config.faults.contains(ClientFault::IgnoreServerKeepAlive);
            link.keep_alive = if ignored { link.keep_alive } else { seconds };
        }
        if let Some(assigned) = connack.properties.text(PropertyId::AssignedClientIdentifier) {
            assigned.clone_into(&mut self.client_id);
        }
        let resends_anyway = (clean && self.faulty(ClientFault::ResendAfterCleanStart))
            || (!clean && self.faulty(ClientFault::ResendWithoutSession));
        if !present && !resends_anyway {
            // MQTT-3.2.2-5.
            self.session.discard();
        }
        self.session.held = true;
        self.resume(present || resends_anyway);
    }
}

fn limits(connack: &ConnAckBuf) -> Limits {
    let told = |id| connack.properties.integer(id);
    let available = |id| told(id) != Some(0);
    let two_bytes = |id| told(id).and_then(|value| u16::try_from(value).ok());
    let usual = Limits::default();
    Limits {
        receive_maximum: two_bytes(PropertyId::ReceiveMaximum).unwrap_or(usual.receive_maximum),
        maximum_packet_size: told(PropertyId::MaximumPacketSize)
            .map_or(usual.maximum_packet_size, |size| size as usize),
        topic_alias_maximum: two_bytes(PropertyId::TopicAliasMaximum).unwrap_or(usual.topic_alias_maximum),
        maximum_qos: told(PropertyId::MaximumQoS)
            .and_then(|qos| QoS::from_value(qos as u8))
            .unwrap_or(usual.maximum_qos),
        retain: available(PropertyId::RetainAvailable),
        wildcards: available(PropertyId::WildcardSubscriptionAvailable),
        subscription_identifiers: available(PropertyId::SubscriptionIdentifierAvailable),
        shared_subscriptions: available(PropertyId::SharedSubscriptionAvailable),
    }
}
