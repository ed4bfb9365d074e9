//! The history while it is written: the steps so far, and what its clients may lawfully do next.

use mqttspec_codec::{
    ConnectBuf, DisconnectBuf, PacketBuf, PropertyBuf, PropertyId, ProtocolVersion, PublishBuf, QoS, ReasonCode,
    RetainHandling, SubscribeBuf, SubscriptionBuf, SubscriptionOptions, UnsubscribeBuf,
};

use super::actor::Actor;
use super::dice::Dice;
use super::message::Message;
use super::pool::{CLIENT_IDS, CLIENT_NAMES, Pool};
use super::profile::Profile;
use crate::model::{Answering, CloseHow, Due, Outgoing, Step};

/// A client of the play, by its place.
pub(super) type Who = usize;

/// Publications above QoS 0 that one client has unfinished at most.
const MOST_UNFINISHED: u16 = 12;

/// The history while it is written.
#[derive(Debug)]
pub(super) struct Play<'a> {
    /// Every choice.
    pub(super) dice: Dice,
    /// What the target offers, and what is wanted.
    pub(super) profile: &'a Profile,
    /// The version of most clients.
    pub(super) version: ProtocolVersion,
    /// The names.
    pub(super) pool: Pool,
    /// The clients.
    pub(super) actors: Vec<Actor>,
    /// Whether a rule may still be broken.
    pub(super) may_break: bool,
    steps: Vec<Step>,
    messages: u32,
    waited_ms: u64,
}

impl<'a> Play<'a> {
    /// A play in which nothing has happened.
    pub(super) fn new(profile: &'a Profile, mut dice: Dice) -> Self {
        let version = if profile.versions.is_empty() { ProtocolVersion::V5_0 } else { dice.pick(&profile.versions) };
        let mixed = profile.versions.len() > 1 && dice.percent(profile.mixed_percent.into());
        let pool = Pool::new(&mut dice);
        let actors = CLIENT_NAMES
            .iter()
            .zip(CLIENT_IDS)
            .map(|(name, client_id)| {
                let version = if mixed { dice.pick(&profile.versions) } else { version };
                Actor::new(name, client_id, version)
            })
            .collect();
        let may_break = false;
        Self {
            dice,
            profile,
            version,
            pool,
            actors,
            may_break,
            steps: Vec::with_capacity(64),
            messages: 0,
            waited_ms: 0,
        }
    }

    /// The steps.
    pub(super) fn into_steps(self) -> Vec<Step> {
        self.steps
    }

