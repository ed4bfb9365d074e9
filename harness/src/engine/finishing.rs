//! Fences, absences, what is left over, and the end.

use mqttspec_codec::{DisconnectBuf, PacketBuf, PacketType};
use mqttspec_scenarios::model::{Cite, CloseHow, Quiet};
use mqttspec_scenarios::monitor::Owed;

use super::connection::{Ping, Received};
use super::judging::Evidence;
use super::matching::{Context, failed_checks};
use super::outcome::Outcome;
use super::stage::{Fences, Stage};
use super::{Action, Engine};

impl Engine {
    /// The steps are done: fence every open connection, so that whatever the target still has to say is said.
    pub(super) fn settle(&mut self) {
        if self.is_history() {
            // Nothing has happened since the last step drained.
            let settled = self.settled_at == Some((self.transcript.len(), self.now));
            if settled {
                self.suspect();
                return self.conclude();
            }
            return self.drain(true);
        }
        let queue = (0..self.connections.len()).collect();
        self.stage = Stage::Settling { fences: Fences { queue, out: None }, until: None };
        self.next_fence();
    }

    /// Send the next fence of an absence or of the settling; with none left the grace begins.
    pub(super) fn next_fence(&mut self) {
        let deadline = self.after(self.options.timing.answer_ms);
        let grace = self.after(self.options.timing.grace_ms);
        let connections = &self.connections;
        let (fences, until) = match &mut self.stage {
            Stage::Quieting(quieting) => (&mut quieting.fences, &mut quieting.until),
            Stage::Settling { fences, until } => (fences, until),
            _ => return,
        };
        fences.out = None;
        let mut next = None;
        while let Some(index) = fences.queue.pop_front() {
            if connections[index].can_ping() {
                next = Some(index);
                break;
            }
        }
        match next {
            Some(index) => {
                fences.out = Some((index, deadline));
                self.send_ping(index, Ping::Fence);
            }
            None => *until = Some(grace),
        }
    }

    pub(super) fn fence_returned(&mut self, index: usize) {
        match &self.stage {
            Stage::Fencing { connection, .. } if *connection == index => self.stage = Stage::Ready,
            Stage::Quieting(quieting) if quieting.fences.out.is_some_and(|(out, _)| out == index) => self.next_fence(),
            Stage::Settling { fences, .. } if fences.out.is_some_and(|(out, _)| out == index) => self.next_fence(),
            _ => {}
        }
    }

    /// A fence is out on a connection that has ended meanwhile.
    pub(super) fn skip_dead_fence(&mut self) {
        let out = match &self.stage {
            Stage::Quieting(quieting) => quieting.fences.out,
            Stage::Settling { fences, .. } => fences.out,
            _ => None,
        };
        if out.is_some_and(|(index, _)| !self.connections[index].is_live()) {
            self.next_fence();
        }
    }

    /// A fence brought no PINGRESP in time. That breaks a statement, whatever the scenario is about.
    pub(super) fn fence_overdue(&mut self) {
        let out = match &self.stage {
            Stage::Quieting(quieting) => quieting.fences.out,
            Stage::Settling { fences, .. } => fences.out,
            _ => None,
        };
        match out {
            Some((index, _)) => self.fence_failed(index),
            None => self.next_fence(),
        }
    }

    pub(super) fn judge_quiet(&mut self) {
        let Stage::Quieting(quieting) = std::mem::replace(&mut self.stage, Stage::Ready) else { return };
        let index = quieting.connection;
        if quieting.quiet.packet_types.is_empty() {
            let arrived = self.connections[index].inbox.drain(..).collect();
            self.connections[index].inbox = self.without_permitted(index, &quieting.quiet, arrived).into();
            return;
        }
        let arrived = self.remove_from_inbox(index, &quieting.quiet.packet_types);
        let wrong = self.without_permitted(index, &quieting.quiet, arrived);
        if !wrong.is_empty() {
            self.report_unwanted(index, &quieting.quiet.cite, &wrong, false);
            self.connections[index].disturbed = true;
        } else if !self.connections[index].is_live() && !self.connections[index].closed_by_us {
            let name = &self.connections[index].name;
            let why = format!("the silence of {name} could not be shown: {}", self.silence(index));
            self.connections[index].end_consumed = true;
            self.judgement.stop_inconclusive(&why);
            self.conclude();
        }
    }

