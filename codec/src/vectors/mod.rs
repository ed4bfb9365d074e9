//! Test vectors: bytes with the verdict that the standard demands, for anyone's decoder.
//!
//! [`vectors`] builds the set of one version from the tables of this crate and from hand-written edge cases. The same
//! sets are committed as `codec/vectors/*.json`, whose README says what each field means.
//!
//! A decoder *accepts* a vector when it delivers one packet and consumes every byte. It must accept the valid ones,
//! unless they are flagged [`Flag::MayRefuse`], and must not accept the others, unless they are flagged
//! [`Flag::MayAccept`].

mod acks;
mod builder;
mod connect;
mod direction;
mod edges;
mod fixed_header;
mod flag;
#[cfg(feature = "serde")]
mod json;
mod judge;
mod lengths;
mod mutations;
mod notation;
mod properties;
mod property_lists;
mod publish;
mod runs;
mod slot;
mod subscribe;
mod text;
mod topics;
mod truncation;
mod unusual;

use alloc::string::String;
use alloc::vec::Vec;

pub use direction::Direction;
pub use flag::Flag;
pub use runs::{Run, runs};

use crate::{PacketBuf, PacketType, ProtocolVersion, ReasonCode, Violation};

/// The bytes of one packet, right or wrong, and what a decoder should make of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vector {
    /// Names the vector within its version, and stays the same from release to release: `publish/topic-name/surrogate`.
    pub id: String,
    /// The version that the bytes are to be read as.
    pub version: ProtocolVersion,
    /// What is special about it, in one line.
    pub comment: String,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The packet type, unless it is reserved or there is no first byte.
    pub packet_type: Option<PacketType>,
    /// Who sends such a packet.
    pub direction: Direction,
    /// Whether the standard allows the bytes.
    pub valid: bool,
    /// The decoded fields, when it is valid.
    pub packet: Option<PacketBuf>,
    /// What is wrong, by offset; in a valid one: what should not be there and may be.
    pub violations: Vec<Violation>,
    /// The numbered statements that are broken; for a valid one, those that allow what is special about it. 3.1 numbers
    /// none.
    pub statements: Vec<&'static str>,
    /// The Reason Code that answers an invalid one best. `None` in 3.1 and 3.1.1, which close without an answer.
    pub reason_code: Option<ReasonCode>,
    /// Every code that a receiver may defensibly answer with, most fitting first; in 3.1 and 3.1.1 the CONNACK return
    /// codes that it may send before it closes.
    pub reason_codes: Vec<ReasonCode>,
    /// What else there is to know, in the order of [`Flag::ALL`].
    pub flags: Vec<Flag>,
}

impl Vector {
    /// Whether it has this flag.
    pub fn has(&self, flag: Flag) -> bool {
        self.flags.contains(&flag)
    }
}

/// Every vector of `version`, in a stable order, no two with the same bytes and no two with the same id.
///
/// ```
/// use mqttspec_codec::{ProtocolVersion, decode, vectors::vectors};
/// for vector in vectors(ProtocolVersion::V3_1_1) {
///     assert_eq!(decode(&vector.bytes, vector.version).is_ok(), vector.valid, "{}", vector.id);
/// }
/// ```
pub fn vectors(version: ProtocolVersion) -> Vec<Vector> {
    let mut builder = builder::Builder::new(version);
    edges::add(&mut builder);
    fixed_header::add(&mut builder);
    connect::add(&mut builder);
    publish::add(&mut builder);
    acks::add(&mut builder);
    subscribe::add(&mut builder);
    topics::add(&mut builder);
    text::add(&mut builder);
    properties::add(&mut builder);
    property_lists::add(&mut builder);
    lengths::add(&mut builder);
    truncation::add(&mut builder);
    mutations::add(&mut builder);
    builder.finish()
}
