//! The wire format of MQTT 3.1, 3.1.1 and 5.0: strict, and without a copy or an allocation in either direction.
//!
//! * Bytes to packets: [`decode`] for one frame, [`decode_next`] for a stream. A [`Packet`] takes at most 64 bytes and
//!   borrows: strings as [`Utf8Str`], properties as a checked list to iterate over. [`decode_with`] shows every property
//!   to a [`PropertyVisitor`] on the way, which saves that second pass.
//! * Packets to keep: [`PacketBytes`] shares the buffer that its frame came in, as [`FrameDecoder`] hands it out;
//!   [`PacketBuf`] owns every field, and is how a packet is built by hand.
//! * Packets to bytes: [`Packet::encode`] into any [`BufMut`](bytes::BufMut), [`Packet::encode_parts`] with the payload
//!   left where it is.
//! * Malformed bytes: [`diagnose`] lists every violation, [`Mutation`] and [`RawPacket`] make them, and
//!   [`vectors`](mod@vectors) are packets, right and wrong, for any decoder.
//!
//! ```
//! use mqttspec_codec::{Packet, ProtocolVersion, decode_next};
//!
//! let version = ProtocolVersion::V5_0;
//! let mut stream: &[u8] = b"\x30\x08\x00\x03a/b\x00hi\xC0\x00\x30";
//! let mut answers = Vec::new();
//! while let Some(packet) = decode_next(&mut stream, version)? {
//!     match packet {
//!         Packet::Publish(publish) => assert_eq!((publish.topic.as_str(), publish.payload), ("a/b", &b"hi"[..])),
//!         Packet::PingReq => Packet::PingResp.encode(version, &mut answers)?,
//!         _ => {}
//!     }
//! }
//! assert_eq!(answers, [0xD0, 0x00]);
//! assert_eq!(stream, [0x30]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It needs `core` and `alloc`, and no operating system. Two features are on by default: `serde`, which needs no more
//! than that, and `std`, with which long text that is not ASCII is checked with the instructions of the machine at hand.

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
