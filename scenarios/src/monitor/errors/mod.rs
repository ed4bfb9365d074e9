//! What is owed to a packet that is malformed or against the protocol: the connection ends, with a reason that fits
//! (4.13; 3.1.1: 4.8).
//!
//! Only the first error of a connection is judged: what follows it may be read as anything. `malformed` says what a packet
//! that does not decode entitles to, `protocol` the same of one that decodes and comes at the wrong moment, and this file
//! watches what becomes of the connection.

mod malformed;
mod protocol;

use std::collections::BTreeMap;
use std::time::Duration;

use mqttspec_codec::{PacketBuf, PacketType, ProtocolVersion, ReasonCode};

use super::connection::Connection;
use super::event::{Event, What};
use super::owed::Owed;
use super::report::Report;
use super::state::State;
use super::watch::Watch;
use crate::duty::OWN_REASONS;
use crate::model::Cite;
use crate::statements::Level;
use crate::{Finding, Time};

/// How long a connection that is answered behind an error has to go on before it counts as served: whoever answers
/// several packets at a time may well have the close, or the answer that refuses the packet, under way by then.
const LINGERING: Duration = Duration::from_millis(250);

/// Clients remembered at most for what their DISCONNECT asked.
const MAX_REVIVALS: usize = 256;

/// Keeps, for each connection, the error that the Server has yet to act on.
#[derive(Debug, Default)]
pub(super) struct Errors {
    open: BTreeMap<usize, Refusal>,
    /// By client: the DISCONNECT that asked for a session to be kept which by its CONNECT ends with the connection.
    revivals: BTreeMap<usize, usize>,
}

/// What the Server owes to one erroneous packet.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    /// The packet.
    event: usize,
    /// What is wrong with it, to follow "the Client sent".
    what: String,
    /// The sentence that obliges the Server to end the connection.
    cite: Cite,
    /// Reason codes that fit (5.0).
    codes: Vec<ReasonCode>,
    /// The acknowledgement that may refuse it instead, and its Packet Identifier.
    instead: Option<(PacketType, u16)>,
    /// Acknowledgements that only the acted-upon packet gets, and their Packet Identifier.
    answers: Option<(&'static [PacketType], u16)>,
    /// Whether only to accept it is wrong: it may be left alone, by a server that takes it for another protocol.
    only_accepting: bool,
    /// The packet is a CONNECT.
    is_connect: bool,
    /// PINGREQs sent on the connection until then.
    pings: u64,
    /// When it was noted.
    since: Time,
    /// The first answer to a later PINGREQ: its event, and when it came.
    pong: Option<(usize, Time)>,
}

impl Watch for Errors {
    fn event(&mut self, book: &mut State, event: &Event<'_>, report: &mut Report) {
        let Some(connection) = book.connections.get(&event.connection) else { return };
        match event.what {
            What::SentUnreadable(frame) => {
                self.begin(connection, event, malformed::refusal(connection, event.index, frame));
            }
            What::Sent(packet, len) => {
                self.note_revival(connection, event, packet);
                let refusal = protocol::refusal(book, connection, event, packet, len);
                self.begin(connection, event, refusal);
            }
            What::Received(packet, _) => {
                protocol::check_accepted(connection, event, packet, report);
                if let Some((held, allowed)) = protocol::exceeded(book, connection, packet) {
                    let message = format!(
                        "the Server holds {held} messages open (PUBREC of event {}) though its Receive Maximum is {allowed}, \
                         and did not end the connection",
                        event.index
                    );
                    let cite = malformed::general(connection.version);
                    let finding = Finding::of(connection.version, &cite.0, message);
                    report.add(finding.on(connection.index).shown_by([event.index]));
                }
                self.check_revival(connection, event, packet, report);
                self.received(connection, event, packet, report);
            }
            What::Closed { by_server } => {
                if let Some(refusal) = self.open.remove(&event.connection).filter(|_| !by_server)
                    && refusal.has_lingered(event.at)
                {
                    refusal.tell(connection, event.at, report);
                }
            }
            What::Opened | What::ReceivedUnreadable => {}
        }
    }

