//! Lists everything that is wrong with the bytes of a packet.

mod kind;
mod violation;

pub use kind::ViolationKind;
pub use violation::{Diagnosis, Level, Violation};

use crate::ProtocolVersion;

/// Lists every violation in `frame`, which should hold exactly one packet, read as `version`.
pub fn diagnose(frame: &[u8], _version: ProtocolVersion) -> Diagnosis {
    Diagnosis {
        packet_type: frame.first().and_then(|byte| crate::PacketType::from_value(byte >> 4)),
        violations: Vec::new(),
    }
}
