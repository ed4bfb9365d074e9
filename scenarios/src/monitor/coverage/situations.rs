//! What every client is in the middle of, as far as coverage needs to know: coarser than the book, and never judged by.

use std::collections::{BTreeMap, BTreeSet};

use mqttspec_codec::{PacketBuf, PropertyId, PropertyList, PublishBuf, QoS, ReasonCode, topic};

use super::{Coverage, SessionEvent as E, SessionState as S};
use crate::Time;
use crate::monitor::event::What;

/// Clients and connections followed at most.
const MANY: usize = 1024;
/// Waiting and unacknowledged messages told apart at most, of one client.
const MESSAGES: usize = 256;

/// What every client is in the middle of.
#[derive(Debug, Default)]
pub(in crate::monitor) struct Situations {
    coverage: Coverage,
    clients: Vec<Client>,
    by_id: BTreeMap<String, usize>,
    links: BTreeMap<usize, Link>,
    second: u64,
}

/// One connection.
#[derive(Debug, Default)]
struct Link {
    client: Option<usize>,
    connecting: bool,
    connected: bool,
    /// The Server sent AUTH; before it is connected, that counts.
    authenticating: bool,
    resumed: bool,
    goodbye: bool,
    broke: bool,
    closed: bool,
    receive_maximum: u16,
}

/// One client's session.
#[derive(Debug, Default)]
struct Client {
    /// The connection that uses it.
    link: Option<usize>,
    /// Whether the session outlives its connection.
    lasting: bool,
    /// Whether there is one.
    exists: bool,
    waiting: bool,
    filters: BTreeSet<String>,
    /// Deliveries: QoS, and whether PUBREC was sent.
    deliveries: BTreeMap<u16, (QoS, bool)>,
    /// Own publications: QoS, and whether PUBREC came.
    own: BTreeMap<u16, (QoS, bool)>,
}

impl Situations {
    /// What was reached so far.
    pub(in crate::monitor) fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// Something happened at `now`. `broke` says whether it breaks a rule, or comes after what did.
    pub(in crate::monitor) fn event(&mut self, connection: usize, what: &What<'_>, broke: bool, now: Time) {
        self.pass_time(now);
        if self.links.len() >= MANY && !self.links.contains_key(&connection) {
            return;
        }
        let link = self.links.entry(connection).or_default();
        if link.closed {
            return;
        }
        let already_broke = link.broke;
        let event = match what {
            What::Opened => return,
            What::Sent(..) | What::SentUnreadable(_) if broke && !already_broke => Some(E::Broken),
            What::Sent(packet, _) => sent(packet),
            What::Received(packet, _) => received(packet),
            What::Closed { by_server: true } => Some(E::ClosedByServer),
            What::Closed { by_server: false } => Some(E::ClosedByClient),
            What::SentUnreadable(_) | What::ReceivedUnreadable => None,
        };
        if let Some(event) = event {
            self.note(connection, event, what);
        }
        match what {
            What::Sent(packet, _) => self.after_sent(connection, packet),
            What::Received(packet, _) => self.after_received(connection, packet),
            What::Closed { .. } => self.after_close(connection),
            _ => {}
        }
        if let Some(link) = self.links.get_mut(&connection) {
            link.broke |= broke;
        }
    }

    fn pass_time(&mut self, now: Time) {
        let second = now.since(Time::ZERO).as_secs();
        if second == self.second {
            return;
        }
        self.second = second;
        for link in self.links.values().filter(|link| !link.closed) {
            let client = link.client.and_then(|client| self.clients.get(client));
            states(link, client, &mut |state| self.coverage.note(state, E::Second));
        }
        for client in &self.clients {
            away(client, &mut |state| self.coverage.note(state, E::Second));
        }
    }

    /// Counts the event in every state that holds.
    fn note(&mut self, connection: usize, event: E, what: &What<'_>) {
        let Some(link) = self.links.get(&connection) else { return };
        let client = link.client.and_then(|client| self.clients.get(client));
        let taken_over = client.is_some_and(|client| client.link != Some(connection)) && link.connected;
        if taken_over {
            return self.coverage.note(S::TakenOver, event);
        }
        states(link, client, &mut |state| self.coverage.note(state, event));
        // A CONNECT also comes to the session that is away, or in use on another connection.
        if let What::Sent(PacketBuf::Connect(connect), _) = what
            && let Some(client) = self.by_id.get(&connect.client_id).and_then(|client| self.clients.get(*client))
        {
            away(client, &mut |state| self.coverage.note(state, event));
            let elsewhere = client.link.filter(|other| *other != connection);
            if let Some(other) = elsewhere.and_then(|other| self.links.get(&other)) {
                states(other, Some(client), &mut |state| self.coverage.note(state, event));
            }
        }
    }

