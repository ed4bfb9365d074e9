//! A session from its beginning to its end, over all of its connections (3.1.2.4, 4.1).

use std::collections::{BTreeMap, BTreeSet};

use mqttspec_codec::{ProtocolVersion, QoS, topic};

use super::super::published::Digest;
use super::flight::Flight;
use super::subscription::Subscription;
use crate::Time;

/// Filters remembered in a session at most; beyond, it is not judged any more.
pub(super) const MAX_FILTERS: usize = 256;
/// Messages owed to one session that are remembered at most.
pub(super) const MAX_OWED: usize = 1024;
/// Different messages received that are remembered in a session at most.
pub(super) const MAX_TALLIES: usize = 4096;

/// One session.
#[derive(Debug)]
pub(super) struct Life {
    /// The client, an index into the book.
    pub(super) client: usize,
    /// Its Client Identifier, shortened.
    pub(super) name: String,
    /// The version of its connections.
    pub(super) version: ProtocolVersion,
    /// Event of the CONNECT that began it, its step, and whether that had Clean Start.
    pub(super) began: (usize, u64, bool),
    /// Step of the CONNACK that began it.
    pub(super) born: u64,
    /// Whether that CONNACK said that it is new; otherwise it may be an earlier one that we had given up.
    pub(super) is_fresh: bool,
    /// Its connections.
    pub(super) connections: Vec<usize>,
    /// Whether everything that could have changed it is known.
    pub(super) trusted: bool,
    /// Whether it has ended, as far as we can know.
    pub(super) over: bool,
    /// The connection it is on.
    pub(super) connection: Option<usize>,
    /// Step and event of the CONNACK that took it up again last.
    pub(super) resumed: Option<(u64, usize)>,
    /// How the last connection ended.
    pub(super) parting: Option<Parting>,
    /// Session Expiry Interval in seconds; `u32::MAX` for ever.
    pub(super) expiry: u32,
    /// Its subscriptions, also former ones.
    pub(super) subscriptions: Vec<Subscription>,
    /// Every UNSUBSCRIBE: filter, step, event.
    pub(super) unsubscribes: Vec<(String, u64, usize)>,
    /// What came, by content.
    pub(super) tallies: BTreeMap<Digest, Tally>,
    /// What is owed and has not come, by publication.
    pub(super) owed: BTreeMap<usize, Due>,
    /// What came at a lower QoS than is owed, by publication.
    pub(super) lowered: BTreeMap<usize, Lowered>,
    /// Overlapping subscriptions with identifiers by which a publication is owed: how many, and which identifiers.
    pub(super) overlaps: BTreeMap<usize, (usize, BTreeSet<u32>)>,
    /// Deliveries above QoS 0, by Packet Identifier.
    pub(super) flights: BTreeMap<u16, Flight>,
}

/// The end of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parting {
    /// When.
    pub(super) at: Time,
    /// Event.
    pub(super) event: usize,
    /// Event of our DISCONNECT, if there was one.
    pub(super) disconnect: Option<usize>,
}

/// Copies of one message that came as new ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// How many.
    pub(super) copies: u32,
    /// How many of them satisfy an obligation.
    pub(super) claimed: u32,
    /// The highest QoS among them.
    pub(super) qos: QoS,
    /// Subscription Identifiers that came with them.
    pub(super) identifiers: BTreeSet<u32>,
    /// Event of the first and the last.
    pub(super) events: (usize, usize),
    /// Connection of the last.
    pub(super) connection: usize,
    /// Changes of the connection between two copies.
    pub(super) moves: u32,
    /// Whether too many were reported.
    pub(super) reported: bool,
}

/// A message that is owed.
#[derive(Clone, Debug)]
pub(super) struct Due {
    /// The QoS at which it is due.
    pub(super) due: QoS,
    /// The subscriptions because of which it is owed.
    pub(super) filters: Vec<usize>,
    /// Event by which the Server certainly had it.
    pub(super) accepted: usize,
    /// Whether the session was certainly on no connection then.
    pub(super) offline: bool,
}

/// A message that came at a lower QoS than is owed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lowered {
    /// The QoS at which it is due.
    pub(super) due: QoS,
    /// Event of the delivery.
    pub(super) event: usize,
    /// Whether several subscriptions match.
    pub(super) overlap: bool,
}

impl Life {
    /// A session that begins.
    pub(super) fn new(client: usize, name: String, version: ProtocolVersion, began: (usize, u64, bool)) -> Self {
        Self {
            client,
            name,
            version,
            began,
            born: 0,
            is_fresh: false,
            connections: Vec::new(),
            trusted: true,
            over: false,
            connection: None,
            resumed: None,
            parting: None,
            expiry: 0,
            subscriptions: Vec::new(),
            unsubscribes: Vec::new(),
            tallies: BTreeMap::new(),
            owed: BTreeMap::new(),
            lowered: BTreeMap::new(),
            overlaps: BTreeMap::new(),
            flights: BTreeMap::new(),
        }
    }

    /// Nothing is owed any more, and nothing judged.
    pub(super) fn distrust(&mut self) {
        self.trusted = false;
        self.forget_due();
    }

    /// It has ended.
    pub(super) fn end(&mut self) {
        self.over = true;
        self.forget_due();
    }

    fn forget_due(&mut self) {
        self.owed.clear();
        self.lowered.clear();
        self.overlaps.clear();
    }

    /// The subscriptions whose filter matches, with their place.
    pub(super) fn matching<'a>(&'a self, topic_name: &'a str) -> impl Iterator<Item = (usize, &'a Subscription)> {
        let all = self.subscriptions.iter().enumerate();
        all.filter(move |(_, subscription)| topic::matches(&subscription.pattern, topic_name))
    }

    /// The place of the subscription with this filter, which is added when it is new.
    pub(super) fn subscription(&mut self, text: &str) -> Option<usize> {
        if let Some(known) = self.subscriptions.iter().position(|subscription| subscription.text == text) {
            return Some(known);
        }
        if self.subscriptions.len() >= MAX_FILTERS {
            self.distrust();
            return None;
        }
        self.subscriptions.push(Subscription::new(text, self.version));
        Some(self.subscriptions.len() - 1)
    }

    /// Whether we withhold an acknowledgement on this connection: then nothing above QoS 0 is due there.
    pub(super) fn withholds(&self, connection: usize) -> bool {
        self.flights.values().any(|flight| flight.connection == connection && !flight.is_done())
    }
}

/// A Client Identifier for people.
pub(super) fn shortened(client_id: &str) -> String {
    const LONGEST: usize = 24;
    match client_id.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &client_id[..end]),
        None => client_id.to_owned(),
    }
}
