//! The needs that follow from what a scenario sends, so that no author has to remember them.

use mqttspec_codec::{
    ConnectBuf, PacketBuf, PropertyId, PropertyList, ProtocolVersion, PublishBuf, SubscribeBuf, WillBuf, topic,
};

use super::outgoing::Outgoing;
use super::scenario::{Need, Scenario, Step};

/// Packets of up to this many bytes are sent without asking whether the target takes them.
const SMALL_PACKET: usize = 64;
/// By how many bytes each place for the namespace grows when it is filled in.
const NAMESPACE_GROWS: usize = 4;

impl Scenario {
    /// Needs that the packets of the scenario imply and that it does not state itself. Earlier versions have no way to
    /// state a limit, but the same target may state it to clients of 5.0. A scenario that shows how a lack is refused
    /// states that lack, and implies nothing.
    pub(super) fn implied_needs(&self) -> Vec<Need> {
        let shows_refusal =
            self.needs.iter().any(|need| matches!(need, Need::Lacks(_) | Need::MaximumPacketSizeAtMost(_)));
        let mut implied = Vec::new();
        if shows_refusal {
            return implied;
        }
        for step in &self.steps {
            if let Step::Send { outgoing, .. } = step {
                self.imply(outgoing, &mut implied);
            }
        }
        let largest = implied.iter().filter_map(packet_size).max();
        implied
            .retain(|need| !self.needs.contains(need) && (packet_size(need).is_none() || packet_size(need) == largest));
        implied
    }

    fn imply(&self, outgoing: &Outgoing, needs: &mut Vec<Need>) {
        match outgoing {
            Outgoing::Packet(packet) | Outgoing::ConnectAsAssigned { packet, .. } => self.imply_packet(packet, needs),
            Outgoing::Together(parts) => parts.iter().for_each(|part| self.imply(part, needs)),
            Outgoing::InPieces { outgoing, .. } => self.imply(outgoing, needs),
            // A broken packet is refused whatever the target can do; but which of its errors is answered is up to the
            // target, and what it lacks must not be one of them.
            Outgoing::Mutated { packet, .. } => self.imply_packet(packet, needs),
            Outgoing::MutatedAnswer { .. }
            | Outgoing::Bytes(_)
            | Outgoing::Answer { .. }
            | Outgoing::AnswerChallenge { .. } => {}
        }
    }

    fn imply_packet(&self, packet: &PacketBuf, needs: &mut Vec<Need>) {
        match packet {
            PacketBuf::Connect(ConnectBuf { will: Some(will), .. }) => imply_will(will, needs),
            PacketBuf::Publish(publish) => imply_publish(publish, needs),
            PacketBuf::Subscribe(subscribe) => imply_subscribe(self.version, subscribe, needs),
            _ => {}
        }
        if let Ok(bytes) = packet.encode(self.version) {
            let places = bytes.windows(4).filter(|window| window == b"{ns}").count();
            let len = bytes.len() + places * NAMESPACE_GROWS;
            if len > SMALL_PACKET {
                add(needs, Need::MaximumPacketSizeAtLeast(u32::try_from(len).unwrap_or(u32::MAX)));
            }
        }
    }
}

/// The largest packet decides for all.
fn packet_size(need: &Need) -> Option<u32> {
    match need {
        Need::MaximumPacketSizeAtLeast(size) => Some(*size),
        _ => None,
    }
}

fn imply_will(will: &WillBuf, needs: &mut Vec<Need>) {
    imply_qos(will.qos.value(), needs);
    if will.retain {
        add(needs, Need::Retain);
    }
}

fn imply_publish(publish: &PublishBuf, needs: &mut Vec<Need>) {
    imply_qos(publish.qos.value(), needs);
    if publish.retain {
        add(needs, Need::Retain);
    }
    if let Some(alias) = publish.properties.integer(PropertyId::TopicAlias).filter(|alias| *alias > 0) {
        add(needs, Need::TopicAliasMaximum(u16::try_from(alias).unwrap_or(u16::MAX)));
    }
}

fn imply_subscribe(version: ProtocolVersion, subscribe: &SubscribeBuf, needs: &mut Vec<Need>) {
    for subscription in &subscribe.filters {
        // A server that lacks this QoS grants a lower one, rightly: what the scenario is about does not come to pass.
        imply_qos(subscription.options.qos.value(), needs);
        if subscription.filter.contains(['+', '#']) {
            add(needs, Need::WildcardSubscription);
        }
        // Before 5.0 this is a filter like any other.
        if version.has_properties() && topic::parse_shared(&subscription.filter).is_some() {
            add(needs, Need::SharedSubscription);
        }
    }
    if subscribe.properties.find(PropertyId::SubscriptionIdentifier).is_some() {
        add(needs, Need::SubscriptionIdentifier);
    }
}

fn imply_qos(qos: u8, needs: &mut Vec<Need>) {
    if qos > 0 {
        add(needs, Need::Qos(qos));
    }
}

fn add(needs: &mut Vec<Need>, need: Need) {
    if !needs.contains(&need) {
        needs.push(need);
    }
}

#[cfg(test)]
mod tests {
    use mqttspec_codec::{Mutation, QoS};

    use super::*;
    use crate::model::{Dialogue, PublishExt, publish, subscribe};

    fn needs(version: ProtocolVersion, send: impl FnOnce(super::super::On<'_>)) -> Vec<Need> {
        let mut dialogue = Dialogue::new(version, "3.3 PUBLISH", "x/y", "t");
        send(dialogue.on("a"));
        dialogue.build().needs
    }

    #[test]
    fn what_is_sent_says_what_is_needed_in_every_version() {
        for version in ProtocolVersion::ALL {
            let sent = |packet: PacketBuf| needs(version, |on| drop(on.sends(packet)));
            assert_eq!(sent(PacketBuf::PingReq), []);
            assert_eq!(sent(PacketBuf::Publish(publish("t", "p").qos2(1))), [Need::Qos(2)]);
            assert_eq!(sent(PacketBuf::Publish(PublishBuf { retain: true, ..publish("t", "p") })), [Need::Retain]);
            let asked = PacketBuf::Subscribe(subscribe(1, "a/#", QoS::ExactlyOnce));
            assert_eq!(sent(asked), [Need::Qos(2), Need::WildcardSubscription]);
            assert!(matches!(
                sent(PacketBuf::Publish(publish("t", &"p".repeat(1_000))))[..],
                [Need::MaximumPacketSizeAtLeast(size)] if size > 1_000
            ));
            let shared = sent(PacketBuf::Subscribe(subscribe(1, "$share/g/a", QoS::AtMostOnce)));
            assert_eq!(shared.contains(&Need::SharedSubscription), version.has_properties());
        }
    }

    #[test]
    fn what_a_broken_packet_is_made_from_is_needed_too() {
        let packet = PacketBuf::Publish(publish("t", "p").qos2(1));
        let needed = needs(ProtocolVersion::V5_0, |on| drop(on.sends_mutated(packet, Mutation::ALL[0])));
        assert_eq!(needed, [Need::Qos(2)]);
    }

    #[test]
    fn a_scenario_about_a_lack_implies_nothing() {
        let lack = Need::Lacks(Box::new(Need::Qos(2)));
        let mut dialogue = Dialogue::new(ProtocolVersion::V5_0, "3.3 PUBLISH", "x/y", "t").needs(lack.clone());
        dialogue.on("a").sends(publish("t", "p").qos2(1));
        assert_eq!(dialogue.build().needs, [lack]);
    }
}
