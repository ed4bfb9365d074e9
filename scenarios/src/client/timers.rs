//! What time does: Keep Alive, answers that do not come, acknowledgements held back (3.1.2.10).

use std::time::Duration;

use super::api::Client;
use super::link::{Link, Stage};
use super::{ClientFault, ClientVariant};
use crate::Time;

/// How long the client waits for CONNACK.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long the client waits for PINGRESP at least.
const PING_TIMEOUT: Duration = Duration::from_secs(10);

impl Client {
    pub(super) fn earliest_deadline(&self) -> Option<Time> {
        let link = self.link.as_ref()?;
        [link.held_until, self.give_up_at(link), self.ping_at(link)].into_iter().flatten().min()
    }

    pub(super) fn expire(&mut self) {
        let now = self.now;
        let due = |at: Option<Time>| at.is_some_and(|at| at <= now);
        if due(self.link.as_ref().and_then(|link| link.held_until)) {
            self.flush_held();
        }
        let Some(link) = &self.link else { return };
        if due(self.give_up_at(link)) {
            self.close();
        } else if due(self.ping_at(link)) {
            self.send_pingreq();
        }
    }

    /// When the client closes because the server does not answer.
    fn give_up_at(&self, link: &Link) -> Option<Time> {
        match link.stage {
            Stage::Connecting => Some(link.opened + CONNECT_TIMEOUT),
            Stage::Connected => {
                let pinged = link.pinged?;
                Some(pinged + PING_TIMEOUT.max(Duration::from_secs(link.keep_alive.into())))
            }
            Stage::Deaf => None,
        }
    }

    /// When PINGREQ is due: well within the Keep Alive (MQTT-3.1.2-20).
    fn ping_at(&self, link: &Link) -> Option<Time> {
        if link.stage != Stage::Connected || link.keep_alive == 0 || self.faulty(ClientFault::SilentPastKeepAlive) {
            return None;
        }
        let quarters = if self.varies(ClientVariant::PingOften) { 1 } else { 3 };
        Some(link.last_sent + Duration::from_millis(u64::from(link.keep_alive) * 250 * quarters))
    }
}
