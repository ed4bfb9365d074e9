//! Connections that the Client has to close: after its own DISCONNECT, and after errors of the Server (3.14.4, 4.13; 3.1.1: 4.8).

use std::time::Duration;

use mqttspec_codec::{
    PacketBuf, PropertyId, PropertyList, ProtocolVersion, PublishBuf, ReasonCode, ViolationKind, diagnose,
};

use super::super::connection::Connection;
use super::super::event::{Event, What};
use super::super::rule::Rule;
use super::{Seen, rules};
use crate::Time;

/// Time enough to read a packet and close.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why and since when one connection has to be closed by the Client.
#[derive(Debug, Default)]
pub(super) struct Closing {
    due: Option<Due>,
    reported: bool,
}

#[derive(Debug)]
struct Due {
    since: Time,
    event: usize,
    rule: Rule,
    why: String,
}

impl Closing {
    /// Something happened on the connection.
    pub(super) fn event(&mut self, seen: &mut Seen<'_, '_>, event: &Event<'_>) {
        if seen.connection.joined.is_some() {
            return;
        }
        if !matches!(event.what, What::Closed { by_server: false }) {
            self.check(seen, event.at);
        }
        let reason = match event.what {
            What::Sent(PacketBuf::Disconnect(disconnect), _) => {
                self.check_alias_refused(seen, disconnect.reason_code);
                Some((rules::CLOSE_AFTER_DISCONNECT, "its own DISCONNECT".to_owned()))
            }
            What::Received(packet, len) => error_of(seen.connection, event.index, packet, len),
            What::ReceivedUnreadable => malformed(seen.connection, event.index),
            What::Opened | What::Sent(..) | What::SentUnreadable(_) | What::Closed { .. } => None,
        };
        if let (Some((rule, why)), None) = (reason, &self.due) {
            self.due = Some(Due { since: event.at, event: event.index, rule, why });
        }
    }

    /// It is `now`, and the connection is open, or the Server has just closed it.
    pub(super) fn check(&mut self, seen: &mut Seen<'_, '_>, now: Time) {
        let Some(due) = self.due.as_ref().filter(|due| !self.reported && now >= due.since + PATIENCE) else { return };
        self.reported = true;
        let text = format!(
            "the connection was left open for {:.1} s after {} (event {})",
            now.since(due.since).as_secs_f64(),
            due.why,
            due.event
        );
        seen.event = seen.event.max(due.event);
        seen.breach([due.event], due.rule, text);
    }

    /// DISCONNECT with Topic Alias invalid, though every alias of the Server was within the limit.
    fn check_alias_refused(&self, seen: &mut Seen<'_, '_>, reason: ReasonCode) {
        let connection = seen.connection;
        let Some(highest) = connection.aliases.keys().max().filter(|_| !connection.garbled) else { return };
        if reason == ReasonCode::TOPIC_ALIAS_INVALID && self.due.is_none() {
            let maximum = connection.asked(PropertyId::TopicAliasMaximum).unwrap_or(0);
            let text = format!(
                "DISCONNECT with reason code 0x94 though the Server has used no Topic Alias above {highest} and its CONNECT \
                 allows {maximum}"
            );
            seen.breach(connection.connect_event, rules::ALIAS_ACCEPTED, text);
        }
    }
}

/// What is wrong with a packet of the Server that decodes, so that the Client has to close.
fn error_of(connection: &Connection, event: usize, packet: &PacketBuf, len: usize) -> Option<(Rule, String)> {
    let v5 = connection.version == ProtocolVersion::V5_0;
    let name = packet.packet_type();
    let error = |why: String| Some((rules::CLOSE_ON_ERROR, why));
    match packet {
        PacketBuf::Connect(_) | PacketBuf::Subscribe(_) | PacketBuf::Unsubscribe(_) | PacketBuf::PingReq => {
            error(format!("a {name}, which only a Client sends"))
        }
        PacketBuf::Disconnect(_) if !v5 => error(format!("a {name}, which only a Client sends")),
        PacketBuf::Disconnect(disconnect) if disconnect.reason_code.is_error() => {
            Some((rules::CLOSE_ON_REASON, format!("the DISCONNECT of the Server with code {}", disconnect.reason_code)))
        }
        PacketBuf::ConnAck(connack) => {
            let first = connection.connack.as_ref().is_some_and(|first| first.event == event);
            if !first {
                error("a second CONNACK".to_owned())
            } else if v5 && connack.reason_code.is_error() {
                Some((rules::CLOSE_ON_REASON, format!("a CONNACK with code {}", connack.reason_code)))
            } else if v5 && connack.session_present && connection.cleaned() && connection.terms().is_some() {
                let why = "a CONNACK that tells of a session, which the Client has not".to_owned();
                Some((rules::CLOSE_ON_UNKNOWN_SESSION, why))
            } else {
                None
            }
        }
        PacketBuf::Auth(auth) => {
            let method = connection.terms()?.properties.text(PropertyId::AuthenticationMethod);
            let same = method.is_some() && method == auth.properties.text(PropertyId::AuthenticationMethod);
            if same { None } else { error("an AUTH with a method that the CONNECT does not name".to_owned()) }
        }
        PacketBuf::Publish(publish) => {
            let maximum = connection.asked(PropertyId::MaximumPacketSize).unwrap_or(u32::MAX);
            if len > maximum as usize {
                return error(format!("a PUBLISH of {len} bytes, with a Maximum Packet Size of {maximum}"));
            }
            invalid_alias(connection, publish).and_then(error)
        }
        _ => None,
    }
}

fn invalid_alias(connection: &Connection, publish: &PublishBuf) -> Option<String> {
    let alias = publish.properties.integer(PropertyId::TopicAlias)?;
    let maximum = connection.terms()?.properties.integer(PropertyId::TopicAliasMaximum).unwrap_or(0);
    if alias > maximum {
        return Some(format!("a PUBLISH with Topic Alias {alias}, with a Topic Alias Maximum of {maximum}"));
    }
    connection.topic_of(publish).is_none().then(|| format!("a PUBLISH with Topic Alias {alias}, which was not set"))
}

/// The Server sent something that does not decode.
fn malformed(connection: &Connection, event: usize) -> Option<(Rule, String)> {
    let (_, frame) = connection.unreadable.as_ref().filter(|(there, _)| *there == event)?;
    let diagnosis = diagnose(frame, connection.version);
    if diagnosis.is_debatable(connection.version, frame) {
        return None;
    }
    let violation = diagnosis.first_must()?;
    let rule = match violation.kind {
        ViolationKind::IllFormedUtf8 => rules::CLOSE_ON_UTF8,
        ViolationKind::NullCharacter => rules::CLOSE_ON_NULL,
        ViolationKind::InvalidFlags => rules::CLOSE_ON_FLAGS,
        ViolationKind::PublishQoS3 => rules::CLOSE_ON_QOS3,
        // A packet that was cut off by the end of the connection.
        ViolationKind::FrameIncomplete => return None,
        _ => rules::CLOSE_ON_ERROR,
    };
    Some((rule, format!("a malformed packet ({})", violation.message)))
}