    fn settle(&mut self, book: &mut State, report: &mut Report) {
        for (index, refusal) in std::mem::take(&mut self.open) {
            let Some(connection) = book.connections.get(&index) else { continue };
            if refusal.only_accepting || connection.disconnected_by_target.is_some() {
                continue;
            }
            refusal.tell(connection, book.now, report);
        }
    }

    fn owed(&self, _book: &State) -> Owed {
        Owed::soon_if(self.open.values().any(|refusal| !refusal.only_accepting))
    }
}

impl Errors {
    /// Notes the first error of a connection, unless the Client has done something else before that leaves it open what
    /// the Server makes of it.
    fn begin(&mut self, connection: &Connection, event: &Event<'_>, refusal: Option<Refusal>) {
        let clear = connection.tainted.is_none_or(|first| first >= event.index)
            && connection.disconnected_by_us.is_none_or(|first| first >= event.index)
            && connection.disconnected_by_target.is_none()
            && connection.connack.as_ref().is_none_or(|connack| connack.accepted)
            && !connection.closed;
        if let Some(refusal) = refusal.filter(|_| clear) {
            self.open.entry(event.connection).or_insert(Refusal { since: event.at, ..refusal });
        }
    }

    /// A DISCONNECT that asks for what its CONNECT ruled out is a Protocol Error (3.14.2.2.2): nothing comes of it.
    fn note_revival(&mut self, connection: &Connection, event: &Event<'_>, packet: &PacketBuf) {
        if let (PacketBuf::Disconnect(disconnect), Some(client)) = (packet, connection.client)
            && connection.tainted.is_none()
            && connection.accepted()
            && self.revivals.len() < MAX_REVIVALS
            && protocol::revives_session(connection, disconnect)
        {
            self.revivals.insert(client, event.index);
        }
    }

    fn check_revival(&mut self, connection: &Connection, event: &Event<'_>, packet: &PacketBuf, report: &mut Report) {
        let (PacketBuf::ConnAck(connack), Some(client)) = (packet, connection.client) else { return };
        let Some(asked) = self.revivals.remove(&client) else { return };
        if connack.session_present && connection.connect_event.is_some_and(|connect| connect > asked) {
            let message = format!(
                "the session had to end with its connection, whose CONNECT had a Session Expiry Interval of 0; the \
                 DISCONNECT of event {asked} asked for another one, which is a Protocol Error, and the Server kept the \
                 session (event {})",
                event.index
            );
            let cite = malformed::general(connection.version);
            report.add(
                Finding::of(connection.version, &cite.0, message).on(connection.index).shown_by([asked, event.index]),
            );
        }
    }

    fn received(&mut self, connection: &Connection, event: &Event<'_>, packet: &PacketBuf, report: &mut Report) {
        let Some(refusal) = self.open.get_mut(&event.connection) else { return };
        if matches!(packet, PacketBuf::PingResp) {
            if connection.pings > refusal.pings && connection.pongs > refusal.pings {
                refusal.pong.get_or_insert((event.index, event.at));
            }
            if refusal.has_lingered(event.at) {
                refusal.tell(connection, event.at, report);
                self.open.remove(&event.connection);
            }
            return;
        }
        if let Some(acted) = refusal.acted_on(connection, packet) {
            let Some(refusal) = self.open.remove(&event.connection) else { return };
            let message = format!(
                "the Client sent {} (event {}), and the Server {acted} (event {}) instead of closing the network connection",
                refusal.what, refusal.event, event.index
            );
            return accuse(connection, &refusal, event.index, message, report);
        }
        match packet {
            PacketBuf::Disconnect(disconnect) => {
                check_reason(connection, refusal, event, disconnect.reason_code, report);
            }
            PacketBuf::ConnAck(connack) if refusal.is_connect && connection.version == ProtocolVersion::V5_0 => {
                check_reason(connection, refusal, event, connack.reason_code, report);
            }
            PacketBuf::SubAck(suback) if refusal.instead == Some((PacketType::SubAck, suback.packet_id)) => {
                self.open.remove(&event.connection);
                report.observe("an erroneous filter is answered", "with an error code in SUBACK");
            }
            PacketBuf::UnsubAck(ack) if refusal.instead == Some((PacketType::UnsubAck, ack.packet_id)) => {
                self.open.remove(&event.connection);
                report.observe("an erroneous filter is answered", "with an error code in UNSUBACK");
            }
            _ => {}
        }
    }
}

