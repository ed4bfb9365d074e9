//! From step to step: what is sent, what comes in, and when time is up.

use mqttspec_codec::{FrameError, PacketBuf, PacketType, PropertyId, PropertyList, ProtocolVersion};
use mqttspec_reports::Direction;
use mqttspec_scenarios::Side;
use mqttspec_scenarios::model::{CloseHow, Outgoing, Step};

use super::action::{Action, Observation};
use super::build::{Write, one};
use super::connection::{Connection, End, Ping, Received};
use super::judging::Evidence;
use super::matching::reason_code;
use super::stage::{Fences, Quieting, Stage};
use super::{Engine, MAX_INBOX, MAX_PACKETS};

impl Engine {
    /// Begin steps until one waits.
    pub(super) fn advance(&mut self) {
        while self.outcome.is_none() && matches!(self.stage, Stage::Ready) {
            let scenario = std::sync::Arc::clone(&self.scenario);
            match scenario.steps.get(self.step) {
                Some(step) => {
                    self.step += 1;
                    self.begin(step);
                }
                None => self.settle(),
            }
        }
    }

    fn begin(&mut self, step: &Step) {
        match step {
            Step::Expect(_) | Step::Quiet(_) | Step::Elect(_) if self.is_history() => {
                self.judgement.stop_error("a scenario that the monitor judges has a step that expects something");
                self.conclude();
            }
            Step::Open { connection } => self.open(connection),
            Step::Send { connection, outgoing } => {
                if let Some(index) = self.connection_named(connection) {
                    self.send(index, outgoing);
                }
            }
            Step::Expect(expect) => {
                if let Some(index) = self.connection_named(&expect.connection) {
                    self.begin_expecting(index, expect);
                }
            }
            Step::Quiet(quiet) => {
                if let Some(index) = self.connection_named(&quiet.connection) {
                    let others = (0..self.connections.len()).filter(|other| *other != index);
                    let queue = others.chain([index]).collect();
                    let fences = Fences { queue, out: None };
                    self.stage =
                        Stage::Quieting(Quieting { quiet: quiet.clone(), connection: index, fences, until: None });
                    self.next_fence();
                }
            }
            Step::Elect(elect) => self.begin_electing(elect),
            Step::Fence { connection, .. } => {
                if let Some(index) = self.connection_named(connection) {
                    self.begin_fence(index);
                }
            }
            Step::Close { connection, how } => {
                if let Some(index) = self.connection_named(connection) {
                    self.last_close = Some(self.now);
                    self.close(index, *how);
                }
            }
            Step::Answering { connection, answering } => {
                if let Some(index) = self.connection_named(connection) {
                    self.set_answering(index, *answering);
                }
            }
            Step::Acknowledge { connection, which, reason_code } => {
                if let Some(index) = self.connection_named(connection) {
                    self.acknowledge_due(index, *which, *reason_code);
                }
            }
            Step::Resend { connection } => {
                if let Some(index) = self.connection_named(connection) {
                    self.resend(index);
                }
            }
            Step::Await { connection } => {
                if let Some(index) = self.connection_named(connection) {
                    self.begin_awaiting(index);
                }
            }
            Step::Drain => self.begin_draining(),
            Step::Wait { ms } => self.stage = Stage::Waiting { until: self.after(*ms) },
        }
    }

    pub(super) fn connection_named(&mut self, name: &str) -> Option<usize> {
        let index = self.names.get(name).copied();
        if self.is_history() {
            return index.filter(|index| self.connections[*index].is_live());
        }
        if index.is_none() {
            self.judgement.stop_error(&format!("the scenario uses connection {name} before it opens it"));
            self.conclude();
        }
        index
    }

    fn begin_fence(&mut self, index: usize) {
        let timing = self.options.timing;
        if self.is_history() && (!self.connections[index].can_ping() || self.connections[index].mute) {
            return;
        }
        self.send_ping(index, Ping::Fence);
        let patience = if self.ran_dry { timing.after_probe_ms } else { timing.answer_ms };
        self.stage = Stage::Fencing { connection: index, deadline: self.after(patience) };
        self.recheck();
    }

    fn open(&mut self, name: &str) {
        let index = self.connections.len();
        self.connections.push(Connection::new(index, name.to_owned(), self.scenario.version));
        self.names.insert(name.to_owned(), index);
        self.actions.push_back(Action::Open { connection: index });
        self.stage = Stage::Opening { connection: index, deadline: self.after(self.options.timing.answer_ms) };
    }

