//! Collects vectors, judging each and leaving out bytes that are there already.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Flag, Vector, judge};
use crate::{PacketBuf, ProtocolVersion, RawPacket};

/// The set being built.
pub(super) struct Builder {
    pub(super) version: ProtocolVersion,
    vectors: Vec<Vector>,
    seen: BTreeSet<Vec<u8>>,
}

/// The vector just added, to say more about it; nothing when its bytes were there already.
pub(super) struct Added<'a> {
    vector: Option<&'a mut Vector>,
    version: ProtocolVersion,
}

impl Builder {
    pub(super) const fn new(version: ProtocolVersion) -> Self {
        Self { version, vectors: Vec::new(), seen: BTreeSet::new() }
    }

    pub(super) const fn v5(&self) -> bool {
        self.version.has_properties()
    }

    pub(super) fn bytes(&mut self, id: impl Into<String>, bytes: Vec<u8>, comment: impl Into<String>) -> Added<'_> {
        let version = self.version;
        if !self.seen.insert(bytes.clone()) {
            return Added { vector: None, version };
        }
        self.vectors.push(judge::judge(id.into(), version, comment.into(), bytes));
        Added { vector: self.vectors.last_mut(), version }
    }

    pub(super) fn raw(&mut self, id: impl Into<String>, raw: &RawPacket, comment: impl Into<String>) -> Added<'_> {
        self.bytes(id, raw.to_bytes(), comment)
    }

    pub(super) fn packet(
        &mut self,
        id: impl Into<String>,
        packet: &PacketBuf,
        comment: impl Into<String>,
    ) -> Added<'_> {
        let raw = RawPacket::from_packet(packet, self.version);
        self.raw(id, &raw, comment)
    }

    pub(super) fn finish(mut self) -> Vec<Vector> {
        for vector in &mut self.vectors {
            vector.flags.sort_unstable();
            vector.flags.dedup();
        }
        self.vectors
    }
}

impl Added<'_> {
    /// The statements that allow what is special about it, of 5.0 and of 3.1.1. Nothing is said of an invalid one: its
    /// statements are those that it breaks.
    pub(super) fn rests_on(mut self, v5: &[&'static str], v311: &[&'static str]) -> Self {
        let statements = match self.version {
            ProtocolVersion::V5_0 => v5,
            ProtocolVersion::V3_1_1 => v311,
            ProtocolVersion::V3_1 => &[],
        };
        if let Some(vector) = self.vector.as_mut().filter(|vector| vector.valid) {
            vector.statements.extend(statements);
        }
        self
    }

    /// Rare, if it is valid.
    pub(super) fn unusual(self) -> Self {
        self.flag_when(true, Flag::LegalButUnusual)
    }

    /// A receiver is free to refuse it, if it is valid.
    pub(super) fn may_refuse(self) -> Self {
        self.flag_when(true, Flag::MayRefuse)
    }

    /// Flags it when its verdict is this.
    fn flag_when(mut self, valid: bool, flag: Flag) -> Self {
        if let Some(vector) = self.vector.as_mut().filter(|vector| vector.valid == valid) {
            vector.flags.push(flag);
        }
        self
    }
}
