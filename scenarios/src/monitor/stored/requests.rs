//! Every SUBSCRIBE of a session, and whether it is to bring what is retained (3.3.1.3, 3.8.3.1, 4.8.2).

use std::collections::BTreeMap;

use mqttspec_codec::{
    PacketBuf, PropertyId, ProtocolVersion, QoS, RetainHandling, SubAckBuf, SubscribeBuf, SubscriptionOptions, topic,
};

use super::super::connection::Connection;
use super::super::event::{Event, What};
use super::super::state::State;

/// SUBSCRIBEs remembered of one client at most; beyond, nothing of its sessions is judged.
const MAX_REQUESTS: usize = 1024;

/// Whether the filter was subscribed to before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    Yes,
    No,
    Maybe,
}

/// Whether a SUBSCRIBE brings what is retained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Brings {
    Must,
    May,
    /// With the reason.
    Never(Reason),
}

/// Why a SUBSCRIBE does not bring what is retained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// Retain Handling 1, and the subscription existed.
    Existed,
    /// Retain Handling 2.
    Declined,
    /// A Shared Subscription.
    Shared,
    /// The SUBACK refused it.
    Refused,
}

/// One filter of one SUBSCRIBE.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) text: String,
    pub(super) pattern: String,
    pub(super) options: SubscriptionOptions,
    pub(super) held: Held,
    pub(super) brings: Brings,
    pub(super) connection: usize,
    pub(super) packet_id: u16,
    /// Event and step of the SUBSCRIBE.
    pub(super) event: usize,
    pub(super) step: u64,
    /// The QoS that the SUBACK granted, and its event.
    pub(super) granted: Option<(QoS, usize)>,
    /// Step from which on the store is not searched for it any more.
    pub(super) closed: Option<u64>,
    /// The filter was unsubscribed from, or subscribed to again, after this.
    pub(super) replaced: bool,
}

/// How the session of a connection began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begun {
    New,
    Resumed,
    /// Nobody can say.
    Unclear,
}

/// The requests of each client since its session began.
#[derive(Debug, Default)]
pub(super) struct Requests {
    by_client: BTreeMap<usize, Requested>,
}

/// The requests of one client.
#[derive(Debug, Default)]
pub(super) struct Requested {
    pub(super) all: Vec<Request>,
    held: BTreeMap<String, Held>,
    /// UNSUBSCRIBEs under way, by connection and Packet Identifier: step and filters.
    leaving: BTreeMap<(usize, u16), (u64, Vec<String>)>,
    /// Nothing is known of its session.
    pub(super) unclear: bool,
}

impl Requests {
    /// The requests of a client.
    pub(super) fn of(&self, client: usize) -> Option<&Requested> {
        self.by_client.get(&client)
    }

    /// Something happened, the book knows it.
    pub(super) fn event(&mut self, book: &State, event: &Event<'_>, step: u64) {
        let Some(connection) = book.connections.get(&event.connection) else { return };
        let (Some(client), version) = (connection.client, connection.version) else { return };
        match event.what {
            What::Sent(PacketBuf::Subscribe(subscribe), _) => {
                let current = is_current(book, connection);
                let requested = self.by_client.entry(client).or_default();
                let first = requested.all.len();
                requested.subscribe(subscribe, version, event, step);
                // The connection may have been taken over: then it asks in vain.
                for request in requested.all.iter_mut().skip(first).filter(|_| !current) {
                    request.doubt();
                }
            }
            What::Sent(PacketBuf::Unsubscribe(unsubscribe), _) => {
                let requested = self.by_client.entry(client).or_default();
                for filter in &unsubscribe.filters {
                    requested.held.insert(filter.clone(), Held::Maybe);
                    requested.replace(filter);
                }
                let leaving = (step, unsubscribe.filters.clone());
                requested.leaving.insert((event.connection, unsubscribe.packet_id), leaving);
            }
            What::Received(PacketBuf::ConnAck(connack), _) if connection.accepted() => {
                let clean = connection.connect.as_ref().is_some_and(|connect| connect.clean_start);
                let begun = match version {
                    _ if clean => Begun::New,
                    // It does not tell. (Where connections overlapped nothing is judged: see `Session::unknown`.)
                    ProtocolVersion::V3_1 => Begun::Unclear,
                    _ if connack.session_present => Begun::Resumed,
                    _ => Begun::New,
                };
                self.by_client.entry(client).or_default().connected(event.connection, begun);
            }
            What::Received(PacketBuf::SubAck(suback), _) => {
                self.by_client.entry(client).or_default().answered(suback, event);
            }
            What::Received(PacketBuf::UnsubAck(unsuback), _) => {
                let requested = self.by_client.entry(client).or_default();
                let leaving = requested.leaving.remove(&(event.connection, unsuback.packet_id));
                let (left, filters) = leaving.unwrap_or_default();
                for (at, filter) in filters.into_iter().enumerate() {
                    let removed = unsuback.reason_codes.get(at).is_none_or(|code| code.0 < 0x80);
                    // Not when it was subscribed to again meanwhile.
                    let again = requested.all.iter().any(|request| request.text == filter && request.step > left);
                    if removed && !again {
                        requested.held.insert(filter, Held::No);
                    }
                }
            }
            _ => {}
        }
    }

