//! A sound CONNECT is answered, and refused only for what it is (3.1.3.1, 3.1.4).

use std::collections::BTreeMap;

use mqttspec_codec::{ConnAckBuf, ConnectBuf, PacketBuf, PropertyId, PropertyList, ProtocolVersion, ReasonCode};

use super::super::connection::Connection;
use super::super::event::{Event, What};
use super::super::owed::Owed;
use super::super::report::Report;
use super::super::rule::Rule;
use super::super::state::State;
use super::super::text::is_refusable;
use super::super::watch::Watch;
use super::{is_clean, patience, rules, short, who};
use crate::Time;

/// The longest Client Identifier that every Server allows, in bytes.
const ALWAYS_ALLOWED: usize = 23;
/// A Maximum Packet Size in bytes into which every CONNACK fits that says only what it must.
const ROOM_FOR_CONNACK: u32 = 256;

/// How often something happens before it is no accident.
const ENOUGH: usize = 2;

/// The CONNECTs that wait for an answer, and the codes that say what cannot be.
#[derive(Debug, Default)]
pub(super) struct Connecting {
    /// By connection: the packet that waits, and since when.
    waiting: BTreeMap<usize, (usize, Time)>,
    /// By version: the CONNACK that accepted one.
    accepted: BTreeMap<ProtocolVersion, usize>,
    silence: Silence,
}

/// 3.1.1: how CONNECTs fare that hold nothing special but a Client Identifier. One that is closed without an answer may have
/// been closed for any reason; when it happens to every unusual identifier and to no other, the identifier is the reason.
#[derive(Debug, Default)]
struct Silence {
    /// CONNACKs that accepted a usual Client Identifier.
    usual_accepted: Vec<usize>,
    /// An unusual one was answered, or a usual one was not.
    otherwise: bool,
    /// CONNECTs with an unusual one that were not answered: connection, CONNECT and end.
    unusual_closed: Vec<(usize, usize, usize)>,
    told: bool,
}

impl Watch for Connecting {
    fn event(&mut self, book: &mut State, event: &Event<'_>, report: &mut Report) {
        let Some(connection) = book.connections.get(&event.connection) else { return };
        match event.what {
            What::Sent(PacketBuf::Connect(connect), _) => {
                let room = connect.properties.integer(PropertyId::MaximumPacketSize);
                if room.is_none_or(|room| room >= ROOM_FOR_CONNACK) {
                    self.waiting.insert(event.connection, (event.index, event.at));
                }
            }
            // The next word is the Client's; and after an answer of its own it is the Server's again.
            What::Received(PacketBuf::Auth(_), _) => drop(self.waiting.remove(&event.connection)),
            What::Sent(PacketBuf::Auth(_), _) if connection.connack.is_none() => {
                self.waiting.insert(event.connection, (event.index, event.at));
            }
            What::Sent(PacketBuf::Disconnect(_), _) | What::ReceivedUnreadable => {
                self.waiting.remove(&event.connection);
            }
            What::Closed { by_server } => {
                let waited = self.waiting.remove(&event.connection).is_some();
                let lawful = connection.tainted.is_none() && !connection.garbled;
                if waited && by_server && lawful {
                    self.silence.closed(connection, event.index);
                }
            }
            What::Received(PacketBuf::ConnAck(connack), _) => {
                self.waiting.remove(&event.connection);
                let first = connection.connack.as_ref().is_some_and(|seen| seen.event == event.index);
                if first && is_clean(connection) {
                    self.answered(book, connection, event, connack, report);
                }
            }
            _ => {}
        }
    }

    fn settle(&mut self, book: &mut State, report: &mut Report) {
        self.silence.judge(book, report);
        self.waiting.retain(|index, (event, at)| {
            let Some(connection) = book.connections.get(index).filter(|connection| is_clean(connection)) else {
                return false;
            };
            let overdue = patience::is_over(patience::UNFENCED, *at, book.now);
            if overdue {
                let message = format!(
                    "{} waits for CONNACK since event {event}: it was neither answered nor disconnected",
                    who(book, *index)
                );
                let rule = if connection.sent_in_pieces { rules::STREAM } else { rules::CONNACK_OWED };
                report.breach(rule, connection.version, *index, [*event], message);
            }
            !overdue
        });
    }

    fn owed(&self, book: &State) -> Owed {
        Owed::soon_if(self.waiting.keys().any(|index| book.connections.get(index).is_some_and(is_clean)))
    }
}