impl Refusal {
    /// What shows that the Server took the packet for a good one, or went on behind it.
    fn acted_on(&self, connection: &Connection, packet: &PacketBuf) -> Option<String> {
        match packet {
            PacketBuf::ConnAck(connack) if self.is_connect => {
                let accepted = connack.reason_code == ReasonCode::SUCCESS;
                // 3.1.1 has the connection closed without a CONNACK (3.1.4-1); but whoever takes offence at the Client
                // Identifier may say so first (3.1.3-9), and 1.5.3-1 asks for a close alone.
                let unwanted = connection.version == ProtocolVersion::V3_1_1
                    && self.codes.is_empty()
                    && self.cite.0 == "MQTT-3.1.4-1"
                    && connack.reason_code != ReasonCode::V3_IDENTIFIER_REJECTED;
                (accepted || unwanted)
                    .then(|| format!("answered with a CONNACK of code 0x{:02X}", connack.reason_code.0))
            }
            PacketBuf::SubAck(suback) if self.instead == Some((PacketType::SubAck, suback.packet_id)) => {
                let granted = suback.reason_codes.iter().any(|code| code.0 < 0x80);
                granted.then(|| "granted the subscription".to_owned())
            }
            PacketBuf::UnsubAck(ack) if self.instead == Some((PacketType::UnsubAck, ack.packet_id)) => {
                let granted = ack.reason_codes.iter().all(|code| code.0 < 0x80);
                granted.then(|| "acknowledged it".to_owned())
            }
            _ => {
                let (types, id) = self.answers?;
                let answered = types.contains(&packet.packet_type()) && packet.packet_id() == Some(id);
                answered.then(|| format!("answered it with {}", packet.packet_type()))
            }
        }
    }
}

impl Refusal {
    /// Whether the Server has served the connection for long enough behind the error. What may be refused in an
    /// acknowledgement is left until everything settles: that one may come later than the answer to a later PINGREQ.
    fn has_lingered(&self, now: Time) -> bool {
        self.instead.is_none() && self.pong.is_some_and(|(_, at)| now.since(at) >= LINGERING)
    }

    /// Says that the connection did not end.
    fn tell(&self, connection: &Connection, now: Time, report: &mut Report) {
        let (event, what) = match self.pong {
            Some((event, _)) => (
                event,
                format!(
                    "went on and answered a later PINGREQ (event {event}) instead of closing the network connection"
                ),
            ),
            None => {
                let passed = now.since(self.since).as_millis();
                (self.event, format!("neither closed the network connection nor refused it within {passed} ms"))
            }
        };
        let message = format!("the Client sent {} (event {}), and the Server {what}", self.what, self.event);
        accuse(connection, self, event, message, report);
    }
}

/// The code with which a Server refuses a packet should be one that fits (4.13.2).
fn check_reason(connection: &Connection, refusal: &Refusal, event: &Event<'_>, code: ReasonCode, report: &mut Report) {
    // What a take-over or a silence had begun before may cross the error.
    let crossing = [ReasonCode::SESSION_TAKEN_OVER, ReasonCode::KEEP_ALIVE_TIMEOUT];
    let fits = refusal.codes.contains(&code) || OWN_REASONS.contains(&code) || crossing.contains(&code);
    if refusal.codes.is_empty() || fits {
        return;
    }
    let message = format!(
        "the Client sent {} (event {}), and the Server ended the connection with reason code 0x{:02X} (event {}), which \
         does not fit the error",
        refusal.what, refusal.event, code.0, event.index
    );
    let finding = Finding::of_section("4.13.1", Level::Should, message);
    report.add(finding.on(connection.index).shown_by([refusal.event, event.index]));
}

fn accuse(connection: &Connection, refusal: &Refusal, event: usize, message: String, report: &mut Report) {
    let finding = match refusal.cite.as_section() {
        Some((section, binding)) => {
            Finding::of_section(section, if binding { Level::Must } else { Level::Should }, message)
        }
        None => Finding::of(connection.version, &refusal.cite.0, message),
    };
    let mut events = vec![refusal.event, event];
    events.dedup();
    report.add(finding.on(connection.index).shown_by(events));
}