    fn after_sent(&mut self, connection: usize, packet: &PacketBuf) {
        if let PacketBuf::Connect(connect) = packet {
            let known = self.by_id.get(&connect.client_id).copied();
            let client = known.unwrap_or(self.clients.len());
            if known.is_none() {
                if self.clients.len() >= MANY {
                    return;
                }
                self.clients.push(Client::default());
                self.by_id.insert(connect.client_id.clone(), client);
            }
            let expiry = connect.properties.integer(PropertyId::SessionExpiryInterval).unwrap_or(0);
            let lasting = if connect.version.has_properties() { expiry > 0 } else { !connect.clean_start };
            let held = &mut self.clients[client];
            if connect.clean_start {
                *held = Client::default();
            }
            held.lasting = lasting;
            held.link = Some(connection);
            if let Some(link) = self.links.get_mut(&connection) {
                link.client = Some(client);
                link.connecting = true;
                let maximum = connect.properties.integer(PropertyId::ReceiveMaximum);
                link.receive_maximum = maximum.and_then(|most| u16::try_from(most).ok()).unwrap_or(u16::MAX);
            }
            return;
        }
        if let PacketBuf::Publish(publish) = packet {
            self.publish(publish);
        }
        let Some(link) = self.links.get_mut(&connection) else { return };
        link.goodbye |= matches!(packet, PacketBuf::Disconnect(_));
        let Some(client) = link.client.and_then(|client| self.clients.get_mut(client)) else { return };
        match packet {
            PacketBuf::Publish(PublishBuf { packet_id: Some(id), qos, .. }) if client.own.len() < MESSAGES => {
                client.own.insert(*id, (*qos, false));
            }
            PacketBuf::PubAck(ack) | PacketBuf::PubComp(ack) => _ = client.deliveries.remove(&ack.packet_id),
            PacketBuf::PubRec(ack) if ack.reason_code.is_error() => _ = client.deliveries.remove(&ack.packet_id),
            PacketBuf::PubRec(ack) => {
                client.deliveries.entry(ack.packet_id).and_modify(|(_, recorded)| *recorded = true);
            }
            PacketBuf::Subscribe(subscribe) if client.filters.len() < MESSAGES => {
                client.filters.extend(subscribe.filters.iter().map(|wanted| wanted.filter.clone()));
            }
            PacketBuf::Unsubscribe(unsubscribe) => {
                client.filters.retain(|held| !unsubscribe.filters.contains(held));
            }
            _ => {}
        }
    }

    /// A message may now wait for clients that are away.
    fn publish(&mut self, publish: &PublishBuf) {
        if publish.qos == QoS::AtMostOnce {
            return;
        }
        for client in self.clients.iter_mut().filter(|client| client.link.is_none() && client.exists) {
            client.waiting |= client.filters.iter().any(|filter| topic::matches(filter, &publish.topic));
        }
    }

    fn after_received(&mut self, connection: usize, packet: &PacketBuf) {
        let Some(link) = self.links.get_mut(&connection) else { return };
        let Some(client) = link.client.and_then(|client| self.clients.get_mut(client)) else { return };
        match packet {
            PacketBuf::ConnAck(connack) => {
                link.connecting = false;
                link.authenticating = false;
                link.connected = connack.reason_code == ReasonCode::SUCCESS;
                link.resumed = connack.session_present;
                client.exists |= link.connected;
                client.waiting = false;
                if !connack.session_present {
                    let (held, lasting) = (client.link, client.lasting);
                    *client = Client { link: held, lasting, exists: link.connected, ..Client::default() };
                }
            }
            PacketBuf::Auth(_) => link.authenticating = true,
            PacketBuf::Publish(PublishBuf { packet_id: Some(id), qos, .. }) if client.deliveries.len() < MESSAGES => {
                client.deliveries.insert(*id, (*qos, false));
            }
            PacketBuf::PubAck(ack) | PacketBuf::PubComp(ack) => _ = client.own.remove(&ack.packet_id),
            PacketBuf::PubRec(ack) if ack.reason_code.is_error() => _ = client.own.remove(&ack.packet_id),
            PacketBuf::PubRec(ack) => {
                client.own.entry(ack.packet_id).and_modify(|(_, recorded)| *recorded = true);
            }
            _ => {}
        }
    }

    fn after_close(&mut self, connection: usize) {
        let Some(link) = self.links.get_mut(&connection) else { return };
        link.closed = true;
        let Some(client) = link.client.and_then(|client| self.clients.get_mut(client)) else { return };
        if client.link == Some(connection) {
            client.link = None;
            if !client.lasting {
                *client = Client::default();
            }
        }
    }
}

