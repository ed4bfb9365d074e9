//! A packet in one line.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::diagnose::quote;
use crate::{
    AckBuf, ConnAckBuf, ConnectBuf, Level, PacketBuf, PacketType, PropertyBuf, ProtocolVersion, PublishBuf, ReasonCode,
    SubscribeBuf, ValueBuf, diagnose,
};

/// Elements shown of any list.
const SHOWN: usize = 16;

/// `packet` in one line, as `version` has it.
///
/// ```
/// use mqttspec_codec::{AckBuf, PacketBuf, ProtocolVersion, ReasonCode, render::one_line};
/// let ack = AckBuf { packet_id: 7, reason_code: ReasonCode::NOT_AUTHORIZED, properties: vec![] };
/// assert_eq!(one_line(&PacketBuf::PubAck(ack), ProtocolVersion::V5_0), "PUBACK id 7, 0x87 Not authorized");
/// ```
pub fn one_line(packet: &PacketBuf, version: ProtocolVersion) -> String {
    let packet_type = packet.packet_type();
    let mut parts = Parts { version, list: Vec::new() };
    match packet {
        PacketBuf::Connect(connect) => parts.connect(connect),
        PacketBuf::ConnAck(connack) => parts.connack(connack),
        PacketBuf::Publish(publish) => parts.publish(publish),
        PacketBuf::PubAck(ack) | PacketBuf::PubRec(ack) | PacketBuf::PubRel(ack) | PacketBuf::PubComp(ack) => {
            parts.acknowledgement(packet_type, ack);
        }
        PacketBuf::Subscribe(subscribe) => parts.subscribe(subscribe),
        PacketBuf::SubAck(p) => parts.codes(packet_type, p.packet_id, &p.reason_codes),
        PacketBuf::Unsubscribe(p) => {
            parts.push(format!("id {}", p.packet_id));
            parts.push(list(p.filters.iter().map(|filter| quote(filter.as_bytes()))));
        }
        PacketBuf::UnsubAck(p) => parts.codes(packet_type, p.packet_id, &p.reason_codes),
        PacketBuf::PingReq | PacketBuf::PingResp => {}
        PacketBuf::Disconnect(p) => parts.code(packet_type, p.reason_code),
        PacketBuf::Auth(p) => parts.code(packet_type, p.reason_code),
    }
    parts.properties("", packet.properties());
    let mut line = packet_type.name().to_owned();
    if !parts.list.is_empty() {
        line.push(' ');
        line.push_str(&parts.list.join(", "));
    }
    line
}

/// The bytes of one packet in one line: its fields if it is valid, otherwise its type and its first violation.
///
/// ```
/// use mqttspec_codec::{ProtocolVersion, render::one_line_bytes};
/// assert_eq!(one_line_bytes(&[0xC0, 0x00], ProtocolVersion::V5_0), "PINGREQ");
/// assert_eq!(
///     one_line_bytes(&[0xC1, 0x00], ProtocolVersion::V5_0),
///     "PINGREQ malformed at byte 0: flags are 0001 and must be 0000 (MQTT-2.1.3-1)"
/// );
/// ```
pub fn one_line_bytes(frame: &[u8], version: ProtocolVersion) -> String {
    let diagnosis = diagnose(frame, version);
    let musts = || diagnosis.violations.iter().filter(|violation| violation.level == Level::Must);
    let Some(first) = musts().next() else {
        return match PacketBuf::decode(frame, version) {
            Ok(packet) => one_line(&packet, version),
            Err(error) => format!("malformed: {error}"),
        };
    };
    let name = diagnosis.packet_type.map_or("reserved packet type", PacketType::name);
    let place = first.statement.map_or_else(|| format!("section {}", first.section), str::to_owned);
    let mut line = format!("{name} malformed at byte {}: {} ({place})", first.offset, first.message);
    let others = musts().count() - 1;
    if others > 0 {
        line.push_str(&format!(" and {others} more"));
    }
    line
}

struct Parts {
    version: ProtocolVersion,
    list: Vec<String>,
}

impl Parts {
    fn push(&mut self, part: impl Into<String>) {
        self.list.push(part.into());
    }

    fn flag(&mut self, set: bool, name: &str) {
        if set {
            self.push(name);
        }
    }

