//! The limits that our CONNECT set: Maximum Packet Size and Request Problem Information (3.1.2.11).

use mqttspec_codec::{PacketBuf, PacketType, PropertyBuf, PropertyId, PropertyList, ValueBuf};

use super::super::rule::{self, Rule};
use super::Seen;

/// Checks any packet.
pub(super) fn check(seen: &mut Seen<'_>, packet: &PacketBuf) {
    check_size(seen, packet);
    check_problem_information(seen, packet);
}

fn check_size(seen: &mut Seen<'_>, packet: &PacketBuf) {
    let connection = seen.connection;
    let Some(maximum) = connection.asked(PropertyId::MaximumPacketSize) else { return };
    let maximum = maximum as usize;
    if seen.len <= maximum {
        return;
    }
    let packet_type = packet.packet_type();
    let excess = seen.len - maximum;
    let (reason_string, user_property) = fits(packet_type);
    let properties = packet.properties();
    // The property that could have been left out is what is wrong, when leaving it out is enough.
    let rule = if size_of(properties, PropertyId::ReasonString) >= excess {
        reason_string
    } else if packet_type != PacketType::Publish
        && size_of(properties, PropertyId::UserProperty) + size_of(properties, PropertyId::ReasonString) >= excess
    {
        user_property
    } else {
        rule::MAXIMUM_PACKET_SIZE
    };
    let message = format!("{packet_type} of {} bytes to a client whose Maximum Packet Size is {maximum}", seen.len);
    seen.breach_after(connection.connect_event, rule, message);
}

/// Who says that a Reason String and User Properties must fit.
pub(in super::super) const fn fits(packet_type: PacketType) -> (Rule, Rule) {
    match packet_type {
        PacketType::ConnAck => (rule::CONNACK_REASON_STRING_FITS, rule::CONNACK_USER_PROPERTY_FITS),
        PacketType::PubAck => (rule::PUBACK_REASON_STRING_FITS, rule::PUBACK_USER_PROPERTY_FITS),
        PacketType::PubRec => (rule::PUBREC_REASON_STRING_FITS, rule::PUBREC_USER_PROPERTY_FITS),
        PacketType::PubRel => (rule::PUBREL_REASON_STRING_FITS, rule::PUBREL_USER_PROPERTY_FITS),
        PacketType::PubComp => (rule::PUBCOMP_REASON_STRING_FITS, rule::PUBCOMP_USER_PROPERTY_FITS),
        PacketType::SubAck => (rule::SUBACK_REASON_STRING_FITS, rule::SUBACK_USER_PROPERTY_FITS),
        PacketType::UnsubAck => (rule::UNSUBACK_REASON_STRING_FITS, rule::UNSUBACK_USER_PROPERTY_FITS),
        PacketType::Disconnect => (rule::DISCONNECT_REASON_STRING_FITS, rule::DISCONNECT_USER_PROPERTY_FITS),
        PacketType::Auth => (rule::AUTH_REASON_STRING_FITS, rule::AUTH_USER_PROPERTY_FITS),
        _ => (rule::MAXIMUM_PACKET_SIZE, rule::MAXIMUM_PACKET_SIZE),
    }
}

/// Bytes that all properties with this identifier take.
pub(in super::super) fn size_of(properties: &[PropertyBuf], id: PropertyId) -> usize {
    let size = |property: &PropertyBuf| match &property.value {
        ValueBuf::Utf8String(text) => 3 + text.len(),
        ValueBuf::Utf8StringPair(name, value) => 5 + name.len() + value.len(),
        _ => 0,
    };
    properties.iter().filter(|property| property.id == id).map(size).sum()
}

fn check_problem_information(seen: &mut Seen<'_>, packet: &PacketBuf) {
    let connection = seen.connection;
    let packet_type = packet.packet_type();
    let unwanted = connection.asked(PropertyId::RequestProblemInformation) == Some(0)
        && !matches!(packet_type, PacketType::Publish | PacketType::ConnAck | PacketType::Disconnect);
    if !unwanted {
        return;
    }
    for id in [PropertyId::ReasonString, PropertyId::UserProperty] {
        if packet.properties().find(id).is_some() {
            let message = format!("{packet_type} with {id} though Request Problem Information is 0");
            seen.breach_after(connection.connect_event, rule::PROBLEM_INFORMATION_UNWANTED, message);
        }
    }
}
