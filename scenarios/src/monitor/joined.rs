//! Connections whose beginning was not seen: a capture that starts in the middle, or that lost a segment.
//!
//! Of such a connection nothing is known that came before: not its version, its Client Identifier, its session, nor what
//! waits for an answer. The version is found by trial: a packet that decodes in one version only speaks for that version,
//! and two that agree decide. Until then the packets are kept, and judged once it is known; where it never is, nothing is.

use std::collections::VecDeque;

use mqttspec_codec::{PacketBuf, ProtocolVersion};

use super::connection::Connection;
use super::session::Origin;
use super::state::State;
use crate::Side;

/// Packets that speak for one version before it is believed.
const WITNESSES: u32 = 2;
/// Packets kept on one connection until its version is known.
const MAX_PACKETS: usize = 256;
/// Bytes of them.
const MAX_BYTES: usize = 256 << 10;

/// A whole packet of either side, kept until the version is known.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) side: Side,
    pub(super) event: usize,
    pub(super) frame: Vec<u8>,
}

/// What is known of the version of a connection that was joined.
#[derive(Debug, Default)]
pub(super) struct Trial {
    kept: VecDeque<Kept>,
    bytes: usize,
    only_5: u32,
    only_3: u32,
    not_3_1_1: bool,
    hopeless: bool,
}

impl Trial {
    /// Takes one packet in. Returns the version once it is certain.
    pub(super) fn take(&mut self, side: Side, event: usize, frame: &[u8]) -> Option<ProtocolVersion> {
        if self.hopeless {
            return None;
        }
        let decodes = |version| PacketBuf::decode(frame, version).is_ok();
        let (v3_1, v3_1_1) = (decodes(ProtocolVersion::V3_1), decodes(ProtocolVersion::V3_1_1));
        match (v3_1 || v3_1_1, decodes(ProtocolVersion::V5_0)) {
            (true, false) => self.only_3 += 1,
            (false, true) => self.only_5 += 1,
            (true, true) => {}
            // Either it is broken or it is no packet at all: nobody can say in which version.
            (false, false) => return self.give_up(),
        }
        self.not_3_1_1 |= v3_1 && !v3_1_1;
        if self.only_3 > 0 && self.only_5 > 0 {
            return self.give_up();
        }
        self.bytes += frame.len();
        self.kept.push_back(Kept { side, event, frame: frame.to_vec() });
        while self.kept.len() > MAX_PACKETS || self.bytes > MAX_BYTES {
            let Some(oldest) = self.kept.pop_front() else { break };
            self.bytes -= oldest.frame.len();
        }
        match (self.only_3 >= WITNESSES, self.only_5 >= WITNESSES) {
            (true, _) if self.not_3_1_1 => Some(ProtocolVersion::V3_1),
            (true, _) => Some(ProtocolVersion::V3_1_1),
            (false, true) => Some(ProtocolVersion::V5_0),
            (false, false) => None,
        }
    }

    /// The packets kept, oldest first.
    pub(super) fn into_kept(self) -> VecDeque<Kept> {
        self.kept
    }

    fn give_up(&mut self) -> Option<ProtocolVersion> {
        *self = Self { hopeless: true, ..Self::default() };
        None
    }
}

impl State {
    /// `connection` goes on, and nothing is known of what came before. Returns whether its version is known all the same.
    pub(super) fn join(&mut self, connection: usize, event: usize) -> bool {
        let before = self.connections.remove(&connection);
        let known = before.as_ref().filter(|seen| seen.connect.is_some() || seen.joined.is_some());
        let version = known.map(|seen| seen.version);
        if let Some(before) = &before {
            // What this client has asked and sent meanwhile nobody knows: its next connection begins anew.
            self.client_ids.retain(|_, client| Some(*client) != before.client);
            if let Some(session) = before.session {
                self.sessions[session].unknown = true;
            }
        }
        let session = self.begin_session();
        self.sessions[session].unknown = true;
        self.sessions[session].origin = Origin::Unclear;
        let joined = Connection {
            joined: Some(event),
            session: Some(session),
            ..Connection::new(connection, version.unwrap_or(self.version))
        };
        self.connections.insert(connection, joined);
        self.see_only_some();
        version.is_some()
    }

    /// There are connections, and publications, that are not seen.
    pub(super) fn see_only_some(&mut self) {
        self.published.lose_track();
        self.publications.lose_track();
    }

    /// 3.1 and 3.1.1 look alike for long: a packet that only 3.1 has shows that it was 3.1.
    pub(super) fn correct_version(&mut self, connection: usize, frame: &[u8]) {
        let Some(seen) = self.connections.get_mut(&connection) else { return };
        let doubtful = seen.joined.is_some() && seen.version == ProtocolVersion::V3_1_1;
        if doubtful
            && PacketBuf::decode(frame, ProtocolVersion::V3_1_1).is_err()
            && PacketBuf::decode(frame, ProtocolVersion::V3_1).is_ok()
        {
            seen.version = ProtocolVersion::V3_1;
        }
    }
}
