//! What CONNACK allows the Client, once it has certainly read it (3.2.2.3).

use mqttspec_codec::{PacketBuf, PropertyId, PropertyList, ProtocolVersion, PublishBuf, SubscribeBuf};

use super::super::checks::limits::{fits, size_of};
use super::super::rule::Rule;
use super::knowledge::Knowledge;
use super::{Seen, rules};
use crate::Time;

/// Checks `packet` of `len` bytes.
pub(super) fn check(seen: &mut Seen<'_, '_>, knowledge: &Knowledge, now: Time, packet: &PacketBuf, len: usize) {
    let connection = seen.connection;
    if connection.version != ProtocolVersion::V5_0 || !connection.accepted() || !knowledge.of_connack(now) {
        return;
    }
    let Some(connack) = connection.connack.as_ref().map(|connack| connack.event) else { return };
    if let Some(maximum) = connection.told(PropertyId::MaximumPacketSize).filter(|maximum| len > *maximum as usize) {
        let message =
            format!("a {} of {len} bytes though the CONNACK of event {connack} allows {maximum}", packet.packet_type());
        seen.breach([connack], size_rule(packet, len - maximum as usize), message);
    }
    match packet {
        PacketBuf::Publish(publish) => check_publish(seen, connack, publish),
        PacketBuf::Subscribe(subscribe) => check_subscribe(seen, connack, subscribe),
        _ => {}
    }
}

/// The sentence about the property that could have been left out, when leaving it out is enough.
fn size_rule(packet: &PacketBuf, excess: usize) -> Rule {
    let (reason_string, user_property) = fits(packet.packet_type());
    let size = |id| size_of(packet.properties(), id);
    if matches!(packet, PacketBuf::Publish(_) | PacketBuf::Subscribe(_) | PacketBuf::Unsubscribe(_)) {
        rules::MAXIMUM_PACKET_SIZE
    } else if size(PropertyId::ReasonString) >= excess {
        reason_string
    } else if size(PropertyId::ReasonString) + size(PropertyId::UserProperty) >= excess {
        user_property
    } else {
        rules::MAXIMUM_PACKET_SIZE
    }
}

fn check_publish(seen: &mut Seen<'_, '_>, connack: usize, publish: &PublishBuf) {
    let connection = seen.connection;
    if publish.qos > connection.maximum_qos() {
        let message = format!(
            "a PUBLISH at QoS {} though the CONNACK of event {connack} allows QoS {}",
            publish.qos,
            connection.maximum_qos()
        );
        seen.breach([connack], rules::MAXIMUM_QOS, message);
    }
    if publish.retain && connection.told(PropertyId::RetainAvailable) == Some(0) {
        let message = format!("a PUBLISH with RETAIN 1 though the CONNACK of event {connack} has Retain Available 0");
        seen.breach([connack], rules::RETAIN_AVAILABLE, message);
    }
    let Some(alias) = publish.properties.integer(PropertyId::TopicAlias) else { return };
    match connection.told(PropertyId::TopicAliasMaximum).unwrap_or(0) {
        0 => {
            let message =
                format!("a PUBLISH with Topic Alias {alias} though the CONNACK of event {connack} allows none");
            seen.breach([connack], rules::ALIAS_UNINVITED, message);
        }
        maximum if alias > maximum => {
            let message = format!(
                "a PUBLISH with Topic Alias {alias} though the CONNACK of event {connack} allows {maximum} at most"
            );
            seen.breach([connack], rules::ALIAS_MAXIMUM, message);
        }
        _ => {}
    }
}

fn check_subscribe(seen: &mut Seen<'_, '_>, connack: usize, subscribe: &SubscribeBuf) {
    let connection = seen.connection;
    let denied = |id| connection.told(id) == Some(0);
    let any = |found: fn(&str) -> bool| subscribe.filters.iter().any(|s| found(&s.filter));
    let message = |what: &str| format!("a SUBSCRIBE with {what} though the CONNACK of event {connack} denies it");
    if denied(PropertyId::WildcardSubscriptionAvailable) && any(|filter| filter.contains(['+', '#'])) {
        seen.breach([connack], rules::WILDCARDS_AVAILABLE, message("a wildcard"));
    }
    if denied(PropertyId::SharedSubscriptionAvailable) && any(|filter| filter.starts_with("$share/")) {
        seen.breach([connack], rules::SHARED_AVAILABLE, message("a Shared Subscription"));
    }
    let identified = subscribe.properties.find(PropertyId::SubscriptionIdentifier).is_some();
    if denied(PropertyId::SubscriptionIdentifierAvailable) && identified {
        seen.breach([connack], rules::IDENTIFIERS_AVAILABLE, message("a Subscription Identifier"));
    }
}
