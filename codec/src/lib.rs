//! The wire format of MQTT 3.1, 3.1.1 and 5.0.

mod diagnose;
mod mutation;
mod packet_buf;
mod packet_type;
mod property;
mod property_table;
mod qos;
pub mod raw;
mod reason_code;
pub mod render;
pub mod samples;
mod version;

pub use diagnose::{Diagnosis, Level, Violation, ViolationKind, diagnose};
pub use mutation::{BinaryField, Mutation, PropertyAt, PropertyPlace, StringField, TopicField, UnknownMutation};
pub use packet_buf::*;
pub use packet_type::PacketType;
pub use property::{PropertyBuf, PropertyList, ValueBuf};
pub use property_table::{PropertyContext, PropertyId, PropertyRange, PropertyType};
pub use qos::QoS;
pub use raw::RawPacket;
pub use reason_code::{REASON_CODES, RETURN_CODES, ReasonCode, ReasonCodeRow};
pub use samples::samples;
pub use version::ProtocolVersion;