    /// How many steps there are.
    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }

    /// A client for a part: one that has none yet, where there is one.
    pub(super) fn cast(&mut self) -> Who {
        let least = self.actors.iter().map(|actor| actor.parts).min().unwrap_or(0);
        let free: Vec<Who> = (0..self.actors.len()).filter(|&who| self.actors[who].parts == least).collect();
        let who = self.dice.pick(&free);
        self.actors[who].parts += 1;
        who
    }

    /// Whether this client speaks 5.0.
    pub(super) fn is_5(&self, who: Who) -> bool {
        self.actors[who].version == ProtocolVersion::V5_0
    }

    /// Whether it has a connection, as far as can be known.
    pub(super) fn is_connected(&self, who: Who) -> bool {
        self.actors[who].connection.is_some()
    }

    // ---- connections ----

    /// Opens a connection and sends this CONNECT. A connection that the client has is taken over.
    pub(super) fn connect(&mut self, who: Who, packet: ConnectBuf) {
        self.begin(who, packet);
        self.answer(who);
        self.wait_for_answers(who);
    }

    /// The same, without waiting for CONNACK: nothing is answered yet.
    pub(super) fn begin(&mut self, who: Who, packet: ConnectBuf) {
        self.open(who);
        let actor = &mut self.actors[who];
        if packet.clean_start {
            actor.forget();
        }
        actor.expiry = expiry_of(&packet, self.profile.abilities.session_expiry_limit);
        actor.keep_alive = packet.keep_alive;
        actor.authenticates = packet.properties.iter().any(|p| p.id == PropertyId::AuthenticationMethod);
        self.send(who, packet);
    }

    /// Opens a network connection on which nothing is sent.
    pub(super) fn open(&mut self, who: Who) {
        let actor = &mut self.actors[who];
        if actor.connection.is_some() {
            actor.ended();
        }
        let connection = actor.open();
        actor.connection = Some(connection.clone());
        actor.answering = Answering::Never;
        actor.greeted = false;
        actor.silent_ms = 0;
        actor.keep_alive = 0;
        self.steps.push(Step::Open { connection });
    }

    /// Connects the client, in any way, if it is not connected.
    pub(super) fn ensure(&mut self, who: Who) {
        if !self.is_connected(who) {
            let packet = self.any_connect(who);
            self.connect(who, packet);
        }
    }

    /// DISCONNECT, and the end of the connection.
    pub(super) fn disconnect(&mut self, who: Who, reason_code: ReasonCode) {
        self.disconnect_with(who, DisconnectBuf { reason_code, properties: Vec::new() });
    }

    /// The same, with these properties.
    pub(super) fn disconnect_with(&mut self, who: Who, mut packet: DisconnectBuf) {
        if !self.is_connected(who) {
            return;
        }
        if !self.is_5(who) {
            packet = DisconnectBuf::default();
        }
        for property in &packet.properties {
            if property.id == PropertyId::SessionExpiryInterval {
                self.actors[who].expiry = property.value.as_integer().unwrap_or(0);
            }
        }
        self.send(who, packet);
        self.close(who, CloseHow::Finish);
    }

    /// Ends the connection.
    pub(super) fn close(&mut self, who: Who, how: CloseHow) {
        let Some(connection) = self.actors[who].connection.clone() else { return };
        self.steps.push(Step::Close { connection, how });
        self.actors[who].ended();
    }

    /// Ends the connection somehow, so that a session that was to be kept is.
    pub(super) fn leave(&mut self, who: Who) {
        match self.dice.below(4) {
            0 => self.close(who, CloseHow::Reset),
            1 => self.close(who, CloseHow::Finish),
            _ => self.disconnect(who, ReasonCode::NORMAL_DISCONNECTION),
        }
    }

    /// The target has ended this connection, or will soon.
    pub(super) fn is_lost(&mut self, who: Who) {
        let actor = &mut self.actors[who];
        actor.ended();
        // What it sent last may not have been taken: no identifier is certainly free.
        actor.dangling = actor.expiry > 0;
    }

    // ---- sending ----

    /// Sends on the client's connection, if it has one.
    pub(super) fn send(&mut self, who: Who, outgoing: impl Into<Outgoing>) {
        let Some(connection) = self.actors[who].connection.clone() else { return };
        self.actors[who].silent_ms = 0;
        let mut outgoing = outgoing.into();
        if self.dice.one_in(30) && is_small(&outgoing) {
            outgoing = Outgoing::InPieces { outgoing: Box::new(outgoing), size: self.dice.between(1, 9) };
        }
        self.steps.push(Step::Send { connection, outgoing });
    }

    /// Under which name the engine remembers the latest AUTH on the client's connection.
    pub(super) fn challenge_of(&self, who: Who) -> String {
        crate::model::auth_var(self.actors[who].connection.as_deref().unwrap_or_default())
    }

    /// PINGREQ.
    pub(super) fn ping(&mut self, who: Who) {
        self.send(who, PacketBuf::PingReq);
    }

    /// Publishes; what the target does not offer is left out.
    pub(super) fn publish(&mut self, who: Who, message: Message) {
        self.ensure(who);
        let packet = self.publication(who, message);
        self.send(who, packet);
    }

    /// The PUBLISH for a message, with a Packet Identifier that is not in use.
    pub(super) fn publication(&mut self, who: Who, message: Message) -> PublishBuf {
        let Message { topic, payload, mut qos, retain, mut properties } = message;
        let abilities = &self.profile.abilities;
        let (retain, limit) = (retain && abilities.retain, abilities.receive_maximum.min(MOST_UNFINISHED));
        let highest = abilities.topic_alias_maximum;
        qos = qos.min(abilities.maximum_qos);
        if qos > QoS::AtMostOnce && self.actors[who].unfinished >= limit {
            self.wait_for_answers(who);
            if self.actors[who].unfinished >= limit {
                qos = QoS::AtMostOnce;
            }
        }
        let mut name = topic;
        if !self.is_5(who) {
            properties.clear();
        } else if highest > 0 && self.actors[who].greeted && self.dice.one_in(6) {
            let alias = if self.dice.one_in(3) { highest } else { self.dice.between(1, highest.min(3).into()) as u16 };
            let aliases = &mut self.actors[who].aliases;
            match aliases.iter_mut().find(|(known, _)| *known == alias) {
                Some((_, known)) if *known == topic => name = "",
                Some((_, known)) => *known = topic,
                None => aliases.push((alias, topic)),
            }
            let at = self.dice.below(properties.len() + 1);
            properties.insert(at, PropertyBuf::topic_alias(alias));
        }
        let packet_id = (qos > QoS::AtMostOnce).then(|| {
            self.actors[who].unfinished += 1;
            self.actors[who].next_packet_id()
        });
        PublishBuf { dup: false, qos, retain, topic: name.to_owned(), packet_id, properties, payload }
    }

    /// A payload that no other message has.
    pub(super) fn new_payload(&mut self) -> Vec<u8> {
        self.messages += 1;
        format!("m{}", self.messages).into_bytes()
    }

    /// Subscribes to these filters; those that the target does not offer are left out.
    pub(super) fn subscribe(&mut self, who: Who, filters: Vec<SubscriptionBuf>, identifier: Option<u32>) {
        self.ensure(who);
        if let Some(packet) = self.subscription(who, filters, identifier) {
            self.send(who, packet);
            self.usually_wait(who);
        }
    }

    /// The SUBSCRIBE for these filters; `None` when none is left.
    pub(super) fn subscription(
        &mut self,
        who: Who,
        mut filters: Vec<SubscriptionBuf>,
        identifier: Option<u32>,
    ) -> Option<SubscribeBuf> {
        let is_5 = self.is_5(who);
        let abilities = &self.profile.abilities;
        filters.retain_mut(|wanted| {
            let shared = wanted.filter.starts_with("$share/");
            // No Local on a Shared Subscription is a Protocol Error (MQTT-3.8.3-4).
            wanted.options.no_local &= !shared;
            (is_5 && abilities.shared || !shared) && (abilities.wildcards || !wanted.filter.contains(['+', '#']))
        });
        if filters.is_empty() {
            return None;
        }
        let identifier = identifier.filter(|_| is_5 && abilities.subscription_identifiers);
        let properties = identifier.map(PropertyBuf::subscription_identifier).into_iter().collect();
        let actor = &mut self.actors[who];
        for wanted in &filters {
            if !actor.filters.contains(&wanted.filter) {
                actor.filters.push(wanted.filter.clone());
            }
        }
        Some(SubscribeBuf { packet_id: actor.next_packet_id(), properties, filters })
    }

    /// Unsubscribes from these filters.
    pub(super) fn unsubscribe(&mut self, who: Who, filters: Vec<String>) {
        self.ensure(who);
        let actor = &mut self.actors[who];
        actor.filters.retain(|held| !filters.contains(held));
        let packet_id = actor.next_packet_id();
        self.send(who, PacketBuf::Unsubscribe(UnsubscribeBuf { packet_id, properties: Vec::new(), filters }));
        self.usually_wait(who);
    }

    /// Any Subscription Options (3.8.3.1).
    pub(super) fn any_options(&mut self) -> SubscriptionOptions {
        let dice = &mut self.dice;
        SubscriptionOptions {
            qos: dice.weighted(&[(1, QoS::AtMostOnce), (2, QoS::AtLeastOnce), (3, QoS::ExactlyOnce)]),
            no_local: dice.one_in(4),
            retain_as_published: dice.one_in(3),
            retain_handling: dice.weighted(&[
                (3, RetainHandling::SendAtSubscribe),
                (2, RetainHandling::SendIfNew),
                (1, RetainHandling::DoNotSend),
            ]),
        }
    }

    /// Any subscription to a filter of the pool.
    pub(super) fn any_subscription(&mut self) -> SubscriptionBuf {
        let filter = self.pool.filter(&mut self.dice, self.profile.abilities.wildcards).to_owned();
        SubscriptionBuf { filter, options: self.any_options() }
    }

    /// Some Subscription Identifier, or none.
    pub(super) fn any_identifier(&mut self) -> Option<u32> {
        let identifier = self.dice.pick(&[1, 2, 3, 127, 128, 268_435_455]);
        (!self.dice.one_in(3)).then_some(identifier)
    }

    // ---- acknowledging ----

    /// From now on the client answers at once.
    pub(super) fn answer(&mut self, who: Who) {
        self.answering(who, Answering::AtOnce);
    }

    /// From now on it answers only where a step says so.
    pub(super) fn withhold(&mut self, who: Who) {
        self.answering(who, Answering::Never);
    }

    fn answering(&mut self, who: Who, answering: Answering) {
        let actor = &mut self.actors[who];
        let Some(connection) = actor.connection.clone() else { return };
        if actor.answering != answering {
            actor.answering = answering;
            self.steps.push(Step::Answering { connection, answering });
        }
    }

    /// Sends one acknowledgement that is due.
    pub(super) fn acknowledge(&mut self, who: Who, which: Due, reason_code: Option<ReasonCode>) {
        let reason_code = reason_code.filter(|_| self.is_5(who));
        let Some(connection) = self.actors[who].connection.clone() else { return };
        self.actors[who].silent_ms = 0;
        self.steps.push(Step::Acknowledge { connection, which, reason_code });
    }

    /// Sends again what is unfinished in the session.
    pub(super) fn resend(&mut self, who: Who) {
        let Some(connection) = self.actors[who].connection.clone() else { return };
        self.steps.push(Step::Resend { connection });
        self.actors[who].dangling = false;
        self.actors[who].unfinished += 1;
    }

    // ---- waiting ----

    /// Waits until everything that was asked is answered.
    pub(super) fn wait_for_answers(&mut self, who: Who) {
        let Some(connection) = self.actors[who].connection.clone() else { return };
        self.steps.push(Step::Await { connection });
        self.actors[who].greeted = true;
        self.actors[who].finished();
        self.perhaps_reuse_identifiers(who);
    }

    fn usually_wait(&mut self, who: Who) {
        if !self.dice.one_in(6) {
            self.wait_for_answers(who);
        }
    }

    /// Whatever was asked with an identifier is finished: they may be used again.
    fn perhaps_reuse_identifiers(&mut self, who: Who) {
        let actor = &self.actors[who];
        if actor.unfinished == 0 && !actor.dangling && self.dice.one_in(3) {
            self.actors[who].packet_id = 0;
        }
    }

    /// Settles what is owed.
    pub(super) fn drain(&mut self) {
        if matches!(self.steps.last(), Some(Step::Drain)) {
            return;
        }
        self.steps.push(Step::Drain);
        for actor in &mut self.actors {
            if actor.connection.is_some() {
                actor.answering = Answering::AtOnce;
                actor.silent_ms = 0;
                actor.unfinished = 0;
            }
        }
    }

    /// Lets time pass, if the history may spend it; returns whether it did.
    pub(super) fn wait(&mut self, ms: u64) -> bool {
        if self.waited_ms + ms > self.profile.time_ms {
            return false;
        }
        self.waited_ms += ms;
        self.steps.push(Step::Wait { ms });
        for actor in &mut self.actors {
            actor.silent_ms += ms;
            let patience_ms = u64::from(actor.keep_alive) * 1_500;
            if actor.connection.is_some() && patience_ms > 0 && actor.silent_ms >= patience_ms {
                actor.ended();
            }
        }
        true
    }
}

/// Whether it makes few pieces of a few bytes each.
fn is_small(outgoing: &Outgoing) -> bool {
    match outgoing {
        Outgoing::Packet(PacketBuf::Publish(publish)) => publish.payload.len() < 1_000,
        _ => true,
    }
}

/// Seconds for which a session outlives a connection that begins with this CONNECT.
fn expiry_of(packet: &ConnectBuf, limit: Option<u32>) -> u32 {
    if !packet.version.has_properties() {
        return if packet.clean_start { 0 } else { u32::MAX };
    }
    let asked = packet.properties.iter().find(|p| p.id == PropertyId::SessionExpiryInterval);
    let asked = asked.and_then(|p| p.value.as_integer()).unwrap_or(0);
    limit.map_or(asked, |limit| asked.min(limit))
}
