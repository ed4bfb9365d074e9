//! Lists everything that is wrong with the bytes of a packet.
//!
//! The walk here was written from the standard, apart from the strict decoder, so that the two check each other:
//! the decoder accepts exactly the packets in which the walk finds nothing of level [`Level::Must`].
//!
//! # How `reasons` was decided (5.0)
//!
//! * Where the text calls an error a *Malformed Packet* (1.5.4, 2.1.3, 2.2.2.2, 3.1.2.3, 3.1.2.6, 3.3.1.2, 3.8.3.1 …)
//!   the code is 0x81; where it says *Protocol Error* (duplicate properties, QoS 3 in SUBSCRIBE, no Topic Filter …) it
//!   is 0x82; where it says neither, both are accepted, because 4.13.1 leaves the choice to the receiver.
//! * Table 3-1 describes 0x82 in CONNACK as any data in the CONNECT that does not conform, so 0x82 is also accepted for
//!   a malformed CONNECT; table 3-10 describes 0x81 in DISCONNECT as any packet that does not conform, so 0x81 is
//!   also accepted for a protocol error in every other packet.
//! * 0x80 is always accepted: both tables let the sender keep the reason to itself. 0x83 never is: both tables
//!   reserve it for packets that are valid.
//! * More specific codes come first where 4.13.1 asks for them: 0x84 for a Protocol Name or Version (3.1.2.1, 3.1.2.2;
//!   with return code 1 beside it, which 3.1.1 obliges a server of both versions to send), 0x8F and 0x90 for Topic
//!   Filters and Topic Names (their tables speak of *well-formed* ones, but the names fit and 4.7 gives no code), 0x94
//!   for Topic Alias 0 (3.3.4), 0x8C for AUTH without a method (4.12). 0x9E and 0xA2 come last, for servers that do not
//!   serve such Topic Filters at all (3.2.2.3.11, 3.2.2.3.13, 4.13.1).
//! * 3.1 and 3.1.1 close the connection without an answer (3.1.4, 4.8), except for CONNACK return code 1 (3.1.2.2) and
//!   4 (table 3.1: user name or password malformed).

mod connect;
mod filter;
mod fixed_header;
mod kind;
mod leeway;
mod packets;
mod properties;
mod rules;
mod text;
mod violation;
mod walker;

pub use kind::ViolationKind;
pub(crate) use text::quote;
pub use violation::{Diagnosis, Level, Violation};
pub(crate) use walker::{Walk, WalkedField};

use crate::ProtocolVersion;

/// Lists every violation in `frame`, which should hold exactly one packet, read as `version`.
///
/// The walk goes on after an error wherever it is still clear which field comes next.
///
/// ```
/// use mqttspec_codec::{ProtocolVersion, ViolationKind, diagnose};
/// let diagnosis = diagnose(&[0xC1, 0x00], ProtocolVersion::V5_0);
/// assert_eq!(diagnosis.violations[0].kind, ViolationKind::InvalidFlags);
/// assert_eq!(diagnosis.violations[0].statement, Some("MQTT-2.1.3-1"));
/// ```
pub fn diagnose(frame: &[u8], version: ProtocolVersion) -> Diagnosis {
    let walk = walk(frame, version);
    Diagnosis { packet_type: walk.packet_type, violations: walk.violations }
}

/// Everything the walk saw: fields with their places, and violations, both by offset.
pub(crate) fn walk(frame: &[u8], version: ProtocolVersion) -> Walk {
    let mut walker = walker::Walker::new(frame, version);
    walker.packet();
    walker.finish()
}
