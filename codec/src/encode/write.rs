//! The bytes of a packet that has been measured. Nothing here can fail: there is room, and every field fits.

use bytes::BufMut;

use super::Layout;
use super::measure::ReasonForm;
use crate::packet::{
    Ack, Connect, ListSource, Packet, Properties, PropertySource, Publish, ReasonCodes, Rest, Subscriptions,
    TopicFilters, flag,
};
use crate::property::ValueBuf;
use crate::{PacketType, PropertyBuf, ProtocolVersion, ReasonCode, varint};

/// Writes `packet` up to its Application Message.
#[inline]
pub(super) fn packet<B: BufMut>(packet: &Packet<'_>, version: ProtocolVersion, layout: &Layout, out: &mut B) {
    match packet {
        Packet::Publish(p) => publish(p, version, layout, out),
        Packet::PubAck(p) => ack(0x40, PacketType::PubAck, p, version, layout, out),
        Packet::PubRec(p) => ack(0x50, PacketType::PubRec, p, version, layout, out),
        Packet::PubRel(p) => ack(0x62, PacketType::PubRel, p, version, layout, out),
        Packet::PubComp(p) => ack(0x70, PacketType::PubComp, p, version, layout, out),
        _ => other(packet, version, layout, out),
    }
}

fn other<B: BufMut>(packet: &Packet<'_>, version: ProtocolVersion, layout: &Layout, out: &mut B) {
    let packet_type = packet.packet_type();
    let first = packet_type.value() << 4 | packet_type.fixed_flags().unwrap_or(0);
    header(first, layout, out);
    match packet {
        Packet::Connect(p) => connect(p, layout, out),
        Packet::ConnAck(p) => {
            out.put_slice(&[u8::from(p.session_present), p.reason_code.0]);
            property_list(p.properties, version, layout.property_length, out);
        }
        Packet::Subscribe(p) => {
            out.put_slice(&p.packet_id.to_be_bytes());
            property_list(p.properties, version, layout.property_length, out);
            subscriptions(p.filters, version, out);
        }
        Packet::SubAck(p) => {
            out.put_slice(&p.packet_id.to_be_bytes());
            property_list(p.properties, version, layout.property_length, out);
            codes(p.reason_codes, out);
        }
        Packet::Unsubscribe(p) => {
            out.put_slice(&p.packet_id.to_be_bytes());
            property_list(p.properties, version, layout.property_length, out);
            topic_filters(p.filters, out);
        }
        Packet::UnsubAck(p) => {
            out.put_slice(&p.packet_id.to_be_bytes());
            property_list(p.properties, version, layout.property_length, out);
            if version.has_properties() {
                codes(p.reason_codes, out);
            }
        }
        Packet::Disconnect(p) => reason(packet_type, p.reason_code, p.properties, version, layout, out),
        Packet::Auth(p) => reason(packet_type, p.reason_code, p.properties, version, layout, out),
        // The two without a body, and those that `packet` has written.
        Packet::PingReq
        | Packet::PingResp
        | Packet::Publish(_)
        | Packet::PubAck(_)
        | Packet::PubRec(_)
        | Packet::PubRel(_)
        | Packet::PubComp(_) => {}
    }
}

#[inline]
fn publish<B: BufMut>(p: &Publish<'_>, version: ProtocolVersion, layout: &Layout, out: &mut B) {
    let first = PacketType::Publish.value() << 4 | u8::from(p.dup) << 3 | p.qos.value() << 1 | u8::from(p.retain);
    let topic = p.topic.as_bytes();
    let [high, low] = length_bytes(topic);
    // One write of a known size costs less than two.
    match short(layout.remaining_length) {
        Some(remaining_length) => out.put_slice(&[first, remaining_length, high, low]),
        None => {
            header(first, layout, out);
            out.put_slice(&[high, low]);
        }
    }
    out.put_slice(topic);
    let has_properties = version.has_properties();
    match (p.packet_id.map(u16::to_be_bytes), has_properties.then(|| short(layout.property_length)).flatten()) {
        (Some([high, low]), Some(property_length)) => out.put_slice(&[high, low, property_length]),
        (Some(packet_id), None) => out.put_slice(&packet_id),
        (None, Some(property_length)) => out.put_slice(&[property_length]),
        (None, None) => {}
    }
    if has_properties {
        if short(layout.property_length).is_none() {
            variable_byte_integer(layout.property_length, out);
        }
        properties(p.properties, out);
    }
}

#[inline]
fn ack<B: BufMut>(
    first: u8,
    packet_type: PacketType,
    p: &Ack<'_>,
    version: ProtocolVersion,
    layout: &Layout,
    out: &mut B,
) {
    let [high, low] = p.packet_id.to_be_bytes();
    if layout.remaining_length == 2 {
        return out.put_slice(&[first, 2, high, low]);
    }
    match short(layout.remaining_length) {
        Some(remaining_length) => out.put_slice(&[first, remaining_length, high, low]),
        None => {
            header(first, layout, out);
            out.put_slice(&[high, low]);
        }
    }
    reason(packet_type, p.reason_code, p.properties, version, layout, out);
}

fn connect<B: BufMut>(p: &Connect<'_>, layout: &Layout, out: &mut B) {
    let version = p.version();
    let flags = p.flags & !flag::CLEAN_START | if p.clean_start { flag::CLEAN_START } else { 0 };
    let [high, low] = p.keep_alive.to_be_bytes();
    if version == ProtocolVersion::V3_1 {
        out.put_slice(&[0, 6, b'M', b'Q', b'I', b's', b'd', b'p', version.protocol_level(), flags, high, low]);
    } else {
        out.put_slice(&[0, 4, b'M', b'Q', b'T', b'T', version.protocol_level(), flags, high, low]);
    }
    property_list(p.properties, version, layout.property_length, out);
    field(p.client_id.as_bytes(), out);
    match p.rest {
        Rest::Wire(bytes) => out.put_slice(bytes),
        Rest::Owned(connect) => {
            if let Some(will) = &connect.will {
                property_list((&will.properties).into(), version, layout.will_property_length, out);
                field(will.topic.as_bytes(), out);
                field(&will.payload, out);
            }
            if let Some(user_name) = &connect.user_name {
                field(user_name.as_bytes(), out);
            }
            if let Some(password) = &connect.password {
                field(password, out);
            }
        }
    }
}