impl Connecting {
    fn answered(
        &mut self,
        book: &State,
        connection: &Connection,
        event: &Event<'_>,
        connack: &ConnAckBuf,
        report: &mut Report,
    ) {
        let Some(connect) = connection.terms() else { return };
        let version = connection.version;
        self.silence.answered(connect, connack.reason_code, event.index);
        if connack.reason_code == ReasonCode::SUCCESS {
            self.accepted.entry(version).or_insert(event.index);
            return;
        }
        let Some((rule, why)) = self.contradiction(version, connect, connack.reason_code) else { return };
        let mut events = vec![connection.connect_event.unwrap_or(event.index), event.index];
        events.extend(self.accepted.get(&version));
        let message = format!(
            "the CONNECT of {} (event {}) is sound, and was refused with 0x{:02X} (event {}): {why}",
            who(book, connection.index),
            events[0],
            connack.reason_code.0,
            event.index
        );
        report.breach(rule, version, connection.index, events, message);
    }

    /// The sentence that a refusal with `code` breaks, and why; `None` when the Server may have its reasons.
    fn contradiction(
        &self,
        version: ProtocolVersion,
        connect: &ConnectBuf,
        code: ReasonCode,
    ) -> Option<(Rule, String)> {
        let is_5 = version.has_properties();
        let (id_refused, version_refused) = if is_5 {
            (ReasonCode::CLIENT_IDENTIFIER_NOT_VALID, ReasonCode::UNSUPPORTED_PROTOCOL_VERSION)
        } else {
            (ReasonCode::V3_IDENTIFIER_REJECTED, ReasonCode::V3_UNACCEPTABLE_PROTOCOL_VERSION)
        };
        let id = &connect.client_id;
        let usual = is_usual(id);
        let before = self.accepted.get(&version).copied();
        if code == id_refused && usual {
            let why = format!("the Client Identifier {:?} must be allowed", short(id));
            return Some((rules::CLIENT_ID_ALLOWED, why));
        }
        if code == version_refused {
            let why = format!("event {} accepted another of the same version", before?);
            return Some((rules::CONNACK_OWED, why));
        }
        if is_5 && matches!(code, ReasonCode::MALFORMED_PACKET | ReasonCode::PROTOCOL_ERROR) && is_plain(connect) {
            let why = format!("it is well formed, as the one that event {} accepted", before?);
            let rule = if usual { rules::CONNACK_OWED } else { rules::CLIENT_ID_REFUSAL };
            return Some((rule, why));
        }
        None
    }
}

impl Silence {
    fn answered(&mut self, connect: &ConnectBuf, code: ReasonCode, event: usize) {
        if connect.version != ProtocolVersion::V3_1_1 || !is_plain(connect) {
            return;
        }
        match (is_usual(&connect.client_id), code == ReasonCode::SUCCESS) {
            (true, true) if self.usual_accepted.len() < ENOUGH => self.usual_accepted.push(event),
            (true, true) => {}
            _ => self.otherwise = true,
        }
    }

    fn closed(&mut self, connection: &Connection, event: usize) {
        let Some(connect) = connection.terms().filter(|connect| connect.version == ProtocolVersion::V3_1_1) else {
            return;
        };
        if is_usual(&connect.client_id) || !is_plain(connect) {
            self.otherwise = true;
        } else if self.unusual_closed.len() < ENOUGH {
            self.unusual_closed.push((connection.index, connection.connect_event.unwrap_or(event), event));
        }
    }

    fn judge(&mut self, book: &State, report: &mut Report) {
        let certain = self.unusual_closed.len() >= ENOUGH && self.usual_accepted.len() >= ENOUGH && !self.otherwise;
        let Some(&(index, connect, closed)) = self.unusual_closed.last().filter(|_| certain && !self.told) else {
            return;
        };
        self.told = true;
        let accepted = self.usual_accepted[0];
        let message = format!(
            "the CONNECT of {} (event {connect}) was closed without a CONNACK (event {closed}), as was every other with a Client \
             Identifier that a Server may refuse, and no other (event {accepted}): a Client Identifier is refused with return \
             code 2",
            who(book, index)
        );
        let events = self.unusual_closed.iter().flat_map(|(_, connect, closed)| [*connect, *closed]).chain([accepted]);
        report.breach(rules::CLIENT_ID_REFUSAL, ProtocolVersion::V3_1_1, index, events, message);
    }
}

/// Whether every Server must allow a Client Identifier.
fn is_usual(id: &str) -> bool {
    !id.is_empty() && id.len() <= ALWAYS_ALLOWED && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether there is nothing in a CONNECT that a Server may take for malformed (1.5.4) or that it may not serve.
fn is_plain(connect: &ConnectBuf) -> bool {
    !connect.client_id.is_empty()
        && !is_refusable(&connect.client_id)
        && connect.will.is_none()
        && connect.user_name.is_none()
        && connect.properties.find(PropertyId::AuthenticationMethod).is_none()
        && connect.properties.find(PropertyId::UserProperty).is_none()
}
