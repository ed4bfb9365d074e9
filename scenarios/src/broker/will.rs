//! Will Messages (3.1.2.5, 3.1.3.2).

use std::sync::Arc;
use std::time::Duration;

use mqttspec_codec::{PropertyId, PropertyList, ProtocolVersion, QoS, WillBuf};

use super::api::Broker;
use super::end::Ending;
use super::message::{Message, reverse_user_properties};
use super::{Fault, Variant};
use crate::Time;

/// A Will Message whose connection is gone and which is not published yet.
#[derive(Clone, Debug)]
pub(super) struct PendingWill {
    will: WillBuf,
    version: ProtocolVersion,
    /// When it is due: the delay has passed, or the session has ended (MQTT-3.1.2-8).
    due: Time,
    /// When this broker publishes it.
    pub(super) publish_at: Time,
}

impl Broker {
    /// Decides what becomes of the will of a connection that has just ended.
    pub(super) fn connection_lost_its_will(
        &mut self,
        client_id: &str,
        will: Option<WillBuf>,
        ending: Ending,
        session_expiry_interval: u32,
        version: ProtocolVersion,
        now: Time,
    ) {
        let stale = self.faulty(Fault::PublishStaleWill, version);
        let Some(will) = will.or_else(|| self.stale_wills.get(client_id).filter(|_| stale).cloned()) else { return };
        if stale {
            self.stale_wills.insert(client_id.to_owned(), will.clone());
        }
        let deleted = ending == Ending::Normal && !self.faulty(Fault::PublishWillAtDisconnect, version);
        let lost = self.faulty(Fault::LoseWill, version)
            || (ending == Ending::ClosedByServer && self.faulty(Fault::LoseWillAtServerClose, version))
            || (ending == Ending::TakenOver && self.faulty(Fault::LoseWillAtTakeOver, version))
            || (ending == Ending::WithWill && self.faulty(Fault::LoseWillAtDisconnectWithWill, version));
        if deleted || lost {
            return;
        }
        let mut delay = will.properties.integer(PropertyId::WillDelayInterval).unwrap_or(0);
        if self.faulty(Fault::IgnoreWillDelay, version) {
            delay = 0;
        }
        // The session may end before the delay has passed (3.1.2.5).
        if !self.faulty(Fault::WillWaitsPastSession, version) {
            delay = delay.min(session_expiry_interval);
        }
        let due = now + Duration::from_secs(delay.into());
        let pending = PendingWill { will, version, due, publish_at: self.will_moment(due) };
        if let Some(earlier) = self.pending_wills.insert(client_id.to_owned(), pending) {
            self.publish_will(client_id, earlier, now);
        }
        self.publish_due_wills(now);
    }

    /// The client came back to its session: a will that is not due yet is not sent (MQTT-3.1.3-9).
    pub(super) fn session_resumed_before_will(&mut self, client_id: &str, now: Time) {
        let Some(pending) = self.pending_wills.get(client_id) else { return };
        if pending.due > now && !self.faulty(Fault::WillDespiteReconnect, pending.version) {
            self.pending_wills.remove(client_id);
        }
    }

    /// The session ended: its will is due now (MQTT-3.1.2-8).
    pub(super) fn session_ended_before_will(&mut self, client_id: &str, version: ProtocolVersion, now: Time) {
        if self.faulty(Fault::WillWaitsPastSession, version) {
            return;
        }
        let publish_at = self.will_moment(now);
        if let Some(pending) = self.pending_wills.get_mut(client_id)
            && pending.due > now
        {
            pending.due = now;
            pending.publish_at = publish_at;
        }
        self.publish_due_wills(now);
    }

    pub(super) fn publish_due_wills(&mut self, now: Time) {
        let due: Vec<String> = self
            .pending_wills
            .iter()
            .filter(|(_, pending)| pending.publish_at <= now)
            .map(|(client_id, _)| client_id.clone())
            .collect();
        for client_id in due {
            if let Some(pending) = self.pending_wills.remove(&client_id) {
                self.publish_will(&client_id, pending, now);
            }
        }
    }

    fn will_moment(&self, due: Time) -> Time {
        if self.varies(Variant::WillLate) { due + Duration::from_millis(50) } else { due }
    }

    fn publish_will(&mut self, client_id: &str, pending: PendingWill, now: Time) {
        let PendingWill { mut will, version, .. } = pending;
        if self.faulty(Fault::IgnoreWillQos, version) {
            will.qos = QoS::AtMostOnce;
        }
        if self.faulty(Fault::IgnoreWillRetain, version) {
            will.retain = false;
        }
        if self.faulty(Fault::RetainWillAlways, version) {
            will.retain = true;
        }
        if self.faulty(Fault::ReorderWillUserProperties, version) {
            reverse_user_properties(&mut will.properties);
        }
        let message = Arc::new(Message::from_will(&will, client_id, now));
        self.publish_message(message, version, now);
    }
}