    /// Nothing more comes of what was asked on connections where everything was acknowledged.
    pub(super) fn settle(&mut self, book: &State, step: u64) {
        for request in self.by_client.values_mut().flat_map(|requested| &mut requested.all) {
            let connection = book.connections.get(&request.connection);
            let quiet = connection.is_some_and(|connection| !connection.closed && connection.unacknowledged.is_empty());
            if quiet && request.granted.is_some() {
                request.closed.get_or_insert(step);
            }
        }
    }
}

impl Request {
    /// Nobody knows whether the Server takes it in.
    fn doubt(&mut self) {
        self.replaced = true;
        self.held = Held::Maybe;
        if matches!(self.brings, Brings::Must | Brings::Never(Reason::Existed)) {
            self.brings = Brings::May;
        }
    }
}

impl Requested {
    /// The requests whose filter matches a topic.
    pub(super) fn matching<'a>(&'a self, topic_name: &'a str) -> impl Iterator<Item = &'a Request> {
        self.all.iter().filter(move |request| topic::matches(&request.pattern, topic_name))
    }

    fn subscribe(&mut self, subscribe: &SubscribeBuf, version: ProtocolVersion, event: &Event<'_>, step: u64) {
        for wanted in &subscribe.filters {
            if self.all.len() >= MAX_REQUESTS {
                self.unclear = true;
                return;
            }
            let text = wanted.filter.clone();
            let shared = (version == ProtocolVersion::V5_0).then(|| topic::parse_shared(&text)).flatten();
            let held = self.held.get(&text).copied().unwrap_or(Held::No);
            let brings = match (wanted.options.retain_handling, held) {
                _ if shared.is_some() => Brings::Never(Reason::Shared),
                (RetainHandling::SendAtSubscribe, _) | (RetainHandling::SendIfNew, Held::No) => Brings::Must,
                (RetainHandling::SendIfNew, Held::Yes) => Brings::Never(Reason::Existed),
                (RetainHandling::SendIfNew, Held::Maybe) => Brings::May,
                (RetainHandling::DoNotSend, _) => Brings::Never(Reason::Declined),
            };
            let pattern = shared.map_or(text.as_str(), |shared| shared.filter).to_owned();
            self.replace(&text);
            self.held.insert(text.clone(), Held::Maybe);
            self.all.push(Request {
                text,
                pattern,
                options: wanted.options,
                held,
                brings,
                connection: event.connection,
                packet_id: subscribe.packet_id,
                event: event.index,
                step,
                granted: None,
                closed: None,
                replaced: false,
            });
        }
    }

    /// The requests of this filter so far are followed by another, or by an UNSUBSCRIBE.
    fn replace(&mut self, text: &str) {
        for request in self.all.iter_mut().filter(|request| request.text == text) {
            request.replaced = true;
        }
    }

    /// A CONNACK accepted the client.
    fn connected(&mut self, connection: usize, begun: Begun) {
        self.leaving.clear();
        match begun {
            Begun::Resumed => {}
            Begun::New => {
                // But for what was subscribed to before the CONNACK came.
                self.unclear = false;
                self.all.retain(|request| request.connection == connection);
                self.held = self.all.iter().map(|request| (request.text.clone(), Held::Maybe)).collect();
            }
            Begun::Unclear => {
                self.held.values_mut().for_each(|held| *held = Held::Maybe);
                self.all.iter_mut().for_each(|request| request.replaced = true);
            }
        }
    }

    fn answered(&mut self, suback: &SubAckBuf, event: &Event<'_>) {
        let own = |request: &&mut Request| {
            request.connection == event.connection && request.packet_id == suback.packet_id && request.granted.is_none()
        };
        let mut codes = suback.reason_codes.iter();
        for request in self.all.iter_mut().filter(own) {
            let Some(code) = codes.next() else { break };
            match QoS::from_value(code.0) {
                Some(qos) => {
                    request.granted = Some((qos, event.index));
                    if !request.replaced {
                        self.held.insert(request.text.clone(), Held::Yes);
                    }
                }
                None => {
                    request.brings = Brings::Never(Reason::Refused);
                    // A subscription that existed may have stayed, or not: the standard does not say.
                    if !request.replaced && request.held == Held::No {
                        self.held.insert(request.text.clone(), Held::No);
                    }
                }
            }
        }
    }
}

/// Whether no other connection of the client has taken its session over, or may be about to.
pub(super) fn is_current(book: &State, connection: &Connection) -> bool {
    let Some(client) = connection.client.map(|client| &book.clients[client]) else { return false };
    let own = u32::from(connection.connack.is_none());
    client.waiting <= own && (connection.connack.is_none() || client.session == connection.session)
}

/// Whether the connection takes a message of about so many bytes.
pub(super) fn takes(book: &State, connection: usize, size: usize) -> bool {
    let maximum = book.connections.get(&connection).and_then(|seen| seen.asked(PropertyId::MaximumPacketSize));
    maximum.is_none_or(|maximum| size <= maximum as usize)
}

/// The Retain Handling of a request for people: empty where there is none.
pub(super) fn handling(request: &Request) -> &'static str {
    match request.options.retain_handling {
        RetainHandling::SendAtSubscribe => "",
        RetainHandling::SendIfNew => " with Retain Handling 1",
        RetainHandling::DoNotSend => " with Retain Handling 2",
    }
}
