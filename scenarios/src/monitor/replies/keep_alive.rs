//! A client that is silent for one and a half times its Keep Alive is dropped, and one that is not is not (3.1.2.10).
//!
//! The sentence sets the limit and no time by which the Server must have noticed: servers that look only every few seconds
//! are late by that much. What is late by less than [`SLACK`] is an observation.

use std::collections::BTreeMap;
use std::time::Duration;

use mqttspec_codec::{PacketBuf, PropertyId, ReasonCode};

use super::super::connection::Connection;
use super::super::event::{Event, What};
use super::super::report::Report;
use super::super::state::State;
use super::super::watch::Watch;
use super::{is_clean, rules, who};
use crate::Time;

/// How much later than at the limit a Server may notice the silence; for long intervals a quarter of the limit.
const SLACK: Duration = Duration::from_secs(6);
/// Lateness that is not worth an observation.
const ON_TIME: Duration = Duration::from_millis(500);
/// PINGREQs remembered on one connection at most.
const MAX_PINGS: usize = 256;

/// When each client was heard last.
#[derive(Debug, Default)]
pub(super) struct KeepAlive {
    lines: BTreeMap<usize, Line>,
}

#[derive(Debug)]
struct Line {
    /// The last packet of the client.
    heard: (usize, Time),
    /// The last packet of the client that the Server has certainly read.
    read: (usize, Time),
    /// PINGREQs not answered yet.
    pings: Vec<(usize, Time)>,
    /// The longest silence beyond the limit.
    silence: Option<Silence>,
    told: bool,
}

/// A silence that was longer than the Keep Alive allows.
#[derive(Clone, Copy, Debug)]
struct Silence {
    /// The packets at both its ends.
    from: usize,
    to: usize,
    /// When it ended.
    until: Time,
    lasted: Duration,
}

impl Watch for KeepAlive {
    fn event(&mut self, book: &mut State, event: &Event<'_>, report: &mut Report) {
        let Some(connection) = book.connections.get(&event.connection) else { return };
        if connection.closed {
            self.lines.remove(&event.connection);
            return;
        }
        let heard = (event.index, event.at);
        match event.what {
            What::Sent(..) | What::SentUnreadable(_) => {
                let new = Line { heard, read: heard, pings: Vec::new(), silence: None, told: false };
                let line = self.lines.entry(event.connection).or_insert(new);
                let lasted = event.at.since(line.heard.1);
                if let Some(limit) = limit(connection)
                    && lasted >= limit + ON_TIME
                    && line.silence.is_none_or(|before| before.lasted < lasted)
                {
                    line.silence = Some(Silence { from: line.heard.0, to: event.index, until: event.at, lasted });
                }
                line.heard = heard;
                if matches!(event.what, What::Sent(PacketBuf::PingReq, _)) && line.pings.len() < MAX_PINGS {
                    line.pings.push(heard);
                }
            }
            What::Received(packet, _) => {
                let Some(line) = self.lines.get_mut(&event.connection) else { return };
                match packet {
                    PacketBuf::PingResp if !line.pings.is_empty() => {
                        line.read = line.pings.remove(0);
                        line.check_late(book, connection, event, report);
                    }
                    PacketBuf::Disconnect(disconnect) => {
                        if disconnect.reason_code == ReasonCode::KEEP_ALIVE_TIMEOUT {
                            line.check_early(book, connection, event, report);
                        }
                        self.lines.remove(&event.connection);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn settle(&mut self, book: &mut State, report: &mut Report) {
        for (index, line) in &mut self.lines {
            let Some(connection) = book.connections.get(index).filter(|connection| connection.accepted()) else {
                continue;
            };
            let Some(limit) = limit(connection).filter(|_| is_clean(connection) && !line.told) else { continue };
            let lasted = book.now.since(line.heard.1);
            if connection.disconnected_by_us.is_none() && lasted >= longest(limit) {
                let message = format!(
                    "{} has been silent since event {}, for {} ms; with {} the limit is {} ms, and its network connection is \
                     still open",
                    who(book, *index),
                    line.heard.0,
                    lasted.as_millis(),
                    interval(connection),
                    limit.as_millis()
                );
                line.told = true;
                report.breach(rules::KEEP_ALIVE, connection.version, *index, [line.heard.0], message);
            }
        }
    }
}

impl Line {
    /// The PINGREQ of event `to` was answered: had a silence before it to end the connection?
    fn check_late(&mut self, book: &State, connection: &Connection, event: &Event<'_>, report: &mut Report) {
        let Some(silence) = self.silence.filter(|silence| self.read.1 >= silence.until && !self.told) else { return };
        let Some(limit) = limit(connection).filter(|_| is_clean(connection)) else { return };
        if connection.disconnected_by_us.is_some() {
            return;
        }
        if silence.lasted < longest(limit) {
            let (lasted, interval) = (silence.lasted.as_secs(), interval(connection));
            let how = format!("PINGREQ after {lasted} s of silence is still answered with {interval}");
            return report.observe("end of a connection whose Keep Alive has passed", &how);
        }
        self.told = true;
        let Silence { from, to, lasted, .. } = silence;
        let message = format!(
            "{} was silent from event {from} to event {to}, for {} ms; with {} the limit is {} ms, and a PINGREQ sent after \
             that (event {}) was answered (event {})",
            who(book, event.connection),
            lasted.as_millis(),
            interval(connection),
            limit.as_millis(),
            self.read.0,
            event.index
        );
        report.breach(rules::KEEP_ALIVE, connection.version, event.connection, [from, to, event.index], message);
    }

    /// DISCONNECT says Keep Alive timeout: can there have been one?
    fn check_early(&self, book: &State, connection: &Connection, event: &Event<'_>, report: &mut Report) {
        let silence = event.at.since(self.read.1);
        let allowed = in_force(connection).map(|seconds| Duration::from_millis(u64::from(seconds) * 1_500));
        if !is_clean(connection) || allowed.is_some_and(|allowed| silence + Duration::from_millis(20) >= allowed) {
            return;
        }
        let message = format!(
            "{} was disconnected for its Keep Alive (event {}) though the Server had read its packet of event {} at most {} ms \
             before, with {}",
            who(book, event.connection),
            event.index,
            self.read.0,
            silence.as_millis(),
            interval(connection)
        );
        let told = connection.told(PropertyId::ServerKeepAlive).is_some();
        let rule = if told { rules::KEEP_ALIVE } else { rules::KEEP_ALIVE_OF_CLIENT };
        report.breach(rule, connection.version, event.connection, [self.read.0, event.index], message);
    }
}

/// The Keep Alive in force, in seconds; `None` when it is turned off.
fn in_force(connection: &Connection) -> Option<u32> {
    let told = connection.told(PropertyId::ServerKeepAlive);
    let asked = connection.connect.as_ref().map(|connect| connect.keep_alive.into());
    told.or(asked).filter(|seconds| *seconds > 0)
}

/// How long a silence is allowed; `None` when any is.
fn limit(connection: &Connection) -> Option<Duration> {
    let seconds = in_force(connection).filter(|_| connection.accepted())?;
    Some(Duration::from_millis(u64::from(seconds) * 1_500))
}

/// How long a silence no Server may bear that is late by as much as any is given.
fn longest(limit: Duration) -> Duration {
    limit + SLACK.max(limit / 4)
}

fn interval(connection: &Connection) -> String {
    let seconds = in_force(connection).unwrap_or(0);
    let told = connection.told(PropertyId::ServerKeepAlive).is_some();
    format!("a {}Keep Alive of {seconds} s", if told { "Server " } else { "" })
}
