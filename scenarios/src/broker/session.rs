//! Session State (4.1): what outlives a network connection.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use mqttspec_codec::{ProtocolVersion, SubscriptionOptions, WillBuf};

use super::ConnectionId;
use super::message::{Delivery, Message};
use crate::Time;

/// The Session State of one client.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) client_id: String,
    /// Version of the last connection: offline messages are prepared for it.
    pub(super) version: ProtocolVersion,
    pub(super) connection: Option<ConnectionId>,
    /// Seconds that the session outlives its connection; `u32::MAX` for ever (3.1.2.11.2).
    pub(super) expiry_interval: u32,
    /// When the session ends, while not connected.
    pub(super) expires_at: Option<Time>,
    /// When one fault discards the subscriptions of the live session.
    pub(super) discard_at: Option<Time>,
    /// By Topic Filter as subscribed to, `$share/…` included.
    pub(super) subscriptions: BTreeMap<String, Subscription>,
    /// Messages not sent yet, oldest first.
    pub(super) queue: VecDeque<Delivery>,
    /// Messages sent and not acknowledged to the end, in the order of their first PUBLISH (4.4, 4.6).
    pub(super) in_flight: Vec<InFlight>,
    /// QoS 2 messages received and not released; with the message when it is forwarded at PUBREL.
    pub(super) received: BTreeMap<u16, Option<Arc<Message>>>,
    /// The Will Message of the connection that is open.
    pub(super) will: Option<WillBuf>,
    pub(super) last_packet_id: u16,
    /// Identifiers that the client has used; only faults look at them.
    pub(super) used_identifiers: BTreeSet<u16>,
    /// Subscription Identifiers of subscriptions that were ended, by filter; only a fault looks at them.
    pub(super) ended_identifiers: BTreeMap<String, u32>,
    /// Nothing is delivered before this moment (variant `delayed-delivery`).
    pub(super) hold_until: Option<Time>,
}

/// A subscription of one session (4.7, 3.8).
#[derive(Clone, Debug)]
pub(super) struct Subscription {
    /// The options as granted.
    pub(super) options: SubscriptionOptions,
    pub(super) identifier: Option<u32>,
    /// Place in the order of all subscriptions of the broker: members of a shared group take turns in it.
    pub(super) order: u64,
    /// How many times it was made; one fault delivers as many copies.
    pub(super) times: usize,
}

/// A QoS 1 or QoS 2 message on its way to the client.
#[derive(Clone, Debug)]
pub(super) struct InFlight {
    pub(super) packet_id: u16,
    pub(super) delivery: Delivery,
    /// PUBREC came: PUBREL is due, or sent, and PUBCOMP awaited (4.3.3).
    pub(super) released: bool,
    /// PUBLISH, or PUBREL when released, was sent on the present connection.
    pub(super) sent: bool,
    /// Acknowledged, and kept for redelivery by a fault.
    pub(super) ghost: bool,
}

impl Session {
    pub(super) fn new(client_id: &str, version: ProtocolVersion) -> Self {
        Self {
            client_id: client_id.to_owned(),
            version,
            connection: None,
            expiry_interval: 0,
            expires_at: None,
            discard_at: None,
            subscriptions: BTreeMap::new(),
            queue: VecDeque::new(),
            in_flight: Vec::new(),
            received: BTreeMap::new(),
            will: None,
            last_packet_id: 0,
            used_identifiers: BTreeSet::new(),
            ended_identifiers: BTreeMap::new(),
            hold_until: None,
        }
    }

    /// A packet identifier that is not in use, never 0 (MQTT-2.2.1-4); `None` when all are in use.
    pub(super) fn unused_packet_id(&mut self) -> Option<u16> {
        for _ in 0..u16::MAX {
            self.last_packet_id = self.last_packet_id.checked_add(1).unwrap_or(1);
            if !self.in_flight.iter().any(|entry| entry.packet_id == self.last_packet_id) {
                return Some(self.last_packet_id);
            }
        }
        None
    }

    /// Forgets everything but who it is.
    pub(super) fn clear(&mut self) {
        self.subscriptions.clear();
        self.queue.clear();
        self.in_flight.clear();
        self.received.clear();
        self.used_identifiers.clear();
        self.ended_identifiers.clear();
    }
}
