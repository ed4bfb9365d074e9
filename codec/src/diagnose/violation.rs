//! What a diagnosis says.

use alloc::string::String;
use alloc::vec::Vec;

use super::ViolationKind;
use crate::{PacketType, ReasonCode};

/// Everything that is wrong with the bytes of one packet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnosis {
    /// The packet type, unless it is reserved or there is no first byte.
    pub packet_type: Option<PacketType>,
    /// The violations, by byte offset.
    pub violations: Vec<Violation>,
}

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Violation {
    /// Where the offending byte is, counted from the first byte of the packet.
    pub offset: usize,
    /// What is wrong.
    pub kind: ViolationKind,
    /// The statement that is broken, such as `MQTT-2.1.3-1`, in the numbering of the version the bytes were read as.
    /// `None` when no numbered sentence says it, and always for 3.1, which numbers none.
    pub statement: Option<&'static str>,
    /// The section that says it (for 3.1: of 3.1.1).
    pub section: &'static str,
    /// Whether the standard forbids it or advises against it.
    pub level: Level,
    /// The 5.0 Reason Code that fits best. In 3.1 and 3.1.1 nothing is sent, unless `reasons` names a return code.
    pub reason: ReasonCode,
    /// Every code that a receiver may defensibly answer with, `reason` among them. In 3.1 and 3.1.1: the CONNACK
    /// return codes it may send before it closes; empty when it just closes.
    pub reasons: &'static [ReasonCode],
    /// A lowercase fragment that names the field.
    pub message: String,
}

/// How strongly the standard speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
pub enum Level {
    /// Forbidden: the packet is malformed or a protocol error.
    Must,
    /// Advised against; a receiver may accept it.
    Should,
}

impl Diagnosis {
    /// Whether the packet may be accepted: nothing in it is forbidden.
    pub fn is_valid(&self) -> bool {
        self.first_must().is_none()
    }

    /// The first violation that makes the packet invalid.
    pub fn first_must(&self) -> Option<&Violation> {
        self.violations.iter().find(|violation| violation.level == Level::Must)
    }

    /// Whether there is a violation of this kind.
    pub fn has(&self, kind: ViolationKind) -> bool {
        self.violations.iter().any(|violation| violation.kind == kind)
    }

    /// Every code a receiver may defensibly answer the packet with, most fitting first: of several errors it may
    /// report any (4.13.2).
    pub fn reasons(&self) -> Vec<ReasonCode> {
        let mut codes = Vec::new();
        for violation in self.violations.iter().filter(|violation| violation.level == Level::Must) {
            for code in violation.reasons {
                if !codes.contains(code) {
                    codes.push(*code);
                }
            }
        }
        codes
    }
}
