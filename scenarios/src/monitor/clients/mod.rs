//! What a Client owes the Server: every rule of the standard for the other side.
//!
//! The vantage is a tap: a packet of the Client is seen after the Client sent it, one of the Server before the Client has
//! it. So the Client is held only to what it certainly knew: what it has answered since, or what was sent long ago
//! ([`knowledge`]).
//!
//! | file | what it judges |
//! |---|---|
//! | `format.rs` | packets that do not decode |
//! | `order.rs` | CONNECT first and once, nothing after DISCONNECT, AUTH, what only a Server sends |
//! | `limits.rs` | what CONNACK allows |
//! | `sender.rs` | Packet Identifiers, DUP, resending, PUBREL: the Client as sender (4.3, 4.4, 4.6) |
//! | `receiver.rs` | acknowledgements: the Client as receiver (4.3, 4.6) |
//! | `timing.rs` | Keep Alive |
//! | `closing.rs` | connections that the Client should have closed |

mod closing;
mod format;
mod knowledge;
mod limits;
mod order;
mod receiver;
mod rules;
mod sender;
mod timing;

use std::collections::BTreeMap;

use mqttspec_codec::PacketBuf;

use super::connection::Connection;
use super::event::{Event, What};
use super::report::Report;
use super::rule::Rule;
use super::state::State;
use super::watch::Watch;
use crate::Side;
use closing::Closing;
use knowledge::Knowledge;
use receiver::Receiver;
use sender::Sender;
use timing::Timing;

/// Clients whose sessions are followed at most.
const MAX_CLIENTS: usize = 1024;

/// Judges the Client.
#[derive(Debug, Default)]
pub(super) struct Clients {
    /// By connection.
    knowledge: BTreeMap<usize, Knowledge>,
    timing: BTreeMap<usize, Timing>,
    closing: BTreeMap<usize, Closing>,
    /// By client of the book: what it sends and receives belongs to its session.
    senders: BTreeMap<usize, Sender>,
    receivers: BTreeMap<usize, Receiver>,
    /// By client of the book: the connection of its latest CONNECT.
    latest: BTreeMap<usize, usize>,
}

impl Watch for Clients {
    fn event(&mut self, book: &mut State, event: &Event<'_>, report: &mut Report) {
        let Some(connection) = book.connections.get(&event.connection) else { return };
        let knowledge = self.knowledge.entry(event.connection).or_default();
        let timing = self.timing.entry(event.connection).or_default();
        let mut seen = Seen { connection, event: event.index, report };
        timing.event(&mut seen, event);
        self.closing.entry(event.connection).or_default().event(&mut seen, event);
        match event.what {
            What::SentUnreadable(frame) => format::check(&mut seen, frame),
            What::Sent(packet, len) => {
                knowledge.sent(event, packet);
                if !order::check(&mut seen, packet) {
                    return;
                }
                limits::check(&mut seen, knowledge, event.at, packet, len);
                let Some(client) = connection.client.filter(|client| *client < MAX_CLIENTS) else { return };
                let sender = self.senders.entry(client).or_default();
                let receiver = self.receivers.entry(client).or_default();
                if matches!(packet, PacketBuf::Connect(_)) {
                    self.latest.insert(client, connection.index);
                } else if self.latest.get(&client).is_some_and(|latest| *latest != connection.index) {
                    // A latecomer on a connection that the Client has left behind.
                    sender.lose_track();
                    receiver.lose_track();
                    return;
                }
                sender.sent(&mut seen, knowledge, event.at, packet);
                receiver.sent(&mut seen, packet);
            }
            What::Received(packet, _) => {
                knowledge.received(event, packet);
                if let Some(client) = connection.client.filter(|client| *client < MAX_CLIENTS)
                    && self.latest.get(&client).is_none_or(|latest| *latest == connection.index)
                {
                    self.senders.entry(client).or_default().received(&seen, event.at, packet);
                    self.receivers.entry(client).or_default().received(&seen, packet);
                }
            }
            What::Closed { .. } => {
                if connection.connects == 0 && connection.joined.is_none() {
                    // Somebody's CONNECT was lost, and what that did to a session nobody knows.
                    self.senders.values_mut().for_each(Sender::lose_track);
                }
                if let Some(sender) = connection.client.and_then(|client| self.senders.get_mut(&client)) {
                    sender.closed(connection, knowledge, event.at);
                }
            }
            What::Opened | What::ReceivedUnreadable => {}
        }
    }

    fn settle(&mut self, book: &mut State, report: &mut Report) {
        for connection in book.connections.values().filter(|connection| !connection.closed) {
            let mut seen = Seen { connection, event: connection.connect_event.unwrap_or_default(), report };
            if let Some(timing) = self.timing.get_mut(&connection.index) {
                timing.settle(&mut seen, book.now);
            }
            if let Some(closing) = self.closing.get_mut(&connection.index) {
                closing.check(&mut seen, book.now);
            }
            let lively = connection.accepted()
                && connection.disconnected_by_us.is_none()
                && connection.disconnected_by_target.is_none()
                && !connection.garbled;
            if let (true, Some(client)) = (lively, connection.client) {
                if let Some(sender) = self.senders.get_mut(&client) {
                    sender.settle(&mut seen);
                }
                if let Some(receiver) = self.receivers.get_mut(&client) {
                    receiver.settle(&mut seen);
                }
            }
        }
    }

    fn judges_joined(&self) -> bool {
        true
    }
}

/// The connection that is looked at, and where findings go.
struct Seen<'a, 'r> {
    connection: &'a Connection,
    event: usize,
    report: &'r mut Report,
}

impl Seen<'_, '_> {
    /// The Client broke `rule`, because of these earlier events.
    fn breach(&mut self, earlier: impl IntoIterator<Item = usize>, rule: Rule, message: impl Into<String>) {
        if let Some(finding) = rule.breach(self.connection.version, message.into()) {
            let mut events: Vec<usize> = earlier.into_iter().chain([self.event]).collect();
            events.sort_unstable();
            events.dedup();
            self.report.add(finding.against(Side::Client).on(self.connection.index).shown_by(events));
        }
    }
}

/// Whether it is a packet that only a Server sends (table 2-1).
const fn is_of_server(packet: &PacketBuf) -> bool {
    matches!(packet, PacketBuf::ConnAck(_) | PacketBuf::SubAck(_) | PacketBuf::UnsubAck(_) | PacketBuf::PingResp)
}
