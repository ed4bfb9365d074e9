//! While the send quota towards a client is used up the Server still answers everything else (4.9).

use std::collections::BTreeMap;

use mqttspec_codec::{PacketBuf, PropertyId};

use super::super::connection::Connection;
use super::super::event::{Event, What};
use super::super::report::Report;
use super::super::state::State;
use super::super::watch::Watch;
use super::{is_bound, patience, rules, who};
use crate::Time;

/// The PINGREQs that were sent while the quota was used up, by connection.
#[derive(Debug, Default)]
pub(super) struct Quota {
    lines: BTreeMap<usize, Line>,
}

#[derive(Debug, Default)]
struct Line {
    used_up: bool,
    /// The first PINGREQ sent while the quota was used up, if it is unanswered: its event, time, and number.
    asked: Option<(usize, Time, u64)>,
    /// The acknowledgement that gave quota back while that PINGREQ had waited too long.
    freed: Option<(usize, Time)>,
}

impl Watch for Quota {
    fn event(&mut self, book: &mut State, event: &Event<'_>, report: &mut Report) {
        let Some(connection) = book.connections.get(&event.connection) else { return };
        if connection.asked(PropertyId::ReceiveMaximum).is_none() {
            return;
        }
        if connection.closed {
            self.lines.remove(&event.connection);
            return;
        }
        let line = self.lines.entry(event.connection).or_default();
        let was_used_up = std::mem::replace(&mut line.used_up, is_used_up(connection));
        match event.what {
            What::Sent(PacketBuf::PingReq, _) if was_used_up && line.asked.is_none() => {
                line.asked = Some((event.index, event.at, connection.pings));
            }
            What::Sent(PacketBuf::PubAck(_) | PacketBuf::PubRec(_) | PacketBuf::PubComp(_), _)
                if was_used_up && !line.used_up && line.freed.is_none() =>
            {
                let overdue = line.asked.is_some_and(|(_, at, _)| patience::is_over(patience::HELD_UP, at, event.at));
                line.freed = overdue.then_some((event.index, event.at));
                if !overdue {
                    line.asked = None;
                }
            }
            What::Received(PacketBuf::PingResp, _) => {
                let Some((asked, at, number)) = line.asked.filter(|(_, _, number)| connection.pongs >= *number) else {
                    return;
                };
                line.asked = None;
                let Some((freed, freed_at)) = line.freed.take() else { return };
                // The answer waited for the quota, and came as soon as there was some.
                let waited = freed_at.since(at);
                if connection.pongs == number && event.at.since(freed_at) * 4 <= waited && is_bound(connection) {
                    let message = format!(
                        "{} sent PINGREQ (event {asked}) while the send quota was used up, and was answered (event {}) only \
                         once it had acknowledged a message (event {freed}), {} ms later",
                        who(book, event.connection),
                        event.index,
                        waited.as_millis()
                    );
                    let events = [asked, freed, event.index];
                    report.breach(rules::ANSWERED_WITHOUT_QUOTA, connection.version, event.connection, events, message);
                }
            }
            _ => {}
        }
    }

    fn settle(&mut self, _book: &mut State, _report: &mut Report) {}
}

/// Whether we hold back as many acknowledgements as the Receive Maximum of our CONNECT allows.
pub(super) fn is_used_up(connection: &Connection) -> bool {
    let maximum = connection.asked(PropertyId::ReceiveMaximum);
    maximum.is_some_and(|maximum| connection.unacknowledged.len() >= maximum as usize)
}
