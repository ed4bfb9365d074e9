//! The wire format of MQTT 3.1, 3.1.1 and 5.0.
//!
//! It needs `core` and `alloc`, and no operating system. The feature `serde` (on by default) needs no more than that.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod decode;
mod diagnose;
mod encode;
mod error;
mod frame;
mod mutation;
pub mod packet;
mod packet_buf;
mod packet_bytes;
mod packet_type;
mod property;
mod property_table;
mod qos;
pub mod raw;
mod reason_code;
pub mod render;
pub mod samples;
mod subscription_options;
pub mod topic;
pub mod varint;
pub mod vectors;
mod version;
mod walk;

pub use decode::{PropertyVisitor, decode, decode_next, decode_next_with, decode_with};
pub use diagnose::{Diagnosis, Level, Violation, ViolationKind, diagnose};
pub use error::{DecodeError, EncodeError, ErrorCategory};
pub use frame::{FrameDecoder, FrameError, frame_len};
pub use mutation::{BinaryField, Mutation, PropertyAt, PropertyPlace, StringField, TopicField, UnknownMutation};
pub use packet::{Packet, Properties, Property, Utf8Str, Value};
pub use packet_buf::*;
pub use packet_bytes::PacketBytes;
pub use packet_type::PacketType;
pub use property::{PropertyBuf, PropertyList, ValueBuf};
pub use property_table::{PropertyContext, PropertyId, PropertyRange, PropertyType};
pub use qos::QoS;
pub use raw::RawPacket;
pub use reason_code::{REASON_CODES, RETURN_CODES, ReasonCode, ReasonCodeRow};
pub use samples::samples;
pub use version::ProtocolVersion;
