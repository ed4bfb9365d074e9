//! From a mutation to bytes.

use super::Mutation;
use crate::{PacketBuf, ProtocolVersion, ViolationKind};

impl Mutation {
    /// The bytes of `packet` broken this way; `None` when that is not possible for this packet or version.
    pub fn apply(self, _packet: &PacketBuf, _version: ProtocolVersion) -> Option<Vec<u8>> {
        None
    }

    /// The kind of violation that the result contains.
    pub fn violation(self) -> ViolationKind {
        self.usual_violation()
    }
}