    fn connect(&mut self, connect: &ConnectBuf) {
        self.version = connect.version;
        let v5 = self.version.has_properties();
        self.push(self.version.as_str());
        self.push(format!("client id {}", quote(connect.client_id.as_bytes())));
        self.flag(connect.clean_start, if v5 { "clean start" } else { "clean session" });
        self.push(format!("keep alive {} s", connect.keep_alive));
        if let Some(user_name) = &connect.user_name {
            self.push(format!("user name {}", quote(user_name.as_bytes())));
        }
        if let Some(password) = &connect.password {
            self.push(format!("password of {}", bytes(password.len())));
        }
        if let Some(will) = &connect.will {
            self.push(format!("will {} = {}", quote(will.topic.as_bytes()), quote(&will.payload)));
            self.push(format!("will qos {}", will.qos));
            self.flag(will.retain, "will retain");
            self.properties("will ", &will.properties);
        }
    }

    fn connack(&mut self, connack: &ConnAckBuf) {
        self.flag(connack.session_present, "session present");
        self.code_always(PacketType::ConnAck, connack.reason_code);
    }

    fn publish(&mut self, publish: &PublishBuf) {
        self.push(format!("{} = {}", quote(publish.topic.as_bytes()), quote(&publish.payload)));
        self.push(format!("qos {}", publish.qos));
        if let Some(id) = publish.packet_id {
            self.push(format!("id {id}"));
        }
        self.flag(publish.dup, "dup");
        self.flag(publish.retain, "retain");
    }

    fn acknowledgement(&mut self, packet: PacketType, ack: &AckBuf) {
        self.push(format!("id {}", ack.packet_id));
        self.code(packet, ack.reason_code);
    }

    fn subscribe(&mut self, subscribe: &SubscribeBuf) {
        self.push(format!("id {}", subscribe.packet_id));
        let v5 = self.version.has_properties();
        self.push(list(subscribe.filters.iter().map(|subscription| {
            let options = subscription.options;
            let mut text = format!("{} qos {}", quote(subscription.filter.as_bytes()), options.qos);
            if v5 {
                text.push_str(if options.no_local { " no-local" } else { "" });
                text.push_str(if options.retain_as_published { " retain-as-published" } else { "" });
                if options.retain_handling != crate::RetainHandling::SendAtSubscribe {
                    text.push_str(&format!(" retain-handling {}", options.retain_handling as u8));
                }
            }
            text
        })));
    }

    fn codes(&mut self, packet: PacketType, packet_id: u16, codes: &[ReasonCode]) {
        self.push(format!("id {packet_id}"));
        if packet == PacketType::SubAck || self.version.has_properties() {
            let version = self.version;
            self.push(list(codes.iter().map(|code| name(*code, version, packet))));
        }
    }

    /// The code of a packet that has one in 5.0 only.
    fn code(&mut self, packet: PacketType, code: ReasonCode) {
        if self.version.has_properties() {
            self.code_always(packet, code);
        }
    }

    fn code_always(&mut self, packet: PacketType, code: ReasonCode) {
        self.push(name(code, self.version, packet));
    }

    fn properties(&mut self, prefix: &str, properties: &[PropertyBuf]) {
        if !properties.is_empty() && self.version.has_properties() {
            self.push(format!("{prefix}{{{}}}", joined(properties.iter().map(property))));
        }
    }
}

fn property(property: &PropertyBuf) -> String {
    let name = property.id.name();
    match &property.value {
        ValueBuf::Byte(v) => format!("{name} {v}"),
        ValueBuf::TwoByteInteger(v) => format!("{name} {v}"),
        ValueBuf::FourByteInteger(v) | ValueBuf::VariableByteInteger(v) => format!("{name} {v}"),
        ValueBuf::Utf8String(v) => format!("{name} {}", quote(v.as_bytes())),
        ValueBuf::BinaryData(v) => format!("{name} {}", quote(v)),
        ValueBuf::Utf8StringPair(key, v) => format!("{name} {} = {}", quote(key.as_bytes()), quote(v.as_bytes())),
    }
}

fn name(code: ReasonCode, version: ProtocolVersion, packet: PacketType) -> String {
    format!("{code} {}", code.name_in(version, packet).unwrap_or("(undefined)"))
}

fn bytes(count: usize) -> String {
    if count == 1 { "1 byte".to_owned() } else { format!("{count} bytes") }
}

fn list(items: impl ExactSizeIterator<Item = String>) -> String {
    format!("[{}]", joined(items))
}

fn joined(items: impl ExactSizeIterator<Item = String>) -> String {
    let more = items.len().saturating_sub(SHOWN);
    let mut text = items.take(SHOWN).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(&format!(", … {more} more"));
    }
    text
}