    pub(super) fn send(&mut self, index: usize, outgoing: &Outgoing) {
        match self.build(outgoing, self.connections[index].version) {
            Ok(writes) => {
                for write in writes {
                    self.write(index, write);
                }
            }
            // It answers what this target did not send.
            Err(_) if self.is_history() => {}
            // What was remembered may lack what the standard promises: that has been found, and ends the dialogue.
            Err(_) if self.judgement.has_findings() => self.conclude(),
            // A history can be shortened anywhere: what there is nothing to be made of is left out.
            Err(_) if self.is_history() => {}
            Err(why) => {
                self.judgement.stop_error(&format!("{}: {why}", self.scenario.id));
                self.conclude();
            }
        }
    }

    fn write(&mut self, index: usize, write: Write) {
        if self.connections[index].end.is_some() {
            // The target has already ended the connection; the next expectation says so.
            return;
        }
        for packet in &write.packets {
            self.remember_sent(index, packet);
            if write.intact {
                self.note_sent(index, packet);
            }
        }
        let literal = !write.intact && write.packets.is_empty();
        let note = write.piece.or_else(|| literal.then(|| format!("{} literal bytes", write.bytes.len())));
        self.transmit(index, write.bytes, note);
        self.last_step_sent = self.connections[index].last_sent;
    }

    /// Sends a packet that mqttspec itself has put together. Whether it could be sent.
    pub(super) fn send_packet(&mut self, index: usize, packet: PacketBuf) -> bool {
        let Ok(writes) = one(packet, self.connections[index].version) else { return false };
        writes.into_iter().for_each(|write| self.write(index, write));
        true
    }

    /// What a packet of ours, whole and unbroken, asks for, answers, or begins.
    fn note_sent(&mut self, index: usize, packet: &PacketBuf) {
        let connection = &mut self.connections[index];
        connection.answers.sent(packet);
        connection.asked.sent(packet);
        match packet {
            PacketBuf::PingReq => connection.pings.push_back(Ping::Scenario),
            PacketBuf::Disconnect(_) => connection.said_goodbye = true,
            _ => self.note_publication(index, packet),
        }
    }

    /// What the scenario may leave behind, and the version spoken.
    fn remember_sent(&mut self, index: usize, packet: &PacketBuf) {
        match packet {
            PacketBuf::Connect(connect) => {
                self.connections[index].version = connect.version;
                self.connections[index].asked_for_session = !connect.clean_start;
                let expiry = connect.properties.integer(PropertyId::SessionExpiryInterval).unwrap_or(0);
                if !connect.clean_start || expiry > 0 {
                    push_once(&mut self.leftovers.client_ids, &connect.client_id);
                }
                if let Some(will) = connect.will.as_ref().filter(|will| will.retain) {
                    push_once(&mut self.leftovers.retained_topics, &will.topic);
                }
            }
            PacketBuf::Publish(publish) if publish.retain && !publish.payload.is_empty() => {
                push_once(&mut self.leftovers.retained_topics, &publish.topic);
            }
            _ => {}
        }
    }

    pub(super) fn transmit(&mut self, index: usize, bytes: Vec<u8>, note: Option<String>) {
        let connection = &mut self.connections[index];
        let event =
            self.transcript.add(self.now, (index, &connection.name), Direction::Sent, connection.version, note, &bytes);
        connection.last_sent = Some(event);
        self.monitor.sent(index, event, &bytes);
        self.last_send = Some(self.now);
        self.actions.push_back(Action::Send { connection: index, bytes });
    }

    pub(super) fn send_ping(&mut self, index: usize, ping: Ping) {
        self.connections[index].pings.push_back(ping);
        let mark = self.last_send;
        let sent = self.connections[index].last_sent;
        if let Ok(bytes) = PacketBuf::PingReq.encode(self.connections[index].version) {
            self.transmit(index, bytes, None);
        }
        // The engine's own pings do not move the mark from which the scenario's time windows count.
        self.last_send = mark;
        if matches!(ping, Ping::Probe | Ping::Late) {
            // What a silence answers is the packet before the probe.
            self.connections[index].last_sent = sent;
        }
    }

