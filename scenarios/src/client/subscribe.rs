//! SUBSCRIBE, UNSUBSCRIBE and PINGREQ (3.8, 3.10, 3.12).

use mqttspec_codec::{
    AuthBuf, PacketBuf, PropertyBuf, PropertyId, PropertyList, ReasonCode, SubscribeBuf, UnsubscribeBuf,
};

use super::api::Client;
use super::link::{Limits, Stage};
use super::{ClientFault, ClientVariant, Refused};
use crate::broker::AUTHENTICATION_METHOD;

/// SUBSCRIBEs and UNSUBSCRIBEs without answer at one time.
const MAXIMUM_REQUESTS: usize = 64;

impl Client {
    pub(super) fn subscribe(&mut self, subscribe: SubscribeBuf) -> Result<(), Refused> {
        let limits = self.request_limits()?;
        self.check_packet(&PacketBuf::Subscribe(SubscribeBuf { packet_id: 1, ..subscribe.clone() }))?;
        let shared = |filter: &str| self.v5() && filter.starts_with("$share/");
        let uses_wildcards = subscribe.filters.iter().any(|s| s.filter.contains(['+', '#']));
        let uses_shared = subscribe.filters.iter().any(|s| shared(&s.filter));
        let uses_identifiers = subscribe.properties.find(PropertyId::SubscriptionIdentifier).is_some();
        let not_allowed = [
            (uses_wildcards && !limits.wildcards, ClientFault::UnavailableWildcards),
            (uses_shared && !limits.shared_subscriptions, ClientFault::UnavailableSharedSubscriptions),
            (uses_identifiers && !limits.subscription_identifiers, ClientFault::UnavailableSubscriptionIdentifiers),
        ];
        if not_allowed.iter().any(|(not_allowed, fault)| *not_allowed && !self.faulty(*fault)) {
            return Err(Refused::NotAllowed);
        }
        let packet_id = self.next_packet_id().ok_or(Refused::Full)?;
        let filters: Vec<String> = subscribe.filters.iter().map(|s| s.filter.clone()).collect();
        if self.send(PacketBuf::Subscribe(SubscribeBuf { packet_id, ..subscribe })) {
            self.note_request(packet_id, filters.len());
            self.session.filters.extend(filters);
            Ok(())
        } else {
            Err(Refused::NotAllowed)
        }
    }

    pub(super) fn unsubscribe(&mut self, unsubscribe: UnsubscribeBuf) -> Result<(), Refused> {
        self.request_limits()?;
        self.check_packet(&PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id: 1, ..unsubscribe.clone() }))?;
        let packet_id = self.next_packet_id().ok_or(Refused::Full)?;
        let filters = unsubscribe.filters.clone();
        if self.send(PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id, ..unsubscribe })) {
            self.note_request(packet_id, filters.len());
            Ok(())
        } else {
            Err(Refused::NotAllowed)
        }
    }

    /// PINGREQ, and the packets that faults send with it.
    pub(super) fn ping(&mut self) -> Result<(), Refused> {
        match self.link.as_ref().map(|link| link.stage) {
            Some(Stage::Connected) => {}
            Some(Stage::Connecting) if self.may_send_early() => {}
            _ => return Err(Refused::NotConnected),
        }
        self.send_pingreq();
        if self.faulty(ClientFault::SendServerPacket) {
            self.send(PacketBuf::PingResp);
        }
        if self.faulty(ClientFault::SecondConnect)
            && let Some(connect) = self.link.as_ref().map(|link| link.connect.clone())
        {
            self.send(PacketBuf::Connect(connect));
        }
        if self.faulty(ClientFault::ResendWhileConnected) {
            self.resend_while_connected();
        }
        if self.faulty(ClientFault::UninvitedAuth)
            && self.link.as_ref().is_some_and(|link| link.authentication_method().is_none())
        {
            let properties = vec![PropertyBuf::authentication_method(AUTHENTICATION_METHOD)];
            self.send(PacketBuf::Auth(AuthBuf { reason_code: ReasonCode::RE_AUTHENTICATE, properties }));
        }
        Ok(())
    }

    pub(super) fn send_pingreq(&mut self) {
        if self.send(PacketBuf::PingReq)
            && let Some(link) = &mut self.link
        {
            link.pinged.get_or_insert(self.now);
        }
    }

    /// Whether packets may be sent before CONNACK has come, and the client does so (3.1.4; not while it authenticates,
    /// MQTT-3.1.2-30).
    pub(super) fn may_send_early(&self) -> bool {
        self.varies(ClientVariant::SendBeforeConnAck)
            && self.link.as_ref().is_some_and(|link| link.authentication_method().is_none())
    }

    /// The limits that hold for a request now. Before CONNACK the cautious ones.
    fn request_limits(&self) -> Result<Limits, Refused> {
        let link = self.link.as_ref().ok_or(Refused::NotConnected)?;
        if link.requests.len() >= MAXIMUM_REQUESTS {
            return Err(Refused::Full);
        }
        match link.stage {
            Stage::Connected => Ok(link.limits),
            Stage::Connecting if self.may_send_early() => Ok(Limits {
                wildcards: false,
                shared_subscriptions: false,
                subscription_identifiers: false,
                ..link.limits
            }),
            _ => Err(Refused::NotConnected),
        }
    }

    fn note_request(&mut self, packet_id: u16, filters: usize) {
        if let Some(link) = &mut self.link {
            link.requests.insert(packet_id, filters);
        }
    }
}
