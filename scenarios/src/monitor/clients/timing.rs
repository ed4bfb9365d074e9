//! Keep Alive, and connections that the Client should have closed (3.1.2.10, 3.14.4).

use std::time::Duration;

use mqttspec_codec::{PropertyId, ProtocolVersion};

use super::super::event::{Event, What};
use super::{Seen, rules};
use crate::Time;

/// Network delay that may stretch the silence between two packets.
const SLACK: Duration = Duration::from_secs(1);

/// The clock of one connection.
#[derive(Debug, Default)]
pub(super) struct Timing {
    /// When the Client sent last, and the event.
    last: Option<(Time, usize)>,
    reported: bool,
    garbled: Option<usize>,
    open_reported: bool,
}

impl Timing {
    /// Something happened on the connection.
    pub(super) fn event(&mut self, seen: &mut Seen<'_, '_>, event: &Event<'_>) {
        if seen.connection.disconnected_by_us.is_none_or(|at| at >= event.index) {
            self.check_silence(seen, event.at);
        }
        match event.what {
            What::Sent(..) | What::SentUnreadable(_) => self.last = Some((event.at, event.index)),
            What::ReceivedUnreadable => {
                self.garbled.get_or_insert(event.index);
            }
            What::Opened | What::Received(..) | What::Closed { .. } => {}
        }
    }

    /// Nothing more comes, and it is `now`.
    pub(super) fn settle(&mut self, seen: &mut Seen<'_, '_>, now: Time) {
        let connection = seen.connection;
        if self.open_reported {
            return;
        }
        if let Some(disconnect) = connection.disconnected_by_us {
            self.open_reported = true;
            let text = format!("the DISCONNECT of event {disconnect} was sent and the network connection left open");
            seen.event = disconnect;
            return seen.breach([], rules::CLOSE_AFTER_DISCONNECT, text);
        }
        self.check_silence(seen, now);
        let told_present = connection.connack.as_ref().filter(|connack| connack.accepted && connack.session_present);
        if let Some(connack) = told_present
            && connection.cleaned()
            && connection.terms().is_some()
        {
            self.open_reported = true;
            let text = format!(
                "the CONNACK of event {} tells of a session that the Client has not, and the connection was left open",
                connack.event
            );
            seen.event = connack.event;
            return seen.breach(connection.connect_event, rules::CLOSE_ON_UNKNOWN_SESSION, text);
        }
        if let Some(garbled) = self.garbled {
            self.open_reported = true;
            let text = format!("the connection was left open after the malformed packet of event {garbled}");
            seen.event = garbled;
            seen.breach([], rules::CLOSE_ON_ERROR, text);
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
        let allowed = Duration::from_millis(u64::from(interval) * 1_500) + SLACK;
        if interval == 0 || now.since(last) <= allowed {
            return;
        }
        self.reported = true;
        let rule = match server {
            Some(_) if connection.version == ProtocolVersion::V5_0 => rules::SERVER_KEEP_ALIVE,
            _ => rules::KEEP_ALIVE,
        };
        let text = format!(
            "nothing was sent for {:.1} s after event {event}, with a Keep Alive of {interval} s",
            now.since(last).as_secs_f64()
        );
        seen.breach([event], rule, text);
    }
}