    pub(super) fn close(&mut self, index: usize, how: CloseHow) {
        let connection = &mut self.connections[index];
        if connection.closed_by_us {
            return;
        }
        connection.open = false;
        connection.closed_by_us = true;
        let note = match how {
            CloseHow::Finish => "mqttspec closes the connection",
            CloseHow::Reset => "mqttspec resets the connection",
        };
        let (name, version) = (connection.name.clone(), connection.version);
        let event =
            self.transcript.add(self.now, (index, &name), Direction::Closed, version, Some(note.to_owned()), &[]);
        if self.connections[index].end.is_none() {
            match how {
                CloseHow::Finish => self.monitor.finished(index, event),
                CloseHow::Reset => self.monitor.closed(index, event, false),
            }
        }
        self.actions.push_back(Action::Close { connection: index, how });
    }

    // ---- what comes in ----

    pub(super) fn observe(&mut self, observation: Observation) {
        match observation {
            Observation::Opened { connection } => self.opened(connection),
            Observation::OpenFailed { why, .. } => {
                self.judgement.stop_inconclusive(&format!("the target did not accept a connection: {why}"));
                self.conclude();
            }
            Observation::Bytes { connection, bytes } => self.bytes(connection, &bytes),
            Observation::Eof { connection } => {
                self.ended(connection, Direction::ClosedByTarget, "closed the connection");
            }
            Observation::Reset { connection, why } => {
                let how = if why.is_empty() { "reset the connection" } else { "reset the connection (TCP RST)" };
                self.ended(connection, Direction::Reset, how);
            }
            Observation::Flooded { connection } => self.flooded(connection),
        }
        self.recheck();
    }

    fn opened(&mut self, index: usize) {
        let Some(connection) = self.connections.get_mut(index) else { return };
        connection.open = true;
        let (name, version) = (connection.name.clone(), connection.version);
        let note = Some("connection opened".to_owned());
        let event = self.transcript.add(self.now, (index, &name), Direction::Opened, version, note, &[]);
        self.monitor.opened(index, event);
        if matches!(self.stage, Stage::Opening { connection, .. } if connection == index) {
            self.stage = Stage::Ready;
        }
    }

    fn bytes(&mut self, index: usize, bytes: &[u8]) {
        match self.connections.get_mut(index) {
            Some(connection) if connection.is_live() => connection.frames.push(bytes),
            _ => return,
        }
        loop {
            match self.connections[index].frames.next_frame() {
                Ok(Some(frame)) => self.frame(index, &frame),
                Ok(None) => break,
                Err(error) => {
                    self.unframeable(index, error);
                    break;
                }
            }
            if self.outcome.is_some() {
                break;
            }
        }
    }

    fn frame(&mut self, index: usize, frame: &[u8]) {
        let connection = &mut self.connections[index];
        connection.packets += 1;
        if connection.packets > MAX_PACKETS {
            return self.flooded(index);
        }
        let connection = &self.connections[index];
        let event = self.transcript.add(
            self.now,
            (index, &connection.name),
            Direction::Received,
            connection.version,
            None,
            frame,
        );
        let packet = self.monitor.received(index, event, frame);
        self.absorb_monitor();
        let Some(packet) = packet else { return };
        let topic = match &packet {
            PacketBuf::Publish(publish) => self.monitor.resolved_topic(index, publish),
            _ => String::new(),
        };
        self.take_in(index, Received { event, at: self.now, packet, topic });
    }

    fn take_in(&mut self, index: usize, received: Received) {
        match &received.packet {
            PacketBuf::PingResp => match self.connections[index].pings.pop_front() {
                Some(Ping::Fence) => return self.fence_returned(index),
                Some(Ping::Probe) => return self.probe_returned(index),
                Some(Ping::Round | Ping::Late) => return,
                Some(Ping::Scenario) | None => {}
            },
            PacketBuf::ConnAck(connack) if reason_code(&received.packet).is_some_and(|code| code.0 == 0) => {
                let connection = &mut self.connections[index];
                connection.connected = true;
                connection.connected_at = received.at;
                // 3.1 has no Session Present: a session that was asked for may have been taken up.
                connection.resumed = connack.session_present
                    || (connection.asked_for_session && connection.version == ProtocolVersion::V3_1);
                if let Some(assigned) = connack.properties.text(PropertyId::AssignedClientIdentifier) {
                    push_once(&mut self.leftovers.client_ids, assigned);
                }
                self.note_connack(index, connack);
            }
            PacketBuf::Publish(publish) if !self.options.namespace.owns_topic(&received.topic) => {
                let answer = publish.packet_id.map(|packet_id| (publish.qos, packet_id));
                return self.answer_foreign(index, answer);
            }
            PacketBuf::PubRel(pubrel) if self.connections[index].foreign_qos2.remove(&pubrel.packet_id) => {
                return self.acknowledge(index, PacketType::PubComp, pubrel.packet_id);
            }
            _ => {}
        }
        self.arrivals += 1;
        let connection = &mut self.connections[index];
        connection.answers.received(&received.packet);
        connection.asked.received(&received.packet);
        self.sessions.received(&connection.session, &received.packet);
        self.answer_at_once(index);
        if self.is_history() {
            return;
        }
        let inbox = &mut self.connections[index].inbox;
        inbox.push_back(received);
        if inbox.len() > MAX_INBOX {
            self.flooded(index);
        }
    }

