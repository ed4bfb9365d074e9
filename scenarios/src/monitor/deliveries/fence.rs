//! What the Server has certainly taken in: an answer shows that everything sent before its request was read.

use std::collections::{BTreeMap, VecDeque};

/// Requests without an answer remembered at most.
const MAX_WAITING: usize = 1024;

/// The requests of one connection that are answered in the order of everything sent there.
#[derive(Debug, Default)]
pub(super) struct Fence {
    pings: VecDeque<u64>,
    requests: BTreeMap<u16, u64>,
    passed: u64,
}

impl Fence {
    /// PINGREQ was sent at `step`.
    pub(super) fn ping(&mut self, step: u64) {
        if self.pings.len() < MAX_WAITING {
            self.pings.push_back(step);
        }
    }

    /// PINGRESP came.
    pub(super) fn pong(&mut self) {
        if let Some(step) = self.pings.pop_front() {
            self.passed = self.passed.max(step);
        }
    }

    /// SUBSCRIBE or UNSUBSCRIBE was sent at `step`.
    pub(super) fn ask(&mut self, packet_id: u16, step: u64) {
        self.requests.insert(packet_id, step);
    }

    /// SUBACK or UNSUBACK came.
    pub(super) fn answer(&mut self, packet_id: u16) {
        if let Some(step) = self.requests.remove(&packet_id) {
            self.passed = self.passed.max(step);
        }
    }

    /// Whether what was sent at `step` was certainly taken in.
    pub(super) const fn has_passed(&self, step: u64) -> bool {
        step < self.passed
    }
}