    /// What is left of `arrived` once each permitted packet has been taken out once and recorded.
    fn without_permitted(&mut self, index: usize, quiet: &Quiet, mut arrived: Vec<Received>) -> Vec<Received> {
        for pattern in &quiet.permitted {
            let context = Context {
                namespace: &self.options.namespace,
                vars: &self.vars,
                resumed: self.connections[index].resumed,
            };
            let fits = |received: &Received| {
                failed_checks(pattern, received, &context).is_some_and(|failed| failed.is_empty())
            };
            let Some(position) = arrived.iter().position(fits) else { continue };
            let received = arrived.remove(position);
            if let Some(what) = &pattern.observe {
                self.judgement.observe(&quiet.cite.0, what);
            }
            if let Some(var) = &pattern.bind {
                self.vars.insert(var.clone(), received.packet);
            }
        }
        arrived
    }

    fn remove_from_inbox(&mut self, index: usize, types: &[PacketType]) -> Vec<Received> {
        let inbox = &mut self.connections[index].inbox;
        let unwanted = |received: &Received| types.contains(&received.packet.packet_type());
        let wrong = inbox.iter().filter(|received| unwanted(received)).cloned().collect();
        inbox.retain(|received| !unwanted(received));
        wrong
    }

    fn report_unwanted(&mut self, index: usize, cite: &Cite, wrong: &[Received], knock_on: bool) {
        let Some(first) = wrong.first() else { return };
        let name = &self.connections[index].name;
        let more = if wrong.len() > 1 { format!(" and {} more", wrong.len() - 1) } else { String::new() };
        let observed = format!("{}{more}", self.transcript.describe(first.event));
        let evidence = Evidence {
            message: format!("{name} should not have received {observed}"),
            sent: None,
            accepted: vec![format!("no {}", first.packet.packet_type())],
            observed,
            events: wrong.iter().take(8).map(|received| received.event).collect(),
        };
        self.judgement.find(cite, evidence, knock_on);
    }

    /// Every connection was fenced: what is left over is judged, unless something is owed that may still come.
    pub(super) fn judge_when_due(&mut self) {
        if self.monitor.owed() == Owed::Nothing { self.judge_leftovers() } else { self.drain(true) }
    }

    /// Packets that no step took, and ends that no step expected.
    pub(super) fn judge_leftovers(&mut self) {
        // Every connection has been fenced: what the monitor had left open is decided.
        self.monitor.settle();
        self.absorb_monitor();
        self.suspect();
        if self.is_history() {
            // An end is the monitor's business, and no packet was kept.
            return self.conclude();
        }
        let knock_on = self.judgement.has_findings();
        for index in 0..self.connections.len() {
            let left: Vec<Received> = self.connections[index].inbox.drain(..).collect();
            if let Some(own) = left.iter().find(|received| received.packet.packet_type() == PacketType::Disconnect) {
                // A target may end a connection at any time; that alone breaks no sentence.
                let why = format!(
                    "the target ended a connection that no step expected to end: {}",
                    self.transcript.describe(own.event)
                );
                self.judgement.stop_inconclusive(&why);
                continue;
            }
            if let (false, Some(statement)) = (left.is_empty(), self.scenario.statements.first()) {
                let cite = Cite::from(statement.as_str());
                self.report_unwanted(index, &cite, &left, knock_on);
            }
            let connection = &self.connections[index];
            if connection.end.is_some() && !connection.end_consumed && !connection.closed_by_us {
                let why = format!("{}: {}, which no step expected", connection.name, self.silence(index));
                self.judgement.stop_inconclusive(&why);
            }
        }
        self.conclude();
    }

    /// Close what is open and say how it ended.
    pub(super) fn conclude(&mut self) {
        if self.outcome.is_some() {
            return;
        }
        self.absorb_monitor();
        for index in 0..self.connections.len() {
            if self.connections[index].closed_by_us || self.connections[index].end.is_some() {
                continue;
            }
            if self.connections[index].can_ping() {
                let goodbye = PacketBuf::Disconnect(DisconnectBuf::default());
                if let Ok(bytes) = goodbye.encode(self.connections[index].version) {
                    self.actions.push_back(Action::Send { connection: index, bytes });
                }
            }
            self.close(index, CloseHow::Finish);
        }
        let (verdict, reason) = self.judgement.verdict();
        let (findings, observations) = self.judgement.take();
        let suspicions = self.judgement.take_suspicions();
        let leftovers = std::mem::take(&mut self.leftovers);
        let coverage = self.monitor.coverage().clone();
        self.outcome = Some(Outcome { verdict, reason, findings, suspicions, observations, leftovers, coverage });
    }
}