    /// A message of another scenario, seen through a wide filter: acknowledged so that it does not fill the quota, and
    /// otherwise none of this scenario's business.
    fn answer_foreign(&mut self, index: usize, answer: Option<(mqttspec_codec::QoS, u16)>) {
        match answer {
            Some((mqttspec_codec::QoS::ExactlyOnce, packet_id)) => {
                if self.connections[index].foreign_qos2.len() < MAX_INBOX {
                    self.connections[index].foreign_qos2.insert(packet_id);
                }
                self.acknowledge(index, PacketType::PubRec, packet_id);
            }
            Some((_, packet_id)) => self.acknowledge(index, PacketType::PubAck, packet_id),
            None => {}
        }
    }

    fn acknowledge(&mut self, index: usize, packet_type: PacketType, packet_id: u16) {
        use mqttspec_codec::{AckBuf, ReasonCode};
        let ack = AckBuf { packet_id, reason_code: ReasonCode::SUCCESS, properties: Vec::new() };
        let packet = match packet_type {
            PacketType::PubRec => PacketBuf::PubRec(ack),
            PacketType::PubComp => PacketBuf::PubComp(ack),
            _ => PacketBuf::PubAck(ack),
        };
        let mark = self.last_send;
        if let Ok(bytes) = packet.encode(self.connections[index].version) {
            self.transmit(index, bytes, None);
        }
        self.last_send = mark;
    }

    fn unframeable(&mut self, index: usize, error: FrameError) {
        let connection = &self.connections[index];
        let bytes = connection.frames.buffered().to_vec();
        let note = Some(format!("bytes that are no packet that could be taken in: {error}"));
        let event = self.transcript.add(
            self.now,
            (index, &connection.name),
            Direction::Received,
            connection.version,
            note,
            &bytes,
        );
        if matches!(error, FrameError::TooLong { .. }) {
            self.flooded(index);
        } else {
            self.monitor.unframeable(index, event, &bytes);
            self.absorb_monitor();
        }
        self.connections[index].end = Some(End { event, at: self.now, how: "sent bytes that are no MQTT packet" });
        self.close(index, CloseHow::Reset);
    }

    fn ended(&mut self, index: usize, direction: Direction, how: &'static str) {
        let Some(connection) = self.connections.get_mut(index) else { return };
        if connection.end.is_some() || connection.closed_by_us {
            return;
        }
        let cut_short = connection.frames.buffered().to_vec();
        let (name, version) = (connection.name.clone(), connection.version);
        let note = Some(format!("the target {how}"));
        let event = self.transcript.add(self.now, (index, &name), direction, version, note, &cut_short);
        connection.end = Some(End { event, at: self.now, how });
        self.arrivals += 1;
        if !cut_short.is_empty() && direction == Direction::ClosedByTarget {
            self.monitor.unframeable(index, event, &cut_short);
        }
        self.monitor.closed(index, event, true);
        self.absorb_monitor();
        self.actions.push_back(Action::Close { connection: index, how: CloseHow::Finish });
    }

    fn flooded(&mut self, index: usize) {
        let name = self.connections.get(index).map(|c| c.name.clone()).unwrap_or_default();
        self.judgement.stop_inconclusive(&format!("the target sent more on {name} than mqttspec takes in"));
        self.conclude();
    }

    pub(super) fn absorb_monitor(&mut self) {
        for (what, how) in self.monitor.take_observations() {
            self.judgement.observe(&what, &how);
        }
        // What we do against the standard we do on purpose: it is no matter of the target's.
        for found in self.monitor.take_findings().into_iter().filter(|found| found.accused == Side::Server) {
            let observed = found.events.last().map(|event| self.transcript.describe(*event)).unwrap_or_default();
            self.judgement.find_universal(found, observed);
        }
    }

