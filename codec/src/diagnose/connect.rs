//! CONNECT (3.1).

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::ViolationKind as Kind;
use super::walker::{Walker, count};
use crate::{PacketType, PropertyContext, PropertyId, ProtocolVersion};

const RESERVED: u8 = 0x01;
const CLEAN_START: u8 = 0x02;
const WILL: u8 = 0x04;
const WILL_RETAIN: u8 = 0x20;
const PASSWORD: u8 = 0x40;
const USER_NAME: u8 = 0x80;

impl Walker<'_> {
    pub(super) fn connect(&mut self) {
        if !self.protocol() {
            return;
        }
        let flags_at = self.at;
        let Some(flags) = self.u8("Connect Flags") else { return };
        self.connect_flags(flags_at, flags);
        let keep_alive_at = self.at;
        let Some(keep_alive) = self.u16("Keep Alive") else { return };
        self.note(keep_alive_at, "Keep Alive", format!("{keep_alive} s"));
        let connect = PropertyContext::Packet(PacketType::Connect);
        let properties = self.properties("Properties", connect).unwrap_or_default();
        let has = |id| properties.contains(&id);
        if has(PropertyId::AuthenticationData) && !has(PropertyId::AuthenticationMethod) {
            let message = "authentication data stands without authentication method";
            let name = PropertyId::AuthenticationData.name();
            self.violate(Kind::AuthenticationDataWithoutMethod, keep_alive_at + 2, name, message);
        }
        self.string("Client Identifier");
        if flags & WILL != 0 {
            self.properties("Will Properties", PropertyContext::Will);
            if let Some((content, topic)) = self.string("Will Topic") {
                if topic.is_empty() {
                    self.violate(Kind::TopicNameEmpty, content, "Will Topic", "will topic is empty");
                }
                self.check_wildcards(Kind::TopicNameWildcard, "Will Topic", content, topic);
            }
            self.binary(if self.v5() { "Will Payload" } else { "Will Message" });
        }
        // In 3.1 the Remaining Length outranks the flags: a flag may announce what is not there.
        let lenient = self.version == ProtocolVersion::V3_1;
        if flags & USER_NAME != 0 && !(lenient && self.left() == 0) {
            self.string("User Name");
        }
        if flags & PASSWORD != 0 && !(lenient && self.left() == 0) {
            self.binary("Password");
        }
        self.end_of_packet();
    }

    /// Protocol Name and Protocol Version; `false` when what follows cannot be known.
    fn protocol(&mut self) -> bool {
        let Some((name_at, name)) = self.string("Protocol Name") else { return false };
        let level_name = if self.v5() { "Protocol Version" } else { "Protocol Level" };
        let level_at = self.at;
        let Some(level) = self.u8(level_name) else { return false };
        self.note(level_at, level_name, level.to_string());
        if let Some(version) = ProtocolVersion::from_name_and_level(name, level) {
            // A CONNECT says itself what it is written in; its receiver has nothing else to go by.
            self.version = version;
            return true;
        }
        let known = ProtocolVersion::ALL.iter().any(|version| version.protocol_name().as_bytes() == name);
        // The level of one version under the name of another: it is the name that is wrong (3.1.2.1).
        let is_level_asked_for = level == self.version.protocol_level();
        if known && !is_level_asked_for {
            let message = format!("protocol level {level} does not exist under this protocol name");
            self.violate(Kind::ProtocolVersion, level_at, level_name, message);
        } else {
            self.violate(
                Kind::ProtocolName,
                name_at,
                "Protocol Name",
                if known { "protocol name is that of another version" } else { "protocol name is not that of mqtt" },
            );
        }
        self.lose("unread");
        false
    }

    fn connect_flags(&mut self, offset: usize, flags: u8) {
        let mut names = Vec::new();
        let clean = if self.v5() { "Clean Start" } else { "Clean Session" };
        let bits = [(USER_NAME, "User Name"), (PASSWORD, "Password"), (WILL_RETAIN, "Will Retain"), (WILL, "Will")];
        names.extend(bits.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, name)| (*name).to_owned()));
        let will_qos = flags >> 3 & 3;
        if will_qos > 0 {
            names.push(format!("Will QoS {will_qos}"));
        }
        if flags & CLEAN_START != 0 {
            names.push(clean.to_owned());
        }
        self.note(offset, "Connect Flags", if names.is_empty() { "none".to_owned() } else { names.join(", ") });

        let name = "Connect Flags";
        if flags & RESERVED != 0 {
            self.violate(Kind::ConnectReservedFlag, offset, name, "reserved bit of the connect flags is set");
        }
        // 3.1 disregards Will QoS and Will Retain when there is no Will.
        let disregarded = self.version == ProtocolVersion::V3_1 && flags & WILL == 0;
        if will_qos == 3 && !disregarded {
            self.violate(Kind::WillQoS3, offset, name, "will qos is 3");
        }
        if flags & WILL == 0 && !disregarded {
            if will_qos != 0 {
                let message = format!("will qos is {will_qos} without will flag");
                self.violate(Kind::WillQoSWithoutWill, offset, name, message);
            }
            if flags & WILL_RETAIN != 0 {
                self.violate(Kind::WillRetainWithoutWill, offset, name, "will retain is set without will flag");
            }
        }
        if !self.v5() && flags & PASSWORD != 0 && flags & USER_NAME == 0 {
            let message = "password flag is set without user name flag";
            self.violate(Kind::PasswordWithoutUserName, offset, name, message);
        }
    }

    pub(super) fn connack(&mut self) {
        let flags_at = self.at;
        let Some(flags) = self.u8("Connect Acknowledge Flags") else { return };
        self.note(flags_at, "Connect Acknowledge Flags", format!("Session Present {}", flags & 1));
        if flags & 0xFE != 0 {
            let message = "reserved bits of the connect acknowledge flags are set";
            self.violate(Kind::ConnAckReservedFlags, flags_at, "Connect Acknowledge Flags", message);
        }
        let name = if self.v5() { "Connect Reason Code" } else { "Connect Return code" };
        let code = self.reason_code(name, PacketType::ConnAck);
        if code.is_some_and(|code| code.0 != 0) && flags & 1 != 0 {
            let message = "session present is set though the connection is refused";
            self.violate(Kind::SessionPresentWithError, flags_at, "Connect Acknowledge Flags", message);
        }
        self.properties("Properties", PropertyContext::Packet(PacketType::ConnAck));
        self.end_of_packet();
    }

    pub(super) fn payload(&mut self, name: &'static str) {
        if self.lost {
            return;
        }
        let (start, left) = (self.at, self.left());
        self.at = self.end;
        self.note(start, name, count(left));
    }
}
