//! SUBSCRIBE and UNSUBSCRIBE: what they change (3.8.4, 3.10.4).

use mqttspec_codec::{PropertyId, PropertyList, QoS, SubAckBuf, SubscribeBuf, UnsubAckBuf, UnsubscribeBuf};

use super::super::event::Event;
use super::Deliveries;
use super::subscription::Asked;

/// UNSUBSCRIBEs remembered in one session at most.
const MAX_UNSUBSCRIBES: usize = 256;

impl Deliveries {
    pub(super) fn sent_subscribe(&mut self, event: &Event<'_>, subscribe: &SubscribeBuf) {
        let step = self.step;
        let Some(life) = self.life_on(event.connection) else { return };
        let known = &mut self.lives[life];
        let identifier = subscribe.properties.integer(PropertyId::SubscriptionIdentifier);
        let mut asked = Vec::new();
        for (place, filter) in subscribe.filters.iter().enumerate() {
            let Some(at) = known.subscription(&filter.filter) else { return };
            known.subscriptions[at].ask(step, event.index, place, filter.options);
            if known.subscriptions[at].shared {
                self.groups.join(&filter.filter, life);
            }
            asked.push((at, Asked { options: filter.options, identifier }));
            // What is due may come by the new terms.
            let lower = filter.options.qos;
            for owed in known.owed.values_mut().filter(|owed| owed.filters.contains(&at)) {
                owed.due = owed.due.min(lower);
            }
            if lower == QoS::AtMostOnce {
                known.owed.retain(|_, owed| owed.due != QoS::AtMostOnce);
            }
        }
        let link = self.link(event.connection);
        link.fence.ask(subscribe.packet_id, step);
        link.subscribes.insert(subscribe.packet_id, (step, asked));
    }

    pub(super) fn received_suback(&mut self, event: &Event<'_>, suback: &SubAckBuf) {
        let step = self.step;
        let link = self.link(event.connection);
        link.fence.answer(suback.packet_id);
        let Some((sent, asked)) = link.subscribes.remove(&suback.packet_id) else { return };
        let Some(life) = link.life else { return };
        let known = &mut self.lives[life];
        if asked.len() != suback.reason_codes.len() {
            known.distrust();
        }
        for (at, (place, terms)) in asked.into_iter().enumerate() {
            let granted = suback.reason_codes.get(at).and_then(|code| QoS::from_value(code.0));
            let subscription = &mut known.subscriptions[place];
            match granted {
                Some(qos) => subscription.grant(sent, step, event.index, qos, terms),
                None => subscription.refuse(),
            }
            let (stays, qos) = (subscription.since.is_some(), granted.unwrap_or_default());
            for owed in known.owed.values_mut().filter(|owed| owed.filters.contains(&place)) {
                owed.due = owed.due.min(qos);
            }
            known.owed.retain(|_, owed| owed.due != QoS::AtMostOnce);
            if !stays {
                known.waive(place);
            }
        }
    }

    pub(super) fn sent_unsubscribe(&mut self, event: &Event<'_>, unsubscribe: &UnsubscribeBuf) {
        let step = self.step;
        let Some(life) = self.life_on(event.connection) else { return };
        let known = &mut self.lives[life];
        let mut asked = Vec::new();
        for filter in &unsubscribe.filters {
            if known.unsubscribes.len() < MAX_UNSUBSCRIBES {
                known.unsubscribes.push((filter.clone(), step, event.index));
            }
            let Some(at) = known.subscriptions.iter().position(|held| held.text == *filter) else { continue };
            known.subscriptions[at].end(step, event.index);
            // Messages that it has not begun to send, the Server may drop.
            known.waive(at);
            known.note_unsubscribed(at, event.index);
            asked.push(at);
        }
        let link = self.link(event.connection);
        link.fence.ask(unsubscribe.packet_id, step);
        link.unsubscribes.insert(unsubscribe.packet_id, (step, asked));
    }

    pub(super) fn received_unsuback(&mut self, event: &Event<'_>, unsuback: &UnsubAckBuf) {
        let link = self.link(event.connection);
        link.fence.answer(unsuback.packet_id);
        let Some((sent, asked)) = link.unsubscribes.remove(&unsuback.packet_id) else { return };
        let Some(life) = link.life else { return };
        if unsuback.reason_codes.iter().any(|code| code.0 >= 0x80) {
            return;
        }
        let step = self.step;
        for at in asked {
            let known = &mut self.lives[life];
            known.subscriptions[at].ended_at(sent, step);
            if known.subscriptions[at].since.is_none() {
                known.waive(at);
            }
        }
    }
}

impl super::life::Life {
    /// Nothing is owed because of this subscription any more.
    fn waive(&mut self, at: usize) {
        self.owed.retain(|_, owed| {
            owed.filters.retain(|filter| *filter != at);
            !owed.filters.is_empty()
        });
    }

    /// Deliveries that this subscription may have brought go on without it.
    fn note_unsubscribed(&mut self, at: usize, event: usize) {
        let pattern = &self.subscriptions[at].pattern;
        for flight in self.flights.values_mut().filter(|flight| !flight.is_done()) {
            if mqttspec_codec::topic::matches(pattern, &flight.topic) {
                flight.unsubscribed.get_or_insert(event);
            }
        }
    }
}
