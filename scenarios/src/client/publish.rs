//! Messages to the server: limits, send quota, resumption (3.3, 4.3, 4.4, 4.9).

use mqttspec_codec::{AckBuf, PacketBuf, PropertyBuf, PropertyId, PropertyList, PublishBuf, QoS, ReasonCode};

use super::api::Client;
use super::link::Stage;
use super::session::Message;
use super::{ClientFault, ClientVariant, Refused};

/// Limits above this are taken for none by the faults that exceed them.
const EXCEEDABLE: usize = 60_000;

impl Client {
    pub(super) fn publish(&mut self, publish: PublishBuf) -> Result<(), Refused> {
        let packet_id = (publish.qos != QoS::AtMostOnce).then_some(1);
        let mut publish = PublishBuf { dup: false, packet_id, ..publish };
        let has = |id| publish.properties.find(id).is_some();
        if publish.topic.is_empty() || has(PropertyId::TopicAlias) || has(PropertyId::SubscriptionIdentifier) {
            return Err(Refused::NotAllowed);
        }
        self.check_packet(&PacketBuf::Publish(publish.clone()))?;
        if self.faulty(ClientFault::SubscriptionIdentifierInPublish) {
            publish.properties.push(PropertyBuf::subscription_identifier(7));
        }
        match self.link.as_ref().map(|link| link.stage) {
            Some(Stage::Connected) => self.check_limits(&mut publish)?,
            Some(Stage::Connecting) if self.may_send_early() && packet_id.is_none() && !publish.retain => {}
            None if self.session.held && packet_id.is_some() => {}
            _ => return Err(Refused::NotConnected),
        }
        if publish.qos == QoS::AtMostOnce {
            publish.dup = self.faulty(ClientFault::DupAtQos0);
            self.send_publish(publish);
            return Ok(());
        }
        if self.session.messages.len() >= self.config.maximum_queued_messages {
            return Err(Refused::Full);
        }
        let id = self.next_packet_id().ok_or(Refused::Full)?;
        let message = Message { publish, id, transmitted: false, on_link: false, released: None, refused: false };
        self.session.messages.push(message);
        self.pump();
        Ok(())
    }

    /// What CONNACK says about messages (3.2.2.3).
    fn check_limits(&self, publish: &mut PublishBuf) -> Result<(), Refused> {
        let Some(link) = &self.link else { return Err(Refused::NotConnected) };
        let limits = link.limits;
        let qos = publish.qos > limits.maximum_qos && !self.faulty(ClientFault::AboveMaximumQos);
        let retain = publish.retain && !limits.retain && !self.faulty(ClientFault::RetainUnavailable);
        if self.faulty(ClientFault::AboveMaximumPacketSize) && limits.maximum_packet_size <= EXCEEDABLE {
            publish.payload.resize(limits.maximum_packet_size, b'x');
            return Ok(());
        }
        let len = PacketBuf::Publish(publish.clone()).encode(self.config.version).map_or(usize::MAX, |b| b.len());
        if qos || retain || len > limits.maximum_packet_size { Err(Refused::NotAllowed) } else { Ok(()) }
    }

    /// A Packet Identifier that nothing unfinished has (2.2.1); `None` when there is none.
    pub(super) fn next_packet_id(&mut self) -> Option<u16> {
        if self.faulty(ClientFault::ReusePacketIdentifier) {
            return Some(1);
        }
        for _ in 0..u16::MAX {
            self.session.last_id = self.session.last_id.wrapping_add(1).max(1);
            let id = self.session.last_id;
            let requested = self.link.as_ref().is_some_and(|link| link.requests.contains_key(&id));
            if !requested && self.session.messages.iter().all(|message| message.id != id) {
                return Some(id);
            }
        }
        None
    }

    /// Whether the send quota is used up (4.9).
    pub(super) fn quota_used_up(&self) -> bool {
        let Some(link) = &self.link else { return true };
        let single = self.varies(ClientVariant::OneMessageInFlight);
        let quota = if single { 1 } else { usize::from(link.limits.receive_maximum) };
        self.session.open() >= quota
    }

