//! What every packet of a server is checked against, in every scenario, whatever the scenario is about.

use mqttspec_codec::{PacketBuf, ProtocolVersion, PublishBuf};

use crate::Finding;

/// Watches all connections of one scenario run and judges every packet that the target, a Server, sends.
#[derive(Debug)]
pub struct Monitor {
    version: ProtocolVersion,
    findings: Vec<Finding>,
}

impl Monitor {
    /// A monitor for one run. `version` is assumed on a connection until its CONNECT names another.
    pub fn new(version: ProtocolVersion) -> Self {
        Self { version, findings: Vec::new() }
    }

    /// A network connection was opened.
    pub fn opened(&mut self, _connection: usize) {}

    /// We sent these bytes, which may be anything. `event` is their place in the transcript.
    pub fn sent(&mut self, _connection: usize, _event: usize, _bytes: &[u8]) {}

    /// The target sent this frame. Returns the packet when it decodes.
    pub fn received(&mut self, _connection: usize, _event: usize, frame: &[u8]) -> Option<PacketBuf> {
        PacketBuf::decode(frame, self.version).ok()
    }

    /// The Topic Name of the PUBLISH that `received` returned last on `connection`, its Topic Alias resolved.
    pub fn resolved_topic(&self, _connection: usize, publish: &PublishBuf) -> String {
        publish.topic.clone()
    }

    /// The target sent bytes that cannot be a frame, or ended the connection inside one.
    pub fn unframeable(&mut self, _connection: usize, _event: usize, _bytes: &[u8]) {}

    /// The network connection ended, by the target's doing or by ours.
    pub fn closed(&mut self, _connection: usize, _event: usize, _by_target: bool) {}

    /// Everything found since the last call.
    pub fn take_findings(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.findings)
    }
}
