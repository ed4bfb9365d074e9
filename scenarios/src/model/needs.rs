//! The needs that follow from what a scenario sends, so that no author has to remember them.

use mqttspec_codec::{ConnectBuf, PacketBuf, PropertyId, PropertyList, PublishBuf, SubscribeBuf, WillBuf, topic};

use super::outgoing::Outgoing;
use super::scenario::{Need, Scenario, Step};

/// Packets of up to this many bytes are sent without asking whether the target takes them.
const SMALL_PACKET: usize = 512;

impl Scenario {
    /// Needs that the packets of the scenario imply and that it does not state itself (5.0 only: earlier versions have no
    /// way to state a limit). A scenario that shows how a lack is refused states that lack, and implies nothing.
    pub(super) fn implied_needs(&self) -> Vec<Need> {
        let shows_refusal =
            self.needs.iter().any(|need| matches!(need, Need::Lacks(_) | Need::MaximumPacketSizeAtMost(_)));
        let mut implied = Vec::new();
        if !self.version.has_properties() || shows_refusal {
            return implied;
        }
        for step in &self.steps {
            if let Step::Send { outgoing, .. } = step {
                self.imply(outgoing, &mut implied);
            }
        }
        implied.retain(|need| !self.needs.contains(need));
        implied
    }

    fn imply(&self, outgoing: &Outgoing, needs: &mut Vec<Need>) {
        match outgoing {
            Outgoing::Packet(packet) | Outgoing::ConnectAsAssigned { packet, .. } => self.imply_packet(packet, needs),
            Outgoing::Together(parts) => parts.iter().for_each(|part| self.imply(part, needs)),
            Outgoing::InPieces { outgoing, .. } => self.imply(outgoing, needs),
            // A broken packet is refused whatever the target can do.
            Outgoing::Mutated { .. }
            | Outgoing::MutatedAnswer { .. }
            | Outgoing::Bytes(_)
            | Outgoing::Answer { .. }
            | Outgoing::AnswerChallenge { .. } => {}
        }
    }

    fn imply_packet(&self, packet: &PacketBuf, needs: &mut Vec<Need>) {
        match packet {
            PacketBuf::Connect(ConnectBuf { will: Some(will), .. }) => imply_will(will, needs),
            PacketBuf::Publish(publish) => imply_publish(publish, needs),
            PacketBuf::Subscribe(subscribe) => imply_subscribe(subscribe, needs),
            _ => {}
        }
        match packet.encoded_len(self.version) {
            Ok(len) if len > SMALL_PACKET => {
                add(needs, Need::MaximumPacketSizeAtLeast(u32::try_from(len).unwrap_or(u32::MAX)));
            }
            _ => {}
        }
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

fn imply_subscribe(subscribe: &SubscribeBuf, needs: &mut Vec<Need>) {
    for subscription in &subscribe.filters {
        if subscription.filter.contains(['+', '#']) {
            add(needs, Need::WildcardSubscription);
        }
        if topic::parse_shared(&subscription.filter).is_some() {
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
