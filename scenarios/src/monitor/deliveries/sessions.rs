//! Sessions over their connections: when one begins, is taken up again, and ends (3.1.2.4, 3.1.2.11.2, 3.14.2.2.2).

use mqttspec_codec::{ConnAckBuf, ConnectBuf, DisconnectBuf, PropertyId, PropertyList, ProtocolVersion};

use super::super::event::Event;
use super::super::session::Origin;
use super::super::state::State;
use super::Deliveries;
use super::life::{Life, Parting, shortened};

/// Seconds by which the Server may count a Session Expiry Interval differently.
const EXPIRY_SLACK: u64 = 1;

impl Deliveries {
    pub(super) fn sent_connect(&mut self, book: &State, event: &Event<'_>, connect: &ConnectBuf) {
        let step = self.step;
        let client = book.connections.get(&event.connection).and_then(|connection| connection.client);
        let link = self.link(event.connection);
        link.client = client;
        link.connect = (step, event.index, connect.clean_start);
        link.maximum_size = connect.properties.integer(PropertyId::MaximumPacketSize).map(|size| size as usize);
        link.receive_maximum = connect.properties.integer(PropertyId::ReceiveMaximum);
        link.expiry = match connect.version {
            ProtocolVersion::V5_0 => connect.properties.integer(PropertyId::SessionExpiryInterval).unwrap_or(0),
            _ if connect.clean_start => 0,
            _ => u32::MAX,
        };
        let present = client.and_then(|client| self.current.get(&client));
        if let (Some(&life), true) = (present, connect.clean_start) {
            // From now on the Server may discard it.
            self.lives[life].distrust();
        }
    }

    pub(super) fn received_connack(&mut self, book: &State, event: &Event<'_>, connack: &ConnAckBuf) {
        let step = self.step;
        let Some(connection) = book.connections.get(&event.connection) else { return };
        let first = connection.connack.as_ref().is_some_and(|seen| seen.accepted && seen.event == event.index);
        let (true, Some(client), Some(session)) = (first, connection.client, connection.session) else { return };
        let link = self.link(event.connection);
        if link.life.is_some() {
            return;
        }
        link.alive = !connection.closed;
        link.connected_at = event.at;
        let (connect, expiry) = (link.connect, link.expiry);
        let expiry = connack.properties.integer(PropertyId::SessionExpiryInterval).unwrap_or(expiry);
        let origin = book.sessions[session].origin;
        let present = self.current.get(&client).copied().filter(|life| !self.lives[*life].over);
        let life = match present {
            Some(life) if origin == Origin::Resumed && self.lives[life].version == connection.version => {
                self.resume(life, (step, event.index), event.at);
                if book.partial {
                    // It may have been on a connection that is not seen.
                    self.lives[life].distrust();
                }
                life
            }
            _ => {
                let name = connection.connect.as_ref().map(|connect| match connect.client_id.as_str() {
                    "" => format!("connection {}", event.connection),
                    client_id => shortened(client_id),
                });
                if let Some(earlier) = self.current.get(&client) {
                    self.lives[*earlier].end();
                }
                let began = (connect.1, connect.0, connect.2);
                let mut life = Life::new(client, name.unwrap_or_default(), connection.version, began);
                life.is_fresh = origin == Origin::Fresh;
                life.trusted = life.is_fresh;
                life.born = step;
                self.lives.push(life);
                self.lives.len() - 1
            }
        };
        self.lives[life].trusted &= !book.sessions[session].unknown;
        self.lives[life].connection = Some(event.connection);
        self.lives[life].connections.push(event.connection);
        self.lives[life].expiry = expiry;
        self.current.insert(client, life);
        self.link(event.connection).life = Some(life);
    }

    fn resume(&mut self, life: usize, at: (u64, usize), now: crate::Time) {
        let earlier = self.lives[life].connection;
        let known = &mut self.lives[life];
        known.resumed = Some(at);
        let away = known.parting.map(|parting| now.since(parting.at).as_secs());
        if earlier.is_none() && away.is_some_and(|away| away + EXPIRY_SLACK >= u64::from(known.expiry)) {
            known.distrust();
        }
        if let Some(earlier) = earlier {
            // Taken over: whatever still comes there left before.
            known.parting = Some(Parting { at: now, event: at.1, disconnect: None });
            self.waive_oversize(life, earlier);
            self.lose_link(earlier);
        }
    }

    pub(super) fn sent_disconnect(&mut self, event: &Event<'_>, disconnect: &DisconnectBuf) {
        self.lose_link(event.connection);
        let Some(life) = self.life_on(event.connection) else { return };
        let known = &mut self.lives[life];
        if known.connection != Some(event.connection) {
            return;
        }
        if let Some(expiry) = disconnect.properties.integer(PropertyId::SessionExpiryInterval) {
            known.expiry = expiry;
        }
        known.parting = Some(Parting { at: event.at, event: event.index, disconnect: Some(event.index) });
        if known.expiry == 0 {
            known.end();
        }
    }

    pub(super) fn closed(&mut self, event: &Event<'_>) {
        let step = self.step;
        let link = self.link(event.connection);
        link.alive = false;
        link.ended = Some(step);
        let waiting: Vec<usize> = link.subscribes.values().flat_map(|(_, asked)| asked).map(|(at, _)| *at).collect();
        link.subscribes.clear();
        let Some(life) = link.life else {
            // The Server may have taken the CONNECT, and take it at any later time.
            let present = link.client.and_then(|client| self.current.get(&client).copied());
            if let Some(life) = present {
                self.lives[life].distrust();
            }
            return;
        };
        self.waive_oversize(life, event.connection);
        let known = &mut self.lives[life];
        for at in waiting {
            known.subscriptions[at].leave_open();
        }
        if known.connection != Some(event.connection) {
            return;
        }
        known.connection = None;
        let disconnect = known.parting.filter(|parting| parting.at <= event.at).and_then(|parting| parting.disconnect);
        let disconnect = disconnect.filter(|sent| known.resumed.is_none_or(|(_, resumed)| resumed < *sent));
        known.parting = Some(Parting { at: event.at, event: event.index, disconnect });
        if known.expiry == 0 {
            known.end();
        }
    }
}