    /// The connection was accepted: sends again what is owed (4.4), and then what waits.
    pub(super) fn resume(&mut self, resumed: bool) {
        if resumed {
            self.prepare_resumption();
        }
        for message in &mut self.session.messages {
            // A PUBREL that is owed counts against the quota as soon as it can be sent.
            message.on_link = message.released.is_some();
        }
        let first = self.varies(ClientVariant::PubRelsFirst);
        if !first {
            self.pump();
        }
        self.resend_pubrels();
        self.pump();
    }

    /// Faults of resumption.
    fn prepare_resumption(&mut self) {
        if self.faulty(ClientFault::NoResend) {
            self.session.messages.retain(|message| !message.transmitted || message.released.is_some());
        }
        if self.faulty(ClientFault::NoPubRelResend) {
            self.session.messages.retain(|message| message.released.is_none());
        }
        if self.faulty(ClientFault::PublishAfterPubRel) {
            self.session.messages.iter_mut().for_each(|message| message.released = None);
        }
        if self.faulty(ClientFault::ResendOutOfOrder) {
            let due = |message: &Message| message.transmitted && message.released.is_none();
            let (mut again, others): (Vec<_>, Vec<_>) = self.session.messages.drain(..).partition(due);
            again.reverse();
            again.extend(others);
            self.session.messages = again;
        }
        if self.faulty(ClientFault::NewIdentifierOnResend) {
            for at in 0..self.session.messages.len() {
                if self.session.messages[at].transmitted
                    && self.session.messages[at].released.is_none()
                    && let Some(id) = self.next_packet_id()
                {
                    self.session.messages[at].id = id;
                }
            }
        }
    }

    /// PUBRELs in the order in which their PUBRECs came (MQTT-4.6.0-4).
    fn resend_pubrels(&mut self) {
        let mut due: Vec<_> = self.session.messages.iter().filter_map(|m| Some((m.released?, m.id))).collect();
        due.sort_unstable();
        for (_, id) in due {
            self.send(PacketBuf::PubRel(AckBuf {
                packet_id: id,
                reason_code: ReasonCode::SUCCESS,
                properties: vec![],
            }));
        }
    }

    /// Sends what waits, in order, as far as the send quota goes.
    pub(super) fn pump(&mut self) {
        if !self.is_connected() {
            return;
        }
        let mut at = 0;
        while at < self.session.messages.len() {
            let Some(link) = &self.link else { return };
            let limits = link.limits;
            let message = &self.session.messages[at];
            if message.on_link || message.released.is_some() {
                at += 1;
                continue;
            }
            if self.quota_used_up() && !self.faulty(ClientFault::AboveReceiveMaximum) {
                return;
            }
            let mut publish = PublishBuf { packet_id: Some(message.id), ..message.publish.clone() };
            let qos = publish.qos > limits.maximum_qos && !self.faulty(ClientFault::AboveMaximumQos);
            let retain = publish.retain && !limits.retain && !self.faulty(ClientFault::RetainUnavailable);
            if qos || retain {
                // What was queued for another server, or before its limits were known, cannot be sent.
                self.session.messages.remove(at);
                continue;
            }
            let dup_at_first = match publish.qos {
                QoS::ExactlyOnce => ClientFault::DupAtFirstQos2,
                _ => ClientFault::DupAtFirstQos1,
            };
            publish.dup = if message.transmitted {
                !self.faulty(ClientFault::ResendWithoutDup)
            } else {
                self.faulty(dup_at_first)
            };
            self.session.messages[at].on_link = true;
            self.session.messages[at].transmitted = true;
            if self.send_publish(publish) {
                at += 1;
            } else {
                self.session.messages.remove(at);
            }
        }
    }

    /// Fault: sends everything in flight once more.
    pub(super) fn resend_while_connected(&mut self) {
        for message in self.session.messages.clone() {
            if message.on_link && message.released.is_none() {
                self.send_publish(PublishBuf { packet_id: Some(message.id), dup: true, ..message.publish });
            }
        }
    }
}
