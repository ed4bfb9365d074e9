//! The checks, one file for each family. Each looks at one packet of the target before it is taken into account.

mod alias;
mod answers;
mod auth;
mod codec;
mod connack;
mod content;
mod delivery;
mod flow;
pub(super) mod limits;
mod order;
mod retain;

pub(super) use codec::{decode, unframeable};
pub(super) use retain::settle;

use mqttspec_codec::{PacketBuf, PublishBuf};

use super::client::Client;
use super::connection::Connection;
use super::report::Report;
use super::rule::Rule;
use super::session::Session;
use super::state::State;

/// One packet of the target, and what is known at the moment it comes.
struct Seen<'a> {
    state: &'a State,
    connection: &'a Connection,
    event: usize,
    len: usize,
    report: &'a mut Report,
}

/// Judges `packet`, whose frame is `len` bytes long.
pub(super) fn check(
    state: &State,
    report: &mut Report,
    connection: &Connection,
    event: usize,
    len: usize,
    packet: &PacketBuf,
) -> Option<super::connection::Suspect> {
    let mut seen = Seen { state, connection, event, len, report };
    let in_order = order::check(&mut seen, packet);
    if connection.terms().is_some() {
        limits::check(&mut seen, packet);
        connack::check(&mut seen, packet);
        auth::check(&mut seen, packet);
    }
    auth::check_reasons(&mut seen, packet);
    if let PacketBuf::Publish(publish) = packet
        && connection.terms().is_some()
    {
        alias::check(&mut seen, publish);
    }
    // Beyond this point a packet is judged by all that was sent before it: only while all of that was in order.
    let begun = connection.accepted() || connection.joined.is_some();
    if !in_order || connection.tainted.is_some() || !begun {
        return None;
    }
    answers::check(&mut seen, packet);
    match packet {
        PacketBuf::Publish(publish) => publish_checks(&mut seen, publish),
        PacketBuf::PubRel(ack) => {
            flow::check_pubrel(&mut seen, ack);
            None
        }
        _ => None,
    }
}

fn publish_checks(seen: &mut Seen<'_>, publish: &PublishBuf) -> Option<super::connection::Suspect> {
    let connection = seen.connection;
    let topic = connection.topic_of(publish)?;
    flow::check(seen, publish, topic);
    let session = seen.session()?;
    if session.unknown || !delivery::check(seen, session, publish, topic) {
        return None;
    }
    content::check(seen, session, publish, topic);
    retain::check(seen, session, publish, topic)
}

impl<'a> Seen<'a> {
    /// The session of the connection.
    fn session(&self) -> Option<&'a Session> {
        self.connection.session.map(|session| &self.state.sessions[session])
    }

    /// The client of the connection.
    fn client(&self) -> Option<&'a Client> {
        self.connection.client.map(|client| &self.state.clients[client])
    }

    /// The packet breaks `rule`.
    fn breach(&mut self, rule: Rule, message: impl Into<String>) {
        self.breach_after([], rule, message);
    }

    /// The packet breaks `rule`, because of these earlier events.
    fn breach_after(&mut self, earlier: impl IntoIterator<Item = usize>, rule: Rule, message: impl Into<String>) {
        let events = earlier.into_iter().chain([self.event]);
        self.report.breach(rule, self.connection.version, self.connection.index, events, message);
    }
}
