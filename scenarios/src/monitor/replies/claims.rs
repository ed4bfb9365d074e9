//! What a DISCONNECT says of the Client must be true: it blames for what is not available only if CONNACK said so
//! (3.2.2.3, 3.3.2.3.4, 4.2).

use std::collections::BTreeMap;

use mqttspec_codec::{PacketBuf, PropertyId, ReasonCode};

use super::super::connection::Connection;
use super::super::event::{Event, What};
use super::super::report::Report;
use super::super::rule::Rule;
use super::super::state::State;
use super::super::text::has_refusable_text;
use super::super::watch::Watch;
use super::{is_clean, rules, who};

/// What the Client has sent, by connection.
#[derive(Debug, Default)]
pub(super) struct Claims {
    sent: BTreeMap<usize, Sent>,
}

#[derive(Debug, Default)]
struct Sent {
    /// Length of the longest packet in bytes, and its event.
    longest: (usize, usize),
    /// Event of the last packet, and whether it went out in several writes.
    last: (usize, bool),
    /// Whether any packet holds text that may be taken for malformed.
    is_refusable: bool,
}

impl Watch for Claims {
    fn event(&mut self, book: &mut State, event: &Event<'_>, report: &mut Report) {
        let Some(connection) = book.connections.get(&event.connection) else { return };
        match event.what {
            What::Sent(packet, len) => {
                let sent = self.sent.entry(event.connection).or_default();
                sent.is_refusable |= has_refusable_text(packet);
                sent.longest = sent.longest.max((len, event.index));
                // A packet in pieces may be misread some time later only.
                sent.last = (event.index, connection.sent_in_pieces || sent.last.1);
            }
            What::Received(PacketBuf::Disconnect(disconnect), _) => {
                let Some(sent) = self.sent.get(&event.connection).filter(|_| is_clean(connection)) else { return };
                let code = disconnect.reason_code;
                let Some((rule, why)) = sent.contradiction(connection, code) else { return };
                let message = format!(
                    "{} was disconnected with reason code 0x{:02X} (event {}): {why}",
                    who(book, event.connection),
                    code.0,
                    event.index
                );
                let connack = connection.connack.as_ref().map(|connack| connack.event);
                let events = connack.into_iter().chain([sent.last.0, event.index]);
                report.breach(rule, connection.version, event.connection, events, message);
            }
            What::Closed { .. } => drop(self.sent.remove(&event.connection)),
            _ => {}
        }
    }

    fn settle(&mut self, _book: &mut State, _report: &mut Report) {}
}

impl Sent {
    /// The sentence that a DISCONNECT with `code` breaks towards a client that has done nothing wrong, and why.
    fn contradiction(&self, connection: &Connection, code: ReasonCode) -> Option<(Rule, String)> {
        let denied = |id| connection.told(id) == Some(0);
        let untold = |what: &str| Some(format!("CONNACK did not say that {what} are not available"));
        let (rule, why) = match code {
            ReasonCode::QOS_NOT_SUPPORTED if connection.told(PropertyId::MaximumQoS).is_none() => {
                (rules::MAXIMUM_QOS_TOLD, Some("CONNACK named no Maximum QoS".to_owned()))
            }
            ReasonCode::RETAIN_NOT_SUPPORTED if !denied(PropertyId::RetainAvailable) => {
                (rules::RETAIN_TOLD, untold("retained messages"))
            }
            ReasonCode::WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED if !denied(PropertyId::WildcardSubscriptionAvailable) => {
                (rules::WILDCARDS_TOLD, untold("wildcard subscriptions"))
            }
            ReasonCode::SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED
                if !denied(PropertyId::SubscriptionIdentifierAvailable) =>
            {
                (rules::SUBSCRIPTION_IDS_TOLD, untold("Subscription Identifiers"))
            }
            ReasonCode::SHARED_SUBSCRIPTIONS_NOT_SUPPORTED if !denied(PropertyId::SharedSubscriptionAvailable) => {
                (rules::SHARED_TOLD, untold("Shared Subscriptions"))
            }
            ReasonCode::TOPIC_ALIAS_INVALID if !connection.own_aliases.is_empty() => {
                let maximum = connection.told(PropertyId::TopicAliasMaximum).unwrap_or(0);
                let used = connection.own_aliases.keys().max().copied().unwrap_or(0);
                (
                    rules::ALIAS_ACCEPTED,
                    Some(format!("its highest Topic Alias was {used}, and CONNACK allows {maximum}")),
                )
            }
            ReasonCode::PACKET_TOO_LARGE if !self.last.1 => {
                let (len, longest) = self.longest;
                let maximum = connection.told(PropertyId::MaximumPacketSize);
                let allowed = maximum.map_or_else(|| "any size".to_owned(), |maximum| format!("{maximum}"));
                let why = format!("its longest packet had {len} bytes (event {longest}), and CONNACK allows {allowed}");
                (rules::PACKET_SIZE_TOLD, Some(why))
            }
            ReasonCode::MALFORMED_PACKET | ReasonCode::PACKET_TOO_LARGE if self.last.1 && !self.is_refusable => {
                let why =
                    format!("all it sent is well formed, and some of it was sent in pieces (event {})", self.last.0);
                (rules::STREAM, Some(why))
            }
            _ => return None,
        };
        why.map(|why| (rule, why))
    }
}
