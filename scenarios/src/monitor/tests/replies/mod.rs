//! What a Server owes in answer: each rule is broken once, and kept once.

mod acknowledgements;
mod codes;
mod connecting;
mod ends;
mod held;
mod lasting;
mod sessions;

use std::time::Duration;

use super::*;

/// Everything that is due has had its time.
const PATIENCE: u64 = 5_000;

impl Run {
    /// Time passes.
    fn waits(&mut self, ms: u64) {
        let now = self.monitor.state.now + Duration::from_millis(ms);
        self.monitor.at(now);
    }

    /// PINGREQ and PINGRESP.
    fn fences(&mut self, connection: usize) {
        self.sends(connection, PacketBuf::PingReq);
        self.gets(connection, PacketBuf::PingResp);
    }

    /// The end of the run.
    fn concludes(&mut self) {
        self.waits(PATIENCE);
        self.monitor.settle();
    }
}

/// A CONNECT that takes a session up, or leaves one behind.
fn kept(version: ProtocolVersion, client_id: &str, seconds: u32) -> ConnectBuf {
    let properties = if version == V5 { vec![PropertyBuf::session_expiry_interval(seconds)] } else { vec![] };
    ConnectBuf { clean_start: false, properties, ..connect(version, client_id) }
}

fn resumed() -> ConnAckBuf {
    ConnAckBuf { session_present: true, ..connack() }
}
