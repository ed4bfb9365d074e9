//! From a packet to its raw fields.

use alloc::vec;
use alloc::vec::Vec;

use super::{RawField, RawLength, RawPacket, RawProperty, RawValue};
use crate::{AckBuf, ConnectBuf, PacketBuf, PacketType, PropertyBuf, ProtocolVersion, ReasonCode, ValueBuf};

impl RawPacket {
    /// The fields of `packet` as `version` sends them, in the shortest form that the standard allows (5.0: a Reason
    /// Code of success and an empty property list at the end of an acknowledgement, DISCONNECT or AUTH are left out).
    pub fn from_packet(packet: &PacketBuf, version: ProtocolVersion) -> Self {
        Self::build(packet, version, false)
    }

    /// As [`from_packet`](Self::from_packet), but 5.0's optional Reason Code and Property Length are always written.
    pub fn from_packet_in_full(packet: &PacketBuf, version: ProtocolVersion) -> Self {
        Self::build(packet, version, true)
    }

    fn build(packet: &PacketBuf, version: ProtocolVersion, full: bool) -> Self {
        let mut fields = Fields { list: Vec::new(), v5: version.has_properties() };
        let packet_type = packet.packet_type();
        let mut flags = packet_type.fixed_flags().unwrap_or(0);
        match packet {
            PacketBuf::Connect(connect) => fields.connect(connect),
            PacketBuf::ConnAck(p) => {
                fields.u8("Connect Acknowledge Flags", u8::from(p.session_present));
                let name = if fields.v5 { "Connect Reason Code" } else { "Connect Return code" };
                fields.u8(name, p.reason_code.0);
                fields.properties("Properties", &p.properties);
            }
            PacketBuf::Publish(p) => {
                flags = u8::from(p.dup) << 3 | p.qos.value() << 1 | u8::from(p.retain);
                fields.utf8("Topic Name", &p.topic);
                if let Some(id) = p.packet_id {
                    fields.u16("Packet Identifier", id);
                }
                fields.properties("Properties", &p.properties);
                fields.push("Application Message", RawValue::Bytes(p.payload.clone()));
            }
            PacketBuf::PubAck(p) | PacketBuf::PubRec(p) | PacketBuf::PubRel(p) | PacketBuf::PubComp(p) => {
                fields.acknowledgement(p, full);
            }
            PacketBuf::Subscribe(p) => {
                fields.u16("Packet Identifier", p.packet_id);
                fields.properties("Properties", &p.properties);
                let name = if fields.v5 { "Subscription Options" } else { "Requested QoS" };
                for subscription in &p.filters {
                    fields.utf8("Topic Filter", &subscription.filter);
                    let options = subscription.options;
                    let mut byte = options.qos.value();
                    if fields.v5 {
                        byte |= u8::from(options.no_local) << 2
                            | u8::from(options.retain_as_published) << 3
                            | (options.retain_handling as u8) << 4;
                    }
                    fields.u8(name, byte);
                }
            }
            PacketBuf::SubAck(p) => {
                fields.u16("Packet Identifier", p.packet_id);
                fields.properties("Properties", &p.properties);
                fields.reason_codes(&p.reason_codes);
            }
            PacketBuf::Unsubscribe(p) => {
                fields.u16("Packet Identifier", p.packet_id);
                fields.properties("Properties", &p.properties);
                p.filters.iter().for_each(|filter| fields.utf8("Topic Filter", filter));
            }
            PacketBuf::UnsubAck(p) => {
                fields.u16("Packet Identifier", p.packet_id);
                fields.properties("Properties", &p.properties);
                if fields.v5 {
                    fields.reason_codes(&p.reason_codes);
                }
            }
            PacketBuf::PingReq | PacketBuf::PingResp => {}
            PacketBuf::Disconnect(p) => {
                fields.code_and_properties("Disconnect Reason Code", p.reason_code, &p.properties, full);
            }
            PacketBuf::Auth(p) => {
                fields.code_and_properties("Authenticate Reason Code", p.reason_code, &p.properties, full);
                // DISCONNECT may end after its Reason Code (3.14.2.2.1); AUTH has no such sentence (3.15.2.2.1).
                if fields.list.len() == 1 {
                    fields.properties("Properties", &[]);
                }
            }
        }
        Self {
            first_byte: packet_type.value() << 4 | flags,
            remaining_length: RawLength::Exact,
            fields: fields.list,
            trailing: Vec::new(),
            keep: None,
        }
    }