fn reason<B: BufMut>(
    packet_type: PacketType,
    reason_code: ReasonCode,
    list: Properties<'_>,
    version: ProtocolVersion,
    layout: &Layout,
    out: &mut B,
) {
    match ReasonForm::of(packet_type, reason_code, list, version) {
        ReasonForm::Nothing => {}
        ReasonForm::Code => out.put_slice(&[reason_code.0]),
        ReasonForm::CodeAndProperties => {
            if let Some(property_length) = short(layout.property_length) {
                out.put_slice(&[reason_code.0, property_length]);
            } else {
                out.put_slice(&[reason_code.0]);
                variable_byte_integer(layout.property_length, out);
            }
            properties(list, out);
        }
    }
}

fn subscriptions<B: BufMut>(list: Subscriptions<'_>, version: ProtocolVersion, out: &mut B) {
    if let (ListSource::Wire(bytes), true) = (list.source(), version.has_properties()) {
        return out.put_slice(bytes);
    }
    for subscription in list.iter() {
        field(subscription.filter.as_bytes(), out);
        out.put_slice(&[subscription.options.to_byte(version)]);
    }
}

fn topic_filters<B: BufMut>(list: TopicFilters<'_>, out: &mut B) {
    match list.source() {
        ListSource::Wire(bytes) => out.put_slice(bytes),
        ListSource::Owned(list) => list.iter().for_each(|filter| field(filter.as_bytes(), out)),
    }
}

fn codes<B: BufMut>(list: ReasonCodes<'_>, out: &mut B) {
    match list.source() {
        ListSource::Wire(bytes) => out.put_slice(bytes),
        ListSource::Owned(list) => list.iter().for_each(|code| out.put_slice(&[code.0])),
    }
}

/// The properties after their Property Length, in versions that have them (2.2.2).
#[inline]
fn property_list<B: BufMut>(list: Properties<'_>, version: ProtocolVersion, property_length: u32, out: &mut B) {
    if version.has_properties() {
        variable_byte_integer(property_length, out);
        properties(list, out);
    }
}

#[inline]
fn properties<B: BufMut>(list: Properties<'_>, out: &mut B) {
    match list.source() {
        PropertySource::Wire(bytes) => out.put_slice(bytes),
        PropertySource::Owned(list) => list.iter().for_each(|p| property(p, out)),
    }
}

#[inline]
fn property<B: BufMut>(property: &PropertyBuf, out: &mut B) {
    let id = property.id.value();
    match &property.value {
        ValueBuf::Byte(value) => out.put_slice(&[id, *value]),
        ValueBuf::TwoByteInteger(value) => {
            let [a, b] = value.to_be_bytes();
            out.put_slice(&[id, a, b]);
        }
        ValueBuf::FourByteInteger(value) => {
            let [a, b, c, d] = value.to_be_bytes();
            out.put_slice(&[id, a, b, c, d]);
        }
        ValueBuf::VariableByteInteger(value) => {
            out.put_slice(&[id]);
            variable_byte_integer(*value, out);
        }
        ValueBuf::Utf8String(value) => tagged_field(id, value.as_bytes(), out),
        ValueBuf::BinaryData(value) => tagged_field(id, value, out),
        ValueBuf::Utf8StringPair(name, value) => {
            tagged_field(id, name.as_bytes(), out);
            field(value.as_bytes(), out);
        }
    }
}

/// A property identifier and a field.
#[inline]
fn tagged_field<B: BufMut>(id: u8, data: &[u8], out: &mut B) {
    let [high, low] = length_bytes(data);
    out.put_slice(&[id, high, low]);
    out.put_slice(data);
}

/// A string or Binary Data after its length (1.5.4, 1.5.6).
#[inline]
fn field<B: BufMut>(data: &[u8], out: &mut B) {
    out.put_slice(&length_bytes(data));
    out.put_slice(data);
}

/// The length before a field, which has been found to be no longer than 65,535 bytes.
#[inline]
const fn length_bytes(data: &[u8]) -> [u8; 2] {
    (data.len() as u16).to_be_bytes()
}

#[inline]
fn header<B: BufMut>(first: u8, layout: &Layout, out: &mut B) {
    match short(layout.remaining_length) {
        Some(remaining_length) => out.put_slice(&[first, remaining_length]),
        None => {
            out.put_slice(&[first]);
            variable_byte_integer(layout.remaining_length, out);
        }
    }
}

/// A length as the one byte it takes, if it does.
#[inline]
const fn short(len: u32) -> Option<u8> {
    if len < 0x80 { Some(len as u8) } else { None }
}

/// An integer that has been found to be no larger than [`varint::MAX`].
#[inline]
fn variable_byte_integer<B: BufMut>(value: u32, out: &mut B) {
    let byte = |shift: u32| (value >> shift) as u8;
    let more = |shift: u32| byte(shift) | 0x80;
    match varint::len_of_valid(value) {
        1 => out.put_slice(&[byte(0)]),
        2 => out.put_slice(&[more(0), byte(7)]),
        3 => out.put_slice(&[more(0), more(7), byte(14)]),
        _ => out.put_slice(&[more(0), more(7), more(14), byte(21)]),
    }
}