/// Tells every state that holds on a connection.
fn states(link: &Link, client: Option<&Client>, tell: &mut impl FnMut(S)) {
    if link.broke {
        return tell(S::AfterError);
    }
    if link.goodbye {
        return tell(S::AfterDisconnect);
    }
    let Some(client) = client.filter(|_| link.connected) else {
        return tell(match (link.authenticating, link.connecting) {
            (true, _) => S::Authenticating,
            (false, true) => S::Connecting,
            (false, false) => S::NotConnected,
        });
    };
    tell(if link.resumed { S::Resumed } else { S::Fresh });
    if !client.filters.is_empty() {
        tell(S::Subscribed);
    }
    let own = |wanted: (QoS, bool)| client.own.values().any(|state| *state == wanted);
    let delivery = |wanted: (QoS, bool)| client.deliveries.values().any(|state| *state == wanted);
    for (holds, state) in [
        (own((QoS::AtLeastOnce, false)), S::Publishing1),
        (own((QoS::ExactlyOnce, false)), S::Publishing2),
        (own((QoS::ExactlyOnce, true)), S::Releasing),
        (delivery((QoS::AtLeastOnce, false)), S::InFlight1),
        (delivery((QoS::ExactlyOnce, false)), S::InFlight2),
        (delivery((QoS::ExactlyOnce, true)), S::Recorded),
        (client.deliveries.len() >= usize::from(link.receive_maximum), S::QuotaUsed),
    ] {
        if holds {
            tell(state);
        }
    }
}

/// Tells every state that holds for a session without a connection.
fn away(client: &Client, tell: &mut impl FnMut(S)) {
    if client.link.is_some() || !client.exists {
        return;
    }
    tell(S::Away);
    if client.waiting {
        tell(S::AwayWithQueue);
    }
    if !client.deliveries.is_empty() {
        tell(S::AwayInFlight);
    }
}

fn sent(packet: &PacketBuf) -> Option<E> {
    Some(match packet {
        PacketBuf::Connect(connect) if connect.clean_start => E::ConnectClean,
        PacketBuf::Connect(_) => E::Connect,
        PacketBuf::Publish(publish) if publish.dup => E::PublishAgain,
        PacketBuf::Publish(publish) => match publish.qos {
            QoS::AtMostOnce => E::Publish0,
            QoS::AtLeastOnce => E::Publish1,
            QoS::ExactlyOnce => E::Publish2,
        },
        PacketBuf::PubAck(ack) | PacketBuf::PubRec(ack) if ack.reason_code.is_error() => E::Refusal,
        PacketBuf::PubAck(_) => E::PubAck,
        PacketBuf::PubRec(_) => E::PubRec,
        PacketBuf::PubRel(_) => E::PubRel,
        PacketBuf::PubComp(_) => E::PubComp,
        PacketBuf::Subscribe(_) => E::Subscribe,
        PacketBuf::Unsubscribe(_) => E::Unsubscribe,
        PacketBuf::PingReq => E::Ping,
        PacketBuf::Auth(_) => E::Auth,
        PacketBuf::Disconnect(disconnect) if disconnect.reason_code == ReasonCode::NORMAL_DISCONNECTION => {
            E::Disconnect
        }
        PacketBuf::Disconnect(_) => E::DisconnectWithWill,
        _ => return None,
    })
}

fn received(packet: &PacketBuf) -> Option<E> {
    Some(match packet {
        PacketBuf::ConnAck(connack) if connack.reason_code != ReasonCode::SUCCESS => E::Refused,
        PacketBuf::ConnAck(connack) if connack.session_present => E::ConnAckPresent,
        PacketBuf::ConnAck(_) => E::ConnAck,
        PacketBuf::Publish(publish) if publish.dup => E::MessageAgain,
        PacketBuf::Publish(publish) => match publish.qos {
            QoS::AtMostOnce => E::Message0,
            QoS::AtLeastOnce => E::Message1,
            QoS::ExactlyOnce => E::Message2,
        },
        PacketBuf::PubAck(_) => E::Acknowledged,
        PacketBuf::PubRec(_) => E::RecReceived,
        PacketBuf::PubRel(_) => E::RelReceived,
        PacketBuf::PubComp(_) => E::CompReceived,
        PacketBuf::SubAck(_) => E::SubAck,
        PacketBuf::UnsubAck(_) => E::UnsubAck,
        PacketBuf::PingResp => E::Pong,
        PacketBuf::Auth(_) => E::AuthReceived,
        PacketBuf::Disconnect(_) => E::DisconnectReceived,
        _ => return None,
    })
}
