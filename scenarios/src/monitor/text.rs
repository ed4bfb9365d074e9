//! Text that a receiver may refuse though it decodes.

use mqttspec_codec::{PacketBuf, PropertyBuf, ValueBuf};

/// Whether a receiver may treat a packet with this text as malformed: it holds a control character or a noncharacter
/// (5.0: 1.5.4, 3.1.1: 1.5.3).
pub(super) fn is_refusable(text: &str) -> bool {
    let refusable = |c: char| c.is_control() || (c as u32 & 0xFFFE) == 0xFFFE || ('\u{FDD0}'..='\u{FDEF}').contains(&c);
    text.contains(refusable)
}

/// The same of any text in a packet of a Client.
pub(super) fn has_refusable_text(packet: &PacketBuf) -> bool {
    let (own, properties): (bool, &[PropertyBuf]) = match packet {
        PacketBuf::Connect(connect) => {
            let of_will = connect.will.as_ref().is_some_and(|will| is_refusable(&will.topic) || any(&will.properties));
            let named = connect.user_name.as_deref().is_some_and(is_refusable);
            (of_will || named || is_refusable(&connect.client_id), &connect.properties)
        }
        PacketBuf::Publish(publish) => (is_refusable(&publish.topic), &publish.properties),
        PacketBuf::Subscribe(subscribe) => {
            (subscribe.filters.iter().any(|named| is_refusable(&named.filter)), &subscribe.properties)
        }
        PacketBuf::Unsubscribe(unsubscribe) => {
            (unsubscribe.filters.iter().any(|filter| is_refusable(filter)), &unsubscribe.properties)
        }
        PacketBuf::PubAck(ack) | PacketBuf::PubRec(ack) | PacketBuf::PubRel(ack) | PacketBuf::PubComp(ack) => {
            (false, &ack.properties)
        }
        PacketBuf::Disconnect(disconnect) => (false, &disconnect.properties),
        PacketBuf::Auth(auth) => (false, &auth.properties),
        _ => (false, &[]),
    };
    own || any(properties)
}

fn any(properties: &[PropertyBuf]) -> bool {
    properties.iter().any(|property| match &property.value {
        ValueBuf::Utf8String(text) => is_refusable(text),
        ValueBuf::Utf8StringPair(name, value) => is_refusable(name) || is_refusable(value),
        _ => false,
    })
}