    // ---- what is waited for ----

    /// Look again at what the current stage waits for.
    pub(super) fn recheck(&mut self) {
        if self.outcome.is_some() {
            return;
        }
        match &self.stage {
            Stage::Expecting(_) => self.check_expectation(),
            Stage::Electing { .. } => self.check_election(),
            Stage::Fencing { connection, .. } => {
                let index = *connection;
                if !self.connections[index].is_live() {
                    self.fence_failed(index);
                }
            }
            Stage::Awaiting { .. } => self.check_await(),
            Stage::Draining(_) => self.check_draining(),
            Stage::Quieting(quieting) if quieting.until.is_none() => self.skip_dead_fence(),
            Stage::Settling { until: None, .. } => self.skip_dead_fence(),
            _ => {}
        }
    }

    pub(super) fn time_is_up(&mut self) {
        match &self.stage {
            Stage::Ready => {}
            Stage::Opening { connection, .. } => {
                let name = self.connections[*connection].name.clone();
                self.judgement.stop_inconclusive(&format!("the target did not accept connection {name} in time"));
                self.conclude();
            }
            Stage::Waiting { .. } => self.stage = Stage::Ready,
            Stage::Expecting(_) => self.expectation_timeout(),
            Stage::Electing { .. } => self.election_timeout(),
            Stage::Fencing { connection, .. } => self.fence_failed(*connection),
            Stage::Awaiting { .. } => self.await_timeout(),
            Stage::Draining(_) => self.draining_timeout(),
            Stage::Quieting(quieting) => {
                if quieting.until.is_some() {
                    self.judge_quiet();
                } else {
                    self.fence_overdue();
                }
            }
            Stage::Settling { until, .. } => {
                if until.is_some() {
                    self.judge_when_due();
                } else {
                    self.fence_overdue();
                }
            }
        }
    }

    /// The statement and the words for a fence that brought no PINGRESP.
    pub(super) fn fence_failed(&mut self, index: usize) {
        if self.is_history() {
            self.ran_dry = true;
            self.connections[index].mute = true;
            self.connections[index].give_up_answers();
            self.stage = Stage::Ready;
            return;
        }
        let scenario = std::sync::Arc::clone(&self.scenario);
        let cite = match scenario.steps.get(self.step.saturating_sub(1)) {
            Some(Step::Fence { cite, .. }) => cite.clone(),
            _ => mqttspec_scenarios::duty::PINGRESP_OWED.cite(scenario.version),
        };
        let observed = self.silence(index);
        if let Some(own) = self.own_reason(index) {
            self.judgement.stop_inconclusive(&own);
        } else {
            let evidence = Evidence {
                message: format!("PINGREQ on {} was not answered: {observed}", self.connections[index].name),
                sent: self.connections[index].last_sent.map(|event| self.transcript.describe(event)),
                accepted: vec!["PINGRESP".to_owned()],
                observed,
                events: self.deciding_events(index),
            };
            let knock_on = self.judgement.has_findings();
            self.judgement.find(&cite, evidence, knock_on);
        }
        self.conclude();
    }

    /// What is to be seen on a connection that brought nothing: an end, or silence.
    pub(super) fn silence(&self, index: usize) -> String {
        let connection = &self.connections[index];
        let disconnect = connection.inbox.iter().rev().find(|r| r.packet.packet_type() == PacketType::Disconnect);
        match (&connection.end, disconnect) {
            (Some(end), Some(last)) => format!("{}, then it {}", self.transcript.describe(last.event), end.how),
            (Some(end), None) => format!("the target {}", end.how),
            (None, Some(last)) => self.transcript.describe(last.event),
            (None, None) => "nothing arrived".to_owned(),
        }
    }

    pub(super) fn deciding_events(&self, index: usize) -> Vec<usize> {
        let connection = &self.connections[index];
        connection.last_sent.into_iter().chain(self.end_event(index)).collect()
    }

    /// The event with which the target ended the connection, if it did.
    pub(super) fn end_event(&self, index: usize) -> impl Iterator<Item = usize> + use<> {
        self.connections[index].end.as_ref().map(|end| end.event).into_iter()
    }
}

/// Adds `text`, unless it is empty or there already.
pub(super) fn push_once(list: &mut Vec<String>, text: &str) {
    if !text.is_empty() && !list.iter().any(|known| known == text) {
        list.push(text.to_owned());
    }
}
