//! What we, as one client, have sent under one Client Identifier, on whatever connection: what the target may answer.

use std::collections::{BTreeMap, BTreeSet};

use mqttspec_codec::QoS;

use super::published::Digest;

/// One Client Identifier of the run.
#[derive(Debug, Default)]
pub(super) struct Client {
    /// The session of the connection that was accepted last.
    pub(super) session: Option<usize>,
    /// Number of CONNECTs sent.
    pub(super) connections: u32,
    /// Number of CONNECTs that were not answered yet.
    pub(super) waiting: u32,
    /// Whether two connections overlapped before they were answered, so that their order is unknown.
    pub(super) unclear: bool,
    /// Topic Aliases that the target defined on any connection.
    pub(super) aliases: BTreeSet<u16>,
    /// Our publications with acknowledgement, by Packet Identifier.
    pub(super) exchanges: BTreeMap<u16, Exchange>,
    /// PUBRELs sent and PUBCOMPs received, by Packet Identifier.
    pub(super) releases: BTreeMap<u16, Release>,
    /// Packet Identifiers for which a PUBREC was ever sent.
    pub(super) recorded: BTreeSet<u16>,
}

/// All exchanges of one Packet Identifier taken together.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    /// PUBLISH packets at QoS 1.
    pub(super) qos1: u32,
    /// PUBLISH packets at QoS 2.
    pub(super) qos2: u32,
    /// PUBACKs received.
    pub(super) pubacks: u32,
    /// PUBRECs received.
    pub(super) pubrecs: u32,
    /// The message whose exchange is not finished, if there is one.
    pub(super) open: Option<(QoS, Digest)>,
    /// Whether its PUBREL was sent.
    pub(super) released: bool,
    /// The publication of the last PUBLISH, in [`super::publications::Publications`].
    pub(super) publication: Option<usize>,
    /// Event of the last PUBLISH.
    pub(super) event: usize,
}

/// PUBRELs of one Packet Identifier.
#[derive(Debug, Default)]
pub(super) struct Release {
    /// PUBRELs sent.
    pub(super) sent: u32,
    /// PUBCOMPs received.
    pub(super) answered: u32,
}

impl Client {
    /// Answers that may come beyond one each: what was under way when a connection ended may be answered again on the
    /// next.
    pub(super) const fn allowance(&self) -> u32 {
        self.connections.saturating_sub(1)
    }

    /// Forgets which exchanges were open before event `connect`, a CONNECT: the session they belonged to is gone. What was
    /// sent behind it without waiting for CONNACK (3.1.4) is part of the new one.
    pub(super) fn forget_open(&mut self, connect: usize) {
        for exchange in self.exchanges.values_mut().filter(|exchange| exchange.event < connect) {
            exchange.open = None;
        }
    }
}