    /// The packet type that the first byte names, unless it is reserved.
    pub const fn packet_type(&self) -> Option<PacketType> {
        PacketType::from_value(self.first_byte >> 4)
    }
}

struct Fields {
    list: Vec<RawField>,
    v5: bool,
}

impl Fields {
    fn push(&mut self, name: &'static str, value: RawValue) {
        self.list.push(RawField { name, value });
    }

    fn u8(&mut self, name: &'static str, value: u8) {
        self.push(name, RawValue::U8(value));
    }

    fn u16(&mut self, name: &'static str, value: u16) {
        self.push(name, RawValue::U16(value));
    }

    fn utf8(&mut self, name: &'static str, value: &str) {
        self.push(name, RawValue::utf8(value));
    }

    fn properties(&mut self, name: &'static str, properties: &[PropertyBuf]) {
        if self.v5 {
            self.push(name, RawValue::properties(properties.iter().map(RawProperty::from).collect()));
        }
    }

    fn reason_codes(&mut self, codes: &[ReasonCode]) {
        let name = if self.v5 { "Reason Code" } else { "Return Code" };
        codes.iter().for_each(|code| self.u8(name, code.0));
    }

    fn code_and_properties(&mut self, name: &'static str, code: ReasonCode, properties: &[PropertyBuf], full: bool) {
        if !self.v5 {
            return;
        }
        if full || code != ReasonCode::SUCCESS || !properties.is_empty() {
            self.u8(name, code.0);
        }
        if full || !properties.is_empty() {
            self.properties("Properties", properties);
        }
    }

    fn acknowledgement(&mut self, ack: &AckBuf, full: bool) {
        self.u16("Packet Identifier", ack.packet_id);
        self.code_and_properties("Reason Code", ack.reason_code, &ack.properties, full);
    }

    fn connect(&mut self, connect: &ConnectBuf) {
        // The packet says which version it is written in; `version` only decides about every other packet.
        self.v5 = connect.version.has_properties();
        self.utf8("Protocol Name", connect.version.protocol_name());
        let level = if self.v5 { "Protocol Version" } else { "Protocol Level" };
        self.u8(level, connect.version.protocol_level());
        let mut flags = u8::from(connect.clean_start) << 1;
        if let Some(will) = &connect.will {
            flags |= 1 << 2 | will.qos.value() << 3 | u8::from(will.retain) << 5;
        }
        flags |= u8::from(connect.password.is_some()) << 6 | u8::from(connect.user_name.is_some()) << 7;
        self.u8("Connect Flags", flags);
        self.u16("Keep Alive", connect.keep_alive);
        self.properties("Properties", &connect.properties);
        self.utf8("Client Identifier", &connect.client_id);
        if let Some(will) = &connect.will {
            self.properties("Will Properties", &will.properties);
            self.utf8("Will Topic", &will.topic);
            let payload = if self.v5 { "Will Payload" } else { "Will Message" };
            self.push(payload, RawValue::binary(will.payload.clone()));
        }
        if let Some(user_name) = &connect.user_name {
            self.utf8("User Name", user_name);
        }
        if let Some(password) = &connect.password {
            self.push("Password", RawValue::binary(password.clone()));
        }
    }
}

impl From<&PropertyBuf> for RawProperty {
    fn from(property: &PropertyBuf) -> Self {
        let value = match &property.value {
            ValueBuf::Byte(v) => vec![RawValue::U8(*v)],
            ValueBuf::TwoByteInteger(v) => vec![RawValue::U16(*v)],
            ValueBuf::FourByteInteger(v) => vec![RawValue::U32(*v)],
            ValueBuf::VariableByteInteger(v) => vec![RawValue::VarInt { value: *v, width: 0 }],
            ValueBuf::Utf8String(v) => vec![RawValue::utf8(v.as_str())],
            ValueBuf::BinaryData(v) => vec![RawValue::binary(v.clone())],
            ValueBuf::Utf8StringPair(name, value) => {
                vec![RawValue::utf8(name.as_str()), RawValue::utf8(value.as_str())]
            }
        };
        Self { id: u32::from(property.id.value()), id_width: 0, value }
    }
}
