//! Our publications under way, by session: what a client sends again when it comes back (4.4).

use std::collections::BTreeMap;

use mqttspec_codec::{
    AckBuf, ConnAckBuf, ConnectBuf, PacketBuf, PropertyId, PropertyList, PublishBuf, QoS, ReasonCode,
};

use super::Engine;
use super::steps::push_once;

/// Sessions remembered at most; a scenario has a handful.
const MAX_SESSIONS: usize = 1_024;
/// Publications under way that are remembered in one session: there are no more Packet Identifiers.
const MAX_IN_FLIGHT: usize = 65_535;

/// The client's half of every session, by Client Identifier.
#[derive(Debug, Default)]
pub(super) struct Sessions(BTreeMap<String, Vec<InFlight>>);

/// One publication under way.
#[derive(Clone, Debug)]
struct InFlight {
    packet_id: u16,
    /// The connection on which it was sent last, PUBLISH or PUBREL.
    connection: usize,
    what: Sent,
}

#[derive(Clone, Debug)]
enum Sent {
    /// Not acknowledged. Its Topic Name is whole and there is no Topic Alias: that would not outlive the connection.
    Publish(Box<PublishBuf>),
    /// PUBREC has come: PUBREL is what is sent from here on.
    Release,
}

impl Sessions {
    /// A CONNECT begins a session anew, or hopes to take one up.
    pub(super) fn connect(&mut self, key: &str, connect: &ConnectBuf) {
        if connect.clean_start {
            self.0.remove(key);
        }
    }

    /// The target held no session: what was sent in an earlier one is forgotten.
    pub(super) fn begins_anew(&mut self, key: &str, connection: usize) {
        if let Some(all) = self.0.get_mut(key) {
            all.retain(|one| one.connection == connection);
        }
    }

    /// The target gave the client another Client Identifier.
    pub(super) fn rename(&mut self, from: &str, to: &str) {
        if let Some(all) = self.0.remove(from) {
            self.0.insert(to.to_owned(), all);
        }
    }

    /// A PUBLISH above QoS 0 was sent; `topic` is its Topic Name with the alias resolved.
    pub(super) fn publish(&mut self, key: &str, connection: usize, publish: &PublishBuf, topic: &str) {
        let Some(packet_id) = publish.packet_id.filter(|_| publish.qos != QoS::AtMostOnce && !topic.is_empty()) else {
            return;
        };
        if self.0.len() >= MAX_SESSIONS && !self.0.contains_key(key) {
            return;
        }
        let all = self.0.entry(key.to_owned()).or_default();
        if let Some(known) = all.iter_mut().find(|one| one.packet_id == packet_id) {
            known.connection = connection;
            if publish.dup {
                return;
            }
        }
        all.retain(|one| one.packet_id != packet_id);
        if all.len() < MAX_IN_FLIGHT {
            let mut publish = publish.clone();
            topic.clone_into(&mut publish.topic);
            publish.properties.retain(|property| property.id != PropertyId::TopicAlias);
            let what = Sent::Publish(Box::new(publish));
            all.push(InFlight { packet_id, connection, what });
        }
    }

    /// A PUBREL was sent.
    pub(super) fn release(&mut self, key: &str, connection: usize, packet_id: u16) {
        let known = self.0.get_mut(key).and_then(|all| all.iter_mut().find(|one| one.packet_id == packet_id));
        if let Some(known) = known {
            known.connection = connection;
            known.what = Sent::Release;
        }
    }

    /// The target acknowledged a publication, or a part of it.
    pub(super) fn received(&mut self, key: &str, packet: &PacketBuf) {
        let Some(all) = self.0.get_mut(key) else { return };
        let (packet_id, completes) = match packet {
            PacketBuf::PubAck(ack) | PacketBuf::PubComp(ack) => (ack.packet_id, true),
            PacketBuf::PubRec(ack) => (ack.packet_id, ack.reason_code.is_error()),
            _ => return,
        };
        let Some(position) = all.iter().position(|one| one.packet_id == packet_id) else { return };
        let mut one = all.remove(position);
        if !completes {
            // PUBRELs go in the order of the PUBRECs (4.6), which is not that of the PUBLISHes.
            one.what = Sent::Release;
            all.push(one);
        }
    }

    /// What a client sends again on `connection`: what it sent last on another one.
    fn to_resend(&self, key: &str, connection: usize, receive_maximum: usize) -> Vec<PacketBuf> {
        let Some(all) = self.0.get(key) else { return Vec::new() };
        let mut quota = receive_maximum.saturating_sub(all.iter().filter(|one| one.connection == connection).count());
        let earlier = all.iter().filter(|one| one.connection != connection);
        earlier
            .filter_map(|one| match &one.what {
                Sent::Release => {
                    let properties = Vec::new();
                    let ack = AckBuf { packet_id: one.packet_id, reason_code: ReasonCode::SUCCESS, properties };
                    Some(PacketBuf::PubRel(ack))
                }
                Sent::Publish(publish) => {
                    quota = quota.checked_sub(1)?;
                    Some(PacketBuf::Publish(PublishBuf { dup: true, ..PublishBuf::clone(publish) }))
                }
            })
            .collect()
    }
}

impl Engine {
    /// We sent `packet`, whole and unbroken.
    pub(super) fn note_publication(&mut self, index: usize, packet: &PacketBuf) {
        let connection = &mut self.connections[index];
        match packet {
            PacketBuf::Connect(connect) => {
                connection.session =
                    if connect.client_id.is_empty() { format!("\0{index}") } else { connect.client_id.clone() };
                self.sessions.connect(&connection.session, connect);
            }
            PacketBuf::Publish(publish) => {
                let alias = publish.properties.integer(PropertyId::TopicAlias);
                if let (Some(alias), false) = (alias, publish.topic.is_empty()) {
                    connection.own_aliases.insert(alias, publish.topic.clone());
                }
                let aliased = alias.and_then(|alias| connection.own_aliases.get(&alias));
                let topic = if publish.topic.is_empty() { aliased.map_or("", String::as_str) } else { &publish.topic };
                if publish.retain && !publish.payload.is_empty() {
                    push_once(&mut self.leftovers.retained_topics, topic);
                }
                self.sessions.publish(&connection.session, index, publish, topic);
            }
            PacketBuf::PubRel(ack) => self.sessions.release(&connection.session, index, ack.packet_id),
            _ => {}
        }
    }

    /// The target accepted a connection.
    pub(super) fn note_connack(&mut self, index: usize, connack: &ConnAckBuf) {
        let connection = &mut self.connections[index];
        if let Some(maximum) = connack.properties.integer(PropertyId::ReceiveMaximum) {
            connection.receive_maximum = maximum as usize;
        }
        if let Some(assigned) = connack.properties.text(PropertyId::AssignedClientIdentifier) {
            self.sessions.rename(&connection.session, assigned);
            assigned.clone_into(&mut connection.session);
        }
        if !connection.resumed {
            self.sessions.begins_anew(&connection.session, index);
        }
    }

    /// Sends again what the session has not finished on an earlier connection.
    pub(super) fn resend(&mut self, index: usize) {
        let connection = &self.connections[index];
        if !connection.connected || !connection.resumed {
            return;
        }
        for packet in self.sessions.to_resend(&connection.session, index, connection.receive_maximum) {
            if !self.connections[index].may_send() || !self.send_packet(index, packet) {
                return;
            }
        }
    }
}
