//! Keep Alive (3.1.2.10).

use std::time::Duration;

use mqttspec_codec::PropertyId;

use super::super::event::{Event, What};
use super::{Seen, rules};
use crate::Time;

/// Network delay that may stretch the silence between two packets, at least.
const SLACK_MS: u64 = 1_000;

/// The clock of one connection.
#[derive(Debug, Default)]
pub(super) struct Timing {
    /// When the Client sent last, and the event.
    last: Option<(Time, usize)>,
    reported: bool,
}

impl Timing {
    /// Something happened on the connection.
    pub(super) fn event(&mut self, seen: &mut Seen<'_, '_>, event: &Event<'_>) {
        if seen.connection.disconnected_by_us.is_none_or(|at| at >= event.index) {
            self.check_silence(seen, event.at);
        }
        match event.what {
            What::Sent(..) | What::SentUnreadable(_) => self.last = Some((event.at, event.index)),
            What::Opened | What::Received(..) | What::ReceivedUnreadable | What::Closed { .. } => {}
        }
    }

    /// Nothing more comes, and it is `now`.
    pub(super) fn settle(&mut self, seen: &mut Seen<'_, '_>, now: Time) {
        if seen.connection.disconnected_by_us.is_none() {
            self.check_silence(seen, now);
        }
    }

    /// The Client sends within its Keep Alive; half of it more is what servers allow too.
    fn check_silence(&mut self, seen: &mut Seen<'_, '_>, now: Time) {
        let connection = seen.connection;
        let (Some((last, event)), Some(connect)) = (self.last, connection.connect.as_ref()) else { return };
        if self.reported || !connection.accepted() {
            return;
        }
        let server = connection.told(PropertyId::ServerKeepAlive);
        let interval = server.unwrap_or(u32::from(connect.keep_alive));
        let interval_ms = u64::from(interval) * 1_000;
        let allowed = Duration::from_millis(interval_ms + (interval_ms / 2).max(SLACK_MS));
        if interval == 0 || now.since(last) < allowed {
            return;
        }
        self.reported = true;
        let rule = if server.is_some() { rules::SERVER_KEEP_ALIVE } else { rules::KEEP_ALIVE };
        let text = format!(
            "nothing was sent for {:.1} s after event {event}, with a Keep Alive of {interval} s",
            now.since(last).as_secs_f64()
        );
        seen.breach([event], rule, text);
    }
}
