//! Every packet but CONNECT and CONNACK (3.3 to 3.15).

use alloc::format;
use alloc::vec::Vec;

use super::ViolationKind as Kind;
use super::filter::is_shared;
use super::walker::Walker;
use crate::{PacketType, PropertyContext, PropertyId, ReasonCode};

impl Walker<'_> {
    /// A code that must be defined for the packet.
    pub(super) fn reason_code(&mut self, name: &'static str, packet: PacketType) -> Option<ReasonCode> {
        let start = self.at;
        let code = ReasonCode(self.u8(name)?);
        let meaning = code.name_in(self.version, packet);
        self.note(start, name, format!("{code} {}", meaning.unwrap_or("(undefined)")));
        if meaning.is_none() {
            let message = format!("{} {code} is not defined for {}", name.to_lowercase(), packet.name());
            self.violate(Kind::UndefinedReasonCode, start, name, message);
        }
        Some(code)
    }

    pub(super) fn publish(&mut self, qos: u8) {
        let topic = self.string("Topic Name");
        if let Some((content, topic)) = topic {
            self.check_wildcards(Kind::TopicNameWildcard, "Topic Name", content, topic);
        }
        if qos == 3 {
            // Whether a Packet Identifier follows is anyone's guess.
            self.lose("unread");
            return;
        }
        if qos > 0 {
            self.packet_identifier();
        }
        let properties = self.properties("Properties", PropertyContext::Packet(PacketType::Publish));
        if let (Some((content, [])), Some(properties)) = (topic, properties)
            && !properties.contains(&PropertyId::TopicAlias)
        {
            let message = if self.v5() { "topic name is empty without topic alias" } else { "topic name is empty" };
            self.violate(Kind::TopicNameEmpty, content, "Topic Name", message);
        }
        self.payload("Application Message");
    }

    pub(super) fn acknowledgement(&mut self) {
        self.packet_identifier();
        self.code_and_properties("Reason Code");
        self.end_of_packet();
    }

    /// The end of 5.0 packets that may leave out a code of success, and then properties too (3.4.2.1, 3.14.2.1).
    fn code_and_properties(&mut self, name: &'static str) -> Option<Vec<PropertyId>> {
        let packet = self.packet_type?;
        if !self.v5() || self.left() == 0 {
            return None;
        }
        self.reason_code(name, packet)?;
        if self.left() == 0 && packet != PacketType::Auth {
            return None;
        }
        self.properties("Properties", PropertyContext::Packet(packet))
    }

    pub(super) fn subscribe(&mut self) {
        self.packet_identifier();
        self.properties("Properties", PropertyContext::Packet(PacketType::Subscribe));
        self.no_filters();
        while self.left() > 0 {
            let Some((content, filter)) = self.string("Topic Filter") else { return };
            self.check_filter(content, filter);
            let start = self.at;
            let name = if self.v5() { "Subscription Options" } else { "Requested QoS" };
            let Some(options) = self.u8(name) else { return };
            self.subscription_options(start, name, options, is_shared(filter));
        }
    }

    fn no_filters(&mut self) {
        if !self.lost && !self.incomplete && self.left() == 0 {
            self.violate(Kind::NoTopicFilters, self.at, "Topic Filter", "there is no topic filter");
        }
    }

    fn subscription_options(&mut self, start: usize, name: &'static str, options: u8, shared: bool) {
        let qos = options & 3;
        let retain_handling = options >> 4 & 3;
        let mut meaning = format!("QoS {qos}");
        if self.v5() {
            let flag = |bit: u8, name| if options & bit != 0 { name } else { "" };
            meaning.push_str(flag(0x04, ", No Local"));
            meaning.push_str(flag(0x08, ", Retain As Published"));
            meaning.push_str(&format!(", Retain Handling {retain_handling}"));
        }
        self.note(start, name, meaning);
        if qos == 3 {
            self.violate(Kind::SubscriptionQoS3, start, name, "requested qos is 3");
        }
        let reserved = if self.v5() { 0xC0 } else { 0xFC };
        if options & reserved != 0 {
            let message = format!("reserved bits of {} are set", name.to_lowercase());
            self.violate(Kind::SubscriptionReservedBits, start, name, message);
        }
        if self.v5() && retain_handling == 3 {
            self.violate(Kind::RetainHandling3, start, name, "retain handling is 3");
        }
        if self.v5() && options & 0x04 != 0 && shared {
            self.violate(Kind::NoLocalOnShared, start, name, "no local is set on a shared subscription");
        }
    }

    pub(super) fn subscribe_acknowledgement(&mut self) {
        self.packet_identifier();
        self.properties("Properties", PropertyContext::Packet(PacketType::SubAck));
        self.reason_codes(PacketType::SubAck);
    }

    pub(super) fn unsubscribe(&mut self) {
        self.packet_identifier();
        self.properties("Properties", PropertyContext::Packet(PacketType::Unsubscribe));
        self.no_filters();
        while self.left() > 0 {
            let Some((content, filter)) = self.string("Topic Filter") else { return };
            self.check_filter(content, filter);
        }
    }

    pub(super) fn unsubscribe_acknowledgement(&mut self) {
        self.packet_identifier();
        if self.v5() {
            self.properties("Properties", PropertyContext::Packet(PacketType::UnsubAck));
            self.reason_codes(PacketType::UnsubAck);
        } else {
            self.end_of_packet();
        }
    }

    /// One code or more, up to the end.
    fn reason_codes(&mut self, packet: PacketType) {
        let name = if self.v5() { "Reason Code" } else { "Return Code" };
        self.reason_code(name, packet);
        while self.left() > 0 {
            self.reason_code(name, packet);
        }
    }

    pub(super) fn disconnect(&mut self) {
        self.code_and_properties("Disconnect Reason Code");
        self.end_of_packet();
    }

    pub(super) fn auth(&mut self) {
        let start = self.at;
        let code = self.frame.get(start).copied().filter(|_| start < self.end);
        let properties = self.code_and_properties("Authenticate Reason Code");
        if let Some(properties) = properties {
            // 3.15.2.1 lets an AUTH that says nothing but Success be empty, so in its long form it needs no method
            // either; any other does (3.15.2.2.2).
            let only_success = code == Some(ReasonCode::SUCCESS.0) && properties.is_empty();
            if !only_success && !properties.contains(&PropertyId::AuthenticationMethod) {
                let name = PropertyId::AuthenticationMethod.name();
                self.violate(Kind::AuthenticationMethodMissing, start, name, "authentication method is missing");
            }
        }
        self.end_of_packet();
    }
}
