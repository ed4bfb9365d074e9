//! What happens because time passes.

use std::time::Duration;

use mqttspec_codec::ReasonCode;

use super::api::{Broker, ConnectionId};
use super::connection::{Connection, Stage};
use super::{Fault, Variant};
use crate::Time;

impl Broker {
    /// The earliest moment at which [`expire`](Self::expire) has something to do.
    pub(super) fn earliest_deadline(&self) -> Option<Time> {
        let connections = self.connections.values().filter_map(|c| self.connection_deadline(c));
        let sessions = self.sessions.values().flat_map(|s| [s.expires_at, s.hold_until, s.discard_at]).flatten();
        let wills = self.pending_wills.values().map(|will| will.publish_at);
        connections.chain(sessions).chain(wills).min().filter(|&at| at != Time::FAR_FUTURE)
    }

    pub(super) fn expire(&mut self, now: Time) {
        self.close_overdue_connections(now);
        self.end_expired_sessions(now);
        self.publish_due_wills(now);
        self.discard_live_sessions(now);
        self.release_held_deliveries(now);
    }

    fn connection_deadline(&self, connection: &Connection) -> Option<Time> {
        match connection.stage {
            Stage::New | Stage::Authenticating(_) => Some(connection.opened + self.config.connect_timeout),
            Stage::Connected if self.faulty(Fault::IgnoreKeepAlive, connection.version) => None,
            Stage::Connected => {
                let late = if self.varies(Variant::KeepAliveLate) { 250 } else { 0 };
                connection.keep_alive_deadline().map(|at| at + Duration::from_millis(late))
            }
            Stage::Deaf => None,
        }
    }

    fn close_overdue_connections(&mut self, now: Time) {
        let overdue: Vec<ConnectionId> = self
            .connections
            .iter()
            .filter(|(_, c)| self.connection_deadline(c).is_some_and(|at| at <= now))
            .map(|(&id, _)| id)
            .collect();
        for id in overdue {
            if self.connections.get(&id).is_some_and(Connection::is_connected) {
                self.disconnect(id, ReasonCode::KEEP_ALIVE_TIMEOUT, now);
            } else {
                self.close(id, now);
            }
        }
    }

    fn end_expired_sessions(&mut self, now: Time) {
        let expired: Vec<String> = self
            .sessions
            .values()
            .filter(|s| s.connection.is_none() && s.expires_at.is_some_and(|at| at <= now))
            .map(|s| s.client_id.clone())
            .collect();
        for client_id in expired {
            self.end_session(&client_id, now);
        }
    }

    fn discard_live_sessions(&mut self, now: Time) {
        for session in self.sessions.values_mut().filter(|s| s.discard_at.is_some_and(|at| at <= now)) {
            session.discard_at = None;
            session.subscriptions.clear();
        }
    }

    fn release_held_deliveries(&mut self, now: Time) {
        let held: Vec<String> = self
            .sessions
            .values_mut()
            .filter(|s| s.hold_until.is_some_and(|at| at <= now))
            .map(|s| {
                s.hold_until = None;
                s.client_id.clone()
            })
            .collect();
        for client_id in held {
            self.pump(&client_id, now);
        }
    }
}
